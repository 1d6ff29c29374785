"""What the class page says, by the key that JavaScript asks for; `said` gives it in a language.

What stands in braces is filled in by the page. Of a count, ``key.one`` is said of one thing, and
``key`` of others.
"""

from __future__ import annotations

from omemsim.language import Named, mark
from omemsim.page.exercise_words import EXERCISE
from omemsim.page.name_words import NAMES

__all__ = ["WORDS"]

TOP = {
    "title": mark("A town and its police"),
    "skip": mark("Skip to the town"),
    # Translators: the button that changes the language; it names the other one.
    "language.other": mark("Français"),
    "label.mode": mark("What to do"),
    "label.time": mark("Time"),
    "label.view": mark("Week shown"),
    "label.changes": mark("Changes"),
    "label.larger": mark("A+, larger text"),
    "label.levers": mark("Strategy and tactics"),
    "mode.explore": mark("Explore"),
    "mode.compare": mark("Compare"),
    "cancel": mark("Cancel"),
    "play": mark("▶ Play"),
    "pause": mark("❚❚ Pause"),
    "step": mark("+4 weeks"),
    "reset": mark("Restart"),
    "speed": mark("Speed"),
    "speed.of": mark("{weeks} weeks/s"),
    "undo": mark("Undo"),
    "redo": mark("Redo"),
    "replay": mark("Replay change"),
    "undo.done": mark("The last change is undone; the run is made again without it."),
    "redo.done": mark("The change is made again."),
    "month": mark("Month {month}"),
    "month.head": mark("Month"),
    "run": mark("Run (random numbers)"),
    "run.number": mark("Run {k}"),
    "engine.waiting": mark("Getting the model ready …"),
    "engine.model": mark("This page runs the model itself, in this browser. Nothing leaves it."),
    "engine.recorded": mark(
        "This page plays recorded runs: the model cannot run in this browser. Nothing leaves it."
    ),
    "failed": mark("The run has failed. Start again."),
    "failed.room": mark("More happened than this page has room for. Start again."),
    "pair": mark("{a}: {b}"),
    "state": mark(
        "Month {month}: {zones}. Safer than at the start: {up}; riskier: {down}. Calls took "
        "{calls} of patrol time last week."
    ),
    "arm": mark("{letter}: {name}"),
    "changed": mark("From next week: {what}."),
    "change.at": mark("Month {month}: {what}"),
    "changes.title": mark("Changes"),
    "changes.none": mark("None yet. Move a slider: it acts from the next week."),
}
LEVERS = {
    "levers": mark("Strategy and tactics ↓"),
    "edit": mark("Change strategy"),
    "recorded.levers": mark(
        "This browser cannot run the model, so that the page plays runs that Python recorded. They "
        "cannot be changed. A current browser with WebAssembly switched on can."
    ),
    "strategy": mark("Begin with the strategy"),
    "mix": mark("How the hours that calls leave are used"),
    "mix.where": mark("In neighbourhoods of the zone"),
    "zones.all": mark("All"),
    "zones.everywhere": mark("everywhere"),
    "zones.differ": mark("Each zone has its own mix: these are means."),
    "budget": mark("{used} of these hours are used, {left} are left."),
    "budget.none": mark("No hours are left: lower another tactic first."),
    "money": mark("How money is spent"),
    "money.left": mark("{left} goes to cases of any kind at agencies."),
    "money.none": mark("No money is left: lower another use first."),
    "lever.value": mark("{value}; {left} left"),
    "percent.of": mark("{name}, percent"),
    "tactics.ordinary": mark("Ordinary police work"),
    "tactics.zone": mark("Tactics for {zone}"),
    "allocation": mark("Where most hours go"),
    "shock": mark("Let something happen"),
    "shock.now": mark("Now"),
}
PANELS: dict[str, str | Named] = {
    "zone": mark("Zone"),
    # Translators: how many neighbourhoods are in a zone, as "3 red"; a list of these is shown.
    "zone.many": mark("{many} {zone}"),
    "hood": mark("Neighbourhood"),
    "hoods": mark("Neighbourhoods"),
    "hood.label": mark("{name}: {zone}. More about it."),
    "panel.wheel": mark("OMEM wheel"),
    "panel.map": mark("Town map"),
    "panel.now": mark("The last year"),
    "panel.shares": mark("Neighbourhoods by zone"),
    "panel.history": mark("Zone of each neighbourhood"),
    "table": mark("As a table"),
    "run.head": mark("Run"),
    "difference": mark("Difference"),
    "close": mark("Close"),
    "wheel.hub": mark("green|or blue"),
    "wheel.label": mark("OMEM wheel: {summary}"),
    "shares.label": mark(
        "Share of neighbourhoods in each zone over time, in months. In the week shown: {summary}"
    ),
    "history.label": mark(
        "Zone of each neighbourhood over time, in months. In the week shown: {summary}"
    ),
    "from": mark("from {value}"),
    "moves": mark("Moves between zones so far"),
    "moves.head": mark("From (row) to"),
    "people": mark("Residents of all ages"),
    "deprivation": Named("measure", "Deprivation"),
    "measure": mark("Measure"),
}
COMPARISON = {
    "compare.more": mark(
        "Month {month}, in this run: B has {n} more neighbourhoods in green or blue than A ({b} "
        "against {a})."
    ),
    "compare.more.one": mark(
        "Month {month}, in this run: B has 1 more neighbourhood in green or blue than A ({b} "
        "against {a})."
    ),
    "compare.fewer": mark(
        "Month {month}, in this run: B has {n} fewer neighbourhoods in green or blue than A ({b} "
        "against {a})."
    ),
    "compare.fewer.one": mark(
        "Month {month}, in this run: B has 1 fewer neighbourhood in green or blue than A ({b} "
        "against {a})."
    ),
    "compare.same": mark(
        "Month {month}, in this run: A and B have as many neighbourhoods in green or blue ({a})."
    ),
    "difference.map": mark("How B differs from A in this run"),
    "difference.key": mark(
        "+1: one zone safer under B than under A; −1: one zone riskier; =: the same."
    ),
    "difference.cell": mark("{name}: {a} under A, {b} under B"),
    "twenty.title": mark("Does it hold in other runs?"),
    "twenty.run": mark("Run both in {n} towns to month {month}"),
    "twenty.first": mark("Play some months first."),
    "twenty.none": mark("One run says little: chance alone makes runs differ."),
    "twenty.going": mark("{done} of {all} runs are done."),
    "twenty.recorded": mark("This needs the model itself, which this browser cannot run."),
    "points": mark("{value} percentage points"),
    "points.one": mark("{value} percentage point"),
    "verdict.better": mark(
        "B is better than A in {wins} of {all} runs. The middle difference is {size}."
    ),
    "verdict.worse": mark(
        "B is worse than A in {losses} of {all} runs. The middle difference is {size}."
    ),
    "verdict.unclear": mark(
        "One cannot tell: B is better in {wins} of {all} runs and worse in {losses}."
    ),
    "verdict.few": mark("Too few runs to tell: B is better in {wins} of {all}."),
    "dots.label": mark("A dot for each of {n} runs: {unit}"),
}
FOOT = {
    "code.title": mark("This scenario"),
    "code.this": mark("Code"),
    "code.take": mark("Open this code"),
    "code.wrong": mark("This is no code of a scenario: a letter may be wrong."),
    "code.other": mark("This code belongs to a page with another town or other strategies."),
    "seed": mark(
        "Run {run} (seed {seed}, replicate {replicate}). The same code gives the same numbers "
        "everywhere; the page's address has it, too."
    ),
    "data.title": mark("Data"),
    "data.copy": mark("Copy the data (CSV)"),
    "data.copied": mark("The data are copied."),
    "caveat": mark(
        "An invented town: it shows how strategies could work and why, not what will happen in a "
        "real one."
    ),
    "caveat.table": mark(
        "Made from a table, {name}; one simulated resident stands for {scale} real ones. It shows "
        "how strategies could work there and why, not what will happen."
    ),
}
WORDS: dict[str, str | Named] = {
    **TOP,
    **LEVERS,
    **PANELS,
    **COMPARISON,
    **FOOT,
    **NAMES,
    **EXERCISE,
}
