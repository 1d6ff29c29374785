"""Shifts: when calls come, how urgent they are, which hours officers are on, work at night."""

from types import SimpleNamespace

import numpy as np
import pytest
from parts import alone, given, plain_kernels
from stages.by_hand import changed

from omemsim.processes import respond, shifts
from omemsim.strategies import Strategy
from omemsim.vocabulary.wheel import CallType, Priority, Shift, Tactic

EVENTS = np.arange(1, 4001, dtype=np.uint64)
SE = 4.5 * np.sqrt(0.25 / EVENTS.size)  # of a share: one in 150,000 beyond it
MONDAY, SATURDAY = 0, 5


def of(**values: float) -> shifts.ShiftParameters:
    found: shifts.ShiftParameters = given(respond.STAGE, changed(respond=values), Strategy()).shifts
    return found


def shares(kind: CallType, day: int, p: shifts.ShiftParameters) -> list[float]:
    """Return the parts of a kind's calls that come in the three shifts of a day."""
    with plain_kernels():
        when = np.array([shifts.period_of(event, kind, day, p) for event in EVENTS])
    assert (when // len(Shift) == day).all()
    return [float((when % len(Shift) == shift).mean()) for shift in Shift]


def test_calls_come_when_their_kind_comes() -> None:
    p = of(
        night_violence=0.2,
        evening_violence=0.5,
        weekend_night=0.25,
        night_service=0.1,
        evening_service=0.3,
    )
    for kind, day, expected in (
        (CallType.VIOLENCE, MONDAY, [0.2, 0.3, 0.5]),
        (CallType.VIOLENCE, SATURDAY, [0.4, 0.225, 0.375]),  # a quarter of the rest comes by night
        (CallType.SERVICE, MONDAY, [0.1, 0.6, 0.3]),
        (CallType.SERVICE, SATURDAY, [0.1, 0.6, 0.3]),
    ):
        assert shares(kind, day, p) == pytest.approx(expected, abs=SE)


def test_all_kinds_of_property_crime_share_their_numbers() -> None:
    p = of(night_property=0.5, evening_property=0.5)
    for kind in (CallType.THEFT, CallType.HOUSEHOLD, CallType.BUSINESS):
        assert shares(kind, MONDAY, p)[Shift.DAY] == 0


def test_how_urgent_a_call_is() -> None:
    p = of(emergency_violence=0.1, urgent_violence=0.4, emergency_service=0.0, urgent_service=0.2)
    with plain_kernels():
        for kind, expected in (
            (CallType.VIOLENCE, [0.1, 0.4, 0.5, 0.0]),
            (CallType.SERVICE, [0.0, 0.2, 0.0, 0.8]),
        ):
            found = np.array([shifts.priority_of(event, kind, p) for event in EVENTS])
            counts = np.bincount(found, minlength=len(Priority))
            assert counts / EVENTS.size == pytest.approx(expected, abs=SE)


def test_officers_are_on_shift_by_parts() -> None:
    p = of(staff_night=0.2, staff_evening=0.5, staff_weekend=0.5)
    assert p.on_shift.sum() == pytest.approx(1)
    by_day = p.on_shift.reshape(7, len(Shift))
    assert by_day.sum(axis=1) == pytest.approx(np.array([1, 1, 1, 1, 1, 0.5, 0.5]) / 6)
    assert by_day[0] / by_day[0].sum() == pytest.approx([0.2, 0.3, 0.5])


@pytest.mark.parametrize(
    ("waking", "lost", "withdrawn", "night_use", "own_hours", "expected"),
    [
        (10.0, 0.0, 0.0, 0.25, 0.0, 1.0),  # all 8 hours fit by day and in the evening
        (4.0, 0.0, 0.0, 0.25, 0.0, (4 + 0.25 * 4) / 8),
        (8.0, 6.0, 0.0, 0.25, 0.0, (2 + 0.25 * 6) / 8),  # training and Tables go first
        (8.0, 0.0, 0.5, 0.25, 0.0, (4 + 0.25 * 4) / 8),
        (8.0, 0.0, 0.0, 0.25, 2.0, (8 + 0.25 * 2) / 10),  # tactics of the user's own as well
        (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        (0.0, 0.0, 0.0, 1.0, 0.0, 1.0),
    ],
)
def test_work_with_people_takes_waking_hours_first(
    waking: float,
    lost: float,
    withdrawn: float,
    night_use: float,
    own_hours: float,
    expected: float,
) -> None:
    offered = np.zeros((2, len(Tactic)))
    offered[0, Tactic.LIAISON], offered[1, Tactic.CONSULTATION] = 3, 5
    offered[1, Tactic.PATROL] = 100  # can be done at any hour
    own = np.zeros((2, 4))
    own[0, 1] = own_hours
    town = SimpleNamespace(
        service=SimpleNamespace(free_waking=[waking], lost=[lost], extra_hours=[0.0]),
        neighbourhoods=SimpleNamespace(own_hours=own),
    )
    found = alone(shifts.waking_share, town, offered, 1 - withdrawn, night_use)
    assert found == pytest.approx(expected)
