"""The range over parameter sets: apart from replicates, with noise taken out, and of which sets."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omemsim.cli.again import compose_comparison
from omemsim.inputs.config import compose_scenario, config_root
from omemsim.study.compare import compare_named
from omemsim.study.comparison import Comparison
from omemsim.study.engine import Engine
from omemsim.study.plausible import read_sets
from omemsim.study.shipped import NO, SHIPPED, sets_for, shipped_towns
from omemsim.study.store import Store
from omemsim.study.uncertain import TOWNS, OverSets, Spread, spread_of
from omemsim.vocabulary.errors import InputError

PATH = "parameters.offend.violence"
TINY = ["town.residents=200", "town.neighbourhoods=2", "years=0.1", "spin_up_years=0.02"]
NAMES = ["reactive", "omem"]


def spread(change: list[list[float]]) -> Spread:
    """Return the range of changes in percent of a baseline that differs between sets."""
    base = np.arange(1, len(change) + 1)[:, np.newaxis] * np.array([[90.0, 110.0]])
    level = base.mean(axis=1, keepdims=True)
    found = spread_of(base + np.array(change) / 100 * level, base)
    assert found is not None
    return found


def test_a_range_is_in_percent_of_each_sets_own_baseline() -> None:
    found = spread([[-5, -5], [-10, -10], [-22, -22]])
    assert (found.sets, found.noise, found.is_clear) == (3, pytest.approx(0), True)
    assert (found.low, found.high) == pytest.approx((-22, -5))
    assert found.in_words() == "between 5.0% and 22% lower"
    assert found.in_brief() == "5.0% to 22% lower"


def test_what_towns_have_in_common_is_no_noise_between_sets() -> None:
    """Town 2 adds 4 points to every set: the sets' means are 2, 4 and 12 all the same."""
    found = spread([[0, 4], [2, 6], [10, 14]])
    assert found.noise == pytest.approx(0)
    assert (found.low, found.high) == pytest.approx((2, 12))


def test_noise_between_sets_is_taken_out_of_the_range() -> None:
    """By hand: means 0, 10, 20 and 30; residuals +-1, so of_noise = 8/3/2; between 500/3."""
    found = spread([[-1, 1], [11, 9], [19, 21], [31, 29]])
    noise = (8 / 3 / 2) / (500 / 3)
    assert found.noise == pytest.approx(noise)
    kept = np.sqrt(1 - noise)
    assert (found.low, found.high) == pytest.approx((15 - 15 * kept, 15 + 15 * kept))
    assert found.is_clear


def test_where_noise_could_give_it_all_nothing_is_taken_out_and_it_is_said() -> None:
    found = spread([[-6, 2], [3, -3], [1, 5]])
    assert not found.is_clear
    assert (found.low, found.high) == pytest.approx((-2, 3))
    assert found.in_words().endswith("lower and 3.0% higher, as noise alone could give")
    assert "or noise" in found.in_brief()


def test_pure_noise_is_called_clear_in_one_of_twenty() -> None:
    rng = np.random.default_rng(5)
    base = np.full((24, TOWNS), 100.0)
    draws = [spread_of(base + rng.normal(0, 3, base.shape), base) for _ in range(1000)]
    clear = np.mean([found.is_clear for found in draws if found is not None])
    assert 0.03 < clear < 0.07


def test_the_range_is_nearer_to_the_truth_than_that_of_the_means() -> None:
    rng, off = np.random.default_rng(6), {"shrunk": 0.0, "means": 0.0}
    for _ in range(300):
        truth = rng.uniform(-20, -5, (24, 1))
        seen = truth + rng.normal(0, 4, (24, TOWNS)) + rng.normal(0, 3, (1, TOWNS))
        found = spread_of(100 + seen, np.full_like(seen, 100.0))
        assert found is not None
        means = seen.mean(axis=1)
        off["shrunk"] += abs((found.high - found.low) - np.ptp(truth))
        off["means"] += abs(np.ptp(means) - np.ptp(truth))
    assert off["shrunk"] < 0.7 * off["means"]


@pytest.mark.parametrize(
    ("values", "baseline"),
    [([[1.0, 2.0]], [[1.0, 2.0]]), ([[1.0, 2], [1, 2]], [[0.0, 0], [1, 1]])],
)
def test_one_set_or_a_baseline_of_none_has_no_range(values: list, baseline: list) -> None:
    assert spread_of(np.array(values), np.array(baseline)) is None


def test_a_failed_run_costs_its_set_and_no_difference_is_said() -> None:
    base = np.full((4, 2), 50.0)
    mine = base.copy()
    mine[3, 1] = np.nan
    found = spread_of(mine, base)
    assert found is not None
    assert found.sets == 3
    assert found.in_words() == "no difference in any set"


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Comparison, Comparison, Path]:
    """Return a comparison with two sets and one without, from one store."""
    folder = tmp_path_factory.mktemp("over")
    (folder / "sets.json").write_text(json.dumps([{PATH: 20.0}, {PATH: 900.0}]))

    def run(name: str, word: str) -> Comparison:
        words: dict[str, Any] = {"town": "small", "overrides": TINY, "replicates": 3}
        words["uncertainty"] = word
        return compare_named(
            NAMES,
            **words,
            out=folder / name,
            store=folder / "store",
            engine=Engine(workers=1),
            progress=False,
            asked=compose_comparison(NAMES, baseline=None, **words),
        )

    return run("with", str(folder / "sets.json")), run("without", NO), folder


def test_replicates_are_what_they_were_and_sets_run_beside_them(
    compared: tuple[Comparison, Comparison, Path],
) -> None:
    over, alone, folder = compared
    assert over.scalars == alone.scalars
    assert alone.reused == 6
    assert over.over_sets is not None
    violence = over.over_sets.values["reactive", "violence"]
    assert violence.shape == (2, TOWNS)
    assert violence[1].mean() > 5 * max(violence[0].mean(), 1)
    with Store(folder / "store") as kept:
        assert kept.counts()["done"] == 2 * 3 + 2 * 2 * TOWNS
        commands = {study.command for study in map(kept.study, [x for x, *_ in kept.studies()])}
    assert any(f"uncertainty={folder / 'sets.json'}" in command for command in commands)
    told = json.loads((folder / "with" / "provenance.json").read_text())
    assert told["sets"] == [{PATH: 20.0}, {PATH: 900.0}]
    assert f"uncertainty={folder / 'sets.json'}" in told["command"]


def test_the_two_doubts_are_told_apart(compared: tuple[Comparison, Comparison, Path]) -> None:
    over, alone, _ = compared
    text = over.text()
    assert "      over 2 parameter sets: " in text
    assert "It says nothing of the real world" in text.replace("\n", " ")
    assert "Over 2 parameter sets that agree with the evidence:" in over.in_words()
    assert [line for line in text.splitlines() if len(line) > 100] == []
    table, plain = over.table(), alone.table()
    assert table.low.equals(plain.low)
    assert table.sets.max() == 2
    assert (plain.sets == 0).all()
    assert plain.percent_low_over_sets.isna().all()
    known = table[table.sets > 0]
    assert (known.percent_low_over_sets <= known.percent_high_over_sets).all()
    assert "is not shown" in alone.text()
    assert "parameter sets:" not in alone.text()


def test_the_shipped_sets_are_of_their_town_and_fit_it() -> None:
    assert {"small", "city", "toronto"} <= set(shipped_towns())
    for town in shipped_towns():
        path = config_root() / "plausible" / f"{town}.json"
        head = json.loads(path.read_text(encoding="utf-8"))
        assert head["town"] == town
        assert head["strategy"] == "present_practice"
        assert head["environment"]["commit"]
        assert head["environment"]["results"]
        assert len(head["sets"]) <= head["plausible"] <= head["tried"]
        assert max(head["implausibility"]) <= head["cutoff"]
        found = sets_for(None, compose_scenario(town, "omem"))
        assert list(found.points) == read_sets(path)
        assert f"of {head['tried']} tried in town {town} under present_practice" in found.source


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["town.residents=800"], r"town\.\* is changed"),
        (["parameters.feel.pace=9"], "some are changed"),
        (["spin_up_years=1"], "some are changed"),
    ],
)
def test_shipped_sets_are_not_taken_where_they_were_not_calibrated(
    words: list[str], why: str
) -> None:
    found = sets_for(None, compose_scenario("small", "omem", words))
    assert not found.points
    assert re.search(why, found.why_none)


def test_other_towns_are_refused_and_told_how_to_get_sets(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("id,name,population,crime\n1,A,4000,90\n2,B,3000,20\n")
    scenario = compose_scenario("table", "omem", [f"town.file={tmp_path / 'mine.csv'}"])
    with pytest.raises(InputError, match="were calibrated in those towns"):
        sets_for(SHIPPED, scenario)
    assert "`omemsim calibrate` makes sets" in sets_for(NO, scenario).why_none
    with pytest.raises(InputError, match=r"town\.\* is changed"):
        sets_for(SHIPPED, compose_scenario("small", "omem", ["town.residents=800"]))


def test_who_asks_may_have_changed_other_parameters_but_not_those_of_the_sets() -> None:
    other = compose_scenario("small", "omem", ["parameters.feel.pace=9"])
    assert sets_for(SHIPPED, other).points
    with pytest.raises(InputError, match="is set, and the parameter sets"):
        sets_for(SHIPPED, compose_scenario("small", "omem", [f"{PATH}=50"]), [f"{PATH}=50"])


def test_ranges_of_towns_that_one_set_ran_in_are_not_clear() -> None:
    one = spread_of(np.array([[90.0], [70.0]]), np.full((2, 1), 100.0))
    assert one is not None
    assert not one.is_clear
    assert np.isnan(one.noise)


def test_words_of_a_strategy_name_it_and_its_measures() -> None:
    base = np.array([[200.0, 220], [100, 110]])
    values = {("a", "victimization"): base, ("b", "victimization"): base * [[0.9], [0.7]]}
    said = OverSets([{PATH: 1.0}, {PATH: 2.0}], "two", "a", values).in_words(["b"])
    assert said[1:] == ["  b: victimization between 10% and 30% lower."]
