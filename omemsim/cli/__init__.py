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
import keyword
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from typing import Any

from omemsim.cli.table import COMMANDS, GROUPS, WORDS, Command
from omemsim.vocabulary.errors import InputError, OmemError, nearest

__all__ = ["COMMANDS", "Command", "dispatch", "main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a letter shows a '?', and the run goes on.
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    try:
        with _ctrl_c_is_never_lost(), _told_to_end():
            code = dispatch(words)
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
    """Reopen output that was closed (`>&-`), or a file of ours would get its number."""
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


def dispatch(words: list[str]) -> int:
    """Do what the words after `omemsim` say; return the exit code.

    Raises
    ------
    InputError
        If there is no such command, or its words are wrong.
    """
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
    function = f"{name}_" if keyword.iskeyword(name) else name
    return int(getattr(commands, function)(args))


def _check_folder() -> None:
    try:
        os.getcwd()
    except FileNotFoundError as error:
        raise InputError(
            "The current folder is no longer there. Change into one that is, as `cd ~`."
        ) from error


def overview() -> str:
    """Return what `omemsim` without a command prints: its commands, by who needs them."""
    lines = [
        "omemsim simulates how a town's neighbourhoods move across the four OMEM zones",
        "under different policing strategies.",
        "",
    ]
    for title, names in GROUPS.items():
        lines.append(f"{title}:")
        lines += [f"  omemsim {name:<12} {COMMANDS[name].summary}" for name in names]
        lines.append("")
    lines.append("Start with `omemsim demo`. `omemsim COMMAND --help` shows examples.")
    return "\n".join(lines)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise InputError(f"{message[:1].upper()}{message[1:]}. See `{self.prog} --help`.")


def _parser(command: Command) -> argparse.ArgumentParser:
    keys = "".join(f"  {name}=  {key.text}\n" for name, key in command.keys.items())
    examples = "".join(f"  {example}\n" for example in command.examples)
    parser = _Parser(
        prog=f"omemsim {command.name}",
        usage=f"omemsim {command.name} {command.usage} [--traceback]",
        description="\n".join(
            [
                f"{command.summary[:1].upper()}{command.summary[1:]}.".replace("?.", "?"),
                *command.more.splitlines(),
            ]
        ),
        epilog=(f"values of this command:\n{keys}\n" if keys else "")
        + (f"{WORDS}\n\n" if command.config else "")
        + f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(command=command)
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    for option, text in command.options.items():
        name, _, value = option.partition(" ")
        # None if it is not there, empty if it is there without the value that it may leave out.
        may_be_alone: dict[str, Any] = {"nargs": "?", "const": ""} if value.startswith("[") else {}
        parser.add_argument(
            f"--{name}", metavar=value.strip("[]") or "TIME", help=text, **may_be_alone
        )
    for flag, text in command.flags.items():
        parser.add_argument(f"--{flag}", action="store_true", help=text)
    parser.add_argument(
        "--traceback", action="store_true", help="show the full traceback of an error"
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
    _block(title, [*reason.splitlines(), "For the full traceback, add --traceback."])
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
