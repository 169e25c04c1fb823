"""Nouns of risk."""

from jiuding.services.risk.types.counting import (
    Clearance,
    Feature,
    FeatureEvent,
    FieldType,
    Judged,
    ListEntry,
    ListVersion,
    Match,
    Measure,
    Observed,
    Screening,
    Stream,
    Where,
)

__all__ = [
    "Clearance",
    "Feature",
    "FeatureEvent",
    "FieldType",
    "Judged",
    "ListEntry",
    "ListVersion",
    "Match",
    "Measure",
    "Observed",
    "Screening",
    "Stream",
    "Where",
]
