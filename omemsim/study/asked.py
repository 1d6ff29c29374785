"""Who asked for a study: the command that repeats it, which the layers above can write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from omemsim.present.shell import joined

__all__ = ["FROM_PYTHON", "Asked"]


@dataclass(frozen=True)
class Asked:
    """The command that a study's results name; of a study asked from Python there is none.

    Attributes
    ----------
    command : its words, "omemsim" first, that make the same results again.
    places : the words that say where results go (``out=...``): they are no part of the study, but
        of going on with it.
    alone : returns the command that makes one run alone, given its arm's name and replicate.
    over_sets : the words that make the same and show a range over parameter sets.
    """

    command: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    alone: Callable[[str, int], str] | None = None
    over_sets: tuple[str, ...] = ()

    @property
    def text(self) -> str | None:
        """Return the command as typed in a shell; None if there is none."""
        return joined(self.command) if self.command else None

    @property
    def going_on(self) -> tuple[str, ...]:
        """Return the words that go on with the study, its results in the same places."""
        return (*self.command, *self.places) if self.command else ()

    def repeat(self, arm: str, replicate: int) -> str:
        """Return what is said, after what a run is, of how to make it alone."""
        return f"; repeat it alone: {self.alone(arm, replicate)}" if self.alone else ""


FROM_PYTHON = Asked()
