"""Years, fiscal years, quarters and months as people write them in cells and headers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from omemsim.inputs.tables.words import plain

__all__ = ["MONTHS", "Period", "months_named", "period_of", "periods_of"]

MONTHS = 12
_NAMES = (
    ("jan", "januar", "january", "janvier", "janv", "jaenner"),
    ("feb", "februar", "february", "fevrier", "fev", "fevr"),
    ("mar", "march", "mars", "marz", "maerz", "mrz"),
    ("apr", "april", "avril", "avr"),
    ("may", "mai"),
    ("jun", "june", "juin", "juni"),
    ("jul", "july", "juillet", "juil", "juli"),
    ("aug", "august", "aout"),
    ("sep", "sept", "september", "septembre"),
    ("oct", "october", "octobre", "okt", "oktober"),
    ("nov", "november", "novembre"),
    ("dec", "december", "decembre", "dez", "dezember"),
)
_MONTH = {name: number for number, names in enumerate(_NAMES, start=1) for name in names}
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_FISCAL = re.compile(
    rf"(?:FY|fiscal(?: year)?|exercice)?\s*{_YEAR}\s?[-/–]\s?(?P<next>(?:19|20)?\d\d)",
    re.IGNORECASE,
)
_WHOLE = re.compile(rf"(?P<fy>FY|fiscal(?: year)?|exercice|year|jahr|ann[ée]e)?\s*{_YEAR}(?:\.0+)?")
_PART = re.compile(
    rf"{_YEAR}\s*\(?(?P<part>ytd|year to date|partial|partiel|.*\b(bis|to|au|à|-|–)\s.*)\)?", re.I
)
_ISO = re.compile(rf"{_YEAR}(?:[-/](?=\d)|(?=\d\d$))(?P<month>\d\d?)(?:[-/]\d\d?)?(?:[T ].*)?")
_US = re.compile(rf"(?:(?P<month>\d\d?)[-/.])(?:\d\d?[-/.])?{_YEAR}(?: .*)?")
_QUARTER = re.compile(r"(?:(?P<before>(?:19|20)\d\d)[-/ ]?)?[QT](?P<quarter>[1-4])(?:[-/ ]?(?P<after>(?:19|20)\d\d))?", re.I)  # fmt: skip  # noqa: E501
_WORDS = re.compile(
    rf"(?:\d\d?\.?[- ])?(?P<word>[^\W\d]{{3,9}})\.?[-/ ,]*(?:{_YEAR}|'?(?P<short>\d\d))?"
)
_FROM_TO = re.compile(
    r"([^\W\d]{3,9})\.?(?:\s*(?:19|20)\d\d)?\s*(?:-|–|to|through|à|au|bis)\s*([^\W\d]{3,9})"
)


@dataclass(frozen=True)
class Period:
    """What a cell says of time.

    Attributes
    ----------
    year : None if it names none.
    months : of the year, from 1; empty if it names none.
    is_fiscal : the year is a fiscal one, called by the calendar year that it begins in.
    is_partial : it says that the year is not whole, without saying how much of it there is.
    """

    year: int | None = None
    months: tuple[int, ...] = ()
    is_fiscal: bool = False
    is_partial: bool = False


@lru_cache(maxsize=4096)
def period_of(cell: str) -> Period:
    """Read a year, a fiscal year, a quarter, a month or a date; an empty `Period` if it is none."""
    text = cell.strip()
    fiscal = _FISCAL.fullmatch(text)
    if fiscal and int(fiscal["next"]) % 100 == (int(fiscal["year"]) + 1) % 100:
        return Period(int(fiscal["year"]), is_fiscal=True)
    iso = _iso(text)
    if iso:
        return iso
    whole = _WHOLE.fullmatch(text)
    if whole:
        is_fiscal = (whole["fy"] or "").lower()[:1] in ("f", "e")
        return Period(int(whole["year"]), is_fiscal=is_fiscal)
    return _part_of_year(text)


def periods_of(cells: Sequence[str]) -> list[Period]:
    """Read a column; 2011-12 is a month where other cells are months, else a fiscal year."""
    found = [period_of(cell) for cell in cells]
    if any(period.months for period in found):
        found = [_iso(c) or p if p.is_fiscal else p for c, p in zip(cells, found, strict=True)]
    return found


def _iso(text: str) -> Period | None:
    """Read a date or a month that begins with its year; None if it is none."""
    found = _ISO.fullmatch(text.strip())
    if not found or not 1 <= int(found["month"]) <= MONTHS:
        return None
    return Period(int(found["year"]), (int(found["month"]),))


def _part_of_year(text: str) -> Period:
    part, quarter, us = _PART.fullmatch(text), _QUARTER.fullmatch(text), _US.fullmatch(text)
    if part:
        return Period(int(part["year"]), months_named(text), is_partial=True)
    if quarter:
        year = quarter["before"] or quarter["after"]
        first = 3 * int(quarter["quarter"]) - 2
        return Period(int(year) if year else None, (first, first + 1, first + 2))
    if us and 1 <= int(us["month"]) <= MONTHS:
        return Period(int(us["year"]), (int(us["month"]),))
    if re.fullmatch(r"0?[1-9]|1[0-2]", text):
        return Period(None, (int(text),))
    words = _WORDS.fullmatch(text)
    if words and plain(words["word"]) in _MONTH:
        short = None if words["short"] is None else 2000 + int(words["short"])
        year = int(words["year"]) if words["year"] else short
        return Period(year, (_MONTH[plain(words["word"])],))
    return Period()


def months_named(text: str) -> tuple[int, ...]:
    """Return the months that a text spans, as "January to June"; empty if it spans none."""
    for first, last in _FROM_TO.findall(text):
        ends = [_MONTH.get(plain(word)) for word in (first, last)]
        if ends[0] and ends[1] and ends[0] <= ends[1]:
            return tuple(range(ends[0], ends[1] + 1))
    return ()
