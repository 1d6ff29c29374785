"""The command line: `omemsim <command> [names or files] [--flags] [key=value]`.

argparse stands in front (help, flags, exit codes are ours), Hydra's `compose()` behind.
Nothing heavy is imported before a command runs. Exit codes: 0 done, 1 something failed,
2 the input is wrong, 130 stopped with Ctrl-C, 143 told to end (SIGTERM).
"""

from __future__ import annotations

import _thread
import argparse
import contextlib
import errno
import importlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from omemsim.vocabulary.errors import InputError, OmemError, nearest

__all__ = ["COMMANDS", "Command", "main"]

WORDS = """\
Words without '=' are names or files; words with '=' set a value. Any key of a town, a strategy
or the parameters may be set (`omemsim describe parameters`), as years=3 or town.scale=20."""


@dataclass(frozen=True)
class Command:
    """What a command is called, does, and takes; its function is `omemsim.cli.commands.<name>`.

    ``keys`` are the key=value words of the command itself; if ``config`` is true, all others
    go to the scenario. ``flags`` are argparse switches, ``options`` those with a value.
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

COMMANDS = {
    command.name: command
    for command in (
        Command(
            "demo",
            "compare reactive, hot_spots and omem in a small town; a minute",
            "[key=value ...]",
            ("omemsim demo", "omemsim demo out=first-look"),
            ENGINE | OUT,
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
            "STRATEGY STRATEGY ... [key=value ...]",
            (
                "omemsim compare reactive hot_spots omem town=city replicates=20 years=5",
                "omemsim compare reactive omem my_plan.yaml town=my_town.yaml out=council",
                "omemsim compare reactive omem parameters.zones.trust=0.4 baseline=omem",
                "omemsim compare reactive omem town=city precision=0.02 --budget=30min",
            ),
            {
                "baseline": "the strategy the others are compared with (default the first)",
                "precision": "add replicates until the 95% interval of each difference is at most "
                "+- this share of the\n              baseline's mean, as 0.02 for 2%; "
                "replicates= is then the most (default 1000)",
                "precise": "measures that must be so, with commas between (default victimization)",
            }
            | ENGINE
            | OUT,
            options={"budget": "begin no runs that would end later, as 30min, 2h or 90s"},
        ),
        Command(
            "ablate",
            "each mechanism switched off in turn: what it contributes",
            "[STRATEGY] [key=value ...]",
            (
                "omemsim ablate omem town=small replicates=10 years=5",
                "omemsim ablate town=city only=fear_gate,guardianship,demand_trap",
                "omemsim ablate hot_spots from=birth out=mechanisms",
            ),
            {
                "only": "mechanisms to switch off, with commas between (default all)",
                "from": "week0, from the same spun-up town (default), or birth, off in the "
                "spin-up too",
            }
            | ENGINE
            | OUT,
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
            {"dry-run": "say how many runs there are and how long they take, and run nothing"},
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
            "week, odd",
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
            "how fast: this model, the same as plain Mesa agents, and the floor",
            "[residents=N] [--json]",
            ("omemsim bench", "omemsim bench residents=100000 --json"),
            {"residents": "size of the town (default 100000)"},
            {"json": "print one JSON object instead of a table"},
            config=False,
        ),
    )
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a letter shows a '?', and the run goes on.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    try:
        with _ctrl_c_is_never_lost(), _told_to_end():
            code = _dispatch(words)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        _drop_output()  # the reader (head, less) has seen enough
        return 0
    except _ToldToEnd as stop:
        print(_stopped(stop), file=sys.stderr)
        return 143
    except KeyboardInterrupt as stop:
        print(_stopped(stop), file=sys.stderr)
        return 130
    except Exception as error:
        return _explain(error, words)


def _stopped(stop: KeyboardInterrupt) -> str:
    return "\n" + " ".join(["Stopped.", *map(str, stop.args)])


def _open_closed_streams() -> None:
    """Give output that was closed (`>&-`) somewhere to go, lest a file of ours get its number."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))


def _drop_output() -> None:
    """Let what is still to be printed go nowhere: Python's flush at exit must not complain."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _ToldToEnd(KeyboardInterrupt):
    """SIGTERM came: tidy up as after Ctrl-C, and leave."""


@contextlib.contextmanager
def _told_to_end() -> Iterator[None]:
    """Turn SIGTERM into an exception, so that no empty folder and no worker is left behind."""

    def end(*_: object) -> None:
        raise _ToldToEnd

    if threading.current_thread() is not threading.main_thread():  # only that one may
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _ctrl_c_is_never_lost() -> Iterator[None]:
    """Press Ctrl-C again for the user where its first exception could not be raised.

    While numba compiles, LLVM calls back into Python, and an exception in there is dropped.
    """
    before = sys.unraisablehook

    def again(lost: sys.UnraisableHookArgs) -> None:
        if issubclass(lost.exc_type, KeyboardInterrupt):
            # Later, or it would be raised in this very function, and lost again.
            threading.Timer(0.1, _thread.interrupt_main).start()
        else:
            before(lost)

    sys.unraisablehook = again
    try:
        yield
    finally:
        sys.unraisablehook = before


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(overview())
        return 0
    if words[0] == "--version":
        print(f"omemsim {importlib.import_module('omemsim').__version__}")
        return 0
    name = words[0]
    if name not in COMMANDS:
        hint = nearest(name, COMMANDS)
        raise InputError(f"There is no command {name!r}.{hint} There are: {', '.join(COMMANDS)}.")
    args = _parser(COMMANDS[name]).parse_intermixed_args(words[1:])
    _check_folder()
    commands = importlib.import_module("omemsim.cli.commands")
    return int(getattr(commands, name)(args))


def _check_folder() -> None:
    try:
        os.getcwd()
    except FileNotFoundError as error:
        raise InputError(
            "The current folder is no longer there. Change into one that is, as `cd ~`."
        ) from error


def overview() -> str:
    """Return what `omemsim` alone says."""
    lines = [
        "omemsim simulates how a town's neighbourhoods move across the four OMEM zones",
        "under different policing strategies.",
        "",
        *(f"  omemsim {command.name:<9} {command.summary}" for command in COMMANDS.values()),
        "",
        "Start with `omemsim demo`. `omemsim COMMAND --help` shows examples.",
    ]
    return "\n".join(lines)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise InputError(f"{message[:1].upper()}{message[1:]}. See `{self.prog} --help`.")


def _parser(command: Command) -> argparse.ArgumentParser:
    keys = "".join(f"  {key}=  {text}\n" for key, text in command.keys.items())
    examples = "".join(f"  {example}\n" for example in command.examples)
    parser = _Parser(
        prog=f"omemsim {command.name}",
        usage=f"omemsim {command.name} {command.usage} [--traceback]",
        description=f"{command.summary[:1].upper()}{command.summary[1:]}.",
        epilog=(f"values of this command:\n{keys}\n" if keys else "")
        + (f"{WORDS}\n\n" if command.config else "")
        + f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(command=command)
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    for option, text in command.options.items():
        parser.add_argument(f"--{option}", metavar="TIME", help=text)
    for flag, text in command.flags.items():
        parser.add_argument(f"--{flag}", action="store_true", help=text)
    parser.add_argument(
        "--traceback", action="store_true", help="show where in the code an error arose"
    )
    return parser


def _explain(error: Exception, words: Sequence[str]) -> int:
    """Print what went wrong in a few lines, or with its traceback if asked; return the code."""
    if "--traceback" in words:
        traceback.print_exception(error)
    name = words[0] if words and words[0] in COMMANDS else ""
    title = f"omemsim {name}".strip()
    if isinstance(error, OSError) and error.errno in DISK:
        # Without a name it is the output itself, as in `omemsim describe week > /dev/full`.
        if error.filename is None:
            _drop_output()
        error = InputError(f"Cannot write {error.filename or 'the output'}: {error.strerror}.")
    if isinstance(error, InputError):
        _block(title, error.problems)
        return error.exit_code
    reason = str(error) if isinstance(error, OmemError) else f"{type(error).__name__}: {error}"
    _block(title, [*reason.splitlines(), "To see where it arose, add --traceback."])
    return getattr(error, "exit_code", 1)


DISK = (errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EPERM, errno.EDQUOT, errno.EFBIG)


def _block(title: str, problems: Sequence[str]) -> None:
    """Print problems to stderr, one under the other if there are many."""
    if len(problems) == 1:
        print(f"{title}: {problems[0]}", file=sys.stderr)
        return
    print(f"{title}:", file=sys.stderr)
    for problem in problems:
        print(f"  {problem}", file=sys.stderr)
