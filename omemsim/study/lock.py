"""One driver for a store: a lock that the system lets go of when its holder dies."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from omemsim.locks import LockRefused, let_go, take
from omemsim.present.shell import joined, quoted
from omemsim.study.series_files import writable
from omemsim.vocabulary.errors import InputError

__all__ = ["Driver", "Lock", "clock", "driver_of"]

FILE = "driver.lock"
TRIES = 5


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
            file = take(self.path)
            for _ in range(TRIES):
                # Nobody named in it: somebody is asking who is at work, or is just beginning.
                if file is not None or _said(self.path) is not None:
                    break
                time.sleep(0.1)
                file = take(self.path)
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
        let_go(self._file, self.path)


def driver_of(folder: Path) -> Driver | None:
    """Return who is at work in a store, None if nobody is."""
    path = folder / FILE
    try:
        file = take(path, mode="rb")
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
    return Driver(os.getpid(), socket.gethostname(), joined([name, *sys.argv[1:]]), time.time())


def _told(folder: Path) -> str:
    holder = driver_of(folder)
    who = f" ({holder.text()})" if holder else ""
    return (
        f"{folder}: another study is using this store{who}. Wait for it (`omemsim status "
        f"{quoted(folder)}` says how far it is), stop it, or name another folder with "
        "store=."
    )


def clock(seconds: float) -> str:
    """Return a time (seconds since 1970) as the clock here has it, with its zone."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat(" ", "seconds")
