"""Read a bank's whole ledger out: as CSV by the server's COPY, or record by record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text

from jiuding.base.database.engine import Session
from jiuding.base.ids import from_uuid, to_uuid
from jiuding.kernel.ledger.store.accounts import account_of
from jiuding.kernel.ledger.store.reading import transfer_of, with_asset
from jiuding.kernel.ledger.store.rolling import TAIL
from jiuding.kernel.ledger.tables import accounts, transfers
from jiuding.kernel.ledger.types import Account, Transfer

ROWS_AT_A_TIME = 5_000

# Each file's columns: name, DuckDB type, and what is selected. `id:PREFIX` is a stored uuid that
# is written as its printed id.
FILES: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "accounts": (
        "ledger.accounts AS a",
        (
            ("account_id", "id:acc", "a.account_id"),
            ("kind", "VARCHAR", "a.kind"),
            ("class", "VARCHAR", "a.class"),
            ("asset", "VARCHAR", "a.asset_code"),
            ("scale", "SMALLINT", "a.asset_scale"),
            ("owner_id", "VARCHAR", "a.owner_id"),
            ("purpose", "VARCHAR", "a.purpose"),
            ("status", "VARCHAR",
             "(ARRAY['open', 'frozen', 'outflow_frozen', 'closed'])[a.status + 1]"),
            ("debits_posted", "BIGINT", "a.debits_posted"),
            ("credits_posted", "BIGINT", "a.credits_posted"),
            ("debits_held", "BIGINT", "a.debits_held"),
            ("credits_held", "BIGINT", "a.credits_held"),
            ("opened_at", "TIMESTAMPTZ", "a.opened_at"),
        ),
    ),
    "transfers": (
        "ledger.transfers AS t JOIN ledger.accounts AS a"
        " ON a.bank_id = t.bank_id AND a.account_id = t.debit_id",
        (
            ("transfer_id", "id:trf", "t.transfer_id"),
            ("debit_id", "id:acc", "t.debit_id"),
            ("credit_id", "id:acc", "t.credit_id"),
            ("asset", "VARCHAR", "a.asset_code"),
            ("scale", "SMALLINT", "a.asset_scale"),
            ("units", "BIGINT", "t.units"),
            ("code", "VARCHAR", "t.code"),
            ("about", "VARCHAR", "t.about"),
            ("effective_on", "DATE", "t.effective_on"),
            ("recorded_at", "TIMESTAMPTZ", "t.recorded_at"),
            ("debit_number", "BIGINT", "t.debit_number"),
            ("credit_number", "BIGINT", "t.credit_number"),
            ("hold_id", "id:hld", "t.hold_id"),
            ("reverses_id", "id:trf", "t.reverses_id"),
        ),
    ),
    "holds": (
        "ledger.holds AS h JOIN ledger.accounts AS a"
        " ON a.bank_id = h.bank_id AND a.account_id = h.debit_id",
        (
            ("hold_id", "id:hld", "h.hold_id"),
            ("debit_id", "id:acc", "h.debit_id"),
            ("credit_id", "id:acc", "h.credit_id"),
            ("asset", "VARCHAR", "a.asset_code"),
            ("scale", "SMALLINT", "a.asset_scale"),
            ("units", "BIGINT", "h.units"),
            ("units_left", "BIGINT", "h.units_left"),
            ("units_captured", "BIGINT", "h.units_captured"),
            ("status", "VARCHAR",
             "(ARRAY['open', 'captured', 'voided', 'expired'])[h.status + 1]"),
            ("code", "VARCHAR", "h.code"),
            ("about", "VARCHAR", "h.about"),
            ("effective_on", "DATE", "h.effective_on"),
            ("expires_at", "TIMESTAMPTZ", "h.expires_at"),
            ("placed_at", "TIMESTAMPTZ", "h.placed_at"),
            ("ended_at", "TIMESTAMPTZ", "h.ended_at"),
        ),
    ),
}  # fmt: skip

# A printed id is the Crockford base 32 of the uuid's 128 bits, in 26 letters (base/ids.py).
_PRINTED = """
CREATE MACRO printed(prefix, id) AS prefix || '_' || array_to_string(list_transform(
    range(26), lambda place: substr('0123456789abcdefghjkmnpqrstvwxyz',
        1 + (('0x' || replace(id, '-', ''))::UHUGEINT >> (125 - 5 * place)::UHUGEINT
             & 31::UHUGEINT)::INTEGER, 1)), '')
"""


def copy_csv(
    session: Session, bank_id: str, name: str, path: Path, first_on: date, last_on: date
) -> None:
    """Write one file's rows of a bank as CSV, without a header; the server does the work.

    Of transfers and holds those that count for a day of the period; of accounts all.
    """
    source, columns = FILES[name]
    letter = source.split(" AS ")[1][0]
    selected = ", ".join(expression for _, _, expression in columns)
    bank = to_uuid("bank", bank_id)
    # COPY takes no parameters; a UUID object prints as hexadecimal digits and dashes only.
    query = f"SELECT {selected} FROM {source} WHERE {letter}.bank_id = '{bank}'"
    if name != "accounts":
        query += f" AND {letter}.effective_on BETWEEN '{first_on}' AND '{last_on}'"
    driver: Any = session.connection.driver_connection
    copying = f"COPY ({query}) TO STDOUT (FORMAT csv)"
    with driver.cursor() as cursor, open(path, "wb") as file, cursor.copy(copying) as rows:
        for block in rows:
            file.write(block)


def write_parquet(name: str, source: Path, target: Path) -> int:
    """Turn a CSV of `copy_csv` into a Parquet file and return its row count."""
    import duckdb

    _, columns = FILES[name]
    stored = {column: "VARCHAR" if kind.startswith("id:") else kind for column, kind, _ in columns}
    shown = ", ".join(
        f"CASE WHEN {column} IS NOT NULL THEN printed('{kind[3:]}', {column}) END AS {column}"
        if kind.startswith("id:")
        else column
        for column, kind, _ in columns
    )
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(_PRINTED)
        types = ", ".join(f"'{column}': '{kind}'" for column, kind in stored.items())
        # Nothing is left to be guessed: PostgreSQL's CSV has commas, doubled quotes, and nothing
        # for a missing value, where an empty text is "".
        read = (
            f"read_csv({_literal(source)}, auto_detect = false, header = false, delim = ',',"
            f" quote = '\"', escape = '\"', new_line = '\\n', columns = {{{types}}},"
            " nullstr = '', allow_quoted_nulls = false)"
        )
        try:
            connection.execute(
                f"COPY (SELECT {shown} FROM {read}) TO {_literal(target)}"
                " (FORMAT parquet, COMPRESSION zstd)"
            )
        except duckdb.IOException as error:
            raise OSError(str(error)) from error
        found = connection.execute(f"SELECT count(*) FROM {_literal(target)}").fetchone()
        return int(found[0]) if found else 0


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def every_account(session: Session, bank_id: str) -> Iterator[Account]:
    """Return all accounts in id order."""
    query = accounts.select().where(accounts.c.bank_id == bank_id).order_by(accounts.c.account_id)
    options = {"yield_per": ROWS_AT_A_TIME}
    for row in session.execute(query, execution_options=options):
        yield account_of(row)


def standings(session: Session, bank_id: str, on: date) -> dict[str, int]:
    """Return debits less credits of each account that moved until the end of a day."""
    query = text(
        f"""WITH {TAIL}
            SELECT account_id, sum(units) AS units FROM (
                SELECT account_id, effective_on, debits::numeric - credits AS units
                FROM ledger.account_days WHERE bank_id = :bank
                UNION ALL
                SELECT debit_id, effective_on, units FROM tail
                UNION ALL
                SELECT credit_id, effective_on, -units FROM tail) AS days
            WHERE effective_on <= :on GROUP BY account_id"""
    )
    rows = session.execute(query, {"bank": to_uuid("bank", bank_id), "on": on})
    return {from_uuid("acc", row.account_id): int(row.units) for row in rows}


def first_days(session: Session, bank_id: str) -> dict[str, date]:
    """Return the first day on which anything was effective on each account that was used."""
    query = text(
        """SELECT account_id, min(effective_on) AS first_on FROM (
               SELECT debit_id AS account_id, effective_on FROM ledger.transfers
               WHERE bank_id = :bank
               UNION ALL
               SELECT credit_id, effective_on FROM ledger.transfers WHERE bank_id = :bank
           ) AS sides GROUP BY account_id"""
    )
    rows = session.execute(query, {"bank": to_uuid("bank", bank_id)})
    return {from_uuid("acc", row.account_id): row.first_on for row in rows}


def extent(
    session: Session, bank_id: str, first_on: date, last_on: date
) -> tuple[int, date | None]:
    """Return how many transfers a period has, and the last day on which one is effective."""
    query = text(
        "SELECT count(*) AS count, max(effective_on) AS last_on FROM ledger.transfers"
        " WHERE bank_id = :bank AND effective_on BETWEEN :first AND :last"
    )
    values = {"bank": to_uuid("bank", bank_id), "first": first_on, "last": last_on}
    row = session.execute(query, values).one()
    return row.count, row.last_on


def every_transfer(
    session: Session, bank_id: str, first_on: date, last_on: date
) -> Iterator[Transfer]:
    """Return a period's transfers by day and id, some thousands at a time."""
    query = (
        with_asset(transfers)
        .where(transfers.c.bank_id == bank_id, transfers.c.effective_on.between(first_on, last_on))
        .order_by(transfers.c.effective_on, transfers.c.transfer_id)
    )
    options = {"yield_per": ROWS_AT_A_TIME}
    for row in session.execute(query, execution_options=options):
        yield transfer_of(row)
