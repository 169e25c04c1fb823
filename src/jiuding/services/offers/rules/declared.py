"""Read a loan product that we declare ourselves in TOML; everything is checked, or refused.

Tables: the head (`id`, `version`, `lender`, `category`, `currency`, `jurisdiction`, `purposes`,
`collateral`, `is_illustrative`), `[name]` and `[lender_name]` by language, `[amount]` and
`[term_months]` with `from` and `to`, `[[rates]]`, `[[fees]]` and `[[eligibility]]`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from jiuding.base.amounts import CURRENCIES
from jiuding.kernel.products import (
    Category,
    Eligibility,
    Fee,
    FeeTiming,
    LoanProduct,
    RateKind,
    RateTerm,
    Repayment,
    Tier,
    TierUnit,
)
from jiuding.services.offers.errors import BadDeclaration
from jiuding.services.offers.rules.cdr import content_hash
from jiuding.services.offers.rules.eligibility import FIRM_PURPOSES, PERSONAL_PURPOSES

JURISDICTIONS = frozenset({"cn", "au", "eu", "uk", "us"})
LANGUAGES = frozenset({"zh", "en"})
PURPOSES = frozenset({"home", *PERSONAL_PURPOSES, *FIRM_PURPOSES})
COLLATERALS = frozenset({"house", "car", "land", "equipment"})
AMOUNT_MAX = Decimal("1e12")
TERM_MONTHS_MAX = 480
RATE_MAX = Decimal("0.36")  # a year; nothing that we declare may come near usury
FRACTION_MAX = Decimal("0.05")  # of the loan, for one fee
_ILLUSTRATIVE = {"zh": "示例", "en": "illustrative"}
_ID = re.compile(r"[a-z][a-z0-9_]{2,60}$")
_ELIGIBILITY = frozenset(
    {"age_min", "age_max", "income_min", "residency", "natural_person", "business", "employment"}
    | {
        "turnover_min",
        "staff",
        "existing_customer",
        "first_home",
        "member",
        "loan_to_value_max",
        "purpose",
        "words",
    }
)
_HEAD = frozenset(
    {"id", "version", "lender", "category", "currency", "jurisdiction", "purposes", "collateral"}
    | {"is_illustrative", "name", "lender_name", "amount", "term_months", "rates", "fees"}
    | {"eligibility", "description"}
)
Choice = TypeVar("Choice", bound=StrEnum)


def product_from_declaration(
    document: Mapping[str, Any], file_id: str, place: int, source: str = ""
) -> LoanProduct:
    """Return the product that a TOML document declares; its id is the name of its file.

    Refuses: BadDeclaration, naming the file, the field and what is wrong with it.
    """
    _only(document, _HEAD, file_id)
    product_id = _text(document, "id", file_id)
    if product_id != file_id or not _ID.match(product_id):
        _refuse(file_id, "id", f"{product_id!r} is not the name of its file")
    if not isinstance(document.get("version"), int) or document["version"] < 1:
        _refuse(file_id, "version", "must be a whole number from 1")
    currency = _text(document, "currency", file_id)
    jurisdiction = _text(document, "jurisdiction", file_id)
    if currency not in CURRENCIES or jurisdiction not in JURISDICTIONS:
        _refuse(file_id, "currency", f"{currency} in {jurisdiction} is not served")
    names = _names(document, "name", file_id)
    is_illustrative = document.get("is_illustrative")
    if not isinstance(is_illustrative, bool):
        _refuse(file_id, "is_illustrative", "must be true or false")
    if is_illustrative and any(_ILLUSTRATIVE[key] not in names[key].lower() for key in names):
        _refuse(file_id, "name", "an illustrative product says so in each language")
    amounts = _range(document, "amount", file_id, AMOUNT_MAX)
    terms = _range(document, "term_months", file_id, Decimal(TERM_MONTHS_MAX))
    lender_names = _names(document, "lender_name", file_id)
    return LoanProduct(
        product_id=product_id,
        lender=_text(document, "lender", file_id),
        name=names["zh"] if jurisdiction == "cn" else names["en"],
        category=_choice(Category, document.get("category"), file_id, "category"),
        currency=currency,
        jurisdiction=jurisdiction,
        rates=tuple(_rate(entry, i, file_id) for i, entry in _tables(document, "rates", file_id)),
        fees=tuple(_fee(entry, i, file_id) for i, entry in _tables(document, "fees", file_id)),
        amount_min=amounts[0],
        amount_max=amounts[1],
        term_months_min=int(terms[0]),
        term_months_max=int(terms[1]),
        purposes=_members(document, "purposes", PURPOSES, file_id, least=1),
        collateral=_members(document, "collateral", COLLATERALS, file_id, least=0),
        eligibility=tuple(
            _eligibility(entry, i, file_id)
            for i, entry in _tables(document, "eligibility", file_id)
        ),
        place=place,
        version=content_hash(document),
        is_illustrative=is_illustrative,
        names=names,
        source=source,
        lender_name=lender_names["zh"] if jurisdiction == "cn" else lender_names["en"],
        description=str(document.get("description", ""))[:600],
    )


def _rate(entry: Mapping[str, Any], index: int, file_id: str) -> RateTerm:
    """Return one declared rate."""
    field = f"rates[{index}]"
    allowed = {"kind", "rate", "repayment", "fixed_months", "occupancy", "tiers", "note"}
    _only(entry, frozenset(allowed), file_id, field)
    kind = _choice(RateKind, entry.get("kind"), file_id, f"{field}.kind")
    if kind not in (RateKind.FIXED, RateKind.VARIABLE):
        _refuse(file_id, f"{field}.kind", "a declared rate is fixed or variable")
    months = entry.get("fixed_months")
    if (kind is RateKind.FIXED) != (isinstance(months, int) and 1 <= months <= TERM_MONTHS_MAX):
        _refuse(file_id, f"{field}.fixed_months", "a fixed rate states its months, others do not")
    repayment = _choice(
        Repayment, entry.get("repayment", "principal_and_interest"), file_id, f"{field}.repayment"
    )
    occupancy = entry.get("occupancy")
    if occupancy not in (None, "owner_occupied", "investment"):
        _refuse(file_id, f"{field}.occupancy", "owner_occupied or investment")
    is_quoted = repayment is Repayment.PRINCIPAL_AND_INTEREST
    return RateTerm(
        index=index,
        kind=kind,
        rate=_number(entry.get("rate"), Decimal(0), RATE_MAX, file_id, f"{field}.rate"),
        repayment=repayment,
        fixed_months=months,
        occupancy=occupancy,
        tiers=tuple(
            _tier(tier, file_id, f"{field}.tiers") for tier in _list(entry, "tiers", file_id)
        ),
        unquotable=None if is_quoted else repayment.value,
        note=str(entry.get("note", "")),
    )


def _tier(entry: Any, file_id: str, field: str) -> Tier:
    """Return one bound of a declared rate."""
    if not isinstance(entry, Mapping):
        _refuse(file_id, field, "a tier is a table")
    _only(entry, frozenset({"unit", "from", "to"}), file_id, field)
    low = _number(entry.get("from", 0), Decimal(0), AMOUNT_MAX, file_id, field)
    high = _number(entry.get("to", AMOUNT_MAX), low, AMOUNT_MAX, file_id, field)
    return Tier(_choice(TierUnit, entry.get("unit"), file_id, field), low, high)


def _fee(entry: Mapping[str, Any], index: int, file_id: str) -> Fee:
    """Return one declared fee: an amount, or a fraction of the loan."""
    field = f"fees[{index}]"
    allowed = {"name", "kind", "timing", "amount", "fraction", "condition", "is_certain"}
    _only(entry, frozenset(allowed), file_id, field)
    if ("amount" in entry) == ("fraction" in entry):
        _refuse(file_id, field, "a fee is an amount or a fraction of the loan, and not both")
    timing = _choice(FeeTiming, entry.get("timing"), file_id, f"{field}.timing")
    if "fraction" in entry and timing is not FeeTiming.UPFRONT:
        _refuse(file_id, field, "a fraction of the loan is charged up front only")
    is_certain = entry.get("is_certain", timing is not FeeTiming.EVENT)
    if not isinstance(is_certain, bool) or (not is_certain and not entry.get("condition")):
        _refuse(file_id, field, "a fee that not everyone pays states its condition")
    return Fee(
        name=_text(entry, "name", file_id, field),
        timing=timing,
        amount=_optional(entry, "amount", AMOUNT_MAX, file_id, field),
        fraction=_optional(entry, "fraction", FRACTION_MAX, file_id, field),
        every_months={FeeTiming.MONTHLY: 1, FeeTiming.YEARLY: 12}.get(timing),
        is_certain=is_certain,
        condition=str(entry.get("condition", "")),
        kind=str(entry.get("kind", "other")),
    )


def _eligibility(entry: Mapping[str, Any], index: int, file_id: str) -> Eligibility:
    """Return one declared rule on who may have the product."""
    field = f"eligibility[{index}]"
    _only(entry, frozenset({"kind", "value", "words"}), file_id, field)
    kind = _text(entry, "kind", file_id, field)
    if kind not in _ELIGIBILITY:
        _refuse(
            file_id, f"{field}.kind", f"{kind!r} is not one of {', '.join(sorted(_ELIGIBILITY))}"
        )
    value = entry.get("value", "")
    if kind.endswith(("_min", "_max")):
        value = _number(value, Decimal(0), AMOUNT_MAX, file_id, f"{field}.value")
    return Eligibility(kind, str(value), str(entry.get("words", "")))


def _names(document: Mapping[str, Any], field: str, file_id: str) -> dict[str, str]:
    """Return a name in each language that we serve."""
    value = document.get(field)
    if not isinstance(value, Mapping) or set(value) != LANGUAGES:
        _refuse(file_id, field, "is needed in zh and en")
    return {key: _text(value, key, file_id, field) for key in sorted(value)}


def _range(
    document: Mapping[str, Any], field: str, file_id: str, limit: Decimal
) -> tuple[Decimal, Decimal]:
    """Return the two ends of a table with `from` and `to`."""
    value = document.get(field)
    if not isinstance(value, Mapping):
        _refuse(file_id, field, "must be a table with from and to")
    _only(value, frozenset({"from", "to"}), file_id, field)
    low = _number(value.get("from"), Decimal(1), limit, file_id, f"{field}.from")
    return low, _number(value.get("to"), low, limit, file_id, f"{field}.to")


def _number(value: Any, low: Decimal, high: Decimal, file_id: str, field: str) -> Decimal:
    """Return an exact number within bounds; TOML is read with decimals, so no float gets here."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        _refuse(file_id, field, f"must be a number, not {str(value)[:40]!r}")
    number = Decimal(value)
    if not number.is_finite() or not low <= number <= high:
        _refuse(file_id, field, f"{number} is not from {low} to {high}")
    return number


def _optional(
    entry: Mapping[str, Any], key: str, high: Decimal, file_id: str, field: str
) -> Decimal | None:
    """Return a number that may be left out."""
    if key not in entry:
        return None
    return _number(entry[key], Decimal(0), high, file_id, f"{field}.{key}")


def _text(table: Mapping[str, Any], key: str, file_id: str, field: str = "") -> str:
    """Return a text that must be there."""
    value = table.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > 200:
        _refuse(file_id, f"{field}.{key}".strip("."), "must be a text of 1 to 200 characters")
    return value


def _choice(kind: type[Choice], value: Any, file_id: str, field: str) -> Choice:
    """Return a member of an enum by its value."""
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(item.value for item in kind)
        _refuse(file_id, field, f"{str(value)[:40]!r} is not one of {known}")


def _members(
    document: Mapping[str, Any], field: str, known: frozenset[str], file_id: str, least: int
) -> tuple[str, ...]:
    """Return a list of known words without doubles."""
    value = _list(document, field, file_id)
    words = [item for item in value if isinstance(item, str) and item in known]
    if words != value or len(value) < least or len(set(words)) != len(words):
        _refuse(file_id, field, f"must be of {', '.join(sorted(known))}, each at most once")
    return tuple(value)


def _list(table: Mapping[str, Any], key: str, file_id: str) -> list[Any]:
    """Return a list that may be left out."""
    value = table.get(key, [])
    if not isinstance(value, list):
        _refuse(file_id, key, "must be a list")
    return value


def _tables(
    document: Mapping[str, Any], key: str, file_id: str
) -> list[tuple[int, Mapping[str, Any]]]:
    """Return an array of tables with their places; a product has at least one rate."""
    value = _list(document, key, file_id)
    if not all(isinstance(entry, Mapping) for entry in value) or (key == "rates" and not value):
        _refuse(file_id, key, "must be tables, and at least one rate")
    return list(enumerate(value))


def _only(
    table: Mapping[str, Any], known: frozenset[str], file_id: str, field: str = "the file"
) -> None:
    """Refuse keys that we do not know: a word misspelt would silently do nothing."""
    strange = sorted(set(table) - known)
    if strange:
        _refuse(file_id, field, f"has unknown keys {', '.join(map(str, strange))[:120]}")


def _refuse(file_id: str, field: str, why: str) -> NoReturn:
    raise BadDeclaration(f"{file_id}: {field} {why}", product=file_id, field=field)
