"""The typed tree of a condition: one small language, several back ends.

Every node states its type and where it starts in the source, so that each back end (compiled
Python, DuckDB SQL, SMT, plain text) is one visitor over seven kinds of node.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Type(StrEnum):
    """What a value is. A decimal is exact; a list holds one kind."""

    BOOL = "bool"
    INT = "int"
    DECIMAL = "decimal"
    STRING = "string"
    INTS = "list<int>"
    DECIMALS = "list<decimal>"
    STRINGS = "list<string>"

    @property
    def is_number(self) -> bool:
        """Whether arithmetic and order by size apply."""
        return self in (Type.INT, Type.DECIMAL)

    @property
    def item(self) -> Type | None:
        """What a list holds; None for what is not a list."""
        return _ITEMS.get(self)


_ITEMS = {Type.INTS: Type.INT, Type.DECIMALS: Type.DECIMAL, Type.STRINGS: Type.STRING}
LIST_OF = {item: whole for whole, item in _ITEMS.items()}

Scalar = bool | int | Decimal | str
Value = Scalar | tuple[Scalar, ...] | frozenset[Scalar]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """An input or derived value that conditions may read.

    `values` lists the only texts allowed; `minimum` and `maximum` are inclusive bounds.
    """

    name: str
    type: Type
    values: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: Scalar
    type: Type
    at: int


@dataclass(frozen=True, slots=True)
class Field:
    """The value of a declared field; not evaluated when it is missing."""

    name: str
    type: Type
    at: int


@dataclass(frozen=True, slots=True)
class Has:
    """Whether a declared field is present; always evaluated."""

    name: str
    at: int
    type: Type = Type.BOOL


@dataclass(frozen=True, slots=True)
class Items:
    """A list written out."""

    items: tuple[Node, ...]
    type: Type
    at: int


@dataclass(frozen=True, slots=True)
class Logic:
    """`&&` or `||`: a side that decides wins over a side that could not be evaluated."""

    name: str
    left: Node
    right: Node
    at: int
    type: Type = Type.BOOL


@dataclass(frozen=True, slots=True)
class Choice:
    """`condition ? then : otherwise`; only the chosen side is evaluated."""

    condition: Node
    then: Node
    otherwise: Node
    type: Type
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function over evaluated arguments.

    Arguments already have the types that the function takes: where an int meets a decimal the
    tree holds an explicit `decimal(...)`.
    """

    name: str
    args: tuple[Node, ...]
    type: Type
    at: int


Node = Literal | Field | Has | Items | Logic | Choice | Call


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below this one."""
    match node:
        case Items(items=below) | Call(args=below):
            return below
        case Logic(left=left, right=right):
            return (left, right)
        case Choice(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case _:
            return ()


def names_in(node: Node) -> frozenset[str]:
    """Return the name of every field that the tree reads or asks about."""
    own = {node.name} if isinstance(node, Field | Has) else set()
    return frozenset(own.union(*(names_in(below) for below in children(node))))
