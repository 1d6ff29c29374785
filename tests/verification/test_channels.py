"""Through what crime changes: the only ways are those declared, and no tactic is one by itself.

`processes/offend.py` is run with every column and parameter it looks at noted. What it reads is
held against the list below, so that a new way cannot come in unseen. None of the evidence's
crime effects of trust-building tactics (liaison, education, consultation, mobilization, leaders)
is among them: see `vocabulary.parameters`.
"""

from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from parts import alone, given

from omemsim.inputs.config import compose_scenario
from omemsim.processes import WEEK, offend, run_week
from omemsim.run import spin_up
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.columns import COLUMNS
from omemsim.vocabulary.layout import ROOM
from omemsim.vocabulary.parameters import Offend, Parameters

# What makes a place or a dwelling risky to an offender, and how it is read.
AT_A_PLACE = {
    "perceived": "visits",
    "accustomed": "visits",
    "removed": "problem-solving",
    "designed": "light and design",
    "triggered": "near repeats",
    "opportunity": "the place",
    "dwelling_opportunity": "the place",
    "businesses": "the place",
}
AT_A_DWELLING = {"protection": "locks", "in_watch": "a watch", "boost": "repeats"}
OF_A_PERSON = {
    "exposure": "who they are",
    "vigilance": "how alert they are",
    "boost": "repeats",
    "propensity": "who they are",
    "support": "agencies' service",
    "monitored": "watched by officers",
    "wary": "risk remembered",
}
OF_A_NEIGHBOURHOOD = {
    "efficacy": "guardianship",
    "vigilance": "the alert suffer less of a shock",
    "foresight": "hazards monitored: less of a shock",
    "shock": "shocks",
    "drift": "chance, from year to year",
    "hazard": "local hazards",
    "watch_momentum": "how well the watch runs",
    "offenders": "its own sum",
    "visitors": "people present",
    "fit_violence": "a table's records",
    "fit_property": "a table's records",
}
OTHERWISE = {"custody": {"resident"}, "arrests": {"resident"}, "service": {"season"}}
# What says only where things are.
STRUCTURE = {
    "neighbourhoods": {
        *("residents", "households", "first_resident", "key"),
        *("first_adjoining", "adjoining", "first_place", "places", "first_household"),
    },
    "places": {
        *("key", "neighbourhood", "x", "y", "near", "first_resident", "residents"),
        *("first_household", "households"),
    },
    "households": {"first_resident", "residents", "since_week", "key", "place"},
    "residents": {"household", "place", "key"},
    "adjacency": {"neighbour"},
    "newcomers": {"seat"},
}
OWN = {(column.table, column.name) for column in COLUMNS if column.writer == "offend"}

PARAMETERS = {
    "offend": {
        "rates": {"violence", "theft", "household", "business"},
        "at a place": {"deterrence", "accustomed", "diffused", "cap", "designed"},
        "of what is blocked": {"displaced", "onward"},
        "at a dwelling": {"protection", "watch"},
        "of people": {"vigilance", "guardianship", "usual_visitors", "reach"},
        "where offenders come from": {"afar", "outsiders", "journey"},
        "who of the household or the place did it": {"family", "acquainted"},
        "of offenders": {"supported", "monitored", "avoids", "met_police", "wary_half_life"},
        "repeats": {"repeat", "repeat_half_life", "near", "near_there", "near_half_life"},
        "help for victims": {"victim_support"},
    },
    "context": {
        "of a shock": {"foreseen"},
        "at which hazards base rates hold": {"hazard_rate", "hazard_size", "hazard_memory"},
    },
    "people": {
        "bounds of exposure": {"exposure_need", "exposure_power"},
    },
}


class Noted:
    """A group of parameters that notes which are read."""

    def __init__(self, group: object, read: set[str]) -> None:
        self.group, self.read = group, read

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.group, name)  # `records.fill` asks which group has a name
        self.read.add(name)
        return value


class NotedGroups:
    """All groups of parameters, each noted by itself."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.read: dict[str, set[str]] = {}

    def __getattr__(self, name: str) -> Noted:
        return Noted(getattr(self.parameters, name), self.read.setdefault(name, set()))


@pytest.fixture(scope="module")
def spun() -> Town:
    words = ["town.residents=900", "town.neighbourhoods=3", "spin_up_years=0.5"]
    return spin_up(compose_scenario("small", "omem", words), 0)


def columns_read(town: Town, parameters: Parameters) -> set[tuple[str, str]]:
    """Return the columns that a step of `offend` looks at."""
    read: set[tuple[str, str]] = set()
    known = {(column.table, column.name) for column in COLUMNS}

    class Watched:
        def __init__(self, name: str, columns: SimpleNamespace) -> None:
            self.name, self.columns = name, columns

        def __getattr__(self, name: str) -> Any:
            if (self.name, name) in known:
                read.add((self.name, name))
            return getattr(self.columns, name)

    seen = town.as_kernels_see_it()
    for name in town.tables():
        setattr(seen, name, Watched(name, getattr(seen, name)))
    alone(offend.STAGE.run, seen, given(offend.STAGE, parameters), town.week)
    assert not seen.signal[ROOM]
    return read


def test_crime_reads_no_column_but_those_declared_here(spun: Town) -> None:
    town = spun.copy()
    town.custody.replace(resident=np.array([3]), until=np.array([9]))
    town.arrests.replace(resident=np.array([5]))
    town.newcomers.replace(seat=[7])
    town.incidents.make_room(900)
    read = columns_read(town, Parameters()) - OWN - {("residents", "is_hit")}
    ways = {
        "places": set(AT_A_PLACE),
        "households": set(AT_A_DWELLING),
        "residents": set(OF_A_PERSON),
        "neighbourhoods": set(OF_A_NEIGHBOURHOOD),
        **OTHERWISE,
    }
    declared = {(table, name) for table, names in ways.items() for name in names} - OWN
    structure = {(table, name) for table, names in STRUCTURE.items() for name in names}
    by_table = {table for table, _ in read}
    assert read <= declared | structure
    assert declared <= read  # each way there is, is a way that is looked at
    assert by_table == {*ways, "adjacency", "newcomers"}
    assert not {("neighbourhoods", "hours"), ("residents", "trust")} & read


def test_crime_reads_no_parameter_but_those_declared_here(spun: Town) -> None:
    noted = NotedGroups(Parameters())
    offend.step(spun.copy(), noted, Strategy())  # type: ignore[arg-type]
    expected = {group: set().union(*kinds.values()) for group, kinds in PARAMETERS.items()}
    assert noted.read == expected
    assert expected["offend"] == {item.name for item in fields(Offend)}


def expected_crime(town: Town, parameters: Parameters | None = None) -> Any:
    offend.step(town, parameters or Parameters(), Strategy())
    hoods = town.neighbourhoods
    return np.concatenate([hoods.expected_violence, hoods.expected_property])


# Columns of a tactic, a feeling or a lead that must not change this week's crime by themselves.
BESIDE = [
    *(("neighbourhoods", name) for name in ("hours", "share", "ordered", "mobilization", "voice")),
    *(("neighbourhoods", name) for name in ("education", "early", "cohort", "analysis", "upkeep")),
    *(("neighbourhoods", name) for name in ("rotation", "zone", "true_zone", "services", "trust")),
    *(("neighbourhoods", name) for name in ("grievance", "relation", "fear", "participants")),
    *(("neighbourhoods", name) for name in ("leaders", "momentum", "community_momentum")),
    *(("neighbourhoods", name) for name in ("social_momentum", "consult_momentum", "police_led")),
    *(("neighbourhoods", name) for name in ("community_led", "capacity", "seen_trust", "scandal")),
    *(("residents", name) for name in ("trust", "fear", "efficacy", "takes_part", "is_found")),
    *(("residents", name) for name in ("need", "assets", "case", "unresolved", "recent")),
    *(("initiatives", name) for name in ("momentum", "lead", "kind", "is_active")),
    *(("agencies", name) for name in ("relation", "caseload", "skill", "outreach")),
    *(("officers", name) for name in ("skill", "adoption", "awareness", "relation", "proactive")),
    *(("service", name) for name in ("council", "granted", "table_cases", "staffing")),
    *(("service", "backed_up"), ("agencies", "is_open")),
    *(("places", name) for name in ("visits", "knowledge", "recorded")),
]


@pytest.mark.parametrize(("table", "name"), BESIDE, ids=lambda word: word)
def test_what_tactics_and_feelings_leave_elsewhere_changes_no_crime_this_week(
    spun: Town, table: str, name: str
) -> None:
    usual, town = expected_crime(spun.copy()), spun.copy()
    values = getattr(town.tables()[table], name)
    values[:] = 1 - values if values.max() <= 1 else 0
    assert np.array_equal(expected_crime(town), usual)


@pytest.mark.parametrize(
    ("table", "name"),
    [
        *(("places", name) for name in ("perceived", "accustomed", "removed", "designed")),
        *(("households", name) for name in ("protection", "in_watch")),
        *(("residents", name) for name in ("vigilance", "support", "monitored")),
        *(("neighbourhoods", name) for name in ("efficacy", "shock", "watch_momentum")),
    ],
    ids=lambda word: word,
)
def test_the_ways_there_are_change_crime(spun: Town, table: str, name: str) -> None:
    """That the test above sees a way where there is one."""
    town = spun.copy()
    town.places.perceived[:], town.places.accustomed[:] = 0.7, 0.2
    town.households.in_watch[:], town.neighbourhoods.watch_momentum[:] = 1, 0.7
    usual = expected_crime(town.copy())
    values = getattr(town.tables()[table], name)
    values[:] = 1 - values
    assert not np.array_equal(expected_crime(town), usual)


def test_a_place_without_any_way_keeps_its_risk(spun: Town) -> None:
    """All hours on every tactic at once: with the ways held, no place's rate moves."""
    scenario = compose_scenario("small", "omem", ["town.residents=900", "town.neighbourhoods=3"])
    town, held = spun.copy(), {}
    for table, names in (
        ("places", ("perceived", "accustomed", "removed", "designed", "triggered")),
        ("households", ("protection", "in_watch", "boost")),
        ("residents", ("vigilance", "support", "monitored", "propensity", "exposure", "boost")),
        ("neighbourhoods", ("efficacy", "vigilance", "foresight", "shock", "watch_momentum")),
    ):
        for name in names:
            column = getattr(town.tables()[table], name)
            held[table, name] = (column, column.copy())
    rates = []
    for strategy in (Strategy(), scenario.strategy):
        copy = town.copy()
        copy.custody.replace(resident=np.zeros(0, np.int64), until=np.zeros(0, np.int64))
        none = Parameters()
        rows = []
        for _ in range(20):
            for name, step in WEEK.items():
                step(copy, none, strategy)
                copy.custody.replace(resident=np.zeros(0, np.int64), until=np.zeros(0, np.int64))
                for (table, column), (_, kept) in held.items():
                    getattr(copy.tables()[table], column)[:] = kept
                if name == "offend":
                    hoods = copy.neighbourhoods
                    rows.append([*hoods.expected_violence, *hoods.expected_property])
            copy.week += 1
        rates.append(rows)
    assert np.array_equal(rates[0], rates[1])
    free = spun.copy()
    for _ in range(20):
        run_week(free, Parameters(), scenario.strategy)
    assert not np.array_equal(free.neighbourhoods.expected_violence, rates[1][-1][:3])
