"""Every number of the model: what it is based on, and how much the results depend on it.

How well a number is known is read off the source that it is declared with; how much it moves the
difference between two strategies, from a study as `omemsim sensitivity` writes it, by default the
one that comes with the package (`configs/sensitivity.csv`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from omemsim.inputs.config import config_root
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import Declaration, Parameters, declarations

__all__ = [
    "PREFIX",
    "STATUSES",
    "Entry",
    "Influence",
    "entries",
    "read_influence",
    "shipped_study",
    "status_of",
]

FILE = "sensitivity.csv"
PREFIX = "parameters."

STATUSES = {
    "assumed": "no study measured it; the number is a judgement",
    "derived": "worked out from a source that gives a related number, a range, or only words",
    "measured": "is given in the source named",
    "chosen": "not a fact about a town: a limit, a price or a switch that somebody sets",
}
# How a declaration's source begins, and what that makes it; a publication is what is left.
BEGINNINGS = {
    "assumed": "assumed",
    "chosen": "chosen",
    "1 = as its parameters say": "chosen",
    "derived": "derived",
    "fitted": "derived",
    "calibrated": "derived",
    "evidence": "derived",
    "seed": "derived",
    "practice.md": "derived",
}


@dataclass(frozen=True)
class Influence:
    """How much a parameter moves the difference between strategies.

    Attributes
    ----------
    share : mean effect over its range as a part of the largest of any parameter, on the outcome
        the study asked for; 0 where it is no more than noise alone gives.
    is_clear : whether its whole 95% interval lies above what noise gives.
    most_on : the outcome on which its part is largest, empty if on none.
    """

    share: float
    is_clear: bool
    most_on: str


@dataclass(frozen=True)
class InfluenceStudy:
    """How much parameters move one outcome's difference between two strategies.

    Attributes
    ----------
    outcome, strategy, baseline : what was compared, by name.
    influence : by parameter.
    """

    outcome: str
    strategy: str
    baseline: str
    influence: dict[str, Influence]


@dataclass(frozen=True)
class Entry:
    """A parameter in the ledger; ``influence`` is None where no study looked at it."""

    item: Declaration
    status: str
    influence: Influence | None

    @property
    def share(self) -> float:
        """Return its influence, 0 where none is known."""
        return self.influence.share if self.influence else 0.0


def status_of(source: str) -> str:
    """Return what a declaration's source makes of the number, a key of `STATUSES`."""
    for beginning, status in BEGINNINGS.items():
        if source.startswith(beginning):
            return status
    return "measured"


def entries(influence: Mapping[str, Influence]) -> list[Entry]:
    """Return every parameter of the model in the order of declaration."""
    return [
        Entry(item, status_of(item.source), influence.get(item.path))
        for item in declarations(Parameters, PREFIX)
    ]


def read_influence(path: Path) -> InfluenceStudy:
    """Return what a study compared, and the influence of its parameters.

    Raises
    ------
    InputError
        If the file cannot be read, or is not what `omemsim sensitivity` writes.
    """
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        first = rows[0]
        asked = first["outcome"]
        found = {name: _influence(mine, asked) for name, mine in _grouped(rows).items()}
        return InfluenceStudy(asked, first["strategy"], first["baseline"], found)
    except OSError as error:
        raise InputError(f"{path}: cannot read it ({error.strerror}).") from error
    except (KeyError, IndexError, ValueError) as error:
        raise InputError(
            f"{path}: is not a sensitivity.csv as `omemsim sensitivity` writes it ({error})."
        ) from error


def _grouped(rows: Iterable[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    groups: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        groups.setdefault(row["parameter"], []).append(row)
    return groups


def _influence(rows: list[dict[str, str]], asked: str) -> Influence:
    mine = [row for row in rows if row["outcome"] == asked]
    largest = max(rows, key=lambda row: float(row["influence"]))
    return Influence(
        share=max((float(row["influence"]) for row in mine), default=0.0),
        is_clear=any(float(row["mu_star_low"]) > float(row["noise_alone"]) for row in mine),
        most_on=largest["outcome"] if float(largest["influence"]) > 0 else "",
    )


def shipped_study() -> Path:
    """Return the file of the study of influence that comes with the package."""
    return config_root() / FILE
