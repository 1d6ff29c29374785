"""What comes in and what goes out add up week by week: hours, calls, cases, people, custody.

Flows are counted where they happen, and held against the stocks before and after the week.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from parts import alone, given

from omemsim.inputs.config import compose_scenario
from omemsim.inputs.lay import lay_schedule
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.processes import WEEK, partner
from omemsim.processes.partner import NO_CASE, SERVED, WAITING
from omemsim.run import spin_up
from omemsim.schedule import Event, Happening, Intervention, Work
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.mechanisms import effective
from omemsim.vocabulary.parameters import Parameters

WEEKS = 60
WORDS = [
    "town.residents=900",
    "town.neighbourhoods=3",
    "spin_up_years=0.5",
    "parameters.act.tired=0",  # an hour is an hour
    "parameters.act.untrained=1",
    "parameters.act.night_use=1",
    "parameters.act.reluctant=1",
    "parameters.partner.give_up=8",
    "parameters.partner.service_weeks=10",
    "parameters.partner.schools=5",
    "parameters.crisis.rate=2",
]
EVENTS = [
    Event(Happening.BUDGET_CUT, [], 10, 30, 0.4),
    Event(Happening.AGENCY_CLOSING, [], 20, 26, sector="housing"),
    Event(Happening.ECONOMIC, ["1"], 15, 40, 0.3),
    Event(Happening.CRIME, ["2"], 5, 20, 2.0),
]
PROJECTS = [
    Intervention(Work.LIAISON, ["1"], 8, 50, 3.0),
    Intervention(Work.PATROL, [], 30, 40, 500.0),  # more than there is
    Intervention(Work.CASEWORK, ["3"], 12, 30, 20.0),
    Intervention(Work.LIGHTING, ["2"], 3, 50, 0.5),
    Intervention(Work.TARGET_HARDENING, ["2"], 3, 50, 4.0),
]
CASES: dict[str, tuple[str, list[str]]] = {
    "plain": ("omem", []),
    "present practice": ("present_practice", ["strategy.directed=0.15"]),
    "calls only": ("reactive", []),
    "kept hours": ("omem", ["parameters.respond.calls_first=0", "strategy.protected=0.3"]),
    "overrun": ("hot_spots", ["parameters.respond.sworn=60", "parameters.respond.patience=2"]),
    "arrests": (
        "omem_average_mix",
        [f"parameters.respond.custody_{kind}=1" for kind in ("property", "violence")],
    ),
    "rich": ("omem", ["strategy.money=200", "parameters.respond.sworn=600"]),
    "council": ("omem", ["parameters.learn.council_hours=1"]),
    "taken away": (
        "omem_no_reinvestment",
        [
            "parameters.respond.sworn=400",
            "parameters.context.disorder_trend=-0.2",
            "parameters.crisis.rate=0.7",
        ],
    ),
}


@dataclass
class Week:
    """The town before and after a week, and which cases closed and opened in it."""

    before: Town
    after: Town
    closed: Any  # rows whose case closed
    enlisted: Any  # rows put on a list


def heard(town: Town, parameters: Parameters, strategy: Strategy) -> tuple[Any, Any]:
    """Let agencies work for a week; return rows whose case closed, and rows put on a list."""
    had, copy = town.residents.case != NO_CASE, town.copy()
    p = given(partner.STAGE, parameters, strategy)
    alone(partner.reset_newcomers, copy.newcomers, copy.residents, town.week - p.table_rest)
    alone(partner.continue_cases, copy, p, town.week)
    partner.step(town, parameters, strategy)
    still_open, has = copy.residents.case != NO_CASE, town.residents.case != NO_CASE
    assert has[still_open].all()
    return np.flatnonzero(had & ~still_open), np.flatnonzero(has & ~still_open)


def scenario_of(case: str) -> Scenario:
    strategy, words = CASES[case]
    scenario = compose_scenario("small", strategy, [*WORDS, *words])
    levers = replace(scenario.strategy, interventions=PROJECTS)
    return replace(scenario, strategy=levers, events=EVENTS)


@pytest.fixture(scope="module", params=CASES)
def weeks(request: pytest.FixtureRequest) -> list[Week]:
    scenario = scenario_of(request.param)
    town, found = spin_up(scenario, 0), []
    lay_schedule(town, scenario, blueprint_of(scenario.town))
    parameters, cases = effective(scenario.parameters), None
    for _ in range(WEEKS):
        before = town.copy()
        for stage, step in WEEK.items():
            if stage == "partner":
                cases = heard(town, parameters, scenario.strategy)
            else:
                step(town, parameters, scenario.strategy)
        town.week += 1
        assert cases is not None
        found.append(Week(before, town.copy(), *cases))
    return found


def one(town: Town, name: str) -> float:
    return float(getattr(town.service, name)[0])


def test_hours_offered_are_reactive_assigned_unassigned_lost_or_withdrawn(
    weeks: list[Week],
) -> None:
    for week in weeks:
        town = week.after
        offered = one(town, "offered")
        assert offered == pytest.approx(town.officers.contracted.sum() * one(town, "staffing"))
        proactive = town.officers.proactive.sum()
        assert offered == pytest.approx(one(town, "reactive") + proactive)
        names = ("unassigned", "lost", "withdrawn")
        parts = [town.neighbourhoods.hours.sum(), *(one(town, name) for name in names)]
        assert proactive == pytest.approx(sum(parts))
        assert min(parts) >= 0
        assert (town.officers.proactive >= -1e-9).all()


def test_calls_are_answered_wait_or_are_closed(weeks: list[Week]) -> None:
    due = len(weeks[0].before.queue) + len(weeks[0].before.calls)
    answered = closed = 0.0
    for week in weeks:
        town = week.after
        answered, closed = answered + one(town, "answered"), closed + one(town, "closed")
        assert due == answered + closed + one(town, "waiting")
        assert one(town, "waiting") == len(town.queue)
        due += len(town.calls)
    assert answered > 0


def test_cases_opened_are_waiting_served_or_closed(weeks: list[Week]) -> None:
    held = int((weeks[0].before.residents.case != NO_CASE).sum())
    opened = closed = 0
    for week in weeks:
        opened, closed = opened + week.enlisted.size, closed + week.closed.size
        agencies = week.after.agencies
        in_hand = agencies.caseload.sum() + agencies.waiting.sum()
        assert held + opened == closed + in_hand
        assert in_hand == (week.after.residents.case != NO_CASE).sum()
    assert min(opened, closed) > 20


def test_a_case_closes_for_a_reason_and_moves_one_way(weeks: list[Week]) -> None:
    for week in weeks:
        old, new, now = week.before.residents, week.after.residents, week.before.week
        waited = now - old.case_since
        moved = old.tenancy != new.tenancy
        shut = week.after.agencies.is_open[old.agency] == 0
        due = np.where(old.case == SERVED, waited >= 10, waited >= 8)
        assert (due | moved | shut)[week.closed].all()
        kept = np.setdiff1d(np.flatnonzero(old.case != NO_CASE), week.closed)
        assert not (due | moved | shut)[kept].any()
        assert np.array_equal(new.agency[kept], old.agency[kept])
        assert (new.case[kept] >= old.case[kept]).all()  # from waiting to served, never back
        assert (new.case[week.enlisted] != NO_CASE).all()
        assert np.unique(week.enlisted).size == week.enlisted.size
        closed_sectors = np.flatnonzero(week.after.agencies.is_open == 0)
        assert not np.isin(new.agency[new.case != NO_CASE], closed_sectors).any()


def test_as_many_people_come_as_go_and_seats_stay(weeks: list[Week]) -> None:
    came = 0.0
    for week in weeks:
        old, new = week.before.residents, week.after.residents
        assert len(old) == len(new) == 900
        changed = new.tenancy != old.tenancy
        assert (new.tenancy[changed] == old.tenancy[changed] + 1).all()
        assert one(week.after, "moved_in") == one(week.after, "moved_out") == changed.sum()
        homes = np.unique(new.household[changed])
        assert one(week.after, "moves") == homes.size
        assert np.array_equal(changed, np.isin(new.household, homes))  # whole households move
        came += one(week.after, "moved_in")
    first, last = weeks[0].before.residents, weeks[-1].after.residents
    assert came == (last.tenancy.astype(int) - first.tenancy).sum() > 0


def test_custody_takes_in_and_lets_go(weeks: list[Week]) -> None:
    for week in weeks:
        old, new, residents = week.before.custody, week.after.custody, week.after.residents
        moved = residents.tenancy != week.before.residents.tenancy
        over = (old.until <= week.before.week) | moved[old.resident]
        assert len(old) + one(week.after, "held") == over.sum() + len(new)
        assert np.array_equal(new.resident[: (~over).sum()], old.resident[~over])
        assert np.unique(new.resident).size == len(new)
        assert (new.until > week.before.week).all()


def test_the_weeks_above_have_what_they_count() -> None:
    """Balances mean little where nothing is moved: each flow is seen in some case."""
    seen: Counter[str] = Counter()
    for case in CASES:
        scenario = scenario_of(case)
        town = spin_up(scenario, 0)
        lay_schedule(town, scenario, blueprint_of(scenario.town))
        parameters = effective(scenario.parameters)
        for _ in range(WEEKS):
            for step in WEEK.values():
                step(town, parameters, scenario.strategy)
            town.week += 1
            for name in ("waiting", "closed", "unassigned", "lost", "withdrawn", "arrested"):
                seen[name] += one(town, name) > 0.01  # more than the last bits of a sum
            for name in ("places_designed", "homes_hardened", "table_taken", "co_answered"):
                seen[name] += one(town, name) > 0
            asked = town.neighbourhoods.ordered.sum()
            seen["asked too much"] += asked > town.officers.proactive.sum()
            seen["backed up"] += one(town, "backed_up") > 0
            seen["cut"] += one(town, "staffing") < 1
            seen["shut"] += (town.agencies.is_open == 0).any()
            seen["waits for help"] += (town.residents.case == WAITING).any()
    names = "waiting closed unassigned lost withdrawn arrested places_designed homes_hardened"
    names += " table_taken co_answered"
    assert [name for name in names.split() if not seen[name]] == []
    others = ("backed up", "asked too much", "cut", "shut", "waits for help")
    assert min(seen[name] for name in others) > 0
