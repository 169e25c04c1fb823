"""A loan case: terms, product settings and events, read from the form of `data/lending`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from jiuding.base.clock import add_months
from jiuding.kernel.products.errors import BadScheduleCase

REPAYMENTS_MAX = 1_000
EVENTS_MAX = 5_000
_UNITS = ("DAYS", "WEEKS", "MONTHS", "YEARS")
_DEFAULT_ORDER = tuple(
    (when, what)
    for when in ("PAST_DUE", "DUE", "IN_ADVANCE")
    for what in ("PENALTY", "FEE", "PRINCIPAL", "INTEREST")
)
_RULE = re.compile(r'createPaymentAllocation\(\s*"(\w+)"\s*,\s*"(\w+)"\s*([^()]*)\)')
_TYPE = re.compile(r"\b(PAST_DUE|IN_ADVANCE|DUE)_(PENALTY|FEE|PRINCIPAL|INTEREST)\b")


@dataclass(frozen=True, slots=True)
class AllocationRule:
    """In which order a payment is used, and which future rows it reaches."""

    order: tuple[tuple[str, str], ...] = _DEFAULT_ORDER
    future: str = "NEXT_INSTALLMENT"


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """Something that happened: `on` is the day it counts from, `known_on` the business day."""

    kind: str
    on: date
    known_on: date
    amount: Decimal
    charge: str = ""


@dataclass(frozen=True, slots=True)
class LoanCase:
    """Everything that a schedule follows from. Rates are fractions per year; amounts decimal."""

    submitted_on: date
    principal: Decimal
    annual_rate: Decimal
    is_flat: bool
    is_daily: bool
    is_equal_payment: bool
    repay_every: int
    repay_unit: str
    count: int
    grace_on_principal: int
    grace_on_interest: int
    is_progressive: bool
    days_in_year: str
    days_in_month: str
    only_leap_period: bool
    multiple_of: Decimal | None
    counts_partial_periods: bool
    recalculates: bool
    down_payment: Decimal | None
    pays_down_at_once: bool
    is_horizontal: bool
    strategy: str
    allocations: Mapping[str, AllocationRule]
    refunds_interest: bool
    events: tuple[CaseEvent, ...]
    expected_on: date | None

    def allocation(self, kind: str) -> AllocationRule:
        """Return the rule for a kind of payment, or the default rule."""
        return self.allocations.get(kind) or self.allocations.get("DEFAULT") or AllocationRule()

    def due_on(self, start: date, number: int) -> date:
        """Return the day that so many repayment periods after the start fall on."""
        steps = number * self.repay_every
        if self.repay_unit in ("MONTHS", "YEARS"):
            return add_months(start, steps * (12 if self.repay_unit == "YEARS" else 1))
        return date.fromordinal(
            start.toordinal() + steps * (7 if self.repay_unit == "WEEKS" else 1)
        )


def read_case(case: Mapping[str, Any]) -> LoanCase:
    """Return the case that a JSON object states; its `expected` rows are never read.

    Refuses: BadScheduleCase naming the field that is missing or cannot be read.
    """
    terms, product = _part(case, "terms"), _part(case, "product")
    payment = case.get("payment_allocation") or {}
    source = case.get("source") or {}
    events = case.get("events") or []
    if not isinstance(events, list) or len(events) > EVENTS_MAX:
        raise BadScheduleCase(f"events must be a list of at most {EVENTS_MAX}")
    rules = str(payment.get("product_rules_source") or "")
    unit = _one_of(terms, "repay_unit", _UNITS)
    count, every = _whole(terms, "number_of_repayments"), _whole(terms, "repay_every")
    if not 1 <= count <= REPAYMENTS_MAX or every < 1:
        raise BadScheduleCase(
            f"number_of_repayments is 1 to {REPAYMENTS_MAX}, repay_every 1 or more"
        )
    share = product.get("down_payment_pct") if product.get("down_payment") else None
    multiple = product.get("installment_multiple_of")
    return LoanCase(
        submitted_on=_day(terms, "submitted_on"),
        principal=_number(terms, "principal"),
        annual_rate=_annual(terms, count, every, unit),
        is_flat=_one_of(terms, "interest_method", ("FLAT", "DECLINING_BALANCE")) == "FLAT",
        is_daily=terms.get("interest_calculation_period", "DAILY") == "DAILY",
        is_equal_payment=terms.get("amortization", "EQUAL_INSTALLMENTS") == "EQUAL_INSTALLMENTS",
        repay_every=every,
        repay_unit=unit,
        count=count,
        grace_on_principal=_whole(terms, "grace_on_principal", 0),
        grace_on_interest=_whole(terms, "grace_on_interest", 0),
        is_progressive=product.get("schedule_type") == "PROGRESSIVE",
        days_in_year=str(product.get("days_in_year", "ACTUAL")),
        days_in_month=str(product.get("days_in_month", "ACTUAL")),
        only_leap_period=product.get("days_in_year_custom_strategy") == "FEB_29_PERIOD_ONLY",
        multiple_of=None if not multiple else _number(product, "installment_multiple_of"),
        counts_partial_periods=bool(product.get("partial_period_interest")),
        recalculates=bool(product.get("interest_recalculation")),
        down_payment=None if share is None else _number(product, "down_payment_pct") / 100,
        pays_down_at_once=bool(product.get("auto_down_payment")),
        is_horizontal=product.get("schedule_processing", "HORIZONTAL") != "VERTICAL",
        strategy=str(terms.get("payment_strategy") or payment.get("strategy") or ""),
        allocations=_allocations(rules, case.get("allocation_settings") or []),
        refunds_interest="INTEREST_REFUND" in str(source.get("product", "")) + rules,
        events=tuple(_events(events)),
        expected_on=next(
            (
                _day(event, "expected_disbursement")
                for event in events
                if isinstance(event, dict) and event.get("expected_disbursement")
            ),
            None,
        ),
    )


def _allocations(rules: str, settings: list[Any]) -> dict[str, AllocationRule]:
    found = {}
    for kind, future, types in _RULE.findall(rules.replace("//", " ")):
        order = tuple(_TYPE.findall(types)) or _DEFAULT_ORDER
        found[kind] = AllocationRule(order, future)
    for setting in settings:
        if isinstance(setting, list) and len(setting) == 3:
            _, kind, future = map(str, setting)
            known = found.get(kind) or found.get("DEFAULT") or AllocationRule()
            found[kind] = AllocationRule(known.order, future)
    return found


def _annual(terms: Mapping[str, Any], count: int, every: int, unit: str) -> Decimal:
    stated = _number(terms, "rate_pct") / 100
    period = _one_of(terms, "rate_period", ("YEAR", "MONTH", "WHOLE_TERM"))
    if period == "WHOLE_TERM":
        per_year = {"DAYS": 365, "WEEKS": 52, "MONTHS": 12, "YEARS": 1}[unit]
        return stated / (count * every) * per_year
    return stated * 12 if period == "MONTH" else stated


def _events(events: list[Any]) -> list[CaseEvent]:
    found = []
    for event in events:
        if not isinstance(event, dict) or not isinstance(event.get("type"), str):
            raise BadScheduleCase("an event is an object with a type")
        stated = event.get("on") or event.get("due") or event.get("business_date")
        on = _day({"on": stated}, "on")
        known = _day(event, "business_date") if event.get("business_date") else on
        amount = _number(event, "amount") if event.get("amount") is not None else Decimal(0)
        found.append(CaseEvent(event["type"], on, known, amount, str(event.get("charge") or "")))
    return found


def _part(case: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = case.get(name) if isinstance(case, Mapping) else None
    if not isinstance(part, Mapping):
        raise BadScheduleCase(f"a case states {name}")
    return part


def _one_of(part: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    value = part.get(name)
    if value not in allowed:
        raise BadScheduleCase(f"{name} must be one of {', '.join(allowed)}")
    return str(value)


def _whole(part: Mapping[str, Any], name: str, default: int | None = None) -> int:
    value = part.get(name, default)
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if type(value) is not int or value < 0:
        raise BadScheduleCase(f"{name} must be a whole number, not negative")
    return value


def _number(part: Mapping[str, Any], name: str) -> Decimal:
    try:
        value = Decimal(str(part.get(name)))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or not 0 <= value <= Decimal("1e15"):
        raise BadScheduleCase(f"{name} must be a decimal number, not negative")
    return value


def _day(part: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(str(part.get(name))[:10])
    except ValueError:
        raise BadScheduleCase(f"{name} must be a date such as 2026-11-23") from None
