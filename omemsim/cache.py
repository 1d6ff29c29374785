"""Where compiled code is kept from one start to the next: a folder of this user's alone.

What is kept is pickled, so whoever can write there can have code run as this user. A folder or a
file that another user owns or can write is therefore not read, and none is made where others
could have made it before. Every file carries a digest of what it is for and of what it holds: one
that is damaged, cut short or made for another machine is a miss, and is written again.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Cache", "cache_for", "distrust"]

DIGEST = 32  # bytes of SHA-256, ahead of what a file holds
STAMP = "complete.json"  # names the files of the whole model, once all are there
UNUSED_DAYS = 60  # after which what other versions kept is removed
DAY = 86_400  # seconds
HANDED_ON = "OMEMSIM_PRIVATE_CACHE"  # a process's own folder, told to those that it starts
KEPT = re.compile(r"[0-9a-f]{16}")  # what our folders are called


class _UnusableError(Exception):
    """A folder cannot be used; says which, why and what to do."""


class _DistrustedError(_UnusableError):
    """Others may have put something into a folder."""


@dataclass
class Cache:
    """Files of one identity (sources, versions, processor), each found by its name.

    Attributes
    ----------
    folder : where they are; None where no folder can be written.
    identity : what the files are for; part of their digests.
    problem : why the next start will not find them, and what to do; empty if it will.
    warning : which folder was passed over since others may have written to it; empty if none.
    """

    folder: Path | None
    identity: str
    problem: str = ""
    warning: str = ""

    def read(self, name: str) -> bytes | None:
        """Return what a file holds; None if missing, damaged, foreign or not to be trusted."""
        if self.folder is None:
            return None
        try:
            with open(self.folder / name, "rb") as file:
                if distrust(os.fstat(file.fileno()), _user(), is_file=True):
                    return None
                digest, data = file.read(DIGEST), file.read()
        except OSError:
            return None
        return data if digest == self._digest(name, data) else None

    def write(self, name: str, data: bytes) -> bool:
        """Keep a file whole or not at all; return whether it is kept."""
        if self.folder is None:
            return False
        try:
            handle, written = tempfile.mkstemp(prefix=".", dir=self.folder)
            try:
                with open(handle, "wb") as file:
                    file.write(self._digest(name, data) + data)
                os.replace(written, self.folder / name)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(written)
                raise
        except OSError as error:
            if self.read(name) == data:  # Windows: another process reads what it has written
                return True
            self.problem = _cannot_write(self.folder, error)
            return False
        return True

    def is_complete(self) -> bool:
        """Return whether every file that the stamp names is there and sound."""
        names = self._stamped()
        return bool(names) and all(self.read(name) is not None for name in names)

    def stamp(self, names: Sequence[str]) -> None:
        """Say that these files are the whole model."""
        self.write(STAMP, json.dumps(sorted(names)).encode())

    def sweep(self) -> None:
        """Remove what other versions kept and nobody has used for `UNUSED_DAYS`."""
        if self.folder is None:
            return
        now = time.time()
        with contextlib.suppress(OSError):
            for path in self.folder.iterdir():
                if path.name.startswith(".") and now - path.lstat().st_mtime > DAY:
                    path.unlink()  # a process was killed while it wrote
        with contextlib.suppress(OSError):
            for path in self.folder.parent.iterdir():
                if path != self.folder and _is_left(path, now):
                    shutil.rmtree(path, ignore_errors=True)

    def _stamped(self) -> list[str]:
        try:
            return [str(name) for name in json.loads(self.read(STAMP) or b"[]")]
        except ValueError:
            return []

    def _digest(self, name: str, data: bytes) -> bytes:
        return hashlib.sha256(f"{self.identity}\n{name}\n".encode() + data).digest()


def cache_for(identity: str) -> Cache:
    """Return the cache of an identity, in the first folder that will do.

    That is the user's own, else a private one beside the system's temporary files, else one that
    ends with this process and those it starts.
    """
    handed = os.environ.get(HANDED_ON)
    if handed and os.path.isdir(handed):
        with contextlib.suppress(_UnusableError):
            return Cache(_folder(Path(handed), identity, is_private=True), identity)
    try:
        return Cache(_folder(_home(), identity), identity)
    except _UnusableError as error:
        problem = str(error)
        warning = problem if isinstance(error, _DistrustedError) else ""
    with contextlib.suppress(_UnusableError):
        mine = Path(tempfile.gettempdir()) / f"omemsim-{max(_user(), 0)}"
        return Cache(_folder(mine, identity, is_private=True), identity, warning=warning)
    with contextlib.suppress(_UnusableError, OSError):
        own = _folder(_made_for_this_process(), identity, is_private=True)
        return Cache(own, identity, problem, warning)
    return Cache(None, identity, problem, warning)


def distrust(info: os.stat_result, user: int, *, is_file: bool = False) -> str:
    """Return why what is kept there is not to be trusted, empty if it is.

    Parameters
    ----------
    info : of the folder or file itself, not of what a link leads to.
    user : who asks, as `os.getuid` says; below 0 where the system has no such numbers.
    is_file : whether a file is looked at, and not a folder.
    """
    if not (stat.S_ISREG if is_file else stat.S_ISDIR)(info.st_mode):
        return "it is a link, or something else that stands in the way"
    if user < 0:
        return ""
    if info.st_uid not in (user, 0):  # the administrator can do anything anyway
        return f"it belongs to another user (number {info.st_uid})"
    if info.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "other users can write there"
    return ""


def _folder(root: Path, identity: str, *, is_private: bool = False) -> Path:
    """Return the folder of an identity under a root, made if need be; raise if it will not do."""
    folder = root / identity
    try:
        if not is_private:
            root.parent.mkdir(parents=True, exist_ok=True)
        for path in (root, folder):
            with contextlib.suppress(FileExistsError):
                path.mkdir(mode=0o700)
        if is_private:
            _check(root)
        _check(folder)
        if not os.access(folder, os.W_OK | os.X_OK) and not Cache(folder, identity).is_complete():
            raise PermissionError(13, os.strerror(13))
    except OSError as error:
        raise _UnusableError(_cannot_write(folder, error)) from error
    with contextlib.suppress(OSError):
        if time.time() - folder.stat().st_mtime > DAY:
            os.utime(folder)  # it is in use: see `sweep`
    return folder


def _check(folder: Path) -> None:
    """Raise if others may have put something into a folder."""
    reason = distrust(os.lstat(folder), _user())
    if reason:
        raise _DistrustedError(
            f"{folder} is not used, since {reason}, and compiled code is only read where nobody "
            f"else can write. Remove it, or set {_variable()} to a folder of your own."
        )


def _cannot_write(folder: Path, error: OSError) -> str:
    reason = error.strerror or str(error)
    return f"{folder} cannot be written ({reason}). Set {_variable()} to one that you can write to."


def _variable() -> str:
    """Return the variable that says where the cache goes."""
    return "NUMBA_CACHE_DIR" if os.environ.get("NUMBA_CACHE_DIR") else "XDG_CACHE_HOME"


def _home() -> Path:
    named = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    if named:
        return Path(named).absolute() / "omemsim"
    try:
        return Path.home() / ".cache" / "omemsim"
    except RuntimeError as error:
        raise _UnusableError(
            f"No home folder is known. Set {_variable()} to a folder that you can write to."
        ) from error


def _user() -> int:
    """Return the user's number, -1 where the system has none (Windows)."""
    return os.getuid() if hasattr(os, "getuid") else -1


def _made_for_this_process() -> Path:
    """Return a new folder that is removed at exit, and tell processes that this one starts."""
    made, maker = tempfile.mkdtemp(prefix="omemsim-"), os.getpid()

    def remove() -> None:
        if os.getpid() == maker:  # a fork of this process ends before it
            shutil.rmtree(made, ignore_errors=True)

    atexit.register(remove)
    os.environ[HANDED_ON] = made
    return Path(made)


def _is_left(path: Path, now: float) -> bool:
    """Return whether a folder is one of ours that has not been used for long."""
    info = path.lstat()
    is_ours = KEPT.fullmatch(path.name) and not distrust(info, _user())
    return bool(is_ours) and now - info.st_mtime > UNUSED_DAYS * DAY
