"""Measures of one's own: read, summed up, stored and told apart as the model's are."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
from own_code import start_again

import omemsim as om
from omemsim import measures
from omemsim.inputs.config import compose_scenario
from omemsim.run import run_scenario, spin_up
from omemsim.series import Series
from omemsim.study.export import export
from omemsim.study.identity import RunKey, identify
from omemsim.study.reader import Reader
from omemsim.study.scenario_changes import Keys, with_changes
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError

WORDS = ["town.residents=400", "town.neighbourhoods=4", "spin_up_years=0.2"]
SOURCE = """
    import numpy as np
    import omemsim as om
    from helping import twice

    @om.measure(unit="index 0-1", better="lower", title="Fear where it is worst")
    def worst_fear(town):
        "Fear of crime in the neighbourhood that has most of it."
        return twice(town.neighbourhoods.fear.max()) / 2

    @om.measure(unit="index 0-1", level="neighbourhood", weight="residents", summary="final")
    def doubt(town):
        return 1 - town.neighbourhoods.trust.astype(float)

    @om.measure(unit="people")
    def meddles(town):
        town.neighbourhoods.fear[:] = 0
        return 0

    @om.measure(unit="people")
    def wrong_shape(town):
        return town.neighbourhoods.fear

    @om.measure(unit="people", level="neighbourhood")
    def not_finite(town):
        return np.full(len(town.neighbourhoods), np.nan)

    @om.measure(unit="people", name="doubt")
    def same_name(town):
        return 0.0

    def undeclared(town):
        return 0.0

    number = 3
"""
HELPING = "def twice(x):\n    return 2 * x\n"


MINE = ("mine", "helping", "broken")


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder on the path with a module `mine` that imports `helping`."""
    (tmp_path / "mine.py").write_text(dedent(SOURCE))
    (tmp_path / "helping.py").write_text(HELPING)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    start_again(*MINE)
    yield tmp_path
    start_again(*MINE)


def composed(*words: str, years: float = 0.5):
    return compose_scenario("small", "omem", [*WORDS, f"years={years}", *words])


@pytest.fixture(scope="module")
def start() -> Town:
    return spin_up(composed(), 0)


def key_of(*words: str) -> RunKey:
    return identify(composed(*words), replicate=0, town="small", strategy="omem")


def test_it_is_recorded_beside_the_model_s(mine: Path, start: Town) -> None:
    found = run_scenario(composed("record.measures=[all,'mine:worst_fear','mine:doubt']"), 0, start)
    usual = run_scenario(composed(), 0, start)
    assert [*found.values] == [*measures.MEASURES, "worst_fear", "doubt"]
    for name, values in usual.values.items():
        assert np.array_equal(found.values[name], values)
    assert np.array_equal(found.values["worst_fear"], usual.values["fear"].max(axis=1))
    assert np.array_equal(found.values["doubt"], 1 - usual.values["trust"])
    # A value of the town is the mean of the year, doubt that of the last week among residents.
    summary = found.summary()
    assert summary["worst_fear"] == usual.values["fear"].max(axis=1).mean()
    residents = usual.residents
    last = ((1 - usual.values["trust"][-1]) * residents).sum() / residents.sum()
    assert summary["doubt"] == pytest.approx(last, rel=1e-12)
    told = found.measure("worst_fear")
    assert (told.title, told.unit) == ("Fear where it is worst", "index 0-1")
    assert told.definition == "Fear of crime in the neighbourhood that has most of it"


def test_a_series_is_whole_without_the_module(mine: Path, start: Town) -> None:
    found = run_scenario(composed("record.measures=[zone,'mine:doubt']"), 0, start)
    start_again(*MINE)
    (mine / "mine.py").unlink()
    meta = json.loads(json.dumps({"own_measures": found.meta["own_measures"]}))
    again = Series.from_arrays(found.to_arrays(), meta)
    assert again.summary() == found.summary()
    units = again.to_frame().groupby("measure").unit.first()
    assert units["doubt"] == "index 0-1"


def test_two_processes_and_the_store_have_it(mine: Path) -> None:
    import mine as module  # type: ignore[import-not-found]

    asked = {"town": "small", "years": 0.2, "overrides": WORDS, "replicates": 2}
    store = mine / "store"
    found = om.compare(
        "omem", **asked, measures=[module.worst_fear, "mine:doubt"], store=store, workers=2
    )
    assert found.reused == 0
    assert "Fear where it is worst" in found.text()
    rows = found.table()
    assert {"worst_fear", "doubt"} <= set(rows.measure)
    with Reader(store) as kept:
        export(kept, mine / "all.csv")
    text = (mine / "all.csv").read_text()
    assert ",worst_fear,index 0-1," in text
    again = om.compare("omem", **asked, measures=["mine:worst_fear", module.doubt], store=store)
    assert again.reused == 4
    assert om.compare("omem", **asked, store=store).reused == 0  # others that do not record it


def test_a_sweep_has_it(mine: Path) -> None:
    found = om.sweep(
        "omem",
        vary={"strategy.precision": [0.2, 0.8]},
        design="grid",
        town="small",
        years=0.2,
        overrides=WORDS,
        measures=["mine:worst_fear"],
        store=mine / "store",
        workers=1,
    )
    assert "worst_fear" in found.csv()
    assert "victimization" in found.csv()


def test_the_key_hangs_on_its_source_only_where_it_is_recorded(mine: Path) -> None:
    word, fear = "record.measures=[all,'mine:worst_fear']", "record.measures=[fear]"
    before, usual = key_of(word), key_of(fear)
    assert composed().code == {}
    start_again(*MINE)
    assert key_of(word) == before
    (mine / "helping.py").write_text(HELPING.replace("2", "3"))
    start_again(*MINE)
    assert key_of(word).run_id != before.run_id
    assert key_of(fear) == usual


def test_a_sweep_s_keys_are_those_of_composing(mine: Path) -> None:
    words = ["all", "mine:doubt"]
    base = composed()
    changes = {"record.measures": words}
    varied = with_changes(base, changes)
    asked = composed("record.measures=[all,'mine:doubt']")
    assert varied == asked
    assert varied.code.keys() == {"mine:doubt"}
    assert Keys(base).ids(varied, range(1)) == [
        identify(asked, replicate=0, town="small", strategy="omem").run_id
    ]


def test_edited_since_it_was_imported(mine: Path) -> None:
    word = "record.measures=['mine:doubt']"
    before = composed(word)
    (mine / "mine.py").write_text(dedent(SOURCE).replace("1 - town", "2 - town"))
    with pytest.raises(InputError, match="has changed since this process imported it"):
        composed(word)
    start_again(*MINE)
    with pytest.raises(InputError, match="not the one that was asked for"):
        run_scenario(before, 0)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("meddles", "read-only"),
        ("wrong_shape", r"an array \(4,\) in week 4; as level='town' it must return a number"),
        ("not_finite", "not finite in week 4; as level='neighbourhood' it must return 4 finite"),
    ],
)
def test_what_it_returns_is_checked(mine: Path, start: Town, name: str, said: str) -> None:
    fear = start.neighbourhoods.fear.copy()
    with pytest.raises((InputError, ValueError), match=said):
        run_scenario(composed(f"record.measures=['mine:{name}']"), 0, start)
    assert np.array_equal(start.neighbourhoods.fear, fear)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("['mine:nothing']", "'nothing' in mine is no function"),
        ("['mine:number']", "'number' in mine is no function but int"),
        ("['none_such:f']", "there is no module 'none_such'"),
        ("['broken:f']", "broken cannot be imported: ZeroDivisionError"),
        ("['mine:undeclared']", "not declared as a measure: write @om.measure"),
        ("['mine:doubt','mine:same_name']", "are both named 'doubt'"),
        ("[fera]", "Did you mean 'fear'"),
        ("['mine:']", "must be module:function"),
    ],
)
def test_what_cannot_be_is_refused(mine: Path, words: str, said: str) -> None:
    (mine / "broken.py").write_text("1 / 0\n")
    with pytest.raises(InputError, match=r"^record\.measures") as refused:
        composed(f"record.measures={words}")
    assert said in str(refused.value)


def inner() -> Callable[[Town], float]:
    def inside(town: Town) -> float:
        return 0.0

    return inside


def test_functions_that_no_worker_could_import() -> None:
    for function in (lambda town: 0.0, inner()):
        with pytest.raises(InputError, match="at the top level of a module"):
            om.run(measures=[function])
    with pytest.raises(InputError, match="must be a function, or text"):
        om.run(measures=[np.mean(3)])
    with pytest.raises(InputError, match="must be a list"):
        om.run(measures="mine:doubt")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="the argument measures says it too"):
        om.run(measures=["fear"], overrides=["record.measures=[fear]"])


def test_what_is_declared_is_checked() -> None:
    with pytest.raises(InputError, match="the model has a number of this name: give it another"):
        om.measure(unit="x", name="fear")(inner())
    with pytest.raises(InputError, match="number of this name"):
        om.measure(unit="x", name="share_red")(inner())
    with pytest.raises(InputError, match=r"level = 'city': must be one of") as refused:
        om.measure(unit="", level="city", better="up", summary="mean", weight="people")(inner())
    assert len(refused.value.problems) == 5


def test_a_script_is_told_where_to_put_it(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import omemsim as om\n@om.measure(unit='x')\ndef f(town):\n    return 0\n"
        "try:\n    om.run(measures=[f])\nexcept Exception as e:\n    print(e)\n"
    )
    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert "put it into a file of its own, as my_measures.py" in ran.stdout


def test_the_command_line_finds_the_module_in_the_folder(
    omemsim: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(dedent(SOURCE))
    (tmp_path / "helping.py").write_text(HELPING)
    words = [
        "town=small",
        *WORDS,
        "years=0.2",
        "record.measures=[all,mine:worst_fear]",
        "out=run",
    ]
    ran = omemsim("run", *words)
    assert ran.returncode == 0, ran.stderr
    assert "Fear where it is worst" in ran.stdout
    assert ",worst_fear," in (tmp_path / "run" / "series.csv").read_text()


def test_a_run_without_any_imports_none_of_it() -> None:
    code = (
        "import sys; from omemsim.inputs.config import compose_scenario as c; c('small');"
        "print('importlib.metadata' in sys.modules and 'omemsim.measures' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
