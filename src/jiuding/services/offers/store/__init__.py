"""Where offers keeps things: quotes in the database, libraries in files. Import by module."""
