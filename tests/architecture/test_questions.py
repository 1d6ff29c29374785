"""No two questions of one event share a number, by what is declared and by what is asked."""

import itertools
import sys
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from parts import plain_kernels

from omemsim import kernels
from omemsim.inputs.config import compose_scenario
from omemsim.processes import WEEK
from omemsim.spin_up import spin_up
from omemsim.vocabulary.mechanisms import effective
from omemsim.vocabulary.questions import OF_A_CRIME, OF_AN_EPISODE

WORDS = ["town.residents=600", "town.neighbourhoods=2", "spin_up_years=0.2"]
WORDS += ["parameters.offend.displaced=0.9", "parameters.offend.violence=1000"]
WORDS += ["parameters.offend.deterrence=2", "parameters.respond.sworn=1000"]
WORDS += ["parameters.reporting.report_violence=1", "parameters.reporting.recorded=1"]


@pytest.mark.parametrize("questions", [OF_A_CRIME, OF_AN_EPISODE])
def test_declared_numbers_do_not_overlap(questions: Mapping[str, tuple[int, int]]) -> None:
    ranges = sorted(questions.values())
    assert all(0 < first < end for first, end in ranges)
    for (_, end), (first, _) in itertools.pairwise(ranges):
        assert end <= first, f"a question has the numbers up to {end - 1}, the next from {first}"


def asked_in_weeks(weeks: int) -> dict[tuple[int, int], set[tuple[str, int]]]:
    """Return which lines of code ask each event each number, in stages run as plain Python."""
    scenario = compose_scenario("small", "hot_spots", WORDS)
    town, parameters = spin_up(scenario, 0), effective(scenario.parameters)
    town.places.perceived[:], town.places.accustomed[:] = 0.8, 0
    asked: dict[tuple[int, int], set[tuple[str, int]]] = defaultdict(set)
    asking = (kernels.event_uniform, kernels.sequence_of)  # as they are before they are replaced
    inner = {code.py_func.__code__ for code in (kernels.choice, kernels.sequence_of)}  # type: ignore[attr-defined]

    uniform = kernels.event_uniform.py_func.__code__  # type: ignore[attr-defined]

    def noted(kernel: Any) -> Any:
        if kernel not in asking:
            return kernel.py_func

        def ask(event: Any, salt: Any) -> Any:
            frame = sys._getframe(1)
            if frame.f_code is uniform:  # noted where it was asked
                return kernel.py_func(event, salt)
            if frame.f_code in inner:
                frame = frame.f_back or frame
            asked[int(event), int(salt)].add((frame.f_code.co_qualname, frame.f_lineno))
            return kernel.py_func(event, salt)

        return ask

    events = set()
    with plain_kernels(noted):
        for _ in range(weeks):
            for name in ("respond", "offend", "crisis", "reporting"):
                WEEK[name].in_python(town, parameters, scenario.strategy)
            events |= set(town.incidents.event.tolist()) | set(town.episodes.event.tolist())
            town.week += 1
    return {key: lines for key, lines in asked.items() if key[0] in events}


def test_no_number_of_an_event_is_asked_in_two_places_for_two_things() -> None:
    asked = asked_in_weeks(5)
    numbers = {salt for _, salt in asked}
    known = [range(*x) for questions in (OF_A_CRIME, OF_AN_EPISODE) for x in questions.values()]
    assert all(any(salt in one for one in known) for salt in numbers)
    for question in ("who is the offender", "do police clear it", "who is the victim", "day"):
        assert OF_A_CRIME[question][0] in numbers, f"nobody asked: {question}"
    by_crime = defaultdict(set)
    for (_, salt), lines in asked.items():
        by_crime[salt] |= {name.split(".")[-1] for name, _ in lines}
    # The search for a victim asks candidate and bar in two lines, and looks again at the one taken;
    # an offender's sequence is begun anew where it goes on.
    for salt, names in by_crime.items():
        allowed = {"pick_resident", "pick_dwelling"} if salt in known_victims() else names
        assert names <= allowed, f"number {salt} is asked by {sorted(names)}"
    few = {salt: names for salt, names in by_crime.items() if salt not in known_victims()}
    shared = {salt: names for salt, names in few.items() if len(names) > 1}
    declared_twice = {1, 2, 4}  # of a crime and of an episode: events of different kinds
    searching = {
        OF_A_CRIME["who is the offender"][0]: {"look_on", "settle"},
        # whether somebody known did it, and a later member of that sequence says who
        OF_A_CRIME["does the victim know the offender"][0]: {"pick_acquainted", "pick_among"},
    }
    for salt, names in shared.items():
        if salt not in declared_twice:
            assert names == searching.get(salt), f"number {salt} is asked by {sorted(names)}"


def known_victims() -> range:
    return range(*OF_A_CRIME["who is the victim"])


def test_the_check_sees_an_overlap() -> None:
    ranges = sorted({**OF_A_CRIME, "another": (20, 21)}.values())
    ends = np.array(ranges)
    assert (ends[:-1, 1] > ends[1:, 0]).any()
