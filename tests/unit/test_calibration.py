"""Calibration: emulators against known functions, regions of known size, and what is refused."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from omemsim.analysis.calibration import (
    USUAL,
    Calibrated,
    Plan,
    Target,
    best_text,
    calibrate,
    calibration_csv,
    calibration_text,
    choose,
    of_table,
    overlay,
    plausible_json,
    recording,
    shipped,
    unmet,
)
from omemsim.analysis.calibration.best import TRIED, find_best
from omemsim.analysis.calibration.emulator import FAR, Emulator, fit_emulator
from omemsim.analysis.calibration.plan import observed_by
from omemsim.analysis.calibration.region import (
    Region,
    Rule,
    apart,
    implausible,
    nearest_worst,
    sampled,
)
from omemsim.analysis.calibration.table import conflicts
from omemsim.analysis.calibration.targets import CUTOFF, check_fitted
from omemsim.analysis.evidence.patterns import read_patterns
from omemsim.analysis.evidence.runs import READINGS
from omemsim.figures.plausible import save_calibration_figures
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.run import spin_up
from omemsim.study.design import Point
from omemsim.study.engine import Engine
from omemsim.study.factors import Factor, factors_of
from omemsim.study.store import Store
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError, OmemError

TINY = ["town.residents=200", "town.neighbourhoods=2", "years=0.1", "spin_up_years=0.02"]
VIOLENCE = Factor("parameters.offend.violence", 0.0, 100.0)
THEFT = Factor("parameters.offend.theft", 0.0, 100.0)
INLINE = Engine(workers=1)


def wavy(points: np.ndarray) -> np.ndarray:
    return 10 + 4 * points[:, 0] + np.sin(5 * points[:, 1]) + points[:, 0] * points[:, 1]


def emulator_of(n: int = 60, noise: float = 0.0) -> Emulator:
    rng = np.random.default_rng(3)
    points = rng.random((n, 2))
    values = wavy(points) + rng.normal(0, noise**0.5, n)
    return fit_emulator(points, values, noise)


def test_an_emulator_foretells_what_it_did_not_see() -> None:
    new = np.random.default_rng(9).random((400, 2))
    mean, variance = emulator_of().predict(new)
    assert np.abs(mean - wavy(new)).max() < 0.1
    assert (np.abs(mean - wavy(new)) <= FAR * np.sqrt(variance) + 1e-3).mean() > 0.95
    assert emulator_of().check.explained > 0.99


def test_noise_is_no_response_and_the_variance_says_how_sure_it_is() -> None:
    made = emulator_of(n=120, noise=0.25)
    new = np.random.default_rng(9).random((2000, 2))
    mean, variance = made.predict(new)
    off = np.abs(mean - wavy(new)) / np.sqrt(variance)
    assert (off < FAR).mean() > 0.95
    assert variance.mean() < 0.25  # surer than one run is
    assert made.check.beyond < 0.05


def test_an_emulator_without_a_response_is_flat() -> None:
    rng = np.random.default_rng(5)
    points = rng.random((80, 2))
    made = fit_emulator(points, rng.normal(50, 1, 80), 1.0)
    mean, _ = made.predict(rng.random((200, 2)))
    assert np.abs(mean - 50).max() < 1
    assert made.check.explained < 0.2


def test_leaving_out_agrees_with_fitting_anew() -> None:
    from omemsim.analysis.calibration import emulator as module

    rng = np.random.default_rng(1)
    points = rng.random((12, 2))
    y = wavy(points)
    y = (y - y.mean()) / y.std()
    signal, lengths, level = 0.7, np.array([0.6, 0.4]), 0.01
    scale = {"centre": 0.0, "scale": 1.0}
    whole = module._assembled(points, y, (signal, level), lengths, **scale)
    errors = []
    for out in range(12):
        kept = np.arange(12) != out
        part = module._assembled(points[kept], y[kept], (signal, level), lengths, **scale)
        mean, _ = part.predict(points[[out]])
        errors.append(y[out] - mean[0])
    assert whole.check.explained == pytest.approx(1 - np.mean(np.square(errors)) / y.var())


def test_too_few_points_are_refused() -> None:
    with pytest.raises(ValueError, match="6 are needed for 2 parameters"):
        fit_emulator(np.random.default_rng(0).random((5, 2)), np.arange(5.0), 0.0)


def target(**changes: object) -> Target:
    known = {"reading": "harm", "observed": 12.0, "error": 0.1}
    return Target("T", "Harm", "per head", **{**known, **changes})  # type: ignore[arg-type]


def test_implausibility_counts_what_may_explain_the_distance() -> None:
    far = np.array([15.0])
    alone = implausible(target(error=1.0), far, np.zeros(1), noise=4.0)
    assert alone[0] == pytest.approx(3.0)  # the noise of a town says nothing of a country
    town = implausible(target(error=1.0, of_one_town=True), far, np.zeros(1), noise=4.0)
    assert town[0] == pytest.approx(3 / 5**0.5)
    both = implausible(target(error=1.0, discrepancy=2.0), far, np.full(1, 4.0), noise=0.0)
    assert both[0] == pytest.approx(1.0)
    assert implausible(target(), np.array([300.0]), np.zeros(1), 0.0)[0] > 1000


def test_the_largest_counts_or_the_next() -> None:
    rows = np.array([[1.0, 5.0], [2.0, 4.0], [9.0, 1.0]])
    assert nearest_worst(rows, 0).tolist() == [9, 5]
    assert nearest_worst(rows, 1).tolist() == [2, 4]
    assert nearest_worst(rows, 7).tolist() == [1, 1]


def rule(observed: float, error: float = 0.05) -> Rule:
    return Rule((target(observed=observed, error=error),), (emulator_of(),), (0.0,))


def test_a_region_is_as_large_as_it_is() -> None:
    region = Region(2, (rule(12.0),))
    points = np.random.default_rng(2).random((20000, 2))
    true = np.abs(wavy(points) - 12) <= CUTOFF * 0.05
    found = sampled(region, 0)
    assert found.volume == pytest.approx(true.mean(), rel=0.25)
    assert np.abs(wavy(found.points) - 12).max() < 2 * CUTOFF * 0.05
    assert (region.holds(points) == (region.implausibility(points) <= CUTOFF)).all()
    assert Region(2).holds(points).all()


def test_a_thin_region_is_found_and_an_empty_one_is_empty() -> None:
    thin = Region(2, (rule(12.0, 0.0002), rule(12.0)))
    found = sampled(thin, 0)
    assert 0 < found.volume < 0.02
    assert thin.holds(found.points).all()
    empty = sampled(Region(2, (rule(500.0),)), 0)
    assert empty.volume == 0
    assert len(empty.points) == 0


def test_points_are_chosen_far_apart() -> None:
    grid = np.stack(np.meshgrid(np.arange(11.0), np.arange(11.0)), -1).reshape(-1, 2)
    rows = apart(grid, 3, np.array([[0.0, 0.0]]))
    assert {tuple(x) for x in grid[rows].tolist()} == {(10, 10), (0, 10), (10, 0)}
    assert apart(grid, 999, grid[:1]).size == 121


def test_what_is_held_out_or_by_construction_is_never_fitted() -> None:
    town = compose_scenario("small")
    for row in read_patterns():
        if row.role == "hold out":
            match = f"{row.pattern} is held out"
        elif not row.may_be_fitted("synthetic"):
            match = f"{row.pattern} is by construction in this town: "
        else:
            assert [x.name for x in choose(town, [row.pattern])] == [row.pattern]
            continue
        with pytest.raises(InputError, match=match):
            choose(town, [row.pattern])
        with pytest.raises(InputError, match=match):
            check_fitted([dataclasses.replace(target(), name=row.pattern)], "synthetic")
    with pytest.raises(InputError, match="T is held out"):
        check_fitted([target(role="hold out")])
    with pytest.raises(InputError, match="P6a is held out"):
        Plan(town, (VIOLENCE,), (dataclasses.replace(target(), name="P6a"),)).check()


def test_nobody_asked_all_that_a_year_shows_is_fitted() -> None:
    shown = {x.name for x in choose(compose_scenario("city"))}
    known = {"P1", "P3", "P5a", "P5b", "P5c", "P8a", "P8b", "P10", "P11", "P13a", "P13b"}
    assert shown == known | {"P25a", "P25b", "P26"}
    assert shown - {x.name for x in choose(compose_scenario("small"))} == {"P3"}  # 5% of 12


def test_a_band_is_that_of_the_evidence() -> None:
    by_name = {x.name: x for x in shipped()}
    assert by_name.keys() == {row.pattern for row in read_patterns()}
    for row in read_patterns():
        assert by_name[row.pattern].band == pytest.approx((row.low, row.high))
    ends = np.array([240.0, 300.0])
    alone = dataclasses.replace(by_name["P5b"], discrepancy=0.0)
    assert implausible(alone, ends, np.zeros(2), noise=900.0) == pytest.approx([CUTOFF, CUTOFF])
    assert shipped(0.0)[0].discrepancy == 0
    assert {x.name: x for x in shipped(0.1)}["P5b"].discrepancy == pytest.approx(27)
    assert by_name["P25a"].of_one_town
    assert not by_name["P5b"].of_one_town


@pytest.mark.parametrize(
    ("targets", "match"),
    [
        ([], "no target"),
        ([target(), target()], "T is given twice"),
        ([target(error=0.0)], "must be above 0"),
    ],
)
def test_targets_that_cannot_be_fitted_are_told(targets: list[Target], match: str) -> None:
    with pytest.raises(InputError, match=match):
        check_fitted(targets)


def test_an_unknown_target_is_told_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"no target 'P5x'.*P5"):
        choose(compose_scenario(), ["P5x"])


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"factors": ()}, "Nothing varies"),
        ({"points": 3}, "needs at least 4 in a wave"),
        ({"replicates": 1}, "replicates = 1: at least 2 are needed to estimate"),
        ({"fresh": 1}, "fresh = 1: at least 2 are needed"),
        ({"misses": 1}, "must be below the number of targets"),
        ({"factors": (Factor("years", values=(1, 2)),)}, "only a number with a range"),
    ],
)
def test_a_plan_that_cannot_work_is_told(changes: dict[str, object], match: str) -> None:
    plan = Plan(compose_scenario(), (VIOLENCE,), (target(),), points=20)
    with pytest.raises(InputError, match=match):
        dataclasses.replace(plan, **changes).check()  # type: ignore[arg-type]


def test_the_usual_parameters_are_eight_that_exist() -> None:
    factors = [x for key, text in USUAL.items() for x in factors_of(key, text)]
    assert len(factors) == 8
    for factor in factors:
        group, name = factor.path.removeprefix("parameters.").split(".")
        default = getattr(getattr(compose_scenario().parameters, group), name)
        assert factor.ends()[0] < default < factor.ends()[1]


def test_a_town_is_read_as_validate_reads_it() -> None:
    words = ["town.residents=600", "town.neighbourhoods=6", "spin_up_years=0.1"]
    scenario = compose_scenario("small", "reactive", words)
    start = spin_up(scenario, 3)
    targets = [*choose(scenario), *choose(scenario, ["P15a", "P15b"])]
    asked = observed_by(targets)
    assert asked.needs == ("survey", "hot_spots")
    assert asked.weeks == 156
    prepared = recording(scenario, targets)
    assert prepared.years == 3
    found = asked(prepared, 3, start)
    roles = {row.pattern: row.role for row in read_patterns()}
    known = {}
    for needs in asked.needs:
        known |= READINGS[needs][0](scenario, start, 3)
    fitted = {name: x for name, x in known.items() if roles.get(name) == "calibrate"}
    assert found == {name: x for name, x in fitted.items() if np.isfinite(x)}
    assert {x.reading for x in targets} - {"P8a", "P8b"} <= found.keys()  # too few burglaries
    assert observed_by(targets[:1]).name != asked.name


def test_a_table_is_its_own_target(tmp_path: Path) -> None:
    rows = [f"{i},N{i},4000,{20 + 9 * i},{90 + 20 * i},{0.1 + 0.03 * i}" for i in range(5)]
    file = tmp_path / "t.csv"
    head = "id,name,population,violence,property,low_income"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    words = [f"town.file={file}", "town.scale=4", "spin_up_years=0.1"]
    scenario = compose_scenario("table", "reactive", words)
    targets = {x.name: x for x in of_table(scenario)}
    assert targets.keys() == {"table_total", "table_rank", "table_slope"}
    assert of_table(compose_scenario("small")) == []
    assert targets.keys() < {x.name for x in choose(scenario)}
    with pytest.raises(InputError, match="P10 is by construction in this town: fitted to the"):
        choose(scenario, ["P10"])
    found = observed_by(list(targets.values()))(scenario, 0, spin_up(scenario, 0))
    total = sum(20 + 9 * i + 90 + 20 * i for i in range(5)) / 20000 * 1000
    assert targets["table_total"].observed == pytest.approx(total)
    assert targets["table_total"].of_one_town
    assert found["table_total"] == pytest.approx(found["P10"])
    assert -1 <= found["table_rank"] <= 1
    assert np.isfinite(found["table_slope"])


def toy(scenario: Scenario, replicate: int, start: Town) -> Mapping[str, float]:
    """Give readings whose answer is known: harm is violence + theft / 2 with noise."""
    crime = scenario.parameters.offend
    noise = np.random.default_rng([replicate, int(1e6 * crime.violence)]).normal(0, 1, 2)
    harm = crime.violence + crime.theft / 2 + noise[0]
    return {"harm": float(harm), "gap": float(crime.violence - crime.theft + noise[1])}


def broken(scenario: Scenario, replicate: int, start: Town) -> Mapping[str, float]:
    """Fail in a tenth of runs."""
    if int(997 * scenario.parameters.offend.violence) % 10 == 0:
        raise ValueError("boom")
    return toy(scenario, replicate, start)


HARM = Target("H", "Harm", "units", "harm", 60.0, 1.0, 1.0)
GAP = Target("G", "Gap", "units", "gap", 10.0, 1.0)


def plan(**changes: object) -> Plan:
    scenario = recording(compose_scenario("small", "reactive", TINY), [])
    known: dict[str, object] = {
        "points": 30,
        "replicates": 3,
        "waves": 4,
        "sets": 20,
        "fresh": 3,
        "observe": toy,
    }
    known |= {"targets": (HARM, GAP)}
    return Plan(scenario, (VIOLENCE, THEFT), **{**known, **changes})  # type: ignore[arg-type]


def found_in(folder: Path, asked: Plan, **more: object) -> Calibrated:
    with Store(folder) as kept:
        return calibrate(asked, kept, engine=INLINE, progress=False, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> Calibrated:
    return found_in(tmp_path_factory.mktemp("toy"), plan())


def test_waves_find_the_sets_that_are_known_to_fit(calibrated: Calibrated) -> None:
    # harm 60 and gap 10 meet at violence 43.3, theft 33.3.
    assert calibrated.sets
    assert calibrated.wrongly <= 0.1 * calibrated.plausible
    for one in calibrated.sets:
        violence, theft = one.point.values()
        harm = abs(violence + theft / 2 - 60) / (2 + 1 / 3) ** 0.5
        gap = abs(violence - theft - 10) / (1 + 1 / 3) ** 0.5
        assert max(harm, gap) < CUTOFF + 2  # the noise of a mean of three
    volumes = [wave.volume for wave in calibrated.waves]
    assert volumes == sorted(volumes, reverse=True)
    inside = np.random.default_rng(0).random((200_000, 2)) * 100
    known = (np.abs(inside @ [1, 0.5] - 60) < 3 * 2**0.5) & (np.abs(inside @ [1, -1] - 10) < 3)
    assert volumes[-1] == pytest.approx(known.mean(), rel=0.35)
    assert len({str(one.point) for one in calibrated.sets}) == len(calibrated.sets) <= 20


def test_the_best_set_is_near_what_is_known(calibrated: Calibrated, tmp_path: Path) -> None:
    best = calibrated.best
    violence, theft = best.point.values()
    assert violence + theft / 2 == pytest.approx(60, abs=3)
    assert violence - theft == pytest.approx(10, abs=3)
    assert best.worst < 2 < best.usual_worst
    assert best.readings.shape == best.usual.shape == (3, 2)
    said = best_text(calibrated)
    assert all(len(line.rstrip()) <= 100 for line in said.splitlines())
    assert f"parameters.offend.theft={theft:.10g}" in said
    file = tmp_path / "best.yaml"
    file.write_text(overlay(best, name="mine", about={"Made by": "me"}), encoding="utf-8")
    made = compose_scenario("small", "reactive", [f"setting={file}"])
    assert made.setting == "mine"
    assert (made.parameters.offend.violence, made.parameters.offend.theft) == (violence, theft)


def test_the_best_set_is_chosen_by_runs_of_no_wave(calibrated: Calibrated) -> None:
    """Whatever emulators think: here one of the sets they put forward is made the best by runs."""
    asked, seeds, good = calibrated.plan, [], {}

    def run(points: Sequence[Point], replicates: int) -> np.ndarray:
        seeds.append({point["seed"] for point in points})
        values = np.full((len(points), replicates, 2), 500.0)
        if len(points) > 2:
            assert 2 < len(points) <= TRIED
            good.update(points[-1])
        for row, point in enumerate(points):
            if all(good[key] == x for key, x in point.items() if key != "seed"):
                values[row] = [60.0, 10.0]
        return values

    best = find_best(asked, calibrated.waves, calibrated.left, run)
    assert best.point == {key: x for key, x in good.items() if key != "seed"}
    assert best.worst == 0 < CUTOFF < best.usual_worst
    assert len(seeds) == 2
    assert all(len(each) == 1 for each in seeds)
    assert seeds[0] != seeds[1]
    assert asked.scenario.seed not in seeds[0] | seeds[1]


def test_a_best_set_without_runs_is_told_as_such(calibrated: Calibrated) -> None:
    def nothing(points: Sequence[Point], replicates: int) -> np.ndarray:
        return np.full((len(points), replicates, 2), np.nan)

    best = find_best(calibrated.plan, calibrated.waves, calibrated.left, nothing)
    assert best.worst == np.inf
    found = dataclasses.replace(calibrated, best=best)
    assert "It misses H, G" in " ".join(best_text(found).split())
    written = json.loads(plausible_json(found, command="omemsim calibrate", environment={}))
    assert written["best"]["implausibility"] is None


def test_what_was_found_is_told_written_and_drawn(calibrated: Calibrated, tmp_path: Path) -> None:
    text = calibration_text(calibrated)
    assert all(len(line) <= 100 for line in text.splitlines())
    assert "H Harm" in text
    assert "parameters.offend.theft" in text
    rows = calibration_csv(calibrated).splitlines()
    assert len(rows) == 1 + len(calibrated.ran)
    assert sum(row.endswith(",true") for row in rows) == calibrated.plausible
    written = json.loads(plausible_json(calibrated, command="omemsim calibrate", environment={}))
    assert written["sets"] == [one.point for one in calibrated.sets]
    assert written["targets"][0]["observed"] == 60
    paths = save_calibration_figures(calibrated, tmp_path)
    assert {path.name for path in paths} == {
        f"{name}.{kind}"
        for name in ("targets", "plausible-ranges", "plausible-pairs")
        for kind in ("png", "svg")
    }


def test_a_space_without_a_fit_is_a_finding(tmp_path: Path) -> None:
    far = dataclasses.replace(HARM, observed=900.0)
    found = found_in(tmp_path, plan(targets=(far, GAP)))
    assert found.why == "empty"
    assert len(found.waves) == 3  # one, and two that look for the least implausible
    assert not found.sets
    assert unmet(found) == ["H"]
    assert found.best.point == {VIOLENCE.path: 100.0, THEFT.path: pytest.approx(100.0, abs=3)}
    assert "* is more than 3" in " ".join(best_text(found).split())
    said = " ".join(calibration_text(found).split())
    assert "No set is plausible: the model, a band or a range of a parameter is wrong." in said
    assert "No set meets H, even alone" in said
    save_calibration_figures(found, tmp_path / "figures")


def test_targets_that_exclude_each_other_are_named(tmp_path: Path) -> None:
    other = dataclasses.replace(HARM, name="L", observed=30.0)
    found = found_in(tmp_path, plan(targets=(HARM, GAP, other)))
    assert not found.sets
    assert ("L", "H") in conflicts(found)
    said = " ".join(calibration_text(found).split())
    assert "Targets that no set meets together: L and H" in said


def test_it_goes_on_from_what_is_kept_and_finds_the_same(
    calibrated: Calibrated, tmp_path: Path
) -> None:
    first = found_in(tmp_path, plan(waves=1))
    again = found_in(tmp_path, plan())
    assert [one.point for one in first.ran] == [one.point for one in again.waves[0].ran]
    assert calibration_csv(again) == calibration_csv(calibrated)


def test_runs_that_fail_are_left_out_and_counted(tmp_path: Path) -> None:
    found = found_in(tmp_path, plan(observe=broken, waves=2))
    assert found.failed > 0
    assert found.sets
    assert "runs failed" in " ".join(calibration_text(found).split())


def test_a_reading_that_no_run_gives_is_told(tmp_path: Path) -> None:
    wrong = dataclasses.replace(HARM, reading="ham")
    with pytest.raises(OmemError, match="No run gave ham"):
        found_in(tmp_path, plan(targets=(wrong,)))


def test_a_budget_ends_it_between_waves(tmp_path: Path) -> None:
    from omemsim.study.run_times import Pace

    slow = Pace(build=10.0, spin_week=0.0, begin=0.0, run_week=0.0, numbers=2)
    with pytest.raises(InputError, match="is too little: the first wave takes about 15 minutes"):
        found_in(tmp_path, plan(seconds=60.0), pace=slow)
    found_in(tmp_path, plan(waves=1))
    found = found_in(tmp_path, plan(seconds=60.0), pace=slow)  # the first wave is kept
    assert found.why == "budget"
    assert len(found.waves) == 1
