"""Judge the past again under a candidate: what would have changed, and how that turned out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from jiuding.base.database.engine import Session
from jiuding.base.problems import ensure
from jiuding.kernel.decisions import rules, store
from jiuding.kernel.decisions.errors import BadInputs
from jiuding.kernel.decisions.operations.replaying import Player, history
from jiuding.kernel.decisions.types.decisions import Inputs, Label, Outcome
from jiuding.kernel.decisions.types.lives import BackTest, Case
from jiuding.kernel.decisions.types.policies import Policy

CASES_MAX = 1_000_000
LABELS_MAX = 10_000
PART = 5_000

_LABELS = {"good": True, "bad": False}
_PARTS = ("event", "features", "lists")


def record_labels(session: Session, *, bank_id: str, labels: Sequence[Label], now: datetime) -> int:
    """Record how decisions turned out; return how many labels are new. At most 10,000 at a time.

    Said again, a label stands once; a later one of the same decision counts instead of it.
    """
    ensure(len(labels) <= LABELS_MAX, f"at most {LABELS_MAX} labels at a time")
    return store.add_labels(session, bank_id, labels, now)


def labelled_history(
    session: Session, *, bank_id: str, policy_name: str, now: datetime, limit_max: int
) -> Iterator[dict[str, Any]]:
    """Return the labelled decisions of a policy, oldest first, as `back_test_events` reads them.

    Each is `{id, event, features, outcome, label}`: what was known when it was made,
    and how it turned out by the labels recorded before `now`. Lists are left out.
    """
    ensure(0 < limit_max <= CASES_MAX, f"read 1 to {CASES_MAX} at a time")
    page: list[store.Recorded] = []
    for recorded in history(session, bank_id, policy_name, limit_max):
        page.append(recorded)
        if len(page) == PART:
            yield from _labelled(session, bank_id, page, now)
            page = []
    yield from _labelled(session, bank_id, page, now)


def _labelled(
    session: Session, bank_id: str, page: Sequence[store.Recorded], now: datetime
) -> Iterator[dict[str, Any]]:
    ids = [each.decision.decision_id for each in page]
    known = store.labels_of(session, bank_id, ids, now)
    for each in page:
        decision = each.decision
        if decision.decision_id in known:
            yield {
                "id": decision.decision_id,
                "event": dict(each.event),
                "features": dict(each.features),
                "outcome": decision.outcome.value,
                "label": "good" if known[decision.decision_id] else "bad",
            }


def back_test(
    session: Session,
    *,
    bank_id: str,
    policy: Policy,
    now: datetime,
    limit_max: int,
    labels: Mapping[str, bool] | None = None,
) -> BackTest:
    """Judge recorded requests of the policy of this name again, under this version of it.

    Says what would have been decided otherwise, with examples and how they turned out by the
    labels recorded before `now`, or by `labels` (decision id → good). Only what was recorded is
    known: a field that is new in this version is missing. Nothing is written.
    """
    ensure(0 < limit_max <= CASES_MAX, f"judge 1 to {CASES_MAX} at a time")
    player = Player(session, bank_id)
    found: list[Case] = []
    for recorded in history(session, bank_id, policy.name, limit_max):
        decision = recorded.decision
        try:
            inputs = player.inputs(policy, recorded)
        except BadInputs:
            inputs = None
        found.append(Case(decision.decision_id, decision.outcome, inputs, None))
    known = dict(labels or {})
    for first in range(0, 0 if labels is not None else len(found), PART):
        ids = [case.case_id for case in found[first : first + PART]]
        known |= store.labels_of(session, bank_id, ids, now)
    cases = [Case(c.case_id, c.was, c.inputs, known.get(c.case_id)) for c in found]
    return _compared(policy, cases)


def back_test_events(
    current: Policy, candidate: Policy, lines: Iterable[Mapping[str, Any]]
) -> BackTest:
    """Judge events `{id, event?, features?, lists?, outcome?, label?}` under two versions.

    Where a line has an outcome that is what was decided; otherwise `current` decides. A label is
    good or bad. Refuses: BadInputs for a line that `current` cannot read, or another label.
    """
    cases, unjudged = [], []
    for line in lines:
        ensure(len(cases) < CASES_MAX, f"judge at most {CASES_MAX} at a time")
        label = line.get("label")
        if label is not None and label not in _LABELS:
            raise BadInputs(f"a label is good or bad, not {str(label)[:40]!r}")
        outcome = line.get("outcome")
        if outcome is not None and outcome not in tuple(Outcome):
            raise BadInputs(f"an outcome is one of {', '.join(Outcome)}")
        if outcome is None:
            unjudged.append(len(cases))
        try:
            inputs = _inputs(candidate, line)
        except BadInputs:
            inputs = None
        was = Outcome(outcome or Outcome.APPROVE)
        case = Case(str(line.get("id")), was, inputs, _LABELS.get(label or ""))
        cases.append((case, line))
    asked = [_inputs(current, cases[place][1]) for place in unjudged]
    judged = store.judge_history(current, asked)
    for place, outcome in zip(unjudged, judged.outcomes, strict=True):
        case, line = cases[place]
        cases[place] = (Case(case.case_id, outcome, case.inputs, case.is_good), line)
    return _compared(candidate, [case for case, _ in cases])


def _inputs(policy: Policy, line: Mapping[str, Any]) -> Inputs:
    event, features, lists = (line.get(part) or {} for part in _PARTS)
    model = line.get("model_version")
    return rules.read_inputs(
        policy, event=event, features=features, lists=lists, model_version=model
    )


def _compared(policy: Policy, cases: Sequence[Case]) -> BackTest:
    readable = [case.inputs for case in cases if case.inputs is not None]
    judged = store.judge_history(policy, readable)
    outcomes = iter(judged.outcomes)
    would_be = [None if case.inputs is None else next(outcomes) for case in cases]
    return rules.compare_cases(
        policy, cases, would_be, engine=judged.engine, why_python=judged.why_python
    )
