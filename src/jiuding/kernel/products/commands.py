"""The command line edge of products: one JSON object in, one out, refusals as `problem`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from jiuding.base.problems import Problem
from jiuding.kernel.products.errors import BadRateRequest, BadScheduleCase
from jiuding.kernel.products.rules import rates
from jiuding.kernel.products.rules.loan_cases import read_case
from jiuding.kernel.products.rules.rate_words import read_rate
from jiuding.kernel.products.rules.replay import rows_of
from jiuding.kernel.products.rules.unit_periods import MONTH, UnitPeriod, parse_unit_period
from jiuding.kernel.products.types import Cashflow

FLOWS_MAX = 20_000
AMOUNT_MAX = Decimal("1e18")
TERM_MONTHS_MAX = 1_200

_BY_DATE: dict[str, Callable[..., float | None]] = {
    "xirr": lambda flows, unit: rates.xirr(flows),
    "eu_apr": lambda flows, unit: rates.eu_apr(flows),
    "uk_apr": lambda flows, unit: rates.uk_apr(flows),
    "us_reg_z": rates.us_reg_z,
    "cn_irr": rates.cn_irr,
    "au_comparison": rates.au_comparison,
}
_CONVERSIONS = ("from_daily", "from_monthly", "from_flat")


def rate(line: dict[str, Any]) -> dict[str, Any]:
    """Answer one line of `jiuding rate`: `{id, rate}`, a fraction per year or null.

    Flows are `{on, amount}`, or without dates `{amount}` (one period apart) and `{period, amount}`.
    `from_daily` and `from_monthly` take `rate`, a fraction or words such as 日息万三, 月息八厘
    and 0.03%; `from_flat` takes `rate`, `period` ("year", the
    default, or "month"), `term_months` and, where some is kept back on the first day, `fee_rate`.
    A line that cannot be read gives `{id, problem}` with the code products.bad_rate_request.
    """
    name = line.get("id") if isinstance(line, dict) else None
    try:
        if not isinstance(line, dict):
            raise BadRateRequest("a line is one JSON object")
        found = _rate(line)
    except Problem as problem:
        return {"id": name, "problem": problem.to_dict()}
    return {"id": name, "rate": None if found is None else float(found)}


def schedule(case: dict[str, Any]) -> dict[str, Any]:
    """Answer one line of `jiuding schedule`: `{id, rows}` for a case as in `data/lending`.

    The case's own answers are never read. Rows have the columns of the examples. A case that cannot
    be read gives `{id, problem}` with the code products.bad_schedule_case.
    """
    name = case.get("id") if isinstance(case, dict) else None
    try:
        if not isinstance(case, dict):
            raise BadScheduleCase("a line is one JSON object")
        return {"id": name, "rows": rows_of(read_case(case))}
    except Problem as problem:
        return {"id": name, "problem": problem.to_dict()}


def _rate(line: dict[str, Any]) -> float | Decimal | None:
    method = line.get("method")
    unit = parse_unit_period(line["unit_period"]) if line.get("unit_period") else None
    if method in _CONVERSIONS and line.get("rate") is not None:
        return _converted(method, line)
    if method == "from_flat" and line.get("cashflows"):
        method = "cn_irr"  # the flows of a flat loan say more than its rate
    if method not in _BY_DATE:
        known = ", ".join((*_BY_DATE, *_CONVERSIONS))
        raise BadRateRequest(f"method must be one of {known}; a conversion needs `rate`")
    flows = line.get("cashflows")
    if not isinstance(flows, list) or not all(isinstance(flow, dict) for flow in flows):
        raise BadRateRequest("cashflows must be a list of objects {on, amount}")
    if len(flows) > FLOWS_MAX:
        raise BadRateRequest(f"at most {FLOWS_MAX} cashflows, not {len(flows)}")
    if not any("on" in flow or "date" in flow for flow in flows):
        return _undated(method, flows, unit or MONTH)
    dated = [
        Cashflow(_day(flow.get("on", flow.get("date"))), _number(flow.get("amount"), "amount"))
        for flow in flows
    ]
    return _BY_DATE[method](dated, unit)


def _undated(method: str, flows: list[dict[str, Any]], unit: UnitPeriod) -> float | None:
    """Rate flows that are numbered by unit period instead of dated."""
    timed = [
        rates.TimedFlow(
            float(_number(flow.get("period", place), "period")),
            _number(flow.get("amount"), "amount"),
        )
        for place, flow in enumerate(flows)
    ]
    found = rates.rate_per_period(timed)
    if found is None:
        return None
    if method in ("xirr", "eu_apr", "uk_apr"):
        try:
            return (1.0 + found) ** unit.per_year() - 1.0
        except OverflowError:
            return None
    weeks = rates.AU_WEEKS_PER_YEAR if method == "au_comparison" else 52.0
    return found * unit.per_year(weeks)


def _converted(method: str, line: dict[str, Any]) -> float | Decimal | None:
    said = line["rate"]
    words = read_rate(said) if isinstance(said, str) else None
    stated = _number(said, "rate") if words is None else words
    if method == "from_daily":
        return rates.from_daily(stated)
    if method == "from_monthly":
        return rates.from_monthly(stated)
    period = line.get("period") or line.get("rate_period") or "year"
    if period not in ("year", "month"):
        raise BadRateRequest('the period of a flat rate is "year" or "month"')
    months = line.get("term_months") or line.get("months")
    if type(months) is not int or not 1 <= months <= TERM_MONTHS_MAX:
        raise BadRateRequest(f"term_months must be a whole number from 1 to {TERM_MONTHS_MAX}")
    fee = _number(line.get("fee_rate") or 0, "fee_rate")
    return rates.from_flat(stated if period == "month" else stated / 12, months, fee)


def _number(value: Any, name: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise BadRateRequest(f"{name} must be a decimal number, as text or as a number")
    try:
        number = Decimal(str(value).strip().replace("_", "x"))
    except InvalidOperation:
        raise BadRateRequest(f"{name} {str(value)[:40]!r} is not a decimal number") from None
    if not number.is_finite() or abs(number) > AMOUNT_MAX:
        raise BadRateRequest(f"{name} must be finite and at most {AMOUNT_MAX:E}")
    return number


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value[:10] if isinstance(value, str) else "")
    except ValueError:
        raise BadRateRequest(f"{str(value)[:40]!r} is not a date such as 2026-11-23") from None
