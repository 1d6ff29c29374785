"""Which sector a case belongs to, and whether its agency can take part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.vocabulary.wheel import (
    SECTOR_OF_PRECURSOR,
    SECTOR_OF_RISK,
    Precursor,
    Risk,
    Sector,
)

if TYPE_CHECKING:
    from omemsim.reference.agents import Resident
    from omemsim.reference.luck import Luck

__all__ = ["sector_by_need", "sector_by_risk", "sector_by_school"]

UNKNOWN = -1
YOUTH = 0  # age group


def sector_by_risk(luck: Luck, resident: Resident) -> Sector:
    """Return the sector for what a person's latest episode was about, else for their need."""
    if resident.risk == UNKNOWN:
        return sector_by_need(luck, resident)
    return SECTOR_OF_RISK[Risk(resident.risk)]


def sector_by_need(luck: Luck, resident: Resident) -> Sector:
    """Return the sector for a person's largest precursor; youths' families are YOUTH's."""
    needs = [getattr(resident, precursor.name.lower()) for precursor in Precursor]
    largest = 0
    for precursor in range(1, len(needs)):
        if not luck.reaches(needs[largest], needs[precursor]):
            largest = precursor
    sector = SECTOR_OF_PRECURSOR[Precursor(largest)]
    return sector_by_school(resident) if sector == Sector.FAMILY else sector


def sector_by_school(resident: Resident) -> Sector:
    """Return YOUTH for the young, FAMILY for parents."""
    return Sector.YOUTH if resident.age == YOUTH else Sector.FAMILY
