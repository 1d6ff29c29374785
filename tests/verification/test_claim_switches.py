"""Every switch changes some claim: what no claim asks about would be there for nothing.

One claim asks for most of the model at once: C39, in which five mixes of all tactics are compared.
Where a mechanism sleeps in a small quiet town, the words wake it.
"""

import functools
import math
from dataclasses import replace

import pytest

from omemsim.analysis.claims import Setup, read_experiments
from omemsim.analysis.claims.readings import Opening, Reading, number, opening_of
from omemsim.analysis.claims.runs import arm_scenarios
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.run import run_scenario, spin_up
from omemsim.series import Series
from omemsim.town import Town
from omemsim.vocabulary.mechanisms import OFF

P = "parameters."
# Few places: crime at all of them.
EVEN = (P + "people.place_shape=0.4", P + "people.dwelling_shape=2", P + "offend.household=66")
TOWN = ("town.residents=1500", "town.neighbourhoods=3", "spin_up_years=0.5", *EVEN)
STAFFED = (P + "respond.sworn=500",)
MUCH_CRIME = (P + "offend.violence=500", P + "offend.theft=500")
MONEY = ("strategy.money=200", P + "account.table_case=100")

QUICK = (P + "act.rotation_half=0.1", P + "assess.sooner=0.9", P + "zones.weeks_up=1")
QUICK += (P + "zones.margin=0", P + "zones.trust=0", "strategy.window=13")

DOUBT = (P + "learn.council_leadership=5", P + "learn.council_pace=1")

# mechanism: the claim that it changes, years of it, and what wakes it
WHERE: dict[str, tuple[str, float, tuple[str, ...]]] = {
    "outreach": ("C8", 1.5, STAFFED),
    "triage": ("C6", 1.5, (P + "crisis.rate=6", *STAFFED)),
    "situation_table": ("C30", 3, STAFFED),
    "relations": ("C30", 3, STAFFED),
    "table_learning": ("C30", 1.5, (*MONEY, *STAFFED)),
    "answers_build_trust": ("C41", 1.5, STAFFED),
    "support_means": ("C9", 3, (P + "organize.protect=0.05", *STAFFED)),
    "design": ("C13", 1, STAFFED),
    "matched_lead": ("C20", 3, (*MONEY, P + "crisis.rate=2", *STAFFED)),
    "sooner": ("C39", 3, (*QUICK, *STAFFED)),
    "review": ("C39", 1.5, (P + "organize.failing=2", P + "organize.ready=0.9", *STAFFED)),
    "carried_initiatives": (
        "C39",
        3,
        (P + "act.problem_hours=10", P + "organize.uncarried=1", *STAFFED),
    ),
    "families_at_table": ("C30", 3, (*MONEY, P + "crisis.rate=2", *STAFFED)),
    "backing": ("C30", 3, (*MONEY, *DOUBT, *STAFFED)),
    "burnout": ("C39", 1.5, (P + "respond.busy_cap=0.1", P + "learn.turnover=1", *STAFFED)),
    "promotion": ("C39", 3, (P + "learn.promotion=1", P + "learn.turnover=1", *STAFFED)),
    "backup": ("C26", 1, STAFFED),
    "contact_builds_trust": ("C43", 1, STAFFED),
    "early_intervention": (
        *("C39", 3),
        (P + "people.early_effect=0.5", P + "act.early_half=0.1", *MUCH_CRIME, *STAFFED),
    ),
    "foresight": ("C39", 1, (P + "context.shock_week=30", P + "context.shock_size=2", *STAFFED)),
    "waiting_costs_trust": ("C41", 1.5, (P + "respond.sworn=60",)),
    "known_officers": ("C45", 1, STAFFED),
    "rotation": ("C39", 1.5, (P + "act.watched=2", P + "act.worst_share=0.3", *STAFFED)),
    "cap": ("C39", 1, (P + "offend.deterrence=2", *STAFFED)),
}
USUAL = ("C39", 1.5, STAFFED)
# Of what a town is built of: off from its birth, not from week 0 on.
FROM_BIRTH = {"unlike_neighbourhoods"}


@functools.cache
def begin(claim: str, words: tuple[str, ...]) -> tuple[dict[str, Scenario], dict[str, Town]]:
    """Return a claim's arms and the town each starts from."""
    (experiment,) = read_experiments([claim])
    scenarios, _ = arm_scenarios(experiment, Setup("small", (*TOWN, *words), 1, 0))
    starts = {repr((x.town, x.parameters)): x for x in scenarios.values()}
    towns = {key: spin_up(scenario, 0) for key, scenario in starts.items()}
    return scenarios, {arm: towns[repr((x.town, x.parameters))] for arm, x in scenarios.items()}


@functools.cache
def answers(off: str, claim: str, years: float, words: tuple[str, ...]) -> dict[str, float]:
    """Return what a claim reads of each arm, one mechanism off from week 0 on, or from birth."""
    (experiment,) = read_experiments([claim])
    born = (P + f"strength.{off}=0",) if off in FROM_BIRTH else ()
    scenarios, towns = begin(claim, (*words, *born))
    found = {}
    for arm, scenario in scenarios.items():
        strength = replace(scenario.parameters.strength, **({off: 0.0} if off else {}))
        parameters = replace(scenario.parameters, strength=strength)
        short = replace(scenario, parameters=parameters, years=min(years, scenario.years))
        series = run_scenario(short, 0, towns[arm])
        opening = opening_of(towns[arm], blueprint_of(scenario.town))
        for name, reading in experiment.readings.items():
            found[f"{arm}.{name}"] = value_of(reading, series, opening)
    return found


def value_of(reading: Reading, series: Series, opening: Opening) -> float:
    """Return what is read, or NaN where a small town has no such neighbourhood."""
    try:
        return number(reading, series, opening)
    except ValueError:
        return math.nan


@pytest.mark.parametrize("mechanism", OFF)
def test_every_switch_changes_some_claim(mechanism: str) -> None:
    claim, years, words = WHERE.get(mechanism, USUAL)
    with_it, without = (answers(off, claim, years, words) for off in ("", mechanism))
    assert [k for k in with_it if with_it[k] != without[k] and not math.isnan(with_it[k])]


def test_a_claim_is_the_same_twice() -> None:
    again = answers.__wrapped__("", *USUAL)
    assert repr(again) == repr(answers("", *USUAL))
