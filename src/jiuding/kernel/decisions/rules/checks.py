"""Check a policy before it is published: what overlaps, gapes, hides or can never hold.

Tables are checked by exact reasoning over regions of their columns; rules by the part of their
conditions that compares one field with constants: anything else is taken as free, so a rule that
is called unreachable is so. Every finding shows values. A question that needs more than the stated
number of steps is reported as undecided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from jiuding.kernel.decisions.rules.proofs import prove_policy
from jiuding.kernel.decisions.rules.regions import (
    Axis,
    Box,
    OutOfSteps,
    common,
    meets,
    uncovered,
)
from jiuding.kernel.decisions.rules.sentences import slots_of
from jiuding.kernel.decisions.types.policies import (
    Cell,
    Finding,
    FindingKind,
    HitPolicy,
    Interval,
    OneOf,
    Policy,
    Rule,
    Sentence,
    Table,
    Words,
)
from jiuding.kernel.decisions.types.tree import (
    Call,
    Choice,
    Field,
    FieldSpec,
    Items,
    Literal,
    Logic,
    Node,
    Type,
    names_in,
)

FINDINGS_MAX = 20
PAIRS_MAX = 200_000
BRANCHES_MAX = 4_096


def check_policy(policy: Policy) -> tuple[Finding, ...]:
    """Return what is doubtful about a policy, each with values that show it, worst first."""
    known = policy.known
    found: list[Finding] = []
    for table in policy.tables:
        found += _check_table(table, known)
    for rule in policy.rules:
        found += _check_rule(rule, known)
    dead = frozenset(each.part for each in found if each.is_blocking)
    found += prove_policy(policy, dead)
    found += _unused(policy)
    return tuple(sorted(found, key=lambda each: not each.is_blocking))


def _check_table(table: Table, known: Mapping[str, FieldSpec]) -> list[Finding]:
    axes = [
        Axis(known[name], (row.cells[place] for row in table.rows))
        for place, name in enumerate(table.inputs)
    ]
    boxes = [
        tuple(axis.mask(cell) for axis, cell in zip(axes, row.cells, strict=True))
        for row in table.rows
    ]
    checker = _TableChecker(table, axes, boxes)
    found = list(checker.empty_rows())
    if not table.gaps_allowed:
        found += checker.gaps()
    if table.hit is HitPolicy.FIRST:
        found += checker.shadowed()
    return found + list(checker.overlaps())


@dataclass(frozen=True, slots=True)
class _TableChecker:
    table: Table
    axes: list[Axis]
    boxes: list[Box]

    def example(self, box: Box) -> dict[str, str]:
        return {
            axis.spec.name: axis.example(mask) for axis, mask in zip(self.axes, box, strict=True)
        }

    def finding(
        self, kind: FindingKind, place: int | None, words: Words, example: Mapping[str, str]
    ) -> Finding:
        part = self.table.id if place is None else f"{self.table.id}#{place + 1}"
        is_blocking = kind is not FindingKind.OVERLAP
        return Finding(kind, part, is_blocking, words, example)

    def empty_rows(self) -> Iterator[Finding]:
        for place, box in enumerate(self.boxes):
            if not all(box):
                names = [
                    axis.spec.name for axis, mask in zip(self.axes, box, strict=True) if not mask
                ]
                words = Words(
                    f"第{place + 1}行永远不会成立：{names[0]}没有这样的取值。",
                    f"Row {place + 1} never holds: {names[0]} has no such value.",
                )
                yield self.finding(FindingKind.UNREACHABLE, place, words, {})

    def gaps(self) -> Iterator[Finding]:
        whole = tuple(axis.all for axis in self.axes)
        try:
            hole = uncovered(whole, self.boxes)
        except OutOfSteps:
            yield self.undecided(None)
            return
        if hole is not None:
            words = Words("有些取值没有任何一行能够回答。", "For these values no row answers.")
            yield self.finding(FindingKind.GAP, None, words, self.example(hole))

    def shadowed(self) -> Iterator[Finding]:
        count = 0
        for place, box in enumerate(self.boxes):
            if not all(box) or count >= FINDINGS_MAX:
                continue
            earlier = [each for each in self.boxes[:place] if meets(box, each)]
            try:
                is_hidden = uncovered(box, earlier) is None
            except OutOfSteps:
                yield self.undecided(place)
                continue
            if is_hidden:
                count += 1
                first = next(at for at, each in enumerate(self.boxes) if meets(box, each))
                words = Words(
                    f"第{place + 1}行永远轮不到：前面的行已经全部回答了，例如第{first + 1}行。",
                    f"Row {place + 1} is never reached: earlier rows answer first, such as"
                    f" row {first + 1}.",
                )
                example = self.example(common(box, self.boxes[first]))
                yield self.finding(FindingKind.SHADOWED, place, words, example)

    def overlaps(self) -> Iterator[Finding]:
        """Tell where rows that answer differently both hold: legal, and worth a look."""
        if len(self.boxes) * (len(self.boxes) - 1) // 2 > PAIRS_MAX:
            yield self.undecided(None)
            return
        count = 0
        for one, other in combinations(range(len(self.boxes)), 2):
            rows = self.table.rows[one], self.table.rows[other]
            if _answer(rows[0]) == _answer(rows[1]) or not meets(
                self.boxes[one], self.boxes[other]
            ):
                continue
            words = Words(
                f"第{one + 1}行和第{other + 1}行同时成立，但结果不同。",
                f"Rows {one + 1} and {other + 1} both hold and answer differently.",
            )
            example = self.example(common(self.boxes[one], self.boxes[other]))
            yield self.finding(FindingKind.OVERLAP, other, words, example)
            if (count := count + 1) >= FINDINGS_MAX:
                return

    def undecided(self, place: int | None) -> Finding:
        words = Words(
            "在规定的步数内无法判断，请拆小这张表。",
            "The stated number of steps does not settle this; split the table.",
        )
        return Finding(
            FindingKind.UNDECIDED,
            self.table.id if place is None else f"{self.table.id}#{place + 1}",
            False,
            words,
            {},
        )


def _answer(row) -> object:
    return row.outputs or (row.reason.outcome if row.reason else None)


Branch = dict[str, list[Cell]]


def _check_rule(rule: Rule, known: Mapping[str, FieldSpec]) -> list[Finding]:
    found = []
    for wanted, kind in ((True, FindingKind.UNREACHABLE), (False, FindingKind.ALWAYS)):
        try:
            clash = _clash(list(_branches(rule.when, wanted)), known)
        except OutOfSteps:
            clash = None
        if clash is None:
            continue
        never = kind is FindingKind.UNREACHABLE
        words = Words(
            f"条件{'永远不会' if never else '总是'}成立：{clash}。",
            f"The condition {'can never' if never else 'always does'} hold: {clash}.",
        )
        found.append(Finding(kind, rule.id, True, words, {"condition": rule.source}))
    return found


def _clash(branches: list[Branch], known: Mapping[str, FieldSpec]) -> str | None:
    """Return why no branch can hold, by the first field that has no value left, or None."""
    why = None
    for branch in branches:
        empty = next((name for name in branch if not _possible(known[name], branch[name])), None)
        if empty is None:
            return None
        why = why or empty
    return why


def _possible(spec: FieldSpec, cells: list[Cell]) -> bool:
    axis = Axis(spec, cells)
    left = axis.all
    for cell in cells:
        left &= axis.mask(cell)
    return left != 0


def _branches(node: Node, wanted: bool) -> Iterator[Branch]:
    """Return the ways in which a condition is what is wanted, as tests of single fields.

    A test that is not of a single field against constants is left out: it is taken as free.
    """
    match node:
        case Logic(name=name, left=left, right=right):
            if (name == "&&") == wanted:
                yield from _both(left, right, wanted)
            else:
                yield from _branches(left, wanted)
                yield from _branches(right, wanted)
        case Call(name="!", args=(inner,)):
            yield from _branches(inner, not wanted)
        case Choice(condition=condition, then=then, otherwise=otherwise):
            yield from _joined(_branches(condition, True), list(_branches(then, wanted)))
            yield from _joined(_branches(condition, False), list(_branches(otherwise, wanted)))
        case Literal(value=value):
            if value is wanted:
                yield {}
        case Field(name=name, type=Type.BOOL):
            yield {name: [OneOf((wanted,))]}
        case _:
            test = _test(node, wanted)
            yield {} if test is None else {test[0]: [test[1]]}


def _both(left: Node, right: Node, wanted: bool) -> Iterator[Branch]:
    return _joined(_branches(left, wanted), list(_branches(right, wanted)))


def _joined(one: Iterator[Branch], other: list[Branch]) -> Iterator[Branch]:
    count = 0
    for left in one:
        for right in other:
            if (count := count + 1) > BRANCHES_MAX:
                raise OutOfSteps
            yield {name: [*left.get(name, []), *right.get(name, [])] for name in {**left, **right}}


_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def _test(node: Node, wanted: bool) -> tuple[str, Cell] | None:
    """Return the field and the cell of a comparison with constants, or None for anything else."""
    if not isinstance(node, Call) or len(node.args) != 2:
        return None
    left, right = (_bare(arg) for arg in node.args)
    name = node.name
    if isinstance(right, Field) and name in _MIRROR:
        left, right, name = right, left, _MIRROR[name]
    if not isinstance(left, Field):
        return None
    if name == "in" and isinstance(right, Items):
        items = [item.value for item in right.items if isinstance(item, Literal)]
        if len(items) == len(right.items) and left.type is Type.STRING:
            return left.name, OneOf(tuple(items), not wanted)
        return None
    if not isinstance(right, Literal) or name not in _MIRROR:
        return None
    return _compared(left, name if wanted else _OPPOSITE[name], right)


def _compared(left: Field, name: str, right: Literal) -> tuple[str, Cell] | None:
    if not left.type.is_number:
        if name not in ("==", "!="):
            return None
        return left.name, OneOf((right.value,), name == "!=")
    bound = Decimal(right.value)
    cells = {
        "<": Interval(None, bound, has_high=False),
        "<=": Interval(None, bound),
        ">": Interval(bound, None, has_low=False),
        ">=": Interval(bound, None),
        "==": Interval(bound, bound),
    }
    return (left.name, cells[name]) if name in cells else None


def _bare(node: Node) -> Node:
    return node.args[0] if isinstance(node, Call) and node.name == "decimal" else node


def _unused(policy: Policy) -> Iterator[Finding]:
    """Tell which declared fields nothing reads: they would be stored for nothing."""
    trees: list[Node] = [each.expression for each in policy.derived]
    sentences: list[Sentence] = []
    for table in policy.tables:
        trees += table.values.values()
        for reason in (row.reason for row in table.rows if row.reason is not None):
            sentences += [reason.text, *([reason.remedy] if reason.remedy else [])]
    for rule in policy.rules:
        trees += [rule.when, *rule.values.values()]
        trees += [each.when for each in rule.remedies if each.when is not None]
        sentences += [rule.text, *(each.text for each in rule.remedies)]
    for each in policy.scorecard.characteristics if policy.scorecard else ():
        trees.append(each.of)
        sentences.append(each.text)
    if policy.model is not None:
        # What no rule reads the model may: which inputs it has is in its file, not in the policy.
        return
    used = {policy.currency} | {name for table in policy.tables for name in table.inputs}
    used = used.union(*map(names_in, trees), *map(slots_of, sentences))
    for name in policy.fields:
        if name not in used:
            words = Words(f"没有任何规则读取{name}。", f"Nothing reads {name}.")
            yield Finding(FindingKind.UNUSED, name, False, words, {})
