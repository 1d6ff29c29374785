"""Every patrol hour of a real run is booked once, and what is spent is what was used."""

from __future__ import annotations

import numpy as np
import pytest

from omemsim.inputs.config import compose_scenario
from omemsim.run import run_scenario
from omemsim.series import Series
from omemsim.strategies import Strategy
from omemsim.study.effort import PARTS
from omemsim.vocabulary.wheel import Tactic

P = "parameters."
# An hour of anybody does all that an hour can, so that effective hours are the hours given.
ABLE = [P + "act.tired=0", P + "act.untrained=1", P + "act.reluctant=1", P + "act.night_use=1"]
SHORT = ["years=2", "spin_up_years=1", "town.residents=1500", "town.neighbourhoods=4", *ABLE]
CASES = {
    "reactive": [],
    "omem": [P + "account.table_case=100", P + "account.co_answer=50"],
    "random_patrol": [],
    "omem_no_reinvestment": ["strategy.communication=0.5"],
}


def lived(strategy: str, *words: str) -> Series:
    return run_scenario(compose_scenario("small", strategy, [*SHORT, *words]), 0)


@pytest.fixture(scope="module", params=CASES)
def weekly(request: pytest.FixtureRequest) -> Series:
    return lived(request.param, "record.every=1", *CASES[request.param])


def tactics(series: Series) -> np.ndarray:
    """Return the effective hours of all tactics, as another stage writes them."""
    return np.sum([series.values[f"hours_{tactic.name.lower()}"] for tactic in Tactic], axis=0)


def test_hours_used_idle_overhead_and_withdrawn_are_those_offered(weekly: Series) -> None:
    of = weekly.values
    given = of["patrol_calls"] + tactics(weekly) + of["patrol_overhead"]
    assert given + of["patrol_idle"] + of["patrol_withdrawn"] == pytest.approx(of["patrol_offered"])
    assert of["patrol_tactics"] == pytest.approx(tactics(weekly), abs=1e-9)
    assert set(PARTS) < set(of)
    assert all((of[name] >= 0).all() for name in PARTS)


def test_the_survey_is_booked_although_no_record_falls_in_its_week() -> None:
    every, fourth = lived("omem", "record.every=1"), lived("omem")
    assert fourth.values["patrol_overhead"].sum() > fourth.values["hours_lost"].sum()
    for name in ("patrol_overhead", "patrol_idle", "money_joint"):
        blocks = every.values[name].reshape(-1, 4).mean(axis=1)
        assert fourth.values[name] == pytest.approx(blocks)


def test_money_that_buys_nothing_is_not_spent() -> None:
    """A Table that nobody sits at and a health team without a call cost nothing."""
    plenty = ["strategy.money=100", P + "crisis.rate=3", P + "partner.acute=0.2"]
    spends = lived("omem", *plenty).summary()
    assert spends["money_joint"] > 0
    none = lived("omem", *plenty, P + "crisis.rate=0").summary()
    assert none["money_joint"] < 0.1 * spends["money_joint"]
    assert none["money_police"] == pytest.approx(spends["money_police"])


def test_the_default_strategy_leaves_idle_what_calls_leave() -> None:
    assert Strategy().mix == {}
    series = lived("reactive").values
    assert series["patrol_idle"].mean() > 0.1 * series["patrol_offered"].mean()
