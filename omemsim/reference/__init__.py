"""The same week a second time: plain Mesa agents, one resident at a time, in float64.

Written from the text of the model (the docstrings of `omemsim.processes`, the declarations
of `omemsim.vocabulary`) and sharing no code with the fast week, so that where both agree,
both say what the text says. It is slow and meant to be read; `omemsim bench` races it.

Each stage, and each part of one, stands in the file of the same name as in `omemsim.processes`, but
for five small parts: `acquainted` is in `offenders`, `line` in `respond`, `pool` in `presence` and
`offenders`, `tail` in `context`, and `trust` in `feel` and `stopping`. `model` has the order of the
week. Its own are only `agents` and `entries`, which hold the state, and `draws`.
"""

from __future__ import annotations

from omemsim.reference.model import ReferenceModel

__all__ = ["ReferenceModel"]
