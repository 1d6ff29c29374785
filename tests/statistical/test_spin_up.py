"""A town read from a table comes to record what its table records.

Power: at 1:20 a Toronto neighbourhood records about 7 violent crimes a year. Even if the fit
were perfect, Poisson noise alone would hold the rank correlation of five years of records at
0.93 to 0.95 (property crime of 2024 is lowest); household crimes that trigger others, and the few
much exposed people who move, make it more. So four replicates of five years are pooled.
A fit that were 15% off in total would fail with probability above 0.99: the Poisson error of
these records is under 2%.
"""

from __future__ import annotations

import csv

import numpy as np
import pytest
from scipy.stats import spearmanr

from omemsim.inputs.config import compose_scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.processes import run_week
from omemsim.spin_up import present_policing, spin_up

YEARS, REPLICATES = 5, 4


def records_after_spin_up(scenario):
    """Return yearly recorded violence and property crime per 1,000 residents, (N,) each."""
    violence, property_crime, population = 0.0, 0.0, 1.0
    for replicate in range(REPLICATES):
        town = spin_up(scenario, replicate)
        hoods = town.neighbourhoods
        population = hoods.population
        for _ in range(YEARS):
            for _ in range(52):
                run_week(town, scenario.parameters, present_policing())
            violence += hoods.past_recorded_violence.sum(axis=1)
            property_crime += hoods.past_recorded_property.sum(axis=1)
    per_1000 = 1000 / YEARS / REPLICATES / population
    return violence * per_1000, property_crime * per_1000


def check_fit(scenario):
    blueprint = blueprint_of(scenario.town)
    compared = 0
    for recorded, wanted, coverage in zip(
        records_after_spin_up(scenario),
        (blueprint.violence, blueprint.property),
        blueprint.coverage,
        strict=True,
    ):
        if wanted is None:
            continue
        total = coverage * (recorded @ blueprint.population) / (wanted @ blueprint.population)
        rank = spearmanr(recorded, wanted).statistic
        assert rank >= 0.9, f"rank correlation {rank:.3f}"
        assert abs(total - 1) <= 0.1, f"total off by {total - 1:+.1%}"
        compared += 1
    return compared


@pytest.mark.parametrize("year", [2014, 2024])
def test_toronto_records_what_its_table_records(year, toronto):
    scenario = compose_scenario("toronto", "reactive", [f"town.year={year}", *toronto])
    assert check_fit(scenario) == 2


def test_columbus_records_the_property_crime_of_its_table():
    pytest.importorskip("libpysal", reason="needs the extra geo")
    assert check_fit(compose_scenario("columbus", "reactive")) == 1


def test_any_table_is_fitted(tmp_path):
    """Forty neighbourhoods whose crime has nothing to do with their deprivation."""
    chance = np.random.default_rng(5)
    file = tmp_path / "towns.csv"
    with file.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "population", "violence", "property", "poverty"])
        for n in range(40):
            population = int(chance.integers(2000, 6000))
            violence = population * chance.uniform(2, 25) / 1000
            burglary = population * chance.uniform(10, 60) / 1000
            poverty = chance.uniform(5, 40)
            rows.writerow([f"n{n}", population, round(violence), round(burglary), poverty])
    columns = "{id: id, population: population, violence: violence, property: property, "
    columns += "deprivation: {poverty: 1}}"
    words = [f"town.file='{file}'", f"town.columns={columns}", "town.scale=2"]
    assert check_fit(compose_scenario("table", "reactive", words)) == 2
