"""Rules of risk: features over time, learning, measures, and the handbook's protocol."""
