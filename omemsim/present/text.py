"""Numbers, percentages, intervals, counts and times as people read them.

Whatever a command prints, a figure says or a page shows is written by these functions, so that the
same number looks the same everywhere. A number that does not exist is `NONE`;
only `amount`, for the cells of tables, writes "-".
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np

__all__ = [
    "amount",
    "bracketed",
    "change",
    "counted",
    "data_size",
    "duration",
    "figures",
    "likely",
    "percent",
    "score",
    "share",
    "share_in_percents",
    "shortened",
    "signed",
    "signed_percent",
    "small_share",
    "some",
    "tallied",
    "to",
    "typographic",
    "whole",
    "whole_percent",
    "with_ends",
]

NONE = "none"
TINY = 1e-9  # what is nearer to 0 is rounding, and is written as 0


def amount(value: float) -> str:
    """Return a measure: whole from 1,000 on, one decimal from 10 on, else three; "-" for none."""
    if not math.isfinite(value):
        return "-"
    decimals = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 else 3
    return f"{round(value, decimals) + 0.0:,.{decimals}f}"  # + 0.0 makes -0 a 0


def figures(value: float, *, sign: bool = False, decimals: int | None = None) -> str:
    """Return a number in three significant figures, whole from 100 on.

    Parameters
    ----------
    value : one that is not finite is "none".
    sign : whether a positive number has its sign.
    decimals : at most, for numbers under 0.01; None writes their three figures, however small.
    """
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return NONE
    plus = "+" if sign else ""
    if abs(value) >= 100:
        return f"{value:{plus}.0f}"
    if abs(value) >= 0.01 or decimals is None:
        return f"{value:{plus}.3g}"
    is_seen = round(value, decimals) != 0
    return f"{value:{plus}.{decimals}f}".rstrip("0").rstrip(".") if is_seen else "0"


def score(value: float) -> str:
    """Return a score in three figures; under 1 in three decimals, so that columns line up."""
    if not math.isfinite(value):
        return NONE
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 1 else f"{value:.3f}"


def signed(value: float, unit: str = "", *, decimals: int | None = None) -> str:
    """Return a change, as +0.014, -21.6, -1,230 or, with a unit, +3%.

    Parameters
    ----------
    value : one that is not finite is "none"; one nearer to 0 than `TINY` is 0.
    unit : what is written after the number.
    decimals : of the number; None for three figures, with four decimals at most.
    """
    if not math.isfinite(value):
        return NONE
    if abs(value) < TINY:
        return f"0{unit}"
    if decimals is None:
        decimals = int(np.clip(2 - math.floor(math.log10(abs(value))), 0, 4))
    return f"{value:+,.{decimals}f}{unit}"


def to(low: float, high: float, write: Callable[[float], str] = figures) -> str:
    """Return the ends of an interval, as "3 to 5"; "none" where there is no interval.

    Parameters
    ----------
    low, high : ends; NaN where there is none.
    write : makes text of a number.
    """
    return NONE if math.isnan(low) else f"{write(low)} to {write(high)}"


def bracketed(
    value: float, low: float, high: float, write: Callable[[float], str] = figures
) -> str:
    """Return a number and its interval, as "0.27 [0.26, 0.28]"; without one, the number alone.

    Parameters
    ----------
    value, low, high : the ends are NaN where there is no interval.
    write : makes text of a number.
    """
    return write(value) + ("" if math.isnan(low) else f" [{write(low)}, {write(high)}]")


def percent(value: float) -> str:
    """Return the size of a percentage: one decimal under 10%; "<0.1%" for the smallest."""
    size = abs(value)
    if 0 < size < 0.05:
        return "<0.1%"
    return f"{size:.1f}%" if size < 9.95 else f"{size:.0f}%"


def signed_percent(value: float) -> str:
    """Return a percentage with its sign, as "−3.0%"; "0" for none."""
    return "0" if value == 0 else f"{'+' if value > 0 else '−'}{percent(value)}"


def change(value: float) -> str:
    """Return a change in percent in words, as "18% lower"; "equal" for none."""
    return "equal" if value == 0 else f"{percent(value)} {'higher' if value > 0 else 'lower'}"


def share(value: float, low: float, high: float) -> str:
    """Return a share of 0 to 1 and its interval, as "12% (5 to 19)".

    Parameters
    ----------
    value, low, high : shares, 0 to 1; the ends are NaN where there is no interval.
    """
    if not math.isfinite(value):
        return NONE
    return f"{whole_percent(value)}% ({to(low, high, whole_percent)})"


def share_in_percents(value: float, low: float, high: float) -> str:
    """Return what `share` does, as "12% (5% to 19%)".

    Parameters
    ----------
    value, low, high : as for `share`.
    """
    return with_ends(value, low, high, _with_sign) if math.isfinite(value) else NONE


def with_ends(value: float, low: float, high: float, write: Callable[[float], str]) -> str:
    """Return a number and its interval, as "52 (40 to 64)"; without one, the number alone.

    Parameters
    ----------
    value, low, high : the ends are NaN where there is no interval.
    write : makes text of a number.
    """
    return write(value) + ("" if math.isnan(low) else f" ({to(low, high, write)})")


def whole(value: float) -> str:
    """Return a number without decimals."""
    return f"{value:.0f}"


def whole_percent(value: float) -> str:
    """Return a share in whole percent, without the sign of it."""
    return str(round(100 * value)) if math.isfinite(value) else NONE


def _with_sign(value: float) -> str:
    return f"{whole_percent(value)}%"


def likely(value: float) -> str:
    """Return a share of random draws; what was drawn at random is never certain."""
    return ">99%" if value > 0.99 else f"{value:.0%}"


def small_share(value: float) -> str:
    """Return a share that may be very small, in two figures; "nothing" for 0."""
    return f"{100 * value:.2g}%" if value > 0 else "nothing"


def counted(number: float, unit: str, units: str | None = None) -> str:
    """Return a number and its unit, as "1 year" and "2.5 years".

    Parameters
    ----------
    number : a whole one is written with all its digits, another in six.
    unit : the singular.
    units : the plural, where it is not the unit with an s.
    """
    size = f"{number:,d}" if isinstance(number, int) else f"{number:,g}"
    return f"{size} {unit if number == 1 else units or f'{unit}s'}"


def tallied(words: Iterable[str]) -> str:
    """Return how often each word occurs, in order of first occurrence, as "3 red, 1 blue"."""
    each = Counter(words)
    return ", ".join(f"{number} {word}" for word, number in each.items())


def duration(seconds: float) -> str:
    """Return a time as one says it: seconds up to 90, minutes up to 90, then hours."""
    if seconds < 90:
        return counted(round(max(seconds, 1)), "second")
    if seconds < 5400:
        return counted(round(seconds / 60), "minute")
    return f"{seconds / 3600:,.1f} hours"


def data_size(size: float) -> str:
    """Return a number of bytes as one says it, as "12 MB"."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:,.1f} GB"


def some(items: Iterable[str], most: int = 3) -> str:
    """Return the first of several things and how many more there are, as "a, b and 4 more"."""
    each = list(items)
    rest = f" and {len(each) - most:,} more" if len(each) > most else ""
    return ", ".join(each[:most]) + rest


def shortened(name: str, most: int) -> str:
    """Return a name of at most so many letters; what is cut off is an ellipsis."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def typographic(text: str) -> str:
    """Return a number's text with a true minus sign, for figures and pages."""
    return text.replace("-", "−")
