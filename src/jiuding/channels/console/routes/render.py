"""From records to pages: templates in two languages, and the headers every page carries."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from jiuding.base import http
from jiuding.base.problems import Problem
from jiuding.channels.console import rules
from jiuding.channels.console.routes.static import assets
from jiuding.channels.console.routes.words import words
from jiuding.channels.console.types import CustomerView, ProblemView, StepView, Taste

LANG_COOKIE = "jiuding_lang"
THEME_COOKIE = "jiuding_theme"
STAFF_COOKIE = "jiuding_staff"
_FOLDER = Path(__file__).resolve().parents[1] / "templates"
_BAR = 110  # width of a timeline's bar in its own units

# Nothing may come from elsewhere and nothing inline may run; scripts set styles through the CSSOM.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "microphone=(self), publickey-credentials-get=(self), publickey-credentials-create=(self), "
        "camera=(), geolocation=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def _share(step: StepView, total: float) -> str:
    return f"{_BAR * step.ms / total:.1f}" if total > 0 else "0"


@lru_cache
def environment(lang: str) -> Environment:
    """Return the templates of one language."""
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    held = words(lang)
    made.globals.update(
        t=held.say,
        word=held.word,
        months=held.months,
        rule_word=held.rule,
        detail_word=held.detail,
        account_word=held.account,
        step_word=lambda name: held.word("steps", name.rpartition(".")[2]),
        move_word=lambda code: held.word("moves", code.rpartition(".")[2]),
        problem_title=held.problem_title,
        problem_next=held.problem_next,
        query=lambda **values: urlencode({k: v for k, v in values.items() if v not in ("", None)}),
        asset=lambda name: assets()[name].path,
        lang=lang,
        unreachable=ProblemView("console.unreachable", 503, "", "", ""),
        t_lang="zh-CN" if lang == "zh" else "en",
    )
    made.filters.update(
        grouped=rules.grouped,
        percent=rules.percent,
        count=lambda number: f"{number:,}",
        ms=rules.milliseconds,
        date=held.date,
        time=held.time,
        lasting=held.lasting,
        lower_first=lambda text: text[:1].lower() + text[1:],
        share=_share,
    )
    return made


def taste_of(request: Request) -> Taste:
    """Return the visitor's language and theme."""
    return rules.taste(
        cookie_lang=request.cookies.get(LANG_COOKIE),
        cookie_theme=request.cookies.get(THEME_COOKIE),
        accept_language=request.headers.get("accept-language", ""),
    )


def page(
    request: Request, name: str, *, title: str, here: str = "", status: int = 200,
    visitor: CustomerView | None = None, demo_pin: str | None = None, **values: Any,
) -> Response:  # fmt: skip
    """Render a page, or a fragment when the name starts with an underscore."""
    taste = taste_of(request)
    made = environment(taste.lang)
    given = {
        "problem_view": None,
        "demo_pin": demo_pin,
        "address": None,
        "path": _here(request),
        "bank_hears": visitor is not None and taste.lang in _heard_here(request),
        # Only whether the menu has a line more: what a pass is worth is asked by each page.
        "is_staff": STAFF_COOKIE in request.cookies,
    }
    text = made.get_template(f"pages/{name}.html").render(
        {**given, **values}, title=words(taste.lang).say(title), here=here, theme=taste.theme,
        visitor=visitor,
    )  # fmt: skip
    headers = {
        **HEADERS,
        "Content-Language": "zh-CN" if taste.lang == "zh" else "en",
        "Vary": "Cookie, Accept-Language, HX-Request",
    }
    return HTMLResponse(text, status_code=status, headers=headers)


def _heard_here(request: Request) -> frozenset[str]:
    """Return the languages that the bank itself hears."""
    engine = getattr(request.app.state, "speech_engine", None)
    return frozenset() if engine is None else engine.languages


def _here(request: Request) -> str:
    if request.method != "GET":
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def is_fragment(request: Request) -> bool:
    """Tell whether htmx asks for a part of a page."""
    return request.headers.get("hx-request") == "true"


def problem_view(request: Request, problem: Problem) -> ProblemView:
    """Return a refusal as a page shows it."""
    return ProblemView(
        code=problem.code, status=problem.status, title=problem.title, detail=problem.detail,
        trace_id=http.trace_id(request),
    )  # fmt: skip


def problem_page(
    request: Request, view: ProblemView, *, visitor: CustomerView | None = None
) -> Response:
    """Render a refusal as a page of its own, or as a banner in the place that asked."""
    name = "_problem" if is_fragment(request) else "problem"
    response = page(
        request, name, title="problem.page", status=view.status, visitor=visitor,
        problem_view=view, retry=_here(request),
    )  # fmt: skip
    if is_fragment(request):
        response.headers["HX-Retarget"] = "#notice"
        response.headers["HX-Reswap"] = "innerHTML"
    return response
