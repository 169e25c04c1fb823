"""Quotes as records: needs, profiles and plans to plain JSON and back, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from enum import Enum
from typing import Any

from jiuding.services.offers.types import (
    Collateral,
    Goal,
    Leg,
    Nearest,
    Need,
    Plan,
    PlanKind,
    PlanSet,
    Profile,
    Rejection,
    Weights,
)


def to_record(value: Any) -> Any:
    """Return a record of offers as plain JSON; decimals become text, so that none is inexact."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: to_record(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(name): to_record(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [to_record(part) for part in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Decimal) else value


def _read(made_of: type, record: Mapping[str, Any], /, **given: Any) -> Any:
    """Build a flat record again: a text whose field is a Decimal becomes one."""
    made: dict[str, Any] = {}
    for field in fields(made_of):
        if field.name in given:
            made[field.name] = given[field.name]
        elif field.name in record:
            value = record[field.name]
            is_decimal = "Decimal" in str(field.type) and value is not None
            made[field.name] = Decimal(value) if is_decimal else value
    return made_of(**made)


def need_of(record: Mapping[str, Any]) -> Need:
    """Read a need that `to_record` wrote."""
    goals = tuple(_read(Goal, goal) for goal in record.get("goals", ()))
    weights = _read(Weights, record["weights"]) if record.get("weights") else None
    return _read(Need, record, goals=goals, weights=weights)


def profile_of(record: Mapping[str, Any]) -> Profile:
    """Read a profile that `to_record` wrote."""
    return _read(
        Profile,
        record,
        collateral=tuple(_read(Collateral, each) for each in record.get("collateral", ())),
        existing_banks=tuple(record.get("existing_banks", ())),
    )


def plan_set_of(record: Mapping[str, Any]) -> PlanSet:
    """Read a plan set that `to_record` wrote."""
    return PlanSet(
        plans=tuple(_plan(plan) for plan in record["plans"]),
        rejected=tuple(_read(Rejection, each) for each in record["rejected"]),
        ms=record["ms"],
        counts=dict(record["counts"]),
        nearest=_read(Nearest, record["nearest"]) if record.get("nearest") else None,
    )


def _plan(record: Mapping[str, Any]) -> Plan:
    legs = tuple(_leg(leg) for leg in record["legs"])
    return _read(Plan, record, kind=PlanKind(record["kind"]), legs=legs)


def _leg(record: Mapping[str, Any]) -> Leg:
    return _read(
        Leg,
        record,
        conditions=tuple(record["conditions"]),
        purposes=tuple(record["purposes"]),
    )
