"""The database: how we reach it (`engine`), what its columns mean (`columns`), and the embedded
server that a bank starts with (`embedded`). Imported module by module."""
