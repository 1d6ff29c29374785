"""Every text that people read has its French, and the catalogues are made of what is marked."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
import yaml
from babel.messages.catalog import Catalog, Message

from omemsim.inputs.config import choices, config_root
from omemsim.language import ENGLISH, LANGUAGES, Language, said
from omemsim.language import FRENCH as LANGUAGE
from omemsim.language.catalogue import (
    PO,
    compiled,
    found,
    main,
    read,
    texts_of,
    untranslated,
    update,
)
from omemsim.language.names import (
    STRATEGIES,
    measure_title,
    strategy_name,
    tactic_name,
    zone_name,
)
from omemsim.language.numbers import NO_BREAK
from omemsim.measures import MEASURES
from omemsim.page.words import WORDS
from omemsim.vocabulary.wheel import Tactic, Zone

MARKED, FRENCH = found(), read()
IDS = {(message.context, message.id) for message in MARKED if message.id}


def pairs(message: Message) -> list[tuple[str, str]]:
    """Return each English form with the French that stands for it."""
    if not message.pluralizable:
        return [(str(message.id), str(message.string))]
    return list(zip(message.id, message.string, strict=True))


TEXTS = [pair for message in FRENCH if message.id for pair in pairs(message)]


def french_in(tree: Any) -> Iterator[str]:
    """Yield the French texts of a lesson's file."""
    if isinstance(tree, dict):
        yield from [tree["fr"]] if "fr" in tree else french_of_all(tree.values())
    elif isinstance(tree, list):
        yield from french_of_all(tree)


def french_of_all(trees: Iterable[Any]) -> Iterator[str]:
    return chain.from_iterable(map(french_in, trees))


LESSONS = {path.name: path.read_text("utf-8") for path in (config_root() / "lesson").glob("*.yaml")}
TAUGHT = list(french_of_all(yaml.safe_load(text) for text in LESSONS.values()))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_marked_text_has_its_french() -> None:
    assert len(IDS) > 300
    missing = untranslated(update(FRENCH, MARKED))
    assert not missing, f"run `make words` and translate in {PO.name}: {missing}"


def test_no_french_text_is_left_over() -> None:
    known = {(message.context, message.id) for message in FRENCH if message.id}
    assert known - IDS == set(), "run `make words`"
    assert not FRENCH.obsolete


def test_what_gettext_reads_is_made_of_the_texts() -> None:
    def told(catalogue: Catalog) -> list[tuple[str, str, str]]:
        return sorted(
            (m.context or "", english, french)
            for m in catalogue
            if m.id
            for english, french in pairs(m)
        )

    assert told(texts_of()) == told(FRENCH), "run `make words`"


def test_both_languages_have_the_same_placeholders() -> None:
    for message in FRENCH:
        if not message.id:
            continue
        for english, french in pairs(message):
            # The singular may say "the only one" in place of a number.
            extra = {"number"} if message.pluralizable else set()
            assert placeholders(english) - extra == placeholders(french) - extra, english


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (r"'", "a straight apostrophe"),
        (r'"', "straight quotation marks"),
        (r"(?<!\u00a0)[:%»]", "no no-break space before it"),
        (r"«(?!\u00a0)", "no no-break space after it"),
        (r"[\s\u00a0\u202f][;?!]", "a space before it, which French in Canada does not have"),
        (r"[\d}] ?\$", "no no-break space before it"),
        (r"[\d}] (?:h|min|sem\.)(?!\w)", "a unit that a line could begin with"),
        (r"  ", "two spaces"),
        (r"^\s|\s$", "a space at an end"),
        (r"\d,\d{3}", "English thousands"),
        (r"\d[ \u00a0]\d{3}(?!\d)", "thousands without a narrow no-break space"),
        (r"(?<!-)\b[dDlL]e [aeiouéèê]", "a vowel that French drops"),
    ],
)
def test_french_is_set_as_french_is(wrong: str, why: str) -> None:
    assert len(TAUGHT) > 300
    texts = [*(french for _, french in TEXTS), *(text.strip() for text in TAUGHT)]
    found = [french for french in texts if re.search(wrong, french)]
    assert not found, why


def test_a_full_stop_is_in_both_or_in_neither() -> None:
    unlike = [pair for pair in TEXTS if pair[0].endswith(".") != pair[1].endswith(".")]
    assert unlike == [("+4 weeks", f"+4{NO_BREAK}sem.")]  # the point of an abbreviation


def test_every_strategy_that_is_shipped_has_a_name() -> None:
    assert set(STRATEGIES) == set(choices("strategy"))


@pytest.mark.parametrize("tactic", Tactic)
def test_hours_are_those_of_the_tactic_by_its_name(tactic: Tactic) -> None:
    key = tactic.name.lower()
    title = measure_title(MEASURES[f"hours_{key}"].title, LANGUAGE)
    assert title == f"Heures{NO_BREAK}: {tactic_name(key, LANGUAGE)}"


@pytest.mark.parametrize("language", [ENGLISH, LANGUAGE], ids=LANGUAGES)
def test_a_page_and_a_lesson_call_things_as_the_report_does(language: Language) -> None:
    page = said(WORDS, language)
    for zone in Zone:
        assert page[f"zone.{int(zone)}"] == zone_name(zone, language)
    for tactic in Tactic:
        key = tactic.name.lower()
        assert page[f"tactic.{key}"] == language.capital(tactic_name(key, language))
    for key in STRATEGIES:
        assert page[f"strategy.{key}"] == language.capital(strategy_name(key, language))
    options = re.findall(
        rf"strategy: (\w+), label: {{.*?{language.code}: \"([^\",]*)", "".join(LESSONS.values())
    )
    assert options
    for key, label in options:
        assert label == page[f"strategy.{key}"]


def test_what_is_marked_in_python_and_in_a_template_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        'language.translate("A {x}.", x=1)\nlanguage.plural("one", "many", 2)\nT = mark("later")\n'
        'N = Named("zone", "red")\nO = Named(kind, "of a variable kind")\n'
    )
    (tmp_path / "b.html").write_text('<p>{{ _("In a page") }}</p>{{ n_("a", "b", 3) }}')
    marked = found(tmp_path)
    ids = {message.id for message in marked}
    assert {"A {x}.", ("one", "many"), "later", "In a page", ("a", "b")} <= ids
    assert marked.get("red", "zone")


def test_an_update_keeps_adds_and_drops() -> None:
    old, marked = Catalog(locale="fr"), Catalog()
    old.add("kept", "gardé")
    old.add("dropped", "perdu")
    old.add("kept", "nommé", context="kind")
    for text in ("kept", "new"):
        marked.add(text)
    marked.add("kept", context="kind")
    new = update(old, marked)
    assert {(m.context, m.id): m.string for m in new if m.id} == {
        (None, "kept"): "gardé",
        (None, "new"): None,
        ("kind", "kept"): "nommé",
    }
    assert untranslated(new) == ["new"]


def test_a_guess_counts_as_missing() -> None:
    catalogue = Catalog(locale="fr")
    catalogue.add("text", "texte", flags=["fuzzy"])
    assert untranslated(catalogue) == ["text"]
    assert compiled(catalogue)


def test_collecting_again_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    before = PO.read_bytes()
    assert main() == 0
    assert PO.read_bytes() == before
    assert "0 of them without French" in capsys.readouterr().out
