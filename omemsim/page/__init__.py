"""The class page: the model itself, a town and strategies in one HTML file that needs no network.

- `starts`: towns as the page carries them; `memory`: what it is told of memory; `readings`: how
  it reads measures; `recorded`: runs that it plays where the model cannot run; `shocks`: what a
  class can let happen; `lessons`, `lesson_steps`, `lesson_checks`: exercises.
- `web/`: what the browser runs. `engine.js` calls the compiled weeks, `worker.js` does so beside
  the page, the rest draws and listens. `bundle` puts the files together.

All that the page says is in `words`, `name_words` and `exercise_words`, and in French in the
catalogue of `omemsim.language`.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from omemsim.compiling.browser import module
from omemsim.inputs.config import BASELINE
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.language import LANGUAGES
from omemsim.page.bundle import bundled
from omemsim.page.lesson_checks import COLUMNS
from omemsim.page.lesson_steps import Lesson
from omemsim.page.lessons import read_lesson, strategies_of, told
from omemsim.page.memory import map_of, records_of, seating_of
from omemsim.page.readings import readings
from omemsim.page.recorded import recorded
from omemsim.page.shocks import SHOCKS
from omemsim.page.starts import built_town, start_of
from omemsim.page.towns import outlines_of, scenarios_of
from omemsim.spin_up import present_policing
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.mechanisms import effective
from omemsim.vocabulary.wheel import ZONE_OF_TACTIC, Tactic

__all__ = ["LANGUAGES", "LESSONS", "MOST_BYTES", "STRATEGIES", "TAUGHT", "Made", "page_of"]

STRATEGIES = (
    BASELINE,
    "hot_spots",
    "enforcement_everywhere",
    "mobilization_everywhere",
    "omem",
)
LESSONS = ("wheel", "problem", "council")  # in the order in which they are given
TAUGHT = "small"  # the town that the library's lessons are written for
DETAILS = ("participants", "leaders", "community_led", "grievance")  # columns, of one neighbourhood
MOST_REPLICATES = 20
MOST_BYTES = 1_500_000  # of the file: it must travel by mail, on a stick, to a phone
MOST_OF_TABLE = 3_000_000  # of one with a table's town and its map
MOST_RESIDENTS = 20_000


@dataclass(frozen=True)
class Made:
    """A page: its text, its replicates, real residents to one of the town, names of its lessons."""

    text: str
    replicates: int
    scale: float
    lessons: tuple[str, ...]


def page_of(
    town: str, strategies: Sequence[str], language: str, lessons: Sequence[str] | None = None
) -> Made:
    """Return the page of a town and strategies.

    Parameters
    ----------
    town : a name, or the path of a file.
    strategies : names or paths, one or more, the first shown first.
    language : "en" or "fr": the one it opens in.
    lessons : names or paths of the exercises it offers, and opens on; None is those of the library,
        in the town that they are written for, on a page that opens on *Explore*.

    Raises
    ------
    InputError
        If the page cannot carry the town or a strategy, or a lesson is wrong.
    """
    scenarios = scenarios_of(strategies, town)
    _check(scenarios)
    first = scenarios[0]
    given = _lessons(lessons, first)
    built = built_town(first, 0)
    exercised = _exercised(given, scenarios, town)
    fixed = {
        "data": {
            **_data(scenarios, built, language),
            "opens": "exercise" if lessons else "explore",
        },
        "wasm": _text(zlib.compress(module(), 9)),
        "records": _records([*scenarios, *exercised]),
        "lessons": _text(zlib.compress(_json([told(one) for one in given]).encode(), 9)),
        "recorded": _text(zlib.compress(_json(recorded(scenarios)).encode(), 9)),
    }
    most = MOST_OF_TABLE if first.town.kind == "table" else MOST_BYTES
    room = most - len(bundled(fixed, [], language).encode())
    starts: list[str] = []
    for replicate in range(MOST_REPLICATES):
        here = built if not replicate else built_town(first, replicate)
        start = start_of(here, first, built if replicate else None)
        starts.append(_text(start.packed()))
        if sum(map(len, starts)) > room:
            starts.pop()
            break
    if not starts:
        raise InputError(
            "This town is too large for a page, or its lessons too long. Name a smaller one, as "
            "town=small, or fewer lessons, as lessons=wheel."
        )
    names = tuple(one.name for one in given)
    return Made(bundled(fixed, starts, language), len(starts), first.town.scale, names)


def _lessons(names: Sequence[str] | None, scenario: Scenario) -> list[Lesson]:
    """Return the lessons that are asked for, or those of the library where they fit the town."""
    blueprint = blueprint_of(scenario.town)
    if names is None:
        names = LESSONS if blueprint.name == TAUGHT else ()
    return [read_lesson(name, blueprint.residents.tolist(), blueprint.name) for name in names]


def _exercised(
    lessons: Sequence[Lesson], scenarios: Sequence[Scenario], town: str
) -> list[Scenario]:
    """Return the scenarios that lessons run and the page does not offer otherwise."""
    offered = {scenario.strategy.name for scenario in scenarios}
    names = sorted({name for one in lessons for name in strategies_of(one)} - offered)
    found = scenarios_of(names, town) if names else []
    if found:
        _check(found)
    return found


def _check(scenarios: Sequence[Scenario]) -> None:
    """Refuse what a page cannot carry."""
    blueprint, problems = blueprint_of(scenarios[0].town), []
    if (residents := int(blueprint.residents.sum())) > MOST_RESIDENTS:
        problems.append(
            f"town = {blueprint.name}: {residents:,} residents, and a page carries "
            f"{MOST_RESIDENTS:,} at most. Name a smaller one, as town=small."
        )
    for one in (scenario.strategy for scenario in scenarios):
        if one.interventions or one.own_interventions or one.tactics:
            problems.append(
                f"strategies = {one.name}: has interventions or tactics of its own, which a page "
                "cannot run yet. Leave it out."
            )
    if problems:
        raise InputError(*problems)


def _data(scenarios: Sequence[Scenario], town: Town, language: str) -> dict[str, Any]:
    """Return what the page knows of the model, in plain JSON types."""
    blueprint, hoods = blueprint_of(scenarios[0].town), town.neighbourhoods
    columns = ("x", "y", "population", "residents", "deprivation")
    return {
        "language": language,
        "seed": scenarios[0].seed,
        "town": {
            "name": blueprint.name,
            "hoods": list(blueprint.names),
            "scale": blueprint.scale,
            "outlines": outlines_of(blueprint) if scenarios[0].town.kind == "table" else None,
            **{name: [float(x) for x in getattr(hoods, name)] for name in columns},
        },
        "map": map_of(scenarios[0], len(town.adjacency), len(town.residents)),
        "readings": readings(),
        "strategies": [
            {"name": one.strategy.name, "description": one.strategy.description}
            for one in scenarios
        ],
        "tactics": [
            {"name": tactic.name.lower(), "zone": None if zone is None else int(zone)}
            for tactic in Tactic
            for zone in [ZONE_OF_TACTIC.get(tactic)]
        ],
        "details": list(DETAILS),
        "columns": list(COLUMNS),
        "shocks": [vars(shock) for shock in SHOCKS],
    }


def _records(scenarios: Sequence[Scenario]) -> dict[str, Any]:
    """Return the parameters of all stages: at the start, while spinning up, by strategy."""
    parameters = effective(scenarios[0].parameters)
    parts = {
        "seat": seating_of(parameters),
        "spin-up": records_of(parameters, present_policing()),
        **{x.strategy.name: records_of(effective(x.parameters), x.strategy) for x in scenarios},
    }
    names, at = [], 0
    for name, part in parts.items():
        names.append([name, at, at + len(part)])
        at += len(part)
    return {"names": names, "text": _text(zlib.compress(b"".join(parts.values()), 9))}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
