"""Guess what the columns of an open-data table are, from their names alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["guess_columns", "state_guess"]

# Our name -> patterns over a column's plain name (lower case, no accents, no signs), most
# telling first. The first pattern that any column matches wins.
_ONE = {
    "id": (
        r"id|hood(id|158|140)?|(neighbou?rhood|area|zone|tract|ct|beat|ward|sector|geo)(id|no|number|code|uid)|geoid|code",
        r"polyid|objectid|fid",
    ),
    "name": (r"name|nom|(neighbou?rhood|area|hood|zone|ward|quartier|community)(name|nom)?",),
    "year": (r"year|annee|reportyear|occyear",),
    "population": (
        r"population|pop|totalpop(ulation)?|pop(ulation)?total|residents|habitants",
        r"pop(ulation)?20\d\d",
    ),
    "population_15": (r"pop(ulation)?15(plus|over|andover)?|residents15(plus)?",),
    "pct_0_14": (r"(pct|percent|share)(age)?0(to)?14",),
    "households": (r"households|menages|private(households|dwellings)|occupieddwellings",),
    "calls": (r"calls|callsforservice|cfs|cfstotal|publiccalls|appels|totalcalls",),
    "moving": (r"(pct|percent|share)(movers|moved)(1yr|1year|oneyear)?",),
    "visitors": (r"visitors|daytimevisitors|visiteurs",),
    "businesses": (r"businesses|business(count|number)|entreprises",),
    "area_km2": (r"area(sq)?km2?|superficie(km2)?|landareakm2?|sqkm",),
    "lon": (r"lon|long|longitude",),
    "lat": (r"lat|latitude",),
    "x": (r"x|easting|xm",),
    "y": (r"y|northing|ym",),
}
# A total is taken if there is one; otherwise the offences that make it up are summed.
_SUM = {
    "violence": (
        (r"(crime)?violent(crimes?)?|violence|crimesviolents?|violentoffences",),
        (r"assaults?|voiesdefait", r"robbery|robberies|vols?qualifies?", r"homicides?|murders?"),
    ),
    "property": (
        (r"(crime)?property(crimes?)?|propertyoffences|crimescontrelesbiens",),
        (
            r"breaks?(and)?enter|burglar(y|ies)|introductions?",
            r"autothefts?|(motor)?vehicletheft|theftofmv|theftofvehicle",
            r"theftfrommv|theftfromvehicle",
            r"biketheft|bicycletheft",
            r"theftover|theftunder|larceny|thefts?",
            r"mischief|vandalism|mefaits?",
        ),
    ),
}
_DEPRIVATION = {
    r"(pct)?lowincome.*|poverty(rate)?|(pct)?limat": 1.0,
    r"unemployment(rate)?|chomage": 1.0,
    r"(pct)?(loneparent|singleparent).*": 1.0,
    r"(pct)?no(certificate|diploma|highschool).*": 1.0,
    r"(pct)?notsuitablehousing|(pct)?unsuitablehousing": 1.0,
    r"med(ian)?(hh|household)?income.*|revenumedian.*": -1.0,
}
_YEAR = re.compile(r"(.*?)[_ ]?((?:19|20)\d\d)")
_RATE = re.compile(r"rate|per\d|pct|percent|taux")


def guess_columns(header: Sequence[str]) -> dict[str, Any]:
    """Guess a mapping for a table from its header.

    Parameters
    ----------
    header : column names. Where offences have a column a year (ASSAULT_2023,
        ASSAULT_2024), the latest year is taken.

    Returns
    -------
    Mapping of our names to columns, as a preset writes it; only what was recognized.
    """
    plain = {_plain(column): column for column in reversed(header) if column}
    guess: dict[str, Any] = {}
    for name, patterns in _ONE.items():
        column = _first(patterns, {p: c for p, c in plain.items() if c not in guess.values()})
        guess |= {name: column} if column else {}
    latest = _latest(plain)
    for name, (totals, parts) in _SUM.items():
        total = _first(totals, latest)
        columns = [total] if total else _every(parts, latest)
        guess |= {name: columns} if columns else {}
    indicators = {c: w for p, w in _DEPRIVATION.items() if (c := _first((p,), plain))}
    guess |= {"deprivation": indicators} if indicators else {}
    return _in_pairs(guess)


def state_guess(guess: Mapping[str, Any]) -> str:
    """Say in one sentence what was guessed."""
    if not guess:
        return "No column was recognized by its name."
    found = "; ".join(f"{name} = {_written(value)}" for name, value in guess.items())
    return f"Guessed from the names of columns: {found}."


def _plain(column: str) -> str:
    """Return a column's name in lower case letters and digits only."""
    letters = unicodedata.normalize("NFKD", column)
    return re.sub(r"[^a-z0-9]", "", letters.lower())


def _first(patterns: Sequence[str], plain: Mapping[str, str]) -> str | None:
    """Return the column that the first matching pattern names, the last in order of name."""
    for pattern in patterns:
        found = sorted(name for name in plain if re.fullmatch(pattern, name))
        if found:
            return plain[found[-1]]
    return None


def _every(patterns: Sequence[str], plain: Mapping[str, str]) -> list[str]:
    """Return all columns that match any of the patterns, in order of the patterns."""
    return [
        column
        for pattern in patterns
        for name, column in plain.items()
        if re.fullmatch(pattern, name)
    ]


def _latest(plain: Mapping[str, str]) -> dict[str, str]:
    """Return plain names without their year, of the latest year, and none that is a rate."""
    dated = {name: _YEAR.fullmatch(name) for name in plain if not _RATE.search(name)}
    latest = max((match[2] for match in dated.values() if match), default="")
    return {
        (match[1] if match else name): plain[name]
        for name, match in dated.items()
        if match is None or match[2] == latest
    }


def _in_pairs(guess: dict[str, Any]) -> dict[str, Any]:
    """Drop half of a pair of coordinates."""
    for pair in (("lon", "lat"), ("x", "y")):
        if len(guess.keys() & set(pair)) == 1:
            guess = {name: value for name, value in guess.items() if name not in pair}
    return guess


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{column} ({weight:+g})" for column, weight in value.items())
    return value if isinstance(value, str) else " + ".join(value)
