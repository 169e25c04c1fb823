"""`jiuding bench crash`, the short form: anything dies under load; nothing is lost or doubled."""

from __future__ import annotations

import pytest
from benchmarks import crash, crash_truth

pytestmark = pytest.mark.slow

SHORT = {"program": 1, "database": 1, "both": 1, "lost_answer": 1}


def test_what_was_acknowledged_outlives_the_program_the_database_and_a_lost_answer():
    told = crash.run(plan=SHORT)
    results, ratios = told["results"], told["ratios"]
    assert results["faults"] == []
    assert (ratios["rounds"], ratios["starts"]) == (4, 3)
    wrong = ("lost", "doubled", "otherwise", "books", "seals", "faults")
    assert {name: ratios[name] for name in wrong} == dict.fromkeys(wrong, 0)
    for kind in ("program", "database", "both"):
        assert results[kind]["acknowledged"] >= 4 * crash.ACKNOWLEDGED_MIN
    # Each way lost as many answers as it was told to; two of the three tell their caller so.
    assert results["lost_answer"]["unanswered"] == 20
    assert results["all"]["transfers"] > 0


def test_an_answer_that_changes_is_a_fault():
    truth = crash_truth.Truth()
    item = {"verb": "transfer", "id": "trf_1", "debit": "a", "credit": "b", "units": 1}
    crash_truth.compare("program", truth, [item], ["posted"], ["exists"])
    crash_truth.compare("program", truth, [item], ["ledger.overflow"], ["ledger.overflow"])
    assert truth.faults == [] and truth.posted == {"trf_1": ("a", "b", 1)}
    crash_truth.compare("program", truth, [item], ["posted"], ["posted"])
    crash_truth.compare("program", truth, [item], ["ledger.overflow"], ["posted"])
    assert truth.counts["program"] == {"lost": 1, "otherwise": 1}
