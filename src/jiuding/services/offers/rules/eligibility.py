"""Who may have a product, and what for: typed rules, and conditions in words that are shown.

A rule is typed only where its words are clear. What stays in words is a condition that every plan
with this product shows; nothing is ignored. Kinds that `eligibility_breach` decides: `age_min`,
`age_max`, `income_min` (a year), `residency` ("citizen" | "permanent"), `staff`, `student`,
`pension`, `existing_customer`. Kinds that are conditions to show or to check elsewhere:
`natural_person`, `business`, `employment`, `turnover_min` (a year), `first_home`, `member`,
`loan_to_value_max` (per cent), `purpose`, `words`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from jiuding.kernel.products import Category, Eligibility, LoanProduct
from jiuding.services.offers.rules.reading import clean, read_number
from jiuding.services.offers.types import Profile

PERSONAL_PURPOSES = (
    *("car", "renovation", "education", "wedding", "travel", "medical"),
    *("consumption", "furniture", "rent", "insurance", "refinance"),
)
FIRM_PURPOSES = ("inventory", "working_capital", "equipment", "agri")
CATEGORY_PURPOSES: dict[Category, tuple[str, ...]] = {
    Category.MORTGAGE: ("home",),
    Category.PERSONAL: PERSONAL_PURPOSES,
    Category.BUSINESS: FIRM_PURPOSES,
    Category.OVERDRAFT: FIRM_PURPOSES,
    Category.LEASE: FIRM_PURPOSES,
    Category.CARD: (),
    Category.MARGIN: (),
    Category.TRADE: (),
}
# Words of a personal loan's name that restrict what it pays for; the first that match decide.
_NAMED_PURPOSES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), purposes)
    for pattern, purposes in (
        (r"\bcars?\b|\bvehicles?\b|\bauto loans?\b|\bmotor\b|\bwheels\b|road\b", ("car",)),
        (r"\bconsolidat\w*|\brefinanc\w*|credit card crusher", ("refinance",)),
        (r"\breno\w*|home improvement|powerwall|\bsolar\b", ("renovation",)),
        (r"\btravel\b|\bholidays?\b", ("travel",)),
        (r"\bweddings?\b", ("wedding",)),
        (r"\bmedical loan|\bdental loan", ("medical",)),
        # Panels, batteries, insulation: what is green and not a car is done to a home.
        (r"\beco\b|\b(?:be)?green\b", ("renovation",)),
        # Lent in a strike or after a disaster, to live on.
        (r"\bcommunity support\b|\bdisaster\b", ("consumption",)),
        (r"\bboats?\b|\bcaravans?\b", ("consumption",)),
    )
)
_SHARED_NAME = re.compile(r"(?:and|&|/)\s*personal|personal loans?\s*(?:and|&|/)", re.IGNORECASE)
_ELECTRIC = re.compile(r"\bgreen car|electric (?:vehicle|car)|\bEV\b|hybrid", re.IGNORECASE)

_TYPES = {
    "MIN_AGE": "age_min",
    "MAX_AGE": "age_max",
    "MIN_INCOME": "income_min",
    "MIN_TURNOVER": "turnover_min",
    "RESIDENCY_STATUS": "residency",
    "NATURAL_PERSON": "natural_person",
    "BUSINESS": "business",
    "EMPLOYMENT_STATUS": "employment",
    "STUDENT": "student",
    "PENSION_RECIPIENT": "pension",
    "STAFF": "staff",
}
_NUMBERED = frozenset({"age_min", "age_max", "income_min", "turnover_min"})
_GROUPS = frozenset({"student", "pension", "staff"})
_ANY_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_INCLUSIVE = re.compile(r"\bare eligible\b|\balso\b|\bmay apply\b|\bor\b", re.IGNORECASE)
_LOAN_TO_VALUE = re.compile(
    r"(?:\bmax\w*\.?|\bup to|\blvr)\D{0,40}?(?:(\d{2})(?:\.\d+)?\s*%?\s*(?:-|to)\s*)?"
    r"(\d{2,3}(?:\.\d+)?)\s*%",
    re.IGNORECASE,
)
_PROPERTY_SHARE = re.compile(r"(\d{2,3})\s*% of (?:the )?prop", re.IGNORECASE)
_FIRST_HOME = re.compile(r"first home buyer|first home owner", re.IGNORECASE)
_EXISTING = re.compile(
    r"(?:only|must be|for|are)\s+(?:an?\s+)?existing\b.{0,40}?(?:customer|member|borrower)",
    re.IGNORECASE,
)
_MEMBER = re.compile(r"\bmembers?\b|\bmembership\b|\bshareholders?\b", re.IGNORECASE)
_STAFF = re.compile(
    r"\bstaff only\b|\bonly (?:available )?(?:to|for) (?:\w+ )?(?:staff|employees)\b"
)
_OPEN_RESIDENCY = re.compile(
    r"non[- ]resident|\bvisa\b|\bmigrant|temporary|otherwise approved|as trustee", re.IGNORECASE
)


def read_eligibility(entries: Iterable[Any]) -> tuple[Eligibility, ...]:
    """Return the rules of a product's `eligibility` list, each typed or in words."""
    return tuple(_rule(entry) for entry in entries)


def _rule(entry: Any) -> Eligibility:
    """Return one rule; what is not an object becomes words."""
    if not isinstance(entry, dict):
        return Eligibility("words", "", clean(str(entry), 300))
    value = clean(entry.get("additionalValue"), 300)
    words = clean(entry.get("additionalInfo"), 300)
    value = "" if value.upper() == "NULL" else value
    both = " ".join(part for part in (value, words) if part)
    kind = _TYPES.get(clean(entry.get("eligibilityType"), 40).upper())
    if kind is None:
        return typed_condition(both, clean(entry.get("eligibilityType"), 40))
    if kind in _NUMBERED:
        return _numbered(kind, value, words, both)
    if kind == "residency":
        return Eligibility(kind, _residency(both), both)
    if kind in _GROUPS and (_INCLUSIVE.search(both)):
        return Eligibility("words", kind, both)
    return Eligibility(kind, value, both)


def _numbered(kind: str, value: str, words: str, both: str) -> Eligibility:
    """Return a rule with a number, from its value or else the only number in its words."""
    number = read_number(value)
    if number is None:
        found = _ANY_NUMBER.findall(value) or _ANY_NUMBER.findall(words)
        number = read_number(found[0]) if len(found) == 1 else None
    if number is None or (kind == "age_max" and number <= 18):
        return Eligibility("words", kind, both)  # "MAX_AGE 18" states a minimum; no rule is clear
    return Eligibility(kind, f"{number.normalize():f}", both)


def _residency(words: str) -> str:
    """Return the least that a residency rule asks for; "" where its words leave it open."""
    lowered = words.lower()
    if _OPEN_RESIDENCY.search(lowered):
        return ""
    if "citizen" in lowered and "permanent" not in lowered and "resident" not in lowered:
        return "citizen"
    return "permanent"


def typed_condition(words: str, label: str = "") -> Eligibility:
    """Return the rule that free words state where they are clear, else the words themselves."""
    share = _loan_to_value(words)
    if share is not None:
        return Eligibility("loan_to_value_max", f"{share:f}", words)
    if _FIRST_HOME.search(words) and len(words) < 80:
        return Eligibility("first_home", "", words)
    if _STAFF.search(words.lower()):
        return Eligibility("staff", "", words)
    if _EXISTING.search(words):
        return Eligibility("existing_customer", "", words)
    if _MEMBER.search(words):
        return Eligibility("member", "", words)
    return Eligibility("words", label, words or label)


def _loan_to_value(words: str) -> Decimal | None:
    """Return the greatest loan-to-value per cent that words state once, or None."""
    if len(words) > 90 or "without" in words.lower():
        return None
    found = _LOAN_TO_VALUE.findall(words) or [("", n) for n in _PROPERTY_SHARE.findall(words)]
    if len(found) != 1 or "%" not in words:
        return None
    share = Decimal(found[0][1])
    return share if 20 <= share <= 110 else None


def read_purposes(
    category: Category, name: str, eligibility: tuple[Eligibility, ...] = ()
) -> tuple[str, ...]:
    """Return what a product may pay for: by its category, narrowed where its name is clear."""
    purposes = CATEGORY_PURPOSES[category]
    if category is not Category.PERSONAL or _SHARED_NAME.search(name):
        return purposes
    for pattern, named in _NAMED_PURPOSES:
        if pattern.search(name):
            return named
    return purposes


def purpose_condition(name: str) -> Eligibility | None:
    """Return the condition that a name states on the thing bought, such as an electric car."""
    if _ELECTRIC.search(name):
        return Eligibility("purpose", "electric_car", "for an electric, hybrid or low-emission car")
    return None


def loan_to_value_max(product: LoanProduct) -> Decimal | None:
    """Return the greatest loan-to-value per cent of a product's own rules, or None.

    Where several are stated (with and without mortgage insurance) the greatest is the limit.
    """
    shares = [Decimal(rule.value) for rule in product.eligibility if rule.kind == _LTV]
    return max(shares, default=None)


_LTV = "loan_to_value_max"


def eligibility_breach(product: LoanProduct, profile: Profile) -> tuple[str, str] | None:
    """Return the first rule that the profile fails, and its detail; None where none fails.

    Only typed rules that the profile can answer decide; the others are conditions to be shown.
    """
    for rule in product.eligibility:
        detail = _breach(rule, product, profile)
        if detail is not None:
            return f"eligibility.{rule.kind}", detail
    return None


def _breach(rule: Eligibility, product: LoanProduct, profile: Profile) -> str | None:
    """Return how the profile fails this rule, or None."""
    match rule.kind:
        case "age_min" if profile.age < Decimal(rule.value):
            return f"from age {rule.value}; stated age {profile.age}"
        case "age_max" if profile.age > Decimal(rule.value):
            return f"up to age {rule.value}; stated age {profile.age}"
        case "income_min" if profile.income_monthly * 12 < Decimal(rule.value):
            return f"needs {rule.value} a year; has {profile.income_monthly * 12}"
        case "residency" if not _resides(rule.value, profile.residency):
            return f"for {rule.value or 'any'} residents; is {profile.residency}"
        case "employment" if profile.income_monthly <= 0:
            return "needs an income"
        case "staff" | "student" | "pension":
            return f"only for {rule.kind}: {rule.words[:80]}".rstrip(": ")
        case "existing_customer" if product.lender not in profile.existing_banks:
            return f"only for customers of {product.lender}"
    return None


def _resides(asked: str, residency: str) -> bool:
    """Tell whether a stated residency satisfies "citizen", "permanent" or "" (any)."""
    stated = residency.lower()
    if not asked:
        return True
    if any(word in stated for word in ("non", "temporary", "visa", "foreign", "tourist")):
        return False
    if asked == "citizen":
        return "permanent" not in stated
    return True


def conditions(product: LoanProduct) -> tuple[str, ...]:
    """Return the conditions in words that a plan with this product shows, each once."""
    shown = [
        rule.words
        for rule in product.eligibility
        if rule.words and rule.kind not in ("age_min", "age_max", "income_min")
    ]
    return tuple(dict.fromkeys(shown))
