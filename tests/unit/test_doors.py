"""The doors of Python: what a command can be asked, a function can, and both find the same."""

from __future__ import annotations

import dataclasses
import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import omemsim as om
from omemsim import labelled
from omemsim.cli import main
from omemsim.inputs.arguments import seconds_of, word_text
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.given import arms_asked, asked

TINY = {"town": {"residents": 200, "neighbourhoods": 2}, "spin_up_years": 0.1}
WORDS = ["town.residents=200", "town.neighbourhoods=2", "spin_up_years=0.1"]
QUIET: dict[str, Any] = {"workers": 1, "progress": False}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tiny(**given: Any) -> om.Scenario:
    usual: dict[str, Any] = {"town": "small", "strategy": "omem", "years": 0.1, "overrides": TINY}
    return om.Scenario(**usual | given)


# --- Values become words, and are the same when they are read again ------------------------

READ_BACK: list[tuple[str, Any, Any]] = [
    ("years", np.float64(2.5), 2.5),
    ("years", np.array(2.5), 2.5),
    ("seed", np.int64(7), 7),
    ("strategy.hand_over", np.True_, True),
    ("town.year", None, None),
    ("town.file", "a, b=[c].csv", "a, b=[c].csv"),
    ("town.file", "null", "null"),
    ("town.file", " it's 'quoted'", " it's 'quoted'"),
    ("town.file", Path("my town") / "x.csv", str(Path("my town") / "x.csv")),
    ("record.measures", ("trust", "zone"), ["trust", "zone"]),
    ("record.neighbourhoods", ["St. Mary's", "Old, Mill"], ["St. Mary's", "Old, Mill"]),
    ("strategy.mix.red.liaison", 1e-7, 1e-7),
    ("strategy.spend", {"situation_table": np.float32(0.25)}, {"situation_table": 0.25}),
]


@pytest.mark.parametrize(("key", "value", "expected"), READ_BACK)
def test_a_value_is_read_back_as_it_was(key: str, value: Any, expected: Any) -> None:
    from omemsim.inputs.config import differences_of

    group, _, rest = key.partition(".")
    word = f"{key}={word_text(value)}"
    tree: Any = differences_of([word], group) if rest else {group: compose(word)[group]}
    for name in (rest or group).split("."):
        tree = tree[name]
    assert tree == expected
    assert type(tree) is type(expected)


def compose(*words: str) -> dict[str, Any]:
    from omemsim.inputs.config import scenario_to_dict

    return scenario_to_dict(compose_scenario("small", "omem", list(words)))


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(om.InputError, match="must be a number, text, true or false, None, or a"):
        word_text([1, object()])


@pytest.mark.parametrize(
    ("budget", "seconds"), [("1h30min", 5400), ("90s", 90), (np.float64(90.5), 90.5), (5, 5)]
)
def test_a_budget_is_text_or_seconds(budget: Any, seconds: float) -> None:
    assert seconds_of(budget) == seconds


@pytest.mark.parametrize("budget", ["soon", "", 0, np.nan, True, None, [5], "1.2.3h", 4_000_000])
def test_a_budget_that_is_none_is_refused(budget: Any) -> None:
    with pytest.raises(om.InputError, match=r"budget = .*: must be a time from 1s to 1000h"):
        seconds_of(budget)


# --- A scenario is made, changed, shown and passed in -------------------------------------


def test_a_scenario_says_what_it_is() -> None:
    made = tiny(parameters={"offend.violence": np.int64(60), "feel": {"pace": 4}})
    assert repr(made) == (
        "<Scenario: town small, strategy omem; years=0.1, parameters.offend.violence=60, "
        "parameters.feel.pace=4, town.residents=200, and 2 more>"
    )
    told = made.text().splitlines()
    assert told[0] == "Town small, strategy omem; 0.1 years after a spin-up of 0.1."
    assert "  parameters.offend.violence = 60.0 (incidents/1,000 15+/year, default 71.0)" in told
    assert "  town.residents = 200 (residents 15+, default 5000)" in told
    assert len(told) == 1 + len(made.words)
    assert made.to_dict()["parameters"]["feel"]["pace"] == 4
    assert made.composed() == compose_scenario("small", "omem", made.words)


def test_a_scenario_is_changed_into_another_one() -> None:
    first = tiny(parameters={"offend.violence": 60})
    other = first.changed(
        strategy="hot_spots", years=0.2, parameters={"offend.violence": 70}, record={"every": 4}
    )
    assert (first.strategy, other.strategy) == ("omem", "hot_spots")
    assert first.composed().years == 0.1
    assert other.composed().years == 0.2
    assert other.composed().parameters.offend.violence == 70
    assert other.composed().town.residents == 200  # what nobody changed
    assert first == tiny(parameters={"offend.violence": 60})
    assert first != other
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.town = "city"  # type: ignore[misc]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"town": 3}, "town = 3: must be a name in quotes, the path of a YAML file, or a mapping"),
    ({"town": "smal"}, "There is no town 'smal'. Did you mean 'small'?"),
    ({"strategy": {"base": "omemm"}}, "strategy, base: There is no strategy 'omemm'. Did you"),
    ({"strategy": {"base": "omem", "mixx": 1}}, "no key 'strategy.mixx'. Did you mean"),
    ({"strategy": {"base": "omem", "precision": 7}}, "strategy.precision = 7: must be a number"),
    ({"strategy": ["omem"]}, "strategy = ['omem']: name them one by one"),
    ({"years": np.nan}, "years = nan: must be a number"),
    ({"years": 500}, "years = 500: must be a number from"),
    ({"parameters": {"offend.violense": 3}}, "Did you mean 'parameters.offend.violence'?"),
    ({"parameters": {"years": 3}}, "'years' is no parameter. Give it as overrides={'years'"),
    ({"parameters": {"offend.violence": "much"}}, "parameters.offend.violence = 'much': must be"),
    ({"parameters": [1, 2]}, "parameters = [1, 2]: must map keys to values"),
    ({"parameters": pd.DataFrame({"a": [1]})}, "must map keys to values"),
    ({"parameters": "no_such_setting"}, "There is no setting 'no_such_setting'"),
    ({"record": {"evry": 3}}, "no key 'record.evry'. Did you mean 'record.every'?"),
    ({"record": "all"}, "record = 'all': must map keys to values"),
    ({"overrides": "seed=3"}, "overrides = 'seed=3': must be a list of key=value words"),
    ({"overrides": {"years": 2}}, "the argument years says it too"),
    ({"overrides": {"town": "city"}}, "the argument town says it too"),
    (
        {"parameters": {"feel.pace": 3}, "overrides": ["parameters.feel.pace=4"]},
        "parameters.feel.pace is given twice",
    ),
]


@pytest.mark.parametrize(("given", "said"), WRONG, ids=[said[:40] for _, said in WRONG])
def test_a_scenario_that_cannot_be_is_refused_when_it_is_made(
    given: dict[str, Any], said: str
) -> None:
    with pytest.raises(om.InputError) as refused:
        om.Scenario(**given)
    assert said in str(refused.value)


def test_what_is_no_scenario_is_refused() -> None:
    with pytest.raises(om.InputError, match=r"scenario = 'small': must be an om\.Scenario"):
        om.run("small")  # type: ignore[arg-type]


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(om.InputError) as refused:
        om.run(town=3, years="2", replicate=-1)  # type: ignore[arg-type]
    assert len(refused.value.problems) == 3


# --- A name, a file and a mapping are the same --------------------------------------------

FILE = """base: omem
name: sharper
precision: 0.9
mix: {red: {targeted_enforcement: 0.4, liaison: 0.02}}
"""
MAPPING = {
    "base": "omem",
    "name": "sharper",
    "precision": np.float64(0.9),
    "mix.red": {"targeted_enforcement": 0.4},
    "mix.red.liaison": 0.02,
}


def test_a_mapping_is_what_a_file_of_it_is(here: Path) -> None:
    (here / "sharper.yaml").write_text(FILE)
    (here / "town.yaml").write_text("base: small\nname: small\nresidents: 200\nneighbourhoods: 2\n")
    town = {"base": "small", "residents": np.int64(200), "neighbourhoods": 2}
    by_file = om.Scenario(town=here / "town.yaml", strategy="sharper.yaml", years=0.1)
    by_mapping = om.Scenario(town=town, strategy=MAPPING, years=0.1)
    assert by_file.composed() == by_mapping.composed()
    assert by_mapping.composed().strategy.mix["red"]["mobilize_partners"] == 0.15  # of its base
    over_a_file = om.Scenario(strategy={"base": "sharper.yaml", "precision": 0.4}).composed()
    assert over_a_file.strategy.precision == 0.4
    assert over_a_file.strategy.mix["red"]["liaison"] == 0.02


def test_parameters_may_stand_in_any_way(here: Path) -> None:
    (here / "mine.yaml").write_text("name: none\nparameters: {feel: {pace: 4}, learn: {gain: 0.1}}")
    expected = tiny(parameters={"feel.pace": 4}).composed().parameters.feel.pace
    ways: list[Any] = [
        {"parameters.feel.pace": 4},
        {"feel": {"pace": np.float32(4)}},
        {"parameters": {"feel": {"pace": 4}}},
        pd.Series({"feel.pace": 4.0}),
    ]
    assert expected == 4
    for way in ways:
        assert (
            tiny(parameters=way).composed().parameters
            == tiny(parameters={"feel.pace": 4}).composed().parameters
        )


def test_a_run_is_the_same_through_every_door() -> None:
    words = [*WORDS, "parameters.offend.violence=200"]
    by_words = om.run(town="small", strategy="omem", years=0.2, replicate=1, overrides=words)
    made = tiny(parameters={"offend.violence": 200})
    assert om.run(made, years=0.2, replicate=np.int8(1)).summary() == by_words.summary()
    assert om.run(made, replicate=1).weeks[-1] < by_words.weeks[-1]
    few = om.run(made, record={"measures": ["trust", "zone"], "every": 1})
    assert list(few.values) == ["zone", "trust"]


# --- Comparisons --------------------------------------------------------------------------


def test_scenarios_are_compared_by_their_strategies() -> None:
    base = tiny()
    other = base.changed(strategy={"base": "omem", "name": "sharper"}).changed(
        overrides={"strategy.precision": 0.9}
    )
    found = om.compare(base, other, "hot_spots", replicates=2, years=0.2, **QUIET)
    assert found.strategies == ["omem", "sharper", "hot_spots"]
    configs = {key.strategy: json.loads(key.config) for key in found.runs.values()}
    assert configs["sharper"]["strategy"]["precision"] == 0.9
    assert configs["omem"]["strategy"]["precision"] != 0.9
    assert {config["years"] for config in configs.values()} == {0.2}
    assert {config["town"]["residents"] for config in configs.values()} == {200}
    runs = found.runs_table()
    assert len(runs) == 6 * len(found.measures())
    (trust,) = runs.query("strategy == 'sharper' and replicate == 1 and measure == 'trust'").value
    assert trust == found.scalars["sharper", 1]["trust"]


def test_what_scenarios_have_in_common_is_asked_for_all() -> None:
    first = tiny(parameters={"feel.pace": 4})
    arms, all_of_them = arms_asked(
        [first.changed(overrides={"strategy.precision": 0.9}), "hot_spots"],
        lambda wrong: asked(None, years=2, more=wrong),
    )
    assert arms == [{"base": "omem", "name": "omem", "precision": 0.9}, "hot_spots"]
    assert all_of_them.town == "small"
    assert set(all_of_them.words) == {"parameters.feel.pace=4", "years=2", *WORDS}


COMPARED: list[tuple[Callable[[], Any], str]] = [
    (lambda: om.compare(tiny(), tiny(years=0.3)), "differ in more than their strategy"),
    (lambda: om.compare(tiny(), tiny(town="city")), "(town)"),
    (lambda: om.compare(tiny(), tiny()), "two strategies named 'omem'"),
    (lambda: om.compare("omem", {"base": "omem"}, {"base": "omem"}), "named 'own'"),
    (lambda: om.compare("omem", 3), "strategy = 3: must be a name in quotes"),
    (lambda: om.compare("omem", precise="trust"), "precise does nothing without precision"),
    (lambda: om.compare("omem", precision=3), "precision = 3: must be from 0.0001 to 1"),
    (lambda: om.compare("omem", precision="high"), "precision = 'high': must be a number"),
    (lambda: om.compare("omem", precision=0.1, precise=["trst"]), "Did you mean 'trust'?"),
    (lambda: om.compare("omem", budget="soon"), "budget = soon: must be a time"),
    (lambda: om.compare("omem", progress="loud"), "progress = 'loud': must be True, False, or a"),
    (lambda: om.compare("omem", replicates=0), "replicates = 0: must be a whole number from 1"),
    (lambda: om.compare("omem", baseline=3), "baseline = 3: must be the name"),  # type: ignore[arg-type]
    (lambda: om.compare("omem", uncertainty=[]), "uncertainty: holds no parameter set"),
    (
        lambda: om.compare("omem", uncertainty=[{"parameters.feel.pace": 1e9}]),
        "Set 0 of uncertainty=: parameters.feel.pace",
    ),
    (
        lambda: om.compare("omem", uncertainty=[{"years": 1}, {"seed": 1}]),
        "set 1 names other keys than the first",
    ),
    (lambda: om.compare("omem", record={"measures": ["trust"]}), "reads every measure"),
    (lambda: om.sweep("omem", points=[{"years": 1}], vary={"seed": [1, 2]}), "seed would have no"),
    (
        lambda: om.sweep("omem", vary={"seed": [1, 2]}, design="grid", replicates=3, budget=60),
        "budget chooses points or replicates, and both are given",
    ),
]


@pytest.mark.parametrize(("call", "said"), COMPARED, ids=[said[:40] for _, said in COMPARED])
def test_a_study_that_cannot_be_is_refused_before_it_runs(
    call: Callable[[], Any], said: str, here: Path
) -> None:
    with pytest.raises(om.InputError) as refused:
        call()
    assert said in str(refused.value)
    assert not list(here.rglob("*.npz"))


def test_replicates_are_added_until_it_is_precise_or_there_are_enough() -> None:
    seen: list[tuple[int, int, int]] = []
    found = om.compare(
        "reactive",
        "omem",
        scenario=tiny(),
        precision=np.float64(0.9),
        precise="trust",
        replicates=11,
        workers=1,
        progress=lambda *counts: seen.append(counts),
    )
    assert found.reached is not None
    assert (found.reached.why, found.n) == ("precise", 10)
    assert seen[-1] == (20, 20, 0)
    said = om.compare("reactive", "omem", scenario=tiny(), precision=0.0001, replicates=3, **QUIET)
    assert said.reached is not None
    assert (said.reached.why, said.n) == ("replicates", 3)


def test_a_range_is_taken_over_sets_in_memory(here: Path) -> None:
    sets = pd.DataFrame({"parameters.offend.violence": [40.0, 57.0, 80.0]})
    asked_for: dict[str, Any] = {"scenario": tiny(), "replicates": 2, **QUIET}
    found = om.compare("omem", uncertainty=sets, **asked_for)
    assert found.over_sets is not None
    table = found.table().set_index("measure")
    assert table["sets"]["victimization"] == 3
    assert "Range: the sets given" in found.text()
    sets.to_csv(here / "sets.csv", index=False)
    by_file = om.compare("omem", uncertainty=here / "sets.csv", **asked_for)
    pd.testing.assert_frame_equal(found.table(), by_file.table())
    assert by_file.reused == 4


def test_a_comparison_by_names_keeps_the_command_and_one_by_mappings_has_none(here: Path) -> None:
    asked_for: dict[str, Any] = {"scenario": tiny(), "replicates": 1, **QUIET}
    om.compare("hot_spots", "omem", out=here / "named", **asked_for)
    om.compare("hot_spots", {"base": "omem"}, out=here / "own", **asked_for)
    commands = [
        json.loads((here / folder / "provenance.json").read_text()).get("command")
        for folder in ("named", "own")
    ]
    assert str(commands[0]).startswith("omemsim compare hot_spots omem town=small")
    assert not commands[1]


# --- Sweeps -------------------------------------------------------------------------------


def test_a_sweep_takes_a_scenario_and_shows_itself() -> None:
    made = tiny(strategy={"base": "omem", "name": "mine"})
    found = om.sweep(made, vary={"strategy.precision": (0.2, 0.8)}, points=3, **QUIET)
    assert list(found.sweep.arms) == ["mine"]
    assert repr(found) == (
        "<Swept: 1 strategy, 3 points, 1 replicate (latin, 1 key); 3 of 3 runs finished>"
    )
    table = found.table()
    assert list(table.columns[:4]) == ["arm", "point", "strategy.precision", "replicate"]
    assert table["trust"].tolist() == found.of("mine", "trust")[:, 0].tolist()


def test_a_budget_chooses_points_or_replicates(monkeypatch: pytest.MonkeyPatch) -> None:
    pilot = importlib.import_module("omemsim.study.run_times")
    pace = pilot.Pace(build=0.0, spin_week=0.0, begin=1.0, run_week=0.0, numbers=3)
    monkeypatch.setattr(pilot, "pace_of", lambda *_: pace)  # a run takes a second
    vary = {"strategy.precision": (0.2, 0.8)}
    by_points = om.sweep(tiny(), vary=vary, budget=5, **QUIET)
    assert by_points.values.shape[1:3] == (5, 1)
    by_replicates = om.sweep(tiny(), vary=vary, design="grid", points=2, budget="6s", **QUIET)
    assert by_replicates.values.shape[1:3] == (2, 3)
    with pytest.raises(om.InputError, match="budget: 1 second is too little"):
        om.sweep(tiny(), vary=vary, budget=1, **QUIET)


# --- Calibration and sensitivity: one home, two doors --------------------------------------

SIZES = {"points": 4, "replicates": 2, "waves": 1, "fresh": 2}


def test_a_calibration_is_the_command_s(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [f"{key}={value}" for key, value in SIZES.items()]
    command = ["calibrate", "offend.violence=10..90", "targets=P5c", "town=small", *WORDS, *words]
    assert main([*command, "workers=1", "out=o"]) == 0
    told = capsys.readouterr().out
    found = om.calibrate(
        vary={"offend.violence": (10, np.float64(90))},
        targets="P5c",
        town="small",
        overrides=TINY,
        **{key: np.int64(value) for key, value in SIZES.items()},
        **QUIET,
    )
    assert found.csv() == (here / "o" / "calibration.csv").read_text()
    assert found.text() in told
    found.write(here / "mine")
    mine, theirs = (
        json.loads((here / folder / "plausible.json").read_text()) for folder in ("mine", "o")
    )
    assert mine.pop("command") == "om.calibrate(...)"
    assert str(theirs.pop("command")).startswith("omemsim calibrate ")
    assert mine == theirs
    assert found.sets.to_dict("records") == theirs["sets"]
    assert found.best == theirs["best"]["set"]
    assert len(found.table()) == 4
    best = tiny(parameters=found.best).composed().parameters
    assert tiny(parameters=here / "mine" / "best.yaml").composed().parameters == best
    assert repr(found) == (
        f"<Calibration: town small, 1 parameter against 1 target; {len(found.sets)} of 4 sets "
        "plausible>"
    )


def test_a_ranking_is_the_command_s(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = {"trajectories": 2, "survivors": 2, "points": 2, "worlds": 4}
    vary = {"parameters.offend.violence": (10, 90), "parameters.feel.pace": (2, 20)}
    words = [f"{key}={value}" for key, value in sizes.items()]
    varied = [f"vary.{key}={low}..{high}" for key, (low, high) in vary.items()]
    command = ["sensitivity", "reactive", "omem", "town=small", *WORDS, "years=0.1", *varied]
    assert main([*command, *words, "workers=1", "out=o"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    found = om.sensitivity("reactive", "omem", vary=vary, scenario=tiny(), **sizes, **QUIET)
    assert found.csv() == (here / "o" / "sensitivity.csv").read_text()
    assert " ".join(found.text().split()) in told
    assert set(found.table()["parameter"]) == set(vary)
    assert set(found.best) == {"reactive", "omem"}
    assert repr(found).startswith("<Sensitivity: reactive and omem on victimization; ")


STUDIES: list[tuple[Callable[[], Any], str]] = [
    (lambda: om.calibrate(vary=["offend.violence"]), "vary = ['offend.violence']: must map"),  # type: ignore[arg-type]
    (lambda: om.calibrate(vary={"offend.violense": (1, 2)}), "offend.violence"),
    (lambda: om.calibrate(vary={"offend.violence": (9, 2)}), "the first end must be below"),
    (lambda: om.calibrate(vary={"offend.violence": [1, 2]}), "only a number with a range can be"),
    (lambda: om.calibrate(targets="P6a"), "P6a is held out"),
    (lambda: om.calibrate(targets=["P5x"]), "There is no target 'P5x'"),
    (lambda: om.calibrate(discrepancy=3), "discrepancy = 3: must be from 0 to 1"),
    (lambda: om.calibrate(discrepancy="x"), "discrepancy = 'x': must be a number"),  # type: ignore[arg-type]
    (lambda: om.calibrate(wavs=3), "A calibration has no 'wavs'. Did you mean 'waves'?"),
    (lambda: om.calibrate(waves=51), "waves = 51: must be a whole number from 1 to 50"),
    (lambda: om.calibrate(points=5), "needs at least 18 in a wave"),
    (lambda: om.calibrate(overrides={"record.every": 4}), "records what its targets need"),
    (lambda: om.calibrate(scenario=tiny()), "years=0.1: a calibration records what its targets"),
    (
        lambda: om.calibrate(vary={"offend.violence": (1, 2)}, parameters={"offend.violence": 1.5}),
        "is set and calibrated: do one of the two",
    ),
    (lambda: om.sensitivity(), "A ranking needs two strategies or more"),
    (lambda: om.sensitivity("omem"), "A ranking needs two strategies or more"),
    (lambda: om.sensitivity("reactive", "omem", outcome="hamr"), "is not recorded"),
    (lambda: om.sensitivity("reactive", "omem", outcome="upgrades"), "neither direction"),
    (lambda: om.sensitivity("reactive", "omem", worlds=3), "worlds = 3: must be a whole number"),
    (
        lambda: om.sensitivity("reactive", "omem", points=4, budget="1h"),
        "budget chooses trajectories, points, worlds: leave points= out",
    ),
    (lambda: om.validate("P5b", replicates=1), "replicates = 1: must be a whole number from 2"),
    (lambda: om.validate("P5b", progress=None), "progress = None: must be True"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("call", "said"), STUDIES, ids=[said[:40] for _, said in STUDIES])
def test_a_study_of_the_evidence_that_cannot_be_is_refused(
    call: Callable[[], Any], said: str, here: Path
) -> None:
    with pytest.raises(om.InputError) as refused:
        call()
    assert said in str(refused.value)
    assert list(here.iterdir()) == []


# --- Tables of people's own ---------------------------------------------------------------

TABLE = pd.DataFrame(
    {
        "id": ["a", "b", "c"],
        "name": ["Riverside", "Hill", "Old Mill, west"],
        "Residents_2023": [12000, 9000, 15000],
        "assault": [600, 15, 120],
        "calls": [9000.0, 1100.0, 6600.0],
    }
)
RESIDENTS = {"town.columns": {"guess": True, "population": "Residents_2023"}}


def test_a_frame_is_diagnosed_as_its_file_is(here: Path) -> None:
    TABLE.to_csv(here / "mine.csv", index=False)
    by_file = om.diagnose(here / "mine.csv", overrides=RESIDENTS)
    for given in (TABLE, TABLE.set_index("id"), TABLE.iloc[::-1].iloc[::-1]):
        found = om.diagnose(given, overrides=RESIDENTS)
        assert found.csv() == by_file.csv()
        assert found.town == "the table given"
    assert by_file.town == "mine.csv"
    assert [row.zone for row in found.rows] == ["red", "amber", "green"]
    assert found.table()["name"].tolist() == ["Riverside", "Old Mill, west", "Hill"]
    stricter = om.diagnose(
        TABLE, parameters={"zones": {"recorded_high": 4, "calls_high": 2000}}, overrides=RESIDENTS
    )
    assert [row.zone for row in stricter.rows] != [row.zone for row in found.rows]


def test_a_geo_data_frame_brings_its_outlines() -> None:
    geopandas = pytest.importorskip("geopandas", reason="needs the extra geo")
    shapely = pytest.importorskip("shapely", reason="needs the extra geo")
    places = [
        shapely.box(500_000 + 1000 * k, 4_800_000, 501_000 + 1000 * k, 4_802_000) for k in range(3)
    ]
    table = geopandas.GeoDataFrame(TABLE, geometry=places, crs=32617)
    columns = {name: name for name in ("id", "name", "calls")}
    columns |= {"population": "Residents_2023", "violence": "assault"}
    found = om.diagnose(table, overrides={"town.columns": columns})
    assert [row.zone for row in found.rows] == ["red", "amber", "green"]
    assert any("measured from the polygons" in note for note in found.notes)


def test_what_a_diagnosis_could_only_ignore_is_refused() -> None:
    for given in ({"overrides": {"seed": 3}}, {"parameters": {"feel.pace": 3}}):
        with pytest.raises(om.InputError, match="does nothing here: diagnose reads a table"):
            om.diagnose(TABLE, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (np.eye(2), "must be the path of a CSV file, a DataFrame, or a GeoDataFrame"),
        ([{"id": "a"}], "must be the path of a CSV file, a DataFrame"),
        (TABLE.drop(columns="Residents_2023"), "the table given, column 'Residents_2023' (town."),
        (
            TABLE.assign(Residents_2023=["few", 1, 2]),
            "the table given, row 2, column 'Residents_2023': 'few' is not",
        ),
        (TABLE.iloc[:0], "the table given"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(table: Any, said: str) -> None:
    with pytest.raises(om.InputError) as refused:
        om.diagnose(table, overrides={"town.columns.population": "Residents_2023"})
    assert said in str(refused.value)
    assert "tmp" not in str(refused.value)


# --- xarray -------------------------------------------------------------------------------


def test_without_xarray_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelled, "find_spec", lambda _: None)
    for one in (om.run(tiny()), om.diagnose(TABLE, overrides=RESIDENTS)):
        with pytest.raises(om.InputError, match=r"pip install 'omemsim\[xarray\]'"):
            one.to_xarray()


def test_results_have_names_and_units_in_xarray() -> None:
    pytest.importorskip("xarray", reason="needs the extra xarray")
    series = om.run(tiny(years=0.2))
    whole = series.to_xarray()
    assert dict(whole.sizes) == {"week": series.weeks.size, "neighbourhood": 2}
    assert whole["fear"].values.tolist() == series.values["fear"].tolist()
    assert whole["victimization"].attrs["units"] == series.measure("victimization").unit
    assert whole["name"].values.tolist() == series.names
    part = om.run(tiny(), record={"neighbourhoods": series.ids[:1], "measures": ["fear"]})
    assert part.to_xarray()["fear_town"].values.tolist() == part.town["fear"].tolist()
    found = om.compare("omem", scenario=tiny(), replicates=3, **QUIET)
    runs = found.to_xarray()
    change = runs.sel(strategy="omem") - runs.sel(strategy=runs.baseline)
    assert float(change["trust"].mean()) == pytest.approx(
        found.differences("trust")["omem"].difference
    )
    swept = om.sweep(
        tiny(), vary={"strategy.allocation": ["calls", "need"]}, design="grid", **QUIET
    )
    by_point = swept.to_xarray()
    assert by_point["strategy.allocation"].values.tolist() == ["calls", "need"]
    assert (
        by_point["trust"].sel(arm="omem", point=1, replicate=0)
        == swept.values[0, 1, 0][swept.names.index("trust")]
    )
    diagnosed = om.diagnose(TABLE, overrides=RESIDENTS).to_xarray()
    assert diagnosed["zone"].sel(id="b") == "green"


def test_every_result_shows_itself_in_a_line() -> None:
    made = [
        tiny(),
        om.run(tiny()),
        om.compare("omem", scenario=tiny(), replicates=2, **QUIET),
        om.sweep(tiny(), vary={"seed": [1, 2]}, design="grid", **QUIET),
        om.diagnose(TABLE, overrides=RESIDENTS),
    ]
    for one in made:
        assert repr(one).startswith(f"<{type(one).__name__}: ")
        assert "\n" not in repr(one)
        assert len(repr(one)) < 160
