"""What a longer waiting list of agencies means."""

from __future__ import annotations

import math
from typing import NamedTuple

from omemsim.report.facts import Facts
from omemsim.report.parts import Block, Column, Figure, Parts, Sheet, Text

__all__ = ["waiting"]


class Waiting(NamedTuple):
    """People who wait for an agency and who are served, and how long it would take to serve all."""

    strategy: str
    waiting: float
    served: float
    weeks: float | None


def waiting(facts: Facts) -> list[Block]:
    """Return who waits and is served under each strategy; nothing where that is not recorded."""
    if not facts.is_recorded("waiting_list", "caseload"):
        return []
    say = facts.language
    partner = (facts.config.get("parameters") or {}).get("partner") or {}
    columns = [
        Column("strategy", say.translate("strategy")),
        Column("waiting", say.translate("people who wait"), "people", facts.whole),
        Column("served", say.translate("people served"), "people", facts.whole),
        Column("weeks", say.translate("weeks to serve all who wait"), "weeks", facts.whole),
    ]
    weeks = float(partner.get("service_weeks", math.nan))
    rows = []
    for name in facts.names:
        wait, served = (facts.mean(name, x) * facts.scale for x in ("waiting_list", "caseload"))
        until = weeks * wait / served if served else None
        rows.append(Waiting(facts.called(name), wait, served, until))
    most = max(rows, key=lambda row: row.waiting)
    title = say.translate(
        "Most people wait for an agency under {x}: {n} at any time",
        x=most.strategy,
        n=facts.whole(most.waiting),
    )
    sheet = Sheet("waiting", say.translate("Who waits for an agency"), columns, rows)
    text = say.translate(
        "A longer waiting list is not only bad: it grows when more people in need are found and "
        "referred. But people who wait are not helped, and give up after {weeks} weeks; agencies "
        "would need more capacity than the money above buys. The weeks that a list takes grow less "
        "than the list where agencies also serve more people at a time.",
        weeks=say.number(float(partner.get("give_up", math.nan))),
    )
    return [
        Parts(say.translate("What a longer waiting list means")),
        Text(text),
        Figure(title, sheet),
    ]
