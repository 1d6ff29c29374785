"""Evidence: the model compared with what is known about real towns, hits and misses alike.

`patterns` are facts with sources (`configs/evidence/patterns.yaml`), `event_log` gathers what a run
leaves week by week, `metrics` are a statistician's estimators; `survey`, `careers`,
`concentration`, `practice` and `tactic_trials` turn runs into a value per pattern; `runs` makes the
runs with the engine and the store, `scorecard` judges, and `table` writes.

A trial of one's own (`omemsim trial`): `trial_design` says what is asked, `trial_units` who is
treated, `field` runs it in one town (`group_doses` treats single residents), `trial_results` and
`trial_weeks` put the towns together.
"""

from omemsim.analysis.evidence.patterns import Pattern, read_patterns
from omemsim.analysis.evidence.runs import (
    EvidenceRuns,
    ValidationPlan,
    plan_validation,
    run_evidence,
)
from omemsim.analysis.evidence.scorecard import PatternScore, score
from omemsim.analysis.evidence.table import scorecard_csv, scorecard_text

__all__ = [
    "Pattern",
    "ValidationPlan",
    "PatternScore",
    "EvidenceRuns",
    "plan_validation",
    "read_patterns",
    "run_evidence",
    "score",
    "scorecard_csv",
    "scorecard_text",
]
