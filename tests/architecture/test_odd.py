"""docs/odd.md says what the code declares: its tables are made anew, and nothing is left out."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from omemsim.cli.describe import TOPICS
from omemsim.cli.odd import BLOCK, COMMAND, fill, tables
from omemsim.processes import WEEK
from omemsim.vocabulary.columns import COLUMNS
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.mechanisms import OFF
from omemsim.vocabulary.parameters import Parameters, Strengths, declarations
from omemsim.vocabulary.wheel import STOCKS

ODD = Path(__file__).resolve().parents[2] / "docs" / "odd.md"
TEXT = ODD.read_text(encoding="utf-8")
BY_HAND = BLOCK.sub("", TEXT)
# The seven elements of the protocol and its eleven design concepts (Grimm et al. 2020).
ELEMENTS = (
    *("Purpose and patterns", "Entities, state variables and scales"),
    *("Process overview and scheduling", "Design concepts", "Initialization", "Input data"),
    "Submodels",
)
CONCEPTS = (
    *("Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction"),
    *("Sensing", "Interaction", "Stochasticity", "Collectives", "Observation"),
)
BY_TABLE = ("zones", "strength")  # groups that the text explains as a whole
# Parameters that are many of a kind; the text writes them once, as hours_<type>.
BY_PATTERN = (
    r"respond\.(hours|evening|night|emergency|urgent|limit)_\w+|reporting\.report_\w+|learn\.\w+_start"
    rf"|act\.({'|'.join(stock.name for stock in STOCKS.values())})_(half|memory)"
)


def section(head: str) -> str:
    """Return the hand-written text below a heading, up to the next of its level or above."""
    level = head.split()[0]
    found = re.search(
        rf"^{re.escape(head)}$(.*?)(?=^#{{1,{len(level)}}} |\Z)", BY_HAND, re.M | re.S
    )
    assert found, f"docs/odd.md has no heading {head!r}: write that section"
    return found[1]


@pytest.mark.parametrize(("number", "element"), [*enumerate(ELEMENTS, start=1)])
def test_every_element_of_the_protocol_is_there(number: int, element: str) -> None:
    assert len(section(f"## {number} {element}")) > 200


@pytest.mark.parametrize(("number", "concept"), [*enumerate(CONCEPTS, start=1)])
def test_every_design_concept_is_there(number: int, concept: str) -> None:
    assert len(section(f"### 4.{number} {concept}")) > 60


@pytest.mark.parametrize("name", list(tables()))
def test_every_table_is_there_and_says_what_the_code_declares(name: str) -> None:
    # One by one, so that the report names what is out of date.
    start = f"<!-- generated: {name} -->\n"
    block = f"{start}\n{tables()[name]()}\n\n<!-- end -->"
    assert TEXT.count(start) == 1, f"docs/odd.md needs one block {start!r}, then: {COMMAND}"
    assert block in TEXT, f"docs/odd.md is out of date. Run: {COMMAND}"


def test_no_block_is_left_unmade() -> None:
    assert fill(TEXT) == TEXT, f"docs/odd.md is out of date. Run: {COMMAND}"
    # A comment that is misspelt would be left alone for ever.
    quoted = 2  # in the text, where it says what a block is
    marks = 2 * len(BLOCK.findall(TEXT)) + quoted
    assert TEXT.count("<!-- ") == marks, "a comment of docs/odd.md is no block: is it misspelt?"


@pytest.mark.parametrize(("number", "stage"), [*enumerate(WEEK, start=1)])
def test_every_stage_is_a_submodel_with_its_reasons(number: int, stage: str) -> None:
    text = section(f"### 7.{number} {stage}")
    for part in ("*Assumption", "**Why.**"):
        assert part in text, f"docs/odd.md, section 7.{number}: {part!r} is missing"


@pytest.mark.parametrize("group", [item.name for item in fields(Parameters)])
def test_every_parameter_of_a_stage_is_explained_by_hand(group: str) -> None:
    words = set(re.findall(r"\w+", BY_HAND))
    for item in declarations(Parameters):
        name = item.path.removeprefix(f"{group}.")
        if name == item.path or group in BY_TABLE or re.fullmatch(BY_PATTERN, item.path):
            continue
        known = {name, f"{name}_parameter"} & words
        assert known, f"docs/odd.md says nowhere by hand what {item.path} does: add it to section 7"


def test_every_table_of_the_town_has_its_columns() -> None:
    for table in {column.table for column in COLUMNS}:
        block = f"`{table}`\n\n<!-- generated: columns {table} -->"
        assert block in TEXT, f"docs/odd.md, section 2.2, needs {block!r}, then: {COMMAND}"


def test_the_patterns_have_a_role_and_none_is_claimed_to_be_met() -> None:
    rows = re.findall(r"^\| (P\d+[a-c]?) \|.*\| (calibrate|hold out) \|", BY_HAND, re.M)
    assert len(rows) == len(dict(rows)) == 57
    assert {role for _, role in rows} == {"calibrate", "hold out"}
    assert "experiments/calibrate_city.sh" in section("### 1.2 Patterns")


def test_a_block_that_asks_for_no_table_is_refused() -> None:
    with pytest.raises(InputError, match=r"columns place.*columns places"):
        fill("<!-- generated: columns place -->\n<!-- end -->")


def test_mechanisms_are_described_with_what_they_set() -> None:
    said = TOPICS["mechanisms"]()
    for item in declarations(Strengths):
        assert item.doc in said
    for path in (path for off in OFF.values() for path in off):
        assert f"parameters.{path} = " in said
    every = TOPICS["odd"]()
    assert all(f"## {name}\n" in every for name in tables())
