"""The back end for proofs: turn a typed tree into formulas that Z3 can settle.

Every value is a pair: what it is, and whether it is known. Whole numbers and texts are exact;
decimals are reals, and where the compiled form may round to 34 digits the result is free within
one part in 10^33. What Z3 cannot follow (patterns, loan arithmetic, lists of the bank) is free
too. So "no values do that" is a proof, while an example counts only once the compiled form has
shown it. Z3 is loaded when the first question is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from fractions import Fraction
from types import ModuleType
from typing import Any

from jiuding.kernel.decisions.rules.cel_lexer import INT_MAX
from jiuding.kernel.decisions.rules.cel_values import WHOLE_DIGITS_MAX
from jiuding.kernel.decisions.types.tree import (
    Call,
    Choice,
    Field,
    FieldSpec,
    Has,
    Items,
    Literal,
    Logic,
    Node,
    Type,
    children,
)

TIMEOUT_MS = 1_000
SLACK = Fraction(1, 10**33)
EXAMPLE_DIGITS = 12
_WIDE = Context(prec=200)


class Undecided(Exception):
    """Say, inside this package only, that a question was not settled in its time."""


@dataclass(frozen=True, slots=True)
class Term:
    """A value as a formula, and whether it is known."""

    value: Any
    known: Any


class Prover:
    """Fields as unknowns within their declared bounds, and questions about conditions over them."""

    def __init__(self, fields: Mapping[str, FieldSpec], inlined: Mapping[str, Node]) -> None:
        import z3

        self.z3: ModuleType = z3
        self.fields = fields
        self.inlined = inlined
        self.side: list[Any] = []  # what holds whatever is asked
        self.is_exact = True
        self._terms: dict[Any, Term] = {}
        self._fresh = 0
        self._calls = _calls(z3)
        self.unknowns = {
            name: self._unknown(spec) for name, spec in fields.items() if name not in inlined
        }

    def ask(
        self, *wanted: Any, all_present: bool = False, small: bool = False
    ) -> dict[str, Any] | None:
        """Return values of fields that meet what is wanted, or None when nothing does.

        With `all_present` no field is missing; with `small` no number is beyond a billion.
        Refuses with Undecided when the stated time does not settle it.
        """
        solver = self.z3.Solver()
        solver.set("timeout", TIMEOUT_MS)
        solver.add(*self.side, *wanted)
        for term in self.unknowns.values():
            if all_present:
                solver.add(term.known)
            if small and self.z3.is_arith(term.value):
                solver.add(term.value <= 10**9, term.value >= -(10**9))
        answer = solver.check()
        if answer == self.z3.unknown:
            raise Undecided
        return self._example(solver.model()) if answer == self.z3.sat else None

    def term(self, node: Node) -> Term:
        """Return the value and the knowledge of a tree as formulas."""
        key = _key(node)
        if key not in self._terms:
            self._terms[key] = self._translate(node)
        return self._terms[key]

    def _translate(self, node: Node) -> Term:
        z3 = self.z3
        match node:
            case Literal(value=value, type=kind):
                return Term(self._constant(value, kind), z3.BoolVal(True))
            case Field(name=name) if name in self.inlined:
                return self.term(self.inlined[name])
            case Field(name=name):
                return self.unknowns[name]
            case Has(name=name) if name in self.inlined:
                return Term(self.term(self.inlined[name]).known, z3.BoolVal(True))
            case Has(name=name):
                return Term(self.unknowns[name].known, z3.BoolVal(True))
            case Logic():
                return self._logic(node)
            case Choice(condition=condition, then=then, otherwise=otherwise):
                asked, one, other = (self.term(each) for each in (condition, then, otherwise))
                known = z3.And(asked.known, z3.If(asked.value, one.known, other.known))
                return Term(z3.If(asked.value, one.value, other.value), known)
            case Call():
                return self._call(node)
        return self.free(node.type)

    def _logic(self, node: Logic) -> Term:
        z3 = self.z3
        left, right = self.term(node.left), self.term(node.right)
        is_or = node.name == "||"
        decides = [
            z3.And(each.known, each.value if is_or else z3.Not(each.value))
            for each in (left, right)
        ]
        known = z3.Or(*decides, z3.And(left.known, right.known))
        value = z3.Or(*decides)
        return Term(value if is_or else z3.Not(value), known)

    def _call(self, node: Call) -> Term:
        if node.name in ("in", "size") and any(isinstance(arg, Items) for arg in node.args):
            return self._over_items(node)
        make = self._calls.get(node.name)
        kinds = [arg.type for arg in node.args]
        if make is None or any(kind.item is not None for kind in kinds):
            return self.free(node.type)
        args = [self.term(arg) for arg in node.args]
        made = make(self, kinds, [arg.value for arg in args])
        return replace(made, known=self.z3.And(*(arg.known for arg in args), made.known))

    def _over_items(self, node: Call) -> Term:
        z3, items = self.z3, node.args[-1]
        entries = [self.term(each) for each in items.items]
        known = z3.And(*(each.known for each in entries))
        if node.name == "size":
            return Term(z3.IntVal(len(entries)), known)
        item = self.term(node.args[0])
        same = z3.Or(*(item.value == each.value for each in entries))
        return Term(same, z3.And(known, item.known))

    def free(self, kind: Type) -> Term:
        """Return a value of which nothing is known, not even whether it is known."""
        self.is_exact = False
        self._fresh += 1
        name = f"free!{self._fresh}"
        term = Term(self._variable(name, kind), self.z3.Bool(f"{name}!known"))
        if kind is Type.INT:
            self.side += [term.value <= INT_MAX, term.value >= -INT_MAX - 1]
        return term

    def rounded(self, exact: Any) -> Any:
        """Return a number within one part in 10^33 of another: what 34 digits may make of it."""
        if self.z3.is_rational_value(self.z3.simplify(exact)):
            found = self.z3.simplify(exact).as_fraction()
            if _is_short(found):
                return exact
        self.is_exact = False
        self._fresh += 1
        near = self.z3.Real(f"near!{self._fresh}")
        slack = self.z3.Q(SLACK.numerator, SLACK.denominator)
        off = self.z3.If(exact >= 0, exact * slack, -exact * slack)
        self.side += [near >= exact - off, near <= exact + off]
        return near

    def bounded(self, value: Any) -> Term:
        """Return a number that is known only within the bounds of its type."""
        if self.z3.is_int(value):
            return Term(value, self.z3.And(value <= INT_MAX, value >= -INT_MAX - 1))
        limit = 10**WHOLE_DIGITS_MAX
        return Term(value, self.z3.And(value < limit, value > -limit))

    def _constant(self, value: Any, kind: Type) -> Any:
        z3 = self.z3
        if kind is Type.BOOL:
            return z3.BoolVal(value)
        if kind is Type.STRING:
            return z3.StringVal("".join(_escaped(sign) for sign in value))
        if kind is Type.INT:
            return z3.IntVal(value)
        return z3.Q(*Fraction(value).as_integer_ratio())

    def _variable(self, name: str, kind: Type) -> Any:
        z3 = self.z3
        makers = {Type.BOOL: z3.Bool, Type.INT: z3.Int, Type.DECIMAL: z3.Real}
        return makers.get(kind, z3.String)(name)

    def _unknown(self, spec: FieldSpec) -> Term:
        z3 = self.z3
        value = self._variable(spec.name, spec.type)
        known = z3.Bool(f"{spec.name}!known")
        if spec.type.is_number:
            low, high = spec.minimum, spec.maximum
            widest = INT_MAX if spec.type is Type.INT else 10**28
            self.side.append(value >= self._bound(low, -widest, spec.type))
            self.side.append(value <= self._bound(high, widest, spec.type))
        if spec.values:
            texts = [self._constant(each, Type.STRING) for each in spec.values]
            self.side.append(z3.Or(*(value == text for text in texts)))
        return Term(value, known)

    def _bound(self, bound: Decimal | None, widest: int, kind: Type) -> Any:
        return self._constant(Decimal(widest) if bound is None else bound, Type.DECIMAL)

    def given(self, env: Mapping[str, Any]) -> list[Any]:
        """Return what says that the fields hold exactly these values, and no other is there."""
        found = []
        for name, term in self.unknowns.items():
            if name not in env or self.fields[name].type.item is not None:
                found.append(term.known == (name in env))
                continue
            value = self._constant(env[name], self.fields[name].type)
            found += [term.known, term.value == value]
        return found

    def is_value(self, term: Term, value: Any, kind: Type) -> Any:
        """Return what says that a term is known and has this value, or is not known for None."""
        if value is None:
            return self.z3.Not(term.known)
        return self.z3.And(term.known, term.value == self._constant(value, kind))

    def _example(self, model: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, term in self.unknowns.items():
            kind = self.fields[name].type
            if kind.item is None and self.z3.is_true(model.eval(term.known, True)):
                found[name] = _python(model.eval(term.value, True), kind)
        return found


Maker = Callable[..., Term]


def _exact(z3: ModuleType, make: Callable[..., Any]) -> Maker:
    return lambda prover, kinds, args: Term(make(*args), z3.BoolVal(True))


def _calls(z3: ModuleType) -> dict[str, Maker]:
    """Return what makes a term of each operator and function that Z3 can follow."""
    tests: dict[str, Callable[..., Any]] = {
        "==": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: b < a,
        ">=": lambda a, b: b <= a,
        "!": z3.Not,
        "decimal": z3.ToReal,
        "size": z3.Length,
        "startsWith": lambda text, part: z3.PrefixOf(part, text),
        "endsWith": lambda text, part: z3.SuffixOf(part, text),
        "contains": z3.Contains,
    }
    found = {name: _exact(z3, make) for name, make in tests.items()}
    return found | _arithmetic(z3) | _chosen(z3)


def _arithmetic(z3: ModuleType) -> dict[str, Maker]:
    def worked(make: Callable[[Any, Any], Any]) -> Maker:
        def run(prover: Prover, kinds: list[Type], args: list[Any]) -> Term:
            value = make(*args)
            return prover.bounded(value if kinds[0] is Type.INT else prover.rounded(value))

        return run

    def divided(prover: Prover, kinds: list[Type], args: list[Any]) -> Term:
        left, right = args
        safe = z3.If(right == 0, 1, right)
        value = _truncated(z3, left, safe) if kinds[0] is Type.INT else prover.rounded(left / safe)
        return Term(value, z3.And(right != 0, prover.bounded(value).known))

    def remainder(prover: Prover, kinds: list[Type], args: list[Any]) -> Term:
        left, right = args
        safe = z3.If(right == 0, 1, right)
        return Term(left - safe * _truncated(z3, left, safe), right != 0)

    return {
        "+": worked(lambda a, b: a + b),
        "-": worked(lambda a, b: a - b),
        "*": worked(lambda a, b: a * b),
        "/": divided,
        "%": remainder,
        "neg": lambda prover, kinds, args: prover.bounded(-args[0]),
    }


def _chosen(z3: ModuleType) -> dict[str, Maker]:
    def whole_part(prover: Prover, kinds: list[Type], args: list[Any]) -> Term:
        (value,) = args
        return prover.bounded(z3.If(value >= 0, z3.ToInt(value), -z3.ToInt(-value)))

    def absolute(prover: Prover, kinds: list[Type], args: list[Any]) -> Term:
        (value,) = args
        return prover.bounded(z3.If(value >= 0, value, -value))

    def floor_to(prover: Prover, kinds: list[Type], args: list[Any]) -> Term:
        value, step = args
        found = prover.free(Type.DECIMAL)
        near = z3.Q(1, 10**20) * (1 + z3.If(value >= 0, value, -value) + step)
        prover.side += [
            z3.Implies(step > 0, found.value <= value + near),
            z3.Implies(step > 0, found.value >= value - step - near),
        ]
        return Term(found.value, z3.And(step > 0, found.known))

    def extreme(is_less: bool) -> Maker:
        def run(prover: Prover, kinds: list[Type], args: list[Any]) -> Term:
            best = args[0]
            for each in args[1:]:
                best = z3.If((each < best) if is_less else (each > best), each, best)
            return Term(best, z3.BoolVal(True))

        return run

    return {
        "abs": absolute,
        "int": whole_part,
        "floor_to": floor_to,
        "min": extreme(True),
        "max": extreme(False),
    }


def _truncated(z3: ModuleType, left: Any, right: Any) -> Any:
    """Return division towards zero; Z3 divides whole numbers so that no rest is negative."""
    sizes = [z3.If(each >= 0, each, -each) for each in (left, right)]
    return z3.If((left >= 0) == (right >= 0), sizes[0] / sizes[1], -(sizes[0] / sizes[1]))


def _key(node: Node) -> Any:
    """Return what makes two trees the same wherever they stand in the source."""
    match node:
        case Literal(value=value, type=kind):
            return ("literal", kind, str(value))
        case Field(name=name):
            return ("field", name)
        case Has(name=name):
            return ("has", name)
        case Logic(name=name) | Call(name=name):
            return (name, node.type, *(_key(each) for each in children(node)))
        case _:
            return (type(node).__name__, node.type, *(_key(each) for each in children(node)))


def _is_short(value: Fraction) -> bool:
    """Return whether a number has at most 34 digits, so that nothing rounds it."""
    scaled = value * 10**WHOLE_DIGITS_MAX
    return scaled.denominator == 1 and len(str(abs(scaled.numerator)).strip("0")) <= 34


def _escaped(sign: str) -> str:
    return sign if " " <= sign <= "~" and sign != "\\" else f"\\u{{{ord(sign):x}}}"


def _python(value: Any, kind: Type) -> Any:
    if kind is Type.BOOL:
        return str(value) == "True"
    if kind is Type.INT:
        return value.as_long()
    if kind is Type.STRING:
        return "".join(map(chr, _code_points(value.as_string())))
    if not hasattr(value, "as_fraction"):
        value = value.approx(EXAMPLE_DIGITS)
    found = value.as_fraction()
    for digits in (EXAMPLE_DIGITS, 28):
        if (found * 10**digits).denominator == 1:
            break
    number = Decimal(round(found * 10**digits)).scaleb(-digits, _WIDE)
    return Decimal(format(number.normalize(_WIDE), "f"))


def _code_points(text: str) -> list[int]:
    found, at = [], 0
    while at < len(text):
        if text.startswith("\\u{", at):
            end = text.index("}", at)
            found.append(int(text[at + 3 : end], 16))
            at = end + 1
        else:
            found.append(ord(text[at]))
            at += 1
    return found
