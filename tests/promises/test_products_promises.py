"""Promises of products: codes, rule ids, wire shapes and the figures that others rely on."""

from __future__ import annotations

from jiuding.base.problems import registered_problems
from jiuding.base.settings import CATALOG
from jiuding.kernel import products
from jiuding.kernel.products.commands import rate, schedule

CODES = {
    "products.agreement_conflict",
    "products.agreement_not_found",
    "products.bad_pack",
    "products.bad_rate_request",
    "products.bad_schedule_case",
    "products.bad_terms",
    "products.unknown_jurisdiction",
}
ENFORCED = {
    "cn": [
        "cn.consumer_online_amount",
        "cn.consumer_online_bullet_term",
        "cn.purpose_prohibited",
        "cn.all_in_rate_max",
        "cn.rate_shown_annualised",
        "cn.rate_annualised_most_prominent",
        "cn.joint_partner_share",
        "cn.local_bank_region",
    ],
    "au": ["au.rate_shown"],
    "eu": ["eu.early_repayment_fee", "eu.rate_shown"],
    "uk": ["uk.hcstc_daily", "uk.hcstc_total", "uk.hcstc_default_fee", "uk.rate_shown"],
    "us": ["us.rate_shown"],
}
FLOWS = [{"on": "2026-01-15", "amount": "1200"}] + [
    {"on": f"2026-{month:02}-15", "amount": "-210"} for month in range(2, 8)
]
# One loan of 1,200 repaid by six monthly payments of 210, by each formula.
RATES = {
    "cn_irr": 0.169449,
    "us_reg_z": 0.169449,
    "au_comparison": 0.169449,
    "eu_apr": 0.183248,
    "uk_apr": 0.183248,
    "xirr": 0.185383,
}


def test_codes_are_never_renamed():
    assert set(registered_problems()) >= CODES


def test_rules_that_refuse_are_these():
    packs = products.read_packs(CATALOG / "jurisdictions")
    for name, expected in ENFORCED.items():
        refusing = [
            rule.rule_id
            for rule in packs[name].rules
            if rule.at == "quote" and rule.test and rule.confidence is products.Confidence.SOURCE
        ]
        assert refusing == expected


def test_each_formula_gives_its_figure():
    for method, figure in RATES.items():
        answer = rate({"id": 7, "method": method, "cashflows": FLOWS})
        assert set(answer) == {"id", "rate"} and answer["id"] == 7
        assert round(answer["rate"], 6) == figure


def test_a_row_has_these_columns():
    case = {
        "id": "a",
        "terms": {
            "submitted_on": "2026-01-01",
            "principal": "100",
            "interest_method": "DECLINING_BALANCE",
            "repay_every": 1,
            "repay_unit": "MONTHS",
            "number_of_repayments": 1,
            "rate_pct": "12",
            "rate_period": "YEAR",
        },
        "product": {
            "schedule_type": "PROGRESSIVE",
            "days_in_year": "DAYS360",
            "days_in_month": "DAYS30",
        },
    }
    answer = schedule(case)
    assert answer["id"] == "a"
    assert answer["rows"][1] == {
        "nr": 1,
        "days": 31,
        "date": "2026-02-01",
        "paid_date": None,
        "balance": "0.0",
        "principal": "100.0",
        "interest": "1.0",
        "fees": "0.0",
        "penalties": "0.0",
        "due": "101.0",
        "paid": "0.0",
        "in_advance": "0.0",
        "late": "0.0",
        "outstanding": "101.0",
    }
