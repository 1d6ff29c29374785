"""Scores, rivals, places and sentences of a hindcast, against numbers worked out by hand.

Three neighbourhoods of unlike size, whose residents are other ones by the predicted years.
"""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from omemsim.analysis.hindcast.experiment import LEARNT, MODEL, Hindcast, Space, _outside
from omemsim.analysis.hindcast.model_forecast import own_forecast, with_learnt_spread
from omemsim.analysis.hindcast.places import Concentration, concentration
from omemsim.analysis.hindcast.predictive import Forecast, summarized
from omemsim.analysis.hindcast.rivals import RIVALS, covariates_of, forecast_by, spread_by_lead
from omemsim.analysis.hindcast.runs import HindcastRun, RunCounts
from omemsim.analysis.hindcast.scores import ForecastScore, held_against
from omemsim.analysis.hindcast.words import calibrated, drifted, elsewhere, lost, verdicts
from omemsim.inputs.tables.panel import Panel
from omemsim.present import text as written

ASSUMED = np.array([1000.0, 4000.0, 500.0])
THERE = np.array([[1250.0, 4100.0, 600.0], [1600.0, 4300.0, 400.0]])
RECORDED = np.array([[10.0, 3.0, 8.0], [12.0, 5.0, 2.0]])
MEAN = np.array([[7.0, 9.0, 4.0], [8.0, 6.0, 3.0]])
ALPHA = np.array([[0.1, 0.2, 0.05], [0.3, 0.1, 0.2]])
YEARS = (2004, 2005)


def forecast(mean: Any = MEAN, alpha: Any = ALPHA) -> Forecast:
    return Forecast(np.array(mean, float)[None], np.array(alpha, float)[None])


def scores() -> dict[tuple[str, str, int, str], ForecastScore]:
    """Return the scores of the model and a rival, by forecast, against, year and name."""
    forecasts = {MODEL: forecast(), "last year": forecast(MEAN[::-1] + 2)}
    summaries = {name: summarized(one, RECORDED) for name, one in forecasts.items()}
    found = held_against(
        forecasts,
        summaries,
        measure="violence",
        years=YEARS,
        recorded=RECORDED,
        residents=(ASSUMED, THERE),
        resamples=np.array([[0, 0, 1], [2, 1, 1], [0, 1, 2], [2, 2, 0]]),
        mine=(MODEL,),
    )
    return {(x.forecast, x.against, x.year, x.name): x for x in found}


def test_scores_have_forecasts_per_assumed_and_records_per_actual_residents() -> None:
    found = scores()
    size = 1 / ALPHA
    below = stats.nbinom(size, size / (size + MEAN))
    median, low, high = (below.ppf(share) for share in (0.5, 0.05, 0.95))
    level = RECORDED.sum(axis=1) / MEAN.sum(axis=1)
    rate = 1000 * RECORDED / THERE
    deviance = 2 * (RECORDED * np.log(RECORDED / MEAN) - RECORDED + MEAN)
    expected = {
        "error": np.abs(1000 * median / ASSUMED - rate),
        "error_given_level": 1000 * np.abs(median * level[:, None] - RECORDED) / THERE,
        "deviance": deviance,
        "log": -below.logpmf(RECORDED),
        "within90": (low <= RECORDED) & (high >= RECORDED),
        "within50": (below.ppf(0.25) <= RECORDED) & (below.ppf(0.75) >= RECORDED),
        "width90": 1000 * (high - low) / ASSUMED,
    }
    for name, cells in expected.items():
        for row, year in enumerate(YEARS):
            assert found[MODEL, "", year, name].value == pytest.approx(cells[row].mean()), name
        assert found[MODEL, "", 0, name].value == pytest.approx(cells.mean()), name


def test_ranks_are_of_rates_and_the_level_is_predicted_over_recorded() -> None:
    found = scores()
    for row, year in enumerate(YEARS):
        rank = stats.spearmanr(MEAN[row] / ASSUMED, RECORDED[row] / THERE[row]).statistic
        assert found[MODEL, "", year, "rank"].value == pytest.approx(rank)
        level = MEAN[row].sum() / RECORDED[row].sum()
        assert found[MODEL, "", year, "level"].value == pytest.approx(level)


def test_a_crps_is_the_mean_distance_less_half_that_between_two_draws() -> None:
    size = 1 / ALPHA[0, 0]
    chance = stats.nbinom(size, size / (size + MEAN[0, 0])).pmf(np.arange(400))
    counts = np.arange(400)
    apart = chance @ np.abs(counts[:, None] - counts) @ chance
    expected = chance @ np.abs(counts - 10) - apart / 2
    assert summarized(forecast(), RECORDED).crps[0, 0] == pytest.approx(expected, rel=1e-6)


def test_differences_and_intervals_are_of_the_same_resamples() -> None:
    found = scores()
    mine, rival = found[MODEL, "", 2004, "deviance"], found["last year", "", 2004, "deviance"]
    change = found[MODEL, "last year", 2004, "deviance"]
    assert change.value == pytest.approx(mine.value - rival.value)
    cells = [
        2 * (RECORDED[0] * np.log(RECORDED[0] / mean) - RECORDED[0] + mean)
        for mean in (MEAN[0], MEAN[1] + 2)
    ]
    rows = np.array([[0, 0, 1], [2, 1, 1], [0, 1, 2], [2, 2, 0]])
    drawn = (cells[0] - cells[1])[rows].mean(axis=1)
    assert (change.low, change.high) == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])))
    assert ("last year", MODEL, 2004, "deviance") not in found


COUNTS = np.array([[4.0, 10.0, 1.0], [9.0, 12.0, 0.0], [5.0, 30.0, 2.0]])
PEOPLE = np.array([[100.0, 400.0, 50.0], [200.0, 410.0, 60.0], [150.0, 300.0, 80.0]])
POOR = np.array([[1.0, 2.0, 4.0], [1.0, 2.0, 4.0], [1.5, np.nan, 7.0]])


def panel() -> Panel:
    names = ["a", "b", "c"]
    counts = {"violence": COUNTS, "property": 3 * COUNTS}
    return Panel(names, names, [2001, 2002, 2003], PEOPLE, counts, {"poor": POOR})


def test_rivals_use_years_up_to_the_last_known_and_no_later() -> None:
    one = panel()
    np.testing.assert_allclose(
        RIVALS["last year"](one, "violence", 1), [9 / 200, 12 / 410, 0.5 / 60]
    )
    pooled = [13 / 300, 22 / 810, 1 / 110]
    np.testing.assert_allclose(RIVALS["mean rate"](one, "violence", 1), pooled)
    columns = covariates_of(one, 2)
    filled = np.array([1.5, 4.25, 7.0])  # a gap has the median of the others
    np.testing.assert_allclose(columns[:, 1], stats.zscore(filled))
    exposure = PEOPLE.sum(axis=0)
    fit = sm.GLM(COUNTS.sum(axis=0), columns, family=sm.families.Poisson(), exposure=exposure).fit()
    np.testing.assert_allclose(
        RIVALS["regression"](one, "violence", 2), fit.predict(columns), rtol=1e-6
    )


def test_a_rival_s_forecast_holds_the_last_population_and_learns_its_spread_by_lead() -> None:
    one = panel()
    found = forecast_by(RIVALS["mean rate"], one, "violence", [1, 3])
    mean = COUNTS.sum(axis=0) / PEOPLE.sum(axis=0) * PEOPLE[-1]
    np.testing.assert_allclose(found.mean, [[mean, mean]])
    origins = [
        np.maximum(COUNTS[: k + 1].sum(axis=0), 0.5) / PEOPLE[: k + 1].sum(axis=0) * PEOPLE[k]
        for k in range(2)
    ]
    likely = {}
    for lead, means, seen in ((1, origins, COUNTS[1:]), (2, origins[:1], COUNTS[2:])):
        grid = np.exp(np.linspace(np.log(1e-6), np.log(9), 4001))
        size = 1 / grid[:, None]
        flat = np.concatenate(means)
        fits = stats.nbinom.logpmf(seen.ravel(), size, size / (size + flat)).sum(axis=1)
        likely[lead] = grid[fits.argmax()]
    # A lead beyond what the window holds has the spread of its longest: 2 of 3 years.
    assert found.alpha[0, 0] == pytest.approx([likely[1]] * 3, rel=0.01)
    assert found.alpha[0, 1] == pytest.approx([likely[2]] * 3, rel=0.01)


def made(recorded: dict[tuple[int, int], list[list[list[float]]]]) -> dict[HindcastRun, RunCounts]:
    """Return runs by (origin, replicate): recorded crimes by year, kind and neighbourhood."""
    return {
        HindcastRun(origin, 0, replicate): RunCounts(np.array(each, float), {}, np.zeros(0))
        for (origin, replicate), each in recorded.items()
    }


def test_the_model_s_spread_is_what_replicates_differ_by_beyond_poisson_noise() -> None:
    runs = made(
        {
            (2003, 0): [[[4, 9], [40, 20]], [[1, 2], [3, 4]]],
            (2003, 1): [[[14, 3], [50, 10]], [[5, 6], [7, 8]]],
            (2003, 2): [[[3, 18], [30, 90]], [[2, 2], [2, 2]]],
        }
    )
    times = np.array([20.0, 10.0])
    found = own_forecast(runs, 2003, row=0, leads=[1], times=times)
    seen = np.array([[4.0, 9.0], [14.0, 3.0], [3.0, 18.0]])
    mean = seen.mean(axis=0)
    share = (seen.var(axis=0, ddof=1) - mean).sum() / (mean**2).sum()
    assert share > 0
    np.testing.assert_allclose(found.mean, [[mean * times]])
    np.testing.assert_allclose(found.alpha, [[share + (1 + share * mean) / (3 * mean)]])


def test_a_learnt_spread_is_of_earlier_fits_held_against_later_years() -> None:
    runs = made(
        {
            (2001, 0): [[[4, 9], [0, 0]], [[6, 7], [0, 0]]],
            (2002, 0): [[[8, 2], [0, 0]]],
            (2003, 0): [[[5, 5], [0, 0]]],
        }
    )
    observed = np.array([[50.0, 90.0], [90.0, 40.0], [30.0, 160.0]])
    times = {year: np.array([10.0, 10.0]) for year in (2001, 2002, 2003)}
    own = own_forecast(runs, 2003, row=0, leads=[1], times=times[2003])
    found = with_learnt_spread(
        own, runs, (2001, 2002, 2003), row=0, observed=observed, leads=[1], times=times
    )
    expected = spread_by_lead(
        lambda origin, lead: np.array([[40.0, 90.0], [80.0, 20.0]])[origin], observed, [1]
    )
    np.testing.assert_array_equal(found.mean, own.mean)
    np.testing.assert_allclose(found.alpha, np.maximum(own.alpha, expected[0]))
    assert (found.alpha > own.alpha).any()


def test_repeats_and_the_least_gini_are_of_the_four_numbers() -> None:
    # Places with an event, events, most at one, places with more than one.
    tallies = np.array([[4.0, 9.0, 5.0, 2.0], [3.0, 6.0, 2.0, 3.0]])
    found = concentration("violence", tallies)
    counts = np.array([1, 1, 5, 2, 2, 2, 2])
    assert found.events == 15
    assert found.repeated == pytest.approx(13 / 15)
    apart = np.abs(counts[:, None] - counts).sum()
    assert found.gini == pytest.approx(apart / (2 * counts.size * counts.sum()))


def test_the_null_throws_as_many_events_on_as_many_places_as_would_be_hit() -> None:
    tallies = np.array([[300.0, 500.0, 9.0, 80.0]])
    found = [concentration("theft", tallies, seed=k) for k in range(60)]
    number = next(n for n in range(300, 5000) if n * (1 - (1 - 1 / n) ** 500) >= 300)
    alone = 500 / number * (1 - 1 / number) ** 499 * number  # places with just one
    expected = 1 - alone / 500
    assert np.mean([x.repeated_by_chance for x in found]) == pytest.approx(expected, abs=0.01)


def hindcast(**changes: Any) -> Hindcast:
    """Return a hindcast of two years of violence whose scores are those of `scores`."""
    window = dataclasses.replace(panel(), population=np.array([[9, 9, 9], [9, 9, 9], ASSUMED]))
    forecasts = {"violence": {MODEL: forecast(), "last year": forecast(MEAN[::-1] + 2)}}
    concentrated = [Concentration("theft", 1234.0, 0.5, 0.25, 0.4, 0.1)]
    base: dict[str, Any] = {
        "question": SimpleNamespace(fit=(2001, 2002, 2003), predict=YEARS),
        "predicted": SimpleNamespace(
            forecasts=forecasts, window=window, concentration=concentrated
        ),
        "later": SimpleNamespace(population=THERE),
        "summaries": {},
        "scores": [dataclasses.replace(x, measure="violence") for x in scores().values()],
        "space": [],
        "outside": [],
        "recorded_places": [],
    }
    return Hindcast(**base | changes)


def test_the_level_is_reported_year_by_year_and_the_residents_growth_with_it() -> None:
    crime, people = drifted(hindcast())
    off = [MEAN[k].sum() / RECORDED[k].sum() - 1 for k in range(2)]
    rival = [(MEAN[1 - k] + 2).sum() / RECORDED[k].sum() - 1 for k in range(2)]
    assert crime == (
        "Violence of the whole town, model's forecast against what was recorded: "
        f"2004 {off[0]:+.0%}, 2005 {off[1]:+.0%}. Rivals were off by {min(rival):+.0%} to "
        f"{max(rival):+.0%}."
    )
    assert people == (
        "Every forecast holds the population of 2003; by 2005 it had changed by "
        f"{6300 / 5500 - 1:+.0%}."
    )


def score(name: str, value: float, low: float, high: float, against: str = "") -> ForecastScore:
    return ForecastScore(MODEL, against, "violence", 0, name, value, low, high)


@pytest.mark.parametrize(
    ("name", "ends", "word"),
    [
        ("rank", (0.1, 0.3), "wins"),
        ("rank", (-0.3, -0.1), "loses"),
        ("rank", (-0.1, 0.3), "even"),
        ("error", (0.1, 0.3), "loses"),
        ("error", (-0.3, -0.1), "wins"),
        ("error", (-0.3, 0.1), "even"),
    ],
)
def test_who_wins_goes_by_the_score_s_better_side(
    name: str, ends: tuple[float, float], word: str
) -> None:
    one = hindcast()
    kept = [
        score(x.name, 0.0, *ends, x.against) if x.name == name and x.against else x
        for x in one.scores
        if (x.forecast, x.year) in ((MODEL, 0), ("last year", 0))
    ]
    learnt = [dataclasses.replace(x, forecast=LEARNT) for x in kept if x.forecast == MODEL]
    one = dataclasses.replace(one, scores=[*kept, *learnt])
    (found,) = [x for x in verdicts(one) if x.name == name]
    assert found.word == word
    assert (found.own.value, found.other.value) == (
        scores()[MODEL, "", 0, name].value,
        scores()["last year", "", 0, name].value,
    )
    head = {"wins": "wins against", "loses": "loses to", "even": ""}[word]
    said = [x for x in lost(one) if x.startswith(f"The model {head} last year, violence: ")]
    text = f"difference 0.000, 95% interval {written.score(ends[0])} to {written.score(ends[1])})"
    assert any(text in x for x in said) is (word != "even")


@pytest.mark.parametrize(
    ("ends", "word"),
    [
        ((0.6, 0.8), "too narrow"),
        ((0.92, 0.99), "too wide"),
        ((0.8, 0.95), "as wide as they should be, as far as these counts can show"),
        ((1.0, 1.0), "too few counts to tell"),
    ],
)
def test_intervals_that_hold_too_little_are_too_narrow(
    ends: tuple[float, float], word: str
) -> None:
    held = [score("within90", 0.85, *ends), score("within50", 0.45, 0.4, 0.5)]
    one = hindcast(scores=held)
    one.predicted.forecasts["violence"].pop("last year")
    (said,) = calibrated(one)
    assert said == (
        f"Violence, model: the 90% intervals held 85% ({ends[0]:.0%} to {ends[1]:.0%}), the 50% "
        f"intervals 45% (40% to 50%): {word}."
    )


def test_what_is_found_in_space_and_at_places_is_said_with_its_own_numbers() -> None:
    space = [
        Space("violence", 2004, 0.5, {LEARNT: (0.3, 0.2, 0.4)}, {MODEL: 0.11}),
        Space("violence", 2005, 0.25, {LEARNT: (0.35, 0.2, 0.45)}, {MODEL: 0.03}),
    ]
    said = list(elsewhere(hindcast(space=space)))
    assert said[0].endswith(
        "2004 0.50 against 0.30 (0.20 to 0.40), 2005 0.25 against 0.35 (0.20 to 0.45); outside "
        "the draws' range in 1 of 2 years. What the model leaves unexplained has a Moran's I of "
        "0.07 on average, so the errors of neighbours are alike."
    )
    assert said[1] == (
        "Places, model theft (1,234 events): 50% at places with more than one (by chance 25%), "
        "Gini at least 0.40 (by chance 0.10)."
    )


def test_a_column_outside_the_fit_is_ranked_against_rates_over_all_years() -> None:
    window = dataclasses.replace(
        panel(), extra={"crisis": np.array([[3.0, 9, 1], [5, 7, 2], [4, 8, 9]])}
    )
    question = SimpleNamespace(outside=(("disorder", "crisis/population"),))
    deprivation = np.array([0.1, 0.9, 0.4])
    predicted = SimpleNamespace(
        blueprint=SimpleNamespace(deprivation=deprivation),
        outside={"disorder": np.array([5.0, 4.0, 1.0])},
    )
    rows = np.array([[0, 1, 2], [0, 1, 1], [2, 0, 1]])
    found = {x.what: x for x in _outside(question, predicted, window, rows)}  # type: ignore[arg-type]
    column = (window.extra["crisis"] / PEOPLE).mean(axis=0)
    rates = COUNTS.sum(axis=0) / PEOPLE.sum(axis=0)
    for what, values in (
        ("model's disorder", predicted.outside["disorder"]),
        ("deprivation, an input", deprivation),
        ("recorded violence, fit window", rates),
    ):
        expected = stats.spearmanr(values, column).statistic
        assert found[what].value == pytest.approx(expected), what
