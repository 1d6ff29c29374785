"""Bulky results as files: many arrays in one, and there whole or not at all."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.study.identity import plain
from omemsim.study.refused import advice
from omemsim.vocabulary.errors import InputError

__all__ = ["pack", "shard_of", "unpack", "whole", "writable", "write_whole"]

ARRAY = "__array__"


def shard_of(folder: Path, run_id: str) -> Path:
    """Return the file of a run's series in a store's folder."""
    return folder / "series" / run_id[:2] / f"{run_id}.npz"


def pack(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> bytes:
    """Return arrays and meta as the bytes of an NPZ file; equal input gives equal bytes.

    Arrays inside ``meta`` are kept as arrays; its tuples come back as lists.
    """
    entries = dict(arrays)

    def set_aside(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            name = f"{ARRAY}{len(entries)}"
            entries[name] = value
            return {ARRAY: name}
        if isinstance(value, Mapping):
            return {str(key): set_aside(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [set_aside(item) for item in value]
        return value.item() if isinstance(value, np.generic) else value

    text = json.dumps(set_aside(meta), default=plain)
    entries["meta"] = np.frombuffer(text.encode(), np.uint8)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in entries.items():
            # A bare ZipInfo carries no clock time; level 1 costs a third of level 6.
            entry = io.BytesIO()
            np.lib.format.write_array(entry, np.asanyarray(array), allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy"), entry.getbuffer(), zipfile.ZIP_DEFLATED, 1
            )
    return file.getvalue()


def unpack(file: Path | bytes) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays and the meta that `pack` was given."""
    with np.load(io.BytesIO(file) if isinstance(file, bytes) else file) as entries:
        arrays = {name: entries[name] for name in entries.files}

    def put_back(value: dict[str, Any]) -> Any:
        return arrays.pop(value[ARRAY]) if value.keys() == {ARRAY} else value

    meta = json.loads(arrays.pop("meta").tobytes(), object_hook=put_back)
    return arrays, meta


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is there whole or not at all, even after a power cut.

    Raises
    ------
    InputError
        If the folder is full or read-only.
    """
    with whole(path) as temporary:
        temporary.write_bytes(content)


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a file to write that takes the place of ``path`` at the end, if all went well.

    Raises
    ------
    InputError
        If the folder is full or read-only.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with writable(path.parent):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            with open(temporary, "rb+") as file:
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Turn a full disk, a read-only folder or another refusal into one clear message.

    Raises
    ------
    InputError
        In the place of an `OSError` or an error of SQLite, with what to do about it.
    """
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(
            f"{folder}: cannot write here ({reason}). {advice(error)}; finished runs are kept, "
            "and the same command goes on from there."
        ) from error
