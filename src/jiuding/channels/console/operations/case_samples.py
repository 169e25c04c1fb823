"""An invented case for the design pages: a ring of customers around one device."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from jiuding.channels.console.operations.casework import file_view, row_view
from jiuding.channels.console.operations.samples import AT
from jiuding.channels.console.types.casework import CaseRowView, CaseView, QueueView
from jiuding.services import cases

_CASE = cases.Case(
    case_id="cas_01k8z3demc0000000000000000", kind="ring", subject="pty_01k8z3demp0000000000000001",
    priority=2, status=cases.Status.OPEN, opened_at=AT - timedelta(hours=26),
    due_at=AT - timedelta(hours=2), opened_by="signals:ring", holder="wei", outcome=None,
    lease_until=AT + timedelta(minutes=20), proposed_by=None, closed_at=None, step_count=3,
)  # fmt: skip
_PEOPLE = tuple(f"pty_01k8z3demp000000000000000{number}" for number in range(1, 7))


def _graph() -> cases.Graph:
    nodes = [cases.Node(each, "party", each) for each in _PEOPLE]
    nodes += [
        cases.Node("dev_7c41", "device", "dev_7c41", ("shared",)),
        cases.Node("203.0.113.0/24", "network", "203.0.113.0/24", ("data_centre",)),
        cases.Node("pye_9", "payee", "pye_9", ("risky",)),
    ]
    edges = [cases.Edge(each, "dev_7c41", "used", 2 + n) for n, each in enumerate(_PEOPLE)]
    edges.append(cases.Edge("dev_7c41", "203.0.113.0/24", "logged_in_from", 19))
    edges += [cases.Edge(each, "pye_9", "paid", 1) for each in _PEOPLE[:3]]
    return cases.Graph(tuple(nodes), tuple(edges))


def case(lang: str) -> CaseView:
    """Return a case that one person holds, late, with evidence and a picture."""
    signal = cases.Evidence(
        1, cases.EvidenceKind.SIGNAL, "signals", AT - timedelta(hours=27), "signals.shared_device",
        {"code": "signals.shared_device", "value": "6",
         "zh": "六位客户在两天内用过同一台设备。",
         "en": "Six customers used one device within two days."},
        "signals:ring", AT - timedelta(hours=26),
    )  # fmt: skip
    steps = (
        cases.Step(1, cases.StepKind.OPENED, "signals:ring", _CASE.opened_at, {}),
        cases.Step(2, cases.StepKind.CLAIMED, "wei", AT - timedelta(minutes=10), {}),
        cases.Step(3, cases.StepKind.VIEWED, "wei", AT - timedelta(minutes=9), {}),
    )
    moments = (
        cases.Moment(signal.happened_at, "evidence", 1, "signal", signal.added_by, signal.data),
        *(cases.Moment(each.at, "step", each.number, each.step, each.by, {}) for each in steps),
    )
    file = cases.CaseFile(_CASE, (signal,), steps, _graph(), moments)
    return file_view(file, by="wei", lang=lang, now=AT)


def rows(lang: str) -> tuple[CaseRowView, ...]:
    """Return a queue: late and held, free, proposed, closed."""
    free = replace(
        _CASE, kind="screening", holder=None, lease_until=None, due_at=AT + timedelta(hours=3)
    )
    proposed = replace(
        free, kind="referral", priority=3, status=cases.Status.PROPOSED, proposed_by="mei",
        outcome=cases.CaseOutcome.UNFOUNDED,
    )  # fmt: skip
    closed = replace(proposed, kind="fraud", priority=1, status=cases.Status.CLOSED, closed_at=AT)
    return tuple(row_view(each, lang=lang, now=AT) for each in (_CASE, free, proposed, closed))


def queue(lang: str) -> QueueView:
    """Return a page of the queue."""
    kinds = cases.declared().kinds.values()
    return QueueView(
        "open", "", "", tuple((each.name, getattr(each, f"title_{lang}")) for each in kinds),
        rows(lang), None, 2, 1, 1,
    )  # fmt: skip
