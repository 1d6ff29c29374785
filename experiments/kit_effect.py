"""What an experiment finds: a difference in each of many paired towns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


def interval(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the mean and the ends of Student's 95% interval over the first axis."""
    n = len(values)
    half = stats.t.ppf(0.975, n - 1) * values.std(axis=0, ddof=1) / n**0.5
    mean = values.mean(axis=0)
    return mean, mean - half, mean + half


@dataclass(frozen=True)
class Effect:
    """A difference that was found in each of the paired towns.

    Attributes
    ----------
    label : what is compared with what.
    values : (n,), a number per town.
    unit : of the values.
    digits : decimals shown.
    """

    label: str
    values: Floats
    unit: str = ""
    digits: int = 1

    @property
    def ends(self) -> tuple[float, float, float]:
        """Mean, low and high end of the 95% interval."""
        mean, low, high = interval(self.values)
        return float(mean), float(low), float(high)

    def __str__(self) -> str:
        """Return the mean with its interval."""
        mean, low, high = (f"{one:+z.{self.digits}f}" for one in self.ends)
        return f"{mean} [{low}, {high}]".replace("-", "\N{MINUS SIGN}")

    def says(self, lower: str, higher: str, unsure: str) -> str:
        """Return the sentence that the interval supports."""
        _, low, high = self.ends
        return lower if high < 0 else higher if low > 0 else unsure

    @property
    def sure(self) -> str:
        """How many towns agree, and whether the interval leaves a side out."""
        towns, below = len(self.values), int((self.values < 0).sum())
        word = self.says("clear", "clear", "cannot tell")
        return f"{word}; below 0 in {below} of {towns} towns"
