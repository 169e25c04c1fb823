"""Evidence and pictures: what may go in, what is refused, and what a picture shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jiuding.base.amounts import Amount, currency
from jiuding.base.ids import new_id
from jiuding.kernel import ledger
from jiuding.services import cases

NODES = [
    {"id": "pty_1", "kind": "party", "label": "pty_1", "flags": ["new"]},
    {"id": "dev_9", "kind": "device", "label": "dev_9", "flags": []},
]
EDGES = [{"from": "pty_1", "to": "dev_9", "kind": "used", "count": 3}]


def test_the_newest_picture_is_shown_joined_by_what_the_evidence_ties_together(room):
    decision = room.decide()
    case = room.open(
        evidence=[
            cases.decision_evidence(decision),
            cases.graph_evidence(NODES, EDGES, at=room.now),
        ]
    )
    graph = room.read(case.case_id).graph
    assert {node.node_id for node in graph.nodes} == {"pty_1", "dev_9", decision.decision_id}
    assert {(e.from_id, e.to_id, e.kind, e.count) for e in graph.edges} == {
        ("pty_1", "dev_9", "used", 3),
        ("pty_1", decision.decision_id, "judged", 1),
    }
    flags = {node.node_id: node.flags for node in graph.nodes}
    assert flags["pty_1"] == ("new",)
    assert flags[decision.decision_id] == ("refer",)


@pytest.mark.parametrize(
    ("nodes", "edges", "why"),
    [
        ([{"kind": "party"}], [], "node 0 has no id"),
        ([NODES[0], NODES[0]], [], "comes twice"),
        (NODES, [{"from": "pty_1", "to": "nobody"}], "leads to no node"),
        (NODES, [{**EDGES[0], "count": 0}], "a count from 1"),
        (NODES, [{**EDGES[0], "count": True}], "a count from 1"),
        ([{"id": "a", "label": "a\u202eb"}], [], "texts"),
        ([{"id": "a", "flags": "listed"}], [], "flags a list"),
        ([{"id": str(n)} for n in range(401)], [], "at most 400"),
    ],
)
def test_a_picture_with_a_hole_is_refused(room, nodes, edges, why):
    with pytest.raises(cases.BadCase, match=why):
        room.open(evidence=[cases.graph_evidence(nodes, edges, at=room.now)])


def test_evidence_keeps_its_form_and_size(room):
    good = cases.signal_evidence(code="signals.x", at=room.now)
    case = room.open()
    add = {"at": room.now}
    for wrong in (
        replace(good, reference="two words"),
        replace(good, happened_at=room.now.replace(tzinfo=None)),
        replace(good, data={"value": "1"}),
        replace(good, data={"code": "a", "more": "x" * 100_001}),
        replace(good, data={"code": "a", "more": float("nan")}),
        replace(good, data={"code": "a", "more": "\0"}),
        cases.note_evidence("  ", note_id="n1", at=room.now),
    ):
        with pytest.raises(cases.BadCase):
            room.do("add_evidence", case.case_id, "ann", evidence=wrong, **add)
    room.do("add_evidence", case.case_id, "ann", evidence=good, **add)
    room.do("add_evidence", case.case_id, "ann", evidence=good, **add)
    assert len(room.read(case.case_id).evidence) == 1


def test_a_decision_put_in_by_hand_says_what_its_record_says(room):
    decision = room.decide()
    case = room.open()
    claimed = cases.NewEvidence(
        cases.EvidenceKind.DECISION, "staff", room.now, decision.decision_id,
        {"policy": "made up", "outcome": "approve", "reasons": []},
    )  # fmt: skip
    room.do("add_evidence", case.case_id, "ann", evidence=claimed)
    (piece,) = room.read(case.case_id).evidence
    assert (piece.data["policy"], piece.data["outcome"]) == ("referring", "refer")


def test_only_the_holder_adds_while_somebody_holds_and_it_holds_for_longer(room):
    from datetime import timedelta

    case = room.open()
    room.do("claim_case", case.case_id, "ann")
    note = cases.note_evidence("seen", note_id="n1", at=room.now)
    with pytest.raises(cases.CaseHeld):
        room.do("add_evidence", case.case_id, "bob", evidence=note)
    soon = room.now + timedelta(minutes=20)
    longer = room.do("add_evidence", case.case_id, "ann", at=soon, evidence=note)
    assert longer.lease_until == soon + timedelta(minutes=30)


def test_where_lent_money_went_is_evidence_with_its_transfers(room):
    cny = currency("CNY")
    words = {"bank_id": room.bank_id, "now": room.now}
    loan = ledger.bank_account(room.session, kind="loan_receivable", asset=cny, **words).account_id
    first, second = (
        ledger.open_account(
            room.session, kind="customer_deposit", owner_id=owner, asset=cny, **words
        ).account_id
        for owner in ("pty_1", "pty_2")
    )
    mark = ledger.open_mark(
        room.session, origin="agr_1", purpose="renovation", forbidden_uses=("securities",), **words
    )
    on = room.now.date()
    paid = [
        ledger.NewTransfer(
            new_id("trf", room.now), loan, first, Amount(5_000, cny), "lending.disbursement", on,
            mark_id=mark.mark_id,
        ),
        ledger.NewTransfer(
            new_id("trf", room.now), first, second, Amount(5_000, cny), "payment.sent", on
        ),
    ]  # fmt: skip
    ledger.post_all(room.session, transfers=paid, **words)
    trace = ledger.trace(
        room.session, bank_id=room.bank_id, account_id=second, mark_id=mark.mark_id
    )
    case = room.open(kind="money_use", evidence=[cases.provenance_evidence(trace, room.now)])
    file = room.read(case.case_id)
    (piece,) = file.evidence
    assert [(each["from"], each["to"]) for each in piece.data["steps"]] == [
        (loan, first), (first, second),
    ]  # fmt: skip
    assert (piece.data["purpose"], piece.data["held"]) == ("renovation", "50.00")
    assert {(edge.from_id, edge.to_id, edge.kind) for edge in file.graph.edges} == {
        (loan, first, "paid"), (first, second, "paid"), (second, "pty_1", "concerns"),
    }  # fmt: skip
