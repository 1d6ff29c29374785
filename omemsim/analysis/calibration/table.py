"""What a calibration found, as text, as tables and as the file of plausible sets."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from omemsim.analysis.calibration.emulator import FAR
from omemsim.analysis.calibration.waves import ENDS, Calibrated, Ran
from omemsim.study.plausible import KEY

__all__ = ["calibration_csv", "calibration_text", "plausible_json", "unmet"]

WIDTH = 100
TRUSTED = 0.05  # of points further off than `FAR` standard errors: what Pukelsheim's rule allows


def calibration_text(found: Calibrated) -> str:
    """Return the waves, the targets, the ranges and the finding, at most 100 columns wide."""
    parts = [_waves(found), _targets(found), _ranges(found), _finding(found)]
    return "\n\n".join("\n".join(part) for part in parts)


def _waves(found: Calibrated) -> list[str]:
    lines = [f"  {'wave':<6}{'sets':>6}{'fit':>6}{'space left':>12}   emulators, points left out"]
    for wave in found.waves:
        fit = sum(one.worst <= found.plan.cutoff for one in wave.ran)
        checks = [emulator.check for emulator in wave.rule.emulators]
        least = min(check.explained for check in checks)
        beyond = max(check.beyond for check in checks)
        said = f"explain {least:.0%} or more, {beyond:.0%} or fewer beyond {FAR:g} errors"
        left = f"{100 * wave.volume:.2g}%"
        lines.append(f"  {wave.number + 1:<6}{len(wave.ran):>6}{fit:>6}{left:>12}   {said}")
    doubtful = sorted(
        {
            target.name
            for wave in found.waves
            for target, emulator in zip(wave.rule.targets, wave.rule.emulators, strict=True)
            if emulator.check.beyond > TRUSTED
        }
    )
    if doubtful:
        lines += textwrap.wrap(
            f"Emulators of {', '.join(doubtful)} were surer than they should be in some wave: more "
            f"than {TRUSTED:.0%} of points left out lie beyond {FAR:g} standard errors. Their "
            "variance was raised to fit.",
            WIDTH,
        )
    return lines


def _targets(found: Calibrated) -> list[str]:
    lines = [f"  {'target':<44}{'band':>16}{'plausible sets':>20}{'all sets':>14}"]
    for k, target in enumerate(found.plan.targets):
        name = f"{target.name} {target.title}"[:43]
        low, high = target.band
        fit, every = ([one.readings[k] for one in x] for x in (found.sets, found.ran))
        cells = f"{_ends(low, high):>16}{_spread(fit):>20}{_spread(every):>14}"
        lines.append(f"  {name:<44}{cells}")
    return lines


def _spread(values: list[float]) -> str:
    known = [x for x in values if np.isfinite(x)]
    return _ends(min(known), max(known)) if known else "none"


def _ends(low: float, high: float) -> str:
    return f"{_number(low)}..{_number(high)}"


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _ranges(found: Calibrated) -> list[str]:
    lines = [f"  {'parameter':<44}{'before':>16}{'plausible sets':>20}{'default':>14}"]
    for factor in found.plan.factors:
        values = [float(one.point[factor.path]) for one in found.sets]
        low, high = factor.ends()
        usual = _value(found, factor.path)
        cells = f"{_ends(low, high):>16}{_spread(values):>20}{usual:>14}"
        lines.append(f"  {factor.path:<44}{cells}")
    return lines


def _value(found: Calibrated, path: str) -> str:
    value: Any = found.plan.scenario
    for name in path.split("."):
        value = getattr(value, name)
    return _number(float(value))


def _finding(found: Calibrated) -> list[str]:
    said = [ENDS[found.why]]
    if found.why == "empty" or not found.plausible:
        said += [_unmet_words(found)]
    if found.plausible:
        share = 100 * found.waves[-1].volume
        said.append(
            f"{found.plausible:,} of the {len(found.ran):,} sets that were run are plausible, by "
            f"their own runs; about {share:.2g}% of the space is not ruled out."
        )
    if found.wrongly:
        said.append(
            f"The emulators rule out {found.wrongly:,} of them wrongly: the space left is larger "
            "than they say."
        )
    if found.failed:
        said.append(f"{found.failed:,} runs failed.")
    return textwrap.wrap(" ".join(said), WIDTH)


def unmet(found: Calibrated) -> list[str]:
    """Return the names of targets that no set meets, even alone."""
    nearest = np.array([one.each for one in found.ran])
    return [
        target.name
        for k, target in enumerate(found.plan.targets)
        if not (nearest[:, k] <= found.plan.cutoff).any()
    ]


def _unmet_words(found: Calibrated) -> str:
    never = unmet(found)
    if never:
        return (
            f"No set meets {', '.join(never)}, even alone: no value of these parameters in these "
            "ranges gives what was observed."
        )
    return "Each target is met by some set, and no set meets all of them at once."


def calibration_csv(found: Calibrated) -> str:
    """Return a row per set that was run: its values, its readings, its implausibility."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(_rows(found))
    return text.getvalue()


def _rows(found: Calibrated) -> Iterator[list[Any]]:
    names = [target.name for target in found.plan.targets]
    paths = [factor.path for factor in found.plan.factors]
    yield ["wave", *paths, *names, *(f"I {name}" for name in names), "implausibility", "plausible"]
    for one in found.ran:
        values = (one.point[path] for path in paths)
        fits = str(one.worst <= found.plan.cutoff).lower()
        numbers = [*one.readings.tolist(), *one.each.tolist(), one.worst]
        yield [one.wave + 1, *values, *(f"{x:.6g}" for x in numbers), fits]


def plausible_json(found: Calibrated, *, command: str, environment: Mapping[str, str]) -> str:
    """Return the file that `omemsim compare ... uncertainty=` reads: the sets, and whence."""
    plan = found.plan
    content = {
        "about": "Parameter sets that the targets do not rule out, by their own runs.",
        "command": command,
        "environment": dict(environment),
        "town": plan.scenario.town.name,
        "strategy": plan.scenario.strategy.name,
        "years": plan.scenario.years,
        "spin_up_years": plan.scenario.spin_up_years,
        "replicates": plan.replicates,
        "cutoff": plan.cutoff,
        "misses": plan.misses,
        "end": ENDS[found.why],
        "space_left": [wave.volume for wave in found.waves],
        "targets": [_target(found, k) for k in range(len(plan.targets))],
        "ranges": {factor.path: list(factor.ends()) for factor in plan.factors},
        KEY: [one.point for one in found.sets],
        "implausibility": [round(one.worst, 4) for one in found.sets],
        "readings": [_readings(found, one) for one in found.sets],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _target(found: Calibrated, k: int) -> dict[str, Any]:
    target = found.plan.targets[k]
    names = ("name", "title", "unit", "observed", "error", "discrepancy", "role", "source")
    known = {name: getattr(target, name) for name in names}
    return {**known, "luck": [wave.rule.luck[k] ** 0.5 for wave in found.waves]}


def _readings(found: Calibrated, one: Ran) -> dict[str, float]:
    each = zip(found.plan.targets, one.readings.tolist(), strict=True)
    return {target.name: round(value, 6) for target, value in each if np.isfinite(value)}
