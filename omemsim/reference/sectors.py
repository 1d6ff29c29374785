"""Which sector a case belongs to, and whether its agency can take part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.vocabulary.wheel import (
    SECTOR_OF_PRECURSOR,
    SECTOR_OF_RISK,
    SECTOR_OF_YOUNGEST,
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
    """Return the sector for a person's largest precursor; of equal ones, for the first."""
    needs = [getattr(resident, precursor.name.lower()) for precursor in Precursor]
    largest = 0
    for precursor in range(1, len(needs)):
        if not luck.reaches(needs[largest], needs[precursor]):
            largest = precursor
    return sector_by_precursor(Precursor(largest), resident)


def sector_by_school(resident: Resident) -> Sector:
    """Return the sector for what schools see: trouble in the family."""
    return sector_by_precursor(Precursor.FAMILY, resident)


def sector_by_precursor(precursor: Precursor, resident: Resident) -> Sector:
    """Return the sector for a precursor: for the young it may be one of their own."""
    is_young = resident.age == YOUTH
    return SECTOR_OF_YOUNGEST[precursor] if is_young else SECTOR_OF_PRECURSOR[precursor]
