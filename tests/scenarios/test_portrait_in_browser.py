"""The portrait in a real Chromium: accessible in both languages, corrected and deleted by hand."""

from __future__ import annotations

import pytest

from browsing import enter, serious, shoot

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
