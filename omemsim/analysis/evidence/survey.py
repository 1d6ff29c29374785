"""One town under its present policing, as a survey and police data would show it.

The year is the first after the spin-up. A survey asks residents 15+ about twelve months, so only
those who had their seat all year are asked what happened to *them*; rates count all incidents
over all residents. Police data are the crimes police record, by street segment and neighbourhood.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.estimators import morans_i, rank_correlation
from omemsim.analysis.evidence import metrics
from omemsim.analysis.evidence.careers import (
    median_journey,
    offence_counts,
    violence_is_nearer,
)
from omemsim.analysis.evidence.event_log import EventLog, Events
from omemsim.inputs.config import BASELINE, compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.measures import CONFIDENT
from omemsim.simulation import Simulation
from omemsim.town import Town
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Crime, Group

__all__ = [
    "BESIDE",
    "DECADE",
    "ENFORCED",
    "PRACTISED",
    "SEASONS",
    "SURVEYED",
    "Read",
    "Year",
    "confidence",
    "decade",
    "season",
    "survey",
]

Floats = NDArray[np.float64]
FEWEST = 40  # neighbourhoods; 5% of fewer cannot be measured (P3, P50b)
HARDEST = "enforcement_everywhere"  # the strategy with most stops
SEASONS = 5  # years a season is fitted to
PRACTISED = 10  # years of present policing, and of present practice, over which confidence is told
ENFORCED = 5  # years of the arm that has most stops
YOUNG = np.array([1.0, 0.5, 0.0, 0.0])  # how much of each age group is 15-34: half of 25-44
OLD = 3  # the age group of those 65 and older
DECADE = 11  # years of a run in which the last is ten years after the first


@dataclass(frozen=True)
class Year:
    """A year of a town, from what a survey and the police have.

    Attributes
    ----------
    town : as it is at the year's end.
    crimes : of the year.
    efficacy : (N,), mean at the year's start.
    stayed : (residents,), who had their seat from start to end.
    calls : (N, 2), public calls about crime, and about anything else.
    calls_at : (places,), public calls.
    """

    town: Town
    crimes: Events
    efficacy: Floats
    stayed: NDArray[np.bool_]
    calls: NDArray[np.int64]
    calls_at: NDArray[np.int64]

    def by_hood(self, which: NDArray[np.bool_]) -> Floats:
        """Return how many of these crimes each neighbourhood had, (N,)."""
        place = self.town.places.neighbourhood[self.crimes.place[which]]
        return np.bincount(place, minlength=len(self.town.neighbourhoods)).astype(float)

    def by_place(self, which: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return how many of these crimes each street segment had, (places,)."""
        return np.bincount(self.crimes.place[which], minlength=len(self.town.places))


Read = Callable[[Year], float]


def survey(
    scenario: Scenario, start: Town, replicate: int, reads: Mapping[str, Read] | None = None
) -> dict[str, float]:
    """Return the value of every pattern that a year of the town shows (`SURVEYED`), and `BESIDE`.

    Parameters
    ----------
    scenario : the town and what the police do.
    start : the town in week 0; it is left as it is.
    replicate : which random numbers, that of ``start``.
    reads : functions of the year by name; None is `SURVEYED` and `BESIDE`.
    """
    model = _model(scenario, start, replicate, years=1)
    log = _log(model)
    efficacy = model.town.neighbourhoods.efficacy.astype(float)
    tenancy = model.town.residents.tenancy.copy()
    _run(model, log, WEEKS_PER_YEAR)
    stayed = model.town.residents.tenancy == tenancy
    year = Year(model.town, log.events(), efficacy, stayed, log.calls_of(), log.calls_at)
    reads = {**SURVEYED, **BESIDE} if reads is None else reads
    return {name: read(year) for name, read in reads.items()}


def season(scenario: Scenario, start: Town, replicate: int) -> dict[str, float]:
    """Return the peak over trough of household and violent incidents over `SEASONS` years.

    Parameters
    ----------
    scenario, start, replicate : as for `survey`.
    """
    model = _model(scenario, start, replicate, years=SEASONS)
    weeks = np.zeros(SEASONS * WEEKS_PER_YEAR)
    for week in range(weeks.size):
        model.step()
        kinds = model.town.incidents.type
        weeks[week] = np.isin(kinds, (Crime.VIOLENCE, Crime.HOUSEHOLD)).sum()
    return {"P22": metrics.wave(weeks, period=WEEKS_PER_YEAR)}


def decade(scenario: Scenario, start: Town, replicate: int) -> dict[str, float]:
    """Return the rank correlation of recorded violence ten years apart.

    Parameters
    ----------
    scenario, start, replicate : as for `survey`.
    """
    model = _model(scenario, start, replicate, years=DECADE)
    hoods, rates = model.town.neighbourhoods, []
    for year in range(DECADE):
        counts = np.zeros(len(hoods))
        for _ in range(WEEKS_PER_YEAR):
            model.step()
            counts += hoods.new_recorded_violence
        if year in (0, DECADE - 1):
            rates.append(counts / hoods.population)
    return {"P25c": float(rank_correlation(*rates))}


def confidence(scenario: Scenario, start: Town, replicate: int) -> dict[str, float]:
    """Return how steady confidence in police is, and who lacks it.

    P38a is the largest change of the share with confidence over any 12 months of present policing,
    and of ordinary patrol, traffic work and stops (`BASELINE`). Who has low confidence (P37a, and
    the shares by age and by group, with mean trust by group) is asked after years of the latter:
    where nobody is stopped little can differ by who is. P38b is the largest 12-month fall in these
    arms and in one of the hardest enforcement everywhere; no arm has a scandal.

    Parameters
    ----------
    scenario, start, replicate : as for `survey`.
    """
    told: dict[str, float] = {}
    changes, falls = [], []
    for name, years in ((None, PRACTISED), (BASELINE, PRACTISED), (HARDEST, ENFORCED)):
        strategy = compose_scenario(None, name).strategy if name else scenario.strategy
        model = _model(replace(scenario, strategy=strategy), start, replicate, years=years)
        weeks = np.empty(years * WEEKS_PER_YEAR)
        for week in range(weeks.size):
            model.step()
            weeks[week] = np.mean(model.town.residents.trust >= np.float32(CONFIDENT))
        change = weeks[WEEKS_PER_YEAR:] - weeks[:-WEEKS_PER_YEAR]
        falls.append(max(float(-change.min()), 0.0))
        if name != HARDEST:
            changes.append(float(np.abs(change).max()))
            told = low_confidence(model.town)  # of the last: present practice
    return told | {"P38a": max(changes), "P38b": max(falls)}


def low_confidence(town: Town) -> dict[str, float]:
    """Return who has low confidence, and trust by group; NaN of groups without residents.

    P37a is the share of those 15-34 over that of those 65 and older.
    """
    residents = town.residents
    is_low = residents.trust < np.float32(CONFIDENT)
    named = {f"low, age group {k}": is_low[residents.age == k] for k in range(YOUNG.size)}
    for group in Group:
        here, name = residents.group == group, group.name.lower()
        named |= {f"low, {name}": is_low[here], f"trust, {name}": residents.trust[here]}
    told = {name: float(x.mean(dtype=float)) if x.size else np.nan for name, x in named.items()}
    return told | {"P37a": _young_over_old(town)}


def _young_over_old(town: Town) -> float:
    is_low = town.residents.trust < np.float32(CONFIDENT)
    old = is_low[town.residents.age == OLD]
    weight = YOUNG[town.residents.age]
    if not weight.any() or not old.any():
        return float("nan")
    return float(np.average(is_low, weights=weight) / old.mean())


def _model(scenario: Scenario, start: Town, replicate: int, *, years: int) -> Simulation:
    longer = replace(scenario, years=float(years))
    return Simulation(longer, replicate, start.copy())


def _log(model: Simulation) -> EventLog:
    return EventLog(model.town, recorded=model.parameters.reporting.recorded)


def _run(model: Simulation, log: EventLog, weeks: int) -> None:
    for _ in range(weeks):
        model.step()
        log.note(model.town)


def _suffered(year: Year, kinds: tuple[Crime, ...]) -> tuple[Any, Any]:
    """Return the incidents of each resident who stayed, and the same with each incident once.

    A crime against a household counts for each member; in the second it is divided among them.
    """
    residents, crimes = year.town.residents, year.crimes
    of_kind = np.isin(crimes.kind, kinds) & (crimes.victim >= 0)
    own = of_kind & (crimes.kind != Crime.HOUSEHOLD)
    count = np.bincount(crimes.victim[own], minlength=len(residents)).astype(float)
    home = crimes.household[of_kind & (crimes.kind == Crime.HOUSEHOLD)]
    at_home = np.bincount(home, minlength=len(year.town.households))[residents.household]
    size = year.town.households.residents[residents.household]
    return (count + at_home)[year.stayed], (count + at_home / size)[year.stayed]


ALL = (Crime.VIOLENCE, Crime.THEFT, Crime.HOUSEHOLD)


def _prevalence(year: Year) -> float:
    return float((_suffered(year, ALL)[0] > 0).mean())


def _incidence(year: Year, kinds: tuple[Crime, ...]) -> float:
    crimes = year.crimes
    counted = np.isin(crimes.kind, kinds) & (crimes.victim >= 0)
    return float(1000 * counted.sum() / len(year.town.residents))


def _multiple(year: Year, kinds: tuple[Crime, ...]) -> float:
    """Return victims of two or more as a share of victims."""
    count = _suffered(year, kinds)[0]
    return float((count > 1).sum() / (count > 0).sum()) if count.any() else float("nan")


def _of_multiple(year: Year, kinds: tuple[Crime, ...]) -> float:
    """Return the share of incidents that victims of two or more suffered."""
    count, weighed = _suffered(year, kinds)
    return float(weighed[count > 1].sum() / weighed.sum()) if weighed.any() else float("nan")


def _reported(year: Year, kinds: tuple[Crime, ...]) -> float:
    crimes = year.crimes
    counted = np.isin(crimes.kind, kinds) & (crimes.victim >= 0)
    return float(crimes.is_known[counted].mean()) if counted.any() else float("nan")


def _recorded(year: Year) -> float:
    population = year.town.neighbourhoods.population.sum()
    return float(1000 * year.crimes.is_recorded.sum() / population)


def _worst_hoods(year: Year) -> float:
    counts = year.by_hood(year.crimes.is_recorded)
    return metrics.share_of_top(counts, 0.05) if counts.size >= FEWEST else float("nan")


def _calls_over_crime(year: Year) -> float:
    crime = metrics.share_of_top(year.by_place(year.crimes.is_recorded), 0.05)
    return metrics.share_of_top(year.calls_at, 0.05) - crime


def _knox(year: Year, apart_in: str = "household") -> metrics.Knox:
    """Return the Knox ratios of recorded burglaries.

    Pairs differ in the ``household``, as in the field, in the ``place``, so that none is at 0 m, or
    need not differ (empty), so that repeats at one dwelling count too.
    """
    crimes, places = year.crimes, year.town.places
    chosen = crimes.is_recorded & (crimes.kind == Crime.HOUSEHOLD)
    at = crimes.place[chosen]
    xy = np.column_stack([places.x[at], places.y[at]]).astype(float)
    units = {"household": crimes.household[chosen], "place": at, "": np.arange(at.size)}
    return metrics.knox(xy, crimes.day[chosen], units[apart_in])


def _violence(year: Year, *, recorded: bool) -> Floats:
    """Return violent crimes by neighbourhood, true or as police record them."""
    is_violent = year.crimes.kind == Crime.VIOLENCE
    return year.by_hood(is_violent & year.crimes.is_recorded if recorded else is_violent)


def _efficacy_correlation(year: Year) -> float:
    rate = _violence(year, recorded=False) / year.town.neighbourhoods.residents
    if year.efficacy.size < 3 or np.ptp(rate) == 0 or np.ptp(year.efficacy) == 0:
        return float("nan")
    return float(np.corrcoef(year.efficacy, rate)[0, 1])


def _efficacy_ratio(year: Year) -> float:
    hoods, counts = year.town.neighbourhoods, _violence(year, recorded=False)
    people, deprived = hoods.residents.astype(float), hoods.deprivation.astype(float)
    return metrics.rate_ratio(counts, people, year.efficacy, equal=deprived)


def _calls_and_violence(year: Year) -> float:
    rate = _violence(year, recorded=True) / year.town.neighbourhoods.population
    calls = year.calls[:, 1] / year.town.neighbourhoods.population
    return float(rank_correlation(calls, rate))


def _cluster(year: Year) -> float:
    rate = _violence(year, recorded=True) / year.town.neighbourhoods.population
    near = np.split(year.town.adjoining, year.town.start[1:-1])
    return float(morans_i(rate, near))


def _skew(year: Year) -> float:
    """Return the share of residents' crimes of the tenth of offenders that offended most."""
    counts = offence_counts(year.crimes.offender)
    return metrics.share_of_top(counts, 0.10) if counts.size else float("nan")


def _calls(year: Year) -> float:
    return float(1000 * year.calls.sum() / year.town.neighbourhoods.population.sum())


SURVEYED: dict[str, Read] = {
    "P1": lambda year: metrics.dispersion(year.by_place(np.ones(year.crimes.day.size, bool))),
    "P2": lambda year: metrics.excess_gini(year.by_place(np.ones(year.crimes.day.size, bool))),
    "P3": _worst_hoods,
    "P4": _calls_over_crime,
    "P5a": _prevalence,
    "P5b": lambda year: _incidence(year, ALL),
    "P5c": lambda year: _incidence(year, (Crime.VIOLENCE,)),
    "P6a": lambda year: _multiple(year, ALL),
    "P6b": lambda year: _of_multiple(year, ALL),
    "P7a": lambda year: _multiple(year, (Crime.VIOLENCE,)),
    "P7b": lambda year: _of_multiple(year, (Crime.VIOLENCE,)),
    "P8a": lambda year: _knox(year).near,
    "P8b": lambda year: _knox(year).late,
    "P9a": lambda year: _reported(year, ALL),
    "P9b": lambda year: _reported(year, (Crime.VIOLENCE,)),
    "P9c": lambda year: _reported(year, (Crime.HOUSEHOLD,)),
    "P10": _recorded,
    "P11": lambda year: float(year.calls[:, 1].sum()) / max(float(year.calls.sum()), 1.0),
    "P12": lambda year: float((year.town.residents.trust >= np.float32(CONFIDENT)).mean()),
    "P13a": _efficacy_correlation,
    "P13b": _efficacy_ratio,
    "P23": _skew,
    "P25a": _calls_and_violence,
    "P25b": _cluster,
    "P26": _calls,
    "P42a": lambda year: median_journey(year.town, year.crimes),
    "P42b": lambda year: violence_is_nearer(year.town, year.crimes),
}
# Told beside the patterns. Most of what a burglary triggers is at its own place, so that P8a is
# computed with the pairs that it leaves out as well, and without those at 0 m.
BESIDE: dict[str, Read] = {
    "P8a, repeats at one dwelling counted too": lambda year: _knox(year, "").near,
    "P8a, pairs on one street segment left out": lambda year: _knox(year, "place").near,
}
