"""Problem-solving, in stage 5: projects take away what a place offers, and it grows back.

A project at momentum m takes opportunity away towards

    problem_effect m [problem_alone + (1 - problem_alone) partners]
    partners = 1 where an agency or the community leads it, else
               1 - (1 - mobilization_n)(1 - min(1, participants_n / participation_full))

What is taken away lowers crime at the place (`offend`), the calls it draws (`reporting`) and the
crises of who lives there (`crisis`) alike, and fades when the project is over (`initiatives`).

Sources: Hinkle et al. 2020, 2024; Braga & Bond 2008. Assumption: who takes part in a neighbourhood
takes part in its projects.

`act` calls it, and says what is read and written.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from omemsim.kernels import Double, Whole, fade, kernel
from omemsim.town import Table, Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.rates import decay
from omemsim.vocabulary.records import fill
from omemsim.vocabulary.wheel import Kind, Lead

__all__ = ["ProblemParameters", "problem_parameters", "solve_problems"]


class ProblemParameters(NamedTuple):
    """What problem-solving needs."""

    problem_kept: np.float32  # share of removed opportunity that a week leaves removed
    problem_onset: np.float32
    problem_effect: np.float32
    problem_alone: np.float64
    participation_full: np.float64


def problem_parameters(parameters: Parameters) -> ProblemParameters:
    """Return what problem-solving needs."""
    group = parameters.act
    return fill(
        ProblemParameters,
        group,
        parameters.assess,
        problem_kept=1 - decay(group.problem_decay),
        problem_onset=decay(group.problem_onset),
    )


@kernel
def solve_problems(town: Town, p: ProblemParameters) -> None:
    """Let removed opportunity grow back, and active projects remove more of it."""
    initiatives, places = town.initiatives, town.places
    fade(places.removed, p.problem_kept)
    for i in range(initiatives.place.size):
        place = initiatives.place[i]  # one initiative a place: see `initiatives.settle_kinds`
        is_solving = initiatives.is_active[i] and initiatives.kind[i] == Kind.PROBLEM_SOLVING
        if is_solving and place >= 0:
            n = initiatives.neighbourhood[i]
            helped = partners_of(town.neighbourhoods, n, initiatives.lead[i], p)
            shared = np.float32(p.problem_alone + (1.0 - p.problem_alone) * helped)
            wanted = p.problem_effect * initiatives.momentum[i] * shared
            gap = max(wanted - places.removed[place], np.float32(0))
            places.removed[place] += p.problem_onset * gap


@kernel
def partners_of(hoods: Table, n: Whole, lead: Whole, p: ProblemParameters) -> Double:
    """Return how far agencies and the community take part in a project, 0 to 1."""
    if lead != Lead.POLICE:
        return 1.0
    people: Double = min(hoods.participants[n] / hoods.residents[n] / p.participation_full, 1.0)
    return 1.0 - (1.0 - np.float64(hoods.mobilization[n])) * (1.0 - people)
