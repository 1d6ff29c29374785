"""`omemsim describe strategy NAME ...`: a strategy's hours in words, and drawn on the wheel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from omemsim.cli.again import command
from omemsim.cli.frame import Frame, say
from omemsim.inputs.config import BASELINE, choices, compose_scenario
from omemsim.language import ENGLISH
from omemsim.language.names import tactic_name
from omemsim.strategies import Fund, Strategy
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.wheel import ZONE_TITLES, Zone

__all__ = ["describe_strategies"]

BAR = 30  # letters that all hours of a zone are


def describe_strategies(frame: Frame, names: Sequence[str]) -> None:
    """Print what strategies do with their hours and draw each.

    Raises
    ------
    InputError
        If none is named, or one that there is not, or whose file is wrong.
    """
    if not names:
        raise InputError(
            "Name a strategy, as `omemsim describe strategy omem`, or a file of your own. "
            f"There are: {', '.join(choices('strategy'))}."
        )
    scenarios = [compose_scenario(None, name) for name in dict.fromkeys(names)]
    with frame.out() as out:
        for scenario in scenarios:
            say(*_lines(scenario.strategy), "")
        from omemsim.figures.mix import save_mix_figure
        from omemsim.figures.provenance import version_line

        with frame.saved(out, "the figure", {x.strategy.name: x for x in scenarios}):
            for scenario in scenarios:
                save_mix_figure(scenario.strategy, out, provenance=version_line())
        others = [name for name in dict.fromkeys(names) if name != BASELINE] or ["omem"]
        frame.end(out, command("compare", "town=small", names=[BASELINE, *others]))


def _lines(strategy: Strategy) -> Iterator[str]:
    from omemsim.figures.mix import parts_of

    yield f"{strategy.name}: {strategy.description}"
    yield f"Hours are spread by {strategy.allocation.value}."
    parts = {zone: parts_of(strategy, zone) for zone in Zone}
    is_alike = len({tuple(each) for each in parts.values()}) == 1
    for zone in list(Zone)[:1] if is_alike else Zone:
        yield "  every zone" if is_alike else f"  {zone.name.lower()} ({ZONE_TITLES[zone]})"
        for part in parts[zone]:
            name = tactic_name(part.key, ENGLISH) if part.key else "unused"
            yield f"    {name:<28} {part.share:>4.0%}  {'#' * round(BAR * part.share)}"
    yield f"  money ({strategy.money:g} CAD a resident and year)"
    rest = 1 - sum(strategy.spend.values())
    spend = {x.value: strategy.spend.get(x.value, 0.0) for x in Fund}
    spend[Fund.CASEWORK.value] += max(rest, 0.0)
    for fund, share in spend.items():
        if share:
            yield f"    {fund:<28} {share:>4.0%}  {'#' * round(BAR * share)}"
