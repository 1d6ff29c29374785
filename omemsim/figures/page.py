"""The paper every figure is drawn on: size, type, footer, and how it reaches the disk.

A page is laid out in inches from its top left corner, so that nothing moves or collides
when a name is longer. It is at most 9.2 inches wide: a laptop shows it whole at 100%.
No pyplot, hence no global state: figures may be drawn in threads and servers.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from matplotlib import rc_context, rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from omemsim.figures.letters import FAMILY, MARK, NOTE, families, legible

__all__ = [
    "BODY",
    "GRID",
    "INK",
    "PALE",
    "SMALL",
    "WIDTH",
    "Page",
    "styled",
    "write",
    "years_axis",
]

WIDTH = 9.2
MARGIN = 0.25
TITLE, BODY, SMALL = 13.0, 9.5, 8.5
INK, PALE = "#222222", "#5a5a5a"
GRID = "#e6e6e6"  # lines across a panel
DPI = 150
_LINE = 0.18  # inches from one line of the foot to the next

_STYLE: dict[str, Any] = {
    "font.family": FAMILY,
    "font.size": SMALL,
    "text.parse_math": False,  # a strategy may be called "$5 a day"
    "text.color": INK,
    "axes.edgecolor": "#8a8a8a",
    "axes.labelcolor": INK,
    "axes.labelsize": SMALL,
    "axes.titlesize": BODY,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "svg.fonttype": "path",
    "svg.hashsalt": "omemsim",
}


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the project's style, whatever the caller's matplotlib settings are."""
    plain: Any = {key: value for key, value in rcParamsDefault.items() if key != "backend"}
    plain.update(_STYLE)
    with rc_context(plain):
        yield


class Page(Figure):
    """A figure measured in inches from the top left; a notebook shows it as itself.

    Parameters
    ----------
    height : inches, title, notes and footer included.
    title : a question or a finding, in plain words.
    subtitle : what is seen or found, wrapped to at most three lines; or several paragraphs
        (one a line), each wrapped to at most two.
    """

    def __init__(self, height: float, *, title: str, subtitle: str = "") -> None:
        super().__init__(figsize=(WIDTH, height), dpi=DPI, facecolor="white")
        FigureCanvasAgg(self)
        self.title = title
        top = MARGIN
        for line in self.wrap(title, WIDTH - 2 * MARGIN, size=TITLE, bold=True, lines=2):
            self.words(MARGIN, top, line, size=TITLE, weight="bold", va="top")
            top += 0.25
        parts = subtitle.split("\n")
        most = 3 if len(parts) == 1 else 2
        for part in parts:
            for line in self.wrap(part, WIDTH - 2 * MARGIN, size=BODY, lines=most):
                self.words(MARGIN, top + 0.03, line, size=BODY, va="top")
                top += 0.19
        self.top = top + 0.15

    @property
    def inches(self) -> tuple[float, float]:
        """Width and height."""
        width, height = self.get_size_inches()
        return float(width), float(height)

    def grow(self, height: float) -> None:
        """Set the height before anything but the heading is drawn; the heading stays on top."""
        old = self.inches[1]
        self.set_size_inches(WIDTH, height)
        for text in self.texts:
            x, y = text.get_position()
            text.set_position((x, 1 - (1 - y) * old / height))

    def panel(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return axes at this place, with no frame but the left and bottom line.

        Parameters
        ----------
        left, top, width, height : inches, from the page's left and upper edge.
        """
        w, h = self.inches
        axes = self.add_axes((left / w, 1 - (top + height) / h, width / w, height / h))
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(length=3, color="#8a8a8a")
        return axes

    def words(self, left: float, top: float, text: str, **style: Any) -> None:
        """Write ``text`` at this place; ``style`` as for matplotlib's ``text``.

        Parameters
        ----------
        left, top : inches, from the page's left and upper edge.
        text : as it is: a dollar sign begins no formula.
        **style : as for matplotlib's ``text``; `SMALL` type where no size is given.
        """
        w, h = self.inches
        style = {"size": SMALL, **style}
        self.text(left / w, 1 - top / h, text, parse_math=False, **style)

    def footer(self, notes: Sequence[str], provenance: str) -> None:
        """Write notes, then where the numbers come from, at the foot of the page."""
        height = self.inches[1]
        lines = self.note_lines(notes)
        top = height - MARGIN - 0.12 - _LINE * len(lines)
        for line in lines:
            self.words(MARGIN, top, line, va="center")
            top += _LINE
        self.words(MARGIN, top + 0.06, provenance, color=PALE, va="center")

    def note_lines(self, notes: Sequence[str]) -> list[str]:
        """Return the notes wrapped to the width of the page."""
        room = WIDTH - 2 * MARGIN
        return [x for note in notes for x in self.wrap(note, room, size=SMALL, lines=4)]

    def foot(self, notes: Sequence[str]) -> float:
        """Return the inches that `footer` takes with these notes, white space included."""
        return MARGIN + 0.35 + _LINE * len(self.note_lines(notes))

    def width_of(self, text: str, *, size: float = SMALL, bold: bool = False) -> float:
        """Return the width of ``text`` in inches.

        Parameters
        ----------
        text : in one line.
        size : of the type, points.
        bold : whether it is.
        """
        return _width_of(text, size, bold)

    def wrap(
        self, text: str, room: float, *, size: float = SMALL, bold: bool = False, lines: int = 2
    ) -> list[str]:
        """Return a text in lines no wider than a room; what does not fit is cut with ….

        Parameters
        ----------
        text : words that are wider than the room are cut too.
        room : inches.
        size : of the type, points.
        bold : whether it is.
        lines : at most, 1 or more.
        """
        if text and self.width_of(text, size=size, bold=bold) <= room:
            return [text]
        rows: list[str] = []
        for word in text.split():
            joined = f"{rows[-1]} {word}" if rows else word
            if rows and self.width_of(joined, size=size, bold=bold) <= room:
                rows[-1] = joined
            else:
                rows.append(word)
        cut = rows[:lines]
        if len(rows) > lines:
            cut[-1] += " …"
        return [self._shorten(row, room, size=size, bold=bold) for row in cut]

    def _shorten(self, row: str, room: float, *, size: float, bold: bool) -> str:
        if self.width_of(row, size=size, bold=bold) <= room:
            return row
        while row and self.width_of(row + "…", size=size, bold=bold) > room:
            row = row[:-1]
        return row.rstrip() + "…"

    def draw(self, renderer: Any) -> None:
        """Draw in the project's style: ticks are made only now."""
        with styled():
            self._spell()
            super().draw(renderer)

    def _spell(self) -> None:
        """Give every text fonts that have its letters, and say once if some are in none."""
        names: list[str] = []
        drawn = [axes for axes in self.axes if axes.axison]
        for axis in (axis for axes in drawn for axis in (axes.xaxis, axes.yaxis)):
            labels = [label.get_text() for label in axis.get_ticklabels()]
            if any(label != legible(label) for label in labels):  # they would be written anew
                names += labels
                axis.set_ticks(axis.get_majorticklocs(), [legible(label) for label in labels])
        for text in self.findobj(Text):
            name = text.get_text()
            names.append(name)
            if len(families(name)) > 1:
                text.set_fontfamily(list(families(name)))
            text.set_text(legible(name))
        if any(legible(name).count(MARK) > name.count(MARK) for name in names):
            where = self.inches[1] - 0.11
            self.words(MARGIN, where, NOTE, size=SMALL - 1, color=PALE, va="center")

    def _repr_png_(self) -> bytes:
        """Return the picture, for notebooks (which know only figures made by pyplot)."""
        return _bytes(self, "png")


@lru_cache(maxsize=4096)
def _width_of(text: str, size: float, bold: bool) -> float:
    weight = "bold" if bold else "normal"
    font = FontProperties(family=list(families(text)), size=size, weight=weight)
    ruler: Any = _ruler()
    return float(ruler.get_text_width_height_descent(legible(text), font, False)[0]) / DPI


@lru_cache(maxsize=1)
def _ruler() -> RendererAgg:
    return RendererAgg(1, 1, DPI)  # type: ignore[no-untyped-call]


def years_axis(axes: Axes, last: float, *, label: bool = True) -> None:
    """Make ``axes`` run over years 0 to ``last``.

    Parameters
    ----------
    axes : its width says how many years are named.
    last : year, above 0.
    label : whether the axis is named in words.
    """
    axes.set_xlim(0, last)
    bins = 6 if axes.get_position().width * WIDTH > 2.5 else 4
    axes.xaxis.set_major_locator(MaxNLocator(nbins=bins, integer=last >= 2, steps=[1, 2, 5, 10]))
    if label:
        axes.set_xlabel("years from the start")


def write(page: Page, folder: Path, name: str) -> list[Path]:
    """Write ``folder/name.png`` (150 dpi) and ``.svg``; each appears whole or not at all.

    The SVG is the same bytes for the same figure: no date, no random identifiers.

    Parameters
    ----------
    page : left as it is.
    folder : made if it does not exist.
    name : of the files, without an ending.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_replace(folder / f"{name}.{kind}", _bytes(page, kind)) for kind in ("png", "svg")]


def _bytes(page: Page, kind: str) -> bytes:
    metadata = {"Title": page.title, **({"Date": None} if kind == "svg" else {})}
    buffer = io.BytesIO()
    with styled():
        page.savefig(buffer, format=kind, dpi=DPI, metadata=metadata)
    return buffer.getvalue()


def _replace(path: Path, content: bytes) -> Path:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path
