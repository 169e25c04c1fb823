"""Two banks on two servers of their own: each is whole, and neither knows of the other."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from jiuding.base.amounts import Amount, currency
from jiuding.base.database.embedded import EmbeddedServer
from jiuding.base.database.engine import transaction
from jiuding.base.database.migrate import migrate
from jiuding.base.database.shards import BankNotPlaced, Shards, read_databases
from jiuding.base.ids import new_id, to_uuid
from jiuding.base.settings import SETTINGS, BadSetting, Settings, read_settings
from jiuding.bootstrap import demonstration, open_house
from jiuding.kernel import identity, ledger

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CNY = currency("CNY")
NORTH, SOUTH = "north_bank", "south_bank"


def write(path: Path, words: str, mode: int = 0o600) -> Path:
    path.write_text(words, encoding="utf-8")
    path.chmod(mode)
    return path


def test_no_file_names_no_databases(tmp_path):
    assert read_databases(tmp_path / "databases.toml") == {}


def test_a_file_maps_slugs_to_addresses(tmp_path):
    path = write(tmp_path / "d.toml", 'a = "postgresql://x/a"\nb-2 = "postgres://y/b"\n')
    assert read_databases(path) == {"a": "postgresql://x/a", "b-2": "postgres://y/b"}


@pytest.mark.parametrize(
    ("words", "mode"),
    [
        ('a = "postgresql://x"', 0o640),
        ('a = "postgresql://x"', 0o604),
        ("a = secret", 0o600),
        ('a = "mysql://x"', 0o600),
        ("a = 5", 0o600),
        ('[a]\nurl = "postgresql://x"', 0o600),
        ('"../a" = "postgresql://x"', 0o600),
        ('"" = "postgresql://x"', 0o600),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_without_telling_secrets(tmp_path, words, mode):
    path = write(tmp_path / "d.toml", words, mode)
    with pytest.raises(BadSetting) as refused:
        read_databases(path)
    assert "secret" not in str(refused.value)
    assert "://x" not in str(refused.value)


def test_the_files_place_is_a_setting(tmp_path):
    assert "JIUDING_DATABASES" in SETTINGS
    said = {"JIUDING_HOME": "/srv/bank", "JIUDING_DATABASES": str(tmp_path / "d.toml")}
    assert read_settings(said).databases == tmp_path / "d.toml"
    assert read_settings({"JIUDING_HOME": "/srv/bank"}).databases == Path(
        "/srv/bank/databases.toml"
    )


def test_a_bank_without_a_database_of_its_own_is_in_the_default():
    with Shards({NORTH: "postgresql://x/n"}, default_url="postgresql://x/d") as shards:
        assert shards.engine_for(NORTH).url.database == "n"
        assert shards.engine_for(SOUTH).url.database == "d"
        assert shards.engine_for("third") is shards.engine_for(SOUTH)
        assert [each.url.database for each in shards.every_engine()] == ["d", "n"]
    with Shards({NORTH: "postgresql://x/n"}) as shards, pytest.raises(BankNotPlaced):
        shards.engine_for(SOUTH)


def test_a_house_stands_where_the_file_says(tmp_path, engine):
    url = engine.url.render_as_string(hide_password=False)
    write(tmp_path / "databases.toml", f'{demonstration.SLUG} = "{url}"\n')
    # The other address would be refused, if anyone asked there.
    settings = Settings(tmp_path, 8000, "postgresql://nobody@127.0.0.1:1/nothing")
    with open_house(settings, now=NOW, seed=False) as house:
        assert house.database_url == url


class Place:
    """One bank in its own database."""

    def __init__(self, shards: Shards, slug: str) -> None:
        self.engine = shards.engine_for(slug)
        self.bank = identity.Bank(
            bank_id=new_id("bank", NOW), slug=slug, name_zh=slug, name_en=slug, markets=("cn",),
            is_demonstration=False,
        )  # fmt: skip
        self.bank_id = self.bank.bank_id
        terms = {"bank_id": self.bank_id, "asset": CNY, "now": NOW}
        with transaction(self.engine) as session:
            identity.register_bank(session, bank=self.bank, now=NOW)
            cash = ledger.bank_account(session, kind="cash_at_central_bank", **terms)
            held = ledger.open_account(session, kind="customer_deposit", owner_id="pty_1", **terms)
        self.cash, self.deposit = cash.account_id, held.account_id
        self.poster = ledger.Poster(self.engine, self.bank_id)

    def item(self, units: int = 1) -> ledger.NewTransfer:
        return ledger.NewTransfer(
            new_id("trf", NOW), self.cash, self.deposit, Amount(units, CNY), "tests.moved",
            date(2026, 11, 23),
        )  # fmt: skip

    def submit(self, *items: ledger.Instruction) -> list[str]:
        return [each.code or each.result.value for each in self.poster.submit(items, now=NOW)]

    def balance(self) -> int:
        with transaction(self.engine) as session:
            return ledger.balance(session, bank_id=self.bank_id, account_id=self.deposit).units

    def count(self, table: str, bank_id: str) -> int:
        query = text(f"SELECT count(*) FROM {table} WHERE bank_id = :bank")
        with transaction(self.engine) as session:
            return session.execute(query, {"bank": to_uuid("bank", bank_id)}).scalar_one()

    def findings(self) -> tuple[ledger.Finding, ...]:
        with transaction(self.engine) as session:
            return ledger.check_books(session, bank_id=self.bank_id)


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, EmbeddedServer]]:
    """Two servers with folders of their own; in memory where there is room."""
    has_room = os.path.isdir("/dev/shm") and shutil.disk_usage("/dev/shm").free > 500 * 2**20
    home = Path(tempfile.mkdtemp(prefix="jiuding-test-", dir="/dev/shm" if has_room else "/tmp"))
    home.chmod(0o755)
    started = {slug: EmbeddedServer(home / slug) for slug in (NORTH, SOUTH)}
    for server in started.values():
        server.start()
    yield started
    for server in started.values():
        server.remove()
    shutil.rmtree(home, ignore_errors=True)


@pytest.mark.slow
def test_two_banks_on_two_servers_share_nothing(servers, tmp_path):
    lines = [f'{slug} = "{server.url}"\n' for slug, server in servers.items()]
    urls = read_databases(write(tmp_path / "databases.toml", "".join(lines)))
    with Shards(urls) as shards:
        for engine in shards.every_engine():
            migrate(engine)
        north, south = Place(shards, NORTH), Place(shards, SOUTH)
        # Both post at once, each its own, under the very same ids.
        ours = [north.item() for _ in range(200)]
        theirs = [
            replace(item, debit_id=south.cash, credit_id=south.deposit, amount=Amount(3, CNY))
            for item in ours
        ]
        with ThreadPoolExecutor(16) as pool:
            sent = [pool.submit(north.submit, item) for item in ours]
            sent += [pool.submit(south.submit, item) for item in theirs]
            assert {tuple(each.result(30)) for each in sent} == {("posted",)}
        assert (north.balance(), south.balance()) == (200, 600)
        # What one knows the other does not: its rows, its accounts, its register.
        for mine, other in ((north, south), (south, north)):
            assert mine.findings() == ()
            assert mine.count("ledger.transfers", mine.bank_id) == 200
            assert mine.count("ledger.transfers", other.bank_id) == 0
            assert mine.count("ledger.accounts", other.bank_id) == 0
            strange = replace(mine.item(), credit_id=other.deposit)
            assert mine.submit(strange) == ["ledger.account_not_found"]
            with transaction(mine.engine) as session:
                assert identity.find_bank(session, slug=other.bank.slug) is None
        north.poster.stop()
        # One server's end is one bank's end.
        servers[NORTH].stop()
        assert south.submit(south.item()) == ["posted"]
        with pytest.raises(OperationalError):
            north.balance()
        south.poster.stop()
        assert south.findings() == ()


def test_an_engine_is_made_once_for_an_address():
    with Shards({NORTH: "postgresql://x/one", SOUTH: "postgresql://x/one"}) as shards:
        with ThreadPoolExecutor(8) as pool:
            made = set(pool.map(lambda number: shards.engine_for((NORTH, SOUTH)[number % 2]),
                                range(32)))  # fmt: skip
        assert len(made) == 1
