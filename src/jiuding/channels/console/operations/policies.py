"""Policies as pages show them, and the steps that staff take there."""

from __future__ import annotations

from datetime import datetime

from jiuding.base.database.engine import Session
from jiuding.channels.console.types import PolicyStepView, PolicyView
from jiuding.kernel import decisions
from jiuding.services import offers

COMPARED = 10_000
STEPS = ("checked", "shadowed", "unshadowed", "approved", "published", "rolled_back")


def policy_views(session: Session, *, branch: offers.Branch, lang: str) -> tuple[PolicyView, ...]:
    """Return every policy of the bank and of the catalogue, by name."""
    names = decisions.policy_names(session, bank_id=branch.bank_id)
    return tuple(policy_view(session, branch=branch, name=name, lang=lang) for name in names)


def policy_view(session: Session, *, branch: offers.Branch, name: str, lang: str) -> PolicyView:
    """Return one policy. Refuses: decisions.PolicyNotFound."""
    if name not in decisions.policy_names(session, bank_id=branch.bank_id):
        raise decisions.PolicyNotFound(f"there is no policy {name[:80]!r}", policy=name[:80])
    life = decisions.read_life(session, bank_id=branch.bank_id, policy_name=name)
    shown = life.live[0].version if life.live else None
    if shown is None and life.drafted_by:
        shown = life.steps[-1].version or next(iter(life.drafted_by))
    policy = (
        decisions.load_policy(name)
        if not life.live and _is_declared(name)
        else decisions.read_version(session, branch.bank_id, shown or "")
    )
    said = decisions.explain(policy)
    return PolicyView(
        name=name,
        title=getattr(policy.title, lang),
        live=tuple((arm.version, arm.share) for arm in life.live),
        shadows=tuple((each, _differences(session, branch, each)) for each in life.shadows),
        rules=tuple(
            (rule.id, getattr(said[rule.id], lang), rule.outcome.value) for rule in policy.rules
        ),
        steps=tuple(
            PolicyStepView(each.number, each.step.value, each.version, each.by, each.share, each.at)
            for each in reversed(life.steps)
        ),
        versions=tuple(life.drafted_by),
    )


def _is_declared(name: str) -> bool:
    try:
        decisions.load_policy(name)
    except decisions.PolicyNotFound:
        return False
    return True


def _differences(
    session: Session, branch: offers.Branch, version: str
) -> tuple[tuple[str, str, int], ...]:
    found = decisions.compare_shadow(
        session, bank_id=branch.bank_id, version=version, limit_max=COMPARED
    )
    return tuple((each.was.value, each.would_be.value, each.count) for each in found.changes)


def take_step(
    session: Session,
    *,
    branch: offers.Branch,
    name: str,
    step: str,
    version: str,
    share: int | None,
    by: str,
    now: datetime,
    idempotency_key: str,
) -> None:
    """Take a step with a version of a policy, or roll the policy back.

    Refuses: as the step does.
    """
    common = {
        "bank_id": branch.bank_id,
        "by": by,
        "now": now,
        "idempotency_key": idempotency_key,
    }
    if step == decisions.Step.ROLLED_BACK:
        decisions.roll_back(session, policy_name=name, **common)
        return
    given = share if step == decisions.Step.PUBLISHED else None
    decisions.take_step(session, step=decisions.Step(step), version=version, share=given, **common)
