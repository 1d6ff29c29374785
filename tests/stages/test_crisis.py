"""Stage 9, crisis: disorder episodes and what they are about."""

from typing import Any

import numpy as np
import pytest
from stages.by_hand import changed, nobody_moves

from omemsim.processes import crisis
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.wheel import Risk


def episodes(town: Town, weeks: int, **values: float) -> Any:
    """Return shares of what episodes are about, and how many there were."""
    nobody_moves(town)
    town.residents.crisis_need[:], town.residents.support[:] = 1, 0
    town.places.removed[:] = 0
    parameters, found = changed(crisis={"rate": 5.0, "relapse": 0.0, **values}), []
    for week in range(weeks):
        town.week = week
        town.residents.tenancy[:] = week  # other people, with other troubles
        crisis.step(town, parameters, Strategy())
        found.append(town.episodes.risk.copy())
        assert np.array_equal(town.residents.risk[town.episodes.resident], town.episodes.risk)
    kinds = np.concatenate(found)
    return np.bincount(kinds, minlength=len(Risk)) / kinds.size, kinds.size


def test_episodes_are_about_what_weighs_on_the_person(town: Town) -> None:
    residents = town.residents
    residents.addictions[:], residents.family[:], residents.housing[:] = 0.4, 0.2, 0.8
    shares, size = episodes(town, 60, mental_health=0.4, noise=0.2)
    assert size > 2000
    expected = np.array([0.4, 0.4, 0.2, 0.8, 0.2]) / 2
    assert shares == pytest.approx(expected, abs=4.5 * np.sqrt(0.25 / size))


def test_who_has_no_trouble_of_a_kind_never_has_it(town: Town) -> None:
    residents = town.residents
    residents.addictions[:], residents.family[:], residents.housing[:] = 0, 0.5, 0
    shares, _ = episodes(town, 5, mental_health=0.0, noise=0.0)
    assert shares.tolist() == [0, 0, 1, 0, 0]
    residents.family[:] = 0  # nothing weighs: the first of them
    shares, size = episodes(town, 5, mental_health=0.0, noise=0.0)
    assert size > 0
    assert shares.tolist() == [1, 0, 0, 0, 0]


def test_newcomers_bring_no_crisis_of_their_predecessors(town: Town) -> None:
    residents = town.residents
    residents.risk[:], residents.recent[:], residents.unresolved[:] = 2, 3, 4
    residents.crisis_need[:] = 0
    residents.is_moved[5] = 1
    town.newcomers.replace(seat=[5])
    crisis.step(town, Parameters(), Strategy())
    assert residents.risk[5] == -1
    assert residents.recent[5] == residents.unresolved[5] == 0
    assert (np.delete(residents.risk, 5) == 2).all()


def test_a_person_s_episodes_are_all_about_the_same(town: Town) -> None:
    residents = town.residents
    nobody_moves(town)
    residents.crisis_need[:], residents.support[:], town.places.removed[:] = 1, 0, 0
    first = np.full(len(residents), -1)
    for week in range(30):
        town.week = week
        crisis.step(town, changed(crisis={"rate": 10.0}), Strategy())
        who, risk = town.episodes.resident, town.episodes.risk
        known = first[who] >= 0
        assert np.array_equal(first[who][known], risk[known])
        first[who] = risk
    assert set(first.tolist()) >= set(Risk)  # but people differ


def test_problem_solving_at_a_place_lowers_the_crises_of_who_lives_there(town: Town) -> None:
    """Episodes of a week at rate 0.2 and, where ln 2 is removed, at 0.1: 1 - exp(-rate)."""
    residents, places = town.residents, town.places
    nobody_moves(town)
    residents.crisis_need[:], residents.support[:] = 1, 0
    solved = places.neighbourhood == 0
    places.removed[:] = np.where(solved, np.log(2), 0)
    town.service.season[:], town.service.trend[:] = 1, 1
    count, weeks = np.zeros(len(residents)), 60
    for week in range(weeks):
        town.week = week
        crisis.step(town, changed(crisis={"rate": 0.2 * 52, "relapse": 0.0}), Strategy())
        count[town.episodes.resident] += 1
    for here, rate in ((solved, 0.1), (~solved, 0.2)):
        people = here[residents.place]
        expected, size = 1 - np.exp(-rate), weeks * people.sum()
        error = np.sqrt(expected * (1 - expected) / size)
        assert count[people].sum() / size == pytest.approx(expected, abs=4.5 * error)
