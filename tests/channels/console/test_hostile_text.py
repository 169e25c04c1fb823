"""Hostile texts on pages and in exports: shown as they are, and run nowhere."""

from __future__ import annotations

import csv
import io
from datetime import date
from random import Random
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.channels.console.routes.money import as_csv
from jiuding.kernel import identity
from jiuding.services.abuse.rules.exposed_text import attacks

PAYLOADS = (
    "<img src=x onerror=window.ran=1>",
    "<script>window.ran=1</script>",
    '"><svg/onload=window.ran=1>',
    "'-window.ran=1-'",
    "{{7*7}}${7*7}<%=7*7%>",
    "</title><script>window.ran=1</script>",
    "<details open ontoggle=window.ran=1>",
    "javascript:window.ran=1",
    "<a href=javascript:window.ran=1>x</a>",
    "O'Brien <3 & Sons",
)
TAGS = "img[src='x'], svg[onload], script:not([src]), details[ontoggle], a[href^='javascript']"


def is_inert(page) -> bool:
    return page.evaluate("window.ran === undefined") and page.locator(TAGS).count() == 0


@pytest.mark.browser
@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_hostile_name_is_shown_and_not_run(site, visit, payload):
    house = site.house
    with transaction(house.engine) as session:
        party = identity.register_person(
            session, bank_id=house.bank.bank_id, vault=house.vault, now=clock.now(),
            person=identity.NewPerson(payload, date(1990, 1, 1), "cn", "resident", "en"),
        )  # fmt: skip
        identity.set_pin(
            session, bank_id=house.bank.bank_id, vault=house.vault, party_id=party.party_id,
            pin="246810", now=clock.now(),
        )  # fmt: skip
    page = visit()
    page.goto("/enter?search=" + quote(payload))
    assert payload in page.locator("main").inner_text()
    assert is_inert(page)
    page.goto("/library?search=" + quote(payload))
    assert page.locator("input[name=search]").first.input_value() == payload
    assert is_inert(page)
    with transaction(house.engine) as session:
        identity.erase_personal_details(
            session, bank_id=house.bank.bank_id, party_id=party.party_id, now=clock.now()
        )


@pytest.mark.browser
def test_a_hostile_sentence_and_address_are_shown_and_not_run(visit):
    page = visit()
    for payload in PAYLOADS:
        page.goto("/")
        field = page.locator("[name=text]").first
        field.fill(f"{payload} 买车还差15万,分三年还"[:200])
        field.press("Enter")
        page.wait_for_load_state("networkidle")
        assert is_inert(page)
        page.goto(f"/books/enter?next={quote('/books?x=' + payload)}")
        assert is_inert(page)
        page.goto(f"/{quote(payload)}")
        assert is_inert(page)


def cells(*given: str) -> list[str]:
    sent = as_csv("x", ["a"], [[each] for each in given])
    return [row[0] for row in csv.reader(io.StringIO(sent.body.decode("utf-8-sig")))][1:]


def test_no_formula_of_the_corpus_leaves_an_export_alive():
    draw = Random(7)
    texts = [attacks.attack(draw, "sheet_code") for _ in range(300)]
    texts += [way(each, draw) for each in texts for way in attacks.DISGUISES["sheet_code"]]
    blanks = (" ", "\u3000", "\n", "\t", "\r")
    texts += [f"{blank}{each}" for each in texts[:40] for blank in blanks]
    for before, after in zip(texts, cells(*texts), strict=True):
        assert after[0] == "'", before


def test_honest_cells_leave_an_export_as_they_are():
    honest = ["O'Brien", "王小明", "A&B, Ltd.", 'the "Open" Kitchen', "3/F", "100% 棉", "a=b", ""]
    assert cells(*honest) == honest
    assert cells("two\nlines") == ["two\nlines"]


def test_a_name_of_an_export_cannot_break_out_of_its_header():
    sent = as_csv('x"; filename="a.exe\r\nSet-Cookie: a=1', ["a"], [])
    said = sent.headers["content-disposition"]
    assert said == 'attachment; filename="x___filename__a.exe__Set-Cookie__a_1.csv"'
    assert SimpleNamespace(set_cookie=sent.headers.get("set-cookie")).set_cookie is None
