"""Verbs of decisions: load, decide, read, replay, and take a policy through its life."""

from __future__ import annotations

from jiuding.kernel.decisions.operations.catalog import load_policy, read_version
from jiuding.kernel.decisions.operations.deciding import BATCH_MAX, decide, decide_all
from jiuding.kernel.decisions.operations.models import HASH_FILE, MODEL_FILE, load_model
from jiuding.kernel.decisions.operations.publishing import (
    approve_version,
    check_version,
    compare_shadow,
    draft_policy,
    end_shadow,
    publish_version,
    read_life,
    roll_back,
    start_shadow,
)
from jiuding.kernel.decisions.operations.reading import decisions_about, read_decision
from jiuding.kernel.decisions.operations.replaying import back_test, replay, replay_all

__all__ = [
    "BATCH_MAX",
    "HASH_FILE",
    "MODEL_FILE",
    "approve_version",
    "back_test",
    "check_version",
    "compare_shadow",
    "decide",
    "decide_all",
    "decisions_about",
    "draft_policy",
    "end_shadow",
    "load_model",
    "load_policy",
    "publish_version",
    "read_decision",
    "read_life",
    "read_version",
    "replay",
    "replay_all",
    "roll_back",
    "start_shadow",
]
