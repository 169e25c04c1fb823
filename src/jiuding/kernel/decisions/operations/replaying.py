"""Make recorded decisions again, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from jiuding.base.database.engine import Session
from jiuding.kernel.decisions import rules, store
from jiuding.kernel.decisions.operations.catalog import read_version
from jiuding.kernel.decisions.operations.reading import recorded_decision
from jiuding.kernel.decisions.types.decisions import Inputs, Replay, ReplayCount
from jiuding.kernel.decisions.types.policies import Policy

REPLAY_PAGE = 500


def replay(session: Session, *, bank_id: str, decision_id: str) -> Replay:
    """Make a recorded decision again from its five stored inputs, and compare byte for byte.

    Nothing but the record is read: the policy's content comes from the database, not from the
    catalogue. Refuses: DecisionNotFound; BadPolicy when recorded content was altered.
    """
    recorded = recorded_decision(session, bank_id, decision_id)
    return Player(session, bank_id).play(recorded)


def replay_all(session: Session, *, bank_id: str, limit_max: int) -> ReplayCount:
    """Make up to `limit_max` recorded decisions of a bank again, oldest first."""
    player = Player(session, bank_id)
    count, different = 0, []
    for recorded in history(session, bank_id, None, limit_max):
        count += 1
        if not player.play(recorded).is_identical:
            different.append(recorded.decision.decision_id)
    return ReplayCount(count, count - len(different), tuple(different))


def history(
    session: Session, bank_id: str, policy_name: str | None, limit_max: int
) -> Iterator[store.Recorded]:
    """Return recorded decisions, oldest first, a page at a time."""
    after, left = None, limit_max
    while left > 0:
        found = store.page(session, bank_id, policy_name, after, min(REPLAY_PAGE, left))
        if not found:
            return
        yield from found
        left -= len(found)
        last = found[-1].decision
        after = (last.decided_at, last.decision_id)


class Player:
    """Replays decisions of one bank, keeping the policies and lists already read."""

    def __init__(self, session: Session, bank_id: str) -> None:
        self.session, self.bank_id = session, bank_id
        self.policies: dict[str, Policy] = {}
        self.lists: dict[str, Sequence[Any]] = {}

    def play(self, recorded: store.Recorded) -> Replay:
        """Make a decision again and compare it with its record."""
        policy = self._policy(recorded.decision.policy_version)
        verdict = rules.assess(policy, self.inputs(policy, recorded))
        replayed = rules.verdict_hash(verdict)
        stored = rules.verdict_hash(rules.verdict_of(recorded.decision))
        return Replay(
            decision_id=recorded.decision.decision_id,
            is_identical=replayed == recorded.verdict_hash == stored,
            recorded_hash=recorded.verdict_hash,
            replayed_hash=replayed,
            replayed=verdict,
        )

    def _policy(self, version: str) -> Policy:
        if version not in self.policies:
            self.policies[version] = read_version(self.session, self.bank_id, version)
        return self.policies[version]

    def inputs(self, policy: Policy, recorded: store.Recorded) -> Inputs:
        """Return the inputs of a decision as a policy reads them. Refuses: BadInputs."""
        wanted = [version for version in recorded.lists.values() if version not in self.lists]
        if wanted:
            self.lists.update(store.list_entries(self.session, self.bank_id, wanted))
        return rules.read_inputs(
            policy,
            event=recorded.event,
            features=recorded.features,
            lists={name: self.lists[version] for name, version in recorded.lists.items()},
            model_version=recorded.decision.model_version,
        )
