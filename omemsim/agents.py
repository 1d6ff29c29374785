"""Mesa's view of the town: agents whose attributes are columns of its tables.

Neighbourhoods, agencies and officers are registered agents. Residents are rows, offered by
`Residents` with the vocabulary of an AgentSet; a view of one is made when asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from omemsim.town import Table, Town
from omemsim.vocabulary.columns import COLUMNS

__all__ = ["AgencyAgent", "NeighbourhoodAgent", "OfficerAgent", "Resident", "Residents"]


class _Cell:
    """A descriptor onto one column: read and write the row's value in the town's table."""

    def __init__(self, table: str, column: str, doc: str) -> None:
        self.table, self.column, self.__doc__ = table, column, doc

    def __get__(self, view: Any, owner: type) -> Any:
        return self if view is None else getattr(view.table, self.column)[view.row]

    def __set__(self, view: Any, value: Any) -> None:
        getattr(view.table, self.column)[view.row] = value


def _over(table: str) -> Callable[[type], type]:
    """Give a class a descriptor for each column of a table."""

    def add(view: type) -> type:
        for column in COLUMNS:
            if column.table == table:
                setattr(view, column.name, _Cell(table, column.name, column.doc))
        return view

    return add


class _RowAgent(mesa.Agent):
    """A registered agent that is a row of a table of the model's town."""

    table_name = ""

    def __init__(self, model: mesa.Model, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def table(self) -> Table:
        """The table this agent is a row of."""
        table: Table = getattr(self.model.town, self.table_name)
        return table


@_over("neighbourhoods")
class NeighbourhoodAgent(_RowAgent):
    """A neighbourhood; `name` is what planners call it."""

    table_name = "neighbourhoods"

    @property
    def name(self) -> str:
        """The display name."""
        return str(self.model.simulation.blueprint.names[self.row])


@_over("agencies")
class AgencyAgent(_RowAgent):
    """A service of one sector."""

    table_name = "agencies"


@_over("officers")
class OfficerAgent(_RowAgent):
    """A sworn member."""

    table_name = "officers"


@_over("residents")
class Resident:
    """A view of one resident, made on demand; write to it and the town changes."""

    def __init__(self, town: Town, row: int) -> None:
        self.table, self.row = town.residents, row

    def __repr__(self) -> str:
        return f"Resident({self.row})"


class Residents:
    """Some of a town's residents, with the vocabulary of `mesa.agent.AgentSet`.

    Parameters
    ----------
    town : whose residents.
    rows : int64, which of them; all if None.
    """

    def __init__(self, town: Town, rows: NDArray[np.int64] | None = None) -> None:
        self._town = town
        self.rows = np.arange(len(town.residents)) if rows is None else rows

    def __len__(self) -> int:
        return int(self.rows.size)

    def __iter__(self) -> Iterator[Resident]:
        return (Resident(self._town, int(row)) for row in self.rows)

    def __getitem__(self, index: int) -> Resident:
        return Resident(self._town, int(self.rows[index]))

    def get(self, name: str) -> NDArray[Any]:
        """Return a column, one value per resident of this set."""
        values: NDArray[Any] = getattr(self._town.residents, name)[self.rows]
        return values

    def set(self, name: str, value: Any) -> Residents:
        """Write a column for the residents of this set."""
        getattr(self._town.residents, name)[self.rows] = value
        return self

    def select(self, test: Callable[[Residents], NDArray[np.bool_]]) -> Residents:
        """Return those for whom ``test``, given this set, returns True: a bool for each of them.

        >>> fearful = model.residents.select(lambda r: r.get("fear") > 0.5)
        """
        return Residents(self._town, self.rows[np.asarray(test(self), bool)])

    def agg(self, name: str, function: Callable[[NDArray[Any]], Any]) -> Any:
        """Return a function of a column, as ``agg("fear", np.mean)``."""
        return function(self.get(name))

    def groupby(self, name: str) -> dict[Any, Residents]:
        """Return sets by the value of a column."""
        values, group = np.unique(self.get(name), return_inverse=True)
        return {
            value.item(): Residents(self._town, self.rows[group == i])
            for i, value in enumerate(values)
        }
