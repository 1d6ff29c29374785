"""A table's neighbourhoods as they are read: zones, chances, other rules, and a row of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.diagnosis_words import tip_words
from omemsim.analysis.doubts import doubts_of
from omemsim.analysis.severity import Severity, SeverityLabels, severity_labels
from omemsim.analysis.tipping import tip_of
from omemsim.analysis.zone_chances import Records, zone_chances, zones_of
from omemsim.analysis.zone_rows import SURE, ZoneRow
from omemsim.analysis.zone_rules import (
    Rule,
    RuleLabels,
    all_crime,
    other_zones,
    rule_labels,
    usual_multiple,
)
from omemsim.inputs.blueprint import Blueprint
from omemsim.language import ENGLISH
from omemsim.language.names import tactic_name
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import ZoneLimits
from omemsim.vocabulary.wheel import ZONE_OF_TACTIC, Zone

__all__ = ["ZoneTable", "lacking", "rests_on"]

Floats = NDArray[np.float64]
EVEN = 0.5  # chance of the zone itself, under which a likelier one is named


@dataclass(frozen=True)
class ZoneTable:
    """A table as it is read: zones (N,), chances of each zone (4, N), labels by other rules."""

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
    ) -> ZoneTable:
        """Read a table.

        Parameters
        ----------
        blueprint, limits, severity, seed : as for `diagnose.diagnose`.

        Raises
        ------
        InputError
            As there.
        """
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
            doubts=self._doubts(place, zone, sure, by_rule),
            tactics=_tactics(zone),
            tip=tip,
        )

    def could_be_blue(self, multiple: float, calls: float) -> bool:
        """Say whether all that is known stays under the line that blue needs."""
        return not (multiple >= self.limits.recorded_low or calls >= self.limits.calls_low)

    def is_small(self, place: int) -> bool:
        """Say whether few people live there."""
        return bool(1000 * self.records.thousands[place] < self.severity.small)

    def is_filled(self, place: int) -> bool:
        """Say whether a count of crime is only known to lie between two numbers."""
        between = self.blueprint.between
        return between is not None and bool(between.low[place] < between.high[place])

    def _doubts(self, place: int, zone: Zone, sure: float, by_rule: dict[Rule, str]) -> str:
        """Return the kinds of doubt about a neighbourhood's zone."""
        multiple, calls = float(self.records.multiple[place]), _at(self.records.calls, place)
        return doubts_of(
            is_unsure=sure < SURE,
            is_filled=self.is_filled(place),
            is_small=self.is_small(place),
            has_visitors=bool(self.blueprint.visitors[place] >= self.severity.visitors),
            lacks=bool(lacking(self.blueprint)),
            differs=bool(other_zones(by_rule, _word(zone))),
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
    return Records(thousands, recorded, calls, reference, blueprint.between)


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


def lacking(blueprint: Blueprint) -> list[str]:
    """Return which of the numbers that a zone is read from the table lacks."""
    parts = {
        "violence": blueprint.violence,
        "property crime": blueprint.property,
        "calls": blueprint.calls,
    }
    return [name for name, rates in parts.items() if rates is None]


def rests_on(blueprint: Blueprint) -> str:
    """Say what was counted, and loudly what was not."""
    missing = [name for name in lacking(blueprint) if name != "calls"]
    known = [name for name in ("violence", "property crime") if name not in missing]
    if not known:
        return "Zones rest on calls alone: recorded crime is not in the table."
    if blueprint.calls is None:
        text = "Zones rest on recorded crime alone: calls are not in the table."
    else:
        text = "Zones rest on recorded crime and calls, the worse of the two."
    for name in missing:
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


def _word(zone: Zone) -> str:
    return zone.name.lower()


def _at(values: Floats | None, i: int) -> float:
    return float("nan") if values is None else float(values[i])


def _tactics(zone: Zone) -> str:
    names = [tactic.name.lower() for tactic, home in ZONE_OF_TACTIC.items() if home is zone]
    return ", ".join(tactic_name(name, ENGLISH) for name in names)
