"""The tables of docs/odd.md, made from what the code declares.

``python -m omemsim.cli.odd docs/odd.md`` fills every marked block of the file anew; a block is

    <!-- generated: columns places -->
    ...
    <!-- end -->

and what may stand after ``generated:`` is a key of `tables`; `omemsim describe odd` prints them.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from enum import Enum, IntEnum
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from omemsim import processes
from omemsim.inputs.config import choices, compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.schema import plain
from omemsim.measures import MEASURES
from omemsim.schedule import Clamp, Event, Happening, Intervention, OwnIntervention, Work
from omemsim.strategies import Strategy
from omemsim.vocabulary import random_numbers, wheel
from omemsim.vocabulary.columns import BIG, COLUMNS, Column
from omemsim.vocabulary.errors import InputError, nearest
from omemsim.vocabulary.mechanisms import OFF
from omemsim.vocabulary.own_tactics import OwnTactic
from omemsim.vocabulary.parameters import Declaration, Parameters, Strengths, declarations

__all__ = ["BLOCK", "COMMAND", "fill", "tables"]

COMMAND = "python -m omemsim.cli.odd docs/odd.md"
BLOCK = re.compile(r"<!-- generated: ([^>]*?) -->\n.*?<!-- end -->", re.DOTALL)
OTHER_NUMBERS = ("inputs.blueprint", "inputs.build", "spin_up", "vocabulary.rates")
ENUMS: tuple[type[IntEnum], ...] = (
    *(wheel.Zone, wheel.Tactic, wheel.Precursor, wheel.Risk, wheel.Sector, wheel.Kind),
    *(wheel.Lead, wheel.Crime, wheel.CallType, wheel.Origin, wheel.Pillar, wheel.Area),
    *(Happening, Work),
)
NAMED = ("name", "description", "allocation", "mix")  # levers that have a place of their own
Rows = Iterable[Iterable[object]]


def tables() -> dict[str, Callable[[], str]]:
    """Return what a block may hold, by name, each made when called."""
    every: dict[str, Callable[[], str]] = {
        "week": week,
        "numbers": numbers,
        "random_numbers": draws,
    }
    every |= {f"columns {table}": partial(columns, table) for table in _tables_of_columns()}
    groups = [item.name for item in fields(Parameters) if item.name != "strength"]
    every |= {f"parameters {group}": partial(parameters, group) for group in groups}
    every |= {f"settings {group}": partial(settings, group) for group in ("run", "town")}
    every |= {"mechanisms": mechanisms, "levers": levers, "strategies": strategies}
    return every | {
        "mixes": mixes,
        "tactics": tactics,
        "sectors": sectors,
        "events": events,
        "measures": measures,
        "fixed": fixed,
    }


def fill(text: str) -> str:
    """Return the text with every marked block made anew.

    Raises
    ------
    InputError
        If a block asks for an unknown table.
    """
    known = tables()
    problems = [
        f"<!-- generated: {name} -->: there is no such table.{nearest(name, known)}"
        for name in BLOCK.findall(text)
        if name not in known
    ]
    if problems:
        raise InputError(*problems)
    return BLOCK.sub(lambda found: _block(found[1], known[found[1]]()), text)


def _block(name: str, table: str) -> str:
    return f"<!-- generated: {name} -->\n\n{table}\n\n<!-- end -->"


def _table(head: str, rows: Rows) -> str:
    """Return a Markdown table; ``head`` has the titles, with | between them."""
    titles = [title.strip() for title in head.split("|")]
    lines = [titles, ["---"] * len(titles), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _code(value: object) -> str:
    return f"`{value}`"


def _number(value: float | None) -> str:
    """Return a number as one writes it; an unbounded one is empty."""
    if value is None or abs(value) >= BIG:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,g}"


def _bounds(low: float, high: float) -> str:
    ends = [_number(low), _number(high)]
    return f"{ends[0]} to {ends[1]}" if all(ends) else f"{ends[0]} or more" if ends[0] else "any"


def _name(item: Enum) -> str:
    return item.name.lower()


def week() -> str:
    """Return the stages in order: what each does and which columns are its own."""
    stages = re.findall(r"^(\d+)\. +(\w+) +(.+)$", inspect.getdoc(processes) or "", re.MULTILINE)
    return _table(
        "stage | | what happens | columns it writes",
        ([n, _code(name), text, _written_by(name)] for n, name, text in stages),
    )


def _written_by(stage: str) -> str:
    mine = [column for column in COLUMNS if column.writer == stage]
    parts = [
        f"{table}: {', '.join(column.name for column in rows)}"
        for table, rows in groupby(mine, key=lambda column: column.table)
    ]
    return "; ".join(parts)


def numbers() -> str:
    """Return what the whole numbers in columns stand for."""
    return _table(
        "what | numbers",
        (
            [kind.__name__, ", ".join(f"{item.value} {_name(item)}" for item in kind)]
            for kind in ENUMS
        ),
    )


def tactics() -> str:
    """Return every tactic: its labels, whether it takes skill, its stock and its switches."""
    return _table(
        "tactic | zone | pillar | area | takes skill | stock | switches",
        (
            [
                *(_code(_name(tactic)), _labels(use.zone), _labels(use.pillar), _labels(use.area)),
                "yes" if use.takes_skill else "no",
                _code(use.stock.name) if use.stock else "",
                ", ".join(_code(switch.name) for switch in use.switches),
            ]
            for tactic, use in ((tactic, tactic.use) for tactic in wheel.Tactic)
        ),
    )


def sectors() -> str:
    """Return every sector: what its cases are about, and what pays it."""
    return _table(
        "sector | leads crises over | treats | treats of those of 15 to 24 | social development",
        (
            [
                *(_code(_name(sector)), _labels(*serves.risks), _labels(serves.precursor)),
                *(_labels(serves.youth), "yes" if serves.is_social else ""),
            ]
            for sector, serves in ((sector, sector.serves) for sector in wheel.Sector)
        ),
    )


def _labels(*items: Enum | None) -> str:
    return ", ".join(_name(item).replace("_", " ") for item in items if item is not None)


def draws() -> str:
    """Return the numbers of the decisions that are drawn."""
    return _table(
        "number | decision", ([item.value, _name(item)] for item in random_numbers.Decision)
    )


def _tables_of_columns() -> list[str]:
    return list(dict.fromkeys(column.table for column in COLUMNS))


def columns(table: str) -> str:
    """Return the columns of a table of the town."""
    return _table(
        "column | type | unit | bounds | written by | what it is",
        (_column(column) for column in COLUMNS if column.table == table),
    )


def _column(column: Column) -> list[object]:
    kind = column.dtype if column.width == 1 else f"{column.dtype}[{column.width}]"
    writer = f"{column.writer} (event)" if column.event else column.writer
    bounds = _bounds(column.low, column.high)
    return [_code(column.name), kind, column.unit, bounds, writer, column.doc]


def parameters(group: str) -> str:
    """Return the parameters of a group."""
    return _declared(declarations(Parameters), f"{group}.")


def settings(group: str) -> str:
    """Return the numbers of a town's config, or those of a run that no other table has."""
    every = list(declarations(Scenario))
    if group == "town":
        return _declared(every, "town.")
    return _declared((item for item in every if "." not in item.path), "")


def _declared(items: Iterable[Declaration], prefix: str) -> str:
    mine = [item for item in items if item.path.startswith(prefix)]
    return _table("parameter | default | unit | bounds | what it is | source", map(_row, mine))


def _row(item: Declaration) -> list[object]:
    default = "none" if item.default is None else _number(item.default)
    name = _code(item.path.rpartition(".")[2])
    return [name, default, item.unit, _bounds(item.low, item.high), item.doc, item.source]


def mechanisms() -> str:
    """Return the switches, and the parameters each sets, with their value when it is off."""
    return _table(
        "switch | what it is | off, it sets",
        ([_code(item.path), item.doc, _off(OFF[item.path])] for item in declarations(Strengths)),
    )


def _off(parameters_off: dict[str, float]) -> str:
    return ", ".join(f"`{path}` = {value:g}" for path, value in parameters_off.items())


def levers() -> str:
    """Return the numbers of a strategy."""
    return _declared(declarations(Scenario), "strategy.")


def strategies() -> str:
    """Return the library of strategies: what each is, and the levers it moves."""
    usual = plain(Strategy())
    rows = []
    for strategy in _library():
        levers = {key: value for key, value in plain(strategy).items() if key not in NAMED}
        moved = [f"{key} {_lever(value)}" for key, value in levers.items() if value != usual[key]]
        hours = strategy.allocation.value
        rows.append([_code(strategy.name), strategy.description, hours, "; ".join(moved)])
    return _table("strategy | what it is | hours by | levers that are not at their default", rows)


def _library() -> Iterator[Strategy]:
    for name in choices("strategy"):
        yield compose_scenario(strategy=name).strategy


def _lever(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_lever(item)}" for key, item in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def mixes() -> str:
    """Return the shares of proactive hours by tactic; zones that have the same are one row."""
    rows: list[list[str]] = []
    first: dict[str, str] = {}  # who has a mix first, by the mix
    for strategy in _library():
        name = first.setdefault(_lever(strategy.mix), strategy.name)
        by_row: dict[str, list[str]] = {}
        for zone, row in strategy.mix.items():
            by_row.setdefault(_lever(row), []).append(zone)
        if name != strategy.name:
            by_row = {f"as `{name}`": ["all"]}
        rows += [[_code(strategy.name), ", ".join(z), shares] for shares, z in by_row.items()]
    return _table("strategy | zones | share of proactive hours by tactic", rows)


def events() -> str:
    """Return what an event, an intervention, a clamp and a tactic of the user's own are."""
    kinds = (Event, Intervention, OwnIntervention, Clamp, OwnTactic)
    return "\n\n".join(map(_item, kinds))


def _item(kind: type) -> str:
    text = (inspect.getdoc(kind) or "").replace("``", "`")
    keys = ", ".join(_code(key) for key in plain(kind()))
    return f"**{kind.__name__}** ({keys}). {' '.join(text.split())}"


def measures() -> str:
    """Return every measure."""
    return _table(
        "measure | what it is | unit | of | better | town's value",
        (
            [
                *(_code(item.name), f"{item.title}: {item.definition}", item.unit),
                *(item.level, item.better, _of_town(item.level, item.weight)),
            ]
            for item in MEASURES.values()
        ),
    )


def _of_town(level: str, weight: str) -> str:
    if level == "town":
        return "itself"
    return weight if weight in ("mean", "sum") else f"mean weighted by {weight}"


def fixed() -> str:
    """Return the numbers that are written in the code and are no parameters."""
    found = (module.name for module in pkgutil.iter_modules(processes.__path__))
    helpers = sorted(set(found) - set(processes.WEEK))  # what stages have shared out to others
    modules = [f"processes.{name}" for name in (*processes.WEEK, *helpers)]
    return _table(
        "module | name | value | what it is",
        (
            [_code(module), _code(name), value, comment]
            for module in [*modules, *OTHER_NUMBERS]
            for name, value, comment in _constants(module)
        ),
    )


def _constants(name: str) -> Iterator[tuple[str, str, str]]:
    """Yield the numbers a module names in capitals, with the comment beside them."""
    module = importlib.import_module(f"omemsim.{name}")
    source = inspect.getsource(module)
    lines = source.splitlines()
    for node in ast.parse(source).body:
        for target in node.targets if isinstance(node, ast.Assign) else []:
            for item in ast.walk(target):
                if isinstance(item, ast.Name) and item.id.isupper() and item.id[0] != "_":
                    value = _constant(getattr(module, item.id))
                    if value:
                        yield item.id, value, lines[node.lineno - 1].partition("# ")[2]


def _constant(value: object) -> str:
    """Return a number or a list of numbers as text, an empty one for anything else."""
    if isinstance(value, np.ndarray):
        value = tuple(value.tolist())
    if isinstance(value, tuple):
        parts = [_constant(part) for part in value]
        return ", ".join(parts) if all(parts) else ""
    if isinstance(value, bool | Enum) or not isinstance(value, int | float):
        return ""
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def main(path: str) -> None:
    """Fill the blocks of a file anew."""
    file = Path(path)
    file.write_text(fill(file.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"Which file? As: {COMMAND}")
    main(sys.argv[1])
