"""News of decisions."""

from __future__ import annotations

DECISION_MADE = "decisions.decision_made"
