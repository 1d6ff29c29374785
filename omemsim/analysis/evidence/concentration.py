"""Where calls and crimes sit, who calls again, and how neighbourhoods drift, as police data show.

A *crisis call* is a public call about an episode of mental health: the model's other episodes
(addictions, domestic trouble, homelessness, noise) are calls about disorder. A person is the
occupant of a seat: who moves in is somebody else. Nothing here is a property of the model alone:
every figure can be computed in the same way from a police service's own records.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.estimators import poisson_regression, rank_correlation
from omemsim.analysis.evidence import metrics
from omemsim.analysis.evidence.event_log import police_of
from omemsim.analysis.evidence.survey import FEWEST
from omemsim.inputs.scenario import Scenario
from omemsim.simulation import Simulation
from omemsim.town import Town
from omemsim.vocabulary.rates import DAYS_PER_WEEK, WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import CallType, Crime, Origin, Risk

__all__ = [
    "CRISES_WEEKS",
    "DRIFT_WEEKS",
    "CrisisCalls",
    "crises",
    "crisis_calls",
    "drift",
    "extra_variance",
    "harmonic",
    "intersections",
    "repeat_share",
    "repeats_of_break_ins",
    "share_of_few",
    "share_of_repeats",
    "share_that_holds",
    "thinned_share",
    "thinnings",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NAN = float("nan")
HALF = 0.5
FEWEST_CALLS = 0.2  # crisis calls a place and year from which half of them can be placed (P28a)
# Residents of all ages of a place as large as the intersections that police data give (P29), and
# what street segments are put together to.
PLACE, INTERSECTION = (100, 300), 170
BREAK_INS = 2.65  # recorded per 1,000 residents in Toronto in 2018, the source of P29b's band
SOON = 30  # days within which a call is a repeat (P35a)
FEW, PER = 5, 20_000  # the most frequent persons per so many residents (P35b)
MONTHS_18 = 78  # weeks
THINNINGS = 20
YEARS = 4  # of which the first and the last are three years apart (P50c)
CRISES_WEEKS = YEARS * WEEKS_PER_YEAR
DRIFT_YEARS = 11
DRIFT_WEEKS = DRIFT_YEARS * WEEKS_PER_YEAR
DAYS_OF_MONTHS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def share_that_holds(counts: Ints, share: float = HALF) -> float:
    """Return the share of units needed to hold a share of all events, the worst first.

    Where a whole number of units does not hold it exactly, the last one counts in proportion.

    Parameters
    ----------
    counts : events of each unit, >= 0.
    share : of all events, in (0, 1].
    """
    total = counts.sum()
    if total == 0:
        return NAN
    worst = np.sort(counts)[::-1].astype(float)
    held = np.cumsum(worst)
    k = int(np.searchsorted(held, share * total))
    before = held[k - 1] if k else 0.0
    return float((k + (share * total - before) / worst[k]) / counts.size)


def thinned_share(counts: Ints, events: int, *, seed: int = 0) -> float:
    """Return `share_that_holds` for half, with the events thinned at random to so many.

    Fewer events sit at fewer places by chance alone, so that two kinds are compared at the same
    number: the mean of 20 thinnings.

    Parameters
    ----------
    counts, seed : as for `thinnings`.
    events : how many are left; NaN is returned where there are not so many.
    """
    if not 0 < events <= counts.sum():
        return NAN
    return float(np.mean([share_that_holds(few) for few in thinnings(counts, events, seed=seed)]))


def thinnings(counts: Ints, events: int, *, seed: int = 0) -> list[Ints]:
    """Return counts by unit of so many events, chosen at random out of all there are, 20 times.

    Parameters
    ----------
    counts : events of each unit, >= 0.
    events : how many are left, at most their sum.
    seed : of the choices.
    """
    rng, unit = np.random.default_rng(seed), np.repeat(np.arange(counts.size), counts)
    return [
        np.bincount(rng.choice(unit, events, replace=False), minlength=counts.size)
        for _ in range(THINNINGS)
    ]


def repeats_of_break_ins(household: Ints, residents: float) -> float:
    """Return `repeat_share` of break-ins, which household crimes are thinned to (P29b).

    Police data name break-ins, the model all crime against households: vandalism, thefts from a
    home or of a car as well. As many are left as Toronto recorded; all where there are not so many.

    Parameters
    ----------
    household : recorded household crimes of a year at each place.
    residents : of the town, of all ages.
    """
    wanted = min(int(household.sum()), round(BREAK_INS * residents / 1000))
    return float(np.mean([repeat_share(few) for few in thinnings(household, wanted)]))


def repeat_share(counts: NDArray[Any]) -> float:
    """Return the share of events at units with two or more of them."""
    total = counts.sum()
    return float(counts[counts > 1].sum() / total) if total else NAN


def share_of_repeats(person: Ints, day: Ints, *, within: int = SOON, since: int = 0) -> float:
    """Return the share of calls with an earlier call by the same person within some days.

    Calls on the same day as another by the same person count as repeats but for the first.

    Parameters
    ----------
    person : who called, one per call.
    day : of each call.
    within : days.
    since : calls before this day are only looked back at.
    """
    order = np.lexsort((day, person))
    person, day = person[order], day[order]
    is_again = np.zeros(day.size, bool)
    is_again[1:] = (person[1:] == person[:-1]) & (day[1:] - day[:-1] <= within)
    counted = day >= since
    return float(is_again[counted].mean()) if counted.any() else NAN


def share_of_few(person: Ints, residents: float, *, few: float = FEW, per: float = PER) -> float:
    """Return the share of calls that the most frequent persons made, so many per residents.

    Parameters
    ----------
    person : who called, one per call.
    residents : of the town, of all ages.
    few, per : how many persons per how many residents; a part of a person counts in proportion.
    """
    if person.size == 0:
        return NAN
    _, calls = np.unique(person, return_counts=True)
    worst = np.sort(calls)[::-1].astype(float)
    most = few * residents / per
    whole = min(int(most), worst.size)
    rest = (most - whole) * worst[whole] if whole < worst.size else 0.0
    return float((worst[:whole].sum() + rest) / person.size)


def extra_variance(counts: Floats) -> float:
    """Return the squared coefficient of variation over years beyond chance and the town's trend.

    The sum of (y - m)^2 - m (1 - 1/T) over that of m^2 (1 - 1/T), with m the product of a
    neighbourhood's and a year's total over that of all, T years. Pure Poisson counts give 0.

    Parameters
    ----------
    counts : (N, T), of neighbourhoods in years, T >= 2.
    """
    years, total = counts.shape[1], counts.sum()
    if total == 0:
        return NAN
    mean = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / total
    left = 1 - 1 / years
    chance, size = (mean * left).sum(), (mean**2 * left).sum()
    return float((((counts - mean) ** 2).sum() - chance) / size)


def harmonic(months: Floats) -> float:
    """Return peak over trough of the first yearly harmonic of daily rates by month.

    Parameters
    ----------
    months : (12,), events of each month of a year.
    """
    if months.sum() == 0:
        return NAN
    end = np.cumsum(DAYS_OF_MONTHS)
    turn = 2 * np.pi * (end - DAYS_OF_MONTHS / 2) / end[-1]
    columns = np.column_stack([np.ones(turn.size), np.cos(turn), np.sin(turn)])
    beta = poisson_regression(months, columns, DAYS_OF_MONTHS.astype(float))
    return float(np.exp(2 * np.hypot(beta[1], beta[2])))


@dataclass(frozen=True)
class CrisisCalls:
    """Crisis calls of a span, a row each: day, who (a seat's occupant), place."""

    day: Ints
    person: Ints
    place: Ints

    def at(self, places: int, first: int, last: int) -> Ints:
        """Return how many calls each place had, (places,).

        Parameters
        ----------
        places : how many there are.
        first, last : week, and the week after the last.
        """
        chosen = (self.day >= DAYS_PER_WEEK * first) & (self.day < DAYS_PER_WEEK * last)
        return np.bincount(self.place[chosen], minlength=places)


def crisis_calls(town: Town) -> tuple[Any, Any, Any]:
    """Return day, person and place of the crisis calls of the week that has just been run."""
    episodes, calls = town.episodes, town.calls
    about = episodes.event[episodes.risk == Risk.MENTAL_HEALTH]
    is_one = (calls.type == CallType.DISORDER) & (calls.origin == Origin.PUBLIC)
    is_one &= np.isin(calls.event, about)
    who = calls.caller[is_one].astype(np.int64)
    tenancy = town.residents.tenancy[who].astype(np.int64)
    return (
        calls.day[is_one].astype(np.int64),
        who + len(town.residents) * tenancy,
        calls.place[is_one],
    )


def crises(scenario: Scenario, start: Town, replicate: int) -> dict[str, float]:
    """Return what crisis calls, and records of crime by place, show over four years.

    Parameters
    ----------
    scenario : the town and what the police do.
    start : the town in week 0; it is left as it is.
    replicate : which random numbers, that of ``start``.

    Returns
    -------
    P28a, P28b, P29a, P29b (first year), P35a (second), P35b (first 18 months), P50a, P50b (first
    year), P50c, P45a and P45b (first year).
    """
    model = Simulation(replace(scenario, years=float(YEARS)), replicate, start.copy())
    town, days = model.town, []
    crimes = np.zeros((len(Crime), len(town.places)), np.int64)
    months = np.zeros((2, len(DAYS_OF_MONTHS)))
    for week in range(CRISES_WEEKS):
        model.step()
        day, person, place = crisis_calls(town)
        days.append((day + DAYS_PER_WEEK * week, person, place.astype(np.int64)))
        if week < WEEKS_PER_YEAR:
            _note_crimes(model, week, crimes, months)
    calls = CrisisCalls(*(np.concatenate(each) for each in zip(*days, strict=True)))
    return _of_places(town, calls, crimes) | _of_people(town, calls) | _of_months(months)


def _note_crimes(model: Simulation, week: int, crimes: Ints, months: Floats) -> None:
    """Add the crimes that police record: by type and place, and by violence or not and month."""
    town = model.town
    found = town.incidents
    share = model.parameters.reporting.recorded
    is_recorded = police_of(found.event, town.calls, share)[2]
    kind, place = found.type[is_recorded], found.place[is_recorded]
    np.add.at(crimes, (kind, place), 1)
    day = DAYS_PER_WEEK * week + found.day[is_recorded].astype(np.int64)
    month = np.searchsorted(np.cumsum(DAYS_OF_MONTHS), day, side="right")
    np.add.at(months, ((kind != Crime.VIOLENCE).astype(int), np.minimum(month, 11)), 1)


def _of_places(town: Town, calls: CrisisCalls, crimes: Ints) -> dict[str, float]:
    """Return where calls and crimes of the first year sit."""
    hoods, places = town.neighbourhoods, len(town.places)
    year, all_crime = calls.at(places, 0, WEEKS_PER_YEAR), crimes.sum(axis=0)
    holds = share_that_holds(year) if year.sum() >= FEWEST_CALLS * places else NAN
    at = intersections(town)
    residents = float(hoods.population.sum())
    size = residents / (at.max() + 1)
    is_intersection = PLACE[0] <= size <= PLACE[1]
    violence, household = (
        np.bincount(at, weights=crimes[kind]).astype(np.int64)
        for kind in (Crime.VIOLENCE, Crime.HOUSEHOLD)
    )
    return {
        "P28a": holds,
        "P28b": holds / thinned_share(all_crime, int(year.sum())),
        "P29a": repeat_share(violence) if is_intersection else NAN,
        "P29b": repeats_of_break_ins(household, residents) if is_intersection else NAN,
        "P50a": float(1000 * year.sum() / residents),
        "P50b": _clustered_more(town, year, crimes[Crime.VIOLENCE]),
        "P50c": _ranks_persist(
            town, year, calls.at(places, CRISES_WEEKS - WEEKS_PER_YEAR, CRISES_WEEKS)
        ),
    }


def intersections(town: Town) -> Ints:
    """Return the unit of each place, (places,), as large as the intersections of police data.

    Street segments that follow one another on their neighbourhood's lattice are put together, as
    many as come nearest to 170 residents of all ages; the last of a neighbourhood may be fewer.
    """
    hoods, places = town.neighbourhoods, town.places
    size = float(hoods.population.sum()) / len(places)
    each = max(1, round(INTERSECTION / size))
    number = (np.arange(len(places)) - hoods.first_place[places.neighbourhood]) // each
    is_first = np.ones(len(places), bool)
    is_first[1:] = (np.diff(number) != 0) | (np.diff(places.neighbourhood) != 0)
    return np.asarray(np.cumsum(is_first) - 1)


def _by_hood(town: Town, at: Ints) -> Floats:
    return np.bincount(
        town.places.neighbourhood, weights=at, minlength=len(town.neighbourhoods)
    ).astype(float)


def _clustered_more(town: Town, crisis: Ints, violence: Ints) -> float:
    """Return the worst 5% of neighbourhoods' share of crisis calls less that of violence."""
    if len(town.neighbourhoods) < FEWEST:
        return NAN
    one, other = (metrics.share_of_top(_by_hood(town, at), 0.05) for at in (crisis, violence))
    return one - other


def _ranks_persist(town: Town, first: Ints, last: Ints) -> float:
    people = town.neighbourhoods.population
    return float(rank_correlation(_by_hood(town, first) / people, _by_hood(town, last) / people))


def _of_people(town: Town, calls: CrisisCalls) -> dict[str, float]:
    """Return how many calls are repeats in the second year, and come from few in 18 months."""
    year, both = DAYS_PER_WEEK * WEEKS_PER_YEAR, 2 * DAYS_PER_WEEK * WEEKS_PER_YEAR
    early = calls.day < both
    months_18 = calls.person[calls.day < DAYS_PER_WEEK * MONTHS_18]
    residents = float(town.neighbourhoods.population.sum())
    return {
        "P35a": share_of_repeats(calls.person[early], calls.day[early], since=year),
        "P35b": share_of_few(months_18, residents),
    }


def _of_months(months: Floats) -> dict[str, float]:
    return {"P45a": harmonic(months[0]), "P45b": harmonic(months[1])}


def drift(scenario: Scenario, start: Town, replicate: int) -> dict[str, float]:
    """Return how much recorded violence of neighbourhoods drifts in a year, and in eleven.

    Parameters
    ----------
    scenario, start, replicate : as for `crises`.

    Returns
    -------
    P47a, the mean over pairs of years in a row; P47b, of all eleven over that.
    """
    model = Simulation(replace(scenario, years=float(DRIFT_YEARS)), replicate, start.copy())
    hoods = model.town.neighbourhoods
    counts = np.zeros((len(hoods), DRIFT_YEARS))
    for year in range(DRIFT_YEARS):
        for _ in range(WEEKS_PER_YEAR):
            model.step()
            counts[:, year] += hoods.new_recorded_violence
    two = float(np.mean([extra_variance(counts[:, k : k + 2]) for k in range(DRIFT_YEARS - 1)]))
    return {"P47a": two, "P47b": extra_variance(counts) / two if two > 0 else NAN}
