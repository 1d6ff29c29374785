"""The commands that repeat something, written from what was typed or named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from omemsim.cli.table import COMMANDS
from omemsim.present.shell import bare, joined

if TYPE_CHECKING:
    from omemsim.inputs.config import Choice
    from omemsim.inputs.scenario import Scenario
    from omemsim.study.asked import Asked
    from omemsim.study.precision import Until

__all__ = [
    "PROGRAM",
    "Ablation",
    "Comparison",
    "asked_by",
    "asked_comparison",
    "command",
    "compose_comparison",
    "run_alone",
    "word_for",
    "written",
]

PROGRAM = "omemsim"


def command(name: str, *words: str, names: Iterable[str | None] = ()) -> tuple[str, ...]:
    """Return a command's words.

    Parameters
    ----------
    name : of the command.
    words : ``key=value`` and flags.
    names : bare words before them, files among them; None is left out.
    """
    return (PROGRAM, name, *(bare(x) for x in names if x is not None), *words)


def written(name: str, values: Mapping[str, Any]) -> list[str]:
    """Return ``key=value`` words of a command, each value as the key's declaration writes it.

    Parameters
    ----------
    name : of the command.
    values : by its own keys, in the order of the words.
    """
    keys = COMMANDS[name].keys
    return [f"{key}={keys[key].written(value)}" for key, value in values.items()]


def asked_by(
    words: Sequence[str],
    *,
    alone: Callable[[str, int], str],
    places: tuple[str, ...] = (),
    over_sets: str = "",
) -> Asked:
    """Return what a study is told of the command that asks for it.

    Parameters
    ----------
    words : of the command.
    alone, places, over_sets : as of `Asked`.
    """
    from omemsim.study.asked import Asked

    return Asked(tuple(words), places, joined(words), alone, over_sets)


def word_for(group: str, choice: Choice | None) -> list[str]:
    """Return the word that chooses a town or strategy, none for what the setting chose."""
    return [] if choice is None else [f"{group}={choice}"]


def run_alone(
    town: str | None, strategy: str | None, replicate: int, words: Sequence[str]
) -> tuple[str, ...]:
    """Return the command that makes one run.

    Parameters
    ----------
    town, strategy : the words that chose them; None is the setting's.
    replicate : 0 or more.
    words : ``key=value`` words for the scenario.
    """
    chosen = [*word_for("town", town), *word_for("strategy", strategy)]
    return command("run", *chosen, *written("run", {"replicate": replicate}), *words)


@dataclass(frozen=True)
class Comparison:
    """A comparison as it was asked for.

    Attributes
    ----------
    town : the word that chose it; None stands for what nobody named: the default, or the
        setting's.
    strategies : by name, the word that chose it, the baseline's first if none is named.
    overrides : ``key=value`` words for the scenarios.
    replicates : how many; not asked where ``until`` says when to stop.
    baseline : the name of the strategy that others are compared with; the first if None.
    uncertainty : the parameter sets that a range is taken over.
    places : the words that say where results go.
    """

    town: str | None
    strategies: Mapping[str, str | None]
    overrides: tuple[str, ...] = ()
    replicates: int = COMMANDS["compare"].keys["replicates"].default
    baseline: str | None = None
    until: Until | None = field(default=None, kw_only=True)
    uncertainty: str | None = field(default=None, kw_only=True)
    places: tuple[str, ...] = field(default=(), kw_only=True)

    def asked(self) -> Asked:
        """Return what the study is told of it."""
        from omemsim.study.shipped import SHIPPED

        over_sets = joined(self.words(SHIPPED))
        return asked_by(
            self.words(self.uncertainty), alone=self.alone, places=self.places, over_sets=over_sets
        )

    def words(self, uncertainty: str | None) -> tuple[str, ...]:
        """Return the command that makes it again, with a range over these parameter sets."""
        values: dict[str, Any] = {} if self.until else {"replicates": self.replicates}
        if self.baseline not in (None, next(iter(self.strategies))):
            values["baseline"] = self.baseline
        if uncertainty is not None:
            values["uncertainty"] = uncertainty
        numbers = [*(_until(self.until) if self.until else ()), *written("compare", values)]
        chosen = [*word_for("town", self.town), *numbers, *self.overrides]
        return command("compare", *chosen, names=self.strategies.values())

    def alone(self, strategy: str, replicate: int) -> str:
        """Return the command that makes one of its runs."""
        word = self.strategies[strategy]
        return joined(run_alone(self.town, word, replicate, self.overrides))


def asked_comparison(
    strategies: Sequence[str],
    scenarios: Sequence[Scenario],
    *,
    town: str | None,
    overrides: Sequence[str],
    replicates: int,
    baseline: str | None,
    until: Until | None = None,
    uncertainty: str | None = None,
    places: Sequence[str] = (),
) -> Asked:
    """Return what a study is told of a comparison that was asked for by these words.

    Parameters
    ----------
    strategies : the word for each of the scenarios.
    scenarios : one for each of ``strategies``, in their order.
    town, overrides, replicates, until, uncertainty, places : as of a `Comparison`.
    baseline : the word for one of them, or its name; None for the first.
    """
    named = {s.strategy.name: word for s, word in zip(scenarios, strategies, strict=True)}
    name = next((name for name, word in named.items() if word == baseline), baseline)
    return Comparison(
        town,
        named,
        tuple(overrides),
        replicates,
        name,
        until=until,
        uncertainty=uncertainty,
        places=tuple(places),
    ).asked()


def compose_comparison(
    strategies: Sequence[str], *, town: str | None, overrides: Sequence[str], **more: Any
) -> Asked:
    """Return what `asked_comparison` does, the scenarios composed from their words.

    Parameters
    ----------
    strategies : names or files.
    town, overrides : as for `compose_scenario`.
    **more : what else `asked_comparison` takes.
    """
    from omemsim.inputs.config import compose_scenarios

    scenarios = compose_scenarios(strategies, town=town, overrides=overrides)
    return asked_comparison(strategies, scenarios, town=town, overrides=overrides, **more)


def _until(until: Until) -> list[str]:
    """Return the words that say when to stop adding replicates."""
    values: dict[str, Any] = {"replicates": until.most}
    if until.precision is not None:
        values |= {"precision": until.precision, "precise": until.measures}
    return written("compare", values) + (
        [] if until.seconds is None else [f"--budget={until.seconds:g}s"]
    )


@dataclass(frozen=True)
class Ablation:
    """An ablation as it was asked for.

    Attributes
    ----------
    town, overrides, replicates : as of a `Comparison`.
    names : of the strategies that are compared.
    strategy : the word that chose the one whose mechanisms are switched off; None is the setting's.
    start : when they are off from; None where nobody said.
    only : what is switched off; empty for all.
    against : the words that name a baseline and an outcome, if any do.
    """

    town: str | None
    names: tuple[str, ...]
    overrides: tuple[str, ...]
    strategy: str | None
    start: str | None = None
    only: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    replicates: int = COMMANDS["ablate"].keys["replicates"].default

    def asked(self) -> Asked:
        """Return what the study is told of it."""
        return asked_by(self.words(self.only, self.replicates), alone=self.alone)

    def words(self, only: Sequence[str], replicates: int) -> tuple[str, ...]:
        """Return the command that does it again with these switches and replicates."""
        chosen = [*self.against, *word_for("town", self.town)]
        values: dict[str, Any] = {"only": only} if only else {}
        values |= {} if self.start is None else {"from": self.start}
        chosen += written("ablate", values | {"replicates": replicates})
        chosen += self.overrides
        return command("ablate", *chosen, names=[self.strategy])

    def alone(self, arm: str, replicate: int) -> str:
        """Return the command that makes one switch's runs."""
        from omemsim.analysis.ablate import switch_of
        from omemsim.vocabulary.mechanisms import OFF

        switch = switch_of(arm, self.names) or next(iter(OFF))
        return joined(self.words([switch], replicate + 1))
