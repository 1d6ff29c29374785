"""The scorecard on one page: HTML that stands alone, opens offline, prints, and fits a phone."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from html import escape

from omemsim.analysis.evidence import Score, Work
from omemsim.analysis.evidence.patterns import ROLES
from omemsim.analysis.evidence.scorecard import VERDICTS, comes_from
from omemsim.analysis.evidence.table import interval, more_numbers, shown, summary
from omemsim.figures.claims_page import STYLE, ink_of_chip
from omemsim.figures.evidence import COLOURS_OF_VERDICTS, REACH, place
from omemsim.figures.ink import plain
from omemsim.figures.page import INK, PALE

__all__ = ["evidence_page"]

OWN = """
table { border-collapse: collapse; font-size: .9rem; }
td, th { text-align: left; padding: 2px 14px 2px 0; vertical-align: top; }
td:last-child { font-variant-numeric: tabular-nums; white-space: nowrap; }
"""
READING = (
    "Each bar has its own scale; the shaded stretch is the band. The dot is the mean over towns "
    "and lucks, the bar its 95% interval, the triangle the same with every mechanism switched off "
    "from the town's birth. “Inside”: the whole interval lies in the band; “overlaps”: a part of "
    "it; “outside”: none of it. With few replicates an interval is wide and touches a band easily; "
    "how many values themselves lie in their band is told above."
)
CAVEAT = (
    "An interval says how well the simulation is known at its parameters, not how well the world "
    "is. Bands are from the studies named with each row; several are judgements, and say so."
)
WIDE, LEFT, RIGHT = 400.0, 8.0, 392.0


def evidence_page(scores: Sequence[Score], work: Work, *, replicates: int, command: str) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    scores : one per pattern, in the order to show them.
    work : what was run.
    command : the command that makes the page again.
    """
    town = work.scenario.town
    title = f"Does the town “{plain(town.name)}” look like a real one?"
    setting = f"Town {plain(town.name)}, scale {town.scale:g}, {replicates} towns and lucks."
    body = [
        f"<h1>{escape(title)}</h1>",
        *(f"<p>{escape(line[:1].upper() + line[1:])}</p>" for line in summary(scores)),
        f'<p class="pale">{escape(setting)} {READING}</p>',
        _key(scores),
        *(_section(role, [x for x in scores if x.pattern.role == role]) for role in ROLES),
        _beside(work),
        f"<footer><p>{CAVEAT}</p><p>To make this page again: <code>{escape(command)}</code></p>"
        "</footer>",
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}{OWN}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _chip(verdict: str, text: str) -> str:
    colour = COLOURS_OF_VERDICTS[verdict]
    style = f"background:{colour};color:{ink_of_chip(colour)}"
    return f'<span class="chip" style="{style}">{escape(text)}</span>'


def _key(scores: Sequence[Score]) -> str:
    """Return what each verdict on this page means, and how many have it."""
    used = Counter(x.verdict for x in scores)
    items = [
        f"<li>{_chip(word, word)} {used[word]}: {escape(text)}</li>"
        for word, text in VERDICTS.items()
        if used[word]
    ]
    return f'<ul class="key">{"".join(items)}</ul>'


def _section(role: str, scores: Sequence[Score]) -> str:
    if not scores:
        return ""
    title = {"calibrate": "Calibrate", "hold out": "Hold out: never fitted to"}[role]
    rows = "\n".join(_article(x) for x in scores)
    return f"<section>\n<h2>{title}</h2>\n{rows}\n</section>"


def _article(one: Score) -> str:
    row = one.pattern
    why = f"<p>{escape(one.why[:1].upper() + one.why[1:])}.</p>" if one.why else ""
    return (
        f'<article id="{escape(row.pattern)}">\n<div><strong>{escape(row.pattern)}</strong> '
        f"{_chip(one.verdict, _words(one))}<h3>{escape(row.title)}</h3>"
        f"<p>{escape(row.metric[:1].upper() + row.metric[1:])}.</p>{why}</div>\n"
        f"<figure>{_bar(one)}<dl>{_numbers(one)}</dl></figure>\n"
        f"<details><summary>How it is computed, and where the band is from</summary>"
        f"<p>{escape(row.how[:1].upper() + row.how[1:])}.</p>"
        f"<p>{escape(row.source)}. <span class='pale'>{escape(row.status)}.</span></p>"
        "</details>\n</article>"
    )


def _words(one: Score) -> str:
    if one.verdict == "by construction":
        return f"by construction ({one.against})"
    return one.verdict


def _numbers(one: Score) -> str:
    row = one.pattern
    rows = [("value", interval(one.value)), ("band", f"{shown(row.low)} to {shown(row.high)}")]
    if one.zero.n:
        rows.append(("all mechanisms off", interval(one.zero)))
    if comes_from(one):
        rows.append(("comes from", comes_from(one)))
    return "".join(f"<dt>{escape(a)}</dt><dd>{escape(b)}</dd>" for a, b in rows)


def _x(at: float) -> float:
    part = (min(max(at, -REACH), 1 + REACH) + REACH) / (1 + 2 * REACH)
    return LEFT + (RIGHT - LEFT) * part


def _bar(one: Score) -> str:
    """Return the drawing: band, interval, dot, and the value without mechanisms."""
    row = one.pattern
    parts = [
        f'<rect x="{_x(0):.1f}" y="0" width="{_x(1) - _x(0):.1f}" height="26" fill="#e4ebf1"/>'
    ]
    if one.zero.n:
        x = _x(place(row, one.zero.difference))
        points = f"{x - 5:.1f},24 {x + 5:.1f},24 {x:.1f},15"
        parts.append(f'<polygon points="{points}" fill="none" stroke="{PALE}"/>')
    if one.value.n:
        parts.append(_value(one))
    ends = "".join(
        f'<text x="{_x(at):.1f}" y="40" text-anchor="middle">{shown(value)}</text>'
        for at, value in ((0, row.low), (1, row.high))
    )
    said = f"{row.pattern}: {interval(one.value)}, band {shown(row.low)} to {shown(row.high)}"
    return (
        f'<svg viewBox="0 0 {WIDE:g} 44" role="img" aria-label="{escape(said)}" font-size="13" '
        f'fill="{INK}">{"".join(parts)}<g fill="{PALE}">{ends}</g></svg>'
    )


def _value(one: Score) -> str:
    """Return interval and dot; a value beyond the drawing is an arrowhead at its edge."""
    row, colour = one.pattern, COLOURS_OF_VERDICTS[one.verdict]
    at = place(row, one.value.difference)
    x, drawn = _x(at), ""
    if math.isfinite(one.value.low):
        low, high = (_x(place(row, end)) for end in (one.value.low, one.value.high))
        drawn = (
            f'<line x1="{low:.1f}" x2="{max(high, low + 1):.1f}" y1="13" y2="13" '
            f'stroke="{colour}" stroke-width="5"/>'
        )
    if -REACH <= at <= 1 + REACH:
        return drawn + f'<circle cx="{x:.1f}" cy="13" r="5" fill="{colour}" stroke="#fff"/>'
    tip = 8 if at > 0 else -8
    points = f"{x - tip:.1f},7 {x - tip:.1f},19 {x:.1f},13"
    return drawn + f'<polygon points="{points}" fill="{colour}"/>'


def _beside(work: Work) -> str:
    """Return what the trials measured beside the patterns."""
    rows = [
        f"<tr><td>{escape(plain(needs))}</td><td>{escape(name)}</td><td>{value:+.3f}</td></tr>"
        for needs, name, value in more_numbers(work)
    ]
    if not rows:
        return ""
    head = "<tr><th>trial</th><th>what</th><th>change, mean</th></tr>"
    return (
        "<section><h2>Measured beside</h2><p>Changes against the same town and luck without the "
        "tactic. Crime that police record can rise where they patrol, since they come upon it "
        "themselves; what the public calls about is free of that.</p>"
        f"<table>{head}{''.join(rows)}</table></section>"
    )
