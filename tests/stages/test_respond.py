"""Stage 4, respond: calls, the hours kept from them, and custody."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from parts import alone, given
from stages.by_hand import changed, give_calls, no_custody

from omemsim.measures import MEASURES
from omemsim.processes import line, respond, shifts
from omemsim.strategies import Strategy
from omemsim.town import Town
from omemsim.vocabulary.parameters import Parameters
from omemsim.vocabulary.wheel import CallType, Priority

KINDS = ("violence", "disorder", "property", "service")

# --- calls ---------------------------------------------------------------------------------


def duty(*hours: float) -> shifts.Roster:
    """Return the week's shifts: of the first ones these hours are open to calls."""
    roster = shifts.Roster(
        *(np.zeros(shifts.PERIODS) for _ in range(4)),
        np.zeros((shifts.PERIODS, len(Priority))),
        np.zeros(shifts.PERIODS, int),
    )
    roster.open[: len(hours)] = hours
    return roster


def line_of(due: Any, priority: Any) -> line.Line:
    """Return calls in the order given, which is that of their priorities."""
    return line.Line(
        np.arange(len(due)),
        np.array(priority, int),
        np.array(due, int),
        np.full(len(due), line.NEVER),
        np.zeros(len(due), np.uint8),
        np.zeros(len(due), np.uint8),
    )


def service_of(hours: Any, first: Any, left: Any) -> tuple[Any, Any]:
    """Return a town with calls of types and neighbourhoods of their own, and its parameters.

    The first types are no disorder, so that no health team is asked for.
    """
    one_each = np.arange(len(hours))
    service = SimpleNamespace(
        backed_up=np.zeros(1),
        co_answers=np.zeros(1),
        answered=np.zeros(1, int),
        co_answered=np.zeros(1, int),
    )
    town = SimpleNamespace(
        queue=SimpleNamespace(type=one_each.astype(np.int8), place=one_each.astype(np.int32)),
        places=SimpleNamespace(neighbourhood=one_each.astype(np.int32)),
        neighbourhoods=SimpleNamespace(first_officer=np.array(first)),
        officers=SimpleNamespace(proactive=np.array(left, float), reactive=np.zeros(len(left))),
        service=service,
    )
    waits = SimpleNamespace(reserve=0.0)
    return town, SimpleNamespace(hours=np.array(hours, float), with_team=1.0, waits=waits)


def answered(
    hours: Any, first: Any, left: Any, kept: float = 0.0
) -> tuple[list[int], list[float], list[float]]:
    """Answer calls of one shift and priority, each of a type and a neighbourhood of its own."""
    town, p = service_of(hours, first, left)
    calls = line_of([0] * len(hours), [Priority.LOW] * len(hours))
    alone(respond.answer, town, calls, duty(sum(left) - kept), p, 0)
    assert town.service.answered[0] == calls.outcome.sum()
    officers = town.officers
    return calls.outcome.tolist(), officers.proactive.tolist(), officers.reactive.tolist()


def begun(roster: shifts.Roster, calls: line.Line, hours: Any, reserve: float = 0.0) -> list[int]:
    """Return the shift that begins each call, or NEVER."""
    town, p = service_of(hours, [0] * len(hours), [roster.open.sum()])
    p.waits.reserve = reserve
    alone(respond.answer, town, calls, roster, p, 0)
    assert roster.used.sum() == pytest.approx(town.officers.reactive.sum())
    found: list[int] = calls.begun.tolist()
    return found


def test_a_call_is_begun_when_it_comes_and_runs_over_into_the_next_shift() -> None:
    roster = duty(4, 4, 4)
    assert begun(roster, line_of([0, 1], [Priority.LOW] * 2), [6, 1]) == [0, 1]
    assert roster.used[:3].tolist() == [4, 3, 0]  # 2 of the second shift's are the first call's
    assert roster.carried[:3].tolist() == [0, 2, 0]
    assert roster.work[:2, Priority.LOW].tolist() == [6, 1]


def test_what_a_shift_cannot_begin_waits_for_the_next_and_who_is_urgent_passes_it() -> None:
    low, urgent = Priority.LOW, Priority.URGENT
    assert begun(duty(2, 2, 2), line_of([0, 0, 0], [low] * 3), [2, 2, 2]) == [0, 1, 2]
    assert begun(duty(2, 2, 2), line_of([1, 0, 0], [urgent, low, low]), [2, 2, 2]) == [1, 0, 2]


def test_quiet_shifts_do_not_answer_calls_that_come_later() -> None:
    """Hours that an early shift leaves are lost to calls: only the week's end reaches for them."""
    roster = duty(9, 1, 0, 0)
    assert begun(roster, line_of([1, 2], [Priority.LOW] * 2), [1, 1]) == [1, line.NEVER]


def test_an_emergency_is_begun_whatever_the_shift_has_left() -> None:
    calls = line_of([0, 0], [Priority.EMERGENCY] * 2)
    roster = duty(1, 1, 9)
    assert begun(roster, calls, [3, 3]) == [0, 0]
    assert roster.used[:3].tolist() == [1, 1, 4]


def test_hours_are_held_back_from_what_is_not_urgent() -> None:
    for priority, expected in (
        (Priority.URGENT, [0, 0, 0]),
        (Priority.ROUTINE, [0, 0, 1]),
        (Priority.LOW, [0, 0, 1]),
    ):
        calls = line_of([0, 0, 0], [priority] * 3)
        assert begun(duty(5, 5), calls, [2, 2, 1], reserve=0.4) == expected


def test_the_last_shift_runs_over_into_what_the_first_left_free() -> None:
    last = shifts.PERIODS - 1
    for free, expected in ((1.0, line.NEVER), (2.0, last)):
        roster = duty(free)
        roster.open[last] = 1
        assert begun(roster, line_of([last], [Priority.LOW]), [3.0]) == [expected]
        assert roster.used[0] == (2 if expected == last else 0)


def test_near_officers_go_first_and_the_next_help() -> None:
    assert answered([2, 5], [1, 1], [3, 3, 3]) == ([1, 1], [2, 0, 0], [1, 3, 3])


def test_a_call_the_hours_do_not_cover_is_left_and_a_shorter_one_taken() -> None:
    assert answered([5, 3], [0, 0], [2, 2]) == ([0, 1], [0, 1], [2, 1])


def test_no_call_is_answered_with_hours_already_spent() -> None:
    assert answered([3, 2, 1], [0, 1, 1], [2, 2]) == ([1, 0, 1], [0, 0], [2, 2])


def test_no_call_is_answered_with_hours_that_are_kept() -> None:
    assert answered([2, 2, 1], [0, 0, 0], [3, 3], kept=2.5) == ([1, 0, 1], [0, 3], [3, 0])
    assert answered([1], [0], [3, 3], kept=6) == ([0], [3, 3], [0, 0])


def staff(town: Town, hours: float) -> None:
    """Give each officer these hours a week, with no cut, and no backup last week."""
    town.officers.contracted[:], town.service.staffing[0] = hours, 1
    town.service.backed_up[0] = 0


BY_KIND = {f"{what}_{kind}": 0.0 for what in ("emergency", "urgent") for kind in KINDS}


def test_urgent_calls_go_first_then_the_day(town: Town) -> None:
    kinds = [CallType.THEFT, CallType.SERVICE, CallType.VIOLENCE, CallType.VIOLENCE]
    give_calls(town, type=kinds, day=[1, 0, 6, 2], event=[1, 2, 3, 4])
    assert in_line(town, **BY_KIND) == [4, 3, 2, 1]
    assert in_line(town, **{**BY_KIND, "urgent_property": 0.5, "emergency_property": 0.5})[0] == 1


def in_line(town: Town, **values: float) -> list[int]:
    """Return the events of all calls in the order of answer."""
    town.queue.make_room(len(town.queue) + len(town.calls))
    as_seen = town.as_kernels_see_it()
    alone(respond.join_queue, as_seen.calls, as_seen.queue)
    p = given(respond.STAGE, changed(respond=values), Strategy()).shifts
    found = alone(line.line_up, as_seen.queue, p, 1)
    events: list[int] = town.queue.event[found.order].tolist()
    return events


def test_many_calls_are_put_in_order_as_by_a_sort() -> None:
    rng = np.random.default_rng(5)
    for size, weeks in ((0, 1), (1, 1), (40, 1), (900, 3), (20_000, 5)):
        priority = rng.integers(0, len(Priority), size)
        due = rng.integers(-21 * (weeks - 1), 21, size)
        event = rng.integers(0, 2**64, size, np.uint64)
        event[::7] = event[: event[::7].size]  # some twice: these by row
        expected = np.lexsort((event, due, priority))
        assert np.array_equal(alone(line.put_in_order, event, priority, due), expected)


def test_waiting_calls_stand_in_one_line_with_new_ones(town: Town) -> None:
    give_calls(town, type=[CallType.THEFT, CallType.VIOLENCE], event=[1, 2])
    town.queue.replace(**town.calls.columns())
    give_calls_none(town)
    new = {name: np.zeros(1) for name in town.calls.columns()}
    town.calls.replace(
        **{
            **new,
            "type": np.array([CallType.DISORDER]),
            "event": np.array([3]),
            "day": np.array([4]),
        }
    )
    assert in_line(town, **BY_KIND) == [2, 3, 1]


def test_calls_wait_then_close_and_waiting_costs_trust(town: Town) -> None:
    parameters = changed(respond={"patience": 2})
    staff(town, 0)
    town.week = 10
    give_calls(town, week=[9, 9], caller=[5, -1])
    for week, waiting, closed in ((10, 2, 0), (11, 0, 2), (12, 0, 0)):
        town.week = week
        town.residents.contact[:] = 0
        respond.step(town, parameters, Strategy())
        assert (town.service.waiting[0], town.service.closed[0]) == (waiting, closed)
        lost = parameters.respond.waiting_cost if waiting + closed else 0
        assert town.service.delayed[0] == town.service.late[0] == closed
        assert town.residents.contact[5] == pytest.approx(-lost)
        give_calls_none(town)


def give_calls_none(town: Town) -> None:
    town.calls.replace(**{name: values[:0] for name, values in town.calls.columns().items()})


def test_an_answered_caller_gains_trust_and_the_officer_refers(town: Town) -> None:
    staff(town, 100)
    give_calls(town, type=[CallType.DISORDER, CallType.THEFT], caller=[5, 6], event=[7, 8])
    parameters = changed(partner={"refer": 1.0})
    respond.step(town, parameters, Strategy())
    gain = np.float32(parameters.respond.answered_well)
    lost = np.float32(-parameters.respond.unsolved_cost)  # nobody recorded, and so cleared, a theft
    assert town.residents.contact[[5, 6]].tolist() == [gain, lost]
    assert np.flatnonzero(town.residents.is_referred).tolist() == [5]
    assert town.service.answered[0] == 2
    assert town.service.reactive[0] == pytest.approx(
        parameters.respond.hours_disorder + parameters.respond.hours_theft
    )


def test_a_crime_that_is_not_cleared_costs_its_caller_trust(town: Town) -> None:
    """The same recorded crimes, all cleared and then none; what is no crime is well answered."""
    staff(town, 100)
    kinds = [CallType.VIOLENCE, CallType.HOUSEHOLD, CallType.SERVICE]
    for cleared in (1.0, 0.0):
        chances = {"clear_violence": cleared, "clear_property": cleared}
        parameters = changed(respond={"answered_well": 0.02, "unsolved_cost": 0.05, **chances})
        give_calls(town, type=kinds, caller=[5, 6, 7], is_recorded=[1, 1, 0])
        town.residents.contact[:] = 0
        respond.step(town, parameters, Strategy())
        crime = 0.02 if cleared else -0.05
        assert town.residents.contact[[5, 6, 7]] == pytest.approx([crime, crime, 0.02])


def test_officers_tire_above_the_cap_and_recover(town: Town) -> None:
    parameters = changed(
        respond={"busy_cap": 0.5, "tiring": 0.2, "recovery": 0.1, "change_tires": 0.3}
    )
    officers = town.officers
    officers.offered[:], officers.fatigue[:] = 40, 0.5
    for reactive, training, expected in ((20, 0, 0.45), (40, 0, 0.55), (20, 0.5, 0.6)):
        officers.fatigue[:], officers.reactive[:] = 0.5, reactive
        p = given(respond.STAGE, parameters, Strategy(training=training))
        alone(respond.tire, officers, p)
        assert officers.fatigue == pytest.approx(np.full(len(officers), expected))
    officers.fatigue[:] = 1
    parameters = changed(respond={"tiring": 1.0, "recovery": 0.0})
    alone(respond.tire, officers, given(respond.STAGE, parameters, Strategy(training=0.5)))
    assert (officers.fatigue == 1).all()


def test_calls_and_arrests_find_room_in_full_tables(town: Town) -> None:
    """Where a table is full the stage has changed nothing when it asks, and is called again."""
    calls = 90
    kinds, callers = np.arange(calls) % len(CallType), np.arange(calls)
    give_calls(
        town,
        type=kinds,
        caller=callers,
        event=np.arange(calls),
        place=np.arange(calls) % 9,
        offender=callers,
        is_recorded=np.ones(calls),
    )
    town.queue.replace(**{name: values[:20] for name, values in town.calls.columns().items()})
    town.custody.replace(resident=[3, 5], until=[99, 99])
    staff(town, 100 / len(town.officers))
    town.households.since_week[:] = -1000
    parameters = changed(respond=ALWAYS)
    found = []
    for queue, custody in ((20, 2), (219, 111), (219, 112), (220, 111), (220, 112), (999, 999)):
        copy = town.copy()
        copy.queue.make_room(queue)
        copy.custody.make_room(custody)
        respond.step(copy, parameters, Strategy())
        found.append({name: table.columns() for name, table in copy.tables().items()})
    assert len(copy.queue) > 20
    assert len(copy.custody) > 10
    assert 0 < copy.service.answered[0] < 110
    for tables in found[:-1]:
        for table, columns in tables.items():
            for name, values in columns.items():
                assert np.array_equal(values, found[-1][table][name]), (table, name)


def test_hours_of_a_call_follow_its_type() -> None:
    group = Parameters().respond
    hours = respond.call_hours(group)
    assert hours[CallType.VIOLENCE] == group.hours_violence
    assert hours[CallType.SERVICE] == group.hours_service
    assert len(shifts.USUAL) == len(CallType) == hours.size


# --- hours kept from calls -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("week", "protected", "calls_first", "expected"),
    [
        (0, 0.0, 1.0, 0),
        (0, 0.25, 1.0, 10),
        (0, 0.0, 0.0, 20),
        (0, 0.25, 0.5, 10.8),  # by night a quarter of 11.2 is more than half of 5
        (0, 0.75, 0.5, 30),
        (-1, 0.25, 0.0, 10),  # before the scenario nothing was free "before"
    ],
)
def test_hours_are_kept_from_calls(
    week: int, protected: float, calls_first: float, expected: float
) -> None:
    parameters = changed(respond={"calls_first": calls_first})
    p = given(respond.STAGE, parameters, Strategy(protected=protected)).shifts
    free = np.array([[4.0, 7.2, 8.8]])  # of 11.2, 14.4 and 14.4 hours
    service = SimpleNamespace(offered=np.array([40.0]), shift_free_before=free)
    roster = alone(shifts.open_shifts, service, p, week)
    assert roster.offered.sum() == pytest.approx(40)
    assert 40 - roster.open.sum() == pytest.approx(expected)
    service.shift_free_before[:] = 100.0
    assert alone(shifts.open_shifts, service, p, week).open.min() >= 0


@pytest.mark.parametrize(("calls_first", "is_trapped"), [(1.0, True), (0.0, False)])
def test_calls_eat_prevention_unless_the_trap_is_switched_off(
    town: Town, calls_first: float, is_trapped: bool
) -> None:
    parameters = changed(respond={"calls_first": calls_first, "hours_service": 0.03})
    town.officers.contracted[:], town.service.staffing[0] = 40 / len(town.officers), 1
    town.service.shift_free_before[0, :] = 5
    give_calls(town, type=np.full(2000, CallType.SERVICE), caller=np.full(2000, -1))
    respond.step(town, parameters, Strategy())
    free = float(town.officers.proactive.sum())
    held = 0 if is_trapped else 15
    assert free == pytest.approx(
        held + parameters.respond.reserve * (40 - held), abs=0.03 * shifts.PERIODS
    )
    assert town.service.reactive[0] + free == pytest.approx(40)
    calls = town.service.answered[0] + town.service.waiting[0] + town.service.closed[0]
    assert calls == 2000
    assert town.service.waiting[0] > 0


# --- clearance, arrests and custody --------------------------------------------------------


def crimes(town: Town, kind: CallType, offender: Any, recorded: Any = 1) -> None:
    """Let calls about recorded crimes come, an offender each; all are of this week."""
    who = np.asarray(offender)
    give_calls(
        town,
        type=np.full(who.size, kind),
        week=np.full(who.size, town.week),
        caller=np.full(who.size, -1),
        offender=who,
        is_recorded=np.broadcast_to(recorded, who.size),
    )


CLEARED = {"clear_violence": 1.0, "clear_property": 1.0}
ALWAYS = {**CLEARED, "charged": 1.0, "custody_violence": 1.0, "custody_property": 1.0}
CRIMES = (CallType.VIOLENCE, CallType.THEFT, CallType.HOUSEHOLD, CallType.BUSINESS)


def arrest_at(town: Town, parameters: Parameters) -> None:
    town.officers.contracted[:], town.service.staffing[0] = 10_000, 1
    respond.step(town, parameters, Strategy())


def everybody(town: Town) -> Any:
    """Return all residents; nobody is in custody, and nobody has just moved."""
    no_custody(town)
    town.households.since_week[:] = -1000
    return np.arange(len(town.residents))


@pytest.mark.parametrize("kind", CallType)
def test_recorded_crimes_are_cleared_by_their_type(town: Town, kind: CallType) -> None:
    chances = {"clear_violence": 0.6, "clear_property": 0.25}
    who = everybody(town)
    crimes(town, kind, who)
    arrest_at(town, changed(respond=chances))
    share = 0.6 if kind == CallType.VIOLENCE else 0.25 * (kind in CRIMES)
    error = np.sqrt(share * (1 - share) * who.size)
    assert town.service.cleared[0] == pytest.approx(share * who.size, abs=4.5 * error)
    assert town.service.arrested[0] == len(town.arrests) == town.service.cleared[0]
    assert np.isin(town.arrests.resident, who).all()


def test_what_is_not_on_record_or_not_answered_is_not_cleared(town: Town) -> None:
    who = everybody(town)
    crimes(town, CallType.VIOLENCE, who, recorded=who % 2)
    arrest_at(town, changed(respond=ALWAYS))
    assert sorted(town.arrests.resident) == who[1::2].tolist()
    everybody(town)
    crimes(town, CallType.VIOLENCE, who)
    town.officers.contracted[:] = 0
    respond.step(town, changed(respond=ALWAYS), Strategy())
    assert town.service.cleared[0] == town.service.arrested[0] == len(town.custody) == 0


def test_an_outsider_or_who_has_moved_away_since_is_not_arrested(town: Town) -> None:
    everybody(town)
    town.week = 10
    home = town.residents.household
    crimes(town, CallType.THEFT, [-1, 3, 40])
    town.calls.week[:] = 9
    town.households.since_week[home[3]] = 10
    arrest_at(town, changed(respond=ALWAYS))
    assert town.service.cleared[0] == 3
    assert town.arrests.resident.tolist() == town.custody.resident.tolist() == [40]


def test_of_those_arrested_some_are_charged_and_of_these_some_held(town: Town) -> None:
    shares = {**CLEARED, "charged": 0.6, "custody_violence": 0.5, "custody_property": 0.25}
    for kind, share in ((CallType.VIOLENCE, 0.3), (CallType.HOUSEHOLD, 0.15)):
        who = everybody(town)
        crimes(town, kind, who)
        arrest_at(town, changed(respond=shares))
        assert town.service.arrested[0] == who.size
        error = np.sqrt(share * (1 - share) * who.size)
        assert town.service.held[0] == pytest.approx(share * who.size, abs=4.5 * error)
        assert np.isin(town.custody.resident, town.arrests.resident).all()
        assert len(town.custody) == town.service.held[0]


def test_clearance_is_followed_over_a_year(town: Town) -> None:
    who = everybody(town)[:100]
    service = town.service
    service.cleared_mean[0] = service.on_record_mean[0] = 0
    service.weeks_kept[0] = 400
    for recorded in (1, who % 2):
        crimes(town, CallType.THEFT, who, recorded)
        arrest_at(town, changed(respond={"clear_property": 1.0, "charged": 0.0}))
    weeks = 52
    expected = (100 / weeks) * (1 - 1 / weeks) + 50 / weeks
    assert service.cleared_mean[0] == pytest.approx(expected)
    assert service.on_record_mean[0] == pytest.approx(expected)
    assert MEASURES["clearance"].read(town, 1) == pytest.approx(1)
    service.on_record_mean[0] *= 4
    assert MEASURES["clearance"].read(town, 1) == pytest.approx(0.25)


def test_an_offender_is_released_when_their_time_is_over(town: Town) -> None:
    everybody(town)
    parameters = changed(respond={**ALWAYS, "custody_weeks": 3})
    for week in range(10, 15):
        town.week = week
        crimes(town, CallType.VIOLENCE, [4, 5] if week == 10 else [])
        arrest_at(town, parameters)
        assert (len(town.custody) > 0) == (week < 13)
    assert town.service.arrested[0] == 0


def test_who_moves_away_leaves_custody_and_is_replaced_by_somebody_free(town: Town) -> None:
    everybody(town)
    town.custody.replace(resident=np.array([3, 9]), until=np.array([99, 99]))
    town.residents.is_moved[9] = 1
    town.newcomers.replace(seat=[9])
    crimes(town, CallType.SERVICE, [])
    arrest_at(town, Parameters())
    assert town.custody.resident.tolist() == [3]
    assert town.custody.until.tolist() == [99]


def test_nobody_is_taken_twice(town: Town) -> None:
    everybody(town)
    crimes(town, CallType.VIOLENCE, [0, 1] * 50)
    parameters = changed(respond={**ALWAYS, "custody_weeks": 50})
    arrest_at(town, parameters)
    assert sorted(town.custody.resident.tolist()) == [0, 1]
    assert (town.service.cleared[0], town.service.arrested[0]) == (100, 2)
    town.week += 1
    crimes(town, CallType.VIOLENCE, [0, 1] * 50)
    arrest_at(town, parameters)
    assert (town.service.cleared[0], town.service.arrested[0]) == (100, 0)
    assert len(town.custody) == 2


def test_a_call_that_waits_keeps_its_offender(town: Town) -> None:
    everybody(town)
    crimes(town, CallType.THEFT, [4, 5, 6], recorded=[1, 0, 1])
    town.officers.contracted[:] = 0
    respond.step(town, Parameters(), Strategy())
    assert sorted(zip(town.queue.offender, town.queue.is_recorded, strict=True)) == [
        *((4, 1), (5, 0), (6, 1))
    ]
    give_calls_none(town)
    arrest_at(town, changed(respond=ALWAYS))
    assert sorted(town.arrests.resident) == [4, 6]
