"""Queries of the day totals: what waits to be added up, adding it, and reading it with the rest.

A posted transfer is in exactly one of three places, whichever moment one looks: among the batches
that wait for their seal, among the blocks that wait here, or in the totals. So a statement that
reads all three in one snapshot counts every transfer once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import text

from jiuding.base.database.engine import Session
from jiuding.base.ids import from_uuid, to_uuid

BATCHES_MAX = 1_024
TRANSFERS_MAX = 8_192

# Materialized: each transfer that waits is looked up once, by its key.
TAIL = """
    tail AS MATERIALIZED (
        SELECT t.debit_id, t.credit_id, t.units, t.effective_on
        FROM (SELECT unnest(transfer_ids) AS transfer_id FROM ledger.unsealed
              WHERE bank_id = :bank
              UNION
              SELECT unnest(transfer_ids) FROM ledger.unrolled WHERE bank_id = :bank) AS waiting
        JOIN ledger.transfers AS t
            ON t.bank_id = :bank AND t.transfer_id = waiting.transfer_id
    )
"""

# What is added is added in key order, so that two who add at once wait for each other and never in
# a ring. Each transfer is looked up once.
_ADD = text(
    """
    WITH moved AS MATERIALIZED (
        SELECT debit_id, credit_id, units, effective_on FROM ledger.transfers
        WHERE bank_id = :bank AND transfer_id = ANY (:ids)
    ),
    sides AS MATERIALIZED (
        SELECT account_id, effective_on, sum(debits) AS debits, sum(credits) AS credits
        FROM (SELECT debit_id AS account_id, effective_on, units AS debits, 0 AS credits FROM moved
              UNION ALL
              SELECT credit_id, effective_on, 0, units FROM moved) AS both_sides
        GROUP BY account_id, effective_on
    ),
    by_account AS (
        INSERT INTO ledger.account_days AS d
            (bank_id, account_id, effective_on, debits, credits)
        SELECT :bank, account_id, effective_on, debits, credits FROM sides
        ORDER BY account_id, effective_on
        ON CONFLICT (bank_id, account_id, effective_on) DO UPDATE
        SET debits = d.debits + excluded.debits, credits = d.credits + excluded.credits
    )
    INSERT INTO ledger.day_totals AS d
        (bank_id, asset_code, class, kind, effective_on, debits, credits)
    SELECT :bank, a.asset_code, a.class, a.kind, s.effective_on, sum(s.debits), sum(s.credits)
    FROM sides AS s
    JOIN ledger.accounts AS a ON a.bank_id = :bank AND a.account_id = s.account_id
    GROUP BY a.asset_code, a.class, a.kind, s.effective_on
    ORDER BY a.asset_code, a.class, a.kind, s.effective_on
    ON CONFLICT (bank_id, asset_code, class, kind, effective_on) DO UPDATE
    SET debits = d.debits + excluded.debits, credits = d.credits + excluded.credits
    """
)
_ACCOUNT = text(
    f"""WITH {TAIL}
        SELECT (SELECT coalesce(sum(credits) - sum(debits), 0) FROM ledger.account_days
                WHERE bank_id = :bank AND account_id = :account AND effective_on <= :until)
             + (SELECT coalesce(sum(units), 0) FROM tail
                WHERE credit_id = :account AND effective_on <= :until)
             - (SELECT coalesce(sum(units), 0) FROM tail
                WHERE debit_id = :account AND effective_on <= :until)"""
)
_ACCOUNTS = text(
    f"""WITH {TAIL}
        SELECT account_id, sum(debits) AS debits, sum(credits) AS credits FROM (
            SELECT account_id, effective_on, debits, credits FROM ledger.account_days
            WHERE bank_id = :bank AND account_id = ANY (:accounts)
            UNION ALL
            SELECT debit_id, effective_on, units, 0 FROM tail WHERE debit_id = ANY (:accounts)
            UNION ALL
            SELECT credit_id, effective_on, 0, units FROM tail WHERE credit_id = ANY (:accounts)
        ) AS days
        WHERE effective_on >= :start AND effective_on <= :until
        GROUP BY account_id"""
)


def hand_on(session: Session, bank_id: str, batches: Sequence[UUID]) -> None:
    """Let batches wait for their seal no more, and from now on to be added up; by their first ids.

    A chain that is made anew hands on again what waits here already.
    """
    query = text(
        """WITH sealed AS (DELETE FROM ledger.unsealed
                           WHERE bank_id = :bank AND first_id = ANY (:batches)
                           RETURNING bank_id, first_id, transfer_ids)
           INSERT INTO ledger.unrolled (bank_id, first_id, transfer_ids)
           SELECT bank_id, first_id, transfer_ids FROM sealed
           ON CONFLICT (bank_id, first_id) DO NOTHING"""
    )
    session.execute(query, {"bank": to_uuid("bank", bank_id), "batches": list(batches)})


def take_waiting(session: Session, bank_id: str) -> list[UUID]:
    """Return transfers that wait to be added up, as waiting no more; whole batches.

    Another who adds up the same bank waits here, and then finds what is left.
    """
    query = text(
        """SELECT first_id, transfer_ids FROM ledger.unrolled WHERE bank_id = :bank
           ORDER BY first_id LIMIT :limit FOR UPDATE"""
    )
    values = {"bank": to_uuid("bank", bank_id), "limit": BATCHES_MAX}
    taken: list[UUID] = []
    done: list[UUID] = []
    for row in session.execute(query, values):
        if taken and len(taken) + len(row.transfer_ids) > TRANSFERS_MAX:
            break
        taken += row.transfer_ids
        done.append(row.first_id)
    if done:
        session.execute(
            text("DELETE FROM ledger.unrolled WHERE bank_id = :bank AND first_id = ANY (:done)"),
            {"bank": values["bank"], "done": done},
        )
    return taken


def add_up(session: Session, bank_id: str, transfer_ids: Sequence[UUID]) -> None:
    """Add transfers to the totals of their days."""
    values = {"bank": to_uuid("bank", bank_id), "ids": list(transfer_ids)}
    session.execute(_ADD, values)


def sum_days(session: Session, bank_id: str, account_id: str, until: date) -> int:
    """Return credits less debits of an account until the end of a day."""
    values = {
        "bank": to_uuid("bank", bank_id), "account": to_uuid("acc", account_id), "until": until,
    }  # fmt: skip
    return int(session.execute(_ACCOUNT, values).scalar_one())


def sums_of(
    session: Session, bank_id: str, account_ids: Sequence[str], start: date, until: date
) -> dict[str, tuple[int, int]]:
    """Return debits and credits from one day to another, both included, of those that moved."""
    asked = [to_uuid("acc", each) for each in account_ids]
    values = {"bank": to_uuid("bank", bank_id), "accounts": asked, "start": start, "until": until}
    return {
        from_uuid("acc", row.account_id): (int(row.debits), int(row.credits))
        for row in session.execute(_ACCOUNTS, values)
    }


# Each selects the ids of what is wrong, as the checks of `store.books` do.
CHECKS: tuple[tuple[str, str, str, str], ...] = (
    (
        "ledger.day_total_wrong",
        "the totals of an account's days are not the sums of its postings",
        "acc",
        f"""WITH {TAIL},
            kept AS (SELECT account_id, effective_on, sum(debits) AS debits, sum(credits) AS credits
                     FROM (SELECT account_id, effective_on, debits, credits
                           FROM ledger.account_days WHERE bank_id = :bank
                           UNION ALL
                           SELECT debit_id, effective_on, units, 0 FROM tail
                           UNION ALL
                           SELECT credit_id, effective_on, 0, units FROM tail) AS days
                     GROUP BY account_id, effective_on),
            posted AS (SELECT account_id, effective_on, sum(debits) AS debits,
                              sum(credits) AS credits
                       FROM (SELECT debit_id AS account_id, effective_on, units AS debits,
                                    0 AS credits FROM ledger.transfers WHERE bank_id = :bank
                             UNION ALL
                             SELECT credit_id, effective_on, 0, units
                             FROM ledger.transfers WHERE bank_id = :bank) AS sides
                       GROUP BY account_id, effective_on)
            SELECT DISTINCT account_id FROM kept
            FULL JOIN posted USING (account_id, effective_on)
            WHERE kept.debits IS DISTINCT FROM posted.debits
               OR kept.credits IS DISTINCT FROM posted.credits""",
    ),
    (
        "ledger.kind_total_wrong",
        "the totals of a kind's days are not the sums of its accounts' days",
        "",
        """SELECT DISTINCT kind FROM (
               SELECT asset_code, class, kind, effective_on, debits, credits
               FROM ledger.day_totals WHERE bank_id = :bank
               UNION ALL
               SELECT a.asset_code, a.class, a.kind, d.effective_on, -d.debits, -d.credits
               FROM ledger.account_days AS d
               JOIN ledger.accounts AS a ON a.bank_id = :bank AND a.account_id = d.account_id
               WHERE d.bank_id = :bank
           ) AS both_ways
           GROUP BY asset_code, class, kind, effective_on
           HAVING sum(debits) <> 0 OR sum(credits) <> 0""",
    ),
)
