"""What places offer: opportunity, calls and needs, more in some neighbourhoods than in others.

The log of a neighbourhood's opportunity has the standard deviation place_level over the town (for
household crime dwelling_level, and goes with the former as far as level_alike says); so has the log
of the shapes of both over places, with shape_spread: in some neighbourhoods few places have all of
it. All of these go, as far as level_known says, with what is known of a neighbourhood: the mean of
the scores of businesses, visitors and density (logs) and deprivation; what is the same everywhere
says nothing. The rest is drawn by the neighbourhood's own key, and alike where they adjoin.

Within a neighbourhood opportunity has stratified quantiles of a gamma distribution. Over the town
its mean is 1, weighted by what meets it (residents, visitors, and how many of them offend), so that
rates keep their meaning. Businesses are as many as the table has, wherever in a neighbourhood.

Two more multiples of places have a heavy tail: they are lognormal, their quantiles stratified in
each neighbourhood, and have the mean 1 per resident of the town. They are calls that a place draws
beyond its residents (malls, bars, hospitals), and needs for crises of who lives there (shelters,
care homes), which are higher where opportunity and visitors are. Places that draw calls are those
with opportunity, and those of need are those that draw calls, each as far as address_alike says.

Sources: Weisburd 2015; Sherman, Gartin & Buerger 1989; Vaughan et al. 2017; Toronto 2014-2024
(where crisis calls per head go with violence beside deprivation, by 0.75).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtri

from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.clusters import clustered
from omemsim.town import Town
from omemsim.vocabulary.parameters import People
from omemsim.vocabulary.random_numbers import Decision, stream, uniforms

__all__ = ["known_of", "lay_opportunity"]

Floats = NDArray[np.float64]
LEAST = 1e-300  # no division by 0
# Numbers of draws by the key of a place; 0 to 3 are those of opportunity, two for each of two.
ADDRESS, ADDRESS_JITTER, INSTITUTION, INSTITUTION_JITTER = 4, 5, 6, 7
# Numbers of draws by the key of a neighbourhood.
LEVEL, DWELLING_LEVEL, SHAPE = 0, 1, 2


def lay_opportunity(town: Town, blueprint: Blueprint, people: People) -> None:
    """Write what places offer, and the mean of it in each neighbourhood.

    Parameters
    ----------
    town : neighbourhoods, places and who lives where are laid; it is changed.
    blueprint : says what is known of the neighbourhoods.
    people : spreads, shapes and powers.
    """
    hoods, places, seed = town.neighbourhoods, town.places, town.seed
    hood = places.neighbourhood
    known = known_of(blueprint)
    own = [
        clustered(scores(normals(hoods.key, seed, k)), blueprint.adjacency, people.level_clustered)
        for k in (LEVEL, DWELLING_LEVEL, SHAPE)
    ]
    first = mixed(known, own[0], people.level_known)
    second = mixed(first, own[1], people.level_alike)
    shape = np.exp(-people.shape_spread * mixed(known, own[2], people.level_known))
    offending = people.propensity_floor + 2 * (1 - people.propensity_floor) * blueprint.deprivation
    met = blueprint.population * np.maximum(offending, 1e-9)
    level = np.exp(people.place_level * first)
    level /= np.average(level, weights=met * (1 + blueprint.visitors))
    at_home = np.exp(people.dwelling_level * second)
    at_home /= np.average(at_home, weights=met)
    hoods.opportunity[:] = level
    quantile = stratified(town, drawn(town, 0), drawn(town, 1))
    within = of_mean_1(town, gammaincinv(people.place_shape * shape[hood], quantile))
    places.opportunity[:] = within * level[hood]
    dwelling = stratified(town, drawn(town, 2), drawn(town, 3))
    dwelling = gammaincinv(people.dwelling_shape * shape[hood], dwelling)
    places.dwelling_opportunity[:] = of_mean_1(town, dwelling) * at_home[hood]
    per_place = blueprint.businesses / 1000 * hoods.population / hoods.places
    places.businesses[:] = per_place[hood] * within
    calls = joined(ndtri(quantile), normals(places.key, seed, ADDRESS), people.address_alike)
    log_calls = people.address_spread * ndtri(stratified(town, calls, drawn(town, ADDRESS_JITTER)))
    places.demand[:] = of_town_mean_1(town, np.exp(log_calls))
    needs = joined(calls, normals(places.key, seed, INSTITUTION), people.address_alike)
    log_needs = people.institution_spread * ndtri(
        stratified(town, needs, drawn(town, INSTITUTION_JITTER))
    )
    people_there = level * (1 + blueprint.visitors)
    places.crisis_need[:] = of_town_mean_1(town, np.exp(log_needs) * people_there[hood])


def known_of(blueprint: Blueprint) -> Floats:
    """Return what is known to go with opportunity in each neighbourhood, of variance 1 or all 0."""
    density = blueprint.population / np.maximum(blueprint.area, 1e-9)
    columns = (
        np.log1p(blueprint.businesses),
        np.log1p(blueprint.visitors),
        np.log(np.maximum(density, 1e-9)),
        blueprint.deprivation,
    )
    return scores(np.sum([scores(column) for column in columns], axis=0))


def scores(values: Floats) -> Floats:
    """Return values less their mean in standard deviations; 0 where all are the same."""
    spread = float(np.std(values))
    same = spread <= 1e-9 * max(1.0, float(np.abs(values).max()))
    return np.zeros(values.size) if same else (values - values.mean()) / spread


def mixed(known: Floats, own: Floats, correlation: float) -> Floats:
    """Return scores over neighbourhoods that correlate so with the known ones.

    What is drawn is used as far as it does not go with what is known by chance. Where nothing
    is known, all of it is drawn.

    Parameters
    ----------
    known, own : (N,), what is known and what is drawn.
    correlation : 0 to 1.
    """
    base = scores(known)
    rest = scores(own - base * float(np.mean(base * own)))
    if not base.any():
        return rest
    return scores(correlation * base + np.sqrt(1 - correlation**2) * rest)


def joined(one: Floats, other: Floats, correlation: float) -> Floats:
    """Return normal numbers that correlate so with the first of two independent ones.

    Parameters
    ----------
    one, other : of variance 1, any shape.
    correlation : 0 to 1.
    """
    return np.asarray(correlation * one + np.sqrt(1 - correlation**2) * other)


def normals(key: NDArray[np.uint32], seed: int, k: int) -> Floats:
    """Return a normal number for each key.

    Parameters
    ----------
    key : of places or of neighbourhoods.
    seed : of the town's random numbers.
    k : number of the draw.
    """
    return np.asarray(ndtri(uniforms(key, stream(seed, Decision.PLACE, 0, k)).astype(float)))


def drawn(town: Town, k: int) -> Floats:
    """Return the uniform of each place in a draw of this number."""
    noise = stream(town.seed, Decision.PLACE, 0, k)
    return np.asarray(uniforms(town.places.key, noise).astype(float))


def stratified(town: Town, order: Floats, jitter: Floats) -> Floats:
    """Return quantiles of places, one in each of as many strata as its neighbourhood has places.

    Parameters
    ----------
    town : its places are laid.
    order : by which places of a neighbourhood are put in order, the lowest first.
    jitter : (0, 1), where in its stratum each is.
    """
    hoods, hood = town.neighbourhoods, town.places.neighbourhood
    sorted_rows = np.lexsort((order, hood))
    rank = np.empty(hood.size)
    rank[sorted_rows] = np.arange(hood.size) - hoods.first_place[hood[sorted_rows]]
    return np.asarray((rank + jitter) / hoods.places[hood])


def of_mean_1(town: Town, values: Floats) -> Floats:
    """Return values of places divided by their neighbourhood's mean."""
    hoods, hood = town.neighbourhoods, town.places.neighbourhood
    total = np.bincount(hood, weights=values, minlength=len(hoods))
    return np.asarray(values / np.maximum(total / hoods.places, LEAST)[hood])


def of_town_mean_1(town: Town, values: Floats) -> Floats:
    """Return values of places divided by their mean over the town's residents."""
    residents = town.places.residents
    return np.asarray(values * (residents.sum() / max(float(values @ residents), LEAST)))
