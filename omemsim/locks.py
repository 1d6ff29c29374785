"""A lock that the system lets go of when its holder dies: one that was killed blocks nobody."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import IO

__all__ = ["let_go", "take"]

FAR = 1 << 30  # the byte locked on Windows, where nobody can read a byte that is locked


def take(path: Path, mode: str = "a+b") -> IO[bytes] | None:
    """Return the file with the system's lock on it, None if another has it.

    Raises
    ------
    OSError
        If the file cannot be opened, or the file system knows no locks.
    """
    while True:
        file = open(path, mode)  # noqa: SIM115 - it stays open as long as it is held
        try:
            _lock(file)
            # Its last holder may have taken the file away while this process opened it.
            if os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
                return file
        except (BlockingIOError, PermissionError):
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
