"""Jurisdiction packs: what the catalogue declares is what a quote is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from jiuding.base.settings import CATALOG
from jiuding.kernel import products
from jiuding.kernel.products.types import Category, Confidence, QuoteFacts, Repayment

TODAY = date(2026, 11, 23)
PACKS = products.read_packs(CATALOG / "jurisdictions")
CONSUMER = QuoteFacts(
    jurisdiction="cn",
    purpose="car",
    category=Category.PERSONAL,
    borrower_kind="natural_person",
    amount=Decimal(150_000),
    currency="CNY",
    term_months=36,
    repayment=Repayment.PRINCIPAL_AND_INTEREST,
    all_in_rate=Decimal("0.12"),
)


def asked(jurisdiction="cn", on=TODAY, **changes) -> dict[str, bool]:
    facts = replace(CONSUMER, jurisdiction=jurisdiction, **changes)
    found = products.breaches(PACKS[jurisdiction], facts, on=on)
    return {breach.rule_id: breach.needs_person for breach in found}


def test_the_five_jurisdictions_are_declared_and_sourced():
    assert set(PACKS) == {"cn", "au", "eu", "uk", "us"}
    for pack in PACKS.values():
        assert pack.version.startswith("sha256:")
        assert all(rule.source and rule.unit for rule in pack.rules)


def test_an_ordinary_loan_meets_every_rule():
    for jurisdiction in PACKS:
        assert asked(jurisdiction) == {}


def test_online_consumer_credit_stops_at_200000_a_borrower():
    assert asked(amount=Decimal(200_000)) == {}
    assert asked(amount=Decimal("200000.01")) == {"cn.consumer_online_amount": False}
    assert asked(owed_already=Decimal(60_000)) == {"cn.consumer_online_amount": False}
    for free in ({"is_online": False}, {"is_secured": True}, {"category": Category.MORTGAGE}):
        assert asked(amount=Decimal(300_000), **free) == {}


def test_a_bullet_runs_at_most_a_year():
    assert asked(repayment=Repayment.BULLET, term_months=12) == {}
    late = {"cn.consumer_online_bullet_term": False}
    assert asked(repayment=Repayment.BULLET, term_months=13) == late


@pytest.mark.parametrize("purpose", ["securities", "home_deposit"])
def test_prohibited_purposes_are_refused_for_consumer_and_business_credit(purpose):
    for category in (Category.PERSONAL, Category.BUSINESS):
        assert asked(purpose=purpose, category=category) == {"cn.purpose_prohibited": False}


def test_what_a_loans_money_may_not_be_used_for_is_read_from_its_rules():
    def forbidden(jurisdiction="cn", on=TODAY, **changes):
        facts = replace(CONSUMER, jurisdiction=jurisdiction, **changes)
        return products.forbidden_purposes(PACKS[jurisdiction], facts, on=on)

    assert forbidden() == forbidden(category=Category.BUSINESS) == ("home_deposit", "securities")
    # A mortgage is outside the rule's scope; no rule elsewhere speaks of purposes.
    assert forbidden(category=Category.MORTGAGE) == forbidden("au") == ()
    pack = PACKS["cn"]
    rule = pack.rule("cn.purpose_prohibited")
    for other in (
        replace(rule, confidence=Confidence.UNVERIFIED),
        replace(rule, valid_until=TODAY),
    ):
        doubted = replace(pack, rules=tuple(other if r is rule else r for r in pack.rules))
        assert products.forbidden_purposes(doubted, CONSUMER, on=TODAY) == ()


def test_the_working_line_refuses_and_spoken_guidance_asks_for_a_person():
    assert asked(all_in_rate=Decimal("0.20")) == {}
    assert asked(all_in_rate=Decimal("0.22")) == {"cn.all_in_rate_guidance": True}
    over = asked(all_in_rate=Decimal("0.2401"))
    assert over == {"cn.all_in_rate_max": False, "cn.all_in_rate_guidance": True}


def test_a_rule_holds_only_in_its_time():
    early = asked(all_in_rate=Decimal("0.30"), on=date(2025, 9, 30))
    assert "cn.all_in_rate_max" not in early
    rule = PACKS["eu"].rule("eu.consumer_credit_scope")
    assert not rule.is_in_force(date(2026, 11, 19)) and rule.is_in_force(date(2026, 11, 20))


def test_an_unverified_number_never_refuses():
    for pack in PACKS.values():
        for rule in pack.rules:
            if rule.confidence is Confidence.UNVERIFIED:
                assert rule.test is None or asked(
                    rule.rule_id[:2], all_in_rate=Decimal("0.23")
                ).get(rule.rule_id, True)


def test_joint_loans_and_local_banks_are_held_to_their_limits():
    assert asked(is_joint=True, partner_share=Decimal("0.3")) == {}
    assert asked(is_joint=True, partner_share=Decimal("0.29")) == {"cn.joint_partner_share": False}
    local = {"lender_kind": "local_bank", "lender_region": "CN-ZJ"}
    assert asked(region="CN-ZJ", **local) == {}
    assert asked(region="CN-GD", **local) == {"cn.local_bank_region": False}


def test_the_rate_must_be_shown_per_year():
    assert asked(shows_annual_rate=False) == {"cn.rate_shown_annualised": False}
    prominent = asked(annual_rate_is_most_prominent=False)
    assert prominent == {"cn.rate_annualised_most_prominent": False}


def test_high_cost_short_term_credit_is_capped():
    payday = {"all_in_rate": Decimal(12), "term_months": 1, "currency": "GBP"}
    fair = {"daily_rate": Decimal("0.008"), "total_cost_rate": Decimal("0.24")}
    assert asked("uk", **payday, **fair, default_fee=Decimal(15)) == {}
    dear = {"daily_rate": Decimal("0.009"), "total_cost_rate": Decimal("1.01")}
    assert asked("uk", **payday, **dear, default_fee=Decimal(16)) == {
        "uk.hcstc_daily": False,
        "uk.hcstc_total": False,
        "uk.hcstc_default_fee": False,
    }
    slow = payday | {"term_months": 13}
    assert asked("uk", **slow, **dear) == {}


def rule(**changes):
    return {
        "id": "cn.test",
        "title": {"zh": "测试", "en": "Test"},
        "unit": "CNY",
        "source": "a test",
        "confidence": "source",
        "fact": "amount",
        "test": "at_most",
        "number": 1,
    } | changes


@pytest.mark.parametrize(
    "entry",
    [
        rule(id="test"),
        rule(id="au.test"),
        rule(confidence="sure"),
        rule(source=""),
        rule(title={"en": "only"}),
        rule(surprise=1),
        rule(scope={"planet": ["earth"]}),
        rule(test="about"),
        rule(fact="mood"),
        rule(number=None),
        rule(number=0.5),
        rule(test="none_of"),
        {"from": "yesterday"} | rule(),
        7,
    ],
)
def test_a_pack_with_anything_unknown_is_not_loaded(entry):
    document = {"name": "cn", "title": {"zh": "中国", "en": "China"}, "rules": [entry]}
    with pytest.raises(products.BadPack):
        products.pack_from(document)
    good = document | {"rules": [rule()]}
    assert products.pack_from(good).rules[0].number == 1
    with pytest.raises(products.BadPack):
        products.pack_from(document | {"rules": [rule(), rule()]})


def test_a_broken_file_is_refused_by_name(tmp_path):
    (tmp_path / "cn.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(products.BadPack, match=r"cn\.toml"):
        products.read_packs(tmp_path)
