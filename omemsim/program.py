"""The week as machine code: stages compiled one by one, and the loop that runs them for weeks.

A stage is a kernel ``stage(town, p, week)``: it reaches the town's columns and its parameters by
name. Compiled, it is a C function of two pointers and a number, so that stages compile apart,
Python can stand between two of them, and other hosts can call them too. Its machine code comes from
the library that the package carries, where one fits (`shipped`), else Numba makes it here, once
(`compiling`). The same function runs as plain Python on the same arrays (`Stage.in_python`). All of
them give the same bits.

Rows that come and go (incidents, calls...) stand in tables with room for some. A stage that may
need more asks for it before it changes anything (`has_room`) and does nothing if there is not
enough; Python makes room, and the same stage is called again: no event is ever lost, and no week
is done twice.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim import shipped
from omemsim.kernels import Flag, Whole, kernel
from omemsim.strategies import Strategy
from omemsim.town import EventTable, Town
from omemsim.vocabulary.errors import OmemError
from omemsim.vocabulary.layout import DONE, ROOM
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.records import layout_of, pack, unpack

__all__ = ["Program", "Stage", "has_room", "program_of"]

Collect = Callable[[Parameters, Strategy], Any]
SPARE = 1.5  # room made beyond what a week asks for: the next ones may ask for more


class Stage:
    """A stage of the week: a kernel, and what it needs of parameters and strategy.

    Parameters
    ----------
    run : a kernel of (town, parameters, week); its name is the stage's.
    kind : the class of its parameters.
    collect : parameters, strategy -> an instance of ``kind``; asked once a run.
    """

    def __init__(self, run: Callable[..., Any], kind: type[Any], collect: Collect) -> None:
        self.run, self.kind, self.collect = run, kind, collect
        self.name: str = run.__name__
        self.record = once(lambda parameters, strategy: pack(collect(parameters, strategy)))

    def __repr__(self) -> str:
        return f"<Stage {self.name}>"

    def __call__(self, town: Town, parameters: Parameters, strategy: Strategy) -> None:
        """Run the stage alone, compiled."""
        program_of([self], parameters, strategy).run(town, 1)
        town.week -= 1

    step = __call__

    def in_python(self, town: Town, parameters: Parameters, strategy: Strategy) -> None:
        """Run the stage alone, as plain Python: slow, with the same bits.

        Parameters
        ----------
        town : changed in place; its week stays.
        parameters, strategy : of the scenario; what the stage needs is worked out of them.
        """
        p = self.typed(parameters, strategy)
        run = vars(sys.modules[self.run.__module__])[self.name]  # Python's, where kernels are
        while True:
            run(town.as_kernels_see_it(), p, np.int64(town.week))
            if not town.signal[ROOM]:
                return
            make_room(town)

    def typed(self, parameters: Parameters, strategy: Strategy) -> Any:
        """Return the stage's parameters as compiled code has them, for use in Python."""
        return unpack(self.kind, self.record(parameters, strategy)[0])

    @functools.cached_property
    def address(self) -> int:
        """Where its machine code begins: void (*)(int64 *town, void *parameters, int64 week)."""
        library = shipped.fitting_library()
        found = library.addresses.get(self.full_name) if library else None
        return found if found is not None else int(self.compiled.address)

    @functools.cached_property
    def compiled(self) -> Any:
        """The stage as a C function that Numba makes here, or loads from its cache."""
        from omemsim.compiler import callback  # late: it needs Numba, which a run may not

        return callback(self.run, self.arguments, entry_of(self.run))

    @property
    def full_name(self) -> str:
        """What its kernel is called, with the module that it is in."""
        return f"{self.run.__module__}.{self.name}"

    @property
    def arguments(self) -> tuple[Any, Any, Any]:
        """The types of its three arguments, as Numba knows them."""
        from omemsim.pointers import TOWN, WEEK_TYPE, record_type  # late, as above

        return TOWN, record_type(layout_of(self.kind)), WEEK_TYPE  # type: ignore[arg-type]

    @property
    def file(self) -> str:
        """The name of the file in the cache of compiled code that keeps it."""
        from omemsim.compiler import file_of_callback  # late, as above

        return file_of_callback(self.run, self.arguments)


def entry_of(run: Callable[..., Any]) -> Callable[..., None]:
    """Return what runs a stage and says that it came to its end: an exception is seen by that."""

    def entry(town: Town, p: Any, week: Whole) -> None:
        run(town, p, week)
        town.signal[DONE] = 1

    return entry


@kernel
def has_room(town: Town, table: EventTable, rows: Whole) -> Flag:
    """Say whether a table has room for so many rows; if not, ask for it and stop."""
    table.wanted[0] = rows
    if rows <= table.capacity[0]:
        return True
    town.signal[ROOM] = 1
    return False


def make_room(town: Town) -> None:
    """Make room in the tables that lack it, and let the week go on."""
    for table in town.event_tables().values():
        if table.wanted[0] > table.capacity[0]:
            table.make_room(int(SPARE * table.wanted[0]) + 16)
        table.wanted[0] = 0
    town.signal[ROOM] = 0


@functools.cache
def loop_of_weeks() -> Callable[..., int]:
    """Return what calls stages one after the other, for weeks: see `loop.call_in_turn`."""
    library = shipped.fitting_library()
    if library:
        return library.call_in_turn
    from omemsim.loop import call_in_turn  # late, as above

    return call_in_turn


@dataclass(frozen=True)
class Program:
    """Stages in their order, with what they need: ready to run for weeks.

    Attributes
    ----------
    stages : in the order in which they run.
    functions : where each begins, int64 (S,).
    records : where the parameters of each stand, int64 (S,).
    kept : those parameters, whose memory must stay.
    """

    stages: Sequence[Stage]
    functions: NDArray[np.int64]
    records: NDArray[np.int64]
    kept: Sequence[NDArray[Any]]

    def run(self, town: Town, weeks: int) -> None:
        """Run all stages for a number of weeks, compiled; the town is then weeks older.

        Raises
        ------
        OmemError
            If a stage ends before its end: an error in its code, or no memory.
        """
        call_in_turn = loop_of_weeks()
        turn, last = 0, weeks * len(self.stages)
        with _errors() as raised:
            while True:
                words = town.addresses().ctypes.data
                turn = call_in_turn(
                    self.functions, words, self.records, town.week, town.signal, turn, last
                )
                if turn == last:
                    break
                if not town.signal[DONE]:
                    later, stage = divmod(turn, len(self.stages))
                    name, week = self.stages[stage].name, town.week + later
                    raise OmemError(f"Stage {name} failed in week {week}: {_told(raised)}.")
                make_room(town)
        town.week += weeks


def program_of(stages: Sequence[Stage], parameters: Parameters, strategy: Strategy) -> Program:
    """Return stages with the parameters that each takes of a scenario's.

    Parameters
    ----------
    stages : in the order in which they run.
    parameters : those in effect, mechanisms that are off taken out.
    strategy : what police and partners do.
    """
    kept = [stage.record(parameters, strategy) for stage in stages]
    return Program(
        stages=stages,
        functions=np.array([stage.address for stage in stages], np.int64),
        records=np.array([record.ctypes.data for record in kept], np.int64),
        kept=kept,
    )


@contextlib.contextmanager
def _errors() -> Iterator[list[BaseException]]:
    """Gather exceptions of compiled stages, which C cannot pass on; give them to who asks."""
    raised: list[BaseException] = []
    before = sys.unraisablehook
    sys.unraisablehook = lambda lost: raised.append(lost.exc_value or lost.exc_type())
    try:
        yield raised
    finally:
        sys.unraisablehook = before


def _told(raised: Sequence[BaseException]) -> str:
    if raised:
        return f"{type(raised[0]).__name__}: {raised[0]}"
    return "it did not come to its end, most likely for want of memory"
