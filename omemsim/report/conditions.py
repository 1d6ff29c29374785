"""In which plausible towns a strategy wins: ranges of parameters, and how they were found.

Where the extra is installed, by the method of `omemsim discover`: patient rule induction finds
ranges of a few parameters together, and counts how well they hold among parameter sets that were
held back. Otherwise, or where it finds none, by one parameter that splits the sets best.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.assumptions import PREFIX
from omemsim.analysis.discover import Box, Limit, Points, Tally, boxes_of, inside, needs_prim
from omemsim.language import mark
from omemsim.report.facts import Facts
from omemsim.study.design import Point
from omemsim.study.plausible import CLEAR, FEWEST, separating
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import Parameters, declarations

__all__ = ["Condition", "condition_of", "condition_words", "meaning"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LOG_RATE = "log rate"  # unit of a parameter by which the logarithm of a rate falls
# What shipped sets of parameters vary, in plain words.
VARIED = {
    "offend.violence": mark("the frequency of violent crime"),
    "offend.theft": mark("the frequency of theft"),
    "offend.household": mark("the frequency of household crime"),
    "offend.near": mark("the pull of one break-in on others near by"),
    "offend.guardianship": mark("the effect of residents who act together"),
    "feel.efficacy_cohesion": mark("the effect of cohesion on acting together"),
    "people.place_shape": mark("the evenness of opportunities for crime over places"),
    "people.dwelling_shape": mark("the evenness of opportunities for household crime"),
    "offend.deterrence": mark("the deterrence of police visits"),
    "act.problem_effect": mark("the effect of problem-solving at a place"),
    "act.problem_hours": mark("the hours that problem-solving takes"),
    "offend.designed": mark("the effect of light and design"),
    "offend.supported": mark("the effect of support on offending"),
    "offend.repeat": mark("the risk of being a victim again"),
    "offend.vigilance": mark("the protection that vigilance gives"),
}


@dataclass(frozen=True)
class Condition:
    """Where a strategy mostly wins.

    Attributes
    ----------
    limits : ranges of parameters, the narrowest first.
    inside, wins : of each parameter set, whether it lies within all of them, and whether the
        strategy wins there, (sets,).
    tried : parameters among which the ranges were chosen.
    held : of the sets that were held back from finding; None for a split, which holds none back.
    has_rules : whether patient rule induction looked, with the extra, at two parameters or more.
    """

    limits: Sequence[Limit]
    inside: Flags
    wins: Flags
    tried: int
    held: Tally | None
    has_rules: bool


def condition_of(sets: Sequence[Point], gap: Floats) -> Condition | None:
    """Return where a strategy mostly wins; None where nothing tells that.

    Parameters
    ----------
    sets : of parameters, each of full dotted keys and values.
    gap : (sets,), below 0 where it wins.
    """
    wins = gap < 0
    points = _points(sets, wins)
    if not points.names:
        return None
    boxes = _boxes(points)
    if not boxes:
        return _split(sets, gap, points, has_rules=boxes is not None)
    limits, tried = boxes[0].limits, len(points.names)
    return Condition(limits, inside(points, limits), wins, tried, boxes[0].held, has_rules=True)


def _points(sets: Sequence[Point], wins: Flags) -> Points:
    """Return the numbers that vary over sets, a column each; those of a win are marked as "worse".

    `discover` looks for where a strategy does worse; here it looks for where one wins.
    """
    names = [
        name
        for name, value in (sets[0].items() if sets else ())
        if isinstance(value, int | float) and len({one[name] for one in sets}) > 1
    ]
    return Points(names, np.array([[float(one[x]) for x in names] for one in sets]), wins)


def _boxes(points: Points) -> list[Box] | None:
    """Return the boxes of patient rule induction; None where it cannot look."""
    if len(points.names) < 2:
        return None
    try:
        needs_prim()
    except InputError:  # the extra is missing: one parameter has to do
        return None
    return boxes_of(points)


def _split(
    sets: Sequence[Point], gap: Floats, points: Points, *, has_rules: bool
) -> Condition | None:
    """Return the one range that tells best in which sets it wins; None if none tells it well."""
    wins = points.is_worse
    told = separating(sets, gap)
    if min(int(wins.sum()), int((~wins).sum())) < FEWEST or not told or told[0].strength < CLEAR:
        return None
    path, is_high = told[0].path, told[0].is_high
    values = points.values[:, list(points.names).index(path)]
    least, most = float(values.min()), float(values.max())
    cuts = np.unique(values)
    within = values >= cuts[:, None] if is_high else values <= cuts[:, None]  # (cuts, sets)
    apart = within[:, wins].mean(axis=1) - within[:, ~wins].mean(axis=1)
    best = float(cuts[int(apart.argmax())])
    limit = (
        Limit(path, best, most, least, most) if is_high else Limit(path, least, best, least, most)
    )
    tried = len(points.names)
    return Condition([limit], inside(points, [limit]), wins, tried, None, has_rules)


# ---- words


def meaning(facts: Facts, path: str) -> str:
    """Return a parameter as people know it, and its key."""
    key = path.removeprefix(PREFIX)
    docs = {item.path: item.doc for item in declarations(Parameters)}
    said = (
        facts.language.translate(VARIED[key]) if key in VARIED else docs.get(key, key).rstrip(".")
    )
    return f"{said} ({key})"


def condition_words(facts: Facts, found: Condition) -> str:
    """Return where it wins, how often there and elsewhere, and how that was found.

    Parameters
    ----------
    facts : of the comparison.
    found : the condition.
    """
    say = facts.language
    within, beyond = found.wins[found.inside], found.wins[~found.inside]
    said = say.translate(
        "It wins mostly where {ranges}: in {a} of {b} such towns, and in {c} of the {d} others.",
        ranges=say.listed([_limit_words(facts, one) for one in found.limits]),
        a=int(within.sum()),
        b=within.size,
        c=int(beyond.sum()),
        d=beyond.size,
    )
    if found.held is None:
        return f"{said} {_of_split(facts, found)}"
    how = say.translate(
        "These ranges were found without looking at every third town (patient rule induction); of "
        "those, it wins in {a} of the {b} within the ranges.",
        a=found.held.worse,
        b=found.held.points,
    )
    return f"{said} {how}"


def _of_split(facts: Facts, found: Condition) -> str:
    """Return how one parameter was found, and why not several."""
    say = facts.language
    how = say.plural(
        "This limit was chosen because it separates these towns best; it would separate new ones "
        "less well.",
        "Of {number} numbers that were looked at one by one, this number and this limit were "
        "chosen because they separate these towns best; they would separate new ones less well.",
        found.tried,
    )
    if found.has_rules:
        more = say.translate(
            "No combination of several numbers tells more: there are too few towns for that."
        )
        return f"{how} {more}"
    if found.tried > 1:
        more = say.translate(
            "Several numbers together were not looked at: that needs the extra omemsim[optimize]."
        )
        return f"{how} {more}"
    return how


def _in_words(facts: Facts, path: str, value: float) -> str:
    """Return a value of a parameter as a reader knows it: a fall of a log rate is a percentage."""
    key = path.removeprefix(PREFIX)
    unit = next((one.unit for one in declarations(Parameters) if one.path == key), "")
    if unit != LOG_RATE:
        return facts.figures(value)
    return facts.language.translate(
        "{percent} less crime there ({value})",
        percent=facts.language.percent(-100 * math.expm1(-value)),
        value=facts.figures(value),
    )


def _limit_words(facts: Facts, limit: Limit) -> str:
    say, what = facts.language, meaning(facts, limit.path)
    low, high = (_in_words(facts, limit.path, x) for x in (limit.low, limit.high))
    if limit.is_open_below:
        return say.translate("{what} is at most {value}", what=what, value=high)
    if limit.is_open_above:
        return say.translate("{what} is at least {value}", what=what, value=low)
    return say.translate("{what} is between {low} and {high}", what=what, low=low, high=high)
