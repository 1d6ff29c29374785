"""Waits: a queue with priorities in each shift, the way, and what is too long."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from parts import alone, given
from stages.by_hand import changed, give_calls

from omemsim.processes import respond, shifts, waits
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.wheel import CallType, Priority


@pytest.mark.parametrize(
    ("cars", "load", "expected"),
    # Erlang's C by its formula: of one car the load; 2 cars a^2/(2 + a); 3 cars at load 2: 4/9.
    [
        (1, 0.5, 0.5),
        (2, 1.0, 1 / 3),
        (3, 2.0, 4 / 9),
        (5, 0.0, 0.0),
        (2, 2.0, 1.0),
        (2, 9.0, 1.0),
        (5000, 9.0, 0.0),
    ],
)
def test_all_cars_are_busy(cars: int, load: float, expected: float) -> None:
    assert alone(waits.all_busy, cars, load) == pytest.approx(expected)


def test_the_queue_of_one_priority_is_that_of_one_line() -> None:
    # M/M/1 at half load: as long as a call takes.
    assert alone(waits.queue_hours, 0.5, 1.0, 0.0, 0.5) == pytest.approx(1.0)
    # M/M/2 at load 1: 1/3 of an hour/2, over half of the hours left.
    assert alone(waits.queue_hours, 1 / 3 / 2, 1.0, 0.0, 0.5) == pytest.approx(1 / 3)


def test_between_whole_numbers_of_cars_is_a_straight_line() -> None:
    for cars, expected in ((0.3, 0.5), (1.0, 0.5), (1.25, 0.75 * 0.5 + 0.25 / 6), (2.0, 1 / 6)):
        assert alone(waits.busy_per_car, cars, 0.5) == pytest.approx(expected)


@pytest.mark.parametrize(
    "loads", [(0.1, 0.2, 0.3, 0.2), (0.4, 0.0, 0.0, 0.4), (0.2, 0.2, 0.2, 0.2)]
)
def test_priorities_only_share_out_the_wait(loads: tuple[float, ...]) -> None:
    """Kleinrock's law: whoever goes first, waits weighed by load are those of one line."""
    total = sum(loads)
    busy = alone(waits.all_busy, 1, total)
    upto = np.cumsum(loads)
    found = [
        alone(waits.queue_hours, busy, 0.1, end - load, end)
        for load, end in zip(loads, upto, strict=True)
    ]
    of_one_line = alone(waits.queue_hours, busy, 0.1, 0.0, total)
    assert np.dot(found, loads) == pytest.approx(total * of_one_line)
    assert (np.diff(found) >= 0).all()


def test_no_call_waits_longer_than_a_shift_within_it() -> None:
    assert alone(waits.queue_hours, 1.0, 2.0, 0.5, 1.0) == waits.SHIFT_HOURS
    assert alone(waits.queue_hours, 1.0, 2.0, 1.5, 2.0) == waits.SHIFT_HOURS
    assert alone(waits.queue_hours, 0.0, 2.0, 0.2, 0.5) == 0


def minutes(
    work: dict[Priority, float],
    begun: int,
    carried: float = 0.0,
    hours: float = 32.0,
    **values: Any,
) -> Any:
    """Return expected minutes in a shift: 32 hours open to calls are two cars of two officers."""
    usual = {"crew": 2.0, "reserve": 0.0, "handling": 4.0, "detour": 0.5, "called_off": 0.0}
    usual |= {"district": 1000.0, "speed_urgent": 60.0, "speed": 30.0}
    p = given(respond.STAGE, changed(respond=usual | values), Strategy()).waits
    roster = shifts.Roster(
        *(np.zeros(shifts.PERIODS) for _ in range(4)),
        np.zeros((shifts.PERIODS, len(Priority))),
        np.zeros(shifts.PERIODS, int),
    )
    roster.open[3], roster.carried[3], roster.begun[3] = hours, carried, begun
    for priority, of_it in work.items():
        roster.work[3, priority] = of_it
    hoods = SimpleNamespace(population=np.array([400.0, 600.0]), area=np.array([5.0, 11.0]))
    found = alone(waits.expected_minutes, hoods, roster, p)
    assert not np.delete(found, 3, axis=0).any()
    return found[3]


def test_minutes_by_hand() -> None:
    # One call meets nobody: 4 minutes, and 0.5 sqrt(16 km2/2 cars) = 1.414 km.
    alone_there = minutes({Priority.EMERGENCY: 4.0}, 1)
    assert alone_there[[0, 3]] == pytest.approx([4 + 1.4142, 4 + 2.8284], abs=1e-4)
    # Of 8 calls and 16 hours 7/8 are others': load 7/16 a car, C(2, 7/8) = .2663, and a call takes
    # a car one hour. Low calls, all there are, wait .2663/2/(1 - 7/16) h; urgent ones only .2663/2.
    found = minutes({Priority.LOW: 16.0}, 8)
    busy = (7 / 8) ** 2 / (2 + 7 / 8)
    way = 0.5 * np.sqrt(16 / (2 * (1 - 7 / 16)))
    assert found[Priority.LOW] == pytest.approx(4 + 60 * (busy / 2 / (9 / 16) + way / 30))
    assert found[Priority.URGENT] == pytest.approx(4 + 60 * (busy / 2 + way / 60))


def test_what_makes_calls_wait() -> None:
    work = {Priority.URGENT: 4.0, Priority.LOW: 12.0}
    usual = minutes(work, 8)
    assert (np.diff(usual) > 0).all()
    assert (minutes(work, 8, carried=8.0) > usual).all()
    held = minutes(work, 8, reserve=0.4)
    assert held[:2] == pytest.approx(usual[:2])
    assert (held[2:] > usual[2:]).all()
    left = minutes(work, 8, called_off=1.0)
    assert left[0] < usual[0]
    assert left[1:] == pytest.approx(usual[1:])
    assert (minutes(work, 8, district=500.0) > usual).all()  # two districts of one car each
    assert (minutes(work, 8, district=2000.0) < usual).all()  # half of one that has four


def test_where_no_car_is_on_an_emergency_waits_for_the_next_shift() -> None:
    assert minutes({Priority.EMERGENCY: 4.0}, 1, hours=0.0)[0] == 4 + 480
    # Where there is next to nobody, as long as may be, and the way of one car.
    least = minutes({Priority.EMERGENCY: 8.0}, 2, hours=0.01)[0]
    assert least == pytest.approx(4 + 480 + 60 * 0.5 * 4 / 60)


def test_only_a_call_that_waits_too_long_costs_trust(town: Town) -> None:
    """The same call, answered in its shift, gains trust or costs it, by its priority's limit."""
    town.officers.contracted[:], town.service.staffing[0] = 1000, 1
    town.week = 10
    for limit, is_late in ((1.0, True), (20_000.0, False)):
        parameters = changed(respond={"limit_routine": limit, "limit_low": limit, **NOT_URGENT})
        group = parameters.respond
        kinds = [CallType.DISORDER, CallType.SERVICE]
        give_calls(town, type=kinds, caller=[5, 6], week=[9, 9])
        town.residents.contact[:] = 0
        respond.step(town, parameters, Strategy())
        assert town.service.answered[0] == 2
        expected = -group.waiting_cost if is_late else group.answered_well
        assert town.residents.contact[[5, 6]] == pytest.approx([expected] * 2)
        assert town.service.late[0] == 2 * is_late
        assert town.service.delayed[0] == 0


NOT_URGENT = {
    f"{what}_{kind}": 0.0
    for what in ("emergency", "urgent")
    for kind in ("violence", "disorder", "property", "service")
}


def test_a_call_that_waited_over_the_week_s_end_is_timed_from_its_own_shift(town: Town) -> None:
    """Two weeks, counted in shifts, before the minutes of the shift that begins it."""
    town.officers.contracted[:], town.service.staffing[0] = 1000, 1
    town.week, town.service.weeks_kept[0] = 10, 0
    town.service.usual_answers[:], town.service.usual_minutes[:] = 0, 0
    give_calls(town, type=[CallType.SERVICE], week=[8], day=[3], caller=[-1])
    parameters = changed(respond=NOT_URGENT)
    respond.step(town, parameters, Strategy())
    p = given(respond.STAGE, parameters, Strategy()).shifts
    came = alone(shifts.period_of, np.uint64(1), CallType.SERVICE, 3, p)
    assert town.service.usual_answers[0].tolist() == [0, 0, 0, 1]
    waited = 480 * (shifts.PERIODS - came)
    assert waited < town.service.usual_minutes[0, Priority.LOW] < waited + 480
    assert town.service.delayed[0] == 1
