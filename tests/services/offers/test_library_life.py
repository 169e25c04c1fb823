"""A library over time: imports, what changed between them, how old they are, what they held."""

from __future__ import annotations

import importlib.util
import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, text

from jiuding.base.database.engine import transaction
from jiuding.base.problems import BadInput
from jiuding.services.offers import tables
from jiuding.services.offers.errors import ImportWithdrawn, LibraryTooLarge, NoImportYet
from jiuding.services.offers.gateways import FakeSource
from jiuding.services.offers.operations import imports
from jiuding.services.offers.operations.imports import (
    fetch_library,
    imported_library,
    list_imports,
    product_history,
    read_freshness,
    read_import,
    record_import,
    withdraw_import,
)

SOURCE = "somebank"
ROOT = Path(__file__).parents[3]


def product(number, rate="0.0799", **fields):
    """A published product with a number of its own."""
    return {
        "productId": f"p{number}",
        "brand": "Somebank",
        "brandName": "Bank X",
        "name": f"Loan {number}",
        "productCategory": "PERS_LOANS",
        "lendingRates": [{"lendingRateType": "VARIABLE", "rate": rate}],
        **fields,
    }


def library(*records):
    return fetch_library(FakeSource(records))


@pytest.fixture
def record(session, bank_id, now):
    """Record an import so many days from now."""

    def recorded(*records, days=0, source=SOURCE):
        return record_import(
            session, bank_id=bank_id, library=library(*records), source=source,
            now=now + timedelta(days=days),
        )  # fmt: skip

    return recorded


def test_the_first_import_holds_everything_and_changes_nothing(session, bank_id, record):
    made = record(product(1), product(2), {"name": "no id"}, product(3, rate="7.9"))
    assert (made.number, made.product_count, made.changes) == (1, 3, ())
    assert made.unquotable == {"rate_out_of_range": 1}
    assert [(each.line, each.reason) for each in made.quarantined] == [(3, "no productId")]
    assert made.quarantined_count == 1
    assert read_import(session, bank_id=bank_id, source=SOURCE) == made
    again = imported_library(session, bank_id=bank_id, source=SOURCE)
    first = library(product(1), product(2), product(3, rate="7.9"))
    assert again.products == first.products and again.version == first.version


def test_the_same_library_again_is_no_new_import_but_is_fresh(session, bank_id, record, now):
    first = record(product(1))
    again = record(product(1), days=3)
    assert again.import_id == first.import_id
    assert (again.imported_at, again.checked_at) == (now, now + timedelta(days=3))
    assert len(list_imports(session, bank_id=bank_id)) == 1
    # An earlier look that comes late does not make it older again.
    assert record(product(1), days=1).checked_at == now + timedelta(days=3)


def test_what_changed_between_two_imports_is_told(record):
    record(product(1), product(2), product(3))
    made = record(product(1, rate="0.0824"), product(3, name="Loan three"), product(4), days=1)
    told = {change.code: change for change in made.changes}
    assert made.changed == {
        "rate_up": 1, "text_changed": 1, "product_added": 1, "product_gone": 1
    }  # fmt: skip
    assert told["rate_up"].detail == "rate up 0.25 at Bank X"
    assert (told["rate_up"].before, told["rate_up"].after) == (Decimal("0.0799"), Decimal("0.0824"))
    assert told["product_gone"].name == "Loan 2" and told["product_added"].name == "Loan 4"


def test_a_library_that_goes_back_is_a_third_import(session, bank_id, record):
    record(product(1))
    record(product(1, rate="0.05"), days=1)
    third = record(product(1), days=2)
    assert third.number == 3 and [each.code for each in third.changes] == ["rate_up"]
    assert [each.number for each in list_imports(session, bank_id=bank_id)] == [3, 2, 1]


def test_a_product_remembers_its_versions(session, bank_id, record, now):
    record(product(1), product(1, rate="0.09"))
    record(product(1, rate="0.0824"), product(1, rate="0.09"), days=1)
    record(product(1, rate="0.09"), days=2)
    seen = product_history(
        session, bank_id=bank_id, source=SOURCE, lender="Somebank", product_id="p1"
    )
    told = [(str(each.product.rates[0].rate), each.is_current) for each in seen]
    # Two products of one id: when the first goes, the second is the first of them.
    assert told == [("0.09", True), ("0.0824", False), ("0.0799", False)]
    assert seen[1].first_seen_at == seen[1].last_seen_at == now + timedelta(days=1)
    second = product_history(
        session, bank_id=bank_id, source=SOURCE, lender="Somebank", product_id="p1", copy=1
    )
    assert [(each.is_current, each.last_seen_at) for each in second] == [
        (False, now + timedelta(days=1))
    ]
    assert (
        product_history(session, bank_id=bank_id, source=SOURCE, lender="Somebank", product_id="p9")
        == ()
    )


def listed_by(session, bank_id):
    listed = imported_library(session, bank_id=bank_id, source=SOURCE).products
    return [(each.product_id, str(each.rates[0].rate)) for each in listed]


def test_an_import_that_is_withdrawn_leaves_exactly_what_stood_before_it(
    session, bank_id, record, now
):
    record(product(1), product(2), product(3))
    record(product(3), product(1, rate="0.01"), product(4), days=1)
    assert listed_by(session, bank_id) == [("p3", "0.0799"), ("p1", "0.01"), ("p4", "0.0799")]
    ask = {"bank_id": bank_id, "source": SOURCE, "reason": " a rate in\nper cent "}
    day = now + timedelta(days=2)
    taken = withdraw_import(session, **ask, now=day)
    assert (taken.number, taken.withdrawn_at, taken.withdrawn_reason) == (
        2, day, "a rate in per cent"
    )  # fmt: skip
    assert listed_by(session, bank_id) == [("p1", "0.0799"), ("p2", "0.0799"), ("p3", "0.0799")]
    listed = list_imports(session, bank_id=bank_id)
    assert [(each.number, each.withdrawn_reason) for each in listed] == [
        (2, "a rate in per cent"), (1, "")
    ]  # fmt: skip
    seen = product_history(
        session, bank_id=bank_id, source=SOURCE, lender="Somebank", product_id="p1"
    )
    assert [(str(each.product.rates[0].rate), each.is_current) for each in seen] == [
        ("0.01", False), ("0.0799", True)
    ]  # fmt: skip
    # Said twice, it happened once: the first import still stands.
    again = withdraw_import(session, **ask, number=2, now=day + timedelta(days=1))
    assert again.withdrawn_at == day and len(listed_by(session, bank_id)) == 3


def test_what_was_withdrawn_comes_back_only_where_it_is_meant(session, bank_id, record, now):
    record(product(1))
    record(product(1, rate="0.01"), days=1)
    withdraw_import(session, bank_id=bank_id, source=SOURCE, reason="wrong", now=now)
    with pytest.raises(ImportWithdrawn, match="wrong"):
        record(product(1, rate="0.01"), days=2)
    assert record(product(1), days=2).number == 1
    changed = record(product(1, rate="0.02"), days=3)
    assert (changed.number, [each.code for each in changed.changes]) == (3, ["rate_down"])
    meant = record_import(
        session, bank_id=bank_id, library=library(product(1, rate="0.01")), source=SOURCE,
        now=now + timedelta(days=4), is_again=True,
    )  # fmt: skip
    assert meant.number == 4 and listed_by(session, bank_id) == [("p1", "0.01")]
    assert record(product(1, rate="0.01"), days=5).number == 4


def test_when_all_is_withdrawn_nothing_stands(session, bank_id, record, now):
    record(product(1))
    withdraw_import(session, bank_id=bank_id, source=SOURCE, reason="wrong", now=now)
    with pytest.raises(NoImportYet):
        read_import(session, bank_id=bank_id, source=SOURCE)
    with pytest.raises(NoImportYet, match="no import stands"):
        withdraw_import(session, bank_id=bank_id, source=SOURCE, reason="again", now=now)
    with pytest.raises(NoImportYet, match="no import 7"):
        withdraw_import(session, bank_id=bank_id, source=SOURCE, number=7, reason="x", now=now)
    with pytest.raises(BadInput, match="say why"):
        withdraw_import(session, bank_id=bank_id, source=SOURCE, reason=" ", now=now)
    with pytest.raises(BadInput, match="where it is declared"):
        withdraw_import(session, bank_id=bank_id, source="market.au", reason="x", now=now)


def test_places_follow_the_newest_import(session, bank_id, record):
    record(product(1), product(2))
    record(product(2), product(1), days=1)
    listed = imported_library(session, bank_id=bank_id, source=SOURCE).products
    assert [(each.product_id, each.place) for each in listed] == [("p2", 0), ("p1", 1)]


def test_the_age_of_a_library_is_stated(session, bank_id, record, now):
    assert read_freshness(session, bank_id=bank_id, source=SOURCE, now=now) is None
    record(product(1))
    for days, is_fresh in ((0, True), (7, True), (8, False), (900, False)):
        found = read_freshness(
            session, bank_id=bank_id, source=SOURCE, now=now + timedelta(days=days, minutes=-1)
        )
        assert (found.age_days, found.is_fresh) == (max(days - 1, 0), is_fresh)


def test_sources_and_banks_do_not_mix(session, bank_id, record, now):
    from jiuding.base.ids import new_id

    record(product(1))
    other = record(product(2), source="otherbank", days=1)
    assert (other.number, other.changes) == (1, ())
    listed = imported_library(session, bank_id=bank_id, source=SOURCE).products
    assert [each.product_id for each in listed] == ["p1"]
    with pytest.raises(NoImportYet):
        read_import(session, bank_id=new_id("bank", now), source=SOURCE)


def test_a_library_beyond_what_is_remembered_is_refused(record, monkeypatch):
    monkeypatch.setattr(imports, "PRODUCTS_KEPT_MAX", 1)
    with pytest.raises(LibraryTooLarge):
        record(product(1), product(2))


def test_what_is_kept_of_changes_is_bounded_and_counted(record, monkeypatch):
    monkeypatch.setattr(imports, "CHANGES_KEPT_MAX", 2)
    monkeypatch.setattr(imports, "QUARANTINED_KEPT_MAX", 1)
    record(*(product(number) for number in range(5)))
    made = record(*(product(number, rate="0.05") for number in range(5)), 1, 2, 3, days=1)
    assert (len(made.changes), made.changed) == (2, {"rate_down": 5})
    assert (len(made.quarantined), made.quarantined_count) == (1, 3)


def test_two_imports_at_once_are_one(engine, bank_id, now):
    gate, found = threading.Barrier(2), []
    shown = library(*(product(number) for number in range(50)))

    def run():
        with transaction(engine) as session:
            gate.wait()
            found.append(
                record_import(session, bank_id=bank_id, library=shown, source=SOURCE, now=now)
            )

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 2 and found[0].import_id == found[1].import_id
    with transaction(engine) as session:
        assert len(imported_library(session, bank_id=bank_id, source=SOURCE).products) == 50
        assert len(list_imports(session, bank_id=bank_id)) == 1


def test_the_shipped_library_is_remembered_exactly(session, bank_id, now):
    from jiuding.services.offers.store.library import read_library

    shipped = read_library()
    record_import(session, bank_id=bank_id, library=shipped, source="au_cdr", now=now)
    again = imported_library(session, bank_id=bank_id, source="au_cdr")
    assert again.products == shipped.products and again.version == shipped.version
    first = shipped.products[0]
    moved = replace(first, version="moved", name="Moved")
    later = replace(shipped, products=(moved, *shipped.products[1:]), version="later")
    made = record_import(
        session, bank_id=bank_id, library=later, source="au_cdr", now=now + timedelta(days=1)
    )
    assert made.changed == {"text_changed": 1}
    kept = session.execute(
        text("SELECT count(*) FROM offers.product_history WHERE source = 'au_cdr'")
    ).scalar_one()
    assert kept == len(shipped.products) + 1


def test_what_was_declared_is_remembered_and_read_again_as_it_was(session, bank_id, now, tmp_path):
    from jiuding.services.offers.store import library as files

    for file in sorted(files.DECLARED.glob("yilu_*.toml")):
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    read = files.read_library(tmp_path)
    assert len(read.products) > 1
    record_import(session, bank_id=bank_id, library=read, source="toml", now=now)
    again = imported_library(session, bank_id=bank_id, source="toml")
    assert again.products == read.products and again.version == read.version


def test_the_migration_fills_in_what_the_newest_imports_showed(session, bank_id, record):
    record(product(1), product(2))
    record(product(2), product(1), product(3), days=1)
    record(product(9), source="other")
    kept = tables.library_imports.c
    read = select(kept.source, kept.number, kept.shown).where(kept.bank_id == bank_id)
    read = read.order_by(kept.source, kept.number)
    before = session.execute(read).all()
    session.execute(text("UPDATE offers.library_imports SET shown = NULL"))
    path = ROOT / "migrations" / "versions" / "0026_library_withdrawal.py"
    spec = importlib.util.spec_from_file_location("withdrawal", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    session.execute(text(module.STATEMENTS[1]))
    filled = session.execute(read).all()
    assert [(row.source, row.number, row.shown is None) for row in filled] == [
        ("other", 1, False), ("somebank", 1, True), ("somebank", 2, False)
    ]  # fmt: skip
    assert filled[0] == before[0] and filled[2] == before[2]
