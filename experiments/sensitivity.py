"""Which parameters decide how much better omem is than reactive: Morris, then noise.

    python experiments/sensitivity.py sensitivity     (about 20 minutes on two cores)

Morris screens the parameters of three groups; Sobol divides the variance among the four that move
the difference most; the noise budget sets them beside other towns and other random numbers.
Stopped, it goes on.
"""

import sys
from pathlib import Path

import omemsim as om
from omemsim.figures.budget import noise_figure
from omemsim.figures.page import write
from omemsim.figures.swept import save_sweep_figures
from omemsim.study.factor_importance import drivers_of
from omemsim.study.noise import noise_budget

ARMS, OUTCOME, TOWN = ("reactive", "omem"), "victimization", {"town": "small", "years": 3}
GROUPS = dict.fromkeys(("parameters.organize", "parameters.feel", "parameters.offend"), "default")


def main(folder: str = "sensitivity") -> None:
    out, where = Path(folder), {**TOWN, "store": Path(folder) / "store"}
    screened = om.sweep(*ARMS, vary=GROUPS, design="morris", points=12, replicates=2, **where)
    save_sweep_figures(screened, [OUTCOME], out / "morris")
    few = dict.fromkeys(drivers_of(screened, OUTCOME)[-1].found.ranked()[:4], "default")
    found = om.sweep(*ARMS, vary=few, design="sobol", points=64, replicates=2, **where)
    save_sweep_figures(found, [OUTCOME, "fear", "trust"], out / "sobol")
    print(*(one.in_words() for one in drivers_of(found, OUTCOME)), sep="\n")
    # Forty of the points, each with towns of its own, each town run three times.
    some = [{**x, "seed": n} for n, x in enumerate(found.sweep.design.points[:40])]
    points = [{**x, "noise_seed": noise_seed} for x in some for noise_seed in (1, 2, 3)]
    spread = om.sweep("omem", points=points, replicates=3, **where).of("omem", OUTCOME)
    budget = noise_budget(spread.reshape(40, 3, 3).transpose(0, 2, 1))
    write(noise_figure({"Victimization": budget}, provenance="town small"), out, "noise")


if __name__ == "__main__":
    main(*sys.argv[1:])
