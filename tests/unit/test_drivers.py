"""What drives a sweep's outcome, from sweeps whose answer is known."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from omemsim.figures.swept import save_sweep_figures
from omemsim.inputs.config import compose_scenario
from omemsim.study.design import Design, Factor, design
from omemsim.study.expand import Sweep
from omemsim.study.factor_importance import drivers_of, worlds_of
from omemsim.study.indices import Morris, Sobol
from omemsim.study.sweep_results import Swept

PACE = Factor("parameters.feel.pace", low=2, high=20)
LEVER = Factor("strategy.precision", low=0.2, high=0.8)
REPLICATES = 3


def swept(made: Design) -> Swept:
    """Return results in which pace drives both arms alike, and the lever only omem."""
    arms = {name: compose_scenario("small", name, ()) for name in ("reactive", "omem")}
    assert made.unit is not None
    pace, lever = made.unit.T
    noise = np.random.default_rng(1).normal(0, 0.01, (len(pace), REPLICATES))
    harm = np.stack(
        [(300 + 40 * pace)[:, None] + noise, (300 + 40 * pace - 8 * lever)[:, None] + noise]
    )
    trust = np.stack([np.full(harm.shape[1:], 0.5), np.full(harm.shape[1:], 0.4)])
    return Swept(
        Sweep(arms, made, REPLICATES), ["victimization", "trust"], np.stack([harm, trust], -1)
    )


@pytest.mark.parametrize(("kind", "n"), [("sobol", 128), ("morris", 20)])
def test_a_factor_that_drives_both_arms_need_not_drive_their_difference(kind: str, n: int) -> None:
    found = {
        one.name: one
        for one in drivers_of(swept(design(kind, [PACE, LEVER], n=n)), "victimization")
    }
    assert list(found) == ["reactive", "omem", "omem-less-reactive"]
    leading = {name: one.found.ranked()[0] for name, one in found.items()}
    assert leading == {
        "reactive": "parameters.feel.pace",
        "omem": "parameters.feel.pace",
        "omem-less-reactive": "strategy.precision",
    }
    difference = found["omem-less-reactive"].found
    if isinstance(difference, Sobol):
        assert difference.total["strategy.precision"].value == pytest.approx(1, abs=0.05)
        assert difference.total["parameters.feel.pace"].value == pytest.approx(0, abs=0.01)
    else:
        assert isinstance(difference, Morris)
        assert difference.mu["strategy.precision"].value == pytest.approx(-8, abs=0.1)
        assert "precision" in found["omem-less-reactive"].in_words()


def test_a_sample_has_worlds_and_a_trajectory_has_none() -> None:
    for kind, n, worlds in (("latin", 40, 40), ("sobol", 16, 32), ("morris", 10, 0)):
        shares = worlds_of(swept(design(kind, [PACE, LEVER], n=n)), ["victimization", "trust"])
        assert {share.n for share in shares.values()} == ({worlds} if worlds else set())
        if worlds:
            assert shares["Victimization", "omem"].wins == worlds
            assert shares["Trust in police", "omem"].wins == 0


def test_an_outcome_that_is_the_same_in_every_world_has_no_row() -> None:
    some = swept(design("latin", [PACE, LEVER], n=10))
    some.values[1, ..., 1] = some.values[0, ..., 1]
    assert [title for title, _ in worlds_of(some, ["victimization", "trust"])] == ["Victimization"]


def test_runs_that_failed_cost_their_rows_and_too_few_rows_give_no_figure(tmp_path: Any) -> None:
    some = swept(design("sobol", [PACE, LEVER], n=4))
    some.values[0, :3, 0] = np.nan
    assert [one.name for one in drivers_of(some, "victimization")] == ["omem"]
    names = {path.name for path in save_sweep_figures(some, ["victimization"], tmp_path)}
    assert names == {
        "drivers-omem.png",
        "drivers-omem.svg",
        "parameter-sets.png",
        "parameter-sets.svg",
    }


@pytest.mark.parametrize(("kind", "n"), [("sobol", 16), ("morris", 8)])
def test_an_outcome_that_never_changes_has_no_drivers_and_warns_of_nothing(
    kind: str, n: int, tmp_path: Any
) -> None:
    found = swept(design(kind, [PACE, LEVER], n=n))  # trust is 0.5 and 0.4 throughout
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        driven = drivers_of(found, "trust")
        assert [one.name for one in driven] == ["reactive", "omem", "omem-less-reactive"]
        for one in driven:
            assert "more than noise does" in one.in_words()
        save_sweep_figures(found, ["trust"], tmp_path)
