"""Varying a scenario: the same as composing it, checked, and cheap."""

import sys
from pathlib import Path
from typing import Any

import pytest

from omemsim.inputs.config import compose_scenario, scenario_from_dict, scenario_to_dict
from omemsim.inputs.scenario import Scenario
from omemsim.study.identity import identify
from omemsim.study.scenario_changes import Keys, start_of, with_changes
from omemsim.vocabulary.errors import InputError

CHANGES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"parameters.feel.pace": 3.0}, ["parameters.feel.pace=3"]),
    (
        {"strategy.precision": 0.25, "strategy.allocation": "calls", "years": 2},
        ["strategy.precision=0.25", "strategy.allocation=calls", "years=2"],
    ),
    ({"strategy.mix.red.targeted_enforcement": 0.4}, ["strategy.mix.red.targeted_enforcement=0.4"]),
    ({"town.residents": 400, "seed": 3}, ["town.residents=400", "seed=3"]),
    ({"record.every": 13, "strategy.spend": {}}, ["record.every=13", "strategy.spend={}"]),
]


@pytest.fixture(scope="module")
def base() -> Scenario:
    return compose_scenario("small", "omem")


@pytest.mark.parametrize(("changes", "words"), CHANGES)
def test_it_is_what_composing_gives(
    base: Scenario, changes: dict[str, Any], words: list[str]
) -> None:
    varied = with_changes(base, changes)
    if "strategy.spend" not in changes:  # a mapping in a word is laid over, here it replaces
        assert varied == compose_scenario("small", "omem", words)
    assert scenario_from_dict(scenario_to_dict(varied)) == varied
    assert base == compose_scenario("small", "omem")


@pytest.mark.parametrize(("changes", "words"), CHANGES)
def test_a_run_has_the_id_of_its_whole_config(
    base: Scenario, changes: dict[str, Any], words: list[str]
) -> None:
    del words
    keys, varied = Keys(base), with_changes(base, changes)
    for replicate, run_id in enumerate(keys.ids(varied, range(3))):
        whole = identify(varied, replicate=replicate, town="small", strategy="omem")
        assert run_id == whole.run_id
    key = keys.key(run_id, 2, changes)
    assert key.config == identify(base, replicate=0, town="small", strategy="omem").config
    assert (key.town, key.strategy, key.replicate) == ("small", "omem", 2)


def test_ids_differ_by_what_is_asked(base: Scenario) -> None:
    keys = Keys(base)
    ids = [run for changes, _ in CHANGES for run in keys.ids(with_changes(base, changes), range(2))]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"parameters.feel.pase": 1}, "Did you mean 'parameters.feel.pace'"),
        ({"parameters.feel": 1}, "group of keys"),
        ({"strategy.precision": 2}, "strategy.precision = 2: must be a number from 0 to 1"),
        ({"strategy.survey_size": 2.5}, "whole number"),
        ({"strategy.mix.red.patrol": 0.9}, "add up to"),
        ({"parameters.zones.calls_low": 900.0}, "each line must be above"),
        ({"town.residents": 3}, "at least 1 each"),
        ({"town.name": "x"}, "cannot be varied"),
        ({"record.measures": ["trist"]}, "Did you mean 'trust'"),
    ],
)
def test_what_does_not_fit_is_refused(base: Scenario, changes: dict[str, Any], match: str) -> None:
    with pytest.raises(InputError, match=match):
        with_changes(base, changes)


def test_every_problem_is_told(base: Scenario) -> None:
    with pytest.raises(InputError) as refused:
        with_changes(base, {"strategy.precision": 2, "years": -1})
    assert len(refused.value.problems) == 2


def test_a_run_costs_few_calls(base: Scenario) -> None:
    # Counted, not timed: 1 ms is about 10,000 calls. Composing it anew takes some 40,000.
    keys, changes = Keys(base), {"parameters.feel.pace": 3.0, "strategy.precision": 0.5}
    keys.ids(with_changes(base, changes), range(1))
    calls = 0

    def count(frame: object, event: str, arg: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        keys.key(keys.ids(with_changes(base, changes), range(1))[0], 0, changes)
    finally:
        sys.setprofile(None)
    print(f"{calls} calls")
    assert calls < 3000


def test_an_edited_table_is_another_start_in_the_same_process(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    rows = [f"{k},{1000 + k},{k % 4},{10 + k}" for k in range(6)]
    table.write_text("\n".join(["id,population,violence,property", *rows]))
    scenario = compose_scenario("table", "omem", [f"town.file={table}"])
    first = start_of(scenario)
    assert start_of(scenario) == first
    table.write_text(table.read_text().replace("1003", "12003"))
    assert start_of(scenario) != first
