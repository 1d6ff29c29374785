"""A table that is a map, and the files that come with a table: outlines and neighbours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from omemsim.inputs import geography
from omemsim.inputs.tables import space
from omemsim.inputs.tables.columns import Columns
from omemsim.inputs.tables.grid import Row, Table
from omemsim.inputs.tables.problems import Problems
from omemsim.present.text import counted, some

__all__ = ["FilesBeside", "Map", "load_map"]


class Beside(Protocol):
    """The fields of a town's config that name other files."""

    @property
    def adjacency(self) -> str | None: ...
    @property
    def polygons(self) -> str | None: ...


@dataclass(frozen=True)
class Map:
    """The properties of a file of polygons as a table, and the polygons."""

    table: Table
    features: geography.Features


def load_map(path: Path) -> Map:
    """Read a file of polygons as a table with one row a feature.

    Raises
    ------
    InputError
        If it is none.
    """
    features = geography.read_features(path)
    header = tuple(dict.fromkeys(name for own in features.properties for name in own))
    rows = tuple(
        Row(number, tuple(own.get(name, "") for name in header))
        for number, own in enumerate(features.properties, start=1)
    )
    notes = list(features.notes)
    return Map(Table(str(path), header, rows, unit="feature", notes=notes), features)


class FilesBeside:
    """The files that come with a table: polygons and neighbours.

    Parameters
    ----------
    config : which files they are; ``optional NAME`` need not exist.
    path : of the table, beside which they are looked for first.
    columns : the rows that are used.
    problems, notes : get what is wrong with the files, and what was worked out.
    """

    def __init__(
        self,
        config: Beside,
        path: Path,
        *,
        columns: Columns,
        problems: Problems,
        notes: list[str],
    ) -> None:
        self.config = config
        self.folder = path.parent
        self.columns = columns
        self.problems = problems
        self.notes = notes

    def layout(self, features: geography.Features | None, *, id_column: str) -> space.Layout:
        """Read what there is; ``features`` are those of a table that is itself a map."""
        layout = space.Layout()
        if features is not None:
            layout = self._outlines(features)
        if any(self.columns.ids):
            with self.problems.gather():
                layout = self._polygons(layout, id_column)
            with self.problems.gather():
                layout = self._neighbours(layout)
        return layout

    def _outlines(self, features: geography.Features) -> space.Layout:
        """Return the outlines of the rows; none, and a note, if some have none."""
        rings = [features.rings[row.line - 1] for row in self.columns.rows]
        lost = [name for name, own in zip(self.columns.names, rings, strict=True) if not own]
        if not lost:
            return space.Layout(rings, features.in_degrees)
        self.notes.append(
            f"{counted(len(lost), 'neighbourhood')} without an outline ({some(lost)}), so none "
            "is used."
        )
        return space.Layout()

    def _find(self, name: str | None, setting: str) -> Path | None:
        return space.optional_file(name, setting=setting, beside=self.folder, notes=self.notes)

    def _polygons(self, layout: space.Layout, id_column: str) -> space.Layout:
        file = self._find(self.config.polygons, "town.polygons")
        if file is None:
            return layout
        features = geography.read_features(file)
        rings = space.read_polygons(
            features,
            self.columns.ids,
            id_column=id_column,
            problems=self.problems,
            notes=self.notes,
        )
        return replace(layout, rings=rings, in_degrees=features.in_degrees)

    def _neighbours(self, layout: space.Layout) -> space.Layout:
        file = self._find(self.config.adjacency, "town.adjacency")
        if file is None:
            return layout
        pairs = space.read_adjacency(
            file, self.columns.ids, problems=self.problems, notes=self.notes
        )
        return replace(layout, adjacency=pairs)
