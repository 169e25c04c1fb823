"""Column types that carry meaning: an id is stored as `uuid` and read as its printed form."""

from __future__ import annotations

import uuid

from sqlalchemy import TIMESTAMP, Column, MetaData, Uuid
from sqlalchemy.types import TypeDecorator

from jiuding.base.ids import from_uuid, to_uuid


class Id(TypeDecorator):
    """An id with this prefix: `uuid` in the database, `prefix_…` in Python."""

    impl = Uuid
    cache_ok = True

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self.prefix = prefix

    def process_bind_param(self, value, dialect):
        if value is None or isinstance(value, uuid.UUID):
            return value
        return to_uuid(self.prefix, value)

    def process_result_value(self, value, dialect):
        return None if value is None else from_uuid(self.prefix, value)


Instant = TIMESTAMP(timezone=True)


def schema(name: str) -> MetaData:
    """Return the metadata of one package's schema."""
    return MetaData(schema=name)


def bank_column() -> Column:
    """Return the first column of every key: whose row this is."""
    return Column("bank_id", Id("bank"), primary_key=True, nullable=False)
