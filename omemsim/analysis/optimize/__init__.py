"""Which strategies are worth having: mixes of which none is better in everything (Deb et al. 2002).

Four things are weighed: victims, trust, how unequally neighbourhoods are hit, and money. `problem`
says what is asked, `space` what a candidate is, `outcomes` what is read of a run and how worlds are
put together, `search` proposes candidates with optuna's NSGA-II and tries the chosen ones in worlds
that no choice has seen, beside named strategies, and `judged` says how they did there.
"""

from omemsim.analysis.optimize.judged import Optimized, front_csv, front_text, plans_of
from omemsim.analysis.optimize.problem import Sizes, problem_of
from omemsim.analysis.optimize.search import needs_optuna, optimize

__all__ = [
    "Optimized",
    "Sizes",
    "front_csv",
    "front_text",
    "needs_optuna",
    "optimize",
    "plans_of",
    "problem_of",
]
