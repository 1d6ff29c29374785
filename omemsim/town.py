"""The state of a town: tables of NumPy columns, written in place, and nothing else."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omemsim.vocabulary.columns import COLUMNS

__all__ = ["Table", "Town"]


NOT_COLUMNS = ("name", "_first")


class Table:
    """Columns of equal length as attributes; which ones, `vocabulary.columns` declares."""

    def __init__(self, name: str, rows: int) -> None:
        self.name = name
        mine = [column for column in COLUMNS if column.table == name]
        self._first = mine[0].name  # counts the rows
        for column in mine:
            shape = (rows, column.width) if column.width > 1 else (rows,)
            setattr(self, column.name, np.zeros(shape, column.dtype))

    if TYPE_CHECKING:  # a real ``__getattr__`` would make every column four times slower to reach

        def __getattr__(self, name: str) -> NDArray[Any]: ...

        # ``table.column *= 2`` writes in place, and puts the same array back
        def __setattr__(self, name: str, value: Any) -> None: ...

    def __len__(self) -> int:
        return len(getattr(self, self._first))

    def replace(self, **columns: NDArray[Any]) -> None:
        """Put other rows in place of all there are; every column must be given."""
        if columns.keys() != vars(self).keys() - NOT_COLUMNS:
            raise ValueError(f"expected the columns {list(self.columns())}, got {list(columns)}")
        mine = vars(self)
        for name, values in columns.items():
            kind = mine[name].dtype
            mine[name] = values if values.dtype == kind else values.astype(kind)

    def copy(self) -> Table:
        """Return a table that shares no column with this one."""
        other = copy.copy(self)
        vars(other).update({name: values.copy() for name, values in self.columns().items()})
        return other

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the columns by name, in the order of their declaration."""
        return {name: value for name, value in vars(self).items() if name not in NOT_COLUMNS}


class Town:
    """Everything that a week reads and writes; a pure function of it makes the next week.

    Parameters
    ----------
    seed : the luck of this run (`vocabulary.luck.replicate_seed`).
    rows : rows of each table; what comes and goes (incidents, calls, custody...) starts empty.
    adjoining : neighbours of neighbourhood n are ``adjoining[start[n]:start[n + 1]]``.
    """

    def __init__(self, seed: int, rows: dict[str, int]) -> None:
        self.seed = seed
        self.week = 0
        self.born = 0  # the week its records begin
        self.neighbourhoods = Table("neighbourhoods", rows["neighbourhoods"])
        self.places = Table("places", rows["places"])
        self.households = Table("households", rows["households"])
        self.residents = Table("residents", rows["residents"])
        self.agencies = Table("agencies", rows["agencies"])
        self.officers = Table("officers", rows["officers"])
        self.initiatives = Table("initiatives", rows["initiatives"])
        self.incidents = Table("incidents", 0)
        self.episodes = Table("episodes", 0)
        self.calls = Table("calls", 0)
        self.queue = Table("queue", 0)
        self.custody = Table("custody", 0)
        self.events = Table("events", 0)
        self.interventions = Table("interventions", 0)
        self.service = Table("service", 1)
        self.newcomers = np.zeros(0, np.int64)  # residents (rows) who moved in this week
        self.start = np.zeros(rows["neighbourhoods"] + 1, np.int64)
        self.adjoining = np.zeros(0, np.int64)

    def tables(self) -> dict[str, Table]:
        """Return the tables by name."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Table)}

    def copy(self) -> Town:
        """Return a town that shares nothing with this one."""
        other = copy.copy(self)
        mine = {n: v.copy() for n, v in vars(self).items() if isinstance(v, Table | np.ndarray)}
        vars(other).update(mine)
        return other

    def check(self) -> list[str]:
        """Return every broken invariant, one sentence each; empty when all is well."""
        problems = []
        for column in COLUMNS:
            values = getattr(self.tables()[column.table], column.name)
            if not np.all(np.isfinite(values)):
                problems.append(f"{column.table}.{column.name} is not finite")
            elif values.size and (values.min() < column.low or values.max() > column.high):
                problems.append(
                    f"{column.table}.{column.name} leaves [{column.low:g}, {column.high:g}]: "
                    f"{values.min():g} to {values.max():g}"
                )
        home = self.households.place[self.residents.household]
        if not np.array_equal(self.residents.place, home):
            problems.append("a resident's place is not their household's")
        total = self.service.reactive[0] + self.officers.proactive.sum()
        if not np.isclose(self.service.offered[0], total):
            problems.append(f"hours offered {self.service.offered[0]} are not {total}")
        return problems
