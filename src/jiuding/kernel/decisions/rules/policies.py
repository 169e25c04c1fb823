"""Build a policy from its declaration, checking everything, or refuse it naming the place."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from jiuding.kernel.decisions.errors import BadPolicy
from jiuding.kernel.decisions.rules.canonical import canonical, hash_of, read_canonical
from jiuding.kernel.decisions.rules.cel_compiler import constant_of
from jiuding.kernel.decisions.rules.declarations import Section
from jiuding.kernel.decisions.rules.inputs import LISTS
from jiuding.kernel.decisions.rules.policy_models import read_model_use
from jiuding.kernel.decisions.rules.policy_tables import read_table
from jiuding.kernel.decisions.types.decisions import Outcome
from jiuding.kernel.decisions.types.policies import (
    Band,
    Characteristic,
    Derived,
    Policy,
    Remedy,
    Rule,
    Scorecard,
)
from jiuding.kernel.decisions.types.tree import FieldSpec, Type

FIELDS_MAX = 400
RULES_MAX = 1_000
TABLES_MAX = 40
TOML_BYTES_MAX = 1_000_000

_WORD = re.compile(r"[a-z][a-z0-9_.]*")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_CODE = re.compile(r"[a-z][a-z0-9_]*\.[a-z0-9_]+")

Fields = Mapping[str, FieldSpec]


def read_policy_texts(file: str, toml: str, tables: Mapping[str, str]) -> Policy:
    """Build a policy from the text of its TOML file and of the CSV files beside it, by name.

    Refuses: BadPolicy naming file, part and position for anything unknown, ill-typed or doubtful.
    """
    if len(toml) > TOML_BYTES_MAX:
        raise BadPolicy(f"{file}: a policy has at most {TOML_BYTES_MAX} characters", file=file)
    try:
        found = tomllib.loads(toml, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise BadPolicy(f"{file}: {error}", file=file) from None
    listed = found.get("tables", [])
    named = {part.get("file") for part in listed if isinstance(part, dict)}
    rows = {}
    for name, text in tables.items():
        if name not in named:
            raise BadPolicy(f"{file}: no table of the policy reads {name}", file=file)
        try:
            rows[name] = [row for row in csv.reader(io.StringIO(text), strict=True) if row]
        except csv.Error as error:
            raise BadPolicy(f"{name}: {error}", file=name) from None
    return build_policy({"policy": found, "tables": rows}, file=file)


def read_policy_content(content: str, version: str) -> Policy:
    """Build a policy from recorded content.

    Refuses: BadPolicy when the content is not the one whose hash is the version.
    """
    if hash_of(content) != version:
        raise BadPolicy(f"the recorded content of {version[:12]} was altered", file=version)
    return build_policy(read_canonical(content), file=version)


def build_policy(found: Mapping[str, Any], *, file: str) -> Policy:
    """Build a policy from its parsed declaration and tables.

    The version is the SHA-256 of the canonical content: comments and spacing do not change it.
    """
    top = Section(found["policy"], file=file)
    name = _name(top, "name")
    number = top.whole("version", 1, 1_000_000)
    title = top.words("title")
    default = top.outcome("default", Outcome.APPROVE)
    if_missing = top.outcome("if_missing", Outcome.REFER)
    known = _fields(top)
    fields = dict(known)
    currency = top.text("currency", "") or None
    if currency is not None and (currency not in known or known[currency].type is not Type.STRING):
        top.refuse("is the name of a field that holds a text", key="currency")
    derived = _derived(top, known)
    tables = tuple(
        read_table(part, known, found["tables"], if_missing)
        for part in top.sections("tables", TABLES_MAX)
    )
    rules = tuple(_rule(part, known, if_missing) for part in top.sections("rules", RULES_MAX))
    scorecard = _scorecard(top, known, if_missing)
    model = read_model_use(top, known, if_missing)
    top.done()
    characteristics = scorecard.characteristics if scorecard else ()
    _check_unique(top, [part.id for part in (*tables, *rules, *characteristics)])
    content = _content(top, found)
    return Policy(
        name=name,
        number=number,
        title=title,
        default=default,
        if_missing=if_missing,
        currency=currency,
        fields=fields,
        derived=derived,
        tables=tables,
        rules=rules,
        scorecard=scorecard,
        model=model,
        version=hash_of(content),
        content=content,
    )


def _content(top: Section, found: Mapping[str, Any]) -> str:
    try:
        return canonical(found)
    except Exception:  # a date or time of TOML, which no policy needs
        top.refuse("holds a value that is not a text, number, truth, list or table")


def _name(part: Section, key: str) -> str:
    name = part.text(key)
    if not _NAME.fullmatch(name) or len(name) > 80:
        part.refuse("is small letters, digits, _ and points", key=key)
    return name


def _fields(top: Section) -> dict[str, FieldSpec]:
    known: dict[str, FieldSpec] = {}
    for name, part in top.named("fields", FIELDS_MAX):
        if not _NAME.fullmatch(name):
            part.refuse("is not a name: small letters, digits, _ and points")
        kind = part.text("type")
        if kind not in tuple(Type):
            part.refuse(f"is one of {', '.join(Type)}", key="type")
        values = tuple(part.take("values", list, []))
        if values and not (Type(kind) is Type.STRING and all(isinstance(v, str) for v in values)):
            part.refuse("lists texts, for a field that holds a text", key="values")
        bounds = part.number("min"), part.number("max")
        if bounds != (None, None) and not Type(kind).is_number:
            part.refuse("has bounds but is not a number")
        if name.startswith(LISTS) and Type(kind).item is None:
            part.refuse(f"a name that starts with {LISTS} is a list", key="type")
        words = part.text("zh", name), part.text("en", name)
        known[name] = FieldSpec(name, Type(kind), values, *bounds, *words)
        part.done()
    if not known:
        top.refuse("is missing: a policy declares what it reads", key="fields")
    return known


def _derived(top: Section, known: dict[str, FieldSpec]) -> tuple[Derived, ...]:
    """Read derived values, each after those that it reads, so that none can loop.

    Their order in the file does not matter: recorded content keeps names sorted.
    """
    found = []
    waiting = dict(top.named("derived", FIELDS_MAX))
    while waiting:
        name = _ready(waiting)
        part = waiting.pop(name)
        if not _NAME.fullmatch(name) or name in known:
            part.refuse("is not a new name of small letters, digits, _ and points")
        node, source = part.expression("is", known, None)
        words = part.text("zh", name), part.text("en", name)
        spec = FieldSpec(name, node.type, (), None, None, *words)
        part.done()
        known[name] = spec
        found.append(Derived(spec, node, source))
    return tuple(found)


def _ready(waiting: Mapping[str, Section]) -> str:
    """Return the first value that reads none of those waiting, or the first: it is then refused."""
    for name, part in waiting.items():
        if not waiting.keys() & set(_WORD.findall(part.peek("is"))) - {name}:
            return name
    return next(iter(waiting))


def _rule(part: Section, known: Fields, if_missing: Outcome) -> Rule:
    rule_id = _name(part, "id")
    when, source = part.expression("when", known, Type.BOOL)
    if (constant := constant_of(when)) is not None:
        always = "always" if constant else "never"
        part.refuse(f"{always} holds, whatever the fields are", key="when", at=when.at)
    outcome = part.outcome("outcome")
    code = part.text("code")
    if not _CODE.fullmatch(code):
        part.refuse("is package.snake_words", key="code")
    weight = part.whole("weight", 0, 1000)
    values = part.values(known)
    types = {name: spec.type for name, spec in known.items()}
    types.update((name, node.type) for name, node in values.items())
    text = part.sentence(types)
    remedies = tuple(_remedy(each, known, types) for each in part.sections("remedies", 10))
    missing = part.outcome("if_missing", if_missing)
    part.done()
    return Rule(rule_id, when, source, outcome, code, weight, text, values, remedies, missing)


def _remedy(part: Section, known: Fields, types: Mapping[str, Type]) -> Remedy:
    when = part.expression("when", known, Type.BOOL)[0] if part.has("when") else None
    text = part.sentence(types)
    part.done()
    return Remedy(when, text)


def _scorecard(top: Section, known: Fields, if_missing: Outcome) -> Scorecard | None:
    if not top.has("scorecard"):
        return None
    part = Section(top.take("scorecard", dict), file=top.file, path="scorecard")
    low, high = part.whole("min", 0, 10_000), part.whole("max", 0, 10_000)
    base = part.whole("base", low, high)
    found = Scorecard(
        base=base,
        minimum=low,
        maximum=high,
        decline_below=part.whole("decline_below", low, high, None),
        refer_below=part.whole("refer_below", low, high, None),
        weight=part.whole("weight", 0, 1000, 0),
        reasons_max=part.whole("reasons_max", 1, 10, 4),
        if_missing=part.outcome("if_missing", if_missing),
        characteristics=tuple(
            _characteristic(each, known) for each in part.sections("characteristics", 100)
        ),
    )
    part.done()
    return found


def _characteristic(part: Section, known: Fields) -> Characteristic:
    name = _name(part, "id")
    of, source = part.expression("of", known, Type.DECIMAL)
    bands = []
    for band in part.sections("bands", 50):
        bands.append(Band(band.number("below"), band.whole("points", -1000, 1000)))
        band.done()
    if not _is_ladder([band.below for band in bands]):
        part.refuse("rise by `below`, and the last has none: nothing overlaps", key="bands")
    types = {each: spec.type for each, spec in known.items()}
    found = Characteristic(
        id=name,
        code=part.text("code"),
        of=of,
        source=source,
        bands=tuple(bands),
        missing_points=part.whole("missing", -1000, 1000, None),
        text=part.sentence(types),
    )
    if not _CODE.fullmatch(found.code):
        part.refuse("is package.snake_words", key="code")
    part.done()
    return found


def _is_ladder(bounds: list[Decimal | None]) -> bool:
    steps = [bound for bound in bounds if bound is not None]
    is_open_at_top = bool(bounds) and bounds[-1] is None and len(steps) == len(bounds) - 1
    return is_open_at_top and steps == sorted(set(steps))


def _check_unique(top: Section, ids: list[str]) -> None:
    twice = {name for name in ids if ids.count(name) > 1}
    if twice:
        top.refuse("names two parts of the policy", key=min(twice))
