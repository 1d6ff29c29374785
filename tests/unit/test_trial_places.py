"""Trials at single places and with groups: who is treated, displacement, hours, weeks, refusals."""

from __future__ import annotations

import importlib.util
import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text

import omemsim as om
from omemsim.analysis.estimators import displacement_quotient, log_ratio_of_ratios, ratio_change
from omemsim.analysis.evidence.field import run_trial, told
from omemsim.analysis.evidence.group_doses import dose_members
from omemsim.analysis.evidence.runs import EvidenceRuns, TownReading
from omemsim.analysis.evidence.trial_design import TrialDesign
from omemsim.analysis.evidence.trial_results import TRIAL, plan_trial
from omemsim.analysis.evidence.trial_units import (
    catchment_of,
    member_rows,
    split,
    units_of_group,
    units_of_places,
)
from omemsim.analysis.evidence.trial_weeks import (
    displacement_csv,
    displacement_in,
    displacement_text,
    weeks_csv,
    weeks_in,
)
from omemsim.figures.trial_weeks import trial_weeks_figure
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario
from omemsim.run import spin_up
from omemsim.simulation import Simulation
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError

AT_PLACES = TrialDesign(
    units="places", places="worst:8", dose=5.0, baseline=8, weeks=4, follow=3, outcome="crime"
)


# --- the weighted displacement quotient, by hand


def test_the_quotient_is_bowers_and_johnson_s_by_hand() -> None:
    # Treated 100 to 60, catchment 50 to 44, control 200 to 160:
    # (44/160 - 50/200) / (60/160 - 100/200) = .025 / -.125
    assert displacement_quotient((100, 50, 200), (60, 44, 160)) == pytest.approx(-0.2)
    # With 36 in the catchment .225 - .25 = -.025: diffusion.
    assert displacement_quotient((100, 50, 200), (60, 36, 160)) == pytest.approx(0.2)
    # 64 in the catchment: .4 - .25 = .15, more is displaced than was gained.
    assert displacement_quotient((100, 50, 200), (60, 64, 160)) == pytest.approx(-1.2)


def test_the_quotient_says_nothing_where_the_treated_did_not_fall_or_nobody_is_compared() -> None:
    assert math.isnan(displacement_quotient((100, 50, 200), (90, 44, 160)))
    assert math.isnan(displacement_quotient((100, 50, 0), (60, 44, 160)))
    assert math.isnan(displacement_quotient((100, 50, 200), (60, 44, 0)))


def test_what_changed_against_the_controls_has_the_error_of_four_counts() -> None:
    middle, low, high = log_ratio_of_ratios((50, 200), (80, 160))
    assert middle == pytest.approx(math.log(80.5 / 160.5) - math.log(50.5 / 200.5))
    error = math.sqrt(1 / 80.5 + 1 / 160.5 + 1 / 50.5 + 1 / 200.5)
    assert (high - low) / 2 == pytest.approx(1.959964 * error)


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        ((60, 110, 200), "displacement"),
        ((60, 15, 200), "diffusion"),
        ((60, 55, 200), "nothing"),  # the catchment may not have changed
        ((97, 110, 200), "nothing"),  # the treated may not have fallen
    ],
)
def test_a_trial_tells_only_what_chance_does_not_explain(
    after: tuple[int, int, int], verdict: str
) -> None:
    assert told([100, 50, 200], list(after)) == verdict


def test_an_effect_over_towns_is_a_ratio_of_sums_with_the_delta_method_s_error() -> None:
    one, other = np.array([3.0, 1, 8]), np.array([5.0, 4, 6])
    effect, low, high = ratio_change(one, other)
    assert effect == pytest.approx(12 / 15 - 1)
    away = one - 0.8 * other  # -1, -2.2, 3.2
    error = math.sqrt((away**2).sum() / 2) / (5 * math.sqrt(3))
    assert (high - effect, effect - low) == pytest.approx([4.302653 * error] * 2)
    assert math.isnan(ratio_change(one, np.zeros(3))[0])
    assert np.isnan(ratio_change(one[:1], other[:1])[1:]).all()


# --- who is treated


class Rows(SimpleNamespace):
    def __len__(self) -> int:
        return len(next(iter(vars(self).values())))


def small_town() -> Any:
    """Return two neighbourhoods of three and five places in a row, 100 m apart."""
    return SimpleNamespace(
        neighbourhoods=Rows(first_place=np.array([0, 3]), places=np.array([3, 5])),
        places=Rows(
            neighbourhood=np.array([0] * 3 + [1] * 5),
            x=100.0 * np.arange(8),
            y=np.zeros(8),
            near=np.minimum(np.arange(8) + 1, 7)[:, None],
        ),
    )


HOODS: Any = SimpleNamespace(ids=["a", "b"], names=["Alder", "Birch"], name="two")
RECORDED = np.array([2.0, 9, 4, 7, 0, 6, 5, 1])


def test_the_worst_of_the_whole_town_are_split_in_two() -> None:
    design = replace(AT_PLACES, places="worst:4")
    seen = set()
    for seed in range(12):
        rng = np.random.default_rng(seed)
        units = units_of_places(design, small_town(), RECORDED, HOODS, rng)
        pool = np.flatnonzero(units.treated | units.control)
        np.testing.assert_array_equal(pool, [1, 3, 5, 6])
        assert units.treated.sum() == units.control.sum() == 2
        seen.add(tuple(np.flatnonzero(units.treated)))
    assert len(seen) > 3


def test_pairs_are_neighbours_in_the_ranking() -> None:
    order = np.array([1, 3, 5, 6, 2])
    for seed in range(6):
        treated, control = split(
            order, replace(AT_PLACES, assign="pairs"), np.random.default_rng(seed)
        )
        assert {*treated.tolist()} | {*control.tolist()} == {1, 3, 5, 6}  # the last has no pair
        assert {int(treated[0]), int(control[0])} == {1, 3}
    treated, control = split(
        order, replace(AT_PLACES, assign="worst", share=0.4), np.random.default_rng(0)
    )
    assert (treated.tolist(), control.tolist()) == ([1, 3], [5, 6, 2])


def test_named_places_are_treated_and_matched_with_the_closest_in_recorded_crime() -> None:
    design = replace(AT_PLACES, places="a/2, Birch/1")
    units = units_of_places(design, small_town(), RECORDED, HOODS, np.random.default_rng(0))
    assert np.flatnonzero(units.treated).tolist() == [1, 3]  # 9 and 7 crimes
    # Next to them are 2 and 4; of the others 5 (6 crimes) is closest to 9, then 6 (5) to 7.
    assert np.flatnonzero(units.control).tolist() == [5, 6]
    assert np.flatnonzero(units.catchment).tolist() == [2, 4]
    assert np.flatnonzero(units.control_catchment).tolist() == [7]
    assert np.flatnonzero(units.elsewhere).tolist() == [0, 5, 6, 7]


def test_a_catchment_is_what_is_near_or_within_a_radius() -> None:
    mine = np.array([False] * 3 + [True] + [False] * 4)
    assert np.flatnonzero(catchment_of(small_town(), mine, 0.0)).tolist() == [4]
    assert np.flatnonzero(catchment_of(small_town(), mine, 200.0)).tolist() == [1, 2, 4, 5]


def test_no_such_place_is_refused_with_what_there_is() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="Birch has places 1 to 5"):
        units_of_places(replace(AT_PLACES, places="Birch/6"), small_town(), RECORDED, HOODS, rng)
    with pytest.raises(InputError, match="the town has 8 places in all"):
        units_of_places(replace(AT_PLACES, places="worst:9"), small_town(), RECORDED, HOODS, rng)


def group_town() -> Any:
    return SimpleNamespace(
        residents=Rows(
            age=np.array([0, 1, 0, 3, 2, 0, 0, 0]),
            recent=np.array([0.0, 3, 2, 0, 2.5, 0, 0, 0]),
            is_moved=np.array([0, 0, 0, 0, 1, 0, 0, 0]),
            place=np.array([0, 0, 0, 1, 1, 2, 2, 3]),
        )
    )


def test_groups_are_ages_victims_and_those_at_acute_risk() -> None:
    hit = np.array([-1, 0, 7, 5, 4, -1, -1, -1])
    town = group_town()
    design = TrialDesign(units="groups", baseline=8, group="age:15-24")
    assert member_rows(design, town, hit, 2.0).tolist() == [0, 2, 5, 6, 7]
    late = replace(design, group="victims:3")  # weeks 5, 6 and 7
    assert member_rows(late, town, hit, 2.0).tolist() == [2, 3]
    assert member_rows(replace(design, group="acute"), town, hit, 2.0).tolist() == [1, 2]


def test_a_group_s_catchment_lives_at_the_same_places() -> None:
    design = TrialDesign(units="groups", group="age:15-24", share=0.2)
    members = np.array([0, 2, 5, 6, 7])
    for seed in range(8):
        units = units_of_group(
            design, group_town(), members, np.zeros(8), np.random.default_rng(seed)
        )
        (treated,) = np.flatnonzero(units.treated)
        assert units.control.sum() == 4
        near = {0: [1], 2: [1]}.get(int(treated), [])
        assert np.flatnonzero(units.catchment).tolist() == near
    with pytest.raises(InputError, match="3 residents are in it"):
        units_of_group(design, group_town(), members[:3], np.zeros(8), np.random.default_rng(0))


# --- refusals that teach


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"units": "places", "places": "worst:2"}, "needs 4 places or more, as worst:20"),
        ({"units": "places", "places": "12"}, "a neighbourhood, a slash, and a place's number"),
        ({"units": "places", "places": "3/x"}, "a neighbourhood, a slash, and a place's number"),
        ({"units": "places", "places": "3/1", "assign": "pairs"}, "named places are all treated"),
        ({"units": "places", "window": 60}, "longer than the baseline of 52 weeks"),
        ({"units": "places", "radius": -1.0}, "must be metres, 0 or more"),
        ({"units": "places", "what": "liaison"}, "acts on a whole neighbourhood"),
        ({"radius": 50.0}, "write units=places, or leave them out"),
        ({"units": "groups", "what": "patrol"}, "cannot be done with single residents"),
        ({"units": "groups", "what": "liaison", "group": "victim:3"}, "Did you mean 'victims'?"),
        ({"units": "groups", "what": "liaison", "group": "age:20"}, "15-24, 25-44, 45-64, 65+"),
        ({"units": "groups", "what": "liaison", "group": "victims:90"}, "from 1 to the 52"),
        ({"group": "acute"}, "write units=groups, or leave it out"),
        ({"hours": "stolen"}, "must be one of moved, added"),
        ({"what": "lighting", "dose": 0.5, "hours": "added"}, "takes no hours of the police"),
    ],
)
def test_a_design_that_cannot_be_is_refused_with_what_can(words: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as refused:
        TrialDesign(**words).check()
    assert said in str(refused.value)


def test_a_neighbourhood_there_is_not_is_refused_before_anything_runs() -> None:
    with pytest.raises(InputError, match="no such neighbourhood"):
        plan_trial(
            replace(AT_PLACES, places="nowhere/1"),
            town="small",
            strategy="reactive",
            overrides=[],
            replicates=2,
        )


def test_without_a_catchment_nothing_is_said_of_displacement(
    scenario: Scenario, start: Town
) -> None:
    values = run_trial(replace(AT_PLACES, radius=1e-3), scenario, start, 0)
    assert math.isnan(values["during catchment"])
    assert not any("quotient" in name or "diffused" in name for name in values)
    assert displacement_in(AT_PLACES, work_of([values])) == []


# --- the results of runs


def work_of(numbers: list[dict[str, float]]) -> EvidenceRuns:
    found = EvidenceRuns(SimpleNamespace(), {})  # type: ignore[arg-type]
    for k, values in enumerate(numbers):
        found.values[TownReading("default", TRIAL, k)] = values
    return found


def test_runs_are_counted_by_what_they_tell_and_by_what_is_true() -> None:
    design = TrialDesign(follow=0)
    quotients: list[float | None] = [-0.5, 0.2, None, -0.1, 0.0]
    verdicts = [(1, 0), (0, 1), (0, 0), (1, 0), (0, 0)]
    numbers = []
    for quotient, (lost, gained) in zip(quotients, verdicts, strict=True):
        each = {"during displaced": float(lost), "during diffused": float(gained)}
        each["during catchment estimate"] = math.log(1.1)
        if quotient is not None:
            each["during true quotient"] = quotient
        numbers.append(each)
    (found,) = displacement_in(design, work_of(numbers))
    assert (found.runs, found.told, found.not_told) == (5, (2, 1), 2)
    assert (found.true, found.true_neither) == ((2, 1), 2)
    assert found.catchment.difference == pytest.approx(0.1)
    text = displacement_text([found])
    assert "2/1/2" in text
    row = displacement_csv(design, [found]).splitlines()[1].split(",")
    assert row[:11] == [*("during", "0", "26", "victimization", "5"), *"212212"]
    assert displacement_in(TrialDesign(outcome="trust"), work_of(numbers)) == []


def weekly(weeks: int) -> list[dict[str, float]]:
    """Return two towns in which the treated have 3 of 6 and 4 of 4 events a week, others all."""
    pairs = {"treated": ((3.0, 6.0), (4.0, 4.0)), "catchment": ((5.0, 5.0),) * 2}
    pairs["elsewhere"] = ((9.0, 8.0), (10.0, 8.0))
    return [
        {
            f"week {week} {zone} {name}": value
            for week in range(weeks)
            for zone, each in pairs.items()
            for name, value in zip(("with", "without"), each[k], strict=True)
        }
        for k in range(2)
    ]


def test_weeks_are_told_by_zone_and_phase() -> None:
    design = TrialDesign(weeks=2, follow=1)
    found = weeks_in(design, work_of(weekly(3)))
    assert [(x.week, x.phase, x.zone) for x in found[:3]] == [
        (0, "during", "treated"),
        (1, "during", "treated"),
        (2, "after", "treated"),
    ]
    by_zone = {one.zone: one for one in found}
    assert by_zone["treated"].effect == pytest.approx(7 / 10 - 1)
    assert (by_zone["treated"].treated, by_zone["treated"].control) == (3.5, 5.0)
    assert by_zone["catchment"].effect == 0
    assert by_zone["elsewhere"].effect == pytest.approx(19 / 16 - 1)
    lines = weeks_csv(design, found).splitlines()
    assert len(lines) == 10
    assert lines[1].startswith("0,during,treated,victimization,3.5,5")


def test_the_weekly_figure_draws_each_zone_and_shades_both_phases() -> None:
    design = TrialDesign(weeks=2, follow=1, what="patrol")
    found = weeks_in(design, work_of(weekly(3)))
    page = trial_weeks_figure(design, found, compose_scenario("small", "reactive"))
    lines = page.findobj(lambda x: x.get_gid() == "effect")
    assert [line.get_ydata()[0] for line in lines] == pytest.approx([-0.3, 0, 19 / 16 - 1])
    for phase, ends in (("during", (0, 2)), ("after", (2, 3))):
        spans = page.findobj(lambda x, name=phase: x.get_gid() == name)
        assert len(spans) == 3
        box = spans[0].get_extents().transformed(page.axes[0].transData.inverted())
        assert (box.x0, box.x1) == pytest.approx(ends)
    texts = {x.get_text() for x in page.findobj(Text)}
    assert {"treated neighbourhoods", "catchment", "elsewhere", "during: −30.0%"} <= texts
    assert {"weeks from the start of treatment", "change of victimization"} <= texts


# --- small trials from end to end


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return compose_scenario("small", "reactive", ["spin_up_years=0.5"])


@pytest.fixture(scope="module")
def start(scenario: Scenario) -> Town:
    return spin_up(scenario, 0)


def test_doses_at_places_lower_crime_there_and_nothing_happens_without(
    scenario: Scenario, start: Town
) -> None:
    longer = run_trial(replace(AT_PLACES, dose=10.0, weeks=12), scenario, start, 0)
    assert longer["during treated"] < 0  # few crimes happen at eight places in a month
    values = run_trial(AT_PLACES, scenario, start, 0)
    assert values["during units"] == 8
    assert 3 < values["dose delivered"] <= 5
    assert values["hours with"] > values["hours without"] == 0
    ours = [values[f"week {w} treated with"] for w in range(4)]
    theirs = [values[f"week {w} treated without"] for w in range(4)]
    assert sum(ours) / sum(theirs) - 1 == pytest.approx(values["during treated"])
    none = run_trial(replace(AT_PLACES, dose=0.0), scenario, start, 0)
    assert none["during treated"] == none["after elsewhere"] == 0


@pytest.mark.parametrize(("what", "dose"), [("problem_oriented_policing", 12.0), ("lighting", 1.0)])
def test_solved_and_lit_places_have_less_crime(
    what: str, dose: float, scenario: Scenario, start: Town
) -> None:
    design = replace(AT_PLACES, what=what, dose=dose, weeks=20, follow=0, places="worst:12")
    each = [run_trial(design, scenario, spin_up(scenario, k), k) for k in range(4)]
    treated, elsewhere = (
        np.mean([values[f"during {zone}"] for values in each]) for zone in ("treated", "elsewhere")
    )
    assert treated < -0.02
    assert treated < elsewhere


def test_moved_hours_are_taken_from_everywhere_and_added_ones_are_not() -> None:
    busy = compose_scenario("small", "random_patrol", ["spin_up_years=0.5"])
    towns = [spin_up(busy, k) for k in range(5)]
    moved = [
        run_trial(replace(AT_PLACES, what="patrol"), busy, town, k) for k, town in enumerate(towns)
    ]
    # Patrol takes no skill, so that what is moved is as much as before. Calls differ by chance,
    # and with them the hours they leave: by 2% in one of these towns, by 6% at most.
    before = sum(values["hours without"] for values in moved)
    assert sum(values["hours with"] for values in moved) == pytest.approx(before, rel=0.03)
    adding = replace(AT_PLACES, what="patrol", hours="added")
    added = [run_trial(adding, busy, town, k) for k, town in enumerate(towns)]
    given = sum(4 * values["dose delivered"] for values in added)
    more = sum(values["hours with"] - values["hours without"] for values in added)
    assert more == pytest.approx(given, rel=0.05)


@pytest.mark.parametrize("hours", ["moved", "added"])
def test_contacts_with_a_group_raise_its_trust(hours: str) -> None:
    busy = compose_scenario("small", "random_patrol", ["spin_up_years=0.5"])
    town = spin_up(busy, 0)
    design = TrialDesign(
        what="liaison",
        dose=60.0,
        units="groups",
        group="age:15-24",
        baseline=4,
        weeks=6,
        follow=0,
        outcome="trust",
        hours=hours,
    )
    values = run_trial(design, busy, town, 0)
    assert values["during treated"] > 0.001
    assert values["during treated"] > 5 * abs(values["during elsewhere"])
    assert (values["hours with"] < values["hours without"] - 1) == (hours == "moved")


@pytest.mark.parametrize(
    ("what", "dose", "column"),
    [
        ("casework", 400.0, "residents.is_referred"),
        ("monitor_at_risk_groups", 500.0, "residents.monitored"),
        ("target_hardening", 52 * math.log(2), "households.protection"),
        ("liaison", 500.0, "residents.contact"),
    ],
)
def test_other_doses_reach_the_members_of_a_group_and_nobody_else(
    what: str, dose: float, column: str, scenario: Scenario, start: Town
) -> None:
    model = Simulation(scenario, 0, start.copy())
    table, name = column.split(".")
    values = getattr(getattr(model.town, table), name)
    values[...] = 0
    members = np.arange(200, 300)
    design = TrialDesign(what=what, dose=dose, units="groups")
    dose_members(model, design, members, 0)
    mine = model.town.residents.household[members] if table == "households" else members
    changed = np.flatnonzero(values)
    assert changed.size > 0
    assert np.isin(changed, mine).all()
    group = model.parameters.act
    if name == "is_referred":
        # 400 a week per 1,000 are 40 of 100 members.
        assert changed.size == pytest.approx(40, abs=4 * math.sqrt(40))
    elif name == "monitored":  # 50 hours find as many, some of them twice
        assert (values[changed] == 1).all()
        assert changed.size <= 4 + 1.6 * group.watched * 50
    elif name == "protection":  # a dose of 52 ln 2 a year protects half a week
        dwellings = np.unique(mine).size
        assert changed.size == pytest.approx(dwellings / 2, abs=2 * math.sqrt(dwellings))
    else:
        gain = group.contact_gain * (1 - model.town.residents.trust[changed])
        assert (values[changed] > 0.99 * group.stranger * gain).all()
    before = values.copy()
    dose_members(model, replace(design, dose=0.0), members, 0)
    np.testing.assert_array_equal(values, before)


def test_python_gives_weeks_and_displacement_as_tables(tmp_path: Any) -> None:
    tried = om.trial(
        town="small",
        replicates=2,
        overrides=["spin_up_years=0.1", "town.residents=800", "town.neighbourhoods=5"],
        store=tmp_path / "store",
        workers=1,
        progress=False,
        what="patrol",
        units="places",
        places=["1/1", "2/1", "3/2"],
        dose=3,
        baseline=4,
        weeks=2,
        follow=1,
        window=4,
        radius=2000,
    )
    weeks = tried.weeks()
    assert list(weeks.zone.unique()) == ["treated", "catchment", "elsewhere"]
    assert len(weeks) == 9
    if importlib.util.find_spec("xarray"):
        assert tried.weeks_to_xarray().sizes == {"zone": 3, "week": 3}
    around = tried.displacement()
    assert (around.displacement_told + around.diffusion_told + around.neither_told == 2).all()
    assert "Displacement and diffusion" in tried.text()
