"""Families of abuse: the policies that ship stop them, and a policy that does not is found out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jiuding.kernel import decisions
from jiuding.services import abuse

SIZE, SEED = 0.15, 5_001
EVERY = sorted(abuse.FAMILIES)
# A small population has few targets; who adapted gets more through, see docs/abuse.md.
LEAST = {abuse.Attackers.USUAL: 0.9, abuse.Attackers.ADAPTED: 0.8}
# Of staff who adapt, one look at somebody who is nobody's case cannot be told from a slip, and slow
# reading is seen after some days: what the bench measures falls short of nine in ten there.
STAFF_LEAST = {abuse.Attackers.USUAL: 0.8, abuse.Attackers.ADAPTED: 0.6}


def without_rules(policy: decisions.Policy) -> decisions.Policy:
    """Return a policy that lets everything through."""
    return replace(policy, tables=(), rules=(), scorecard=None, model=None)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("attackers", list(abuse.Attackers))
def test_attacks_are_stopped_and_honest_people_left_alone(name, attackers):
    found = abuse.figures(abuse.play_family(name, seeds=(SEED,), size=SIZE, attackers=attackers))
    assert found["attacks_tried"] >= 10
    least = STAFF_LEAST if name == "staff_access" else LEAST
    assert found["attacks_stopped_share"] >= least[attackers]
    # A few people more or less of a small population: the bench measures many.
    assert found["honest_held_up_share"] <= 0.02
    assert found["honest_declined"] == 0


@pytest.mark.parametrize("name", EVERY)
def test_without_the_rules_most_attacks_reach_the_money(name):
    policies = {
        gate.name: without_rules(decisions.load_policy(gate.name))
        for gate in abuse.family_of(name).gates
    }
    tally = abuse.play_family(name, seeds=(SEED,), size=0.1, policies=policies)
    found = abuse.figures(tally)
    assert found["attacks_stopped_share"] < 0.2
    assert found["honest_held_up_share"] == 0


class Listener:
    """A desk that keeps what it hears, and lets all through."""

    def __init__(self) -> None:
        self.heard = []

    def judge(self, act_id, gate, at, values):
        self.heard.append((act_id, gate, at, tuple(sorted(values.items()))))
        return decisions.Verdict(decisions.Outcome.APPROVE, (), None, ())

    def note(self, act_id, gate, at, values, result):
        self.heard.append((act_id, gate, at, tuple(sorted(values.items())), result))


@pytest.mark.parametrize("name", EVERY)
def test_a_world_plays_alike_for_one_seed_in_one_order_of_time(name):
    simulate = abuse.family_of(name).simulate
    heard = []
    for seed in (SEED, SEED, SEED + 1):
        listener = Listener()
        abuse.play(simulate(seed, 0.05, abuse.Attackers.USUAL), listener)
        heard.append(listener.heard)
    assert heard[0] == heard[1] != heard[2]
    times = [each[2] for each in heard[0]]
    assert times == sorted(times)


@pytest.mark.parametrize("name", EVERY)
def test_what_the_bank_sees_never_names_who_is_an_attacker(name):
    world = abuse.family_of(name).simulate(SEED, 0.05, abuse.Attackers.USUAL)
    listener = Listener()
    abuse.play(world, listener)
    kinds = {each.kind for each in world.actors if each.is_attack} | {"attack", "attacker"}
    said = {str(value) for each in listener.heard for _, value in each[3]}
    assert not {text for text in said for kind in kinds if kind in text.lower()}


@pytest.mark.parametrize("gate", sorted(abuse.GATES))
def test_the_policies_of_gates_have_no_blocking_findings(gate):
    findings = decisions.check_policy(decisions.load_policy(gate))
    assert [each for each in findings if each.is_blocking] == []
