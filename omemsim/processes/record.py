"""Stage 14, record: this week's counts go into each neighbourhood's year of records.

Records are rings of 52 weeks, column ``week % 52``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omemsim.kernels import Whole, kernel
from omemsim.program import Stage
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.columns import HISTORY
from omemsim.vocabulary.parameters import Parameters

__all__ = ["STAGE", "step"]

READS = {
    "neighbourhoods": "residents new_violence new_household new_incidents new_crises new_calls "
    "new_officer_calls new_repeats new_recorded_violence new_recorded_property",
}
WRITES = {
    "neighbourhoods": "past_violence past_household past_incidents past_crises past_calls "
    "past_officer_calls past_repeats past_recorded_violence past_recorded_property",
}


class RecordParameters(NamedTuple):
    """What `record` needs."""

    weeks: np.int64  # that are kept


def record_parameters(parameters: Parameters, strategy: Strategy) -> RecordParameters:
    """Return how long records are kept."""
    del parameters, strategy
    return RecordParameters(weeks=np.int64(HISTORY))


@kernel
def record(town: Town, p: RecordParameters, week: Whole) -> None:
    """File the week."""
    hoods, column = town.neighbourhoods, week % p.weeks
    for n in range(hoods.residents.size):
        hoods.past_violence[n, column] = hoods.new_violence[n]
        hoods.past_household[n, column] = hoods.new_household[n]
        hoods.past_incidents[n, column] = hoods.new_incidents[n]
        hoods.past_crises[n, column] = hoods.new_crises[n]
        hoods.past_calls[n, column] = hoods.new_calls[n]
        hoods.past_officer_calls[n, column] = hoods.new_officer_calls[n]
        hoods.past_repeats[n, column] = hoods.new_repeats[n]
        hoods.past_recorded_violence[n, column] = hoods.new_recorded_violence[n]
        hoods.past_recorded_property[n, column] = hoods.new_recorded_property[n]


STAGE = Stage(record, RecordParameters, record_parameters)
step = STAGE.step
