"""Tables of offers: what was quoted, to whom, from which library, and until when it holds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, Table, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB

from jiuding.base.database.columns import Id, Instant, bank_column, schema

metadata = schema("offers")

quotes = Table(
    "quotes",
    metadata,
    bank_column(),
    Column("quote_id", Id("quo"), primary_key=True),
    Column("party_id", Id("pty"), nullable=False),
    Column("market", Text, nullable=False),
    Column("need", JSONB, nullable=False),
    Column("profile", JSONB, nullable=False),
    Column("answer", JSONB, nullable=False),
    Column("library_version", Text, nullable=False),
    Column("quoted_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

library_imports = Table(
    "library_imports",
    metadata,
    bank_column(),
    Column("import_id", Id("imp"), primary_key=True),
    Column("source", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("licence", Text, nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("checked_at", Instant, nullable=False),
    Column("product_count", Integer, nullable=False),
    Column("unquotable", JSONB, nullable=False),
    Column("quarantined_count", Integer, nullable=False),
    Column("quarantined", JSONB, nullable=False),
    Column("changed", JSONB, nullable=False),
    Column("changes", JSONB, nullable=False),
    # [lender, product id, copy, version, place] of each product; null: only dates are known of it.
    Column("shown", JSONB, nullable=True),
    Column("withdrawn_at", Instant, nullable=True),
    Column("withdrawn_reason", Text, nullable=True),
    Unique("bank_id", "source", "number", name="library_imports_number"),
)

product_history = Table(
    "product_history",
    metadata,
    bank_column(),
    Column("source", Text, primary_key=True),
    Column("lender", Text, primary_key=True),
    Column("product_id", Text, primary_key=True),
    # Files list the same lender and id more than once: this counts them, in the file's order.
    Column("copy", Integer, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("first_number", Integer, nullable=False),
    Column("last_number", Integer, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
)

watches = Table(
    "watches",
    metadata,
    bank_column(),
    Column("watch_id", Id("wch"), primary_key=True),
    Column("party_id", Id("pty"), nullable=False),
    Column("loan_id", Id("ln"), nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("stopped_at", Instant, nullable=True),
    # What the last look found, and in which library: a look at the same one is not repeated.
    Column("looked_at", Instant, nullable=True),
    Column("looked_version", Text, nullable=True),
    Column("outcome", Text, nullable=True),
    Unique("bank_id", "party_id", "idempotency_key", name="watches_key"),
)

findings = Table(
    "findings",
    metadata,
    bank_column(),
    Column("finding_id", Id("fnd"), primary_key=True),
    Column("watch_id", Id("wch"), nullable=False),
    Column("loan_id", Id("ln"), nullable=False),
    Column("party_id", Id("pty"), nullable=False),
    Column("finding_key", Text, nullable=False),
    Column("library_version", Text, nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("currency", Text, nullable=False),
    Column("saved_units", BigInteger, nullable=False),
    Column("stay_units", BigInteger, nullable=False),
    Column("switch_units", BigInteger, nullable=False),
    Column("exit_units", BigInteger, nullable=False),
    Column("balance_units", BigInteger, nullable=False),
    Column("term_months", Integer, nullable=False),
    Column("plan", JSONB, nullable=False),
    Unique("bank_id", "watch_id", "finding_key", name="findings_key"),
    ForeignKeyConstraint(
        ["bank_id", "watch_id"], ["offers.watches.bank_id", "offers.watches.watch_id"]
    ),
)
