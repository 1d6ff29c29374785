"""The demand trap: the busier officers are, the steeper waits rise, the less is left to prevent.

A town whose calls come first, a year at three levels of demand over patrol hours. What calls ask
for is the same; officers differ. Utilization comes out, it is not set.
"""

import functools

import numpy as np
import pytest

from omemsim.inputs.config import compose_scenario
from omemsim.measures import MEASURES
from omemsim.processes import run_weeks
from omemsim.spin_up import spin_up
from omemsim.town import Town
from omemsim.vocabulary.mechanisms import effective
from omemsim.vocabulary.wheel import Priority

# Cars are quick, so that what grows is the wait for one, not the way.
QUICK = ("parameters.respond.speed_urgent=150", "parameters.respond.speed=150")
WORDS = ["town.residents=40000", "town.neighbourhoods=6", "spin_up_years=0.5", *QUICK]
SCENARIO = compose_scenario("small", "reactive", WORDS)
DEMANDS = (0.5, 0.7, 0.95)  # of patrol hours
WEEKS = 52


@functools.cache
def start() -> tuple[Town, float]:
    """Return a town, and the weekly hours of its calls where nobody has to wait for long."""
    town = spin_up(SCENARIO, 0)
    town.officers.contracted[:] *= 4
    copy, hours = town.copy(), []
    for _ in range(13):
        run_weeks(copy, effective(SCENARIO.parameters), SCENARIO.strategy, 1)
        hours.append(float(copy.service.reactive[0]))
    assert copy.service.waiting[0] == 0
    return town, float(np.mean(hours))


@functools.cache
def after_a_year(demand: float) -> dict[str, float]:
    """Return measures a year on, where calls ask for this part of patrol hours."""
    town, hours = start()
    town = town.copy()
    town.officers.contracted[:] *= hours / demand / town.officers.contracted.sum()
    seen = []
    for _ in range(WEEKS):
        run_weeks(town, effective(SCENARIO.parameters), SCENARIO.strategy, 1)
        seen.append({name: float(MEASURES[name].read(town, 1)) for name in READ})
    means = {name: float(np.mean([week[name] for week in seen])) for name in READ}
    return means | {name: seen[-1][name] for name in READ if name.startswith("response")}


READ = (
    *(f"response_{priority.name.lower()}" for priority in Priority),
    *("utilization", "calls_delayed", "calls_late", "hours_kept", "hours_offered"),
    *("utilization_evening", "utilization_night"),
)


@pytest.mark.parametrize("priority", Priority, ids=lambda priority: priority.name.lower())
def test_waits_grow_convexly(priority: Priority) -> None:
    """Emergencies grow too, but need not do so convexly: cars leave other calls for them."""
    low, middle, high = (
        after_a_year(demand)[f"response_{priority.name.lower()}"] for demand in DEMANDS
    )
    assert low < middle < high
    at_first, then = (middle - low) / (0.7 - 0.5), (high - middle) / (0.95 - 0.7)
    if priority != Priority.EMERGENCY:
        assert then > at_first


def test_the_least_urgent_take_the_strain() -> None:
    ratios = [
        after_a_year(demand)["response_low"] / after_a_year(demand)["response_emergency"]
        for demand in DEMANDS
    ]
    assert ratios[0] < ratios[1] < ratios[2]
    assert ratios[2] > 2 * ratios[0]


def test_more_and_more_calls_wait_beyond_their_shift() -> None:
    delayed = [after_a_year(demand)["calls_delayed"] for demand in DEMANDS]
    assert delayed[0] < delayed[1] < delayed[2]
    assert delayed[2] - delayed[1] > delayed[1] - delayed[0]
    late = [after_a_year(demand)["calls_late"] for demand in DEMANDS]
    assert late[0] < late[2]


def test_utilization_comes_out_and_prevention_is_what_it_leaves() -> None:
    for demand in DEMANDS:
        found = after_a_year(demand)
        assert found["utilization"] == pytest.approx(demand, abs=0.1)
        kept = 1 - found["hours_kept"] / found["hours_offered"]
        assert kept == pytest.approx(found["utilization"], abs=1e-9)
        if demand < 0.9:  # beyond, what the evening leaves over fills the night
            assert found["utilization_evening"] > found["utilization_night"] + 0.1
