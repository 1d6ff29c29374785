"""Keyed random numbers with Python's own whole numbers: the uniforms that the fast week draws.

A draw of a row is two rounds of a 32-bit hash (Wellons' lowbias32) of the row's key; an
event is a 64-bit hash (splitmix64) of a row and a number, and answers questions by number.
"""

from __future__ import annotations

import math

from omemsim.vocabulary.random_numbers import Decision

__all__ = [
    "MASK32",
    "Draws",
    "Stream",
    "choice",
    "cut",
    "event_id",
    "event_uniform",
    "fraction",
    "member",
    "probability",
    "sequence_of",
    "uniform",
]

MASK32 = (1 << 32) - 1
MASK64 = (1 << 64) - 1
NEAR = 1e-6  # draws closer to their probability than this may differ in float32
MOST_EXPECTED, MOST_COUNTED = 30.0, 255

Stream = tuple[int, int]  # the lower and the upper half of a stream's key, 32 bits each


def _hash32(x: int) -> int:
    x = (x ^ x >> 16) * 0x7FEB352D & MASK32
    x = (x ^ x >> 15) * 0x846CA68B & MASK32
    return x ^ x >> 16


def _hash64(x: int) -> int:
    x = x + 0x9E3779B97F4A7C15 & MASK64
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & MASK64
    x = (x ^ x >> 27) * 0x94D049BB133111EB & MASK64
    return x ^ x >> 31


def uniform(key: int, stream: Stream) -> float:
    """Return the uniform in (0, 1) of a row's key in a stream: 23 bits, never 0 or 1."""
    h = _hash32(_hash32(key * 0x9E3779B9 + stream[0] & MASK32) ^ stream[1])
    return ((h >> 9) + 0.5) * 2.0**-23


def event_id(key: int, k: int, stream: Stream) -> int:
    """Return the identity (64 bits) of the k-th event of a row in a stream.

    Parameters
    ----------
    key : 32 bits, the row's.
    k : number of the event, 0 to 2**20 - 1.
    stream : two halves of 32 bits.
    """
    return _hash64((stream[1] << 32 | stream[0]) ^ _hash64(key << 20 | k))


def event_uniform(event: int, salt: int) -> float:
    """Return the uniform in (0, 1) that answers question ``salt`` of an event."""
    return fraction(sequence_of(event, salt))


def sequence_of(event: int, salt: int) -> int:
    """Return the key of a sequence of hashes that answers question ``salt`` of an event."""
    return _hash64(event ^ _hash64(salt))


def member(key: int, k: int) -> int:
    """Return the k-th hash (64 bits) of a sequence."""
    return _hash64(key + k * 0x9E3779B97F4A7C15 & MASK64)


def fraction(h: int) -> float:
    """Return a uniform in (0, 1) from a hash."""
    return ((h >> 12) + 0.5) * 2.0**-52


def choice(event: int, salt: int, n: int) -> int:
    """Return a whole number in [0, n) that answers question ``salt`` of an event.

    Parameters
    ----------
    event : identity, 64 bits.
    salt : number of the question.
    n : above 0.
    """
    return int(event_uniform(event, salt) * n)


def cut(value: float) -> float:
    """Return a value cut to [0, 1]."""
    return min(max(value, 0.0), 1.0)


def probability(rate: float) -> float:
    """Return 1 - exp(-rate), with the rate cut to [0, 1]."""
    return 1 - math.exp(-min(max(rate, 0.0), 1.0))


class Draws:
    """A run's random numbers; they remember the decisions that rounding could have turned.

    Attributes
    ----------
    near_ties : pairs compared that were closer than 1e-6 to each other, in order.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.near_ties: list[tuple[float, float]] = []

    def stream(self, decision: Decision, week: int, k: int = 0) -> Stream:
        """Return the two halves of the key of a decision in a week.

        Parameters
        ----------
        decision : what is drawn.
        week : the town's; below 0 in the spin-up.
        k : numbers draws within a row, from 0.
        """
        value = _hash64(self.seed)
        for part in (int(decision), week, k):
            value = _hash64(value ^ part)
        return value & MASK32, value >> 32

    def below(self, u: float, p: float) -> bool:
        """Return whether a draw is below its probability."""
        if -NEAR < u - p < NEAR:
            self.near_ties.append((u, p))
        return u < p

    def reaches(self, value: float, limit: float) -> bool:
        """Return whether a value is at or above a limit; equal constants are no tie."""
        if 0 < abs(value - limit) < NEAR:
            self.near_ties.append((value, limit))
        return value >= limit

    def whole(self, value: float) -> int:
        """Return the whole part of a number, rounded down; whole constants are no tie."""
        if 0 < abs(value - round(value)) < NEAR:
            self.near_ties.append((value, float(round(value))))
        return math.floor(value)

    def nearest(self, value: float) -> int:
        """Return the nearest whole number; halves are ties, and go to the even one."""
        if abs(abs(value - math.floor(value)) - 0.5) < NEAR:
            self.near_ties.append((value, math.floor(value) + 0.5))
        return round(value)

    def this_week(self, per_week: float, week: int) -> int:
        """Return this week's whole number of something that comes at a steady rate."""
        return self.whole(per_week * (week + 1)) - self.whole(per_week * week)

    def poisson(self, mean: float, u: float) -> int:
        """Return the Poisson count at quantile u; means are cut to 30, counts to 255."""
        mean = min(mean, MOST_EXPECTED)
        term = total = math.exp(-mean)
        count = 0
        while count < MOST_COUNTED and not self.below(u, total):
            count += 1
            term *= mean / count
            total += term
        return count
