"""A ranking of parameters by names and numbers: the one entry point for Python and the command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omemsim import labelled
from omemsim.analysis.ranking import (
    Ranking,
    Sizes,
    Stages,
    all_factors,
    in_budget,
    rank,
    ranking_csv,
    stages_of,
)
from omemsim.inputs.arguments import check, sizes_given
from omemsim.inputs.config import Choice, keys_of
from omemsim.inputs.scenario import Scenario
from omemsim.study.compare import STORE
from omemsim.study.contrasts import check_outcome
from omemsim.study.engine import Engine
from omemsim.study.factors import Factor, factors_and_problems, set_too
from omemsim.study.indices import Morris, short_name
from omemsim.study.progress import Progress, teller
from omemsim.study.run_times import pace_of
from omemsim.study.store import Store
from omemsim.study.sweep import arms_of
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = [
    "BOUNDS",
    "USUAL_OUTCOME",
    "USUAL_YEARS",
    "Sensitivity",
    "budget_problems",
    "rank_named",
    "ranking_text",
    "stages_named",
    "with_years",
]

USUAL_YEARS = "years=2"  # where nobody says
USUAL_OUTCOME = "victimization"
MOST = 100_000
BOUNDS = {  # of each size: least, most, and what it counts
    "trajectories": (1, MOST, "trajectories"),
    "survivors": (2, MOST, "survivors"),
    "points": (2, MOST, "rows"),
    "worlds": (4, MOST, "worlds"),
    "replicates": (2, MOST, "towns"),
}
SIZED = ("trajectories", "points", "worlds")  # what a budget chooses
TOLD = 10  # parameters in the text


def with_years(words: Sequence[str]) -> list[str]:
    """Return the words, with the usual years where they say none."""
    is_said = any(word.partition("=")[0] == "years" for word in words)
    return [*words] if is_said else [*words, USUAL_YEARS]


def budget_problems(given: Iterable[str], name: str) -> list[str]:
    """Return what is wrong with sizes that are given beside a budget, which chooses them."""
    clash = [key for key in SIZED if key in given]
    return [f"{name} chooses {', '.join(SIZED)}: leave {clash[0]}= out."] if clash else []


def stages_named(
    strategies: Sequence[Choice],
    *,
    vary: Iterable[tuple[str, Any]],
    town: Choice | None,
    overrides: Sequence[str],
    outcome: str = USUAL_OUTCOME,
    sizes: Sizes | None = None,
) -> Stages:
    """Return what is asked, all of it checked.

    Parameters
    ----------
    strategies : names, files or mappings, the first the baseline.
    vary : keys and what each varies over, as `factors_of` takes it; every uncertain parameter that
        is not set, if there is none.
    town, overrides : as for `compose_scenario`.
    outcome : by which strategies are ranked.
    sizes : None for what is usual.

    Raises
    ------
    InputError
        If a name, key or value is wrong.
    """
    arms = arms_of(strategies, town=town, overrides=overrides)
    if not arms:
        raise InputError("A ranking needs two strategies or more, as: present_practice omem.")
    first = next(iter(arms.values()))
    check_outcome(outcome, first.record)
    factors = _factors(list(vary), overrides, first)
    return stages_of(arms, factors, Sizes() if sizes is None else sizes, outcome)


def _factors(
    vary: Sequence[tuple[str, Any]], overrides: Sequence[str], scenario: Scenario
) -> list[Factor]:
    """Return what varies; every uncertain parameter that is not set if nothing is named."""
    if not vary:
        fixed = keys_of(overrides)
        return [factor for factor in all_factors(scenario) if factor.path not in fixed]
    factors, problems = factors_and_problems(vary)
    check([*problems, *set_too(factors, overrides)])
    return factors


def ranking_text(found: Ranking) -> Iterator[str]:
    """Yield what was found, a line each, however long."""
    for one in found.screened:
        if isinstance(one.found, Morris):
            yield f"Screening, {one.outcome} ({one.unit}):"
            yield f"  {one.in_words()}"
            clear = one.found.above_noise()[:TOLD]
            yield from (f"    {short_name(x)} {one.found.mu_star[x].value:.3g}" for x in clear)
    if not found.survivors:
        yield "No parameter moves a difference more than noise does: the choice depends on none."
    for one in found.driven:
        yield f"Indices, {one.outcome}: {one.in_words()}"
    for label, budget in found.budgets.items():
        yield budget.in_words(label.lower())
    first = next(iter(found.stages.arms))
    for (measure, arm), share in found.shares.items():
        yield share.in_words(arm, first, measure.lower())
    told = ", ".join(f"{arm} in {share:.0%}" for arm, share in found.best.items())
    yield f"Best of all on {found.stages.outcome}: {told} of parameter sets (ties count for each)."


@dataclass(frozen=True, repr=False)
class Sensitivity:
    """Which parameters decide how strategies compare.

    Attributes
    ----------
    found : the screening, the indices and the parameter sets.
    """

    found: Ranking

    def __repr__(self) -> str:
        """Say what it is in a line."""
        stages, survivors = self.found.stages, self.found.survivors
        told = f"{len(survivors)} of {len(stages.factors)} parameters"
        return f"<Sensitivity: {' and '.join(stages.arms)} on {stages.outcome}; {told} decide>"

    def text(self) -> str:
        """Return what was found as plain text."""
        return "\n".join(ranking_text(self.found))

    def csv(self) -> str:
        """Return a row per outcome, difference and parameter as CSV text."""
        return ranking_csv(self.found)

    def table(self) -> pd.DataFrame:
        """Return a row per outcome, difference and parameter; see `ranking_csv`."""
        return labelled.frame_of(self.csv())

    def to_xarray(self) -> xr.Dataset:
        """Return the table by outcome, strategy and parameter, with the extra ``xarray``."""
        return labelled.dataset_of(self.table(), ["outcome", "strategy", "parameter"])

    @property
    def survivors(self) -> list[str]:
        """Return the parameters that move a difference more than noise, the largest first."""
        return list(self.found.survivors)

    @property
    def best(self) -> dict[str, float]:
        """Return in which share of parameter sets each strategy is the best on the outcome."""
        return dict(self.found.best)


def rank_named(
    strategies: Sequence[Choice],
    *,
    vary: Mapping[str, Any] | None,
    overrides: Sequence[str],
    sizes: Mapping[str, Any],
    seconds: float | None,
    store: str | Path | None,
    engine: Engine,
    progress: Progress = True,
    **asked: Any,
) -> Sensitivity:
    """Screen, share out the variance, sample parameter sets, as `omemsim.sensitivity` does.

    Parameters
    ----------
    strategies, vary, overrides : as for `stages_named`; ``vary`` by key.
    sizes : by name, of `Sizes`, what is not as usual.
    seconds : that choose the sizes of `SIZED`; None for no limit.
    store : folder where runs are kept and found again; None is the command line's.
    engine : where the runs are made.
    progress : as for `dispatch.run_tasks`; True also tells of each stage on standard error.
    **asked : what else `stages_named` takes.

    Raises
    ------
    InputError
        If a name, key or value is wrong.
    """
    if vary is not None and not isinstance(vary, Mapping):
        raise InputError(
            f"vary = {vary!r}: must map keys to ranges, as {{'parameters.feel.pace': (2, 20)}}."
        )
    size = Sizes(**sizes_given(sizes, BOUNDS, "A ranking"))
    check([] if seconds is None else budget_problems(sizes, "budget"))
    words, pairs = with_years(overrides), (vary or {}).items()
    stages = stages_named(strategies, vary=pairs, overrides=words, sizes=size, **asked)
    engine.check()
    pace = pace_of(next(iter(stages.arms.values())))
    if seconds is not None:
        stages = in_budget(stages, pace, workers=engine.processes, seconds=seconds)
    with Store(Path(store or STORE)) as kept:
        tell = teller(progress)
        return Sensitivity(
            rank(stages, kept, engine=engine, pace=pace, progress=progress, tell=tell)
        )
