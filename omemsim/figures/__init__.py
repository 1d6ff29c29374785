"""Figures of a run and of a comparison, as PNG and SVG. The only place that loads matplotlib.

>>> from omemsim.figures import plot_series, save_comparison_figures
>>> save_comparison_figures(om.compare("omem"), Path("figures"))
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.figures.compared import comparison_figures
from omemsim.figures.page import Page, write
from omemsim.figures.single import run_page, series_figures

if TYPE_CHECKING:
    from omemsim.series import Series
    from omemsim.study.comparison import Comparison

__all__ = ["plot_series", "save_comparison_figures", "save_series_figures"]


def save_comparison_figures(comparison: Comparison, out: Path) -> list[Path]:
    """Write all figures of a comparison into folder ``out``, made if need be.

    Returns
    -------
    list of Path
        PNG (150 dpi) and SVG of each figure, in the order to show them: zones over time, the
        wheel, transitions, victimization, calls, fear, trust, capacity, differences, map.
        What was not recorded is left out.
    """
    return _save(comparison_figures(comparison), out)


def save_series_figures(series: Series, out: Path) -> list[Path]:
    """Write all figures of one run into folder ``out``, made if need be.

    Returns
    -------
    list of Path
        PNG and SVG of each figure: the run on one page, the wheel, transitions, map.
    """
    return _save(series_figures(series), out)


def plot_series(series: Series) -> Page:
    """Return one run on one page, a matplotlib ``Figure`` that notebooks show as it is."""
    return run_page(series)


def _save(figures: Iterable[tuple[str, Page]], out: Path) -> list[Path]:
    return [path for name, page in figures for path in write(page, Path(out), name)]
