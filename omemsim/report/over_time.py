"""What happens on the way: recorded beside true, trust, fear, capacity and zones, by quarter."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from omemsim.figures.ink import spread
from omemsim.figures.one_run import QUARTER
from omemsim.figures.page import INK, PALE
from omemsim.figures.single import season_of
from omemsim.language import mark
from omemsim.language.names import zone_name
from omemsim.language.sentences import finding
from omemsim.report.chart import Axis, Chart, nice_ticks
from omemsim.report.facts import FEW, HARM, Facts
from omemsim.report.parts import Block, Chapter, Column, Figure, Parts, Sheet, Text
from omemsim.report.places import map_and_wheel
from omemsim.report.rows import Bar, Rows, by_sign, rows_chart
from omemsim.report.starts import diagnosed_and_started
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import COLOURS, SHAPES, Zone

__all__ = ["calm_shares", "over_time", "quarters", "whole_years"]

Floats = NDArray[np.float64]
# What is drawn over time, and whether its axis begins at 0.
COURSES = {
    HARM: True,
    "disorder": True,
    "public_calls": True,
    "trust": False,
    "fear": False,
    "capacity": False,
}
SIDE = 112.0  # units at the right, for names
LETTERS = 18
MOST_YEARS = 8  # each of which has its number


def over_time(facts: Facts) -> Chapter:
    """Return the chapter with the courses of what was measured."""
    say = facts.language
    blocks: list[Block] = [
        Text(
            say.translate(
                "Means over {n} simulated towns, one point per quarter, with the season taken out.",
                n=facts.comparison.n,
            )
        ),
        *_recorded(facts),
        *(_course(facts, measure) for measure in COURSES if measure in facts.first.values),
        Parts(say.translate("Zones")),
        Text(
            say.translate(
                "A zone says how much a neighbourhood needs the police: red most, then amber, "
                "green and blue. It is what police see from records and a survey; nobody in the "
                "town is told it."
            )
        ),
        *(_zones(facts, name) for name in facts.names[: FEW + 1]),
        *diagnosed_and_started(facts),
        *map_and_wheel(facts),
    ]
    return Chapter("over-time", say.translate("What happens over the years"), blocks)


# ---- recorded beside true


def _recorded(facts: Facts) -> list[Block]:
    if not facts.is_recorded("recorded_crime", HARM):
        return []
    say = facts.language
    percent = "percent of the baseline"
    columns = [
        Column("what", say.translate("what")),
        Column("percent", say.translate("change"), percent, facts.signed),
        Column("low", say.translate("95% interval from"), percent, facts.signed),
        Column("high", say.translate("to"), percent, facts.signed),
    ]
    rows, told = [], []
    for name in facts.others[:FEW]:
        for measure, text in (
            ("recorded_crime", mark("{x}: recorded by police")),
            (HARM, mark("{x}: what residents suffered")),
        ):
            row = facts.row(name, measure)
            said = say.capital(say.translate(text, x=facts.called(name)))
            rows.append((said, row.percent, row.low, row.high))
        seen, true = (facts.signed(facts.row(name, x).percent) for x in ("recorded_crime", HARM))
        told.append(
            say.translate(
                "{seen} in police records, {true} in fact ({x})",
                seen=seen,
                true=true,
                x=facts.called(name),
            )
        )
    title = say.translate("Change in crime: {told}", told="; ".join(told))
    sheet = Sheet(
        "recorded-and-true", say.translate("Recorded crime beside victims"), columns, rows
    )
    how = Rows(
        sheet.values("what"), "percent", facts.signed, [Bar("low", "high", INK, 2.5)],
        by_sign("lower"), under=say.translate("change in percent"),
    )  # fmt: skip
    note = say.translate(
        "Police records miss most crime, and rise when people report more or officers come upon "
        "more: fewer records need not be fewer victims."
    )
    return [Figure(title, sheet, rows_chart(sheet, how, title), [note])]


# ---- courses


def quarters(weeks: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the quarter that each record belongs to, (T,), the first 0."""
    return np.asarray((weeks - 1) // QUARTER)


def _by_quarter(weeks: NDArray[np.int64], season: Floats | float, values: Floats) -> Floats:
    """Return means over each quarter, (Q,), of values (T,) without their season."""
    calm, which = values / season, quarters(weeks)
    return np.array([calm[which == k].mean() for k in np.unique(which)])


def _years(facts: Facts) -> Floats:
    """Return when each quarter ends, in years from the start, (Q,)."""
    which = quarters(facts.first.weeks)
    ends = [facts.first.weeks[which == k].max() for k in np.unique(which)]
    return np.asarray(np.array(ends) / WEEKS_PER_YEAR)


def _course(facts: Facts, measure: str) -> Figure:
    say = facts.language
    season = season_of(facts.first, measure)
    prepare = functools.partial(_by_quarter, facts.first.weeks, season)
    unit = facts.first.measure(measure).unit
    columns = [Column("year", say.translate("years"), "years", facts.figures)]
    curves = []
    for name in facts.names:
        curves.append(facts.comparison.band(name, measure, prepare=prepare)[1])
        columns.append(Column(name, facts.called(name), unit, facts.figures))
    rows = [tuple(map(float, row)) for row in zip(_years(facts), *curves, strict=True)]
    caption = f"{facts.title(measure)}, {facts.unit(measure)}"
    sheet = Sheet(f"{measure.replace('_', '-')}-over-time", caption, columns, rows, is_long=True)
    told = [
        finding(facts.effect(x, measure), say) for x in facts.others if (x, measure) in facts.rows
    ]
    title = " ".join(told) or facts.title(measure)
    return Figure(title, sheet, _lines(facts, sheet, title, is_from_0=COURSES[measure]), [caption])


def whole_years(last: float) -> list[float]:
    """Return the years that an axis names: each of a few; parts of a year in a run under one."""
    if 1 <= last <= MOST_YEARS:
        return [float(year) for year in range(int(last) + 1)]
    return [float(tick) for tick in nice_ticks(0.0, last) if tick <= last]


def _lines(facts: Facts, sheet: Sheet, label: str, *, is_from_0: bool) -> Chart:
    names = [column.key for column in sheet.columns[1:]]
    values = [x for name in names for x in sheet.values(name)]
    ticks = nice_ticks(0.0 if is_from_0 else min(values), max(values))
    last = max(sheet.values("year"))
    years = whole_years(last)
    chart = Chart.of(222 if ticks[0] == 0 else 236, label)
    chart.x, chart.y = Axis(0.0, last, 48, 400 - SIDE), Axis(ticks[0], ticks[-1], 178, 10)
    chart.across(years, facts.figures, top=10, bottom=178)
    chart.upwards(ticks, facts.figures, left=48, right=400 - SIDE)
    under = facts.language.translate("years from the start")
    if ticks[0] != 0:
        cut = facts.language.translate("the upright axis does not begin at 0")
        chart.say(170, 228, cut, text_anchor="middle", fill=PALE)
    chart.say(170, 214, under, text_anchor="middle", fill=PALE)
    ends = np.array([chart.y.at(sheet.values(name)[-1]) for name in names])
    places = spread(ends, np.full(len(names), 14.0), low=12, high=180)
    for name, place in zip(names, places, strict=True):
        colour, dash = facts.colour(name)
        style = {"stroke_dasharray": " ".join(f"{2 * x:g}" for x in dash)} if dash else {}
        pairs = zip(sheet.values("year"), sheet.values(name), strict=True)
        points = [(chart.x.at(year), chart.y.at(value)) for year, value in pairs]
        chart.curve(points, stroke=colour, stroke_width="2", data_x="year", data_y=name, **style)
        chart.line(points[-1], (404 - SIDE, place), stroke=colour, stroke_width=".8")
        chart.say(407 - SIDE, place + 4, facts.called(name)[:LETTERS], fill=colour)
    return chart


# ---- zones


class Band(NamedTuple):
    """A zone's band in a stacked drawing."""

    zone: Zone
    low: Floats
    high: Floats


class Calm(NamedTuple):
    """Shares of neighbourhoods that are green or blue, in the first quarter and in the last."""

    first: float
    last: float


def _zone_shares(facts: Facts, strategy: str) -> Floats:
    """Return the mean share of neighbourhoods in each zone, by quarter, (Q, zones)."""
    weeks, shares = facts.comparison.mean_zone_shares(strategy)
    which = quarters(weeks)
    return np.array([shares[which == k].mean(axis=0) for k in np.unique(which)])


def calm_shares(facts: Facts, strategy: str) -> Calm:
    """Return the shares that need little of the police under a strategy."""
    means = _zone_shares(facts, strategy)
    first, last = (float(row[Zone.GREEN :].sum()) for row in (means[0], means[-1]))
    return Calm(first, last)


def _zones(facts: Facts, strategy: str) -> Figure:
    say = facts.language
    means = _zone_shares(facts, strategy)
    columns = [Column("year", say.translate("years"), "years", facts.figures)]
    columns += [
        Column(zone.name.lower(), zone_name(zone, say), "share of neighbourhoods", say.share)
        for zone in Zone
    ]
    rows = [(float(year), *map(float, row)) for year, row in zip(_years(facts), means, strict=True)]
    called = facts.called(strategy)
    calm = calm_shares(facts, strategy)
    title = say.translate(
        "{strategy}: {before} of neighbourhoods are green or blue at first, {after} at the end",
        strategy=say.capital(called),
        before=say.share(calm.first),
        after=say.share(calm.last),
    )
    caption = say.translate("Neighbourhoods by zone under {x}", x=called)
    sheet = Sheet(f"zones-{strategy.replace('_', '-')}", caption, columns, rows, is_long=True)
    return Figure(title, sheet, _bands(facts, sheet, title))


def _bands(facts: Facts, sheet: Sheet, label: str) -> Chart:
    say = facts.language
    last = max(sheet.values("year"))
    years = whole_years(last)
    chart = Chart.of(192, label)
    chart.x, chart.y = Axis(0.0, last, 48, 400 - SIDE), Axis(0.0, 1.0, 150, 8)
    at = [chart.x.at(year) for year in sheet.values("year")]
    bands = _stack(sheet)
    for band in bands:
        upper = [(x, chart.y.at(y)) for x, y in zip(at, band.high, strict=True)]
        lower = [(x, chart.y.at(y)) for x, y in zip(at, band.low, strict=True)]
        chart.polygon(
            [*upper, *reversed(lower)], fill=COLOURS[band.zone], stroke="#fff", stroke_width="1.6",
            data_band=band.zone.name.lower(),
        )  # fmt: skip
    chart.across(years, facts.figures, top=150, bottom=154)
    chart.upwards([0.0, 0.5, 1.0], say.share, left=48, right=48)
    chart.say(170, 187, say.translate("years from the start"), text_anchor="middle", fill=PALE)
    middles = np.array([chart.y.at(float(band.low[-1] + band.high[-1]) / 2) for band in bands])
    places = spread(middles, np.full(len(bands), 15.0), low=12, high=148)
    for band, middle, place in zip(bands, middles, places, strict=True):
        _name_band(chart, facts, sheet, band.zone, float(middle), float(place))
    return chart


def _stack(sheet: Sheet) -> list[Band]:
    """Return the bands from the foot up, blue first: red, the worst, is on top."""
    foot = np.zeros(len(sheet.rows))
    bands = []
    for zone in reversed(Zone):
        share = np.array(sheet.values(zone.name.lower()))
        bands.append(Band(zone, foot, foot + share))
        foot = foot + share
    return bands


def _name_band(
    chart: Chart, facts: Facts, sheet: Sheet, zone: Zone, middle: float, place: float
) -> None:
    edge = chart.x.at(sheet.values("year")[-1]) if chart.x else 0.0
    chart.line((edge, middle), (404 - SIDE, place), stroke=PALE, stroke_width=".8")
    chart.marker(
        SHAPES[zone], 412 - SIDE, place, size=5, fill=COLOURS[zone], stroke=INK, stroke_width=".8"
    )
    last = facts.language.share(sheet.values(zone.name.lower())[-1])
    chart.say(421 - SIDE, place + 4, f"{zone_name(zone, facts.language)} {last}")
