"""The parameter sets that come with the package, and which sets a comparison runs over.

`configs/plausible` has a file for each town of which the calibration's sets are shipped
(`experiments/plausible_sets.sh`). They say what the evidence leaves open in *that* town: in another
they may give crime, calls and clustering that nobody has seen.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omemsim.inputs.config import CALLS_ONLY, compose_scenario, config_root
from omemsim.inputs.scenario import Scenario
from omemsim.study.design import Point
from omemsim.study.identity import ANY_TABLE, RESULTS_VERSION
from omemsim.study.plausible import check_sets, read_sets, sets_of
from omemsim.vocabulary.errors import InputError

__all__ = ["NO", "SHIPPED", "Sets", "sets_for", "shipped_towns"]

FOLDER = "plausible"
SHIPPED, NO = "shipped", "no"
OWN = "`omemsim calibrate` makes sets of a town's own, and uncertainty=FILE runs over them."


@dataclass(frozen=True)
class Sets:
    """The sets that a comparison runs over.

    Attributes
    ----------
    points : none if there are none.
    source : where they are from, in words.
    why_none : why there are none; empty where they were left out and could be shown.
    """

    points: Sequence[Point] = ()
    source: str = ""
    why_none: str = ""


def shipped_towns() -> list[str]:
    """Return the towns that sets are shipped for."""
    return sorted(path.stem for path in (config_root() / FOLDER).glob("*.json"))


def sets_for(word: Any, scenario: Scenario, said: Sequence[str] = ()) -> Sets:
    """Return the sets that a word means in a scenario.

    Parameters
    ----------
    word : `SHIPPED`, `NO`, sets as `sets_of` takes them (a file, a DataFrame, mappings), or None:
        the shipped ones where they suit.
    scenario : what the sets are for; the shipped ones suit their town as it comes.
    said : ``key=value`` words beside it, which may not set what the sets set.

    Raises
    ------
    InputError
        If the file cannot be read or does not fit, or the shipped ones are asked for elsewhere.
    """
    if not (word is None or (isinstance(word, str) and word in (SHIPPED, NO))):
        is_file = isinstance(word, str | Path)
        found = Sets(sets_of(word), f"the sets of {word}" if is_file else "the sets given")
    elif reason := _unsuited(scenario, is_asked=word is not None):
        if word == SHIPPED:
            raise InputError(f"uncertainty=shipped: {reason} {OWN}")
        return Sets(why_none=f"{reason} {OWN}")
    elif word == NO:
        return Sets()
    else:
        path = config_root() / FOLDER / f"{scenario.town.name}.json"
        found = Sets(read_sets(path), _origin(path))
    check_sets(found.points, scenario, said)
    return found


def _origin(path: Path) -> str:
    """Say in words what shipped sets came from."""
    head = json.loads(path.read_text(encoding="utf-8"))
    version = str(head["environment"]["results"]).partition("+")[0]
    older = f"; made with results version {version} of the model, and this is {RESULTS_VERSION}"
    return (
        f"{len(head['sets'])} of the {head['plausible']} sets that the evidence does not rule out, "
        f"of {head['tried']} tried in town {head['town']} under {head['strategy']}"
        f"{older if version != str(RESULTS_VERSION) else ''}"
    )


def _unsuited(scenario: Scenario, *, is_asked: bool) -> str:
    """Say why the shipped sets do not suit a scenario; empty if they do.

    Who asks for them may have changed other parameters; without being asked they are taken only
    where all is as it was calibrated.
    """
    towns, name = shipped_towns(), scenario.town.name
    known = f"{', '.join(towns[:-1])} and {towns[-1]}"
    if name not in towns:
        return (
            f"sets are shipped for {known} only. They were calibrated in those towns, and say "
            f"nothing of {'this one' if name == ANY_TABLE else name}."
        )
    usual = compose_scenario(name, CALLS_ONLY)
    if scenario.town != usual.town:
        return f"the shipped sets are of {name} as it comes, and town.* is changed."
    changed = (scenario.parameters, scenario.spin_up_years) != (
        usual.parameters,
        usual.spin_up_years,
    )
    if changed and not is_asked:
        return (
            "the shipped sets were calibrated with the other parameters at their defaults, and "
            "some are changed; uncertainty=shipped takes them all the same."
        )
    return ""
