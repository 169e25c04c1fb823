"""The life of a policy: checked, in shadow, approved by a second person, live by share, undone."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuding.base.database.engine import transaction
from jiuding.kernel import decisions, eventlog
from jiuding.kernel.decisions.errors import SamePerson, StepNotAllowed
from jiuding.kernel.decisions.rules import arm_for, ensure_allowed, life_of
from jiuding.kernel.decisions.types.lives import PolicyStep

TOML = """
name = "caps"
version = {number}
title = {{ zh = "例", en = "Example" }}
[fields]
"amount" = {{ type = "decimal" }}
[[rules]]
id = "large"
when = "amount > {cap}"
outcome = "refer"
code = "caps.large"
weight = 1
zh = "金额 {{amount}}。"
en = "The amount is {{amount}}."
"""


def caps(cap: int, extra: str = "") -> decisions.Policy:
    text = TOML.format(number=1, cap=cap) + extra
    return decisions.read_policy_texts("caps.toml", text, {})


class Bank:
    """One bank's steps, with keys made on the way."""

    def __init__(self, session, bank_id, now):
        self.known = {"session": session, "bank_id": bank_id, "now": now}
        self.keys = 0

    def do(self, verb, by="pty_ann", **given):
        self.keys += 1
        known = dict(self.known)
        session = known.pop("session")
        key = given.pop("idempotency_key", f"key-{self.keys}")
        return getattr(decisions, verb)(session, by=by, idempotency_key=key, **known, **given)

    def approve(self, policy):
        self.do("draft_policy", policy=policy)
        self.do("check_version", version=policy.version)
        self.do("approve_version", version=policy.version, by="pty_bob")
        return policy.version

    def decide(self, subject, amount):
        self.keys += 1
        known = dict(self.known)
        return decisions.decide(
            known.pop("session"), policy="caps", subject=subject, features={},
            event={"amount": Decimal(amount)}, idempotency_key=f"key-{self.keys}", **known,
        )  # fmt: skip

    def life(self):
        return decisions.read_life(
            self.known["session"], bank_id=self.known["bank_id"], policy_name="caps"
        )


@pytest.fixture
def bank(session, bank_id, now):
    return Bank(session, bank_id, now)


def test_a_version_goes_from_draft_to_live_and_back(bank):
    first, second = bank.approve(caps(100)), bank.approve(caps(50))
    bank.do("publish_version", version=first, share=100)
    assert bank.decide("a", 80).outcome == "approve"
    bank.do("publish_version", version=second, share=100)
    assert bank.decide("a", 80).policy_version == second
    assert bank.decide("a", 80).outcome == "refer"
    bank.do("roll_back", policy_name="caps")
    assert bank.decide("a", 80).policy_version == first
    assert [step.step for step in bank.life().steps][-3:] == [
        "published", "published", "rolled_back",
    ]  # fmt: skip


def test_the_drafter_cannot_approve(bank):
    policy = caps(100)
    bank.do("draft_policy", policy=policy)
    bank.do("check_version", version=policy.version)
    with pytest.raises(decisions.SamePerson):
        bank.do("approve_version", version=policy.version, by="pty_ann")
    bank.do("approve_version", version=policy.version, by="pty_bob")


def test_steps_out_of_order_are_refused(bank):
    policy = caps(100)
    with pytest.raises(decisions.PolicyNotFound):
        bank.do("approve_version", version=policy.version)
    bank.do("draft_policy", policy=policy)
    for verb, known in (
        ("draft_policy", {"policy": policy}),
        ("approve_version", {"version": policy.version, "by": "pty_bob"}),
        ("start_shadow", {"version": policy.version}),
        ("publish_version", {"version": policy.version, "share": 100}),
        ("end_shadow", {"version": policy.version}),
        ("roll_back", {"policy_name": "caps"}),
    ):
        with pytest.raises(decisions.StepNotAllowed):
            bank.do(verb, **known)


def test_a_version_with_a_blocking_finding_does_not_pass_and_the_example_is_told(bank):
    policy = caps(100, """
[[rules]]
id = "never"
when = "amount > 10 && amount < 5"
outcome = "refer"
code = "caps.never"
weight = 1
zh = "例。"
en = "Example."
""")  # fmt: skip
    bank.do("draft_policy", policy=policy)
    with pytest.raises(decisions.CheckFailed) as refusal:
        bank.do("check_version", version=policy.version)
    assert refusal.value.fields["part"] == "never"
    assert bank.life().checked == frozenset()


def test_a_challenger_takes_its_share_and_a_subject_stays_with_its_version(bank):
    first, second = bank.approve(caps(100)), bank.approve(caps(50))
    with pytest.raises(decisions.StepNotAllowed):
        bank.do("publish_version", version=first, share=50)
    bank.do("publish_version", version=first, share=100)
    bank.do("publish_version", version=second, share=20)
    life = bank.life()
    assert [(arm.version, arm.share) for arm in life.live] == [(first, 80), (second, 20)]
    chosen = [arm_for(life, f"pty_{number}") for number in range(2_000)]
    assert 340 < chosen.count(second) < 460
    for number in (0, 1, 2):
        versions = {bank.decide(f"pty_{number}", 10).policy_version for _ in range(2)}
        assert versions == {chosen[number]}
    with pytest.raises(decisions.StepNotAllowed):
        bank.do("publish_version", version=bank.approve(caps(70)), share=80)


def test_a_version_in_shadow_judges_without_effect_and_is_compared(bank):
    first, second = bank.approve(caps(100)), caps(50).version
    bank.do("publish_version", version=first, share=100)
    bank.do("draft_policy", policy=caps(50))
    bank.do("check_version", version=second)
    bank.do("start_shadow", version=second)
    made = [bank.decide("a", amount) for amount in (40, 80, 90, 120)]
    assert [each.outcome for each in made] == ["approve", "approve", "approve", "refer"]
    compared = decisions.compare_shadow(
        bank.known["session"], bank_id=bank.known["bank_id"], version=second, limit_max=100
    )
    assert compared.compared_count == 4
    (change,) = compared.changes
    assert (change.was, change.would_be, change.count) == ("approve", "refer", 2)
    assert set(change.examples) == {made[1].decision_id, made[2].decision_id}
    bank.do("end_shadow", version=second)
    bank.decide("a", 80)
    assert bank.life().shadows == ()


def test_a_shadow_that_cannot_read_the_request_does_not_stop_the_decision(bank):
    text = TOML.format(number=2, cap=50).replace('"decimal" }', '"decimal", max = 60 }')
    narrow = decisions.read_policy_texts("caps.toml", text, {})
    bank.do("publish_version", version=bank.approve(caps(100)), share=100)
    bank.do("draft_policy", policy=narrow)
    bank.do("check_version", version=narrow.version)
    bank.do("start_shadow", version=narrow.version)
    assert bank.decide("a", 80).outcome == "approve"
    compared = decisions.compare_shadow(
        bank.known["session"], bank_id=bank.known["bank_id"], version=narrow.version, limit_max=9
    )
    assert (compared.compared_count, compared.unreadable_count) == (0, 1)


def test_a_back_test_says_what_would_have_been_decided_otherwise(bank):
    bank.do("publish_version", version=bank.approve(caps(100)), share=100)
    made = [bank.decide("a", amount) for amount in (40, 80, 120)]
    compared = decisions.back_test(**bank.known, policy=caps(50), limit_max=100).comparison
    assert compared.compared_count == 3
    assert [(c.was, c.would_be, c.count, c.examples) for c in compared.changes] == [
        ("approve", "refer", 1, (made[1].decision_id,))
    ]


def test_the_same_step_said_twice_happens_once(bank):
    version = bank.approve(caps(100))
    one = bank.do("publish_version", version=version, share=100, idempotency_key="pub")
    assert bank.do("publish_version", version=version, share=100, idempotency_key="pub") == one
    with pytest.raises(decisions.KeyReused):
        bank.do("publish_version", version=version, share=50, idempotency_key="pub")
    bank.do("publish_version", version=bank.approve(caps(50)), share=100)
    back = bank.do("roll_back", policy_name="caps", idempotency_key="back")
    assert bank.do("roll_back", policy_name="caps", idempotency_key="back") == back
    assert len(bank.life().earlier) == 1


def test_a_repeated_request_gets_its_first_answer_although_the_policy_changed(bank):
    bank.do("publish_version", version=bank.approve(caps(100)), share=100)
    first = bank.decide("a", 80)
    key = f"key-{bank.keys}"
    text = TOML.format(number=2, cap=50).replace('"decimal" }', '"decimal", max = 60 }')
    narrow = decisions.read_policy_texts("caps.toml", text, {})
    bank.do("publish_version", version=bank.approve(narrow), share=100)
    again = decisions.decide(
        bank.known["session"], bank_id=bank.known["bank_id"], policy="caps", subject="a",
        event={"amount": Decimal(80)}, features={}, now=bank.known["now"], idempotency_key=key,
    )  # fmt: skip
    assert again == first


def test_every_step_is_news(bank):
    bank.do("publish_version", version=bank.approve(caps(100)), share=100)
    told = eventlog.events_about(
        bank.known["session"], bank_id=bank.known["bank_id"], subject="caps", limit_max=10
    )
    assert [each.kind.split("_")[-1] for each in told] == [
        "published", "approved", "checked", "drafted",
    ]  # fmt: skip
    assert told[0].data["share"] == 100


def test_two_who_publish_at_once_do_not_both_count_from_the_same_life(engine, bank_id, now):
    with transaction(engine) as session:
        bank = Bank(session, bank_id, now)
        versions = [bank.approve(caps(100)), bank.approve(caps(50)), bank.approve(caps(60))]
        bank.do("publish_version", version=versions[0], share=100)
    start, results = threading.Barrier(2), []

    def publish(version):
        try:
            with transaction(engine) as session:
                start.wait(5)
                decisions.publish_version(
                    session, bank_id=bank_id, version=version, share=60, by="pty_ann", now=now,
                    idempotency_key=version,
                )  # fmt: skip
            results.append("published")
        except decisions.StepNotAllowed:
            results.append("refused")

    threads = [threading.Thread(target=publish, args=(version,)) for version in versions[1:]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(results) == ["published", "refused"]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(list(decisions.Step)),
        st.sampled_from(("v1", "v2", "v3")),
        st.sampled_from(("ann", "bob")),
        st.sampled_from((1, 30, 60, 100)),
    ),
    max_size=40,
)


@given(STEPS)
@settings(max_examples=300, deadline=None)
def test_whatever_is_tried_live_shares_add_up_and_live_versions_were_approved(tries):
    taken: list[PolicyStep] = []
    for step, version, by, share in tries:
        given_share = share if step is decisions.Step.PUBLISHED else None
        life = life_of("p", taken)
        try:
            ensure_allowed(life, step, version=version, by=by, share=given_share)
        except (StepNotAllowed, SamePerson):
            continue
        taken.append(PolicyStep("p", len(taken) + 1, step, version, by, given_share, None))
        life = life_of("p", taken)
        assert sum(arm.share for arm in life.live) in (0, 100)
        assert all(arm.share > 0 for arm in life.live)
        live = [arm.version for arm in life.live]
        assert len(set(live)) == len(live)
        assert set(live) <= life.approved
        assert not set(live) & set(life.shadows)
        for each in live:
            approver = next(s.by for s in taken if s.version == each and s.step == "approved")
            assert approver != life.drafted_by[each]
        assert life.live == () or arm_for(life, "someone") in live
