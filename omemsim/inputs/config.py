"""From words (`town=city strategy=omem years=5`) to one checked `Scenario`.

Hydra composes `configs/` (a file of differences per town and per strategy); the dataclasses of
`scenario` are the schema: every key, type, default and bound. A setting (`setting=bancroft`) is a
file of differences for the whole scenario, laid over them. Values are merged afterwards, so that
a sweep composes once per choice of files, and a path with spaces, commas or accents is a value
like any other. Anything unknown, of the wrong type or out of bounds is refused, all of it in one
message.
"""

from __future__ import annotations

import copy
import functools
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_origin

from omemsim.inputs.arguments import plain_tree
from omemsim.inputs.checks import scenario_problems
from omemsim.inputs.code import with_code
from omemsim.inputs.own_tactics import with_tactics
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.schema import fill, kind_of, known_paths, plain, put, unknown_key
from omemsim.own import offered
from omemsim.vocabulary.errors import InputError, nearest

__all__ = [
    "BASELINE",
    "CALLS_ONLY",
    "Choice",
    "OF_EVIDENCE",
    "OWN",
    "PARAMETERS",
    "TABLE_FILES",
    "choices",
    "compose_scenario",
    "compose_scenarios",
    "config_keys",
    "config_root",
    "differences_of",
    "full_key",
    "has_setting",
    "is_of_strategy",
    "keys_of",
    "offered_strategies",
    "parameter_key",
    "register_schema",
    "scenario_from_dict",
    "scenario_to_dict",
    "setting_description",
    "split_override",
    "with_baseline",
    "without_keys",
]

Choice = str | Mapping[str, Any]  # a name, the path of a file, or what such a file holds

Chosen = TypeVar("Chosen", bound=Choice)

# Police who answer calls and do nothing else.
CALLS_ONLY = "reactive"
OF_EVIDENCE = "city"  # the town that the evidence is compared with if none is named
GROUPS = {"town": "table", "strategy": CALLS_ONLY}  # and what a user's own file starts from
BASELINE = "present_practice"  # what strategies are compared with
DEFAULTS = {"town": "small", "strategy": BASELINE}  # what nobody need name
IN_SETTING = {**DEFAULTS, "strategy": GROUPS["strategy"]}  # what a setting's own starts from
OFFERED_STRATEGIES = "omemsim.strategies"  # the group of other packages' entry points
CHOSEN = (*GROUPS, "setting")  # keys whose values name files
SHORT = {  # keys that may be written without a group
    **{name: f"strategy.{name}" for name in ("interventions", "own_interventions", "tactics")},
    **{name: f"town.{name}" for name in ("sheet", "suppressed")},
}
PARAMETERS = "parameters."  # which a parameter's key may leave out where nothing else is meant
OWN = "own"  # the name of a strategy given as a mapping that has none
TABLES = {".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".parquet"} | {
    *(".geojson", ".json", ".gpkg", ".shp", ".fgb")
}  # of a town's table, which can be named in place of a town
TABLE_FILES = ("file", "adjacency", "polygons")  # keys of a town's config that name files
_hydra = threading.Lock()  # Hydra's state is one per process


def config_root() -> Path:
    """Return the folder of configs: that of the checkout, else the copy in the package."""
    package = Path(__file__).resolve().parents[1]
    checkout = package.parent
    is_checkout = (checkout / "pyproject.toml").is_file()
    return checkout / "configs" if is_checkout else package / "configs"


def choices(group: str) -> list[str]:
    """Return the names one can choose in a group ("town", "strategy" or "setting")."""
    return sorted(path.stem for path in (config_root() / group).glob("*.yaml"))


def setting_description(name: str) -> str:
    """Return how a setting of the library describes itself."""
    return str(_read_yaml("setting", _library_file("setting", name)).get("description", ""))


def config_keys() -> list[str]:
    """Return every key a `key=value` word may set, groups first."""
    return [*GROUPS, *known_paths(Scenario), *SHORT]


def full_key(key: str) -> str:
    """Return the whole path of a key, which may be short for it."""
    return SHORT.get(key, key)


def keys_of(words: Iterable[str]) -> set[str]:
    """Return the whole paths of the keys that ``key=value`` words set."""
    return {_key_in(word) for word in words}


def _key_in(word: str) -> str:
    """Return the whole path of the key that a ``key=value`` word sets."""
    return full_key(word.partition("=")[0])


def without_keys(words: Iterable[str], keys: Collection[str]) -> list[str]:
    """Return the ``key=value`` words that set none of these keys, which are whole paths."""
    return [word for word in words if _key_in(word) not in keys]


def has_setting(words: Iterable[str]) -> bool:
    """Say whether a word names a setting, which says what nobody else does."""
    return any(word.startswith("setting=") for word in words)


def parameter_key(key: str) -> str:
    """Return the whole key of a parameter, which may be named without its first part."""
    is_short = kind_of(Scenario, key) is None and kind_of(Scenario, PARAMETERS + key) is not None
    return PARAMETERS + key if is_short else key


def is_of_strategy(word: str) -> bool:
    """Say whether a ``key=value`` word sets something of the strategy."""
    return _key_in(word).startswith("strategy.")


def compose_scenario(
    town: Choice | None = None, strategy: Choice | None = None, overrides: Sequence[str] = ()
) -> Scenario:
    """Return the scenario that the words mean.

    Parameters
    ----------
    town, strategy : a name from `configs/`, or the path of a YAML file of one's own, with or
        without its ending ``.yaml`` (its key ``base`` names what it differs from: default ``table``
        and ``reactive``), or a mapping that holds what such a file does. None is the setting's, and
        ``small`` and ``present_practice`` where there is none.
    overrides : ``key=value`` words, as ``years=2``, ``town.scale=20``, ``setting=bancroft``,
        ``parameters.zones.trust=0.4``, ``strategy.mix.red.patrol=0.1``,
        ``events=[{what: crime, from: 52, to: 60, size: 0.5}]``. They override the setting.

    Raises
    ------
    InputError
        With every problem found: unknown key or name, wrong type, out of bounds.
    """
    problems: list[str] = []
    pairs = [_pair(word, problems) for word in overrides]
    if problems:
        raise InputError(*problems)
    named = {"town": town, "strategy": strategy}
    chosen: dict[str, Choice] = {x: word for x, word in named.items() if word is not None}
    chosen |= {key: str(value) for key, value in pairs if key in CHOSEN}
    data = _choose(chosen)
    for key, value in pairs:
        if key not in CHOSEN:
            data = put(data, key, value)
    try:
        return scenario_from_dict(data)
    except InputError as refused:
        raise InputError(*_with_files(refused.problems, chosen)) from None


def differences_of(words: Sequence[str], group: str) -> dict[str, Any]:
    """Return what ``key=value`` words set below a group, as a tree without its name.

    Raises
    ------
    InputError
        If a key is unknown.
    """
    problems: list[str] = []
    tree: dict[str, Any] = {}
    for word in words:
        key, value = _pair(word, problems)
        tree = put(tree, key, value)
    if problems:
        raise InputError(*problems)
    return dict(tree.get(group, {}))


def _with_files(problems: Sequence[str], chosen: Mapping[str, Choice]) -> list[str]:
    """Return the problems, with the file's name before those that a user's file has by itself."""
    file_of: dict[str, str] = {}
    for group, word in chosen.items():
        file = _own_file(group, word) if isinstance(word, str) else ""
        if _is_file(file):
            try:
                scenario_from_dict(_choose({group: word}))
            except InputError as refused:
                file_of |= dict.fromkeys(refused.problems, file)
    return [f"{file_of[text]}: {text}" if text in file_of else text for text in problems]


def compose_scenarios(
    strategies: Sequence[Choice], *, town: Choice | None = None, overrides: Sequence[str] = ()
) -> list[Scenario]:
    """Return one scenario per strategy, alike in all else; see `compose_scenario`.

    Parameters
    ----------
    strategies : names, files or mappings, each with a strategy's name of its own.
    town, overrides : as for `compose_scenario`.

    Raises
    ------
    InputError
        With every problem of every strategy, or if two of them have the same name.
    """
    scenarios: list[Scenario] = []
    problems: list[str] = []
    for strategy in strategies:
        try:
            scenarios.append(compose_scenario(town, strategy, overrides))
        except InputError as refused:
            problems += refused.problems
    names = [scenario.strategy.name for scenario in scenarios]
    problems += [
        f"There are two strategies named {name!r}: to compare variants, give each its own name."
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    if problems:
        raise InputError(*dict.fromkeys(problems))
    return scenarios


def with_baseline(strategies: Sequence[Chosen]) -> list[Chosen | str]:
    """Return the strategies of a comparison; one alone is compared with the baseline."""
    is_alone = len(strategies) == 1 and strategies[0] != BASELINE
    return [BASELINE, *strategies] if is_alone else list(strategies)


def scenario_from_dict(data: Mapping[str, Any]) -> Scenario:
    """Return the checked scenario.

    Raises
    ------
    InputError
        With every problem found.
    """
    problems: list[str] = []
    scenario = fill(Scenario, data, problems=problems)
    try:
        scenario = with_tactics(scenario)
        problems += scenario_problems(scenario)
    except InputError as refused:  # who reads the mix would say that there is no such tactic
        problems += refused.problems
    if problems:
        raise InputError(*problems)
    return with_code(scenario)


def scenario_to_dict(scenario: Scenario) -> dict[str, Any]:
    """Return the scenario as plain dicts and scalars, in the order of declaration."""
    return dict(plain(scenario))


def register_schema() -> None:
    """Give Hydra the defaults of every key, under the name that `scenario.yaml` starts from."""
    from hydra.core.config_store import ConfigStore

    ConfigStore.instance().store(name="schema", node=scenario_to_dict(Scenario()))


def split_override(word: str) -> tuple[str, str]:
    """Return key and text of a ``key=value`` word.

    Raises
    ------
    InputError
        If it is none, or has no value.
    """
    key, equals, text = word.partition("=")
    if key[:1] in ("+", "~"):
        raise InputError(
            f"{word!r}: write key=value; keys cannot be added or removed with {key[0]!r}."
        )
    if not equals or not key:
        raise InputError(f"{word!r}: expected key=value, as years=2.")
    if not text:
        raise InputError(f"{key}= has no value. Leave the word out for the default.")
    return key, text


def _pair(word: str, problems: list[str]) -> tuple[str, Any]:
    """Return key and value of a word, the value as its key's type wants it."""
    try:
        key, text = split_override(word)
    except InputError as refused:
        problems.extend(refused.problems)
        return "", None
    key = full_key(key)
    if key in CHOSEN:
        return key, _unquoted(text)
    kind = kind_of(Scenario, key)
    if kind is None:
        problems.append(unknown_key(key, config_keys()))
    elif hasattr(kind, "__dataclass_fields__"):
        problems.append(f"{key!r} is a group of keys: set one of them, as {_example(key)}=...")
    return key, _value(text, kind)


def _example(group: str) -> str:
    return next(path for path in known_paths(Scenario) if path.startswith(f"{group}."))


def _value(text: str, kind: Any) -> Any:
    """Return what a word's text means: text where text is wanted, else Hydra's grammar."""
    if kind is str or kind == str | None:
        return None if text == "null" and kind is not str else _unquoted(text)
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.core.override_parser.types import ChoiceSweep
    from hydra.errors import HydraException

    try:
        value = OverridesParser.create().parse_override(f"key={text}").value()
    except (HydraException, ValueError):
        return _yaml_list(text) if get_origin(kind) is list or text[:1] in "{[" else text
    if isinstance(value, ChoiceSweep):
        return list(value.list)
    return value if isinstance(value, int | float | str | list | dict | None) else text


def _yaml_list(text: str) -> Any:
    """Return what YAML reads in a text that Hydra cannot read, as names with accents; else it."""
    import yaml

    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return text


def _unquoted(text: str) -> str:
    is_quoted = len(text) >= 2 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if is_quoted else text


def _choose(chosen: Mapping[str, Choice]) -> dict[str, Any]:
    """Return the composed config of a town, a strategy and a setting, as they were chosen."""
    names: dict[str, str] = {}
    own: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    setting = _read_setting(str(chosen.get("setting", "none")), problems)
    for group, default in DEFAULTS.items():
        usual = setting.pop(group, default)
        choice = chosen.get(group)  # a town that is named replaces the setting's
        try:
            if isinstance(choice, Mapping):
                names[group], own[group] = _of_mapping(group, choice)
            else:
                named = choice or usual
                names[group], own[group] = _name_and_differences(group, named, setting["setting"])
        except InputError as refused:
            problems.extend(refused.problems)
    if problems:
        raise InputError(*problems)
    data = copy.deepcopy(_compose(names["town"], names["strategy"]))
    for group, differences in own.items():
        _merge(data[group], differences)
    _merge(data, setting)
    return data


def _read_setting(word: str, problems: list[str]) -> dict[str, Any]:
    """Return the differences of a setting, a name or a file; `setting` among them is its name."""
    try:
        if not _is_file(word):
            _known_choice("setting", word)
        path = Path(word).expanduser() if _is_file(word) else _library_file("setting", word)
        content = _read_yaml("setting", path)
    except InputError as refused:
        problems.extend(refused.problems)
        return {"setting": word}
    content.pop("description", None)
    content["setting"] = content.pop("name", path.stem)
    return content


def _library_file(group: str, name: str) -> Path:
    return config_root() / group / f"{name}.yaml"


def _name_and_differences(group: str, choice: Any, setting: str) -> tuple[str, dict[str, Any]]:
    """Return the library's name to start from and differences: a file's, or a setting's own."""
    if not isinstance(choice, Mapping):
        return _name_and_file(group, str(choice))
    content = {"name": setting, **choice}
    base = str(content.pop("base", IN_SETTING[group]))
    try:
        return _known_choice(group, base), content
    except InputError as refused:
        where = f"setting={setting}, {group}.base"
        raise InputError(*(f"{where}: {problem}" for problem in refused.problems)) from None


def _of_mapping(group: str, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the library's name to start from, and how a mapping of the user's differs from it."""
    content: dict[str, Any] = {}
    for key, value in plain_tree(given).items():
        content = put(content, key, value)
    try:
        base, differences = _name_and_file(group, str(content.pop("base", GROUPS[group])))
    except InputError as refused:
        raise InputError(*(f"{group}, base: {problem}" for problem in refused.problems)) from None
    if group == "town":
        _check_columns(group, content.get("columns"))
    else:
        content.setdefault("name", OWN)
    differences = copy.deepcopy(differences)
    _merge(differences, content)
    return base, differences


def _merge(data: dict[str, Any], differences: Mapping[str, Any]) -> None:
    for key, value in differences.items():
        if isinstance(value, Mapping) and isinstance(data.get(key), dict):
            _merge(data[key], value)
        else:
            data[key] = value


def _name_and_file(group: str, word: str) -> tuple[str, dict[str, Any]]:
    """Return the library's name to start from, and the differences that a word means.

    The word is a name of the library or of another package, the path of a YAML file, or that of a
    table, which is a town.
    """
    word = _own_file(group, word)
    if group == "strategy" and not _is_file(word) and word in offered_strategies():
        content = offered_strategies()[word]()
        where = f"the strategy {word!r} of another package"
        return _base(group, where, content), {"name": word, **content}
    if group == "town" and Path(word).suffix.lower() in TABLES:
        return GROUPS[group], {"file": word, "name": Path(word).stem}
    if not _is_file(word):
        return _known_choice(group, word), {}
    path = Path(word).expanduser()
    content = _read_yaml(group, path)
    base = _base(group, path, content)
    if group == "town":
        _check_columns(path, content.get("columns"))
    content.setdefault("name", path.stem)
    for key in TABLE_FILES if group == "town" else ():
        # A path in the user's file is first looked for beside that file.
        beside = path.parent / str(content.get(key))
        if isinstance(content.get(key), str) and beside.exists():
            content[key] = str(beside)
    return base, content


def _is_file(word: str) -> bool:
    return word.lower().endswith((".yaml", ".yml"))


def _own_file(group: str, word: str) -> str:
    """Return the word, with its ending where the user's file of that name stands here.

    A name of the library, or of a package, is never taken for a file's.
    """
    beside = f"{word}.yaml"
    known = group not in DEFAULTS or _is_file(word) or word in choices(group)
    if known or not Path(beside).expanduser().is_file():
        return word
    return word if group == "strategy" and word in offered_strategies() else beside


def offered_strategies() -> dict[str, Callable[[], dict[str, Any]]]:
    """Return what gives the strategies of other packages, by names that the library does not have.

    An entry point of `OFFERED_STRATEGIES` is a mapping of keys to values, or YAML text, as a file
    of a strategy holds.
    """
    points = offered(OFFERED_STRATEGIES)
    return {
        name: functools.partial(_of_package, point)
        for name, point in points.items()
        if name not in choices("strategy")
    }


def _of_package(point: Any) -> dict[str, Any]:
    """Return what an entry point says of a strategy.

    Raises
    ------
    InputError
        If it cannot be loaded, or is neither a mapping nor YAML text that holds one.
    """
    import yaml

    where = f"The strategy {point.name!r} of another package ({point.value})"
    try:
        content = point.load()
        content = yaml.safe_load(content) if isinstance(content, str) else content
    except Exception as error:
        raise InputError(f"{where} cannot be loaded: {type(error).__name__}: {error}.") from error
    if not isinstance(content, Mapping):
        kind = type(content).__name__
        raise InputError(f"{where} must be a mapping, or YAML text that holds one; it is {kind}.")
    return copy.deepcopy(dict(content))


def _base(group: str, path: Path | str, content: dict[str, Any]) -> str:
    """Take the key ``base`` out of a user's file; return what it, or its default, names."""
    try:
        return _known_choice(group, str(content.pop("base", GROUPS[group])))
    except InputError as refused:
        raise InputError(*(f"{path}, base: {problem}" for problem in refused.problems)) from None


def _check_columns(path: Path | str, columns: Any) -> None:
    """Refuse a mapping of columns that no table could be read by, here where its file is known."""
    from omemsim.inputs.tables.mapping import parse_sources
    from omemsim.inputs.tables.problems import Problems

    problems = Problems()
    if isinstance(columns, Mapping):
        parse_sources({key: value for key, value in columns.items() if key != "guess"}, problems)
    try:
        problems.check()
    except InputError as refused:
        raise InputError(*(f"{path}: {problem}" for problem in refused.problems)) from None


def _known_choice(group: str, name: str) -> str:
    known = choices(group)
    if name not in known:
        known += offered_strategies() if group == "strategy" else []
        raise InputError(
            f"There is no {group} {name!r}.{nearest(name, known)} "
            f"There are: {', '.join(known)}; or the path of a .yaml file of your own"
            f"{', or of a table' if group == 'town' else ''}."
        )
    return name


def _read_yaml(group: str, path: Path) -> dict[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{group}={path}: cannot read it ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{group}={path}: not text in UTF-8 ({error.reason}).") from error
    except yaml.YAMLError as error:
        raise InputError(f"{group}={path}: YAML syntax error{_where(error)}.") from error
    if not isinstance(content, dict):
        raise InputError(f"{group}={path}: must hold lines of the form `key: value`.")
    return content


def _where(error: Exception) -> str:
    """Return the place and the reason of a YAML error, as far as it tells them."""
    mark, reason = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    place = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return place + (f": {reason}" if reason else "")


@functools.lru_cache(maxsize=64)
def _compose(town: str, strategy: str) -> dict[str, Any]:
    from hydra import compose, initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    with _hydra:
        register_schema()
        outer = GlobalHydra.instance().hydra  # of a script behind `hydra.main`, put back after
        GlobalHydra.instance().clear()
        try:
            with initialize_config_dir(str(config_root()), version_base="1.3"):
                cfg = compose("scenario", [f"town={town}", f"strategy={strategy}"])
            data = OmegaConf.to_container(cfg, resolve=True)
        except (HydraException, OmegaConfBaseException) as error:
            raise InputError(f"town={town} strategy={strategy}: {error}") from error
        finally:
            GlobalHydra.instance().hydra = outer
    return data  # type: ignore[return-value]
