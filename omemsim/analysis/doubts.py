"""Kinds of doubt about a zone, kept apart: each asks for something else to be done about it."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Doubt", "doubts_of", "kinds_in"]

SEPARATOR = ", "


class Doubt(StrEnum):
    """Why a zone may be wrong, by the word that stands in tables."""

    COUNTS = "counts"  # chance: another year like this one may give another zone
    FILLED = "cells without a number"  # of a crime count only two ends are known
    SMALL = "small place"  # few residents, so that a few crimes move the rate
    VISITORS = "visitors"  # many who are at risk there do not live there
    MISSING = "missing columns"  # the table lacks one of the numbers a zone is read from
    RULES = "rules differ"  # another rule reads another zone off the same records
    CAPACITY = "residents unknown"  # it could be blue: records do not say what residents can do
    ALONE = "nothing to compare"  # there is no other neighbourhood to be worse or better than


def doubts_of(
    *,
    is_unsure: bool,
    is_filled: bool,
    is_small: bool,
    has_visitors: bool,
    lacks: bool,
    differs: bool,
    could_be_blue: bool,
    is_alone: bool,
) -> str:
    """Return the kinds of doubt in words, as they stand in a table.

    Parameters
    ----------
    is_unsure : the zone is read again in too few years like this one.
    is_filled : a count of crime is only known to lie between two numbers.
    is_small, has_visitors : few residents; many visitors.
    lacks : the table lacks violence, property crime or calls.
    differs : another rule gives another zone.
    could_be_blue : all that is known is low enough.
    is_alone : the table has one neighbourhood.
    """
    found = {
        Doubt.ALONE: is_alone,
        Doubt.COUNTS: is_unsure,
        Doubt.FILLED: is_filled,
        Doubt.SMALL: is_small,
        Doubt.VISITORS: has_visitors,
        Doubt.RULES: differs,
        Doubt.CAPACITY: could_be_blue,
        Doubt.MISSING: lacks,
    }
    return SEPARATOR.join(kind for kind, is_there in found.items() if is_there)


def kinds_in(doubts: str) -> list[Doubt]:
    """Return the kinds that a table's cell names."""
    return [Doubt(word) for word in doubts.split(SEPARATOR) if word]
