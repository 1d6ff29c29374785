"""Streams: which random numbers belongs to which decision."""

import itertools

import numpy as np
import pytest

from omemsim.analysis.selftest import check_same_random_numbers
from omemsim.kernels import stream_of
from omemsim.vocabulary.random_numbers import Decision, Stream, replicate_seed, splitmix, stream

# Part of every result: a number may be added at the end, none may change.
NUMBERS = (
    "OCCUPANT DWELLING PLACE MOVE SURVEY CONTACT PROBLEM_PLACE REFER SELF_REFER JOIN LEADER OPEN "
    "HAND_OVER PROTECT OFFEND CRISIS SERVICE REPORT TURNOVER TOWN STOP MONITOR TABLE OUTREACH PILOT"
)


def test_decisions_keep_their_numbers() -> None:
    names = [decision.name for decision in Decision]
    assert names[: len(NUMBERS.split())] == NUMBERS.split()
    assert [int(decision) for decision in Decision] == list(range(len(names)))


def test_splitmix_is_the_published_function() -> None:
    # The first outputs of the generator of Steele, Lea & Flood seeded with 0 and 1234567.
    assert splitmix(0) == 0xE220A8397B1DCDAF
    assert splitmix(0x9E3779B97F4A7C15) == 0x6E789E6AA1B965F4
    assert splitmix(1234567) == 6457827717110365317


def test_no_two_decisions_weeks_seeds_or_draws_share_a_stream() -> None:
    seeds, weeks = (0, 1, 2, 2**64 - 1), range(-60, 60)
    keys = list(itertools.product(seeds, Decision, weeks, range(4)))
    streams = {stream(*key) for key in keys}
    assert len(streams) == len(keys)


def test_each_half_of_a_stream_differs_too() -> None:
    streams = [stream(0, decision, week) for decision in Decision for week in range(100)]
    # 2,500 of 2**32: a shared half has a chance of 1 in 1,400.
    assert len({low for low, _ in streams}) == len(streams)
    assert len({high for _, high in streams}) == len(streams)


def test_a_stream_is_two_words_and_always_the_same() -> None:
    drawn = stream(0, Decision.OFFEND, 0)
    assert drawn == stream(0, Decision.OFFEND, 0)
    assert isinstance(drawn, Stream)
    assert drawn.low.dtype == drawn.high.dtype == np.uint32


@pytest.mark.parametrize("swapped", [(1, 0, 2), (0, 2, 1), (2, 1, 0)])
def test_the_parts_of_a_key_are_not_interchangeable(swapped: tuple[int, int, int]) -> None:
    parts = (5, 6, 7)
    decision, week, k = (parts[i] for i in swapped)
    assert stream(0, Decision(5), 6, 7) != stream(0, Decision(decision), week, k)


def test_replicates_have_seeds_of_their_own_whatever_the_seed() -> None:
    seeds = {replicate_seed(seed, replicate) for seed in range(100) for replicate in range(100)}
    assert len(seeds) == 100 * 100


def test_seed_zero_is_a_seed() -> None:
    assert replicate_seed(0, 0) != 0
    assert replicate_seed(0, 1) != replicate_seed(1, 0)


@pytest.mark.parametrize("seed", [0, 1, 2**63, 2**64 - 1])
@pytest.mark.parametrize("week", [-156, 0, 1, 1560])
def test_a_kernel_finds_the_same_stream(seed: int, week: int) -> None:
    for decision in Decision:
        assert stream_of(np.uint64(seed), int(decision), week) == stream(seed, decision, week)


def test_the_self_test_changes_somebody_and_nobody_else() -> None:
    # It also fails if the change of that one resident shows nowhere.
    assert [check.what for check in check_same_random_numbers() if not check.passed] == []
