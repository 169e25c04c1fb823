"""A browser that agrees is known again; one that does not sends nothing."""

from __future__ import annotations

import pytest

from browsing import serious
from jiuding.base.database.engine import transaction
from jiuding.services import signals

pytestmark = pytest.mark.browser


def cookie(page):
    found = {each["name"]: each for each in page.context.cookies()}
    return found.get(signals.DEVICE_COOKIE)


def test_a_browser_is_known_with_consent_alone_and_forgotten_on_request(visit, site):
    page = visit()
    sent = []
    page.on("request", lambda asked: sent.append(asked) if "/v1/devices" in asked.url else None)
    page.goto("/enter")
    box = page.locator("#know-device")
    box.wait_for()
    assert not box.is_checked()
    assert sent == []
    assert cookie(page) is None
    with page.expect_response("**/v1/devices") as answered:
        box.check()
    device_id = answered.value.json()["device_id"]
    assert set(sent[0].post_data_json) == {"token", "traits", "is_automated"}
    assert sent[0].post_data_json["is_automated"] is True  # a program drives this browser
    assert cookie(page)["httpOnly"]
    assert serious(page) == []
    # Known again on the next visit; the same by its storage though the cookie is gone.
    page.context.clear_cookies()
    with page.expect_response("**/v1/devices") as answered:
        page.goto("/enter")
    assert answered.value.json()["device_id"] == device_id
    guard = site.house.branch.guard
    assert signals.open_device(cookie(page)["value"], key=guard.key) == device_id
    with transaction(site.house.engine) as session:
        device = signals.read_device(session, bank_id=site.house.bank.bank_id, device_id=device_id)
    assert device.is_automated
    assert device.last_seen_at > device.first_seen_at
    with page.expect_response("**/v1/devices"):
        page.locator("#know-device").uncheck()
    assert cookie(page) is None
    assert page.evaluate("localStorage.length") == 0
    # Another browser is another device.
    other = visit()
    other.goto("/enter")
    with other.expect_response("**/v1/devices") as answered:
        other.locator("#know-device").check()
    assert answered.value.json()["device_id"] != device_id
