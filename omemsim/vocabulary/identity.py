"""Of which sources machine code is made: whatever changes in them makes what was compiled void."""

from __future__ import annotations

import hashlib
from pathlib import Path

__all__ = ["digest_of_sources", "sources"]

PACKAGE = Path(__file__).parents[1]
COMPILED = (
    "compiler.py",
    "kernels.py",
    "loop.py",
    "pointers.py",
    "program.py",
    "schedule.py",
    "strategies.py",
    "processes",
    "vocabulary",
)


def sources() -> list[Path]:
    """Return the files whose change may change a kernel's machine code."""
    named = [PACKAGE / name for name in COMPILED]
    return sorted(
        source for path in named for source in (path.rglob("*.py") if path.is_dir() else [path])
    )


def digest_of_sources() -> str:
    """Return the SHA-256 of what stands in them, as hexadecimal digits."""
    digest = hashlib.sha256()
    for source in sources():
        digest.update(source.read_bytes())
    return digest.hexdigest()
