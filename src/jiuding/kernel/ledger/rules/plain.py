"""From whole batches of plain transfers to what they do to each account, worked out at once.

A batch is *plain* when its items are transfers of one asset without links, marks or reversals, of
distinct ids and positive amounts between two accounts each. If every one of them is posted, what
the batch does to an account is known without the account: its sums, its number of postings, and how
far from the balance before it each posting leaves it. The database then holds the furthest points
against the account's limits, and so decides the batch exactly as item by item, or leaves it to be
decided so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np

from jiuding.base.amounts import UNITS_MAX
from jiuding.base.ids import to_uuid, to_uuids
from jiuding.kernel.ledger.types import Instruction, NewTransfer


@dataclass(frozen=True, slots=True)
class PlainBatch:
    """The arguments of `ledger.post_plain`, named and ordered as there (see its comment).

    Arrays of accounts have shape (a,), arrays of items shape (n,); ids are V16.
    """

    asset: str
    scale: int
    code_names: list[str]
    day_names: list[date]
    accounts: np.ndarray
    debits: np.ndarray
    credits: np.ndarray
    counts: np.ndarray
    lows: np.ndarray
    highs: np.ndarray
    lasts: np.ndarray
    ids: np.ndarray
    d_ix: np.ndarray
    c_ix: np.ndarray
    amounts: np.ndarray
    code_ix: np.ndarray
    day_ix: np.ndarray
    abouts: list[str | None] | None
    d_behind: np.ndarray
    c_behind: np.ndarray
    d_left: np.ndarray
    c_left: np.ndarray
    d_previous: np.ndarray
    c_previous: np.ndarray
    first_id: UUID
    last_id: UUID


def is_plain(item: Instruction) -> bool:
    """Return whether an instruction can be one of a plain batch."""
    return (
        type(item) is NewTransfer
        and not item.is_linked
        and item.reverses_id is None
        and item.mark_id is None
    )


def is_plain_alone(instructions: Sequence[Instruction]) -> bool:
    """Return whether these are one transfer that needs no batch."""
    item = instructions[0]
    return (
        len(instructions) == 1
        and is_plain(item)
        and item.amount.units > 0
        and item.debit_id != item.credit_id
    )


def prepare(instructions: Sequence[Instruction]) -> PlainBatch | None:
    """Return the arrays of a plain batch; None for any other batch.

    Refuses: BadId for an id of another kind.
    """
    if not all(map(is_plain, instructions)):
        return None
    ids = [item.transfer_id for item in instructions]
    debit_ids = [item.debit_id for item in instructions]
    credit_ids = [item.credit_id for item in instructions]
    amounts = [item.amount for item in instructions]
    units = np.array([amount.units for amount in amounts], dtype=np.int64)
    if len(set(ids)) < len(ids) or units.min() <= 0 or int(units.max()) * len(ids) > UNITS_MAX:
        return None
    # Printed ids sort as the ids do, so the accounts come out in the order of locks.
    names = sorted({*debit_ids, *credit_ids})
    place = {name: number for number, name in enumerate(names)}
    sides = np.empty((len(ids), 2), dtype=np.int32)
    sides[:, 0] = [place[name] for name in debit_ids]
    sides[:, 1] = [place[name] for name in credit_ids]
    assets, _ = _distinct([amount.asset for amount in amounts])
    if len(assets) > 1 or (sides[:, 0] == sides[:, 1]).any():
        return None
    codes, code_ix = _distinct([item.code for item in instructions])
    days, day_ix = _distinct([item.effective_on for item in instructions])
    abouts = [item.about for item in instructions]
    return PlainBatch(
        asset=assets[0].code,
        scale=assets[0].scale,
        code_names=codes,
        day_names=days,
        accounts=to_uuids("acc", names),
        ids=to_uuids("trf", ids),
        amounts=units,
        code_ix=code_ix + 1,
        day_ix=day_ix + 1,
        abouts=abouts if any(abouts) else None,
        first_id=to_uuid("trf", min(ids)),
        last_id=to_uuid("trf", max(ids)),
        **effects(len(names), sides, units),
    )


def _distinct(values: list) -> tuple[list, np.ndarray]:
    """Return the different values and each value's place among them, shape (n,)."""
    first = values[0]
    if all(value is first for value in values):
        return [first], np.zeros(len(values), dtype=np.int16)
    place: dict = {}
    places = np.array([place.setdefault(value, len(place)) for value in values], dtype=np.int16)
    return list(place), places


def effects(count: int, sides: np.ndarray, units: np.ndarray) -> dict[str, np.ndarray]:
    """Return what the postings do to each account and leave behind, in credits less debits.

    `sides` has shape (n, 2): each item's debit and credit account, from 0 below `count`; every
    account stands in an item. `units` has shape (n,). The keys are fields of `PlainBatch`.
    """
    accounts = sides.reshape(-1)
    changes = np.stack([-units, units], axis=1).reshape(-1)
    order = np.argsort(accounts, kind="stable")
    sorted_changes = changes[order]
    counts = np.bincount(accounts, minlength=count)
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    running = np.cumsum(sorted_changes)
    before = running[starts] - sorted_changes[starts]
    after = running - np.repeat(before, counts)
    last = after[starts + counts - 1]
    # Limits are looked at where they can be crossed: below after a debit, above after a credit.
    is_debit = sorted_changes < 0
    behind = np.empty_like(after)
    behind[order] = after - np.repeat(last, counts)
    left = np.empty_like(after)
    left[order] = np.repeat(starts + counts - 1, counts) - np.arange(len(after))
    # An account stands once in an item, so a posting's item is its place among both sides halved.
    item_of = order // 2 + 1
    previous = np.empty_like(after)
    previous[order] = np.concatenate(([0], item_of[:-1]))
    previous[order[starts]] = 0
    behind, left, previous = (each.reshape(-1, 2) for each in (behind, left, previous))
    return {
        "debits": np.add.reduceat(np.where(is_debit, -sorted_changes, 0), starts),
        "credits": np.add.reduceat(np.where(is_debit, 0, sorted_changes), starts),
        "counts": counts,
        "lows": np.minimum.reduceat(np.where(is_debit, after, UNITS_MAX), starts),
        "highs": np.maximum.reduceat(np.where(is_debit, -UNITS_MAX, after), starts),
        "lasts": item_of[starts + counts - 1],
        "d_ix": sides[:, 0] + 1,
        "c_ix": sides[:, 1] + 1,
        "d_behind": behind[:, 0],
        "c_behind": behind[:, 1],
        "d_left": left[:, 0],
        "c_left": left[:, 1],
        "d_previous": previous[:, 0],
        "c_previous": previous[:, 1],
    }
