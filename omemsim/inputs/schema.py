"""Dataclasses as the schema of a config: what keys there are, and whether values fit.

One generic reader for any tree of dataclasses, so that a parameter is declared once. It
finds every problem, not the first only, and says of each: where, which value, what is
allowed, the nearest right name. A field whose name Python does not allow ends in `_`, which
its key leaves out (`from_` is `from`); one thing where a list is wanted is a list of one.
"""

from __future__ import annotations

import copy
import difflib
import functools
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import Field, fields, is_dataclass
from enum import Enum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from omemsim.vocabulary.errors import InputError, nearest

__all__ = [
    "closest",
    "declared",
    "fill",
    "fit",
    "key_of",
    "kind_of",
    "known_paths",
    "plain",
    "put",
    "unknown_key",
    "value_at",
]

T = TypeVar("T")
LARGEST = 1e300  # where no bound is declared


def key_of(name: str) -> str:
    """Return the key of a field."""
    return name.removesuffix("_")


@functools.cache  # resolving hints costs more than checking a value
def _hints(tree: type) -> dict[str, Any]:
    """Return the kind of every key; not to be written to."""
    return {key_of(name): kind for name, kind in get_type_hints(tree).items()}


def known_paths(tree: type, prefix: str = "") -> Iterator[str]:
    """Yield the dotted path of every key that is not a group, in order."""
    for name, kind in _hints(tree).items():
        if is_dataclass(kind):
            yield from known_paths(kind, f"{prefix}{name}.")  # type: ignore[arg-type]
        else:
            yield f"{prefix}{name}"


def kind_of(tree: type, path: str) -> Any:
    """Return the type declared at a dotted path, or None if there is no such key."""
    kind: Any = tree
    for name in path.split("."):
        if is_dataclass(kind):
            kind = _hints(kind).get(name)  # type: ignore[arg-type]
        elif get_origin(kind) is dict:
            kind = get_args(kind)[1]
        elif kind is not Any:
            return None
    return kind


def put(tree: Any, path: str, value: object) -> Any:
    """Return a copy of a tree of dataclasses and dicts with one value put in at a dotted path.

    A group of a dict that is missing, or is no group, is made; the rest is shared with the tree.

    Parameters
    ----------
    tree : left as it is.
    path : a key that a dataclass has; in a dict it may be new.
    value : taken as it is: `fit` checks.
    """
    name, _, rest = path.partition(".")
    if is_dataclass(tree):
        inner = put(getattr(tree, name), rest, value) if rest else value
        # `replace` looks at every field; a shallow copy does not, and this is done often.
        changed = copy.copy(tree)
        object.__setattr__(changed, name, inner)
        return changed
    groups = tree if isinstance(tree, dict) else {}
    return {**groups, name: put(groups.get(name), rest, value) if rest else value}


def value_at(tree: Any, path: str) -> Any:
    """Return the value at a dotted path of a tree of dataclasses.

    Raises
    ------
    AttributeError
        If there is no such key.
    """
    return functools.reduce(getattr, path.split("."), tree)


def fit(tree: type, path: str, value: object) -> object:
    """Return a value as the kind declared at a dotted path of a tree of dataclasses.

    Parameters
    ----------
    tree : a dataclass.
    path : may go on into a dict, as ``strategy.mix.red.patrol``.
    value : as people or files give it.

    Raises
    ------
    InputError
        If there is no such key, it is a group of keys, or the value is of another kind or out of
        bounds; the message names the path and what is allowed.
    """
    kind, item = declared(tree, path)
    problems: list[str] = []
    converted = _convert(kind, value, where=path, item=item, problems=problems)
    if problems:
        raise InputError(*problems)
    return converted


@functools.cache
def declared(tree: type, path: str) -> tuple[Any, Field[Any]]:
    """Return the kind at a dotted path and the field that declares it.

    Raises
    ------
    InputError
        If there is no such key, or it is a group of keys.
    """
    kind: Any = tree
    item: Field[Any] | None = None
    for name in path.split("."):
        if is_dataclass(kind):
            items = {key_of(one.name): one for one in fields(kind)}
            kind, item = _hints(kind).get(name), items.get(name)  # type: ignore[arg-type]
        else:
            kind = get_args(kind)[1] if get_origin(kind) is dict else None
    if kind is None or item is None:
        raise InputError(unknown_key(path, known_paths(tree)))
    if is_dataclass(kind):
        inside = ", ".join(known_paths(kind))  # type: ignore[arg-type]
        raise InputError(f"{path!r} is a group of keys: name one of them: {inside}.")
    return kind, item


def unknown_key(key: str, known: Iterable[str]) -> str:
    """Return the sentence for a key that does not exist, with the nearest that does."""
    return f"There is no key {key!r}.{closest(key, known)}"


def closest(key: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x.y'?" for the nearest dotted path, or an empty string.

    Near is judged on the whole path and on its last part, whichever is closer: a parameter
    is often remembered without its group.
    """

    def closeness(path: str) -> tuple[float, float]:
        whole = difflib.SequenceMatcher(None, key, path).ratio()
        ends = (key.rpartition(".")[2], path.rpartition(".")[2])
        return max(whole, difflib.SequenceMatcher(None, *ends).ratio()), whole

    best = max(known, key=closeness, default="")
    return f" Did you mean {best!r}?" if closeness(best)[0] >= 0.6 else ""


def fill(tree: type[T], data: object, *, problems: list[str], path: str = "") -> T:
    """Return the dataclass with the values of ``data``; what does not fit goes to ``problems``.

    Parameters
    ----------
    tree : a dataclass; its hints say the types, its fields' metadata the bounds.
    data : a mapping; keys it lacks keep their defaults.
    problems : gets one sentence per problem. If it grew, do not use the result.
    path : where in the whole config we are, for the messages.
    """
    if not isinstance(data, Mapping):
        problems.append(f"{path} = {data!r}: must be a group of keys, not one value.")
        return tree()
    hints = _hints(tree)  # type: ignore[arg-type]
    items: dict[str, Field[Any]] = {key_of(item.name): item for item in fields(tree)}  # type: ignore[arg-type]
    given: dict[str, Any] = {}
    for key, value in data.items():
        where = f"{path}.{key}" if path else str(key)
        if key not in items:
            known = [f"{path}.{name}" if path else name for name in known_paths(tree)]
            problems.append(unknown_key(where, known))
            continue
        before = len(problems)
        converted = _convert(hints[key], value, where=where, item=items[key], problems=problems)
        if len(problems) == before:
            given[items[key].name] = converted
    return tree(**given)


def _convert(
    kind: Any, value: object, *, where: str, item: Field[Any], problems: list[str]
) -> object:
    """Return the value as the declared kind, or add to ``problems``."""
    if kind is Any:
        return value
    if is_dataclass(kind):
        return fill(kind, value, problems=problems, path=where)  # type: ignore[arg-type]
    if get_origin(kind) in (Union, types.UnionType):
        inner = next(arg for arg in get_args(kind) if arg is not types.NoneType)
        if value is None:
            return None
        return _convert(inner, value, where=where, item=item, problems=problems)
    if get_origin(kind) is dict:
        return _mapping(kind, value, where=where, item=item, problems=problems)
    if get_origin(kind) is list:
        return _list(kind, value, where=where, item=item, problems=problems)
    try:
        return _scalar(kind, value, item.metadata)
    except ValueError as refused:
        problems.append(f"{where} = {_shown(value)}: {refused}")
        return None


def _mapping(
    kind: Any, value: object, *, where: str, item: Field[Any], problems: list[str]
) -> dict[str, object]:
    if not isinstance(value, Mapping):
        problems.append(f"{where} = {_shown(value)}: must be keys and values, as {{a: 1, b: 2}}.")
        return {}
    inner = get_args(kind)[1]
    return {
        str(key): _convert(inner, part, where=f"{where}.{key}", item=item, problems=problems)
        for key, part in value.items()
    }


def _list(
    kind: Any, value: object, *, where: str, item: Field[Any], problems: list[str]
) -> list[object]:
    """Return the parts as the declared kind; text may be a whole number, as ids are."""
    inner = get_args(kind)[0]
    parts = list(value) if isinstance(value, list | tuple) else [value]
    if is_dataclass(inner) and not all(isinstance(part, Mapping) for part in parts):
        problems.append(f"{where} = {_shown(value)}: must be {_groups(inner)}")  # type: ignore[arg-type]
        return []
    if inner is str:
        parts = [str(part) if type(part) is int else part for part in parts]
    return [
        _convert(inner, part, where=f"{where}[{number}]", item=item, problems=problems)
        for number, part in enumerate(parts)
    ]


def _groups(tree: type) -> str:
    """Return what a list of groups of keys looks like."""
    keys = ": ..., ".join(list(_hints(tree))[:2])
    return (
        f"a list of groups of keys, as [{{{keys}: ...}}]; "
        "put text that holds a comma, a bracket or a quote in quotes."
    )


def _scalar(kind: Any, value: object, allowed: Mapping[str, Any]) -> object:
    """Return the value as a bool, number, text or Enum; raise ValueError with what is allowed."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _choice(kind, value)
    if kind is bool:
        if not isinstance(value, bool):
            raise ValueError("must be true or false.")
        return value
    if kind is str:
        if not isinstance(value, str):
            raise ValueError("must be text; write it in quotes.")
        return value
    return _number(kind, value, allowed)


def _choice(kind: type[Enum], value: object) -> Enum:
    by_name = {option.name.lower(): option for option in kind}
    if isinstance(value, kind):
        return value
    if isinstance(value, str) and value.lower() in by_name:
        return by_name[value.lower()]
    hint = nearest(str(value), by_name)
    raise ValueError(f"must be one of {', '.join(by_name)}.{hint}")


def _number(kind: type[int] | type[float], value: Any, allowed: Mapping[str, Any]) -> float:
    low, high = allowed.get("low", -LARGEST), allowed.get("high", LARGEST)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # NaN and infinity are not between anything.
    if is_number and low <= value <= high and (kind is float or value == int(value)):
        return kind(value)
    raise ValueError(f"must be {_allowed(kind, allowed)}.")


def _allowed(kind: type, allowed: Mapping[str, Any]) -> str:
    noun = "a whole number" if kind is int else "a number"
    if not allowed:
        return noun
    return f"{noun} from {allowed['low']:,} to {allowed['high']:,} ({allowed['unit']})"


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) else str(value)


def plain(tree: object) -> Any:
    """Return a tree of dataclasses as dicts, lists and scalars, Enums by name in lower case."""
    if is_dataclass(tree) and not isinstance(tree, type):
        return {key_of(item.name): plain(getattr(tree, item.name)) for item in fields(tree)}
    if isinstance(tree, Enum):
        return tree.name.lower()
    if isinstance(tree, Mapping):
        return {str(key): plain(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [plain(value) for value in tree]
    return tree
