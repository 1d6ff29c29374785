"""Numbers as people and spreadsheets write them: signs, thousands, what stands for no number."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["Cell", "Style", "cell_of", "decimal_of", "read_number", "style_of"]

_SPACES = "\u0020\u00a0\u202f\u2009'’"
_DOT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(\d+,?\d*|,\d+)([eE][+-]?\d+)?", re.ASCII)
_SPACED = re.compile(rf"([+-]?\d{{1,3}}(?:[{_SPACES}]\d{{3}})+)((?:[.,]\d+)?)", re.ASCII)
_LONE = re.compile(r"[+-]?(\d*)([.,])(\d+)", re.ASCII)  # one sign, of which kind is the question
_GROUPS = {
    ",": re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII),
    ".": re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?", re.ASCII),
}
_MANY = re.compile(r"[+-]?\d{1,3}(([.,])\d{3})(\2\d{3})+", re.ASCII)
_BOTH = re.compile(r"[+-]?\d[\d.,]*([.,])[\d.,]*(?!\1)([.,])\d+", re.ASCII)
_PLAIN = re.compile(r"\d{4,}", re.ASCII)

# A mark of a footnote, or of a revised or preliminary number, behind a number.
_MARK = re.compile(r"(?<=[\d%])\s*(\*+|[†‡§¹²³ᵃᵇᶜ]+|\(\w\)|\[\w\]|[rpE])$")
_UNIT = re.compile(r"^(?:CA|C|US|A)?[$€£]\s*|\s*(?:%|€|\$|£|CAD|USD|EUR)$")
_NIL = re.compile(r"nil|none recorded|zero|aucune?|keine?", re.IGNORECASE)
_NONE = re.compile(
    r"""
    [-‐‑–—−_.…·*/:]+ | [xfscXFSC] | \(([xsc])\) | \#?n[./]?[ad]\.?|n\.\s?[acdv]\.?|k\.\s?a\.?
    |nan|<na>|null|none|nc|nr|nd|s\.?\s?o\.?|tb[acd]|\#(value|ref|div/0|name|num|null)[!?]?|\?+
    |(data\s)?(not|un)\s?(available|applicable|known|reported|published|disclosed|collected)
    |(data\s)?(suppressed|withheld|redacted|confidential|missing|unknown|censored)
    |non\s(disponible|communiqu[eé]|renseign[eé])|confidentiel(le)?|supprim[eé]e?|masqu[eé]e?
    |keine\sangaben?|nicht\s(verf[uü]gbar|bekannt)|unbekannt|geheim|gesperrt
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LESS = re.compile(
    r"(?:(<=|≤|at most|up to|au plus|höchstens)|<|less than|fewer than|under|below|moins de"
    r"|weniger als|unter)\s*(\d+)",
    re.IGNORECASE | re.ASCII,
)
_FROM_TO = re.compile(r"(\d+(?:\.\d+)?)\s?(?:[-–—]|to|à|bis)\s?(\d+(?:\.\d+)?)", re.IGNORECASE)


@dataclass(frozen=True)
class Style:
    """How a column writes numbers.

    Attributes
    ----------
    decimal : the sign before decimals.
    thousands : the sign between thousands, beside spaces; empty for none.
    doubtful : a sign that is one or the other and nothing says which; empty for none.
    """

    decimal: str = "."
    thousands: str = ""
    doubtful: str = ""


@dataclass(frozen=True)
class Cell:
    """What a cell says: a number, the ends between which it is, or that there is none.

    Attributes
    ----------
    value : the number; the middle of the ends; NaN where there is none.
    low, high : the ends, alike for a number.
    """

    value: float
    low: float
    high: float

    @property
    def is_number(self) -> bool:
        """Whether the cell is one number."""
        return self.low == self.high

    @property
    def is_range(self) -> bool:
        """Whether the cell says between which ends the number is, as <5."""
        return self.low < self.high


NOTHING = Cell(math.nan, math.nan, math.nan)


def cell_of(cell: str, style: Style) -> Cell:
    """Read a cell; one that stands for no number (empty, n/a, .., x) has the value NaN.

    Parameters
    ----------
    cell : stripped text; per cent, signs of currency and marks of footnotes are allowed.
    style : of its column.

    Raises
    ------
    ValueError
        It is none of these, or can be read in two ways; the message says why.
    """
    if not cell or _NONE.fullmatch(cell):
        return NOTHING
    if _NIL.fullmatch(cell):
        return Cell(0.0, 0.0, 0.0)
    less, ends = _LESS.fullmatch(_MARK.sub("", cell)), _FROM_TO.fullmatch(cell)
    if less:
        most = float(less[2]) - (0 if less[1] else 1)
        return Cell(most / 2, 0.0, most)
    if ends and float(ends[1]) <= float(ends[2]):
        low, high = float(ends[1]), float(ends[2])
        return Cell((low + high) / 2, low, high)
    try:
        value = _number(_bare(cell), style)
    except ValueError as error:
        raise ValueError(str(error) or "is not a number") from None
    return Cell(value, value, value)


def _bare(cell: str) -> str:
    """Return a cell without units and marks of footnotes."""
    return _UNIT.sub("", _UNIT.sub("", _MARK.sub("", cell))).strip().replace("−", "-")


def _number(text: str, style: Style) -> float:
    if style.doubtful and _GROUPS[style.doubtful].fullmatch(text):
        plain = text.replace(style.doubtful, "")
        raise ValueError(f"can be read in two ways; write {plain} if it is a count")
    if style.thousands and _GROUPS[style.thousands].fullmatch(text):
        text = text.replace(style.thousands, "")
    return read_number(text, decimal_comma=style.decimal == ",", spaces=True)


def read_number(cell: str, *, decimal_comma: bool = False, spaces: bool = False) -> float:
    """Read one number written by a person or a spreadsheet.

    Parameters
    ----------
    cell : stripped text.
    decimal_comma : the decimal sign is a comma, else a dot.
    spaces : thousands may be set off by spaces.

    Raises
    ------
    ValueError
        Not a finite number; the message says why and what to write.
    """
    text = cell
    if spaces and _SPACED.fullmatch(text):
        text = re.sub(f"[{_SPACES}]", "", text)
    if not (_COMMA if decimal_comma else _DOT).fullmatch(text):
        raise ValueError("is not a number" + _hint(cell, decimal_comma=decimal_comma))
    value = float(text.replace(",", "."))
    if not math.isfinite(value):
        raise ValueError("is not a finite number")
    return value


def _hint(cell: str, *, decimal_comma: bool) -> str:
    """Say what to write instead, where that can be guessed."""
    if not cell:
        return "; the cell is empty"
    if cell.lower().lstrip("+-") in {"nan", "inf", "infinity", "na", "n/a"}:
        return "; leave the cell empty if the value is unknown"
    spaced = _SPACED.fullmatch(cell)
    if spaced:
        return f"; write {re.sub(f'[{_SPACES}]', '', spaced[1])}{spaced[2]} (no spaces)"
    if _GROUPS[","].fullmatch(cell):
        return f"; write {cell.replace(',', '')} (no thousands separator)"
    if _COMMA.fullmatch(cell):
        return f"; write {cell.replace(',', '.')} (decimals are written with a dot here)"
    if decimal_comma and _DOT.fullmatch(cell):
        return "; this file writes decimals with a comma, a dot can be read in two ways"
    return "; leave the cell empty if the value is unknown"


def decimal_of(cells: Iterable[str]) -> str:
    """Return the decimal sign that cells show beyond doubt; empty if none does, ",." if both do."""
    signs = {_certain(_bare(cell)) for cell in cells if "," in cell or "." in cell}
    return "".join(sorted(signs))


def _certain(text: str) -> str:
    """Return the decimal sign that a number shows beyond doubt, else an empty text."""
    text = re.sub(f"[{_SPACES}]", "", text) if _SPACED.fullmatch(text) else text
    many, both, lone = _MANY.fullmatch(text), _BOTH.fullmatch(text), _LONE.fullmatch(text)
    if many:
        return "." if many[2] == "," else ","
    if both:
        return both[2]
    if lone and (len(lone[3]) != 3 or len(lone[1]) > 3 or lone[1] in ("", "0")):
        return lone[2]
    return ""


def style_of(cells: Sequence[str], *, decimal: str, comma: bool, is_count: bool) -> Style:
    """Return how a column writes numbers, from its own cells and then from those of the file.

    Parameters
    ----------
    cells : of the column.
    decimal : the decimal sign that the whole file shows; empty where it shows none.
    comma : cells are separated by commas, so that one in a cell is not likely to be decimal.
    is_count : whole numbers are expected.
    """
    own = decimal_of(cells)
    if len(own) == 1:
        return Style(",", ".") if own == "," else Style(".", ",")
    texts = [_bare(cell) for cell in cells if cell]
    doubt = {sign for sign in ",." for text in texts if sign in text and _lone_group(text)}
    if own or len(doubt) != 1:  # both signs, or none in doubt
        return Style("," if decimal == "," else ".")
    return _of_doubt(doubt.pop(), texts, decimal=decimal, comma=comma, is_count=is_count)


def _lone_group(text: str) -> bool:
    lone = _LONE.fullmatch(text)
    return bool(lone) and not _certain(text)


def _of_doubt(
    sign: str, texts: Sequence[str], *, decimal: str, comma: bool, is_count: bool
) -> Style:
    """Decide on a column whose only sign stands before groups of three digits, as 1,234."""
    other = "." if sign == "," else ","
    as_thousands, as_decimals = Style(other, sign), Style(sign, "")
    is_usual = decimal == sign if decimal else (sign == ".") == comma
    if not is_usual:
        return as_thousands
    if not is_count:
        return as_decimals
    is_whole = all(text.endswith("000") for text in texts if sign in text)
    is_elsewhere = any(_PLAIN.fullmatch(text) for text in texts)  # 1234, without a sign
    # 12.345 is no count of anything, but 12.000 may be 12.
    is_doubtful = is_whole or is_elsewhere or decimal == sign
    return Style(other, "", sign) if is_doubtful else as_thousands
