"""A week of the model: fourteen stages, in this order.

1.  context    season, trend and shock; households move and new people take their seats
2.  assess     the service reads its records and labels each neighbourhood with a zone
3.  plan       the strategy turns zones and calls into hours by neighbourhood and tactic
4.  respond    last week's calls and the queue take officer hours first; the rest is free
5.  act        free hours become visits, contacts, solved problems, education
6.  partner    agencies take referred residents within capacity, others wait
7.  organize   residents join, leaders come forward, initiatives change hands
8.  offend     crime happens at places, to those present
9.  crisis     disorder episodes come from need, and come back while unresolved
10. reporting  incidents and episodes become calls, records and knowledge of places
11. feel       fear, trust, efficacy and vigilance respond
12. account    hours and money are added up
13. learn      officers gain skill and conviction, or leave
14. record     the week's counts are filed

Each stage is ``step(town, parameters, strategy)``: it reads any column, writes its own
(`vocabulary.columns` says whose is whose) and leaves messages in event columns. What an
experiment holds is put back right after the stage that writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from omemsim.processes import (
    account,
    act,
    assess,
    context,
    crisis,
    feel,
    learn,
    offend,
    organize,
    partner,
    plan,
    record,
    reporting,
    respond,
)
from omemsim.schedule import Held
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters

__all__ = ["STAGES", "WEEK", "run_week"]

Stage = Callable[[Town, Parameters, Strategy], None]

FIRST_HALF = (context, assess, plan, respond, act, partner, organize)
SECOND_HALF = (offend, crisis, reporting, feel, account, learn, record)
STAGES = FIRST_HALF + SECOND_HALF
WEEK: dict[str, Stage] = {
    stage.__name__.rpartition(".")[2]: stage.STAGE.step if hasattr(stage, "STAGE") else stage.step
    for stage in STAGES
}


def run_week(
    town: Town, parameters: Parameters, strategy: Strategy, clamps: Sequence[Held] = ()
) -> None:
    """Turn the town into the town a week later, in place.

    ``clamps`` count in the town's own weeks: 0 is the first after the spin-up.
    """
    active = [clamp for clamp in clamps if clamp.begins(town)]
    for stage, step in WEEK.items():
        step(town, parameters, strategy)
        for clamp in active:
            if clamp.column.writer == stage:
                clamp.put(town)
    town.week += 1
