"""The design system in a real Chromium: accessible, still, and drawn from its own tables."""

from __future__ import annotations

import pytest

from browsing import serious
from jiuding.channels.console.routes.design import PAGES

pytestmark = pytest.mark.browser

SIZES = {"desk": (1440, 900), "phone": (390, 844)}
SHOWN = ("design", *PAGES)


@pytest.fixture
def shown(visit):
    """Open a design page in a language, with its scripts at work."""

    def show(name: str, lang: str, size: str = "desk", **more):
        page = visit(lang=lang, size=SIZES[size], **more)
        page.goto("/design" if name == "design" else f"/design/{name}")
        if more.get("scripts", True):
            page.wait_for_function("window.Alpine && !document.querySelector('[x-cloak]')")
        return page

    return show


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", SHOWN)
def test_axe_finds_nothing_serious(shown, name, lang):
    page = shown(name, lang)
    for size in SIZES.values():
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            only = ["color-contrast"] if theme == "dark" else None
            assert serious(page, only) == [], (name, lang, size, theme)
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, f"{name} is {wider} px too wide at {size}"


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("name", ["home", "answer", "readback", "enter", "account"])
def test_what_is_tapped_is_large_enough(shown, name, size):
    page = shown(name, "zh", size)
    small = page.evaluate("""() => [...document.querySelectorAll(
        "button, summary, select, textarea, input:not([type=hidden], [type=radio]), a.button, nav a"
    )].filter((each) => each.checkVisibility({ checkVisibilityCSS: true }))
      // Who taps the words beside a box to tick has ticked it.
      .map((each) => [each, each.type === "checkbox" && each.closest("label") || each])
      .map(([each, tapped]) => [each.outerHTML.slice(0, 90), tapped.getBoundingClientRect()])
      .filter(([, box]) => box.height > 0 && box.height < 43.5)
      .map(([html, box]) => `${html} ${box.height}`)""")
    assert small == []


@pytest.mark.parametrize("name", ["answer", "readback", "loan"])
def test_a_chart_is_drawn_from_its_table_without_a_jump(shown, name):
    page = shown(name, "en")
    figure = page.locator("figure[data-chart-of]:visible").first
    figure.scroll_into_view_if_needed()
    before = page.evaluate("document.documentElement.scrollHeight")
    page.locator("figure[data-drawn=true]").first.wait_for()
    assert page.evaluate("document.documentElement.scrollHeight") == before
    assert figure.locator("canvas").count() == 1
    figure.locator("summary").click()
    assert figure.locator("table").is_visible()


def test_the_tabs_of_the_chart_show_one_plan_at_a_time(shown):
    page = shown("answer", "en")
    tabs = page.locator("[data-tab]")
    tabs.nth(1).click()
    assert tabs.nth(1).get_attribute("aria-pressed") == "true"
    assert page.locator("[data-panel=cheapest]").is_hidden()
    assert page.locator("[data-panel=lightest]").is_visible()


def test_without_scripts_nothing_that_needs_them_is_shown(shown):
    page = shown("answer", "en", scripts=False)
    assert page.locator("[data-tab]").first.is_hidden()
    assert page.locator(".chart .canvas").first.is_hidden()
    assert page.locator("[data-panel]:visible").count() == 3
    assert shown("home", "en", scripts=False).locator(".mic").is_hidden()


def test_the_theme_and_the_language_switch_and_stay(visit):
    page = visit(lang="en", theme="light")
    page.goto("/design/home")
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.get_by_role("button", name="Use the dark theme").click()
    page.get_by_role("button", name="Use the light theme").wait_for()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != light
    page.get_by_role("button", name="中文").click()
    page.get_by_role("heading", name="这笔钱，怎么付最划算？").wait_for()
    page.goto("/design/books")
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_the_microphone_tells_where_sound_goes_before_it_listens(visit):
    page = visit(lang="en")
    page.context.add_init_script("""window.webkitSpeechRecognition = class {
        start() {
          window.listened = (window.listened || 0) + 1;
          this.onstart();
          this.onresult({ results: [[{ transcript: "a car for nine thousand" }]] });
          this.onend();
        }
        stop() {}
      }; delete window.SpeechRecognition;""")
    page.goto("/design/home")
    page.get_by_role("button", name="Speak your sentence").click()
    dialog = page.get_by_role("dialog", name="Where your voice goes")
    dialog.wait_for()
    assert page.evaluate("window.listened") is None
    dialog.get_by_role("button", name="Type instead").click()
    assert dialog.is_hidden() and page.evaluate("window.listened") is None
    page.get_by_role("button", name="Speak your sentence").click()
    dialog.get_by_role("button", name="Use the microphone").click()
    assert page.locator("#sentence").input_value() == "a car for nine thousand"
    page.get_by_role("button", name="Speak your sentence").click()
    assert page.evaluate("window.listened") == 2 and dialog.is_hidden()


def test_a_browser_that_cannot_listen_shows_no_microphone(visit):
    page = visit()
    page.context.add_init_script(
        "delete window.webkitSpeechRecognition; delete window.SpeechRecognition;"
    )
    page.goto("/design/home")
    page.wait_for_load_state("networkidle")
    assert page.locator(".mic").is_hidden()


def test_a_chip_opens_by_keyboard_and_escape_closes_it(shown):
    page = shown("answer", "en")
    chip = page.locator(".chip summary").nth(1)
    chip.focus()
    page.keyboard.press("Enter")
    field = page.locator("#chip-amount")
    field.wait_for()
    assert field.input_value() == "30000"
    page.keyboard.press("Escape")
    assert field.is_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_a_table_sorts_by_figures_and_filters_by_words(shown):
    page = shown("design", "en")
    table = page.locator("#sample-table")
    first = table.locator("tbody td").first
    table.get_by_role("button", name="No.").click()
    table.get_by_role("button", name="No.").click()
    assert first.inner_text() == "6"
    page.locator(".table input[type=search]").fill("2027-02")
    assert table.locator("tbody tr:visible").count() == 1


def test_ten_thousand_rows_still_answer_at_once(shown):
    page = shown("design", "en")
    ms = page.evaluate("""() => {
      const body = document.querySelector("#sample-table tbody");
      const row = body.rows[0];
      for (let n = 0; n < 10000; n++) {
        const copy = row.cloneNode(true);
        copy.cells[0].textContent = String(10000 - n);
        body.append(copy);
      }
      const start = performance.now();
      document.querySelector("#sample-table thead button").click();
      return performance.now() - start;
    }""")
    assert page.locator("#sample-table tbody td").first.inner_text() == "1"
    assert ms < 5_000


def test_motion_stops_for_those_who_ask(shown):
    page = shown("home", "en")
    moving = page.evaluate("""() => [...document.querySelectorAll("*")].filter((each) => {
      const style = getComputedStyle(each);
      return parseFloat(style.transitionDuration) > 0 || style.animationName !== "none";
    }).length""")
    assert moving == 0
