"""Time and rates."""

import numpy as np
import pytest

from omemsim.vocabulary import rates


@pytest.mark.parametrize(("years", "expected"), [(1, 52), (0.5, 26), (3, 156), (0.001, 1)])
def test_weeks_are_whole_and_at_least_one(years: float, expected: int) -> None:
    assert rates.weeks(years) == expected


def test_a_yearly_rate_adds_up_over_the_year() -> None:
    assert rates.per_week(104.0) * rates.WEEKS_PER_YEAR == pytest.approx(104.0)


@pytest.mark.parametrize("half_life", [0.2, 1.0, 13.0, 520.0])
def test_half_is_gone_after_a_half_life(half_life: float) -> None:
    assert (1 - rates.decay(half_life)) ** half_life == pytest.approx(0.5)


@pytest.mark.parametrize("ratio", [1.0, 1.15, 2.0])
@pytest.mark.parametrize("peak", [0.0, 28.0, 51.5])
def test_season_has_mean_one_and_the_ratio_asked(ratio: float, peak: float) -> None:
    year = [rates.season(week, ratio, peak) for week in range(rates.WEEKS_PER_YEAR)]
    assert np.mean(year) == pytest.approx(1, abs=1e-12)
    top, bottom = rates.season(int(peak), ratio, int(peak)), min(year)
    assert top / rates.season(int(peak) + 26, ratio, int(peak)) == pytest.approx(ratio)
    assert bottom > 0


def test_season_peaks_in_its_week_every_year() -> None:
    for year in (-2, 0, 3):
        weeks = range(year * 52, (year + 1) * 52)
        values = [rates.season(week, 1.3, 28.0) for week in weeks]
        assert int(np.argmax(values)) == 28
