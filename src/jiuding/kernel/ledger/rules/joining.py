"""Which waiting requests are posted together: the limits, and the order, of a joined batch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from jiuding.base.ids import to_uuid
from jiuding.kernel.ledger.rules.batch import BATCH_MAX, check
from jiuding.kernel.ledger.types import Capture, Instruction, NewHold, NewTransfer

_LETTERS = "[0-7][0-9a-hjkmnp-tv-z]{25}"
_ACCOUNT = re.compile(f"acc_{_LETTERS}")
_HOLD = re.compile(f"hld_{_LETTERS}")
_TRANSFER = re.compile(f"trf_{_LETTERS}")


def check_request(instructions: Sequence[Instruction]) -> None:
    """Check everything about a request that would otherwise stop the batch that it joins.

    Refuses: BatchTooLarge, BadInstruction, BadId.
    """
    check(instructions)
    for item in instructions:
        if isinstance(item, NewTransfer):
            _check_ids(_TRANSFER, "trf", (item.transfer_id,))
            if item.reverses_id is not None:
                _check_ids(_TRANSFER, "trf", (item.reverses_id,))
        elif isinstance(item, Capture):
            _check_ids(_TRANSFER, "trf", (item.transfer_id,))
            _check_ids(_HOLD, "hld", (item.hold_id,))
        else:
            _check_ids(_HOLD, "hld", (item.hold_id,))
        if isinstance(item, (NewTransfer, NewHold)):
            _check_ids(_ACCOUNT, "acc", (item.debit_id, item.credit_id))


def _check_ids(pattern: re.Pattern[str], prefix: str, ids: Iterable[str]) -> None:
    for text in ids:
        if not isinstance(text, str) or pattern.fullmatch(text) is None:
            to_uuid(prefix, text)  # says what is wrong with it


def ends_open(instructions: Sequence[Instruction]) -> bool:
    """Return whether a request ends inside a linked group.

    Nothing may follow it in a batch: the next request's first item would join its group, instead of
    the group being refused as open.
    """
    return instructions[-1].is_linked


def fits(count: int, instructions: Sequence[Instruction]) -> bool:
    """Return whether a request still has room in a batch that holds this many instructions."""
    return count + len(instructions) <= BATCH_MAX
