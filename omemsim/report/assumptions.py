"""How well the numbers are known that a report rests on, and how much they move its headline."""

from __future__ import annotations

import functools
from typing import NamedTuple

from omemsim.analysis.assumptions import (
    PREFIX,
    Entry,
    InfluenceStudy,
    entries,
    read_influence,
    shipped_study,
)

__all__ = ["KnownShare", "influence_study", "known_share", "of_paths"]


class KnownShare(NamedTuple):
    """How many numbers are assumed, of all that are facts about people and a town."""

    assumed: int
    every: int


@functools.cache
def known_share() -> KnownShare:
    """Return how many of the model's numbers are judgements; prices and limits are not counted."""
    facts = [one.status for one in entries(influence_study().influence) if one.status != "chosen"]
    return KnownShare(facts.count("assumed"), len(facts))


def of_paths(paths: tuple[str, ...]) -> list[Entry]:
    """Return what is known of parameters, as "offend.deterrence", in this order."""
    known = {
        one.item.path.removeprefix(PREFIX): one for one in entries(influence_study().influence)
    }
    return [known[path] for path in paths]


@functools.cache
def influence_study() -> InfluenceStudy:
    """Return the study of influence that comes with the package."""
    return read_influence(shipped_study())
