"""Where a blueprint comes from: drawn, or read from a table and kept, since reading is slow."""

from __future__ import annotations

from pathlib import Path

from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.build import draw_blueprint
from omemsim.inputs.config import TABLE_FILES
from omemsim.inputs.scenario import TownConfig
from omemsim.vocabulary.once import once

__all__ = ["blueprint_of"]

_kept: dict[str, Blueprint] = {}
_drawn = once(draw_blueprint)  # for one config after another


def blueprint_of(config: TownConfig) -> Blueprint:
    """Return the blueprint of a town's config.

    Raises
    ------
    InputError
        If a table is missing or wrong; the message lists every problem of it.
    """
    if config.kind == "synthetic":
        return _drawn(config)
    from omemsim.inputs.tables import read_blueprint  # late: a drawn town needs no reader

    key = repr((config, [_stamp(path) for path in _files_of(config)]))
    if key not in _kept:
        _kept[key] = read_blueprint(config)
    return _kept[key]


def _files_of(config: TownConfig) -> tuple[str | None, ...]:
    """Return the paths of the files that a blueprint is read from."""
    return tuple(getattr(config, key) for key in TABLE_FILES)


def _stamp(path: str | None) -> tuple[int, int] | None:
    """Return what changes when a file is edited, so that it is read again in a notebook."""
    try:
        status = Path(path or "").stat()
    except OSError:
        return None  # a preset's file, elsewhere: those do not change
    return status.st_mtime_ns, status.st_size
