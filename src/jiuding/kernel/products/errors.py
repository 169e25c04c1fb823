"""Refusals of products."""

from __future__ import annotations

from jiuding.base.problems import BadInput, NotFound, Problem


class BadRateRequest(BadInput):
    """Refuse a rate request whose method, flows or unit period cannot be read."""

    code = "products.bad_rate_request"
    title = "This rate request cannot be read"


class BadScheduleCase(BadInput):
    """Refuse a schedule case whose terms or events cannot be read."""

    code = "products.bad_schedule_case"
    title = "This schedule case cannot be read"


class BadTerms(BadInput):
    """Refuse loan terms for which no schedule exists."""

    code = "products.bad_terms"
    title = "These loan terms have no schedule"


class BadPack(BadInput):
    """Refuse a jurisdiction pack that is not of the stated shape; nothing is loaded from it."""

    code = "products.bad_pack"
    title = "This jurisdiction pack cannot be read"


class UnknownJurisdiction(NotFound):
    """Refuse a jurisdiction for which there is no pack: nothing can be quoted there."""

    code = "products.unknown_jurisdiction"
    title = "There is no rule pack for this jurisdiction"


class AgreementNotFound(NotFound):
    """Refuse an agreement that is not here, or not this bank's."""

    code = "products.agreement_not_found"
    title = "There is no such agreement"


class AgreementConflict(Problem):
    """Refuse an idempotency key that was used for an agreement with other content."""

    code = "products.agreement_conflict"
    status = 409
    title = "This key was used for another agreement"
