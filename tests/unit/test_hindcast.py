"""A hindcast: nothing later is seen, scores are what they are called, losses are reported."""

import csv
import itertools
import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest, nbinom, poisson

from omemsim.analysis.estimators import morans_i
from omemsim.analysis.hindcast import LEARNT, MODEL, Question, judge, plan, predict
from omemsim.analysis.hindcast.counted import RunCounts, simulate
from omemsim.analysis.hindcast.experiment import Hindcast
from omemsim.analysis.hindcast.model_forecast import own_forecast
from omemsim.analysis.hindcast.places import concentration, read_concentration, tally
from omemsim.analysis.hindcast.predictive import Forecast, draw_counts, fit_alpha, summarized
from omemsim.analysis.hindcast.rivals import RIVALS, covariates_of, forecast_by
from omemsim.analysis.hindcast.runs import HindcastRun, run_hindcast
from omemsim.analysis.hindcast.scores import SCORES
from omemsim.analysis.hindcast.space import block_draws, neighbours_of
from omemsim.analysis.hindcast.tables import hindcast_csv, hindcast_text, scores_csv
from omemsim.analysis.hindcast.words import lost, verdicts
from omemsim.cli import main
from omemsim.figures.hindcast import hindcast_figures
from omemsim.figures.hindcast_html import hindcast_page
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.inputs.tables import read_panel, table_years
from omemsim.inputs.tables.panel import Panel
from omemsim.study.engine import Engine
from omemsim.study.store import Store
from omemsim.vocabulary.errors import InputError

HERE = Engine(workers=1)
HOODS, FIT, LATER = 9, (2001, 2002, 2003), (2004, 2005)
HEADER = "id,year,people,assault,theft,poor,x,y,crisis,label"


def table_rows(change=lambda year, row: row):
    """Return the rows of a town of 3 x 3 neighbourhoods over five years."""
    rng = np.random.default_rng(1)
    level = rng.uniform(0.5, 2.0, HOODS)
    rows = []
    for year, i in itertools.product((*FIT, *LATER), range(HOODS)):
        crimes = rng.poisson(level[i] * np.array([40, 120]))
        cells = [i + 1, year, 4000 + 10 * (year - 2001), *crimes, round(float(level[i]), 3)]
        rows.append(change(year, [*cells, 1000 * (i % 3), 1000 * (i // 3), 50 + i, int(i > 5)]))
    return rows


def write_table(path: Path, **how) -> Path:
    lines = [",".join(map(str, row)) for row in table_rows(**how)]
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def words_of(path: Path) -> list[str]:
    columns = [
        *("town.columns.id=id", "town.columns.year=year", "town.columns.population=people"),
        *("town.columns.violence=assault", "town.columns.property=theft"),
        *("town.columns.deprivation={poor: 1}", "town.columns.x=x", "town.columns.y=y"),
    ]
    return [f"town.file={path}", "town.columns.guess=false", *columns, "town.scale=20"]


def question_of(path: Path, **changes) -> Question:
    scenario = compose_scenario("table", "present_practice", [*words_of(path), "spin_up_years=1"])
    base = Question(scenario, FIT, LATER, replicates=3)
    return replace(base, **changes)


def predicted_of(question: Question, store: Path):
    with Store(store) as kept:
        return predict(question, plan(question), kept, engine=HERE, progress=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hindcast")


@pytest.fixture(scope="module")
def found(folder) -> Hindcast:
    path = write_table(folder / "town.csv")
    outside = (("disorder", "crisis/population"), ("capacity", "label"))
    question = question_of(path, outside=outside)
    return judge(question, predicted_of(question, folder / "store"))


# Nothing of the predicted years is seen.


def numbers_of(predicted):
    return {
        (measure, name, field.name): getattr(forecast, field.name)
        for measure, forecasts in predicted.forecasts.items()
        for name, forecast in forecasts.items()
        for field in fields(forecast)
    }


def ten_times(years):
    def change(year, row):
        return (
            [*row[:2], *(10 * x for x in row[2:5]), 99 - row[5], *row[6:]] if year in years else row
        )

    return change


def test_a_forecast_is_bit_for_bit_the_same_whatever_the_predicted_years_hold(found, folder):
    other = write_table(folder / "later.csv", change=ten_times(LATER))
    numbers = numbers_of(predicted_of(question_of(other), folder / "later"))
    for key, expected in numbers_of(found.predicted).items():
        np.testing.assert_array_equal(numbers[key], expected, err_msg=str(key))


def test_a_forecast_needs_no_rows_of_the_predicted_years_but_their_names(found, folder):
    text = (folder / "town.csv").read_text(encoding="utf-8").splitlines()
    early = folder / "early.csv"
    early.write_text("\n".join(x for x in text if not re.search(r",200[45],", x)) + "\n")
    runs = plan(replace(question_of(folder / "town.csv")))
    scenario = runs.scenarios[2003, 0]
    moved = replace(scenario, town=replace(scenario.town, file=str(early)))
    first, second = (simulate(x, 0, ()).recorded for x in (scenario, moved))
    np.testing.assert_array_equal(first, second)


def test_a_forecast_does_see_the_fitted_years(found, folder):
    other = write_table(folder / "fitted.csv", change=ten_times((2002,)))
    numbers = numbers_of(predicted_of(question_of(other), folder / "fitted"))
    for name in (MODEL, "mean rate", "regression"):
        changed = numbers["violence", name, "mean"]
        assert not np.array_equal(changed, found.predicted.forecasts["violence"][name].mean)


# The town that is fitted to several years.


def test_since_averages_recorded_crime_over_residents_and_years(folder):
    path = write_table(folder / "mean.csv")
    town = compose_scenario(
        "table", None, [*words_of(path), "town.since=2001", "town.year=2003"]
    ).town
    blueprint = blueprint_of(town)
    rows = np.array([r[:5] for r in table_rows() if r[1] in FIT], float).reshape(3, HOODS, 5)
    people, assaults = rows[..., 2].sum(axis=0), rows[..., 3].sum(axis=0)
    np.testing.assert_allclose(blueprint.violence, 1000 * assaults / people)
    np.testing.assert_allclose(blueprint.population * 20, rows[2, :, 2])
    assert any("mean rate of 3 years, 2001 to 2003" in note for note in blueprint.notes)


def test_since_one_year_is_that_year(folder):
    path = write_table(folder / "one.csv")
    alone = compose_scenario("table", None, [*words_of(path), "town.year=2002"]).town
    np.testing.assert_allclose(
        blueprint_of(replace(alone, since=2002)).property, blueprint_of(alone).property
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["town.since=2004", "town.year=2003"], "town.since: 2004 is after town.year=2003"),
        (["town.since=2001", "town.columns.year=null"], "no column is mapped to year"),
    ],
)
def test_since_that_cannot_be_is_refused(folder, words, said):
    path = write_table(folder / "wrong.csv")
    if "town.columns.year=null" in words:
        lines = path.read_text().splitlines()
        path.write_text("\n".join([lines[0], *(x for x in lines if ",2001," in x)]) + "\n")
    given = {word.partition("=")[0] for word in words}
    base = [word for word in words_of(path) if word.partition("=")[0] not in given]
    with pytest.raises(InputError, match=re.escape(said)):
        blueprint_of(compose_scenario("table", None, [*base, *words]).town)


def test_a_panel_lays_years_in_the_order_of_the_first(folder):
    path = write_table(folder / "order.csv")
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:10], *reversed(lines[10:])]) + "\n")
    town = compose_scenario("table", None, words_of(path)).town
    panel = read_panel(town, (2001, 2002), extra=["label"])
    assert table_years(town) == [*FIT, *LATER]
    assert panel.ids == [str(i + 1) for i in range(HOODS)]
    expected = [r[3] for r in table_rows() if r[1] == 2002]
    np.testing.assert_array_equal(panel.counts["violence"][1], expected)
    np.testing.assert_array_equal(panel.extra["label"][1], [int(i > 5) for i in range(HOODS)])


def test_a_neighbourhood_missing_in_one_year_is_refused(folder):
    path = write_table(folder / "gap.csv")
    lines = path.read_text().splitlines()
    path.write_text("\n".join(x for x in lines if not x.startswith("4,2002,")) + "\n")
    town = compose_scenario("table", None, words_of(path)).town
    with pytest.raises(InputError, match=r"year 2002.*1 are missing"):
        read_panel(town, (2001, 2002))


# Predictive distributions.


def test_scores_are_those_of_the_distribution():
    mean, alpha, count = 30.0, 0.1, 41
    summary = summarized(
        Forecast(np.full((1, 1, 1), mean), np.full((1, 1, 1), alpha)), np.full((1, 1), count)
    )
    size = 1 / alpha
    law = nbinom(size, size / (size + mean))
    assert summary.log_score[0, 0] == pytest.approx(-law.logpmf(count))
    assert [summary.low90[0, 0], summary.median[0, 0], summary.high90[0, 0]] == [
        law.ppf(q) for q in (0.05, 0.5, 0.95)
    ]
    draws = law.rvs(400_000, random_state=np.random.default_rng(1)).reshape(2, -1)
    energy = np.abs(draws[0] - count).mean() - np.abs(draws[0] - draws[1]).mean() / 2
    assert summary.crps[0, 0] == pytest.approx(energy, abs=0.06)
    assert law.cdf(count - 1) <= summary.pit[0, 0] <= law.cdf(count)


def test_without_spread_it_is_poisson():
    summary = summarized(
        Forecast(np.full((1, 1, 1), 7.0), np.zeros((1, 1, 1))), np.full((1, 1), 9.0)
    )
    assert summary.log_score[0, 0] == pytest.approx(-poisson(7).logpmf(9), abs=1e-4)


def test_true_chances_come_true_and_too_narrow_ones_do_not():
    rng = np.random.default_rng(2)
    mean = rng.uniform(5, 200, (1, 5, 200))
    forecast = Forecast(mean, np.full_like(mean, 0.05))
    counts = draw_counts(forecast, 1, seed=3)[0]
    summary = summarized(forecast, counts)
    assert kstest(summary.pit.ravel(), "uniform").pvalue > 0.01
    inside = ((summary.low90 <= counts) & (counts <= summary.high90)).mean()
    assert 0.87 < inside < 0.95
    narrow = summarized(Forecast(mean, np.zeros_like(mean)), counts)
    assert kstest(narrow.pit.ravel(), "uniform").pvalue < 1e-6


def test_a_mixture_is_wider_than_its_parts():
    parts = Forecast(np.array([[[20.0]], [[60.0]]]), np.zeros((2, 1, 1)))
    summary = summarized(parts, np.array([[40.0]]))
    assert summary.low90[0, 0] < 20 < 60 < summary.high90[0, 0]
    drawn = draw_counts(parts, 4000)
    assert drawn.mean() == pytest.approx(40, abs=1.5)


@pytest.mark.parametrize("alpha", [0.0, 0.02, 0.3])
def test_spread_is_found_again(alpha):
    rng = np.random.default_rng(5)
    mean = rng.uniform(50, 500, 3000)
    rate = mean if alpha == 0 else rng.gamma(1 / alpha, mean * alpha)
    assert fit_alpha(mean, rng.poisson(rate).astype(float)) == pytest.approx(
        alpha, rel=0.1, abs=1e-3
    )


# The model's own distribution: the noise of a small town is not the real town's.


def made_runs(rate, replicates, seed=0):
    """Return runs of counts Poisson around rates (R or 1, N), one year, both measures."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(np.broadcast_to(rate, (replicates, rate.shape[-1]))).astype(float)
    nothing = np.zeros((2, rate.shape[-1], 4))
    return {
        HindcastRun(2003, 0, r): RunCounts(np.stack([[row, row]]), {}, nothing)
        for r, row in enumerate(counts)
    }


def test_poisson_noise_of_the_small_town_is_taken_out():
    rate = np.full((1, 400), 9.0)
    times = np.full(400, 20.0)
    forecast = own_forecast(made_runs(rate, 100), 2003, row=0, leads=[1], times=times)
    assert forecast.expected.mean() == pytest.approx(180, rel=0.01)
    # What is left is the noise of the mean, 1 / (R m), not that of one run, 1 / m.
    assert forecast.alpha.mean() == pytest.approx(1 / 900, rel=0.5)


def test_rates_that_differ_between_replicates_widen_it():
    rng = np.random.default_rng(1)
    rate = rng.gamma(1 / 0.04, 9 * 0.04, (100, 400))
    forecast = own_forecast(made_runs(rate, 100), 2003, row=1, leads=[1], times=np.ones(400))
    assert forecast.alpha.mean() == pytest.approx(0.04, rel=0.2)


# Rivals.


def made_panel(rates, years=6, seed=0, extra=None):
    rng = np.random.default_rng(seed)
    people = np.full((years, rates.shape[-1]), 5000.0)
    counts = rng.poisson(np.broadcast_to(rates, people.shape) * people).astype(float)
    ids = [str(i) for i in range(rates.shape[-1])]
    return Panel(ids, ids, list(range(years)), people, {"violence": counts}, extra or {})


def test_rivals_are_what_they_are_called():
    panel = made_panel(np.linspace(0.01, 0.05, 30))
    counts, people = panel.counts["violence"], panel.population
    np.testing.assert_array_equal(RIVALS["last year"](panel, "violence", 3), counts[3] / people[3])
    expected = counts[:4].sum(axis=0) / people[:4].sum(axis=0)
    np.testing.assert_allclose(RIVALS["mean rate"](panel, "violence", 3), expected)


def test_the_regression_solves_its_equations_and_finds_the_truth():
    rng = np.random.default_rng(3)
    poor, moved = rng.normal(size=(2, 300))
    rates = 0.02 * np.exp(0.5 * poor - 0.3 * moved)
    extra = {
        "poor": np.tile(poor, (6, 1)),
        "same": np.ones((6, 300)),
        "moved": np.tile(moved, (6, 1)),
    }
    panel = made_panel(rates, extra=extra)
    design = covariates_of(panel, 5)
    assert design.shape == (300, 3)  # what is the same everywhere is left out
    counts, people = panel.counts["violence"].sum(axis=0), panel.population.sum(axis=0)
    fitted = RIVALS["regression"](panel, "violence", 5)
    np.testing.assert_allclose(design.T @ (counts - fitted * people), 0, atol=1e-4)
    np.testing.assert_allclose(fitted, rates, rtol=0.05)


def test_the_regression_fills_a_gap_with_the_median():
    values = np.array([[1.0, 2.0, np.nan, 4.0, 9.0]])
    panel = replace(made_panel(np.full(5, 0.02), years=1), extra={"poor": values})
    filled = np.array([1.0, 2.0, 3.0, 4.0, 9.0])
    np.testing.assert_allclose(
        covariates_of(panel, 0)[:, 1], (filled - filled.mean()) / filled.std()
    )


def test_the_spread_of_a_rival_grows_with_what_drifts_and_is_nought_without():
    steady = forecast_by(RIVALS["mean rate"], made_panel(np.full(200, 0.05)), "violence", [1, 5])
    # Means of few years are noisy themselves: 1 / (years x 250 crimes).
    assert steady.alpha.max() < 1.5 / 250
    walk = np.random.default_rng(4).normal(0, 0.15, (6, 200)).cumsum(axis=0)
    drifting = forecast_by(
        RIVALS["last year"], made_panel(0.05 * np.exp(walk)), "violence", [1, 3, 9]
    )
    by_lead = drifting.alpha[0, :, 0]
    assert by_lead[0] == pytest.approx(0.15**2 + 1 / 250, rel=0.5)
    assert by_lead[1] > 2 * by_lead[0]
    assert by_lead[2] > by_lead[1]  # beyond the window: its longest lead


# Space and places.


def test_morans_i_knows_clusters_from_checkerboards():
    ring = neighbours_of(np.array([[i, (i + 1) % 12] for i in range(12)], np.int32), 12)
    assert morans_i(np.tile([0.0, 1.0], 6), ring) == pytest.approx(-1)
    assert morans_i(np.repeat([0.0, 1.0], 6), ring) > 0.5
    random = np.random.default_rng(0).normal(size=(4000, 12))
    assert morans_i(random, ring).mean() == pytest.approx(-1 / 11, abs=0.02)
    assert np.isnan(morans_i(np.ones(12), ring))


def test_blocks_keep_neighbours_together():
    ring = neighbours_of(np.array([[i, (i + 1) % 30] for i in range(30)], np.int32), 30)
    rows = block_draws(ring, 200)
    assert rows.shape == (200, 30)
    together = np.mean([[(x + 1) % 30 in row and (x - 1) % 30 in row for x in row] for row in rows])
    alone = np.random.default_rng(0).integers(30, size=(200, 30))
    apart = np.mean([[(x + 1) % 30 in row and (x - 1) % 30 in row for x in row] for row in alone])
    assert together > apart + 0.1


def test_events_thrown_at_random_are_as_concentrated_as_the_null():
    rng = np.random.default_rng(0)
    at = np.bincount(rng.integers(4000, size=3000), minlength=4000)
    found = concentration("any", tally(at, np.arange(4000) % 4, 4))
    assert found.events == 3000
    assert found.repeated == pytest.approx(found.repeated_by_chance, abs=0.03)
    assert found.gini == pytest.approx(found.gini_by_chance, abs=0.03)
    uneven = rng.pareto(1.2, 4000)
    at = rng.multinomial(3000, uneven / uneven.sum())
    piled = concentration("any", tally(at, np.arange(4000) % 4, 4))
    assert piled.gini > piled.gini_by_chance + 0.1


def test_a_tally_counts_places_events_most_and_repeats():
    at = np.array([0, 3, 1, 1, 0, 5])
    np.testing.assert_array_equal(
        tally(at, np.array([0, 0, 0, 1, 1, 1]), 2), [[2, 4, 3, 1], [2, 6, 5, 1]]
    )


def test_a_file_of_places_is_read_by_kind_and_refused_if_wrong(tmp_path):
    path = tmp_path / "places.csv"
    path.write_text(
        "id,crime,locations,events,max_at_one,locations_repeat\nb,x,2,4,3,1\nc,x,9,9,1,0\n"
    )
    found = read_concentration(path, ["a", "b"])
    np.testing.assert_array_equal(found["x"], [[0, 0, 0, 0], [2, 4, 3, 1]])
    path.write_text("id,crime,locations,events\nb,x,2,4\n")
    with pytest.raises(InputError, match="no column max_at_one, locations_repeat"):
        read_concentration(path, ["b"])
    path.write_text("id,locations,events,max_at_one,locations_repeat\nb,2,many,3,1\n")
    with pytest.raises(InputError, match="row 2"):
        read_concentration(path, ["b"])


def test_places_hold_exactly_what_is_recorded(folder):
    path = write_table(folder / "places.csv")
    ran = simulate(plan(question_of(path)).scenarios[2003, 0], 0, ("trust",))
    assert ran.recorded.shape == (2, 2, HOODS)
    np.testing.assert_array_equal(ran.places[:, :, 1], ran.recorded[0])
    assert ran.recorded.sum() > 0
    assert ran.measures["trust"].shape == (HOODS,)


# The whole.


def test_the_model_comes_near_the_level_it_was_fitted_to(found):
    window = found.predicted.window
    for measure, counts in window.counts.items():
        expected = found.predicted.forecasts[measure][MODEL].expected.sum(axis=1).mean()
        wanted = counts.sum() / window.population.sum() * window.population[-1].sum()
        assert expected == pytest.approx(wanted, rel=0.2)


def test_a_learnt_spread_changes_no_mean_and_narrows_nothing(found):
    for forecasts in found.predicted.forecasts.values():
        np.testing.assert_array_equal(forecasts[MODEL].mean, forecasts[LEARNT].mean)
        assert (forecasts[LEARNT].alpha >= forecasts[MODEL].alpha).all()


def test_every_score_stands_in_the_table_for_every_year(found):
    rows = list(csv.DictReader(scores_csv(found).splitlines()))
    own = {(r["forecast"], r["measure"], r["year"], r["name"]) for r in rows if not r["against"]}
    for measure, name, year in itertools.product(found.measures, SCORES, (*LATER, 0)):
        for forecast in (MODEL, LEARNT, *RIVALS):
            assert (forecast, measure, str(year), name) in own
    for row in rows:
        if row["low"] and row["name"] != "moran" and row["name"] in ("error", "crps", "log"):
            assert float(row["low"]) <= float(row["value"]) + 1e-9 or row["against"] == ""


def test_a_row_per_neighbourhood_year_and_measure(found):
    rows = list(csv.DictReader(hindcast_csv(found).splitlines()))
    assert len(rows) == 2 * len(LATER) * HOODS
    expected = {(r[1], str(r[0])): r[3] for r in table_rows() if r[1] in LATER}
    for row in rows:
        assert float(row["model_low90"]) <= float(row["model_median"]) <= float(row["model_high90"])
        if row["measure"] == "violence":
            assert float(row["observed"]) == expected[int(row["year"]), row["id"]]


def rigged(found: Hindcast, sign: float) -> Hindcast:
    """Return the hindcast with every difference to a rival this clearly signed."""
    scores = [
        replace(s, value=sign, low=sign - 0.1, high=sign + 0.1) if s.against else s
        for s in found.scores
    ]
    return replace(found, scores=scores)


def test_words_follow_the_numbers(found):
    # Errors larger and rank correlations larger: worse by the former, better by the latter.
    for sign, errors, ranks in ((1.0, "loses", "wins"), (-1.0, "wins", "loses")):
        each = verdicts(rigged(found, sign))
        assert {x.word for x in each if x.name != "rank"} == {errors}
        assert {x.word for x in each if x.name == "rank"} == {ranks}
    assert {x.word for x in verdicts(rigged(found, 0.0))} == {"even"}
    assert lost(rigged(found, 0.0))[:2] == [
        "The model loses nowhere.",
        "The model wins nowhere.",
    ]
    worse = lost(rigged(found, 1.0))
    assert worse[0].startswith("The model loses to last year, violence: mean absolute error ")
    assert "logarithmic score (its own spread)" in worse[0]
    assert "logarithmic score (learnt spread)" in worse[0]


def test_the_text_and_the_page_tell_losses_before_anything_else(found, tmp_path):
    text = hindcast_text(found)
    assert text.index("Where the model loses") < text.index("Calibration") < text.index("Level")
    for column in ("crisis/population", "label"):
        assert f"Rank correlation with {column}" in text
    figures = dict(hindcast_figures(found, "by test"))
    assert list(figures) == ["scores", "predicted", "calibration", "level"]
    picture = tmp_path / "level.svg"
    picture.write_text("<svg/>")
    page = hindcast_page(found, [picture], command="omemsim hindcast <town>")
    assert page.index("Where the model loses") < page.index("<table") < page.index("<img")
    assert "omemsim hindcast &lt;town&gt;" in page


def test_the_outside_columns_are_set_beside_simpler_things(found):
    whats = {one.what for one in found.outside if one.column == "crisis/population"}
    assert whats == {
        "model's disorder",
        "deprivation, an input",
        "recorded violence, fit window",
        "recorded property, fit window",
    }
    assert all(-1 <= one.low <= one.high <= 1 for one in found.outside)


def test_runs_are_kept_and_found_again(found, folder):
    question = found.question
    estimates = []
    with Store(folder / "store") as kept:
        run_hindcast(plan(question), kept, engine=HERE, confirm=lambda e: bool(estimates.append(e)))
    assert estimates[0].number == 0
    assert estimates[0].kept == 9  # three fits, three replicates each


def test_parameter_sets_are_mixed_and_a_wrong_key_is_refused(folder):
    path = folder / "town.csv"
    points = ({"parameters.feel.pace": 4.0}, {"parameters.feel.pace": 12.0})
    predicted = predicted_of(question_of(path, points=points, replicates=2), folder / "sets")
    assert predicted.forecasts["violence"][MODEL].mean.shape == (2, 2, HOODS)
    with pytest.raises(InputError, match=r"parameters\.feel\.pcae"):
        plan(question_of(path, points=({"parameters.feel.pcae": 1.0},)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"predict": (2005, 2006)}, "no rows of 2006; it has 2001 to 2005"),
        ({"fit": (2003,)}, "two years at least"),
        ({"predict": (2003,)}, "must come after the last of fit"),
        ({"outside": (("crisis", "label"),)}, "'crisis' is no measure of a neighbourhood"),
    ],
)
def test_a_question_that_cannot_be_is_refused_before_any_run(folder, changes, said):
    with pytest.raises(InputError, match=re.escape(said)):
        plan(question_of(folder / "town.csv", **changes))


def test_a_drawn_town_has_no_years(folder):
    drawn = compose_scenario("small", "reactive", [])
    with pytest.raises(InputError, match="is drawn: there are no years"):
        plan(replace(question_of(folder / "town.csv"), scenario=drawn))


# The command line.


def command(path: Path) -> list[str]:
    return [
        *("hindcast", "town=table", "fit=2001..2003", "predict=2004..2005", "replicates=2"),
        *(*words_of(path), "spin_up_years=0.5", "workers=1"),
    ]


def test_the_command_writes_everything_and_goes_on_from_the_store(omemsim, folder, tmp_path):
    path = write_table(tmp_path / "town.csv")
    first = omemsim(*command(path), "out=found")
    assert first.returncode == 0, first.stderr
    names = {x.name for x in (tmp_path / "found").iterdir()}
    assert {"hindcast.csv", "scores.csv", "hindcast.html", "provenance.json", "scores.png"} <= names
    again = omemsim(*command(path), "out=found")
    assert "Nothing to run: 6 answers are in the store." in again.stderr
    assert again.stdout == first.stdout
    assert "Where the model loses" in first.stdout


def test_a_dry_run_runs_nothing(omemsim, tmp_path):
    path = write_table(tmp_path / "town.csv")
    dry = omemsim(*command(path), "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert dry.stdout.startswith("6 runs of 10 years in all from 6 spin-ups, about ")
    assert not (tmp_path / "omemsim-results").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Say which years, as fit=2014..2019."),
        (["fit=2003..2001", "predict=2004", "town=small"], "must be a year or FIRST..LAST"),
        (["fit=2001", "predict=2004", "town=small", "town.year=2003"], "set by fit= here: leave"),
        (["fit=2001", "predict=2004", "town=small", "years=3"], "set by predict= here: leave"),
        (["fit=2001", "predict=2004", "town=small", "town.shrink=false"], "town.shrink= is set by"),
        (["fit=2001..2003", "predict=2004", "town=small"], "is drawn"),
        (["fit=2001..2003", "predict=2004", "town=small", "outside=disorder"], "MEASURE:COLUMN"),
    ],
)
def test_wrong_words_are_refused(words, said, capsys):
    assert main(["hindcast", *words]) == 2
    assert said in capsys.readouterr().err


# The real table.


def test_toronto_is_predicted_without_its_later_years(toronto, tmp_path):
    scenario = compose_scenario("toronto", "reactive", [*toronto, "town.scale=200"])
    question = Question(scenario, (2017, 2018, 2019), (2020,), replicates=4)
    found = judge(question, predicted_of(question, tmp_path / "store"))
    assert len(found.later.ids) == 158
    assert found.score("mean rate", "violence", "rank").value > 0.8
    window = found.predicted.window
    for measure, counts in window.counts.items():
        expected = found.predicted.forecasts[measure][MODEL].expected.sum()
        wanted = counts.sum() / window.population.sum() * window.population[-1].sum()
        assert expected == pytest.approx(wanted, rel=0.15)
