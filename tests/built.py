"""The week compiled for other machines and for a browser: made once for all tests of a run."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from omemsim.locks import let_go, take

# In a process of its own, as portable code asks for; one, since Numba's part serves all machines.
BUILD = """
import sys
from pathlib import Path
from omemsim.compiling.shipping import write_libraries
from omemsim.compiling.webassembly import build

folder = Path(sys.argv[1])
write_libraries(folder)
(folder / "week.wasm").write_bytes(build())
"""


def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the libraries and `week.wasm`; whoever comes second waits."""
    root = tmp_path_factory.getbasetemp()
    root = root.parent if root.name.startswith("popen-gw") else root  # all workers of xdist
    folder, done = root / "compiled", root / "compiled-done"
    lock = root / "compiled.lock"
    while (held := take(lock)) is None:
        time.sleep(0.2)
    try:
        if not done.exists():
            made = subprocess.run(
                [sys.executable, "-c", BUILD, str(folder)], capture_output=True, text=True
            )
            assert made.returncode == 0, made.stderr
            done.touch()
    finally:
        let_go(held, lock)
    return folder
