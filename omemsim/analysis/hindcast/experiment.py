"""Fit a town to some years of its table, predict later ones, and compare it with rivals.

The fit shrinks: a neighbourhood's own past is pooled with what its census says
(`omemsim.inputs.regression`), since a stationary model fitted to raw means can at best equal them.

`predict` sees the fit window and nothing else; `judge` reads the predicted years afterwards.
Exposure is the last fitted year's population, for every forecast: nobody knew a later one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.estimators import morans_i, rank_correlation
from omemsim.analysis.hindcast.counted import KINDS, RunCounts
from omemsim.analysis.hindcast.model_forecast import own_forecast, with_learnt_spread
from omemsim.analysis.hindcast.places import Concentration, concentration, read_concentration
from omemsim.analysis.hindcast.predictive import Forecast, Summary, draw_counts, summarized
from omemsim.analysis.hindcast.rivals import RIVALS, forecast_by
from omemsim.analysis.hindcast.runs import (
    HindcastRun,
    HindcastRuns,
    plan_runs,
    run_hindcast,
)
from omemsim.analysis.hindcast.scores import LEVEL, ForecastScore, held_against
from omemsim.analysis.hindcast.space import block_draws, neighbours_of
from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.inputs.tables import mapped_columns, read_panel, table_years
from omemsim.inputs.tables.panel import CENSUS, Panel
from omemsim.measures import MEASURES
from omemsim.study.engine import POOL, Engine
from omemsim.study.progress import Progress
from omemsim.study.run_times import Left
from omemsim.study.store import Store
from omemsim.study.tasks import Failure
from omemsim.vocabulary.errors import InputError, nearest

__all__ = [
    "LEARNT",
    "MODEL",
    "Hindcast",
    "Outside",
    "Predicted",
    "Question",
    "Space",
    "judge",
    "plan",
    "predict",
]

Floats = NDArray[np.float64]
MODEL, LEARNT = "model", "model, learnt spread"
RESAMPLES, DRAWS = 1000, 400
MOST_TOWNS = 20  # whose places are looked at; one town has thousands


@dataclass(frozen=True)
class Question:
    """What a hindcast is to predict, and from what.

    Attributes
    ----------
    scenario : the town (a table) and the strategy it runs under.
    fit, predict : years, increasing; the latter all after the former.
    replicates : of the fit to the whole window.
    points : parameter sets that predict, in place of the scenario's own.
    covariates : columns of the regression.
    outside : measure -> column of the table that no fit sees, perhaps "COLUMN/population".
    places : file of concentration at places, None for none.
    """

    scenario: Scenario
    fit: tuple[int, ...]
    predict: tuple[int, ...]
    replicates: int = 100
    points: tuple[Mapping[str, Any], ...] = ()
    covariates: tuple[str, ...] = ()
    outside: tuple[tuple[str, str], ...] = ()
    places: Path | None = None

    @property
    def leads(self) -> list[int]:
        """Return how many years each predicted year lies after the last of the fit."""
        return [year - self.fit[-1] for year in self.predict]


@dataclass(frozen=True)
class Predicted:
    """What was predicted before anything later was read.

    Attributes
    ----------
    forecasts : by measure, then by forecast, the model's first.
    window : the fit window as the rivals saw it.
    outside : by measure of the model, its mean over replicates in the first year after the fit.
    concentration : the model's own, over replicates.
    runs, failures : how many finished, and why others did not.
    """

    forecasts: dict[str, dict[str, Forecast]]
    window: Panel
    blueprint: Blueprint
    outside: dict[str, Floats]
    concentration: list[Concentration]
    runs: int
    failures: list[Failure]


@dataclass(frozen=True)
class Space:
    """Moran's I of a measure in a year: recorded, and of counts drawn from each forecast.

    ``drawn`` has the mean and the 95% range of the draws by forecast; ``left`` is Moran's I of
    what each forecast leaves unexplained, log recorded over predicted.
    """

    measure: str
    year: int
    recorded: float
    drawn: dict[str, tuple[float, float, float]]
    left: dict[str, float]


@dataclass(frozen=True)
class Outside:
    """The rank correlation of something with a column no fit has seen, with its 95% interval."""

    column: str
    what: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Hindcast:
    """Predictions compared with what was recorded.

    Attributes
    ----------
    later : the panel of the predicted years.
    summaries : by measure, then by forecast.
    recorded_places : concentration at places, of each recorded kind; none without a file of it.
    """

    question: Question
    predicted: Predicted
    later: Panel
    summaries: dict[str, dict[str, Summary]]
    scores: list[ForecastScore]
    space: list[Space]
    outside: list[Outside]
    recorded_places: list[Concentration]

    def score(
        self, forecast: str, measure: str, name: str, *, against: str = "", year: int = 0
    ) -> ForecastScore:
        """Return one of the scores.

        Parameters
        ----------
        forecast, measure : names.
        name : a key of `SCORES`.
        against : the rival that a difference is from; empty for a score itself.
        year : one of those predicted; 0 for all of them.
        """
        wanted = (forecast, against, measure, year, name)
        return next(
            s for s in self.scores if (s.forecast, s.against, s.measure, s.year, s.name) == wanted
        )

    @property
    def measures(self) -> list[str]:
        """Return the measures that are predicted."""
        return list(self.predicted.forecasts)


def plan(question: Question) -> HindcastRuns:
    """Return the runs.

    Raises
    ------
    InputError
        With everything in the question that is not possible.
    """
    problems = _problems(question)
    if problems:
        raise InputError(*problems)
    return plan_runs(
        question.scenario,
        fit=question.fit,
        last=question.predict[-1],
        replicates=question.replicates,
        points=question.points,
        measures=[measure for measure, _ in question.outside],
    )


def _problems(question: Question) -> list[str]:
    town = question.scenario.town
    if town.kind != "table":
        return [f"town={town.name} is drawn: there are no years to predict. Name a table's town."]
    problems = []
    known = table_years(town)
    if not known:
        return ["No column of the table is mapped to year (town.columns.year=...)."]
    missing = sorted({*question.fit, *question.predict} - set(known))
    if missing:
        years = ", ".join(map(str, missing))
        problems.append(f"The table has no rows of {years}; it has {known[0]} to {known[-1]}.")
    if len(question.fit) < 2:
        problems.append("fit: two years at least, since spreads are learnt from their change.")
    if question.fit[-1] >= question.predict[0]:
        problems.append("predict: its first year must come after the last of fit.")
    for measure, _ in question.outside:
        if measure not in MEASURES or MEASURES[measure].level != "neighbourhood":
            local = [name for name, m in MEASURES.items() if m.level == "neighbourhood"]
            problems.append(
                f"outside: {measure!r} is no measure of a neighbourhood.{nearest(measure, local)}"
            )
    return problems


def predict(
    question: Question,
    runs: HindcastRuns,
    store: Store,
    *,
    engine: Engine = POOL,
    progress: Progress = True,
    confirm: Callable[[Left], bool] = lambda _: True,
) -> Predicted | None:
    """Run what the store lacks and predict.

    Only rows of the fit window are read.

    Parameters
    ----------
    question : what is asked.
    runs : from `plan`.
    store : where runs are kept; what it has is not run.
    engine : where they are made.
    progress : as for `dispatch.run_tasks`.
    confirm : called with the estimate before anything is run; False ends it there, and None is
        returned.

    Raises
    ------
    InputError
        If no run finished of an origin or of a parameter set.
    """
    ran, failures = run_hindcast(runs, store, engine=engine, progress=progress, confirm=confirm)
    if not ran and not failures:
        return None
    town = question.scenario.town
    columns = question.covariates or tuple(mapped_columns(town, CENSUS))
    window = read_panel(town, question.fit, extra=columns)
    blueprint = blueprint_of(runs.scenarios[question.fit[-1], 0].town)
    last = [x for cell, x in ran.items() if cell.origin == question.fit[-1]]
    _check_enough(question, ran, failures)
    forecasts = {
        measure: _forecasts(question, ran, window, measure, blueprint) for measure in window.counts
    }
    outside = {name: np.mean([x.measures[name] for x in last], axis=0) for name in runs.measures}
    return Predicted(
        forecasts,
        window,
        blueprint,
        outside,
        _concentration(last),
        len(ran),
        failures,
    )


def _check_enough(
    question: Question, ran: Mapping[HindcastRun, RunCounts], failures: Sequence[Failure]
) -> None:
    """Refuse to predict from an origin or a parameter set of which no run finished."""
    wanted = {(question.fit[-1], k) for k in range(max(len(question.points), 1))}
    wanted |= {(origin, 0) for origin in question.fit[:-1]}
    missing = wanted - {(cell.origin, cell.point) for cell in ran}
    if missing:
        first = failures[0].error if failures else "none was tried"
        raise InputError(f"No run finished of {len(missing)} of {len(wanted)} fits: {first}")


def _forecasts(
    question: Question,
    ran: Mapping[HindcastRun, RunCounts],
    window: Panel,
    measure: str,
    blueprint: Blueprint,
) -> dict[str, Forecast]:
    """Return every forecast of a measure."""
    row, leads = KINDS.index(measure), question.leads
    times = blueprint.scale * blueprint.coverage[row]
    by_origin = {year: np.full(len(window.ids), times) for year in question.fit}
    own = own_forecast(
        ran, question.fit[-1], row=row, leads=leads, times=by_origin[question.fit[-1]]
    )
    learnt = with_learnt_spread(
        own,
        ran,
        question.fit,
        row=row,
        observed=window.counts[measure],
        leads=leads,
        times=by_origin,
    )
    rivals = {name: forecast_by(rule, window, measure, leads) for name, rule in RIVALS.items()}
    return {MODEL: own, LEARNT: learnt, **rivals}


def _concentration(ran: Sequence[RunCounts]) -> list[Concentration]:
    """Return the concentration of the model's kinds, means over some replicates."""
    found = []
    for row, kind in enumerate(KINDS):
        each = [concentration(kind, x.places[row], seed=k) for k, x in enumerate(ran[:MOST_TOWNS])]
        numbers = np.array([astuple(one)[1:] for one in each])
        found.append(Concentration(kind, *map(float, numbers.mean(axis=0))))
    return found


def judge(question: Question, predicted: Predicted) -> Hindcast:
    """Read the predicted years and score every forecast.

    Raises
    ------
    InputError
        If the later years have other neighbourhoods, or a column or a file of places cannot be
        used.
    """
    columns = [column.partition("/")[0] for _, column in question.outside]
    town = question.scenario.town
    later = read_panel(town, question.predict)
    window = read_panel(town, question.fit, extra=list(dict.fromkeys(columns)))
    _check_same(predicted.window, later)
    near = neighbours_of(predicted.blueprint.adjacency, len(later.ids))
    resamples = block_draws(near, RESAMPLES)
    assumed = predicted.window.population[-1]
    summaries, scores = {}, []
    for measure, forecasts in predicted.forecasts.items():
        recorded = later.counts[measure]
        summaries[measure] = {name: summarized(x, recorded) for name, x in forecasts.items()}
        scores += held_against(
            forecasts,
            summaries[measure],
            measure=measure,
            years=question.predict,
            recorded=recorded,
            residents=(assumed, later.population),
            resamples=resamples,
            mine=(MODEL, LEARNT),
        )
    return Hindcast(
        question,
        predicted,
        later,
        summaries,
        scores,
        _space(question, predicted, later, near),
        _outside(question, predicted, window, resamples),
        _recorded_places(question, later),
    )


def _check_same(window: Panel, later: Panel) -> None:
    if window.ids != later.ids:
        raise InputError(
            "The neighbourhoods of the predicted years are not those of the fit, or stand in "
            "another order: every year needs the same, in the same order."
        )


def _recorded_places(question: Question, later: Panel) -> list[Concentration]:
    if question.places is None:
        return []
    kinds = read_concentration(question.places, later.ids)
    return [concentration(kind, tallies) for kind, tallies in kinds.items()]


def _space(
    question: Question, predicted: Predicted, later: Panel, near: list[NDArray[np.int64]]
) -> list[Space]:
    """Return Moran's I of every measure and year.

    Predicted means are smoother than counts, so counts drawn from a forecast are compared.
    """
    assumed, found = predicted.window.population[-1], []
    for measure, forecasts in predicted.forecasts.items():
        recorded = later.counts[measure]
        here = morans_i(recorded / later.population, near)
        drawn = {x: morans_i(draw_counts(f, DRAWS) / assumed, near) for x, f in forecasts.items()}
        left = {
            x: morans_i(np.log((recorded + 0.5) / (f.expected + 0.5)), near)
            for x, f in forecasts.items()
        }
        for row, year in enumerate(question.predict):
            ranges = {
                x: (float(i[:, row].mean()), *map(float, np.quantile(i[:, row], LEVEL)))
                for x, i in drawn.items()
            }
            rest = {x: float(i[row]) for x, i in left.items()}
            found.append(Space(measure, year, float(here[row]), ranges, rest))  # type: ignore[arg-type]
    return found


def _outside(
    question: Question, predicted: Predicted, window: Panel, resamples: NDArray[np.int64]
) -> list[Outside]:
    """Return how the model's measures, and simpler ones, correlate with columns no fit saw."""
    found = []
    rates = {
        f"recorded {x}, fit window": c.sum(axis=0) / window.population.sum(axis=0)
        for x, c in window.counts.items()
    }
    for measure, text in question.outside:
        values = _column(text, window)
        simple = {"deprivation, an input": predicted.blueprint.deprivation, **rates}
        for what, other in {f"model's {measure}": predicted.outside[measure], **simple}.items():
            drawn = rank_correlation(other[resamples], values[resamples])
            ends = map(float, np.nanquantile(drawn, LEVEL))
            value = float(rank_correlation(other, values))
            found.append(Outside(text, what, value, *ends))
    return found


def _column(text: str, window: Panel) -> Floats:
    """Return a column's mean over the years that have it, (N,); "/population" makes it a rate."""
    column, _, per = text.partition("/")
    if per not in ("", "population"):
        raise InputError(f"outside: {text!r}: after the slash only population is possible.")
    values = window.extra[column]
    values = values / window.population if per else values
    known = ~np.isnan(values).all(axis=0)
    if not known.all():
        raise InputError(
            f"outside: column {column!r} is empty in some neighbourhood in all years of the fit."
        )
    return np.asarray(np.nanmean(values, axis=0))
