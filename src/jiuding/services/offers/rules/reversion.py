"""Find the rate to which a fixed or an interest-only rate reverts; files rarely name it.

Every variable, principal-and-interest rate of the same lender is scored by what is alike: the same
product, the words of the names, who lives there, the loan-to-value band, the money tier. The best
score wins; among equals the lowest rate. A product that its words name ("reverts to the Real
Options Home Loan") goes first. No published comparison rate is seen here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from jiuding.kernel.products import (
    Category,
    LoanProduct,
    RateKind,
    RateTerm,
    Repayment,
    Tier,
    TierUnit,
)

_WORD = re.compile(r"[a-z]{3,}")
_COMMON = frozenset(
    {"fixed", "variable", "year", "years", "rate", "rates", "home", "loan", "loans"}
)
_COMMON |= frozenset({"interest", "principal", "only", "and", "the", "for", "lvr"})
_COMMON |= frozenset({"owner", "occupied", "occupier", "investment", "investor"})
# Words that make a product another one; a rate does not revert to it unless it has them too.
_SPECIAL = frozenset({"green", "eco", "clean", "energy", "reverse", "bridging", "construction"})
_SPECIAL |= frozenset({"build", "smsf", "super", "equity", "guarantee", "line", "defence", "dhoas"})
_SPECIAL |= frozenset({"fhb", "land", "relocation", "staff", "rural", "lifestyle"})
_SPECIAL |= frozenset({"trust", "non", "recruit", "broker", "essential", "worker", "rollover"})
_SPECIAL |= frozenset({"redraw", "top"})
_SPECIAL_NAME = _SPECIAL | {"plus", "first", "package"}
# Cut-down products: a rate reverts to the full one, unless it is of the cut-down one itself.
_SPECIAL_NAME |= {"basic", "economy", "budget", "lite", "special", "essentials", "frills"}
_REVERTS = re.compile(r"revert\w* to (?:the |our )?(.{5,60}?)(?: at | after|\.|,|;|$)")
_BAND = re.compile(r"(\d{2}(?:\.\d+)?)\s*%?\s*(?:-|to|–|and)\s*<?=?\s*(\d{2}(?:\.\d+)?)")
_BELOW = re.compile(
    r"(?:<=|≤|<|up to|under|below|less than|max\w*)(?: or equal to)?\s*(?:lvr)?\s*(\d{2}(?:\.\d+)?)"
    r"|(\d{2}(?:\.\d+)?)\s*%?\s*(?:lvr )?or (?:less|lower)"
)
_ABOVE = re.compile(
    r"(?:>=|>|over|above|greater than)\s*(\d{2}(?:\.\d+)?)"
    r"|(\d{2}(?:\.\d+)?)\s*%?\s*or (?:more|greater)"
)
_INVESTS = re.compile(r"\binv")
_LIVES = re.compile(r"owner|o/occ|\boo\b|\booc\b")
Band = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rate that others of its lender may revert to, with what is compared."""

    place: int
    rate: RateTerm
    name_words: frozenset[str]
    note_words: frozenset[str]
    occupancy: str | None
    band: Band | None


def reversion_candidates(products: Iterable[LoanProduct]) -> dict[str, list[Candidate]]:
    """Return the rates to which a mortgage may revert, by lender."""
    found: dict[str, list[Candidate]] = defaultdict(list)
    for product in products:
        if product.category is not Category.MORTGAGE:
            continue
        for rate in product.rates:
            if (
                rate.kind is RateKind.VARIABLE
                and rate.repayment is Repayment.PRINCIPAL_AND_INTEREST
                and rate.unquotable is None
            ):
                found[product.lender].append(_candidate(product, rate))
    return found


def _candidate(product: LoanProduct, rate: RateTerm) -> Candidate:
    """Return a rate with the words, band and occupancy by which it is compared."""
    return Candidate(
        product.place,
        rate,
        _words(product.name),
        _words(rate.note),
        _occupancy(product, rate),
        _band(product, rate),
    )


def reversion(
    product: LoanProduct, rate: RateTerm, candidates: dict[str, list[Candidate]]
) -> Candidate | None:
    """Return the rate that this one reverts to, or None where the lender has no variable rate."""
    own = _candidate(product, rate)
    named = _REVERTS.search(rate.note.lower())
    target = _words(named.group(1)) if named else frozenset()
    best: tuple[float, Decimal] | None = None
    chosen = None
    for other in candidates.get(product.lender, ()):
        key = (_likeness(own, other, target), -(other.rate.rate or Decimal(0)))
        if best is None or key > best:
            best, chosen = key, other
    return chosen


def _likeness(own: Candidate, other: Candidate, target: frozenset[str]) -> float:
    """Return how alike two rates are; the weights were set on a part of the brands only."""
    is_named = bool(target & other.name_words)
    words = target if is_named else own.name_words
    extra = other.name_words - words
    score = len(words & other.name_words) - 0.5 * len(extra) - len(extra & _SPECIAL_NAME)
    score += 1.5 * ("standard" in extra) + 3.0 * (other.place == own.place) + 2.0 * is_named
    if own.occupancy and other.occupancy:
        score += 1.0 if own.occupancy == other.occupancy else -3.0
    note = other.note_words - own.note_words
    alike = 0.3 * len(own.note_words & other.note_words) - 0.1 * len(note)
    score += max(-0.6, min(1.5, alike)) - len((note - own.name_words) & _SPECIAL)
    return round(score + _band_fit(own.band, other.band) + _money_fit(own.rate, other.rate), 3)


def _words(text: str) -> frozenset[str]:
    """Return the telling words of a text."""
    return frozenset(_WORD.findall(text.lower())) - _COMMON


def _occupancy(product: LoanProduct, rate: RateTerm) -> str | None:
    """Return who lives in the home, from the rate or else from clear words."""
    if rate.occupancy:
        return rate.occupancy
    text = f"{rate.note} {product.name}".lower()
    invests, lives = bool(_INVESTS.search(text)), bool(_LIVES.search(text))
    if invests == lives:
        return None
    return "investment" if invests else "owner_occupied"


def _band(product: LoanProduct, rate: RateTerm) -> Band | None:
    """Return the loan-to-value band of a rate in per cent, from its tier or else its words."""
    for tier in rate.tiers:
        if tier.unit is TierUnit.LOAN_TO_VALUE:
            return float(tier.minimum or 0), float(tier.maximum or 100)
    for text in (rate.note.lower(), product.name.lower()):
        if "lvr" not in text and "loan to v" not in text:
            continue
        if (found := _BAND.search(text)) and 40 <= float(found[1]) < float(found[2]) <= 100:
            return float(found[1]), float(found[2])
        for pattern, is_below in ((_BELOW, True), (_ABOVE, False)):
            if (found := pattern.search(text)) and 40 <= (n := float(found[1] or found[2])) <= 100:
                return (0.0, n) if is_below else (n, 100.0)
    return None


def _band_fit(own: Band | None, other: Band | None) -> float:
    """Return how well two loan-to-value bands agree: 1 for equal tops, -2 for none in common."""
    if own is None or other is None:
        return 0.0
    if min(own[1], other[1]) <= max(own[0], other[0]) + 0.2:
        return -2.0
    return 1.0 - abs(own[1] - other[1]) / 20 - abs(own[0] - other[0]) / 100


def _money_fit(own: RateTerm, other: RateTerm) -> float:
    """Return -2 for each pair of money tiers that have no amount in common."""
    return -2.0 * sum(
        not _overlap(mine, theirs)
        for mine in own.tiers
        for theirs in other.tiers
        if mine.unit is theirs.unit is TierUnit.MONEY
    )


def _overlap(one: Tier, two: Tier) -> bool:
    """Tell whether two tiers share an amount."""
    least = max(one.minimum or Decimal(0), two.minimum or Decimal(0))
    highs = [tier.maximum for tier in (one, two) if tier.maximum is not None]
    return not highs or least < min(highs)
