"""From LLVM code to an object file, a library or a module, for whatever machine LLVM knows.

The code comes from `compiler.portable_code`. LLVM's own linkers need no compiler for that machine.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import llvmlite.binding as llvm

__all__ = ["Machine", "link_with", "object_of"]

ADDRESS = "numba.dynamic.globals"  # how Numba's names begin of what only this process knows


@dataclass(frozen=True)
class Machine:
    """A kind of processor, in LLVM's words.

    Attributes
    ----------
    triple : architecture, vendor and system, as ``x86_64-unknown-linux-gnu``.
    cpu : the oldest model it has to run on, as ``x86-64-v3``; empty: any.
    features : what else that model can do, as ``+simd128,+bulk-memory``.
    relocation : ``static``, or ``pic`` for what goes into a shared library.
    """

    triple: str
    cpu: str = ""
    features: str = ""
    relocation: str = "static"

    def target(self) -> llvm.TargetMachine:
        """Return LLVM's view of it."""
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
        found = llvm.Target.from_triple(self.triple)
        return found.create_target_machine(
            cpu=self.cpu, features=self.features, opt=3, reloc=self.relocation
        )


def object_of(code: str, machine: Machine, exports: Collection[str], *beside: str) -> bytes:
    """Return LLVM code as an object file, optimized for a machine.

    Parameters
    ----------
    code : code that settles nothing of a machine yet, as `compiler.portable_code` gives it.
    machine : the kind of processor it is for.
    exports : functions that others may call; all others are the object's own.
    beside : more such code, of functions that ``code`` declares and are to become part of it.

    Raises
    ------
    ValueError
        If what is left of the code holds an address in this process.
    """
    target = machine.target()
    whole = _parsed(code, machine, target)
    for more in beside:
        whole.link_in(_parsed(more, machine, target))
    for function in whole.functions:
        if not function.is_declaration and function.name not in exports:
            function.linkage = "internal"
    for variable in whole.global_variables:
        if not variable.is_declaration:
            variable.linkage = "internal"
    whole.verify()
    _optimize(whole, target)
    if any(variable.name.startswith(ADDRESS) for variable in whole.global_variables):
        raise ValueError(f"{', '.join(exports)}: the code holds addresses of this process.")
    data: bytes = target.emit_object(whole)
    return data


def _parsed(code: str, machine: Machine, target: llvm.TargetMachine) -> llvm.ModuleRef:
    module = llvm.parse_assembly(code)
    module.triple, module.data_layout = machine.triple, str(target.target_data)
    return module


def _optimize(module: llvm.ModuleRef, target: llvm.TargetMachine) -> None:
    """Run LLVM's usual passes of level 3, with loops as vectors: none changes a result."""
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = options.slp_vectorization = True
    builder = llvm.create_pass_builder(target, options)
    builder.getModulePassManager().run(module, builder)


def link_with(linker: str, program: bytes, *options: str) -> bytes:
    """Return what a linker of LLVM makes of an object file, without what nothing uses.

    Parameters
    ----------
    linker : its command, as ``ld.lld``.
    program : an object file.
    options : more words for the linker.

    Raises
    ------
    RuntimeError
        If there is no such linker, or if it finds that something is missing.
    """
    found = shutil.which(linker)
    if found is None:
        raise RuntimeError(f"There is no {linker}; Debian and Ubuntu have it in the package lld.")
    always = ["--gc-sections", "--strip-all", "-o", "made", "program.o"]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "program.o").write_bytes(program)
        done = subprocess.run(
            [found, *options, *always], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{linker} fails:\n{done.stderr}")
        return Path(folder, "made").read_bytes()
