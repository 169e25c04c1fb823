"""Codes and event names are promises: they are added, never renamed or reused."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import jiuding
from jiuding.base.problems import registered_problems
from jiuding.kernel.eventlog import registered_events

HERE = Path(__file__).resolve().parent


def load_all():
    for found in pkgutil.walk_packages(jiuding.__path__, "jiuding."):
        if found.name.rsplit(".", 1)[-1] in {"errors", "events", "problems"} or (
            found.name.startswith("jiuding.base.")
        ):
            importlib.import_module(found.name)
    importlib.import_module("jiuding.api")
    importlib.import_module("jiuding.cli.serving")


def kept(name):
    return set((HERE / name).read_text(encoding="utf-8").split())


def test_no_problem_code_was_renamed_or_taken_away():
    load_all()
    codes = {code for code in registered_problems() if not code.startswith("test")}
    assert kept("problem_codes.txt") - codes == set(), "a promised code is gone"
    assert codes - kept("problem_codes.txt") == set(), "add the new code to problem_codes.txt"


def test_no_event_kind_was_renamed_or_taken_away():
    load_all()
    kinds = {kind for kind in registered_events() if not kind.startswith("test")}
    assert kept("event_kinds.txt") - kinds == set(), "a promised event is gone"
    assert kinds - kept("event_kinds.txt") == set(), "add the new event to event_kinds.txt"
