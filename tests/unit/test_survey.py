"""What a survey and police data show, each number against one worked out by hand.

The town is made so that no two columns could be taken for each other: three neighbourhoods of
unlike size, households of unlike size, calls about crime unlike other calls.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm

from omemsim.analysis.calibration.readings import _against_table
from omemsim.analysis.evidence.event_log import Events
from omemsim.analysis.evidence.survey import BESIDE, SURVEYED, Year
from omemsim.vocabulary.wheel import Crime

V, T, H, B = Crime.VIOLENCE, Crime.THEFT, Crime.HOUSEHOLD, Crime.BUSINESS

# kind, place, victim, the victim's household, told of, known, recorded, offender
CRIMES = (
    (V, 0, 0, 0, 1, 1, 1, 7),
    (V, 0, 0, 0, 0, 1, 0, 7),
    (V, 1, 3, 1, 0, 0, 0, 7),
    (T, 2, 4, 2, 1, 1, 1, 8),
    (H, 3, 1, 0, 1, 1, 1, 9),
    (H, 3, 5, 2, 0, 1, 1, 9),
    (B, 4, -1, -1, 1, 1, 1, 7),
    (V, 4, 6, 3, 1, 1, 1, 8),
    (T, 2, 7, 4, 0, 0, 0, 6),
)
HOUSEHOLD = np.array([0, 0, 1, 1, 2, 2, 3, 4, 2, 4])  # of each of ten residents
STAYED = np.array([1, 1, 1, 1, 1, 1, 0, 1, 1, 1], bool)
PLACE_IN = np.array([0, 0, 1, 2, 2])  # the neighbourhood of each place


def year(**changes: Any) -> Year:
    """Return the year of a town of three neighbourhoods, five places and ten residents."""
    kind, place, victim, home, told, known, recorded, offender = np.array(CRIMES).T
    events = Events(
        day=np.arange(len(CRIMES)),
        kind=kind,
        place=place,
        victim=victim,
        household=home,
        is_reported=told.astype(bool),
        is_known=known.astype(bool),
        is_recorded=recorded.astype(bool),
        offender=offender,
    )
    places = SimpleNamespace(neighbourhood=PLACE_IN, x=np.arange(5) * 100.0, y=np.zeros(5))
    town = SimpleNamespace(
        residents=Residents(household=HOUSEHOLD, trust=np.float32([0.4] + [0.39] * 6 + [0.9] * 3)),
        households=Rows(5, residents=np.bincount(HOUSEHOLD)),
        places=Rows(5, **vars(places)),
        neighbourhoods=Rows(
            3,
            population=np.array([400.0, 1000.0, 250.0]),
            residents=np.array([300, 900, 200]),
            deprivation=np.array([0.2, 0.9, 0.4]),
        ),
        start=np.array([0, 1, 3, 4]),
        adjoining=np.array([1, 0, 2, 1]),
    )
    made = {
        "town": town,
        "crimes": events,
        "efficacy": np.array([0.7, 0.3, 0.6]),
        "stayed": STAYED,
        "calls": np.array([[5, 2], [1, 30], [4, 10]]),
        "calls_at": np.array([3, 4, 31, 9, 5]),
    }
    return Year(**made | changes)


class Rows(SimpleNamespace):
    """A table of so many rows."""

    def __init__(self, rows: int, **columns: Any) -> None:
        super().__init__(**columns)
        vars(self)["rows"] = rows

    def __len__(self) -> int:
        return self.rows


class Residents(Rows):
    def __init__(self, **columns: Any) -> None:
        super().__init__(10, **columns)


# Of those who stayed: resident 0 suffered two assaults and the burglary at home, 1 the burglary,
# 3 an assault, 4 a theft and a burglary, 5 and 8 that burglary, 7 a theft; 2 and 9 nothing.
# A burglary counts for every member, and once where incidents are counted: by household size,
# 2 at home 0 and 3 at home 2.
EXPECTED = {
    "P5a": 7 / 9,
    "P5b": 1000 * 8 / 10,
    "P5c": 1000 * 4 / 10,
    "P6a": 2 / 7,
    "P6b": (2 + 1 / 2 + 1 + 1 / 3) / (2 + 1 / 2 + 1 / 2 + 1 + 1 + 3 * 1 / 3 + 1),
    "P7a": 1 / 2,
    "P7b": 2 / 3,
    "P9a": 6 / 8,
    "P9b": 3 / 4,
    "P9c": 2 / 2,
    "P10": 1000 * 6 / 1650,
    "P11": 42 / 52,
    "P12": 4 / 10,
    "P26": 1000 * 52 / 1650,
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_number_of_the_survey_is_what_it_is_by_hand(name: str) -> None:
    assert SURVEYED[name](year()) == pytest.approx(EXPECTED[name], rel=1e-6)


def test_concentration_of_calls_is_set_against_that_of_recorded_crime() -> None:
    # A twentieth of five places is a quarter of the worst one. Recorded: 1, 0, 1, 2, 2.
    assert SURVEYED["P4"](year()) == pytest.approx(0.25 * 31 / 52 - 0.25 * 2 / 6)


def test_the_worst_twentieth_of_neighbourhoods_is_of_recorded_crime() -> None:
    town = year().town
    town.places.neighbourhood = np.array([0, 0, 12, 30, 30])
    town.neighbourhoods = Rows(40)
    # Two of forty: the third place's one and the thirtieth's four, of six.
    assert SURVEYED["P3"](year(town=town)) == pytest.approx((4 + 1) / 6)
    town.neighbourhoods = Rows(39)
    town.places.neighbourhood = np.array([0, 0, 12, 30, 30])
    assert np.isnan(SURVEYED["P3"](year(town=town)))


def test_counts_by_neighbourhood_follow_the_place() -> None:
    one = year()
    everything = np.ones(len(CRIMES), bool)
    np.testing.assert_array_equal(one.by_hood(everything), [3, 2, 4])
    np.testing.assert_array_equal(one.by_hood(one.crimes.is_recorded), [1, 1, 4])
    np.testing.assert_array_equal(one.by_place(one.crimes.is_recorded), [1, 0, 1, 2, 2])


def test_calls_about_other_things_are_ranked_against_recorded_violence() -> None:
    # Recorded violence per resident: 1/400, 0, 1/250; other calls .005, .03, .04 of a resident;
    # calls about crime .0125, .001, .016, which would have the rank correlation 1.
    assert SURVEYED["P25a"](year()) == pytest.approx(0.5)


def test_rates_of_the_cluster_and_of_efficacy_have_their_own_residents() -> None:
    one = year()
    one.town.neighbourhoods.population = np.array([400.0, 1000.0, 25.0])
    # Recorded violence per resident of all ages, in a row of three: 1/400, 0, 1/25.
    rate = np.array([1 / 400, 0, 1 / 25])
    away = rate - rate.mean()
    lag = np.array([away[1], (away[0] + away[2]) / 2, away[1]])
    assert SURVEYED["P25b"](one) == pytest.approx((away * lag).sum() / (away**2).sum())
    # All violence per resident 15+: 3/300, 0, 1/200.
    true = np.array([3 / 300, 0, 1 / 200])
    expected = np.corrcoef([0.7, 0.3, 0.6], true)[0, 1]
    assert SURVEYED["P13a"](one) == pytest.approx(expected)


def test_a_member_of_a_large_household_is_a_victim_as_often_as_it_is_burgled() -> None:
    # Two burglaries at home 2, where 4, 5 and 8 live: two thirds of an incident each.
    kind, place, victim, home = np.array([(H, 3, 5, 2), (H, 3, 8, 2), (V, 0, 0, 0)]).T
    flags = np.ones(3, bool)
    events = Events(
        day=np.array([1, 9, 20]),
        kind=kind,
        place=place,
        victim=victim,
        household=home,
        is_reported=flags,
        is_known=flags,
        is_recorded=flags,
        offender=victim,
    )
    one = year(crimes=events)
    assert SURVEYED["P5a"](one) == pytest.approx(4 / 9)
    assert SURVEYED["P6a"](one) == pytest.approx(3 / 4)
    assert SURVEYED["P6b"](one) == pytest.approx(2 / 3)


def test_efficacy_s_ratio_is_of_all_violence_per_resident_at_equal_deprivation() -> None:
    hoods = Rows(
        6,
        population=np.array([400.0, 1000, 250, 700, 90, 500]),
        residents=np.array([300, 900, 200, 500, 80, 410]),
        deprivation=np.array([0.2, 0.9, 0.4, 0.6, 0.1, 0.8]),
    )
    efficacy = np.array([0.7, 0.3, 0.6, 0.35, 0.55, 0.5])
    counts = np.array([2, 9, 1, 6, 1, 3])
    place = np.repeat(np.arange(6), counts)
    flags = np.arange(place.size) % 3 == 0
    none = np.zeros(place.size, int)
    events = Events(none, none + V, place, none, none, flags, flags, flags, none)
    town = year().town
    town.neighbourhoods, town.places = hoods, Rows(6, neighbourhood=np.arange(6))
    found = SURVEYED["P13b"](year(town=town, crimes=events, efficacy=efficacy))
    columns = sm.add_constant(np.column_stack([efficacy / efficacy.std(), hoods.deprivation]))
    fit = sm.GLM(counts, columns, family=sm.families.Poisson(), exposure=hoods.residents).fit()
    assert found == pytest.approx(np.exp(fit.params[1]))


def test_the_tenth_of_offenders_is_of_those_who_offended() -> None:
    # Offenders 6, 7, 8, 9 with 1, 4, 2, 2 crimes: a tenth of four persons is 0.4 of the worst.
    assert SURVEYED["P23"](year()) == pytest.approx(0.4 * 4 / 9)


def test_knox_is_of_recorded_burglaries_and_leaves_repeats_out() -> None:
    home = [(H, 0, 1, 0), (H, 1, 3, 1), (H, 1, 3, 1), (H, 4, 7, 4), (V, 0, 0, 0)]
    kind, place, victim, household = np.array(home).T
    flags = np.ones(len(home), bool)
    events = Events(
        day=np.array([0, 10, 20, 100, 0]),
        kind=kind,
        place=place,
        victim=victim,
        household=household,
        is_reported=flags,
        is_known=flags,
        is_recorded=flags,
        offender=victim,
    )
    one = year(crimes=events)
    # Near in space, at different dwellings: (0, 1) 10 days apart and (0, 2) 20 days apart.
    # All six pairs of dates: 10, 20, 100, 10, 90, 80: two within 14 days, three from 60 on.
    assert SURVEYED["P8a"](one) == pytest.approx((1 / 2) / (2 / 6))
    assert SURVEYED["P8b"](one) == pytest.approx((0 / 2) / (3 / 6))
    # The pair at dwelling 1 of place 1, 10 days apart, counts only where repeats do.
    repeats, segments = BESIDE
    assert BESIDE[repeats](one) == pytest.approx((2 / 3) / (2 / 6))
    assert BESIDE[segments](one) == pytest.approx((1 / 2) / (2 / 6))
    # At another dwelling of the same place it is a near repeat at 0 m.
    other = year(crimes=replace(events, household=np.array([0, 1, 2, 4, 0])))
    assert SURVEYED["P8a"](other) == pytest.approx((2 / 3) / (2 / 6))
    assert BESIDE[repeats](other) == pytest.approx((2 / 3) / (2 / 6))
    assert BESIDE[segments](other) == pytest.approx((1 / 2) / (2 / 6))


def test_dispersion_and_concentration_are_over_all_street_segments() -> None:
    from omemsim.analysis.evidence import metrics

    one, counts = year(), np.array([2, 1, 2, 2, 2])
    assert SURVEYED["P1"](one) == metrics.dispersion(counts) == np.inf
    assert SURVEYED["P2"](one) == pytest.approx(metrics.excess_gini(counts))


def test_a_table_s_total_weighs_neighbourhoods_by_their_residents() -> None:
    wanted = np.array([2.0, 4.0, 30.0])
    reads = _against_table(wanted)
    made = 1000 * np.array([1 / 400, 1 / 1000, 4 / 250])
    assert reads["table_total"](year()) == pytest.approx(1000 * 6 / 1650)
    assert reads["table_rank"](year()) == pytest.approx(0.5)
    slope = np.polyfit(np.log(wanted), np.log(made), 1)[0]
    assert reads["table_slope"](year()) == pytest.approx(slope)
