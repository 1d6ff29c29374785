"""Sentences of a diagnosis, in each language: what tips a zone, what is doubted, how it fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from omemsim.analysis.city_fit import CLOSE, CityFit, Fitted, Reason
from omemsim.analysis.doubts import Doubt
from omemsim.analysis.tipping import CRIME, Change, Reading, Tip
from omemsim.analysis.zone_rows import ZoneRow
from omemsim.analysis.zone_rules import USUAL_RECORDED, Rule, absolute_lines
from omemsim.language import Language, mark
from omemsim.language.names import zone_name
from omemsim.vocabulary.parameters import ZoneLimits
from omemsim.vocabulary.wheel import Zone

__all__ = [
    "REASONS",
    "RULES",
    "YEARS",
    "doubt_words",
    "fit_words",
    "frequency",
    "lacking_words",
    "missing_words",
    "named_zones",
    "reading_words",
    "reason_words",
    "rule_meaning",
    "starts_words",
    "tip_words",
    "years_of",
    "zone_word",
]

YEARS = 20  # that a chance is told in
TINY = 0.01  # a change that is only said to be less than it
REACHED = 0.05  # of recorded crime, within which a fit has reached it: a judgement
RULES = {
    Rule.ABSOLUTE: mark("fixed limits"),
    Rule.RELATIVE: mark("relative to the mean"),
    Rule.ONE_AXIS: mark("one axis: calls alone"),
    Rule.HARM_WEIGHTED: mark("weighted by harm"),
}
LACKED = {
    "violence": mark("violence"),
    "property crime": mark("property crime"),
    "calls": mark("calls"),
}
REASONS = {
    Reason.CALLS: mark("the model’s calls are not those of the table"),
    Reason.REPEATS: mark("in the model the same homes call again, which makes green amber"),
    Reason.CAPACITY: mark("the model also reads what residents can do, which makes green blue"),
    Reason.CRIME: mark("the model’s recorded crime is not quite the table’s"),
    Reason.CHANCE: mark(
        "near the limit between two zones, where chance in a small simulated town decides"
    ),
}


def zone_word(word: str, language: Language) -> str:
    """Return the colour of a zone that a table names, as "red"; empty for none."""
    return zone_name(Zone[word.upper()], language) if word else ""


def tip_words(tip: Tip, language: Language, *, is_alone: bool = False) -> str:
    """Return what decides a zone, and the smallest change that makes it another.

    Parameters
    ----------
    tip : from `tipping.tip_of`.
    language : to be read in.
    is_alone : whether crime is a multiple of the usual rate, since there is no other neighbourhood.
    """
    said = [reading_words(one, language, is_alone=is_alone) for one in tip.deciding]
    return f"{language.listed(said)}; {_nearest(tip, language)}"


def reading_words(one: Reading, language: Language, *, is_alone: bool = False) -> str:
    """Return a number that a zone is read from, as "recorded crime 1.20 x the mean".

    Parameters
    ----------
    one : the number.
    language : to be read in.
    is_alone : as for `tip_words`.
    """
    if one.kind != CRIME:
        return language.translate("{calls} calls per 1,000", calls=language.number(one.value, 0))
    times = language.number(one.value, 2)
    if is_alone:
        return language.translate("recorded crime {times} x the usual rate", times=times)
    return language.translate("recorded crime {times} x the mean", times=times)


def _nearest(tip: Tip, language: Language) -> str:
    if tip.nearest is None:
        other = zone_name(tip.otherwise, language)
        return language.translate("{zone} only if both fall", zone=other)
    zone = zone_name(tip.nearest.zone, language)
    if tip.nearest.by >= 1:
        return language.translate(_far(tip.nearest), zone=zone)
    is_tiny = tip.nearest.by < TINY
    by = language.translate("less than {limit}%", limit=1)
    by = by if is_tiny else language.share(tip.nearest.by)
    return language.translate(_near(tip.nearest), zone=zone, by=by)


def _far(change: Change) -> str:
    if change.kind == CRIME:
        return mark("{zone} if crime rises more than twofold")
    return mark("{zone} if the call rate rises more than twofold")


def _near(change: Change) -> str:
    if change.kind == CRIME:
        rises, falls = mark("{zone} if crime rises {by}"), mark("{zone} if crime falls {by}")
    else:
        rises = mark("{zone} if the call rate rises {by}")
        falls = mark("{zone} if the call rate falls {by}")
    return rises if change.is_rise else falls


def frequency(row: ZoneRow, language: Language) -> str:
    """Return how sure a zone is, as a number of years out of twenty."""
    return language.translate(
        "{zone} again in {years} of {of} years like this one",
        zone=language.capital(zone_word(row.zone, language)),
        years=years_of(row),
        of=YEARS,
    )


def years_of(row: ZoneRow) -> int:
    """Return in how many of twenty years the zone is the same: all only if over 99% sure."""
    return min(round(YEARS * row.sure), YEARS if row.sure > 0.99 else YEARS - 1)


def lacking_words(lacking: Sequence[str], language: Language) -> str:
    """Return what a table lacks, as "the table lacks calls"."""
    names = language.listed([language.translate(LACKED[name]) for name in lacking])
    return language.translate("the table lacks {names}", names=names)


def missing_words(lacking: Sequence[str], language: Language) -> str:
    """Return what a table lacks, in a sentence."""
    said = language.translate(
        "{lacks}: with them, the zone may be another.", lacks=lacking_words(lacking, language)
    )
    return language.capital(said)


def doubt_words(row: ZoneRow, lacking: Sequence[str], language: Language) -> list[str]:
    """Return a sentence for each kind of doubt about a neighbourhood's zone.

    Parameters
    ----------
    row : of the neighbourhood.
    lacking : the numbers that the table lacks.
    language : to be read in.
    """
    others = {
        Doubt.ALONE: language.translate(
            "There is no other neighbourhood to compare with: this one is read against fixed "
            "limits, {rate} recorded crimes per 1,000 residents being usual.",
            rate=USUAL_RECORDED,
        ),
        Doubt.COUNTS: language.translate(
            "Chance: the counts are small or near a line, so that another year like this one may "
            "well give another zone."
        ),
        Doubt.FILLED: language.translate(
            "A cell of crime without a number, or one such as <5: the count lies between two "
            "numbers, and the zone is read in the middle."
        ),
        Doubt.SMALL: language.translate(
            "Small place: with {population} residents, a few crimes more or less move the rate.",
            population=language.number(row.population, 0),
        ),
        Doubt.VISITORS: language.translate(
            "Visitors: for each resident about {visitors} other people are present, but the rates "
            "are per resident.",
            visitors=language.number(row.visitors, 1),
        ),
        Doubt.CAPACITY: language.translate(
            "It could be blue: crime and calls are low enough, but no table says what residents "
            "can do. Ask those who know the place."
        ),
    }
    said = {**others, Doubt.RULES: _rules_differ(row, language)}
    if lacking:
        said[Doubt.MISSING] = missing_words(lacking, language)
    return [said[kind] for kind in row.kinds_of_doubt]


def _rules_differ(row: ZoneRow, language: Language) -> str:
    others = [
        f"{language.translate(RULES[rule])}, {zone_word(zone, language)}"
        for rule, zone in row.other_rules.items()
    ]
    return language.translate(
        "Another rule reads another zone off the same records ({others}).", others="; ".join(others)
    )


def rule_meaning(rule: Rule, limits: ZoneLimits, language: Language) -> str:
    """Return what a rule does, in a sentence.

    Parameters
    ----------
    rule : one of those beside the zone's own.
    limits : the lines between zones.
    language : to be read in.
    """
    _, mid, high = absolute_lines(limits)
    if rule is Rule.ABSOLUTE:
        return language.translate(
            "Fixed limits, whatever the town’s mean: amber from {mid} recorded crimes per 1,000 "
            "residents a year, red from {high}; calls likewise from {calls_mid} and {calls_high}.",
            mid=round(mid),
            high=round(high),
            calls_mid=round(limits.calls_mid),
            calls_high=round(limits.calls_high),
        )
    if rule is Rule.RELATIVE:
        return language.translate(
            "Recorded crime against the town’s own mean, and nothing else: amber from {mid} times "
            "the mean, red from {high} times. There is always a worst neighbourhood, however calm "
            "the town.",
            mid=language.number(limits.recorded_mid, 2),
            high=language.number(limits.recorded_high, 2),
        )
    if rule is Rule.ONE_AXIS:
        return language.translate(
            "Calls from the public alone: the more calls, the less residents are taken to manage "
            "by themselves. Under {low} per 1,000 it says blue, which other rules cannot.",
            low=round(limits.calls_low),
        )
    return language.translate(
        "Recorded crime weighted by how severe it is, per person present, against the town’s "
        "mean. The weights are from memory and not verified: a sensitivity, no published index."
    )


def fit_words(fit: CityFit, language: Language) -> list[str]:
    """Return how the model fits the table, a sentence for each number that can be compared."""
    said = []
    if fit.crime is not None:
        compared = _compared(fit.crime, language)
        said.append(language.translate("Recorded crime: {compared}.", compared=compared))
        said.append(_fitted(fit.crime, language))
    if fit.calls is not None:
        compared = _compared(fit.calls, language)
        said.append(
            language.translate("Calls, to which nothing was fitted: {compared}.", compared=compared)
        )
    return said


def _fitted(one: Fitted, language: Language) -> str:
    """Say what the town had in the year that was fitted."""
    fitted, recorded = one.of_town(one.fitted), one.of_town(one.recorded)
    if abs(fitted - recorded) > REACHED * recorded:
        return language.translate(
            "In the year that it was fitted to, the town had {fitted}: the fit did not reach the "
            "table.",
            fitted=language.number(fitted, 0),
        )
    return language.translate(
        "In the year that it was fitted to, the town had {fitted}: that shows that the fit worked, "
        "and no more.",
        fitted=language.number(fitted, 0),
    )


def _compared(one: Fitted, language: Language) -> str:
    return language.translate(
        "{simulated} per 1,000 residents in a year under present practice, {recorded} in the "
        "table; {close} of {n} neighbourhoods within {share}, or as near as chance allows",
        simulated=language.number(one.of_town(one.simulated), 0),
        recorded=language.number(one.of_town(one.recorded), 0),
        close=int(one.is_close.sum()),
        n=one.recorded.size,
        share=language.share(CLOSE),
    )


def starts_words(fit: CityFit, language: Language) -> list[str]:
    """Return from how many of the zones diagnosed a comparison starts, and why not from all."""
    reasons = Counter(one.reason for one in fit.starts)
    same = reasons.pop(Reason.NONE, 0)
    said = language.translate(
        "A comparison starts from the zone diagnosed in {same} of {n} neighbourhoods.",
        same=same,
        n=len(fit.starts),
    )
    if not reasons:
        return [said]
    why = "; ".join(
        language.translate(
            "in {number}, {reason}",
            number=number,
            reason=reason_words(reason, language, has_calls=fit.calls is not None),
        )
        for reason, number in reasons.most_common()
    )
    return [said, language.translate("Elsewhere: {why}.", why=why)]


def reason_words(reason: Reason, language: Language, *, has_calls: bool) -> str:
    """Return why a comparison starts from another zone; empty where it does not.

    Parameters
    ----------
    reason : of one neighbourhood.
    language : to be read in.
    has_calls : whether the table has calls.
    """
    if reason is Reason.CALLS and not has_calls:
        return language.translate(
            "the zone of the model also counts calls, of which the table has none"
        )
    return language.translate(REASONS[reason]) if reason else ""


def named_zones(rows: Sequence[ZoneRow]) -> Mapping[Zone, int]:
    """Return how many neighbourhoods are in each zone, worst first."""
    often = Counter(row.as_zone for row in rows)
    return {zone: often[zone] for zone in Zone}
