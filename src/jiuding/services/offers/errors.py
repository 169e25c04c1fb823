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


class QuoteNotFound(NotFound):
    """Refuse to name a quote that is not here, or not the caller's."""

    code = "offers.quote_not_found"
    title = "There is no such quote"


class QuoteStale(Problem):
    """Refuse to lend on a quote that has run out, or whose products have changed since."""

    code = "offers.quote_stale"
    status = 409
    title = "This quote no longer holds"


class PlanNotQuoted(NotFound):
    """Refuse a kind of plan that a quote does not hold."""

    code = "offers.plan_not_quoted"
    title = "The quote holds no such plan"


class WrongProof(Problem):
    """Refuse a confirmation that was given for something else."""

    code = "offers.wrong_proof"
    status = 403
    title = "This confirmation is for something else"


class MissingField(BadInput):
    """Ask for a field of a need or a profile that planning cannot do without."""

    code = "offers.missing_field"
    title = "A field is missing"


class UnknownField(BadInput):
    """Refuse a field of a need or a profile that planning does not know, by its name."""

    code = "offers.unknown_field"
    title = "A field is not known"


class BadField(BadInput):
    """Refuse a field of a need or a profile whose value cannot be meant."""

    code = "offers.bad_field"
    title = "A field has no possible value"


class UnknownCurrency(BadInput):
    """Refuse a currency that is not held here."""

    code = "offers.unknown_currency"
    title = "This currency is not planned in"


class PlanTooLarge(Problem):
    """Refuse to plan beyond a stated limit."""

    code = "offers.plan_too_large"
    status = 413
    title = "There is too much to plan with"


class BadSource(BadInput):
    """Refuse an address at which no lender publishes products."""

    code = "offers.bad_source"
    title = "This is no address of published products"


class SourceUnavailable(Problem):
    """Refuse to read a source that does not answer as it should; nothing of it is used."""

    code = "offers.source_unavailable"
    status = 503
    title = "The published products cannot be read now"


class SourceTooLarge(Problem):
    """Refuse a source beyond a stated limit."""

    code = "offers.source_too_large"
    status = 413
    title = "The source is too large"


class NoImportYet(NotFound):
    """Refuse to speak of imports where there were none."""

    code = "offers.no_import_yet"
    title = "Nothing was imported yet"


class ImportWithdrawn(Problem):
    """Refuse to read a library again that was withdrawn."""

    code = "offers.import_withdrawn"
    status = 409
    title = "This version of the library was withdrawn"


class ProductNotFound(NotFound):
    """Refuse to name a product that is not in the library."""

    code = "offers.product_not_found"
    title = "There is no such product in the library"


class WatchNotAllowed(Problem):
    """Refuse to watch for a customer who did not agree to it."""

    code = "offers.watch_not_allowed"
    status = 403
    title = "Watching needs your consent"


class WatchNotFound(NotFound):
    """Refuse to name a watch that is not here, or not the caller's."""

    code = "offers.watch_not_found"
    title = "There is no such watch"


class WatchConflict(Problem):
    """Refuse a key that was used for watching another loan."""

    code = "offers.watch_conflict"
    status = 409
    title = "This key was used for another loan"
