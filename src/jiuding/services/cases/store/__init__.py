"""Every query of cases: one case and its facts, and the queue."""

from __future__ import annotations

from jiuding.services.cases.store.facts import (
    add_evidence,
    add_step,
    evidence_of,
    step_by_key,
    steps_of,
)
from jiuding.services.cases.store.queue import (
    counts,
    labelled,
    open_about,
    page,
    sources_of,
    take_first,
)
from jiuding.services.cases.store.rows import add, by_source, change, claim_source, lock, read

__all__ = [
    "add",
    "add_evidence",
    "add_step",
    "by_source",
    "change",
    "claim_source",
    "counts",
    "evidence_of",
    "labelled",
    "lock",
    "open_about",
    "page",
    "read",
    "sources_of",
    "step_by_key",
    "steps_of",
    "take_first",
]
