"""Features on line and in DuckDB: exactly equal, in whatever order events arrive."""

from __future__ import annotations

import random

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiuding.base.settings import CATALOG
from jiuding.services import risk

SECOND = 1_000_000
WHERE = '{ field = "result", is = "no" }'
STREAM = risk.read_stream(
    f"""
name = "mixed"
[fields]
card = "string"
device = "string"
amount = "int"
result = "string"
[features]
"c1" = {{ of = "count", key = "card", window = "1min" }}
"c2" = {{ of = "count", key = "card", window = "90d" }}
"s1" = {{ of = "sum", key = "card", field = "amount", window = "1min" }}
"s2" = {{ of = "sum", key = "card", field = "amount", window = "1h", where = {WHERE} }}
"n1" = {{ of = "count", key = "card", window = "1h", where = {{ field = "amount", is = 1 }} }}
"d1" = {{ of = "distinct", key = "card", field = "device", window = "1min" }}
"d2" = {{ of = "distinct", key = "card", field = "amount", window = "1h", where = {WHERE} }}
"f1" = {{ of = "first_seen", key = "card" }}
"r1" = {{ of = "ratio", top = "s2", under = "c2" }}
"r2" = {{ of = "ratio", top = "c1", under = "s1" }}
"p1" = {{ of = "count", key = ["card", "device"], window = "1h" }}
"p2" = {{ of = "first_seen", key = ["device", "card"] }}
"y1" = {{ of = "count", key = "result", window = "1min" }}
"y2" = {{ of = "count", key = "result", window = "1h" }}
"z1" = {{ of = "sum", key = "result", field = "amount", window = "1min" }}
"z2" = {{ of = "sum", key = "result", field = "amount", window = "1h" }}
"x1" = {{ of = "distinct", key = "device", field = "card", window = "1h" }}
"x2" = {{ of = "ratio", top = "x1", under = "c1" }}
""",
    file="mixed.toml",
)


CONNECTION = duckdb.connect()
CONNECTION.execute("SET threads = 1")


def in_duckdb(stream: risk.Stream, events: list[risk.FeatureEvent]) -> list[list[int | None]]:
    kinds = {"int": "BIGINT", "string": "VARCHAR", "network": "VARCHAR"}
    columns = ", ".join(f'"{name}" {kinds[kind]}' for name, kind in stream.fields.items())
    CONNECTION.execute(f"CREATE OR REPLACE TABLE log (_sequence BIGINT, _at BIGINT, {columns})")
    marks = ", ".join("?" * (2 + len(stream.fields)))
    if events:
        CONNECTION.executemany(
            f"INSERT INTO log VALUES ({marks})",
            [[e.sequence, e.at, *map(e.values.get, stream.fields)] for e in events],
        )
    found = CONNECTION.execute(risk.feature_query(stream)).fetchall()
    return [list(row[1:]) for row in found]


def on_line(stream, events):
    counters = risk.Counters(stream)
    found = [dict(zip(counters.names, counters.observe(e), strict=True)) for e in events]
    return [[row[name] for name in stream.names] for row in found]


def naive(stream: risk.Stream, events: list[risk.FeatureEvent]) -> list[list[int | None]]:
    """Count by the definition alone: look at every event known before this one."""
    rows = []
    for place, event in enumerate(events):
        row: dict[str, int | None] = {}
        for f in stream.features:
            if f.measure == "ratio":
                top, under = row[f.top], row[f.under]
                row[f.name] = top * SECOND // under if under and top is not None else None
                continue
            key = [event.values.get(name) for name in f.key]
            known = [
                e for e in events[:place]
                if None not in key and [e.values.get(n) for n in f.key] == key and e.at <= event.at
            ]  # fmt: skip
            if None in key:
                row[f.name] = None
            elif f.measure == "first_seen":
                first = min((e.at for e in known), default=None)
                row[f.name] = None if first is None else (event.at - first) // SECOND
            else:
                near = [e for e in known if e.at > event.at - f.window_seconds * SECOND]
                if f.where:
                    near = [e for e in near if e.values.get(f.where.field) == f.where.value]
                values = [e.values.get(f.field) for e in near]
                row[f.name] = {
                    "count": lambda n=near: len(n),
                    "sum": lambda v=values: sum(each or 0 for each in v),
                    "distinct": lambda v=values: len(set(v) - {None}),
                }[f.measure]()
        rows.append([row[name] for name in stream.names])
    return rows


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "card": st.sampled_from("ab"),
        "device": st.sampled_from("xy"),
        "amount": st.integers(-3, 3),
        "result": st.sampled_from(("no", "yes")),
    },
)
# Instants that meet at the ends of windows, to the microsecond, and repeat.
INSTANTS = st.sampled_from(
    [m * 60 * SECOND + off for m in (0, 1, 2, 59, 60, 61, 62) for off in (0, 1)]
)


@given(st.lists(st.tuples(INSTANTS, VALUES), max_size=30))
@settings(max_examples=40, deadline=None)
def test_values_are_equal_to_the_last_unit_in_whatever_order_events_arrive(offered):
    events = [risk.FeatureEvent(str(n), at, values, n) for n, (at, values) in enumerate(offered, 1)]
    wanted = naive(STREAM, events)
    assert on_line(STREAM, events) == wanted
    assert in_duckdb(STREAM, events) == wanted


def simulated(count: int, seed: int, late_share: float) -> list[risk.FeatureEvent]:
    draw, now, found = random.Random(seed), 0, []
    for number in range(1, count + 1):
        now += int(draw.expovariate(1 / 30) * SECOND)
        at = now - draw.randrange(80_000) * SECOND if draw.random() < late_share else now
        values = {
            "party": f"p{draw.randrange(60)}", "payee": f"m{draw.randrange(30)}",
            "card": f"c{draw.randrange(50)}", "device": f"d{draw.randrange(20)}",
            "ip": f"10.0.{draw.randrange(9)}.0/24", "tls": f"t{draw.randrange(4)}",
            "amount": draw.randrange(1, 10**6), "result": draw.choice(("paid", "refused")),
        }  # fmt: skip
        found.append(risk.FeatureEvent(str(number), at, values, number))
    return found


@pytest.mark.parametrize("late_share", [0.0, 0.02])
def test_the_shipped_stream_has_no_parity_difference(late_share):
    stream = risk.read_stream(
        (CATALOG / "features" / "payments.toml").read_text("utf-8"), file="payments.toml"
    )
    assert len(stream.features) == 24
    events = simulated(2_000, 7, late_share)
    counted = [list(row) for _, row in risk.count_in_duckdb(stream, events)]
    assert on_line(stream, events) == counted


def test_memory_is_let_go_and_the_values_stay_equal():
    text = """
name = "short"
[fields]
card = "string"
amount = "int"
[features]
"c" = { of = "count", key = "card", window = "1h" }
"s" = { of = "sum", key = "card", field = "amount", window = "1min" }
"""
    stream = risk.read_stream(text, file="short.toml")
    events = [
        risk.FeatureEvent(str(n), n * 40 * SECOND, {"card": "a", "amount": n}, n)
        for n in range(1, 8_000)
    ]
    counters = risk.Counters(stream)
    for event in events:
        counters.observe(event)
    counted = [list(row) for _, row in risk.count_in_duckdb(stream, events)]
    assert on_line(stream, events) == counted
    kept = len(next(iter(counters._plans[0].young.values()))[0])
    assert kept < 25 * 3600 / 40 * 2 + 1024


def test_an_event_a_day_behind_the_newest_is_refused():
    counters = risk.Counters(STREAM)
    counters.observe(risk.FeatureEvent("a", 2 * 86_400 * SECOND, {}, 1))
    counters.observe(risk.FeatureEvent("b", 86_400 * SECOND + 1, {}, 2))
    with pytest.raises(risk.EventTooLate):
        counters.observe(risk.FeatureEvent("c", 86_400 * SECOND, {}, 3))


def test_keys_that_no_window_can_see_are_let_go_and_the_values_stay_equal():
    text = """
name = "short"
[fields]
card = "string"
payee = "string"
amount = "int"
[features]
"c" = { of = "count", key = "card", window = "1h" }
"d" = { of = "distinct", key = "card", field = "payee", window = "6h" }
"s" = { of = "sum", key = "card", field = "amount", window = "1min" }
"a" = { of = "first_seen", key = ["card", "payee"] }
"p" = { of = "count", key = ["card", "payee"], window = "2h" }
"""
    stream = risk.read_stream(text, file="short.toml")
    draw, events = random.Random(4), []
    for number in range(1, 12_001):
        # Cards come and go: some are met again after days, on time or a day late.
        at = number * 120 * SECOND - (draw.randrange(86_000) * SECOND if number % 50 == 0 else 0)
        card = number // 300 if draw.random() < 0.9 else draw.randrange(5)
        values = {"card": f"c{card}", "payee": f"m{draw.randrange(6)}", "amount": number}
        events.append(risk.FeatureEvent(str(number), at, values, number))
    counters = risk.Counters(stream)
    most = 0
    for event in events:
        counters.observe(event)
        most = max(most, counters.key_count)
    counted = [list(row) for _, row in risk.count_in_duckdb(stream, events)]
    assert on_line(stream, events) == counted
    pairs = {(e.values["card"], e.values["payee"]) for e in events}
    assert counters.first_count == len(pairs)
    # A key is kept for twice its longest look back at most: here 60 hours, of 400.
    assert len(pairs) > 220
    assert max(most, counters.key_count) < 120
