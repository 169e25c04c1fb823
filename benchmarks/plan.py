"""How fast is the best plan found, how often is it proven, and how does that grow?

Load: needs at random (fixed seed) over the shipped library and over synthetic ones. A synthetic
product has a lender of its own, one or two variable or fixed rates between 4 % and 24 %, limits,
an upfront fee half of the time, a share of the amount sometimes, and a monthly fee sometimes; the
figures are drawn independently, which leaves more products in the race than a real market does.
Each need is planned twice: with no time for a proof, which is the *first answer* with its certified
gap, and with the usual limit of one second, which mostly is the proof. A busy machine shows in the
share that is proven; the processor's time is given beside the clock's. `with_legs` plans the same
needs with at most one, two and three loans a plan; memory is what the library as laid out holds.
Beside it, on a library small enough, HiGHS solves the same programme over all arms without any
pruning. One process; times are of the whole `plan`, reasons for every losing product included.
"""

from __future__ import annotations

import json
import os
import platform
import random
import resource
import statistics
import sys
import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from jiuding.kernel.products import (
    Category,
    Fee,
    FeeTiming,
    LoanProduct,
    RateKind,
    RateTerm,
    Repayment,
)
from jiuding.services.offers import lay_out, plan, read_library
from jiuding.services.offers.types import Collateral, Need, PlanSet, Profile

ON = date(2026, 11, 23)
SEED = 20261123
REPAYMENT = Repayment.PRINCIPAL_AND_INTEREST


def synthetic(count: int, seed: int = SEED) -> tuple[LoanProduct, ...]:
    """Return that many products at random; the same seed gives the same library."""
    rng = random.Random(seed)
    return tuple(_product(rng, place) for place in range(count))


def _product(rng: random.Random, place: int) -> LoanProduct:
    rates = []
    for index in range(rng.choice((1, 1, 1, 2))):
        fixed = rng.random() < 0.3
        rate = Decimal(rng.randrange(400, 2400)) / 10_000
        kind = RateKind.FIXED if fixed else RateKind.VARIABLE
        months = rng.choice((24, 36, 60, 84)) if fixed else None
        rates.append(RateTerm(index, kind, rate, REPAYMENT, fixed_months=months))
    fees = []
    if rng.random() < 0.5:
        fees.append(Fee("once", FeeTiming.UPFRONT, Decimal(rng.randrange(50, 600))))
    if rng.random() < 0.2:
        share = Decimal(rng.randrange(1, 30)) / 1000
        fees.append(Fee("share", FeeTiming.UPFRONT, None, fraction=share))
    if rng.random() < 0.3:
        monthly = Decimal(rng.randrange(1, 15))
        fees.append(Fee("monthly", FeeTiming.MONTHLY, monthly, every_months=1))
    return LoanProduct(
        product_id=f"s{place}", lender=f"Lender {place}", name=f"Loan {place}",
        category=Category.PERSONAL, currency="AUD", jurisdiction="au", rates=tuple(rates),
        fees=tuple(fees), amount_min=Decimal(rng.choice((500, 1000, 2000, 5000, 10000))),
        amount_max=Decimal(rng.choice((10000, 15000, 25000, 40000, 60000, 100000))),
        term_months_min=12, term_months_max=rng.choice((36, 60, 84)), purposes=(), collateral=(),
        eligibility=(), place=place, version=f"s{place}",
    )  # fmt: skip


def needs(count: int, homes: bool, seed: int = SEED) -> list[tuple[Need, Profile]]:
    """Return needs and profiles at random: easy ones, tight budgets, and amounts to be split."""
    rng = random.Random(seed)
    made = []
    for _ in range(count):
        income = rng.randrange(4000, 14000)
        home = homes and rng.random() < 0.25
        if home:
            amount, (low, high) = (
                rng.randrange(150, 900) * 1000,
                rng.choice(((120, 360), (300, 300))),
            )
            income *= 3
        else:
            amount = rng.randrange(3000, 90000)
            low, high = rng.choice(((12, 84), (12, 60), (36, 36), (60, 60), (24, 48)))
        limit = None
        if rng.random() < 0.6:
            limit = Decimal(round(amount / high * rng.uniform(1.05, 1.9)))
        value = Decimal(round(amount * rng.uniform(1.1, 2.0)))
        profile = Profile(
            35, "citizen", Decimal(income), Decimal(300), Decimal("0.45"),
            collateral=(Collateral("house", value),) if home else (),
        )  # fmt: skip
        purpose = "home" if home else rng.choice(("car", "renovation", "wedding"))
        made.append((Need(purpose, Decimal(amount), "AUD", low, high, limit), profile))
    return made


def measure(stock: Any, asked: list[tuple[Need, Profile]]) -> dict[str, Any]:
    """Plan every need, warm, without and with time for a proof; times (ms), shares and gaps."""
    plan(*asked[0], stock, on=ON)
    first, first_found = _timed(stock, asked, 0.0)
    whole, found = _timed(stock, asked, 1.0)
    answered = [each.plans[0] for each in found if each.plans]
    before = [each.plans[0] for each in first_found if each.plans]
    count = max(1, len(answered))
    return {
        "needs": len(asked),
        "without_plan": len(asked) - len(answered),
        **{f"first_{name}": value for name, value in first.items()},
        "gap_before_proof_most": max((float(each.gap) for each in before), default=0.0),
        "proven_at_first_share": round(sum(each.proven for each in before) / count, 4),
        **whole,
        "proven_share": round(sum(each.proven for each in answered) / count, 4),
        "gap_most": max((float(each.gap) for each in answered), default=0.0),
        "legs": {str(n): sum(len(each.legs) == n for each in answered) for n in (1, 2, 3)},
        "with_legs_p50_cpu_ms": _with_legs(stock, asked[:: max(1, len(asked) // 40)]),
    }


def _timed(
    stock: Any, asked: list[tuple[Need, Profile]], seconds: float
) -> tuple[dict[str, float], list[PlanSet]]:
    """Plan every need within a limit; return times in milliseconds and the answers."""
    spent, worked, found = [], [], []
    for need, profile in asked:
        begun, burnt = time.perf_counter(), time.process_time()
        found.append(plan(need, profile, stock, on=ON, deadline_seconds=seconds))
        spent.append((time.perf_counter() - begun) * 1000.0)
        worked.append((time.process_time() - burnt) * 1000.0)
    last = min(len(spent) - 1, int(len(spent) * 0.99))
    times = {
        "p50_ms": statistics.median(spent),
        "p99_ms": sorted(spent)[last],
        "p50_cpu_ms": statistics.median(worked),
        "p99_cpu_ms": sorted(worked)[last],
        "most_ms": max(spent),
    }
    return {name: round(value, 1) for name, value in times.items()}, found


def _with_legs(stock: Any, asked: list[tuple[Need, Profile]]) -> dict[str, float]:
    """Return the processor's time to price and prove with at most so many loans a plan."""
    from jiuding.services.offers.rules import plans

    grown = {}
    for legs in (1, 2, 3):
        worked = []
        for need, profile in asked:
            burnt = time.process_time()
            courses = tuple(
                replace(course, legs_max=min(legs, course.legs_max))
                for course in plans.courses_of(stock, need, profile)
            )
            plans.outcome(stock, need, profile, courses, lambda _share: False)
            worked.append((time.process_time() - burnt) * 1000.0)
        grown[str(legs)] = round(statistics.median(worked), 1)
    return grown


def _memory_mb() -> float:
    """Return what this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def beside_highs(count: int, cases: int) -> dict[str, Any]:
    """Solve the same needs by HiGHS on every arm; return both times and whether they agree."""
    stock = lay_out(synthetic(count))
    ours, theirs, same = [], [], 0
    for need, profile in needs(cases, homes=False, seed=SEED + 1):
        begun = time.perf_counter()
        found = plan(need, profile, stock, on=ON, deadline_seconds=10)
        ours.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        cost = _all_arms(stock, need, profile)
        theirs.append(time.perf_counter() - begun)
        mine = float(found.plans[0].total_cost) if found.plans else None
        both_none = mine is None and cost is None
        same += both_none or (mine is not None and cost is not None and abs(mine - cost) < 0.05)
    return {
        "products": count,
        "cases": cases,
        "agree": same,
        "ours_p50_ms": round(statistics.median(ours) * 1000.0, 1),
        "highs_p50_ms": round(statistics.median(theirs) * 1000.0, 1),
    }


def _all_arms(stock: Any, need: Need, profile: Profile) -> float | None:
    """Return the least cost that HiGHS finds over all arms, or None where nothing fits.

    The first half of the columns says which arms are chosen, the second how much each lends.
    """
    import highspy
    import numpy as np

    from jiuding.services.offers.rules import plans

    (course,) = plans.courses_of(stock, need, profile)
    arms, count = course.arms, len(course.arms)
    if not count:
        return None
    amount, budget = float(need.amount), float(plans.budget_of(need, profile))
    solver = highspy.Highs()
    for name, value in (
        ("output_flag", False), ("threads", 1), ("mip_rel_gap", 0.0), ("time_limit", 60.0)
    ):  # fmt: skip
        solver.setOptionValue(name, value)
    columns = np.arange(2 * count, dtype=np.int32)
    solver.addVars(2 * count, np.zeros(2 * count), np.r_[np.ones(count), np.full(count, amount)])
    solver.changeColsCost(2 * count, columns, np.r_[arms.cost_fixed / 100.0, arms.cost])
    whole = np.array([highspy.HighsVarType.kInteger] * count)
    solver.changeColsIntegrality(count, columns[:count], whole)

    def row(low: float, high: float, where: Any, values: Any) -> None:
        solver.addRow(low, high, len(where), np.array(where, np.int32), np.array(values, float))

    inf, every = float("inf"), np.arange(count)
    for place in range(count):
        low, high = arms.low[place] / 100.0, min(arms.high[place] / 100.0, amount)
        row(-inf, 0.0, [place, count + place], [-high, 1.0])
        row(0.0, inf, [place, count + place], [-low, 1.0])
    row(amount, amount, count + every, np.ones(count))
    row(1.0, 3.0, every, np.ones(count))
    row(-inf, budget, columns, np.r_[arms.monthly / 100.0, arms.instalment])
    for one in np.unique(arms.identity):
        mine = every[arms.identity == one]
        row(-inf, 1.0, mine, np.ones(len(mine)))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return float(solver.getInfo().objective_function_value)


def run(quick: bool = False) -> dict[str, Any]:
    """Measure all loads and return one document."""
    count = 60 if quick else 300
    results: dict[str, Any] = {}
    held = _memory_mb()
    real = lay_out(read_library())
    grown = _memory_mb() - held
    results["real"] = {**measure(real, needs(count, homes=True)), "library_mb": round(grown, 1)}
    for size in (1_000, 10_000) if quick else (1_000, 10_000, 100_000):
        held, listed = _memory_mb(), synthetic(size)
        begun = time.perf_counter()
        stock = lay_out(listed)
        laid_out, grown = time.perf_counter() - begun, _memory_mb() - held
        asked = needs(count if size < 100_000 else count // 5, homes=False)
        results[f"synthetic_{size}"] = measure(stock, asked)
        results[f"synthetic_{size}"]["lay_out_s"] = round(laid_out, 2)
        results[f"synthetic_{size}"]["library_mb"] = round(grown, 1)
    results["beside_highs"] = beside_highs(300, 5 if quick else 20)
    beside = results["beside_highs"]
    ten = results["synthetic_10000"]["p50_ms"]
    return {
        "question": "How fast is the cheapest combination found and proven?",
        "load": __doc__.split("Load: ")[1],
        "results": results,
        "ratios": {
            "highs_over_ours": round(beside["highs_p50_ms"] / beside["ours_p50_ms"], 2),
            "time_10000_over_1000": round(ten / results["synthetic_1000"]["p50_ms"], 2),
            "gap_before_proof_most": max(
                each["gap_before_proof_most"]
                for name, each in results.items()
                if name != "beside_highs"
            ),
            "real_first_p50_over_20_ms": round(results["real"]["first_p50_ms"] / 20.0, 3),
            "synthetic_10000_first_p50_over_60_ms": round(
                results["synthetic_10000"]["first_p50_ms"] / 60.0, 3
            ),
            "three_legs_over_one_10000": round(
                results["synthetic_10000"]["with_legs_p50_cpu_ms"]["3"]
                / max(0.1, results["synthetic_10000"]["with_legs_p50_cpu_ms"]["1"]),
                2,
            ),
            "real_proven_share": results["real"]["proven_share"],
            "synthetic_10000_proven_share": results["synthetic_10000"]["proven_share"],
        },
        "machine": {
            "python": platform.python_version(),
            "cpus": os.cpu_count(),
            "load": os.getloadavg()[0],
            "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        },
    }


if __name__ == "__main__":
    print(json.dumps(run(quick="--quick" in sys.argv), indent=2))
