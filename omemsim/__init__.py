"""omemsim: how a town's neighbourhoods move across the four OMEM zones, week by week.

>>> import omemsim as om
>>> series = om.run(town="small", strategy="omem", years=5, replicate=0)
>>> series.plot()
>>> print(om.compare("reactive", "omem", town="small", replicates=5).table())

Nothing heavy is imported until it is used, so that ``omemsim --help`` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omemsim.run import run
    from omemsim.series import Series
    from omemsim.study.compare import Comparison

__all__ = ["Comparison", "Series", "__version__", "compare", "run"]

__version__ = "0.1.0"


def compare(
    *strategies: str,
    town: str = "small",
    replicates: int = 10,
    years: float = 5,
    overrides: Sequence[str] = (),
    baseline: str | None = None,
    out: str | Path | None = None,
    store: str | Path | None = None,
    workers: int | None = None,
) -> Comparison:
    """Run strategies on the same towns with the same luck and compare them in pairs.

    Parameters
    ----------
    *strategies : names from ``omemsim describe strategies`` or paths of YAML files.
    town : a name from ``omemsim describe towns`` or the path of a YAML file.
    replicates : towns (and lucks) each strategy is run on.
    years : time simulated after the spin-up.
    overrides : ``key=value`` words for all strategies, as on the command line.
    baseline : the strategy others are subtracted from; the first if None.
    out : folder of ``comparison.csv`` and provenance; the store if None.
    store : folder where runs are kept and found again by the next call; None is that of the
        command line, `omemsim-results/store` in the current folder.
    workers : processes; all cores if None.

    Returns
    -------
    Comparison
        ``.table()`` is a pandas table, ``.text()`` a readable one.

    Raises
    ------
    InputError
        If a name, key or value is wrong; the message says what is allowed.
    """
    from omemsim.study.compare import compare_named

    return compare_named(
        strategies,
        town=town,
        replicates=replicates,
        overrides=[f"years={years}", *overrides],
        baseline=baseline,
        out=out,
        store=store,
        workers=workers,
    )


class _Face(ModuleType):
    """The package as people use it: ``run``, ``Series`` and ``Comparison`` on first use.

    ``run`` is a property because the import system, when it loads the submodule of that
    name, would put the module in the function's place.
    """

    @property
    def run(self) -> Any:
        from omemsim.run import run

        return run

    @run.setter
    def run(self, module: ModuleType) -> None:
        """Leave the function where it is."""

    @property
    def Series(self) -> Any:
        from omemsim.series import Series

        return Series

    @property
    def Comparison(self) -> Any:
        from omemsim.study.compare import Comparison

        return Comparison


sys.modules[__name__].__class__ = _Face
