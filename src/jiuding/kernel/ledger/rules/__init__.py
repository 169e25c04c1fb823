"""Rules of the ledger: arrays for the posting function, the chart, and the reference model."""
