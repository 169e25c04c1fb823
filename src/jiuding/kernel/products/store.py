"""Every query of products, and the reading of the packs that the catalogue declares."""

from __future__ import annotations

import tomllib
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert

from jiuding.base.amounts import Amount, currency
from jiuding.base.database.engine import Session
from jiuding.kernel.products.errors import BadPack
from jiuding.kernel.products.rules.packs import pack_from
from jiuding.kernel.products.tables import agreements, instalments, product_versions
from jiuding.kernel.products.types import Agreement, Instalment, Pack, Repayment, Terms

PACK_BYTES_MAX = 1_000_000


def read_packs(folder: Path) -> dict[str, Pack]:
    """Return the jurisdiction packs of a folder by jurisdiction; all of them, or a refusal.

    Refuses: BadPack for a file that is not TOML, too large, or states something unknown.
    """
    packs = {}
    for path in sorted(folder.glob("*.toml")):
        if path.stat().st_size > PACK_BYTES_MAX:
            raise BadPack(f"{path.name} is larger than {PACK_BYTES_MAX} bytes")
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadPack(f"{path.name} is not TOML: {error}") from None
        pack = pack_from(document)
        if pack.jurisdiction != path.stem:
            raise BadPack(f"{path.name} states the pack of {pack.jurisdiction}")
        packs[pack.jurisdiction] = pack
    return packs


def save_version(
    session: Session,
    *,
    bank_id: str,
    version: str,
    product_id: str,
    lender: str,
    content: dict[str, Any],
    now: datetime,
) -> None:
    """Store a product's content once a bank; the same version again changes nothing."""
    session.execute(
        insert(product_versions)
        .values(
            bank_id=bank_id,
            version=version,
            product_id=product_id,
            lender=lender,
            content=content,
            recorded_at=now,
        )
        .on_conflict_do_nothing()
    )


def fetch_content(session: Session, *, bank_id: str, version: str) -> dict[str, Any] | None:
    """Return the content stored under a version, or None."""
    return session.execute(
        select(product_versions.c.content).where(
            product_versions.c.bank_id == bank_id, product_versions.c.version == version
        )
    ).scalar_one_or_none()


def insert_agreement(
    session: Session, *, bank_id: str, agreement: Agreement, idempotency_key: str, content_hash: str
) -> bool:
    """Store an agreement and its rows; return False where the idempotency key is taken."""
    terms = agreement.terms
    done = session.execute(
        insert(agreements)
        .values(
            bank_id=bank_id,
            agreement_id=agreement.agreement_id,
            idempotency_key=idempotency_key,
            content_hash=content_hash,
            party_id=agreement.party_id,
            version=agreement.version,
            rate_index=agreement.rate_index,
            purpose=agreement.purpose,
            currency=terms.principal.asset.code,
            principal_units=terms.principal.units,
            annual_rate=terms.annual_rate,
            term_months=terms.term_months,
            repayment=terms.repayment.value,
            agreed_on=terms.agreed_on,
            first_due_on=terms.first_due_on,
            fee_upfront_units=terms.fee_upfront.units,
            fee_monthly_units=terms.fee_monthly.units,
            true_rate=agreement.true_rate,
            made_at=agreement.made_at,
        )
        .on_conflict_do_nothing(constraint="agreements_idempotency_key")
        .returning(agreements.c.agreement_id)
    ).first()
    if done is None:
        return False
    session.execute(
        insert(instalments),
        [
            {
                "bank_id": bank_id,
                "agreement_id": agreement.agreement_id,
                "number": row.number,
                "due_on": row.due_on,
                "principal_units": row.principal_units,
                "interest_units": row.interest_units,
                "fee_units": row.fee_units,
                "balance_units": row.balance_units,
            }
            for row in agreement.instalments
        ],
    )
    return True


def fetch_by_key(
    session: Session, *, bank_id: str, idempotency_key: str
) -> tuple[Agreement, str] | None:
    """Return the agreement made under an idempotency key and its content hash, or None."""
    row = session.execute(
        _agreements()
        .add_columns(agreements.c.content_hash)
        .where(agreements.c.bank_id == bank_id, agreements.c.idempotency_key == idempotency_key)
    ).first()
    return None if row is None else (_agreement(session, bank_id, row), row.content_hash)


def fetch_agreement(session: Session, *, bank_id: str, agreement_id: str) -> Agreement | None:
    """Return an agreement of this bank with its rows, or None."""
    row = session.execute(
        _agreements().where(
            agreements.c.bank_id == bank_id, agreements.c.agreement_id == agreement_id
        )
    ).first()
    return None if row is None else _agreement(session, bank_id, row)


def _agreements():
    columns = [
        column
        for column in agreements.c
        if column.name not in ("bank_id", "idempotency_key", "content_hash")
    ]
    versions = product_versions.c
    return (
        select(*columns, versions.product_id, versions.lender)
        .select_from(agreements)
        .join(
            product_versions,
            (versions.bank_id == agreements.c.bank_id) & (versions.version == agreements.c.version),
        )
    )


def _agreement(session: Session, bank_id: str, row: Row[Any]) -> Agreement:
    asset = currency(row.currency)
    rows = session.execute(
        select(
            instalments.c.number,
            instalments.c.due_on,
            instalments.c.principal_units,
            instalments.c.interest_units,
            instalments.c.fee_units,
            instalments.c.balance_units,
        )
        .where(instalments.c.bank_id == bank_id, instalments.c.agreement_id == row.agreement_id)
        .order_by(instalments.c.number)
    ).all()
    return Agreement(
        agreement_id=row.agreement_id,
        party_id=row.party_id,
        product_id=row.product_id,
        lender=row.lender,
        version=row.version,
        rate_index=row.rate_index,
        purpose=row.purpose,
        terms=Terms(
            principal=Amount(row.principal_units, asset),
            annual_rate=row.annual_rate,
            term_months=row.term_months,
            repayment=Repayment(row.repayment),
            agreed_on=row.agreed_on,
            first_due_on=row.first_due_on,
            fee_upfront=Amount(row.fee_upfront_units, asset),
            fee_monthly=Amount(row.fee_monthly_units, asset),
        ),
        instalments=tuple(Instalment(*each) for each in rows),
        true_rate=row.true_rate,
        made_at=row.made_at,
    )
