"""From a blueprint to a town: who lives where, which places, officers and agencies.

Everything about a row is drawn from the row's own key, which comes from its
neighbourhood's id and its number within it: one more resident elsewhere changes nobody here.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import ndtri

from omemsim.inputs.blueprint import (
    BUSINESSES,
    MOVING,
    SHARE_15_PLUS,
    VISITORS,
    Blueprint,
)
from omemsim.inputs.clusters import clustered
from omemsim.inputs.opportunity import lay_opportunity
from omemsim.inputs.scenario import TownConfig
from omemsim.processes.context import SEATING
from omemsim.processes.drift import drift_parameters, spread_of
from omemsim.processes.learn import UNDECIDED
from omemsim.processes.partner import services_without_help
from omemsim.processes.trust import entry_experience, usual_cost, usual_grievance
from omemsim.strategies import Strategy
from omemsim.town import Table, Town
from omemsim.vocabulary.columns import LONG_AGO
from omemsim.vocabulary.parameters import Context, Parameters, People
from omemsim.vocabulary.random_numbers import FIXED, Decision, splitmix, stream, uniforms
from omemsim.vocabulary.rates import per_week
from omemsim.vocabulary.wheel import Sector

__all__ = ["build", "draw_blueprint"]

# Residents 15+ per km2 of a synthetic town; census 2021: Ontario's population centres of 100,000
# to 500,000 have about 1,300 to 1,900 residents of all ages.
DENSITY = 1400.0
HOME_SIZES = np.array([0.33, 0.75, 0.90, 1.0])  # 1-4 residents 15+ a dwelling; assumed, mean 2
NEAR = 4


def draw_blueprint(config: TownConfig) -> Blueprint:
    """Return a synthetic town: a square grid; deprivation and visitors span stratified quantiles.

    Deprivation is assigned to cells by rank of a field that mixes noise with its smoothed
    self (``clustering``), so that also a small town spans the whole range.
    """
    n, chance = config.neighbourhoods, np.random.default_rng(splitmix(config.seed))
    side = int(np.ceil(np.sqrt(n)))
    cell = np.stack([np.arange(n) % side, np.arange(n) // side], axis=1)
    residents = np.full(n, config.residents // n, np.int64)
    residents[: config.residents % n] += 1
    area = residents / DENSITY
    pairs = _grid_pairs(cell)
    rank = clustered(chance.normal(size=n), pairs, config.clustering).argsort().argsort()
    busy = clustered(chance.normal(size=n), pairs, config.clustering).argsort().argsort()
    visitors = np.exp(config.visitor_spread * ndtri((busy + 0.5) / n))  # log-normal, stratified
    visitors *= VISITORS / visitors.mean()
    return Blueprint(
        name=config.name,
        ids=[str(i + 1) for i in range(n)],
        names=[f"Neighbourhood {i + 1}" for i in range(n)],
        residents=np.maximum(residents, 1),
        population=np.maximum(residents, 1) / SHARE_15_PLUS,
        deprivation=0.5 + config.deprivation_spread * ((rank + 0.5) / n - 0.5),
        visitors=visitors,
        businesses=BUSINESSES * (1 + visitors) / (1 + VISITORS),
        moving=np.full(n, MOVING),
        xy=np.asarray(cell * np.sqrt(area.max()) * 1000, float),
        area=area,
        adjacency=pairs,
    )


def _grid_pairs(cell: Any) -> Any:
    gap = np.abs(cell[:, None, :] - cell[None, :, :]).max(axis=2)
    first, second = np.nonzero(np.triu(gap == 1))
    return np.stack([first, second], axis=1).astype(np.int32)


def build(blueprint: Blueprint, parameters: Parameters, seed: int) -> Town:
    """Return the town of a blueprint in week 0, its people drawn by the numbers of ``seed``.

    Parameters
    ----------
    blueprint : what to build, N neighbourhoods.
    parameters : distributions of people and places, officers, agencies.
    seed : selects the random numbers of the run (`vocabulary.random_numbers.replicate_seed`).
    """
    hood_key = np.array([zlib.crc32(i.encode()) for i in blueprint.ids], np.uint32)
    homes = [_homes(int(r), k, seed) for r, k in zip(blueprint.residents, hood_key, strict=True)]
    n_homes = np.array([sizes.size for sizes in homes])
    wanted = np.round(blueprint.residents / parameters.people.residents_per_place)
    n_places = np.clip(wanted, 1, n_homes).astype(np.int64)
    population = blueprint.population.sum()
    catchments = max(1, round(population * blueprint.scale / parameters.partner.catchment))
    rows = {
        "neighbourhoods": len(blueprint.ids),
        "places": int(n_places.sum()),
        "households": int(n_homes.sum()),
        "residents": int(blueprint.residents.sum()),
        "agencies": catchments * len(Sector),
        "officers": max(1, round(parameters.respond.sworn * population / 100_000)),
        "initiatives": len(blueprint.ids) * parameters.organize.slots,
    }
    town = Town(seed, rows)
    _lay_neighbourhoods(town, blueprint, parameters.people, hood_key, n_places, n_homes)
    _drift(town, blueprint, parameters.context)
    _lay_homes(town, homes)
    lay_opportunity(town, blueprint, parameters.people)
    _locate(town)
    _link(town, blueprint)
    _staff(town, parameters)
    _found_agencies(town, parameters)
    _move_in(town, parameters)
    return town


def _row_keys(hood_key: Any, count: int) -> Any:
    """Return keys of rows 0..count-1 of a neighbourhood: splitmix64 of (its key, number)."""
    x = (np.uint64(hood_key) << np.uint64(32)) | np.arange(count, dtype=np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ (x >> np.uint64(shift))) * np.uint64(factor)
    return ((x ^ (x >> np.uint64(31))) >> np.uint64(16)).astype(np.uint32)


def _drawn(keys: Any, seed: int, decision: Decision, k: int = 0) -> Any:
    return uniforms(keys, stream(seed, decision, 0, k))


def _homes(residents: int, hood_key: Any, seed: int) -> Any:
    """Return sizes of dwellings (residents 15+) that add up to ``residents``."""
    u = _drawn(_row_keys(hood_key, residents), seed, Decision.DWELLING)
    sizes = 1 + np.searchsorted(HOME_SIZES, u)
    total = np.cumsum(sizes)
    count = int(np.searchsorted(total, residents)) + 1
    sizes = sizes[:count]
    sizes[-1] -= total[count - 1] - residents
    return sizes


def _first(counts: Any) -> Any:
    return np.cumsum(counts) - counts


def _lay_neighbourhoods(
    town: Town, blueprint: Blueprint, people: People, key: Any, n_places: Any, n_homes: Any
) -> None:
    hoods = town.neighbourhoods
    hoods.key[:] = key
    hoods.x[:], hoods.y[:] = blueprint.xy.T
    for name in ("residents", "population", "area", "deprivation", "visitors", "moving"):
        getattr(hoods, name)[:] = getattr(blueprint, name)
    for name in ("minority", "indigenous"):
        known = getattr(blueprint, name)
        getattr(hoods, name)[:] = getattr(people, name) if known is None else known
    hoods.fit_violence[:] = 1
    hoods.fit_property[:] = 1
    around = 2 * _drawn(hoods.key, town.seed, Decision.CONGREGATION) - 1
    hoods.congregations[:] = 1 + people.congregation_spread * around
    around = 2 * _drawn(hoods.key, town.seed, Decision.COHESION) - 1
    unsettled = people.cohesion_moving * (blueprint.moving - MOVING)
    hoods.cohesion[:] = np.clip(around - unsettled, -1, 1)
    hoods.places[:], hoods.households[:] = n_places, n_homes
    hoods.first_place[:], hoods.first_household[:] = _first(n_places), _first(n_homes)
    hoods.first_resident[:] = _first(blueprint.residents)


def _drift(town: Town, blueprint: Blueprint, group: Context) -> None:
    """Start risk where it has drifted to in many years; not where a table's crime is fitted."""
    if blueprint.violence is None and blueprint.property is None:
        hoods = town.neighbourhoods
        normal = ndtri(_drawn(hoods.key, town.seed, Decision.DRIFT).astype(float))
        hoods.drift[:] = drift_parameters(group).mean + spread_of(group) * normal


def _lay_homes(town: Town, homes: list[Any]) -> None:
    """Put dwellings on places evenly, residents into dwellings, all in one order."""
    hoods, households, places, residents = (
        town.neighbourhoods,
        town.households,
        town.places,
        town.residents,
    )
    households.residents[:] = np.concatenate(homes)
    households.first_resident[:] = _first(households.residents.astype(np.int64))
    households.since_week[:] = households.last_call[:] = LONG_AGO
    households.boost[:] = residents.boost[:] = 1
    for n in range(len(hoods)):
        rows = slice(hoods.first_household[n], hoods.first_household[n] + hoods.households[n])
        number = np.arange(hoods.households[n])
        on = number * hoods.places[n] // hoods.households[n]
        households.place[rows] = hoods.first_place[n] + on
        places.neighbourhood[hoods.first_place[n] : hoods.first_place[n] + hoods.places[n]] = n
    for table, count in (
        (households, hoods.households),
        (residents, hoods.residents),
        (places, hoods.places),
    ):
        table.key[:] = np.concatenate(
            [_row_keys(k, int(c)) for k, c in zip(hoods.key, count, strict=True)]
        )
    residents.household[:] = np.repeat(np.arange(len(households)), households.residents)
    residents.place[:] = households.place[residents.household]
    places.households[:] = np.bincount(households.place, minlength=len(places))
    places.residents[:] = np.bincount(residents.place, minlength=len(places))
    places.first_household[:] = _first(places.households)
    places.first_resident[:] = _first(places.residents)


def _locate(town: Town) -> None:
    """Put places on a lattice around their neighbourhood's centre; find the nearest others."""
    places, hoods = town.places, town.neighbourhoods
    n = places.neighbourhood
    number = np.arange(len(places)) - hoods.first_place[n]
    side = np.ceil(np.sqrt(hoods.places)).astype(np.int64)[n]
    width = 1000 * np.sqrt(np.maximum(hoods.area, 1e-6))[n]
    places.x[:] = hoods.x[n] + width * ((number % side + 0.5) / side - 0.5)
    places.y[:] = hoods.y[n] + width * ((number // side + 0.5) / side - 0.5)
    if len(places) == 1:
        return  # a single place is its own neighbour
    at = np.stack([places.x, places.y], axis=1).astype(float)
    _, near = cKDTree(at).query(at, k=min(NEAR + 1, len(places)))
    others = [row[row != i][:NEAR] for i, row in enumerate(np.asarray(near))]
    places.near[:] = [np.resize(row, NEAR) for row in others]


def _link(town: Town, blueprint: Blueprint) -> None:
    """Write adjacency in both directions, sorted, as ranges of rows."""
    pairs = np.concatenate([blueprint.adjacency, blueprint.adjacency[:, ::-1]])
    pairs = np.unique(pairs.reshape(-1, 2), axis=0)
    town.adjacency.replace(neighbour=pairs[:, 1])
    hoods = town.neighbourhoods
    hoods.adjoining[:] = np.bincount(pairs[:, 0], minlength=len(blueprint.ids))
    hoods.first_adjoining[1:] = np.cumsum(hoods.adjoining)[:-1]


def _staff(town: Town, parameters: Parameters) -> None:
    """Hire officers; their hours add up to the service's, whatever the rounding."""
    officers, hoods, group = town.officers, town.neighbourhoods, parameters.respond
    share = np.cumsum(hoods.population) / hoods.population.sum()
    officers.key[:] = _row_keys(np.uint32(splitmix(1) & 0xFFFFFFFF), len(officers))
    officers.home[:] = np.searchsorted(share, (np.arange(len(officers)) + 0.5) / len(officers))
    hours = per_week(group.hours_per_year) * group.patrol_share * (1 - group.out_of_service)
    sworn = group.sworn / 100_000 * hoods.population.sum()
    officers.contracted[:] = sworn * hours / len(officers)
    officers.offered[:] = officers.proactive[:] = officers.contracted
    town.service.offered[0] = officers.offered.sum()
    town.service.staffing[0] = town.service.granted[0] = town.service.seated[0] = 1
    town.service.council[0] = UNDECIDED
    hoods.first_officer[:] = np.searchsorted(officers.home, np.arange(len(hoods))) % len(officers)
    officers.skill[:] = parameters.learn.skill_start
    officers.adoption[:] = parameters.learn.adoption_start
    officers.awareness[:] = parameters.learn.aware_start


def _found_agencies(town: Town, parameters: Parameters) -> None:
    """Give each group of neighbourhoods an agency of every sector; nobody has a case yet."""
    agencies, hoods = town.agencies, town.neighbourhoods
    groups = len(agencies) // len(Sector)
    before = np.cumsum(hoods.population) - hoods.population / 2
    hoods.catchment[:] = np.minimum(before / hoods.population.sum() * groups, groups - 1)
    population = np.bincount(hoods.catchment, weights=hoods.population, minlength=groups)
    agencies.sector[:] = np.tile(np.arange(len(Sector)), groups)
    capacity = np.round(parameters.partner.capacity * population / 1000)
    agencies.capacity[:] = np.repeat(capacity, len(Sector))
    agencies.skill[:] = parameters.partner.skill
    agencies.is_open[:] = 1
    agencies.relation[:] = parameters.partner.relation_start
    town.residents.agency[:] = -1
    town.residents.table_week[:] = town.residents.noticed[:] = LONG_AGO
    town.neighbourhoods.table_place[:] = -1
    town.residents.risk[:] = -1


def _settle(town: Town, parameters: Parameters) -> None:
    """Start participation and known leaders where their weekly rates would balance.

    Leaders come and go over years; without this, a spin-up of years would end before the balance.
    """
    residents, hoods, group = town.residents, town.neighbourhoods, parameters.organize
    calm = 1 - residents.fear.astype(float)
    joins = group.join * residents.efficacy * residents.trust * calm**group.fear_gate
    leaves = group.leave * (1 + group.fear_leaves * residents.fear)
    found = group.emerge * residents.efficacy * calm
    for flag, gain, loss, decision in (
        (residents.takes_part, joins, leaves, Decision.JOIN),
        (residents.is_found, found, group.lose, Decision.LEADER),
    ):
        share = gain / np.maximum(gain + loss, 1e-12)
        flag[:] = _drawn(residents.key, town.seed, decision, k=1) < share
    residents.is_found &= residents.is_leader
    for column, flag in (
        (hoods.participants, residents.takes_part),
        (hoods.leaders, residents.is_found),
    ):
        column[:] = np.add.reduceat(flag, hoods.first_resident, dtype=np.int64)


def _means(hoods: Table, column: Any) -> Any:
    """Return the mean of a column of residents by neighbourhood, as kernels add it up."""
    whole = (column * FIXED).astype(np.int32)
    total = np.add.reduceat(whole, hoods.first_resident, dtype=np.int64)
    return total / np.float64(FIXED) / hoods.residents


def _move_in(town: Town, parameters: Parameters) -> None:
    """Seat the first occupants, with the feelings of people who have long lived here."""
    residents, hoods, feel = town.residents, town.neighbourhoods, parameters.feel
    SEATING.step(town, parameters, Strategy())
    hoods.services[:] = services_without_help(parameters.partner, hoods.assets)
    usual = feel.fear_crime / 2 + feel.fear_disorder / 2
    residents.experience[:] = entry_experience(parameters)[residents.age, residents.group]
    residents.trust[:] = np.clip(residents.trust_anchor + residents.experience, 0, 1)
    residents.fear[:] = min(feel.fear_level + usual, 1)
    bonds = feel.efficacy_cohesion * hoods.cohesion[town.places.neighbourhood[residents.place]]
    ties = feel.efficacy_level + feel.efficacy_assets * residents.assets + bonds
    residents.efficacy[:] = np.clip(ties - feel.efficacy_fear * residents.fear, 0, 1)
    residents.vigilance[:] = min(feel.alert_level + feel.alert_crime / 2, 1)
    for name in ("trust", "fear", "efficacy", "vigilance"):
        getattr(hoods, name)[:] = _means(hoods, getattr(residents, name))
    _settle(town, parameters)
    hoods.crime_felt[:] = hoods.disorder_felt[:] = 1
    hoods.grievance[:], hoods.contacts_felt[:] = usual_grievance(parameters), usual_cost(parameters)
    hoods.seen_efficacy[:], hoods.seen_trust[:] = hoods.efficacy, hoods.trust
    hoods.seen_fear[:] = hoods.fear
    town.initiatives.key[:] = np.concatenate(
        [_row_keys(key, parameters.organize.slots) for key in hoods.key]
    )
    town.initiatives.neighbourhood[:] = np.repeat(np.arange(len(hoods)), parameters.organize.slots)
    town.initiatives.place[:] = -1
