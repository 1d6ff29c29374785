"""What zones are worth: the best mix found that depends on zones against the best that does not.

A mix that depends on the zone includes every mix that does not, so a strategy that was written
down cannot settle the question: it may lose because it was written badly. Both kinds are searched
alike. As many candidates of each kind are drawn; all have the same hours, money, training and
allocation. They are screened by successive halving (Jamieson & Talwalkar 2016, AISTATS): the worse
half of each kind is dropped after every round, and each round adds a town, the same towns and
random numbers for all. The best of each kind is then judged in other towns, which no choice has
seen, beside the wheel's strategy as it is written and the average of its mixes.

Candidates: a mix is drawn from a Dirichlet distribution over the tactics of `omem`, sparse, since a
mix of all tactics alike is a poor one. A candidate that depends on zones has a mix for each; of
every second one, each is the mean of its own draw and of the uniform candidate of the same number,
so that the search looks near good uniform mixes, too.
"""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from omemsim.analysis.answers import answered, identity_of, numbers_answer
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.present import csv
from omemsim.strategies import Strategy
from omemsim.study.engine import POOL, Engine
from omemsim.study.identity import identify
from omemsim.study.progress import Progress
from omemsim.study.runner import Answer, Request, Run
from omemsim.study.statistics import Difference, mean_difference
from omemsim.study.store import Store
from omemsim.study.tasks import Failure
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.wheel import Zone

__all__ = [
    "BY_ZONE",
    "UNIFORM",
    "Found",
    "Search",
    "Sizes",
    "best_mix",
    "candidates_of",
    "found_csv",
    "found_text",
    "halved",
    "search_of",
    "shares_of",
]

Mix = dict[str, dict[str, float]]  # zone -> tactic -> share of free hours
UNIFORM, BY_ZONE = "alike everywhere", "by zone"
KINDS = (UNIFORM, BY_ZONE)
BASE = "omem"  # the strategy whose hours and money all mixes have
WRITTEN = ("omem", "omem_average_mix")  # shipped strategies that are judged beside the best found
SPARSE = 0.4  # of the Dirichlet distribution: most of a mix is in a few tactics; assumed
OUTCOME = "victimization"
HOURS = ("patrol_tactics", "patrol_idle")
MOST_RUNS = 24  # in one task
PREFIX = "mix "  # of the names of numbers in the store
DIGITS = 4  # of a share, as it is written in a strategy's file


@dataclass(frozen=True)
class Sizes:
    """How much is searched.

    Attributes
    ----------
    mixes : candidates of each kind, 2 or more.
    found_in : towns in which they are screened, a round each.
    judged_in : other towns, in which the best are judged, 2 or more.
    """

    mixes: int = 200
    found_in: int = 6
    judged_in: int = 8


@dataclass(frozen=True)
class Search:
    """A search: the scenario that all candidates share but for their mix, and how much of it."""

    scenario: Scenario
    sizes: Sizes = Sizes()

    def of(self, name: str, mix: Mix) -> Scenario:
        """Return the scenario of a mix."""
        strategy = replace(self.scenario.strategy, name=name, mix=mix)
        return replace(self.scenario, strategy=strategy)


@dataclass(frozen=True)
class Found:
    """What a search found.

    Attributes
    ----------
    search : what was asked.
    best : by kind, the name of the best candidate.
    mixes : by name, of all candidates.
    rounds : by candidate, harm in each town it was screened in.
    judged : by strategy (the best of each kind, and those of `WRITTEN`), harm in each of the other
        towns in which all finished.
    hours : by strategy and measure of `HOURS`, its mean over those towns.
    worth : harm under the best uniform mix less that under the best by zone, paired.
    written : the same for each strategy of `WRITTEN`.
    failures : of runs.
    """

    search: Search
    best: Mapping[str, str]
    mixes: Mapping[str, Mix]
    rounds: Mapping[str, Sequence[float]]
    judged: Mapping[str, Sequence[float]]
    hours: Mapping[tuple[str, str], float]
    worth: Difference
    written: Mapping[str, Difference]
    failures: Sequence[Failure]


def search_of(town: str | None, overrides: Sequence[str], sizes: Sizes) -> Search:
    """Return a search in a town.

    Parameters
    ----------
    town : a name or a YAML file; None is the usual one.
    overrides : ``key=value`` words, as on the command line.
    sizes : how much is searched.

    Raises
    ------
    InputError
        If the scenario does not compose, or the sizes leave nothing to search.
    """
    problems = [
        f"{name} = {size}: must be {least} or more."
        for name, size, least in (
            ("mixes", sizes.mixes, 2),
            ("found_in", sizes.found_in, 1),
            ("judged_in", sizes.judged_in, 2),
        )
        if size < least
    ]
    if problems:
        raise InputError(*problems)
    return Search(compose_scenario(town, BASE, overrides), sizes)


def candidates_of(strategy: Strategy, mixes: int, seed: int) -> dict[str, dict[str, Mix]]:
    """Return the candidates of each kind by name, as many of each.

    Parameters
    ----------
    strategy : whose tactics are mixed.
    mixes : of each kind, 1 or more.
    seed : the same number gives the same candidates.
    """
    zones = [zone.name.lower() for zone in Zone]
    tactics = sorted({tactic for shares in strategy.mix.values() for tactic in shares})
    rng = np.random.default_rng([seed, mixes])
    drawn = rng.dirichlet(np.full(len(tactics), SPARSE), (mixes, 1 + len(zones)))
    uniform, by_zone = drawn[:, 0], drawn[:, 1:].copy()
    by_zone[1::2] = (by_zone[1::2] + uniform[1::2, None]) / 2
    found: dict[str, dict[str, Mix]] = {UNIFORM: {}, BY_ZONE: {}}
    for k in range(mixes):
        alike = shares_of(tactics, uniform[k])
        found[UNIFORM][f"uniform {k}"] = {zone: dict(alike) for zone in zones}
        found[BY_ZONE][f"zones {k}"] = {
            zone: shares_of(tactics, row) for zone, row in zip(zones, by_zone[k], strict=True)
        }
    return found


def shares_of(tactics: Sequence[str], values: Any) -> dict[str, float]:
    """Return shares that add up to 1 and are as short as they are written in a file.

    Parameters
    ----------
    tactics : or other keys, in the order of the values.
    values : 0 or more, adding up to 1.
    """
    whole = 10**DIGITS
    parts = np.floor(np.asarray(values) * whole).astype(int)
    parts[int(np.argmax(values))] += whole - parts.sum()
    return {t: int(p) / whole for t, p in zip(tactics, parts, strict=True) if p}


def halved(harm: Mapping[str, Sequence[float]], *, is_last: bool) -> list[str]:
    """Return the better half by mean harm, or the best alone in the last round.

    Parameters
    ----------
    harm : by candidate, in the towns so far; one that failed in a town has fewer and is dropped.
    is_last : whether one is to be left.
    """
    most = max((len(each) for each in harm.values()), default=0)
    whole = [name for name, each in harm.items() if len(each) == most and most]
    order = sorted(whole, key=lambda name: (float(np.mean(harm[name])), name))
    return order[: 1 if is_last else max(1, (len(order) + 1) // 2)]


def best_mix(
    search: Search,
    store: Store,
    *,
    engine: Engine = POOL,
    progress: Progress = True,
    tell: Callable[[str], None] = lambda _: None,
) -> Found:
    """Search and judge, taking from the store what it holds.

    Parameters
    ----------
    search : from `search_of`.
    store : where runs are kept; what it has is not run, so that a search that was stopped goes on.
    engine : where runs are made.
    progress : as for `dispatch.run_tasks`.
    tell : called with a line of text before each round.

    Raises
    ------
    InputError
        If no candidate of a kind finished.
    """
    sizes = search.sizes
    kinds = candidates_of(search.scenario.strategy, sizes.mixes, search.scenario.seed)
    mixes = {name: mix for each in kinds.values() for name, mix in each.items()}
    ask = functools.partial(_answers, store=store, engine=engine, progress=progress)
    rounds: dict[str, list[float]] = {name: [] for name in mixes}
    failures: list[Failure] = []
    left = {kind: list(each) for kind, each in kinds.items()}
    for town in range(sizes.found_in):
        chosen = [name for each in left.values() for name in each]
        tell(f"Round {town + 1} of {sizes.found_in}: {len(chosen)} mixes in one more town.")
        values, failed = ask({name: search.of(name, mixes[name]) for name in chosen}, [town])
        failures += failed
        for (name, _), numbers in values.items():
            rounds[name].append(numbers[OUTCOME])
        for kind, names in left.items():
            is_last = town == sizes.found_in - 1
            left[kind] = halved({name: rounds[name] for name in names}, is_last=is_last)
    if not all(left.values()):
        raise InputError(f"No mix finished in every town: {failures[0].error}.")
    best = {kind: names[0] for kind, names in left.items()}
    return _judged(search, best, mixes, rounds, failures, ask, tell)


def _judged(
    search: Search,
    best: Mapping[str, str],
    mixes: Mapping[str, Mix],
    rounds: Mapping[str, Sequence[float]],
    failures: list[Failure],
    ask: Callable[..., Any],
    tell: Callable[[str], None],
) -> Found:
    """Run the best of each kind, and what is written, in towns that no choice has seen."""
    sizes = search.sizes
    written = {name: search.of(name, _written(name)) for name in WRITTEN}
    arms = {name: search.of(name, mixes[name]) for name in best.values()} | written
    towns = range(sizes.found_in, sizes.found_in + sizes.judged_in)
    tell(f"Judging {len(arms)} mixes in {sizes.judged_in} other towns.")
    values, failed = ask(arms, towns)
    whole = [k for k in towns if all((name, k) in values for name in arms)]
    harm = {name: [values[name, k][OUTCOME] for k in whole] for name in arms}
    hours = {
        (name, measure): float(np.mean([values[name, k][measure] for k in whole]))
        for name in arms
        for measure in HOURS
        if whole
    }
    uniform = np.array(harm[best[UNIFORM]])
    return Found(
        search=search,
        best=best,
        mixes=mixes,
        rounds=rounds,
        judged=harm,
        hours=hours,
        worth=mean_difference(list(uniform - np.array(harm[best[BY_ZONE]]))),
        written={x: mean_difference(list(uniform - np.array(harm[x]))) for x in written},
        failures=[*failures, *failed],
    )


def _written(name: str) -> Mix:
    """Return the mix of a strategy that is shipped."""
    mix = compose_scenario(None, name).strategy.mix
    return {zone: dict(shares) for zone, shares in mix.items()}


def _answers(
    scenarios: Mapping[str, Scenario],
    towns: Sequence[int],
    *,
    store: Store,
    engine: Engine,
    progress: Progress,
) -> tuple[dict[tuple[str, int], dict[str, float]], list[Failure]]:
    """Return the numbers of each scenario in each town, and what failed."""
    requests = {
        (name, town): _request(name, scenario, town)
        for name, scenario in scenarios.items()
        for town in towns
    }
    values, failures = answered(
        requests, store, PREFIX, most=MOST_RUNS, engine=engine, progress=progress
    )
    return values, list(failures.values())


def _request(name: str, scenario: Scenario, town: int) -> Request:
    start, whole = identity_of(scenario)
    asked = {"reading": "best mix", "scenario": whole}
    names = {"town": scenario.town.name, "strategy": name}
    key = identify(asked, replicate=town, **names)
    text = f"{name}, town {town}"
    return Request(key, scenario, town, start, functools.partial(numbers_of, asked=text), text)


def numbers_of(run: Run, asked: str) -> Answer:
    """Return harm and hours in the last year of a run (in a worker process)."""
    summary = run.series.summary()
    known = {PREFIX + name: float(summary[name]) for name in (OUTCOME, *HOURS)}
    return numbers_answer(known, asked)


def found_text(found: Found) -> str:
    """Return what was found, in lines of at most 100 columns."""
    sizes, best = found.search.sizes, found.best
    lines = [
        f"{sizes.mixes} mixes alike everywhere and {sizes.mixes} by zone, screened in "
        f"{sizes.found_in} towns, the worse half",
        f"dropped after each; the best of each judged in {sizes.judged_in} others.",
        "",
        f"{'':<29} {'harm':>8} {'hours idle':>11}   incidents per 1,000 prevented beside the",
        f"{'':<50}   best alike everywhere [95% interval]",
    ]
    told = {best[BY_ZONE]: found.worth, **found.written}
    for name, harm in found.judged.items():
        kind = next((k for k in KINDS if best[k] == name), "")
        title = f"best {kind}" if kind else f"{name}, as written"
        mean = float(np.mean(harm)) if harm else float("nan")
        idle = found.hours.get((name, "patrol_idle"), float("nan"))
        more = told.get(name)
        text = f"{more.difference:+.1f} [{more.low:+.1f}, {more.high:+.1f}]" if more else ""
        lines.append(f"{title:<29} {mean:8.1f} {idle:11.1f}   {text}")
    for kind in KINDS:
        lines += ["", f"Best {kind} ({best[kind]}):", *_mix_lines(found.mixes[best[kind]], kind)]
    return "\n".join(line.rstrip() for line in lines)


def _mix_lines(mix: Mix, kind: str) -> list[str]:
    zones = list(mix) if kind == BY_ZONE else list(mix)[:1]
    lines = []
    for zone in zones:
        each = sorted(mix[zone].items(), key=lambda item: -item[1])
        said = ", ".join(f"{tactic} {share:.2f}" for tactic, share in each if share >= 0.01)
        lines += textwrap.wrap(
            f"{zone if kind == BY_ZONE else 'all'}: {said}",
            98,
            initial_indent="  ",
            subsequent_indent="    ",
        )
    return lines


COLUMNS = ("mix", "kind", "zone", "tactic", "share", "towns", "mean_harm", "is_best")


def found_csv(found: Found) -> str:
    """Return a row for each share of each candidate, with how it did where it was screened."""
    rows = []
    for name, mix in found.mixes.items():
        harm = found.rounds[name]
        kind = UNIFORM if name.startswith("uniform") else BY_ZONE
        for zone, shares in mix.items():
            for tactic, share in shares.items():
                mean = csv.cell(float(np.mean(harm)) if harm else float("nan"))
                best = "yes" if name in found.best.values() else "no"
                cells = (name, kind, zone, tactic, share, len(harm), mean, best)
                rows.append(dict(zip(COLUMNS, cells, strict=True)))
    return csv.of_records(rows, COLUMNS)
