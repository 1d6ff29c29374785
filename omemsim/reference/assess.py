"""Stage 2, assess: surveys, indicators and the zone rule, a neighbourhood at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from omemsim.reference.capacity import capacity_index
from omemsim.reference.draws import choice, event_id
from omemsim.vocabulary.columns import HISTORY
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Zone

if TYPE_CHECKING:
    from omemsim.reference.agents import Neighbourhood
    from omemsim.reference.draws import Draws
    from omemsim.reference.model import ReferenceModel
    from omemsim.vocabulary.parameters import ZoneLimits

__all__ = ["assess", "last_weeks", "weeks_seen"]

QUARTER = 13  # weeks
UNKNOWN = 0.5  # trust and fear where nobody is asked

Moved = Callable[[float, float], float]  # of a rate and a line: how far the line is moved


@dataclass
class Seen:
    """What a zone is read from; ``harm`` in the unit of ``harm_limits``."""

    calls: float
    n_calls: int
    harm: float
    n_harm: int
    harm_limits: tuple[float, float, float]
    repeat: float
    capacity: float
    community_led: float
    trust: float


def assess(model: ReferenceModel) -> None:
    """Stage 2: survey once a year; label the zones on the interval."""
    model.service.survey_hours = 0.0
    if model.week % WEEKS_PER_YEAR == 0:
        survey(model)
    if model.week <= 0 and model.week % model.strategy.assess_every == 0:
        model.service.reference_crime = town_crime(model)
    for hood in model.neighbourhoods:
        if is_due(model, hood):
            hood.seen_capacity = capacity_index(hood, hood.seen_efficacy, model.parameters.assess)
            label_seen(model, hood)
    if model.week % QUARTER == 0:
        for hood in model.neighbourhoods:
            label_truth(model, hood)
        label_by_town(model)


def survey(model: ReferenceModel) -> None:
    """Ask a sample of residents, or impute where nobody is asked."""
    group, size = model.parameters.assess, model.strategy.survey_size
    stream = model.draws.stream(Decision.SURVEY, model.week)
    model.service.survey_hours = group.survey_hours * size * len(model.neighbourhoods)
    for hood in model.neighbourhoods:
        n = len(hood.residents)
        if size == 0:
            part = min(1.0, hood.participants / n / group.participation_full)
            hood.seen_efficacy = group.imputed_efficacy + (1 - group.imputed_efficacy) * part
            hood.seen_trust = UNKNOWN
            hood.seen_fear = UNKNOWN
        else:
            asked = [
                hood.residents[choice(event_id(hood.key, k, stream), 0, n)] for k in range(size)
            ]
            hood.seen_efficacy = sum(r.efficacy for r in asked) / size
            hood.seen_trust = sum(r.trust for r in asked) / size
            hood.seen_fear = sum(r.fear for r in asked) / size


def last_weeks(past: list[int], week: int, window: int) -> int:
    """Return the sum of the ``window`` weeks before a week, of a ring of records.

    Parameters
    ----------
    past : counts of `HISTORY` weeks, week w at w % `HISTORY`.
    week : the one that is not counted any more.
    window : weeks, 0 to `HISTORY`.
    """
    return sum(past[w % HISTORY] for w in range(week - window, week))


def recorded_crimes(hood: Neighbourhood, week: int, window: int) -> int:
    """Return the crimes police recorded in the weeks before a week.

    Parameters
    ----------
    week, window : as for `last_weeks`.
    """
    return last_weeks(hood.past_recorded_violence, week, window) + last_weeks(
        hood.past_recorded_property, week, window
    )


def town_crime(model: ReferenceModel) -> float:
    """Return recorded crime of the town per 1,000 residents of all ages a year."""
    window = weeks_seen(model, model.strategy.window)
    crimes = sum(recorded_crimes(hood, model.week, window) for hood in model.neighbourhoods)
    population = sum(hood.population for hood in model.neighbourhoods)
    return 1000 * crimes * WEEKS_PER_YEAR / window / population


def weeks_seen(model: ReferenceModel, window: int) -> int:
    """Return how many weeks of a window there are records for, at least 1."""
    return min(window, max(model.week - model.born, 1))


def calls_per_year(hood: Neighbourhood, week: int, window: int) -> float:
    """Return public calls per 1,000 residents of all ages a year.

    Parameters
    ----------
    week, window : as for `last_weeks`; ``window`` is above 0.
    """
    calls = last_weeks(hood.past_calls, week, window)
    return 1000 * calls / (window / WEEKS_PER_YEAR) / hood.population


def look(model: ReferenceModel, hood: Neighbourhood, window: int, *, true: bool) -> Seen:
    """Return what police see in their records, or what is true.

    Parameters
    ----------
    window : weeks; as many are looked at as are on record.
    true : whether what is true is read, and not what police know.
    """
    window = weeks_seen(model, window)
    limits, week, years = model.parameters.zones, model.week, window / WEEKS_PER_YEAR
    n_calls = last_weeks(hood.past_calls, week, window)
    if true:
        n_harm = last_weeks(hood.past_incidents, week, window)
        harm = 1000 * n_harm / years / len(hood.residents)
        harm_limits = limits.harm_low, limits.harm_mid, limits.harm_high
    else:
        n_harm = recorded_crimes(hood, week, window)
        harm = 1000 * n_harm / years / hood.population
        harm /= max(model.service.reference_crime, 1e-9)
        harm_limits = limits.recorded_low, limits.recorded_mid, limits.recorded_high
    return Seen(
        calls=calls_per_year(hood, week, window),
        n_calls=n_calls,
        harm=harm,
        n_harm=n_harm,
        harm_limits=harm_limits,
        repeat=last_weeks(hood.past_repeats, week, window) / max(n_calls, 1),
        capacity=hood.capacity if true else hood.seen_capacity,
        community_led=hood.community_led,
        trust=hood.trust if true else hood.seen_trust,
    )


def classify(value: float, lines: tuple[float, float, float], moved: Moved | None = None) -> int:
    """Return blue below the first line, down to red from the third; lines may be moved.

    Parameters
    ----------
    value : in the unit of the lines.
    lines : three, increasing.
    moved : how far a line is moved, of value and line; None moves none.
    """
    return Zone.BLUE - sum(value >= line + (moved(value, line) if moved else 0.0) for line in lines)


def read_zone(draws: Draws, seen: Seen, limits: ZoneLimits, shift: int = 0) -> int:
    """Return the zone without memory.

    Parameters
    ----------
    draws : notes what is too near to a line to be sure of.
    seen : indicators.
    limits : the lines between zones.
    shift : -1 strict (to move up), 0 plain, +1 lenient (to move down).
    """

    def margin(count: int) -> Moved:
        error = 1 / math.sqrt(max(count, 1))
        return lambda value, line: shift * max(error * value, limits.margin * line)

    calls = (limits.calls_low, limits.calls_mid, limits.calls_high)
    zone = min(
        classify(seen.calls, calls, margin(seen.n_calls)),
        classify(seen.harm, seen.harm_limits, margin(seen.n_harm)),
    )
    soft = 1 + shift * limits.margin
    able = draws.reaches(seen.capacity * soft, limits.capacity)
    able = able and seen.community_led * soft >= limits.community_led
    if zone == Zone.BLUE and not able:
        zone = Zone.GREEN
    if zone == Zone.GREEN and seen.repeat >= limits.repeat * soft:
        zone = Zone.AMBER
    return int(zone)


def is_due(model: ReferenceModel, hood: Neighbourhood) -> bool:
    """Say whether police assess a neighbourhood, sooner where they monitor crime reduction."""
    every = model.strategy.assess_every
    if model.week <= 0:
        return bool(model.week % every == 0)
    interval = every * (1 - model.parameters.assess.sooner * hood.rotation)
    return bool(model.week - hood.looked >= max(1, model.draws.nearest(interval)))


def label_seen(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Write the zone police see, on their interval and window."""
    since, hood.looked = model.week - hood.looked, model.week
    hood.zone, hood.weeks_past = move_zone(
        model,
        hood.zone,
        hood.weeks_past,
        seen=look(model, hood, model.strategy.window, true=False),
        quarter=look(model, hood, QUARTER, true=False),
        weeks=since,
    )


def label_truth(model: ReferenceModel, hood: Neighbourhood) -> None:
    """Write the true zone, each quarter over a year."""
    hood.true_zone, hood.true_weeks_past = move_zone(
        model,
        hood.true_zone,
        hood.true_weeks_past,
        seen=look(model, hood, WEEKS_PER_YEAR, true=True),
        quarter=look(model, hood, QUARTER, true=True),
        weeks=QUARTER,
    )


def move_zone(
    model: ReferenceModel, zone: int, weeks_past: int, *, seen: Seen, quarter: Seen, weeks: int
) -> tuple[int, int]:
    """Return the new zone and the weeks it has now been past the line upwards.

    Parameters
    ----------
    zone : the label now.
    weeks_past : weeks past the line up, as last returned.
    seen : indicators over the window.
    quarter : the same over the last quarter.
    weeks : since zones were last read.
    """
    limits, draws = model.parameters.zones, model.draws
    if model.week <= 0:
        return read_zone(draws, seen, limits), weeks_past
    trusted = zone != Zone.AMBER or draws.reaches(seen.trust, limits.trust)
    is_past = read_zone(draws, seen, limits, -1) > zone and trusted
    weeks_past = weeks_past + weeks if is_past else 0
    if is_past and weeks_past >= limits.weeks_up and read_zone(draws, quarter, limits) > zone:
        return zone + 1, 0
    new = min(zone, read_zone(draws, seen, limits, 1))
    return new, weeks_past if new == zone else 0


def label_by_town(model: ReferenceModel) -> None:
    """Write the labels by calls alone: plain, and relative to the town's mean."""
    limits, window = model.parameters.zones, weeks_seen(model, WEEKS_PER_YEAR)
    lines = (limits.calls_low, limits.calls_mid, limits.calls_high)
    calls = [calls_per_year(hood, model.week, window) for hood in model.neighbourhoods]
    mean = sum(calls) / len(calls)
    deviation = math.sqrt(sum((x - mean) ** 2 for x in calls) / len(calls))
    for hood, x in zip(model.neighbourhoods, calls, strict=True):
        hood.call_zone = classify(x, lines)
        score = (x - mean) / max(deviation, 1e-9)
        hood.relative_zone = Zone.BLUE - sum(
            model.draws.reaches(score, s) for s in (-0.5, 0.5, 1.5)
        )
