"""The small functions every kernel is made of, against mathematics."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba.core.codegen import JITCPUCodegen
from scipy import stats

from omemsim import compiler, kernels
from omemsim.cache import Cache
from omemsim.vocabulary.random_numbers import Decision, stream, uniforms

SMALLEST, LARGEST = 2.0**-24, 1 - 2.0**-24  # the ends of a uniform of 23 bits, half a step in


def test_probability_is_one_minus_exp_within_its_stated_error() -> None:
    rates = np.linspace(0, 1, 20_001, dtype=np.float32)
    found = np.array([kernels.probability(rate) for rate in rates])
    assert np.abs(found + np.expm1(-rates.astype(float))).max() < 1e-7


def test_probability_never_falls_as_the_rate_rises() -> None:
    rates = np.linspace(0, 1, 2001, dtype=np.float32)
    found = np.array([kernels.probability(rate) for rate in rates])
    assert (np.diff(found) > 0).all()


@pytest.mark.parametrize(("rate", "stands_for"), [(-3.0, 0.0), (0.0, 0.0), (7.0, 1.0)])
def test_probability_cuts_rates_outside_its_range(rate: float, stands_for: float) -> None:
    expected = kernels.probability(np.float32(stands_for))
    assert kernels.probability(np.float32(rate)) == expected
    assert (expected == 0) == (stands_for == 0)


def test_exponential_is_exp_within_its_stated_error() -> None:
    x = np.linspace(-30, 8, 20_001)
    found = np.array([kernels.exponential(value) for value in x])
    assert np.abs(found / np.exp(x) - 1).max() < 1e-11


@pytest.mark.parametrize(("x", "stands_for"), [(-1000.0, -30.0), (1000.0, 8.0)])
def test_exponential_cuts_its_argument(x: float, stands_for: float) -> None:
    assert kernels.exponential(x) == kernels.exponential(stands_for)


@pytest.mark.parametrize("mean", [1e-6, 0.01, 0.5, 1.0, 3.0, 10.0, 29.9])
def test_poisson_is_the_inverse_of_the_distribution_function(mean: float) -> None:
    u = np.random.default_rng(1).uniform(SMALLEST, LARGEST, 4000)
    counts = np.arange(200)
    steps = stats.poisson.cdf(counts, mean)
    clear = np.abs(u[:, None] - steps).min(axis=1) > 1e-9  # rounding decides on the step itself
    found = np.array([kernels.poisson(mean, value) for value in u])
    expected = stats.poisson.ppf(u, mean)
    assert clear.mean() > 0.99
    assert np.array_equal(found[clear], expected[clear])


def test_poisson_without_a_mean_never_counts() -> None:
    assert kernels.poisson(0.0, LARGEST) == 0


def test_poisson_caps_its_mean_at_thirty() -> None:
    for u in (0.01, 0.5, 0.99):
        assert kernels.poisson(1e9, u) == kernels.poisson(30.0, u) > 0


@given(st.integers(0, 2**64 - 1), st.integers(0, 1000), st.integers(1, 3_000_000))
def test_choice_is_a_row_of_the_table(event: int, salt: int, n: int) -> None:
    assert 0 <= kernels.choice(np.uint64(event), salt, n) < n


def test_choice_reaches_every_row() -> None:
    events = np.random.default_rng(2).integers(0, 2**64, 2000, np.uint64)
    assert {kernels.choice(event, 0, 7) for event in events} == set(range(7))


def test_events_have_identities_of_their_own() -> None:
    drawn = [stream(0, Decision.OFFEND, week) for week in range(4)]
    drawn += [stream(0, Decision.CRISIS, 0), stream(1, Decision.OFFEND, 0)]
    ids = {
        kernels.event_id(np.uint32(key), k, low, high)
        for low, high in drawn
        for key in (*range(2000), *range(2**32 - 2000, 2**32))
        for k in range(6)
    }
    assert len(ids) == len(drawn) * 4000 * 6


def plain_hash(x: int) -> int:
    """Return Wellons' lowbias32 in whole numbers of any size."""
    x ^= x >> 16
    x = x * 0x7FEB352D % 2**32
    x ^= x >> 15
    x = x * 0x846CA68B % 2**32
    return x ^ (x >> 16)


@given(*[st.integers(0, 2**32 - 1)] * 3)
def test_uniform_is_two_rounds_of_the_hash(key: int, low: int, high: int) -> None:
    inner = plain_hash((key * 0x9E3779B9 + low) % 2**32)
    expected = ((plain_hash(inner ^ high) >> 9) + 0.5) * 2.0**-23
    found = kernels.uniform(np.uint32(key), np.uint32(low), np.uint32(high))
    assert found == expected
    assert 0 < found < 1


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**20))
def test_event_uniform_is_strictly_between_zero_and_one(event: int, salt: int) -> None:
    assert 0 < kernels.event_uniform(np.uint64(event), salt) < 1


def test_draw_writes_the_uniform_of_each_key() -> None:
    keys = np.array([0, 1, 2**32 - 1], np.uint32)
    drawn, out = stream(0, Decision.MOVE, 0), np.zeros(3, np.float32)
    kernels.draw(keys, drawn, out)
    assert np.array_equal(out, uniforms(keys, drawn))
    assert out.tolist() == [kernels.uniform(key, *drawn) for key in keys]
    assert len(set(out.tolist())) == 3


@pytest.mark.parametrize(("x", "cut"), [(-0.5, 0.0), (0.25, 0.25), (1.5, 1.0)])
def test_unit_cuts_to_zero_and_one(x: float, cut: float) -> None:
    assert kernels.unit(np.float32(x)) == cut


def test_fixed_sum_is_exact_in_any_order() -> None:
    chance = np.random.default_rng(3)
    column = chance.uniform(0, 10, 10_001).astype(np.float32)
    total = kernels.fixed_sum(column)
    assert total == kernels.fixed_sum(chance.permutation(column))
    assert total == sum(int(value * 2**24) for value in column.astype(float))


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 1000])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 1.0])
def test_rows_of_finds_what_numpy_finds(size: int, share: float) -> None:
    flags = (np.random.default_rng(size).random(size) < share).astype(np.uint8) * 2
    found = kernels.rows_of(flags)
    assert found.dtype == np.int64
    assert np.array_equal(found, np.flatnonzero(flags))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 40, 41, 3000])
def test_sort_does_what_numpy_does(size: int) -> None:
    chance = np.random.default_rng(size)
    numbers = chance.integers(-(2**62), 2**62, size)
    numbers[: size // 2] = numbers[: size // 2] % 5  # some are equal
    in_order = np.sort(numbers)
    for column in (numbers, in_order.copy(), in_order[::-1].copy()):
        kernels.sort(column)
        assert np.array_equal(column, in_order)


def test_kernels_divide_as_numpy_does() -> None:
    @kernels.kernel
    def divide(a: float, b: float) -> float:
        return a / b

    assert divide(1.0, 0.0) == np.inf


@kernels.kernel
def _inner(column: kernels.Column, row: kernels.Whole) -> kernels.Single:
    return column[row] + column[-1]


@kernels.kernel
def _outer(column: kernels.Column, row: kernels.Whole) -> kernels.Single:
    return _inner(column[2:], row) + column[row + 1] + column[row]


def _last(column: kernels.Column, row: int) -> float:
    last: float = column[row]
    return last


def test_a_kernel_takes_an_index_as_it_is_and_other_compiled_code_as_python_does() -> None:
    """A negative one reads what is before a slice; but one written as a number is from the end."""
    column, row = np.array([1, 20, 300, 4000], np.float32), np.int64(0)
    assert _outer(column, row) == 300 + 4000 + 20 + 1
    assert _inner(column[2:], np.int64(-1)) == 20 + 4000
    compiled = numba.njit(_last)
    assert compiled(column, -1) == 4000


def test_the_cache_is_of_these_sources_and_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    before = compiler._identity()
    assert before == compiler._identity() == compiler.CACHE.identity
    found = {before}
    with monkeypatch.context() as changed:
        changed.setattr(Path, "read_bytes", lambda self: b"other sources")
        found.add(compiler._identity())
    for owner, name, value in (
        (numba, "__version__", "0.0.1"),
        (compiler, "version", lambda package: "0.0.1"),  # of llvmlite
        (numba.config, "OPT", 1),
        (sys.implementation, "cache_tag", "cpython-399"),
        (JITCPUCodegen, "magic_tuple", lambda self: ("x86_64", "another processor", "")),
    ):
        with monkeypatch.context() as changed:
            changed.setattr(owner, name, value)
            found.add(compiler._identity())
    assert len(found) == 7


# --- A kernel of a file, and its machine code in a folder --------------------------------

SMALL = """
from omemsim.compiler import CACHE, file_of, types_of
from omemsim.kernels import kernel
import numpy as np

TIMES = 3

@kernel
def triple(column):
    total = 0.0
    for i in range(column.size):
        total += TIMES * column[i]
    return total

if __name__ == "__main__":
    column = np.array([1.0, 2.5])
    print(triple(column), sum(triple.compiled.stats.cache_hits.values()))
    print(CACHE.folder / file_of(triple, types_of((column,))))
"""


class Small:
    """A script with a small kernel, run in processes that share a cache folder."""

    def __init__(self, folder: Path) -> None:
        self.script = folder / "small.py"
        self.script.write_text(SMALL)
        self.env = {
            **{name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"},
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "XDG_CACHE_HOME": str(folder / "home"),
        }

    def run(self) -> tuple[float, bool, Path]:
        """Return the value, whether the code came from the cache, and its file."""
        done = subprocess.run(
            [sys.executable, str(self.script)], env=self.env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        value, hits, file = done.stdout.split()
        return float(value), bool(int(hits)), Path(file)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    small = Small(tmp_path_factory.mktemp("small"))
    assert small.run()[:2] == (10.5, False)
    assert small.run()[:2] == (10.5, True)
    return small


@pytest.mark.parametrize("how", ["empty", "half", "one byte", "text", "gone", "another's"])
def test_damaged_machine_code_is_compiled_again_and_written_again(small: Small, how: str) -> None:
    _, _, file = small.run()
    whole = file.read_bytes()
    assert len(whole) > 1000
    if how == "gone":
        file.unlink()
    elif how == "another's":
        Cache(file.parent, "another identity").write(file.name, whole[32:])
    else:
        file.write_bytes(
            {
                "empty": b"",
                "half": whole[: len(whole) // 2],
                "one byte": whole[:500] + bytes([whole[500] ^ 255]) + whole[501:],
                "text": b"not a cache",
            }[how]
        )
    assert small.run() == (10.5, False, file)
    assert small.run() == (10.5, True, file)


def test_a_kernel_of_another_file_is_compiled_again_when_that_file_changes(small: Small) -> None:
    text = small.script.read_text()
    try:
        small.script.write_text(text.replace("TIMES = 3", "TIMES = 4"))
        assert small.run()[:2] == (14.0, False)
    finally:
        small.script.write_text(text)
    assert small.run()[:2] == (10.5, True)


def test_what_is_kept_but_cannot_be_rebuilt_is_compiled_again(small: Small) -> None:
    _, _, file = small.run()
    cache = Cache(file.parent, compiler.CACHE.identity)
    assert cache.read(file.name) is not None
    assert cache.write(file.name, pickle.dumps(("no", "code")))
    assert small.run() == (10.5, False, file)
    assert small.run() == (10.5, True, file)
