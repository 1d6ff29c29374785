"""Stage 11, trust at two speeds: each number by hand, on three neighbourhoods of a small town."""

from dataclasses import replace

import numpy as np
import pytest
from parts import alone, given
from stages.by_hand import changed, nobody_moves

from omemsim.inputs.build import build
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.processes import feel, trust
from omemsim.processes.stopping import past_stops, stop_exposures
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.mechanisms import effective
from omemsim.vocabulary.parameters import Parameters, Strengths
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, decay

FEEL = {
    "trust_half_life": 1.0,
    "trust_asymmetry": 4.0,
    "trust_lasting": 0.25,
    "trust_heard": 0.0,
    "trust_resented": 0.0,
    "trust_grievance": 0.0,
    "trust_voice": 0.0,
    "experience_half_life": 100.0,
}

NOBODY_STOPPED = {"usual_stops": 0.0, "usual_unsolved": 0.0}  # so that every contact moves trust


def calm(town: Town) -> None:
    """Let nothing move trust but what a test says."""
    nobody_moves(town)
    hoods, residents = town.neighbourhoods, town.residents
    hoods.burden[:] = hoods.grievance[:] = hoods.scandal[:] = hoods.contacts_felt[:] = 0
    residents.contact[:] = residents.experience[:] = 0
    residents.trust_anchor[:] = residents.trust[:] = 0.5
    residents.stop_exposure[:] = 1


def week(town: Town, **more: float) -> None:
    feel.step(town, changed(feel=FEEL | more, people=NOBODY_STOPPED), Strategy())


def test_a_bad_contact_weighs_so_many_times_a_good_one_and_both_leave_a_part(town: Town) -> None:
    calm(town)
    town.residents.contact[[3, 4]] = 0.02, -0.02
    week(town)
    assert town.residents.trust[[3, 4, 5]] == pytest.approx([0.52, 0.42, 0.5])
    assert town.residents.experience[[3, 4, 5]] == pytest.approx([0.005, -0.02, 0])
    assert not town.residents.contact.any()
    # Half of the gap to 0.505 and to 0.48 is gone; the experience itself hardly fades.
    week(town)
    assert town.residents.trust[[3, 4]] == pytest.approx([0.5125, 0.45])
    kept = 1 - decay(100)
    assert town.residents.experience[[3, 4]] == pytest.approx([0.005 * kept, -0.02 * kept])


def test_what_lasts_comes_back_to_what_a_person_arrived_with(town: Town) -> None:
    calm(town)
    town.residents.experience[7] = -0.2
    for _ in range(100):
        week(town)
    assert town.residents.experience[7] == pytest.approx(-0.1, rel=1e-4)
    # Trust is on its way to what it was a week before.
    assert town.residents.trust[7] == pytest.approx(0.4, abs=2e-3)


def test_bad_contacts_are_news_and_good_ones_are_not(town: Town) -> None:
    calm(town)
    hoods, residents = town.neighbourhoods, town.residents
    first = hoods.first_resident
    residents.contact[first[0]], residents.contact[first[0] + 1] = -0.5, 0.5
    residents.contact[first[1]] = 0.5
    residents.stop_exposure[first[0] + 5] = 3
    week(town, trust_heard=2.0, memory=1.0)
    felt = 0.5 * 4.0 * 0.5 / hoods.residents[0]  # half the way to the mean cost, in a week
    assert hoods.contacts_felt == pytest.approx([felt, 0, 0])
    heard = 0.25 * 2.0 * felt
    # Who is stopped three times as readily hears three times as much.
    assert residents.experience[first[0] + np.array([4, 5])] == pytest.approx([-heard, -3 * heard])
    assert residents.experience[first[1] + 1] == 0
    week(town, trust_heard=2.0, memory=1.0)
    assert hoods.contacts_felt == pytest.approx([felt / 2, 0, 0])


def test_grievance_wears_lasting_trust_down_while_it_lasts(town: Town) -> None:
    calm(town)
    hoods, residents = town.neighbourhoods, town.residents
    hoods.grievance[:], hoods.scandal[:] = [0, 1, 1], [0, 1, 0]
    week(town, trust_resented=0.052, grievance_memory=1e9)
    here = town.places.neighbourhood[residents.place]
    assert residents.experience == pytest.approx(np.array([0, -0.001, -0.001])[here], abs=1e-7)
    for _ in range(51):
        week(town, trust_resented=0.052, grievance_memory=1e9)
    kept = 1 - decay(100)
    year = -0.001 * (1 - kept**52) / (1 - kept)
    assert residents.experience[here == 1] == pytest.approx(year, rel=1e-3)


def test_with_the_usual_stops_and_their_news_mean_trust_stays(town: Town) -> None:
    """Whoever is stopped as readily as the mean neither gains nor loses, whatever is unequal."""
    calm(town)
    hoods, residents = town.neighbourhoods, town.residents
    parameters = changed(
        people={"usual_stops": 2.6, "usual_unsolved": 5.2},
        act={"stop_cost": 0.02},
        respond={"unsolved_cost": 0.01},
        feel=FEEL | {"trust_heard": 2.0, "trust_resented": 0.5, "trust_grievance": 0.4},
    )
    # A twentieth of a stop a week, each of them 0.02 times 4, and a tenth of a crime, 0.01 times 4.
    assert trust.usual_cost(parameters) == pytest.approx(0.008)
    usual = trust.usual_grievance(parameters)
    fades = decay(parameters.feel.grievance_memory)
    assert usual == pytest.approx(0.025 / (0.025 + fades))
    residents.stop_exposure[::2], residents.stop_exposure[1::2] = 0.5, 1.5
    for _ in range(2):
        hoods.grievance[:], hoods.contacts_felt[:] = usual, 0.008
        hoods.burden[:] = 0.05 * hoods.residents
        residents.contact[:] = -0.002 * residents.stop_exposure
        feel.step(town, parameters, Strategy())
        assert hoods.grievance == pytest.approx([usual] * 3, rel=1e-5)
    gained = 2 * 0.25 * 0.008 * 3 * 0.5  # of half the usual contacts, and of half their news
    assert residents.experience[::2] == pytest.approx(gained, rel=0.01)
    assert residents.experience[1::2] == pytest.approx(-gained, rel=0.01)


def test_trust_rises_over_years_where_nobody_is_stopped_any_more(town: Town) -> None:
    calm(town)
    people = {"usual_stops": 0.52, "usual_unsolved": 0.0}
    feel.step(town, changed(feel=FEEL, people=people), Strategy())
    stop = Parameters().act.stop_cost * 4
    assert town.residents.experience == pytest.approx(0.25 * 0.01 * stop, rel=1e-4)


def test_a_town_starts_with_the_grievance_and_the_news_that_usual_stops_sustain() -> None:
    words = ["town.residents=300", "town.neighbourhoods=2"]
    scenario = compose_scenario("small", "reactive", words)
    hoods = build(blueprint_of(scenario.town), scenario.parameters, 1).neighbourhoods
    assert hoods.grievance == pytest.approx(trust.usual_grievance(scenario.parameters))
    assert hoods.contacts_felt == pytest.approx(trust.usual_cost(scenario.parameters))
    assert 0 < hoods.grievance[0] < 0.2


def test_experience_and_trust_stay_between_their_bounds(town: Town) -> None:
    calm(town)
    town.residents.contact[:2] = -10, 10
    town.residents.experience[:2] = -0.9, 0.9
    week(town)
    assert town.residents.trust[:2].tolist() == [0, 1]
    assert town.residents.experience[:2].tolist() == [-1, 1]


def test_without_the_slow_level_trust_is_anchor_and_the_week_alone(town: Town) -> None:
    calm(town)
    off = effective(replace(Parameters(), strength=Strengths(lasting_trust=0.0, legitimacy=0.0)))
    hoods = town.neighbourhoods
    hoods.grievance[:] = hoods.scandal[:] = 1
    town.residents.contact[:] = -0.05
    for _ in range(3):
        feel.step(town, off, Strategy())
    assert not town.residents.experience.any()
    assert not trust.entry_experience(off).any()


def test_newcomers_arrive_with_what_stops_elsewhere_have_left(town: Town) -> None:
    parameters = Parameters()
    rows = np.arange(300)
    town.newcomers.replace(seat=rows)
    town.residents.contact[rows], town.residents.experience[rows] = -1, 0.7
    alone(feel.reset_newcomers, town.newcomers, town.residents, given(feel.STAGE, parameters))
    r, entry = town.residents, trust.entry_experience(parameters)
    assert r.experience[rows] == pytest.approx(entry[r.age[rows], r.group[rows]])
    level = np.clip(r.trust_anchor[rows] + r.experience[rows], 0, 1)
    assert r.trust[rows] == pytest.approx(level)


def test_entry_is_of_stops_since_fifteen_and_nothing_for_the_mean_person() -> None:
    parameters = changed(
        people={
            "usual_stops": 0.2,
            "minority": 0.25,
            "indigenous": 0.0,
            "stopped_minority": 3.0,
            "stopped_young": 4.0,
            "stopped_middle": 0.5,
            "stopped_old": 0.25,
        },
        act={"stop_cost": 0.02},
        feel=FEEL | {"trust_heard": 3.0, "experience_half_life": 10.0 * WEEKS_PER_YEAR},
    )
    shares = np.array([0.15, 0.32, 0.32, 0.21])
    ratio = np.array([4, 1, 0.5, 0.25]) / (shares @ [4, 1, 0.5, 0.25])
    life = 10 / np.log(2)
    young = life * (1 - 0.5**0.5) * ratio[0]  # five years of youth
    grown = life * ((1 - 0.5) * ratio[1] + (0.5 - 0.25) * ratio[0])  # ten and ten years
    exposures = stop_exposures(parameters.people, shares)
    assert past_stops(exposures.by_age, 10)[:2] == pytest.approx([young, grown])
    assert exposures.by_group[:2] == pytest.approx([1 / 1.5, 3 / 1.5])
    entry = trust.entry_experience(parameters)
    each = 0.2 * 0.02 * 4 * 0.25 * (1 + 3)
    assert entry[1, 1] - entry[0, 0] == pytest.approx(-each * (2 * grown - young / 1.5))
    assert shares @ entry @ [0.75, 0.25, 0] == pytest.approx(0)


def test_entry_is_no_more_than_all_trust() -> None:
    extreme = changed(
        people={"usual_stops": 1.0}, act={"stop_cost": 0.5}, feel={"trust_heard": 50.0}
    )
    entry = trust.entry_experience(extreme)
    assert (entry.min(), entry.max()) == (-1, 1)


def test_nobody_stopped_elsewhere_or_all_alike_leaves_no_difference() -> None:
    assert not trust.entry_experience(changed(people={"usual_stops": 0.0})).any()
    alike = dict.fromkeys(("minority", "indigenous", "young", "middle", "old"), 1.0)
    same = changed(people={f"stopped_{name}": ratio for name, ratio in alike.items()})
    exposures = stop_exposures(same.people, np.array([0.15, 0.32, 0.32, 0.21]))
    assert exposures.by_age.tolist() == [1, 1, 1, 1]
    assert exposures.by_group == pytest.approx([1, 1, 1])
    assert exposures.most == pytest.approx(1)
