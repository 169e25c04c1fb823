"""Every refusal of the ledger is documented with what to do, and tested somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jiuding.base.problems import registered_problems
from jiuding.kernel import ledger

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "ledger-refusals.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(ledger\.[a-z_]+)` \| (\d{3}) \| ([^|]+) \| ([^|]+) \|$", re.M)
HERE = Path(__file__).resolve()


def refusals() -> dict[str, type]:
    return {
        code: kind
        for code, kind in registered_problems().items()
        if code.startswith("ledger.") and kind.__module__.startswith("jiuding.kernel.ledger")
    }


def test_the_page_names_every_refusal_once_with_its_status_and_title():
    told = [(code, int(status), title) for code, status, title, _ in ROW.findall(PAGE)]
    known = [(code, kind.status, kind.title) for code, kind in refusals().items()]
    assert sorted(told) == sorted(known)


def test_the_page_says_what_the_caller_can_do():
    for code, _, _, remedy in ROW.findall(PAGE):
        assert len(remedy.strip()) > 10 and remedy.strip().endswith("."), code


def test_the_results_of_the_posting_function_are_told_in_their_order():
    section = PAGE.split("## Of one instruction")[1].split("\n## ")[0]
    assert [code for code, *_ in ROW.findall(section)] == [each.code for each in ledger.Refusal]


@pytest.mark.parametrize("code", sorted(refusals()))
def test_every_refusal_is_met_in_a_test(code):
    short = code.removeprefix("ledger.")
    name = re.compile(rf"\b({refusals()[code].__name__}|{short})\b")
    tests = (each for each in (ROOT / "tests").rglob("test_*.py") if each != HERE)
    assert any(name.search(each.read_text(encoding="utf-8")) for each in tests)
