"""Rules of cases: how one lives, what evidence is, how it is pictured, told and declared."""

from __future__ import annotations

from jiuding.services.cases.rules.declared import read_declared
from jiuding.services.cases.rules.evidence import (
    DATA_BYTES_MAX,
    checked,
    decision_evidence,
    graph_evidence,
    match_evidence,
    note_evidence,
    provenance_evidence,
    read_graph,
    signal_evidence,
)
from jiuding.services.cases.rules.life import after, ensure_allowed, ensure_holds, opened
from jiuding.services.cases.rules.pictures import picture
from jiuding.services.cases.rules.timeline import timeline
from jiuding.services.cases.rules.wire import (
    plain_case,
    plain_evidence,
    plain_file,
    plain_graph,
    plain_screened,
)

__all__ = [
    "DATA_BYTES_MAX",
    "after",
    "checked",
    "decision_evidence",
    "ensure_allowed",
    "ensure_holds",
    "graph_evidence",
    "match_evidence",
    "note_evidence",
    "opened",
    "picture",
    "plain_case",
    "plain_evidence",
    "plain_file",
    "plain_graph",
    "plain_screened",
    "provenance_evidence",
    "read_declared",
    "read_graph",
    "signal_evidence",
    "timeline",
]
