"""What a customer has: accounts, loans, statements, also as CSV; and the library."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from jiuding.base.database.engine import transaction
from jiuding.channels.console.operations import holdings, shelves, watches
from jiuding.channels.console.routes.edge import Desk, page_router
from jiuding.channels.console.routes.render import HEADERS, page, taste_of
from jiuding.channels.console.routes.words import words

_FORMULA = ("=", "+", "-", "@")


def router(desk: Desk) -> APIRouter:
    """Return the routes of what a customer has, and of what everyone may see."""
    pages = page_router()
    _own_routes(pages, desk)
    _leaving_routes(pages, desk)
    _open_routes(pages, desk)
    return pages


def as_csv(name: str, heads: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Response:
    """Return a table that leaves the house: UTF-8 with a mark, so that a spreadsheet reads it.

    A cell that a spreadsheet would run as a formula is defused with an apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([str(head) for head in heads])
    writer.writerows([[_safe(cell) for cell in row] for row in rows])
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{_file_name(name)}.csv"'}
    return Response(
        "\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers
    )


def _file_name(name: str) -> str:
    """Return a name in which no sign means anything to a header."""
    return "".join(each if each.isascii() and (each.isalnum() or each in "._-") else "_"
                   for each in name)  # fmt: skip


def _safe(cell: Any) -> str:
    """Return a cell that no spreadsheet runs, whatever its sign is hidden behind.

    Wide signs count, since sheets set to Chinese or Japanese read them; so do blanks before them.
    """
    text = str(cell)
    if not isinstance(cell, str) or not text:
        return text
    plain = unicodedata.normalize("NFKC", text).lstrip()
    is_formula = plain[:1] in _FORMULA or text[0] in "\t\r\n"
    return f"'{text}" if plain and is_formula else text


def _own_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    @pages.get("/you")
    def show_you(request: Request) -> Response:
        """Show one's accounts, loans and passkeys."""
        lang = taste_of(request).lang
        with transaction(branch.engine) as session:
            visitor = desk.known_visitor(session, request)
            view = holdings.you_view(session, branch=branch, party_id=visitor.party_id, lang=lang)
            told = watches.notices(session, branch=branch, party_id=visitor.party_id)
        return page(
            request, "you", title="you.page", here="you", visitor=visitor, view=view, told=told
        )

    @pages.get("/loans/{loan_id}")
    def show_loan(request: Request, loan_id: str) -> Response:
        """Show one's own loan."""
        with transaction(branch.engine) as session:
            visitor = desk.known_visitor(session, request)
            view = holdings.loan_view(
                session, branch=branch, party_id=visitor.party_id, loan_id=loan_id
            )
            watch = watches.watch_view(
                session, branch=branch, party_id=visitor.party_id, loan_id=loan_id,
                market=visitor.market, lang=taste_of(request).lang,
            )  # fmt: skip
        return page(
            request, "loan", title="loan.page", here="you", visitor=visitor, view=view, watch=watch
        )

    @pages.get("/accounts/{account_id}")
    def show_account(
        request: Request,
        account_id: str,
        after: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Response:
        """Show a page of one's own account's statement."""
        with transaction(branch.engine) as session:
            visitor = desk.known_visitor(session, request)
            view = holdings.statement_view(
                session, branch=branch, party_id=visitor.party_id, account_id=account_id,
                lang=taste_of(request).lang, cursor=after,
            )  # fmt: skip
        return page(
            request, "account", title="statement.page", here="you", visitor=visitor, view=view
        )


def _leaving_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    @pages.get("/loans/{loan_id}/schedule.csv")
    def send_schedule(request: Request, loan_id: str) -> Response:
        """Send a loan's schedule as CSV."""
        say = words(taste_of(request).lang).say
        with transaction(branch.engine) as session:
            visitor = desk.known_visitor(session, request)
            view = holdings.loan_view(
                session, branch=branch, party_id=visitor.party_id, loan_id=loan_id
            )
        heads = ("loan.number", "loan.due", "chart.principal", "chart.interest", "chart.fees",
                 "loan.total", "chart.balance")  # fmt: skip
        rows = (
            (row.number, row.due_on, *(holdings.as_decimal(amount) for amount in (
                row.principal, row.interest, row.fees, row.total, row.balance
            )))
            for row in view.rows
        )  # fmt: skip
        return as_csv(loan_id, [say(head) for head in heads], rows)

    @pages.get("/accounts/{account_id}/statement.csv")
    def send_statement(request: Request, account_id: str) -> Response:
        """Send a whole statement as CSV."""
        say = words(taste_of(request).lang).say
        heads = [say(f"statement.{name}") for name in ("day", "what", "move", "after")]
        with transaction(branch.engine) as session:
            visitor = desk.known_visitor(session, request)
            lines = holdings.statement_lines(
                session, branch=branch, party_id=visitor.party_id, account_id=account_id
            )
            rows = [
                (line.on, line.code, holdings.as_decimal(line.amount),
                 holdings.as_decimal(line.balance))
                for line in lines
            ]  # fmt: skip
        return as_csv(account_id, heads, rows)


def _open_routes(pages: APIRouter, desk: Desk) -> None:
    branch = desk.branch

    @pages.get("/library")
    def show_library(
        request: Request,
        search: Annotated[str, Query(max_length=shelves.SEARCH_MAX)] = "",
        category: Annotated[str, Query(max_length=40)] = "",
        market: Annotated[str, Query(max_length=8)] = "",
        after: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    ) -> Response:
        """Show the products that are compared."""
        lang = taste_of(request).lang
        with transaction(branch.engine) as session:
            visitor = desk.visitor(session, request)
        home = visitor.market if visitor else ("cn" if lang == "zh" else "au")
        view = shelves.library_view(
            branch, market=market or home, lang=lang, search=search, category=category,
            after=after,
        )  # fmt: skip
        return page(
            request, "library", title="library.page", here="library", visitor=visitor, view=view
        )
