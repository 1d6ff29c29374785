"""Parts of stages, run by themselves on the columns of a town."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

import omemsim
from omemsim.kernels import is_kernel
from omemsim.processes import (
    act,
    assess,
    design,
    initiatives,
    learn,
    offend,
    organize,
    partner,
    pool,
    presence,
    referral,
)
from omemsim.program import Stage
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Act, Learn, Offend, Organize, Parameters, Partner
from omemsim.vocabulary.random_numbers import Decision, stream


@cache
def modules() -> tuple[ModuleType, ...]:
    """Return every module of the package."""
    names = [found.name for found in pkgutil.walk_packages(omemsim.__path__, "omemsim.")]
    return tuple(importlib.import_module(name) for name in names if "__main__" not in name)


@cache
def kernels_by_module() -> tuple[tuple[dict[str, Any], str, Any], ...]:
    """Return where kernels are named: a module's names, which of them, and the kernel."""
    return tuple(
        (vars(module), name, value)
        for module in modules()
        for name, value in list(vars(module).items())
        if is_kernel(value)
    )


@contextmanager
def plain_kernels(
    of: Callable[[Any], Any] = lambda kernel: kernel.py_func,
) -> Iterator[None]:
    """Run every kernel as plain Python: slow, and with the same bits."""
    sites = [site for site in kernels_by_module() if site[0][site[1]] is site[2]]
    for names, name, kernel in sites:
        names[name] = of(kernel)
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


def again(times: int, kernel: Any, *arguments: Any) -> None:
    """Run one kernel by itself so many times, as plain Python."""
    for _ in range(times):
        alone(kernel, *arguments)


def given(stage: Stage, parameters: Parameters, strategy: Strategy | None = None) -> Any:
    """Return the parameters of a stage as its kernels read them."""
    return stage.typed(parameters, strategy or Strategy())


def week_of(town: Town) -> tuple[np.uint64, int]:
    return np.uint64(town.seed), town.week


# --- assess -------------------------------------------------------------------------------


def survey(town: Town, size: int) -> None:
    p = given(assess.STAGE, Parameters(), Strategy(survey_size=size))
    alone(assess.survey, town.as_kernels_see_it(), p, town.week)


# --- partner ------------------------------------------------------------------------------


def by_partner(group: Partner) -> Any:
    return given(partner.STAGE, replace(Parameters(), partner=group))


def close_cases(town: Town, group: Partner) -> None:
    p = by_partner(group)
    alone(partner.reset_newcomers, town.newcomers, town.residents, town.week - p.table_rest)
    alone(partner.continue_cases, town, p, town.week)


def unsettled(town: Town) -> Any:
    """Return the rows of those in an unresolved crisis."""
    return np.flatnonzero(town.residents.unresolved)


def refer(town: Town, group: Partner) -> None:
    p = by_partner(group)
    nobody = alone(partner.no_cases, town, p)
    alone(referral.refer, town, unsettled(town), nobody, p, np.int64(town.week))


def admit(town: Town, group: Partner) -> None:
    """Let agencies take those who wait for them."""
    p, residents, agencies = by_partner(group), town.residents, town.agencies
    waiting = np.flatnonzero(residents.case == partner.WAITING)
    served = residents.agency[residents.case == partner.SERVED]
    cases = alone(partner.no_cases, town, p)
    cases.waiting[: waiting.size], cases.number[0] = waiting, waiting.size
    urgency = [alone(referral.urgency, residents, i, town.week, p) for i in waiting]
    np.add.at(cases.line, (residents.agency[waiting], urgency), 1)
    agencies.caseload[:] = np.bincount(served, minlength=len(agencies))
    alone(partner.take_in_order, town, cases, p, np.int64(town.week))


# --- act ----------------------------------------------------------------------------------

SPENDING, USING = (
    Stage(part, act.ActParameters, act.act_parameters) for part in (act.spend_hours, act.use_hours)
)
DESIGNING = Stage(
    design.redesign,
    design.DesignParameters,
    lambda parameters, strategy: design.design_parameters(parameters.act),
)


def spend_hours(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    SPENDING(town, parameters, strategy)


def use_hours(town: Town, group: Act, precision: float) -> None:
    USING(town, replace(Parameters(), act=group), Strategy(precision=precision))


def redesign(town: Town, group: Act) -> None:
    DESIGNING(town, replace(Parameters(), act=group), Strategy())


# --- organize -----------------------------------------------------------------------------


def by_organize(group: Organize) -> Any:
    return given(organize.STAGE, replace(Parameters(), organize=group))


def start_anew(town: Town) -> None:
    alone(
        organize.reset_newcomers,
        town.as_kernels_see_it().newcomers,
        town.residents,
        town.households,
    )


def participate(town: Town, group: Organize) -> None:
    alone(organize.draw_people, town.as_kernels_see_it(), by_organize(group), town.week)


def protect(town: Town, group: Organize) -> None:
    alone(organize.draw_protection, town.as_kernels_see_it(), by_organize(group), town.week)


def run_initiatives(town: Town, parameters: Parameters, strategy: Strategy) -> None:
    p = given(organize.STAGE, parameters, strategy).initiatives
    alone(initiatives.run_initiatives, town.as_kernels_see_it(), p, town.week)


def choose(town: Town, parameters: Parameters | None = None) -> None:
    p = given(organize.STAGE, parameters or Parameters()).initiatives
    alone(initiatives.settle_kinds, town.as_kernels_see_it(), p, town.week)


# --- offend -------------------------------------------------------------------------------


def by_offend(group: Offend) -> Any:
    return given(offend.STAGE, replace(Parameters(), offend=group))


def exposures(town: Town, group: Offend) -> Any:
    return alone(presence.sum_exposures, town.as_kernels_see_it(), by_offend(group))


def mean_offenders(town: Town, group: Offend) -> None:
    alone(pool.mean_offenders, town.as_kernels_see_it(), by_offend(group))


def leave_traces(town: Town, group: Offend) -> None:
    alone(offend.leave_traces, town.as_kernels_see_it(), by_offend(group))


# --- learn --------------------------------------------------------------------------------


def teach(town: Town, group: Learn, strategy: Strategy, *, success: float) -> None:
    convinced = alone(learn.mean, town.officers.adoption)
    p = given(learn.STAGE, replace(Parameters(), learn=group), strategy)
    alone(learn.train, town.officers, convinced, success, 0.0, p)


def replace_leavers(town: Town, group: Learn) -> None:
    drawn = stream(town.seed, Decision.TURNOVER, town.week)
    p = given(learn.STAGE, replace(Parameters(), learn=group))
    alone(learn.replace_leavers, town.officers, drawn, p)


def get_to_know(town: Town, group: Learn) -> None:
    p = given(learn.STAGE, replace(Parameters(), learn=group))
    alone(learn.get_to_know, town.officers, p)
    alone(learn.average_at_home, town.officers, town.neighbourhoods)


def tell_council(town: Town, group: Learn, fall: float) -> None:
    service, before = town.service, town.service.bill_before[0]
    convinced = alone(learn.mean, town.officers.adoption) - learn.UNDECIDED
    dearer = service.bill[0] / before - 1 if before > 0 else 0.0
    seen = (float(fall), convinced, float(dearer)) if town.week >= 0 else (0.0, 0.0, 0.0)
    p = given(learn.STAGE, replace(Parameters(), learn=group))
    alone(learn.tell_council, service, town.week, *seen, p)
