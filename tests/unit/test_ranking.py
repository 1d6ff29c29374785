"""Which parameters decide a ranking, where the answer is known."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from omemsim.analysis.ranking import Sizes, all_factors, in_budget, rank, ranking_csv, stages_of
from omemsim.figures.ranking import save_ranking_figures
from omemsim.study import sweep_sequence as module
from omemsim.study.design import Factor
from omemsim.study.engine import Engine
from omemsim.study.run_times import Pace
from omemsim.study.runner import MODEL, Answer, Run, Simulator
from omemsim.study.store import Store
from omemsim.study.sweep import arms_of, run_sweep
from omemsim.vocabulary.errors import InputError

TINY = ["town.residents=200", "town.neighbourhoods=2", "years=0.1", "spin_up_years=0.02"]
NAMES = ("violence", "theft", "household")
FACTORS = [Factor(f"parameters.offend.{name}", 0.0, 100.0) for name in NAMES]
SIZES = Sizes(trajectories=6, survivors=2, points=16, worlds=12)
PACE = Pace(build=0.0, spin_week=0.0, begin=0.01, run_week=0.0, numbers=3)


def stages(sizes: Sizes = SIZES) -> Any:
    usual = [f"parameters.offend.{name}=50" for name in NAMES]
    return stages_of(
        arms_of(["reactive", "omem"], overrides=[*TINY, *usual]), FACTORS, sizes, "victimization"
    )


class NoTown:
    """Stands for a town where no run is made."""

    def tables(self) -> dict[str, object]:
        return {}


def answer(run: Run) -> Answer:
    """Give harm to which violence adds alike, theft and household by strategy."""
    scenario = run.scenario
    violence, theft, household = (getattr(scenario.parameters.offend, name) for name in NAMES)
    seed = [run.replicate, scenario.seed, scenario.noise_seed]
    chance = np.random.default_rng(seed).normal(0, 1)
    arm = scenario.strategy.name
    better = 0.0 if arm == "reactive" else 0.5 * (theft - 30) + 0.1 * household
    noise = np.random.default_rng([*seed, int(1000 * violence), len(arm)]).normal(0, 0.2)
    harm = 300 + 3 * violence - better + chance + noise
    return Answer({"victimization": harm, "trust": 0.5})


FAKE = Simulator(lambda scenario, replicate: NoTown(), MODEL.run)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    def told(*args: Any, **more: Any) -> Any:
        return run_sweep(*args, **{**more, "read": answer, "simulation": FAKE})

    monkeypatch.setattr(module, "run_sweep", told)


@pytest.mark.usefixtures("toy")
def test_what_moves_the_difference_survives_and_what_moves_both_does_not(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as kept:
        found = rank(stages(), kept, engine=Engine(workers=1), pace=PACE, progress=False)
        again = rank(stages(), kept, engine=Engine(workers=1), pace=PACE, progress=False)
    assert found.survivors == ("parameters.offend.theft", "parameters.offend.household")
    (driven,) = found.driven
    total = {name: x.value for name, x in driven.found.total.items()}  # type: ignore[union-attr]
    assert total["parameters.offend.theft"] == pytest.approx(25 / 26, abs=0.1)
    assert total["parameters.offend.household"] == pytest.approx(1 / 26, abs=0.1)
    share = found.shares["Victimization", "omem"]
    assert share.n == SIZES.worlds
    assert share.share == pytest.approx(0.75, abs=0.2)  # theft above 30, less for household
    assert found.best["omem"] == pytest.approx(share.share)
    budget = found.budgets["Victimization under omem less reactive"]
    assert budget.shares["parameters"].value > 0.9
    assert budget.points == SIZES.worlds
    assert ranking_csv(again) == ranking_csv(found)

    rows = list(csv.DictReader(ranking_csv(found).splitlines()))
    mine = {row["parameter"]: row for row in rows if row["outcome"] == "victimization"}
    assert float(mine["parameters.offend.theft"]["influence"]) == 1
    assert float(mine["parameters.offend.household"]["influence"]) == pytest.approx(0.2, abs=0.05)
    assert float(mine["parameters.offend.violence"]["influence"]) < 0.05
    assert mine["parameters.offend.violence"]["total"] == ""
    paths = save_ranking_figures(found, tmp_path / "figures")
    assert {path.stem for path in paths} == {
        *("screening-omem-less-reactive", "indices-omem-less-reactive", "noise", "parameter-sets")
    }


def test_towns_of_two_parameter_sets_are_never_the_same() -> None:
    sweep = stages().parameter_sets()
    seeds = {point["seed"] for point in sweep.design.points}
    assert len(seeds) == SIZES.worlds
    assert {point["noise_seed"] for point in sweep.design.points} == {1, 2}
    assert sweep.size == 12 * 2 * 2 * 2


def test_a_budget_is_shared_out() -> None:
    known = {"pace": PACE, "workers": 1}
    small = in_budget(stages(), seconds=20.0, **known).sizes  # type: ignore[arg-type]
    large = in_budget(stages(), seconds=200.0, **known).sizes  # type: ignore[arg-type]
    assert large.trajectories > 5 * small.trajectories
    assert large.points & (large.points - 1) == 0
    assert large.worlds > small.worlds >= 4
    with pytest.raises(InputError, match="is too little"):
        in_budget(stages(), seconds=0.1, **known)  # type: ignore[arg-type]


def test_every_uncertain_parameter_is_asked_between_half_and_one_and_a_half() -> None:
    scenario = arms_of(["reactive"])["reactive"]
    factors = {factor.path: factor for factor in all_factors(scenario)}
    assert len(factors) > 200
    assert factors["parameters.offend.violence"].ends() == (35.5, 106.5)
    assert not [path for path in factors if path.startswith(("parameters.strength.", "strategy"))]


def test_what_ranks_nothing_is_refused() -> None:
    arms = arms_of(["reactive", "omem"], overrides=TINY)
    with pytest.raises(InputError, match="two strategies"):
        stages_of(arms_of(["omem"]), FACTORS, SIZES, "victimization")
    with pytest.raises(InputError, match="two parameters"):
        stages_of(arms, FACTORS[:1], SIZES, "victimization")
    with pytest.raises(InputError, match="neither direction"):
        stages_of(arms, FACTORS, SIZES, "caseload")
