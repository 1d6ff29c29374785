"""What each mechanism contributes: switch it off and see what changes.

Each mechanism of `vocabulary.mechanisms` in turn is set to strength 0 in the same town with common
random numbers, and the result of the full model is subtracted. By default a mechanism is off from
week 0 only: all runs start from one town, and the difference is what the mechanism does from then
on under the strategy. Switched off ``from birth``, it is missing in the spin-up too, and the
difference includes that the town has developed without it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from omemsim.present import csv
from omemsim.present.text import counted
from omemsim.study.asked import FROM_PYTHON, Asked
from omemsim.study.contrasts import SMALL, Contrast, about, in_words, verdict
from omemsim.study.engine import POOL, Engine
from omemsim.study.statistics import paired_difference, share_better, verdict_words
from omemsim.study.switched_off import compare_in_parts, off_from_birth, switched_off
from omemsim.vocabulary.errors import InputError, nearest
from omemsim.vocabulary.mechanisms import COMBINED, GROUPS, OFF, meaning, switches_of

if TYPE_CHECKING:
    from omemsim.inputs.scenario import Scenario
    from omemsim.study.comparison import Comparison
    from omemsim.study.progress import Progress
    from omemsim.study.store import Store

__all__ = [
    "ALL_GROUPS",
    "CLEAR",
    "FIRST",
    "MEASURES",
    "STARTS",
    "Ablation",
    "AblationRow",
    "ablate",
    "arms_of",
    "check_switches",
    "chosen",
    "contrast_of",
    "meaning",
    "name_of",
    "since_words",
    "switch_of",
    "without",
]

FIRST = "victimization"  # what mechanisms are ordered by
MEASURES = (
    *(FIRST, "disorder", "public_calls", "fear", "trust", "capacity", "utilization", "true_zone"),
)
STARTS = ("week0", "birth")
ALL_GROUPS = "groups"  # the word for every group, and every combination of them that is declared
CLEAR = ("better", "worse", "differs")  # verdicts on a measure that clearly changes
WITHOUT = " without "  # between a strategy and what is off, in a scenario's name
COLUMNS_OF_TEXT = 100
CHANCE = 0.05  # of an interval that misses 0 where there is nothing


@dataclass(frozen=True)
class AblationRow:
    """A mechanism and a measure, as in ablation.csv; ``difference`` = without - full."""

    mechanism: str
    measure: str
    unit: str
    full: float
    without: float
    difference: float
    low: float
    high: float
    n: int
    verdict: str


@dataclass(frozen=True)
class Ablation:
    """What every mechanism changes.

    Attributes
    ----------
    strategy : under which all ran.
    start : "week0" or "birth", since when a mechanism is off.
    found : (mechanism, measure) to the paired difference, without - full.
    comparison : of all runs; a mechanism's scenario is called as `name_of` says.
    """

    strategy: str
    start: str
    found: dict[tuple[str, str], Contrast]
    comparison: Comparison

    def rows(self) -> list[AblationRow]:
        """Return a row per mechanism and measure, mechanisms ordered by `ranked`."""
        return [_row(self.found[name, measure]) for name in self.ranked() for measure in MEASURES]

    def ranked(self) -> list[str]:
        """Return the mechanisms, first the one without which victimization is highest."""
        names = list(dict.fromkeys(mechanism for mechanism, _ in self.found))
        return sorted(names, key=lambda name: -self.found[name, FIRST].found.difference)

    def clear(self, mechanism: str) -> list[Contrast]:
        """Return the measures that clearly differ without the mechanism, as declared."""
        mine = [self.found[mechanism, measure] for measure in MEASURES]
        return [x for x in mine if verdict(x) in CLEAR]

    def groups(self) -> dict[str, list[str]]:
        """Return mechanisms by what changes without them: more harm, less, another thing."""
        groups: dict[str, list[str]] = {"more": [], "less": [], "other": [], "nothing": []}
        for name in self.ranked():
            word = verdict(self.found[name, FIRST])
            other = "other" if self.clear(name) else "nothing"
            groups[{"worse": "more", "better": "less"}.get(word, other)].append(name)
        return groups

    def csv(self) -> str:
        """Return the rows as CSV text."""
        return csv.of_dataclasses(AblationRow, self.rows())

    def text(self) -> str:
        """Return what was found as plain text of at most 100 columns."""
        lines = [_heading(self)]
        for group, names in self.groups().items():
            lines += _block(self, group, names)
        by_chance = CHANCE * len(self.ranked())
        notes = [
            "In brackets: 95% interval of the mean paired difference. With "
            f"{len(self.ranked())} mechanisms, about {by_chance:.2g} intervals of a measure miss 0 "
            "by chance alone.",
            SMALL,
            "What does little here may matter in another town, under another strategy or over a "
            "longer time.",
        ]
        lines += ["", *(part for note in notes for part in textwrap.wrap(note, COLUMNS_OF_TEXT))]
        return "\n".join(lines)


def name_of(strategy: str, switch: str) -> str:
    """Return what the scenario without a mechanism, or a group of them, is called in the store."""
    return f"{strategy}{WITHOUT}{switch}"


def switch_of(name: str, strategies: Sequence[str]) -> str | None:
    """Return the switch that `name_of` named a scenario after; None for a full model's."""
    rest = (name.removeprefix(f"{strategy}{WITHOUT}") for strategy in strategies)
    return next((switch for switch in rest if switch != name), None)


def ablate(
    scenario: Scenario,
    *,
    replicates: int,
    out: Path,
    store: Path | Store,
    only: Sequence[str] = (),
    start: str = STARTS[0],
    asked: Asked = FROM_PYTHON,
    engine: Engine = POOL,
    progress: Progress = True,
) -> Ablation:
    """Run the full model and the model without each mechanism; return what differs.

    Parameters
    ----------
    scenario : the full model, its town and strategy.
    only : what to switch off in turn: mechanisms, groups of them, several with "+" between, or
        "groups", which is every group; every mechanism if empty.
    start : "week0", off from the scenario's start, or "birth", off in the spin-up too.
    replicates, out, store, asked, engine, progress : as in `study.compare.compare`.

    Raises
    ------
    InputError
        If a mechanism or ``start`` is not known, or a folder cannot be written.
    OmemError
        If no replicate of the full model finished.
    """
    full = scenario.strategy.name
    comparison = compare_in_parts(
        arms_of(scenario, only=only, start=start),
        baseline=full,
        replicates=replicates,
        out=out,
        store=store,
        asked=asked,
        engine=engine,
        progress=progress,
    )
    found = {
        (name, measure): _contrast(comparison, name, measure)
        for name in chosen(only)
        if set(comparison.finished(name_of(full, name))) & set(comparison.finished(full))
        for measure in MEASURES
    }
    return Ablation(full, start, found, comparison)


def chosen(only: Sequence[str]) -> list[str]:
    """Return the switches that words name: `ALL_GROUPS` stands for all groups, none for all."""
    each = ([*COMBINED, *GROUPS] if word == ALL_GROUPS else [word] for word in only)
    return list(dict.fromkeys(x for words in each for x in words)) or list(OFF)


def arms_of(
    scenario: Scenario, *, only: Sequence[str] = (), start: str = STARTS[0]
) -> dict[str, Scenario]:
    """Return the scenarios to run by name, first the full model.

    Parameters
    ----------
    scenario : the full model.
    only : words that name switches, as for `ablate`.
    start : one of `STARTS`.

    Raises
    ------
    InputError
        If a switch or ``start`` is not known.
    """
    names, full = chosen(only), scenario.strategy.name
    check_switches(names, start)
    return {full: scenario} | {name_of(full, x): without(scenario, x, start) for x in names}


def check_switches(only: Sequence[str], start: str) -> None:
    """Check that these switches and this start exist.

    Raises
    ------
    InputError
        With every one that does not exist.
    """
    problems = []
    for word in only:
        try:
            switches_of(word)
        except InputError as refused:
            problems += [f"only={problem}" for problem in refused.problems]
    if start not in STARTS:
        problems.append(
            f"from={start}: must be one of {', '.join(STARTS)}.{nearest(start, STARTS)}"
        )
    if problems:
        raise InputError(*problems)


def without(scenario: Scenario, switch: str, start: str) -> Scenario:
    """Return the scenario with what a word means (`switches_of`) off from week 0 or from birth.

    Parameters
    ----------
    scenario : the full model.
    switch : a mechanism, a group of them, or several with "+" between.
    start : one of `STARTS`.
    """
    off = switches_of(switch)
    return switched_off(scenario, off) if start == STARTS[0] else off_from_birth(scenario, off)


def since_words(start: str) -> str:
    """Return since when something is off, as "week 0, ..."; ``start`` is one of `STARTS`."""
    return "week 0, from the same start" if start == STARTS[0] else "birth, spin-up too"


def _contrast(comparison: Comparison, mechanism: str, measure: str) -> Contrast:
    full, without = comparison.baseline, name_of(comparison.baseline, mechanism)
    both = sorted(set(comparison.finished(full)) & set(comparison.finished(without)))
    values = [comparison.scalars[without, r][measure] for r in both]
    base = [comparison.scalars[full, r][measure] for r in both]
    return contrast_of(measure, mechanism, values, base)


def contrast_of(measure: str, name: str, values: ArrayLike, baseline: ArrayLike) -> Contrast:
    """Return the paired difference of a measure, and what is known of the measure.

    Parameters
    ----------
    measure : a number of a run's summary.
    name : what the values are of: a strategy, or what is switched off.
    values, baseline : of the same replicates in the same order, (R,) each.
    """
    known = about(measure)
    return Contrast(
        measure=measure,
        known=known,
        strategy=name,
        found=paired_difference(values, baseline),
        share=share_better(values, baseline, known.better),
    )


def _row(x: Contrast) -> AblationRow:
    d = x.found
    word = verdict_words(d, x.smallest)
    numbers = (d.baseline_mean, d.mean, d.difference, d.low, d.high, d.n)
    return AblationRow(x.strategy, x.measure, x.known.unit, *numbers, word)


TITLES = {
    "more": "Without it there is more victimization: it prevents harm",
    "less": "Without it there is less victimization: it adds to harm, or to what is counted",
    "other": "No clear difference in victimization, but in something else",
    "nothing": "No clear difference in any of these measures",
}


def _heading(ablation: Ablation) -> str:
    n = counted(int(np.max([x.found.n for x in ablation.found.values()], initial=0)), "replicate")
    shown = ", ".join(about(name).title.lower() for name in MEASURES)
    text = (
        f"Each mechanism off in turn since {since_words(ablation.start)}, under "
        f"{ablation.strategy}; {n}, paired with the full model. Measures: {shown}."
    )
    return textwrap.fill(text, COLUMNS_OF_TEXT)


def _block(ablation: Ablation, group: str, names: list[str]) -> list[str]:
    if not names:
        return []
    lines = ["", f"{TITLES[group]} ({len(names)})"]
    if group == "nothing":
        listed = textwrap.wrap(", ".join(names), COLUMNS_OF_TEXT - 2)
        return [*lines, *(f"  {line}" for line in listed)]
    return lines + [line for name in names for line in _told(ablation, name)]


def _told(ablation: Ablation, mechanism: str) -> list[str]:
    """Return a line on victimization, and under it what else changes."""
    lines = [f"  {mechanism:<22} {in_words(ablation.found[mechanism, FIRST])}"]
    others = [x for x in ablation.clear(mechanism) if x.measure != FIRST]
    if others:
        text = "; ".join(f"{x.known.title.lower()} {in_words(x)}" for x in others)
        lines += textwrap.wrap(
            text, COLUMNS_OF_TEXT, initial_indent=" " * 6, subsequent_indent=" " * 8
        )
    return lines
