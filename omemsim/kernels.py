"""The only import of numba, and the small functions every kernel is made of.

Rules that keep the same bits on every machine and the loops vectorized: no fastmath; only
+ - * / min max and the polynomials below; float32 columns; whole-number sums; inner
functions that take array slices; indices that count from the start (`_index_as_it_is`). Each
kernel's ``py_func`` gives the same bits.
"""

from __future__ import annotations

import functools
import gc
import hashlib
import os
import pickle
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.caching import _Cache
from numba.core.ccallback import CFunc
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, CompileResult
from numba.core.compiler_lock import global_compiler_lock
from numba.core.dispatcher import Dispatcher
from numba.core.registry import cpu_target
from numba.core.serialize import dumps
from numba.np import arrayobj
from numpy.typing import NDArray

from omemsim.cache import cache_for
from omemsim.vocabulary.luck import FIXED, Stream

__all__ = [
    "CACHE",
    "Column",
    "Double",
    "FIXED",
    "Flag",
    "Half",
    "Hash",
    "Single",
    "Whole",
    "choice",
    "callback",
    "draw",
    "event_id",
    "event_uniform",
    "exponential",
    "fade",
    "file_of",
    "fixed_sum",
    "is_kernel",
    "kernel",
    "literal_unroll",
    "paired_sum",
    "portable_code",
    "poisson",
    "probability",
    "rows_of",
    "single",
    "sort",
    "stream_of",
    "substream_of",
    "types_of",
    "uniform",
    "unit",
    "whole_power",
]


COMPILED = (
    "kernels.py",
    "pointers.py",
    "program.py",
    "schedule.py",
    "strategies.py",
    "processes",
    "vocabulary",
)
BESIDE = ("measures.py",)  # holds a kernel of its own, which calls those
# What of Numba's settings (`NUMBA_OPT=0` and so on) makes other machine code.
SETTINGS = ("OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "BOUNDSCHECK", "DEBUGINFO_DEFAULT")


def sources() -> list[Path]:
    """Return the files whose change may change a kernel's machine code."""
    package = Path(__file__).parent
    named = [package / name for name in COMPILED + BESIDE]
    return sorted(
        source for path in named for source in (path.rglob("*.py") if path.is_dir() else [path])
    )


def _identity() -> str:
    """Return what machine code depends on, the function itself and its types aside, as a name."""
    target = cpu_target.target_context.codegen().magic_tuple()  # system, processor, its features
    settings = [getattr(numba.config, name) for name in SETTINGS]
    python = f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}"
    made_by = (python, numba.__version__, version("llvmlite"), target, settings)
    digest = hashlib.sha256(repr(made_by).encode())
    for source in sources():
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


CACHE = cache_for(_identity())


class _Kept(_Cache):
    """Loads a function's machine code from `CACHE` and saves it there.

    Numba's own cache ignores changes in called files, fails where nothing is writable or a file
    is damaged, and trusts whoever can write to its folder.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        code = function.__code__
        file = Path(code.co_filename)
        cells = [cell.cell_contents for cell in function.__closure__ or ()]
        source = b"" if file in _covered() else file.read_bytes()
        self._name = f"{function.__module__}.{function.__qualname__}"
        self._made_of = repr((code.co_firstlineno, cells)).encode() + source

    @property
    def cache_path(self) -> str:
        """Return the folder, empty if there is none."""
        return str(CACHE.folder or "")

    def file(self, types: Sequence[Any]) -> str:
        """Return the name of the file that keeps the code for arguments of these types."""
        digest = hashlib.sha256(repr(tuple(types)).encode() + self._made_of).hexdigest()
        return f"{re.sub('[^A-Za-z0-9_.]', '', self._name)[-80:]}-{digest[:16]}.bin"

    def load_overload(self, sig: Sequence[Any], target_context: Any) -> Any:
        """Return the code for arguments of these types, None if it has to be made."""
        target_context.refresh()
        data = CACHE.read(self.file(sig))
        if data is None:
            return None
        try:
            return CompileResult._rebuild(target_context, *pickle.loads(data))  # type: ignore[no-untyped-call]
        except Exception:  # whatever it is, it can be made again
            return None

    def save_overload(self, sig: Sequence[Any], cres: Any) -> None:
        """Keep the code for arguments of these types."""
        if not cres.lifted and not cres.library.has_dynamic_globals:
            CACHE.write(self.file(sig), dumps(cres._reduce()))  # type: ignore[no-untyped-call]

    def enable(self) -> None:
        """Stay as it is: it is always on."""

    def disable(self) -> None:
        """Stay as it is: it is always on."""

    def flush(self) -> None:
        """Forget nothing: what is out of date has another name."""


class _KeptCallback(_Kept):
    """The same for C functions, which have another name for their types."""

    def file(self, types: Sequence[Any]) -> str:
        """Return the name of the file that keeps the code for arguments of these types."""
        return f"c-{super().file(types)}"

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the code for arguments of these types, None if it has to be made."""
        return super().load_overload(sig.args, target_context)

    def save_overload(self, sig: Any, cres: Any) -> None:
        """Keep the code for arguments of these types."""
        super().save_overload(sig.args, cres)


@functools.cache
def _covered() -> frozenset[Path]:
    """Return the sources, a change in which gives the cache another identity."""
    return frozenset(sources())


Function = TypeVar("Function", bound=Callable[..., Any])
# What kernels are given and return, by name: NumPy's numbers and columns of them.
Single = Any  # float32
Double = Any  # float64
Whole = Any  # int64
Flag = Any  # bool
Half = Any  # uint32, half of a stream's key
Hash = Any  # uint64, the identity of an event
Column = NDArray[Any]

literal_unroll = numba.literal_unroll  # a loop over names of columns: ``getattr(table, name)``
_njit: Any = functools.partial(numba.njit, nogil=True, error_model="numpy", no_cfunc_wrapper=True)


class _Part(JITCodeLibrary):
    """The code of what kernels call: linked into theirs, optimized and loaded only there."""

    is_portable = False  # whether nothing is settled yet that depends on this machine
    made: ClassVar[set[bool]] = set()  # which kinds there are in this process

    class codegen:
        """Stands for the compiler where code would be loaded, which a part never is."""

        @staticmethod
        def set_env(name: str, env: object) -> None:
            """Set nothing: what is not loaded has no environment."""

    def get_pointer_to_function(self, name: str) -> int:
        """Return null: there is nothing to call from Python."""
        return 0

    def add_linking_library(self, library: Any) -> None:
        """Leave memory to whoever runs portable code: Numba's functions know this machine's."""
        if not (self.is_portable and library.name == "nrt"):
            super().add_linking_library(library)  # type: ignore[no-untyped-call]

    def _optimize_functions(self, module: Any) -> None:
        if not self.is_portable:  # else sizes of this machine's addresses would be built in
            super()._optimize_functions(module)  # type: ignore[no-untyped-call]

    def _optimize_final_module(self) -> None:
        """Leave it to the kernel that calls."""

    def _finalize_final_module(self) -> None:
        self.made.add(self.is_portable)
        self._finalize_dynamic_globals()  # type: ignore[no-untyped-call]
        self._finalized = True


_NUMBAS_INDEX = arrayobj.fix_integer_index


def _index_as_it_is(context: Any, builder: Any, kind: Any, index: Any, size: Any) -> Any:
    """Return an index that counts from the start, unless it is a number written in the code.

    Numba would ask of every index of every column whether it is negative, and counts from the end:
    a seventh of a week. No kernel counts so by a variable; in Python it would, and differ.
    """
    if isinstance(index, ir.Constant):
        return _NUMBAS_INDEX(context, builder, kind, index, size)
    return context.cast(builder, index, kind, types.intp if kind.signed else types.uintp)


class _Compiler(Compiler):
    """Makes one piece of machine code of a kernel and all it calls, Numba's own functions too.

    Numba would optimize and load each of them, and again in all that call it: twice the time.
    """

    def _compile_core(self) -> Any:
        codegen = self.state.targetctx.codegen()
        usual, codegen._library_class = codegen._library_class, _Part
        indexed, arrayobj.fix_integer_index = arrayobj.fix_integer_index, _index_as_it_is
        try:
            return super()._compile_core()  # type: ignore[no-untyped-call]
        finally:
            codegen._library_class = usual
            arrayobj.fix_integer_index = indexed


class _CompilerForPython(_Compiler):
    """Has the whole loaded; garbage waits: to look for it would take half as long again."""

    def _compile_core(self) -> Any:
        codegen = self.state.targetctx.codegen()
        whole = codegen.create_library(self.state.func_id.func_qualname)
        whole.enable_object_caching()
        self.state["library"] = whole
        collects = gc.isenabled()
        gc.disable()
        try:
            return super()._compile_core()
        finally:
            if collects:
                gc.enable()


def kernel(function: Function) -> Function:
    """Compile a function of arrays; division by zero gives inf as in NumPy.

    What Python calls is compiled apart from what other kernels call: see `_Compiler`.
    """
    compiled: Any = _njit(pipeline_class=_CompilerForPython)(function)
    if os.path.isfile(function.__code__.co_filename):  # not typed in by hand
        compiled._cache = _Kept(function)
    part: Any = _njit(no_cpython_wrapper=True, pipeline_class=_Compiler)(function)
    compiled.get_call_template, compiled.get_overload = part.get_call_template, part.get_overload
    called: Function = compiled
    return called


def callback(function: Any, arguments: Sequence[Any], entry: Callable[..., Any]) -> Any:
    """Return a kernel as a C function of arguments of these types, compiled or loaded.

    ``entry`` is what calls the kernel; the code is kept by the kernel's name. Its ``address`` is
    what C calls; it returns nothing.
    """
    made: Any = CFunc(
        entry,
        sig=(tuple(arguments), types.void),
        locals={},
        options={"nopython": True, "error_model": "numpy"},
        pipeline_class=_CompilerForPython,
    )
    made._cache = _KeptCallback(function.py_func)
    made.compile()
    return made


@global_compiler_lock  # type: ignore[untyped-decorator]
def portable_code(function: Any, arguments: Sequence[Any], name: str) -> str:
    """Return a kernel and all it calls as LLVM code that settles nothing of a machine.

    It defines ``int32 name(result *, arguments...)``, which returns 0, or else Numba's number of
    an error; ``result`` is there only if the kernel returns something, and an array is two
    arguments, the address of its data and how many there are. What it declares only, memory
    above all, whoever links it has to bring.

    Raises
    ------
    RuntimeError
        If kernels were compiled for this machine before: what they call is shared by name.
    """
    if False in _Part.made:
        raise RuntimeError("Portable code is made in a process that compiles nothing else.")
    _Part.is_portable = True
    part: Any = _njit(no_cpython_wrapper=True, pipeline_class=_Compiler)(function.py_func)
    part.compile(tuple(arguments))
    made = part.overloads[tuple(arguments)]
    library = _Part(cpu_target.target_context.codegen(), name)  # type: ignore[no-untyped-call]
    library.add_linking_library(made.library)
    library.add_ir_module(_as_c_function(made, name))  # type: ignore[no-untyped-call]
    library.finalize()  # type: ignore[no-untyped-call]
    return str(library._final_module)


def _as_c_function(made: Any, name: str) -> Any:
    """Return a module with a C function that calls a compiled kernel, as `portable_code` says."""
    context, module = cpu_target.target_context, ir.Module(name)
    returned, given = made.signature.return_type, made.signature.args
    results = [] if returned is types.none else [context.get_value_type(returned).as_pointer()]
    takes = [kind for argument in given for kind in _c_types(argument)]
    function = ir.Function(module, ir.FunctionType(ir.IntType(32), results + takes), name)
    builder = ir.IRBuilder(function.append_basic_block())
    words = iter(function.args[len(results) :])
    values = [_from_c(builder, argument, words) for argument in given]
    callee = context.declare_function(module, made.fndesc)
    status, result = context.call_conv.call_function(builder, callee, returned, given, values)
    if results:
        builder.store(result, function.args[0])
    builder.ret(status.code)
    return module


def _c_types(argument: Any) -> list[Any]:
    context = cpu_target.target_context
    if isinstance(argument, types.Array):
        return [context.get_value_type(argument.dtype).as_pointer(), ir.IntType(64)]
    return [context.get_value_type(argument)]


def _from_c(builder: Any, argument: Any, words: Iterator[Any]) -> Any:
    """Return an argument of a kernel, made of one or two of a C function."""
    if not isinstance(argument, types.Array):
        return next(words)
    context = cpu_target.target_context
    array = arrayobj.make_array(argument)(context, builder)
    size = ir.Constant(ir.IntType(64), context.get_abi_sizeof(array.data.type.pointee))
    data, rows = next(words), next(words)
    arrayobj.populate_array(
        array, data=data, shape=[rows], strides=[size], itemsize=size, meminfo=None
    )
    return array._getvalue()


def file_of_callback(function: Any, arguments: Sequence[Any]) -> str:
    """Return the name of the file in `CACHE` that keeps a kernel as a C function."""
    return _KeptCallback(function.py_func).file(arguments)


def is_kernel(value: object) -> bool:
    """Return whether something is a compiled function."""
    return isinstance(value, Dispatcher)


def types_of(arguments: Sequence[Any]) -> tuple[Any, ...]:
    """Return the types for which a kernel that is called with these arguments is compiled."""
    return tuple(numba.typeof(argument) for argument in arguments)  # type: ignore[no-untyped-call]


def file_of(compiled: Any, types: Sequence[Any]) -> str:
    """Return the name of the file in `CACHE` that keeps a kernel for arguments of these types."""
    return str(compiled._cache.file(types))


def single(group: object, *names: str) -> tuple[np.float32, ...]:
    """Return parameters of a group as float32, in the order a kernel unpacks them."""
    return tuple(np.float32(getattr(group, name)) for name in names)


_G = np.uint32(0x9E3779B9)
_H1 = np.uint32(0x7FEB352D)
_H2 = np.uint32(0x846CA68B)
_HALF = np.float32(0.5)
_SCALE = np.float32(2.0**-23)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@kernel
def _hash32(x: Half) -> Half:
    """Return Wellons' lowbias32; every product is truncated, since numba widens it."""
    x = np.uint32(x ^ (x >> np.uint32(16)))
    x = np.uint32(x * _H1)
    x = np.uint32(x ^ (x >> np.uint32(15)))
    x = np.uint32(x * _H2)
    return np.uint32(x ^ (x >> np.uint32(16)))


@kernel
def uniform(key: Half, low: Half, high: Half) -> Single:
    """Return the float32 uniform in (0, 1) of a row's key in a stream."""
    h = _hash32(np.uint32(_hash32(np.uint32(np.uint32(key * _G) + low)) ^ high))
    return (np.float32(np.int32(h >> np.uint32(9))) + _HALF) * _SCALE


@kernel
def _mix64(x: Hash) -> Hash:
    x = np.uint64(x + _GOLDEN)
    x = np.uint64((x ^ (x >> np.uint64(30))) * _M1)
    x = np.uint64((x ^ (x >> np.uint64(27))) * _M2)
    return np.uint64(x ^ (x >> np.uint64(31)))


@kernel
def stream_of(seed: Hash, decision: Whole, week: Whole) -> Stream:
    """Return a stream as `luck.stream` does; ``seed`` is uint64."""
    value = _mix64(np.uint64(seed))
    value = _mix64(np.uint64(value ^ np.uint64(decision)))
    value = _mix64(np.uint64(value ^ np.uint64(np.int64(week))))
    value = _mix64(value)
    return Stream(np.uint32(value & np.uint64(0xFFFFFFFF)), np.uint32(value >> np.uint64(32)))


@kernel
def substream_of(seed: Hash, decision: Whole, week: Whole, k: Whole) -> Stream:
    """Return the k-th stream of a decision, as `luck.stream` does; `stream_of` is number 0."""
    value = _mix64(np.uint64(seed))
    value = _mix64(np.uint64(value ^ np.uint64(decision)))
    value = _mix64(np.uint64(value ^ np.uint64(np.int64(week))))
    value = _mix64(np.uint64(value ^ np.uint64(k)))
    return Stream(np.uint32(value & np.uint64(0xFFFFFFFF)), np.uint32(value >> np.uint64(32)))


@kernel
def whole_power(base: Double, n: Whole) -> Double:
    """Return base**n for a whole n >= 0, by squaring: the same bits on every machine."""
    power, square = 1.0, base
    while n > 0:
        if n % 2 == 1:
            power *= square
        square *= square
        n //= 2
    return power


@kernel
def event_id(key: Half, k: Whole, low: Half, high: Half) -> Hash:
    """Return the identity (uint64) of the k-th event of a row in a stream.

    It keys everything that follows from the event, whatever else happens that week.
    """
    stream = np.uint64((np.uint64(high) << np.uint64(32)) | np.uint64(low))
    row = np.uint64((np.uint64(key) << np.uint64(20)) | np.uint64(k))
    return _mix64(np.uint64(stream ^ _mix64(row)))


@kernel
def event_uniform(event: Hash, salt: Whole) -> Double:
    """Return the float64 uniform in (0, 1) that answers question ``salt`` of an event."""
    h = _mix64(np.uint64(event ^ _mix64(np.uint64(salt))))
    return (np.float64(np.int64(h >> np.uint64(12))) + 0.5) * 2.0**-52


@kernel
def choice(event: Hash, salt: Whole, n: Whole) -> Whole:
    """Return a whole number in [0, n): candidate ``salt`` of an event."""
    return np.int64(event_uniform(event, salt) * np.float64(n))


@kernel
def probability(rate: Single) -> Single:
    """Return 1 - exp(-rate) for a float32 rate in [0, 1] (error below 2e-7)."""
    x = min(max(rate, np.float32(0)), np.float32(1))
    s = np.float32(1) - x * np.float32(1 / 10)
    s = np.float32(1) - x * np.float32(1 / 9) * s
    s = np.float32(1) - x * np.float32(1 / 8) * s
    s = np.float32(1) - x * np.float32(1 / 7) * s
    s = np.float32(1) - x * np.float32(1 / 6) * s
    s = np.float32(1) - x * np.float32(1 / 5) * s
    s = np.float32(1) - x * np.float32(1 / 4) * s
    s = np.float32(1) - x * np.float32(1 / 3) * s
    s = np.float32(1) - x * np.float32(1 / 2) * s
    return x * s


@kernel
def exponential(x: Double) -> Double:
    """Return exp(x) for a float64 in [-30, 8] (relative error below 1e-11)."""
    y = min(max(x, -30.0), 8.0) / 1024.0
    s = 1.0 + y * (1.0 + y / 2 * (1.0 + y / 3 * (1.0 + y / 4 * (1.0 + y / 5 * (1.0 + y / 6)))))
    for _ in range(10):
        s = s * s
    return s


@kernel
def poisson(mean: Double, u: Double) -> Whole:
    """Return the Poisson count at quantile u in (0, 1); the mean is capped at 30."""
    if u < 1.0 - mean:  # exp(-mean) >= 1 - mean: certainly no event, no exponential needed
        return 0
    mean = min(mean, 30.0)
    term = exponential(-mean)
    total = term
    count = 0
    while u > total and count < 255:
        count += 1
        term = term * mean / count
        total += term
    return count


@kernel
def unit(x: Single) -> Single:
    """Return a float32 cut to [0, 1]."""
    return min(max(x, np.float32(0)), np.float32(1))


@kernel
def fade(column: Column, keep: Single) -> None:
    """Multiply a column by the share that stays, in place."""
    for i in range(column.size):
        column[i] = column[i] * keep


@kernel
def draw(key: Column, luck: tuple[Half, Half], out: Column) -> None:
    """Write the uniform of each row's key in a stream to ``out`` (float32)."""
    for i in range(key.size):
        out[i] = uniform(key[i], luck[0], luck[1])


@kernel
def fixed_sum(column: Column) -> Whole:
    """Return the sum of a column in [0, 10] as a whole number of 1/FIXED."""
    total = np.int64(0)
    for i in range(column.size):
        total += np.int32(column[i] * FIXED)
    return total


@kernel
def paired_sum(column: Column) -> Double:
    """Return the float64 sum of a column in NumPy's order: of float64 to the bit.

    NumPy halves what is longer than 128 and adds up the halves' sums, down to the last.
    """
    ahead, sums, part = np.empty(130, np.int64), np.empty(66), np.empty(8)
    ahead[0] = column.size
    to_do, done, at = 1, 0, 0
    while to_do > 0:
        to_do -= 1
        size = ahead[to_do]
        if size < 0:  # both halves are done
            done -= 1
            sums[done - 1] += sums[done]
        elif size > 128:
            half = size // 2 - size // 2 % 8
            ahead[to_do], ahead[to_do + 1], ahead[to_do + 2] = -1, size - half, half
            to_do += 3
        else:
            sums[done] = _eightfold_sum(column[at : at + size], part)
            done += 1
            at += size
    return sums[0]


@kernel
def _eightfold_sum(column: Column, part: Column) -> Double:
    n = column.size
    whole = n - n % 8 if n >= 8 else 0
    result = 0.0
    if whole > 0:
        for k in range(8):
            part[k] = column[k]
        for i in range(8, whole, 8):
            for k in range(8):
                part[k] += column[i + k]
        result = ((part[0] + part[1]) + (part[2] + part[3])) + (
            (part[4] + part[5]) + (part[6] + part[7])
        )
    for i in range(whole, n):
        result += np.float64(column[i])
    return result


@kernel
def rows_of(flags: Column) -> Column:
    """Return the rows where a column of bytes is not 0, in order (int64).

    Eight bytes are looked at as one word: where few are set this is 5 times faster than NumPy.
    """
    words = flags[: flags.size & ~7].view(np.uint64)
    rows = np.empty(flags.size + 1, np.int64)  # pages that are not written cost nothing
    return rows[: list_set(words, flags, rows)]


@kernel
def list_set(words: Column, flags: Column, rows: Column) -> Whole:
    """Write the rows where a byte is not 0, in order; return how many.

    ``rows`` has room for one more than there are flags. First the words that are not 0 are
    listed, at its end, which no row reaches before its word is read; then their bytes.
    """
    some = rows[rows.size - words.size :]
    number = found = np.int64(0)
    for w in range(words.size):
        some[number] = w  # stays only if the next line moves on: no branch to mispredict
        number += words[w] != 0
    for w in some[:number]:
        for j in range(8 * w, 8 * w + 8):
            rows[found] = j
            found += flags[j] != 0
    for j in range(8 * words.size, flags.size):
        rows[found] = j
        found += flags[j] != 0
    return found


@kernel
def sort(numbers: Column) -> None:
    """Put a column in order, in place: Shell's sort with Knuth's gaps."""
    gap = 1
    while gap < numbers.size // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for k in range(gap, numbers.size):
            number, at = numbers[k], k
            while at >= gap and numbers[at - gap] > number:
                numbers[at] = numbers[at - gap]
                at -= gap
            numbers[at] = number
        gap //= 3
