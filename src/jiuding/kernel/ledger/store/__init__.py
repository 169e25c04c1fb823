"""Every query of the ledger: accounts, posting, reading back, and the books."""
