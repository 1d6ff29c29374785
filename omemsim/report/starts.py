"""Zones that a table's own records give, and zones that the comparison starts from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.analysis.city_fit import AtStart, Reason, Start, starts_of
from omemsim.analysis.diagnose import Diagnosis, diagnose, table_of
from omemsim.analysis.diagnosis_words import reason_words
from omemsim.figures.page import INK, PALE
from omemsim.inputs.config import scenario_from_dict
from omemsim.language import Language
from omemsim.language.names import zone_name
from omemsim.report.chart import FAINT, Chart
from omemsim.report.facts import Facts
from omemsim.report.parts import Block, Column, Figure, Listed, Parts, Sheet, Text
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import COLOURS, SHAPES, Zone

__all__ = ["Beside", "diagnosed_and_started"]

Floats = NDArray[np.float64]
READ = ("zone", "recorded_crime", "public_calls", "repeat_share")  # what the reasons rest on
NAMED = 5  # neighbourhoods of each reason, those that need most
LEFT, TOP, WIDE, TALL = 122.0, 44.0, 68.0, 34.0  # of the boxes of the drawing


class Beside(NamedTuple):
    """A neighbourhood's zone by its table, and the one that most simulated towns start in."""

    name: str
    diagnosed: Zone
    start: Start

    @property
    def is_same(self) -> bool:
        """Return whether both are the same zone."""
        return self.diagnosed.name.lower() == self.start.zone


def diagnosed_and_started(facts: Facts) -> list[Block]:
    """Return both zones of each neighbourhood side by side, and why some differ.

    Only the town of a table has zones diagnosed. Where the table cannot be read any more, it says
    so; where a run does not hold what police saw, there is nothing to say.
    """
    say = facts.language
    if not facts.table or not _is_known(facts):
        return []
    heading = Parts(say.translate("Zones diagnosed, and zones at the start"))
    try:
        scenario = scenario_from_dict(facts.config)
        diagnosis = diagnose(table_of(scenario), scenario.parameters.zones)
    except InputError as refused:
        text = say.translate(
            "The zones of the table cannot be shown beside those at the start: it could not be "
            "read again ({why})",
            why=refused.problems[0],
        )
        return [heading, Text(text)]
    if set(diagnosis.blueprint.ids) != set(facts.first.ids):
        text = say.translate(
            "The zones of the table cannot be shown beside those at the start: it has other "
            "neighbourhoods now."
        )
        return [heading, Text(text)]
    found = _beside(facts, diagnosis)
    has_calls = diagnosis.blueprint.calls is not None
    return [
        heading,
        Text(_what_they_are(facts)),
        _figure(facts, found, has_calls),
        *_reasons(facts.language, found, has_calls),
    ]


def _is_known(facts: Facts) -> bool:
    values = facts.first.values
    return all(name in values and values[name].ndim == 2 for name in READ)


def _what_they_are(facts: Facts) -> str:
    return facts.language.translate(
        "The table’s records give each neighbourhood a zone. The police of the model do not see "
        "the table: they read zones off what they record themselves. From these a strategy that "
        "depends on zones chooses its first tactics; no strategy is judged by them."
    )


def _beside(facts: Facts, diagnosis: Diagnosis) -> list[Beside]:
    """Return a row for each neighbourhood, those that need most by the table first."""
    finished = facts.comparison.finished(facts.baseline)
    runs = [facts.series(facts.baseline, replicate) for replicate in finished]
    place = {own: k for k, own in enumerate(facts.first.ids)}
    order = [place[row.id] for row in diagnosis.rows]
    zones = np.stack([run.values["zone"][0][order].astype(np.int64) for run in runs])
    is_first = np.asarray(facts.first.weeks) <= max(WEEKS_PER_YEAR, int(facts.first.weeks[0]))

    def year(measure: str) -> Floats:
        each = [run.values[measure][is_first].mean(axis=0)[order] for run in runs]
        return np.asarray(np.mean(each, axis=0))

    crime = year("recorded_crime")
    mean = float(np.average(crime, weights=facts.first.population[order]))
    # A town starts in blue only where police have seen that residents are able.
    able = np.ones(len(order), bool)
    seen = AtStart(crime / max(mean, 1e-9), year("public_calls"), year("repeat_share"), able)
    begun = starts_of(diagnosis.rows, zones, seen, diagnosis.limits)
    return [
        Beside(row.label, row.as_zone, start)
        for row, start in zip(diagnosis.rows, begun, strict=True)
    ]


def _figure(facts: Facts, found: Sequence[Beside], has_calls: bool) -> Figure:
    say, towns = facts.language, facts.comparison.n
    columns = [
        Column("neighbourhood", say.translate("neighbourhood")),
        Column("diagnosed", say.translate("diagnosed from the table")),
        Column("start", say.translate("at the start")),
        Column("towns", say.translate("simulated towns that start there"), "simulated towns"),
        Column("why", say.translate("why it differs")),
    ]
    rows = [
        (
            one.name,
            zone_name(one.diagnosed, say),
            zone_name(Zone[one.start.zone.upper()], say),
            say.translate("{wins} of {n}", wins=round(one.start.share * towns), n=towns),
            reason_words(one.start.reason, say, has_calls=has_calls),
        )
        for one in sorted(found, key=lambda one: one.is_same)
    ]
    same = sum(one.is_same for one in found)
    title = say.translate(
        "The comparison starts from the zone diagnosed in {same} of {n} neighbourhoods",
        same=same,
        n=len(found),
    )
    caption = say.translate("Zone of each neighbourhood by the table, and at the start")
    sheet = Sheet("diagnosed-and-start", caption, columns, rows, is_long=True)
    note = say.translate(
        "Numbers of neighbourhoods. Down: the zone diagnosed from the table. Across: the zone that "
        "most simulated towns start in. A dark frame: both are the same."
    )
    return Figure(title, sheet, _boxes(sheet, say, title), [note])


def _boxes(sheet: Sheet, say: Language, label: str) -> Chart:
    """Draw how many neighbourhoods there are of each pair of zones, from the table's rows."""
    pairs = Counter(zip(sheet.values("diagnosed"), sheet.values("start"), strict=True))
    chart = Chart.of(TOP + TALL * len(Zone) + 6, label)
    across = say.translate("at the start: in the zone")
    chart.say(LEFT + WIDE * len(Zone) / 2, 13, across, text_anchor="middle", fill=PALE)
    chart.say(4, TOP - 12, say.translate("diagnosed"), fill=PALE)
    for number, zone in enumerate(Zone):
        for x, y in ((LEFT + WIDE * number + 8, 29.0), (10.0, TOP + TALL * (number + 0.5))):
            chart.marker(
                SHAPES[zone], x, y, size=5, fill=COLOURS[zone], stroke=INK, stroke_width=".8"
            )
            chart.say(x + 10, y + 4, zone_name(zone, say))
    for row, diagnosed in enumerate(Zone):
        for column, start in enumerate(Zone):
            number = pairs[zone_name(diagnosed, say), zone_name(start, say)]
            is_same = diagnosed is start
            x, y = LEFT + WIDE * column, TOP + TALL * row
            chart.bar(
                x + 2, y + 2, WIDE - 4, TALL - 4, fill="#f3f3f3" if number else "#ffffff",
                stroke=INK if is_same else FAINT, stroke_width="1.6" if is_same else ".8",
            )  # fmt: skip
            chart.say(
                x + WIDE / 2, y + TALL / 2 + 4, say.number(number) if number else "",
                text_anchor="middle", font_weight="bold" if is_same else "normal",
                data_diagnosed=diagnosed.name.lower(), data_start=start.name.lower(),
            )  # fmt: skip
    return chart


def _reasons(say: Language, found: Sequence[Beside], has_calls: bool) -> list[Block]:
    """Return a line for each reason: of how many neighbourhoods, and of which."""
    named: dict[Reason, list[str]] = {}
    for one in found:
        if not one.is_same:
            named.setdefault(one.start.reason, []).append(one.name)
    lines = [
        _reason_line(say, reason_words(reason, say, has_calls=has_calls), names)
        for reason, names in sorted(named.items(), key=lambda pair: -len(pair[1]))
    ]
    if not lines:
        return []
    text = say.translate(
        "Why the others start elsewhere (by the means of the first year; the table of the figure "
        "names all):"
    )
    return [Text(text), Listed(lines)]


def _reason_line(say: Language, reason: str, names: Sequence[str]) -> str:
    told = say.listed(names[:NAMED])
    if len(names) > NAMED:
        told = say.plural(
            "{names} and {number} other",
            "{names} and {number} others",
            len(names) - NAMED,
            names=", ".join(names[:NAMED]),
        )
    return say.plural(
        "{number} neighbourhood: {reason} ({names}).",
        "{number} neighbourhoods: {reason} ({names}).",
        len(names),
        reason=reason,
        names=told,
    )
