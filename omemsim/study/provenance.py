"""What made results, written beside them: the command, the environment, the whole config."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.study.identity import environment, plain
from omemsim.study.series_files import write_whole

if TYPE_CHECKING:
    from omemsim.inputs.scenario import Scenario

__all__ = ["PROVENANCE", "write_provenance"]

PROVENANCE = "provenance.json"


def write_provenance(
    out: Path, command: str | None, config: Scenario | Mapping[str, Scenario], **more: object
) -> None:
    """Write what made the results, and the command that makes them again.

    Parameters
    ----------
    out : folder that is there.
    command : as one types it; None of what was asked from Python.
    config : the scenario, or those of many arms by name.
    **more : what else is to be said, by name; dataclasses, enums and arrays become plain types.

    Raises
    ------
    InputError
        If the folder is full or read-only.
    """
    content = {
        "command": command,
        "written": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "environment": environment(),
        **{name: plain(value) for name, value in more.items()},
        "config": plain(config),
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write_whole(out / PROVENANCE, text.encode())
