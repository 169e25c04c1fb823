"""What products can be asked to do: keep agreements, and the contents they were made under."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from jiuding.base.database.engine import Session
from jiuding.base.ids import new_id
from jiuding.base.problems import ensure
from jiuding.kernel.products import store
from jiuding.kernel.products.errors import AgreementConflict, AgreementNotFound, BadTerms
from jiuding.kernel.products.rules.rates import TimedFlow, rate_per_period
from jiuding.kernel.products.rules.schedules import schedule_of
from jiuding.kernel.products.rules.versions import pinned, product_of, version_of
from jiuding.kernel.products.types import Agreement, Instalment, LoanProduct, Terms

KEY_LENGTH_MAX = 200
_RATE_PLACES = Decimal("1e-12")


def agree(
    session: Session,
    *,
    bank_id: str,
    idempotency_key: str,
    party_id: str,
    product: LoanProduct,
    rate_index: int,
    terms: Terms,
    purpose: str,
    now: datetime,
) -> Agreement:
    """Make an agreement: pin the product's content by version and store every row it promises.

    The same key with the same content returns the first agreement.

    Refuses: AgreementConflict for a used key with other content; BadTerms where the terms have no
    schedule or are in another currency than the product.
    """
    if not 1 <= len(idempotency_key) <= KEY_LENGTH_MAX:
        raise BadTerms(f"an idempotency key has 1 to {KEY_LENGTH_MAX} characters")
    _check(product, rate_index, terms)
    version, content = pinned(product)
    content_hash = version_of(
        {"party": party_id, "version": version, "rate": rate_index, "purpose": purpose}
        | {"terms": asdict(terms)}
    )
    known = store.fetch_by_key(session, bank_id=bank_id, idempotency_key=idempotency_key)
    if known is None:
        rows = schedule_of(terms)
        agreement = Agreement(
            agreement_id=new_id("agr", now),
            party_id=party_id,
            product_id=product.product_id,
            lender=product.lender,
            version=version,
            rate_index=rate_index,
            purpose=purpose,
            terms=terms,
            instalments=rows,
            true_rate=true_rate(terms, rows),
            made_at=now,
        )
        known = _keep(session, bank_id, agreement, content, idempotency_key, content_hash)
    first, first_hash = known
    if first_hash != content_hash:
        raise AgreementConflict(
            "this idempotency key already made an agreement with other content",
            agreement_id=first.agreement_id,
        )
    return first


def _keep(
    session: Session,
    bank_id: str,
    agreement: Agreement,
    content: dict[str, Any],
    idempotency_key: str,
    content_hash: str,
) -> tuple[Agreement, str]:
    """Store an agreement; return it, or the one that another session made under the same key."""
    store.save_version(
        session,
        bank_id=bank_id,
        version=agreement.version,
        product_id=agreement.product_id,
        lender=agreement.lender,
        content=content,
        now=agreement.made_at,
    )
    if store.insert_agreement(
        session,
        bank_id=bank_id,
        agreement=agreement,
        idempotency_key=idempotency_key,
        content_hash=content_hash,
    ):
        return agreement, content_hash
    # Another session made it between our look and our write; its commit is now visible.
    known = store.fetch_by_key(session, bank_id=bank_id, idempotency_key=idempotency_key)
    ensure(known is not None, "a taken idempotency key has its agreement")
    return known


def read_agreement(session: Session, *, bank_id: str, agreement_id: str) -> Agreement:
    """Return an agreement with its rows.

    Refuses: AgreementNotFound when there is none, or it is another bank's.
    """
    found = store.fetch_agreement(session, bank_id=bank_id, agreement_id=agreement_id)
    if found is None:
        raise AgreementNotFound("no agreement with this id", agreement_id=agreement_id)
    return found


def read_product_content(session: Session, *, bank_id: str, version: str) -> dict[str, Any]:
    """Return what a product promised under a version that an agreement of this bank pins.

    Refuses: AgreementNotFound when no agreement was made under it.
    """
    content = store.fetch_content(session, bank_id=bank_id, version=version)
    if content is None:
        raise AgreementNotFound("no agreement was made under this product version")
    return content


def keep_version(session: Session, *, bank_id: str, product: LoanProduct, now: datetime) -> str:
    """Store what a product promises now and return its version, before an agreement needs it."""
    version, content = pinned(product)
    store.save_version(
        session, bank_id=bank_id, version=version, product_id=product.product_id,
        lender=product.lender, content=content, now=now,
    )  # fmt: skip
    return version


def read_product(session: Session, *, bank_id: str, version: str) -> LoanProduct:
    """Return the product that was kept under a version.

    Refuses: AgreementNotFound when this bank kept none.
    """
    content = read_product_content(session, bank_id=bank_id, version=version)
    return product_of(content, version=version)


def true_rate(terms: Terms, rows: tuple[Instalment, ...]) -> Decimal | None:
    """Return 12 x the monthly internal rate of the promised flows with every fee, or None."""
    flows = [TimedFlow(0.0, (terms.principal - terms.fee_upfront).decimal)]
    scale = terms.principal.asset.scale
    first = terms.first_due_on
    for row in rows:
        month = 1 + (row.due_on.year - first.year) * 12 + row.due_on.month - first.month
        flows.append(TimedFlow(float(month), -Decimal(row.total_units).scaleb(-scale)))
    found = rate_per_period(flows)
    return None if found is None else (12 * Decimal(found)).quantize(_RATE_PLACES)


def _check(product: LoanProduct, rate_index: int, terms: Terms) -> None:
    assets = {terms.principal.asset, terms.fee_upfront.asset, terms.fee_monthly.asset}
    if {asset.code for asset in assets} != {product.currency}:
        raise BadTerms(f"the terms must be in {product.currency}, the product's currency")
    if rate_index not in {rate.index for rate in product.rates}:
        raise BadTerms("the product has no rate with this index", rate_index=rate_index)
    if terms.first_due_on <= terms.agreed_on:
        raise BadTerms("the first row is due after the day of the agreement")
    if terms.fee_upfront.units < 0 or terms.fee_monthly.units < 0:
        raise BadTerms("fees are never negative")
    if terms.fee_upfront.units >= terms.principal.units:
        raise BadTerms("the fee kept back on the first day is less than the principal")
