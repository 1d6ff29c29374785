"""The compiled week that comes with the package: found, checked and loaded, without Numba.

A wheel carries a library for each kind of machine (`compiling.shipping` makes them). One is used if
it was made of the very sources that stand beside it, is whole, and this processor can run it;
otherwise, and in a checkout, Numba compiles. Either gives the same bits.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.vocabulary.identity import digest_of_sources

__all__ = ["FOLDER", "LIST", "LOOP", "Library", "fitting_library", "machines_here", "symbol"]

FOLDER = Path(__file__).with_name("compiled")
LIST = "compiled.json"  # says of which sources the libraries are, and what is in them
NOT = "OMEMSIM_COMPILE"  # set to 1, this variable has the week compiled here all the same
LOOP = "call_in_turn"
PROCESSOR = Path("/proc/cpuinfo")
# What a processor of the third level of x86-64 can do, as Linux calls it.
LEVEL_3 = frozenset(["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"])


class Library:
    """A loaded library.

    Parameters
    ----------
    path : the file.
    machine : which kind of machine it is for.
    stages : by the full name of a stage's kernel, what its function is called in the file.

    Attributes
    ----------
    machine : which kind of machine it is for.
    addresses : where each stage begins, by the full name of its kernel.
    """

    def __init__(self, path: Path, machine: str, stages: Mapping[str, str]) -> None:
        self.machine = machine
        code = ctypes.CDLL(str(path))
        self.addresses = {
            name: int(ctypes.cast(code[symbol], ctypes.c_void_p).value or 0)
            for name, symbol in stages.items()
        }
        self._loop = code[LOOP]
        number, pointer = ctypes.c_int64, ctypes.c_void_p
        column = (pointer, number)  # an array: where its data are, how many there are
        self._loop.argtypes = (
            *(ctypes.POINTER(number), *column, number, *column, number, *column, number, number),
        )
        self._loop.restype = ctypes.c_int32

    def __repr__(self) -> str:
        return f"<Library for {self.machine}>"

    def call_in_turn(
        self,
        functions: NDArray[np.int64],
        words: int,
        records: NDArray[np.int64],
        week: int,
        signal: NDArray[np.int64],
        first: int,
        last: int,
    ) -> int:
        """Do what `loop.call_in_turn` does.

        Parameters
        ----------
        all : as for `loop.call_in_turn`.
        """
        stopped = ctypes.c_int64(first)
        self._loop(
            *(stopped, *_column(functions), words, *_column(records)),
            *(week, *_column(signal), first, last),
        )
        return stopped.value


def _column(values: NDArray[np.int64]) -> tuple[int, int]:
    return values.ctypes.data, values.size


@functools.cache
def fitting_library() -> Library | None:
    """Return the library that fits this machine and these sources; None if there is none."""
    if os.environ.get(NOT) == "1":
        return None
    told = _told(FOLDER / LIST)
    if told.get("sources") != digest_of_sources():
        return None
    for machine in machines_here():
        made = told["machines"].get(machine)
        path = FOLDER / made["file"] if made else None
        if path and _digest(path) == made["sha256"]:
            try:
                return Library(path, machine, told["stages"])
            except (OSError, AttributeError):  # another C library, a folder nothing may run from
                continue
    return None


def machines_here() -> tuple[str, ...]:
    """Return the kinds of machine whose code this one runs, the best first."""
    if sys.platform != "linux" or sys.maxsize < 2**32:
        return ()
    kind = platform.machine().lower()
    if kind == "x86_64":
        return ("x86-64-v3", "x86-64") if _flags() >= LEVEL_3 else ("x86-64",)
    return ("aarch64",) if kind == "aarch64" else ()


def symbol(stage: str) -> str:
    """Return what a library calls a stage."""
    return f"turn_{stage}"


def _flags() -> frozenset[str]:
    """Return what all of this machine's processors say they can do."""
    try:
        lines = PROCESSOR.read_text().splitlines()
    except OSError:
        return frozenset()
    said = [frozenset(line.partition(":")[2].split()) for line in lines if line.startswith("flags")]
    return frozenset.intersection(*said) if said else frozenset()


def _told(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
