"""The weeks for browsers, found or made: a wheel carries them, a checkout makes them once."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from omemsim.cache import cache_for
from omemsim.compiling.webassembly import LINKER
from omemsim.shipped import FOLDER
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.identity import digest_of_sources

__all__ = ["module", "write_module"]

FILE, LIST = "week.wasm", "week.json"  # the module, and of which sources it was made
MADE_BY = ("webassembly.py", "webassembly.ll", "portable.py", "portable.ll", "targets.py")


def module() -> bytes:
    """Return the weeks as a WebAssembly module of the sources that are installed.

    That is the package's own, else one made before, else it is made now, in a minute or two.

    Raises
    ------
    InputError
        If it has to be made, and there is no linker.
    RuntimeError
        If making it fails.
    """
    identity = _identity()
    found = _shipped(identity)
    if found is not None:
        return found
    cache = cache_for(identity[:16])
    kept = cache.read(FILE)
    if kept is not None:
        return kept
    made = _made()
    cache.write(FILE, made)
    return made


def write_module(folder: Path, code: bytes) -> list[Path]:
    """Write the module where `module` finds it in a package; return what was written.

    Parameters
    ----------
    folder : of the package's compiled files.
    code : as `webassembly.build` returns it.
    """
    told = {"sources": _identity(), "sha256": hashlib.sha256(code).hexdigest()}
    (folder / FILE).write_bytes(code)
    (folder / LIST).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return [folder / FILE, folder / LIST]


def _identity() -> str:
    """Return of which sources a module is made, as hexadecimal digits."""
    digest = hashlib.sha256(digest_of_sources().encode())
    for name in MADE_BY:
        digest.update(Path(__file__).with_name(name).read_bytes())
    return digest.hexdigest()


def _shipped(identity: str) -> bytes | None:
    """Return the package's own module; None if it has none, or one of other sources."""
    try:
        told = json.loads((FOLDER / LIST).read_text(encoding="utf-8"))
        code = (FOLDER / FILE).read_bytes()
    except (OSError, ValueError):
        return None
    is_ours = told == {"sources": identity, "sha256": hashlib.sha256(code).hexdigest()}
    return code if is_ours else None


def _made() -> bytes:
    """Return a module made now, in a process of its own, as portable code asks for."""
    if shutil.which(LINKER) is None:
        raise InputError(
            f"A page runs the model itself, compiled for browsers, and making that needs {LINKER}, "
            "which is not installed. Debian or Ubuntu: sudo apt install lld; macOS: brew install "
            "lld. A package from `make wheel` has it ready."
        )
    print("Compiling the model for browsers (a minute or two, once) ...", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        command = [sys.executable, "-m", "omemsim.compiling.webassembly", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"The weeks cannot be made for browsers: {done.stderr.strip()}")
        return path.read_bytes()
