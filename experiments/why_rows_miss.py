"""Look into rows of `omemsim validate` that miss: what the calls, crimes and offenders are made of.

python experiments/why_rows_miss.py [TOWN] [towns]     (city and 4: half a minute)

A year under calls only, as `validate` reads it; means over simulated towns. docs/validation.md
says what the numbers mean. Nothing here enters a verdict.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.evidence import metrics
from omemsim.analysis.evidence.careers import offence_counts
from omemsim.analysis.evidence.concentration import intersections, repeat_share
from omemsim.analysis.evidence.event_log import EventLog, Events
from omemsim.inputs.config import CALLS_ONLY, compose_scenario
from omemsim.simulation import Simulation
from omemsim.spin_up import spin_up
from omemsim.town import Town
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import CallType, Crime, Origin

Counts = NDArray[np.int64]
TOP, TENTH, THINNINGS = 0.05, 0.1, 20
# Recorded in Toronto in 2018 per 1,000 residents, which the bands of P29 come from: assaults and
# break-ins (neighbourhoods_toronto.csv).
COMPARED = {"P29a": (Crime.VIOLENCE, 6.86), "P29b": (Crime.HOUSEHOLD, 2.65)}


def year_of(town_name: str, replicate: int) -> Iterator[tuple[str, float]]:
    """Yield what a year of a town says about its rows, by name."""
    scenario = compose_scenario(town_name, CALLS_ONLY)
    start = spin_up(scenario, replicate)
    model = Simulation(replace(scenario, years=1.0), replicate, start)
    town = model.town
    log = EventLog(town, recorded=model.parameters.reporting.recorded)
    calls = {name: np.zeros(len(town.places), np.int64) for name in KINDS}
    for _ in range(WEEKS_PER_YEAR):
        model.step()
        log.note(town)
        note_calls(town, calls)
    crimes = log.events()
    yield from of_calls(crimes, calls)
    yield from of_repeat_places(town, crimes)
    yield from of_victims(town, crimes)
    yield from of_offenders(town, crimes)


KINDS = ("about crime", "about disorder", "others, from homes", "others, from busy places")


def note_calls(town: Town, calls: dict[str, Counts]) -> None:
    """Add this week's public calls at each place, by kind."""
    table = town.calls
    is_other, is_home = table.type > CallType.DISORDER, table.caller >= 0
    which = (
        table.type < CallType.DISORDER,
        table.type == CallType.DISORDER,
        is_other & is_home,
        is_other & ~is_home,
    )
    for name, chosen in zip(KINDS, which, strict=True):
        np.add.at(calls[name], table.place[chosen & (table.origin == Origin.PUBLIC)], 1)


def of_calls(crimes: Events, calls: dict[str, Counts]) -> Iterator[tuple[str, float]]:
    """Yield how concentrated calls of each kind are over places (P4)."""
    total = np.sum(list(calls.values()), axis=0)
    recorded = np.bincount(crimes.place[crimes.is_recorded], minlength=total.size)
    yield "P4: top 5% of places, recorded crime", metrics.share_of_top(recorded, TOP)
    yield "P4: top 5% of places, all calls", metrics.share_of_top(total, TOP)
    without = total - calls["others, from homes"]
    yield "P4: top 5% of places, all but others from homes", metrics.share_of_top(without, TOP)
    for name, at in calls.items():
        yield f"P4: share of calls, {name}", float(at.sum() / total.sum())
        yield f"P4: top 5% of places, calls {name}", metrics.share_of_top(at, TOP)


def of_repeat_places(town: Town, crimes: Events) -> Iterator[tuple[str, float]]:
    """Yield repeats at places, as they are and with as many events as in the source (P29)."""
    at, people = intersections(town), float(town.neighbourhoods.population.sum())
    rng = np.random.default_rng(0)
    for row, (kind, rate) in COMPARED.items():
        unit = at[crimes.place[crimes.is_recorded & (crimes.kind == kind)]]
        yield f"{row}: recorded per 1,000 residents", 1000 * unit.size / people
        yield f"{row}: share at places with two or more", repeat_share(np.bincount(unit))
        few = min(unit.size, round(rate * people / 1000))
        thinned = [
            repeat_share(np.bincount(rng.choice(unit, few, replace=False)))
            for _ in range(THINNINGS)
        ]
        yield f"{row}: the same, thinned to {rate} per 1,000", float(np.mean(thinned))


def of_victims(town: Town, crimes: Events) -> Iterator[tuple[str, float]]:
    """Yield how often violence meets who lives at the place (P7b)."""
    is_violent = crimes.kind == Crime.VIOLENCE
    home = town.residents.place[crimes.victim[is_violent]]
    yield (
        "P7b: violence whose victim lives at the place",
        float((home == crimes.place[is_violent]).mean()),
    )


def of_offenders(town: Town, crimes: Events) -> Iterator[tuple[str, float]]:
    """Yield how unequal offenders are, in propensity and in what they do in a year (P23)."""
    counts = offence_counts(crimes.offender)
    yield (
        "P23: top tenth of residents, share of propensity",
        metrics.share_of_top(town.residents.propensity.astype(float), TENTH),
    )
    yield "P23: residents with an offence", counts.size / len(town.residents)
    yield "P23: offences of each of them", float(counts.mean())
    yield "P23: share of them with one offence", float((counts == 1).mean())
    yield "P23: most offences of one person", float(counts.max())


def main(town_name: str = "city", towns: str = "4") -> None:
    """Print the means."""
    runs = [dict(year_of(town_name, replicate)) for replicate in range(int(towns))]
    for name in runs[0]:
        print(f"{name:60} {np.mean([run[name] for run in runs]):.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
