"""What a diagnosis leaves in a folder: tables, a workbook, cards, a map, and the fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from omemsim.analysis.city_fit import CLOSE
from omemsim.analysis.diagnose import Diagnosis
from omemsim.analysis.diagnosis_sheets import sheets_of
from omemsim.figures.cards_html import BOTH, card_pages, languages_of
from omemsim.figures.city_fit import fit_figure
from omemsim.figures.maps import Ground, cells, polygons
from omemsim.figures.page import Page, write
from omemsim.figures.provenance import provenance_line
from omemsim.figures.zone_map import of_ground, zone_map
from omemsim.language import Language
from omemsim.present import excel
from omemsim.present.text import counted
from omemsim.study.series_files import whole, write_whole

__all__ = ["BOOK", "NOTES", "TABLE", "save_diagnosis"]

TABLE, NOTES, BOOK = "zones.csv", "notes.txt", "diagnosis.xlsx"


def save_diagnosis(
    diagnosis: Diagnosis, out: Path, *, language: str = BOTH, command: str = ""
) -> list[str]:
    """Write all files of a diagnosis into a folder, each whole or not at all.

    Parameters
    ----------
    diagnosis : of a table.
    out : folder, made if need be.
    language : of the cards: "en", "fr" or `cards_html.BOTH`; figures are in the first of them.
    command : that makes the files again; empty where none can.

    Returns
    -------
    list of str
        What is left out and why, a sentence each.

    Raises
    ------
    InputError
        If the folder is full or read-only.
    """
    write_whole(out / TABLE, diagnosis.csv().encode())
    write_whole(out / NOTES, "".join(f"{note}\n" for note in diagnosis.notes).encode())
    for name, text in card_pages(diagnosis, language=language, command=command).items():
        write_whole(out / name, text.encode())
    spoken = languages_of(language)[0]
    for name, page in _figures(diagnosis, spoken):
        write(page, out, name)
    if not excel.is_installed():
        return [f"{BOOK} is left out: {excel.NEEDED}."]
    with whole(out / BOOK) as path:
        excel.write_book(path, sheets_of(diagnosis, spoken))
    return []


def _figures(diagnosis: Diagnosis, language: Language) -> list[tuple[str, Page]]:
    """Return the figures by the names of their files."""
    ground = _ground(diagnosis)
    rows = of_ground(diagnosis.rows, diagnosis.blueprint.ids)
    places = counted(len(rows), "neighbourhood")
    source = provenance_line(diagnosis.town, places)
    squares = language.translate(
        "Each neighbourhood is drawn as a square: its shape is not in the table."
    )
    found = [
        (
            "map",
            zone_map(
                rows, ground, language=language, notes=[squares] * ground.made_up, source=source
            ),
        )
    ]
    if (fit := diagnosis.fit) is not None:
        note = language.translate(
            "Mean of {runs} simulated towns at a scale of 1 to {scale}, each for a year under "
            "present practice. Grey: within {share}. Outlined: the same zone.",
            runs=fit.runs,
            scale=language.number(fit.scale),
            share=language.share(CLOSE),
        )
        figure = fit_figure(fit, rows, language=language, notes=[note], source=source)
        found.append(("fit", figure))
    return found


def _ground(diagnosis: Diagnosis) -> Ground:
    blueprint = diagnosis.blueprint
    if blueprint.polygons:
        return polygons(blueprint.polygons)
    return cells(np.asarray(blueprint.xy, float))
