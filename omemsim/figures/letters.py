"""Letters that a figure can draw: in which fonts, and a mark for those that none here has.

Names come in every script. DejaVu Sans, which matplotlib brings along, has Latin, Greek, Cyrillic,
Arabic and Canadian syllabics; for others a font of this machine is looked for, among those that
systems usually have.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

__all__ = ["FAMILY", "MARK", "NOTE", "families", "legible"]

FAMILY = "DejaVu Sans"
MARK = "?"
NOTE = f"{MARK} in a name: a letter that no font of this machine has."
# Fonts by script, each first where it is at its best.
OTHERS = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans SC", "Noto Sans JP"),
    *("Noto Sans KR", "Source Han Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei"),
    *("Microsoft YaHei", "SimHei", "Yu Gothic", "Malgun Gothic", "PingFang SC", "PingFang HK"),
    *("Hiragino Sans GB", "Hiragino Sans", "Apple SD Gothic Neo", "Heiti TC"),
    *("Noto Sans Canadian Aboriginal", "Euphemia UCAS", "Gadugi", "Noto Sans Arabic"),
    *("Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Gurmukhi", "Noto Sans Tamil"),
    *("Noto Sans Bengali", "Noto Sans Thai", "Noto Sans Ethiopic", "Nirmala UI", "Leelawadee UI"),
    *("Arial Unicode MS", "Segoe UI", "Segoe UI Symbol", "Segoe UI Emoji", "Noto Emoji"),
    *("Noto Sans Symbols", "Noto Sans Symbols 2", "Symbola", "FreeSans", "Unifont"),
)


@lru_cache(maxsize=4096)
def families(text: str) -> tuple[str, ...]:
    """Return the fonts to draw a text with, in the order to try them."""
    left = {letter for letter in text if letter.isprintable()} - _letters_of(FAMILY)
    chosen = [FAMILY]
    for name in OTHERS if left else ():
        found = left & _letters_of(name)
        if found:
            chosen.append(name)
            left -= found
    return tuple(chosen)


@lru_cache(maxsize=4096)
def legible(text: str) -> str:
    """Return the text with `MARK` for what no font has, and without signs that join or vary."""
    known = frozenset().union(*map(_letters_of, families(text)))
    return "".join(_shown(letter, known) for letter in text)


def _shown(letter: str, known: frozenset[str]) -> str:
    if letter in known or letter in "\n\t":
        return letter
    is_silent = unicodedata.category(letter) in ("Cf", "Mn", "Me", "Cc")
    return "" if is_silent else MARK


@lru_cache(maxsize=128)
def _letters_of(family: str) -> frozenset[str]:
    """Return the letters that a font of this machine has in all its weights; none without it."""
    files = {entry.fname for entry in font_manager.fontManager.ttflist if entry.name == family}
    if not files:
        return frozenset()
    try:
        paths = {
            font_manager.findfont(
                font_manager.FontProperties(family=family, weight=weight), fallback_to_default=False
            )
            for weight in ("normal", "bold")
        }
        charmaps = [FT2Font(path).get_charmap() for path in paths]
    except (OSError, RuntimeError, ValueError):  # it cannot be read, or holds pictures only
        return frozenset()
    return frozenset.intersection(*(frozenset(map(chr, charmap)) for charmap in charmaps))
