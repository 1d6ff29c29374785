"""Stage 2, assess: on its interval the service reads its records and labels each place.

Rates come from the records of the strategy's window; a yearly survey asks ``survey_size``
residents a neighbourhood (keyed draws, with replacement) about efficacy, trust and fear and
costs hours. Without a survey efficacy is imputed from participation, trust and fear are
unknown (0.5). Zones follow `wheel.move_zone`; until week 0 they are read plainly, without memory.
The true zone is the same rule on true incidents, true capacity and true trust; it and the labels
by calls are read each quarter over a year, however often the service looks.

    capacity = (w_e efficacy + w_a assets + w_p participation/full + w_l leaders/full) / sum w

Source: practice.md (limits are a judgement). Assumption: records show initiatives' leads,
known leaders, participants and census assets as they are.

Reads: past_* records, leaders, participants, community_led. Writes: zones, seen_*.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.kernels import choice, event_id, kernel
from omemsim.strategies import Strategy
from omemsim.town import Table, Town
from omemsim.vocabulary.columns import HISTORY
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Assess, Parameters, ZoneLimits
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Zone, one_axis_zone, relative_zone

__all__ = ["capacity_index", "count_of", "step", "weeks_seen"]

QUARTER = 13
_AMBER, _GREEN, _BLUE = int(Zone.AMBER), int(Zone.GREEN), int(Zone.BLUE)
UNKNOWN = 0.5  # trust and fear where nobody is asked


def step(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Survey once a year; label the zones on the interval."""
    places = town.neighbourhoods
    town.service.survey_hours[0] = 0.0
    if town.week % WEEKS_PER_YEAR == 0:
        survey(town, parameters.assess, strategy.survey_size)
    if town.week % strategy.assess_every == 0:
        places.seen_capacity[:] = capacity_index(places, places.seen_efficacy, parameters.assess)
        if town.week <= 0:
            town.service.reference_crime[0] = _town_crime(town, strategy.window)
        label(town, parameters.zones, strategy.window, weeks=strategy.assess_every, true=False)
    if town.week % QUARTER == 0:  # what is compared must not depend on how often police look
        label(town, parameters.zones, WEEKS_PER_YEAR, weeks=QUARTER, true=True)
        calls = call_rates(town)
        places.call_zone[:] = one_axis_zone(calls, parameters.zones)
        places.relative_zone[:] = relative_zone(calls)


def label(town: Town, limits: ZoneLimits, window: int, *, weeks: int, true: bool) -> None:
    """Write the label police see, or the true one; ``weeks`` have passed since the last."""
    hoods = town.neighbourhoods
    move_zones(
        (int(town.week), weeks, true),
        (weeks_seen(town, window), weeks_seen(town, QUARTER)),
        lines(limits),
        max(float(town.service.reference_crime[0]), 1e-9),
        (hoods.past_calls, hoods.past_repeats, hoods.past_incidents),
        (hoods.past_recorded_violence, hoods.past_recorded_property),
        (hoods.residents, hoods.population),
        (hoods.capacity if true else hoods.seen_capacity, hoods.community_led),
        hoods.trust if true else hoods.seen_trust,
        hoods.true_zone if true else hoods.zone,
        hoods.true_weeks_past if true else hoods.weeks_past,
    )


@once
def lines(limits: ZoneLimits) -> tuple[tuple[float, ...], ...]:
    """Return the lines between zones: by calls, recorded crime and true crime; what else counts."""
    names = (
        ("calls_low", "calls_mid", "calls_high"),
        ("recorded_low", "recorded_mid", "recorded_high"),
        ("harm_low", "harm_mid", "harm_high"),
        ("margin", "capacity", "community_led", "repeat"),
        ("trust", "weeks_up"),
    )
    return tuple(tuple(float(getattr(limits, name)) for name in group) for group in names)


@kernel
def move_zones(  # type: ignore[no-untyped-def]
    now, windows, lines, reference, records, recorded, people, able, trust, zone, weeks_past
):
    """Label each neighbourhood, as `wheel.read_zone` until week 0, then as `wheel.move_zone`."""
    week, weeks, true = now
    by_calls, by_recorded, by_harm, others, (least_trust, weeks_up) = lines
    limits = by_calls, by_harm if true else by_recorded, others
    for n in range(zone.size):
        capable = np.float64(able[0][n]), np.float64(able[1][n])
        seen = seen_over(windows[0], week, true, n, records, recorded, people, reference)
        if week <= 0:
            zone[n] = zone_of(seen, capable, limits, 0.0)
            continue
        last = seen_over(windows[1], week, true, n, records, recorded, people, reference)
        is_trusted = zone[n] != Zone.AMBER or np.float64(trust[n]) >= least_trust
        is_better = zone_of(seen, capable, limits, -1.0) > zone[n] and is_trusted
        past = weeks_past[n] + weeks if is_better else 0
        rises = is_better and past >= weeks_up and zone_of(last, capable, limits, 0.0) > zone[n]
        new = zone[n] + 1 if rises else min(zone[n], zone_of(seen, capable, limits, 1.0))
        weeks_past[n] = 0 if new != zone[n] else past
        zone[n] = new


@kernel
def seen_over(window, week, true, n, records, recorded, people, reference):  # type: ignore[no-untyped-def]
    """Return calls and harm of a neighbourhood, as rates and numbers, and repeats by call."""
    years = window / WEEKS_PER_YEAR
    calls, repeats = count_in(records[0][n], week, window), count_in(records[1][n], week, window)
    if true:
        crimes = count_in(records[2][n], week, window)
        harm = 1000 * crimes / years / people[0][n]
    else:
        crimes = count_in(recorded[0][n], week, window) + count_in(recorded[1][n], week, window)
        harm = 1000 * crimes / years / people[1][n] / reference
    return 1000 * calls / years / people[1][n], calls, harm, crimes, repeats / max(calls, 1)


@kernel
def zone_of(seen, capable, lines, shift):  # type: ignore[no-untyped-def]
    """Return the zone of a neighbourhood without memory, as `wheel.read_zone`."""
    calls, n_calls, harm, n_harm, repeat = seen
    by_calls, by_harm, (margin, capacity, community_led, repeats) = lines
    need = min(
        level(calls, n_calls, by_calls, margin, shift), level(harm, n_harm, by_harm, margin, shift)
    )
    soft = 1 + shift * margin
    is_able = capable[0] * soft >= capacity and capable[1] * soft >= community_led
    zone = _GREEN if need == _BLUE and not is_able else need
    return _AMBER if zone == _GREEN and repeat >= repeats * soft else zone


@kernel
def level(rate, count, lines, margin, shift):  # type: ignore[no-untyped-def]
    """Return 3 below the first line to 0 at the third, each moved by the margin or its error."""
    error = rate / np.sqrt(np.float64(max(count, 1)))
    found = _BLUE
    for line in lines:
        found -= rate >= line + shift * max(error, margin * line)
    return found


@kernel
def count_of(past, week, window):  # type: ignore[no-untyped-def]
    """Return the sum of the last ``window`` weeks before ``week`` of ring records, int64."""
    total = np.zeros(past.shape[0], np.int64)
    for n in range(past.shape[0]):
        total[n] = count_in(past[n], week, window)
    return total


@kernel
def count_in(past, week, window):  # type: ignore[no-untyped-def]
    """Return the same of one row."""
    total = np.int64(0)
    for one in range(week - window, week):
        total += past[one % HISTORY]
    return total


def call_rates(town: Town) -> Any:
    """Return public calls per 1,000 residents of all ages over the last year, float64 (N,)."""
    hoods, window = town.neighbourhoods, weeks_seen(town, WEEKS_PER_YEAR)
    calls = count_of(hoods.past_calls, town.week, window)
    return 1000 * calls / (window / WEEKS_PER_YEAR) / hoods.population


def _crimes(places: Table, week: int, window: int) -> Any:
    return count_of(places.past_recorded_violence, week, window) + count_of(
        places.past_recorded_property, week, window
    )


def weeks_seen(town: Town, window: int) -> int:
    """Return how many weeks of a window there are records for, at least 1."""
    return min(window, max(town.week - town.born, 1))


def _town_crime(town: Town, window: int) -> float:
    window = weeks_seen(town, window)
    crimes = _crimes(town.neighbourhoods, town.week, window).sum()
    population = town.neighbourhoods.population.sum()
    return float(1000 * crimes * WEEKS_PER_YEAR / window / population)


def capacity_index(places: Table, efficacy: Any, weights: Assess) -> Any:
    """Return the capacity index (N,), in [0, 1], given collective efficacy (N,)."""
    return index(
        *capacity_weights(weights),
        efficacy,
        places.assets,
        places.participants,
        places.leaders,
        places.residents,
    )


@once
def capacity_weights(weights: Assess) -> tuple[tuple[np.float32, ...], tuple[float, ...]]:
    """Return the weights of efficacy and assets; those of people, when they are full, the sum."""
    soft = weights.efficacy_weight, weights.assets_weight
    people = weights.participation_weight, weights.leaders_weight
    full = weights.participation_full, weights.leaders_full
    total = max(soft[0] + soft[1] + people[0] + people[1], 1e-9)
    return tuple(map(np.float32, soft)), tuple(map(float, (*people, *full, total)))


@kernel
def index(soft, others, efficacy, assets, participants, leaders, residents):  # type: ignore[no-untyped-def]
    by_part, by_leaders, part_full, leaders_full, scale = others
    capacity = np.empty(residents.size)
    for n in range(residents.size):
        taking_part = participants[n] / residents[n] / part_full
        leading = 1000 * leaders[n] / residents[n] / leaders_full
        total = np.float64(soft[0] * efficacy[n] + soft[1] * assets[n])
        total += by_part * min(taking_part, 1.0)
        total += by_leaders * min(leading, 1.0)
        capacity[n] = total / scale
    return capacity


def survey(town: Town, group: Assess, size: int) -> None:
    """Ask a sample of residents, or impute where nobody is asked."""
    places = town.neighbourhoods
    if size == 0:
        part = places.participants / places.residents / group.participation_full
        base = group.imputed_efficacy
        places.seen_efficacy[:] = base + (1 - base) * np.minimum(part, 1)
        places.seen_trust[:] = UNKNOWN
        places.seen_fear[:] = UNKNOWN
        return
    town.service.survey_hours[0] = group.survey_hours * size * len(places)
    ask(
        places.key,
        places.first_resident,
        places.residents,
        size,
        stream(town.seed, Decision.SURVEY, town.week),
        (town.residents.efficacy, town.residents.trust, town.residents.fear),
        (places.seen_efficacy, places.seen_trust, places.seen_fear),
    )


@kernel
def ask(key, first, residents, size, luck, answers, out):  # type: ignore[no-untyped-def]
    efficacy, trust, fear = answers
    for n in range(key.size):
        total_efficacy, total_trust, total_fear = 0.0, 0.0, 0.0
        for k in range(size):
            who = first[n] + choice(event_id(key[n], k, luck[0], luck[1]), 0, residents[n])
            total_efficacy += np.float64(efficacy[who])
            total_trust += np.float64(trust[who])
            total_fear += np.float64(fear[who])
        out[0][n] = total_efficacy / size
        out[1][n] = total_trust / size
        out[2][n] = total_fear / size
