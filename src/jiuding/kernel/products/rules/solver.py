"""Find where a present value is zero, as a function of the force of interest.

The unknown is u = ln(1 + rate per period), so rates from just above -1 to astronomically high are
one line of reals and (1 + rate) ** -t is exp(-u t), which never changes sign on the way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

FORCE_MAX = 700.0  # exp(700) is near the largest float
_FORCE_STEP = 1e-4
_ITERATIONS_MAX = 200


def force_of_interest(value: Callable[[float], float], *, sign_changes: int) -> float | None:
    """Return the root of a present value: the least positive one, else the negative one nearest 0.

    `value` need only have the right sign. With one change of sign in the flows the root is unique
    (Descartes' rule for exponential sums) and the scan is coarse; with more it is fine.

    Source: for several roots, SI 1980/51 (UK), regulation 9(3): the positive rate nearest to zero
    or, if there is none, the negative rate nearest to zero.
    """
    if sign_changes == 0:
        return None
    growth = 1.6 if sign_changes == 1 else 1.03
    at_zero = value(0.0)
    if at_zero == 0.0:
        return 0.0
    for direction in (1.0, -1.0):
        low, at_low = 0.0, at_zero
        for high in _scan(direction, growth):
            at_high = value(high)
            if at_high == 0.0:
                return high
            if (at_low < 0.0) != (at_high < 0.0):
                return _bracketed(value, low, at_low, high, at_high)
            low, at_low = high, at_high
    return None


def _scan(direction: float, growth: float) -> Iterator[float]:
    step = _FORCE_STEP
    while step < FORCE_MAX:
        yield direction * step
        step *= growth
    yield direction * FORCE_MAX


def _bracketed(
    value: Callable[[float], float], a: float, at_a: float, b: float, at_b: float
) -> float:
    """Close a bracket by Chandrupatla's method.

    Source: T. R. Chandrupatla, Advances in Engineering Software 28 (1997) 145-149.
    """
    c, at_c, share = a, at_a, 0.5
    for _ in range(_ITERATIONS_MAX):
        x = a + share * (b - a)
        at_x = value(x)
        if (at_x < 0.0) == (at_a < 0.0):
            c, at_c, a, at_a = a, at_a, x, at_x
        else:
            c, at_c, b, at_b, a, at_a = b, at_b, a, at_a, x, at_x
        best, at_best = (a, at_a) if abs(at_a) < abs(at_b) else (b, at_b)
        width = abs(b - a)
        tolerance = 2e-16 * abs(best) + 1e-17
        if at_best == 0.0 or width <= 2.0 * tolerance:
            return best
        share = _next_share(a, at_a, b, at_b, c, at_c)
        share = min(1.0 - tolerance / width, max(tolerance / width, share))
    return a if abs(at_a) < abs(at_b) else b


def _next_share(a: float, fa: float, b: float, fb: float, c: float, fc: float) -> float:
    """Return how far to go from a to b: by inverse quadratic where it is safe, else by half."""
    xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
    if not (phi * phi < xi and (1.0 - phi) * (1.0 - phi) < 1.0 - xi):
        return 0.5
    return fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)


def growth_of(force: float | None) -> float | None:
    """Return the rate per period of a force of interest; None where a float cannot hold it."""
    if force is None or force > FORCE_MAX:
        return None
    rate = math.expm1(force)
    return rate if rate > -1.0 and math.isfinite(rate) else None
