"""What the bank publishes judges its loans; rolled back, the catalogue's judges again."""

from __future__ import annotations

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.base.settings import CATALOG
from jiuding.bootstrap import demonstration
from jiuding.channels import assistant
from jiuding.kernel import decisions
from jiuding.services import offers


def grant(branch, person, text):
    with transaction(branch.engine) as session:
        turn = assistant.hear(
            session, branch=branch, party_id=person.party.party_id, text=text, now=clock.now()
        )
    proof = offers.confirm(
        branch, party_id=person.party.party_id, pin=demonstration.PIN, passkey=None,
        purpose=offers.proof_purpose(turn.quote.quote_id, "cheapest"),
    )  # fmt: skip
    return offers.accept(
        branch, quote_id=turn.quote.quote_id, kind="cheapest", proof=proof,
        idempotency_key=f"test-{turn.quote.quote_id}", now=clock.now(),
    )  # fmt: skip


def step(branch, verb, by, **given):
    with transaction(branch.engine) as session:
        return getattr(decisions, verb)(
            session, bank_id=branch.bank_id, by=by, now=clock.now(),
            idempotency_key=new_id("evt", clock.now()), **given,
        )  # fmt: skip


def test_a_published_version_judges_loans_until_it_is_rolled_back(branch, people):
    text = (CATALOG / "policies" / "credit.toml").read_text("utf-8")
    stricter = decisions.read_policy_texts(
        "credit.toml", text.replace('"applicant.age < 18"', '"applicant.age < 140"'), {}
    )
    person = people["cn", "steady"][-1]
    version = stricter.version
    step(branch, "draft_policy", "ann", policy=stricter)
    step(branch, "check_version", "ann", version=version)
    step(branch, "approve_version", "bob", version=version)
    step(branch, "publish_version", "ann", version=version, share=100)
    try:
        declined = grant(branch, person, "借2万块买家具,分两年还")
        assert declined.status == "declined"
        assert "lending.under_age" in {reason.code for reason in declined.reasons}
        with transaction(branch.engine) as session:
            made = decisions.read_decision(
                session, bank_id=branch.bank_id, decision_id=declined.decision_id
            )
            again = decisions.replay(
                session, bank_id=branch.bank_id, decision_id=declined.decision_id
            )
        assert made.policy_version == version
        assert again.is_identical
    finally:
        step(branch, "roll_back", "ann", policy_name="credit")
    assert grant(branch, person, "借2万块买家具,分两年还").status == "granted"
