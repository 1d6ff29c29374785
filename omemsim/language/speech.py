"""A language: its texts, from gettext's catalogue, and how it writes numbers, money and dates."""

from __future__ import annotations

import gettext
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

from omemsim.language.numbers import NO_BREAK, localised
from omemsim.present import text as written
from omemsim.vocabulary.errors import InputError, nearest

__all__ = ["ENGLISH", "FRENCH", "LANGUAGES", "Language", "Named", "language_of", "mark", "said"]

LANGUAGES = ("en", "fr")
DOMAIN = "omemsim"
LOCALE = Path(__file__).parent / "locale"
MILLION = 1_000_000
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# French drops the vowel of "de" and "que" before another; a placeholder hides what follows.
_ELISION = re.compile(r"\b([dD]|[qQ]u)e (?=[aeiouyâàéèêëîïôûAEIOUÉÈÊ])")

_FIRST = re.compile(rf"^[«“{NO_BREAK}]*.", re.DOTALL)


def mark(text: str) -> str:
    """Return a text as it is: it stands in a table, and is translated where it is shown."""
    return text


class Named(NamedTuple):
    """A name for the catalogue: its kind, which is gettext's context, and its English text.

    Written out in a table of a module, as ``Named("zone", "red")``, it is marked by that. Where
    ``is_label``, as in a heading, it is shown with a capital letter.
    """

    kind: str
    text: str
    is_label: bool = False


@dataclass(frozen=True)
class Language:
    """A language that the model speaks.

    Attributes
    ----------
    code : "en" or "fr"; also the ``lang`` of a page.
    """

    code: str
    texts: gettext.NullTranslations = field(repr=False, compare=False)

    def translate(self, text: str, /, **values: object) -> str:
        """Return a text in this language, its ``{placeholders}`` filled in.

        Parameters
        ----------
        text : in English, as it is marked.
        **values : what the placeholders stand for, as text of this language already: numbers by
            `number` and the like. What is still a number is written by `number`.
        """
        return self._filled(self.texts.gettext(text) if text else "", values)

    def plural(self, one: str, many: str, number: float, /, **values: object) -> str:
        """Return the text for a number of things; ``{number}`` in it stands for the number.

        Parameters
        ----------
        one, many : the English singular and plural.
        number : chooses between them: 1 is singular in English, all under 2 in French.
        **values : as for `translate`.
        """
        chosen = number if self.code == "en" else int(abs(number))
        text = self.texts.ngettext(one, many, chosen)  # type: ignore[arg-type]
        return self._filled(text, {"number": self.number(number)} | values)

    def name(self, kind: str, text: str) -> str:
        """Return a name, which may be another word in another kind; the name itself if unknown.

        Parameters
        ----------
        kind : gettext's context, as "zone" (`names.every_name` has all of them).
        text : the English name.
        """
        return self.texts.pgettext(kind, text)

    def named(self, one: Named) -> str:
        """Return a name of the catalogue, with a capital letter if it is a label."""
        name = self.name(one.kind, one.text)
        return self.capital(name) if one.is_label else name

    def _filled(self, text: str, values: dict[str, object]) -> str:
        if not values:
            return text
        said = {
            key: self.number(value) if isinstance(value, int | float) else value
            for key, value in values.items()
        }
        filled = text.format(**said)
        return filled if self.code == "en" else _ELISION.sub(r"\1’", filled)

    # ---- numbers

    def number(self, value: float, decimals: int | None = None) -> str:
        """Return a number, as "1,234.5"; "none" for one that does not exist.

        Parameters
        ----------
        value : any.
        decimals : None writes a whole number whole, and another as `text.amount` does.
        """
        if not math.isfinite(value):
            return self.translate("none")
        if decimals is None:
            is_whole = float(value).is_integer()
            return self.localised(f"{value:,.0f}" if is_whole else written.amount(value))
        return self.localised(f"{round(value, decimals) + 0.0:,.{decimals}f}")

    def localised(self, text: str) -> str:
        """Return a number that `present.text` has written, as this language writes it."""
        return self.translate("none") if text == written.NONE else localised(text, self.code)

    def percent(self, value: float) -> str:
        """Return the size of a percentage, as "9.0%": one decimal under 10%; no sign."""
        if not math.isfinite(value):
            return self.translate("none")
        return self.localised(written.percent(value))

    def share(self, value: float) -> str:
        """Return a share of 0 to 1 in whole percent, as "12%"."""
        if not math.isfinite(value):
            return self.translate("none")
        return self.localised(f"{written.whole_percent(value)}%")

    def signed_percent(self, value: float) -> str:
        """Return a percentage with its sign, as "−3.0%"; "0" for none."""
        if not math.isfinite(value):
            return self.translate("none")
        return self.localised(written.signed_percent(value))

    def money(self, dollars: float) -> str:
        """Return an amount of Canadian dollars, as "$12,400" or "$1.2 million"."""
        if not math.isfinite(dollars):
            return self.translate("none")
        sign, size = "−" if round(dollars) < 0 else "", abs(dollars)
        if size < MILLION - 0.5:
            return self.translate("{sign}${amount}", sign=sign, amount=self.number(size, 0))
        millions = round(size / MILLION, 1)
        return self.plural(
            "{sign}${amount} million",
            "{sign}${amount} million",
            millions,
            sign=sign,
            amount=self.number(millions, 1),
        )

    def date(self, day: date) -> str:
        """Return a date, as "1 November 2026"."""
        first = self.name("day", "1") if day.day == 1 else str(day.day)
        month = self.name("month", MONTHS[day.month - 1])
        return f"{first} {month} {day.year}"

    def to(self, low: str, high: str) -> str:
        """Return the ends of a range that are written already, as "3% to 5%"."""
        return self.translate("{low} to {high}", low=low, high=high)

    # ---- words

    def listed(self, words: Sequence[str]) -> str:
        """Return words as a list, as "place effects, trust and partners"; empty for none."""
        if len(words) < 2:
            return "".join(words)
        return self.translate("{first} and {last}", first=", ".join(words[:-1]), last=words[-1])

    def quoted(self, text: str) -> str:
        """Return a text in the language's quotation marks."""
        return f"“{text}”" if self.code == "en" else f"«{NO_BREAK}{text}{NO_BREAK}»"

    def capital(self, text: str) -> str:
        """Return a text with a capital letter at its beginning, after a quotation mark if any."""
        return _FIRST.sub(lambda found: found[0].upper(), text, count=1)

    def small(self, text: str) -> str:
        """Return a title for within a sentence; one that begins with an abbreviation stays."""
        return text if text[1:2].isupper() else text[:1].lower() + text[1:]


ENGLISH = Language("en", gettext.NullTranslations())
FRENCH = Language("fr", gettext.translation(DOMAIN, LOCALE, ["fr"], fallback=True))


def language_of(code: str) -> Language:
    """Return a language by its code.

    Raises
    ------
    InputError
        If it is none of `LANGUAGES`.
    """
    if code not in LANGUAGES:
        hint = nearest(code, LANGUAGES)
        raise InputError(f"language = {code!r}: must be one of {', '.join(LANGUAGES)}.{hint}")
    return {"en": ENGLISH, "fr": FRENCH}[code]


def said(words: Mapping[str, str | Named], language: Language) -> dict[str, str]:
    """Return the words of a page in a language, by the key that its JavaScript asks for.

    Parameters
    ----------
    words : marked texts and names; what stands in braces is filled in by the page.
    language : to be read in.
    """
    return {
        key: language.named(word) if isinstance(word, Named) else language.translate(word)
        for key, word in words.items()
    }
