"""The observed zone of each neighbourhood in a table: what tips it, and how sure it is.

It is read off recorded crime as a multiple of the table's own mean, and off public calls per 1,000
residents where the table has them; the worse of the two decides (evidence: practice.md).

How sure: next year's counts are drawn from Poisson distributions around this year's, as if
the underlying rates stayed the same, and the zone is read again. The share of draws with
the same zone is printed. It reflects chance alone, not recording practice.

Assumption: a table says nothing about residents' capacity and who leads initiatives, in which green
and blue differ. A neighbourhood with a blue neighbourhood's crime and calls is
therefore called green, and the table says that it could be blue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from omemsim import labelled
from omemsim.analysis.severity import SAID, Severity, SeverityLabels, severity_labels
from omemsim.inputs.blueprint import Between, Blueprint
from omemsim.inputs.scenario import Scenario
from omemsim.present import csv, text
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import ZoneLimits
from omemsim.vocabulary.wheel import ZONE_OF_TACTIC, ZONE_TITLES, Zone
from omemsim.vocabulary.zones import Indicators, read_zone

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["Diagnosis", "ZoneRow", "diagnose", "idle_keys", "table_of"]

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]
DRAWS = 2000  # the share's own standard error is then 0.011 at most
SURE = 0.8
# The keys that say how a table and its zones are read.
READ = (
    r"town|town\.(name|file|columns.*|adjacency|polygons|year|since|sheet|suppressed|totals|coverage_\w+|scale)"
    r"|parameters\.zones\.(recorded|calls)_\w+"
)
EVEN = 0.5


@dataclass(frozen=True)
class ZoneRow:
    """One neighbourhood as it is printed and written.

    ``recorded`` and ``calls`` are per 1,000 residents of all ages a year, ``multiple`` is
    recorded crime as a multiple of the table's mean; NaN where the table has none. ``sure``
    is the chance of the same zone in another year with the same underlying rates;
    ``likelier`` is another zone with a better chance where ``sure`` is below a half, and
    ``likelier_share`` its chance. ``severity_multiple`` and ``severity_zone`` are of crime weighted
    by severity per person present (`omemsim.analysis.severity`), NaN and empty where the table has
    no recorded crime; ``small`` says that it has few residents.
    """

    id: str
    name: str
    population: float
    zone: str
    sure: float
    likelier: str
    likelier_share: float
    tipped_by: str
    recorded: float
    multiple: float
    calls: float
    could_be_blue: bool
    tactics: str
    severity_multiple: float
    severity_zone: str
    small: bool


@dataclass(frozen=True, repr=False)
class Diagnosis:
    """All neighbourhoods, worst zone first, and what was noted on reading the table.

    ``rests_on`` says which of recorded violence, property crime and calls were counted.
    """

    town: str
    rows: list[ZoneRow]
    notes: list[str]
    rests_on: str
    severity: Severity = field(default_factory=Severity)

    def __repr__(self) -> str:
        """Say what it is in a line."""
        return f"<Diagnosis: {self.town}; {text.tallied(row.zone for row in self.rows)}>"

    def text(self) -> str:
        """Return the table a planner reads in a terminal."""
        head = f"{'neighbourhood':<34} {'zone':<6} {'sure':>5}  what tips it"
        places = "1 neighbourhood" if len(self.rows) == 1 else f"{len(self.rows)} neighbourhoods"
        lines = [f"{self.town}: {places}", self.rests_on, "", head]
        for row in self.rows:
            name = row.name if len(row.name) <= 34 else f"{row.name[:33]}…"
            blue = " (could be blue)" if row.could_be_blue else ""
            other = f"{row.likelier} likelier ({row.likelier_share:.0%}); " if row.likelier else ""
            sure = text.likely(row.sure)
            lines.append(f"{name:<34} {row.zone:<6} {sure:>5}  {other}{row.tipped_by}{blue}")
        lines += ["", *self._legend(), *self._by_severity()]
        return "\n".join([*lines, *(f"Note: {note}" for note in self.notes)])

    def _by_severity(self) -> list[str]:
        """Say where weighing crimes by severity gives another label, and which places are small."""
        known = [row for row in self.rows if row.severity_zone]
        changed = [row for row in known if row.severity_zone != row.zone]
        small = [row.name for row in self.rows if row.small]
        weights = f"violence {self.severity.violence:g}, property {self.severity.property:g}"
        lines = []
        if known:
            lines.append(
                f"By severity ({weights}; {SAID}), per person present, {len(changed)} of "
                f"{len(known)} labels differ:"
            )
            lines += [
                f"  {row.name}: {row.severity_zone} ({row.severity_multiple:.2f} x the mean)"
                for row in changed
            ]
        if small:
            lines.append(
                f"Small (fewer than {self.severity.small:,.0f} residents), where a few crimes move "
                f"the rate: {', '.join(small)}."
            )
        return lines

    def _legend(self) -> list[str]:
        lines = ["Tactics the wheel names:"]
        for zone in Zone:
            number = sum(row.zone == zone.name.lower() for row in self.rows)
            lines.append(
                f"  {zone.name.lower():<6} {number:>4}  {ZONE_TITLES[zone]}: {_tactics(zone)}"
            )
        unsure = sum(row.sure < SURE for row in self.rows)
        lines += [
            "'sure': the chance of the same zone in another year with the same underlying rates.",
            f"Under {SURE:.0%}, so not to be relied on: {unsure} of {len(self.rows)} labels.",
        ]
        if any(row.likelier for row in self.rows):
            lines.append(
                "'likelier': the zone most often read in such years, where the label has less than "
                "an even chance."
            )
        if any(row.could_be_blue for row in self.rows):
            lines.append(
                "'could be blue': crime and calls are low enough; the table does not say whether "
                "residents can keep it so."
            )
        return lines

    def csv(self) -> str:
        """Return a row per neighbourhood as CSV text."""
        return csv.of_dataclasses(ZoneRow, self.rows)

    def table(self) -> pd.DataFrame:
        """Return a row per neighbourhood, worst zone first; the fields of `ZoneRow`."""
        names = [item.name for item in fields(ZoneRow)]
        return labelled.frame(names, ([getattr(row, x) for x in names] for row in self.rows))

    def to_xarray(self) -> xr.Dataset:
        """Return the table by id of the neighbourhood, with the extra ``xarray``."""
        return labelled.dataset_of(self.table(), ["id"])


def idle_keys(keys: Iterable[str]) -> list[str]:
    """Return what is wrong with keys that a diagnosis could only ignore, a sentence each."""
    return [
        f"{key}= does nothing here: diagnose reads a table and runs nothing. Leave it out."
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
        If the table has neither recorded crime nor calls, or no recorded crime at all.
    """
    recorded, calls = _recorded(blueprint), blueprint.calls
    if recorded is None and calls is None:
        raise InputError(
            f"{blueprint.name}: neither recorded crime nor calls are in the table, so no zone can "
            "be read. Say which columns hold them, as town.columns.violence=assault."
        )
    population = blueprint.population * blueprint.scale  # counts are of the real residents
    thousands = population / 1000
    zones, chances = _zones_and_chances(
        recorded, calls, thousands, limits, seed=seed, between=blueprint.between
    )
    sure, likeliest = chances[zones, np.arange(zones.size)], chances.argmax(axis=0)
    other = (sure < EVEN) & (likeliest != zones)
    multiple = _multiple(recorded, thousands)
    order = np.lexsort((-np.nan_to_num(multiple), zones))
    weights = Severity() if severity is None else severity
    weighed = _weighed(blueprint, population, limits, weights)
    rows = [
        ZoneRow(
            id=blueprint.ids[i],
            name=blueprint.names[i],
            population=float(population[i]),
            zone=Zone(int(zones[i])).name.lower(),
            sure=float(sure[i]),
            likelier=Zone(int(likeliest[i])).name.lower() if other[i] else "",
            likelier_share=float(chances[likeliest[i], i]) if other[i] else float("nan"),
            tipped_by=_tipped_by(multiple[i], _at(calls, i), limits),
            recorded=_at(recorded, i),
            multiple=float(multiple[i]),
            calls=_at(calls, i),
            could_be_blue=_could_be_blue(multiple[i], _at(calls, i), limits),
            tactics=_tactics(Zone(int(zones[i]))),
            severity_multiple=float("nan") if weighed is None else float(weighed.multiple[i]),
            severity_zone="" if weighed is None else Zone(int(weighed.zone[i])).name.lower(),
            small=bool(population[i] < weights.small),
        )
        for i in order
    ]
    return Diagnosis(blueprint.name, rows, blueprint.notes, _rests_on(blueprint), weights)


def _weighed(
    blueprint: Blueprint, population: Floats, limits: ZoneLimits, severity: Severity
) -> SeverityLabels | None:
    """Return the labels by severity; None where the table records no crime."""
    if blueprint.violence is None and blueprint.property is None:
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


def _rests_on(blueprint: Blueprint) -> str:
    """Say what was counted, and loudly what was not."""
    kinds = {"violence": blueprint.violence, "property crime": blueprint.property}
    known = [name for name, rates in kinds.items() if rates is not None]
    missing = [name for name, rates in kinds.items() if rates is None]
    if not known:
        return "Zones rest on calls alone: recorded crime is not in the table."
    if blueprint.calls is None:
        text = "Zones rest on recorded crime alone: calls are not in the table."
    else:
        text = "Zones rest on recorded crime and calls, the worse of the two."
    for name in missing:
        text = f"ONLY {known[0].upper()} IS COUNTED: no column is mapped to {name}. {text}"
    return text


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


def _multiple(recorded: Floats | None, thousands: Floats) -> Floats:
    """Return recorded crime as a multiple of the table's mean per resident; NaN if none."""
    if recorded is None:
        return np.full(thousands.shape, np.nan)
    return np.asarray(recorded / np.average(recorded, weights=thousands))


def _zones_and_chances(
    recorded: Floats | None,
    calls: Floats | None,
    thousands: Floats,
    limits: ZoneLimits,
    *,
    seed: int,
    between: Between | None = None,
) -> tuple[Labels, Floats]:
    """Return the zone of each (N,), and the share of redrawn years with each zone (4, N).

    Where a count is only known to be ``between`` two ends, each year is drawn around another.
    """
    rng = np.random.default_rng(seed)
    nothing = np.zeros_like(thousands)
    multiple = nothing if recorded is None else _multiple(recorded, thousands)
    mean = 1.0 if recorded is None else np.average(recorded, weights=thousands)
    called = nothing if calls is None else calls
    zones = _zone(multiple, called, limits)
    shape = (DRAWS, thousands.size)
    expected = multiple * mean * thousands
    if between is not None:
        ends = (between.low * thousands, between.high * thousands)
        spread = np.random.default_rng([seed, 1]).uniform(*ends, shape)
        expected = np.where(between.low < between.high, spread, expected)
    again = _zone(
        rng.poisson(expected, shape) / thousands / mean,
        rng.poisson(called * thousands, shape) / thousands,
        limits,
    )
    return zones, np.stack([(again == zone).mean(axis=0) for zone in Zone])


def _zone(multiple: Floats, calls: Floats, limits: ZoneLimits) -> Labels:
    """Return the zone by crime and calls alone; capacity unknown, hence never blue."""
    unknown = np.zeros_like(multiple)
    seen = Indicators(
        calls=calls,
        n_calls=unknown,
        harm=multiple,
        n_harm=unknown,
        repeat=unknown,
        capacity=unknown,
        community_led=unknown,
        trust=unknown,
    )
    return read_zone(seen, limits, true_harm=False)


@dataclass(frozen=True)
class _Reading:
    """One indicator of one neighbourhood: name, words, value (NaN if unknown), its lines."""

    name: str
    words: str
    value: float
    lines: tuple[float, ...]

    @property
    def level(self) -> int:
        """Number of lines the value is at or past; -1 if it is unknown."""
        return -1 if np.isnan(self.value) else sum(self.value >= line for line in self.lines)

    def change_to(self, line: int) -> float:
        """Return the change that brings the value to a line, as a share of it."""
        return self.lines[line] / self.value - 1 if self.value else np.inf


def _tipped_by(multiple: float, calls: float, limits: ZoneLimits) -> str:
    """Say which number decides the zone, and what small change would make it another."""
    lines = (limits.recorded_low, limits.recorded_mid, limits.recorded_high)
    crime = _Reading("crime", f"recorded crime {multiple:.2f} x the mean", multiple, lines)
    lines = (limits.calls_low, limits.calls_mid, limits.calls_high)
    called = _Reading("the call rate", f"{calls:,.0f} calls per 1,000", calls, lines)
    known = [reading for reading in (crime, called) if reading.level >= 0]
    level = max(reading.level for reading in known)
    deciding = [reading for reading in known if reading.level == level]
    words = " and ".join(reading.words for reading in deciding)
    return f"{words}; {_nearest_line(known, deciding, level)}"


def _nearest_line(known: list[_Reading], deciding: list[_Reading], level: int) -> str:
    """Return e.g. "amber if crime falls 12%".

    For a better zone all that decide have to fall, so it is offered only where one decides. The
    lowest line, green to blue, is no option: crime and calls alone never make a zone blue.
    """
    options = []
    line = max(level, 1)
    if level < 3:
        changes = [(reading.change_to(line), reading.name) for reading in known]
        options = [(by, f"{name} rises", Zone(2 - line)) for by, name in changes]
    if level >= 2 and len(deciding) == 1:
        fall = -deciding[0].change_to(level - 1)
        options.append((fall, f"{deciding[0].name} falls", Zone(4 - level)))
    if not options:
        return f"{Zone(4 - level).name.lower()} only if both fall"
    by, event, zone = min(options)
    return f"{zone.name.lower()} if {event} " + (f"{by:.0%}" if by < 1 else "more than twofold")


def _could_be_blue(multiple: float, calls: float, limits: ZoneLimits) -> bool:
    """Say whether all that is known stays under the line that blue needs."""
    return not (multiple >= limits.recorded_low or calls >= limits.calls_low)


def _at(values: Floats | None, i: int) -> float:
    return float("nan") if values is None else float(values[i])


def _tactics(zone: Zone) -> str:
    names = [tactic.name.lower() for tactic, home in ZONE_OF_TACTIC.items() if home is zone]
    return ", ".join(name.replace("_", " ") for name in names)
