"""Stage 1, context: season, trend, shocks and events; hardship; households move."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omemsim.reference.draws import MASK32, cut, probability, uniform
from omemsim.reference.drift import drift
from omemsim.reference.entries import Newcomer
from omemsim.reference.hazards import meet_hazards
from omemsim.reference.needs import crisis_need
from omemsim.reference.stopping import draw_group, exposure_by_age, exposure_by_group
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, per_week, season

if TYPE_CHECKING:
    from omemsim.reference.agents import Agency, Household, Neighbourhood, Resident
    from omemsim.reference.draws import Stream
    from omemsim.reference.entries import Event
    from omemsim.reference.model import ReferenceModel
    from omemsim.vocabulary.parameters import People

__all__ = ["TENANCY", "context"]

CRIME, ECONOMIC, LEGITIMACY, BUDGET_CUT, AGENCY_CLOSING, CAMPAIGN = range(6)
USUAL_FEAR = 0.3  # fear around which flight is counted
SAME = 1e-6  # hardship that differs by less is the same, in float32

AGE_LIMITS = (0.15, 0.47, 0.79)  # cumulative shares of 15-24, 25-44, 45-64; then 65 or older
YOUTH = 0
MOST_ACTIVE = 4000.0  # times the mean propensity
POINTS: dict[float, list[tuple[float, float]]] = {}  # of gammas, by shape, once found
OCCUPANT_DRAWS = 13
TENANCY = 0x9E3779B1  # spreads the tenancy number over the bits of a seat's key


def context(model: ReferenceModel) -> None:
    """Stage 1: the scene, what befalls the town, hardship; then households move."""
    group, service, week = model.parameters.context, model.service, model.week
    service.season = season(week, group.peak_to_trough, group.peak_week)
    service.trend = (1 + group.disorder_trend) ** (max(week, 0) / WEEKS_PER_YEAR)
    events = [event for event in model.events if event.start <= week < event.end]
    service.shock = lasting_shock(model)
    service.staffing = service.granted
    for event in events:
        if event.what == BUDGET_CUT:
            service.staffing *= 1 - min(event.size, 1.0)
    drift(model)
    for agency in model.agencies:
        agency.is_open = not any(closes(event, agency) for event in events)
    for hood in model.neighbourhoods:
        hood.shock = service.shock + befalls(hood, events, CRIME)
        hood.scandal = min(1.0, befalls(hood, events, LEGITIMACY))
        hood.campaign = min(1.0, befalls(hood, events, CAMPAIGN))
        suffer_hardship(model, hood, min(1.0, befalls(hood, events, ECONOMIC)))
    meet_hazards(model)
    move(model)


def lasting_shock(model: ReferenceModel) -> float:
    """Return what is left of the town's crime shock."""
    group, week = model.parameters.context, model.week
    if not 0 <= group.shock_week <= week:
        return 0.0
    age = week - group.shock_week
    return float(group.shock_size * 0.5 ** (age / group.shock_half_life))


def befalls(hood: Neighbourhood, events: list[Event], what: int) -> float:
    """Return the summed size of the events of a kind at a neighbourhood.

    Parameters
    ----------
    events : those of this week.
    what : kind, as ``Happening``.
    """
    return sum(e.size for e in events if e.what == what and e.neighbourhood in (None, hood))


def closes(event: Event, agency: Agency) -> bool:
    """Say whether an event closes an agency: its sector, and a place it serves."""
    is_sector = event.sector in (-1, agency.sector)
    is_here = event.neighbourhood is None or event.neighbourhood in agency.catchment
    return event.what == AGENCY_CLOSING and is_sector and is_here


def suffer_hardship(model: ReferenceModel, hood: Neighbourhood, hardship: float) -> None:
    """Draw the same residents anew where hardship has changed.

    Parameters
    ----------
    hardship : deprivation added, 0 to 1.
    """
    has_changed = abs(hardship - hood.hardship) > SAME
    hood.hardship = hardship
    if has_changed:
        streams = occupant_streams(model)
        for resident in hood.residents:
            draw_occupant(model, resident, streams)


def occupant_streams(model: ReferenceModel) -> list[Stream]:
    """Return the streams of a person's traits: the same in every week."""
    return [model.draws.stream(Decision.OCCUPANT, 0, k) for k in range(OCCUPANT_DRAWS)]


def move(model: ReferenceModel) -> None:
    """Draw the households that move, sooner out of fear, and seat their successors."""
    draws, group, service = model.draws, model.parameters.context, model.service
    moving = draws.stream(Decision.MOVE, model.week)
    model.newcomers = []
    service.moves = service.moved_out = service.moved_in = 0
    for hood in model.neighbourhoods:
        flight = max(0.0, 1 + group.flight * (hood.fear - USUAL_FEAR))
        p = probability(per_week(hood.moving) * flight)
        for household in hood.households:
            if draws.below(uniform(household.key, moving), p):
                service.moves += 1
                service.moved_out += len(household.residents)
                service.moved_in += len(household.residents)
                seat_newcomers(model, household)
        hood.assets = sum(r.assets for r in hood.residents) / len(hood.residents)


def seat_newcomers(model: ReferenceModel, household: Household) -> None:
    """Draw who lives in a dwelling from this week on."""
    household.since_week = model.week
    streams = occupant_streams(model)
    for resident in household.residents:
        resident.tenancy = (resident.tenancy + 1) % 2**16
        resident.is_moved = True
        model.newcomers.append(Newcomer(resident))
        draw_occupant(model, resident, streams)
    family = household.key ^ household.residents[0].tenancy * TENANCY & MASK32
    u = uniform(family, model.draws.stream(Decision.CHILDREN, 0))
    household.children = model.draws.below(u, model.parameters.people.children)


def draw_occupant(model: ReferenceModel, resident: Resident, streams: list[Stream]) -> None:
    """Draw the traits of the person who sits in a seat, from the seat's and their own number.

    Parameters
    ----------
    streams : one for each trait that is drawn (`occupant_streams`).
    """
    people, draws, hood = model.parameters.people, model.draws, resident.neighbourhood
    person = resident.key ^ resident.tenancy * TENANCY & MASK32
    u = [uniform(person, stream) for stream in streams]
    deprivation = min(hood.deprivation + hood.hardship, 1.0)
    common = cut(deprivation + people.deprivation_within * (u[0] + u[1] - 1))
    precursors = [cut(common + people.precursor_spread * (2 * x - 1)) for x in u[2:6]]
    resident.income, resident.housing, resident.addictions, resident.family = precursors
    resident.need = sum(precursors) / 4
    resident.assets = cut(1 - common + people.asset_spread * (2 * u[6] - 1))
    resident.age = sum(not draws.below(u[7], limit) for limit in AGE_LIMITS)
    level = people.propensity_floor + 2 * (1 - people.propensity_floor) * resident.need
    active = level * long_tailed(u[8], people.propensity_shape)
    active *= offending_by_age(people)[resident.age]
    if resident.age == YOUTH:
        active *= 1 - people.early_effect * hood.cohort
    resident.propensity = min(active, MOST_ACTIVE)
    chance = (people.exposure_power + 1) * u[9] ** people.exposure_power
    resident.exposure = (1 + people.exposure_need * (resident.need - 0.5)) * chance
    resident.crisis_need = crisis_need(model, resident, person)
    anchor = people.trust_level - people.trust_need * resident.need
    resident.trust_anchor = cut(anchor + people.trust_spread * (2 * u[10] - 1))
    resident.group = draw_group(model, resident, u[12])
    by_age, by_group = exposure_by_age(model), exposure_by_group(model)
    resident.stop_exposure = by_age[resident.age] * by_group[resident.group]
    resident.is_leader = draws.below(u[11], 2 * people.leader_prevalence * resident.assets)


def offending_by_age(people: People) -> list[float]:
    """Return offending by age group, as a multiple of the mean over all ages."""
    middle, old = people.middle_propensity, people.old_propensity
    relative = (people.youth_propensity, 1.0, middle, old)
    limits = (0.0, *AGE_LIMITS, 1.0)
    mean = sum(x * (limits[i + 1] - limits[i]) for i, x in enumerate(relative))
    return [x / mean for x in relative]


def long_tailed(u: float, shape: float) -> float:
    """Return a gamma of mean 1 at a quantile u: a line between 32 points of each halving of 1 - u.

    Parameters
    ----------
    shape : of the gamma, above 0.
    """
    points, above = gamma_points(shape), 1 - u
    k = max(k for k, (share, _) in enumerate(points[:-1]) if share >= above)
    (share, left), (next_share, right) = points[k], points[k + 1]
    return left + (share - above) / (share - next_share) * (right - left)


def gamma_points(shape: float) -> list[tuple[float, float]]:
    """Return points of a gamma whose lines have mean 1: share of people above, and quantile."""
    if shape not in POINTS:
        shares = [2.0**-half * (1 - piece / 64) for half in range(24) for piece in range(32)]
        shares.append(2.0**-24)
        values = [0.0, *(gamma_quantile(shape, share) for share in shares[1:])]
        mean = sum(
            (shares[k] - shares[k + 1]) * (values[k] + values[k + 1]) / 2
            for k in range(len(shares) - 1)
        )
        values = [value / mean for value in values]
        POINTS[shape] = list(zip(shares, values, strict=True))
    return POINTS[shape]


def gamma_quantile(shape: float, above: float) -> float:
    """Return what a share of people has more of than, by halving on the scale of logs."""
    low, high = -740.0, math.log(shape + 60 + 10 * math.sqrt(shape))
    for _ in range(52):
        middle = (low + high) / 2
        is_less = share_above(shape, math.exp(middle)) > above
        low, high = (middle, high) if is_less else (low, middle)
    return math.exp((low + high) / 2)


def share_above(shape: float, x: float) -> float:
    """Return the upper incomplete gamma function, as a share: a series, or a continued fraction."""
    common = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        term = total = 1 / shape
        n = shape
        while term > 1e-16 * total:
            n += 1
            term *= x / n
            total += term
        return 1 - common * total
    b = x + 1 - shape
    c, d = 1e300, 1 / b
    fraction, k, change = d, 0, 0.0
    while abs(change - 1) > 1e-15 and k < 1000:
        k += 1
        a = k * (shape - k)
        b += 2
        d = 1 / (a * d + b)
        c = b + a / c
        change = c * d
        fraction *= change
    return common * fraction
