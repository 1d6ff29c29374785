"""Who asked for a study: the command that repeats it, which the layers above can write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["FROM_PYTHON", "Asked"]


@dataclass(frozen=True)
class Asked:
    """The command that a study's results name; of a study asked from Python there is none.

    Attributes
    ----------
    command : its words, "omemsim" first, that make the same results again.
    places : the words that say where results go (``out=...``): they are no part of the study, but
        of going on with it.
    text : the command as typed in a shell; None if there is none.
    alone : returns the command that makes one run alone, as typed, given its arm's name and
        replicate.
    over_sets : the command that makes the same and shows a range over parameter sets, as typed.
    """

    command: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    text: str | None = None
    alone: Callable[[str, int], str] | None = None
    over_sets: str = ""

    @property
    def going_on(self) -> tuple[str, ...]:
        """Return the words that go on with the study, its results in the same places."""
        return (*self.command, *self.places) if self.command else ()

    def repeat(self, arm: str, replicate: int) -> str:
        """Return what is said, after what a run is, of how to make it alone."""
        return f"; repeat it alone: {self.alone(arm, replicate)}" if self.alone else ""


FROM_PYTHON = Asked()
