"""What commands do around their own work: folders, the store, the estimate, the end."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omemsim.cli.results import results_folder, saving, told_what_is_kept
from omemsim.cli.words import Words
from omemsim.present.shell import joined
from omemsim.present.text import counted

if TYPE_CHECKING:
    from omemsim.inputs.scenario import Scenario
    from omemsim.study.manifest import Member
    from omemsim.study.run_times import Left
    from omemsim.study.store import Allowed, Store

__all__ = ["Frame", "allowed", "say", "say_beside", "try_next"]


@dataclass
class Frame:
    """A command that was typed, and the command that makes its results again.

    Attributes
    ----------
    command : the words that make the results again, "omemsim" first, all sizes spelt out.
    """

    args: argparse.Namespace
    words: Words
    command: Sequence[str]

    @property
    def name(self) -> str:
        """Return the command's name."""
        return str(self.args.command.name)

    @property
    def text(self) -> str:
        """Return the command that makes the results again, as typed in a shell."""
        return joined(self.command)

    def text_with(self, *words: str) -> str:
        """Return the same with more words, which ask for more files and change no result."""
        return joined((*self.command, *words))

    @property
    def is_dry(self) -> bool:
        """Return whether nothing is to be run."""
        return bool(getattr(self.args, "dry_run", False))

    @contextlib.contextmanager
    def out(self) -> Iterator[Path]:
        """Give the folder for the results, which holds no other command's."""
        with results_folder(self.words, self.name, study=self.text) as folder:
            yield folder

    @contextlib.contextmanager
    def store(self) -> Iterator[Store]:
        """Give the store; say, if the user stops what is done inside, that runs were kept."""
        from omemsim.study.store import Store

        with (
            results_folder(self.words, self.name, key="store") as folder,
            told_what_is_kept(folder),
            Store(folder, allowed(self.args)) as kept,
        ):
            yield kept

    @contextlib.contextmanager
    def opened(self) -> Iterator[tuple[Path | None, Store]]:
        """Give the folder for the results, None where nothing is to be run, and the store."""
        with contextlib.ExitStack() as stack:
            out = None if self.is_dry else stack.enter_context(self.out())
            yield out, stack.enter_context(self.store())

    def tell(self, *lines: str) -> bool:
        """Say what is about to be run: on standard output if that is all, else beside it.

        Returns
        -------
        bool
            Whether it is to be run.
        """
        print(*lines, sep="\n", file=sys.stdout if self.is_dry else sys.stderr, flush=True)
        return not self.is_dry

    def tell_left(self, left: Left) -> bool:
        """Say what a study still has to do; return whether it is to be done."""
        return self.tell(left.text())

    def begin(self, kept: Store, design: dict[str, Any], members: Sequence[Member]) -> None:
        """Tell the store what is asked for, before anything is run.

        Parameters
        ----------
        kept : the store, open to write in.
        design : in plain JSON types.
        members : every run asked for.
        """
        from omemsim.study.manifest import Study, named_after

        name = named_after(self.name, self.text)
        kept.begin(Study(name, self.name, tuple(self.command), design, members))

    @contextlib.contextmanager
    def saved(
        self, out: Path, what: str, config: Scenario | Mapping[str, Scenario], **more: object
    ) -> Iterator[None]:
        """Write where results come from, and say which are missing if they cannot be written.

        Parameters
        ----------
        out : folder of the results.
        what : the files that are written inside, in words.
        config, more : as for `provenance.write_provenance`.
        """
        from omemsim.study.provenance import write_provenance

        with saving(out, what):
            write_provenance(out, self.text, config, **more)
            yield

    def going_on(self) -> tuple[str, ...]:
        """Return the words that go on with the study, its results in the same folder."""
        out = self.words.own.get("out")
        return (*self.command, *([] if out is None else [f"out={out}"]))

    def end(self, out: Path, following: Sequence[str], *more: str) -> None:
        """Say where the results are and what to try next, as one would type it.

        Parameters
        ----------
        out : folder of the results; files whose names begin with a dot are not told.
        following : the words of the command to try next.
        more : lines between the two.
        """
        names = sorted(path.name for path in out.iterdir() if not path.name.startswith("."))
        tables = [name for name in names if not name.endswith((".png", ".svg"))]
        figures = sum(name.endswith(".png") for name in names)
        drawn = f" and {counted(figures, 'figure')} (.png, .svg)" if figures else ""
        print(f"\nResults are in {out}{os.sep}: {', '.join(tables)}{drawn}")
        for line in more:
            print(line)
        print(try_next(following))

    def failed(self, failures: Sequence[Any], unit: str = "run") -> int:
        """Say how many runs failed, if any, and why the first did; return the exit code."""
        if not failures:
            return 0
        told = counted(len(failures), unit)
        say_beside(f"{told} failed; the first: {failures[0].error}")
        return 1


def try_next(following: Sequence[str]) -> str:
    """Return what to try next, as one would type it."""
    return f"Try next: {joined(following)}"


def allowed(args: argparse.Namespace) -> Allowed:
    """Return what the flags of a command allow to differ in a store."""
    from omemsim.study.store import Allowed

    return Allowed(args.allow_other_code, args.allow_other_environment)


def say_beside(line: str) -> None:
    """Say what is being done, on standard error: it is no result."""
    print(line, file=sys.stderr, flush=True)


def say(*lines: str) -> None:
    """Print what came out before it is saved: a full disk then costs the files only.

    Output that cannot be written is complained of at the end, after saving.
    """
    with contextlib.suppress(OSError):
        print(*lines, sep="\n", flush=True)
