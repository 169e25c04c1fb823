"""The picture of a case: what was drawn for it, and what its evidence ties to its subject."""

from __future__ import annotations

from collections.abc import Sequence

from jiuding.services.cases.rules.evidence import read_graph
from jiuding.services.cases.types import Case, Edge, Evidence, EvidenceKind, Graph, Node

ENTRIES_MAX = 12  # of each kind of evidence: a picture is looked at, not counted


def picture(case: Case, evidence: Sequence[Evidence]) -> Graph:
    """Return the newest graph among the evidence, joined by what the rest of it ties together.

    A node that both know is drawn once; the subject is always there.
    """
    drawn = [each for each in evidence if each.kind is EvidenceKind.GRAPH]
    graph = read_graph(drawn[-1].data) if drawn else Graph((), ())
    nodes = {node.node_id: node for node in graph.nodes}
    edges = {(each.from_id, each.to_id, each.kind): each for each in graph.edges}
    nodes.setdefault(case.subject, Node(case.subject, "subject", case.subject))
    counts: dict[EvidenceKind, int] = {}
    for each in evidence:
        counts[each.kind] = counts.get(each.kind, 0) + 1
        if counts[each.kind] > ENTRIES_MAX:
            continue
        for node in _nodes(each):
            nodes.setdefault(node.node_id, node)
        for edge in _edges(case, each):
            edges.setdefault((edge.from_id, edge.to_id, edge.kind), edge)
    return Graph(tuple(nodes.values()), tuple(edges.values()))


def _nodes(each: Evidence) -> list[Node]:
    data = each.data
    match each.kind:
        case EvidenceKind.DECISION:
            flags = (data["outcome"],) if data["outcome"] != "approve" else ()
            return [Node(each.reference, "decision", data["policy"], flags)]
        case EvidenceKind.SCREENING_MATCH:
            return [Node(_entry(each), "list_entry", data["listed_name"], ("listed",))]
        case EvidenceKind.PROVENANCE:
            ends = [end for step in data["steps"] for end in (step["from"], step["to"])]
            accounts = dict.fromkeys(ends[: 2 * ENTRIES_MAX])
            return [Node(end, "account", end) for end in accounts]
        case _:
            return []


def _edges(case: Case, each: Evidence) -> list[Edge]:
    match each.kind:
        case EvidenceKind.DECISION:
            return [Edge(case.subject, each.reference, "judged", 1)]
        case EvidenceKind.SCREENING_MATCH:
            return [Edge(case.subject, _entry(each), "name_near", 1)]
        case EvidenceKind.PROVENANCE:
            return _paths(case, each)
        case _:
            return []


def _paths(case: Case, each: Evidence) -> list[Edge]:
    counts: dict[tuple[str, str], int] = {}
    for step in each.data["steps"][:ENTRIES_MAX]:
        pair = (step["from"], step["to"])
        counts[pair] = counts.get(pair, 0) + 1
    found = [Edge(one, other, "paid", count) for (one, other), count in counts.items()]
    last = each.data["steps"][-1]["to"] if each.data["steps"] else None
    if last is not None and len(each.data["steps"]) <= ENTRIES_MAX and last != case.subject:
        found.append(Edge(last, case.subject, "concerns", 1))
    return found


def _entry(each: Evidence) -> str:
    return str(each.data.get("entry_id") or each.reference)
