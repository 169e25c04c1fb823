"""The portrait in a real Chromium: accessible in both languages, corrected and deleted by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from browsing import enter, serious, shoot
from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.kernel import identity
from jiuding.services import insight
from jiuding.services.insight import store

pytestmark = pytest.mark.browser
SIZES = {"desk": (1440, 900), "phone": (390, 844)}


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize(("lang", "market"), [("zh", "cn"), ("en", "au")])
def test_the_portrait_is_accessible_and_opens_to_its_evidence(visit, lang, market, size):
    page = visit(lang=lang, size=SIZES[size])
    enter(page, market=market, next_path="/you/portrait")
    page.locator("#figure-income").wait_for()
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert serious(page, ["color-contrast"] if theme == "dark" else None) == []
        shoot(page, f"portrait-{lang}-{size}-{theme}")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    evidence = page.locator(".evidence").first
    evidence.locator("summary").click()
    assert evidence.locator("li").first.inner_text().startswith("trf_")
    small = page.evaluate("""() => [...document.querySelectorAll(
        "main button, main summary, main a.button")]
        .filter((each) => each.checkVisibility({ checkVisibilityCSS: true }))
        .map((each) => [each.textContent, each.getBoundingClientRect().height])
        .filter(([, height]) => height > 0 && height < 43.5)""")
    assert small == []


def test_a_figure_is_corrected_and_the_portrait_deleted_without_scripts(visit):
    page = visit(lang="en", scripts=False)
    enter(page, market="au", next_path="/you/portrait")
    card = page.locator("article", has=page.locator("#figure-debts"))
    card.locator("details:last-of-type summary").last.click()
    card.get_by_label("What is it each month").fill("321.50")
    card.get_by_role("button", name="Save what I say").click()
    page.locator("article", has_text="321.50").wait_for()
    assert "You say" in page.locator("main").inner_text()
    page.get_by_role("button", name="Delete my portrait").click()
    page.get_by_role("heading", name="Your portrait is deleted").wait_for()
    page.get_by_role("button", name="Draw it again").click()
    page.locator("#figure-income").wait_for()
    assert "321.50" not in page.locator("main").inner_text()


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize(("lang", "market"), [("zh", "cn"), ("en", "au")])
def test_what_was_told_is_seen_until_it_is_no_longer_allowed(visit, site, lang, market, size):
    page = visit(lang=lang, size=SIZES[size])
    enter(page, market=market, next_path="/you/portrait")
    allow, stop = {"zh": ("允许", "不再允许"), "en": ("Allow it", "No longer allow it")}[lang]
    ahead = page.locator("section", has=page.locator("#ahead"))
    ahead.get_by_role("button", name=allow, exact=True).click()
    ahead.get_by_role("button", name=stop, exact=True).wait_for()
    tell(site, market)
    page.reload()
    card = page.locator("article", has=page.locator("#told-1"))
    card.wait_for()
    assert {"zh": "大约是百分之 54", "en": "about 54 in a hundred"}[lang] in card.inner_text()
    card.locator("summary").click()
    assert card.locator(".evidence li").first.inner_text().startswith("trf_")
    card.scroll_into_view_if_needed()
    shoot(page, f"told-{lang}-{size}")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    ahead.get_by_role("button", name=stop, exact=True).click()
    ahead.get_by_role("button", name=allow, exact=True).wait_for()
    assert page.locator("#told-1").count() == 0


def tell(site, market):
    """Tell the market's first customer something, as the worker does where there is a reason."""
    house, now = site.house, clock.now()
    asset, on = house.branch.market(market).asset, now.date()
    with transaction(house.engine) as session:
        people = identity.list_parties(
            session, bank_id=house.bank.bank_id, vault=house.vault, limit_max=2
        )
        party = next(each.party for each in people if each.party.market == market)
        whose = {"bank_id": house.bank.bank_id, "party_id": party.party_id}
        sheet = insight.show_portrait(session, **whose, asset=asset, on=on)
        spent = next(each for each in sheet.figures if each.name == "expenses")
        # These customers live too evenly to be told anything: the outlook alone is another one.
        telling = insight.Telling(
            new_id("tel", now), party.party_id, f"{on.year}-{market}-{now.microsecond}", now,
            asset.code, Decimal("0.54"), Decimal("0.34"), 366_666, on, on + timedelta(days=30),
            (0, 2_000_000, 0, 0, 0, 200_000), on - timedelta(days=178), on - timedelta(days=56),
            3, spent.transfer_ids[:3], "0" * 64,
        )  # fmt: skip
        assert store.add_telling(session, house.bank.bank_id, telling)
