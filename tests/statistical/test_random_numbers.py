"""The random numbers behave like independent uniforms, whichever way one walks through it.

Everything here is a fixed computation: it passes always or never. A threshold of 4.5
standard errors would fail a perfect generator once in 150,000 looks, and each test says how
small a fault it would still see.
"""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from omemsim import kernels
from omemsim.inputs.build import build, draw_blueprint
from omemsim.inputs.scenario import TownConfig
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.random_numbers import Decision, Stream, replicate_seed, stream

ROWS = 100_000
LIMIT = 4.5  # standard errors
SEEDS = (0, 1, 2, replicate_seed(0, 0), replicate_seed(0, 1))

Floats = NDArray[np.float32]
Keys = NDArray[np.uint32]


@pytest.fixture(scope="module")
def keys() -> Keys:
    """Keys as towns have them, of 100,000 residents."""
    config = TownConfig(residents=ROWS, neighbourhoods=50)
    return build(draw_blueprint(config), Parameters(), seed=0).residents.key


def draws(keys: Keys, drawn: Stream) -> Floats:
    out = np.zeros(keys.size, np.float32)
    kernels.draw(keys, drawn, out)
    return out


def correlation(a: Floats, b: Floats) -> float:
    return float(np.corrcoef(a.astype(float), b.astype(float))[0, 1])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("decision", [Decision.OCCUPANT, Decision.CRISIS, Decision.PILOT])
def test_draws_are_uniform(keys: Keys, seed: int, decision: Decision) -> None:
    # Ten weeks, a million draws, 256 bins: sees bins that are off by 1.5% (power 0.9).
    rows = [draws(keys, stream(seed, decision, week)) for week in range(10)]
    counts = np.histogram(np.concatenate(rows), bins=256, range=(0, 1))[0]
    deviation = (stats.chisquare(counts).statistic - 255) / np.sqrt(2 * 255)
    assert abs(deviation) < LIMIT


def test_small_probabilities_come_out_as_often_as_they_should(keys: Keys) -> None:
    # 100 million draws: sees a probability of 1 in 10,000 that is off by 6% (power 0.9).
    p = np.float32(1e-4)
    hits = sum(
        int((draws(keys, stream(0, Decision.LEADER, week)) < p).sum()) for week in range(1000)
    )
    expected = 1000 * keys.size * float(p)
    assert abs(hits - expected) < LIMIT * np.sqrt(expected)


def pairs_of_streams() -> Iterator[tuple[str, Stream, Stream]]:
    """Yield pairs that differ in one part of their key: the ones a weak hash confuses."""
    here = stream(0, Decision.JOIN, 10)
    for week in (0, 9, 11, 12, 62, -1, -10):
        yield f"week {week}", here, stream(0, Decision.JOIN, week)
    for decision in Decision:
        if decision is not Decision.JOIN:
            yield decision.name, here, stream(0, decision, 10)
    for seed in (1, 2, 3, 2**63, replicate_seed(0, 0), replicate_seed(0, 1)):
        yield f"seed {seed}", here, stream(seed, Decision.JOIN, 10)
    for k in (1, 2, 11):
        yield f"draw {k}", here, stream(0, Decision.JOIN, 10, k)
    yield "replicates", *(stream(replicate_seed(0, r), Decision.JOIN, 10) for r in (0, 1))


@pytest.mark.parametrize(
    ("one", "other"), [pytest.param(a, b, id=name) for name, a, b in pairs_of_streams()]
)
@pytest.mark.parametrize("is_small", [False, True])
def test_streams_are_not_correlated(keys: Keys, one: Stream, other: Stream, is_small: bool) -> None:
    # 100,000 rows: sees a correlation of 0.018 (power 0.9), also of who has small draws,
    # which is what rare events are made of.
    a, b = draws(keys, one), draws(keys, other)
    if is_small:
        a, b = (a < 0.05).astype(np.float32), (b < 0.05).astype(np.float32)
    assert abs(correlation(a, b)) * np.sqrt(keys.size) < LIMIT


@pytest.mark.parametrize("lag", [1, 2, 3, 40, 2000])
@pytest.mark.parametrize("seed", SEEDS)
def test_neighbouring_rows_are_not_correlated(keys: Keys, lag: int, seed: int) -> None:
    # Also for keys that count 0, 1, 2, ..., which no town has: sees 0.018 (power 0.9).
    for row_keys in (keys, np.arange(ROWS, dtype=np.uint32)):
        u = draws(row_keys, stream(seed, Decision.JOIN, 3))
        assert abs(correlation(u[lag:], u[:-lag])) * np.sqrt(u.size - lag) < LIMIT


def test_what_happens_to_a_person_over_a_lifetime_varies_as_chance_does(keys: Keys) -> None:
    """Rows with random numbers of their own would spread persons; a shared tide would spread weeks.

    With 20,000 persons and 2,000 weeks it sees a variance between persons that is off by 6%,
    between weeks by 19% (power 0.9).
    """
    persons, weeks, p = keys[:20_000], 2000, 0.05
    of_person, of_week = np.zeros(persons.size), np.zeros(weeks)
    for week in range(weeks):
        hits = draws(persons, stream(0, Decision.CRISIS, week)) < p
        of_person += hits
        of_week[week] = hits.sum()
    for totals, each in ((of_person, weeks), (of_week, persons.size)):
        ratio = totals.var(ddof=1) / (each * p * (1 - p))
        assert abs(ratio - 1) < LIMIT * np.sqrt(2 / (totals.size - 1))


def test_no_stream_is_another_one_shifted() -> None:
    """Overlaps at any lag, among 40 streams of half a million rows each.

    Three draws in a row, cut to 21 bits each, name a spot: two spots alike by chance have
    odds of 1 in 40,000; two streams that overlap by three rows at any lag share one.
    """
    rows = np.arange(500_000, dtype=np.uint32)
    streams = [stream(seed, Decision.OFFEND, week) for seed in (0, 1) for week in range(20)]
    spots = np.empty((len(streams), rows.size - 2), np.uint64)
    for spot, drawn in zip(spots, streams, strict=True):
        bits = (draws(rows, drawn) * 2.0**21).astype(np.uint64)
        spot[:] = bits[:-2] << np.uint64(42) | bits[1:-1] << np.uint64(21) | bits[2:]
    flat = np.sort(spots.ravel())
    assert not (flat[1:] == flat[:-1]).any()


def test_no_stream_meets_another_where_their_first_rounds_do() -> None:
    """The one lag at which the first rounds agree is known; there the second must not.

    With one 32-bit word to a stream, every pair is the same sequence at that lag.
    """
    inverse = pow(0x9E3779B9, -1, 2**32)
    rows = np.arange(64, dtype=np.uint64)
    streams = [stream(0, decision, week) for decision in Decision for week in range(2)]
    for one, other in itertools.combinations(streams, 2):
        lag = (int(one.low) - int(other.low)) * inverse % 2**32
        shifted = ((rows + np.uint64(lag)) % np.uint64(2**32)).astype(np.uint32)
        a, b = draws(rows.astype(np.uint32), one), draws(shifted, other)
        assert not (a == b).any()
        # The check sees what it looks for: the same second word makes them the same.
        assert np.array_equal(a, draws(shifted, Stream(other.low, one.high)))


def events_of(decision: Decision) -> list[np.uint64]:
    low, high = stream(0, decision, 0)
    return [np.uint64(kernels.event_id(np.uint32(key), 0, low, high)) for key in range(20_000)]


def test_answers_of_an_event_do_not_depend_on_each_other() -> None:
    # 20,000 events, 24 questions: sees a correlation of 0.04 (power 0.9).
    events = events_of(Decision.OFFEND)
    answers = np.array([[kernels.event_uniform(e, salt) for e in events] for salt in range(24)])
    apart = np.corrcoef(answers)[np.triu_indices(24, 1)]
    assert np.abs(apart).max() * np.sqrt(len(events)) < LIMIT
    later = np.array([correlation(row[1:], row[:-1]) for row in answers])
    assert np.abs(later).max() * np.sqrt(len(events)) < LIMIT


def test_every_day_of_the_week_is_chosen_as_often() -> None:
    # 20,000 events: sees a day that is off by 12% (power 0.9).
    events = events_of(Decision.CRISIS)
    counts = np.bincount([kernels.choice(event, 1, 7) for event in events], minlength=7)
    assert stats.chisquare(counts).pvalue > 1e-5
