"""Cases: what a person has to look into, decided by two, and what was found feeds back.

Its words: a *case* is of a *kind*, about a *subject*, with a *priority* and an instant at which it
is *due*. *Evidence* speaks in it: a decision, a match with a list, where lent money went, a
signal, a *picture* of who is tied to whom, a note. Its *source* made it come up. The *queue*
is what waits, by priority and then by age; whoever *claims* a case *holds* it until the *lease*
ends. An *outcome* is confirmed, unfounded or inconclusive: one *proposes* it, another *approves* it
or *returns* it. Everything done with a case is a *step*; steps, evidence and news about the subject
in one order are its *timeline*.

Always true: one source opens one case; two people never hold one case; who proposed an outcome
does not approve it; a case is the sum of its numbered steps, each told as news, and looking at a
case is one of them; evidence and steps are never changed; an approved outcome labels the decisions
in evidence, so that back-tests and learners read what was found.

It does not decide and does not score: decisions, risk and signals do, and bring their findings as
evidence. It keeps no names: subjects are ids, and the only names are those of public lists. Staff
are told not to write names into reasons; what they write is not checked for them.
"""

from __future__ import annotations

from jiuding.services.cases.errors import (
    BadCase,
    BadDeclaration,
    CaseHeld,
    CaseNotFound,
    KeyReused,
    NotHolder,
    QueueEmpty,
    SamePerson,
    StepNotAllowed,
)
from jiuding.services.cases.operations import (
    LABELS_MAX,
    PAGE_MAX,
    add_evidence,
    approve_outcome,
    claim_case,
    claim_next,
    clear_match,
    count_cases,
    declared,
    labels_of,
    list_cases,
    look_up,
    open_case,
    peek,
    propose_outcome,
    read_case,
    refer_decision,
    release_case,
    return_outcome,
    screen_subject,
)
from jiuding.services.cases.rules import (
    decision_evidence,
    graph_evidence,
    match_evidence,
    note_evidence,
    plain_case,
    plain_file,
    plain_graph,
    provenance_evidence,
    read_graph,
    signal_evidence,
)
from jiuding.services.cases.types import (
    PRIORITIES,
    Case,
    CaseFile,
    CaseOutcome,
    Counts,
    Declared,
    Edge,
    Evidence,
    EvidenceKind,
    Graph,
    Kind,
    Moment,
    NewEvidence,
    Node,
    Page,
    Screened,
    Status,
    Step,
    StepKind,
    Wanted,
)

__all__ = [
    "LABELS_MAX",
    "PAGE_MAX",
    "PRIORITIES",
    "BadCase",
    "BadDeclaration",
    "Case",
    "CaseFile",
    "CaseHeld",
    "CaseNotFound",
    "CaseOutcome",
    "Counts",
    "Declared",
    "Edge",
    "Evidence",
    "EvidenceKind",
    "Graph",
    "KeyReused",
    "Kind",
    "Moment",
    "NewEvidence",
    "Node",
    "NotHolder",
    "Page",
    "QueueEmpty",
    "SamePerson",
    "Screened",
    "Status",
    "Step",
    "StepKind",
    "StepNotAllowed",
    "Wanted",
    "add_evidence",
    "approve_outcome",
    "claim_case",
    "claim_next",
    "clear_match",
    "count_cases",
    "decision_evidence",
    "declared",
    "graph_evidence",
    "labels_of",
    "list_cases",
    "look_up",
    "match_evidence",
    "note_evidence",
    "open_case",
    "peek",
    "plain_case",
    "plain_file",
    "plain_graph",
    "propose_outcome",
    "provenance_evidence",
    "read_case",
    "read_graph",
    "refer_decision",
    "release_case",
    "return_outcome",
    "screen_subject",
    "signal_evidence",
]
