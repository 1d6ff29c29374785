"""What the model is made of, printed from its own declarations."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING

from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.strategies import Strategy
    from omemsim.vocabulary.own_tactics import OwnTactic
    from omemsim.vocabulary.wheel import Use

__all__ = ["ONE_STRATEGY", "TOPICS"]

WIDTH = 96


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="    ", subsequent_indent="    ")


def parameters() -> str:
    """Return every number that can be set: default, unit, bounds, what it is, source."""
    from omemsim.inputs.scenario import Scenario
    from omemsim.vocabulary.parameters import declarations

    lines = ["Parameters: set any of them as key=value."]
    for item in declarations(Scenario):
        default = "none" if item.default is None else f"{item.default:,}"
        lines.append(f"{item.path} = {default} {item.unit}  ({item.low:,} to {item.high:,})")
        lines.append(_wrapped(f"{item.doc} Source: {item.source}."))
    return "\n".join(lines)


def measures() -> str:
    """Return every measure with its unit and definition."""
    from omemsim.measures import MEASURES, OFFERED
    from omemsim.own import offered

    lines = ["Measures: the columns of series.csv and comparison.csv."]
    for measure in MEASURES.values():
        better = f", {measure.better} is better" if measure.better else ""
        lines.append(
            f"{measure.name}: {measure.title} ({measure.unit}; per {measure.level}{better})"
        )
        lines.append(_wrapped(measure.definition))
    for name, point in sorted(offered(OFFERED).items()):
        lines += [f"{name}: of another package", _wrapped(f"{point.value}; record.measures={name}")]
    return "\n".join(lines)


def columns() -> str:
    """Return every column of the state, by table, with its unit and writer."""
    from omemsim.vocabulary.columns import COLUMNS

    lines = ["Columns: the state of a town."]
    for table, rows in groupby(COLUMNS, key=lambda column: column.table):
        lines += ["", f"{table}"]
        for column in rows:
            event = ", event" if column.event else ""
            lines.append(f"  {column.name} ({column.unit}; written by {column.writer}{event})")
            lines.append(_wrapped(column.doc))
    return "\n".join(lines)


def strategies() -> str:
    """Return the library of strategies: what each is, and its hours by zone and tactic."""
    from omemsim.inputs.config import choices, compose_scenario, offered_strategies

    lines = ["Strategies: `omemsim compare NAME NAME ...`; or a YAML file of your own."]
    for name in choices("strategy"):
        lines += _strategy(name, compose_scenario(strategy=name).strategy)
    for name in sorted(offered_strategies()):
        try:
            lines += _strategy(name, compose_scenario(strategy=name).strategy)
        except InputError as refused:  # a package's; the others are still to be told
            lines += [f"{name} (cannot be used)", *map(_wrapped, refused.problems)]
    return "\n".join(lines)


def _strategy(name: str, strategy: Strategy) -> list[str]:
    """Return what a strategy is, in lines."""
    lines = [f"{name} (hours by {strategy.allocation.value})"]
    lines.append(_wrapped(strategy.description))
    for zone, row in strategy.mix.items():
        parts = [f"{tactic} {100 * share:.0f}%" for tactic, share in row.items()]
        lines.append(f"      {zone:<6} {', '.join(parts)}")
    return lines


def tactics() -> str:
    """Return every tactic under its zone: its labels, what it builds up and its switches."""
    from omemsim.vocabulary.wheel import ZONE_TITLES, Tactic, Zone

    lines = ["Tactics: keys of a strategy's `mix`, and of `what` in an intervention."]
    titles = {zone: f"{zone.name.lower()}: {ZONE_TITLES[zone]}" for zone in Zone}
    for zone, title in [*titles.items(), (None, "any zone: ordinary uses of free hours")]:
        mine = [tactic for tactic in Tactic if tactic.use.zone is zone]
        lines += ["", title, *(f"  {tactic.name.lower()}\n{_use(tactic.use)}" for tactic in mine)]
    return "\n".join([*lines, *_own_tactics()])


def _own_tactics() -> list[str]:
    """Return what a tactic of the user's own can feed, and those that packages offer."""
    from omemsim.inputs.own_tactics import offered_tactic, offered_tactics
    from omemsim.vocabulary.own_tactics import CHANNELS, ROOM_FOR

    lines = ["", f"of your own, up to {ROOM_FOR} of a strategy, declared under strategy.tactics"]
    lines += ["  channels that one can feed", *(_wrapped(f"{x}: {y}") for x, y in CHANNELS.items())]
    for name, point in sorted(offered_tactics().items()):
        try:
            lines += [
                f"  {name}: of another package",
                _wrapped(_declaration(offered_tactic(point))),
            ]
        except InputError as refused:  # a package's; the others are still to be told
            lines += [f"  {name} (cannot be used)", *map(_wrapped, refused.problems)]
    return lines


def _declaration(tactic: OwnTactic) -> str:
    """Return what a tactic of the user's own is, in a sentence or two."""
    zone = "any zone" if tactic.zone is None else tactic.zone.name.lower()
    feeds = ", ".join(f"{channel} {strength:g}" for channel, strength in tactic.channels.items())
    return (
        f"{tactic.called}, {zone}. Pillar: {tactic.pillar.name.lower()}; area: "
        f"{tactic.area.name.lower().replace('_', ' ')}. Feeds {feeds}; half a dose at "
        f"{tactic.half:g} hours per 1,000 residents, half-life {tactic.memory:g} weeks. Source: "
        f"{tactic.source}."
    )


def _use(use: Use) -> str:
    """Return what a tactic is, in a sentence or two."""
    skill = "" if use.takes_skill else " Any officer can do it."
    stock = f" Builds up neighbourhoods.{use.stock.name}: {use.stock.doc}." if use.stock else ""
    switches = ", ".join(switch.name for switch in use.switches)
    off = f" Switches: {switches}." if switches else ""
    area = use.area.name.lower().replace("_", " ")
    return _wrapped(f"Pillar: {use.pillar.name.lower()}; area: {area}.{skill}{stock}{off}")


def sectors() -> str:
    """Return every sector of agencies, and whose cases it takes."""
    from omemsim.vocabulary.wheel import Sector

    lines = ["Sectors: each catchment has an agency of each."]
    for sector in Sector:
        serves, parts = sector.serves, []
        if serves.risks:
            parts.append(f"leads crises over {_names(serves.risks)}")
        if serves.precursor is not None:
            parts.append(f"treats {_names([serves.precursor])}")
        if serves.youth is not None:
            parts.append(f"treats {_names([serves.youth])} of those of 15 to 24")
        if serves.is_social:
            parts.append("paid by social development")
        lines += [sector.name.lower(), _wrapped(f"{'; '.join(parts)}.")]
    return "\n".join(lines)


def towns() -> str:
    """Return the library of towns: the first paragraph of each file."""
    from omemsim.inputs.config import choices, config_root

    lines = ["Towns: town=NAME; or a YAML file of your own."]
    for name in choices("town"):
        text = (config_root() / "town" / f"{name}.yaml").read_text(encoding="utf-8")
        lines += [name, _wrapped(" ".join(_opening_comment(text)))]
    return "\n".join(lines)


def settings() -> str:
    """Return the library of settings: what each is, and what it sets where nobody names one."""
    from omemsim.inputs.config import choices, compose_scenario, setting_description

    lines = [
        "Settings: setting=NAME, or a YAML file of your own. What you name yourself overrides it."
    ]
    for name in choices("setting"):
        scenario = compose_scenario(overrides=[f"setting={name}"])
        lines += [name, _wrapped(setting_description(name))]
        lines.append(_wrapped(f"Town {scenario.town.name}, strategy {scenario.strategy.name}."))
    return "\n".join(lines)


def events() -> str:
    """Return what may happen or be done at certain weeks and places, and how it is written."""
    from omemsim.inputs import lay
    from omemsim.schedule import Clamp, Event, Happening, Intervention, OwnIntervention, Work

    lines = ["Events, interventions and clamps: what happens at certain weeks and places."]
    for key, kind, kinds in (
        ("events", Event, Happening),
        ("interventions", Intervention, Work),
        ("own_interventions", OwnIntervention, None),
        ("clamps", Clamp, None),
    ):
        lines += ["", f"{key}=[{{{', '.join(_keys(kind))}}}]"]
        lines += [""] if kinds is None else [_wrapped(f"what: {_names(kinds)}"), ""]
        lines.append(textwrap.indent(inspect.getdoc(kind) or "", "    "))
    where = (inspect.getdoc(lay) or "").partition("\n\n")[2]
    return "\n".join([*lines, "", where, "", _wrapped(QUOTES)])


QUOTES = """On the command line put the whole word in quotes, as 'interventions=[{what: lighting,
where: [most_deprived:0.25], from: 52, to: 156}]'; and a name that holds a comma, a bracket or a
quote in quotes of its own."""


SHOWN = {None: "null", "": "''"}


def _keys(kind: type) -> Iterator[str]:
    """Yield each key and its default, as one writes them."""
    from omemsim.inputs.schema import plain

    for key, value in plain(kind()).items():
        yield f"{key}: {SHOWN.get(value, value) if isinstance(value, str | None) else value}"


def _names(kinds: Iterable[Enum]) -> str:
    return ", ".join(kind.name.lower() for kind in kinds)


def _opening_comment(text: str) -> Iterator[str]:
    """Yield the lines of the first paragraph."""
    for line in text.splitlines():
        if not line.startswith("#") or not line.strip("# "):
            return
        yield line.strip("# ")


def mechanisms() -> str:
    """Return every switch: what it does, and what its parameters are when it is off."""
    from omemsim.vocabulary.mechanisms import COMBINED, GROUPS, OFF
    from omemsim.vocabulary.parameters import Strengths, declarations

    lines = ["Mechanisms: parameters.strength.NAME=0 switches one off, 1 leaves it as it is."]
    for item in declarations(Strengths):
        lines += [item.path, _wrapped(item.doc)]
        off = (f"parameters.{path} = {value:g}" for path, value in OFF[item.path].items())
        lines.append(_wrapped(f"Off: {', '.join(off)}."))
    lines += ["", "Groups, for `omemsim ablate only=NAME`; with + between, several at once."]
    for name, group in GROUPS.items():
        lines += [name, _wrapped(group.doc), _wrapped(f"Off: {', '.join(group.members)}.")]
    lines += ["groups", _wrapped(f"All of these, and {', '.join(COMBINED)}.")]
    return "\n".join(lines)


def odd() -> str:
    """Return every generated table of docs/odd.md, in Markdown."""
    from omemsim.cli.odd import tables

    return "\n\n".join(f"## {name}\n\n{make()}" for name, make in tables().items())


def assumptions() -> str:
    """Return the ledger of docs/assumptions.md, in Markdown."""
    from omemsim.cli.ledger import page

    return page().rstrip()


def week() -> str:
    """Return the order of a week."""
    from omemsim import processes

    return textwrap.dedent(processes.__doc__ or "").strip()


ONE_STRATEGY = "strategy"  # the word before names of strategies, each of which is drawn
TOPICS: dict[str, Callable[[], str]] = {
    "parameters": parameters,
    "measures": measures,
    "strategies": strategies,
    "tactics": tactics,
    "sectors": sectors,
    "towns": towns,
    "settings": settings,
    "events": events,
    "columns": columns,
    "mechanisms": mechanisms,
    "week": week,
    "odd": odd,
    "assumptions": assumptions,
}
