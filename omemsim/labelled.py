"""Results with names on them: tables of pandas, and datasets of xarray where it is installed.

This is the one file that imports xarray, which is an extra: results come as pandas tables without.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["Variable", "dataset", "dataset_of", "frame", "frame_of"]

# The names of the dimensions, the values in that shape, and the unit (empty if there is none).
Variable = tuple[Sequence[str], Any, str]


def frame(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """Return a table of rows in their order."""
    import pandas

    return pandas.DataFrame(list(rows), columns=list(columns))


def frame_of(text: str) -> pd.DataFrame:
    """Return CSV text as a table: what a command writes, and what Python gives, are the same."""
    import pandas

    return pandas.read_csv(io.StringIO(text))


def dataset(
    variables: Mapping[str, Variable],
    coordinates: Mapping[str, Variable],
    attributes: Mapping[str, Any],
) -> xr.Dataset:
    """Return arrays with named dimensions.

    Parameters
    ----------
    variables : by name; all have the dimensions' lengths in common.
    coordinates : by name, values along dimensions.
    attributes : of the whole; what is None is left out.

    Raises
    ------
    InputError
        If xarray is not installed.
    """
    _check_installed()
    import xarray

    return xarray.Dataset(
        {name: _with_unit(one) for name, one in variables.items()},
        {name: _with_unit(one) for name, one in coordinates.items()},
        {key: value for key, value in attributes.items() if value is not None},
    )


def dataset_of(
    table: pd.DataFrame, index: Sequence[str], *, units: Mapping[str, str] | None = None
) -> xr.Dataset:
    """Return a table as a dataset with a dimension for each column of its index.

    Parameters
    ----------
    table : a row for each combination of the index, each at most once.
    index : names of columns.
    units : of other columns, where they are known.

    Raises
    ------
    InputError
        If xarray is not installed.
    """
    _check_installed()
    made = table.set_index(list(index)).to_xarray()
    for name, unit in (units or {}).items():
        if name in made:
            made[name].attrs["units"] = unit
    return made


def _check_installed() -> None:
    if find_spec("xarray") is None:
        raise InputError(
            "to_xarray() needs xarray, which is not installed. Install it with "
            "pip install 'omemsim[xarray]', or take the pandas table of the same result."
        )


def _with_unit(one: Variable) -> tuple[tuple[str, ...], Any, dict[str, str]]:
    dimensions, values, unit = one
    return tuple(dimensions), values, {"units": unit} if unit else {}
