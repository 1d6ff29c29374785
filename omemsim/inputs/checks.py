"""Whether the parts of a scenario fit each other: what no single key's bounds can say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from omemsim.inputs.budgets import ROUNDING, not_a_share, sum_worked_out
from omemsim.inputs.lay import schedule_problems
from omemsim.inputs.scenario import Scenario, TownConfig
from omemsim.recording import ALL, NONE, Recording
from omemsim.strategies import ALL_ZONES, Fund, Strategy, mix_in
from omemsim.vocabulary.errors import nearest
from omemsim.vocabulary.own_tactics import own_tactic_problems
from omemsim.vocabulary.parameters import ZoneLimits
from omemsim.vocabulary.wheel import Tactic, Zone

__all__ = ["scenario_problems"]


def scenario_problems(scenario: Scenario) -> list[str]:
    """Return everything that does not fit in a scenario whose single values do."""
    return [
        *_town_problems(scenario.town),
        *_zone_problems(scenario.parameters.zones),
        *own_tactic_problems(scenario.strategy.tactics),
        *_mix_problems(scenario.strategy),
        *_spend_problems(scenario.strategy.spend),
        *schedule_problems(scenario),
        *_record_problems(scenario.record),
    ]


def _record_problems(recording: Recording) -> list[str]:
    """Return what is wrong with the words of a recording, as far as can be said without a town."""
    problems = []
    if recording.measures != [ALL]:
        from omemsim.measures import measure_problems  # late: it loads the kernels

        problems += measure_problems(recording)
    words = recording.neighbourhoods
    if not words or (len(words) > 1 and {ALL, NONE} & set(words)):
        problems.append(
            f"record.neighbourhoods = {list(words)}: must be all, none, or ids of some."
        )
    return problems


def _town_problems(town: TownConfig) -> list[str]:
    kinds = ("synthetic", "table")
    if town.kind not in kinds:
        hint = nearest(town.kind, kinds)
        return [f"town.kind = {town.kind!r}: must be one of {', '.join(kinds)}.{hint}"]
    totals = ("drop", "keep")
    if town.totals not in totals:
        hint = nearest(town.totals, totals)
        return [f"town.totals = {town.totals!r}: must be one of {', '.join(totals)}.{hint}"]
    if town.kind == "table":
        missing = town.file is None
        return ["This town is read from a table: say which, as town.file=my.csv."] * missing
    if town.residents < town.neighbourhoods:
        return [
            f"town.residents = {town.residents:,} for {town.neighbourhoods:,} neighbourhoods: "
            "must be at least 1 each."
        ]
    return []


def _zone_problems(zones: ZoneLimits) -> list[str]:
    """Return the lines between zones that are out of order."""
    problems = []
    for what in ("calls", "harm", "recorded"):
        names = [f"{what}_{line}" for line in ("low", "mid", "high")]
        values = [getattr(zones, name) for name in names]
        if not values[0] < values[1] < values[2]:
            shown = ", ".join(
                f"{name} = {value:g}" for name, value in zip(names, values, strict=True)
            )
            problems.append(f"parameters.zones: {shown}: each line must be above the one before.")
    return problems


def _spend_problems(spend: Mapping[str, float]) -> list[str]:
    """Return what is wrong with shares of money by fund."""
    funds = [fund.value for fund in Fund]
    problems = [
        f"strategy.spend.{name}: no such fund.{nearest(name, funds)} {_list(funds)}"
        for name in spend
        if name not in funds
    ]
    problems += [
        f"strategy.spend.{name} = {share:g}: must be from 0 to 1 (share of money)."
        for name, share in spend.items()
        if not 0 <= share <= 1
    ]
    if not problems and sum(spend.values()) > 1 + ROUNDING:
        problems.append(
            f"strategy.spend: the shares add up to {sum(spend.values()):g}; at most 1 (all money): "
            f"{sum_worked_out(spend)}."
        )
    return problems


def _mix_problems(strategy: Strategy) -> list[str]:
    """Return what is wrong with shares of hours by zone and tactic."""
    problems, mix = [], strategy.mix
    zones = [ALL_ZONES, *(zone.name.lower() for zone in Zone)]
    tactics = [tactic.name.lower() for tactic in Tactic]
    tactics += [one.name for one in strategy.tactics]
    for zone, row in mix.items():
        where = f"strategy.mix.{zone}"
        if zone not in zones:
            problems.append(f"{where}: no such zone.{nearest(zone, zones)} {_list(zones)}")
            continue
        for tactic, share in row.items():
            if tactic not in tactics:
                hint = nearest(tactic, tactics)
                problems.append(
                    f"{where}.{tactic}: no such tactic.{hint} {_list(tactics)} "
                    "One of your own is declared under strategy.tactics, or by a package."
                )
            if not 0 <= share <= 1:
                problems.append(not_a_share(f"{where}.{tactic}", share, row))
    return problems or [*_sum_problems(mix), *_directed_problems(mix, strategy.directed)]


def _sum_problems(mix: dict[str, dict[str, float]]) -> list[str]:
    """Return the zones whose shares, those of all zones among them, are more than all hours."""
    rows = {zone.name.lower(): mix_in(mix, zone) for zone in Zone}
    over = {zone: row for zone, row in rows.items() if sum(row.values()) > 1 + ROUNDING}
    if len(over) == len(Zone) and ALL_ZONES in mix and not any(mix.get(zone) for zone in over):
        over = {ALL_ZONES: mix[ALL_ZONES]}  # what is written once is said once
    with_all = f" with those of strategy.mix.{ALL_ZONES}" if ALL_ZONES in mix else ""
    return [
        f"strategy.mix.{zone}: the shares{'' if zone == ALL_ZONES else with_all} "
        f"add up to {sum(row.values()):.6g}; at most 1 (all hours): {sum_worked_out(row)}."
        for zone, row in over.items()
    ]


def _directed_problems(mix: dict[str, dict[str, float]], directed: float) -> list[str]:
    """Return what is wrong with hours directed to places, which routine patrol gives up."""
    patrol = Tactic.PATROL.name.lower()
    has = {zone.name.lower(): mix_in(mix, zone).get(patrol, 0.0) for zone in Zone}
    least = min(has, key=lambda zone: has[zone])
    if directed <= has[least] + ROUNDING:
        return []
    return [
        f"strategy.directed = {directed:g}: is taken from patrol, which has {has[least]:g} of the "
        f"hours in {least}; give strategy.mix.{least}.{patrol} more, or direct less. "
        "A mix can also name the tactic directed_patrol itself."
    ]


def _list(names: Sequence[str]) -> str:
    return f"There are: {', '.join(names)}."
