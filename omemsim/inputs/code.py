"""Code of the user's own in a scenario: which functions it names, and of which source."""

from __future__ import annotations

import copy

from omemsim.inputs.scenario import Scenario
from omemsim.own import digest_of
from omemsim.recording import ALL
from omemsim.vocabulary.errors import InputError

__all__ = ["CODE_KEYS", "with_code"]

CODE_KEYS = ("record.measures", "strategy.own_interventions", "code")  # keys whose values name code


def with_code(scenario: Scenario) -> Scenario:
    """Return the scenario with the digests of the sources of all code that it names.

    Raises
    ------
    InputError
        If code cannot be imported, or has another source than the scenario was made with.
    """
    references = _references(scenario)
    if not references and not scenario.code:
        return scenario
    found = {reference: digest_of(reference) for reference in references}
    problems = [
        f"code: {reference}: its source here ({digest}) is not the one that this was made with "
        f"({scenario.code[reference]}). Take that version of the file, or leave `code` out to run "
        "it as it is now."
        for reference, digest in found.items()
        if scenario.code.get(reference, digest) != digest
    ]
    if problems:
        raise InputError(*problems)
    changed = copy.copy(scenario)
    object.__setattr__(changed, "code", found)
    return changed


def _references(scenario: Scenario) -> list[str]:
    """Return each module:function that a scenario names, once."""
    done = [item.do for item in scenario.strategy.own_interventions]
    if scenario.record.measures == [ALL]:
        return list(dict.fromkeys(done))
    from omemsim.measures import own_references  # late: it loads the kernels

    return list(dict.fromkeys([*done, *own_references(scenario.record)]))
