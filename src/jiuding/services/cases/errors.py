"""Refusals of cases, each with a stable code."""

from __future__ import annotations

from jiuding.base.problems import BadInput, NotFound, Problem


class BadCase(BadInput):
    """Refuse a case or evidence of a shape, size or kind that is not declared."""

    code = "cases.bad_case"
    title = "The case cannot be opened like this"


class BadDeclaration(BadInput):
    """Refuse to work cases by a catalogue that does not say how."""

    code = "cases.bad_declaration"
    title = "How cases are worked is not declared"


class CaseNotFound(NotFound):
    """Refuse to name a case that is not here, or not this bank's."""

    code = "cases.not_found"
    title = "There is no such case"


class QueueEmpty(NotFound):
    """Say that nothing waits for anybody now."""

    code = "cases.queue_empty"
    title = "No case waits"


class CaseHeld(Problem):
    """Refuse to work a case that somebody else holds until their lease ends."""

    code = "cases.held"
    status = 409
    title = "Somebody else is working this case"


class NotHolder(Problem):
    """Refuse to work a case that one has not claimed."""

    code = "cases.not_holder"
    status = 409
    title = "Claim the case first"


class StepNotAllowed(Problem):
    """Refuse a step that the case's state does not allow."""

    code = "cases.step_not_allowed"
    status = 409
    title = "This step is not possible now"


class SamePerson(Problem):
    """Refuse an approval by the person who proposed the outcome: it takes two."""

    code = "cases.same_person"
    status = 403
    title = "Another person has to approve the outcome"


class KeyReused(Problem):
    """Refuse an idempotency key that already stands for something else."""

    code = "cases.key_reused"
    status = 409
    title = "The idempotency key was used for something else"
