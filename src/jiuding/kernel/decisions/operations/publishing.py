"""Take a policy through its life: draft, check, shadow, approve, publish, roll back.

Every step is a fact, told as news. `by` is the id of the person who acts. A step said twice under
one key happens once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from jiuding.base.database.engine import Session
from jiuding.base.problems import ensure
from jiuding.kernel import eventlog
from jiuding.kernel.decisions import events, rules, store
from jiuding.kernel.decisions.errors import CheckFailed, KeyReused, StepNotAllowed
from jiuding.kernel.decisions.operations.catalog import read_version
from jiuding.kernel.decisions.types.lives import Comparison, Life, PolicyStep, Step
from jiuding.kernel.decisions.types.policies import Finding, Policy

COMPARED_MAX = 100_000

_NEWS = {
    Step.DRAFTED: events.PolicyDrafted,
    Step.CHECKED: events.PolicyChecked,
    Step.SHADOWED: events.PolicyShadowed,
    Step.UNSHADOWED: events.PolicyUnshadowed,
    Step.APPROVED: events.PolicyApproved,
    Step.ROLLED_BACK: events.PolicyRolledBack,
}


def read_life(session: Session, *, bank_id: str, policy_name: str) -> Life:
    """Return where a policy stands at a bank, with every step taken."""
    return rules.life_of(policy_name, store.steps(session, bank_id, policy_name))


def draft_policy(
    session: Session, *, bank_id: str, policy: Policy, by: str, now: datetime, idempotency_key: str
) -> PolicyStep:
    """Bring a version of a policy: its content is recorded under its hash.

    Refuses: StepNotAllowed when the version was drafted before.
    """
    store.keep_policy(session, bank_id, policy, now)
    return _take(
        session, bank_id, Step.DRAFTED, policy.name, policy.version, by, now, idempotency_key
    )


def check_version(
    session: Session, *, bank_id: str, version: str, by: str, now: datetime, idempotency_key: str
) -> tuple[Finding, ...]:
    """Check a drafted version and mark it as checked; return what is worth a look.

    Refuses: CheckFailed, with the first finding, when one must not be published.
    """
    policy = read_version(session, bank_id, version)
    findings = rules.check_policy(policy)
    blocking = [finding for finding in findings if finding.is_blocking]
    if blocking:
        first = blocking[0]
        raise CheckFailed(
            f"{len(blocking)} findings; {first.part}: {first.words.en}",
            version=version,
            part=first.part,
            kind=first.kind.value,
            example=dict(first.example),
        )
    _take(session, bank_id, Step.CHECKED, policy.name, version, by, now, idempotency_key)
    return findings


def start_shadow(
    session: Session, *, bank_id: str, version: str, by: str, now: datetime, idempotency_key: str
) -> PolicyStep:
    """Let a checked version judge beside the live one, without effect; at most three at a time.

    Refuses: StepNotAllowed.
    """
    name = read_version(session, bank_id, version).name
    return _take(session, bank_id, Step.SHADOWED, name, version, by, now, idempotency_key)


def end_shadow(
    session: Session, *, bank_id: str, version: str, by: str, now: datetime, idempotency_key: str
) -> PolicyStep:
    """Stop a version in shadow; what it judged stays on record. Refuses: StepNotAllowed."""
    name = read_version(session, bank_id, version).name
    return _take(session, bank_id, Step.UNSHADOWED, name, version, by, now, idempotency_key)


def compare_shadow(session: Session, *, bank_id: str, version: str, limit_max: int) -> Comparison:
    """Return what a version in shadow would have decided otherwise, over its newest judgements."""
    ensure(0 < limit_max <= COMPARED_MAX, f"compare 1 to {COMPARED_MAX} at a time")
    return rules.compare(store.shadow_pairs(session, bank_id, version, limit_max))


def approve_version(
    session: Session, *, bank_id: str, version: str, by: str, now: datetime, idempotency_key: str
) -> PolicyStep:
    """Approve exactly the content whose hash is `version`; by another person than drafted it.

    Refuses: SamePerson; StepNotAllowed before it has passed the checks.
    """
    name = read_version(session, bank_id, version).name
    return _take(session, bank_id, Step.APPROVED, name, version, by, now, idempotency_key)


def publish_version(
    session: Session,
    *,
    bank_id: str,
    version: str,
    share: int,
    by: str,
    now: datetime,
    idempotency_key: str,
) -> PolicyStep:
    """Let an approved version judge, as champion (100) or as challenger with a share in percent.

    Refuses: StepNotAllowed before approval, for a first version that is not given all the traffic,
    or when shares would leave the champion none.
    """
    name = read_version(session, bank_id, version).name
    return _take(
        session, bank_id, Step.PUBLISHED, name, version, by, now, idempotency_key, share=share
    )


def roll_back(
    session: Session,
    *,
    bank_id: str,
    policy_name: str,
    by: str,
    now: datetime,
    idempotency_key: str,
) -> PolicyStep:
    """Undo the latest publication at once: what was live before it judges again.

    Refuses: StepNotAllowed when nothing was published.
    """
    life = read_life(session, bank_id=bank_id, policy_name=policy_name)
    version = life.live[-1].version if life.live else ""
    return _take(session, bank_id, Step.ROLLED_BACK, policy_name, version, by, now, idempotency_key)


def _take(
    session: Session,
    bank_id: str,
    step: Step,
    name: str,
    version: str,
    by: str,
    now: datetime,
    key: str,
    share: int | None = None,
) -> PolicyStep:
    wanted = PolicyStep(name, 0, step, version, by, share, now)
    if (standing := _standing(session, bank_id, wanted, key)) is not None:
        return standing
    life = read_life(session, bank_id=bank_id, policy_name=name)
    rules.ensure_allowed(life, step, version=version, by=by, share=share)
    taken = replace(wanted, number=len(life.steps) + 1)
    if not store.add_step(session, bank_id, taken, key):
        if (standing := _standing(session, bank_id, wanted, key)) is not None:
            return standing
        raise StepNotAllowed(f"{name}: somebody else took a step just now; look again", policy=name)
    news = (
        events.PolicyPublished(policy=name, version=version, by=by, share=share or 0)
        if step is Step.PUBLISHED
        else _NEWS[step](policy=name, version=version, by=by)
    )
    eventlog.append(
        session,
        bank_id=bank_id,
        subject=name,
        source="decisions",
        occurred_at=now,
        recorded_at=now,
        event=news,
    )
    return taken


def _standing(session: Session, bank_id: str, wanted: PolicyStep, key: str) -> PolicyStep | None:
    """Return the step that this key stands for already; refuse when it is another step."""
    found = store.step_by_key(session, bank_id, key)
    if found is None:
        return None
    # What a roll-back undoes is known only when it happens: it is no part of what was asked.
    version = found.version if wanted.step is Step.ROLLED_BACK else wanted.version
    if replace(wanted, number=found.number, version=version, at=found.at) != found:
        raise KeyReused("this key stands for another step", idempotency_key=key)
    return found


def take_step(
    session: Session,
    *,
    bank_id: str,
    step: Step,
    version: str,
    by: str,
    now: datetime,
    idempotency_key: str,
    share: int | None = None,
) -> tuple[Finding, ...]:
    """Take any step with a drafted version; a check returns its findings.

    Refuses: as the step's own verb; StepNotAllowed for one that is not taken with a version.
    """
    if step is Step.CHECKED:
        return check_version(
            session,
            bank_id=bank_id,
            version=version,
            by=by,
            now=now,
            idempotency_key=idempotency_key,
        )
    if step in (Step.DRAFTED, Step.ROLLED_BACK):
        raise StepNotAllowed(f"{step.value} is not a step that is taken with a version")
    name = read_version(session, bank_id, version).name
    _take(session, bank_id, step, name, version, by, now, idempotency_key, share=share)
    return ()
