"""Every command of the command line: what it is called, does and takes.

`omemsim --help` and each command's own are printed from here; nothing is imported, so that they
come at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["COMMANDS", "MACHINES", "WORDS", "Command"]

WORDS = """\
Words without '=' are names or files; words with '=' set a value. Any key of a town, a strategy
or the parameters may be set (`omemsim describe parameters`), as years=3 or town.scale=20."""


@dataclass(frozen=True)
class Command:
    """What a command is called, does, and takes; its function is `omemsim.cli.commands.<name>`.

    ``keys`` are the key=value words of the command itself; if ``config`` is true, all others
    go to the scenario. ``flags`` are argparse switches, ``options`` those with a value: the name
    and what the value is called (a time if nothing is said), in brackets if it may be left out.
    """

    name: str
    summary: str
    usage: str
    examples: tuple[str, ...]
    keys: dict[str, str] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    config: bool = True


OUT = {"out": "folder for the results (default omemsim-results/<date-time>-<command>)"}
MACHINES = {
    "workers": "processes at work at once (default: all cores)",
    "engine": "pool, processes of this machine (default), or dask, a cluster (docs/cluster.md)",
    "engine.scheduler": "address or scheduler file of the Dask cluster to join (default: one here)",
    "engine.timeout": "seconds to wait for a lost scheduler (default 60)",
}
ENGINE = {
    "replicates": "towns and lucks per strategy; the same ones for each",
    **MACHINES,
    "store": "folder where runs are kept and found again (default omemsim-results/store)",
}
ALLOW = {
    "allow-other-code": "go on in a store of other code; its runs stay, ours are made beside them",
    "allow-other-environment": "take runs that another Python, numpy, numba or machine made",
}
STORE = {"store": ENGINE["store"]}
STUDY = {"study": "name of a study in the store, as `omemsim status` says it (default the last)"}

COMMANDS = {
    command.name: command
    for command in (
        Command(
            "demo",
            "compare present_practice, hot_spots and omem in a small town; a minute",
            "[key=value ...]",
            ("omemsim demo", "omemsim demo out=first-look"),
            ENGINE | OUT,
            ALLOW,
        ),
        Command(
            "run",
            "one town under one strategy: a table and figures",
            "[key=value ...]",
            (
                "omemsim run town=small strategy=omem years=5",
                "omemsim run town=city strategy=hot_spots replicate=3 out=one-run",
                "omemsim run setting=bancroft",
            ),
            {"replicate": "which town and luck, 0, 1, ... (default 0)"} | OUT,
        ),
        Command(
            "compare",
            "several strategies on the same towns with the same luck",
            "STRATEGY ... [key=value ...] [--dry-run]",
            (
                "omemsim compare omem town=small",
                "omemsim compare present_practice hot_spots omem town=city replicates=20 years=5",
                "omemsim compare present_practice omem my_plan.yaml town=my_town.yaml out=council",
                "omemsim compare hot_spots omem parameters.zones.trust=0.4 baseline=omem",
                "omemsim compare omem town=city precision=0.02 --budget=30min",
                "omemsim compare omem uncertainty=calibrated/plausible.json",
            ),
            {
                "uncertainty": "parameter sets that each difference gets a range over, apart from "
                "the interval over\n              replicates: shipped (towns small, city and "
                "toronto, there the default), a\n              file (of `omemsim calibrate`, or a "
                ".csv), or no",
                "baseline": "the strategy the others are compared with (default the first; one "
                "strategy alone is compared\n              with present_practice)",
                "precision": "add replicates until the 95% interval of each difference is at most "
                "+- this share of the\n              baseline's mean, as 0.02 for 2%; "
                "replicates= is then the most (default 1000)",
                "precise": "measures that must be so, with commas between (default victimization)",
            }
            | ENGINE
            | OUT,
            {"dry-run": "say how many runs there are, how long and how much disk they take"}
            | ALLOW,
            options={"budget": "begin no runs that would end later, as 30min, 2h or 90s"},
        ),
        Command(
            "sweep",
            "levers and uncertainties varied by a design: many runs, one table",
            "[STRATEGY ...] vary.KEY=LOW..HIGH ... [key=value ...] [--dry-run] [--budget TIME]",
            (
                "omemsim sweep omem vary.strategy.precision=0.2..0.9 vary.strategy.money=0..12",
                "omemsim sweep hot_spots omem vary.parameters.feel=default points=256 --dry-run",
                "omemsim sweep present_practice vary.strategy.directed=0..0.2 design=grid",
                "omemsim sweep vary.strategy=hot_spots,omem vary.years=1,5 design=grid",
                "omemsim sweep omem vary.parameters.feel.pace=2..20 design=sobol --budget 30min",
                "omemsim sweep omem design=my_points.csv replicates=10 record.series=true",
            ),
            {
                "vary.KEY": "what varies: a range as 2..20, values as a,b,c, or default, the bounds"
                "\n              that its declaration gives (of a group, as parameters.feel: all)",
                "design": "latin (default), sobol, morris, grid, zip, or a file of points "
                "(.csv, .json)",
                "points": "points of latin; rows of sobol (x factors + 2 points); trajectories of "
                "morris;\n            levels of each range in a grid or zip",
                "outcome": "the number to tell of first (default victimization)",
            }
            | ENGINE
            | OUT,
            {"dry-run": "say how many runs there are, how long and how much disk they take"}
            | ALLOW,
            options={
                "budget": "choose as many points (or, of a fixed design, replicates) as fit "
                "in this time, as 90s, 30min, 2h"
            },
        ),
        Command(
            "calibrate",
            "which parameter sets the evidence leaves open, ruled out in waves; a file of them",
            "[FILE.yaml | PARAMETER | KEY=LOW..HIGH ...] [key=value ...] [--dry-run] "
            "[--budget TIME]",
            (
                "omemsim calibrate town=city",
                "omemsim calibrate experiments/calibrate_city.yaml",
                "omemsim calibrate parameters.offend.violence=24..96 "
                "parameters.reporting.recorded=0.4..0.8 targets=P5c,P10",
                "omemsim calibrate offend.near offend.repeat town=small waves=3 --dry-run",
                "omemsim compare omem uncertainty=OUT/plausible.json",
            ),
            {
                "targets": "rows of `omemsim validate` to meet, with commas between (default all "
                "that may be\n              fitted and that a year of the town shows, and of a "
                "table its own)",
                "waves": "at most (default 6)",
                "points": "parameter sets in a wave (default 12 for each parameter)",
                "sets": "plausible sets to write, at most (default 100)",
                "discrepancy": "how far the model may be off although it is right, as a share of "
                "what was\n              observed (default 0.05)",
                "misses": "targets that a plausible set may miss (default 0)",
                "fresh": "towns and lucks of no wave that the best set is chosen and told by "
                "(default 8)",
            }
            | {**ENGINE, "replicates": "towns and lucks of each set (default 4)"}
            | OUT,
            {"dry-run": "say how many runs a wave has and how long it takes, and run nothing"}
            | ALLOW,
            options={"budget": "begin no wave that would end later, as 30min, 2h or 90s"},
        ),
        Command(
            "sensitivity",
            "which parameters decide how strategies compare, and in how many worlds it holds",
            "STRATEGY STRATEGY ... [vary.KEY=LOW..HIGH ...] [key=value ...] [--dry-run] "
            "[--budget TIME]",
            (
                "omemsim sensitivity present_practice omem town=small",
                "omemsim sensitivity present_practice hot_spots omem town=city --budget 1h",
                "omemsim sensitivity hot_spots omem vary.parameters.organize=default --dry-run",
            ),
            {
                "vary.KEY": "what varies, as for `omemsim sweep` (default every uncertain "
                "parameter, from half to\n              one and a half times its value)",
                "outcome": "the number that ranks the strategies (default victimization)",
                "trajectories": "of the screening (Morris): each a run per parameter and one more "
                "(default 4)",
                "survivors": "parameters whose indices are asked for, at most (default 8)",
                "points": "rows of their Sobol design: each a run per parameter and two more "
                "(default 64)",
                "worlds": "parameter sets, each with two towns of two lucks (default 24)",
            }
            | {**ENGINE, "replicates": "towns and lucks of each point (default 2)"}
            | OUT,
            {"dry-run": "say how many runs each stage has and how long it takes, and run nothing"}
            | ALLOW,
            options={"budget": "choose trajectories, points and worlds that fit in this time"},
        ),
        Command(
            "ablate",
            "each mechanism switched off in turn: what it contributes, what a headline rests on",
            "[STRATEGY] [--against [BASELINE]] [key=value ...] [--dry-run]",
            (
                "omemsim ablate omem town=small replicates=10 years=5",
                "omemsim ablate town=city only=fear_gate,guardianship,demand_trap",
                "omemsim ablate hot_spots from=birth out=mechanisms",
                "omemsim ablate omem --against present_practice town=city only=groups",
                "omemsim ablate omem --against only=place_effects,trust,design+watch",
                "omemsim ablate my_plan.yaml --against omem outcome=fear --dry-run",
            ),
            {
                "only": "what to switch off, with commas between: mechanisms, groups of them, "
                "several at\n              once as design+watch, or groups, which is every group "
                "(default every\n              mechanism; with --against every group, too)",
                "from": "week0, from the same spun-up town (default), or birth, off in the "
                "spin-up too",
                "outcome": "with --against: the number whose difference is looked at (default "
                "victimization)",
            }
            | ENGINE
            | OUT,
            {"dry-run": "say how many runs there are, how long and how much disk they take"}
            | ALLOW,
            options={
                "against [BASELINE]": "show what the difference to this strategy rests on: each "
                "switch off in both (default present_practice)"
            },
        ),
        Command(
            "loops",
            "the same town from low and high capacity, each loop cut in turn: do both ends last",
            "[STRATEGY] [key=value ...]",
            (
                "omemsim loops town=small replicates=5 years=15",
                "omemsim loops hot_spots town=small worlds=0",
                "omemsim loops omem town=city replicates=3 worlds=20 out=loops",
            ),
            {"worlds": "random parameter sets both ends are looked for in (default 8)"}
            | ENGINE
            | OUT,
            ALLOW,
        ),
        Command(
            "claims",
            "each claim of the model's seeds as an experiment: which hold, and through what",
            "[CLAIM ...] [key=value ...] [--dry-run]",
            (
                "omemsim claims C8 C13",
                "omemsim claims C8 town=small replicates=2 worlds=3 years=1",
                "omemsim claims --dry-run",
            ),
            {
                "replicates": "towns and lucks per claim; the same ones for each (default 8)",
                "worlds": "other parameter sets each claim is tried under (default 10)",
                **MACHINES,
                "store": ENGINE["store"],
            }
            | OUT,
            {"dry-run": "say how many runs there are and how long they take, and run nothing"}
            | ALLOW,
        ),
        Command(
            "validate",
            "the model against 34 patterns of real towns: which come out, and which do not",
            "[PATTERN ...] [key=value ...] [--dry-run]",
            (
                "omemsim validate town=city replicates=8",
                "omemsim validate P5 P6 P8a town=small replicates=2 zero=no",
                "omemsim validate town=toronto",
                "omemsim validate --dry-run",
            ),
            {
                "replicates": "towns and lucks that a value and its interval are from (default 4)",
                "zero": "yes (default): beside each value the same with every mechanism off from "
                "the town's\n              birth; no",
                **MACHINES,
                "store": ENGINE["store"],
            }
            | OUT,
            {"dry-run": "say how many runs there are and how long they take, and run nothing"}
            | ALLOW,
        ),
        Command(
            "trial",
            "a randomised trial of your own: what is true, what it would find, how large to be",
            "[key=value ...] [--dry-run]",
            (
                "omemsim trial what=targeted_enforcement dose=4 town=city",
                "omemsim trial what=targeted_enforcement units=places outcome=reported_crime",
                "omemsim trial what=liaison dose=5 weeks=52 outcome=trust assign=pairs",
                "omemsim trial what=lighting dose=0.3 assign=worst replicates=40 --dry-run",
            ),
            {
                "what": "what is done: a tactic, lighting, target_hardening or casework\n"
                "              (default targeted_enforcement)",
                "dose": "how much of it: hours a week per 1,000 residents 15+, or a share, as of\n"
                "              interventions (default 4)",
                "units": "neighbourhoods (default), or places: the worst known ones in them",
                "share": "share of neighbourhoods that get it (default 0.5)",
                "assign": "random (default), pairs (matched by baseline), worst (no randomisation)",
                "baseline": "weeks before it (default 52)",
                "weeks": "weeks it lasts (default 26)",
                "follow": "weeks watched after it (default 52)",
                "outcome": "victimization (default), crime, violence, reported_crime,\n"
                "              recorded_crime, public_calls; trust, fear, efficacy, vigilance",
                "replicates": "towns and lucks the trial is done in (default 10)",
                **MACHINES,
                "store": ENGINE["store"],
            }
            | OUT,
            {"dry-run": "say how many runs there are and how long they take, and run nothing"}
            | ALLOW,
        ),
        Command(
            "hindcast",
            "fit a table's town to some years, predict later ones, against simple rivals",
            "town=TOWN fit=FIRST..LAST predict=FIRST..LAST [key=value ...] [--dry-run]",
            (
                "omemsim hindcast town=toronto fit=2014..2019 predict=2020..2024",
                "omemsim hindcast town=toronto fit=2014..2019 predict=2020..2024 replicates=160 "
                "\\\n    outside=disorder:cfs_crisis_total/population,capacity:nia "
                "\\\n    places=mci2018_hood158_location_concentration.csv",
                "omemsim hindcast town=my_town.yaml fit=2015..2020 predict=2021 --dry-run",
            ),
            {
                "fit": "years the town is fitted to, two at least; nothing later is read for it",
                "predict": "years to predict, all after those",
                "covariates": "columns of the regression, with commas between (default: the census "
                "columns\n              that the town's file maps)",
                "outside": "measures and columns no fit sees, as MEASURE:COLUMN or "
                "MEASURE:COLUMN/population",
                "places": "CSV of concentration at places: id, crime, locations, events, "
                "max_at_one,\n              locations_repeat",
                "uncertainty": "file of parameter sets to predict under, in place of the town's "
                "own (.csv, .json)",
                "replicates": "towns and lucks that predict, of each parameter set (default 100)",
                **MACHINES,
                "store": ENGINE["store"],
            }
            | OUT,
            {"dry-run": "say how many runs there are and how long they take, and run nothing"}
            | ALLOW,
        ),
        Command(
            "status",
            "how far the studies of a store are, what failed, and who is at work",
            "[STORE] [--json]",
            ("omemsim status", "omemsim status council/store --json"),
            STORE,
            {"json": "print one JSON object, with every failure and its traceback"},
            config=False,
        ),
        Command(
            "resume",
            "go on with a study that was stopped, by its own command",
            "[STORE] [study=NAME] [workers=N]",
            ("omemsim resume", "omemsim resume council/store study=compare-1f0c22aa"),
            STORE | STUDY | {"workers": ENGINE["workers"]},
            ALLOW,
            config=False,
        ),
        Command(
            "reproduce",
            "make one kept run again and compare it bit for bit",
            "RUN-ID | ARM/POINT/REPLICATE [store=STORE] [study=NAME]",
            ("omemsim reproduce 1f0c22aa", "omemsim reproduce omem/0/3"),
            STORE | STUDY,
            config=False,
        ),
        Command(
            "export",
            "a study's results as one table, for pandas, DuckDB, R or Excel",
            "[STORE] out=FILE [shape=wide] [study=NAME]",
            (
                "omemsim export out=results.csv",
                "omemsim export council/store out=results.parquet shape=wide",
                "and then, in pandas, R, DuckDB, SQLite:",
                'pandas.read_csv("results.csv")    arrow::read_parquet("results.parquet")',
                "duckdb -c \"SELECT measure, avg(value) FROM 'results.csv' GROUP BY measure\"",
                'sqlite3 STORE/runs.sqlite "SELECT * FROM results"    (also while a study writes)',
            ),
            {
                "out": "file to write: .csv; with the extra omemsim[export] also .parquet, .xlsx",
                "shape": "tidy, a row per run and measure with its unit (default); or wide, a row "
                "per run, units in a second table",
            }
            | STORE
            | STUDY,
            config=False,
        ),
        Command(
            "diagnose",
            "the zone of each neighbourhood in a table you have, and how sure it is",
            "TABLE.csv [key=value ...]",
            (
                "omemsim diagnose neighbourhoods.csv",
                "omemsim diagnose neighbourhoods.csv town.columns.population=residents",
                "omemsim diagnose town=my_town.yaml out=diagnosis",
            ),
            OUT,
        ),
        Command(
            "describe",
            "parameters, mechanisms, measures, strategies, towns, settings, events, columns, "
            "week, odd, assumptions",
            "TOPIC ...",
            ("omemsim describe strategies", "omemsim describe parameters measures"),
            config=False,
        ),
        Command(
            "selftest",
            "check that one resident's change changes nobody else's luck",
            "",
            ("omemsim selftest",),
            config=False,
        ),
        Command(
            "bench",
            "how fast: a week against plain Mesa agents, a large town, a small run, a study",
            "[residents=N] [only=PART,...] [--json]",
            ("omemsim bench", "omemsim bench residents=1000000 only=week", "omemsim bench --json"),
            {
                "residents": "size of the town that is raced (default 100000)",
                "only": "parts, with commas between: week, large, small, start, studies "
                "(default all; 3 minutes)",
            },
            {"json": "print one JSON object instead of a table"},
            config=False,
        ),
    )
}
