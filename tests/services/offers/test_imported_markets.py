"""Imported libraries are planned on: the newest import of each source, lender by lender."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from jiuding.base.amounts import currency
from jiuding.base.database.engine import transaction
from jiuding.kernel import products
from jiuding.services import offers
from jiuding.services.offers.commands import library as commands
from jiuding.services.offers.gateways import FakeSource
from jiuding.services.offers.operations.imports import fetch_library, record_import
from jiuding.services.offers.rules.cdr import product_from_cdr
from jiuding.services.offers.rules.merging import Imported, merge


def record(number, brand="Somebank", rate="0.0799", **fields):
    return {
        "productId": f"p{number}",
        "brand": brand,
        "name": f"Loan {number}",
        "productCategory": "PERS_LOANS",
        "lendingRates": [{"lendingRateType": "VARIABLE", "rate": rate}],
        **fields,
    }


def library(*records):
    return fetch_library(FakeSource(records))


def imported(number, *records):
    return Imported(f"imp{number}", f"source {number}", library(*records))


def names(merged):
    return [(each.lender, each.product_id) for each in merged.products]


def test_a_lender_s_products_come_whole_from_the_newest_import_that_lists_it():
    shipped = library(record(1, "Old"), record(2, "Somebank"), record(3, "Somebank"))
    newer = imported(2, record(4, "SOMEBANK"))
    older = imported(1, record(5, "Somebank"), record(6, "Third"))
    merged = merge("au", shipped, (newer, older), ())
    assert names(merged) == [("Old", "p1"), ("Third", "p6"), ("SOMEBANK", "p4")]
    assert [each.place for each in merged.products] == [0, 1, 2]
    assert merged.version != shipped.version
    assert merge("au", shipped, (), ()).version == shipped.version


def test_an_import_serves_the_market_of_its_currency_only():
    made = imported(1, record(1), record(2, currency="CNY"))
    assert names(merge("au", None, (made,), ())) == [("Somebank", "p1")]
    assert names(merge("cn", None, (made,), ())) == [("Somebank", "p2")]
    assert merge("eu", None, (made,), ()).products == ()


def test_nobody_imports_in_the_name_of_a_lender_that_we_declare():
    own = product_from_cdr(record(9, "Ourselves"), 0)
    made = imported(1, record(1, "OURSELVES", rate="0.0001"), record(2))
    merged = merge("au", None, (made,), (own,))
    assert names(merged) == [("Somebank", "p2"), ("Ourselves", "p9")]
    (aside,) = merged.quarantined
    assert (aside.line, aside.file) == (1, "source 1")
    assert "declare ourselves" in aside.reason


def test_rates_that_cannot_be_quoted_are_counted_over_all_sources():
    made = imported(1, record(1, rate="7.9"), {"name": "no id"})
    merged = merge("au", library(record(2, "B", rate="junk")), (made,), ())
    assert merged.unquotable == {"rate_not_a_number": 1, "rate_out_of_range": 1}
    assert [each.reason for each in merged.quarantined] == ["no productId"]


@pytest.fixture
def branch(engine, bank_id):
    """A branch with one empty market; a branch needs more to lend, but not to plan."""
    empty = library()
    market = offers.Market(
        "eu", limits=None, library=empty, shelf=offers.lay_out(empty), pack=None, default_terms={}
    )
    bank = type("Bank", (), {"bank_id": bank_id})()
    return offers.Branch(bank, engine, None, {"eu": market}, None, None, "localhost", "")


def bring_in(branch, now, *records, source="file.jsonl"):
    with transaction(branch.engine) as session:
        return record_import(
            session, bank_id=branch.bank_id, library=library(*records), source=source, now=now
        )


def cheapest(branch):
    need = offers.Need("furniture", Decimal(10_000), "EUR", 24, 24)
    profile = offers.Profile(40, "EU", Decimal(9_000), Decimal(0), Decimal("0.5"))
    pack = products.Pack("eu", {}, currency("EUR").code, "", ())
    found = offers.plan(
        need, profile, branch.markets["eu"].shelf, on=products_day(), pack=pack, deadline_seconds=5
    )
    return [(leg.lender, leg.rate) for plan in found.plans[:1] for leg in plan.legs]


def products_day():
    from datetime import date

    return date(2026, 1, 5)


def test_the_bank_plans_on_what_was_imported_last(branch, now):
    assert offers.renew_markets(branch) == () and cheapest(branch) == []
    bring_in(branch, now, record(1, "Dear", "0.09", currency="EUR"))
    assert offers.renew_markets(branch) == ("eu",)
    assert cheapest(branch) == [("Dear", Decimal("0.09"))]
    # Nothing new: the market keeps its shelf, and nothing is read again.
    shelf = branch.markets["eu"].shelf
    assert offers.renew_markets(branch) == () and branch.markets["eu"].shelf is shelf
    later = now + timedelta(days=1)
    bring_in(branch, later, record(1, "Dear", "0.07", currency="EUR"))
    bring_in(branch, later, record(1, "Other", "0.08", currency="EUR"), source="other")
    assert offers.renew_markets(branch) == ("eu",)
    assert cheapest(branch) == [("Dear", Decimal("0.07"))]
    gone = later + timedelta(days=1)
    bring_in(branch, gone, source="file.jsonl")  # the source lists nothing any more
    assert offers.renew_markets(branch) == ("eu",)
    assert cheapest(branch) == [("Other", Decimal("0.08"))]


def test_plans_no_longer_use_what_was_withdrawn(branch, now):
    bring_in(branch, now, record(1, "Dear", "0.09", currency="EUR"))
    bring_in(branch, now + timedelta(days=1), record(1, "Dear", "0.01", currency="EUR"))
    assert offers.renew_markets(branch) == ("eu",)
    assert cheapest(branch) == [("Dear", Decimal("0.01"))]
    told = commands.take_back(branch.engine, branch.bank_id, "somewhere/file.jsonl", "in per cent")
    assert (told["source"], told["number"], told["reason"]) == ("file.jsonl", 2, "in per cent")
    assert told["stands"]["version"] != told["version"]
    assert offers.renew_markets(branch) == ("eu",)
    assert cheapest(branch) == [("Dear", Decimal("0.09"))]
    commands.take_back(branch.engine, branch.bank_id, "file.jsonl", "both", number=1)
    assert offers.renew_markets(branch) == ("eu",) and cheapest(branch) == []


def test_the_sources_that_are_planned_on_are_listed_with_their_age(branch, now):
    bring_in(branch, now - timedelta(days=9), record(1, currency="EUR"), source="old")
    bring_in(branch, now, record(2, currency="EUR"), source="new")
    bring_in(branch, now, record(3, currency="EUR"), source="market.eu")
    with transaction(branch.engine) as session:
        listed = offers.list_sources(session, bank_id=branch.bank_id, now=now)
    assert [(each.newest.source, each.age.age_days, each.age.is_fresh) for each in listed] == [
        ("new", 0, True),
        ("old", 9, False),
    ]


def test_a_library_is_of_the_day_that_what_ships_was_published_while_any_of_it_is_in_use():
    day = products_day()
    published = replace(library(record(1, "A"), record(2, "B")), as_of=day)
    half = imported(1, record(1, "A", rate="0.05"))
    both = imported(2, record(1, "A"), record(2, "B"))
    assert merge("au", published, (), ()).as_of == day
    assert merge("au", published, (half,), ()).as_of == day
    assert merge("au", published, (both,), ()).as_of is None
    assert merge("au", None, (half,), ()).as_of is None
