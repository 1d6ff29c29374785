"""What is printed to be typed again runs when pasted, whatever the files are called."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from pathlib import Path

import pytest

import omemsim as om
from omemsim.cli import COMMANDS, _parser, main
from omemsim.cli.again import Ablation, Comparison
from omemsim.cli.words import Words, choice_of, read_words
from omemsim.inputs.config import compose_scenario
from omemsim.present.shell import bare, joined
from omemsim.study.compare import _describe

pytestmark = pytest.mark.usefixtures("undrawn")

TINY = ["town.residents=200", "town.neighbourhoods=2", "years=0.2", "spin_up_years=0.2"]
NAMES = ("a=b.yaml", "a, b.yaml", "my plan.yaml", "years=5.yaml", "-x.yaml", "it's $5;.yaml")
PRINTED = re.compile(
    r"(?:Try next: |repeat it alone: |Go on with the last: )(omemsim .*)$", re.MULTILINE
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "a folder, x=1"
    place.mkdir()
    monkeypatch.chdir(place)
    for number, name in enumerate(NAMES):
        (place / name).write_text(f"base: omem\nname: plan {number}, a=b\n")
    (place / "town, a=b.yaml").write_text("base: small\nname: a town\n")
    return place


def parsed(line: str) -> tuple[str, Words, argparse.Namespace]:
    """Return what a shell and then the command's own parser make of a printed line."""
    program, name, *rest = shlex.split(line)
    assert program == "omemsim"
    args = _parser(COMMANDS[name]).parse_intermixed_args(rest)
    varied = [word for word in args.words if word.startswith("vary.")]
    args.words = [word for word in args.words if word not in varied]
    return name, read_words(args), args


def same(one: str | None, other: str) -> bool:
    return one is not None and Path(one).resolve() == Path(other).resolve()


@pytest.mark.parametrize("file", NAMES)
def test_a_comparison_and_its_runs_can_be_typed_again(file: str) -> None:
    town = "town, a=b.yaml"
    mine = compose_scenario(town, bare(file)).strategy.name
    made = Comparison(town, {"reactive": "reactive", mine: file}, ("seed=3",), 4, mine)
    name, again, _ = parsed(joined(made.words(None)))
    assert name == "compare"
    assert again.names[0] == "reactive"
    assert same(again.names[1], file)
    assert (choice_of(again, "town"), again.own["replicates"]) == (town, "4")
    assert again.own["baseline"] == mine
    _, run, _ = parsed(made.alone(mine, 2))
    assert same(choice_of(run, "strategy"), file)
    assert run.own["replicate"] == "2"
    _, again, _ = parsed(_describe(mine, "a town", 2, made.asked()).partition("alone: ")[2])
    assert again.overrides == ["seed=3"]


@pytest.mark.parametrize("file", NAMES)
def test_an_ablation_and_its_runs_can_be_typed_again(file: str) -> None:
    mine = compose_scenario(None, bare(file)).strategy.name
    against = (f"--against={file}",)
    only = ("design+watch",)
    made = Ablation("small", ("omem", mine), (), file, "birth", only, against, 2)
    for line in (joined(made.words(only, 2)), made.alone(f"{mine} without watch", 1)):
        name, again, args = parsed(line)
        assert name == "ablate"
        assert same(again.names[0], file)
        assert same(args.against, file)
    assert again.own["only"] == "watch"


@pytest.mark.parametrize("file", NAMES[:4])
def test_every_command_with_a_file_prints_what_runs(
    file: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = "town=town, a=b.yaml"
    made = [
        ["run", f"strategy={file}", place, *TINY, "out=o, 1"],
        ["compare", "reactive", bare(file), place, *TINY, "replicates=1", "workers=1", "out=o=2"],
        [
            *("sweep", bare(file), place, "vary.parameters.feel.pace=2,3", "design=grid", *TINY),
            *("workers=1", "store=s=1/my store", "out=o 3"),
        ],
        ["ablate", bare(file), "only=watch", *TINY, "replicates=1", "workers=1", "out=o 4"],
        [
            *("ablate", bare(file), "--against", "only=watch", *TINY, "replicates=1"),
            *("workers=1", "out=o 5"),
        ],
        ["status", "./s=1/my store"],
    ]
    lines: list[str] = []
    for words in made:
        assert main(words) == 0, capsys.readouterr().err
        lines += PRINTED.findall(capsys.readouterr().out)
    assert len(lines) >= 5
    for line in lines:
        _, again, _ = parsed(line)
        chosen = [*again.names, choice_of(again, "strategy") or ""]
        assert any(same(name, file) for name in chosen), line
    ran = next(line for line in lines if " run " in line)
    assert main([*shlex.split(ran)[1:], "out=pasted"]) == 0, capsys.readouterr().err
    assert (folder / "pasted" / "series.csv").exists()


def test_a_word_that_is_no_file_is_still_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "reactive", "yaers=5"]) == 2
    assert "years" in capsys.readouterr().err
    assert main(["ablate", "omem", "against=reactive"]) == 2
    assert "write --against reactive" in capsys.readouterr().err
    assert main(["compare", "reactive", "omem", "years=5.yaml"]) == 2  # a key: no number
    assert "years" in capsys.readouterr().err


def test_a_value_left_out_does_not_swallow_the_next_word(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["ablate", "omem", "--against", "only=watch,trust", "replicates=2", *TINY]
    assert main([*words, "workers=1", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "2 switches off in turn, omem against present_practice, 2 replicates: 12 runs" in said


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        (["compare", "reactive", "omem", "hot_spots", "replicates=2"], "6 runs from 2 spin-ups"),
        (["ablate", "omem", "only=watch,design+tips", "replicates=2"], "6 runs from 2 spin-ups"),
        (["compare", "reactive", "omem", "precision=0.1"], "at most 1,000 replicates: 2,000 runs"),
    ],
)
def test_a_dry_run_says_the_size_and_leaves_nothing(
    words: list[str], runs: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(folder.iterdir())
    assert main([*words, *TINY, "workers=1", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert runs in said
    assert "By a timed pilot about" in said
    assert "on disk" in said
    assert sorted(folder.iterdir()) == before


def test_a_dry_run_counts_what_is_in_the_store(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compare", "reactive", "omem", *TINY, "workers=1"]
    assert main([*words, "replicates=1", "out=out"]) == 0
    capsys.readouterr()
    assert main([*words, "replicates=3", "--dry-run"]) == 0
    assert "4 runs from 2 spin-ups; 2 are in the store already" in capsys.readouterr().out
    assert main([*words, "replicates=1", "--dry-run"]) == 0
    assert "nothing to run, all 2 runs are in the store" in capsys.readouterr().out


def test_what_python_asked_for_can_be_typed_and_is_in_the_store(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = NAMES[1]
    events = [{"what": "crime", "where": ["most_harmed:0.5"], "from": 2, "size": 0.5}]
    tiny = {"town": {"residents": 200, "neighbourhoods": 2}, "spin_up_years": 0.2}
    made = om.Scenario(
        town="town, a=b.yaml",
        years=0.2,
        parameters={"feel": {"pace": 4.5}},
        overrides={**tiny, "events": events},
    )
    found = om.compare(
        "reactive", file, scenario=made, replicates=1, workers=1, progress=False, out=folder / "o"
    )
    line = json.loads((folder / "o" / "provenance.json").read_text())["command"]
    name, again, _ = parsed(line)
    assert name == "compare"
    assert same(again.names[1], file)
    assert "parameters.feel.pace=4.5" in again.overrides
    assert main([*shlex.split(line)[1:], "workers=1", "out=typed"]) == 0
    assert "2 runs, all from the store" in capsys.readouterr().out
    typed = (folder / "typed" / "comparison.csv").read_text()
    found.write_csv()
    assert typed == (folder / "o" / "comparison.csv").read_text()
