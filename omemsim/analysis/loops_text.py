"""What the loops' study found, in a table and in plain words."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

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
from omemsim.study.contrasts import count_of
from omemsim.study.statistics import SMALLEST_ON_INDEX, paired_difference, verdict_words

__all__ = ["in_words", "percent"]

SHRINKS = 0.9  # a gap under this part of what it was at two thirds of the time is still closing
WIDTH = 100
MEANING = (
    "Each town starts twice, with the same people, precursors and luck: residents are held for "
    f"{HELD_WEEKS} weeks at the bottom of capacity (low efficacy, much fear, nobody takes part, no "
    "leader known) or at its top, then let go. Both ends survive in a neighbourhood if over the "
    "last year the low start is red or amber, the high start green or blue, and at least "
    f"{KEPT:.0%} of the gap in capacity is left (assumed)."
)


def in_words(found: Loops) -> str:
    """Return a table and a reading of it as plain text of at most 100 columns."""
    lines = [*textwrap.wrap(MEANING, WIDTH)]
    for police, strategy in found.strategies.items():
        lines += ["", f"Police tactics {police} ({strategy})"]
        lines.append(_line("", "gap in capacity left", "zones apart", "both ends survive"))
        lines += [
            _line(_called(loop), *(_told(found, police, loop, x) for x in SHOWN))
            for loop in (ALL, *LOOPS)
        ]
    lines += ["", "Reading"]
    lines += _bullets(_reading(found))
    return "\n".join(lines)


SHOWN = ("gap_kept", "zones_apart", "both_ends")


def _called(loop: str) -> str:
    return f"without {loop}" if loop else "all loops"


def _line(*cells: str) -> str:
    name, *rest = cells
    return f"  {name:<22}" + "".join(f"{cell:>24}" for cell in rest)


def _told(found: Loops, police: str, loop: str, outcome: str) -> str:
    each = [x[outcome] for x in found.found[police, loop]]
    return percent(*mean_of(each, is_share=OUTCOMES[outcome] == SHARE))


def percent(value: float, low: float, high: float) -> str:
    """Return e.g. "12% (5% to 19%)", without the interval where there is none."""
    if np.isnan(value):
        return "no run finished"
    if np.isnan(low):
        return f"{value:.0%}"
    return f"{value:.0%} ({low:.0%} to {high:.0%})"


def _bullets(sentences: Sequence[str]) -> list[str]:
    return [
        line
        for text in sentences
        for line in textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")
    ]


def _reading(found: Loops) -> list[str]:
    """Return what came out in sentences."""
    lines = []
    for police in found.strategies:
        lines += [_ends(found, police), *_cuts(found, police)]
    lines += [_over_worlds(found, police) for police in found.worlds]
    return [*filter(None, lines), _floor(found)]


def _ends(found: Loops, police: str) -> str:
    each = found.found[police, ALL]
    if not each:
        return f"Police tactics {police}: no pair of runs finished."
    share = mean_of([x["both_ends"] for x in each], is_share=True)
    left = float(np.mean([x["gap_at_end"] for x in each]))
    before = float(np.mean([x["gap_at_two_thirds"] for x in each]))
    text = (
        f"Police tactics {police}, all loops: both ends survive in {percent(*share)} of "
        f"neighbourhoods; {count_of(len(each))}."
    )
    if left > SMALLEST_ON_INDEX and left < SHRINKS * before:
        text += " What is left of the gap is still closing: a longer run would leave less."
    return text


def _cuts(found: Loops, police: str) -> list[str]:
    """Say for each loop what cutting it does to the gap that is left, in pairs of replicates."""
    whole = [x["gap_kept"] for x in found.found[police, ALL]]
    words = {"lower": "less", "higher": "more"}
    effects: dict[str, list[str]] = {}
    for loop in LOOPS:
        cut = [x["gap_kept"] for x in found.found[police, loop]]
        if len(cut) != len(whole) or not whole:
            continue
        word = verdict_words(paired_difference(cut, whole), SMALLEST_ON_INDEX)
        effects.setdefault(words.get(word, "nothing clear"), []).append(loop)
    told = {
        "less": "Less of the gap is left without {}: it helps to hold the ends apart.",
        "more": "More of the gap is left without {}: it helps to bring the ends together.",
        "nothing clear": "No clear difference in the gap without {}.",
    }
    return [
        f"Police tactics {police}: {told[word].format(', '.join(effects[word]))}"
        for word in told
        if word in effects
    ]


def _over_worlds(found: Loops, police: str) -> str:
    each = found.worlds[police]
    if not each:
        return f"Police tactics {police}: no random parameter set finished."
    both, widest = (sum(x[name] > 0 for x in each) for name in ("both_ends", "red_and_blue"))
    share = percent(*share_interval(both, len(each)))
    return (
        f"Police tactics {police}, random parameter sets: both ends survive in a neighbourhood or "
        f"more in {both} of {len(each)} sets, {share}; as red and blue in {widest}."
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
