"""Numba, in one place: kernels become machine code, are kept in a cache, and are loaded from it.

It builds on inner parts of Numba, which is why pyproject pins its version. It does without three of
its habits:

- Numba optimizes and loads each function that a kernel calls by itself, and again inside all that
  call it: twice the time. Here a kernel and all it calls become one piece of code (`_Compiler`).
- An index that is below 0 counts from the end, so that each is looked at (`_index_as_it_is`).
- Its cache ignores changes in called files, and trusts whoever can write to its folder (`_Kept`).

The same code can be had before anything of this machine is settled (`portable_code`): for another
machine, or a browser.
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
from types import FunctionType
from typing import Any, ClassVar

import numba
from llvmlite import ir
from numba.core import types
from numba.core.caching import _Cache
from numba.core.callconv import CPUCallConv
from numba.core.ccallback import CFunc
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, CompileResult
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target
from numba.core.serialize import dumps
from numba.extending import typeof_impl
from numba.np import arrayobj

from omemsim.cache import cache_for
from omemsim.vocabulary.identity import digest_of_sources, sources

__all__ = [
    "CACHE",
    "callback",
    "file_of",
    "file_of_callback",
    "for_kernels",
    "for_python",
    "know_kernels",
    "portable_code",
    "types_of",
]

# What of Numba's settings (`NUMBA_OPT=0` and so on) makes other machine code.
SETTINGS = ("OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "BOUNDSCHECK", "DEBUGINFO_DEFAULT")


def _identity() -> str:
    """Return what machine code depends on, the function itself and its types aside, as a name."""
    target = cpu_target.target_context.codegen().magic_tuple()  # system, processor, its features
    settings = [getattr(numba.config, name) for name in SETTINGS]
    python = f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}"
    made_by = (python, numba.__version__, version("llvmlite"), target, settings)
    return hashlib.sha256(f"{made_by}\n{digest_of_sources()}".encode()).hexdigest()[:16]


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


# What kernels name and only Numba has in full.
NUMBA_S = {"literal_unroll": numba.literal_unroll}
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


def _kind_alone(convention: Any, kind: Any, given: Any, place: Any, name: Any) -> Any:
    """Return what is kept of an error in portable code: nothing can ask for more than its number.

    Numba would keep its text and its place, with folders of the machine on which it is compiled.
    """
    del convention, given, place, name
    return kind, (), None


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


def for_python(function: Callable[..., Any]) -> Any:
    """Return a kernel's function compiled for calls from Python, or loaded."""
    compiled: Any = _njit(pipeline_class=_CompilerForPython)(_as_numba_names_it(function))
    if os.path.isfile(function.__code__.co_filename):  # not typed in by hand
        compiled._cache = _Kept(function)
    return compiled


def for_kernels(function: Callable[..., Any]) -> Any:
    """Return a kernel's function compiled for calls from other kernels, as part of theirs."""
    named = _as_numba_names_it(function)
    return _njit(no_cpython_wrapper=True, pipeline_class=_Compiler)(named)


def _as_numba_names_it(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that finds Numba's own where it names something only Numba has in full."""
    code = function.__code__
    if not set(code.co_names) & NUMBA_S.keys():
        return function
    names = {**function.__globals__, **NUMBA_S}
    return FunctionType(code, names, function.__name__, function.__defaults__, function.__closure__)


def know_kernels(kind: type[Any]) -> None:
    """Let kernels call objects of a type that has its ``part`` compiled: see `for_kernels`."""
    typeof_impl.register(kind, _type_of_kernel)


def _type_of_kernel(kernel: Any, context: Any) -> Any:
    del context
    return types.Dispatcher(kernel.part)  # type: ignore[no-untyped-call]


def callback(function: Any, arguments: Sequence[Any], entry: Callable[..., Any]) -> Any:
    """Return a kernel as a C function of arguments of these types, compiled or loaded.

    Its ``address`` is what C calls; it returns nothing.

    Parameters
    ----------
    function : the kernel; the code is kept by its name.
    arguments : Numba's types, one for each argument.
    entry : what is compiled: it calls the kernel.
    """
    know_kernels(type(function))
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

    Parameters
    ----------
    function : the kernel.
    arguments : Numba's types, one for each argument.
    name : of the C function.

    Raises
    ------
    RuntimeError
        If kernels were compiled for this machine before: what they call is shared by name.
    """
    if False in _Part.made:
        raise RuntimeError("Portable code is made in a process that compiles nothing else.")
    _Part.is_portable = True
    CPUCallConv.build_excinfo_struct = _kind_alone  # type: ignore[method-assign]
    know_kernels(type(function))
    part = for_kernels(function.py_func)
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


def types_of(arguments: Sequence[Any]) -> tuple[Any, ...]:
    """Return the types for which a kernel that is called with these arguments is compiled."""
    return tuple(numba.typeof(argument) for argument in arguments)  # type: ignore[no-untyped-call]


def file_of(compiled: Any, types: Sequence[Any]) -> str:
    """Return the name of the file in `CACHE` that keeps a kernel for arguments of these types."""
    return str(compiled.compiled._cache.file(types))
