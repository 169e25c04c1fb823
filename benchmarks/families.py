"""Do the policies that ship stop the abuse they are for, and leave honest people alone?

Question: of what attackers of each family are after, which share is stopped at or before the money
moves; and which share of honest actors is held up (asked for proof, or waiting for a review) at
least once in the weeks measured, or turned away?
Load: simulated populations, attackers and honest people together, on seeds that were not looked at
while the policies were tuned (tuning used the seeds below 100): once with attackers as then, once
with attackers who adapted. Every act goes through the streams' counters and the policy, as it does
at a gate of the bank; the world reacts to each answer.
Result: for each family and kind of attackers the shares, by kind of actor, which rules spoke, and
judged acts a second of CPU time. A target counts as tried when its attacker first acts on it.
"""

from __future__ import annotations

import os
import platform
import time
from typing import Any

from jiuding.services import abuse

SEED, SEEDS = 2_001, 3
STOPPED_MIN, HELD_UP_MAX = 0.9, 0.01


def run(
    *, seed: int | None = None, only: str = "", size: float = 1.0, seeds: int = SEEDS
) -> dict[str, Any]:
    """Play every family, or one; return the question, the load, the results, ratios and machine."""
    first = SEED if seed is None else seed
    names = [abuse.family_of(only).name] if only else list(abuse.FAMILIES)
    results: dict[str, Any] = {}
    ratios: dict[str, float] = {}
    for name in names:
        results[name] = {}
        for attackers in abuse.Attackers:
            used = time.process_time()
            tally = abuse.play_family(
                name, seeds=range(first, first + seeds), size=size, attackers=attackers
            )
            used = time.process_time() - used
            found = abuse.figures(tally)
            judged = sum(each.acts for each in (*tally.honest.values(), *tally.attack.values()))
            found["meets_targets"] = bool(
                (found["attacks_stopped_share"] or 0) >= STOPPED_MIN
                and found["honest_held_up_share"] <= HELD_UP_MAX
                and found["honest_declined"] == 0
            )
            found["judged_per_cpu_second"] = round(judged / max(used, 1e-9), 1)
            results[name][attackers.value] = found
            at = f"{name}.{attackers}"
            ratios[f"{at}.stopped_over_target"] = round(
                (found["attacks_stopped_share"] or 0) / STOPPED_MIN, 3
            )
            ratios[f"{at}.held_up_over_limit"] = round(
                found["honest_held_up_share"] / HELD_UP_MAX, 3
            )
    return {
        "question": "the share of attacks stopped before money moves, and of honest people held up",
        "load": f"{len(names)} families, size {size}, seeds {first} to {first + seeds - 1}",
        "results": results,
        "ratios": ratios,
        "machine": {
            "python": platform.python_version(),
            "cpu_count": os.cpu_count(),
            "load_average": [round(each, 1) for each in os.getloadavg()],
        },
    }
