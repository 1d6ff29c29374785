"""Where a table's neighbourhoods are and who borders whom, from whatever it comes with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from omemsim.inputs import geography
from omemsim.inputs.tables.impute import known
from omemsim.inputs.tables.problems import Problems
from omemsim.inputs.tables.read import find_file, read_table
from omemsim.present.text import counted, some
from omemsim.vocabulary.errors import InputError, nearest

__all__ = ["Layout", "Place", "optional_file", "place", "read_adjacency", "read_polygons"]

DENSITY = 3000.0
"""Residents per km2, where a table has no areas (assumed)."""
_OPTIONAL = "optional "


@dataclass(frozen=True)
class Layout:
    """What files say of space: outlines and neighbours, each None if there is no file."""

    rings: list[list[NDArray[np.float64]]] | None = None
    in_degrees: bool = True
    adjacency: NDArray[np.int32] | None = None


@dataclass(frozen=True)
class Place:
    """Centres in metres (N, 2), areas in km2 (N,), neighbours (M, 2)."""

    xy: NDArray[np.float64]
    area: NDArray[np.float64]
    adjacency: NDArray[np.int32]


def optional_file(name: str | None, *, setting: str, beside: Path, notes: list[str]) -> Path | None:
    """Find a file; ``optional NAME`` need not exist, and a note says so.

    Parameters
    ----------
    name : a path, or ``optional`` and a path; None or empty gives None.
    setting : the config key to name in messages, such as "town.polygons".
    beside : the folder that is looked in first.
    notes : gets a sentence if an optional file is not there.

    Raises
    ------
    InputError
        A name without ``optional`` is not found.
    """
    if not name:
        return None
    try:
        return find_file(name.removeprefix(_OPTIONAL), setting=setting, beside=beside)
    except InputError:
        if not name.startswith(_OPTIONAL):
            raise
    notes.append(f"{setting}: {name.removeprefix(_OPTIONAL)} is not beside the table; not used.")
    return None


def read_adjacency(
    path: Path, ids: Sequence[str], *, problems: Problems, notes: list[str]
) -> NDArray[np.int32]:
    """Read pairs of identifiers, the first two columns of a table, as row numbers (M, 2).

    Parameters
    ----------
    path : a CSV or TSV file with a header; columns after the second are not read.
    ids : of the N neighbourhoods, in the order of their rows.
    problems : gets every identifier that is none of ``ids``.
    notes : gets what was noticed about the file, and pairs of one with itself.

    Raises
    ------
    InputError
        If the file cannot be read, has one column, or has no header.
    """
    table = read_table(path, problems)
    notes.extend(table.notes)
    row_of = {own: row for row, own in enumerate(ids)}
    if len(table.header) < 2:
        raise InputError(f"{path}: one column {table.header[0]!r}; two of identifiers are needed.")
    if set(table.header[:2]) <= set(row_of):
        raise InputError(f"{path}: the first line holds identifiers; a header line is needed.")
    pairs = set()
    itself = [str(row.line) for row in table.rows if row.cells[0] == row.cells[1]]
    if itself:
        notes.append(
            f"{path.name}: a neighbourhood is no neighbour of its own; ignored: row {some(itself)}."
        )
    for row in table.rows:
        for column, own in zip(table.header[:2], row.cells[:2], strict=True):
            if own not in row_of:
                reason = f"is not an identifier of the table of neighbourhoods.{nearest(own, ids)}"
                problems.cell(table.path, row.line, column, value=own, reason=reason)
        ends = sorted(row_of.get(own, -1) for own in row.cells[:2])
        if -1 < ends[0] < ends[1]:
            pairs.add((ends[0], ends[1]))
    return np.array(sorted(pairs), dtype=np.int32).reshape(-1, 2)


def read_polygons(
    features: geography.Features,
    ids: Sequence[str],
    *,
    id_column: str,
    problems: Problems,
    notes: list[str],
) -> list[list[NDArray[np.float64]]]:
    """Return the outline of each neighbourhood, matched by identifier, in the table's order.

    Parameters
    ----------
    features : of the file; those of one identifier are joined, those of others left out.
    ids : of the N neighbourhoods, in the order of their rows.
    id_column : the property that holds identifiers; ``id`` where the file does not have it.
    problems : gets every neighbourhood without a feature.
    notes : gets a sentence on what was left out.

    Raises
    ------
    InputError
        If no feature has such a property.
    """
    names = sorted(set().union(*features.properties))
    key = id_column if id_column in names else "id"
    if key not in names:
        hint = nearest(id_column, names)
        raise InputError(
            f"{features.path}: no feature has the property {id_column!r} or 'id'.{hint} "
            f"Properties: {', '.join(names) or 'none'}."
        )
    by_id: dict[str, list[NDArray[np.float64]]] = {}
    for own, rings in zip(features.properties, features.rings, strict=True):
        by_id.setdefault(own.get(key, ""), []).extend(rings)
    lost = [own for own in ids if own not in by_id]
    if lost:
        hint = nearest(lost[0], by_id)
        shown = some(map(repr, lost))
        problems.add(f"{features.path}, property {key!r}: no feature for {shown}.{hint}")
    extra = sorted(by_id.keys() - set(ids))
    if extra:
        notes.append(f"{counted(len(extra), 'polygon')} of other areas left out: {some(extra)}.")
    return [by_id.get(own, []) for own in ids]


def place(
    layout: Layout,
    values: Mapping[str, NDArray[np.float64]],
    *,
    ids: Sequence[str],
    notes: list[str],
) -> Place:
    """Give every neighbourhood a position, from the best information there is.

    Parameters
    ----------
    layout : what files say; outlines and neighbours of the N rows.
    values : field -> (N,) of all fields read: ``x`` and ``y`` in metres, or ``lon`` and ``lat`` in
        degrees, ``area_km2``, ``population``.
    ids : of the N neighbourhoods.
    notes : gets a sentence for each guess.
    """
    area = _area(layout, values, notes=notes)
    spacing = 1000 * float(np.sqrt(area.mean()))
    cells, cell_pairs = geography.grid(len(ids), spacing=spacing)
    xy = _centres(layout, values)
    if xy is not None:
        xy = _with_lost(xy, spacing=spacing, ids=ids, notes=notes)
    if xy is None:
        notes.append("No coordinates: neighbourhoods are laid out on a square grid, in file order.")
    pairs = layout.adjacency
    if pairs is None:
        pairs = cell_pairs if xy is None else _neighbours(layout, xy, notes=notes)
    alone = [own for row, own in enumerate(ids) if row not in pairs]
    if alone:
        notes.append(f"Without any neighbour: {some(alone)}.")
    return Place(cells if xy is None else xy, area, pairs)


def _area(
    layout: Layout, values: Mapping[str, NDArray[np.float64]], *, notes: list[str]
) -> NDArray[np.float64]:
    area = known(values, "area_km2", notes=notes)
    if area is not None:
        return area
    if layout.rings is not None and all(layout.rings):
        notes.append("area_km2: not in the table; measured from the polygons.")
        return geography.areas(layout.rings, in_degrees=layout.in_degrees)
    notes.append(f"area_km2: not in the table; {DENSITY:g} residents per km2 are assumed.")
    return values["population"] / DENSITY


def _centres(
    layout: Layout, values: Mapping[str, NDArray[np.float64]]
) -> NDArray[np.float64] | None:
    if "x" in values:
        return np.column_stack([values["x"], values["y"]])
    if "lon" in values:
        known = ~np.isnan(values["lon"] + values["lat"])
        xy = np.full((known.size, 2), np.nan)
        if known.any():
            xy[known] = geography.project(values["lon"][known], values["lat"][known])
        return xy
    if layout.rings is None or not all(layout.rings):
        return None
    middle = geography.centres(layout.rings)
    return geography.project(middle[:, 0], middle[:, 1]) if layout.in_degrees else middle


def _with_lost(
    xy: NDArray[np.float64], *, spacing: float, ids: Sequence[str], notes: list[str]
) -> NDArray[np.float64] | None:
    """Put places without coordinates in a line south of the others; None if none has any."""
    lost = np.flatnonzero(np.isnan(xy).any(axis=1))
    if not lost.size:
        return xy
    known = np.delete(xy, lost, axis=0)
    if not len(known):
        return None
    xy[lost, 0] = known[:, 0].min() + spacing * np.arange(lost.size)
    xy[lost, 1] = known[:, 1].min() - spacing
    shown = some([ids[row] for row in lost.tolist()])
    notes.append(
        f"{counted(int(lost.size), 'neighbourhood')} without coordinates laid out south of the "
        f"others: {shown}."
    )
    return xy


def _neighbours(layout: Layout, xy: NDArray[np.float64], *, notes: list[str]) -> NDArray[np.int32]:
    if layout.rings is not None and all(layout.rings):
        shared = geography.contiguity(layout.rings)
        if len(shared):
            notes.append("adjacency: no file; neighbours are polygons that share a corner.")
            return shared
    notes.append("adjacency: no file; neighbours come from a triangulation of the centres.")
    return geography.triangulate(xy)
