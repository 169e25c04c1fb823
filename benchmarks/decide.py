"""How fast is a decision, and where does the time go?

Question: how many decisions a second does one core make under a policy of a table of 200 rows and 8
columns, 30 rules and 24 features, in process; and how many with the record written durably?
Load: seeded random requests, a quarter of which meet a rule; the record is written in batches of
500, each its own durable transaction, by two writers, on a throw-away database of an embedded
server.
Result: decisions a second of CPU time and of wall time, p50 and p99 in milliseconds of wall time
(so other work on the machine shows in p99; p99_cpu_ms is free of it), rule evaluations a second,
bytes a decision.

A decision counts its event first: 24 features over four windows of three keys come from counters on
line, are read, judged and explained. The counters alone are measured too, and every value of theirs
is compared with what DuckDB counts from the same log, in which some events came late.

Beside it, on the same requests: the same policy written by hand as one Python function without
types, missing fields, reasons, texts or exact decimals: the limit of what Python could do, not a
peer; and zen-engine, where it is installed (it is no part of the bank: `pip install zen-engine`).
"""

from __future__ import annotations

import contextlib
import os
import platform
import random
import re
import resource
import secrets
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks import decide_beside as beside
from jiuding.base.database.embedded import EmbeddedServer
from jiuding.kernel import decisions
from jiuding.services import risk

ROWS, COLUMNS, RULES, FEATURES = 200, 8, 30, 24
SEED = 20261123
P99_LIMIT_MS = 10
PURE, RECORDED, BATCH, REPLAYED = 5_000, 5_000, 500, 1_000_000
WRITERS = 2


def policy_texts(seed: int = SEED) -> tuple[str, str]:
    """Return the TOML and CSV of the policy that is measured."""
    draw = random.Random(seed)
    lines = [
        'name = "bench"',
        "version = 1",
        'title = { zh = "测量", en = "Bench" }',
        "[fields]",
        *(f'"event.x{place}" = {{ type = "int" }}' for place in range(COLUMNS)),
        *(f'"window.f{place}" = {{ type = "decimal" }}' for place in range(FEATURES)),
        "[[tables]]",
        'id = "grid"',
        'file = "bench.grid.csv"',
        'hit = "FIRST"',
    ]
    for place in range(RULES):
        one, two, three = draw.sample(range(FEATURES), 3)
        when = (
            f"window.f{one} > {990 + place % 10} && window.f{two} + window.f{three} * 2 >= 1500.5"
            f" || event.x{place % COLUMNS} == {draw.randrange(1000, 2000)}"
        )
        lines += [
            "[[rules]]",
            f'id = "r{place}"',
            f'when = "{when}"',
            'outcome = "refer"',
            f'code = "bench.r{place}"',
            f"weight = {place}",
            f'zh = "特征为 {{window.f{one}}}。"',
            f'en = "The feature is {{window.f{one}}}."',
        ]
    header = [f"event.x{place}" for place in range(COLUMNS)]
    rows = [",".join([*header, "outcome", "code", "weight", "zh", "en"])]
    for place in range(ROWS):
        cells = [f"{(low := draw.randrange(0, 600))}..{low + 400}" for _ in range(COLUMNS)]
        cells[draw.randrange(COLUMNS)] = ""
        rows.append(",".join([*cells, "refer", f"bench.row{place}", "5", "命中。", "A hit."]))
    return "\n".join(lines), "\n".join(rows)


def requests_of(count: int, seed: int = SEED) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return random events and features, the same for the same seed."""
    draw = random.Random(seed + 1)
    return [
        (
            {f"event.x{place}": draw.randrange(0, 1000) for place in range(COLUMNS)},
            {f"window.f{place}": Decimal(draw.randrange(100_000)) / 100 for place in range(24)},
        )
        for _ in range(count)
    ]


def by_hand(policy: decisions.Policy) -> Callable[[dict, dict], tuple[str, list[str]]]:
    """Return the same policy as plain Python over floats: a limit, not an implementation."""
    rules = []
    for rule in policy.rules:
        source = rule.source.replace("&&", "and").replace("||", "or")
        source = re.sub(r"window\.f\d+", lambda name: f'f["{name[0]}"]', source)
        source = re.sub(r"event\.x\d+", lambda name: f'e["{name[0]}"]', source)
        rules.append(f"    if {source}: found.append({rule.code!r})")
    table = []
    for row in policy.tables[0].rows:
        tests = [
            f'{cell.low} <= e["{name}"] < {cell.high}'
            for name, cell in zip(policy.tables[0].inputs, row.cells, strict=True)
            if hasattr(cell, "low")
        ]
        word = "elif" if table else "if"
        table.append(f"    {word} {' and '.join(tests)}: found.append({row.reason.code!r})")
    lines = ["def judge(e, f):", "    found = []", *rules, *table]
    lines.append('    return ("refer" if found else "approve"), found')
    space: dict[str, Any] = {}
    exec("\n".join(lines), space)
    return space["judge"]


def _timed(run: Callable[[int], Any], count: int) -> dict[str, float]:
    times, own = [], []
    started, used = time.perf_counter(), time.process_time()
    for place in range(count):
        before, mine = time.perf_counter(), time.thread_time()
        run(place)
        own.append(time.thread_time() - mine)
        times.append(time.perf_counter() - before)
    wall, cpu = time.perf_counter() - started, time.process_time() - used
    times.sort()
    own.sort()
    return {
        "per_second_wall": round(count / wall, 1),
        "per_second_cpu": round(count / cpu, 1),
        "p50_ms": round(times[count // 2] * 1000, 4),
        "p99_ms": round(times[count * 99 // 100] * 1000, 4),
        "p99_cpu_ms": round(own[count * 99 // 100] * 1000, 4),
    }


def _recorded(url: str, policy: decisions.Policy, loads: list) -> dict[str, float]:
    import sqlalchemy

    from jiuding.base.database.engine import create_engine, transaction
    from jiuding.base.database.migrate import migrate
    from jiuding.base.ids import new_id

    name = f"bench_{secrets.token_hex(6)}"
    admin = create_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
    target = sqlalchemy.make_url(url).set(database=name)
    engine = create_engine(target.render_as_string(hide_password=False))
    try:
        migrate(engine)
        now = datetime(2026, 11, 23, 9, tzinfo=UTC)
        bank_id = new_id("bank", now)
        asked = [
            decisions.Request(f"sub_{place}", event, f"key_{place}", features)
            for place, (event, features) in enumerate(loads)
        ]

        def write(first: int) -> None:
            with transaction(engine) as session:
                decisions.decide_all(
                    session,
                    bank_id=bank_id,
                    policy=policy,
                    requests=asked[first : first + BATCH],
                    now=now,
                )

        started, used = time.perf_counter(), time.process_time()
        # One judges while the other waits for the disk: Python still runs on one core alone.
        with ThreadPoolExecutor(WRITERS) as writers:
            list(writers.map(write, range(0, len(asked), BATCH)))
        wall, used = time.perf_counter() - started, time.process_time() - used
        return {
            "recorded_per_second": round(len(asked) / wall, 1),
            # What one core of ours could do; the database's own work is beside it.
            "recorded_per_second_cpu": round(len(asked) / used, 1),
        } | _after(engine, bank_id)
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(sqlalchemy.text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def _after(engine: Any, bank_id: str) -> dict[str, Any]:
    import sqlalchemy

    with engine.connect() as connection:
        size = "SELECT pg_total_relation_size('decisions.decisions')"
        written = connection.execute(sqlalchemy.text(size)).scalar()
        durable = connection.execute(sqlalchemy.text("SHOW synchronous_commit")).scalar()
        fsync = connection.execute(sqlalchemy.text("SHOW fsync")).scalar()
        started = time.perf_counter()
        count = decisions.replay_all(connection, bank_id=bank_id, limit_max=REPLAYED)
        wall = time.perf_counter() - started
    return {
        "bytes_per_decision": round(written / count.replayed_count),
        "replayed_per_second": round(count.replayed_count / wall, 1),
        "replay_differences": len(count.different),
        "synchronous_commit": durable,
        "fsync": fsync,
    }


def _beside_zen(ours: dict[str, float], peer: dict[str, float] | None) -> dict[str, float]:
    if peer is None:
        return {}
    return {
        "ours_over_zen_per_second_cpu": round(ours["per_second_cpu"] / peer["per_second_cpu"], 2),
        "ours_over_zen_p50_ms": round(ours["p50_ms"] / peer["p50_ms"], 2),
    }


def run(
    *, pure_count: int = PURE, recorded_count: int = RECORDED, url: str | None = None
) -> dict[str, Any]:
    """Measure and return the question, the load, the results, the ratios and the machine.

    `url` names a PostgreSQL on which a database may be made; without one an embedded server of
    our own is started, with durable commits, and removed.
    """
    toml, table = policy_texts()
    started = time.perf_counter()
    policy = decisions.read_policy_texts("bench.toml", toml, {"bench.grid.csv": table})
    loading_ms = (time.perf_counter() - started) * 1000
    loads = requests_of(max(pure_count, recorded_count))

    def judge(place: int) -> Any:
        event, features = loads[place]
        inputs = decisions.read_inputs(policy, event=event, features=features, lists={})
        return decisions.assess(policy, inputs)

    counters = risk.Counters(beside.stream())
    names = [f"window.f{place}" for place in range(FEATURES)]
    observed = beside.events(len(loads), SEED)

    def count_and_judge(place: int) -> Any:
        values = counters.observe(observed[place])
        features = dict(zip(names, values, strict=True))
        inputs = decisions.read_inputs(policy, event=loads[place][0], features=features, lists={})
        return decisions.assess(policy, inputs)

    hand = by_hand(policy)
    floats = [
        (event, {name: float(value) for name, value in features.items()})
        for event, features in loads
    ]
    zen = beside.zen_decision(policy)
    zen_loads = beside.zen_inputs(loads)
    for place in range(100):
        codes = {reason.code for reason in judge(place).reasons}
        assert codes == set(hand(*loads[place])[1]), "the policy by hand is another policy"
        if zen is not None:
            theirs = beside.zen_codes(zen.evaluate(zen_loads[place]), policy)
            assert codes == theirs, "the policy in zen-engine is another policy"
    whole = _timed(count_and_judge, pure_count)
    ours = _timed(judge, pure_count)
    limit = _timed(lambda place: hand(*floats[place]), pure_count)
    peer = None if zen is None else _timed(lambda n: zen.evaluate(zen_loads[n]), pure_count)
    results: dict[str, Any] = {
        "p50_ms": whole["p50_ms"],
        "p99_ms": whole["p99_ms"],
        "p99_cpu_ms": whole["p99_cpu_ms"],
        "with_features": whole,
        "without_features": ours,
        "decisions_per_second_cpu": ours["per_second_cpu"],
        "decisions_per_second_wall": ours["per_second_wall"],
        "rule_evaluations_per_second": round(ours["per_second_cpu"] * (RULES + ROWS)),
        "conditions_per_second": round(ours["per_second_cpu"] * RULES),
        "loading_ms": round(loading_ms, 1),
        "by_hand": limit,
        "zen_engine": peer or "not measured: zen-engine is not installed",
    }
    results |= beside.measure_features(SEED)
    with tempfile.TemporaryDirectory(prefix="jiuding-bench-") as folder:
        server = contextlib.nullcontext() if url else EmbeddedServer(Path(folder) / "database")
        with server as own:
            results |= _recorded(url or own.url, policy, loads[:recorded_count])
    return {
        "question": "decisions a second on one core: 200-row table, 30 rules, 24 features",
        "load": f"{pure_count} judged in process, {recorded_count} recorded in "
        f"batches of {BATCH} by {WRITERS} writers, seed {SEED}",
        "results": results,
        "ratios": {
            "by_hand_over_ours": round(limit["per_second_cpu"] / ours["per_second_cpu"], 1),
            "p99_over_limit": round(whole["p99_ms"] / P99_LIMIT_MS, 3),
            **_beside_zen(ours, peer),
        },
        "machine": {
            "python": platform.python_version(),
            "cpu_count": os.cpu_count(),
            "load_average": [round(each, 1) for each in os.getloadavg()],
            "machine": platform.machine(),
            "memory_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        },
    }
