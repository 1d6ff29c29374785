"""What a headline depends on: both arms switched, what is gone of it, in words and drawn."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np
import pytest

from omemsim.analysis.ablate import name_of
from omemsim.analysis.headline import NOTHING, Headline, HeadlineRow, arms_of, headline
from omemsim.figures.headline import headline_figure, save_headline_figure
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.study.comparison import Comparison
from omemsim.study.contrasts import about
from omemsim.study.engine import Engine
from omemsim.study.switched_off import SwitchedOff, left_in_parts
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.mechanisms import COMBINED, GROUPS, OFF, meaning, switches_of

TINY = ["town.residents=300", "town.neighbourhoods=3", "years=0.5", "spin_up_years=0.25"]
ONLY = ("place_effects", "tips", "design+watch", "wearing_off")
R = 3


@pytest.fixture(scope="module")
def pair() -> tuple[Scenario, Scenario]:
    words = [*TINY, "parameters.strength.tips=0"]
    return compose_scenario("small", "omem", words), compose_scenario("small", "reactive", words)


@pytest.fixture(scope="module")
def found(pair: tuple[Scenario, Scenario], tmp_path_factory: pytest.TempPathFactory) -> Headline:
    folder = tmp_path_factory.mktemp("headline")
    return headline(
        *pair,
        only=ONLY,
        replicates=R,
        out=folder,
        store=folder / "store",
        engine=Engine(workers=1),
        progress=False,
    )


def made_up(values: dict[tuple[str, str], list[float]], outcome: str = "victimization") -> Headline:
    """Return the headline of numbers by (strategy, switch), a baseline called b, a strategy s."""
    from omemsim.analysis.headline import _Pairs

    scalars = {
        (name_of(name, switch) if switch else name, r): {outcome: value}
        for (name, switch), numbers in values.items()
        for r, value in enumerate(numbers)
    }
    names = list(dict.fromkeys(name for name, _ in scalars))
    n = max(map(len, values.values()))
    comparison = Comparison(names, "b", n, Path(), Path(), {}, scalars)
    pairs = _Pairs(comparison, "s", "b", outcome)
    whole = pairs.contrast(pairs.finished())
    switches = [switch for name, switch in values if name == "s" and switch]
    under = {switch: pairs.under(switch, whole) for switch in switches}
    return Headline("s", "b", outcome, "week0", whole, under, comparison)


def test_each_group_has_a_name_of_its_own_members_that_exist_and_a_line() -> None:
    assert {"place_effects", "guardians", "trust", "partners"} <= GROUPS.keys()
    assert not GROUPS.keys() & OFF.keys()
    for name, group in GROUPS.items():
        assert len(group.members) == len(set(group.members)) > 1
        assert set(group.members) <= OFF.keys()
        assert group.doc.endswith(".")
        assert not meaning(name).endswith(".")
    assert all(switches_of(word) for word in COMBINED)
    assert GROUPS["place_effects"].members == ("problem_solving", "deterrence", "design")


def test_a_word_means_a_switch_a_group_or_several_each_once() -> None:
    assert switches_of("watch") == ("watch",)
    assert switches_of("design+place_effects+watch") == (
        *("design", "problem_solving", "deterrence", "watch"),
    )
    assert meaning("place_effects+watch+design") == "place effects, watch and design"
    with pytest.raises(InputError, match=r"'desgin'.*Did you mean 'design'"):
        switches_of("watch+desgin")


def test_both_arms_are_switched_and_nothing_else_is(pair: tuple[Scenario, Scenario]) -> None:
    arms = arms_of(*pair, only=["design+watch"])
    assert list(arms) == [
        *("reactive", "reactive without design+watch", "omem without design+watch", "omem"),
    ]
    for name in ("reactive", "omem"):
        off = arms[f"{name} without design+watch"]
        assert isinstance(off, SwitchedOff)
        assert off.off == ("design", "watch")
        assert off.strategy == arms[name].strategy
        assert off.parameters == arms[name].parameters  # so one spin-up serves all four
    born = arms_of(*pair, only=["design"], start="birth")
    both = [born[f"{name} without design"].parameters for name in ("reactive", "omem")]
    assert both[0] == both[1] != pair[0].parameters


def test_all_start_from_one_town(pair: tuple[Scenario, Scenario], tmp_path: Path) -> None:
    from omemsim.study.store import Store

    arms = arms_of(*pair, only=["groups"])
    with Store(tmp_path / "store") as kept:
        parts, stored = left_in_parts(kept, arms, baseline="reactive", replicates=2)
    assert (parts, stored) == ([[14, 14]], 0)  # a task a replicate, 2 x (1 + 6) runs in each


def test_what_is_gone_is_worked_out_by_hand() -> None:
    found = made_up(
        {
            ("b", ""): [100, 200, 300],
            ("s", ""): [52, 151, 247],  # -48, -49, -53 of a mean of 200: -25%
            ("b", "watch"): [110, 190, 300],
            ("s", "watch"): [101, 181, 288],  # -9, -9, -12 of 200: -5%
            ("b", "season"): [90, 210, 300],
            ("s", "season"): [32, 151, 237],  # -58, -59, -63 of 200: -30%
        }
    )
    assert found.whole.percent == pytest.approx(-25)
    assert found.ranked() == ["watch", "season"]
    x, y = found.found["watch"], found.found["season"]
    assert (x.contrast.percent, x.gone.difference) == pytest.approx((-5, 20))
    assert (y.contrast.percent, y.gone.difference) == pytest.approx((-30, -5))
    assert (found.share("watch"), found.share("season")) == pytest.approx((80, -20))
    # A ratio's linearisation: replicate r of "nothing" is -25 + (D_r + .25 B_r) / 2.
    now = -25 + (np.array([-48, -49, -53]) + 0.25 * np.array([100, 200, 300])) / 2
    then = -5 + (np.array([-9, -9, -12]) + 0.05 * np.array([110, 190, 300])) / 2
    half = 4.302653 * (then - now).std(ddof=1) / math.sqrt(3)
    assert (x.gone.low, x.gone.high) == pytest.approx((20 - half, 20 + half), rel=1e-5)


def test_a_headline_that_rises_loses_what_brings_it_down_to_nothing() -> None:
    values = {
        ("b", ""): [0.50, 0.52, 0.51, 0.49],
        ("s", ""): [0.60, 0.62, 0.62, 0.59],
        ("b", "watch"): [0.50, 0.52, 0.51, 0.49],
        ("s", "watch"): [0.53, 0.54, 0.54, 0.52],
    }
    found = made_up(values, "trust")
    assert found.found["watch"].gone.difference > 0
    assert found.found["watch"].verdict == "smaller"
    assert 60 < found.share("watch") < 80


def test_no_share_of_a_headline_that_cannot_be_told_from_nothing() -> None:
    found = made_up(
        {
            ("b", ""): [100, 200, 300],
            ("s", ""): [120, 190, 290],
            ("b", "watch"): [100, 200, 300],
            ("s", "watch"): [100, 200, 300],
        }
    )
    assert math.isnan(found.share("watch"))
    assert "of it is gone" not in found.finding()
    assert found.rows()[1].verdict == "cannot tell"


def test_a_baseline_of_zero_is_told_in_the_unit() -> None:
    found = made_up(
        {
            ("b", ""): [0, 0, 0],
            ("s", ""): [4, 5, 6],
            ("b", "watch"): [0, 0, 0],
            ("s", "watch"): [1, 2, 3],
        },
        "waiting_list",
    )
    assert not found.in_percent()
    assert found.found["watch"].gone.difference == pytest.approx(3)
    assert found.share("watch") == pytest.approx(60)
    assert "%  " not in found.text().splitlines()[2]


def test_the_headline_is_what_a_comparison_says(found: Headline) -> None:
    scalars = found.comparison.scalars
    mine = np.mean([scalars["omem", r]["victimization"] for r in range(R)])
    base = np.mean([scalars["reactive", r]["victimization"] for r in range(R)])
    first = found.rows()[0]
    assert first.switch == NOTHING
    assert first.percent == pytest.approx(100 * (mine - base) / base)
    assert (first.n, first.gone, first.gone_share) == (R, 0, 0)


def test_a_row_is_of_both_arms_without_the_switch(found: Headline) -> None:
    scalars = found.comparison.scalars
    rows = {row.switch: row for row in found.rows()}
    for switch in ONLY:
        both = [
            np.mean([scalars[name_of(name, switch), r]["victimization"] for r in range(R)])
            for name in ("omem", "reactive")
        ]
        assert (rows[switch].strategy_mean, rows[switch].baseline_mean) == pytest.approx(both)
        assert rows[switch].difference == pytest.approx(both[0] - both[1])
        assert rows[switch].members.split() == list(switches_of(switch))


def test_what_is_off_already_takes_nothing(found: Headline) -> None:
    assert found.found["tips"].verdict == "equal"
    assert found.found["tips"].gone.difference == 0


def test_switches_are_ordered_by_what_goes_with_them(found: Headline) -> None:
    gone = [row.gone for row in found.rows()[1:]]
    assert gone == sorted(gone, reverse=True)
    assert {row.switch for row in found.rows()[1:]} == set(ONLY)


def test_the_table_reads_back_and_the_text_fits(found: Headline) -> None:
    rows = list(csv.DictReader(io.StringIO(found.csv())))
    assert list(rows[0]) == list(HeadlineRow.__annotations__)
    assert len(rows) == 1 + len(ONLY)
    text = found.text()
    assert max(map(len, text.splitlines())) <= 100
    assert all(name in text for name in (*ONLY, NOTHING))
    assert "not how well the real world is" in " ".join(text.split())


def test_asking_again_and_asking_of_another_outcome_runs_nothing(
    pair: tuple[Scenario, Scenario], found: Headline
) -> None:
    again = headline(
        *pair,
        only=ONLY,
        replicates=R,
        outcome="fear",
        out=found.comparison.out,
        store=found.comparison.store,
        engine=Engine(workers=1),
        progress=False,
    )
    assert again.comparison.reused == len(again.comparison.runs) == R * 2 * (1 + len(ONLY))
    assert {row.measure for row in again.rows()} == {"fear"}
    assert again.rows()[0].unit == about("fear").unit


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"only": ["place_effect"]}, "Did you mean 'place_effects'"),
        ({"start": "brith"}, "must be one of week0, birth"),
        ({"outcome": "victimisation"}, "Did you mean 'victimization'"),
    ],
)
def test_what_there_is_not_is_refused(
    pair: tuple[Scenario, Scenario], tmp_path: Path, words: dict[str, object], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        headline(*pair, replicates=1, out=tmp_path, store=tmp_path / "store", **words)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_strategy_is_not_compared_with_itself(pair: tuple[Scenario, Scenario]) -> None:
    with pytest.raises(InputError, match="both the strategy and the baseline"):
        arms_of(pair[1], pair[1])


def test_the_figure_shows_what_is_left_and_what_is_gone(found: Headline, tmp_path: Path) -> None:
    page = headline_figure(found)
    bars = {gid: [x for a in page.axes for x in a.patches if x.get_gid() == gid] for gid in GIDS}
    assert len(bars["left"]) == 1 + len(ONLY)
    sizes = [bar.get_width() for bar in bars["left"]]
    assert sizes == pytest.approx([row.percent for row in found.rows()])
    smaller = [x for x in sizes[1:] if abs(x) < abs(sizes[0])]
    assert len(bars["gone"]) == len(smaller)
    assert [path.suffix for path in save_headline_figure(found, tmp_path)] == [".png", ".svg"]


GIDS = ("left", "gone")


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ((-58, -59, -63), "it is 20% larger."),
        ((-52, -53, -57), "it is 8% larger."),
        ((-9, -9, -12), "80% of it is gone."),
        ((12, 11, 10), "all of it is gone, and the difference is the other way round."),
    ],
)
def test_the_finding_says_what_becomes_of_the_headline(
    without: tuple[float, ...], said: str
) -> None:
    base = np.array([199.0, 200.0, 201.0])
    values = {("b", ""): base, ("s", ""): base - (48, 49, 53)}
    values |= {("b", "season"): base, ("s", "season"): base + without}
    found = made_up({key: list(x) for key, x in values.items()})
    assert found.found["season"].is_clear
    assert found.finding().endswith(said)
