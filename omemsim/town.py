"""The state of a town: tables of NumPy columns, written in place, and nothing else.

Columns never move while they live: a compiled program holds their addresses (`program`). What is
assigned to a column is therefore copied into it, and tables whose rows come and go have room for
more rows than there are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omemsim.vocabulary import layout
from omemsim.vocabulary.columns import COLUMNS, EVENT_TABLES

__all__ = ["EventTable", "Table", "Town"]

Column = NDArray[Any]


class Table:
    """Columns of equal length as attributes; which ones, `vocabulary.columns` declares."""

    def __init__(self, name: str, rows: int) -> None:
        vars(self)["name"] = name
        vars(self).update(_zeros(name, rows))

    if TYPE_CHECKING:  # a real ``__getattr__`` would make every column four times slower to reach
        name: str

        def __getattr__(self, name: str) -> Column: ...

    def __setattr__(self, name: str, value: Any) -> None:
        """Copy values into a column; ``table.column *= 2`` comes here with the column itself."""
        column = getattr(self, name)
        if value is not column:
            column[...] = value

    def __len__(self) -> int:
        return len(next(iter(self.columns().values())))

    def copy(self) -> Table:
        """Return a table that shares no column with this one."""
        other = object.__new__(type(self))
        vars(other).update(vars(self))
        vars(other).update({name: values.copy() for name, values in self.columns().items()})
        return other

    def columns(self) -> dict[str, Column]:
        """Return the columns by name, in the order of their declaration."""
        return {name: value for name, value in vars(self).items() if name != "name"}

    def memory(self) -> dict[str, Column]:
        """Return every array that a kernel reaches by name, whole."""
        return self.columns()


class EventTable(Table):
    """Rows that come and go: ``count`` of them are there, with room for ``capacity``.

    In Python a column is its rows that are there. A kernel sees the whole column, and says in
    ``wanted`` how many rows it would need where there is no room: see `program`.
    """

    if TYPE_CHECKING:
        moves: int  # how often its columns have moved to other addresses

    def __init__(self, name: str, capacity: int = 0) -> None:
        mine = vars(self)
        mine["name"] = name
        mine["whole"] = dict(_zeros(name, capacity))
        mine["count"], mine["wanted"] = np.zeros(1, np.int64), np.zeros(1, np.int64)
        mine["capacity"] = np.array([capacity], np.int64)
        mine["moves"] = 0

    def __getattr__(self, name: str) -> Column:
        """Return the rows of a column that are there: only columns are not found otherwise."""
        try:
            column: Column = vars(self)["whole"][name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no column {name!r}") from None
        return column[: self.count[0]]

    def __len__(self) -> int:
        return int(self.count[0])

    def columns(self) -> dict[str, Column]:
        """Return the rows that are there of each column, by name."""
        return {name: getattr(self, name) for name in vars(self)["whole"]}

    def memory(self) -> dict[str, Column]:
        """Return whole columns, and what says how many of their rows are there."""
        mine = vars(self)
        counts = {name: mine[name] for name in ("count", "capacity", "wanted")}
        return {**mine["whole"], **counts}

    def replace(self, **columns: Any) -> None:
        """Put other rows in place of all there are; every column must be given.

        Raises
        ------
        ValueError
            If a column is missing, or there is none of this name.
        """
        whole = vars(self)["whole"]
        if columns.keys() != whole.keys():
            raise ValueError(f"expected the columns {list(whole)}, got {list(columns)}")
        rows = len(next(iter(columns.values())))
        given = {name: np.array(values) for name, values in columns.items()}  # may be our own
        if rows > self.capacity[0]:
            self.make_room(rows)
        self.count[0] = rows
        for name, values in given.items():
            getattr(self, name)[...] = values

    def make_room(self, rows: int) -> None:
        """Make room for so many rows; those that are there stay. Columns move to new addresses."""
        roomy = dict(_zeros(self.name, rows))
        for name, values in self.columns().items():
            roomy[name][: len(values)] = values[:rows]
        vars(self)["whole"] = roomy
        self.capacity[0] = rows
        vars(self)["moves"] += 1

    def copy(self) -> EventTable:
        """Return a table that shares nothing with this one, with as much room."""
        other = EventTable(self.name, int(self.capacity[0]))
        other.replace(**self.columns())
        return other


def _zeros(table: str, rows: int) -> list[tuple[str, Column]]:
    """Return the columns of a table by name, of zeros; pages that are not written cost nothing."""
    mine = [column for column in COLUMNS if column.table == table]
    return [
        (column.name, np.zeros((rows, column.width) if column.width > 1 else rows, column.dtype))
        for column in mine
    ]


class Town:
    """Everything that a week reads and writes; a pure function of it makes the next week.

    Parameters
    ----------
    seed : selects the random numbers of this run (`vocabulary.random_numbers.replicate_seed`).
    rows : rows of each table; what comes and goes (incidents, calls, custody...) starts empty.
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
        self.service = Table("service", 1)
        for name in EVENT_TABLES:
            setattr(self, name, EventTable(name))
        self.signal = np.zeros(2, np.int64)  # of a stage: see `program`
        self._addresses: tuple[dict[str, int], NDArray[np.int64]] | None = None

    if TYPE_CHECKING:
        newcomers: EventTable
        incidents: EventTable
        episodes: EventTable
        calls: EventTable
        queue: EventTable
        custody: EventTable
        arrests: EventTable
        events: EventTable
        interventions: EventTable
        adjacency: EventTable

    @property
    def start(self) -> NDArray[np.int64]:
        """Neighbours of neighbourhood n are ``adjoining[start[n]:start[n + 1]]``."""
        hoods = self.neighbourhoods
        return np.append(hoods.first_adjoining, len(self.adjacency))

    @property
    def adjoining(self) -> NDArray[np.int64]:
        """Adjoining neighbourhoods of each, one after the other."""
        return self.adjacency.neighbour

    def tables(self) -> dict[str, Table]:
        """Return the tables by name."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Table)}

    def addresses(self) -> NDArray[np.int64]:
        """Return what a compiled program reaches the town by, as `layout` says.

        It is true until a column moves, which only `EventTable.make_room` does.
        """
        tables = self.event_tables()
        moves = {name: table.moves for name, table in tables.items()}
        if self._addresses is None:
            self._addresses = moves, layout.addresses(self.memory(), self.signal)
        before, words = self._addresses
        if before != moves:
            for table, rows in tables.items():
                if before[table] != moves[table]:
                    layout.put(words, {(table, name): at for name, at in rows.memory().items()})
            self._addresses = moves, words
        words[layout.SEED : layout.SEED + 1].view(np.uint64)[0] = self.seed
        words[layout.BORN] = self.born
        return words

    def memory(self) -> dict[tuple[str, str], Column]:
        """Return every array that a kernel reaches, by table and name."""
        return {
            (table, name): values
            for table, columns in self.tables().items()
            for name, values in columns.memory().items()
        }

    def __getstate__(self) -> dict[str, Any]:
        """Leave out addresses: they are true in this process only."""
        return {**vars(self), "_addresses": None}

    def event_tables(self) -> dict[str, EventTable]:
        """Return the tables whose rows come and go, by name."""
        return {name: getattr(self, name) for name in EVENT_TABLES}

    def as_kernels_see_it(self) -> Any:
        """Return an object by which a kernel can be run as plain Python: whole columns by name."""
        tables = {name: SimpleNamespace(**table.memory()) for name, table in self.tables().items()}
        numbers = {"seed": np.uint64(self.seed), "born": np.int64(self.born)}
        return SimpleNamespace(**numbers, **tables, signal=self.signal)

    def copy(self) -> Town:
        """Return a town that shares nothing with this one."""
        other = object.__new__(Town)
        vars(other).update(self.__getstate__())
        vars(other).update({name: table.copy() for name, table in self.tables().items()})
        other.signal = self.signal.copy()
        return other

    @contextlib.contextmanager
    def read_only(self) -> Iterator[None]:
        """Refuse for a while what Python writes to a column."""
        open_ones = [values for values in self.memory().values() if values.flags.writeable]
        for values in open_ones:
            values.flags.writeable = False
        try:
            yield
        finally:
            for values in open_ones:
                values.flags.writeable = True

    def check(self) -> list[str]:
        """Return every broken invariant, one sentence each; empty when all is well."""
        problems = self.out_of_bounds()
        home = self.households.place[self.residents.household]
        if not np.array_equal(self.residents.place, home):
            problems.append("a resident's place is not their household's")
        total = self.service.reactive[0] + self.officers.proactive.sum()
        if not np.isclose(self.service.offered[0], total):
            problems.append(f"hours offered {self.service.offered[0]} are not {total}")
        return problems

    def out_of_bounds(self) -> list[str]:
        """Return every column that is not within its declared bounds, one sentence each."""
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
        return problems
