"""Quotes as records: needs, profiles and plans to plain JSON and back, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from decimal import Decimal
from enum import Enum
from typing import Any

from jiuding.services.offers.types import (
    Collateral,
    Goal,
    Leg,
    Need,
    Plan,
    PlanKind,
    PlanSet,
    Profile,
    Rejection,
)

# A quote keeps what a reader can take in; the counts tell how many there were of each kind.
COSTLIER_KEPT_MAX = 60
EXAMPLES_KEPT_PER_RULE_MAX = 6


def to_record(value: Any) -> Any:
    """Return a record of offers as plain JSON; decimals become text, so that none is inexact."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: to_record(part) for name, part in asdict(value).items()}
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
    return _read(Need, record, goals=goals)


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
    )


def _plan(record: Mapping[str, Any]) -> Plan:
    legs = tuple(_leg(leg) for leg in record["legs"])
    return _read(Plan, record, kind=PlanKind(record["kind"]), legs=legs)


def _leg(record: Mapping[str, Any]) -> Leg:
    return _read(Leg, record, conditions=tuple(record["conditions"]))


def shortened(rejected: Sequence[Rejection]) -> tuple[Rejection, ...]:
    """Keep the nearest products that only cost more, and some examples of every other rule."""
    seen: dict[str, int] = {}
    kept = []
    for each in rejected:
        most = COSTLIER_KEPT_MAX if each.rule == "costs_more" else EXAMPLES_KEPT_PER_RULE_MAX
        seen[each.rule] = seen.get(each.rule, 0) + 1
        if seen[each.rule] <= most:
            kept.append(each)
    return tuple(kept)
