"""Plausible sets: read from a file, taken in turn, and what a comparison over them says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from omemsim.inputs.config import compose_scenario
from omemsim.study.plausible import (
    check_sets,
    over,
    read_sets,
    worlds_csv,
    worlds_in_words,
)
from omemsim.study.uncertain import OverSets
from omemsim.vocabulary.errors import InputError

PATH = "parameters.offend.violence"


def test_a_file_of_sets_is_read_as_json_or_as_a_table(tmp_path: Path) -> None:
    sets = [{PATH: 30.5}, {PATH: 60}]
    (tmp_path / "a.json").write_text(json.dumps({"sets": sets, "town": "city"}))
    (tmp_path / "b.json").write_text(json.dumps(sets))
    (tmp_path / "c.csv").write_text(f"{PATH}\n30.5\n60\n")
    for name in ("a.json", "b.json", "c.csv"):
        assert read_sets(tmp_path / name) == sets


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("a.json", "{", "cannot be read as parameter sets"),
        ("a.json", '{"sets": 3}', "must hold parameter sets"),
        ("a.json", '{"sets": []}', "holds no parameter set"),
        ("a.json", '[{"a": 1}, {"b": 1}]', "set 1 names other keys"),
        ("none.json", None, "cannot read it"),
    ],
)
def test_a_file_that_is_no_list_of_sets_is_refused(
    tmp_path: Path, name: str, text: str | None, match: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=match):
        read_sets(tmp_path / name)


def test_a_set_must_fit_and_not_be_set_twice() -> None:
    scenario = compose_scenario()
    with pytest.raises(InputError, match=r"Set 1 of uncertainty=.*from 0 to 1,000"):
        check_sets([{PATH: 3.0}, {PATH: -3.0}], scenario, [])
    with pytest.raises(InputError, match="is set, and the parameter sets"):
        check_sets([{PATH: 3.0}], scenario, [f"{PATH}=4"])
    check_sets([], scenario, [f"{PATH}=4"])


def made(gain: list[list[float]], sets: list[dict[str, float]]) -> OverSets:
    """Return runs in which omem lowers victimization by these gains, by set and town."""
    base = np.full(np.shape(gain), 300.0)
    values = {("reactive", "victimization"): base, ("omem", "victimization"): base - gain}
    values |= {(name, "caseload"): base for name in ("reactive", "omem")}
    return OverSets(sets, "a test's", "reactive", values)


def test_a_world_is_a_set_and_it_is_said_where_it_fails() -> None:
    sets = [{PATH: float(x), "parameters.feel.pace": 5.0 + x % 2} for x in range(20)]
    gain = [[5.0, 5.0] if x < 14 else [-5.0, -5.0] for x in range(20)]
    (found,) = over(made(gain, sets), ["victimization", "caseload"])
    assert (found.share.n, found.share.wins) == (20, 14)
    assert "offend: violence is high (middle of these 16.5)" in found.fails
    assert "pace" not in found.fails
    (said,) = worlds_in_words([found], "reactive")
    assert "on victimization in 14 of 20 parameter sets: 70% of plausible" in said
    assert said.endswith("(middle of these 16.5).")
    assert (
        worlds_csv([found], "reactive")
        .splitlines()[1]
        .startswith("victimization,omem,reactive,20,14,0,0.7,")
    )


def test_a_world_in_which_they_are_equal_is_not_where_it_fails() -> None:
    sets = [{PATH: float(x)} for x in range(20)]
    tied = [5.0 if x < 8 else -5.0 if x < 14 else 0.0 for x in range(20)]
    (found,) = over(made([[x] for x in tied], sets), ["victimization"])
    assert (found.share.wins, found.share.ties) == (8, 6)
    assert "offend: violence is high (middle of these 10.5)" in found.fails  # of 8 to 13
    (never,) = over(made([[max(x, 0.0)] for x in tied], sets), ["victimization"])
    assert never.fails == ""


def test_a_world_of_many_towns_counts_once_and_a_failed_one_not() -> None:
    gain = [[1.0, 1.0], [-1.0, 5.0], [2.0, np.nan]]
    (found,) = over(made(gain, [{PATH: 1.0}, {PATH: 2.0}, {PATH: 3.0}]), ["victimization"])
    assert (found.share.n, found.share.wins) == (2, 2)
    assert found.fails == ""
