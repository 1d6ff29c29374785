"""`omemsim calibrate`: which parameter sets agree with the evidence, and a file of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.cli.again import command, word_for
from omemsim.cli.frame import Frame, say
from omemsim.cli.words import Words, choice_of, engine_of, read_words, seconds_of
from omemsim.inputs.config import CALLS_ONLY, OF_EVIDENCE
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.analysis.calibration import Calibrated, Plan, Target
    from omemsim.inputs.scenario import Scenario
    from omemsim.study.engine import Engine
    from omemsim.study.factors import Factor
    from omemsim.study.run_times import Pace
    from omemsim.study.store import Store

__all__ = ["calibrate"]

RANGE = ".."
PREFIX = "parameters."
SETS, BEST = "plausible.json", "best.yaml"
FILES = (".yaml", ".yml")
SIZES = ("waves", "points", "replicates", "sets", "fresh")


@dataclass
class _Asked:
    """What the words say, and the words themselves: a command is written from them again."""

    words: Words
    varied: list[str]
    plan: Plan
    engine: Engine
    budget: str | None

    def command(self) -> tuple[str, ...]:
        """Return the command that makes the same calibration, its size spelt out."""
        plan, own = self.plan, self.words.own
        towns = word_for("town", choice_of(self.words, "town", OF_EVIDENCE))
        strategy = word_for("strategy", choice_of(self.words, "strategy", CALLS_ONLY))
        sizes = [f"{key}={getattr(plan, key)}" for key in SIZES]
        rest = [f"{key}={own[key]}" for key in ("targets", "discrepancy", "misses") if key in own]
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
    from omemsim.analysis.calibration import Plan, recording
    from omemsim.inputs.config import compose_scenario

    all_words = _with_files(args.words)
    varied = [word for word in all_words if _is_range(word)]
    rest = [word for word in all_words if not _is_range(word)]
    words = read_words(argparse.Namespace(**{**vars(args), "words": rest}))
    _check(words)
    factors, names = _factors([*words.names, *varied], words)
    town = choice_of(words, "town", OF_EVIDENCE)
    strategy = choice_of(words, "strategy", CALLS_ONLY)
    scenario = compose_scenario(town, strategy, words.overrides)
    targets = _targets(words, scenario)
    plan = Plan(
        recording(scenario, targets),
        tuple(factors),
        tuple(targets),
        waves=words.whole("waves"),
        points=words.values.get("points", words.keys["points"].default * len(factors)),
        replicates=words.whole("replicates"),
        sets=words.whole("sets"),
        fresh=words.whole("fresh"),
        misses=words.whole("misses"),
        seconds=seconds_of(args.budget) if args.budget else None,
    )
    plan.check()
    return _Asked(words, names, plan, engine_of(words), args.budget)


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
    return _full(word.partition("=")[0])


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


def _check(words: Words) -> None:
    """Refuse what a calibration decides itself."""
    told = [word for word in words.overrides if word.startswith(("record.", "years="))]
    if told:
        raise InputError(
            f"{told[0]}: a calibration records what its targets need, for as long as they need; "
            "leave it out."
        )


def _factors(asked: Sequence[str], words: Words) -> tuple[list[Factor], list[str]]:
    """Return what varies, and the words that say it; the usual eight if nothing is named."""
    from omemsim.analysis.calibration import USUAL
    from omemsim.inputs.config import full_key
    from omemsim.study.factors import factors_of

    named = list(asked) or [f"{key}={text}" for key, text in USUAL.items()]
    fixed = {full_key(word.partition("=")[0]) for word in words.overrides}
    factors: list[Factor] = []
    problems: list[str] = []
    for word in named:
        key, _, text = word.partition("=")
        try:
            factors += factors_of(_full(key), text or "default")
        except InputError as refused:
            problems += refused.problems
    names = [factor.path for factor in factors]
    problems += [f"{x} varies twice: say it once." for x in set(names) if names.count(x) > 1]
    problems += [f"{x} is set and calibrated: do one of the two." for x in names if x in fixed]
    if problems:
        raise InputError(*problems)
    return factors, named


def _full(key: str) -> str:
    """Return the whole key of a parameter, which may be named without its first part."""
    from omemsim.inputs.scenario import Scenario
    from omemsim.inputs.schema import kind_of

    is_short = kind_of(Scenario, key) is None and kind_of(Scenario, PREFIX + key) is not None
    return PREFIX + key if is_short else key


def _targets(words: Words, scenario: Scenario) -> list[Target]:
    from omemsim.analysis.calibration import choose

    return choose(scenario, words.listed("targets"), float(words.value("discrepancy")))


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
        tell=lambda line: print(line, file=sys.stderr, flush=True),
    )


def _end(asked: _Asked, found: Calibrated, out: Path, frame: Frame) -> None:
    """Print what was found, write it, and say what to try next."""
    from omemsim.analysis.calibration import (
        best_text,
        calibration_csv,
        calibration_text,
        overlay,
        plausible_json,
    )
    from omemsim.figures.plausible import save_calibration_figures
    from omemsim.study.identity import environment
    from omemsim.study.series_files import write_whole

    say(calibration_text(found), "", best_text(found))
    what = "calibration.csv, the sets and the figures"
    with frame.saved(out, what, asked.plan.scenario):
        write_whole(out / "calibration.csv", calibration_csv(found).encode())
        text = plausible_json(found, command=frame.text, environment=environment())
        write_whole(out / SETS, text.encode())
        best = overlay(found.best, name=out.name, about=_about(found, frame.text))
        write_whole(out / BEST, best.encode())
        save_calibration_figures(found, out)
    frame.end(out, _following(asked, found, out))


def _about(found: Calibrated, made_by: str) -> dict[str, str]:
    """Return the head of the best set's file."""
    best, cutoff = found.best, found.plan.cutoff
    verdict = (
        "plausible" if best.worst <= cutoff else "not plausible, the least implausible there is"
    )
    return {
        "Made by": made_by,
        "Use": "omemsim validate town=... setting=THIS FILE",
        "Targets": ", ".join(target.name for target in found.plan.targets),
        "Largest implausibility": f"{best.worst:.3g} of at most {cutoff:g} ({verdict}), from runs "
        "outside the waves",
    }


def _following(asked: _Asked, found: Calibrated, out: Path) -> tuple[str, ...]:
    """Return the command to try next: a comparison over the sets, or another calibration."""
    from omemsim.analysis.calibration import unmet

    town = word_for("town", choice_of(asked.words, "town", OF_EVIDENCE))
    if found.sets:
        return command("compare", *town, f"uncertainty={out / SETS}", names=["omem"])
    never = unmet(found)
    kept = [target.name for target in asked.plan.targets if target.name not in never]
    again = tuple(word for word in asked.command() if not word.startswith("targets="))
    if never and kept:
        return (*again, f"targets={','.join(kept)}")
    return (*again, f"misses={asked.plan.misses + 1}")
