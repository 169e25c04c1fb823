"""Nouns of risk."""

from jiuding.services.risk.types.counting import (
    Feature,
    FeatureEvent,
    FieldType,
    Judged,
    ListEntry,
    Match,
    Measure,
    Observed,
    Screening,
    Stream,
    Where,
)

__all__ = [
    "Feature",
    "FeatureEvent",
    "FieldType",
    "Judged",
    "ListEntry",
    "Match",
    "Measure",
    "Observed",
    "Screening",
    "Stream",
    "Where",
]
