"""The assumption ledger: the source of every parameter, and how much the results depend on it.

``python -m omemsim.cli.ledger docs/assumptions.md`` writes the page anew from the declarations and
from the study of their influence that comes with the package (`configs/sensitivity.csv`, as
`omemsim sensitivity` writes it); a second file names another such study. `omemsim describe
assumptions` prints the page.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from omemsim.inputs.config import config_root
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import Declaration, Parameters, declarations

__all__ = ["COMMAND", "STATUSES", "Influence", "entries", "page", "read_influence", "status_of"]

COMMAND = "python -m omemsim.cli.ledger docs/assumptions.md"
FILE = "sensitivity.csv"
PREFIX = "parameters."
FIRST = 10  # that matter most and are least known
KNOWN = 10  # that matter most of the others

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


def read_influence(path: Path) -> tuple[str, dict[str, Influence]]:
    """Return what a study compared, in words, and the influence of its parameters.

    Raises
    ------
    InputError
        If the file cannot be read, or is not what `omemsim sensitivity` writes.
    """
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        asked = rows[0]["outcome"]
        what = f"{asked.replace('_', ' ')} under {rows[0]['strategy']} less {rows[0]['baseline']}"
        return what, {name: _influence(mine, asked) for name, mine in _grouped(rows).items()}
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


def page(path: Path | None = None) -> str:
    """Return the ledger in Markdown; ``path`` is a study of influence, by default the package's."""
    what, influence = read_influence(path or config_root() / FILE)
    every = entries(influence)
    ranked = sorted(every, key=lambda entry: -entry.share)
    assumed = [entry for entry in ranked if entry.status == "assumed"]
    others = [x for x in ranked if x.status in ("derived", "measured") and x.share > 0]
    parts = [
        "# Assumptions",
        f"Generated: `{COMMAND}`. Do not edit.\n\n[sources.md](sources.md) says what the "
        "sources are.",
        _opening(every, what),
        "## The ten that matter most and are least known",
        "Assumed numbers, the most influential first. Measuring these would help most.",
        _table(assumed[:FIRST]),
        "## Those with a source that matter most",
        _table(others[:KNOWN]) if others else "None moves the difference more than noise does.",
        "## All parameters",
        *_groups(every),
    ]
    return "\n\n".join(parts) + "\n"


def _opening(every: list[Entry], what: str) -> str:
    counts = {status: sum(entry.status == status for entry in every) for status in STATUSES}
    lines = [
        f"- **{status}** ({counts[status]}): {meaning}." for status, meaning in STATUSES.items()
    ]
    looked = sum(entry.influence is not None for entry in every)
    return (
        f"Every number of the model, {len(every)} in all, and what it is based on:\n\n"
        + "\n".join(lines)
        + f"\n\n**Influence** is on {what}: the mean effect of a parameter over its range "
        "(Morris's mu*), as a share of the largest. 0% means no more than the noise between "
        "replicates alone gives; a ? that the 95% interval overlaps this noise; a dash that the "
        f"parameter was not varied (labels, prices, switches and counts). {looked} parameters were "
        f"varied.{_doubt(every)} Another question, town or strategy gives another order: "
        "`omemsim sensitivity` computes it."
    )


def _doubt(every: list[Entry]) -> str:
    """Return a warning if the study is too small to tell any parameter from noise."""
    if any(entry.influence and entry.influence.is_clear for entry in every):
        return ""
    return " **The study is too small to tell any of them from noise: its order is a first guess.**"


def _groups(every: list[Entry]) -> Iterator[str]:
    groups: dict[str, list[Entry]] = {}
    for entry in every:
        groups.setdefault(entry.item.path.split(".")[1], []).append(entry)
    for name, mine in groups.items():
        yield f"### {name}"
        yield _table(mine)


def _table(rows: Iterable[Entry]) -> str:
    head = "| parameter | default | range | status | influence | most on | what it is | source |"
    lines = [head, "|---|---|---|---|---|---|---|---|"]
    return "\n".join([*lines, *(_row(entry) for entry in rows)])


def _row(entry: Entry) -> str:
    item, found = entry.item, entry.influence
    most = found.most_on.replace("_", " ") if found else ""
    cells = (
        f"`{item.path.removeprefix(PREFIX)}`",
        f"{item.default:g} {item.unit}",
        f"{item.low:g} to {item.high:g}",
        entry.status,
        _percent(found),
        most,
        item.doc,
        item.source,
    )
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _percent(found: Influence | None) -> str:
    if found is None:
        return "-"
    doubt = "" if found.is_clear or not found.share else " ?"
    return f"{100 * found.share:.0f}%{doubt}"


def main(words: list[str]) -> None:
    """Write the page into a file."""
    study = Path(words[1]) if len(words) > 1 else None
    Path(words[0]).write_text(page(study), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(f"Which file? As: {COMMAND}")
    main(sys.argv[1:])
