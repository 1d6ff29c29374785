"""What a run is called, and what it was made with.

A run is named by a hash of its composed config, its replicate and the version of the results,
so that equal questions find one answer and code that has changed finds none.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from omemsim.inputs.config import BASELINE, GROUPS, TABLE_FILES, config_root
from omemsim.inputs.schema import key_of

__all__ = [
    "ANY_TABLE",
    "RESULTS_VERSION",
    "RunKey",
    "content_hash",
    "differences",
    "environment",
    "identify",
    "plain",
    "results_version",
]

# Raised with every entry under "Results change" in the changelog.
RESULTS_VERSION = 5

PACKAGE = Path(__file__).parents[1]
FILES = TABLE_FILES  # whose names do not count in a run's id: what is in them does
ANY_TABLE = GROUPS["town"]  # the town that is read from whatever table is named
# Sources that read results and cannot change them.
READERS = (
    *("study", "analysis", "reference", "present", "language", "figures", "report"),
    *("page", "classroom", "cli", "__init__.py", "__main__.py", "labelled.py"),
)


@dataclasses.dataclass(frozen=True)
class RunKey:
    """What a run is: its id, and what of it people ask for.

    Attributes
    ----------
    run_id : hash of the whole config, the replicate and the results' version.
    town, strategy : names.
    replicate : which simulated town and random numbers.
    config : a config as JSON, one for many runs.
    changes : what this run sets otherwise, as JSON of dotted paths to values.
    """

    run_id: str
    town: str
    strategy: str
    replicate: int
    config: str
    changes: str = "{}"


def plain(value: Any) -> Any:
    """Return a config (dataclasses, enums, paths, numbers) as JSON types.

    A whole float becomes an int, so that ``years=5`` and ``years=5.0`` are one question.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {key_of(item.name): plain(getattr(value, item.name)) for item in fields}
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def identify(
    config: Any, *, replicate: int, town: str, strategy: str, content: str | None = None
) -> RunKey:
    """Return the key of a run: equal for equal questions, different for different answers.

    Parameters
    ----------
    config : the composed scenario.
    replicate, town, strategy : what people ask for; the last two are names.
    content : `content_hash` of what was read from the files that ``config`` names, if any: it
        counts in their names' place, so that a moved file is the same and an edited one not.
    """
    tree = plain(config)
    asked = tree
    if content is not None:
        asked = {**tree, "town": {**tree["town"], **dict.fromkeys(FILES), "content": content}}
    question = json.dumps([asked, replicate, results_version()], sort_keys=True, allow_nan=False)
    run_id = hashlib.sha256(question.encode()).hexdigest()
    text = json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return RunKey(run_id, town, strategy, replicate, text)


def content_hash(tree: Any) -> str:
    """Return a hash of dataclasses, lists, arrays and scalars, by their values."""
    digest = hashlib.sha256()

    def add(value: Any) -> None:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            value = [getattr(value, item.name) for item in dataclasses.fields(value)]
        if isinstance(value, list | tuple):
            digest.update(f"[{len(value)}".encode())
            for item in value:
                add(item)
        elif isinstance(value, np.ndarray):
            digest.update(f"{value.dtype}{value.shape}".encode() + value.tobytes())
        else:
            digest.update(repr(value).encode() + b"\0")

    add(tree)
    return digest.hexdigest()


@functools.cache
def results_version() -> str:
    """Return the declared version of the results and a hash of the code that makes them."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE)
        if name.parts[0] not in READERS:
            digest.update(name.as_posix().encode() + b"\0" + path.read_bytes())
    digest.update((config_root() / "strategy" / f"{BASELINE}.yaml").read_bytes())  # of spin-ups
    return f"{RESULTS_VERSION}+{digest.hexdigest()[:12]}"


def environment() -> dict[str, str]:
    """Return versions of this package and of what its numbers may depend on."""
    return {
        "omemsim": _version("omemsim"),
        "results": results_version(),
        "commit": _commit(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "numba": _version("numba"),
        "scipy": _version("scipy"),
        "platform": platform.platform(),
        "machine": f"{platform.system()} {platform.machine()}",
    }


def differences(there: Mapping[str, str], here: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return what may make the numbers of two environments differ: in the code, and around it.

    Parameters
    ----------
    there, here : two environments; what one of them does not say is not counted.

    Returns
    -------
    code, around : a line each, as "numpy: 2.1.0 there, 2.2.0 here". Of Python only the first two
        numbers count, of the platform the system and the processor's kind.
    """

    def lines(names: tuple[str, ...]) -> list[str]:
        return [
            f"{name}: {there[name]} there, {here[name]} here"
            for name in names
            if name in there and name in here and _counts(name, there) != _counts(name, here)
        ]

    code = lines(("results",))
    return code + (lines(("omemsim", "commit")) if code else []), lines(AROUND)


AROUND = ("python", "numpy", "numba", "machine")


def _counts(name: str, versions: Mapping[str, str]) -> str:
    """Return what counts of a version."""
    return ".".join(versions[name].split(".")[:2]) if name == "python" else versions[name]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


@functools.cache
def _commit() -> str:
    """Return the commit of the checkout this package stands in, with -dirty if it was edited."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(PACKAGE), *words]
        answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
        return answer.stdout.strip()

    try:
        git("ls-files", "--error-unmatch", "__init__.py")  # not some other project's checkout
        edited = git("status", "--porcelain", "--untracked-files=no")
        return git("rev-parse", "HEAD") + ("-dirty" if edited else "")
    except (OSError, subprocess.SubprocessError):
        return "no checkout"
