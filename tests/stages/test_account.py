"""Stage 12, account: costs by payer, and the hours a bill is made of."""

import numpy as np
import pytest
from stages.by_hand import changed

from omemsim.processes import account
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters


@pytest.mark.parametrize(("week", "column"), [(0, 0), (311, 311), (312 + 7, 7), (-1, 311)])
def test_hours_on_calls_are_filed_over_six_years(town: Town, week: int, column: int) -> None:
    town.week, town.service.past_reactive[:], town.service.reactive[0] = week, 0, 12.5
    account.step(town, Parameters(), Strategy())
    assert np.flatnonzero(town.service.past_reactive[0]).tolist() == [column]
    assert town.service.past_reactive[0, column] == 12.5


def test_projects_cost_what_they_build(town: Town) -> None:
    town.service.places_designed[0], town.service.homes_hardened[0] = 3, 20
    parameters = changed(account={"design_place": 5000.0, "harden": 700.0})
    account.step(town, parameters, Strategy())
    assert town.service.project_cost[0] == 3 * 5000 + 20 * 700


def test_tables_and_health_teams_cost_what_they_did_and_not_what_money_could_buy(
    town: Town,
) -> None:
    service = town.service
    service.table_cases[0], service.co_answers[0] = 40.0, 50.0  # what the money would buy
    service.table_taken[0], service.co_answered[0] = 3, 20
    account.step(town, changed(account={"table_case": 2000.0, "co_answer": 30.0}), Strategy())
    assert service.joint_cost[0] == 3 * 2000 + 20 * 30
    service.table_taken[0] = service.co_answered[0] = 0
    account.step(town, Parameters(), Strategy())
    assert service.joint_cost[0] == 0
