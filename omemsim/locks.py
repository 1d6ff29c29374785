"""A lock that the system lets go of when its holder dies: one that was killed blocks nobody."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import IO

__all__ = ["LockRefused", "let_go", "take"]

# What the system says where another has the lock; only Windows calls that a lack of permission.
Held = PermissionError if sys.platform == "win32" else BlockingIOError
FAR = 1 << 30  # the byte locked on Windows, where nobody can read a byte that is locked


class LockRefused(OSError):
    """A file system has no lock to give, for whatever reason it says."""


def take(path: Path, mode: str = "a+b") -> IO[bytes] | None:
    """Return the file with the system's lock on it, None if another has it.

    Raises
    ------
    LockRefused
        If the file system has no lock to give.
    OSError
        If the file cannot be opened.
    """
    while True:
        file = open(path, mode)  # noqa: SIM115 - it stays open as long as it is held
        try:
            _lock_if_possible(file)
            # Its last holder may have taken the file away while this process opened it.
            if os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
                return file
        except Held:
            file.close()
            return None
        except FileNotFoundError:
            if "r" in mode:
                file.close()
                raise
        except BaseException:
            file.close()
            raise
        file.close()


def _lock_if_possible(file: IO[bytes]) -> None:
    """Lock a file; raise `Held` if another has the lock, `LockRefused` if there is none to have."""
    try:
        _lock(file)
    except Held:
        raise
    except OSError as error:
        raise LockRefused(error.errno, error.strerror) from error


def let_go(file: IO[bytes], path: Path) -> None:
    """Let go of a lock, and take its file away."""
    with contextlib.suppress(OSError):
        # Before letting go, so that who waits for it finds it gone, and makes another.
        path.unlink(missing_ok=True)
    file.close()
    if sys.platform == "win32":  # it removes no open file
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
