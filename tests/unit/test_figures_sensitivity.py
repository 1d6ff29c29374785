"""Figures of indices, effects, the noise budget and worlds show the numbers they are given."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from matplotlib.axes import Axes

from omemsim.figures.budget import noise_figure, parameter_sets_figure
from omemsim.figures.page import Page, write
from omemsim.figures.sensitivity import MOST_ROWS, morris_figure, sobol_figure
from omemsim.study.indices import IndexEstimate, Morris, Sobol, morris_analysis, sobol_analysis
from omemsim.study.noise import NoiseBudget, noise_budget, share_of_worlds

FROM = "omemsim 9.8.7 · town small"


def sobol(d: int = 4, *, replicates: int = 3, sd: float = 0.1) -> Sobol:
    """Return the indices of a sum in which every parameter counts less than the one before."""
    rng, n = np.random.default_rng(1), 64
    a, b = rng.random((2, n, d))
    points = np.concatenate([a, b, *(np.where(np.arange(d) == i, b, a) for i in range(d))])
    outcome = points @ (1 / np.arange(1, d + 1))
    values = outcome[:, None] + rng.normal(0, sd, (outcome.size, replicates))
    names = [f"parameters.feel.number_{i}" for i in range(d)]
    return sobol_analysis(values, n=n, names=names)


def morris(d: int = 12) -> Morris:
    rng, points = np.random.default_rng(2), []
    for _ in range(10):
        x = rng.integers(0, 2, d) / 3
        points.append(x)
        for i in rng.permutation(d):
            x = x + np.eye(d)[i] * 2 / 3
            points.append(x)
    table = np.array(points)
    outcome = table @ np.where(np.arange(d) < d // 2, -3.0, 0.0) + 2 * table[:, 0] * table[:, 1]
    values = outcome[:, None] + rng.normal(0, 0.1, (outcome.size, 2))
    return morris_analysis(values, points=table, names=[f"parameters.act.p_{i}" for i in range(d)])


def budget(*sds: float) -> NoiseBudget:
    rng = np.random.default_rng(3)
    shapes = ((12, 1, 1), (12, 3, 1), (12, 3, 2))
    return noise_budget(sum(sd * rng.normal(0, 1, s) for sd, s in zip(sds, shapes, strict=True)))


def words(page: Page) -> str:
    return " ".join(text.get_text() for text in page.texts)


def drawn(axes: Axes, gid: str) -> list[object]:
    return [x for x in (*axes.lines, *axes.patches, *axes.texts) if x.get_gid() == gid]


def test_sobol_rows_are_sorted_and_their_dots_are_the_indices() -> None:
    found = sobol()
    page = sobol_figure(found, outcome="victimization", provenance=FROM)
    (axes,) = page.axes
    dots = [line for line in axes.lines if line.get_gid() == "dot"]
    totals = [float(line.get_xdata()[0]) for line in dots[::2]]  # type: ignore[index]
    assert totals == pytest.approx([found.total[name].value for name in found.ranked()])
    assert totals == sorted(totals, reverse=True)
    lines = [line for line in axes.lines if line.get_gid() == "interval"]
    assert len(lines) == 2 * len(found.names)
    assert "feel: number 0" in words(page)
    assert "95% bootstrap interval" in words(page)
    assert "Noise between replicates is removed" in words(page)


def test_sobol_of_many_parameters_says_how_many_are_not_shown() -> None:
    page = sobol_figure(sobol(30, replicates=1), outcome="fear", provenance=FROM)
    assert len(drawn(page.axes[0], "dot")) == 2 * MOST_ROWS
    assert "6 more parameters have smaller total indices" in words(page)
    assert "Noise between replicates" not in words(page)


def test_sobol_without_variance_draws_no_dot() -> None:
    none = IndexEstimate(np.nan, np.nan, np.nan)
    found = Sobol(("a",), {"a": none}, {"a": none}, 0.0, 1.0, 64, 0, 2)
    page = sobol_figure(found, outcome="fear", provenance=FROM)
    assert drawn(page.axes[0], "dot") == []
    assert "do not move fear more than noise does" in words(page)


def test_morris_marks_all_and_names_those_that_noise_cannot_explain() -> None:
    found = morris()
    page = morris_figure(found, outcome="victimization", unit="incidents", provenance=FROM)
    (axes,) = page.axes
    assert len(drawn(axes, "effect")) == len(found.names)
    assert len(drawn(axes, "floor")) == 1
    names = [text for text in axes.texts if text.get_gid() == "name"]
    clear = {f"act: p {name.rsplit('_', 1)[1]}" for name in found.above_noise()}
    assert {f"act: p {i}" for i in range(6)} <= clear
    assert len(clear) < len(found.names)
    assert {text.get_text() for text in names} <= clear
    assert len(names) >= 3
    renderer = page.canvas.get_renderer()  # type: ignore[attr-defined]
    page.draw(renderer)
    boxes = [text.get_window_extent(renderer).shrunk(0.9, 0.6) for text in names]
    assert not [1 for one, other in combinations(boxes, 2) if one.overlaps(other)]


def test_the_bar_of_a_noise_budget_is_its_shares_and_negative_ones_are_told() -> None:
    budgets = {"Victimization": budget(3, 1, 1), "Fear of crime": budget(0, 0, 1)}
    page = noise_figure(budgets, provenance=FROM)
    (axes,) = page.axes
    for part in ("parameters", "town", "noise"):
        first, second = (x.get_width() for x in axes.patches if x.get_gid() == part)
        assert first == pytest.approx(budgets["Victimization"].shares[part].value)
        assert second >= 0
    widths = [x.get_width() for x in axes.patches]
    assert sum(widths) == pytest.approx(2)
    negative = [x.value for x in budgets["Fear of crime"].shares.values() if x.value < 0]
    assert negative, "this draw has a negative part"
    assert "Estimated below 0" in words(page)
    assert "95% bootstrap interval over parameter sets" in words(page)


def test_a_hyphen_in_the_title_of_a_negative_share_is_no_minus_sign() -> None:
    said = words(noise_figure({"Community-led initiatives": budget(0, 0, 1)}, provenance=FROM))
    assert "Estimated below 0" in said
    assert "Community-led initiatives, " in said
    assert ": −" in said


def test_a_share_of_worlds_stands_at_its_place() -> None:
    zeros = np.zeros(20)
    shares = {
        ("Victimization", "omem"): share_of_worlds(zeros - 1, zeros, "lower"),
        ("Fear of crime", "omem"): share_of_worlds([-1.0, 1] * 10, zeros, "lower"),
    }
    page = parameter_sets_figure(shares, baseline="reactive", provenance=FROM)
    dots = [line for line in page.axes[0].lines if line.get_gid() == "dot"]
    assert [float(x.get_xdata()[0]) for x in dots] == [1.0, 0.5]  # type: ignore[index]
    assert dots[1].get_markerfacecolor() == "white"  # the interval holds 50%
    assert "100% (83 to 100), 20" in words(page)


def test_files(tmp_path) -> None:
    page = parameter_sets_figure(
        {("Fear", "omem"): share_of_worlds([1.0], [2.0], "lower")}, baseline="b", provenance=FROM
    )
    assert [path.name for path in write(page, tmp_path, "worlds")] == ["worlds.png", "worlds.svg"]
