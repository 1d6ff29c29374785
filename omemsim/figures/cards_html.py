"""A card for each neighbourhood: one printed page on which police and residents can begin to talk.

Where it stands and what tips it, what police, agencies and residents can each do there, how sure
this is, and what to ask together. English and French, a page each, so that a sheet printed on both
sides has both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from omemsim.analysis.diagnose import Diagnosis
from omemsim.analysis.diagnosis_words import (
    RULES,
    doubt_words,
    frequency,
    tip_words,
    years_of,
    zone_word,
)
from omemsim.analysis.tipping import Reading, readings
from omemsim.analysis.zone_rows import ZoneRow
from omemsim.figures.card_drawings import Symbol, dots, scale, wheel
from omemsim.figures.ink import GLYPHS, OF_PAGES, ink_on
from omemsim.language import ENGLISH, FRENCH, Language
from omemsim.language.names import zone_name, zone_title
from omemsim.language.roles import OURS, QUESTIONS, roles_in
from omemsim.present.html import Chip, page
from omemsim.present.text import whole_percent
from omemsim.vocabulary.wheel import COLOURS, Zone

__all__ = ["BOTH", "MOST", "card_pages", "cards_page", "languages_of"]

BOTH = "both"
MOST = 500  # neighbourhoods in a file: a browser opens more, but slowly


def languages_of(code: str) -> list[Language]:
    """Return English, French, or both, English first."""
    return [one for one in (ENGLISH, FRENCH) if code in (one.code, BOTH)]


def card_pages(diagnosis: Diagnosis, *, language: str, command: str) -> dict[str, str]:
    """Return the pages by the names of their files: one, unless the table is long.

    Parameters
    ----------
    diagnosis : of a table.
    language : "en", "fr" or `BOTH`.
    command : that makes the pages again.
    """
    parts = [diagnosis.rows[k : k + MOST] for k in range(0, len(diagnosis.rows), MOST)]
    names = [f"cards-{k + 1}.html" if k else "cards.html" for k in range(len(parts))]
    return {
        name: cards_page(diagnosis, rows, language=language, command=command, files=names)
        for name, rows in zip(names, parts, strict=True)
    }


def cards_page(
    diagnosis: Diagnosis,
    rows: Sequence[ZoneRow],
    *,
    language: str = BOTH,
    command: str = "",
    files: Sequence[str] = (),
) -> str:
    """Return the cards of some neighbourhoods as one page of HTML.

    Parameters
    ----------
    diagnosis : of the whole table.
    rows : the neighbourhoods that have a card.
    language : "en", "fr" or `BOTH`.
    command : that makes the page again; empty where none can.
    files : the names of all pages, if there are several.
    """
    spoken = languages_of(language)
    words = {one.code: _words(diagnosis, one) for one in spoken}
    cards = [
        _card(diagnosis, row, one, words[one.code], is_first=one is spoken[0])
        for row in rows
        for one in spoken
    ]
    return page(
        "cards.html",
        OF_PAGES,
        lang=spoken[0].code,
        _=spoken[0].translate,
        title=" · ".join(words[one.code]["heading"] for one in spoken),
        town=diagnosis.town,
        command=command,
        caveat="",
        languages=list(words.values()),
        cards=cards,
        symbols=_symbols(cards),
        other_files=list(files) if len(files) > 1 else [],
    )


def _symbols(cards: Sequence[dict[str, Any]]) -> list[Symbol]:
    """Return what is drawn once for all cards of a page."""
    used = [
        one
        for card in cards
        for one in (card["wheel"], card["dots"], *(scale.bar for scale in card["scales"]))
    ]
    return list({one.name: one for one in used}.values())


def _words(diagnosis: Diagnosis, language: Language) -> dict[str, Any]:
    """Return what all cards say alike, in one language."""
    say = language
    return {
        "code": language.code,
        "heading": say.translate("{town}: a card for each neighbourhood", town=diagnosis.town),
        "about": say.translate(
            "A zone sorts places by how much they need the police. It is where a conversation "
            "starts between police, agencies and residents; it is no judgement on those who live "
            "there."
        ),
        "notes": [say.translate(OURS)],
        "index": say.translate("Neighbourhoods by need"),
        "stands": say.translate("Where it stands, and what tips it"),
        "other_rules": say.translate("The same records by other rules:"),
        "unverified": say.translate("The weights of harm are from memory and not verified."),
        "can_do": say.translate("What each can do here, and why"),
        "police": say.translate("Police"),
        "agencies": say.translate("Agencies"),
        "residents": say.translate("Residents"),
        "maybe": say.translate("If residents already lead here and can keep it so, it is blue."),
        "how_sure": say.translate("How sure is this?"),
        "talk": say.translate("To talk about"),
        "questions": [say.translate(one) for one in QUESTIONS],
        "foot": say.translate(
            "Read off recorded crime and calls, which depend on who reports and what is recorded. "
            "{ours}",
            ours=say.translate(OURS),
        ),
    }


def _card(
    diagnosis: Diagnosis,
    row: ZoneRow,
    language: Language,
    words: dict[str, Any],
    *,
    is_first: bool,
) -> dict[str, Any]:
    """Return one neighbourhood's card in one language."""
    zone, say = row.as_zone, language
    tip = tip_words(row.tip, language, is_alone=diagnosis.is_alone)
    colour = COLOURS[zone]
    return {
        "words": words,
        "is_first": is_first,
        "key": f"{language.code}-{row.rank}",
        "rank": row.rank,
        "name": row.label,
        "place": _place(diagnosis, row, language),
        "glyph": GLYPHS[zone],
        "colour": colour,
        "ink": ink_on(colour),
        "zone": language.capital(say.translate("{zone} zone", zone=zone_name(zone, language))),
        "title": zone_title(zone, language),
        "tip": language.capital(f"{tip}."),
        "wheel": wheel(zone, language),
        "on_wheel": say.translate(
            "{name} on the wheel: {zone}", name=row.label, zone=zone_name(zone, language)
        ),
        "scales": [scale(one, language, diagnosis.is_alone) for one in _readings(diagnosis, row)],
        "others": _others(row, language),
        "is_weighed": bool(row.harm_weighted),
        "roles": roles_in(zone, language),
        "maybe": roles_in(Zone.BLUE, language) if row.could_be_blue else None,
        "dots": dots(years_of(row), zone),
        "frequency": frequency(row, language),
        "sure": _sure(row, language),
        "doubts": doubt_words(row, diagnosis.lacking, language)
        or [say.translate("No particular doubt.")],
    }


def _place(diagnosis: Diagnosis, row: ZoneRow, language: Language) -> str:
    people = language.number(row.population, 0)
    if diagnosis.is_alone:
        return language.translate("{people} residents", people=people)
    return language.translate(
        "{people} residents; number {rank} of {n} by need",
        people=people,
        rank=row.rank,
        n=len(diagnosis.rows),
    )


def _readings(diagnosis: Diagnosis, row: ZoneRow) -> list[Reading]:
    return readings(row.multiple, row.calls, diagnosis.limits)


def _others(row: ZoneRow, language: Language) -> list[tuple[str, Chip]]:
    found = []
    for rule, word in row.by_rule.items():
        if word:
            zone = Zone[word.upper()]
            text = f"{GLYPHS[zone]} {zone_word(word, language)}"
            chip = Chip(text, COLOURS[zone], ink_on(COLOURS[zone]))
            found.append((language.translate(RULES[rule]), chip))
    return found


def _sure(row: ZoneRow, language: Language) -> str:
    said = language.translate(
        "{frequency}, if nothing changed but chance.", frequency=frequency(row, language)
    )
    if not row.likelier:
        return said
    share = language.localised(f"{whole_percent(row.likelier_share)}%")
    more = language.translate(
        "More often it would be {zone} ({share}).",
        zone=zone_word(row.likelier, language),
        share=share,
    )
    return f"{said} {more}"
