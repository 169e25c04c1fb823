"""The books on pages without scripts: who may see what, and every figure down to one transfer."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import httpx
import pytest

from jiuding.base import clock
from jiuding.base.amounts import Amount, currency
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.base.settings import read_secret
from jiuding.bootstrap import demonstration
from jiuding.kernel import identity, ledger

CNY = currency("CNY")
DAY = date(2026, 3, 2)


@pytest.fixture
def client(site):
    """A browser of nobody yet, who reads English."""
    with httpx.Client(
        base_url=site.origin, headers={"accept-language": "en"}, follow_redirects=True, timeout=60
    ) as opened:
        yield opened


def token(site) -> str:
    return read_secret(site.house.settings.home, "operator").hex()


@pytest.fixture
def operator(client, site):
    """A browser of the operator."""
    assert client.post("/books/enter", data={"token": token(site)}).url.path == "/books"
    return client


@pytest.fixture(scope="module")
def town(site):
    """A second bank in the same database, with a day of which everything is known."""
    now = clock.now()
    bank = identity.Bank(new_id("bank", now), f"town-{new_id('evt', now)[-8:]}", "小镇银行", "Town",
                         ("cn",), True)  # fmt: skip
    words = {"bank_id": bank.bank_id, "now": now}
    with transaction(site.house.engine) as session:
        identity.register_bank(session, bank=bank, now=now)
        terms = {"asset": CNY, **words}
        cash = ledger.bank_account(session, kind="cash_at_central_bank", **terms).account_id
        fees = ledger.bank_account(session, kind="fee_income", **terms).account_id
        held = [
            ledger.open_account(session, kind="customer_deposit", owner_id="pty_1", **terms)
            for _ in range(60)
        ]
        mine = held[0].account_id

        def item(debit: str, credit: str, units: int, on: date = DAY, **more):
            return ledger.NewTransfer(
                new_id("trf", now), debit, credit, Amount(units, CNY), "tests.moved", on, **more
            )

        first = item(cash, mine, 100_000, about="ln_1")
        fee = item(mine, fees, 250, DAY + timedelta(1))
        many = [item(cash, account.account_id, 1_00) for account in held[1:]]
        busy = [item(mine, fees, 1, DAY + timedelta(2)) for _ in range(60)]
        refused = item(mine, cash, 10**12)
        ledger.post(session, transfers=[first, fee, *many, *busy, refused], **words)
        hold = ledger.NewHold(new_id("hld", now), mine, cash, Amount(77, CNY), "tests.held", DAY)
        capture = ledger.Capture(new_id("trf", now), hold.hold_id, "tests.captured", DAY)
        ledger.post(session, transfers=[hold, capture], **words)
        back = ledger.reverse(
            session, transfer_id=fee.transfer_id, reversal_id=new_id("trf", now),
            reason="tests.wrong_fee", effective_on=DAY + timedelta(3), **words,
        )  # fmt: skip
    ledger.seal_waiting(site.house.engine, bank_id=bank.bank_id, now=now)
    return {
        "bank": bank, "mine": mine, "cash": cash, "first": first, "fee": fee, "back": back,
        "capture": capture, "hold": hold, "refused": refused, "item": item,
    }  # fmt: skip


def links(text: str, start: str) -> list[str]:
    return [unescape(found) for found in re.findall(rf'href="({re.escape(start)}[^"]*)"', text)]


DETAILS = (
    "/books/accounts?kind=customer_deposit&asset=CNY",
    "/books/accounts.csv?kind=customer_deposit&asset=CNY",
    "/books/accounts/{mine}",
    "/books/accounts/{mine}/statement.csv",
    "/books/transfers/{trf}",
)


def test_sums_ask_who_one_is_and_single_accounts_ask_for_the_operator(client, site, town):
    assert client.get("/books").url.path == "/enter"
    party = re.findall(r'value="(pty_\w+)"', client.get("/enter").text)[0]
    client.post("/enter", data={"party_id": party, "pin": demonstration.PIN})
    assert "Balanced" in client.get("/books").text
    assert client.get("/books.csv").status_code == 200
    names = {"mine": town["mine"], "trf": town["first"].transfer_id}
    for path in DETAILS:
        asked = client.get(path.format(**names))
        assert asked.url.path == "/books/enter" and "next" in str(asked.url), path
        assert town["mine"] not in asked.text.replace(str(asked.url), "").split("<form")[0]
    # Another bank's sums are not a customer's either.
    assert client.get("/books", params={"bank": town["bank"].slug}).url.path == "/books/enter"
    refused = client.post("/books/close", data={"on": str(DAY)})
    assert refused.status_code == 401 and "ledger.operator_required" in refused.text


@pytest.mark.parametrize("typed", ["", "x", "0" * 64, "é"])
def test_another_token_is_refused(client, typed):
    refused = client.post("/books/enter", data={"token": typed})
    assert refused.status_code == 401 and "ledger.operator_required" in refused.text
    assert "jiuding_operator" not in refused.headers.get("set-cookie", "")


def test_a_pass_that_was_made_up_or_ran_out_opens_nothing(client, site):
    from jiuding.channels.console import rules

    late = rules.operator_pass(token(site), clock.now() - timedelta(seconds=1))
    made_up = rules.operator_pass("0" * 64, clock.now() + timedelta(hours=1))
    later = f"{int(late.split('.')[0]) + 9_000}.{late.split('.')[1]}"
    for shown in (late, made_up, later, "", "1", "9" * 12 + ".", "x.y"):
        client.cookies.set("jiuding_operator", shown)
        assert client.get(DETAILS[0]).url.path == "/books/enter", shown


def test_the_operator_goes_on_to_what_was_asked_and_can_leave(client, site):
    asked = client.get(DETAILS[0])
    next_path = unescape(re.findall(r'name="next" value="([^"]+)"', asked.text)[-1])
    page = client.post("/books/enter", data={"token": token(site), "next": next_path})
    assert page.url.path == "/books/accounts" and page.status_code == 200
    cookie = next(each for each in client.cookies.jar if each.name == "jiuding_operator")
    assert cookie.has_nonstandard_attr("HttpOnly") and token(site) not in cookie.value
    client.post("/books/leave")
    assert client.get(DETAILS[0]).url.path == "/books/enter"
    away = client.post("/books/enter", data={"token": token(site), "next": "https://evil.example"})
    assert away.url.path == "/"


def test_a_chosen_day_shows_what_stood_then(operator, town):
    words = {"bank": town["bank"].slug, "on": str(DAY)}
    trial = operator.get("/books", params=words).text
    # 1,000.00 and 59 times 1.00 came in; 0.77 went out.
    assert "1,059.00" in trial and "1,058.23" in trial and "Balanced" in trial
    assert "Fee income" not in trial
    later = operator.get("/books", params={**words, "on": str(DAY + timedelta(1))}).text
    assert "Fee income" in later and "2.50" in later
    before = operator.get("/books", params={**words, "on": "2020-01-01"}).text
    assert "No posting until then" in before
    bad = operator.get("/books", params={**words, "on": "yesterday"})
    assert bad.status_code == 422 and "base.bad_input" in bad.text


def test_the_sheet_balances_with_the_result_and_the_period_is_the_readers(operator, town):
    last = DAY + timedelta(9)
    words = {"bank": town["bank"].slug, "on": str(last)}
    sheet = operator.get("/books", params={**words, "show": "sheet"}).text
    assert "Balanced" in sheet and "Result so far" in sheet and "0.60" in sheet
    income = {**words, "show": "income"}
    whole = operator.get("/books", params={**income, "since": str(DAY)}).text
    assert "Result of the period" in whole and "0.60" in whole
    part = operator.get("/books", params={**income, "since": str(DAY + timedelta(3))}).text
    assert "\N{MINUS SIGN}2.50" in part  # the fee that was taken back
    none = operator.get("/books", params={**income, "since": str(last)}).text
    assert "No income or expense" in none


def test_every_figure_opens_down_to_the_transfer(operator, town):
    words = {"bank": town["bank"].slug, "on": str(DAY)}
    trial = operator.get("/books", params=words).text
    (accounts,) = (
        each for each in links(trial, "/books/accounts?") if "kind=customer_deposit" in each
    )
    page = operator.get(accounts)
    assert "1,058.23" in page.text and page.text.count('<tr class="opens">') == 50
    (older,) = (each for each in links(page.text, "/books/accounts?") if "after=" in each)
    second = operator.get(older).text
    assert second.count('<tr class="opens">') == 10
    seen = links(page.text, "/books/accounts/acc_") + links(second, "/books/accounts/acc_")
    assert len(set(seen)) == 60
    statement = operator.get(next(each for each in seen if town["mine"] in each)).text
    assert statement.count('<tr class="opens">') == 50
    (more,) = (each for each in links(statement, "/books/accounts/acc_") if "after=" in each)
    older_lines = operator.get(more).text
    transfers = links(statement, "/books/transfers/") + links(older_lines, "/books/transfers/")
    assert len(transfers) == len(set(transfers)) == 64
    first = operator.get(next(each for each in transfers if town["first"].transfer_id in each)).text
    for shown in (town["mine"], town["cash"], "1,000.00", "tests.moved", "ln_1", "Under seal"):
        assert shown in first, shown


def test_a_transfer_shows_its_hold_its_reversal_and_its_refusal(operator, town):
    def page(transfer_id: str) -> httpx.Response:
        return operator.get(
            f"/books/transfers/{transfer_id}", params={"bank": town["bank"].slug}
        )  # fmt: skip

    capture = page(town["capture"].transfer_id).text
    assert town["hold"].hold_id in capture and "Captured from a hold" in capture
    fee, back = page(town["fee"].transfer_id).text, page(town["back"].transfer_id).text
    assert "Reversed" in fee and town["back"].transfer_id in fee
    assert "Takes back" in back and town["fee"].transfer_id in back
    refused = page(town["refused"].transfer_id).text
    assert "ledger.insufficient_funds" in refused and "changed nothing" in refused
    missing = page(new_id("trf", clock.now()))
    assert missing.status_code == 404 and "ledger.transfer_not_found" in missing.text
    for path in ("/books/transfers/x", "/books/accounts/x"):
        assert operator.get(path).status_code in (404, 422)
    # What belongs to another bank is not in this one.
    assert operator.get(f"/books/transfers/{town['fee'].transfer_id}").status_code == 404


def test_a_cursor_kind_or_bank_that_is_none_is_refused(operator, town):
    for path in (
        f"{DETAILS[0]}&after=nonsense", "/books/accounts?kind=nothing&asset=CNY",
        "/books/accounts?kind=customer_deposit&asset=XXX",
        f"/books/accounts/{town['mine']}?bank={town['bank'].slug}&after=nonsense",
        "/books?bank=nowhere",
    ):  # fmt: skip
        assert operator.get(path).status_code in (404, 422), path


def test_tables_leave_as_csv_that_adds_up(operator, town):
    bank = {"bank": town["bank"].slug, "on": str(DAY)}

    def rows(path: str, **more) -> list[list[str]]:
        sent = operator.get(path, params={**bank, **more})
        assert sent.headers["content-disposition"].startswith("attachment"), path
        lines = sent.content.decode("utf-8-sig").splitlines()
        return [line.split(",") for line in lines]

    trial = rows("/books.csv")
    assert trial[0] == ["Asset", "Part", "Account", "Debit", "Credit", "Balance"]
    assert sum(float(row[3]) for row in trial[1:]) == sum(float(row[4]) for row in trial[1:])
    accounts = rows("/books/accounts.csv", kind="customer_deposit", asset="CNY")
    assert len(accounts) == 61
    assert round(sum(float(row[6]) for row in accounts[1:]), 2) == 1058.23
    lines = rows(f"/books/accounts/{town['mine']}/statement.csv")
    assert len(lines) == 65 and lines[-1][0] == "1"


def test_a_day_is_closed_again_and_shows_what_came_late(operator, town, site):
    words = {"bank": town["bank"].slug, "on": str(DAY)}
    assert "has not been closed" in operator.get("/books", params=words).text
    closed = operator.post("/books/close", data=words)
    assert closed.url.path == "/books" and "<h3>Close 1</h3>" in closed.text
    assert "Nothing has changed since" in closed.text
    again = operator.post("/books/close", data=words)
    assert "<h3>Close 2</h3>" not in again.text
    late = town["item"](town["cash"], town["mine"], 900)
    with transaction(site.house.engine) as session:
        ledger.transfer(
            session, bank_id=town["bank"].bank_id, transfer=late, now=clock.now()
        )  # fmt: skip
    changed = operator.get("/books", params=words).text
    assert "Changed since" in changed and "1,068.00" in changed  # cash debited then 1,059.00
    second = operator.post("/books/close", data=words).text
    assert "<h3>Close 2</h3>" in second and "<h3>Close 1</h3>" in second
    early = operator.post("/books/close", data={**words, "on": "2199-01-01"})
    assert early.status_code == 422 and "ledger.day_not_begun" in early.text


def test_a_form_of_another_site_cannot_close_a_day(operator):
    refused = operator.post(
        "/books/close", data={"on": str(DAY)}, headers={"sec-fetch-site": "cross-site"}
    )
    assert refused.status_code == 403 and "console.foreign_origin" in refused.text


def test_pages_of_the_books_carry_the_strict_policy(operator):
    from jiuding.channels.console.routes.render import HEADERS

    for path in ("/books", "/books/enter", "/books.csv", DETAILS[0], "/books/transfers/x"):
        headers = operator.get(path).headers
        for name, value in HEADERS.items():
            assert headers[name] == value, (path, name)
