"""A tactic, and a sector, are declared once: another one is a declaration, and what it does.

Each is added to a copy of the package by the edits listed here and no others; the copy then lives
some weeks in a process of its own.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import omemsim
from omemsim.inputs.config import config_root

PACKAGE = Path(omemsim.__file__).parent
TESTS = Path(__file__).resolve().parents[1]
Edits = dict[str, list[tuple[str, str]]]

# The declaration: name, number, labels, what it builds up, and the switch of its effect.
TACTIC = """    STREET_OUTREACH = Use(
        18, Zone.GREEN, Pillar.ENGAGEMENT, Area.PREVENTION,
        stock=Stock("bonds", "street outreach", 1.5, 10.0, "assumed"),
        switches=(Switch("bonds_calm", "Outreach lowers fear.", {"feel.fear_bonds": 0.0}),),
    )
# fmt: on
"""
ANOTHER_TACTIC: Edits = {
    "omemsim/vocabulary/wheel.py": [("# fmt: on\n", TACTIC)],
    # Its effect: a parameter, and the stage that reads the stock.
    "omemsim/vocabulary/parameters.py": [
        (
            "    fear_victim: float",
            '    fear_bonds: float = parameter(0.3, "per unit", 0, 1, "assumed", "Fear less.")\n'
            "    fear_victim: float",
        ),
    ],
    "omemsim/processes/feel.py": [
        ("voice education", "voice education bonds"),
        (
            "    fear_level: np.float32\n",
            "    fear_bonds: np.float32\n    fear_level: np.float32\n",
        ),
        (
            "        fear[n] = alarm - ",
            "        alarm -= p.fear_bonds * hoods.bonds[n]\n        fear[n] = alarm - ",
        ),
    ],
    # Its twin.
    "omemsim/reference/feel.py": [
        (
            "        fear=fear - ",
            "        fear=fear - group.fear_bonds * hood.bonds - ",
        ),
    ],
}
# A strategy that uses it.
STRATEGY = """name: outreach
description: Officers who know the street.
mix:
  all:
    street_outreach: 0.5
    patrol: 0.3
"""
ANOTHER_SECTOR: Edits = {
    "omemsim/vocabulary/wheel.py": [
        (
            "    COMMUNITY = Serves(6, risks=(Risk.NOISE,))\n",
            "    COMMUNITY = Serves(6)\n    MEDIATION = Serves(7, risks=(Risk.NOISE,))\n",
        ),
    ],
}


def copied(folder: Path, edits: Edits) -> None:
    """Copy the package into a folder, with edits."""
    without, configs = shutil.ignore_patterns("__pycache__"), folder / "omemsim" / "configs"
    shutil.copytree(PACKAGE, folder / "omemsim", ignore=without)
    shutil.copytree(config_root(), configs, dirs_exist_ok=True)  # where a wheel has them
    for name, pairs in edits.items():
        text = (folder / name).read_text(encoding="utf-8")
        for old, new in pairs:
            assert text.count(old) == 1, f"{name}: {old!r}"
            text = text.replace(old, new)
        (folder / name).write_text(text, encoding="utf-8")


def lived(folder: Path, what: str) -> dict[str, Any]:
    """Return what `added.py` found in the copy."""
    paths = os.pathsep.join([str(folder), str(TESTS)])
    env = {**os.environ, "PYTHONPATH": paths, "NUMBA_CACHE_DIR": str(folder / "cache")}
    done = subprocess.run(
        [sys.executable, str(TESTS / "added.py"), what],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["package"] == str(folder / "omemsim" / "__init__.py")
    return found


@pytest.fixture(scope="module")
def with_tactic(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("tactic")
    copied(folder, ANOTHER_TACTIC)
    (folder / "omemsim/configs/strategy/outreach.yaml").write_text(STRATEGY, encoding="utf-8")
    return lived(folder, "tactic")


@pytest.fixture(scope="module")
def with_sector(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("sector")
    copied(folder, ANOTHER_SECTOR)
    return lived(folder, "sector")


def test_another_tactic_gets_hours_and_builds_up_its_stock(with_tactic: dict[str, Any]) -> None:
    """The stock follows by hand: half of 1.5 hours per 1,000 residents, memory of 10 weeks."""
    pace, bonds = 1 - 0.5 ** (1 / 10), [0.0] * 3
    for week in with_tactic["shown"]:
        assert week["measured"] == pytest.approx(sum(week["hours"]))
        for n, residents in enumerate(with_tactic["residents"]):
            hours = 1000 * week["hours"][n] / residents
            bonds[n] += pace * (hours / (hours + 1.5) - bonds[n])
        assert week["bonds"] == pytest.approx(bonds, rel=1e-5)
    assert min(with_tactic["shown"][-1]["hours"]) > 0.5
    assert min(bonds) > 0.1
    assert with_tactic["half"] == 1.5


def test_another_tactic_can_be_an_intervention(with_tactic: dict[str, Any]) -> None:
    ordered = [week["ordered"] for week in with_tactic["shown"]]
    asked = 3 * with_tactic["residents"][1] / 1000
    assert ordered == [pytest.approx([0, asked, 0])] * 4 + [[0, 0, 0]] * 2


def test_another_tactic_moves_no_number(with_tactic: dict[str, Any]) -> None:
    assert with_tactic["number"] == 18
    assert with_tactic["projects"] == [100, 101, 102]


def test_another_tactic_is_listed_under_its_zone(with_tactic: dict[str, Any]) -> None:
    green = with_tactic["described"].partition("\ngreen: ")[2].partition("\nblue: ")[0]
    assert "street_outreach" in green
    row = "| `street_outreach` | green | engagement | prevention | yes | `bonds` | `bonds_calm` |"
    assert row in with_tactic["odd"]
    for generated in ("`bonds_memory`", "`hours_street_outreach`", "18 street_outreach"):
        assert generated in with_tactic["odd"]


def test_another_tactic_s_switch_takes_its_effect_away(with_tactic: dict[str, Any]) -> None:
    assert (with_tactic["on"], with_tactic["off"]) == (0.3, 0.0)


@pytest.mark.parametrize("what", ["with_tactic", "with_sector"])
def test_the_twin_and_machine_code_agree_on_what_is_new(
    what: str, request: pytest.FixtureRequest
) -> None:
    found = request.getfixturevalue(what)
    assert found["differences"] == []
    assert found["problems"] == []


def test_another_sector_has_agencies_and_leads_the_cases_it_is_to_lead(
    with_sector: dict[str, Any],
) -> None:
    shown = with_sector["shown"]
    assert with_sector["number"] == 7
    assert all(week["sectors"] == list(range(8)) for week in shown)
    assert max(week["cases"] for week in shown) > 0
    assert max(week["others"] for week in shown) > 0
    assert "mediation\n    leads crises over noise." in with_sector["described"]


def test_another_sector_can_close(with_sector: dict[str, Any]) -> None:
    *before, last = [week["is_open"] for week in with_sector["shown"]]
    assert all(is_open == [1] * 8 for is_open in before)
    assert last == [1] * 7 + [0]
