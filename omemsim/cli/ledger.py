"""The assumption ledger: the source of every parameter, and how much the results depend on it.

``python -m omemsim.cli.ledger docs/assumptions.md`` writes the page anew from the declarations and
from the study of their influence that comes with the package (`configs/sensitivity.csv`, as
`omemsim sensitivity` writes it); a second file names another such study. `omemsim describe
assumptions` prints the page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from omemsim.analysis.assumptions import (
    PREFIX,
    STATUSES,
    Entry,
    Influence,
    InfluenceStudy,
    entries,
    read_influence,
    shipped_study,
)

__all__ = ["COMMAND", "page"]

COMMAND = "python -m omemsim.cli.ledger docs/assumptions.md"
FIRST = 10  # that matter most and are least known
KNOWN = 10  # that matter most of the others


def page(path: Path | None = None) -> str:
    """Return the ledger in Markdown; ``path`` is a study of influence, by default the package's."""
    study = read_influence(path or shipped_study())
    every = entries(study.influence)
    ranked = sorted(every, key=lambda entry: -entry.share)
    assumed = [entry for entry in ranked if entry.status == "assumed"]
    others = [x for x in ranked if x.status in ("derived", "measured") and x.share > 0]
    parts = [
        "# Assumptions",
        f"Generated: `{COMMAND}`. Do not edit.\n\n[sources.md](sources.md) says what the "
        "sources are.",
        _opening(every, study),
        "## The ten that matter most and are least known",
        "Assumed numbers, the most influential first. Measuring these would help most.",
        _table(assumed[:FIRST]),
        "## Those with a source that matter most",
        _table(others[:KNOWN]) if others else "None moves the difference more than noise does.",
        "## All parameters",
        *_groups(every),
    ]
    return "\n\n".join(parts) + "\n"


def _opening(every: list[Entry], study: InfluenceStudy) -> str:
    counts = {status: sum(entry.status == status for entry in every) for status in STATUSES}
    lines = [
        f"- **{status}** ({counts[status]}): {meaning}." for status, meaning in STATUSES.items()
    ]
    looked = sum(entry.influence is not None for entry in every)
    what = f"{study.outcome.replace('_', ' ')} under {study.strategy} less {study.baseline}"
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
