"""The line interface of planning: one need in, its plans out, in the shape of DESIGN §6.

Amounts of money and rates are JSON numbers. Legs' amounts, fees paid up front and total costs are
exact to the currency's unit; instalments and monthly fees are not rounded (six places), so that
a leg's payments times its term is its part of the total cost. An amount may be given as a number
or as decimal text. `discount_rate_pa` in a need (a fraction a year, due by twelfths) makes the
cheapest the least present cost, and every plan carries its `present_cost`; `weights` {cost,
instalment, certainty} in a need asks for a plan of kind `weighted`, with its `objective` and what
is proven of it. `brand` and `place` (in the file, from nought) tell products apart whose ids
repeat across brands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from jiuding.base.amounts import CURRENCIES
from jiuding.base.clock import now
from jiuding.base.problems import Problem
from jiuding.base.settings import CATALOG
from jiuding.kernel import products
from jiuding.kernel.products import Pack
from jiuding.services.offers.errors import BadField, MissingField, UnknownCurrency, UnknownField
from jiuding.services.offers.operations.plans import GOALS_MAX, explain_plans, lay_out, plan
from jiuding.services.offers.store import library as store
from jiuding.services.offers.types import (
    Collateral,
    Explanation,
    Goal,
    Leg,
    Need,
    Plan,
    PlanKind,
    PlanSet,
    Profile,
    Rejection,
    Weights,
)

AMOUNT_MAX = Decimal("1e12")
TERM_MONTHS_MAX = 600
TEXT_MAX = 100
LIST_MAX = 50
WEIGHT_MAX = 1_000_000
LINE_SECONDS = 3.0  # a line that is read by a program may wait longer for its proof than a person
EXPLAIN_SECONDS = 0.5  # each planning that an explanation asks for

_LINE = ("id", "need", "profile")
_NEED = (
    *("purpose", "amount", "currency", "term_months", "term_months_range"),
    *("monthly_max", "goals", "discount_rate_pa", "weights"),
)
_WEIGHTS = ("cost", "instalment", "certainty")
_PROFILE = (
    *("age", "residency", "income_monthly", "expenses_monthly", "debts_monthly", "dsr_max"),
    *("credit_score", "collateral", "existing_banks"),
)


def planner(
    path: Path | str | None = None, *, explain: bool = False
) -> Callable[[Any], dict[str, Any]]:
    """Return what answers one line over a library file or folder, read and laid out once.

    Without a path it is the library that ships. The rules of each product's jurisdiction are
    enforced as they stand today. As DESIGN §6 states it, a product's category alone says what it
    pays for; the narrower uses that a name suggests ("New Car Loan") bind only in the walk. With
    `explain` every plan carries what stands behind it, and every rejection its figures.

    Refuses: LibraryNotFound, LibraryTooLarge, PlanTooLarge.
    """
    chosen = None if path is None or str(path) in ("", ".") else path
    library = store.read_library(chosen) if chosen is not None else store.read_library()
    shelf = lay_out(tuple(replace(product, purposes=()) for product in library.products))
    packs = products.read_packs(CATALOG / "jurisdictions")
    today = now().date()

    def answer(line: Any) -> dict[str, Any]:
        return plan_line(
            line, shelf, on=today, pack=packs, deadline_seconds=LINE_SECONDS, explain=explain
        )

    return answer


def plan_line(
    line: Any,
    stock: Any,
    *,
    on: date,
    pack: Pack | Mapping[str, Pack] | None = None,
    deadline_seconds: float = 1.0,
    explain: bool = False,
) -> dict[str, Any]:
    """Return the answer to one line; a line that cannot be planned gives its `problem`.

    `stock` is a library or a shelf; see `operations.plans.plan`, and `explain_plans` there for
    what `explain` adds.
    """
    line_id = line.get("id") if isinstance(line, Mapping) else None
    try:
        need, profile = read_line(line)
        found = plan(need, profile, stock, on=on, pack=pack, deadline_seconds=deadline_seconds)
        told = None
        if explain:
            seconds = min(deadline_seconds, EXPLAIN_SECONDS)
            told = explain_plans(
                need, profile, stock, on=on, found=found, pack=pack, deadline_seconds=seconds
            )
    except Problem as problem:
        return {"id": line_id, "problem": problem.to_dict()}
    return {"id": line_id, **_answer(found, told)}


def read_line(line: Any) -> tuple[Need, Profile]:
    """Read the need and the profile of a line.

    Refuses: UnknownField and MissingField by name; BadField for a value that cannot be meant;
    UnknownCurrency.
    """
    fields = _object(line, "line", _LINE)
    need = _need(_object(_given(fields, "line", "need"), "need", _NEED))
    return need, _profile(_object(_given(fields, "line", "profile"), "profile", _PROFILE))


def _need(fields: Mapping[str, Any]) -> Need:
    purpose = _text(_given(fields, "need", "purpose"), "need.purpose")
    currency = _text(_given(fields, "need", "currency"), "need.currency").upper()
    if currency not in CURRENCIES:
        held = ", ".join(CURRENCIES)
        raise UnknownCurrency(f"{currency[:12]!r} is not one of: {held}", field="need.currency")
    scale = CURRENCIES[currency].scale
    goals = tuple(
        _goal(entry, number, scale) for number, entry in enumerate(_list(fields, "need", "goals"))
    )
    if len(goals) > GOALS_MAX:
        raise BadField(f"need.goals has {len(goals)}; at most {GOALS_MAX}", field="need.goals")
    total = sum((goal.amount for goal in goals), Decimal(0))
    if goals and fields.get("amount") is None:
        amount = total
    else:
        amount = _money(_given(fields, "need", "amount"), "need.amount", scale, least=True)
    if goals and total != amount:
        raise BadField(f"need.goals come to {total}, need.amount is {amount}", field="need.goals")
    low, high = _terms(fields)
    limit = fields.get("monthly_max")
    monthly = None if limit is None else _money(limit, "need.monthly_max", None, least=True)
    discount, weights = _discount(fields), _weights(fields)
    return Need(purpose, amount, currency, low, high, monthly, goals, discount, weights)


def _discount(fields: Mapping[str, Any]) -> Decimal | None:
    """Return the rate at which later payments count less, a fraction a year."""
    value, name = fields.get("discount_rate_pa"), "need.discount_rate_pa"
    rate = None if value is None else _number(value, name)
    if rate is not None and not 0 <= rate <= 1:
        raise BadField(f"{name} is a fraction from 0 to 1", field=name)
    return rate


def _weights(fields: Mapping[str, Any]) -> Weights | None:
    """Return the customer's own weights; one that is not given is nought."""
    if fields.get("weights") is None:
        return None
    name = "need.weights"
    given = _object(fields["weights"], name, _WEIGHTS)
    parts = {each: _number(value, f"{name}.{each}") for each, value in given.items()}
    if not all(0 <= part <= WEIGHT_MAX for part in parts.values()):
        raise BadField(f"{name} are from 0 to {WEIGHT_MAX}", field=name)
    if sum(parts.values()) <= 0:
        raise BadField(f"{name}: one of {', '.join(_WEIGHTS)} is above 0", field=name)
    return Weights(**parts)


def _terms(fields: Mapping[str, Any]) -> tuple[int, int]:
    """Return the least and the greatest term of a need, from either way to state it."""
    single, both = fields.get("term_months"), fields.get("term_months_range")
    if single is None and both is None:
        raise MissingField(
            "need.term_months is missing: in how many months shall it be repaid?",
            field="term_months",
        )
    if both is None:
        months = _whole(single, "need.term_months", 1, TERM_MONTHS_MAX)
        return months, months
    name = "need.term_months_range"
    if not isinstance(both, Sequence) or isinstance(both, str) or len(both) != 2:
        raise BadField(f"{name} is [least, greatest]", field=name)
    low, high = (_whole(end, name, 1, TERM_MONTHS_MAX) for end in both)
    if low > high:
        raise BadField(f"{name} falls from {low} to {high}", field=name)
    if single is not None and not low <= _whole(single, "need.term_months", 1, 600) <= high:
        raise BadField(f"need.term_months contradicts {name}", field=name)
    return low, high


def _goal(entry: Any, number: int, scale: int) -> Goal:
    name = f"need.goals[{number}]"
    fields = _object(entry, name, ("purpose", "amount"))
    purpose = _text(_given(fields, name, "purpose"), f"{name}.purpose")
    amount = _money(_given(fields, name, "amount"), f"{name}.amount", scale, least=True)
    return Goal(purpose, amount)


def _profile(fields: Mapping[str, Any]) -> Profile:
    spent, score = fields.get("expenses_monthly"), fields.get("credit_score")
    share = _number(_given(fields, "profile", "dsr_max"), "profile.dsr_max")
    if not 0 <= share <= 1:
        raise BadField("profile.dsr_max is a fraction from 0 to 1", field="profile.dsr_max")
    return Profile(
        age=_whole(_given(fields, "profile", "age"), "profile.age", 0, 150),
        residency=_text(_given(fields, "profile", "residency"), "profile.residency"),
        income_monthly=_profile_money(fields, "income_monthly"),
        debts_monthly=_profile_money(fields, "debts_monthly"),
        dsr_max=share,
        expenses_monthly=None if spent is None else _profile_money(fields, "expenses_monthly"),
        credit_score=None if score is None else _whole(score, "profile.credit_score", 0, 10_000),
        collateral=tuple(
            _collateral(entry, number)
            for number, entry in enumerate(_list(fields, "profile", "collateral"))
        ),
        existing_banks=tuple(
            _text(entry, "profile.existing_banks")
            for entry in _list(fields, "profile", "existing_banks")
        ),
    )


def _profile_money(fields: Mapping[str, Any], name: str) -> Decimal:
    return _money(_given(fields, "profile", name), f"profile.{name}", None)


def _collateral(entry: Any, number: int) -> Collateral:
    name = f"profile.collateral[{number}]"
    fields = _object(entry, name, ("kind", "value"))
    kind = _text(_given(fields, name, "kind"), f"{name}.kind").lower()
    return Collateral(kind, _money(_given(fields, name, "value"), f"{name}.value", None))


def _object(value: Any, name: str, known: tuple[str, ...]) -> Mapping[str, Any]:
    """Return an object whose fields are all known."""
    if not isinstance(value, Mapping):
        raise BadField(f"{name} is an object", field=name)
    for field in value:
        if field not in known:
            shown = str(field)[:60]
            raise UnknownField(
                f"{name}.{shown} is not known; known: {', '.join(known)}", field=shown
            )
    return value


def _given(fields: Mapping[str, Any], name: str, field: str) -> Any:
    """Return a field that must be there."""
    if fields.get(field) is None:
        raise MissingField(f"{name}.{field} is missing", field=field)
    return fields[field]


def _list(fields: Mapping[str, Any], name: str, field: str) -> list[Any]:
    value = fields.get(field)
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > LIST_MAX:
        raise BadField(f"{name}.{field} is a list of at most {LIST_MAX}", field=f"{name}.{field}")
    return value


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > TEXT_MAX:
        raise BadField(f"{field} is text of 1 to {TEXT_MAX} characters", field=field)
    return value.strip()


def _number(value: Any, field: str) -> Decimal:
    """Return a number given as a JSON number or as decimal text."""
    try:
        number = Decimal("NaN") if isinstance(value, bool) else Decimal(str(value).strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise BadField(f"{field} is a number, not {str(value)[:40]!r}", field=field)
    return number


def _money(value: Any, field: str, scale: int | None, *, least: bool = False) -> Decimal:
    """Return an amount that can be meant: not negative, not beyond belief, in whole units."""
    amount = _number(value, field)
    if amount < 0 or (least and amount == 0) or amount > AMOUNT_MAX:
        bound = "above 0" if least else "at least 0"
        raise BadField(f"{field} is {bound} and at most {AMOUNT_MAX:f}", field=field)
    if scale is not None and amount != amount.quantize(Decimal(1).scaleb(-scale)):
        raise BadField(f"{field} has at most {scale} decimal places", field=field)
    return amount


def _whole(value: Any, field: str, low: int, high: int) -> int:
    number = _number(value, field)
    if number != number.to_integral_value() or not low <= number <= high:
        raise BadField(f"{field} is a whole number from {low} to {high}", field=field)
    return int(number)


def _answer(found: PlanSet, told: Mapping[PlanKind, Explanation] | None = None) -> dict[str, Any]:
    """Return an answer as it is written; with explanations where they were asked for."""
    answer: dict[str, Any] = {
        "plans": [_plan(each) for each in found.plans],
        "rejected": [_rejection(each) for each in found.rejected],
        "ms": found.ms,
    }
    near = found.nearest
    if near is not None:
        answer["nearest"] = {
            "binds": near.binds,
            "monthly_needed": _plain(near.monthly_needed),
            "amount_max": _plain(near.amount_max),
        }
        if near.rule:
            answer["nearest"]["rule"] = near.rule
    if told is not None:
        for line, rejection in zip(answer["rejected"], found.rejected, strict=True):
            line["figures"] = rejection.figures
        for line, each in zip(answer["plans"], found.plans, strict=True):
            line["explain"] = _explanation(told[each.kind])
        if near is not None:
            changes = told[PlanKind.CHEAPEST].counterfactuals
            answer["nearest"]["counterfactuals"] = [_record(each) for each in changes]
    return answer


def _explanation(told: Explanation) -> dict[str, Any]:
    return {
        "runner_up": None if told.runner_up is None else _plan(told.runner_up),
        "counterfactuals": [_record(each) for each in told.counterfactuals],
        "parts": {name: _plain(rate) for name, rate in told.parts},
        "fees": [_record(each) for each in told.fees],
    }


def _record(value: Any) -> dict[str, Any]:
    """Return a flat record as it is written: its decimals as numbers."""
    written = {name: getattr(value, name) for name in value.__slots__}
    return {
        name: _plain(each) if isinstance(each, Decimal) else each for name, each in written.items()
    }


def _plain(value: Decimal | None) -> float | None:
    return None if value is None or not value.is_finite() else float(value)


def _plan(plan: Plan) -> dict[str, Any]:
    written = {
        "kind": plan.kind.value,
        "legs": [_leg(leg) for leg in plan.legs],
        "total_cost": _plain(plan.total_cost),
        "true_rate": _plain(plan.true_rate),
        "gap": _plain(plan.gap),
        "proven": plan.proven,
        "instalment": _plain(plan.instalment),
        "chance": _plain(plan.chance),
        "gap_amount": _plain(plan.gap_amount),
        "gap_rate": _plain(plan.gap_rate),
    }
    for name in ("present_cost", "objective", "objective_gap"):
        if getattr(plan, name) is not None:
            written[name] = _plain(getattr(plan, name))
    return written


def _leg(leg: Leg) -> dict[str, Any]:
    return {
        "product_id": leg.product_id,
        "rate_index": leg.rate_index,
        "amount": _plain(leg.amount),
        "term_months": leg.term_months,
        "instalment": _plain(leg.instalment_exact),
        "fees": {"upfront": _plain(leg.fee_upfront), "monthly": _plain(leg.fee_monthly_exact)},
        "true_rate": _plain(leg.true_rate),
        "rate": _plain(leg.rate),
        "brand": leg.lender,
        "place": leg.place,
        "purposes": list(leg.purposes),
        "conditions": list(leg.conditions),
    }


def _rejection(rejection: Rejection) -> dict[str, Any]:
    return {
        "product_id": rejection.product_id,
        "rule": rejection.rule,
        "detail": rejection.detail,
        "brand": rejection.lender,
        "place": rejection.place,
    }
