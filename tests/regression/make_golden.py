"""Write the golden numbers: ``python tests/regression/make_golden.py``.

Run it only when results are meant to change, and say what changed and why under *Results
change* in CHANGELOG.md, in the same commit.
"""

import json
from pathlib import Path

from omemsim.inputs.config import compose_scenario
from omemsim.model import OmemModel
from omemsim.run import run_scenario, spin_up

__all__ = ["CASES", "GOLDEN", "numbers"]

GOLDEN = Path(__file__).with_name("golden.json")
CASES = [(strategy, seed) for strategy in ("reactive", "omem") for seed in (0, 1)]
WORDS = ["town.residents=2000", "town.neighbourhoods=5", "spin_up_years=1", "years=1"]
SUMMARY = (
    "victimization violence recorded_crime public_calls disorder repeat_share zone true_zone "
    "capacity trust fear efficacy vigilance participation community_led momentum utilization "
    "caseload support protection officer_skill"
)
WEEKLY = {  # whole numbers a week adds to the year's: (table, column)
    "incidents": ("neighbourhoods", "new_incidents"),
    "episodes": ("neighbourhoods", "new_crises"),
    "public calls": ("neighbourhoods", "new_calls"),
    "officers' calls": ("neighbourhoods", "new_officer_calls"),
    "repeat calls": ("neighbourhoods", "new_repeats"),
    "recorded violence": ("neighbourhoods", "new_recorded_violence"),
    "recorded property": ("neighbourhoods", "new_recorded_property"),
    "calls answered": ("service", "answered"),
    "households moved": ("service", "moves"),
}


def counts(strategy: str, seed: int) -> dict[str, int]:
    """Return what happened in a year, in whole numbers."""
    scenario = compose_scenario("small", strategy, [*WORDS, f"seed={seed}"])
    model = OmemModel(scenario=scenario, replicate=0, start=spin_up(scenario, 0))
    total = dict.fromkeys(WEEKLY, 0)
    for _ in range(52):
        model.step()
        for name, (table, column) in WEEKLY.items():
            total[name] += int(getattr(model.town.tables()[table], column).sum())
    total["participants"] = int(model.town.neighbourhoods.participants.sum())
    total["leaders found"] = int(model.town.neighbourhoods.leaders.sum())
    model.close()
    return total


def numbers(strategy: str, seed: int) -> dict[str, dict[str, float]]:
    """Return the exact counts and the summary of one year."""
    scenario = compose_scenario("small", strategy, [*WORDS, f"seed={seed}"])
    summary = run_scenario(scenario, 0).summary()
    return {
        "counts": {**counts(strategy, seed)},
        "summary": {name: summary[name] for name in SUMMARY.split()},
    }


if __name__ == "__main__":
    golden = {f"{strategy} seed={seed}": numbers(strategy, seed) for strategy, seed in CASES}
    GOLDEN.write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")
    print(f"Wrote {GOLDEN}. Now say what changed under *Results change* in CHANGELOG.md.")
