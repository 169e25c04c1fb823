"""The back end for people: a condition in Chinese and in English, from the same tree.

Fields read as their declared titles. Brackets stand where one operator sits inside another, so a
sentence never says more or less than the condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from jiuding.kernel.decisions.types.policies import Words
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
)

_WORDS: dict[str, tuple[str, str]] = {
    "&&": ("{0}，并且{1}", "{0} and {1}"),
    "||": ("{0}，或者{1}", "{0} or {1}"),
    "!": ("并非{0}", "not {0}"),
    "==": ("{0}等于{1}", "{0} is {1}"),
    "!=": ("{0}不等于{1}", "{0} is not {1}"),
    "<": ("{0}小于{1}", "{0} is under {1}"),
    "<=": ("{0}不超过{1}", "{0} is at most {1}"),
    ">": ("{0}超过{1}", "{0} is over {1}"),
    ">=": ("{0}不少于{1}", "{0} is at least {1}"),
    "in": ("{0}在{1}之中", "{0} is in {1}"),
    "+": ("{0} + {1}", "{0} + {1}"),
    "-": ("{0} - {1}", "{0} - {1}"),
    "*": ("{0} × {1}", "{0} × {1}"),
    "/": ("{0} ÷ {1}", "{0} ÷ {1}"),
    "%": ("{0} 除以 {1} 的余数", "the rest of {0} by {1}"),
    "neg": ("-{0}", "-{0}"),
    "size": ("{0}的长度", "the size of {0}"),
    "startsWith": ("{0}以{1}开头", "{0} starts with {1}"),
    "endsWith": ("{0}以{1}结尾", "{0} ends with {1}"),
    "contains": ("{0}包含{1}", "{0} contains {1}"),
    "matches": ("{0}符合格式{1}", "{0} has the form {1}"),
    "abs": ("{0}的绝对值", "the absolute value of {0}"),
    "decimal": ("{0}", "{0}"),
    "int": ("{0}的整数部分", "the whole part of {0}"),
    "floor_to": ("{0}按{1}向下取整", "{0} rounded down to {1}"),
    "affordable_principal": (
        "每月还{0}、年利率{1}、分{2}个月可以还清的本金",
        "the principal that {0} a month repays at {1} a year over {2} months",
    ),
    "instalment": (
        "本金{0}、年利率{1}、分{2}个月的月供",
        "the monthly payment on {0} at {1} a year over {2} months",
    ),
    "months_to_repay": (
        "本金{0}、每月还{1}、年利率{2}所需的月数",
        "the months in which {1} a month repays {0} at {2} a year",
    ),
    "?:": ("如果{0}则为{1}，否则为{2}", "{1} if {0}, otherwise {2}"),
}
_MANY = {
    "min": ("{0}中最小的", "the least of {0}"),
    "max": ("{0}中最大的", "the greatest of {0}"),
}
_HAS = ("有{0}", "{0} is known"), ("没有{0}", "{0} is not known")
_TRUTH = ("不成立", "no"), ("成立", "yes")
_BRACKETS = ("（{0}）", "({0})")
_COMMAS = ("、", ", ")
_LANGUAGES = ("zh", "en")
_LOOSE = frozenset(("&&", "||", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "?:"))
_COMPARED = frozenset(("==", "!=", "<", "<=", ">", ">=", "in"))
_WORKED = frozenset(("+", "-", "*", "/"))


def describe(node: Node, fields: Mapping[str, FieldSpec]) -> Words:
    """Return what a condition says, in both languages."""
    return Words(*(_said(node, fields, place) for place in range(len(_LANGUAGES))))


def _said(node: Node, fields: Mapping[str, FieldSpec], language: int) -> str:
    match node:
        case Literal():
            return _literal(node.value, language)
        case Field(name=name):
            spec = fields[name]
            return (spec.zh, spec.en)[language] or name
        case Has():
            return _has(node, fields, language, True)
        case Items(items=items):
            return _COMMAS[language].join(_said(item, fields, language) for item in items)
        case Logic(name=name, left=left, right=right):
            parts = [_inside(name, each, fields, language) for each in (left, right)]
            return _WORDS[name][language].format(*parts)
        case Choice(condition=condition, then=then, otherwise=otherwise):
            each = (condition, then, otherwise)
            return _WORDS["?:"][language].format(
                *(_inside("?:", part, fields, language) for part in each)
            )
        case Call(name="!", args=(Has() as asked,)):
            return _has(asked, fields, language, False)
        case Call(name=name, args=args):
            parts = [_inside(name, each, fields, language) for each in args]
            if name in _MANY:
                return _MANY[name][language].format(_COMMAS[language].join(parts))
            return _WORDS[name][language].format(*parts)


def _has(node: Has, fields: Mapping[str, FieldSpec], language: int, is_there: bool) -> str:
    spec = fields[node.name]
    return _HAS[not is_there][language].format((spec.zh, spec.en)[language] or node.name)


def _inside(outer: str, node: Node, fields: Mapping[str, FieldSpec], language: int) -> str:
    """Return a part, in brackets unless its operator plainly binds tighter or is the same logic."""
    text = _said(node, fields, language)
    match node:
        case Call(name="decimal", args=(inner,)):
            return _inside(outer, inner, fields, language)
        case Logic(name=name) | Call(name=name):
            inner = name
        case Choice():
            inner = "?:"
        case _:
            return text
    asked = isinstance(node, Call) and name == "!" and isinstance(node.args[0], Has)
    plain = (
        asked
        or (inner not in _LOOSE and inner != "!")
        or (inner == outer and outer in ("&&", "||", "+", "*"))
        or (outer in ("&&", "||") and inner in _COMPARED | {"!"})
        or (outer in _COMPARED and inner in _WORKED)
    )
    return text if plain else _BRACKETS[language].format(text)


def _literal(value: object, language: int) -> str:
    if isinstance(value, bool):
        return _TRUTH[value][language]
    if isinstance(value, int | Decimal):
        return f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return f"“{value}”" if language == 0 else f'"{value}"'
