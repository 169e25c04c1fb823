"""Prove what regions of single fields cannot: sums, quotients, derived values, whole conditions.

A claim that nothing does something is a proof by Z3. Every example was run through the compiled
condition, and counts only because that showed the same. What is not settled in the stated time is
reported as undecided, never as fine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jiuding.kernel.decisions.rules.canonical import plain_value
from jiuding.kernel.decisions.rules.cel_compiler import compile_node, evaluate
from jiuding.kernel.decisions.rules.cel_smt import Prover, Term, Undecided
from jiuding.kernel.decisions.rules.cel_values import Unknown
from jiuding.kernel.decisions.types.decisions import Outcome
from jiuding.kernel.decisions.types.policies import Finding, FindingKind, Policy, Rule, Words
from jiuding.kernel.decisions.types.tree import (
    Call,
    Field,
    FieldSpec,
    Literal,
    Node,
    children,
    names_in,
)

SECONDS_MAX = 20.0
PAIRS_MAX = 500

Example = dict[str, Any]


def prove_policy(policy: Policy, settled: frozenset[str]) -> list[Finding]:
    """Return what proofs find in a policy; `settled` names rules that other checks refused."""
    return list(_Proofs(policy, settled).findings())


class _Proofs:
    """The questions about one policy, within one budget of time."""

    def __init__(self, policy: Policy, settled: frozenset[str]) -> None:
        self.policy = policy
        self.known: Mapping[str, FieldSpec] = policy.known
        self.inlined = {each.spec.name: each.expression for each in policy.derived}
        self.prover = Prover(self.known, self.inlined)
        self.rules = [rule for rule in policy.rules if rule.id not in settled]
        self.until = time.monotonic() + SECONDS_MAX
        self.dead: set[str] = set()

    def findings(self) -> Iterator[Finding]:
        for name, node in self._dividing():
            yield from self._tried(name, lambda name=name, node=node: self._zeros(name, node))
        for rule in self.rules:
            yield from self._tried(rule.id, lambda rule=rule: self._holding(rule))
        for rule in self.rules:
            if rule.id not in self.dead:
                yield from self._tried(rule.id, lambda rule=rule: self._silence(rule))
                yield from self._tried(rule.id, lambda rule=rule: self._remedies(rule))
        yield from self._redundant()

    def _tried(self, part: str, ask: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
        try:
            if time.monotonic() > self.until:
                raise Undecided
            yield from list(ask())
        except Undecided:
            words = Words(
                "在规定的时间内无法证明，请简化这个条件。",
                "The stated time does not settle this; make the condition simpler.",
            )
            yield Finding(FindingKind.UNDECIDED, part, False, words, {})

    def _dividing(self) -> Iterator[tuple[str, Node]]:
        parts = [(each.spec.name, each.expression) for each in self.policy.derived]
        parts += [(rule.id, rule.when) for rule in self.rules]
        card = self.policy.scorecard
        parts += [(each.id, each.of) for each in card.characteristics] if card else []
        return (part for part in parts if _divides(part[1]))

    def _zeros(self, part: str, node: Node) -> Iterator[Finding]:
        """Look for values, none missing, for which a condition divides by zero."""
        term = self.prover.term(node)
        zero = [self.prover.term(each).value == 0 for each in _divisors(node)]
        example = self.prover.ask(
            self.prover.z3.Not(term.known),
            self.prover.z3.Or(*zero),
            all_present=True,
            small=True,
        )
        if example is not None and self._why(node, example) == "divided_by_zero":
            words = Words(
                "这些取值会除以零；请给除数声明下限，或先判断它不为零。",
                "With these values it divides by zero; declare a bound for the divisor or test it"
                " first.",
            )
            yield self._finding(FindingKind.DIVIDES_BY_ZERO, part, True, words, example)

    def _holding(self, rule: Rule) -> Iterator[Finding]:
        """Look for values for which a rule holds, and for others for which it does not."""
        term, z3 = self.prover.term(rule.when), self.prover.z3
        if self.prover.ask(_true(z3, term)) is None:
            words = Words("没有任何取值能让这个条件成立。", "No values make this condition hold.")
            kind = FindingKind.UNREACHABLE
        elif self.prover.ask(_false(z3, term)) is None:
            words = Words("任何取值都会让这个条件成立。", "No values make this condition fail.")
            kind = FindingKind.ALWAYS
        else:
            return
        self.dead.add(rule.id)
        yield Finding(kind, rule.id, True, words, {"condition": rule.source})

    def _silence(self, rule: Rule) -> Iterator[Finding]:
        """Tell where a missing field lets through what the rule would have stopped."""
        if rule.outcome is Outcome.APPROVE or rule.if_missing is not Outcome.APPROVE:
            return
        example = self.prover.ask(
            _true(self.prover.z3, self.prover.term(rule.when)), all_present=True
        )
        if example is None or self._run(rule.when, example) is not True:
            return
        for name in sorted(self._fields_of(rule.when)):
            without = {field: value for field, value in example.items() if field != name}
            if name in example and self._why(rule.when, without) == "missing":
                words = Words(
                    f"缺少{name}时这条规则不作判断，请求会被放行。",
                    f"Without {name} the rule is not evaluated, and the request goes through.",
                )
                shown = {**without, name: "(missing)"}
                yield self._finding(FindingKind.MISSING, rule.id, False, words, shown)
                return

    def _remedies(self, rule: Rule) -> Iterator[Finding]:
        """Tell which remedies are never given, because earlier ones always are."""
        z3, earlier = self.prover.z3, []
        holds = _true(z3, self.prover.term(rule.when))
        for place, remedy in enumerate(rule.remedies):
            here = z3.BoolVal(True)
            if remedy.when is not None:
                here = _true(z3, self.prover.term(remedy.when))
            if self.prover.ask(holds, here, *(z3.Not(each) for each in earlier)) is None:
                words = Words(
                    f"第{place + 1}条建议永远不会给出。", f"Remedy {place + 1} is never given."
                )
                shown = {"condition": rule.source}
                yield Finding(FindingKind.SHADOWED, rule.id, False, words, shown)
            earlier.append(here)

    def _redundant(self) -> Iterator[Finding]:
        """Tell which rules never change the outcome: whenever they hold, a worse one holds too."""
        alive = [rule for rule in self.rules if rule.id not in self.dead]
        reads = {rule.id: self._fields_of(rule.when) for rule in alive}
        pairs = [
            (one, other)
            for one in alive
            for other in alive
            if one is not other
            and other.outcome.severity >= one.outcome.severity
            and reads[other.id] <= reads[one.id]
        ]
        hidden: set[str] = set()
        for one, other in pairs[:PAIRS_MAX]:
            if one.id not in hidden and other.id not in hidden:
                found = list(self._tried(one.id, lambda a=one, b=other: self._implied(a, b)))
                hidden |= {each.part for each in found}
                yield from found

    def _implied(self, one: Rule, other: Rule) -> Iterator[Finding]:
        z3 = self.prover.z3
        holds, too = (_true(z3, self.prover.term(rule.when)) for rule in (one, other))
        if self.prover.ask(holds, z3.Not(too)) is not None:
            return
        example = self.prover.ask(holds, too)
        if example is None or self._run(one.when, example) is not True:
            return
        words = Words(
            f"只要它成立，{other.id}也成立，而且结果一样或更重。",
            f"Whenever it holds, {other.id} holds too, with an outcome as bad or worse.",
        )
        yield self._finding(FindingKind.SHADOWED, one.id, False, words, example)

    def _fields_of(self, node: Node) -> frozenset[str]:
        found: set[str] = set()
        for name in names_in(node):
            inner = self.inlined.get(name)
            found |= {name} if inner is None else self._fields_of(inner)
        return frozenset(found)

    def _environment(self, example: Mapping[str, Any]) -> Example:
        env = dict(example)
        for each in self.policy.derived:
            value = self._answer(each.expression, env)
            if not isinstance(value, Unknown):
                env[each.spec.name] = value
        return env

    def _answer(self, node: Node, env: Mapping[str, Any]) -> Any:
        try:
            return evaluate(compile_node(node), env)
        except Unknown as unknown:
            return unknown

    def _run(self, node: Node, example: Mapping[str, Any]) -> Any:
        return self._answer(node, self._environment(example))

    def _why(self, node: Node, example: Mapping[str, Any]) -> str | None:
        found = self._run(node, example)
        return found.why if isinstance(found, Unknown) else None

    def _finding(
        self,
        kind: FindingKind,
        part: str,
        is_blocking: bool,
        words: Words,
        example: Mapping[str, Any],
    ) -> Finding:
        shown = {name: _text(value) for name, value in sorted(example.items())}
        return Finding(kind, part, is_blocking, words, shown)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(plain_value(value))


def _true(z3: Any, term: Term) -> Any:
    return z3.And(term.known, term.value)


def _false(z3: Any, term: Term) -> Any:
    return z3.And(term.known, z3.Not(term.value))


def _divisors(node: Node) -> list[Node]:
    own: list[Node] = []
    if isinstance(node, Call) and node.name in ("/", "%") and not isinstance(node.args[1], Literal):
        own.append(node.args[1])
    return own + [found for below in children(node) for found in _divisors(below)]


def _divides(node: Node) -> bool:
    """Return whether a tree has a divisor of its own that is not written out."""
    return bool(_divisors(node)) and any(isinstance(each, Field) for each in _leaves(node))


def _leaves(node: Node) -> list[Node]:
    below = children(node)
    return [node] if not below else [leaf for each in below for leaf in _leaves(each)]
