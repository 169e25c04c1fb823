"""Judge inputs under a policy: a pure function of both, and of nothing else.

The order is fixed: derived values, tables, rules, scorecard, model. Every part is judged, so that a
customer hears every reason at once. The worst outcome wins; a part that could not be evaluated is
listed and brings its stated outcome, never silence.
"""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from jiuding.kernel.decisions.rules.canonical import plain_value
from jiuding.kernel.decisions.rules.cel_compiler import Compiled, compile_node
from jiuding.kernel.decisions.rules.cel_values import EXACT, Unknown
from jiuding.kernel.decisions.rules.cells import TableIndex
from jiuding.kernel.decisions.rules.inputs import environment
from jiuding.kernel.decisions.rules.models import PROBABILITY
from jiuding.kernel.decisions.rules.policy_models import model_reasons
from jiuding.kernel.decisions.rules.sentences import write
from jiuding.kernel.decisions.types.decisions import (
    Inputs,
    NotEvaluated,
    Outcome,
    Reason,
    Verdict,
)
from jiuding.kernel.decisions.types.policies import (
    HitPolicy,
    ModelUse,
    Policy,
    Rule,
    Scorecard,
    Sentence,
    Table,
)
from jiuding.kernel.decisions.types.tree import Node, names_in

MISSING_CODE = "decisions.not_evaluated"


def assess(policy: Policy, inputs: Inputs) -> Verdict:
    """Return what the policy says about the inputs."""
    with decimal.localcontext(EXACT):
        return _Judge(policy, environment(inputs)).verdict()


def environment_with_derived(policy: Policy, inputs: Inputs) -> dict[str, Any]:
    """Return every input and derived value that is known, by name."""
    env = environment(inputs)
    with decimal.localcontext(EXACT):
        for name, run in _compiled(policy).derived:
            try:
                env[name] = run(env)
            except Unknown:
                continue
    return env


def evaluate_or_none(run: Compiled, env: Mapping[str, Any]) -> Any:
    """Run a compiled condition with exact numbers; None is not evaluated."""
    with decimal.localcontext(EXACT):
        try:
            return run(env)
        except Unknown:
            return None


class _Compiled:
    """A policy's conditions as functions, made once for each policy that is loaded."""

    def __init__(self, policy: Policy) -> None:
        self.derived = [(each.spec.name, compile_node(each.expression)) for each in policy.derived]
        self.tables = [
            (table, TableIndex(table), _compile_all(table.values)) for table in policy.tables
        ]
        self.rules = [_CompiledRule(rule) for rule in policy.rules]
        card = policy.scorecard
        self.card = [compile_node(each.of) for each in card.characteristics] if card else []


class _CompiledRule:
    __slots__ = ("reads", "remedies", "rule", "values", "when")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.when = compile_node(rule.when)
        self.reads = tuple(sorted(names_in(rule.when)))
        self.values = _compile_all(rule.values)
        self.remedies = [
            (compile_node(each.when) if each.when else None, each.text) for each in rule.remedies
        ]


def _compile_all(values: Mapping[str, Node]) -> dict[str, Compiled]:
    return {name: compile_node(node) for name, node in values.items()}


@lru_cache(maxsize=128)
def _compiled(policy: Policy) -> _Compiled:
    return _Compiled(policy)


class _Judge:
    """One judgement under way."""

    def __init__(self, policy: Policy, env: dict[str, Any]) -> None:
        self.policy = policy
        self.compiled = _compiled(policy)
        self.env = env
        self.reasons: list[Reason] = []
        self.gaps: list[tuple[NotEvaluated, Outcome]] = []
        self.root: dict[str, Unknown] = {}  # derived value that is not known → why not

    def verdict(self) -> Verdict:
        for name, run in self.compiled.derived:
            try:
                self.env[name] = run(self.env)
            except Unknown as unknown:
                self.root[name] = self._traced(unknown)
        for table, index, values in self.compiled.tables:
            self._table(table, index, values)
        for rule in self.compiled.rules:
            self._rule(rule)
        score = self._score() if self.policy.scorecard else None
        if self.policy.model is not None:
            self._model(self.policy.model)
        outcome = self._outcome()
        self.reasons.sort(key=lambda each: (-each.weight, each.code, each.rule))
        return Verdict(outcome, tuple(self.reasons), score, tuple(gap for gap, _ in self.gaps))

    def _outcome(self) -> Outcome:
        fired = [each.outcome for each in self.reasons]
        worst = max(fired, key=lambda each: each.severity, default=self.policy.default)
        missing = [outcome for _, outcome in self.gaps]
        held_up = max(missing, key=lambda each: each.severity, default=Outcome.APPROVE)
        if held_up.severity > worst.severity:
            self.reasons.append(self._missing_reason(held_up))
            return held_up
        return worst

    def _missing_reason(self, outcome: Outcome) -> Reason:
        gaps = [gap for gap, each in self.gaps if each is outcome]
        names = sorted({name for gap in gaps for name in gap.fields})
        known = self.policy.known
        zh = "、".join(known[name].zh or name for name in names) or "计算结果"
        en = ", ".join(known[name].en or name for name in names) or "a computed value"
        return Reason(
            code=MISSING_CODE,
            rule=gaps[0].rule,
            outcome=outcome,
            weight=0,
            values=dict.fromkeys(names),
            text_zh=f"资料不全，暂时无法自动判断，缺少：{zh}。",
            text_en=f"Something is missing, so this cannot be decided automatically: {en}.",
            remedy_zh="补齐缺少的资料后可以重新判断。",
            remedy_en="It can be decided once the missing information is there.",
        )

    def _traced(self, unknown: Unknown) -> Unknown:
        """Return why a value is not known in terms of inputs, not of values derived from them."""
        traced = Unknown(unknown.why)
        for name in sorted(unknown.fields):
            root = self.root.get(name) or Unknown("missing", frozenset((name,)))
            traced = root.joined(traced)
        return traced

    def _gap(self, part: str, unknown: Unknown, outcome: Outcome) -> None:
        traced = self._traced(unknown)
        self.gaps.append((NotEvaluated(part, traced.why, tuple(sorted(traced.fields))), outcome))

    def _rule(self, compiled: _CompiledRule) -> None:
        rule = compiled.rule
        try:
            if not compiled.when(self.env):
                return
        except Unknown as unknown:
            self._gap(rule.id, unknown, rule.if_missing)
            return
        values = self._values(compiled.values)
        remedy = next((text for when, text in compiled.remedies if self._holds(when)), None)
        shown = {name: self.env.get(name) for name in compiled.reads if name in self.env}
        self._reason(
            rule.code, rule.id, rule.outcome, rule.weight, rule.text, remedy, values, shown
        )

    def _values(self, values: Mapping[str, Compiled]) -> dict[str, Any]:
        found = {}
        for name, run in values.items():
            try:
                found[name] = run(self.env)
            except Unknown:
                found[name] = None
        return found

    def _holds(self, when: Compiled | None) -> bool:
        try:
            return when is None or when(self.env)
        except Unknown:
            return False

    def _reason(
        self,
        code: str,
        part: str,
        outcome: Outcome,
        weight: int,
        text: Sentence,
        remedy: Sentence | None,
        values: Mapping[str, Any],
        shown: Mapping[str, Any],
    ) -> None:
        given = {**self.env, **values}
        currency = self.env.get(self.policy.currency) if self.policy.currency else None
        self.reasons.append(
            Reason(
                code=code,
                rule=part,
                outcome=outcome,
                weight=weight,
                values={name: _plain_text(each) for name, each in {**shown, **values}.items()},
                text_zh=write(text.zh, given, "zh", currency),
                text_en=write(text.en, given, "en", currency),
                remedy_zh=write(remedy.zh, given, "zh", currency) if remedy else "",
                remedy_en=write(remedy.en, given, "en", currency) if remedy else "",
            )
        )

    def _table(self, table: Table, index: TableIndex, compiled: Mapping[str, Compiled]) -> None:
        hits = index.ask(self.env, first_only=table.hit is HitPolicy.FIRST)
        unknown = Unknown("missing", hits.missing) if hits.unknown else None
        if table.outputs and not hits.certain and unknown is None:
            unknown = Unknown("no_row")
        if unknown is not None:
            self._gap(table.id, unknown, table.if_missing)
            if table.hit is HitPolicy.FIRST:
                traced = self._traced(unknown)
                self.root.update((spec.name, traced) for spec in table.outputs)
                return
        if table.outputs:
            row = table.rows[hits.certain[0]]
            names = (spec.name for spec in table.outputs)
            self.env.update(zip(names, row.outputs, strict=True))
            return
        for place in hits.certain:
            row = table.rows[place]
            values = self._values(compiled)
            shown = {name: self.env[name] for name in table.inputs if name in self.env}
            found = row.reason
            part = f"{table.id}#{row.number}"
            self._reason(
                found.code,
                part,
                found.outcome,
                found.weight,
                found.text,
                found.remedy,
                values,
                shown,
            )

    def _score(self) -> int | None:
        card = self.policy.scorecard
        total, lost, is_whole = card.base, [], True
        for each, run in zip(card.characteristics, self.compiled.card, strict=True):
            best = max(band.points for band in each.bands)
            try:
                points = _points(each.bands, run(self.env))
            except Unknown as unknown:
                points = each.missing_points
                outcome = card.if_missing if points is None else Outcome.APPROVE
                self._gap(each.id, unknown, outcome)
                is_whole = is_whole and points is not None
            if points is not None:
                total += points
                lost.append((best - points, each))
        if not is_whole:
            return None
        score = min(max(total, card.minimum), card.maximum)
        self._score_reasons(card, score, lost)
        return score

    def _model(self, use: ModelUse) -> None:
        if PROBABILITY not in self.env:
            self._gap("model", Unknown("missing", frozenset((PROBABILITY,))), use.if_missing)
            return
        for each, outcome, weight, shown in model_reasons(use, self.env):
            part = f"model.{each.group}"
            self._reason(each.code, part, outcome, weight, each.text, None, {}, shown)

    def _score_reasons(self, card: Scorecard, score: int, lost: list[tuple[int, Any]]) -> None:
        outcome = None
        if card.refer_below is not None and score < card.refer_below:
            outcome = Outcome.REFER
        if card.decline_below is not None and score < card.decline_below:
            outcome = Outcome.DECLINE
        if outcome is None:
            return
        lost.sort(key=lambda pair: (-pair[0], pair[1].id))
        for place, (points, each) in enumerate(lost[: card.reasons_max]):
            if points <= 0 and place:
                break
            shown = {name: self.env[name] for name in sorted(names_in(each.of)) if name in self.env}
            shown = {**shown, "points_lost": points, "score": score}
            weight = max(card.weight - place, 0)
            self._reason(each.code, each.id, outcome, weight, each.text, None, {}, shown)


def _points(bands: tuple[Any, ...], value: Decimal) -> int:
    return next(band.points for band in bands if band.below is None or value < band.below)


def _plain_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | frozenset):
        return f"{len(value)} entries"
    return str(plain_value(value))
