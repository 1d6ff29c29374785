"""A column has one writer: the process that owns it, or the build, or nobody.

Each stage of many weeks runs with every column it does not own locked. Kernels run as plain
Python there: a compiled kernel would be compiled anew for each pattern of locked columns.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from parts import plain_kernels

from omemsim.inputs.config import compose_scenario
from omemsim.inputs.lay import lay_schedule
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.measures import MEASURES
from omemsim.processes import STAGES, WEEK, offend, run_week
from omemsim.schedule import Event, Happening, Intervention, Work
from omemsim.spin_up import spin_up
from omemsim.town import Table, Town
from omemsim.vocabulary.columns import COLUMNS, Column
from omemsim.vocabulary.wheel import Zone

# All mechanisms live: police with time, several catchments, money for every fund.
WORDS = [
    "town.residents=300",
    "parameters.people.place_shape=0.4",
    "parameters.people.dwelling_shape=2",  # few places: crime at all of them
    "parameters.offend.household=66",
    "town.neighbourhoods=3",
    "spin_up_years=0.2",
    "parameters.respond.sworn=400",
    "parameters.partner.catchment=1000",
    "parameters.context.shock_week=2",
    "strategy.money=200",
    "parameters.account.table_case=100",
    "parameters.account.co_answer=100",
    "parameters.account.design_place=2000",
    "parameters.crisis.rate=1.5",
]
# Tables whose rows are the week's: they are put in place whole, by their owner.
WEEKLY = {
    "incidents": "offend",
    "episodes": "crisis",
    "calls": "reporting",
    "queue": "respond",
    "custody": "respond",
}
# Tables whose rows a scenario lays out before its first week; no stage writes them.
LAID = ("events", "interventions")
# Everything that can befall a town or be done in it, some of it in some places, for a time.
EVENTS = [
    *(Event(what, ["1"] if what is Happening.ECONOMIC else [], 3, 9, 0.3) for what in Happening),
    Event(Happening.AGENCY_CLOSING, ["2"], 11, 14, size=0.0, sector="housing"),
]
PROJECTS = [
    Intervention(Work.LIGHTING, ["1"], 2, 12, 0.5),
    Intervention(Work.TARGET_HARDENING, [], 4, 200, 5.0),
    Intervention(Work.CASEWORK, ["most_deprived:0.5"], 1, 9, 20.0),
    Intervention(Work.LIAISON, ["3"], 5, 200, 2.0),
    Intervention(Work.PATROL, [], 2, 50, 3.0, ["1/1"], added=True),
]
BY_NAME = {(column.table, column.name): column for column in COLUMNS}

# Letter boxes: who else may leave something there, beside the owner who empties them.
LETTERS = {
    ("residents", "contact"): {"feel", "respond", "act"},
    ("residents", "is_hit"): {"feel", "offend"},
    ("residents", "is_moved"): {"feel", "context"},
    ("residents", "is_helped"): {"offend", "act"},
    ("residents", "is_referred"): {"partner", "respond", "act"},
    ("residents", "is_resolved"): {"crisis", "respond", "partner"},
}


def eventful(scenario: Scenario) -> Scenario:
    """Return the scenario with events and projects of every kind."""
    strategy = replace(scenario.strategy, interventions=PROJECTS)
    return replace(scenario, strategy=strategy, events=EVENTS)


def begun(scenario: Scenario) -> Town:
    """Return the town of a scenario in week 0, with its schedule laid out.

    Calls wait and somebody is in custody until next week: else both tables may stay as they are.
    """
    town = spin_up(scenario, 0)
    lay_schedule(town, scenario, blueprint_of(scenario.town))
    town.queue.replace(**town.calls.columns())
    town.custody.replace(resident=np.zeros(1), until=np.ones(1))
    return town


@pytest.fixture(params=["omem", "reactive", "present_practice"])
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return eventful(compose_scenario("small", request.param, WORDS))


def may_write(stage: str, column: Column) -> bool:
    if column.event:
        return stage in LETTERS[column.table, column.name]
    return stage == column.writer


def cells(town: Town) -> Iterator[tuple[Column, np.ndarray[Any, Any]]]:
    for key, values in town.memory().items():
        if key in BY_NAME:
            yield BY_NAME[key], values


def lock(town: Town, stage: str) -> None:
    for column, values in cells(town):
        values.flags.writeable = may_write(stage, column)


def unlock(town: Town) -> None:
    for _, values in cells(town):
        if not values.flags.writeable:
            values.flags.writeable = True


def test_every_column_is_declared_with_an_owner_there_is() -> None:
    assert len(BY_NAME) == len(COLUMNS)
    assert {column.writer for column in COLUMNS} == {"build", "lay", *WEEK}
    assert {column.table for column in COLUMNS if column.writer == "lay"} == set(LAID)
    assert {key for key, column in BY_NAME.items() if column.event} == set(LETTERS)
    assert all(BY_NAME[key].writer in stages for key, stages in LETTERS.items())
    for table, owner in WEEKLY.items():
        assert {column.writer for column in COLUMNS if column.table == table} == {owner}


def test_a_town_has_the_columns_declared_and_no_other() -> None:
    town = Town(0, dict.fromkeys({column.table for column in COLUMNS}, 2))
    found = {(name, column) for name, table in town.tables().items() for column in table.columns()}
    assert found == set(BY_NAME)
    for column, values in cells(town):
        assert values.dtype == np.dtype(column.dtype)
        assert values.ndim == (2 if column.width > 1 else 1)


def test_a_process_writes_only_what_it_owns(scenario: Scenario) -> None:
    town, parameters = begun(scenario), scenario.parameters
    for table in town.event_tables().values():
        table.make_room(4 * len(town.residents))  # columns stay where they are
    with plain_kernels():
        for _ in range(14):
            for module in STAGES:
                arrays = {id(values) for _, values in cells(town)}
                seed, week = town.seed, town.week
                lock(town, module.STAGE.name)
                module.STAGE.in_python(town, parameters, scenario.strategy)
                unlock(town)
                assert (town.seed, town.week) == (seed, week)
                assert {id(values) for _, values in cells(town)} == arrays
            town.week += 1
    assert town.check() == []


def test_the_lock_holds(scenario: Scenario) -> None:
    town, parameters = spin_up(scenario, 0), scenario.parameters
    for table in town.event_tables().values():
        table.make_room(4 * len(town.residents))
    with plain_kernels():
        lock(town, "feel")
        with pytest.raises(ValueError, match="read-only"):
            offend.STAGE.in_python(town, parameters, scenario.strategy)
        unlock(town)
        town.neighbourhoods.key.flags.writeable = False
        offend.STAGE.in_python(town, parameters, scenario.strategy)


def test_compiled_processes_too_change_only_what_they_own(scenario: Scenario) -> None:
    town = begun(scenario)
    changed: dict[tuple[str, str], set[str]] = {}
    for _ in range(60):
        for stage, step in WEEK.items():
            before = [values.tobytes() for _, values in cells(town)]
            step(town, scenario.parameters, scenario.strategy)
            for old, (column, values) in zip(before, cells(town), strict=True):
                if old != values.tobytes():
                    changed.setdefault((column.table, column.name), set()).add(stage)
        town.week += 1
    for key, stages in changed.items():
        column = BY_NAME[key]
        assert stages <= (LETTERS[key] if column.event else {column.writer}), key


def test_every_letter_box_is_used_by_all_who_may(monkeypatch: pytest.MonkeyPatch) -> None:
    cared_for = "strategy.mix.{}={{patrol: 0.2, liaison: 0.2, monitor_at_risk_groups: 0.5}}"
    words = [*WORDS, *(cared_for.format(zone.name.lower()) for zone in Zone)]
    scenario = compose_scenario("small", "omem", words)
    town, used = spin_up(scenario, 0), {key: set() for key in LETTERS}
    for _ in range(30):
        for stage, step in WEEK.items():
            before = {key: getattr(town.tables()[key[0]], key[1]).copy() for key in LETTERS}
            step(town, scenario.parameters, scenario.strategy)
            for key, old in before.items():
                if not np.array_equal(old, getattr(town.tables()[key[0]], key[1])):
                    used[key].add(stage)
        town.week += 1
    assert used == LETTERS


def test_every_column_is_filled() -> None:
    """No column is the same one number in every row, every week, and every town tried."""
    seen: dict[tuple[str, str], set[float]] = {key: set() for key in BY_NAME}
    for strategy, *words in (
        ("omem_average_mix", "parameters.learn.turnover=1"),
        ("omem", "parameters.context.disorder_trend=0.1"),
        ("omem", "parameters.respond.sworn=30", "parameters.partner.skill=0.5"),
        ("hot_spots", "parameters.reporting.observed=1", "town.neighbourhoods=4", *NEARLY_BUSY),
        ("omem_no_reinvestment", "parameters.zones.calls_high=2000"),
        ("consultation_1990s", *TALKATIVE),
        ("present_practice",),
        ("pilot_then_rollout", "strategy.rollout_needs=-1", "parameters.learn.promotion=1"),
        ("reactive", *OF_ONE_S_OWN),
    ):
        long = ["town.residents=2000", "spin_up_years=1"]
        scenario = eventful(compose_scenario("small", strategy, [*WORDS, *long, *words]))
        town, parameters = begun(scenario), scenario.parameters
        calm = replace(parameters, reporting=replace(parameters.reporting, service=0.0))
        _look(town, seen)
        for week in range(130):  # calls fall in the second half, so that zones rise
            for step in WEEK.values():
                step(town, parameters if week < 52 else calm, scenario.strategy)
                _look(town, seen, only_letters=True)
            town.week += 1
            _look(town, seen)
    constant = {f"{table}.{name}" for (table, name), values in seen.items() if len(values) < 2}
    assert constant == FIXED


# Officers come upon something in one week and have no time for it in the next.
NEARLY_BUSY = ("parameters.respond.sworn=170", "parameters.crisis.rate=0.7")
# Residents are heard, leaders abound, and the council has a say.
TALKATIVE = (
    "parameters.act.voice_half=0.01",
    "parameters.act.voice_memory=1",
    "parameters.people.leader_prevalence=0.2",
    "parameters.organize.slots=50",  # not all of them full before residents are heard
    "parameters.learn.council_hours=0.5",
    "parameters.learn.council_seats=0.5",
)
OF_ONE_S_OWN = (
    "tactics=[{name: medics, pillar: education, channels: {contacts: 1}}]",
    "strategy.mix.all.medics=0.5",
)
# The same in every synthetic town; a table of real neighbourhoods sets them.
FIXED = {
    *("neighbourhoods.moving", "neighbourhoods.fit_violence", "neighbourhoods.fit_property"),
    *("neighbourhoods.minority", "neighbourhoods.indigenous"),
}


def _look(town: Town, seen: dict[tuple[str, str], set[float]], only_letters: bool = False) -> None:
    for column, values in cells(town):
        key = (column.table, column.name)
        if values.size and len(seen[key]) < 2 and (column.event or not only_letters):
            seen[key] |= {float(values.min()), float(values.max())}


def test_every_column_is_read() -> None:
    """A column that only its owner touches is the owner's memory, or is listed here."""
    touched: dict[tuple[str, str], set[str]] = {key: set() for key in BY_NAME}
    for module in STAGES:
        for table, names in (*module.READS.items(), *module.WRITES.items()):
            for name in names.split():
                if (table, name) in touched:
                    touched[table, name].add(module.STAGE.name)

    class Watched(Table):
        def __getattribute__(self, name: str) -> Any:
            key = (object.__getattribute__(self, "name"), name) if name != "name" else ("", "")
            if key in touched:
                touched[key].add("measures")
            return object.__getattribute__(self, name)

    scenario = eventful(compose_scenario("small", "omem", WORDS))
    town = begun(scenario)
    for table in town.tables().values():
        if type(table) is Table:
            object.__setattr__(table, "__class__", Watched)
    for measure in MEASURES.values():
        measure.read(town, 1)
    unread = {
        f"{table}.{name}"
        for (table, name), who in touched.items()
        if not who - ({"build"} if BY_NAME[table, name].writer == "build" else set())
    }
    assert unread == UNREAD


# What the build lays out with, and what a map or a reader of the town wants to know.
UNREAD = {
    "neighbourhoods.x",
    "neighbourhoods.y",
    "households.place",
}


def test_a_week_of_a_locked_build_is_the_same_week(scenario: Scenario) -> None:
    """What the build wrote can be shared: nothing writes there, compiled or not."""
    town = begun(scenario)
    before = {key: values.tobytes() for key, values in _built(town)}
    for _ in range(20):
        run_week(town, scenario.parameters, scenario.strategy)
    assert {key: values.tobytes() for key, values in _built(town)} == before


def _built(town: Town) -> Iterator[tuple[tuple[str, str], np.ndarray[Any, Any]]]:
    for column, values in cells(town):
        if column.writer in ("build", "lay"):
            yield (column.table, column.name), values
