"""A strategy or a practice of one's own without code: from a file to a comparison."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from omemsim.cli import main
from omemsim.figures.mix import mix_figure, parts_of
from omemsim.inputs.blueprint import Blueprint
from omemsim.inputs.budgets import hours_of, ordered_problems, sum_worked_out
from omemsim.inputs.config import BASELINE, choices, compose_scenario
from omemsim.inputs.schema import plain
from omemsim.inputs.sources import blueprint_of
from omemsim.inputs.strategy_file import PRACTICE, STRATEGY, strategy_file
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.wheel import Tactic, Zone

pytestmark = pytest.mark.usefixtures("undrawn")

TINY = ["town.residents=300", "town.neighbourhoods=3", "years=0.3", "spin_up_years=0.2"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(*words: str, strategy: str = "my_plan") -> str:
    with pytest.raises(InputError) as told:
        compose_scenario("small", strategy, words)
    return str(told.value)


# ---- the file


@pytest.mark.parametrize("name", choices("strategy"))
@pytest.mark.parametrize("kind", [STRATEGY, PRACTICE])
def test_a_file_is_read_back_as_what_it_was_written_of(name: str, kind: str, folder: Path) -> None:
    strategy = compose_scenario(None, name).strategy
    text = strategy_file(strategy, kind=kind, baseline=BASELINE, notes=["A note."])
    (folder / "again.yaml").write_text(text, encoding="utf-8")
    assert compose_scenario(None, "again.yaml").strategy == strategy
    assert max(map(len, text.splitlines())) <= 100 or len(strategy.description) > 80


def test_a_file_names_every_tactic_and_every_lever_once() -> None:
    text = strategy_file(compose_scenario(None, "omem").strategy, baseline=BASELINE)
    for tactic in Tactic:
        assert tactic.name.lower() in text
    stated = yaml.safe_load(text)
    commented = yaml.safe_load("\n".join(
        line[2:] for line in text.splitlines() if line.startswith("# ") and ": " in line
        and line[2:].partition(":")[0] in plain(compose_scenario(None, "omem").strategy)
    ))  # fmt: skip
    levers = set(plain(compose_scenario(None, "omem").strategy))
    assert (stated.keys() | commented.keys()) - {"base"} == levers - {
        *("tactics", "interventions", "own_interventions"),
    }
    assert not stated.keys() & commented.keys()


def test_a_zone_that_does_not_use_all_hours_says_what_is_left() -> None:
    scenario = compose_scenario("small", "omem", ["strategy.mix.red.targeted_enforcement=0.4"])
    text = strategy_file(scenario.strategy, baseline=BASELINE)
    assert "red: # Enforcement & Crime Suppression; adds up to 0.95; 0.05 stays unused" in text


# ---- omemsim new


@pytest.mark.parametrize(
    ("kind", "name", "like"), [("strategy", "my_plan", "omem"), ("practice", "ours", BASELINE)]
)
def test_new_writes_a_file_that_can_be_compared_by_its_name(
    kind: str, name: str, like: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", kind, name]) == 0
    said = capsys.readouterr().out
    assert f"omemsim compare {BASELINE if kind == 'strategy' else name}" in said
    made = compose_scenario(None, name).strategy
    assert made.name == name
    assert made.mix == compose_scenario(None, like).strategy.mix
    words = [BASELINE, name, "town=small", "replicates=2", "workers=1", "out=both", *TINY]
    assert main(["compare", *words]) == 0
    assert name in (folder / "both" / "comparison.csv").read_text()


def test_new_begins_with_the_strategy_that_is_named(folder: Path) -> None:
    assert main(["new", "strategy", "patrols", "start=hot_spots", f"out={folder / 'plans'}"]) == 0
    made = compose_scenario(None, str(folder / "plans" / "patrols.yaml")).strategy
    assert made.mix == compose_scenario(None, "hot_spots").strategy.mix


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "`omemsim new strategy my_plan`"),
        (["strategy"], "`omemsim new strategy my_plan`"),
        (["strategi", "x"], "There is no 'strategi' to make. Did you mean 'strategy'?"),
        (["strategy", "a", "b"], "Say what is new"),
        (["strategy", "omem"], "There is a strategy 'omem' already"),
        (["strategy", "1st"], "'1st' is no name for a strategy"),
        (["practice", "a/b"], "'a/b' is no name for a practice"),
        (["strategy", "mine", "start=omen"], "There is no strategy 'omen'. Did you mean 'omem'?"),
    ],
)
def test_new_says_what_it_needs(
    words: list[str], part: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", *words]) == 2
    assert part in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_new_never_writes_over_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "my_plan.yaml").write_text("mine")
    assert main(["new", "strategy", "my_plan"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert (folder / "my_plan.yaml").read_text() == "mine"


def test_a_name_of_the_library_is_never_a_file_s(folder: Path) -> None:
    (folder / "omem.yaml").write_text("name: another\nmix: {}\n")
    assert compose_scenario(None, "omem").strategy.name == "omem"
    assert compose_scenario(None, "omem.yaml").strategy.name == "another"


# ---- refusals, with the sum


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (
            "mix: {red: {patrol: 0.7, liaison: 0.45}}",
            [
                "my_plan.yaml: strategy.mix.red: the shares add up to 1.15; at most 1 (all hours)",
                "0.7 (patrol) + 0.45 (liaison) = 1.15, so take 0.15 away",
            ],
        ),
        (
            "mix: {all: {patrol: 0.7}, red: {liaison: 0.45}}",
            ["0.7 (patrol) + 0.45 (liaison) = 1.15, so take 0.15 away"],
        ),
        (
            "mix: {red: {patrol: 60, liaison: 15}}",
            [
                "strategy.mix.red.patrol = 60",
                "must be from 0 to 1 (share)",
                "If these are hours of a week, divide each by their sum: 60 / 75 = 0.8.",
                "15 / 75 = 0.2.",
            ],
        ),
        ("mix: {red: {patrol: -0.1}}", ["strategy.mix.red.patrol = -0.1: must be from 0 to 1"]),
        ("mix: {red: {liasion: 0.1}}", ["no such tactic. Did you mean 'liaison'?"]),
        ("mix: {rot: {liaison: 0.1}}", ["no such zone"]),
        (
            "spend: {casework: 0.8, co_response: 0.3}",
            ["0.8 (casework) + 0.3 (co_response) = 1.1, so take 0.1 away"],
        ),
        ("protected: 1.5", ["strategy.protected = 1.5", "0 to 0.9"]),
    ],
)
def test_what_cannot_be_is_refused_with_the_sum(
    content: str, parts: list[str], folder: Path
) -> None:
    (folder / "my_plan.yaml").write_text(content)
    said = refused()
    assert [part for part in parts if part not in said] == []


def test_ten_tenths_are_all_hours() -> None:
    assert sum_worked_out({"a": 0.5, "b": 0.75, "c": 0.0}) == (
        "0.5 (a) + 0.75 (b) = 1.25, so take 0.25 away"
    )
    compose_scenario("small", {"mix": {"all": {x.name.lower(): 0.1 for x in list(Tactic)[:10]}}})


def ordered(*orders: str) -> tuple[list[str], float, Blueprint]:
    """Return the problems of interventions in `small`, the hours it has, and its blueprint."""
    scenario = compose_scenario("small", "reactive", [f"interventions=[{', '.join(orders)}]"])
    blueprint = blueprint_of(scenario.town)
    return ordered_problems(scenario, blueprint), hours_of(scenario, blueprint), blueprint


def test_the_hours_of_a_service_are_its_officers_shifts() -> None:
    # 178 officers per 100,000 people, 1,500 hours a year of which 48% are patrol.
    _, has, blueprint = ordered()
    people = blueprint.population.sum()
    assert has == pytest.approx(178 / 100_000 * people * 1500 / (365.25 / 7) * 0.48, rel=0.01)


def test_orders_of_more_hours_than_there_are_are_refused() -> None:
    _, has, blueprint = ordered()
    most = 1000 * has / blueprint.residents.sum()
    assert ordered(f"{{what: liaison, dose: {0.99 * most}}}")[0] == []
    (said,) = ordered(f"{{what: liaison, dose: {1.5 * most}}}")[0]
    assert f"order {1.5 * has:,.1f} hours" in said
    assert f"has {has:,.1f} hours a week" in said
    assert f"Lower the doses by {0.5 * has:,.1f} hours" in said


@pytest.mark.parametrize(
    "order",
    [
        "{{what: liaison, dose: {dose}, added: true}}",
        "{{what: liaison, dose: {dose}, where: ['zone:red']}}",
        "{{what: liaison, dose: {dose}, where: ['most_deprived:0.3']}}",
        "{{what: liaison, dose: {half}, to: 10}}, {{what: patrol, dose: {half}, from: 10}}",
        "{{what: casework, dose: {half}}}",
    ],
)
def test_orders_that_may_fit_are_not(order: str) -> None:
    _, has, blueprint = ordered()
    most = 1000 * has / blueprint.residents.sum()
    assert ordered(order.format(dose=1.5 * most, half=0.8 * most))[0] == []


def test_orders_of_the_same_weeks_are_added_up() -> None:
    _, has, blueprint = ordered()
    half = 600 * has / blueprint.residents.sum()
    both = f"{{what: liaison, dose: {half}, to: 20}}", f"{{what: patrol, dose: {half}, from: 10}}"
    (said,) = ordered(*both)[0]
    assert said.startswith("In week 10")
    places = f"{{what: patrol, dose: {has}, places: [1/1, 2/1]}}"
    assert len(ordered(places)[0]) == 1
    small = "{what: liaison, dose: 1000, where: ['least_deprived:0.9']}"
    assert len(ordered(small)[0]) == 1


def test_a_run_refuses_orders_that_cannot_be(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["run", "town=small", "interventions=[{what: liaison, dose: 900}]", *TINY]
    assert main(words) == 2
    assert "the whole service has" in capsys.readouterr().err


# ---- omemsim describe strategy


def test_parts_are_the_mix_with_what_is_unused_last() -> None:
    strategy = compose_scenario(None, "present_practice").strategy
    parts = {part.key: part.share for part in parts_of(strategy, Zone.RED)}
    assert parts["patrol"] == pytest.approx(0.60)  # 6% of it is directed
    assert parts["directed_patrol"] == pytest.approx(0.06)
    assert sum(parts.values()) == pytest.approx(1)
    (unused,) = parts_of(compose_scenario(None, "reactive").strategy, Zone.BLUE)
    assert (unused.key, unused.share) == ("", 1.0)


def test_a_wheel_has_a_wedge_for_every_part() -> None:
    strategy = compose_scenario(None, "omem").strategy
    page = mix_figure(strategy, provenance="omemsim")
    number = sum(len(parts_of(strategy, zone)) for zone in Zone)
    wedges = [x for x in page.axes[0].patches if type(x).__name__ == "Wedge"]
    assert len(wedges) == number + len(Zone)
    inside = [x for x in wedges if x.r < 0.9]
    assert sum(x.theta2 - x.theta1 for x in inside) == pytest.approx(360)
    texts = [text.get_text() for text in page.texts]
    assert not [x for x in texts if x.endswith("…")]
    assert {"problem-oriented policing", "45%"} <= set(texts)


def test_describe_strategy_prints_and_draws(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "my_plan.yaml").write_text(
        "mix: {red: {street_medics: 0.6}}\n"
        "tactics: [{name: street_medics, channels: {contacts: 0.5}}]\n"
    )
    assert main(["describe", "strategy", "my_plan", "omem", "out=drawn"]) == 0
    said = capsys.readouterr().out
    assert "street medics                 60%  ##################" in said
    assert "unused                        40%" in said
    drawn = {path.name for path in (folder / "drawn").iterdir()}
    assert {"strategy-my_plan.png", "strategy-omem.svg"} <= drawn


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["strategy"], "Name a strategy, as `omemsim describe strategy omem`"),
        (["strategy", "omen"], "There is no strategy 'omen'. Did you mean 'omem'?"),
        (["week", "out=x"], "out= does nothing here"),
    ],
)
def test_describe_strategy_says_what_it_needs(
    words: list[str], part: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["describe", *words]) == 2
    assert part in capsys.readouterr().err
    assert list(folder.iterdir()) == []
