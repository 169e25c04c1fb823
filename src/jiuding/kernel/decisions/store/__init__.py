"""Every query of decisions: the records and steps, the labels, and history judged in DuckDB."""

from __future__ import annotations

from jiuding.kernel.decisions.store.history import Judged, judge_history
from jiuding.kernel.decisions.store.labels import add_labels, labels_of
from jiuding.kernel.decisions.store.records import (
    ENGINE,
    Draft,
    Recorded,
    about,
    add,
    add_shadows,
    add_step,
    by_id,
    by_keys,
    decided_policy_names,
    decision_of,
    keep_lists,
    keep_policy,
    list_entries,
    page,
    policy_content,
    policy_names,
    shadow_pairs,
    step_by_key,
    steps,
)

__all__ = [
    "ENGINE",
    "Draft",
    "Judged",
    "Recorded",
    "about",
    "add",
    "add_labels",
    "add_shadows",
    "add_step",
    "by_id",
    "by_keys",
    "decided_policy_names",
    "decision_of",
    "judge_history",
    "keep_lists",
    "keep_policy",
    "labels_of",
    "list_entries",
    "page",
    "policy_content",
    "policy_names",
    "shadow_pairs",
    "step_by_key",
    "steps",
]
