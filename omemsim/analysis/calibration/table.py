"""What a calibration found, as text, as tables and as the file of plausible sets."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from omemsim.analysis.calibration.emulator import FAR
from omemsim.analysis.calibration.plan import ENDS, Calibrated, Ran
from omemsim.analysis.evidence.table import interval
from omemsim.inputs.schema import value_at
from omemsim.present import csv, text
from omemsim.study.plausible import KEY
from omemsim.study.statistics import Difference, mean_difference

__all__ = [
    "best_text",
    "calibration_csv",
    "calibration_text",
    "conflicts",
    "plausible_json",
    "unmet",
]

WIDTH = 100
ABOUT = (
    "Parameter sets that the targets do not rule out, by their own runs, in the town and under the "
    "strategy named here. In another town, or with other parameters changed, they may be ruled "
    "out. The sets are spread as far apart as can be: they show a range, and are no sample of "
    "probabilities."
)
MOST_PAIRS = 6  # in a sentence
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
    return f"{text.figures(low)}..{text.figures(high)}"


def _ranges(found: Calibrated) -> list[str]:
    lines = [f"  {'parameter':<44}{'before':>16}{'plausible sets':>20}{'default':>14}"]
    for factor in found.plan.factors:
        values = [float(one.point[factor.path]) for one in found.sets]
        low, high = factor.ends()
        usual = text.figures(float(value_at(found.plan.scenario, factor.path)))
        cells = f"{_ends(low, high):>16}{_spread(values):>20}{usual:>14}"
        lines.append(f"  {factor.path:<44}{cells}")
    return lines


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


def conflicts(found: Calibrated) -> list[tuple[str, str]]:
    """Return the pairs of targets that are met, each by some set, and by no set together."""
    names = [target.name for target in found.plan.targets]
    met = np.less_equal(np.array([one.each for one in found.ran]), found.plan.cutoff)
    alone = met.any(axis=0)
    return [
        (names[i], names[j])
        for i in range(len(names))
        for j in range(i)
        if alone[i] and alone[j] and not (met[:, i] & met[:, j]).any()
    ]


def _unmet_words(found: Calibrated) -> str:
    never, pairs = unmet(found), conflicts(found)
    said = []
    if never:
        said.append(
            f"No set meets {', '.join(never)}, even alone: no value of these parameters in these "
            "ranges gives what was observed."
        )
    if pairs:
        told = "; ".join(f"{one} and {other}" for one, other in pairs[:MOST_PAIRS])
        more = f" and {len(pairs) - MOST_PAIRS} pairs more" * (len(pairs) > MOST_PAIRS)
        said.append(f"Targets that no set meets together: {told}{more}.")
    if not said:
        said.append("Any two targets are met together by some set, and no set meets all at once.")
    missed = [x for x in _missed(found) if x not in never]
    if missed:
        said.append(f"The least implausible set misses {', '.join(missed)}.")
    return " ".join(said)


def _missed(found: Calibrated) -> list[str]:
    """Return the targets that the best set does not meet."""
    each = zip(found.plan.targets, found.best.each.tolist(), strict=True)
    return [target.name for target, x in each if not x <= found.plan.cutoff]


def best_text(found: Calibrated) -> str:
    """Return what the best set is and gives, beside the defaults, at most 100 columns wide."""
    best, plan = found.best, found.plan
    lines = [f"  {'target':<35}{'band':>15}{'at defaults':>24}{'at the best set':>24}"]
    for k, target in enumerate(plan.targets):
        cells = f"{_ends(*target.band):>15}"
        for readings, each in ((best.usual, best.usual_each), (best.readings, best.each)):
            mark = " " if each[k] <= plan.cutoff else "*"
            cells += f"{interval(_mean(readings[:, k])) + mark:>24}"
        lines.append(f"  {f'{target.name} {target.title}'[:34]:<35}{cells}")
    said = (
        f"Means over {plan.fresh} new towns, with 95% intervals; * is more than {plan.cutoff:g} "
        f"standard errors off, all uncertainties counted. The largest is "
        f"{best.usual_worst:.2g} at the defaults and {best.worst:.2g} at the best set, of "
        f"{best.tried} that were tried."
    )
    if best.worst > plan.cutoff:
        said += (
            f" It misses {', '.join(_missed(found))}: the least implausible set, and no good one."
        )
    lines += ["", *textwrap.wrap(said, WIDTH), ""]
    values = (f"{path}={value:.10g}" for path, value in best.point.items())
    return "\n".join([*lines, *(f"  {text}" for text in values)])


def _mean(values: Any) -> Difference:
    known = [float(x) for x in values if np.isfinite(x)]
    return mean_difference(known)


def calibration_csv(found: Calibrated) -> str:
    """Return a row per set that was run: its values, its readings, its implausibility."""
    header, *rows = _rows(found)
    return csv.of_rows(header, rows)


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
    """Return the file that `omemsim compare ... uncertainty=` reads: the sets, and whence.

    Parameters
    ----------
    found : with the sets.
    command : the one that makes the file again.
    environment : versions by name (`identity.environment`).
    """
    plan = found.plan
    content = {
        "about": ABOUT,
        "command": command,
        "environment": dict(environment),
        "town": plan.scenario.town.name,
        "strategy": plan.scenario.strategy.name,
        "years": plan.scenario.years,
        "spin_up_years": plan.scenario.spin_up_years,
        "replicates": plan.replicates,
        "cutoff": plan.cutoff,
        "misses": plan.misses,
        "tried": len(found.ran),
        "plausible": found.plausible,
        "end": ENDS[found.why],
        "space_left": [wave.volume for wave in found.waves],
        "targets": [_target(found, k) for k in range(len(plan.targets))],
        "ranges": {factor.path: list(factor.ends()) for factor in plan.factors},
        KEY: [one.point for one in found.sets],
        "implausibility": [round(one.worst, 4) for one in found.sets],
        "readings": [_readings(found, one) for one in found.sets],
        "best": _best(found),
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _target(found: Calibrated, k: int) -> dict[str, Any]:
    target = found.plan.targets[k]
    names = ("name", "title", "unit", "observed", "error", "discrepancy", "role", "source")
    known = {name: getattr(target, name) for name in names}
    return {**known, "noise": [wave.rule.noise[k] ** 0.5 for wave in found.waves]}


def _readings(found: Calibrated, one: Ran) -> dict[str, float]:
    each = zip(found.plan.targets, one.readings.tolist(), strict=True)
    return {target.name: round(value, 6) for target, value in each if np.isfinite(value)}


def _best(found: Calibrated) -> dict[str, Any]:
    best, names = found.best, [target.name for target in found.plan.targets]
    told = {}
    for title, readings in (("readings", best.readings), ("readings_at_defaults", best.usual)):
        means = [_mean(readings[:, k]) for k in range(len(names))]
        told[title] = {
            name: [round(x, 6) for x in (mean.difference, mean.low, mean.high)]
            for name, mean in zip(names, means, strict=True)
            if mean.n > 1
        }
    return {"set": best.point, "implausibility": _round(best.worst), **told}


def _round(value: float) -> float | None:
    """Return the number, none where a reading is missing: JSON knows no infinity."""
    return round(value, 4) if np.isfinite(value) else None
