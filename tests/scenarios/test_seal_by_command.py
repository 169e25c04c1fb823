"""The operator proves the books' seal by command, and anyone checks a proof without the bank."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from jiuding.base.database.engine import transaction
from jiuding.base.ids import from_uuid, to_uuid
from jiuding.cli import app, serving
from jiuding.kernel.ledger.errors import ProofBroken, SealUnknown


@pytest.fixture
def typed(house, tmp_path, monkeypatch):
    """Type a command of the bank that stands on the test database."""
    url = house.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("JIUDING_DATABASE_URL", url.replace("postgresql+psycopg", "postgresql"))
    monkeypatch.setenv("JIUDING_HOME", str(tmp_path / "home"))
    return lambda *words: CliRunner().invoke(app, ["ledger", *words])


def some_transfer(house) -> str:
    with transaction(house.engine) as session:
        found = session.execute(
            text("SELECT transfer_id FROM ledger.transfers WHERE bank_id = :bank LIMIT 1"),
            {"bank": to_uuid("bank", house.bank.bank_id)},
        ).scalar_one()
    return from_uuid("trf", found)


def anywhere(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Type a command where there is neither a bank's home nor a database."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("JIUDING")}
    program = str(Path(sys.executable).parent / "jiuding")
    clean["HOME"] = str(tmp_path / "nowhere")
    return subprocess.run(
        [program, "ledger", *words], env=clean, cwd=tmp_path, capture_output=True, text=True,
        timeout=60,
    )  # fmt: skip


def test_a_bank_is_sealed_verified_and_proven_by_command(house, typed, tmp_path):
    assert typed("seal").exit_code == 0
    verified = typed("verify", "--json")
    assert verified.exit_code == 0
    told = json.loads(verified.stdout)
    assert told["finding"] is None and told["waiting"] == 0 and told["sealed"] > 1_000
    shown = typed("verify", "--head", told["head"])
    assert shown.exit_code == 0 and told["head"] in shown.stdout

    transfer_id = some_transfer(house)
    proof = typed("prove", transfer_id)
    assert proof.exit_code == 0
    (tmp_path / "proof.json").write_text(proof.stdout)
    checked = anywhere(tmp_path, "check-proof", "proof.json", "--head", told["head"])
    assert checked.returncode == 0, checked.stderr
    assert json.loads(checked.stdout)["transfer_id"] == transfer_id
    assert not (tmp_path / "nowhere").exists()
    other = anywhere(tmp_path, "check-proof", "proof.json", "--head", "00" * 32)
    assert (other.returncode, ProofBroken.code in other.stderr) == (1, True)
    (tmp_path / "proof.json").write_text("not a proof")
    broken = anywhere(tmp_path, "check-proof", "proof.json", "--head", told["head"])
    assert (broken.returncode, ProofBroken.code in broken.stderr) == (1, True)
    missing = anywhere(tmp_path, "check-proof", "missing.json", "--head", told["head"])
    assert (missing.returncode, "base.bad_input" in missing.stderr) == (1, True)
    assert isinstance(typed("prove", transfer_id, "--head", "00" * 32).exception, SealUnknown)


def test_verify_names_the_row_and_fails_and_the_doctor_says_so(house, typed):
    assert typed("seal").exit_code == 0
    transfer_id = some_transfer(house)

    def add(units: int) -> None:
        with transaction(house.engine) as session:
            session.execute(text("SET LOCAL session_replication_role = replica"))
            session.execute(
                text("UPDATE ledger.transfers SET units = units + :units WHERE transfer_id = :id"),
                {"units": units, "id": to_uuid("trf", transfer_id)},
            )

    add(1)
    try:
        verified = typed("verify")
        assert verified.exit_code == 1
        assert transfer_id in verified.stdout and "ledger.transfer_touched" in verified.stdout
        assert json.loads(typed("verify", "--json").stdout)["finding"]["ids"] == [transfer_id]
        told = {check.name: check for check in serving._book_checks(house)}
        assert (told["seal"].ok, told["seal"].code) == (False, "ledger.transfer_touched")
        assert transfer_id in told["seal"].sentence
    finally:
        add(-1)
    assert typed("verify").exit_code == 0
    told = {check.name: check for check in serving._book_checks(house)}
    assert told["seal"].ok and "0 transfers wait" in told["seal"].sentence
