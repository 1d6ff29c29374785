"""Cells added up and scaled as text, for rows that are made of several rows of a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

from omemsim.inputs.tables.numbers import Cell, Style, cell_of

__all__ = ["added", "reading", "written"]


def reading(cell: str, style: Style) -> Cell:
    """Return what a cell says; one that cannot be read says nothing."""
    try:
        return cell_of(cell, style)
    except ValueError:
        return Cell(math.nan, math.nan, math.nan)


def added(cells: Sequence[Cell], *, times: float = 1.0) -> str:
    """Return the sum of cells as the text of one; those without a number are as the others are.

    Parameters
    ----------
    cells : at least one.
    times : what the sum is multiplied by.
    """
    known = [cell for cell in cells if not math.isnan(cell.value)]
    if not known:
        return ""
    whole = times * len(cells) / len(known)
    low, high = (whole * sum(getattr(c, end) for c in known) for end in ("low", "high"))
    return written(low) if low == high else f"{written(low)}–{written(high)}"


def written(value: float) -> str:
    """Write a number so that its dot is not taken for one between thousands."""
    return str(int(value)) if float(value).is_integer() else f"{value:.6f}"
