"""`omemsim status`, `resume`, `reproduce`, `export`: what a store holds, and going on with it."""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omemsim.cli.again import PROGRAM, command, written
from omemsim.cli.frame import say_beside
from omemsim.cli.page import OF_PAGE, PAGE, export_page
from omemsim.cli.results import RESULTS
from omemsim.cli.table import ALLOW
from omemsim.cli.words import Words, read_words
from omemsim.present.shell import joined
from omemsim.present.text import duration
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.study.lock import Driver
    from omemsim.study.reader import Kept, Reader

__all__ = ["export", "reproduce", "resume", "status"]

MOST_FAILURES = 20  # listed for a study; --json has all
LATELY = 300.0  # seconds in which runs are counted for the rate
SHORT = 12  # letters of a run's id that people are shown


def status(args: argparse.Namespace) -> int:
    """Say how far each study of a store is, and what failed."""
    words = read_words(args)
    folder = _store(words, words.names)
    with _open(folder) as store:
        told = _status(store, folder)
    print(json.dumps(told, indent=2, ensure_ascii=False) if args.json else _text(told))
    return 0


def _status(store: Reader, folder: Path) -> dict[str, Any]:
    from omemsim.study.lock import driver_of

    driver = driver_of(folder)
    last = store.studies()[-1][0] if store.studies() else None
    return {
        "store": str(folder),
        "runs": store.counts(),
        "driver": vars(driver) if driver else None,
        "studies": [
            _study(store, folder, name, asked, driver if name == last else None)
            for name, _, asked in store.studies()
        ],
    }


def _study(
    store: Reader, folder: Path, name: str, asked: int, driver: Driver | None
) -> dict[str, Any]:
    """Return the report on a study; ``driver`` is the process working on it, if any."""
    from omemsim.study.lock import clock

    study, so_far = store.study(name, members=False), store.progress(name)
    told: dict[str, Any] = {
        "name": name,
        "kind": study.kind,
        "command": joined(study.command),
        "asked": clock(asked),
        "total": so_far.total,
        "done": so_far.done,
        "failed": so_far.failed,
        "left": so_far.left,
        "seconds_per_run": so_far.seconds / so_far.done if so_far.done else None,
        "runs_per_minute": None,
        "seconds_left": None,
        "failures": [_failure(kept, folder) for kept in store.failed(name)],
    }
    if driver and so_far.left:
        begun = max(driver.since, time.time() - LATELY)
        rate = store.finished_since(begun, study=name) / max(time.time() - begun, 1.0)
        told["runs_per_minute"] = 60 * rate
        told["seconds_left"] = so_far.left / rate if rate else None
    return told


def _failure(kept: Kept, folder: Path) -> dict[str, Any]:
    """Return a failed run with the command that repeats it alone."""
    again = command("reproduce", f"store={folder}", names=[kept.run_id[:SHORT]])
    return {
        "run_id": kept.run_id,
        "what": (kept.description or f"replicate {kept.replicate}").partition("; repeat it")[0],
        "error": kept.error,
        "repeat": joined(again),
        "traceback": kept.traceback,
    }


def _text(told: dict[str, Any]) -> str:
    runs = told["runs"]
    lines = [f"{told['store']}: {runs['done']:,} runs done, {runs['failed']:,} failed."]
    if told["driver"]:
        from omemsim.study.lock import Driver

        lines.append(f"At work now: {Driver(**told['driver']).text()}")
    for study in told["studies"]:
        lines += ["", *_study_lines(study)]
    if not told["studies"]:
        lines.append("Its runs belong to no study: they were asked for by an older omemsim.")
    elif not told["driver"] and any(study["left"] for study in told["studies"]):
        lines += [
            "",
            f"Go on with the last: {joined(command('resume', names=[told['store']]))}",
        ]
    return "\n".join(lines)


def _study_lines(study: dict[str, Any]) -> list[str]:
    counts = f"{study['done']:,} of {study['total']:,} runs done"
    counts += f", {study['failed']:,} failed, {study['left']:,} left"
    if study["seconds_per_run"]:
        counts += f"; {study['seconds_per_run']:.2g} s a run"
    lines = [
        f"{study['name']}, asked {study['asked']}",
        f"  {study['command'] or '(asked from Python)'}",
        f"  {counts}",
    ]
    if study["runs_per_minute"] is not None:
        left = study["seconds_left"]
        when = f"about {duration(left)} left" if left else "time left not known yet"
        lines.append(f"  {study['runs_per_minute']:,.0f} runs a minute, {when}")
    for failure in study["failures"][:MOST_FAILURES]:
        lines += [
            f"  Failed: {failure['what']}: {failure['error']}",
            f"    repeat it alone: {failure['repeat']}",
        ]
    if (more := len(study["failures"]) - MOST_FAILURES) > 0:
        lines.append(f"  and {more:,} more: add --json")
    return lines


def resume(args: argparse.Namespace) -> int:
    """Go on with a study by the command that asked for it, in the folder it was asked from.

    Raises
    ------
    InputError
        If the study cannot be gone on with.
    """
    from omemsim.cli import dispatch

    words = read_words(args)
    folder = _store(words, words.names).resolve()
    with _open(folder) as store:
        study = store.study(words.own.get("study"), members=False)
        places = {name: place for name, place, _ in store.studies()}
    if not study.command:
        raise InputError(
            f"The study {study.name} was started from Python: the same call continues it."
        )
    again = [word for word in study.command[1:] if not word.startswith("store=")]
    again += [f"store={folder}"]
    if "workers" in words.own:
        again = [word for word in again if not word.startswith("workers=")]
        again += written("resume", {"workers": words.whole("workers")})
    again += [f"--{flag}" for flag in ALLOW if getattr(args, flag.replace("-", "_"))]
    if Path(places[study.name]).is_dir():
        os.chdir(places[study.name])  # where its files and results are found
    say_beside(joined([PROGRAM, *again]))
    return dispatch(again)


def reproduce(args: argparse.Namespace) -> int:
    """Run a kept run again and compare it bit for bit; 1 if it is not the same.

    Raises
    ------
    InputError
        If there is not just one such run.
    """
    from omemsim.study.reproduce import run_again

    words = read_words(args)
    if len(words.names) != 1:
        raise InputError(
            "Name one run, by the start of its id or as arm/point/replicate: "
            "`omemsim reproduce omem/0/3`."
        )
    folder = _store(words)
    with _open(folder) as store:
        run_id = _the_run(store, words)
        kept = store.kept(run_id)
        print(f"Run {run_id[:SHORT]}: {kept.strategy} in {kept.town}, replicate {kept.replicate}")
        if kept.status == "failed":
            print(f"It failed: {kept.error}\nThe same again:", flush=True)
        again = run_again(store, run_id)
    for line in again.made_by:
        print(f"It was made by others: {line}")
    if not again.scalars:
        print("This time it ended without an error; give its study's command again to keep it.")
        return 1
    for name, (was, now) in again.scalars.items():
        is_same = name not in again.different()
        print(f"  {name:<24} {was!r:>24} {'same' if is_same else f'NOT the same: {now!r}'}")
    other = [name for name, is_same in again.series.items() if not is_same]
    if again.series:
        print(f"Series: {len(again.series) - len(other)} of {len(again.series)} the same")
    print(
        f"Identical, bit for bit, in all {len(again.scalars)} measures."
        if again.is_same
        else f"NOT the same: {', '.join([*again.different(), *other])}."
    )
    return 0 if again.is_same else 1


def _the_run(store: Reader, words: Words) -> str:
    """Return the one run that a word means."""
    word = words.names[0]
    found = store.find(word, study=words.own.get("study"))
    if len(found) == 1:
        return found[0]
    if not found:
        raise InputError(
            f"{store.folder}: there is no run {word!r}. Give the start of its id, or "
            "arm/point/replicate as in the study (point 0 in a comparison), as omem/0/3; "
            "study= names a study other than the last."
        )
    few = ", ".join(run_id[:SHORT] for run_id in found[:5])
    raise InputError(
        f"{word!r} is the start of more than one run's id: {few}, ... Give more of it."
    )


def export(args: argparse.Namespace) -> int:
    """Write a study's results as one table, or the class page.

    Raises
    ------
    InputError
        If no file is named, or see `study.export.export` and `cli.page.export_page`.
    """
    from omemsim.study.export import export as write

    words = read_words(args)
    if words.names[:1] == [PAGE]:
        return export_page(words)
    if idle := [
        f"{key}= is a word of `omemsim export page`." for key in OF_PAGE & words.own.keys()
    ]:
        raise InputError(*sorted(idle))
    if "out" not in words.own:
        raise InputError("Name the file: out=results.csv, or .parquet, or .xlsx.")
    out = Path(words.own["out"]).expanduser()
    folder = _store(words, words.names)
    shape = words.text("shape")
    with _open(folder) as store:
        rows = write(store, out, study=words.own.get("study"), shape=shape)
    print(f"{rows:,} rows in {out}" + (f" and {out.stem}.units.csv" * _has_units(out, shape)))
    return 0


def _has_units(out: Path, shape: str) -> bool:
    return shape == "wide" and out.suffix.lower() != ".xlsx"


def _store(words: Words, names: list[str] | None = None) -> Path:
    """Return the store's folder: a bare word, store=, or the usual one."""
    named = [*(names or ()), *([words.own["store"]] if "store" in words.own else [])]
    if len(named) > 1:
        raise InputError(f"One store at a time; these are {', '.join(named)}.")
    return Path(named[0]).expanduser() if named else RESULTS / "store"


def _open(folder: Path) -> Reader:
    from omemsim.study.store import Store

    return Store.open_to_read(folder)
