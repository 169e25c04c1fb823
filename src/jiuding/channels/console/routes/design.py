"""The design pages: every component, and every page, with invented data."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from fastapi import Request, Response

from jiuding.base.amounts import Amount
from jiuding.base.problems import NotFound
from jiuding.channels.console import rules
from jiuding.channels.console.operations import case_samples, samples
from jiuding.channels.console.routes.edge import page_router
from jiuding.channels.console.routes.render import page, taste_of
from jiuding.services import cases

router = page_router()

_SPARK = tuple(Decimal(value) for value in (62, 71, 68, 90, 104, 99, 118, 121, 136, 148))


def _with(lang: str) -> dict[str, Callable[[], tuple[str, str, str, dict[str, Any]]]]:
    """Return the whole pages by name: (template, title, place in the menu, values)."""
    people = samples.customers(lang)
    empty = samples.StatementView(
        samples.account(lang).account_id, samples.account(lang).title,
        Amount(0, samples.asset(lang)), Amount(0, samples.asset(lang)), (),
    )  # fmt: skip
    chosen = {"customers": people, "chosen": "", "next": "/", "search": "", "demo_pin": "246810"}
    counts = {"product_count": 2892, "lender_count": 127}
    return {
        "home": lambda: ("home", "home.page", "ask", {"text": "", **counts}),
        "enter": lambda: ("enter", "enter.page", "", chosen),
        "answer": lambda: ("answer", "answer.page", "ask", {"turn": samples.turn(lang)}),
        "question": lambda: ("answer", "answer.page", "ask", {"turn": samples.question(lang)}),
        "whynot": lambda: (
            "whynot", "whynot.title", "ask",
            {"view": samples.why_not(lang), "back": "/design/answer", "part": ""},
        ),
        "readback": lambda: (
            "readback", "readback.page", "ask",
            {"view": samples.read_back(lang), "back": "/design/answer"},
        ),
        "granted": lambda: (
            "result", "result.page_granted", "ask",
            {"view": samples.granted(lang), "back": "/design/answer"},
        ),
        "declined": lambda: (
            "result", "result.page_declined", "ask",
            {"view": samples.declined(lang), "back": "/design/answer"},
        ),
        "loan": lambda: (
            "loan", "loan.page", "you", {"view": samples.loan(lang), "watch": samples.watch(lang)},
        ),
        "account": lambda: ("account", "statement.page", "you", {"view": samples.account(lang)}),
        "empty": lambda: ("account", "statement.page", "you", {"view": empty}),
        "you": lambda: (
            "you", "you.page", "you", {"view": samples.you(lang), "told": samples.notices(lang)},
        ),
        "library": lambda: ("library", "library.page", "library", {"view": samples.library(lang)}),
        "books": lambda: ("books", "books.page", "books", {"view": samples.books(lang)}),
        "cases": lambda: (
            "cases", "cases.page", "cases",
            {"view": case_samples.queue(lang), "by": "wei", "key": "sample"},
        ),
        "case": lambda: (
            "case", "cases.case_page", "cases",
            {"view": case_samples.case(lang), "by": "wei", "key": "sample",
             "outcomes": tuple(cases.CaseOutcome)},
        ),
        "problem": lambda: (
            "problem", "problem.page", "",
            {"problem_view": samples.problem(), "retry": "/design/problem"},
        ),
    }  # fmt: skip


PAGES = tuple(_with("en"))


@router.get("/design")
def show_design(request: Request) -> Response:
    """Show every component."""
    lang = taste_of(request).lang
    loan = samples.loan(lang)
    return page(
        request, "design", title="design.page", page_names=PAGES, turn=samples.turn(lang),
        readback=samples.read_back(lang), result=samples.granted(lang),
        account=samples.account(lang), why_not_view=samples.why_not(lang), loan=loan,
        queue_rows=case_samples.rows(lang), case_view=case_samples.case(lang),
        huge=samples.account(lang).balance,
        problem_view=samples.problem(),
        spark_1=rules.sparkline(_SPARK), spark_2=rules.sparkline(_SPARK[::-1]),
        sample_rows=[
            (row.number, row.due_on.isoformat(), rules.grouped(row.total)) for row in loan.rows[:6]
        ],
    )  # fmt: skip


@router.get("/design/{name}")
def show_sample_page(name: str, request: Request) -> Response:
    """Show a whole page with invented data.

    Refuses: NotFound for a page that we do not have.
    """
    lang = taste_of(request).lang
    held = _with(lang).get(name)
    if held is None:
        raise NotFound(f"there is no design page {name[:40]!r}")
    template, title, here, values = held()
    return page(
        request, template, title=title, here=here, visitor=samples.customers(lang)[0], **values
    )
