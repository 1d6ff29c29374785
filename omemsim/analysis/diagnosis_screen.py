"""A diagnosis on one screen of a terminal, however many neighbourhoods the table has."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence

from omemsim.analysis.diagnosis_words import RULES, named_zones
from omemsim.analysis.zone_rows import SURE, ZoneRow
from omemsim.analysis.zone_rules import Rule
from omemsim.present import text
from omemsim.vocabulary.wheel import ZONE_TITLES, Zone

__all__ = ["WIDTH", "screen"]

WIDTH = 100
LINES = 36  # what is said of the fit, and where the files are, comes below
MOST, BORDERLINE, NOTED = 10, 4, 3  # lines of each part, at most; of a note
NAME = 22
# On a screen only; tables and cards have the whole.
SHORT = {
    "recorded crime": "crime",
    " x the mean and ": " x mean, ",
    " x the ": " x ",
    " calls per 1,000": " calls",
    "the call rate rises": "calls rise",
    "the call rate falls": "calls fall",
    "less than ": "<",
    "more than twofold": "over twofold",
}


def screen(rows: Sequence[ZoneRow], *, town: str, rests_on: str, notes: Sequence[str]) -> str:
    """Return what a planner reads first.

    Parameters
    ----------
    rows : those that need most first.
    town : the table's name.
    rests_on : which numbers zones were read from.
    notes : on reading the table; the first few are told.
    """
    people = sum(row.population for row in rows)
    places = text.counted(len(rows), "neighbourhood")
    lines = [f"{text.shortened(town, 60)}: {places}, {people:,.0f} residents", *_wrapped(rests_on)]
    lines += [*_tally(rows), *_neediest(rows), *_borderline(rows), *_doubts(rows)]
    lines += _rules(rows)
    return "\n".join([*lines, *_notes(notes, LINES - len(lines) - 1)])


def _wrapped(line: str, most: int = 2) -> list[str]:
    found = textwrap.wrap(line, WIDTH, max_lines=most, placeholder=" …", subsequent_indent="  ")
    return found or [""]


def _tally(rows: Sequence[ZoneRow]) -> list[str]:
    lines = []
    for zone, number in named_zones(rows).items():
        blue = sum(row.could_be_blue for row in rows)
        more = ""
        if zone is Zone.GREEN and blue:
            more = f" ({blue} could be blue)"
        if zone is Zone.BLUE:
            more = " (no table says what residents can do)"
        lines.append(f"  {zone.name.lower():<6}{number:>6,}  {ZONE_TITLES[zone]}{more}")
    return lines


def _neediest(rows: Sequence[ZoneRow]) -> list[str]:
    title = "needs most" if len(rows) > 1 else "neighbourhood"
    head = f"{title:<{NAME + 3}} {'zone':<6} {'sure':>5}  what tips it"
    return ["", head, *(_line(row, f"{row.rank:>2} ") for row in rows[:MOST])]


def _line(row: ZoneRow, first: str) -> str:
    """Return a neighbourhood in a line; what does not fit is in the table."""
    other = f"{row.likelier} likelier ({row.likelier_share:.0%}); " if row.likelier else ""
    tip = row.tipped_by
    for long, short in SHORT.items():
        tip = tip.replace(long, short)
    name = text.shortened(_printable(row.label), NAME)
    line = f"{first}{name:<{NAME}} {row.zone:<6} {text.likely(row.sure):>5}  {other}{tip}"
    return text.shortened(line, WIDTH)


def _printable(name: str) -> str:
    """Return a name without what a terminal takes for a command."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def _borderline(rows: Sequence[ZoneRow]) -> list[str]:
    """Return those whose zone is least sure."""
    unsure = sorted((row for row in rows if row.is_borderline), key=lambda row: row.sure)
    if not unsure:
        return ["", f"No zone is borderline: all are sure by {SURE:.0%} or more."]
    places = text.counted(len(rows), "zone")
    few = "" if len(unsure) <= BORDERLINE else f"; the {BORDERLINE} least sure"
    told = f"Borderline, under {SURE:.0%} sure: {len(unsure)} of {places}{few}"
    return ["", told, *(_line(row, "   ") for row in unsure[:BORDERLINE])]


def _doubts(rows: Sequence[ZoneRow]) -> list[str]:
    often = Counter(kind for row in rows for kind in row.kinds_of_doubt)
    told = ", ".join(f"{kind} {number:,}" for kind, number in often.most_common())
    how = (
        "'sure': chance of the same zone in another such year. Crime: times the mean. "
        "Calls: per 1,000."
    )
    return [*_wrapped(how), "", *_wrapped(f"Kinds of doubt, and for how many: {told or 'none'}.")]


def _rules(rows: Sequence[ZoneRow]) -> list[str]:
    """Say how often each other rule reads another zone."""
    told = []
    for rule in Rule:
        if any(row.by_rule[rule] for row in rows):
            changed = sum(rule in row.other_rules for row in rows)
            told.append(f"{RULES[rule]} {changed:,}")
    if not told or len(rows) == 1:
        return []
    return _wrapped(f"Zones that another rule reads otherwise: {'; '.join(told)}.")


def _notes(notes: Sequence[str], room: int) -> list[str]:
    """Return the first notes, as many as there is room for; all of them are in a file."""
    lines: list[str] = []
    for told, note in enumerate(notes):
        more = _wrapped(f"Note: {note}", most=NOTED)
        if len(lines) + len(more) > room:
            left = text.counted(len(notes) - told, "more note")
            return [*lines, f"{left}: see notes.txt."]
        lines += more
    return lines
