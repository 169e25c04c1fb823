"""Refusals of access."""

from __future__ import annotations

from jiuding.base.problems import Problem


class SecondPersonNeeded(Problem):
    """Refuse to show a customer's data until a second person agrees."""

    code = "access.second_person_needed"
    status = 403
    title = "A second person must agree before this is shown"


class SamePerson(Problem):
    """Refuse an approval by the reader."""

    code = "access.same_person"
    status = 403
    title = "Somebody else than the reader must agree"


class ReadNotFound(Problem):
    """Refuse to approve a read that nobody asked for."""

    code = "access.read_not_found"
    status = 404
    title = "No such read waits for a second person"


class BadRegister(Problem):
    """Refuse a register of staff that cannot be read."""

    code = "access.bad_register"
    status = 422
    title = "The register of staff cannot be read"
