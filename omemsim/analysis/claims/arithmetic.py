"""Arithmetic on readings: a small language, so that a claim's effect is data and not code.

``(calm.capacity - tense.capacity) / 2``: names are arm.reading; numbers; + - * /, unary minus,
parentheses; abs, min, max, mean. Nothing else is read, and nothing is executed.
"""

from __future__ import annotations

import ast
import functools
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["Formula", "Name", "parse"]

Name = tuple[str, str]  # arm, reading
LONGEST = 500  # characters: nobody would read a longer effect

TWO: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
FUNCTIONS: dict[str, Callable[..., float]] = {
    "abs": abs,
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
    "mean": lambda *values: sum(values) / len(values),
}


@dataclass(frozen=True)
class Formula:
    """A checked formula.

    Attributes
    ----------
    text : as it was written.
    names : every (arm, reading) in it, in order of appearance.
    """

    text: str
    names: tuple[Name, ...]

    def value(self, values: Mapping[Name, float]) -> float:
        """Return the number the formula gives; not a number where it divides by zero."""
        try:
            return float(_number(_tree(self.text), values))
        except ZeroDivisionError:
            return float("nan")


def parse(text: str) -> Formula:
    """Return the formula.

    Raises
    ------
    ValueError
        If it is too long or not arithmetic; the message says what is allowed.
    """
    if len(text) > LONGEST:
        raise ValueError(f"{len(text)} characters; at most {LONGEST}.")
    try:
        names = list(_names(_tree(text)))
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"{text!r} is not arithmetic: {error}.") from error
    return Formula(text, tuple(dict.fromkeys(names)))


@functools.lru_cache(maxsize=256)
def _tree(text: str) -> ast.expr:
    return ast.parse(text.strip(), mode="eval").body


def _names(node: ast.expr) -> list[Name]:
    """Return the names in a formula; refuse whatever else is in it."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return []
        case ast.Attribute(value=ast.Name(id=arm), attr=reading):
            return [(arm, reading)]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _names(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in TWO:
            return _names(left) + _names(right)
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as args, keywords=[]) if (
            name in FUNCTIONS and (name != "abs" or len(args) == 1)
        ):
            return [found for arg in args for found in _names(arg)]
    raise ValueError(
        f"{ast.unparse(node)!r} is not allowed: write arm.reading, numbers, + - * /, "
        f"parentheses and {', '.join(FUNCTIONS)}."
    )


def _number(node: ast.expr, values: Mapping[Name, float]) -> float:
    match node:
        case ast.Constant(value=value):
            return float(value)  # type: ignore[arg-type]
        case ast.Attribute(value=ast.Name(id=arm), attr=reading):
            return values[arm, reading]
        case ast.UnaryOp(operand=operand):
            return -_number(operand, values)
        case ast.BinOp(left=left, op=op, right=right):
            return TWO[type(op)](_number(left, values), _number(right, values))
        case ast.Call(func=ast.Name(id=name), args=args):
            return FUNCTIONS[name](*(_number(arg, values) for arg in args))
    raise AssertionError("`parse` lets nothing else through")
