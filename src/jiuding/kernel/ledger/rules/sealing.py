"""The hash chain: leaves, Merkle trees, seals, and the proof that needs no database.

A transfer's leaf is SHA-256 over a byte 0 and its content; a node is SHA-256 over a byte 1 and its
two children; a block of n leaves has the root of RFC 6962, section 2.1. A seal is SHA-256 over a
byte 2 and the block's head, in which the seal before it stands. So one seal vouches for every
transfer up to it: whoever keeps it elsewhere can tell if anything before it was changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from jiuding.base.ids import from_uuid
from jiuding.kernel.ledger.errors import ProofBroken
from jiuding.kernel.ledger.types import Seal

BLOCK_MAX = 8192
LEAF_BYTES = 32
NO_SEAL = bytes(LEAF_BYTES)
PROOF_SEALS_MAX = 100_000
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def leaf_of(content: str) -> bytes:
    """Return the leaf of a transfer's content, as the database computes it."""
    return hashlib.sha256(b"\0" + content.encode()).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def _half(count: int) -> int:
    """Return the largest power of two below a count of two or more."""
    return 1 << ((count - 1).bit_length() - 1)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over one or more leaves."""
    level = list(leaves)
    while len(level) > 1:
        # Pairs from the left, an odd one passes up: the same tree as that of RFC 6962.
        pairs = [_node(*level[place : place + 2]) for place in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def path_of(leaves: Sequence[bytes], place: int) -> list[bytes]:
    """Return the nodes beside a leaf's way to the root, from the leaf upwards."""
    if len(leaves) == 1:
        return []
    half = _half(len(leaves))
    if place < half:
        return [*path_of(leaves[:half], place), root_of(leaves[half:])]
    return [*path_of(leaves[half:], place - half), root_of(leaves[:half])]


def root_by_path(leaf: bytes, place: int, count: int, path: Sequence[bytes]) -> bytes:
    """Return the root to which a leaf and its path lead.

    Refuses: ProofBroken when the path has another length than such a place has.
    """
    if count == 1:
        if path:
            raise ProofBroken("the path is longer than the tree is high")
        return leaf
    if not path:
        raise ProofBroken("the path is shorter than the tree is high")
    half = _half(count)
    if place < half:
        return _node(root_by_path(leaf, place, half, path[:-1]), path[-1])
    return _node(path[-1], root_by_path(leaf, place - half, count - half, path[:-1]))


def seal_of(
    bank: UUID, number: int, at: datetime, previous: bytes, root: bytes, count: int
) -> Seal:
    """Return the seal of a block whose leaves have this root."""
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    head = json.dumps([str(bank), number, micros, previous.hex(), root.hex(), count])
    return Seal(
        number=number,
        sealed_at=at,
        previous=previous,
        root=root,
        transfer_count=count,
        seal=hashlib.sha256(b"\2" + head.encode()).digest(),
    )


def split_leaves(joined: bytes) -> list[bytes]:
    """Return the leaves that were stored one after another."""
    return [joined[start : start + LEAF_BYTES] for start in range(0, len(joined), LEAF_BYTES)]


def proof_of(
    bank: UUID, content: str, leaves: Sequence[bytes], place: int, seals: Sequence[Seal]
) -> dict[str, Any]:
    """Return the proof that a transfer stands in the chain: its block's seal, and all after it."""
    return {
        "bank": str(bank),
        "content": content,
        "place": place,
        "path": [node.hex() for node in path_of(leaves, place)],
        "seals": [
            {
                "number": seal.number,
                "sealed_at": seal.sealed_at.isoformat(),
                "previous": seal.previous.hex(),
                "root": seal.root.hex(),
                "transfer_count": seal.transfer_count,
                "seal": seal.seal.hex(),
            }
            for seal in seals
        ],
    }


def check_proof(proof: Mapping[str, Any], *, head: str | None = None) -> dict[str, Any]:
    """Check a proof without any database and return the transfer's fields and the last seal.

    `head` is a seal, in hex, that the checker kept or was told by someone else than the prover: it
    must be one of the proof's. Without it the proof only shows that it fits together.
    Refuses: ProofBroken.
    """
    try:
        return _check_proof(proof, head)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        raise ProofBroken("this is not a proof") from error


def _check_proof(proof: Mapping[str, Any], head: str | None) -> dict[str, Any]:
    bank, content, written = UUID(proof["bank"]), proof["content"], proof["seals"]
    if not 0 < len(written) <= PROOF_SEALS_MAX:
        raise ProofBroken(f"a proof has 1 to {PROOF_SEALS_MAX} seals")
    first = written[0]
    count, place = int(first["transfer_count"]), int(proof["place"])
    if not 0 <= place < count <= BLOCK_MAX:
        raise ProofBroken("the transfer has no such place")
    path = [bytes.fromhex(node) for node in proof["path"]]
    root = root_by_path(leaf_of(content), place, count, path)
    if root.hex() != first["root"]:
        raise ProofBroken("the transfer is not what was sealed")
    previous, number = bytes.fromhex(first["previous"]), int(first["number"])
    for told in written:
        made = seal_of(
            bank,
            number,
            datetime.fromisoformat(told["sealed_at"]),
            previous,
            bytes.fromhex(told["root"]),
            int(told["transfer_count"]),
        )
        if made.seal.hex() != told["seal"]:
            raise ProofBroken(f"seal {number} does not follow from the one before it")
        previous, number = made.seal, number + 1
    if head is not None and head not in {told["seal"] for told in written}:
        raise ProofBroken("the chain does not lead to the seal that is known")
    fields = dict(zip(FIELDS, json.loads(content), strict=True))
    if fields["bank"] != str(bank):
        raise ProofBroken("the transfer is another bank's")
    shown = from_uuid("trf", UUID(fields["transfer"]))
    return {"transfer_id": shown, "fields": fields, "seal": previous.hex()}


# What a transfer's content holds, in its order; ids are bare uuids, the instant microseconds.
FIELDS = (
    "bank", "transfer", "debit", "credit", "units", "code", "about", "effective_on", "recorded_at",
    "debit_number", "credit_number", "debit_after", "credit_after", "hold", "reverses",
)  # fmt: skip
