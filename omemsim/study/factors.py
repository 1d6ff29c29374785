"""What may vary in a study: a key of a scenario, its ends or its values."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, is_dataclass
from enum import Enum
from typing import Any, NamedTuple

import numpy as np

from omemsim.inputs.arguments import plain_value
from omemsim.inputs.config import full_key, keys_of
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.schema import declared, fit, kind_of
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import declarations

__all__ = [
    "STRATEGY",
    "Factor",
    "factors_and_problems",
    "factors_of",
    "is_key",
    "set_too",
    "value_of_text",
]

STRATEGY = "strategy"  # the factor that chooses a whole strategy
DECLARED = "default"  # the word for a declaration's own bounds


@dataclass(frozen=True)
class Factor:
    """What varies: a key and either the ends of its range or its values.

    Attributes
    ----------
    path : full dotted key, or ``strategy``.
    low, high : ends of a range; None where there are ``values``.
    values : what it may be, in order; empty where there is a range.
    is_whole : whether the numbers of the range are whole.
    """

    path: str
    low: float | None = None
    high: float | None = None
    values: tuple[Any, ...] = ()
    is_whole: bool = False

    def at(self, share: float) -> Any:
        """Return the value at this share of the range, in [0, 1].

        Whole numbers and choices have equal parts of it each.
        """
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        low, high = self.ends()
        if self.is_whole:
            return min(int(low + share * (high - low + 1)), int(high))
        return min(low + share * (high - low), high)  # rounding must not pass the end

    def levels(self, n: int) -> list[Any]:
        """Return the values, or n of the range from end to end (fewer if there are fewer)."""
        if self.values:
            return list(self.values)
        spread = np.linspace(*self.ends(), n).tolist()
        return list(dict.fromkeys(round(x) for x in spread)) if self.is_whole else spread

    def ends(self) -> tuple[float, float]:
        """Return the ends of the range.

        Raises
        ------
        InputError
            If it has values instead.
        """
        if self.low is None or self.high is None:
            raise InputError(f"{self.path}: a factor needs two ends or values.")
        return self.low, self.high

    def __str__(self) -> str:
        """Say what it varies over, as one types it."""
        if self.values:
            return f"{self.path}={','.join(str(value) for value in self.values)}"
        low, high = self.ends()
        return f"{self.path}={low:g}..{high:g}"


class Ends(NamedTuple):
    """The two ends of a range."""

    low: Any
    high: Any


def factors_of(key: str, wanted: Any) -> list[Factor]:
    """Return the factors that a key and what it varies over mean; many if the key is a group.

    Parameters
    ----------
    key : dotted key of a scenario, ``strategy``, or a group of keys with ``default``.
    wanted : as text, ``2..20`` a range, ``a,b,c`` values, ``default`` the bounds (or choices)
        declared; in Python also a pair (2, 20), a range, and a list, array or other sequence,
        values.

    Raises
    ------
    InputError
        If the key is unknown, or a value or an end is of another kind or out of bounds.
    """
    path = full_key(key)
    if path == STRATEGY:
        return [Factor(path, values=_names(path, wanted))]
    is_declared = isinstance(wanted, str) and wanted == DECLARED
    if is_declared and is_dataclass(kind_of(Scenario, path)):
        return list(_of_group(path))
    kind, item = declared(Scenario, path)
    if is_declared:
        return [_as_declared(path, kind, dict(item.metadata))]
    spread = _of_text(wanted) if isinstance(wanted, str) else _of_python(path, wanted)
    if isinstance(spread, Ends):
        return [_between(path, kind, spread)]
    values = _unlike(path, spread)
    fitted = [fit(Scenario, path, value) for value in values]
    # np.linspace(100, 500, 5) are whole numbers too.
    return [Factor(path, values=tuple(fitted) if kind is int else values)]


def factors_and_problems(vary: Iterable[tuple[Any, Any]]) -> tuple[list[Factor], list[str]]:
    """Return the factors of many keys, and what is wrong with keys that have none.

    Parameters
    ----------
    vary : keys, and what each varies over, as `factors_of` takes them.
    """
    factors: list[Factor] = []
    problems: list[str] = []
    for key, wanted in vary:
        try:
            factors += factors_of(str(key), wanted)
        except InputError as refused:
            problems += refused.problems
    return factors, problems


def set_too(factors: Iterable[Factor], overrides: Iterable[str], what: str = "varied") -> list[str]:
    """Return a problem for each factor that a word sets.

    Parameters
    ----------
    factors : what varies.
    overrides : ``key=value`` words.
    what : is done with the factors, as the problem says it.
    """
    fixed = keys_of(overrides)
    return [
        f"{factor.path} is set and {what}: do one of the two."
        for factor in factors
        if full_key(factor.path) in fixed
    ]


def _names(path: str, wanted: Any) -> tuple[Any, ...]:
    """Return the strategies that are chosen from, names or files."""
    each = wanted.split(",") if isinstance(wanted, str) else [*_listed(path, wanted)]
    if wrong := [x for x in each if not isinstance(x, str | os.PathLike)]:
        raise InputError(f"{path} = {wrong[0]!r}: must be a name in quotes, or a YAML file's path.")
    return _unlike(path, [os.fspath(x) for x in each])


def _of_text(text: str) -> Ends | list[Any]:
    """Return what the command line means by a text."""
    if ends := re.fullmatch(r"(.+?)\.\.(.+)", text):
        return Ends(*map(value_of_text, ends.groups()))
    return [value_of_text(part) for part in text.split(",")]


def _of_python(path: str, wanted: Any) -> Ends | list[Any]:
    """Return what a person means in Python: a pair is a range, every other sequence values."""
    if isinstance(wanted, tuple) and len(wanted) == 2:
        return Ends(*map(plain_value, wanted))
    return _listed(path, wanted)


def _listed(path: str, wanted: Any) -> list[Any]:
    """Return the values in a list, an array, a pandas Series, a range; of one value, a list."""
    plain = plain_value(wanted)
    if isinstance(plain, Sequence) and not isinstance(plain, str):
        values = [plain_value(value) for value in plain]
        if not any(isinstance(value, list | tuple) for value in values):
            return values
    elif isinstance(plain, str | int | float):
        return [plain]
    raise InputError(
        f"{path} = {wanted!r}: to vary, it needs a range as (2, 20), values in a row as [1, 2, 3] "
        'or np.linspace(2, 20, 5), or "default".'
    )


def _between(path: str, kind: Any, ends: Ends) -> Factor:
    """Return the factor of a range."""
    said = f"{path} = {ends.low}..{ends.high}"
    if kind not in (int, float):
        raise InputError(
            f"{said}: is no number, so it has no range; say a,b,c, or in Python [a, b, c]."
        )
    low, high = (fit(Scenario, path, end) for end in ends)
    if not low < high:  # type: ignore[operator]
        raise InputError(f"{said}: the first end must be below the second.")
    return Factor(path, float(low), float(high), is_whole=kind is int)  # type: ignore[arg-type]


def _unlike(path: str, values: list[Any]) -> tuple[Any, ...]:
    """Return the values; raise `InputError` if they are not two or more that differ."""
    stripped = [value.strip() if isinstance(value, str) else value for value in values]
    if len(stripped) < 2 or len(set(map(str, stripped))) < len(stripped) or "" in stripped:
        raise InputError(
            f"{path} = {','.join(map(str, values))}: to vary, it needs two values or more that "
            f"differ, as a,b,c, or a range, as 2..20. To set it, say {path}=... without vary "
            "(in Python among overrides=)."
        )
    return tuple(stripped)


def _of_group(path: str) -> Iterator[Factor]:
    """Yield a factor for every number declared in a group of keys."""
    for item in declarations(kind_of(Scenario, path), f"{path}."):
        yield Factor(item.path, item.low, item.high, is_whole=item.type is int)


def _as_declared(path: str, kind: Any, allowed: dict[str, Any]) -> Factor:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return Factor(path, values=tuple(option.name.lower() for option in kind))
    if kind is bool:
        return Factor(path, values=(False, True))
    if kind not in (int, float) or "low" not in allowed:
        raise InputError(f"{path} has no bounds of its own: say which values, as a,b,c.")
    return Factor(path, float(allowed["low"]), float(allowed["high"]), is_whole=kind is int)


def is_key(name: str) -> bool:
    """Return whether a name is a key of a scenario that may vary."""
    return kind_of(Scenario, full_key(name)) is not None


def value_of_text(text: str) -> Any:
    """Return a number, true, false (Python's True and False, too) or else the text itself."""
    text = text.strip()
    if text in ("true", "false", "True", "False"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
