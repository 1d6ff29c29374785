"""What a hindcast found, in sentences made from its numbers: where the model loses comes first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from omemsim.analysis.hindcast.experiment import LEARNT, MODEL, Hindcast
from omemsim.analysis.hindcast.scores import SCORES, ForecastScore
from omemsim.present import text

__all__ = ["TITLES", "Verdict", "calibrated", "drifted", "elsewhere", "lost", "verdicts"]

TITLES = {"violence": "Violence", "property": "Property crime"}
# Both of the model's forecasts are compared where their spread counts; their means are the same.
COMPARED = (
    (MODEL, "rank"),
    (MODEL, "error"),
    (MODEL, "error_given_level"),
    (MODEL, "crps"),
    (LEARNT, "crps"),
    (MODEL, "log"),
    (LEARNT, "log"),
)
HEADS = {
    "loses": "The model loses to",
    "wins": "The model wins against",
    "even": "No clear difference from",
}
NOWHERE = {
    "loses": "The model loses nowhere.",
    "wins": "The model wins nowhere.",
    "even": "Every difference is clear.",
}
FAR = 0.05  # Moran's I of what is left unexplained from which on it is called clustered


class Verdict(NamedTuple):
    """The model against one rival: ``loses``, ``wins`` or ``even`` (the interval holds 0)."""

    measure: str
    name: str
    rival: str
    word: str
    own: ForecastScore
    other: ForecastScore
    difference: ForecastScore


def verdicts(hindcast: Hindcast) -> list[Verdict]:
    """Return the model against every rival by every score of `COMPARED`, all years."""
    return [
        _verdict(hindcast, measure, name, mine, rival)
        for measure in hindcast.measures
        for mine, name in COMPARED
        for rival in hindcast.predicted.forecasts[measure]
        if rival not in (MODEL, LEARNT)
    ]


def _verdict(hindcast: Hindcast, measure: str, name: str, mine: str, rival: str) -> Verdict:
    change = hindcast.score(mine, measure, name, against=rival)
    sign = 1 if SCORES[name].better == "higher" else -1
    word = "wins" if min(sign * change.low, sign * change.high) > 0 else "even"
    word = "loses" if max(sign * change.low, sign * change.high) < 0 else word
    own, other = (hindcast.score(x, measure, name) for x in (mine, rival))
    return Verdict(measure, name, rival, word, own, other, change)


def lost(hindcast: Hindcast) -> list[str]:
    """Return sentences: where the model loses, where it wins, where nobody can tell."""
    each = verdicts(hindcast)
    found = []
    for word, head in HEADS.items():
        chosen = [one for one in each if one.word == word]
        if not chosen:
            found.append(NOWHERE[word])
        for measure, rival in dict.fromkeys((one.measure, one.rival) for one in chosen):
            same = [one for one in chosen if (one.measure, one.rival) == (measure, rival)]
            texts = "; ".join(_named(one) if word == "even" else _compared(one) for one in same)
            found.append(f"{head} {rival}, {TITLES[measure].lower()}: {texts}.")
    return found


def _named(one: Verdict) -> str:
    """Return the score's title, and the spread where the model has two."""
    spread = {"crps": "its own spread", "log": "its own spread"}.get(one.name, "")
    spread = "learnt spread" if one.own.forecast == LEARNT else spread
    return SCORES[one.name].title + (f" ({spread})" if spread else "")


def _compared(one: Verdict) -> str:
    interval = text.to(one.difference.low, one.difference.high, text.score)
    return (
        f"{_named(one)} {text.score(one.own.value)} against {text.score(one.other.value)} "
        f"(difference {text.score(one.difference.value)}, 95% interval {interval})"
    )


def calibrated(hindcast: Hindcast) -> list[str]:
    """Return how much the 50% and 90% intervals held, forecast by forecast."""
    return [
        _held(hindcast, forecast, measure)
        for measure in hindcast.measures
        for forecast in hindcast.predicted.forecasts[measure]
    ]


def _held(hindcast: Hindcast, forecast: str, measure: str) -> str:
    ninety, fifty = (_share(hindcast, forecast, measure, level) for level in ("90", "50"))
    return (
        f"{TITLES[measure]}, {forecast}: the 90% intervals held {ninety}, the 50% intervals "
        f"{fifty}: {_judged(hindcast, forecast, measure)}."
    )


def _share(hindcast: Hindcast, forecast: str, measure: str, level: str) -> str:
    score = hindcast.score(forecast, measure, f"within{level}")
    return f"{score.value:.0%} ({score.low:.0%} to {score.high:.0%})"


def _judged(hindcast: Hindcast, forecast: str, measure: str) -> str:
    score = hindcast.score(forecast, measure, "within90")
    if score.low == score.high:
        return "too few counts to tell"
    if score.high < 0.9:
        return "too narrow"
    return (
        "too wide"
        if score.low > 0.9
        else "as wide as they should be, as far as these counts can show"
    )


def drifted(hindcast: Hindcast) -> Iterator[str]:
    """Yield how far the whole town's level was off, year by year, for model and rivals."""
    for measure in hindcast.measures:
        parts = []
        for year in hindcast.question.predict:
            own = hindcast.score(MODEL, measure, "level", year=year).value
            parts.append(f"{year} {own - 1:+.0%}")
        rivals = [
            hindcast.score(x, measure, "level", year=year).value - 1
            for x in hindcast.predicted.forecasts[measure]
            if x not in (MODEL, LEARNT)
            for year in hindcast.question.predict
        ]
        yield (
            f"{TITLES[measure]} of the whole town, model's forecast against what was recorded: "
            f"{', '.join(parts)}. Rivals were off by {min(rivals):+.0%} to {max(rivals):+.0%}."
        )
    residents = hindcast.later.population.sum(axis=1)[-1]
    assumed = hindcast.predicted.window.population[-1].sum()
    yield (
        f"Every forecast holds the population of {hindcast.question.fit[-1]}; by "
        f"{hindcast.question.predict[-1]} it had changed by {residents / assumed - 1:+.0%}."
    )


def elsewhere(hindcast: Hindcast) -> Iterator[str]:
    """Yield what is found in space, at places, and in columns outside the fit."""
    yield from _in_space(hindcast)
    yield from _at_places(hindcast)
    for column in dict.fromkeys(one.column for one in hindcast.outside):
        parts = [
            f"{one.what} {one.value:.2f} ({one.low:.2f} to {one.high:.2f})"
            for one in hindcast.outside
            if one.column == column
        ]
        yield f"Rank correlation with {column}, which no fit sees: {'; '.join(parts)}."


def _in_space(hindcast: Hindcast) -> Iterator[str]:
    for measure in hindcast.measures:
        own = [one for one in hindcast.space if one.measure == measure]
        outside = [
            x.year for x in own if not x.drawn[LEARNT][1] <= x.recorded <= x.drawn[LEARNT][2]
        ]
        ends = ", ".join(
            f"{x.year} {x.recorded:.2f} against {x.drawn[LEARNT][0]:.2f} "
            f"({x.drawn[LEARNT][1]:.2f} to {x.drawn[LEARNT][2]:.2f})"
            for x in (own[0], own[-1])
        )
        count = f"outside the draws' range in {len(outside)} of {len(own)} years"
        left = sum(x.left[MODEL] for x in own) / len(own)
        yield (
            f"Moran's I of {TITLES[measure].lower()}, recorded against draws of the model's "
            f"forecast: {ends}; {count}. What the model leaves unexplained has a Moran's I of "
            f"{left:.2f} on average, so the errors of neighbours are alike."
            if left > FAR
            else f"Moran's I of {TITLES[measure].lower()}: {ends}; {count}. What the model leaves "
            f"unexplained is not clustered (Moran's I {left:.2f})."
        )


def _at_places(hindcast: Hindcast) -> Iterator[str]:
    sides = (("recorded", hindcast.recorded_places), ("model", hindcast.predicted.concentration))
    for side, each in sides:
        for one in each:
            yield (
                f"Places, {side} {one.kind} ({one.events:,.0f} events): "
                f"{one.repeated:.0%} at places with more than one (by chance "
                f"{one.repeated_by_chance:.0%}), Gini at least {one.gini:.2f} (by chance "
                f"{one.gini_by_chance:.2f})."
            )
