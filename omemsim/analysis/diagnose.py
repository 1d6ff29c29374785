"""The observed zone of each neighbourhood in a table: what tips it, and how sure it is.

It is read off recorded crime as a multiple of the table's own mean, and off public calls per 1,000
residents where the table has them; the worse of the two decides (evidence: practice.md). A table of
one neighbourhood has no other to compare with: it is read against fixed limits (`zone_rules`).

How sure: `zone_chances`. Other rules read other zones: `zone_rules`. Kinds of doubt: `doubts`.

Assumption: a table says nothing about residents' capacity and who leads initiatives, in which green
and blue differ. A neighbourhood with a blue neighbourhood's crime and calls is
therefore called green, and the table says that it could be blue.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from omemsim import labelled
from omemsim.analysis.city_fit import CityFit
from omemsim.analysis.diagnosis_screen import screen
from omemsim.analysis.diagnosis_words import tip_words
from omemsim.analysis.doubts import doubts_of
from omemsim.analysis.severity import Severity, SeverityLabels, severity_labels
from omemsim.analysis.tipping import tip_of
from omemsim.analysis.zone_chances import DRAWS, Records, zone_chances, zones_of
from omemsim.analysis.zone_rows import COLUMNS, SURE, ZoneRow
from omemsim.analysis.zone_rules import Rule, RuleLabels, all_crime, rule_labels, usual_multiple
from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.scenario import Scenario
from omemsim.language import ENGLISH
from omemsim.language.names import tactic_name
from omemsim.present import csv, text
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import ZoneLimits
from omemsim.vocabulary.wheel import ZONE_OF_TACTIC, Zone

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["DRAWS", "SURE", "Diagnosis", "ZoneRow", "diagnose", "idle_keys", "table_of"]

Floats = NDArray[np.float64]
EVEN = 0.5
# The keys that say how a table and its zones are read.
READ = (
    r"town|town\.(name|file|columns.*|adjacency|polygons|year|coverage_\w+|scale)"
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
        return _rests_on(self.blueprint)

    @property
    def lacking(self) -> list[str]:
        """Return which of violence, property crime and calls the table has not."""
        return _lacking(self.blueprint)

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
    is_any = blueprint.name == "table"
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
    table = _Table.of(blueprint, limits, Severity() if severity is None else severity, seed=seed)
    rows = [table.row(place, rank) for rank, place in enumerate(table.by_need(), 1)]
    return Diagnosis(blueprint.name, rows, blueprint, limits, table.severity)


@dataclass(frozen=True)
class _Table:
    """A table as it is read: zones (N,), chances (4, N), labels by other rules."""

    blueprint: Blueprint
    limits: ZoneLimits
    severity: Severity
    records: Records
    zones: NDArray[np.int8]
    chances: Floats
    weighed: SeverityLabels | None
    rules: RuleLabels
    labels: list[str]

    @classmethod
    def of(
        cls, blueprint: Blueprint, limits: ZoneLimits, severity: Severity, *, seed: int
    ) -> _Table:
        records = _records(blueprint)
        weighed = _weighed(blueprint, 1000 * records.thousands, limits, severity)
        return cls(
            blueprint,
            limits,
            severity,
            records,
            zones_of(records, limits),
            zone_chances(records, limits, seed=seed),
            weighed,
            rule_labels(blueprint, records.multiple, weighed, limits),
            _labels(blueprint),
        )

    def by_need(self) -> list[int]:
        """Return rows by zone, worst first, and within a zone by how far they are from red."""
        calls = 0.0 if self.records.calls is None else self.records.calls / self.limits.calls_high
        crime = np.nan_to_num(self.records.multiple) / self.limits.recorded_high
        return [int(place) for place in np.lexsort((-np.maximum(crime, calls), self.zones))]

    def row(self, place: int, rank: int) -> ZoneRow:
        """Return what is said of one neighbourhood."""
        blueprint, zone = self.blueprint, Zone(int(self.zones[place]))
        chances = self.chances[:, place]
        sure, likeliest = float(chances[zone]), Zone(int(chances.argmax()))
        is_other = sure < EVEN and likeliest != zone
        multiple, calls = float(self.records.multiple[place]), _at(self.records.calls, place)
        by_rule = {rule: self.rules.name_of(rule, place) for rule in Rule}
        tip = tip_of(multiple, calls, self.limits)
        return ZoneRow(
            rank=rank,
            id=blueprint.ids[place],
            name=blueprint.names[place],
            label=self.labels[place],
            population=float(1000 * self.records.thousands[place]),
            zone=_word(zone),
            sure=sure,
            likelier=_word(likeliest) if is_other else "",
            likelier_share=float(chances[likeliest]) if is_other else float("nan"),
            tipped_by=tip_words(tip, ENGLISH, is_alone=len(self.labels) == 1),
            recorded=_at(self.records.recorded, place),
            multiple=multiple,
            calls=calls,
            visitors=float(blueprint.visitors[place]),
            **{rule.value: name for rule, name in by_rule.items()},
            severity_multiple=_at(None if self.weighed is None else self.weighed.multiple, place),
            could_be_blue=self.could_be_blue(multiple, calls),
            small=self.is_small(place),
            doubts=self.doubts(place, zone, sure, by_rule),
            tactics=_tactics(zone),
            tip=tip,
        )

    def could_be_blue(self, multiple: float, calls: float) -> bool:
        """Say whether all that is known stays under the line that blue needs."""
        return not (multiple >= self.limits.recorded_low or calls >= self.limits.calls_low)

    def is_small(self, place: int) -> bool:
        """Say whether few people live there."""
        return bool(1000 * self.records.thousands[place] < self.severity.small)

    def doubts(self, place: int, zone: Zone, sure: float, by_rule: dict[Rule, str]) -> str:
        """Return the kinds of doubt about a neighbourhood's zone."""
        others = {*by_rule.values()} - {"", _word(zone)}
        if zone is Zone.GREEN:  # by one axis few calls are enough for blue: that is no difference
            others.discard(_word(Zone.BLUE))
        multiple, calls = float(self.records.multiple[place]), _at(self.records.calls, place)
        return doubts_of(
            is_unsure=sure < SURE,
            is_small=self.is_small(place),
            has_visitors=bool(self.blueprint.visitors[place] >= self.severity.visitors),
            lacks=bool(_lacking(self.blueprint)),
            differs=bool(others),
            could_be_blue=self.could_be_blue(multiple, calls),
            is_alone=len(self.labels) == 1,
        )


def _records(blueprint: Blueprint) -> Records:
    """Return what zones are read from; counts are of the real residents."""
    recorded, calls = _recorded(blueprint), blueprint.calls
    if recorded is None and calls is None:
        raise InputError(
            f"{blueprint.name}: neither recorded crime nor calls are in the table, so no zone can "
            "be read. Say which columns hold them, as town.columns.violence=assault."
        )
    thousands = blueprint.population * blueprint.scale / 1000
    reference = 1.0 if recorded is None else float(np.average(recorded, weights=thousands))
    if len(blueprint.ids) == 1 and recorded is not None:
        if (crime := all_crime(blueprint)) is not None:
            reference = float(recorded[0] / usual_multiple(crime)[0])
        elif calls is None:
            raise InputError(
                f"{blueprint.name}: one neighbourhood cannot be compared with others, and fixed "
                "limits need both violence and property crime, or calls. Add a column, or rows of "
                "other neighbourhoods."
            )
        else:
            recorded = None
    return Records(thousands, recorded, calls, reference)


def _recorded(blueprint: Blueprint) -> Floats | None:
    """Return recorded crimes per 1,000 residents a year, all streams the table has."""
    streams = [rates for rates in (blueprint.violence, blueprint.property) if rates is not None]
    if not streams:
        return None
    total = np.sum(streams, axis=0)
    if not total.any():
        raise InputError(
            f"{blueprint.name}: no crime is recorded anywhere, so nothing can be compared."
        )
    return np.asarray(total)


def _labels(blueprint: Blueprint) -> list[str]:
    """Return each name, with the identifier where others are called the same."""
    often = Counter(blueprint.names)
    pairs = zip(blueprint.names, blueprint.ids, strict=True)
    return [f"{name} ({own})" if often[name] > 1 else name for name, own in pairs]


def _lacking(blueprint: Blueprint) -> list[str]:
    """Return which of the numbers that a zone is read from the table has not."""
    parts = {
        "violence": blueprint.violence,
        "property crime": blueprint.property,
        "calls": blueprint.calls,
    }
    return [name for name, rates in parts.items() if rates is None]


def _rests_on(blueprint: Blueprint) -> str:
    missing = [name for name in _lacking(blueprint) if name != "calls"]
    known = [name for name in ("violence", "property crime") if name not in missing]
    if len(blueprint.ids) == 1:
        text = "One neighbourhood cannot be compared: its rates are read against fixed limits."
    elif not known:
        return "Zones rest on calls alone: recorded crime is not in the table."
    elif blueprint.calls is None:
        text = "Zones rest on recorded crime alone: calls are not in the table."
    else:
        text = "Zones rest on recorded crime and calls, the worse of the two."
    for name in missing if known else []:
        text = f"ONLY {known[0].upper()} IS COUNTED: no column is mapped to {name}. {text}"
    return text


def _weighed(
    blueprint: Blueprint, population: Floats, limits: ZoneLimits, severity: Severity
) -> SeverityLabels | None:
    """Return the labels by severity; None where the table records no crime, or has one row."""
    is_known = blueprint.violence is not None or blueprint.property is not None
    if not is_known or len(blueprint.ids) == 1:
        return None
    nothing = np.zeros_like(population)
    return severity_labels(
        nothing if blueprint.violence is None else blueprint.violence,
        nothing if blueprint.property is None else blueprint.property,
        population=population,
        visitors=blueprint.visitors,
        limits=limits,
        severity=severity,
    )


def _written(cell: Any) -> Any:
    """Return a cell of CSV: a number that does not exist is empty."""
    return "" if isinstance(cell, float) and np.isnan(cell) else csv.as_text(cell)


def _word(zone: Zone) -> str:
    return zone.name.lower()


def _at(values: Floats | None, i: int) -> float:
    return float("nan") if values is None else float(values[i])


def _tactics(zone: Zone) -> str:
    names = [tactic.name.lower() for tactic, home in ZONE_OF_TACTIC.items() if home is zone]
    return ", ".join(tactic_name(name, ENGLISH) for name in names)
