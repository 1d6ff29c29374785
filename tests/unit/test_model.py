"""`OmemModel` as any Mesa model: agents, residents, collection, batches, and the end of it."""

import dataclasses
import functools
import gc
import inspect
import warnings
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import mesa
import numpy as np
import pytest

from omemsim.agents import AgencyAgent, NeighbourhoodAgent, OfficerAgent, Resident, Residents
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.seeds import replicate_of
from omemsim.measures import MEASURES
from omemsim.model import OmemModel
from omemsim.run import run_scenario
from omemsim.spin_up import spin_up
from omemsim.study.identity import identify
from omemsim.vocabulary.columns import COLUMNS
from omemsim.vocabulary.errors import InputError

WORDS = ("town.residents=400", "town.neighbourhoods=3", "spin_up_years=0.5", "years=0.25")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return compose_scenario("small", "omem", WORDS)


@pytest.fixture
def model() -> Iterator[OmemModel]:
    one = OmemModel("small", "omem", overrides=WORDS)
    yield one
    one.close()


def living() -> int:
    gc.collect()
    return sum(type(thing) is OmemModel for thing in gc.get_objects())


def test_neighbourhoods_agencies_and_officers_are_agents(model: OmemModel) -> None:
    for kind, table in (
        (NeighbourhoodAgent, model.town.neighbourhoods),
        (AgencyAgent, model.town.agencies),
        (OfficerAgent, model.town.officers),
    ):
        agents = list(model.agents_by_type[kind])
        assert [agent.row for agent in agents] == list(range(len(table)))
        assert all(isinstance(agent, mesa.Agent) for agent in agents)
    assert len(model.agents) == sum(
        len(table)
        for table in (model.town.neighbourhoods, model.town.agencies, model.town.officers)
    )


def test_an_agent_and_its_row_are_the_same_thing(model: OmemModel) -> None:
    for agents in model.agents_by_type.values():
        agent = agents[-1]
        for column in COLUMNS:
            if column.table != agent.table_name or column.width > 1:
                continue
            cells = getattr(agent.table, column.name)
            setattr(agent, column.name, 1)
            assert cells[agent.row] == 1
            cells[agent.row] = 0
            assert getattr(agent, column.name) == 0


def test_a_neighbourhood_has_its_name(model: OmemModel) -> None:
    names = [agent.name for agent in model.agents_by_type[NeighbourhoodAgent]]
    assert names == ["Neighbourhood 1", "Neighbourhood 2", "Neighbourhood 3"]


def test_agents_offer_their_columns_to_an_agent_set(model: OmemModel) -> None:
    agents = model.agents_by_type[NeighbourhoodAgent]
    assert agents.get("residents") == model.town.neighbourhoods.residents.tolist()
    model.town.neighbourhoods.fear[:] = [0.1, 0.9, 0.2]
    assert [agent.row for agent in agents.select(lambda agent: agent.fear > 0.5)] == [1]


def test_residents_are_rows_seen_one_by_one(model: OmemModel) -> None:
    residents = model.residents
    assert len(residents) == len(list(residents)) == 400
    one = residents[7]
    assert isinstance(one, Resident)
    assert repr(one) == "Resident(7)"
    one.fear = 0.625
    assert model.town.residents.fear[7] == 0.625
    model.town.residents.fear[7] = 0.25
    assert one.fear == 0.25


def test_residents_speak_the_language_of_agent_sets(model: OmemModel) -> None:
    fear = model.town.residents.fear
    fear[:] = np.linspace(0, 1, 400)
    fearful = model.residents.select(lambda r: r.get("fear") > 0.5)
    assert len(fearful) == 200
    assert fearful[0].row == 200
    assert fearful.agg("fear", np.min) == fear[200]
    brave = fearful.select(lambda r: r.get("fear") < 0.6)
    assert {one.row for one in brave} == set(range(200, 240))
    brave.set("fear", 0.0)
    assert not fear[200:240].any()
    assert fear[199] > 0
    assert fear[240] > 0


def test_residents_group_by_a_column(model: OmemModel) -> None:
    groups = model.residents.groupby("age")
    assert set(groups) == {0, 1, 2, 3}
    assert all(isinstance(group, Residents) for group in groups.values())
    assert sum(len(group) for group in groups.values()) == 400
    for age, group in groups.items():
        assert set(group.get("age").tolist()) == {age}


def test_a_step_is_a_week(model: OmemModel) -> None:
    week = model.town.week
    model.step()
    model.step()
    assert model.town.week == week + 2
    assert model.town.check() == []


def test_stepping_gives_what_a_run_gives(scenario: Scenario) -> None:
    series = run_scenario(scenario, replicate=1)
    model = OmemModel(scenario=scenario, replicate=1, start=spin_up(scenario, 1))
    weekly = [measure for measure in MEASURES.values() if measure.is_weekly]
    sums = dict.fromkeys([measure.name for measure in weekly], 0.0)
    for week in range(1, int(series.weeks[-1]) + 1):
        model.step()
        for measure in weekly:
            sums[measure.name] += measure.read(model.town, 1)
        if week in series.weeks:
            row = series.weeks.tolist().index(week)
            since = week - (int(series.weeks[row - 1]) if row else 0)
            for name, measure in MEASURES.items():
                read = sums[name] / since if name in sums else measure.read(model.town, since)
                assert np.array_equal(series.values[name][row], read)
            sums = dict.fromkeys(sums, 0.0)
    model.close()
    assert series.weeks[0] == scenario.record.every == 4


def test_a_run_leaves_its_start_as_it_was(scenario: Scenario) -> None:
    start = spin_up(scenario, 0)
    before = start.residents.trust.copy()
    first, second = (run_scenario(scenario, 0, start) for _ in range(2))
    assert start.week == 0
    assert np.array_equal(start.residents.trust, before)
    for name, values in first.values.items():
        assert np.array_equal(values, second.values[name])
        assert np.array_equal(values, run_scenario(scenario, 0).values[name])


def test_replicates_differ_and_repeat(scenario: Scenario) -> None:
    calls = [run_scenario(scenario, r).values["public_calls"] for r in (0, 1, 0)]
    assert np.array_equal(calls[0], calls[2])
    assert not np.array_equal(calls[0], calls[1])


def test_other_noise_begins_in_week_0_with_the_same_town(scenario: Scenario) -> None:
    start = spin_up(scenario, 3)
    usual, same, one, two = (
        run_scenario(dataclasses.replace(scenario, noise_seed=noise_seed), 3, start=start).summary()
        for noise_seed in (0, 0, 1, 2)
    )
    assert usual == same == run_scenario(scenario, 3).summary()
    assert len({x["victimization"] for x in (usual, one, two)}) == 3
    assert one == run_scenario(dataclasses.replace(scenario, noise_seed=1), 3).summary()
    other = dataclasses.replace(scenario, noise_seed=1)
    here, there = OmemModel(scenario=scenario), OmemModel(scenario=other)
    for name, table in here.town.tables().items():  # week 0 is the same, whatever follows
        for column, values in table.columns().items():
            assert np.array_equal(values, there.town.tables()[name].columns()[column]), column
    assert here.town.seed != there.town.seed


def test_other_noise_is_another_question(scenario: Scenario) -> None:
    other = dataclasses.replace(scenario, noise_seed=1)
    keys = [identify(x, replicate=0, town="t", strategy="s") for x in (scenario, other)]
    assert keys[0].run_id != keys[1].run_id


def test_without_a_replicate_a_fresh_one_is_drawn_and_kept() -> None:
    models = [OmemModel(overrides=WORDS, replicate=None) for _ in range(2)]
    assert models[0].replicate != models[1].replicate
    again = OmemModel(overrides=WORDS, replicate=models[0].replicate)
    assert again.town.seed == models[0].town.seed != models[1].town.seed
    for model in (*models, again):
        model.step()
    assert np.array_equal(again.town.residents.trust, models[0].town.residents.trust)
    for model in (*models, again):
        model.close()


def test_replicate_zero_is_not_no_replicate(model: OmemModel) -> None:
    assert model.replicate == 0


def test_mesas_own_generators_take_rng_and_leave_the_town_alone() -> None:
    towns, numbers = [], []
    for rng in (1, 2):
        model = OmemModel(overrides=WORDS, replicate=0, rng=rng)
        model.step()
        towns.append(model.town.residents.fear.copy())
        numbers.append(model.rng.random())
        model.close()
    assert numbers[0] != numbers[1]
    assert np.array_equal(*towns)


SEEDS: list[Callable[[], Any]] = [
    lambda: 7,
    lambda: np.int64(7),
    lambda: 2**40,
    lambda: [3, 1, 4],
    lambda: np.random.SeedSequence(7),
    lambda: np.random.default_rng(8),
]


def test_a_seed_is_a_replicate_and_the_same_seed_the_same_one() -> None:
    found = [[replicate_of("rng", seed()) for _ in range(2)] for seed in SEEDS]
    assert all(first == second for first, second in found)
    replicates = [first for first, _ in found]
    assert replicates[:2] == [7, 7]
    assert len(set(replicates)) == len(SEEDS) - 1
    assert all(type(one) is int and 0 <= one < 2**31 for one in replicates)


def test_mesas_generator_is_not_drawn_from_for_the_replicate() -> None:
    drawn, untouched = np.random.default_rng(7), np.random.default_rng(7)
    replicate_of("rng", drawn)
    assert drawn.random() == untouched.random()


@pytest.mark.parametrize("replicate", [3, np.int64(3), np.uint8(3), np.array(3)])
def test_a_number_of_numpy_s_is_a_replicate(replicate: Any) -> None:
    # and wins over the seed
    assert replicate_of(replicate, 5) == 3


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"replicate": -1}, "replicate = -1: must be a whole number from 0 to 2,147,483,647"),
        ({"replicate": 2**31}, "replicate = 2147483648"),
        ({"replicate": True}, "replicate = True"),
        ({"replicate": np.True_}, "replicate = True"),
        ({"replicate": 1.5}, "replicate = 1.5"),
        ({"replicate": float("nan")}, "replicate = nan"),
        ({"replicate": "3"}, "replicate = '3': must be a whole number"),
        ({"rng": -1}, "rng = -1: must be a whole number from 0, which is the replicate"),
        ({"rng": 1.5}, "rng = 1.5"),
        ({"rng": "a"}, "rng = 'a'"),
        ({"rng": True}, "rng = True"),
        ({"overrides": "years=1"}, "overrides = 'years=1': must be a list of key=value words"),
        ({"town": 3}, "town = 3: must be a name in quotes"),
    ],
)
def test_what_is_no_argument_of_a_model_is_told(arguments: dict[str, Any], part: str) -> None:
    with pytest.raises(InputError) as refused:
        OmemModel(**arguments)
    assert part in str(refused.value)


def test_a_data_collector_has_every_measure_of_every_week(model: OmemModel) -> None:
    for _ in range(3):
        model.step()
    frame = model.datacollector.get_model_vars_dataframe()
    assert list(frame.columns) == list(MEASURES)
    assert len(frame) == 3
    assert frame["calls_answered"].iloc[-1] == model.town.service.answered[0]
    assert (
        frame["trust"].iloc[-1].tolist() == model.town.neighbourhoods.trust.astype(float).tolist()
    )


def batch(**settings: Any) -> list[dict[str, Any]]:
    return mesa.batch_run(
        OmemModel,
        parameters={"strategy": ["reactive", "omem"], "replicate": [0, 1], "overrides": [WORDS]},
        max_steps=4,
        data_collection_period=1,
        number_processes=1,
        display_progress=False,
        **settings,
    )


def test_mesa_runs_it_in_batches() -> None:
    rows = batch()
    assert {(row["strategy"], row["replicate"]) for row in rows} == {
        (strategy, replicate) for strategy in ("reactive", "omem") for replicate in (0, 1)
    }
    steps = sorted({row["Step"] for row in rows})
    assert len(rows) == 4 * len(steps)
    assert len(steps) >= 4
    assert all(MEASURES.keys() <= row.keys() for row in rows)
    for row in rows:
        assert np.isfinite(row["calls_answered"])
    last = [row for row in rows if row["Step"] == steps[-1]]
    # Hours on calls come in few sizes, so that two runs may have as many: feelings tell.
    assert len({tuple(row["trust"]) for row in last}) > 1
    assert [tuple(row["trust"]) for row in batch()] == [tuple(row["trust"]) for row in rows]


def replicates_of(rows: list[dict[str, Any]]) -> list[int]:
    """Return which replicate each run of `one_by_one` was, told by its feelings."""
    return [by_hand().index((tuple(row["trust"]), tuple(row["fear"]))) for row in rows]


@functools.cache
def by_hand() -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    """Return trust and fear after two weeks of replicates 0 to 4, each made by its number."""
    found = []
    for replicate in range(5):
        model = OmemModel("small", "omem", replicate, (*WORDS[:3], "years=0.04"))
        while model.running:
            model.step()
        table = model.datacollector.get_model_vars_dataframe()
        found.append((tuple(table["trust"].iloc[-1]), tuple(table["fear"].iloc[-1])))
        model.close()
    assert len(set(found)) == 5
    return found


def one_by_one(
    number_processes: int = 1, kind: type[OmemModel] = OmemModel, **more: Any
) -> list[dict[str, Any]]:
    """Return the last rows of a batch of two weeks, in the order of its runs."""
    batch = {name: more.pop(name) for name in ("iterations", "rng_of_batch") if name in more}
    if "rng_of_batch" in batch:
        batch["rng"] = batch.pop("rng_of_batch")
    words = (*WORDS[:3], "years=0.04")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # iterations=, from Mesa 3.4 on
        rows = mesa.batch_run(
            kind,
            parameters={"strategy": "omem", "overrides": [words], **more},
            number_processes=number_processes,
            display_progress=False,
            **batch,
        )
    return sorted(rows, key=lambda row: row["RunId"])


def test_an_iteration_of_a_batch_is_another_replicate() -> None:
    rows = one_by_one(iterations=3)
    assert [row["iteration"] for row in rows] == [0, 1, 2]
    assert replicates_of(rows) == [0, 1, 2]
    assert replicates_of(one_by_one()) == [0]


def test_an_iteration_is_known_in_another_process_and_to_a_subclass() -> None:
    assert replicates_of(one_by_one(number_processes=2, iterations=2)) == [0, 1]

    class Mine(OmemModel):
        def __init__(self, **arguments: Any) -> None:
            super().__init__(**arguments)

    assert replicates_of(one_by_one(kind=Mine, iterations=2)) == [0, 1]


SEED_OF_BATCH = "rng" in inspect.signature(mesa.batch_run).parameters


def test_a_seed_of_a_batch_is_its_replicate() -> None:
    if SEED_OF_BATCH:  # Mesa 3.4 on
        assert replicates_of(one_by_one(rng_of_batch=[3, 1, 3])) == [3, 1, 3]
    else:
        assert replicates_of(one_by_one(rng=[3, 1, 3])) == [3, 1, 3]
        assert replicates_of(one_by_one(rng=[3], iterations=2)) == [3, 3]


def test_an_explicit_replicate_wins_in_a_batch() -> None:
    seed = {"rng_of_batch": [1, 2]} if SEED_OF_BATCH else {"rng": [1, 2]}
    assert replicates_of(one_by_one(replicate=4, **seed)) == [4, 4]
    assert replicates_of(one_by_one(replicate=[4, 2], iterations=2)) == [4, 2, 4, 2]


def test_a_batch_leaves_no_model_behind() -> None:
    before = living()
    batch()
    assert living() == before


def test_a_town_drawn_for_mesa_has_zones_of_its_own() -> None:
    # Without a spin-up there are no records yet: that must not read as red for ever.
    model = OmemModel("small", "reactive", overrides=("town.residents=1200",))
    for _ in range(120):
        model.step()
    zones = set(model.town.neighbourhoods.zone.tolist())
    model.close()
    assert zones != {0}


def test_closing_frees_the_model() -> None:
    model = OmemModel(overrides=WORDS)
    model.step()
    gone = weakref.ref(model)
    model.close()
    del model
    gc.collect()
    assert gone() is None


def test_a_run_leaves_no_model_behind(scenario: Scenario) -> None:
    before = living()
    run_scenario(scenario, 0)
    assert living() == before
