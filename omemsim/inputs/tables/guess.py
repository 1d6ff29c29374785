"""Guess what the columns of an open-data table are, from their names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from omemsim.inputs.tables.read import Table

__all__ = ["guess_columns", "guess_id", "state_guess", "state_unused"]

_OF_A_YEAR = r"((19|20)\d\d)"
_PEOPLE = r"(total)?(population|pop|residents|inhabitants|habitants)(total)?"
_CALLS = r"(public|total|police|911|emergency)?calls(forservice|topolice|to911|total)?|cfs(total)?"
# Our name -> patterns over a column's plain name (lower case, no accents, no signs), most
# telling first. The first pattern that any column matches wins.
_ONE = {
    "id": (
        r"id|hood(id|158|140)?|(neighbou?rhood|area|zone|tract|ct|beat|ward|sector|geo)(id|no|number|code|uid)|geoid|code",
        r"polyid|objectid|fid",
    ),
    "name": (
        r"name|nom|(neighbou?rhood|area|hood|zone|ward|quartier|community|district)(name|nom)?",
    ),
    "year": (r"year|annee|reportyear|occyear",),
    "population": (
        _PEOPLE,
        rf"({_PEOPLE})(census|estimate)?{_OF_A_YEAR}(census|estimate)?|{_OF_A_YEAR}({_PEOPLE})",
    ),
    "population_15": (r"pop(ulation)?15(plus|over|andover)?|residents15(plus)?",),
    "pct_0_14": (r"(pct|percent|share)(age)?0(to)?14",),
    "households": (r"households|menages|private(households|dwellings)|occupieddwellings",),
    "calls": (
        rf"{_CALLS}|appels(deservice|alapolice)?",
        rf"({_CALLS}|appels(deservice|alapolice)?){_OF_A_YEAR}",
    ),
    "moving": (r"(pct|percent|share)(movers|moved)(1yr|1year|oneyear)?",),
    "minority": (
        r"(pct|percent|share)(visible)?minorit(y|ies)",
        r"(pct|percent|share)racialized",
    ),
    "indigenous": (r"(pct|percent|share)(indigenous|aboriginal)",),
    "visitors": (r"visitors|daytimevisitors|visiteurs",),
    "businesses": (r"businesses|business(count|number)|entreprises",),
    "area_km2": (r"area(sq)?km2?|superficie(km2)?|landareakm2?|sqkm",),
    "lon": (r"lon|long|longitude",),
    "lat": (r"lat|latitude",),
    "x": (r"x|easting|xm",),
    "y": (r"y|northing|ym",),
}
_CRIMES = r"(crimes?|offen[cs]es?|incidents?)"
_VEHICLE = r"(mv|(motor)?vehicles?|autos?|cars?)"
# A total is taken if there is one; otherwise the offences that make it up are summed.
_SUM = {
    "violence": (
        (
            rf"(total)?(crimes?)?violent{_CRIMES}?(total)?|violences?|{_CRIMES}against(the)?persons?",
            r"(crimes?|infractions?)(violente?s?|avecviolence|contrela?personnes?)",
        ),
        (
            r"(common|aggravated|simple|serious|other|nonsexual)?assaults?|voiesdefait|agressions?",
            rf"sex(ual)?(assaults?|violations?|{_CRIMES})|agressionssexuelles?",
            r"robber(y|ies)|vols?qualifies?",
            r"homicides?|murders?|meurtres?",
            r"(uttering)?threats?|(criminal)?harassment|menaces|harcelement|kidnappings?|abductions?",
        ),
    ),
    "property": (
        (
            rf"(total)?(crimes?)?property{_CRIMES}?(total)?|{_CRIMES}against(the)?property|propriete",
            r"(crimes?|infractions?)contrel(es|a)(biens|propriete)",
        ),
        (
            r"breaks?(and)?enter(s|ing)?|breakins?|be|bande",
            r"(residential|commercial|other)?burglar(y|ies)|cambriolages?",
            r"(introductions?|entrees?)(pareffraction)?",
            rf"({_VEHICLE})thefts?|thefts?of{_VEHICLE}|stolen{_VEHICLE}|vols?de?(vehicules?|autos?)",
            rf"thefts?from{_VEHICLE}|vols?dans(les|un)?(vehicules?|autos?)",
            r"(bike|bicycle)thefts?|theftsof(bikes?|bicycles?)|vols?develos?",
            r"shoplift(ing|ings|ers?)|vols?aletalage",
            r"(other|petty|grand)?thefts?((over|under)(5000|5k)?)?|larcen(y|ies)|vols?",
            r"mischiefs?|vandalism|(criminal)?damage|mefaits?",
            r"frauds?|fraudes?|arsons?|incendiescriminels?",
        ),
    ),
}
_INCOME = r"(hh|household|family)?income"
_DEPRIVATION = {
    r"(pct)?lowincome.*|poverty(rate)?|(pct)?limat": 1.0,
    r"unemployment(rate)?|chomage": 1.0,
    r"(pct)?(loneparent|singleparent).*": 1.0,
    r"(pct)?no(certificate|diploma|highschool).*": 1.0,
    r"(pct)?notsuitablehousing|(pct)?unsuitablehousing": 1.0,
    rf"med(ian)?{_INCOME}.*|(mean|average|avg)?{_INCOME}s?{_OF_A_YEAR}?": -1.0,
    rf"revenus?(medians?|moyens?)?{_OF_A_YEAR}?": -1.0,
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
    plain: dict[str, str] = {}
    for column in header:
        plain.setdefault(_plain(column), column)
    guess: dict[str, Any] = {}
    for name, patterns in _ONE.items():
        found = _first(patterns, {p: c for p, c in plain.items() if c not in guess.values()})
        guess |= {name: found} if found else {}
    latest = _latest(plain)
    for name, (totals, parts) in _SUM.items():
        total = _first(totals, latest)
        columns = [total] if total else _every(parts, latest)
        guess |= {name: columns} if columns else {}
    indicators = {c: w for p, w in _DEPRIVATION.items() if (c := _first((p,), plain))}
    guess |= {"deprivation": indicators} if indicators else {}
    return _in_pairs(guess)


def guess_id(table: Table, guess: Mapping[str, Any]) -> str | None:
    """Return a column that tells the rows apart: the name, else text, else the first column.

    Parameters
    ----------
    guess : the mapping so far; its columns are taken, that of the name aside. Where rows
        are years, the rows of a year are told apart.
    """
    taken = set(_columns({name: value for name, value in guess.items() if name != "name"}))
    years = table.cells(guess["year"]) if guess.get("year") in table.header else ()

    def tells_apart(column: str) -> bool:
        cells = table.cells(column)
        keys = set(zip(cells, years, strict=True)) if years else set(cells)
        return all(cells) and len(keys) == len(cells)

    free = [c for c in table.header if c and c not in taken and table.header.count(c) == 1]
    order = [
        *(c for c in free if c == guess.get("name")),
        *(c for c in free if not table.holds_numbers(c)),
        *(c for c in free if c == table.header[0]),
    ]
    return next((column for column in order if tells_apart(column)), None)


def state_unused(table: Table, used: Collection[str]) -> str:
    """Say which columns of numbers nothing is read from; an empty text if there are none.

    Columns that differ by their year only are named once.
    """
    families: dict[str, list[str]] = {}
    for column in table.header:
        if column and column not in used and table.holds_numbers(column):
            dated = _YEAR.fullmatch(column)
            families.setdefault(dated[1] if dated else column, []).append(column)
    if not families:
        return ""
    names = [
        own[0] if len(own) == 1 else f"{own[0]} to {own[-1]} ({len(own)} columns)"
        for own in families.values()
    ]
    return (
        f"Columns not used: {', '.join(names)}. If one holds recorded crime, add it to "
        "town.columns.violence or town.columns.property."
    )


def _columns(mapping: Mapping[str, Any]) -> Iterator[str]:
    """Yield the columns that a guessed mapping names."""
    for value in mapping.values():
        yield from [value] if isinstance(value, str) else value


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
