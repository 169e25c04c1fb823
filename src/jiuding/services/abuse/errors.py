"""Refusals of abuse, each with a stable code."""

from __future__ import annotations

from jiuding.base.problems import BadInput, NotFound, Problem


class GateNotFound(NotFound):
    """Refuse to judge at a gate that no family keeps."""

    code = "abuse.gate_not_found"
    title = "There is no such gate"


class FamilyNotFound(NotFound):
    """Refuse to play a family of abuse that is not known here."""

    code = "abuse.family_not_found"
    title = "There is no such family of abuse"


class ActNotFound(NotFound):
    """Refuse to say what became of an act that was never judged."""

    code = "abuse.act_not_found"
    title = "There is no such act"


class BadAct(BadInput):
    """Refuse an act whose instant or fields its gate's stream does not understand."""

    code = "abuse.bad_act"
    title = "The act cannot be judged"


class ProofRequired(Problem):
    """Ask for a stronger proof than the one offered; nobody is turned away for an address."""

    code = "abuse.proof_required"
    status = 403
    title = "Confirm with a passkey, or on a device that you used before"


class ActDeclined(Problem):
    """Refuse an act that the policy of its gate declines."""

    code = "abuse.declined"
    status = 403
    title = "This is not possible from here"
