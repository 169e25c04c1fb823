"""Write a whole policy as one DuckDB query over rows of inputs: outcome and score of each.

The parts stand in the order in which they are judged: derived values, tables, rules, scorecard;
each is a column that later ones read. What fires and what is not evaluated become severities, and
the worst of them the outcome, as in `assessment`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from jiuding.kernel.decisions.rules.cel_sql import NotInSql, Sql, to_sql, units_of
from jiuding.kernel.decisions.types.policies import (
    AnyCell,
    Cell,
    Derived,
    HitPolicy,
    Interval,
    OneOf,
    Policy,
    Scorecard,
    Table,
)
from jiuding.kernel.decisions.types.tree import (
    LIST_OF,
    Call,
    Field,
    FieldSpec,
    Items,
    Literal,
    Node,
    Type,
)

ROWS_TABLE = "history"


class Query:
    """A query that grows part by part; `columns` says how each name is read."""

    def __init__(self, columns: Mapping[str, Sql]) -> None:
        self.columns = dict(columns)
        self.fired: list[str] = []
        self.held_up: list[str] = []
        self.score = "NULL"
        self._stages = [f"SELECT * FROM {ROWS_TABLE}"]

    def add(self, *expressions: str) -> None:
        """Give every row these columns, which later parts may read."""
        before = f"stage{len(self._stages) - 1}"
        self._stages.append(f"SELECT *, {', '.join(expressions)} FROM {before}")

    def derive(self, derived: Derived) -> None:
        """Add a derived value. Refuses with NotInSql."""
        name = derived.spec.name
        found = to_sql(derived.expression, self.columns)
        self.keep(name, found)

    def keep(self, name: str, found: Sql) -> None:
        """Keep a value under a name as a column, or two for a quotient."""
        top, under = quoted_name(name), quoted_name(f"{name}/under")
        parts = [f"{found.text} AS {top}"]
        if found.under is not None:
            parts.append(f"{found.under} AS {under}")
        self.add(*parts)
        self.columns[name] = Sql(
            top,
            found.width,
            found.scale,
            None if found.under is None else under,
            found.under_width,
        )

    def written(self, policy: Policy) -> str:
        """Return the query: `id`, `severity` and `score` of each row."""
        default = policy.default.severity
        fired = f"GREATEST({', '.join(self.fired)})" if self.fired else "NULL"
        held_up = f"COALESCE(GREATEST({', '.join(self.held_up)}), 0)" if self.held_up else "0"
        self.add(f'{fired} AS "#fired"', f'{held_up} AS "#held_up"')
        stages = [f"stage{place} AS ({text})" for place, text in enumerate(self._stages)]
        last = f"stage{len(self._stages) - 1}"
        outcome = f'GREATEST(COALESCE("#fired", {default}), "#held_up")'
        return (
            f'WITH {", ".join(stages)} SELECT "#id", {outcome}, {self.score} FROM {last}'
            ' ORDER BY "#id"'
        )


def quoted_name(name: str) -> str:
    """Return a column's name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def judge_in_sql(policy: Policy, query: Query) -> str:
    """Add tables, rules and scorecard to a query that knows every derived value; return its text.

    Refuses with NotInSql for a part that has no exact form in SQL.
    """
    known = policy.known
    for table in policy.tables:
        _add_table(table, query, known)
    for rule in policy.rules:
        name = f"rule:{rule.id}"
        if name not in query.columns:
            query.keep(name, to_sql(rule.when, query.columns))
        text = query.columns[name].text
        query.fired.append(f"(CASE WHEN {text} THEN {rule.outcome.severity} END)")
        query.held_up.append(f"(CASE WHEN {text} IS NULL THEN {rule.if_missing.severity} END)")
    if policy.scorecard is not None:
        _add_scorecard(policy.scorecard, query)
    return query.written(policy)


def _add_table(table: Table, query: Query, known: Mapping[str, FieldSpec]) -> None:
    specs = [known[name] for name in table.inputs]
    rows = [_row_text(row.cells, specs, query.columns) for row in table.rows]
    missing = table.if_missing.severity
    severities = [row.reason.outcome.severity if row.reason else 0 for row in table.rows]
    if table.hit is HitPolicy.COLLECT:
        name = quoted_name(f"table:{table.id}")
        held = quoted_name(f"table:{table.id}/unknown")
        hits = [
            f"CASE WHEN {text} THEN {severity} END"
            for text, severity in zip(rows, severities, strict=True)
        ]
        query.add(
            f"GREATEST({', '.join(hits)}) AS {name}",
            f"({' OR '.join(f'{text} IS NULL' for text in rows)}) AS {held}",
        )
        query.fired.append(name)
        query.held_up.append(f"(CASE WHEN {held} THEN {missing} END)")
        return
    place = quoted_name(f"table:{table.id}")
    cases = "".join(
        f" WHEN {text} IS NULL THEN -1 WHEN {text} THEN {number}"
        for number, text in enumerate(rows, 1)
    )
    query.add(f"(CASE{cases} ELSE 0 END) AS {place}")
    hit = f"(CASE WHEN {place} > 0 THEN {place} END)"
    if not table.outputs:
        query.fired.append(f"[{', '.join(map(str, severities))}][{hit}]")
        query.held_up.append(f"(CASE WHEN {place} < 0 THEN {missing} END)")
        return
    query.held_up.append(f"(CASE WHEN {place} <= 0 THEN {missing} END)")
    for column, spec in enumerate(table.outputs):
        values = [row.outputs[column] for row in table.rows]
        query.keep(spec.name, _listed(values, spec.type, hit))


def _listed(values: Sequence[object], kind: Type, place: str) -> Sql:
    """Return the value of the row that was hit, from a list of every row's."""
    if kind is not Type.DECIMAL:
        texts = [to_sql(Literal(value, kind, 0), {}).text for value in values]
        return Sql(f"[{', '.join(texts)}][{place}]")
    found = [to_sql(Literal(value, kind, 0), {}) for value in values]
    scale = max(each.scale for each in found)
    width = max(each.width + scale - each.scale for each in found)
    texts = [f"{units_of(Decimal(str(value)), scale)}::HUGEINT" for value in values]
    return Sql(f"[{', '.join(texts)}][{place}]", width, scale)


def _row_text(cells: Sequence[Cell], specs: Sequence[FieldSpec], columns: Mapping[str, Sql]) -> str:
    tests = [
        to_sql(node, columns).text
        for cell, spec in zip(cells, specs, strict=True)
        for node in cell_nodes(cell, spec)
    ]
    return f"({' AND '.join(tests)})" if tests else "(true)"


def cell_nodes(cell: Cell, spec: FieldSpec) -> list[Node]:
    """Return the conditions that a cell stands for, all of which hold when a value passes."""
    field = Field(spec.name, spec.type, 0)

    def compared(sign: str, bound: Decimal) -> Node:
        value = int(bound) if spec.type is Type.INT else bound
        return Call(sign, (field, Literal(value, spec.type, 0)), Type.BOOL, 0)

    match cell:
        case AnyCell():
            return []
        case Interval(low=low, high=high, has_low=has_low, has_high=has_high):
            found = [] if low is None else [compared(">=" if has_low else ">", low)]
            return found + ([] if high is None else [compared("<=" if has_high else "<", high)])
        case OneOf(values=values, is_negated=is_negated) if spec.type is Type.BOOL:
            same = [
                Call("==", (field, Literal(each, Type.BOOL, 0)), Type.BOOL, 0) for each in values
            ]
            if len(same) != 1:
                raise NotInSql(f"a cell of {spec.name} names both truths")
            return [Call("!", (same[0],), Type.BOOL, 0)] if is_negated else same
        case OneOf(values=values, is_negated=is_negated):
            items = Items(
                tuple(Literal(each, spec.type, 0) for each in values), LIST_OF[spec.type], 0
            )
            test = Call("in", (field, items), Type.BOOL, 0)
            return [Call("!", (test,), Type.BOOL, 0)] if is_negated else [test]
    raise NotInSql("a cell of an unknown kind")


def _add_scorecard(card: Scorecard, query: Query) -> None:
    points = []
    for each in card.characteristics:
        name = f"score:{each.id}"
        if name not in query.columns:
            query.keep(name, to_sql(each.of, query.columns))
        value = query.columns[name]
        unknown = " OR ".join(f"{part} IS NULL" for part in value.parts)
        lost = "NULL" if each.missing_points is None else str(each.missing_points)
        cases = [f"WHEN {unknown} THEN {lost}"]
        for band in each.bands:
            if band.below is None:
                cases.append(f"ELSE {band.points}")
                continue
            below = Call(
                "<",
                (Field(name, Type.DECIMAL, 0), Literal(band.below, Type.DECIMAL, 0)),
                Type.BOOL,
                0,
            )
            cases.append(f"WHEN {to_sql(below, query.columns).text} THEN {band.points}")
        points.append(f"(CASE {' '.join(cases)} END)")
        if each.missing_points is None:
            query.held_up.append(f"(CASE WHEN {unknown} THEN {card.if_missing.severity} END)")
    total = " + ".join([str(card.base), *points])
    score = f"LEAST(GREATEST({total}, {card.minimum}), {card.maximum})"
    # LEAST and GREATEST pass over NULL, and a score that lacks a part is no score.
    query.add(f'(CASE WHEN ({total}) IS NULL THEN NULL ELSE {score} END) AS "#score"')
    query.score = '"#score"'
    for bound, severity in ((card.decline_below, 3), (card.refer_below, 2)):
        if bound is not None and card.characteristics:
            query.fired.append(f'(CASE WHEN "#score" < {bound} THEN {severity} END)')
