"""Browser tests: a real Chromium, and a demonstration bank of its own that serves on loopback.

Where no browser can be had these tests are skipped with the words "no browser"; with CI=true a
missing browser is a failure.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy
from fastapi import FastAPI
from sqlalchemy import text

from jiuding.base import clock
from jiuding.base.database.engine import create_engine
from jiuding.base.settings import Settings
from jiuding.bootstrap import House, demonstration, open_house, seed_demonstration

PEOPLE = 16
START_SECONDS_MAX = 20.0
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


_ROOT = Path(__file__).resolve().parents[1]
_AXE = _ROOT / "web/vendor/axe-core/axe.min.js"
# What axe calls serious or critical, at the level of WCAG that the house promises.
_SERIOUS = """async (only) => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const run = only ? { type: "rule", values: only } : { type: "tag", values: tags };
  const done = await axe.run(document, { runOnly: run, resultTypes: ["violations"] });
  return done.violations.filter((each) => ["serious", "critical"].includes(each.impact))
    .map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 160)} ${nodes[0].failureSummary}`);
}"""


def serious(page, only: list[str] | None = None) -> list[str]:
    """Return what axe finds serious on the page as it stands."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.read_text(encoding="utf-8"))
    return page.evaluate(_SERIOUS, only)


def shoot(page, name: str) -> None:
    """Keep a picture of the page where JIUDING_SCREENSHOTS names a folder for it."""
    folder = os.environ.get("JIUDING_SCREENSHOTS")
    if folder:
        # Headless Chromium hides the scroll bar but keeps its place free.
        page.evaluate("document.documentElement.style.scrollbarGutter = 'auto'")
        page.wait_for_timeout(300)
        page.screenshot(path=Path(folder) / f"{name}.png")


@dataclass(frozen=True)
class Site:
    """A bank that serves: `origin` is what a browser opens, `app` what answers there."""

    origin: str
    house: House
    app: FastAPI


def no_browser(why: str) -> None:
    """Skip, or fail where a browser must be had."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"no browser: {why}")
    pytest.skip("no browser")


def browser_path() -> str | None:
    """Return where Chromium is, or None."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium with a fresh profile."""
    path = browser_path()
    if path is None:
        no_browser("Chromium is not installed")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        no_browser("playwright is not installed")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def bank_database(server_url: str) -> Iterator[str]:
    """The address of a database for the bank that serves; dropped at the end."""
    name = f"test_site_{secrets.token_hex(6)}"
    admin = create_engine(server_url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield sqlalchemy.make_url(server_url).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def free_port() -> int:
    """Return a loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def site(bank_database: str, tmp_path_factory) -> Iterator[Site]:
    """The demonstration bank, serving on a free loopback port until the run ends."""
    import uvicorn

    from jiuding.api import create_app

    port = free_port()
    settings = Settings(tmp_path_factory.mktemp("site"), port, bank_database)
    with open_house(settings, now=clock.now(), seed=False) as house:
        house.bank = seed_demonstration(
            house.engine, bank=house.bank, vault=house.vault, now=clock.now(),
            progress=lambda _step: None, count=PEOPLE,
        )  # fmt: skip
        app = create_app(house)
        config = uvicorn.Config(
            app, host="127.0.0.1", port=port, log_level="warning", access_log=False
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        deadline = time.monotonic() + START_SECONDS_MAX
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        assert server.started, "the site did not start"
        yield Site(settings.origin, house, app)
        server.should_exit = True
        thread.join(timeout=START_SECONDS_MAX)


@pytest.fixture
def visit(chromium, site: Site):
    """Open a fresh visit: `visit(lang="zh", theme="dark", size=(390, 844), scripts=True)`;
    `browser` is another Chromium than the shared one.

    What a page complains about in its console (a broken policy, a failed script) fails the test.
    """
    contexts, complaints = [], []

    def open_visit(*, lang="en", theme="light", size=(1440, 900), scripts=True, browser=chromium):
        context = browser.new_context(
            base_url=site.origin, viewport={"width": size[0], "height": size[1]},
            locale={"zh": "zh-CN", "en": "en-AU"}[lang], color_scheme=theme,
            java_script_enabled=scripts, reduced_motion="reduce",
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda told: _note(complaints, told))
        return page

    yield open_visit
    for context in contexts:
        context.close()
    assert complaints == []


def _note(complaints: list[str], told) -> None:
    # A refused form, and a bank that is away, are logged by the browser; no fault of the page's.
    expected = ("Failed to load resource", "Failed to fetch")
    if told.type == "error" and not any(words in told.text for words in expected):
        complaints.append(told.text)


def enter(page, *, market: str = "au", next_path: str = "/") -> None:
    """Log the first steady customer of a market in with the PIN."""
    page.goto(f"/enter?next={next_path}")
    name = {"cn": "中国|China", "au": "澳大利亚|Australia"}[market].split("|")
    rows = page.locator(".choice label")
    chosen = rows.filter(has=page.locator(".market", has_text=name[0])).or_(
        rows.filter(has=page.locator(".market", has_text=name[1]))
    )
    chosen.first.click()
    page.locator("#pin").fill(demonstration.PIN)
    page.locator("#pin").press("Enter")
    page.wait_for_url(lambda url: "/enter" not in url)
