"""One spelling for one content, so that hashes and replays can be compared byte for byte."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from jiuding.base.problems import BrokenInvariant
from jiuding.kernel.decisions.types.decisions import (
    Decision,
    Inputs,
    NotEvaluated,
    Outcome,
    Reason,
    Verdict,
)


def canonical(value: Any) -> str:
    """Return JSON with sorted keys and no spaces; decimals become `{"$decimal": text}`."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_decimal
    )


def _decimal(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    raise BrokenInvariant(f"{type(value).__name__} has no canonical form")


def read_canonical(text: str) -> Any:
    """Return the value that `canonical` wrote."""

    def decimals(found: dict[str, Any]) -> Any:
        return Decimal(found["$decimal"]) if found.keys() == {"$decimal"} else found

    return json.loads(text, object_hook=decimals)


def hash_of(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def plain_value(value: Any) -> Any:
    """Return an input as JSON that loses nothing: a decimal is its text (the field has a type)."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, tuple):
        return [plain_value(item) for item in value]
    return value


def plain_inputs(inputs: Inputs) -> dict[str, Any]:
    """Return the inputs as they are stored; a list stands by its hash."""
    return {
        "event": {name: plain_value(value) for name, value in inputs.event.items()},
        "features": {name: plain_value(value) for name, value in inputs.features.items()},
        "lists": {name: found.version for name, found in inputs.lists.items()},
        "model_version": inputs.model_version,
    }


def plain_reason(reason: Reason) -> dict[str, Any]:
    """Return a reason as a JSON object."""
    return {
        "code": reason.code,
        "rule": reason.rule,
        "outcome": reason.outcome.value,
        "weight": reason.weight,
        "values": dict(reason.values),
        "text": {"zh": reason.text_zh, "en": reason.text_en},
        "remedy": {"zh": reason.remedy_zh, "en": reason.remedy_en},
    }


def read_reason(found: Mapping[str, Any]) -> Reason:
    """Return the reason that `plain_reason` wrote."""
    return Reason(
        code=found["code"],
        rule=found["rule"],
        outcome=Outcome(found["outcome"]),
        weight=found["weight"],
        values=found["values"],
        text_zh=found["text"]["zh"],
        text_en=found["text"]["en"],
        remedy_zh=found["remedy"]["zh"],
        remedy_en=found["remedy"]["en"],
    )


def plain_verdict(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as a JSON object without any number that is not whole."""
    return {
        "outcome": verdict.outcome.value,
        "reasons": [plain_reason(reason) for reason in verdict.reasons],
        "score": verdict.score,
        "not_evaluated": [
            {"rule": each.rule, "why": each.why, "fields": list(each.fields)}
            for each in verdict.not_evaluated
        ],
    }


def read_verdict(found: Mapping[str, Any]) -> Verdict:
    """Return the verdict that `plain_verdict` wrote."""
    return Verdict(
        outcome=Outcome(found["outcome"]),
        reasons=tuple(read_reason(reason) for reason in found["reasons"]),
        score=found["score"],
        not_evaluated=tuple(
            NotEvaluated(each["rule"], each["why"], tuple(each["fields"]))
            for each in found["not_evaluated"]
        ),
    )


def verdict_of(decision: Decision) -> Verdict:
    """Return the verdict inside a decision."""
    return Verdict(decision.outcome, decision.reasons, decision.score, decision.not_evaluated)


def verdict_hash(verdict: Verdict) -> str:
    """Return the hash of a verdict's bytes: equal means identical."""
    return hash_of(canonical(plain_verdict(verdict)))
