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

import contextlib
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jiuding.base.amounts import currency
from jiuding.base.database.embedded import EmbeddedServer
from jiuding.base.database.engine import create_engine
from jiuding.base.database.migrate import migrate
from jiuding.base.ids import new_id
from jiuding.kernel import decisions
from jiuding.services import abuse

SEED, SEEDS, SIZE = 3_001, 2, 0.5
STOPPED_MIN, HELD_UP_MAX = 0.9, 0.01


def run(
    *, seed: int | None = None, only: str = "", size: float = SIZE, seeds: int = SEEDS
) -> dict[str, Any]:
    """Play every family, or one; return the question, the load, the results, ratios and machine."""
    first = SEED if seed is None else seed
    names = [abuse.family_of(only).name] if only else [*abuse.FAMILIES, *abuse.ON_BOOKS]
    with contextlib.ExitStack() as stack:
        books = stack.enter_context(in_books()) if abuse.ON_BOOKS.keys() & names else None
        return _played(names, range(first, first + seeds), size, books)


@contextlib.contextmanager
def in_books() -> Iterator[Callable[[decisions.Policy | None], abuse.Desk]]:
    """Open a database of its own and give a desk on an empty bank's books each time it is asked."""
    now = datetime.now(UTC)
    with (
        tempfile.TemporaryDirectory(prefix="jiuding-families-", dir="/tmp") as home,
        EmbeddedServer(Path(home) / "database") as server,
    ):
        engine = create_engine(server.url)
        migrate(engine)
        with engine.connect() as session, session.begin():
            yield lambda policy: abuse.BooksDesk(
                session, bank_id=new_id("bank", now), asset=currency("CNY"), now=now,
                policy=policy,
            )  # fmt: skip
        engine.dispose()


def _played(
    names: Sequence[str], seeds: range, size: float,
    books: Callable[[decisions.Policy | None], abuse.Desk] | None,
) -> dict[str, Any]:  # fmt: skip
    results: dict[str, Any] = {}
    ratios: dict[str, float] = {}
    for name in names:
        results[name] = {}
        for attackers in abuse.Attackers:
            used = time.process_time()
            tally = abuse.play_family(
                name, seeds=seeds, size=size, attackers=attackers, books=books
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
        "load": f"{len(names)} families, size {size}, seeds {seeds[0]} to {seeds[-1]}",
        "results": results,
        "ratios": ratios,
        "machine": {
            "python": platform.python_version(),
            "cpu_count": os.cpu_count(),
            "load_average": [round(each, 1) for each in os.getloadavg()],
        },
    }
