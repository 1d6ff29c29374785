"""Run each tactic of the wheel alone against the same town without it; print its sign and size.

python experiments/tactics_alone.py [replicates] [residents]     (20 and 5,000: a few minutes)

Three hours a week per 1,000 residents 15+ everywhere for three years; both arms are offered the
same hours, have the same random numbers, and leave the other hours unassigned. Harm is the number
of incidents with a resident victim that is expected given the state of each week, from which the
model draws them.
"""

import sys

import numpy as np

from omemsim.inputs.config import compose_scenario
from omemsim.measures import MEASURES
from omemsim.simulation import Simulation
from omemsim.spin_up import spin_up
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Tactic

HOURS, YEARS, HARM = 3.0, 3, "harm"
# What a tactic acts on, where that is not harm; `second_look` and tactics.csv say why.
OUTCOMES = {
    **dict.fromkeys((Tactic.LIAISON, Tactic.CONSULTATION), "trust"),
    Tactic.ENGAGE_LEADERS: "leaders",
    Tactic.MONITOR_CRIME_PREVENTION: "momentum",
    Tactic.INITIATE_PROBLEM_SOLVING: "momentum",
    Tactic.PUBLIC_EDUCATION: "vigilance",
    Tactic.MONITOR_AT_RISK_GROUPS: "support",
    Tactic.MONITOR_HAZARDS: "hazard",
}


def outcomes(words: list[str], replicate: int) -> dict[str, float]:
    """Return harm a week and the means over weeks of what tactics act on."""
    scenario = compose_scenario("small", "reactive", words)
    model = Simulation(scenario, replicate, spin_up(scenario, replicate))
    seen = dict.fromkeys((HARM, *OUTCOMES.values()), 0.0)
    for _ in range(YEARS * WEEKS_PER_YEAR):
        model.step()
        hoods = model.town.neighbourhoods
        seen[HARM] += float((hoods.expected_violence + hoods.expected_property).sum())
        for name in set(OUTCOMES.values()):
            seen[name] += float(np.mean(MEASURES[name].read(model.town, 1)))
    return {name: value / (YEARS * WEEKS_PER_YEAR) for name, value in seen.items()}


def change(tactic: Tactic, replicates: int, words: list[str]) -> dict[str, tuple[float, float]]:
    """Return the change by a tactic, mean and standard error over replicates, by outcome.

    Of harm it is in percent; of an index in its unit.
    """
    dose = f"strategy.interventions=[{{what: {tactic.name}, dose: {HOURS}}}]"
    runs = [(outcomes([*words, dose], k), outcomes(words, k)) for k in range(replicates)]
    found = {}
    for name in (HARM, OUTCOMES.get(tactic, HARM)):
        rows = np.array([one[name] - two[name] for one, two in runs])
        if name == HARM:
            rows *= 100 / np.array([two[name] for _, two in runs])
        found[name] = float(rows.mean()), float(rows.std(ddof=1) / len(rows) ** 0.5)
    return found


def main(replicates: str = "20", residents: str = "5000") -> None:
    """Print a line for each tactic and outcome."""
    words = [f"town.residents={residents}", f"years={YEARS}"]
    for tactic in (tactic for tactic in Tactic if tactic.use.zone is not None):
        for name, (mean, error) in change(tactic, int(replicates), words).items():
            unit = "%" if name == HARM else ""
            print(f"{tactic.name.lower():26} {name:10} {mean:+8.4f}{unit} (se {error:.4f})")


if __name__ == "__main__":
    main(*sys.argv[1:])
