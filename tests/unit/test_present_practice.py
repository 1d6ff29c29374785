"""Present practice: its hours, what each use of them does, and that it never looks at zones."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from parts import alone, given, use_hours

from omemsim.inputs.checks import scenario_problems
from omemsim.inputs.config import BASELINE, compose_scenario, with_baseline
from omemsim.inputs.scenario import Scenario
from omemsim.processes import WEEK, act, plan, reporting, respond
from omemsim.run import spin_up
from omemsim.strategies import Allocation, Strategy, mix_in, shares_by_zone
from omemsim.study.factors import factors_of
from omemsim.town import Town
from omemsim.vocabulary.columns import COLUMNS
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.mechanisms import effective
from omemsim.vocabulary.parameters import Act, Parameters, Strengths
from omemsim.vocabulary.wheel import CallType, Tactic, Zone

WORDS = [
    "town.residents=900",
    "town.neighbourhoods=3",
    "spin_up_years=0.5",
    "parameters.people.place_shape=0.4",
    "parameters.offend.violence=300",
    "parameters.respond.sworn=300",
]
SHARES = {
    Tactic.PATROL: 0.60,
    Tactic.BACKUP: 0.20,
    Tactic.TRAFFIC: 0.10,
    Tactic.DIRECTED_PATROL: 0.06,
    Tactic.LIAISON: 0.04,
}


def composed(strategy: str | None, *words: str) -> Scenario:
    return compose_scenario("small", strategy, [*WORDS, *words])


@pytest.fixture(scope="module")
def spun() -> Town:
    return spin_up(composed(BASELINE), 0)


@pytest.fixture
def town(spun: Town) -> Town:
    return spun.copy()


def group(**values: float) -> Act:
    return replace(Parameters().act, **values)


def parameters_of(values: Act) -> Parameters:
    return replace(Parameters(), act=values)


def back_up(town: Town, values: Act) -> None:
    p = given(act.STAGE, parameters_of(values))
    alone(act.back_up, town.neighbourhoods, town.service, p)


def idle(town: Town) -> None:
    """Leave no hours, visits, contacts or burden of other weeks."""
    town.neighbourhoods.hours[:] = 0
    town.residents.contact[:] = 0
    town.neighbourhoods.burden[:] = 0


# --- its hours ----------------------------------------------------------------------------


@pytest.mark.parametrize("zone", Zone, ids=lambda zone: zone.name)
def test_every_hour_is_used_as_it_was_frozen_in_every_zone(zone: Zone) -> None:
    strategy = composed(BASELINE).strategy
    shares = shares_by_zone(strategy.mix, strategy.directed)[zone]
    expected = np.zeros(len(Tactic))
    for tactic, share in SHARES.items():
        expected[tactic] = share
    assert shares == pytest.approx(expected)
    assert shares.sum() == pytest.approx(1)
    assert (strategy.allocation, strategy.calls_window) == (Allocation.CALLS, 13)
    assert (strategy.training, strategy.spend) == (0, {})


def labels_spoiled(town: Town) -> None:
    """Turn every label around and move it to another neighbourhood."""
    for name in ("zone", "true_zone", "call_zone", "relative_zone"):
        labels = getattr(town.neighbourhoods, name)
        labels[:] = Zone.BLUE - np.roll(labels, 1)


def weeks_of(
    scenario: Scenario, town: Town, after_assessing: Callable[[Town], None] = lambda town: None
) -> dict[str, Any]:
    """Return every column after each of 20 weeks, but those that assessments write."""
    parameters, found = effective(scenario.parameters), {}
    columns = [column for column in COLUMNS if column.writer != "assess"]
    for week in range(20):
        for name, step in WEEK.items():
            step(town, parameters, scenario.strategy)
            if name == "assess":
                after_assessing(town)
        town.week += 1
        for column in columns:
            values = getattr(town.tables()[column.table], column.name)
            found[f"week {week} {column.table}.{column.name}"] = values.copy()
    return found


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [name for name, values in one.items() if not np.array_equal(values, other[name])]


def test_other_labels_change_nothing_at_all(spun: Town) -> None:
    scenario = composed(BASELINE)
    usual = weeks_of(scenario, spun.copy())
    assert differing(usual, weeks_of(scenario, spun.copy(), labels_spoiled)) == []


@pytest.mark.parametrize("word", ["assess_every=520", "assess_every=1", "window=13"])
def test_other_assessments_change_nothing_at_all(spun: Town, word: str) -> None:
    usual = weeks_of(composed(BASELINE), spun.copy())
    other = weeks_of(composed(BASELINE, f"strategy.{word}"), spun.copy())
    assert differing(usual, other) == []


def test_other_labels_change_a_strategy_that_looks_at_zones(spun: Town) -> None:
    """That the tests above can fail."""
    scenario, same = composed("omem"), spun.copy()
    same.neighbourhoods.zone[:] = [Zone.RED, Zone.AMBER, Zone.BLUE]
    other = same.copy()
    assert differing(weeks_of(scenario, same), weeks_of(scenario, other, labels_spoiled))


def test_hours_follow_the_calls_of_their_own_window(town: Town) -> None:
    hoods, mix = town.neighbourhoods, {"all": {"patrol": 1.0}}
    hoods.past_calls[:] = 0
    town.week = 60
    hoods.past_calls[:, 59 % 52] = [4, 9, 0]  # last week
    hoods.past_calls[:, 46 % 52] = [5, 0, 1]  # fourteen weeks before
    for weeks, expected in ((13, [5, 10, 1]), (14, [10, 10, 2])):
        levers = Strategy(mix=mix, allocation=Allocation.CALLS, calls_window=weeks, window=20)
        plan.step(town, Parameters(), levers)
        assert hoods.share[:, Tactic.PATROL] == pytest.approx(np.array(expected) / sum(expected))


# --- a mix that is written once, and hours directed to places --------------------------------


def test_a_zone_has_what_all_have_under_its_own() -> None:
    mix = {"all": {"patrol": 0.5, "liaison": 0.2}, "red": {"liaison": 0.1, "backup": 0.3}}
    assert mix_in(mix, Zone.RED) == {"patrol": 0.5, "liaison": 0.1, "backup": 0.3}
    assert mix_in(mix, Zone.BLUE) == mix["all"]
    assert mix_in({}, Zone.BLUE) == {}
    shares = shares_by_zone(mix, directed=0.15)
    for zone, contact, patrol in ((Zone.RED, 0.1, 0.35), (Zone.GREEN, 0.2, 0.35)):
        assert shares[zone, Tactic.LIAISON] == contact
        assert shares[zone, Tactic.PATROL] == pytest.approx(patrol)
        assert shares[zone, Tactic.DIRECTED_PATROL] == 0.15


@pytest.mark.parametrize("directed", [0.0, 0.06, 0.2])
def test_patrol_gives_up_what_is_directed(directed: float) -> None:
    strategy = composed(BASELINE, f"strategy.directed={directed}").strategy
    shares = shares_by_zone(strategy.mix, strategy.directed)
    assert shares[:, Tactic.DIRECTED_PATROL] == pytest.approx([directed] * 4)
    assert shares[:, Tactic.PATROL] == pytest.approx([0.66 - directed] * 4)
    assert shares.sum(axis=1) == pytest.approx([1] * 4)


@pytest.mark.parametrize(
    ("strategy", "words", "told"),
    [
        (BASELINE, ["directed=0.21"], ["strategy.directed = 0.21", "from 0 to 0.2"]),
        (BASELINE, ["mix.blue.patrol=0.05"], ["strategy.directed = 0.06", "0.05", "in blue"]),
        ("omem", ["directed=0.1"], ["strategy.directed = 0.1", "patrol", "0 of the hours"]),
        (BASELINE, ["mix.all.patrol=0.7"], ["strategy.mix.all: the shares add up to 1.04"]),
        (
            BASELINE,
            ["mix.red.mobilize_partners=0.1"],
            ["strategy.mix.red", "with those of strategy.mix.all", "add up to 1.1"],
        ),
        (BASELINE, ["mix.al.patrol=0.1"], ["strategy.mix.al: no such zone", "'all'"]),
    ],
)
def test_shares_that_do_not_fit_are_refused(
    strategy: str, words: list[str], told: list[str]
) -> None:
    with pytest.raises(InputError) as refused:
        composed(strategy, *(f"strategy.{word}" for word in words))
    assert len(refused.value.problems) == 1
    assert [text for text in told if text not in refused.value.problems[0]] == []


def test_a_mix_written_once_is_that_of_four_zones() -> None:
    once = composed("omem_average_mix")
    row = once.strategy.mix["all"]
    four = {zone.name.lower(): row for zone in Zone}
    assert np.array_equal(shares_by_zone(once.strategy.mix), shares_by_zone(four))
    other = replace(once, strategy=replace(once.strategy, mix=four))
    assert scenario_problems(other) == []


# --- backing up others ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "reactive", "saves", "expected"),
    [
        (10, 90, 0.5, 0.05),  # half of a tenth
        (30, 10, 0.8, 0.6),
        (0, 50, 0.8, 0),
        (20, 0, 0.8, 0.8),  # never more than this
        (0, 0, 0.8, 0),
    ],
)
def test_backup_shortens_by_its_part_of_the_hours_at_calls(
    town: Town, hours: float, reactive: float, saves: float, expected: float
) -> None:
    idle(town)
    town.neighbourhoods.hours[:, Tactic.BACKUP] = np.array([0.5, 0.2, 0.3]) * hours
    town.service.reactive[0] = reactive
    back_up(town, group(backup_saves=saves))
    assert town.service.backed_up[0] == pytest.approx(expected)


def test_calls_of_the_next_week_take_less_and_free_the_rest(town: Town) -> None:
    town.queue.replace(**{name: old[:0] for name, old in town.queue.columns().items()})
    rows = np.arange(5)
    columns = {name: np.zeros(5) for name in town.calls.columns()}
    kinds = [CallType.VIOLENCE, CallType.SERVICE, CallType.SERVICE, CallType.THEFT, CallType.THEFT]
    town.calls.replace(
        **{**columns, "type": np.array(kinds), "event": rows + 1, "caller": np.full(5, -1)}
    )
    town.officers.contracted[:], town.service.staffing[0] = 100, 1
    parameters = Parameters()
    full = respond.call_hours(parameters.respond)[kinds].sum()
    offered = 100 * len(town.officers)
    for backed_up in (0.0, 0.3):
        again = town.copy()
        again.service.backed_up[0] = backed_up
        respond.step(again, parameters, Strategy())
        assert again.service.answered[0] == 5
        assert again.service.reactive[0] == pytest.approx((1 - backed_up) * full)
        assert again.officers.proactive.sum() == pytest.approx(offered - (1 - backed_up) * full)


def test_backup_does_nothing_else(town: Town) -> None:
    other = town.copy()
    for one, hours in ((town, 0.0), (other, 40.0)):
        idle(one)
        one.neighbourhoods.hours[:, Tactic.BACKUP] = hours
        back_up(one, group())
        use_hours(one, group(), 0.6)
    changed = {
        (column.table, column.name)
        for column in COLUMNS
        if not np.array_equal(
            *(getattr(one.tables()[column.table], column.name) for one in (town, other))
        )
    }
    assert changed == {("neighbourhoods", "hours"), ("service", "backed_up")}


def test_backup_can_be_switched_off() -> None:
    off = replace(Parameters(), strength=Strengths(backup=0.0))
    assert effective(off).act.backup_saves == 0


# --- traffic and stops ----------------------------------------------------------------------


def test_traffic_work_is_seen_evenly_and_less_than_patrol(town: Town) -> None:
    hoods, places = town.neighbourhoods, town.places
    idle(town)
    hoods.hours[1, Tactic.TRAFFIC] = 12
    use_hours(town, group(traffic_visits=1.5, traffic_stops=0), 0.6)
    first, count = hoods.first_place[1], int(hoods.places[1])
    here = places.visits[first : first + count]
    assert here == pytest.approx(np.full(count, 18 / count))
    assert places.visits.sum() == pytest.approx(18)
    assert not town.residents.contact.any()
    assert not hoods.burden.any()


def test_traffic_stops_cost_trust_and_weigh_in_full_wherever_they_are(town: Town) -> None:
    hoods, residents = town.neighbourhoods, town.residents
    hoods.analysis[:] = 1  # were they aimed, hardly one would miss
    rates = group(traffic_visits=0, traffic_stops=2.0, stop_cost=0.25, aimed_burden=0.1)
    stopped, weeks = np.zeros(3), 60
    hours = np.array([0.0, 6.0, 2.0])
    for week in range(weeks):
        town.week = week
        idle(town)
        hoods.hours[:, Tactic.TRAFFIC] = hours
        use_hours(town, rates, 1.0)
        first = residents.place
        each = np.bincount(town.places.neighbourhood[first], -residents.contact / 0.25, 3)
        assert hoods.burden == pytest.approx(each)  # one for one
        stopped += each
    expected = 2.0 * hours * weeks
    assert stopped[0] == 0
    assert np.abs(stopped - expected).max() < 5 * np.sqrt(expected.max())


def test_traffic_work_leaves_the_noise_of_enforcement_alone(town: Town) -> None:
    hoods, found = town.neighbourhoods, []
    for traffic in (0.0, 30.0):
        idle(town)
        hoods.hours[:, Tactic.TARGETED_ENFORCEMENT] = 5
        hoods.hours[:, Tactic.TRAFFIC] = traffic
        use_hours(town, group(traffic_visits=0, traffic_stops=0, stops=0.5), 0.6)
        found.append((town.residents.contact.copy(), hoods.burden.copy()))
    assert found[0][1].sum() > 0
    assert np.array_equal(found[0][0], found[1][0])
    assert np.array_equal(found[0][1], found[1][1])


def test_of_all_visits_those_of_enforcement_stop(town: Town) -> None:
    """Hours of directed patrol and of traffic work are visits, and stop nobody as visits."""
    hours = np.zeros(len(Tactic))
    hours[[Tactic.TARGETED_ENFORCEMENT, Tactic.PATROL]] = 2, 3
    hours[[Tactic.DIRECTED_PATROL, Tactic.TRAFFIC]] = 1, 8
    rates = given(act.STAGE, parameters_of(group(visits_per_hour=4.0, traffic_visits=1.0))).visits
    assert alone(act.share_enforcing, hours, rates) == pytest.approx(2 / (2 + 3 + 1 + 8 / 4))
    idle(town)
    town.neighbourhoods.hours[:, Tactic.DIRECTED_PATROL] = 20
    use_hours(town, group(stops=1.0), 0.6)
    assert not town.residents.contact.any()


# --- directed to last month's worst places ---------------------------------------------------


def test_directed_visits_go_where_most_was_recorded_last_month(town: Town) -> None:
    hoods, places = town.neighbourhoods, town.places
    idle(town)
    first, count = int(hoods.first_place[2]), int(hoods.places[2])
    assert count >= 5
    places.knowledge[:] = 0
    places.knowledge[first : first + 4] = [90, 0.5, 7, 0]  # the best known of old: the first
    places.recorded[:] = 0
    places.recorded[first + 3] = [0, 2, 0, 1]
    places.recorded[first + 1] = [1, 0, 0, 1]
    places.recorded[first + 2] = [0, 0, 2, 0]  # as many, and better known
    hoods.hours[2, Tactic.DIRECTED_PATROL] = 10
    hoods.analysis[:] = 0
    rates = group(visits_per_hour=3.0, worst_share=2 / count)
    use_hours(town, rates, 0.8)
    expected = np.full(count, 0.2 * 30 / count)
    expected[[3, 2]] += 0.8 * 30 / 2
    assert places.visits[first : first + count] == pytest.approx(expected)
    assert places.visits.sum() == pytest.approx(30)


def test_a_month_of_records_is_kept_and_no_more(town: Town) -> None:
    rows = 300
    columns = {name: np.zeros(rows) for name in town.incidents.columns()}
    told = {"report_violence": 1.0, "recorded": 1.0}
    parameters = replace(Parameters(), reporting=replace(Parameters().reporting, **told))
    where = np.arange(rows) % 2 * 3  # at two places
    town.places.recorded[:] = 0
    months = []
    for week in range(-2, 5):
        many = rows if week == -1 else 0
        incidents = {**columns, "place": where, "victim": np.full(rows, -1)}
        incidents["event"] = np.arange(1, rows + 1, dtype=np.uint64)
        town.incidents.replace(**{name: values[:many] for name, values in incidents.items()})
        town.week = week
        reporting.step(town, parameters, Strategy())
        months.append(town.places.recorded[[0, 3]].sum(axis=1).tolist())
    half = [rows // 2, rows // 2]
    assert months[1:5] == [half, half, half, half]  # the week itself and three more
    assert months[5:] == [[0, 0], [0, 0]]


# --- the baseline ---------------------------------------------------------------------------


def test_one_strategy_alone_is_compared_with_present_practice() -> None:
    assert with_baseline(["omem"]) == [BASELINE, "omem"]
    assert with_baseline(["my plan.yaml"]) == [BASELINE, "my plan.yaml"]
    assert with_baseline(["reactive", "omem"]) == ["reactive", "omem"]
    assert with_baseline([BASELINE]) == [BASELINE]
    assert with_baseline([]) == []


def test_the_directed_share_is_swept_over_its_declared_bounds() -> None:
    (declared,) = factors_of("strategy.directed", "default")
    assert (declared.low, declared.high) == (0, 0.2)
    assert factors_of("strategy.directed", "0..0.2") == [declared]
    with pytest.raises(InputError, match=r"from 0 to 0\.2"):
        factors_of("strategy.directed", "0..0.3")
