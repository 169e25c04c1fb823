"""Refusals of abuse, each with a stable code."""

from __future__ import annotations

from jiuding.base.problems import BadInput, NotFound


class GateNotFound(NotFound):
    """Refuse to judge at a gate that no family keeps."""

    code = "abuse.gate_not_found"
    title = "There is no such gate"


class FamilyNotFound(NotFound):
    """Refuse to play a family of abuse that is not known here."""

    code = "abuse.family_not_found"
    title = "There is no such family of abuse"


class BadAct(BadInput):
    """Refuse an act whose instant or fields its gate's stream does not understand."""

    code = "abuse.bad_act"
    title = "The act cannot be judged"
