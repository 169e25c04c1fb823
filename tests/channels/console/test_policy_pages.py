"""Policies on pages: read by everyone here, changed by staff with tokens of their own."""

from __future__ import annotations

import httpx
import pytest

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.base.settings import read_secret
from jiuding.bootstrap import demonstration
from jiuding.kernel import decisions

TOML = """
name = "paged"
version = {number}
title = {{ zh = "页面上的策略", en = "A policy on a page" }}
[fields]
"amount" = {{ type = "decimal", zh = "金额", en = "amount" }}
[[rules]]
id = "large"
when = "amount > {cap}"
outcome = "decline"
code = "paged.large"
weight = 1
zh = "例。"
en = "Example."
"""


@pytest.fixture
def client(site):
    with httpx.Client(
        base_url=site.origin, headers={"accept-language": "en"}, follow_redirects=True, timeout=60
    ) as opened:
        import re

        party_id = re.findall(r'value="(pty_\w+)"', opened.get("/enter").text)[0]
        opened.post("/enter", data={"party_id": party_id, "pin": demonstration.PIN})
        yield opened


def token(site, person):
    return decisions.staff_token(read_secret(site.house.settings.home, "staff"), person)


def draft(site, cap: int) -> str:
    policy = decisions.read_policy_texts("paged.toml", TOML.format(number=cap, cap=cap), {})
    with transaction(site.house.engine) as session:
        decisions.draft_policy(
            session, bank_id=site.house.bank.bank_id, policy=policy, by="ann", now=clock.now(),
            idempotency_key=new_id("evt", clock.now()),
        )  # fmt: skip
    return policy.version


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_policy_is_shown_in_words_in_both_languages(client, lang):
    listed = client.get("/policies", headers={"accept-language": lang})
    assert listed.status_code == 200
    assert "credit" in listed.text
    shown = client.get("/policies/credit", headers={"accept-language": lang}).text
    assert ("年龄小于18" in shown, "age is under 18" in shown) == (lang == "zh", lang == "en")


def test_the_list_says_what_each_policy_judges_by(client):
    page = client.get("/policies", headers={"Accept-Language": "en"}).text
    for words in ("Scorecard lines: 9", "Table rows: ", "Models: 1", "Rules: "):
        assert words in page
    assert "Rules: 0" not in page


def test_staff_take_a_version_live_on_the_page_and_who_drafted_cannot_approve(client, site):
    version = draft(site, 50)

    def step(name, by, **more):
        given = {"step": name, "version": version, "token": token(site, by), **more}
        given["key"] = new_id("evt", clock.now())
        return client.post("/policies/paged/steps", data=given)

    assert step("checked", "ann").status_code == 200
    refused = step("approved", "ann")
    assert refused.status_code == 403
    assert "decisions.same_person" in refused.text
    assert step("approved", "bob").status_code == 200
    shown = step("published", "ann", share=100)
    assert version in shown.text
    assert "amount is over 50" in shown.text
    assert step("rolled_back", "ann").status_code == 200


def test_a_step_without_a_token_is_refused(client, site):
    version = draft(site, 60)
    answer = client.post(
        "/policies/paged/steps",
        data={"step": "checked", "version": version, "token": "ann.00", "key": "k"},
    )
    assert answer.status_code == 401
    assert "decisions.staff_required" in answer.text


def test_nobody_who_is_not_here_sees_a_policy(site):
    answer = httpx.get(site.origin + "/policies", headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/enter")
