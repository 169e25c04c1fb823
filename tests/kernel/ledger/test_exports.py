"""The ledger as files: Parquet and beancount say what the ledger says, to the last unit."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from jiuding.base.amounts import Amount, Asset, currency
from jiuding.base.database.engine import transaction
from jiuding.base.ids import new_id
from jiuding.base.problems import BadInput
from jiuding.kernel import ledger
from jiuding.kernel.ledger import commands
from jiuding.kernel.ledger.operations import exporting
from jiuding.kernel.ledger.rules import beancount

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CNY, JPY, POINTS = currency("CNY"), currency("JPY"), Asset("tests.points", 0)
CHECKER = Path(sys.executable).parent / "bean-check"


class Town:
    """A committed bank with postings in three assets, a hold, a reversal and a back-dated line."""

    def __init__(self, engine) -> None:
        self.engine = engine
        self.bank_id = new_id("bank", NOW)
        with transaction(engine) as session:
            self.session = session
            self.cash = {asset: self.own("cash_at_central_bank", asset) for asset in (CNY, POINTS)}
            self.yen = self.own("cash_at_central_bank", JPY)
            self.a, self.b = self.deposit(CNY), self.deposit(CNY, purpose="car")
            self.points = self.deposit(POINTS)
            self.income = self.own("fee_income", CNY)
            self.post()

    def own(self, kind: str, asset: Asset) -> str:
        terms = {"bank_id": self.bank_id, "asset": asset, "now": NOW}
        return ledger.bank_account(self.session, kind=kind, **terms).account_id

    def deposit(self, asset: Asset, **terms) -> str:
        terms |= {"bank_id": self.bank_id, "asset": asset, "now": NOW}
        return ledger.open_account(
            self.session, kind="customer_deposit", owner_id="pty_1", **terms
        ).account_id

    def item(self, debit, credit, units, asset=CNY, **terms) -> ledger.NewTransfer:
        terms = {"code": "tests.moved", "effective_on": NOW.date()} | terms
        return ledger.NewTransfer(new_id("trf", NOW), debit, credit, Amount(units, asset), **terms)

    def post(self) -> None:
        first = self.item(self.cash[CNY], self.a, 123_45, about="ln_1")
        second = self.item(self.a, self.income, 45)
        terms = {"bank_id": self.bank_id, "now": NOW}
        hold = ledger.NewHold(
            new_id("hld", NOW), self.a, self.b, Amount(7, CNY), "tests.held", NOW.date()
        )
        outcomes = ledger.post(
            self.session,
            transfers=[
                first,
                self.item(self.cash[CNY], self.b, 2**62, effective_on=date(1999, 12, 31)),
                second,
                self.item(self.a, self.income, 5),
                self.item(self.cash[POINTS], self.points, 8, asset=POINTS),
                hold,
            ],
            **terms,
        )
        assert {outcome.result for outcome in outcomes} == {ledger.Result.POSTED}
        ledger.reverse(
            self.session, transfer_id=second.transfer_id, reversal_id=new_id("trf", NOW),
            reason="tests.wrong", effective_on=NOW.date(), **terms,
        )  # fmt: skip

    def export(self, form: str, folder: Path, **period: date) -> dict:
        return commands.export(
            self.engine, bank_id=self.bank_id, form=form, folder=folder, now=NOW, **period
        )


@pytest.fixture(scope="module")
def town(engine):
    return Town(engine)


@pytest.fixture
def written(town, tmp_path) -> str:
    town.export("beancount", tmp_path)
    return (tmp_path / "ledger.beancount").read_text(encoding="utf-8")


def bean_check(tmp_path: Path, words: str) -> str:
    """Run the bookkeeper's own checker over a file and return what it says; nothing when right.

    Beancount is GPL-2.0: it is called as a program, here only, and is no part of what ships.
    """
    if not CHECKER.exists():
        pytest.skip("no bean-check")
    path = tmp_path / "checked.beancount"
    path.write_text(words, encoding="utf-8")
    done = subprocess.run([str(CHECKER), "-C", str(path)], capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_beancount_finds_nothing_wrong(written, tmp_path):
    assert bean_check(tmp_path, written) == ""


def test_beancount_has_every_transfer_and_asserts_every_balance(town, written):
    assert written.count(" * ") == 6
    assert written.count(" open ") == written.count(" balance ") == 7
    assert '1999-12-31 * "tests.moved"' in written
    deposit = "balance Liabilities:CustomerDeposit:{}  {}"
    big = deposit.format(town.b.split("_")[1].upper(), "-46116860184273879.04 ~ 0 CNY")
    assert big in written
    points = deposit.format(town.points.split("_")[1].upper(), "-8 ~ 0 TESTS.POINTS")
    assert points in written
    assert "reverses: " in written


def test_beancount_would_find_a_unit_too_much(written, tmp_path):
    wrong = re.sub(r"-(\d+)\.04 ~ 0 CNY", r"-\1.05 ~ 0 CNY", written)
    assert wrong != written
    assert "Balance failed" in bean_check(tmp_path, wrong)


def test_beancount_would_find_a_transfer_that_is_missing(written, tmp_path):
    start = written.index('1999-12-31 * "tests.moved"')
    end = written.index("\n20", start)
    assert "Balance failed" in bean_check(tmp_path, written[:start] + written[end:])


def test_a_bank_with_nothing_in_it_is_a_right_file_too(engine, tmp_path):
    commands.export(engine, bank_id=new_id("bank", NOW), form="beancount", folder=tmp_path, now=NOW)
    assert bean_check(tmp_path, (tmp_path / "ledger.beancount").read_text()) == ""


def test_parquet_of_a_bank_with_nothing_in_it_has_its_columns(engine, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    commands.export(engine, bank_id=new_id("bank", NOW), form="parquet", folder=tmp_path, now=NOW)
    with duckdb.connect() as connection:
        for name in ("accounts", "transfers", "holds"):
            found = connection.execute(f"DESCRIBE SELECT * FROM '{tmp_path}/{name}.parquet'")
            assert len(found.fetchall()) > 10
            count = connection.execute(f"SELECT count(*) FROM '{tmp_path}/{name}.parquet'")
            assert count.fetchall() == [(0,)]


def test_commodities_have_names_that_beancount_reads_and_that_differ():
    codes = ["CNY", "tests.points", "tests-points", "tests points", "X", "9lives", "true", "积分"]
    names = beancount.commodity_names([Asset(code, 2) for code in codes])
    assert len(set(names.values())) == len(codes)
    for name in names.values():
        assert re.fullmatch(r"[A-Z][A-Z0-9'._-]*[A-Z0-9]", name)
    assert (names["CNY"], names["tests.points"]) == ("CNY", "TESTS.POINTS")


def test_more_than_beancount_can_read_is_refused(town, tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "BEANCOUNT_TRANSFERS_MAX", 3)
    with pytest.raises(ledger.ExportTooLarge):
        town.export("beancount", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def tables(town, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    town.export("parquet", tmp_path)
    with duckdb.connect() as connection:
        yield lambda query: connection.execute(query.replace("@", f"{tmp_path}/")).fetchall()


def test_parquet_has_every_row_with_printed_ids_and_whole_units(town, tables):
    found = tables("SELECT * EXCLUDE (recorded_at) FROM '@transfers.parquet' ORDER BY 1")
    with transaction(town.engine) as session:
        expected = [
            ledger.read_transfer(session, bank_id=town.bank_id, transfer_id=row[0]) for row in found
        ]
    assert len(found) == 6
    for row, transfer in zip(found, expected, strict=True):
        assert row[:9] == (
            transfer.transfer_id, transfer.debit_id, transfer.credit_id,
            transfer.amount.asset.code, transfer.amount.asset.scale, transfer.amount.units,
            transfer.code, transfer.about, transfer.effective_on,
        )  # fmt: skip
        assert row[11:] == (transfer.hold_id, transfer.reverses_id)


def test_parquet_books_balance_by_themselves(tables):
    sides = """
        SELECT account_id, sum(units) AS units FROM (
            SELECT debit_id AS account_id, units::HUGEINT AS units FROM '@transfers.parquet'
            UNION ALL SELECT credit_id, -units::HUGEINT FROM '@transfers.parquet') GROUP BY 1"""
    wrong = f"""SELECT a.account_id FROM '@accounts.parquet' AS a LEFT JOIN ({sides}) AS s
                ON s.account_id = a.account_id
                WHERE coalesce(s.units, 0) <> a.debits_posted::HUGEINT - a.credits_posted"""
    assert tables(wrong) == []
    assert tables("SELECT count(*) FROM '@accounts.parquet'") == [(7,)]


def test_parquet_tells_missing_from_empty_and_keeps_types(town, tables):
    accounts = {row[0]: row[1:] for row in tables(
        "SELECT account_id, owner_id, purpose, status FROM '@accounts.parquet'"
    )}  # fmt: skip
    assert accounts[town.cash[CNY]] == (None, "", "open")
    assert accounts[town.b] == ("pty_1", "car", "open")
    assert tables("SELECT status, units_left, expires_at FROM '@holds.parquet'") == [
        ("open", 7, None)
    ]
    described = tables("DESCRIBE SELECT * FROM '@transfers.parquet'")
    types = {row[0]: row[1] for row in described}
    assert types["units"] == "BIGINT"
    assert types["effective_on"] == "DATE"
    assert types["recorded_at"] == "TIMESTAMP WITH TIME ZONE"
    (recorded_at,) = tables("SELECT DISTINCT epoch_ms(recorded_at) FROM '@transfers.parquet'")[0]
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=recorded_at) == NOW


def test_the_manifest_tells_what_was_written(town, tmp_path):
    pytest.importorskip("duckdb")
    told = town.export("parquet", tmp_path)
    again = town.export("parquet", tmp_path)
    assert [file["rows"] for file in told["files"]] == [file["rows"] for file in again["files"]]
    manifest = json.loads((tmp_path / "parquet.manifest.json").read_text())
    assert manifest["bank_id"] == town.bank_id
    assert [file["name"] for file in manifest["files"]] == [
        "accounts.parquet", "transfers.parquet", "holds.parquet",
    ]  # fmt: skip
    for file in manifest["files"]:
        digest = hashlib.sha256((tmp_path / file["name"]).read_bytes()).hexdigest()
        assert file["sha256"] == digest
    assert len(list(tmp_path.iterdir())) == 4


def test_an_export_is_of_one_moment(town, tmp_path):
    pytest.importorskip("duckdb")
    with commands.snapshot(town.engine) as session:
        before = exporting.export_parquet(session, bank_id=town.bank_id, folder=tmp_path, now=NOW)
        with transaction(town.engine) as other:
            ledger.transfer(
                other, bank_id=town.bank_id, now=NOW,
                transfer=town.item(town.cash[POINTS], town.points, 1, asset=POINTS),
            )  # fmt: skip
        again = exporting.export_parquet(session, bank_id=town.bank_id, folder=tmp_path, now=NOW)
    assert [file.row_count for file in before] == [file.row_count for file in again]


def test_a_folder_that_cannot_be_is_refused(town, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ledger.ExportUnwritable):
        town.export("beancount", tmp_path / "file")


@pytest.fixture(scope="module")
def week(engine):
    """A town with something on each of seven days, some of it added up and some still waiting."""
    town = Town(engine)
    for number in range(7):
        on = date(2026, 11, 10) + timedelta(number)
        items = [town.item(town.cash[CNY], town.a, 10 + number, effective_on=on),
                 town.item(town.a, town.b, number + 1, effective_on=on)]  # fmt: skip
        with transaction(engine) as session:
            ledger.post(session, bank_id=town.bank_id, transfers=items, now=NOW)
        if number == 3:
            ledger.seal_waiting(engine, bank_id=town.bank_id, now=NOW)
            ledger.roll_waiting(engine, bank_id=town.bank_id)
    return town


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [(12, 12, 2), (10, 16, 14), (13, 15, 6), (1, 9, 0), (14, 30, 11)],
)
def test_a_day_or_a_period_is_a_right_file_by_itself(week, tmp_path, first, last, count):
    period = {"first_on": date(2026, 11, first), "last_on": date(2026, 11, last)}
    told = week.export("beancount", tmp_path, **period)
    words = (tmp_path / "ledger.beancount").read_text(encoding="utf-8")
    assert told["files"][0]["rows"] == count
    assert len(re.findall(r"^  transfer: ", words, re.M)) == count
    # What was long before is brought forward, and nothing of other days is in it.
    assert "ledger.brought_forward" in words
    dates = set(re.findall(r"^(\d{4}-\d\d-\d\d) \*", words, re.M))
    assert {period["first_on"].isoformat()} <= dates
    assert all(str(period["first_on"]) <= day <= str(period["last_on"]) for day in dates)
    assert bean_check(tmp_path, words) == ""
    asserted = re.findall(r"balance \S+  (-?[\d.]+) ~ 0", words)
    assert len(asserted) == 7
    if count:
        lost = re.sub(
            r'^\d{4}-\d\d-\d\d \* "ledger.brought_forward"\n(  .*\n)+', "", words, flags=re.M
        )
        assert lost != words and bean_check(tmp_path, lost) != ""


def test_parquet_of_a_period_has_its_rows_only(week, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    day = date(2026, 11, 12)
    week.export("parquet", tmp_path, first_on=day, last_on=day + timedelta(1))
    days = duckdb.sql(
        f"SELECT effective_on, count(*) FROM '{tmp_path}/transfers.parquet' GROUP BY 1 ORDER BY 1"
    ).fetchall()
    assert days == [(day, 2), (day + timedelta(1), 2)]


def test_a_period_that_ends_before_it_begins_is_refused(week, tmp_path):
    with pytest.raises(BadInput, match="before it begins"):
        week.export("parquet", tmp_path, first_on=date(2026, 11, 2), last_on=date(2026, 11, 1))


def test_another_format_is_refused(town, tmp_path):
    with pytest.raises(BadInput, match="parquet, beancount"):
        town.export("xlsx", tmp_path)


def test_a_folder_with_a_quote_in_its_name_is_only_a_folder(town, tmp_path):
    pytest.importorskip("duckdb")
    folder = tmp_path / "o'clock; DROP"
    assert len(town.export("parquet", folder)["files"]) == 3


def test_closing_by_command_tells_what_came_late(engine):
    town = Town(engine)
    terms = {"bank_id": town.bank_id, "on": date(2026, 11, 22), "now": NOW}
    assert commands.close(engine, **terms) | {"lines": 0} == {
        "on": "2026-11-22", "number": 1, "closed_at": NOW.isoformat(), "lines": 0, "changed": [],
    }  # fmt: skip
    with transaction(engine) as session:
        late = town.item(town.cash[CNY], town.a, 5, effective_on=date(2026, 11, 21))
        ledger.transfer(session, bank_id=town.bank_id, transfer=late, now=NOW)
    told = commands.close(engine, **terms)
    assert told["number"] == 2
    assert [(each["kind"], each["debits"][1]) for each in told["changed"]] == [
        ("cash_at_central_bank", "46116860184273879.09"), ("customer_deposit", "0.00"),
    ]  # fmt: skip
