"""A small town after a spin-up, as all tests of stages start from."""

import pytest

from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.spin_up import spin_up
from omemsim.town import Town

WORDS = ("town.residents=600", "town.neighbourhoods=3", "spin_up_years=0.5")


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    return compose_scenario("small", "omem", WORDS)


@pytest.fixture(scope="session")
def spun(scenario: Scenario) -> Town:
    return spin_up(scenario, 0)


@pytest.fixture
def town(spun: Town) -> Town:
    return spun.copy()
