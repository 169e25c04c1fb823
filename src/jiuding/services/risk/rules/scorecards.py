"""Scorecards from weights of evidence: bands per input, one weight each by logistic regression.

The weight of evidence of a band is ln(bads / goods) against the whole, shrunk towards none by
`prior` cases. Numbers start in equal parts; neighbours are merged until each band has enough cases,
differs enough, and keeps to the stated direction. Everything is learned from the rows given, so a
test fold never shapes its own bands. Source: N. Siddiqi, Credit Risk Scorecards, 2006, chapter 6.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from jiuding.services.risk.rules.trees import FORMAT, PLACES, SEED
from jiuding.services.risk.types.learning import LearningInput

Column = np.ndarray


@dataclass(frozen=True, slots=True)
class Bands:
    """The bands of one input: bounds of numbers or codes of texts, and the weight of each."""

    bounds: tuple[float, ...]
    weights: tuple[float, ...]
    codes: dict[str, float] | None
    missing: float

    def encode(self, values: Column) -> np.ndarray:
        """Return each value's weight of evidence."""
        if self.codes is not None:
            return np.array([self.codes.get(str(each), 0.0) for each in values])
        numbers = values.astype(float)
        found = np.array(self.weights)[np.searchsorted(self.bounds, numbers, side="right")]
        return np.where(np.isnan(numbers), self.missing, found)


def find_bands(values: Column, bad: np.ndarray, each: LearningInput, *, settings: Any) -> Bands:
    """Return the bands of an input, learned from these rows."""
    prior, rate = float(settings["prior"]), float(bad.mean())
    if each.is_category:
        texts = np.array([str(value) for value in values])
        codes = {str(text): _weight(bad[texts == text], rate, prior) for text in np.unique(texts)}
        return Bands((), (), codes, 0.0)
    numbers = values.astype(float)
    known = ~np.isnan(numbers)
    missing = _weight(bad[~known], rate, prior)
    numbers, truth = numbers[known], bad[known]
    parts = np.linspace(0, 1, int(settings["parts"]) + 1)[1:-1]
    bounds = sorted(set(np.quantile(numbers, parts, method="higher").tolist()))
    bounds = [bound for bound in bounds if (numbers < bound).any()]
    bounds = _merge(numbers, truth, bounds, each.monotone, rate, settings)
    weights = [_weight(part, rate, prior) for part in _split(numbers, truth, bounds)]
    return Bands(tuple(bounds), tuple(weights), None, missing)


def _weight(bad: np.ndarray, rate: float, prior: float) -> float:
    bads, goods = float(bad.sum()), float(len(bad) - bad.sum())
    odds = (bads + prior * rate) / (goods + prior * (1 - rate))
    return math.log(odds / (rate / (1 - rate)))


def _split(numbers: np.ndarray, bad: np.ndarray, bounds: list[float]) -> list[np.ndarray]:
    place = np.searchsorted(bounds, numbers, side="right")
    return [bad[place == number] for number in range(len(bounds) + 1)]


def _merge(numbers, bad, bounds, monotone, rate, settings) -> list[float]:
    """Drop bounds one at a time until size, difference and direction all hold."""
    least, apart = settings["share_min"] * len(bad), settings["apart_min"]
    while bounds:
        parts = _split(numbers, bad, bounds)
        sizes = [len(part) for part in parts]
        weights = [_weight(part, rate, settings["prior"]) for part in parts]
        steps = [after - before for before, after in itertools.pairwise(weights)]
        smallest = min(range(len(parts)), key=lambda place: sizes[place])
        wrong = [place for place, step in enumerate(steps) if monotone and step * monotone <= 0]
        closest = min(range(len(steps)), key=lambda place: abs(steps[place]))
        if sizes[smallest] < least:
            drop = min(smallest, len(bounds) - 1)
        elif wrong:
            drop = max(wrong, key=lambda place: abs(steps[place]))
        elif abs(steps[closest]) < apart or len(bounds) >= settings["bands_max"]:
            drop = closest
        else:
            break
        bounds = bounds[:drop] + bounds[drop + 1 :]
    return bounds


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The mean of scorecards that were each learned from a draw of the rows.

    A sum of points by band, averaged, is a sum of points by band again: with finer bands, and
    steadier on few rows (L. Breiman, Bagging predictors, 1996).
    """

    inputs: tuple[LearningInput, ...]
    bands: tuple[Bands, ...]
    base: float
    averages: tuple[float, ...]

    def log_odds(self, columns: Sequence[Column]) -> np.ndarray:
        """Return the log-odds of each row; columns are in the order of the inputs."""
        parts = [band.encode(column) for band, column in zip(self.bands, columns, strict=True)]
        return self.base + np.sum(parts, axis=0)

    def content(self, name: str) -> dict[str, Any]:
        """Return the scorecard as a model's plain content: points in log-odds by band."""
        inputs = []
        for each, band, average in zip(self.inputs, self.bands, self.averages, strict=True):
            told: dict[str, Any] = {"name": each.name, "group": each.group}
            if band.codes is not None:
                told["codes"] = {text: round(code, PLACES) for text, code in band.codes.items()}
            else:
                points = [round(weight, PLACES) for weight in band.weights]
                told["bands"] = [
                    list(pair) for pair in zip((*band.bounds, None), points, strict=True)
                ]
                told["missing"] = round(band.missing, PLACES)
            inputs.append({**told, "average": round(average, PLACES)})
        return {
            "format": FORMAT,
            "name": name,
            "seed": SEED,
            "base": round(self.base, PLACES),
            "inputs": inputs,
        }


def learn_scorecard(
    columns: Sequence[Column],
    bad: np.ndarray,
    inputs: Sequence[LearningInput],
    settings: Any,
) -> Scorecard:
    """Learn a scorecard from `draws` draws of the rows with replacement."""
    draw = np.random.default_rng(SEED)
    found = []
    for _ in range(int(settings["draws"])):
        rows = draw.integers(0, len(bad), len(bad))
        found.append(_learn_once([each[rows] for each in columns], bad[rows], inputs, settings))
    bands = tuple(_mean_of([card[0][place] for card in found]) for place in range(len(inputs)))
    averages = tuple(
        float(band.encode(column).mean()) for band, column in zip(bands, columns, strict=True)
    )
    base = float(np.mean([card[1] for card in found]))
    return Scorecard(tuple(inputs), bands, base, averages)


def _learn_once(columns, bad, inputs, settings) -> tuple[list[Bands], float]:
    """Return bands already times their factor, and where the log-odds start.

    An input whose factor would turn its evidence round is left out.
    """
    bands = [
        find_bands(column, bad, each, settings=settings)
        for column, each in zip(columns, inputs, strict=True)
    ]
    evidence = np.column_stack(
        [band.encode(column) for band, column in zip(bands, columns, strict=True)]
    )
    used = np.ones(evidence.shape[1], bool)
    while True:
        learner = LogisticRegression(C=settings["c"], max_iter=2_000)
        learner.fit(evidence[:, used], bad)
        factors = np.zeros(evidence.shape[1])
        factors[used] = learner.coef_[0]
        if (factors >= 0).all():
            break
        used[int(np.argmin(factors))] = False
    times = [_times(band, factor) for band, factor in zip(bands, factors, strict=True)]
    return times, float(learner.intercept_[0])


def _times(band: Bands, factor: float) -> Bands:
    codes = band.codes
    return Bands(
        band.bounds,
        tuple(weight * factor for weight in band.weights),
        None if codes is None else {text: code * factor for text, code in codes.items()},
        band.missing * factor,
    )


def _mean_of(found: Sequence[Bands]) -> Bands:
    """Return the mean of several bands of one input, on the union of their bounds."""
    missing = float(np.mean([each.missing for each in found]))
    if found[0].codes is not None:
        texts = sorted(set().union(*(each.codes for each in found)))
        codes = {
            text: float(np.mean([each.codes.get(text, 0.0) for each in found])) for text in texts
        }
        return Bands((), (), codes, missing)
    bounds = sorted(set().union(*(each.bounds for each in found)))
    inside = np.array([-np.inf, *bounds])
    weights = np.mean(
        [
            np.array(each.weights)[np.searchsorted(each.bounds, inside, side="right")]
            for each in found
        ],
        axis=0,
    )
    return Bands(tuple(bounds), tuple(weights.tolist()), None, missing)
