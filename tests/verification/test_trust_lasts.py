"""Trust over years, in small towns: what stays is what the slow level keeps.

The sizes are of the default parameters; each bound leaves room for another seed. "Without" is the
model in which nothing lasts: trust comes back within weeks of a contact, and with grievance.
"""

from __future__ import annotations

import functools

import numpy as np
import pytest
from numpy.typing import NDArray

from omemsim.inputs.config import compose_scenario
from omemsim.measures import CONFIDENT
from omemsim.simulation import Simulation
from omemsim.spin_up import spin_up
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import WEEKS_PER_YEAR

TOWN = ("town.residents=3000", "town.neighbourhoods=4", "spin_up_years=1")
WITHOUT = ("parameters.strength.lasting_trust=0", "parameters.feel.trust_resented=0")
ENFORCED, AFTER = 5, 1  # years of a constant dose, and after it
END = ENFORCED * WEEKS_PER_YEAR
REPLICATES = (0, 1)


def dose(what: str, hours: int) -> str:
    """Return five years of so many hours a week per 1,000 residents, everywhere."""
    return f"strategy.interventions=[{{what: {what}, dose: {hours}, from: 0, to: {END}}}]"


ARMS: dict[str, tuple[str, tuple[str, ...], int]] = {
    # strategy, words, years
    "nothing": ("reactive", (), ENFORCED + AFTER),
    "stops": ("reactive", (dose("TARGETED_ENFORCEMENT", 9),), ENFORCED + AFTER),
    "liaison": ("reactive", (dose("LIAISON", 4),), ENFORCED + AFTER),
    "scandal": (
        "reactive",
        ("events=[{what: LEGITIMACY, from: 10, to: 36, size: 0.5}]",),
        ENFORCED + AFTER,
    ),
    "no dose, nothing lasts": ("reactive", WITHOUT, ENFORCED + AFTER),
    "stops, nothing lasts": (
        "reactive",
        (dose("TARGETED_ENFORCEMENT", 9), *WITHOUT),
        ENFORCED + AFTER,
    ),
    "baseline": ("present_practice", (), 10),
}


class Seen:
    """What a run of an arm left: trust and the share with confidence after every week."""

    def __init__(self, town: Town, trust: list[float], confident: list[float]) -> None:
        self.town = town
        self.trust, self.confident = np.array(trust), np.array(confident)

    def change(self) -> NDArray[np.float64]:
        """Return the change of the share with confidence over 12 months, at every week."""
        return self.confident[WEEKS_PER_YEAR:] - self.confident[:-WEEKS_PER_YEAR]


@functools.cache
def started(replicate: int) -> Town:
    return spin_up(compose_scenario("small", "reactive", list(TOWN)), replicate)


@functools.cache
def seen(arm: str, replicate: int) -> Seen:
    strategy, words, years = ARMS[arm]
    scenario = compose_scenario("small", strategy, [*TOWN, f"years={years}", *words])
    model = Simulation(scenario, replicate, started(replicate).copy())
    trust, confident = [], []
    for _ in range(years * WEEKS_PER_YEAR):
        model.step()
        trust.append(float(model.town.residents.trust.mean(dtype=float)))
        confident.append(float(np.mean(model.town.residents.trust >= np.float32(CONFIDENT))))
    return Seen(model.town, trust, confident)


def effect(arm: str, replicate: int, control: str = "nothing") -> NDArray[np.float64]:
    """Return what an arm did to mean trust, week by week, against the same town without it."""
    return seen(arm, replicate).trust - seen(control, replicate).trust


@pytest.mark.parametrize("replicate", REPLICATES)
def test_a_constant_dose_of_stops_lowers_trust_over_years(replicate: int) -> None:
    lasting = effect("stops", replicate)
    fading = effect("stops, nothing lasts", replicate, "no dose, nothing lasts")
    assert lasting[END - 1] < -0.035
    assert lasting[END - 1] < 1.7 * fading[END - 1] < 0
    # It goes on falling: in the last two years by more than where nothing lasts.
    later = [x[END - 1] - x[END - 1 - 2 * WEEKS_PER_YEAR] for x in (lasting, fading)]
    assert later[0] < min(2 * later[1], -0.008)


@pytest.mark.parametrize("replicate", REPLICATES)
def test_it_does_not_come_back_within_weeks(replicate: int) -> None:
    gone = effect("stops", replicate)
    assert gone[END + 11] < 0.85 * gone[END - 1]
    assert gone[END + WEEKS_PER_YEAR - 1] < 0.6 * gone[END - 1]


@pytest.mark.parametrize("replicate", REPLICATES)
def test_liaison_raises_trust_and_by_little(replicate: int) -> None:
    gained = effect("liaison", replicate)[END - WEEKS_PER_YEAR : END].mean()
    lost = -effect("stops", replicate)[END - WEEKS_PER_YEAR : END].mean()
    assert 0 < gained < 0.02
    assert gained < lost / 3


@pytest.mark.parametrize("replicate", REPLICATES)
def test_a_scandal_is_remembered_when_grievance_is_gone(replicate: int) -> None:
    one = seen("scandal", replicate)
    at_once, last = effect("scandal", replicate)[[30, -1]]
    assert at_once < -0.08
    # What grievance still takes after five years, and what it has worn down.
    cost = Parameters().feel.trust_grievance
    shown = cost * float(one.town.neighbourhoods.grievance.mean(dtype=float))
    assert last < -shown - 0.01


@pytest.mark.parametrize("replicate", REPLICATES)
def test_a_baseline_without_news_is_steady(replicate: int) -> None:
    """P38a, over ten years of present practice, and what ten years change in all."""
    assert np.abs(seen("baseline", replicate).change()).max() < 0.03


@pytest.mark.parametrize("replicate", REPLICATES)
def test_who_is_stopped_more_readily_trusts_less(replicate: int) -> None:
    residents = seen("stops", replicate).town.residents
    lost = residents.experience.astype(float)
    exposure = residents.stop_exposure
    assert lost[exposure > 1.3].mean() < lost[exposure < 0.7].mean() - 0.02
