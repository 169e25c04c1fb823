"""A decision that a model had a part in, on record: replayed without the model."""

from __future__ import annotations

from jiuding.kernel import decisions


def test_a_decision_with_a_model_is_replayed_without_it(session, bank_id, now, monkeypatch):
    policy = decisions.load_policy("german_credit")
    model = decisions.load_model("german_credit", version=policy.model.version)
    said = decisions.judge(
        model,
        {"german_credit.checking_status": "A11", "german_credit.duration_months": 60},
    )
    made = decisions.decide(
        session,
        bank_id=bank_id,
        policy=policy,
        subject="pty_1",
        event={},
        features=decisions.as_features(said),
        lists={},
        model_version=model.version,
        idempotency_key="one",
        now=now,
    )
    assert made.model_version == policy.model.version
    assert made.reasons[0].values["model.probability"] == str(said.probability)

    def gone(*_args, **_more):
        raise AssertionError("a replay needs no model")

    monkeypatch.setattr(decisions, "load_model", gone)
    assert decisions.replay(session, bank_id=bank_id, decision_id=made.decision_id).is_identical
