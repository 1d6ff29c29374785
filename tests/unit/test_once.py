from dataclasses import replace

import pytest

from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Feel


@pytest.fixture
def asked():
    return []


@pytest.fixture
def pace(asked):
    @once
    def pace(group: Feel, scale: float = 1.0) -> float:
        asked.append(group)
        return group.pace * scale

    return pace


def test_the_same_object_is_computed_once(pace, asked):
    group = Feel()
    assert [pace(group) for _ in range(3)] == [group.pace] * 3
    assert len(asked) == 1


def test_another_object_is_computed_anew_even_if_it_is_equal(pace, asked):
    group = Feel()
    assert pace(group) == pace(Feel()) == group.pace
    assert pace(replace(group, pace=3.0)) == 3.0
    assert pace(group) == group.pace
    assert len(asked) == 4


def test_every_argument_counts(pace, asked):
    group = Feel()
    assert pace(group, 2.0) == 2 * group.pace
    assert pace(group) == group.pace
    assert len(asked) == 2
