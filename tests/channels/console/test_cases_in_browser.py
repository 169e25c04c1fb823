"""Cases and screening in a real Chromium: two people walk a case from the queue to its end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from browsing import serious, shoot
from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.base.settings import read_secret
from jiuding.kernel import decisions
from jiuding.services import cases

pytestmark = pytest.mark.browser

SIZES = {"desk": (1440, 900), "phone": (390, 844)}
NODES = [
    {"id": "pty_ring_1", "kind": "party", "label": "pty_ring_1", "flags": ["new"]},
    *({"id": f"pty_ring_{n}", "kind": "party", "label": f"pty_ring_{n}"} for n in range(2, 7)),
    {"id": "dev_7c41", "kind": "device", "label": "dev_7c41", "flags": ["shared"]},
    {"id": "203.0.113.0/24", "kind": "network", "label": "203.0.113.0/24", "flags": []},
    {"id": "pye_9", "kind": "payee", "label": "pye_9", "flags": ["risky"]},
]
EDGES = [
    *({"from": f"pty_ring_{n}", "to": "dev_7c41", "kind": "used", "count": n} for n in range(1, 7)),
    {"from": "dev_7c41", "to": "203.0.113.0/24", "kind": "logged_in_from", "count": 12},
    *({"from": f"pty_ring_{n}", "to": "pye_9", "kind": "paid", "count": 1} for n in (1, 2, 3)),
]


def token(site, person: str) -> str:
    return decisions.staff_token(read_secret(site.house.settings.home, "staff"), person)


def opened(site, kind="ring", subject="pty_ring_1", ago_hours=0, **more) -> str:
    now = clock.now() - timedelta(hours=ago_hours)
    with transaction(site.house.engine) as session:
        return cases.open_case(
            session, bank_id=site.house.bank.bank_id, kind=kind, subject=subject,
            source=f"test:{new_id('evt', now)}", by="signals:ring", now=now,
            evidence=(
                cases.signal_evidence(
                    code="signals.shared_device", at=now - timedelta(minutes=40), value="6",
                    zh="六位客户在两天内用过同一台设备。",
                    en="Six customers used one device within two days.",
                ),
                cases.graph_evidence(NODES, EDGES, at=now),
            ),
            **more,
        ).case_id  # fmt: skip


@pytest.fixture
def staff(site, visit):
    """Open a visit in which a member of staff is known."""

    def open_as(person="ann", path="/cases", **more):
        page = visit(**more)
        page.goto(f"/staff/enter?next={path}")
        page.locator("#token").fill(token(site, person))
        page.locator("#token").press("Enter")
        page.wait_for_url(f"**{path}*")
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
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wider <= 0, f"{name} is {wider} px too wide at {size}"
        small = page.evaluate("""() => [...document.querySelectorAll(
            "main :is(button, summary, select, input:not([type=hidden], [type=radio])),"
            + " .statements a, .outcomes label"
        )].filter((each) => each.checkVisibility({ checkVisibilityCSS: true }))
          .filter((each) => each.getBoundingClientRect().height < 43.5)
          .map((each) => each.outerHTML.slice(0, 90))""")
        assert small == [], (name, size)
    page.set_viewport_size({"width": 1440, "height": 900})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_serious_from_the_queue_to_a_closed_case(site, staff, lang):
    opened(site, kind="screening", subject="pty_late", ago_hours=30)
    case_id = opened(site, subject=f"pty_look_{lang}")
    page = staff("ann", lang=lang)
    look(page, "cases-queue", lang)
    page.goto("/cases/new")
    look(page, "cases-new", lang)
    page.goto(f"/cases/{case_id}")
    look(page, "case-free", lang)
    page.locator("button[value=claim]").click()
    page.wait_for_load_state()
    look(page, "case-held", lang)
    page.locator("input[value=confirmed]").check()
    page.locator("#why").fill("一台设备，六位客户" if lang == "zh" else "one device, six customers")
    page.locator("#why ~ .hint").wait_for()
    page.locator("form:has(#why) button").click()
    page.wait_for_load_state()
    look(page, "case-proposed-own", lang)
    other = staff("bob", lang=lang)
    other.goto(f"/cases/{case_id}")
    look(other, "case-proposed", lang)
    other.locator("button[value=approve]").click()
    other.wait_for_load_state()
    look(other, "case-closed", lang)
    other.goto("/cases?show=closed")
    assert other.locator(f".queue a[href='/cases/{case_id}']").count() == 1
    other.goto("/cases?search=nothing_of_the_kind")
    look(other, "cases-none", lang)


def test_two_people_walk_a_case_by_keyboard_and_one_alone_cannot(site, staff):
    case_id = opened(site, subject="pty_walk", priority="urgent")
    ann, bob = staff("ann"), staff("bob")
    ann.goto("/cases?search=pty_walk")
    ann.locator(".queue a").first.focus()
    ann.keyboard.press("Enter")
    ann.wait_for_url(f"**/cases/{case_id}")
    ann.locator("button[value=claim]").press("Enter")
    ann.locator("#why").wait_for()
    bob.goto(f"/cases/{case_id}")
    assert "ann works this case until" in bob.locator("main").inner_text()
    assert bob.locator("button[value=claim]").count() == 0
    ann.locator("input[value=unfounded]").press("Space")
    ann.locator("#why").fill("a family that shares one tablet")
    ann.locator("form:has(#why) button").press("Enter")
    ann.get_by_text("another person has to approve it").wait_for()
    assert ann.locator("button[value=approve]").count() == 0
    bob.reload()
    bob.locator("button[value=approve]").press("Enter")
    bob.get_by_text("Closed: Unfounded").wait_for()
    lines = bob.locator(".moments li").all_inner_texts()
    assert any("Looked at by bob" in line for line in lines)
    assert any("a family that shares one tablet" in line for line in lines)


def test_the_arrow_keys_go_from_line_to_line(site, staff):
    for _ in range(2):
        opened(site, subject="pty_arrow")
    page = staff("ann")
    page.goto("/cases?search=pty_arrow")
    links = page.locator(".queue a")
    links.first.focus()
    page.keyboard.press("ArrowDown")
    assert links.nth(1).evaluate("each => each === document.activeElement")
    page.keyboard.press("Home")
    assert links.first.evaluate("each => each === document.activeElement")


def test_the_picture_says_the_same_as_its_table(site, staff):
    page = staff("ann")
    page.goto(f"/cases/{opened(site)}")
    drawn = page.locator(".picture .wide g.thing").count()
    page.locator("summary", has_text="The picture as a table").click()
    tables = page.locator("#picture ~ details table")
    assert tables.nth(1).locator("tbody tr").count() == drawn == len(NODES)
    assert tables.nth(0).locator("tbody tr").count() == len(EDGES)
    assert page.locator(".picture .wide line").count() == len(EDGES)


def test_cases_work_without_scripts(site, staff):
    case_id = opened(site, subject="pty_plain")
    page = staff("ann", scripts=False)
    page.goto(f"/cases/{case_id}")
    page.locator("button[value=claim]").click()
    page.locator("input[value=inconclusive]").check()
    page.locator("#why").fill("nothing more can be known")
    page.locator("form:has(#why) button").click()
    assert "another person has to approve it" in page.locator("main").inner_text()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_name_is_screened_cleared_and_the_clearance_shown(site, staff, lang):
    page = staff("ann", "/screening", lang=lang)
    look(page, "screening-empty", lang)
    page.locator("#name").fill("Qian Wangchuan")
    page.locator("#subject").fill(f"pty_screened_{lang}")
    page.locator("#subject").press("Enter")
    page.locator("#matches ~ article").first.wait_for()
    look(page, "screening-match", lang)
    assert page.locator("#case ~ .queue a").count() == 1
    page.locator("#matches ~ article summary").click()
    page.locator("#reason-1").fill("another year of birth on the passport")
    page.locator("form:has(#reason-1) button").click()
    page.locator("#cleared").wait_for()
    look(page, "screening-cleared", lang)
    page.locator("#name").fill("Qian Wangchaun")
    page.locator("#name").press("Enter")
    page.locator("#matches ~ article .warn").first.wait_for()
    look(page, "screening-lapsed", lang)
    assert "Qian" not in page.url


def test_nobody_without_a_token_of_their_own_gets_in(site, visit):
    page = visit()
    for path in ("/cases", "/cases/new", "/screening"):
        page.goto(path)
        assert "/staff/enter" in page.url
    page.locator("#token").fill("ann.00")
    page.locator("#token").press("Enter")
    page.locator(".problem").wait_for()
    page.context.add_cookies(
        [{"name": "jiuding_staff", "value": "ann.9999999999.00", "url": site.origin}]
    )
    page.goto("/cases")
    assert "/staff/enter" in page.url
