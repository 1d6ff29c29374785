"""Keyed random numbers: every scenario gets the same ones (common random numbers).

A uniform is a hash of (seed, decision, week, key of the row). A stream is the pair of
32-bit halves of a 64-bit splitmix key of (seed, decision, week, k); the kernel combines it
with the row's own key (`kernels.uniform`; of events: `event_id`, `event_uniform`, `choice`).
Nothing is consumed in order: a draw that is not made changes no other draw.

Splitmix64: Steele, Lea & Flood 2014, OOPSLA.
"""

from __future__ import annotations

import hashlib
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FIXED",
    "Decision",
    "Stream",
    "named_stream",
    "replicate_seed",
    "splitmix",
    "stream",
    "uniforms",
]

MASK = (1 << 64) - 1
FIXED = np.float32(2**24)  # fixed point of sums: exact in any order, and vectorizes


class Decision(IntEnum):
    """What is drawn. The numbers are part of every result: never renumber, only append."""

    OCCUPANT = 0
    DWELLING = 1
    PLACE = 2
    MOVE = 3
    SURVEY = 4
    CONTACT = 5
    PROBLEM_PLACE = 6
    REFER = 7
    SELF_REFER = 8
    JOIN = 9
    LEADER = 10
    OPEN = 11
    HAND_OVER = 12
    PROTECT = 13
    OFFEND = 14
    CRISIS = 15
    SERVICE = 16
    REPORT = 17
    TURNOVER = 18
    TOWN = 19
    STOP = 20
    MONITOR = 21
    TABLE = 22
    OUTREACH = 23
    PILOT = 24
    KIND = 25
    CUSTODY = 26
    SCHOOL = 27
    CHILDREN = 28
    CONGREGATION = 29
    ATTRITION = 30
    COHESION = 31
    DRIFT = 32
    HAZARD = 33
    REVIEW = 34
    VULNERABLE = 35
    TRIAGE = 36
    TABLE_PLACE = 37
    PROMOTION = 38


class Stream(NamedTuple):
    """The two 32-bit halves of a stream's key."""

    low: np.uint32
    high: np.uint32


def splitmix(value: int) -> int:
    """Return the splitmix64 hash of a whole number, in [0, 2**64)."""
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def uniforms(keys: NDArray[np.uint32], stream: Stream) -> NDArray[np.float32]:
    """Return the uniform in (0, 1) of each row's key in a stream, as `kernels.uniform` does."""
    h = _hash32(_hash32(keys * np.uint32(0x9E3779B9) + stream.low) ^ stream.high)
    drawn = ((h >> np.uint32(9)).astype(np.float32) + np.float32(0.5)) * np.float32(2.0**-23)
    return np.asarray(drawn, np.float32)


def _hash32(x: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return Wellons' lowbias32 of each."""
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


@lru_cache(maxsize=4096)
def stream(seed: int, decision: Decision, week: int, k: int = 0) -> Stream:
    """Return the stream of a decision in a week; ``k`` numbers draws within a row.

    Parameters
    ----------
    seed : of the random numbers, 0 to 2**64 - 1.
    decision : what is drawn.
    week : the town's; below 0 in the spin-up.
    k : numbers draws within a row, from 0.
    """
    return _stream(seed, int(decision), week, k)


def named_stream(seed: int, name: str, week: int, k: int = 0) -> Stream:
    """Return the stream of what is drawn under a name; none of the model's decisions has it.

    Parameters
    ----------
    name : of what is drawn.
    the rest : as for `stream`
    """
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little") | 1 << 63
    return _stream(seed, number, week, k)


def _stream(seed: int, drawn: int, week: int, k: int) -> Stream:
    value = splitmix(seed)
    for part in (drawn, week, k):
        value = splitmix(value ^ part)
    return Stream(np.uint32(value & 0xFFFFFFFF), np.uint32(value >> 32))


def replicate_seed(seed: int, replicate: int) -> int:
    """Return the seed of a replicate's random numbers: the same in every scenario."""
    return splitmix(splitmix(seed) ^ replicate)
