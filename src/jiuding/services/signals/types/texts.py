"""Nouns of texts: what stands in a field that others will read, and should not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FlagKind(StrEnum):
    """What kind of thing a part of a text looks like."""

    SCRIPT = "script"  # HTML or a script that a careless page would run
    SQL = "sql"
    TEMPLATE = "template"  # an expression that a template or logger would evaluate
    COMMAND = "command"  # a shell command or a path out of its folder
    FORMULA = "formula"  # what a spreadsheet would run when it opens an export
    CONTACT = "contact"  # a way to meet outside of the bank
    PROHIBITED = "prohibited"  # goods or services that may not be traded
    OBFUSCATED = "obfuscated"  # written so that a reader sees one thing and a program another


@dataclass(frozen=True, slots=True)
class TextFlag:
    """A part of a text, by places in the text as it was given: `text[start:end]`.

    `code` says more, such as `script.tag` or `prohibited.drugs`; `is_hidden` that it is only seen
    once the spelling is undone. A flag is data for a policy or a person; it changes no text.
    """

    kind: FlagKind
    code: str
    start: int
    end: int
    is_hidden: bool = False
