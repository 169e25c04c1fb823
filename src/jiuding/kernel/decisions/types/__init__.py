"""Nouns of decisions: trees of conditions, policies, and what judging gives."""
