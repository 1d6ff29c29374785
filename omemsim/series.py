"""The result of a run: every measure over time, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import omemsim
from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.config import scenario_to_dict
from omemsim.inputs.scenario import Scenario
from omemsim.measures import MEASURES, OUTCOME_UNITS, Measure, declared, of_town, recorded_measures
from omemsim.recording import ALL, Recording
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Zone

if TYPE_CHECKING:
    import pandas
    import xarray
    from matplotlib.figure import Figure

__all__ = ["OUTCOME_UNITS", "Series", "origin", "recorded_numbers"]

Floats = NDArray[np.float64]


def recorded_numbers(recording: Recording) -> list[str]:
    """Return the names in the summary of a run that records this."""
    names = recorded_measures(recording)
    has_zones = "zone" in names and recording.neighbourhoods == [ALL]
    return [*names, *(OUTCOME_UNITS if has_zones else ())]


def origin(scenario: Scenario, blueprint: Blueprint, *, replicate: int) -> dict[str, Any]:
    """Return what it takes to say where a series came from, and to draw its map.

    Parameters
    ----------
    scenario : that was run.
    blueprint : of its town.
    replicate : which random numbers.
    """
    mine = [declared(name) for name in recorded_measures(scenario.record) if name not in MEASURES]
    return {
        "version": omemsim.__version__,
        "town": scenario.town.name,
        "strategy": scenario.strategy.name,
        "replicate": replicate,
        "config": scenario_to_dict(scenario),
        "notes": blueprint.notes,
        "xy": blueprint.xy,
        "polygons": blueprint.polygons,
        "own_measures": {one.name: one.told() for one in mine if one is not None},
    }


@dataclass(repr=False)
class Series:
    """Measures of one run.

    Attributes
    ----------
    weeks : int64 (T,), weeks after which there is a record.
    ids, names : of the N neighbourhoods that are recorded: all, some or none (`Recording`).
    population, residents : (N,), residents of all ages; simulated residents 15+.
    values : measure -> float64 (T, N), or (T,) for a value of the town.
    meta : town, strategy, replicate, version, config, notes, map, the user's own measures.
    town : measure -> (T,), the whole town's values where only some neighbourhoods are recorded.
    """

    weeks: NDArray[np.int64]
    ids: list[str]
    names: list[str]
    population: Floats
    residents: NDArray[np.int64]
    values: dict[str, Floats]
    meta: dict[str, Any] = field(default_factory=dict)
    town: dict[str, Floats] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Say what it is in a line: a hundred arrays would hide that."""
        return (
            f"<Series: town {self.meta.get('town')}, strategy {self.meta.get('strategy')}, "
            f"replicate {self.meta.get('replicate')}; {len(self.values)} measures of "
            f"{len(self.names)} neighbourhoods to week {self.weeks[-1]}>"
        )

    def measure(self, name: str) -> Measure:
        """Return what is declared of a measure that is recorded."""
        return MEASURES.get(name) or Measure.of_record(self.meta["own_measures"][name])

    def town_value(self, measure: str) -> Floats:
        """Return a measure for the whole town, (T,); neighbourhoods weigh as it declares."""
        values, how = self.town.get(measure, self.values[measure]), self.measure(measure).weight
        if values.ndim == 1:
            return values
        weights = {"population": self.population, "residents": self.residents}.get(how)
        return np.asarray(of_town(self.measure(measure), values, weights=weights))

    def summary(self) -> dict[str, float]:
        """Return one number per measure that is recorded, and the outcomes of `OUTCOME_UNITS`.

        The latter are of zones, and there only if every neighbourhood's zone is recorded.
        """
        last = self.weeks > self.weeks[-1] - WEEKS_PER_YEAR
        numbers = {}
        for name in self.values:
            values = self.town_value(name)
            how = self.measure(name).summary
            reduced = values[-1] if how == "final" else values[last].mean()
            numbers[name] = float(values.sum() if how == "sum" else reduced)
        if self.values.get("zone", np.empty(0)).ndim == 2 and "zone" not in self.town:
            numbers |= self._of_zones(last)
        return numbers

    def _of_zones(self, last: NDArray[np.bool_]) -> dict[str, float]:
        """Return the outcomes of `OUTCOME_UNITS`; ``last`` are the last year's records."""
        zones, numbers = self.values["zone"], {}
        for zone in Zone:
            numbers[f"share_{zone.name.lower()}"] = float((zones[last] == zone).mean())
        numbers["share_green_or_blue"] = numbers["share_green"] + numbers["share_blue"]
        moves = np.diff(zones, axis=0)
        years = max(int(self.weeks[-1] - self.weeks[0]), 1) / WEEKS_PER_YEAR
        numbers["upgrades"] = float(moves.clip(min=0).sum() / zones.shape[1] / years)
        numbers["downgrades"] = float(-moves.clip(max=0).sum() / zones.shape[1] / years)
        return numbers

    def to_frame(self) -> pandas.DataFrame:
        """Return a tidy table: week, neighbourhood, measure, value, unit.

        Measures of the town have "(town)" as their neighbourhood.
        """
        import pandas

        parts = []
        for name, values in [*self.values.items(), *self.town.items()]:
            places = self.names if values.ndim == 2 else ["(town)"]
            parts.append(
                pandas.DataFrame(
                    {
                        "week": np.repeat(self.weeks, len(places)),
                        "neighbourhood": np.tile(places, self.weeks.size),
                        "measure": name,
                        "value": values.ravel(),
                        "unit": self.measure(name).unit,
                    }
                )
            )
        return pandas.concat(parts, ignore_index=True)

    def to_xarray(self) -> xarray.Dataset:
        """Return the measures by week and neighbourhood, with the extra ``xarray``.

        Neighbourhoods go by their ids; names, population and residents are coordinates. Where only
        some are recorded, the whole town's values have the names with ``_town`` after them.
        """
        from omemsim import labelled

        places = ("neighbourhood",)
        axes: tuple[str, ...] = ("week", "neighbourhood")
        variables: dict[str, labelled.Variable] = {
            name: (axes[: values.ndim], values, self.measure(name).unit)
            for name, values in self.values.items()
        }
        for name, values in self.town.items():
            variables[f"{name}_town"] = (("week",), values, self.measure(name).unit)
        return labelled.dataset(
            variables,
            {
                "week": (("week",), self.weeks, "weeks"),
                "neighbourhood": (places, self.ids, ""),
                "name": (places, self.names, ""),
                "population": (places, self.population, "residents of all ages"),
                "residents": (places, self.residents, "simulated residents 15+"),
            },
            {key: self.meta.get(key) for key in ("town", "strategy", "replicate", "version")},
        )

    def plot(self) -> Figure:
        """Return a figure: zone history, zone shares, victimization, calls, capacity."""
        from omemsim.figures import plot_series  # the one import against the direction

        return plot_series(self)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything but ``meta`` as arrays, for a store."""
        fixed: dict[str, NDArray[Any]] = {
            "weeks": self.weeks,
            "ids": np.array(self.ids),
            "names": np.array(self.names),
            "population": self.population,
            "residents": self.residents,
        }
        values = {f"values.{name}": array for name, array in self.values.items()}
        return {**fixed, **values, **{f"town.{name}": x for name, x in self.town.items()}}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]], meta: dict[str, Any]) -> Series:
        """Return the series that `to_arrays` took apart."""

        def named(group: str) -> dict[str, Floats]:
            return {
                name.removeprefix(group): array
                for name, array in arrays.items()
                if name.startswith(group)
            }

        return cls(
            weeks=arrays["weeks"],
            ids=[str(i) for i in arrays["ids"]],
            names=[str(name) for name in arrays["names"]],
            population=arrays["population"],
            residents=arrays["residents"],
            values=named("values."),
            meta=meta,
            town=named("town."),
        )
