"""Trials inside the model for the patterns about tactics: a treated arm and an untreated one.

Both arms start from the same town and have common random numbers, so their difference is the effect
in that town, without sampling error; over replicates it varies because effects differ by town.
Both answer calls and do nothing else beside what is tried: hours taken from present practice would
be a second treatment, since its patrol would be missed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.evidence import metrics
from omemsim.analysis.evidence.event_log import EventLog
from omemsim.inputs.config import CALLS_ONLY, compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.processes.visits import worst_places
from omemsim.schedule import FOREVER, Intervention, Work
from omemsim.simulation import Simulation
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.rates import DAYS_PER_WEEK, WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Tactic, Zone

__all__ = ["TACTIC_TRIALS", "ArmRun", "beside_calls", "change", "hot_spots_of", "near_places"]

Rows = NDArray[np.int64]
QUARTER, HALF_YEAR = WEEKS_PER_YEAR // 4, WEEKS_PER_YEAR // 2
REPORTED = "public's calls"
CONTACT_WEEKS, CONTACT_DOSE = 12, 10.0  # weeks looked at; hours per 1,000 in the one week
TRAINING = 0.02  # share of hours, as the strategy omem has it


@dataclass
class ArmRun:
    """What a run of an arm left.

    Attributes
    ----------
    log : its events, and calls at each place in ``calls_at``.
    trust : mean trust after every week.
    aware : officers' mean awareness at the end.
    """

    log: EventLog
    trust: list[float] = field(default_factory=list)
    aware: float = 0.0

    def counts_at(self, places: NDArray[np.bool_], first: int, last: int) -> dict[str, float]:
        """Return crimes at these places in weeks first to before last: reported, recorded, all.

        Parameters
        ----------
        places : bool (places,).
        first, last : weeks from the arm's first, the last not counted.
        """
        events = self.log.events(first, last)
        here = places[events.place]
        kinds = {
            REPORTED: events.is_reported,
            "recorded": events.is_recorded,
            "all": np.ones(here.size, bool),
        }
        return {name: float((which & here).sum()) for name, which in kinds.items()}

    def recorded(self, first: int, last: int) -> int:
        """Return the crimes police recorded in weeks first to before last."""
        return int(self.log.events(first, last).is_recorded.sum())


def watched(scenario: Scenario, start: Town, replicate: int, *, weeks: int) -> ArmRun:
    """Run an arm and return what it left.

    Parameters
    ----------
    scenario : what is done in the arm; it is made as long as needed.
    start : the town it starts from; it is left as it is.
    replicate : which random numbers, that of ``start``.
    weeks : run, 1 or more.
    """
    longer = replace(scenario, years=max(weeks / WEEKS_PER_YEAR, scenario.years))
    model = Simulation(longer, replicate, start.copy())
    town, recorded = model.town, model.parameters.reporting.recorded
    seen = ArmRun(EventLog(town, recorded=recorded))
    for _ in range(weeks):
        model.step()
        seen.log.note(town)
        seen.trust.append(float(town.residents.trust.mean(dtype=float)))
    seen.aware = float(town.officers.awareness.mean(dtype=float))
    return seen


def change(treated: float, control: float) -> float:
    """Return the change against the control arm as a share; NaN where the control has none."""
    return treated / control - 1 if control else float("nan")


def hot_spots_of(town: Town, hoods: Rows, share: float) -> NDArray[np.bool_]:
    """Return which places are the worst known ``share`` of each of these neighbourhoods.

    Parameters
    ----------
    town : it is only read.
    hoods : int64 (n,), rows of neighbourhoods.
    share : of a neighbourhood's places, 0 to 1; at least one place.
    """
    chosen = np.zeros(len(town.places), bool)
    table = town.neighbourhoods
    for n in hoods:
        first, count = int(table.first_place[n]), int(table.places[n])
        most = int(max(np.rint(share * count), 1))
        chosen[worst_places(town.places.knowledge, first, count, most)] = True
    return chosen


def near_places(town: Town, places: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which places are near to one of these and none of them: the catchment."""
    near = np.zeros(places.size, bool)
    near[town.places.near[places].ravel()] = True
    return near & ~places


def _everywhere(strategy: Strategy, name: str, shares: Mapping[str, float]) -> Strategy:
    """Return the strategy with these shares of free hours in every zone, per resident."""
    mix = {zone.name.lower(): dict(shares) for zone in Zone}
    return replace(strategy, name=name, mix=mix)


Reader = Callable[[Scenario, Town, int], dict[str, float]]


def beside_calls(read: Reader) -> Reader:
    """Return a trial whose control arm answers calls and does nothing else."""

    @functools.wraps(read)
    def of_calls(scenario: Scenario, start: Town, replicate: int) -> dict[str, float]:
        alone = compose_scenario(None, CALLS_ONLY).strategy
        return read(replace(scenario, strategy=alone), start, replicate)

    return of_calls


@beside_calls
def hot_spots(scenario: Scenario, start: Town, replicate: int) -> dict[str, float]:
    """Return the changes at treated places and around them, over quarters and years.

    Parameters
    ----------
    scenario : the control arm.
    start : the town in week 0; it is left as it is.
    replicate : which random numbers, that of ``start``.
    """
    tactic = compose_scenario(None, "hot_spots").strategy
    tactic = replace(tactic, pilot=0.5, rollout=FOREVER, money=scenario.strategy.money)
    treated = replace(scenario, strategy=tactic)
    pilots = _pilots(treated, start, replicate)
    places = hot_spots_of(start, pilots, scenario.parameters.act.worst_share)
    around = near_places(start, places)
    arms = [watched(x, start, replicate, weeks=WEEKS_PER_YEAR) for x in (treated, scenario)]
    values = {"P15b": change(*(float(arm.log.calls_at[places].sum()) for arm in arms))}
    for name, rows in (("treated", places), ("catchment", around)):
        for first, last in ((0, QUARTER), (0, HALF_YEAR), (HALF_YEAR, WEEKS_PER_YEAR)):
            counts = [arm.counts_at(rows, first, last) for arm in arms]
            values |= {
                f"{name}, weeks {first}-{last}, {kind}": change(counts[0][kind], counts[1][kind])
                for kind in counts[0]
            }
    # Of all that is recorded, what officers come upon themselves rises with their presence; the
    # public's calls alone, as in Minneapolis, stand beside it.
    return {"P15a": values[f"treated, weeks 0-{HALF_YEAR}, recorded"]} | values


def _pilots(scenario: Scenario, start: Town, replicate: int) -> Rows:
    """Return the neighbourhoods that the draw of a pilot gives the strategy to."""
    short = replace(scenario, years=1 / WEEKS_PER_YEAR)
    model = Simulation(short, replicate, start.copy())
    model.step()
    return np.flatnonzero(model.town.neighbourhoods.share.sum(axis=1) > 0)


@beside_calls
def liaison(scenario: Scenario, start: Town, replicate: int) -> dict[str, float]:
    """Return the changes of crime and trust where all free hours go to contact alone.

    Parameters
    ----------
    all : as for `hot_spots`.
    """
    shares = {"liaison": 0.5, "consultation": 0.5}
    treated = replace(scenario, strategy=_everywhere(scenario.strategy, "contact", shares))
    weeks = 2 * WEEKS_PER_YEAR
    arms = [watched(x, start, replicate, weeks=weeks) for x in (treated, scenario)]
    values = {"P19a": change(*(arm.recorded(0, WEEKS_PER_YEAR) for arm in arms))}
    values["P19b"] = arms[0].trust[WEEKS_PER_YEAR - 1] - arms[1].trust[WEEKS_PER_YEAR - 1]
    true = (float(arm.log.events(0, WEEKS_PER_YEAR).day.size) for arm in arms)
    values["true crime, weeks 0-52"] = change(*true)
    values["crime, weeks 52-104"] = change(*(arm.recorded(WEEKS_PER_YEAR, weeks) for arm in arms))
    return values


@beside_calls
def early(scenario: Scenario, start: Town, replicate: int) -> dict[str, float]:
    """Return the change of crime over 24 months of early intervention.

    Parameters
    ----------
    all : as for `hot_spots`.
    """
    tactic = _everywhere(scenario.strategy, "early", {"early_intervention": 1.0})
    weeks = 2 * WEEKS_PER_YEAR
    both = (replace(scenario, strategy=tactic), scenario)
    arms = [watched(x, start, replicate, weeks=weeks) for x in both]
    true = (float(arm.log.events().day.size) for arm in arms)
    return {
        "P24a": change(*(arm.recorded(0, weeks) for arm in arms)),
        "true crime, weeks 0-104": change(*true),
    }


@beside_calls
def contact(scenario: Scenario, start: Town, replicate: int) -> dict[str, float]:
    """Return the half-life in days of what one week's contacts did to trust.

    Parameters
    ----------
    all : as for `hot_spots`.
    """
    # In week 0 the survey takes the hours.
    once = Intervention(what=Work(Tactic.LIAISON), from_=1, to=2, dose=CONTACT_DOSE)
    done = [*scenario.strategy.interventions, once]
    treated = replace(scenario, strategy=replace(scenario.strategy, interventions=done))
    arms = [watched(x, start, replicate, weeks=CONTACT_WEEKS) for x in (treated, scenario)]
    gains = np.array(arms[0].trust) - np.array(arms[1].trust)
    return {"P21": metrics.half_life(gains[1:], step=DAYS_PER_WEEK)}


def training(scenario: Scenario, start: Town, replicate: int) -> dict[str, float]:
    """Return officers' mean awareness after a year of training.

    Parameters
    ----------
    all : as for `hot_spots`.
    """
    tactic = replace(scenario.strategy, name="training", training=TRAINING)
    treated = replace(scenario, strategy=tactic)
    return {"P27": watched(treated, start, replicate, weeks=WEEKS_PER_YEAR).aware}


TACTIC_TRIALS: dict[str, tuple[Reader, int]] = {
    # what is run, and the weeks that takes in all
    "hot_spots": (hot_spots, 2 * WEEKS_PER_YEAR),
    "liaison": (liaison, 4 * WEEKS_PER_YEAR),
    "contact": (contact, 2 * CONTACT_WEEKS),
    "early": (early, 4 * WEEKS_PER_YEAR),
    "training": (training, WEEKS_PER_YEAR),
}
