"""What a page is told of memory: where a stage's parameters are, which words say where columns are.

The page has no line of the model. It lays a town's arrays one behind the other, writes where they
are into the words that the compiled program reads (`vocabulary.layout`), and changes a number of
the strategy where a lever says that it is. All of that is worked out here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from omemsim.compiling.image import ALIGNED
from omemsim.compiling.webassembly import IMAGE_AT
from omemsim.inputs.lay import ALL_SECTORS, EVERYWHERE
from omemsim.inputs.scenario import Scenario
from omemsim.processes import WEEK
from omemsim.processes.context import SEATING
from omemsim.processes.plan import ALLOCATIONS, FUNDS
from omemsim.program import Stage
from omemsim.spin_up import present_policing
from omemsim.strategies import Strategy
from omemsim.vocabulary import layout
from omemsim.vocabulary.columns import EVENT_TABLES
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import weeks
from omemsim.vocabulary.records import layout_of
from omemsim.vocabulary.wheel import Tactic, Zone

__all__ = ["levers_of", "map_of", "records_of", "room_for", "seating_of"]

MOST_SHOCKS = 64  # rows for what a class lets happen in one run
ROOM_EACH = 3  # rows for a resident in tables whose rows come and go; they never needed two


def records_of(parameters: Parameters, strategy: Strategy) -> bytes:
    """Return the parameters of all stages in memory, each at a multiple of `ALIGNED`."""
    return b"".join(_padded(stage.record(parameters, strategy)) for stage in WEEK.values())


def seating_of(parameters: Parameters) -> bytes:
    """Return the parameters with which the first occupants are seated."""
    return _padded(SEATING.record(parameters, present_policing()))


def _padded(record: Any) -> bytes:
    return bytes(record.tobytes() + bytes(-record.nbytes % ALIGNED))


def _offsets() -> dict[str, int]:
    """Return where each stage's parameters begin among those of all."""
    sizes = [_room(stage) for stage in WEEK.values()]
    return dict(zip(WEEK, (int(x) for x in np.cumsum([0, *sizes[:-1]])), strict=True))


def _room(stage: Stage) -> int:
    size = layout_of(stage.kind).itemsize  # type: ignore[arg-type]
    return size + -size % ALIGNED


def levers_of() -> dict[str, Any]:
    """Return where the numbers of a strategy are that a page can change, from the first record's.

    Only numbers that a stage reads as the strategy has them are levers; what is worked out of
    several stays Python's.
    """
    offsets = _offsets()

    def at(stage: str, *names: str) -> int:
        kind = layout_of(WEEK[stage].kind)  # type: ignore[arg-type]
        found = offsets[stage]
        for name in names:
            assert kind.fields is not None
            kind, offset = kind.fields[name][:2]
            found += offset
        return found

    return {
        "mix": {
            "at": at("plan", "mix"),
            "zones": [zone.name.lower() for zone in Zone],
            "tactics": [tactic.name.lower() for tactic in Tactic],
        },
        "spend": {"at": at("plan", "spend"), "funds": [fund.value for fund in FUNDS]},
        "allocation": {
            "at": at("plan", "allocation"),
            "choices": [allocation.value for allocation in ALLOCATIONS],
        },
    }


def room_for(residents: int) -> dict[str, int]:
    """Return the rows for which a page makes room in each table whose rows come and go.

    Parameters
    ----------
    residents : of the town.
    """
    room = dict.fromkeys(EVENT_TABLES, ROOM_EACH * residents)
    return {**room, "events": MOST_SHOCKS, "interventions": 0}


def map_of(scenario: Scenario, adjacency: int, residents: int) -> dict[str, Any]:
    """Return the map of memory of a page, in plain JSON types.

    Parameters
    ----------
    scenario : of the page's town.
    adjacency : rows of the table of that name.
    residents : of the town.
    """
    return {
        "address": IMAGE_AT,
        "aligned": ALIGNED,
        "words": {
            "seed": layout.SEED,
            "born": layout.BORN,
            "signal": layout.SIGNAL,
            "first": layout.FIRST,
            "lengths": layout.LENGTHS,
        },
        "columns": [
            [table, name, dtype, width] for (table, name), (dtype, width) in layout.shapes().items()
        ],
        "room": {**room_for(residents), "adjacency": adjacency},
        "records": list(_offsets().values()),
        "born": -weeks(scenario.spin_up_years),
        "levers": levers_of(),
        "shock": {"neighbourhood": EVERYWHERE, "sector": ALL_SECTORS},
    }
