"""Where products are published: one protocol, the Consumer Data Right over HTTP, and a fake.

Every Australian bank must publish its products without a login, at two addresses: a list in pages,
and each product's details. What comes from there is judged, never trusted: its size, its pages, its
shape and its time are bounded here, and what it says is read by the importer.

Source: Consumer Data Standards, Banking APIs, Get Products and Get Product Detail; versioning by
the headers x-v and x-min-v, answered with 406 where no version suits.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from jiuding.services.offers.errors import (
    BadSource,
    BrokenLine,
    SourceTooLarge,
    SourceUnavailable,
)
from jiuding.services.offers.rules.cdr import CATEGORIES

VERSIONS = (5, 4, 3)  # of both answers; the importer reads each of them
PAGE_SIZE = 100
PAGES_MAX = 200
PRODUCTS_MAX = 10_000
ANSWER_BYTES_MAX = 8_000_000
TRIES_MAX = 4
BROKEN_IN_A_ROW_MAX = 5
TIMEOUT_SECONDS = 10.0
TOTAL_SECONDS_MAX = 900.0
PAUSE_SECONDS = 0.5  # before the second try; doubled before each later one
PAUSE_SECONDS_MAX = 30.0
ADDRESS_LENGTH_MAX = 300
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SECONDS = re.compile(r"\d{1,6}$", re.ASCII)


class ProductSource(Protocol):
    """Where a lender publishes its products."""

    origin: str

    def records(self) -> Iterator[Any]:
        """Yield each product's record in the order of the list; a BrokenLine where one is broken.

        Refuses: SourceUnavailable, SourceTooLarge: then nothing of the source is used.
        """
        ...


class FakeSource:
    """A source in memory, for trying things out: the records that it was given."""

    def __init__(self, records: Iterable[Any], origin: str = "memory") -> None:
        self.origin = origin
        self._records = tuple(records)

    def records(self) -> Iterator[Any]:
        """Yield the records."""
        yield from self._records


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a source is waited for, in seconds, and how often one question is asked."""

    tries_max: int = TRIES_MAX
    timeout_seconds: float = TIMEOUT_SECONDS
    total_seconds_max: float = TOTAL_SECONDS_MAX
    pause_seconds: float = PAUSE_SECONDS
    pause_seconds_max: float = PAUSE_SECONDS_MAX


class CdrSource:
    """A bank's public product interface, such as https://…/cds-au/v1.

    Addresses that an answer names are never followed: pages are asked for by number at the address
    given. Redirects are refused. Plain http is for this machine alone.
    """

    def __init__(
        self, base_url: str, *, patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep, page_size: int = PAGE_SIZE,
    ) -> None:  # fmt: skip
        self.origin = _address(base_url)
        self._patience = patience or Patience()
        self._sleep = sleep
        self._page_size = page_size
        self._versions: dict[str, int] = {}  # which version answers which kind of question
        self._until = 0.0

    def records(self) -> Iterator[Any]:
        """Yield each product's details in the order of the list.

        Products that lend nothing are yielded as the list states them, without asking for details:
        the importer sets them aside by name. A product whose details stay away is a BrokenLine;
        five in a row, and the whole source is refused, so that an outage never looks like a bank
        that withdrew its products.
        """
        import httpx

        self._until = time.perf_counter() + self._patience.total_seconds_max
        timeout = self._patience.timeout_seconds
        with httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False) as client:
            listed, notes = self._listed(client)
            broken = 0
            for summary in listed:
                found = self._record(client, summary)
                broken = broken + 1 if isinstance(found, BrokenLine) else 0
                if broken >= BROKEN_IN_A_ROW_MAX:
                    raise SourceUnavailable(f"{broken} products in a row: {found.detail}")
                yield found
            yield from notes

    def _record(self, client: Any, summary: Mapping[str, Any]) -> Any:
        """Return a product's details, its summary where it lends nothing, or a BrokenLine."""
        product_id = summary["productId"]
        if str(summary.get("productCategory", "")).upper() not in CATEGORIES:
            return summary
        try:
            answer = self._ask(client, "detail", f"/banking/products/{quote(product_id, safe='')}")
        except BrokenLine as broken:
            return BrokenLine(f"product {product_id[:80]}: {broken.detail}")
        record = answer.get("data")
        if not isinstance(record, dict):
            return BrokenLine(f"product {product_id[:80]}: details without data")
        if record.get("productId") != product_id:
            return BrokenLine(f"product {product_id[:80]}: another product was answered")
        return record

    def _listed(self, client: Any) -> tuple[list[dict[str, Any]], list[BrokenLine]]:
        """Return the summaries of all pages, each product once, and what the list got wrong.

        A page that brings nothing new is the last, whatever the count of pages says.
        """
        found: dict[str, dict[str, Any]] = {}
        notes: list[BrokenLine] = []
        total = None
        for page in range(1, PAGES_MAX + 1):
            query = {"page": page, "page-size": self._page_size}
            try:
                answer = self._ask(client, "list", "/banking/products", query)
                listed = _summaries(answer)
            except BrokenLine as broken:
                # Half a list would read as products withdrawn: without its list, no source.
                raise SourceUnavailable(f"page {page} of the list: {broken.detail}") from broken
            before = len(found)
            for each in listed:
                found.setdefault(each["productId"], each)
            if len(found) > PRODUCTS_MAX:
                raise SourceTooLarge(f"more than {PRODUCTS_MAX:,} products", limit=PRODUCTS_MAX)
            total = _count(answer, "totalRecords", total)
            if len(found) == before:
                break
            if not _goes_on(answer, page):
                break
        else:
            raise SourceTooLarge(f"more than {PAGES_MAX} pages", limit=PAGES_MAX)
        if total is not None and total != len(found):
            notes.append(BrokenLine(f"the list states {total} products and holds {len(found)}"))
        return list(found.values()), notes

    def _ask(
        self, client: Any, kind: str, path: str, query: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return an answer in a version that is read, asking for one version after another.

        Refuses: BrokenLine, SourceUnavailable.
        """
        known = self._versions.get(kind)
        offers = [{"x-v": str(known)}] if known else []
        offers.append({"x-v": str(VERSIONS[0]), "x-min-v": str(VERSIONS[-1])})
        # Some holders refuse a range that they could serve: then each version is named alone.
        offers += [{"x-v": str(version)} for version in VERSIONS]
        for headers in offers:
            status, served, body = self._try(client, path, query, headers)
            if status == 406:
                continue
            if served is not None and served not in VERSIONS:
                continue
            self._versions[kind] = served or int(headers["x-v"])
            return _document(body)
        raise BrokenLine(f"no version from {VERSIONS[-1]} to {VERSIONS[0]} is served")

    def _try(
        self, client: Any, path: str, query: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> tuple[int, int | None, bytes]:
        """Return (status, version, body) of an answer, asking again after a pause where it helps.

        Refuses: BrokenLine for an answer that will not change; SourceUnavailable when time is over.
        """
        why, pause = "", self._patience.pause_seconds
        for attempt in range(self._patience.tries_max):
            if attempt:
                self._wait(pause, why)
                pause = min(2 * pause, self._patience.pause_seconds_max)
            self._check_time(why)
            status, answered, body = self._send(client, path, query, headers)
            if status in (200, 406):
                return status, _served(answered), body
            why = f"status {status}" if status else "no answer"
            if status and status not in _AGAIN:
                raise BrokenLine(why)
            asked = _retry_after(answered)
            if asked is not None:
                pause = max(pause, asked)
        raise BrokenLine(f"{why} after {self._patience.tries_max} tries")

    def _send(
        self, client: Any, path: str, query: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return one answer, read at most to its limit; status 0 where none came.

        Refuses: BrokenLine beyond the limit.
        """
        import httpx

        asked = {"Accept": "application/json", **headers}
        try:
            with client.stream("GET", self.origin + path, params=query, headers=asked) as answer:
                body = bytearray()
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > ANSWER_BYTES_MAX:
                        raise BrokenLine(f"an answer above {ANSWER_BYTES_MAX:,} bytes")
                    self._check_time("a slow answer")
                return answer.status_code, answer.headers, bytes(body)
        except httpx.HTTPError:
            return 0, {}, b""

    def _wait(self, seconds: float, why: str) -> None:
        """Pause; a pause that does not fit into the time left is refused at once."""
        if seconds > self._patience.pause_seconds_max:
            raise SourceUnavailable(f"{why}: it asks for a pause of {seconds:.0f} seconds")
        if time.perf_counter() + seconds > self._until:
            raise SourceUnavailable(f"{why}: no time is left to ask again")
        self._sleep(seconds)

    def _check_time(self, why: str) -> None:
        if time.perf_counter() > self._until:
            limit = self._patience.total_seconds_max
            raise SourceUnavailable(f"not done after {limit:.0f} seconds{why and f': {why}'}")


def _address(base_url: str) -> str:
    """Return an address that may be asked, without its last slash.

    Refuses: BadSource.
    """
    parts = urlsplit(base_url[:ADDRESS_LENGTH_MAX])
    is_plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if parts.scheme != "https" and not is_plain:
        raise BadSource("a source's address starts with https://")
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise BadSource("a source's address has a host, and no login, query or fragment")
    path = parts.path.rstrip("/").removesuffix("/banking/products")
    return f"{parts.scheme}://{parts.netloc}{path}"


def _document(body: bytes) -> dict[str, Any]:
    """Return the JSON object of an answer.

    Refuses: BrokenLine.
    """
    try:
        document = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BrokenLine(f"not JSON: {str(error)[:80]}") from error
    if not isinstance(document, dict):
        raise BrokenLine("an answer that is no object")
    return document


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _summaries(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the products on a page of the list.

    Refuses: BrokenLine.
    """
    data = answer.get("data")
    listed = data.get("products") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        raise BrokenLine("no list of products")
    for each in listed:
        if not isinstance(each, dict) or not isinstance(each.get("productId"), str):
            raise BrokenLine("a product without a productId")
    return [each for each in listed if each["productId"]]


def _count(answer: Mapping[str, Any], name: str, otherwise: int | None) -> int | None:
    meta = answer.get("meta")
    value = meta.get(name) if isinstance(meta, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _goes_on(answer: Mapping[str, Any], page: int) -> bool:
    """Tell whether an answer speaks of a next page, in its links or in its count of pages."""
    links = answer.get("links")
    if isinstance(links, dict) and links.get("next"):
        return True
    return page < (_count(answer, "totalPages", 0) or 0)


def _served(headers: Mapping[str, str]) -> int | None:
    """Return the version that an answer states; None where it states none."""
    text = headers.get("x-v", "")
    return int(text) if _SECONDS.match(text) else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that an answer asks us to wait: stated, or as a date beside its own.

    Source: RFC 9110 §10.2.3.
    """
    text = headers.get("retry-after", "").strip()
    if _SECONDS.match(text):
        return float(text)
    try:
        until = parsedate_to_datetime(text)
        return max((until - parsedate_to_datetime(headers.get("date", ""))).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None
