"""One run behind `@hydra.main`, for those who use Hydra's launchers and sweepers.

    python experiments/hydra_run.py --multirun strategy=hot_spots,omem 'seed=range(10)' years=5

The same seed is the same random numbers, so runs that differ in strategy only are pairs. Each job
writes series.csv in its Hydra folder and returns victimization, for a sweeper to minimise.
What a job costs here: Hydra's start and four small files (about 0.1 s) and a spin-up of its
own; `omemsim compare` shares spin-ups, resumes, and needs about 1 ms beside the run itself.
"""

import logging
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from omemsim.inputs.config import config_root, register_schema, scenario_from_dict
from omemsim.run import run_scenario

register_schema()
logging.getLogger("MESA").setLevel(logging.WARNING)  # it logs every step


@hydra.main(config_path=str(config_root()), config_name="scenario", version_base="1.3")
def main(cfg: DictConfig) -> float:
    scenario = scenario_from_dict(OmegaConf.to_container(cfg, resolve=True))
    series = run_scenario(scenario, replicate=0)
    folder = Path(HydraConfig.get().runtime.output_dir)
    series.to_frame().to_csv(folder / "series.csv", index=False)
    return series.summary()["victimization"]


if __name__ == "__main__":
    main()
