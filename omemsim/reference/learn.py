"""Stage 13, learn: officers gain skill, awareness and conviction; the council follows results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omemsim.reference.assess import last_weeks, weeks_seen
from omemsim.reference.draws import cut, probability, uniform
from omemsim.vocabulary.random_numbers import Decision
from omemsim.vocabulary.rates import WEEKS_PER_YEAR, decay, per_week

if TYPE_CHECKING:
    from omemsim.reference.agents import Officer
    from omemsim.reference.draws import Stream
    from omemsim.reference.model import ReferenceModel

__all__ = ["learn"]

MIDDLE = 0.5  # of adoption and of the council's support


def learn(model: ReferenceModel) -> None:
    """Stage 13: skill, awareness, adoption, promotion, turnover, relations, then the council."""
    convinced, success = going_by(model), visible_success(model)
    for officer in model.officers:
        train(model, officer, convinced=convinced, success=success)
    of_all = max(mean_adoption(model), 1e-9)
    promoting = model.draws.stream(Decision.PROMOTION, model.week)
    leaving = model.draws.stream(Decision.TURNOVER, model.week)
    model.service.replaced = 0
    for officer in model.officers:
        leadership = model.strategy.leadership
        fit = 1 - leadership + leadership * officer.adoption / of_all
        rate = per_week(model.parameters.learn.promotion) * fit
        if model.draws.below(uniform(officer.key, promoting), rate):
            officer.is_promoted = True
        leave(model, officer, leaving)
        relate(model, officer)
    for hood in model.neighbourhoods:
        own = [o.relation for o in model.officers if o.home is hood]
        known = own or [o.relation for o in model.officers]
        hood.relation = sum(known) / len(known)
    ask_council(model)


def train(model: ReferenceModel, officer: Officer, *, convinced: float, success: float) -> None:
    """Let an officer gain skill, awareness and conviction.

    Parameters
    ----------
    convinced : adoption of those whom officers go by, 0 to 1.
    success : share by which calls have fallen.
    """
    group = model.parameters.learn
    officer.skill += min(1.0, group.by_training * model.strategy.training) * (1 - officer.skill)
    hear_of_model(model, officer, convinced)
    shown = sum(hood.analysis for hood in model.neighbourhoods) / len(model.neighbourhoods)
    doing = (1 + group.tracked * shown) * (officer.awareness * officer.skill - officer.adoption)
    seeing = success * (1 - officer.adoption)
    officer.adoption = cut(officer.adoption + group.by_doing * doing + group.by_success * seeing)


def leave(model: ReferenceModel, officer: Officer, leaving: Stream) -> None:
    """Draw whether an officer leaves, the tired sooner; who comes starts anew.

    Parameters
    ----------
    leaving : stream of the decision.
    """
    group = model.parameters.learn
    rate = per_week(group.turnover) * (1 + group.burnout * officer.fatigue)
    if model.draws.below(uniform(officer.key, leaving), probability(rate)):
        by_hiring = model.strategy.leadership * group.hired * (1 - group.adoption_start)
        officer.skill, officer.adoption = group.skill_start, group.adoption_start + by_hiring
        officer.awareness, officer.relation = group.aware_start, 0.0
        officer.is_promoted = False
        model.service.replaced += 1


def going_by(model: ReferenceModel) -> float:
    """Return the adoption officers go by: all colleagues', and more that of the promoted."""
    promoted = [officer.adoption for officer in model.officers if officer.is_promoted]
    of_all = mean_adoption(model)
    if not promoted:
        return of_all
    weight = model.strategy.leadership * model.parameters.learn.by_promoted
    return float(of_all + weight * (sum(promoted) / len(promoted) - of_all))


def mean_adoption(model: ReferenceModel) -> float:
    """Return how far the officers have adopted the model."""
    return sum(officer.adoption for officer in model.officers) / len(model.officers)


def calls_of_year(model: ReferenceModel) -> float:
    """Return the public calls of the town in the 52 weeks before this one, a year's worth."""
    hoods = model.neighbourhoods
    calls = sum(last_weeks(hood.past_calls, model.week, WEEKS_PER_YEAR) for hood in hoods)
    return calls * WEEKS_PER_YEAR / weeks_seen(model, WEEKS_PER_YEAR)


def visible_success(model: ReferenceModel) -> float:
    """Return the share by which calls have fallen since week 0."""
    before = model.service.calls_before
    if model.week <= 0 or before == 0:
        return 0.0
    return cut(1 - calls_of_year(model) / before)


def hear_of_model(model: ReferenceModel, officer: Officer, convinced: float) -> None:
    """Let awareness rise by training, or what the service tells, and by those it convinced.

    Parameters
    ----------
    convinced : adoption of those whom officers go by, 0 to 1.
    """
    group, strategy = model.parameters.learn, model.strategy
    told = 1.0 if strategy.training > 0 else max(strategy.communication, strategy.leadership)
    gap = max(group.aware * told - officer.awareness, 0.0)
    by_colleagues = group.champions * told * convinced * (1 - officer.awareness)
    officer.awareness = cut(officer.awareness + decay(group.aware_pace) * gap + by_colleagues)


def relate(model: ReferenceModel, officer: Officer) -> None:
    """Let an officer's relation with the home area follow the share of hours calls leave."""
    free = officer.proactive / officer.offered if officer.offered > 0 else 0.0
    pace = decay(model.parameters.learn.relation_pace)
    officer.relation += pace * (free - officer.relation)


def ask_council(model: ReferenceModel) -> None:
    """Let support follow results, leadership and the bill; once a year it sets hours and seats."""
    group, service, week = model.parameters.learn, model.service, model.week
    if week == 0:
        service.calls_before, service.bill_before = calls_of_year(model), service.bill
    target = MIDDLE
    if week >= 0:
        if service.calls_before > 0:
            fall = 1 - calls_of_year(model) / service.calls_before
            target += group.council_results * fall
        target += group.council_leadership * (mean_adoption(model) - MIDDLE)
        if service.bill_before > 0:
            target -= group.council_bill * (service.bill / service.bill_before - 1)
    service.council += decay(group.council_pace) * (cut(target) - service.council)
    if week > 0 and (week + 1) % WEEKS_PER_YEAR == 0:
        service.granted = 1 + group.council_hours * (service.council - MIDDLE)
        service.seated = min(1.0, 1 + group.council_seats * (service.council - MIDDLE))
