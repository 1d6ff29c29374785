"""Say how far a study is: a bar, a line now and then, a function, or nothing."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from tqdm import tqdm

__all__ = ["Progress", "Silent", "teller", "told"]

Progress = bool | Callable[[int, int, int], None]

SECONDS_BETWEEN_LINES = 10.0


def teller(progress: Progress) -> Callable[[str], None]:
    """Return what says a line on standard error, where progress is shown there; else nothing."""

    def tell(line: str) -> None:
        if progress is True:
            print(line, file=sys.stderr, flush=True)

    return tell


class Silent:
    """Progress nobody sees; the base of the others."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.failed = 0

    def add(self, runs: int, *, failed: int) -> None:
        """Count the runs of a task that has ended, and those of them that failed."""
        self.done += runs
        self.failed += failed
        self.show()

    def beat(self) -> None:
        """Do what is due about once a second."""

    def show(self) -> None:
        """Show the counts."""

    def close(self) -> None:
        """Leave the screen tidy."""


class _Told(Silent):
    """Progress told to a function."""

    def __init__(self, total: int, tell: Callable[[int, int, int], None]) -> None:
        super().__init__(total)
        self.tell = tell

    def show(self) -> None:
        self.tell(self.done, self.total, self.failed)


class _Bar(Silent):
    """A bar with the time left, on a terminal."""

    def __init__(self, total: int) -> None:
        super().__init__(total)
        self.bar = tqdm(total=self.total, unit="run", file=sys.stderr, dynamic_ncols=True)

    def beat(self) -> None:
        self.bar.refresh()

    def show(self) -> None:
        if self.failed:
            self.bar.set_postfix(failed=self.failed, refresh=False)
        self.bar.update(self.done - self.bar.n)

    def close(self) -> None:
        self.bar.close()


class _Lines(Silent):
    """A line every ten seconds, where there is no terminal; a short job prints none."""

    def __init__(self, total: int) -> None:
        super().__init__(total)
        self.start = self.last = time.monotonic()
        self.said = ""

    def beat(self) -> None:
        now = time.monotonic()
        if now - self.last < SECONDS_BETWEEN_LINES:
            return
        self.last = now
        left = f"time left not known yet after {tqdm.format_interval(now - self.start)}"
        if self.done:
            seconds = (now - self.start) / self.done * (self.total - self.done)
            left = f"about {tqdm.format_interval(seconds)} left"
        failed = f", {self.failed} failed" if self.failed else ""
        line = f"{self.done} of {self.total} runs{failed}, {left}"
        if line != self.said:
            print(line, file=sys.stderr, flush=True)
        self.said = line

    show = beat


@contextlib.contextmanager
def told(total: int, progress: Progress) -> Iterator[Silent]:
    """Give what counts ``total`` runs and shows them as ``progress`` asks."""
    if callable(progress):
        shown: Silent = _Told(total, progress)
    elif not progress or not total:
        shown = Silent(total)
    else:
        shown = _Bar(total) if sys.stderr.isatty() else _Lines(total)
    try:
        yield shown
    finally:
        shown.close()
