"""Tactics of the user's own: written in Python, or offered by other packages.

A scenario holds the whole declaration of each, so that worker processes need no package for it, and
a run that was made with one declaration is never taken for one made with another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omemsim.inputs.scenario import Scenario
from omemsim.inputs.schema import fill, plain, put
from omemsim.own import offered
from omemsim.strategies import Strategy
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.own_tactics import OwnTactic, own_tactic_problems
from omemsim.vocabulary.wheel import Tactic

__all__ = ["OFFERED_TACTICS", "offered_tactic", "offered_tactics", "tactic", "with_tactics"]

OFFERED_TACTICS = "omemsim.tactics"  # the group of other packages' entry points
_OF_THE_MODEL = {tactic.name.lower() for tactic in Tactic}


def tactic(name: str, *, channels: Mapping[str, float], **declared: Any) -> OwnTactic:
    """Declare a tactic of one's own: for ``tactics=[...]``, or an entry point ``omemsim.tactics``.

    A strategy whose mix names it spends hours on it. Its dose, from 0 to 1, follows its hours per
    1,000 residents 15+ and fades; dose and hours feed the channels (`omemsim describe tactics`).

    Parameters
    ----------
    name : its key in mixes: small letters, digits and _.
    channels : by channel, how strongly it is fed, from 0 to 1.
    **declared : what is not as usual: ``title`` (text), ``half`` (weekly hours per 1,000 residents
        that give half of the greatest dose, 0.01 to 100; 1), ``memory`` (half-life of the dose, 1
        to 520 weeks; 8), ``takes_skill`` (True), ``zone`` (red, amber, green, blue; None is any),
        ``pillar`` (engagement), ``area`` (prevention), ``source`` (what the numbers rest on).

    Raises
    ------
    InputError
        If a key is unknown, or a value is of another kind, out of bounds, or acts on risk directly.
    """
    return _declared({"name": name, "channels": channels, **declared}, "tactic")


def with_tactics(scenario: Scenario) -> Scenario:
    """Return the scenario with the tactics of other packages that its mix names, declared.

    Tactics that it declares itself stay as they are.

    Raises
    ------
    InputError
        With every problem of what packages offer by the names in the mix.
    """
    strategy: Strategy = scenario.strategy
    known = _OF_THE_MODEL | {one.name for one in strategy.tactics}
    named = dict.fromkeys(name for row in strategy.mix.values() for name in row)
    missing = [name for name in named if name not in known]
    if not missing:
        return scenario
    offers, problems = offered_tactics(), []
    found = list(strategy.tactics)
    for name in missing:
        try:
            found += [offered_tactic(offers[name])] if name in offers else []
        except InputError as refused:
            problems += refused.problems
    if problems:
        raise InputError(*problems)
    changed: Scenario = put(scenario, "strategy.tactics", found)
    return changed


def offered_tactics() -> dict[str, Any]:
    """Return the entry points of other packages' tactics, by names that the model does not have."""
    points = offered(OFFERED_TACTICS)
    return {name: points[name] for name in points if name not in _OF_THE_MODEL}


def offered_tactic(point: Any) -> OwnTactic:
    """Return the tactic that an entry point declares: a `tactic`, a mapping, or YAML text of one.

    Raises
    ------
    InputError
        If it cannot be loaded, is none of these, or is declared wrongly.
    """
    import yaml

    where = f"The tactic {point.name!r} of another package ({point.value})"
    try:
        content = point.load()
        content = yaml.safe_load(content) if isinstance(content, str) else content
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{where} cannot be loaded: {type(error).__name__}: {error}.") from error
    if isinstance(content, OwnTactic):
        content = plain(content)
    if not isinstance(content, Mapping):
        kind = type(content).__name__
        raise InputError(
            f"{where} must be made by om.tactic, or be a mapping, or YAML text that holds one; it "
            f"is {kind}."
        )
    one = _declared({"name": point.name, **content}, where)
    if one.name != point.name:
        raise InputError(f"{where} names itself {one.name!r}: both names must be the same.")
    return one


def _declared(content: Mapping[str, Any], where: str) -> OwnTactic:
    """Return a tactic with the values of a mapping.

    Raises
    ------
    InputError
        With every problem; each begins with ``where``.
    """
    problems: list[str] = []
    one = fill(OwnTactic, content, problems=problems)
    problems = problems or [text.removeprefix("[0].") for text in own_tactic_problems([one], "")]
    if problems:
        raise InputError(*(f"{where}: {problem}" for problem in problems))
    return one
