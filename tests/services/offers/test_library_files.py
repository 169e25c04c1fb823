"""Library files in every form that they come in, broken ones too, and the file that ships."""

from __future__ import annotations

import gzip
import hashlib
import json
import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiuding.services.offers.errors import LibraryNotFound
from jiuding.services.offers.operations.library import search_products
from jiuding.services.offers.rules.differences import diff_libraries
from jiuding.services.offers.rules.fees import plan_fees
from jiuding.services.offers.store import library as store


def product(number, **fields):
    """A published product with a number of its own."""
    return {
        "productId": f"p{number}",
        "brand": "Somebank",
        "name": f"Loan {number}",
        "productCategory": "PERS_LOANS",
        "lendingRates": [{"lendingRateType": "VARIABLE", "rate": "0.0799"}],
        **fields,
    }


def ids(library):
    """The ids of a library in its order."""
    return [product.product_id for product in library.products]


LINES = "\n".join(json.dumps(product(n)) for n in (1, 2, 3))
FORMS = {
    "lines.jsonl": LINES,
    "crlf.jsonl": LINES.replace("\n", "\r\n") + "\r\n\r\n",
    "mark.jsonl": "\ufeff" + LINES,
    "blank_first.jsonl": "\n\n" + LINES,
    "array.json": json.dumps([product(n) for n in (1, 2, 3)], indent=1),
    "answer.json": json.dumps({"data": {"products": [product(n) for n in (1, 2, 3)]}, "links": {}}),
    "answers.jsonl": "\n".join(json.dumps({"data": product(n)}) for n in (1, 2, 3)),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_file_is_read_in_every_form(tmp_path, name, is_packed):
    content = FORMS[name].encode()
    path = tmp_path / (name + ".gz" if is_packed else name)
    path.write_bytes(gzip.compress(content) if is_packed else content)
    library = store.read_library(path)
    assert (ids(library), library.quarantined) == (["p1", "p2", "p3"], ())
    assert [item.place for item in library.products] == [0, 1, 2]


def test_a_single_product_answer_is_a_library_of_one(tmp_path):
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"data": product(7)}, indent=2))
    assert ids(store.read_library(path)) == ["p7"]


def test_a_folder_is_read_by_the_names_of_its_files(tmp_path):
    (tmp_path / "b.json").write_text(json.dumps(product(2)))
    (tmp_path / "a.jsonl").write_text(json.dumps(product(1)))
    (tmp_path / "manifest.toml").write_text('id = "mine"\norigin = "here"\nlicence = "free"\n')
    library = store.read_library(tmp_path)
    assert (ids(library), library.origin, library.licence) == (["p1", "p2"], "here", "free")
    assert library.products[0].source == "mine"


def test_a_broken_line_is_set_aside_with_its_number_and_the_rest_goes_on(tmp_path):
    path = tmp_path / "mixed.jsonl"
    good = json.dumps(product(1))
    lines = ["{broken", good, "[1, 2", "null", '{"productId": "x"}', good, '{"a": NaN}']
    path.write_text("\n".join(lines))
    library = store.read_library(path)
    assert ids(library) == ["p1", "p1"]
    assert [row.line for row in library.quarantined] == [1, 3, 4, 5, 7]
    assert {row.code for row in library.quarantined} == {"offers.broken_line"}
    assert all(row.reason and row.file == "mixed.jsonl" for row in library.quarantined)


def test_a_cut_gzip_file_keeps_what_was_read_and_says_so(tmp_path):
    path = tmp_path / "cut.jsonl.gz"
    lines = "\n".join(json.dumps(product(n, description="x" * n)) for n in range(2000))
    path.write_bytes(gzip.compress(lines.encode())[:-2000])
    library = store.read_library(path)
    assert 0 < len(library.products) < 2000
    assert "unreadable" in library.quarantined[-1].reason


def test_bytes_that_are_no_text_are_quarantined(tmp_path):
    path = tmp_path / "bytes.jsonl"
    path.write_bytes(b"\xff\xfe\x00\x01\n" + json.dumps(product(1)).encode())
    library = store.read_library(path)
    assert ids(library) == ["p1"]
    assert library.quarantined[0].line == 1


def test_a_line_that_is_too_long_is_skipped_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "LINE_BYTES_MAX", 500)
    path = tmp_path / "long.jsonl"
    lines = [product(1), product(2, description="x" * 4000), product(3)]
    path.write_text("\n".join(json.dumps(line) for line in lines))
    library = store.read_library(path)
    assert ids(library) == ["p1", "p3"]
    assert [row.line for row in library.quarantined] == [2]


def test_too_many_products_are_refused_with_the_limit_named(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "PRODUCTS_MAX", 2)
    path = tmp_path / "many.jsonl"
    path.write_text(LINES)
    with pytest.raises(store.LibraryTooLarge, match="more than 2 products"):
        store.read_library(path)


def test_a_path_without_a_library_is_refused(tmp_path):
    with pytest.raises(LibraryNotFound):
        store.read_library(tmp_path / "nothing.json")
    with pytest.raises(LibraryNotFound):
        store.read_library(tmp_path)


def test_product_ids_that_repeat_are_all_kept_in_order(tmp_path):
    path = tmp_path / "twice.jsonl"
    brands = [product(1), product(1, brand="Otherbank")]
    path.write_text("\n".join(json.dumps(line) for line in brands))
    library = store.read_library(path)
    assert [(item.place, item.lender) for item in library.products] == [
        (0, "Somebank"),
        (1, "Otherbank"),
    ]


TABLE = """product_id,lender,name,category,currency,rate,fixed_months,amount_max,fee_upfront,\
fee_monthly,age_min
a,Bank,Loan A,personal,CNY,0.05,12,50000,100,5,20
a,Bank,Loan A,personal,CNY,0.06,24,50000,100,5,20
b,Bank,Loan B,mortgage,CNY,0.031,,,,,
c,Bank,Loan C,deposit,CNY,0.02,,,,,
d,Bank,Loan D,personal,XXX,0.02,,,,,
e,Bank,Loan E,personal,CNY,cheap,,,,,
f,Bank
"""


def test_a_table_is_read_by_the_same_rules(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(TABLE)
    library = store.read_library(path)
    assert ids(library) == ["a", "b", "e"]
    first, second, third = library.products
    assert [(rate.rate, rate.fixed_months) for rate in first.rates] == [
        (Decimal("0.05"), 12),
        (Decimal("0.06"), 24),
    ]
    assert (first.amount_max, first.currency, first.jurisdiction) == (50000, "CNY", "cn")
    assert plan_fees(first) == (100, 0, 5)
    assert first.eligibility[0].kind == "age_min"
    assert second.purposes == ("home",)
    assert third.rates[0].unquotable == "rate_not_a_number"
    assert sorted(row.line for row in library.quarantined) == [5, 6, 8]


def test_a_table_without_the_needed_columns_is_set_aside_with_their_names(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("product_id,price\n1,2\n")
    library = store.read_library(path)
    assert library.products == ()
    assert "lender" in library.quarantined[0].reason
    assert "price" in library.quarantined[0].reason


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=200) | st.text(max_size=80).map(lambda text: TABLE[:90] + "\n" + text))
def test_any_text_is_a_table_or_quarantine(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("junk") / "junk.csv"
    path.write_text(text, "utf-8", errors="replace")
    assert all(row.code == "offers.broken_line" for row in store.read_library(path).quarantined)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.binary(max_size=40) | st.just(json.dumps(product(1)).encode()), max_size=6))
def test_any_bytes_become_products_or_quarantine(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("junk") / "junk.jsonl"
    path.write_bytes(b"\n".join(lines))
    library = store.read_library(path)
    assert all(row.code == "offers.broken_line" for row in library.quarantined)


@pytest.fixture(scope="module")
def shipped():
    """The library that ships."""
    return store.read_library()


def test_the_shipped_library_is_whole_and_accounts_for_every_rate(shipped):
    assert len(shipped.products) == 2868
    assert len({item.lender for item in shipped.products}) == 119
    assert shipped.quarantined == ()
    rates = [rate for item in shipped.products for rate in item.rates]
    assert len(rates) == 8739
    quoted = [rate for rate in rates if rate.unquotable is None]
    assert len(quoted) + sum(shipped.unquotable.values()) == 8739
    assert all(0 < rate.rate <= 1 for rate in quoted)
    assert shipped.unquotable["interest_only"] > 2000
    assert "LukePrior/open-banking-tracker" in shipped.origin
    assert "MIT" in shipped.licence


def test_the_shipped_file_is_the_one_that_its_manifest_names():
    manifest = tomllib.loads((store.SHIPPED / "manifest.toml").read_text())
    content = (store.SHIPPED / "products.jsonl.gz").read_bytes()
    assert hashlib.sha256(content).hexdigest() == manifest["sha256"]
    assert store.read_library().as_of == manifest["as_of"]
    assert Path(store.SHIPPED / "LICENSE").read_text().startswith("MIT License")


def test_the_place_of_a_rate_is_its_place_in_the_file(shipped):
    with gzip.open(store.SHIPPED / "products.jsonl.gz", "rt") as lines:
        for line, item in zip(lines, shipped.products, strict=True):
            published = json.loads(line).get("lendingRates") or []
            assert [rate.index for rate in item.rates] == list(range(len(published)))
            for entry, rate in zip(published, item.rates, strict=True):
                if rate.unquotable is None:
                    assert Decimal(entry["rate"]) == rate.rate


def test_products_are_found_by_words_purpose_and_lender(shipped):
    found = search_products(shipped, words="car loan", purpose="car", limit=5)
    assert len(found) == 5
    assert all("car" in item.name.lower() and "car" in item.purposes for item in found)
    assert search_products(shipped, words="no such words at all") == ()
    assert {item.lender for item in search_products(shipped, lender="BCU")} == {"BCU"}


def test_two_imports_are_compared_rate_by_rate(shipped):
    first, second, third = shipped.products[1], shipped.products[2], shipped.products[3]
    moved = next(item for item in shipped.products if item.rates and item.rates[0].rate)
    rates = (replace(moved.rates[0], rate=moved.rates[0].rate + Decimal("0.0025")),)
    changed = replace(moved, rates=(*rates, *moved.rates[1:]), version="other")
    before = replace(shipped, products=(moved, first, second))
    after = replace(shipped, products=(changed, first, third))
    changes = {change.code: change for change in diff_libraries(before, after)}
    assert "rate up 0.25 at" in changes["rate_up"].detail
    assert changes["product_added"].product_id == third.product_id
    assert changes["product_gone"].product_id == second.product_id
    assert diff_libraries(shipped, shipped) == ()


def test_declarations_are_a_library_too_one_product_a_file(tmp_path):
    source = store.DECLARED / "yilu_new_car.toml"
    (tmp_path / "yilu_new_car.toml").write_text(source.read_text("utf-8"), "utf-8")
    (tmp_path / "broken.toml").write_text("rates = [", "utf-8")
    (tmp_path / "manifest.toml").write_text('origin = "ours"\nlicence = "MIT"\n', "utf-8")
    read = store.read_library(tmp_path)
    (product,) = read.products
    declared = {each.product_id: each for each in store.read_declared()}["yilu_new_car"]
    assert (product.rates, product.fees) == (declared.rates, declared.fees)
    assert (product.place, product.version, read.origin) == (0, declared.version, "ours")
    assert [(each.file, each.code) for each in read.quarantined] == [
        ("broken.toml", "offers.bad_declaration")
    ]
