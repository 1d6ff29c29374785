"""Runs that Python made: the first picture, and all that is seen where the model cannot run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from omemsim.inputs.scenario import Scenario
from omemsim.measures import MEASURES, of_town
from omemsim.page.readings import read
from omemsim.processes import run_weeks
from omemsim.spin_up import spin_up
from omemsim.town import Town
from omemsim.vocabulary.mechanisms import effective

__all__ = ["EVERY", "REPLICATES", "WEEKS", "recorded"]

WEEKS, EVERY = 260, 4  # weeks of a run, and after how many its measures are kept each time
REPLICATES = 3
DIGITS = 3  # that are kept of a value
LOCAL = ("zone", "public_calls")  # kept of every neighbourhood; of all else the town's value


def recorded(scenarios: Sequence[Scenario]) -> list[dict[str, Any]]:
    """Return a run of each strategy in a few replicates: the measures shown, week 0 among them.

    Parameters
    ----------
    scenarios : one for each strategy, of the same town.

    Returns
    -------
    list of {"strategy", "replicate", "every", "values": measure -> a row for each time}
    """
    found = []
    for replicate in range(REPLICATES):
        start = spin_up(scenarios[0], replicate)
        for scenario in scenarios:
            town, parameters = start.copy(), effective(scenario.parameters)
            rows = [_row(town)]
            for _ in range(WEEKS // EVERY):
                run_weeks(town, parameters, scenario.strategy, EVERY)
                rows.append(_row(town))
            values = {name: [row[name] for row in rows] for name in rows[0]}
            told = {"strategy": scenario.strategy.name, "replicate": replicate, "every": EVERY}
            found.append({**told, "values": values})
    return found


def _row(town: Town) -> dict[str, Any]:
    """Return what is kept of a week, as plain numbers and lists of them."""
    row: dict[str, Any] = {}
    for name, value in read(town).items():
        one, weights = MEASURES[name], None
        if one.weight in ("population", "residents"):
            weights = getattr(town.neighbourhoods, one.weight)
        if name in LOCAL:
            row[name] = [_rounded(x) for x in value]
        else:
            whole = value if one.level == "town" else of_town(one, value, weights=weights)
            row[name] = _rounded(whole)
    return row


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
