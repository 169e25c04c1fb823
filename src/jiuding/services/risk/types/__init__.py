"""Nouns of risk."""

from jiuding.services.risk.types.counting import (
    Feature,
    FeatureEvent,
    FieldType,
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
    "ListEntry",
    "Match",
    "Measure",
    "Observed",
    "Screening",
    "Stream",
    "Where",
]
