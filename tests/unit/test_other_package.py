"""Another package adds a strategy, a measure, an intervention and a tactic, without a fork."""

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
from own_code import start_again

import omemsim as om
from omemsim.cli.describe import measures, strategies, tactics
from omemsim.inputs.config import compose_scenario, scenario_from_dict, scenario_to_dict
from omemsim.inputs.scenario import Scenario
from omemsim.study.compare import compare_named
from omemsim.study.engine import Engine
from omemsim.study.identity import identify
from omemsim.study.scenario_changes import with_changes
from omemsim.vocabulary.errors import InputError

WORDS = ["town.residents=400", "town.neighbourhoods=4", "spin_up_years=0.2", "years=0.3"]
FILES = {
    "tiny_town_watch/__init__.py": """
        import omemsim as om

        MEDICS = om.tactic(
            "tiny_medics", title="Medics on foot", zone="green", half=0.5, memory=1,
            takes_skill=False, channels={"education": 0.8, "contacts": 0.5}, source="a trial",
        )
        WALKS = "channels: {voice: 0.4}\\nmemory: 2\\n"
        HOT = {"channels": {"visits": 0.5}}
        CALM = {"base": "omem", "description": "OMEM, more often.", "assess_every": 4}
        CALM["mix"] = {"red": {"targeted_enforcement": 0.2, "tiny_medics": 0.25}}
        ON_FOOT = {"description": "Medics alone.", "mix": {"all": {"tiny_medics": 0.5}}}
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

        @om.measure(unit="dose")
        def taught(town):
            "Public education in force."
            return town.neighbourhoods.education.mean()

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
        tiny_on_foot = tiny_town_watch:ON_FOOT
        omem = tiny_town_watch:CALM

        [omemsim.measures]
        worst_fear = tiny_town_watch.seen:worst_fear
        taught = tiny_town_watch.seen:taught

        [omemsim.tactics]
        tiny_medics = tiny_town_watch:MEDICS
        tiny_walks = tiny_town_watch:WALKS
        tiny_hot = tiny_town_watch:HOT
        tiny_lost = tiny_town_watch:LOST
        tiny_other = tiny_town_watch:MEDICS
        tiny_wrong = tiny_town_watch:WRONG
        patrol = tiny_town_watch:MEDICS
        """,
}
MODULES = ("tiny_town_watch", "tiny_town_watch.seen", "tiny_town_watch.sizes")
HERE = Engine(workers=1)
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
def test_all_four_at_two_workers(package: Path, engine: Engine) -> None:
    words = [*WORDS, "record.measures=[all,worst_fear,taught]"]

    def compared(*more: str, engine: Engine = engine):
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
    dark = compared(engine=HERE)
    assert dark.reused == 0

    def fear(comparison) -> float:
        return comparison.table().query("measure == 'worst_fear'").iloc[0].baseline_mean

    assert fear(found) < fear(dark)
    row = found.table().query("measure == 'hours_own'").iloc[0]
    assert (row.baseline_mean, row["mean"] > 0) == (0, True)
    assert compared(LANTERNS).reused == 4
    # A module of the package that another one imports is part of the runs' keys.
    (package / "site" / "tiny_town_watch" / "sizes.py").write_text("SHARE = 1.0\n")
    start_again(*MODULES)
    assert compared(LANTERNS, engine=HERE).reused == 0


def test_a_strategy_is_a_mapping_or_text(package: Path) -> None:
    calm = compose_scenario("small", "tiny_calm").strategy
    assert (calm.name, calm.assess_every, calm.description) == ("tiny_calm", 4, "OMEM, more often.")
    omem = compose_scenario("small", "omem").strategy
    assert calm.mix == {**omem.mix, "red": {**omem.mix["red"], **calm.mix["red"]}}
    assert [one.title for one in calm.tactics] == ["Medics on foot"]
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
    told, tactics_told = strategies(), " ".join(tactics().split())
    assert "tiny_calm (hours by" in told
    assert "tiny_wrong (cannot be used)" in told
    assert "worst_fear: of another package" in measures()
    assert (
        "tiny_medics: of another package Medics on foot, green. Pillar: engagement" in tactics_told
    )
    assert "Feeds education 0.8, contacts 0.5; half a dose at 0.5 hours" in tactics_told
    assert "tiny_hot (cannot be used)" in tactics_told
    assert "patrol: of another package" not in tactics_told  # the model's own name is the model's


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


def test_a_tactic_feeds_its_stock_as_it_declares(package: Path) -> None:
    """By hand: of every week's hours half go to it, and no other tactic has any."""
    words = [*WORDS[:3], "record.every=1", "strategy.survey_size=0"]
    found = om.run(
        town="small", strategy="tiny_on_foot", years=0.2, overrides=words, measures=["taught"]
    )
    hours = found.values["hours_own"]
    assert (hours > 0).all()
    per_1000 = hours / 400 * 1000
    # Spread by residents, all neighbourhoods get alike; a memory of a week halves the gap.
    dose = stock = 0.0
    pace = 1 - 2 ** (-1 / 8)  # of education, whose half-life is 8 weeks
    for week, done in enumerate(per_1000):
        dose += 0.5 * (done / (done + 0.5) - dose)
        stock += pace * (0.8 * dose - stock)
        assert found.values["taught"][week] == pytest.approx(stock, rel=1e-4)
    assert stock > 0.1
    assert np.allclose(found.values["hours_area_prevention"], hours)
    assert np.allclose(found.values["hours_pillar_engagement"], hours)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tiny_hot", "channels.visits: visits to places may not be fed: only targeted enforcement"),
        ("tiny_lost", "cannot be loaded: AttributeError"),
        ("tiny_other", "names itself 'tiny_medics'"),
        ("tiny_wrong", "must be made by om.tactic, or be a mapping, or YAML text .* it is int"),
        ("tiny_nobody", "strategy.mix.red.tiny_nobody: no such tactic"),
    ],
)
def test_what_is_no_tactic_is_refused(package: Path, name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        compose_scenario("small", "reactive", [f"strategy.mix.red.{name}=0.1"])


def test_a_tactic_s_declaration_goes_with_the_scenario(package: Path) -> None:
    """It is part of what a run is, and stays what it was when the package changes."""
    word = "strategy.mix.red.tiny_walks=0.1"
    before = compose_scenario("small", "reactive", [word])
    (walks,) = before.strategy.tactics
    assert (walks.name, walks.channels, walks.memory) == ("tiny_walks", {"voice": 0.4}, 2)
    assert with_changes(compose_scenario("small", "reactive"), {word[:-4]: 0.1}) == before
    init = package / "site" / "tiny_town_watch" / "__init__.py"
    init.write_text(init.read_text().replace("voice: 0.4", "voice: 0.3"))
    start_again(*MODULES)
    after = compose_scenario("small", "reactive", [word])
    assert after.strategy.tactics[0].channels == {"voice": 0.3}
    assert run_id(after) != run_id(before) == run_id(scenario_from_dict(scenario_to_dict(before)))


def run_id(scenario: Scenario) -> str:
    return identify(scenario, replicate=0, town="small", strategy="reactive").run_id
