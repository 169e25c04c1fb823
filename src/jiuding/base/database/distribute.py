"""Spread the tables over Citus's servers by bank, where an operator has installed Citus.

Citus is AGPL-3.0 and no part of this program: here are only calls of its published functions.
Every key starts with `bank_id`, no foreign key crosses banks and the posting function takes its
bank as an argument, so that a bank's whole work happens on the one server that holds it.
Source: Citus documentation, "User-defined functions" (create_distributed_table and _function).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, text

from jiuding.base.database.engine import Session, transaction
from jiuding.base.problems import Problem, ensure

# By this name a function takes the bank for whose server it is meant.
BANK_ARGUMENT = "bank"
DISTRIBUTE_SECONDS_MAX = 3_600


class CitusMissing(Problem):
    """Refuse to distribute tables in a database that has no Citus."""

    code = "base.citus_missing"
    status = 409
    title = "The database has no Citus extension"


@dataclass(frozen=True, slots=True)
class PlacedTable:
    """A table, and those that its foreign keys name; names are schema-qualified."""

    name: str
    refers_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacedFunction:
    """A function with its argument types, and whether one of them is its bank."""

    signature: str
    has_bank: bool


def statements(tables: Iterable[PlacedTable], functions: Iterable[PlacedFunction]) -> list[str]:
    """Return the statements that place every table and function beside its bank's rows.

    A table comes after those that it refers to, and all share one placement.
    """
    ordered = _in_order(tables)
    if not ordered:
        return []
    # The triggers that keep tables append-only look at no other row and no other table.
    result = ["SET LOCAL citus.enable_unsafe_triggers = on"]
    first = ordered[0].name
    for table in ordered:
        beside = "" if table.name == first else f", colocate_with => '{first}'"
        result.append(f"SELECT create_distributed_table('{table.name}', 'bank_id'{beside})")
    for function in sorted(functions, key=lambda each: each.signature):
        if function.has_bank:
            where = f", '{BANK_ARGUMENT}', colocate_with => '{first}'"
        else:
            where = ""  # copied to every server
        result.append(f"SELECT create_distributed_function('{function.signature}'{where})")
    return result


def _in_order(tables: Iterable[PlacedTable]) -> list[PlacedTable]:
    left = {table.name: table for table in sorted(tables, key=lambda table: table.name)}
    ordered: list[PlacedTable] = []
    while left:
        free = [
            table
            for table in left.values()
            if not any(name in left for name in table.refers_to if name != table.name)
        ]
        ensure(free, "no tables refer to one another in a circle")
        ordered += free
        for table in free:
            del left[table.name]
    return ordered


_TABLES = """
SELECT format('%I.%I', n.nspname, c.relname) AS name,
       ARRAY(SELECT format('%I.%I', fn.nspname, fc.relname)
             FROM pg_constraint AS k JOIN pg_class AS fc ON fc.oid = k.confrelid
             JOIN pg_namespace AS fn ON fn.oid = fc.relnamespace
             WHERE k.conrelid = c.oid AND k.contype = 'f') AS refers_to
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'bank_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = ANY (:schemas)
"""
_FUNCTIONS = """
SELECT p.oid::regprocedure::text AS signature,
       coalesce(p.proargnames[1] = :bank, false) AS has_bank
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname = ANY (:schemas) AND p.prorettype <> 'trigger'::regtype
"""
# A package's schema is one that holds tables of banks.
_SCHEMAS = """
SELECT DISTINCT n.nspname
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'bank_id' AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%'
  AND n.nspname NOT IN ('information_schema', 'public')
"""


def find_tables(session: Session) -> list[PlacedTable]:
    """Return every table of every package, as the database has them now."""
    rows = session.execute(text(_TABLES), {"schemas": _schemas(session)})
    return [PlacedTable(row.name, tuple(row.refers_to)) for row in rows]


def find_functions(session: Session) -> list[PlacedFunction]:
    """Return every function of every package, but for those of triggers, which follow tables."""
    values = {"schemas": _schemas(session), "bank": BANK_ARGUMENT}
    rows = session.execute(text(_FUNCTIONS), values)
    return [PlacedFunction(row.signature, row.has_bank) for row in rows]


def _schemas(session: Session) -> list[str]:
    return list(session.execute(text(_SCHEMAS)).scalars())


def distribute(engine: Engine) -> list[str]:
    """Place every table by `bank_id` on Citus's servers and return the statements that were run.

    Can be run again: what is distributed already stays where it is. May take an hour.
    Refuses: CitusMissing.
    """
    with transaction(engine) as session:
        if not _has_citus(session):
            raise CitusMissing(
                "this database keeps every bank on one server; install Citus on the server, run "
                "CREATE EXTENSION citus in this database, and try again"
            )
        session.execute(text(f"SET LOCAL statement_timeout = '{DISTRIBUTE_SECONDS_MAX}s'"))
        done = _distributed(session)
        found = [table for table in find_tables(session) if table.name not in done]
        functions = find_functions(session) if found else []
        wanted: Sequence[str] = statements(found, functions)
        for statement in wanted:
            session.exec_driver_sql(statement)
    return list(wanted)


def _has_citus(session: Session) -> bool:
    query = text("SELECT 1 FROM pg_extension WHERE extname = 'citus'")
    return session.execute(query).first() is not None


def _distributed(session: Session) -> set[str]:
    """Return the tables that Citus has placed already."""
    query = text(
        """SELECT format('%I.%I', n.nspname, c.relname)
           FROM pg_dist_partition AS p JOIN pg_class AS c ON c.oid = p.logicalrelid
           JOIN pg_namespace AS n ON n.oid = c.relnamespace"""
    )
    return set(session.execute(query).scalars())
