"""Designs: what they hold, that they repeat, and that larger ones hold the smaller."""

import json
from pathlib import Path

import numpy as np
import pytest

from omemsim.study.design import KINDS, MORRIS_LEVELS, design, points_of_file, read_points
from omemsim.study.factors import Factor, factors_of
from omemsim.vocabulary.errors import InputError

A = Factor("parameters.feel.pace", 2.0, 20.0)
B = Factor("strategy.survey_size", 0, 9, is_whole=True)
C = Factor("strategy.hand_over", values=(True, False))


def test_a_grid_holds_every_combination_with_both_ends() -> None:
    made = design("grid", [A, C], n=3)
    pairs = [(p[A.path], p[C.path]) for p in made.points]
    assert pairs == [(x, y) for x in (2.0, 11.0, 20.0) for y in (True, False)]


def test_a_zip_goes_side_by_side_and_needs_equal_lengths() -> None:
    made = design("zip", [A, C])
    assert [tuple(p.values()) for p in made.points] == [(2.0, True), (20.0, False)]
    with pytest.raises(InputError, match="as many values"):
        design("zip", [C, Factor("strategy.money", values=(1, 2, 3))])


def test_a_latin_hypercube_covers_each_range_evenly() -> None:
    made = design("latin", [A, B], n=10, seed=3)
    assert made.unit is not None
    for column in made.unit.T:
        assert sorted((column * 10).astype(int)) == list(range(10))
    assert sorted(p[B.path] for p in made.points) == list(range(10))
    assert made.points == design("latin", [A, B], n=10, seed=3).points
    assert made.points != design("latin", [A, B], n=10, seed=4).points


def test_sobol_has_saltelli_s_blocks() -> None:
    n, made = 8, design("sobol", [A, B, C], n=8, seed=1)
    assert made.unit is not None
    assert len(made.points) == n * 5
    a, b, *mixed = made.unit.reshape(5, n, 3)
    for i, block in enumerate(mixed):
        assert np.array_equal(block[:, i], b[:, i])
        others = [j for j in range(3) if j != i]
        assert np.array_equal(block[:, others], a[:, others])


@pytest.mark.parametrize("kind", ["sobol", "morris"])
def test_a_larger_sample_holds_the_smaller(kind: str) -> None:
    small, large = (design(kind, [A, B], n=n, seed=5).points for n in (4, 8))
    texts = {json.dumps(p) for p in large}
    assert {json.dumps(p) for p in small} < texts


def test_morris_changes_one_factor_at_a_time_by_the_same_step() -> None:
    made = design("morris", [A, B, C], n=20, seed=0)
    assert made.unit is not None
    steps = np.diff(made.unit.reshape(20, 4, 3), axis=1)
    size = MORRIS_LEVELS / (2 * (MORRIS_LEVELS - 1))
    assert ((steps != 0).sum(axis=2) == 1).all()
    assert ((steps != 0).sum(axis=1) == 1).all()
    assert np.allclose(np.abs(steps[steps != 0]), size)
    assert {round(x, 6) for x in made.unit.ravel()} <= {0, 0.333333, 0.666667, 1}
    assert (steps > 0).any()
    assert (steps < 0).any()


def test_morris_finds_the_effects_of_a_line_and_agrees_with_salib() -> None:
    made = design("morris", [Factor(f"parameters.x{i}", 0.0, 1.0) for i in range(3)], n=30)
    assert made.unit is not None
    slopes = np.array([3.0, -1.0, 0.0])
    values = made.unit @ slopes + made.unit[:, 0] * made.unit[:, 1]
    steps = np.diff(made.unit.reshape(30, 4, 3), axis=1)
    effects = np.diff(values.reshape(30, 4), axis=1)[:, :, None] / np.where(steps, steps, np.inf)
    means = effects.sum(axis=1).mean(axis=0)
    assert means == pytest.approx([3.5, -0.5, 0.0], abs=0.15)
    morris = pytest.importorskip("SALib.analyze.morris")
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    theirs = morris.analyze(problem, made.unit, values, num_levels=MORRIS_LEVELS)
    assert means == pytest.approx(np.asarray(theirs["mu"]), abs=1e-9)


def test_whole_numbers_and_choices_get_equal_parts() -> None:
    shares = np.linspace(0, 1, 1001)
    whole = [B.at(share) for share in shares]
    assert set(whole) == set(range(10))
    assert all(isinstance(x, int) for x in whole)
    counts = np.bincount(whole)
    assert counts.max() - counts.min() <= 2
    assert [C.at(share) for share in (0, 0.49, 0.51, 1)] == [True, True, False, False]
    assert A.at(1.0) == 20.0


def test_a_list_is_read_from_a_file(tmp_path: Path) -> None:
    rows = [{"parameters.feel.pace": 3.5, "strategy.hand_over": False}]
    (tmp_path / "p.json").write_text(json.dumps(rows))
    (tmp_path / "p.csv").write_text("parameters.feel.pace,strategy.hand_over\n3.5,false\n")
    assert points_of_file(tmp_path / "p.json") == points_of_file(tmp_path / "p.csv") == rows
    made = design("list", points=rows)
    assert made.points == tuple(rows)
    assert made.names == ["parameters.feel.pace", "strategy.hand_over"]


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("a.csv", "a,b\n1\n", "line 2"),
        ("a.csv", "", "at least one"),
        ("a.json", "{", "cannot be read as points"),
        ("a.json", '{"a": 1}', "must hold points"),
        ("none.csv", None, "cannot read it"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path, name, text, match) -> None:  # type: ignore[no-untyped-def]
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=match):
        points_of_file(tmp_path / name)


@pytest.mark.parametrize(
    ("kind", "factors", "n", "match"),
    [
        ("sobel", [A], 4, "Did you mean 'sobol'"),
        ("sobol", [A], 6, "powers of 2: 4 or 8"),
        ("latin", [], 4, "nothing varies"),
        ("latin", [A, A], 4, "varies twice"),
        ("latin", [A], 0, "at least 1"),
        ("grid", [A] + [Factor(f"x{i}", 0.0, 1.0) for i in range(9)], 10, "10,000,000,000 points"),
        ("list", [A], None, "list"),
    ],
)
def test_what_makes_no_design_is_refused(kind, factors, n, match) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=match):
        design(kind, factors, n=n)
    assert len(KINDS) == 6


def test_points_must_set_the_same_keys() -> None:
    with pytest.raises(InputError, match="Point 1 sets b"):
        design("list", points=[{"a": 1}, {"b": 1}])


def test_a_text_becomes_a_factor() -> None:
    assert factors_of("parameters.feel.pace", "2..20")[0].ends() == (2.0, 20.0)
    assert factors_of("strategy.survey_size", "0..50")[0].is_whole
    assert factors_of("strategy.hand_over", "default")[0].values == (False, True)
    assert "need" in factors_of("strategy.allocation", "default")[0].values
    assert factors_of("strategy.money", "1,2,5")[0].values == (1, 2, 5)
    assert factors_of("strategy", "omem,reactive")[0].values == ("omem", "reactive")
    declared = factors_of("strategy.precision", "default")[0]
    assert declared.ends() == (0.0, 1.0)
    group = factors_of("parameters.zones", "default")
    assert {f.path for f in group} >= {"parameters.zones.trust", "parameters.zones.weeks_up"}
    assert str(declared) == "strategy.precision=0..1"


@pytest.mark.parametrize(
    ("key", "text", "match"),
    [
        ("parameters.feel.pase", "1..2", "Did you mean 'parameters.feel.pace'"),
        ("parameters.feel", "1..2", "group of keys"),
        ("strategy.precision", "0.5..2", "from 0 to 1"),
        ("strategy.precision", "0.9..0.2", "must be below"),
        ("strategy.precision", "0.5", "two values or more"),
        ("strategy.precision", "0.5,0.5", "two values or more"),
        ("strategy.precision", "0.5,abc", "from 0 to 1"),
        ("strategy.hand_over", "0..1", "no number"),
        ("town.name", "default", "no bounds of its own"),
    ],
)
def test_a_text_that_is_no_factor_is_refused(key: str, text: str, match: str) -> None:
    with pytest.raises(InputError, match=match):
        factors_of(key, text)


HEADS = {
    "results": "arm,point,{keys},replicate,victimization,zone",
    "wide": "study,arm,point,replicate,run_id,town,strategy,{keys},victimization,zone",
    "tidy": "study,arm,point,replicate,run_id,town,strategy,{keys},measure,unit,value",
}


def table_of_results(kind: str, points: list[tuple[str, ...]], keys: str) -> str:
    """Return a table as a sweep writes it: two arms, three replicates, arm by arm."""
    lines = [HEADS[kind].format(keys=keys)]
    for arm in ("omem", "reactive"):
        for number, values in enumerate(points):
            for r in range(3):
                said = ",".join(values)
                run = f"s,{arm},{number},{r},9f,small,{arm},{said}"
                rows = {
                    "results": [f"{arm},{number},{said},{r},{9.5 + r},1"],
                    "wide": [f"{run},{9.5 + r},1"],
                    "tidy": [f"{run},victimization,per 1000,{9.5 + r}", f"{run},zone,mean,1"],
                }
                lines += rows[kind]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("kind", HEADS)
def test_a_table_of_results_gives_each_of_its_points_once(kind: str, tmp_path: Path) -> None:
    keys = "parameters.feel.pace,strategy.hand_over,strategy.allocation"
    is_export = kind != "results"
    text, true = ('"""need"""', "true") if is_export else ("need", "True")
    points = [("3.5", true, text), ("2", true, text), ("11", true, text)]
    (tmp_path / "r.csv").write_text(table_of_results(kind, points, keys))
    found, note = read_points(tmp_path / "r.csv")
    assert [list(point.values()) for point in found] == [
        *([3.5, True, "need"], [2, True, "need"], [11, True, "need"]),
    ]
    assert {tuple(point) for point in found} == {tuple(keys.split(","))}
    columns = len(HEADS[kind].split(",")) - 1  # without the place of the keys
    assert note.startswith(f"{tmp_path / 'r.csv'}: is a table of results. Its 3 points of param")
    assert f"its other {columns} columns are left out" in note
    assert design("list", points=found).n == 3


@pytest.mark.parametrize("kind", HEADS)
def test_where_strategies_varied_they_are_part_of_the_points(kind: str, tmp_path: Path) -> None:
    said = ['"""omem"""', '"""reactive"""'] if kind != "results" else ["omem", "reactive"]
    points = [(said[0], "2"), (said[1], "2"), (said[1], "7.25")]
    text = table_of_results(kind, points, "strategy,parameters.feel.pace")
    (tmp_path / "r.csv").write_text(text)
    found, _ = read_points(tmp_path / "r.csv")
    assert [(point["strategy"], point["parameters.feel.pace"]) for point in found] == [
        *(("omem", 2), ("reactive", 2), ("reactive", 7.25)),
    ]


def test_a_table_of_two_studies_or_of_no_key_is_refused(tmp_path: Path) -> None:
    one = table_of_results("results", [("2",), ("3",)], "parameters.feel.pace")
    (tmp_path / "two.csv").write_text(one + one.replace(",2,", ",5,").partition("\n")[2])
    with pytest.raises(InputError, match="several studies"):
        read_points(tmp_path / "two.csv")
    (tmp_path / "none.csv").write_text("arm,point,replicate,zone\nomem,0,0,1\n")
    with pytest.raises(InputError, match="holds no points"):
        read_points(tmp_path / "none.csv")
