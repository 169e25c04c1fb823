"""How the console writes figures and chooses a language: pure functions."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import urlencode

from jiuding.base.amounts import Amount
from jiuding.base.clock import add_months
from jiuding.channels.console.types import LANGUAGES, THEMES, PeriodView, PlanView, Taste, WhyView

# What a customer may choose from; the last words of the law on each are in policies and packs.
PURPOSES = (
    "car", "home", "renovation", "education", "wedding", "travel", "medical", "consumption",
    "furniture", "rent", "insurance", "inventory", "working_capital", "equipment", "agri",
    "refinance",
)  # fmt: skip
ACCEPT_LANGUAGE_MAX = 200  # characters of the header that are read
_MONTHS_PER_BAR_MAX = 36  # a chart with more bars than this is drawn by years


def choose_language(accept_language: str) -> str:
    """Return the first language we write that the header prefers; English when it names none.

    Source: RFC 9110 §12.5.4, with weights; a range of 0 is a refusal.
    """
    best, best_weight = "en", 0.0
    for part in accept_language[:ACCEPT_LANGUAGE_MAX].split(","):
        tag, _, weight_text = part.partition(";")
        lang = tag.strip().lower().split("-")[0]
        text = weight_text.strip().removeprefix("q=")
        weight = float(text) if text.replace(".", "", 1).isdigit() else 1.0
        if lang in LANGUAGES and weight > best_weight:
            best, best_weight = lang, weight
    return best


def taste(*, cookie_lang: str | None, cookie_theme: str | None, accept_language: str) -> Taste:
    """Return how pages are written for a visitor: the remembered choice, else the browser's."""
    lang = cookie_lang if cookie_lang in LANGUAGES else choose_language(accept_language)
    return Taste(lang, cookie_theme if cookie_theme in THEMES else "auto")


def enter_first(text: str) -> str:
    """Return the address that lets a visitor in first and then goes on with their sentence."""
    return "/enter?" + urlencode({"next": "/?" + urlencode({"text": text})})


def grouped(amount: Amount) -> str:
    """Return an amount in thousands groups with its places and a true minus sign."""
    return f"{amount.decimal:,.{amount.asset.scale}f}".replace("-", "\N{MINUS SIGN}")


def percent(rate: Decimal, places: int = 2) -> str:
    """Return a fraction as a percentage."""
    return f"{rate * 100:.{places}f}%".replace("-", "\N{MINUS SIGN}")


def milliseconds(ms: float) -> str:
    """Return a duration: tenths below ten milliseconds, seconds from ten thousand."""
    if ms < 10:
        return f"{ms:.1f} ms"
    return f"{ms:,.0f} ms" if ms < 10_000 else f"{ms / 1000:.1f} s"


def safe_next(path: str | None) -> str:
    """Return a path on our own site to go to next; anything else becomes the front page."""
    good = path and path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if good and path.isprintable() else "/"  # type: ignore[return-value]


def by_period(months: Sequence[PeriodView]) -> tuple[int, tuple[PeriodView, ...]]:
    """Gather months into the periods of a chart: (months in each, the periods)."""
    if len(months) <= _MONTHS_PER_BAR_MAX:
        return 1, tuple(months)
    years = [months[start : start + 12] for start in range(0, len(months), 12)]
    return 12, tuple(_sum(number, year) for number, year in enumerate(years, 1))


def _sum(number: int, rows: Sequence[PeriodView]) -> PeriodView:
    first = rows[0]
    principal, interest, fees = first.principal, first.interest, first.fees
    for row in rows[1:]:
        principal, interest, fees = (
            principal + row.principal,
            interest + row.interest,
            fees + row.fees,
        )
    return PeriodView(number, principal, interest, fees, rows[-1].balance)


def merge_same(plans: Sequence[PlanView]) -> tuple[PlanView, ...]:
    """Show a plan that is best at several aims once, with all its aims."""
    found: list[PlanView] = []
    for plan in plans:
        for place, other in enumerate(found):
            if plan.legs == other.legs:
                found[place] = replace(other, kinds=other.kinds + plan.kinds)
                break
        else:
            found.append(plan)
    return tuple(found)


def with_reasons(plans: Sequence[PlanView], monthly_max: Amount | None) -> tuple[PlanView, ...]:
    """Say of each plan what it wins and what that costs against the others shown."""
    proven = [plan.total_cost for plan in plans if "cheapest" in plan.kinds and plan.proven]
    return tuple(
        replace(
            plan,
            why=tuple(_why(plan, plans, monthly_max)),
            above_least=plan.total_cost - proven[0] if proven else _gap_amount(plan),
        )
        for plan in plans
    )


def _gap_amount(plan: PlanView) -> Amount:
    return Amount.round(plan.gap * plan.amount.decimal, plan.amount.asset)


def _why(plan: PlanView, plans: Sequence[PlanView], monthly_max: Amount | None) -> list[WhyView]:
    said = []
    others = [other for other in plans if other is not plan]
    dearest = max((other.total_cost for other in others), key=lambda a: a.units, default=None)
    heaviest = max((other.instalment for other in others), key=lambda a: a.units, default=None)
    if "cheapest" in plan.kinds and dearest is not None and plan.total_cost < dearest:
        said.append(WhyView("saves_against_dearest", dearest - plan.total_cost))
    if "lightest" in plan.kinds and heaviest is not None and plan.instalment < heaviest:
        said.append(WhyView("lighter_each_month", heaviest - plan.instalment))
    if "surest" in plan.kinds:
        said.append(WhyView("surest_to_be_granted"))
    if monthly_max is not None and plan.instalment <= monthly_max:
        said.append(WhyView("leaves_under_limit", monthly_max - plan.instalment))
    if len(plan.legs) > 1:
        said.append(WhyView("several_loans", count=len(plan.legs)))
    return said


def month_after(day: date) -> date:
    """Return the day on which a loan granted on this day first falls due."""
    return add_months(day, 1)


def sparkline(values: Sequence[Decimal], *, width: int = 120, height: int = 36) -> str:
    """Return the points of an SVG polyline for a series; it starts from zero as bars do."""
    top = max((abs(value) for value in values), default=Decimal(0)) or Decimal(1)
    step = Decimal(width) / max(len(values) - 1, 1)
    points = (
        f"{place * step:.1f},{height - 2 - value / top * (height - 4):.1f}"
        for place, value in enumerate(values)
    )
    return " ".join(points)


OPERATOR_SECONDS = 8 * 3600


def operator_pass(token: str, until: datetime) -> str:
    """Return what a browser shows instead of the operator's token, until an instant."""
    seconds = str(int(until.timestamp()))
    return f"{seconds}.{_signed(token, seconds)}"


def is_operator_pass(token: str, shown: str | None, now: datetime) -> bool:
    """Tell whether a browser shows a pass that was made from the token and still holds."""
    seconds, _, signature = (shown or "").partition(".")
    if not token or not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):
        return False
    good = hmac.compare_digest(signature.encode(), _signed(token, seconds).encode())
    return good and now.timestamp() < int(seconds)


def is_token(token: str, shown: str) -> bool:
    """Tell whether what was typed is the operator's token; it takes as long when it is not."""
    return bool(token) and hmac.compare_digest(token.encode(), shown.strip().encode())


def _signed(token: str, seconds: str) -> str:
    words = f"jiuding.console.operator:{seconds}"
    return hmac.new(token.encode(), words.encode(), hashlib.sha256).hexdigest()


def staff_pass(key: bytes, person: str, until: datetime) -> str:
    """Return what a browser shows instead of a staff token, until an instant."""
    words = f"{person}.{int(until.timestamp())}"
    return f"{words}.{_staff_signed(key, words)}"


def staff_of_pass(key: bytes, shown: str | None, now: datetime) -> str | None:
    """Return whose pass a browser shows; None when it is nobody's or no longer holds."""
    words, _, signature = (shown or "").rpartition(".")
    person, _, seconds = words.rpartition(".")
    if not key or not person or not (seconds.isascii() and seconds.isdigit()):
        return None
    good = hmac.compare_digest(signature.encode(), _staff_signed(key, words).encode())
    is_now = len(seconds) <= 12 and now.timestamp() < int(seconds)
    return person if good and is_now else None


def _staff_signed(key: bytes, words: str) -> str:
    return hmac.new(key, f"jiuding.console.staff:{words}".encode(), hashlib.sha256).hexdigest()
