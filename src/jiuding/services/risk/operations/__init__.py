"""Verbs of risk: learn and measure models of card fraud and of credit."""
