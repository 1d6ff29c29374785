"""The patterns a credible model reproduces: read from `configs/evidence/patterns.yaml`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from omemsim.inputs.config import config_root
from omemsim.vocabulary.errors import InputError, nearest
from omemsim.vocabulary.parameters import Parameters, declarations

__all__ = ["NEEDS", "ROLES", "Pattern", "read_patterns"]

ROLES = ("calibrate", "hold out")
NEEDS = (
    *("survey", "season", "decade", "confidence", "crises", "drift", "careers"),
    *("practice", "problem_solving"),
    *("hot_spots", "liaison", "contact", "early", "training"),
)
TOWNS = ("any", "table")
SCALES = ("linear", "log")


@dataclass(frozen=True)
class Pattern:
    """One row of evidence.

    Attributes
    ----------
    pattern, title, metric : its number, its name, and what is measured.
    low, high : the band, in the metric's own unit.
    role : ``calibrate``, or ``hold out``: never fitted to.
    source, status : where the band is from, and how sure that is.
    how : how a run is turned into the metric.
    needs : the runs it is computed from, one of `NEEDS`.
    given : kind of town -> why the row is by construction there.
    scale : of the figure's axis.
    of_one_town : whether single towns were observed, whose noise then was part of it; else it is of
        many, as a national survey is, and the noise of a run explains no distance from it.
    tunes : the parameter whose size the row sets, as ``offend.deterrence``; then the row is by
        construction, counts for nothing where it is met, and a calibration may fit to it.
    """

    pattern: str
    title: str
    metric: str
    low: float
    high: float
    role: str
    source: str
    status: str
    how: str
    needs: str
    given: dict[str, str] = field(default_factory=dict)
    scale: str = "linear"
    of_one_town: bool = False
    tunes: str = ""

    def by_construction(self, kind: str) -> str:
        """Return why it is so in a town of this kind (``synthetic``, ``table``); else empty."""
        return self.given.get("any", "") or self.given.get(kind, "")

    def may_be_fitted(self, kind: str) -> bool:
        """Return whether parameters may be chosen so that it comes out in a town of this kind."""
        is_free = not self.by_construction(kind) or bool(self.tunes)
        return self.role == "calibrate" and is_free


def read_patterns(words: Sequence[str] = (), path: Path | None = None) -> list[Pattern]:
    """Return the patterns of these words (``P5a``; ``p5`` is all of P5), or all there are.

    Raises
    ------
    InputError
        With every fault of the file, and every word that names no pattern.
    """
    known = _read(path or config_root() / "evidence" / "patterns.yaml")
    if not words:
        return known
    problems: list[str] = []
    chosen: set[str] = set()
    for word in words:
        found = [x.pattern for x in known if _is_meant(word, x.pattern)]
        chosen |= set(found)
        if not found:
            names = [x.pattern for x in known]
            hint = nearest(word.upper(), names)
            problems.append(f"There is no pattern {word!r}.{hint} There are: {', '.join(names)}.")
    if problems:
        raise InputError(*problems)
    return [x for x in known if x.pattern in chosen]


def _is_meant(word: str, pattern: str) -> bool:
    wanted = word.strip().lower()
    return wanted == pattern.lower() or (
        wanted == pattern.lower().rstrip("abc") and pattern[-1].isalpha()
    )


def _read(path: Path) -> list[Pattern]:
    import yaml

    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path.name}: cannot be read: {' '.join(str(error).split())}.") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{path.name}: must be a list of patterns, each with `pattern: ...`.")
    problems = [text for row in rows for text in _problems(row)]
    if problems:
        raise InputError(*(f"{path.name}: {text}" for text in problems))
    return [Pattern(**row) for row in rows]


def _problems(row: dict[str, Any]) -> list[str]:
    """Return what is wrong with a row."""
    name = row.get("pattern", "a pattern")
    known = {item.name for item in fields(Pattern)}
    needed = known - {"given", "scale", "of_one_town", "tunes"}
    problems = [f"{name}: {key} is missing." for key in sorted(needed - row.keys())]
    problems += [f"{name}: no such key as {key!r}." for key in sorted(row.keys() - known)]
    if problems:
        return problems
    low, high = row["low"], row["high"]
    if not all(isinstance(x, int | float) and math.isfinite(x) for x in (low, high)) or low >= high:
        problems.append(f"{name}: low = {low!r}, high = {high!r}: two numbers, the lower first.")
    for key, allowed in (("role", ROLES), ("needs", NEEDS), ("scale", SCALES)):
        if row.get(key, "linear") not in allowed:
            problems.append(f"{name}: {key} = {row[key]!r}: one of {', '.join(allowed)}.")
    if not isinstance(row.get("of_one_town", False), bool):
        problems.append(f"{name}: of_one_town = {row['of_one_town']!r}: true or false.")
    tunes = row.get("tunes", "")
    if tunes and tunes not in {item.path for item in declarations(Parameters)}:
        problems.append(f"{name}: tunes = {tunes!r}: must be a parameter, as offend.deterrence.")
    if tunes and not row.get("given"):
        problems.append(f"{name}: tunes needs given: a row that sets a size is by construction.")
    given = row.get("given", {})
    if not isinstance(given, dict) or not given.keys() <= set(TOWNS):
        problems.append(f"{name}: given = {given!r}: reasons under {', '.join(TOWNS)}.")
    return problems
