"""Verbs of decisions: load, decide, read, replay, and take a policy through its life."""

from __future__ import annotations

from jiuding.kernel.decisions.operations.backtesting import (
    LABELS_MAX,
    back_test,
    back_test_events,
    labelled_history,
    record_labels,
)
from jiuding.kernel.decisions.operations.catalog import (
    load_policy,
    policy_names,
    read_policy_file,
    read_version,
)
from jiuding.kernel.decisions.operations.deciding import BATCH_MAX, decide, decide_all
from jiuding.kernel.decisions.operations.models import HASH_FILE, MODEL_FILE, load_model
from jiuding.kernel.decisions.operations.publishing import (
    COMPARED_MAX,
    approve_version,
    check_version,
    compare_shadow,
    draft_policy,
    end_shadow,
    publish_version,
    read_life,
    roll_back,
    start_shadow,
    take_step,
)
from jiuding.kernel.decisions.operations.reading import (
    decisions_about,
    decisions_under,
    read_decision,
)
from jiuding.kernel.decisions.operations.replaying import replay, replay_all
from jiuding.kernel.decisions.operations.retaining import (
    REMOVED_MAX,
    Retention,
    hold_decision,
    read_retention,
    release_decision,
    remove_past_decisions,
)

__all__ = [
    "BATCH_MAX",
    "COMPARED_MAX",
    "HASH_FILE",
    "LABELS_MAX",
    "MODEL_FILE",
    "REMOVED_MAX",
    "Retention",
    "approve_version",
    "back_test",
    "back_test_events",
    "check_version",
    "compare_shadow",
    "decide",
    "decide_all",
    "decisions_about",
    "decisions_under",
    "draft_policy",
    "end_shadow",
    "hold_decision",
    "labelled_history",
    "load_model",
    "load_policy",
    "policy_names",
    "publish_version",
    "read_decision",
    "read_life",
    "read_policy_file",
    "read_retention",
    "read_version",
    "record_labels",
    "release_decision",
    "remove_past_decisions",
    "replay",
    "replay_all",
    "roll_back",
    "start_shadow",
    "take_step",
]
