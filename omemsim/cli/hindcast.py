"""`omemsim hindcast`: fit a town to some years of its table, predict later ones, say who wins."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.cli.again import command, written
from omemsim.cli.frame import Frame, say
from omemsim.cli.words import Words, engine_of, read_words
from omemsim.inputs.config import BASELINE
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.analysis.hindcast import Hindcast, Question
    from omemsim.analysis.hindcast.runs import HindcastRuns
    from omemsim.study.store import Store

__all__ = ["hindcast"]

SET_HERE = {  # a fit is always shrunken
    "town.year": "fit=",
    "town.since": "fit=",
    "town.shrink": "fit=",
    "years": "predict=",
}


def hindcast(args: argparse.Namespace) -> int:
    """Fit, predict, compare with rivals; 1 if some runs failed."""
    from omemsim.analysis.hindcast import judge, plan, predict

    words = read_words(args)
    question, engine = _question(words), engine_of(words)
    runs = plan(question)
    frame = Frame(args, words, _command(words, question, question.replicates))
    with frame.opened() as (out, kept):
        if out is not None:
            _begin(frame, kept, runs)
        predicted = predict(question, runs, kept, engine=engine, confirm=frame.tell_left)
        if out is None or predicted is None:
            return 0
        _save(judge(question, predicted), out, frame)
        frame.end(out, _command(words, question, 2 * question.replicates))
    return frame.failed(predicted.failures)


def _question(words: Words) -> Question:
    """Return what the words ask; raises `InputError` with what is wrong with them."""
    from omemsim.analysis.hindcast import Question
    from omemsim.inputs.config import compose_scenario
    from omemsim.inputs.tables import table_folder
    from omemsim.inputs.tables.read import find_file
    from omemsim.study.design import points_of_file

    _check(words)
    scenario = compose_scenario(
        words.chosen["town"], words.chosen.get("strategy", BASELINE), words.overrides
    )
    file, points = words.own.get("places"), words.own.get("uncertainty")
    is_table = scenario.town.kind == "table" and file is not None
    beside = table_folder(scenario.town) if is_table else None
    return Question(
        scenario,
        fit=_years(words, "fit"),
        predict=_years(words, "predict"),
        replicates=words.whole("replicates"),
        points=tuple(points_of_file(Path(points).expanduser())) if points else (),
        covariates=words.listed("covariates"),
        outside=tuple(_pair(text) for text in words.listed("outside")),
        places=find_file(file, setting="places", beside=beside) if file else None,
    )


def _check(words: Words) -> None:
    problems = [
        f"{key}= is set by {who} here: leave it out."
        for key, who in SET_HERE.items()
        if any(word.partition("=")[0] == key for word in words.overrides)
    ]
    if words.names:
        problems.append(f"{words.names[0]!r}: name the town as town={words.names[0]}.")
    for key in ("fit", "predict"):
        if key not in words.own:
            problems.append(f"Say which years, as {key}={EXAMPLES[key]}.")
    if "town" not in words.chosen:
        problems.append("Name a town that is read from a table of several years, as town=toronto.")
    if problems:
        raise InputError(*problems)


EXAMPLES = {"fit": "2014..2019", "predict": "2020..2024"}


def _years(words: Words, key: str) -> tuple[int, ...]:
    """Return the years of FIRST..LAST or of one year."""
    found = re.fullmatch(r"(\d{4})(?:\.\.(\d{4}))?", words.own[key])
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > last:
        raise InputError(
            f"{key} = {words.own[key]!r}: must be a year or FIRST..LAST, as {key}={EXAMPLES[key]}."
        )
    return tuple(range(first, last + 1))


def _pair(text: str) -> tuple[str, str]:
    measure, colon, column = text.partition(":")
    if not colon or not measure or not column:
        raise InputError(
            f"outside: {text!r} must be MEASURE:COLUMN, as disorder:cfs_crisis_total/population."
        )
    return measure, column


def _command(words: Words, question: Question, replicates: int) -> tuple[str, ...]:
    """Return the command that makes the results again, with so many replicates."""
    chosen = [f"{key}={value}" for key, value in words.chosen.items()]
    values = {key: words.values[key] for key in words.own if key in KEPT}
    said = written("hindcast", values | {"replicates": replicates})
    return command("hindcast", *chosen, *said, *words.overrides)


KEPT = ("fit", "predict", "replicates", "covariates", "outside", "places", "uncertainty")


def _begin(frame: Frame, kept: Store, runs: HindcastRuns) -> None:
    from omemsim.study.manifest import Member

    members = [
        Member(key.run_id, f"fit to {cell.origin}", cell.point, cell.replicate)
        for cell, key in runs.keys.items()
    ]
    frame.begin(kept, {"command": frame.text}, members)


def _short(found: Hindcast) -> str:
    """Return the command as far as it fits below a figure; the page has all of it."""
    question = found.question
    years = [
        f"{k}={x[0]}..{x[-1]}" for k, x in (("fit", question.fit), ("predict", question.predict))
    ]
    (more,) = written("hindcast", {"replicates": question.replicates})
    return " ".join(["omemsim hindcast", f"town={question.scenario.town.name}", *years, more])


def _save(found: Hindcast, out: Path, frame: Frame) -> None:
    from omemsim.analysis.hindcast.tables import hindcast_csv, hindcast_text, scores_csv
    from omemsim.figures.hindcast import hindcast_figures
    from omemsim.figures.hindcast_html import hindcast_page
    from omemsim.figures.page import write
    from omemsim.study.series_files import write_whole

    say(hindcast_text(found))
    what = "hindcast.csv, scores.csv, hindcast.html and the figures"
    with frame.saved(out, what, found.question.scenario):
        write_whole(out / "hindcast.csv", hindcast_csv(found).encode())
        write_whole(out / "scores.csv", scores_csv(found).encode())
        drawn = [write(page, out, name)[1] for name, page in hindcast_figures(found, _short(found))]
        text = hindcast_page(found, drawn, command=frame.text)
        write_whole(out / "hindcast.html", text.encode())
