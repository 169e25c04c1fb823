"""Build a decision table from its declaration and its CSV rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from jiuding.kernel.decisions.errors import BadExpression, BadPolicy
from jiuding.kernel.decisions.rules.cells import number, read_cell
from jiuding.kernel.decisions.rules.declarations import Section
from jiuding.kernel.decisions.rules.sentences import read_sentence
from jiuding.kernel.decisions.types.decisions import Outcome
from jiuding.kernel.decisions.types.policies import HitPolicy, ReasonRow, Row, Table
from jiuding.kernel.decisions.types.tree import FieldSpec, Scalar, Type

ROWS_MAX = 5_000
COLUMNS_MAX = 40
REASON_COLUMNS = ("outcome", "code", "weight", "zh", "en")
REMEDY_COLUMNS = ("remedy_zh", "remedy_en")

_CODE = re.compile(r"[a-z][a-z0-9_]*\.[a-z0-9_]+")


def read_table(
    part: Section, known: dict[str, FieldSpec], files: Mapping[str, Any], if_missing: Outcome
) -> Table:
    """Build a table; what it gives becomes known to the tables and rules after it.

    Refuses: BadPolicy for a file that is not there, columns that are not the stated ones, a cell
    that cannot be read (naming row and column), or a values table that is not FIRST.
    """
    table_id, file = part.text("id"), part.text("file")
    hit = part.text("hit")
    if hit not in tuple(HitPolicy):
        part.refuse(f"is one of {', '.join(HitPolicy)}", key="hit")
    outputs = _outputs(part, known)
    if outputs and hit != HitPolicy.FIRST:
        part.refuse("is FIRST for a table that gives values", key="hit")
    values = part.values(known)
    missing = part.outcome("if_missing", if_missing)
    gaps = part.take("gaps_allowed", bool, not outputs)
    part.done()
    if file not in files:
        part.refuse("is not a file beside the policy", key="file")
    types = {name: spec.type for name, spec in known.items()}
    types.update((name, node.type) for name, node in values.items())
    reader = _Rows(file, files[file], known, outputs, types)
    known.update((spec.name, spec) for spec in outputs)
    return Table(
        id=table_id,
        file=file,
        hit=HitPolicy(hit),
        inputs=reader.inputs,
        outputs=outputs,
        rows=reader.rows(),
        values=values,
        if_missing=missing,
        gaps_allowed=gaps,
    )


def _outputs(part: Section, known: Mapping[str, FieldSpec]) -> tuple[FieldSpec, ...]:
    found = part.take("outputs", dict, {})
    for name, kind in found.items():
        if kind not in tuple(Type) or Type(kind).item is not None or name in known:
            part.refuse("is a new name and bool, int, decimal or string", key=f"outputs.{name}")
    return tuple(FieldSpec(name, Type(kind), zh=name, en=name) for name, kind in found.items())


class _Rows:
    """The rows of one CSV file; the first is the header."""

    def __init__(
        self,
        file: str,
        rows: Sequence[Sequence[str]],
        known: Mapping[str, FieldSpec],
        outputs: tuple[FieldSpec, ...],
        types: Mapping[str, Type],
    ) -> None:
        self.file, self.known, self.types, self.outputs = file, known, types, outputs
        if not 2 <= len(rows) <= ROWS_MAX + 1:
            raise BadPolicy(f"{file}: a table has a header and 1 to {ROWS_MAX} rows", file=file)
        self.header = [name.strip() for name in rows[0]]
        self.body = rows[1:]
        results = [spec.name for spec in outputs] or list(REASON_COLUMNS)
        if not outputs and REMEDY_COLUMNS[0] in self.header:
            results += REMEDY_COLUMNS
        self.inputs = tuple(name for name in self.header if name not in results)
        if sorted(self.header) != sorted([*self.inputs, *results]) or not self.inputs:
            self.refuse(0, "", f"the columns are inputs and then {', '.join(results)}, each once")
        if len(set(self.header)) < len(self.header) or len(self.header) > COLUMNS_MAX:
            self.refuse(0, "", f"a column comes once and there are at most {COLUMNS_MAX}")
        for name in self.inputs:
            if name not in known:
                self.refuse(0, name, "this is not a declared field")

    def refuse(self, row: int, column: str, detail: str) -> None:
        place = f"row {row}" if row else "header"
        where = f"{place}, column {column}" if column else place
        fields = {"file": self.file, "part": where}
        raise BadPolicy(f"{self.file}: {where}: {detail}", **fields)

    def rows(self) -> tuple[Row, ...]:
        return tuple(self._row(place, row) for place, row in enumerate(self.body, start=1))

    def _row(self, place: int, texts: Sequence[str]) -> Row:
        if len(texts) != len(self.header):
            self.refuse(place, "", f"{len(texts)} cells under {len(self.header)} columns")
        found = dict(zip(self.header, texts, strict=True))
        column = ""
        try:
            cells = []
            for column in self.inputs:
                cells.append(read_cell(found[column], self.known[column]))
            outputs = []
            for spec in self.outputs:
                column = spec.name
                outputs.append(_output(found[column].strip(), spec))
            column = "zh"
            reason = None if self.outputs else self._reason(found)
        except BadExpression as problem:
            self.refuse(place, column, problem.detail)
        return Row(place, tuple(cells), reason, tuple(outputs))

    def _reason(self, found: Mapping[str, str]) -> ReasonRow:
        if found["outcome"] not in tuple(Outcome) or not _CODE.fullmatch(found["code"]):
            raise BadExpression("the outcome or the code is not one", at=0)
        weight = found["weight"].strip()
        if not (weight.isascii() and weight.isdigit() and int(weight) <= 1000):
            raise BadExpression("the weight is a whole number up to 1000", at=0)
        remedy = None
        if found.get("remedy_zh") or found.get("remedy_en"):
            remedy = read_sentence(found["remedy_zh"], found["remedy_en"], self.types)
        return ReasonRow(
            Outcome(found["outcome"]),
            found["code"],
            int(weight),
            read_sentence(found["zh"], found["en"], self.types),
            remedy,
        )


def _output(text: str, spec: FieldSpec) -> Scalar:
    if spec.type is Type.STRING:
        return text
    if spec.type is Type.BOOL:
        if text not in ("true", "false"):
            raise BadExpression("this is true or false", at=0)
        return text == "true"
    found = number(text, spec)
    return int(found) if spec.type is Type.INT else found
