"""Who may do what in the database: an owner, the program, and people who analyse.

The *owner* holds the tables and is used by migrations only. The *program* serves the bank: it adds
rows and changes what may change; it owns nothing, so that it can neither alter nor delete a fact
(a table with the trigger `append_only`) nor switch that trigger off. An *analyst* reads the views
of the schema `analysis` and nothing else: no names, no owners, no texts, only the banks and the
time that a grant names. Rights are given anew after each migration, from what the tables are now.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from jiuding.base.problems import BadInput, Problem

PROGRAM = "jiuding_program"
ANALYST = "jiuding_analyst"
ANALYST_SECONDS_MAX = 60
ANALYST_CONNECTIONS_MAX = 2
_LOGIN = re.compile(r"[a-z][a-z0-9_]{2,40}")
# These are cluster-wide: two databases of one server may be settled at the same time.
_ROLE_LOCK = 0x4A69726F6C65


class DatabaseRoleTooStrong(Problem):
    """Refuse to serve with a database role that could alter or delete facts."""

    code = "base.database_role_too_strong"
    status = 503
    title = "The bank's own database role has too many rights"


@dataclass(frozen=True, slots=True)
class Rights:
    """What a role may do beyond (`excess`) and short of (`missing`) what a program needs.

    Both name tables, schema-qualified.
    """

    role: str
    excess: tuple[str, ...]
    missing: tuple[str, ...]


_TABLES = """
SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name, n.nspname AS schema,
       EXISTS (SELECT FROM pg_trigger AS t
               WHERE t.tgrelid = c.oid AND t.tgname = 'append_only') AS is_fact
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND (n.nspname = 'database_watch' OR EXISTS (
    SELECT FROM pg_attribute AS a
    WHERE a.attrelid = c.oid AND a.attname = 'bank_id' AND NOT a.attisdropped))
  AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
"""
_RIGHTS = f"""
WITH tables AS ({_TABLES})
SELECT name, is_fact,
       is_fact AND (has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
                    OR has_any_column_privilege(oid, 'UPDATE')) AS is_excess,
       NOT has_schema_privilege(schema, 'USAGE') OR NOT has_table_privilege(oid, 'SELECT')
       OR NOT has_table_privilege(oid, 'INSERT')
       OR (NOT is_fact AND NOT has_table_privilege(oid, 'UPDATE')) AS is_missing
FROM tables ORDER BY name
"""


def rights_of(session: Connection) -> Rights:
    """Return what the session's role has beyond and short of a program's rights."""
    rows = session.execute(text(_RIGHTS)).all()
    return Rights(
        role=session.execute(text("SELECT current_user")).scalar_one(),
        excess=tuple(row.name for row in rows if row.is_excess),
        missing=tuple(row.name for row in rows if row.is_missing),
    )


def require_weak(engine: Engine) -> None:
    """Let only a role pass that can neither alter nor delete a fact.

    Refuses: DatabaseRoleTooStrong.
    """
    with engine.connect() as session:
        found = rights_of(session)
    if found.excess:
        raise DatabaseRoleTooStrong(too_strong(found))


def too_strong(found: Rights) -> str:
    """Return in words what a role could do, and what to do about it."""
    return (
        f"{found.role} could alter or delete {len(found.excess)} tables of facts, "
        f"such as {found.excess[0]}; name the tables' owner in JIUDING_DATABASE_OWNER_URL and "
        "another role, which owns nothing, in JIUDING_DATABASE_URL"
    )


def settle(engine: Engine, *, program: str = PROGRAM, password: str | None = None) -> None:
    """Make the roles that are missing and give each its rights; again changes nothing.

    `engine` is the owner's. With a `password` the program's role is made, or gets it anew; without
    one the operator has made the role.
    """
    with engine.begin() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ROLE_LOCK})
        if password is not None:
            _make(session, program)
            verifier = _verifier(session, program, password)
            session.exec_driver_sql(f"ALTER ROLE {_quoted(program)} LOGIN PASSWORD '{verifier}'")
        if _may_make(session):
            _make(session, ANALYST)
        for statement in _grants(session, program):
            session.exec_driver_sql(statement)


def _grants(session: Connection, program: str) -> Sequence[str]:
    role, result = _quoted(program), []
    tables = session.execute(text(_TABLES)).all()
    for schema in sorted({table.schema for table in tables}):
        result.append(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
    for table in tables:
        verbs = "SELECT, INSERT" if table.is_fact else "SELECT, INSERT, UPDATE, DELETE"
        result.append(f"REVOKE ALL ON {table.name} FROM {role}")
        result.append(f"GRANT {verbs} ON {table.name} TO {role}")
    result.append(f"GRANT SELECT ON public.alembic_version TO {role}")
    result.append("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    if _is_there(session, ANALYST):
        result.append(f"GRANT USAGE ON SCHEMA analysis TO {ANALYST}")
        result.append(f"GRANT SELECT ON ALL TABLES IN SCHEMA analysis TO {ANALYST}")
    return result


def program_url(owner_url: str, password: str) -> str:
    """Return the owner's address with the program's role in it."""
    url = sqlalchemy.make_url(owner_url).set(username=PROGRAM, password=password)
    return url.render_as_string(hide_password=False)


def is_ready(engine: Engine) -> bool:
    """Return whether the program can serve as it is: it gets in, and its rights are all there."""
    try:
        with engine.connect() as session:
            known = text("SELECT to_regclass('public.alembic_version')")
            if session.execute(known).scalar() is None:
                return False
            found = rights_of(session)
    except OperationalError:
        return False
    return not found.excess and not found.missing


def add_analyst(engine: Engine, login: str) -> str:
    """Make a login that reads the views of `analysis` and return its new password.

    It may read and no more, for `ANALYST_SECONDS_MAX` a statement; where the owner is a superuser,
    the server's log keeps every statement. Again gives a new password. Refuses: BadInput.
    """
    if not _LOGIN.fullmatch(login) or login in (PROGRAM, ANALYST):
        raise BadInput("a login is 3 to 41 small letters, digits and underscores")
    password = secrets.token_urlsafe(24)
    with engine.begin() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ROLE_LOCK})
        _make(session, ANALYST)
        _make(session, login)
        for statement in (
            f"GRANT USAGE ON SCHEMA analysis TO {ANALYST}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA analysis TO {ANALYST}",
            f"ALTER ROLE {login} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
            f" CONNECTION LIMIT {ANALYST_CONNECTIONS_MAX}"
            f" PASSWORD '{_verifier(session, login, password)}'",
            f"GRANT {ANALYST} TO {login}",
            f"ALTER ROLE {login} SET statement_timeout = '{ANALYST_SECONDS_MAX}s'",
            f"ALTER ROLE {login} SET application_name = 'analysis'",
        ):
            session.exec_driver_sql(statement)
        if _is_superuser(session):
            session.exec_driver_sql(f"ALTER ROLE {login} SET log_statement = 'all'")
    return password


def notes_logins(session: Connection) -> bool:
    """Return whether the server notes every login to this database."""
    query = "SELECT 1 FROM pg_event_trigger WHERE evtname = 'jiuding_note_login' AND evtenabled='A'"
    return session.execute(text(query)).first() is not None


def _make(session: Connection, role: str) -> None:
    if not _is_there(session, role):
        session.exec_driver_sql(f"CREATE ROLE {_quoted(role)}")


def _is_there(session: Connection, role: str) -> bool:
    query = text("SELECT 1 FROM pg_roles WHERE rolname = :role")
    return session.execute(query, {"role": role}).first() is not None


def _may_make(session: Connection) -> bool:
    query = text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    return bool(session.execute(query).scalar())


def _is_superuser(session: Connection) -> bool:
    return bool(
        session.execute(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")).scalar()
    )


def _verifier(session: Connection, role: str, password: str) -> str:
    """Return the password as the server keeps it, so that no log ever holds it in clear."""
    raw = session.connection.driver_connection.pgconn
    made = raw.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return made.decode().replace("'", "''").replace("%", "%%")


def _quoted(role: str) -> str:
    return '"' + role.replace('"', '""').replace("%", "%%") + '"'
