"""Say on standard error how far compiling is: a bar on a terminal, elsewhere a line at times."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm

__all__ = ["Silent", "say", "shown"]

TITLE = "Compiling the model for this machine, once"
SECONDS_BETWEEN_LINES = 5.0
CERTAIN = 1.0  # seconds of work for which the pace is taken to be as estimated
START = 1.0  # seconds that a process takes to start and to find the parts


def say(line: str) -> None:
    """Print a line to standard error at once."""
    print(line, file=sys.stderr, flush=True)


class Silent:
    """Progress nobody sees; the base of the others.

    Parameters
    ----------
    seconds : that each part is estimated to take a process.
    processes : that work on them side by side.
    started : when these were started, if that took `START` seconds of work on each; it says how
        fast this machine is just now.
    """

    def __init__(
        self, seconds: list[float], processes: int, *, started: float | None = None
    ) -> None:
        self.seconds = seconds
        self.processes = processes
        self.number = 0
        self.done = 0.0
        self.last = time.monotonic()
        self.start = self.last if started is None else started
        self.before = 0.0 if started is None else START * processes

    def add(self, seconds: float) -> None:
        """Count a part that is done, by what it was estimated to take."""
        self.number += 1
        self.done += seconds
        self.last = time.monotonic()
        self.show()

    def beat(self) -> None:
        """Do what is due about once a second."""
        self.show()

    def show(self) -> None:
        """Show the counts."""

    def close(self) -> None:
        """Leave the screen tidy."""

    def left(self) -> float:
        """Return about how many seconds are left, by the estimates and the pace so far."""
        busy = (self.last - self.start) * self.processes
        slowness = (busy + CERTAIN) / (self.before + self.done + CERTAIN)
        left = slowness * (sum(self.seconds) - self.done) / self.processes
        return max(left - (time.monotonic() - self.last), 1.0)

    def text(self) -> str:
        """Return the counts in words."""
        return f"{self.number} of {len(self.seconds)}, about {self.left():.0f} s left"


class _Bar(Silent):
    """A bar, on a terminal."""

    def __init__(
        self, seconds: list[float], processes: int, *, started: float | None = None
    ) -> None:
        super().__init__(seconds, processes, started=started)
        shape = "{desc} {bar}"
        self.bar = tqdm(total=sum(seconds), file=sys.stderr, dynamic_ncols=True, bar_format=shape)
        self.show()

    def show(self) -> None:
        self.bar.n = self.done
        self.bar.set_description_str(f"{TITLE}: {self.text()}")

    def close(self) -> None:
        self.bar.close()


class _Lines(Silent):
    """A line every few seconds where something was done, and one in the end."""

    def __init__(
        self, seconds: list[float], processes: int, *, started: float | None = None
    ) -> None:
        super().__init__(seconds, processes, started=started)
        self.told_number, self.told_time = -1, self.last
        self._tell()

    def show(self) -> None:
        is_due = time.monotonic() - self.told_time >= SECONDS_BETWEEN_LINES
        if is_due and self.told_number < self.number < len(self.seconds):
            self._tell()

    def close(self) -> None:
        if self.number == len(self.seconds):
            say(f"{TITLE}: done in {time.monotonic() - self.start:.0f} s")

    def _tell(self) -> None:
        self.told_number, self.told_time = self.number, time.monotonic()
        say(f"{TITLE}: {self.text()}")


def shown(
    seconds: list[float], *, processes: int, is_shown: bool, started: float | None = None
) -> Silent:
    """Return what shows the progress of parts that take so many seconds each.

    Parameters
    ----------
    seconds : that each part is thought to take; empty shows nothing.
    processes : that are at work, 1 or more.
    is_shown : False shows nothing.
    started : `time.monotonic` when the processes were started; None if none had to be.
    """
    if not is_shown or not seconds:
        return Silent(seconds, processes)
    return (_Bar if sys.stderr.isatty() else _Lines)(seconds, processes, started=started)
