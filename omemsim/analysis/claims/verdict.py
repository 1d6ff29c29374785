"""From the numbers of a claim's runs to its verdict; computed, never written in a file.

A claim *holds* if the whole 95% interval of its effect over paired replicates is on the side
it claims. If the effect is then smaller than the smallest worth a word, which its file states, it
is *too small*; in a parameter set it counts only from that size on. Else it *emerges* (the effect
passes two processes or more and is on that side in most parameter sets), is *assumed* or an
*identity* (as its file says), or has an *other cause* (it survives its mechanism switched off). It
*depends on* a parameter if default and other parameter sets disagree, and else *does not* hold. A
claim that does not hold at the defaults depends on them only if most sets surely say otherwise (the
lower 95% bound of their share is above half): by chance alone six of ten do so in two cases of
five.

Assumptions: most is 60% of the sets; the parameter named is the one whose rank correlation
with the effect over the sets is largest, among those of the processes that the claim passes and
that were drawn; it is named only if chance (the effects shuffled over the sets) would give so
large a greatest correlation in less than one case of twenty.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, rankdata

from omemsim.analysis.claims.experiment import Experiment
from omemsim.analysis.claims.runs import (
    PARAMETER_SET,
    ClaimRuns,
    Setup,
    arm_scenarios,
    other_sets,
)
from omemsim.study.statistics import Difference, mean_difference

__all__ = ["VERDICTS", "Finding", "judge"]

Floats = NDArray[np.float64]
MOST = 0.6  # share of parameter sets
SURVIVES = 0.5  # part of the effect that is left without the mechanism
FEWEST_WORLDS = 3  # parameter sets, from which on one parameter may be named
SHUFFLES, BY_CHANCE = 999, 0.05
SEVERAL = "the parameters"  # where no single one stands out

VERDICTS = {
    "emerges": "on the claimed side, through two processes or more, in most parameter sets",
    "assumed": "on the claimed side, and one equation says so",
    "identity": "on the claimed side, by accounting",
    "depends on": "the default parameters and most other sets disagree",
    "too small": "on the claimed side, but smaller than the smallest effect worth a word",
    "other cause": "on the claimed side even with its mechanism switched off",
    "does not": "the interval is not on the claimed side",
    "failed": "too few runs finished to say",
}


@dataclass(frozen=True)
class Finding:
    """The result of one claim.

    Attributes
    ----------
    verdict : one of `VERDICTS`.
    depends_on : the parameter's path, where the verdict asks for one; else empty.
    default, control, false : the effect over replicates; n = 0 where there was no such variant.
    set_effects : the effect in each parameter set that finished.
    set_share : share of those on the claimed side by the smallest effect or more; NaN without any.
    found : which arms had which values, in words.
    """

    experiment: Experiment
    verdict: str
    depends_on: str
    default: Difference
    control: Difference
    false: Difference
    set_effects: Floats
    set_share: float
    found: str
    problems: tuple[str, ...]

    @property
    def is_false_there(self) -> bool:
        """Say whether no effect worth a word is left in the set meant to make the claim false."""
        return self.false.n > 1 and not self.experiment.is_worth(self.false.difference)


def judge(experiment: Experiment, work: ClaimRuns, setup: Setup) -> Finding:
    """Return the verdict on a claim.

    Parameters
    ----------
    experiment : the claim.
    work : its runs, done.
    setup : what the command says: replicates, and other parameter sets.
    """
    sets = {
        variant: _effects(experiment, work, variant, setup.replicates)
        for variant in ("default", "control", "false")
    }
    default, control, false = (mean_difference(list(x.values())) for x in sets.values())
    in_sets = _effects(experiment, work, PARAMETER_SET, setup.parameter_sets)
    values = np.array(list(in_sets.values()), float)
    sides = [experiment.is_worth(value) for value in values]
    share = float(np.mean(sides)) if sides else math.nan
    verdict = _verdict(experiment, default, control, sides)
    depends_on, why = "", ""
    if verdict == "depends on":
        depends_on, why = _parameter(experiment, in_sets, setup)
    return Finding(
        experiment=experiment,
        verdict=verdict,
        depends_on=depends_on,
        default=default,
        control=control,
        false=false,
        set_effects=values,
        set_share=share,
        found=f"{_found(experiment, work, list(sets['default']))} {why}".strip(),
        problems=tuple(_problems(experiment, work, setup)),
    )


def _effects(experiment: Experiment, work: ClaimRuns, variant: str, count: int) -> dict[int, float]:
    """Return the effect in each replicate in which every arm finished and it is a number."""
    effects = {}
    for replicate in range(count):
        numbers = work.numbers(experiment.claim, variant, replicate)
        if all(name in numbers for name in experiment.effect.names):
            value = experiment.effect.value(numbers)
            if math.isfinite(value):
                effects[replicate] = value
    return effects


def _holds(experiment: Experiment, effect: Difference) -> bool:
    return effect.n > 1 and experiment.claimed.holds(effect.low, effect.high)


def _verdict(
    experiment: Experiment, default: Difference, control: Difference, sides: Sequence[bool]
) -> str:
    """Return the word; the rules in their order."""
    if default.n < 2 or (experiment.mechanism and control.n < 2):
        return "failed"
    holds = _holds(experiment, default)
    if experiment.kind == "identity":
        return "identity" if holds else "does not"
    if not holds:
        return "depends on" if _surely_most(sides) else "does not"
    if not experiment.is_worth(default.difference):
        return "too small"
    if _survives(experiment, default, control):
        return "other cause"
    if experiment.kind == "assumed":
        return "assumed"
    if not sides:
        return "failed"
    return "emerges" if np.mean(sides) >= MOST else "depends on"


def _surely_most(sides: Sequence[bool]) -> bool:
    """Say whether the exact lower 95% bound of the share of sets is above one half."""
    if not sides:
        return False
    return float(binomtest(sum(sides), len(sides), 0.5, alternative="greater").pvalue) < 0.05


def _survives(experiment: Experiment, default: Difference, control: Difference) -> bool:
    """Say whether half of the effect or more surely remains without its mechanism.

    In a claim that next to nothing is left, no effect at all is on the claimed side, and switching
    the mechanism off gives that as well: the control then says nothing.
    """
    if experiment.claimed.holds(0.0, 0.0) or control.n < 2:
        return False
    is_there = control.low > 0 if default.difference > 0 else control.high < 0
    return is_there and abs(control.difference) >= SURVIVES * abs(default.difference)


def _parameter(experiment: Experiment, effects: dict[int, float], setup: Setup) -> tuple[str, str]:
    """Return the parameter that goes most with the effect over parameter sets, and how much."""
    values = np.array(list(effects.values()))
    if values.size < FEWEST_WORLDS or np.ptp(values) == 0:
        return SEVERAL, "Too few parameter sets differ to say on which."
    drawn, _ = other_sets(setup)
    sets = [values for number, values in enumerate(drawn) if number in effects]
    _, pinned = arm_scenarios(experiment, setup)
    free = [path for path in sets[0] if path not in pinned]
    paths = [path for path in free if path.split(".")[1] in experiment.through]
    names = paths or free
    columns = rankdata([[values[name] for name in names] for values in sets], axis=0).T
    size = _correlations(rankdata(values), columns)
    best = int(np.argmax(np.abs(size)))
    name = names[best].removeprefix("parameters.")
    chance = _by_chance(rankdata(values), columns, abs(size[best]))
    text = (
        f"Of {len(names)} parameters {name} goes with the effect most: rank correlation "
        f"{size[best]:+.2f} over {values.size} sets, as large by chance in {chance:.0%} of cases."
    )
    return (name if chance < BY_CHANCE else SEVERAL), text


def _by_chance(ranks: Floats, columns: Floats, greatest: float) -> float:
    """Return how often shuffled effects have so large a greatest correlation with any column."""
    rng = np.random.default_rng(0)
    found = [
        np.abs(_correlations(rng.permutation(ranks), columns)).max() >= greatest
        for _ in range(SHUFFLES)
    ]
    return float(np.mean(found))


def _correlations(one: Floats, columns: Floats) -> Floats:
    """Return the correlation with each row of ``columns``; 0 where a row is the same throughout."""
    first = one - one.mean()
    others = columns - columns.mean(axis=1, keepdims=True)
    size = np.sqrt((first**2).sum() * (others**2).sum(axis=1))
    return np.asarray(np.where(size > 0, others @ first / np.maximum(size, 1e-300), 0.0))


def _found(experiment: Experiment, work: ClaimRuns, replicates: Sequence[int]) -> str:
    """Say which arms had which values."""
    if not replicates:
        return "No replicate finished."
    sets = [work.numbers(experiment.claim, "default", replicate) for replicate in replicates]
    arms = []
    for arm in experiment.arms:
        mine = [name for name in experiment.readings if all((arm, name) in x for x in sets)]
        means = {name: float(np.mean([x[arm, name] for x in sets])) for name in mine}
        arms.append(f"{arm}: " + ", ".join(f"{name} {value:.4g}" for name, value in means.items()))
    return "; ".join(arms) + "."


def _problems(experiment: Experiment, work: ClaimRuns, setup: Setup) -> list[str]:
    """Say which runs failed, why the first of each kind did, and where there is no effect."""
    reasons: dict[str, list[str]] = {}
    for cell, failure in work.failed(experiment.claim):
        reasons.setdefault(failure.error, []).append(f"{cell.variant} {cell.arm} {cell.replicate}")
    problems = [
        f"{len(cells)} run{'s' if len(cells) > 1 else ''} failed (first: {cells[0]}): {reason}"
        for reason, cells in reasons.items()
    ]
    for variant in ("default", "control", "false", PARAMETER_SET):
        count = setup.parameter_sets if variant == PARAMETER_SET else setup.replicates
        lost = sum(_divides_by_zero(experiment, work, variant, x) for x in range(count))
        if lost:
            problems.append(f"{variant}: the effect divides by zero in {lost} of {count}.")
    return problems


def _divides_by_zero(experiment: Experiment, work: ClaimRuns, variant: str, replicate: int) -> bool:
    numbers = work.numbers(experiment.claim, variant, replicate)
    is_there = all(name in numbers for name in experiment.effect.names)
    return is_there and not math.isfinite(experiment.effect.value(numbers))
