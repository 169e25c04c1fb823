"""Invariants and arithmetic of offers, as pure functions; import each module by its name."""
