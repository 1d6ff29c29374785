"""Modules of the user's own, as a new process would find them."""

import sys

from omemsim import measures, own


def start_again(*names: str) -> None:
    """Forget what was imported of these modules, as if this process had just started."""
    for name in names:
        sys.modules.pop(name, None)
    own._imported.clear()
    own.check_source.cache_clear()
    measures._own.clear()
