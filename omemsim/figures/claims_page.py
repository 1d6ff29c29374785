"""Claims on one page: HTML that stands alone, opens offline, prints, and fits a phone.

A claim is a question, its sentence from the seeds, its verdict as a word and a colour (never
a zone's), and a bar: the effect with its interval, beside it the same with the mechanism off,
in the set meant to make it false, and under other parameters. Each bar has its own scale; the
side that the claim is on is shaded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import NamedTuple

import numpy as np

from omemsim.analysis.claims import table
from omemsim.analysis.claims.table import counts, words
from omemsim.analysis.claims.trial import Setup
from omemsim.analysis.claims.verdict import VERDICTS, Finding
from omemsim.figures.ink import ARMS, BETTER, WORSE, ink_on, plain
from omemsim.figures.page import INK, PALE
from omemsim.study.statistics import Difference

__all__ = ["COLOURS_OF_VERDICTS", "claims_page", "ink_of_chip"]

COLOURS_OF_VERDICTS = {
    "emerges": BETTER,
    "assumed": ARMS[6][0],
    "identity": ARMS[7][0],
    "depends on": ARMS[4][0],
    "other cause": ARMS[3][0],
    "does not": WORSE,
    "failed": ARMS[0][0],
}

STYLE = f"""
* {{ box-sizing: border-box; }}
body {{ margin: 0; font: 15px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif;
  color: {INK}; background: #fff; }}
main {{ max-width: 1180px; margin: 0 auto; padding: 20px 16px 40px; }}
h1 {{ font-size: 1.5rem; line-height: 1.2; margin: 0 0 8px; }}
h2 {{ font-size: 1.1rem; margin: 28px 0 4px; padding-top: 10px; border-top: 2px solid {INK}; }}
h3 {{ font-size: 1rem; margin: 6px 0; }}
p, dl, ul {{ margin: 6px 0; }}
.pale, cite, figcaption, footer {{ color: {PALE}; font-size: .87rem; font-style: normal; }}
.key {{ list-style: none; padding: 0; display: grid; gap: 4px 20px;
  grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); }}
nav {{ line-height: 1.9; }}
nav a {{ text-decoration: none; }}
.chip {{ display: inline-block; padding: 0 8px; border-radius: 9px; font-weight: 600;
  font-size: .87rem; overflow-wrap: anywhere; }}
article {{ display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0 28px;
  padding: 12px 0; border-bottom: 1px solid #d8d8d8; break-inside: avoid; }}
blockquote {{ margin: 6px 0; padding-left: 10px; border-left: 3px solid #d8d8d8; }}
figure {{ margin: 0; }}
svg {{ display: block; width: 100%; height: auto; }}
dl {{ display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0 10px;
  font-size: .9rem; }}
dt {{ color: {PALE}; }}
dd {{ margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }}
details {{ grid-column: 1 / -1; font-size: .9rem; }}
summary {{ cursor: pointer; padding: 4px 0; }}
.problem {{ color: {WORSE}; font-weight: 600; }}
code {{ overflow-wrap: anywhere; }}
@media (max-width: 720px) {{ article {{ grid-template-columns: minmax(0, 1fr); }}
  .key {{ grid-template-columns: minmax(0, 1fr); }} }}
"""


def claims_page(findings: Sequence[Finding], setup: Setup, *, command: str) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    findings : one per claim, in the order to show them; those of a theme next to each other.
    setup : what was run.
    command : the command that makes the page again.
    """
    title = "Which claims hold in the model, and through what?"
    body = [
        f"<h1>{title}</h1>",
        f"<p>{escape(counts(findings))} {_setting(setup)}</p>",
        _key(findings),
        _all(findings),
        f'<p class="pale">{READING}</p>',
        *_themes(findings),
        f"<footer><p>{CAVEAT}</p><p>To make this page again: "
        f"<code>{escape(command)}</code></p></footer>",
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


READING = (
    "A bar is a 95% interval over paired replicates: the same towns and luck in all arms. The "
    "shaded side is the claimed one. “Mechanism off” is the same experiment without the "
    "mechanism, “false set” with parameters chosen to make the claim false, and each dot one "
    "set of parameters drawn at random. Each claim has its own scale."
)
CAVEAT = (
    "An interval says how well the simulation is known at its parameters, not how well the "
    "world is. With few parameter sets the name after “depends on” is a lead to follow: one of "
    "many rank correlations is large by chance."
)


def _setting(setup: Setup) -> str:
    sets = f"{setup.replicates} replicates, {setup.worlds} parameter sets"
    changed = f"; {escape(', '.join(setup.overrides))}" if setup.overrides else ""
    return f"Town {escape(setup.town)}, {sets}{changed}."


def _number(value: float) -> str:
    return table.shown(value).replace("-", "−")


def _interval_text(effect: Difference) -> str:
    return table.interval(effect).replace("-", "−")


def ink_of_chip(colour: str) -> str:
    """Return white or black: small type on ``WORSE`` needs all of black to reach 4.5."""
    return "white" if ink_on(colour) == "white" else "black"


def _chip(verdict: str, text: str) -> str:
    colour = COLOURS_OF_VERDICTS[verdict]
    style = f"background:{colour};color:{ink_of_chip(colour)}"
    return f'<span class="chip" style="{style}">{escape(text)}</span>'


def _key(findings: Sequence[Finding]) -> str:
    """Return what each verdict on this page means."""
    used = [word for word in VERDICTS if any(x.verdict == word for x in findings)]
    items = [f"<li>{_chip(word, word)} {escape(VERDICTS[word])}</li>" for word in used]
    return f'<ul class="key">{"".join(items)}</ul>'


def _all(findings: Sequence[Finding]) -> str:
    """Return every claim in its verdict's colour, as a link to it."""
    links = [
        f'<a href="#{escape(x.experiment.claim)}" title="{escape(words(x))}">'
        f"{_chip(x.verdict, x.experiment.claim)}</a>"
        for x in findings
    ]
    return f'<nav aria-label="claims">{" ".join(links)}</nav>'


def _themes(findings: Sequence[Finding]) -> Iterator[str]:
    for theme, group in groupby(findings, key=lambda x: x.experiment.theme):
        yield f"<section>\n<h2>{escape(theme)}</h2>"
        yield from (_article(finding) for finding in group)
        yield "</section>"


def _article(finding: Finding) -> str:
    claim = finding.experiment
    problems = "".join(f'<p class="problem">{escape(x)}</p>' for x in finding.problems)
    return (
        f'<article id="{escape(claim.claim)}">\n<div>'
        f"<strong>{escape(claim.claim)}</strong> {_chip(finding.verdict, words(finding))}"
        f"<h3>{escape(claim.asks)}</h3>"
        f"<blockquote>“{escape(claim.quote)}” <cite>seed {escape(claim.seed)}</cite>"
        f"</blockquote>{problems}</div>\n"
        f"<figure>{_bar(finding)}{_numbers(finding)}</figure>\n"
        f"<details><summary>How it was tried, and what was found</summary>{_how(finding)}"
        "</details>\n</article>"
    )


def _numbers(finding: Finding) -> str:
    claim = finding.experiment
    rows = [
        ("effect", f"{_interval_text(finding.default)} {claim.unit}; claimed {claim.claimed.text}")
    ]
    if finding.control.n:
        rows.append(("mechanism off", _interval_text(finding.control)))
    if finding.false.n:
        is_false = "false there" if finding.is_false_there else "not false there"
        rows.append(("false set", f"{_interval_text(finding.false)}, {is_false}"))
    if finding.worlds.size:
        share = f"{finding.worlds_share:.0%} of {finding.worlds.size} on the claimed side"
        rows.append(("other sets", share))
    return f"<dl>{_pairs(rows)}</dl>"


def _pairs(rows: Sequence[tuple[str, str]]) -> str:
    return "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in rows)


def _how(finding: Finding) -> str:
    claim = finding.experiment
    rows = [
        ("effect", claim.effect.text),
        ("passes", ", ".join(claim.through) or "none"),
        ("mechanism", ", ".join(plain(name) for name in claim.mechanism) or "none"),
        ("false when", ", ".join(f"{k} = {v:g}" for k, v in claim.false_when.items()) or "never"),
        ("found", finding.found),
    ]
    return f"<p>{escape(claim.note)}</p><dl>{_pairs(rows)}</dl>"


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
    if finding.worlds.size:
        room = (high - low) or 1e-9
        dots = np.clip(finding.worlds, low - room, high + room)
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


def _bar(finding: Finding) -> str:
    """Return the drawing: a row per variant, a row of dots, and the ends of the scale."""
    effects, scale = _effects(finding), _scale(finding)
    colour = COLOURS_OF_VERDICTS[finding.verdict]
    rows = len(effects) + bool(finding.worlds.size)
    if not rows:
        return ""
    height = rows * ROW
    parts = [_side(finding, scale, height)]
    for row, (name, effect) in enumerate(effects.items()):
        ink = colour if name == "effect" else PALE
        parts.append(_interval(name, effect, scale, y=(row + 0.5) * ROW, ink=ink))
    if finding.worlds.size:
        parts.append(_dots(finding.worlds, scale, y=(rows - 0.5) * ROW))
    parts.append(_ends(finding, scale, height))
    said = f"{finding.experiment.claim}: effect {_interval_text(finding.default)}"
    return (
        f'<svg viewBox="0 0 {WIDE} {height + 18}" role="img" aria-label="{escape(said)}" '
        f'font-size="13" fill="{INK}">{"".join(parts)}</svg>'
    )


def _side(finding: Finding, scale: _Scale, height: float) -> str:
    """Shade the claimed side, and draw its line and that of no effect."""
    claimed = finding.experiment.claimed
    start, end = (scale.x(x) for x in (claimed.low, claimed.high))
    lines = [x for x in (claimed.low, claimed.high) if math.isfinite(x)]
    drawn = [
        f'<rect x="{start:.1f}" y="0" width="{end - start:.1f}" height="{height}" fill="#eef1f4"/>'
    ]
    for value in dict.fromkeys([*lines, 0.0]):
        dash = "" if value in lines else ' stroke-dasharray="2 3"'
        x = scale.x(value)
        drawn.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height}" stroke="{INK}"{dash}/>')
    return "".join(drawn)


def _interval(name: str, effect: Difference, scale: _Scale, *, y: float, ink: str) -> str:
    drawn = [f'<text x="0" y="{y + 4:.1f}">{name}</text>']
    if effect.n > 1:
        low, high = scale.x(effect.low), scale.x(effect.high)
        drawn.append(
            f'<line x1="{low:.1f}" x2="{max(high, low + 1):.1f}" y1="{y}" y2="{y}" '
            f'stroke="{ink}" stroke-width="5"/>'
        )
    x = scale.x(effect.difference)
    drawn.append(f'<circle cx="{x:.1f}" cy="{y}" r="5" fill="{ink}" stroke="#fff"/>')
    return "".join(drawn)


def _dots(worlds: Sequence[float] | np.ndarray, scale: _Scale, *, y: float) -> str:
    """Draw a dot per parameter set; one beyond the scale is a triangle at its edge."""
    drawn = [f'<text x="0" y="{y + 4:.1f}">other sets</text>']
    for value in worlds:
        x = scale.x(value)
        if scale.low <= value <= scale.high:
            drawn.append(f'<circle cx="{x:.1f}" cy="{y}" r="3.5" fill="{PALE}" opacity=".6"/>')
        else:
            tip = 5 if value > scale.high else -5
            points = f"{x - tip:.1f},{y - 4} {x - tip:.1f},{y + 4} {x:.1f},{y}"
            drawn.append(f'<polygon points="{points}" fill="{PALE}"/>')
    return "".join(drawn)


def _ends(finding: Finding, scale: _Scale, height: float) -> str:
    """Write the numbers at both ends of the scale, and at the lines that have room."""
    drawn = []
    for value, anchor in ((scale.low, "start"), (scale.high, "end")):
        x, text = scale.x(value), _number(value)
        drawn.append(f'<text x="{x:.1f}" y="{height + 14}" text-anchor="{anchor}">{text}</text>')
    claimed = finding.experiment.claimed
    line = claimed.low if math.isfinite(claimed.low) else claimed.high
    x = scale.x(line)
    if LEFT + 50 < x < RIGHT - 50:
        drawn.append(
            f'<text x="{x:.1f}" y="{height + 14}" text-anchor="middle">{_number(line)}</text>'
        )
    return f'<g fill="{PALE}">{"".join(drawn)}</g>'
