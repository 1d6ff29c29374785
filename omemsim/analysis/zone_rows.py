"""One row of a diagnosis: what is printed, written and drawn of a neighbourhood."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from omemsim.analysis.doubts import Doubt, kinds_in
from omemsim.analysis.tipping import Tip
from omemsim.analysis.zone_rules import Rule, other_zones
from omemsim.vocabulary.wheel import Zone

__all__ = ["COLUMNS", "SURE", "ZoneRow"]

SURE = 0.8  # the chance under which a zone is not to be relied on


@dataclass(frozen=True)
class ZoneRow:
    """One neighbourhood as it is printed and written.

    ``rank`` is 1 for the neighbourhood that needs most, and ``label`` its name, with its identifier
    where others are called the same. ``recorded`` and ``calls`` are per 1,000 residents of all ages
    a year, ``multiple`` is recorded crime as a multiple of the table's mean (of the usual rate if
    the table has one row); NaN where the table has none. ``sure`` is the chance of the same zone in
    another year with the same underlying rates; ``likelier`` is another zone with a better chance
    where ``sure`` is below a half, else empty, and ``likelier_share`` its chance. ``absolute``,
    ``relative``, ``one_axis`` and ``harm_weighted`` are the zone by other rules (`zone_rules`),
    empty where the table lacks what they read; ``severity_multiple`` is of crime weighted by
    severity per person present (`severity`). ``doubts`` are the kinds of doubt (`doubts`).
    ``visitors`` are people present per resident beside residents; ``small`` says that it has few
    residents.
    """

    rank: int
    id: str
    name: str
    label: str
    population: float
    zone: str
    sure: float
    likelier: str
    likelier_share: float
    tipped_by: str
    recorded: float
    multiple: float
    calls: float
    visitors: float
    absolute: str
    relative: str
    one_axis: str
    harm_weighted: str
    severity_multiple: float
    could_be_blue: bool
    small: bool
    doubts: str
    tactics: str
    tip: Tip = field(repr=False)  # what `tipped_by` says, for other languages; in no table

    @property
    def by_rule(self) -> dict[Rule, str]:
        """Return the zone by each of the other rules, empty where it cannot be read."""
        return {rule: getattr(self, rule.value) for rule in Rule}

    @property
    def other_rules(self) -> dict[Rule, str]:
        """Return the rules that read another zone, with that zone."""
        return other_zones(self.by_rule, self.zone)

    @property
    def as_zone(self) -> Zone:
        """Return the zone as a member of the model's list."""
        return Zone[self.zone.upper()]

    @property
    def kinds_of_doubt(self) -> list[Doubt]:
        """Return what `doubts` names."""
        return kinds_in(self.doubts)

    @property
    def is_borderline(self) -> bool:
        """Return whether the zone is not to be relied on."""
        return self.sure < SURE


COLUMNS = [item.name for item in fields(ZoneRow) if item.name != "tip"]
