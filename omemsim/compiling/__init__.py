"""Compile the model once for this machine, before anything needs it; later starts load it.

There is nothing to compile where the package carries what this machine needs (`shipped`).

`parts` says what there is to compile, `processes` does it side by side, `progress` says how far it
is, and `omemsim.cache` keeps it. Where a kernel is met that none of this knew of, Numba compiles it
on the spot.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from omemsim import shipped
from omemsim.compiling.processes import Lost, compile_side_by_side, parts_of
from omemsim.compiling.progress import say, shown
from omemsim.locks import let_go, take

if TYPE_CHECKING:
    from omemsim.cache import Cache

__all__ = ["available_cores", "compile_once", "left_to_the_parent"]

PARTS = "omemsim.compiling.parts:parts_of_the_model"
MOST_PROCESSES = 4  # the longest part takes a tenth of all, and each process starts anew
LOCK = "compiling.lock"
PATIENCE = 120.0  # seconds without news after which another process is no longer waited for
BETWEEN_LOOKS = 0.2  # seconds
_in_this_process = threading.Lock()
_done = False


def compile_once(*, is_shown: bool = True) -> None:
    """Have the model compiled and kept, unless it is.

    Whoever comes while another process is at it waits for that one.

    Parameters
    ----------
    is_shown : whether to say so on standard error, if it has to be compiled.
    """
    global _done
    if _done:
        return
    with _in_this_process:
        if not _done:
            if shipped.fitting_library() is None:
                from omemsim.compiler import CACHE  # late: it needs Numba

                _compile(CACHE, is_shown=is_shown)
            _done = True


def left_to_the_parent() -> None:
    """Load in this process what its parent has had compiled; what is missing is made unasked."""
    global _done
    _done = True


def _compile(cache: Cache, *, is_shown: bool) -> None:
    if cache.is_complete():
        return
    if cache.folder is None:  # each process for itself
        if multiprocessing.parent_process() is None:
            _compile_here(cache, is_shown=is_shown)
        return
    with _turn(cache, is_shown=is_shown):
        if not cache.is_complete():
            _compile_missing(cache, is_shown=is_shown)


def _compile_missing(cache: Cache, *, is_shown: bool) -> None:
    try:
        if not _may_start_processes():
            raise Lost
        files = compile_side_by_side(
            PARTS, min(available_cores(), MOST_PROCESSES), is_shown=is_shown
        )
    except Lost:
        _compile_here(cache, is_shown=is_shown)
        return
    cache.stamp(files)
    cache.sweep()
    if is_shown:
        _complain(cache)


def _compile_here(cache: Cache, *, is_shown: bool) -> None:
    """Compile in this process, one part after the other."""
    parts = parts_of(PARTS)
    missing = [part for part in parts if not part.is_kept]
    progress = shown([part.seconds for part in missing], processes=1, is_shown=is_shown)
    try:
        for part in missing:
            part.compile()
            progress.add(part.seconds)
    finally:
        progress.close()
    if all(part.is_kept for part in missing):
        cache.stamp([part.file for part in parts])
        cache.sweep()
    if is_shown:
        _complain(cache)


def _complain(cache: Cache) -> None:
    if cache.problem:
        say(f"The compiled model cannot be kept for the next start: {cache.problem}")
    elif cache.warning:
        say(cache.warning)


def _may_start_processes() -> bool:
    """Return whether this process may start others: no worker of a pool, no frozen program."""
    is_worker = multiprocessing.parent_process() is not None
    return bool(sys.executable) and not is_worker and not getattr(sys, "frozen", False)


def available_cores() -> int:
    """Return the number of cores this process may use, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def _turn(cache: Cache, *, is_shown: bool) -> Iterator[None]:
    """Wait until no other process compiles, or has; go ahead where that cannot be known."""
    assert cache.folder is not None
    path = cache.folder / LOCK
    waiting = _Waiting(cache, is_shown=is_shown)
    while True:
        try:
            held = take(path)
        except OSError:  # this file system knows no locks
            held = None
            break
        if held is not None or not waiting.goes_on():
            break
        time.sleep(BETWEEN_LOOKS)
    try:
        yield
    finally:
        if held is not None:
            let_go(held, path)


class _Waiting:
    """Waits for another process for as long as there is news of it: a file more in the folder."""

    def __init__(self, cache: Cache, *, is_shown: bool) -> None:
        self.cache = cache
        self.is_shown = is_shown
        self.files = -1
        self.news = time.monotonic()

    def goes_on(self) -> bool:
        """Return whether to wait on."""
        if self.is_shown:
            self.is_shown = False
            say("Another omemsim is compiling the model for this machine; waiting for it.")
        assert self.cache.folder is not None
        try:
            files = len(os.listdir(self.cache.folder))
        except OSError:
            return False
        if files != self.files:
            self.files, self.news = files, time.monotonic()
        return time.monotonic() - self.news < PATIENCE
