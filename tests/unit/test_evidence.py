"""Patterns, their estimators against known answers, the event log, verdicts."""

import csv
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from omemsim.analysis.evidence import metrics, read_patterns
from omemsim.analysis.evidence.event_log import EventLog
from omemsim.analysis.evidence.runs import READINGS, ValidationPlan, plan_validation
from omemsim.analysis.evidence.scorecard import PatternScore, comes_from, placed, shares
from omemsim.analysis.evidence.survey import BESIDE, SURVEYED, decade, survey
from omemsim.analysis.evidence.table import scorecard_csv, scorecard_text
from omemsim.analysis.evidence.tactic_trials import change, hot_spots_of, near_places
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.run import spin_up
from omemsim.simulation import Simulation
from omemsim.study.statistics import Difference
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.wheel import Crime, Origin

# Rows whose readings come with the processes that they are of.
SHARED = Path(__file__).parents[3] / "shared" / "evidence" / "patterns.csv"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return compose_scenario("small", "reactive", ["spin_up_years=0.5"])


@pytest.fixture(scope="module")
def start(scenario: Scenario) -> Town:
    return spin_up(scenario, 0)


def test_every_pattern_is_shipped_with_its_band_and_source() -> None:
    path = Path(os.environ.get("OMEMSIM_EVIDENCE", SHARED))
    if not path.is_file():
        pytest.skip("the table of patterns is not beside this checkout")
    with path.open(encoding="utf-8") as file:
        asked = {row["pattern"]: row for row in csv.DictReader(file)}
    ours = {pattern.pattern: pattern for pattern in read_patterns()}
    assert list(ours) == list(asked)
    for name, pattern in ours.items():
        row = asked[name]
        assert (pattern.low, pattern.high) == (float(row["low"]), float(row["high"])), name
        assert pattern.role == row["role"], name


def test_every_pattern_has_runs_that_compute_it() -> None:
    for pattern in read_patterns():
        assert pattern.needs in READINGS
    surveyed = {x.pattern for x in read_patterns() if x.needs == "survey"}
    assert surveyed == SURVEYED.keys()


def test_a_word_names_one_pattern_or_all_with_its_number() -> None:
    assert [x.pattern for x in read_patterns(["p5"])] == ["P5a", "P5b", "P5c"]
    assert [x.pattern for x in read_patterns(["P8b", "P1"])] == ["P1", "P8b"]
    with pytest.raises(InputError, match="There is no pattern 'P99'"):
        read_patterns(["P99"])


def test_a_file_of_patterns_is_checked_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "patterns.yaml"
    path.write_text("- {pattern: P1, low: 2, high: 1}\n", encoding="utf-8")
    with pytest.raises(InputError, match="source is missing") as refused:
        read_patterns(path=path)
    assert len(refused.value.problems) > 5
    path.write_text("P1: 3\n", encoding="utf-8")
    with pytest.raises(InputError, match="must be a list"):
        read_patterns(path=path)


@pytest.mark.parametrize("k", [0.1, 0.5, 3.0])
def test_dispersion_finds_that_of_negative_binomial_counts(k: float) -> None:
    rng = np.random.default_rng(1)
    counts = rng.poisson(rng.gamma(k, 1.5 / k, 40_000))
    assert metrics.dispersion(counts) == pytest.approx(k, rel=0.06)


def test_dispersion_of_poisson_counts_is_no_clustering() -> None:
    counts = np.random.default_rng(2).poisson(0.1, 20_000)
    assert metrics.dispersion(counts) > 1


def test_concentration_beyond_chance_is_none_for_chance() -> None:
    rng = np.random.default_rng(3)
    even = np.bincount(rng.integers(0, 1000, 300), minlength=1000)  # fewer crimes than places
    assert metrics.excess_gini(even) == pytest.approx(0, abs=0.03)
    one = np.zeros(1000, int)
    one[0] = 300
    assert metrics.generalised_gini(one) == pytest.approx(1, abs=0.01)
    assert metrics.generalised_gini(np.ones(1000, int)) == pytest.approx(0, abs=1e-9)
    spread = np.array([1] * 300 + [0] * 700)  # as even as 300 crimes can be
    assert metrics.generalised_gini(spread) == pytest.approx(0, abs=1e-9)


def test_share_of_top_counts_a_part_of_a_unit() -> None:
    counts = np.array([10, 5, 3, 2])
    assert metrics.share_of_top(counts, 0.25) == 0.5
    assert metrics.share_of_top(counts, 0.375) == pytest.approx((10 + 2.5) / 20)


def points(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    return rng.uniform(0, 4000, (n, 2)), rng.integers(0, 364, n)


def test_knox_is_one_without_contagion_and_more_with() -> None:
    rng = np.random.default_rng(4)
    xy, days = points(rng, 3000)
    alone = metrics.knox(xy, days, np.arange(3000))
    assert alone.near == pytest.approx(1, abs=0.08)
    assert alone.late == pytest.approx(1, abs=0.05)
    near = xy[:600] + rng.normal(0, 50, (600, 2))
    soon = np.minimum(days[:600] + rng.integers(0, 14, 600), 363)
    both = np.concatenate([xy, near]), np.concatenate([days, soon])
    more = metrics.knox(*both, np.arange(3600)).near
    assert more > 1.1
    at_home = np.concatenate([np.arange(3000), np.arange(600)])
    assert metrics.knox(*both, at_home).near < more - 0.1  # pairs at one dwelling are repeats
    few = np.r_[0:300, 3000:3300]  # the same contagion among fewer others
    assert metrics.knox(both[0][few], both[1][few], few).near > 3


def test_knox_expects_what_shuffled_dates_give() -> None:
    rng = np.random.default_rng(5)
    xy, days = points(rng, 400)
    days = days // 3  # many on one day, and a season of a kind
    found = metrics.knox(xy, days, np.arange(400), within=600)
    shuffled = [
        metrics.knox(xy, rng.permutation(days), np.arange(400), within=600).near for _ in range(200)
    ]
    assert np.mean(shuffled) == pytest.approx(1, abs=0.01)
    assert found.pairs > 500


def test_rate_ratio_holds_the_other_column_equal() -> None:
    rng = np.random.default_rng(6)
    poor = rng.normal(size=4000)
    efficacy = -0.7 * poor + rng.normal(size=4000)
    counts = rng.poisson(np.exp(2 - 0.2 * efficacy / efficacy.std() + 0.5 * poor)).astype(float)
    found = metrics.rate_ratio(counts, np.ones(4000), efficacy, equal=poor)
    assert found == pytest.approx(np.exp(-0.2), abs=0.02)


def test_a_wave_is_found_and_noise_is_none() -> None:
    rng = np.random.default_rng(7)
    week = np.arange(260)
    seasonal = rng.poisson(300 * (1 + 0.1 * np.cos(2 * np.pi * week / 52))).astype(float)
    assert metrics.wave(seasonal, period=52) == pytest.approx(1.1 / 0.9, abs=0.03)
    noise = rng.poisson(300, 260).astype(float)
    assert metrics.wave(noise, period=52) < 1.04
    assert np.isnan(metrics.wave(noise[:60], period=52))


def test_half_life_of_a_decay() -> None:
    gains = 0.3 * 0.5 ** (np.arange(10) / 4)
    assert metrics.half_life(gains, step=7) == pytest.approx(28)
    assert np.isnan(metrics.half_life([0.1, 0.0, 0.2], step=7))


def test_the_log_counts_what_the_town_counts(scenario: Scenario, start: Town) -> None:
    model = Simulation(scenario, 0, start.copy())
    town, share = model.town, model.parameters.reporting.recorded
    log = EventLog(town, recorded=share)
    hoods, sums = town.neighbourhoods, np.zeros(5, int)
    for _ in range(8):
        model.step()
        log.note(town)
        sums += [
            int(hoods.new_violence.sum()),
            int(hoods.new_recorded_violence.sum()),
            int(hoods.new_recorded_property.sum()),
            int(hoods.new_calls.sum()),
            int((town.calls.origin == Origin.OFFICER).sum()),
        ]
    events = log.events()
    is_violent = events.kind == Crime.VIOLENCE
    assert sums[0] == is_violent.sum()
    assert sums[1] == (events.is_recorded & is_violent).sum()
    assert sums[2] == (events.is_recorded & ~is_violent).sum()
    assert sums[3] == log.calls_at.sum() == log.calls_of().sum()
    assert sums[4] == (events.is_known & ~events.is_reported).sum()
    assert events.day.max() < 56
    assert (events.offender >= 0).any()
    assert (events.offender < 0).any()  # outsiders
    assert log.events(2, 4).day.min() >= 14
    assert log.events(2, 4).day.max() < 28


def test_the_log_has_offenders_and_arrests_by_person(scenario: Scenario, start: Town) -> None:
    town = start.copy()
    town.residents.propensity[:] = 0
    chosen = town.neighbourhoods.first_resident  # one active resident in each neighbourhood
    town.residents.propensity[chosen] = 100
    model = Simulation(scenario, 0, town)
    model.town.neighbourhoods.visitors[:] = 0  # nobody from outside
    log = EventLog(model.town, recorded=0.6)
    for _ in range(12):
        model.step()
        log.note(model.town)
    active = np.flatnonzero(model.town.residents.propensity > 50)
    assert log.events().day.size > 20
    drawn = log.events().offender
    first = drawn[(drawn >= 0) & (drawn < len(model.town.residents))]  # there from the start
    assert first.size > 20
    assert np.isin(first, active).all()
    arrests = log.arrests_of()
    assert len(arrests) > 0
    late = arrests[arrests[:, 1] >= 42]  # for crimes that the log has seen
    assert np.isin(late[:, 0], drawn).all()
    assert (arrests[:, 1] % 7 == 0).all()
    assert arrests[:, 1].max() < 84
    assert np.array_equal(log.arrests_of(0, 12), arrests)
    assert len(log.arrests_of(0, 1)) == 0 or log.arrests_of(0, 1)[:, 1].max() == 0


def test_observing_changes_nothing(scenario: Scenario, start: Town) -> None:
    plain = Simulation(scenario, 0, start.copy())
    before = start.residents.trust.copy()
    survey(scenario, start, 0)
    assert np.array_equal(before, start.residents.trust)
    watched = Simulation(scenario, 0, start.copy())
    log = EventLog(watched.town, recorded=0.6)
    for _ in range(4):
        plain.step()
        watched.step()
        log.note(watched.town)
    assert np.array_equal(plain.town.residents.trust, watched.town.residents.trust)


def test_a_survey_has_a_number_for_each_pattern(scenario: Scenario, start: Town) -> None:
    values = survey(scenario, start, 0)
    assert values.keys() == SURVEYED.keys() | BESIDE.keys()
    assert np.isnan(values["P3"])  # ten neighbourhoods are too few
    assert 0 < values["P7a"] < values["P6a"] < 1
    assert values["P5c"] < values["P5b"] < 1000
    assert values["P5a"] < values["P5b"] / 1000 * 2.5
    np.testing.assert_equal(survey(scenario, start, 0), values)


def test_decade_takes_the_first_and_the_last_year(scenario: Scenario, start: Town) -> None:
    assert -1 <= decade(scenario, start, 0)["P25c"] <= 1


def test_hot_spots_are_the_worst_known_and_their_catchment_is_near(start: Town) -> None:
    town = start.copy()
    spots = hot_spots_of(town, np.array([1, 3]), 0.1)
    assert set(town.places.neighbourhood[spots]) == {1, 3}
    for n in (1, 3):
        mine = town.places.neighbourhood == n
        least = town.places.knowledge[spots & mine].min()
        assert (town.places.knowledge[mine & ~spots] <= least).all()
    around = near_places(town, spots)
    assert around.any()
    assert not (around & spots).any()


def test_change_is_a_share_of_the_control() -> None:
    assert change(80, 100) == pytest.approx(-0.2)
    assert np.isnan(change(1, 0))


@pytest.mark.parametrize("name", ["contact", "training"])
def test_trials_of_soft_tactics(name: str, scenario: Scenario, start: Town) -> None:
    values = READINGS[name][0](scenario, start, 0)
    expected = {"contact": ("P21", 14, 45), "training": ("P27", 0.8, 1.0)}
    key, low, high = expected[name]
    assert low < values[key] < high


def test_deterrence_off_means_no_effect_of_hot_spots(scenario: Scenario, start: Town) -> None:
    off = compose_scenario(
        "small",
        "reactive",
        [
            "spin_up_years=0.5",
            "parameters.strength.deterrence=0",
            "parameters.strength.remembered_risk=0",
        ],
    )
    with_it = READINGS["hot_spots"][0](scenario, start, 0)
    without = READINGS["hot_spots"][0](off, start, 0)
    assert with_it["treated, weeks 0-26, all"] < -0.05
    assert abs(without["treated, weeks 0-26, all"]) < 0.02


def found(low: float, high: float, n: int = 4) -> Difference:
    middle = (low + high) / 2
    return Difference(n, middle, 0.0, middle, low, high)


NONE = Difference(0, *[float("nan")] * 5)


def test_the_whole_interval_must_lie_in_the_band_to_be_inside() -> None:
    pattern = replace(read_patterns(["P1"])[0], low=1.0, high=2.0)
    assert placed(pattern, found(1.0, 2.0)) == "inside"
    assert placed(pattern, found(0.9, 1.5)) == "overlaps"
    assert placed(pattern, found(0.5, 2.5)) == "overlaps"
    assert placed(pattern, found(2.01, 2.5)) == "outside"
    assert placed(pattern, NONE) == ""


def scores() -> list[PatternScore]:
    patterns = {x.pattern: x for x in read_patterns()}

    def one(
        name: str, against: str, verdict: str, value: Difference, zero: Difference
    ) -> PatternScore:
        return PatternScore(patterns[name], value, zero, against, verdict, "")

    return [
        one("P5b", "inside", "inside", found(250, 290), found(10, 20)),
        one("P5c", "outside", "outside", found(10, 20), NONE),
        one("P9a", "inside", "by construction", found(0.30, 0.32), found(0.3, 0.31)),
        one("P3", "", "not computed", NONE, NONE),
        one("P6a", "overlaps", "overlaps", found(0.2, 0.28), found(0.3, 0.31)),
    ]


def test_what_is_met_by_construction_or_missing_counts_in_no_share() -> None:
    calibrate, held = shares(scores())
    assert (calibrate.good, calibrate.counted, calibrate.given_and_missed) == (1, 2, 0)
    assert (held.good, held.counted, held.in_band) == (1, 1, 0)
    assert comes_from(scores()[0]) == "mechanisms"
    assert comes_from(scores()[4]) == "initial conditions"
    assert comes_from(scores()[1]) == ""


def test_the_table_says_it_all() -> None:
    text = scorecard_text(scores())
    assert "calibrate: 1 of 2 inside or overlapping (50%; aim 80%)" in text
    assert "by construction (inside)" in text
    assert "not computed or failed: P3" in text
    rows = list(csv.DictReader(scorecard_csv(scores(), "city").splitlines()))
    wanted = ["pattern", "role", "town", "value", "low", "high", "band_low", "band_high", "verdict"]
    assert list(rows[0])[:9] == wanted
    assert rows[3]["value"] == ""


def test_a_row_is_by_construction_where_the_town_is_fitted() -> None:
    p10 = read_patterns(["P10"])[0]
    assert p10.by_construction("synthetic") == ""
    assert "fitted" in p10.by_construction("table")
    assert read_patterns(["P9b"])[0].by_construction("synthetic")


def test_a_row_that_sets_a_size_is_by_construction_and_may_be_fitted() -> None:
    for name, parameter in (("P15a", "offend.deterrence"), ("P26", "reporting.service")):
        row = read_patterns([name])[0]
        assert (row.tunes, bool(row.by_construction("synthetic"))) == (parameter, True)
        assert row.may_be_fitted("synthetic")
    assert not read_patterns(["P9b"])[0].may_be_fitted("synthetic")  # given, and sets nothing
    assert not read_patterns(["P6a"])[0].may_be_fitted("synthetic")  # held out


def test_a_row_sets_the_size_of_a_parameter_that_there_is(tmp_path: Path) -> None:
    path = tmp_path / "patterns.yaml"
    row = {
        **dict.fromkeys(("pattern", "title", "metric", "source", "status", "how"), "P1"),
        "low": 0,
        "high": 1,
        "role": "calibrate",
        "needs": "survey",
    }
    path.write_text(yaml.safe_dump([row | {"tunes": "offend.deter"}]), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_patterns(path=path)
    assert refused.value.problems == [
        "patterns.yaml: P1: tunes = 'offend.deter': must be a parameter, as offend.deterrence.",
        "patterns.yaml: P1: tunes needs given: a row that sets a size is by construction.",
    ]


def test_a_plan_runs_each_reading_once_and_refuses_lengths() -> None:
    work = plan_validation(
        read_patterns(["P1", "P5", "P25c"]), ValidationPlan(town="small", replicates=2)
    )
    assert {cell.needs for cell in work.planned} == {"survey", "decade"}
    assert len(work.planned) == 2 * 2 * 2
    zero = next(x for cell, x in work.planned.items() if cell.variant == "zero")
    assert zero.scenario.parameters.strength.deterrence == 0
    with pytest.raises(InputError, match="years="):
        plan_validation(read_patterns(["P1"]), ValidationPlan(town="small", overrides=("years=3",)))
