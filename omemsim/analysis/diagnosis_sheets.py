"""The sheets of a diagnosis' workbook: zones, rules side by side, notes, and how to read them."""

from __future__ import annotations

from typing import Any

from omemsim.analysis.diagnose import Diagnosis
from omemsim.analysis.diagnosis_words import (
    REASONS,
    RULES,
    fit_words,
    rule_meaning,
    starts_words,
    tip_words,
    zone_word,
)
from omemsim.analysis.doubts import Doubt
from omemsim.analysis.zone_rules import Rule
from omemsim.language import Language, mark
from omemsim.language.names import zone_name, zone_title
from omemsim.language.roles import roles_in
from omemsim.present.excel import Sheet
from omemsim.vocabulary.wheel import Zone

__all__ = ["DOUBTS", "sheets_of"]

DOUBTS = {
    Doubt.ALONE: mark("there is no other neighbourhood to compare with"),
    Doubt.COUNTS: mark("chance: another year like this one may well give another zone"),
    Doubt.SMALL: mark("few residents: a few crimes more or less move the rate"),
    Doubt.VISITORS: mark("many visitors: rates are per resident, and visitors are at risk too"),
    Doubt.RULES: mark("another rule reads another zone off the same records"),
    Doubt.CAPACITY: mark("it could be blue: no table says what residents can do"),
    Doubt.MISSING: mark("the table has not violence, property crime and calls"),
}


def sheets_of(diagnosis: Diagnosis, language: Language) -> list[Sheet]:
    """Return the sheets, in one language."""
    return [
        _zones(diagnosis, language),
        _rules(diagnosis, language),
        _notes(diagnosis, language),
        _how_to_read(diagnosis, language),
    ]


def _zones(diagnosis: Diagnosis, language: Language) -> Sheet:
    say = language.translate
    starts = {} if diagnosis.fit is None else {one.id: one for one in diagnosis.fit.starts}
    columns = [
        *(say("order of need"), say("identifier"), say("neighbourhood"), say("residents")),
        *(say("zone"), say("chance of the same zone"), say("what tips it")),
        *(say("recorded crime per 1,000"), say("multiple of the mean"), say("calls per 1,000")),
        *(say("could be blue"), say("kinds of doubt"), say("tactics"), say("why these")),
    ]
    if starts:
        columns += [say("a comparison starts from"), say("why it starts elsewhere")]
    rows = []
    for row in diagnosis.rows:
        roles = roles_in(row.as_zone, language)
        cells: list[Any] = [
            *(row.rank, row.id, row.name, row.population),
            *(zone_word(row.zone, language), row.sure),
            tip_words(row.tip, language, is_alone=diagnosis.is_alone),
            *(row.recorded, row.multiple, row.calls),
            *(row.could_be_blue, "; ".join(_doubts(row.doubts, language))),
            *(", ".join(part.name for part in roles.police), roles.why),
        ]
        if starts:
            start = starts[row.id]
            why = say(REASONS[start.reason]) if start.reason else ""
            cells += [zone_word(start.zone, language), why]
        rows.append(cells)
    widths = [9, 12, 28, 11, 9, 12, 46, 12, 12, 12, 9, 40, 40, 60, 14, 40]
    return Sheet(say("zones"), columns, rows, widths[: len(columns)], is_wrapped=True)


def _doubts(doubts: str, language: Language) -> list[str]:
    return [language.translate(DOUBTS[kind]) for kind in DOUBTS if kind in doubts.split(", ")]


def _rules(diagnosis: Diagnosis, language: Language) -> Sheet:
    say = language.translate
    columns = [
        *(say("identifier"), say("neighbourhood"), say("zone")),
        *(say(RULES[rule]) for rule in Rule),
        *(say("multiple of the mean, weighted by harm"), say("rules that say another zone")),
    ]
    rows = [
        [
            *(row.id, row.name, zone_word(row.zone, language)),
            *(zone_word(zone, language) for zone in row.by_rule.values()),
            row.severity_multiple,
            sum(zone not in ("", row.zone) for zone in row.by_rule.values()),
        ]
        for row in diagnosis.rows
    ]
    return Sheet(say("rules side by side"), columns, rows, [12, 28, 9, 14, 14, 14, 14, 14, 14])


def _notes(diagnosis: Diagnosis, language: Language) -> Sheet:
    rows = [[note] for note in [diagnosis.rests_on, *diagnosis.notes]]
    return Sheet(language.translate("notes"), [diagnosis.town], rows, [110], is_wrapped=True)


def _how_to_read(diagnosis: Diagnosis, language: Language) -> Sheet:
    say = language.translate
    rows = [
        [
            say("zone"),
            say(
                "The worse of recorded crime, as a multiple of the table’s mean per resident, and "
                "calls from the public per 1,000 residents a year."
            ),
        ],
        *([f"  {zone_name(zone, language)}", zone_title(zone, language)] for zone in Zone),
        [
            say("chance of the same zone"),
            say(
                "In another year with the same underlying rates, by chance alone. It says nothing "
                "about what is reported and recorded."
            ),
        ],
        *([say(RULES[rule]), rule_meaning(rule, diagnosis.limits, language)] for rule in Rule),
        *([say("doubt"), say(text)] for text in DOUBTS.values()),
    ]
    if (fit := diagnosis.fit) is not None:
        told = [*fit_words(fit, language), starts_words(fit, language)]
        rows += [[say("does the model fit?"), line] for line in told]
    return Sheet(
        say("how to read"), [say("word"), say("meaning")], rows, [34, 110], is_wrapped=True
    )
