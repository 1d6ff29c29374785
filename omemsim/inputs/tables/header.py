"""Find the header of a grid: below titles, over two lines, above footnotes, of several tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from omemsim.inputs.tables.grid import Grid, Row, Table
from omemsim.inputs.tables.numbers import Style, cell_of
from omemsim.inputs.tables.problems import Problems
from omemsim.inputs.tables.text import FORMATS
from omemsim.present.text import counted, shortened, some
from omemsim.vocabulary.errors import InputError

__all__ = ["tables_of"]

_SEARCHED = 60  # lines in which a header is looked for
_YEAR = re.compile(r"(19|20)\d\d([-/–](19|20)?\d\d)?")
_REMARK = re.compile(
    r"(sources?|notes?|remarks?|remarques?|quellen?|hinweise?|anmerkung(en)?|légende|legende|"
    r"data (as of|source|from)|last updated|copyright|contains? |footnotes?|symbols?|"
    r"[(\[][\w ]{1,8}[)\]]\s|\d\)\s)\b|[*†‡©¹²³]",
    re.IGNORECASE,
)
_STYLES = (Style(".", ","), Style(",", "."))


def tables_of(grid: Grid, problems: Problems) -> list[Table]:
    """Return the tables that stand on a grid, one below or beside another.

    Parameters
    ----------
    grid : of text.
    problems : gets rows of another length than the header, where the grid is strict.

    Raises
    ------
    InputError
        Nothing that could be a header, or nothing below it.
    """
    if not grid.rows:
        raise InputError(f"{grid.path}: no header line could be read. {FORMATS}.")
    found: list[Table] = []
    rows = list(grid.rows)
    while rows:
        head = _head(rows, grid.path, is_strict=grid.is_strict)
        body = rows[head.end :]
        stop = next((i for i in range(1, len(body)) if _begins_another(body, i, head)), len(body))
        before = len(problems)
        table = _table(grid, head, body[:stop], problems)
        if not table.rows and len(problems) == before and not found:
            raise InputError(
                f"{grid.path}: has a header and no rows; one row a neighbourhood is needed."
            )
        found += _beside(table) if table.rows or not found else []
        rows = _from_title(body, stop)
    return found


@dataclass(frozen=True)
class _Head:
    """The names of columns, where they end, and the lines above them."""

    names: tuple[str, ...]
    end: int
    titles: tuple[Row, ...]


def _filled(row: Row) -> int:
    """Return how many cells hold something; those of one merged title are one."""
    held = [cell for cell in row.cells if cell]
    return 1 if len(set(held)) == 1 else len(held)


def _numbers(row: Row) -> int:
    return sum(map(_is_number, row.cells))


def _is_number(cell: str) -> bool:
    if not cell or _YEAR.fullmatch(cell):
        return False
    for style in _STYLES:
        try:
            read = cell_of(cell, style)
        except ValueError:
            continue
        return read.is_number or read.is_range
    return False


def _names_columns(row: Row) -> bool:
    """Say whether a row holds words rather than numbers."""
    return _numbers(row) * 2 < _filled(row)


def _head(rows: Sequence[Row], path: str, *, is_strict: bool) -> _Head:
    """Find the header: the first line of words that is about as long as the lines of numbers."""
    data = [row for row in rows if _numbers(row)]
    usual = _most_common(_filled(row) for row in data)
    width = _most_common(len(row.cells) for row in data) if is_strict else 0
    words = [i for i, row in enumerate(rows[:_SEARCHED]) if _names_columns(row)]
    long = [i for i in words if max(2, (usual + 1) // 2) <= _filled(rows[i])]
    wide = [i for i in long if len(rows[i].cells) >= width]
    place = next(iter([*wide, *long]), 0)
    if all(_is_number(cell) for cell in rows[place].cells if cell):
        raise InputError(
            f"{path}: the first line holds numbers; a header line is needed, with names of columns."
        )
    lines = _lines_of_header(rows, place)
    names = _joined([rows[i].cells for i in lines])
    return _Head(_without_empty_tail(names), lines[-1] + 1, tuple(rows[: lines[0]]))


def _most_common(numbers: Iterable[int]) -> int:
    return next((number for number, _ in Counter(numbers).most_common(1)), 1)


def _lines_of_header(rows: Sequence[Row], place: int) -> list[int]:
    """Return the header's lines: one above or below the first is part of it if it completes it."""
    head = rows[place]
    names = [cell for cell in head.cells if cell]
    lines = [place]
    has_twins = len(set(names)) < len(names)
    follows = place > 0 and rows[place - 1].line == head.line - 1
    if follows and (has_twins or _filled(rows[place - 1]) > 1):
        lines.insert(0, place - 1)
    below = rows[place + 1] if place + 1 < len(rows) else None
    if below is not None and place + 2 < len(rows) and not _numbers(below):
        cells = [*head.cells, *[""] * (len(below.cells) - len(head.cells))]
        shared = has_twins or any(
            low and not high for low, high in zip(below.cells, cells, strict=False)
        )
        is_data = bool(below.cells[0]) and below.cells[0] != head.cells[0] and bool(head.cells[0])
        if shared and not is_data and _filled(below) > 1:
            lines.append(place + 1)
    return lines


def _joined(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return the names of columns that stand on one line or on two, the year last."""
    if len(lines) == 1:
        return list(lines[0])
    upper, lower = lines
    width = max(len(upper), len(lower))
    above, names = "", []
    for place in range(width):
        high = upper[place] if place < len(upper) else ""
        low = lower[place] if place < len(lower) else ""
        above = high or above
        if high == low or not low:
            names.append(high or low)
        elif _YEAR.fullmatch(above):
            names.append(f"{low} {above}")
        else:
            names.append(f"{above} {low}".strip())
    return names


def _without_empty_tail(names: Sequence[str]) -> tuple[str, ...]:
    """Drop the nameless columns that spreadsheets leave at the right."""
    end = max((i for i, name in enumerate(names) if name), default=-1) + 1
    return tuple(re.sub(r"\s+", " ", name) for name in names[:end])


def _begins_another(body: Sequence[Row], place: int, head: _Head) -> bool:
    """Say whether a row is the header of another table: words, after a gap, above numbers."""
    row = body[place]
    if place + 1 >= len(body) or _numbers(row) or _filled(row) < 2:
        return False
    after_gap = row.line - body[place - 1].line > 1 or _filled(body[place - 1]) == 1
    is_long = _filled(row) * 2 >= len([name for name in head.names if name])
    return after_gap and is_long and _numbers(body[place + 1]) > 0


def _from_title(body: Sequence[Row], stop: int) -> list[Row]:
    """Return the rows of the next table, from the titles above its header on."""
    if stop >= len(body):
        return []
    while stop and _filled(body[stop - 1]) == 1 and body[stop].line - body[stop - 1].line == 1:
        stop -= 1
    return list(body[stop:])


def _table(grid: Grid, head: _Head, body: Sequence[Row], problems: Problems) -> Table:
    remarks = [row for row in body if _is_remark(row, len(head.names))]
    again = [row for row in body if row.cells[: len(head.names)] == head.names]
    kept = (
        [row for row in body if row not in remarks and row not in again]
        if remarks or again
        else body
    )
    rows = list(_fitted(grid, head.names, kept, problems))
    notes = list(grid.notes)
    if head.titles:
        shown = some([repr(_brief(row)) for row in head.titles], 2)
        notes.append(f"{counted(len(head.titles), 'line')} above the header left out: {shown}.")
    if remarks:
        shown = some([repr(_brief(row)) for row in remarks])
        notes.append(f"{counted(len(remarks), 'remark')} below or between rows left out: {shown}.")
    titles = tuple(" ".join(filter(None, row.cells)) for row in head.titles)
    table = Table(
        grid.path,
        head.names,
        tuple(rows),
        comma=grid.comma,
        unit=grid.unit,
        notes=notes,
        titles=titles,
        faults=grid.faults,
    )
    if table.decimal == ",":
        notes.append("Decimals are written with a comma (1,5 is read as 1.5).")
    return table


def _brief(row: Row) -> str:
    return shortened(next(cell for cell in row.cells if cell), 40)


def _is_remark(row: Row, width: int) -> bool:
    """Say whether a row is a footnote or a heading between rows, and no neighbourhood."""
    if width < 3:
        return False
    first = next(cell for cell in row.cells if cell)
    is_told = bool(_REMARK.match(first))
    if _filled(row) * 2 < width and is_told:
        return True
    return not _numbers(row) and (_filled(row) == 1 or is_told)


def _fitted(
    grid: Grid, names: Sequence[str], body: Sequence[Row], problems: Problems
) -> Iterator[Row]:
    """Yield rows that have a cell for each column; of a strict grid others are a fault."""
    for row in body:
        cells = row.cells
        if len(cells) > len(names) and (not grid.is_strict or not any(cells[len(names) :])):
            cells = cells[: len(names)]
        elif len(cells) < len(names) and not grid.is_strict:
            cells = (*cells, *[""] * (len(names) - len(cells)))
        if len(cells) == len(names):
            yield Row(row.line, cells)
        else:
            problems.row(
                grid.path,
                row.line,
                f"{len(cells)} cells",
                reason=f"where the header has {len(names)} columns. Put text that holds the "
                "separator in quotes, or add the missing cells.",
            )


def _beside(table: Table) -> list[Table]:
    """Return two tables for one in which an empty column stands between two that begin alike."""
    names = table.header
    for gap in range(2, len(names) - 2):
        empty = not names[gap] and not any(row.cells[gap] for row in table.rows)
        if empty and names[gap + 1] == names[0] and names[0]:
            return [_part(table, 0, gap), _part(table, gap + 1, len(names))]
    return [table]


def _part(table: Table, first: int, end: int) -> Table:
    rows = [Row(row.line, row.cells[first:end]) for row in table.rows if any(row.cells[first:end])]
    return replace(table.made(rows, table.header[first:end]), notes=list(table.notes))
