"""What places offer: how far neighbourhoods differ, and what stays the same."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.build import build, draw_blueprint
from omemsim.inputs.opportunity import joined, known_of, mixed, scores
from omemsim.inputs.scenario import TownConfig
from omemsim.processes.drift import spread_of
from omemsim.spin_up import fit
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters

CITY = TownConfig(residents=24_000, neighbourhoods=60)


def parameters(**people: float) -> Parameters:
    group = Parameters()
    return replace(group, people=replace(group.people, **people))


def built(config: TownConfig = CITY, seed: int = 1, **people: float) -> Town:
    return build(draw_blueprint(config), parameters(**people), seed)


def mean_by_hood(town: Town, column: Any) -> Any:
    hoods = town.neighbourhoods
    sums = np.bincount(town.places.neighbourhood, weights=column, minlength=len(hoods))
    return sums / hoods.places


def test_neighbourhoods_differ_as_far_as_declared() -> None:
    town = built(place_level=0.3, dwelling_level=0.5)
    level = mean_by_hood(town, town.places.opportunity)
    assert np.log(level).std() == pytest.approx(0.3, rel=1e-4)
    assert level == pytest.approx(town.neighbourhoods.opportunity, rel=1e-5)
    dwelling = mean_by_hood(town, town.places.dwelling_opportunity)
    assert np.log(dwelling).std() == pytest.approx(0.5, rel=1e-4)


def test_without_spread_every_neighbourhood_offers_the_same() -> None:
    town = built(place_level=0.0, dwelling_level=0.0, shape_spread=0.0)
    for column in (town.places.opportunity, town.places.dwelling_opportunity):
        assert mean_by_hood(town, column) == pytest.approx(np.ones(60), rel=1e-5)


def test_the_town_s_mean_is_kept_over_who_meets_it() -> None:
    """Residents, visitors, and how many offend: 0.4 + 1.2 deprivation of the mean."""
    town = built(place_level=0.6, dwelling_level=0.6)
    hoods = town.neighbourhoods
    met = hoods.population * (0.4 + 1.2 * hoods.deprivation.astype(float))
    there = met * (1 + hoods.visitors.astype(float))
    level = mean_by_hood(town, town.places.opportunity)
    assert np.average(level, weights=there) == pytest.approx(1, rel=1e-5)
    dwelling = mean_by_hood(town, town.places.dwelling_opportunity)
    assert np.average(dwelling, weights=met) == pytest.approx(1, rel=1e-5)


def test_opportunity_goes_with_what_is_known_of_a_neighbourhood() -> None:
    blueprint = draw_blueprint(CITY)
    known = known_of(blueprint)
    found = [
        np.corrcoef(known, np.log(built(level_known=c).neighbourhoods.opportunity))[0, 1]
        for c in (0.0, 0.4, 1.0)
    ]
    assert found == pytest.approx([0, 0.4, 1], abs=1e-5)


def table(**columns: Any) -> Blueprint:
    """Return four neighbourhoods that a table says nothing of but these."""
    usual = draw_blueprint(TownConfig(residents=2000, neighbourhoods=4))
    same = {name: np.full(4, 1.0) for name in ("visitors", "businesses", "deprivation", "area")}
    same["deprivation"] = np.full(4, 0.5)
    return replace(usual, **{**same, **{k: np.array(v, float) for k, v in columns.items()}})


@pytest.mark.parametrize(
    "columns",
    [
        {"businesses": [0, 10, 30, 90]},
        {"visitors": [0, 0.1, 0.5, 4]},
        {"deprivation": [0.1, 0.3, 0.6, 0.9]},
        {"area": [4, 3, 2, 0.5]},  # the denser, the more
    ],
)
def test_a_table_s_town_uses_the_columns_that_the_table_has(columns: dict[str, Any]) -> None:
    town = build(table(**columns), parameters(level_known=1.0), 3)
    assert (np.diff(town.neighbourhoods.opportunity) > 0).all()


def test_a_table_that_knows_nothing_leaves_all_to_the_draw() -> None:
    blueprint = table()
    assert not known_of(blueprint).any()
    level = build(blueprint, parameters(level_known=1.0, place_level=0.4), 3).neighbourhoods
    assert np.log(level.opportunity).std() == pytest.approx(0.4, rel=1e-4)


def test_businesses_are_as_many_as_the_table_has() -> None:
    blueprint = table(businesses=[0, 10, 30, 90])
    town = build(blueprint, Parameters(), 3)
    per_hood = np.bincount(town.places.neighbourhood, weights=town.places.businesses)
    expected = blueprint.businesses / 1000 * blueprint.population
    assert per_hood == pytest.approx(expected, rel=1e-5)


def test_in_some_neighbourhoods_opportunity_sits_at_fewer_places() -> None:
    """The share of the worst tenth of places varies over neighbourhoods only with their shape."""

    def spread(**people: float) -> float:
        town = built(TownConfig(residents=60_000, neighbourhoods=12), place_shape=0.5, **people)
        shares = []
        for n in range(12):
            here = np.sort(town.places.opportunity[town.places.neighbourhood == n])[::-1]
            shares.append(here[: here.size // 10].sum() / here.sum())
        return float(np.std(shares))

    assert spread(shape_spread=0.6) > 4 * spread(shape_spread=0.0)


def test_addresses_have_a_heavy_tail_and_the_town_keeps_its_mean() -> None:
    """Lognormal of spread s: the worst share q has 1 - Phi(z - s) of all, z its quantile."""
    town = built(TownConfig(residents=200_000, neighbourhoods=20), address_spread=2.0)
    places = town.places
    for column in (places.demand, places.crisis_need):
        per_resident = column.astype(float) @ places.residents / places.residents.sum()
        assert per_resident == pytest.approx(1, rel=1e-5)
    demand = np.sort(places.demand)[::-1]
    top = demand[: round(0.05 * demand.size)].sum() / demand.sum()
    assert top == pytest.approx(0.639, abs=0.04)  # 1 - Phi(1.645 - 2)
    even = built(address_spread=0.0, institution_spread=0.0)
    assert even.places.demand == pytest.approx(np.ones(len(even.places)), rel=1e-5)
    hoods = even.neighbourhoods
    needs = hoods.opportunity * (1 + hoods.visitors)  # shelters are where people come together
    ratio = even.places.crisis_need / needs[even.places.neighbourhood]
    assert ratio == pytest.approx(np.full(len(even.places), ratio[0]), rel=1e-4)


def test_places_that_draw_calls_are_those_with_opportunity_as_far_as_declared() -> None:
    def rank_of(column: Any, hood: Any) -> Any:
        order = np.lexsort((column, hood))
        rank = np.empty(column.size)
        rank[order] = np.arange(column.size) - np.searchsorted(hood[order], hood[order])
        return rank

    found = []
    for alike in (0.0, 0.8, 1.0):
        places = built(place_shape=1.0, address_alike=alike).places
        hood = places.neighbourhood
        ranks = [rank_of(c, hood) for c in (places.opportunity, places.demand)]
        found.append(np.corrcoef(*ranks)[0, 1])
    assert found[0] == pytest.approx(0, abs=0.12)
    assert 0.6 < found[1] < 0.9
    assert found[2] == pytest.approx(1, abs=1e-6)


def test_one_neighbourhood_and_few_residents_have_places_too() -> None:
    for residents, hoods in ((60, 1), (60, 2), (1, 1)):
        town = built(TownConfig(residents=residents, neighbourhoods=hoods))
        for column in ("opportunity", "dwelling_opportunity", "demand", "crisis_need"):
            values = getattr(town.places, column)
            assert np.isfinite(values).all()
            assert (values >= 0).all()
        if hoods == 1:
            assert town.neighbourhoods.opportunity[0] == pytest.approx(1)


def test_scores_mix_and_join_by_hand() -> None:
    assert scores(np.array([1.0, 3.0])).tolist() == [-1, 1]
    assert scores(np.array([2.0, 2.0])).tolist() == [0, 0]
    # Of own = (1, -1, 3, -3) the part along known = (-1, -1, 1, 1) is taken out: it has none.
    known, own = np.array([-1.0, -1.0, 1.0, 1.0]), np.array([1.0, -1.0, 3.0, -3.0])
    expected = 0.6 * known + 0.8 * own / np.sqrt(5)
    assert mixed(known, own, 0.6) == pytest.approx(expected)
    assert mixed(known, known, 0.6) == pytest.approx(known)  # nothing else was drawn
    assert joined(np.array([1.0]), np.array([2.0]), 0.6) == pytest.approx([0.6 + 1.6])


def test_what_is_drifted_at_first_has_mean_one_and_is_not_counted_twice_in_a_table() -> None:
    config = TownConfig(residents=6000, neighbourhoods=3000)
    group = Parameters()
    blueprint = draw_blueprint(config)
    drift = build(blueprint, group, 5).neighbourhoods.drift.astype(float)
    spread = spread_of(group.context)
    assert drift.std() == pytest.approx(spread, rel=0.06)
    assert np.exp(drift).mean() == pytest.approx(1, abs=4.5 * spread / np.sqrt(3000))
    recorded = replace(blueprint, violence=np.full(3000, 8.0))
    assert not build(recorded, group, 5).neighbourhoods.drift.any()


def test_a_table_s_crime_is_fitted_whatever_its_neighbourhoods_offer() -> None:
    """Fit and level together are the table's: twice the opportunity, half the multiplier."""
    blueprint = replace(table(), violence=np.full(4, 10.0), property=np.full(4, 30.0))
    town = build(blueprint, Parameters(), 3)
    hoods = town.neighbourhoods
    for _ in range(40):  # expected crime in proportion to opportunity x fit
        expected = np.zeros((4, 3))
        expected[:, 0] = hoods.opportunity * hoods.fit_violence
        expected[:, 1] = hoods.opportunity * hoods.fit_property
        fit(town, blueprint, Parameters(), expected)
    made = hoods.opportunity * hoods.fit_violence
    trust = hoods.trust.astype(float)
    vigilance = hoods.vigilance.astype(float)
    told = 0.29 + 0.2 * (trust - 0.6) + 0.1 * (vigilance - 0.4)
    assert 52 * 1000 * 0.6 * made * told / hoods.population == pytest.approx(
        np.full(4, 10.0), rel=1e-3
    )
