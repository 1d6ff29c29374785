"""Toronto's open data, as the police publish them, go from file to report with two commands."""

from __future__ import annotations

import csv
import shlex
from pathlib import Path

import pytest

from omemsim.cli import main
from omemsim.report import FILE
from tests.unit.test_tables import TORONTO, needs_toronto

# What the police call their columns, by those of the tidy table.
HEADS = {
    "assault": "ASSAULT",
    "auto_theft": "AUTOTHEFT",
    "bike_theft": "BIKETHEFT",
    "break_enter": "BREAKENTER",
    "homicide": "HOMICIDE",
    "robbery": "ROBBERY",
    "theft_from_mv": "THEFTFROMMV",
    "theft_over": "THEFTOVER",
}
QUICK = ["town.scale=1000", "years=0.1", "spin_up_years=0.1", "replicates=1", "workers=1"]


def as_published(path: Path) -> None:
    """Write Toronto's table in the police's form: a count and a rate for each crime and year."""
    with open(TORONTO, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    places: dict[str, dict[str, str]] = {}
    for row in rows:
        place = places.setdefault(
            row["id"], {"AREA_NAME": row["name"], "HOOD_ID": row["id"], "POPULATION_2024": ""}
        )
        if row["year"] == "2024":
            place["POPULATION_2024"] = row["population"]
        for key, head in HEADS.items():
            rate = 100_000 * float(row[key]) / float(row["population"])
            place[f"{head}_{row['year']}"] = row[key]
            place[f"{head}_RATE_{row['year']}"] = f"{rate:.4f}"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(next(iter(places.values()))))
        writer.writeheader()
        writer.writerows(places.values())


@needs_toronto
def test_raw_columns_become_a_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    as_published(tmp_path / "neighbourhood-crime-rates.csv")

    assert main(["diagnose", "neighbourhood-crime-rates.csv", "fit=no", "language=en"]) == 0
    said = capsys.readouterr().out
    assert "158 neighbourhoods, 3,179,220 residents" in said  # POPULATION_2024, as published
    assert "1 Yonge-Bay Corridor     red" in said
    (line,) = [x for x in said.splitlines() if x.startswith("Try next: ")]
    words = shlex.split(line.removeprefix("Try next: "))
    assert words[:2] == ["omemsim", "compare"]
    assert words[-1] == "town.scale=20"

    assert main([*words[1:-1], *QUICK, "report=yes", "out=made"]) == 0
    text = (tmp_path / "made" / FILE).read_text(encoding="utf-8")
    assert "<h1>Neighbourhood-crime-rates: present practice or OMEM?</h1>" in text
    assert "has 3,179,220 residents in 158 neighbourhoods" in text
    assert "Zones diagnosed, and zones at the start" in text
    assert "omemsim validate town=neighbourhood-crime-rates.csv" in text
