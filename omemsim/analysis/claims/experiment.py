"""An experiment file: read, checked as a whole, and turned into frozen dataclasses.

Everything that is wrong with a file is reported at once. What can only be known in a run (a
neighbourhood's name, whether any neighbourhood is red) is checked there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omemsim.analysis.claims.arithmetic import Formula, parse
from omemsim.analysis.claims.readings import READERS, Reading, is_label
from omemsim.inputs.config import choices, config_keys, config_root, full_key
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.schema import kind_of, unknown_key
from omemsim.measures import MEASURES
from omemsim.processes import WEEK
from omemsim.vocabulary.errors import InputError, nearest
from omemsim.vocabulary.mechanisms import OFF
from omemsim.vocabulary.parameters import Declaration, Parameters, declarations
from omemsim.vocabulary.wheel import Zone

__all__ = ["Claimed", "Experiment", "known_claims", "read_experiment", "read_experiments"]

KINDS = ("emerges", "assumed", "identity")
PROCESSES = (*WEEK, "people")
NEEDED = (
    *("claim", "theme", "seed", "quote", "asks", "arms", "readings", "effect", "unit"),
    *("claimed", "kind", "through", "note"),
)
ALSO = ("setting", "mechanism", "false_when", "smallest")
SENTENCES = ("theme", "quote", "asks", "unit", "note")
# kind of reading: keys it needs, keys it may have ("|": one of them)
KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "level": (("measure",), ("at", "where")),
    "change": (("measure",), ("since", "where")),
    "slope": (("measure",), ("at", "where")),
    "correlation": (("measure", "with"), ("at", "method", "where")),
    "share": (("measure", "at_least|at_most"), ("at", "where")),
    "weeks_until": (("measure", "at_least|at_most"), ("over", "where")),
    "upgrades": ((), ("measure", "at", "where")),
    "downgrades": ((), ("measure", "at", "where")),
    "relapses": ((), ("measure", "at", "where")),
    "final_zone_share": (("zone",), ("measure", "where")),
}
OF_LABELS = ("upgrades", "downgrades", "relapses", "final_zone_share")
PERIOD = re.compile(r"start|first_year|last_year|whole|year [1-9]\d*|week [1-9]\d*")
SPAN = re.compile(r"first_year|last_year|whole|year [1-9]\d*")
BY_ORDER = ("most_deprived", "least_deprived", "most_harmed", "least_harmed")
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
CLAIMED = re.compile(rf"(above|below) ({NUMBER})|within ({NUMBER}) ({NUMBER})")


@dataclass(frozen=True)
class Claimed:
    """The side a claim puts its effect on: above ``low`` and below ``high``.

    With ``is_within`` both ends are finite and belong to the claimed side.
    """

    text: str
    low: float = -math.inf
    high: float = math.inf
    is_within: bool = False

    def holds(self, low: float, high: float) -> bool:
        """Say whether everything from ``low`` to ``high`` is on the claimed side."""
        if self.is_within:
            return self.low <= low and high <= self.high
        return self.low < low and high < self.high

    @property
    def line(self) -> float:
        """Return the end that an effect has to pass; not a number where there are two."""
        if self.is_within:
            return math.nan
        return self.low if math.isfinite(self.low) else self.high

    def is_past(self, value: float, by: float) -> bool:
        """Say whether a value is on the claimed side, and past its line by as much or more.

        Parameters
        ----------
        value : an effect, in its unit.
        by : in the same unit, 0 or more; a claim that is within two ends has no line to pass.
        """
        is_far = self.is_within or abs(value - self.line) >= by
        return self.holds(value, value) and is_far


@dataclass(frozen=True)
class Experiment:
    """One claim as an experiment; `setting` and `arms` are differences from the base scenario.

    ``smallest`` is the smallest effect that is worth a word, in the effect's unit: so far must it
    be past the claimed line. 0 where the line itself is the smallest, as in "above 0.5".
    """

    claim: str
    theme: str
    seed: str
    quote: str
    asks: str
    setting: dict[str, Any]
    arms: dict[str, dict[str, Any]]
    readings: dict[str, Reading]
    effect: Formula
    unit: str
    claimed: Claimed
    kind: str
    through: tuple[str, ...]
    mechanism: tuple[str, ...]
    false_when: dict[str, float]
    note: str
    smallest: float = 0.0

    def is_worth(self, effect: float) -> bool:
        """Say whether an effect is on the claimed side, and large enough to be worth a word."""
        return self.claimed.is_past(effect, self.smallest)


def known_claims() -> dict[str, Path]:
    """Return the experiment files by claim: C1, C2, ..."""
    paths = sorted((config_root() / "claims").glob("C*.yaml"))
    return {_claim_of(path): path for path in paths}


def _claim_of(path: Path) -> str:
    number = path.stem.removeprefix("C")
    return f"C{int(number)}" if number.isdecimal() else path.stem


def read_experiments(words: Sequence[str] = ()) -> list[Experiment]:
    """Return the experiments of these claims (``C8``, ``c08``), or of all there are.

    Raises
    ------
    InputError
        With every problem of every file, and every claim that does not exist.
    """
    known, problems, found = known_claims(), [], []
    chosen = dict.fromkeys(_as_claim(word) for word in words) if words else known
    for claim in chosen:
        if claim not in known:
            hint = nearest(claim, known)
            problems.append(f"There is no claim {claim!r}.{hint} There are: {', '.join(known)}.")
            continue
        try:
            found.append(read_experiment(known[claim]))
        except InputError as refused:
            problems += refused.problems
    if not known:
        problems.append(f"There are no claims in {config_root() / 'claims'}.")
    if problems:
        raise InputError(*problems)
    return found


def _as_claim(word: str) -> str:
    text = word.strip().upper().removeprefix("C")
    return f"C{int(text)}" if text.isdecimal() and text.isascii() and len(text) < 9 else word


def read_experiment(path: Path) -> Experiment:
    """Return the experiment in a file.

    Raises
    ------
    InputError
        With every problem found.
    """
    check = _Check(path.name)
    content = check.content(path)
    experiment = check.experiment(content) if not check.problems else None
    if experiment is not None and experiment.claim != _claim_of(path):
        check.say(f"claim = {experiment.claim!r}: the file's name says {_claim_of(path)}.")
    if check.problems or experiment is None:
        raise InputError(*check.problems)
    return experiment


class _Check:
    """Reads the parts of a file and gathers what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[str] = []

    def say(self, problem: str) -> None:
        self.problems.append(f"{self.file}: {problem}")

    def content(self, path: Path) -> dict[str, Any]:
        import yaml

        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            self.say(f"cannot be read: {' '.join(str(error).split())}.")
            return {}
        if not isinstance(content, dict):
            self.say("must hold lines of the form `key: value`.")
            return {}
        self.keys("", content, NEEDED, ALSO)
        return content

    def keys(
        self, where: str, given: Iterable[object], needed: Sequence[str], also: Sequence[str]
    ) -> None:
        """Report keys that are not known and those that are missing."""
        names = [str(name) for name in given]
        known = [name for key in (*needed, *also) for name in key.split("|")]
        for name in names:
            if name not in known:
                hint = nearest(name, known)
                self.say(f"{where}{name}: no such key.{hint} There are: {', '.join(known)}.")
        for key in needed:
            if sum(name in names for name in key.split("|")) != 1:
                what = "missing" if "|" not in key else "give one of the two"
                self.say(f"{where}{key.replace('|', ' or ')}: {what}.")

    def experiment(self, content: dict[str, Any]) -> Experiment | None:
        texts = {key: self.sentence(key, content[key]) for key in SENTENCES}
        setting = self.differences("setting", content.get("setting", {}))
        arms = self.arms(content["arms"])
        readings = self.readings(content["readings"])
        effect = self.effect(content["effect"], arms, readings)
        claimed = self.claimed(content["claimed"])
        kind = self.one_of("kind", content["kind"], KINDS)
        through = self.names("through", content["through"], PROCESSES)
        mechanism = self.names("mechanism", content.get("mechanism", []), OFF)
        false_when = self.false_when(content.get("false_when", {}))
        smallest = self.smallest(content.get("smallest"), kind, claimed)
        self.completeness(kind, through, mechanism, false_when)
        if self.problems or effect is None or claimed is None:
            return None
        seed = content["seed"]
        return Experiment(
            claim=str(content["claim"]),
            seed=f"{seed:03d}" if isinstance(seed, int) else str(seed),
            setting=setting,
            arms=arms,
            readings=readings,
            effect=effect,
            claimed=claimed,
            kind=kind,
            through=through,
            mechanism=mechanism,
            false_when=false_when,
            smallest=smallest,
            **texts,
        )

    def sentence(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            self.say(f"{key} = {value!r}: must be text.")
            return ""
        return " ".join(value.split())

    def one_of(self, key: str, value: object, known: Iterable[str]) -> str:
        if value not in (names := list(known)):
            hint = nearest(str(value), names)
            self.say(f"{key} = {value!r}: must be one of {', '.join(names)}.{hint}")
        return str(value)

    def names(self, key: str, value: object, known: Iterable[str]) -> tuple[str, ...]:
        """Return a list of known names."""
        if not isinstance(value, list):
            self.say(f"{key} = {value!r}: must be a list, as [a, b].")
            return ()
        return tuple(self.one_of(key, name, known) for name in value)

    def completeness(
        self,
        kind: str,
        through: Sequence[str],
        mechanism: Sequence[str],
        false_when: Mapping[str, float],
    ) -> None:
        """Report what a claim of this kind must have and lacks."""
        if kind == "identity":
            return
        if not mechanism:
            self.say("mechanism: missing; name what is switched off in the control.")
        if not false_when:
            self.say("false_when: missing; give a parameter set in which the claim is false.")
        if len(set(through)) < (2 if kind == "emerges" else 1):
            self.say(f"through: {list(through)}: an effect that emerges passes two processes.")

    def smallest(self, value: object, kind: str, claimed: Claimed | None) -> float:
        """Return the smallest effect worth a word; a claimed line that is not 0 is one itself."""
        if value is None:
            if kind != "identity" and claimed is not None and claimed.line == 0:
                self.say(
                    "smallest: missing; give the smallest effect worth a word, in the effect's "
                    "unit: that it is not exactly 0 says nothing."
                )
            return 0.0
        number = self.finite("smallest", value)
        if number < 0:
            self.say(f"smallest = {value!r}: must be 0 or more.")
        if kind == "identity" or (claimed is not None and claimed.is_within):
            self.say("smallest: an identity, or a claim within two ends, has none; leave it out.")
        return max(number, 0.0)

    def differences(self, where: str, value: object) -> dict[str, Any]:
        """Return differences from a scenario: the strategy's name and dotted keys."""
        if not isinstance(value, Mapping):
            self.say(f"{where} = {value!r}: must be keys and values, as {{years: 3}}.")
            return {}
        for key, given in value.items():
            if key == "strategy":
                self.one_of(f"{where}.strategy", given, choices("strategy"))
            elif key in ("town", "setting"):
                self.say(f"{where}.{key}: chosen on the command line; leave it out.")
            elif kind_of(Scenario, full_key(str(key))) is None:
                self.say(f"{where}: {unknown_key(str(key), config_keys())}")
        return {str(key): given for key, given in value.items()}

    def arms(self, value: object) -> dict[str, dict[str, Any]]:
        if not isinstance(value, Mapping) or not value:
            self.say("arms: must be one arm or more, each a name and its differences.")
            return {}
        self.identifiers("arms", value)
        return {
            str(name): self.differences(f"arms.{name}", arm or {}) for name, arm in value.items()
        }

    def identifiers(self, where: str, names: Iterable[object]) -> None:
        for name in names:
            if not str(name).isidentifier():
                self.say(f"{where}.{name}: must be a name of letters, digits and _.")

    def readings(self, value: object) -> dict[str, Reading]:
        if not isinstance(value, Mapping) or not value:
            self.say("readings: must be one reading or more, each a name and what is read.")
            return {}
        self.identifiers("readings", value)
        found = {str(name): self.reading(f"readings.{name}", x) for name, x in value.items()}
        return {name: reading for name, reading in found.items() if reading is not None}

    def reading(self, where: str, value: object) -> Reading | None:
        if not isinstance(value, Mapping) or value.get("read") not in KEYS:
            kind = value.get("read") if isinstance(value, Mapping) else value
            hint = nearest(str(kind), READERS)
            self.say(f"{where}: read = {kind!r}: must be one of {', '.join(KEYS)}.{hint}")
            return None
        before, kind = len(self.problems), str(value["read"])
        needed, also = KEYS[kind]
        self.keys(f"{where}.", value, ("read", *needed), also)
        if len(self.problems) > before:
            return None
        given = dict(value)
        if kind == "slope":
            given.setdefault("at", "whole")
        elif kind in OF_LABELS:
            given.setdefault("at", "last_year" if kind == "final_zone_share" else "whole")
        reading = self.filled(where, given)
        self.measures(where, reading)
        return reading if len(self.problems) == before else None

    def filled(self, where: str, given: Mapping[str, Any]) -> Reading:
        """Return a reading of values that are each checked."""
        spans = given["read"] in ("slope", *OF_LABELS)
        values: dict[str, Any] = {}
        for key, value in given.items():
            label = f"{where}.{key}"
            if key in ("at", "since"):
                values[key] = self.period(label, value, is_since=key == "since", is_span=spans)
            elif key == "where":
                values[key] = self.where(label, value)
            elif key == "zone":
                values[key] = self.zones(label, value)
            elif key == "method":
                values[key] = self.one_of(label, value, ("spearman", "pearson"))
            elif key in ("at_least", "at_most", "over"):
                values[key] = self.finite(label, value)
            else:
                values["other" if key == "with" else key] = str(value)
        return Reading(**values)

    def measures(self, where: str, reading: Reading) -> None:
        """Report measures that do not exist, or are not of what is looked at."""
        for name in filter(None, (reading.measure, reading.other)):
            self.one_of(f"{where}.measure", name, MEASURES)
            is_town = name in MEASURES and MEASURES[name].level == "town"
            if is_town and (reading.where != ("all",) or reading.read in ("share", "correlation")):
                self.say(f"{where}: {name} is of the whole town, not of neighbourhoods.")
        if reading.read in OF_LABELS and not is_label(reading.measure):
            self.say(f"{where}.measure = {reading.measure!r}: must be a zone, as true_zone.")

    def period(self, label: str, value: object, *, is_since: bool, is_span: bool) -> str:
        text = str(value)
        if is_since:
            return self.one_of(label, text, ("start", "first_year"))
        allowed, words = PERIOD, "start, first_year, last_year, whole, year 3, week 26"
        if is_span:
            allowed, words = SPAN, "first_year, last_year, whole, year 3"
        if not allowed.fullmatch(text):
            self.say(f"{label} = {text!r}: must be one of {words}.")
        return text

    def where(self, label: str, value: object) -> tuple[str, ...]:
        words = value if isinstance(value, list) else [value]
        for word in words:
            if problem := _wrong_place(str(word)):
                self.say(f"{label} = {word!r}: {problem}")
        return tuple(str(word) for word in words) or ("all",)

    def zones(self, label: str, value: object) -> tuple[str, ...]:
        known = [zone.name.lower() for zone in Zone]
        return tuple(
            self.one_of(label, name, known)
            for name in (value if isinstance(value, list) else [value])
        )

    def finite(self, label: str, value: object) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(value):  # type: ignore[arg-type]
            self.say(f"{label} = {value!r}: must be a number.")
            return 0.0
        return value  # type: ignore[return-value]

    def effect(
        self, value: object, arms: Mapping[str, Any], readings: Mapping[str, Any]
    ) -> Formula | None:
        try:
            formula = parse(str(value))
        except ValueError as refused:
            self.say(f"effect: {refused}")
            return None
        for arm, reading in formula.names:
            for what, name, known in (("arm", arm, arms), ("reading", reading, readings)):
                if name not in known:
                    hint = nearest(name, known)
                    self.say(f"effect: there is no {what} {name!r} in {arm}.{reading}.{hint}")
        for arm in arms.keys() - {arm for arm, _ in formula.names}:
            self.say(f"arms.{arm}: the effect does not use it; leave it out.")
        return formula

    def claimed(self, value: object) -> Claimed | None:
        match = CLAIMED.fullmatch(" ".join(str(value).split()))
        if match is None:
            self.say(f"claimed = {value!r}: write above 0, below -0.3 or within -0.02 0.02.")
            return None
        side, line, low, high = match.groups()
        if side:
            ends = {"low" if side == "above" else "high": float(line)}
            return Claimed(match.group(), **ends)  # type: ignore[arg-type]
        if float(low) > float(high):
            self.say(f"claimed = {value!r}: the first number must be the smaller one.")
        return Claimed(match.group(), float(low), float(high), is_within=True)

    def false_when(self, value: object) -> dict[str, float]:
        """Return values by parameter's full key, each within its bounds."""
        if not isinstance(value, Mapping):
            self.say(f"false_when = {value!r}: must be keys and values.")
            return {}
        known = {f"parameters.{item.path}": item for item in declarations(Parameters)}
        for key, number in value.items():
            if key not in known:
                self.say(f"false_when: {unknown_key(str(key), known)}")
            elif not _fits(known[key], number):
                item = known[key]
                self.say(
                    f"false_when.{key} = {number!r}: must be from {item.low:g} to {item.high:g} "
                    f"({item.unit})."
                )
        return {str(key): number for key, number in value.items()}


def _fits(item: Declaration, value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or (item.type is int and value != int(value)):  # type: ignore[call-overload]
        return False
    return bool(item.low <= value <= item.high)  # type: ignore[operator]


def _wrong_place(word: str) -> str:
    """Return what is wrong with a word that says which neighbourhoods; empty if nothing."""
    kind, colon, rest = word.partition(":")
    if word == "all" or not colon:
        return ""  # a name or an id: only a run knows it
    if kind == "zone":
        known = [zone.name.lower() for zone in Zone]
        return "" if rest in known else f"must be one of zone:{', zone:'.join(known)}."
    if kind in ("highest", "lowest"):
        measure, _, rest = rest.partition(":")
        if measure not in MEASURES or MEASURES[measure].level == "town":
            hint = nearest(measure, MEASURES)
            return f"there is no measure {measure!r} of neighbourhoods.{hint}"
    elif kind not in BY_ORDER:
        known, hint = [*BY_ORDER, "highest", "lowest", "zone"], nearest(kind, BY_ORDER)
        return f"must be all, a name, or start with one of {', '.join(known)}.{hint}"
    is_share = re.fullmatch(NUMBER, rest) and 0 < float(rest) <= 1
    return "" if is_share else f"{rest!r} must be a share, above 0 and at most 1."
