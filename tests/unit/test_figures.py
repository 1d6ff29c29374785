"""Figures say what the data say: labels, units, colours, counts, files."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.colors import same_color, to_hex, to_rgb
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from omemsim.figures import plot_series, save_comparison_figures, save_series_figures
from omemsim.figures.compared import _finding, comparison_figures
from omemsim.figures.forest import forest_figure, reach
from omemsim.figures.ink import ARMS, luminance, spread
from omemsim.figures.lines import ArmCurve, change_limits, level_limits, lines_figure, same_lines
from omemsim.figures.maps import cells, map_figure, polygons
from omemsim.figures.one_run import averaging, smooth
from omemsim.figures.page import Page, write
from omemsim.figures.wheel import Wheel, dots, wheel_figure
from omemsim.figures.zones import shares_figure, transitions_figure
from omemsim.measures import MEASURES
from omemsim.series import Series
from omemsim.study.comparison import COLUMNS, Comparison, about
from omemsim.study.contrasts import About, Contrast, contrasts, in_words, verdict
from omemsim.study.effort import Effort
from omemsim.study.identity import RunKey
from omemsim.study.statistics import Difference, paired_difference, share_better
from omemsim.study.uncertain import Spread
from omemsim.vocabulary.wheel import COLOURS, Zone

LONG = "our_own_very_long_strategy_name_that_nobody_should_use_but_$omeone_will"
EIGHT = ("reactive", "hot_spots", "omem", LONG, "$x^2$", "random_patrol", "a", "b")


def series(
    strategy: str, *, effect: float, replicate: int = 0, n: int = 9, years: float = 1
) -> Series:
    """Return a made-up run in which calls and harm fall by ``effect``."""
    rng = np.random.default_rng(replicate)
    weeks = np.arange(4, max(4, round(52 * years)) + 1, 4, dtype=np.int64)
    level = rng.gamma(3, 130, n) * np.exp(-effect * weeks / 52)[:, None]
    level = level * (1 + 0.05 * rng.normal(size=level.shape))
    capacity = np.clip(0.7 - level / 1500, 0, 1)
    return Series(
        weeks=weeks,
        ids=[str(i) for i in range(n)],
        names=[f"Neighbourhood {i}" for i in range(n)],
        population=rng.uniform(800, 3000, n),
        residents=np.full(n, 900),
        values={
            "zone": 3.0 - np.searchsorted([200, 400, 650], level),
            "public_calls": level,
            "victimization": 0.7 * level,
            "capacity": capacity,
            "trust": 0.5 + 0.3 * capacity,
            "fear": 0.6 - 0.4 * capacity,
        },
        meta={
            "town": "small",
            "strategy": strategy,
            "replicate": replicate,
            "version": "9.8.7",
            "config": {"seed": 42},
            "xy": np.column_stack([np.arange(n) % 3, np.arange(n) // 3]) * 500.0,
            "polygons": None,
        },
    )


RUN = series("omem", effect=0.3)
FOUR = ["run", "wheel_before_after", "transitions", "map"]


class Made(Comparison):
    """A comparison of made-up runs, kept here and not in a store."""

    def series(self, strategy: str, replicate: int) -> Series:
        return RUNS[id(self)][strategy, replicate]


RUNS: dict[int, Mapping[tuple[str, int], Series]] = {}


def comparison(names: Sequence[str], *, n: int = 3, **made: Any) -> Comparison:
    runs = {
        (name, r): series(name, effect=0.15 * i, replicate=r, **made)
        for i, name in enumerate(names)
        for r in range(n)
    }
    key = RunKey(*[None] * len(dataclasses.fields(RunKey)))  # type: ignore[arg-type]
    study = Made(
        strategies=list(names),
        baseline=names[0],
        replicates=n,
        out=Path(),
        store=Path(),
        runs=dict.fromkeys(runs, key),
        scalars={key: _scalars(run) for key, run in runs.items()},
    )
    RUNS[id(study)] = runs
    return study


def _scalars(run: Series) -> dict[str, float]:
    return {name: value for name, value in run.summary().items() if name in MEASURES}


def texts(page: Page) -> list[str]:
    return [x.get_text() for x in page.findobj(Text) if x.get_text().strip()]


def labelled(page: Page, gid: str) -> list[Any]:
    return page.findobj(lambda artist: artist.get_gid() == gid)


def boxes_apart(page: Page, gid: str) -> bool:
    renderer = page.canvas.get_renderer()  # type: ignore[attr-defined]
    boxes = [x.get_window_extent(renderer) for x in labelled(page, gid)]
    # Lines of type touch by their ascenders' white space: a pixel or two is no overlap.
    shrunk = [box.shrunk_to_aspect(1) if box.height == 0 else box.padded(-2) for box in boxes]
    return not any(a.overlaps(b) for a, b in combinations(shrunk, 2))


@pytest.fixture(scope="module")
def eight() -> dict[str, Page]:
    return dict(comparison_figures(comparison(EIGHT, years=30, n=2)))


@pytest.fixture(scope="module")
def three() -> dict[str, Page]:
    return dict(comparison_figures(comparison(EIGHT[:3], n=4)))


@pytest.fixture(scope="module")
def run_png() -> bytes:
    return plot_series(RUN)._repr_png_()


class TestFiles:
    def test_every_figure_is_a_pair_and_nothing_else_is_left(self, tmp_path: Path) -> None:
        paths = save_comparison_figures(comparison(["reactive", "omem"], n=2), tmp_path / "new")
        names = [
            *("zones_over_time", "wheel_before_after", "transitions", "victimization_over_time"),
            *("public_calls_over_time", "fear_over_time", "trust_over_time"),
            *("capacity_over_time", "differences", "map"),
        ]
        assert [x.name for x in paths] == [f"{x}.{kind}" for x in names for kind in ("png", "svg")]
        assert sorted(tmp_path.joinpath("new").iterdir()) == sorted(paths)
        assert all(x.read_bytes().startswith(b"\x89PNG") for x in paths[::2])
        assert all(b"<svg" in x.read_bytes()[:700] for x in paths[1::2])

    def test_one_run_is_four_pairs_and_the_same_bytes_again(self, tmp_path: Path) -> None:
        first = save_series_figures(RUN, tmp_path / "a")
        assert [x.name for x in first] == [f"{x}.{kind}" for x in FOUR for kind in ("png", "svg")]
        second = [x for name, page in _figures(RUN) for x in write(page, tmp_path / "b", name)]
        for a, b in zip(first, second, strict=True):
            assert a.read_bytes() == b.read_bytes(), a.name
        assert b"dc:date" not in first[1].read_bytes()

    def test_failed_write_leaves_the_old_file_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        page = Page(2, title="one")
        old = write(page, tmp_path, "x")[0].read_bytes()

        def full(*_: object) -> None:
            raise OSError("no space left")

        monkeypatch.setattr("os.replace", full)
        with pytest.raises(OSError, match="no space"):
            write(Page(2, title="two"), tmp_path, "x")
        assert (tmp_path / "x.png").read_bytes() == old
        assert sorted(x.name for x in tmp_path.iterdir()) == ["x.png", "x.svg"]

    def test_png_is_150_dpi_and_fits_a_laptop(self, run_png: bytes) -> None:
        width = int.from_bytes(run_png[16:20], "big")
        assert width == round(9.2 * 150)
        assert width / 150 * 96 < 1366

    def test_the_callers_settings_neither_show_nor_change(self, run_png: bytes) -> None:
        with pytest.MonkeyPatch.context() as patch:
            for key, value in {"font.size": 30.0, "axes.grid": True}.items():
                patch.setitem(rcParams, key, value)
            assert plot_series(RUN)._repr_png_() == run_png
            assert rcParams["font.size"] == 30


class TestEveryFigure:
    def test_provenance_at_the_foot(self, three: dict[str, Page]) -> None:
        for name, page in three.items():
            foot = texts(page)
            assert any(
                "omemsim 9.8.7" in x and "small" in x and "4 replicates" in x and "seed 42" in x
                for x in foot
            ), name

    def test_type_is_large_enough(self, eight: dict[str, Page], three: dict[str, Page]) -> None:
        for pages in (eight, three):
            for name, page in pages.items():
                sizes = [x.get_fontsize() for x in page.findobj(Text) if x.get_text().strip()]
                assert min(sizes) >= 8.5, name

    def test_all_words_are_on_the_page(self, eight: dict[str, Page]) -> None:
        for name, page in eight.items():
            width, height = page.canvas.get_width_height()
            renderer = page.canvas.get_renderer()  # type: ignore[attr-defined]
            page.draw(renderer)
            for text in page.findobj(Text):
                if not text.get_text().strip() or not text.get_visible():
                    continue
                box = text.get_window_extent(renderer)
                assert box.x0 >= 0, (name, text.get_text())
                assert box.y0 >= 0, (name, text.get_text())
                assert box.x1 <= width, (name, text.get_text())
                assert box.y1 <= height, (name, text.get_text())

    def test_words_of_the_page_do_not_overlap(self, eight: dict[str, Page]) -> None:
        for name, page in eight.items():
            renderer = page.canvas.get_renderer()  # type: ignore[attr-defined]
            shown = [x for x in page.texts if x.get_text().strip()]
            boxes = [(x.get_text(), x.get_window_extent(renderer).padded(-2)) for x in shown]
            for (a, first), (b, second) in combinations(boxes, 2):
                assert not first.overlaps(second), (name, a, b)

    def test_dollar_signs_are_letters(self, eight: dict[str, Page]) -> None:
        assert "$x^2$" in texts(eight["zones_over_time"])
        for page in eight.values():
            words = [*page.texts, *(x for axes in page.axes for x in axes.texts)]
            assert not any(x.get_parse_math() for x in words)

    def test_long_runs_stay_small(self, eight: dict[str, Page], tmp_path: Path) -> None:
        svg = write(eight["zones_over_time"], tmp_path, "x")[1]
        assert svg.stat().st_size < 1_500_000


class TestZones:
    def test_areas_have_the_zones_colours_and_heights(self) -> None:
        shares = np.array([[0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4]])
        page = shares_figure({"omem": shares}, np.array([0.5, 1.0]), notes=["n"], provenance="p")
        bottom = 0.0
        for zone in (Zone.BLUE, Zone.GREEN, Zone.AMBER, Zone.RED):
            (area,) = labelled(page, f"zone-{zone.name.lower()}")
            assert isinstance(area, PolyCollection)
            assert same_color(area.get_facecolor()[0], COLOURS[zone])
            corners = area.get_paths()[0].vertices
            at_end = corners[np.isclose(corners[:, 0], 1.0), 1]
            assert at_end.max() - at_end.min() == pytest.approx(shares[-1, zone])
            assert at_end.min() == pytest.approx(bottom)
            bottom += shares[-1, zone]

    def test_panels_share_axes_and_name_units(self, three: dict[str, Page]) -> None:
        axes = three["zones_over_time"].axes
        assert len(axes) == 3
        assert {x.get_xlim() for x in axes} == {(0, 1)}
        assert {x.get_ylim() for x in axes} == {(0, 1)}
        assert {x.get_xlabel() for x in axes} == {"years from the start"}
        assert axes[0].get_ylabel() == "share of neighbourhoods"

    def test_labels_name_zone_and_share_and_stand_apart(self) -> None:
        shares = np.array([[0.0, 0.0, 0.0, 1.0]] * 3)
        page = shares_figure({"omem": shares}, np.arange(3.0) + 1, notes=[], provenance="p")
        told = [x.get_text() for x in labelled(page, "end-label")]
        assert sorted(told) == ["Amber 0%", "Blue 100%", "Green 0%", "Red 0%"]
        assert boxes_apart(page, "end-label")

    def test_title_finding_is_the_last_share(self) -> None:
        shares = np.array([[1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25]])
        page = shares_figure({"a_b": shares}, np.array([0.1, 0.2]), notes=[], provenance="p")
        assert "Green or blue at the end: a b 50%." in texts(page)

    def test_one_record_is_drawn(self) -> None:
        page = shares_figure({"a": np.eye(4)[:1]}, np.array([1.0]), notes=[], provenance="p")
        (area,) = labelled(page, "zone-red")
        assert np.ptp(area.get_paths()[0].vertices[:, 0]) == 1


class TestTransitions:
    TABLE = np.array([[1, 3, 0, 0], [0, 0, 0, 0], [0, 5, 5, 0], [0, 0, 0, 8]])

    def page(self) -> Page:
        return transitions_figure(
            {"omem": self.TABLE}, span="week 1 to week 9", notes=[], provenance="p"
        )

    def test_percent_of_the_row_and_count(self) -> None:
        told = texts(self.page())
        for expected in ("25%", "75%", "50%", "100%", "1", "3", "5", "8"):
            assert expected in told
        assert told.count("–") == 4  # no neighbourhood started amber
        assert told.count("0") == 7

    def test_time_and_moves_are_told(self) -> None:
        (line,) = [x for x in texts(self.page()) if "week 1 to week 9" in x]
        assert "omem 14% safer, 23% riskier" in " ".join(texts(self.page()))
        assert "start (row)" in line

    def test_diagonal_is_outlined_and_directions_differ(self) -> None:
        cells_ = [x for x in labelled(self.page(), "cell") if isinstance(x, Rectangle)]
        assert len(cells_) == 16
        bold = [i for i, x in enumerate(cells_) if x.get_linewidth() > 1]
        assert bold == [0, 5, 10, 15]
        up, down = cells_[1].get_facecolor(), cells_[9].get_facecolor()
        assert to_hex(up) != to_hex(down)
        assert up[3] > down[3] > cells_[2].get_facecolor()[3] == 0  # 75%, 50%, none


class TestWheel:
    def test_a_dot_for_each_in_the_quarter_and_colour_of_its_zone(self) -> None:
        zones = np.array([0] * 5 + [1] * 40 + [2] * 80 + [3] * 33)
        wheel = Wheel(zones, np.linspace(900, 50, zones.size))
        page = wheel_figure({"a": (wheel, wheel)}, when=("w", "x"), notes=[], provenance="p")
        for number, axes in enumerate(page.axes):
            drawn = {
                to_hex(x.get_color()): x.get_xydata() for x in axes.lines if x.get_gid() == "dots"
            }
            assert sum(map(len, drawn.values())) == 158, number
            for zone, (sx, sy) in zip(Zone, ((-1, 1), (1, 1), (1, -1), (-1, -1)), strict=True):
                xy = drawn[COLOURS[zone]]
                assert len(xy) == np.sum(zones == zone)
                assert np.all(xy * (sx, sy) > 0)
            shown = [x.get_text() for x in axes.texts]
            assert {"5", "40", "80", "33", "72%"} <= set(shown)

    def test_dots_do_not_touch(self) -> None:
        places = dots(np.full(158, 2), np.arange(158.0))
        gaps = np.linalg.norm(places[:, None] - places[None], axis=2)
        assert gaps[gaps > 0].min() > 0.03
        radius = np.linalg.norm(places, axis=1)
        assert radius.min() > 0.4
        assert radius.max() < 1

    def test_clockwise_means_fewer_calls(self) -> None:
        calls = np.random.default_rng(0).permutation(30).astype(float)
        for zone in Zone:
            x, y = dots(np.full(30, int(zone)), calls).T
            clockwise = (180 - np.degrees(np.arctan2(y, x))) % 360
            ranked = clockwise[np.argsort(-calls)]
            assert all(a <= b + 1e-9 for a, b in pairwise(ranked))
            assert 90 * zone < ranked.min() < ranked.max() < 90 * (zone + 1)

    def test_says_which_replicate(self, three: dict[str, Page]) -> None:
        for name in ("wheel_before_after", "map"):
            said = " ".join(texts(three[name]))
            assert "One of 4 towns: the one nearest the mean." in said
            assert "Replicate " in said
        assert len(three["wheel_before_after"].axes) == 6

    def test_the_town_shown_is_the_one_nearest_the_mean(self) -> None:
        study = comparison(["reactive", "omem"], n=3)
        for (name, r), run in RUNS[id(study)].items():
            zones = np.zeros_like(run.values["zone"])
            zones[-1, : {0: 9, 1: 5, 2: 1}[r] - (name == "reactive")] = 2  # mean of 5 and of 4
            run.values["zone"] = zones
        assert study.typical_replicate(study.strategies) == 1
        pages = dict(comparison_figures(study))
        assert any("reactive 0 to 4; omem 0 to 5" in x for x in texts(pages["wheel_before_after"]))
        assert any("reactive 4 safer, 0 riskier" in x for x in texts(pages["map"]))


class TestLines:
    def page(
        self,
        arms: Sequence[ArmCurve],
        changes: Sequence[ArmCurve] = (),
        ceiling: float | None = None,
    ) -> Page:
        return lines_figure(
            arms,
            changes,
            np.arange(1, len(arms[0].mean) + 1) / 13,
            title="How much?",
            finding="",
            axis="Victimization, incidents per 1,000 a year",
            ceiling=ceiling,
            smallest=2.0,
            band="5th-95th percentile of 20 replicates",
            averaged="",
            provenance="p",
        )

    def arms(self, names: Sequence[str], *, gap: float = 1.0) -> list[ArmCurve]:
        level = 200 + np.zeros(26)
        means = [level + gap * i for i in range(len(names))]
        return [ArmCurve(x, mean, mean - 9, mean + 9) for x, mean in zip(names, means, strict=True)]

    def test_units_and_honest_axes(self, three: dict[str, Page]) -> None:
        for measure in ("victimization", "public_calls", "capacity", "trust", "fear"):
            page = three[f"{measure}_over_time"]
            level, change = page.axes
            assert MEASURES[measure].unit in level.get_ylabel()
            assert change.get_ylabel() == "difference from reactive, same unit"
            assert "years" in change.get_xlabel()
            assert level.get_xlim() == change.get_xlim()
            cut = any("does not start at 0" in x for x in texts(page))
            assert cut == (level.get_ylim()[0] > 0)

    def test_an_axis_starts_at_zero_where_that_leaves_the_lines_room(self) -> None:
        low, high = np.full(5, 3.0), np.full(5, 9.0)
        assert level_limits([ArmCurve("a", low), ArmCurve("b", high)], None)[0] == 0
        assert level_limits([ArmCurve("a", high / 10), ArmCurve("b", low / 10)], 1.0) == (0, 1)
        bottom, top = level_limits(
            [ArmCurve("a", np.full(5, 0.580)), ArmCurve("b", np.full(5, 0.581))], 1.0
        )
        assert 0.5 < bottom < 0.58 < 0.581 < top < 0.65
        assert level_limits([ArmCurve("a", np.full(5, 0.99))], 1.0)[1] == 1
        assert level_limits([ArmCurve("a", high, high - 1, high + 5)], None)[1] > 14

    def test_the_difference_is_drawn_with_its_interval_and_what_is_too_small(self) -> None:
        change = ArmCurve("b", np.full(26, -8.0), np.full(26, -9.0), np.full(26, -7.0))
        page = self.page(self.arms(["a", "b"]), [change])
        below = page.axes[1]
        (line,) = labelled(page, "change-1")
        assert line.axes is below
        assert set(line.get_ydata()) == {-8}
        assert line.get_color() == ARMS[1][0]
        edges = below.collections[0].get_paths()[0].vertices[:, 1]
        assert (edges.min(), edges.max()) == (-9, -7)
        (small,) = labelled(page, "small")
        assert (small.get_y(), small.get_height()) == (-2, 4)
        assert any("Shaded: too small to name, under 2 " in x for x in texts(page))
        low, high = below.get_ylim()
        assert low < -9
        assert high > 2

    def test_a_wild_interval_does_not_hide_the_differences(self) -> None:
        wild = ArmCurve("b", np.full(5, 1.0), np.full(5, -400.0), np.full(5, 400.0))
        low, high = change_limits([wild], 0.5)
        assert -4 < low < -1
        assert 1 < high < 4

    def test_differences_are_those_within_pairs(self, three: dict[str, Page]) -> None:
        study = comparison(EIGHT[:3], n=4)
        runs = RUNS[id(study)]
        trust = np.array(
            [
                runs["omem", r].town_value("trust") - runs["reactive", r].town_value("trust")
                for r in range(4)
            ]
        )
        (line,) = labelled(three["trust_over_time"], "change-2")
        assert np.allclose(line.get_ydata(), smooth(trust.mean(axis=0), 3))

    @pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
    def test_labels_end_where_lines_do_and_stand_apart(self, count: int) -> None:
        page = self.page(self.arms(EIGHT[:count]))
        labels = labelled(page, "end-label")
        assert len(labels) == count
        assert boxes_apart(page, "end-label")
        heights = [x.get_position()[1] for x in labels]
        assert heights == sorted(heights)  # in the order of the lines

    @pytest.mark.parametrize(
        ("n", "told"), [(4, "Band: range of 4 replicates"), (6, "5th-95th percentile of 6 rep")]
    )
    def test_a_band_of_few_replicates_is_called_their_range(self, n: int, told: str) -> None:
        study = comparison(["reactive", "omem"], n=n)
        page = dict(comparison_figures(study))["fear_over_time"]
        assert any(told in x for x in texts(page))

    def test_band_is_drawn_and_named(self) -> None:
        page = self.page(self.arms(["a", "b"], gap=50))
        assert any("Band: 5th-95th percentile of 20 replicates" in x for x in texts(page))
        bands = page.axes[0].collections
        assert len(bands) == 2
        edges = bands[0].get_paths()[0].vertices[:, 1]
        assert (edges.min(), edges.max()) == (191, 209)

    def test_many_strategies_have_a_bar_at_the_end_instead(self) -> None:
        page = self.page(self.arms(EIGHT, gap=20))
        assert not page.axes[0].collections
        for i in range(8):
            (bar,) = labelled(page, f"bar-{i}")
            assert list(bar.get_ydata()) == [200 + 20 * i - 9, 200 + 20 * i + 9]
        assert any("Bar at the right end: 5th-95th percentile" in x for x in texts(page))

    def test_one_replicate_has_no_band_and_says_so(self) -> None:
        page = self.page(
            [ArmCurve("a", np.full(9, 3.0)), ArmCurve("b", np.full(9, 4.0))],
            [ArmCurve("b", np.full(9, 1.0))],
        )
        assert not any(axes.collections for axes in page.axes)
        assert any("One replicate: no band" in x for x in texts(page))

    def test_lines_over_each_other_can_be_told_apart(self) -> None:
        arms = self.arms(["reactive", "omem", "c"], gap=0)
        assert same_lines(arms, 200) == [["reactive", "omem", "c"]]
        assert same_lines(self.arms(["a", "b", "c"], gap=30), 200) == []
        page = self.page(arms)
        assert any("reactive and omem and c coincide" in x for x in texts(page))
        lines = [labelled(page, f"arm-{i}")[0] for i in range(3)]
        assert lines[0].get_linewidth() > lines[1].get_linewidth()
        assert lines[2].is_dashed()

    def test_zeros_are_drawn(self) -> None:
        page = self.page([ArmCurve("a", np.zeros(5)), ArmCurve("b", np.zeros(5))])
        low, high = page.axes[0].get_ylim()
        assert low == 0 < high


class TestInk:
    def test_labels_move_as_little_as_they_must(self) -> None:
        heights = np.full(3, 2.0)
        free = np.array([9.0, 1.0, 5.0])
        assert np.allclose(spread(free, heights, low=0, high=10), free)
        crowded = spread(np.full(3, 5.0), heights, low=0, high=10)
        assert np.allclose(crowded, [3, 5, 7])
        assert np.allclose(spread(np.full(3, 10.0), heights, low=0, high=10), [6, 8, 10])
        assert np.allclose(spread(np.full(3, -4.0), heights, low=0, high=10), [0, 2, 4])

    def test_strategies_read_on_white_and_are_no_zones(self) -> None:
        zones = np.array([to_rgb(x) for x in COLOURS.values()])
        for colour, _ in ARMS:
            assert 1.05 / (luminance(colour) + 0.05) >= 4.5, colour
            assert np.linalg.norm(zones - to_rgb(colour), axis=1).min() > 0.2, colour

    def test_no_two_strategies_share_colour_or_all_of_style(self) -> None:
        colours, dashes = zip(*ARMS, strict=True)
        assert len(set(colours)) == len(ARMS)
        assert len(set(dashes[1:])) == len(ARMS) - 1  # the baseline is wider instead

    def test_averages_are_over_weeks_not_records(self) -> None:
        monthly = np.arange(4, 261, 4)
        assert averaging(monthly) == (13, 3)
        assert averaging(np.arange(1, 53)) == (13, 13)
        assert averaging(np.array([7])) == (13, 2)
        assert np.allclose(smooth(np.array([2.0, 4, 6, 8]), 2), [2, 3, 5, 7])


def contrast(
    percent: float, low: float, high: float, *, better: str = "lower", unit: str = "u"
) -> Contrast:
    """Return a contrast whose baseline mean is 100, so that units are percent."""
    found = Difference(9, 100 + percent, 100.0, percent, low, high)
    return Contrast("victimization", About("Victimization", unit, better), "omem", found, 0.9)


def never(n: int) -> Contrast:
    """Return a contrast without a difference in any replicate."""
    found = Difference(n, 100, 100, 0, np.nan, np.nan, tied=n)
    return Contrast("victimization", About("Victimization", "u", "lower"), "omem", found, 0.0)


def once(percent: float) -> Contrast:
    """Return a contrast of one replicate."""
    row = contrast(percent, np.nan, np.nan)
    return dataclasses.replace(row, found=dataclasses.replace(row.found, n=1))


class TestDifferences:
    @pytest.mark.parametrize(
        ("row", "word", "told"),
        [
            (contrast(-18, -24, -12), "better", "18% lower (12% to 24%)"),
            (contrast(-18, -24, -12, better="higher"), "worse", "18% lower (12% to 24%)"),
            (contrast(3, 1, 5), "worse", "3.0% higher (1.0% to 5.0%)"),
            (contrast(3, 1, 5, better=""), "differs", "3.0% higher (1.0% to 5.0%)"),
            (contrast(1, -3, 5), "cannot tell", "cannot tell (3.0% lower to 5.0% higher)"),
            (once(-3), "cannot tell", "3.0% lower"),
            (
                contrast(-3, np.nan, np.nan),
                "better",
                "3.0% lower (the same in all 9 replicates)",
            ),
            (
                never(9),
                "same",
                "no difference in 9 replicates (may occur in up to about 28% of them)",
            ),
            (contrast(0.9, 0.4, 1.4), "same", "about the same (0.9% higher)"),
            (contrast(-0.1, -0.12, -0.08, better="higher"), "same", "about the same (0.1% lower)"),
            (contrast(0, -0.6, 0.6), "same", "about the same"),
            (contrast(0.5, -0.6, 1.6), "cannot tell", "cannot tell (0.6% lower to 1.6% higher)"),
            (contrast(0.1, 0.05, 0.15, unit="index 0-1"), "worse", "0.1% higher (0.1% to 0.1%)"),
        ],
    )
    def test_words_match_numbers(self, row: Contrast, word: str, told: str) -> None:
        assert (verdict(row), in_words(row)) == (word, told)

    def test_percent_of_the_baselines_mean(self) -> None:
        numbers = [
            ("victimization", 150.0, 200.0, -50.0, -60.0, -40.0),
            ("violence", 1.0, 0.0, 1.0, 0.5, 1.5),
        ]
        table = pd.DataFrame(
            [
                (name, "u", "omem", "reactive", 9, *rest, 2 / 3, 1 / 3, "may be chance")
                for name, *rest in numbers
            ],
            columns=COLUMNS[: COLUMNS.index("word") + 1],
        )
        row, without = contrasts(table)
        assert (row.percent, row.low, row.high) == (-25, -30, -20)
        assert (row.known, row.has_percent) == (about("victimization"), True)
        assert (row.share, row.found.tied) == (2 / 3, 3)
        assert in_words(row) == "may be chance (30% lower to 20% lower)"
        assert not without.has_percent
        assert in_words(without) == f"1 against 0 {MEASURES['violence'].unit}"

    def test_what_has_no_percent_or_never_differs_is_told_at_the_foot(self) -> None:
        study = comparison(["reactive", "omem"], n=3)
        for (name, _), scalars in study.scalars.items():
            scalars.update(violence=float(name == "omem"), police_cost=7.0)
        page = dict(comparison_figures(study))["differences"]
        told = texts(page)
        assert any("mean under the baseline is 0: Violent victimization." in x for x in told)
        none = "no difference in 3 replicates (may occur in up to about 63% of them)"
        assert any(f"{none}: Cost of police." in x for x in told)
        assert "Cost of police" not in told

    def test_strategies_that_never_differ_have_no_picture_of_differences(self) -> None:
        study = comparison(["reactive", "omem"], n=2)
        for r in range(2):
            study.scalars["omem", r] = study.scalars["reactive", r]
        assert "differences" not in dict(comparison_figures(study))

    def test_a_sentence_per_strategy_and_no_votes(self, three: dict[str, Page]) -> None:
        said = " ".join(x.get_text() for x in three["differences"].texts[:6])
        assert "hot spots: victimization " in said
        assert "omem: victimization " in said
        assert "worse" not in said  # harm falls and all else follows it in the made-up runs
        assert any("assumed" in x for x in texts(three["differences"]))

    def test_a_dot_and_an_interval_a_row_and_the_better_side(self, three: dict[str, Page]) -> None:
        page = three["differences"]
        assert len(labelled(page, "dot")) == len(labelled(page, "interval")) == 2 * 5
        told = texts(page)
        assert told.count("◀ better") == 3  # victimization, calls, fear
        assert told.count("better ▶") == 2  # trust, capacity
        assert "% of the mean under reactive" in page.axes[0].get_xlabel()

    def test_dots_stand_at_their_numbers(self) -> None:
        rows = [contrast(-18, -24, -12), contrast(1, -3, 5)]
        page = forest_figure(rows, baseline="reactive", notes=[], provenance="p")
        first, second = labelled(page, "dot")
        assert (first.get_xdata()[0], second.get_xdata()[0]) == (-18, 1)
        assert first.get_markerfacecolor() != "white"  # sure
        assert second.get_markerfacecolor() == "white"  # cannot tell

    def test_one_wild_interval_hides_nothing(self) -> None:
        rows = [contrast(2, 1, 3)] * 30 + [contrast(500, -2000, 3000), contrast(-70, -80, -60)]
        assert reach(rows) < 20
        page = forest_figure(rows, baseline="r", notes=[], provenance="p")
        assert len(labelled(page, "dot")) == 30
        assert "cannot tell (−2000% to +3000%)" in texts(page)
        edges = [x.get_xdata()[0] for x in labelled(page, "off")]
        assert edges == [reach(rows), -reach(rows)]
        assert {"+500%", "−70%"} <= set(texts(page))

    def test_the_range_over_sets_is_another_mark_than_the_interval(self) -> None:
        rows = [contrast(-18, -24, -12), contrast(1, -3, 5)]
        key = rows[0].strategy, rows[0].measure
        found = Spread(sets=24, low=-22.0, high=-5.0, noise=0.1, is_clear=True)
        page = forest_figure(rows[:1], baseline="r", notes=[], provenance="p", spreads={key: found})
        (bar,) = labelled(page, "range")
        assert (bar.get_x(), bar.get_x() + bar.get_width()) == pytest.approx((-22, -5))
        assert labelled(page, "interval")[0].get_xdata().tolist() == [-24, -12]
        assert "sets: 5.0% to 22% lower" in texts(page)
        assert {"over replicates: the simulation", "over parameter sets: the theory"} <= set(
            texts(page)
        )
        plain = forest_figure(rows[:1], baseline="r", notes=[], provenance="p")
        assert not labelled(plain, "range")
        assert "over parameter sets: the theory" not in texts(plain)

    def test_a_range_off_the_axis_ends_at_its_edge_and_is_told(self) -> None:
        rows = [contrast(2, 1, 3)] * 30
        key = rows[0].strategy, rows[0].measure
        wild = Spread(sets=5, low=1.0, high=900.0, noise=2.0, is_clear=False)
        page = forest_figure(rows, baseline="r", notes=[], provenance="p", spreads={key: wild})
        limit = reach(rows, [wild])
        assert limit < 20
        assert labelled(page, "range")[0].get_width() == pytest.approx(limit - 1)
        assert "sets: 1.0% to 900% higher (or noise)" in texts(page)

    def test_hours_of_every_strategy_stand_over_the_differences(self) -> None:
        names = ("calls", "tactics", "overhead", "idle", "withdrawn")
        idle, busy = (
            Effort(name, 200.0, {f"patrol_{x}": h for x, h in zip(names, hours, strict=True)}, cost)
            for name, hours, cost in (
                ("calls_only", (120.0, 0, 4, 76, 0), {"money_police": 5000.0}),
                ("busy", (100.0, 90, 10, 0, 0), {"money_police": 5000.0, "money_joint": 321.0}),
            )
        )
        page = forest_figure(
            [contrast(1, -3, 5)], baseline="r", notes=[], provenance="p", used=[idle, busy]
        )
        widths = [bar.get_width() for bar in labelled(page, "patrol_idle")]
        assert widths == pytest.approx([0.38, 0])
        assert labelled(page, "patrol_tactics")[1].get_x() == pytest.approx(0.5)
        assert "38% of 200 a week; CAD 5,000 a week" in texts(page)
        assert "0% of 200 a week; CAD 5,321 a week" in texts(page)
        assert "taken away" not in texts(page)  # of what nobody has the name is not shown

    def test_ties_are_told_beside_wins_and_nothing_overlaps(self) -> None:
        tied = Difference(20, 99, 100, -1, -30, 28, tied=13)
        few = dataclasses.replace(contrast(0, 0, 0), found=tied, share=0.2)
        unsure = dataclasses.replace(contrast(-44, -99.5, -1.4), share=1.0, word="may be chance")
        page = forest_figure([few, unsure, never(20)], baseline="r", notes=[], provenance="p")
        told = texts(page)
        assert {"better in", "tied", "20%", "65%", "100%"} <= set(told)
        assert "may be chance (−100% to −1.4%)" in told
        assert "none in 20 (may in up to 14%)" in told
        assert {x.get_markerfacecolor() for x in labelled(page, "dot")} == {"white"}
        page.canvas.draw()
        ends = {x.get_text(): x.get_window_extent() for x in page.texts}
        assert ends["may be chance (−100% to −1.4%)"].x1 < ends["100%"].x0

    def test_better_and_worse_are_those_of_the_comparison(self) -> None:
        study = comparison(["reactive", "omem"], n=5)
        page = dict(comparison_figures(study))["differences"]
        words = study.words()
        drawn = [row for row in contrasts(study.table()) if (row.measure, "omem") in words]
        assert [row.word for row in drawn] == [words[row.measure, "omem"] for row in drawn]
        assert {"may be chance", "lower"} & set(words.values())
        assert any("they allow for all differences looked at (Holm)" in x for x in texts(page))
        assert any("nothing about the real world" in x for x in texts(page))

    def test_the_largest_improvement_is_named_and_not_called_the_best(self) -> None:
        rows = [
            dataclasses.replace(contrast(-x, -x - 1, -x + 1), strategy=f"plan {x}")
            for x in (4, 9, 7)
        ]
        unsure = dataclasses.replace(contrast(-30, -50, -10), strategy="wild", word="may be chance")
        said = _finding([*rows, dataclasses.replace(unsure, found=rows[0].found)], "reactive")
        assert "3 better, 1 may be chance. Largest improvement: plan 9, 9.0% lower" in said
        assert "Largest" not in _finding([*rows, unsure], "reactive")

    def test_what_has_no_better_side_says_so(self) -> None:
        page = forest_figure([contrast(9, 8, 10, better="")], baseline="r", notes=[], provenance="")
        assert "neither side is better" in texts(page)
        assert "◀ better" not in texts(page)
        assert labelled(page, "dot")[0].get_marker() == "D"

    def test_one_replicate_claims_nothing(self) -> None:
        page = dict(comparison_figures(comparison(["a", "b"], n=1)))["differences"]
        assert any("no interval" in x for x in texts(page))
        assert "difference" in texts(page)
        assert "better in" not in texts(page)
        assert any(x == "b: one replicate cannot tell." for x in texts(page))
        assert {x.get_markerfacecolor() for x in labelled(page, "dot")} == {"white"}


class TestMaps:
    RING = np.array([[0.0, 0], [9, 0], [9, 9], [0, 9]])

    def test_areas_symbols_and_moves(self) -> None:
        ground = cells(np.array([[0.0, 0], [100, 0], [200, 0]]))
        before, after = np.array([0, 1, 2]), np.array([1, 1, 0])
        page = map_figure({"a": (before, after)}, ground, when=("x", "y"), notes=[], provenance="p")
        fills = [[to_hex(x) for x in area.get_facecolor()] for area in labelled(page, "areas")]
        assert fills[:2] == [[COLOURS[Zone(z)] for z in zones] for zones in (before, after)]
        assert len(set(fills[2])) == 3  # safer, same, riskier
        assert any("a 1 safer, 1 riskier" in x for x in texts(page))
        assert [_symbols(axes) for axes in page.axes] == [3, 3, 2]

    def test_the_first_row_is_at_the_top_and_cells_have_names(self) -> None:
        ground = cells(np.array([[0.0, 0], [90, 0], [180, 0], [0, 90]]))
        assert ground.centres[0, 1] > ground.centres[3, 1]
        zones = np.zeros(4, int)
        names = [
            ["The northern and eastern neighbourhoods", "B", "C", "D"],
            ["11", "12", "13", "14"],
        ]
        more: dict[str, Any] = {"when": ("x", "y"), "notes": [], "provenance": "p"}
        page = map_figure({"a": (zones, zones)}, ground, names=names, **more)
        assert texts(page).count("11") == 3
        assert "B" not in texts(page)  # all are called alike
        page = map_figure({"a": (zones, zones)}, ground, names=[["A", "B", "C", "D"]], **more)
        assert texts(page).count("B") == 3

    def test_true_places_keep_north_at_the_top(self) -> None:
        places = np.array([[12.0, -3.5], [80.2, 7.1], [-41.0, 66.6]])
        assert np.array_equal(cells(places).centres, places)

    def test_holes_stay_open_and_islands_filled(self) -> None:
        hole, island = self.RING / 3 + 3, self.RING + 20
        ground = polygons([[self.RING * 1000, hole * 1000, island * 1000]])
        red = np.array([0])
        page = map_figure({"a": (red, red)}, ground, when=("x", "y"), notes=[], provenance="p")
        page.canvas.draw()
        pixels = np.asarray(page.canvas.buffer_rgba())[::-1]  # type: ignore[attr-defined]
        colours = []
        for x in (1000.0, 4500.0, 21000.0):
            column, row = page.axes[0].transData.transform((x, x + 700)).astype(int)
            colours.append(to_hex(pixels[row, column] / 255))
        assert colours == [COLOURS[Zone.RED], "#ffffff", COLOURS[Zone.RED]]

    def test_fine_bends_go_and_the_shape_stays(self) -> None:
        angle = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
        circle = 1000 * np.column_stack([np.cos(angle), np.sin(angle)])
        ground = polygons([[circle]])
        assert len(ground.paths[0].vertices) < 500
        assert ground.sizes[0] ** 2 == pytest.approx(np.pi * 1e6, rel=1e-3)
        assert np.abs(np.linalg.norm(ground.paths[0].vertices, axis=1) - 1000).max() < 5

    def test_degrees_are_stretched_and_metres_are_not(self) -> None:
        assert polygons([[self.RING / 9 + (-79, 43)]]).stretch == pytest.approx(1.38, abs=0.02)
        assert polygons([[self.RING * 1000]]).stretch == 1

    def test_no_map_without_places(self) -> None:
        run = series("omem", effect=0)
        run.meta["xy"] = None
        names = [name for name, _ in _figures(run)]
        assert names == ["run", "wheel_before_after", "transitions"]


def _symbols(axes: Axes) -> int:
    marks = [x for x in axes.collections if x.get_gid() != "areas"]
    return sum(len(x.get_offsets()) for x in marks if isinstance(x, PathCollection))


def _figures(run: Series) -> list[tuple[str, Page]]:
    from omemsim.figures.single import series_figures

    return list(series_figures(run))


class TestOneRun:
    def test_one_page_has_all_five_pictures(self) -> None:
        page = plot_series(series("omem", effect=0.4, n=7))
        history, shares, *traces = page.axes
        assert len(history.get_yticklabels()) == 7
        assert shares.get_ylabel() == "share of neighbourhoods"
        units = [MEASURES[x].unit for x in ("victimization", "public_calls", "capacity")]
        assert [x.get_ylabel().replace("\n", " ") for x in traces] == units
        assert all(x.get_ylim()[0] == 0 for x in traces)

    def test_history_rows_are_sorted_and_coloured_by_zone(self) -> None:
        run = series("omem", effect=0, n=30)
        pixels = plot_series(run).axes[0].images[0].get_array()
        assert pixels.shape[:2] == (30, run.weeks[-1])
        first = [to_hex(x[:3] / 255) for x in np.asarray(pixels)[:, 0]]
        zones = sorted(run.values["zone"][0].astype(int))
        assert first == [COLOURS[Zone(z)] for z in zones]

    def test_unrecorded_measures_are_left_out(self) -> None:
        run = series("omem", effect=0)
        run.values = {"zone": run.values["zone"]}
        assert len(plot_series(run).axes) == 2
        assert any("calls were not recorded" in x for _, page in _figures(run) for x in texts(page))

    @pytest.mark.parametrize(("n", "years"), [(1, 0.1), (1, 30), (158, 1)])
    def test_sizes(self, n: int, years: float) -> None:
        page = plot_series(series("omem", effect=0.2, n=n, years=years))
        assert page._repr_png_().startswith(b"\x89PNG")


class TestFailures:
    def test_what_failed_is_left_out_and_counted(self) -> None:
        study = comparison(["reactive", "omem", "broken"], n=3)
        for key in [("reactive", 0), ("broken", 0), ("broken", 1), ("broken", 2)]:
            del study.scalars[key]
        pages = dict(comparison_figures(study))
        assert len(pages["zones_over_time"].axes) == 2
        assert any("Mean over 2 to 3 replicates." in x for x in texts(pages["zones_over_time"]))
        assert any("One of 2 towns" in x for x in texts(pages["map"]))

    def test_no_picture_of_a_replicate_nobody_shares(self) -> None:
        study = comparison(["reactive", "omem"], n=2)
        del study.scalars["reactive", 0], study.scalars["omem", 1]
        pages = dict(comparison_figures(study))
        assert "zones_over_time" in pages
        assert "map" not in pages
        assert "wheel_before_after" not in pages


def test_finding_agrees_with_the_paired_statistics(three: dict[str, Page]) -> None:
    study = comparison(EIGHT[:3], n=4)
    mine, base = (
        [study.scalars[name, r]["victimization"] for r in range(4)] for name in ("omem", "reactive")
    )
    known = paired_difference(mine, base)
    share = 100 * abs(known.difference / known.baseline_mean)
    assert share_better(mine, base, about("victimization").better) == 1
    (line,) = [x for x in texts(three["victimization_over_time"]) if x.startswith("In the last")]
    assert f"omem {share:.0f}% lower" in line
