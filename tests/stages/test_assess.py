"""Stage 2, assess: surveys, the capacity index and the zones."""

import numpy as np
import pytest
from parts import alone, given, survey

from omemsim.processes import assess, capacity
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.zones import Indicators, read_zone


def test_capacity_is_a_weighted_mean(town: Town) -> None:
    weights = Parameters().assess
    hoods = town.neighbourhoods
    hoods.assets[:] = [1, 0, 0.5]
    hoods.participants[:] = [hoods.residents[0], 0, 0]
    hoods.leaders[:] = [hoods.residents[0], 0, 0]
    by, efficacy = capacity.capacity_weights(weights), (1.0, 0.0, 0.5)
    found = [alone(capacity.capacity_of, hoods, n, efficacy[n], by) for n in range(3)]
    total = weights.efficacy_weight + weights.assets_weight
    total += weights.participation_weight + weights.leaders_weight
    half = (weights.efficacy_weight + weights.assets_weight) / 2 / total
    assert found == pytest.approx([1, 0, half])


def test_a_survey_comes_near_the_truth_and_costs_hours(town: Town) -> None:
    group = Parameters().assess
    survey(town, 1000)
    hoods = town.neighbourhoods
    spread = town.residents.trust.std() / np.sqrt(1000)
    assert np.abs(hoods.seen_trust - hoods.trust).max() < 4.5 * spread
    assert np.abs(hoods.seen_trust - hoods.trust).max() > 0
    assert town.service.survey_hours[0] == group.survey_hours * 1000 * 3


def test_without_a_survey_efficacy_is_imputed_and_trust_unknown(town: Town) -> None:
    hoods, group = town.neighbourhoods, Parameters().assess
    hoods.participants[:] = [0, hoods.residents[1], 0]
    survey(town, 0)
    assert hoods.seen_efficacy == pytest.approx([group.imputed_efficacy, 1, group.imputed_efficacy])
    assert hoods.seen_trust.tolist() == [0.5] * 3


def test_police_read_zones_on_their_interval_and_what_is_compared_each_quarter(
    town: Town,
) -> None:
    strategy, hoods = Strategy(assess_every=10), town.neighbourhoods
    for week, by_police, compared in (
        (-27, 0, 0),
        (-26, 0, 1),
        (-20, 1, 0),
        (-10, 1, 0),
        (0, 1, 1),
    ):
        town.week = week
        for name in ("zone", "true_zone", "call_zone", "relative_zone"):
            getattr(hoods, name)[:] = 9
        assess.step(town, Parameters(), strategy)
        assert (hoods.zone != 9).all() == by_police
        for name in ("true_zone", "call_zone", "relative_zone"):
            assert (getattr(hoods, name) != 9).all() == compared


def test_the_compiled_rule_of_zones_is_the_rule() -> None:
    rng, limits = np.random.default_rng(8), Parameters().zones
    n = 400
    seen = Indicators(
        calls=rng.uniform(0, 900, n),
        n_calls=rng.integers(0, 99, n),
        harm=rng.uniform(0, 600, n),
        n_harm=rng.integers(0, 99, n),
        repeat=rng.random(n),
        capacity=rng.random(n),
        community_led=rng.random(n),
        trust=rng.random(n),
    )
    lines = given(assess.STAGE, Parameters()).lines
    columns = [getattr(seen, name) for name in assess.Seen._fields]
    for shift in (-1.0, 0.0, 1.0):
        expected = read_zone(seen, limits, true_harm=True, shift=shift)
        found = [
            alone(assess.zone_of, assess.Seen(*row), lines.harm, lines, shift)
            for row in zip(*columns, strict=True)
        ]
        assert found == expected.tolist()


def test_a_survey_asks_about_fear_too(town: Town) -> None:
    survey(town, 2000)
    spread = 4.5 * town.residents.fear.std() / np.sqrt(2000)
    hood = town.places.neighbourhood[town.residents.place]
    fear = [town.residents.fear[hood == n].mean() for n in range(3)]
    assert town.neighbourhoods.seen_fear == pytest.approx(fear, abs=spread)
    survey(town, 0)
    assert town.neighbourhoods.seen_fear.tolist() == [0.5] * 3
