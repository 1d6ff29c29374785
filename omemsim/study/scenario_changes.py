"""Change some values of a scenario, and name the runs this makes, at well under 1 ms each.

Composing a whole scenario takes several ms. Here only the values that change are checked, by their
own declarations, and only the groups they are in are written out again for a run's id. The id
is the one `identify` gives the whole scenario, so that a question asked in another way finds
the same answer.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from omemsim.inputs.checks import scenario_problems
from omemsim.inputs.code import CODE_KEYS, with_code
from omemsim.inputs.config import full_key
from omemsim.inputs.own_tactics import with_tactics
from omemsim.inputs.scenario import Scenario, TownConfig, parts_of_a_start
from omemsim.inputs.schema import fit, key_of, put
from omemsim.study.identity import FILES, RunKey, content_hash, identify, plain, results_version
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.once import once

__all__ = ["Keys", "content_of", "start_of", "with_changes"]

NAMES = ("setting", "strategy.name", "strategy.description", "town.name", "town.kind")


def with_changes(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """Return the scenario with some values changed; the rest is shared with the old one.

    Parameters
    ----------
    scenario : left as it is.
    changes : full dotted keys to values, as ``{"parameters.feel.pace": 3.0, "years": 2}``.

    Raises
    ------
    InputError
        With every key that is unknown, value of another kind or out of bounds, and what does
        not fit together.
    """
    problems: list[str] = []
    changed: Any = scenario
    for path, value in changes.items():
        try:
            if path in NAMES:
                raise InputError(f"{path!r} says what a scenario is: it cannot be varied.")
            key = full_key(path)
            changed = put(changed, key, fit(Scenario, key, value))
        except InputError as refused:
            problems += refused.problems
    if not problems and not all(_stands_alone(path) for path in changes):
        changed = with_tactics(changed)
        problems = scenario_problems(changed)
    if problems:
        raise InputError(*problems)
    if any(full_key(path) in CODE_KEYS for path in changes):
        return with_code(changed)
    return changed  # type: ignore[no-any-return]


def _stands_alone(path: str) -> bool:
    """Return whether a value that is within its bounds fits whatever the others are."""
    return path.startswith("parameters.") and not path.startswith("parameters.zones.")


_hash_of = once(content_hash)  # of a table's blueprint, which many scenarios of a study share


def content_of(town: TownConfig) -> str | None:
    """Return the hash of what a town's table says; a drawn town's config says it all."""
    if town.kind != "table":
        return None
    from omemsim.inputs.sources import blueprint_of

    return _hash_of(blueprint_of(town))


def start_of(scenario: Scenario) -> str:
    """Return a hash of what a scenario's spin-up depends on, beside the replicate.

    A dataclass's text holds every name and value; a table counts by what it says, not by where it
    lies.
    """
    parts = parts_of_a_start(scenario)
    town = parts["town"]
    parts["town"] = content_of(town) or str(town)
    return content_hash(str(tuple(parts.values())))


class Keys:
    """Makes the keys of runs that differ in a few values from one scenario.

    A group of parameters, or another part of the scenario, that a run does not change is
    written out once.

    Parameters
    ----------
    base : the scenario whose config the keys name; the changes are told beside it.
    arm : name of its strategy in the study.
    """

    def __init__(self, base: Scenario, arm: str | None = None) -> None:
        self.base = base
        key = identify(base, replicate=0, town=base.town.name, strategy=arm or base.strategy.name)
        self.config, self.town, self.strategy = key.config, key.town, key.strategy
        self._content = content_of(base.town)
        self._texts: dict[int, tuple[Any, str]] = {}
        for part in _groups_in(base):  # the innermost first
            self._texts[id(part)] = (part, self._text(part))

    def ids(self, scenario: Scenario, replicates: range) -> list[str]:
        """Return the ids of a scenario's runs; most of it is shared with the base."""
        start = hashlib.sha256(f"[{self._question(scenario)}, ".encode())
        found = []
        for replicate in replicates:
            digest = start.copy()
            digest.update(f'{replicate}, "{results_version()}"]'.encode())
            found.append(digest.hexdigest())
        return found

    def key(self, run_id: str, replicate: int, changes: Mapping[str, Any]) -> RunKey:
        """Return the key of a run with this id: the base's config, and what it sets otherwise.

        Parameters
        ----------
        run_id : from `ids`.
        replicate : which town and random numbers.
        changes : what the run sets beside the base's config: full dotted keys to values.
        """
        said = json.dumps(plain(changes), sort_keys=True, separators=(",", ":"))
        return RunKey(run_id, self.town, self.strategy, replicate, self.config, said)

    def _question(self, scenario: Scenario) -> str:
        """Return the scenario's text as `identify` hashes it."""
        if self._content is None and scenario.town.kind != "table":
            return self._text(scenario)
        # A table counts by what it says, not by where it lies.
        same = scenario.town is self.base.town
        content = self._content if same else content_of(scenario.town)
        tree = {**plain(scenario.town), **dict.fromkeys(FILES), "content": content}
        return self._text(scenario, town=json.dumps(tree, sort_keys=True, allow_nan=False))

    def _text(self, value: Any, **known: str) -> str:
        """Return a value as sorted JSON; ``known`` are texts of some of its fields."""
        kept = self._texts.get(id(value))
        if kept is not None and kept[0] is value and not known:
            return kept[1]
        if not is_dataclass(value):
            return _written(value)
        texts = (
            f'"{key_of(x)}": {known.get(x) or self._text(getattr(value, x))}'
            for x in _names(type(value))  # type: ignore[arg-type]
        )
        return f"{{{', '.join(texts)}}}"


def _written(value: Any) -> str:
    """Return a value as sorted JSON, as `identify` writes it."""
    if type(value) is float and not value.is_integer():
        return float.__repr__(value)  # what json does, and there are many of these
    return json.dumps(plain(value), sort_keys=True, allow_nan=False)


@functools.cache
def _names(kind: Any) -> list[str]:
    return sorted((item.name for item in fields(kind)), key=key_of)


def _groups_in(tree: Any) -> list[Any]:
    """Return every dataclass, dict and list in a tree, the innermost first."""
    if not is_dataclass(tree):
        return [tree] if isinstance(tree, dict | list) else []
    inside = [one for item in fields(tree) for one in _groups_in(getattr(tree, item.name))]
    return [*inside, tree]
