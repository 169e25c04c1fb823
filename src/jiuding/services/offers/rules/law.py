"""Law: what a jurisdiction's rules leave of a product, found by asking the rules themselves.

A rule is a function of a quote's facts. For each class of product (what it is for, what secures
it, who lends) the rules are asked with telling facts: with nothing remarkable, with an amount
beyond any limit, with a rate beyond any limit. What breaks only then is a limit on the amount of a
leg or on its true rate, and both become bounds on amounts before anything is chosen. A chosen leg
is asked once more with its own facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from jiuding.kernel import products
from jiuding.kernel.products import LoanProduct, Pack, QuoteFacts
from jiuding.services.offers.rules.eligibility import FIRM_PURPOSES

_BEYOND = Decimal("1e15")
_RATE_BEYOND = Decimal("9.99")


class Broken(NamedTuple):
    """A rule that turns a product away: its id, its words, and its figures by name."""

    rule: str
    detail: str
    figures: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Limits:
    """What the rules leave: a broken rule, and bounds with the rule that sets them.

    `amount_max` is a decimal count of the currency, `rate_max` a fraction a year.
    """

    broken: Broken | None = None
    amount_max: Decimal | None = None
    amount_rule: str = ""
    rate_max: Decimal | None = None
    rate_rule: str = ""


@dataclass(slots=True)
class Law:
    """The packs that apply on a day, by jurisdiction; answers are remembered by class."""

    packs: Mapping[str, Pack]
    on: date
    known: dict[tuple, Limits] = field(default_factory=dict)

    def limits(self, product: LoanProduct, purposes: tuple[str, ...], currency: str) -> Limits:
        """Return what the rules of the product's jurisdiction leave of it for these purposes."""
        pack = self.packs.get(product.jurisdiction)
        if pack is None:
            return Limits()
        key = (product.jurisdiction, product.category, bool(product.collateral), purposes)
        if key not in self.known:
            asked = [self._ask(pack, product, purpose, currency) for purpose in purposes]
            self.known[key] = _strictest(asked)
        return self.known[key]

    def broken(
        self, product: LoanProduct, purpose: str, currency: str, amount: Decimal, term: int,
        rate: Decimal | None,
    ) -> Broken | None:  # fmt: skip
        """Return the first rule that refuses this leg, or None."""
        pack = self.packs.get(product.jurisdiction)
        if pack is None:
            return None
        facts = _facts(product, purpose, currency, amount, term, rate)
        return _first(pack, self._refusals(pack, facts))

    def _ask(self, pack: Pack, product: LoanProduct, purpose: str, currency: str) -> Limits:
        term = 60
        plain = self._refusals(
            pack, _facts(product, purpose, currency, Decimal(1), term, Decimal("0.0001"))
        )
        if plain:
            return Limits(broken=_first(pack, plain))
        large = self._refusals(
            pack, _facts(product, purpose, currency, _BEYOND, term, Decimal("0.0001"))
        )
        dear = self._refusals(
            pack, _facts(product, purpose, currency, Decimal(1), term, _RATE_BEYOND)
        )
        amount = _least(pack, large, ("amount", "owed_after"))
        rate = _least(pack, dear, ("all_in_rate",))
        return Limits(None, amount[0], amount[1], rate[0], rate[1])

    def _refusals(self, pack: Pack, facts: QuoteFacts) -> dict[str, str]:
        found = products.breaches(pack, facts, on=self.on)
        return {each.rule_id: each.detail for each in found if not each.needs_person}


def _first(pack: Pack, refused: Mapping[str, str]) -> Broken | None:
    """Return the first refusing rule, with the fact it is about and its number where it has one."""
    for rule_id, detail in refused.items():
        rule, figures = pack.rule(rule_id), {}
        if rule is not None and rule.number is not None:
            figures = {"fact": rule.fact, "limit": f"{rule.number:f}"}
        return Broken(rule_id, detail, figures)
    return None


def _facts(
    product: LoanProduct, purpose: str, currency: str, amount: Decimal, term: int,
    rate: Decimal | None,
) -> QuoteFacts:  # fmt: skip
    """Return the facts of a quote for one leg, as far as a plan knows them."""
    return QuoteFacts(
        jurisdiction=product.jurisdiction,
        purpose=purpose,
        category=product.category,
        borrower_kind="business" if purpose in FIRM_PURPOSES else "natural_person",
        amount=amount,
        currency=currency,
        term_months=term,
        repayment=products.Repayment.PRINCIPAL_AND_INTEREST,
        all_in_rate=rate,
        lender=product.lender,
        is_secured=bool(product.collateral),
    )


def forbidden_uses(
    pack: Pack, product: LoanProduct, purpose: str, currency: str, amount: Decimal, term: int,
    on: date,
) -> tuple[str, ...]:  # fmt: skip
    """Return what a leg's money may not be used for, by the rules of its product's jurisdiction."""
    if product.jurisdiction != pack.jurisdiction:
        return ()
    facts = _facts(product, purpose, currency, amount, term, None)
    return products.forbidden_purposes(pack, facts, on=on)


def _least(
    pack: Pack, refused: Mapping[str, str], facts: tuple[str, ...]
) -> tuple[Decimal | None, str]:
    """Return the least number that the refusing rules about these facts set, and whose it is."""
    found = []
    for rule_id in refused:
        rule = pack.rule(rule_id)
        if rule is not None and rule.fact in facts and rule.number is not None:
            found.append((rule.number, rule_id))
    return min(found, default=(None, ""))


def _strictest(asked: list[Limits]) -> Limits:
    """Return the limits of several purposes held together."""
    broken = next((each.broken for each in asked if each.broken), None)
    amount = min(
        ((each.amount_max, each.amount_rule) for each in asked if each.amount_max is not None),
        default=(None, ""),
    )
    rate = min(
        ((each.rate_max, each.rate_rule) for each in asked if each.rate_max is not None),
        default=(None, ""),
    )
    return Limits(broken, amount[0], amount[1], rate[0], rate[1])
