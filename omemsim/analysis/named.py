"""Studies that are called from Python by names and numbers, and what they return."""

from __future__ import annotations

import dataclasses
import os
import tempfile
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omemsim import labelled
from omemsim.analysis.city_fit_runs import city_fit, scenario_of_fit
from omemsim.analysis.diagnose import Diagnosis, table_of
from omemsim.analysis.diagnose import diagnose as read_zones
from omemsim.analysis.evidence import (
    EvidenceRuns,
    PatternScore,
    ValidationPlan,
    plan_validation,
    read_patterns,
    run_evidence,
    score,
    scorecard_csv,
    scorecard_text,
)
from omemsim.analysis.evidence.trial_design import LONGEST, SPANS, TrialDesign
from omemsim.analysis.evidence.trial_results import (
    TrialWindow,
    found_in,
    plan_trial,
    towns_csv,
    trial_csv,
    trial_text,
    trial_words_problems,
)
from omemsim.analysis.evidence.trial_weeks import (
    Displacement,
    WeekEffect,
    displacement_csv,
    displacement_in,
    displacement_text,
    weeks_csv,
    weeks_in,
)
from omemsim.analysis.severity import severity_of
from omemsim.inputs.arguments import check, finite, plain_value, whole
from omemsim.inputs.config import BASELINE, Choice, compose_scenario
from omemsim.present.text import tallied
from omemsim.study.compare import STORE
from omemsim.study.engine import Engine
from omemsim.study.manifest import Study, named_after
from omemsim.study.progress import Progress
from omemsim.study.store import Store
from omemsim.vocabulary.errors import InputError, nearest

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["Trial", "Validation", "diagnose_named", "trial_named", "validate_named"]


@dataclass(frozen=True, repr=False)
class Validation:
    """The model compared with what is known about real towns.

    Attributes
    ----------
    scores : one of each pattern, with its verdict.
    work : the runs behind them, failures among them.
    """

    scores: list[PatternScore]
    work: EvidenceRuns

    def __repr__(self) -> str:
        """Say what it is in a line."""
        verdicts = tallied(one.verdict for one in self.scores)
        return f"<Validation: town {self.work.scenario.town.name}; {verdicts}>"

    def text(self) -> str:
        """Return the scorecard as plain text."""
        return scorecard_text(self.scores)

    def csv(self) -> str:
        """Return a row per pattern as CSV text."""
        return scorecard_csv(self.scores, self.work.scenario.town.name)

    def table(self) -> pd.DataFrame:
        """Return a row per pattern."""
        return labelled.frame_of(self.csv())

    def to_xarray(self) -> xr.Dataset:
        """Return the table by pattern, with the extra ``xarray``."""
        return labelled.dataset_of(self.table(), ["pattern"])


@dataclass(frozen=True, repr=False)
class Trial:
    """A randomised trial in many towns: what trialists would report, and what is true.

    Attributes
    ----------
    design : of the trial.
    found : the result of each window.
    by_week : the effect in each zone and week.
    around : displacement in each window; none of a stock.
    work : the runs behind it, failures among them.
    """

    design: TrialDesign
    found: list[TrialWindow]
    by_week: list[WeekEffect]
    around: list[Displacement]
    work: EvidenceRuns

    def __repr__(self) -> str:
        """Say what it is in a line."""
        return (
            f"<Trial: {self.design.what} in town {self.work.scenario.town.name}; "
            f"{len(self.work.values)} towns, outcome {self.design.outcome}>"
        )

    def text(self) -> str:
        """Return what was found as plain text."""
        parts = [trial_text(self.design, self.found), displacement_text(self.around)]
        return "\n\n".join(part for part in parts if part)

    def csv(self) -> str:
        """Return a row per window as CSV text."""
        return trial_csv(self.design, self.found)

    def table(self) -> pd.DataFrame:
        """Return a row per window."""
        return labelled.frame_of(self.csv())

    def to_xarray(self) -> xr.Dataset:
        """Return what every town's trial gave, by window and town, with the extra ``xarray``."""
        return labelled.dataset_of(self.towns(), ["window", "town"])

    def towns(self) -> pd.DataFrame:
        """Return a row per window and town."""
        return labelled.frame_of(towns_csv(self.found))

    def weeks(self) -> pd.DataFrame:
        """Return a row per zone and week, with the effect and its 95% interval."""
        return labelled.frame_of(weeks_csv(self.design, self.by_week))

    def weeks_to_xarray(self) -> xr.Dataset:
        """Return the effects by zone and week, with the extra ``xarray``."""
        return labelled.dataset_of(self.weeks(), ["zone", "week"])

    def displacement(self) -> pd.DataFrame:
        """Return a row per window: in how many runs displacement, diffusion, and neither."""
        return labelled.frame_of(displacement_csv(self.design, self.around))


def validate_named(
    patterns: Sequence[str],
    plan: ValidationPlan,
    *,
    store: str | Path | None,
    engine: Engine,
    progress: Progress = True,
) -> Validation:
    """Compute patterns from runs and judge them; all of them if none is named.

    Parameters
    ----------
    patterns : their names.
    plan : towns, strategies, replicates and years of the runs.
    store : folder where runs are kept and found again; None is the command line's.
    engine : where the runs are made.
    progress : whether to show how far they are, or a function that is called with it.

    Raises
    ------
    InputError
        If a pattern, a name or a word is wrong.
    """
    engine.check()
    known = read_patterns(patterns)
    work = plan_validation(known, plan)
    asked = [dataclasses.asdict(plan), [one.pattern for one in known]]
    _work_off(work, "validate", asked, store=store, engine=engine, progress=progress)
    return Validation(score(known, work), work)


def trial_named(
    given: Mapping[str, Any],
    *,
    town: Choice | None,
    strategy: Choice | None,
    overrides: Sequence[str],
    replicates: int,
    store: str | Path | None,
    engine: Engine,
    progress: Progress = True,
) -> Trial:
    """Run a trial in many towns.

    Parameters
    ----------
    given : of the design, what is not as usual; the keys are the fields of `TrialDesign`.
    town, strategy : a name, the path of a YAML file or a mapping; None is the usual one.
    overrides : ``key=value`` words, as on the command line.
    replicates : towns, 1 or more.
    the rest : as for `validate_named`

    Raises
    ------
    InputError
        With all that is wrong with the design, or a name or word that is wrong.
    """
    engine.check()
    check(trial_words_problems(overrides))
    design = _design(given)
    work = plan_trial(
        design, town=town, strategy=strategy, overrides=overrides, replicates=replicates
    )
    asked = [dataclasses.asdict(design), town, strategy, list(overrides)]
    _work_off(work, "trial", asked, store=store, engine=engine, progress=progress)
    by_week, around = weeks_in(design, work), displacement_in(design, work)
    return Trial(design, found_in(design, work), by_week, around, work)


def _design(given: Mapping[str, Any]) -> TrialDesign:
    """Return the design of a trial, its numbers NumPy's or Python's."""
    known = [item.name for item in fields(TrialDesign)]
    problems = [
        f"A trial has no {key!r}.{nearest(key, known)} There are: {', '.join(known)}."
        for key in given
        if key not in known
    ]
    values = {key: _plain_word(key, value) for key, value in given.items()}
    spans = {key: value for key, value in values.items() if key in SPANS}
    numbers = {key: x for key, x in values.items() if key in ("dose", "share", "radius")}
    check(
        problems,
        finite(**numbers),
        *(whole(SPANS[key], LONGEST, **{key: value}) for key, value in spans.items()),
    )
    return TrialDesign(**values)


def _plain_word(key: str, value: Any) -> Any:
    """Return a value of a design; places may be a list of ids."""
    if key == "places" and isinstance(value, list | tuple):
        return ",".join(str(one) for one in value)
    return plain_value(value)


def _work_off(
    work: EvidenceRuns,
    kind: str,
    asked: object,
    *,
    store: str | Path | None,
    engine: Engine,
    progress: Progress,
) -> None:
    """Run what the store lacks, after noting in the store what the runs are for."""
    with Store(Path(store or STORE)) as kept:
        kept.begin(Study(named_after(kind, asked), kind, (), {}, work.members()))
        run_evidence(work, kept, engine=engine, progress=progress)


def diagnose_named(
    table: Any,
    town: Choice | None,
    overrides: Sequence[str],
    severity: Mapping[str, float] | None = None,
    *,
    fit: bool = False,
    progress: Progress = True,
) -> Diagnosis:
    """Return the zone of each neighbourhood of a table, a file or a town's.

    Parameters
    ----------
    table : path of a file, or a DataFrame, which may be one of GeoPandas; None if ``town`` names a
        town of a table.
    town : a name, the path of a YAML file or a mapping; None is a town that takes any table.
    overrides : ``key=value`` words, as on the command line.
    severity : weights of the label by severity that differ from the usual ones.
    fit : whether to run the table's town, to see how the model fits it.
    progress : of these runs, as for `dispatch.run_tasks`.

    Raises
    ------
    InputError
        If the town is not a table, or the table cannot be read, or a weight is wrong.
    """
    if table is not None and not isinstance(table, str | os.PathLike):
        return _of_frame(table, town, overrides, severity, fit=fit, progress=progress)
    words = [] if table is None else [f"town.file={table}"]
    scenario = compose_scenario(town or "table", BASELINE, [*words, *overrides])
    blueprint, weights = table_of(scenario), severity_of(severity)
    found = read_zones(blueprint, scenario.parameters.zones, severity=weights)
    if not fit:
        return found
    small = scenario_of_fit(scenario, blueprint)
    fitted = city_fit(small, blueprint, found.rows, progress=progress)
    return dataclasses.replace(found, fit=fitted)


def _of_frame(
    table: Any,
    town: Choice | None,
    overrides: Sequence[str],
    severity: Mapping[str, float] | None,
    *,
    fit: bool,
    progress: Progress,
) -> Diagnosis:
    """Return the zones of a table in memory: it is read as the file would be that it is saved as.

    Reading has one home that way, with all it notices of a person's table.
    """
    if not (hasattr(table, "to_csv") and hasattr(table, "columns")):
        raise InputError(
            f"table = {textwrap.shorten(repr(table), 60)}: must be the path of a CSV file, a "
            "DataFrame, or a GeoDataFrame."
        )
    with tempfile.TemporaryDirectory() as folder:
        path = _saved(table, Path(folder))
        try:
            found = diagnose_named(str(path), town, overrides, severity, fit=fit, progress=progress)
        except InputError as refused:
            raise InputError(*(x.replace(str(path), GIVEN) for x in refused.problems)) from None
    name = GIVEN if found.town == path.name else found.town
    notes = [note.replace(str(path), GIVEN) for note in found.notes]
    blueprint = dataclasses.replace(found.blueprint, notes=notes)
    return dataclasses.replace(found, town=name, blueprint=blueprint)


GIVEN = "the table given"


def _saved(table: Any, folder: Path) -> Path:
    """Write a DataFrame as CSV, or one that has a geometry as GeoJSON in degrees."""
    is_numbered = table.index.names == [None]
    plain = table if is_numbered else table.reset_index()
    if not hasattr(table, "to_crs"):
        path = folder / "table.csv"
        plain.to_csv(path, index=False)
        return path
    path = folder / "table.geojson"
    placed = plain if plain.crs is None else plain.to_crs(epsg=4326)
    path.write_text(placed.to_json(drop_id=True), encoding="utf-8")
    return path
