"""Switching mechanisms off: from the right week, kept apart in the store, told as found."""

from __future__ import annotations

import csv
import io
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from omemsim.analysis.ablate import FIRST, MEASURES, Ablation, AblationRow, ablate, meaning, name_of
from omemsim.cli.again import Ablation as Typed
from omemsim.figures.ablation import ablation_figure, save_ablation_figure
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.present.shell import joined
from omemsim.run import run_scenario, spin_up
from omemsim.study.compare import compare
from omemsim.study.contrasts import verdict
from omemsim.study.engine import Engine
from omemsim.study.identity import identify
from omemsim.study.progress import Silent
from omemsim.study.switched_off import (
    SWITCHED_OFF,
    SwitchedOff,
    _passed_on,
    compare_in_parts,
    run_switched_off,
    switched_off,
)
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.mechanisms import OFF

TINY = ["town.residents=300", "town.neighbourhoods=3", "years=0.5", "spin_up_years=0.25"]
ONLY = ("tips", "fear_of_crime", "fear_of_disorder", "watch")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return compose_scenario("small", "omem", [*TINY, "parameters.strength.tips=0"])


@pytest.fixture(scope="module")
def found(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Ablation:
    folder = tmp_path_factory.mktemp("ablation")
    return ablate(
        scenario,
        only=ONLY,
        replicates=3,
        out=folder,
        store=folder / "store",
        engine=Engine(workers=1),
        progress=False,
    )


def run_id(scenario: Scenario) -> str:
    return identify(scenario, replicate=0, town="small", strategy="omem").run_id


def born_without(scenario: Scenario, mechanism: str) -> Scenario:
    strength = replace(scenario.parameters.strength, **{mechanism: 0.0})
    return replace(scenario, parameters=replace(scenario.parameters, strength=strength))


def test_what_is_off_is_off_from_week_0_only(scenario: Scenario) -> None:
    off = switched_off(scenario, ["fear_gate"])
    assert isinstance(off, SwitchedOff)
    assert off.parameters == scenario.parameters  # those of the spin-up
    running = off.running()
    assert type(running) is Scenario
    assert running == born_without(scenario, "fear_gate")


def test_switching_nothing_off_is_the_scenario_itself(scenario: Scenario) -> None:
    assert switched_off(scenario, []) is scenario


def test_the_store_keeps_the_three_apart(scenario: Scenario) -> None:
    off = switched_off(scenario, ["fear_gate"])
    ids = {run_id(scenario), run_id(off), run_id(born_without(scenario, "fear_gate"))}
    assert len(ids) == 3
    assert run_id(off) == run_id(pickle.loads(pickle.dumps(off)))


def test_a_switched_run_starts_from_the_full_models_town(scenario: Scenario) -> None:
    start = spin_up(scenario, 0)
    series = run_switched_off(switched_off(scenario, ["fear_of_crime"]), 0, start)
    same = run_scenario(born_without(scenario, "fear_of_crime"), 0, start)
    own = run_scenario(born_without(scenario, "fear_of_crime"), 0)
    assert series.values["fear"].tolist() == same.values["fear"].tolist()
    assert series.values["fear"].tolist() != own.values["fear"].tolist()
    assert series.meta["off_from_week_0"] == ["fear_of_crime"]


def test_parts_give_what_one_comparison_gives(scenario: Scenario, tmp_path: Path) -> None:
    scenarios = {"full": scenario}
    scenarios |= {name: switched_off(scenario, [name]) for name in ("watch", "season", "custody")}
    told: list[tuple[int, int, int]] = []
    fixed = {"baseline": "full", "replicates": 2, "engine": Engine(workers=1)}
    parts = compare_in_parts(
        scenarios,
        out=tmp_path / "a",
        store=tmp_path / "a" / "store",
        at_once=2,
        progress=lambda *x: told.append(x),
        **fixed,
    )
    whole = compare(scenarios, out=tmp_path / "b", simulation=SWITCHED_OFF, progress=False, **fixed)
    assert parts.scalars == whole.scalars
    assert told[-1] == (8, 8, 0)
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)


def test_every_failed_run_of_a_part_is_told() -> None:
    whole = Silent(20)
    tell = _passed_on(whole)
    for done, failed in ((8, 3), (16, 3), (18, 5)):
        tell(done, 18, failed)
    assert (whole.done, whole.failed) == (18, 5)


def test_asking_again_runs_nothing(scenario: Scenario, found: Ablation) -> None:
    again = ablate(
        scenario,
        only=ONLY,
        replicates=3,
        out=found.comparison.out,
        store=found.comparison.store,
        engine=Engine(workers=1),
        progress=False,
    )
    assert again.comparison.reused == len(again.comparison.runs) == 3 * (1 + len(ONLY))
    # Compared as text: a missing interval is NaN, which equals nothing.
    assert str(again.rows()) == str(found.rows())


def test_a_difference_is_without_minus_full(found: Ablation) -> None:
    scalars = found.comparison.scalars
    for row in found.rows():
        without = [scalars[name_of("omem", row.mechanism), r][row.measure] for r in range(3)]
        full = [scalars["omem", r][row.measure] for r in range(3)]
        assert row.without == pytest.approx(sum(without) / 3)
        assert row.full == pytest.approx(sum(full) / 3)
        assert row.difference == pytest.approx(row.without - row.full)
        if np.ptp(np.subtract(without, full)) > 0:
            assert row.low <= row.difference <= row.high
        else:  # as where a mechanism is not at work: no replicate tells how it may differ
            assert np.isnan([row.low, row.high]).all()
            assert row.verdict in ("equal", "cannot tell")


def test_fear_falls_without_what_raises_it(found: Ablation) -> None:
    row = next(x for x in found.rows() if (x.mechanism, x.measure) == ("fear_of_crime", "fear"))
    assert row.verdict == "lower"


def test_what_is_off_already_changes_nothing(found: Ablation) -> None:
    assert {x.verdict for x in found.rows() if x.mechanism == "tips"} == {"equal"}
    assert "tips" in found.groups()["nothing"]


def test_mechanisms_are_ordered_by_harm(found: Ablation) -> None:
    changes = [found.found[name, FIRST].found.difference for name in found.ranked()]
    assert changes == sorted(changes, reverse=True)
    listed = [name for names in found.groups().values() for name in names]
    assert sorted(listed) == sorted(ONLY)


def test_the_table_reads_back(found: Ablation) -> None:
    rows = list(csv.DictReader(io.StringIO(found.csv())))
    assert len(rows) == len(ONLY) * len(MEASURES)
    assert list(rows[0]) == list(AblationRow.__annotations__)
    assert {row["unit"] for row in rows if row["measure"] == "fear"} == {"index 0-1"}


def test_the_text_fits_and_warns_of_chance(found: Ablation) -> None:
    text = found.text()
    assert max(map(len, text.splitlines())) <= 100
    assert "by chance alone" in " ".join(text.split())
    assert all(name in text for name in ONLY)


def test_from_birth_the_town_has_grown_without_it(scenario: Scenario, tmp_path: Path) -> None:
    one = {
        "only": ["fear_of_crime"],
        "replicates": 1,
        "engine": Engine(workers=1),
        "progress": False,
    }
    store = tmp_path / "store"
    late = ablate(scenario, out=tmp_path, store=store, **one)
    born = ablate(scenario, out=tmp_path, store=store, start="birth", **one)
    fear = [x.found["fear_of_crime", "fear"].found for x in (late, born)]
    assert fear[0].baseline_mean == fear[1].baseline_mean
    assert fear[1].mean < fear[0].mean < fear[0].baseline_mean


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"only": ["fear_gat"]}, "Did you mean 'fear_gate'"),
        ({"start": "brith"}, "must be one of week0, birth"),
    ],
)
def test_what_there_is_not_is_refused(
    scenario: Scenario, tmp_path: Path, words: dict[str, object], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        ablate(scenario, replicates=1, out=tmp_path, store=tmp_path / "store", **words)
    assert not list(tmp_path.iterdir())


def test_every_mechanism_has_a_meaning() -> None:
    for name in OFF:
        assert meaning(name)
        assert not meaning(name).endswith(".")


def test_the_command_can_be_given_again() -> None:
    only = ("watch", "tips")
    typed = Typed("small", ("omem",), ("years=1",), "omem", "birth", only)
    assert joined(typed.words(only, 4)) == (
        "omemsim ablate omem town=small only=watch,tips from=birth replicates=4 years=1"
    )
    assert "only=tips" in typed.alone("omem without tips", 2)
    assert "replicates=3" in typed.alone("omem without tips", 2)


def test_the_figure_colours_what_is_clear(found: Ablation, tmp_path: Path) -> None:
    page = ablation_figure(found)
    cells = [x for axes in page.axes for x in axes.patches if x.get_gid() == "cell"]
    clear = [x for name in ONLY for x in found.clear(name) if x.measure != FIRST]
    assert clear
    assert len(cells) == len(clear)
    drawn = [x for axes in page.axes for x in axes.lines if x.get_gid() == "interval"]
    assert len(drawn) == len(ONLY) - len(found.groups()["nothing"])
    assert [path.suffix for path in save_ablation_figure(found, tmp_path)] == [".png", ".svg"]


def test_clear_means_better_worse_or_different(found: Ablation) -> None:
    for name in ONLY:
        words = {verdict(x) for x in found.clear(name)}
        assert words <= {"better", "worse", "differs"}
