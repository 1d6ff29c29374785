"""Tactics of one's own from Python and from files: what is declared, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

import omemsim as om
from omemsim.cli.describe import tactics
from omemsim.inputs.arguments import tactics_word
from omemsim.inputs.config import compose_scenario
from omemsim.strategies import own_shares_by_zone, shares_by_zone
from omemsim.study.scenario_changes import with_changes
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.own_tactics import (
    BY_DOSE,
    BY_HOURS,
    CHANNELS,
    DIRECT,
    ROOM_FOR,
    OwnTactic,
)
from omemsim.vocabulary.wheel import STOCKS, Area, Pillar, Tactic, Work, Zone

WORDS = ["town.residents=400", "town.neighbourhoods=4", "spin_up_years=0.2"]
MEDICS = om.tactic("medics", channels={"contacts": 0.5, "mobilization": 0.8}, half=0.5, memory=4)


def declared(**more: Any) -> dict[str, Any]:
    return {"name": "medics", "channels": {"contacts": 0.5}, **more}


def problems_of(*tactics: dict[str, Any], mix: str = "") -> str:
    words = tactics_word(list(tactics), [])
    with pytest.raises(InputError) as refused:
        compose_scenario("small", "reactive", [*words, *([mix] if mix else [])])
    return " ".join(refused.value.problems)


def test_every_stock_is_a_channel_and_no_channel_is_direct() -> None:
    assert tuple(stock.name for stock in STOCKS.values()) == BY_DOSE
    assert set(CHANNELS) == set(BY_DOSE) | set(BY_HOURS)
    assert not set(CHANNELS) & set(DIRECT)
    # What acts on risk at a place: no hours of these, and no project, can be had by a channel.
    direct = {
        *(Tactic.PATROL, Tactic.TARGETED_ENFORCEMENT, Tactic.DIRECTED_PATROL),
        *(Tactic.INITIATE_PROBLEM_SOLVING, Tactic.PROBLEM_ORIENTED_POLICING),
    }
    assert not direct & set(BY_HOURS.values())
    assert {tactic.name.lower() for tactic in direct} <= set(DIRECT)
    assert {work.name.lower() for work in (Work.LIGHTING, Work.TARGET_HARDENING)} <= set(DIRECT)


def test_python_takes_objects_and_mappings() -> None:
    plain = {
        "name": "walks",
        "channels": {"voice": 0.4},
        "zone": "blue",
        "title": "It's a walk, 'x'",
    }
    words = [*tactics_word([MEDICS, plain], []), "strategy.mix.red.medics=0.25"]
    strategy = compose_scenario("small", "reactive", words).strategy
    assert strategy.tactics[0] == MEDICS
    walks = strategy.tactics[1]
    assert (walks.called, walks.zone, walks.pillar) == ("It's a walk, 'x'", Zone.BLUE, Pillar(0))
    assert (walks.area, walks.memory, walks.half) == (Area.PREVENTION, 8.0, 1.0)
    assert MEDICS.called == "medics"


@pytest.mark.parametrize("title", ["a\\", "a\\'", "''", "a\\\\", "{x}: [y], é", ""])
def test_any_text_comes_through_the_words(title: str) -> None:
    (word,) = tactics_word([declared(title=title)], [])
    assert compose_scenario("small", "reactive", [word]).strategy.tactics[0].title == title


def test_a_strategy_s_file_declares_them(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "mix: {all: {medics: 0.5, patrol: 0.1}}\n"
        "tactics:\n- {name: medics, half: 2, channels: {contacts: 0.5, leaders: 1}}\n"
    )
    strategy = compose_scenario("small", str(mine)).strategy
    assert strategy.tactics == [
        OwnTactic("medics", half=2.0, channels={"contacts": 0.5, "leaders": 1.0})
    ]
    shares = shares_by_zone(strategy.mix, 0.0, ["medics"])
    assert shares[:, Tactic.PATROL].tolist() == shares.sum(axis=1).tolist() == [0.1] * 4
    own = own_shares_by_zone(strategy.mix, strategy.tactics)
    assert own.tolist() == [[0.5, 0, 0, 0]] * 4
    found = om.run(town="small", strategy=str(mine), years=0.1, overrides=WORDS)
    assert found.values["hours_own"][-1] > 0


def test_all_of_a_comparison_s_strategies_may_name_them(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("mix: {all: {medics: 0.5}}\n")
    found = om.compare(
        *("reactive", str(mine)),
        town="small",
        years=0.1,
        replicates=1,
        overrides=WORDS,
        tactics=[MEDICS],
        store=tmp_path / "store",
        workers=1,
    )
    row = found.table().query("measure == 'hours_own'").iloc[0]
    assert (row.baseline_mean, row["mean"] > 0) == (0, True)


def test_the_model_is_the_same_where_none_is_named() -> None:
    def series(**more: Any) -> Any:
        return om.run(town="small", strategy="omem", years=0.3, overrides=WORDS, **more).values

    plain, with_own = series(), series(tactics=[MEDICS])
    assert [name for name in plain if not (plain[name] == with_own[name]).all()] == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (declared(name="patrol"), "tactics[0].name = 'patrol': the model has this name"),
        (declared(name="lighting"), "the model has this name: give it another, as my_lighting"),
        (declared(name="Med-ics"), "must be small letters, digits and _, as street_medics"),
        (declared(channels={}), "tactics[0].channels is empty: name at least one"),
        (declared(channels={"contact": 1}), "no such channel. Did you mean 'contacts'?"),
        (declared(channels={"contacts": -0.1}), "channels.contacts = -0.1: must be from 0 to 1"),
        (declared(channels={"contacts": 1.5}), "channels.contacts = 1.5: must be from 0 to 1"),
        (
            declared(half=0),
            "tactics[0].half = 0: must be a number from 0.01 to 100 (hours/1,000/week)",
        ),
        (declared(memory=-1), "tactics[0].memory = -1: must be a number from 1 to 520 (weeks)"),
        (declared(zone="pink"), "tactics[0].zone = 'pink': must be one of red, amber, green, blue"),
        (declared(fades=3), "There is no key 'strategy.tactics[0].fades'"),
        *(
            (declared(channels={name: 0.5}), "act directly on risk")
            for name in ("visits", "problem_solving", "targeted_enforcement", "designed", "risk")
        ),
    ],
)
def test_a_wrong_declaration_says_what_where_and_what_is_allowed(
    wrong: dict[str, Any], said: str
) -> None:
    assert said in problems_of(wrong)


def test_not_more_than_there_is_room_for_and_each_once() -> None:
    many = [declared(name=f"medics_{number}") for number in range(ROOM_FOR + 1)]
    said = problems_of(*many)
    assert f"strategy.tactics: {ROOM_FOR + 1} tactics of your own (medics_0, medics_1," in said
    assert f"the week has room for {ROOM_FOR}" in said
    assert "another tactic in the list has this name" in problems_of(declared(), declared())
    compose_scenario("small", "reactive", tactics_word(many[:ROOM_FOR], []))


def test_a_mix_of_more_than_all_hours_is_refused_with_own_tactics_in_it() -> None:
    mix = "strategy.mix={all: {patrol: 0.6, medics: 0.5}}"
    assert "add up to 1.1; at most 1" in problems_of(declared(), mix=mix)
    with pytest.raises(InputError, match=r"no such tactic\. Did you mean 'medics'"):
        with_changes(
            compose_scenario("small", "reactive", tactics_word([MEDICS], [])),
            {"strategy.mix.red.medic": 0.1},
        )


@pytest.mark.parametrize("wrong", ["medics", ["medics"], [3], {"name": "medics"}])
def test_what_is_no_list_of_tactics_is_refused(wrong: Any) -> None:
    with pytest.raises(InputError, match="must be a list of tactics, as"):
        om.run(town="small", tactics=wrong)


def test_it_is_said_once() -> None:
    with pytest.raises(InputError, match="the argument tactics says it too"):
        om.run(town="small", tactics=[MEDICS], overrides=["strategy.tactics=[]"])


def test_a_declaration_in_python_is_checked_at_once() -> None:
    with pytest.raises(InputError, match=r"There is no key 'half_life'"):
        om.tactic("medics", channels={"voice": 0.5}, half_life=4)
    with pytest.raises(InputError, match=r"tactic: channels\.lit: design of places"):
        om.tactic("medics", channels={"lit": 0.5})


def test_channels_are_listed() -> None:
    told = " ".join(tactics().split())
    assert f"of your own, up to {ROOM_FOR} of a strategy" in told
    assert all(f"{channel}: {doc}" in told for channel, doc in CHANNELS.items())
