"""docs/glossary.md has every term of the vocabulary, and docs/sources.md every short source."""

import re
from pathlib import Path

import pytest

from omemsim.measures import MEASURES
from omemsim.vocabulary.parameters import Parameters, declarations
from omemsim.vocabulary.wheel import (
    ZONE_TITLES,
    Area,
    Pillar,
    Precursor,
    Sector,
    Tactic,
    Zone,
)

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
SOURCES = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")


def rows(title: str) -> dict[str, list[str]]:
    """Return the cells of a section's rows by their first cell, without backticks."""
    section = GLOSSARY.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    found = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:2] == "| "]
    return {first.strip("`"): rest for first, *rest in found[1:]}


def test_every_zone_is_in_it_with_its_title() -> None:
    listed = rows("Zones")
    assert list(listed) == [zone.name.lower() for zone in Zone]
    for zone, title in ZONE_TITLES.items():
        assert listed[zone.name.lower()][0] == title


def test_every_tactic_is_in_it_with_its_zone() -> None:
    listed = rows("Tactics")
    for tactic in Tactic:
        zone = "any" if tactic.use.zone is None else tactic.use.zone.name.lower()
        assert listed.pop(tactic.name.lower())[0] == zone
    assert listed == {}


@pytest.mark.parametrize(
    ("kind", "term"),
    [(Pillar, "pillar"), (Area, "area"), (Sector, "sector"), (Precursor, "precursor")],
)
def test_every_label_is_in_it(kind: type[Pillar], term: str) -> None:
    text = rows("Pillars, areas, sectors")[term][0]
    assert [x.name for x in kind if x.name.lower().replace("_", " ") not in text] == []


def test_every_level_of_a_measure_is_in_it() -> None:
    assert rows("Levels").keys() == {measure.level for measure in MEASURES.values()}


def test_every_short_source_of_a_parameter_is_explained() -> None:
    cited = " ".join(item.source for item in declarations(Parameters))
    seeds = set(re.findall(r"\d{3}\b", " ".join(re.findall(r"seeds? [\d, and]+", cited))))
    assert seeds
    for name in [f"seed {number}" for number in sorted(seeds)] + ["practice.md", "evidence"]:
        assert re.search(rf"^\| {re.escape(name)} \|", SOURCES, re.MULTILINE), name


@pytest.mark.parametrize("page", ["docs/assumptions.md", "docs/odd.md", "README.md"])
def test_the_sources_are_linked(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert re.search(r"\]\((docs/)?sources\.md\)", text)
