"""Queries over all of a bank's postings: the trial balance, and the checks that prove the books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import text

from jiuding.base.amounts import Amount, Asset
from jiuding.base.database.engine import Session
from jiuding.base.ids import from_uuid, to_uuid
from jiuding.kernel.ledger.rules.chart import normal
from jiuding.kernel.ledger.store.rolling import CHECKS, TAIL
from jiuding.kernel.ledger.types import AccountClass, Finding, TrialLine

FINDING_IDS_MAX = 20

_TRIAL = text(
    f"""
    WITH {TAIL},
    kept AS MATERIALIZED (
        SELECT kind, class, asset_code, sum(debits) AS debits, sum(credits) AS credits
        FROM ledger.day_totals
        WHERE bank_id = :bank AND effective_on >= :start AND effective_on <= :until
        GROUP BY kind, class, asset_code
    ),
    waiting AS MATERIALIZED (
        SELECT account_id, sum(debits) AS debits, sum(credits) AS credits
        FROM (SELECT debit_id AS account_id, units AS debits, 0 AS credits FROM tail
              WHERE effective_on >= :start AND effective_on <= :until
              UNION ALL
              SELECT credit_id, 0, units FROM tail
              WHERE effective_on >= :start AND effective_on <= :until) AS sides
        GROUP BY account_id
    )
    SELECT s.kind, s.class, s.asset_code, x.scale AS asset_scale,
           sum(s.debits) AS debits, sum(s.credits) AS credits
    FROM (
        SELECT * FROM kept
        UNION ALL
        SELECT a.kind, a.class, a.asset_code, w.debits, w.credits
        FROM waiting AS w
        JOIN ledger.accounts AS a ON a.bank_id = :bank AND a.account_id = w.account_id
    ) AS s
    JOIN ledger.assets AS x ON x.bank_id = :bank AND x.asset_code = s.asset_code
    GROUP BY s.kind, s.class, s.asset_code, x.scale
    ORDER BY s.asset_code, s.class, s.kind
    """
)


def trial_lines(session: Session, bank_id: str, start: date, until: date) -> tuple[TrialLine, ...]:
    """Return what was posted from one day to another, both included, by kind and asset."""
    values = {"bank": to_uuid("bank", bank_id), "start": start, "until": until}
    lines = []
    for row in session.execute(_TRIAL, values).mappings():
        asset = Asset(row["asset_code"], row["asset_scale"])
        account_class = AccountClass(row["class"])
        debits, credits = int(row["debits"]), int(row["credits"])
        balance = normal(credits - debits, account_class.is_debit_normal)
        lines.append(
            TrialLine(
                kind=row["kind"],
                account_class=account_class,
                asset=asset,
                debits=Amount(debits, asset),
                credits=Amount(credits, asset),
                balance=Amount(balance, asset),
            )
        )
    return tuple(lines)


# Each check selects the ids of what is wrong; nothing selected means that the belief holds.
_CHECKS: tuple[tuple[str, str, str, str], ...] = (
    (
        "ledger.unbalanced",
        "debits and credits of an asset differ",
        "",
        """SELECT asset_code FROM ledger.accounts WHERE bank_id = :bank GROUP BY asset_code
           HAVING sum(debits_posted) <> sum(credits_posted)
               OR sum(debits_held) <> sum(credits_held)""",
    ),
    (
        "ledger.account_missing",
        "a transfer names an account that is not here",
        "trf",
        """SELECT t.transfer_id FROM ledger.transfers AS t
           LEFT JOIN ledger.accounts AS d ON d.bank_id = :bank AND d.account_id = t.debit_id
           LEFT JOIN ledger.accounts AS c ON c.bank_id = :bank AND c.account_id = t.credit_id
           WHERE t.bank_id = :bank AND (d.account_id IS NULL OR c.account_id IS NULL
               OR d.asset_code <> c.asset_code OR t.units <= 0)""",
    ),
    (
        "ledger.asset_missing",
        "an account is in an asset, or in a scale of it, that the bank does not have",
        "acc",
        """SELECT a.account_id FROM ledger.accounts AS a
           LEFT JOIN ledger.assets AS s ON s.bank_id = :bank AND s.asset_code = a.asset_code
           WHERE a.bank_id = :bank AND s.scale IS DISTINCT FROM a.asset_scale""",
    ),
    (
        "ledger.change_missing",
        "a change names an account that is not here",
        "acc",
        """SELECT c.account_id FROM ledger.account_changes AS c
           LEFT JOIN ledger.accounts AS a ON a.bank_id = :bank AND a.account_id = c.account_id
           WHERE c.bank_id = :bank AND a.account_id IS NULL""",
    ),
    (
        "ledger.counter_wrong",
        "an account's counters are not the sums of its postings",
        "acc",
        """SELECT a.account_id FROM ledger.accounts AS a
           LEFT JOIN (SELECT debit_id, sum(units) AS units, count(*) AS count
                      FROM ledger.transfers WHERE bank_id = :bank GROUP BY debit_id) AS d
               ON d.debit_id = a.account_id
           LEFT JOIN (SELECT credit_id, sum(units) AS units, count(*) AS count
                      FROM ledger.transfers WHERE bank_id = :bank GROUP BY credit_id) AS c
               ON c.credit_id = a.account_id
           WHERE a.bank_id = :bank AND (a.debits_posted <> coalesce(d.units, 0)
               OR a.credits_posted <> coalesce(c.units, 0)
               OR a.posting_count <> coalesce(d.count, 0) + coalesce(c.count, 0))""",
    ),
    (
        "ledger.hold_wrong",
        "an account's held sums are not the sums of its open holds",
        "acc",
        """SELECT a.account_id FROM ledger.accounts AS a
           LEFT JOIN (SELECT debit_id, sum(units_left) AS units FROM ledger.holds
                      WHERE bank_id = :bank AND status = 0 GROUP BY debit_id) AS d
               ON d.debit_id = a.account_id
           LEFT JOIN (SELECT credit_id, sum(units_left) AS units FROM ledger.holds
                      WHERE bank_id = :bank AND status = 0 GROUP BY credit_id) AS c
               ON c.credit_id = a.account_id
           WHERE a.bank_id = :bank AND (a.debits_held <> coalesce(d.units, 0)
               OR a.credits_held <> coalesce(c.units, 0))""",
    ),
    (
        "ledger.capture_wrong",
        "what was captured of a hold is not the sum of its transfers",
        "hld",
        """SELECT h.hold_id FROM ledger.holds AS h
           LEFT JOIN (SELECT hold_id, sum(units) AS units FROM ledger.transfers
                      WHERE bank_id = :bank AND hold_id IS NOT NULL GROUP BY hold_id) AS t
               ON t.hold_id = h.hold_id
           WHERE h.bank_id = :bank AND (h.units_captured <> coalesce(t.units, 0)
               OR h.units_captured + h.units_left > h.units OR (h.status = 0) <> (h.units_left > 0))
        """,
    ),
    (
        "ledger.overdrawn",
        "an account is below what its limits allow",
        "acc",
        """SELECT account_id FROM ledger.accounts
           WHERE bank_id = :bank AND balance_min IS NOT NULL AND balance_min > CASE
               WHEN is_debit_normal THEN debits_posted - credits_posted - credits_held
               ELSE credits_posted - debits_posted - debits_held END""",
    ),
    (
        "ledger.history_wrong",
        "the balance after a posting is not the balance before it and the posting",
        "acc",
        """SELECT DISTINCT account_id FROM (
               SELECT account_id, number, after, change, earlier,
                      lag(after, 1, 0::bigint) OVER w AS before,
                      lag(number, 1, 0::bigint) OVER w AS previous,
                      lag(transfer_id) OVER w AS previous_id
               FROM (SELECT debit_id AS account_id, debit_number AS number, debit_after AS after,
                            -units AS change, transfer_id, debit_previous_id AS earlier
                     FROM ledger.transfers WHERE bank_id = :bank
                     UNION ALL
                     SELECT credit_id, credit_number, credit_after, units, transfer_id,
                            credit_previous_id
                     FROM ledger.transfers WHERE bank_id = :bank) AS postings
               WINDOW w AS (PARTITION BY account_id ORDER BY number)
           ) AS history
           WHERE after <> before + change OR number <> previous + 1
              OR earlier IS DISTINCT FROM previous_id""",
    ),
    (
        "ledger.newest_wrong",
        "an account does not name its newest transfer",
        "acc",
        """SELECT a.account_id FROM ledger.accounts AS a
           LEFT JOIN ledger.transfers AS t
               ON t.bank_id = :bank AND t.transfer_id = a.last_transfer_id
           WHERE a.bank_id = :bank AND a.posting_count <> coalesce(
               CASE a.account_id WHEN t.debit_id THEN t.debit_number
                                 WHEN t.credit_id THEN t.credit_number END, 0)""",
    ),
    (
        "ledger.index_wrong",
        "an indexed posting is not what its transfer says",
        "trf",
        """SELECT p.transfer_id FROM ledger.postings AS p
           LEFT JOIN ledger.transfers AS t
               ON t.bank_id = :bank AND t.transfer_id = p.transfer_id
           WHERE p.bank_id = :bank
             AND ((p.account_id, p.number, p.change) NOT IN (
                      (t.debit_id, t.debit_number, -t.units),
                      (t.credit_id, t.credit_number, t.units))
                  OR (p.code, p.effective_on, p.recorded_at)
                      <> (t.code, t.effective_on, t.recorded_at)
                  OR t.transfer_id IS NULL)""",
    ),
    (
        "ledger.marked_wrong",
        "an account's marked units are not what its transfers brought and took",
        "acc",
        """SELECT DISTINCT account_id FROM (
               SELECT account_id, mark_id, units FROM ledger.marked_units WHERE bank_id = :bank
               UNION ALL
               SELECT credit_id, mark_id, -units_kept FROM ledger.transfer_marks
               WHERE bank_id = :bank
               UNION ALL
               SELECT debit_id, mark_id, units_taken FROM ledger.transfer_marks
               WHERE bank_id = :bank) AS parts
           GROUP BY account_id, mark_id HAVING sum(units) <> 0""",
    ),
    (
        "ledger.marked_too_much",
        "an account carries more marked units than its balance, or says wrongly that it has any",
        "acc",
        """SELECT a.account_id FROM ledger.accounts AS a
           LEFT JOIN (SELECT account_id, sum(units) AS units, min(units) AS least
                      FROM ledger.marked_units WHERE bank_id = :bank GROUP BY account_id) AS u
               ON u.account_id = a.account_id
           WHERE a.bank_id = :bank AND (a.is_marked <> (u.units IS NOT NULL) OR u.least <= 0
               OR u.units > a.credits_posted - a.debits_posted
               OR (u.units IS NOT NULL AND NOT a.is_traced))""",
    ),
    (
        "ledger.mark_misused",
        "an account holds units of a mark that forbids its use",
        "acc",
        """SELECT a.account_id FROM ledger.marked_units AS u
           JOIN ledger.accounts AS a ON a.bank_id = :bank AND a.account_id = u.account_id
           LEFT JOIN ledger.marks AS m ON m.bank_id = :bank AND m.mark_id = u.mark_id
           WHERE u.bank_id = :bank AND (m.mark_id IS NULL OR a.use = ANY (m.forbidden_uses))""",
    ),
    (
        "ledger.carried_wrong",
        "a transfer carries more marked units than it has, or other accounts than its own",
        "trf",
        """SELECT c.transfer_id FROM ledger.transfer_marks AS c
           LEFT JOIN ledger.transfers AS t ON t.bank_id = :bank AND t.transfer_id = c.transfer_id
           WHERE c.bank_id = :bank
           GROUP BY c.transfer_id
           HAVING coalesce(sum(c.units) > min(t.units), true)
               OR NOT bool_and(t.debit_id = c.debit_id AND t.credit_id = c.credit_id
                   AND c.units_taken BETWEEN 0 AND c.units AND c.units_kept BETWEEN 0 AND c.units
                   AND (c.units_taken IN (0, c.units) OR c.is_start))""",
    ),
)


def findings(session: Session, bank_id: str) -> Iterator[Finding]:
    """Run every check over the whole of a bank's books and return what is wrong."""
    for code, detail, prefix, query in (*_CHECKS, *CHECKS):
        limited = text(f"{query} LIMIT {FINDING_IDS_MAX}")
        found = session.execute(limited, {"bank": to_uuid("bank", bank_id)}).scalars().all()
        if found:
            ids = tuple(from_uuid(prefix, value) if prefix else value for value in found)
            yield Finding(code, detail, ids)
