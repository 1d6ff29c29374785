"""The observed zone of each neighbourhood in a table: what tips it, and how sure it is.

It is read off recorded crime as a multiple of the table's own mean, and off public calls per 1,000
residents where the table has them; the worse of the two decides (evidence: practice.md). A table of
one neighbourhood has no other to compare with: it is read against fixed limits (`zone_rules`).

How sure: `zone_chances`. Other rules read other zones: `zone_rules`. Kinds of doubt: `doubts`.

Assumption: a table says nothing about residents' capacity and who leads initiatives, in which green
and blue differ. A neighbourhood with a blue neighbourhood's crime and calls is therefore called
green, and the diagnosis says that it could be blue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from omemsim import labelled
from omemsim.analysis.city_fit import CityFit
from omemsim.analysis.diagnosis_screen import screen
from omemsim.analysis.severity import Severity
from omemsim.analysis.zone_chances import DRAWS
from omemsim.analysis.zone_rows import COLUMNS, SURE, ZoneRow
from omemsim.analysis.zone_rules import absolute_lines
from omemsim.analysis.zone_table import ZoneTable, lacking, rests_on
from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.scenario import Scenario
from omemsim.present import csv, text
from omemsim.study.identity import ANY_TABLE
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import ZoneLimits

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["DRAWS", "SURE", "Diagnosis", "ZoneRow", "diagnose", "idle_keys", "table_of"]

# The keys that say how a table and its zones are read.
READ = (
    r"town|town\.(name|file|columns.*|adjacency|polygons|year|since|sheet|suppressed|totals"
    r"|coverage_\w+|scale)"
    r"|parameters\.zones\.(recorded|calls)_\w+"
)


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """All neighbourhoods, those that need most first, and what was noted on reading the table.

    Attributes
    ----------
    town : the table's name.
    rows : one of each neighbourhood.
    blueprint : what was read of the table; where neighbourhoods are on the map.
    limits, severity : the lines between zones, and the weights of the label by severity.
    fit : how the model fits the table; None if it was not run.
    """

    town: str
    rows: list[ZoneRow]
    blueprint: Blueprint
    limits: ZoneLimits
    severity: Severity
    fit: CityFit | None = None

    def __repr__(self) -> str:
        """Say what it is in a line."""
        return f"<Diagnosis: {self.town}; {text.tallied(row.zone for row in self.rows)}>"

    @property
    def notes(self) -> list[str]:
        """Return what was imputed, dropped or assumed on reading the table, a sentence each."""
        return self.blueprint.notes

    @property
    def rests_on(self) -> str:
        """Say what was counted, and loudly what was not."""
        return _alone(self) if self.is_alone else rests_on(self.blueprint)

    @property
    def lacking(self) -> list[str]:
        """Return which of violence, property crime and calls the table lacks."""
        return lacking(self.blueprint)

    @property
    def is_alone(self) -> bool:
        """Return whether there is nothing to compare with: zones are by fixed limits then."""
        return len(self.rows) == 1

    def text(self) -> str:
        """Return what a planner reads in a terminal: one screen, however long the table is."""
        return screen(self.rows, town=self.town, rests_on=self.rests_on, notes=self.notes)

    def csv(self) -> str:
        """Return a row per neighbourhood as CSV text, in which no text is a formula."""
        columns, rows = self.cells()
        return csv.of_rows(columns, ([_written(cell) for cell in row] for row in rows))

    def cells(self) -> tuple[list[str], list[list[Any]]]:
        """Return the names of columns, and a row of them per neighbourhood; with the fit's."""
        rows = [[getattr(row, name) for name in COLUMNS] for row in self.rows]
        if self.fit is None:
            return COLUMNS, rows
        starts = {one.id: one for one in self.fit.starts}
        more = [starts[row.id].cells() for row in self.rows]
        return [*COLUMNS, *more[0]], [
            [*cells, *own.values()] for cells, own in zip(rows, more, strict=True)
        ]

    def table(self) -> pd.DataFrame:
        """Return a row per neighbourhood; the fields of `ZoneRow`, and of `Start` with a fit."""
        return labelled.frame(*self.cells())

    def to_xarray(self) -> xr.Dataset:
        """Return the table by id of the neighbourhood, with the extra ``xarray``."""
        return labelled.dataset_of(self.table(), ["id"])


def idle_keys(keys: Iterable[str]) -> list[str]:
    """Return what is wrong with keys that a diagnosis could only ignore, a sentence each."""
    return [
        f"{key}= does nothing here: diagnose reads a table and plans nothing. Leave it out."
        for key in keys
        if not re.fullmatch(READ, key)
    ]


def table_of(scenario: Scenario) -> Blueprint:
    """Return the table of a scenario's town, named after its file where the town is any table.

    Raises
    ------
    InputError
        If the town is drawn, or the table cannot be read.
    """
    from omemsim.inputs.tables import read_blueprint

    town = scenario.town
    if town.kind != "table":
        raise InputError(
            f"town={town.name} is a synthetic town, not a table: there is nothing to read."
        )
    blueprint = read_blueprint(town)
    is_any = blueprint.name == ANY_TABLE
    return replace(blueprint, name=Path(str(town.file)).name) if is_any else blueprint


def diagnose(
    blueprint: Blueprint, limits: ZoneLimits, *, seed: int = 0, severity: Severity | None = None
) -> Diagnosis:
    """Return the zone of each neighbourhood.

    Parameters
    ----------
    blueprint : a table's neighbourhoods; rates per 1,000 residents of all ages a year.
    limits : the lines between zones.
    seed : of the draws that say how sure a label is.
    severity : weights of the label by severity; None for the usual ones.

    Raises
    ------
    InputError
        If the table has neither recorded crime nor calls, or no recorded crime at all, or one
        neighbourhood that fixed limits cannot be applied to.
    """
    table = ZoneTable.of(blueprint, limits, severity or Severity(), seed=seed)
    rows = [table.row(place, rank) for rank, place in enumerate(table.by_need(), 1)]
    return Diagnosis(blueprint.name, rows, blueprint, limits, table.severity)


def _alone(diagnosis: Diagnosis) -> str:
    """Return one neighbourhood's rates beside the fixed limits."""
    row, limits = diagnosis.rows[0], diagnosis.limits
    _, mid, high = absolute_lines(limits)
    rates = {
        f"{row.recorded:.0f} recorded crimes (amber from {mid:.0f}, red from {high:.0f})": (
            row.recorded
        ),
        f"{row.calls:.0f} calls (amber from {limits.calls_mid:.0f}, red from "
        f"{limits.calls_high:.0f})": row.calls,
    }
    known = [told for told, rate in rates.items() if not np.isnan(rate)]
    return (
        "One neighbourhood cannot be compared with others, so it is read against fixed limits. "
        f"A year per 1,000 residents it has {' and '.join(known)}."
    )


def _written(cell: Any) -> Any:
    """Return a cell of CSV: a number that does not exist is empty."""
    return "" if isinstance(cell, float) and np.isnan(cell) else csv.as_text(cell)
