"""Draw the architecture, the week and the loops: `python docs/drawings.py` writes docs/figures.

The week is drawn from what the stages declare that they read and write; the layers are those that
`tests/architecture/test_layers.py` holds the imports to (a test compares them).
"""

from __future__ import annotations

import importlib
import math
from html import escape
from pathlib import Path
from typing import NamedTuple

from omemsim.processes import WEEK

OUT = Path(__file__).resolve().parent / "figures"
INK, PALE, LINE = "#1d2a36", "#eef2f6", "#7b8a99"
RED, AMBER, GREEN, BLUE = "#8f1d1d", "#f0b429", "#3fa07a", "#173f7a"

# From what imports nothing to what people type, with what each is for.
LAYERS = (
    (
        ("vocabulary", "locks", "cache", "present"),
        "declarations: zones, tactics, parameters, columns",
    ),
    (("compiler", "pointers", "shipped", "labelled"), "compiled code; labelled tables"),
    (("town",), "the state: tables of columns"),
    (("kernels", "schedule", "recording", "own"), "how a stage is written; events; your own code"),
    (("strategies", "loop"), "levers of a strategy; the loop of weeks"),
    (("program",), "many weeks as one compiled function"),
    (("processes",), "the fourteen stages of a week"),
    (("measures",), "what is read of a town"),
    (("inputs",), "configs and tables become a town"),
    (("language",), "texts in English and French"),
    (("compiling",), "the week for a wheel and for browsers"),
    (("spin_up", "agents"), "usual weeks before week 0; Mesa's agents"),
    (("simulation",), "a town that runs"),
    (("model", "series"), "Mesa's model; results of a run"),
    (("run",), "one scenario, one replicate: begin reading here"),
    (("study",), "many runs: designs, store, workers, statistics"),
    (("analysis",), "claims, evidence, calibration, diagnosis"),
    (("figures",), "drawings"),
    (("report",), "the report for those who decide"),
    (("page",), "the page for classes"),
    (("classroom",), "the server of a class: rooms, answers, a wall"),
    (("cli",), "commands"),
    (("__main__",), "python -m omemsim"),
)
MINUS = "\u2212"
# Each thing, and whether more of it makes the next one more or less.
LOOPS = (
    (
        "Demand trap",
        RED,
        (
            ("calls", "+"),
            ("hours on calls", MINUS),
            ("free hours", "+"),
            ("prevention", MINUS),
        ),
    ),
    (
        "Fear gate",
        AMBER,
        (
            ("crime, disorder", "+"),
            ("fear", MINUS),
            ("taking part", "+"),
            ("efficacy", MINUS),
        ),
    ),
    (
        "Capacity",
        GREEN,
        (("taking part", "+"), ("initiatives", "+"), ("efficacy", MINUS), ("fear", MINUS)),
    ),
    ("Complacency", BLUE, (("crime", "+"), ("vigilance", MINUS), ("harm of a shock", "+"))),
)
RING = (150, 115)  # half of a loop's width and height
BOX = (64, 17)  # half of a thing's


class Mark(NamedTuple):
    """Where a text stands, and how."""

    x: float
    y: float
    size: int = 14
    colour: str = INK
    anchor: str = "start"
    weight: str = "normal"


def text(words: str, at: Mark, turn: str = "") -> str:
    """Return a text; ``turn`` is an SVG transformation."""
    moved = f' transform="{turn}"' if turn else ""
    return (
        f'<text x="{at.x:g}" y="{at.y:g}" font-size="{at.size}" fill="{at.colour}" '
        f'text-anchor="{at.anchor}" font-weight="{at.weight}"{moved}>{escape(words)}</text>'
    )


def box(left: float, top: float, width: float, height: float, fill: str) -> str:
    """Return a rectangle with round corners."""
    return (
        f'<rect x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}" rx="5" '
        f'fill="{fill}" stroke="{LINE}"/>'
    )


def save(name: str, title: str, size: tuple[int, int], parts: list[str]) -> None:
    """Write a drawing with a title for those who do not see it."""
    width, height = size
    arrow = (
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="7" '
        f'markerHeight="7" orient="auto"><path d="M0 0 10 5 0 10z" fill="{INK}"/></marker></defs>'
    )
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'role="img" font-family="Segoe UI, Helvetica, Arial, sans-serif"><title>{escape(title)}'
        f'</title>{arrow}<rect width="{width}" height="{height}" fill="#fff"/>'
    )
    OUT.mkdir(exist_ok=True)
    (OUT / name).write_text("\n".join([head, *parts, "</svg>"]) + "\n", encoding="utf-8")


def architecture() -> None:
    """Draw the layers, what is typed on top, and which way imports go."""
    step, left, width = 31, 60, 740
    parts = [text("people", Mark(left, 22, weight="bold"))]
    for number, (names, what) in enumerate(reversed(LAYERS)):
        top = 34 + step * number
        parts += [box(left, top, width, step - 6, PALE)]
        parts += [text(", ".join(names), Mark(left + 12, top + 17, weight="bold"))]
        parts += [text(what, Mark(left + 350, top + 17, 13))]
    bottom = 34 + step * len(LAYERS)
    parts += [text("declarations", Mark(left, bottom + 16, weight="bold"))]
    parts += [
        f'<path d="M35 44V{bottom - 10}" stroke="{INK}" stroke-width="2" marker-end="url(#tip)"/>',
        text("imports only from below", Mark(24, 400, 13, anchor="middle"), "rotate(-90 24 400)"),
    ]
    title = "The layers of omemsim; a file imports only from layers below its own"
    save("architecture.svg", title, (820, bottom + 30), parts)


def week() -> None:
    """Draw which tables each stage reads and writes, from the stages' own declarations."""
    modules = {name: importlib.import_module(f"omemsim.processes.{name}") for name in WEEK}
    tables = list(dict.fromkeys(x for one in modules.values() for x in (*one.READS, *one.WRITES)))
    left, top, across, down = 130, 130, 34, 28
    width = left + across * len(tables) + 70
    parts = []
    for column, table in enumerate(tables):
        x = left + across * (column + 0.5)
        parts += [text(table, Mark(x, top - 12, 13), f"rotate(-45 {x:g} {top - 12})")]
    for row, (name, module) in enumerate(modules.items()):
        y = top + down * row
        parts += [box(8, y, width - 78, down - 4, PALE if row % 2 else "#fff")]
        parts += [text(f"{row + 1}. {name}", Mark(18, y + 17, weight="bold"))]
        for column, table in enumerate(tables):
            x = left + across * (column + 0.5)
            written, read = len(module.WRITES.get(table, "").split()), table in module.READS
            if written:
                radius = min(4 + 1.5 * math.sqrt(written), 11)
                parts += [f'<circle cx="{x:g}" cy="{y + 12}" r="{radius:.1f}" fill="{BLUE}"/>']
            elif read:
                parts += [f'<circle cx="{x:g}" cy="{y + 12}" r="4" fill="none" stroke="{INK}"/>']
    y = top + down * len(modules) + 22
    parts += [f'<circle cx="20" cy="{y - 5}" r="7" fill="{BLUE}"/>']
    parts += [text("writes columns of it (larger: more of them)", Mark(34, y, 13))]
    parts += [f'<circle cx="330" cy="{y - 5}" r="4" fill="none" stroke="{INK}"/>']
    parts += [text("only reads it", Mark(342, y, 13))]
    save("week.svg", "Which tables each stage of a week reads and writes", (width, y + 16), parts)


def on_ring(middle: tuple[float, float], angle: float) -> tuple[float, float]:
    """Return the point of a ring at an angle."""
    return middle[0] + RING[0] * math.cos(angle), middle[1] + RING[1] * math.sin(angle)


def free_of(angle: float, step: float) -> float:
    """Return the first angle, in steps from a thing's own, at which the ring leaves its box."""
    here, there = on_ring((0, 0), angle), on_ring((0, 0), angle)
    turned = angle
    while abs(there[0] - here[0]) < BOX[0] + 5 and abs(there[1] - here[1]) < BOX[1] + 5:
        turned += step
        there = on_ring((0, 0), turned)
    return turned


def loop(name: str, colour: str, things: tuple[tuple[str, str], ...], middle: tuple[float, float]):
    """Return the parts of one loop, a ring that is read clockwise."""
    dark = "#7a5200" if colour == AMBER else "#22705a" if colour == GREEN else colour
    parts = [text(name, Mark(middle[0], middle[1] + 6, 17, dark, "middle", "bold"))]
    turn = 2 * math.pi / len(things)
    for place, (thing, sign) in enumerate(things):
        angle = turn * place - math.pi / 2
        x, y = on_ring(middle, angle)
        parts += [box(x - BOX[0], y - BOX[1], 2 * BOX[0], 2 * BOX[1], PALE)]
        edge = f'x="{x - BOX[0]:.1f}" y="{y - BOX[1]:.1f}" width="6" height="{2 * BOX[1]}"'
        parts += [f'<rect {edge} fill="{colour}"/>']
        parts += [text(thing, Mark(round(x + 3, 1), round(y + 5, 1), 14, anchor="middle"))]
        begin, end = free_of(angle, 0.01), free_of(angle + turn, -0.01)
        (x1, y1), (x2, y2) = on_ring(middle, begin), on_ring(middle, end)
        arc = f"M{x1:.1f} {y1:.1f}A{RING[0]} {RING[1]} 0 0 1 {x2:.1f} {y2:.1f}"
        parts += [f'<path d="{arc}" fill="none" stroke="{INK}" marker-end="url(#tip)"/>']
        half = (begin + end) / 2
        sx, sy = middle[0] + 172 * math.cos(half), middle[1] + 137 * math.sin(half)
        parts += [text(sign, Mark(round(sx, 1), round(sy + 6, 1), 20, dark, "middle", "bold"))]
    return parts


def loops() -> None:
    """Draw the four loops."""
    parts = []
    for number, (name, colour, things) in enumerate(LOOPS):
        middle = (225 + 450 * (number % 2), 150 + 300 * (number // 2))
        parts += loop(name, colour, things, middle)
    told = "+ : more of one makes the next more;  \u2212 : more of one makes the next less"
    parts += [text(told, Mark(450, 622, 14, anchor="middle"))]
    save(
        "loops.svg", "Four loops: demand trap, fear gate, capacity, complacency", (900, 640), parts
    )


if __name__ == "__main__":
    architecture()
    week()
    loops()
