"""Unit periods: the clock that each jurisdiction's formula counts in."""

from __future__ import annotations

import calendar
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from jiuding.base.clock import add_months
from jiuding.kernel.products.errors import BadRateRequest

COUNT_MAX = 3660
_WORDS = {
    "day": ("day", 1),
    "daily": ("day", 1),
    "week": ("week", 1),
    "weekly": ("week", 1),
    "fortnight": ("week", 2),
    "fortnightly": ("week", 2),
    "biweekly": ("week", 2),
    "semimonth": ("semimonth", 1),
    "semi-month": ("semimonth", 1),
    "semimonthly": ("semimonth", 1),
    "half month": ("semimonth", 1),
    "half-month": ("semimonth", 1),
    "halfmonth": ("semimonth", 1),
    "month": ("month", 1),
    "monthly": ("month", 1),
    "quarter": ("month", 3),
    "quarterly": ("month", 3),
    "half year": ("month", 6),
    "half-year": ("month", 6),
    "semiannual": ("month", 6),
    "year": ("year", 1),
    "yearly": ("year", 1),
    "annual": ("year", 1),
    "annually": ("year", 1),
}
_DAYS_PER_MONTH = 365.0 / 12.0


@dataclass(frozen=True, slots=True)
class UnitPeriod:
    """A number of days, weeks, half months, months or years."""

    kind: str  # "day" | "week" | "semimonth" | "month" | "year"
    count: int

    @property
    def months(self) -> int:
        """How many months it is; 0 when it is not a whole number of them."""
        return {"month": self.count, "year": 12 * self.count}.get(self.kind, 0)

    def per_year(self, weeks: float = 52.0) -> float:
        """Return how many there are in a year of 365 days, 12 months, and so many weeks."""
        base = {"day": 365.0, "week": weeks, "semimonth": 24.0, "month": 12.0, "year": 1.0}
        return base[self.kind] / self.count


MONTH = UnitPeriod("month", 1)


def parse_unit_period(text: object) -> UnitPeriod:
    """Read "1 month", "half month", "3 months", "1 week", "2 weeks", "fortnight", "255 days" …

    Refuses: BadRateRequest for anything else.
    """
    words = text.strip().lower() if isinstance(text, str) else ""
    if words in _WORDS:
        return UnitPeriod(*_WORDS[words])
    match = re.fullmatch(r"(\d{1,4})\s*[- ]?\s*([a-z][a-z -]*?)s?", words)
    if match and match[2] in _WORDS and 1 <= int(match[1]) <= COUNT_MAX:
        kind, count = _WORDS[match[2]]
        if kind == "semimonth" and int(match[1]) != 1:
            raise BadRateRequest("a unit period is one half month, never several")
        months = {"month": 1, "year": 12}.get(kind, 0) * count * int(match[1])
        if months and months % 12 == 0:
            return UnitPeriod("year", months // 12)
        return UnitPeriod(kind, count * int(match[1]))
    raise BadRateRequest(f"{str(text)[:40]!r} is not a unit period such as '1 month' or '2 weeks'")


def month_anchor(days: Sequence[date]) -> int:
    """Return the day of the month that a series falls on, or 0 when it has none.

    A series on the 29th, 30th or 31st uses the last day of a shorter month.
    Source: Regulation Z, Appendix J, (b)(3)(iv).
    """
    anchor = max((day.day for day in days), default=0)
    for day in days:
        if day.day != min(anchor, calendar.monthrange(day.year, day.month)[1]):
            return 0
    return anchor


def months_back(first: date, later: date, anchor: int = 0) -> tuple[int, int]:
    """Return the full months measured back from the later date, and the days that remain.

    Source: Regulation Z, Appendix J, (b)(5)(ii).
    """
    months = (later.year - first.year) * 12 + later.month - first.month
    start = _back(later, months, anchor)
    if start < first:
        months -= 1
        start = _back(later, months, anchor)
    return months, (start - first).days


def _back(later: date, months: int, anchor: int) -> date:
    start = add_months(later, -months)
    if anchor > start.day:
        last = calendar.monthrange(start.year, start.month)[1]
        start = start.replace(day=min(anchor, last))
    return start


def whole_months(days: Sequence[date]) -> list[int] | None:
    """Return the months from the first day to each, or None when one is not a whole number."""
    found = []
    for anchor in (month_anchor(days), days[0].day):
        found = [months_back(days[0], day, anchor) for day in days]
        if all(rest == 0 for _, rest in found):
            return [months for months, _ in found]
    return None


def month_times(days: Sequence[date]) -> list[float]:
    """Return the months from the first day to each, fractions allowed.

    Flows 28 to 31 days apart are a month apart each: a due date that moves over a holiday does not
    change what was agreed. Otherwise: full months back from the later date, the rest by days of a
    month of 365/12 days.
    """
    whole = whole_months(days)
    if whole is not None:
        return [float(months) for months in whole]
    gaps = [(later - earlier).days for earlier, later in itertools.pairwise(days)]
    if all(28 <= gap <= 31 for gap in gaps):
        return [float(place) for place in range(len(days))]
    counted = [months_back(days[0], day) for day in days]
    return [months + rest / _DAYS_PER_MONTH for months, rest in counted]


def infer_unit_period(days: Sequence[date]) -> UnitPeriod:
    """Return the period that occurs most often between these days; the shorter one on a tie.

    Where none occurs twice: the average, rounded to days, weeks or months.
    Source: Regulation Z, Appendix J, (b)(4)(i).
    """
    anchor = month_anchor(days[1:])
    periods = Counter(
        _standard(earlier, later, anchor) for earlier, later in itertools.pairwise(days)
    )
    common = [(-count, _length(period), period) for period, count in periods.items() if count > 1]
    if common:
        return min(common, key=lambda item: item[:2])[2]
    average = (days[-1] - days[0]).days / max(1, len(days) - 1)
    if average >= 26:
        months = max(1, min(12, round(average / _DAYS_PER_MONTH)))
        return UnitPeriod("year", 1) if months == 12 else UnitPeriod("month", months)
    return UnitPeriod("week", round(average / 7)) if average >= 5 else UnitPeriod("day", 1)


def _standard(earlier: date, later: date, anchor: int) -> UnitPeriod:
    gap = (later - earlier).days
    months, rest = months_back(earlier, later, anchor)
    if rest == 0 and 1 <= months <= 12:
        return UnitPeriod("year", 1) if months == 12 else UnitPeriod("month", months)
    if gap % 7 == 0:
        return UnitPeriod("week", gap // 7)
    return UnitPeriod("semimonth", 1) if 13 <= gap <= 17 else UnitPeriod("day", gap)


def _length(period: UnitPeriod) -> float:
    return 1.0 / period.per_year()
