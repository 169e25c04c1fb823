"""The books in a real Chromium: walked by keyboard, accessible, and no wider than the screen."""

from __future__ import annotations

import pytest

from browsing import enter, serious, shoot
from jiuding.base.settings import read_secret
from jiuding.kernel import ledger

pytestmark = pytest.mark.browser

SIZES = {"desk": (1440, 900), "phone": (390, 844)}


@pytest.fixture
def operator(site, visit):
    """Open a visit in which the operator is known."""
    ledger.seal_waiting(site.house.engine, bank_id=site.house.bank.bank_id, now=_now())
    token = read_secret(site.house.settings.home, "operator").hex()

    def open_as(**more):
        page = visit(**more)
        page.goto("/books/enter")
        page.locator("#token").fill(token)
        page.locator("#token").press("Enter")
        page.wait_for_url("**/books")
        return page

    return open_as


def _now():
    from jiuding.base import clock

    return clock.now()


def walk(page):
    """Go from the trial balance to one transfer and say the name of each page on the way."""
    yield "enter", "/books/enter"
    yield "trial", "/books"
    yield "sheet", "/books?show=sheet"
    yield "income", "/books?show=income&since=2020-01-01"
    page.goto("/books")
    page.locator("tr.opens a[href*='kind=customer_deposit']").first.click()
    yield "accounts", page.url
    page.goto(page.url)
    page.locator("tr.opens a").first.click()
    yield "account", page.url
    page.locator("tr.opens a").first.click()
    yield "transfer", page.url


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_serious_in_the_books(operator, lang):
    page = operator(lang=lang)
    page.goto("/books")
    page.locator("#closes button").click()
    page.wait_for_url("**/books?*")
    for name, path in list(walk(page)):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        for size, shape in SIZES.items():
            page.set_viewport_size({"width": shape[0], "height": shape[1]})
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                only = ["color-contrast"] if theme == "dark" else None
                assert serious(page, only) == [], (name, lang, size, theme)
                shoot(page, f"books-{name}-{lang}-{size}-{theme}")
            wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wider <= 0, f"{name} is {wider} px too wide at {size}"
            small = page.evaluate("""() => [...document.querySelectorAll(
                "main :is(button, summary, select, input:not([type=hidden])), .statements a"
            )].filter((each) => each.checkVisibility({ checkVisibilityCSS: true }))
              .filter((each) => each.getBoundingClientRect().height < 43.5)
              .map((each) => each.outerHTML.slice(0, 90))""")
            assert small == [], (name, size)


def test_a_row_opens_wherever_it_is_tapped_and_by_keyboard(operator):
    page = operator()
    row = page.locator("tr.opens:has(a[href*='kind=customer_deposit'])").first
    box = row.locator("td").last.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/books/accounts?*")
    page.locator("tr.opens a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/books/accounts/acc_*")
    page.locator("tr.opens a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/books/transfers/trf_*")
    assert page.locator("h1").inner_text() == "Transfer"


def test_the_books_work_without_scripts(operator):
    page = operator(scripts=False)
    page.locator("#on").fill("2026-01-31")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**/books?*on=2026-01-31*")
    assert page.locator("#on").input_value() == "2026-01-31"
    page.get_by_role("link", name="Balance sheet").click()
    page.wait_for_url("**show=sheet*")
    assert page.locator("#on").input_value() == "2026-01-31"


def test_a_customer_sees_sums_and_is_asked_for_the_token_behind_them(visit):
    page = visit()
    enter(page, next_path="/books")
    page.locator("tr.opens a").first.click()
    page.wait_for_url("**/books/enter?*")
    assert page.locator("#token").is_visible()
