"""The command line edge of offers: JSON lines in, JSON lines out; import each by its name."""
