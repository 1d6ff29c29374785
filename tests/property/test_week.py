"""Whatever the town, the seed, the strategy and the parameters: the books balance."""

from collections import Counter
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from omemsim.inputs.build import build, draw_blueprint
from omemsim.inputs.config import choices, compose_scenario
from omemsim.inputs.scenario import TownConfig
from omemsim.measures import MEASURES
from omemsim.processes import WEEK, partner
from omemsim.processes.placed import AT_ONE_PLACE
from omemsim.schedule import Happening, Work
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Declaration, Parameters, declarations
from omemsim.vocabulary.wheel import FIRST_PROJECT, Crime, Origin, Sector

WEEKS = 55  # a year and a bit: two surveys, rings of records once around
STRATEGIES = {name: compose_scenario("small", name).strategy for name in choices("strategy")}

# A handful that can break things at their ends: what divides, gates, saturates or is empty.
NAMES = [
    "respond.sworn",
    "respond.patience",
    "respond.hours_disorder",
    "respond.busy_cap",
    "respond.tiring",
    "people.residents_per_place",
    "people.leader_prevalence",
    "people.place_shape",
    "people.propensity_shape",
    "people.exposure_need",
    "people.exposure_power",
    "partner.capacity",
    "partner.refer_self",
    "partner.treatment",
    "partner.service_weeks",
    "organize.slots",
    "organize.join",
    "organize.fear_gate",
    "organize.hand_over",
    "organize.momentum_gain",
    "offend.violence",
    "offend.household",
    "offend.business",
    "offend.repeat",
    "offend.near",
    "offend.deterrence",
    "offend.cap",
    "offend.displaced",
    "offend.onward",
    "offend.diffused",
    "offend.afar",
    "offend.outsiders",
    "offend.journey",
    "offend.family",
    "offend.acquainted",
    "offend.avoids",
    "offend.met_police",
    "offend.near_there",
    "respond.clear_violence",
    "respond.clear_property",
    "respond.charged",
    "offend.vigilance",
    "offend.reach",
    "crisis.rate",
    "crisis.relapse",
    "crisis.resolve_weeks",
    "reporting.service",
    "reporting.recorded",
    "reporting.observed",
    "reporting.tips",
    "feel.pace",
    "feel.fear_crime",
    "feel.fear_efficacy",
    "feel.efficacy_level",
    "feel.trust_half_life",
    "act.visits_half",
    "act.stops",
    "act.stop_cost",
    "act.contacts",
    "act.contact_gain",
    "act.worst_share",
    "act.problem_effect",
    "context.peak_to_trough",
    "context.disorder_trend",
    "context.shock_size",
    "assess.participation_full",
    "assess.leaders_full",
    "learn.turnover",
    "learn.by_training",
    "people.children",
    "people.congregation_spread",
    "context.flight",
    "respond.calls_first",
    "respond.custody_violence",
    "respond.custody_property",
    "respond.custody_weeks",
    "act.aimed_burden",
    "partner.schools",
    "partner.organized",
    "partner.services_level",
    "partner.services_brought",
    "partner.services_pace",
    "organize.congregate",
    "organize.protect_watch",
    "offend.watch",
    "crisis.mental_health",
    "crisis.noise",
    "feel.grieve",
    "feel.trust_grievance",
    "feel.trust_asymmetry",
    "feel.trust_lasting",
    "feel.trust_heard",
    "feel.trust_resented",
    "feel.experience_half_life",
    "people.usual_stops",
    "people.minority",
    "people.indigenous",
    "people.stopped_minority",
    "people.stopped_young",
    "people.stopped_old",
    "reporting.disorder_by_trust",
    "reporting.service_by_trust",
    "learn.by_success",
    "learn.council_pace",
    "learn.council_hours",
    "learn.council_seats",
]
DECLARED = {declared.path: declared for declared in declarations(Parameters)}


def values_of(declared: Declaration) -> st.SearchStrategy[float]:
    low, high = declared.low, declared.high
    ends = st.sampled_from([declared.type(low), declared.type(high)])
    if declared.type is int:
        return ends | st.integers(int(low), int(high))
    return ends | st.floats(low, high)


@st.composite
def changes(draw: Any) -> dict[str, float]:
    names = draw(st.lists(st.sampled_from(NAMES), max_size=6, unique=True))
    return {name: draw(values_of(DECLARED[name])) for name in names}


@st.composite
def schedules(draw: Any) -> dict[str, list[dict[str, Any]]]:
    """Draw rows of events and of interventions, somewhere, for a time, up to what is allowed."""
    events, projects = [], []
    for what in draw(st.lists(st.sampled_from(Happening), max_size=4)):
        size = draw(st.floats(0, 5 if what is Happening.CRIME else 1))
        sector = draw(st.sampled_from([-1, *Sector])) if what is Happening.AGENCY_CLOSING else -1
        events.append({"what": what, "size": size, "sector": sector})
    for what in draw(st.lists(st.sampled_from(Work), max_size=4)):
        most = {Work.LIGHTING: 1, Work.TARGET_HARDENING: 52}.get(what, 1000)
        added = int(what < FIRST_PROJECT and draw(st.booleans()))
        place = draw(st.sampled_from([-1, 0])) if what in AT_ONE_PLACE else -1
        rest = {"place": place, "is_added": added, "given": 0.0}
        projects.append({"what": what, "dose": draw(st.floats(0, most)), **rest})
    for row in (*events, *projects):
        start = draw(st.integers(0, 60))
        row |= {"start": start, "end": start + draw(st.integers(1, 60))}
        row["neighbourhood"] = draw(st.integers(0 if "dose" in row else -1, 5))
    return {"events": events, "interventions": projects}


def lay(town: Town, schedule: dict[str, list[dict[str, Any]]]) -> None:
    """Put the rows of a schedule into the town; far neighbourhoods are the last one."""
    last = len(town.neighbourhoods) - 1
    for name, rows in schedule.items():
        table = town.tables()[name]
        columns = {key: np.array([row[key] for row in rows]) for key in table.columns()}
        columns["neighbourhood"] = np.minimum(columns["neighbourhood"], last)
        if "place" in columns and rows:
            first = town.neighbourhoods.first_place[columns["neighbourhood"].astype(int)]
            columns["place"] = np.where(columns["place"] < 0, -1, first)
        table.replace(**columns)


def changed(values: dict[str, float]) -> Parameters:
    parameters = replace(Parameters(), context=replace(Parameters().context, shock_week=3))
    for path, value in values.items():
        group, name = path.split(".")
        parameters = replace(
            parameters, **{group: replace(getattr(parameters, group), **{name: value})}
        )
    return parameters


def stage_by_stage(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    """Run a week, and look at the books after the stages that keep them."""
    before = town.copy()
    for name, step in WEEK.items():
        step(town, parameters, strategy)
        if name == "context":
            people_conserve(before, town)
        elif name == "respond":
            calls_conserve(before, town)
            custody_conserves(before, town)
        elif name == "act":
            hours_add_up(town)
        elif name == "partner":
            cases_conserve(town)
    town.week += 1
    events_conserve(town)


def calls_conserve(before: Town, town: Town) -> None:
    service = town.service
    due = len(before.queue) + len(before.calls)
    assert due == service.answered[0] + service.waiting[0] + service.closed[0]
    assert len(town.queue) == service.waiting[0]
    known = Counter(np.concatenate([before.queue.event, before.calls.event]).tolist())
    assert not Counter(town.queue.event.tolist()) - known


def people_conserve(before: Town, town: Town) -> None:
    service, now, then = town.service, town.residents, before.residents
    changed = now.tenancy != then.tenancy
    assert service.moved_in[0] == service.moved_out[0] == changed.sum() == town.newcomers.seat.size
    assert np.array_equal(np.flatnonzero(changed), town.newcomers.seat)
    assert np.array_equal(np.flatnonzero(now.is_moved), town.newcomers.seat)


def custody_conserves(before: Town, town: Town) -> None:
    stays = (before.custody.until > town.week) & (
        town.residents.is_moved[before.custody.resident] == 0
    )
    held = before.custody.resident[stays]
    assert len(town.custody) == held.size + town.service.held[0]
    assert np.array_equal(town.custody.resident[: held.size], held)
    assert np.unique(town.custody.resident).size == len(town.custody)


def hours_add_up(town: Town) -> None:
    service, officers, hoods = town.service, town.officers, town.neighbourhoods
    free = officers.proactive.sum() - service.withdrawn[0]
    assert np.isclose(service.offered[0], service.reactive[0] + officers.proactive.sum())
    assert np.allclose(officers.offered, officers.reactive + officers.proactive)
    assert np.allclose(officers.offered, officers.contracted * service.staffing[0])
    pool = max(free - service.lost[0] + service.extra_hours[0], 0.0)
    ordered = min(hoods.ordered.sum(), pool)
    planned = ordered + hoods.share.sum() * (pool - ordered)
    there = free + service.extra_hours[0]
    assert np.isclose(there, service.lost[0] + service.unassigned[0] + planned)
    assert hoods.share.sum() <= 1 + 1e-9
    assert hoods.hours.sum() <= planned + 1e-9


def cases_conserve(town: Town) -> None:
    residents, agencies = town.residents, town.agencies
    is_open = residents.case != partner.NO_CASE
    assert np.array_equal(is_open, residents.agency >= 0)
    for state, column in (
        (partner.SERVED, agencies.caseload),
        (partner.WAITING, agencies.waiting),
    ):
        mine = residents.agency[residents.case == state]
        assert np.array_equal(np.bincount(mine, minlength=len(agencies)), column)
    bought = np.diff(np.floor(np.cumsum(agencies.funded)), prepend=0)
    carried = residents.case_since[residents.case == partner.SERVED] < town.week
    before = residents.agency[residents.case == partner.SERVED][carried]
    already = np.bincount(before, minlength=len(agencies))
    assert (agencies.caseload <= np.maximum(agencies.capacity + bought, already)).all()
    assert not agencies.caseload[agencies.is_open == 0].any()
    assert not agencies.waiting[agencies.is_open == 0].any()


def events_conserve(town: Town) -> None:
    hoods, calls, incidents = town.neighbourhoods, town.calls, town.incidents
    assert len(np.unique(calls.event)) == len(calls)
    assert hoods.new_incidents.sum() == (incidents.type != Crime.BUSINESS).sum()
    assert hoods.new_violence.sum() == (incidents.type == Crime.VIOLENCE).sum()
    assert hoods.new_crises.sum() == len(town.episodes)
    assert hoods.new_calls.sum() == (calls.origin == Origin.PUBLIC).sum()
    assert hoods.new_officer_calls.sum() == (calls.origin == Origin.OFFICER).sum()
    assert (hoods.new_repeats <= hoods.new_calls).all()
    recorded = hoods.new_recorded_violence + hoods.new_recorded_property
    assert recorded.sum() <= len(incidents)
    past = (town.week - 1) % 52
    assert np.array_equal(hoods.past_calls[:, past], hoods.new_calls)


def nothing_moved_house(town: Town, before: Town) -> None:
    """Rows never move: what the build wrote is still there."""
    for table, column in (("residents", "key"), ("residents", "household"), ("places", "near")):
        now = getattr(town.tables()[table], column)
        assert np.array_equal(now, getattr(before.tables()[table], column))


EMPTY: dict[str, list[dict[str, Any]]] = {"events": [], "interventions": []}
ALWAYS = {"start": 0, "end": 500, "neighbourhood": 0}
WHOLE = {"place": -1, "is_added": 0, "given": 0.0}
EVERYTHING = {
    "events": [{**ALWAYS, "what": what, "size": 1.0, "sector": -1} for what in Happening],
    "interventions": [{**ALWAYS, **WHOLE, "what": what, "dose": 1.0} for what in Work],
}


@settings(max_examples=30)
@example(residents=1, neighbourhoods=1, seed=0, strategy="omem", values={}, schedule=EVERYTHING)
@example(
    residents=300,
    neighbourhoods=3,
    seed=0,
    strategy="omem_no_reinvestment",
    values={"respond.sworn": 500.0},
    schedule=EVERYTHING,
)
@example(residents=1, neighbourhoods=6, seed=0, strategy="hot_spots", values={}, schedule=EMPTY)
@example(
    residents=300,
    neighbourhoods=3,
    seed=0,
    strategy="omem",
    values={"respond.sworn": 0.0},
    schedule=EMPTY,
)
@example(
    residents=300,
    neighbourhoods=3,
    seed=1,
    strategy="omem",
    values={"partner.capacity": 0.0},
    schedule=EMPTY,
)
@example(
    residents=400,
    neighbourhoods=2,
    seed=0,
    strategy="omem",
    values={"offend.violence": 1000.0, "offend.repeat": 10.0, "offend.near": 10.0},
    schedule=EMPTY,
)
@example(
    residents=200,
    neighbourhoods=2,
    seed=0,
    strategy="random_patrol",
    values={"crisis.rate": 10.0, "crisis.relapse": 50.0, "reporting.service": 1000.0},
    schedule=EMPTY,
)
@given(
    residents=st.integers(1, 400),
    neighbourhoods=st.integers(1, 6),
    seed=st.integers(0, 2**64 - 1) | st.just(0),
    strategy=st.sampled_from(sorted(STRATEGIES)),
    values=changes(),
    schedule=schedules(),
)
def test_the_books_balance(
    residents: int,
    neighbourhoods: int,
    seed: int,
    strategy: str,
    values: dict[str, float],
    schedule: dict[str, list[dict[str, Any]]],
) -> None:
    parameters = changed(values)
    config = TownConfig(residents=residents, neighbourhoods=neighbourhoods, seed=seed % 2**31)
    town = build(draw_blueprint(config), parameters, seed)
    start = town.copy()
    assert town.check() == []
    assert len(town.residents) == max(residents, neighbourhoods)
    lay(town, schedule)
    for _ in range(WEEKS):
        stage_by_stage(town, parameters, STRATEGIES[strategy])
        assert town.check() == []
    nothing_moved_house(town, start)
    for measure in MEASURES.values():
        assert np.isfinite(measure.read(town, 4)).all()


@pytest.mark.parametrize("end", ["low", "high"])
@pytest.mark.parametrize("group", [field.name for field in fields(Parameters)])
def test_every_parameter_can_stand_at_either_bound(group: str, end: str) -> None:
    """All parameters of a group at once at their lowest, then at their highest."""
    values = {
        path: declared.type(getattr(declared, end))
        for path, declared in DECLARED.items()
        if path.startswith(f"{group}.")
    }
    parameters = changed(values)
    town = build(draw_blueprint(TownConfig(residents=300, neighbourhoods=3)), parameters, 0)
    for _ in range(WEEKS):
        stage_by_stage(town, parameters, STRATEGIES["omem"])
        assert town.check() == []
    for measure in MEASURES.values():
        assert np.isfinite(measure.read(town, 4)).all()
