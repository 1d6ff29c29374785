"""Parameters as a stage reads them: a few typed numbers, worked out once a run.

A stage declares a class of named fields, each of a NumPy type; a fixed row or grid of numbers is
``Annotated[NDArray[...], shape]``; a field may be such a class itself. Compiled code reads them
from one block of memory by the same names as Python does.
"""

from __future__ import annotations

import functools
from typing import Annotated, Any, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

__all__ = ["fill", "layout_of", "pack", "unpack"]

T = TypeVar("T")


class _Field(NamedTuple):
    dtype: Any
    shape: tuple[int, ...]


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    """Return the types of a class's fields; they are written as text, and read once."""
    return get_type_hints(kind, include_extras=True)


@functools.cache
def layout_of(kind: Any) -> np.dtype[Any]:
    """Return the block of memory that holds the fields of a class, as C would lay it out."""
    fields = {name: _field(hint) for name, hint in _hints(kind).items()}
    return np.dtype([(name, *field) for name, field in fields.items()], align=True)


def _field(hint: Any) -> _Field:
    if hasattr(hint, "_fields"):
        return _Field(layout_of(hint), ())
    if get_origin(hint) is not Annotated:
        return _Field(np.dtype(hint), ())
    array, shape = get_args(hint)
    of = get_args(array)[-1]  # NumPy 2.5 says `float64` itself, older ones `dtype[float64]`
    (dtype,) = get_args(of) or (of,)
    return _Field(np.dtype(dtype), (shape,) if isinstance(shape, int) else tuple(shape))


def fill(kind: type[T], *groups: object, **worked_out: Any) -> T:
    """Return an instance of ``kind``: each field is worked out, or a group's parameter so named.

    Parameters
    ----------
    kind : a class of named fields, each of a NumPy type.
    *groups : of parameters; each field that is not worked out is in one of them.
    **worked_out : fields by name; they win over a group's.

    Raises
    ------
    TypeError
        If a field is in no group, or in two, or if what is worked out is no field.
    """
    values = dict(worked_out)
    for name in _hints(kind):  # type: ignore[arg-type]
        homes = [group for group in groups if hasattr(group, name)]
        if name not in worked_out and len(homes) != 1:
            raise TypeError(f"{kind.__name__}.{name}: {len(homes)} groups have it, not one.")
        values.setdefault(name, getattr(homes[0], name) if homes else None)
    return kind(**values)


def pack(values: Any) -> NDArray[Any]:
    """Return the fields of an instance as a record, (1,), each rounded to its type."""
    record = np.zeros(1, layout_of(type(values)))  # type: ignore[arg-type]
    for name, value in values._asdict().items():
        record[name] = pack(value)[0] if hasattr(value, "_asdict") else value
    return record


def unpack(kind: type[T], record: Any) -> T:
    """Return what `pack` made of an instance, as an instance again: of NumPy's typed numbers."""
    hints = _hints(kind)  # type: ignore[arg-type]
    return kind(
        **{
            name: unpack(hint, record[name]) if hasattr(hint, "_fields") else record[name]
            for name, hint in hints.items()
        }
    )
