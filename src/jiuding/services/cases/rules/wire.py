"""Cases as programs read them: plain values only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jiuding.services.cases.types import (
    PRIORITIES,
    Case,
    CaseFile,
    Evidence,
    Graph,
    Moment,
    Screened,
)


def plain_case(case: Case, now: datetime) -> dict[str, Any]:
    """Return a case, with how long it has waited and whether that is too long."""
    holder = case.holder_at(now)
    return {
        "case_id": case.case_id,
        "kind": case.kind,
        "subject": case.subject,
        "priority": PRIORITIES[case.priority - 1],
        "status": case.status.value,
        "opened_at": case.opened_at.isoformat(),
        "opened_by": case.opened_by,
        "due_at": case.due_at.isoformat(),
        "age_seconds": int(((case.closed_at or now) - case.opened_at).total_seconds()),
        "is_overdue": case.overdue_at(now),
        "holder": holder,
        "lease_until": case.lease_until.isoformat() if holder and case.lease_until else None,
        "outcome": case.outcome.value if case.outcome else None,
        "proposed_by": case.proposed_by,
        "closed_at": case.closed_at.isoformat() if case.closed_at else None,
    }


def plain_evidence(each: Evidence) -> dict[str, Any]:
    """Return one piece of evidence."""
    return {
        "number": each.number,
        "kind": each.kind.value,
        "source": each.source,
        "happened_at": each.happened_at.isoformat(),
        "reference": each.reference,
        "data": dict(each.data),
        "added_by": each.added_by,
        "added_at": each.added_at.isoformat(),
    }


def plain_graph(graph: Graph) -> dict[str, Any]:
    """Return a picture as nodes and edges."""
    return {
        "nodes": [
            {"id": n.node_id, "kind": n.kind, "label": n.label, "flags": list(n.flags)}
            for n in graph.nodes
        ],
        "edges": [
            {"from": e.from_id, "to": e.to_id, "kind": e.kind, "count": e.count}
            for e in graph.edges
        ],
    }


def plain_file(file: CaseFile, now: datetime) -> dict[str, Any]:
    """Return a case with its evidence, its picture and its timeline."""
    return {
        **plain_case(file.case, now),
        "evidence": [plain_evidence(each) for each in file.evidence],
        "graph": plain_graph(file.graph),
        "timeline": [_moment(each) for each in file.timeline],
    }


def _moment(each: Moment) -> dict[str, Any]:
    return {
        "at": each.at.isoformat(),
        "part": each.part,
        "number": each.number,
        "name": each.name,
        "by": each.by,
        "data": dict(each.data),
    }


def plain_screened(found: Screened, now: datetime) -> dict[str, Any]:
    """Return what screening found: open matches, cleared ones, lapsed clearances, the case."""
    screening = found.screening
    clearances = {each.entry_id: each for each in screening.clearances}
    return {
        "matches": [_match(each, clearances) for each in screening.matches],
        "cleared": [_match(each, clearances) for each in screening.cleared],
        "list_version": screening.list_version,
        "case": plain_case(found.case, now) if found.case else None,
    }


def _match(match: Any, clearances: dict[str, Any]) -> dict[str, Any]:
    known = clearances.get(match.entry_id)
    return {
        "entry_id": match.entry_id,
        "name": match.name,
        "score": match.score,
        "why": list(match.why),
        "source": match.source,
        "clearance": known
        and {
            "by": known.by,
            "reason": known.reason,
            "cleared_at": known.cleared_at.isoformat(),
            "has_lapsed": not known.is_current,
        },
    }
