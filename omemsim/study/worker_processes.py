"""How a worker process starts: one numerical thread, Ctrl-C ignored, the user's script not run."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import types
from collections.abc import Iterator, Mapping

__all__ = ["ONE_THREAD", "ctrl_c_held_back", "environment_with", "without_main"]

# A worker is one of many on this machine, so libraries in it must not start threads.
ONE_THREAD = {
    f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA", "NUMEXPR")
} | {"VECLIB_MAXIMUM_THREADS": "1"}


@contextlib.contextmanager
def environment_with(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for a while; a child process keeps what it started with."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def ctrl_c_held_back() -> Iterator[None]:
    """Hold back Ctrl-C, so that a child process starts ignoring it and prints no traceback."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def without_main() -> Iterator[None]:
    """Hide the user's script from processes that start now.

    A script without ``if __name__ == "__main__":`` would otherwise run again in each of them.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
