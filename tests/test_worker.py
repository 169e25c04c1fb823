"""What the worker does in a round beside taking up applications: it keeps the books."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from jiuding import worker
from jiuding.base import clock
from jiuding.base.amounts import Amount, currency
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id, to_uuid
from jiuding.base.settings import CATALOG
from jiuding.kernel import ledger
from jiuding.services import risk

CNY = currency("CNY")


def test_a_round_gives_back_old_holds_seals_and_adds_up(site):
    house, now = site.house, clock.now()
    words = {"bank_id": house.bank.bank_id, "now": now}
    with transaction(house.engine) as session:
        terms = {"asset": CNY, **words}
        cash = ledger.bank_account(session, kind="cash_at_central_bank", **terms).account_id
        mine = ledger.open_account(
            session, kind="customer_deposit", owner_id="pty_1", **terms
        ).account_id
        amount = Amount(100, CNY)
        paid = ledger.NewTransfer(
            new_id("trf", now), cash, mine, amount, "tests.moved", now.date()
        )  # fmt: skip
        hold = ledger.NewHold(
            new_id("hld", now), mine, cash, amount, "tests.held", now.date(),
            expires_at=now + timedelta(microseconds=1),
        )  # fmt: skip
        ledger.post_all(session, transfers=[paid, hold], **words)
    worker.keep_books(house)
    bank = {"bank": to_uuid("bank", house.bank.bank_id)}
    with transaction(house.engine) as session:
        read = {"bank_id": house.bank.bank_id}
        ended = ledger.read_hold(session, hold_id=hold.hold_id, **read)
        assert ended.status is ledger.HoldStatus.EXPIRED
        assert ledger.available(session, account_id=mine, **read) == amount
        posted = ledger.read_transfer(session, transfer_id=paid.transfer_id, **read)
        assert ledger.read_ties(session, transfer=posted, **read).seal_number is not None
        for table in ("unsealed", "unrolled"):
            query = f"SELECT count(*) FROM ledger.{table} WHERE bank_id = :bank"
            assert session.execute(text(query), bank).scalar_one() == 0
        assert ledger.check_books(session, **read) == ()


def test_the_worker_tells_ahead_four_times_a_day_and_goes_on_where_it_stood(site, monkeypatch):
    asked = []

    def tell(engine, *, bank_id, now, after, limit_max):
        asked.append(after)
        return ((), "pty_x") if after is None and len(asked) == 1 else ((), None)

    monkeypatch.setattr(worker.insight, "tell_waiting", tell)
    now = clock.now()
    telling = worker.TellingAhead(now)
    assert telling.run_once(site.house, now - timedelta(seconds=1)) is None
    assert telling.run_once(site.house, now) == 0
    assert telling.run_once(site.house, now) == 0 and asked == [None, "pty_x"]
    assert telling.run_once(site.house, now + timedelta(hours=5)) is None
    assert telling.run_once(site.house, now + worker.TELL_EVERY) == 0
    monkeypatch.undo()
    assert worker.TellingAhead(now).run_once(site.house, now) == 0, "and once for real"


def test_a_round_lays_out_an_imported_list(site, tmp_path):
    house, file = site.house, tmp_path / "own.csv"
    before = worker.lay_out_lists(house)
    file.write_text(
        "id,schema,name,aliases,birth_date,countries,dataset\n1,Person,Zed Quill,,,zz,own\n"
    )
    with transaction(house.engine) as session:
        sample = CATALOG / "lists" / "invented.targets.simple.csv"
        for path, name in ((sample, "sample"), (file, "own")):
            risk.import_list(
                session, bank_id=house.bank.bank_id, path=path, name=name, by="ann",
                now=clock.now(),
            )  # fmt: skip
    assert worker.lay_out_lists(house) == before + 1
