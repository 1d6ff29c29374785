"""A front of strategies: what a candidate is, what is weighed, what is chosen and told."""

from __future__ import annotations

import csv
import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest

from omemsim.analysis.optimize import Sizes, front_csv, front_text, optimize, plans_of, problem_of
from omemsim.analysis.optimize.judged import BALANCED, Optimized, chosen_of
from omemsim.analysis.optimize.outcomes import OBJECTIVES, front_of, outcomes_of, robust
from omemsim.analysis.optimize.space import MONEY, candidate, genes, numbers_of_strategy
from omemsim.cli import main
from omemsim.figures.front import front_figure, places_of_letters, save_front_figure
from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.run import run_scenario
from omemsim.strategies import Strategy, mix_in
from omemsim.study.engine import Engine
from omemsim.study.store import Store
from omemsim.vocabulary.errors import InputError, OmemError
from omemsim.vocabulary.wheel import Tactic, Zone

pytestmark = pytest.mark.usefixtures("undrawn")

pytest.importorskip("optuna")

TINY = ["town.residents=240", "town.neighbourhoods=4", "years=0.5", "spin_up_years=0.2"]
SMALL = Sizes(candidates=6, generations=2, found_in=2, judged_in=3)
ALONE = Engine(workers=1)


# ---- candidates


@pytest.mark.parametrize("seed", range(5))
def test_a_candidate_uses_all_hours_and_at_most_the_base_s_money(seed: int) -> None:
    base = compose_scenario(None, "omem").strategy
    drawn = np.random.default_rng(seed).random(len(genes()))
    made = candidate(base, dict(zip(genes(), drawn, strict=True)), "one")
    for zone in Zone:
        row = made.mix[zone.name.lower()]
        assert sum(row.values()) == pytest.approx(1, abs=1e-12)
        assert 1 <= len(row) < len(Tactic)
    assert sum(made.spend.values()) == pytest.approx(1, abs=1e-12)
    assert 0 <= made.money <= base.money
    same = ("training", "allocation", "leadership", "hand_over", "protected", "assess_every")
    assert all(getattr(made, name) == getattr(base, name) for name in same)
    compose_scenario(None, {"mix": made.mix, "spend": made.spend, "money": made.money})


def test_a_number_up_to_a_half_is_nothing_and_all_of_them_are_shared_alike() -> None:
    base = compose_scenario(None, "omem").strategy
    numbers = dict.fromkeys(genes(), 0.5) | {"red.patrol": 0.75, "red.liaison": 1.0, MONEY: 0.5}
    made = candidate(base, numbers, "one")
    assert made.mix["red"] == {"patrol": 0.3333, "liaison": 0.6667}
    assert len(made.mix["blue"]) == len(Tactic)
    assert made.money == base.money / 2


@pytest.mark.parametrize("name", ["omem", "present_practice", "hot_spots", "omem_average_mix"])
def test_a_named_strategy_s_numbers_mean_its_mix(name: str) -> None:
    base, named = (compose_scenario(None, x).strategy for x in ("omem", name))
    made = candidate(base, numbers_of_strategy(named, base.money), "again")
    for zone in Zone:
        wanted = dict(mix_in(named.mix, zone))
        if named.directed:
            wanted["directed_patrol"] = named.directed
            wanted["patrol"] -= named.directed
        assert made.mix[zone.name.lower()] == pytest.approx(
            wanted, abs=1e-3
        )  # of the largest share
    assert made.money == pytest.approx(named.money)


# ---- what is weighed


def test_outcomes_are_those_of_the_last_year() -> None:
    scenario = compose_scenario("small", "omem", ["years=1.5", "spin_up_years=0.2"])
    series = run_scenario(scenario, 0)
    found, summary = outcomes_of(series), series.summary()
    assert found["victims"] == summary["victimization"]
    assert found["trust"] == summary["trust"]
    weekly = sum(
        summary[name] for name in ("money_police", "money_cases", "money_joint", "money_projects")
    )
    assert found["cost"] == pytest.approx(weekly * 52 / series.population.sum())


class Made:
    """A series of two years with harm by hand."""

    weeks = np.array([26, 52, 78, 104])
    residents = np.array([100, 100, 300, 100, 100])
    population = np.array([120.0] * 5)

    def __init__(self) -> None:
        harm = np.array([[9.0] * 5] * 2 + [[50.0, 40.0, 10.0, 20.0, 30.0]] * 2)
        self.values = {"victimization": harm, "deprivation": np.array([[0.9, 0.8, 0.1, 0.2, 0.3]])}

    def summary(self) -> dict[str, float]:
        return dict.fromkeys(
            ("victimization", "trust", "money_police", "money_cases", "money_joint"), 0.0
        ) | {"money_projects": 7.0}


def test_the_gap_is_between_the_most_deprived_quarter_and_the_others() -> None:
    found = outcomes_of(Made())  # type: ignore[arg-type]
    # Two of five neighbourhoods (a quarter, rounded up), against 10, 20 and 30 by residents.
    assert found["gap"] == pytest.approx((50 + 40) / 2 - (300 * 10 + 100 * 20 + 100 * 30) / 500)
    assert found["cost"] == pytest.approx(7 * 52 / 600)


@pytest.mark.parametrize(
    ("mine", "base", "sign", "score"),
    [
        ([1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 0.0], 1, 3.5),
        ([1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 0.0], -1, -1.5),
        ([5.0], [7.0], 1, -2.0),
        ([1.0, 2.0, 6.0], [1.0, 1.0, 1.0], 1, 3.0),
    ],
)
def test_a_score_is_the_mean_over_the_worse_half_of_worlds(
    mine: list[float], base: list[float], sign: int, score: float
) -> None:
    assert robust(mine, base, sign) == pytest.approx(score)


def test_the_front_leaves_out_what_another_beats() -> None:
    scores = {"a": [0, 3], "b": [1, 1], "c": [3, 0], "d": [1, 2], "e": [1, 1], "f": [9, 9]}
    assert front_of(scores) == ["a", "b", "c", "e"]


def test_a_front_of_random_points_is_that_of_the_definition() -> None:
    table = np.random.default_rng(0).integers(0, 5, (60, 3))
    scores = {str(row): list(values) for row, values in enumerate(table)}
    beaten = {
        one
        for one, mine in scores.items()
        for other in scores.values()
        if all(np.less_equal(other, mine)) and any(np.less(other, mine))
    }
    assert set(front_of(scores)) == scores.keys() - beaten


def test_the_best_at_each_thing_and_the_one_that_is_worst_at_nothing_are_chosen() -> None:
    scores = {
        "v": [0.0, 9.0, 9.0, 9.0],
        "t": [9.0, 0.0, 9.0, 9.0],
        "g": [9.0, 9.0, 0.0, 9.0],
        "c": [9.0, 9.0, 9.0, 0.0],
        "middle": [4.0, 4.0, 4.0, 4.0],
    }
    assert chosen_of(scores) == {
        BALANCED: "middle",
        "fewest_victims": "v",
        "most_trust": "t",
        "smallest_gap": "g",
        "lowest_cost": "c",
    }
    assert chosen_of({"only": [1.0, 2.0, 3.0, 4.0]}) == {BALANCED: "only"}


# ---- the search


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Optimized:
    problem = problem_of("small", TINY, SMALL, uncertainty="no")
    with Store(tmp_path_factory.mktemp("store")) as kept:
        return optimize(problem, kept, engine=ALONE, progress=False)


def test_every_candidate_was_tried_in_the_same_worlds_and_judged_in_others(
    found: Optimized,
) -> None:
    tried = [name for name in found.tried if name.startswith("candidate")]
    assert len(tried) == SMALL.candidates * SMALL.generations
    assert all(found.tried[name].outcomes.keys() == {0, 1} for name in found.tried)
    assert found.whole == [2, 3, 4]
    assert all(set(found.whole) <= each.keys() for each in found.judged.values())
    assert set(found.judged) == {*found.chosen, *found.named}
    assert found.failures == []


def test_the_first_candidates_are_the_named_mixes(found: Optimized) -> None:
    # With present practice's own training and allocation it would be the same run.
    first = found.tried["candidate 0"].outcomes
    named = found.tried["present_practice"].outcomes
    assert first.keys() == named.keys()


def test_what_is_on_the_front_is_beaten_by_no_other(found: Optimized) -> None:
    base = found.tried[found.baseline].outcomes
    scores = {
        name: [
            robust([each.outcomes[k][x.key] for k in base], [base[k][x.key] for k in base], x.sign)
            for x in OBJECTIVES
        ]
        for name, each in found.tried.items()
        if name.startswith("candidate")
    }
    assert set(front_of(scores)) == {x for x in scores if found.tried[x].is_front}
    assert set(found.chosen.values()) <= set(front_of(scores))


def test_a_chosen_strategy_is_written_as_a_file_that_compares_alike(
    found: Optimized, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in plans_of(found, "omemsim optimize"):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        scenario = compose_scenario("small", name, TINY)
        assert scenario.strategy == found.strategies[name]
        again = outcomes_of(run_scenario(scenario, 2))
        assert again == pytest.approx(found.judged[name][2])
        assert "Found by `omemsim optimize`" in text
        assert "plausible towns" in text


def test_the_table_has_a_row_for_every_candidate(found: Optimized) -> None:
    rows = {row["name"]: row for row in csv.DictReader(front_csv(found).splitlines())}
    assert rows.keys() == found.tried.keys()
    plan, name = next(iter(found.chosen.items()))
    assert rows[name]["plan"] == plan
    mine, base = (
        np.mean([found.judged[x][k]["victims"] for k in found.whole])
        for x in (plan, found.baseline)
    )
    assert float(rows[name]["judged_victims"]) == pytest.approx(mine, rel=1e-4)
    assert float(rows[name]["difference_victims"]) == pytest.approx(mine - base, abs=1e-3)
    assert 0 <= int(rows[name]["better_trust"]) <= len(found.whole)
    others = [x for x in rows if rows[x]["kind"] == "candidate" and x not in found.chosen.values()]
    assert all(rows[x]["judged_victims"] == "" for x in others)


def test_it_is_told_in_lines_that_fit(found: Optimized) -> None:
    told = front_text(found)
    assert max(map(len, told.splitlines())) <= 100
    assert all(name in told for name in (*found.strategies, *found.named))
    assert "the default parameters only, as asked" in told


def test_the_figure_shows_every_candidate_and_a_letter_for_each_judged(
    found: Optimized, tmp_path: Path
) -> None:
    page = front_figure(found, provenance="omemsim")
    shown = [*found.strategies, *found.named[1:]]
    letters = [chr(ord("A") + number) for number in range(len(shown))]
    for axes in page.axes:
        lines = {line.get_gid(): line for line in axes.lines if line.get_gid()}
        number = len(lines["candidates"].get_xdata()) + len(lines["front"].get_xdata())
        assert number == SMALL.candidates * SMALL.generations
        assert [text.get_text() for text in axes.texts] == letters
    scenario = compose_scenario("small", "omem")
    paths = save_front_figure(found, scenario, dataclasses.asdict(SMALL), tmp_path)
    assert [path.name for path in paths] == ["front.png", "front.svg"]


def test_letters_keep_their_distance() -> None:
    points = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0], [200.0, 50.0]])
    places = points + places_of_letters(points)
    gaps = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    assert gaps[np.triu_indices(4, 1)].min() > 8
    assert places_of_letters(np.zeros((0, 2))).shape == (0, 2)


def blueprint() -> Blueprint:
    return blueprint_of(compose_scenario("small", "omem", TINY).town)


def test_a_budget_leaves_out_what_costs_more(tmp_path: Path, found: Optimized) -> None:
    costs = [
        found.found(name, OBJECTIVES[3]) for name in found.tried if name.startswith("candidate")
    ]
    middle = float(np.median(costs))
    problem = problem_of("small", TINY, SMALL, uncertainty="no", budget=middle)
    with Store(tmp_path / "store") as kept:
        within = optimize(problem, kept, engine=ALONE, progress=False)
        fronts = [x for x, each in within.tried.items() if each.is_front]
        assert all(within.found(name, OBJECTIVES[3]) <= middle for name in fronts)
        none = dataclasses.replace(problem, budget=1.0)
        with pytest.raises(OmemError, match="No candidate spends 1 CAD a resident and year"):
            optimize(none, kept, engine=ALONE, progress=False)


def test_parameter_sets_differ_between_worlds(tmp_path: Path) -> None:
    sets = tmp_path / "sets.csv"
    sets.write_text("parameters.offend.near\n0.4\n0.5\n0.6\n")
    problem = problem_of("small", TINY, SMALL, uncertainty=str(sets))
    changes = [world.changes["parameters.offend.near"] for world in problem.worlds]
    assert [world.town for world in problem.worlds] == [0, 1, 2, 3, 4]
    assert set(changes[:3]) == {0.4, 0.5, 0.6}
    assert changes[3:] == changes[:2]


@pytest.mark.parametrize(
    ("overrides", "more", "part"),
    [
        ([], {"base": "omen"}, "Did you mean 'omem'"),
        (["record.measures=[trust]"], {}, "is not recorded"),
        (["record.neighbourhoods=[none]"], {}, "needs all of them"),
        (["strategy.money=0"], {}, "has no money to spend"),
        (["interventions=[{what: lighting}]"], {}, "no part of a mix"),
    ],
)
def test_what_cannot_be_searched_is_refused(
    overrides: list[str], more: dict[str, str], part: str
) -> None:
    with pytest.raises(InputError, match=part):
        problem_of("small", [*TINY, *overrides], SMALL, uncertainty="no", **more)  # type: ignore[arg-type]


def test_the_command_goes_on_from_its_store_and_finds_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    sizes = ["candidates=4", "generations=1", "found_in=1", "judged_in=2", "uncertainty=no"]
    words = ["optimize", "town=small", *sizes, "beside=present_practice,omem", "workers=1", *TINY]
    assert main([*words, "out=first"]) == 0
    said = capsys.readouterr().out
    assert "Try next: omemsim compare present_practice first/balanced.yaml" in said
    assert main([*words, "out=second"]) == 0
    first, second = (tmp_path / name / "front.csv" for name in ("first", "second"))
    assert first.read_text() == second.read_text()
    assert (tmp_path / "first" / "front.png").exists()
    plan = ["compare", "present_practice", "first/balanced.yaml", "town=small", "replicates=2"]
    assert main([*plan, "workers=1", "uncertainty=no", "out=both", *TINY]) == 0
    assert "balanced" in (tmp_path / "both" / "comparison.csv").read_text()


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["omem"], "takes no strategy"),
        (["strategy=omem"], "takes no strategy"),
        (["candidates=2"], "must be a whole number from 4"),
        (["budget=free"], "must be a number"),
    ],
)
def test_optimize_says_what_it_needs(
    words: list[str], part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(["optimize", *words]) == 2
    assert part in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_it_says_how_to_get_it_and_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    problem = problem_of("small", TINY, SMALL, uncertainty="no")
    with Store(tmp_path / "store") as kept:
        with pytest.raises(InputError, match=r"pip install 'omemsim\[optimize\]'"):
            optimize(problem, kept, engine=ALONE, progress=False)
        assert kept.finished_since(0) == 0


def test_the_command_asks_for_the_extra_before_it_times_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert main(["optimize", "town=small", *TINY]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "pip install 'omemsim[optimize]'" in said.err


def test_a_named_strategy_is_a_strategy() -> None:
    problem = problem_of("small", TINY, SMALL, uncertainty="no", beside=["reactive", "omem"])
    assert problem.baseline == "reactive"
    assert isinstance(problem.named["omem"].strategy, Strategy)
    assert len(blueprint().residents) == 4


def test_a_dry_run_says_what_it_takes_and_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert (
        main(
            [
                *[
                    "optimize",
                    "town=small",
                    "candidates=4",
                    "generations=3",
                    "found_in=2",
                    "uncertainty=no",
                ],
                *TINY,
                "--dry-run",
            ]
        )
        == 0
    )
    assert "154 runs" in capsys.readouterr().out
    assert not list(tmp_path.rglob("*.csv"))
