"""Settings: read from the environment, refused when they cannot be used."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jiuding.base.settings import SETTINGS, BadSetting, read_secret, read_settings


def test_nothing_said_means_the_defaults():
    settings = read_settings({"XDG_DATA_HOME": "/data"})
    assert settings.home == Path("/data/jiuding")
    assert settings.port == 8000
    assert settings.database_url is None
    assert settings.origin == "http://localhost:8000"


def test_every_setting_is_read():
    values = {
        "JIUDING_HOME": "/srv/a bank",
        "JIUDING_PORT": "9000",
        "JIUDING_DATABASE_URL": "postgresql://host/bank",
    }
    assert set(values) <= set(SETTINGS)
    settings = read_settings(values)
    assert settings.home == Path("/srv/a bank")
    assert settings.origin == "http://localhost:9000"
    assert settings.database_url == "postgresql://host/bank"


def test_an_empty_setting_is_one_not_made():
    settings = read_settings({"JIUDING_PORT": "", "JIUDING_HOME": "", "JIUDING_DATABASE_URL": ""})
    assert (settings.port, settings.database_url) == (8000, None)
    assert settings.home.is_absolute()


def test_a_home_may_be_said_from_here_or_from_the_users_home(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/somebody")
    assert read_settings({"JIUDING_HOME": "bank"}).home == tmp_path / "bank"
    assert read_settings({"JIUDING_HOME": "~/bank"}).home == Path("/somebody/bank")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "8000.0", "http", "八", "٨", "1" * 30])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(BadSetting, match="JIUDING_PORT"):
        read_settings({"JIUDING_PORT": port})


def test_a_secret_is_made_once_and_read_by_its_owner_only(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: read_secret(tmp_path / "home", "vault"), range(8)))
    assert len(secrets) == 1
    assert len(secrets.pop()) == 32
    assert stat.S_IMODE((tmp_path / "home" / "secrets" / "vault").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "home" / "secrets").stat().st_mode) == 0o700
    assert read_secret(tmp_path / "home", "other") != read_secret(tmp_path / "home", "vault")
