"""Refusals of decisions. A decline is not here: it is an answer."""

from __future__ import annotations

from jiuding.base.problems import BadInput, NotFound, Problem


class BadExpression(BadInput):
    """Refuse a condition that cannot be read or whose types do not fit; `at` counts from 0."""

    code = "decisions.bad_expression"
    title = "The expression cannot be used"


class BadPolicy(BadInput):
    """Refuse a policy, naming the file, the part of it, and the position in an expression."""

    code = "decisions.bad_policy"
    title = "The policy cannot be used"


class BadInputs(BadInput):
    """Refuse inputs whose type, size or value the policy does not allow; nothing was decided."""

    code = "decisions.bad_inputs"
    title = "The inputs do not fit the policy"


class PolicyNotFound(NotFound):
    """Refuse to use a policy, or a version of it, that is not here."""

    code = "decisions.policy_not_found"
    title = "There is no such policy"


class DecisionNotFound(NotFound):
    """Refuse to name a decision that is not here, or not this bank's."""

    code = "decisions.not_found"
    title = "There is no such decision"


class KeyReused(Problem):
    """Refuse an idempotency key that already stands for other content."""

    code = "decisions.key_reused"
    status = 409
    title = "The idempotency key was used for something else"


class CheckFailed(Problem):
    """Refuse to go on with a version whose checks found what must not be published."""

    code = "decisions.check_failed"
    status = 409
    title = "The policy has findings that stop it"


class StepNotAllowed(Problem):
    """Refuse a step that the policy's life does not allow now."""

    code = "decisions.step_not_allowed"
    status = 409
    title = "This step is not possible now"


class SamePerson(Problem):
    """Refuse an approval by the person who drafted the version: it takes two."""

    code = "decisions.same_person"
    status = 403
    title = "Another person has to approve"


class BadModel(Problem):
    """Refuse a model whose file is not the pinned one, or is not plain finite numbers."""

    code = "decisions.bad_model"
    status = 409
    title = "The model cannot be used"


class ModelNotFound(NotFound):
    """Refuse to use a model that is not here."""

    code = "decisions.model_not_found"
    title = "There is no such model"


class StaffRequired(Problem):
    """Refuse what only a member of staff may do, who shows a token of their own."""

    code = "decisions.staff_required"
    status = 401
    title = "Only a member of staff may do this"
