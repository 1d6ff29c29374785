"""What tables for programs hold: in every column its own number, where no two are alike."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from omemsim.analysis.ablate import FIRST, MEASURES, Ablation
from omemsim.analysis.bench_runs import Sweeping
from omemsim.analysis.calibration import waves
from omemsim.analysis.calibration.best import find_best
from omemsim.analysis.claims.arithmetic import parse
from omemsim.analysis.claims.experiment import Claimed, Experiment
from omemsim.analysis.claims.runs import Setup
from omemsim.analysis.claims.table import claims_csv, claims_markdown, claims_text
from omemsim.analysis.claims.verdict import Finding
from omemsim.analysis.evidence import survey, tactic_trials
from omemsim.analysis.evidence.patterns import Pattern
from omemsim.analysis.evidence.runs import EvidenceRuns, TownReading
from omemsim.analysis.evidence.scorecard import PatternScore
from omemsim.analysis.evidence.table import more_numbers, scorecard_csv
from omemsim.analysis.hindcast.experiment import LEARNT, MODEL
from omemsim.analysis.hindcast.tables import hindcast_csv
from omemsim.analysis.loops import ALL, LOOPS, MOVES, STEADY, Loops
from omemsim.analysis.loops_text import in_words as loops_in_words
from omemsim.analysis.ranking import Ranking, Sizes, Stages, ranking_csv
from omemsim.figures.claims_html import claims_page
from omemsim.figures.evidence_html import evidence_page
from omemsim.figures.headline import _becomes
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.tables.check import implausible
from omemsim.study import run_times
from omemsim.study.comparison import Comparison
from omemsim.study.contrasts import Contrast, about
from omemsim.study.export import table_of
from omemsim.study.factor_importance import Driven
from omemsim.study.factors import Factor
from omemsim.study.identity import identify
from omemsim.study.indices import IndexEstimate, Morris, Sobol
from omemsim.study.manifest import Member, Study
from omemsim.study.run_times import Pace
from omemsim.study.statistics import Difference, student_interval
from omemsim.study.store import Record, Store


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def number(row: dict[str, str], *names: str) -> tuple[float, ...]:
    return tuple(float(row[name]) for name in names)


def difference(middle: float, low: float, high: float, n: int = 5) -> Difference:
    return Difference(n, middle + 100, 100.0, middle, low, high)


NONE = Difference(0, *[math.nan] * 5)

# --- claims


def finding() -> Finding:
    experiment = Experiment(
        claim="C7",
        theme="t",
        seed="012",
        quote="q",
        asks="Does it?",
        setting={},
        arms={},
        readings={},
        effect=parse("a.x - b.x"),
        unit="index",
        claimed=Claimed("above 0", low=0.0),
        kind="emerges",
        through=("feel",),
        mechanism=("fear_gate",),
        false_when={"a": 1.0},
        note="",
    )
    return Finding(
        experiment,
        "emerges",
        "",
        difference(0.5, 0.3, 0.6, n=8),
        difference(0.1, -0.2, 0.25),
        difference(-0.4, -0.7, -0.15),
        np.array([1.0, -1.0, 2.0, 3.0]),
        0.75,
        "found",
        (),
    )


def test_a_claim_s_row_keeps_effect_control_and_false_set_apart() -> None:
    (row,) = rows(claims_csv([finding()]))
    assert number(row, "effect", "low", "high", "n") == (0.5, 0.3, 0.6, 8)
    assert number(row, "control_effect", "control_low", "control_high") == (0.1, -0.2, 0.25)
    assert number(row, "false_effect", "false_low", "false_high") == (-0.4, -0.7, -0.15)
    assert row["is_false_there"] == "yes"
    assert number(row, "worlds_share", "worlds_n") == (0.75, 4)
    line = claims_text([finding()]).splitlines()[1]
    assert line.split()[:6] == ["C7", "emerges", "+0.5", "[+0.3,", "+0.6]", "+0.1"]
    cells = [x.strip() for x in claims_markdown([finding()]).splitlines()[4].split("|")]
    assert cells[4:6] == ["+0.5 [+0.3, +0.6]", "+0.1 [-0.2, +0.25]"]
    assert cells[8:10] == ["-0.4: false", "75% of 4"]


def test_the_page_of_claims_says_what_the_table_says() -> None:
    page = claims_page([finding()], Setup(replicates=8, parameter_sets=4), command="omemsim claims")
    for name, text in (
        ("effect", "+0.5 [+0.3, +0.6] index; claimed above 0"),
        ("mechanism off", "+0.1 [−0.2, +0.25]"),
        ("false set", "−0.4 [−0.7, −0.15], false there"),
        ("other sets", "75% of 4 on the claimed side"),
    ):
        assert f"<dt>{name}</dt><dd>{text}</dd>" in page
    assert "8 replicates; other parameter sets: 4 of 24 of the " in page


# --- evidence


def pattern(name: str, needs: str = "survey") -> Pattern:
    texts = {x.name: x.name for x in dataclasses.fields(Pattern)}
    more = {"pattern": name, "low": 2.0, "high": 8.0, "role": "calibrate", "needs": needs}
    return Pattern(**{**texts, **more})  # type: ignore[arg-type]


def test_a_pattern_s_row_keeps_value_band_and_zero_apart() -> None:
    one = PatternScore(
        pattern("P1"),
        difference(5.0, 3.0, 6.0, n=4),
        difference(20.0, 11, 31),
        "inside",
        "inside",
        "",
    )
    (row,) = rows(scorecard_csv([one], "city"))
    assert number(row, "value", "low", "high", "n") == (5, 3, 6, 4)
    assert number(row, "band_low", "band_high") == (2, 8)
    assert number(row, "zero_value", "zero_low", "zero_high") == (20, 11, 31)
    assert (row["comes_from"], row["verdict"], row["town"]) == ("mechanisms", "inside", "city")


def test_the_page_of_evidence_tells_value_band_and_what_is_left_without_mechanisms() -> None:
    zero = difference(20.0, 11.0, 31.0)
    one = PatternScore(pattern("P1"), difference(5.0, 3.0, 6.5), zero, "inside", "inside", "")
    work = EvidenceRuns(compose_scenario("small", "reactive"), {})
    page = evidence_page([one], work, replicates=4, command="omemsim validate")
    for name, text in (
        ("value", "5 [3, 6.5]"),
        ("band", "2 to 8"),
        ("all mechanisms off", "20 [11, 31]"),
        ("comes from", "mechanisms"),
    ):
        assert f"<dt>{name}</dt><dd>{text}</dd>" in page


def test_means_of_what_trials_measured_beside_leave_patterns_out() -> None:
    work = EvidenceRuns(
        SimpleNamespace(), {TownReading("default", "liaison", k): None for k in range(2)}
    )  # type: ignore[arg-type, misc]
    for k, (mine, other) in enumerate(((0.1, 9.0), (0.4, 5.0))):
        work.values[TownReading("default", "liaison", k)] = {"true crime": mine, "P19a": other}
        work.values[TownReading("zero", "liaison", k)] = {"true crime": 77.0}
    assert more_numbers(work) == [("liaison", "true crime", pytest.approx(0.25))]


class Weeks:
    """A model that counts weeks, and shows what a week of a town would."""

    def __init__(self, week: Any) -> None:
        self.town = SimpleNamespace(neighbourhoods=Hoods())
        self.week, self.show = 0, week

    def step(self) -> None:
        self.show(self.town, self.week)
        self.week += 1

    def close(self) -> None:
        pass


class Hoods(SimpleNamespace):
    population = np.array([100.0, 1000.0, 300.0])
    new_recorded_violence = np.zeros(3)

    def __len__(self) -> int:
        return 3


def test_a_decade_ranks_rates_of_the_first_and_the_last_year(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    yearly = {0: [5.0, 9, 6], 10: [1.0, 50, 21]}

    def week(town: Any, number: int) -> None:
        year = number // 52
        town.neighbourhoods.new_recorded_violence = np.array(yearly.get(year, [9, 1, 0])) / 52

    monkeypatch.setattr(survey, "_model", lambda *_, **__: Weeks(week))
    # Rates .05 .009 .02 and .01 .05 .07; of counts the correlation would be 1.
    found = survey.decade(None, None, 0)  # type: ignore[arg-type]
    assert found["P25c"] == pytest.approx(-0.5)


def test_a_season_is_of_violence_and_crime_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def week(town: Any, number: int) -> None:
        town.incidents = SimpleNamespace(type=np.repeat([0, 1, 2, 3], [number % 52, 7, 3, 9]))

    def wave(counts: np.ndarray, period: float) -> float:
        seen.extend(counts.astype(int).tolist())
        return period

    from omemsim.vocabulary.wheel import Crime

    kept = {int(Crime.VIOLENCE), int(Crime.HOUSEHOLD)}
    monkeypatch.setattr(survey, "_model", lambda *_, **__: Weeks(week))
    monkeypatch.setattr(survey.metrics, "wave", wave)
    assert survey.season(None, None, 0) == {"P22": 52}  # type: ignore[arg-type]
    each = {0: lambda k: k % 52, 1: lambda k: 7, 2: lambda k: 3, 3: lambda k: 9}
    assert seen == [sum(each[kind](k) for kind in kept) for k in range(5 * 52)]


def test_trust_s_half_life_is_of_what_is_left_after_the_week_of_contacts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gains = [0.0, *(0.08 * 0.5 ** (k / 3) for k in range(11))]  # halves in three weeks
    with_it = SimpleNamespace(trust=[0.4 + x for x in gains], aware=0.6)
    pair = iter([with_it, SimpleNamespace(trust=[0.4] * 12)])
    monkeypatch.setattr(tactic_trials, "watched", lambda *_, **__: next(pair))
    scenario = compose_scenario("small", "reactive")
    assert tactic_trials.contact(scenario, SimpleNamespace(), 0)["P21"] == pytest.approx(21)  # type: ignore[arg-type]
    monkeypatch.setattr(tactic_trials, "watched", lambda *_, **__: with_it)
    assert tactic_trials.training(scenario, SimpleNamespace(), 0) == {"P27": 0.6}  # type: ignore[arg-type]


# --- ablation, loops, ranking


def test_a_mechanism_s_row_has_the_full_model_s_mean_and_that_without_it() -> None:
    found = {
        ("tips", measure): Contrast(
            measure, about(measure), "tips", Difference(6, 130.0, 120.0, 10.0, 4.0, 15.0)
        )
        for measure in MEASURES
    }
    made = Ablation("omem", "week0", found, Comparison(["omem"], "omem", 6, Path(), Path(), {}, {}))
    row = next(x for x in rows(made.csv()) if x["measure"] == FIRST)
    assert number(row, "full", "without", "difference", "low", "high", "n") == (
        *(120, 130, 10, 4, 15, 6),
    )
    assert row["verdict"] == "higher"


OUTCOME = {
    "gap_at_release": 0.6,
    "gap_at_two_thirds": 0.4,
    "gap_at_end": 0.3,
    "gap_kept": 0.5,
    "half_closed": 80.0,
    "gap_kept_here": 0.7,
    "zones_apart": 0.35,
    "both_ends": 0.25,
    "red_and_blue": 0.0,
}


@pytest.mark.parametrize(
    ("share", "word"),
    [(-20.4, "20% larger"), (0.2, "0% gone"), (62.6, "63% gone"), (130.0, "turned round")],
)
def test_a_headline_s_bar_says_what_becomes_of_it(share: float, word: str) -> None:
    assert _becomes(share) == word


def loops() -> Loops:
    """Return two polices, three replicates; without the fear gate less of the gap is left."""
    found = {}
    for police in ("on", "off"):
        for loop in (ALL, *LOOPS):
            kept = {"fear gate": -0.3, "capacity": 0.2, "complacency": 0.01}.get(loop, 0.0)
            weeks = {"demand trap": -30.0, "complacency": 40.0}.get(loop, 0.0)
            found[police, loop] = [
                OUTCOME
                | {
                    "gap_kept": 0.5 + kept * (police == "on") + 0.02 * k + 0.003 * bool(loop) * k,
                    "half_closed": 80.0 + weeks + k + 0.1 * bool(loop) * k,
                    "both_ends": 0.1 + 0.1 * k,
                }
                for k in range(3)
            ]
    over_sets = {"on": [OUTCOME, OUTCOME | {"both_ends": 0.0}, OUTCOME | {"red_and_blue": 0.5}]}
    moves = {
        town: {label: {MOVES[0]: [a, a + 0.2], MOVES[1]: [b, b]} for label in ("true_zone", "zone")}
        for town, a, b in ((STEADY, 0.1, 0.05), ("omem", 0.6, 0.3))
    }
    comparison = Comparison(["x"], "x", 3, Path(), Path(), {}, {})
    return Loops({"on": "omem", "off": "reactive"}, found, over_sets, 4, moves, comparison)


def test_loops_rows_are_means_over_replicates_and_shares_of_sets() -> None:
    found = {(x.police, x.loop_off, x.outcome, x.of): x for x in loops().rows()}
    row = found["on", "fear gate", "gap_kept", "replicates"]
    values = np.array([0.2, 0.223, 0.246])
    low, high = student_interval(values)
    assert (row.value, row.low, row.high, row.n) == pytest.approx(
        (values.mean(), float(low), float(high), 3)
    )
    share = found["on", "none", "both_ends_anywhere", "parameter sets"]
    assert (share.value, share.n) == (pytest.approx(2 / 3), 3)
    mean = found["on", "none", "red_and_blue", "parameter sets"]
    assert mean.value == pytest.approx(0.5 / 3)
    empty = dataclasses.replace(loops(), found={}, over_sets={}, moves={})
    assert empty.csv() == "police,strategy,loop_off,outcome,unit,value,low,high,n,of\n"
    assert empty.moves_csv() == "town,label,move,unit,value,low,high,n\n"
    written = rows(loops().moves_csv())
    line = next(x for x in written if x["town"] == "omem" and x["label"] == "zone")
    assert (line["move"], *number(line, "value", "n")) == (MOVES[0], pytest.approx(0.7), 2)


def test_loops_are_named_by_what_cutting_them_does() -> None:
    said = " ".join(loops_in_words(loops()).split())
    on = "Police tactics on, loops that"
    assert f"{on} hold the ends apart (less of the gap is left without them): fear gate." in said
    assert f"{on} bring the ends together (more of the gap is left without them): capacity." in said
    assert f"{on} make the town remember longer (the gap closes sooner without them): " in said
    assert "(the gap closes sooner without them): demand trap." in said
    assert f"{on} make the town forget sooner (the gap closes later without them): " in said
    assert "(the gap closes later without them): complacency." in said
    assert "both ends survive in a neighbourhood or more in 2 of 3 sets, 67%" in said
    assert "as red and blue in 1. 1 more sets failed." in said
    assert f"{STEADY} 0.20 up and 0.05 down; omem 0.70 up and 0.30 down." in said


def test_a_ranking_s_row_has_both_kinds_of_effect_under_their_own_names() -> None:
    names = ("parameters.offend.violence", "parameters.feel.pace")

    def each(*numbers: tuple[float, float, float]) -> dict[str, IndexEstimate]:
        return dict(zip(names, (IndexEstimate(*x) for x in numbers), strict=True))

    morris = Morris(
        names,
        each((8.0, 7.0, 9.5), (2.0, 1.0, 3.5)),
        each((-8.0, -9, -7), (2.0, 1, 3)),
        each((1.0, 0, 2), (1.5, 1, 2)),
        dict(zip(names, (0.5, 2.5), strict=True)),
        4,
        0,
        2,
    )
    sobol = Sobol(
        names, each((0.6, 0.5, 0.7), (0.1, 0.05, 0.2)), each((0.8, 0.75, 0.9), (0.3, 0.2, 0.4)),
        2.0, 1.0, 8, 0, 2,
    )  # fmt: skip
    scenario = compose_scenario("small", "reactive")
    factors = (Factor(names[0], 20.0, 60.0), Factor(names[1], 3.0, 9.0))
    stages = Stages({"a": scenario, "b": scenario}, factors, Sizes(), "fear")
    one = Driven("b", "a", "fear under b less a", "index 0-1", morris)
    two = dataclasses.replace(one, found=sobol)
    found = Ranking(stages, (one,), (("fear", one), ("trust", one)), names, (two,), {}, {}, {}, 0)
    first, second, other, _ = rows(ranking_csv(found))
    assert first["parameter"] == names[0]
    assert number(first, "low", "high") == (20, 60)
    assert number(first, "mu_star", "mu_star_low", "mu_star_high") == (8, 7, 9.5)
    assert number(first, "noise_alone", "influence") == (0.5, 1)
    assert number(first, "first", "first_low", "first_high") == (0.6, 0.5, 0.7)
    assert number(first, "total", "total_low", "total_high") == (0.8, 0.75, 0.9)
    assert number(second, "noise_alone", "influence") == (2.5, 0)  # no more than noise gives
    assert (other["outcome"], other["first"]) == ("trust", "")


# --- hindcast


def test_a_hindcast_s_row_has_the_year_s_residents_counts_and_each_forecast() -> None:
    def told(shift: float) -> Any:
        grid = np.array([[1.0, 2], [3, 4]])
        parts = ("median", "low90", "high90", "pit")
        return SimpleNamespace(**{x: shift + 10 * k + grid for k, x in enumerate(parts)})

    found: Any = SimpleNamespace(
        measures=["violence"],
        question=SimpleNamespace(predict=(2004, 2005)),
        later=SimpleNamespace(
            ids=["a", "b"],
            names=["A", "B"],
            population=np.array([[100.0, 200], [300, 400]]),
            counts={"violence": np.array([[5.0, 6], [7, 8]])},
        ),
        summaries={"violence": {MODEL: told(0), LEARNT: told(100), "last year": told(200)}},
    )
    written = rows(hindcast_csv(found))
    row = next(x for x in written if (x["year"], x["id"]) == ("2005", "a"))
    assert number(row, "residents", "observed") == (300, 7)
    assert number(row, "model_median", "model_low90", "model_high90", "model_pit") == (
        3,
        13,
        23,
        33,
    )
    assert number(row, "model_learnt_spread_low90", "last_year_high90") == (113, 223)
    assert len(written) == 4


# --- calibration


def test_the_best_set_is_the_least_implausible_in_fresh_towns_and_told_from_others() -> None:
    from omemsim.analysis.calibration.plan import Plan, Ran, Wave
    from omemsim.analysis.calibration.region import Rule
    from omemsim.analysis.calibration.targets import Target

    target = Target("P1", "one", "u", "P1", observed=10.0, error=1.0)
    factor = Factor("parameters.offend.violence", 0.0, 100.0)
    plan = Plan(compose_scenario("small", "reactive"), (factor,), (target,), fresh=4)
    flat: Any = SimpleNamespace(mean=lambda points: 10 + 40 * np.abs(points[:, 0] - 0.3))
    rule = Rule((target,), (flat,), (0.0,))
    units = np.array([[0.9], [0.5], [0.31], [0.1]])
    ran = tuple(
        Ran(0, unit, plan.point(unit), np.array([9.0]), np.array([k]), float(k))
        for k, unit in enumerate(units)
    )
    asked: list[tuple[list[float], set[Any], int]] = []

    def run(points: Any, replicates: int) -> np.ndarray:
        numbers = [point[factor.path] for point in points]
        asked.append((numbers, {point["seed"] for point in points}, replicates))
        # Fresh runs say that 50 is right, whatever the waves and the emulators thought.
        readings = 10 + 0.1 * np.abs(np.array(numbers) - 50) + 5 * (len(asked) > 1)
        return np.repeat(readings[:, None, None], replicates, axis=1)

    best = find_best(plan, (Wave(0, ran, rule, 0.5, (0.0,), 1.0),), np.empty((0, 1)), run)
    assert best.point == {factor.path: 50.0}
    assert (best.worst, best.each[0]) == pytest.approx((5.0, 5.0))  # from the second runs
    usual = plan.scenario.parameters.offend.violence
    assert asked[1][0] == [50.0, usual]
    assert best.usual_worst == pytest.approx(5 + 0.1 * abs(usual - 50))
    assert asked[0][1].isdisjoint(asked[1][1])
    assert plan.scenario.seed not in asked[0][1] | asked[1][1]


def test_seconds_of_all_waves_are_those_of_one_and_of_the_best_set() -> None:
    plan: Any = SimpleNamespace(points=30, replicates=4, waves=5, fresh=8)
    wave: Any = SimpleNamespace(seconds=240.0)
    assert waves.whole(plan, wave) == 5 * 240 + 10 * 8 * 2


# --- a store's table, times


def test_an_exported_row_has_its_point_s_values_and_its_measures_units(tmp_path: Path) -> None:
    units = {"fear": "index 0-1", "calls": "per 1,000"}
    members, records = [], []
    for point in range(2):
        for replicate in range(2):
            config = {"point": point}
            key = identify(config, replicate=replicate, town="made", strategy="omem")
            numbers = {
                "fear": 0.1 * point + 0.01 * replicate,
                "calls": 7.0 + 10 * point + replicate,
            }
            records.append(Record(key, numbers, None, 1.0))
            members.append(Member(key.run_id, "omem", point, replicate))
    points = [{"years": 3.0, "strategy.precision": 0.2}, {"years": 5.0, "strategy.precision": 0.9}]
    study = Study("one", "sweep", (), {"points": points, "replicates": 2}, members)
    with Store(tmp_path / "s") as store:
        store.begin(study)
        store.put(records, units=units)
        wide, tidy = table_of(store, shape="wide"), table_of(store, shape="tidy")
        found = [dict(zip(wide.columns, row, strict=True)) for row in wide.rows()]
        long = [dict(zip(tidy.columns, row, strict=True)) for row in tidy.rows()]
    row = next(x for x in found if (x["point"], x["replicate"]) == (1, 0))
    assert (row["years"], row["strategy.precision"]) == (5.0, 0.9)
    assert (row["fear"], row["calls"]) == (0.1, 17.0)
    assert wide.units == units
    one = next(x for x in long if (x["point"], x["replicate"], x["measure"]) == (0, 1, "calls"))
    assert (one["value"], one["unit"], one["years"]) == (8.0, "per 1,000", 3.0)
    assert (wide.n_rows, tidy.n_rows) == (4, 8)


def test_a_pace_is_what_a_week_more_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    # Build with a week, nine weeks; begin with one, once held up, and nine weeks.
    costs = iter([3.0, 5.0, 2.9, 0.7, 2.3])
    series = SimpleNamespace(summary=lambda: dict.fromkeys("abcde", 0.0))

    def timed(call: Any) -> tuple[Any, float]:
        return call(), next(costs)

    monkeypatch.setattr(run_times, "timed", timed)
    monkeypatch.setattr(run_times, "spin_up", lambda *_: "town")
    monkeypatch.setattr(run_times, "run_scenario", lambda *_, **__: series)
    found = run_times.pace_of(compose_scenario("small", "reactive"))
    assert found == Pace(
        build=3.0, spin_week=0.25, begin=pytest.approx(0.5), run_week=pytest.approx(0.2), numbers=5
    )


def test_minutes_of_many_runs_are_the_first_result_and_the_rest_in_proportion() -> None:
    assert Sweeping(runs=100, first=20.0, last=110.0, at_first=10).minutes(1000) == (
        pytest.approx((20 + 990 * 1.0) / 60)
    )


def test_rates_beyond_belief_are_per_1000_residents_of_the_place() -> None:
    notes: list[str] = []
    values = {
        "population": np.array([100.0, 40_000.0, 500.0]),
        "violence": np.array([90.0, 9000.0, 40.0]),
        "property": np.array([300.0, 100.0, 60.0]),
        "calls": np.array([50.0, 90_000.0, 9000.0]),
    }
    implausible(values, ["A", "B", "C"], notes)
    assert len(notes) == 2
    assert "calls above" in notes[0]
    assert "in C (18,000)." in notes[0]
    assert "in A (3,900)." in notes[1]


def test_confidence_is_told_of_the_arms_that_it_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of ten: present policing swings by two, practice rises by 3, the hardest falls by 4."""
    arms: list[tuple[str, int]] = []

    class Arm:
        def __init__(self, name: str) -> None:
            everybody = np.zeros(10, int)
            self.town = SimpleNamespace(
                residents=SimpleNamespace(trust=everybody, age=everybody, group=everybody)
            )
            self.name, self.week = name, 0

        def step(self) -> None:
            year = self.week // 52
            low = {"usual": [3, 1, 3][min(year, 2)], "present_practice": 1 if year else 4}
            here = low.get(self.name, 0 if year < 3 else 4)
            self.town.residents.trust = np.where(np.arange(10) < here, 0.39, 0.4).astype(np.float32)
            self.week += 1

    def arm(scenario: Any, start: Any, replicate: int, *, years: int) -> Arm:
        assert (start, replicate) == ("start", 3)
        arms.append((scenario.strategy.name, years))
        return Arm(scenario.strategy.name)

    monkeypatch.setattr(survey, "_model", arm)
    usual = compose_scenario("small", "reactive")
    named = dataclasses.replace(usual.strategy, name="usual")
    usual = dataclasses.replace(usual, strategy=named)
    found = survey.confidence(usual, "start", 3)  # type: ignore[arg-type]
    assert arms == [("usual", 10), ("present_practice", 10), ("enforcement_everywhere", 5)]
    assert found["P38a"] == pytest.approx(0.3)
    assert found["P38b"] == pytest.approx(0.4)
    assert found["low, age group 0"] == pytest.approx(0.1)  # of the practice's last week
    assert found["low, other"] == pytest.approx(0.1)
    assert np.isnan(found["low, indigenous"])


def test_the_young_are_those_under_35_over_those_of_65_and_older() -> None:
    # Two of three of 15-24 and one of two of 25-44 have low confidence; of 65+ one of four.
    residents = SimpleNamespace(
        age=np.array([0, 0, 0, 1, 1, 2, 3, 3, 3, 3]),
        trust=np.float32([0.1, 0.39, 0.4, 0.2, 0.9, 0.1, 0.3, 0.4, 0.5, 0.6]),
        group=np.array([0, 1, 1, 1, 0, 0, 0, 0, 1, 0]),
    )
    town = SimpleNamespace(residents=residents)
    found = survey.low_confidence(town)  # type: ignore[arg-type]
    assert found["P37a"] == pytest.approx((2 + 0.5) / (3 + 1) / (1 / 4))
    assert found["low, age group 2"] == 1
    assert found["low, visible_minority"] == pytest.approx(2 / 4)
    assert found["trust, visible_minority"] == pytest.approx((0.39 + 0.4 + 0.2 + 0.5) / 4)
    assert np.isnan(found["trust, indigenous"])
