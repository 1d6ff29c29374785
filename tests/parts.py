"""Parts of stages, run by themselves on the columns of a town."""

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
from numba.core.dispatcher import Dispatcher

import omemsim
from omemsim.processes import initiatives, learn, offend, organize, presence
from omemsim.program import Stage
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.luck import Decision, stream
from omemsim.vocabulary.parameters import Learn, Offend, Organize, Parameters


@cache
def modules() -> tuple[ModuleType, ...]:
    """Return every module of the package."""
    names = [found.name for found in pkgutil.walk_packages(omemsim.__path__, "omemsim.")]
    return tuple(importlib.import_module(name) for name in names if "__main__" not in name)


@contextmanager
def plain_kernels() -> Iterator[None]:
    """Run every kernel as plain Python: slow, and with the same bits."""
    sites = [
        (vars(module), name, value)
        for module in modules()
        for name, value in list(vars(module).items())
        if isinstance(value, Dispatcher)
    ]
    for names, name, kernel in sites:
        names[name] = kernel.py_func
    try:
        with np.errstate(over="ignore"):  # hashes are meant to wrap around
            yield
    finally:
        for names, name, kernel in sites:
            names[name] = kernel


def alone(kernel: Any, *arguments: Any) -> Any:
    """Run one kernel by itself, as plain Python."""
    with plain_kernels():
        return getattr(kernel, "py_func", kernel)(*arguments)


def given(stage: Stage, parameters: Parameters, strategy: Strategy | None = None) -> Any:
    """Return the parameters of a stage as its kernels read them."""
    return stage.typed(parameters, strategy or Strategy())


def week_of(town: Town) -> tuple[np.uint64, int]:
    return np.uint64(town.seed), town.week


# --- organize -----------------------------------------------------------------------------


def by_organize(group: Organize) -> Any:
    return organize.rates(replace(Parameters(), organize=group), Strategy())


def start_anew(town: Town) -> None:
    people, homes = town.residents, town.households
    organize.forget(
        (town.newcomers.seat, people.household),
        (people.takes_part, people.is_found),
        (homes.protection, homes.in_watch),
    )


def participate(town: Town, group: Organize) -> None:
    hoods, people = town.neighbourhoods, town.residents
    organize.draw_people(
        by_organize(group)[0],
        week_of(town),
        (hoods.first_resident, hoods.residents),
        (hoods.mobilization, hoods.momentum, hoods.congregations, hoods.hours),
        (people.key, people.efficacy, people.trust, people.fear),
        (people.takes_part, people.is_leader, people.is_found),
        (hoods.participants, hoods.leaders),
    )


def protect(town: Town, group: Organize) -> None:
    hoods, people, homes = town.neighbourhoods, town.residents, town.households
    town.service.homes_hardened[0] = organize.draw_protection(
        by_organize(group)[1],
        week_of(town),
        (hoods.first_household, hoods.households),
        (hoods.education, hoods.watch_momentum, hoods.hardened),
        (people.assets, people.support, people.vigilance),
        (homes.key, homes.first_resident, homes.protection, homes.in_watch),
    )


def run_initiatives(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    hoods, rows, agencies = town.neighbourhoods, town.initiatives, town.agencies
    initiatives.run_initiatives(
        initiatives.rates(parameters, strategy),
        week_of(town),
        (rows.key, rows.is_active, rows.lead, rows.momentum, rows.age, rows.kind, rows.place),
        (
            hoods.hours,
            hoods.catchment,
            (agencies.capacity, agencies.funded, agencies.is_open, agencies.caseload),
        ),
        (hoods.leaders, hoods.participants, hoods.residents),
        (hoods.voice, hoods.consult_momentum, hoods.upkeep, hoods.assets),
        (hoods.first_place, hoods.places, town.places.knowledge),
        (hoods.momentum, hoods.community_momentum, hoods.community_led, hoods.police_led),
        (hoods.social_momentum, hoods.watch_momentum, hoods.consult_momentum),
        (hoods.handed_over, hoods.watches_opened, hoods.watches_lasted),
    )


def choose(town: Town) -> None:
    hoods, rows = town.neighbourhoods, town.initiatives
    initiatives.settle(
        Parameters().organize.slots,
        week_of(town),
        (hoods.hours, hoods.voice, hoods.assets),
        (hoods.first_place, hoods.places, town.places.knowledge),
        (rows.key, rows.is_active, rows.lead, rows.age),
        (rows.kind, rows.place),
        hoods.watches_opened,
    )


# --- offend -------------------------------------------------------------------------------


def by_offend(group: Offend) -> Any:
    return given(offend.STAGE, replace(Parameters(), offend=group))


def exposures(town: Town, group: Offend) -> Any:
    return alone(presence.sum_exposures, town.as_kernels_see_it(), by_offend(group))


def pool_offenders(town: Town, group: Offend) -> None:
    alone(presence.pool_offenders, town.as_kernels_see_it(), by_offend(group))


def leave_traces(town: Town, group: Offend) -> None:
    alone(offend.leave_traces, town.as_kernels_see_it(), by_offend(group))


# --- learn --------------------------------------------------------------------------------


def teach(town: Town, group: Learn, strategy: Strategy, *, success: float) -> None:
    officers = town.officers
    stocks = officers.skill, officers.awareness, officers.adoption
    convinced = learn.mean(officers.adoption)
    learn.train(learn.paces(group, strategy)[0], convinced, success, *stocks)


def replace_leavers(town: Town, group: Learn) -> None:
    officers = town.officers
    learn.replace_leavers(
        learn.paces(group, Strategy())[1],
        stream(town.seed, Decision.TURNOVER, town.week),
        officers.key,
        (officers.skill, officers.awareness, officers.adoption, officers.relation),
    )


def get_to_know(town: Town, group: Learn) -> None:
    officers = town.officers
    pace = learn.paces(group, Strategy())[2]
    learn.meet(pace, officers.proactive, officers.offered, officers.relation)
    mean = learn.mean(officers.relation)
    learn.mean_at_home(officers.relation, officers.home, mean, town.neighbourhoods.relation)


def tell_council(town: Town, group: Learn, fall: float) -> None:
    service, before = town.service, town.service.bill_before[0]
    convinced = learn.mean(town.officers.adoption) - learn.UNDECIDED
    dearer = service.bill[0] / before - 1 if before > 0 else 0.0
    seen = (float(fall), convinced, float(dearer)) if town.week >= 0 else (0.0, 0.0, 0.0)
    by = learn.paces(group, Strategy())[3]
    learn.tell_council(by, town.week, seen, service.council, service.granted, service.seated)
