"""Every command of the command line: its name, what it does, what it takes, who needs it.

`omemsim --help` and the help of each command are printed from here, and the values of a command's
own keys are read, refused and written again by what is declared here (`keys.py`). Nothing heavy is
imported, so that help appears at once; where a default or bound is also one of Python's, a test
(`tests/architecture/test_one_home.py`) holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from omemsim.cli.keys import Choice, Key, Listed, Number, Whole, YesOrNo

__all__ = [
    "ALLOW",
    "COMMANDS",
    "GROUPS",
    "MACHINES",
    "MANY_TOWNS",
    "PRECISE_TOWNS",
    "WORDS",
    "Command",
]

WORDS = """\
Words without '=' are names or files; words with '=' set a value. Any value of a town, a strategy
or the parameters can be set, for instance years=3 or town.scale=20 (`omemsim describe parameters`
lists the numbers)."""

# Who needs a command: the title of a group in `omemsim --help`, and its commands.
GROUPS = {
    "A first look": ("demo", "run", "describe"),
    "For planners": ("diagnose", "new", "compare"),
    "For researchers": ("sweep", "sensitivity", "optimize", "discover", "calibrate", "trial"),
    "For modellers, who examine the model itself": (
        *("validate", "claims", "mixes", "hindcast", "ablate", "loops", "selftest", "bench"),
    ),
    "For instructors": ("class",),
    "The store, where runs are kept": ("status", "resume", "reproduce", "export"),
}


@dataclass(frozen=True)
class Command:
    """A command's name, purpose and arguments; its function is `omemsim.cli.commands.<name>`.

    Where the name is a keyword of Python, as ``class``, the function's name has a "_" at its end.

    ``keys`` are the key=value words of the command itself, each with its type, bounds, default and
    help; if ``config`` is true, all others go to the scenario. ``flags`` are argparse switches.
    ``options`` take a value: the name of the option and of its value (TIME by default), in brackets
    if the value may be left out. ``more`` stands below the summary in the command's own help.
    """

    name: str
    summary: str
    usage: str
    examples: tuple[str, ...]
    keys: dict[str, Key] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    config: bool = True
    more: str = ""


FIRST = "victimization"  # the outcome that is looked at where nobody names one
PRECISE_TOWNS = 1_000  # at most, where a precision is asked for and nobody says how many
MANY_TOWNS, SOME_TOWNS, FEW_TOWNS = 1_000_000, 100_000, 10_000  # at most, by what a command does
LONGEST_SPAN = 1_040  # weeks of a trial

OUT = {"out": Key("folder for the results (default omemsim-results/<date-time>-<command>)")}
MACHINES = {
    "workers": Whole(
        "number of processes that run at the same time (default: all cores)",
        low=1,
        high=1_024,
        unit="processes",
    ),
    "engine": Choice(
        "pool: processes on this machine (default); dask: a cluster (docs/cluster.md)",
        "pool",
        choices=("pool", "dask"),
    ),
    "engine.scheduler": Key(
        "address or scheduler file of a running Dask cluster (default: start one here)"
    ),
    "engine.timeout": Whole(
        "seconds to wait for a scheduler that does not answer (default {default})",
        60,
        low=1,
        high=86_400,
        unit="seconds",
    ),
}
TOWNS = Whole(
    "simulated towns per strategy, each with its own random numbers; the same\n"
    "              for all (default {default})",
    10,
    low=1,
    high=MANY_TOWNS,
    unit="towns",
)
KEPT = {
    "store": Key(
        "folder where runs are kept and reused (default {default})", "omemsim-results/store"
    )
}
ENGINE = {"replicates": TOWNS, **MACHINES, **KEPT}
ALLOW = {
    "allow-other-code": "use a store made by another version of the code; its runs are kept "
    "but not reused",
    "allow-other-environment": "reuse runs made with another Python, numpy, numba or machine",
}
STUDY = {
    "study": Key("name of a study in the store, as `omemsim status` lists it (default the last)")
}


def _towns(text: str, usual: int, low: int = 2, high: int = FEW_TOWNS) -> dict[str, Key]:
    """Return the key for how many towns a command simulates."""
    return {"replicates": replace(TOWNS, help=text, default=usual, low=low, high=high)}


def _like_others(usual: int, high: int) -> dict[str, Key]:
    return {**ENGINE, **_towns(TOWNS.help, usual, 1, high)}


COMMANDS = {
    command.name: command
    for command in (
        Command(
            "demo",
            "compare three strategies in a small town, in about a minute",
            "[key=value ...]",
            ("omemsim demo", "omemsim demo out=first-look"),
            ENGINE | OUT,
            ALLOW,
        ),
        Command(
            "run",
            "simulate one town under one strategy, with a table and figures",
            "[key=value ...]",
            (
                "omemsim run town=small strategy=omem years=5",
                "omemsim run town=city strategy=hot_spots replicate=3 out=one-run",
                "omemsim run setting=bancroft",
            ),
            {
                "replicate": Whole(
                    "which simulated town and random numbers: 0, 1, ... (default {default})",
                    0,
                    low=0,
                    high=MANY_TOWNS,
                    unit="number",
                )
            }
            | OUT,
        ),
        Command(
            "compare",
            "see which of several strategies does better, on the same simulated towns",
            "STRATEGY ... [key=value ...] [--dry-run]",
            (
                "omemsim compare omem town=small",
                "omemsim compare present_practice hot_spots omem town=city replicates=20 years=5",
                "omemsim compare present_practice omem my_plan.yaml town=my_town.yaml out=council",
                "omemsim compare hot_spots omem parameters.zones.trust=0.4 baseline=omem",
                "omemsim compare omem town=city precision=0.02 --budget=30min",
                "omemsim compare omem uncertainty=calibrated/plausible.json",
                "omemsim compare hot_spots omem town=small report=yes language=fr",
            ),
            {
                "report": YesOrNo(
                    "yes writes report.html: one file for those who decide, with the verdict, who\n"
                    "              gains, what it costs and how sure it is; and comparison.xlsx",
                    False,
                ),
                "language": Choice(
                    "language of the report: en or fr (default {default})",
                    "en",
                    choices=("en", "fr"),
                ),
                "uncertainty": Key(
                    "parameter sets over which the range of each difference is shown, "
                    "beside its interval\n              over replicates: shipped (the default in "
                    "the towns small, city and toronto),\n              a file (from "
                    "`omemsim calibrate`, or a .csv), or no"
                ),
                "baseline": Key(
                    "the strategy the others are compared with (default the first; a "
                    "single strategy is\n              compared with present_practice)"
                ),
                "precision": Number(
                    "add replicates until the 95% interval of each difference is "
                    "within +- this share of the\n              baseline's mean, such "
                    f"as 0.02 for 2%; replicates= is then the maximum (default {PRECISE_TOWNS})",
                    low=0.0001,
                    high=1.0,
                    unit="share of the baseline's mean",
                    example="0.02",
                ),
                "precise": Listed(
                    "measures that must be that precise, separated by commas (default {default})",
                    (FIRST,),
                ),
            }
            | ENGINE
            | OUT,
            {"dry-run": "show the number of runs, the time and the disk space they need, and stop"}
            | ALLOW,
            options={"budget": "start no run that would end after this time, such as 30min or 2h"},
        ),
        Command(
            "new",
            "write a file for a strategy, a practice or a lesson of your own",
            "strategy|practice|lesson NAME [key=value ...]",
            (
                "omemsim new strategy my_plan",
                "omemsim new strategy patrols start=hot_spots",
                "omemsim new practice ours",
                "omemsim new lesson my_lesson start=council",
            ),
            {
                "start": Key(
                    "the strategy whose numbers it begins with (default omem; of a practice, "
                    "present_practice);\n              of a lesson, the lesson it begins with "
                    "(default wheel)"
                ),
                "out": Key("folder for the file (default {default}: here)", "."),
            },
            config=False,
            more="A file NAME.yaml here is then named without its ending, as in `omemsim compare "
            "my_plan`.\nWhat cannot be is refused with the sum worked out: shares of more than all "
            "hours, tactics that do not exist.",
        ),
        Command(
            "sweep",
            "vary strategies and parameters over many runs, collected in one table",
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
                "vary.KEY": Key(
                    "what varies: a range such as 2..20; values such as a,b,c; or "
                    "default, the declared\n              bounds (for a group such as "
                    "parameters.feel, of all its members)",
                ),
                "design": Key(
                    "{default} (default), sobol, morris, grid, zip, or a file of "
                    "points (.csv, .json)",
                    "latin",
                ),
                "points": Whole(
                    "points of latin; rows of sobol (x factors + 2 points); "
                    "trajectories of morris;\n            levels of each range in a "
                    "grid or zip",
                    low=1,
                    high=10_000_000,
                    unit="points",
                ),
                "outcome": Key(
                    f"the outcome that is reported first (default {FIRST})",
                ),
            }
            | _like_others(1, MANY_TOWNS)
            | OUT,
            {"dry-run": "show the number of runs, the time and the disk space they need, and stop"}
            | ALLOW,
            options={
                "budget": "choose as many points (or, if the design is fixed, replicates) as fit "
                "into this time, such as 90s, 30min or 2h"
            },
        ),
        Command(
            "calibrate",
            "find the parameter sets that agree with the evidence (history matching)",
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
                "targets": Listed(
                    "rows of `omemsim validate` to fit, separated by commas (default "
                    "every row that may be\n              fitted and that one year of "
                    "the town can show; for a table also its own rows)",
                    (),
                ),
                "waves": Whole(
                    "maximum number of waves (default {default})",
                    6,
                    low=1,
                    high=50,
                    unit="waves",
                ),
                "points": Whole(
                    "parameter sets in a wave (default {default} for each parameter)",
                    12,
                    low=2,
                    high=100_000,
                    unit="sets in a wave",
                ),
                "sets": Whole(
                    "maximum number of plausible sets to write (default {default})",
                    100,
                    low=1,
                    high=100_000,
                    unit="sets of the result",
                ),
                "discrepancy": Number(
                    "model discrepancy: how far a correct model may be from the "
                    "observation, as a\n              share of it (default {default})",
                    0.05,
                    low=0.0,
                    high=1.0,
                    unit="standard deviation, as a share of what was observed",
                    example="0.05",
                ),
                "misses": Whole(
                    "number of targets that a plausible set may miss (default {default})",
                    0,
                    low=0,
                    high=1000,
                    unit="targets that a set may miss",
                ),
                "fresh": Whole(
                    "new simulated towns, used in no wave, on which the best set is "
                    "chosen and reported\n              (default {default})",
                    8,
                    low=2,
                    high=100_000,
                    unit="towns the best set is told by",
                ),
            }
            | ENGINE
            | _towns("simulated towns for each parameter set (default {default})", 4, 2, SOME_TOWNS)
            | OUT,
            {"dry-run": "show the number of runs in a wave and the time it needs, and stop"}
            | ALLOW,
            options={"budget": "start no wave that would end after this time, such as 30min or 2h"},
        ),
        Command(
            "sensitivity",
            "find which parameters decide how strategies compare",
            "STRATEGY STRATEGY ... [vary.KEY=LOW..HIGH ...] [key=value ...] [--dry-run] "
            "[--budget TIME]",
            (
                "omemsim sensitivity present_practice omem town=small",
                "omemsim sensitivity present_practice hot_spots omem town=city --budget 1h",
                "omemsim sensitivity hot_spots omem vary.parameters.organize=default --dry-run",
            ),
            {
                "vary.KEY": Key(
                    "what varies, as for `omemsim sweep` (default every uncertain "
                    "parameter, from half to\n              one and a half times its "
                    "value)",
                ),
                "outcome": Key(
                    "the outcome by which strategies are ranked (default {default})",
                    FIRST,
                ),
                "trajectories": Whole(
                    "number of Morris trajectories in the screening; each takes one "
                    "run per parameter,\n              plus one (default {default})",
                    4,
                    low=1,
                    high=100_000,
                    unit="trajectories",
                ),
                "survivors": Whole(
                    "maximum number of parameters that pass the screening and get "
                    "Sobol indices (default {default})",
                    8,
                    low=2,
                    high=100_000,
                    unit="survivors",
                ),
                "points": Whole(
                    "rows of the Sobol design; each takes one run per parameter, plus "
                    "two (default {default})",
                    64,
                    low=2,
                    high=100_000,
                    unit="rows",
                ),
                "worlds": Whole(
                    "number of sampled parameter sets; each runs in two towns, with "
                    "two seeds in each (default {default})",
                    24,
                    low=4,
                    high=100_000,
                    unit="worlds",
                ),
            }
            | ENGINE
            | _towns("simulated towns for each point (default {default})", 2, 2, SOME_TOWNS)
            | OUT,
            {"dry-run": "show the number of runs and the time of each stage, and stop"} | ALLOW,
            options={"budget": "choose trajectories, points and parameter sets that fit this time"},
        ),
        Command(
            "mixes",
            "search the best mix by zone and the best alike everywhere",
            "[key=value ...]",
            (
                "omemsim mixes town=city",
                "omemsim mixes town=small mixes=20 found_in=3 judged_in=4 years=3",
            ),
            {
                "mixes": Whole(
                    "mixes of each kind that are drawn (default {default})",
                    200,
                    low=2,
                    high=FEW_TOWNS,
                    unit="mixes",
                ),
                "found_in": Whole(
                    "towns in which they are screened; the worse half is dropped after each "
                    "(default {default})",
                    6,
                    low=1,
                    high=FEW_TOWNS,
                    unit="towns",
                ),
                "judged_in": Whole(
                    "other towns in which the best of each kind are judged (default {default})",
                    8,
                    low=2,
                    high=FEW_TOWNS,
                    unit="towns",
                ),
                **MACHINES,
                **KEPT,
                **OUT,
            },
            ALLOW,
            more="All mixes have the hours, money, training and allocation of omem, and the same "
            "towns and random\nnumbers. A search that is stopped goes on from its store.",
        ),
        Command(
            "optimize",
            "search strategies for few victims, trust, equity and low cost at once",
            "[key=value ...] [--dry-run]",
            (
                "omemsim optimize town=city",
                "omemsim optimize town=small candidates=16 generations=6 found_in=3 judged_in=6",
                "omemsim optimize town=small budget=330 base=hot_spots",
            ),
            {
                "candidates": Whole(
                    "candidates of a generation (default {default})",
                    24,
                    low=4,
                    high=FEW_TOWNS,
                    unit="candidates",
                ),
                "generations": Whole(
                    "generations of the search (default {default})",
                    12,
                    low=1,
                    high=FEW_TOWNS,
                    unit="generations",
                ),
                "found_in": Whole(
                    "worlds, each a parameter set with a town, in which every candidate is "
                    "tried\n              (default {default})",
                    4,
                    low=1,
                    high=FEW_TOWNS,
                    unit="worlds",
                ),
                "judged_in": Whole(
                    "other worlds in which the chosen ones are judged (default {default})",
                    12,
                    low=2,
                    high=FEW_TOWNS,
                    unit="worlds",
                ),
                "base": Key(
                    "the strategy whose hours, allocation, training and money all candidates "
                    "have\n              (default {default})",
                    "omem",
                ),
                "beside": Listed(
                    "named strategies to judge beside them, the baseline first "
                    "(default\n              present_practice, random_patrol, hot_spots, omem, "
                    "omem_average_mix)",
                    (),
                ),
                "budget": Number(
                    "the most that may be spent in a year for each resident, police and all, in "
                    "CAD\n              (default: no limit)",
                    low=0.0,
                    high=1e6,
                    unit="CAD a resident and year",
                    example="330",
                ),
                "uncertainty": Key(
                    "parameter sets of the worlds: shipped (the default in the towns small, city "
                    "and\n              toronto), a file (from `omemsim calibrate`, or a .csv), or "
                    "no"
                ),
                **MACHINES,
                **KEPT,
                **OUT,
            },
            {"dry-run": "show the number of runs, the time and the disk space they need, and stop"}
            | ALLOW,
            more="Writes front.csv, a figure, and a strategy's file for each chosen point, which "
            "`omemsim compare`\nreads. Needs the extra optimize. A search that is stopped goes on "
            "from its store.",
        ),
        Command(
            "discover",
            "find in which ranges of parameters a strategy does worse than another",
            "[BASELINE] STRATEGY [vary.KEY=LOW..HIGH ...] [key=value ...] [--dry-run]",
            (
                "omemsim discover omem town=small",
                "omemsim discover hot_spots omem town=small points=400 outcome=fear",
                "omemsim discover my_plan vary.parameters.offend=default vary.strategy.money=0..12",
            ),
            {
                "vary.KEY": Key(
                    "what varies, two or more: low..high, or default (declared bounds); without "
                    "any, the\n              ten parameters that matter most, from half to one and "
                    "a half times their value"
                ),
                "points": Whole(
                    "points of a Latin hypercube at which both run (default {default})",
                    200,
                    low=30,
                    high=MANY_TOWNS,
                    unit="points",
                ),
                "outcome": Key(
                    "what it does worse on (default {default})",
                    FIRST,
                ),
                **_towns(
                    "simulated towns at each point, the same for both strategies "
                    "(default {default})",
                    2,
                    1,
                ),
                **MACHINES,
                **KEPT,
                **OUT,
            },
            {"dry-run": "show the number of runs, the time and the disk space they need, and stop"}
            | ALLOW,
            more="A box is a range of a few parameters. It is found at two thirds of the points, "
            "and told with its\ndensity and coverage at the others. Needs the extra optimize.",
        ),
        Command(
            "ablate",
            "switch off each mechanism in turn to see what it contributes",
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
                "only": Listed(
                    "what to switch off, separated by commas: mechanisms, groups of "
                    "them, several at\n              once (design+watch), or groups, "
                    "which means every group (default every\n              mechanism; "
                    "with --against every group as well)",
                    (),
                ),
                "from": Choice(
                    "week0: switched off after the spin-up (default); birth: in the "
                    "spin-up as well",
                    "week0",
                    choices=("week0", "birth"),
                ),
                "outcome": Key(
                    "with --against: the outcome whose difference is examined (default {default})",
                    FIRST,
                ),
            }
            | _like_others(10, SOME_TOWNS)
            | OUT,
            {"dry-run": "show the number of runs, the time and the disk space they need, and stop"}
            | ALLOW,
            options={
                "against [BASELINE]": "show which mechanisms the difference from this strategy "
                "depends on, with each switched off in both (default present_practice)"
            },
        ),
        Command(
            "loops",
            "start the same town from low and high capacity: does the difference last?",
            "[STRATEGY] [key=value ...]",
            (
                "omemsim loops town=small replicates=5 years=15",
                "omemsim loops hot_spots town=small worlds=0",
                "omemsim loops omem town=city replicates=3 worlds=20 out=loops",
            ),
            {
                "worlds": Whole(
                    "random parameter sets in which both outcomes are looked for "
                    "(default {default})",
                    8,
                    low=0,
                    high=10_000,
                    unit="parameter sets",
                )
            }
            | _like_others(5, SOME_TOWNS)
            | OUT,
            ALLOW,
        ),
        Command(
            "claims",
            "test each claim made for OMEM as an experiment: which hold, and why",
            "[CLAIM ...] [key=value ...] [--dry-run]",
            (
                "omemsim claims C8 C13",
                "omemsim claims C8 town=small replicates=2 worlds=3 years=1",
                "omemsim claims --dry-run",
            ),
            {
                **_towns(
                    "simulated towns per claim; the same for every claim (default {default})",
                    8,
                ),
                "worlds": Whole(
                    "number of other parameter sets each claim is tested under (default {default})",
                    10,
                    low=3,
                    high=10_000,
                    unit="parameter sets",
                ),
                "uncertainty": Key(
                    "which other sets: shipped (those a calibration left; the default in "
                    "the towns small,\n              city and toronto), a file (from `omemsim "
                    "calibrate`, or a .csv), or no: drawn\n              around the defaults"
                ),
                **MACHINES,
                **KEPT,
            }
            | OUT,
            {"dry-run": "show the number of runs and the time they need, and stop"} | ALLOW,
        ),
        Command(
            "validate",
            "test the model against 57 patterns of real towns",
            "[PATTERN ...] [key=value ...] [--dry-run]",
            (
                "omemsim validate town=city replicates=8",
                "omemsim validate P5 P6 P8a town=small replicates=2 zero=no",
                "omemsim validate town=toronto",
                "omemsim validate --dry-run",
            ),
            {
                **_towns(
                    "simulated towns from which each value and its interval are "
                    "computed (default {default})",
                    4,
                ),
                "zero": YesOrNo(
                    "{default} (default): show beside each value the same with every "
                    "mechanism switched off,\n              in the spin-up as well; no",
                    True,
                ),
                **MACHINES,
                **KEPT,
            }
            | OUT,
            {"dry-run": "show the number of runs and the time they need, and stop"} | ALLOW,
        ),
        Command(
            "trial",
            "plan a randomised trial: the true effect, what it would find, its size",
            "[key=value ...] [--dry-run]",
            (
                "omemsim trial what=targeted_enforcement dose=4 town=city",
                "omemsim trial what=targeted_enforcement units=places places=worst:40 dose=3 "
                "outcome=crime",
                "omemsim trial what=lighting units=places places=3/12,5/1 dose=1 radius=200",
                "omemsim trial what=casework units=groups group=victims:13 dose=200",
                "omemsim trial what=liaison dose=5 weeks=52 outcome=trust assign=pairs",
                "omemsim trial what=lighting dose=0.3 assign=worst replicates=40 --dry-run",
            ),
            {
                "what": Key(
                    "the treatment: a tactic, lighting, target_hardening or "
                    "casework\n              (default {default})",
                    "targeted_enforcement",
                ),
                "dose": Number(
                    "its dose: hours a week per 1,000 residents 15+, or a share "
                    "(see `omemsim describe\n              events`); at places hours a week at "
                    "each; casework in groups: referrals a week\n              per 1,000 members "
                    "(default {default})",
                    4.0,
                    example="4",
                ),
                "units": Choice(
                    "{default} (default); places: street segments, of the whole "
                    "town; groups:\n              residents",
                    "neighbourhoods",
                    choices=("neighbourhoods", "places", "groups"),
                ),
                "places": Key(
                    "which places: worst:K, the K with most recorded crime, split into "
                    "treated and\n              controls; or names, as 3/12,5/1: place 12 of "
                    "neighbourhood 3 and place 1 of 5,\n              each compared with the "
                    "place closest in recorded crime (default {default})",
                    "worst:20",
                ),
                "window": Whole(
                    "weeks at the end of the baseline whose recorded crime ranks places "
                    "(default {default}:\n              all of it)",
                    0,
                    low=0,
                    high=LONGEST_SPAN,
                    unit="weeks",
                ),
                "radius": Number(
                    "metres around treated places that are their catchment (default "
                    "{default}: the places\n              next to them)",
                    0.0,
                    low=0.0,
                    high=1e6,
                    unit="metres",
                    example="200",
                ),
                "group": Key(
                    "which residents: age:15-24 (25-44, 45-64, 65+), victims:K (of the last K "
                    "weeks\n              of the baseline), acute (at acutely elevated risk; "
                    "default {default})",
                    "victims:13",
                ),
                "hours": Choice(
                    "{default} (default): the hours come out of everything else, pro rata; or "
                    "added",
                    "moved",
                    choices=("moved", "added"),
                ),
                "share": Number(
                    "share of neighbourhoods, of the pool of places or of the group "
                    "that is treated\n              (default {default})",
                    0.5,
                    low=0.0,
                    high=1.0,
                    unit="share of the units",
                    example="0.5",
                ),
                "assign": Choice(
                    "{default} (default); pairs, matched on the baseline period; or "
                    "worst, without\n              randomisation",
                    "random",
                    choices=("random", "pairs", "worst"),
                ),
                "baseline": Whole(
                    "weeks before the treatment (default {default})",
                    52,
                    low=4,
                    high=LONGEST_SPAN,
                    unit="weeks",
                ),
                "weeks": Whole(
                    "weeks of treatment (default {default})",
                    26,
                    low=1,
                    high=LONGEST_SPAN,
                    unit="weeks",
                ),
                "follow": Whole(
                    "weeks of follow-up (default {default})",
                    52,
                    low=0,
                    high=LONGEST_SPAN,
                    unit="weeks",
                ),
                "outcome": Key(
                    "{default} (default), crime, violence, reported_crime,\n              "
                    "recorded_crime, public_calls; trust, fear, efficacy, vigilance",
                    FIRST,
                ),
                **_towns(
                    "simulated towns in which the trial is carried out (default {default})",
                    10,
                ),
                **MACHINES,
                **KEPT,
            }
            | OUT,
            {"dry-run": "show the number of runs and the time they need, and stop"} | ALLOW,
        ),
        Command(
            "hindcast",
            "fit a town to some years of a table, and score predictions of later ones",
            "town=TOWN fit=FIRST..LAST predict=FIRST..LAST [key=value ...] [--dry-run]",
            (
                "omemsim hindcast town=toronto fit=2014..2019 predict=2020..2024",
                "omemsim hindcast town=toronto fit=2014..2019 predict=2020..2024 replicates=160 "
                "\\\n    outside=disorder:cfs_crisis_total/population,capacity:nia "
                "\\\n    places=mci2018_hood158_location_concentration.csv",
                "omemsim hindcast town=my_town.yaml fit=2015..2020 predict=2021 --dry-run",
            ),
            {
                "fit": Key(
                    "years to fit, at least two; the fit reads nothing later",
                ),
                "predict": Key(
                    "years to predict, all of them later",
                ),
                "covariates": Listed(
                    "columns of the regression, separated by commas (default: the "
                    "census columns\n              named in the town's file)",
                    (),
                ),
                "outside": Listed(
                    "measures to compare with columns that are never fitted, as "
                    "MEASURE:COLUMN or\n              MEASURE:COLUMN/population",
                    (),
                ),
                "places": Key(
                    "CSV on the concentration of crime at addresses or street "
                    "segments, with the columns\n              id, crime, locations, "
                    "events, max_at_one, locations_repeat",
                ),
                "uncertainty": Key(
                    "file of parameter sets to predict with, in place of the town's "
                    "own (.csv, .json)",
                ),
                **_towns(
                    "simulated towns for each parameter set (default {default})",
                    100,
                ),
                **MACHINES,
                **KEPT,
            }
            | OUT,
            {"dry-run": "show the number of runs and the time they need, and stop"} | ALLOW,
        ),
        Command(
            "status",
            "see the progress of each study, what failed, and which process is running",
            "[STORE] [--json]",
            ("omemsim status", "omemsim status council/store --json"),
            KEPT,
            {"json": "print one JSON object, with every failure and its traceback"},
            config=False,
        ),
        Command(
            "resume",
            "continue a study that was stopped",
            "[STORE] [study=NAME] [workers=N]",
            ("omemsim resume", "omemsim resume council/store study=compare-1f0c22aa"),
            KEPT | STUDY | {"workers": ENGINE["workers"]},
            ALLOW,
            config=False,
        ),
        Command(
            "reproduce",
            "repeat a stored run and check that the result is identical, bit for bit",
            "RUN-ID | ARM/POINT/REPLICATE [store=STORE] [study=NAME]",
            ("omemsim reproduce 1f0c22aa", "omemsim reproduce omem/0/3"),
            KEPT | STUDY,
            config=False,
        ),
        Command(
            "export",
            "write a study's results as a table, or a page that runs the model",
            "[STORE] out=FILE [shape=wide] [study=NAME]\n"
            "       omemsim export page [town=TOWN] [strategies=...] [lessons=...]\n"
            "       [language=fr] [out=FILE]",
            (
                "omemsim export page",
                "omemsim export page strategies=hot_spots,omem language=fr out=page.html",
                "omemsim export out=results.csv",
                "omemsim export council/store out=results.parquet shape=wide",
                "and then, in pandas, R, DuckDB, SQLite:",
                'pandas.read_csv("results.csv")    arrow::read_parquet("results.parquet")',
                "duckdb -c \"SELECT measure, avg(value) FROM 'results.csv' GROUP BY measure\"",
                'sqlite3 STORE/runs.sqlite "SELECT * FROM results"    (also while a study writes)',
            ),
            {
                "out": Key(
                    "file to write: .csv; with the extra omemsim[export] also .parquet, .xlsx;\n"
                    "              of a page .html (default omemsim-TOWN.html)",
                ),
                "town": Key(
                    "of a page: a synthetic town, small enough (default {default})", "small"
                ),
                "strategies": Listed(
                    "of a page: strategies to begin with, the first shown first (default\n"
                    "              present_practice,hot_spots,enforcement_everywhere,"
                    "mobilization_everywhere,\n              omem)",
                ),
                "lessons": Listed(
                    "of a page: lessons, by name or by file (default wheel,problem,council);\n"
                    "              lessons= alone leaves them out",
                ),
                "language": Choice(
                    "of a page: the one it opens in, en or fr; a button changes it (default\n"
                    "              {default})",
                    "en",
                    choices=("en", "fr"),
                ),
                "shape": Choice(
                    "tidy: a row per run and measure, with its unit (default); wide: "
                    "a row per run, with the units in a second table",
                    "tidy",
                    choices=("tidy", "wide"),
                ),
            }
            | KEPT
            | STUDY,
            config=False,
            more="With `page` in place of a store, write one HTML file that runs the model itself "
            "in a\nbrowser: offline, on any computer or phone. A store in a folder named page is "
            "./page.",
        ),
        Command(
            "class",
            "serve the class page to a class, and gather its answers without names",
            "[town=TOWN] [strategies=...] [lessons=...] [language=fr]\n"
            "       [host=0.0.0.0] [port=8000] [groups=2] [out=FILE.csv]",
            (
                "omemsim class                 on this machine alone, to try it",
                "omemsim class host=0.0.0.0    for all who are in the same network",
                "omemsim class host=0.0.0.0 groups=2 language=fr out=answers.csv",
            ),
            {
                "town": Key("a synthetic town, small enough (default {default})", "small"),
                "strategies": Listed(
                    "strategies to begin with, the first shown first (default as those of\n"
                    "              `omemsim export page`)",
                ),
                "lessons": Listed(
                    "lessons, by name or by file (default as those of `omemsim export page`);\n"
                    "              lessons= alone leaves them out",
                ),
                "language": Choice(
                    "of lobby and page where nobody chooses another: en or fr (default {default})",
                    "en",
                    choices=("en", "fr"),
                ),
                "host": Key(
                    "address to serve on: {default}, this machine alone (default), or 0.0.0.0, "
                    "the\n              network it is in",
                    "127.0.0.1",
                ),
                "port": Whole(
                    "port to serve on; 0 takes any that is free (default {default})",
                    8_000,
                    low=0,
                    high=65_535,
                    unit="port",
                ),
                "groups": Whole(
                    "rooms that share nothing, each with its code and its instructor's link\n"
                    "              (default {default})",
                    1,
                    low=1,
                    high=8,
                    unit="groups",
                ),
                "out": Key(
                    "file to keep answers in, FILE.csv; nothing is kept without it",
                ),
            },
            config=False,
            more="Needs the extra app: pip install 'omemsim[app]'. Ctrl-C ends the class.",
        ),
        Command(
            "diagnose",
            "find the zone of each neighbourhood in your table, and how certain it is",
            "TABLE [key=value ...] [--write-mapping]",
            (
                "omemsim diagnose neighbourhoods.csv",
                "omemsim diagnose neighbourhoods.xlsx sheet=2023 suppressed=2",
                "omemsim diagnose neighbourhoods.csv --write-mapping",
                "omemsim diagnose neighbourhoods.csv town.columns.population=residents",
                "omemsim diagnose town=my_town.yaml out=diagnosis",
                "omemsim diagnose neighbourhoods.csv severity.violence=120 severity.property=50",
                "omemsim diagnose neighbourhoods.csv language=fr fit=no",
            ),
            {
                "fit": Choice(
                    "whether to run the town a few times and show how it fits the table: yes, no, "
                    "or\n              {default}, which leaves out tables of many neighbourhoods",
                    "auto",
                    choices=("auto", "yes", "no"),
                ),
                "language": Choice(
                    "of the cards, figures and workbook: en, fr, or {default}, which is a card in "
                    "each\n              and the rest in English",
                    "both",
                    choices=("both", "en", "fr"),
                ),
                **MACHINES,
                "severity.violence": Number(
                    "weight of a violent crime in the label by severity, from memory and not "
                    "verified\n              (default {default})",
                    90.0,
                    low=0,
                    high=10_000,
                    unit="weight",
                    example="120",
                ),
                "severity.property": Number(
                    "weight of a property crime there, likewise (default {default})",
                    60.0,
                    low=0,
                    high=10_000,
                    unit="weight",
                    example="50",
                ),
                "severity.visitors": Number(
                    "visitors per resident from which they count as people at risk there "
                    "(default {default})",
                    0.5,
                    low=0,
                    high=1_000,
                    unit="visitors per resident",
                    example="1",
                ),
                "severity.small": Number(
                    "residents under which a place is called small (default {default})",
                    1_000.0,
                    low=0,
                    high=1e6,
                    unit="residents",
                    example="500",
                ),
                **OUT,
            },
            {
                "write-mapping": "write what is taken for what into TABLE-mapping.yaml, with "
                "comments, to correct and to use as town=TABLE-mapping.yaml"
            },
            more="A table is CSV, Excel, Parquet, GeoJSON, GeoPackage or a Shapefile, of any "
            "shape: a row\na neighbourhood, or several by year, month or offence. What is taken "
            "for what is said\nbelow the zones.",
        ),
        Command(
            "describe",
            "list strategies, towns, measures, parameters and more of the model",
            "TOPIC ... | strategy NAME ... [out=FOLDER]",
            (
                "omemsim describe strategies",
                "omemsim describe parameters measures",
                "omemsim describe strategy my_plan",
            ),
            {**OUT},
            config=False,
            more="Topics: parameters, measures, strategies, tactics, sectors, towns, settings, "
            "events, columns,\nmechanisms, week, odd, assumptions.",
        ),
        Command(
            "selftest",
            "check that changing one resident changes nobody else's random numbers",
            "",
            ("omemsim selftest",),
            config=False,
        ),
        Command(
            "bench",
            "measure speed: a week, a large town, a small run, a study",
            "[residents=N] [only=PART,...] [--json]",
            ("omemsim bench", "omemsim bench residents=1000000 only=week", "omemsim bench --json"),
            {
                "residents": Whole(
                    "size of the town that is timed (default {default})",
                    100_000,
                    low=100,
                    high=3_000_000,
                    unit="residents 15+",
                ),
                "only": Listed(
                    "parts, separated by commas: week, fixed, large, small, start, studies "
                    "(default all; 3 minutes)",
                    (),
                ),
            },
            {"json": "print one JSON object instead of a table"},
            config=False,
        ),
    )
}
