"""Sharding by bank: every table and function is placed, in an order that Citus takes."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from sqlalchemy import text

from jiuding.base.database import distribute as module
from jiuding.base.database.distribute import (
    CitusMissing,
    PlacedFunction,
    PlacedTable,
    distribute,
    find_functions,
    find_tables,
    statements,
)
from jiuding.base.problems import BrokenInvariant

SOURCE = Path(module.__file__).parents[2]

# What Citus would take, written down instead of done.
STAND_IN = (
    "CREATE TABLE public.placed (id serial, kind text, name text, by_column text, beside text)",
    """CREATE FUNCTION public.create_distributed_table(
        name regclass, by_column text, colocate_with text DEFAULT NULL) RETURNS void
    LANGUAGE sql AS $$ INSERT INTO public.placed (kind, name, by_column, beside)
        VALUES ('table', name::text, by_column, colocate_with) $$""",
    """CREATE FUNCTION public.create_distributed_function(
        name regprocedure, argument text DEFAULT NULL, colocate_with text DEFAULT NULL)
    RETURNS void LANGUAGE sql AS $$ INSERT INTO public.placed (kind, name, by_column, beside)
        VALUES ('function', name::text, argument, colocate_with) $$""",
    "CREATE TABLE public.pg_dist_partition (logicalrelid regclass)",
)


def declared_tables() -> set[str]:
    """Return every table that a package declares."""
    names = set()
    for path in sorted(SOURCE.glob("*/*/tables.py")):
        name = ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
        names |= set(importlib.import_module(name).metadata.tables)
    return names


def test_without_citus_it_is_refused_and_nothing_is_changed(engine):
    with pytest.raises(CitusMissing, match="CREATE EXTENSION citus") as refused:
        distribute(engine)
    assert refused.value.code == "base.citus_missing"


def test_every_table_is_placed_by_its_bank_after_those_it_refers_to(session):
    tables = find_tables(session)
    made = statements(tables, find_functions(session))
    placed = [
        match.group(1)
        for each in made
        if (match := re.match(r"SELECT create_distributed_table\('([^']+)', 'bank_id'", each))
    ]
    assert declared_tables() == set(placed)
    assert len(placed) == len(set(placed))
    for table in tables:
        for name in table.refers_to:
            assert placed.index(name) <= placed.index(table.name)


def test_the_posting_function_goes_where_its_bank_is(session):
    placed = {each.signature.split("(")[0]: each.has_bank for each in find_functions(session)}
    assert placed["ledger.post_transfers"]
    assert placed["ledger.post_batch"]
    assert not placed["ledger.content_of"]
    assert "ledger.refuse_change" not in placed


def test_all_that_is_said_to_citus_is_understood_and_said_once(engine, monkeypatch):
    """A stand-in takes the calls: the names resolve, and a second run places nothing again."""
    monkeypatch.setattr(module, "_has_citus", lambda _session: True)
    with engine.connect() as session, session.begin() as change:
        for statement in STAND_IN:
            session.exec_driver_sql(statement)
        monkeypatch.setattr(module, "transaction", lambda _engine: _kept(session))
        done = distribute(engine)
        rows = session.execute(text("SELECT * FROM public.placed ORDER BY id")).all()
        tables = [row for row in rows if row.kind == "table"]
        assert len(done) == len(rows) + 1
        assert {row.by_column for row in tables} == {"bank_id"}
        assert {row.beside for row in tables[1:]} == {tables[0].name}
        session.exec_driver_sql(
            "INSERT INTO public.pg_dist_partition SELECT name::regclass FROM public.placed"
            " WHERE kind = 'table'"
        )
        assert distribute(engine) == []
        change.rollback()


class _kept:
    """A transaction that the test undoes itself."""

    def __init__(self, session) -> None:
        self.session = session

    def __enter__(self):
        return self.session

    def __exit__(self, *_: object) -> None:
        pass


def test_tables_in_a_circle_are_a_bug():
    with pytest.raises(BrokenInvariant):
        statements([PlacedTable("a.x", ("a.y",)), PlacedTable("a.y", ("a.x",))], [])
    made = statements([PlacedTable("a.x", ("a.x",))], [PlacedFunction("a.f(uuid)", True)])
    assert made[1:] == [
        "SELECT create_distributed_table('a.x', 'bank_id')",
        "SELECT create_distributed_function('a.f(uuid)', 'bank', colocate_with => 'a.x')",
    ]


def test_keys_and_foreign_keys_stay_within_a_bank(session):
    """Citus wants the bank in every unique key, and in the same place of both sides of a key."""
    loose = session.execute(
        text(
            """SELECT k.conname FROM pg_constraint AS k
               JOIN pg_namespace AS n ON n.oid = k.connamespace
               WHERE k.contype = 'f' AND n.nspname = ANY (:schemas) AND NOT EXISTS (
                   SELECT FROM unnest(k.conkey, k.confkey) AS p (mine, theirs)
                   JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = p.mine
                   JOIN pg_attribute AS b ON b.attrelid = k.confrelid AND b.attnum = p.theirs
                   WHERE a.attname = 'bank_id' AND b.attname = 'bank_id')"""
        ),
        {"schemas": module._schemas(session)},
    ).all()
    unique = session.execute(
        text(
            """SELECT i.indexrelid::regclass::text AS name FROM pg_index AS i
               JOIN pg_class AS c ON c.oid = i.indrelid
               JOIN pg_namespace AS n ON n.oid = c.relnamespace
               JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
               WHERE i.indisunique AND n.nspname = ANY (:schemas) AND a.attname <> 'bank_id'"""
        ),
        {"schemas": module._schemas(session)},
    ).all()
    assert (loose, unique) == ([], [])
