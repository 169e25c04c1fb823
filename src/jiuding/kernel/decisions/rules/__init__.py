"""Rules of judging: the language of conditions, policies, tables, scorecards, and the verdict."""

from __future__ import annotations

from jiuding.kernel.decisions.rules.assessment import (
    MISSING_CODE,
    assess,
    environment_with_derived,
    evaluate_or_none,
)
from jiuding.kernel.decisions.rules.canonical import (
    canonical,
    hash_of,
    plain_inputs,
    plain_verdict,
    verdict_hash,
    verdict_of,
)
from jiuding.kernel.decisions.rules.cel_checker import read_expression
from jiuding.kernel.decisions.rules.cel_compiler import compile_node, evaluate
from jiuding.kernel.decisions.rules.cel_functions import affordable_principal
from jiuding.kernel.decisions.rules.cel_sql import NotInSql, Sql, digits_of, to_sql, units_of
from jiuding.kernel.decisions.rules.cel_text import describe
from jiuding.kernel.decisions.rules.checks import check_policy
from jiuding.kernel.decisions.rules.comparisons import compare, compare_cases
from jiuding.kernel.decisions.rules.inputs import prepare_list, read_inputs, request_hash
from jiuding.kernel.decisions.rules.lives import arm_for, ensure_allowed, life_of
from jiuding.kernel.decisions.rules.models import (
    as_features,
    encode,
    judge,
    judge_row,
    log_odds,
    probability,
    read_content,
    read_model,
    write_content,
)
from jiuding.kernel.decisions.rules.policies import read_policy_content, read_policy_texts
from jiuding.kernel.decisions.rules.policy_sql import Query, judge_in_sql, quoted_name
from jiuding.kernel.decisions.rules.wire import (
    person_of,
    plain_back_test,
    plain_comparison,
    plain_findings,
    plain_life,
    plain_step,
    plain_words,
    staff_token,
)
from jiuding.kernel.decisions.types.policies import Policy, Words

__all__ = [
    "MISSING_CODE",
    "NotInSql",
    "Query",
    "Sql",
    "affordable_principal",
    "arm_for",
    "as_features",
    "assess",
    "canonical",
    "check_policy",
    "compare",
    "compare_cases",
    "compile_node",
    "describe",
    "digits_of",
    "encode",
    "ensure_allowed",
    "environment_with_derived",
    "evaluate",
    "evaluate_or_none",
    "explain",
    "hash_of",
    "judge",
    "judge_in_sql",
    "judge_row",
    "life_of",
    "log_odds",
    "person_of",
    "plain_back_test",
    "plain_comparison",
    "plain_findings",
    "plain_inputs",
    "plain_life",
    "plain_step",
    "plain_verdict",
    "plain_words",
    "prepare_list",
    "probability",
    "quoted_name",
    "read_content",
    "read_expression",
    "read_inputs",
    "read_model",
    "read_policy_content",
    "read_policy_texts",
    "request_hash",
    "staff_token",
    "to_sql",
    "units_of",
    "verdict_hash",
    "verdict_of",
    "write_content",
]


def explain(policy: Policy) -> dict[str, Words]:
    """Return what each rule's condition says, by rule id, in Chinese and English."""
    return {rule.id: describe(rule.when, policy.known) for rule in policy.rules}
