"""Stage 2, assess: on its interval the service reads its records and labels neighbourhoods.

Rates come from the records of the strategy's window; a yearly survey asks ``survey_size`` residents
a neighbourhood (keyed draws, with replacement) about efficacy, trust and fear and costs hours.
Without a survey efficacy is imputed from participation, trust and fear are unknown (0.5). Where
crime reduction is monitored, the time between two looks is (1 - sooner rotation_n) of the interval.
A label is a zone, by `vocabulary.zones.move_zone`; until week 0 it is read plainly, without memory.
The true zone is the same rule on true incidents, true capacity and true trust; it and the labels by
calls are read each quarter over a year, however often the service looks.

Source: practice.md (limits are a judgement). Assumption: records show initiatives' leads,
known leaders, participants and census assets as they are.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.kernels import (
    Column,
    Double,
    Flag,
    Whole,
    choice,
    event_id,
    kernel,
    paired_sum,
    stream_of,
)
from omemsim.processes.capacity import CapacityWeights, capacity_of, capacity_weights
from omemsim.program import Stage
from omemsim.strategies import Strategy
from omemsim.town import Table, Town
from omemsim.vocabulary.columns import HISTORY
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import Zone
from omemsim.vocabulary.zones import RELATIVE_LINES

__all__ = ["STAGE", "count_in", "step"]

READS = {
    "neighbourhoods": "rotation key residents population first_resident participants leaders "
    "community_led assets capacity trust past_calls past_repeats past_incidents "
    "past_recorded_violence past_recorded_property",
    "residents": "efficacy trust fear",
}
WRITES = {
    "neighbourhoods": "zone true_zone call_zone relative_zone weeks_past true_weeks_past "
    "seen_efficacy seen_trust seen_fear seen_capacity looked",
    "service": "survey_hours reference_crime",
}

QUARTER = 13  # weeks
_AMBER, _GREEN, _BLUE = int(Zone.AMBER), int(Zone.GREEN), int(Zone.BLUE)
_LINES = len(Zone) - 1
UNKNOWN = 0.5  # trust and fear where nobody is asked
SAFE, PLAIN, UNSAFE = -1.0, 0.0, 1.0  # the side of a line that counts as past it


class ZoneLines(NamedTuple):
    """The lines between zones, from the lowest need up, and what else counts."""

    calls: Annotated[NDArray[np.float64], _LINES]
    recorded: Annotated[NDArray[np.float64], _LINES]
    harm: Annotated[NDArray[np.float64], _LINES]
    margin: np.float64
    capacity: np.float64
    community_led: np.float64
    repeat: np.float64
    trust: np.float64
    weeks_up: np.float64


class AssessParameters(NamedTuple):
    """What `assess` needs."""

    sooner: np.float64  # part of it that monitoring of crime reduction saves
    every: np.int64  # weeks between two looks of the service
    window: np.int64  # weeks of records it looks at
    survey_size: np.int64  # residents asked in a neighbourhood
    survey_hours: np.float64  # for each of them
    imputed_efficacy: np.float64
    capacity: CapacityWeights
    lines: ZoneLines


def assess_parameters(parameters: Parameters, strategy: Strategy) -> AssessParameters:
    """Return what the stage needs."""
    limits = parameters.zones
    lines = fill(
        ZoneLines,
        limits,
        calls=[limits.calls_low, limits.calls_mid, limits.calls_high],
        recorded=[limits.recorded_low, limits.recorded_mid, limits.recorded_high],
        harm=[limits.harm_low, limits.harm_mid, limits.harm_high],
    )
    return fill(
        AssessParameters,
        parameters.assess,
        every=strategy.assess_every,
        window=strategy.window,
        survey_size=strategy.survey_size,
        capacity=capacity_weights(parameters.assess),
        lines=lines,
    )


@kernel
def assess(town: Town, p: AssessParameters, week: Whole) -> None:
    """Survey once a year; label the zones on the interval."""
    hoods, service = town.neighbourhoods, town.service
    service.survey_hours[0] = 0.0
    if week % WEEKS_PER_YEAR == 0:
        survey(town, p, week)
    on_record = max(week - town.born, 1)
    window = min(p.window, on_record)
    if week <= 0 and week % p.every == 0:
        service.reference_crime[0] = crime_of_town(hoods, week, window)
    label_as_police_see(hoods, week, window, service.reference_crime[0], p)
    if week % QUARTER == 0:  # what is compared must not depend on how often police look
        window = min(WEEKS_PER_YEAR, on_record)
        label_as_true(hoods, week, window, p.lines)
        label_by_calls(hoods, week, window, p.lines)


STAGE = Stage(assess, AssessParameters, assess_parameters)
step = STAGE.step


@kernel
def survey(town: Town, p: AssessParameters, week: Whole) -> None:
    """Ask a sample of residents, or impute where nobody is asked."""
    hoods, residents = town.neighbourhoods, town.residents
    if p.survey_size == 0:
        impute(hoods, p)
        return
    town.service.survey_hours[0] = p.survey_hours * p.survey_size * hoods.key.size
    stream = stream_of(town.seed, Decision.SURVEY, week)
    for n in range(hoods.key.size):
        efficacy, trust, fear = 0.0, 0.0, 0.0
        for k in range(p.survey_size):
            event = event_id(hoods.key[n], k, stream.low, stream.high)
            who = hoods.first_resident[n] + choice(event, 0, hoods.residents[n])
            efficacy += np.float64(residents.efficacy[who])
            trust += np.float64(residents.trust[who])
            fear += np.float64(residents.fear[who])
        hoods.seen_efficacy[n] = efficacy / p.survey_size
        hoods.seen_trust[n] = trust / p.survey_size
        hoods.seen_fear[n] = fear / p.survey_size


@kernel
def impute(hoods: Table, p: AssessParameters) -> None:
    """Take efficacy from who takes part; of trust and fear nothing is known."""
    base = p.imputed_efficacy
    for n in range(hoods.key.size):
        part = hoods.participants[n] / hoods.residents[n] / p.capacity.participation_full
        hoods.seen_efficacy[n] = base + (1 - base) * min(part, 1.0)
        hoods.seen_trust[n] = hoods.seen_fear[n] = UNKNOWN


@kernel
def crime_of_town(hoods: Table, week: Whole, window: Whole) -> Double:
    """Return recorded crimes per 1,000 residents of the town a year."""
    crimes = 0
    for n in range(hoods.key.size):
        crimes += recorded_in(hoods, n, week, window)
    return 1000 * crimes * WEEKS_PER_YEAR / window / paired_sum(hoods.population)


@kernel
def recorded_in(hoods: Table, n: Whole, week: Whole, window: Whole) -> Whole:
    """Return the crimes recorded in a neighbourhood."""
    violence = count_in(hoods.past_recorded_violence[n], week, window)
    return violence + count_in(hoods.past_recorded_property[n], week, window)


class Seen(NamedTuple):
    """What a neighbourhood's zone is read from: rates a year per 1,000, and their counts."""

    calls: float
    n_calls: int
    harm: float  # recorded crime as a multiple of the reference, or true incidents
    n_harm: int
    repeat: float  # share of calls
    capacity: float
    community_led: float


@kernel
def seen_by_police(hoods: Table, n: Whole, week: Whole, window: Whole, reference: Double) -> Seen:
    """Return what the service's records and survey say."""
    years, population = window / WEEKS_PER_YEAR, hoods.population[n]
    calls = count_in(hoods.past_calls[n], week, window)
    repeats = count_in(hoods.past_repeats[n], week, window)
    crimes = recorded_in(hoods, n, week, window)
    harm = 1000 * crimes / years / population / reference
    rate, share = 1000 * calls / years / population, repeats / max(calls, 1)
    able, led = np.float64(hoods.seen_capacity[n]), np.float64(hoods.community_led[n])
    return Seen(rate, calls, harm, crimes, share, able, led)


@kernel
def true_indicators(hoods: Table, n: Whole, week: Whole, window: Whole) -> Seen:
    """Return what is true: victimization in place of records, and capacity as it is."""
    years, population = window / WEEKS_PER_YEAR, hoods.population[n]
    calls = count_in(hoods.past_calls[n], week, window)
    repeats = count_in(hoods.past_repeats[n], week, window)
    crimes = count_in(hoods.past_incidents[n], week, window)
    harm = 1000 * crimes / years / hoods.residents[n]
    rate, share = 1000 * calls / years / population, repeats / max(calls, 1)
    able, led = np.float64(hoods.capacity[n]), np.float64(hoods.community_led[n])
    return Seen(rate, calls, harm, crimes, share, able, led)


class Zones(NamedTuple):
    """What a zone could be by the window's records, and by the last quarter's."""

    up: int  # past each line by the margin on the safe side
    down: int  # by the margin on the unsafe side
    plain: int
    last: int  # by the last quarter, plain


@kernel
def zones_of(seen: Seen, last: Seen, harm_lines: Column, lines: ZoneLines) -> Zones:
    """Return the zones that a move is decided by.

    Parameters
    ----------
    seen : over the window.
    last : the same over the last quarter.
    harm_lines : float64 (3,), in the unit of ``seen.harm``.
    lines : all other lines between zones.
    """
    return Zones(
        zone_of(seen, harm_lines, lines, SAFE),
        zone_of(seen, harm_lines, lines, UNSAFE),
        zone_of(seen, harm_lines, lines, PLAIN),
        zone_of(last, harm_lines, lines, PLAIN),
    )


@kernel
def label_as_police_see(
    hoods: Table, week: Whole, window: Whole, reference: Double, p: AssessParameters
) -> None:
    """Label each neighbourhood by what the service knows."""
    reference, quarter = max(reference, 1e-9), min(window, QUARTER)
    for n in range(hoods.zone.size):
        if not is_due(hoods, n, week, p):
            continue
        hoods.seen_capacity[n] = capacity_of(hoods, n, hoods.seen_efficacy[n], p.capacity)
        since, hoods.looked[n] = week - hoods.looked[n], week
        seen = seen_by_police(hoods, n, week, window, reference)
        last = seen_by_police(hoods, n, week, quarter, reference)
        could = zones_of(seen, last, p.lines.recorded, p.lines)
        if week > 0:
            is_trusted = np.float64(hoods.seen_trust[n]) >= p.lines.trust
            past = weeks_past_line(hoods.zone[n], could, is_trusted, hoods.weeks_past[n] + since)
            new = moved(hoods.zone[n], could, past, p.lines)
            hoods.weeks_past[n] = past if new == hoods.zone[n] else 0
            hoods.zone[n] = new
        else:
            hoods.zone[n] = could.plain


@kernel
def is_due(hoods: Table, n: Whole, week: Whole, p: AssessParameters) -> Flag:
    """Say whether police assess a neighbourhood this week: sooner where they monitor reduction."""
    if week <= 0:
        return week % p.every == 0
    saved = p.sooner * np.float64(hoods.rotation[n])
    return week - hoods.looked[n] >= max(np.rint(p.every * (1.0 - saved)), 1.0)


@kernel
def label_as_true(hoods: Table, week: Whole, window: Whole, lines: ZoneLines) -> None:
    """Label each neighbourhood by the same rule on what is true."""
    quarter = min(window, QUARTER)
    for n in range(hoods.true_zone.size):
        seen = true_indicators(hoods, n, week, window)
        last = true_indicators(hoods, n, week, quarter)
        could = zones_of(seen, last, lines.harm, lines)
        if week > 0:
            is_trusted = np.float64(hoods.trust[n]) >= lines.trust
            weeks = hoods.true_weeks_past[n] + QUARTER
            past = weeks_past_line(hoods.true_zone[n], could, is_trusted, weeks)
            new = moved(hoods.true_zone[n], could, past, lines)
            hoods.true_weeks_past[n] = past if new == hoods.true_zone[n] else 0
            hoods.true_zone[n] = new
        else:
            hoods.true_zone[n] = could.plain


@kernel
def weeks_past_line(zone: Whole, could: Zones, is_trusted: Flag, weeks: Whole) -> Whole:
    """Return how long a neighbourhood has been past the line up: ``weeks``, or not at all.

    Parameters
    ----------
    zone : the label now, as ``Zone``.
    could : the zones that the move is decided by.
    is_trusted : whether trust is enough to leave amber.
    weeks : past the line, if it is past it.
    """
    return weeks if could.up > zone and (zone != _AMBER or is_trusted) else 0


@kernel
def moved(zone: Whole, could: Zones, past: Whole, lines: ZoneLines) -> Whole:
    """Return the label: one step up after time enough past the line, down at once.

    Parameters
    ----------
    zone : the label now, as ``Zone``.
    could : the zones that the move is decided by.
    past : weeks past the line up, 0 if it is not past it.
    lines : has the weeks that it takes.
    """
    rises = past > 0 and past >= lines.weeks_up and could.last > zone
    return zone + 1 if rises else min(zone, could.down)


@kernel
def zone_of(seen: Seen, harm_lines: Column, lines: ZoneLines, shift: Double) -> Whole:
    """Return the zone of a neighbourhood without memory, as `zones.read_zone`.

    Parameters
    ----------
    seen : indicators.
    harm_lines : float64 (3,), in the unit of ``seen.harm``.
    lines : all other lines between zones.
    shift : -1 strict (to move up), 0 plain, 1 lenient (to move down).
    """
    need = min(
        level(seen.calls, seen.n_calls, lines.calls, lines.margin, shift),
        level(seen.harm, seen.n_harm, harm_lines, lines.margin, shift),
    )
    soft = 1 + shift * lines.margin
    is_led = seen.community_led * soft >= lines.community_led
    is_able = seen.capacity * soft >= lines.capacity and is_led
    zone = _GREEN if need == _BLUE and not is_able else need
    return _AMBER if zone == _GREEN and seen.repeat >= lines.repeat * soft else zone


@kernel
def level(rate: Double, count: Whole, lines: Column, margin: Double, shift: Double) -> Whole:
    """Return 3 below the first line to 0 at the third, each moved by the margin or its error.

    Parameters
    ----------
    rate : in the unit of the lines.
    count : events that it comes from.
    lines : float64 (3,), increasing.
    margin : share of a line.
    shift : as for `zone_of`.
    """
    error = rate / np.sqrt(np.float64(max(count, 1)))
    found = _BLUE
    for line in lines:
        found -= rate >= line + shift * max(error, margin * line)
    return found


@kernel
def label_by_calls(hoods: Table, week: Whole, window: Whole, lines: ZoneLines) -> None:
    """Write the labels by calls alone: by their lines, and relative to the town's mean."""
    calls = np.empty(hoods.key.size)
    for n in range(calls.size):
        number = count_in(hoods.past_calls[n], week, window)
        calls[n] = 1000 * number / (window / WEEKS_PER_YEAR) / hoods.population[n]
    mean = paired_sum(calls) / calls.size
    spread = np.sqrt(paired_sum((calls - mean) * (calls - mean)) / calls.size)
    for n in range(calls.size):
        hoods.call_zone[n] = level(calls[n], 1, lines.calls, 0.0, PLAIN)
        deviation = (calls[n] - mean) / max(spread, 1e-9)
        hoods.relative_zone[n] = level(deviation, 1, RELATIVE_LINES, 0.0, PLAIN)


@kernel
def count_in(past: Column, week: Whole, window: Whole) -> Whole:
    """Return the sum of the last ``window`` weeks before ``week`` of one row of ring records."""
    total = np.int64(0)
    for one in range(week - window, week):
        total += past[one % HISTORY]
    return total
