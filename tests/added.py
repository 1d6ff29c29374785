"""What `architecture/test_adding.py` runs in a copy of the package with a tactic or sector more.

``python added.py tactic`` or ``python added.py sector`` prints what it found as JSON. Weeks are
run as plain Python, since to compile all stages again would take long; those that the addition
concerns are compiled too.
"""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from parts import plain_kernels

import omemsim
from omemsim.cli.describe import TOPICS
from omemsim.inputs.build import build
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.lay import lay_schedule
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.measures import MEASURES
from omemsim.processes import WEEK
from omemsim.reference.model import ReferenceModel
from omemsim.town import Town
from omemsim.vocabulary.mechanisms import effective
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.wheel import Sector, Tactic, Work

SMALL = ["town.residents=240", "town.neighbourhoods=3", "parameters.people.place_shape=0.4"]
SMALL += ["parameters.people.dwelling_shape=2", "parameters.respond.sworn=600"]


def begun(scenario: Scenario) -> Town:
    """Return the town of a scenario in its first week."""
    blueprint = blueprint_of(scenario.town)
    town = build(blueprint, scenario.parameters, 0)
    lay_schedule(town, scenario, blueprint)
    return town


def lived(
    scenario: Scenario, weeks: int, compiled: Sequence[str], look: Callable[[Town], Any]
) -> dict[str, Any]:
    """Return what a town shows each week, and where the twin or machine code does otherwise."""
    town, parameters = begun(scenario), effective(scenario.parameters)
    twin = ReferenceModel.from_town(town, parameters, scenario.strategy)
    shown, differences = [], []
    for week in range(weeks):
        twin.read(town)
        twin.step()
        for name, stage in WEEK.items():
            machine = town.copy() if name in compiled and week == weeks - 1 else None
            with plain_kernels():
                stage.in_python(town, parameters, scenario.strategy)
            if machine is not None:
                stage(machine, parameters, scenario.strategy)
                differences += [f"{name}: {column}" for column in unlike(town, machine)]
        town.week += 1
        if not twin.draws.near_ties:
            differences += [f"week {week}: {text}" for text in twin.compare(town)]
        shown.append(look(town))
    return {"shown": shown, "differences": differences, "problems": town.check()}


def unlike(one: Town, other: Town) -> list[str]:
    """Return the columns in which two towns differ by a bit."""
    theirs = other.tables()
    return [
        f"{table}.{name}"
        for table, rows in one.tables().items()
        for name, mine in rows.columns().items()
        if not same(mine, getattr(theirs[table], name))
    ]


def same(one: Any, other: Any) -> bool:
    return bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))


def tactic() -> dict[str, Any]:
    """Live some weeks with the tactic: by a strategy, and in one place by an intervention."""
    done = "strategy.interventions=[{what: street_outreach, where: ['2'], dose: 3, to: 4}]"
    scenario = compose_scenario("small", "outreach", [*SMALL, done])

    def look(town: Town) -> dict[str, Any]:
        hoods = town.neighbourhoods
        return {
            "hours": hoods.hours[:, Tactic["STREET_OUTREACH"]].tolist(),
            "ordered": hoods.ordered[:, Tactic["STREET_OUTREACH"]].tolist(),
            "bonds": hoods.bonds.tolist(),
            "measured": float(MEASURES["hours_street_outreach"].read(town, 1)),
        }

    off = compose_scenario("small", "outreach", ["parameters.strength.bonds_calm=0"]).parameters
    return {
        **lived(scenario, 6, ("plan", "act", "feel"), look),
        "residents": begun(scenario).neighbourhoods.residents.tolist(),
        "number": Tactic["STREET_OUTREACH"],
        "projects": [Work.LIGHTING, Work.TARGET_HARDENING, Work.CASEWORK],
        "described": TOPICS["tactics"](),
        "odd": TOPICS["odd"](),
        "half": Parameters().act.bonds_half,  # type: ignore[attr-defined]
        "on": Parameters().feel.fear_bonds,  # type: ignore[attr-defined]
        "off": effective(off).feel.fear_bonds,  # type: ignore[attr-defined]
    }


def sector() -> dict[str, Any]:
    """Live some weeks with the sector, which closes in the end."""
    busy = ["parameters.crisis.rate=6", "parameters.partner.refer_self=0.6"]
    closes = "events=[{what: agency_closing, from: 12, sector: mediation}]"
    scenario = compose_scenario("small", "omem", [*SMALL, *busy, closes])
    mine = Sector["MEDIATION"]

    def look(town: Town) -> dict[str, Any]:
        agencies, residents = town.agencies, town.residents
        return {
            "sectors": agencies.sector.tolist(),
            "cases": int((residents.agency[residents.case > 0] == mine).sum()),
            "others": int((residents.agency[residents.case > 0] != mine).sum()),
            "is_open": agencies.is_open.tolist(),
        }

    return {
        **lived(scenario, 13, ("plan", "partner"), look),
        "number": mine,
        "described": TOPICS["sectors"](),
    }


if __name__ == "__main__":
    found = {"tactic": tactic, "sector": sector}[sys.argv[1]]()
    print(json.dumps({**found, "package": str(omemsim.__file__)}))
