"""Time and rates: the unit of time is the week; this is the one place that converts."""

from __future__ import annotations

import math

__all__ = ["DAYS_PER_WEEK", "WEEKS_PER_YEAR", "decay", "per_week", "season", "weeks"]

WEEKS_PER_YEAR = 52
DAYS_PER_WEEK = 7


def weeks(years: float) -> int:
    """Return the whole weeks in a number of years, at least 1."""
    return max(1, round(years * WEEKS_PER_YEAR))


def per_week(rate_per_year: float) -> float:
    """Return a yearly rate per week."""
    return rate_per_year / WEEKS_PER_YEAR


def decay(half_life: float) -> float:
    """Return the share that is gone after a week, given a half-life in weeks (> 0)."""
    return 1 - float(0.5 ** (1 / half_life))


def season(week: int, peak_to_trough: float, peak_week: float) -> float:
    """Return the seasonal factor of a week: mean 1, with this ratio of peak to trough.

    Parameters
    ----------
    week : the town's.
    peak_to_trough : ratio of the most to the least, 1 or more; 1 is no season.
    peak_week : week of the year, 0 to 52.
    """
    amplitude = (peak_to_trough - 1) / (peak_to_trough + 1)
    return 1 + amplitude * math.cos(2 * math.pi * (week - peak_week) / WEEKS_PER_YEAR)
