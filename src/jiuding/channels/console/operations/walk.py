"""The walk as pages show it: what was understood, the plans, why not the others, the outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from jiuding.base.amounts import Amount, Asset, currency
from jiuding.channels import assistant
from jiuding.channels.console import rules
from jiuding.channels.console.types import (
    ChipView,
    LegView,
    PeriodView,
    PlanView,
    ReadBackView,
    ReasonView,
    ResultView,
    StepView,
    TurnView,
)
from jiuding.kernel import products
from jiuding.services import lending, offers

# The order in which a reader wants them, and how each is edited.
_CHIPS = {
    "purpose": "choice",
    "amount": "money",
    "price": "money",
    "down_payment": "money",
    "term_months": "months",
    "monthly_max": "money",
    "currency": "choice",
}
_RANGES = {"amount": "amount_range", "term_months": "term_months_range"}


def turn_view(turn: assistant.Turn, *, branch: offers.Branch, market: str, text: str) -> TurnView:
    """Return an answer of the assistant as a page shows it."""
    held = branch.market(market)
    ms = sum(step for _, step in turn.steps)
    say = turn.say[1:] if turn.quote is not None and turn.quote.plan_set.plans else turn.say
    view = TurnView(
        conversation_id=turn.conversation_id, text=text, lang=turn.lang, say=say,
        chips=chips(turn.slots, turn.spans, held.asset, turn.quote),
        ask=tuple(_missing(name, held.asset) for name in turn.ask[:1]),
        reasons=reasons(turn.reasons, turn.lang), ms=ms,
    )  # fmt: skip
    return with_quote(view, turn.quote, branch) if turn.quote is not None else view


def with_quote(view: TurnView, quote: offers.Quote, branch: offers.Branch) -> TurnView:
    """Return a turn with the plans of its quote."""
    from dataclasses import replace

    market = branch.market(quote.market)
    counts = quote.plan_set.counts
    as_of = market.library.as_of
    days = (quote.quoted_at.date() - as_of).days if as_of is not None else 0
    return replace(
        view, plans=plan_views(quote, market, view.lang), quote_id=quote.quote_id,
        rejected_count=sum(counts.values()), expires_at=quote.expires_at,
        product_count=len(market.library.products), library_as_of=as_of, library_days=max(days, 0),
    )  # fmt: skip


def quote_view(
    quote: offers.Quote, *, branch: offers.Branch, lang: str, conversation_id: str
) -> TurnView:
    """Return a quote that was shown before; `conversation_id` may be empty: then nothing edits."""
    need = quote.need
    slots: dict[str, Any] = {
        "purpose": need.purpose, "amount": need.amount, "monthly_max": need.monthly_max,
    }  # fmt: skip
    if need.term_months_min == need.term_months_max:
        slots["term_months"] = need.term_months_min
    known = {name: value for name, value in slots.items() if value is not None}
    made = chips(known, {}, currency(need.currency), quote)
    view = TurnView(conversation_id, "", made, (), lang=lang, ms=quote.plan_set.ms)
    return with_quote(view, quote, branch)


def chips(
    slots: Mapping[str, Any], spans: Mapping[str, assistant.Span], asset: Asset,
    quote: offers.Quote | None,
) -> tuple[ChipView, ...]:  # fmt: skip
    """Return what was understood, each value with the words that it came from."""
    found = []
    for name, kind in _CHIPS.items():
        span = spans.get(name) or spans.get(_RANGES.get(name, ""))
        said = span.text.strip() if span else None
        known = slots.get(name, slots.get(_RANGES.get(name, "")))
        if name == "currency":
            # Amounts carry their unit; the currency itself is shown where it was said.
            known = (asset.code if quote is not None else known) if span else None
            said = said if known == slots.get(name) else None
        if known is not None:
            found.append(_chip(name, kind, known, asset, said))
        elif name == "term_months" and quote is not None:
            low, high = quote.need.term_months_min, quote.need.term_months_max
            found.append(ChipView(name, kind, str(high), raw_from=str(low) if low < high else ""))
    return (*_goals(slots, asset), *found)


def _goals(slots: Mapping[str, Any], asset: Asset) -> tuple[ChipView, ...]:
    """Return the aims of a sentence with several, each as it was said; they are not edited."""
    return tuple(
        ChipView("goal", "goal", str(goal["purpose"]),
                 Amount.round(Decimal(str(goal["amount"])), asset))
        for goal in slots.get("goals", ())
    )  # fmt: skip


def _chip(name: str, kind: str, value: Any, asset: Asset, said: str | None) -> ChipView:
    low, high = value if isinstance(value, list | tuple) else (value, value)
    if kind == "money":
        return ChipView(
            name, kind, f"{Decimal(str(high)):f}", Amount.round(Decimal(str(low)), asset),
            Amount.round(Decimal(str(high)), asset) if low != high else None, said,
        )  # fmt: skip
    if kind == "months":
        return ChipView(name, kind, str(high), said=said, raw_from=str(low) if low != high else "")
    options = (*rules.PURPOSES, str(value)) if name == "purpose" else (asset.code, str(value))
    return ChipView(name, kind, str(value), said=said, options=tuple(dict.fromkeys(options)))


def _missing(name: str, asset: Asset) -> ChipView:
    kind = _CHIPS.get(name, "words")
    amount = Amount(0, asset) if kind == "money" else None
    options = rules.PURPOSES if name == "purpose" else (asset.code,)
    return ChipView(name, kind, "", amount, options=options, is_missing=True)


def plan_views(quote: offers.Quote, market: offers.Market, lang: str) -> tuple[PlanView, ...]:
    """Return a quote's plans, the same plan once, each with what it wins."""
    made = [_plan_view(plan, quote, market, lang) for plan in quote.plan_set.plans]
    limit = quote.need.monthly_max
    asset = currency(quote.need.currency)
    return rules.with_reasons(
        rules.merge_same(made), Amount.round(limit, asset) if limit is not None else None
    )


def _plan_view(
    plan: offers.Plan, quote: offers.Quote, market: offers.Market, lang: str
) -> PlanView:
    asset = currency(quote.need.currency)
    legs = tuple(_leg_view(leg, market, asset, lang) for leg in plan.legs)
    cost = Amount.round(plan.total_cost, asset)
    fees = sum(leg.fee_upfront.units + leg.fee_monthly.units * leg.term_months for leg in legs)
    amount = Amount.round(quote.need.amount, asset)
    size, periods = rules.by_period(_months(plan.legs, quote.quoted_at, asset))
    return PlanView(
        quote_id=quote.quote_id, kinds=(plan.kind.value,), amount=amount, total_paid=amount + cost,
        total_cost=cost, interest=cost - Amount(fees, asset), fees=Amount(fees, asset),
        true_rate=plan.true_rate, instalment=Amount.round(plan.instalment, asset),
        term_months=max(leg.term_months for leg in legs), legs=legs, gap=plan.gap,
        proven=plan.proven, periods=periods, period_months=size,
    )  # fmt: skip


def _leg_view(leg: offers.Leg, market: offers.Market, asset: Asset, lang: str) -> LegView:
    product = product_at(market, leg.place, leg.product_id)
    lender, name = leg_names(market, leg, lang)
    return LegView(
        lender=lender, product=name, product_id=leg.product_id,
        amount=Amount.round(leg.amount, asset), term_months=leg.term_months, rate=leg.rate,
        true_rate=leg.true_rate, instalment=Amount.round(leg.instalment, asset),
        fee_upfront=Amount.round(leg.fee_upfront, asset),
        fee_monthly=Amount.round(leg.fee_monthly, asset), conditions=leg.conditions,
        is_illustrative=bool(product and product.is_illustrative),
    )  # fmt: skip


def product_at(
    market: offers.Market, place: int, product_id: str
) -> products.LoanProduct | None:  # fmt: skip
    """Return the product at a place of the library, or None where an import has moved it since."""
    listed = market.library.products
    product = listed[place] if 0 <= place < len(listed) else None
    return product if product and product.product_id == product_id else None


def leg_names(market: offers.Market, leg: offers.Leg, lang: str) -> tuple[str, str]:
    """Return the names of a leg's lender and product for a reader of `lang`."""
    product = product_at(market, leg.place, leg.product_id)
    return names(product, lang) if product else (leg.lender, leg.product_name)


def names(product: products.LoanProduct, lang: str) -> tuple[str, str]:
    """Return the names of a product's lender and of the product that a reader of `lang` knows."""
    return product.lender_name or product.lender, product.names.get(lang) or product.name


def _months(legs: Sequence[offers.Leg], at: datetime, asset: Asset) -> list[PeriodView]:
    """Return what all legs take month by month; what is paid upfront counts in the first."""
    none = Amount(0, asset)
    months: dict[int, list[int]] = {}
    for leg in legs:
        rows = products.schedule(
            principal=Amount.round(leg.amount, asset), annual_rate=leg.rate,
            months=leg.term_months, repayment=products.Repayment.PRINCIPAL_AND_INTEREST,
            first_due_on=rules.month_after(at.date()),
            fee_monthly_units=Amount.round(leg.fee_monthly, asset).units,
        )  # fmt: skip
        for row in rows:
            kept = months.setdefault(row.number, [0, 0, 0, 0])
            upfront = Amount.round(leg.fee_upfront, asset).units if row.number == 1 else 0
            parts = (row.principal_units, row.interest_units, row.fee_units + upfront)
            for place, units in enumerate((*parts, row.balance_units)):
                kept[place] += units
    return [
        PeriodView(number, *(Amount(units, none.asset) for units in months[number]))
        for number in sorted(months)
    ]


def read_back(
    quote: offers.Quote, kind: str, *, branch: offers.Branch, lang: str, has_passkey: bool,
    pin_hint: str | None,
) -> ReadBackView:  # fmt: skip
    """Return a plan said back before it is accepted.

    Refuses: offers.PlanNotQuoted.
    """
    offers.plan_of(quote, kind)
    return ReadBackView(
        plan=_plan_named(quote, kind, branch, lang), purpose=quote.need.purpose,
        agree_to=offers.proof_purpose(quote.quote_id, kind), expires_at=quote.expires_at,
        has_passkey=has_passkey, library_version=quote.library_version, pin_hint=pin_hint,
    )  # fmt: skip


def _plan_named(quote: offers.Quote, kind: str, branch: offers.Branch, lang: str) -> PlanView:
    from dataclasses import replace

    plans = plan_views(quote, branch.market(quote.market), lang)
    found = next(plan for plan in plans if kind in plan.kinds)
    return replace(found, kinds=(kind, *(other for other in found.kinds if other != kind)))


def result_view(
    application: lending.Application, quote: offers.Quote, *, branch: offers.Branch, lang: str,
    account_id: str | None, steps: Iterable[tuple[str, float]] = (), means: str = "",
) -> ResultView:  # fmt: skip
    """Return what came of an acceptance."""
    receipt = [("loan", loan_id) for loan_id in application.loan_ids]
    receipt.append(("application", application.application_id))
    if application.decision_id:
        receipt.append(("decision", application.decision_id))
    receipt += [("quote", quote.quote_id), ("library", quote.library_version[:16])]
    return ResultView(
        status=application.status.value,
        plan=_plan_named(quote, application.plan_kind, branch, lang),
        loan_ids=application.loan_ids, account_id=account_id,
        reasons=reasons(application.reasons, lang),
        steps=tuple(StepView(name, ms) for name, ms in steps),
        happened_at=application.decided_at or application.applied_at, receipt=tuple(receipt),
        means=means,
    )  # fmt: skip


def reasons(given: Iterable[lending.Reason], lang: str) -> tuple[ReasonView, ...]:
    """Return reasons in a language, with what would change the answer."""
    return tuple(ReasonView(each.code, each.text(lang), each.remedy(lang)) for each in given)
