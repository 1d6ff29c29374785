"""Sweeps that lose a process, and sweeps on a cluster: what is kept is what would be."""

from __future__ import annotations

import functools
import importlib
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from omemsim.study.design import design
from omemsim.study.engine import Engine
from omemsim.study.expand import Expanded, Sweep, expand, study_of
from omemsim.study.factors import Factor
from omemsim.study.run_times import Pace
from omemsim.study.store import Store
from omemsim.study.sweep import arms_of, run_sweep
from omemsim.study.sweep_results import Swept, read_results

PRECISION = Factor("strategy.precision", low=0.2, high=0.8)
PACE = Pace(build=0.001, spin_week=0.0, begin=0.0, run_week=0.0002, numbers=2)
TINY = ["town.residents=200", "town.neighbourhoods=2", "years=0.1", "spin_up_years=0.1"]

WORK = """
    import os
    from omemsim.study.runner import MODEL, Answer, Simulator

    class NoTown:
        def tables(self):
            return {}

    def spin_up(scenario, replicate):
        return NoTown()

    FAKE = Simulator(spin_up, MODEL.run)

    def one_kills(run, precision):
        strategy = run.scenario.strategy
        if (strategy.name, strategy.precision) == ("omem", precision):
            os._exit(9)
        return Answer({"victimization": strategy.precision + 1000.0 * (strategy.name == "omem")})
"""


def many(n: int, *, words: list[str]) -> Expanded:
    arms = arms_of(["reactive", "omem"], town="small", overrides=words)
    return expand(Sweep(arms, design("latin", [PRECISION], n=n)))


def found(asked: Expanded, kept: Store) -> Swept:
    return read_results(asked, kept, study_of(asked, ()).name)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX process semantics")
def test_one_run_of_a_thousand_that_kills_its_process_costs_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sweep_work.py").write_text(textwrap.dedent(WORK))
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("sweep_work")
    asked = many(500, words=[])
    fatal = asked.sweep.design.points[123]["strategy.precision"]
    with Store(tmp_path / "s") as kept:
        tally = run_sweep(
            asked,
            kept,
            pace=PACE,
            engine=Engine(workers=2),
            read=functools.partial(module.one_kills, precision=fatal),
            simulation=module.FAKE,
            progress=False,
        )
        values = found(asked, kept).of("omem", "victimization")[:, 0]
    assert (tally.total, tally.done, len(tally.failures)) == (1000, 999, 1)
    lost = [asked.unlike()[run_id] for run_id in tally.failures]
    assert [(one.arm, one.point) for one in lost] == [("omem", 123)]
    assert np.flatnonzero(np.isnan(values)).tolist() == [123]


def test_the_pool_and_a_local_cluster_give_the_same_bits(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    asked = many(4, words=TINY)
    values = []
    for engine in (Engine(workers=2), Engine("dask", workers=2)):
        with Store(tmp_path / engine.kind) as kept:
            tally = run_sweep(asked, kept, engine=engine, progress=False)
            assert (tally.done, tally.failures) == (8, {})
            values.append(found(asked, kept))
    assert values[0].names == values[1].names
    assert np.array_equal(values[0].values, values[1].values)
