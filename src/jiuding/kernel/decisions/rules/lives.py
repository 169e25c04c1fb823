"""The life of a policy as a pure function of the steps taken, and who may be judged by what."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from jiuding.kernel.decisions.errors import SamePerson, StepNotAllowed
from jiuding.kernel.decisions.types.lives import Arm, Life, PolicyStep, Step

SHADOWS_MAX = 3
ARMS_MAX = 4


def life_of(policy_name: str, steps: Sequence[PolicyStep]) -> Life:
    """Return where a policy stands after these steps, in order."""
    life = Life(policy_name, (), {}, frozenset(), frozenset(), (), (), ())
    for step in steps:
        life = replace(_after(life, step), steps=(*life.steps, step))
    return life


def _after(life: Life, step: PolicyStep) -> Life:
    version = step.version
    match step.step:
        case Step.DRAFTED:
            return replace(life, drafted_by={**life.drafted_by, version: step.by})
        case Step.CHECKED:
            return replace(life, checked=life.checked | {version})
        case Step.APPROVED:
            return replace(life, approved=life.approved | {version})
        case Step.SHADOWED:
            return replace(life, shadows=(*life.shadows, version))
        case Step.UNSHADOWED:
            return replace(life, shadows=tuple(each for each in life.shadows if each != version))
        case Step.PUBLISHED:
            live = _published(life, version, step.share or 0)
            shadows = tuple(each for each in life.shadows if each != version)
            return replace(life, live=live, earlier=(*life.earlier, life.live), shadows=shadows)
        case Step.ROLLED_BACK:
            return replace(life, live=life.earlier[-1], earlier=life.earlier[:-1])


def _published(life: Life, version: str, share: int) -> tuple[Arm, ...]:
    if share == 100:
        return (Arm(version, 100),)
    champion, *challengers = life.live
    others = [arm for arm in challengers if arm.version != version]
    rest = 100 - share - sum(arm.share for arm in others)
    return (Arm(champion.version, rest), *others, Arm(version, share))


def ensure_allowed(
    life: Life, step: Step, *, version: str, by: str, share: int | None = None
) -> None:
    """Refuse a step that may not be taken now.

    Refuses: StepNotAllowed, saying what has to come first; SamePerson for an approval by the one
    who drafted the version.
    """
    why = _why_not(life, step, version, share)
    if why is not None:
        raise StepNotAllowed(f"{life.policy_name}: {why}", policy=life.policy_name, version=version)
    if step is Step.APPROVED and life.drafted_by[version] == by:
        raise SamePerson("the version was drafted by the same person", version=version)


def _why_not(life: Life, step: Step, version: str, share: int | None) -> str | None:
    if step is Step.ROLLED_BACK:
        return None if life.earlier else "nothing was published that could be rolled back"
    if step is Step.DRAFTED:
        return "this version was drafted before" if version in life.drafted_by else None
    if version not in life.drafted_by:
        return "this version was never drafted"
    if step is Step.CHECKED:
        return "this version was checked before" if version in life.checked else None
    if version not in life.checked:
        return "this version has not passed the checks"
    if step is Step.APPROVED:
        return "this version was approved before" if version in life.approved else None
    if step is Step.PUBLISHED:
        return _why_not_published(life, version, share)
    if step is Step.UNSHADOWED:
        return None if version in life.shadows else "this version is not in shadow"
    if version in life.shadows or version in {arm.version for arm in life.live}:
        return "this version is in shadow or live already"
    return None if len(life.shadows) < SHADOWS_MAX else f"at most {SHADOWS_MAX} are in shadow"


def _why_not_published(life: Life, version: str, share: int | None) -> str | None:
    if version not in life.approved:
        return "a second person has not approved this version"
    if share is None or not 1 <= share <= 100:
        return "a share is a percentage from 1 to 100"
    if share == 100:
        alone = life.live == (Arm(version, 100),)
        return "this version has all the traffic already" if alone else None
    if not life.live:
        return "the first version gets all the traffic"
    champion, *challengers = life.live
    if champion.version == version:
        return "the champion keeps what its challengers leave; publish it with 100 to end them"
    others = [arm for arm in challengers if arm.version != version]
    if len(others) + 2 > ARMS_MAX or share + sum(arm.share for arm in others) >= 100:
        return f"at most {ARMS_MAX} versions are live and the champion keeps a share"
    return None


def arm_for(life: Life, subject: str) -> str | None:
    """Return the version that judges a subject: the same one for as long as the shares stand.

    None while nothing was published. Source: SHA-256 of policy and subject, modulo 100.
    """
    text = f"{life.policy_name}\n{subject}".encode()
    place = int.from_bytes(hashlib.sha256(text).digest()[:8]) % 100
    # Challengers take the low places, so that a growing champion moves nobody between them.
    for arm in reversed(life.live):
        if place < arm.share:
            return arm.version
        place -= arm.share
    return None
