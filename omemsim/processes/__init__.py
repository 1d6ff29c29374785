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

Each stage is a kernel ``stage(town, p, week)`` in the file of its name: it reads columns of the
town and its own parameters ``p`` by name, writes its own columns (`vocabulary.columns` says whose
is whose) and leaves messages in event columns. At the top of its file it says what it reads and
writes. The weeks run as one compiled program (`program`); only where an experiment holds a column
does Python step in, right after the stage that writes it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

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
from omemsim.program import Stage, program_of
from omemsim.schedule import Held
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.once import once
from omemsim.vocabulary.parameters import Parameters

__all__ = ["STAGES", "WEEK", "run_week", "run_weeks"]

FIRST_HALF = (context, assess, plan, respond, act, partner, organize)
SECOND_HALF = (offend, crisis, reporting, feel, account, learn, record)
STAGES = FIRST_HALF + SECOND_HALF
WEEK: dict[str, Stage] = {module.STAGE.name: module.STAGE for module in STAGES}

# Resident-weeks in one call of the program: well under a second, so that Ctrl-C is heard.
AT_ONCE = 10_000_000


# All fourteen, with the parameters they take: made once a run.
week_program = once(functools.partial(program_of, tuple(WEEK.values())))


def run_weeks(
    town: Town,
    parameters: Parameters,
    strategy: Strategy,
    weeks: int,
    clamps: Sequence[Held] = (),
) -> None:
    """Turn the town into the town some weeks later, in place.

    Parameters
    ----------
    town : changed in place.
    parameters : those in effect, mechanisms that are off taken out (`mechanisms.effective`).
    strategy : what police and partners do.
    weeks : 0 or more.
    clamps : columns that are held; they count in the town's own weeks: 0 is the first after the
        spin-up.
    """
    last = town.week + weeks
    most = max(AT_ONCE // len(town.residents), 1)
    while town.week < last:
        if any(clamp.start < last and town.week < clamp.end for clamp in clamps):
            _hold_week(town, parameters, strategy, clamps)
        else:
            week_program(parameters, strategy).run(town, min(last - town.week, most))


def run_week(
    town: Town, parameters: Parameters, strategy: Strategy, clamps: Sequence[Held] = ()
) -> None:
    """Turn the town into the town a week later, in place.

    Parameters
    ----------
    town, parameters, strategy, clamps : as for `run_weeks`.
    """
    run_weeks(town, parameters, strategy, 1, clamps)


def _hold_week(
    town: Town, parameters: Parameters, strategy: Strategy, clamps: Sequence[Held]
) -> None:
    """Run a week stage by stage, and put back what is held right after the stage that writes it."""
    active = [clamp for clamp in clamps if clamp.begins(town)]
    for name, stage in WEEK.items():
        stage(town, parameters, strategy)
        for clamp in active:
            if clamp.column.writer == name:
                clamp.put(town)
    town.week += 1
