"""The calls of the posting functions; `%b` sends arrays in binary, at half the cost of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from jiuding.base.database.arrays import BigIntegers, Integers, SmallIntegers, Uuids
from jiuding.base.database.engine import Session
from jiuding.base.ids import to_uuid
from jiuding.kernel.ledger.rules.batch import Batch, HoldTerms
from jiuding.kernel.ledger.rules.plain import PlainBatch
from jiuding.kernel.ledger.types import NewTransfer

_TYPES = {
    "ids": "uuid", "accounts": "uuid", "d_ix": "int4", "c_ix": "int4", "amounts": "int8",
    "assets": "text", "asset_ix": "int2", "codes": "text", "abouts": "text", "days": "date",
    "links": "bool", "repeats": "int4", "verbs": "int2", "hold_ids": "uuid", "h_ix": "int4",
    "expiries": "timestamptz", "finals": "bool", "out_days": "date", "reverses": "uuid",
    "marks": "uuid",
}  # fmt: skip
_CALL = "SELECT ledger.post_transfers(%b, %b, {})".format(
    ", ".join(f"%b::{_TYPES[field.name]}[]" for field in fields(Batch))
)
_PLAIN_FORMS = {
    "accounts": Uuids, "debits": BigIntegers, "credits": BigIntegers, "counts": Integers,
    "lows": BigIntegers, "highs": BigIntegers, "lasts": Integers, "ids": Uuids, "d_ix": Integers,
    "c_ix": Integers, "amounts": BigIntegers, "code_ix": SmallIntegers, "day_ix": SmallIntegers,
    "d_behind": BigIntegers, "c_behind": BigIntegers, "d_left": Integers, "c_left": Integers,
    "d_previous": Integers, "c_previous": Integers,
}  # fmt: skip
_PLAIN_TYPES = {
    "asset": "::text", "scale": "::int2", "code_names": "::text[]", "day_names": "::date[]",
    "abouts": "::text[]", "first_id": "::uuid", "last_id": "::uuid",
}  # fmt: skip
_PLAIN_CALL = "SELECT ledger.post_plain(%b, %b, {})".format(
    ", ".join(f"%b{_PLAIN_TYPES.get(field.name, '')}" for field in fields(PlainBatch))
)

_ONE_CALL = (
    "SELECT ledger.post_one("
    "%b, %b, %b::text, %b::int2, %b, %b, %b, %b::int8, %b::text, %b::text, %b)"
)


def post_one(session: Session, bank_id: str, item: NewTransfer, at: datetime) -> bool:
    """Post one plain transfer and return True, or change nothing and return False.

    Refuses: BadId for an id of another kind.
    """
    asset = item.amount.asset
    values = (
        to_uuid("bank", bank_id),
        at,
        asset.code,
        asset.scale,
        to_uuid("trf", item.transfer_id),
        to_uuid("acc", item.debit_id),
        to_uuid("acc", item.credit_id),
        item.amount.units,
        item.code,
        item.about,
        item.effective_on,
    )
    return session.exec_driver_sql(_ONE_CALL, values).scalar_one()


def post_plain(session: Session, bank_id: str, batch: PlainBatch, at: datetime) -> bool:
    """Post the whole of a plain batch and return True, or change nothing and return False."""
    values = [to_uuid("bank", bank_id), at]
    for field in fields(PlainBatch):
        value = getattr(batch, field.name)
        form = _PLAIN_FORMS.get(field.name)
        values.append(value if form is None else form(value))
    return session.exec_driver_sql(_PLAIN_CALL, tuple(values)).scalar_one()


def post_batch(session: Session, bank_id: str, batch: Batch, at: datetime) -> list[int]:
    """Post a batch and return the posting function's result codes, one per item."""
    values = (
        to_uuid("bank", bank_id),
        at,
        *(getattr(batch, field.name) for field in fields(Batch)),
    )
    return session.exec_driver_sql(_CALL, values).scalar_one()


def read_hold_terms(
    session: Session, bank_id: str, hold_ids: Sequence[UUID]
) -> dict[UUID, HoldTerms]:
    """Return what never changes about holds; those not placed yet are missing."""
    if not hold_ids:
        return {}
    query = """SELECT hold_id, debit_id, credit_id, effective_on FROM ledger.holds
               WHERE bank_id = %b AND hold_id = ANY (%b)"""
    rows = session.exec_driver_sql(query, (to_uuid("bank", bank_id), list(hold_ids)))
    return {row.hold_id: HoldTerms(row.debit_id, row.credit_id, row.effective_on) for row in rows}
