"""From instructions to the arrays that the posting function takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from uuid import UUID

from jiuding.base.amounts import Asset
from jiuding.base.ids import to_uuid
from jiuding.kernel.ledger.errors import BadInstruction, BatchTooLarge
from jiuding.kernel.ledger.types import (
    Capture,
    Instruction,
    NewHold,
    NewTransfer,
    Outcome,
    Refusal,
    Result,
    Void,
)

BATCH_MAX = 8192
ABOUT_LENGTH_MAX = 128

TRANSFER, HOLD, CAPTURE, VOID, EXPIRE = range(5)

_CODE = re.compile(r"^[a-z][a-z_]*\.[a-z][a-z0-9_]*$")
_ABOUT = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.:/-]*$")
_REFUSALS = {refusal.value: refusal for refusal in Refusal}


@dataclass(frozen=True, slots=True)
class HoldTerms:
    """What never changes about a hold: between whom, and the day on which it counts as outflow."""

    debit: UUID
    credit: UUID
    effective_on: date


@dataclass(frozen=True, slots=True)
class Batch:
    """The arguments of `ledger.post_batch`, named and ordered as there (see its comment)."""

    ids: list[UUID]
    accounts: list[UUID]
    d_ix: list[int | None]
    c_ix: list[int | None]
    amounts: list[int | None]
    assets: list[str]
    asset_ix: list[int | None]
    codes: list[str | None]
    abouts: list[str | None]
    days: list[date | None]
    links: list[bool]
    repeats: list[int] | None
    verbs: list[int] | None
    hold_ids: list[UUID] | None
    h_ix: list[int | None] | None
    expiries: list[datetime | None] | None
    finals: list[bool] | None
    out_days: list[date | None] | None
    reverses: list[UUID | None] | None
    marks: list[UUID | None] | None


def asset_name(asset: Asset) -> str:
    """Return the asset and its scale in one word, as the posting function compares them."""
    return f"{asset.code}/{asset.scale}"


def id_of(instruction: Instruction) -> str:
    """Return the id that the caller gave the instruction; a void goes by its hold's."""
    if isinstance(instruction, (NewTransfer, Capture)):
        return instruction.transfer_id
    return instruction.hold_id


def verb_of(instruction: Instruction) -> int:
    """Return the posting function's number for the instruction."""
    if isinstance(instruction, NewTransfer):
        return TRANSFER
    if isinstance(instruction, NewHold):
        return HOLD
    if isinstance(instruction, Capture):
        return CAPTURE
    return EXPIRE if instruction.is_expiry else VOID


def is_code(text: str) -> bool:
    """Return whether the text reads `package.snake_words`."""
    return len(text) <= ABOUT_LENGTH_MAX and _CODE.match(text) is not None


def is_id(text: str) -> bool:
    """Return whether the text can be an id or a word: ASCII, no spaces, not too long."""
    return len(text) <= ABOUT_LENGTH_MAX and _ABOUT.match(text) is not None


def check(instructions: Sequence[Instruction]) -> None:
    """Check the shapes that no outcome is kept for.

    Refuses: BatchTooLarge; BadInstruction for a code that is not `package.snake_words` or an
    `about` that is not an id.
    """
    if len(instructions) > BATCH_MAX:
        raise BatchTooLarge(f"{len(instructions)} instructions; at most {BATCH_MAX} in one batch")
    for instruction in instructions:
        if isinstance(instruction, Void):
            continue
        if not is_code(instruction.code):
            raise BadInstruction(f"{instruction.code[:40]!r} is not a code like package.words")
        about = instruction.about
        if about is not None and not is_id(about):
            raise BadInstruction(f"{about[:40]!r} is not an id")


def hold_ids_of(instructions: Iterable[Instruction]) -> list[UUID]:
    """Return the holds that the batch captures or voids, in id order."""
    named = {item.hold_id for item in instructions if isinstance(item, (Capture, Void))}
    return sorted(to_uuid("hld", hold_id) for hold_id in named)


def prepare(
    instructions: Sequence[Instruction],
    holds: Mapping[UUID, HoldTerms],
) -> Batch:
    """Return the arrays for the posting function.

    `holds` tells the terms of the holds that were placed before.
    Refuses: BadId for an id of another kind.
    """
    plain = all(isinstance(item, NewTransfer) for item in instructions)
    ids = _ids(instructions)
    terms = dict(holds)
    if not plain:
        for place, item in enumerate(instructions):
            if isinstance(item, NewHold):
                terms.setdefault(ids[place], _terms(item))
    sides = _sides(instructions, terms)
    found = {side for pair in sides for side in pair if side is not None}
    accounts = sorted(found, key=attrgetter("int"))
    account_ix = {account: place for place, account in enumerate(accounts, 1)}
    amounts = [getattr(item, "amount", None) for item in instructions]
    assets = sorted({asset_name(amount.asset) for amount in amounts if amount is not None})
    asset_place = {name: place for place, name in enumerate(assets, 1)}
    reverses = [getattr(item, "reverses_id", None) for item in instructions]
    marks = [getattr(item, "mark_id", None) for item in instructions]
    return Batch(
        ids=ids,
        accounts=accounts,
        d_ix=[account_ix.get(debit) for debit, _ in sides],
        c_ix=[account_ix.get(credit) for _, credit in sides],
        amounts=[None if amount is None else amount.units for amount in amounts],
        assets=assets,
        asset_ix=[
            None if amount is None else asset_place[asset_name(amount.asset)] for amount in amounts
        ],
        codes=[getattr(item, "code", None) for item in instructions],
        abouts=[getattr(item, "about", None) for item in instructions],
        days=[getattr(item, "effective_on", None) for item in instructions],
        links=[item.is_linked for item in instructions],
        repeats=_repeats(instructions),
        reverses=_maybe(reverses, lambda text: to_uuid("trf", text)),
        marks=_maybe(marks, lambda text: to_uuid("mrk", text)),
        **_held(instructions, ids, terms, plain),
    )


def _ids(instructions: Sequence[Instruction]) -> list[UUID]:
    return [
        to_uuid("trf", item.transfer_id)
        if isinstance(item, (NewTransfer, Capture))
        else to_uuid("hld", item.hold_id)
        for item in instructions
    ]


def _terms(item: NewHold) -> HoldTerms:
    return HoldTerms(
        to_uuid("acc", item.debit_id), to_uuid("acc", item.credit_id), item.effective_on
    )


def _sides(
    instructions: Sequence[Instruction], terms: Mapping[UUID, HoldTerms]
) -> list[tuple[UUID | None, UUID | None]]:
    seen: dict[str, UUID] = {}

    def account(text: str) -> UUID:
        found = seen.get(text)
        if found is None:
            found = seen[text] = to_uuid("acc", text)
        return found

    sides: list[tuple[UUID | None, UUID | None]] = []
    for item in instructions:
        if isinstance(item, (NewTransfer, NewHold)):
            sides.append((account(item.debit_id), account(item.credit_id)))
        else:
            known = terms.get(to_uuid("hld", item.hold_id))
            sides.append((None, None) if known is None else (known.debit, known.credit))
    return sides


def _repeats(instructions: Sequence[Instruction]) -> list[int] | None:
    """Return for each item the place of the first with its id, negative for other content."""
    first: dict[str, int] = {}
    repeats = []
    for place, item in enumerate(instructions, 1):
        # A void names the hold it ends and has no id of its own.
        earlier = place if isinstance(item, Void) else first.setdefault(id_of(item), place)
        if earlier == place:
            repeats.append(0)
        else:
            same = _content(item) == _content(instructions[earlier - 1])
            repeats.append(earlier if same else -earlier)
    return repeats if any(repeats) else None


def _content(item: Instruction) -> tuple:
    values = (getattr(item, name) for name in type(item).__slots__ if name != "is_linked")
    return (type(item).__name__, *values)


def _maybe(values: list, convert: Callable) -> list | None:
    if all(value is None for value in values):
        return None
    return [None if value is None else convert(value) for value in values]


def _held(
    instructions: Sequence[Instruction],
    ids: Sequence[UUID],
    terms: Mapping[UUID, HoldTerms],
    plain: bool,
) -> dict[str, list | None]:
    """Return the arrays that only holds need; all None in a batch of plain transfers."""
    names = ("verbs", "hold_ids", "h_ix", "expiries", "finals", "out_days")
    if plain:
        return dict.fromkeys(names)
    named = [
        None if isinstance(item, NewTransfer)
        else ids[place] if isinstance(item, NewHold)
        else to_uuid("hld", item.hold_id)
        for place, item in enumerate(instructions)
    ]  # fmt: skip
    hold_ids = sorted({hold for hold in named if hold is not None})
    hold_ix = {hold: place for place, hold in enumerate(hold_ids, 1)}
    out_days = []
    for item, hold in zip(instructions, named, strict=True):
        if isinstance(item, Void):
            # What is given back counts on the day on which it was held.
            out_days.append(terms[hold].effective_on if hold in terms else None)
        else:
            out_days.append(None if isinstance(item, Capture) else item.effective_on)
    return {
        "verbs": [verb_of(item) for item in instructions],
        "hold_ids": hold_ids,
        "h_ix": [hold_ix.get(hold) for hold in named],
        "expiries": [getattr(item, "expires_at", None) for item in instructions],
        "finals": [getattr(item, "is_final", False) for item in instructions],
        "out_days": out_days,
    }


def outcomes(instructions: Sequence[Instruction], results: Sequence[int]) -> tuple[Outcome, ...]:
    """Return one outcome per instruction from the posting function's numbers."""
    return tuple(
        outcome(id_of(item), result) for item, result in zip(instructions, results, strict=True)
    )


def outcome(identity: str, result: int) -> Outcome:
    """Return the outcome that a result number stands for."""
    if result == 0:
        return Outcome(identity, Result.POSTED)
    if result == 1:
        return Outcome(identity, Result.EXISTS)
    return Outcome(identity, Result.REFUSED, _REFUSALS[result])
