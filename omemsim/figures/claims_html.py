"""Claims on one page of HTML.

A claim is a question, its sentence from the seeds, its verdict as a word and a colour (never
a zone's), and a bar: the effect with its interval, beside it the same with the mechanism off,
in the set meant to make it false, and under other parameters. Each bar has its own scale; the
side that the claim is on is shaded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from omemsim.analysis.claims import table
from omemsim.analysis.claims.runs import Setup, other_sets
from omemsim.analysis.claims.table import counts, words
from omemsim.analysis.claims.verdict import VERDICTS, Finding
from omemsim.figures.ink import ARMS, BETTER, OF_PAGES, WORSE, chip, plain
from omemsim.figures.page import INK, PALE
from omemsim.present.html import Chip, Drawing, page
from omemsim.present.text import typographic
from omemsim.study.statistics import Difference

__all__ = ["COLOURS_OF_VERDICTS", "claims_page"]

COLOURS_OF_VERDICTS = {
    "emerges": BETTER,
    "assumed": ARMS[6][0],
    "identity": ARMS[7][0],
    "depends on": ARMS[4][0],
    "too small": ARMS[2][0],
    "other cause": ARMS[3][0],
    "does not": WORSE,
    "failed": ARMS[0][0],
}
TITLE = "Which claims hold in the model, and through what?"
READING = (
    "A bar is a 95% interval over paired replicates: the same towns and random numbers in all "
    "arms. The shaded side is the claimed one. “Mechanism off” is the same experiment without the "
    "mechanism, “false set” with parameters chosen to make the claim false, and each dot one other "
    "set of parameters. Each claim has its own scale."
)
CAVEAT = (
    "An interval says how well the simulation is known at its parameters, not how well the "
    "world is. With few parameter sets the name after “depends on” is a lead to follow: one of "
    "many rank correlations is large by chance."
)


def claims_page(findings: Sequence[Finding], setup: Setup, *, command: str) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    findings : one per claim, in the order to show them; those of a theme next to each other.
    setup : what was run.
    command : the command that makes the page again.
    """
    used = [word for word in VERDICTS if any(x.verdict == word for x in findings)]
    themes = groupby(findings, key=lambda x: x.experiment.theme)
    return page(
        "claims.html",
        OF_PAGES,
        title=TITLE,
        command=command,
        caveat=CAVEAT,
        reading=READING,
        counts=counts(findings),
        setting=_setting(setup),
        key=[(_chip(word, word), VERDICTS[word]) for word in used],
        links=[_link(finding) for finding in findings],
        themes=[(theme, [_claim(x) for x in group]) for theme, group in themes],
    )


def _setting(setup: Setup) -> str:
    sets = f"{setup.replicates} replicates; other parameter sets: {other_sets(setup)[1]}"
    changed = f"; {', '.join(setup.overrides)}" if setup.overrides else ""
    return f"Town {setup.town}, {sets}{changed}."


def _number(value: float) -> str:
    return typographic(table.shown(value))


def _interval_text(effect: Difference) -> str:
    return typographic(table.interval(effect))


def _chip(verdict: str, text: str) -> Chip:
    return chip(text, COLOURS_OF_VERDICTS[verdict])


def _link(finding: Finding) -> dict[str, Any]:
    """Return a claim in its verdict's colour, as a link to it."""
    claim = finding.experiment.claim
    return {"claim": claim, "verdict": words(finding), "chip": _chip(finding.verdict, claim)}


def _claim(finding: Finding) -> dict[str, Any]:
    """Return what the page says of a claim."""
    claim = finding.experiment
    return {
        "claim": claim.claim,
        "chip": _chip(finding.verdict, words(finding)),
        "asks": claim.asks,
        "quote": claim.quote,
        "seed": claim.seed,
        "problems": finding.problems,
        "drawing": _bar(finding),
        "numbers": _numbers(finding),
        "note": claim.note,
        "how": _how(finding),
    }


def _numbers(finding: Finding) -> list[tuple[str, str]]:
    claim = finding.experiment
    rows = [
        ("effect", f"{_interval_text(finding.default)} {claim.unit}; claimed {claim.claimed.text}")
    ]
    if claim.smallest:
        rows.append(("worth a word from", f"{claim.smallest:g} on"))
    if finding.control.n:
        rows.append(("mechanism off", _interval_text(finding.control)))
    if finding.false.n:
        is_false = "false there" if finding.is_false_there else "not false there"
        rows.append(("false set", f"{_interval_text(finding.false)}, {is_false}"))
    if finding.set_effects.size:
        share = f"{finding.set_share:.0%} of {finding.set_effects.size} on the claimed side"
        rows.append(("other sets", share))
    return rows


def _how(finding: Finding) -> list[tuple[str, str]]:
    claim = finding.experiment
    return [
        ("effect", claim.effect.text),
        ("passes", ", ".join(claim.through) or "none"),
        ("mechanism", ", ".join(plain(name) for name in claim.mechanism) or "none"),
        ("false when", ", ".join(f"{k} = {v:g}" for k, v in claim.false_when.items()) or "never"),
        ("found", finding.found),
    ]


WIDE, LEFT, RIGHT, ROW = 400, 98, 392, 19  # of the drawing, in its own units


class _Scale(NamedTuple):
    """From an effect to a place on the drawing."""

    low: float
    high: float

    def x(self, value: float) -> float:
        """Return the place, at the edge if it is beyond."""
        part = (value - self.low) / (self.high - self.low)
        return LEFT + (RIGHT - LEFT) * min(max(part, 0.0), 1.0)


def _scale(finding: Finding) -> _Scale:
    """Return ends that show every interval; dots far out stand at the edge."""
    claimed = finding.experiment.claimed
    ends = [x for e in _effects(finding).values() for x in (e.difference, e.low, e.high)]
    known = [x for x in (claimed.low, claimed.high, 0.0, *ends) if math.isfinite(x)]
    low, high = min(known), max(known)
    if finding.set_effects.size:
        room = (high - low) or 1e-9
        dots = np.clip(finding.set_effects, low - room, high + room)
        low, high = min(low, float(dots.min())), max(high, float(dots.max()))
    margin = 0.06 * (high - low) or 1.0
    return _Scale(low - margin, high + margin)


def _effects(finding: Finding) -> dict[str, Difference]:
    each = {
        "effect": finding.default,
        "mechanism off": finding.control,
        "false set": finding.false,
    }
    return {name: effect for name, effect in each.items() if effect.n}


def _bar(finding: Finding) -> Drawing | None:
    """Return the drawing: a row per variant, a row of dots, and the ends of the scale."""
    effects, scale = _effects(finding), _scale(finding)
    rows = len(effects) + bool(finding.set_effects.size)
    if not rows:
        return None
    height = rows * ROW
    said = f"{finding.experiment.claim}: effect {_interval_text(finding.default)}"
    drawing = Drawing(WIDE, height + 18, said)
    _side(drawing, finding, scale, height)
    colour = COLOURS_OF_VERDICTS[finding.verdict]
    for row, (name, effect) in enumerate(effects.items()):
        ink = colour if name == "effect" else PALE
        _interval(drawing, name, effect, scale, y=(row + 0.5) * ROW, ink=ink)
    if finding.set_effects.size:
        _dots(drawing, finding.set_effects, scale, y=(rows - 0.5) * ROW)
    _ends(drawing, finding, scale, height + 14)
    return drawing


def _side(drawing: Drawing, finding: Finding, scale: _Scale, height: float) -> None:
    """Shade the claimed side, and draw its line and that of no effect."""
    claimed = finding.experiment.claimed
    start, end = (scale.x(x) for x in (claimed.low, claimed.high))
    drawing.rectangle(start, 0, end - start, height, fill="#eef1f4")
    lines = [x for x in (claimed.low, claimed.high) if math.isfinite(x)]
    for value in dict.fromkeys([*lines, 0.0]):
        dash = {} if value in lines else {"stroke_dasharray": "2 3"}
        x = scale.x(value)
        drawing.line((x, 0), (x, height), stroke=INK, **dash)


def _interval(
    drawing: Drawing, name: str, effect: Difference, scale: _Scale, *, y: float, ink: str
) -> None:
    drawing.words(0, y + 4, name)
    if effect.n > 1:
        low, high = scale.x(effect.low), scale.x(effect.high)
        drawing.line((low, y), (max(high, low + 1), y), stroke=ink, stroke_width="5")
    drawing.circle(scale.x(effect.difference), y, radius=5, fill=ink, stroke="#fff")


def _dots(
    drawing: Drawing, effects: Sequence[float] | np.ndarray, scale: _Scale, *, y: float
) -> None:
    """Draw a dot per parameter set; one beyond the scale is a triangle at its edge."""
    drawing.words(0, y + 4, "other sets")
    for value in effects:
        x = scale.x(value)
        if scale.low <= value <= scale.high:
            drawing.circle(x, y, radius=3.5, fill=PALE, opacity=".6")
        else:
            tip = 5 if value > scale.high else -5
            drawing.polygon([(x - tip, y - 4), (x - tip, y + 4), (x, y)], fill=PALE)


def _ends(drawing: Drawing, finding: Finding, scale: _Scale, y: float) -> None:
    """Write the numbers at both ends of the scale, and at the claim's line where there is room."""
    for value, anchor in ((scale.low, "start"), (scale.high, "end")):
        drawing.words(scale.x(value), y, _number(value), text_anchor=anchor, fill=PALE)
    claimed = finding.experiment.claimed
    line = claimed.low if math.isfinite(claimed.low) else claimed.high
    x = scale.x(line)
    if LEFT + 50 < x < RIGHT - 50:
        drawing.words(x, y, _number(line), text_anchor="middle", fill=PALE)
