"""Refusals of risk, each with a stable code."""

from __future__ import annotations

from jiuding.base.problems import BadInput, NotFound, Problem


class BadStream(BadInput):
    """Refuse a declaration of features, naming the file and the part of it."""

    code = "risk.bad_stream"
    title = "The features cannot be used"


class StreamNotFound(NotFound):
    """Refuse to count in a stream that the catalogue does not declare."""

    code = "risk.stream_not_found"
    title = "There is no such stream of events"


class BadFeatureEvent(BadInput):
    """Refuse an event whose id, instant or fields are not what its stream declares."""

    code = "risk.bad_event"
    title = "The event cannot be read"


class EventFromFuture(BadInput):
    """Refuse an event that says it happens later than the clock and its stated tolerance."""

    code = "risk.event_from_future"
    title = "The event has not happened yet"


class EventTooLate(BadInput):
    """Refuse an event older than the stated lateness: its windows are no longer kept."""

    code = "risk.event_too_late"
    title = "The event comes too late to be counted"


class EventReused(Problem):
    """Refuse an event's id that already stands for other content."""

    code = "risk.event_reused"
    status = 409
    title = "The event's id was used for something else"


class BadList(BadInput):
    """Refuse a list of names whose form is not known, naming the line or part of it."""

    code = "risk.bad_list"
    title = "The list cannot be read"


class ListTooLong(BadInput):
    """Refuse a list of more names than are kept in memory."""

    code = "risk.list_too_long"
    title = "The list has too many names"


class BadListName(BadInput):
    """Refuse to import a list under a name that is not a word in small letters."""

    code = "risk.bad_list_name"
    title = "A list needs a name of its own"


class BadClearance(BadInput):
    """Refuse to remember a clearance without a reason."""

    code = "risk.bad_clearance"
    title = "A clearance needs a reason"


class BadName(BadInput):
    """Refuse to screen a name that has no letter, or too many."""

    code = "risk.bad_name"
    title = "The name cannot be screened"


class MatchNotFound(NotFound):
    """Refuse to clear a match that screening does not find."""

    code = "risk.match_not_found"
    title = "There is no such match"


class BadPayment(BadInput):
    """Refuse a payment line that lacks a part or holds one of another kind."""

    code = "risk.bad_payment"
    title = "The card payment cannot be read"


class OutOfOrder(Problem):
    """Refuse a payment earlier than one already judged, or too far ahead of the clock."""

    code = "risk.out_of_order"
    status = 409
    title = "Payments come in time order"


class PaymentRepeated(Problem):
    """Refuse a payment whose id was judged already: its first answer stands."""

    code = "risk.payment_repeated"
    status = 409
    title = "This payment was judged already"


class BadData(BadInput):
    """Refuse training data that is not there or not in the declared form."""

    code = "risk.bad_data"
    title = "The data cannot be used"
