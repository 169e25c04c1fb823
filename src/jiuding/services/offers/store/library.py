"""Read library files: CDR products as JSON lines, an array, or an API answer, tables (CSV), plain
or gzip, and declarations (TOML), one product a file.

A broken record is set aside with its line and reason, and the rest goes on. Limits: 1,000,000
products, 8 MB a line, 1 GB for a file that must be read whole.
"""

from __future__ import annotations

import gc
import gzip
import io
import json
import tomllib
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from jiuding.base.settings import CATALOG
from jiuding.kernel.products import LoanProduct
from jiuding.services.offers.errors import (
    BadDeclaration,
    BrokenLine,
    LibraryNotFound,
    LibraryTooLarge,
)
from jiuding.services.offers.rules.cdr import combined_hash, product_from_cdr
from jiuding.services.offers.rules.declared import product_from_declaration
from jiuding.services.offers.rules.table import table_records
from jiuding.services.offers.types import Library, Quarantined

SHIPPED = CATALOG / "library" / "au_cdr"
DECLARED = CATALOG / "products"
DECLARED_MAX = 10_000
PRODUCTS_MAX = 1_000_000
LINE_BYTES_MAX = 8_000_000
WHOLE_BYTES_MAX = 1_000_000_000
SUFFIXES = (
    *(".jsonl", ".json", ".ndjson", ".jsonl.gz", ".json.gz", ".ndjson.gz", ".csv", ".csv.gz"),
    ".toml",
)
MANIFEST = "manifest.toml"


def read_library(path: Path | str = SHIPPED) -> Library:
    """Return the library in a CDR file, or in a folder of them, in the order of the files.

    A folder's `manifest.toml` states origin, licence and day. Broken records are in `quarantined`.

    Refuses: LibraryNotFound where there is nothing to read; LibraryTooLarge beyond the limits.
    """
    path = Path(path)
    files = _files(path)
    manifest = _manifest(path if path.is_dir() else path.parent)
    products: list[LoanProduct] = []
    quarantined: list[Quarantined] = []
    with _no_collector():
        for file in files:
            _read_file(file, products, quarantined, str(manifest.get("id", file.name)))
    reasons = Counter(
        rate.unquotable for product in products for rate in product.rates if rate.unquotable
    )
    return Library(
        products=tuple(products),
        unquotable=dict(reasons.most_common()),
        quarantined=tuple(quarantined),
        origin=str(manifest.get("origin", "")),
        licence=str(manifest.get("licence", "")),
        version=combined_hash(product.version for product in products),
        as_of=day if type(day := manifest.get("as_of")) is date else None,
    )


def read_declared(folder: Path | str = DECLARED) -> tuple[LoanProduct, ...]:
    """Return the products that we declare in TOML files of a folder, by name; one file is one.

    Refuses: BadDeclaration for the first thing that is not right: all are good, or none is used.
    """
    files = sorted(Path(folder).glob("*.toml"))
    if len(files) > DECLARED_MAX:
        raise BadDeclaration(f"more than {DECLARED_MAX:,} declared products", limit=DECLARED_MAX)
    return tuple(_read_declaration(file, place) for place, file in enumerate(files))


def _read_declaration(file: Path, place: int) -> LoanProduct:
    """Return the product of one file; numbers are read as exact decimals."""
    try:
        document = tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ArithmeticError) as error:
        raise BadDeclaration(f"{file.stem}: not TOML: {str(error)[:120]}") from error
    return product_from_declaration(document, file.stem, place, source="declared")


def _files(path: Path) -> list[Path]:
    """Return the library files at a path, by name."""
    if path.is_dir():
        found = (file for file in path.rglob("*") if file.name.endswith(SUFFIXES))
        files = sorted(file for file in found if file.name != MANIFEST)
    else:
        files = [path] if path.is_file() else []
    if not files:
        raise LibraryNotFound(f"there is no library file at {path.name!r}")
    return files


def _manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest beside library files; none is an empty one."""
    file = folder / MANIFEST
    try:
        return tomllib.loads(file.read_text("utf-8")) if file.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return {}


@contextmanager
def _no_collector() -> Iterator[None]:
    """Hold the garbage collector while a million small records are made; there are no cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read_file(
    file: Path, products: list[LoanProduct], quarantined: list[Quarantined], source: str
) -> None:
    """Add a file's products to the list, and what is broken to the quarantine."""
    if file.suffix == ".toml":
        try:
            products.append(replace(_read_declaration(file, len(products)), source=source))
        except BadDeclaration as bad:
            quarantined.append(Quarantined(0, bad.code, bad.detail, file.name))
        return
    lines = _records(file)
    while True:
        try:
            line, record = next(lines)
        except StopIteration:
            return
        except (OSError, EOFError, zlib.error) as error:
            quarantined.append(Quarantined(0, BrokenLine.code, f"unreadable: {error}", file.name))
            return
        try:
            if isinstance(record, BrokenLine):
                raise record
            products.append(product_from_cdr(record, len(products), source))
        except BrokenLine as broken:
            quarantined.append(Quarantined(line, broken.code, broken.detail, file.name))
        if len(products) > PRODUCTS_MAX:
            raise LibraryTooLarge(f"more than {PRODUCTS_MAX:,} products", limit=PRODUCTS_MAX)


def _records(file: Path) -> Iterator[tuple[int, Any]]:
    """Yield (line, record) of a file; a record that cannot be parsed is yielded as BrokenLine."""
    if file.name.endswith((".csv", ".csv.gz")):
        with _open(file) as stream:
            text = io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="")
            yield from table_records(text)
        return
    with _open(file) as stream:
        first = stream.readline(LINE_BYTES_MAX + 1)
        while first and not first.strip(b"\xef\xbb\xbf \t\r\n"):
            first = stream.readline(LINE_BYTES_MAX + 1)
        if first.lstrip(b"\xef\xbb\xbf \t").startswith(b"{") and _parses(first):
            yield from _lines(first, stream)
            return
        rest = stream.read(WHOLE_BYTES_MAX)
        if len(rest) >= WHOLE_BYTES_MAX:
            raise LibraryTooLarge(f"a file above {WHOLE_BYTES_MAX:,} bytes that is not JSON lines")
    whole = _parse(first + rest)
    if isinstance(whole, BrokenLine):
        yield from _broken_lines(first + rest)
        return
    yield from enumerate(unwrap(whole), 1)


def _lines(first: bytes, stream: BinaryIO) -> Iterator[tuple[int, Any]]:
    """Yield the records of JSON lines; an answer in a line is unwrapped."""
    number, line = 1, first
    while line:
        if len(line) > LINE_BYTES_MAX:
            yield number, BrokenLine(f"longer than {LINE_BYTES_MAX:,} bytes")
            while line and not line.endswith(b"\n"):
                line = stream.readline(LINE_BYTES_MAX)
        elif line.strip():
            parsed = _parse(line)
            for record in [parsed] if isinstance(parsed, BrokenLine) else unwrap(parsed):
                yield number, record
        number, line = number + 1, stream.readline(LINE_BYTES_MAX + 1)


def _broken_lines(content: bytes) -> Iterator[tuple[int, Any]]:
    """Yield line by line a file that is not one JSON document and whose first line is broken."""
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip():
            parsed = _parse(line)
            for record in [parsed] if isinstance(parsed, BrokenLine) else unwrap(parsed):
                yield number, record


def unwrap(document: Any) -> list[Any]:
    """Return the product records in a document: an API answer, an array, or one product."""
    if isinstance(document, dict) and "productId" not in document:
        inner = document.get("data", document.get("products", document))
        if inner is not document:
            return unwrap(inner)
    return document if isinstance(document, list) else [document]


def _open(file: Path) -> BinaryIO:
    """Open a file, through gzip when its first two bytes say so."""
    with file.open("rb") as stream:
        magic = stream.read(2)
    return gzip.open(file) if magic == b"\x1f\x8b" else file.open("rb")


def _parses(line: bytes) -> bool:
    """Tell whether a line is a whole JSON document."""
    return not isinstance(_parse(line), BrokenLine)


def _parse(line: bytes) -> Any:
    """Return the JSON value of a line, or the BrokenLine that says why there is none."""
    try:
        return json.loads(line.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return BrokenLine(f"not JSON: {str(error)[:120]}")


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")
