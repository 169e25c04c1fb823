"""Send numpy arrays to PostgreSQL as its arrays, in binary, without a Python object per element.

The form is that of `array_send` in PostgreSQL's `src/backend/utils/adt/arrayfuncs.c`: a header,
then each element's length and bytes. There are no nulls.
"""

from __future__ import annotations

import struct
from typing import ClassVar

import numpy as np
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEADER = struct.Struct(">iiIii")


class _Array:
    """One-dimensional values of one type, in the form in which they are sent."""

    array_oid: ClassVar[int]
    element_oid: ClassVar[int]
    width: ClassVar[int]
    form: ClassVar[str]
    __slots__ = ("data",)

    def __init__(self, values: np.ndarray) -> None:
        count = len(values)
        if not count:
            self.data = _HEADER.pack(0, 0, self.element_oid, 0, 1)[:12]
            return
        rows = np.empty(count, dtype=[("length", ">i4"), ("value", self.form)])
        rows["length"] = self.width
        rows["value"] = values
        self.data = _HEADER.pack(1, 0, self.element_oid, count, 1) + rows.tobytes()


class BigIntegers(_Array):
    """Whole numbers of 64 bits, from an array of shape (n,): `bigint[]`."""

    array_oid, element_oid, width, form = 1016, 20, 8, ">i8"
    __slots__ = ()


class Integers(_Array):
    """Whole numbers of 32 bits, from an array of shape (n,): `integer[]`."""

    array_oid, element_oid, width, form = 1007, 23, 4, ">i4"
    __slots__ = ()


class SmallIntegers(_Array):
    """Whole numbers of 16 bits, from an array of shape (n,): `smallint[]`."""

    array_oid, element_oid, width, form = 1005, 21, 2, ">i2"
    __slots__ = ()


class Uuids(_Array):
    """Ids, from an array of 16 bytes each (`V16`) of shape (n,): `uuid[]`."""

    array_oid, element_oid, width, form = 2951, 2950, 16, "V16"
    __slots__ = ()


def _dumper_of(kind: type[_Array]) -> type[Dumper]:
    class ArrayDumper(Dumper):
        oid = kind.array_oid
        format = Format.BINARY

        def dump(self, obj: _Array) -> bytes:
            return obj.data

    return ArrayDumper


for _kind in (BigIntegers, Integers, SmallIntegers, Uuids):
    psycopg.adapters.register_dumper(_kind, _dumper_of(_kind))
