"""A policy's use of a model: read its declaration, and give its reasons by weight.

The model's probability and parts are declared fields like any other, so their absence is said
aloud and rules may read them too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from jiuding.kernel.decisions.rules.declarations import Section
from jiuding.kernel.decisions.rules.models import BECAUSE, PROBABILITY
from jiuding.kernel.decisions.types.decisions import Outcome
from jiuding.kernel.decisions.types.policies import ModelReason, ModelUse
from jiuding.kernel.decisions.types.tree import FieldSpec, Type

_CODE = re.compile(r"[a-z][a-z0-9_]*\.[a-z0-9_]+")
_HASH = re.compile(r"[0-9a-f]{64}")
REASONS_MAX = 100


def read_model_use(
    top: Section, known: Mapping[str, FieldSpec], if_missing: Outcome
) -> ModelUse | None:
    """Return how the policy uses a model, or None where it uses none."""
    if not top.has("model"):
        return None
    part = Section(top.take("model", dict), file=top.file, path="model")
    version = part.text("version")
    if not _HASH.fullmatch(version):
        part.refuse("is the SHA-256 of the model's file", key="version")
    if PROBABILITY not in known:
        part.refuse(f"needs the field {PROBABILITY}")
    types = {name: spec.type for name, spec in known.items()}
    found = ModelUse(
        name=part.text("name"),
        version=version,
        step_up_at=_bound(part, "step_up_at"),
        refer_at=_bound(part, "refer_at"),
        decline_at=_bound(part, "decline_at"),
        weight=part.whole("weight", 0, 1000, 0),
        reasons_max=part.whole("reasons_max", 1, 10, 3),
        if_missing=part.outcome("if_missing", if_missing),
        reasons=tuple(
            _reason(each, known, types) for each in part.sections("reasons", REASONS_MAX)
        ),
    )
    if not found.reasons:
        part.refuse("says no reasons: an answer without one helps nobody", key="reasons")
    part.done()
    return found


def _bound(part: Section, key: str) -> Decimal | None:
    bound = part.number(key)
    if bound is not None and not 0 < bound < 1:
        part.refuse("is a probability between 0 and 1", key=key)
    return bound


def _reason(part: Section, known: Mapping[str, FieldSpec], types: Mapping[str, Type]):
    group, code = part.text("group"), part.text("code")
    if BECAUSE + group not in known:
        part.refuse(f"needs the field {BECAUSE}{group}", key="group")
    if not _CODE.fullmatch(code):
        part.refuse("is package.snake_words", key="code")
    found = ModelReason(group, code, part.sentence(types))
    part.done()
    return found


def model_reasons(
    use: ModelUse, env: Mapping[str, Any]
) -> Iterator[tuple[ModelReason, Outcome, int, Mapping[str, Any]]]:
    """Yield the reasons of what a probability brings: the groups that raised it most, in order."""
    given = env[PROBABILITY]
    outcome = None
    bounds = (
        (use.step_up_at, Outcome.STEP_UP),
        (use.refer_at, Outcome.REFER),
        (use.decline_at, Outcome.DECLINE),
    )
    for bound, each in bounds:
        if bound is not None and given >= bound:
            outcome = each
    if outcome is None:
        return
    weighed = [(env.get(BECAUSE + each.group), each) for each in use.reasons]
    known = [(part, each) for part, each in weighed if part is not None]
    known.sort(key=lambda pair: (-pair[0], pair[1].group))
    for place, (part, each) in enumerate(known[: use.reasons_max]):
        if part <= 0 and place:
            return
        shown = {PROBABILITY: given, BECAUSE + each.group: part}
        yield each, outcome, max(use.weight - place, 0), shown
