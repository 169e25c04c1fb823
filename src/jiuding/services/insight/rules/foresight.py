"""Looking ahead: the chance that a party will soon spend much more than it is used to.

The *peak* foreseen is: over the next 30 days at least half more goes out than in a usual 30 days.
A *usual* window is the mean of the party's own windows of the last 180 days. The chance is a
logistic regression over seven figures of the party's own spending, none of which knows a currency
or a size; its intercept is set so that it matched what really happened in the latest window that
is over (a season moves everyone). Learning needs scikit-learn; foreseeing needs the weights only.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

from jiuding.base.problems import ensure
from jiuding.base.settings import CATALOG

MODEL_FOLDER = CATALOG / "models" / "foresight"
TELL_FILE = CATALOG / "foresight.toml"
MODEL_FILE, HASH_FILE = MODEL_FOLDER / "model.json", MODEL_FOLDER / "model.sha256"
WINDOW_DAYS = 30
LOOK_BACK_DAYS = 180
PEAK = 1.5
_WINDOWS = LOOK_BACK_DAYS // WINDOW_DAYS
_WINDOWS_MIN = 3  # of history, and at least two of them with spending
_ACTIVE_MIN = 2
_GAP_DAYS_MAX = 180.0

Spending = Sequence[tuple[date, int]]  # (day, units that went out), in any order


@dataclass(frozen=True, slots=True)
class Outlook:
    """The chance of a peak in the next 30 days, what is usual in units, and how often peaks come.

    `common` is the share of all parties that had a peak in the window that the model was last set
    on: what one would say of a stranger.
    """

    chance: float
    common: float
    usual_units: int


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic regression over scaled figures."""

    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    common: float


def windows(spending: Spending, on: date) -> list[int] | None:
    """Return what went out in each 30 days before a day, newest first; None without history."""
    if not spending:
        return None
    first = min(day for day, _ in spending)
    span = min(_WINDOWS, ((on - first).days + WINDOW_DAYS - 1) // WINDOW_DAYS)
    sums = [0] * max(span, 0)
    for day, units in spending:
        place = ((on - day).days - 1) // WINDOW_DAYS
        if day < on and place < span:
            sums[place] += units
    enough = span >= _WINDOWS_MIN and sum(units > 0 for units in sums) >= _ACTIVE_MIN
    return sums if enough else None


def figures(spending: Spending, on: date) -> tuple[float, ...] | None:
    """Return the seven figures on a day; None where history is too short to say anything."""
    sums = windows(spending, on)
    if sums is None:
        return None
    usual = fmean(sums)
    since_day = on - timedelta(days=LOOK_BACK_DAYS)
    days = sorted({day.toordinal() for day, _ in spending if since_day <= day < on})
    gaps = [later - earlier for earlier, later in itertools.pairwise(days)]
    gap = fmean(gaps) if gaps else _GAP_DAYS_MAX
    since = on.toordinal() - days[-1]
    return (
        math.log1p(sums[0] / usual),
        math.log1p(sums[1] / usual),
        min(since, _GAP_DAYS_MAX) / WINDOW_DAYS,
        min(gap, _GAP_DAYS_MAX) / WINDOW_DAYS,
        math.log1p(since / max(gap, 1.0)),
        pstdev(sums) / usual,
        sum(units > 0 for units in sums) / len(sums),
    )


def had_peak(spending: Spending, on: date) -> bool:
    """Tell whether the 30 days from a day on brought a peak; the day must lie that far back."""
    sums = windows(spending, on)
    ensure(sums is not None, "a peak is told against a usual window")
    ends = on + timedelta(days=WINDOW_DAYS)
    ahead = sum(units for day, units in spending if on <= day < ends)
    return ahead >= PEAK * fmean(sums or [0])


def chance_of(weights: Weights, row: Sequence[float]) -> float:
    """Return the chance of a peak."""
    total = weights.intercept + sum(
        weight * (value - mean) / scale
        for weight, value, mean, scale in zip(
            weights.weights, row, weights.means, weights.scales, strict=True
        )
    )
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def outlook(spending: Spending, on: date, weights: Weights | None = None) -> Outlook | None:
    """Return the outlook on a day; None where history is too short."""
    row = figures(spending, on)
    sums = windows(spending, on)
    if row is None or sums is None:
        return None
    weights = weights or shipped_weights()
    return Outlook(chance_of(weights, row), weights.common, int(fmean(sums)))


def learn(histories: Mapping[Any, Spending], *, days: Sequence[date]) -> Weights:
    """Learn from what followed each of the days, and set the intercept on the last of them.

    Every day's 30 days must be over: nothing after them may be in use. The days are in order.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    cohorts = [_cohort(histories, on) for on in days]
    rows = [row for cohort in cohorts for row, _ in cohort]
    came = [peak for cohort in cohorts for _, peak in cohort]
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=0.3).fit(scaler.transform(rows), came)
    made = Weights(
        tuple(map(float, scaler.mean_)), tuple(map(float, scaler.scale_)),
        tuple(map(float, model.coef_[0])), float(model.intercept_[0]), 0.0,
    )  # fmt: skip
    return _set_on(made, cohorts[-1])


def _cohort(histories: Mapping[Any, Spending], on: date) -> list[tuple[tuple[float, ...], bool]]:
    found = []
    for spending in histories.values():
        row = figures(spending, on)
        if row is not None:
            found.append((row, had_peak(spending, on)))
    return found


def _set_on(weights: Weights, cohort: Sequence[tuple[tuple[float, ...], bool]]) -> Weights:
    """Move the intercept until the mean chance is the share of the cohort that had a peak."""
    share = fmean(peak for _, peak in cohort)
    low, high = -10.0, 10.0
    for _ in range(50):
        middle = (low + high) / 2
        tried = Weights(weights.means, weights.scales, weights.weights, middle, share)
        if fmean(chance_of(tried, row) for row, _ in cohort) < share:
            low = middle
        else:
            high = middle
    return Weights(weights.means, weights.scales, weights.weights, (low + high) / 2, share)


def measured(
    histories: Mapping[Any, Spending], *, days: Sequence[date], from_day: date
) -> dict[str, float]:
    """Walk forward in time: foresee each day from `from_day` on with what was known by then.

    Returns the area under the curve, the Brier scores of the chances and of the share alone, the
    calibration error over ten equal groups, the size of each; and of the chances that are worth
    telling their number, what they said and what came, as means.
    """
    said: list[tuple[float, float, bool]] = []
    for on in days:
        known = [day for day in days if day + timedelta(days=WINDOW_DAYS) <= on]
        if on < from_day or len(known) < 2:
            continue
        weights = learn(histories, days=known)
        said += [
            (chance_of(weights, row), weights.common, peak) for row, peak in _cohort(histories, on)
        ]
    said.sort(key=lambda each: each[0])
    count, step = len(said), max(len(said) // 10, 1)
    groups = [said[at : at + step] for at in range(0, count, step)]
    error = sum(
        len(group) * abs(fmean(c for c, _, _ in group) - fmean(p for _, _, p in group))
        for group in groups
    )
    ranks = [place for place, (_, _, peak) in enumerate(said, 1) if peak]
    peaks = len(ranks)
    area = (sum(ranks) - peaks * (peaks + 1) / 2) / (peaks * (count - peaks))
    told = [each for each in said if is_worth_telling(Outlook(each[0], each[1], 0))]
    return {
        "foreseen": count,
        "peaks": peaks,
        "auc": round(area, 4),
        "brier": round(fmean((c - p) ** 2 for c, _, p in said), 4),
        "brier_of_share_alone": round(fmean((s - p) ** 2 for _, s, p in said), 4),
        "calibration_error": round(error / count, 4),
        "told": len(told),
        "told_said": round(fmean(c for c, _, _ in told), 4) if told else 0.0,
        "told_came": round(fmean(p for _, _, p in told), 4) if told else 0.0,
    }


def season_of(on: date) -> str:
    """Return the season that a day is in, a quarter of a year, such as "2026-Q4"."""
    return f"{on.year}-Q{(on.month + 2) // 3}"


@cache
def tell_ratio_min() -> float:
    """Return how many times as likely as common a peak must be to be worth telling."""
    return float(tomllib.loads(TELL_FILE.read_text(encoding="utf-8"))["tell_ratio_min"])


def is_worth_telling(seen: Outlook, ratio_min: float | None = None) -> bool:
    """Tell whether an outlook says more than what is common."""
    return seen.chance >= (tell_ratio_min() if ratio_min is None else ratio_min) * seen.common


@cache
def shipped_version() -> str:
    """Return the pinned hash of the shipped weights."""
    return HASH_FILE.read_text(encoding="ascii").split()[0]


@cache
def shipped_weights() -> Weights:
    """Return the shipped weights; a file whose hash is not the pinned one stops the program."""
    return read_weights(MODEL_FILE, HASH_FILE)


def read_weights(path: Path, pin: Path) -> Weights:
    """Read weights and check them against their pin."""
    content = path.read_bytes()
    pinned = pin.read_text(encoding="ascii").split()[0]
    ensure(hashlib.sha256(content).hexdigest() == pinned, "the foresight model is the pinned one")
    body = json.loads(content)
    return Weights(
        tuple(body["means"]), tuple(body["scales"]), tuple(body["weights"]), body["intercept"],
        body["common"],
    )  # fmt: skip
