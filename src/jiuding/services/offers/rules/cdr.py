"""Read a product of the Consumer Data Right into our nouns; nothing is dropped silently.

A rate that cannot be quoted stays in its place with a reason; a value that was changed is noted; a
record that is no product at all is refused as a broken line. The rates that can be quoted are
FIXED or VARIABLE, repay principal, are no discount, and have a believable number (DESIGN §6).

Source: Consumer Data Standards, Banking APIs, BankingProductDetailV4 (V3 to V5 read the same).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from jiuding.kernel.products import (
    Category,
    Eligibility,
    LoanProduct,
    RateKind,
    RateTerm,
    Repayment,
    Tier,
    TierUnit,
)
from jiuding.services.offers.errors import BrokenLine
from jiuding.services.offers.rules.eligibility import (
    purpose_condition,
    read_eligibility,
    read_purposes,
    typed_condition,
)
from jiuding.services.offers.rules.fees import read_fees
from jiuding.services.offers.rules.reading import clean, items, read_months, read_number

RATE_MAX = Decimal(1)  # 100 % a year; above it a file has written per cent, or nonsense

CATEGORIES: dict[str, Category] = {
    "RESIDENTIAL_MORTGAGES": Category.MORTGAGE,
    "PERS_LOANS": Category.PERSONAL,
    "BUSINESS_LOANS": Category.BUSINESS,
    "CRED_AND_CHRG_CARDS": Category.CARD,
    "OVERDRAFTS": Category.OVERDRAFT,
    "LEASES": Category.LEASE,
    "MARGIN_LOANS": Category.MARGIN,
    "TRADE_FINANCE": Category.TRADE,
}
_JURISDICTIONS = {"AUD": "au", "CNY": "cn", "EUR": "eu", "GBP": "uk", "USD": "us"}
_KINDS = {kind.value.upper(): kind for kind in RateKind}
_KIND_REASONS: dict[RateKind, str] = {
    RateKind.INTRODUCTORY: "introductory",
    RateKind.DISCOUNT: "discount",
    RateKind.BUNDLE_DISCOUNT_FIXED: "discount",
    RateKind.BUNDLE_DISCOUNT_VARIABLE: "discount",
    RateKind.FLOATING: "floating",
    RateKind.MARKET_LINKED: "market_linked",
    RateKind.PURCHASE: "card_rate",
    RateKind.CASH_ADVANCE: "card_rate",
    RateKind.PENALTY: "penalty",
    RateKind.OTHER: "kind_unknown",
}
_UNITS = {
    "DOLLAR": TierUnit.MONEY,
    "PERCENT": TierUnit.LOAN_TO_VALUE,
    "MONTH": TierUnit.MONTHS,
}
_P_AND_I = Repayment.PRINCIPAL_AND_INTEREST
_OCCUPANCIES = {"OWNER_OCCUPIED": "owner_occupied", "INVESTMENT": "investment"}
_BOUNDS = frozenset({"MIN_LIMIT", "MAX_LIMIT", "MIN_BALANCE", "MAX_BALANCE"})
YEAR_MAX = 2090  # files write 2099 or 9999 for "no end"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$", re.ASCII)
_DOLLARS = re.compile(r"\$\s*(\d[\d,]*(?:\.\d+)?)")


def product_from_cdr(record: Any, place: int, source: str = "") -> LoanProduct:
    """Return the product that a CDR record publishes; `place` is its place in the library.

    Refuses: BrokenLine for what is not an object, has no id, is of a category that lends nothing,
    or of a currency that no market here has.
    """
    if not isinstance(record, dict):
        raise BrokenLine("not an object")
    product_id = clean(record.get("productId"), 200)
    if not product_id:
        raise BrokenLine("no productId")
    category = CATEGORIES.get(clean(record.get("productCategory"), 60).upper())
    currency = clean(record.get("currency"), 3) or "AUD"  # CDR files are Australian; tables say
    if category is None:
        raise BrokenLine(f"category {clean(record.get('productCategory'), 60)!r} lends nothing")
    if currency not in _JURISDICTIONS:
        raise BrokenLine(f"currency {currency!r} is not served")
    notes: list[str] = []
    low, high, months_low, months_high, conditions = _limits(record, notes)
    rates = tuple(
        _rate(entry, index, category) for index, entry in enumerate(items(record, "lendingRates"))
    )
    name = clean(record.get("name"), 200) or product_id
    conditions += _stated_once(record, category, name)
    eligibility = (*read_eligibility(items(record, "eligibility")), *conditions)
    purposes = read_purposes(category, name, eligibility)
    return LoanProduct(
        product_id=product_id,
        lender=clean(record.get("brand"), 100) or clean(record.get("brandName"), 100) or "unnamed",
        name=name,
        category=category,
        currency=currency,
        jurisdiction=_JURISDICTIONS[currency],
        rates=rates,
        fees=read_fees(items(record, "fees")),
        amount_min=low,
        amount_max=high,
        term_months_min=months_low,
        term_months_max=months_high,
        purposes=purposes,
        collateral=_collateral(category, name),
        eligibility=eligibility,
        place=place,
        version=content_hash(record),
        source=source,
        lender_name=clean(record.get("brandName"), 100) or clean(record.get("brand"), 100),
        description=clean(record.get("description")),
        notes=tuple(notes),
    )


def content_hash(record: Any) -> str:
    """Return the version of a record: the SHA-256 of its canonical JSON, 16 hex digits."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def combined_hash(versions: Iterable[str]) -> str:
    """Return the version of a library: the hash of its products' versions in order."""
    digest = hashlib.sha256()
    for version in versions:
        digest.update(version.encode())
    return digest.hexdigest()[:16]


def _rate(entry: Any, index: int, category: Category) -> RateTerm:
    """Return one published rate; whatever hinders quoting becomes its reason."""
    if not isinstance(entry, dict):
        return RateTerm(
            index, RateKind.OTHER, None, _P_AND_I, unquotable="rate_unreadable", note=clean(entry)
        )
    label = clean(entry.get("lendingRateType"), 60).upper()
    kind = _KINDS.get(label, RateKind.OTHER)
    value, reason, notes = _rate_value(entry.get("rate"))
    comparison, comparison_reason, more = _rate_value(entry.get("comparisonRate"))
    if comparison_reason not in (None, "rate_missing", "rate_zero"):
        more.append(f"comparison rate set aside: {comparison_reason}")
    is_interest_only = clean(entry.get("repaymentType"), 40).upper() == "INTEREST_ONLY"
    words = clean(entry.get("additionalInfo"), 300)
    period = clean(entry.get("additionalValue"), 200)
    is_held = kind in (RateKind.FIXED, RateKind.INTRODUCTORY)
    months = _fixed_months(period, words, notes) if is_held else None
    tiers, tier_reason = _tiers(items(entry, "tiers"), notes)
    if kind is RateKind.FIXED and months is None and category is Category.MORTGAGE:
        tier_reason = tier_reason or "fixed_period_missing"
    hindrance = _KIND_REASONS.get(kind) or ("interest_only" if is_interest_only else None)
    kept = [part for part in (words, period if not read_months(period) else "") if part]
    return RateTerm(
        index=index,
        kind=kind,
        rate=value,
        repayment=Repayment.INTEREST_ONLY if is_interest_only else _P_AND_I,
        fixed_months=months,
        occupancy=_OCCUPANCIES.get(clean(entry.get("loanPurpose"), 40).upper()),
        tiers=tiers,
        published_comparison=comparison,
        unquotable=hindrance or reason or tier_reason,
        note="; ".join([*notes, *more, *kept]),
        is_in_advance=clean(entry.get("interestPaymentDue"), 40).upper() == "IN_ADVANCE",
    )


def _rate_value(published: Any) -> tuple[Decimal | None, str | None, list[str]]:
    """Return a rate as a fraction per year, the reason it cannot be quoted, and notes.

    A rate above 100 % is kept as published and never divided: 6.19 may mean 6.19 %, and a wrong
    price costs more than a missing one. Only a written % sign is converted.
    """
    if published is None or published == "":
        return None, "rate_missing", []
    text = str(published).strip()
    if text.endswith("%") and read_number(text[:-1]) is not None:
        value = Decimal(read_number(text[:-1]) or 0) / 100
        notes = [f"rate written as {text[:20]}"]
    else:
        number = read_number(published)
        if number is None:
            return None, "rate_not_a_number", [f"rate written as {text[:40]!r}"]
        value, notes = number, []
    if value < 0:
        return value, "rate_negative", notes
    if value == 0:
        return value, "rate_zero", notes
    if value > RATE_MAX:
        return value, "rate_out_of_range", [*notes, f"rate {text[:20]} is above 100 % a year"]
    return value, None, notes


def _fixed_months(period: str, words: str, notes: list[str]) -> int | None:
    """Return how long a fixed rate is stated to hold; None where the file states no period."""
    months = read_months(period)
    if months is None and "fixed" in words.lower():
        months = read_months(words)
        if months is not None:
            notes.append(f"fixed for {months} months by its words")
    return months


def _tiers(entries: list[Any], notes: list[str]) -> tuple[tuple[Tier, ...], str | None]:
    """Return the bounds of a rate, and the reason why they cannot be applied."""
    tiers: list[Tier] = []
    reason = None
    for entry in entries:
        unit = (
            _UNITS.get(clean(entry.get("unitOfMeasure"), 20)) if isinstance(entry, dict) else None
        )
        if unit is None:
            reason = "tier_unreadable"
            continue
        if clean(entry.get("rateApplicationMethod"), 20) == "PER_TIER":
            reason = reason or "per_tier"
        low, high = read_number(entry.get("minimumValue")), read_number(entry.get("maximumValue"))
        if unit is TierUnit.LOAN_TO_VALUE and high is not None and 0 < high <= Decimal("1.5"):
            low, high = (None if low is None else low * 100), high * 100
            notes.append("loan-to-value bounds written as fractions")
        if high is not None and high <= (low or 0):
            notes.append(f"tier maximum {high} is not above its minimum: read as open")
            high = None
        tiers.append(Tier(unit, low, high))
    return tuple(tiers), reason


def _limits(record: Mapping[str, Any], notes: list[str]):
    """Return least and most amount, least and most months, and the conditions in words.

    Several limits of one kind hold together, on the loan and on its balance, so that a plan is
    right under each reading; where they contradict one another the loosest are taken and noted.
    """
    bounds: dict[str, list[Decimal]] = {}
    conditions: list[Eligibility] = []
    for entry in items(record, "constraints"):
        if not isinstance(entry, dict):
            notes.append("a constraint could not be read")
            continue
        kind = clean(entry.get("constraintType"), 40).upper()
        words = clean(entry.get("additionalInfo"), 300)
        text = clean(entry.get("additionalValue"), 200)
        key, value = _limit(kind, text, words)
        if key and value is not None:
            bounds.setdefault(key, []).append(value)
        condition = " ".join(part for part in (text if value is None else "", words) if part)
        if condition and condition == text:
            condition = f"{kind.replace('_', ' ').lower()}: {text}"
        if condition:
            conditions.append(typed_condition(condition, kind))
    low = [*bounds.get("MIN_LIMIT", ()), *bounds.get("MIN_BALANCE", ())]
    high = [*bounds.get("MAX_LIMIT", ()), *bounds.get("MAX_BALANCE", ())]
    least, most = max(low, default=None), min(high, default=None)
    if least is not None and most is not None and least > most:
        notes.append(f"limits contradict one another: {least} to {most}")
        least, most = min(low), max(high)
    months_low = max((int(v) for v in bounds.get("MIN_TERM", [])), default=None)
    months_high = min((int(v) for v in bounds.get("MAX_TERM", [])), default=None)
    return least, most, months_low, months_high, conditions


def _limit(kind: str, text: str, words: str) -> tuple[str | None, Decimal | None]:
    """Return which bound a constraint states, and its value; None where only words say it."""
    both = f"{text} {words}".lower()
    value = read_number(text)
    if kind[:4] in ("MIN_", "MAX_") and ("year" in both or "month" in both):
        if value is None:
            months = read_months(text)
        elif value <= 40 and "year" in both:
            months = int(value * 12)
        else:
            months = None
        if months is not None:
            return f"{kind[:4]}TERM", Decimal(months)
    if value is None:
        found = _DOLLARS.findall(text) or _DOLLARS.findall(words)
        value = read_number(found[0]) if len(found) == 1 else None
    if value is None or value < 0 or kind not in _BOUNDS:
        return None, None
    if value == 0 and kind.startswith("MAX_"):
        return None, None  # a maximum of nothing is how files say that there is none
    return kind, value


def _stated_once(record: Mapping[str, Any], category: Category, name: str) -> list[Eligibility]:
    """Return conditions that a product states outside its lists: an end date, a thing bought."""
    found = []
    until = clean(record.get("effectiveTo"), 10)
    if _DAY.match(until) and int(until[:4]) <= YEAR_MAX:
        found.append(Eligibility("words", "effective_until", f"published as offered until {until}"))
    bought = purpose_condition(name) if category is Category.PERSONAL else None
    return [*found, bought] if bought else found


def _collateral(category: Category, name: str) -> tuple[str, ...]:
    """Return what secures the loan, as far as its category and name tell."""
    lowered = name.lower()
    if category is Category.MORTGAGE:
        return ("house",)
    if category is not Category.PERSONAL or "unsecured" in lowered:
        return ()
    if "secured" in lowered or "car loan" in lowered or "vehicle" in lowered:
        return ("car",)
    return ()
