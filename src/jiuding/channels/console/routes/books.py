"""The bank's books: a day's figures for who is known here, what is behind them for the operator.

A customer may see the sums, which name nobody; accounts, transfers and closing are the operator's.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response

from jiuding.base import clock
from jiuding.base.database.engine import Session, transaction
from jiuding.base.problems import BadInput, NotFound
from jiuding.channels.console import rules
from jiuding.channels.console.operations import books
from jiuding.channels.console.routes.edge import (
    OPERATOR_COOKIE,
    Desk,
    page_router,
    redirect,
    remember,
)
from jiuding.channels.console.routes.money import as_csv
from jiuding.channels.console.routes.render import page, problem_view, taste_of
from jiuding.channels.console.routes.words import words
from jiuding.channels.console.types import CustomerView
from jiuding.channels.console.types.books import BooksView
from jiuding.kernel import decisions, identity, ledger

Slug = Annotated[str, Query(max_length=64)]
Cursor = Annotated[str | None, Query(max_length=64)]
Kind = Annotated[str, Query(max_length=64)]
# An empty field of a form is sent as empty text, and means that nothing was chosen.
Day = Annotated[str, Query(max_length=10)]


def router(desk: Desk) -> APIRouter:
    """Return the routes of the books."""
    pages = page_router()
    _operator_routes(pages, desk)
    _sum_routes(pages, desk)
    _account_routes(pages, desk)
    _statement_routes(pages, desk)
    _transfer_routes(pages, desk)
    return pages


def _day(text: str, other: date) -> date:
    if not text:
        return other
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{text!r} is not a day like 2026-11-23") from error


def _staff_of(desk: Desk, token: str) -> str | None:
    """Return whose own token this is; None for the shared one and for no token."""
    if not desk.staff_key or "." not in token:
        return None
    try:
        return decisions.person_of(desk.staff_key, token)
    except decisions.StaffRequired:
        return None


def _owner(session: Session, shelf: books.Shelf, account_id: str) -> str:
    """Return whose data an account is: its owner's, or the bank's own."""
    account = ledger.read_account(session, bank_id=shelf.bank_id, account_id=account_id)
    return account.owner_id or shelf.bank_id


def _shelf(desk: Desk, session: Session, request: Request, slug: str) -> books.Shelf:
    """Return whose books are read: ours, or for the operator those of another bank here.

    Refuses: NotFound, ledger.OperatorRequired.
    """
    lang, own = taste_of(request).lang, desk.branch.bank
    if slug in ("", own.slug):
        return books.Shelf(desk.branch.bank_id, lang)
    desk.known_operator(request)
    found = identity.find_bank(session, slug=slug)
    if found is None:
        raise NotFound("this database has no such bank")
    return books.Shelf(found.bank_id, lang, slug)


def _operator_routes(pages: APIRouter, desk: Desk) -> None:
    def show(request: Request, next: str, **more: Any) -> Response:
        with transaction(desk.branch.engine) as session:
            visitor = desk.visitor(session, request)
        return page(
            request, "books_enter", title="books.enter_page", here="books", visitor=visitor,
            next=rules.safe_next(next), **more,
        )  # fmt: skip

    @pages.get("/books/enter")
    def show_enter(
        request: Request, next: Annotated[str, Query(max_length=500)] = "/books"
    ) -> Response:
        """Ask for the operator's token."""
        return show(request, next)

    @pages.post("/books/enter")
    def enter(
        request: Request,
        token: Annotated[str, Form(max_length=200)] = "",
        next: Annotated[str, Form(max_length=500)] = "/books",
    ) -> Response:
        """Let the operator in for some hours."""
        person = _staff_of(desk, token)
        if person is None and not rules.is_token(desk.operator_token, token):
            refused = ledger.OperatorRequired("this is not the operator's token")
            shown = problem_view(request, refused)
            return show(request, next, problem_view=shown, status=refused.status)
        until = clock.now() + timedelta(seconds=rules.OPERATOR_SECONDS)
        response = redirect(rules.safe_next(next))
        remember(
            response, request, OPERATOR_COOKIE,
            rules.operator_pass(desk.operator_token, until, person or ""),
            max_age=rules.OPERATOR_SECONDS,
        )  # fmt: skip
        return response

    @pages.post("/books/leave")
    def leave(request: Request) -> Response:
        """End the operator's visit."""
        response = redirect("/books")
        response.delete_cookie(OPERATOR_COOKIE, path="/")
        return response

    @pages.post("/books/close")
    def close(
        request: Request,
        on: Annotated[str, Form(max_length=10)],
        bank: Annotated[str, Form(max_length=64)] = "",
    ) -> Response:
        """Close a day, again if it was closed before."""
        desk.known_operator(request)
        now = clock.now()
        day = _day(on, now.date())
        with transaction(desk.branch.engine) as session:
            shelf = _shelf(desk, session, request, bank)
            ledger.close_day(session, bank_id=shelf.bank_id, on=day, now=now)
        tail = f"&bank={shelf.slug}" if shelf.slug else ""
        return redirect(f"/books?on={day}{tail}#closes")


def _sum_routes(pages: APIRouter, desk: Desk) -> None:
    def view_of(
        request: Request, show: str, on: str, since: str, bank: str, now: datetime
    ) -> tuple[BooksView, CustomerView | None]:
        chosen = show if show in books.SHOWS else "trial"
        day = _day(on, now.date())
        first = min(_day(since, day.replace(day=1)), day)
        with transaction(desk.branch.engine) as session:
            is_operator = desk.is_operator(request)
            known = desk.visitor if is_operator else desk.known_visitor
            visitor = known(session, request)
            shelf = _shelf(desk, session, request, bank)
            view = books.books_view(
                session, shelf=shelf, show=chosen, on=day, since=first, now=now,
                is_operator=is_operator,
            )  # fmt: skip
        return view, visitor

    @pages.get("/books")
    def show_books(
        request: Request, show: Kind = "trial", on: Day = "", since: Day = "", bank: Slug = ""
    ) -> Response:
        """Show a day's trial balance, balance sheet or income statement."""
        view, visitor = view_of(request, show, on, since, bank, clock.now())
        return page(request, "books", title="books.page", here="books", visitor=visitor, view=view)

    @pages.get("/books.csv")
    def send_books(
        request: Request, show: Kind = "trial", on: Day = "", since: Day = "", bank: Slug = ""
    ) -> Response:
        """Send what `/books` shows as CSV."""
        view, _ = view_of(request, show, on, since, bank, clock.now())
        say = words(taste_of(request).lang).say
        heads = ("asset", "part", "account", "debit", "credit", "balance")
        rows = (
            (table.asset.code, say(f"books.part_{part.name}"), row.name, row.debit.decimal,
             row.credit.decimal, row.balance.decimal)
            for table in view.tables for part in table.parts for row in part.rows
        )  # fmt: skip
        return as_csv(f"{view.show}-{view.on}", [say(f"books.{head}") for head in heads], rows)


def _account_routes(pages: APIRouter, desk: Desk) -> None:
    engine = desk.branch.engine

    @pages.get("/books/accounts")
    def show_accounts(
        request: Request, kind: Kind, asset: Kind, on: Day = "", since: Day = "",
        bank: Slug = "", after: Cursor = None,
    ) -> Response:  # fmt: skip
        """Show the accounts behind one line of the books."""
        desk.known_operator(request)
        day = _day(on, clock.now().date())
        desk.note(request, subject=desk.branch.bank_id, what="account", row_count=books.PAGE)
        with transaction(engine) as session:
            view = books.accounts_view(
                session, shelf=_shelf(desk, session, request, bank), kind=kind, asset_code=asset,
                on=day, since=_day(since, day) if since else None, after=after,
            )  # fmt: skip
            visitor = desk.visitor(session, request)
        return page(
            request, "books_accounts", title="books.accounts_page", here="books",
            visitor=visitor, view=view,
        )  # fmt: skip

    @pages.get("/books/accounts.csv")
    def send_accounts(
        request: Request, kind: Kind, asset: Kind, on: Day = "", since: Day = "", bank: Slug = ""
    ) -> Response:
        """Send the accounts behind one line of the books as CSV."""
        desk.known_operator(request)
        desk.note(
            request, subject=desk.branch.bank_id, what="export", row_count=books.CSV_LINES_MAX
        )
        say, day = words(taste_of(request).lang).say, _day(on, clock.now().date())
        heads = ("account", "owner", "purpose", "status", "debit", "credit", "balance")
        with transaction(engine) as session:
            rows = [
                (row.account_id, row.owner_id, row.purpose, row.status, row.debit.decimal,
                 row.credit.decimal, row.balance.decimal)
                for row in books.every_account(
                    session, shelf=_shelf(desk, session, request, bank), kind=kind,
                    asset_code=asset, on=day, since=_day(since, day) if since else None,
                )
            ]  # fmt: skip
        return as_csv(f"{kind}-{day}", [say(f"books.{head}") for head in heads], rows)


def _statement_routes(pages: APIRouter, desk: Desk) -> None:
    engine = desk.branch.engine

    @pages.get("/books/accounts/{account_id}")
    def show_account(
        request: Request, account_id: str, bank: Slug = "", after: Cursor = None
    ) -> Response:
        """Show a page of any account's statement."""
        desk.known_operator(request)
        with transaction(engine) as session:
            shelf = _shelf(desk, session, request, bank)
            desk.note(request, subject=_owner(session, shelf, account_id), what="statement")
            view = books.statement_view(session, shelf=shelf, account_id=account_id, after=after)
            visitor = desk.visitor(session, request)
        return page(
            request, "books_account", title="books.statement_page", here="books",
            visitor=visitor, view=view,
        )  # fmt: skip

    @pages.get("/books/accounts/{account_id}/statement.csv")
    def send_account(request: Request, account_id: str, bank: Slug = "") -> Response:
        """Send any account's whole statement as CSV."""
        desk.known_operator(request)
        say = words(taste_of(request).lang).say
        heads = ("number", "transfer", "other", "code", "about", "effective_on", "recorded_at",
                 "change", "after")  # fmt: skip
        with transaction(engine) as session:
            shelf = _shelf(desk, session, request, bank)
            desk.note(request, subject=_owner(session, shelf, account_id), what="statement")
            rows = [
                (row.number, row.transfer_id, row.other_id, row.code, row.about, row.effective_on,
                 row.recorded_at.isoformat(), row.amount.decimal, row.balance.decimal)
                for row in books.every_line(session, shelf=shelf, account_id=account_id)
            ]  # fmt: skip
        return as_csv(account_id, [say(f"books.{head}") for head in heads], rows)


def _transfer_routes(pages: APIRouter, desk: Desk) -> None:
    @pages.get("/books/transfers/{transfer_id}")
    def show_transfer(request: Request, transfer_id: str, bank: Slug = "") -> Response:
        """Show all that is known of a transfer."""
        desk.known_operator(request)
        with transaction(desk.branch.engine) as session:
            shelf = _shelf(desk, session, request, bank)
            view = books.transfer_view(session, shelf=shelf, transfer_id=transfer_id)
            for _, account_id, *_ in view.sides:
                desk.note(request, subject=_owner(session, shelf, account_id), what="account")
            visitor = desk.visitor(session, request)
        return page(
            request, "books_transfer", title="books.transfer_page", here="books",
            visitor=visitor, view=view,
        )  # fmt: skip
