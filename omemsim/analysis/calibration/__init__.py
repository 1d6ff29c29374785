"""Calibration by history matching: which parameter sets the evidence leaves open.

`targets` says what a run is held against, `emulator` foretells runs that were not made, `region`
is what is not ruled out, `waves` makes the runs and rules out, `table` writes what was found.
"""

from omemsim.analysis.calibration.table import (
    calibration_csv,
    calibration_text,
    plausible_json,
    unmet,
)
from omemsim.analysis.calibration.targets import Target, choose, of_table, shipped
from omemsim.analysis.calibration.waves import (
    USUAL,
    Calibrated,
    Plan,
    calibrate,
    first_wave,
    recording,
)

__all__ = [
    "USUAL",
    "Calibrated",
    "Plan",
    "Target",
    "calibrate",
    "calibration_csv",
    "calibration_text",
    "choose",
    "first_wave",
    "of_table",
    "plausible_json",
    "recording",
    "shipped",
    "unmet",
]
