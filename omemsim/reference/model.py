"""`ReferenceModel`: a Mesa model whose step is the fourteen stages, and its exchange of state.

A town is copied in (`from_town`, `read`) and compared (`compare`) by the columns' names; the
twin knows nothing else of the fast model's state.
"""

from __future__ import annotations

from typing import Any

import mesa

from omemsim.reference.account import account
from omemsim.reference.act import act
from omemsim.reference.agents import (
    Agency,
    Household,
    Initiative,
    Neighbourhood,
    Officer,
    Place,
    Resident,
    Row,
)
from omemsim.reference.assess import assess
from omemsim.reference.context import context
from omemsim.reference.crisis import crisis
from omemsim.reference.draws import Draws
from omemsim.reference.entries import (
    Arrest,
    Call,
    Custody,
    Episode,
    Event,
    Incident,
    Intervention,
    Newcomer,
    Service,
)
from omemsim.reference.feel import feel
from omemsim.reference.learn import learn
from omemsim.reference.offend import offend
from omemsim.reference.organize import organize
from omemsim.reference.partner import partner
from omemsim.reference.plan import plan
from omemsim.reference.record import record
from omemsim.reference.reporting import reporting
from omemsim.reference.respond import respond
from omemsim.vocabulary.columns import COLUMNS, Column
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.wheel import Sector

__all__ = ["WEEK", "ReferenceModel"]

# The stages of a week, in order; each stands in the file of its name.
FIRST_HALF = (context, assess, plan, respond, act, partner, organize)
SECOND_HALF = (offend, crisis, reporting, feel, account, learn, record)
WEEK = FIRST_HALF + SECOND_HALF

TOLERANCE = 1e-5  # between float32 and float64 after a week: absolute up to 1, then relative
DYNAMIC = [column for column in COLUMNS if column.writer != "build"]
RECORDS = {
    "newcomers": Newcomer,
    "incidents": Incident,
    "episodes": Episode,
    "calls": Call,
    "queue": Call,
    "custody": Custody,
    "arrests": Arrest,
    "events": Event,
    "interventions": Intervention,
}
# Columns that hold the row of another table, -1 for none.
REFERS = {
    ("newcomers", "seat"): "residents",
    ("residents", "agency"): "agencies",
    ("initiatives", "place"): "places",
    ("neighbourhoods", "table_place"): "places",
    ("incidents", "place"): "places",
    ("incidents", "victim"): "residents",
    ("incidents", "offender"): "residents",
    ("episodes", "resident"): "residents",
    ("calls", "place"): "places",
    ("calls", "caller"): "residents",
    ("calls", "offender"): "residents",
    ("queue", "place"): "places",
    ("queue", "caller"): "residents",
    ("queue", "offender"): "residents",
    ("custody", "resident"): "residents",
    ("arrests", "resident"): "residents",
    ("events", "neighbourhood"): "neighbourhoods",
    ("interventions", "neighbourhood"): "neighbourhoods",
    ("interventions", "place"): "places",
}


class ReferenceModel(mesa.Model):
    """The twin of a town: use `from_town`, then `step`, then `compare`.

    Parameters
    ----------
    parameters : `vocabulary.parameters.Parameters`, with strengths applied already
        (`vocabulary.mechanisms.effective`), or anything with their attributes.
    strategy : anything with the attributes of a strategy (allocation, mix, window, ...).
    seed : of the run's random numbers.

    Attributes
    ----------
    week, born : the week that `step` runs next, and the one in which records begin.
    draws : the run's random numbers; ``draws.near_ties`` lists what float32 may have decided
        otherwise.
    """

    def __init__(self, parameters: Parameters, strategy: Any, seed: int) -> None:
        super().__init__(rng=0)  # Mesa's own generators are not used
        self.parameters = parameters
        self.strategy = strategy
        self.draws = Draws(seed)
        self.week = 0
        self.born = 0
        self.neighbourhoods: list[Neighbourhood] = []
        self.places: list[Place] = []
        self.households: list[Household] = []
        self.residents: list[Resident] = []
        self.agencies: list[Agency] = []
        self.officers: list[Officer] = []
        self.initiatives: list[Initiative] = []
        self.newcomers: list[Newcomer] = []
        self.incidents: list[Incident] = []
        self.episodes: list[Episode] = []
        self.calls: list[Call] = []
        self.queue: list[Call] = []
        self.custody: list[Custody] = []
        self.arrests: list[Arrest] = []
        self.events: list[Event] = []
        self.interventions: list[Intervention] = []
        self.service: Service

    def step(self) -> None:
        """Run one week: the fourteen stages, in order."""
        for stage in WEEK:
            stage(self)
        self.week += 1

    @classmethod
    def from_town(cls, town: Any, parameters: Parameters, strategy: Any) -> ReferenceModel:
        """Return a twin of a town (an `omemsim.town.Town` or its like), sharing nothing.

        Parameters
        ----------
        town : left as it is.
        parameters : those in effect, mechanisms that are off taken out.
        strategy : what police and partners do.
        """
        model = cls(parameters, strategy, town.seed)
        _settle(model, town)
        _found(model, town)
        model.read(town)
        return model

    def read(self, town: Any) -> None:
        """Copy the state of the same town in another week; forget near ties."""
        self.week, self.born = town.week, town.born
        self.draws.near_ties.clear()
        for name, kind in {**RECORDS, "service": Service}.items():
            columns = {c.name: _read(self, town, c) for c in DYNAMIC if c.table == name}
            rows = zip(*columns.values(), strict=True)
            records = [kind(**dict(zip(columns, row, strict=True))) for row in rows]
            setattr(self, name, records[0] if name == "service" else records)
        tables = self._tables()
        for column in DYNAMIC:
            if column.table not in (*RECORDS, "service"):
                values = _read(self, town, column)
                for row, value in zip(tables[column.table], values, strict=True):
                    setattr(row, column.name, value)

    def columns(self) -> dict[str, list[Any]]:
        """Return every column that a week writes, by "table.column", as plain lists."""
        tables = self._tables()
        return {
            f"{column.table}.{column.name}": [
                _plain(getattr(row, column.name)) for row in tables[column.table]
            ]
            for column in DYNAMIC
        }

    def compare(self, town: Any) -> list[str]:
        """Return what differs from a town, a sentence per column; empty when all agrees.

        Numbers with a fraction may differ by 1e-5 (relative to the town's if above 1).
        """
        found = [] if self.week == town.week else [f"week is {self.week}, not {town.week}"]
        for name, ours in self.columns().items():
            table, _, column = name.partition(".")
            theirs = getattr(getattr(town, table), column).tolist()
            if len(ours) != len(theirs):
                found.append(f"{name} has {len(ours)} rows, not {len(theirs)}")
                continue
            if ours == theirs:
                continue
            rows = [i for i, pair in enumerate(zip(ours, theirs, strict=True)) if _differ(*pair)]
            if rows:
                i = rows[0]
                found.append(
                    f"{name} differs in {len(rows)} rows; row {i} is {ours[i]}, not {theirs[i]}"
                )
        return found

    def close(self) -> None:
        """Let go of the agents, so that the model can be freed.

        Mesa 3.3 keeps every model that has agents in a class-level dict.
        """
        self.remove_all_agents()
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

    def _tables(self) -> dict[str, list[Any]]:
        """Return the rows of every table that a week writes, by its name."""
        names = {column.table for column in DYNAMIC} - {"service"}
        return {**{name: getattr(self, name) for name in names}, "service": [self.service]}


def _read(model: ReferenceModel, town: Any, column: Column) -> list[Any]:
    """Return a town's column as the twin holds it: truth as bool, rows as agents."""
    values: list[Any] = getattr(getattr(town, column.table), column.name).tolist()
    other = REFERS.get((column.table, column.name))
    if other is not None:
        rows = getattr(model, other)
        return [rows[value] if value >= 0 else None for value in values]
    return [value == 1 for value in values] if column.unit == "yes/no" else values


def _plain(value: Any) -> Any:
    """Return a value as a column holds it."""
    if value is None:
        return -1
    return value.row if isinstance(value, Row) else value


def _differ(ours: Any, theirs: Any) -> bool:
    if isinstance(theirs, float):
        return not abs(ours - theirs) <= TOLERANCE * max(1.0, abs(theirs))
    if isinstance(theirs, list):
        return any(_differ(a, b) for a, b in zip(ours, theirs, strict=True))
    return bool(ours != theirs)


def _create(model: ReferenceModel, kind: type[Row], table: Any, *static: str) -> list[Any]:
    """Return an agent for each row of a table, with the columns that never change."""
    keys = table.key.tolist() if hasattr(table, "key") else [0] * len(table)  # agencies have none
    agents = [kind(model, row, key) for row, key in enumerate(keys)]
    for name in static:
        for agent, value in zip(agents, getattr(table, name).tolist(), strict=True):
            setattr(agent, name, value)
    return agents


def _settle(model: ReferenceModel, town: Any) -> None:
    """Create neighbourhoods, places, households and residents, and say who lives where."""
    model.neighbourhoods = _create(
        model,
        Neighbourhood,
        town.neighbourhoods,
        *("population", "deprivation", "visitors", "moving", "fit_violence", "fit_property"),
        *("first_officer", "congregations", "cohesion", "minority", "indigenous", "area"),
        "opportunity",
    )
    model.places = _create(
        model,
        Place,
        town.places,
        *("x", "y", "opportunity", "dwelling_opportunity", "businesses", "demand", "crisis_need"),
    )
    model.households = _create(model, Household, town.households)
    model.residents = _create(model, Resident, town.residents)
    for agent in (*model.neighbourhoods, *model.places, *model.households):
        agent.places, agent.households, agent.residents = [], [], []
    where = town.places.neighbourhood.tolist()
    for place, n, near in zip(model.places, where, town.places.near.tolist(), strict=True):
        place.neighbourhood = model.neighbourhoods[n]
        place.near = [model.places[row] for row in near]
        place.neighbourhood.places.append(place)
    for household, p in zip(model.households, town.households.place.tolist(), strict=True):
        household.place = model.places[p]
        household.place.households.append(household)
        household.place.neighbourhood.households.append(household)
    for resident, h in zip(model.residents, town.residents.household.tolist(), strict=True):
        resident.household = model.households[h]
        resident.place = resident.household.place
        resident.neighbourhood = resident.place.neighbourhood
        for whole in (resident.household, resident.place, resident.neighbourhood):
            whole.residents.append(resident)


def _found(model: ReferenceModel, town: Any) -> None:
    """Create agencies, officers and slots for initiatives; link neighbourhoods to them."""
    model.agencies = _create(model, Agency, town.agencies, "sector", "capacity", "skill")
    model.officers = _create(model, Officer, town.officers, "contracted")
    for officer, n in zip(model.officers, town.officers.home.tolist(), strict=True):
        officer.home = model.neighbourhoods[n]
    model.initiatives = _create(model, Initiative, town.initiatives)
    for agency in model.agencies:
        agency.catchment = []
    start, adjoining = town.start.tolist(), town.adjoining.tolist()
    catchment = town.neighbourhoods.catchment.tolist()
    for n, hood in enumerate(model.neighbourhoods):
        hood.adjoining = [model.neighbourhoods[m] for m in adjoining[start[n] : start[n + 1]]]
        first = catchment[n] * len(Sector)
        hood.agencies = model.agencies[first : first + len(Sector)]
        for agency in hood.agencies:
            agency.catchment.append(hood)
        hood.initiatives = []
    where = town.initiatives.neighbourhood.tolist()
    for initiative, n in zip(model.initiatives, where, strict=True):
        initiative.neighbourhood = model.neighbourhoods[n]
        initiative.neighbourhood.initiatives.append(initiative)
