"""Refusals of offers, each with a stable code."""

from __future__ import annotations

from jiuding.base.problems import BadInput, NotFound, Problem


class BrokenLine(BadInput):
    """Refuse one record of a library file; the rest of the file goes on."""

    code = "offers.broken_line"
    title = "A line of the library cannot be read"


class BadDeclaration(BadInput):
    """Refuse a product that we declare ourselves; loading checks everything or starts nothing."""

    code = "offers.bad_declaration"
    title = "A declared product is not right"


class LibraryNotFound(NotFound):
    """Refuse a library path at which there is no readable file."""

    code = "offers.library_not_found"
    title = "There is no library there"


class LibraryTooLarge(Problem):
    """Refuse a library beyond a stated limit."""

    code = "offers.library_too_large"
    status = 413
    title = "The library is too large"
