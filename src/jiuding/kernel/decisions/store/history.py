"""Judge many cases of the past at once: in DuckDB, and what has no form there in Python.

A derived value or a rule that SQL cannot answer exactly is worked out in Python and becomes a
column of its own; the rest is one query. Where even that does not fit, the compiled policy judges
every case, and the answer says why.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from jiuding.kernel.decisions import rules
from jiuding.kernel.decisions.rules import NotInSql, Query, Sql, digits_of, quoted_name, units_of
from jiuding.kernel.decisions.types.decisions import Inputs, Outcome
from jiuding.kernel.decisions.types.policies import Policy
from jiuding.kernel.decisions.types.tree import Node, Type, names_in

_OUTCOMES = sorted(Outcome, key=lambda each: each.severity)
_COLUMN_TYPES = {
    Type.BOOL: "BOOLEAN",
    Type.INT: "BIGINT",
    Type.DECIMAL: "HUGEINT",
    Type.STRING: "VARCHAR",
    Type.INTS: "BIGINT[]",
    Type.STRINGS: "VARCHAR[]",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """Outcome and score of each case, in order, and which engine found them, with why not SQL."""

    outcomes: tuple[Outcome, ...]
    scores: tuple[int | None, ...]
    engine: str
    why_python: str = ""


def judge_history(policy: Policy, cases: Sequence[Inputs]) -> Judged:
    """Return what a policy says about every case, the same as judging each on its own."""
    if not cases:
        return Judged((), (), "duckdb")
    try:
        return _in_duckdb(policy, cases)
    except NotInSql as refusal:
        verdicts = [rules.assess(policy, each) for each in cases]
        return Judged(
            tuple(each.outcome for each in verdicts),
            tuple(each.score for each in verdicts),
            "python",
            str(refusal),
        )


class _Loading:
    """Cases on their way into columns: the values of each by name, worked out where needed."""

    def __init__(self, policy: Policy, cases: Sequence[Inputs]) -> None:
        self.policy = policy
        self.rows = [rules.environment_with_derived(policy, each) for each in cases]
        self.types: dict[str, str] = {}
        self.columns: dict[str, Sql] = {}
        self.values: dict[str, list[Any]] = {}

    def add(self, name: str, kind: Type, values: list[Any]) -> None:
        """Make a column; the width of decimals is that of the widest value there is."""
        if kind not in _COLUMN_TYPES:
            raise NotInSql(f"{name} is {kind}, which has no column")
        width = scale = 0
        if kind is Type.DECIMAL:
            found = [digits_of(value) for value in values if value is not None]
            scale = max((each[1] for each in found), default=0)
            width = scale + max((wide - after for wide, after in found), default=1)
            if width > 38:
                raise NotInSql(f"{name} needs {width} digits")
            values = [None if value is None else str(units_of(value, scale)) for value in values]
        self.types[name] = _COLUMN_TYPES[kind]
        self.columns[name] = Sql(quoted_name(name), width, scale)
        self.values[name] = values

    def worked_out(self, name: str, node: Node, kind: Type) -> None:
        """Make a column of what the compiled condition answers for each case."""
        outputs = {spec.name for table in self.policy.tables for spec in table.outputs}
        if outputs & names_in(node):
            raise NotInSql(f"{name} reads what a table gives")
        run = rules.compile_node(node)
        self.add(name, kind, [rules.evaluate_or_none(run, row) for row in self.rows])


def _in_duckdb(policy: Policy, cases: Sequence[Inputs]) -> Judged:
    loading = _Loading(policy, cases)
    for name, spec in policy.fields.items():
        if not name.startswith("lists."):
            with contextlib.suppress(NotInSql):
                loading.add(name, spec.type, [row.get(name) for row in loading.rows])
    query = _query(policy, loading)
    text = rules.judge_in_sql(policy, query)
    found = _run(text, loading)
    return Judged(
        tuple(_OUTCOMES[severity] for _, severity, _ in found),
        tuple(None if score is None else int(score) for _, _, score in found),
        "duckdb",
    )


def _query(policy: Policy, loading: _Loading) -> Query:
    """Return a query that knows every derived value, and the rules that SQL cannot answer."""
    trial = Query(loading.columns)
    in_sql = []
    for derived in policy.derived:
        try:
            trial.derive(derived)
            in_sql.append(derived)
        except NotInSql:
            loading.worked_out(derived.spec.name, derived.expression, derived.spec.type)
            trial.columns[derived.spec.name] = loading.columns[derived.spec.name]
    outputs = {spec.name for table in policy.tables for spec in table.outputs}
    parts = [(f"rule:{rule.id}", rule.when, Type.BOOL) for rule in policy.rules]
    card = policy.scorecard.characteristics if policy.scorecard else ()
    parts += [(f"score:{each.id}", each.of, Type.DECIMAL) for each in card]
    for name, node, kind in parts:
        if outputs & names_in(node):
            continue
        try:
            rules.to_sql(node, trial.columns)
        except NotInSql:
            loading.worked_out(name, node, kind)
    query = Query(loading.columns)
    for derived in in_sql:
        query.derive(derived)
    return query


def _run(text: str, loading: _Loading) -> list[tuple[int, int, Any]]:
    import duckdb

    names = list(loading.values)
    types: Mapping[str, str] = {"#id": "BIGINT", **loading.types}
    with tempfile.TemporaryDirectory(prefix="jiuding-history-") as folder:
        path = Path(folder) / "rows.json"
        with path.open("w", encoding="utf-8") as file:
            for number, values in enumerate(zip(*loading.values.values(), strict=True)):
                given = {
                    name: _plain(value)
                    for name, value in zip(names, values, strict=True)
                    if value is not None
                }
                file.write(json.dumps({"#id": number, **given}, ensure_ascii=False) + "\n")
        with duckdb.connect() as connection:
            columns = ", ".join(f"{quoted_name(name)}: '{kind}'" for name, kind in types.items())
            connection.execute(
                f"CREATE TABLE history AS SELECT * FROM read_json('{path}',"
                f" format = 'newline_delimited', columns = {{{columns}}})"
            )
            return connection.execute(text).fetchall()


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | frozenset):
        return list(value)
    return str(value) if isinstance(value, Decimal) else value
