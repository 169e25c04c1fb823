"""Judge requests and record them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jiuding.base.database.engine import Session
from jiuding.base.ids import from_uuid, new_id, to_uuid
from jiuding.base.problems import ensure
from jiuding.kernel import eventlog
from jiuding.kernel.decisions import rules, store
from jiuding.kernel.decisions.errors import BadInputs, KeyReused
from jiuding.kernel.decisions.events import DECISION_MADE, DecisionReferred
from jiuding.kernel.decisions.operations.catalog import load_policy, read_version
from jiuding.kernel.decisions.types.decisions import Decision, Inputs, Outcome, Request
from jiuding.kernel.decisions.types.policies import Policy

BATCH_MAX = 1_000
KEY_LENGTH_MAX = 200
SUBJECT_LENGTH_MAX = 128

_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/+=#,~-]*")


def decide(
    session: Session,
    *,
    bank_id: str,
    policy: Policy | str,
    subject: str,
    event: Mapping[str, Any],
    features: Mapping[str, Any],
    now: datetime,
    idempotency_key: str,
    lists: Mapping[str, Any] | None = None,
    model_version: str | None = None,
) -> Decision:
    """Judge one request and record it with all five inputs; a decline is an answer.

    `policy` is a name: then the bank's published versions judge, by share, or the catalogue's
    while none is; or one already loaded, which judges as it is. The same key and content again
    returns the first decision, also under a newer version. Refuses: BadInputs, PolicyNotFound;
    KeyReused when the key stands for other content.
    """
    request = Request(subject, event, idempotency_key, features, lists or {}, model_version)
    (decision,) = decide_all(session, bank_id=bank_id, policy=policy, requests=(request,), now=now)
    return decision


def decide_all(
    session: Session,
    *,
    bank_id: str,
    policy: Policy | str,
    requests: Sequence[Request],
    now: datetime,
) -> tuple[Decision, ...]:
    """Judge up to 1,000 requests and record them together, all or none, in the order given.

    Refuses: as `decide`; one bad request refuses the whole batch.
    """
    ensure(len(requests) <= BATCH_MAX, f"at most {BATCH_MAX} requests at a time")
    if not requests:
        return ()
    name = policy if isinstance(policy, str) else policy.name
    asked = [(_checked_key(each), rules.request_hash(name, each)) for each in requests]
    hashes = dict(reversed(asked))  # where a key comes twice, the first content counts
    known = {
        key: (found.decision, found.request_hash)
        for key, found in store.by_keys(session, bank_id, list(hashes)).items()
    }
    fresh = {each.idempotency_key: each for each in reversed(requests)}
    new = [request for key, request in fresh.items() if key not in known]
    if new:
        known |= _decide_new(session, bank_id, _Chosen(session, bank_id, policy), new, hashes, now)
    for key, content in asked:
        if known[key][1] != content:
            raise KeyReused("this key stands for another request", idempotency_key=key)
    return tuple(known[key][0] for key, _ in asked)


def _decide_new(
    session: Session,
    bank_id: str,
    chosen: _Chosen,
    requests: Sequence[Request],
    hashes: Mapping[str, str],
    now: datetime,
) -> dict[str, tuple[Decision, str]]:
    """Judge and record requests whose keys do not stand yet; return decision and hash by key."""
    drafts = [
        _draft(chosen.policy_for(request.subject), request, hashes[request.idempotency_key], now)
        for request in requests
    ]
    for used in {draft.policy.version: draft.policy for draft in drafts}.values():
        store.keep_policy(session, bank_id, used, now)
    lists = [found for draft in drafts for found in draft.inputs.lists.values()]
    store.keep_lists(session, bank_id, lists, now)
    added = store.add(session, bank_id, drafts, now)
    made = [draft for draft in drafts if draft.decision_id in added]
    known = {draft.idempotency_key: (_decision(draft, now), draft.request_hash) for draft in made}
    _announce(session, bank_id, [decision for decision, _ in known.values()], now)
    _shadow(session, bank_id, chosen, drafts, requests, added)
    # Another transaction took these keys between our look and our write: its answer stands.
    lost = [draft.idempotency_key for draft in drafts if draft.decision_id not in added]
    for key, found in (store.by_keys(session, bank_id, lost) if lost else {}).items():
        known[key] = (found.decision, found.request_hash)
    return known


def _decision(draft: store.Draft, now: datetime) -> Decision:
    return store.decision_of(
        draft.verdict,
        decision_id=draft.decision_id,
        policy_name=draft.policy.name,
        policy_version=draft.policy.version,
        model_version=draft.inputs.model_version,
        subject=draft.subject,
        decided_at=now,
    )


class _Chosen:
    """Which version judges whom: a given policy, the published arms, or the catalogue's."""

    def __init__(self, session: Session, bank_id: str, policy: Policy | str) -> None:
        self.given = policy if isinstance(policy, Policy) else None
        self.versions: dict[str, Policy] = {}
        self.shadows: list[Policy] = []
        if self.given is not None:
            return
        self.life = rules.life_of(policy, store.steps(session, bank_id, policy))
        if not self.life.live:
            self.given = load_policy(policy)
        for arm in self.life.live:
            self.versions[arm.version] = read_version(session, bank_id, arm.version)
        self.shadows = [read_version(session, bank_id, each) for each in self.life.shadows]

    def policy_for(self, subject: str) -> Policy:
        if self.given is not None:
            return self.given
        version = rules.arm_for(self.life, subject)
        ensure(version is not None, "the shares of live versions add up to 100")
        return self.versions[version]


def _shadow(
    session: Session,
    bank_id: str,
    chosen: _Chosen,
    drafts: Sequence[store.Draft],
    requests: Sequence[Request],
    added: set[str],
) -> None:
    """Judge new decisions by the versions in shadow too; whatever happens there has no effect."""
    rows = []
    for policy in chosen.shadows:
        for draft, request in zip(drafts, requests, strict=True):
            if draft.decision_id not in added:
                continue
            try:
                verdict = rules.assess(policy, _inputs(policy, request))
            except BadInputs:
                verdict = None
            rows.append((draft.decision_id, policy.version, verdict))
    store.add_shadows(session, bank_id, rows)


def _checked_key(request: Request) -> str:
    key, subject = request.idempotency_key, request.subject
    if not (0 < len(key) <= KEY_LENGTH_MAX and key.isprintable()):
        raise BadInputs(f"an idempotency key has 1 to {KEY_LENGTH_MAX} printable characters")
    if len(subject) > SUBJECT_LENGTH_MAX or not _SUBJECT.fullmatch(subject):
        raise BadInputs(f"a subject is an id of 1 to {SUBJECT_LENGTH_MAX} characters")
    return key


def _draft(policy: Policy, request: Request, request_hash: str, now: datetime) -> store.Draft:
    inputs = _inputs(policy, request)
    return store.Draft(
        decision_id=new_id("dec", now),
        policy=policy,
        subject=request.subject,
        idempotency_key=request.idempotency_key,
        request_hash=request_hash,
        inputs=inputs,
        verdict=rules.assess(policy, inputs),
    )


def _inputs(policy: Policy, request: Request) -> Inputs:
    return rules.read_inputs(
        policy,
        event=request.event,
        features=request.features,
        lists=request.lists,
        model_version=request.model_version,
    )


def _announce(session: Session, bank_id: str, decisions: Sequence[Decision], now: datetime) -> None:
    rows = [
        eventlog.Behaviour(
            event_id=from_uuid("evt", to_uuid("dec", decision.decision_id)),
            kind=DECISION_MADE,
            subject=decision.subject,
            source="decisions",
            occurred_at=now,
            data={
                "decision_id": decision.decision_id,
                "policy": decision.policy_name,
                "policy_version": decision.policy_version,
                "outcome": decision.outcome.value,
                "score": decision.score,
                "codes": [reason.code for reason in decision.reasons[:20]],
            },
        )
        for decision in decisions
    ]
    eventlog.record_behaviour(session, bank_id=bank_id, rows=rows, recorded_at=now)
    referred = [
        (each.subject, DecisionReferred(decision_id=each.decision_id, policy=each.policy_name))
        for each in decisions
        if each.outcome is Outcome.REFER
    ]
    eventlog.append_all(
        session, bank_id=bank_id, source="decisions", rows=referred, occurred_at=now,
        recorded_at=now,
    )  # fmt: skip
