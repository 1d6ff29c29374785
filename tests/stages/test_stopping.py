"""Whom police stop: shares of groups, exposures, and who of a place is met."""

from dataclasses import replace

import numpy as np
import pytest
from parts import alone
from stages.by_hand import changed

from omemsim.inputs.build import build, draw_blueprint
from omemsim.inputs.scenario import TownConfig
from omemsim.kernels import event_id
from omemsim.processes import stopping
from omemsim.processes.context import AGE_SHARES
from omemsim.town import Town
from omemsim.vocabulary.mechanisms import effective
from omemsim.vocabulary.parameters import Parameters, Strengths
from omemsim.vocabulary.wheel import Group

BIG = draw_blueprint(TownConfig(residents=12_000, neighbourhoods=3))


@pytest.fixture(scope="module")
def many() -> Town:
    return build(BIG, Parameters(), 0)


def test_groups_have_their_shares_and_go_with_nothing_else(many: Town) -> None:
    residents, group = many.residents, many.residents.group
    shares = np.bincount(group, minlength=3) / group.size
    assert shares == pytest.approx([0.63, 0.34, 0.03], abs=0.02)  # four standard errors
    is_minority = group == Group.VISIBLE_MINORITY
    for name in ("propensity", "need", "exposure", "assets", "trust_anchor", "age"):
        column = getattr(residents, name).astype(float)
        gap = column[is_minority].mean() - column[group == Group.OTHER].mean()
        assert abs(gap) < 4 * column.std() * np.sqrt(
            1 / is_minority.sum() + 1 / (~is_minority).sum()
        )


def test_groups_change_nobody_s_other_traits() -> None:
    one, other = (
        build(BIG, changed(people={"minority": m, "indigenous": i}), 0)
        for m, i in ((0.0, 0.0), (0.6, 0.4))
    )
    assert not one.residents.group.any()
    assert (other.residents.group != Group.OTHER).all()
    for name in ("propensity", "need", "exposure", "assets", "trust_anchor", "age"):
        assert np.array_equal(getattr(one.residents, name), getattr(other.residents, name)), name


def test_a_table_s_shares_win_over_the_parameters() -> None:
    share = np.array([0.0, 0.5, 1.0])
    town = build(replace(BIG, minority=share, indigenous=np.zeros(3)), Parameters(), 0)
    here = town.places.neighbourhood[town.residents.place]
    found = [np.mean(town.residents.group[here == n] == Group.VISIBLE_MINORITY) for n in range(3)]
    assert found == pytest.approx(share, abs=0.03)
    assert (town.residents.group[here == 0] == Group.OTHER).all()


def test_exposure_is_of_age_and_group_and_of_mean_one(many: Town) -> None:
    people, r = Parameters().people, many.residents
    assert r.stop_exposure.mean(dtype=float) == pytest.approx(1, abs=0.02)
    young = r.stop_exposure[(r.age == 0) & (r.group == Group.OTHER)]
    grown = r.stop_exposure[(r.age == 1) & (r.group == Group.VISIBLE_MINORITY)]
    assert np.ptp(young) == np.ptp(grown) == 0
    ratio = people.stopped_young / people.stopped_minority
    assert young[0] / grown[0] == pytest.approx(ratio)
    most = stopping.stop_exposures(people, AGE_SHARES).most
    assert r.stop_exposure.max() == pytest.approx(most)


def test_a_stop_meets_residents_in_proportion_to_their_exposure(many: Town) -> None:
    town = many.copy()
    place = int(np.argmax(town.places.residents))
    first, size = int(town.places.first_resident[place]), int(town.places.residents[place])
    town.residents.stop_exposure[first : first + size] = 1
    town.residents.stop_exposure[first] = 4
    stops = 3000
    met = np.array(
        [
            alone(
                stopping.pick_stopped,
                *(town.places, town.residents, place),
                event_id.py_func(np.uint32(9), k, np.uint32(3), np.uint32(5)),
                *(k % 3, np.float32(4)),
            )
            for k in range(stops)
        ]
    )
    assert met.min() >= first
    assert met.max() < first + size
    expected = 4 / (size + 3)
    error = np.sqrt(expected * (1 - expected) / stops)
    assert np.mean(met == first) == pytest.approx(expected, abs=4 * error)


def test_where_none_is_exposed_somebody_is_stopped_anyhow(many: Town) -> None:
    town = many.copy()
    town.residents.stop_exposure[:] = 0
    event = event_id.py_func(np.uint32(9), 0, np.uint32(3), np.uint32(5))
    who = alone(stopping.pick_stopped, town.places, town.residents, 2, event, 0, np.float32(1))
    assert town.residents.place[who] == 2


def test_switches_make_all_alike() -> None:
    off = Strengths(stops_by_group=0.0, stops_by_age=0.0)
    town = build(BIG, effective(replace(Parameters(), strength=off)), 0)
    assert town.residents.stop_exposure == pytest.approx(1)
    # Years lived since 15 still differ by age.
    groups = [town.residents.experience[town.residents.age == k] for k in range(4)]
    assert [np.ptp(one) for one in groups] == [0, 0, 0, 0]
