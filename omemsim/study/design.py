"""Designs: which values of which factors a study runs. The same seed gives the same points.

A factor is any key of a scenario: a lever (``strategy.precision``, ``town.residents``, or
``strategy`` itself) or an uncertainty (``parameters.*``). It runs between two ends or over given
values; where neither is said, between the bounds of its declaration.

grid
    Every combination.
zip
    The first values together, then the second, and so on.
list
    Points given, or read from a file.
latin
    Latin hypercube (McKay et al. 1979, Technometrics 21(2)).
sobol
    Sobol sequence in the layout of Saltelli (2010, Computer Physics Communications 181): blocks
    A, B, AB_1 .. AB_d of n points each, where AB_i is A with column i of B. Twice the n holds
    all points of the n before.
morris
    Trajectories of d + 1 points that change one factor at a time (Morris 1991, Technometrics
    33(2)), on four levels. More trajectories hold all those before.
"""

from __future__ import annotations

import csv
import inspect
import itertools
import json
import math
import os
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.inputs.arguments import plain_value
from omemsim.study.factors import STRATEGY, Factor, is_key, value_of_text
from omemsim.vocabulary.errors import InputError, nearest

__all__ = [
    *("KINDS", "Design", "Factor", "Point"),
    *("design", "latin_column", "points_of", "points_of_file", "read_points"),
]

Floats = NDArray[np.float64]
Point = dict[str, Any]  # full dotted key to value

KINDS = ("grid", "list", "zip", "latin", "sobol", "morris")
SAMPLED = {"latin": 64, "sobol": 64, "morris": 10}  # and how many where nobody says
LEVELS = 5  # of a range in a grid
MORRIS_LEVELS = 4
MOST_POINTS = 10_000_000
MOST_FACTORS = 10_000  # each takes two of the 21,201 dimensions of scipy's Sobol sequence


@dataclass(frozen=True)
class Design:
    """Points of factors, in the order of the kind.

    Attributes
    ----------
    kind : one of `KINDS`.
    factors : what varies; of a list, its columns with the values they take.
    points : a value for every factor, each.
    unit : float (points, factors) in [0, 1], where a sample drew them; else None.
    n : what the kind counts by: points of a Latin hypercube, rows of a Sobol block,
        trajectories; else the number of points.
    seed : of the sample.
    """

    kind: str
    factors: tuple[Factor, ...]
    points: tuple[Point, ...]
    unit: Floats | None = None
    n: int = 0
    seed: int = 0

    @property
    def names(self) -> list[str]:
        """Return the factors' keys."""
        return [factor.path for factor in self.factors]


def design(
    kind: str,
    factors: Sequence[Factor] = (),
    *,
    n: int | None = None,
    seed: int = 0,
    points: Sequence[Mapping[str, Any]] = (),
) -> Design:
    """Return the design of a kind.

    Parameters
    ----------
    kind : one of `KINDS`.
    factors : what varies, each key once; none for a list.
    n : points of a Latin hypercube, rows of a Sobol block (a power of 2), Morris's trajectories,
        or levels of each range in a grid or zip; a usual number if None.
    seed : the same number gives the same points.
    points : for a list, the points themselves.

    Raises
    ------
    InputError
        If the kind is not known, or factors and points do not suit it.
    """
    if problems := _problems(kind, factors, n, points):
        raise InputError(*problems)
    if kind == "list":
        return _of_points(points)
    if kind in SAMPLED:
        return _sampled(kind, tuple(factors), SAMPLED[kind] if n is None else n, seed)
    levels = _equal_levels(factors, n) if kind == "zip" else _levels(factors, n)
    rows = zip(*levels, strict=True) if kind == "zip" else itertools.product(*levels)
    names = [factor.path for factor in factors]
    made = tuple(dict(zip(names, row, strict=True)) for row in rows)
    return Design(kind, tuple(factors), made, n=len(made))


def _problems(
    kind: str, factors: Sequence[Factor], n: int | None, points: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return what is wrong with what a design is asked to be."""
    if kind not in KINDS:
        return [f"design = {kind!r}: must be one of {', '.join(KINDS)}.{nearest(str(kind), KINDS)}"]
    names = [factor.path for factor in factors]
    problems = [
        f"{x} varies twice: say it once." for x in dict.fromkeys(names) if names.count(x) > 1
    ]
    if (kind == "list") != bool(points) or (kind == "list" and factors):
        problems.append("A list takes points and nothing else does; a list's factors are its own.")
    elif kind != "list" and not factors:
        problems.append(
            f"design = {kind}: nothing varies; name a factor, in Python as "
            "vary={'strategy.precision': (0.2, 0.9)}."
        )
    if n is not None and n < 1:
        problems.append(f"points = {n}: must be at least 1.")
    elif n is not None and kind == "sobol" and n & (n - 1):
        below = 1 << (n.bit_length() - 1)
        problems.append(
            f"points = {n}: a Sobol sequence is balanced at powers of 2: {below} or {2 * below}."
        )
    if len(factors) > MOST_FACTORS:
        problems.append(f"{len(factors):,} factors: must be at most {MOST_FACTORS:,}.")
    count = 0 if problems else _count(kind, factors, n)
    if count > MOST_POINTS:
        problems.append(f"This design has {count:,} points: at most {MOST_POINTS:,} are possible.")
    return problems


def _count(kind: str, factors: Sequence[Factor], n: int | None) -> int:
    """Return how many points a design has."""
    if kind in SAMPLED:
        per = {"latin": 1, "sobol": len(factors) + 2, "morris": len(factors) + 1}[kind]
        return per * (SAMPLED[kind] if n is None else n)
    return math.prod(len(levels) for levels in _levels(factors, n)) if kind == "grid" else 0


def _levels(factors: Sequence[Factor], n: int | None) -> list[list[Any]]:
    return [factor.levels(LEVELS if n is None else n) for factor in factors]


def _equal_levels(factors: Sequence[Factor], n: int | None) -> list[list[Any]]:
    """Return as many values of each factor; ranges take as many as the lists have."""
    given = [len(factor.values) for factor in factors if factor.values]
    levels = _levels(factors, given[0] if given and n is None else n)
    if len({len(values) for values in levels}) > 1:
        counts = ", ".join(f"{f.path} {len(v)}" for f, v in zip(factors, levels, strict=True))
        raise InputError(
            f"design = zip: every factor needs as many values as the others: {counts}."
        )
    return levels


def _of_points(points: Sequence[Mapping[str, Any]]) -> Design:
    """Return the design of given points; each must set the same keys."""
    names = list(points[0])
    problems = [
        f"Point {number} sets {', '.join(point) or 'nothing'}, and the first {', '.join(names)}: "
        "every point must set the same keys."
        for number, point in enumerate(points)
        if set(point) != set(names)
    ]
    if problems or not names:
        raise InputError(*problems or ["The points set no key."])
    factors = (Factor(x, values=_unlike([point[x] for point in points])) for x in names)
    return Design("list", tuple(factors), tuple(map(dict, points)), n=len(points))


def _unlike(values: Sequence[Any]) -> tuple[Any, ...]:
    """Return the values that differ, in the order they come; some may be lists."""
    return tuple({json.dumps(value, default=str): value for value in values}.values())


def _sampled(kind: str, factors: tuple[Factor, ...], n: int, seed: int) -> Design:
    draw = {"latin": _latin, "sobol": _saltelli, "morris": _trajectories}[kind]
    unit = draw(n, len(factors), seed)
    points = tuple(
        {factor.path: factor.at(share) for factor, share in zip(factors, row, strict=True)}
        for row in unit.tolist()
    )
    return Design(kind, factors, points, unit, n, seed)


def _latin(n: int, d: int, seed: int) -> Floats:
    """Return a Latin hypercube (n, d)."""
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(d, **_seeded(qmc.LatinHypercube, seed)).random(n))


def latin_column(n: int, rng: np.random.Generator) -> Floats:
    """Return one column of a Latin hypercube (n,): a share in each n-th of 0 to 1, shuffled.

    For draws of a parameter that must not change with what is drawn beside it.
    """
    return np.asarray((rng.permutation(n) + rng.random(n)) / max(n, 1))


def _saltelli(n: int, d: int, seed: int) -> Floats:
    """Return the blocks A, B, AB_1 .. AB_d of a Sobol sequence, (n * (d + 2), d)."""
    from scipy.stats import qmc

    both = qmc.Sobol(2 * d, bits=32, **_seeded(qmc.Sobol, seed)).random(n)
    a, b = both[:, :d], both[:, d:]
    mixed = np.repeat(a[np.newaxis], d, axis=0)
    for i in range(d):
        mixed[i, :, i] = b[:, i]
    return np.concatenate([a, b, mixed.reshape(n * d, d)])


def _trajectories(n: int, d: int, seed: int) -> Floats:
    """Return n trajectories, (n * (d + 1), d): each factor steps once, in random order.

    A step is half the range plus half a level, as Morris chose for an even number of levels.
    """
    step = MORRIS_LEVELS / (2 * (MORRIS_LEVELS - 1))
    starts = np.arange(MORRIS_LEVELS // 2) / (MORRIS_LEVELS - 1)  # from where a step up fits
    rows = np.empty((n, d + 1, d))
    for number in range(n):
        rng = np.random.default_rng([seed, number])
        low, up = rng.choice(starts, d), rng.random(d) < 0.5
        rows[number] = np.where(up, low, low + step)
        for row, factor in enumerate(rng.permutation(d)):
            rows[number, row + 1 :, factor] += step if up[factor] else -step
    return rows.reshape(n * (d + 1), d).clip(0, 1)


def _seeded(sampler: Any, seed: int) -> dict[str, Any]:
    """Return the seed under the name that this scipy calls it by."""
    name = "rng" if "rng" in inspect.signature(sampler).parameters else "seed"
    return {name: np.random.default_rng(seed)}


def points_of(given: Any, tell: Callable[[str], object] = str) -> list[Point]:
    """Return points as people give them in Python, with numbers that are Python's own.

    Parameters
    ----------
    given : a file, as `points_of_file` reads it; a DataFrame with a column per key; or mappings
        of key to value.
    tell : what is done with a note on what was taken of a file; nothing, if left out.

    Raises
    ------
    InputError
        If it is none of these, or holds no point.
    """
    if isinstance(given, str | Path):
        points, note = read_points(Path(given).expanduser())
        if note:
            tell(note)
        return points
    is_table = hasattr(given, "to_dict") and hasattr(given, "columns")
    if is_table and not given.columns.is_unique:
        raise InputError("points: two columns of the table have the same name; name each key once.")
    rows = given.to_dict("records") if is_table else given
    if not isinstance(rows, Sequence) or not all(isinstance(row, Mapping) for row in rows):
        raise InputError(
            f"points = {_in_short(given)}: must be how many, a file (.csv, .json), a DataFrame "
            'with a column per key, or a list of mappings, as [{"strategy.precision": 0.4}].'
        )
    if not rows:
        raise InputError("points = []: holds no point. Give one or more, or how many to draw.")
    return [{str(key): _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    """Return a value as a file of points would hold it."""
    return os.fspath(value) if isinstance(value, os.PathLike) else plain_value(value)


def _in_short(value: object) -> str:
    """Return what a value looks like, in a line."""
    return textwrap.shorten(repr(value), width=60, placeholder=" ...")


def points_of_file(path: Path) -> list[Point]:
    """Return the points of a file; see `read_points`."""
    return read_points(path)[0]


def read_points(path: Path) -> tuple[list[Point], str]:
    """Return the points of a CSV (a column per key) or a JSON (a list of objects), and a note.

    A table of results, as `omemsim sweep` and `omemsim export` write it, has a row per run and
    columns beside the keys: its points are taken, each once, and the note says so. It is empty
    for other files.

    Raises
    ------
    InputError
        If the file cannot be read, or is no table of points.
    """
    note = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() == ".json":
            rows = json.loads(text)
        elif set(_head(text)) >= IN_RESULTS:
            rows, note = _points_of_results(path, text)
        else:
            rows = _rows(path, text)
    except OSError as error:
        raise InputError(f"{path}: cannot read it ({error.strerror}).") from error
    except (UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as points ({error}).") from error
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InputError(
            f"{path}: must hold points, at least one: a CSV with a key per column, as "
            'parameters.feel.pace, or a JSON list, as [{"parameters.feel.pace": 3}].'
        )
    return rows, note


def _unquoted(value: Any) -> Any:
    """Return a value of an exported table, where a text is as JSON has it, in quotes."""
    is_json = isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"'
    return json.loads(value) if is_json else value


IN_RESULTS = {"arm", "point", "replicate"}  # columns of every table of a sweep's results
OF_EXPORT = "run_id"  # a column that only an exported one has; its "strategy" names the arm's


def _head(text: str) -> list[str]:
    return [name.strip() for name in next(csv.reader(text.splitlines()[:1]), [])]


def _points_of_results(path: Path, text: str) -> tuple[list[Point], str]:
    """Return the points of a table of results in their order, and what was taken."""
    head = _head(text)
    keys = [name for name in head if name not in ("town", STRATEGY) and is_key(name)]
    # Where strategies were varied, an exported table has two columns of that name.
    if head.count(STRATEGY) > (OF_EXPORT in head):
        keys.insert(0, STRATEGY)
    if not keys:
        raise InputError(
            f"{path}: is a table of results without a column of what varied, as "
            "parameters.feel.pace: it holds no points."
        )
    points: dict[Any, Point] = {}
    for row in _rows(path, text):
        point = {key: _unquoted(row[key]) for key in keys}
        if points.setdefault(row["point"], point) != point:
            raise InputError(
                f"{path}: point {row['point']} has two values of a key: there are several studies "
                "in the table. Leave the rows of one of them."
            )
    left = len(set(head)) - len(keys)
    return [points[number] for number in sorted(points)], (
        f"{path}: is a table of results. Its {len(points):,} points of {', '.join(keys)} are "
        f"taken, each once; its other {left} columns are left out."
    )


def _rows(path: Path, text: str) -> list[Point]:
    """Return the rows of a CSV; a cell is a number, true, false, or text."""
    reader = csv.DictReader(text.splitlines())
    rows = []
    for row in reader:
        if None in row or None in row.values():
            raise InputError(
                f"{path} line {reader.line_num}: has not {len(reader.fieldnames or ())} cells."
            )
        rows.append({str(key).strip(): value_of_text(cell) for key, cell in row.items()})
    return rows
