"""Studies that are called from Python by names and numbers, and what they return."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from omemsim.analysis.evidence.field import LONGEST, SPANS, TrialDesign
from omemsim.analysis.evidence.trial_results import (
    TrialWindow,
    found_in,
    plan_trial,
    towns_csv,
    trial_csv,
    trial_text,
    trial_words_problems,
)
from omemsim.inputs.arguments import check, finite, plain_value, whole
from omemsim.inputs.config import CALLS_ONLY, compose_scenario
from omemsim.present.text import tallied
from omemsim.study.compare import STORE
from omemsim.study.engine import Engine
from omemsim.study.manifest import Study, named_after
from omemsim.study.progress import Progress
from omemsim.study.store import Store
from omemsim.vocabulary.errors import nearest

if TYPE_CHECKING:
    import pandas as pd

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
        return _frame(self.csv())


@dataclass(frozen=True, repr=False)
class Trial:
    """A randomised trial in many towns: what trialists would report, and what is true.

    Attributes
    ----------
    design : of the trial.
    found : the result of each window.
    work : the runs behind it, failures among them.
    """

    design: TrialDesign
    found: list[TrialWindow]
    work: EvidenceRuns

    def __repr__(self) -> str:
        """Say what it is in a line."""
        return (
            f"<Trial: {self.design.what} in town {self.work.scenario.town.name}; "
            f"{len(self.work.values)} towns, outcome {self.design.outcome}>"
        )

    def text(self) -> str:
        """Return what was found as plain text."""
        return trial_text(self.design, self.found)

    def csv(self) -> str:
        """Return a row per window as CSV text."""
        return trial_csv(self.design, self.found)

    def table(self) -> pd.DataFrame:
        """Return a row per window."""
        return _frame(self.csv())

    def towns(self) -> pd.DataFrame:
        """Return a row per window and town."""
        return _frame(towns_csv(self.found))


def _frame(text: str) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(io.StringIO(text))


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
    town: str | None,
    strategy: str | None,
    overrides: Sequence[str],
    replicates: int,
    store: str | Path | None,
    engine: Engine,
    progress: Progress = True,
) -> Trial:
    """Run a trial in many towns.

    Parameters
    ----------
    given : what differs from the default design; the keys are the fields of `TrialDesign`.
    town, strategy : a name or the path of a YAML file; None is the usual one.
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
    return Trial(design, found_in(design, work), work)


def _design(given: Mapping[str, Any]) -> TrialDesign:
    """Return the design of a trial, its numbers NumPy's or Python's."""
    known = [item.name for item in fields(TrialDesign)]
    problems = [
        f"A trial has no {key!r}.{nearest(key, known)} There are: {', '.join(known)}."
        for key in given
        if key not in known
    ]
    values = {key: plain_value(value) for key, value in given.items()}
    spans = {key: value for key, value in values.items() if key in SPANS}
    numbers = {key: value for key, value in values.items() if key in ("dose", "share")}
    check(
        problems,
        finite(**numbers),
        *(whole(SPANS[key], LONGEST, **{key: value}) for key, value in spans.items()),
    )
    return TrialDesign(**values)


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


def diagnose_named(table: str | None, town: str | None, overrides: Sequence[str]) -> Diagnosis:
    """Return the zone of each neighbourhood of a table, a file or a town's.

    Parameters
    ----------
    table : path of a file; None if ``town`` names a town of a table.
    town : a name or the path of a YAML file; None is a town that takes any table.
    overrides : ``key=value`` words, as on the command line.

    Raises
    ------
    InputError
        If the town is not a table, or the table cannot be read.
    """
    words = [] if table is None else [f"town.file={table}"]
    scenario = compose_scenario(town or "table", CALLS_ONLY, [*words, *overrides])
    return read_zones(table_of(scenario), scenario.parameters.zones)
