"""Pages as a browser without scripts gets them, from the demonstration bank itself."""

from __future__ import annotations

import re

import httpx
import pytest

from jiuding.base import clock
from jiuding.bootstrap import demonstration
from jiuding.channels.console.routes.design import PAGES
from jiuding.channels.console.routes.render import HEADERS

EN = "I need 30,000 dollars for a car over five years, at most 650 a month"
QUOTE = re.compile(r'data-address="/quotes/(quo_\w+)')


@pytest.fixture
def client(site):
    """A browser of nobody yet, who reads English."""
    with httpx.Client(
        base_url=site.origin, headers={"accept-language": "en"}, follow_redirects=True, timeout=60
    ) as opened:
        yield opened


def customers(client, search: str = "") -> list[str]:
    text = client.get("/enter", params={"search": search}).text
    return re.findall(r'value="(pty_\w+)"', text)


def enter(client, *, place: int = 0, pin: str = demonstration.PIN):
    return client.post("/enter", data={"party_id": customers(client)[place], "pin": pin})


def ask(client, text: str = EN) -> httpx.Response:
    return client.post("/ask", data={"text": text})


def quote_of(response: httpx.Response) -> str:
    found = QUOTE.search(response.text)
    assert found, response.text[:3000]
    return found.group(1)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_design_page_stands_in_both_languages(client, lang):
    for name in ("", *(f"/{page}" for page in PAGES)):
        response = client.get(f"/design{name}", headers={"accept-language": lang})
        assert response.status_code == 200, name
        assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}"' in response.text


def test_every_page_carries_the_strict_policy(client):
    for path in ("/", "/design", "/enter", "/library", "/nothing", "/design/nothing", "/loans/x"):
        headers = client.get(path, headers={"accept": "text/html"}).headers
        for name, value in HEADERS.items():
            assert headers[name] == value, (path, name)
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy


def test_a_program_is_told_of_nothing_as_a_problem(client):
    for path in ("/v1/nothing", "/nothing"):
        told = client.get(path, headers={"accept": "application/json"})
        assert told.status_code == 404 and told.json()["code"] == "base.not_found"


def test_static_files_are_kept_by_their_hash_and_nothing_else_is_served(client):
    home = client.get("/").text
    for path in re.findall(r'(?:src|href|data-charts)="(/static/[^"]+)"', home):
        sent = client.get(path, headers={"accept-encoding": "gzip"})
        assert sent.status_code == 200 and "immutable" in sent.headers["cache-control"]
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", path)
    for path in ("/static/house.css", "/static/..%2fpyproject.toml", "/static/axe.min.js"):
        assert client.get(path).status_code == 404


def test_a_choice_of_language_and_theme_is_remembered(client):
    page = client.post("/preferences", data={"lang": "zh", "theme": "dark", "next": "/library"})
    assert page.url.path == "/library"
    assert '<html lang="zh-CN" data-theme="dark">' in page.text
    away = client.post("/preferences", data={"next": "https://evil.example/"})
    assert away.url.path == "/"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_a_form_of_another_site_is_refused(client, headers):
    refused = client.post("/preferences", data={"lang": "zh"}, headers=headers)
    assert refused.status_code == 403 and "console.foreign_origin" in refused.text
    assert "set-cookie" not in refused.headers


def test_what_is_ones_own_asks_who_one_is_and_then_goes_on(client):
    page = client.get("/you")
    assert page.url.path == "/enter" and "next=/you" in str(page.url)
    party = customers(client)[0]
    page = client.post("/enter", data={"party_id": party, "pin": demonstration.PIN, "next": "/you"})
    assert page.url.path == "/you"
    cookie = next(each for each in client.cookies.jar if each.name == "jiuding_login")
    assert cookie.has_nonstandard_attr("HttpOnly")
    client.post("/leave")
    assert client.get("/you").url.path == "/enter"


def test_a_wrong_pin_is_told_on_the_page_that_asked(client):
    refused = enter(client, place=3, pin="000000")
    assert refused.status_code == 403
    assert "identity.pin_refused" in refused.text and 'role="alert"' in refused.text
    assert "trace" in refused.text


@pytest.mark.parametrize("party", ["", "pty_x", "<script>", "pty_00000000000000000000000000"])
def test_a_customer_who_is_not_there_is_refused_calmly(client, party):
    refused = client.post("/enter", data={"party_id": party, "pin": "246810"})
    assert 400 <= refused.status_code < 500
    assert 'class="problem' in refused.text and "<script>" not in refused.text


def test_a_sentence_without_a_customer_is_kept_until_one_is_chosen(client):
    page = ask(client, "a car for 9,000")
    assert page.url.path == "/enter"
    assert "a%20car" in page.text or "a+car" in page.text or "a%2Bcar" in page.text


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "assistant.text_empty"), ("   ", "assistant.text_empty"), ("x" * 12_000, "assistant")],
)
def test_an_impossible_sentence_is_a_clear_problem(client, text, code):
    enter(client)
    refused = ask(client, text)
    assert 400 <= refused.status_code < 500 and code in refused.text


def test_an_answer_says_how_old_the_rates_are_that_it_compared(client, site):
    enter(client)
    as_of = site.house.branch.market("au").library.as_of
    days = (clock.now().date() - as_of).days
    page = ask(client, "I need 30,000 dollars for a car over 3 years")
    assert f"{days:,} days before this answer" in re.sub(r"<[^>]+>", "", page.text)
    assert 'href="/library/sources"' in page.text
    # What we declare ourselves is of no day but today's.
    assert site.house.branch.market("cn").library.as_of is None


def test_markup_in_a_sentence_is_only_text(client):
    enter(client)
    page = ask(client, "<script>alert(1)</script> I need 30,000 dollars for a car over 3 years")
    assert "<script>alert" not in page.text and "&lt;script&gt;alert" in page.text


def test_a_sentence_ends_in_a_statement_without_any_script(client):
    enter(client)
    answer = ask(client)
    assert "true yearly rate" in answer.text.lower() and "five years”" in answer.text
    quote_id = quote_of(answer)
    back = client.get(f"/quotes/{quote_id}/cheapest")
    assert "You receive" in back.text and "30,000.00" in back.text
    unsure = client.post(f"/quotes/{quote_id}/cheapest/accept", data={})
    assert unsure.status_code == 422 and "console.agreement_missing" in unsure.text
    accept = f"/quotes/{quote_id}/cheapest/accept"
    done = client.post(accept, data={"pin": demonstration.PIN})
    assert "Granted, and the money has arrived" in done.text, done.text[-6000:]
    again = client.post(accept, data={"pin": demonstration.PIN})
    assert set(re.findall(r"ln_\w+", done.text)) == set(re.findall(r"ln_\w+", again.text))
    assert client.get(f"/quotes/{quote_id}/result").status_code == 200
    loan = re.search(r'href="(/loans/ln_\w+)"', done.text).group(1)
    account = re.search(r'href="(/accounts/acc_\w+)"', done.text).group(1)
    assert client.get(loan).text.count("<tr>") > 50
    assert "Loan paid out" in client.get(account).text
    assert loan in client.get("/you").text


def test_what_belongs_to_another_is_not_here(client, site):
    enter(client)
    quote_id = quote_of(ask(client))
    account = re.search(r"/accounts/acc_\w+", client.get("/you").text).group(0)
    with httpx.Client(base_url=site.origin, follow_redirects=True, timeout=20) as other:
        enter(other, place=1)
        for path in (f"/quotes/{quote_id}", f"/quotes/{quote_id}/cheapest", account,
                     f"{account}/statement.csv", f"/quotes/{quote_id}/why-not"):  # fmt: skip
            assert other.get(path).status_code == 404, path
        stolen = other.post(f"/quotes/{quote_id}/cheapest/accept", data={"pin": demonstration.PIN})
        assert stolen.status_code == 404


def test_a_value_can_be_edited_and_a_wrong_one_is_refused(client):
    enter(client)
    answer = ask(client)
    path = re.search(r'action="(/conversations/cvs_\w+/amend)"', answer.text).group(1)
    fewer = client.post(path, data={"amount": "12000", "text": EN})
    assert "12,000.00" in fewer.text and EN in fewer.text
    for value in ("-5", "0", "many", "9" * 40):
        refused = client.post(path, data={"amount": value})
        assert refused.status_code == 422 and "assistant.bad_slot" in refused.text
    part = client.post(path, data={"amount": "0"}, headers={"hx-request": "true"})
    assert part.headers["hx-retarget"] == "#notice" and "<html" not in part.text


def test_what_is_missing_is_asked_and_may_be_answered_in_words(client):
    enter(client)
    question = ask(client, "I would like a car")
    assert (
        "One question first" in question.text and "How much do you want to borrow?" in question.text
    )
    conversation = re.search(r'name="conversation" value="(cvs_\w+)"', question.text).group(1)
    answer = client.post(
        "/ask", data={"text": "15,000 dollars over 4 years", "conversation": conversation}
    )
    assert quote_of(answer) and "15,000.00" in answer.text and "A car" in answer.text


def test_a_purpose_that_credit_may_not_fund_is_declined_with_a_way_on(client, site):
    with httpx.Client(
        base_url=site.origin, headers={"accept-language": "zh"}, follow_redirects=True, timeout=60
    ) as reader:
        enter(reader)
        page = ask(reader, "借10万炒股")
        assert "lending.purpose_prohibited" in page.text and "证券投资" in page.text
        assert '<option value="securities" selected>' in page.text


def test_several_aims_are_each_shown(client, site):
    with httpx.Client(
        base_url=site.origin, headers={"accept-language": "zh"}, follow_redirects=True, timeout=60
    ) as reader:
        enter(reader)
        page = ask(reader, "车贷8万和装修5万，三年")
        assert "80,000.00" in page.text and "50,000.00" in page.text


def test_the_others_are_searched_grouped_and_paged(client):
    enter(client)
    quote_id = quote_of(ask(client))
    first = client.get(f"/quotes/{quote_id}/why-not")
    assert first.text.count("<li>") == 20 and "Show more" in first.text
    more = client.get(
        f"/quotes/{quote_id}/why-not", params={"after": 20, "part": "rows"},
        headers={"hx-request": "true"},
    )  # fmt: skip
    assert more.text.count("<li>") == 20 and "<html" not in more.text
    none = client.get(f"/quotes/{quote_id}/why-not", params={"search": "zzzzqq"})
    assert "Nothing matches" in none.text
    assert client.get(f"/quotes/{quote_id}/why-not", params={"after": "x"}).status_code == 422


def test_a_statement_leaves_as_csv_that_no_spreadsheet_runs(client):
    enter(client)
    account = re.search(r"/accounts/acc_\w+", client.get("/you").text).group(0)
    sent = client.get(f"{account}/statement.csv")
    assert sent.headers["content-disposition"].startswith("attachment")
    lines = sent.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Day,What it was,Amount,Balance after" and len(lines) > 100
    page = client.get(account)
    older = re.search(r'href="(/accounts/acc_\w+\?after=[^"]+)"', page.text).group(1)
    assert client.get(older.replace("&amp;", "&")).status_code == 200
    assert client.get(f"{account}?after=nonsense").status_code in (400, 422)


def test_the_library_and_the_books_are_open_to_read(client):
    page = client.get("/library", params={"search": "car", "market": "au"})
    assert page.status_code == 200 and "<table>" in page.text
    assert client.get("/library", params={"market": "xx"}).status_code == 404
    enter(client)
    books = client.get("/books").text
    assert "Balanced" in books and "Does not balance" not in books


def test_a_bug_of_ours_tells_nothing_of_our_insides(client, monkeypatch):
    from jiuding.channels.console.operations import shelves

    def broken(*_args, **_more):
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(shelves, "library_view", broken)
    page = client.get("/library")
    assert page.status_code == 500 and "secret" not in page.text
    assert "base.broken" in page.text and "trace" in page.text


def test_a_database_that_does_not_answer_is_a_calm_page(client, monkeypatch):
    from sqlalchemy.exc import OperationalError

    from jiuding.channels.console.operations import visitors

    def gone(*_args, **_more):
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(visitors, "visitor_of", gone)
    page = client.get("/library")
    assert page.status_code == 503 and "base.database_unavailable" in page.text
