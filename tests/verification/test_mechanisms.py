"""Every mechanism can be switched off; nothing is made of nothing; trust prevents no crime itself.

Hours, calls, cases and money are counted every week. What tactics that build trust do to
crime must be a result of what they do to people: with the people held still, it is nothing.
"""

import functools
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.processes import WEEK, run_week
from omemsim.processes.partner import NO_CASE, SERVED, WAITING
from omemsim.run import run_scenario, spin_up
from omemsim.series import Series
from omemsim.strategies import Fund, Strategy
from omemsim.town import Town
from omemsim.vocabulary.mechanisms import OFF, effective
from omemsim.vocabulary.parameters import Parameters, Strengths, declarations
from omemsim.vocabulary.rates import per_week
from omemsim.vocabulary.wheel import Tactic, Zone

P = "parameters."
# Few places: crime at all of them.
EVEN = [
    P + pair
    for pair in ("people.place_shape=0.4", "people.dwelling_shape=2", "offend.household=66")
]
SMALL = ["town.neighbourhoods=3", "spin_up_years=0.5", "years=0.8", *EVEN]
SHOCK = [P + "context.shock_week=4", P + "context.shock_size=2"]
PATHS = sorted({path for offs in OFF.values() for path in offs})

# --- the switches -------------------------------------------------------------------------


def values_of(parameters: Parameters) -> dict[str, Any]:
    """Return all numbers but the strengths, by path."""
    numbers = {}
    for declaration in declarations(Parameters):
        group, name = declaration.path.split(".")
        if group != "strength":
            numbers[declaration.path] = getattr(getattr(parameters, group), name)
    return numbers


def at_strength(value: float) -> Parameters:
    """Return the default parameters with all mechanisms at one strength, applied."""
    return effective(replace(Parameters(), strength=Strengths(**dict.fromkeys(OFF, value))))


def test_every_switch_switches_declared_numbers_and_every_strength_is_a_switch() -> None:
    assert set(OFF) == {field.name for field in fields(Strengths)}
    declared = {declaration.path: declaration for declaration in declarations(Parameters)}
    for path in PATHS:
        assert declared[path].type is float  # halfway must exist
    for offs in OFF.values():
        assert offs
        for path, off in offs.items():
            assert declared[path].low <= off <= declared[path].high
            assert off != declared[path].default, f"{path} is off by default"
    assert len(PATHS) == sum(len(offs) for offs in OFF.values())  # no number has two switches


def test_at_strength_one_nothing_changes() -> None:
    assert effective(Parameters()) == Parameters()
    other = replace(Parameters(), act=replace(Parameters().act, tired=0.123))
    assert effective(other) == other


@pytest.mark.parametrize("strength", [0.0, 0.5, 0.25])
def test_a_strength_moves_its_numbers_towards_off_and_no_others(strength: float) -> None:
    full, found = values_of(Parameters()), values_of(at_strength(strength))
    expected = dict(full)
    for offs in OFF.values():
        for path, off in offs.items():
            expected[path] = off + strength * (full[path] - off)
    assert found == pytest.approx(expected, rel=1e-12)
    assert [path for path in full if found[path] != full[path]] == [p for p in full if p in PATHS]


def test_a_strength_applies_to_the_numbers_given() -> None:
    given = replace(Parameters(), crisis=replace(Parameters().crisis, relapse=6.0))
    half = effective(replace(given, strength=Strengths(relapse=0.5)))
    assert half.crisis.relapse == 3.0


# What each has to work on: officers with time and money, or calls that must wait.
BUSY = [
    *SHOCK,
    *(
        "town.residents=1200",
        "strategy.money=200",
        P + "respond.sworn=500",
        P + "organize.emerge=0.02",
    ),
    *(P + pair for pair in ("offend.violence=300", "people.leader_prevalence=0.05")),
    *(P + pair for pair in ("people.early_effect=0.5", "people.residents_per_place=15")),
    *(P + pair for pair in ("act.watched=2", "act.worst_share=0.3", "act.contacts=20")),
    *(P + pair for pair in ("act.contact_gain=0.3", "organize.join=0.1", "organize.protect=0.05")),
    *(P + pair for pair in ("organize.open_police=0.5", "organize.momentum_gain=0.3")),
    *(
        P + pair
        for pair in (
            "respond.busy_cap=0.3",
            "reporting.tips=3",
            "offend.displaced=0.6",
            "act.rotation_half=0.1",
        )
    ),
]
# Officers without conviction, so that the council does not back the Table.
DOUBTED = [P + "learn.council_leadership=10", P + "learn.council_pace=1"]
STRETCHED = [*SHOCK, "town.residents=1200", P + "respond.sworn=150"]
SETTINGS = {
    "busy": ("omem_average_mix", BUSY),
    "stretched": ("omem_average_mix", STRETCHED),
    "present practice": ("present_practice", BUSY),
    "police lead": ("omem_average_mix", [*BUSY, "strategy.table_lead=police"]),
    "calls have fallen": ("omem_average_mix", BUSY),
    "problems vanish": ("omem_average_mix", [*BUSY, P + "act.problem_effect=1.5"]),
    "projects run": (
        "omem_average_mix",
        [*BUSY, P + "act.problem_hours=2", P + "organize.join=0.001"],
    ),
    "many ask": ("omem_average_mix", [*BUSY, P + "crisis.rate=4"]),
    "many give up": ("omem_average_mix", [*BUSY, P + "organize.attrition=0.5"]),
    "a council that doubts": ("omem_average_mix", [*BUSY, *DOUBTED]),
    "zones move": (
        *("omem_average_mix",),
        [
            *(*BUSY, "strategy.window=13", "strategy.assess_every=8"),
            *(P + "zones.weeks_up=1", P + "zones.margin=0", P + "assess.sooner=0.9"),
        ],
    ),
    "Tables meet": (
        *("omem_average_mix",),
        [*BUSY, P + "account.table_case=100", P + "crisis.rate=4"],
    ),
    "tired": (
        *("omem_average_mix",),
        [*BUSY, P + "learn.turnover=1", P + "respond.tiring=1", P + "respond.sworn=200"],
    ),
    "aimed too long": ("omem_average_mix", [*BUSY, P + "act.unpaid_weeks=2"]),
    "few hours": ("omem_average_mix", [*BUSY, P + "act.problem_hours=80"]),
    "led from the top": (
        *("omem_average_mix",),
        [*BUSY, "strategy.leadership=1", "strategy.training=0", P + "learn.promotion=1"],
    ),
    "failing": (
        "omem_average_mix",
        [*BUSY, P + "organize.failing=2", P + "organize.ready=0.9", P + "respond.sworn=900"],
    ),
}
# All others show in the busy town.
WHERE = {
    "waiting_costs_trust": "stretched",
    "backup": "present practice",
    "matched_lead": "police lead",
    "visible_success": "calls have fallen",
    "cap": "problems vanish",
    "attrition": "many give up",
    "partners_solve": "projects run",
    "outreach": "many ask",
    "triage": "many ask",
    "backing": "a council that doubts",
    "unpaid_moves": "aimed too long",
    "carried_initiatives": "few hours",
    "sooner": "zones move",
    "families_at_table": "Tables meet",
    "burnout": "tired",
    "promotion": "led from the top",
    "review": "failing",
}


# Of what a town is built of, or what takes years to show: the town is built and spun up without it.
FROM_BIRTH = {"unlike_neighbourhoods", "chronic_addresses", "drift"}


@functools.cache
def setting(name: str) -> tuple[Scenario, Town]:
    strategy, words = SETTINGS[name]
    scenario = compose_scenario("small", strategy, [*SMALL, *words])
    town = spin_up(scenario, 0)
    town.neighbourhoods.cohort[:] = 1  # as after decades of early intervention
    if name == "calls have fallen":
        town.neighbourhoods.past_calls[:] *= 10  # as if the year before had been much worse
    return scenario, town


@functools.cache
def series_of(name: str, off: str = "") -> Series:
    """Return a run of a setting, with one mechanism off."""
    scenario, town = setting(name)
    strength = Strengths(**({off: 0.0} if off else {}))
    parameters = replace(scenario.parameters, strength=strength)
    start = None if off in FROM_BIRTH else town
    return run_scenario(replace(scenario, parameters=parameters), 0, start)


@pytest.mark.parametrize("mechanism", OFF)
def test_a_mechanism_that_is_switched_off_shows(mechanism: str) -> None:
    name = WHERE.get(mechanism, "busy")
    usual, without = series_of(name).values, series_of(name, mechanism).values
    assert any(not np.array_equal(usual[measure], without[measure]) for measure in usual)


def test_the_same_run_shows_no_difference() -> None:
    scenario, town = setting("busy")
    again = run_scenario(scenario, 0, town).values
    assert all(
        np.array_equal(values, again[name]) for name, values in series_of("busy").values.items()
    )


# --- hours, calls, cases ------------------------------------------------------------------

# An hour is an hour.
EFFORTLESS = [
    P + f"act.{pair}" for pair in ("tired=0", "untrained=1", "reluctant=1", "night_use=1")
]
COUNTED: dict[str, tuple[str, list[str]]] = {
    "omem": ("omem", []),
    "present practice": ("present_practice", ["strategy.directed=0.2"]),
    "calls only": ("reactive", []),
    "money": ("omem", ["strategy.money=200", P + "account.table_case=100", P + "crisis.rate=3"]),
    "freed hours taken away": (
        "omem_no_reinvestment",
        [P + "respond.sworn=400", P + "context.peak_to_trough=2", P + "context.peak_week=39"],
    ),
    "training": ("omem_average_mix", ["strategy.training=0.2", P + "respond.sworn=800"]),
    "calls wait": ("hot_spots", [P + "respond.sworn=60", P + "respond.patience=2"]),
    "a pilot": ("pilot_then_rollout", ["strategy.rollout=10", P + "respond.sworn=500"]),
    "no officers": ("omem", [P + "respond.sworn=0"]),
}


@functools.cache
def counted(case: str) -> list[tuple[Town, Town]]:
    """Return the town before and after each week of a case."""
    strategy, words = COUNTED[case]
    prices = [P + "account.co_answer=100", P + "account.design_place=2000"]
    scenario = compose_scenario(
        "small", strategy, [*SMALL, "town.residents=900", *SHOCK, *EFFORTLESS, *prices, *words]
    )
    town, pairs = spin_up(scenario, 0), []
    for _ in range(20):
        before = town.copy()
        run_week(town, effective(scenario.parameters), scenario.strategy)
        pairs.append((before, town.copy()))
    return pairs


def one(town: Town, name: str) -> float:
    """Return a number of the service."""
    return float(getattr(town.service, name)[0])


@pytest.mark.parametrize("case", COUNTED)
def test_every_hour_is_somewhere(case: str) -> None:
    for _, town in counted(case):
        proactive = town.officers.proactive.sum()
        assert one(town, "offered") == pytest.approx(one(town, "reactive") + proactive)
        usable = proactive - one(town, "withdrawn") - one(town, "lost")
        assigned = town.neighbourhoods.hours.sum()
        assert assigned == pytest.approx(town.neighbourhoods.share.sum() * usable)
        assert proactive == pytest.approx(
            assigned + one(town, "unassigned") + one(town, "lost") + one(town, "withdrawn")
        )
        parts = (one(town, name) for name in ("unassigned", "lost", "withdrawn", "reactive"))
        assert min(assigned, *parts) >= 0


@pytest.mark.parametrize("case", COUNTED)
def test_every_call_is_answered_waits_or_is_closed(case: str) -> None:
    for before, town in counted(case):
        came = len(before.calls) + len(before.queue)
        gone = one(town, "answered") + one(town, "closed")
        assert came == gone + one(town, "waiting")
        assert one(town, "waiting") == len(town.queue)
        disorder = (before.calls.type == 4).sum() + (before.queue.type == 4).sum()
        assert one(town, "co_answered") <= min(one(town, "answered"), disorder)


@pytest.mark.parametrize("case", COUNTED)
def test_every_case_is_an_agencys_and_none_carries_more_than_it_can(case: str) -> None:
    for before, town in counted(case):
        residents, agencies, n = town.residents, town.agencies, len(town.agencies)
        for state, column in ((SERVED, agencies.caseload), (WAITING, agencies.waiting)):
            held = np.bincount(residents.agency[residents.case == state], minlength=n)
            assert np.array_equal(held, column)
        assert ((residents.case == NO_CASE) == (residents.agency == -1)).all()
        bought = np.diff(np.floor(np.cumsum(agencies.funded)), prepend=0)  # whole cases
        can = agencies.capacity + bought
        assert (agencies.caseload <= np.maximum(can, before.agencies.caseload)).all()
        assert one(town, "table_lowered") <= one(town, "table_taken")
        taken = (residents.table_week == town.week - 1).sum()
        at_places = one(town, "table_taken") - taken  # some are places, one a neighbourhood
        lowered = (town.neighbourhoods.table_place >= 0).sum()
        assert lowered <= at_places <= len(town.neighbourhoods)


@pytest.mark.parametrize("case", COUNTED)
def test_no_more_is_bought_than_money_pays_for(case: str) -> None:
    weeks = counted(case)
    for bought, used in (
        ("table_cases", sum(one(town, "table_taken") for _, town in weeks)),
        ("co_answers", sum(one(town, "co_answered") for _, town in weeks)),
        ("design_places", sum(renewed(town) for _, town in weeks)),
    ):
        assert used <= len(weeks) * one(weeks[0][1], bought) + 1


def renewed(town: Town) -> int:
    """Return the places redesigned this week: after a week none is quite new."""
    return int((town.places.designed == 1).sum())


def test_what_is_counted_happened() -> None:
    """The counts above mean little where all are zero."""
    seen = {
        name: max(one(town, name) for case in COUNTED for _, town in counted(case))
        for name in ("withdrawn", "unassigned", "lost", "waiting", "closed", "co_answered")
    }
    seen["lowered"] = max(one(town, "table_lowered") for _, town in counted("money"))
    seen["redesigned"] = sum(renewed(town) for _, town in counted("money"))
    over = [town.agencies.caseload - town.agencies.capacity for _, town in counted("money")]
    seen["funded"] = np.max(over)
    # More than the last bits of a sum.
    assert [name for name, value in seen.items() if value <= 1e-6] == []


# --- money --------------------------------------------------------------------------------

SPENDS: list[dict[str, float]] = [
    {},
    {"casework": 1.0},
    *({fund.value: 1.0} for fund in Fund),
    {fund.value: 0.2 for fund in Fund},
    {"social_development": 0.35, "situation_table": 0.25, "co_response": 0.15},
    {"casework": 0.5, "situational_prevention": 0.1},
]


@pytest.mark.parametrize("spend", SPENDS)
@pytest.mark.parametrize("money", [0.0, 6.0, 200.0])
def test_all_money_buys_something_and_no_more(spend: dict[str, float], money: float) -> None:
    scenario, start = setting("busy")
    town, parameters = start.copy(), scenario.parameters
    WEEK["plan"](town, parameters, replace(scenario.strategy, spend=spend, money=money))
    price, people = parameters.account, town.neighbourhoods.population.sum()
    spent = {
        "cases": parameters.partner.cost * town.agencies.funded.sum(),
        "situation_table": price.table_case * one(town, "table_cases"),
        "co_response": price.co_answer * one(town, "co_answers"),
        "situational_prevention": price.design_place * one(town, "design_places"),
    }
    total = per_week(money) * people
    assert sum(spent.values()) == pytest.approx(total)
    for fund, amount in spent.items():
        if fund != "cases":
            assert amount == pytest.approx(total * spend.get(fund, 0.0))
    going_out = parameters.partner.cost * town.agencies.outreach
    assert going_out.sum() == pytest.approx(total * spend.get("social_development", 0.0))
    assert (going_out <= parameters.partner.cost * town.agencies.funded + 1e-9).all()


# --- tactics that build trust act through people -------------------------------------------

BUILDERS = [
    Tactic.LIAISON,
    Tactic.CONSULTATION,
    Tactic.PUBLIC_EDUCATION,
    Tactic.EARLY_INTERVENTION,
    Tactic.MOBILIZE_PARTNERS,
    Tactic.ENGAGE_LEADERS,
]
# The ways there are: people's own stocks, what they do, and who serves them.
CHANNELS = {
    "residents": (
        *("trust", "vigilance", "takes_part", "is_found", "efficacy", "fear"),
        *("propensity", "support", "case", "agency", "case_since", "is_referred"),
    ),
    "households": ("protection", "in_watch"),
    "neighbourhoods": (
        *("trust", "vigilance", "efficacy", "fear", "capacity", "participants"),
        *("leaders", "momentum", "community_momentum", "community_led", "police_led"),
        *("social_momentum", "watch_momentum", "consult_momentum", "services", "grievance"),
        "hazard",
    ),
    "agencies": ("caseload", "waiting", "relation"),
    # Mobilized partners and leaders also run initiatives; what these remove is problem-solving.
    "initiatives": ("is_active", "lead", "kind", "momentum", "place", "age"),
}


def hold(town: Town) -> Callable[[], None]:
    """Return what puts the channels back to what they are now."""
    kept = [
        (getattr(town.tables()[table], name), getattr(town.tables()[table], name).copy())
        for table, names in CHANNELS.items()
        for name in names
    ]

    def restore() -> None:
        for column, values in kept:
            column[:] = values

    return restore


def everywhere(strategy: Strategy, mix: dict[Tactic, float]) -> Strategy:
    """Return the strategy with the same mix in every zone, some of it enforcement."""
    row = {Tactic.TARGETED_ENFORCEMENT: 0.2, Tactic.PROBLEM_ORIENTED_POLICING: 0.2, **mix}
    shares = {tactic.name.lower(): share for tactic, share in row.items()}
    return replace(strategy, mix={zone.name.lower(): shares for zone in Zone})


def expected_crime(mix: dict[Tactic, float], *, held: bool) -> Any:
    """Return expected violence and property crime, (weeks, 2 N), of 26 weeks of a mix."""
    scenario, start = setting("busy")
    town, strategy = start.copy(), everywhere(scenario.strategy, mix)
    restore = hold(town) if held else int
    rows = []
    for _ in range(26):
        for step in WEEK.values():
            step(town, scenario.parameters, strategy)
            restore()
        town.week += 1
        hoods = town.neighbourhoods
        rows.append(np.concatenate([hoods.expected_violence, hoods.expected_property]))
    return np.array(rows)


@pytest.mark.parametrize("tactic", BUILDERS)
def test_with_people_held_still_a_tactic_that_builds_trust_prevents_no_crime(
    tactic: Tactic,
) -> None:
    without = expected_crime({}, held=True)
    assert np.array_equal(expected_crime({tactic: 0.5}, held=True), without)


@pytest.mark.parametrize("tactic", BUILDERS)
def test_with_people_free_it_changes_crime(tactic: Tactic) -> None:
    without = expected_crime({}, held=False)
    assert not np.array_equal(expected_crime({tactic: 0.5}, held=False), without)


@pytest.mark.parametrize(
    "tactic", [Tactic.PATROL, Tactic.TRAFFIC, Tactic.DIRECTED_PATROL, Tactic.MONITOR_AT_RISK_GROUPS]
)
def test_others_act_on_crime_with_people_held_still(tactic: Tactic) -> None:
    # The clamps do not stop everything: what is aimed at places or offenders shows.
    without = expected_crime({}, held=True)
    found = expected_crime({tactic: 0.5}, held=True)
    assert found.sum() < without.sum()
