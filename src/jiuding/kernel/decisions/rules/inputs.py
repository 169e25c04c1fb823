"""Read what a caller gives into typed, flat inputs, or refuse it; nothing is guessed.

Inputs may be flat (`{"applicant.age": 30}`) or nested (`{"applicant": {"age": 30}}`). A decimal is
a number or decimal text, never a binary float. An empty value (None) is a missing one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from jiuding.kernel.decisions.errors import BadInputs
from jiuding.kernel.decisions.rules.canonical import canonical, hash_of, plain_value
from jiuding.kernel.decisions.rules.cel_lexer import DIGITS_MAX, INT_MAX
from jiuding.kernel.decisions.types.decisions import Inputs, ListVersion, Request
from jiuding.kernel.decisions.types.policies import Policy
from jiuding.kernel.decisions.types.tree import FieldSpec, Scalar, Type

TEXT_MAX = 2_000
ITEMS_MAX = 1_000
LIST_ENTRIES_MAX = 100_000
NAMES_MAX = 2_000
DEPTH_MAX = 8
LISTS = "lists."

_PLAIN = frozenset((bool, int, str, float, Decimal, list, tuple, type(None)))


def read_inputs(
    policy: Policy,
    *,
    event: Mapping[str, Any],
    features: Mapping[str, Any],
    lists: Mapping[str, Any],
    model_version: str | None = None,
) -> Inputs:
    """Return the inputs that the policy declares, typed; what it does not declare is named.

    Refuses: BadInputs for a value of the wrong type or outside the field's bounds, a field given
    twice, a float, a text over 2,000 characters or more than 2,000 names.
    """
    ignored: list[str] = []
    read_event = _read_part(policy.fields, flat(event), ignored)
    read_features = _read_part(policy.fields, flat(features), ignored)
    twice = read_event.keys() & read_features.keys()
    if twice:
        raise BadInputs(f"{min(twice)} is given twice, in the event and in the features")
    read_lists = {}
    for name, entries in lists.items():
        full = name if name.startswith(LISTS) else LISTS + name
        if full not in policy.fields:
            ignored.append(full)
        else:
            read_lists[full] = prepare_list(policy.fields[full], entries)
    if model_version is not None:
        _check_text("model_version", model_version)
    return Inputs(read_event, read_features, read_lists, model_version, tuple(sorted(ignored)))


def flat(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested objects as dotted names, without the empty ones.

    Refuses: BadInputs beyond 2,000 names or 8 levels, or for a name that comes twice.
    """
    found: dict[str, Any] = {}
    _flatten(given, "", found, 0)
    return found


def _flatten(given: Mapping[str, Any], prefix: str, found: dict[str, Any], depth: int) -> None:
    if not isinstance(given, Mapping):
        raise BadInputs("inputs are an object of names and values")
    for key, value in given.items():
        name = f"{prefix}{key}"
        # Asking an abstract class costs more than all the rest: plain values are known by type.
        if type(value) not in _PLAIN and isinstance(value, Mapping):
            if depth >= DEPTH_MAX:
                raise BadInputs(f"inputs are nested at most {DEPTH_MAX} deep")
            _flatten(value, name + ".", found, depth + 1)
        elif value is not None:
            if name in found or len(found) >= NAMES_MAX:
                raise BadInputs(f"a name comes once, and there are at most {NAMES_MAX}")
            found[name] = value


def _read_part(
    fields: Mapping[str, FieldSpec], given: Mapping[str, Any], ignored: list[str]
) -> dict[str, Any]:
    found = {}
    for name, value in given.items():
        if name in fields and not name.startswith(LISTS):
            found[name] = read_value(fields[name], value)
        else:
            ignored.append(name)
    return found


def read_value(spec: FieldSpec, value: Any) -> Any:
    """Return a value as its field's type.

    Refuses: BadInputs for another type, a float, a text or list that is too long, or a value
    outside the field's bounds or listed texts.
    """
    if spec.type.item is not None:
        if not isinstance(value, list | tuple) or len(value) > ITEMS_MAX:
            raise BadInputs(f"{spec.name} is a list of at most {ITEMS_MAX}", field=spec.name)
        item = FieldSpec(spec.name, spec.type.item, spec.values, spec.minimum, spec.maximum)
        return tuple(read_value(item, each) for each in value)
    read = _scalar(spec, value)
    if spec.values and read not in spec.values:
        raise BadInputs(f"{spec.name} is one of {', '.join(spec.values)}", field=spec.name)
    if spec.minimum is not None and read < spec.minimum:
        raise BadInputs(f"{spec.name} is at least {spec.minimum}", field=spec.name)
    if spec.maximum is not None and read > spec.maximum:
        raise BadInputs(f"{spec.name} is at most {spec.maximum}", field=spec.name)
    return read


def _scalar(spec: FieldSpec, value: Any) -> Scalar:
    if spec.type is Type.INT and type(value) is int and -INT_MAX <= value <= INT_MAX:
        return value
    if spec.type is Type.STRING and isinstance(value, str):
        return _check_text(spec.name, value)
    if spec.type is Type.BOOL and isinstance(value, bool):
        return value
    if spec.type.is_number and not isinstance(value, bool | float):
        read = _number(value)
        if read is not None and spec.type is Type.DECIMAL:
            return read
        if read is not None and read == read.to_integral_value() and abs(read) <= INT_MAX:
            return int(read)
    kind = "a float" if isinstance(value, float) else type(value).__name__
    raise BadInputs(f"{spec.name} is {spec.type}, not {kind} {str(value)[:40]!r}", field=spec.name)


def _number(value: Any) -> Decimal | None:
    if type(value) is Decimal:
        _, digits, exponent = value.as_tuple()
        if isinstance(exponent, int) and -DIGITS_MAX <= exponent <= 0 and value:
            return value if len(digits) <= DIGITS_MAX else None
    if isinstance(value, str) and (len(value) > 40 or not value.isascii() or "_" in value):
        return None
    if not isinstance(value, int | Decimal | str) or (
        isinstance(value, int) and abs(value) > INT_MAX
    ):
        return None
    try:
        read = Decimal(value)
    except InvalidOperation:
        return None
    if not read.is_finite() or len(read.as_tuple().digits) > DIGITS_MAX:
        return None
    if abs(read.adjusted()) > DIGITS_MAX:
        return None
    return Decimal(format(read, "f")) if read else Decimal(0)


def _check_text(name: str, value: str) -> str:
    if len(value) > TEXT_MAX:
        raise BadInputs(f"{name} has at most {TEXT_MAX} characters", field=name)
    # PostgreSQL keeps neither NUL nor half of a surrogate pair.
    if "\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise BadInputs(f"{name} holds a character that cannot be kept", field=name)
    return value


def prepare_list(spec: FieldSpec, entries: Iterable[Any]) -> ListVersion:
    """Return a list ready to be searched, with the hash of its entries; prepared once, used often.

    Refuses: BadInputs for entries of another type or more than 100,000 of them.
    """
    if isinstance(entries, ListVersion):
        if entries.name != spec.name:
            raise BadInputs(f"the list {entries.name} was given as {spec.name}", field=spec.name)
        return entries
    if isinstance(entries, str | Mapping) or not isinstance(entries, Iterable):
        raise BadInputs(f"{spec.name} is a list", field=spec.name)
    item = FieldSpec(spec.name, spec.type.item or spec.type)
    read = []
    for entry in entries:
        if len(read) >= LIST_ENTRIES_MAX:
            raise BadInputs(f"a list has at most {LIST_ENTRIES_MAX} entries", field=spec.name)
        read.append(read_value(item, entry))
    text = canonical([plain_value(entry) for entry in read])
    return ListVersion(spec.name, tuple(read), frozenset(read), hash_of(text))


def request_hash(policy_name: str, request: Request) -> str:
    """Return the hash of what was asked, whatever version of the policy judges it."""
    content = {
        "policy": policy_name,
        "subject": request.subject,
        "event": _spelled(flat(request.event)),
        "features": _spelled(flat(request.features)),
        "lists": {
            name: entries.version if isinstance(entries, ListVersion) else _spelled(entries)
            for name, entries in request.lists.items()
        },
        "model_version": request.model_version,
    }
    return hash_of(canonical(content))


def _spelled(value: Any) -> Any:
    """Return any value as JSON: two that are equal and of one type are spelled alike."""
    kind = type(value)
    if kind is int or kind is str:
        return value
    if kind is Decimal:
        return {"$decimal": str(value)}
    if isinstance(value, Mapping):
        return {name: _spelled(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_spelled(each) for each in value]
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    return value if value is None or isinstance(value, bool | int | str) else repr(value)


def environment(inputs: Inputs) -> dict[str, Any]:
    """Return every value by name, as conditions read them."""
    env: dict[str, Any] = {**inputs.event, **inputs.features}
    for name, found in inputs.lists.items():
        # A list that repeats nothing has the same size as its set, which is faster to search.
        same = len(found.members) == len(found.entries)
        env[name] = found.members if same else found.entries
    return env
