"""Sweeps: shared starts, nothing run twice, one failure costs one, and sizes known before."""

from __future__ import annotations

import csv
import dataclasses
import io
import sys
from pathlib import Path

import numpy as np
import pytest

import omemsim as om
from omemsim.inputs.scenario import Scenario
from omemsim.present.text import duration
from omemsim.run import run_scenario, spin_up
from omemsim.study import runner
from omemsim.study.cost_estimate import CostEstimate, estimate, fitted
from omemsim.study.design import Design, design
from omemsim.study.engine import Engine
from omemsim.study.expand import Expanded, Sweep, expand, starts_of, study_of
from omemsim.study.factors import Factor
from omemsim.study.run_times import Pace, pace_of
from omemsim.study.runner import (
    MODEL,
    Answer,
    Batch,
    Run,
    Simulator,
    Tally,
    answer,
    batches_of_time,
)
from omemsim.study.scenario_changes import with_changes
from omemsim.study.store import Store
from omemsim.study.sweep import Read, arms_of, requests_of, run_sweep, summarized
from omemsim.study.sweep_results import Swept, read_results
from omemsim.study.tasks import Failure
from omemsim.study.town_cache import TownCache, bytes_of
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError, OmemError

WORDS = ("town.residents=200", "town.neighbourhoods=2", "years=0.1", "spin_up_years=0.1")
LEVER = Factor("strategy.precision", 0.2, 0.8)
UNCERTAIN = Factor("parameters.feel.pace", 2.0, 20.0)
PACE = Pace(build=0.01, spin_week=0.001, begin=0.01, run_week=0.001, numbers=21)


def arms(*names: str, words: tuple[str, ...] = ()) -> dict[str, Scenario]:
    return arms_of(names or ("reactive", "omem"), town="small", overrides=[*WORDS, *words])


def expanded(*factors: Factor, n: int = 3, replicates: int = 2, **more: object) -> Expanded:
    made = design("latin", factors or (LEVER,), n=n)
    return expand(Sweep(arms(), made, replicates))


class NoTown:
    """Stands for a town where no run is made."""

    def tables(self) -> dict[str, object]:
        return {}


FAKE = Simulator(lambda scenario, replicate: NoTown(), MODEL.run)


def fake(run: Run) -> Answer:
    """Return numbers that tell the runs apart."""
    number = 10.0 * len(run.scenario.strategy.name) + run.scenario.strategy.precision
    return Answer({"victimization": number + run.replicate / 10, "trust": 0.5})


def run(many: Expanded, folder: Path, read: Read = fake, workers: int = 1) -> tuple[Tally, Swept]:
    with Store(folder) as kept:
        tally = run_sweep(
            many,
            kept,
            pace=PACE,
            engine=Engine(workers=workers),
            read=read,
            simulation=MODEL if read is summarized else FAKE,
            progress=False,
        )
        return tally, read_results(many, kept, study_of(many, ()).name)


def is_of(run: Run, many: Expanded, arm: str, point: int, replicate: int) -> bool:
    """Say whether a run is this one, by what it sets."""
    precision = many.sweep.design.points[point]["strategy.precision"]
    found = (run.scenario.strategy.name, run.scenario.strategy.precision, run.replicate)
    return found == (arm, precision, replicate)


def test_every_arm_meets_every_point_in_every_replicate() -> None:
    many = expanded()
    found = [(one.replicate, one.point, one.arm) for one in many.members]
    assert sorted(found) == sorted(set(found))
    assert len(found) == many.sweep.size == 2 * 3 * 2
    assert [replicate for replicate, _, _ in found] == [0] * 6 + [1] * 6


def test_a_strategy_is_a_factor_like_others() -> None:
    chosen = Factor("strategy", values=("reactive", "omem"))
    many = expand(Sweep(arms(), design("grid", [chosen, LEVER], n=2)))
    assert [one.arm for one in many.members] == ["reactive", "reactive", "omem", "omem"]
    assert many.sweep.changes(0) == {"strategy.precision": 0.2}
    assert many.key(many.members[3]).strategy == "omem"


def test_levers_share_a_start_and_parameters_do_not() -> None:
    assert len(set(expanded(LEVER).starts.values())) == 1
    assert len(set(expanded(UNCERTAIN, LEVER).starts.values())) == 3
    other = arms("omem", words=("seed=3",)) | {"reactive": arms("reactive")["reactive"]}
    assert len(set(starts_of(Sweep(other, design("latin", [LEVER], n=2))).values())) == 2


@pytest.mark.parametrize(
    ("key", "values", "is_shared"),
    [
        ("seed", (3, 4), False),
        ("spin_up_years", (0.1, 0.2), False),
        ("town.residents", (200, 300), False),
        ("parameters.feel.pace", (3.0, 4.0), False),
        ("noise_seed", (3, 4), True),  # of the run: it begins when the spin-up has ended
        ("years", (0.1, 0.2), True),
        ("strategy.precision", (0.3, 0.4), True),
    ],
)
def test_points_share_a_start_if_and_only_if_their_spun_up_towns_are_the_same(
    key: str, values: tuple[object, object], is_shared: bool
) -> None:
    points = [{key: value, "strategy.training": 0.01} for value in values]
    starts = starts_of(Sweep(arms("omem"), design("list", points=points)))
    assert (len(set(starts.values())) == 1) is is_shared
    one, other = (spin_up(with_changes(arms("omem")["omem"], point), 0) for point in points)
    assert is_same(one, other) is is_shared


def is_same(one: Town, other: Town) -> bool:
    """Say whether two towns have the same numbers in all columns."""
    pairs = [
        (values, other.tables()[table].columns()[name])
        for table, columns in one.tables().items()
        for name, values in columns.columns().items()
    ]
    return all(a.shape == b.shape and np.array_equal(a, b) for a, b in pairs)


def test_values_that_do_not_fit_are_refused_before_anything_runs() -> None:
    points = [{"strategy.precision": 0.5}, {"strategy.precision": 5}]
    with pytest.raises(InputError, match=r"Point 1 .*from 0 to 1"):
        expand(Sweep(arms(), design("list", points=points)))
    many = [{"strategy.precision": 2 + k} for k in range(30)]
    with pytest.raises(InputError, match=r"And 20 more\. Nothing was run"):
        expand(Sweep(arms(), design("list", points=many)))
    lost = arms(words=("record.neighbourhoods=[nowhere]",))
    with pytest.raises(InputError, match="nowhere"):
        expand(Sweep(lost, design("latin", [LEVER], n=2)))


def test_it_gives_what_runs_alone_give(tmp_path: Path) -> None:
    many = expanded(UNCERTAIN, n=2, replicates=1)
    _, found = run(many, tmp_path / "store", summarized)
    point = many.sweep.design.points[1]
    scenario = arms("omem", words=(f"parameters.feel.pace={point['parameters.feel.pace']!r}",))
    alone = run_scenario(scenario["omem"], 0, start=spin_up(scenario["omem"], 0)).summary()
    assert {name: found.of("omem", name)[1, 0] for name in found.names} == alone


def test_one_or_two_workers_give_the_same_and_nothing_runs_twice(tmp_path: Path) -> None:
    many = expanded(UNCERTAIN, LEVER, n=2, replicates=1)
    tally, one = run(many, tmp_path / "one", summarized)
    assert (tally.done, tally.reused) == (4, 0)
    _, two = run(many, tmp_path / "two", summarized, workers=2)
    assert one.names == two.names
    assert np.array_equal(one.values, two.values)
    tally, again = run(many, tmp_path / "one", summarized)
    assert (tally.done, tally.reused) == (0, 4)
    assert np.array_equal(again.values, one.values)


def test_more_replicates_extend_what_is_there(tmp_path: Path) -> None:
    tally, _ = run(expanded(replicates=1), tmp_path / "s")
    assert tally.done == 6
    tally, found = run(expanded(replicates=3), tmp_path / "s")
    assert (tally.done, tally.reused) == (12, 6)
    assert found.finished == 18
    with Store(tmp_path / "s") as kept:
        assert len(kept.studies()) == 1


def test_a_larger_sobol_runs_only_what_is_new(tmp_path: Path) -> None:
    small, large = (expand(Sweep(arms(), design("sobol", [LEVER], n=n))) for n in (2, 4))
    run(small, tmp_path / "s")
    tally, _ = run(large, tmp_path / "s")
    # With one factor the block AB_1 is B again: those runs are made once.
    assert len(large.unlike()) == 2 * 4 * 2 < len(large.members)
    assert (tally.reused, tally.done) == (8, 8)


def test_no_series_unless_asked_for(tmp_path: Path) -> None:
    many = expanded(n=2, replicates=1)
    run(many, tmp_path / "without", summarized)
    assert not list((tmp_path / "without").rglob("*.npz"))
    with_series = Sweep(arms(words=("record.series=true",)), many.sweep.design)
    run(expand(with_series), tmp_path / "with", summarized)
    assert len(list((tmp_path / "with").rglob("*.npz"))) == 4


def test_one_failing_run_of_many_loses_one(tmp_path: Path) -> None:
    many = expanded(n=250)  # 1,000 runs

    def one_fails(run: Run) -> Answer:
        if is_of(run, many, "omem", 77, 1):
            raise ValueError("boom")
        return fake(run)

    tally, found = run(many, tmp_path / "s", one_fails)
    assert (tally.done, len(tally.failures), found.finished) == (999, 1, 999)
    (run_id, failure), *_ = tally.failures.items()
    member = many.unlike()[run_id]
    assert (member.arm, member.point, member.replicate) == ("omem", 77, 1)
    assert "omem, point 77, replicate 1" in failure.description
    tally, _ = run(many, tmp_path / "s")
    assert (tally.done, tally.reused) == (1, 999)  # tried again


def test_a_part_that_is_lost_whole_is_run_again_one_by_one(tmp_path: Path) -> None:
    many = expanded(n=20, replicates=1)

    def dies(run: Run) -> Answer:
        if is_of(run, many, "omem", 3, 0):
            raise SystemExit("killed")
        return fake(run)

    tally, found = run(many, tmp_path / "s", dies)
    assert (tally.done, len(tally.failures), found.finished) == (39, 1, 39)


def test_a_run_that_gives_no_number_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    many = expanded(n=1, replicates=1)
    (request,) = requests_of(many, many.members[:1])
    monkeypatch.setattr("omemsim.series.Series.summary", lambda self: {"trust": float("nan")})
    (found,) = answer(Batch((request,)), MODEL)
    assert isinstance(found, Failure)
    assert "no finite value of trust" in found.error


def test_none_finished_is_said(tmp_path: Path) -> None:
    with pytest.raises(OmemError, match="None of the 4 runs finished"):
        run(expanded(n=2, replicates=1), tmp_path / "s", lambda run: Answer({"trust": np.nan}))


def test_the_driver_does_little_per_run(tmp_path: Path) -> None:
    tally, _ = run(expanded(n=500), tmp_path / "s")
    print(f"{1000 * tally.seconds / tally.done:.2f} ms a run")
    assert tally.seconds / tally.done < 0.02  # ten times what it may cost on a quiet machine


def test_a_worker_spins_a_start_up_once_and_keeps_few() -> None:
    many = expanded(n=4, replicates=1)
    towns = TownCache(most=2)
    made: list[str] = []

    def make(name: str) -> object:
        made.append(name)
        return spin_up(many.sweep.arms["omem"], 0)

    for name in ("a", "a", "b", "a", "c", "a", "b"):
        towns.get(name, lambda name=name: make(name))  # type: ignore[misc]
    assert made == ["a", "b", "c", "b"]
    tight = TownCache(most_bytes=1)
    town = tight.get("a", lambda: make("a"))
    assert tight.get("a", lambda: make("again")) is town
    assert bytes_of(town) > 1000


def test_runs_of_a_group_share_the_spin_up(monkeypatch: pytest.MonkeyPatch) -> None:
    many = expanded(n=5, replicates=1)
    spun: list[int] = []

    def counted(scenario: Scenario, replicate: int) -> object:
        spun.append(replicate)
        return spin_up(scenario, replicate)

    monkeypatch.setattr(sys.modules["omemsim.run"], "spin_up", counted)
    monkeypatch.setattr(runner, "TOWNS", TownCache())
    each = requests_of(many, many.members)
    for part in (each[:5], each[5:]):
        found = answer(Batch(tuple(part), shares_starts=True), MODEL)
        assert not any(isinstance(one, Failure) for one in found)
    assert spun == [0]


def test_parts_take_about_a_second_and_hold_every_run_once() -> None:
    many = expanded(n=200)
    slow = dataclasses.replace(PACE, run_week=0.01)
    scenario = many.sweep.arms["omem"]
    each = {"spin_up": slow.spin_up(scenario), "run": slow.run(scenario), "workers": 2}
    asked = requests_of(many, many.members)
    found = batches_of_time(asked, **each)
    ids = [one.key.run_id for batch in found for one in batch.requests]
    assert sorted(ids) == sorted(one.run_id for one in many.members)
    assert max(len(batch.requests) for batch in found) * slow.run(scenario) < 1.5
    assert len(found) > 10
    assert batches_of_time([], **each) == []


def test_a_pilot_says_how_long_it_takes() -> None:
    pace = pace_of(arms()["omem"])
    assert pace.build > 0
    assert pace.run_week > 0
    assert pace.numbers == 21
    sweep = expanded().sweep
    told = estimate(sweep, PACE, workers=2)
    assert (told.runs, told.spin_ups, told.kept) == (12, 2, 0)
    assert told.seconds == pytest.approx((2 * (0.01 + 0.005) + 12 * (0.01 + 0.005)) / 2)
    assert "12 runs from 2 spin-ups" in told.text()
    assert CostEstimate(0, 12, 0, 0, 0, 0).text().startswith("Nothing to run")


def test_the_disk_is_not_more_than_was_said(tmp_path: Path) -> None:
    many = expanded(n=500)
    run(many, tmp_path / "s")
    told = estimate(many.sweep, dataclasses.replace(PACE, numbers=2), workers=1)
    assert (tmp_path / "s" / "runs.sqlite").stat().st_size < told.disk + 100_000


@pytest.mark.parametrize("kind", ["latin", "sobol"])
def test_a_budget_chooses_as_many_points_as_fit(kind: str) -> None:
    def redraw(n: int) -> Design:
        return design(kind, [UNCERTAIN], n=n)

    sweep = Sweep(arms(), redraw(2), 1)
    chosen = fitted(sweep, PACE, workers=2, seconds=5, redraw=redraw)
    assert estimate(chosen, PACE, workers=2).seconds <= 5
    assert estimate(chosen, PACE, workers=2).seconds > (2 if kind == "sobol" else 4.5)
    with pytest.raises(InputError, match="too little"):
        fitted(sweep, PACE, workers=2, seconds=0.001, redraw=redraw)


def test_a_budget_chooses_replicates_where_the_points_are_fixed() -> None:
    chosen = fitted(expanded(replicates=1).sweep, PACE, workers=1, seconds=10)
    assert chosen.replicates > 10
    assert estimate(chosen, PACE, workers=1).seconds <= 10


def test_times_are_said() -> None:
    assert (duration(0.2), duration(600), duration(9000)) == (
        "1 second",
        "10 minutes",
        "2.5 hours",
    )


def test_the_table_is_tidy_and_the_text_names_the_factor(tmp_path: Path) -> None:
    many = expanded(LEVER, Factor("strategy.hand_over", values=(True, False)), n=12)

    def read(run: Run) -> Answer:
        strategy = run.scenario.strategy
        harm = 100 - 10 * (strategy.name == "omem") - strategy.precision + run.replicate
        return Answer({"victimization": harm, "trust": 0.5})

    _, found = run(many, tmp_path / "s", read)
    rows = list(csv.DictReader(io.StringIO(found.csv())))
    assert list(rows[0]) == [
        *("arm", "point", "strategy.precision", "strategy.hand_over", "replicate"),
        *("victimization", "trust"),
    ]
    assert len(rows) == 48
    closest = found.effects("omem", "victimization")[0]
    assert (closest.path, closest.strength) == ("strategy.precision", pytest.approx(-1))
    assert found.effects("omem", "trust") == []
    text = found.text()
    assert "omem less reactive" in text
    assert "lower in 100% of pairs" in text
    assert "strategy.precision -1.00" in text
    with pytest.raises(InputError, match="not recorded"):
        found.text("trist")


def test_intervals_know_both_points_and_replicates(tmp_path: Path) -> None:
    def noise_only(run: Run) -> Answer:
        return Answer({"victimization": 100.0 + 10 * run.replicate})

    _, found = run(expanded(n=9, replicates=4), tmp_path / "s", noise_only)
    line = next(line for line in found.text().splitlines() if line.startswith("  omem "))
    assert "115.0" in line
    assert "115.0 to 115.0" not in line  # what all points share is not forgotten
    _, single = run(expanded(n=9, replicates=1), tmp_path / "t", noise_only)
    assert "the noise is not known" in single.text()


def test_the_python_face_takes_ranges_values_and_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = {"town": "small", "years": 0.1, "workers": 1}
    tiny = ["town.residents=200", "town.neighbourhoods=2", "spin_up_years=0.1"]
    vary = {"strategy.precision": (0.2, 0.8), "strategy.training": [0, 0.1]}
    found = om.sweep("omem", vary=vary, design="grid", points=2, overrides=tiny, **words)
    assert found.values.shape[:3] == (1, 4, 1)
    points = [{"strategy.precision": 0.2, "strategy.training": 0.1}]
    again = om.sweep("omem", points=points, overrides=tiny, **words)
    assert again.of("omem", "trust") == found.of("omem", "trust")[1]
    for wrong, match in (
        ({"vary": {"strategy.precison": (0, 1)}}, "Did you mean"),
        ({"points": [{"strategy.precision": 7}]}, "from 0 to 1"),
        ({"vary": vary, "replicates": 0}, "replicates = 0"),
    ):
        with pytest.raises(InputError, match=match):
            om.sweep("omem", overrides=tiny, **words, **wrong)
    with pytest.raises(InputError, match="Name a strategy"):
        om.sweep(vary=vary)
