"""Towns as a page carries them: built but not yet spun up, and only what cannot be drawn again.

The first occupants are drawn from the keys of their seats by the compiled program itself
(`SEATING`), in the page as here, so that what it draws is left out. What is left is coded so that
it compresses well, each array by the shortest of a few codes, which `web/start.js` undoes. No code
loses anything: a test holds the page's towns to Python's, bit for bit.

A town that is fitted to a table runs here once, and the page is told which multipliers each
correction gave: between the same weeks it writes the same numbers, and so needs no fit of its own.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.inputs.build import build
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.processes.context import SEATING, WRITES
from omemsim.spin_up import present_policing, settling
from omemsim.town import Town
from omemsim.vocabulary.columns import EVENT_TABLES
from omemsim.vocabulary.layout import COUNTS
from omemsim.vocabulary.mechanisms import effective
from omemsim.vocabulary.random_numbers import replicate_seed
from omemsim.vocabulary.rates import weeks

__all__ = ["FEW", "Start", "built_town", "coded", "start_of"]

Array = NDArray[Any]
FEW = 256  # values of an array at most that are coded by their number
HOMES = ("households", "key")
FITTED = ("fit_violence", "fit_property")  # columns that a table's crime corrects, float32
ZERO, SAME, PLAIN, STEPS, NUMBERED, TAKEN = "zero", "same", "plain", "steps", "numbered", "taken"


@dataclass(frozen=True)
class Start:
    """A town before its spin-up, as a page carries it.

    Attributes
    ----------
    seed : of its random numbers.
    rows : of each table that has a fixed number of them.
    told : by ``table.name``, how an array is coded, and what else undoing needs.
    parts : the coded arrays one after the other, in the order of ``told``, then of ``fits``.
    weeks : in which corrections of a fitted town take effect, increasing up to 0; else empty.
    fits : by ``table.name`` of a corrected column, how its values are coded, as in ``told``:
        one for each week, neighbourhood by neighbourhood.
    """

    seed: int
    rows: dict[str, int]
    told: dict[str, list[Any]]
    parts: bytes
    weeks: list[int]
    fits: dict[str, list[Any]]

    def packed(self) -> bytes:
        """Return it as one piece: the length of a JSON head (uint32), the head, the parts."""
        head = {
            "seed": str(self.seed),
            "rows": self.rows,
            "arrays": self.told,
            "weeks": self.weeks,
            "fits": self.fits,
        }
        text = json.dumps(head, separators=(",", ":")).encode()
        whole = np.array([len(text)], "<u4").tobytes() + text + self.parts
        return zlib.compress(whole, 9)


def built_town(scenario: Scenario, replicate: int) -> Town:
    """Return a replicate's town as its spin-up begins."""
    seed = replicate_seed(scenario.seed, replicate)
    town = build(blueprint_of(scenario.town), effective(scenario.parameters), seed)
    town.week = town.born = -weeks(scenario.spin_up_years)
    return town


def start_of(town: Town, scenario: Scenario, first: Town | None = None) -> Start:
    """Return a built town as a page carries it.

    Parameters
    ----------
    town : as `built_town` returns it.
    scenario : says what its people are drawn from.
    first : another start of the page, whose arrays need not be carried twice.
    """
    left_out = _drawn_again(town, scenario)
    known = {} if first is None else first.memory()
    told: dict[str, list[Any]] = {}
    parts = bytearray()
    memory = town.memory()
    for key in sorted(memory, key=HOMES.__eq__):  # last, since it is taken from another
        values = memory[key]
        if key in left_out or (key[0] in EVENT_TABLES and key[1] in COUNTS):
            continue
        code, piece = _coded(key, values, town, known)
        if code[0] != ZERO:
            told[".".join(key)] = [*code, len(piece)]
            parts += piece
    rows = {name: len(table) for name, table in town.tables().items() if name not in EVENT_TABLES}
    corrections = _corrections(town.copy(), scenario)
    fits: dict[str, list[Any]] = {}
    for name in FITTED if corrections else ():
        values = np.stack([found[name] for found in corrections.values()], axis=1)
        code, piece = _coded(("fits", name), values.view(np.uint32), town, {})
        fits[f"neighbourhoods.{name}"] = [*code, len(piece)]
        parts += piece
    return Start(town.seed, rows, told, bytes(parts), list(corrections), fits)


def _corrections(town: Town, scenario: Scenario) -> dict[int, dict[str, Array]]:
    """Return what a fitted town's columns are after each correction, by its week.

    Parameters
    ----------
    town : as `built_town` returns it, changed in place.
    scenario : says what it is fitted to.
    """
    blueprint, found = blueprint_of(scenario.town), {}
    if blueprint.violence is None and blueprint.property is None:
        return {}
    for _ in settling(town, blueprint, effective(scenario.parameters)):
        columns = town.tables()["neighbourhoods"].columns()
        found[town.week] = {name: columns[name].copy() for name in FITTED}
    return found


def _drawn_again(town: Town, scenario: Scenario) -> set[tuple[str, str]]:
    """Return the arrays that seating the first occupants makes anew, the same bits each."""
    empty = town.copy()
    memory = empty.memory()
    candidates = [
        (table, name)
        for table, names in WRITES.items()
        for name in names.split()
        if table in ("residents", "households", "neighbourhoods")
    ]
    kept = {("households", "since_week"), ("residents", "tenancy")}
    for key in candidates:
        if key not in kept:
            memory[key][...] = 0
    SEATING(empty, effective(scenario.parameters), present_policing())
    after = empty.memory()
    return {
        key
        for key, values in town.memory().items()
        if key in candidates and key not in kept and _same(values, after[key])
    }


def _same(one: Array, other: Array) -> bool:
    return one.shape == other.shape and one.tobytes() == other.tobytes()


def _coded(
    key: tuple[str, str], values: Array, town: Town, known: Mapping[tuple[str, str], Array]
) -> tuple[list[Any], bytes]:
    """Return an array's code and its bytes: those that compress best."""
    if not values.any():
        return [ZERO], b""
    if key in known and _same(values, known[key]):
        return [SAME], b""
    return min(coded(key, values, town), key=lambda made: len(zlib.compress(made[1], 9)))


def coded(key: tuple[str, str], values: Array, town: Town) -> Iterator[tuple[list[Any], bytes]]:
    """Yield an array in every code that can carry it: the code, and its bytes.

    Parameters
    ----------
    key : table and name.
    values : the array.
    town : that it is of.
    """
    flat = np.ascontiguousarray(values).ravel()
    yield [PLAIN], _planes(flat)
    if flat.dtype.kind in "iu":
        yield [STEPS], _planes(_steps(flat))
    bits = flat.view(f"u{flat.dtype.itemsize}")
    found, number = np.unique(bits, return_inverse=True)
    if found.size <= FEW:
        yield [NUMBERED, int(found.size)], found.tobytes() + number.astype(np.uint8).tobytes()
    if key == HOMES:
        rows = _rows_of_homes(town)
        if np.array_equal(town.residents.key[rows], values):
            yield [TAKEN, "residents.key"], _planes(_steps(rows.astype(np.int32)))


def _rows_of_homes(town: Town) -> Array:
    """Return the residents whose keys the households of each neighbourhood have: the first ones."""
    hoods = town.neighbourhoods
    pairs = zip(hoods.first_resident, hoods.households, strict=True)
    return np.concatenate([np.arange(first, first + count) for first, count in pairs])


def _steps(values: Array) -> Array:
    """Return the differences from one to the next, which wrap around."""
    bits = values.view(f"u{values.dtype.itemsize}")
    return np.diff(bits, prepend=bits.dtype.type(0))


def _planes(values: Array) -> bytes:
    """Return all first bytes, then all second ones, and so on."""
    return values.view(np.uint8).reshape(-1, values.dtype.itemsize).T.tobytes()
