"""Where results are written, and what is said if they cannot be."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from omemsim.cli.words import Words
from omemsim.vocabulary.errors import InputError, OmemError

__all__ = ["RESULTS", "results_folder", "saving", "told_what_is_kept"]

RESULTS = Path("omemsim-results")
PROVENANCE = "provenance.json"  # as `study.provenance` writes it, which takes a while to import
TABLES = (
    PROVENANCE,
    "series.csv",
    "comparison.csv",
    "diagnosis.csv",  # of earlier versions
    "zones.csv",
    "ablation.csv",
    "headline.csv",
    "loops.csv",
    "zone_moves.csv",
    "claims.csv",
    "validation.csv",
    "trial.csv",
    "trial_weeks.csv",
    "trial_displacement.csv",
    "results.csv",
    "hindcast.csv",
    "calibration.csv",
    "sensitivity.csv",
    "front.csv",
    "mixes.csv",
    "boxes.csv",
)
PROBE_BYTES = 1 << 16  # what must fit on the disk before a run is worth starting


@contextlib.contextmanager
def results_folder(
    words: Words, command: str, *, key: str = "out", study: str | None = None
) -> Iterator[Path]:
    """Give a folder that can be written, made if need be; take it away again if empty.

    Parameters
    ----------
    words : what was typed; the folder's name is among its own values.
    command : its name, of which a folder's usual name is made.
    key : "out", or "store".
    study : the command that makes the results; a folder with those of another is refused.

    Raises
    ------
    InputError
        If a file stands there, the folder cannot be made or written, or holds another study.
    """
    text = words.own.get(key)
    folder = Path(text).expanduser() if text else _default(key, command)
    missing = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    try:
        _check_writable(folder, key)
        if study is not None:
            _check_same(folder, study)
        yield folder
    finally:
        for path in missing:
            with contextlib.suppress(OSError):
                path.rmdir()  # succeeds only if empty


def _default(key: str, command: str) -> Path:
    if key == "store":
        return RESULTS / "store"
    stamp = datetime.datetime.now().strftime("%Y-%m-%d-%H%M%S")
    first = RESULTS / f"{stamp}-{command}"
    later = (first.with_name(f"{first.name}-{k}") for k in range(2, 1000))
    return next(path for path in (first, *later) if not path.exists())


def _check_writable(folder: Path, key: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(PROBE_BYTES))
            probe.flush()
            os.fsync(probe.fileno())
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(f"{key}={folder}: a file stands there; name a folder.") from error
    except OSError as error:
        from omemsim.study.refused import advice

        raise InputError(
            f"{key}={folder}: cannot write there ({error.strerror}). "
            f"{advice(error, f'{key}=')}, as {key}=results."
        ) from error


def _check_same(folder: Path, study: str) -> None:
    """Refuse a folder that holds what another command wrote; the same one may write again."""
    found = [name for name in TABLES if (folder / name).exists()]
    written = _command_of(folder / PROVENANCE)
    if found and written != study:
        raise InputError(
            f"out={folder}: already holds {', '.join(found)} of another study "
            f"({written or 'its command is not known'}). Name another folder, or remove this one."
        )


def _command_of(path: Path) -> str | None:
    """Return the command that a provenance states, None if there is none to be read."""
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["command"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


@contextlib.contextmanager
def saving(out: Path, what: str) -> Iterator[None]:
    """Say where and which results are missing if they cannot be written.

    Raises
    ------
    InputError
        If the disk is full or the folder cannot be written any more.
    """
    try:
        yield
    except (OSError, InputError) as error:
        from omemsim.study.refused import advice

        cause = error.__cause__ or error
        reason = getattr(cause, "strerror", None) or str(cause)
        raise InputError(
            f"{out}: cannot write there ({reason}). The output above is all that is left of "
            f"{what}. {advice(cause, 'out=')}, and give the command again."
        ) from error


@contextlib.contextmanager
def told_what_is_kept(store: Path) -> Iterator[None]:
    """Say, if the user stops what is done inside, that runs were kept, if any were."""
    begun = int(time.time())  # as runs are dated
    try:
        yield
    except KeyboardInterrupt as stop:
        if not stop.args and _finished_since(store, begun):  # who knows more has said it
            stop.args = ("The same command continues from the runs that were kept.",)
        raise


def _finished_since(store: Path, begun: int) -> int:
    from omemsim.study.reader import Reader

    with contextlib.suppress(OmemError), Reader(store) as kept:
        return kept.finished_since(begun)
    return 0
