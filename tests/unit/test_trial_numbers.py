"""Trials and arms: assignment, effects, errors and words of a town of unlike neighbourhoods."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from matplotlib.text import Text
from scipy import stats

from omemsim.analysis.evidence import tactic_trials
from omemsim.analysis.evidence.event_log import police_of
from omemsim.analysis.evidence.field import (
    DELIVERED,
    Assigned,
    _delivered,
    _estimated,
    _findings,
    _of_hoods,
    ancova,
    assign,
    span,
    units_needed,
)
from omemsim.analysis.evidence.runs import EvidenceRuns, TownReading
from omemsim.analysis.evidence.scorecard import PatternScore, comes_from, placed, shares
from omemsim.analysis.evidence.table import interval, summary
from omemsim.analysis.evidence.tactic_trials import ArmRun, change, hot_spots_of, near_places
from omemsim.analysis.evidence.trial_design import TrialDesign
from omemsim.analysis.evidence.trial_results import TRIAL, found_in, in_words, trial_csv
from omemsim.analysis.evidence.trial_units import TrialUnits
from omemsim.figures.trial import trial_figure
from omemsim.inputs.config import compose_scenario
from omemsim.schedule import Work as Tactics
from omemsim.study.statistics import Difference
from omemsim.vocabulary.wheel import CallType, Crime, Origin

RESIDENTS = np.array([500, 200, 1000, 250, 400, 100])
PLACES_IN = np.array([0, 0, 1, 2, 2, 3, 4, 4, 5])
BEFORE = np.array([10.0, 20, 9, 30, 25, 12, 4, 6, 3])  # by place; by hood 30 9 55 12 10 3


class Rows(SimpleNamespace):
    def __len__(self) -> int:
        return len(next(iter(vars(self).values())))


def town() -> Any:
    """Return six neighbourhoods in a row, of nine places; each place is near to the next."""
    return SimpleNamespace(
        neighbourhoods=Rows(
            residents=RESIDENTS,
            first_place=np.array([0, 2, 3, 5, 6, 8]),
            places=np.array([2, 1, 2, 1, 2, 1]),
        ),
        places=Rows(
            neighbourhood=PLACES_IN,
            knowledge=np.array([0.1, 0.9, 0.5, 0.7, 0.2, 0.4, 0.3, 0.8, 0.6]),
            near=np.minimum(np.arange(9) + 1, 8)[:, None],
        ),
        start=np.array([0, 1, 3, 5, 7, 9, 10]),
        adjoining=np.array([1, 0, 2, 1, 3, 2, 4, 3, 5, 4]),
    )


def test_the_worst_are_those_with_most_per_resident() -> None:
    # .06, .045, .055, .048, .025, .03: by counts the third would come first.
    worst = assign(TrialDesign(assign="worst", share=0.34), town(), BEFORE, 0)
    np.testing.assert_array_equal(np.flatnonzero(worst), [0, 2])


def test_pairs_are_next_to_each_other_in_rates_and_one_of_each_is_treated() -> None:
    seen = set()
    for replicate in range(20):
        treated = assign(TrialDesign(assign="pairs"), town(), BEFORE, replicate)
        for pair in ((0, 2), (3, 1), (5, 4)):
            assert treated[list(pair)].sum() == 1
        seen.add(tuple(np.flatnonzero(treated)))
    assert len(seen) > 4


def test_stocks_are_ranked_as_they_are() -> None:
    worst = assign(
        TrialDesign(assign="worst", share=0.5, outcome="fear"),
        town(),
        np.array([1.0, 9, 3, 8, 2, 7]),
        0,
    )
    np.testing.assert_array_equal(np.flatnonzero(worst), [1, 3, 5])


TREATED = np.array([1, 0, 0, 1, 0, 0], bool)


def test_the_dose_that_arrived_is_per_1000_residents_of_treated_areas() -> None:
    hours = np.zeros((6, len(Tactics)))
    kind = Tactics.TARGETED_ENFORCEMENT
    hours[:, kind] = [2.0, 50, 60, 1.0, 70, 80]
    design = TrialDesign(what="targeted_enforcement")
    one: Any = SimpleNamespace(hours=hours, given=9.0)
    found = _delivered(design, town(), _of_hoods(design, town(), TREATED), one)
    assert found[DELIVERED] == pytest.approx(1000 * 3 / 750)


def test_truth_is_a_share_of_the_world_without_in_each_sort_of_place() -> None:
    one = np.array([5.0, 6, 3, 20, 15, 8, 9, 4, 2])
    other = np.array([8.0, 12, 4, 22, 18, 10, 8, 5, 1])
    design = TrialDesign(follow=0)
    treated = _of_hoods(design, town(), TREATED)
    found = _findings(design, town(), treated, BEFORE, ([one], [other]))
    assert found["during treated"] == pytest.approx((5 + 6 + 8) / (8 + 12 + 10) - 1)
    # Next to the first or the fourth and not treated: the second, the third and the fifth.
    around = (3 + 20 + 15 + 9 + 4) / (4 + 22 + 18 + 8 + 5) - 1
    assert found["during catchment"] == pytest.approx(around)
    assert found["during elsewhere"] == pytest.approx(2 / 1 - 1)
    fit = _estimated(design, town(), treated, BEFORE, one)
    assert found["during estimate"] == fit.estimate
    assert (found["during units"], found["during clusters"]) == (6, 6)


def test_hot_spots_are_the_worst_known_of_each_neighbourhood_and_have_places_near() -> None:
    spots = hot_spots_of(town(), np.arange(6), 0.1)
    np.testing.assert_array_equal(np.flatnonzero(spots), [1, 2, 3, 5, 7, 8])
    mine = spots & TREATED[PLACES_IN]
    np.testing.assert_array_equal(np.flatnonzero(mine), [1, 5])
    np.testing.assert_array_equal(np.flatnonzero(near_places(town(), mine)), [2, 6])


def flags(*rows: int) -> Any:
    found = np.zeros(9, bool)
    found[list(rows)] = True
    return found


def test_at_places_treated_and_control_places_are_compared_and_the_rest_is_around() -> None:
    units = TrialUnits(flags(1, 5), flags(3, 8), flags(2, 6), flags(4))
    one, other = np.arange(1.0, 10), np.arange(9.0, 0, -1)
    design = TrialDesign(units="places", places="worst:4", follow=0)
    found = _findings(design, town(), Assigned(units), BEFORE, ([one], [other]))
    assert found["during treated"] == pytest.approx((2 + 6) / (8 + 4) - 1)
    assert found["during catchment"] == pytest.approx((3 + 7) / (7 + 3) - 1)
    assert found["during elsewhere"] == pytest.approx((1 + 4 + 5 + 8 + 9) / (9 + 6 + 5 + 2 + 1) - 1)
    assert found["during units"] == found["during clusters"] == 4
    # Before 32, 13 and 33 crimes at treated, near and control places; in the trial 8, 10 and 13.
    wanted = (10 / 13 - 13 / 33) / (8 / 13 - 32 / 33)
    assert found["during quotient"] == pytest.approx(wanted)
    truly = (10 / 13 - 10 / 7) / (8 / 13 - 12 / 7)
    assert found["during true quotient"] == pytest.approx(truly)


AFTER = np.array([11.0, 9, 40, 7, 12, 2, 30, 5])
EARLIER = np.array([30.0, 9, 55, 12, 10, 3, 41, 8])
EXPOSURE = np.array([500.0, 200, 1000, 250, 400, 100, 800, 150])
GIVEN = np.array([1, 0, 0, 1, 1, 0, 1, 0], bool)
GROUPS = np.array([0, 0, 1, 2, 3, 3, 4, 5])


@pytest.mark.parametrize("count", [True, False])
def test_estimate_and_clustered_error_are_statsmodels(count: bool) -> None:
    fit = ancova(AFTER, EARLIER, GIVEN, EXPOSURE, groups=GROUPS, count=count)
    level = np.log((EARLIER + 0.5) / EXPOSURE) if count else EARLIER
    columns = sm.add_constant(np.column_stack([GIVEN.astype(float), level]))
    if count:
        model = sm.GLM(AFTER, columns, family=sm.families.Poisson(), exposure=EXPOSURE)
    else:
        model = sm.OLS(AFTER, columns)
    other = model.fit(cov_type="cluster", cov_kwds={"groups": GROUPS, "use_correction": False})
    assert fit.estimate == pytest.approx(other.params[1], rel=1e-6)
    # Six clusters, three coefficients: the correction for few of them is 6 / 3.
    assert fit.error == pytest.approx(other.bse[1] * math.sqrt(6 / 3), rel=1e-5)
    assert (fit.n, fit.clusters) == (8, 6)


def test_an_arm_without_an_event_leaves_no_estimate() -> None:
    for arm in (GIVEN, ~GIVEN):
        after = np.where(arm, 0.0, AFTER)
        fit = ancova(after, EARLIER, GIVEN, EXPOSURE, groups=GROUPS, count=True)
        assert math.isnan(fit.estimate)
        assert math.isnan(fit.error)
        assert (fit.n, fit.clusters) == (8, 6)


def test_no_event_at_treated_units_is_said_and_what_would_help() -> None:
    less = work()
    for values in less.values.values():
        del values["during treated"]
    design = TrialDesign(follow=0)
    first, *_ = in_words(design, found_in(design, less))
    assert first.startswith("No victimization befell treated units in any town")
    assert "more weeks=" in first


def test_units_needed_grow_with_the_square_of_the_error_over_the_effect() -> None:
    wanted = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    assert units_needed(-0.3, 0.2, 30) == math.ceil(30 * (wanted * 0.2 / 0.3) ** 2)
    assert span(9) == pytest.approx(stats.t.ppf(0.975, 6))


TOWNS = (  # truth at treated, catchment, elsewhere, estimate, error
    (-0.20, 0.05, 0.01, -0.35, 0.10),
    (-0.10, 0.02, -0.01, -0.02, 0.30),
    (-0.15, 0.04, 0.02, 0.55, 0.20),
    (-0.25, 0.03, 0.00, -0.30, 0.05),
)


def work() -> EvidenceRuns:
    found = EvidenceRuns(SimpleNamespace(), {})  # type: ignore[arg-type]
    for number, numbers in enumerate(TOWNS):
        names = ("treated", "catchment", "elsewhere", "estimate", "error")
        values = {f"during {name}": x for name, x in zip(names, numbers, strict=True)}
        values |= {"during units": 40.0, "during clusters": 13.0}
        found.values[TownReading("default", TRIAL, number)] = values
    return found


def test_what_trials_find_is_held_against_each_town_s_own_truth() -> None:
    design = TrialDesign(follow=0)
    (found,) = found_in(design, work())
    half = stats.t.ppf(0.975, 10) * np.array([x[4] for x in TOWNS])
    raw, true = (np.array([x[k] for x in TOWNS]) for k in (3, 0))
    np.testing.assert_allclose(found.lows, np.exp(raw - half) - 1)
    np.testing.assert_allclose(found.highs, np.exp(raw + half) - 1)
    np.testing.assert_allclose(found.estimates, np.exp(raw) - 1)
    holds = (found.lows <= true) & (true <= found.highs)
    assert found.covers == holds.mean() == 0.75
    assert found.detects == 0.5  # the first and the last, below 0
    assert found.misleads == 0.25  # the third is above 0, and its truth below
    error = math.sqrt(np.mean([x[4] ** 2 for x in TOWNS]))
    assert found.needed == units_needed(math.log1p(true.mean()), error, 40)
    csv = trial_csv(design, [found]).splitlines()
    row = dict(zip(csv[0].split(","), csv[1].split(","), strict=True))
    assert float(row["standard_error"]) == pytest.approx(error, rel=1e-5)
    assert float(row["truth"]) == pytest.approx(true.mean())
    assert float(row["catchment"]) == pytest.approx(0.035)
    assert float(row["elsewhere"]) == pytest.approx(0.005)
    assert float(row["estimate_mean"]) == pytest.approx((np.exp(raw) - 1).mean(), rel=1e-5)


def test_a_stock_s_trial_is_told_in_its_own_unit_and_not_as_a_ratio() -> None:
    design = TrialDesign(follow=0, outcome="trust")
    (found,) = found_in(design, work())
    raw, true = (np.array([x[k] for x in TOWNS]) for k in (3, 0))
    half = stats.t.ppf(0.975, 10) * np.array([x[4] for x in TOWNS])
    np.testing.assert_allclose(found.estimates, raw)
    np.testing.assert_allclose([found.lows, found.highs], [raw - half, raw + half])
    error = math.sqrt(np.mean([x[4] ** 2 for x in TOWNS]))
    assert (found.units, found.needed) == (40, units_needed(true.mean(), error, 40))
    assert in_words(design, [found])[0] == (
        "While it lasts, the true change of trust at treated units is "
        f"-0.1750 [{found.truth['treated'].low:+.4f}, {found.truth['treated'].high:+.4f}]."
    )
    assert in_words(design, [found])[-1] == "Control units nearby are not untouched."


def test_a_count_s_trial_is_told_in_percent_with_its_power_and_its_caveats() -> None:
    design = TrialDesign(follow=0, assign="worst")
    (found,) = found_in(design, work())
    low, high = (100 * x for x in (found.truth["treated"].low, found.truth["treated"].high))
    first, power, worst, around = in_words(design, [found])
    assert first == (
        "While it lasts, the true change of victimization at treated units is "
        f"-17.5% [{low:+.1f}%, {high:+.1f}%]."
    )
    assert power == (
        "A real trial like this one, with 40 units, finds it in 50% of towns; for 80% power (5%, "
        f"two-sided) it needs about {found.needed:,.0f} units."
    )
    assert worst.startswith("Treating the worst first is not a randomised trial")
    assert around.startswith("The catchment shows displacement")
    assert len(in_words(TrialDesign(follow=0), [found])) == 3


def test_a_trial_s_figure_draws_truth_and_reports_where_they_are() -> None:
    design = TrialDesign(follow=0, what="patrol")
    found = found_in(design, work())
    page = trial_figure(design, found, compose_scenario("small", "reactive"))
    dots = [x.get_xdata()[0] for x in page.findobj(lambda x: x.get_gid() == "dot")]
    assert dots == pytest.approx([-0.175, 0.035, 0.005])
    bars = [tuple(x.get_xdata()) for x in page.findobj(lambda x: x.get_gid() == "town")]
    assert bars == [pytest.approx(x) for x in zip(found[0].lows, found[0].highs, strict=True)]
    told = {x.get_text() for x in page.findobj(Text)}
    assert {"−17.5%", "+3.5%", "+0.5%", "75% hold the truth,", "50% find it"} <= told


def test_more_in_the_catchment_is_called_displacement_and_less_diffusion() -> None:
    design = TrialDesign(follow=0)
    assert any("shows displacement" in x for x in in_words(design, found_in(design, work())))
    less = work()
    for values in less.values.values():
        values["during catchment"] *= -1
    assert any("diffusion of benefits" in x for x in in_words(design, found_in(design, less)))


# --- arms with the same random numbers


def seen(
    calls_at: list[int], events: list[tuple[int, int, int, int]], trust: float = 0.0
) -> ArmRun:
    """Return an arm's log of events: week, place, reported, recorded."""
    week, place, told, recorded = np.array(events).T

    def part(first: int = 0, last: int | None = None) -> Any:
        inside = (week >= first) & (week < (10**6 if last is None else last))
        return SimpleNamespace(
            place=place[inside],
            day=7 * week[inside],
            is_reported=told[inside].astype(bool),
            is_recorded=recorded[inside].astype(bool),
        )

    log: Any = SimpleNamespace(events=part, calls_at=np.array(calls_at))
    return ArmRun(log, trust=[0.5 + trust * (w + 1) for w in range(104)])


WITH = [(3, 1, 1, 1), (20, 1, 0, 0), (30, 2, 1, 1), (60, 1, 1, 1), (70, 0, 0, 1)]
WITHOUT = [(1, 1, 1, 1), (2, 1, 1, 0), (9, 1, 0, 1), (40, 2, 1, 1), (55, 1, 1, 1), (90, 2, 0, 0)]


def test_counts_at_places_are_of_the_weeks_and_the_kind_asked_for() -> None:
    arm = seen([0, 0, 0], WITHOUT)
    here = np.array([False, True, False])
    assert arm.counts_at(here, 0, 13) == {"public's calls": 2, "recorded": 2, "all": 3}
    assert arm.counts_at(here, 2, 60) == {"public's calls": 2, "recorded": 2, "all": 3}
    assert arm.recorded(0, 52) == 3
    assert change(3, 4) == -0.25


def test_trials_of_soft_tactics_compare_years_of_both_arms(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pair = iter([seen([0], WITH, trust=0.001), seen([0], WITHOUT)])
    monkeypatch.setattr(tactic_trials, "watched", lambda *_, **__: next(pair))
    values = tactic_trials.liaison(compose_scenario("small", "reactive"), SimpleNamespace(), 0)
    assert values["P19a"] == pytest.approx(2 / 3 - 1)  # recorded in the first year
    assert values["P19b"] == pytest.approx(0.052)
    assert values["true crime, weeks 0-52"] == pytest.approx(3 / 4 - 1)
    assert values["crime, weeks 52-104"] == pytest.approx(2 / 1 - 1)
    pair = iter([seen([0], WITH), seen([0], WITHOUT)])
    values = tactic_trials.early(compose_scenario("small", "reactive"), SimpleNamespace(), 0)
    assert values["P24a"] == pytest.approx(4 / 4 - 1)
    assert values["true crime, weeks 0-104"] == pytest.approx(5 / 6 - 1)


def test_police_know_what_anybody_told_and_the_public_told_what_it_called_about() -> None:
    crime, other = Crime.THEFT, CallType.DISORDER
    calls = SimpleNamespace(
        type=np.array([crime, crime, other, crime]),
        event=np.array([30, 10, 20, 40], np.uint64),
        origin=np.array([Origin.PUBLIC, Origin.OFFICER, Origin.PUBLIC, Origin.PUBLIC]),
    )
    events = np.array([10, 20, 30, 40, 50], np.uint64)
    told, known, recorded = police_of(events, calls, 1.0)
    np.testing.assert_array_equal(told, [0, 0, 1, 1, 0])
    np.testing.assert_array_equal(known, [1, 0, 1, 1, 0])
    np.testing.assert_array_equal(recorded, known)
    np.testing.assert_array_equal(police_of(events, calls, 0.0)[2], [1, 0, 0, 0, 0])


# --- the scorecard


def score(
    low: float, high: float, verdict: str = "", role: str = "calibrate", **zero: Any
) -> PatternScore:
    """Return a pattern of the band 2 to 8 whose value has this interval."""
    pattern: Any = SimpleNamespace(low=2.0, high=8.0, role=role, needs="survey", pattern="P1")
    value = Difference(4, 0.0, 0.0, (low + high) / 2, low, high)
    against = placed(pattern, value)
    none = Difference(0, *[math.nan] * 5)
    return PatternScore(pattern, value, zero.get("zero", none), against, verdict or against, "")


@pytest.mark.parametrize(
    ("ends", "word"),
    [
        ((3, 7), "inside"),
        ((2, 8), "inside"),
        ((1, 7), "overlaps"),
        ((3, 9), "overlaps"),
        ((8, 9), "overlaps"),
        ((0, 2), "overlaps"),
        ((0, 9), "overlaps"),
        ((8.1, 9), "outside"),
        ((0, 1.9), "outside"),
    ],
)
def test_an_interval_is_placed_by_both_of_its_ends(ends: tuple[float, float], word: str) -> None:
    assert score(*ends).verdict == word


def test_shares_are_of_what_is_counted_in_each_role() -> None:
    each = [
        score(3, 7),
        score(7, 11),  # overlaps, and its middle is outside
        score(6, 9),
        score(9, 11),
        score(3, 7, "by construction"),
        score(3, 4, role="hold out"),
        score(0, 1, role="hold out"),
        score(0, 1, role="hold out"),
    ]
    first, second = shares(each)
    assert (first.good, first.counted, first.in_band, first.share) == (3, 4, 2, 0.75)
    assert (second.good, second.counted, second.in_band) == (1, 3, 1)
    lines = summary(each)
    assert lines[0] == (
        "calibrate: 3 of 4 inside or overlapping (75%; aim 80%); 2 have the value itself in the "
        "band."
    )
    assert lines[2] == (
        "by construction: 1; 1 in their band, which count in no share, and 0 outside, which count "
        "as misses."
    )


def test_a_row_missed_by_construction_stays_in_the_denominator() -> None:
    each = [
        score(3, 7),
        score(9, 11),
        score(6, 9),
        score(3, 7, "by construction"),
        score(8.5, 9, "by construction"),  # outside 2 to 8
        score(9, 10, "by construction"),
    ]
    found, _ = shares(each)
    assert (found.good, found.counted, found.given_and_missed, found.free) == (2, 5, 2, 3)
    assert (found.share, found.share_of_free) == (0.4, 2 / 3)
    lines = summary(each)
    assert lines[0] == (
        "calibrate: 2 of 5 inside or overlapping (40%; aim 80%); 2 have the value itself in the "
        "band. 2 of the 5 miss although they are by construction; without these it is 2 of 3 "
        "(67%)."
    )
    assert lines[2] == (
        "by construction: 3; 1 in their band, which count in no share, and 2 outside, which count "
        "as misses."
    )


def test_a_pattern_that_is_there_with_all_mechanisms_off_comes_from_the_start() -> None:
    there, gone = (Difference(3, 0.0, 0.0, x, x - 1, x + 1) for x in (7.5, 20.0))
    assert comes_from(score(3, 7, zero=there)) == "initial conditions"
    assert comes_from(score(3, 7, zero=gone)) == "mechanisms"
    assert comes_from(score(9, 10, zero=there)) == ""
    assert interval(there) == "7.5 [6.5, 8.5]"
