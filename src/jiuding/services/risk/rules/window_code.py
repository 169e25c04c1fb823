"""Write one straight function for all that a stream counts, as a reader would write it by hand.

A loop over kinds of keys, windows and columns costs more than what it does. The text is made of
numbers and of names that `declared` has let through; values of the declaration come in as objects
and never as text. What the function does for one key, on time, is said in `windows`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jiuding.services.risk.types import Measure, Where

SECOND = 1_000_000
PER_MILLION = 1_000_000

Observer = Callable[[int, Mapping[str, "str | int"]], "list[int | None]"]


def write_observer(plans: Sequence[Any], ratios: Sequence[tuple[int, int]]) -> Observer:
    """Return a function of an instant and values that gives what every plan sees, then ratios."""
    space: dict[str, Any] = {}
    lines = ["def observe(at, values):", "    get = values.get"]
    names: list[str] = []
    for number, plan in enumerate(plans):
        lines += _plan_lines(number, plan, space)
        names += [f"f{number}_{place}" for place in range(len(plan.features))]
    for place, (top, under) in enumerate(ratios):
        above, below = names[top], names[under]
        lines.append(
            f"    r{place} = {above} * {PER_MILLION} // {below}"
            f" if {below} and {above} is not None else None"
        )
    values = [*names, *(f"r{place}" for place in range(len(ratios)))]
    lines.append(f"    return [{', '.join(values)}]")
    exec(compile("\n".join(lines), "<features>", "exec"), space)
    return space["observe"]


def _plan_lines(number: int, plan: Any, space: dict[str, Any]) -> list[str]:
    space[f"plan{number}"] = plan
    found = [f"f{number}_{place}" for place in range(len(plan.features))]
    parts = [f"k{number}_{place}" for place in range(len(plan.key))]
    lines = [f"    {part} = get({name!r})" for part, name in zip(parts, plan.key, strict=True)]
    key = parts[0] if len(parts) == 1 else f"({', '.join(parts)},)"
    lines += [
        f"    if {' or '.join(f'{part} is None' for part in parts)}:",
        f"        {' = '.join(found)} = None",
        "    else:",
        f"        key = {key}",
    ]
    if plan.windows:
        body = [
            f"young = plan{number}.young",
            "state = young.get(key)",
            "if state is None:",
            f"    state = plan{number}.old.pop(key, None)",
            "    if state is not None:",
            "        young[key] = state",
            "if state is None:",
            *(f"    {line}" for line in _new_lines(number, plan, space)),
            "else:",
            "    times = state[0]",
            "    last = times[-1]",
            "    if at < last:",
            f"        {', '.join(found)}, = plan{number}.observe_late(state, key, at, values)",
            "    else:",
            *(f"        {line}" for line in _state_lines(number, plan, space)),
        ]
    else:
        body = _first_lines(number, plan)
    return lines + [f"        {line}" for line in body]


def _new_lines(number: int, plan: Any, space: dict[str, Any]) -> list[str]:
    """Begin a key: it sees nothing, and its event is its first."""
    zeros = [
        f"f{number}_{place}"
        for place, (measure, *_) in enumerate(plan.features)
        if measure is not Measure.FIRST_SEEN
    ]
    lines = [f"{' = '.join(zeros)} = 0"]
    parts = ["[at]", *("0" for _ in plan.windows)]
    parts += [f"[0, {_added(number, place, plan, space)}]" for place in range(len(plan.sums))]
    for place in range(len(plan.texts)):
        lines.append(f"v{place} = {_value(number, place, plan, space)}")
        parts.append(f"[v{place}]")
    for text, _ in plan.seen:
        parts.append(f"{{}} if v{text} is None else {{v{text}: at}}")
    lines.append(f"young[key] = [{', '.join(parts)}]")
    return lines + (_first_lines(number, plan) if plan.has_first else [])


def _state_lines(number: int, plan: Any, space: dict[str, Any]) -> list[str]:
    lines = ["size = len(times)", "times.append(at)"]
    used = {column for measure, column, _ in plan.features if measure is Measure.SUM}
    lines += [f"s{each} = state[{plan.sums_at + each}]" for each in sorted(used)]
    lines += [f"t{each} = state[{plan.texts_at + each}]" for each in range(len(plan.texts))]
    lines += [f"d{each} = state[{plan.seen_at + each}]" for each in range(len(plan.seen))]
    for place, window in enumerate(plan.windows):
        lines += _window_lines(place, window, plan)
    seen = {pair: place for place, pair in enumerate(plan.seen)}
    lines += [f"l{each} = s{each}[-1]" for each in sorted(used)]
    for place, (measure, column, window) in enumerate(plan.features):
        name = f"f{number}_{place}"
        if measure is Measure.COUNT:
            lines.append(f"{name} = size - h{window}")
        elif measure is Measure.SUM:
            lines.append(f"{name} = l{column} - s{column}[h{window}]")
        elif measure is Measure.DISTINCT:
            lines.append(f"{name} = len(d{seen[column, window]})")
    for place in range(len(plan.sums)):
        lines.append(f"s{place}.append(l{place} + {_added(number, place, plan, space)})")
    for place in range(len(plan.texts)):
        lines += [
            f"value = {_value(number, place, plan, space)}",
            f"t{place}.append(value)",
            "if value is not None:",
            *(f"    d{each}[value] = at" for each, (of, _) in enumerate(plan.seen) if of == place),
        ]
    if plan.has_first:
        lines += _first_lines(number, plan)
    return [
        *lines,
        f"if h{len(plan.windows) - 1} > {plan.trim_min}"
        f" and times[{plan.trim_min}] <= at - {plan.longest}:",
        f"    plan{number}.trim(state, at - {plan.longest})",
    ]


def _window_lines(place: int, window: int, plan: Any) -> list[str]:
    """Move one head on; what it passes goes out of the values that its window holds."""
    held = [(each, text) for each, (text, of) in enumerate(plan.seen) if of == place]
    head = f"h{place}"
    walk = [f"    {head} += 1", f"    while times[{head}] <= since:", f"        {head} += 1"]
    if held:
        walk = [f"    while (then := times[{head}]) <= since:"]
        for each, text in held:
            walk += [
                f"        gone = t{text}[{head}]",
                f"        if d{each}.get(gone) == then:",
                f"            del d{each}[gone]",
            ]
        walk.append(f"        {head} += 1")
    return [
        f"{head} = state[{1 + place}]",
        f"if last <= (since := at - {window}):",
        # The newest event is out of the window, so all are, and no other need be looked at.
        *(f"    d{each}.clear()" for each, _ in held),
        f"    state[{1 + place}] = {head} = size",
        f"elif times[{head}] <= since:",
        *walk,
        f"    state[{1 + place}] = {head}",
    ]


def _first_lines(number: int, plan: Any) -> list[str]:
    """Say how long ago a key was first seen; a first instant is kept for good."""
    found = [
        f"f{number}_{place}"
        for place, (measure, *_) in enumerate(plan.features)
        if measure is Measure.FIRST_SEEN
    ]
    missing = f"{' = '.join(found)} = None"
    known = f"{' = '.join(found)} = (at - first) // {SECOND}"
    return [
        f"first = plan{number}.firsts.get(key)",
        "if first is None or at < first:",
        f"    plan{number}.firsts[key] = at",
        f"    {missing}",
        "else:",
        f"    {known}",
    ]


def _added(number: int, place: int, plan: Any, space: dict[str, Any]) -> str:
    field, where = plan.sums[place]
    value = f"get({field!r}, 0)" if field else "1"
    return _if_where(value, "0", where, f"w{number}_{place}", space)


def _value(number: int, place: int, plan: Any, space: dict[str, Any]) -> str:
    field, where = plan.texts[place]
    return _if_where(f"get({field!r})", "None", where, f"x{number}_{place}", space)


def _if_where(value: str, other: str, where: Where | None, name: str, space: dict[str, Any]) -> str:
    if where is None:
        return value
    space[name] = where.value
    return f"({value} if get({where.field!r}) == {name} else {other})"
