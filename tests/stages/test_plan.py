"""Stage 3, plan: shares of hours, what money buys, and interventions."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from stages.by_hand import two_catchments

from omemsim.processes import plan
from omemsim.schedule import Work
from omemsim.strategies import Allocation, Strategy, shares_by_zone
from omemsim.town import Town
from omemsim.vocabulary.own_tactics import OwnTactic
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.wheel import SOCIAL_SECTORS, Area, Pillar, Sector, Tactic, Zone

PATROL = {zone.name.lower(): {"patrol": 1.0} for zone in Zone}


def test_hours_follow_the_allocation(town: Town) -> None:
    hoods = town.neighbourhoods
    hoods.zone[:] = [Zone.RED, Zone.GREEN, Zone.BLUE]
    hoods.population[:] = [100, 200, 300]
    hoods.past_calls[:] = 0
    hoods.past_calls[:, 5] = [9, 0, 29]
    town.week = 52
    for allocation, expected in (
        (Allocation.EQUAL, [1, 1, 1]),
        (Allocation.RESIDENTS, [100, 200, 300]),
        (Allocation.CALLS, [10, 1, 30]),
        (Allocation.NEED, [400, 400, 300]),
    ):
        plan.step(town, Parameters(), Strategy(mix=PATROL, allocation=allocation))
        assert hoods.share[:, Tactic.PATROL] == pytest.approx(np.array(expected) / sum(expected))


def test_a_plan_shares_out_the_mix_of_each_zone(town: Town) -> None:
    town.neighbourhoods.zone[:] = [Zone.RED, Zone.RED, Zone.BLUE]
    mix = {"red": {"patrol": 0.5, "liaison": 0.25}, "amber": {"patrol": 1.0}}
    plan.step(town, Parameters(), Strategy(mix=mix, allocation=Allocation.EQUAL))
    share = town.neighbourhoods.share
    assert share[:, Tactic.PATROL] == pytest.approx([1 / 6, 1 / 6, 0])
    assert share[:, Tactic.LIAISON] == pytest.approx([1 / 12, 1 / 12, 0])
    assert share.sum() == pytest.approx(0.5)


def test_a_mix_is_a_table_of_zones_and_tactics() -> None:
    shares = shares_by_zone({"blue": {"consultation": 0.3}})
    assert shares.shape == (len(Zone), len(Tactic))
    assert shares[Zone.BLUE, Tactic.CONSULTATION] == shares.sum() == 0.3


def test_a_mix_names_tactics_of_one_s_own(town: Town) -> None:
    town.neighbourhoods.zone[:] = [Zone.RED, Zone.RED, Zone.BLUE]
    own = [
        OwnTactic("medics", channels={"contacts": 1.0}, pillar=Pillar.EDUCATION),
        OwnTactic("classes", channels={"voice": 1.0}, area=Area.RISK_INTERVENTION),
    ]
    mix = {"all": {"classes": 0.25}, "red": {"patrol": 0.5, "medics": 0.25}}
    strategy = Strategy(mix=mix, allocation=Allocation.EQUAL, tactics=own)
    plan.step(town, Parameters(), strategy)
    hoods, service = town.neighbourhoods, town.service
    assert hoods.own_share[:, 0] == pytest.approx([1 / 12, 1 / 12, 0])
    assert hoods.own_share[:, 1] == pytest.approx([1 / 12, 1 / 12, 1 / 12])
    assert not hoods.own_share[:, 2:].any()
    assert hoods.share.sum() == hoods.share[:, Tactic.PATROL].sum() == pytest.approx(1 / 3)
    assert service.own_pillar[0].tolist() == [Pillar.EDUCATION, Pillar.ENGAGEMENT, -1, -1]
    assert service.own_area[0].tolist() == [Area.PREVENTION, Area.RISK_INTERVENTION, -1, -1]
    plan.step(town, Parameters(), Strategy())
    assert not hoods.own_share.any()
    assert (service.own_pillar == -1).all()


# --- interventions and money ---------------------------------------------------------------


def is_done(
    town: Town, what: Work, dose: float, where: Sequence[int], end: int = 1000, **more: int
) -> None:
    """Put an intervention beside those there are; ``more`` says at which place, and if added."""
    old = town.interventions.columns()
    new = {"what": what, "start": 0, "end": end, "dose": dose}
    new |= {"place": -1, "is_added": 0, "given": 0.0, **more}
    rows = {name: np.full(len(where), value) for name, value in new.items()}
    rows["neighbourhood"] = np.array(where)
    town.interventions.replace(**{name: np.concatenate([old[name], rows[name]]) for name in old})


def test_interventions_order_hours_by_residents_where_they_are(town: Town) -> None:
    is_done(town, Work.LIAISON, 2.0, where=[0, 2])
    is_done(town, Work.LIAISON, 1.0, where=[2], end=5)
    is_done(town, Work.PATROL, 4.0, where=[1])
    for week, liaison in ((0, [2, 0, 3]), (5, [2, 0, 2])):
        town.week = week
        plan.step(town, Parameters(), Strategy())
        thousands = town.neighbourhoods.residents / 1000
        ordered = town.neighbourhoods.ordered
        assert ordered[:, Tactic.LIAISON] == pytest.approx(liaison * thousands)
        assert ordered[:, Tactic.PATROL] == pytest.approx([0, 4, 0] * thousands)
        assert np.count_nonzero(ordered) == 3
    town.week = 1000
    plan.step(town, Parameters(), Strategy())
    assert not town.neighbourhoods.ordered.any()


def test_light_and_hardening_are_ordered_as_shares(town: Town) -> None:
    is_done(town, Work.LIGHTING, 0.75, where=[0, 1])
    is_done(town, Work.LIGHTING, 0.5, where=[1])
    is_done(town, Work.TARGET_HARDENING, 0.5, where=[2])
    is_done(town, Work.TARGET_HARDENING, 1.0, where=[2])
    plan.step(town, Parameters(), Strategy())
    hoods = town.neighbourhoods
    assert hoods.lit.tolist() == [0.75, 1, 0]
    assert hoods.hardened.tolist() == [0, 0, 1.5]
    assert not hoods.ordered.any()


def test_casework_is_shared_by_the_agencies_of_the_catchment() -> None:
    town = two_catchments()
    plan.step(town, Parameters(), Strategy(money=10.0))
    by_money = town.agencies.funded.copy()
    is_done(town, Work.CASEWORK, 14.0, where=[0, 2])
    plan.step(town, Parameters(), Strategy(money=10.0))
    added = town.agencies.funded - by_money
    hoods = town.neighbourhoods
    expected = [
        14 * hoods.residents[[0, 2]][hoods.catchment[[0, 2]] == group].sum() / 1000 / 7
        for group in (0, 1)
    ]
    assert added == pytest.approx(np.repeat(expected, len(Sector)))


def test_social_development_pays_those_who_treat_precursors(town: Town) -> None:
    spend = Strategy(money=50.0, spend={"social_development": 1.0})
    plan.step(town, Parameters(), spend)
    social = np.isin(town.agencies.sector, SOCIAL_SECTORS)
    funded = town.agencies.funded
    assert not funded[~social].any()
    assert funded[social] == pytest.approx([funded.sum() / len(SOCIAL_SECTORS)] * social.sum())
    plan.step(town, Parameters(), replace(spend, spend={"casework": 1.0}))
    assert funded == pytest.approx([funded.sum() / len(Sector)] * len(Sector))


def test_a_table_takes_as_many_cases_as_the_council_seats(town: Town) -> None:
    table, found = Strategy(money=50.0, spend={"situation_table": 1.0}), []
    for seated in (1.0, 0.5, 0.0):
        town.service.seated[0] = seated
        plan.step(town, Parameters(), table)
        found.append(town.service.table_cases[0])
    assert found == pytest.approx([found[0], found[0] / 2, 0])
    assert found[0] > 0


def test_hours_at_a_place_are_ordered_as_they_are_and_added_ones_come_on_top(town: Town) -> None:
    first = int(town.neighbourhoods.first_place[1])
    is_done(town, Work.PATROL, 3.0, where=[1], place=first + 1)
    is_done(town, Work.PATROL, 2.0, where=[1], is_added=1)
    is_done(town, Work.TARGETED_ENFORCEMENT, 5.0, where=[2], place=0, is_added=1)
    is_done(town, Work.LIGHTING, 0.9, where=[0], place=0)
    plan.step(town, Parameters(), Strategy())
    hoods = town.neighbourhoods
    mine = 2.0 * hoods.residents[1] / 1000
    assert hoods.ordered[1, Tactic.PATROL] == pytest.approx(mine + 3.0)
    assert hoods.ordered[2, Tactic.TARGETED_ENFORCEMENT] == 5.0
    assert town.service.extra_hours[0] == pytest.approx(mine + 5.0)
    assert not hoods.lit.any()  # light at one place is no share of a neighbourhood's
