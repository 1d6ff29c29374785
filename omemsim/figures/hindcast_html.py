"""A hindcast on one page of HTML; losses first, then numbers, then figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omemsim.analysis.hindcast.experiment import LEARNT, MODEL, Hindcast
from omemsim.analysis.hindcast.scores import SCORES
from omemsim.analysis.hindcast.words import (
    TITLES,
    Verdict,
    calibrated,
    drifted,
    elsewhere,
    lost,
    verdicts,
)
from omemsim.figures.ink import OF_PAGES
from omemsim.present import text
from omemsim.present.html import embedded, page

__all__ = ["hindcast_page"]

HOW = (
    "The town is fitted to the fit window only: the mean recorded crime of each neighbourhood, "
    "pooled with what its census says (empirical Bayes), and the census. It then runs on under "
    "{strategy}, an assumption, since a table does not say what police did beside answering calls, "
    "and receives nothing more from the table.",
    "A simulated town has one resident in {scale:g}. Its Poisson noise is removed, and the real "
    "count is predicted as negative binomial around the mean simulated rate; “model” has the "
    "spread that replicates differ by, “model, learnt spread” the same means with the spread "
    "that fits to the first years of the window showed in its later ones.",
    "Rivals: the last fitted year's rate; the mean rate of the window; a Poisson regression of the "
    "window's crime on {covariates}; the mean rate shrunken towards that regression. Their spreads "
    "are learnt inside the window in the same way.",
    "The fit makes the model's mean nearly the shrunken mean by construction: to equal that rival "
    "is no achievement, and only what the model changes from there is its own.",
    "Census columns are read from the fitted years' rows. Where a table repeats one later census "
    "in every year, the model, the regression and the shrunken mean know it: the one thing from "
    "after the window in the table. (Defaults of the model may rest on later years, too; "
    "omemsim describe parameters names the source of each.)",
    "Population is held at its last fitted year for every forecast: nobody knew a later one.",
    "Places: “by chance” means the same number of events distributed over equally likely places, "
    "so many that the same number of places would be hit. Where events concentrate, the Gini index "
    "lies above that, and the share at places with more than one may lie below: many places then "
    "have a single event.",
    "Intervals come from 1,000 resamples of neighbourhoods, each with its neighbours. They say "
    "nothing about other years: these few years are one draw of a city's history. Many differences "
    "are looked at, so one in twenty clears its interval by chance.",
)


def hindcast_page(hindcast: Hindcast, figures: Sequence[Path], *, command: str) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    hindcast : with the scores of all its forecasts.
    figures : SVG files, put into the page.
    command : the command that makes it again.
    """
    question, blueprint = hindcast.question, hindcast.predicted.blueprint
    fit, predict = question.fit, question.predict
    return page(
        "hindcast.html",
        OF_PAGES,
        title=f"Fitted to {fit[0]} to {fit[-1]}, how well does the model predict "
        f"{predict[0]} to {predict[-1]}?",
        command=command,
        caveat="",
        lead=f"{blueprint.name}: {len(hindcast.later.ids)} neighbourhoods, "
        f"{question.replicates} replicates at 1:{blueprint.scale:g}. {_count(verdicts(hindcast))}",
        lost=lost(hindcast),
        tables=[_table(hindcast, measure) for measure in hindcast.measures],
        calibrated=calibrated(hindcast),
        drifted=list(drifted(hindcast)),
        elsewhere=list(elsewhere(hindcast)),
        figures=[{"name": path.stem, "source": embedded(path)} for path in figures],
        how=_how(hindcast),
        notes=blueprint.notes,
    )


def _count(each: Sequence[Verdict]) -> str:
    """Say in a line how the model fares."""
    number = {word: sum(x.word == word for x in each) for word in ("loses", "wins", "even")}
    return (
        f"In {len(each)} comparisons with a rival the model is clearly worse in {number['loses']}, "
        f"clearly better in {number['wins']}, and in {number['even']} the difference is not clear."
    )


def _table(hindcast: Hindcast, measure: str) -> dict[str, Any]:
    """Return a measure's table: a row per score, a column per forecast."""
    # Of a score that is reported for both spreads the last counts: the learnt one.
    words = {(x.name, x.rival): x.word for x in verdicts(hindcast) if x.measure == measure}
    forecasts = list(hindcast.predicted.forecasts[measure])
    rows = [
        {
            "title": kind.title,
            "unit": "; ".join(filter(None, (kind.unit, _better(kind.better)))),
            "cells": [
                _cell(hindcast, measure, name, forecast, words.get((name, forecast), ""))
                for forecast in forecasts
            ],
        }
        for name, kind in SCORES.items()
    ]
    return {"title": TITLES[measure], "forecasts": forecasts, "rows": rows}


def _better(better: str) -> str:
    return f"{better} is better" if better in ("lower", "higher") else better


def _cell(hindcast: Hindcast, measure: str, name: str, forecast: str, word: str) -> dict[str, str]:
    score = hindcast.score(forecast, measure, name)
    own = forecast in (MODEL, LEARNT)
    return {
        "value": text.score(score.value),
        "interval": text.to(score.low, score.high, text.score),
        "word": "" if own or word not in ("loses", "wins") else word,
    }


def _how(hindcast: Hindcast) -> list[str]:
    columns = ", ".join(hindcast.predicted.window.extra) or "no column"
    strategy = hindcast.question.scenario.strategy.name
    scale = hindcast.predicted.blueprint.scale
    return [line.format(strategy=strategy, scale=scale, covariates=columns) for line in HOW]
