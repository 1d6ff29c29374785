"""`omemsim calibrate`: which parameter sets agree with the evidence, and a file of them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.cli.again import command, word_for, written
from omemsim.cli.frame import Frame, say, say_beside
from omemsim.cli.words import Words, choice_of, engine_of, read_words, seconds_of
from omemsim.inputs.config import BASELINE, OF_EVIDENCE, parameter_key
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.analysis.calibration import Calibrated, Plan
    from omemsim.study.engine import Engine
    from omemsim.study.run_times import Pace
    from omemsim.study.store import Store

__all__ = ["calibrate"]

RANGE = ".."
FILES = (".yaml", ".yml")
SIZES = ("waves", "points", "replicates", "sets", "fresh", "misses")


@dataclass
class _Asked:
    """What the words say, and the words themselves: a command is written from them again."""

    words: Words
    varied: list[str]
    plan: Plan
    engine: Engine
    budget: str | None

    def command(self, **more: int) -> tuple[str, ...]:
        """Return the command that makes the same calibration, its sizes spelt out or changed."""
        plan, own = self.plan, self.words.own
        towns = word_for("town", choice_of(self.words, "town", OF_EVIDENCE))
        strategy = word_for("strategy", choice_of(self.words, "strategy", BASELINE))
        sizes = written("calibrate", {key: getattr(plan, key) for key in SIZES} | more)
        rest = [f"{key}={own[key]}" for key in ("targets", "discrepancy") if key in own]
        budget = [f"--budget={self.budget}"] if self.budget else []
        named = [*self.varied, *towns, *strategy, *sizes, *rest, *self.words.overrides, *budget]
        return command("calibrate", *named)


def calibrate(args: argparse.Namespace) -> int:
    """Rule out parameters in waves; write what is left. 1 if some runs failed."""
    from omemsim.analysis.calibration import first_wave, whole
    from omemsim.present.text import duration

    asked = _asked(args)
    frame = Frame(args, asked.words, asked.command())
    if frame.is_dry:
        told, _ = first_wave(asked.plan, workers=asked.engine.processes)
        most = duration(whole(asked.plan, told))
        waves = f"{asked.plan.waves} at most and the best set: at most {most}."
        frame.tell(f"{_size(asked.plan)} {told.text()} That is for one wave; {waves}")
        return 0
    with frame.out() as out, frame.store() as kept:
        told, pace = first_wave(asked.plan, workers=asked.engine.processes)
        frame.tell(f"{_size(asked.plan)} {told.text()} (a wave)")
        found = _run(asked, kept, pace, frame)
        _end(asked, found, out, frame)
    return int(found.failed > 0)


def _asked(args: argparse.Namespace) -> _Asked:
    """Return what the words ask for; raise `InputError` with what is wrong with them."""
    from omemsim.analysis.calibration import USUAL, Sizes, plan_named

    all_words = _with_files(args.words)
    varied = [word for word in all_words if _is_range(word)]
    rest = [word for word in all_words if not _is_range(word)]
    words = read_words(args, rest)
    named = [*words.names, *varied] or [f"{key}={text}" for key, text in USUAL.items()]
    parts = (word.partition("=") for word in named)
    sizes = {key: words.values[key] for key in SIZES if key in words.values}
    plan = plan_named(
        [(key, text or "default") for key, _, text in parts],
        town=choice_of(words, "town", OF_EVIDENCE),
        strategy=choice_of(words, "strategy", BASELINE),
        overrides=words.overrides,
        targets=words.listed("targets"),
        discrepancy=words.number("discrepancy"),
        sizes=Sizes(**sizes),
        seconds=seconds_of(args.budget) if args.budget else None,
    )
    return _Asked(words, named, plan, engine_of(words), args.budget)


def _is_range(word: str) -> bool:
    key, _, text = word.partition("=")
    return RANGE in text and "." in key and not text.startswith(("/", "."))


def _with_files(given: Sequence[str]) -> list[str]:
    """Return the words with those of the files that bare words name; the command's own win."""
    words: list[str] = []
    said = {_whole_key(word) for word in given if "=" in word}
    for word in given:
        if "=" in word or not word.lower().endswith(FILES):
            words.append(word)
        else:
            words += [line for line in _words_of(word) if _whole_key(line) not in said]
    return words


def _whole_key(word: str) -> str:
    return parameter_key(word.partition("=")[0])


def _words_of(file: str) -> list[str]:
    """Return the words that a file of `key: value` lines stands for."""
    import yaml

    try:
        content = yaml.safe_load(Path(file).expanduser().read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{file}: cannot read it ({' '.join(str(error).split())}).") from error
    if not isinstance(content, dict) or any(isinstance(x, dict) for x in content.values()):
        raise InputError(
            f"{file}: must hold lines of the form `key: value`, each a word of the command, as "
            "`targets: [P5b, P10]`, `offend.violence: 24..96` or `offend.near:` (all its range)."
        )
    return [str(key) if x is None else f"{key}={_text(x)}" for key, x in content.items()]


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _size(plan: Plan) -> str:
    names = ", ".join(target.name for target in plan.targets)
    readings = ", ".join(dict.fromkeys(target.needs for target in plan.targets))
    return (
        f"{len(plan.factors)} parameters against {names}: {plan.points:,} sets a wave x "
        f"{plan.replicates} replicates, each a spin-up of {plan.scenario.spin_up_years:g} years "
        f"and {plan.scenario.years:g} more ({readings})."
    )


def _run(asked: _Asked, kept: Store, pace: Pace, frame: Frame) -> Calibrated:
    from omemsim.analysis.calibration import calibrate as match

    return match(
        asked.plan,
        kept,
        engine=asked.engine,
        pace=pace,
        command=frame.going_on(),
        tell=say_beside,
    )


def _end(asked: _Asked, found: Calibrated, out: Path, frame: Frame) -> None:
    """Print what was found, write it, and say what to try next."""
    from omemsim.analysis.calibration import best_text, calibration_text, write_calibration
    from omemsim.figures.plausible import save_calibration_figures

    say(calibration_text(found), "", best_text(found))
    what = "calibration.csv, the sets and the figures"
    with frame.saved(out, what, asked.plan.scenario):
        write_calibration(found, out, frame.text)
        save_calibration_figures(found, out)
    frame.end(out, _following(asked, found, out))


def _following(asked: _Asked, found: Calibrated, out: Path) -> tuple[str, ...]:
    """Return the command to try next: a comparison over the sets, or another calibration."""
    from omemsim.analysis.calibration import unmet
    from omemsim.analysis.calibration.named import SETS

    town = word_for("town", choice_of(asked.words, "town", OF_EVIDENCE))
    if found.sets:
        return command("compare", *town, f"uncertainty={out / SETS}", names=["omem"])
    never = unmet(found)
    kept = [target.name for target in asked.plan.targets if target.name not in never]
    if never and kept:
        again = (word for word in asked.command() if not word.startswith("targets="))
        return (*again, f"targets={','.join(kept)}")
    plan = asked.plan
    if plan.misses + 1 < len(plan.targets):
        return asked.command(misses=plan.misses + 1)
    return asked.command(points=2 * plan.points)
