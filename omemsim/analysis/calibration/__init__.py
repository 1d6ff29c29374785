"""Calibration by history matching: which parameter sets agree with the evidence.

`targets` says what a town is compared with, `readings` what is read of it, `emulator` predicts
runs that were not made, `region` is what is not ruled out, `waves` makes the runs and rules out,
`best` names one set, `table` writes what was found; `plan` holds what is asked and found. `named`
is asked by names and numbers, for the command and for Python.
"""

from omemsim.analysis.calibration.best import overlay
from omemsim.analysis.calibration.named import (
    BOUNDS,
    Calibration,
    Sizes,
    calibrate_named,
    plan_named,
    write_calibration,
)
from omemsim.analysis.calibration.plan import USUAL, Calibrated, Plan, recording
from omemsim.analysis.calibration.table import (
    best_text,
    calibration_csv,
    calibration_text,
    plausible_json,
    unmet,
)
from omemsim.analysis.calibration.targets import Target, choose, of_table, shipped
from omemsim.analysis.calibration.waves import calibrate, first_wave, whole

__all__ = [
    "BOUNDS",
    "USUAL",
    "Calibrated",
    "Calibration",
    "Plan",
    "Sizes",
    "Target",
    "best_text",
    "calibrate",
    "calibrate_named",
    "calibration_csv",
    "calibration_text",
    "choose",
    "first_wave",
    "of_table",
    "overlay",
    "plan_named",
    "plausible_json",
    "recording",
    "shipped",
    "unmet",
    "whole",
    "write_calibration",
]
