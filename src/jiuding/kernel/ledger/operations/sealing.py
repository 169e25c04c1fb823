"""Seal what was posted, prove the seals from the data alone, and prove one transfer to anyone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from jiuding.base.database.engine import Session
from jiuding.base.ids import from_uuid, to_uuid
from jiuding.base.problems import ensure
from jiuding.kernel.ledger.errors import (
    NotSealed,
    SealUnknown,
    TransferNotFound,
    TransferTouched,
)
from jiuding.kernel.ledger.rules import sealing as rules
from jiuding.kernel.ledger.store import rolling
from jiuding.kernel.ledger.store import sealing as store
from jiuding.kernel.ledger.types import Finding, Seal, Verification


def seal_transfers(
    session: Session, *, bank_id: str, now: datetime, as_they_are: bool = False
) -> Seal | None:
    """Seal one block of the transfers that wait, and return its seal; None when nothing waits.

    A block holds up to `SEAL_BLOCK_MAX` transfers in recorded order. A worker calls this, each time
    in a transaction of its own, until nothing waits. What waits is committed, so a transaction that
    commits late is sealed in a later block and never left out. A posting of which a row is gone, or
    was written after the posting, is not sealed: `verify_seals` names the row. `as_they_are` seals
    those that were written later after all, such as after a restore from a dump.
    """
    batches, block = _sound_block(session, bank_id, as_they_are)
    if not batches:
        return None
    ensure(block.count * rules.HASH_BYTES == len(block.leaves), "a block has a leaf for each")
    store.index_postings(session, bank_id, block)
    rolling.hand_on(session, bank_id, batches)
    chain = _chain(session, bank_id)
    root = rules.root_of(block.leaves)
    seal = chain.next(to_uuid("bank", bank_id), now, root, block.count)
    completed = rules.completed_by(seal.number, seal.seal, chain.peaks)
    store.add_seal(session, bank_id, seal, block, b"".join(completed))
    return seal


def _sound_block(
    session: Session, bank_id: str, as_they_are: bool
) -> tuple[Sequence[UUID], store.Block]:
    """Return batches for a block, passing over those that are not as they were posted."""
    passed: set[UUID] = set()
    while True:
        batches = store.take_batches(session, bank_id, passed)
        block, doubtful_count = store.take_block(session, bank_id, batches)
        if doubtful_count == 0:
            return batches, block
        found = store.doubtful(session, bank_id, batches)
        bad = {row.first_id for row in found if row.is_gone or not as_they_are}
        if not bad:
            return batches, block
        passed |= bad


def _chain(session: Session, bank_id: str) -> rules.Chain:
    """Return where a bank's chain has come to."""
    last = store.find_seal(session, bank_id)
    if last is None:
        return rules.Chain()
    parts = rules.whole_parts(0, last.number)
    nodes = store.read_nodes(session, bank_id, parts)
    ensure(len(nodes) == len(parts), "every seal keeps the subtrees that it completes")
    return rules.Chain(last.number, last.seal, tuple(nodes[part] for part in parts))


def seal_state(session: Session, *, bank_id: str) -> tuple[Seal | None, int]:
    """Return the newest seal, if there is one, and how many transfers wait for theirs."""
    return store.find_seal(session, bank_id), store.count_waiting(session, bank_id)


def verify_seals(
    session: Session, *, bank_id: str, head: str | None = None, newest: int | None = None
) -> Verification:
    """Recompute the whole chain from the data and tell the first thing that is not as sealed.

    `head` is a seal, in hex, that was kept elsewhere: without it, someone who may write everything
    could have made a whole new chain. `newest` looks at so many blocks only. Give a session with a
    snapshot (REPEATABLE READ). Reads every transfer, a few blocks at a time.
    """
    bank, chain, sealed = to_uuid("bank", bank_id), rules.Chain(), 0
    last, is_seen = store.find_seal(session, bank_id), head is None
    finding: Finding | None = None
    if newest is not None and last is not None and last.number > newest:
        chain = _chain_at(session, bank_id, last.number - newest)
    first = chain.number + 1
    for block in store.every_block(session, bank_id, first=first, now=True):
        finding = _broken(bank, chain, block) or _touched(session, bank_id, block)
        if finding is not None:
            break
        chain = chain.after(block.seal, rules.split(block.nodes))
        sealed += block.seal.transfer_count
        is_seen = is_seen or block.seal.seal.hex() == (head or "").lower()
    waiting = store.count_waiting(session, bank_id)
    if finding is None and not is_seen:
        finding = Finding(
            "ledger.seal_unknown", "the chain does not lead to the seal that is known"
        )
    finding = finding or _waiting_touched(session, bank_id)
    if finding is None and first == 1:
        finding = _beside_the_seals(session, bank_id, sealed + waiting)
    return Verification(chain.number, sealed, waiting, chain.seal.hex(), finding)


def _chain_at(session: Session, bank_id: str, number: int) -> rules.Chain:
    """Return where the chain had come to at an earlier seal, as it is written."""
    parts = rules.whole_parts(0, number)
    nodes = store.read_nodes(session, bank_id, parts)
    seal = store.find_seal(session, bank_id, number=number)
    peaks = tuple(nodes.get(part, rules.NO_SEAL) for part in parts)
    return rules.Chain(number, seal.seal if seal else rules.NO_SEAL, peaks)


def _broken(bank: UUID, chain: rules.Chain, block: store.SealedBlock) -> Finding | None:
    """Return what is wrong with a seal as it is written, taken by itself."""
    told = block.seal
    made = chain.next(bank, told.sealed_at, rules.root_of(block.leaves), told.transfer_count)
    completed = rules.completed_by(made.number, made.seal, chain.peaks)
    is_whole = len(block.leaves) == rules.HASH_BYTES * told.transfer_count
    if made == told and is_whole and block.nodes == b"".join(completed):
        return None
    return Finding("ledger.seal_broken", f"seal {made.number} is not that of its block")


def _touched(session: Session, bank_id: str, block: store.SealedBlock) -> Finding | None:
    """Return the first row of a block that is not as it was sealed."""
    now, number = block.now, block.seal.number
    ensure(now is not None, "the block was read with its rows")
    if now is not None and now.leaves == block.leaves:
        if (now.first_at, now.last_at) == (block.first_at, block.last_at):
            return None
        return Finding("ledger.seal_broken", f"seal {number} tells another time than its block")
    found = store.leaves_now(session, bank_id, block)
    if set(found.values()) == set(rules.split(block.leaves)):
        return Finding("ledger.seal_broken", f"seal {number} does not name its block's transfers")
    for transfer_id, leaf in zip(store.ids_of(block), rules.split(block.leaves), strict=True):
        if found.get(transfer_id) == leaf:
            continue
        shown = (from_uuid("trf", transfer_id),)
        if transfer_id not in found:
            return Finding("ledger.transfer_missing", f"deleted after seal {number}", shown)
        return Finding("ledger.transfer_touched", f"changed after seal {number}", shown)
    return Finding("ledger.seal_broken", f"seal {number} names a transfer twice")


def _waiting_touched(session: Session, bank_id: str) -> Finding | None:
    """Return the first row that waits and is not as it was posted."""
    for row in store.doubtful(session, bank_id):
        shown = (from_uuid("trf", row.transfer_id),)
        if row.is_gone:
            return Finding("ledger.transfer_missing", "deleted before it was sealed", shown)
        return Finding("ledger.transfer_touched", "changed before it was sealed", shown)
    return None


def _beside_the_seals(session: Session, bank_id: str, covered: int) -> Finding | None:
    """Return a row that no posting wrote, or that counts for two.

    All that was sealed or waits was found before; so with nothing beside it, equal counts mean that
    nothing stands there twice.
    """
    found = store.never_posted(session, bank_id)
    if found is not None:
        words = "a row was added past the ledger"
        return Finding("ledger.transfer_unsealed", words, (from_uuid("trf", found),))
    if store.count_posted(session, bank_id) == covered:
        return None
    twice = store.covered_twice(session, bank_id)
    shown = () if twice is None else (from_uuid("trf", twice),)
    return Finding("ledger.sealed_twice", "a transfer was sealed or waits more than once", shown)


def export_proof(
    session: Session, *, bank_id: str, transfer_id: str, head: str | None = None
) -> dict[str, Any]:
    """Return a proof of one transfer that `check_proof` can check without the database.

    It leads to `head`, a seal in hex, or to the newest. Give a session with a snapshot.
    Refuses: TransferNotFound; NotSealed while it waits for its seal, or when the head is older than
    it; SealUnknown; TransferTouched when the row is not as it was sealed.
    """
    wanted, named = to_uuid("trf", transfer_id), {"transfer_id": transfer_id}
    row = store.read_content(session, bank_id, wanted)
    if row is None:
        raise TransferNotFound(f"{transfer_id} was not posted here", **named)
    number = store.block_of(session, bank_id, wanted, row.recorded_at)
    if number is None:
        raise NotSealed(f"{transfer_id} waits for its seal", **named)
    last = _named_seal(session, bank_id, head)
    if last.number < number:
        raise NotSealed(f"{transfer_id} was sealed after that seal, under {number}", **named)
    (block,) = store.every_block(session, bank_id, first=number, last=number)
    place = store.place_of(block, wanted)
    if rules.leaf_of(row.content) != rules.part_of(block.leaves, place, 1):
        raise TransferTouched(f"{transfer_id} was changed after seal {number}", **named)
    return rules.proof_of(
        to_uuid("bank", bank_id),
        row.content,
        rules.path_of(block.leaves, place),
        place,
        block.seal,
        last,
        _seals_path(session, bank_id, number, last.number),
    )


def _named_seal(session: Session, bank_id: str, head: str | None) -> Seal:
    """Return the newest seal, or the one that is written so."""
    try:
        wanted = None if head is None else bytes.fromhex(head)
    except ValueError:
        wanted = b""
    found = store.find_seal(session, bank_id, seal=wanted)
    if found is None:
        raise SealUnknown(f"no seal of this bank is {(head or '')[:64]!r}")
    return found


def _seals_path(session: Session, bank_id: str, number: int, last: int) -> list[bytes]:
    """Return the way from a seal up the tree of all seals before the last one."""
    if number == last:
        return []
    ranges: list[tuple[int, int]] = []

    def note(start: int, size: int) -> bytes:
        ranges.append((start, size))
        return b""

    rules.path_by(number - 1, last - 1, note)
    nodes = store.read_nodes(
        session, bank_id, [part for each in ranges for part in rules.whole_parts(*each)]
    )
    return [rules.fold([nodes[part] for part in rules.whole_parts(*each)]) for each in ranges[::-1]]
