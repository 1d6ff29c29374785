"""The runner on a toy: what is shared, what is kept, and what one failure costs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from omemsim.study.engine import Engine
from omemsim.study.identity import identify
from omemsim.study.runner import Answer, Request, Run, Simulator, batches, missing, run
from omemsim.study.store import Store
from omemsim.study.tasks import Failure
from omemsim.vocabulary.errors import InputError

HERE = Engine(workers=1)


class Toy:
    """A model that counts what it is asked; a scenario is (seed, effect)."""

    def __init__(self) -> None:
        self.starts: list[tuple[int, int]] = []
        self.runs: list[tuple[int, float, int]] = []
        self.looks = 0

    def spin_up(self, scenario: Any, replicate: int) -> Any:
        self.starts.append((scenario.seed, replicate))
        if scenario.seed == 13:
            raise ValueError("no such town")
        return SimpleNamespace(harm=100.0 * scenario.seed + replicate)

    def run(self, scenario: Any, replicate: int, start: Any) -> float:
        self.runs.append((scenario.seed, scenario.effect, replicate))
        if scenario.effect == 99:
            raise InputError("no such effect")
        return float(start.harm + scenario.effect)

    def look(self, scenario: Any, start: Any) -> float:
        self.looks += 1
        return float(start.harm)


TOY = Toy()


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Toy:
    fresh = Toy()
    monkeypatch.setitem(globals(), "TOY", fresh)
    return fresh


def changed(run: Run, times: float) -> Answer:
    before = run.of_start(TOY.look)
    return Answer({"harm": times * run.series, "before": before}, b"kept")


def double(run: Run) -> Answer:
    return changed(run, 2.0)


def single(run: Run) -> Answer:
    return changed(run, 1.0)


def nothing(run: Run) -> Answer:
    return Answer({"harm": float("nan")})


def request(seed: int, effect: float, replicate: int = 0, read: Any = single) -> Request:
    scenario = SimpleNamespace(seed=seed, effect=effect)
    name = read.__name__
    asked = {"seed": seed, "effect": effect, "read": name}
    key = identify(asked, replicate=replicate, town="toy", strategy=str(effect))
    text = f"{name} of {effect} in {seed}, replicate {replicate}"
    return Request(key, scenario, replicate, str(seed), read, text, whole=f"{seed} {effect}")


def answered(requests: list[Request], folder: Path, toy: Toy, **more: Any) -> dict[str, Failure]:
    with Store(folder) as store:
        return run(
            batches(missing(requests, store)),
            store,
            unit_of=lambda request, name: f"{name} units",
            engine=HERE,
            progress=False,
            simulation=Simulator(toy.spin_up, toy.run),
            **more,
        )


def test_starts_and_runs_are_shared_and_each_answer_is_its_own(toy: Toy, tmp_path: Path) -> None:
    each = [
        request(seed, effect, replicate, read)
        for seed in (1, 2)
        for effect in (-5.0, 7.0)
        for replicate in (0, 1)
        for read in (single, double)
    ]
    assert answered(each, tmp_path / "s", toy) == {}
    assert sorted(toy.starts) == [(1, 0), (1, 1), (2, 0), (2, 1)]
    assert len(toy.runs) == 8
    assert toy.looks == 4
    with Store(tmp_path / "s") as store:
        assert store.scalars(each[-1].key.run_id) == {"harm": 2 * (201 + 7.0), "before": 201.0}
        assert store.scalars(each[0].key.run_id) == {"harm": 95.0, "before": 100.0}
        assert missing(each, store) == []


def test_what_is_kept_is_not_run_again(toy: Toy, tmp_path: Path) -> None:
    first, second = request(1, 2.0), request(1, 3.0)
    answered([first], tmp_path / "s", toy)
    answered([first, second], tmp_path / "s", toy)
    assert [effect for _, effect, _ in toy.runs] == [2.0, 3.0]


def test_a_batch_holds_so_many_runs_and_no_run_is_in_two(toy: Toy) -> None:
    each = [
        request(1, effect, read=read) for read in (single, double) for effect in (1.0, 2.0, 3.0)
    ]
    sizes = [(len(batch.runs), len(batch.requests)) for batch in batches(each, most=2)]
    assert sizes == [(2, 4), (1, 2)]


def test_a_failure_costs_itself_alone_and_is_told_by_its_own_words(
    toy: Toy, tmp_path: Path
) -> None:
    good, bad, none = request(1, 2.0), request(1, 99), request(1, 4.0, read=nothing)
    lost = [request(13, 1.0), request(13, 2.0)]
    failed = answered([good, bad, none, *lost], tmp_path / "s", toy)
    assert list(failed) == [one.key.run_id for one in (bad, none, *lost)]
    assert [one.description for one in failed.values()] == [
        one.description for one in (bad, none, *lost)
    ]
    assert failed[none.key.run_id].error == "no finite value of harm"
    assert "no such town" in failed[lost[1].key.run_id].error
    with Store(tmp_path / "s") as store:
        assert store.scalars(good.key.run_id)["harm"] == 102.0
        assert len(missing([good, bad, none, *lost], store)) == 4


def test_two_requests_of_a_run_that_fails_fail_alike_and_it_runs_once(
    toy: Toy, tmp_path: Path
) -> None:
    both = [request(1, 99, read=read) for read in (single, double)]
    failed = answered(both, tmp_path / "s", toy)
    assert [one.problems for one in failed.values()] == [("no such effect",)] * 2
    assert len(toy.runs) == 1


def test_wrong_input_can_end_it_all(toy: Toy, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such effect"):
        answered([request(1, 99)], tmp_path / "s", toy, stops_at_wrong_input=True)


def test_a_request_without_a_start_makes_its_own_town(toy: Toy, tmp_path: Path) -> None:
    one = request(1, 2.0, read=own_town)
    alone = Request(one.key, one.scenario, 3, "", own_town, one.description)
    assert answered([alone], tmp_path / "s", toy) == {}
    assert toy.starts == []
    with Store(tmp_path / "s") as store:
        assert store.scalars(alone.key.run_id) == {"replicate": 3.0}


def own_town(run: Run) -> Answer:
    assert run.start is None
    return Answer({"replicate": float(run.replicate)})
