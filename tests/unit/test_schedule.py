"""Events, interventions and clamps: which rows they mean, and what a clamp holds."""

from dataclasses import fields, replace

import numpy as np
import pytest

from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.lay import (
    CLAMPABLE,
    check_places,
    lay_schedule,
    neighbourhoods_of,
    resolve_clamps,
    rows_of,
)
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.model import OmemModel
from omemsim.processes import WEEK, run_week
from omemsim.run import run_scenario
from omemsim.schedule import Clamp, Event, Happening, Intervention, Work
from omemsim.spin_up import spin_up
from omemsim.study.identity import identify
from omemsim.town import Town
from omemsim.vocabulary.columns import COLUMNS
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.mechanisms import effective
from omemsim.vocabulary.wheel import FIRST_PROJECT, Sector, Tactic, Zone

WORDS = [
    "town.residents=1300",
    "town.neighbourhoods=5",
    "spin_up_years=0.2",
    "years=0.2",
    "parameters.partner.catchment=1000",
    "parameters.respond.sworn=500",
]


def composed(*words: str, strategy: str = "omem") -> Scenario:
    return compose_scenario("small", strategy, [*WORDS, *words])


@pytest.fixture(scope="module")
def settled() -> Town:
    return spin_up(composed(), 0)


@pytest.fixture
def town(settled: Town) -> Town:
    return settled.copy()


@pytest.fixture
def blueprint() -> Blueprint:
    names = ["Old Mill", "Riverside", "St. John: East", "Île d'Été", "Old Mill"]
    return replace(blueprint_of(composed().town), names=names, ids=["007", "b", "c", "1", "e"])


def test_work_is_the_tactics_and_three_projects() -> None:
    """Numbers are in stored results; a new tactic gets 18 and moves no project."""
    work = {work.name: work.value for work in Work}
    projects = {"LIGHTING": 100, "TARGET_HARDENING": 101, "CASEWORK": 102}
    assert work == {tactic.name: tactic.value for tactic in Tactic} | projects
    assert [work for work in Work if work >= FIRST_PROJECT] == list(projects.values())
    assert (len(Tactic), Tactic.MONITOR_HAZARDS) == (18, 14)  # numbers stay what they were


def test_kinds_fit_their_columns() -> None:
    most = {(c.table, c.name): c.high for c in COLUMNS}
    assert most["events", "what"] == max(Happening)
    assert most["interventions", "what"] == max(Work)
    assert most["events", "sector"] == max(Sector)
    assert {item.name for item in fields(Clamp)} >= {"column", "where", "value", "add", "times"}


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ([], [0, 1, 2, 3, 4]),
        (["all"], [0, 1, 2, 3, 4]),
        (["b", "ALL"], [0, 1, 2, 3, 4]),
        (["riverside"], [1]),
        ([" RIVERSIDE "], [1]),
        (["île d'été", "c"], [2, 3]),
        (["c", "b", "Riverside"], [1, 2]),
        (["1"], [3]),
        (["007"], [0]),
        (["st. john: east"], [2]),
    ],
)
def test_names_and_ids_mean_rows(
    where: list[str], rows: list[int], town: Town, blueprint: Blueprint
) -> None:
    assert neighbourhoods_of(where, town, blueprint).tolist() == rows


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        (["most_deprived:0.2"], [3]),
        (["most_deprived:0.5"], [0, 1, 3]),  # 2.5 neighbourhoods, and 0 before 4 of the same
        (["least_deprived:0.2"], [2]),
        (["most_deprived:0.01"], [3]),
        (["most_deprived:1"], [0, 1, 2, 3, 4]),
        (["most_harmed:0.2"], [4]),
        (["least_harmed:0.4"], [0, 1]),
        (["zone:red"], [1, 2]),
        (["zone:amber"], []),
        (["zone:red", "most_harmed:0.2", "riverside"], [1, 2, 4]),
    ],
)
def test_selectors_mean_rows(
    where: list[str], rows: list[int], town: Town, blueprint: Blueprint
) -> None:
    hoods = town.neighbourhoods
    hoods.deprivation[:] = [0.5, 0.6, 0.1, 0.9, 0.5]
    hoods.past_incidents[:] = 0
    hoods.past_incidents[:, 3] = [1, 2, 300, 4, 50]
    hoods.past_incidents[4, 51] = 1
    hoods.residents[:] = [100, 100, 10_000, 100, 100]
    hoods.zone[:] = [Zone.BLUE, Zone.RED, Zone.RED, Zone.GREEN, Zone.BLUE]
    assert neighbourhoods_of(where, town, blueprint).tolist() == rows


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("riversde", ["'riversde'", "Did you mean 'Riverside'?", "There are 5", "most_deprived:"]),
        ("9", ["'9'", "no such neighbourhood"]),
        ("old mill", ["2 neighbourhoods have this name", "007, e"]),
    ],
)
def test_a_name_that_is_none_is_refused(word: str, parts: list[str], blueprint: Blueprint) -> None:
    scenario = composed(f"events=[{{where: [b, {word}]}}]", f"clamps=[{{{HELD}, where: {word}}}]")
    with pytest.raises(InputError) as refused:
        check_places(scenario, blueprint)
    assert [problem.partition(" = ")[0] for problem in refused.value.problems] == [
        "events[0].where[1]",
        "clamps[0].where[0]",
    ]
    for part in parts:
        assert part in str(refused.value)


HELD = "column: residents.fear"


def test_a_wrong_name_is_found_before_the_spin_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omemsim.simulation.spin_up", lambda *_: pytest.fail("it was spun up"))
    scenario = composed("interventions=[{where: nowhere}]")
    with pytest.raises(InputError, match="nowhere"):
        OmemModel(scenario=scenario)
    with pytest.raises(InputError, match="nowhere"):
        run_scenario(scenario, 0)


def test_events_become_rows(town: Town, blueprint: Blueprint) -> None:
    scenario = composed(
        "events=[{what: economic, where: [b, c], from: 3, to: 9, size: 0.25},"
        " {what: budget_cut, size: 0.1}, {what: agency_closing, where: e, sector: youth}]"
    )
    lay_schedule(town, scenario, blueprint)
    rows = {name: values.tolist() for name, values in town.events.columns().items()}
    assert rows == {
        "what": [1, 1, 3, 4],
        "start": [3, 3, 0, 0],
        "end": [9, 9, 5200, 5200],
        "size": [0.25, 0.25, 0.1, 0.3],
        "neighbourhood": [1, 2, -1, 4],
        "sector": [-1, -1, -1, Sector.YOUTH],
    }
    assert len(town.interventions) == 0
    assert town.check() == []


def test_interventions_become_rows_and_replace_those_before(
    town: Town, blueprint: Blueprint
) -> None:
    words = "interventions=[{what: liaison, dose: 4}, {what: casework, where: 1, from: 2, to: 3}]"
    for _ in range(2):
        lay_schedule(town, composed(words), blueprint)
        rows = {name: values.tolist() for name, values in town.interventions.columns().items()}
        assert rows == {
            "what": [8] * 5 + [102],
            "start": [0] * 5 + [2],
            "end": [5200] * 5 + [3],
            "dose": [4.0] * 5 + [0.5],
            "neighbourhood": [0, 1, 2, 3, 4, 3],
            "place": [-1] * 6,
            "is_added": [0] * 6,
            "given": [0.0] * 6,
        }
    lay_schedule(town, composed(), blueprint)
    assert len(town.interventions) == len(town.events) == 0
    assert {v.dtype for v in town.interventions.columns().values()} == {
        np.dtype(kind) for kind in ("i1", "u1", "i4", "f8")
    }


def test_rows_of_tables_follow_their_neighbourhood(town: Town) -> None:
    hoods, some = town.neighbourhoods, np.array([1, 3])
    assert rows_of("neighbourhoods", some, town).tolist() == [1, 3]
    for table, first, count in (
        ("places", hoods.first_place, hoods.places),
        ("households", hoods.first_household, hoods.households),
        ("residents", hoods.first_resident, hoods.residents),
    ):
        expected = [first[n] + i for n in some for i in range(count[n])]
        assert rows_of(table, some, town).tolist() == expected
    assert (town.initiatives.neighbourhood[rows_of("initiatives", some, town)] != 2).all()
    assert len(rows_of("initiatives", some, town)) == 2 * len(town.initiatives) // 5
    officers = rows_of("officers", some, town)
    assert set(officers) == {i for i, home in enumerate(town.officers.home) if home in some}
    assert len(officers) > 0
    agencies = rows_of("agencies", np.array([0]), town)
    assert agencies.tolist() == list(range(len(Sector)))
    assert len(town.agencies) == 2 * len(Sector)


@pytest.fixture
def passed(settled: Town):
    """Return a function: a column before, after each of some weeks under a clamp, and without."""

    def run(clamp: str, weeks: int = 4) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
        scenario, town = composed(f"clamps=[{{{clamp}}}]"), settled.copy()
        model = OmemModel(scenario=scenario, start=town, collect=False)
        column = CLAMPABLE[scenario.clamps[0].column]
        before = getattr(town.tables()[column.table], column.name).copy()
        after = []
        for _ in range(weeks):
            model.step()
            after.append(getattr(town.tables()[column.table], column.name).copy())
        free = settled.copy()
        for _ in range(weeks):
            run_week(free, effective(scenario.parameters), scenario.strategy)
        return before, after, getattr(free.tables()[column.table], column.name)

    return run


def test_without_a_number_a_column_stays_as_it_was(passed) -> None:
    before, after, free = passed("column: residents.fear")
    assert all(values.tobytes() == before.tobytes() for values in after)
    assert not np.array_equal(before, free)


def test_a_clamp_at_zero_stays_zero(passed) -> None:
    before, after, _ = passed("column: residents.fear, value: 0")
    assert before.max() > 0
    assert all(not values.any() for values in after)


def test_a_clamp_begins_and_ends(passed) -> None:
    before, after, free = passed("column: residents.trust, from: 1, to: 3")
    assert not np.array_equal(after[0], before)
    assert after[1].tobytes() == after[2].tobytes() == after[0].tobytes()
    assert not np.array_equal(after[3], after[2])
    assert not np.array_equal(after[3], free)


def test_a_clamp_adds_and_multiplies_what_it_was_then(passed) -> None:
    before, after, _ = passed("column: residents.fear, add: 0.05, times: 0.5")
    expected = (before.astype(float) * 0.5 + 0.05).astype(np.float32)
    assert all(values.tobytes() == expected.tobytes() for values in after)


def test_a_clamp_is_cut_to_the_column(passed) -> None:
    _, after, _ = passed("column: residents.trust, add: 0.5")
    assert after[0].max() == 1
    assert after[0].min() < 1
    _, after, _ = passed("column: places.perceived, times: -1")
    assert all(not values.any() for values in after)


def test_a_count_is_rounded(passed) -> None:
    _, after, _ = passed("column: neighbourhoods.participants, value: 2.6")
    assert all((values == 3).all() for values in after)
    _, after, _ = passed("column: neighbourhoods.weeks_past, add: 1.0e+300")
    assert all((values == np.iinfo(np.int32).max).all() for values in after)


def test_a_clamp_holds_some_rows_only(passed, town: Town) -> None:
    """The others follow from what the town does, also from what is held."""
    before, after, _ = passed("column: residents.fear, where: [1, 2], value: 0.5")
    held = rows_of("residents", np.array([0, 1]), town)
    others = np.setdiff1d(np.arange(len(before)), held)
    assert all((values[held] == 0.5).all() for values in after)
    assert not np.array_equal(after[-1][others], before[others])


def test_a_wide_column_and_the_service_are_held(passed) -> None:
    _, after, _ = passed("column: neighbourhoods.share, value: 0.01")
    assert after[0].shape == (5, len(Tactic))
    assert all((values == 0.01).all() for values in after)
    before, after, free = passed("column: service.season")
    assert all(values.tobytes() == before.tobytes() for values in after)
    assert not np.array_equal(before, free)


@pytest.mark.parametrize("name", ["neighbourhoods.zone", "officers.skill", "agencies.relation"])
def test_a_column_is_held_right_after_its_writer(name: str, town: Town) -> None:
    """What later stages read is what is held: a clamp is put back in the week, not after it."""
    scenario = composed(f"clamps=[{{column: {name}, value: 1}}]")
    clamps = resolve_clamps(town, scenario, blueprint_of(scenario.town))
    column, seen = CLAMPABLE[name], {}
    stages = list(WEEK)

    def watch(stage):
        def step(town: Town, *rest) -> None:
            seen[stage] = getattr(town.tables()[column.table], column.name).copy()
            real[stage](town, *rest)

        return step

    real = dict(WEEK)
    with pytest.MonkeyPatch.context() as patch:
        for stage in stages:
            patch.setitem(WEEK, stage, watch(stage))
        run_week(town, effective(scenario.parameters), scenario.strategy, clamps)
    after = stages[stages.index(column.writer) + 1 :]
    assert all((seen[stage] == 1).all() for stage in after)
    assert not (seen[column.writer] == 1).all()


def test_weeks_are_the_town_s_own(town: Town) -> None:
    scenario = composed("clamps=[{column: residents.fear, value: 0, from: 2, to: 4}]")
    for _ in range(2):
        run_week(town, effective(scenario.parameters), scenario.strategy)
    model = OmemModel(scenario=scenario, start=town, collect=False)
    seen = []
    for _ in range(3):
        model.step()
        seen.append(bool(town.residents.fear.any()))
    assert seen == [False, False, True]


def test_clamps_of_one_run_leave_the_next_alone(settled: Town) -> None:
    """What a clamp keeps belongs to one run."""
    scenario = composed("clamps=[{column: residents.fear, add: 0.1}]")
    first, again = (run_scenario(scenario, 0, start=settled) for _ in range(2))
    assert first.values["fear"].tobytes() == again.values["fear"].tobytes()
    assert len(settled.events) == 0
    plainly = run_scenario(composed(), 0, start=settled)
    assert not np.array_equal(first.values["fear"], plainly.values["fear"])


def test_what_may_be_clamped() -> None:
    assert {"residents.fear", "neighbourhoods.fear", "service.bill"} <= CLAMPABLE.keys()
    for column in CLAMPABLE.values():
        assert column.writer in WEEK
        assert not column.event
        assert column.table not in ("calls", "queue", "incidents", "episodes", "custody")


def test_schedules_are_part_of_the_question() -> None:
    def run_id(*words: str) -> str:
        return identify(composed(*words), replicate=0, town="t", strategy="s").run_id

    asked = [
        run_id(),
        run_id("events=[{what: crime}]"),
        run_id("events=[{what: economic}]"),
        run_id("events=[{what: economic, where: [b]}]"),
        run_id("events=[{what: economic, from: 1}]"),
        run_id("interventions=[{what: lighting}]"),
        run_id("interventions=[{what: patrol}]"),
        run_id("clamps=[{column: residents.fear}]"),
        run_id("clamps=[{column: residents.fear, value: 0}]"),
    ]
    assert len(set(asked)) == len(asked)
    assert run_id("events=[{what: crime}]") == run_id("events={from: 0}")


def test_defaults_are_what_the_texts_say() -> None:
    assert (Event().from_, Event().to, Intervention().from_) == (0, 5200, 0)
    assert Clamp().value is None
