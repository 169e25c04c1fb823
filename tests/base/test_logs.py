"""Logs say what happened and where, and never what local variables held."""

from __future__ import annotations

import json

import structlog

from jiuding.base.logs import configure_logs


def test_a_traceback_is_plain_and_holds_no_values(capsys):
    configure_logs()
    try:
        secret_name = "林岚 and her salary"
        raise ValueError(len(secret_name))
    except ValueError as error:
        structlog.get_logger("test").error("broken", exc_info=error)
    finally:
        structlog.reset_defaults()
    told = json.loads(capsys.readouterr().err)
    assert told["event"] == "broken" and "ValueError" in told["exception"]
    assert "林岚" not in told["exception"].replace('secret_name = "林岚 and her salary"', "")
    assert "secret_name =" not in told["exception"]
