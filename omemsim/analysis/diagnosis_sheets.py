"""The sheets of a diagnosis' workbook: zones, rules side by side, notes, and how to read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from omemsim.analysis.city_fit import CityFit, Start
from omemsim.analysis.diagnose import Diagnosis
from omemsim.analysis.diagnosis_words import (
    RULES,
    fit_words,
    lacking_words,
    reason_words,
    rule_meaning,
    starts_words,
    tip_words,
    zone_word,
)
from omemsim.analysis.doubts import Doubt
from omemsim.analysis.zone_rows import ZoneRow
from omemsim.analysis.zone_rules import Rule
from omemsim.language import Language, mark
from omemsim.language.names import zone_name, zone_title
from omemsim.language.roles import Roles, roles_in
from omemsim.present.excel import Sheet
from omemsim.vocabulary.wheel import Zone

__all__ = ["DOUBTS", "sheets_of"]

WRAPPED = 500  # rows, up to which long texts run over several lines: more take too long

DOUBTS = {
    Doubt.ALONE: mark("there is no other neighbourhood to compare with"),
    Doubt.COUNTS: mark("chance: another year like this one may well give another zone"),
    Doubt.FILLED: mark("a cell of crime without a number, or one such as <5"),
    Doubt.SMALL: mark("few residents: a few crimes more or less move the rate"),
    Doubt.VISITORS: mark("many visitors: rates are per resident, and visitors are at risk too"),
    Doubt.RULES: mark("another rule reads another zone off the same records"),
    Doubt.CAPACITY: mark("it could be blue: no table says what residents can do"),
    Doubt.MISSING: mark("the table lacks violence, property crime or calls"),
}


@dataclass(frozen=True)
class _Place:
    """A neighbourhood in a language."""

    row: ZoneRow
    roles: Roles
    language: Language
    is_alone: bool
    lacking: Sequence[str]
    fit: CityFit | None
    start: Start | None

    def zone(self, word: str) -> str:
        return zone_word(word, self.language)

    @property
    def tip(self) -> str:
        return tip_words(self.row.tip, self.language, is_alone=self.is_alone)

    @property
    def doubts(self) -> str:
        told = {kind: self.language.translate(text) for kind, text in DOUBTS.items()}
        if self.lacking:
            told[Doubt.MISSING] = lacking_words(self.lacking, self.language)
        return "; ".join(told[kind] for kind in self.row.kinds_of_doubt)

    @property
    def why_elsewhere(self) -> str:
        if self.fit is None or self.start is None:
            return ""
        return reason_words(self.start.reason, self.language, has_calls=self.fit.calls is not None)

    @property
    def starts_from(self) -> str:
        return self.zone(self.start.zone) if self.start else ""

    def by_rule(self, rule: Rule) -> str:
        return self.zone(self.row.by_rule[rule])


@dataclass(frozen=True)
class _Column:
    """A column of a sheet: its title, its width in letters, and its cell."""

    title: str
    width: int
    cell: Callable[[_Place], Any]


ZONES = (
    _Column(mark("order of need"), 9, lambda x: x.row.rank),
    _Column(mark("identifier"), 12, lambda x: x.row.id),
    _Column(mark("neighbourhood"), 28, lambda x: x.row.name),
    _Column(mark("residents"), 11, lambda x: x.row.population),
    _Column(mark("zone"), 9, lambda x: x.zone(x.row.zone)),
    _Column(mark("chance of the same zone"), 12, lambda x: round(x.row.sure, 2)),
    _Column(mark("what tips it"), 46, lambda x: x.tip),
    _Column(mark("recorded crime per 1,000"), 12, lambda x: round(x.row.recorded, 1)),
    _Column(mark("multiple of the mean"), 12, lambda x: round(x.row.multiple, 2)),
    _Column(mark("calls per 1,000"), 12, lambda x: round(x.row.calls, 1)),
    _Column(mark("could be blue"), 9, lambda x: x.row.could_be_blue),
    _Column(mark("kinds of doubt"), 44, lambda x: x.doubts),
    _Column(mark("tactics"), 40, lambda x: ", ".join(part.name for part in x.roles.police)),
    _Column(mark("why these"), 60, lambda x: x.roles.why),
)
STARTS = (
    _Column(mark("a comparison starts from"), 14, lambda x: x.starts_from),
    _Column(mark("why it starts elsewhere"), 44, lambda x: x.why_elsewhere),
)
BY_RULES = (
    _Column(mark("identifier"), 12, lambda x: x.row.id),
    _Column(mark("neighbourhood"), 28, lambda x: x.row.name),
    _Column(mark("zone"), 9, lambda x: x.zone(x.row.zone)),
    *(_Column(RULES[rule], 14, partial(_Place.by_rule, rule=rule)) for rule in Rule),
    _Column(mark("multiple, weighted by harm"), 14, lambda x: round(x.row.severity_multiple, 2)),
    _Column(mark("rules that say another zone"), 14, lambda x: len(x.row.other_rules)),
)


def sheets_of(diagnosis: Diagnosis, language: Language) -> list[Sheet]:
    """Return the sheets, in one language."""
    starts = {} if diagnosis.fit is None else {one.id: one for one in diagnosis.fit.starts}
    places = [
        _Place(
            row=row,
            roles=roles_in(row.as_zone, language),
            language=language,
            is_alone=diagnosis.is_alone,
            lacking=diagnosis.lacking,
            fit=diagnosis.fit,
            start=starts.get(row.id),
        )
        for row in diagnosis.rows
    ]
    columns = [*ZONES, *(STARTS if starts else ())]
    return [
        _sheet(mark("zones"), columns, places, language),
        _sheet(mark("rules side by side"), BY_RULES, places, language),
        _notes(diagnosis, language),
        _how_to_read(diagnosis, language),
    ]


def _sheet(
    title: str, columns: Sequence[_Column], places: Sequence[_Place], language: Language
) -> Sheet:
    return Sheet(
        language.translate(title),
        [language.translate(one.title) for one in columns],
        [[one.cell(place) for one in columns] for place in places],
        [one.width for one in columns],
        is_wrapped=len(places) <= WRAPPED,
    )


def _notes(diagnosis: Diagnosis, language: Language) -> Sheet:
    rows = [[note] for note in [diagnosis.rests_on, *diagnosis.notes]]
    return Sheet(language.translate("notes"), [diagnosis.town], rows, [110], is_wrapped=True)


def _how_to_read(diagnosis: Diagnosis, language: Language) -> Sheet:
    say = language
    zone = say.translate(
        "The worse of recorded crime, as a multiple of the table’s mean per resident, and calls "
        "from the public per 1,000 residents a year."
    )
    chance = say.translate(
        "In another year with the same underlying rates, by chance alone. It says nothing about "
        "what is reported and recorded."
    )
    rows = [
        [say.translate("zone"), zone],
        *([f"  {zone_name(one, language)}", zone_title(one, language)] for one in Zone),
        [say.translate("chance of the same zone"), chance],
        *(
            [say.translate(RULES[rule]), rule_meaning(rule, diagnosis.limits, language)]
            for rule in Rule
        ),
        *([say.translate("doubt"), say.translate(text)] for text in DOUBTS.values()),
    ]
    if (fit := diagnosis.fit) is not None:
        told = [*fit_words(fit, language), *starts_words(fit, language)]
        rows += [[say.translate("does the model fit?"), line] for line in told]
    head = [say.translate("word"), say.translate("meaning")]
    return Sheet(say.translate("how to read"), head, rows, [34, 110], is_wrapped=True)
