"""Refusals of the event log."""

from __future__ import annotations

from jiuding.base.problems import Problem


class BadEvent(Problem):
    """Refuse an event whose kind, subject or data could not be kept for ever."""

    code = "eventlog.bad_event"
    status = 422
    title = "This event cannot be kept"


class TooManyRows(Problem):
    """Refuse more rows in one call than the stated limit."""

    code = "eventlog.too_many_rows"
    status = 422
    title = "Too many rows in one call"


class CursorWentBack(Problem):
    """Refuse to move a listener's cursor backwards, or past the news there is."""

    code = "eventlog.cursor_went_back"
    status = 409
    title = "A listener's cursor cannot move there"
