"""One driver for a store: a lock that the system lets go of when its holder dies."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from omemsim.study.refused import LockRefused
from omemsim.study.shards import writable
from omemsim.study.typed import quoted
from omemsim.vocabulary.errors import InputError

__all__ = ["Driver", "Lock", "clock", "driver_of"]

FILE = "driver.lock"
TRIES = 5
# What the system says where another has the lock; only Windows calls that a lack of permission.
Held = PermissionError if sys.platform == "win32" else BlockingIOError
FAR = 1 << 30  # the byte locked on Windows, where nobody can read a byte that is locked


@dataclass(frozen=True)
class Driver:
    """Who writes in a store: process, machine, the command given, seconds since 1970 (UTC)."""

    pid: int
    host: str
    command: str
    since: float

    def text(self) -> str:
        """Say who it is in a line."""
        return f"process {self.pid} on {self.host} since {clock(self.since)}: {self.command}"


class Lock:
    """The right to write in a store's folder, until `release` or the end of this process.

    What the file says means nothing unless the system holds a lock on it: one that a killed
    driver left behind blocks nobody.

    Raises
    ------
    InputError
        If another driver is at work in the folder, or the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        with writable(folder), self._left_clean():
            file = _take(self.path)
            for _ in range(TRIES):
                # Nobody named in it: somebody is asking who is at work, or is just beginning.
                if file is not None or _said(self.path) is not None:
                    break
                time.sleep(0.1)
                file = _take(self.path)
            if file is None:
                raise InputError(_told(folder))
            self._file = file
            self._file.truncate(0)
            self._file.write(json.dumps(asdict(_this_process())).encode())
            self._file.flush()

    @contextlib.contextmanager
    def _left_clean(self) -> Iterator[None]:
        """Take the file away if no lock is to be had and nobody is named in it."""
        try:
            yield
        except LockRefused:
            with contextlib.suppress(OSError):
                if not self.path.stat().st_size:
                    self.path.unlink()
            raise

    def release(self) -> None:
        """Let go, and take the file away."""
        with contextlib.suppress(OSError):
            # Before letting go, so that who waits for it finds it gone, and makes another.
            self.path.unlink(missing_ok=True)
        self._file.close()
        if sys.platform == "win32":  # it removes no open file
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)


def driver_of(folder: Path) -> Driver | None:
    """Return who is at work in a store, None if nobody is."""
    path = folder / FILE
    try:
        file = _take(path, mode="rb")
    except OSError:
        return None
    if file is not None:
        file.close()
        return None
    return _said(path) or Driver(0, "an unknown machine", "an unknown command", time.time())


def _said(path: Path) -> Driver | None:
    try:
        return Driver(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def _this_process() -> Driver:
    program = Path(sys.argv[0] or "python")
    name = program.parent.name if program.name == "__main__.py" else program.name
    return Driver(os.getpid(), socket.gethostname(), shlex.join([name, *sys.argv[1:]]), time.time())


def _told(folder: Path) -> str:
    holder = driver_of(folder)
    who = f" ({holder.text()})" if holder else ""
    return (
        f"{folder}: another study is at work in this store{who}. Wait for it (`omemsim status "
        f"{quoted(folder)}` says how far it is), stop it, or name another folder with "
        "store=."
    )


def clock(seconds: float) -> str:
    """Return a time (seconds since 1970) as the clock here has it, with its zone."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat(" ", "seconds")


def _take(path: Path, mode: str = "a+b") -> IO[bytes] | None:
    """Return the file with the system's lock on it, None if another has it."""
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
