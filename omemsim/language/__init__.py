"""Everything people read, in English and in French: words, numbers, names and sentences.

A text is written in English where it is used, and marked for translation there: in Python as
``language.translate("Better in {wins} of {n} towns.", wins=17, n=20)``, in a template as
``{{ _("...") }}`` where the page is given ``_=language.translate``. What stands in a table of a
module is marked with `mark` and translated where it is shown; `Named` gives it a kind where French
needs another word for the same English. The French texts are in
``locale/fr/LC_MESSAGES/omemsim.po``; ``make words`` collects what is marked (`catalogue`), and a
test fails while a French text is missing.

- `Language`: texts, plurals, names, numbers, percentages, money, dates, lists.
- `said`: the words that a page's JavaScript asks for, by key.
- `names`: zones, tactics, measures, units, strategies and other words of the model.
- `sentences`: direction, size, certainty and frequency of a difference.
"""

from omemsim.language.speech import (
    ENGLISH,
    FRENCH,
    LANGUAGES,
    Language,
    Named,
    language_of,
    mark,
    said,
)

__all__ = ["ENGLISH", "FRENCH", "LANGUAGES", "Language", "Named", "language_of", "mark", "said"]
