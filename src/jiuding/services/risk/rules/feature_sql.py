"""Write every feature of a stream as one DuckDB query over its log, with exactly the same values.

Where the events of a key became known in the order of their instants, a window is a frame of rows:
`n` of them, which counting first finds by range. Where one came late, each event of that key is
joined to what it could see: earlier in sequence, within the window.
"""

from __future__ import annotations

from collections.abc import Iterable

from jiuding.services.risk.types import Feature, FieldType, Measure, Stream

SECOND = 1_000_000
PER_MILLION = 1_000_000
LOG = "log"
SQL_TYPES = {
    FieldType.STRING: "VARCHAR",
    FieldType.NETWORK: "VARCHAR",
    FieldType.INT: "BIGINT",
}


def feature_query(stream: Stream) -> str:
    """Return a query over a table `log(_sequence, _at, field…)`: _sequence, then every feature.

    Rows come in the order of `_sequence`, in which events became known; each stands once.
    """
    keys: dict[tuple[str, ...], list[Feature]] = {}
    for feature in stream.features:
        if feature.measure is not Measure.RATIO:
            keys.setdefault(feature.key, []).append(feature)
    parts, names = [], []
    for number, (key, features) in enumerate(keys.items()):
        parts += _key_parts(number, key, features)
        names.append(f"k{number}")
    joins = "".join(f" LEFT JOIN {name} USING (_sequence)" for name in names)
    shown = ", ".join(_shown(feature) for feature in stream.features)
    return (
        f"WITH {', '.join(parts)} SELECT _sequence, {shown}"
        f" FROM (SELECT _sequence FROM {LOG}) AS every{joins} ORDER BY _sequence"
    )


def column(name: str) -> str:
    """Return a column's name as SQL writes it."""
    return f'"{name}"'


def _shown(feature: Feature) -> str:
    if feature.measure is not Measure.RATIO:
        return column(feature.name)
    top, under = column(feature.top), column(feature.under)
    ratio = f"({top}::HUGEINT * {PER_MILLION} // NULLIF({under}, 0))::BIGINT"
    # Whole division rounds down on line; in SQL it rounds towards zero.
    rest = f"({top}::HUGEINT * {PER_MILLION}) % NULLIF({under}, 0) <> 0"
    down = f"({rest} AND ({top} < 0) <> ({under} < 0))"
    return f"{ratio} - CASE WHEN {down} THEN 1 ELSE 0 END AS {column(feature.name)}"


def _key_parts(number: int, key: tuple[str, ...], features: list[Feature]) -> Iterable[str]:
    fields = ", ".join(column(name) for name in key)
    present = " AND ".join(f"{column(name)} IS NOT NULL" for name in key)
    windows = sorted({each.window_seconds for each in features if each.window_seconds})
    yield (
        f"rows{number} AS (SELECT *, lag(_sequence) OVER (PARTITION BY {fields} ORDER BY _at,"
        f" _sequence) > _sequence AS _late FROM {LOG} WHERE {present})"
    )
    yield (f"late{number} AS (SELECT DISTINCT {fields} FROM rows{number} WHERE _late)")
    same = " AND ".join(f"r.{column(name)} = l.{column(name)}" for name in key)
    yield (f"tidy{number} AS (SELECT r.* FROM rows{number} r ANTI JOIN late{number} l ON {same})")
    framed = ", ".join(_framed(feature, fields) for feature in features)
    ranged = "".join(
        f", count(*) OVER (PARTITION BY {fields} ORDER BY _at, _sequence ROWS BETWEEN UNBOUNDED"
        f" PRECEDING AND 1 PRECEDING) - count(*) OVER (PARTITION BY {fields} ORDER BY _at RANGE"
        f" BETWEEN UNBOUNDED PRECEDING AND {window * SECOND} PRECEDING) AS _n{window}"
        for window in windows
    )
    yield f"sized{number} AS (SELECT *{ranged} FROM tidy{number})"
    longest = max(windows, default=0) * SECOND
    mixed = ", ".join(_joined(feature) for feature in features)
    within = (
        "true"
        if any(f.measure is Measure.FIRST_SEEN for f in features)
        else (f"p._at > e._at - {longest}")
    )
    both = " AND ".join(f"e.{column(name)} = p.{column(name)}" for name in key)
    own = " AND ".join(f"e.{column(name)} = l.{column(name)}" for name in key)
    names = ", ".join(column(feature.name) for feature in features)
    yield (
        f"k{number} AS (SELECT _sequence, {names} FROM (SELECT _sequence, {framed}"
        f" FROM sized{number}) UNION ALL"
        f" SELECT e._sequence, {mixed} FROM rows{number} e SEMI JOIN late{number} l ON {own}"
        f" LEFT JOIN rows{number} p ON {both} AND p._sequence < e._sequence AND p._at <= e._at"
        f" AND {within} GROUP BY e._sequence, e._at)"
    )


def _value(feature: Feature, table: str = "") -> str:
    """Return what an event adds: 1, its number, or its value; NULL where it does not count."""
    value = f"{table}{column(feature.field)}" if feature.field else "1"
    if feature.where is None:
        return value
    wanted = feature.where.value
    text = str(wanted) if isinstance(wanted, int) else "'" + wanted.replace("'", "''") + "'"
    return f"CASE WHEN {table}{column(feature.where.field)} = {text} THEN {value} END"


def _framed(feature: Feature, fields: str) -> str:
    order = f"PARTITION BY {fields} ORDER BY _at, _sequence ROWS BETWEEN"
    name = column(feature.name)
    if feature.measure is Measure.FIRST_SEEN:
        first = f"min(_at) OVER ({order} UNBOUNDED PRECEDING AND 1 PRECEDING)"
        return f"((_at - {first}) // {SECOND})::BIGINT AS {name}"
    frame = f"({order} _n{feature.window_seconds} PRECEDING AND 1 PRECEDING)"
    if feature.measure is Measure.SUM:
        return f"coalesce(sum({_value(feature)}) OVER {frame}, 0)::BIGINT AS {name}"
    word = "DISTINCT " if feature.measure is Measure.DISTINCT else ""
    return f"count({word}{_value(feature)}) OVER {frame} AS {name}"


def _joined(feature: Feature) -> str:
    name = column(feature.name)
    if feature.measure is Measure.FIRST_SEEN:
        return f"((e._at - min(p._at)) // {SECOND})::BIGINT AS {name}"
    # A row without a partner has no `p._at`, so it passes no filter.
    seen = f"FILTER (WHERE p._at > e._at - {feature.window_seconds * SECOND})"
    value = _value(feature, "p.")
    if feature.measure is Measure.SUM:
        return f"coalesce(sum({value}) {seen}, 0)::BIGINT AS {name}"
    word = "DISTINCT " if feature.measure is Measure.DISTINCT else ""
    return f"count({word}{value}) {seen} AS {name}"
