"""Which column is what: the YAML mapping of a table, checked.

A mapping has our names as keys (`FIELDS`). A value is one of

* ``COLUMN``: that column;
* ``[COLUMN, COLUMN]``: their sum;
* ``{columns: COLUMN or list, times: 1000, per: 1000, of: households}``: their sum times
  ``times`` (a unit conversion); with ``per`` it is a rate per so many of ``of``
  (``population``, the default, or ``households``), turned into a count;
* ``{assume: 4000}``: not in the table, this value in every row (``per`` and ``of`` as above);
* for ``deprivation`` also ``{COLUMN: weight, ...}``, a negative weight where more is better off;
* ``null``: not in this table.

``offence``, ``month`` and ``count`` are columns of a table with several rows a neighbourhood; it is
made one of a row each before anything else is read (`omemsim.inputs.tables.pivot`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from numbers import Real
from typing import Any

from omemsim.inputs.tables.grid import Table
from omemsim.inputs.tables.problems import Problems
from omemsim.inputs.tables.proposals import proposal
from omemsim.present.text import some
from omemsim.vocabulary.errors import nearest

__all__ = ["FIELDS", "Field", "Source", "parse_mapping", "parse_sources"]


LISTED = 20  # columns that a message names
_MOST = 1e12
"""No number of a town is larger; a cell that is has lost its decimal sign."""


@dataclass(frozen=True)
class Field:
    """One of our names: what it means and which values it takes.

    Attributes
    ----------
    low, high : bounds; ``is_above`` leaves the lower one out.
    is_filled : what a run cannot do without; an empty cell leaves the row out or gets a range.
    """

    meaning: str
    low: float = 0.0
    high: float = _MOST
    is_above: bool = False
    is_count: bool = False
    is_filled: bool = False
    is_text: bool = False

    @property
    def allowed(self) -> str:
        """What a cell may hold, in words."""
        if self.low == -_MOST:
            return f"{self.meaning}, any number of at most {self.high:,.15g} either way"
        least = "above" if self.is_above else "of at least"
        return f"{self.meaning}, a number {least} {self.low:g} and at most {self.high:,.15g}"

    def takes(self, value: float) -> bool:
        """Say whether a value is within bounds."""
        return self.low <= value <= self.high and not (self.is_above and value == self.low)


FIELDS: dict[str, Field] = {
    "id": Field("identifier", is_filled=True, is_text=True),
    "name": Field("name shown to readers", is_text=True),
    "year": Field("year", low=-_MOST),
    "population": Field("residents of all ages", low=1, is_count=True, is_filled=True),
    "population_15": Field("residents aged 15 and over", is_count=True),
    "pct_0_14": Field("per cent of residents aged 0 to 14", high=100),
    "households": Field("households", is_count=True),
    "violence": Field("recorded violent crimes in the year", is_count=True, is_filled=True),
    "property": Field("recorded property crimes in the year", is_count=True, is_filled=True),
    "crime": Field(
        "recorded crimes of all kinds in the year, where violence and property are not apart",
        is_count=True,
        is_filled=True,
    ),
    "calls": Field("calls from the public in the year", is_count=True),
    "deprivation": Field("indicator of deprivation", low=-_MOST),
    "moving": Field("per cent who moved in the last year", high=100),
    "minority": Field("per cent of residents of a visible minority", high=100),
    "indigenous": Field("per cent of residents who are Indigenous", high=100),
    "visitors": Field("people present beside residents on an average day", is_count=True),
    "businesses": Field("businesses", is_count=True),
    "area_km2": Field("area in km2", is_above=True),
    "lon": Field("longitude in degrees", low=-180, high=180),
    "lat": Field("latitude in degrees", low=-90, high=90),
    "x": Field("metres east", low=-_MOST),
    "y": Field("metres north", low=-_MOST),
    "offence": Field("kind of crime that a row is of", is_text=True),
    "month": Field("month that a row is of", is_text=True),
    "count": Field("recorded crimes of the row's kind and month", is_text=True),
}
_OPTIONS = ("columns", "times", "per", "of", "assume")
_OF = ("population", "households")


@dataclass(frozen=True)
class Source:
    """Where one field comes from: columns with weights, or one assumed value.

    A column that was guessed (``is_guess``) stops nothing: a cell of it that cannot be read counts
    as one without a number.
    """

    weights: dict[str, float] = field(default_factory=dict)
    times: float = 1.0
    per: float | None = None
    of: str = "population"
    assume: float | None = None
    is_guess: bool = False


def parse_mapping(
    mapping: Mapping[str, Any],
    table: Table,
    problems: Problems,
    *,
    guessed: Collection[str] = (),
) -> dict[str, Source]:
    """Check a mapping and return a `Source` for each of our names in it.

    Parameters
    ----------
    mapping : as in the module's description.
    table : whose columns are meant, and named where one is missing.
    problems : gets every fault.
    guessed : our names whose columns were guessed.
    """
    sources = parse_sources(mapping, problems)
    sources = {name: replace(source, is_guess=name in guessed) for name, source in sources.items()}
    _require(sources, mapping, table=table, problems=problems)
    return sources


def parse_sources(mapping: Mapping[str, Any], problems: Problems) -> dict[str, Source]:
    """Do what `parse_mapping` does without asking whether anything is left out."""
    sources: dict[str, Source] = {}
    for name, value in mapping.items():
        if name not in FIELDS:
            problems.add(
                f"town.columns.{name}: unknown name.{nearest(str(name), FIELDS)} "
                f"Known names: {', '.join(FIELDS)}."
            )
        elif value is not None:
            source = _parse_source(name, value, problems=problems)
            sources |= {name: source} if source else {}
    return sources


def _parse_source(name: str, value: Any, *, problems: Problems) -> Source | None:
    """Turn one value of the mapping into a `Source`, or report it and return None."""
    key = f"town.columns.{name}"
    if isinstance(value, str):
        return Source({value: 1.0})
    if isinstance(value, Sequence):
        return _parse_list(key, value, problems=problems)
    if not isinstance(value, Mapping):
        problems.add(f"{key}: {value!r} is not the name of a column, a list of names or a mapping.")
        return None
    if name == "deprivation":
        return _parse_weights(key, value, problems=problems)
    return _parse_options(name, value, problems=problems)


def _parse_list(key: str, value: Sequence[Any], *, problems: Problems) -> Source | None:
    if not value or not all(isinstance(column, str) for column in value):
        problems.add(f"{key}: {list(value)!r} is not a list of column names.")
        return None
    twice = {column for column in value if list(value).count(column) > 1}
    if twice:
        problems.add(f"{key}: {', '.join(sorted(twice))} would be counted twice.")
    return Source(dict.fromkeys(value, 1.0))


def _parse_weights(key: str, value: Mapping[str, Any], *, problems: Problems) -> Source | None:
    wrong = {column: weight for column, weight in value.items() if not _is_weight(weight)}
    for column, weight in wrong.items():
        problems.add(
            f"{key}.{column}: weight {weight!r} is not allowed; a number other than 0 is, "
            "negative where a higher value means better off."
        )
    if not value:
        problems.add(f"{key}: names no column.")
    return None if wrong or not value else Source({str(c): float(w) for c, w in value.items()})


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)


def _is_weight(value: Any) -> bool:
    return _is_number(value) and value != 0


def _parse_options(name: str, value: Mapping[str, Any], *, problems: Problems) -> Source | None:
    """Parse ``{columns:, times:, per:, of:, assume:}``."""
    before = len(problems)
    for fault in _faulty_options(name, value):
        problems.add(f"town.columns.{name}{fault}")
    base = (
        _parse_source(name, value["columns"], problems=problems) if "columns" in value else Source()
    )
    if base is None or len(problems) > before:
        return None
    return replace(
        base,
        times=float(value.get("times", 1.0)),
        per=float(value["per"]) if "per" in value else None,
        of=value.get("of", "population"),
        assume=float(value["assume"]) if "assume" in value else None,
    )


def _faulty_options(name: str, value: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a mapping's options, each to be put after the field's key."""
    spec = FIELDS[name]
    for option in [o for o in value if o not in _OPTIONS]:
        hint = nearest(str(option), _OPTIONS)
        yield f".{option}: unknown option.{hint} Known options: {', '.join(_OPTIONS)}."
    if ("columns" in value) == ("assume" in value):
        yield ": give either 'columns' (in the table) or 'assume' (a number)."
    for option in [o for o in ("times", "per") if o in value]:
        if not _is_weight(value[option]) or value[option] < 0:
            yield f".{option}: {value[option]!r} is not a number above 0."
    if "assume" in value and not (_is_number(value["assume"]) and spec.takes(value["assume"])):
        yield f".assume: {value['assume']!r} is not allowed; allowed is {spec.allowed}."
    if value.get("of", "population") not in _OF:
        yield f".of: {value['of']!r} is not one of {', '.join(_OF)}."
    if "per" in value and (not spec.is_count or name == "population"):
        yield ": 'per' makes a count of a rate, and this is not such a count."
    if "of" in value and "per" not in value:
        yield f": 'of' needs 'per', as in {{per: 1000, of: {value['of']}}}."
    if (spec.is_text or name == "year") and set(value) - {"columns"}:
        yield ": can only be a column of the table."


def _require(
    sources: Mapping[str, Source],
    mapping: Mapping[str, Any],
    *,
    table: Table,
    problems: Problems,
) -> None:
    """Report what a town cannot do without, if the mapping leaves it out."""
    used = {column for source in sources.values() for column in source.weights}
    free = [column for column in table.header if column and column not in used]
    for names in (("id",), ("population",), ("violence", "property")):
        either = (*names, "crime") if len(names) > 1 else names
        if all(mapping.get(name) is None for name in either):
            keys = " and ".join(f"town.columns.{name}" for name in names)
            needed = "both missing; at least one is needed" if len(names) > 1 else "missing"
            problems.add(
                f"{table.path}: {keys}: {needed}. The columns are: {some(table.header, LISTED)}."
                f"{proposal(names[-1], free, table)}"
            )
    both = [name for name in ("violence", "property") if mapping.get(name) is not None]
    if both and mapping.get("crime") is not None:
        problems.add(
            f"town.columns.crime: is all crime, for tables that do not have {both[0]} apart; "
            f"leave it out, or set town.columns.{both[0]}=null."
        )
    for first, second in (("lon", "lat"), ("x", "y")):
        if (mapping.get(first) is None) != (mapping.get(second) is None):
            problems.add(f"town.columns: {first} and {second} come together; one is missing.")
    for name, source in sources.items():
        if len(source.weights) > 1 and (FIELDS[name].is_text or name == "year"):
            problems.add(f"town.columns.{name}: one column is needed, not a sum.")
        if source.per and source.of not in mapping:
            problems.add(f"town.columns.{name}: is a rate per {source.of}, which is not mapped.")
