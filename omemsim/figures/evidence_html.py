"""The scorecard on one page of HTML."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from omemsim.analysis.evidence import EvidenceRuns, PatternScore
from omemsim.analysis.evidence.patterns import ROLES
from omemsim.analysis.evidence.scorecard import VERDICTS, comes_from
from omemsim.analysis.evidence.table import interval, more_numbers, shown, summary
from omemsim.figures.evidence import COLOURS_OF_VERDICTS, REACH, TITLES, place
from omemsim.figures.ink import OF_PAGES, chip, plain
from omemsim.figures.page import PALE
from omemsim.present.html import Drawing, page

__all__ = ["evidence_page"]

READING = (
    "Each bar has its own scale; the shaded stretch is the band. The dot is the mean over "
    "simulated towns, the bar its 95% interval, the triangle the same with every mechanism "
    "switched off, in the spin-up as well. “Inside”: the whole interval lies in the band; "
    "“overlaps”: a part of it; “outside”: none of it. With few replicates an interval is wide and "
    "touches a band easily; how many values themselves lie in their band is stated above."
)
CAVEAT = (
    "An interval says how well the simulation is known at its parameters, not how well the real "
    "world is. Bands are from the studies named with each row; several are judgements, and say so."
)
WIDE, LEFT, RIGHT = 400.0, 8.0, 392.0


def evidence_page(
    scores: Sequence[PatternScore], work: EvidenceRuns, *, replicates: int, command: str
) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    scores : one per pattern, in the order to show them.
    work : what was run.
    replicates : simulated towns, each with its own random numbers, that a value is the mean of.
    command : the command that makes the page again.
    """
    town = work.scenario.town
    used = Counter(x.verdict for x in scores)
    roles = {role: [x for x in scores if x.pattern.role == role] for role in ROLES}
    return page(
        "evidence.html",
        OF_PAGES,
        title=f"Does the town “{plain(town.name)}” look like a real one?",
        command=command,
        caveat=CAVEAT,
        reading=READING,
        setting=f"Town {plain(town.name)}, scale {town.scale:g}, {replicates} simulated towns.",
        summary=[_capital(line) for line in summary(scores)],
        key=[
            (chip(word, COLOURS_OF_VERDICTS[word]), used[word], text)
            for word, text in VERDICTS.items()
            if used[word]
        ],
        roles=[(TITLES[role], [_pattern(x) for x in mine]) for role, mine in roles.items() if mine],
        beside=[(plain(needs), name, f"{x:+.3f}") for needs, name, x in more_numbers(work)],
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _pattern(one: PatternScore) -> dict[str, Any]:
    """Return what the page says of a pattern."""
    row = one.pattern
    return {
        "pattern": row.pattern,
        "chip": chip(_words(one), COLOURS_OF_VERDICTS[one.verdict]),
        "title": row.title,
        "metric": _capital(row.metric),
        "why": _capital(one.why),
        "drawing": _bar(one),
        "numbers": _numbers(one),
        "how": _capital(row.how),
        "source": row.source,
        "status": row.status,
    }


def _words(one: PatternScore) -> str:
    if one.verdict == "by construction":
        return f"by construction ({one.against})"
    return one.verdict


def _numbers(one: PatternScore) -> list[tuple[str, str]]:
    row = one.pattern
    rows = [("value", interval(one.value)), ("band", f"{shown(row.low)} to {shown(row.high)}")]
    if one.zero.n:
        rows.append(("all mechanisms off", interval(one.zero)))
    if comes_from(one):
        rows.append(("comes from", comes_from(one)))
    return rows


def _x(at: float) -> float:
    part = (min(max(at, -REACH), 1 + REACH) + REACH) / (1 + 2 * REACH)
    return LEFT + (RIGHT - LEFT) * part


def _bar(one: PatternScore) -> Drawing:
    """Return the drawing: band, interval, dot, and the value without mechanisms."""
    row = one.pattern
    said = f"{row.pattern}: {interval(one.value)}, band {shown(row.low)} to {shown(row.high)}"
    drawing = Drawing(WIDE, 44, said)
    drawing.rectangle(_x(0), 0, _x(1) - _x(0), 26, fill="#e4ebf1")
    if one.zero.n:
        x = _x(place(row, one.zero.difference))
        drawing.polygon([(x - 5, 24), (x + 5, 24), (x, 15)], fill="none", stroke=PALE)
    if one.value.n:
        _value(drawing, one)
    for at, value in ((0, row.low), (1, row.high)):
        drawing.words(_x(at), 40, shown(value), text_anchor="middle", fill=PALE)
    return drawing


def _value(drawing: Drawing, one: PatternScore) -> None:
    """Draw interval and dot; a value beyond the drawing is an arrowhead at its edge."""
    row, colour = one.pattern, COLOURS_OF_VERDICTS[one.verdict]
    at = place(row, one.value.difference)
    x = _x(at)
    if math.isfinite(one.value.low):
        low, high = (_x(place(row, end)) for end in (one.value.low, one.value.high))
        drawing.line((low, 13), (max(high, low + 1), 13), stroke=colour, stroke_width="5")
    if -REACH <= at <= 1 + REACH:
        drawing.circle(x, 13, radius=5, fill=colour, stroke="#fff")
        return
    tip = 8 if at > 0 else -8
    drawing.polygon([(x - tip, 7), (x - tip, 19), (x, 13)], fill=colour)
