"""From one run's series to its figures, and what figures of comparisons share with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omemsim.figures.ink import plain
from omemsim.figures.maps import Ground, cells, map_figure, polygons
from omemsim.figures.one_run import QUARTER, Trace, records_in, run_figure
from omemsim.figures.page import Page
from omemsim.figures.provenance import provenance_line
from omemsim.figures.wheel import Wheel, wheel_figure
from omemsim.figures.zones import transitions_figure
from omemsim.measures import MEASURES
from omemsim.present.text import counted
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Zone

if TYPE_CHECKING:
    from omemsim.series import Series

__all__ = [
    "ONE",
    "TABLE_NOTES",
    "ground_of",
    "has_season",
    "map_notes",
    "provenance",
    "run_page",
    "season_of",
    "series_figures",
    "span",
    "when",
    "wheel_note",
    "wheels",
    "years_of",
    "zones_of",
]

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
ONE = "One replicate: another seed would give another picture."
TABLE_NOTES = [
    "Percent of the row; below it the number of neighbourhoods. Outlined: same zone. "
    "Right of the outline (blue): to a safer zone. Left (orange): to a riskier one."
]
TRACES: tuple[tuple[str, float | None], ...] = (
    ("victimization", None),
    ("public_calls", None),
    ("capacity", 1.0),
)


def years_of(weeks: NDArray[np.int64]) -> Floats:
    """Return years from the start to the end of each of these weeks, (T,)."""
    return np.asarray(weeks / WEEKS_PER_YEAR)


def length(series: Series) -> str:
    """Return the time simulated in words, e.g. "5 years"."""
    weeks = int(series.weeks[-1])
    if weeks < WEEKS_PER_YEAR:
        return counted(weeks, "week")
    return counted(round(weeks / WEEKS_PER_YEAR, 1), "year")


def span(series: Series) -> str:
    """Return the first and the last record, e.g. "week 4 to week 260"."""
    return f"week {series.weeks[0]} to week {series.weeks[-1]}"


def when(series: Series) -> tuple[str, str]:
    """Return what to write over a picture of the first record and one of the last."""
    return f"week {series.weeks[0]}", f"after {length(series)}"


def provenance(series: Series, *, runs: str) -> str:
    """Return the line at the foot of every figure: where its numbers come from."""
    meta = series.meta
    size = counted(len(series.ids), "neighbourhood")
    parts = (size, length(series), runs, f"seed {_seed(meta)}")
    town, version = str(meta.get("town", "?")), str(meta.get("version", "?"))
    return provenance_line(town, *parts, version=version)


def _replicate(series: Series) -> str:
    return f"replicate {series.meta.get('replicate', '?')}"


def _seed(meta: dict[str, Any]) -> Any:
    config = meta.get("config")
    return config.get("seed", "?") if isinstance(config, dict) else "?"


def ground_of(series: Series) -> Ground | None:
    """Return the map to draw on: polygons if known, else cells, else None."""
    if series.meta.get("polygons"):
        return polygons(series.meta["polygons"])
    if series.meta.get("xy") is not None:
        return cells(np.asarray(series.meta["xy"], float))
    return None


def map_notes(ground: Ground) -> list[str]:
    """Say that squares are not the shapes of neighbourhoods."""
    return ["Each neighbourhood is drawn as a square: its shape is not known."] * ground.made_up


def zones_of(series: Series) -> Labels:
    """Return the observed zones, (T, N)."""
    return np.asarray(series.values["zone"], np.int64)


def wheels(series: Series) -> tuple[Wheel, Wheel]:
    """Return the wheel of the first and of the last record, calls as means over a quarter."""
    zones = zones_of(series)
    calls = np.asarray(series.values.get("public_calls", np.zeros(zones.shape)), float)
    few = records_in(QUARTER, series.weeks)
    return (
        Wheel(zones[0], calls[:few].mean(axis=0)),
        Wheel(zones[-1], calls[-few:].mean(axis=0)),
    )


def has_season(series: Series, measure: str) -> bool:
    """Return whether a measure is a flow of events, and the season of events was recorded."""
    return "season" in series.values and MEASURES[measure].unit.endswith("a year")


def season_of(series: Series, measure: str) -> Floats | float:
    """Return what to divide a measure by to take its season out: (T,), or 1."""
    return series.values["season"] if has_season(series, measure) else 1.0


def wheel_note(series: Series) -> str:
    """Say what a dot's place within its zone means."""
    if "public_calls" not in series.values:
        return "A dot's place within its zone has no meaning: calls were not recorded."
    return f"Dots run clockwise from most to fewest public calls, mean of {QUARTER} weeks."


def moves(zones: Labels) -> Labels:
    """Count neighbourhoods by zone in the first record (row) and in the last (column), (4, 4)."""
    table = np.zeros((len(Zone), len(Zone)), np.int64)
    np.add.at(table, (zones[0], zones[-1]), 1)
    return table


def run_page(series: Series) -> Page:
    """Return one run on one page."""
    recorded = [(name, top) for name, top in TRACES if name in series.values]
    return run_figure(
        zones_of(series),
        series.weeks,
        [
            Trace(
                MEASURES[name].title,
                MEASURES[name].unit,
                series.town_value(name),
                top,
                season_of(series, name),
            )
            for name, top in recorded
        ],
        names=series.names,
        title=f"{_called(series, 'town')} under {_called(series, 'strategy')}",
        provenance=provenance(series, runs=_replicate(series)),
    )


def _called(series: Series, key: str) -> str:
    name = plain(str(series.meta.get(key, f"a {key}")))
    return name[:1].upper() + name[1:] if key == "town" else name


def series_figures(series: Series) -> Iterator[tuple[str, Page]]:
    """Yield (file name, figure) for one run."""
    name, zones = str(series.meta.get("strategy", "run")), zones_of(series)
    times, source = when(series), provenance(series, runs=_replicate(series))
    yield "run", run_page(series)
    yield (
        "wheel_before_after",
        wheel_figure(
            {name: wheels(series)}, when=times, notes=[ONE, wheel_note(series)], provenance=source
        ),
    )
    yield (
        "transitions",
        transitions_figure(
            {name: moves(zones)},
            span=f"{span(series)}, one replicate",
            notes=TABLE_NOTES,
            provenance=source,
        ),
    )
    ground = ground_of(series)
    if ground is not None:
        pair = {name: (zones[0], zones[-1])}
        notes, called = [ONE, *map_notes(ground)], (series.names, series.ids)
        yield (
            "map",
            map_figure(pair, ground, when=times, notes=notes, provenance=source, names=called),
        )
