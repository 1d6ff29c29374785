"""`import omemsim as om` as people use it: sent to other processes, and given NumPy's numbers."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import pickle
import re
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import omemsim as om
from omemsim.study.sweep_results import Swept
from omemsim.vocabulary.errors import InputError

ROOT = Path(__file__).resolve().parents[2]
TINY = ["town.residents=200", "town.neighbourhoods=2", "spin_up_years=0.1"]
PUBLIC = [name for name in om.__all__ if name != "__version__"]


# --- It goes to other processes ----------------------------------------------------------


def picklers() -> list[Any]:
    """Return pickle, and cloudpickle (joblib's and Dask's) where it is installed."""
    found = [pickle]
    if importlib.util.find_spec("cloudpickle"):
        found.append(importlib.import_module("cloudpickle"))
    return found


@pytest.mark.parametrize("pickler", picklers(), ids=lambda one: str(one.__name__))
def test_the_package_and_all_that_is_public_is_pickled_by_its_name(pickler: Any) -> None:
    importlib.import_module("omemsim.run")  # a module of the same name as a function
    assert pickler.loads(pickler.dumps(om)) is om
    for name in PUBLIC:
        thing = getattr(om, name)
        assert pickler.loads(pickler.dumps(thing)) is thing, name
        assert len(pickler.dumps(thing)) < 200, f"{name} is sent whole"


def test_a_module_does_not_take_the_place_of_a_function() -> None:
    for name in PUBLIC:
        assert not isinstance(getattr(om, name), ModuleType)
    assert isinstance(importlib.import_module("omemsim.run"), ModuleType)
    om.run = importlib.import_module("omemsim.run")  # as the import system does
    assert inspect.isfunction(om.run)
    assert set(PUBLIC) <= set(dir(om))
    with pytest.raises(AttributeError, match="no attribute 'rum'"):
        om.rum  # noqa: B018


def test_a_function_of_the_face_can_be_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(om, "run", len)
    assert om.run is len


SCRIPT = """
    import multiprocessing, sys
    from concurrent.futures import ProcessPoolExecutor
    import omemsim as om

    WORDS = ["town.residents=200", "town.neighbourhoods=2", "spin_up_years=0.1"]

    def outside(replicate):
        return om.run(years=0.1, replicate=replicate, overrides=WORDS).summary()["trust"]

    def inside(replicate):
        import omemsim as om
        return om.run(years=0.1, replicate=replicate, overrides=WORDS).summary()["trust"]

    def main(door):
        mine = [outside(replicate) for replicate in (0, 1)]
        assert mine[0] != mine[1]
        for work in (outside, inside):
            assert list(map_of(door)(work, [0, 1])) == mine, work
        print("the same")

    def map_of(door):
        if door == "joblib":
            import joblib
            return lambda work, each: joblib.Parallel(2)(joblib.delayed(work)(x) for x in each)
        if door == "dask":
            return by_dask
        return by_pool

    def by_pool(work, each):
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            called = pool.submit(om.run, years=0.1, replicate=1, overrides=WORDS).result()
            assert called.summary()["trust"] == work(1)
            return list(pool.map(work, each))

    def by_dask(work, each):
        from distributed import Client, LocalCluster
        options = dict(n_workers=1, threads_per_worker=1, dashboard_address=None)
        with LocalCluster(**options) as cluster, Client(cluster) as client:
            called = client.submit(om.run, years=0.1, replicate=1, overrides=WORDS).result()
            assert called.summary()["trust"] == work(1)
            return client.gather(client.map(work, each))

    if __name__ == "__main__":
        main(sys.argv[1])
"""


def told_by(script: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a user's script in a folder of its own."""
    path = folder / "script.py"
    path.write_text(textwrap.dedent(script), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(path), *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.mark.parametrize("door", ["pool", "joblib", "dask"])
def test_functions_that_use_it_run_in_other_processes(door: str, tmp_path: Path) -> None:
    needed = {"joblib": "joblib", "dask": "distributed"}.get(door)
    if needed:
        pytest.importorskip(needed, reason=f"needs {needed} to send a function with")
    assert told_by(SCRIPT, tmp_path, door).stdout == "the same\n"


DAEMONIC = """
    import multiprocessing
    import omemsim as om

    WORDS = ["town.residents=200", "town.neighbourhoods=2", "spin_up_years=0.1"]
    SMALL = dict(town="small", years=0.1, overrides=WORDS, workers=2)

    def studies(replicates):
        compared = om.compare("reactive", "omem", replicates=replicates, **SMALL)
        swept = om.sweep("omem", vary={"strategy.precision": (0.2, 0.8)}, points=2, **SMALL)
        return compared.replicates, swept.finished

    if __name__ == "__main__":
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            print(pool.map(studies, [2, 3]))
"""


def test_a_study_in_a_daemonic_worker_is_done_by_one_process_and_says_so(tmp_path: Path) -> None:
    done = told_by(DAEMONIC, tmp_path)
    assert done.stdout == "[(2, 2), (3, 2)]\n"
    # Progress, and that the model is compiled, may be said beside it where that takes long.
    alone = (
        "omemsim: this process is itself a worker, which may start no others, so it does all the "
        "work alone (workers=1)."
    )
    assert done.stderr.splitlines().count(alone) == 1
    assert not re.search("Traceback|Error|leaked|Warning", done.stderr)


def test_workers_that_cannot_be_started_leave_nothing_behind(tmp_path: Path) -> None:
    done = told_by(NO_PROCESS, tmp_path)
    assert done.stdout == "OSError no more processes\n"
    assert done.stderr == ""  # no leaked semaphores


NO_PROCESS = """
    from multiprocessing.context import SpawnProcess
    from omemsim.study.dispatch import run_tasks
    from omemsim.study.engine import Engine
    from omemsim.study.tasks import Task

    def cannot(self):
        raise OSError("no more processes")

    SpawnProcess._Popen = staticmethod(cannot)
    try:
        run_tasks([Task("t", x) for x in range(4)], len, engine=Engine(workers=2),
                  on_result=print, progress=False)
    except OSError as error:
        print(type(error).__name__, error)
"""


# --- It takes NumPy's numbers ------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def swept(*strategies: str, overrides: Sequence[str] = (), **asked: Any) -> Swept:
    """Return a sweep of a tiny town, by one worker."""
    where = {"town": "small", "workers": 1, "years": 0.1}
    return om.sweep(*strategies, overrides=[*TINY, *overrides], **where | asked)


def test_a_run_and_a_comparison_take_them(here: Path) -> None:
    words = {"town": "small", "overrides": TINY}
    one = om.run(replicate=np.int64(3), years=np.float64(0.1), **words)
    assert one.meta["replicate"] == 3
    assert one.summary() == om.run(replicate=3, years=0.1, **words).summary()
    more = om.compare(
        "reactive", "omem", replicates=np.uint8(2), years=np.float32(0.25), workers=np.int8(1),
        **words,
    )  # fmt: skip
    assert more.replicates == 2


SAME: list[Any] = [
    [0.25, 0.5, 0.75],
    (0.25, 0.5, 0.75),
    np.linspace(0.25, 0.75, 3),
    np.array([0.25, 0.5, 0.75], dtype=np.float32),
    pd.Series([0.25, 0.5, 0.75]),
    pd.Index([0.25, 0.5, 0.75]),
    [np.float64(0.25), np.float32(0.5), 0.75],
    "0.25,0.5,0.75",
]


@pytest.mark.parametrize("values", SAME, ids=lambda one: type(one).__name__)
def test_values_may_stand_in_any_row(values: Any, here: Path) -> None:
    found = swept("omem", vary={"strategy.precision": values}, design="grid")
    assert found.sweep.design.points == tuple({"strategy.precision": x} for x in (0.25, 0.5, 0.75))


@pytest.mark.parametrize(
    "values", [range(40, 101, 30), np.linspace(40, 100, 3), np.arange(40, 101, 30)]
)
def test_whole_numbers_stay_whole(values: Any, here: Path) -> None:
    found = swept("omem", vary={"strategy.survey_size": values}, design="grid")
    points = [point["strategy.survey_size"] for point in found.sweep.design.points]
    assert points == [40, 70, 100]
    assert {type(x) for x in points} == {int}


def test_the_ends_of_a_range_and_counts_may_be_numpy_s(here: Path) -> None:
    ends = (np.float64(0.25), np.float32(0.75))
    found = swept(
        "omem",
        vary={"strategy.precision": ends},
        points=np.int64(4),
        replicates=np.int16(2),
        years=np.float64(0.1),
    )
    (factor,) = found.sweep.design.factors
    assert factor.ends() == (0.25, 0.75)
    assert found.values.shape[:3] == (1, 4, 2)


ROWS = [
    {"strategy.precision": 0.25, "strategy.survey_size": 40, "strategy.hand_over": True},
    {"strategy.precision": 0.75, "strategy.survey_size": 70, "strategy.hand_over": False},
]


@pytest.mark.parametrize("kind", ["frame", "mappings", "numpy", "json"])
def test_points_may_be_a_table(kind: str, here: Path) -> None:
    frame = pd.DataFrame(ROWS, index=[7, 3])
    frame.to_json(here / "points.json", orient="records")
    points: Any = {
        "frame": frame,
        "mappings": ROWS,
        "numpy": [{key: np.asarray(value)[()] for key, value in row.items()} for row in ROWS],
        "json": here / "points.json",
    }[kind]
    found = swept("omem", points=points)
    assert list(found.sweep.design.points) == ROWS
    assert [type(x) for x in found.sweep.design.points[0].values()] == [float, int, bool]


NO_NUMBER: list[tuple[dict[str, Any], str]] = [
    ({"vary": {"strategy.precision": [0.2, True]}}, "strategy.precision = True: must be a number"),
    ({"vary": {"strategy.precision": [0.2, np.True_]}}, "strategy.precision = True: must be a"),
    ({"vary": {"strategy.precision": [0.2, np.nan]}}, "strategy.precision = nan: must be a number"),
    ({"vary": {"strategy.precision": np.array([0.2, np.inf])}}, "strategy.precision = inf: must"),
    ({"vary": {"strategy.precision": [0.2, "0.4"]}}, "strategy.precision = '0.4': must be a"),
    ({"vary": {"strategy.precision": (0.2, np.nan)}}, "strategy.precision = nan: must be a number"),
    ({"vary": {"strategy.precision": ("0.2", "0.4")}}, "strategy.precision = '0.2': must be a n"),
    ({"vary": {"strategy.survey_size": [40, 40.5]}}, "40.5: must be a whole number"),
    ({"vary": {"strategy.precision": np.eye(2)}}, "needs a range as (2, 20), values in a row"),
    ({"vary": {"strategy.precision": {0.2: 1}}}, "needs a range as (2, 20), values in a row"),
    ({"vary": {"strategy.precision": None}}, "needs a range as (2, 20), values in a row"),
    ({"vary": {"strategy.precision": 0.4}}, "two values or more"),
    ({"vary": {"strategy.allocation": ("calls", "need")}}, "in Python [a, b, c]"),
    ({"vary": {"strategy": ["omem", 3]}}, "strategy = 3: must be a name in quotes"),
    ({"vary": [("strategy.precision", (0, 1))]}, "vary = [('strategy.precision', (0, 1))]: must"),
    ({"vary": {}}, "nothing varies; name a factor, in Python as vary={"),
    ({"points": pd.DataFrame({"strategy.precision": [0.2, np.nan]})}, "Point 1 (omem): strategy."),
    ({"points": [{"strategy.precision": "0.2"}]}, "Point 0 (omem): strategy.precision = '0.2'"),
    ({"points": [{"strategy.precision": np.True_}]}, "Point 0 (omem): strategy.precision = True"),
    ({"points": [{"strategy.precision": np.inf}]}, "Point 0 (omem): strategy.precision = inf"),
    ({"points": np.eye(2)}, "must be how many, a file (.csv, .json), a DataFrame"),
    ({"points": pd.Series({"strategy.precision": 0.2})}, "must be how many, a file (.csv"),
    ({"points": pd.DataFrame({"strategy.precision": []})}, "holds no point"),
    ({"points": pd.DataFrame([[0.2, 0.3]], columns=["a", "a"])}, "two columns"),
    ({"points": []}, "holds no point"),
    ({"points": 2.0}, "points = 2.0: must be a whole number from 1"),
    ({"points": True}, "points = True: must be a whole number from 1"),
    ({"points": np.nan}, "points = nan: must be a whole number from 1"),
    ({"points": 0}, "points = 0: must be a whole number from 1"),
    ({"replicates": np.float64(2)}, "replicates = 2.0: must be a whole number from 1"),
    ({"replicates": np.True_}, "replicates = True: must be a whole number from 1"),
    ({"years": np.nan}, "years = nan: must be a number, as years=2.5, and finite"),
    ({"years": "2"}, "years = '2': must be a number"),
    ({"years": True}, "years = True: must be a number"),
    ({"workers": np.inf}, "workers = inf: must be a whole number from 1"),
    ({"design": None}, "design = None: must be one of grid"),
    ({"town": ["small"]}, "town = ['small']: name them one by one"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "part"), NO_NUMBER, ids=[part[:40] for _, part in NO_NUMBER])
def test_what_is_no_number_and_no_point_is_told(
    asked: dict[str, Any], part: str, here: Path
) -> None:
    is_table = not isinstance(asked.get("points", 2), int | float)
    usual = {} if is_table else {"vary": {"strategy.precision": (0.2, 0.8)}}
    with pytest.raises(InputError) as refused:
        swept("omem", **usual | asked)
    assert part in str(refused.value)
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    "asked", [{"years": np.nan}, {"years": "2"}, {"years": True}, {"replicate": np.float64(1)}]
)
def test_a_run_is_as_strict(asked: dict[str, Any], here: Path) -> None:
    (key,) = asked
    with pytest.raises(InputError, match=f"{key} = .*: must be a "):
        om.run(**asked)
    with pytest.raises(InputError, match=r"strategy = None: must be a name"):
        om.compare("omem", None)  # type: ignore[arg-type]


# --- It varies what the command line varies -----------------------------------------------


def by_command(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    from omemsim.cli import main

    code = main(["sweep", *words, "town=small", *TINY, "--dry-run"])
    told = capsys.readouterr()
    assert code in (0, 2)
    return told.out if code == 0 else told.err


@pytest.mark.parametrize(
    ("vary", "word", "points"),
    [
        ({"strategy": ["omem", "reactive"]}, "strategy=omem,reactive", 2),
        ({"strategy": ("omem", "hot_spots", "reactive")}, "strategy=omem,hot_spots,reactive", 3),
        ({"years": [0.1, 0.2]}, "years=0.1,0.2", 2),
        ({"seed": range(3)}, "seed=0,1,2", 3),
        ({"noise_seed": [0, 5]}, "noise_seed=0,5", 2),
        ({"parameters.zones.weeks_up": range(13, 30, 13)}, "parameters.zones.weeks_up=13,26", 2),
        ({"town.clustering": np.array([0.1, 0.9])}, "town.clustering=0.1,0.9", 2),
        ({"strategy.allocation": "default"}, "strategy.allocation=default", 4),
        (
            {"strategy.mix.blue.consultation": [0.1, 0.2]},
            "strategy.mix.blue.consultation=0.1,0.2",
            2,
        ),
        ({"record.every": [2, 4]}, "record.every=2,4", 2),
    ],
)
def test_a_key_varies_as_on_the_command_line(
    vary: dict[str, Any],
    word: str,
    points: int,
    here: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    named = [] if "strategy" in vary else ["omem"]
    years = None if "years" in vary else 0.1
    found = swept(*named, vary=vary, design="grid", years=years)
    assert len(found.sweep.design.points) == found.finished == points
    said = [] if years is None else [f"years={years}"]
    told = by_command(capsys, *named, f"vary.{word}", "design=grid", *said)
    assert f"all {points} runs are in the store" in told


@pytest.mark.parametrize(
    ("vary", "word", "part"),
    [
        ({"town": ["small", "city"]}, "town=small,city", "'town' is a group of keys"),
        ({"town.name": ["a", "b"]}, "town.name=a,b", "cannot be varied"),
        ({"strategy": ["omem", "omen"]}, "strategy=omem,omen", "Did you mean 'omem'"),
        ({"strategy.precison": (0, 1)}, "strategy.precison=0..1", "Did you mean 'strategy.precis"),
        ({"years": (9, 2)}, "years=9..2", "first end must be below"),
        ({"seed": [1, 1]}, "seed=1,1", "two values or more that differ"),
    ],
)
def test_what_cannot_vary_is_told_in_the_same_words(
    vary: dict[str, Any], word: str, part: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = [] if "strategy" in vary else ["omem"]
    with pytest.raises(InputError) as refused:
        swept(*named, vary=vary, design="grid", years=None)
    told = by_command(capsys, *named, f"vary.{word}", "design=grid")
    assert part in str(refused.value)
    assert all(line in told for line in refused.value.problems)


def test_points_may_choose_the_strategy(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    points = pd.DataFrame({"strategy": ["omem", "reactive"], "strategy.precision": [0.25, 0.75]})
    found = swept(points=points)
    assert list(found.sweep.arms) == ["omem", "reactive"]
    assert found.finished == 2
    points.to_csv("points.csv", index=False)
    told = by_command(capsys, "design=points.csv", "years=0.1")
    assert "all 2 runs are in the store" in told


CLASHES = [
    (
        ["omem"],
        {"vary": {"strategy": ["reactive", "hot_spots"]}},
        ["omem", "vary.strategy=reactive,hot_spots"],
        "Strategies are named (omem), and varied (reactive, hot_spots)",
    ),
    (
        ["omem"],
        {"points": [{"strategy.precision": 0.3}], "vary": {"noise_seed": [1, 2]}},
        ["omem", "design=points.csv", "vary.noise_seed=1,2"],
        "nothing else varies, and noise_seed would have no part in it",
    ),
    (
        ["omem"],
        {"points": "points.csv", "overrides": ["strategy.precision=0.4"]},
        ["omem", "design=points.csv", "strategy.precision=0.4"],
        "strategy.precision is set and varied: do one of the two.",
    ),
    (
        ["omem"],
        {"vary": {"seed": [1, 2]}, "overrides": ["seed=4"]},
        ["omem", "vary.seed=1,2", "seed=4"],
        "seed is set and varied: do one of the two.",
    ),
]


@pytest.mark.parametrize(("named", "asked", "words", "part"), CLASHES)
def test_what_is_said_twice_is_refused_and_nothing_is_dropped(
    named: list[str],
    asked: dict[str, Any],
    words: list[str],
    part: str,
    here: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (here / "points.csv").write_text("strategy.precision\n0.3\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        swept(*named, **asked)
    assert part in str(refused.value)
    assert part in by_command(capsys, *words)


def test_a_design_and_years_beside_points_are_not_dropped_either(here: Path) -> None:
    with pytest.raises(InputError, match=r"design = 'sobol': the points are given"):
        swept("omem", points=ROWS, design="sobol")
    with pytest.raises(InputError, match=r"years is set and varied"):
        om.sweep("omem", vary={"years": [1, 2]}, years=3)


def test_no_strategy_at_all_is_told(here: Path) -> None:
    with pytest.raises(InputError, match="Name a strategy or more"):
        swept(vary={"strategy.precision": (0.2, 0.8)})
