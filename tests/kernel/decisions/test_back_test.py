"""Back-tests: a whole policy in DuckDB decides as the compiled one does, and says what changes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuding.kernel import decisions
from jiuding.kernel.decisions.errors import BadInputs
from jiuding.kernel.decisions.rules import assess, read_inputs
from jiuding.kernel.decisions.store import judge_history

TOML = """
name = "whole"
version = 1
title = { zh = "例", en = "Example" }
default = "approve"
if_missing = "refer"
[fields]
"age" = { type = "int" }
"income" = { type = "decimal" }
"debts" = { type = "decimal" }
"kind" = { type = "string", values = ["a", "b", "c"] }
"is_new" = { type = "bool" }
"tags" = { type = "list<string>" }
"lists.blocked" = { type = "list<string>" }
[derived]
"share" = { is = "income > 0 ? debts / income : 1" }
"loan" = { is = "affordable_principal(income - debts, 0.06, 12)" }
[[tables]]
id = "level"
file = "whole.level.csv"
hit = "FIRST"
outputs = { level = "int", cap = "decimal" }
gaps_allowed = true
[[tables]]
id = "first"
file = "whole.first.csv"
hit = "FIRST"
if_missing = "step_up"
[[tables]]
id = "all"
file = "whole.all.csv"
hit = "COLLECT"
[[rules]]
id = "burden"
when = "share > 0.4 && level < 3"
outcome = "decline"
code = "whole.burden"
weight = 1
zh = "例。"
en = "Example."
[[rules]]
id = "over"
when = "has(age) && loan > cap"
outcome = "refer"
code = "whole.over"
weight = 1
zh = "例。"
en = "Example."
if_missing = "step_up"
[[rules]]
id = "third"
when = "debts / 3 + 1 > 250"
outcome = "refer"
code = "whole.third"
weight = 1
zh = "例。"
en = "Example."
[[rules]]
id = "blocked"
when = "kind in lists.blocked || 'x' in tags"
outcome = "decline"
code = "whole.blocked"
weight = 1
zh = "例。"
en = "Example."
if_missing = "approve"
[scorecard]
base = 100
min = 0
max = 300
decline_below = 60
refer_below = 110
if_missing = "step_up"
[[scorecard.characteristics]]
id = "card_age"
code = "whole.card_age"
of = "age"
missing = 5
zh = "例。"
en = "Example."
bands = [{ below = 30, points = -20 }, { below = 50, points = 10 }, { points = 20 }]
[[scorecard.characteristics]]
id = "card_share"
code = "whole.card_share"
of = "share"
zh = "例。"
en = "Example."
bands = [{ below = 0.25, points = 30 }, { points = -30 }]
"""
LEVEL = """age,kind,level,cap
<18,,1,10.5
18..60,a|b,2,2000
>=60,!c,3,99999.99
,c,4,0
"""
ROWS = "income,is_new,outcome,code,weight,zh,en\n"
FIRST = ROWS + "<100,true,decline,whole.f1,1,例,Ex\n100..500,,refer,whole.f2,1,例,Ex\n"
ALL = ROWS + ">900,,step_up,whole.a1,1,例,Ex\n>950,false,refer,whole.a2,1,例,Ex\n"
POLICY = decisions.read_policy_texts(
    "whole.toml",
    TOML,
    {"whole.level.csv": LEVEL, "whole.first.csv": FIRST, "whole.all.csv": ALL},
)
MONEY = st.decimals(0, 1000, places=2) | st.sampled_from((Decimal(0), Decimal("1000.125")))
CASES = st.fixed_dictionaries(
    {},
    optional={
        "age": st.integers(0, 100),
        "income": MONEY,
        "debts": MONEY,
        "kind": st.sampled_from("abc"),
        "is_new": st.booleans(),
        "tags": st.lists(st.sampled_from("xyz'\n"), max_size=2),
    },
)
LISTS = st.sampled_from(({}, {"blocked": ["a"]}, {"blocked": []}))


def inputs(policy, event, lists=None):
    return read_inputs(policy, event=event, features={}, lists=lists or {})


@given(st.lists(st.tuples(CASES, LISTS), min_size=1, max_size=12))
@settings(max_examples=80, deadline=None)
def test_duckdb_decides_a_whole_policy_as_the_compiled_one_does(cases):
    found = [inputs(POLICY, event, lists) for event, lists in cases]
    judged = judge_history(POLICY, found)
    assert judged.engine == "duckdb"
    verdicts = [assess(POLICY, each) for each in found]
    assert list(judged.outcomes) == [each.outcome for each in verdicts]
    assert list(judged.scores) == [each.score for each in verdicts]


def test_what_has_no_form_in_sql_is_judged_in_python_and_says_why():
    toml = TOML.replace('"share > 0.4 && level < 3"', '"cap / 3 + 1 > 20"')
    policy = decisions.read_policy_texts(
        "whole.toml",
        toml,
        {"whole.level.csv": LEVEL, "whole.first.csv": FIRST, "whole.all.csv": ALL},
    )
    found = [inputs(policy, {"age": 20, "kind": "a", "income": "200", "debts": "1"})]
    judged = judge_history(policy, found)
    assert judged.engine == "python"
    assert "quotient" in judged.why_python
    assert judged.outcomes == (assess(policy, found[0]).outcome,)


def test_the_shipped_credit_policy_is_judged_in_duckdb_alike():
    policy = decisions.load_policy("credit")
    full = {
        "applicant": {"age": 30, "status": "active"},
        "application": {
            "amount": "50000", "term_months": 24, "instalment_monthly": "2300.55",
            "purpose": "car", "jurisdiction": "cn", "currency": "CNY", "all_in_rate": "0.072",
        },
        "verified": {
            "income_monthly": "14000", "expenses_monthly": "6000.5", "debts_monthly": "900",
            "months_of_history": 24, "missed_payments_12m": 0, "lowest_balance_3m": "100",
        },
        "exposure": {"open_loans": 0, "outstanding": "0"},
        "limits": {"amount_max": "300000", "dsr_max": "0.5"},
    }  # fmt: skip
    cases = [inputs(policy, full)]
    for group, values in full.items():
        for name in values:
            less = {**full, group: {k: v for k, v in values.items() if k != name}}
            cases.append(inputs(policy, less))
    for income in ("0", "2000", "3200.01", "5000", "9000.99"):
        cases.append(
            inputs(policy, {**full, "verified": {**full["verified"], "income_monthly": income}})
        )
    judged = judge_history(policy, cases)
    assert judged.engine == "duckdb"
    assert list(judged.outcomes) == [assess(policy, each).outcome for each in cases]


def capped(cap: int, outcome: str = "decline") -> decisions.Policy:
    toml = f"""
name = "capped"
version = 1
title = {{ zh = "例", en = "Example" }}
[fields]
"amount" = {{ type = "decimal" }}
[[rules]]
id = "large"
when = "amount > {cap}"
outcome = "{outcome}"
code = "capped.large"
weight = 1
zh = "例。"
en = "Example."
"""
    return decisions.read_policy_texts("capped.toml", toml, {})


def test_a_back_test_over_events_counts_refusals_and_the_good_among_them():
    lines = [
        {"id": number, "event": {"amount": number}, "label": "good" if number % 3 else "bad"}
        for number in range(100)
    ]
    found = decisions.back_test_events(capped(80), capped(50), lines)
    assert (found.refused_more.count, found.refused_more.good) == (30, 20)
    assert found.refused_fewer.count == 0
    assert found.engine == "duckdb"
    assert "30 more, of them 20 good" in found.words.en
    back = decisions.back_test_events(capped(50), capped(80), lines)
    assert (back.refused_fewer.count, back.refused_fewer.bad) == (30, 10)


def test_an_outcome_that_was_recorded_counts_instead_of_judging_again():
    lines = [{"id": "a", "event": {"amount": 10}, "outcome": "decline"}]
    found = decisions.back_test_events(capped(80), capped(50), lines)
    assert found.refused_fewer == decisions.Tally(1, 0, 0)
    assert found.refused_fewer.unlabelled == 1


@pytest.mark.parametrize(
    "line",
    [
        {"event": {"amount": 1}, "label": "fine"},
        {"event": {"amount": 1}, "outcome": "maybe"},
        {"event": {"amount": True}},
    ],
)
def test_a_line_that_cannot_be_read_is_refused(line):
    with pytest.raises(BadInputs):
        decisions.back_test_events(capped(80), capped(50), [{"id": "a", **line}])


def test_recorded_decisions_are_judged_again_with_labels_known_by_then(session, bank_id, now):
    requests = [decisions.Request(f"sub_{n}", {"amount": n * 10}, f"key-{n}") for n in range(20)]
    made = decisions.decide_all(
        session, bank_id=bank_id, policy=capped(150), requests=requests, now=now
    )
    week = now + timedelta(days=7)
    labels = [
        decisions.Label(d.decision_id, n % 2 == 0, week, "pty_ann") for n, d in enumerate(made)
    ]
    for wanted in (20, 0):  # said twice, happens once
        assert decisions.record_labels(session, bank_id=bank_id, labels=labels, now=week) == wanted

    def tested(at, **more):
        found = decisions.back_test(
            session, bank_id=bank_id, policy=capped(100), now=at, limit_max=100, **more
        )
        more = found.refused_more
        return more.count, more.good, more.bad

    assert tested(week) == (5, 0, 0)  # nobody knew yet
    assert tested(week + timedelta(seconds=1)) == (5, 2, 3)
    later = [decisions.Label(made[11].decision_id, True, week + timedelta(days=1), "pty_bob")]
    decisions.record_labels(session, bank_id=bank_id, labels=later, now=week)
    assert tested(week + timedelta(days=2)) == (5, 3, 2)
    given = {made[12].decision_id: False}
    assert tested(week, labels=given) == (5, 0, 1)


def test_labels_are_facts_that_nobody_changes(session, bank_id, now):
    import sqlalchemy

    with pytest.raises(sqlalchemy.exc.DatabaseError, match="append-only"):
        session.execute(sqlalchemy.text("DELETE FROM decisions.labels"))
