"""`om.validate`, `om.trial` and `om.diagnose`: what the commands say, from Python."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import omemsim as om
from omemsim.vocabulary.errors import InputError

TINY = ["town.residents=400", "town.neighbourhoods=4", "spin_up_years=0.1"]
TABLE = """id,name,Residents_2023,assault,break_and_enter,calls
a,Riverside,12000,600,500,9000
b,Hill,9000,15,30,1100
c,Old Mill,15000,120,200,6600
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_trial_takes_numpy_s_numbers_and_its_runs_are_kept(here: Path) -> None:
    asked: dict[str, Any] = {
        "town": "small",
        "what": "patrol",
        "dose": np.float64(4),
        "share": 0.5,
        "baseline": np.int64(8),
        "weeks": 8,
        "follow": 0,
        "outcome": "fear",
        "overrides": TINY,
        "replicates": np.int64(2),
        "workers": 1,
        "progress": False,
    }
    found = om.trial(**asked)
    assert found.design.dose == 4
    assert found.work.reused == 0
    assert not found.work.failures
    assert len(found.table()) == len(found.found)
    assert len(found.towns()) == 2 * len(found.found)
    assert repr(found) == "<Trial: patrol in town small; 2 towns, outcome fear>"
    assert found.text()
    assert om.trial(**asked).work.reused == 2
    assert om.trial(**{**asked, "dose": 5.0}).work.reused == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"dos": 3}, "A trial has no 'dos'. Did you mean 'dose'"),
        ({"weeks": 0}, "weeks = 0: must be a whole number from 1"),
        ({"dose": "much"}, "dose = 'much': must be a number"),
        ({"replicates": 1}, "replicates = 1: must be a whole number from 2"),
        ({"overrides": ["years=2"]}, "years= does nothing here"),
        ({"overrides": ["record.every=1"]}, "does nothing here"),
        ({"what": "patrl"}, "patrl"),
    ],
)
def test_a_trial_that_cannot_be_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as refused:
        om.trial(town="small", **wrong)
    assert said in str(refused.value)


def test_a_pattern_is_judged(here: Path) -> None:
    asked: dict[str, Any] = {
        "town": "small",
        "replicates": 2,
        "zero": False,
        "overrides": TINY,
        "workers": 1,
        "progress": False,
    }
    found = om.validate("P5b", **asked)
    assert [one.pattern.pattern for one in found.scores] == ["P5b"]
    assert len(found.table()) == 1
    assert repr(found) == f"<Validation: town small; 1 {found.scores[0].verdict}>"
    assert "P5b" in found.text()
    assert om.validate("P5b", **asked).work.reused == len(found.work.planned)
    with pytest.raises(InputError, match="P5z"):
        om.validate("P5z", **asked)


def test_a_table_is_diagnosed(here: Path) -> None:
    (here / "mine.csv").write_text(TABLE)
    words = ["town.columns.violence=assault", "town.columns.property=break_and_enter"]
    words.append("town.columns.population=Residents_2023")
    found = om.diagnose(here / "mine.csv", overrides=words)
    assert {row.name for row in found.rows} == {"Riverside", "Hill", "Old Mill"}
    assert repr(found).startswith("<Diagnosis: mine.csv; ")
    with pytest.raises(InputError, match="is a synthetic town"):
        om.diagnose(town="small")
    with pytest.raises(InputError, match="Name a table or a town"):
        om.diagnose()
