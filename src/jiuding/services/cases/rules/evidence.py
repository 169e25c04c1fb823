"""What evidence holds, by kind, and the limits that it keeps.

decision        policy, policy_version, outcome, score, reasons [{code, weight, values, zh, en}]
screening_match listed_name, score, why, list, clearance_hash: the listed name is public
clearance       entry_id, reason
provenance      mark, purpose, account, held, steps [{at, from, to, amount, asset, code}], is_whole
signal          code, value, zh, en
graph           nodes [{id, kind, label, flags}], edges [{from, to, kind, count}]
note            text
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jiuding.services.cases.errors import BadCase
from jiuding.services.cases.types import Edge, EvidenceKind, Graph, NewEvidence, Node

DATA_BYTES_MAX = 100_000
WORDS_MAX = 2_000
REASONS_MAX = 20
VALUE_MAX = 400  # a decision's own record holds the whole
NODES_MAX = 400
EDGES_MAX = 2_000
FLAGS_MAX = 8

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/+=#,~-]{0,127}")
_NEEDED: Mapping[EvidenceKind, Mapping[str, type]] = {
    EvidenceKind.DECISION: {"policy": str, "outcome": str, "reasons": list},
    EvidenceKind.SCREENING_MATCH: {"listed_name": str, "score": int, "why": list, "list": str},
    EvidenceKind.CLEARANCE: {"entry_id": str, "reason": str},
    EvidenceKind.PROVENANCE: {"mark": str, "purpose": str, "steps": list},
    EvidenceKind.SIGNAL: {"code": str},
    EvidenceKind.GRAPH: {"nodes": list, "edges": list},
    EvidenceKind.NOTE: {"text": str},
}


def checked(given: NewEvidence) -> NewEvidence:
    """Return evidence that may go into a case, in plain values.

    Refuses: BadCase for a source or reference that is no id, data that lacks what its kind needs,
    cannot be JSON or is over 100,000 bytes, or an instant without its zone.
    """
    for what, text in (("source", given.source), ("reference", given.reference)):
        if not _WORD.fullmatch(text):
            raise BadCase(f"a {what} is an id or a code, not {text[:40]!r}")
    if given.happened_at.tzinfo is None:
        raise BadCase("an instant carries its zone")
    for name, kind in _NEEDED[given.kind].items():
        found = given.data.get(name)
        if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
            raise BadCase(f"{given.kind.value} needs {name} as {kind.__name__}")
    if given.kind is EvidenceKind.GRAPH:
        read_graph(given.data)
    if given.kind is EvidenceKind.NOTE and not 0 < len(given.data["text"].strip()) <= WORDS_MAX:
        raise BadCase(f"a note has 1 to {WORDS_MAX} characters")
    try:
        text = json.dumps(dict(given.data), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BadCase(f"evidence is plain JSON: {error}") from None
    if len(text.encode()) > DATA_BYTES_MAX or "\\u0000" in text:
        raise BadCase(f"evidence has at most {DATA_BYTES_MAX} bytes, and no zero byte")
    return given


def read_graph(data: Mapping[str, Any]) -> Graph:
    """Return a graph from `{nodes: [{id, kind, label, flags}], edges: [{from, to, kind, count}]}`.

    Refuses: BadCase, saying which node or edge, for one that lacks its id, an id that comes twice,
    an edge whose end is no node, a count below 1, or too many of them.
    """
    nodes, edges = data.get("nodes"), data.get("edges")
    if not isinstance(nodes, list) or not isinstance(edges, list):
        raise BadCase("a graph has nodes and edges")
    if len(nodes) > NODES_MAX or len(edges) > EDGES_MAX:
        raise BadCase(f"a graph has at most {NODES_MAX} nodes and {EDGES_MAX} edges")
    read: dict[str, Node] = {}
    for place, each in enumerate(nodes):
        node = _node(each, place)
        if node.node_id in read:
            raise BadCase(f"node {node.node_id[:60]} comes twice")
        read[node.node_id] = node
    return Graph(tuple(read.values()), tuple(_edge(each, n, read) for n, each in enumerate(edges)))


def _node(given: Any, place: int) -> Node:
    if not isinstance(given, Mapping) or not _is_text(given.get("id"), 128):
        raise BadCase(f"node {place} has no id")
    label, kind = given.get("label") or given["id"], given.get("kind") or "other"
    flags = given.get("flags") or []
    if not (_is_text(label, 200) and _is_text(kind, 40)) or not isinstance(flags, list | tuple):
        raise BadCase(f"node {place}: kind and label are texts, flags a list")
    if len(flags) > FLAGS_MAX or not all(_is_text(flag, 60) for flag in flags):
        raise BadCase(f"node {place}: at most {FLAGS_MAX} flags, each a word")
    return Node(given["id"], kind, label, tuple(flags))


def _edge(given: Any, place: int, nodes: Mapping[str, Node]) -> Edge:
    if not isinstance(given, Mapping):
        raise BadCase(f"edge {place} is an object")
    ends = (given.get("from"), given.get("to"))
    if not all(isinstance(end, str) and end in nodes for end in ends):
        raise BadCase(f"edge {place} leads to no node")
    kind, count = given.get("kind") or "other", given.get("count", 1)
    if not _is_text(kind, 60) or not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise BadCase(f"edge {place}: a kind, and a count from 1")
    return Edge(str(ends[0]), str(ends[1]), kind, count)


def _is_text(value: Any, length_max: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= length_max and value.isprintable()


def decision_evidence(decision: Any) -> NewEvidence:
    """Return a recorded decision (`decisions.Decision`) as evidence, with its reasons in words."""
    reasons = [
        {
            "code": each.code,
            "weight": each.weight,
            "values": {name: value and value[:VALUE_MAX] for name, value in each.values.items()},
            "zh": each.text_zh[:VALUE_MAX],
            "en": each.text_en[:VALUE_MAX],
        }
        for each in decision.reasons[:REASONS_MAX]
    ]
    return NewEvidence(
        EvidenceKind.DECISION, "decisions", decision.decided_at, decision.decision_id,
        {
            "policy": decision.policy_name,
            "policy_version": decision.policy_version,
            "model_version": decision.model_version,
            "outcome": decision.outcome.value,
            "score": decision.score,
            "reasons": reasons,
            "not_evaluated": [each.rule for each in decision.not_evaluated[:20]],
        },
    )  # fmt: skip


def match_evidence(match: Any, clearance_hash: str, now: datetime) -> NewEvidence:
    """Return a match with a list (`risk.Match`) as evidence; it holds no name of the subject's."""
    return NewEvidence(
        EvidenceKind.SCREENING_MATCH, "screening", now,
        f"{_as_word(match.entry_id)}#{clearance_hash[:32]}",
        {
            "entry_id": match.entry_id,
            "listed_name": match.name,
            "score": match.score,
            "why": list(match.why),
            "list": match.source or match.entry_id.partition(":")[0],
            "clearance_hash": clearance_hash,
        },
    )  # fmt: skip


def _as_word(text: str) -> str:
    """Return an id of somebody else's making as a reference may hold it."""
    return re.sub(r"[^A-Za-z0-9_.:-]", "-", text)[:80].lstrip("_.:-") or "entry"


def provenance_evidence(trace: Any, now: datetime) -> NewEvidence:
    """Return where lent money went (`ledger.Trace`) as evidence."""
    steps = [
        {
            "transfer_id": each.transfer_id,
            "at": each.recorded_at.isoformat(),
            "from": each.debit_id,
            "to": each.credit_id,
            "amount": f"{each.amount.decimal:f}",
            "asset": each.amount.asset.code,
            "code": each.code,
        }
        for each in trace.steps
    ]
    return NewEvidence(
        EvidenceKind.PROVENANCE, "ledger",
        trace.steps[-1].recorded_at if trace.steps else now,
        f"{trace.mark.mark_id}:{trace.account_id}",
        {
            "mark": trace.mark.mark_id,
            "origin": trace.mark.origin,
            "purpose": trace.mark.purpose,
            "forbidden_uses": list(trace.mark.forbidden_uses),
            "account": trace.account_id,
            "held": f"{trace.amount.decimal:f}",
            "asset": trace.amount.asset.code,
            "steps": steps,
            "is_whole": trace.is_whole,
        },
    )  # fmt: skip


def signal_evidence(
    *, code: str, at: datetime, value: str = "", zh: str = "", en: str = "", source: str = "signals"
) -> NewEvidence:
    """Return something noticed as evidence: a code, its value, and a sentence in both languages."""
    data = {"code": code, "value": value, "zh": zh, "en": en}
    digest = hashlib.sha256(f"{code}\n{value}\n{at.isoformat()}".encode()).hexdigest()[:16]
    return NewEvidence(EvidenceKind.SIGNAL, source, at, f"{code}#{digest}", data)


def graph_evidence(
    nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]], *, at: datetime,
    source: str = "signals",
) -> NewEvidence:  # fmt: skip
    """Return a picture as evidence; the newest in a case is the one that is shown.

    `nodes` are `{id, kind, label, flags}`, `edges` `{from, to, kind, count}`.
    """
    data = {"nodes": [dict(each) for each in nodes], "edges": [dict(each) for each in edges]}
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    return NewEvidence(EvidenceKind.GRAPH, source, at, f"graph#{digest}", data)


def note_evidence(text: str, *, note_id: str, at: datetime) -> NewEvidence:
    """Return what a member of staff writes down as evidence."""
    return NewEvidence(EvidenceKind.NOTE, "staff", at, note_id, {"text": text.strip()})
