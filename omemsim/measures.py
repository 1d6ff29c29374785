"""What is measured, declared once: name, unit, definition, and how it is read off a town.

A flow is counted over the weeks since the last record and given per year; a stock is its value
then, or last week's; what is weekly (`Measure.is_weekly`: hours and money used, attempts at crime)
is read in every week, and its mean since the last record is kept. The same list feeds the recorder,
Mesa's DataCollector, tables and glossaries.

A measure of one's own is a function of the town, declared by `measure`. A recording names it as
``module:function``, or by the name that a package offers it by (`OFFERED`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from omemsim.own import function_at, offered
from omemsim.recording import ALL, Recording, record_weeks
from omemsim.town import Town
from omemsim.vocabulary.columns import HISTORY
from omemsim.vocabulary.errors import InputError, nearest
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import (
    AREA_OF_TACTIC,
    PILLAR_OF_TACTIC,
    Area,
    Group,
    Kind,
    Lead,
    Pillar,
    Priority,
    Shift,
    Tactic,
    Zone,
)

__all__ = [
    "CONFIDENT",
    "MEASURES",
    "OFFERED",
    "OUTCOME_UNITS",
    "Measure",
    "Recorder",
    "columns_read",
    "declared",
    "is_own",
    "known_measures",
    "measure",
    "measure_problems",
    "of_town",
    "own_references",
    "recorded_measures",
    "recorder_of",
]

Floats = NDArray[np.float64]
Reader = Callable[[Town, int], Any]
F = TypeVar("F", bound=Callable[[Town], Any])

OFFERED = "omemsim.measures"  # the group of entry points of other packages' measures
DECLARED = "omemsim_measure"  # the attribute of a function that holds what is declared of it
CONFIDENT = 0.40  # trust that is some or a great deal of confidence: fixed with the band of P12
LEVELS = ("neighbourhood", "town")
BETTER = ("lower", "higher", "")
SUMMARIES = ("last_year", "final", "sum")
WEIGHTS = ("population", "residents", "mean", "sum")


@dataclass(frozen=True)
class Measure:
    """One measure.

    Attributes
    ----------
    name, title : its key, and what a figure calls it.
    unit, definition : what it counts, per what.
    level : "neighbourhood" (N,) or "town" (a number).
    better : "lower", "higher" or "" where neither is.
    summary : how a run becomes one number: "last_year" (mean), "final" or "sum".
    weight : how neighbourhoods become the town: "population", "residents", "mean", "sum".
    read : town, weeks since the last record -> values.
    is_weekly : whether it is read in every week, and its mean since the last record kept.
    """

    name: str
    title: str
    unit: str
    definition: str
    level: str
    better: str
    summary: str
    weight: str
    read: Reader
    is_weekly: bool = False

    def told(self) -> dict[str, Any]:
        """Return what is declared of it, as plain values."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name != "read"}

    @classmethod
    def of_record(cls, told: Mapping[str, Any]) -> Measure:
        """Return what `told` took apart: a measure that only records are left of."""
        return cls(**told, read=_gone)


def _gone(town: Town, weeks: int) -> Any:
    raise InputError("This measure is known from a store's records, and cannot be read anew.")


def count_of(past: NDArray[Any], week: int, window: int) -> NDArray[np.int64]:
    """Return the sum of the last weeks before a week, (N,), of ring records.

    Parameters
    ----------
    past : (N, HISTORY), week w in column w % HISTORY.
    week : the first that is not counted any more.
    window : weeks, 1 or more; the whole ring where it holds no more.
    """
    if window >= HISTORY:
        return np.asarray(past.sum(axis=1), np.int64)
    first, end = (week - window) % HISTORY, (week - 1) % HISTORY + 1
    if first < end:
        return np.asarray(past[:, first:end].sum(axis=1), np.int64)
    return np.asarray(past[:, first:].sum(axis=1) + past[:, :end].sum(axis=1), np.int64)


def _flow(records: tuple[str, ...], base: str, town: Town, weeks: int) -> Floats:
    hoods = town.neighbourhoods
    count = sum(count_of(getattr(hoods, f"past_{name}"), town.week, weeks) for name in records)
    rate: Floats = 1000 * WEEKS_PER_YEAR / weeks * count / getattr(hoods, base)
    return rate


def _among_present(town: Town, weeks: int) -> Floats:
    rate = _flow(("incidents",), "residents", town, weeks)
    return np.asarray(rate / (1 + town.neighbourhoods.visitors))


def _stock(column: str, town: Town, weeks: int) -> Floats:
    del weeks
    return np.asarray(getattr(town.neighbourhoods, column), float)


def _participation(town: Town, weeks: int) -> Floats:
    del weeks
    return np.asarray(town.neighbourhoods.participants / town.neighbourhoods.residents)


def _leaders(town: Town, weeks: int) -> Floats:
    del weeks
    return np.asarray(1000 * town.neighbourhoods.leaders / town.neighbourhoods.residents)


def _repeats(town: Town, weeks: int) -> Floats:
    del weeks  # over the year: a share of a month's calls is noise
    hoods = town.neighbourhoods
    calls = count_of(hoods.past_calls, town.week, WEEKS_PER_YEAR)
    repeats = count_of(hoods.past_repeats, town.week, WEEKS_PER_YEAR)
    return np.asarray(repeats / np.maximum(calls, 1))


def _deprivation(town: Town, weeks: int) -> Floats:
    del weeks
    hoods = town.neighbourhoods
    return np.asarray(np.minimum(hoods.deprivation + hoods.hardship, 1), float)


def _congregation(town: Town, weeks: int) -> Floats:
    hoods = town.neighbourhoods
    per_resident = np.maximum(hoods.congregations, 1e-9)
    return np.asarray(1000 * _participation(town, weeks) / per_resident)


def _targeting(town: Town, weeks: int) -> Floats:
    del weeks
    hoods, places = town.neighbourhoods, town.places
    tenth = np.maximum(np.rint(0.1 * hoods.places), 1).astype(np.int64)
    aim = np.empty(len(hoods))
    for n in range(aim.size):
        here = slice(hoods.first_place[n], hoods.first_place[n] + hoods.places[n])
        offers = places.opportunity[here].astype(float)
        known = np.argsort(-places.knowledge[here], kind="stable")[: tenth[n]]
        most = np.argsort(-offers, kind="stable")[: tenth[n]]
        aim[n] = offers[known].sum() / max(offers[most[::-1]].sum(), 1e-9)
    return aim


def _watches(town: Town, weeks: int) -> Floats:
    del weeks
    rows = town.initiatives
    running = (rows.is_active == 1) & (rows.kind == Kind.WATCH)
    n = len(town.neighbourhoods)
    return np.bincount(rows.neighbourhood[running], minlength=n).astype(float)


def _watch_members(town: Town, weeks: int) -> Floats:
    del weeks
    hoods = town.neighbourhoods
    members = np.add.reduceat(town.households.in_watch, hoods.first_household, dtype=np.int64)
    return np.asarray(members / hoods.households)


def _hours_of(tactics: Sequence[int], town: Town, weeks: int) -> float:
    del weeks
    return float(town.neighbourhoods.hours[:, tactics].sum())


def _proactive(town: Town, weeks: int) -> float:
    del weeks
    return float(town.officers.proactive.sum())


def _episodes(low: float, high: float, town: Town, weeks: int) -> float:
    del weeks  # last week's, as other counts of the town
    need = town.residents.need
    inside = (need >= low) & (need < high)
    rate = inside[town.episodes.resident].sum() / max(int(inside.sum()), 1)
    return float(1000 * WEEKS_PER_YEAR * rate)


def _unresolved(town: Town, weeks: int) -> float:
    del weeks
    return float(1000 * (town.residents.unresolved > 0).mean())


def _in_custody(town: Town, weeks: int) -> float:
    del weeks
    return float(len(town.custody))


def _service(column: str, town: Town, weeks: int) -> float:
    del weeks
    return float(getattr(town.service, column)[0])


def _clearance(town: Town, weeks: int) -> float:
    del weeks
    return float(town.service.cleared_mean[0] / max(town.service.on_record_mean[0], 1e-12))


def _ratio(part: str, whole: str, town: Town, weeks: int) -> float:
    del weeks
    service = town.service
    return float(getattr(service, part)[0] / max(getattr(service, whole)[0], 1e-12))


def _shift_utilization(shift: int, town: Town, weeks: int) -> float:
    del weeks
    offered = float(town.service.shift_offered[0, shift])
    return float(town.service.shift_reactive[0, shift]) / max(offered, 1e-12)


def _response(priority: int, town: Town, weeks: int) -> float:
    """Return minutes; 0 where no such call was ever answered."""
    del weeks  # over the year: emergencies are few
    answers = float(town.service.usual_answers[0, priority])
    return float(town.service.usual_minutes[0, priority]) / max(answers, 1e-12)


def _response_ratio(town: Town, weeks: int) -> float:
    emergency, low = (_response(one, town, weeks) for one in (Priority.EMERGENCY, Priority.LOW))
    return low / emergency if emergency > 0 else 0.0


def _of_settled(column: str, town: Town, weeks: int) -> float:
    settled = _service("answered", town, weeks) + _service("closed", town, weeks)
    return _service(column, town, weeks) / max(settled, 1.0)


def _hours(tactic: int, town: Town, weeks: int) -> float:
    del weeks
    return float(town.neighbourhoods.hours[:, tactic].sum())


def _sum(table: str, column: str, town: Town, weeks: int) -> float:
    del weeks
    return float(getattr(getattr(town, table), column).sum())


def _mean(table: str, column: str, town: Town, weeks: int) -> float:
    del weeks
    values = getattr(getattr(town, table), column)
    return float(np.add.reduce(values, dtype=float) / len(values))  # the bits of mean(), sooner


def _low_trust(column: str, value: int, town: Town, weeks: int) -> float:
    """Return the share of those with a value in a column whose trust is low, 0 without any."""
    del weeks
    residents = town.residents
    asked = residents.trust[getattr(residents, column) == value] if column else residents.trust
    return float(np.mean(asked < np.float32(CONFIDENT))) if asked.size else 0.0


def _described(town: Town, weeks: int) -> float:
    """Return the share of running initiatives that a survey of the detachment would find named."""
    del weeks
    rows, hoods = town.initiatives, town.neighbourhoods
    running = np.flatnonzero((rows.is_active == 1) & (rows.momentum > 0))
    aware = float(town.officers.awareness.mean())
    known = aware * hoods.relation[rows.neighbourhood[running]].astype(float)
    named = np.where(rows.lead[running] == Lead.POLICE, aware, known)
    return float(named.sum() / max(running.size, 1))


def _noticed(town: Town, weeks: int) -> float:
    del weeks
    return float(1000 * (town.residents.noticed > town.week - WEEKS_PER_YEAR // 2).mean())


def _summary(unit: str) -> str:
    return "final" if unit.endswith("so far") else "last_year"


def _on_tactics(town: Town, weeks: int) -> float:
    """Return the hours left for tactics, before skill and fatigue say what an hour does."""
    service = town.service
    left_over = service.unassigned[0] + service.lost[0] + service.withdrawn[0]
    return max(_proactive(town, weeks) - float(left_over), 0.0)


def _hours_labelled(
    label: str, of: Mapping[Tactic, Area | Pillar], value: Area | Pillar, town: Town, weeks: int
) -> float:
    """Return the hours of tactics with a label, those of the user's own among them."""
    own = getattr(town.service, f"own_{label}")[0] == int(value)
    hours = _hours_of([int(tactic) for tactic in Tactic if of[tactic] is value], town, weeks)
    return hours + float(town.neighbourhoods.own_hours[:, own].sum())


def _flows() -> list[Measure]:
    all_ages, aged = "per 1,000 residents a year", "per 1,000 residents 15+ a year"
    rows = (
        ("public_calls", "Public calls", all_ages, "calls for service started by the public", "lower", ("calls",)),
        ("officer_calls", "Officers' own calls", all_ages, "occurrences that officers came upon", "", ("officer_calls",)),
        ("recorded_crime", "Recorded crime", all_ages, "crimes police record", "", ("recorded_violence", "recorded_property")),
        ("recorded_violence", "Recorded violence", all_ages, "violent crimes police record", "", ("recorded_violence",)),
        ("recorded_property", "Recorded property crime", all_ages, "property crimes police record, businesses' too", "", ("recorded_property",)),
        ("victimization", "Victimization", aged, "true incidents with a resident victim, where they happen", "lower", ("incidents",)),
        ("violence", "Violent victimization", aged, "true violent incidents, where they happen", "lower", ("violence",)),
        ("household_crime", "Household victimization", aged, "true household crimes, where they happen", "lower", ("household",)),
        ("disorder", "Disorder episodes", aged, "crises of residents: mental health, addictions, housing, family", "lower", ("crises",)),
    )  # fmt: skip
    return [
        Measure(
            name,
            title,
            unit,
            definition,
            "neighbourhood",
            better,
            "last_year",
            "residents" if unit == aged else "population",
            partial(_flow, records, "residents" if unit == aged else "population"),
        )
        for name, title, unit, definition, better, records in rows
    ]


def _stocks() -> list[Measure]:
    index = "index 0-1"
    rows = (
        ("zone", "Zone police see", "0 red - 3 blue", "label by records and survey", "higher", "mean", partial(_stock, "zone")),
        ("true_zone", "True zone", "0 red - 3 blue", "label by true incidents, capacity and trust", "higher", "mean", partial(_stock, "true_zone")),
        ("call_zone", "Zone by calls alone", "0 red - 3 blue", "label by public calls alone", "higher", "mean", partial(_stock, "call_zone")),
        ("relative_zone", "Relative zone", "0 red - 3 blue", "label by calls against the town's mean", "", "mean", partial(_stock, "relative_zone")),
        ("capacity", "Community capacity", index, "efficacy, assets, participation and leaders found", "higher", "residents", partial(_stock, "capacity")),
        ("trust", "Trust in police", index, "mean over residents", "higher", "residents", partial(_stock, "trust")),
        ("fear", "Fear of crime", index, "mean over residents", "lower", "residents", partial(_stock, "fear")),
        ("efficacy", "Collective efficacy", index, "mean willingness to act together", "higher", "residents", partial(_stock, "efficacy")),
        ("vigilance", "Vigilance", index, "mean alertness to risk", "", "residents", partial(_stock, "vigilance")),
        ("participation", "Participation", "share of residents", "residents who take part in initiatives", "higher", "residents", _participation),
        ("leaders", "Leaders found", "per 1,000 residents 15+", "natural leaders who are known", "higher", "residents", _leaders),
        ("community_led", "Community-led initiatives", "share", "running initiatives the community leads", "higher", "mean", partial(_stock, "community_led")),
        ("targeting", "Aim of police knowledge", "share", "true opportunity at the tenth of places police know worst, of that at the tenth with most", "higher", "mean", _targeting),
        ("watches_running", "Watches running", "watches", "active watch schemes", "", "sum", _watches),
        ("watch_members", "Watch members here", "share of dwellings", "dwellings in a watch", "higher", "residents", _watch_members),
        ("victimization_present", "Victimization among those present", "per 1,000 residents 15+ and visitors a year", "true incidents with a resident victim, over residents and those who visit", "lower", "residents", _among_present),
        ("police_led", "Police-led initiatives", "share", "running initiatives the police lead", "", "mean", partial(_stock, "police_led")),
        ("handed_over", "Hand-overs", "initiatives so far", "initiatives that changed lead, since the records began", "", "sum", partial(_stock, "handed_over")),
        ("watches_opened", "Watches opened", "watches so far", "watch schemes opened, since the records began", "", "sum", partial(_stock, "watches_opened")),
        ("watches_lasted", "Watches a year old", "watches so far", "watch schemes that still ran at the age of a year, since the records began", "", "sum", partial(_stock, "watches_lasted")),
        ("deprivation", "Deprivation", index, "with what economic shocks add", "", "residents", _deprivation),
        ("services", "Local services", index, "services and organizations near", "higher", "residents", partial(_stock, "services")),
        ("congregation_size", "Size of congregations", "participants per congregation and 1,000 residents", "participants over congregations, both per resident", "", "residents", _congregation),
        ("grievance", "Grievance", index, "what stops and scandals have left", "lower", "residents", partial(_stock, "grievance")),
        ("known_officers", "Officers known in the area", index, "mean relation of officers with their home area", "higher", "residents", partial(_stock, "relation")),
        ("seen_trust", "Trust by survey", index, "sample mean of the last survey, 0.5 without one", "", "residents", partial(_stock, "seen_trust")),
        ("seen_fear", "Fear by survey", index, "sample mean of the last survey, 0.5 without one", "", "residents", partial(_stock, "seen_fear")),
        ("momentum", "Momentum of initiatives", index, "mean over slots for initiatives", "higher", "mean", partial(_stock, "momentum")),
        ("hazard", "Local hazards", "share", "rise of offending by local hazards that nobody has defused", "lower", "residents", partial(_stock, "hazard")),
        ("repeat_share", "Repeat calls", "share of calls", "public calls from a household that called within 30 days, over a year", "lower", "population", _repeats),
    )  # fmt: skip
    return [
        Measure(
            name, title, unit, definition, "neighbourhood", better, _summary(unit), weight, read
        )
        for name, title, unit, definition, better, weight, read in rows
    ]


# Of whom low confidence is told: name, title, column of residents and its value.
_ASKED = (
    ("15_24", "of 15-24", "age", 0),
    ("25_44", "of 25-44", "age", 1),
    ("45_64", "of 45-64", "age", 2),
    ("65", "of 65 or older", "age", 3),
    ("minority", "of a visible minority", "group", Group.VISIBLE_MINORITY),
    ("indigenous", "who are Indigenous", "group", Group.INDIGENOUS),
    ("others", "of neither group", "group", Group.OTHER),
)


Row = tuple[str, str, str, str, str, Reader]


def _town_measures() -> list[Measure]:
    return [
        Measure(name, title, unit, definition, "town", better, "last_year", "sum", read)
        for name, title, unit, definition, better, read in (*_hours_and_calls(), *_help_and_costs())
    ]


def _hours_and_calls() -> tuple[Row, ...]:
    hours = "hours/week"
    return (
        ("season", "Season", "multiple of the mean", "what season does to crime and disorder, last week", "", partial(_service, "season")),
        ("utilization", "Patrol time taken by calls", "share of hours", "reactive hours over hours offered, last week", "lower", partial(_ratio, "reactive", "offered")),
        ("hours_offered", "Patrol hours", hours, "hours offered, last week", "", partial(_service, "offered")),
        ("hours_reactive", "Hours on calls", hours, "hours taken by calls, last week", "lower", partial(_service, "reactive")),
        ("hours_lost", "Hours on training, survey and Tables", hours, "last week; the yearly survey falls between two records", "", partial(_service, "lost")),
        ("hours_unassigned", "Unassigned hours", hours, "proactive hours the strategy leaves over, last week", "", partial(_service, "unassigned")),
        *((f"hours_{t.name.lower()}", f"Hours: {t.name.lower().replace('_', ' ')}", hours, "effective hours, after skill and fatigue, last week", "", partial(_hours, int(t))) for t in Tactic),
        ("hours_own", "Hours: tactics of one's own", hours, "effective hours of tactics that the user or another package declares, last week", "", partial(_sum, "neighbourhoods", "own_hours")),
        ("calls_waiting", "Calls waiting", "calls", "calls unanswered at week's end", "lower", partial(_service, "waiting")),
        ("calls_closed", "Calls closed unanswered", "calls/week", "last week", "lower", partial(_service, "closed")),
        ("calls_answered", "Calls answered", "calls/week", "last week", "", partial(_service, "answered")),
        *((f"response_{k.name.lower()}", f"Response time, {k.name.lower()} calls", "minutes", "mean from call to arrival of calls answered, over about a year", "lower", partial(_response, int(k))) for k in Priority),
        ("response_ratio", "Response time, lowest over highest priority", "ratio", "mean of low-priority calls over that of emergencies, over about a year", "", _response_ratio),
        ("calls_delayed", "Calls that wait beyond their shift", "share of calls", "of calls answered or closed last week, those not begun in the shift in which they came", "lower", partial(_of_settled, "delayed")),
        ("calls_late", "Calls that wait too long", "share of calls", "of calls answered or closed last week, those that waited longer than their priority allows", "lower", partial(_of_settled, "late")),
        *((f"utilization_{k.name.lower()}", f"Patrol time taken by calls, {k.name.lower()} shifts", "share of hours", "reactive hours over hours offered in these shifts, last week", "lower", partial(_shift_utilization, int(k))) for k in Shift),
    )  # fmt: skip


def _help_and_costs() -> tuple[Row, ...]:
    hours, index = "hours/week", "index 0-1"
    return (
        ("caseload", "Cases served", "cases", "people whom agencies serve", "", partial(_sum, "agencies", "caseload")),
        ("waiting_list", "Waiting list", "cases", "people who wait for an agency", "lower", partial(_sum, "agencies", "waiting")),
        ("support", "Support", index, "mean need met by agencies", "higher", partial(_mean, "residents", "support")),
        ("protection", "Household protection", index, "mean over dwellings", "higher", partial(_mean, "households", "protection")),
        ("officer_skill", "Officers' skill", index, "mean over officers", "higher", partial(_mean, "officers", "skill")),
        ("officer_adoption", "Officers' adoption", index, "mean over officers", "higher", partial(_mean, "officers", "adoption")),
        ("officer_fatigue", "Officers' fatigue", index, "mean over officers", "lower", partial(_mean, "officers", "fatigue")),
        ("officers_replaced", "Officers replaced", "officers/week", "last week", "", partial(_service, "replaced")),
        ("households_moved", "Households moved", "households/week", "last week", "", partial(_service, "moves")),
        ("officer_awareness", "Officers' awareness", index, "mean over officers", "higher", partial(_mean, "officers", "awareness")),
        ("experience", "Experience with police", "trust", "what years of contacts and news added to the trust residents arrived with, mean over residents", "higher", partial(_mean, "residents", "experience")),
        ("low_trust", "Low confidence in police", "share of residents", "residents with trust under 0.4", "lower", partial(_low_trust, "", 0)),
        *((f"low_trust_{name}", f"Low confidence, {title}", "share of them", f"residents {title} with trust under 0.4; 0 where there are none", "lower", partial(_low_trust, column, int(value))) for name, title, column, value in _ASKED),
        ("monitored", "Offenders monitored", index, "mean mark over residents", "", partial(_mean, "residents", "monitored")),
        ("designed", "Places designed against crime", index, "mean over places", "higher", partial(_mean, "places", "designed")),
        ("table_taken", "Situation Table cases", "cases/week", "taken last week", "", partial(_service, "table_taken")),
        ("table_lowered", "Situation Table successes", "cases/week", "risk lowered last week", "higher", partial(_service, "table_lowered")),
        ("co_answered", "Calls answered with a health team", "calls/week", "last week", "", partial(_service, "co_answered")),
        ("hours_withdrawn", "Hours taken away", hours, "freed by fewer calls and not reinvested, last week", "", partial(_service, "withdrawn")),
        ("relation", "Agencies' relation with police", index, "mean over agencies", "higher", partial(_mean, "agencies", "relation")),
        ("bill", "Bill, OPP style", "CAD/week", "base per property and four years' mean hours on calls", "lower", partial(_service, "bill")),
        *((f"hours_area_{a.name.lower()}", f"Hours: {a.name.lower().replace('_', ' ')} (CSWB)", hours, "effective proactive hours by area of the community safety and well-being plan, last week", "", partial(_hours_labelled, "area", AREA_OF_TACTIC, a)) for a in Area),
        *((f"hours_pillar_{p.name.lower()}", f"Hours: {p.name.lower()} (OPP pillar)", hours, "effective proactive hours by the pillar of the OPP, last week", "", partial(_hours_labelled, "pillar", PILLAR_OF_TACTIC, p)) for p in Pillar),
        ("hours_kept", "Hours calls leave", hours, "proactive hours, last week", "", _proactive),
        ("disorder_high_need", "Episodes of those in high need", "per 1,000 of them a year", "episodes last week of residents with need of at least 0.8", "lower", partial(_episodes, 0.8, 1.01)),
        ("disorder_low_need", "Episodes of those in low need", "per 1,000 of them a year", "episodes last week of residents with need under 0.5", "lower", partial(_episodes, 0.0, 0.5)),
        ("unresolved", "Unresolved episodes", "per 1,000 residents 15+", "residents with an unresolved episode", "lower", _unresolved),
        ("acute", "At acutely elevated risk", "residents", "residents with recent episodes beyond the Tables' bar and one unresolved", "lower", partial(_service, "acute")),
        ("in_watch", "Watch members", "share of dwellings", "dwellings in a watch", "higher", partial(_mean, "households", "in_watch")),
        ("custody", "In custody", "residents", "offenders in custody", "", _in_custody),
        ("arrested", "Arrests", "arrests/week", "residents arrested last week for a crime that was cleared", "", partial(_service, "arrested")),
        ("held", "Taken into custody", "residents/week", "last week", "", partial(_service, "held")),
        ("clearance", "Crimes cleared", "share of recorded crimes", "recorded crimes that police clear, over about a year", "higher", _clearance),
        ("officers_promoted", "Promoted officers", "share", "of officers", "", partial(_mean, "officers", "is_promoted")),
        ("described", "Activities a detachment can describe", "share", "active initiatives that officers could name: of those that police lead, their awareness; of others, awareness and how well they are known in the area", "higher", _described),
        ("noticed", "Vulnerable residents noticed", "per 1,000 residents 15+", "whom officers met in the last half year", "", _noticed),
        ("covered", "Neighbourhoods under the mix", "share", "how far a pilot is rolled out", "", partial(_service, "covered")),
        ("council", "Support of council and board", index, "results, leadership and the bill since week 0", "higher", partial(_service, "council")),
        ("project_cost", "Cost of projects", "CAD/week", "design and dwellings protected by projects, last week", "lower", partial(_service, "project_cost")),
        ("police_cost", "Cost of police", "CAD/week", "sworn officers, all in", "lower", partial(_service, "police_cost")),
        ("agency_cost", "Cost of cases", "CAD/week", "cases served", "lower", partial(_service, "agency_cost")),
    )  # fmt: skip


def _attempts() -> list[Measure]:
    """Return what direct tactics (visits, removed opportunity, design) did to attempts at crime."""
    rows = (
        ("blocked", "Crime blocked", "attempts/week", "attempts that direct tactics stop where they are made first, mean over weeks"),
        ("displaced", "Crime displaced", "crimes/week", "of these, crimes committed elsewhere, mean over weeks"),
        ("displaced_away", "Crime displaced to other neighbourhoods", "crimes/week", "of these, in an adjoining neighbourhood, mean over weeks"),
        ("diffused", "Crime prevented near by", "attempts/week", "attempts that direct tactics at near places stop, mean over weeks"),
    )  # fmt: skip
    return [
        Measure(
            name,
            title,
            unit,
            text,
            "town",
            "",
            "last_year",
            "sum",
            partial(_service, name),
            is_weekly=True,
        )
        for name, title, unit, text in rows
    ]


def _effort() -> list[Measure]:
    """Return what was used: every patrol hour once, and the money that was spent."""
    hours, money = "hours/week", "CAD/week"
    rows: tuple[tuple[str, str, str, str, Reader], ...] = (
        ("patrol_offered", "Patrol hours offered", hours, "those below together, mean over weeks", partial(_service, "offered")),
        ("patrol_calls", "Patrol hours used on calls", hours, "mean over weeks", partial(_service, "reactive")),
        ("patrol_tactics", "Patrol hours used on tactics", hours, "what the strategy and interventions assign, whatever an hour does; mean over weeks", _on_tactics),
        ("patrol_overhead", "Patrol hours on training, survey and Tables", hours, "mean over weeks, the survey's too", partial(_service, "lost")),
        ("patrol_idle", "Patrol hours left idle", hours, "neither calls nor the strategy use them, mean over weeks", partial(_service, "unassigned")),
        ("patrol_withdrawn", "Patrol hours taken away", hours, "freed by fewer calls and not reinvested, mean over weeks", partial(_service, "withdrawn")),
        ("money_police", "Money spent on police", money, "sworn officers, all in, mean over weeks", partial(_service, "police_cost")),
        ("money_cases", "Money spent on agencies' cases", money, "cases served, by agencies' own means or the strategy's, mean over weeks", partial(_service, "agency_cost")),
        ("money_joint", "Money spent on Tables and health teams", money, "Situation Table cases taken and calls answered with a health team, mean over weeks", partial(_service, "joint_cost")),
        ("money_projects", "Money spent on places and dwellings", money, "places designed and dwellings protected by projects, mean over weeks", partial(_service, "project_cost")),
    )  # fmt: skip
    return [
        Measure(name, title, unit, text, "town", "", "last_year", "sum", read, is_weekly=True)
        for name, title, unit, text, read in rows
    ]


MEASURES: dict[str, Measure] = {
    one.name: one for one in (*_flows(), *_stocks(), *_town_measures(), *_attempts(), *_effort())
}

# How measures are read that take a few columns and nothing else.
_OF_COLUMNS = {_flow: "flow", _stock: "stock", _service: "service", _ratio: "ratio"}


def columns_read(measure: Measure) -> tuple[str, tuple[Any, ...]] | None:
    """Return how a measure is read and of which columns, for a host that is not Python.

    Returns
    -------
    None
        If more than a few columns is needed; else one of

        - ("flow", (records, base)): counts of records ``past_...`` over a column, per 1,000 a year
        - ("stock", (column,)): a column of neighbourhoods as it is
        - ("service", (column,)): a number of the service as it is
        - ("ratio", (part, whole)): one number of the service over another
    """
    read = measure.read
    if not isinstance(read, partial) or read.func not in _OF_COLUMNS:
        return None
    return _OF_COLUMNS[read.func], read.args


# Numbers a run has beside its measures: name -> (unit, which way is better).
OUTCOME_UNITS: dict[str, tuple[str, str]] = {
    **{
        f"share_{zone.name.lower()}": ("share of neighbourhoods, last year", better)
        for zone, better in zip(Zone, ("lower", "", "", "higher"), strict=True)
    },
    "share_green_or_blue": ("share of neighbourhoods, last year", "higher"),
    "upgrades": ("moves per neighbourhood per year", ""),
    "downgrades": ("moves per neighbourhood per year", "lower"),
}


# ---- measures of one's own


def measure(
    *,
    unit: str,
    level: str = "town",
    name: str = "",
    title: str = "",
    definition: str = "",
    better: str = "",
    summary: str = "last_year",
    weight: str = "",
) -> Callable[[F], F]:
    """Declare that a function of the town is a measure; put it above the function.

    The function takes the town, which it cannot change, at the end of a week that is recorded, and
    returns a number, or (N,) numbers of the neighbourhoods. It must stand at the top level of a
    module, since worker processes import it.

    Parameters
    ----------
    unit : of what it returns.
    level : "town" (a number) or "neighbourhood" (N,).
    name, title : its key, and what a figure calls it; the function's name if empty.
    definition : what it counts, per what; the function's first line of documentation if empty.
    better : "lower", "higher" or "" where neither is.
    summary : how a run becomes one number: "last_year" (mean), "final" or "sum".
    weight : how neighbourhoods become the town: "population", "residents", "mean" (the usual) or
        "sum".

    Raises
    ------
    InputError
        If a word is none of these, or the model has a number of this name.
    """

    def declare(function: F) -> F:
        key = name or function.__name__
        doc = (function.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        one = Measure(
            key,
            title or key.replace("_", " ").capitalize(),
            unit,
            definition or doc or key.replace("_", " "),
            level,
            better,
            summary,
            weight or ("mean" if level == "neighbourhood" else "sum"),
            partial(_read_own, key, level, function),
        )
        if problems := _own_problems(one):
            raise InputError(*problems)
        setattr(function, DECLARED, one)
        return function

    return declare


def _own_problems(one: Measure) -> list[str]:
    """Return what is wrong with what is declared of a measure."""
    where = f"The measure {one.name!r}"
    problems = []
    if not (one.name.isidentifier() and one.name.islower()):
        problems.append(f"{where}: its name must be small letters, digits and _, as worst_fear.")
    if one.name in MEASURES or one.name in OUTCOME_UNITS or one.name == ALL:
        problems.append(
            f"{where}: the model has a number of this name: give it another, as name='my_{one.name}'."
        )
    if not isinstance(one.unit, str) or not one.unit:
        problems.append(f"{where}: unit = {one.unit!r}: must be text, as 'index 0-1'.")
    for key, value, allowed in (
        ("level", one.level, LEVELS),
        ("better", one.better, BETTER),
        ("summary", one.summary, SUMMARIES),
        ("weight", one.weight, WEIGHTS),
    ):
        if value not in allowed:
            words = ", ".join(map(repr, allowed))
            hint = nearest(str(value), allowed)
            problems.append(f"{where}: {key} = {value!r}: must be one of {words}.{hint}")
    return problems


def _read_own(
    name: str, level: str, function: Callable[[Town], Any], town: Town, weeks: int
) -> Any:
    """Return what a function says of a town that it cannot change, checked."""
    del weeks
    with town.read_only():
        found = function(town)
    wanted = (len(town.neighbourhoods),) if level == "neighbourhood" else ()
    try:
        values = np.array(found, float)
    except (TypeError, ValueError):
        values = None
    if values is None or values.shape != wanted or not np.isfinite(values).all():
        shape = f"{wanted[0]} finite numbers, one of each neighbourhood" if wanted else "a number"
        got = f"{found!r}" if values is None or not values.ndim else f"an array {values.shape}"
        got = got if values is None or np.isfinite(values).all() else f"{got} that is not finite"
        raise InputError(
            f"The measure {name!r} returned {got} in week {town.week}; as level={level!r} it must "
            f"return {shape}."
        )
    return values


# Those of the recordings of this process, by name: the reference, and what is declared.
_own: dict[str, tuple[str, Measure]] = {}


def declared(name: str) -> Measure | None:
    """Return what is declared of a measure, one's own among them; None if nothing is known."""
    if name in MEASURES:
        return MEASURES[name]
    return _own[name][1] if name in _own else None


def is_own(name: str) -> bool:
    """Return whether it is a measure of the user's own that this process records or reads."""
    return name in _own


def known_measures() -> list[str]:
    """Return the names of the model's measures, and of one's own that this process records."""
    return [*MEASURES, *_own]


def own_references(recording: Recording) -> list[str]:
    """Return the measures of one's own that are recorded, as module:function, in their order."""
    mine = (word for word in recording.measures if word != ALL and word not in MEASURES)
    return list(dict.fromkeys(map(_reference, mine)))


def _reference(word: str) -> str:
    """Return the module:function of a word that is one, or that a package offers it by."""
    if ":" in word:
        return word
    points = offered(OFFERED)
    if word not in points:
        known = [*MEASURES, *points]
        raise InputError(
            f"record.measures: there is no measure {word!r}.{nearest(word, known)} "
            "`omemsim describe measures` lists them; or all, or module:function of your own."
        )
    return str(points[word].value)


def _own_measure(reference: str) -> Measure:
    """Return the measure that a function of the user is declared to be."""
    one = getattr(function_at(reference), DECLARED, None)
    if not isinstance(one, Measure):
        raise InputError(
            f"record.measures: {reference} is not declared as a measure: write "
            "@om.measure(unit='...', level='town') above the function."
        )
    return one


def _own_measures(recording: Recording) -> list[Measure]:
    """Return one's own measures of a recording, and know them from now on."""
    mine: dict[str, str] = {}
    found = []
    for reference in own_references(recording):
        one = _own_measure(reference)
        if mine.setdefault(one.name, reference) != reference:
            raise InputError(
                f"record.measures: {mine[one.name]} and {reference} are both named {one.name!r}: "
                "give one of them another name, as @om.measure(name='...')."
            )
        _own[one.name] = reference, one
        found.append(one)
    return found


class Recorder:
    """Arrays for the measures of a recording, allocated once and filled as the run goes.

    It is shown the town at its stops.

    Parameters
    ----------
    n_neighbourhoods : of the town.
    weeks : weeks after which to record, increasing.
    start : week in which the run begins.
    names : the measures to record; None for all.
    rows : neighbourhoods whose own values are kept; None for all of them.

    Attributes
    ----------
    values : measure -> float64 (T, neighbourhoods kept), or (T,) for a value of the town.
    town : where only some neighbourhoods are kept, measure -> the town's value (T,).
    stops : weeks after which it must be shown the town: all where a measure is a mean over weeks.
    """

    def __init__(
        self,
        n_neighbourhoods: int,
        weeks: NDArray[np.int64],
        start: int = 0,
        *,
        names: Sequence[str] | None = None,
        rows: NDArray[np.int64] | None = None,
    ) -> None:
        self.weeks = weeks
        self.start = start
        self.row = 0
        self.rows = rows
        self.values: dict[str, Floats] = {}
        self.town: dict[str, Floats] = {}
        self.seen = 0
        self.sums: dict[str, float] = {}
        kept = n_neighbourhoods if rows is None else rows.size
        self.measures = _named(MEASURES if names is None else names)
        for name, measure in self.measures.items():
            is_local = measure.level == "neighbourhood" and kept
            self.values[name] = np.full((weeks.size, kept) if is_local else weeks.size, np.nan)
            if is_local and rows is not None:
                self.town[name] = np.full(weeks.size, np.nan)
            if measure.is_weekly:
                self.sums[name] = 0.0
        self.stops = np.arange(start + 1, weeks[-1] + 1) if self.sums and weeks.size else weeks

    def record(self, town: Town) -> None:
        """Write a row if this week is one to record; add it to what is a mean over weeks."""
        self.seen += 1
        for name in self.sums:
            self.sums[name] += self.measures[name].read(town, 1)
        if self.row < self.weeks.size and town.week == self.weeks[self.row]:
            since = int(self.weeks[self.row - 1]) if self.row else self.start
            for name in self.values:
                if name in self.sums:
                    self.values[name][self.row] = self.sums[name] / self.seen
                else:
                    measure = self.measures[name]
                    self._write(measure, measure.read(town, max(town.week - since, 1)), town)
            self.seen, self.sums = 0, dict.fromkeys(self.sums, 0.0)
            self.row += 1

    def _write(self, measure: Measure, read: Any, town: Town) -> None:
        values = self.values[measure.name]
        if self.rows is None or measure.level == "town":
            values[self.row] = read
            return
        whole = self.town.get(measure.name, values)
        whole[self.row] = of_town(measure, read, weights=_weights(measure, town))
        if values.ndim == 2:
            values[self.row] = read[self.rows]


def recorder_of(
    recording: Recording, town: Town, *, last_week: int, rows: NDArray[np.int64] | None
) -> Recorder:
    """Return a recorder of what is asked, from the town's week to the last.

    Parameters
    ----------
    recording : what is asked.
    town : it is only read.
    last_week : the town's week after the last that is run.
    rows : int64, neighbourhoods whose own values are kept; None for all of them.
    """
    return Recorder(
        len(town.neighbourhoods),
        town.week + record_weeks(last_week - town.week, recording.every),
        start=town.week,
        names=recorded_measures(recording),
        rows=rows,
    )


def _weights(measure: Measure, town: Town) -> Any:
    is_column = measure.weight in ("population", "residents")
    return getattr(town.neighbourhoods, measure.weight) if is_column else None


def of_town(measure: Measure, values: Any, *, weights: Any) -> Any:
    """Return the town's value of neighbourhoods' values, as the measure weighs them.

    Parameters
    ----------
    measure : says how.
    values : (..., N).
    weights : (N,); None weighs all alike. A sum has none.
    """
    if measure.weight == "sum":
        return values.sum(axis=-1)
    if weights is None:
        return values.mean(axis=-1)
    return (values * weights).sum(axis=-1) / weights.sum(dtype=float)  # np.average, sooner


def recorded_measures(recording: Recording) -> list[str]:
    """Return the names of the measures a recording asks for: in the order of declaration, own last.

    Raises
    ------
    InputError
        If one of the user's own cannot be imported, or is not declared.
    """
    asked = set(recording.measures)
    known = [name for name in MEASURES if ALL in asked or name in asked]
    if asked <= {ALL, *MEASURES}:
        return known
    return [*known, *(one.name for one in _own_measures(recording))]


def measure_problems(recording: Recording) -> list[str]:
    """Return what is wrong with the measures of a recording, own ones imported."""
    if not recording.measures:
        return ["record.measures is empty: name one, or all."]
    each = [replace(recording, measures=[word]) for word in recording.measures]
    problems = [problem for one in each for problem in _refused(one)]
    return problems or _refused(recording)


def _refused(recording: Recording) -> list[str]:
    try:
        recorded_measures(recording)
    except InputError as refused:
        where = "record.measures"
        return [x if x.startswith(where) else f"{where}: {x}" for x in refused.problems]
    return []


def _named(names: Iterable[str]) -> dict[str, Measure]:
    """Return measures by their names, which are known."""
    return {name: MEASURES[name] if name in MEASURES else _own[name][1] for name in names}
