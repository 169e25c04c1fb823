"""Nouns of risk: card payments, labels, and how models are learned."""
