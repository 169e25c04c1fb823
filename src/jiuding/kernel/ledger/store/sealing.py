"""Queries of the sealer: what waits, what was sealed, and the leaves of transfers as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import text

from jiuding.base.database.engine import Session
from jiuding.base.ids import to_uuid
from jiuding.kernel.ledger.rules.sealing import split_leaves
from jiuding.kernel.ledger.store.rolling import hand_on
from jiuding.kernel.ledger.tables import seals
from jiuding.kernel.ledger.types import Seal

BATCHES_MAX = 1_024

# In the order of `rules.sealing.FIELDS`; jsonb writes the same text on every server.
_CONTENT = """jsonb_build_array(
    t.bank_id, t.transfer_id, t.debit_id, t.credit_id, t.units, t.code, t.about, t.effective_on,
    (extract(epoch FROM t.recorded_at) * 1000000)::bigint, t.debit_number, t.credit_number,
    t.debit_after, t.credit_after, t.hold_id, t.reverses_id)::text"""


def take_waiting(session: Session, bank_id: str, limit_max: int) -> list[UUID]:
    """Return transfers that wait for a seal, whole batches up to a limit, as waiting no more.

    Another sealer of the same bank waits here, and then finds what is left.
    """
    query = text(
        """SELECT first_id, transfer_ids FROM ledger.unsealed WHERE bank_id = :bank
           ORDER BY first_id LIMIT :limit FOR UPDATE"""
    )
    values = {"bank": to_uuid("bank", bank_id), "limit": BATCHES_MAX}
    taken: list[UUID] = []
    done: list[UUID] = []
    for row in session.execute(query, values):
        if taken and len(taken) + len(row.transfer_ids) > limit_max:
            break
        taken += row.transfer_ids
        done.append(row.first_id)
    if done:
        # What is sealed is next added up by day: see `operations.rolling`.
        hand_on(session, bank_id, done)
    return taken


def read_leaves(
    session: Session, bank_id: str, transfer_ids: Sequence[UUID]
) -> list[tuple[UUID, bytes]]:
    """Return transfers' leaves as the rows are now, in the order in which they were recorded."""
    query = text(
        f"""SELECT t.transfer_id, sha256('\\x00'::bytea || convert_to({_CONTENT}, 'UTF8')) AS leaf
            FROM ledger.transfers AS t WHERE t.bank_id = :bank AND t.transfer_id = ANY (:ids)
            ORDER BY t.recorded_at, t.transfer_id"""
    )
    values = {"bank": to_uuid("bank", bank_id), "ids": list(transfer_ids)}
    return [(row.transfer_id, bytes(row.leaf)) for row in session.execute(query, values)]


def read_content(session: Session, bank_id: str, transfer_id: UUID) -> str | None:
    """Return what a transfer's leaf is made of, or None."""
    query = text(
        f"SELECT {_CONTENT} FROM ledger.transfers AS t"
        " WHERE t.bank_id = :bank AND t.transfer_id = :id"
    )
    values = {"bank": to_uuid("bank", bank_id), "id": transfer_id}
    return session.execute(query, values).scalar_one_or_none()


def last_seal(session: Session, bank_id: str) -> Seal | None:
    """Return a bank's newest seal, or None."""
    query = seals.select().where(seals.c.bank_id == bank_id).order_by(seals.c.number.desc())
    row = session.execute(query.limit(1)).one_or_none()
    return None if row is None else _seal(row)


def _seal(row) -> Seal:
    return Seal(
        row.number, row.sealed_at, bytes(row.previous), bytes(row.root), len(row.transfer_ids),
        bytes(row.seal),
    )  # fmt: skip


def add_seal(
    session: Session, bank_id: str, seal: Seal, block: Sequence[tuple[UUID, bytes]]
) -> None:
    """Write a seal with the ids and leaves of its block."""
    session.execute(
        seals.insert().values(
            bank_id=bank_id,
            number=seal.number,
            sealed_at=seal.sealed_at,
            previous=seal.previous,
            root=seal.root,
            seal=seal.seal,
            transfer_ids=[transfer_id for transfer_id, _ in block],
            leaves=b"".join(leaf for _, leaf in block),
        )
    )


def every_block(
    session: Session, bank_id: str, *, first: int = 1
) -> Iterator[tuple[Seal, list[UUID], list[bytes]]]:
    """Return seals in their order from a number on, with the ids and leaves of each block."""
    query = (
        seals.select()
        .where(seals.c.bank_id == bank_id, seals.c.number >= first)
        .order_by(seals.c.number)
    )
    for row in session.execute(query, execution_options={"yield_per": 4}):
        yield _seal(row), list(row.transfer_ids), split_leaves(bytes(row.leaves))


def seals_from(session: Session, bank_id: str, first: int, limit_max: int) -> tuple[Seal, ...]:
    """Return seals in their order from a number on."""
    query = (
        seals.select()
        .where(seals.c.bank_id == bank_id, seals.c.number >= first)
        .order_by(seals.c.number)
        .limit(limit_max)
    )
    return tuple(_seal(row) for row in session.execute(query))


def block_of(session: Session, bank_id: str, transfer_id: UUID) -> int | None:
    """Return the number of the seal under which a transfer stands, or None; reads every block."""
    query = text(
        "SELECT number FROM ledger.seals WHERE bank_id = :bank AND :id = ANY (transfer_ids) LIMIT 1"
    )
    values = {"bank": to_uuid("bank", bank_id), "id": transfer_id}
    return session.execute(query, values).scalar_one_or_none()


def counts(session: Session, bank_id: str) -> tuple[int, int]:
    """Return how many transfers there are, and how many of them wait for a seal."""
    query = text(
        """SELECT (SELECT count(*) FROM ledger.transfers WHERE bank_id = :bank) AS posted,
                  (SELECT coalesce(sum(cardinality(transfer_ids)), 0) FROM ledger.unsealed
                   WHERE bank_id = :bank) AS waiting"""
    )
    row = session.execute(query, {"bank": to_uuid("bank", bank_id)}).one()
    return row.posted, int(row.waiting)


def never_posted(session: Session, bank_id: str) -> UUID | None:
    """Return a transfer that neither was sealed nor waits: no posting can have written it."""
    query = text(
        """SELECT transfer_id FROM ledger.transfers WHERE bank_id = :bank
           EXCEPT (SELECT unnest(transfer_ids) FROM ledger.seals WHERE bank_id = :bank
                   UNION ALL
                   SELECT unnest(transfer_ids) FROM ledger.unsealed WHERE bank_id = :bank)
           ORDER BY 1 LIMIT 1"""
    )
    return session.execute(query, {"bank": to_uuid("bank", bank_id)}).scalar_one_or_none()
