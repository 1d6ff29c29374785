"""Columns whose names say that they are a rate of crime, and per how many."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from omemsim.inputs.tables.words import plain

__all__ = ["Per", "per_of", "rates_of"]

_PER = re.compile(
    r"(?:per|pour|par|je|pro|/)\s*"
    r"(?P<number>1\s?(?:[ ,.'’]?0{3})|10{1,2}[ ,.'’]?0{3}|1k|10{1,2}k|mille)"
    r"(?:\s*(?P<of>households|homes|dwellings|m[ée]nages|haushalte))?",
    re.IGNORECASE,
)
_RATE_WORDS = re.compile(
    r"rates?|taux|de la|du|de|crude|population|residents?|inhabitants|habitants|people|persons"
    r"|einwohner|quote|h[äa]ufigkeitszahl",
    re.IGNORECASE,
)
_OF_100 = re.compile(r"%|percent|pct|pourcent|anteil|change|variation", re.IGNORECASE)
_USUAL_PER = {"haufigkeitszahl": 100_000.0}  # a rate that is by definition per so many


@dataclass(frozen=True)
class Per:
    """What a rate is per: how many, and of what, ``population`` or ``households``."""

    number: float
    of: str = "population"


def rates_of(names: Mapping[str, str]) -> dict[str, str]:
    """Return the columns that are rates per so many, by the plain name of what they are of.

    Parameters
    ----------
    names : plain name -> column.
    """
    found = [c for c in names.values() if per_of(c) is not None and not _OF_100.search(c)]
    words = {c: plain(_RATE_WORDS.sub(" ", _PER.sub(" ", c))) for c in found}
    # What has no other name, as a "rate per 1,000", is of all crime.
    return {re.sub(r"(19|20)\d\d$", "", word) or "crime": column for column, word in words.items()}


def per_of(column: str) -> Per | None:
    """Return what a rate is per, as its name says; None if it does not."""
    for word, number in _USUAL_PER.items():
        if word in plain(column):
            return Per(number)
    found = _PER.search(column.replace("_", " "))
    if not found:
        return None
    text = found["number"].lower()
    digits = re.sub(r"\D", "", text.replace("k", "000").replace("mille", "1000"))
    return Per(float(digits), "households" if found["of"] else "population")
