"""Plausible parameter sets: a file of them, and comparisons that run over all.

`omemsim calibrate` writes such a file; any table of keys and values is one. `uncertain` runs a
comparison over them and gives the range of a difference. Here a world is a parameter set with the
towns it was run in; what is found is in how many of them a strategy is better, and where it is not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from omemsim.inputs.config import full_key, keys_of
from omemsim.inputs.scenario import Scenario
from omemsim.present import csv
from omemsim.study.contrasts import about
from omemsim.study.design import Point, points_of, points_of_file
from omemsim.study.indices import short_name
from omemsim.study.noise import WorldShare, share_of_worlds
from omemsim.study.scenario_changes import with_changes
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.study.uncertain import OverSets

__all__ = [
    "CLEAR",
    "FEWEST",
    "KEY",
    "Over",
    "Separates",
    "check_sets",
    "over",
    "read_sets",
    "separating",
    "sets_of",
    "worlds_csv",
    "worlds_in_words",
]

Floats = NDArray[np.float64]

KEY = "sets"  # of the file that `omemsim calibrate` writes
MOST_PROBLEMS = 5
FEWEST = 4  # worlds on either side before it is said where a strategy fails
TOLD = 2  # parameters in a sentence
CLEAR = 0.7  # share of pairs of worlds that a parameter puts in order, before it is named


def read_sets(path: str | Path) -> list[Point]:
    """Return the parameter sets of a file: what `omemsim calibrate` wrote (.json), or a table.

    Raises
    ------
    InputError
        If it cannot be read, has no set, or its sets name different keys or none of a scenario.
    """
    file = Path(path).expanduser()
    return _alike(
        _of_json(file) if file.suffix.lower() == ".json" else points_of_file(file), str(file)
    )


def sets_of(given: Any) -> list[Point]:
    """Return parameter sets as people give them in Python: a file, a DataFrame, or mappings.

    Raises
    ------
    InputError
        If it is none of these, has no set, or its sets name different keys.
    """
    if isinstance(given, str | Path):
        return read_sets(given)
    is_empty = hasattr(given, "__len__") and not len(given)
    return _alike([] if is_empty else points_of(given), "uncertainty")


def _alike(sets: list[Point], file: str) -> list[Point]:
    """Return the sets; raise `InputError` if there are none, or if they name different keys."""
    names = set(sets[0]) if sets else set()
    problems = [] if names else [f"{file}: holds no parameter set."]
    problems += [
        f"{file}: set {number} names other keys than the first: every set must name the same."
        for number, one in enumerate(sets)
        if set(one) != names
    ]
    if problems:
        raise InputError(*problems[:3])
    return sets


def _of_json(file: Path) -> list[Point]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{file}: cannot read it ({error.strerror}).") from error
    except ValueError as error:
        raise InputError(f"{file}: cannot be read as parameter sets ({error}).") from error
    sets = content.get(KEY) if isinstance(content, dict) else content
    if not isinstance(sets, list) or not all(isinstance(one, dict) for one in sets):
        raise InputError(
            f"{file}: must hold parameter sets: what `omemsim calibrate` writes, a CSV with a key "
            "per column, or a JSON list of objects."
        )
    return [dict(one) for one in sets]


def check_sets(sets: Sequence[Point], scenario: Scenario, said: Sequence[str]) -> None:
    """Check that parameter sets fit a scenario and the words beside them.

    Parameters
    ----------
    sets : each of full dotted keys and values.
    scenario : what they are laid over.
    said : ``key=value`` words beside the sets.

    Raises
    ------
    InputError
        If a set does not fit, or a word sets what the sets set; with the first problems.
    """
    fixed = keys_of(said)
    problems = [
        f"{path} is set, and the parameter sets of uncertainty= set it: do one of the two."
        for path in (sets[0] if sets else {})
        if full_key(path) in fixed
    ]
    for number, one in enumerate(sets):
        try:
            with_changes(scenario, one)
        except InputError as refused:
            problems += [f"Set {number} of uncertainty=: {text}" for text in refused.problems]
    if problems:
        raise InputError(*problems[:MOST_PROBLEMS])


@dataclass(frozen=True)
class Over:
    """One strategy against the baseline on one measure, over plausible worlds.

    ``fails`` says in words where it does not beat the baseline, empty if that cannot be told.
    """

    measure: str
    strategy: str
    share: WorldShare
    fails: str


def over(found: OverSets, measures: Sequence[str]) -> list[Over]:
    """Return in how many sets each strategy beats the baseline, and where it does not.

    What is compared is a set's mean over its towns; a set with a run that failed is left out.
    Measures of which neither direction is better are left out.
    """
    told = []
    for measure in measures:
        better = about(measure).better
        for strategy, name in found.values:
            if name != measure or strategy == found.baseline or better not in ("lower", "higher"):
                continue
            one, other = (found.values[x, measure].mean(axis=1) for x in (strategy, found.baseline))
            known = np.isfinite(one) & np.isfinite(other)
            share = share_of_worlds(one, other, better)
            gain = (one - other)[known] * (1 if better == "higher" else -1)
            sets = [one for one, is_known in zip(found.sets, known, strict=True) if is_known]
            told.append(Over(measure, strategy, share, _where(sets, gain)))
    return told


class Separates(NamedTuple):
    """A parameter that tells the worlds a strategy loses from those it wins.

    Attributes
    ----------
    path : its full dotted key.
    is_high : whether it is high, not low, in the worlds that are lost.
    strength : share of pairs of worlds, one won and one lost, that it puts in this order.
    middle : its median in the worlds that are lost.
    """

    path: str
    is_high: bool
    strength: float
    middle: float


def separating(sets: Sequence[Point], gain: Floats) -> list[Separates]:
    """Return how well each parameter tells the worlds a strategy loses from those it wins.

    The best comes first. Of each parameter it is asked in which share of pairs, one world won and
    one lost, the lost one has the larger value (the area under the curve of Mann & Whitney). A tie
    is neither. There is no answer where all are won, or all lost.

    Parameters
    ----------
    sets : each of full dotted keys and values.
    gain : (sets,), above 0 where the strategy wins.
    """
    lost = (gain < 0)[gain != 0]
    n, m = int(lost.sum()), int((~lost).sum())
    if not min(n, m):
        return []
    told = []
    for name, each in _numbers(sets).items():
        values = each[gain != 0]
        ranks = rankdata(values)
        share = float((ranks[lost].sum() - n * (n + 1) / 2) / (n * m))
        middle = float(np.median(values[lost]))
        told.append(Separates(name, share > 0.5, max(share, 1 - share), middle))
    return sorted(told, key=lambda one: -one.strength)


def _where(sets: Sequence[Point], gain: Floats) -> str:
    """Return which parameters tell the worlds it loses from those it wins, in words."""
    if min(int((gain < 0).sum()), int((gain > 0).sum())) < FEWEST:
        return ""
    told = [
        f"{short_name(x.path)} is {'high' if x.is_high else 'low'} (middle of these {x.middle:.3g})"
        for x in separating(sets, gain)
        if x.strength >= CLEAR
    ]
    return "it fails mostly where " + " and ".join(told[:TOLD]) if told else ""


def _numbers(sets: Sequence[Mapping[str, Any]]) -> dict[str, Floats]:
    """Return the sets' numbers by key."""
    return {
        name: np.array([float(one[name]) for one in sets])
        for name, first in sets[0].items()
        if isinstance(first, int | float)
    }


def worlds_csv(found: Sequence[Over], baseline: str) -> str:
    """Return a row per measure and strategy."""
    rows = (
        (one.measure, one.strategy, baseline, *(getattr(one.share, x) for x in WORLDS), one.fails)
        for one in found
    )
    return csv.of_rows(("measure", "strategy", "baseline", *WORLDS, "where_it_fails"), rows)


WORLDS = ("n", "wins", "ties", "share", "low", "high")


def worlds_in_words(found: Sequence[Over], baseline: str) -> list[str]:
    """Return a sentence for each strategy and measure."""
    return [
        _sentence(one, one.share.in_words(one.strategy, baseline, about(one.measure).title.lower()))
        for one in found
    ]


def _sentence(one: Over, said: str) -> str:
    said = said.replace("of such sets", "of plausible sets")
    return f"{said[:-1]}; {one.fails}." if one.fails else said
