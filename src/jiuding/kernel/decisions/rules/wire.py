"""Policies, steps, findings and back-tests as programs read them: plain values only."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import Any

from jiuding.kernel.decisions.errors import StaffRequired
from jiuding.kernel.decisions.types.lives import BackTest, Comparison, Life, PolicyStep, Tally
from jiuding.kernel.decisions.types.policies import Finding, Words

_PERSON = re.compile(r"[A-Za-z0-9_-]{1,64}")


def staff_token(key: bytes, person: str) -> str:
    """Return the token with which one member of staff acts: it proves that person and no other.

    Refuses: StaffRequired for a name that is not 1 to 64 letters, digits, _ and -.
    """
    if not _PERSON.fullmatch(person):
        raise StaffRequired("a person is named by 1 to 64 letters, digits, _ and -")
    return f"{person}.{hmac.new(key, person.encode(), hashlib.sha256).hexdigest()}"


def person_of(key: bytes, token: str) -> str:
    """Return whose token this is. Refuses: StaffRequired."""
    person, _, _ = token.strip().rpartition(".")
    if _PERSON.fullmatch(person) and hmac.compare_digest(
        staff_token(key, person).encode(), token.strip().encode()
    ):
        return person
    raise StaffRequired("this is nobody's token")


def plain_words(words: Words) -> dict[str, str]:
    """Return both languages of a sentence."""
    return {"zh": words.zh, "en": words.en}


def plain_step(step: PolicyStep) -> dict[str, Any]:
    """Return one step of a policy's life."""
    return {
        "number": step.number,
        "step": step.step.value,
        "version": step.version,
        "by": step.by,
        "share": step.share,
        "at": step.at.isoformat(),
    }


def plain_life(life: Life) -> dict[str, Any]:
    """Return where a policy stands, with every step."""
    return {
        "policy": life.policy_name,
        "live": [{"version": arm.version, "share": arm.share} for arm in life.live],
        "shadows": list(life.shadows),
        "checked": sorted(life.checked),
        "approved": sorted(life.approved),
        "steps": [plain_step(step) for step in life.steps],
    }


def plain_findings(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return findings, each with the values that show it."""
    return [
        {
            "kind": each.kind.value,
            "part": each.part,
            "is_blocking": each.is_blocking,
            "words": plain_words(each.words),
            "example": dict(each.example),
        }
        for each in findings
    ]


def plain_comparison(found: Comparison) -> dict[str, Any]:
    """Return what two versions decide differently."""
    return {
        "compared_count": found.compared_count,
        "unreadable_count": found.unreadable_count,
        "changes": [
            {
                "was": each.was.value,
                "would_be": each.would_be.value,
                "count": each.count,
                "examples": list(each.examples),
            }
            for each in found.changes
        ],
    }


def plain_back_test(found: BackTest) -> dict[str, Any]:
    """Return a back-test: the sentence, the counts behind it, and the engine that judged."""
    compared = plain_comparison(found.comparison)
    for change, tally in zip(compared["changes"], found.tallies, strict=True):
        change |= _tally(tally)
    answer = {
        "policy": found.policy_name,
        "version": found.version,
        "words": plain_words(found.words),
        "refused_more": _tally(found.refused_more),
        "refused_fewer": _tally(found.refused_fewer),
        **compared,
        "engine": found.engine,
    }
    return answer | ({"why_python": found.why_python} if found.why_python else {})


def _tally(tally: Tally) -> dict[str, int]:
    return {
        "count": tally.count,
        "good": tally.good,
        "bad": tally.bad,
        "unlabelled": tally.unlabelled,
    }
