"""The search for the best mix: candidates, halving, and a tiny search that is really run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from omemsim.analysis.best_mix import (
    BY_ZONE,
    UNIFORM,
    Search,
    Sizes,
    best_mix,
    candidates_of,
    found_csv,
    found_text,
    halved,
    search_of,
)
from omemsim.inputs.config import compose_scenario
from omemsim.study.engine import Engine
from omemsim.study.store import Store
from omemsim.vocabulary.errors import InputError

TINY = ["town.residents=300", "town.neighbourhoods=4", "spin_up_years=0.04", "years=0.5"]


def test_candidates_are_as_many_of_each_kind_and_use_every_hour() -> None:
    omem = compose_scenario(None, "omem").strategy
    found = candidates_of(omem, 6, seed=3)
    assert [len(found[kind]) for kind in (UNIFORM, BY_ZONE)] == [6, 6]
    tactics = {tactic for shares in omem.mix.values() for tactic in shares}
    for each in found.values():
        for mix in each.values():
            assert list(mix) == ["red", "amber", "green", "blue"]
            for shares in mix.values():
                assert shares.keys() <= tactics
                assert sum(shares.values()) == pytest.approx(1, abs=1e-12)
    assert all(
        all(shares == mix["red"] for shares in mix.values()) for mix in found[UNIFORM].values()
    )
    assert candidates_of(omem, 6, seed=3) == found
    assert candidates_of(omem, 6, seed=4) != found


def test_every_second_mix_by_zone_lies_half_way_to_the_uniform_one() -> None:
    found = candidates_of(compose_scenario(None, "omem").strategy, 4, seed=0)
    for k in range(4):
        alike = found[UNIFORM][f"uniform {k}"]["red"]
        least = min(
            shares.get(tactic, 0.0) - share / 2
            for shares in found[BY_ZONE][f"zones {k}"].values()
            for tactic, share in alike.items()
        )
        assert (least > -1e-3) is (k % 2 == 1)  # what rounding leaves goes to the largest share


def test_halving_keeps_the_lower_harm_and_drops_what_failed_somewhere() -> None:
    harm = {"a": [3.0, 9.0], "b": [5.0, 5.0], "c": [8.0, 8.0], "d": [0.0], "e": [4.0, 4.0]}
    assert halved(harm, is_last=False) == ["e", "b"]  # means of 4, 5, 6, 8; d failed
    assert halved(harm, is_last=True) == ["e"]
    assert halved({"a": [2.0], "b": [1.0], "c": [1.0]}, is_last=False) == ["b", "c"]
    assert halved({"a": []}, is_last=True) == []


def test_sizes_that_leave_nothing_to_search_are_refused() -> None:
    with pytest.raises(InputError) as refused:
        search_of("small", [], Sizes(mixes=1, found_in=0, judged_in=1))
    assert len(refused.value.problems) == 3


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Search, Path]:
    search = search_of("small", TINY, Sizes(mixes=4, found_in=2, judged_in=2))
    return search, tmp_path_factory.mktemp("store")


def test_a_tiny_search_finds_in_some_towns_and_judges_in_others(
    searched: tuple[Search, Path],
) -> None:
    search, folder = searched
    said: list[str] = []
    with Store(folder) as store:
        found = best_mix(search, store, engine=Engine(workers=1), progress=False, tell=said.append)
    assert said == [
        "Round 1 of 2: 8 mixes in one more town.",
        "Round 2 of 2: 4 mixes in one more town.",
        "Judging 4 mixes in 2 other towns.",
    ]
    assert not found.failures
    for kind, start in ((UNIFORM, "uniform"), (BY_ZONE, "zones")):
        mine = {name: each for name, each in found.rounds.items() if name.startswith(start)}
        assert sorted(len(each) for each in mine.values()) == [1, 1, 2, 2]
        whole = {name: np.mean(each) for name, each in mine.items() if len(each) == 2}
        assert found.best[kind] == min(whole, key=lambda name: (whole[name], name))
        first = {name: each[0] for name, each in mine.items()}
        assert set(whole) == set(sorted(first, key=lambda name: (first[name], name))[:2])
    uniform, zones = (np.array(found.judged[found.best[kind]]) for kind in (UNIFORM, BY_ZONE))
    assert found.worth.difference == pytest.approx((uniform - zones).mean())
    assert found.written["omem"].difference == pytest.approx(
        (uniform - np.array(found.judged["omem"])).mean()
    )
    text = found_text(found)
    assert "omem, as written" in text
    assert max(map(len, text.splitlines())) <= 100
    rows = found_csv(found).splitlines()
    assert rows[0] == "mix,kind,zone,tactic,share,towns,mean_harm,is_best"
    assert sum(row.startswith(f"{found.best[BY_ZONE]},by zone,red,") for row in rows) > 0


def test_a_search_goes_on_from_its_store(
    searched: tuple[Search, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    search, folder = searched
    with Store(folder) as store:
        first = best_mix(search, store, engine=Engine(workers=1), progress=False)

    def nothing(work: object, *_: object, **__: object) -> dict[str, object]:
        assert not work
        return {}

    monkeypatch.setattr("omemsim.analysis.answers.run", nothing)
    with Store(folder) as store:
        again = best_mix(search, store, engine=Engine(workers=1), progress=False)
    assert (again.best, again.judged) == (first.best, first.judged)


def test_all_mixes_have_the_same_hours_and_money() -> None:
    search = search_of("small", [], Sizes())
    one, other = (
        search.of(name, mix)
        for name, mix in list(candidates_of(search.scenario.strategy, 2, seed=0)[BY_ZONE].items())
    )
    for name in ("allocation", "training", "hand_over", "spend", "money"):
        assert getattr(one.strategy, name) == getattr(other.strategy, name)
    assert one.strategy.mix != other.strategy.mix
