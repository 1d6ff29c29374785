"""docs/assumptions.md says what the declarations say, and orders it as it says it does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from omemsim.analysis.assumptions import STATUSES, entries, read_influence, status_of
from omemsim.cli.describe import TOPICS
from omemsim.cli.ledger import COMMAND, page
from omemsim.inputs.config import config_root
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import Parameters, declarations

FILE = Path(__file__).resolve().parents[2] / "docs" / "assumptions.md"
STUDY = config_root() / "sensitivity.csv"


def section(text: str, head: str) -> list[str]:
    part = text.split(f"## {head}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([\w.]+)`", part, re.M)


def test_the_page_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == page(), f"docs/assumptions.md: run {COMMAND}"
    assert TOPICS["assumptions"]() == page().rstrip()


def test_every_parameter_is_in_it_once() -> None:
    listed = section(page(), "All parameters")
    assert listed == [item.path for item in declarations(Parameters)]
    assert {entry.status for entry in entries({})} == STATUSES.keys()


def test_the_ten_first_are_assumed_and_the_most_influential() -> None:
    influence = read_influence(STUDY).influence
    first = section(page(), "The ten that matter most and are least known")
    known = {entry.item.path.removeprefix("parameters."): entry for entry in entries(influence)}
    assert len(first) == 10
    assert all(known[name].status == "assumed" for name in first)
    shares = [known[name].share for name in first]
    assert shares == sorted(shares, reverse=True)
    rest = [x.share for name, x in known.items() if x.status == "assumed" and name not in first]
    assert min(shares) >= max(rest)
    assert shares[0] > 0


def test_the_study_is_of_parameters_that_there_are() -> None:
    influence = read_influence(STUDY).influence
    assert influence.keys() <= {item.path for item in declarations(Parameters, "parameters.")}
    assert len(influence) > 200


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("assumed; seed 001", "assumed"),
        ("chosen: strategies are offered equal hours", "chosen"),
        ("derived: GSS 2019", "derived"),
        ("fitted so that a town has GSS 2019's 83", "derived"),
        ("evidence: weeks", "derived"),
        ("GSS 2009", "measured"),
        ("Sorg et al. 2013", "measured"),
    ],
)
def test_a_source_says_how_well_a_number_is_known(source: str, status: str) -> None:
    assert status_of(source) == status


def test_a_file_that_is_no_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read it"):
        page(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match=r"is not a sensitivity\.csv"):
        page(tmp_path / "a.csv")
