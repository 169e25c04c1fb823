"""The walk in a real Chromium: from a sentence to the statement, by mouse, keys and passkey."""

from __future__ import annotations

import re
import time

import pytest

from browsing import enter, serious, shoot
from jiuding.base.database.engine import transaction
from jiuding.bootstrap import demonstration
from jiuding.kernel import ledger
from jiuding.services import offers

pytestmark = pytest.mark.browser

EN = "I need 20,000 dollars for a car over five years, at most 650 a month"
SLOW_SECONDS = 2.0
ZH = "买车还差6万，分三年还，月供别超过5000"


def ask(page, text: str) -> None:
    page.goto("/")
    page.locator("#sentence").fill(text)
    page.locator("#sentence").press("Enter")
    page.locator(".plan").first.wait_for()


def add_authenticator(page) -> None:
    """Give the browser a device that holds passkeys and confirms who is there."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                "hasUserVerification": True, "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip


def test_a_sentence_walks_to_the_statement_with_a_passkey(visit, site):
    page = visit(lang="zh")
    add_authenticator(page)
    enter(page, market="cn", next_path="/you")
    page.get_by_role("button", name="添加通行密钥").click()
    page.get_by_text("通行密钥已添加，现在可以用它确认。").wait_for()
    ask(page, ZH)
    assert page.url.startswith(f"{site.origin}/quotes/quo_")
    assert "来自“6万”" in page.locator(".chips").inner_text()
    page.get_by_role("link", name=re.compile("^选这个方案.*最省钱")).click()
    page.get_by_role("heading", name="是这样吗？").wait_for()
    assert "60,000.00" in page.locator(".read-back").inner_text()
    page.get_by_role("button", name="用通行密钥确认").click()
    page.get_by_role("heading", name="已批准，钱已到账").wait_for()
    assert "通行密钥" in page.locator("main").inner_text()
    assert page.locator(".timeline li").count() >= 4
    page.get_by_role("link", name="查看贷款").first.click()
    page.get_by_role("heading", name="还款计划").wait_for()
    assert page.locator("section tbody tr").count() >= 36
    page.get_by_role("link", name="查看账户").click()
    page.get_by_text("贷款到账").first.wait_for()
    with transaction(site.house.engine) as session:
        assert ledger.check_books(session, bank_id=site.house.bank.bank_id) == ()


def test_a_passkey_also_opens_the_door(visit):
    page = visit(lang="en")
    add_authenticator(page)
    enter(page, market="au", next_path="/you")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_text("The passkey was added").wait_for()
    chosen = page.locator(".visitor .name").inner_text()
    page.locator(".visitor summary").click()
    page.get_by_role("button", name="Leave").click()
    page.goto("/enter?next=/you")
    page.locator(".choice label", has_text=chosen).first.click()
    page.get_by_role("button", name="Continue with a passkey").click()
    page.get_by_role("heading", name="What you have here").wait_for()


def test_keys_alone_walk_from_the_sentence_to_the_money(visit):
    page = visit(lang="en", size=(390, 844))
    enter(page, market="au")
    page.goto("/")
    page.keyboard.type(EN)  # the sentence box has the focus when the page opens
    page.keyboard.press("Enter")
    page.locator(".plan").first.wait_for()
    tab_to(page, "link", re.compile("^Choose this plan"))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Is this what you want?").wait_for()
    tab_to(page, "textbox", re.compile("^PIN$"))
    page.keyboard.type(demonstration.PIN)
    page.keyboard.press("Enter")
    page.locator(".timeline").wait_for()
    heading = page.locator("h1").inner_text()
    assert heading in ("Granted, and the money has arrived", "Not granted")


def tab_to(page, role: str, name: re.Pattern[str], steps_max: int = 60) -> None:
    """Press Tab until an element of this role and name has a visible focus."""
    wanted = page.get_by_role(role, name=name).first
    for _ in range(steps_max):
        page.keyboard.press("Tab")
        if wanted.evaluate("(each) => each === document.activeElement"):
            ring = wanted.evaluate("(each) => getComputedStyle(each).outlineStyle")
            assert ring != "none", f"no visible focus on {name.pattern}"
            return
    raise AssertionError(f"Tab does not reach {name.pattern}")


def test_an_edited_chip_plans_again_in_place(visit):
    page = visit(lang="en")
    enter(page, market="au")
    ask(page, EN)
    first = page.locator(".plan .answer").first.inner_text()
    page.locator(".chip summary", has_text="Amount").click()
    page.locator("#chip-amount").fill("12000")
    page.locator("#chip-amount").press("Enter")
    page.locator(".chips", has_text="12,000.00").wait_for()
    assert page.locator(".plan .answer").first.inner_text() != first
    assert page.locator("blockquote").inner_text() == EN
    page.locator(".chip summary", has_text="Amount").click()
    page.locator("#chip-amount").fill("-3")
    page.locator("#chip-amount").press("Enter")
    page.locator("#notice .problem").wait_for()
    assert "assistant.bad_slot" in page.locator("#notice").inner_text()
    assert page.locator(".plan").count() >= 1, "a refused value leaves the plans where they are"


def test_the_others_open_search_and_go_on(visit):
    page = visit(lang="en")
    enter(page, market="au")
    ask(page, EN)
    page.locator(".others summary").click()
    rows = page.locator("#why-not .reasons li")
    rows.nth(19).wait_for()
    page.get_by_role("link", name="Show more").click()
    rows_all = page.locator(".others-list .reasons li")
    rows_all.nth(39).wait_for()
    page.locator("#why-not input[type=search]").fill("zzzzqq")
    page.locator("#why-not input[type=search]").press("Enter")
    page.get_by_text("Nothing matches").wait_for()


def test_a_reload_of_the_answer_sends_nothing_again(visit):
    page = visit(lang="en")
    enter(page, market="au")
    ask(page, EN)
    address = page.url
    posts = []
    page.on("request", lambda request: posts.append(request.method))
    page.reload()
    page.locator(".plan").first.wait_for()
    assert page.url == address and "POST" not in posts


def test_without_scripts_the_walk_is_made_of_forms(visit):
    page = visit(lang="zh", scripts=False)
    enter(page, market="cn")
    page.goto("/")
    page.locator("#sentence").fill(ZH)
    page.get_by_role("button", name="找最好的付法").click()
    page.locator(".chip summary", has_text="金额").click()
    page.locator("#chip-amount").fill("30000")
    page.locator(".chip[open] button").click()
    assert "30,000.00" in page.locator(".chips").inner_text()
    page.get_by_role("link", name=re.compile("^选这个方案")).first.click()
    page.locator("#pin").fill(demonstration.PIN)
    page.get_by_role("button", name="用密码确认").click()
    assert page.locator(".timeline li").count() >= 2


def test_a_slow_bank_shows_that_it_works_and_a_second_press_does_nothing(visit, monkeypatch):
    asked = []
    at_once = offers.accept

    def slowly(*given, **more):
        asked.append(more["quote_id"])
        time.sleep(SLOW_SECONDS)
        return at_once(*given, **more)

    monkeypatch.setattr(offers, "accept", slowly)
    page = visit(lang="en")
    enter(page, market="au")
    ask(page, EN)
    page.get_by_role("link", name=re.compile("^Choose this plan")).first.click()
    page.locator("#pin").fill(demonstration.PIN)
    is_waiting = page.evaluate("""() => {
      const button = document.querySelector(".agree button:not([type=button])");
      button.click();
      button.click();
      return document.getElementById("waiting").classList.contains("on");
    }""")
    assert is_waiting
    page.locator(".timeline").wait_for()
    assert len(asked) == 1


def test_a_bank_that_cannot_be_reached_is_said_and_the_page_stays(visit):
    page = visit(lang="zh")
    enter(page, market="cn")
    ask(page, ZH)
    plans = page.locator(".plan").count()
    page.route("**/amend", lambda route: route.abort())
    page.locator(".chip summary", has_text="金额").click()
    page.locator("#chip-amount").fill("40000")
    page.locator("#chip-amount").press("Enter")
    page.locator("#notice .problem", has_text="连不上银行").wait_for()
    assert page.locator(".plan").count() == plans
    page.unroute("**/amend")
    page.locator("#chip-amount").press("Enter")
    page.locator(".chips", has_text="40,000.00").wait_for()


def test_a_wrong_pin_is_told_where_it_was_typed(visit):
    page = visit(lang="en")
    enter(page, market="au")
    ask(page, EN)
    page.get_by_role("link", name=re.compile("^Choose this plan")).first.click()
    page.locator("#pin").fill("111111")
    page.locator("#pin").press("Enter")
    page.get_by_role("alert").wait_for()
    assert "The PIN is not right" in page.get_by_role("alert").inner_text()
    assert page.locator("#pin").is_visible()


@pytest.mark.parametrize(
    ("lang", "theme", "size"),
    [
        ("zh", "light", (1440, 900)),
        ("en", "dark", (1440, 900)),
        ("zh", "dark", (390, 844)),
        ("en", "light", (390, 844)),
    ],
)
def test_real_pages_are_as_sound_as_the_invented_ones(visit, lang, theme, size):
    page = visit(lang=lang, theme=theme, size=size)
    name = f"{lang}-{theme}-{'phone' if size[0] < 600 else 'desk'}"

    def stands(part: str) -> None:
        assert serious(page) == [], part
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, part
        shoot(page, f"{part}-{name}")

    page.goto("/enter")
    stands("enter")
    enter(page, market={"zh": "cn", "en": "au"}[lang])
    page.goto("/")
    stands("home")
    ask(page, {"zh": ZH, "en": EN}[lang])
    stands("answer")
    page.locator(".others summary").click()
    page.locator("#why-not li").first.wait_for()
    stands("why-not")
    page.locator(".plan .act a").first.click()
    page.locator(".read-back").wait_for()
    stands("read-back")
    page.locator("#pin").fill(demonstration.PIN)
    page.locator("#pin").press("Enter")
    page.locator(".timeline").wait_for()
    stands("result")
    for path in ("you", "library", "books"):
        page.goto(f"/{path}")
        stands(path)
    page.goto("/you")
    page.locator("a.holding[href^='/accounts/']").first.click()
    page.locator(".statement").wait_for()
    stands("account")
    page.goto("/you")
    loans = page.locator("a.holding[href^='/loans/']")
    if loans.count():
        loans.first.click()
        page.locator("figure[data-drawn=true]").first.wait_for()
        stands("loan")
