"""Seal what was posted, prove the seals from the data alone, and prove one transfer to anyone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jiuding.base.database.engine import Session
from jiuding.base.ids import from_uuid, to_uuid
from jiuding.base.problems import ensure
from jiuding.kernel.ledger.errors import NotSealed, TransferNotFound
from jiuding.kernel.ledger.rules import sealing as rules
from jiuding.kernel.ledger.store import sealing as store
from jiuding.kernel.ledger.types import Finding, Seal, Verification


def seal_transfers(session: Session, *, bank_id: str, now: datetime) -> Seal | None:
    """Seal one block of the transfers that wait, and return its seal; None when nothing waits.

    A block holds up to `SEAL_BLOCK_MAX` transfers in recorded order. A worker calls this, each time
    in a transaction of its own, until nothing waits. What waits is committed, so a transaction that
    commits late is sealed in a later block and never left out.
    """
    ids = store.take_waiting(session, bank_id, rules.BLOCK_MAX)
    if not ids:
        return None
    block = store.read_leaves(session, bank_id, ids)
    ensure(len(block) == len(ids), "every transfer that waits for a seal is there")
    last = store.last_seal(session, bank_id)
    seal = rules.seal_of(
        to_uuid("bank", bank_id),
        last.number + 1 if last else 1,
        now,
        last.seal if last else rules.NO_SEAL,
        rules.root_of([leaf for _, leaf in block]),
        len(block),
    )
    store.add_seal(session, bank_id, seal, block)
    return seal


def verify_seals(session: Session, *, bank_id: str, head: str | None = None) -> Verification:
    """Recompute the whole chain from the data and tell the first thing that is not as sealed.

    `head` is a seal, in hex, that was kept elsewhere: without it, someone who may write everything
    could have made a whole new chain. Give a session with a snapshot (REPEATABLE READ). Reads every
    transfer: slow on purpose.
    """
    previous, number, sealed, seen = rules.NO_SEAL, 0, 0, head is None
    finding: Finding | None = None
    for seal, ids, leaves in store.every_block(session, bank_id):
        number += 1
        made = rules.seal_of(
            to_uuid("bank", bank_id), number, seal.sealed_at, previous,
            rules.root_of(leaves) if leaves else rules.NO_SEAL, len(leaves),
        )  # fmt: skip
        if made != seal or len(ids) != len(leaves):
            finding = Finding("ledger.seal_broken", f"seal {number} is not that of its block")
            break
        finding = _touched(dict(store.read_leaves(session, bank_id, ids)), ids, leaves, number)
        if finding is not None:
            break
        previous, sealed = seal.seal, sealed + len(ids)
        seen = seen or seal.seal.hex() == head
    posted, waiting = store.counts(session, bank_id)
    if finding is None and not seen:
        finding = Finding(
            "ledger.seal_unknown", "the chain does not lead to the seal that is known"
        )
    if finding is None and posted != sealed + waiting:
        found = store.never_posted(session, bank_id)
        ids_found = () if found is None else (from_uuid("trf", found),)
        finding = Finding("ledger.transfer_unsealed", "rows were added past the ledger", ids_found)
    return Verification(number, sealed, waiting, previous.hex(), finding)


def _touched(now: dict, ids: list, leaves: list[bytes], number: int) -> Finding | None:
    """Return the first row of a block that is not as it was sealed."""
    for transfer_id, leaf in zip(ids, leaves, strict=True):
        if now.get(transfer_id) == leaf:
            continue
        shown = (from_uuid("trf", transfer_id),)
        if transfer_id not in now:
            return Finding("ledger.transfer_missing", f"deleted after seal {number}", shown)
        return Finding("ledger.transfer_touched", f"changed after seal {number}", shown)
    return None


def export_proof(session: Session, *, bank_id: str, transfer_id: str) -> dict[str, Any]:
    """Return a proof of one transfer that `check_proof` can check without the database.

    Refuses: TransferNotFound; NotSealed while it waits for its seal.
    """
    wanted = to_uuid("trf", transfer_id)
    content = store.read_content(session, bank_id, wanted)
    if content is None:
        raise TransferNotFound(f"{transfer_id} was not posted here", transfer_id=transfer_id)
    number = store.block_of(session, bank_id, wanted)
    if number is None:
        raise NotSealed(f"{transfer_id} waits for its seal", transfer_id=transfer_id)
    _, ids, leaves = next(store.every_block(session, bank_id, first=number))
    seals = store.seals_from(session, bank_id, number, rules.PROOF_SEALS_MAX)
    return rules.proof_of(to_uuid("bank", bank_id), content, leaves, ids.index(wanted), seals)
