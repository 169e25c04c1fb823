"""Read lists of names in open forms: simple CSV as OpenSanctions writes it, and XML of OFAC and UN.

A line that cannot be read refuses the list: a list with a hole is worse than an old one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from xml.etree import ElementTree

from jiuding.services.risk.errors import BadList
from jiuding.services.risk.types import ListEntry

_COLUMNS = ("id", "schema", "name", "aliases", "birth_date", "countries", "dataset")


def read_simple_csv(text: str, *, file: str) -> Iterator[ListEntry]:
    """Return the entries of a `targets.simple.csv`; several values stand apart by `;`.

    Refuses: BadList naming the line.
    """
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    lacking = set(_COLUMNS) - set(reader.fieldnames or ())
    if lacking:
        raise BadList(f"{file}: the column {min(lacking)} is missing", file=file)
    try:
        for row in reader:
            where = f"{file} line {reader.line_num}"
            if None in row or None in row.values():
                raise BadList(f"{where}: it has another number of columns", file=file)
            names = tuple(dict.fromkeys([row["name"].strip(), *_many(row["aliases"])]))
            if not row["id"] or not names[0]:
                raise BadList(f"{where}: an id and a name are needed", file=file)
            yield ListEntry(
                entry_id=row["id"],
                kind=row["schema"].lower(),
                names=names,
                born=_many(row["birth_date"]),
                countries=tuple(each.lower() for each in _many(row["countries"])),
                source=row["dataset"],
            )
    except csv.Error as error:
        raise BadList(f"{file} line {reader.line_num}: {error}", file=file) from None


def _many(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def read_xml(text: str, *, file: str) -> Iterator[ListEntry]:
    """Return the entries of an XML list: `sdnEntry` of OFAC, `INDIVIDUAL` and `ENTITY` of the UN.

    Refuses: BadList for a document type (entities can be bombs), or neither of the two forms.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadList(f"{file}: a document type is not read", file=file)
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise BadList(f"{file}: {error}", file=file) from None
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
    count = 0
    for node in root.iter():
        entry = None
        if node.tag == "sdnEntry":
            entry = _ofac(node)
        elif node.tag in ("INDIVIDUAL", "ENTITY"):
            entry = _united_nations(node)
        if entry is not None:
            if not entry.entry_id or not entry.names:
                raise BadList(f"{file}: entry {count + 1} lacks an id or a name", file=file)
            count += 1
            yield entry
    if count == 0:
        raise BadList(f"{file}: no sdnEntry, INDIVIDUAL or ENTITY is in it", file=file)


def _text(node: ElementTree.Element, *tags: str) -> str:
    found = (node.findtext(tag, "").strip() for tag in tags)
    return " ".join(part for part in found if part)


def _ofac(node: ElementTree.Element) -> ListEntry:
    names = [_text(node, "firstName", "lastName")]
    names += [_text(each, "firstName", "lastName") for each in node.iter("aka")]
    return ListEntry(
        entry_id=_text(node, "uid"),
        kind=_text(node, "sdnType").lower(),
        names=tuple(dict.fromkeys(name for name in names if name)),
        born=tuple(each.text or "" for each in node.iter("dateOfBirth")),
        source="ofac_sdn",
    )


def _united_nations(node: ElementTree.Element) -> ListEntry:
    parts = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
    names = [_text(node, *parts), _text(node, "NAME_ORIGINAL_SCRIPT")]
    for alias in ("INDIVIDUAL_ALIAS", "ENTITY_ALIAS"):
        names += [_text(each, "ALIAS_NAME") for each in node.iter(alias)]
    born = [
        _text(each, "DATE") or _text(each, "YEAR") for each in node.iter("INDIVIDUAL_DATE_OF_BIRTH")
    ]
    return ListEntry(
        entry_id=_text(node, "DATAID"),
        kind=node.tag.lower(),
        names=tuple(dict.fromkeys(name for name in names if name)),
        born=tuple(each for each in born if each),
        source="un_sc",
    )
