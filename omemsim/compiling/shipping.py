"""The machine code that a wheel carries: ``python -m omemsim.compiling.shipping``.

Libraries are made of the same kernels that Numba compiles on the spot, for each kind of machine
and on any of them: LLVM compiles for all, and its linker needs nothing of theirs. `shipped` chooses
and loads one. docs/building.md has the whole way to a wheel.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from omemsim.compiling.browser import write_module
from omemsim.compiling.portable import STAGES, helpers, program, turns
from omemsim.compiling.targets import Machine, link_with, object_of
from omemsim.compiling.webassembly import build
from omemsim.shipped import FOLDER, LIST, LOOP, symbol
from omemsim.vocabulary.identity import digest_of_sources

__all__ = ["LINKER", "MACHINES", "library_for", "write_libraries"]

LINKER = "ld.lld"
MACHINES = {
    "x86-64-v3": Machine("x86_64-unknown-linux-gnu", cpu="x86-64-v3", relocation="pic"),
    "x86-64": Machine("x86_64-unknown-linux-gnu", cpu="x86-64", relocation="pic"),
    "aarch64": Machine("aarch64-unknown-linux-gnu", cpu="generic", relocation="pic"),
}


def library_for(machine: str) -> bytes:
    """Return the week as a shared library for a kind of machine of `MACHINES`.

    Nothing else may have been compiled in this process before (`compiler.portable_code`).

    Raises
    ------
    RuntimeError
        If there is no linker, or if it finds that something is missing.
    """
    exports = [LOOP, *(symbol(stage.name) for stage in STAGES)]
    runtime = helpers("portable", "native") + turns()
    return link_with(
        LINKER, object_of(runtime, MACHINES[machine], exports, *program()), "-shared", "-O2"
    )


def write_libraries(folder: Path) -> list[Path]:
    """Write a library for each kind of machine, and the list of them; return what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {machine: library_for(machine) for machine in MACHINES}
    files = {machine: f"week-{machine}.so" for machine in made}
    told = {
        "sources": digest_of_sources(),
        "stages": {stage.full_name: symbol(stage.name) for stage in STAGES},
        "machines": {
            machine: {"file": files[machine], "sha256": hashlib.sha256(code).hexdigest()}
            for machine, code in made.items()
        },
    }
    for machine, code in made.items():
        (folder / files[machine]).write_bytes(code)
    (folder / LIST).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return [folder / name for name in (*files.values(), LIST)]


def main() -> None:
    """Write what a wheel carries where the package looks for it, or to the folder that is named."""
    if len(sys.argv) > 2:
        sys.exit("usage: python -m omemsim.compiling.shipping [FOLDER]")
    folder = Path(sys.argv[1]) if len(sys.argv) == 2 else FOLDER
    for path in (*write_libraries(folder), *write_module(folder, build())):
        print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
