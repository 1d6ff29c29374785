"""Claims: each sentence of the seeds as an experiment, and its result.

An experiment is a file (`configs/claims/C08.yaml`). From it to a verdict: `experiment` reads
and checks it, `runs` runs its arms and keeps the numbers that `readings` takes of each run,
`arithmetic` makes one effect of them, `verdict` judges, `table` writes. No verdict is written in a
file, and nothing is tuned to one.
"""

from omemsim.analysis.claims.experiment import Experiment, known_claims, read_experiments
from omemsim.analysis.claims.runs import ClaimRuns, Setup, plan_claims, run_claims
from omemsim.analysis.claims.table import claims_csv, claims_markdown, claims_text
from omemsim.analysis.claims.verdict import Finding, judge

__all__ = [
    "Experiment",
    "Finding",
    "Setup",
    "ClaimRuns",
    "claims_csv",
    "claims_markdown",
    "claims_text",
    "judge",
    "known_claims",
    "plan_claims",
    "read_experiments",
    "run_claims",
]
