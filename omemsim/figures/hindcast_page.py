"""A hindcast on one page: HTML that stands alone; losses first, then numbers, then figures."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from omemsim.analysis.hindcast.experiment import LEARNT, MODEL, Hindcast
from omemsim.analysis.hindcast.scores import SCORES
from omemsim.analysis.hindcast.words import (
    TITLES,
    Verdict,
    calibrated,
    drifted,
    elsewhere,
    lost,
    shown,
    verdicts,
)
from omemsim.figures.ink import BETTER, WORSE
from omemsim.figures.page import INK, PALE

__all__ = ["hindcast_page"]

STYLE = f"""
* {{ box-sizing: border-box; }}
body {{ margin: 0; font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif;
  color: {INK}; background: #fff; }}
main {{ max-width: 1040px; margin: 0 auto; padding: 20px 16px 40px; }}
h1 {{ font-size: 1.5rem; line-height: 1.2; margin: 0 0 8px; }}
h2 {{ font-size: 1.15rem; margin: 28px 0 4px; padding-top: 10px; border-top: 2px solid {INK}; }}
p, ul {{ margin: 6px 0; }}
li {{ margin: 5px 0; }}
.pale, footer {{ color: {PALE}; font-size: .87rem; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-size: .87rem; font-variant-numeric: tabular-nums; }}
th, td {{ text-align: right; padding: 3px 9px; border-bottom: 1px solid #d8d8d8;
  white-space: nowrap; }}
th:first-child, td:first-child {{ text-align: left; white-space: normal; min-width: 150px; }}
.loses {{ color: {WORSE}; font-weight: 600; }}
.wins {{ color: {BETTER}; font-weight: 600; }}
img {{ display: block; width: 100%; max-width: 920px; height: auto; margin: 10px 0; }}
code {{ overflow-wrap: anywhere; }}
"""

HOW = (
    "The town is fitted to the fit window only: the mean recorded crime of each neighbourhood, "
    "and the census. It then runs on under {strategy}, an assumption, since a table does not say "
    "what police did beside answering calls, and is told nothing more.",
    "A simulated town has one resident in {scale:g}. Its Poisson noise is taken out, and the real "
    "count is predicted as negative binomial around the mean simulated rate; “model” has the "
    "spread that replicates differ by, “model, learnt spread” the same means with the spread "
    "that fits to the first years of the window showed in its later ones.",
    "Rivals: the last fitted year's rate; the mean rate of the window; a Poisson regression of the "
    "window's crime on {covariates}. Their spreads are learnt inside the window in the same way.",
    "The fit makes the model's mean nearly the mean rate by construction: to equal that rival is "
    "no achievement, and only what the model changes from there is its own.",
    "Census columns are read from the fitted years' rows. Where a table repeats one later census "
    "in every year, the model and the regression know it: the one thing from after the window.",
    "Population is held at its last fitted year for every forecast: nobody knew a later one.",
    "Places: by chance means as many events thrown on equally likely places, so many that as "
    "many would be hit. Where events concentrate, the index of Gini lies above that, and the "
    "share at places with more than one may lie below: many places then have a single event.",
    "Intervals come from 1,000 resamples of neighbourhoods, each with its neighbours. They say "
    "nothing of other years: these few years are one draw of a city's history. Many differences "
    "are looked at, so one in twenty clears its interval by chance.",
)


def hindcast_page(hindcast: Hindcast, figures: Sequence[Path], *, command: str) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    figures : SVG files, put into the page.
    command : the command that makes it again.
    """
    question = hindcast.question
    fit, predict = question.fit, question.predict
    title = (
        f"Fitted to {fit[0]} to {fit[-1]}, how well does the model predict "
        f"{predict[0]} to {predict[-1]}?"
    )
    blueprint = hindcast.predicted.blueprint
    lead = (
        f"{blueprint.name}: {len(hindcast.later.ids)} neighbourhoods, "
        f"{question.replicates} replicates at 1:{blueprint.scale:g}."
    )
    body = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(lead)} {escape(_count(verdicts(hindcast)))}</p>",
        _section("Where the model loses, and where not", lost(hindcast)),
        *_tables(hindcast),
        _section("Calibration: did the intervals hold what they promised?", calibrated(hindcast)),
        _section("Level: what moved the whole town", list(drifted(hindcast))),
        _section("Space, places, and columns no fit saw", list(elsewhere(hindcast))),
        "<h2>Figures</h2>",
        *(_image(path) for path in figures),
        _section("How it was done", _how(hindcast)),
        _section("What the table leaves out or assumes", blueprint.notes),
        f"<footer><p>To make this page again: <code>{escape(command)}</code></p></footer>",
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _count(each: Sequence[Verdict]) -> str:
    """Say in a line how the model fares."""
    number = {word: sum(x.word == word for x in each) for word in ("loses", "wins", "even")}
    return (
        f"In {len(each)} comparisons with a rival the model is clearly worse in {number['loses']}, "
        f"clearly better in {number['wins']}, and in {number['even']} nobody can tell."
    )


def _section(title: str, sentences: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in sentences)
    return f"<h2>{escape(title)}</h2>\n<ul>{items}</ul>"


def _tables(hindcast: Hindcast) -> Iterator[str]:
    """Yield a table per measure: a row per score, a column per forecast."""
    # Of a score that is told for both spreads the last counts: the learnt one.
    words = {(x.measure, x.name, x.rival): x.word for x in verdicts(hindcast)}
    for measure in hindcast.measures:
        names = list(hindcast.predicted.forecasts[measure])
        heads = "".join(f"<th>{escape(name)}</th>" for name in names)
        rows = []
        for name, kind in SCORES.items():
            cells = "".join(
                _number(hindcast, measure, name, forecast, words.get((measure, name, forecast), ""))
                for forecast in names
            )
            better = (
                f"{kind.better} is better" if kind.better in ("lower", "higher") else kind.better
            )
            rows.append(
                f"<tr><td>{escape(kind.title)}<br><span class=pale>{escape(kind.unit)}"
                f"{'; ' if better else ''}{escape(better)}</span></td>{cells}</tr>"
            )
        yield (
            f"<h2>{escape(TITLES[measure])}, mean over predicted years</h2>\n"
            f'<div class="wide"><table><tr><th>score</th>{heads}</tr>{"".join(rows)}</table></div>'
            '<p class="pale">In brackets: 95% interval. Coloured: the model (learnt spread) '
            '<span class="loses">loses</span> or <span class="wins">wins</span> against this '
            "rival, by the interval of the paired difference.</p>"
        )


def _number(hindcast: Hindcast, measure: str, name: str, forecast: str, word: str) -> str:
    score = hindcast.score(forecast, measure, name)
    own = forecast in (MODEL, LEARNT)
    style = "" if own or word not in ("loses", "wins") else f' class="{word}"'
    interval = f"({shown(score.low)} to {shown(score.high)})"
    return f"<td{style}>{shown(score.value)}<br><span class=pale>{interval}</span></td>"


def _how(hindcast: Hindcast) -> list[str]:
    columns = ", ".join(hindcast.predicted.window.extra) or "no column"
    strategy = hindcast.question.scenario.strategy.name
    scale = hindcast.predicted.blueprint.scale
    return [text.format(strategy=strategy, scale=scale, covariates=columns) for text in HOW]


def _image(path: Path) -> str:
    text = base64.b64encode(path.read_bytes()).decode()
    return f'<img alt="{escape(path.stem)}" src="data:image/svg+xml;base64,{text}">'
