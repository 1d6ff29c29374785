"""Lessons in Chromium; what they show is what Python computes. A class plays them to their end."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import needs_browser, opened, with_few_towns

from omemsim.inputs.config import compose_scenario
from omemsim.measures import MEASURES, of_town
from omemsim.page import LESSONS
from omemsim.page.lesson_steps import Lesson
from omemsim.page.lessons import read_lesson
from omemsim.processes import run_weeks
from omemsim.spin_up import spin_up
from omemsim.town import Town
from omemsim.vocabulary.rates import WEEKS_PER_YEAR
from omemsim.vocabulary.wheel import Zone

pytestmark = needs_browser
FEW = 2  # towns that the quick page carries; a claim on them is still held to Python's
LISTEN = """
window.answers = [];
document.addEventListener("omemsim:answer", ({ detail }) => window.answers.push(detail));
"""
STILL = {"reduced_motion": "reduce"}


@pytest.fixture(scope="module")
def quick(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the same page with few towns, so that a lesson takes seconds."""
    kept = with_few_towns(file.read_text(encoding="utf-8"), FEW)
    path = tmp_path_factory.mktemp("lessons") / "quick.html"
    path.write_text(kept, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser(chromium: Any, quick: Path) -> Iterator[Any]:
    with opened(chromium, quick, before=LISTEN, **STILL) as page:
        yield page


@pytest.fixture
def page(browser: Any) -> Any:
    """Give the page as it is before a lesson, in English, at 1366 pixels."""
    browser.set_viewport_size({"width": 1366, "height": 768})
    browser.click("#to-explore")
    if browser.get_attribute("html", "lang") == "fr":
        browser.click("#language")
    browser.click("#to-exercise")
    if browser.locator("#exercise-leave").count():
        browser.click("#exercise-leave")
    browser.evaluate("window.answers.length = 0")
    return browser


def lesson_of(name: str) -> Lesson:
    return read_lesson(name, [500] * 10, "small")


def begin(page: Any, name: str) -> None:
    page.click(f"[data-lesson='{LESSONS.index(name)}']")
    page.wait_for_selector("#exercise form")


def forward(page: Any) -> None:
    page.click("#exercise-next")


# --- What is shown is Python's -----------------------------------------------------------------


def town_of(strategy: str, replicate: int, weeks: int) -> Town:
    scenario = compose_scenario("small", strategy)
    town = spin_up(scenario, replicate)
    run_weeks(town, scenario.parameters, scenario.strategy, weeks)
    return town


def victims(town: Town) -> float:
    one = MEASURES["victimization"]
    return of_town(one, one.read(town, WEEKS_PER_YEAR), weights=town.neighbourhoods.residents)


def go_to(page: Any, step: int) -> None:
    page.evaluate(
        "step => document.dispatchEvent(new CustomEvent('omemsim:control',"
        " { detail: { action: 'step', step } }))",
        step,
    )
    page.wait_for_function(
        "n => document.querySelector('#exercise progress')?.value === n",
        arg=step + 1,
        timeout=60_000,
    )


def step_number(name: str, step_id: str) -> int:
    return [step.id for step in lesson_of(name).steps].index(step_id)


def test_lesson_one_shows_the_numbers_of_python(page: Any) -> None:
    start = town_of("present_practice", 0, 0)
    red = int((start.neighbourhoods.zone == Zone.RED).sum())
    differences = [
        victims(town_of("mobilization_everywhere", r, 52))
        - victims(town_of("present_practice", r, 52))
        for r in range(FEW)
    ]
    go_to(page, step_number("wheel", "today"))
    now = page.inner_text("#exercise")
    go_to(page, step_number("wheel", "gate"))
    gate = page.inner_text("#exercise")
    go_to(page, step_number("wheel", "mobilized_seen"))
    seen = page.inner_text("#exercise")
    listed = page.text_content("#exercise figure details.table div")
    page.set_viewport_size({"width": 400, "height": 768})  # a picture has the width of its place
    page.wait_for_function(
        "() => document.querySelector('figure.wide svg').viewBox.baseVal.width < 400"
    )
    dots = page.locator("#exercise figure.wide circle, #exercise figure.wide rect").count()
    assert f"see as red today? The model: {red}. You gave no estimate." in now
    assert f"take part in something? The model: {start.neighbourhoods.participants[1]}." in gate
    found = [float(part.split(": ")[1]) for part in listed.split("; ")]
    assert np.allclose(found, differences, atol=6e-4)
    assert dots == FEW
    way = {1: "higher", -1: "lower"}[int(np.sign(differences[0]))]
    assert all(np.sign(one) == np.sign(differences[0]) for one in differences)
    assert f"{way} in {FEW} of {FEW} towns" in seen
    after = victims(town_of("mobilization_everywhere", 0, 52))
    before, other = victims(start), victims(town_of("present_practice", 0, 52))
    row = next(line for line in seen.splitlines() if line.startswith("Victims, per 1,000"))
    assert row.split("\t")[1:] == [f"{x:.0f}" for x in (before, after, other)]


def test_sources_say_what_the_model_has_and_zones_are_judged_by_the_truth(page: Any) -> None:
    town = town_of("present_practice", 0, 0)
    hoods, people = town.neighbourhoods, town.residents
    here = np.arange(hoods.first_resident[8], hoods.first_resident[8] + hoods.residents[8])
    part = here[people.takes_part[here].astype(bool)]
    begin(page, "problem")
    go_to(page, step_number("problem", "investigate"))
    told = {}
    for source in ("calls", "records", "meeting", "doors", "survey"):
        page.click(f"#ask-{source}-9")
        page.wait_for_selector(f"#ask-{source}-9", state="detached")
        told[source] = page.inner_text("#exercise-said")
    left = page.inner_text("#hours-left")
    assert page.evaluate("document.activeElement.id") == "hours-left"
    for place, zone in ((1, "red"), (9, "red"), (10, "red")):
        page.select_option(f"select[name=zone-{place}]", zone)
    forward(page)
    forward(page)
    named = page.inner_text("#exercise")
    rows = [line for line in named.splitlines() if line.startswith("Neighbourhood ")]
    calls, recorded, harm = (
        MEASURES[name].read(town, WEEKS_PER_YEAR)[8]
        for name in ("public_calls", "recorded_crime", "victimization")
    )
    assert f"Neighbourhood 9: {calls:.0f}." in told["calls"]
    assert f"Neighbourhood 9: {recorded:.0f}." in told["records"]
    assert f"Neighbourhood 9: {people.trust[part[:8]].mean():.0%}." in told["meeting"]
    assert f"Neighbourhood 9: {people.trust[here[:40]].mean():.0%}." in told["doors"]
    assert f"Neighbourhood 9: {harm:.0f}." in told["survey"]
    # What docs/instructor.md says of the first and the last of the three.
    three = [
        MEASURES[name].read(town, WEEKS_PER_YEAR) for name in ("public_calls", "victimization")
    ]
    assert abs(three[0][0] / three[0][9] - 1) < 0.1
    assert three[1][0] > 2 * three[1][9]
    assert left == f"Hours left: {60 - 2 - 3 - 6 - 12 - 20} of 60"
    places = (0, 8, 9)
    truth = [Zone(int(hoods.true_zone[n])).name.lower() for n in places]
    police = [Zone(int(hoods.zone[n])).name.lower() for n in places]
    assert [re.findall(r"red|amber|green|blue", row) for row in rows] == [
        ["red", p, t] for p, t in zip(police, truth, strict=True)
    ]
    right = sum(p == t for p, t in zip(police, truth, strict=True))
    assert f"You named {truth.count('red')} of 3" in named
    assert f"the police records get {right} right" in named


def test_a_council_s_votes_are_carried_out_as_python_does(page: Any) -> None:
    plan = [("omem", 52), ("hot_spots", 104), ("mobilization_everywhere", 104)]
    town = town_of("present_practice", 0, 0)
    for name, weeks in plan:
        scenario = compose_scenario("small", name)
        run_weeks(town, scenario.parameters, scenario.strategy, weeks)
    options = {"omem": "omem", "hot_spots": "spots", "mobilization_everywhere": "mobilization"}
    roles = [role.id for role in lesson_of("council").roles]
    begin(page, "council")
    for number, (name, _) in enumerate(plan, 1):
        go_to(page, step_number("council", f"vote{number}"))
        for role in roles[1:3]:  # two for it, two for present practice, and the chief decides
            page.check(f"input[name={role}][value={options[name]}]")
        for role in roles[3:]:
            page.check(f"input[name={role}][value=present]")
        forward(page)
        assert page.inner_text("#exercise-problem") == "Each role has to vote first."
        page.check(f"input[name=chief][value={options[name]}]")
        forward(page)
        forward(page)
        forward(page)
        page.wait_for_selector("#exercise-back:not([disabled])", timeout=60_000)
    forward(page)
    seen = page.inner_text("#exercise")
    carried = [
        one["value"]
        for one in page.evaluate("window.answers")
        if re.fullmatch(r"vote\d", one["question"])
    ]
    assert carried == [options[name] for name, _ in plan]
    row = next(line for line in seen.splitlines() if line.startswith("Victims, per 1,000"))
    assert row.split("\t")[2] == f"{victims(town):.0f}"


def test_twenty_towns_are_run_before_a_claim(chromium: Any, file: Path) -> None:
    with opened(chromium, file, **STILL) as page:
        page.click("#to-exercise")
        go_to(page, step_number("wheel", "mobilized_seen"))
        assert re.search(r"(of|all) 20 towns", page.inner_text("#exercise"))
        assert page.locator("#exercise figure.wide :is(circle, rect)").count() == 20


# --- As a class uses it ------------------------------------------------------------------------


def control(page: Any, action: str) -> None:
    page.evaluate(
        "action => document.dispatchEvent(new CustomEvent('omemsim:control',"
        " { detail: { action, step: null } }))",
        action,
    )


def test_the_numbers_of_neighbourhoods_stand_apart(page: Any) -> None:
    begin(page, "wheel")
    go_to(page, step_number("wheel", "gate"))
    boxes = page.evaluate(
        """() => [...document.querySelectorAll("svg.across text")]
          .filter((one) => /^\\d+$/.test(one.textContent) && !one.classList.contains("tick"))
          .map((one) => one.getBBox())
          .map(({ x, y, width, height }) => [x + width / 2, y + height / 2])"""
    )
    assert len(boxes) >= 10
    apart = [
        abs(a[0] - b[0]) >= 7 or abs(a[1] - b[1]) >= 9 for a, b in itertools.combinations(boxes, 2)
    ]
    assert all(apart)


def test_a_mix_is_tried_again_without_the_steps_before(page: Any) -> None:
    begin(page, "wheel")
    go_to(page, step_number("wheel", "mix"))
    page.locator("#exercise form input[type=number]").first.fill("40")
    forward(page)
    go_to(page, step_number("wheel", "own_victims"))
    page.check("#exercise input[value=same]")
    forward(page)
    go_to(page, step_number("wheel", "own_seen"))
    seen = page.inner_text("#exercise table.compared")
    result = page.inner_text("#exercise ul.compared")
    assert "first mix" not in result
    sent = len(page.evaluate("window.answers"))
    page.click("#exercise-again")
    box = page.locator("#exercise form input[type=number]").first
    assert box.input_value() == "40"
    box.fill("0")
    page.locator("#exercise form input[type=number]").nth(1).fill("100")
    forward(page)
    assert len(page.evaluate("window.answers")) == sent  # the class has the first mix
    go_to(page, step_number("wheel", "own_victims"))
    assert "first mix" in page.inner_text("#exercise .step")
    go_to(page, step_number("wheel", "own_seen"))
    assert page.inner_text("#exercise table.compared") != seen
    told = page.inner_text("#exercise ul.compared")
    assert told.startswith(result)
    assert "first mix" in told
    go_to(page, len(lesson_of("wheel").steps) - 1)
    assert told in page.inner_text("#exercise ul.compared")


def test_what_came_without_a_mix_is_said_to_be_no_result_of_one(page: Any) -> None:
    begin(page, "wheel")
    go_to(page, step_number("wheel", "own_seen"))
    assert "No mix was committed" in page.inner_text("#exercise .step")
    go_to(page, step_number("wheel", "mix"))
    page.locator("#exercise form input[type=number]").first.fill("40")
    forward(page)
    go_to(page, step_number("wheel", "own_seen"))
    assert "No mix was committed" not in page.inner_text("#exercise .step")
    shown = page.inner_text("#exercise table.compared tbody tr:first-child").split()
    assert shown[-1] != shown[-2]  # it was run anew, with the mix


def test_a_page_for_lessons_opens_on_them(chromium: Any, quick: Path, tmp_path: Path) -> None:
    text = quick.read_text(encoding="utf-8")
    assert '"opens":"explore"' in text  # the library's page is for exploring, too
    path = tmp_path / "lesson.html"
    path.write_text(text.replace('"opens":"explore"', '"opens":"exercise"'), encoding="utf-8")
    with opened(chromium, path) as page:
        assert page.is_visible("#exercise h2:has-text('Choose a lesson')")
        assert page.is_hidden("#sentence")
        page.click("#to-compare")
        assert "closed for now" in page.inner_text("#exercise h2")


def test_explore_asks_before_it_gives_answers_away(page: Any) -> None:
    begin(page, "wheel")
    page.click("#to-explore")
    assert "closed for now" in page.inner_text("#exercise h2")
    assert page.is_hidden("#arms")
    page.click("#exercise-anyway")
    assert page.is_visible("#arms")
    page.click("#to-exercise")
    page.click("#exercise-reset")
    page.click("#exercise-yes")
    page.click("#to-explore")
    assert page.is_hidden("#arms")  # the next group is asked again
    page.click("#exercise-return")
    assert page.is_visible("#exercise form")


def test_an_answer_is_given_before_it_is_committed_and_then_stays(page: Any) -> None:
    begin(page, "wheel")
    forward(page)
    assert page.inner_text("#exercise-problem") == "Choose an answer first."
    assert page.evaluate("window.answers") == []
    page.check("#exercise input[value=locks]")
    page.click("#language")
    assert page.is_checked("#exercise input[value=locks]")  # another language keeps it
    page.click("#language")
    forward(page)
    said = {"lesson": "wheel", "question": "need_before", "kind": "choice", "value": "locks"}
    assert page.evaluate("window.answers") == [said]
    assert page.is_disabled("#exercise input[value=quiet]")
    assert "source says" not in page.inner_text("#exercise")  # not before the end


def test_a_number_that_is_not_possible_cannot_be_committed(page: Any) -> None:
    begin(page, "wheel")
    go_to(page, step_number("wheel", "red_now"))
    box = page.locator("#exercise form input[type=number]")
    assert "from 0 to 10" in page.inner_text("#exercise form label")
    for impossible in ("30", "-1", ""):
        box.fill(impossible)
        forward(page)
        said = page.inner_text("#exercise-problem")
        assert said == "Write a number from 0 to 10 first: no other is possible."
    assert page.evaluate("window.answers") == []
    box.fill("10")
    forward(page)
    assert page.evaluate("window.answers.at(-1).value") == 10


def test_more_hours_than_there_are_cannot_be_committed(page: Any) -> None:
    begin(page, "problem")
    go_to(page, step_number("problem", "response"))
    boxes = page.locator("#exercise form input[type=number]")
    boxes.nth(0).fill("70")
    boxes.nth(1).fill("40")
    assert page.inner_text("#exercise [data-group='0']") == "10% too much."
    forward(page)
    assert "add up to more than 100%" in page.inner_text("#exercise-problem")
    boxes.nth(1).fill("30")
    assert page.inner_text("#exercise [data-group='0']") == "0% is left; it goes to routine patrol."
    forward(page)
    assert page.inner_text("#exercise-said") == "Your answer is committed."


def test_a_lesson_is_paused_and_reset_for_the_next_group(page: Any) -> None:
    begin(page, "wheel")
    page.check("#exercise input[value=locks]")
    forward(page)
    control(page, "pause")
    assert "paused" in page.inner_text("#exercise-paused")
    assert page.evaluate("document.getElementById('exercise-body').inert")
    control(page, "go")
    assert page.inner_text("#exercise-paused") == ""
    forward(page)
    page.click("#exercise-reset")
    page.keyboard.press("Enter")  # the harmless answer has the focus
    assert page.evaluate("document.querySelector('#exercise progress').value") == 2
    page.click("#exercise-reset")
    page.click("#exercise-yes")
    page.wait_for_function("() => document.querySelector('#exercise progress').value === 1")
    assert page.locator("#exercise :checked").count() == 0
    assert page.is_enabled("#exercise input[value=locks]")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_the_keyboard_alone_answers_and_goes_on(page: Any) -> None:
    page.focus("#to-exercise")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#exercise form")
    assert page.evaluate("document.activeElement.textContent") == "Who needs police least?"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.is_checked("#exercise input[value=capacity]")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "exercise-next"
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#exercise progress').value === 2")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    said = page.inner_text("#exercise-said")
    assert said == "Step 2 of 20: Who leads at the beginning?"


@pytest.mark.parametrize("width", [320, 1366])
def test_lessons_fit_and_their_targets_are_large_enough(page: Any, width: int) -> None:
    size = {"width": width, "height": 700}
    steps = {
        "wheel": ("wheel", "gate", "mix"),
        "problem": ("investigate", "named"),
        "council": ("vote1", "seen1"),
    }
    page.set_viewport_size(size)
    page.click("#language")  # French is longer
    for name, ids in steps.items():
        begin(page, name)
        for step_id in ids:
            go_to(page, step_number(name, step_id))
            assert page.evaluate("document.documentElement.scrollWidth") <= width, step_id
            assert page.evaluate(SMALL) == [], step_id
        page.click("#exercise-leave")


SMALL = """
() => [...document.querySelectorAll("#exercise :is(button, select, input, summary, textarea)")]
  .filter((one) => one.offsetParent)
  .map((one) => [one.id || one.name || one.textContent, (one.closest("label.choice") ?? one)])
  .map(([name, one]) => [name, one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 24 || height < 24)
  .map(([name]) => name)
"""


def test_without_webassembly_the_lessons_say_why_they_cannot_run(
    chromium: Any, quick: Path
) -> None:
    with opened(chromium, quick, before="delete self.WebAssembly") as page:
        page.click("#to-exercise")
        assert "need the model itself" in page.inner_text("#exercise")
        page.click("#to-explore")
        assert page.is_visible("#arms")
        assert page.is_hidden("#exercise")
