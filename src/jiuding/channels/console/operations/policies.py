"""Policies as pages show them, and the steps that staff take there."""

from __future__ import annotations

from datetime import datetime

from jiuding.base.database.engine import Session
from jiuding.channels.console.types import (
    ComparedView,
    PolicyStepView,
    PolicyView,
    VersionPageView,
    VersionView,
)
from jiuding.kernel import decisions
from jiuding.services import offers

COMPARED = 10_000
BACK_TEST_MAX = 5_000
STEPS = ("checked", "shadowed", "unshadowed", "approved", "published", "rolled_back")
SHADOWS_MAX = 3


def policy_views(session: Session, *, branch: offers.Branch, lang: str) -> tuple[PolicyView, ...]:
    """Return every policy of the bank and of the catalogue, by name."""
    names = decisions.policy_names(session, bank_id=branch.bank_id)
    return tuple(policy_view(session, branch=branch, name=name, lang=lang) for name in names)


def policy_view(
    session: Session, *, branch: offers.Branch, name: str, lang: str, by: str | None = None
) -> PolicyView:
    """Return one policy, and what `by` may do with it. Refuses: decisions.PolicyNotFound."""
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
    return PolicyView(
        name=name,
        title=getattr(policy.title, lang),
        parts=_parts(policy, len(life.shadows)),
        live=tuple((arm.version, arm.share) for arm in life.live),
        shadows=tuple((each, _shadow(session, branch, each)) for each in life.shadows),
        rules=_rules(policy, lang),
        steps=tuple(
            PolicyStepView(each.number, each.step.value, each.version, each.by, each.share, each.at)
            for each in reversed(life.steps)
        ),
        versions=tuple(_version(life, each, by) for each in reversed(life.drafted_by)),
        can_roll_back=bool(by and life.earlier),
    )


def version_view(
    session: Session, *, branch: offers.Branch, name: str, version: str, lang: str,
    by: str, now: datetime, with_back_test: bool,
) -> VersionPageView:  # fmt: skip
    """Return one version: its rules, findings, shadow, and the past judged again when asked.

    Refuses: decisions.PolicyNotFound, also for a version of another policy.
    """
    policy = decisions.read_version(session, branch.bank_id, version)
    if policy.name != name:
        raise decisions.PolicyNotFound(f"{name[:80]!r} has no such version", policy=name[:80])
    life = decisions.read_life(session, bank_id=branch.bank_id, policy_name=name)
    tested = None
    if with_back_test:
        found = decisions.back_test(
            session, bank_id=branch.bank_id, policy=policy, now=now, limit_max=BACK_TEST_MAX
        )
        pairs = zip(found.comparison.changes, found.tallies, strict=True)
        tested = ComparedView(
            found.comparison.compared_count,
            tuple(
                (c.was.value, c.would_be.value, c.count, t.good, t.bad) for c, t in pairs
            ),
            getattr(found.words, lang),
        )  # fmt: skip
    return VersionPageView(
        name=name,
        title=getattr(policy.title, lang),
        version=_version(life, version, by),
        rules=_rules(policy, lang),
        findings=tuple(
            (
                each.part,
                getattr(each.words, lang),
                each.is_blocking,
                tuple((key, str(value)) for key, value in each.example.items()),
            )
            for each in decisions.check_policy(policy)
        ),
        shadow=_shadow(session, branch, version) if version in life.shadows else None,
        back_test=tested,
    )


def _rules(policy: decisions.Policy, lang: str) -> tuple[tuple[str, str, str], ...]:
    said = decisions.explain(policy)
    return tuple(
        (rule.id, getattr(said[rule.id], lang), rule.outcome.value) for rule in policy.rules
    )


def _parts(policy: decisions.Policy, shadow_count: int) -> tuple[tuple[str, int], ...]:
    """Return what a policy judges by and how many of each, without what it has none of."""
    counts = {
        "rules": len(policy.rules),
        "rows": sum(len(table.rows) for table in policy.tables),
        "lines": len(policy.scorecard.characteristics) if policy.scorecard else 0,
        "models": int(policy.model is not None),
        "shadows": shadow_count,
    }
    return tuple((name, count) for name, count in counts.items() if count)


def _version(life: decisions.Life, version: str, by: str | None) -> VersionView:
    """Return how far a version has come and what this person may do with it now."""
    shares = {arm.version: arm.share for arm in life.live}
    is_checked, is_approved = version in life.checked, version in life.approved
    in_shadow, drafted_by = version in life.shadows, life.drafted_by.get(version, "")
    may = []
    if by and drafted_by and not is_checked:
        may.append("checked")
    if by and is_checked and not in_shadow and version not in shares:
        may += ["shadowed"] if len(life.shadows) < SHADOWS_MAX else []
    if by and in_shadow:
        may.append("unshadowed")
    if by and is_checked and not is_approved and drafted_by != by:
        may.append("approved")
    is_champion = bool(life.live) and life.live[0].version == version
    others = sum(arm.share for arm in life.live[1:] if arm.version != version)
    if by and is_approved and not (is_champion and len(life.live) == 1):
        may.append("published")
    named = (("checked", is_checked), ("approved", is_approved), ("shadowed", in_shadow))
    states = ("drafted", *(name for name, holds in named if holds))
    can_share = bool(life.live) and not is_champion
    return VersionView(
        version, drafted_by, states, shares.get(version), tuple(may),
        99 - others if can_share else 0,
    )  # fmt: skip


def _is_declared(name: str) -> bool:
    try:
        decisions.load_policy(name)
    except decisions.PolicyNotFound:
        return False
    return True


def _shadow(session: Session, branch: offers.Branch, version: str) -> ComparedView:
    found = decisions.compare_shadow(
        session, bank_id=branch.bank_id, version=version, limit_max=COMPARED
    )
    return ComparedView(
        found.compared_count,
        tuple((c.was.value, c.would_be.value, c.count, None, None) for c in found.changes),
    )


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
