"""What to do where the system refuses to write: it depends on why it does."""

from __future__ import annotations

import errno
from collections.abc import Iterable

from omemsim.locks import LockRefused

__all__ = ["advice"]


FULL, LOCKS, FORBIDDEN, READ_ONLY, LIMIT, BROKEN, OTHER = (
    *("full", "locks", "forbidden", "read-only", "limit", "broken", "other"),
)


def _numbers(*names: str) -> Iterable[int]:
    """Return the error numbers of these names that this system has."""
    return (getattr(errno, name) for name in names if hasattr(errno, name))


KINDS: dict[int, str] = {
    **dict.fromkeys(_numbers("ENOSPC", "EDQUOT"), FULL),
    **dict.fromkeys(_numbers("ENOLCK"), LOCKS),
    **dict.fromkeys(_numbers("EACCES", "EPERM"), FORBIDDEN),
    **dict.fromkeys(_numbers("EROFS"), READ_ONLY),
    **dict.fromkeys(_numbers("EFBIG", "EMFILE", "ENFILE"), LIMIT),
    **dict.fromkeys(_numbers("EIO", "ESTALE", "ENODEV", "ENXIO"), BROKEN),
}
# Beginnings of SQLite's names of errors, the longer ones first.
OF_SQLITE = {
    "SQLITE_FULL": FULL,
    "SQLITE_IOERR_LOCK": LOCKS,
    "SQLITE_IOERR_RDLOCK": LOCKS,
    "SQLITE_IOERR_UNLOCK": LOCKS,
    "SQLITE_IOERR_CHECKRESERVEDLOCK": LOCKS,
    "SQLITE_IOERR_SHM": LOCKS,
    "SQLITE_PROTOCOL": LOCKS,
    "SQLITE_IOERR": BROKEN,
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_PERM": FORBIDDEN,
    "SQLITE_CANTOPEN": FORBIDDEN,
}
ADVICE = {
    FULL: "Free some space or name another folder with {places}",
    LOCKS: "This file system does not lock files, as some network folders do not: name a folder on "
    "a disk of this machine with {places}",
    FORBIDDEN: "You may not write there: name a folder of your own with {places}",
    READ_ONLY: "Nothing can be written there: name another folder with {places}",
    LIMIT: "The system limits what one process may open or write (`ulimit -a`): raise the limit or "
    "name another folder with {places}",
    BROKEN: "The disk or its connection failed: see to it, or name another folder with {places}",
    OTHER: "Name another folder with {places}",
}


def advice(error: BaseException, places: str = "store= or out=") -> str:
    """Return what to do about an error of writing, a sentence without its full stop.

    Parameters
    ----------
    error : an `OSError`, or an error of SQLite.
    places : the words that name a folder.
    """
    return ADVICE[_kind(error)].format(places=places)


def _kind(error: BaseException) -> str:
    if isinstance(error, LockRefused):
        return LOCKS
    name = getattr(error, "sqlite_errorname", None) or ""
    for beginning, kind in OF_SQLITE.items():
        if name.startswith(beginning):
            return kind
    return KINDS.get(getattr(error, "errno", None) or 0, OTHER)
