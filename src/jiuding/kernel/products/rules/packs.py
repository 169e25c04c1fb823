"""Jurisdiction packs: rules as data, asked by name when a quote is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from jiuding.kernel.products.errors import BadPack
from jiuding.kernel.products.rules.versions import version_of
from jiuding.kernel.products.types import Breach, Confidence, Pack, QuoteFacts, Rule

RULES_MAX = 500
_ID = re.compile(r"[a-z]{2}\.[a-z][a-z0-9_]*")
_KEYS = {
    "id", "title", "from", "until", "at", "scope", "fact", "test",
    "number", "values", "unit", "source", "confidence",
}  # fmt: skip
_SCOPES = {
    "categories", "purposes", "borrower_kinds", "lender_kinds", "repayments", "currencies",
    "online", "secured", "joint", "term_months_at_most", "rate_at_least",
}  # fmt: skip
_TESTS = ("at_most", "at_least", "none_of", "is_true", "same_as")


def pack_from(document: Mapping[str, Any]) -> Pack:
    """Return the pack that a TOML document states; everything is checked or nothing is loaded.

    Refuses: BadPack, with the rule's id, for a key, test, fact or scope that is not known.
    """
    jurisdiction = document.get("name")
    if not isinstance(jurisdiction, str) or not re.fullmatch("[a-z]{2}", jurisdiction):
        raise BadPack("a pack's name is its jurisdiction, two letters")
    entries = document.get("rules")
    if not isinstance(entries, list) or not 1 <= len(entries) <= RULES_MAX:
        raise BadPack(f"pack {jurisdiction} has 1 to {RULES_MAX} rules")
    rules = tuple(_rule(jurisdiction, entry) for entry in entries)
    if len({rule.rule_id for rule in rules}) != len(rules):
        raise BadPack(f"pack {jurisdiction} states a rule id twice")
    return Pack(
        jurisdiction=jurisdiction,
        titles=_titles(jurisdiction, document),
        currency=str(document.get("currency", "")),
        version=version_of(document),
        rules=rules,
    )


def _rule(jurisdiction: str, entry: Mapping[str, Any]) -> Rule:
    rule_id = entry.get("id") if isinstance(entry, dict) else None
    if not isinstance(rule_id, str) or not _ID.fullmatch(rule_id):
        raise BadPack(f"a rule id of {jurisdiction} is like {jurisdiction}.snake_words")
    if not rule_id.startswith(jurisdiction + "."):
        raise BadPack(f"{rule_id} is not a rule of {jurisdiction}")
    strange = sorted(set(entry) - _KEYS)
    if strange:
        raise BadPack(f"{rule_id} states unknown keys: {', '.join(strange)}")
    missing = [key for key in ("source", "confidence", "unit") if not entry.get(key)]
    if missing or entry["confidence"] not in set(Confidence):
        raise BadPack(f"{rule_id} must state source, unit, and confidence source or unverified")
    rule = Rule(
        rule_id=rule_id,
        titles=_titles(rule_id, entry),
        valid_from=_day(rule_id, entry.get("from")),
        valid_until=_day(rule_id, entry.get("until")),
        at=str(entry.get("at", "quote")),
        scope=_scope(rule_id, entry.get("scope", {})),
        fact=entry.get("fact"),
        test=entry.get("test"),
        number=_number(rule_id, entry.get("number")),
        values=tuple(str(value) for value in entry.get("values", ())),
        unit=str(entry["unit"]),
        source=str(entry["source"]),
        confidence=Confidence(entry["confidence"]),
    )
    _check_test(rule)
    return rule


def _check_test(rule: Rule) -> None:
    """Refuse a test that could never be asked: an unknown fact, or nothing to compare with."""
    if rule.test is None:
        return
    facts = {*QuoteFacts.__dataclass_fields__, "owed_after"}
    others = [] if rule.test != "same_as" else list(rule.values)
    if rule.test not in _TESTS or rule.fact not in facts or not facts.issuperset(others):
        raise BadPack(f"{rule.rule_id} states a test or a fact that is not known")
    if rule.test in ("at_most", "at_least") and rule.number is None:
        raise BadPack(f"{rule.rule_id} compares with a number and states none")
    if rule.test in ("none_of", "same_as") and not rule.values:
        raise BadPack(f"{rule.rule_id} compares with values and states none")


def _titles(name: str, entry: Mapping[str, Any]) -> dict[str, str]:
    titles = entry.get("title")
    if not isinstance(titles, dict) or not {"zh", "en"} <= set(titles):
        raise BadPack(f"{name} needs a title in zh and en")
    return {language: str(text) for language, text in titles.items()}


def _day(rule_id: str, value: Any) -> date | None:
    if value is None or type(value) is date:
        return value
    raise BadPack(f"{rule_id} states a day that is not a TOML date")


def _number(rule_id: str, value: Any) -> Decimal | None:
    if value is None or isinstance(value, Decimal):
        return value
    if type(value) is int:
        return Decimal(value)
    raise BadPack(f"{rule_id} states a number that is not exact")


def _scope(rule_id: str, value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict) or not set(value) <= _SCOPES:
        raise BadPack(f"{rule_id} states a scope that is not known")
    return {
        key: tuple(str(item) for item in (items if isinstance(items, list) else [items]))
        for key, items in value.items()
    }


def breaches(pack: Pack, facts: QuoteFacts, *, on: date) -> tuple[Breach, ...]:
    """Return every rule of the pack, in its order, that a quote made on this day does not meet.

    A rule whose number is not verified never refuses: where it would, a person signs. A rule about
    a fact that is not known says nothing.
    """
    found = []
    for rule in pack.rules:
        if rule.at != "quote" or rule.test is None or not rule.is_in_force(on):
            continue
        if not _is_in_scope(rule, facts):
            continue
        detail = _failure(rule, facts)
        if detail is not None:
            found.append(Breach(rule.rule_id, detail, rule.confidence is Confidence.UNVERIFIED))
    return tuple(found)


def forbidden_purposes(pack: Pack, facts: QuoteFacts, *, on: date) -> tuple[str, ...]:
    """Return the purposes that the money of such a loan, made on this day, may not be used for.

    As in `breaches`, a rule that was not verified forbids nothing.
    """
    found = {
        purpose
        for rule in pack.rules
        if (rule.fact, rule.test, rule.confidence) == ("purpose", "none_of", Confidence.SOURCE)
        and rule.is_in_force(on)
        and _is_in_scope(rule, facts)
        for purpose in rule.values
    }
    return tuple(sorted(found))


def _is_in_scope(rule: Rule, facts: QuoteFacts) -> bool:
    truth = {True: "True", False: "False"}
    known = {
        "categories": facts.category.value,
        "purposes": facts.purpose,
        "borrower_kinds": facts.borrower_kind,
        "lender_kinds": facts.lender_kind,
        "repayments": facts.repayment.value,
        "currencies": facts.currency,
        "online": truth[facts.is_online],
        "secured": truth[facts.is_secured],
        "joint": truth[facts.is_joint],
    }
    for key, allowed in rule.scope.items():
        if key == "term_months_at_most":
            if facts.term_months > int(allowed[0]):
                return False
        elif key == "rate_at_least":
            if facts.all_in_rate is None or facts.all_in_rate < Decimal(allowed[0]):
                return False
        elif known[key] not in allowed:
            return False
    return True


def _failure(rule: Rule, facts: QuoteFacts) -> str | None:
    """Return how the quote fails the rule, in words, or None where it does not."""
    fact = str(rule.fact)
    value = facts.amount + facts.owed_already if fact == "owed_after" else getattr(facts, fact)
    if value is None or value == "":
        return None
    title = rule.titles["en"]
    if rule.test == "at_most" and value > rule.number:
        return f"{title}: {_plain(value)} is more than {_plain(rule.number)} ({rule.unit})"
    if rule.test == "at_least" and value < rule.number:
        return f"{title}: {_plain(value)} is less than {_plain(rule.number)} ({rule.unit})"
    if rule.test == "none_of" and str(value) in rule.values:
        return f"{title}: {value}"
    if rule.test == "is_true" and value is not True:
        return title
    if rule.test == "same_as":
        other = getattr(facts, rule.values[0])
        if other and other != value:
            return f"{title}: {value} is not {other}"
    return None


def _plain(value: Decimal | int | None) -> str:
    number = Decimal(str(value)).normalize()
    return f"{number:f}"
