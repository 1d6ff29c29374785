"""How far offenders go and who comes again, by hand and in a small town."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from omemsim.analysis.evidence.careers import (
    careers,
    journeys,
    median_journey,
    offence_counts,
    offends_again,
    violence_is_nearer,
)
from omemsim.analysis.evidence.event_log import Events
from omemsim.inputs.config import compose_scenario
from omemsim.simulation import Simulation
from omemsim.spin_up import spin_up
from omemsim.vocabulary.wheel import Crime


def crimes(kind: Any, place: Any, offender: Any) -> Events:
    none = np.zeros(len(kind), np.int64)
    flags = none.astype(bool)
    told = {"is_reported": flags, "is_known": flags, "is_recorded": flags}
    columns = {"kind": np.array(kind), "place": np.array(place), "offender": np.array(offender)}
    return Events(day=none, victim=none, household=none, **told, **columns)


class Residents(SimpleNamespace):
    def __len__(self) -> int:
        return len(self.place)


TOWN: Any = SimpleNamespace(
    places=SimpleNamespace(x=np.array([0.0, 3000, 0]), y=np.array([0.0, 4000, 1000])),
    residents=Residents(place=np.array([0, 1, 2])),
)
# Of resident 0 at home and 5 km away, of the second occupant of seat 2 (1 km), and an outsider.
SEEN = crimes(
    [Crime.VIOLENCE, Crime.THEFT, Crime.BUSINESS, Crime.THEFT], [0, 1, 0, 0], [0, 0, 5, -1]
)


def test_a_journey_is_from_home_to_the_place() -> None:
    assert journeys(TOWN, SEEN)[:3] == pytest.approx([0, 5, 1])
    assert np.isnan(journeys(TOWN, SEEN)[3])
    assert median_journey(TOWN, SEEN) == 1
    assert median_journey(TOWN, SEEN, (Crime.THEFT,)) == 5
    assert violence_is_nearer(TOWN, SEEN) == 0
    assert np.isnan(median_journey(TOWN, SEEN, (Crime.HOUSEHOLD,)))
    assert np.isnan(violence_is_nearer(TOWN, crimes([Crime.VIOLENCE], [1], [0])))


def test_offences_are_counted_by_person_without_outsiders() -> None:
    assert sorted(offence_counts(np.array([7, -1, 7, 3, -1]))) == [1, 2]
    assert offence_counts(np.array([-1])).size == 0


def test_who_offends_again_is_followed_from_the_index_offence() -> None:
    """Ten persons with an index offence on day 100; person 0 had five before."""
    person = [*range(10), 0, 0, 0, 0, 0, 1, 0, 2, 3, 4, 11]
    day = [100] * 10 + [1, 2, 3, 4, 5, 50, 120, 150, 100, 151, 90]
    # Within 50 days again: 0 (day 120) and 2 (day 150); 4 is late, 3 on the same day, 11 no index.
    found = offends_again(np.array(person), np.array(day), index=(100, 110), follow=50)
    assert found == pytest.approx(1 / (1 / 9))
    none = offends_again(np.array(person), np.array(day), index=(500, 600), follow=50)
    assert np.isnan(none)


def test_persons_with_equal_pasts_count_in_proportion_at_the_end_of_the_tenth() -> None:
    """Of 20 persons the top two: one of three with two past offences each, past the first."""
    person = np.concatenate([np.arange(20), [0, 0, 0], [1, 1, 2, 2, 3, 3], [0, 1, 10]])
    day = np.concatenate([np.full(20, 100), np.full(9, 10), np.full(3, 101)])
    found = offends_again(person, day, index=(100, 101), follow=5)
    assert found == pytest.approx((1 + 1 / 3) / 2 / (1 / 16))


def test_past_offending_predicts_more_in_a_town() -> None:
    words = ["town.residents=2400", "town.neighbourhoods=3", "spin_up_years=0.1"]
    words += ["parameters.strength.known_offenders=0"]  # who lives where much happens offends more
    scenario = compose_scenario("small", "reactive", words)
    start = spin_up(scenario, 0)
    found = careers(scenario, start, 0)
    assert found["P44 of all crimes"] > 1.2  # propensities differ: the skew is an input
    people = replace(scenario.parameters.people, propensity_shape=100.0, propensity_floor=1.0)
    people = replace(people, youth_propensity=1.0, middle_propensity=1.0, old_propensity=1.0)
    alike = replace(scenario.parameters, people=people)
    same = replace(scenario, parameters=alike)
    assert careers(same, spin_up(same, 0), 0)["P44 of all crimes"] < found["P44 of all crimes"]
    model = Simulation(scenario, 0, start.copy())
    assert model.town.week == start.week
