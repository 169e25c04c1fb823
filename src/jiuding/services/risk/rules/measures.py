"""How well scores tell bad from good: rank measures, calibration, drift. Higher scores are worse.

Arrays have one place per case; `bad` holds 0 and 1.
"""

from __future__ import annotations

import numpy as np

BINS = 10
SHARE_MIN = 1e-4


def auc(bad: np.ndarray, score: np.ndarray) -> float:
    """Return the area under the ROC curve: how often a bad case scores above a good one."""
    bad = np.asarray(bad).astype(bool)
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    bads, goods = int(bad.sum()), int((~bad).sum())
    return float((ranks[inverse][bad].sum() - bads * (bads + 1) / 2) / (bads * goods))


def average_precision(bad: np.ndarray, score: np.ndarray) -> float:
    """Return the mean precision at each bad case found, ties taken together."""
    bad = np.asarray(bad).astype(float)
    order = np.argsort(-np.asarray(score), kind="stable")
    found, ranked = np.cumsum(bad[order]), np.asarray(score)[order]
    ends = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    precision = found[ends] / (ends + 1)
    return float((np.diff(found[ends], prepend=0.0) * precision).sum() / found[-1])


def ks(bad: np.ndarray, score: np.ndarray) -> float:
    """Return the Kolmogorov-Smirnov distance between the scores of bad and good cases."""
    bad = np.asarray(bad).astype(bool)
    values = np.unique(score)
    shares = [
        np.searchsorted(np.sort(each), values, side="right") / len(each)
        for each in (np.asarray(score)[bad], np.asarray(score)[~bad])
    ]
    return float(np.abs(shares[0] - shares[1]).max())


def calibration(bad: np.ndarray, probability: np.ndarray, bins: int = BINS) -> list[dict]:
    """Return by tenth of the scores: cases, mean probability, and the share that was bad."""
    order = np.argsort(probability, kind="stable")
    found = []
    for part in np.array_split(order, bins):
        found.append({
            "count": len(part),
            "predicted": round(float(probability[part].mean()), 4),
            "observed": round(float(np.asarray(bad)[part].mean()), 4),
        })  # fmt: skip
    return found


def calibration_error(bins: list[dict]) -> float:
    """Return the mean distance between predicted and observed, weighted by cases."""
    total = sum(each["count"] for each in bins)
    apart = sum(each["count"] * abs(each["predicted"] - each["observed"]) for each in bins)
    return apart / total


def stability_index(expected: np.ndarray, actual: np.ndarray, bins: int = BINS) -> float:
    """Return the population stability index of scores: below 0.1 is steady, above 0.25 has moved.

    Bins are tenths of the expected scores. Source: S. N. Siddiqi, Credit Risk Scorecards, 2006.
    """
    edges = np.unique(np.quantile(expected, np.linspace(0, 1, bins + 1)[1:-1]))
    shares = [
        np.maximum(np.bincount(np.searchsorted(edges, each, side="right"),
                               minlength=len(edges) + 1) / len(each), SHARE_MIN)
        for each in (np.asarray(expected), np.asarray(actual))
    ]  # fmt: skip
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())
