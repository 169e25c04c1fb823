"""The call of the posting function; `%b` sends its arrays in binary, which costs half of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from jiuding.base.database.engine import Session
from jiuding.base.ids import to_uuid
from jiuding.kernel.ledger.rules.batch import Batch, HoldTerms

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
