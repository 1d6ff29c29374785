"""Every config in `configs/` composes and runs."""

import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml

from omemsim.inputs.config import choices, compose_scenario, config_root, setting_description
from omemsim.run import run_scenario
from omemsim.series import Series
from omemsim.strategies import shares_by_zone

SHORT = ["years=0.04", "spin_up_years=0.02"]  # two weeks, after one

CSV = """id,name,population,violence,property,low_income
1,Old Mill,4000,20,90,0.08
2,Harbour,3500,60,210,0.31
3,Upper Town,2500,9,60,0.12
"""


def two_weeks(town: str, strategy: str, words: Sequence[str] = ()) -> Series:
    return run_scenario(compose_scenario(town, strategy, [*SHORT, *words]), 0)


def test_there_are_configs() -> None:
    assert {"small", "city", "table", "toronto", "columbus"} <= set(choices("town"))
    assert {"reactive", "random_patrol", "hot_spots", "omem"} <= set(choices("strategy"))
    assert {"none", "bancroft", "kenora"} == set(choices("setting"))


@pytest.mark.parametrize("strategy", choices("strategy"))
def test_every_strategy_runs(strategy: str) -> None:
    series = two_weeks("small", strategy, ["town.residents=800"])
    assert series.weeks[-1] == 2
    assert all(np.isfinite(values).all() for values in series.values.values())


@pytest.mark.parametrize("strategy", choices("strategy"))
def test_every_strategy_says_what_it_is(strategy: str) -> None:
    levers = compose_scenario("small", strategy).strategy
    assert levers.name == strategy
    assert len(levers.description) > 20
    assert (shares_by_zone(levers.mix).sum(axis=1) <= 1 + 1e-9).all()


@pytest.mark.parametrize("town", choices("town"))
def test_every_town_runs(town: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    words: list[str] = []
    if town == "city":
        words = ["town.residents=10000"]
    elif town == "table":
        (tmp_path / "mine.csv").write_text(CSV, encoding="utf-8")
        words = [f"town.file={tmp_path / 'mine.csv'}"]
    elif town == "toronto":
        words = ["town.scale=200", *request.getfixturevalue("toronto")]
    elif town == "columbus":
        for library in ("geopandas", "libpysal"):
            if importlib.util.find_spec(library) is None:
                pytest.skip(f"{library} is not installed: pip install 'omemsim[geo]'")
    series = two_weeks(town, "omem", words)
    assert series.weeks[-1] == 2
    assert len(series.names) == len(set(series.ids))
    assert all(np.isfinite(values).all() for values in series.values.values())


@pytest.mark.parametrize("setting", choices("setting"))
def test_every_setting_runs(setting: str) -> None:
    scenario = compose_scenario(overrides=[*SHORT, f"setting={setting}"])
    series = run_scenario(scenario, 0)
    assert scenario.setting == setting
    assert series.weeks[-1] == 2
    assert all(np.isfinite(values).all() for values in series.values.values())


@pytest.mark.parametrize("setting", sorted({"bancroft", "kenora"}))
def test_a_setting_of_a_real_place_says_where_its_numbers_come_from(setting: str) -> None:
    text = (config_root() / "setting" / f"{setting}.yaml").read_text(encoding="utf-8")
    assert "Illustrative" in text.partition("name:")[0]
    assert setting_description(setting).startswith("Illustrative.")
    numbers = [line for line in text.splitlines() if re.match(r"\s+\w+: [-\d.]+\b", line)]
    assert len(numbers) >= 5
    for line in numbers:
        assert re.search(r"# (assumed|seed)", line), f"{line.strip()}: where is it from?"


@pytest.mark.parametrize("path", sorted(config_root().rglob("*.yaml")), ids=lambda p: p.stem)
def test_every_file_says_what_it_is_in_its_first_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    content = yaml.safe_load(text)
    if path.parent.name in ("town", "strategy", "setting"):
        assert content["name"] == path.stem
