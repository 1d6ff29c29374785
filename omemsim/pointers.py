"""How Numba sees a town: as one pointer, whose columns are arrays made where they are named.

``town.residents.fear`` in a kernel becomes an array at the address that `vocabulary.layout` gives
the column. Tuples of arrays would be copied into every function they are passed to, with a count
of references for each: 40 times the machine code. Addresses and lengths are marked as never
changing during a call, so that loops vectorize as if all columns were local; tables therefore
grow between calls only.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model
from numba.np import arrayobj
from numba.np.numpy_support import from_dtype

from omemsim.vocabulary import layout

__all__ = ["TOWN", "WEEK_TYPE", "call_stage", "record_type"]

_WORD = ir.IntType(64)
SHAPES = layout.shapes()
TABLES = {table for table, _ in SHAPES}


class TownType(types.Type):
    """A town."""

    def __init__(self) -> None:
        super().__init__("Town")


class TableType(types.Type):
    """A table of it; which one, is part of the type."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(f"Table({table})")


TOWN = TownType()
WEEK_TYPE = types.int64
NUMBERS = {"seed": (layout.SEED, types.uint64), "born": (layout.BORN, types.int64)}


@register_model(TownType)
@register_model(TableType)
class _Pointer(models.PrimitiveModel):
    def __init__(self, manager: Any, of: Any) -> None:
        super().__init__(manager, of, _WORD.as_pointer())


def _array(dtype: str, width: int) -> Any:
    return types.Array(from_dtype(np.dtype(dtype)), 2 if width > 1 else 1, "C", aligned=True)


@infer_getattr
class _OfTown(AttributeTemplate):
    key = TownType

    def generic_resolve(self, of: Any, name: str) -> Any:  # type: ignore[override]
        if name in TABLES:
            return TableType(name)
        if name == "signal":
            return _array("i8", 1)
        return NUMBERS[name][1] if name in NUMBERS else None


@infer_getattr
class _OfTable(AttributeTemplate):
    key = TableType

    def generic_resolve(self, of: Any, name: str) -> Any:  # type: ignore[override]
        return _array(*SHAPES[of.table, name]) if (of.table, name) in SHAPES else None


@lower_getattr_generic(TownType)  # type: ignore[untyped-decorator]
def _read_town(context: Any, builder: Any, of: Any, town: Any, name: str) -> Any:
    if name in NUMBERS:
        return _load(builder, town, NUMBERS[name][0])
    if name == "signal":
        return _view(
            context, builder, _array("i8", 1), _load(builder, town, layout.SIGNAL), _constant(2)
        )
    return town  # a table is the same pointer, by another type


@lower_getattr_generic(TableType)  # type: ignore[untyped-decorator]
def _read_table(context: Any, builder: Any, of: Any, table: Any, name: str) -> Any:
    word = layout.WORD[of.table, name]
    width = SHAPES[of.table, name][1]
    rows = _load(builder, table, word + layout.LENGTHS)
    kind = _array(*SHAPES[of.table, name])
    return _view(context, builder, kind, _load(builder, table, word), rows, width)


def _constant(number: int) -> Any:
    return ir.Constant(_WORD, number)


def _load(builder: Any, words: Any, number: int) -> Any:
    """Load a word, promising that it never changes during a call."""
    loaded = builder.load(builder.gep(words, [_constant(number)]))
    loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
    return loaded


def _view(context: Any, builder: Any, kind: Any, address: Any, rows: Any, width: int = 1) -> Any:
    """Return an array over data that somebody else keeps."""
    array = context.make_array(kind)(context, builder)
    size = context.get_abi_sizeof(context.get_data_type(kind.dtype))
    shape, strides = [rows], [_constant(size * width)]
    if kind.ndim == 2:
        shape, strides = [rows, _constant(width)], [_constant(size * width), _constant(size)]
    arrayobj.populate_array(
        array,
        data=builder.inttoptr(address, array.data.type),
        shape=shape,
        strides=strides,
        itemsize=_constant(size),
        meminfo=None,
    )
    return array._getvalue()


@intrinsic
def call_stage(typing: Any, function: Any, words: Any, record: Any, week: Any) -> Any:
    """Call a stage by its address: void (*)(int64 *words, void *parameters, int64 week).

    Parameters
    ----------
    typing : Numba's, not used.
    function : int64, address of the stage's machine code.
    words, record : int64, addresses of the town's words and of the stage's parameters.
    week : int64, the town's.
    """

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer, pointer, _WORD])
        at = builder.inttoptr(arguments[0], kind.as_pointer())
        given = [builder.inttoptr(argument, pointer) for argument in arguments[1:3]]
        builder.call(at, [*given, arguments[3]])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64, types.int64), make


def record_type(dtype: Any) -> Any:
    """Return Numba's type of a record of parameters: by reference."""
    return numba.from_dtype(dtype)
