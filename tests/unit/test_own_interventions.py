"""Interventions of one's own: between weeks, with keyed random numbers, and part of a run's key."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
from own_code import start_again

import omemsim as om
from omemsim import simulation
from omemsim.inputs.config import compose_scenario
from omemsim.run import run_scenario, spin_up
from omemsim.schedule import OwnIntervention
from omemsim.simulation import Simulation
from omemsim.study.identity import identify
from omemsim.study.reader import Reader
from omemsim.study.reproduce import run_again
from omemsim.study.scenario_changes import with_changes
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError

WORDS = ["town.residents=400", "town.neighbourhoods=4", "spin_up_years=0.2"]
SOURCE = """
    import numpy as np
    import omemsim as om

    CALLED = []

    def look(town):
        CALLED.append(town.week)

    def calm(town):
        town.residents.fear *= 0.5

    def chance(town):
        n = len(town.neighbourhoods)
        hit = om.keyed(town, "chance", np.arange(n)) < 0.5
        town.neighbourhoods.trust[hit] = 1.0

    def too_much(town):
        town.residents.fear[:] = 2

    def turns_back(town):
        town.week -= 1

    def fails(town):
        1 / 0

    @om.measure(unit="share", level="neighbourhood")
    def drawn(town):
        return om.keyed(town, "chance", np.arange(len(town.neighbourhoods)))
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "mine.py").write_text(dedent(SOURCE))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    start_again("mine")
    yield tmp_path
    start_again("mine")


def composed(*words: str, strategy: str = "omem"):
    return compose_scenario("small", strategy, [*WORDS, "years=0.5", *words])


@pytest.fixture(scope="module")
def start() -> Town:
    return spin_up(composed(), 0)


def own(*items: str) -> str:
    return f"own_interventions=[{', '.join(items)}]"


def test_when_it_is_called(mine: Path, start: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = composed(own("{do: 'mine:look', from: 3, to: 16, every: 5}"), "record.every=13")
    stretches = []
    run_weeks = simulation.run_weeks

    def watched(town: Town, *rest) -> None:
        begun = town.week
        run_weeks(town, *rest)
        stretches.append((begun, town.week))

    monkeypatch.setattr(simulation, "run_weeks", watched)
    life = Simulation(asked, 0, start.copy())
    life.run_to(13)
    life.run_to(26)
    assert sys.modules["mine"].CALLED == [3, 8, 13]
    assert stretches == [(0, 3), (3, 8), (8, 13), (13, 26)]
    stretches.clear()
    Simulation(composed(), 0, start.copy()).run_to(26)
    assert stretches == [(0, 26)]  # who asks for nothing is not stopped


@pytest.mark.parametrize(
    ("week", "expected"), [(0, 3), (3, 3), (4, 8), (8, 8), (9, 13), (13, 13), (14, None)]
)
def test_its_next_week(week: int, expected: int | None) -> None:
    assert OwnIntervention("x", 3, 16, 5).next_week(week) == expected


def test_one_that_changes_nothing_changes_nothing(mine: Path, start: Town) -> None:
    usual = run_scenario(composed(), 0, start)
    looked = run_scenario(composed(own("{do: 'mine:look'}")), 0, start)
    for name, values in usual.values.items():
        assert np.array_equal(looked.values[name], values), name
    assert list(range(26)) == sys.modules["mine"].CALLED


def test_what_it_changes_counts(mine: Path, start: Town) -> None:
    usual = run_scenario(composed("record.every=1"), 0, start)
    calmed = run_scenario(
        composed("record.every=1", own("{do: 'mine:calm', from: 6, to: 7}")), 0, start
    )
    fear, calm = usual.values["fear"], calmed.values["fear"]
    assert np.array_equal(fear[:6], calm[:6])  # to the end of week 5
    assert (calm[6] < 0.7 * fear[6]).all()


def test_noise_is_keyed_and_the_same_under_every_strategy(mine: Path) -> None:
    words = ["record.measures=['mine:drawn']", own("{do: 'mine:chance', from: 4}")]
    one = run_scenario(composed(*words), 0).values["drawn"]
    other = run_scenario(composed(*words, strategy="reactive"), 0).values["drawn"]
    assert np.array_equal(one, other)
    assert not np.array_equal(one, run_scenario(composed(*words), 1).values["drawn"])
    assert len(np.unique(one)) == one.size


def test_keyed_numbers_are_uniform_and_shaped() -> None:
    town = Town(7, dict.fromkeys(TABLES, 1))
    drawn = om.keyed(town, "a", np.arange(100_000))
    assert drawn.min() > 0
    assert drawn.max() < 1
    assert abs(drawn.mean() - 0.5) < 0.005
    assert abs(np.histogram(drawn, 10, (0, 1))[0] / 10_000 - 1).max() < 0.05
    for other in (
        om.keyed(town, "b", np.arange(100_000)),
        om.keyed(town, "a", np.arange(100_000), draw=1),
    ):
        assert abs(np.corrcoef(drawn, other)[0, 1]) < 0.015
    assert om.keyed(town, "a", 5).shape == ()
    assert om.keyed(town, "a", 5) == drawn[5]
    assert np.array_equal(om.keyed(town, "a", [[1, 2], [3, 4]]), drawn[1:5].reshape(2, 2))
    town.week = 1
    assert not np.array_equal(om.keyed(town, "a", np.arange(100_000)), drawn)
    for wrong in (-1, 2**32, 0.5, [0, -3]):
        with pytest.raises(InputError, match="must be whole numbers"):
            om.keyed(town, "a", wrong)


TABLES = (
    "neighbourhoods",
    "places",
    "households",
    "residents",
    "agencies",
    "officers",
    "initiatives",
)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("too_much", "mine:too_much, before week 2: residents.fear leaves"),
        ("turns_back", "before week 2: the week or the seed of the town has changed"),
    ],
)
def test_what_it_leaves_is_checked(mine: Path, start: Town, name: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        run_scenario(composed(own(f"{{do: 'mine:{name}', from: 2}}")), 0, start)


def test_what_it_raises_says_where(mine: Path, start: Town) -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        run_scenario(composed(own("{do: 'mine:fails', from: 2}")), 0, start)
    assert raised.value.__notes__ == ["In the intervention mine:fails, before week 2."]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("{from: 3}", "do is missing"),
        ("{do: 'mine:nothing'}", "'nothing' in mine is no function"),
        ("{do: 'mine:calm', from: 26}", "is after the end"),
        ("{do: 'mine:calm', from: 3, to: 3}", "is not after from"),
        ("{do: 'mine:calm', every: 0}", "every = 0: must be"),
        ("{do: 'mine:calm', weeks: 3}", "There is no key"),
    ],
)
def test_what_cannot_be_is_refused(mine: Path, item: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        composed(own(item))
    assert said in str(refused.value)


def test_its_source_and_weeks_are_in_the_key(mine: Path) -> None:
    def key(*words: str) -> str:
        return identify(composed(*words), replicate=0, town="small", strategy="omem").run_id

    usual = key()
    calm = key(own("{do: 'mine:calm', from: 3}"))
    assert len({usual, calm, key(own("{do: 'mine:calm', from: 4}"))}) == 3
    varied = with_changes(
        composed(), {"strategy.own_interventions": [{"do": "mine:calm", "from": 3}]}
    )
    assert varied == composed(own("{do: 'mine:calm', from: 3}"))
    (mine / "mine.py").write_text(dedent(SOURCE).replace("0.5", "0.6"))
    start_again("mine")
    assert key(own("{do: 'mine:calm', from: 3}")) != calm
    assert key() == usual


def test_two_processes_do_it_and_the_store_tells_it_apart(mine: Path) -> None:
    import mine as module  # type: ignore[import-not-found]

    asked = {"town": "small", "years": 0.3, "overrides": WORDS, "replicates": 2}
    calm = [{"do": module.calm, "from": np.int64(4), "to": 8, "every": 2}]
    here = {"store": mine / "store", "workers": 1}
    both = {**here, "workers": 2}
    usual = om.compare("omem", **asked, **here)
    found = om.compare("omem", **asked, **both, interventions=calm)
    assert found.reused == 0

    def fear(comparison) -> float:
        return comparison.table().query("measure == 'fear'").iloc[0].baseline_mean

    assert fear(found) < fear(usual)
    assert om.compare("omem", **asked, **both, interventions=calm).reused == 4
    kept = found.runs["omem", 1].run_id
    with Reader(both["store"]) as store:
        assert run_again(store, kept).is_same
    (mine / "mine.py").write_text(dedent(SOURCE).replace("*= 0.5", "*= 0.1"))
    start_again("mine")
    calm[0]["do"] = "mine:calm"
    with Reader(both["store"]) as store, pytest.raises(InputError, match="that this was made with"):
        run_again(store, kept)
    other = om.compare("omem", **asked, **here, interventions=calm)
    assert other.reused == 0
    assert fear(other) < fear(found)


def test_one_strategy_alone_has_it_in_its_file(mine: Path) -> None:
    (mine / "calm.yaml").write_text(
        "base: omem\nown_interventions:\n- {do: 'mine:calm', from: 2}\n"
    )
    found = om.compare(
        "omem",
        str(mine / "calm.yaml"),
        town="small",
        years=0.3,
        overrides=WORDS,
        replicates=2,
        store=mine / "store",
        workers=1,
    )
    (difference,) = found.differences("fear").values()
    assert difference.difference < 0


def test_python_refuses_what_no_worker_could_do() -> None:
    with pytest.raises(InputError, match="must be a list of functions"):
        om.run(interventions=print)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="must be a function, or text"):
        om.run(interventions=[{"from": 3}])
    with pytest.raises(InputError, match="the argument interventions says it too"):
        om.run(interventions=["mine:f"], overrides=["own_interventions=[{do: 'mine:f'}]"])


def test_the_command_line_does_it(
    omemsim: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(dedent(SOURCE))
    words = ["town=small", *WORDS, "years=0.2", own("{do: 'mine:too_much', from: 2}")]
    ran = omemsim("run", *words, "out=run")
    assert ran.returncode == 2, ran.stderr
    assert "The intervention mine:too_much, before week 2" in ran.stderr
