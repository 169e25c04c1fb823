"""Who reads what: seals over the event log, the register of staff, and reads made past the bank.

`eventlog.seals` chains the news in its order. The schema `access` holds who works here, whom the
bank protects from curious eyes, and who may analyse until when. `analysis` holds the views that an
analyst reads, without names, owners or texts. `database_watch` notes who opens a connection, where
the server can (PostgreSQL 17 and newer, by a superuser's migration), and shows who is there now.
"""

from alembic import op

revision = "0025"
down_revision = "0023"

SEALS = (
    # `leaves` holds 32 bytes for each event, in the order of positions, as `event_ids` does.
    """CREATE TABLE eventlog.seals (
        bank_id uuid NOT NULL,
        number bigint NOT NULL,
        first_position bigint NOT NULL,
        last_position bigint NOT NULL,
        sealed_at timestamptz NOT NULL,
        previous bytea NOT NULL,
        seal bytea NOT NULL,
        event_ids uuid[] NOT NULL,
        leaves bytea NOT NULL,
        PRIMARY KEY (bank_id, number)
    )""",
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON eventlog.seals
    FOR EACH STATEMENT EXECUTE FUNCTION eventlog.refuse_change()""",
)

REGISTER = (
    "CREATE SCHEMA access",
    """CREATE TABLE access.staff (
        bank_id uuid NOT NULL,
        person text NOT NULL,
        party_id text,
        team text NOT NULL,
        role text NOT NULL,
        began_on date NOT NULL,
        PRIMARY KEY (bank_id, person)
    )""",
    """CREATE TABLE access.protected (
        bank_id uuid NOT NULL,
        party_id text NOT NULL,
        reason text NOT NULL,
        PRIMARY KEY (bank_id, party_id)
    )""",
    """CREATE TABLE access.analysts (
        bank_id uuid NOT NULL,
        login text NOT NULL,
        reason text NOT NULL,
        valid_until timestamptz NOT NULL,
        PRIMARY KEY (bank_id, login)
    )""",
    """CREATE TABLE access.cursors (
        bank_id uuid NOT NULL,
        name text NOT NULL,
        position bigint NOT NULL,
        PRIMARY KEY (bank_id, name)
    )""",
)

# An analyst sees the banks and the time that its grant names, and nobody whom the bank protects.
GRANTED = """
    bank_id IN (SELECT g.bank_id FROM access.analysts AS g
                WHERE g.login = session_user AND g.valid_until > now())"""
OPEN = """
    NOT EXISTS (SELECT FROM access.protected AS p
                WHERE p.bank_id = a.bank_id AND p.party_id = a.owner_id)"""
VIEWS = (
    "CREATE SCHEMA analysis",
    f"""CREATE VIEW analysis.accounts WITH (security_barrier) AS
    SELECT a.bank_id, a.account_id, a.kind, a.asset_code, a.status, a.debits_posted,
           a.credits_posted, a.posting_count, a.opened_at
    FROM ledger.accounts AS a WHERE a.{GRANTED.strip()} AND {OPEN}""",
    f"""CREATE VIEW analysis.transfers WITH (security_barrier) AS
    SELECT t.bank_id, t.transfer_id, t.debit_id, t.credit_id, t.units, t.code, t.effective_on,
           t.recorded_at
    FROM ledger.transfers AS t
    WHERE t.{GRANTED.strip()} AND NOT EXISTS (
        SELECT FROM ledger.accounts AS a JOIN access.protected AS p
            ON p.bank_id = a.bank_id AND p.party_id = a.owner_id
        WHERE a.bank_id = t.bank_id AND a.account_id IN (t.debit_id, t.credit_id))""",
    f"""CREATE VIEW analysis.events WITH (security_barrier) AS
    SELECT e.bank_id, e.event_id, e.kind, e.source, e.occurred_at
    FROM eventlog.events AS e WHERE e.{GRANTED.strip()}""",
)

WATCH = (
    "CREATE SCHEMA database_watch",
    """CREATE TABLE database_watch.logins (
        position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        login text NOT NULL,
        program text NOT NULL,
        address text NOT NULL,
        process_id integer NOT NULL,
        at timestamptz NOT NULL
    )""",
    """CREATE FUNCTION database_watch.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
        RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME;
    END
    $body$""",
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON database_watch.logins
    FOR EACH STATEMENT EXECUTE FUNCTION database_watch.refuse_change()""",
    # Runs with the owner's rights, so that the program sees who else is here and no more than that.
    """CREATE FUNCTION database_watch.others() RETURNS TABLE (
        login text, program text, address text, process_id integer, began_at timestamptz,
        statement text
    ) LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $body$
        SELECT usename::text, left(application_name, 100), coalesce(client_addr::text, 'local'),
               pid, query_start, left(query, 2000)
        FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend'
          AND usename IS DISTINCT FROM session_user AND query_start IS NOT NULL
    $body$""",
    # Who asks for read-only transactions cannot be noted, and is refused. A superuser is let in
    # where the note fails, since nobody else could mend it.
    """CREATE FUNCTION database_watch.note_login() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $body$
    BEGIN
        IF session_user = 'jiuding_program' OR pg_is_in_recovery() THEN
            RETURN;
        END IF;
        INSERT INTO database_watch.logins (login, program, address, process_id, at)
        VALUES (session_user, left(current_setting('application_name', true), 100),
                coalesce(inet_client_addr()::text, 'local'), pg_backend_pid(), clock_timestamp());
    EXCEPTION WHEN OTHERS THEN
        IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN
            RAISE EXCEPTION 'this login cannot be noted: %', SQLERRM;
        END IF;
    END
    $body$""",
    """DO $body$
    BEGIN
        IF current_setting('server_version_num')::int >= 170000
           AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
            EXECUTE format('CREATE EVENT TRIGGER jiuding_note_login ON login'
                           ' EXECUTE FUNCTION database_watch.note_login()');
            EXECUTE 'ALTER EVENT TRIGGER jiuding_note_login ENABLE ALWAYS';
        END IF;
    END
    $body$""",
)


def upgrade() -> None:
    for statement in (*SEALS, *REGISTER, *VIEWS, *WATCH):
        op.execute(statement)
