"""Run each tactic of the wheel alone against the same town without it; print its sign and size.

python experiments/tactics_alone.py [replicates] [residents]     (20 and 5,000: half a minute)

Three hours a week per 1,000 residents 15+ everywhere for three years; both arms are offered the
same hours, have the same random numbers, and leave the other hours unassigned. Harm is the number
of incidents with a resident victim that is expected given the state of each week.
"""

import sys

import numpy as np

from omemsim.inputs.config import compose_scenario
from omemsim.measures import MEASURES
from omemsim.simulation import Simulation
from omemsim.spin_up import spin_up
from omemsim.vocabulary.wheel import Tactic

HOURS, YEARS, HARM = 3.0, 3, "harm"
MORE = ("trust", "momentum", "leaders", "support", "noticed", "hazard", "vigilance", "services")


def outcomes(words: list[str], replicate: int) -> dict[str, float]:
    """Return harm, the weeks since police looked at zones, and more, as means over weeks."""
    scenario = compose_scenario("small", "reactive", words)
    model = Simulation(scenario, replicate, spin_up(scenario, replicate))
    seen = dict.fromkeys((HARM, "lag", *MORE), 0.0)
    for _ in range(52 * YEARS):
        model.step()
        hoods = model.town.neighbourhoods
        seen[HARM] += float((hoods.expected_violence + hoods.expected_property).sum())
        seen["lag"] += float((model.town.week - hoods.looked).mean())
        for name in MORE:
            seen[name] += float(np.mean(MEASURES[name].read(model.town, 1)))
    return {name: value / (52 * YEARS) for name, value in seen.items()}


def main(replicates: str = "20", residents: str = "5000") -> None:
    """Print, for each tactic, harm and what else it moves by more than three standard errors."""
    words, count = [f"town.residents={residents}", f"years={YEARS}"], int(replicates)
    usual = [outcomes(words, k) for k in range(count)]
    for tactic in (tactic for tactic in Tactic if tactic.use.zone is not None):
        dose = f"strategy.interventions=[{{what: {tactic.name}, dose: {HOURS}}}]"
        runs = [outcomes([*words, dose], k) for k in range(count)]
        for name in (HARM, "lag", *MORE):
            rises = np.array(
                [run[name] - base[name] for run, base in zip(runs, usual, strict=True)]
            )
            if name == HARM:  # in percent
                rises *= 100 / np.array([base[name] for base in usual])
            mean, error = rises.mean(), rises.std(ddof=1) / count**0.5
            if name == HARM or abs(mean) > 3 * error > 0:
                unit = "%" if name == HARM else ""
                print(f"{tactic.name.lower():26} {name:9} {mean:+9.4f}{unit} (se {error:.4f})")


if __name__ == "__main__":
    main(*sys.argv[1:])
