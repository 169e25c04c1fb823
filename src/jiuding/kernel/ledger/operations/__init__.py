"""Verbs of the ledger: accounts, posting, holds, reading back, and the books."""
