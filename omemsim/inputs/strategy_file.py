"""A strategy as a YAML file that a person can read and change: its numbers, and what they mean.

`omemsim new` writes one to begin with, `omemsim optimize` one for each mix that it found. The file
states everything in which the strategy differs from calls only, so that nothing has to be looked up
in another one; whatever else can be set stands in it as a comment.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import yaml

from omemsim.inputs.config import CALLS_ONLY
from omemsim.inputs.schema import plain
from omemsim.strategies import ALL_ZONES, Allocation, Fund, Strategy
from omemsim.vocabulary.parameters import declarations
from omemsim.vocabulary.wheel import ZONE_TITLES, Tactic, Zone

__all__ = ["PRACTICE", "STRATEGY", "strategy_file"]

WIDTH = 98
STRATEGY, PRACTICE = "strategy", "practice"
OPENING = {
    STRATEGY: """\
        A strategy: how the police spend the hours that calls leave them. Change the numbers, then
        `omemsim describe strategy {name}` draws it and
        `omemsim compare {baseline} {name} town=small` compares it. Each number of `mix` is a share
        of a zone's free hours, from 0 to 1; those of a zone add up to 1 at most, and what they
        leave over stays unused.""",
    PRACTICE: """\
        Your own practice: what the service does now with the hours that calls leave it. It takes
        the place of {baseline} in comparisons: `omemsim compare {name} omem town=small`. Replace
        the shares by those of your records: hours of an activity in a year, divided by all hours
        that were not on calls. Officers who backed others up for 900 of 4,500 such hours: 900 /
        4,500 = 0.20. The shares add up to 1 at most, and what they leave over stays unused.""",
}
HELP = {
    "allocation": "How hours are spread over neighbourhoods: "
    + ", ".join(x.value for x in Allocation),
    "spend": "Shares of the money by fund; what they leave over is casework. Funds: "
    + ", ".join(fund.value for fund in Fund),
    "hand_over": "Whether initiatives are handed over to agencies and the community",
    "reinvest": "Whether hours that falling calls set free stay with the service",
    "table_lead": "Who leads a Situation Table's case: matched (the agency its risk asks for) or "
    "police",
    "table_absent": "Sectors that do not sit at the Situation Table",
}
SHOWN_APART = ("name", "description", "mix", "tactics", "interventions", "own_interventions")


def strategy_file(
    strategy: Strategy, *, kind: str = STRATEGY, baseline: str, notes: Sequence[str] = ()
) -> str:
    """Return a strategy as commented YAML, which `compose_scenario` reads back as it is.

    Parameters
    ----------
    strategy : without interventions and tactics of the user's own, which are lists of their own.
    kind : `STRATEGY` or `PRACTICE`: what the opening comment says of it.
    baseline : the strategy that the opening comment names beside it.
    notes : more to say at the top, a paragraph each.
    """
    opening = OPENING[kind].format(name=strategy.name, baseline=baseline)
    blocks = [_comment(" ".join(opening.split())), *map(_comment, notes)]
    head = {"base": CALLS_ONLY, "name": strategy.name, "description": strategy.description}
    blocks.append("".join(_entry(key, value) for key, value in head.items()).rstrip())
    blocks.append("\n".join(_mix(strategy.mix)))
    blocks.append("\n".join(_levers(strategy)))
    blocks.append(
        _comment("Tactics, keys of `mix` (`omemsim describe tactics` says what each does)")
    )
    return "\n\n".join(blocks) + "\n" + "".join(f"{line}\n" for line in _tactics())


def _comment(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="# ", subsequent_indent="# ")


def _entry(key: str, value: Any) -> str:
    return yaml.safe_dump({key: value}, allow_unicode=True, width=10_000, sort_keys=False)


def _mix(mix: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    yield "mix:" if mix else "mix: {} # no tactic anywhere: all hours that calls leave stay unused"
    for zone, row in mix.items():
        title = "every zone" if zone == ALL_ZONES else ZONE_TITLES[Zone[zone.upper()]]
        total = sum(row.values())
        left = "" if total > 1 - 1e-9 else f"; {1 - total:.4g} stays unused"
        yield f"  {zone}: # {title}; adds up to {total:.6g}{left}"
        yield from (f"    {tactic}: {share:.6g}" for tactic, share in row.items())


def _levers(strategy: Strategy) -> Iterator[str]:
    """Yield what else can be set: what differs from the usual, the rest as comments."""
    numbers = {item.path: item for item in declarations(Strategy)}
    usual, mine = plain(Strategy()), plain(strategy)
    for item in fields(Strategy):
        key = item.name
        if key in SHOWN_APART:
            continue
        if key in numbers:
            declared = numbers[key]
            bounds = f"{declared.low:g} and {declared.high:g} ({declared.unit})"
            yield _comment(f"{declared.doc} Between {bounds}.")
        else:
            yield _comment(f"{HELP[key]}.")
        is_usual = mine[key] == usual[key]
        for line in _entry(key, mine[key]).splitlines():
            yield f"# {line}" if is_usual else line


def _tactics() -> Iterator[str]:
    for zone, title in [*ZONE_TITLES.items(), (None, "ordinary uses of free hours")]:
        names = ", ".join(tactic.name.lower() for tactic in Tactic if tactic.use.zone is zone)
        of = f"{zone.name.lower()} ({title})" if zone is not None else title
        yield _comment(f"- {of}: {names}")
