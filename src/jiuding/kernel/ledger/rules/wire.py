"""Transfers as programs write and read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from jiuding.base.amounts import Amount, Asset
from jiuding.base.ids import to_uuid
from jiuding.base.problems import BadInput
from jiuding.kernel.ledger.types import MarkedAmount, NewTransfer, Outcome, Trace, TraceStep

# An id that claims a day other than one of these does not say when its transfer is effective.
ID_DAYS_BEFORE_MAX = 31
ID_DAYS_AFTER_MAX = 1


def transfer_of(
    written: Mapping[str, Any], assets: Mapping[str, Asset], *, place: int, now: datetime
) -> NewTransfer:
    """Return the instruction that one item of a request stands for; `place` counts from 0.

    Without `effective_on` it is the day, in UTC, on which the id was made: the id keeps its time,
    so the same item said again after midnight still stands for the same transfer.
    Refuses: BadId, BadAmount, BadInput.
    """
    transfer_id = written["transfer_id"]
    return NewTransfer(
        transfer_id=transfer_id,
        debit_id=written["debit_account_id"],
        credit_id=written["credit_account_id"],
        amount=Amount.parse(written["amount"], assets[written["asset"]]),
        code=written["code"],
        effective_on=written["effective_on"] or _day_of(transfer_id, place, now),
        about=written["about"],
        is_linked=written["linked"],
        mark_id=written["mark_id"],
    )


def _day_of(transfer_id: str, place: int, now: datetime) -> date:
    made = to_uuid("trf", transfer_id)
    field = f"transfers.{place}.effective_on"
    # The first 48 bits of a UUIDv7 are milliseconds since 1970 (RFC 9562 §5.7).
    millis = made.int >> 80
    today = now.astimezone(UTC).date()
    first, last = now - timedelta(ID_DAYS_BEFORE_MAX), now + timedelta(ID_DAYS_AFTER_MAX)
    if made.version != 7 or not first.timestamp() <= millis / 1000 <= last.timestamp():
        raise BadInput(
            f"state effective_on: the id of item {place} does not tell a day near {today}",
            field=field,
        )
    return datetime.fromtimestamp(millis / 1000, UTC).date()


def outcome_line(outcome: Outcome) -> dict[str, Any]:
    """Return one outcome as it goes on the wire; `code` says why when it is refused."""
    line: dict[str, Any] = {"transfer_id": outcome.id, "result": outcome.result.value}
    if outcome.code is not None:
        line["code"] = outcome.code
    return line


def marked_line(held: MarkedAmount) -> dict[str, Any]:
    """Return a mark on an account, and how much of the balance carries it."""
    mark, amount = held.mark, held.amount
    return {
        "mark_id": mark.mark_id,
        "origin": mark.origin,
        "purpose": mark.purpose,
        "forbidden_uses": list(mark.forbidden_uses),
        "amount": amount.text(),
        "asset": amount.asset.code,
    }


def trace_lines(trace: Trace) -> dict[str, Any]:
    """Return a trace: the mark, what is held of it, and its steps, oldest first."""
    return {
        **marked_line(MarkedAmount(trace.mark, trace.amount)),
        "steps": [step_line(step) for step in trace.steps],
        "is_whole": trace.is_whole,
    }


def step_line(step: TraceStep) -> dict[str, str]:
    """Return one transfer of a trace; `kept` is what stayed marked where it arrived."""
    return {
        "transfer_id": step.transfer_id,
        "debit_account_id": step.debit_id,
        "credit_account_id": step.credit_id,
        "marked_amount": step.amount.text(),
        "kept_amount": step.kept.text(),
        "code": step.code,
        "recorded_at": step.recorded_at.isoformat(),
    }
