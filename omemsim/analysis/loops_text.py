"""What the study of the loops found, in a table and in plain words."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np

from omemsim.analysis.loops import (
    ALL,
    HELD_WEEKS,
    KEPT,
    LOOPS,
    MOVES,
    OUTCOMES,
    SHARE,
    STEADY,
    Loops,
    mean_of,
    share_interval,
)
from omemsim.present import text
from omemsim.study.statistics import paired_difference, smallest_difference, verdict_words

__all__ = ["ends_in", "in_words", "percent"]

NAMED = 0.05  # of the gap at release: the least that is worth naming; assumed
SHRINKS = 0.9  # a gap under this part of what it was at two thirds of the time is still closing
WIDTH = 100
MEANING = (
    "Each town starts twice, with the same people, precursors and random numbers: residents are "
    f"held for {HELD_WEEKS} weeks at the bottom of capacity (low efficacy, much fear, nobody takes "
    "part, no leader known) or at its top, then let go. Both ends survive in a neighbourhood if "
    "over the last year the low start is red or amber, the high start green or blue, and at least "
    f"{KEPT:.0%} of the gap in capacity is left (assumed)."
)


def in_words(found: Loops) -> str:
    """Return a table and a reading of it as plain text of at most 100 columns."""
    lines = [*textwrap.wrap(MEANING, WIDTH)]
    for police, strategy in found.strategies.items():
        lines += ["", f"Police tactics {police} ({strategy})"]
        lines.append(
            _line("", "gap in capacity left", "half closed after, weeks", "both ends survive")
        )
        lines += [
            _line(_called(loop), *(_told(found, police, loop, x) for x in SHOWN))
            for loop in (ALL, *LOOPS)
        ]
    lines += ["", "Reading"]
    lines += _bullets(_reading(found))
    return "\n".join(lines)


SHOWN = ("gap_kept", "half_closed", "both_ends")


def _called(loop: str) -> str:
    return f"without {loop}" if loop else "all loops"


def _line(*cells: str) -> str:
    name, *rest = cells
    return f"  {name:<22}" + "".join(f"{cell:>25}" for cell in rest)


def _told(found: Loops, police: str, loop: str, outcome: str) -> str:
    each = [x[outcome] for x in found.found[police, loop]]
    if outcome == "half_closed":
        return _number(*mean_of(each, most=np.inf))
    return percent(*mean_of(each, most=1 if OUTCOMES[outcome] == SHARE else None))


def percent(value: float, low: float, high: float) -> str:
    """Return e.g. "12% (5% to 19%)", without the interval where there is none.

    Parameters
    ----------
    value, low, high : shares, 0 to 1; NaN where there is none.
    """
    if np.isnan(value):
        return "no run finished"
    return text.share_in_percents(value, low, high)


def _number(value: float, low: float, high: float) -> str:
    """Return e.g. "52 (40 to 64)"."""
    if np.isnan(value):
        return "no run finished"
    return text.with_ends(value, low, high, text.whole)


def _bullets(sentences: Sequence[str]) -> list[str]:
    return [
        line
        for sentence in sentences
        for line in textwrap.wrap(sentence, WIDTH, initial_indent="  ", subsequent_indent="    ")
    ]


def _reading(found: Loops) -> list[str]:
    """Return what came out in sentences."""
    lines = []
    for police in found.strategies:
        lines += [_ends(found, police), *_cuts(found, police)]
    lines += [_over_sets(found, police) for police in found.over_sets]
    return [*filter(None, lines), _floor(found)]


def _ends(found: Loops, police: str) -> str:
    each = found.found[police, ALL]
    if not each:
        return f"Police tactics {police}: no pair of runs finished."
    left, before = (
        float(np.mean([x[name] / max(x["gap_at_release"], 1e-12) for x in each]))
        for name in ("gap_at_end", "gap_at_two_thirds")
    )
    said = (
        f"Police tactics {police}, all loops: both ends survive in {ends_in(each)}; "
        f"{text.counted(len(each), 'replicate')}."
    )
    if left < NAMED:
        return f"{said} The gap has closed: the town forgets where it started."
    if left < SHRINKS * before:
        said += " What is left of the gap is still closing: a longer run would leave less."
    return said


def ends_in(each: Sequence[Mapping[str, float]]) -> str:
    """Return in how many neighbourhoods both ends survive, given each replicate's outcomes."""
    shares = [x["both_ends"] for x in each]
    if not any(shares):
        return "no neighbourhood"  # an interval from 0% to 0% would say too much
    return f"{percent(*mean_of(shares, most=1))} of neighbourhoods"


def _cuts(found: Loops, police: str) -> list[str]:
    """Say for each loop what cutting it does to the gap, in pairs of replicates."""
    return [
        *_effects(found, police, "gap_kept", least=NAMED, told=LEFT),
        *_effects(found, police, "half_closed", least=None, told=PACE),
    ]


# What it means that cutting a loop makes an outcome lower, higher or neither.
LEFT = {
    "lower": "loops that hold the ends apart (less of the gap is left without them)",
    "higher": "loops that bring the ends together (more of the gap is left without them)",
    "": "no clear difference in how much of the gap is left without",
}
PACE = {
    "lower": "loops that make the town remember longer (the gap closes sooner without them)",
    "higher": "loops that make the town forget sooner (the gap closes later without them)",
    "": "no clear difference in how soon the gap closes without",
}


def _effects(
    found: Loops, police: str, outcome: str, *, least: float | None, told: dict[str, str]
) -> list[str]:
    """Return a sentence for the loops that lower an outcome, raise it, or do neither.

    ``least`` is the smallest difference worth naming; None for that of the statistics.
    """
    whole = [x[outcome] for x in found.found[police, ALL]]
    effects: dict[str, list[str]] = {word: [] for word in told}
    for loop in LOOPS:
        cut = [x[outcome] for x in found.found[police, loop]]
        if len(cut) != len(whole) or not whole:
            continue
        change = paired_difference(cut, whole)
        usual = smallest_difference(OUTCOMES[outcome], change.baseline_mean)
        word = verdict_words(change, usual if least is None else least)
        effects[word if word in told else ""].append(loop)
    return [
        f"Police tactics {police}, {told[word]}: {', '.join(names)}."
        for word, names in effects.items()
        if names
    ]


def _over_sets(found: Loops, police: str) -> str:
    each = found.over_sets[police]
    if not each:
        return f"Police tactics {police}: no random parameter set finished."
    both, widest = (sum(x[name] > 0 for x in each) for name in ("both_ends", "red_and_blue"))
    share = percent(*share_interval(both, len(each)))
    return (
        f"Police tactics {police}, random parameter sets: both ends survive in a neighbourhood or "
        f"more in {both} of {len(each)} sets, {share}; as red and blue in {widest}."
        + (f" {found.asked - len(each)} more sets failed." if len(each) < found.asked else "")
    )


def _floor(found: Loops) -> str:
    """Say how much of zone moves is chance."""
    parts = []
    for town, labels in found.moves.items():
        up, down = (mean_of(labels["true_zone"][move])[0] for move in MOVES)
        parts.append(f"{town} {up:.2f} up and {down:.2f} down")
    return (
        f"Moves of the true zone per neighbourhood and year: {'; '.join(parts)}. With {STEADY} "
        "nothing but chance moves a label: that much of the others is noise."
    )
