"""Policies in a real Chromium: a version goes from draft to live and back, by page alone."""

from __future__ import annotations

import pytest

from browsing import serious, shoot
from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.base.settings import read_secret
from jiuding.kernel import decisions

pytestmark = pytest.mark.browser

SIZES = {"desk": (1440, 900), "phone": (390, 844)}
TOML = """
name = "{name}"
version = {number}
title = {{ zh = "走一遍的策略", en = "A policy that is walked" }}
[fields]
"amount" = {{ type = "decimal", zh = "金额", en = "amount" }}
[[rules]]
id = "large"
when = "amount > {cap}"
outcome = "decline"
code = "walked.large"
weight = 1
zh = "金额太大。"
en = "The amount is too large."
"""


@pytest.fixture
def staff(site, visit):
    """Open a visit in which a member of staff is known."""

    def open_as(person, **more):
        page = visit(**more)
        page.goto("/staff/enter?next=/policies")
        key = read_secret(site.house.settings.home, "staff")
        page.locator("#token").fill(decisions.staff_token(key, person))
        page.locator("#token").press("Enter")
        page.wait_for_url("**/policies")
        return page

    return open_as


def look(page, name: str, lang: str) -> None:
    """Check and keep a page in both sizes and both themes."""
    for size, shape in SIZES.items():
        page.set_viewport_size({"width": shape[0], "height": shape[1]})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            only = ["color-contrast"] if theme == "dark" else None
            assert serious(page, only) == [], (name, lang, size, theme)
            shoot(page, f"{name}-{lang}-{size}-{theme}")
        wider = page.evaluate("""() => [document.documentElement, ...document.querySelectorAll(
            "main .statements, main .queue, main .rules, main .shares"
        )].map((each) => each.scrollWidth - each.clientWidth).filter((px) => px > 0)""")
        assert wider == [], (name, lang, size)
        small = page.evaluate("""() => [...document.querySelectorAll(
            "main :is(button, summary, input:not([type=hidden])), .statements a"
        )].filter((each) => each.checkVisibility({ checkVisibilityCSS: true }))
          .filter((each) => each.getBoundingClientRect().height < 43.5)
          .map((each) => each.outerHTML.slice(0, 90))""")
        assert small == [], (name, size)
    page.set_viewport_size({"width": 1440, "height": 900})


def bring(page, name: str, cap: int, number: int) -> str:
    """Bring a version by page and return it."""
    page.goto("/policies/new")
    page.locator("#toml").fill(TOML.format(name=name, cap=cap, number=number))
    page.locator("form:has(#toml) button").click()
    page.wait_for_url(f"**/policies/{name}/versions/*")
    return page.url.rpartition("/")[2]


def press(page, name: str, version: str, step: str) -> None:
    page.goto(f"/policies/{name}/versions/{version}")
    page.locator(f"button[value={step}]").click()
    page.wait_for_url(f"**/policies/{name}")


def judge(site, name: str, amounts) -> list[str]:
    with transaction(site.house.engine) as session:
        return [
            decisions.decide(
                session, bank_id=site.house.bank.bank_id, policy=name, subject=f"pty_{amount}",
                event={"amount": amount}, features={}, now=clock.now(),
                idempotency_key=new_id("evt", clock.now()),
            ).decision_id
            for amount in amounts
        ]  # fmt: skip


def test_a_version_goes_from_draft_to_live_and_back_by_page_alone(site, staff):
    ann, bob = staff("ann"), staff("bob")
    name = "walked"
    first = bring(ann, name, 100, 1)
    press(ann, name, first, "checked")
    assert ann.locator("button[value=approved]").count() == 0
    assert "another person has to approve it" in ann.locator("main").inner_text()
    press(bob, name, first, "approved")
    bob.get_by_role("button", name="Publish for all traffic").click()
    bob.wait_for_load_state()
    assert "100 % champion" in bob.locator(".shares").inner_text()
    second = bring(bob, name, 50, 2)
    press(bob, name, second, "checked")
    press(bob, name, second, "shadowed")
    made = judge(site, name, (40, 80, 120))
    with transaction(site.house.engine) as session:
        found = [decisions.Label(made[1], True, clock.now(), "ann")]
        decisions.record_labels(
            session, bank_id=site.house.bank.bank_id, labels=found, now=clock.now()
        )
    ann.goto(f"/policies/{name}")
    assert "Approve\tDecline\t1" in ann.locator("#shadow-1 ~ .scroll").inner_text()
    ann.goto(f"/policies/{name}/versions/{second}")
    ann.get_by_role("link", name="Judge the past").click()
    ann.get_by_text("It would have refused 1 more, of them 1 good").wait_for()
    press(ann, name, second, "approved")
    ann.locator(f"#share-{second[:8]}").fill("20")
    ann.get_by_role("button", name="Publish with this share").click()
    ann.wait_for_load_state()
    shares = ann.locator(".shares").inner_text()
    assert "80 % champion" in shares and "20 % challenger" in shares
    ann.get_by_role("button", name="Roll the latest publication back").click()
    ann.wait_for_load_state()
    assert "100 % champion" in ann.locator(".shares").inner_text()
    steps = ann.locator("#steps ~ .moments li").count()
    assert steps == 10


def test_a_version_that_is_unclear_is_refused_on_the_page_and_kept_in_the_form(staff):
    page = staff("ann")
    page.goto("/policies/new")
    page.locator("#toml").fill(TOML.format(name="x", cap="unknown", number=1))
    page.locator("form:has(#toml) button").click()
    page.locator(".problem").wait_for()
    assert "decisions.bad_policy" in page.locator(".problem").inner_text()
    assert "unknown" in page.locator("#toml").input_value()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_serious_in_policies_and_nothing_is_wider_than_the_screen(
    site, staff, lang
):
    page, other = staff("ann", lang=lang), staff("bob", lang=lang)
    name = f"looked_{lang}"
    first = bring(page, name, 100, 1)
    look(page, "policy-version", lang)
    press(page, name, first, "checked")
    press(other, name, first, "approved")
    other.locator("form:has(input[value=published]) button").click()
    other.wait_for_load_state()
    second = bring(other, name, 50, 2)
    press(other, name, second, "checked")
    press(other, name, second, "shadowed")
    judge(site, name, (40, 80))
    for path, kept in (
        ("/policies", "policies"), ("/policies/new", "policy-new"),
        (f"/policies/{name}", "policy"), ("/policies/credit", "policy-credit"),
        (f"/policies/{name}/versions/{second}?past=true", "policy-past"),
    ):  # fmt: skip
        page.goto(path)
        look(page, kept, lang)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_tabs_of_the_books_fit_a_phone(site, visit, lang):
    page = visit(lang=lang, size=(390, 844))
    page.goto("/books/enter")
    page.locator("#token").fill(read_secret(site.house.settings.home, "operator").hex())
    page.locator("#token").press("Enter")
    page.wait_for_url("**/books")
    shoot(page, f"books-tabs-{lang}")
    over = page.locator(".statements").evaluate("each => each.scrollWidth - each.clientWidth")
    assert over == 0
    assert page.locator(".statements a").count() == 3
