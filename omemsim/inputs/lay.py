"""Events, interventions and clamps of a scenario: what is wrong with them, and their rows.

`where` holds names or ids of neighbourhoods and selectors, which the town answers when the
scenario begins:

    all                                        every neighbourhood
    most_deprived:SHARE, least_deprived:SHARE  by deprivation
    most_harmed:SHARE, least_harmed:SHARE      by incidents per resident 15+ over the last 52 weeks
    zone:red, amber, green or blue             by the label police see

SHARE is of neighbourhoods, above 0 to 1: the nearest whole number of them, at least one; ties
go to the lower row. Several words are taken together, each neighbourhood once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.budgets import ordered_problems
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.schema import closest
from omemsim.processes.placed import AT_ONE_PLACE
from omemsim.recording import ALL, NONE, Recording
from omemsim.schedule import (
    Clamp,
    Event,
    Happening,
    Held,
    Intervention,
    OwnIntervention,
    Work,
    bounds,
)
from omemsim.town import Town
from omemsim.vocabulary.columns import COLUMNS, EVENT_TABLES, Column
from omemsim.vocabulary.errors import InputError, nearest
from omemsim.vocabulary.rates import weeks
from omemsim.vocabulary.wheel import FIRST_PROJECT, Sector, Zone

__all__ = [
    "check_places",
    "lay_schedule",
    "neighbourhoods_of",
    "place_id",
    "places_of",
    "recorded_rows",
    "resolve_clamps",
    "rows_of",
    "schedule_problems",
]

Rows = NDArray[np.int64]
Scheduled = Event | Intervention | Clamp

EVERYWHERE = -1
WHOLE = -1  # neighbourhood, not a place of it
ALL_SECTORS = -1
SELECTORS = ("most_deprived", "least_deprived", "most_harmed", "least_harmed", "zone")
SELECTED = f"all, or {', '.join(f'{name}:...' for name in SELECTORS)}"
SECTORS = {sector.name.lower(): sector for sector in Sector}
ZONES = {zone.name.lower(): zone for zone in Zone}
CASES = ("case", "case_since")  # one without the other makes no sense
CLAMPABLE: dict[str, Column] = {
    f"{column.table}.{column.name}": column
    for column in COLUMNS
    if column.table not in EVENT_TABLES  # their rows come and go, so that none can be held
    and not column.event
    and column.writer not in ("build", "lay")
    and column.unit != "row"
    and column.name not in CASES
}
# Most that a size or dose may be, where that is less than what every kind is allowed.
MOST = {
    Happening.ECONOMIC: (1.0, "index"),
    Happening.LEGITIMACY: (1.0, "index"),
    Happening.BUDGET_CUT: (1.0, "share of patrol hours"),
    Happening.CAMPAIGN: (1.0, "dose"),
}
MOST_DONE = {
    Work.LIGHTING: (1.0, "share of places"),
    Work.TARGET_HARDENING: (52.0, "share of dwellings a year"),
}


def _scheduled(scenario: Scenario) -> Iterator[tuple[str, Scheduled]]:
    """Yield everything that has a time and a place, with its path."""
    groups: dict[str, Sequence[Scheduled]] = {
        "strategy.interventions": scenario.strategy.interventions,
        "events": scenario.events,
        "clamps": scenario.clamps,
    }
    for path, items in groups.items():
        for number, item in enumerate(items):
            yield f"{path}[{number}]", item


def schedule_problems(scenario: Scenario) -> list[str]:
    """Return what is wrong with a schedule, as far as can be said without the town."""
    problems = [
        problem
        for number, name in enumerate(scenario.strategy.table_absent)
        for problem in _sector_problems(f"strategy.table_absent[{number}]", name)
    ]
    for number, own in enumerate(scenario.strategy.own_interventions):
        path = f"strategy.own_interventions[{number}]"
        problems += _time_problems(path, own, scenario)
        if not own.do:
            problems.append(f"{path}: do is missing: name a function, as do: 'my_code:function'.")
    for path, item in _scheduled(scenario):
        problems += _time_problems(path, item, scenario)
        for number, word in enumerate(item.where):
            problems += _word_problems(f"{path}.where[{number}]", word)
        problems += _own_problems(path, item)
    return problems


def _time_problems(path: str, item: Scheduled | OwnIntervention, scenario: Scenario) -> list[str]:
    if item.to <= item.from_:
        return [
            f"{path}: to = {item.to} is not after from = {item.from_}; "
            "`to` is the week after the last."
        ]
    if item.from_ >= weeks(scenario.years):
        return [
            f"{path}: from = {item.from_} is after the end: the run has "
            f"{weeks(scenario.years)} weeks (years = {scenario.years:g})."
        ]
    return []


def _sector_problems(path: str, name: str) -> list[str]:
    if name in SECTORS:
        return []
    return [f"{path} = {name!r}: no such sector.{nearest(name, SECTORS)} {_list(SECTORS)}"]


def _list(names: Mapping[str, Any] | Sequence[str]) -> str:
    return f"There are: {', '.join(names)}."


def _selector(word: str) -> tuple[str, str]:
    """Return kind and value of a selector; the kind is empty if the word is a name or an id."""
    kind, colon, value = word.partition(":")
    # Names too may hold a colon, but have capitals or a space.
    is_selector = bool(colon) and kind.isascii() and kind.isidentifier() and kind.islower()
    return (kind, value.strip()) if is_selector else ("", "")


def _word_problems(path: str, word: str) -> list[str]:
    """Return what is wrong with a word of `where`, names aside."""
    kind, value = _selector(word)
    where = f"{path} = {word!r}"
    if not kind:
        return []
    if kind not in SELECTORS:
        known = ("all", *(f"{name}:" for name in SELECTORS))
        return [f"{where}: no such selector.{nearest(kind, SELECTORS)} {_list(known)}"]
    if kind == "zone":
        hint = nearest(value, ZONES)
        return [] if value in ZONES else [f"{where}: no such zone.{hint} {_list(ZONES)}"]
    if _share(value) is None:
        return [f"{where}: must be a share above 0 to 1, as {kind}:0.25."]
    return []


def _share(text: str) -> float | None:
    try:
        share = float(text)
    except ValueError:
        return None
    return share if 0 < share <= 1 else None


def _own_problems(path: str, item: Scheduled) -> list[str]:
    """Return what is wrong with what only this kind of item has."""
    if isinstance(item, Event):
        return _event_problems(path, item)
    if isinstance(item, Intervention):
        return _intervention_problems(path, item)
    return _clamp_problems(path, item)


def _intervention_problems(path: str, item: Intervention) -> list[str]:
    problems = _too_much(f"{path}.dose", item.dose, item.what, MOST_DONE.get(item.what))
    name = item.what.name.lower()
    if item.places and item.where:
        problems.append(f"{path}: give `where` or `places`, not both.")
    if item.places and item.what not in AT_ONE_PLACE:
        known = ", ".join(work.name.lower() for work in AT_ONE_PLACE)
        problems.append(
            f"{path}.places: {name} acts on a whole neighbourhood, not at single places; these "
            f"act at places: {known}."
        )
    if item.added and item.what >= FIRST_PROJECT:
        problems.append(f"{path}.added: {name} takes no hours of the police; leave `added` out.")
    return problems


def _too_much(
    path: str, value: float, what: Happening | Work, most: tuple[float, str] | None
) -> list[str]:
    if most is None or value <= most[0]:
        return []
    name = what.name.lower()
    return [f"{path} = {value:g}: for {name} it must be from 0 to {most[0]:g} ({most[1]})."]


def _event_problems(path: str, event: Event) -> list[str]:
    problems = _too_much(f"{path}.size", event.size, event.what, MOST.get(event.what))
    if event.sector:
        problems += _sector_problems(f"{path}.sector", event.sector)
    if event.sector and event.what is not Happening.AGENCY_CLOSING:
        name = event.what.name.lower()
        problems.append(f"{path}.sector: only agency_closing has sectors, not {name}.")
    if event.what is Happening.BUDGET_CUT and not _is_everywhere(event.where):
        problems.append(
            f"{path}.where: a budget_cut takes hours from the whole service; leave `where` out."
        )
    return problems


def _clamp_problems(path: str, clamp: Clamp) -> list[str]:
    """Return what is wrong with a clamp's column and with what it is held at."""
    column = CLAMPABLE.get(clamp.column)
    if column is None:
        return [f"{path}.column = {clamp.column!r}: {_not_held(clamp.column)}"]
    problems = []
    if clamp.value is not None:
        low, high = bounds(column)
        if not low <= clamp.value <= high:
            problems.append(
                f"{path}.value = {clamp.value:g}: "
                f"{clamp.column} must be from {low:g} to {high:g} ({column.unit})."
            )
        if (clamp.add, clamp.times) != (0, 1):
            problems.append(f"{path}: give `value`, or `add` and `times`, not both.")
    if column.table == "service" and not _is_everywhere(clamp.where):
        problems.append(f"{path}.where: the service is one for the town; leave `where` out.")
    return problems


def _not_held(name: str) -> str:
    """Return why a column of this name cannot be held."""
    if not name:
        return "say which column to hold, as column: residents.fear."
    column = next((c for c in COLUMNS if f"{c.table}.{c.name}" == name), None)
    if column is None:
        hint = closest(name, CLAMPABLE)
        return f"there is no such column.{hint} `omemsim describe columns` lists them."
    if column.writer in ("build", "lay"):
        return "it never changes in a run, so there is nothing to hold."
    if column.table in EVENT_TABLES:
        return f"rows of {column.table} come and go, so that none can be held."
    if column.name in CASES:
        return "it must fit the agency that has the case, and cannot be held."
    if column.unit == "row":
        return "it says which row of another table is meant, and cannot be held."
    return "it is emptied every week; hold a column that it changes."


def _is_everywhere(where: Sequence[str]) -> bool:
    """Return whether `where` means everywhere."""
    return not where or any(word.strip().lower() == "all" for word in where)


def check_places(scenario: Scenario, blueprint: Blueprint) -> None:
    """Check that the names in a schedule and a recording are the town's, and its hours suffice.

    Raises
    ------
    InputError
        With every name that is not; or if interventions order more hours than there are.
    """
    problems = []
    for path, item in _scheduled(scenario):
        for number, word in enumerate(item.where):
            try:
                if not _is_everywhere([word]) and not _selector(word)[0]:
                    _named(word, blueprint)
            except InputError as refused:
                problems += [f"{path}.where[{number}] = {text}" for text in refused.problems]
        for number, word in enumerate(item.places if isinstance(item, Intervention) else ()):
            try:
                _named(word.rpartition("/")[0], blueprint, besides="leave places out")
            except InputError as refused:
                problems += [f"{path}.places[{number}] = {text}" for text in refused.problems]
    try:
        recorded_rows(scenario.record, blueprint)
    except InputError as refused:
        problems += refused.problems
    if problems := problems or ordered_problems(scenario, blueprint):
        raise InputError(*problems)


def recorded_rows(recording: Recording, blueprint: Blueprint) -> NDArray[np.int64] | None:
    """Return the rows of the neighbourhoods that are recorded; None for all of them.

    Raises
    ------
    InputError
        With every name that is none of the town's.
    """
    words, problems = recording.neighbourhoods, []
    if ALL in words:
        return None
    rows: set[int] = set()
    for number, word in enumerate(words):
        try:
            rows |= set() if word == NONE else {_named(word, blueprint, besides="all or none")}
        except InputError as refused:
            problems += [f"record.neighbourhoods[{number}] = {text}" for text in refused.problems]
    if problems:
        raise InputError(*problems)
    return None if len(rows) == len(blueprint.ids) else np.array(sorted(rows), np.int64)


def _named(word: str, blueprint: Blueprint, besides: str = SELECTED) -> int:
    """Return the row of the neighbourhood of this id or, else, this name, in any case.

    ``besides`` are the words allowed in its place.
    """
    wanted = word.strip().casefold()
    for known in (blueprint.ids, blueprint.names):
        rows = [row for row, name in enumerate(known) if name.strip().casefold() == wanted]
        if len(rows) == 1:
            return rows[0]
        if rows:
            ids = ", ".join(blueprint.ids[row] for row in rows)
            raise InputError(
                f"{word!r}: {len(rows)} neighbourhoods have this name; use ids: {ids}."
            )
    by_case = {name.casefold(): name for name in [*blueprint.names, *blueprint.ids]}
    hint = nearest(wanted, by_case)
    raise InputError(
        f"{word!r}: {blueprint.name} has no such neighbourhood.{_with_case(hint, by_case)} "
        f"There are {len(blueprint.ids)}, as {blueprint.names[0]!r}; or {besides}."
    )


def _with_case(hint: str, by_case: Mapping[str, str]) -> str:
    """Return the hint with the name as the town writes it."""
    for folded, name in by_case.items():
        if hint == f" Did you mean {folded!r}?":
            return f" Did you mean {name!r}?"
    return hint


def neighbourhoods_of(where: Sequence[str], town: Town, blueprint: Blueprint) -> Rows:
    """Return the rows of neighbourhoods that `where` means now, each once, in order.

    Parameters
    ----------
    where : names, ids and selectors (see the module); empty is everywhere.
    town : answers the selectors: deprivation, records, zones as they are now.
    blueprint : knows names and ids.

    Raises
    ------
    InputError
        If a word is none of these.
    """
    if _is_everywhere(where):
        return np.arange(len(town.neighbourhoods))
    return np.unique(np.concatenate([_meant(word, town, blueprint) for word in where]))


def _meant(word: str, town: Town, blueprint: Blueprint) -> Rows:
    """Return the rows that one word means."""
    kind, value = _selector(word)
    hoods = town.neighbourhoods
    if not kind:
        return np.array([_named(word, blueprint)])
    if problems := _word_problems("where", word):
        raise InputError(*problems)
    if kind == "zone":
        return np.flatnonzero(hoods.zone == ZONES[value])
    most, _, what = kind.partition("_")
    harm = hoods.past_incidents.sum(axis=1) / hoods.residents
    amount = harm if what == "harmed" else hoods.deprivation
    order = np.argsort(-amount if most == "most" else amount, kind="stable")
    count = max(1, int(len(hoods) * (_share(value) or 1) + 0.5))
    return order[:count]


def lay_schedule(town: Town, scenario: Scenario, blueprint: Blueprint) -> None:
    """Write the scenario's events and interventions as rows of the town, in place of any.

    An event that is everywhere is one row; all else has a row per neighbourhood.

    Parameters
    ----------
    town : in the week in which the scenario begins: it answers the selectors now, and is changed.
    scenario : its weeks are the town's.
    blueprint : knows names and ids.
    """
    _lay(town, "events", [_event_rows(event, town, blueprint) for event in scenario.events])
    done = scenario.strategy.interventions
    _lay(town, "interventions", [_intervention_rows(item, town, blueprint) for item in done])


def _event_rows(event: Event, town: Town, blueprint: Blueprint) -> dict[str, Any]:
    everywhere = _is_everywhere(event.where)
    return {
        "what": event.what,
        "start": event.from_,
        "end": event.to,
        "size": event.size,
        "neighbourhood": np.array([EVERYWHERE])
        if everywhere
        else neighbourhoods_of(event.where, town, blueprint),
        "sector": SECTORS[event.sector] if event.sector else ALL_SECTORS,
    }


def _intervention_rows(item: Intervention, town: Town, blueprint: Blueprint) -> dict[str, Any]:
    if item.places:
        place: Rows | int = places_of(item.places, town, blueprint)
        neighbourhood = town.places.neighbourhood[place].astype(np.int64)
    else:
        place, neighbourhood = WHOLE, neighbourhoods_of(item.where, town, blueprint)
    return {
        "what": item.what,
        "start": item.from_,
        "end": item.to,
        "dose": item.dose,
        "neighbourhood": neighbourhood,
        "place": place,
        "is_added": item.added,
        "given": 0.0,
    }


def places_of(words: Sequence[str], town: Town, blueprint: Blueprint) -> Rows:
    """Return the rows of single places, each once, in order.

    Parameters
    ----------
    words : each the id or name of a neighbourhood, a slash, and a place's number in it, from 1.
    town : says how many places a neighbourhood has.
    blueprint : knows names and ids.

    Raises
    ------
    InputError
        If a word is not of this form, or there is no such place.
    """
    return np.unique([_place_named(word, town, blueprint) for word in words])


def place_id(row: int, town: Town, blueprint: Blueprint) -> str:
    """Return the word that `places_of` knows a place by.

    Parameters
    ----------
    row : of the place, from 0.
    town : says which neighbourhood it is in.
    blueprint : knows ids.
    """
    n = int(town.places.neighbourhood[row])
    return f"{blueprint.ids[n]}/{row - int(town.neighbourhoods.first_place[n]) + 1}"


def _place_named(word: str, town: Town, blueprint: Blueprint) -> int:
    name, slash, number = word.rpartition("/")
    if not slash or not number.strip().isdecimal():
        raise InputError(
            f"places = {word!r}: must be the id of a neighbourhood, a slash and the number of a "
            f"place in it, as {blueprint.ids[0]}/1."
        )
    n, k = _named(name, blueprint, besides="leave places out"), int(number)
    many = int(town.neighbourhoods.places[n])
    if not 1 <= k <= many:
        raise InputError(f"places = {word!r}: {name} has places 1 to {many}.")
    return int(town.neighbourhoods.first_place[n]) + k - 1


def _lay(town: Town, name: str, groups: Sequence[Mapping[str, Any]]) -> None:
    """Put rows in a table: those of each group differ in neighbourhood and place alone."""
    table = town.event_tables()[name]
    columns = {
        column: np.concatenate(
            [np.broadcast_to(group[column], group["neighbourhood"].shape) for group in groups]
        )
        if groups
        else np.zeros(0)
        for column in table.columns()
    }
    table.replace(**columns)


def resolve_clamps(town: Town, scenario: Scenario, blueprint: Blueprint) -> list[Held]:
    """Return the clamps with their columns and rows; each keeps what it holds when it begins.

    A clamp that began before the town's week begins now.

    Parameters
    ----------
    town : in the week in which the scenario begins: it answers the selectors now.
    scenario : whose clamps they are.
    blueprint : knows names and ids.
    """
    return [_held(clamp, town, blueprint) for clamp in scenario.clamps]


def _held(clamp: Clamp, town: Town, blueprint: Blueprint) -> Held:
    column = CLAMPABLE[clamp.column]
    rows = None
    if not _is_everywhere(clamp.where):
        rows = rows_of(column.table, neighbourhoods_of(clamp.where, town, blueprint), town)
    return Held(column, rows, clamp.from_, clamp.to, clamp.value, clamp.add, clamp.times)


def rows_of(table: str, neighbourhoods: Rows, town: Town) -> Rows:
    """Return the rows of a table that belong to these neighbourhoods.

    Agencies belong to every neighbourhood of their catchment, officers to their home's.

    Parameters
    ----------
    table : neighbourhoods, places, households, residents, agencies, officers or initiatives.
    neighbourhoods : their rows, int64 (n,).
    town : it is only read.
    """
    if table == "neighbourhoods":
        return neighbourhoods
    if table == "agencies":
        catchments = town.neighbourhoods.catchment[neighbourhoods]
        return np.flatnonzero(np.isin(np.arange(len(town.agencies)) // len(Sector), catchments))
    place = town.places.neighbourhood
    home = {
        "places": place,
        "households": place[town.households.place],
        "residents": place[town.residents.place],
        "officers": town.officers.home,
        "initiatives": town.initiatives.neighbourhood,
    }
    return np.flatnonzero(np.isin(home[table], neighbourhoods))
