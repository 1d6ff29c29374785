"""Stage 10, reporting: what happened becomes calls, records and knowledge of places."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from omemsim.reference.draws import choice, event_id, event_uniform
from omemsim.reference.entries import Call
from omemsim.vocabulary.columns import MONTH
from omemsim.vocabulary.questions import OF_A_CRIME, OF_AN_EPISODE
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import DAYS_PER_WEEK, decay, per_week
from omemsim.vocabulary.wheel import CallType, Crime, Origin

if TYPE_CHECKING:
    from omemsim.reference.agents import Neighbourhood, Place
    from omemsim.reference.draws import Stream
    from omemsim.reference.entries import Incident
    from omemsim.reference.model import ReferenceModel

__all__ = ["reporting"]

MEAN_TRUST, MEAN_VIGILANCE = 0.6, 0.4  # where the reporting shares of the survey hold
REPORT_SALT, _ = OF_A_CRIME["does the victim call"]
RECORD_SALT, _ = OF_A_CRIME["do police record it"]
SEEN_SALT, _ = OF_A_CRIME["does an officer see it"]
EPISODE_SALT, _ = OF_AN_EPISODE["does somebody call"]
COUNT_SALT, DAY_SALT, CALLER_SALT, HOME_SALT = 0, 1, 2, 3  # of a call about anything else
REPEAT_WEEKS = 4  # within which a household's next call is a repeat


def reporting(model: ReferenceModel) -> None:
    """Stage 10: incidents and episodes become calls, records and knowledge of places."""
    model.calls = []
    for hood in model.neighbourhoods:
        hood.new_calls = hood.new_officer_calls = hood.new_repeats = 0
        hood.new_recorded_violence = hood.new_recorded_property = 0
    for place in model.places:
        place.knowledge *= 1 - decay(model.parameters.reporting.memory)
        place.called *= 1 - decay(model.parameters.reporting.memory)
        place.recorded[model.week % MONTH] = 0
    for incident in model.incidents:
        report_crime(model, incident)
    report_episodes(model)
    stream = model.draws.stream(Decision.SERVICE, model.week)
    for place in model.places:
        call_for_service(model, place, stream)
    count_calls(model)


def report_crime(model: ReferenceModel, incident: Incident) -> None:
    """Draw whether an incident is called about, seen by an officer, and recorded."""
    group, draws, event = model.parameters.reporting, model.draws, incident.event
    seen = 1 - math.exp(-group.observed * incident.place.visits)
    is_recorded = False
    if draws.below(event_uniform(event, REPORT_SALT), p_report(model, incident)):
        is_recorded = draws.below(event_uniform(event, RECORD_SALT), group.recorded)
        call_about(model, incident, Origin.PUBLIC, is_recorded=is_recorded)
    elif draws.below(event_uniform(event, SEEN_SALT), seen):
        is_recorded = True
        call_about(model, incident, Origin.OFFICER, is_recorded=True)
    elif incident.victim is not None:
        incident.place.knowledge += group.tips * incident.victim.trust
    if is_recorded:
        file_record(model, incident)


def p_report(model: ReferenceModel, incident: Incident) -> float:
    """Return the probability that a victim, or a business, calls."""
    group, victim = model.parameters.reporting, incident.victim
    p: float = getattr(group, f"report_{Crime(incident.type).name.lower()}")
    if victim is not None:
        p += group.by_trust * (victim.trust - MEAN_TRUST)
        p += group.by_vigilance * (victim.vigilance - MEAN_VIGILANCE)
    return p


def call_about(
    model: ReferenceModel, incident: Incident, origin: Origin, *, is_recorded: bool
) -> None:
    """Make the call about an incident.

    Parameters
    ----------
    origin : who makes it.
    is_recorded : whether police record the crime.
    """
    model.calls.append(
        Call(
            event=incident.event,
            type=incident.type,
            origin=origin,
            week=model.week,
            day=incident.day,
            place=incident.place,
            caller=incident.victim,
            offender=incident.offender,
            is_recorded=is_recorded,
        )
    )


def file_record(model: ReferenceModel, incident: Incident) -> None:
    """Record a crime: it counts, and police know its place better."""
    incident.place.knowledge += 1
    incident.place.recorded[model.week % MONTH] += 1
    hood = incident.place.neighbourhood
    if incident.type == Crime.VIOLENCE:
        hood.new_recorded_violence += 1
    else:
        hood.new_recorded_property += 1


def report_episodes(model: ReferenceModel) -> None:
    """Draw which episodes somebody calls about."""
    group = model.parameters.reporting
    for episode in model.episodes:
        willing = episode.resident.trust - MEAN_TRUST
        p = group.report_disorder + group.disorder_by_trust * willing
        if model.draws.below(event_uniform(episode.event, EPISODE_SALT), p):
            model.calls.append(
                Call(
                    event=episode.event,
                    type=CallType.DISORDER,
                    origin=Origin.PUBLIC,
                    week=model.week,
                    day=episode.day,
                    place=episode.resident.place,
                    caller=episode.resident,
                )
            )


def call_for_service(model: ReferenceModel, place: Place, stream: Stream) -> None:
    """Draw the calls about anything else from a place: a Poisson number.

    Parameters
    ----------
    stream : stream of the week's calls.
    """
    hood: Neighbourhood = place.neighbourhood
    stands_for = len(place.residents) * hood.population / len(hood.residents)
    group = model.parameters.reporting
    rate = per_week(group.service / 1000) * model.service.season
    offered = place.demand * offers(model, hood) * busy_share(model)
    willing = max(1 + group.service_by_trust * (hood.trust - MEAN_TRUST), 0.0)
    homes, streets = (1 - group.busy) * willing, group.busy * offered
    count = model.draws.poisson(
        rate * stands_for * (homes + streets) * math.exp(-place.removed),
        event_uniform(event_id(place.key, 0, stream), COUNT_SALT),
    )
    for k in range(count):
        event = event_id(place.key, k + 1, stream)
        lives_here = model.draws.below(event_uniform(event, HOME_SALT), homes / (homes + streets))
        caller = place.residents[choice(event, CALLER_SALT, len(place.residents))]
        model.calls.append(
            Call(
                event=event,
                type=CallType.SERVICE,
                origin=Origin.PUBLIC,
                week=model.week,
                day=choice(event, DAY_SALT, DAYS_PER_WEEK),
                place=place,
                caller=caller if lives_here else None,
            )
        )


def offers(model: ReferenceModel, hood: Neighbourhood) -> float:
    """Return what a neighbourhood offers beyond its residents, visitors with it."""
    crowd = (1 + hood.visitors) / (1 + model.parameters.offend.usual_visitors)
    return crowd * hood.fit_violence * hood.opportunity


def busy_share(model: ReferenceModel) -> float:
    """Return what makes the mean of what neighbourhoods offer that of their visitors alone."""
    usual = 1 + model.parameters.offend.usual_visitors
    hoods = model.neighbourhoods
    visited = sum(hood.population * (1 + hood.visitors) / usual for hood in hoods)
    return visited / sum(hood.population * offers(model, hood) for hood in hoods)


def count_calls(model: ReferenceModel) -> None:
    """Count calls by neighbourhood and origin, and repeats from the same household."""
    for call in sorted(model.calls, key=lambda c: (c.day, c.event)):
        hood = call.place.neighbourhood
        if call.origin == Origin.OFFICER:
            hood.new_officer_calls += 1
            continue
        hood.new_calls += 1
        if call.type in (CallType.DISORDER, CallType.SERVICE):
            call.place.called += 1
        if call.caller is not None:
            home = call.caller.household
            hood.new_repeats += model.week - home.last_call <= REPEAT_WEEKS
            home.last_call = model.week
