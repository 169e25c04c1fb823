"""The hash chain: leaves, Merkle trees, seals, and the proof that needs no database.

A transfer's leaf is SHA-256 over a byte 0 and its content; a node is SHA-256 over a byte 1 and its
two children; a block of n leaves has the root of RFC 6962, section 2.1. A seal is SHA-256 over a
byte 2 and the block's head, in which stand the seal before it and the root of such a tree over all
seals before it, whose leaves are SHA-256 over a byte 0 and a seal. So one seal vouches for every
transfer up to it: whoever keeps it elsewhere can tell if anything before it was changed, and a
proof needs no more than the ways up two trees.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from jiuding.base.ids import from_uuid
from jiuding.kernel.ledger.errors import ProofBroken
from jiuding.kernel.ledger.types import Seal

BLOCK_MAX = 8192
HASH_BYTES = 32
NO_SEAL = bytes(HASH_BYTES)
# A path has a node for each level of a tree; none has more than 2^64 leaves.
PATH_MAX = 64
FORMAT = "jiuding.seal_proof.2"
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_EPOCH_DAY = date(1970, 1, 1)


def leaf_of(content: str | bytes) -> bytes:
    """Return the leaf of a transfer's content, as the database computes it, or of a seal."""
    told = content.encode() if isinstance(content, str) else content
    return hashlib.sha256(b"\0" + told).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def _half(count: int) -> int:
    """Return the largest power of two below a count of two or more."""
    return 1 << ((count - 1).bit_length() - 1)


def root_of(leaves: bytes) -> bytes:
    """Return the root over leaves that stand one after another; no leaves have no seal's root."""
    level, sha256, pair = leaves, hashlib.sha256, 2 * HASH_BYTES
    if not level:
        return NO_SEAL
    while len(level) > HASH_BYTES:
        # Pairs from the left, an odd one passes up: the same tree as that of RFC 6962.
        even = len(level) - len(level) % pair
        nodes = [sha256(b"\1" + level[at : at + pair]).digest() for at in range(0, even, pair)]
        level = b"".join(nodes) + level[even:]
    return level


def path_of(leaves: bytes, place: int) -> list[bytes]:
    """Return the nodes beside a leaf's way to the root, from the leaf upwards."""
    count = len(leaves) // HASH_BYTES
    return path_by(place, count, lambda start, size: root_of(part_of(leaves, start, size)))


def part_of(leaves: bytes, start: int, size: int) -> bytes:
    """Return some of the leaves that stand one after another."""
    return leaves[start * HASH_BYTES : (start + size) * HASH_BYTES]


def path_by(place: int, count: int, root: Callable[[int, int], bytes]) -> list[bytes]:
    """Return a leaf's path in a tree of some count, asking for the roots of ranges of leaves."""
    path: list[bytes] = []
    start = 0
    while count > 1:
        half = _half(count)
        if place < start + half:
            path.append(root(start + half, count - half))
            count = half
        else:
            path.append(root(start, half))
            start, count = start + half, count - half
    return path[::-1]


def root_by_path(leaf: bytes, place: int, count: int, path: Sequence[bytes]) -> bytes:
    """Return the root to which a leaf and its path lead.

    Refuses: ProofBroken when the path has another length than such a place has.
    """
    turns: list[bool] = []
    while count > 1:
        half = _half(count)
        turns.append(place < half)
        place, count = (place, half) if place < half else (place - half, count - half)
    if len(path) != len(turns):
        raise ProofBroken("the path is not as long as the tree is high")
    for is_left, beside in zip(reversed(turns), path, strict=True):
        leaf = _node(leaf, beside) if is_left else _node(beside, leaf)
    return leaf


def whole_parts(start: int, size: int) -> list[tuple[int, int]]:
    """Return the complete subtrees, as start and size, that a range of a tree consists of."""
    parts: list[tuple[int, int]] = []
    while size:
        part = 1 << (size.bit_length() - 1)
        parts.append((start, part))
        start, size = start + part, size - part
    return parts


def fold(roots: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees that stand side by side, the largest first."""
    if not roots:
        return NO_SEAL
    made = roots[-1]
    for root in reversed(roots[:-1]):
        made = _node(root, made)
    return made


def completed_by(number: int, seal: bytes, peaks: Sequence[bytes]) -> list[bytes]:
    """Return the subtrees that a seal completes, the smallest first: its own leaf, and so on up.

    `peaks` are the complete subtrees of all seals before it, the largest first.
    """
    made = [leaf_of(seal)]
    for level in range((number & -number).bit_length() - 1):
        made.append(_node(peaks[-1 - level], made[-1]))
    return made


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a chain has come to: its last number and seal, and the peaks of its tree of seals."""

    number: int = 0
    seal: bytes = NO_SEAL
    peaks: tuple[bytes, ...] = ()

    def next(self, bank: UUID, at: datetime, root: bytes, count: int) -> Seal:
        """Return the seal that follows over a block."""
        number, tree = self.number + 1, fold(self.peaks)
        return seal_of(bank, number, at, self.seal, root, tree, count)

    def after(self, seal: Seal, completed: Sequence[bytes]) -> Chain:
        """Return the chain with this seal at its end, and the subtrees that it completed."""
        kept = len(self.peaks) - (len(completed) - 1)
        return Chain(seal.number, seal.seal, (*self.peaks[:kept], completed[-1]))


def seal_of(
    bank: UUID, number: int, at: datetime, previous: bytes, root: bytes, tree: bytes, count: int
) -> Seal:
    """Return the seal of a block whose leaves have this root, after seals with this tree."""
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    head = json.dumps(
        [str(bank), number, micros, previous.hex(), root.hex(), tree.hex(), count],
        separators=(",", ":"),
    )
    return Seal(
        number=number,
        sealed_at=at,
        previous=previous,
        root=root,
        tree=tree,
        transfer_count=count,
        seal=hashlib.sha256(b"\2" + head.encode()).digest(),
    )


def split(joined: bytes) -> list[bytes]:
    """Return the digests that were stored one after another."""
    return [joined[start : start + HASH_BYTES] for start in range(0, len(joined), HASH_BYTES)]


def proof_of(
    bank: UUID,
    content: str,
    path: Sequence[bytes],
    place: int,
    seal: Seal,
    head: Seal,
    seals_path: Sequence[bytes],
) -> dict[str, Any]:
    """Return the proof that a transfer stands under a head: its block's seal, and the way there."""
    return {
        "format": FORMAT,
        "bank": str(bank),
        "content": content,
        "place": place,
        "path": [node.hex() for node in path],
        "seal": _written(seal),
        "seals_path": [node.hex() for node in seals_path],
        "head": _written(head),
    }


def _written(seal: Seal) -> dict[str, Any]:
    return {
        "number": seal.number,
        "sealed_at": seal.sealed_at.isoformat(),
        "previous": seal.previous.hex(),
        "root": seal.root.hex(),
        "tree": seal.tree.hex(),
        "transfer_count": seal.transfer_count,
    }


def check_proof(proof: Mapping[str, Any], *, head: str) -> dict[str, Any]:
    """Check a proof without any database and return the transfer's fields and its seal's number.

    `head` is a seal, in hex, that the checker kept or was told by someone else than the prover: it
    must be that to which the proof leads.
    Refuses: ProofBroken.
    """
    try:
        return _check_proof(proof, head)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise ProofBroken("this is not a proof") from error


def _check_proof(proof: Mapping[str, Any], known: str) -> dict[str, Any]:
    if proof["format"] != FORMAT:
        raise ProofBroken("the proof has another form")
    bank, content = UUID(proof["bank"]), proof["content"]
    seal, head = _read(bank, proof["seal"]), _read(bank, proof["head"])
    path, seals_path = (
        [bytes.fromhex(node) for node in proof[name][: PATH_MAX + 1]]
        for name in ("path", "seals_path")
    )
    place, count = int(proof["place"]), seal.transfer_count
    if not 0 <= place < count <= BLOCK_MAX:
        raise ProofBroken("the transfer has no such place")
    if root_by_path(leaf_of(content), place, count, path) != seal.root:
        raise ProofBroken("the transfer is not what was sealed")
    if not 0 < seal.number <= head.number < 1 << PATH_MAX:
        raise ProofBroken("the transfer was sealed after the head")
    if seal.number == head.number:
        if seal != head or seals_path:
            raise ProofBroken("the seal is not the head")
    elif root_by_path(leaf_of(seal.seal), seal.number - 1, head.number - 1, seals_path) != (
        head.tree
    ):
        raise ProofBroken("the seal does not stand under the head")
    if head.seal != bytes.fromhex(known):
        raise ProofBroken("the proof does not lead to the seal that is known")
    fields = dict(zip(FIELDS, json.loads(content), strict=True))
    if fields["bank"] != str(bank):
        raise ProofBroken("the transfer is another bank's")
    fields["effective_on"] = (_EPOCH_DAY + timedelta(days=fields["effective_on"])).isoformat()
    fields["recorded_at"] = (_EPOCH + timedelta(microseconds=fields["recorded_at"])).isoformat()
    return {
        "transfer_id": from_uuid("trf", UUID(fields["transfer"])),
        "fields": fields,
        "sealed_at": seal.sealed_at.isoformat(),
        "number": seal.number,
        "head_number": head.number,
        "head": head.seal.hex(),
    }


def _read(bank: UUID, told: Mapping[str, Any]) -> Seal:
    return seal_of(
        bank,
        int(told["number"]),
        datetime.fromisoformat(told["sealed_at"]),
        bytes.fromhex(told["previous"]),
        bytes.fromhex(told["root"]),
        bytes.fromhex(told["tree"]),
        int(told["transfer_count"]),
    )


# What a transfer's content holds, in its order; ids are bare uuids, the day counts from 1970-01-01
# and the instant is in microseconds from its beginning.
FIELDS = (
    "bank", "transfer", "debit", "credit", "units", "code", "about", "effective_on", "recorded_at",
    "debit_number", "credit_number", "debit_after", "credit_after", "hold", "reverses",
    "debit_previous", "credit_previous",
)  # fmt: skip
