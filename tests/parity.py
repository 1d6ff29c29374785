"""What tests of parity share: the page's own engine, asked, and its town held to Python's."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from omemsim.inputs.config import compose_scenario
from omemsim.inputs.lay import lay_schedule
from omemsim.inputs.sources import blueprint_of
from omemsim.page.readings import read
from omemsim.page.shocks import SHOCKS
from omemsim.processes import run_weeks
from omemsim.schedule import Event, Happening
from omemsim.spin_up import spin_up
from omemsim.strategies import Allocation, Strategy
from omemsim.town import Town
from omemsim.vocabulary.layout import COUNTS
from omemsim.vocabulary.wheel import Tactic, Zone

# Ask the page's own worker, under the page's own policy; arrays come back as base64.
ASK = """
async (job) => {
  const text = (id) => document.getElementById(id).textContent;
  const address = URL.createObjectURL(new Blob([text("worker")], { type: "text/javascript" }));
  const worker = new Worker(address);
  const ask = (question, given) => new Promise((keep, refuse) => {
    worker.onmessage = ({ data }) => (data.error ? refuse(Error(data.error)) : keep(data.answer));
    worker.postMessage({ id: 1, ask: question, ...given });
  });
  const data = JSON.parse(text("data")), records = JSON.parse(text("records"));
  const { map, readings } = data;
  await ask("prepare", { map, readings, records, wasm: text("wasm"), first: text("start-0") });
  const start = text(`start-${job.replicate}`), arm = "test";
  const before = await ask("load", { arm, start, ...job });
  const began = performance.now();
  const found = job.weeks ? await ask("step", { arm, ...job }) : [];
  const seconds = (performance.now() - began) / 1000;
  const names = map.columns.map(([table, name]) => `${table}.${name}`);
  const columns = await ask("read", { arm, columns: names });
  const packed = (values) => {
    const bytes = new Uint8Array(values.buffer);
    let letters = "";
    for (let k = 0; k < bytes.length; k += 32768)
      letters += String.fromCharCode(...bytes.subarray(k, k + 32768));
    return btoa(letters);
  };
  const all = Object.fromEntries(Object.entries(columns).map(([k, v]) => [k, packed(v)]));
  worker.terminate();
  return { before, found, seconds, columns: all };
}
"""


def differing(town: Town, columns: dict[str, str]) -> list[str]:
    """Return the columns whose rows that are there are not the same, bit by bit."""
    found = []
    for (table, name), whole in town.memory().items():
        if table in town.event_tables() and name in COUNTS[1:]:
            continue  # how much room there is says nothing of the town
        values = (
            whole if name in COUNTS else np.ascontiguousarray(town.tables()[table].columns()[name])
        )
        there = base64.b64decode(columns[f"{table}.{name}"])
        if there[: values.nbytes] != values.tobytes():
            found.append(f"{table}.{name}")
    return found


def assert_read(town: Town, said: dict[str, Any]) -> None:
    """Hold what the page reads to what Python's measures say."""
    for name, values in read(town).items():
        assert np.array_equal(np.asarray(said[name], float), values), name


def levers(strategy: Strategy) -> Strategy:
    """Return a strategy whose directed patrol is a tactic of its mix, as the page has it."""
    mix = {
        zone: {**shares, "directed_patrol": strategy.directed}
        for zone, shares in strategy.mix.items()
    }
    return replace(strategy, mix=mix, directed=0.0)


def cell(zone: Zone, tactic: Tactic) -> int:
    return int(zone) * len(Tactic) + int(tactic)


@dataclass(frozen=True)
class ChangedRun:
    """A run with moved levers and a recession: Python's town after it, what the page is told."""

    strategy: str
    weeks: int
    changes: list[dict[str, Any]]
    town: Town


def changed_run(replicate: int) -> ChangedRun:
    """Run `small` under present practice that is changed twice, with a recession in between."""
    scenario = compose_scenario("small", "present_practice")
    shock = next(one for one in SHOCKS if one.name == "economic")
    town = spin_up(scenario, replicate)
    happens = Event(Happening(shock.what), from_=60, to=60 + shock.weeks, size=shock.size)
    lay_schedule(town, replace(scenario, events=[happens]), blueprint_of(scenario.town))
    first = scenario.strategy
    second = levers(first)
    second.mix["all"]["patrol"] = 0.25
    third = replace(
        second,
        mix={**second.mix, "red": {"problem_oriented_policing": 0.35}},
        allocation=Allocation.NEED,
        spend={"situation_table": 0.4},
    )
    for strategy, until in ((first, 26), (second, 80), (third, 260)):
        run_weeks(town, scenario.parameters, strategy, until - town.week)
    everywhere = [["mix", cell(zone, Tactic.PATROL), 0.25] for zone in Zone]
    then = [
        ["mix", cell(Zone.RED, Tactic.PROBLEM_ORIENTED_POLICING), 0.35],
        ["allocation", 0, list(Allocation).index(Allocation.NEED)],
        ["spend", 3, 0.4],
    ]
    shocked = {"what": shock.what, "size": shock.size, "weeks": shock.weeks}
    changes = [
        {"week": 26, "set": everywhere},
        {"week": 60, "shock": shocked},
        {"week": 80, "set": then},
    ]
    return ChangedRun("present_practice", 260, changes, town)
