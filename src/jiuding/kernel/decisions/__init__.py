"""Decisions: how the bank judges, explained, recorded and repeatable.

Its words: a *policy* states rules, decision tables, a scorecard and reasons, in TOML and CSV; its
*version* is the hash of its content. A *condition* is written in CEL and read once into a typed
tree. Judging *inputs* (event, features, lists, model version) gives a *verdict*; a verdict on
record is a *decision*, with an *outcome* (approve, step_up, refer, decline), *reasons* by weight,
each with a *remedy*, and what was *not evaluated*. A *replay* makes a recorded decision again. A
version's *life* is its *steps*: drafted, checked, in *shadow*, approved, live with a *share*. A
*back-test* judges the past again under a candidate; a *label* says how a decision turned out.

Always true: a verdict is a pure function of policy and inputs; every part is judged, the worst
outcome wins; a missing field makes what reads it not evaluated, which is listed and brings the
policy's stated outcome, and is never false (only a side of `&&` or `||` that decides alone is
stronger, as CEL says); numbers are exact; all five inputs are stored, so a replay is identical
byte for byte; a policy that is unclear, ill-typed or constant is refused before it judges; a
published version was approved, by its hash, by another person than the one who drafted it. The
tree of a condition has four back ends (compiled Python, DuckDB, Z3, words) that never disagree: one
that cannot answer exactly says so. A decision takes about 1.8 kB and nothing here deletes it.

It does not raise on a decline, which is an answer; does not read what a customer wrote; does not
compute features over time or train models: their values come in as features.
"""

from __future__ import annotations

from jiuding.kernel.decisions.errors import (
    BadExpression,
    BadInputs,
    BadPolicy,
    CheckFailed,
    DecisionNotFound,
    KeyReused,
    PolicyNotFound,
    SamePerson,
    StaffRequired,
    StepNotAllowed,
)
from jiuding.kernel.decisions.events import DECISION_MADE
from jiuding.kernel.decisions.operations import (
    BATCH_MAX,
    approve_version,
    back_test,
    back_test_events,
    check_version,
    compare_shadow,
    decide,
    decide_all,
    decisions_about,
    draft_policy,
    end_shadow,
    load_policy,
    policy_names,
    publish_version,
    read_decision,
    read_life,
    read_policy_file,
    read_version,
    record_labels,
    replay,
    replay_all,
    roll_back,
    start_shadow,
    take_step,
)
from jiuding.kernel.decisions.rules import (
    affordable_principal,
    assess,
    check_policy,
    explain,
    person_of,
    plain_back_test,
    plain_comparison,
    plain_findings,
    plain_life,
    plain_step,
    plain_verdict,
    prepare_list,
    read_inputs,
    read_policy_texts,
    staff_token,
)
from jiuding.kernel.decisions.types.decisions import (
    Decision,
    Inputs,
    Label,
    ListVersion,
    NotEvaluated,
    Outcome,
    Reason,
    Replay,
    ReplayCount,
    Request,
    Verdict,
)
from jiuding.kernel.decisions.types.lives import (
    Arm,
    BackTest,
    Change,
    Comparison,
    Life,
    PolicyStep,
    Step,
    Tally,
)
from jiuding.kernel.decisions.types.policies import Finding, FindingKind, Policy, Words

__all__ = [
    "BATCH_MAX",
    "DECISION_MADE",
    "Arm",
    "BackTest",
    "BadExpression",
    "BadInputs",
    "BadPolicy",
    "Change",
    "CheckFailed",
    "Comparison",
    "Decision",
    "DecisionNotFound",
    "Finding",
    "FindingKind",
    "Inputs",
    "KeyReused",
    "Label",
    "Life",
    "ListVersion",
    "NotEvaluated",
    "Outcome",
    "Policy",
    "PolicyNotFound",
    "PolicyStep",
    "Reason",
    "Replay",
    "ReplayCount",
    "Request",
    "SamePerson",
    "StaffRequired",
    "Step",
    "StepNotAllowed",
    "Tally",
    "Verdict",
    "Words",
    "affordable_principal",
    "approve_version",
    "assess",
    "back_test",
    "back_test_events",
    "check_policy",
    "check_version",
    "compare_shadow",
    "decide",
    "decide_all",
    "decisions_about",
    "draft_policy",
    "end_shadow",
    "explain",
    "load_policy",
    "person_of",
    "plain_back_test",
    "plain_comparison",
    "plain_findings",
    "plain_life",
    "plain_step",
    "plain_verdict",
    "policy_names",
    "prepare_list",
    "publish_version",
    "read_decision",
    "read_inputs",
    "read_life",
    "read_policy_file",
    "read_policy_texts",
    "read_version",
    "record_labels",
    "replay",
    "replay_all",
    "roll_back",
    "staff_token",
    "start_shadow",
    "take_step",
]
