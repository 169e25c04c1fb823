"""A bank's public product interface, served here: pages, versions, throttling, lies and ruin."""

from __future__ import annotations

import gzip
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from jiuding.services.offers import gateways
from jiuding.services.offers.errors import (
    BadSource,
    BrokenLine,
    SourceTooLarge,
    SourceUnavailable,
)
from jiuding.services.offers.gateways import CdrSource, FakeSource, Patience
from jiuding.services.offers.operations.imports import fetch_library, read_anywhere
from jiuding.services.offers.store import library as files


def product(number, **fields):
    """A published product with a number of its own."""
    return {
        "productId": f"p/{number}",
        "brand": "Somebank",
        "name": f"Loan {number}",
        "productCategory": "PERS_LOANS",
        "lendingRates": [{"lendingRateType": "VARIABLE", "rate": "0.0799"}],
        **fields,
    }


class Bank:
    """A bank that answers as its switches say; `asked` is what it was asked."""

    def __init__(self, products, versions=(5, 4, 3)):
        self.products = {each["productId"]: each for each in products}
        self.versions = versions
        self.asked = []
        self.refusals = []  # (status, headers) that come before any answer
        self.details = {}  # product id → bytes, or a status
        self.total_pages = None
        self.total_records = None
        self.is_stuck = False
        self.next_link = None
        self.base = ""

    def answer(self, path, headers):
        """Return (status, headers, body)."""
        parts = urlsplit(path)
        self.asked.append((path, headers.get("x-v"), headers.get("x-min-v")))
        if self.refusals:
            status, more = self.refusals.pop(0)
            return status, more, b"busy"
        version = self._version(headers)
        if version is None:
            return 406, {}, b'{"errors":[]}'
        if parts.path == "/cds-au/v1/banking/products":
            body = self._page(parse_qs(parts.query))
        else:
            product_id = unquote(parts.path.rpartition("/")[2])
            body = self.details.get(product_id)
            if isinstance(body, int):
                return body, {}, b""
            if body is None:
                body = {"data": self.products[product_id]}
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return 200, {"x-v": str(version)}, body

    def _version(self, headers):
        most = int(headers["x-v"])
        least = int(headers.get("x-min-v", most))
        return next((each for each in self.versions if least <= each <= most), None)

    def _page(self, query):
        page, size = int(query["page"][0]), int(query["page-size"][0])
        listed = list(self.products.values())
        start = 0 if self.is_stuck else (page - 1) * size
        pages = -(-len(listed) // size)
        links = {"next": f"{self.base}?page={page + 1}"} if page < pages else {}
        links = {"next": self.next_link} if self.next_link else links
        rows = [
            {name: each[name] for name in ("productId", "name", "productCategory")}
            for each in listed[start : start + size]
        ]
        meta = {
            "totalRecords": len(listed) if self.total_records is None else self.total_records,
            "totalPages": pages if self.total_pages is None else self.total_pages,
        }
        return {"data": {"products": rows}, "links": links, "meta": meta}


@contextmanager
def serving(bank):
    """Serve a bank on this machine; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, headers, body = bank.answer(self.path, self.headers)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/cds-au/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def source(address, pauses=None, page_size=2, **patience):
    """A source whose pauses are noted and not slept."""
    kept = [] if pauses is None else pauses
    return CdrSource(
        address, patience=Patience(**patience), sleep=kept.append, page_size=page_size
    )  # fmt: skip


def fetch(bank, **more):
    with serving(bank) as address:
        return fetch_library(source(address, **more))


def ids(library):
    return [each.product_id for each in library.products]


def reasons(library):
    return [each.reason for each in library.quarantined]


FIVE = [product(number) for number in range(1, 6)]


def test_every_page_and_every_product_is_read_in_order():
    bank = Bank(FIVE)
    library = fetch(bank)
    assert ids(library) == [f"p/{number}" for number in range(1, 6)]
    assert library.quarantined == () and [each.place for each in library.products] == [*range(5)]
    assert len(bank.asked) == 3 + 5
    assert library.origin.startswith("http://127.0.0.1") and library.licence


def test_a_live_source_and_a_file_of_the_same_products_are_one_library(tmp_path):
    path = tmp_path / "file.jsonl"
    path.write_text("\n".join(json.dumps(each) for each in FIVE))
    assert fetch(Bank(FIVE)).version == files.read_library(path).version
    assert fetch_library(FakeSource(FIVE)).version == files.read_library(path).version


def test_what_lends_nothing_is_set_aside_without_asking_for_it():
    account = product(9, productCategory="TRANS_AND_SAVINGS_ACCOUNTS")
    bank = Bank([*FIVE[:2], account])
    library = fetch(bank)
    assert ids(library) == ["p/1", "p/2"]
    assert "lends nothing" in reasons(library)[0]
    assert not [path for path, _, _ in bank.asked if path.endswith("9")]


@pytest.mark.parametrize("versions", [(5,), (4,), (3,), (5, 4, 3)])
def test_whatever_version_a_bank_serves_is_agreed_on(versions):
    library = fetch(Bank(FIVE[:1], versions))
    assert ids(library) == ["p/1"]


def test_a_bank_that_refuses_ranges_is_asked_version_by_version():
    class Narrow(Bank):
        def _version(self, headers):
            return 3 if headers["x-v"] == "3" and headers.get("x-min-v") is None else None

    bank = Narrow(FIVE[:3])
    assert len(fetch(bank).products) == 3
    # What was agreed on once is asked for first from then on.
    assert len(bank.asked) == (4 + 1) + (4 + 2)


def test_a_version_that_is_not_read_is_refused():
    with pytest.raises(SourceUnavailable, match="no version from 3 to 5"):
        fetch(Bank(FIVE, versions=()))

    class Lying(Bank):
        def _version(self, headers):
            return 9

    with pytest.raises(SourceUnavailable, match="no version"):
        fetch(Lying(FIVE))


def test_a_bank_that_throttles_is_asked_again_when_it_says():
    bank, pauses = Bank(FIVE[:1]), []
    bank.refusals = [(429, {"Retry-After": "7"}), (503, {})]
    assert len(fetch(bank, pauses=pauses).products) == 1
    assert pauses == [7.0, 14.0]


def test_a_date_to_come_back_at_is_read_beside_the_answers_own():
    later = {
        "retry-after": "Mon, 23 Nov 2026 09:00:09 GMT",
        "date": "Mon, 23 Nov 2026 09:00:00 GMT",
    }
    assert gateways._retry_after(later) == 9.0
    assert gateways._retry_after({**later, "date": "Mon, 23 Nov 2026 10:00:00 GMT"}) == 0.0
    assert gateways._retry_after({"retry-after": "soon"}) is None
    assert gateways._retry_after({}) is None


def test_a_pause_that_is_too_long_is_refused_at_once():
    bank = Bank(FIVE[:1])
    bank.refusals = [(429, {"Retry-After": "86400"})]
    with pytest.raises(SourceUnavailable, match="86400 seconds"):
        fetch(bank)
    assert len(bank.asked) == 1


def test_tries_are_counted_and_pauses_grow():
    bank, pauses = Bank(FIVE[:1]), []
    bank.refusals = [(500, {})] * 99
    with pytest.raises(SourceUnavailable, match="status 500 after 4 tries"):
        fetch(bank, pauses=pauses)
    assert pauses == [0.5, 1.0, 2.0] and len(bank.asked) == 4


def test_the_whole_time_is_bounded():
    bank = Bank(FIVE)
    bank.refusals = [(503, {"Retry-After": "5"})] * 99
    with pytest.raises(SourceUnavailable, match="no time is left"):
        fetch(bank, total_seconds_max=3.0)
    with pytest.raises(SourceUnavailable, match="not done after"):
        fetch(Bank(FIVE), total_seconds_max=0.0)


def test_a_source_that_is_not_there_is_refused():
    with serving(Bank(FIVE)) as address:
        pass
    with pytest.raises(SourceUnavailable, match="no answer after 4 tries"):
        fetch_library(source(address))


@pytest.mark.parametrize("pages", [0, 1, 999])
def test_a_lie_about_the_count_of_pages_changes_nothing(pages):
    bank = Bank(FIVE)
    bank.total_pages = pages
    assert len(fetch(bank).products) == 5


def test_a_lie_about_the_count_of_products_is_said():
    bank = Bank(FIVE)
    bank.total_records = 7
    library = fetch(bank)
    assert len(library.products) == 5
    assert reasons(library) == ["the list states 7 products and holds 5"]


def test_a_list_that_repeats_itself_ends():
    bank = Bank(FIVE)
    bank.is_stuck, bank.next_link, bank.total_records = True, "https://elsewhere.example/", 2
    assert ids(fetch(bank)) == ["p/1", "p/2"]
    assert [path for path, _, _ in bank.asked if "page=3" in path] == []


def test_an_endless_list_is_cut_off(monkeypatch):
    monkeypatch.setattr(gateways, "PAGES_MAX", 2)
    with pytest.raises(SourceTooLarge, match="2 pages"):
        fetch(Bank(FIVE))
    monkeypatch.setattr(gateways, "PAGES_MAX", 200)
    monkeypatch.setattr(gateways, "PRODUCTS_MAX", 3)
    with pytest.raises(SourceTooLarge, match="3 products"):
        fetch(Bank(FIVE))


def test_an_answer_that_is_too_large_is_not_read_on(monkeypatch):
    monkeypatch.setattr(gateways, "ANSWER_BYTES_MAX", 2_000)
    bank = Bank(FIVE[:2])
    bank.details["p/1"] = b'{"data": "' + b"x" * 5_000 + b'"}'
    library = fetch(bank)
    assert ids(library) == ["p/2"] and "above 2,000 bytes" in reasons(library)[0]


def test_a_small_answer_that_unpacks_to_a_huge_one_is_not_read_on(monkeypatch):
    class Packed(Bank):
        def answer(self, path, headers):
            status, more, body = super().answer(path, headers)
            return status, {**more, "Content-Encoding": "gzip"}, gzip.compress(body)

    monkeypatch.setattr(gateways, "ANSWER_BYTES_MAX", 100_000)
    bank = Packed(FIVE[:2])
    bank.details["p/2"] = b" " * 10_000_000
    library = fetch(bank)
    assert ids(library) == ["p/1"] and "above 100,000 bytes" in reasons(library)[0]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>", "not JSON"),
        (b'{"data": {"rate": NaN}}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1]", "no object"),
        (b"{}", "without data"),
        (json.dumps({"data": product(2)}).encode(), "another product"),
        (404, "status 404"),
        (302, "status 302"),
        (500, "status 500 after 4 tries"),
    ],
)
def test_a_broken_product_is_set_aside_and_the_rest_goes_on(body, reason):
    bank = Bank(FIVE[:3])
    bank.details["p/1"] = body
    library = fetch(bank)
    assert ids(library) == ["p/2", "p/3"]
    assert reason in reasons(library)[0] and "p/1" in reasons(library)[0]


def test_an_outage_never_looks_like_products_withdrawn():
    bank = Bank([product(number) for number in range(8)])
    bank.details = {f"p/{number}": 500 for number in range(2, 8)}
    with pytest.raises(SourceUnavailable, match="5 products in a row"):
        fetch(bank)


@pytest.mark.parametrize(
    "page", [b"null", b'{"data": []}', b'{"data": {"products": [{"name": "no id"}]}}', b"\xff\xfe"]
)
def test_half_a_list_is_no_list(page):
    class Ruined(Bank):
        def _page(self, query):
            return page if query["page"] == ["2"] else super()._page(query)

    with pytest.raises(SourceUnavailable, match="page 2 of the list"):
        fetch(Ruined(FIVE))


@pytest.mark.parametrize(
    "address",
    [
        "http://bank.example/cds-au/v1",
        "ftp://bank.example",
        "https://",
        "https://user:word@bank.example",
        "https://bank.example/?page=1",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_that_must_not_be_asked_is_refused(address):
    with pytest.raises(BadSource):
        CdrSource(address)


def test_the_address_of_the_list_itself_is_understood():
    with serving(Bank(FIVE[:1])) as address:
        assert len(read_anywhere(f"{address}/banking/products/").products) == 1


def test_a_fake_says_what_it_was_given():
    library = fetch_library(FakeSource([FIVE[0], BrokenLine("torn"), 7]))
    assert ids(library) == ["p/1"] and reasons(library) == ["torn", "not an object"]
