"""`omemsim compare ... report=yes`: the file beside the others, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from omemsim.cli import main

pytestmark = pytest.mark.usefixtures("undrawn")

TINY = ["town=small", "town.residents=300", "town.neighbourhoods=3", "years=0.3"]
TINY += ["spin_up_years=0.2", "replicates=2", "uncertainty=no", "workers=1"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_report_is_written_beside_the_other_results(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compare", "omem", *TINY, "out=x"]
    assert main(words) == 0
    capsys.readouterr()
    assert not (here / "x" / "report.html").exists()
    # The same study again, its runs kept: a report is no other study.
    assert main([*words, "report=true", "language=fr"]) == 0
    said = capsys.readouterr().out
    assert "all from the store" in said
    assert "comparison.xlsx, provenance.json, report.html" in said
    text = (here / "x" / "report.html").read_text(encoding="utf-8")
    assert '<html lang="fr">' in text
    assert "report=true language=fr</code>" in text
    assert "Le choix et le verdict" in text
    # The command that the page names makes the same page.
    assert main([*words, "report=true", "language=fr"]) == 0
    assert (here / "x" / "report.html").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("report=maybe", "report = 'maybe': must be yes or no."),
        ("language=de", "language = 'de': must be one of en, fr."),
        ("language=fr", "language= does nothing without report=yes: add it."),
    ],
)
def test_what_makes_no_report_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str], word: str, said: str
) -> None:
    assert main(["compare", "omem", *TINY, word]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert "Traceback" not in told.err
    assert list(here.iterdir()) == []


def test_without_the_extra_there_is_a_report_and_no_workbook(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    assert main(["compare", "omem", *TINY, "out=x", "report=yes"]) == 0
    said = capsys.readouterr().out
    assert "comparison.xlsx is left out: a workbook needs the package openpyxl" in said
    assert (here / "x" / "report.html").exists()
    assert not (here / "x" / "comparison.xlsx").exists()
