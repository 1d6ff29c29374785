"""Numbers, texts and sentences in both languages."""

import gettext
import math
import re
from dataclasses import replace
from datetime import date

import pytest
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from omemsim.language import ENGLISH, FRENCH, LANGUAGES, Language, Named, language_of, said
from omemsim.language.names import PHRASES, every_name, strategy_name, tactic_name, zone_name
from omemsim.language.numbers import NARROW, NO_BREAK
from omemsim.language.sentences import (
    CERTAINTY,
    Effect,
    Frequency,
    Worlds,
    certain,
    certainty_word,
    change,
    finding,
    frequency,
    size,
    spread,
)
from omemsim.measures import MEASURES, OUTCOME_UNITS
from omemsim.present import text
from omemsim.study.contrasts import Contrast, about, effect_of, frequency_of
from omemsim.study.statistics import Difference
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.wheel import Zone

BOTH = pytest.mark.parametrize("language", [ENGLISH, FRENCH], ids=LANGUAGES)


class Strict(gettext.GNUTranslations):
    """The French catalogue, which refuses what it does not have."""

    def gettext(self, message: str) -> str:
        assert self._has(message), f"not marked: {message}"
        return super().gettext(message)

    def ngettext(self, one: str, many: str, n: int) -> str:
        assert self._has((one, 0)), f"not marked: {one}"
        return super().ngettext(one, many, n)

    def _has(self, key: object) -> bool:
        return key in self._catalog  # type: ignore[attr-defined]


@pytest.fixture
def strict() -> Language:
    from omemsim.language.catalogue import MO

    with open(MO, "rb") as file:
        return Language("fr", Strict(file))


def plain(text: str) -> str:
    """Return a text with ordinary spaces."""
    return text.replace(NO_BREAK, " ").replace(NARROW, " ")


# ---- numbers


@pytest.mark.parametrize(
    ("value", "decimals", "english", "french"),
    [
        (0, None, "0", "0"),
        (-0.0, 1, "0.0", "0,0"),
        (-0.04, 1, "0.0", "0,0"),
        (1e-12, 2, "0.00", "0,00"),
        (0.1234, None, "0.123", "0,123"),
        (12.34, None, "12.3", "12,3"),
        (999, None, "999", "999"),
        (1000, None, "1,000", "1 000"),
        (-1234.5, 1, "-1,234.5", "-1 234,5"),
        (1234567, None, "1,234,567", "1 234 567"),
        (1e15, None, "1,000,000,000,000,000", "1 000 000 000 000 000"),
        (math.inf, None, "none", "aucune valeur"),
        (-math.inf, 2, "none", "aucune valeur"),
        (math.nan, None, "none", "aucune valeur"),
    ],
)
def test_a_number(value: float, decimals: int | None, english: str, french: str) -> None:
    assert ENGLISH.number(value, decimals) == english
    assert plain(FRENCH.number(value, decimals)) == french


@pytest.mark.parametrize("value", [0, 3, 999, 1000, 12345, 1234567, 98765432.1])
def test_thousands_are_those_of_the_unicode_consortium(value: float) -> None:
    ours = FRENCH.number(value, 1)
    assert plain(ours) == plain(format_decimal(value, "#,##0.0", locale="fr_CA"))
    assert " " not in ours  # a number never breaks over two lines


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (0.0, "0.0%", "0,0 %"),
        (-0.0, "0.0%", "0,0 %"),
        (0.01, "<0.1%", "<0,1 %"),
        (9.94, "9.9%", "9,9 %"),
        (9.96, "10%", "10 %"),
        (-12.0, "12%", "12 %"),
        (math.nan, "none", "aucune valeur"),
        (math.inf, "none", "aucune valeur"),
    ],
)
def test_a_percentage(value: float, english: str, french: str) -> None:
    assert ENGLISH.percent(value) == english
    assert plain(FRENCH.percent(value)) == french


@pytest.mark.parametrize("value", [0.0, 0.004, 0.12, 0.995, 1.0])
def test_a_share_is_as_the_unicode_consortium_writes_it(value: float) -> None:
    assert ENGLISH.share(value) == format_percent(value, locale="en_CA")
    assert plain(FRENCH.share(value)) == plain(format_percent(value, locale="fr_CA"))


def test_a_signed_percentage() -> None:
    assert ENGLISH.signed_percent(-3) == "−3.0%"
    assert plain(FRENCH.signed_percent(12.4)) == "+12 %"
    assert FRENCH.signed_percent(math.nan) == "aucune valeur"
    assert ENGLISH.share(math.nan) == "none"


@pytest.mark.parametrize(
    ("dollars", "english", "french"),
    [
        (0, "$0", "0 $"),
        (-0.2, "$0", "0 $"),
        (0.6, "$1", "1 $"),
        (-950, "−$950", "−950 $"),
        (12_400, "$12,400", "12 400 $"),
        (999_999.4, "$999,999", "999 999 $"),
        (999_999.6, "$1.0 million", "1,0 million de dollars"),
        (1_960_000, "$2.0 million", "2,0 millions de dollars"),
        (1_940_000, "$1.9 million", "1,9 million de dollars"),
        (-2_500_000, "−$2.5 million", "−2,5 millions de dollars"),
        (3_210_000_000, "$3,210.0 million", "3 210,0 millions de dollars"),
        (math.nan, "none", "aucune valeur"),
        (math.inf, "none", "aucune valeur"),
    ],
)
def test_money(dollars: float, english: str, french: str) -> None:
    assert ENGLISH.money(dollars) == english
    assert plain(FRENCH.money(dollars)) == french


@pytest.mark.parametrize("day", [date(2026, 1, 2), date(2026, 8, 15), date(2024, 2, 29)])
def test_a_date_is_as_the_unicode_consortium_writes_it(day: date) -> None:
    assert FRENCH.date(day) == format_date(day, "long", locale="fr_CA")
    assert ENGLISH.date(day) == format_date(day, "d MMMM y", locale="en_CA")


def test_the_first_of_a_month_is_an_ordinal_in_french() -> None:
    assert FRENCH.date(date(2026, 11, 1)) == "1er novembre 2026"
    assert ENGLISH.date(date(2026, 11, 1)) == "1 November 2026"


@pytest.mark.parametrize("value", [0.0, 3.2, 1234.5, math.nan])
def test_what_another_function_wrote_is_localised(value: float) -> None:
    assert ENGLISH.localised(text.figures(value)) == text.figures(value)
    said = FRENCH.localised(text.figures(value))
    assert "." not in said
    assert said != "none"


def test_a_point_at_the_end_of_a_sentence_stays() -> None:
    assert plain(FRENCH.localised("1,234.5%")) == "1 234,5 %"
    assert FRENCH.localised("v1.") == "v1."


# ---- texts


@pytest.mark.parametrize(
    ("words", "english", "french"),
    [
        ([], "", ""),
        (["a"], "a", "a"),
        (["a", "b"], "a and b", "a et b"),
        (["a", "b", "c"], "a, b and c", "a, b et c"),
    ],
)
def test_a_list(words: list[str], english: str, french: str) -> None:
    assert ENGLISH.listed(words) == english
    assert FRENCH.listed(words) == french


def test_quotation_marks_are_the_language_s() -> None:
    assert ENGLISH.quoted("a") == "“a”"
    assert FRENCH.quoted("a") == f"«{NO_BREAK}a{NO_BREAK}»"


@pytest.mark.parametrize(
    ("title", "small"),
    [("Trust in police", "trust in police"), ("OPP bill", "OPP bill"), ("", ""), ("A", "a")],
)
def test_a_title_within_a_sentence(title: str, small: str) -> None:
    assert ENGLISH.small(title) == small


def test_an_unknown_language_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"language = 'de': must be one of en, fr"):
        language_of("de")
    assert [language_of(code).code for code in LANGUAGES] == list(LANGUAGES)


def test_a_name_of_one_s_own_is_itself_in_both() -> None:
    for language in (ENGLISH, FRENCH):
        assert strategy_name("our_own_plan", language) == "our own plan"
        assert tactic_name("street_medics", language) == "street medics"


def test_a_word_may_differ_by_what_it_names() -> None:
    assert zone_name(Zone.GREEN, FRENCH) == "verte"
    assert FRENCH.name("day", "1") == "1er"
    assert FRENCH.name("unit", "1") == "1"
    assert FRENCH.translate("low") == "faible"  # a parameter, which is no call of low priority
    assert FRENCH.name("priority", "low") == "peu pressant"


def test_words_of_a_page_are_texts_and_names_by_their_keys() -> None:
    label = Named("tactic", "public education", is_label=True)
    words = {"one": "Data", "two": Named("zone", "green"), "three": label}
    assert said(words, ENGLISH) == {"one": "Data", "two": "green", "three": "Public education"}
    assert said(words, FRENCH) == {"one": "Données", "two": "verte", "three": "Éducation du public"}


def test_every_phrase_is_of_a_measure() -> None:
    assert PHRASES.keys() <= {*MEASURES, *OUTCOME_UNITS}


def test_no_name_is_missing_in_french() -> None:
    same = {one.text for one in every_name() if FRENCH.name(one.kind, one.text) == one.text}
    # Words that both languages share.
    assert same == {
        *("violence", "consultation", "liaison", "police", "urgent", "OMEM", "engagement"),
        *("Participation", "Vigilance", "minutes"),
    }


# ---- sentences


@pytest.mark.parametrize(
    ("percent", "english", "french"),
    [
        (0.0, "less than 1%", "moins de 1 %"),
        (-0.0, "less than 1%", "moins de 1 %"),
        (0.49, "less than 1%", "moins de 1 %"),
        (0.51, "about 1%", "environ 1 %"),
        (-9.4, "about 9%", "environ 9 %"),
        (999.4, "about 999%", "environ 999 %"),
        (1000.0, "over 1,000%", "plus de 1 000 %"),
        (-1e9, "over 1,000%", "plus de 1 000 %"),
    ],
)
def test_a_size(percent: float, english: str, french: str, strict: Language) -> None:
    assert size(percent, ENGLISH) == english
    assert plain(size(percent, strict)) == french


@pytest.mark.parametrize("percent", [math.inf, -math.inf, math.nan])
def test_what_is_not_finite_has_no_size(percent: float) -> None:
    with pytest.raises(ValueError, match="has no size"):
        size(percent, ENGLISH)


@pytest.mark.parametrize(
    ("wins", "n", "word"),
    [
        (0, 4, ""),
        (4, 4, ""),
        (5, 5, "likely"),
        (0, 5, "unlikely"),
        (0, 20, "very unlikely"),
        (1, 20, "very unlikely"),
        (2, 20, "unlikely"),
        (6, 20, "unlikely"),
        (7, 20, "about as likely as not"),
        (10, 20, "about as likely as not"),
        (13, 20, "about as likely as not"),
        (14, 20, "likely"),
        (17, 20, "likely"),
        (18, 20, "likely"),
        (19, 20, "very likely"),
        (20, 20, "very likely"),
        (10**6, 10**6, "very likely"),
    ],
)
def test_a_word_of_certainty(wins: int, n: int, word: str) -> None:
    assert certainty_word(wins, n) == word


def test_words_of_certainty_go_from_the_greatest_chance_down() -> None:
    least = [each.least for each in CERTAINTY]
    assert least == sorted(least, reverse=True)
    assert least[-1] == 0


@pytest.mark.parametrize(
    ("found", "english", "french"),
    [
        (Frequency(0, 0), "no plausible town was run", "aucune ville plausible n’a été simulée"),
        (
            Frequency(0, 0, Worlds.SIMULATED),
            "no town was run",
            "aucune ville n’a été simulée",
        ),
        (
            Frequency(1, 1),
            "better in the only plausible town",
            "meilleur résultat dans la seule ville plausible",
        ),
        (
            Frequency(0, 1, Worlds.SIMULATED),
            "not better in the only simulated town",
            "pas de meilleur résultat dans la seule ville simulée",
        ),
        (
            Frequency(0, 20),
            "very unlikely (better in none of 20 plausible towns)",
            "très improbable (meilleur résultat dans 0 des 20 villes plausibles)",
        ),
        (
            Frequency(20, 20),
            "very likely (better in all 20 plausible towns)",
            "très probable (meilleur résultat dans les 20 villes plausibles)",
        ),
        (
            Frequency(17, 20),
            "likely (better in 17 of 20 plausible towns)",
            "probable (meilleur résultat dans 17 des 20 villes plausibles)",
        ),
        (
            Frequency(1200, 2400, Worlds.SIMULATED),
            "about as likely as not (better in 1,200 of 2,400 simulated towns)",
            "une chance sur deux environ (meilleur résultat dans 1 200 des 2 400 villes simulées)",
        ),
    ],
)
def test_certainty_has_its_number(
    found: Frequency, english: str, french: str, strict: Language
) -> None:
    assert certain(found, ENGLISH) == english
    assert plain(certain(found, strict)) == french


@pytest.mark.parametrize("found", [Frequency(-1, 3), Frequency(4, 3)])
def test_more_wins_than_worlds_are_refused(found: Frequency) -> None:
    with pytest.raises(ValueError, match="better in"):
        frequency(found, ENGLISH)


def effect(measure: str = "victimization", word: str = "lower", **numbers: float) -> Effect:
    title = MEASURES[measure].title if measure in MEASURES else "Coffee drunk"
    return Effect(measure, title, "omem", "present_practice", word, **numbers)


@pytest.mark.parametrize(
    ("one", "english", "french"),
    [
        (
            effect(percent=-9.2),
            "about 9% less victimization",
            "environ 9 % de victimisation en moins",
        ),
        (
            effect("trust", percent=4.0),
            "about 4% more trust in police",
            "une confiance envers la police en hausse d’environ 4 %",
        ),
        (
            effect("fear", percent=-0.3),
            "less than 1% less fear of crime",
            "une peur du crime en baisse de moins de 1 %",
        ),
        (
            effect("mine", percent=20.0),
            "coffee drunk about 20% higher",
            "coffee drunk en hausse d’environ 20 %",
        ),
        (
            effect(percent=0.0),
            "no difference in victimization",
            "aucune différence pour « victimisation »",
        ),
        (effect(percent=-0.0, word="equal"), "no difference in victimization", None),
        (
            effect(percent=math.nan, word="higher"),
            "victimization higher",
            "victimisation en hausse",
        ),
        (effect(percent=math.nan, word="lower"), "victimization lower", "victimisation en baisse"),
        (effect(percent=math.inf), "victimization higher", "victimisation en hausse"),
        (effect(percent=-math.inf), "victimization lower", "victimisation en baisse"),
        (
            effect("public_calls", percent=5000.0),
            "over 1,000% more calls from the public",
            "plus de 1 000 % d’appels du public en plus",
        ),
    ],
)
def test_a_change(one: Effect, english: str, french: str | None, strict: Language) -> None:
    assert change(one, ENGLISH) == english
    if french is not None:
        assert plain(change(one, strict)) == french


@pytest.mark.parametrize("measure", PHRASES)
def test_a_fall_and_a_rise_are_opposites_in_both_languages(measure: str, strict: Language) -> None:
    less, more = PHRASES[measure]
    ways = ("less", "more"), ("fewer", "more"), ("lower", "higher"), ("smaller", "larger")
    turned = {_turned(less, *way) for way in (*ways, ("shorter", "longer"))}
    assert more in turned - {less}
    down, up = strict.translate(less, size="9"), strict.translate(more, size="9")
    ways_in_french = ("en moins", "en plus"), ("en baisse", "en hausse")
    assert up in {_turned(down, *way) for way in ways_in_french} - {down}


def _turned(text: str, down: str, up: str) -> str:
    return re.sub(rf"\b{down}\b", up, text)


@pytest.mark.parametrize(
    ("low", "high", "english", "french"),
    [
        (-13.0, -5.0, "5.0% to 13%", "5,0 % à 13 %"),
        (13.0, 5.0, "5.0% to 13%", "5,0 % à 13 %"),
        (
            -3.0,
            5.0,
            "from 3.0% lower to 5.0% higher",
            "d’une baisse de 3,0 % à une hausse de 5,0 %",
        ),
        (0.0, 5.0, "from 0.0% lower to 5.0% higher", None),
        (math.nan, math.nan, "", ""),
        (-math.inf, 3.0, "", ""),
    ],
)
def test_an_interval(
    low: float, high: float, english: str, french: str | None, strict: Language
) -> None:
    one = effect(percent=1.0, low=low, high=high)
    assert spread(one, ENGLISH) == english
    if french is not None:
        assert plain(spread(one, strict)) == french


@pytest.mark.parametrize(
    ("word", "english", "french"),
    [
        (
            "lower",
            "OMEM instead of present practice: about 9% less victimization (5.0% to 13%); "
            "very likely (better in 19 of 20 plausible towns).",
            "« OMEM » par rapport à « pratique actuelle » : environ 9 % de victimisation en moins "
            "(5,0 % à 13 %); très probable (meilleur résultat dans 19 des 20 villes plausibles).",
        ),
        (
            "cannot tell",
            "OMEM instead of present practice: one cannot tell whether victimization would be "
            "higher or lower (5.0% to 13%); very likely (better in 19 of 20 plausible towns).",
            None,
        ),
        (
            "may be chance",
            "OMEM instead of present practice: about 9% less victimization (5.0% to 13%; this may "
            "be chance); very likely (better in 19 of 20 plausible towns).",
            None,
        ),
        (
            "about the same",
            "OMEM instead of present practice: victimization about the same (5.0% to 13% lower); "
            "very likely (better in 19 of 20 plausible towns).",
            None,
        ),
    ],
)
def test_a_finding(word: str, english: str, french: str | None, strict: Language) -> None:
    one = effect(word=word, percent=-9.2, low=-13.0, high=-5.0)
    found = Frequency(19, 20)
    assert finding(one, ENGLISH, found) == english
    said = plain(finding(one, strict, found))
    assert french is None or said == french


@BOTH
@pytest.mark.parametrize("word", ["equal", "lower"])
def test_a_finding_without_a_frequency_ends_all_the_same(word: str, language: Language) -> None:
    said = finding(effect(word=word, percent=0.0), language)
    assert said.endswith(("victimization.", f"victimisation{NO_BREAK}»."))


def test_french_drops_a_vowel_before_another(strict: Language) -> None:
    assert "d’environ" in change(effect("trust", percent=4.0), strict)
    assert "de moins" in change(effect("trust", percent=0.2), strict)


def test_a_contrast_becomes_a_sentence() -> None:
    found = Difference(10, 90.0, 100.0, -10.0, -12.0, -8.0)
    row = Contrast("victimization", about("victimization"), "omem", found, share=0.9, word="lower")
    said = finding(effect_of(row, "hot_spots"), ENGLISH, frequency_of(row))
    assert said == (
        "OMEM instead of hot spots: about 10% less victimization (8.0% to 12%); "
        "likely (better in 9 of 10 simulated towns)."
    )
    assert frequency_of(replace(row, share=math.nan)) is None
