"""Agreements: pinned to a version, made once, never changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from jiuding.base.amounts import Amount, currency
from jiuding.base.ids import new_id
from jiuding.kernel import products
from jiuding.kernel.products import tables
from jiuding.kernel.products.types import (
    Category,
    Fee,
    FeeTiming,
    LoanProduct,
    RateKind,
    RateTerm,
    Repayment,
    Terms,
)

CNY = currency("CNY")
PRODUCT = products.seal(
    LoanProduct(
        product_id="car-1",
        lender="Jiuding",
        name="Car loan",
        category=Category.PERSONAL,
        currency="CNY",
        jurisdiction="cn",
        rates=(RateTerm(0, RateKind.FIXED, Decimal("0.06"), Repayment.PRINCIPAL_AND_INTEREST),),
        fees=(Fee("account", FeeTiming.MONTHLY, Decimal("5.00")),),
        amount_min=Decimal(1000),
        amount_max=Decimal(200000),
        term_months_min=6,
        term_months_max=60,
        purposes=("car",),
        collateral=(),
        eligibility=(),
        place=3,
        version="",
        names={"zh": "车贷"},
    )
)
TERMS = Terms(
    principal=Amount.parse("150000.00", CNY),
    annual_rate=Decimal("0.06"),
    term_months=36,
    repayment=Repayment.PRINCIPAL_AND_INTEREST,
    agreed_on=date(2026, 11, 23),
    first_due_on=date(2026, 12, 23),
    fee_upfront=Amount.parse("100.00", CNY),
    fee_monthly=Amount.parse("5.00", CNY),
)


@pytest.fixture
def make(session, bank_id, now):
    party_id = new_id("pty", now)

    def _make(**changes):
        asked = {
            "bank_id": bank_id,
            "idempotency_key": "quote-1",
            "party_id": party_id,
            "product": PRODUCT,
            "rate_index": 0,
            "terms": TERMS,
            "purpose": "car",
            "now": now,
        }
        return products.agree(session, **(asked | changes))

    return _make


def count(session, table, bank_id):
    return session.execute(
        select(func.count()).select_from(table).where(table.c.bank_id == bank_id)
    ).scalar_one()


def test_an_agreement_is_read_back_as_it_was_made(session, bank_id, make):
    made = make()
    read = products.read_agreement(session, bank_id=bank_id, agreement_id=made.agreement_id)
    assert read == made
    assert made.version == PRODUCT.version and len(made.instalments) == 36
    assert sum(row.principal_units for row in read.instalments) == TERMS.principal.units
    assert Decimal("0.06") < made.true_rate < Decimal("0.07")


def test_the_same_key_makes_one_agreement(session, bank_id, make):
    assert make() == make()
    assert count(session, tables.agreements, bank_id) == 1
    assert count(session, tables.instalments, bank_id) == 36


def test_the_same_key_with_other_content_is_refused(make):
    made = make()
    with pytest.raises(products.AgreementConflict) as refusal:
        make(terms=replace(TERMS, term_months=24))
    assert refusal.value.fields["agreement_id"] == made.agreement_id


def test_a_version_is_stored_once_and_says_what_was_promised(session, bank_id, make):
    make()
    make(idempotency_key="quote-2")
    assert count(session, tables.product_versions, bank_id) == 1
    content = products.read_product_content(session, bank_id=bank_id, version=PRODUCT.version)
    assert content["rates"][0]["rate"] == "0.06"
    assert products.version_of(content) == PRODUCT.version


def test_another_bank_sees_nothing(session, make, now):
    made = make()
    other = new_id("bank", now)
    with pytest.raises(products.AgreementNotFound):
        products.read_agreement(session, bank_id=other, agreement_id=made.agreement_id)
    with pytest.raises(products.AgreementNotFound):
        products.read_product_content(session, bank_id=other, version=made.version)


@pytest.mark.parametrize(
    "change",
    [
        {"terms": replace(TERMS, principal=Amount(100, currency("AUD")))},
        {"terms": replace(TERMS, first_due_on=TERMS.agreed_on)},
        {"terms": replace(TERMS, fee_upfront=TERMS.principal)},
        {"terms": replace(TERMS, fee_monthly=Amount(-1, CNY))},
        {"terms": replace(TERMS, term_months=0)},
        {"rate_index": 1},
        {"idempotency_key": ""},
    ],
)
def test_terms_that_cannot_be_are_refused_and_leave_nothing(session, bank_id, make, change):
    with pytest.raises(products.BadTerms):
        make(**change)
    assert count(session, tables.agreements, bank_id) == 0


def test_a_version_is_of_the_content_alone():
    same = replace(PRODUCT, place=99, version="")
    assert products.seal(same).version == PRODUCT.version
    dearer = replace(PRODUCT, fees=(replace(PRODUCT.fees[0], amount=Decimal("5.01")),))
    assert products.seal(dearer).version != PRODUCT.version
    assert products.version_of({"a": Decimal("1.50"), "b": 1}) == products.version_of(
        {"b": 1, "a": Decimal("1.5")}
    )
    assert len(products.short_version(PRODUCT.version)) == len("sha256:") + 12
