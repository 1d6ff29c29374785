"""`--write-mapping`: a file that reads the table as it is read now, and that can be corrected."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from tabled import save, town_of

from omemsim.inputs.config import CALLS_ONLY, compose_scenario
from omemsim.inputs.tables import read_blueprint, understood
from omemsim.inputs.tables.mapping import FIELDS
from omemsim.inputs.tables.mapping_file import mapping_text
from omemsim.inputs.tables.pivot import SHAPE

Call = Callable[..., subprocess.CompletedProcess[str]]
PLAIN = [["id", "name", "population", "assault", "theft", "poverty", "note: mine"]]
PLAIN += [[i, f"Area {i}: x", 1000 + i, 5 + i, 9, 10 + i, i] for i in range(4)]
YEARS = [["Ward", "Population", "Assault 2022", "Assault 2023"], ["A", 900, 3, 4], ["B", 800, 5, 6]]
LONG = [["Area", "Month", "Offence", "Count", "Population"]]
LONG += [[f"A{a}", f"2024-{m:02d}", k, 3 + a, 900] for a in range(3) for m in range(1, 13) for k in
         ("Theft", "Assault", "No. 3: other")]  # fmt: skip
RATES = [["Area", "Population", "Crime rate per 1000"], ["A", 900, 30], ["B", 800, 50]]


def mapping_of(path: Path, *words: str) -> str:
    town = compose_scenario(str(path), CALLS_ONLY, words).town
    return mapping_text(town, understood(town))


@pytest.mark.parametrize("rows", [PLAIN, YEARS, LONG, RATES])
@pytest.mark.parametrize("form", ["csv", "french", "xlsx"])
def test_it_reads_the_table_as_it_was_read(tmp_path: Path, rows: Any, form: str) -> None:
    path = save(tmp_path, rows, form)
    before = town_of(path)
    mapping = tmp_path / "mine.yaml"
    mapping.write_text(mapping_of(path), encoding="utf-8")
    after = read_blueprint(compose_scenario(str(mapping), CALLS_ONLY, []).town)
    assert (after.ids, after.names) == (before.ids, before.names)
    assert not any("recognized by its name" in note for note in after.notes)
    for name in ("violence", "property", "population", "deprivation"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))


def test_every_name_is_in_it_with_what_it_means(tmp_path: Path) -> None:
    text = mapping_of(save(tmp_path, PLAIN), "suppressed=2", "town.year=null")
    columns = yaml.safe_load(text)["columns"]
    assert columns.keys() == {"guess", *FIELDS} - set(SHAPE)
    assert columns["violence"] == ["assault"]
    assert columns["calls"] is None
    assert yaml.safe_load(text)["suppressed"] == 2
    for field in FIELDS.values():
        assert f"# {field.meaning}" in text
    assert "# recorded violent crimes in the year: 5, 6, 7, ..." in text
    assert "# Columns that nothing is read from: 'note: mine'." in text


def test_what_is_corrected_holds(tmp_path: Path) -> None:
    path = save(tmp_path, PLAIN)
    mapping = tmp_path / "mine.yaml"
    text = mapping_of(path).replace("violence: [assault]", "violence: ['note: mine']")
    mapping.write_text(text, encoding="utf-8")
    town = read_blueprint(compose_scenario(str(mapping), CALLS_ONLY, []).town)
    np.testing.assert_allclose(town.violence * town.population / 1000, range(4))


def test_the_command_writes_it_also_where_something_is_missing(
    omemsim: Call, tmp_path: Path
) -> None:
    save(tmp_path, [["Area", "Robbery"], ["A", 3], ["B", 4]], name="my town")
    done = omemsim("diagnose", "my town.csv", "--write-mapping")
    assert done.returncode == 2
    assert "omemsim diagnose town='my town-mapping.yaml'" in done.stdout
    path = tmp_path / "my town-mapping.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("population: null", "population: {assume: 4000}"), encoding="utf-8"
    )
    done = omemsim("diagnose", "town=my town-mapping.yaml")
    assert done.returncode == 0, done.stderr
    assert "my town: 2 neighbourhoods" in done.stdout
    done = omemsim("diagnose", "my town.csv", "--write-mapping")
    assert done.returncode == 2
    assert "is there already and is not overwritten" in done.stderr
    assert "assume: 4000" in path.read_text(encoding="utf-8")
