"""Gates of a bank: counted in the log, decided with a record that replays, equal to the play."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jiuding.base.clock import now as clock_now
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.kernel import decisions
from jiuding.services import abuse, risk
from jiuding.services.abuse.operations.desk import instant

ACCOUNT = {"account": "acc1", "device": "d1", "ip": "203.0.113.7", "bank": "all"}


@pytest.fixture
def keeper():
    return abuse.Gatekeeper(new_id("bank", clock_now()))


def sign_in(engine, keeper, act_id, now, result=abuse.Result.PASSED, **more):
    with transaction(engine) as session:
        found = abuse.judge(
            session, keeper=keeper, act_id=act_id, gate="sign_in", values={**ACCOUNT, **more},
            now=now,
        )  # fmt: skip
        if result is not None:
            abuse.settle(
                session, keeper=keeper, act_id=act_id, gate="sign_in", result=result, now=now
            )
    return found


def test_a_strange_device_in_a_strange_place_is_asked_for_proof_and_told_why(engine, keeper, now):
    assert sign_in(engine, keeper, "a1", now).outcome == decisions.Outcome.APPROVE
    strange = {"device": "d2", "ip": "198.51.100.9"}
    found = sign_in(engine, keeper, "a2", now + timedelta(hours=1), **strange)
    assert found.outcome == decisions.Outcome.STEP_UP
    assert found.reasons[0].code == "abuse.unknown_device_and_place"
    assert "network" in found.reasons[0].text_en and found.reasons[0].remedy_zh
    for number, known in enumerate(({"device": "d1", "ip": "198.51.100.77"}, {"device": "d9"})):
        later = now + timedelta(hours=2 + number)
        assert sign_in(engine, keeper, f"b{number}", later, **known).outcome == "approve"


def test_a_device_that_tries_account_after_account_is_declined_and_others_on_its_address_not(
    engine, keeper, now
):
    failed = abuse.Result.FAILED
    for number in range(20):
        later = now + timedelta(seconds=number)
        sign_in(engine, keeper, f"t{number}", later, result=failed, account=f"acc{number}")
    later = now + timedelta(minutes=1)
    found = sign_in(engine, keeper, "t20", later, result=None, account="acc20")
    assert found.outcome == decisions.Outcome.DECLINE
    neighbour = {"account": "acc99", "device": "d99"}
    assert sign_in(engine, keeper, "n1", later, **neighbour).outcome == decisions.Outcome.APPROVE


def test_an_act_said_again_is_the_same_decision_and_another_under_its_id_is_refused(
    engine, keeper, now
):
    first = sign_in(engine, keeper, "a1", now, result=None)
    again = sign_in(engine, keeper, "a1", now + timedelta(minutes=1))
    assert again.decision_id == first.decision_id
    with pytest.raises(decisions.KeyReused):
        sign_in(engine, keeper, "a1", now, device="d2")
    sign_in(engine, keeper, "a1", now)  # the result, said again, counts once
    with transaction(engine) as session:
        stream = risk.load_stream("access")
        log = list(risk.read_log(session, bank_id=keeper.bank_id, stream=stream, after=0))
    assert [each.values["result"] for each in log] == ["sign_in.asked", "sign_in.passed"]
    with pytest.raises(abuse.BadAct):
        sign_in(engine, keeper, "a1", now, result=abuse.Result.FAILED)


@pytest.mark.parametrize(
    "wrong",
    [{"colour": "red"}, {"found": "bad"}, {"ip": "nowhere"}, {"account": None},
     {"amount": "12"}],
)  # fmt: skip
def test_an_act_that_cannot_be_read_is_refused_and_counts_nowhere(engine, keeper, now, wrong):
    with pytest.raises(abuse.BadAct):
        sign_in(engine, keeper, "a1", now, **wrong)
    with transaction(engine) as session:
        stream = risk.load_stream("access")
        assert not list(risk.read_log(session, bank_id=keeper.bank_id, stream=stream, after=0))


def test_gates_and_acts_that_are_not_there_are_refused(engine, keeper, now):
    with transaction(engine) as session:
        asked = {"session": session, "keeper": keeper, "act_id": "a1", "now": now}
        with pytest.raises(abuse.GateNotFound):
            abuse.judge(**asked, gate="nowhere", values=ACCOUNT)
        with pytest.raises(abuse.ActNotFound):
            abuse.settle(**asked, gate="sign_in", result=abuse.Result.PASSED)
    with pytest.raises(abuse.FamilyNotFound):
        abuse.family_of("nobody")


class BankDesk:
    """A desk in the bank's database, in one transaction."""

    def __init__(self, session, keeper):
        self.session, self.keeper, self.in_review = session, keeper, set()

    def judge(self, act_id, gate, at, values):
        found = abuse.judge(
            self.session, keeper=self.keeper, act_id=act_id, gate=gate, values=values,
            now=instant(at),
        )  # fmt: skip
        if found.outcome is decisions.Outcome.REFER:
            self.in_review.add(act_id)
        return found

    def note(self, act_id, gate, at, values, result):
        common = {"keeper": self.keeper, "gate": gate, "result": result, "now": instant(at)}
        judged, _, is_result = act_id.partition(".")
        if not is_result:
            abuse.note(self.session, act_id=act_id, values=values, **common)
            return
        bad = judged in self.in_review and result is abuse.Result.REFUSED
        abuse.settle(self.session, act_id=judged, is_found_bad=bad, **common)


class Both:
    """A bank's desk and one in memory, which must say the same."""

    def __init__(self, bank, memory):
        self.bank, self.memory, self.count = bank, memory, 0

    def judge(self, *act):
        one, other = self.bank.judge(*act), self.memory.judge(*act)
        assert (one.outcome, one.score, one.reasons) == (other.outcome, other.score, other.reasons)
        self.count += 1
        # Half-way the process is started again, and reads the log back.
        if self.count % 60 == 0:
            self.bank.keeper = abuse.Gatekeeper(self.bank.keeper.bank_id)
        return one

    def note(self, *act):
        self.bank.note(*act)
        self.memory.note(*act)


@pytest.mark.parametrize("gate", sorted(abuse.GATES))
def test_an_act_at_every_gate_is_decided_and_replays(engine, keeper, now, gate):
    kept = abuse.GATES[gate]
    values = {**dict.fromkeys(kept.links, "203.0.113.7"), kept.party: "p1"}
    with transaction(engine) as session:
        abuse.judge(session, keeper=keeper, act_id="a1", gate=gate, values=values, now=now)
        replayed = decisions.replay_all(session, bank_id=keeper.bank_id, limit_max=10)
    assert replayed.replayed_count == replayed.identical_count == 1


def test_a_bank_decides_as_the_play_in_memory_does_and_every_decision_replays(engine, keeper):
    family = abuse.family_of("bonus_hunters")
    world = family.simulate(7, 0.01, abuse.Attackers.ADAPTED)
    with transaction(engine) as session:
        desk = Both(BankDesk(session, keeper), abuse.MemoryDesk(family.gates))
        tally = abuse.play(world, desk)
        replayed = decisions.replay_all(session, bank_id=keeper.bank_id, limit_max=10_000)
    assert desk.count > 60
    assert sum(each.tried for each in tally.attack.values()) > 10
    assert replayed.replayed_count == replayed.identical_count == desk.count
