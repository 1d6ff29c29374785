"""Readings and verdicts of claims where every term matters: unequal weights, unlike ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from omemsim.analysis.claims.arithmetic import parse
from omemsim.analysis.claims.experiment import Claimed, Experiment
from omemsim.analysis.claims.readings import Opening, Reading, number
from omemsim.analysis.claims.runs import PARAMETER_SET, ClaimRun, ClaimRuns, Setup
from omemsim.analysis.claims.table import interval, words
from omemsim.analysis.claims.verdict import Finding, judge
from omemsim.series import Series
from omemsim.town import Town

WEEKS = np.arange(13, 157, 13)  # three years, four records each
POPULATION, RESIDENTS = np.array([100.0, 300.0, 50.0]), np.array([80, 30, 200])


def read(reading: Reading, **values: Any) -> float:
    """Return a reading of a run of three years, whose opening has 0 everywhere."""
    counts = dict.fromkeys(
        ("places", "households", "residents", "agencies", "officers", "initiatives"), 1
    )
    town = Town(0, {**counts, "neighbourhoods": 3})
    names = ["A", "B", "C"]
    blueprint = SimpleNamespace(ids=names, names=names, name="made")
    series = Series(
        weeks=WEEKS,
        ids=names,
        names=names,
        population=POPULATION,
        residents=RESIDENTS,
        values={name: np.asarray(x, float) for name, x in values.items()},
    )
    start = {name: np.zeros(np.shape(x)[1:]) for name, x in values.items()}
    return number(reading, series, Opening(town, blueprint, start))  # type: ignore[arg-type]


def still(*values: float) -> np.ndarray:
    return np.ones((WEEKS.size, 1)) * values


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("public_calls", (100 * 4 + 300 * 9 + 50 * 1) / 450),  # per resident of all ages
        ("trust", (80 * 4 + 30 * 9 + 200 * 1) / 310),  # of those 15 and over
        ("true_zone", 14 / 3),  # a neighbourhood each
        ("watches_running", 14.0),  # all of them together
    ],
)
def test_a_level_weighs_neighbourhoods_by_whom_the_measure_is_of(
    measure: str, expected: float
) -> None:
    level = read(Reading("level", measure, at="whole"), **{measure: still(4, 9, 1)})
    assert level == pytest.approx(expected)


def test_weights_are_of_the_neighbourhoods_looked_at() -> None:
    level = Reading("level", "trust", at="whole", where=("A", "C"))
    assert read(level, trust=still(4, 9, 1)) == pytest.approx((80 * 4 + 200) / 280)


def test_a_slope_is_per_year_by_least_squares() -> None:
    course = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8])
    found = read(Reading("slope", "capacity", at="year 2"), capacity=course[:, None] * [1, 1, 1])
    expected = stats.linregress(WEEKS[4:8] / 52, course[4:8]).slope
    assert found == pytest.approx(expected)


def test_moves_are_per_neighbourhood_and_year_of_the_span_looked_at() -> None:
    labels = still(1, 1, 2)
    labels[5:, 0] = 3  # two steps up in the second year
    labels[9:, 1] = 0  # one down in the third
    labels[10:, 0] = 2  # and one down less than two years after the rise
    of = {"true_zone": labels}
    assert read(Reading("upgrades", at="year 2"), **of) == pytest.approx(2 / 3 / 1)
    assert read(Reading("downgrades", at="year 3"), **of) == pytest.approx(2 / 3 / 1)
    assert read(Reading("downgrades", at="year 2"), **of) == 0
    # From the opening, where all were red (0): 1 + 1 + 2 steps, and the two of the second year.
    assert read(Reading("upgrades", at="whole"), **of) == pytest.approx(6 / 3 / 3)


def test_a_relapse_is_within_a_year_of_the_rise() -> None:
    labels = still(1, 1, 2)
    labels[5:, 0] = 3  # after week 78
    labels[9:, 0] = 2  # after week 130, a year later: that is still one
    assert read(Reading("relapses", at="year 3"), true_zone=labels) == pytest.approx(1 / 3)
    labels[9, 0], labels[10:, 0] = 3, 2
    assert read(Reading("relapses", at="year 3"), true_zone=labels) == 0


def experiment(claimed: Claimed, kind: str = "emerges") -> Experiment:
    return Experiment(
        claim="C1",
        theme="",
        seed="001",
        quote="",
        asks="Does it?",
        setting={},
        arms={"more": {}, "usual": {}},
        readings={"fear": Reading("level", "fear"), "trust": Reading("level", "trust")},
        effect=parse("more.fear - usual.fear"),
        unit="index 0-1",
        claimed=claimed,
        kind=kind,
        through=("feel", "organize"),
        mechanism=("fear_gate",),
        false_when={},
        note="",
    )


ABOVE, BELOW = Claimed("above 0", low=0.0), Claimed("below 0", high=0.0)


def judged(claimed: Claimed, **effects: Sequence[float]) -> Finding:
    """Return the finding where the arm ``more`` has 2 more fear than the effect, ``usual`` 2."""
    work = ClaimRuns({})
    variants = {PARAMETER_SET if x == "sets" else x: each for x, each in effects.items()}
    for variant, each in variants.items():
        for replicate, effect in enumerate(each):
            for arm, fear in (("more", effect + 2.0), ("usual", 2.0)):
                numbers: Mapping[str, float] = {"fear": fear, "trust": 0.25 * (arm == "more")}
                work.values[ClaimRun("C1", variant, arm, replicate)] = dict(numbers)
    setup = Setup(replicates=len(effects["default"]), parameter_sets=len(effects.get("sets", ())))
    return judge(experiment(claimed), work, setup)


# Means of 0.6 with an interval that is above 0, of which one end misses what the other does not.
SURE, WIDE = [0.5, 0.7, 0.55, 0.65], [-1.0, 2.4, -0.9, 1.9]


@pytest.mark.parametrize(
    ("control", "verdict"), [(SURE, "other cause"), (WIDE, "emerges"), ([-1.0] * 4, "emerges")]
)
@pytest.mark.parametrize(("claimed", "sign"), [(ABOVE, 1.0), (BELOW, -1.0)])
def test_an_effect_has_another_cause_only_if_its_rest_is_sure(
    claimed: Claimed, sign: float, control: list[float], verdict: str
) -> None:
    default = [sign * x for x in (1.0, 1.1, 0.9, 1.05)]
    found = judged(claimed, default=default, control=[sign * x for x in control], sets=[sign] * 5)
    assert found.verdict == verdict


def test_half_of_the_effect_is_the_control_s_part_of_the_default() -> None:
    default, control = [1.0, 1.1, 0.9, 1.0], [0.45, 0.5, 0.4, 0.45]
    assert judged(ABOVE, default=default, control=control, sets=[1.0]).verdict == "emerges"
    larger = [2.5, 2.6, 2.4, 2.5]
    assert judged(ABOVE, default=default, control=larger, sets=[1.0]).verdict == "other cause"


@pytest.mark.parametrize(("sides", "verdict"), [(3, "emerges"), (2, "depends on")])
def test_most_sets_are_three_of_five(sides: int, verdict: str) -> None:
    sets = [1.0] * sides + [-1.0] * (5 - sides)
    found = judged(ABOVE, default=[1.0, 1.1, 0.9], control=[0.0, 0.1, -0.1], sets=sets)
    assert found.verdict == verdict
    assert found.set_share == pytest.approx(sides / 5)


def test_what_is_found_tells_each_arm_s_means_and_the_effect_s_interval() -> None:
    effects = [0.5, 0.7, 0.3]
    found = judged(ABOVE, default=effects, control=[0.1, 0.2, 0.0], false=[-0.2, -0.4])
    assert found.found.startswith("more: fear 2.5, trust 0.25; usual: fear 2, trust 0.")
    half = stats.t.ppf(0.975, 2) * np.std(effects, ddof=1) / np.sqrt(3)
    ends = (found.default.low, found.default.high)
    assert ends == pytest.approx((0.5 - half, 0.5 + half))
    assert found.control.difference == pytest.approx(0.1)
    assert found.false.difference == pytest.approx(-0.3)
    assert found.is_false_there
    assert interval(found.default) == f"+0.5 [{0.5 - half:+.3g}, {0.5 + half:+.3g}]"
    assert words(found) == found.verdict == "failed"  # no other set was run


def test_the_parameter_named_goes_with_the_effect_by_spearman_s_correlation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from omemsim.analysis.claims import verdict

    join = [3.0, 1, 9, 7, 4, 8, 2, 6]
    pace = [1.0, 5, 3, 8, 2, 7, 4, 6]
    drawn = [
        {"parameters.organize.join": a, "parameters.feel.pace": b}
        for a, b in zip(join, pace, strict=True)
    ]
    monkeypatch.setattr(verdict, "other_sets", lambda _: (drawn, "eight sets"))
    sets = [-0.3, -0.1, -5.0, -2.5, -0.2, -3.0, -0.35, -1.0]  # falls as join rises, but one
    found = judged(BELOW, default=[1.0, 1.1, 0.9], control=[0.0, 0.1, -0.1], sets=sets)
    assert (found.verdict, found.depends_on) == ("depends on", "organize.join")
    size = stats.spearmanr(join, sets).statistic
    assert f"organize.join goes with the effect most: rank correlation {size:+.2f}" in found.found
