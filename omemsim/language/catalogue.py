"""Collects what is marked for translation, and makes the catalogues: ``make words``.

Only those who change the model need this: reading a catalogue takes no more than Python's gettext.
Babel collects texts from Python (``translate``, ``plural``, ``mark``, ``Named``) and from templates
(``_`` and ``n_``); the names of the model (`names.every_name`) come from their declarations. The
French file keeps what is translated, gets what is new with an empty translation, and loses what
nothing uses.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from omemsim.language.names import every_name
from omemsim.language.speech import DOMAIN, LOCALE

__all__ = ["compiled", "found", "main", "read", "texts_of", "update", "untranslated"]

PACKAGE = Path(__file__).resolve().parents[1]
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {
    "translate": None,
    "mark": None,
    "plural": (1, 2),
    "_": None,
    "n_": (1, 2),
    "Named": ((1, "c"), 2),  # its kind is the context
}
FOLDER = LOCALE / "fr" / "LC_MESSAGES"
PO, MO = FOLDER / f"{DOMAIN}.po", FOLDER / f"{DOMAIN}.mo"
LONGEST_LINE = 100
FIXED = datetime(2026, 1, 1, tzinfo=UTC)  # a date of today would change every file
# Babel would ask for a third form, of whole millions, which nothing here counts.
PLURALS = "nplurals=2; plural=(n > 1);"
NEW = """\
# French texts of omemsim. `make words` adds what is new, with an empty translation, and compiles.
"""


def found(package: Path = PACKAGE) -> Catalog:
    """Return a catalogue of all texts that a package marks, and of the names of the model."""
    marked = Catalog()
    for _file, _line, message, comments, context in extract_from_dir(
        package, METHODS, keywords=KEYWORDS, comment_tags=("Translators:",)
    ):
        marked.add(message, context=context, auto_comments=comments)
    for one in every_name():
        marked.add(one.text, context=one.kind)
    return marked


def read(path: Path = PO) -> Catalog:
    """Return the catalogue of a ``.po`` file."""
    with open(path, "rb") as file:
        return read_po(file, locale="fr", domain=DOMAIN)


def update(old: Catalog, marked: Catalog) -> Catalog:
    """Return the translations of what is marked: old ones, and empty ones of what is new."""
    new = Catalog(
        locale="fr",
        domain=DOMAIN,
        project="omemsim",
        header_comment=NEW.rstrip(),
        creation_date=FIXED,
        revision_date=FIXED,
        last_translator="The omemsim authors",
        language_team="The omemsim authors",
        fuzzy=False,
    )
    new.mime_headers = [("Plural-Forms", PLURALS)]
    for message in marked:
        if message.id:
            known = old.get(message.id, message.context)
            new.add(
                message.id,
                known.string if known else None,
                context=message.context,
                auto_comments=message.auto_comments,
            )
    return new


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the texts without a translation, or with one that is only a guess (fuzzy)."""
    return [
        f"{message.context}: {message.id}" if message.context else str(message.id)
        for message in catalogue
        if message.id and (message.fuzzy or not all(_forms(message)))
    ]


def _forms(message: Message) -> list[object]:
    """Return the translation, or each of its plurals."""
    return list(message.string or [""]) if message.pluralizable else [message.string]


def compiled(catalogue: Catalog) -> bytes:
    """Return a catalogue as gettext reads it."""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def texts_of(compiled_file: Path = MO) -> Catalog:
    """Return what gettext's file holds."""
    with open(compiled_file, "rb") as file:
        return read_mo(file)


def main() -> int:
    """Bring the French file up to date and compile it; say what has no translation yet."""
    catalogue = update(read() if PO.exists() else Catalog(), found())
    text = io.BytesIO()
    write_po(text, catalogue, width=LONGEST_LINE, sort_output=True, no_location=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(text.getvalue())
    MO.write_bytes(compiled(catalogue))
    left = untranslated(catalogue)
    for one in left:
        print(f"No French yet: {one}")
    print(f"{len(catalogue)} texts, {len(left)} of them without French.")
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main())
