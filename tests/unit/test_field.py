"""Trials: assignment, the estimator and its error, sample size, and what is refused."""

import numpy as np
import pytest

from omemsim.analysis.evidence.field import (
    ancova,
    assign,
    run_trial,
    span,
    units_needed,
)
from omemsim.analysis.evidence.trial_design import TrialDesign, windows
from omemsim.analysis.evidence.trial_results import (
    found_in,
    in_words,
    plan_trial,
    towns_csv,
    trial_csv,
    trial_text,
)
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.run import spin_up
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError

SHORT = TrialDesign(baseline=8, weeks=6, follow=0, dose=6.0)


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return compose_scenario("small", "reactive", ["spin_up_years=0.5"])


@pytest.fixture(scope="module")
def start(scenario: Scenario) -> Town:
    return spin_up(scenario, 0)


def test_a_design_says_all_that_is_wrong() -> None:
    wrong = TrialDesign(what="hugs", units="streets", outcome="joy", share=1.5)
    with pytest.raises(InputError) as refused:
        wrong.check()
    assert len(refused.value.problems) == 4
    with pytest.raises(InputError, match="acts on a whole neighbourhood"):
        TrialDesign(what="liaison", units="places").check()
    with pytest.raises(InputError, match="known by neighbourhood"):
        TrialDesign(units="places", outcome="trust").check()
    with pytest.raises(InputError, match="one of two"):
        TrialDesign(assign="pairs", share=0.3).check()


def test_windows_follow_each_other() -> None:
    assert windows(TrialDesign(weeks=26, follow=52)) == {
        "during": (0, 26),
        "13 weeks after": (26, 39),
        "later": (39, 78),
    }
    assert windows(SHORT) == {"during": (0, 6)}
    assert windows(TrialDesign(weeks=4, follow=6)) == {"during": (0, 4), "after": (4, 10)}


def test_worst_are_treated_first_and_pairs_are_split(start: Town) -> None:
    n = len(start.neighbourhoods)
    before = np.zeros(len(start.places))
    hood = start.places.neighbourhood
    before[:] = hood + 1.0  # the last neighbourhoods have most
    rate = np.bincount(hood, weights=before) / start.neighbourhoods.residents
    order = np.argsort(-rate)
    worst = assign(TrialDesign(assign="worst", share=0.3), start, before, 0)
    assert set(np.flatnonzero(worst)) == set(order[:3])
    for replicate in range(5):
        pairs = assign(TrialDesign(assign="pairs"), start, before, replicate)
        assert all(pairs[order[k]] != pairs[order[k + 1]] for k in range(0, n - 1, 2))
    draws = [assign(TrialDesign(), start, before, r) for r in range(6)]
    assert all(draw.sum() == 5 for draw in draws)
    assert len({tuple(draw) for draw in draws}) > 1


@pytest.mark.parametrize("count", [True, False])
def test_the_estimate_is_unbiased_and_its_interval_covers(count: bool) -> None:
    rng = np.random.default_rng(8)
    effect, hits, estimates = -0.2, 0, []
    for _ in range(300):
        level = rng.gamma(4, 0.25, 60)  # units differ for good, and baseline knows it
        treated = rng.permutation(60) < 30
        if count:
            before = rng.poisson(40 * level).astype(float)
            mean = 20 * level * np.exp(effect * treated + rng.normal(0, 0.15, 60))
            after = rng.poisson(mean).astype(float)
        else:
            before = level + rng.normal(0, 0.1, 60)
            after = level + effect * treated + rng.normal(0, 0.3, 60)
        fit = ancova(after, before, treated, np.ones(60), groups=np.arange(60), count=count)
        estimates.append(fit.estimate)
        hits += abs(fit.estimate - effect) < span(fit.clusters) * fit.error
    assert np.mean(estimates) == pytest.approx(effect, abs=0.02)
    assert 0.90 < hits / 300 < 0.98


def test_clusters_widen_the_error() -> None:
    rng = np.random.default_rng(9)
    groups = np.repeat(np.arange(20), 10)
    shared = rng.normal(0, 0.5, 20)[groups]
    after = rng.poisson(10 * np.exp(shared)).astype(float)
    before, treated = np.full(200, 10.0) + rng.normal(0, 1, 200), groups < 10
    alone, clustered = (
        ancova(after, before, treated, np.ones(200), groups=g, count=True).error
        for g in (np.arange(200), groups)
    )
    assert clustered > 1.7 * alone


def test_units_needed_is_the_textbook_number() -> None:
    # two arms of n/2, sd 1, difference 0.5: 63 an arm (Cohen 1988)
    n = 100
    error = np.sqrt(1 / 50 + 1 / 50)
    assert units_needed(0.5, error, n) == pytest.approx(126, abs=1)
    assert np.isnan(units_needed(0.0, error, n))


def test_without_an_effect_the_truth_is_nothing(scenario: Scenario, start: Town) -> None:
    none = TrialDesign(baseline=8, weeks=6, follow=0, dose=0.0)
    values = run_trial(none, scenario, start, 0)
    assert values["during treated"] == values["during catchment"] == 0


def test_enforcement_lowers_crime_where_it_is(scenario: Scenario, start: Town) -> None:
    values = run_trial(SHORT, scenario, start, 0)
    assert values["during treated"] < -0.01
    assert abs(values["during catchment"]) < abs(values["during treated"])
    assert 0 < values["dose delivered"] <= 6
    np.testing.assert_equal(run_trial(SHORT, scenario, start, 0), values)


def test_a_dose_out_of_bounds_is_refused_before_anything_runs() -> None:
    with pytest.raises(InputError, match="lighting"):
        plan_trial(
            TrialDesign(what="lighting", dose=3.0),
            town="small",
            strategy="reactive",
            overrides=[],
            replicates=2,
        )


def test_the_table_holds_truth_report_and_size() -> None:
    work = plan_trial(
        SHORT, town="small", strategy="reactive", overrides=["spin_up_years=0.5"], replicates=3
    )
    for cell, answer in work.planned.items():
        town = spin_up(answer.scenario, cell.replicate)
        numbers = answer.read(answer.scenario, town, cell.replicate)
        work.values[cell] = {name: x for name, x in numbers.items() if np.isfinite(x)}
    found = found_in(SHORT, work)
    assert found[0].true.size == 3
    assert (found[0].lows < found[0].estimates).all()
    text = trial_text(SHORT, found)
    assert "The true effect" in text
    assert "units" in in_words(SHORT, found)[1]
    assert trial_csv(SHORT, found).startswith("window,first_week")
    assert len(towns_csv(found).splitlines()) == 4
