"""Code of the user's own: named as ``module:function``, imported, and told apart by its source.

A measure or an intervention of one's own is a function at the top level of a module that a worker
process can import, too. A scenario names it in words and keeps a digest of its source, so that a
run made with one version of the code is never taken for one made with another. Other packages may
give such functions short names, by entry points.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.random_numbers import named_stream, uniforms

if TYPE_CHECKING:
    from omemsim.town import Town

__all__ = ["check_source", "digest_of", "function_at", "keyed", "offered", "reference_of"]

LARGEST_KEY = 2**32 - 1
DIGEST = 16  # hexadecimal digits
FORM = "module:function, as my_measures:worst_fear"
OWN_FILE = "put it into a file of its own, as my_measures.py, and import it from there"

# By reference, the function as it was imported and the digest of its source at that time.
_imported: dict[str, tuple[Callable[..., Any], str]] = {}


def keyed(town: Town, name: str, keys: ArrayLike, *, draw: int = 0) -> NDArray[np.float64]:
    """Return random numbers, uniform in (0, 1), for code of the user's own.

    Each is a function of the town's seed and week, the name and the key alone: the same under every
    strategy, at any number of workers, and whatever else is drawn.

    Parameters
    ----------
    town : whose seed and week count.
    name : of what is drawn, of your choice; other names give independent numbers.
    keys : whole numbers from 0 to 2**32 - 1, of any shape: one of each thing that is drawn for, as
        the number of a neighbourhood. The same key gives the same number.
    draw : numbers several draws for the same key in a week.

    Returns
    -------
    ndarray
        In the shape of ``keys``; multiples of 2**-24.

    Raises
    ------
    InputError
        If a key is no such number.
    """
    asked = np.asarray(keys)
    is_whole = asked.dtype.kind in "iu"
    if not is_whole or (asked.size and not 0 <= asked.min() <= asked.max() <= LARGEST_KEY):
        raise InputError(f"keys = {keys!r}: must be whole numbers from 0 to {LARGEST_KEY:,}.")
    stream = named_stream(town.seed, name, town.week, draw)
    drawn = uniforms(np.atleast_1d(asked).astype(np.uint32), stream)
    return drawn.astype(float).reshape(asked.shape)


def function_at(reference: str) -> Callable[..., Any]:
    """Return the function that is named ``module:function``.

    A module that stands in the current folder is found, too.

    Raises
    ------
    InputError
        If there is no such module or function, or the module cannot be imported.
    """
    module, colon, name = reference.partition(":")
    if not colon or not name.isidentifier() or not module.replace(".", "_").isidentifier():
        raise InputError(f"{reference!r}: must be {FORM}.")
    found = getattr(_module(module, reference), name, None)
    if not inspect.isfunction(found):
        kind = "no function" if found is None else f"no function but {type(found).__name__}"
        raise InputError(f"{reference!r}: {name!r} in {module} is {kind}.")
    return found


def reference_of(function: object) -> str:
    """Return the ``module:function`` of a function; text is one already.

    Raises
    ------
    InputError
        If a worker process could not import it.
    """
    if isinstance(function, str):
        return function
    if not inspect.isfunction(function):
        raise InputError(f"{function!r}: must be a function, or text of the form {FORM}.")
    name, module = function.__qualname__, function.__module__
    if not name.isidentifier():  # <lambda>, or inside of another function or class
        raise InputError(
            f"{name} in {module}: worker processes import a function by its name, so it must have "
            "one of its own at the top level of a module, no lambda and not inside of another."
        )
    if module == "__main__":
        raise InputError(
            f"{name}: it stands in the script or notebook that was started, which worker processes "
            f"do not read: {OWN_FILE}."
        )
    reference = f"{module}:{name}"
    if function_at(reference) is not function:
        raise InputError(
            f"{reference}: the module has another function of this name, perhaps since it was "
            "loaded again: import the function again."
        )
    return reference


def digest_of(reference: str) -> str:
    """Return a digest of the source that a function may use: its module's and its package's.

    Of a module outside of any package, modules beside it that it imports count too. What it
    imports from elsewhere, and files that it reads, do not.

    Raises
    ------
    InputError
        If it cannot be imported, has no source, or its source has changed since.
    """
    function = function_at(reference)
    module = sys.modules[function.__module__]
    digest = hashlib.sha256(reference.encode())
    for path in _sources(module, reference):
        digest.update(b"\0" + path.name.encode() + b"\0" + path.read_bytes())
    found = digest.hexdigest()[:DIGEST]
    before, then = _imported.setdefault(reference, (function, found))
    if before is function and then != found:
        raise InputError(
            f"{reference}: its source has changed since this process imported it, so it would run "
            "as it was: start Python (in a notebook: the kernel) again."
        )
    _imported[reference] = function, found
    return found


@functools.cache  # once in a process: the function that it has stays
def check_source(reference: str, wanted: str) -> None:
    """Check that a function's source is the one with this digest.

    Raises
    ------
    InputError
        If it is another.
    """
    found = digest_of(reference)
    if found != wanted:
        raise InputError(
            f"{reference}: its source here ({found}) is not the one that was asked for ({wanted}), "
            "and would give other numbers. Have the same files on all machines."
        )


def offered(group: str) -> dict[str, Any]:
    """Return the entry points that installed packages offer in a group, by their names.

    Raises
    ------
    InputError
        If two packages offer different things by the same name.
    """
    from importlib.metadata import entry_points  # late: few runs ask for it

    found: dict[str, Any] = {}
    for point in entry_points(group=group):
        if found.setdefault(point.name, point).value != point.value:
            raise InputError(
                f"{point.name!r} of {group} is offered twice, by {found[point.name].value} and by "
                f"{point.value}: uninstall one of the packages."
            )
    return found


def _module(name: str, reference: str) -> ModuleType:
    """Return an imported module."""
    here = os.getcwd()
    top = Path(here, name.partition(".")[0])
    if here not in sys.path and (top.is_dir() or top.with_suffix(".py").is_file()):
        sys.path.append(here)  # the command omemsim, unlike python -m omemsim, does not look there
    try:
        return importlib.import_module(name)
    except InputError:
        raise
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise InputError(f"{reference!r}: {name} cannot be imported: {error}.") from error
        raise InputError(
            f"{reference!r}: there is no module {name!r}. It must stand in the current folder, be "
            "installed, or be on PYTHONPATH."
        ) from error
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise InputError(f"{reference!r}: {name} cannot be imported: {said}.") from error


def _sources(module: ModuleType, reference: str) -> list[Path]:
    """Return the files of a module and of what belongs to it, in a fixed order."""
    top = sys.modules[module.__name__.partition(".")[0]]
    if hasattr(top, "__path__"):
        return sorted(path for root in top.__path__ for path in Path(root).rglob("*.py"))
    source = inspect.getsourcefile(module)
    if source is None or not Path(source).is_file():
        raise InputError(
            f"{reference!r}: the source of {module.__name__} is not there, and without it a store "
            f"could not tell one version from another: {OWN_FILE}."
        )
    found: dict[Path, None] = {}
    _add_with_neighbours(Path(source), found)
    return sorted(found)


def _add_with_neighbours(path: Path, found: dict[Path, None]) -> None:
    """Add a file and, one after the other, those beside it that it imports."""
    if path in found:
        return
    found[path] = None
    import sysconfig  # late: few runs have code of their own

    if path.parent in {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}:
        return  # beside an installed module stands everything that is installed
    for name in _imports(ast.parse(path.read_bytes())):
        beside, package = path.with_name(f"{name}.py"), path.with_name(name) / "__init__.py"
        if beside.is_file():
            _add_with_neighbours(beside, found)
        elif package.is_file() and name != "omemsim":
            found.update(dict.fromkeys(package.parent.rglob("*.py")))


def _imports(tree: ast.AST) -> Iterator[str]:
    """Yield the first part of the name of each module that is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]
