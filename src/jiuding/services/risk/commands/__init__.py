"""The command line edge of risk: judge card payments, train and measure models."""
