"""`omemsim diagnose TABLE --write-mapping`: a file that says which column is what, to correct."""

from __future__ import annotations

from pathlib import Path

from omemsim.inputs.scenario import TownConfig
from omemsim.vocabulary.errors import InputError

__all__ = ["write_mapping"]


def write_mapping(town: TownConfig) -> Path:
    """Write the mapping of a town's table, as it is understood, and say where.

    Parameters
    ----------
    town : read from a table.

    Raises
    ------
    InputError
        If the table cannot be read at all, or the file is there already.
    """
    from omemsim.inputs.tables import understood
    from omemsim.inputs.tables.mapping_file import mapping_text
    from omemsim.present.shell import quoted
    from omemsim.study.series_files import write_whole

    path = Path(f"{Path(str(town.file)).stem}-mapping.yaml")
    if path.exists():
        raise InputError(
            f"{path} is there already and is not overwritten: it may hold corrections. Use it as "
            f"town={quoted(path)}, or rename it."
        )
    write_whole(path, mapping_text(town, understood(town)).encode())
    print(
        f"What is taken for what is in {path}. Correct it, then: "
        f"omemsim diagnose town={quoted(path)}\n"
    )
    return path
