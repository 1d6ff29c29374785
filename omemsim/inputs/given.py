"""A scenario as it is asked for from Python: choices, and what is changed in them.

Everything that is said becomes a choice of town and strategy and ``key=value`` words, as on the
command line, so that the same question has one form and its runs one name, whoever asks.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from typing import Any, get_origin

from omemsim.inputs import scenario as schema
from omemsim.inputs.arguments import (
    check,
    finite,
    interventions_word,
    measures_word,
    named,
    names,
    overrides_problems,
    plain_tree,
    tactics_word,
    word_text,
)
from omemsim.inputs.config import (
    BASELINE,
    DEFAULTS,
    PARAMETERS,
    Choice,
    compose_scenario,
    differences_of,
    full_key,
    has_setting,
    is_of_strategy,
    keys_of,
    parameter_key,
    scenario_to_dict,
    without_keys,
)
from omemsim.inputs.schema import closest, declared, kind_of, known_paths, put
from omemsim.present import text
from omemsim.vocabulary.errors import InputError

__all__ = ["Asked", "Scenario", "arms_asked", "as_choice", "asked"]

TOLD = 4  # changes in a repr


@dataclass(frozen=True, init=False, repr=False)
class Scenario:
    """A town, a strategy and settings, as one asks for them; it is never changed in place.

    It is checked when it is made. `om.run` and every study take it; what is said beside it there
    wins over it.

    Parameters
    ----------
    town, strategy : a name (``omemsim describe towns``, ``... strategies``), the path of a YAML
        file, or a mapping that holds what such a file does. None is the setting's, and ``small``
        and ``present_practice`` where there is none.
    years : time simulated after the spin-up; None is the setting's, and 5 where there is none.
    parameters : changed parameters, as ``{"offend.violence": 60, "feel": {"pace": 3}}``; a pandas
        Series of them; or a setting, by its name or YAML file (``best.yaml`` of a calibration).
    record : what is recorded of a run, as ``{"every": 4, "measures": ["trust"]}``.
    overrides : any other keys, as a mapping or as ``key=value`` words of the command line.

    Raises
    ------
    InputError
        With all that is wrong: unknown keys or names, values of another kind or out of bounds.
    """

    town: Choice | None
    strategy: Choice | None
    words: tuple[str, ...]

    def __init__(
        self,
        *,
        town: Any = None,
        strategy: Any = None,
        years: float | None = None,
        parameters: Any = None,
        record: Mapping[str, Any] | None = None,
        overrides: Any = (),
    ) -> None:
        made = asked(
            None,
            town=town,
            strategy=strategy,
            years=years,
            parameters=parameters,
            record=record,
            overrides=overrides,
        )
        object.__setattr__(self, "town", made.town)
        object.__setattr__(self, "strategy", made.strategy)
        object.__setattr__(self, "words", made.words)
        self.composed()

    def changed(self, **given: Any) -> Scenario:
        """Return another scenario, with some of it changed.

        Parameters
        ----------
        **given : as for `Scenario`; what is not named stays as it is.
        """
        made = asked(self, **given)
        other = object.__new__(Scenario)
        for name in ("town", "strategy", "words"):
            object.__setattr__(other, name, getattr(made, name))
        other.composed()
        return other

    def composed(self) -> schema.Scenario:
        """Return every value of it, checked, as the model takes it."""
        return compose_scenario(self.town, self.strategy, self.words)

    def to_dict(self) -> dict[str, Any]:
        """Return every value of it in plain dicts, lists, numbers and text."""
        return scenario_to_dict(self.composed())

    def text(self) -> str:
        """Return the choices and every value that is changed in them, with unit and default."""
        whole = self.composed()
        settings = [word for word in self.words if word.startswith("setting=")]
        usual = dict(_leaves(scenario_to_dict(compose_scenario(self.town, self.strategy))))
        years = text.counted(whole.years, "year")
        lines = [
            f"Town {whole.town.name}, strategy {whole.strategy.name}; {years} after a spin-up of "
            f"{whole.spin_up_years:g}.",
            *(f"  {word.replace('=', ' ')}" for word in settings),
        ]
        for path, value in _leaves(self.to_dict()):
            if path != "setting" and value != usual.get(path):
                lines.append(f"  {path} = {_shown(value)}{_about(path, usual.get(path))}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Say what it is in a line."""
        words = list(self.words)
        more = [f"and {len(words) - TOLD} more"] if len(words) > TOLD else []
        told = ", ".join([*(_in_short(word) for word in words[:TOLD]), *more])
        choices = [_name(self.town, "town"), _name(self.strategy, "strategy")]
        return f"<Scenario: {', '.join(choices)}{'; ' * bool(told)}{told}>"


def _in_short(word: str) -> str:
    return text.shortened(word, 60)


def _name(choice: Choice | None, group: str) -> str:
    if choice is None:
        return f"{group} not named"
    if isinstance(choice, str):
        return f"{group} {choice}"
    told = choice.get("name") or f"{len(choice)} keys of its own"
    return f"{group} {told}"


def _leaves(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the dotted path and the value of all that is no group of keys."""
    for key, value in tree.items():
        where = f"{path}{key}"
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{where}.")
        else:
            yield where, value


def _shown(value: Any) -> str:
    return _in_short(word_text(value))


def _about(path: str, usual: Any) -> str:
    """Return the unit and the default of a value, as far as there are any."""
    try:
        unit = declared(schema.Scenario, path)[1].metadata.get("unit", "")
    except InputError:  # a key of a mapping, which declares none
        unit = ""
    default = "" if usual is None else f"default {_shown(usual)}"
    said = ", ".join(filter(None, [unit, default]))
    return f" ({said})" if said else ""


@dataclass(frozen=True)
class Asked:
    """What is asked for, not composed yet: a study may have yet to name the strategy.

    Attributes
    ----------
    town, strategy : a name, the path of a file, or what such a file holds; None is the setting's.
    words : ``key=value``, each key once.
    """

    town: Choice | None
    strategy: Choice | None
    words: tuple[str, ...]

    def usual(self, **names: str) -> Asked:
        """Return it with these choices where neither the user nor a setting has made one.

        Parameters
        ----------
        **names : by group, ``town`` or ``strategy``.
        """
        if has_setting(self.words):
            return self
        town = names.get("town") if self.town is None else self.town
        strategy = names.get("strategy") if self.strategy is None else self.strategy
        return Asked(town, strategy, self.words)

    def with_code(
        self,
        measures: Sequence[Any],
        beside: Sequence[str],
        interventions: Sequence[Any],
        tactics: Sequence[Any] = (),
    ) -> Asked:
        """Return it with code of the user's own.

        Parameters
        ----------
        measures, beside : as for `measures_word`.
        interventions : as for `interventions_word`.
        tactics : as for `tactics_word`.
        """
        recorded = measures_word(measures, beside, self.words)
        done = interventions_word(interventions, self.words)
        declared = tactics_word(tactics, self.words)
        return Asked(self.town, self.strategy, (*self.words, *recorded, *done, *declared))


def asked(
    scenario: Scenario | None,
    *,
    town: Any = None,
    strategy: Any = None,
    years: Any = None,
    parameters: Any = None,
    record: Any = None,
    overrides: Any = (),
    more: Sequence[str] = (),
    has_years: bool = True,
) -> Asked:
    """Return what is asked for by a scenario and by what is said beside it, which wins.

    Parameters
    ----------
    scenario : None for none.
    more : what else is wrong, told together with what is wrong here.
    has_years : whether who asks takes years as an argument.
    the rest : as for `Scenario`

    Raises
    ------
    InputError
        With all that is wrong with it by itself; `compose_scenario` says what does not fit.
    """
    beside = {key: key for key in ("town", "strategy", *["years"] * has_years)}
    check(
        [] if scenario is None or isinstance(scenario, Scenario) else [_no_scenario(scenario)],
        names(town=town, strategy=strategy),
        finite(years=years),
        [] if isinstance(overrides, Mapping) else overrides_problems(overrides, **beside),
        list(more),
    )
    words = [] if years is None else [f"years={word_text(years)}"]
    words += _of_parameters(parameters)
    words += [] if record is None else list(_words(_mapping(record, "record"), "record."))
    said = list(_words(overrides, "")) if isinstance(overrides, Mapping) else overrides
    check(overrides_problems(said, **beside), _twice([*words, *said]))
    words += said
    if scenario is None:
        return Asked(as_choice(town), as_choice(strategy), tuple(words))
    kept = without_keys(scenario.words, keys_of(words))
    chosen = [
        mine if theirs is None else as_choice(theirs)
        for mine, theirs in ((scenario.town, town), (scenario.strategy, strategy))
    ]
    return Asked(chosen[0], chosen[1], (*kept, *words))


def _no_scenario(given: Any) -> str:
    shown = textwrap.shorten(repr(given), 60)
    return (
        f"scenario = {shown}: must be an om.Scenario, as om.Scenario(town='small', "
        "strategy='omem'); names are given as town= and strategy=."
    )


def as_choice(given: Any) -> Choice | None:
    """Return a name, the path of a file, or what such a file holds, in Python's own types."""
    if given is None or isinstance(given, Mapping):
        return None if given is None else dict(plain_tree(given))
    return str(os.fspath(given))


def _of_parameters(given: Any) -> list[str]:
    """Return the words for changed parameters: a mapping, a Series, or a setting."""
    if given is None:
        return []
    if isinstance(given, str | os.PathLike):
        return [f"setting={os.fspath(given)}"]
    changes = _mapping(given, "parameters")
    tree = {parameter_key(str(key)): value for key, value in changes.items()}
    wrong = [key for key in tree if not key.startswith(PARAMETERS) and key != "parameters"]
    check(
        [
            f"parameters: {key!r} is no parameter.{_meant(key)} See `omemsim describe parameters`."
            for key in wrong
        ]
    )
    return list(_words(tree, ""))


def _meant(key: str) -> str:
    if kind_of(schema.Scenario, key) is None:
        return closest(PARAMETERS + key, known_paths(schema.Scenario))
    return f" Give it as overrides={{{key!r}: ...}}."


def _mapping(given: Any, name: str) -> Mapping[str, Any]:
    """Return a mapping, or a pandas Series as one."""
    is_series = hasattr(given, "to_dict") and not hasattr(given, "columns")
    plain = given.to_dict() if is_series else given
    if not isinstance(plain, Mapping):
        shown = textwrap.shorten(repr(given), 60)
        raise InputError(f"{name} = {shown}: must map keys to values, as {EXAMPLES[name]}.")
    return plain


EXAMPLES = {
    "parameters": "{'offend.violence': 60}, or name a setting or its YAML file",
    "record": "{'every': 4, 'measures': ['trust']}",
}


def _words(tree: Mapping[Any, Any], prefix: str) -> Iterator[str]:
    """Yield a word for each value of a tree; what it leaves out of a group stays as it is."""
    for key, value in tree.items():
        path = f"{prefix}{key}"
        kind = kind_of(schema.Scenario, full_key(path))
        is_group = is_dataclass(kind) or get_origin(kind) is dict
        if is_group and isinstance(value, Mapping):
            yield from _words(value, f"{path}.")
        else:
            yield f"{path}={word_text(value)}"


def _twice(words: Sequence[Any]) -> list[str]:
    keys = [full_key(word.partition("=")[0]) for word in words if isinstance(word, str)]
    each = dict.fromkeys(key for key in keys if keys.count(key) > 1)
    return [f"{key} is given twice: say it once." for key in each]


def arms_asked(
    strategies: Sequence[Any], ask: Callable[[list[str]], Asked]
) -> tuple[list[Choice], Asked]:
    """Return the strategies of a study, and what is asked for all of them.

    A `Scenario` among them is its strategy, with what it changes in it; all else of it has to hold
    for every strategy of the study, which runs in one town.

    Parameters
    ----------
    strategies : names, files, mappings and scenarios.
    ask : returns what is asked beside them, given what is wrong with their names, which it tells.

    Raises
    ------
    InputError
        If a strategy is none of these, or scenarios differ in more than their strategy.
    """
    scenarios = [one for one in strategies if isinstance(one, Scenario)]
    others = [one for one in strategies if not isinstance(one, Scenario)]
    said = ask([problem for one in others for problem in named(strategy=one)])
    arms = [_arm(one) if isinstance(one, Scenario) else _chosen(one) for one in strategies]
    if not scenarios:
        return arms, said
    town, words = _common(scenarios)
    kept = without_keys(words, keys_of(said.words))
    town = town if said.town is None else said.town
    return arms, Asked(town, said.strategy, (*kept, *said.words))


def _chosen(given: Any) -> Choice:
    choice = as_choice(given)
    assert choice is not None  # `named` refuses None
    return choice


def _arm(scenario: Scenario) -> Choice:
    """Return the strategy of a scenario, with what its words change in it."""
    usual = None if has_setting(scenario.words) else BASELINE
    choice = scenario.strategy if scenario.strategy is not None else usual
    if choice is None:
        raise InputError(
            "A scenario whose strategy is its setting's cannot be one of several: name it, as "
            "scenario.changed(strategy='omem')."
        )
    own = differences_of([word for word in scenario.words if is_of_strategy(word)], "strategy")
    if not own:
        return choice
    name = scenario.composed().strategy.name
    if isinstance(choice, str):
        return {"base": choice, "name": name, **own}
    changed: dict[str, Any] = {**choice, "name": name}
    for path, value in _leaves(own):
        changed = put(changed, path, value)
    return changed


def _common(scenarios: Sequence[Scenario]) -> tuple[Choice | None, list[str]]:
    """Return the town and the words that all scenarios have in common, the strategies' left out."""
    first = scenarios[0]
    words = [word for word in first.words if not is_of_strategy(word)]
    unlike: list[str] = []
    for other in scenarios[1:]:
        theirs = [word for word in other.words if not is_of_strategy(word)]
        if (first.town or DEFAULTS["town"]) != (other.town or DEFAULTS["town"]):
            unlike.append("town")
        unlike += sorted(set(words) ^ set(theirs))
    if unlike:
        told = ", ".join(dict.fromkeys(unlike))
        raise InputError(
            f"The scenarios differ in more than their strategy ({told}), and all strategies run in "
            "the same town: give them the same, or what differs as vary= of om.sweep."
        )
    return first.town, words
