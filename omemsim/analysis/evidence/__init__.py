"""Evidence: what is known of real towns, compared with the model, hits and misses, in one command.

`patterns` are facts with sources (`configs/evidence/patterns.yaml`), `diary` gathers what a run
leaves week by week, `metrics` are a statistician's estimators, `survey` and `arms` turn runs into
a value per pattern, `work` runs them through the study's engine and store, `scorecard` judges.
"""

from omemsim.analysis.evidence.patterns import Pattern, read_patterns
from omemsim.analysis.evidence.scorecard import Score, score
from omemsim.analysis.evidence.table import scorecard_csv, scorecard_text
from omemsim.analysis.evidence.work import Plan, Work, plan_work, run_work

__all__ = [
    "Pattern",
    "Plan",
    "Score",
    "Work",
    "plan_work",
    "read_patterns",
    "run_work",
    "score",
    "scorecard_csv",
    "scorecard_text",
]
