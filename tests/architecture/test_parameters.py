"""Every parameter and lever changes some measure, and no measure is a constant."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from omemsim.inputs.config import compose_scenario, scenario_from_dict, scenario_to_dict
from omemsim.inputs.scenario import Scenario, TownConfig
from omemsim.measures import MEASURES
from omemsim.run import run_scenario
from omemsim.series import Series
from omemsim.strategies import Allocation, Fund, Strategy
from omemsim.vocabulary.parameters import Declaration, Parameters, declarations
from omemsim.vocabulary.wheel import Tactic, Zone

# A year of a town in which all mechanisms are live: shock, officers with time who tire, much
# money for every fund, and every tactic in every zone.
WORDS = [
    "town.residents=1500",
    "parameters.people.place_shape=0.4",
    "parameters.people.dwelling_shape=2",  # few places: crime at all of them
    "parameters.offend.household=66",
    "town.neighbourhoods=3",
    "spin_up_years=0.5",
    "years=1.1",
    "strategy.money=200",
    "strategy.training=0.1",
    *(
        f"parameters.{pair}"
        for pair in (
            "context.shock_week=5",
            "respond.sworn=500",
            "respond.busy_cap=0.1",
            "people.leader_prevalence=0.05",
            "people.early_effect=0.5",
            "people.residents_per_place=15",
            "act.cohort_memory=52",
            "act.problem_hours=2",  # so that projects run
            "act.watched=2",
            "account.table_case=100",
            "account.co_answer=100",
            "account.design_place=2000",
            "account.bill_lag=10",
        )
    ),
]
OMEM = compose_scenario("small", "omem", WORDS)
ALL_TACTICS = {
    zone.name.lower(): {t.name.lower(): 0.9 / len(Tactic) for t in Tactic} for zone in Zone
}
ALL_FUNDS = {fund.value: 1 / len(Fund) for fund in Fund}
ALIVE = replace(OMEM, strategy=replace(OMEM.strategy, mix=ALL_TACTICS, spend=ALL_FUNDS))

# What else must be so for a number to matter: without it the mechanism it belongs to sleeps.
BLUE_NEED = {
    f"parameters.zones.{what}_{line}": value
    for what, top in (("calls", 1900.0), ("harm", 1900.0), ("recorded", 9.0))
    for line, value in (("low", top - 0.2), ("mid", top - 0.1), ("high", top))
}
WHEN: dict[str, dict[str, Any]] = {
    # Capacity and who leads decide only where need is blue.
    "parameters.zones.capacity": {**BLUE_NEED, "parameters.zones.community_led": 0.0},
    "parameters.zones.community_led": {**BLUE_NEED, "parameters.zones.capacity": 0.0},
    "parameters.assess.imputed_efficacy": {
        **BLUE_NEED,
        "parameters.zones.community_led": 0.0,
        "parameters.zones.capacity": 0.5,
        "strategy.survey_size": 0,
    },
    # Trust decides only where amber becomes green: calls fall from a high peak.
    "parameters.zones.trust": {
        **BLUE_NEED,
        "parameters.zones.calls_low": 20.0,
        "parameters.zones.calls_mid": 400.0,
        "parameters.zones.weeks_up": 1,
        "parameters.zones.margin": 0.0,
        "parameters.zones.repeat": 1.0,
        "parameters.context.peak_to_trough": 2.0,
        "parameters.context.peak_week": 0.0,
        "strategy.window": 13,
    },
}
WHEN["parameters.zones.weeks_up"] = WHEN["parameters.zones.trust"]
WHEN["parameters.zones.margin"] = {**WHEN["parameters.zones.trust"]}
del WHEN["parameters.zones.margin"]["parameters.zones.margin"]
# Small effects on rates show where much happens, and officers have time for more than calls.
MUCH_CRIME = {
    **{f"parameters.offend.{crime}": 500.0 for crime in ("violence", "theft", "household")},
    "parameters.respond.sworn": 1000.0,
}
for _name in ("act.early_half", "act.early_memory"):
    WHEN[f"parameters.{_name}"] = MUCH_CRIME
for _name in ("household_protection", "displacement"):
    WHEN[f"parameters.strength.{_name}"] = MUCH_CRIME
# How far offenders go shows in whom police arrest, and so in who offends no more.
for _name in (
    *("offend.journey", "strength.near_home"),
    *("offend.family", "offend.acquainted", "strength.known_offenders"),
):
    WHEN[f"parameters.{_name}"] = {
        **MUCH_CRIME,
        **{f"parameters.respond.clear_{crime}": 1.0 for crime in ("violence", "property")},
        **{f"parameters.respond.custody_{crime}": 1.0 for crime in ("violence", "property")},
    }
# It takes years until some of the young who move in grew up with early intervention.
for _name in ("people.early_effect", "act.cohort_memory", "strength.early_intervention"):
    WHEN[f"parameters.{_name}"] = {**MUCH_CRIME, "parameters.act.early_half": 0.1, "years": 3.0}
# Calls wait only where officers are few.
STRETCHED = {"parameters.respond.sworn": 120.0}
for _name in ("respond.patience", "respond.waiting_cost", "strength.waiting_costs_trust"):
    WHEN[f"parameters.{_name}"] = STRETCHED
# The right lead of a case matters where there is a wrong one, the cap where much is prevented.
for _name in ("partner.mismatch", "strength.matched_lead"):
    WHEN[f"parameters.{_name}"] = {"strategy.table_lead": "POLICE"}
# Monitoring shortens the interval of assessment where zones are soon to move.
for _name in ("assess.sooner", "strength.sooner"):
    WHEN[f"parameters.{_name}"] = {
        **WHEN["parameters.zones.trust"],
        "strategy.assess_every": 12,
        "parameters.act.rotation_half": 0.01,
        "parameters.assess.sooner": 0.9,
    }
del WHEN["parameters.assess.sooner"]["parameters.assess.sooner"]
WHEN["parameters.strength.cap"] = {**MUCH_CRIME, "parameters.offend.deterrence": 2.0}
# Success is a fall of calls below a whole year of them.
FALLING = {"spin_up_years": 1.1, "parameters.context.disorder_trend": -0.2}
for _name in ("learn.by_success", "strength.visible_success"):
    WHEN[f"parameters.{_name}"] = FALLING
# The window decides what police see where calls fall from a high peak.
WHEN["strategy.window"] = {
    key: value for key, value in WHEN["parameters.zones.trust"].items() if key != "strategy.window"
}
# A council has an opinion after a year; more money than a Table can use hides its seats.
WHEN["parameters.learn.council_seats"] = {
    "parameters.learn.council_pace": 1.0,
    "strategy.money": 3.0,
    "strategy.training": 0.0,
    "parameters.learn.council_leadership": 10.0,
}
WHEN["parameters.account.harden"] = {
    "strategy.interventions": [{"what": "TARGET_HARDENING", "dose": 5.0}]
}
# Leaders matter who tell, hire and promote; a pilot that has to show something waits.
LED = {"strategy.leadership": 1.0, "strategy.training": 0.0, "parameters.learn.turnover": 1.0}
for _name in ("learn.promotion", "learn.by_promoted", "learn.hired", "strength.promotion"):
    WHEN[f"parameters.{_name}"] = {**LED, "parameters.learn.promotion": 0.9}
WHEN["strategy.leadership"] = {"strategy.training": 0.0, "strategy.leadership": 0.0}
SHOWN = {"strategy.pilot": 0.5, "strategy.rollout": 8, "strategy.rollout_step": 0.1}
for _name in ("rollout_needs", "rollout_step"):
    WHEN[f"strategy.{_name}"] = SHOWN
# Initiatives fail, and are not carried, where officers have little time for each.
FAILING = {"parameters.organize.ready": 0.9, "parameters.organize.failing": 4}
for _name in ("organize.review", "organize.failing", "strength.review"):
    WHEN[f"parameters.{_name}"] = FAILING
WHEN["parameters.organize.least_room"] = {  # no leader to pass initiatives to, but many of police
    **{f"parameters.organize.{name}": 0.0 for name in ("emerge", "search")},
    **{f"parameters.organize.{name}": 0.5 for name in ("hand_over", "open_police")},
    "parameters.people.leader_prevalence": 0.0,
    "parameters.act.problem_hours": 0.2,
}
SCARCE = {"parameters.act.problem_hours": 20.0, "parameters.organize.carried_least": 0.2}
for _name in ("organize.uncarried", "organize.carried_least", "strength.carried_initiatives"):
    WHEN[f"parameters.{_name}"] = SCARCE
# A Table takes all there are unless there are many; a council that doubts sits for fewer.
WHEN["parameters.partner.table_misjudged"] = {"parameters.account.table_case": 2000.0}
for _name in ("partner.table_early", "partner.table_noticed"):
    WHEN[f"parameters.{_name}"] = {"parameters.partner.acute": 3.0, "parameters.act.reached": 5.0}
DOUBT = {"parameters.learn.council_leadership": 10.0, "parameters.learn.council_pace": 1.0}
WHEN["parameters.strength.backing"] = DOUBT
# Who is trained need not be told.
WHEN["strategy.communication"] = {"strategy.training": 0.0, "strategy.leadership": 0.0}
# A roll-out needs a pilot before it, and a pilot a time before the roll-out.
WHEN["strategy.rollout"] = {"strategy.pilot": 0.0}
WHEN["strategy.pilot"] = {"strategy.rollout": 5200}
# Hours are directed where there is patrol to take them from; calls decide where hours follow them.
WHEN["strategy.directed"] = {"strategy.mix": {"all": {"patrol": 0.5}}}
WHEN["strategy.calls_window"] = {"strategy.allocation": "CALLS"}
# How often zones are looked at matters where they move.
WHEN["strategy.assess_every"] = WHEN["parameters.zones.trust"]
# Lines of crime decide where calls do not.
FEW_CALLS = {key: value for key, value in BLUE_NEED.items() if ".calls_" in key}
FEW_CALLS |= {"parameters.zones.capacity": 0.0, "parameters.zones.community_led": 0.0}
for _what in ("harm", "recorded"):
    for _line in ("low", "mid", "high"):
        WHEN[f"parameters.zones.{_what}_{_line}"] = FEW_CALLS
# Bounds that would put lines between zones out of order; these stay between their neighbours.
LINES = {
    "parameters.zones.calls_low": (20.0, 390.0),
    "parameters.zones.calls_mid": (210.0, 640.0),
    "parameters.zones.calls_high": (410.0, 2000.0),
    "parameters.zones.harm_low": (10.0, 290.0),
    "parameters.zones.harm_mid": (160.0, 440.0),
    "parameters.zones.harm_high": (310.0, 2000.0),
    "parameters.zones.recorded_low": (0.05, 1.1),
    "parameters.zones.recorded_mid": (0.6, 1.6),
    "parameters.zones.recorded_high": (1.2, 10.0),
}

# A tactic of the user's own, which the model's strategies have none of.
OF_ONE_S_OWN = {
    "strategy.tactics": [{"name": "medics", "channels": {"contacts": 0.5}}],
    "strategy.mix": {"all": {"medics": 0.5}},
}

DECLARED = [
    *declarations(Parameters, "parameters."),
    *declarations(Strategy, "strategy."),
    *(d for d in declarations(TownConfig, "town.") if not d.path.startswith("town.coverage")),
]
# Of a table of real neighbourhoods only: see the tests of tables and of the spin-up.
OF_TABLES = {
    "town.year",
    "town.since",
    "town.suppressed",
    "town.scale",
    "parameters.people.cohesion_moving",
}


def changed(**values: Any) -> Scenario:
    """Return the live scenario, but for some values by their path."""
    data = scenario_to_dict(ALIVE)
    for path, value in values.items():
        *groups, name = path.split(".")
        inner = data
        for group in groups:
            inner = inner[group]
        inner[name] = value
    return scenario_from_dict(data)


_runs: dict[str, Series] = {}


def series_of(**values: Any) -> Series:
    key = repr(sorted(values.items()))
    if key not in _runs:
        _runs[key] = run_scenario(changed(**values), 0)
    return _runs[key]


def differing(one: Series, other: Series) -> list[str]:
    return [
        name
        for name in MEASURES
        if not np.array_equal(one.values[name], other.values[name], equal_nan=True)
    ]


def ends(declared: Declaration) -> list[Any]:
    low, high = LINES.get(declared.path, (declared.low, declared.high))
    if declared.path == "town.residents":
        low, high = 1400, 1600
    if declared.path == "town.neighbourhoods":
        low, high = 2, 4
    kind = declared.type
    return [kind(value) for value in (low, high) if value != declared.default]


@pytest.mark.parametrize(
    "declared", [d for d in DECLARED if d.path not in OF_TABLES], ids=lambda d: d.path
)
def test_a_number_changes_some_measure(declared: Declaration) -> None:
    when = WHEN.get(declared.path, {})
    usual = series_of(**when)
    for value in ends(declared):
        other = run_scenario(changed(**{**when, declared.path: value}), 0)
        if other.values["trust"].shape != usual.values["trust"].shape or differing(usual, other):
            return
    pytest.fail(f"{declared.path} = {ends(declared)} changes no measure: nobody reads it")


def test_nothing_changes_by_itself() -> None:
    assert differing(series_of(), run_scenario(changed(), 0)) == []


@pytest.mark.parametrize(
    "allocation", [a for a in Allocation if a is not ALIVE.strategy.allocation]
)
def test_the_allocation_matters(allocation: Allocation) -> None:
    other = replace(ALIVE, strategy=replace(ALIVE.strategy, allocation=allocation))
    assert differing(series_of(), run_scenario(other, 0))


def test_handing_over_matters() -> None:
    eager = {"parameters.organize.ready": 0.0, "parameters.organize.hand_over": 1.0}
    keeping = run_scenario(changed(**eager, **{"strategy.hand_over": False}), 0)
    assert "community_led" in differing(series_of(**eager), keeping)


def test_reinvesting_matters() -> None:
    taking = series_of(**{"strategy.reinvest": False})
    assert taking.values["hours_withdrawn"].any()
    assert "hours_patrol" in differing(series_of(), taking)


@pytest.mark.parametrize("fund", Fund, ids=lambda fund: fund.value)
def test_every_fund_does_something(fund: Fund) -> None:
    spending = run_scenario(changed(**{"strategy.spend": {fund.value: 1.0}}), 0)
    assert differing(spending, series_of(**{"strategy.money": 0.0}))


@pytest.mark.parametrize("tactic", Tactic, ids=lambda tactic: tactic.name.lower())
def test_every_tactic_does_something(tactic: Tactic) -> None:
    """Beyond its own hours and what it leaves unassigned, beside a little enforcement."""
    name = tactic.name.lower()
    booked = {f"hours_{name}", "hours_unassigned"}
    few = {"targeted_enforcement": 0.2}
    mine, nobody = (
        run_scenario(changed(**MUCH_CRIME, **{"strategy.mix": mix}), 0)
        for mix in ({zone.name.lower(): row for zone in Zone} for row in ({**few, name: 0.8}, few))
    )
    assert mine.values[f"hours_{name}"].any()
    assert set(differing(mine, nobody)) - booked


def test_every_zone_has_a_mix_that_matters() -> None:
    for zone in {Zone(int(label)) for label in series_of().values["zone"].ravel()}:
        mix = {name: row for name, row in ALL_TACTICS.items() if name != zone.name.lower()}
        other = replace(ALIVE, strategy=replace(ALIVE.strategy, mix=mix))
        assert differing(series_of(), run_scenario(other, 0))


def test_strategies_are_offered_the_same_hours() -> None:
    hours = [
        run_scenario(compose_scenario("small", name, WORDS), 0).values["hours_offered"]
        for name in ("reactive", "random_patrol", "hot_spots", "omem")
    ]
    assert all(np.array_equal(hours[0], other) for other in hours[1:])


def test_no_measure_is_constant() -> None:
    """Neither over time nor neighbourhoods nor a handful of scenarios."""
    runs = [
        series_of(),
        series_of(**{"parameters.respond.sworn": 60.0}),
        series_of(**{"strategy.reinvest": False}),
        series_of(**{"parameters.learn.turnover": 1.0, "parameters.reporting.observed": 1.0}),
        *(
            run_scenario(compose_scenario("small", name, WORDS), 0)
            for name in ("random_patrol", "hot_spots")
        ),
        run_scenario(changed(**OF_ONE_S_OWN), 0),
        series_of(**LED, **{"parameters.learn.promotion": 0.9}),
        series_of(**{"strategy.pilot": 0.5, "strategy.rollout": 20}),
    ]
    constant = [
        name
        for name in MEASURES
        if np.unique(np.concatenate([run.values[name].ravel() for run in runs])).size < 2
    ]
    assert constant == []
    assert all(np.isfinite(run.values[name]).all() for run in runs for name in MEASURES)


def test_every_zone_is_reached() -> None:
    calm = {**BLUE_NEED, "parameters.zones.community_led": 0.0, "parameters.zones.repeat": 1.0}
    for capacity, only in ((0.0, Zone.BLUE), (1.0, Zone.GREEN)):
        series = series_of(**calm, **{"parameters.zones.capacity": capacity})
        assert set(np.unique(series.values["zone"])) == {only}
    strict = {path: value for path, (value, _) in LINES.items() if path.endswith("_low")}
    strict |= {f"parameters.zones.calls_{line}": at for line, at in (("mid", 21.0), ("high", 22.0))}
    assert set(np.unique(series_of(**strict).values["zone"])) == {Zone.RED}
    amber = {**BLUE_NEED, "parameters.zones.calls_low": 20.0, "parameters.zones.calls_mid": 21.0}
    assert set(np.unique(series_of(**amber).values["zone"])) == {Zone.AMBER}


def test_declarations_are_complete() -> None:
    for declared in DECLARED:
        assert declared.unit, declared.path
        assert declared.source, declared.path
        assert declared.doc.endswith("."), declared.path
        assert declared.low < declared.high, declared.path
        if declared.default is not None:
            assert declared.low <= declared.default <= declared.high, declared.path
