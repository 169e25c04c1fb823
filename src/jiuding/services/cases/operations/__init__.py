"""Verbs of cases: open, read, work, decide by two, screen."""

from __future__ import annotations

from jiuding.services.cases.operations.declaring import declared
from jiuding.services.cases.operations.judging import (
    approve_outcome,
    propose_outcome,
    return_outcome,
)
from jiuding.services.cases.operations.opening import add_evidence, open_case, refer_decision
from jiuding.services.cases.operations.reading import (
    LABELS_MAX,
    PAGE_MAX,
    count_cases,
    labels_of,
    list_cases,
    peek,
    read_case,
)
from jiuding.services.cases.operations.screening import clear_match, look_up, screen_subject
from jiuding.services.cases.operations.working import claim_case, claim_next, release_case

__all__ = [
    "LABELS_MAX",
    "PAGE_MAX",
    "add_evidence",
    "approve_outcome",
    "claim_case",
    "claim_next",
    "clear_match",
    "count_cases",
    "declared",
    "labels_of",
    "list_cases",
    "look_up",
    "open_case",
    "peek",
    "propose_outcome",
    "read_case",
    "refer_decision",
    "release_case",
    "return_outcome",
    "screen_subject",
]
