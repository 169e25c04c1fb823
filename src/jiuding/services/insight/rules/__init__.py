"""Arithmetic of portraits: drawing them, laying them out with evidence, and looking ahead."""
