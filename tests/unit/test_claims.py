"""Claims: files are checked, readings are read right, verdicts follow their rules."""

from __future__ import annotations

import argparse
import csv
import importlib
import io
import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from omemsim.analysis.claims import runs as claim_runs
from omemsim.analysis.claims.arithmetic import parse
from omemsim.analysis.claims.experiment import (
    Claimed,
    known_claims,
    read_experiment,
    read_experiments,
)
from omemsim.analysis.claims.readings import Opening, Reading, number
from omemsim.analysis.claims.runs import (
    ClaimRun,
    ClaimRuns,
    Setup,
    other_sets,
    plan_claims,
    run_claims,
)
from omemsim.analysis.claims.table import claims_csv, claims_markdown, claims_text, words
from omemsim.analysis.claims.verdict import VERDICTS, Finding, judge
from omemsim.cli.claims import claims as command
from omemsim.cli.table import COMMANDS
from omemsim.figures.claims_html import COLOURS_OF_VERDICTS, claims_page
from omemsim.figures.ink import ink_of_chip, luminance
from omemsim.inputs.config import compose_scenario, config_root
from omemsim.series import Series
from omemsim.study import runner
from omemsim.study.engine import Engine
from omemsim.study.parameter_sets import draw_worlds
from omemsim.study.plausible import read_sets
from omemsim.study.run_times import Pace
from omemsim.study.store import Store
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.mechanisms import OFF
from omemsim.vocabulary.parameters import Parameters, declarations
from omemsim.vocabulary.wheel import COLOURS

FILE = """
claim: C99
theme: A theme
seed: 003
quote: Calls <fall> & "harm" too.
asks: Does it work?
setting: {years: 0.2, strategy: hot_spots}
arms:
  usual: {}
  more: {strategy.money: 12.0}
readings:
  fear: {read: level, measure: fear}
effect: more.fear - usual.fear
unit: index 0-1
claimed: above 0
mechanism: [fear_gate]
kind: emerges
through: [feel, organize]
false_when: {parameters.feel.fear_crime: 0}
smallest: 0.05
note: A note.
"""
TINY = ("town.residents=300", "town.neighbourhoods=4", "spin_up_years=0.04")


@pytest.fixture
def write(tmp_path):
    """Write an experiment file with some keys changed (None: left out); return its path."""

    def write(name="C99", **changes):
        content = {**yaml.safe_load(FILE), **changes}
        if content["kind"] == "identity" or str(content["claimed"]).startswith("within"):
            content |= {"smallest": changes.get("smallest")}
        kept = {key: value for key, value in content.items() if value is not None}
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(kept), encoding="utf-8")
        return path

    return write


# --- files


@pytest.mark.parametrize("path", known_claims().values(), ids=lambda path: path.stem)
def test_every_file_is_a_sound_experiment(path):
    experiment = read_experiment(path)
    work = plan_claims([experiment], Setup(town="small", replicates=2, parameter_sets=3))
    arms = {cell.arm for cell in work.requests}
    assert arms == set(experiment.arms)
    variants = {cell.variant for cell in work.requests}
    if experiment.kind == "identity":
        assert {"default", "parameter set"} <= variants
    else:
        assert variants == {"default", "control", "false", "parameter set"}


def test_there_are_claims_and_words_find_them():
    assert {"C2", "C8", "C33", "C38"} <= set(known_claims())
    assert [x.claim for x in read_experiments(["c08", "C2", "8"])] == ["C8", "C2"]
    with pytest.raises(InputError, match=r"no claim 'C99'.*There are: C"):
        read_experiments(["C99"])


def test_a_file_is_read(write):
    experiment = read_experiment(write())
    assert (experiment.claim, experiment.seed) == ("C99", "003")
    assert experiment.readings == {"fear": Reading("level", measure="fear")}
    assert experiment.effect.names == (("more", "fear"), ("usual", "fear"))
    assert experiment.claimed == Claimed("above 0", low=0.0)
    assert experiment.false_when == {"parameters.feel.fear_crime": 0}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"verdict": "emerges"}, "verdict: no such key"),
        ({"quote": None}, "quote: missing"),
        ({"asks": 3}, "asks = 3: must be text"),
        ({"claim": "C7"}, "the file's name says C99"),
        ({"kind": "emerge"}, "kind = 'emerge': must be one of .* Did you mean 'emerges'"),
        ({"through": ["feel"]}, "passes two processes"),
        ({"through": ["feel", "orgnize"]}, "Did you mean 'organize'"),
        ({"mechanism": ["feargate"]}, "Did you mean 'fear_gate'"),
        ({"mechanism": None}, "mechanism: missing"),
        ({"false_when": None}, "false_when: missing"),
        ({"false_when": {"parameters.feel.fear_crime": 7}}, "must be from 0 to 1"),
        ({"false_when": {"parameters.feel.fear": 0}}, "There is no key 'parameters.feel.fear'"),
        ({"false_when": {"parameters.partner.give_up": 2.5}}, "parameters.partner.give_up = 2.5"),
        ({"claimed": "over 0"}, "write above 0"),
        ({"smallest": None}, "smallest: missing; give the smallest effect worth a word"),
        ({"smallest": -1}, "smallest = -1: must be 0 or more"),
        ({"smallest": "much"}, "smallest = 'much': must be a number"),
        ({"smallest": 1, "kind": "identity"}, "smallest: an identity, .* has none"),
        ({"smallest": 1, "claimed": "within 0 1"}, "a claim within two ends, has none"),
        ({"claimed": "within 1 0"}, "the first number must be the smaller"),
        ({"effect": "more.fear - usal.fear"}, "no arm 'usal'.* Did you mean 'usual'"),
        ({"effect": "more.fear - usual.fea"}, "no reading 'fea'"),
        ({"effect": "more.fear"}, "arms.usual: the effect does not use it"),
        ({"effect": "more.fear ** 2 + usual.fear"}, "is not allowed"),
        ({"setting": {"yeers": 2}}, "There is no key 'yeers'. Did you mean 'years'"),
        ({"setting": {"strategy": "omen"}}, "Did you mean 'omem'"),
        ({"setting": {"town": "city"}}, "chosen on the command line"),
        ({"arms": {"a b": {}}}, "must be a name of letters"),
        ({"arms": []}, "must be one arm or more"),
    ],
)
def test_what_is_wrong_with_a_file_is_reported(write, changes, said):
    with pytest.raises(InputError, match=said):
        read_experiment(write(**changes))


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        ({"read": "levels", "measure": "fear"}, "Did you mean 'level'"),
        ({"read": "level"}, "readings.fear.measure: missing"),
        ({"read": "level", "measure": "feer"}, "Did you mean 'fear'"),
        ({"read": "level", "measure": "fear", "at": "year 0"}, "year 3"),
        ({"read": "slope", "measure": "fear", "at": "start"}, "must be one of first_year"),
        ({"read": "level", "measure": "fear", "since": "start"}, "since: no such key"),
        ({"read": "share", "measure": "fear"}, "at_least or at_most: give one of the two"),
        ({"read": "share", "measure": "fear", "at_least": "x"}, "must be a number"),
        ({"read": "level", "measure": "police_cost", "where": "zone:red"}, "of the whole town"),
        ({"read": "level", "measure": "fear", "where": "zone:pink"}, "zone:red, zone:amber"),
        ({"read": "level", "measure": "fear", "where": "most_deprived:2"}, "must be a share"),
        ({"read": "level", "measure": "fear", "where": "most_depraved:0.5"}, "most_deprived'"),
        ({"read": "level", "measure": "fear", "where": "highest:feer:0.5"}, "Did you mean 'fear'"),
        ({"read": "upgrades", "measure": "fear"}, "must be a zone"),
        ({"read": "final_zone_share", "zone": "pink"}, "must be one of red"),
        ({"read": "correlation", "measure": "fear", "with": "bill"}, "of the whole town"),
    ],
)
def test_what_is_wrong_with_a_reading_is_reported(write, reading, said):
    with pytest.raises(InputError, match=said):
        read_experiment(write(readings={"fear": reading}))


def test_everything_wrong_is_reported_at_once(write):
    with pytest.raises(InputError) as refused:
        read_experiment(write(kind="x", claimed="x", unit=""))
    assert len(refused.value.problems) >= 3
    assert all(problem.startswith("C99.yaml: ") for problem in refused.value.problems)


def test_a_file_that_is_no_yaml_is_reported(tmp_path):
    path = tmp_path / "C99.yaml"
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(InputError, match=r"C99\.yaml: cannot be read"):
        read_experiment(path)


def test_an_arm_that_does_not_compose_is_reported(write):
    experiment = read_experiment(write(arms={"usual": {}, "more": {"strategy.money": -1}}))
    with pytest.raises(InputError, match=r"C99, arm more: strategy\.money = -1"):
        plan_claims([experiment], Setup("small", TINY))


# --- arithmetic


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a.x - b.x", 1.0),
        ("-(a.x + b.x) / 2", -2.5),
        ("2 * a.x", 6.0),
        ("max(a.x, b.x, 1) - min(a.x, b.x)", 1.0),
        ("mean(a.x, b.x, 10)", 5.0),
        ("abs(b.x - a.x)", 1.0),
    ],
)
def test_a_formula_gives_its_number(text, value):
    assert parse(text).value({("a", "x"): 3.0, ("b", "x"): 2.0}) == pytest.approx(value)


def test_a_division_by_zero_is_no_number():
    assert math.isnan(parse("1 / a.x").value({("a", "x"): 0.0}))


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')", "a", "a.x.y", "a.x ** 2", "a.x if 1 else 2", "max()", "abs(1, 2)",
        "a.x + 'b'", "True + a.x", "a[0].x", "a.x +", "", "max(*a.x)", "sum(a.x)", "1" * 2000,
        "-" * 900 + "1", "(" * 300 + "1" + ")" * 300,
    ],
)  # fmt: skip
def test_nothing_but_arithmetic_is_read(text):
    with pytest.raises(ValueError, match=r"arithmetic|allowed|characters"):
        parse(text)


# --- readings

WEEKS = np.arange(4, 105, 4)


def made_town():
    rows = dict.fromkeys(
        ("neighbourhoods", "places", "households", "residents", "agencies", "officers"), 1
    )
    town = Town(0, {**rows, "initiatives": 1, "neighbourhoods": 4})
    town.neighbourhoods.deprivation[:] = [0.1, 0.9, 0.5, 0.7]
    town.neighbourhoods.zone[:] = [3, 0, 1, 0]
    town.neighbourhoods.residents[:] = 100
    town.neighbourhoods.past_incidents[:, 0] = [1, 5, 9, 2]
    return town


def made_run(start=None, **values):
    """Return a series of two years with these measures, and its opening."""
    opening = Opening(
        made_town(),
        SimpleNamespace(ids=list("1234"), names=["North", "East", "South", "West"], name="made"),
        {name: np.zeros(np.shape(x)[1:]) for name, x in values.items()} | (start or {}),
    )
    series = Series(
        weeks=WEEKS,
        ids=opening.blueprint.ids,
        names=opening.blueprint.names,
        population=np.array([100.0, 100, 100, 300]),
        residents=np.array([100, 100, 100, 100]),
        values={name: np.asarray(x, float) for name, x in values.items()},
    )
    return series, opening


def rising():
    """Return a measure that is the week, plus 1000 per row of neighbourhood."""
    return WEEKS[:, None] + 1000.0 * np.arange(4)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("all",), 1578.0),
        (("North",), 78.0),
        (("2",), 1078.0),
        (("most_deprived:0.5",), 2078.0),
        (("least_deprived:0.25",), 78.0),
        (("most_harmed:0.25",), 2078.0),
        (("zone:red",), 2078.0),
        (("highest:fear:0.25",), 3078.0),
        (("lowest:fear:0.5",), 578.0),
        (("North", "2"), 578.0),
    ],
)
def test_a_level_is_of_those_asked_for(where, value):
    run = made_run(start={"fear": np.arange(4.0)}, fear=rising())
    assert number(Reading("level", "fear", at="whole", where=where), *run) == pytest.approx(
        value - 24
    )


def test_neighbourhoods_weigh_as_the_measure_says():
    series, opening = made_run(public_calls=rising())
    level = number(Reading("level", "public_calls", at="last_year"), series, opening)
    assert level == pytest.approx(80 + (1000 + 2000 + 3 * 3000) / 6)


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("start", -7.0),
        ("first_year", 28.0),
        ("last_year", 80.0),
        ("year 1", 28.0),
        ("year 2", 80.0),
        ("whole", 54.0),
        ("week 30", 32.0),
        ("week 32", 32.0),
    ],
)
def test_a_level_is_of_its_period(at, value):
    start = {"fear": np.full(4, -7.0)}
    run = made_run(start=start, fear=np.repeat(WEEKS[:, None], 4, axis=1))
    assert number(Reading("level", "fear", at=at), *run) == pytest.approx(value)


def test_a_period_without_a_record_is_reported():
    with pytest.raises(ValueError, match="it ends in week 104"):
        number(Reading("level", "fear", at="year 3"), *made_run(fear=rising()))


def test_changes_and_slopes():
    run = made_run(start={"fear": np.full(4, 10.0)}, fear=np.repeat(WEEKS[:, None], 4, axis=1))
    assert number(Reading("change", "fear"), *run) == pytest.approx(70.0)
    assert number(Reading("change", "fear", since="first_year"), *run) == pytest.approx(52.0)
    assert number(Reading("slope", "fear", at="whole"), *run) == pytest.approx(52.0)


def test_a_correlation_is_over_neighbourhoods():
    still = np.ones((WEEKS.size, 4))
    run = made_run(fear=still * [1, 2, 3, 10], trust=still * [9, 7, 5, 1], efficacy=still)
    spearman = Reading("correlation", "fear", other="trust")
    assert number(spearman, *run) == pytest.approx(-1)
    pearson = Reading("correlation", "fear", other="trust", method="pearson")
    expected = np.corrcoef([1, 2, 3, 10], [9, 7, 5, 1])[0, 1]
    assert number(pearson, *run) == pytest.approx(expected)
    assert number(Reading("correlation", "fear", other="efficacy"), *run) == 0
    two = Reading("correlation", "fear", other="trust", where=("zone:red",))
    with pytest.raises(ValueError, match="three neighbourhoods"):
        number(two, *run)


def test_shares_average_numbers_and_count_labels():
    half = np.where(WEEKS[:, None] > 78, 3.0, 1.0) * np.ones(4)
    run = made_run(fear=half, true_zone=half)
    last = half[WEEKS > 52, 0]
    assert number(Reading("share", "fear", at_least=2.5), *run) == 0  # the mean is about 2
    expected = float((last >= 2.5).mean())
    assert 0 < expected < 1
    assert number(Reading("share", "true_zone", at_least=2.5), *run) == pytest.approx(expected)
    assert number(Reading("share", "true_zone", at_most=2.5), *run) == pytest.approx(1 - expected)


def test_weeks_until_it_stays_so():
    course = np.full(WEEKS.size, 5.0)
    course[3] = 1.0  # a dip that does not last
    course[10:] = 1.0
    run = made_run(fear=np.repeat(course[:, None], 4, axis=1))
    assert number(Reading("weeks_until", "fear", at_most=2.0), *run) == WEEKS[10]
    assert number(Reading("weeks_until", "fear", at_least=9.0), *run) == WEEKS[-1]
    assert number(Reading("weeks_until", "fear", at_least=0.0), *run) == WEEKS[0]
    calm = Reading("weeks_until", "fear", at_most=2.0, over=16)
    assert WEEKS[10] < number(calm, *run) <= WEEKS[13]


def test_moves_between_zones():
    labels = np.ones((WEEKS.size, 4))
    labels[2:, 0] = 2  # up in week 12, for good
    labels[5:9, 1] = 3  # two up in week 24, two down in week 40: a relapse
    labels[3:, 2] = 0  # down, and never up before
    run = made_run(start={"true_zone": np.array([1.0, 1, 1, 0])}, true_zone=labels)
    rate = 1 / 4 / 2  # neighbourhoods, years
    assert number(Reading("upgrades", at="whole"), *run) == pytest.approx(4 * rate)
    assert number(Reading("downgrades", at="whole"), *run) == pytest.approx(3 * rate)
    assert number(Reading("relapses", at="whole"), *run) == pytest.approx(2 * rate)
    assert number(Reading("upgrades", at="year 2"), *run) == 0
    share = Reading("final_zone_share", zone=("green", "blue"))
    assert number(share, *run) == pytest.approx(0.25)


def test_a_town_measure_has_no_neighbourhoods():
    run = made_run(police_cost=WEEKS * 1.0)
    assert number(Reading("level", "police_cost", at="whole"), *run) == pytest.approx(54)


def test_a_place_that_is_not_there_is_reported():
    run = made_run(fear=rising())
    with pytest.raises(ValueError, match="no neighbourhood is one"):
        number(Reading("level", "fear", where=("zone:green",)), *run)
    with pytest.raises(InputError, match="no such neighbourhood"):
        number(Reading("level", "fear", where=("Nowhere",)), *run)


# --- verdicts


def judged(experiment, default, control=(), false=(), sets=()):
    """Return the finding of these effects: the arm `more` has them, `usual` has 0."""
    work = ClaimRuns({})
    for variant, effects in (
        ("default", default),
        ("control", control),
        ("false", false),
        ("parameter set", sets),
    ):
        for replicate, effect in enumerate(effects):
            work.values[ClaimRun("C99", variant, "more", replicate)] = {"fear": effect}
            work.values[ClaimRun("C99", variant, "usual", replicate)] = {"fear": 0.0}
    return judge(experiment, work, Setup(replicates=len(default), parameter_sets=len(sets)))


UP = [1.0, 1.1, 0.9, 1.0]
NONE = [0.1, -0.1, 0.2, -0.2]
HALF = [0.6, 0.5, 0.7, 0.6]


@pytest.mark.parametrize(
    ("kind", "default", "control", "sets", "verdict"),
    [
        ("emerges", UP, NONE, [1, 1, 1, -1, -1], "emerges"),
        ("emerges", UP, NONE, [1, 1, -1, -1, -1], "depends on"),
        ("emerges", NONE, NONE, [1, 1, -1, -1, -1], "does not"),
        ("emerges", NONE, NONE, [1, 1, 1, 1, -1], "does not"),  # as likely as not by noise
        ("emerges", NONE, NONE, [1, 1, 1, 1, 1], "depends on"),
        ("emerges", UP, HALF, [1, 1, 1, 1, 1], "other cause"),
        ("emerges", UP, [0.2, 0.3, 0.2, 0.3], [1, 1, 1, 1, 1], "emerges"),  # a rest of it
        ("emerges", [1.0], [], [1, 1, 1, 1, 1], "failed"),
        ("emerges", UP, NONE, [], "failed"),
        ("assumed", UP, NONE, [-1, -1, -1, -1, -1], "assumed"),
        ("assumed", UP, UP, [1, 1, 1, 1, 1], "other cause"),
        ("assumed", NONE, NONE, [-1, -1, -1, -1, -1], "does not"),
        ("identity", UP, UP, [-1, -1, -1, -1, -1], "identity"),
        ("identity", NONE, NONE, [1, 1, 1, 1, 1], "does not"),
    ],
)
def test_a_verdict_follows_its_rules(write, kind, default, control, sets, verdict):
    experiment = read_experiment(write(kind=kind))
    finding = judged(experiment, default, control, sets=sets)
    assert finding.verdict == verdict
    assert bool(finding.depends_on) == (verdict == "depends on")


@pytest.mark.parametrize(
    ("claimed", "effects", "holds"),
    [
        ("above 0", [0.0, 0.0, 0.0], False),
        ("above 0.5", HALF, False),
        ("above 0.3", HALF, True),
        ("below 0", [-x for x in UP], True),
        ("below -0.3", [-x for x in HALF], True),
        ("within 0 0", [0.0, 0.0, 0.0], True),
        ("within -1 1", NONE, True),
        ("within -0.1 0.1", NONE, False),
    ],
)
def test_the_whole_interval_must_be_on_the_claimed_side(write, claimed, effects, holds):
    experiment = read_experiment(write(kind="identity", claimed=claimed))
    assert (judged(experiment, effects, NONE).verdict == "identity") == holds


@pytest.mark.parametrize("claimed", ["within -1 1", "below 0.8", "above -0.8"])
def test_no_effect_is_not_blamed_on_another_cause(write, claimed):
    experiment = read_experiment(write(claimed=claimed))
    assert judged(experiment, NONE, NONE, sets=[0.0] * 5).verdict == "emerges"


def test_an_effect_that_divides_by_zero_is_reported(write):
    experiment = read_experiment(write(effect="1 / (more.fear - usual.fear)"))
    finding = judged(experiment, [1.0, 0.0, 2.0], sets=[0.0, 1.0])
    assert finding.default.n == 2
    assert finding.problems == (
        "default: the effect divides by zero in 1 of 3.",
        "parameter set: the effect divides by zero in 1 of 2.",
    )


@pytest.mark.parametrize(
    ("then", "following", "later", "stripped", "effect"),
    [
        (0.0, 0.0, 0.0, 0.0, 0.0),  # none is safe: it divided by zero
        (1.0, 1.0, 1.0, 0.0, 0.2),
        (1.0, 0.75, 1.0, 0.0, -0.05),  # fewer than eight in ten a year on
        (0.5, 0.5, 0.5, 0.5, 0.0),  # safe whatever people can do
        (0.5, 0.5, 0.5, 0.25, 0.1),
    ],
)
def test_c23_has_an_effect_where_no_neighbourhood_is_safe(then, following, later, stripped, effect):
    (experiment,) = read_experiments(["C23"])
    numbers = {
        ("alone", "safe_then"): then,
        ("alone", "safe_next"): following,
        ("alone", "safe_later"): later,
        ("stripped", "safe_later"): stripped,
    }
    assert set(numbers) == set(experiment.effect.names)
    assert experiment.effect.value(numbers) == pytest.approx(effect)


@pytest.mark.parametrize(
    ("join", "depends_on"),
    [
        ([7, 6, 8, 5, 4, 3, 2, 1], "organize.join"),  # offend fits best, and is none of them
        ([4, 7, 1, 6, 3, 8, 2, 5], "the parameters"),  # chance does as well
    ],
)
def test_what_it_depends_on_is_a_parameter_of_its_processes(write, monkeypatch, join, depends_on):
    from omemsim.analysis.claims import verdict

    names = ("parameters.feel.pace", "parameters.organize.join", "parameters.offend.violence")
    drawn = [[1, 5, 2, 8, 6, 7, 4, 3], join, range(8)]
    sets = [dict(zip(names, values, strict=True)) for values in zip(*drawn, strict=True)]
    monkeypatch.setattr(verdict, "other_sets", lambda _: (sets, "eight sets"))
    experiment = read_experiment(write(through=["organize", "act"]))
    finding = judged(experiment, UP, NONE, sets=[-4, -3, -2, -1, -0.5, 1, 2, 3])
    assert finding.depends_on == depends_on
    assert "rank correlation" in finding.found


@pytest.mark.parametrize(
    ("claimed", "smallest", "default", "verdict"),
    [
        ("above 0", 0.9, UP, "emerges"),  # a mean of 1
        ("above 0", 1.01, UP, "too small"),
        ("above 0.5", 0.5, UP, "emerges"),  # past the line by as much
        ("above 0.5", 0.51, UP, "too small"),
        ("below 0", 1.01, [-x for x in UP], "too small"),
        ("below 0", 1.0, [-x for x in UP], "emerges"),
        ("above 0", 1.01, NONE, "depends on"),  # the sets say otherwise
    ],
)
def test_an_effect_may_be_too_small_to_be_worth_a_word(write, claimed, smallest, default, verdict):
    experiment = read_experiment(write(claimed=claimed, smallest=smallest))
    side = -2.0 if claimed.startswith("below") else 2.0
    assert judged(experiment, default, NONE, sets=[side] * 5).verdict == verdict


def test_sets_and_the_false_set_are_asked_for_an_effect_worth_a_word(write):
    experiment = read_experiment(write(smallest=0.5))
    finding = judged(experiment, UP, NONE, false=HALF[:1] * 2, sets=[0.4, 0.5, 1.0, 2.0, -1.0])
    assert finding.set_share == 0.6
    assert not finding.is_false_there  # 0.6 is left
    finding = judged(experiment, UP, NONE, false=[0.45, 0.5], sets=[0.4, 0.49, 1.0, 2.0, -1.0])
    assert (finding.set_share, finding.verdict) == (0.4, "depends on")
    assert finding.is_false_there
    assert "by 0.5 or more" in claims_markdown([finding])


def test_a_claim_is_false_where_its_interval_is_not_on_its_side(write):
    experiment = read_experiment(write())
    assert judged(experiment, UP, NONE, false=NONE).is_false_there
    assert not judged(experiment, UP, NONE, false=UP).is_false_there


def test_replicates_that_lack_an_arm_do_not_count(write):
    experiment = read_experiment(write())
    work = ClaimRuns({})
    for replicate in range(4):
        work.values[ClaimRun("C99", "default", "more", replicate)] = {"fear": 1.0 + replicate / 100}
        if replicate < 3:
            work.values[ClaimRun("C99", "default", "usual", replicate)] = {"fear": 0.0}
    assert judge(experiment, work, Setup(replicates=4, parameter_sets=3)).default.n == 3


# --- running


run_module = importlib.import_module("omemsim.run")  # `omemsim.run` is the function


@pytest.fixture
def ran(monkeypatch):
    """Count spin-ups and runs; neither is made."""
    made = SimpleNamespace(starts=[], runs=[], broken=set())

    def spin_up(scenario, replicate):
        made.starts.append((scenario.parameters.feel.fear_crime, replicate))
        return SimpleNamespace(harm=scenario.parameters.feel.fear_crime)

    def run_scenario(scenario, replicate, start=None):
        made.runs.append((scenario.strategy.name, scenario.strategy.money, replicate))
        if scenario.strategy.money in made.broken:
            raise RuntimeError("no money")
        return scenario.strategy.money + replicate + start.harm

    monkeypatch.setattr(run_module, "spin_up", spin_up)
    monkeypatch.setattr(run_module, "run_scenario", run_scenario)
    monkeypatch.setattr(claim_runs, "opening_of", lambda *_: None)
    monkeypatch.setattr(claim_runs, "blueprint_of", lambda _: None)
    monkeypatch.setattr(claim_runs, "number", lambda reading, value, _: value)
    pace = Pace(build=1.0, spin_week=0.1, begin=0.0, run_week=0.2, numbers=1)
    monkeypatch.setattr(claim_runs, "pace_of", lambda _: pace)
    return made


SETUP = Setup("small", (), replicates=2, parameter_sets=3, uncertainty="no")


def done(experiments, folder, setup=SETUP):
    work = plan_claims(experiments, setup)
    with Store(folder) as store:
        run_claims(work, store, engine=Engine(workers=1), progress=False)
    return work


def test_starts_are_shared_and_like_arms_run_once(write, ran, tmp_path):
    one = read_experiment(write())
    two = read_experiment(write("C98", claim="C98", arms={"usual": {}, "more": {"years": 1}}))
    done([one, two], tmp_path / "store")
    # two replicates of default, control and false set, and three other parameter sets: both
    # claims share them
    assert len(ran.starts) == 3 * 2 + 3
    # three arms that differ (usual, more money, a longer run), not four
    assert len(ran.runs) == 3 * (3 * 2 + 3)


def test_what_is_kept_is_not_run_again(write, ran, tmp_path):
    experiment = read_experiment(write())
    first = done([experiment], tmp_path / "store")
    count = len(ran.runs)
    second = done([experiment], tmp_path / "store")
    assert len(ran.runs) == count
    assert second.values == first.values
    assert second.reused == len(second.requests)
    changed = {"fear": {"read": "level", "measure": "fear", "at": "whole"}}
    done([read_experiment(write(readings=changed))], tmp_path / "store")
    assert len(ran.runs) == 2 * count


def test_new_code_of_readings_does_not_take_old_answers(write, ran, tmp_path, monkeypatch):
    experiment = read_experiment(write())
    done([experiment], tmp_path / "store")
    count = len(ran.runs)
    monkeypatch.setattr(claim_runs, "source_hash", lambda *_: "other")
    done([experiment], tmp_path / "store")
    assert len(ran.runs) == 2 * count


def test_a_stopped_run_goes_on_where_it_was(write, ran, tmp_path, monkeypatch):
    experiment = read_experiment(write())
    work = plan_claims([experiment], SETUP)
    answer, calls = runner.answer, []

    def stopped(batch, simulation):
        if len(calls) == 3:
            raise KeyboardInterrupt
        calls.append(batch)
        return answer(batch, simulation)

    monkeypatch.setattr(runner, "answer", stopped)
    with Store(tmp_path / "store") as store, pytest.raises(KeyboardInterrupt):
        run_claims(work, store, engine=Engine(workers=1), progress=False)
    before = len(ran.runs)
    monkeypatch.setattr(runner, "answer", answer)
    again = done([experiment], tmp_path / "store")
    assert again.reused == before
    assert len(ran.runs) == len(again.requests)


def test_an_arm_that_fails_leaves_the_others(write, ran, tmp_path):
    ran.broken.add(12.0)
    one = read_experiment(write())
    two = read_experiment(write("C98", claim="C98", arms={"usual": {}, "more": {"years": 1}}))
    work = done([one, two], tmp_path / "store")
    finding, other = (judge(experiment, work, SETUP) for experiment in (one, two))
    assert finding.verdict == "failed"
    assert "RuntimeError: no money" in finding.problems[0]
    assert "default more 0" in finding.problems[0]
    assert other.default.n == 2
    assert not other.problems
    row = next(csv.DictReader(io.StringIO(claims_csv([finding, other]))))
    assert row["verdict"] == "failed"
    assert "no money" in row["problems"]


def test_the_estimate_comes_first_and_can_end_it(write, ran, tmp_path):
    estimates = []
    work = plan_claims([read_experiment(write())], SETUP)
    with Store(tmp_path / "store") as store:
        run_claims(
            work, store, engine=Engine(workers=1), confirm=lambda x: bool(estimates.append(x))
        )
    assert ran.runs == []
    (estimate,) = estimates
    assert (estimate.number, estimate.spin_ups, estimate.kept) == (18, 9, 0)
    weeks = 9 * 156 * 0.1 + 18 * 10 * 0.2
    assert estimate.seconds == pytest.approx(9 * 1.0 + weeks)


def test_words_win_over_the_setting_and_arms_over_words(write):
    experiment = read_experiment(write())
    setup = Setup("small", ("years=0.5", "strategy.money=3", "parameters.feel.pace=5"))
    scenarios, keys = claim_runs.arm_scenarios(experiment, setup)
    assert {x.years for x in scenarios.values()} == {0.5}
    assert [scenarios[arm].strategy.money for arm in ("usual", "more")] == [3.0, 12.0]
    assert {x.strategy.name for x in scenarios.values()} == {"hot_spots"}
    assert "parameters.feel.pace" in keys


def test_variants_set_what_they_say_and_parameter_sets_leave_what_is_set(write):
    arms = {"usual": {}, "more": {"parameters.organize.join": 0.5}}
    work = plan_claims([read_experiment(write(arms=arms))], SETUP)

    def parameters(variant, arm="usual"):
        return work.requests[ClaimRun("C99", variant, arm, 1)].scenario.parameters

    default = parameters("default")
    assert parameters("control").strength.fear_gate == 0
    assert default.strength.fear_gate == 1
    assert parameters("false").feel.fear_crime == 0
    assert parameters("parameter set").strength == default.strength
    assert parameters("parameter set").zones == default.zones
    assert parameters("parameter set").feel.pace != default.feel.pace
    assert parameters("parameter set", "more").feel.pace == parameters("parameter set").feel.pace
    # what one arm sets, the parameter set leaves alone in all: arms differ only in what the file
    # says
    assert parameters("parameter set").organize.join == default.organize.join
    assert parameters("parameter set", "more").organize.join == 0.5


def test_the_sets_are_those_that_a_calibration_left(write):
    shipped = read_sets(config_root() / "plausible" / "small.json")
    sets, source = other_sets(Setup("small", (), parameter_sets=3))
    assert sets == shipped[:3]
    assert source.startswith("3 of 24 of the 309 sets that the evidence does not rule out")
    work = plan_claims([read_experiment(write())], Setup("small", (), 2, 3))
    parameters = work.requests[ClaimRun("C99", "parameter set", "more", 1)].scenario.parameters
    assert parameters.offend.deterrence == shipped[1]["parameters.offend.deterrence"]
    assert parameters.feel.pace == Parameters().feel.pace  # nothing else is drawn
    assert len(other_sets(Setup("small", (), parameter_sets=99))[0]) == 24


def test_sets_are_drawn_where_no_calibration_suits():
    for setup in (
        Setup("small", (), parameter_sets=3, uncertainty="no"),
        Setup("small", ("town.residents=300",), parameter_sets=3),
    ):
        sets, source = other_sets(setup)
        assert sets == draw_worlds(Parameters(), worlds=3)
        assert source == "3 sets drawn from half to one and a half times the defaults"
    with pytest.raises(InputError, match="uncertainty=shipped: the shipped sets are of small"):
        other_sets(Setup("small", ("town.residents=300",), uncertainty="shipped"))


def test_what_takes_its_mechanism_from_its_own_sentence_is_assumed():
    known = {item.path: item.source for item in declarations(Parameters)}
    for experiment in read_experiments():
        sources = [known[path] for name in experiment.mechanism for path in OFF[name]]
        own = [x for x in sources if re.search(rf"seeds?[ 0-9,]*{experiment.seed}", x)]
        # C39 is about which tactic goes where, and fear is one way among three.
        if own and experiment.claim != "C39":
            assert experiment.kind == "assumed", (experiment.claim, own)


def test_claims_share_the_same_parameter_sets(write):
    one = read_experiment(write())
    two = read_experiment(write("C98", claim="C98", mechanism=["ties"], setting={"years": 1}))
    work = plan_claims([one, two], SETUP)
    each = [
        work.requests[ClaimRun(claim, "parameter set", "usual", 2)].scenario.parameters
        for claim in ("C99", "C98")
    ]
    assert each[0] == each[1]


def test_a_tiny_town_is_really_run(write, tmp_path):
    readings = {
        "fear": {"read": "level", "measure": "fear"},
        "harm": {"read": "level", "measure": "victimization", "at": "start"},
        "cost": {"read": "level", "measure": "police_cost", "at": "whole"},
    }
    experiment = read_experiment(write(readings=readings))
    work = done(
        [experiment], tmp_path / "store", Setup("small", TINY, replicates=2, parameter_sets=3)
    )
    assert work.failures == {}
    values = work.values[ClaimRun("C99", "default", "usual", 0)]
    assert 0 < values["fear"] < 1
    assert values["cost"] > 0
    alike = work.values[ClaimRun("C99", "default", "more", 0)]
    assert values["harm"] == alike["harm"]  # the start is shared


# --- faces


def findings(write):
    experiment = read_experiment(write())
    return [
        judged(experiment, UP, NONE, NONE, [1, 1, 1, -1, 40]),
        judged(experiment, NONE, NONE, UP, [1, 1, 1, 1, 1]),
        judged(read_experiment(write(kind="identity")), UP, NONE),
        judged(experiment, [1.0]),
    ]


def test_the_table_has_its_columns(write):
    found = findings(write)
    rows = list(csv.reader(io.StringIO(claims_csv(found))))
    assert ",".join(rows[0][:12]) == (
        "claim,seed,verdict,effect,unit,low,high,n,control_effect,control_low,control_high,"
        "depends_on"
    )
    assert [row[2] for row in rows[1:]] == ["emerges", "depends on", "identity", "failed"]
    first = dict(zip(rows[0], rows[1], strict=True))
    assert float(first["low"]) < float(first["effect"]) == 1 < float(first["high"])
    assert (first["n"], first["seed"], first["worlds_share"]) == ("4", "003", "0.8")
    last = dict(zip(rows[0], rows[4], strict=True))
    assert (last["low"], last["control_effect"]) == ("", "")


def test_the_table_for_documents_has_a_row_a_claim(write):
    lines = claims_markdown(findings(write)).splitlines()
    assert lines[0] == "4 claims: 1 emerges, 1 identity, 1 depends on, 1 failed."
    assert len(lines) == 8
    assert {line.count("|") for line in lines[2:]} == {10}
    assert "| +1 [+0." in lines[4]
    assert "still true" not in lines[4]
    assert "+1: still true" in lines[5]
    assert lines[4].endswith("| 80% of 5 |")
    assert lines[6].endswith("| none |")


def test_the_terminal_s_table_counts_verdicts(write):
    text = claims_text(findings(write))
    assert "4 claims: 1 emerges, 1 identity, 1 depends on, 1 failed." in text
    assert "+1 [+0." in text


def test_the_page_stands_alone_and_says_what_the_table_says(write):
    found = findings(write)
    page = claims_page(found, SETUP, command="omemsim claims C99 out='a<b'")
    assert "Calls &lt;fall&gt; &amp; &#34;harm&#34; too." in page
    assert page.count("seed 003") == len(found)
    assert all(words(finding) in page for finding in found)
    assert "out=&#39;a&lt;b&#39;" in page
    for outside in ("http:", "https:", "src=", "<script", "@import", "url("):
        assert outside not in page
    assert page.count("<svg") == len(found)
    assert "nan" not in page
    assert "inf" not in page.replace("information", "")
    assert page.count("<polygon") == 1  # the set far out stands at the edge


def test_colours_of_verdicts_read_and_are_no_zone_s():
    assert COLOURS_OF_VERDICTS.keys() == VERDICTS.keys()
    assert not {x.lower() for x in COLOURS_OF_VERDICTS.values()} & {
        colour.lower() for colour in COLOURS.values()
    }
    for colour in COLOURS_OF_VERDICTS.values():
        ink = luminance(ink_of_chip(colour))
        light, dark = sorted([ink, luminance(colour)], reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_a_finding_without_any_run_is_drawn(write):
    finding = judge(read_experiment(write()), ClaimRuns({}), SETUP)
    assert isinstance(finding, Finding)
    assert finding.verdict == "failed"
    assert "No replicate finished." in claims_page([finding], SETUP, command="omemsim claims")


# --- the command


def call(*words, dry_run=False):
    known = COMMANDS["claims"]
    flags = {"dry_run": dry_run, "allow_other_code": False, "allow_other_environment": False}
    return command(argparse.Namespace(words=list(words), command=known, **flags))


@pytest.mark.usefixtures("ran")
def test_the_command_writes_and_goes_on(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    line = ("C38", "town=small", "replicates=2", "worlds=3", "workers=1", "out=found")
    assert call(*line) == 0
    said = capsys.readouterr()
    assert "runs of" in said.err
    assert "spin-ups" in said.err
    assert "Results are in found" in said.out
    names = {path.name for path in (tmp_path / "found").iterdir()}
    assert names == {"claims.csv", "claims.html", "claims.md", "provenance.json"}
    assert call(*line) == 0
    assert "Nothing to run" in capsys.readouterr().err


@pytest.mark.usefixtures("ran")
def test_a_dry_run_says_how_long_and_leaves_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert call("C8", "C38", "town=small", "replicates=3", dry_run=True) == 0
    assert "runs of" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["C99"], "no claim 'C99'"),
        (["strategy=omem"], "each claim's file names its strategies"),
        (["replicates=1"], "replicates = '1': must be a whole number from 2"),
        (["worlds=0"], "worlds = '0': must be a whole number from 3"),
        (["town=smal"], "Did you mean 'small'"),
    ],
)
def test_wrong_words_are_reported(line, said):
    with pytest.raises(InputError, match=said):
        call(*line)


def test_the_base_is_the_city_by_default():
    assert Setup().town == "city"
    assert compose_scenario(Setup().town).town.residents == 100_000
