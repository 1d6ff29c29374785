"""Fit a town to some years of its table, predict later ones, against simple rivals."""

from omemsim.analysis.hindcast.experiment import (
    LEARNT,
    MODEL,
    Hindcast,
    Predicted,
    Question,
    judge,
    plan,
    predict,
)

__all__ = ["LEARNT", "MODEL", "Hindcast", "Predicted", "Question", "judge", "plan", "predict"]
