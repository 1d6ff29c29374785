"""Another package adds a strategy, a measure and an intervention, without a fork."""

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import pytest
from own_code import start_again

import omemsim as om
from omemsim.cli.describe import measures, strategies
from omemsim.inputs.config import compose_scenario
from omemsim.study.compare import compare_named
from omemsim.study.engine import Engine
from omemsim.vocabulary.errors import InputError

WORDS = ["town.residents=400", "town.neighbourhoods=4", "spin_up_years=0.2", "years=0.3"]
FILES = {
    "tiny_town_watch/__init__.py": """
        CALM = {"base": "omem", "description": "OMEM, more often.", "assess_every": 4}
        TEXT = "base: reactive\\nsurvey_size: 10\\n"
        WRONG = 3
        """,
    "tiny_town_watch/seen.py": """
        import numpy as np
        import omemsim as om
        from tiny_town_watch.sizes import SHARE

        @om.measure(unit="index 0-1", better="lower")
        def worst_fear(town):
            "Fear where it is worst."
            return town.neighbourhoods.fear.max()

        def lanterns(town):
            n = np.arange(len(town.neighbourhoods))
            lit = om.keyed(town, "tiny_town_watch.lanterns", n) < SHARE
            of_resident = town.places.neighbourhood[town.residents.place]
            town.residents.fear[lit[of_resident]] *= 0.5
        """,
    "tiny_town_watch/sizes.py": "SHARE = 0.5\n",
    "tiny_town_watch-1.0.dist-info/METADATA": """
        Metadata-Version: 2.1
        Name: tiny-town-watch
        Version: 1.0
        """,
    "tiny_town_watch-1.0.dist-info/entry_points.txt": """
        [omemsim.strategies]
        tiny_calm = tiny_town_watch:CALM
        tiny_text = tiny_town_watch:TEXT
        tiny_wrong = tiny_town_watch:WRONG
        tiny_gone = tiny_town_watch:GONE
        omem = tiny_town_watch:CALM

        [omemsim.measures]
        worst_fear = tiny_town_watch.seen:worst_fear
        """,
}
MODULES = ("tiny_town_watch", "tiny_town_watch.seen", "tiny_town_watch.sizes")
LANTERNS = "own_interventions=[{do: 'tiny_town_watch.seen:lanterns', from: 2, every: 2}]"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install the package into a folder that is on the path, as pip would."""
    site = tmp_path / "site"
    for name, text in FILES.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip())
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    start_again(*MODULES)
    yield tmp_path
    start_again(*MODULES)


def engines() -> Iterator[object]:
    yield pytest.param(Engine(workers=2), id="pool")
    without = pytest.mark.skipif(find_spec("distributed") is None, reason="no Dask here")
    yield pytest.param(Engine(kind="dask", workers=2), id="dask", marks=without)


@pytest.mark.parametrize("engine", list(engines()))
def test_all_three_at_two_workers(package: Path, engine: Engine) -> None:
    words = [*WORDS, "record.measures=[all,worst_fear]"]

    def compared(*more: str):
        return compare_named(
            ["present_practice", "tiny_calm"],
            town="small",
            replicates=2,
            overrides=[*words, *more],
            store=package / "store",
            engine=engine,
            progress=False,
        )

    found = compared(LANTERNS)
    assert not found.failures
    assert found.strategies == ["present_practice", "tiny_calm"]
    dark = compared()
    assert dark.reused == 0

    def fear(comparison) -> float:
        return comparison.table().query("measure == 'worst_fear'").iloc[0].baseline_mean

    assert fear(found) < fear(dark)
    assert compared(LANTERNS).reused == 4
    # A module of the package that another one imports is part of the runs' keys.
    (package / "site" / "tiny_town_watch" / "sizes.py").write_text("SHARE = 1.0\n")
    start_again(*MODULES)
    assert compared(LANTERNS).reused == 0


def test_a_strategy_is_a_mapping_or_text(package: Path) -> None:
    calm = compose_scenario("small", "tiny_calm").strategy
    assert (calm.name, calm.assess_every, calm.description) == ("tiny_calm", 4, "OMEM, more often.")
    omem = compose_scenario("small", "omem").strategy
    assert calm.mix == omem.mix
    assert omem.assess_every != 4  # the library's own name is the library's
    assert compose_scenario("small", "tiny_text").strategy.survey_size == 10


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tiny_wrong", "must be a mapping, or YAML text that holds one; it is int"),
        ("tiny_gone", "cannot be loaded: AttributeError"),
        ("tiny_clam", "Did you mean 'tiny_calm'"),
    ],
)
def test_what_is_no_strategy_is_refused(package: Path, name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        compose_scenario("small", name)


def test_they_are_listed(package: Path) -> None:
    told = strategies()
    assert "tiny_calm (hours by" in told
    assert "tiny_wrong (cannot be used)" in told
    assert "worst_fear: of another package" in measures()


def test_a_name_that_two_packages_offer_is_refused(package: Path) -> None:
    other = package / "site" / "other-1.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (other / "entry_points.txt").write_text("[omemsim.measures]\nworst_fear = other:fear\n")
    with pytest.raises(InputError, match="is offered twice"):
        compose_scenario("small", "omem", ["record.measures=[worst_fear]"])


def test_python_takes_its_names(package: Path) -> None:
    found = om.run(
        town="small", strategy="tiny_calm", years=0.2, overrides=WORDS[:3], measures=["worst_fear"]
    )
    assert found.measure("worst_fear").definition == "Fear where it is worst"
