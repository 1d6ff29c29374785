"""Both ends of the wheel: pushed apart, let go, and judged; a town in which only chance moves."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from omemsim.analysis.loops import (
    CONSTANT,
    HELD_WEEKS,
    LOOPS,
    PUSHED,
    STEADY,
    Fate,
    LoopArm,
    Loops,
    arms,
    constant_risk,
    end_of,
    fate_of,
    loops,
    mean_of,
    moves_of,
    of_arm,
    share_interval,
)
from omemsim.analysis.loops_text import in_words, percent
from omemsim.figures.loops import loops_figure, save_loops_figure
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.lay import CLAMPABLE, schedule_problems
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.schema import value_at
from omemsim.model import OmemModel
from omemsim.run import run_scenario, spin_up
from omemsim.study.engine import Engine
from omemsim.study.parameter_sets import draw_worlds, in_world, uncertain
from omemsim.study.switched_off import SwitchedOff
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.mechanisms import OFF
from omemsim.vocabulary.parameters import Parameters

TINY = ["town.residents=240", "town.neighbourhoods=2", "years=2", "spin_up_years=0.25"]


@pytest.fixture(scope="module")
def police() -> dict[str, Scenario]:
    on = compose_scenario("small", "omem", TINY)
    return {"on": on, "off": compose_scenario("small", "reactive", TINY)}


@pytest.fixture(scope="module")
def found(police: dict[str, Scenario], tmp_path_factory: pytest.TempPathFactory) -> Loops:
    out = tmp_path_factory.mktemp("loops")
    fixed: dict[str, Any] = {"engine": Engine(workers=1), "progress": False}
    return loops(police, replicates=2, parameter_sets=1, out=out, store=out / "store", **fixed)


def toy(capacity: list[list[float]], zones: list[list[int]]) -> Any:
    """Return what is read of a series: three years, a record a quarter."""
    weeks = 13 * np.arange(1, len(capacity) + 1)
    values = {"capacity": np.array(capacity, float), "true_zone": np.array(zones, float)}
    return SimpleNamespace(weeks=weeks, values=values)


def constant(level: float, zone: int, *, quarters: int = 12) -> Any:
    return toy([[level]] * quarters, [[zone]] * quarters)


def test_ends_that_stay_apart_survive() -> None:
    outcomes = fate_of(constant(0.2, 0), constant(0.8, 3)).outcomes()
    assert outcomes["gap_kept"] == pytest.approx(1)
    assert outcomes["both_ends"] == outcomes["red_and_blue"] == outcomes["zones_apart"] == 1


def test_zones_apart_without_a_gap_are_not_two_states() -> None:
    low = toy([[0.2]] * 4 + [[0.5]] * 8, [[1]] * 12)
    high = toy([[0.8]] * 4 + [[0.52]] * 8, [[2]] * 12)
    outcomes = fate_of(low, high).outcomes()
    assert outcomes["zones_apart"] == 1
    assert outcomes["gap_kept"] == pytest.approx(0.02 / 0.6)
    assert outcomes["gap_kept_here"] == outcomes["both_ends"] == 0


def test_a_gap_between_alike_zones_is_not_two_states() -> None:
    outcomes = fate_of(constant(0.2, 2), constant(0.8, 3)).outcomes()
    assert outcomes["gap_kept_here"] == 1
    assert outcomes["zones_apart"] == outcomes["both_ends"] == 0


def test_the_gap_is_read_when_held_later_and_at_the_end() -> None:
    gaps = [0.7, 0.6, *[0.5] * 4, *[0.4] * 2, *[0.1] * 4]  # weeks 13, 26, 39 ... 156
    fate = fate_of(constant(0, 0), toy([[gap] for gap in gaps], [[3]] * 12))
    assert fate.released == pytest.approx([0.6])  # week 26, the last record while held
    assert fate.later == pytest.approx([(2 * 0.4 + 2 * 0.1) / 4])  # weeks 79 to 130
    assert fate.end == pytest.approx([0.1])
    assert fate.half_closed == 9 * 13 - 26  # 0.1 is the first that is half of 0.6 or less


def test_a_gap_that_never_halves_lasts_as_long_as_the_run() -> None:
    assert fate_of(constant(0.2, 0), constant(0.8, 3)).half_closed == 12 * 13 - 26


def test_an_outcome_is_a_share_of_neighbourhoods() -> None:
    fate = Fate(
        released=np.full(4, 0.6),
        later=np.full(4, 0.5),
        end=np.array([0.5, 0.5, 0.5, 0.0]),
        low=np.array([0, 1, 2, 0]),
        high=np.array([3, 2, 3, 3]),
        half_closed=52.0,
    )
    outcomes = fate.outcomes()
    assert outcomes["zones_apart"] == 0.75
    assert outcomes["both_ends"] == 0.5
    assert outcomes["red_and_blue"] == 0.25


def test_a_neighbourhood_ends_where_it_mostly_is() -> None:
    zones = np.array([[0, 3, 1], [0, 3, 1], [0, 0, 2], [2, 3, 2]])
    assert end_of(zones).tolist() == [0, 3, 1]  # a tie counts as the lower zone


def test_moves_are_counted_after_the_first_year() -> None:
    zones = [[3, 0]] * 2 + [[0, 0]] + [[0, 1]] + [[0, 1]] * 4 + [[2, 0]] * 4
    up, down = moves_of(toy([[0.0, 0.0]] * 12, zones), "true_zone")
    years = 2  # week 52 to week 156, two neighbourhoods: one move up, one down
    assert (up, down) == (pytest.approx(1 / (2 * years)), pytest.approx(1 / (2 * years)))


def test_wilsons_interval() -> None:
    assert share_interval(5, 10) == pytest.approx((0.5, 0.2366, 0.7634), abs=1e-4)
    assert share_interval(0, 10) == pytest.approx((0, 0, 0.2775), abs=1e-4)
    assert np.isnan(share_interval(0, 0)).all()


def test_an_interval_stays_where_values_can_be() -> None:
    assert mean_of([0.0, 1.0], most=1)[1:] == (0.0, 1.0)
    assert mean_of([0.0, 1.0])[1] < 0
    assert np.isnan(mean_of([0.3], most=1)[1:]).all()
    assert percent(*mean_of([0.3])) == "30%"
    assert percent(-0.001, -0.02, 0.01) == "0% (-2% to 1%)"


def test_every_loop_is_made_of_mechanisms() -> None:
    assert all(set(names) <= OFF.keys() for names in LOOPS.values())


def test_there_is_an_arm_for_every_question() -> None:
    names = [arm.name() for arm in arms()]
    assert len(names) == len(set(names)) == 2 * 5 * 2 + 2


def test_a_loop_is_cut_and_nothing_else(police: dict[str, Scenario]) -> None:
    whole = of_arm(police["on"], LoopArm("on", start="low"))
    cut = of_arm(police["on"], LoopArm("on", "fear gate", "low"))
    assert isinstance(cut, SwitchedOff)
    assert cut.off == LOOPS["fear gate"]
    assert (cut.strategy, cut.clamps) == (whole.strategy, whole.clamps)
    trap = of_arm(police["on"], LoopArm("on", "demand trap"))
    assert trap.strategy == replace(police["on"].strategy, reinvest=False)


def test_what_is_held_can_be_held(police: dict[str, Scenario]) -> None:
    assert {f"{table}.{name}" for table, names in CONSTANT.items() for name in names} <= set(
        CLAMPABLE
    )
    for scenario in (
        constant_risk(police["on"]),
        of_arm(police["on"], LoopArm("on", start="high")),
    ):
        assert scenario.clamps
        assert not schedule_problems(scenario)


def test_the_starts_differ_in_capacity_and_not_in_precursors(police: dict[str, Scenario]) -> None:
    start = spin_up(police["on"], 0)
    weeks = {"years": HELD_WEEKS / 52}
    low, high = (
        run_scenario(replace(of_arm(police["on"], LoopArm("on", start=x)), **weeks), 0, start)
        for x in PUSHED
    )
    assert (high.values["capacity"][-1] - low.values["capacity"][-1] > 0.5).all()
    ends = {}
    for name in PUSHED:
        model = OmemModel(
            scenario=of_arm(police["on"], LoopArm("on", start=name)), start=start.copy()
        )
        for _ in range(4):
            model.step()
        ends[name] = model.town.residents
    still = (ends["low"].tenancy == start.residents.tenancy) & (
        ends["high"].tenancy == start.residents.tenancy
    )
    assert still.mean() > 0.8
    assert (ends["low"].need[still] == ends["high"].need[still]).all()
    assert (ends["low"].fear > 0.85).all()
    assert (ends["high"].fear < 0.15).all()


def rates(scenario: Scenario, weeks: int) -> Iterator[Any]:
    running = scenario.running() if isinstance(scenario, SwitchedOff) else scenario
    model = OmemModel(scenario=running, start=spin_up(scenario, 0), collect=False)
    for _ in range(weeks):
        model.step()
        yield model.town.neighbourhoods.expected_violence.copy()


def test_constant_risk_is_constant(police: dict[str, Scenario]) -> None:
    steady = list(rates(constant_risk(police["on"]), 30))
    # Custody of before week 0 runs out within its eight weeks.
    assert all(np.allclose(week, steady[12], rtol=1e-6) for week in steady[12:])
    assert not np.allclose(*[list(rates(police["on"], 30))[k] for k in (12, 29)], rtol=1e-2)


def test_worlds_cover_each_range_evenly_within_bounds() -> None:
    parameters, worlds = Parameters(), 20
    drawn = draw_worlds(parameters, worlds=worlds, seed=3)
    assert len(drawn) == worlds
    for item in uncertain(parameters):
        values = np.sort([world[item.path] for world in drawn])
        value = value_at(parameters, item.path.removeprefix("parameters."))
        low, high = max(0.5 * value, item.low), min(1.5 * value, item.high)
        assert low <= values[0] <= values[-1] <= high
        if item.type is float:  # one in each twentieth of the range
            places = np.floor(worlds * (values - low) / (high - low) * (1 - 1e-12))
            assert places.tolist() == list(range(worlds))
        else:
            assert all(float(x).is_integer() for x in values)


def test_a_parameters_draws_do_not_depend_on_the_others() -> None:
    key = "parameters.organize.join"
    alone = draw_worlds(Parameters(), worlds=5, only=[key])
    among = draw_worlds(Parameters(), worlds=5)
    assert [world[key] for world in alone] == [world[key] for world in among]
    assert [list(world) for world in alone] == [[key]] * 5
    assert among != draw_worlds(Parameters(), worlds=5, seed=1)


def test_switches_lines_and_prices_stay_as_they_are() -> None:
    groups = {item.path.split(".")[1] for item in uncertain(Parameters())}
    assert not groups & {"strength", "zones", "account", "assess"}
    assert {"feel", "organize", "offend"} <= groups


def test_a_world_lies_around_the_scenario_and_keeps_types(police: dict[str, Scenario]) -> None:
    doubled = compose_scenario("small", "omem", [*TINY, "parameters.organize.join=0.01"])
    key, whole = "parameters.organize.join", "parameters.partner.service_weeks"
    world = draw_worlds(doubled.parameters, worlds=4)[2]
    assert 0.005 <= world[key] <= 0.015
    scenario = in_world(police["on"], {key: world[key], whole: 30.0})
    assert scenario.parameters.organize.join == world[key]
    assert scenario.parameters.partner.service_weeks == 30
    assert isinstance(scenario.parameters.partner.service_weeks, int)
    assert scenario.parameters.feel == police["on"].parameters.feel


def test_too_short_a_run_is_refused(police: dict[str, Scenario], tmp_path: Any) -> None:
    short = {name: replace(scenario, years=1.0) for name, scenario in police.items()}
    with pytest.raises(InputError, match="must be 2 or more"):
        loops(short, replicates=1, out=tmp_path, store=tmp_path / "store")


def test_both_tables_hold_every_number(found: Loops) -> None:
    rows = list(csv.DictReader(io.StringIO(found.csv())))
    own = [row for row in rows if row["of"] == "replicates"]
    assert len(own) == 2 * 5 * 9
    assert {(row["of"], row["n"]) for row in rows} == {("replicates", "2"), ("parameter sets", "1")}
    assert {row["loop_off"] for row in own} == {"none", *LOOPS}
    drawn = [row for row in rows if row["of"] == "parameter sets"]
    assert {row["police"] for row in drawn} == {"on", "off"}
    moves = list(csv.DictReader(io.StringIO(found.moves_csv())))
    assert {row["town"] for row in moves} == {STEADY, "omem", "reactive"}
    assert all(float(row["low"]) >= 0 for row in moves)


def test_numbers_are_those_of_the_runs(found: Loops) -> None:
    names = [LoopArm("off", "fear gate", start).name() for start in ("low", "high")]
    again = fate_of(*(found.comparison.series(name, 1) for name in names)).outcomes()
    assert found.found["off", "fear gate"][1] == again
    row = next(
        x
        for x in found.rows()
        if (x.police, x.loop_off, x.outcome) == ("off", "fear gate", "gap_at_end")
    )
    both = [x["gap_at_end"] for x in found.found["off", "fear gate"]]
    assert row.value == pytest.approx(sum(both) / 2)


def test_the_reading_names_what_was_asked(found: Loops) -> None:
    text = in_words(found)
    assert max(map(len, text.splitlines())) <= 100
    for word in ("Police tactics on (omem)", "Police tactics off (reactive)", "random parameter"):
        assert word in text
    for name in LOOPS:
        assert f"without {name}" in text


def test_the_figure_has_a_panel_for_each_and_both_lines(found: Loops, tmp_path: Any) -> None:
    page = loops_figure(found)
    assert len(page.axes) == 2 * 5
    for axes in page.axes:
        gids = [line.get_gid() for line in axes.lines]
        assert gids == ["line-low", "line-high"]
        assert axes.get_ylim() == (0, 1)
    assert [path.suffix for path in save_loops_figure(found, tmp_path)] == [".png", ".svg"]


def told(kept: list[float], cut: list[float]) -> str:
    """Return the reading of towns of which so much of the gap is left, and without one loop."""
    base = dict.fromkeys(("gap_at_release", "gap_at_two_thirds", "gap_at_end"), 0.6)
    base |= {"gap_kept": 0.0, "half_closed": 50.0, "both_ends": 0.0}

    def each(values: list[float]) -> list[dict[str, float]]:
        return [base | {"gap_at_end": 0.6 * x, "gap_kept": x} for x in values]

    pairs = {("on", loop): each(cut if loop == "fear gate" else kept) for loop in ("", *LOOPS)}
    moves = {STEADY: {"true_zone": {"upgrades": [0.1, 0.1], "relapses": [0.0, 0.2]}}}
    toy_loops = SimpleNamespace(strategies={"on": "omem"}, found=pairs, over_sets={}, moves=moves)
    return " ".join(in_words(toy_loops).split())  # type: ignore[arg-type]


def test_a_loop_that_holds_the_ends_apart_is_named() -> None:
    text = told([0.6, 0.62, 0.58], [0.1, 0.12, 0.1])
    assert "(less of the gap is left without them): fear gate." in text
    assert "is left without: demand trap, capacity, complacency." in text
    assert "the town forgets" not in text


def test_a_closed_gap_is_not_read_as_held_by_anything() -> None:
    text = told([0.01, 0.012, 0.011], [-0.01, -0.011, -0.01])
    assert "the town forgets where it started" in text
    assert "hold the ends apart" not in text
    assert "constant risk 0.10 up and 0.10 down" in text
