"""Where a blueprint comes from: drawn, or read from a table. Kept, since reading is slow."""

from __future__ import annotations

from pathlib import Path

from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.build import draw_blueprint
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
    from omemsim.inputs.tables import read_blueprint  # late: it needs SciPy, a drawn town does not

    key = repr((config, [_stamp(path) for path in (config.file, config.adjacency)]))
    if key not in _kept:
        _kept[key] = read_blueprint(config)
    return _kept[key]


def _stamp(path: str | None) -> tuple[int, int] | None:
    """Return what changes when a file is edited, so that it is read again in a notebook."""
    try:
        status = Path(path or "").stat()
    except OSError:
        return None  # a preset's file, elsewhere: those do not change
    return status.st_mtime_ns, status.st_size
