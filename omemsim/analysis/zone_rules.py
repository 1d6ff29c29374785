"""Four rules for reading a zone off the same records, kept side by side.

No source gives the lines between zones, and another rule gives another zone. What all rules say is
fairly sure; where they differ, the zone is a choice of the rule's, and a planner should know whose.

The zone itself takes the worse of two: recorded crime as a multiple of the table's own mean, and
public calls per 1,000 residents. Of the others

- *absolute* compares with fixed limits alone. Calls have them already. Those of recorded crime are
  the same multiples of `USUAL_RECORDED`, so that a calm town may have no red neighbourhood;
- *relative* compares recorded crime with the town's own mean alone, whatever its level;
- *one axis* reads calls alone: the more calls, the less residents are taken to do by themselves;
- *harm-weighted* weighs violence more than property crime, per person present (`severity`).

Blue asks for what residents can do, which no table records. Only the one-axis rule, where few calls
are all it takes, can therefore say blue; the others say green.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.severity import SeverityLabels
from omemsim.inputs.blueprint import Blueprint
from omemsim.vocabulary.parameters import ZoneLimits
from omemsim.vocabulary.wheel import Zone
from omemsim.vocabulary.zones import Labels, label_by_lines, one_axis_zone

__all__ = [
    "USUAL_RECORDED",
    "Rule",
    "RuleLabels",
    "absolute_lines",
    "all_crime",
    "other_zones",
    "rule_labels",
    "usual_multiple",
]

Floats = NDArray[np.float64]

# Recorded crimes per 1,000 residents a year that the fixed limits are multiples of: the middle of
# 35 to 58, Ontario's metropolitan areas in 2022 (Statistics Canada 2023; pattern P10).
USUAL_RECORDED = 46.5


class Rule(StrEnum):
    """A rule beside the zone's own, by the name of its column."""

    ABSOLUTE = "absolute"
    RELATIVE = "relative"
    ONE_AXIS = "one_axis"
    HARM_WEIGHTED = "harm_weighted"


@dataclass(frozen=True)
class RuleLabels:
    """The label of each neighbourhood by each rule, (N,) as ``Zone``; None if it cannot be read."""

    by_rule: dict[Rule, Labels | None]

    def name_of(self, rule: Rule, place: int) -> str:
        """Return a neighbourhood's zone by a rule, as "red"; empty if it cannot be read."""
        labels = self.by_rule[rule]
        return "" if labels is None else Zone(int(labels[place])).name.lower()


def other_zones(by_rule: Mapping[Rule, str], zone: str) -> dict[Rule, str]:
    """Return the rules that read another zone, with that zone.

    Blue beside green is no difference: few calls are all that one axis asks for.
    """
    green, blue = Zone.GREEN.name.lower(), Zone.BLUE.name.lower()
    same = ("", zone, blue) if zone == green else ("", zone)
    return {rule: other for rule, other in by_rule.items() if other not in same}


def absolute_lines(limits: ZoneLimits) -> tuple[float, float, float]:
    """Return where blue ends, and amber and red begin: recorded crimes of all kinds per 1,000."""
    return (
        USUAL_RECORDED * limits.recorded_low,
        USUAL_RECORDED * limits.recorded_mid,
        USUAL_RECORDED * limits.recorded_high,
    )


def rule_labels(
    blueprint: Blueprint, multiple: Floats, severity: SeverityLabels | None, limits: ZoneLimits
) -> RuleLabels:
    """Return the labels by all rules.

    Parameters
    ----------
    blueprint : a table's neighbourhoods.
    multiple : (N,), recorded crime as a multiple of the table's mean; NaN if none is recorded.
    severity : labels by severity; None if no crime is recorded.
    limits : the lines between zones.
    """
    calls, crime = blueprint.calls, all_crime(blueprint)
    fixed = [] if crime is None else [label_by_lines(crime, absolute_lines(limits))]
    if calls is not None:
        fixed.append(one_axis_zone(calls, limits))
    lines = (limits.recorded_low, limits.recorded_mid, limits.recorded_high)
    is_known = not np.isnan(multiple).any() and multiple.size > 1
    return RuleLabels(
        {
            Rule.ABSOLUTE: _never_blue(np.min(fixed, axis=0)) if fixed else None,
            Rule.RELATIVE: _never_blue(label_by_lines(multiple, lines)) if is_known else None,
            Rule.ONE_AXIS: None if calls is None else one_axis_zone(calls, limits),
            Rule.HARM_WEIGHTED: None if severity is None else severity.zone,
        }
    )


def all_crime(blueprint: Blueprint) -> Floats | None:
    """Return recorded crime of all kinds per 1,000; None if the table lacks either stream.

    A table of some offences is scaled up by the share of all that they are said to be.
    """
    if blueprint.violence is None or blueprint.property is None:
        return None
    of_violence, of_property = blueprint.coverage
    return np.asarray(blueprint.violence / of_violence + blueprint.property / of_property)


def usual_multiple(crime: Floats) -> Floats:
    """Return recorded crime of all kinds per 1,000 as a multiple of the usual rate."""
    return crime / USUAL_RECORDED


def _never_blue(zones: Labels) -> Labels:
    return np.minimum(zones, int(Zone.GREEN)).astype(np.int8)
