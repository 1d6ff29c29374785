"""Tactics of the user's own, as data: what their hours feed, how strongly, how fast it fades.

A tactic of one's own has a stock, its *dose*, that follows its hours per 1,000 residents and fades,
and *channels*: what of the model the dose or the hours feed. It has no effect of its own beside
them, so that what it does to crime comes out of what the channels do to people and partners. Only
targeted enforcement, problem-oriented policing and situational prevention act on risk directly, and
their channels (`DIRECT`) are refused. The compiled week has room for `ROOM_FOR` such tactics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from omemsim.vocabulary.errors import nearest
from omemsim.vocabulary.parameters import parameter
from omemsim.vocabulary.wheel import STOCKS, Area, Pillar, Tactic, Work, Zone

__all__ = [
    "BY_DOSE",
    "BY_HOURS",
    "CHANNELS",
    "DIRECT",
    "ROOM_FOR",
    "OwnTactic",
    "own_tactic_problems",
]

ROOM_FOR = 4  # of a strategy: the compiled week has a column of hours for each

# The stocks of the wheel's tactics, in their order: the dose feeds what a stock grows towards.
BY_DOSE = tuple(stock.name for stock in STOCKS.values())
# What hours do at once: an hour counts for so much of an hour of this tactic.
BY_HOURS = {
    "contacts": Tactic.LIAISON,
    "monitoring": Tactic.MONITOR_AT_RISK_GROUPS,
    "leaders": Tactic.ENGAGE_LEADERS,
}
CHANNELS = {
    **{stock.name: f"{stock.doc}, as {t.name.lower()} does" for t, stock in STOCKS.items()},
    "contacts": "officers meet residents, as liaison does",
    "monitoring": "officers watch active offenders, as monitor_at_risk_groups does",
    "leaders": "officers find natural leaders, as engage_leaders does",
}  # fmt: skip
# Words for what acts on risk at a place, and what it is.
DIRECT = {
    **dict.fromkeys(
        ("visits", "deterrence", "patrol", "directed_patrol", "targeted_enforcement"),
        "visits to places",
    ),
    **dict.fromkeys(
        ("removed", "problem_solving", "problem_oriented_policing", "initiate_problem_solving"),
        "opportunity removed at a place",
    ),
    **dict.fromkeys(
        ("designed", "lit", "hardened", "lighting", "target_hardening", "situational_prevention"),
        "design of places and dwellings",
    ),
    **dict.fromkeys(("risk", "opportunity", "crime", "offending"), "the risk of crime itself"),
}


@dataclass(frozen=True)
class OwnTactic:
    """A tactic of the user's own; its name is then a tactic in a strategy's ``mix``.

    ``channels`` gives the strength, from 0 to 1, with which it feeds each of `CHANNELS`: of a
    stock, the share of the way to its greatest value that a full dose closes; of what hours do at
    once, the part of an hour of the tactic that the channel belongs to. ``zone`` is whose tactic it
    is (null: any zone's), ``pillar`` and ``area`` are labels that no rule reads. ``takes_skill``
    says whether an hour does less without OMEM's skills. ``source`` says what the numbers rest on.
    """

    name: str = ""
    title: str = ""
    zone: Zone | None = None
    pillar: Pillar = Pillar.ENGAGEMENT
    area: Area = Area.PREVENTION
    takes_skill: bool = True
    half: float = parameter(1.0, "hours/1,000/week", 0.01, 100, "assumed", "Weekly hours that give half of the greatest dose.")  # fmt: skip  # noqa: E501
    memory: float = parameter(8.0, "weeks", 1, 520, "assumed", "Half-life of the dose.")
    channels: dict[str, float] = field(default_factory=dict)
    source: str = "assumed"

    @property
    def called(self) -> str:
        """What text and figures call it."""
        return self.title or self.name.replace("_", " ")


def own_tactic_problems(tactics: Sequence[OwnTactic], where: str = "strategy.tactics") -> list[str]:
    """Return what is wrong with tactics of the user's own, a sentence each.

    Parameters
    ----------
    tactics : in the order in which they take the room that there is.
    where : the key that holds them; a single one is the first of them.
    """
    problems = []
    if len(tactics) > ROOM_FOR:
        names = ", ".join(one.name for one in tactics)
        problems.append(
            f"{where}: {len(tactics)} tactics of your own ({names}); "
            f"the week has room for {ROOM_FOR}. Leave out those that no mix names."
        )
    before: list[str] = []
    for number, one in enumerate(tactics):
        path = f"{where}[{number}]"
        problems += _name_problems(one.name, f"{path}.name", before)
        problems += _channel_problems(one.channels, f"{path}.channels")
        before.append(one.name)
    return problems


def _name_problems(name: str, where: str, before: Sequence[str]) -> list[str]:
    if not (name.isascii() and name.isidentifier() and name.islower()):
        return [
            f"{where} = {name!r}: must be small letters, digits and _, as street_medics; "
            "it is a key of mixes."
        ]
    taken = {work.name.lower() for work in Work} | set(DIRECT) | {"all"}
    if name in taken:
        return [f"{where} = {name!r}: the model has this name: give it another, as my_{name}."]
    if name in before:
        return [f"{where} = {name!r}: another tactic in the list has this name."]
    return []


def _channel_problems(channels: dict[str, float], where: str) -> list[str]:
    if not channels:
        return [f"{where} is empty: name at least one, as {{contacts: 0.5}}. {_there_are()}"]
    problems = []
    for channel, strength in channels.items():
        if channel in DIRECT:
            problems.append(
                f"{where}.{channel}: {DIRECT[channel]} may not be fed: only targeted enforcement, "
                "problem-oriented policing and situational prevention act directly on risk. A "
                "tactic of your own acts through people and partners; spend hours on those tactics "
                f"in the mix instead. {_there_are()}"
            )
        elif channel not in CHANNELS:
            hint = nearest(channel, CHANNELS)
            problems.append(f"{where}.{channel}: no such channel.{hint} {_there_are()}")
        if not 0 <= strength <= 1:
            problems.append(f"{where}.{channel} = {strength:g}: must be from 0 to 1 (strength).")
    return problems


def _there_are() -> str:
    return f"There are: {', '.join(CHANNELS)}."
