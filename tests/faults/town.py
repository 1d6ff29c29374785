"""A study with a toy of a model, as a program of its own: what fault tests kill, stop and starve.

`python town.py STORE` compares two strategies. It adds a line to a log when a run begins, and
prints one for each that is acknowledged. The variable TOWN has words: log= (a file), replicates=,
workers=, seconds= (that a run takes), boom=, nan= and die= (the run that goes wrong, as omem/3),
full= (writes of series until the disk is full), file_bytes= (most that a file may have).
"""

from __future__ import annotations

import errno
import os
import sys
import time
from pathlib import Path

import numpy as np

EFFECT = {"reactive": 0.0, "omem": -25.0}


def settings() -> dict[str, str]:
    return dict(word.split("=", 1) for word in os.environ["TOWN"].split())


def spin_up(scenario, replicate):
    return np.random.default_rng([scenario.seed, replicate]).normal(300, 40, 4)


class Series:
    def __init__(self, harm, value):
        self.harm = harm
        self.value = value
        self.meta = {"town": "toy"}

    def summary(self):
        return {"victimization": self.value, "trust": float(self.harm.std())}

    def to_arrays(self):
        return {"victimization": self.harm}


def run(scenario, replicate, start):
    said, name = settings(), scenario.strategy.name
    with open(said["log"], "a", encoding="utf-8") as file:
        file.write(f"{name} {replicate}\n")
    time.sleep(float(said.get("seconds", 0)))
    wrong = [key for key in ("boom", "nan", "die") if said.get(key) == f"{name}/{replicate}"]
    if "boom" in wrong:
        raise ValueError("boom happened")
    if "die" in wrong:
        os._exit(1)
    rng = np.random.default_rng([scenario.seed, replicate, 1])
    harm = start + rng.normal(EFFECT[name], 1, (500, 4))
    return Series(harm, float("nan") if wrong else float(harm.mean()))


def starve(said):
    """Give this process a disk that is full sooner or later."""
    if "file_bytes" in said:
        import resource

        limit = int(said["file_bytes"])
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    if "full" in said:
        from omemsim.study import series_files

        left, fsync = iter(range(int(said["full"]))), os.fsync

        def full(file):
            if next(left, None) is None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            fsync(file)

        series_files.os.fsync = full


def main(store: str) -> None:
    # As a module of its own, so that a worker finds the functions.
    import town

    from omemsim.cli.again import Comparison
    from omemsim.inputs.scenario import Scenario, TownConfig
    from omemsim.strategies import Strategy
    from omemsim.study.compare import compare
    from omemsim.study.engine import Engine
    from omemsim.study.runner import Simulator
    from omemsim.study.store import Store

    said = settings()
    town_config = TownConfig(name="toy")
    scenarios = {name: Scenario(strategy=Strategy(name=name), town=town_config) for name in EFFECT}
    starve(said)
    put = Store.put

    def told(kept, records, *, units):
        put(kept, records, units=units)
        for record in records:
            print(record.key.strategy, record.key.replicate, flush=True)

    Store.put = told
    result = compare(
        scenarios,
        replicates=int(said.get("replicates", 40)),
        out=Path(store),
        store=Path(store),
        engine=Engine(workers=int(said.get("workers", 1))),
        asked=Comparison("toy", {name: name for name in EFFECT}).asked(),
        progress=False,
        simulation=Simulator(town.spin_up, town.run),
    )
    print("end", len(result.failures), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    from omemsim.vocabulary.errors import OmemError

    try:
        main(sys.argv[1])
    except OmemError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
