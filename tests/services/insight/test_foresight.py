"""Foresight is measured forward in time, means what it says, and is told by consent only."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from jiuding.base.amounts import currency
from jiuding.base.ids import new_id
from jiuding.base.problems import BrokenInvariant
from jiuding.services import insight
from jiuding.services.insight import commands
from jiuding.services.insight.rules import foresight

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ON = date(2026, 11, 23)


def every(days, units, *, count=40, until=ON):
    return [(until - timedelta(days=1 + days * back), units) for back in range(count)]


def test_what_lies_ahead_is_never_used_to_foresee():
    past = every(7, 1_000)
    known = foresight.figures(past, ON)
    later = [(ON + timedelta(days=ahead), 9_999_999) for ahead in range(30)]
    assert foresight.figures([*past, *later], ON) == known
    assert foresight.had_peak([*past, *later], ON) and not foresight.had_peak(past, ON)


def test_a_short_history_says_nothing():
    assert foresight.outlook([], ON) is None
    assert foresight.outlook(every(7, 1_000, count=6), ON) is None
    assert foresight.outlook([(ON - timedelta(days=170), 5)], ON) is None


def test_a_chance_knows_neither_currency_nor_size():
    small, large = every(9, 100), every(9, 100_000_000)
    first, second = foresight.outlook(small, ON), foresight.outlook(large, ON)
    assert first is not None and second is not None
    assert first.chance == pytest.approx(second.chance) and 0 < first.chance < 1
    assert second.usual_units == pytest.approx(1_000_000 * first.usual_units, rel=0.01)


def test_forward_in_time_it_beats_the_share_alone_and_is_calibrated():
    found = commands.measure_foresight()
    assert found["foreseen"] > 4_000 and found["peaks"] > 1_000
    assert found["auc"] > 0.58
    assert found["brier"] < found["brier_of_share_alone"]
    assert found["calibration_error"] < 0.05
    # Who is told has peaks more often than all have, and about as often as it was said.
    assert 500 < found["told"] < found["foreseen"] / 3
    assert found["told_came"] > 1.15 * found["peaks"] / found["foreseen"]
    assert abs(found["told_came"] - found["told_said"]) < 0.03


def test_the_measure_does_not_see_past_what_it_measures():
    days, until = commands.DAYS[:6], commands.DAYS[5] + timedelta(days=foresight.WINDOW_DAYS)
    histories = dict(list(commands.read_history().items())[:700])
    before = {
        name: [each for each in spending if each[0] < until] for name, spending in histories.items()
    }
    from_day = days[4]
    whole = foresight.measured(histories, days=days, from_day=from_day)
    assert whole == foresight.measured(before, days=days, from_day=from_day)


def test_the_shipped_weights_are_the_pinned_ones(tmp_path):
    assert 0.2 < foresight.shipped_weights().common < 0.5
    changed = tmp_path / "model.json"
    changed.write_bytes(foresight.MODEL_FILE.read_bytes() + b" ")
    with pytest.raises(BrokenInvariant):
        foresight.read_weights(changed, foresight.HASH_FILE)


def test_nobody_is_foreseen_without_their_consent(session):
    whose = {"bank_id": new_id("bank", NOW), "party_id": new_id("pty", NOW)}
    asked = {**whose, "asset": currency("CNY"), "on": ON}
    with pytest.raises(insight.ForesightNotAllowed):
        insight.foresee(session, **asked)
    insight.allow_foresight(session, **whose, is_allowed=True, now=NOW)
    assert insight.foresee(session, **asked) is None, "allowed, and there is no history"
    insight.allow_foresight(session, **whose, is_allowed=False, now=NOW)
    with pytest.raises(insight.ForesightNotAllowed):
        insight.foresee(session, **asked)
    insight.delete_portrait(session, **whose, now=NOW)
    with pytest.raises(insight.PortraitDeleted):
        insight.foresee(session, **asked)
