"""What waits for its seal is watched too: what was written after its posting is not sealed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from jiuding.base.amounts import Amount, currency
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id, to_uuid
from jiuding.kernel import ledger

CNY = currency("CNY")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

RENAME = (
    "UPDATE ledger.transfers SET transfer_id = :new WHERE bank_id = :bank AND transfer_id = :id"
)


@pytest.fixture
def waiting(engine):
    """A bank with three postings that wait, committed: four transfers, one, and two."""
    bank_id = new_id("bank", NOW)
    terms = {"bank_id": bank_id, "asset": CNY, "now": NOW}
    with transaction(engine) as session:
        cash = ledger.bank_account(session, kind="cash_at_central_bank", **terms).account_id
        held = ledger.open_account(
            session, kind="customer_deposit", owner_id="pty_1", **terms
        ).account_id
    ids = []
    for size in (4, 1, 2):
        items = [
            ledger.NewTransfer(
                new_id("trf", NOW), cash, held, Amount(5, CNY), "tests.moved", date(2026, 11, 23)
            )
            for _ in range(size)
        ]
        with transaction(engine) as session:
            ledger.post_all(session, bank_id=bank_id, transfers=items, now=NOW)
        ids += [item.transfer_id for item in items]
    return SimpleNamespace(engine=engine, bank_id=bank_id, ids=ids)


def change(waiting, statement: str, **named: str) -> None:
    """Write past the ledger, and commit."""
    values = {name: to_uuid("trf", each) for name, each in named.items()}
    with transaction(waiting.engine) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement), values | {"bank": to_uuid("bank", waiting.bank_id)})


def verify(waiting) -> ledger.Verification:
    with transaction(waiting.engine) as session:
        return ledger.verify_seals(session, bank_id=waiting.bank_id)


def seal(waiting, **terms) -> int:
    return ledger.seal_waiting(waiting.engine, bank_id=waiting.bank_id, now=NOW, **terms)


def test_a_row_changed_while_it_waits_is_named_and_its_posting_is_not_sealed(waiting):
    assert verify(waiting).finding is None
    statement = "UPDATE ledger.transfers SET units = 6 WHERE bank_id = :bank AND transfer_id = :id"
    change(waiting, statement, id=waiting.ids[2])
    found = verify(waiting)
    assert (found.finding.code, found.finding.ids) == (
        "ledger.transfer_touched",
        (waiting.ids[2],),
    )
    assert seal(waiting) == 1
    found = verify(waiting)
    assert (found.sealed_count, found.waiting_count) == (3, 4)
    assert found.finding.ids == (waiting.ids[2],)
    assert seal(waiting) == 0
    assert seal(waiting, as_they_are=True) == 1
    found = verify(waiting)
    assert (found.sealed_count, found.waiting_count, found.finding) == (7, 0, None)


def test_rows_that_change_places_while_they_wait_are_named(waiting):
    third = new_id("trf", NOW)
    for old, new in ((0, third), (5, waiting.ids[0]), (third, waiting.ids[5])):
        change(waiting, RENAME, id=waiting.ids[old] if isinstance(old, int) else old, new=new)
    assert verify(waiting).finding.ids == (waiting.ids[0],)


def test_a_row_put_in_the_place_of_one_that_waits_is_found_out(waiting):
    slipped = new_id("trf", NOW)
    change(waiting, RENAME, id=waiting.ids[4], new=slipped)
    finding = verify(waiting).finding
    assert (finding.code, finding.ids) == ("ledger.transfer_missing", (waiting.ids[4],))
    # The sealer goes on with the rest, and never covers what is gone.
    assert seal(waiting, as_they_are=True) == 1
    found = verify(waiting)
    assert (found.sealed_count, found.waiting_count) == (6, 1)
    assert found.finding.code == "ledger.transfer_missing"
    change(
        waiting,
        "DELETE FROM ledger.unsealed WHERE bank_id = :bank AND first_id = :id",
        id=waiting.ids[4],
    )
    finding = verify(waiting).finding
    assert (finding.code, finding.ids) == ("ledger.transfer_unsealed", (slipped,))
