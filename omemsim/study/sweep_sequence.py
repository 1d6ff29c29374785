"""Sweeps run one after the other, each read back whole: for studies that need more than one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from omemsim.study.engine import POOL, Engine
from omemsim.study.expand import Sweep, expand, study_of
from omemsim.study.progress import Progress
from omemsim.study.run_times import Pace
from omemsim.study.runner import Tally
from omemsim.study.store import Store
from omemsim.study.sweep import Read, run_sweep
from omemsim.study.sweep_results import Swept, read_results

__all__ = ["SweepSequence"]


@dataclass
class SweepSequence:
    """Runs sweeps into a store, and counts what failed.

    Attributes
    ----------
    kept : where runs are kept and found again.
    pace : from a pilot.
    command : the words that ask again.
    progress : as for `dispatch.run_tasks`.
    failed : runs so far.
    """

    kept: Store
    pace: Pace
    engine: Engine = POOL
    command: tuple[str, ...] = ()
    progress: Progress = True
    failed: int = 0

    def run(
        self,
        sweep: Sweep,
        *,
        asked: str = "",
        read: Read | None = None,
        units: Mapping[str, str] | None = None,
    ) -> Swept:
        """Run what the store lacks of a sweep, and return all of it.

        Parameters
        ----------
        sweep : arms, points and replicates.
        asked : names what is asked of the runs beside their summary, if ``read`` asks it.
        read, units : as in `sweep.run_sweep`.
        """
        expanded = expand(sweep).asking(asked) if asked else expand(sweep)
        tally = Tally()
        run_sweep(
            expanded,
            self.kept,
            tally=tally,
            pace=self.pace,
            engine=self.engine,
            command=self.command,
            progress=self.progress,
            read=read,
            units=units,
        )
        self.failed += len(tally.failures)
        return read_results(expanded, self.kept, study_of(expanded, self.command).name)
