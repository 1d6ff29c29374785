"""Tactics of one's own, a part of stages 3, 5 and 7: hours, dose, and what they feed, by hand."""

from typing import Any

import numpy as np
import pytest
from parts import alone, given

from omemsim.processes import act, organize, own_tactics
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.own_tactics import BY_DOSE, ROOM_FOR, OwnTactic
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.wheel import STOCKS, Tactic


def acting(*tactics: OwnTactic) -> Any:
    return given(act.STAGE, Parameters(), Strategy(tactics=list(tactics)))


def idle(town: Town) -> Any:
    """Return the neighbourhoods without any hours, stocks or doses."""
    hoods = town.neighbourhoods
    for name in ("hours", "own_hours", "own_dose", "campaign", *BY_DOSE):
        getattr(hoods, name)[:] = 0
    return hoods


def offer(town: Town, tactics: list[OwnTactic]) -> None:
    p = given(act.STAGE, Parameters(), Strategy(tactics=tactics))
    alone(act.spend_hours, town.as_kernels_see_it(), p, town.week)


def test_their_hours_are_booked_and_need_skill_if_they_say_so(town: Town) -> None:
    own = [
        OwnTactic("medics", channels={"contacts": 1.0}),
        OwnTactic("walks", channels={"voice": 1.0}, takes_skill=False),
    ]
    hoods, officers, service = town.neighbourhoods, town.officers, town.service
    hoods.share[:], hoods.ordered[:], hoods.own_share[:] = 0, 0, 0
    hoods.share[0, Tactic.PATROL], hoods.ordered[1, Tactic.PATROL] = 0.5, 20
    hoods.own_share[0, 0], hoods.own_share[2, 1] = 0.125, 0.25
    officers.proactive[:], officers.fatigue[:] = 100 / len(officers), 0
    officers.skill[:], officers.adoption[:] = 0, 1
    service.survey_hours[0], service.table_taken[0] = 0, 0
    service.free_waking[0] = 100  # all of it while people are awake
    offer(town, own)
    # 20 of 100 hours are ordered; of the other 80, 10 and 20 go to the own tactics.
    does = Parameters().act.untrained
    assert hoods.own_hours[0] == pytest.approx([10 * does, 0, 0, 0])
    assert hoods.own_hours[2] == pytest.approx([0, 20, 0, 0])
    assert hoods.hours[:, Tactic.PATROL] == pytest.approx([40, 20, 0])
    assert service.unassigned[0] == pytest.approx(100 - 20 - 40 - 10 - 20)


def test_a_dose_follows_hours_and_fades_with_its_own_half_life(town: Town) -> None:
    p, hoods = (
        acting(OwnTactic("medics", half=3.0, memory=4.0, channels={"voice": 1.0})),
        idle(town),
    )
    hoods.own_hours[:, 0] = 1.5 * hoods.residents / 1000
    for _ in range(4):
        alone(own_tactics.build_own_doses, hoods, p.own)
    # 1.5 hours per 1,000 are a third of the greatest dose, half of it after a half-life.
    assert hoods.own_dose[:, 0] == pytest.approx([1 / 6] * 3, rel=1e-6)
    hoods.own_hours[:] = 0
    for _ in range(8):
        alone(own_tactics.build_own_doses, hoods, p.own)
    assert hoods.own_dose[:, 0] == pytest.approx([1 / 24] * 3, rel=1e-6)
    assert not hoods.own_dose[:, 1:].any()


@pytest.mark.parametrize("channel", BY_DOSE)
def test_a_dose_feeds_the_stock_it_names(town: Town, channel: str) -> None:
    tactic = OwnTactic("medics", half=1.0, memory=1.0, channels={channel: 0.5})
    p, hoods = acting(tactic), idle(town)
    hoods.own_hours[0, 0] = hoods.residents[0] / 1000  # one hour per 1,000: half a dose
    alone(act.follow_hours, hoods, p)
    # After a week with a half-life of a week the dose is a quarter, of which half is fed.
    pace = 1 - 2 ** (-1 / getattr(Parameters().act, f"{channel}_memory"))
    assert getattr(hoods, channel) == pytest.approx([0.125 * pace, 0, 0], rel=1e-5)
    assert not any(getattr(hoods, other).any() for other in BY_DOSE if other != channel)


def test_what_is_fed_adds_up_with_the_stock_s_own_tactic_as_chances_do(town: Town) -> None:
    own = [
        OwnTactic("medics", half=1.0, memory=520.0, channels={"education": 1.0}),
        OwnTactic("walks", half=1.0, memory=520.0, channels={"education": 0.5}),
    ]
    p, hoods = acting(*own), idle(town)
    hoods.own_dose[:, 0], hoods.own_dose[:, 1] = 0.5, 0.4
    hoods.own_hours[:, :2] = np.array([1.0, 2 / 3]) * hoods.residents[:, None] / 1000  # they stay
    hoods.hours[:, Tactic.PUBLIC_EDUCATION] = 2 * hoods.residents / 1000  # half a dose
    alone(act.follow_hours, hoods, p)
    pace = 1 - 2 ** (-1 / Parameters().act.education_memory)
    target = 1 - (1 - 0.5) * (1 - 1.0 * 0.5) * (1 - 0.5 * 0.4)  # 0.8
    assert hoods.education == pytest.approx([target * pace] * 3, rel=1e-5)


def test_without_any_a_stock_is_what_it_was_to_the_last_bit(town: Town) -> None:
    p, hoods = acting(), idle(town)
    hoods.hours[:] = np.linspace(0.1, 3, hoods.hours.size).reshape(hoods.hours.shape)
    alone(act.follow_hours, hoods, p)
    for number, (tactic, stock) in enumerate(STOCKS.items()):
        hours = 1000 * hoods.hours[:, tactic] / hoods.residents
        target = hours / (hours + p.half[number])
        assert np.array_equal(
            getattr(hoods, stock.name), (np.float64(p.pace[number]) * target).astype("f4")
        )
    assert not hoods.own_dose.any()


def test_hours_make_contacts_and_watch_as_they_declare(town: Town) -> None:
    hoods, group = idle(town), Parameters().act
    own = OwnTactic("medics", channels={"contacts": 0.5, "monitoring": 0.25})
    p = given(act.STAGE, Parameters(), Strategy(tactics=[own]))
    residents, n = town.residents, len(hoods)
    residents.trust[:], hoods.relation[:] = 0, 1  # each contact adds contact_gain
    for hours, own_hours in ((2.0, 0.0), (0.0, 4.0)):
        residents.contact[:], residents.monitored[:] = 0, 0
        hoods.hours[:, Tactic.LIAISON], hoods.own_hours[:, 0] = hours, own_hours
        alone(act.meet_residents, town.as_kernels_see_it(), np.int64(town.week), p)
        met = n * 2.0 * group.contacts * group.contact_gain
        assert residents.contact.sum() == pytest.approx(met, abs=n * group.contact_gain)
    hoods.hours[:] = 0
    hoods.hours[:, Tactic.MONITOR_AT_RISK_GROUPS], hoods.own_hours[:] = 40.0, 0
    alone(act.watch_residents, town.as_kernels_see_it(), np.int64(town.week), p)
    watched = residents.monitored.copy()
    residents.monitored[:], hoods.hours[:], hoods.own_hours[:, 0] = 0, 0, 160.0
    alone(act.watch_residents, town.as_kernels_see_it(), np.int64(town.week), p)
    assert watched.any()
    assert np.array_equal(watched, residents.monitored)


def test_hours_find_leaders_as_they_declare(town: Town) -> None:
    hoods = idle(town)
    own = OwnTactic("helpers", channels={"leaders": 0.5})
    p = given(organize.STAGE, Parameters(), Strategy(tactics=[own]))
    hoods.own_hours[1, 0] = 3.0
    found = [float(alone(organize.search_of, hoods, n, p)) for n in range(3)]
    search = Parameters().organize.search * 1000 * 1.5 / int(hoods.residents[1])
    assert found == pytest.approx([0, search, 0])


def test_there_is_a_column_for_as_many_as_there_is_room_for(town: Town) -> None:
    assert town.neighbourhoods.own_hours.shape == (3, ROOM_FOR)
