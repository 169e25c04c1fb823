"""Queries of the sealer: what waits, what was sealed, and the leaves of transfers as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Text, Uuid, cast, literal, text
from sqlalchemy.dialects.postgresql import ARRAY

from jiuding.base.database.engine import Session
from jiuding.base.ids import to_uuid
from jiuding.kernel.ledger.rules.sealing import BLOCK_MAX, split
from jiuding.kernel.ledger.tables import seals
from jiuding.kernel.ledger.types import Seal

# In the order of `rules.sealing.FIELDS`. Put together by hand, since jsonb takes three times as
# long; nothing in it depends on a session's settings.
_CONTENT = """concat(
    '["', t.bank_id, '","', t.transfer_id, '","', t.debit_id, '","', t.credit_id, '",', t.units,
    ',', to_json(t.code), ',', coalesce(to_json(t.about)::text, 'null'),
    ',', t.effective_on - DATE '1970-01-01',
    ',', (extract(epoch FROM t.recorded_at) * 1000000)::bigint,
    ',', t.debit_number, ',', t.credit_number, ',', t.debit_after, ',', t.credit_after,
    ',', coalesce('"' || t.hold_id || '"', 'null'),
    ',', coalesce('"' || t.reverses_id || '"', 'null'),
    ',', coalesce('"' || t.debit_previous_id || '"', 'null'),
    ',', coalesce('"' || t.credit_previous_id || '"', 'null'), ']')"""
_LEAF = f"sha256('\\x00'::bytea || convert_to({_CONTENT}, 'UTF8'))"
_ORDER = "t.recorded_at, t.transfer_id"
# The row was written after the note that it waits: whoever did that did not post it.
_LATER = "age(t.xmin) < age(u.xmin)"


BY_INDEX = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
BY_HASH = ("enable_nestloop", "enable_mergejoin")


@dataclass(frozen=True, slots=True)
class Block:
    """Transfers as they are now, with their leaves one after another.

    The ids are written as the server writes an array: what it is only handed back is not read here.
    """

    transfer_ids: str
    count: int
    leaves: bytes
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class SealedBlock:
    """A seal with the block under it, as it was sealed; `now` is the same block's rows today."""

    seal: Seal
    nodes: bytes
    first_at: datetime
    last_at: datetime
    transfer_ids: str
    leaves: bytes
    now: Block | None = None


def ids_of(block: SealedBlock) -> list[UUID]:
    """Return a block's ids."""
    written = block.transfer_ids[1:-1]
    return [UUID(each) for each in written.split(",")] if written else []


def place_of(block: SealedBlock, transfer_id: UUID) -> int:
    """Return where in a block a transfer stands."""
    return block.transfer_ids[1:-1].split(",").index(str(transfer_id))


def _array(ids: Iterable[UUID]) -> str:
    """Write ids as the server reads an array: the driver's own way takes ten times as long."""
    return "{" + ",".join(map(str, ids)) + "}"


@contextmanager
def without(session: Session, names: Sequence[str]) -> Iterator[None]:
    """Plan without some ways: the planner cannot tell how many ids an array holds."""
    session.execute(text(";".join(f"SET LOCAL {name} = off" for name in names)))
    yield
    session.execute(text(";".join(f"SET LOCAL {name} = DEFAULT" for name in names)))


def take_batches(session: Session, bank_id: str, passed_over: Iterable[UUID]) -> list[UUID]:
    """Return whole batches that wait for a seal, up to a block's size, by first id; locked.

    Another sealer of the same bank waits here, and then finds what is left.
    """
    query = text(
        """SELECT first_id, cardinality(transfer_ids) AS count FROM ledger.unsealed
           WHERE bank_id = :bank AND first_id <> ALL (CAST(:passed AS uuid[]))
           ORDER BY first_id LIMIT :limit FOR UPDATE"""
    )
    values = {"bank": to_uuid("bank", bank_id), "limit": BLOCK_MAX, "passed": _array(passed_over)}
    taken: list[UUID] = []
    count = 0
    for row in session.execute(query, values):
        count += row.count
        if taken and count > BLOCK_MAX:
            break
        taken.append(row.first_id)
    return taken


_WAITING = """FROM ledger.unsealed AS u
    CROSS JOIN unnest(u.transfer_ids) WITH ORDINALITY AS w (id, n)
    LEFT JOIN ledger.transfers AS t ON t.bank_id = :bank AND t.transfer_id = w.id"""
_DOUBTFUL = f"(t.transfer_id IS NULL OR {_LATER})"


def take_block(session: Session, bank_id: str, batches: Sequence[UUID]) -> tuple[Block, int]:
    """Return the transfers of batches as a block in recorded order, and how many are doubtful."""
    query = text(
        f"""SELECT array_agg(t.transfer_id ORDER BY {_ORDER})::text AS ids,
                   string_agg({_LEAF}, '' ORDER BY {_ORDER}) AS leaves, count(*) AS count,
                   min(t.recorded_at) AS first_at, max(t.recorded_at) AS last_at,
                   count(*) FILTER (WHERE {_DOUBTFUL}) AS doubtful
            {_WAITING}
            WHERE u.bank_id = :bank AND u.first_id = ANY (CAST(:firsts AS uuid[]))"""
    )
    values = {"bank": to_uuid("bank", bank_id), "firsts": _array(batches)}
    with without(session, BY_INDEX):
        row = session.execute(query, values).one()
    block = Block(row.ids, row.count, bytes(row.leaves or b""), row.first_at, row.last_at)
    return block, row.doubtful


def doubtful(session: Session, bank_id: str, batches: Sequence[UUID] | None = None) -> list[Row]:
    """Return transfers of waiting batches that are gone or were written after their posting.

    Rows of first_id, transfer_id and is_gone; of every batch when none are given.
    """
    among = "" if batches is None else "AND u.first_id = ANY (CAST(:firsts AS uuid[]))"
    query = text(
        f"""SELECT u.first_id, w.id AS transfer_id, t.transfer_id IS NULL AS is_gone {_WAITING}
            WHERE u.bank_id = :bank {among} AND {_DOUBTFUL} ORDER BY u.first_id, w.n"""
    )
    values = {"bank": to_uuid("bank", bank_id)}
    if batches is not None:
        values["firsts"] = _array(batches)
    with without(session, BY_INDEX):
        return list(session.execute(query, values))


def index_postings(session: Session, bank_id: str, block: Block) -> None:
    """Index both postings of each transfer, so that an account's long past is read in one range.

    Until then the chain of transfers tells it: see `migrations/sql/0012_history.sql`.
    """
    query = text(
        """INSERT INTO ledger.postings (
               bank_id, account_id, number, transfer_id, change, code, effective_on, recorded_at)
           SELECT :bank, s.account_id, s.number, t.transfer_id, s.change, t.code, t.effective_on,
                  t.recorded_at
           FROM ledger.transfers AS t CROSS JOIN LATERAL (VALUES
               (t.debit_id, t.debit_number, -t.units), (t.credit_id, t.credit_number, t.units)
           ) AS s (account_id, number, change)
           WHERE t.bank_id = :bank AND t.transfer_id = ANY (CAST(:ids AS uuid[]))
           ORDER BY s.account_id, s.number
           ON CONFLICT DO NOTHING"""
    )
    values = {"bank": to_uuid("bank", bank_id), "ids": block.transfer_ids}
    with without(session, BY_INDEX):
        session.execute(query, values)


def read_content(session: Session, bank_id: str, transfer_id: UUID) -> Row | None:
    """Return the `content` of which a transfer's leaf is made, and its `recorded_at`, or None."""
    query = text(
        f"SELECT {_CONTENT} AS content, t.recorded_at FROM ledger.transfers AS t"
        " WHERE t.bank_id = :bank AND t.transfer_id = :id"
    )
    values = {"bank": to_uuid("bank", bank_id), "id": transfer_id}
    return session.execute(query, values).one_or_none()


_HEAD = (
    seals.c.number, seals.c.sealed_at, seals.c.previous, seals.c.root, seals.c.tree, seals.c.seal,
)  # fmt: skip
_COUNT = text("cardinality(transfer_ids) AS transfer_count")


def find_seal(
    session: Session, bank_id: str, *, number: int | None = None, seal: bytes | None = None
) -> Seal | None:
    """Return a bank's newest seal, or that of a number or of a digest; None when there is none."""
    query = seals.select().with_only_columns(*_HEAD, _COUNT).where(seals.c.bank_id == bank_id)
    if number is not None:
        query = query.where(seals.c.number == number)
    if seal is not None:
        query = query.where(seals.c.seal == seal)
    row = session.execute(query.order_by(seals.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else _seal(row)


def _seal(row: Row) -> Seal:
    return Seal(
        row.number, row.sealed_at, bytes(row.previous), bytes(row.root), bytes(row.tree),
        row.transfer_count, bytes(row.seal),
    )  # fmt: skip


def add_seal(session: Session, bank_id: str, seal: Seal, block: Block, nodes: bytes) -> None:
    """Write a seal with its block."""
    session.execute(
        seals.insert().values(
            bank_id=bank_id,
            number=seal.number,
            sealed_at=seal.sealed_at,
            previous=seal.previous,
            root=seal.root,
            tree=seal.tree,
            seal=seal.seal,
            nodes=nodes,
            first_at=block.first_at,
            last_at=block.last_at,
            transfer_ids=cast(literal(block.transfer_ids, Text), ARRAY(Uuid)),
            leaves=block.leaves,
        )
    )


def read_nodes(
    session: Session, bank_id: str, parts: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], bytes]:
    """Return the roots of complete subtrees of seals, each given as its start, from 0, and size."""
    query = (
        seals.select()
        .with_only_columns(seals.c.number, seals.c.nodes)
        .where(
            seals.c.bank_id == bank_id,
            seals.c.number.in_({start + size for start, size in parts}),
        )
    )
    kept = {row.number: split(bytes(row.nodes)) for row in session.execute(query)}
    return {
        (start, size): kept[start + size][size.bit_length() - 1]
        for start, size in parts
        if start + size in kept and size.bit_length() <= len(kept[start + size])
    }


def every_block(
    session: Session, bank_id: str, *, first: int = 1, last: int | None = None, now: bool = False
) -> Iterator[SealedBlock]:
    """Return sealed blocks in their order, with the rows as they are `now` beside them if asked.

    Those rows stand in the order in which they were sealed; one that is gone has no leaf. A few
    blocks are in memory at a time.
    """
    beside = f"""LEFT JOIN LATERAL (
               SELECT string_agg({_LEAF}, '' ORDER BY w.n) AS leaves_now, count(*) AS count_now,
                      min(t.recorded_at) AS first_now, max(t.recorded_at) AS last_now
               FROM unnest(s.transfer_ids) WITH ORDINALITY AS w (id, n)
               JOIN ledger.transfers AS t ON t.bank_id = s.bank_id AND t.transfer_id = w.id
           ) AS n ON true"""
    query = text(
        f"""SELECT s.number, s.sealed_at, s.previous, s.root, s.tree, s.seal, s.nodes, s.first_at,
                   s.last_at, s.leaves, s.transfer_ids::text AS ids,
                   cardinality(s.transfer_ids) AS transfer_count
                   {", n.leaves_now, n.count_now, n.first_now, n.last_now" if now else ""}
            FROM ledger.seals AS s {beside if now else ""}
            WHERE s.bank_id = :bank AND s.number >= :first AND s.number <= :last
            ORDER BY s.number"""
    )
    values = {"bank": to_uuid("bank", bank_id), "first": first, "last": last or 2**62}
    with without(session, BY_INDEX):
        for row in session.execute(query, values, execution_options={"yield_per": 2}):
            yield _block(row, now)


def _block(row: Row, has_now: bool) -> SealedBlock:
    now = None
    if has_now:
        leaves = bytes(row.leaves_now or b"")
        now = Block(row.ids, row.count_now, leaves, row.first_now, row.last_now)
    return SealedBlock(
        _seal(row), bytes(row.nodes), row.first_at, row.last_at, row.ids, bytes(row.leaves), now
    )


def leaves_now(session: Session, bank_id: str, block: SealedBlock) -> dict[UUID, bytes]:
    """Return the leaf of each transfer of a block that is there."""
    query = text(
        f"""SELECT t.transfer_id, {_LEAF} AS leaf FROM ledger.transfers AS t
            WHERE t.bank_id = :bank AND t.transfer_id = ANY (CAST(:ids AS uuid[]))"""
    )
    values = {"bank": to_uuid("bank", bank_id), "ids": block.transfer_ids}
    with without(session, BY_INDEX):
        return {row.transfer_id: bytes(row.leaf) for row in session.execute(query, values)}


def block_of(session: Session, bank_id: str, transfer_id: UUID, at: datetime) -> int | None:
    """Return the number of the seal under which a transfer recorded at an instant stands, or None.

    Reads the blocks whose time covers that instant, commonly one.
    """
    query = text(
        """SELECT number FROM ledger.seals
           WHERE bank_id = :bank AND last_at >= :at AND first_at <= :at AND :id = ANY (transfer_ids)
           ORDER BY last_at LIMIT 1"""
    )
    values = {"bank": to_uuid("bank", bank_id), "id": transfer_id, "at": at}
    return session.execute(query, values).scalar_one_or_none()


def count_posted(session: Session, bank_id: str) -> int:
    """Return how many transfers there are."""
    query = text("SELECT count(*) FROM ledger.transfers WHERE bank_id = :bank")
    return session.execute(query, {"bank": to_uuid("bank", bank_id)}).scalar_one()


def count_waiting(session: Session, bank_id: str) -> int:
    """Return how many transfers wait for a seal."""
    query = text(
        """SELECT coalesce(sum(cardinality(transfer_ids)), 0)::bigint
           FROM ledger.unsealed WHERE bank_id = :bank"""
    )
    return session.execute(query, {"bank": to_uuid("bank", bank_id)}).scalar_one()


_COVERED = """SELECT unnest(transfer_ids) AS id FROM ledger.seals WHERE bank_id = :bank
              UNION ALL
              SELECT unnest(transfer_ids) FROM ledger.unsealed WHERE bank_id = :bank"""


def never_posted(session: Session, bank_id: str) -> UUID | None:
    """Return a transfer that neither was sealed nor waits: no posting can have written it."""
    query = text(
        f"""SELECT t.transfer_id FROM ledger.transfers AS t
            WHERE t.bank_id = :bank
              AND NOT EXISTS (SELECT FROM ({_COVERED}) AS k WHERE k.id = t.transfer_id)
            ORDER BY 1 LIMIT 1"""
    )
    with without(session, BY_HASH):
        return session.execute(query, {"bank": to_uuid("bank", bank_id)}).scalar_one_or_none()


def covered_twice(session: Session, bank_id: str) -> UUID | None:
    """Return a transfer that was sealed or waits more than once."""
    query = text(
        f"SELECT id FROM ({_COVERED}) AS k GROUP BY id HAVING count(*) > 1 ORDER BY 1 LIMIT 1"
    )
    return session.execute(query, {"bank": to_uuid("bank", bank_id)}).scalar_one_or_none()
