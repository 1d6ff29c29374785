"""What a kernel is, and the small functions every kernel is made of.

A kernel is a Python function that is compiled: by Numba where it is first called from Python
(`compiler`), or beforehand, into a library that comes with the package (`shipped`). Nothing here
imports Numba, so that a run out of such a library never does.

Rules that keep the same bits on every machine and the loops vectorized: no fastmath; only
+ - * / min max and the polynomials below; float32 columns; whole-number sums; inner
functions that take array slices; indices that count from the start (see `compiler`). Each
kernel's ``py_func`` gives the same bits.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from omemsim.vocabulary.random_numbers import FIXED, Stream

__all__ = [
    "Column",
    "Double",
    "FIXED",
    "Flag",
    "Half",
    "Hash",
    "Kernel",
    "Single",
    "Whole",
    "choice",
    "draw",
    "event_id",
    "event_uniform",
    "exponential",
    "fade",
    "fixed_sum",
    "fraction",
    "is_kernel",
    "kernel",
    "list_set",
    "literal_unroll",
    "member",
    "paired_sum",
    "poisson",
    "probability",
    "rows_of",
    "sequence_of",
    "sort",
    "stream_of",
    "substream_of",
    "uniform",
    "unit",
    "whole_power",
]

Function = TypeVar("Function", bound=Callable[..., Any])
# What kernels are given and return, by name: NumPy's numbers and columns of them.
Single = Any  # float32
Double = Any  # float64
Whole = Any  # int64
Flag = Any  # bool
Half = Any  # uint32, half of a stream's key
Hash = Any  # uint64, the identity of an event
Column = NDArray[Any]


class Kernel:
    """A function of numbers and arrays that is compiled; division by zero gives inf as in NumPy.

    Attributes
    ----------
    py_func : the function as plain Python: slow, with the same bits.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.py_func = function
        functools.update_wrapper(self, function)

    def __repr__(self) -> str:
        return f"<Kernel {self.py_func.__module__}.{self.py_func.__qualname__}>"

    def __call__(self, *arguments: Any) -> Any:
        """Run it compiled, for arguments of these types."""
        return self.compiled(*arguments)

    @functools.cached_property
    def compiled(self) -> Any:
        """What Numba makes of it for calls from Python."""
        return compiler().for_python(self.py_func)

    @functools.cached_property
    def part(self) -> Any:
        """What Numba makes of it for calls from other kernels."""
        return compiler().for_kernels(self.py_func)


@functools.cache
def compiler() -> ModuleType:
    """Return the module that compiles, imported only where something has to be compiled."""
    from omemsim import compiler as imported

    imported.know_kernels(Kernel)
    return imported


def kernel(function: Function) -> Function:
    """Have a function compiled."""
    marked: Any = Kernel(function)
    called: Function = marked
    return called


def literal_unroll(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names of columns to loop over, ``getattr(table, name)``: compiled, each is a copy."""
    return names


def is_kernel(value: object) -> bool:
    """Return whether something is a compiled function."""
    return isinstance(value, Kernel)


_G = np.uint32(0x9E3779B9)
_H1 = np.uint32(0x7FEB352D)
_H2 = np.uint32(0x846CA68B)
_HALF = np.float32(0.5)
_SCALE = np.float32(2.0**-23)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@kernel
def _hash32(x: Half) -> Half:
    """Return Wellons' lowbias32; every product is truncated, since Numba widens it."""
    x = np.uint32(x ^ (x >> np.uint32(16)))
    x = np.uint32(x * _H1)
    x = np.uint32(x ^ (x >> np.uint32(15)))
    x = np.uint32(x * _H2)
    return np.uint32(x ^ (x >> np.uint32(16)))


@kernel
def uniform(key: Half, low: Half, high: Half) -> Single:
    """Return the float32 uniform in (0, 1) of a row's key in a stream."""
    h = _hash32(np.uint32(_hash32(np.uint32(np.uint32(key * _G) + low)) ^ high))
    return (np.float32(np.int32(h >> np.uint32(9))) + _HALF) * _SCALE


@kernel
def _mix64(x: Hash) -> Hash:
    x = np.uint64(x + _GOLDEN)
    x = np.uint64((x ^ (x >> np.uint64(30))) * _M1)
    x = np.uint64((x ^ (x >> np.uint64(27))) * _M2)
    return np.uint64(x ^ (x >> np.uint64(31)))


@kernel
def stream_of(seed: Hash, decision: Whole, week: Whole) -> Stream:
    """Return a stream as `random_numbers.stream` does; ``seed`` is uint64."""
    value = _mix64(np.uint64(seed))
    value = _mix64(np.uint64(value ^ np.uint64(decision)))
    value = _mix64(np.uint64(value ^ np.uint64(np.int64(week))))
    value = _mix64(value)
    return Stream(np.uint32(value & np.uint64(0xFFFFFFFF)), np.uint32(value >> np.uint64(32)))


@kernel
def substream_of(seed: Hash, decision: Whole, week: Whole, k: Whole) -> Stream:
    """Return the k-th stream of a decision (`random_numbers.stream`); `stream_of` is number 0."""
    value = _mix64(np.uint64(seed))
    value = _mix64(np.uint64(value ^ np.uint64(decision)))
    value = _mix64(np.uint64(value ^ np.uint64(np.int64(week))))
    value = _mix64(np.uint64(value ^ np.uint64(k)))
    return Stream(np.uint32(value & np.uint64(0xFFFFFFFF)), np.uint32(value >> np.uint64(32)))


@kernel
def whole_power(base: Double, n: Whole) -> Double:
    """Return base**n for a whole n >= 0, by squaring: the same bits on every machine."""
    power, square = 1.0, base
    while n > 0:
        if n % 2 == 1:
            power *= square
        square *= square
        n //= 2
    return power


@kernel
def event_id(key: Half, k: Whole, low: Half, high: Half) -> Hash:
    """Return the identity (uint64) of the k-th event of a row in a stream.

    It keys everything that follows from the event, whatever else happens that week.

    Parameters
    ----------
    key : uint32, the row's.
    k : number of the event, 0 to 2**20 - 1.
    low, high : uint32, halves of the stream's key.
    """
    stream = np.uint64((np.uint64(high) << np.uint64(32)) | np.uint64(low))
    row = np.uint64((np.uint64(key) << np.uint64(20)) | np.uint64(k))
    return _mix64(np.uint64(stream ^ _mix64(row)))


@kernel
def event_uniform(event: Hash, salt: Whole) -> Double:
    """Return the float64 uniform in (0, 1) that answers question ``salt`` of an event."""
    return fraction(sequence_of(event, salt))


@kernel
def fraction(h: Hash) -> Double:
    """Return a uniform in (0, 1) from a hash: 52 bits, never 0 or 1."""
    return (np.float64(np.int64(h >> np.uint64(12))) + 0.5) * 2.0**-52


@kernel
def sequence_of(event: Hash, salt: Whole) -> Hash:
    """Return the key of a sequence of hashes that answers question ``salt`` of an event."""
    return _mix64(np.uint64(event ^ _mix64(np.uint64(salt))))


@kernel
def member(key: Hash, k: Whole) -> Hash:
    """Return the k-th hash (uint64) of a sequence: one round, where many are looked at."""
    return _mix64(np.uint64(key + np.uint64(np.uint64(k) * _GOLDEN)))


@kernel
def choice(event: Hash, salt: Whole, n: Whole) -> Whole:
    """Return a whole number in [0, n) that answers question ``salt`` of an event."""
    return np.int64(event_uniform(event, salt) * np.float64(n))


@kernel
def probability(rate: Single) -> Single:
    """Return 1 - exp(-rate) of a float32 rate, cut to [0, 1] (error below 2e-7)."""
    x = min(max(rate, np.float32(0)), np.float32(1))
    s = np.float32(1) - x * np.float32(1 / 10)
    s = np.float32(1) - x * np.float32(1 / 9) * s
    s = np.float32(1) - x * np.float32(1 / 8) * s
    s = np.float32(1) - x * np.float32(1 / 7) * s
    s = np.float32(1) - x * np.float32(1 / 6) * s
    s = np.float32(1) - x * np.float32(1 / 5) * s
    s = np.float32(1) - x * np.float32(1 / 4) * s
    s = np.float32(1) - x * np.float32(1 / 3) * s
    s = np.float32(1) - x * np.float32(1 / 2) * s
    return x * s


@kernel
def exponential(x: Double) -> Double:
    """Return exp(x) of a float64, cut to [-30, 8] (relative error below 1e-11)."""
    y = min(max(x, -30.0), 8.0) / 1024.0
    s = 1.0 + y * (1.0 + y / 2 * (1.0 + y / 3 * (1.0 + y / 4 * (1.0 + y / 5 * (1.0 + y / 6)))))
    for _ in range(10):
        s = s * s
    return s


@kernel
def poisson(mean: Double, u: Double) -> Whole:
    """Return the Poisson count at quantile u in (0, 1), at most 255; the mean is cut to 30."""
    if u < 1.0 - mean:  # exp(-mean) >= 1 - mean: certainly no event, no exponential needed
        return 0
    mean = min(mean, 30.0)
    term = exponential(-mean)
    total = term
    count = 0
    while u > total and count < 255:
        count += 1
        term = term * mean / count
        total += term
    return count


@kernel
def unit(x: Single) -> Single:
    """Return a float32 cut to [0, 1]."""
    return min(max(x, np.float32(0)), np.float32(1))


@kernel
def fade(column: Column, keep: Single) -> None:
    """Multiply a column by the share that stays, in place."""
    for i in range(column.size):
        column[i] = column[i] * keep


@kernel
def draw(key: Column, stream: tuple[Half, Half], out: Column) -> None:
    """Write the uniform of each row's key in a stream to ``out`` (float32)."""
    for i in range(key.size):
        out[i] = uniform(key[i], stream[0], stream[1])


@kernel
def fixed_sum(column: Column) -> Whole:
    """Return the sum of a column in [0, 10] as a whole number of 1/FIXED."""
    total = np.int64(0)
    for i in range(column.size):
        total += np.int32(column[i] * FIXED)
    return total


@kernel
def paired_sum(column: Column) -> Double:
    """Return the float64 sum of a column in NumPy's order: to the bit where it is float64.

    NumPy halves what is longer than 128 and adds up the halves' sums, down to the last.
    """
    ahead, sums, part = np.empty(130, np.int64), np.empty(66), np.empty(8)
    ahead[0] = column.size
    to_do, done, at = 1, 0, 0
    while to_do > 0:
        to_do -= 1
        size = ahead[to_do]
        if size < 0:  # both halves are done
            done -= 1
            sums[done - 1] += sums[done]
        elif size > 128:
            half = size // 2 - size // 2 % 8
            ahead[to_do], ahead[to_do + 1], ahead[to_do + 2] = -1, size - half, half
            to_do += 3
        else:
            sums[done] = _eightfold_sum(column[at : at + size], part)
            done += 1
            at += size
    return sums[0]


@kernel
def _eightfold_sum(column: Column, part: Column) -> Double:
    n = column.size
    whole = n - n % 8 if n >= 8 else 0
    result = 0.0
    if whole > 0:
        for k in range(8):
            part[k] = column[k]
        for i in range(8, whole, 8):
            for k in range(8):
                part[k] += column[i + k]
        result = ((part[0] + part[1]) + (part[2] + part[3])) + (
            (part[4] + part[5]) + (part[6] + part[7])
        )
    for i in range(whole, n):
        result += np.float64(column[i])
    return result


@kernel
def rows_of(flags: Column) -> Column:
    """Return the rows where a column of bytes is not 0, in order (int64).

    Eight bytes are looked at as one word: where few are set this is 5 times faster than NumPy. No
    more memory is asked for than they need, since to be given large pieces anew each week takes
    longer than all the rest.
    """
    words, number = flags[: flags.size & ~7].view(np.uint64), np.int64(0)
    for w in range(words.size):
        number += words[w] != 0
    some, k = np.empty(number + 1, np.int64), np.int64(0)
    for w in range(words.size):
        some[k] = w  # stays only if the next line moves on: no branch to mispredict
        k += words[w] != 0
    rows, found = np.empty(8 * number + 8, np.int64), np.int64(0)
    for w in some[:number]:
        for j in range(8 * w, 8 * w + 8):
            rows[found] = j
            found += flags[j] != 0
    for j in range(8 * words.size, flags.size):
        rows[found] = j
        found += flags[j] != 0
    return rows[:found]


@kernel
def list_set(words: Column, flags: Column, rows: Column) -> Whole:
    """Write the rows where a byte is not 0, in order; return how many.

    ``rows`` has room for one more than there are flags. First the words that are not 0 are
    listed, at its end, which no row reaches before its word is read; then their bytes.
    """
    some = rows[rows.size - words.size :]
    number = found = np.int64(0)
    for w in range(words.size):
        some[number] = w  # stays only if the next line moves on: no branch to mispredict
        number += words[w] != 0
    for w in some[:number]:
        for j in range(8 * w, 8 * w + 8):
            rows[found] = j
            found += flags[j] != 0
    for j in range(8 * words.size, flags.size):
        rows[found] = j
        found += flags[j] != 0
    return found


@kernel
def sort(numbers: Column) -> None:
    """Put a column in order, in place: Shell's sort with Knuth's gaps."""
    gap = 1
    while gap < numbers.size // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for k in range(gap, numbers.size):
            number, at = numbers[k], k
            while at >= gap and numbers[at - gap] > number:
                numbers[at] = numbers[at - gap]
                at -= gap
            numbers[at] = number
        gap //= 3
