"""Lessons: what their files may hold, and that those of the library are whole in both languages."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from omemsim.inputs.config import choices, config_root
from omemsim.page import LESSONS, STRATEGIES
from omemsim.page.bundle import WEB
from omemsim.page.lesson_checks import COLUMNS, SHARES
from omemsim.page.lesson_steps import KINDS, Estimate, Lesson, Text
from omemsim.page.lessons import LOADER, read_lesson, strategies_of, told
from omemsim.page.readings import SHOWN
from omemsim.vocabulary.errors import InputError

RESIDENTS, TOWN = [500] * 10, "small"
LIBRARY = {
    name: yaml.load((config_root() / "lesson" / f"{name}.yaml").read_text(encoding="utf-8"), LOADER)
    for name in LESSONS
}


def texts(tree: Any, where: str = "") -> Iterator[tuple[str, Text]]:
    """Yield every text of a lesson with where it stands."""
    if isinstance(tree, Text):
        yield where, tree
    elif is_dataclass(tree):
        for item in fields(tree):
            yield from texts(getattr(tree, item.name), f"{where}.{item.name}")
    elif isinstance(tree, list):
        for number, one in enumerate(tree):
            yield from texts(one, f"{where}[{number}]")


@pytest.fixture(params=LESSONS)
def lesson(request: pytest.FixtureRequest) -> Lesson:
    return read_lesson(request.param, RESIDENTS, TOWN)


def test_the_page_gives_every_lesson_of_the_library() -> None:
    assert sorted(LESSONS) == choices("lesson")


def test_a_lesson_takes_ninety_minutes_and_begins_and_ends_as_all_do(lesson: Lesson) -> None:
    assert sum(step.minutes for step in lesson.steps) == lesson.minutes == 90
    kinds = [step.kind for step in lesson.steps]
    assert (kinds[0], kinds[-1]) == ("question", "debrief")
    repeated = {step.repeats for step in lesson.steps if step.kind == "question"} - {""}
    assert repeated == {s.id for s in lesson.steps if s.kind == "question" and not s.repeats}


def test_what_is_seen_was_estimated_first(lesson: Lesson) -> None:
    steps = {step.id: number for number, step in enumerate(lesson.steps)}
    for number, step in enumerate(lesson.steps):
        if step.kind == "estimate":
            seen = [s for s in lesson.steps if s.kind == "see" and step.id in s.estimates]
            assert seen, step.id
            assert number < steps[seen[0].id]
            assert not step.run or number < steps[step.run] < steps[seen[0].id]


def test_an_instructor_is_told_what_to_say_and_ask_at_every_step(lesson: Lesson) -> None:
    for step in lesson.steps:
        assert step.notes.say, step.id
        assert step.notes.ask, step.id
        assert step.notes.wrong, step.id


def test_every_text_is_there_in_english_and_in_french(lesson: Lesson) -> None:
    found = list(texts(lesson))
    assert len(found) > 100
    for where, text in found:
        assert len(text.en) > 1, where
        assert len(text.fr) > 1, where
        same = text.en == text.fr
        assert not same, where


def test_french_has_its_own_spaces_and_quotes(lesson: Lesson) -> None:
    for where, text in texts(lesson):
        assert not re.search(r" [:;?!»%]|« |[^\s] \?|'", text.fr), (where, text.fr)
        assert not re.search(r"[a-zé]:(?!\S)", text.fr), (where, text.fr)  # no space before


def test_quotes_are_in_the_source_s_own_words(lesson: Lesson) -> None:
    for step in lesson.steps:
        if step.quote:
            assert "2010" in step.quote.source.en, step.id
            assert re.fullmatch(r"“[^“]+”\.?", step.quote.text.en), step.id
            assert re.fullmatch(r"«\xa0[^«]+\xa0» \(notre traduction\)", step.quote.text.fr), (
                step.id
            )


def test_each_kind_of_step_is_used_by_some_lesson() -> None:
    used = {step.kind for name in LESSONS for step in read_lesson(name, RESIDENTS, TOWN).steps}
    assert used == set(KINDS)


def test_lessons_run_strategies_that_the_page_offers_anyway() -> None:
    needed = set().union(*(strategies_of(read_lesson(name, RESIDENTS, TOWN)) for name in LESSONS))
    assert needed <= set(STRATEGIES)


def test_the_second_lesson_s_truth_is_no_source_that_can_be_bought() -> None:
    step = next(s for s in read_lesson("problem", RESIDENTS, TOWN).steps if s.kind == "find_out")
    assert {"zone", "true_zone"}.isdisjoint(source.measure for source in step.sources)
    assert len(step.places) * sum(source.price for source in step.sources) > 2 * step.hours


def test_estimates_are_bounded_by_what_is_possible() -> None:
    found = {
        step.id: step.most
        for name in LESSONS
        for step in read_lesson(name, [400, 300, *[500] * 8], TOWN).steps
        if isinstance(step, Estimate)
    }
    assert found == {
        **dict.fromkeys(found, 0),  # rates have no bound, and directions none either
        "red_now": 10,
        "busy": 100,
        "takes_part": 300,
    }


def test_shares_are_what_the_page_writes_in_percent() -> None:
    script = (WEB / "exercise_run.js").read_text(encoding="utf-8")
    as_share = re.search(r"const AS_SHARE = \[(.*)\];", script)
    percent = re.search(r"const PERCENT = \[(.*), \.\.\.AS_SHARE\];", script)
    assert as_share
    assert percent
    assert set(re.findall(r"\w+", f"{percent[1]} {as_share[1]}")) == set(SHARES)


def test_what_is_not_said_is_left_out_of_the_page(lesson: Lesson) -> None:
    plain = told(lesson)
    first = plain["steps"][0]
    assert set(first) == {"kind", "id", "minutes", "title", "options", "notes"} | (
        {"text"} & set(first)
    )
    estimate = next(s for s in plain["steps"] if s["kind"] == "estimate")
    assert "as" in estimate
    assert "as_" not in estimate


# --- Errors teach ------------------------------------------------------------------------------


def changed(tmp_path: Path, change: Any, name: str = "wheel") -> str:
    """Return the path of a lesson of the library in which something is changed."""
    data = copy.deepcopy(LIBRARY[name])
    change(data, {step["id"]: step for step in data["steps"]})
    path = tmp_path / "mine.yaml"
    path.write_text(json.dumps(data), encoding="utf-8")
    return str(path)


def _put(step: str, key: str, value: Any) -> Any:
    return lambda data, steps: steps[step].update({key: value})


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        ("wheel", lambda d, s: d.pop("title"), "title.en: is missing; every text is there"),
        (
            "wheel",
            lambda d, s: s["wheel"]["title"].pop("fr"),
            "steps[2].title.fr: is missing; every text is there in French, too.",
        ),
        ("wheel", lambda d, s: s["wheel"].pop("id"), "steps[2].id: is missing; write it."),
        ("wheel", _put("wheel", "kind", "reed"), "must be one of read, question"),
        ("wheel", _put("wheel", "kind", "reed"), "Did you mean 'read'?"),
        ("wheel", _put("wheel", "minuts", 3), "There is no key 'steps[2].minuts'."),
        ("wheel", _put("wheel", "minutes", 9), "minutes = 90: its steps take 91 together"),
        ("wheel", _put("wheel", "minutes", 0), "must be a whole number from 1 to 90 (minutes)"),
        ("wheel", _put("wheel", "id", "busy"), "id = 'busy' is there 2 times"),
        ("wheel", _put("wheel", "id", "The wheel"), "a small letter, then small letters"),
        ("wheel", _put("red_now", "of", {"measure": "zone", "zone": "rot"}), "of.zone = 'rot'"),
        ("wheel", _put("busy", "of", {"measure": "utilisation"}), "Did you mean 'utilization'?"),
        (
            "wheel",
            _put("takes_part", "of", {"measure": "participants", "place": 11}),
            "place = 11: the town has 10 neighbourhoods.",
        ),
        (
            "wheel",
            _put("mobilize_victims", "run", "today"),
            "run = 'today': must be the id of a step of kind run there; there are mobilized, own.",
        ),
        (
            "wheel",
            _put("red_now", "most", 30),
            "most = 30: no answer above 10 is possible for zone",
        ),
        ("wheel", _put("own_victims", "most", 3), "most = 3: only as = number has one"),
        ("wheel", lambda d, s: s["own_victims"].pop("run"), "needs run, a later step that tells"),
        ("wheel", _put("own", "against", "present"), "there is no such strategy."),
        ("wheel", lambda d, s: s["own"].pop("against"), "replicates = true: needs against"),
        ("wheel", _put("mobilized_seen", "pictures", ["dot"]), "Did you mean 'dots'?"),
        ("wheel", _put("today", "pictures", ["dots"]), "needs measures, and a run with replicates"),
        ("wheel", _put("gate", "across", ["fear"]), "must name two measures"),
        ("wheel", _put("today", "estimates", ["own_victims"]), "there are red_now, busy."),
        ("wheel", _put("need_after", "answer", "luck"), "answer = 'luck': must be one of patrol"),
        ("wheel", lambda d, s: s["need_after"].pop("because"), "needs answer and because"),
        ("wheel", lambda d, s: s["need_before"].update(options=[]), "a choice needs two or more"),
        (
            "wheel",
            lambda d, s: s["mix"]["groups"][0].update(zones=["red", "green"]),
            "zones: id = 'green' is there 2 times",
        ),
        ("problem", _put("investigate", "hours", 999), "everything together costs 153, so that"),
        ("problem", _put("investigate", "places", ["nine"]), "must be a whole number from 1"),
        (
            "problem",
            lambda d, s: s["investigate"]["sources"][0].update(measure="true_zone"),
            "measure of calls = 'true_zone': must be one of public_calls",
        ),
        (
            "problem",
            lambda d, s: s["investigate"]["sources"][2].update(measure="capacity"),
            "must be one of efficacy, fear, trust",
        ),
        ("wheel", lambda d, s: d.update(town="city"), "the page is of small. Name town=city"),
        (
            "wheel",
            lambda d, s: s["red_now"]["of"].update(place=2),
            "zones are counted in the whole",
        ),
        (
            "wheel",
            _put("mobilized_seen", "measures", ["participants"]),
            "measures[0], whose dots are shown = 'participants'",
        ),
        ("wheel", _put("today", "measures", ["true_zone"]), "measures = 'true_zone': must be one"),
        ("council", lambda d, s: d.pop("roles"), "the lesson has no roles"),
        ("council", _put("vote1", "casting", "mayor"), "must be one of chief, residents"),
        ("council", lambda d, s: d["objectives"][0].update(measure="peace"), "measure of peace"),
    ],
)
def test_what_is_wrong_with_a_lesson_is_said(
    tmp_path: Path, name: str, change: Any, sentence: str
) -> None:
    with pytest.raises(InputError) as refused:
        read_lesson(changed(tmp_path, change, name), RESIDENTS, TOWN)
    assert sentence in str(refused.value)
    assert all("mine.yaml" in problem for problem in refused.value.problems)
    assert len(refused.value.problems) <= 2


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    def change(data: Any, steps: Any) -> None:
        steps["busy"]["of"] = {"measure": "calm"}
        steps["own"]["weeks"] = 0
        steps["wheel"]["title"] = "One language"

    with pytest.raises(InputError) as refused:
        read_lesson(changed(tmp_path, change), RESIDENTS, TOWN)
    assert len(refused.value.problems) == 2  # references are looked at once all fields are right
    assert "own" not in str(refused.value)
    assert "weeks = 0: must be a whole number from 1 to 520" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name: [", "is not YAML"),
        ("- a", "must be keys and values: name, title"),
        ("name: x\ntitle: {en: a, fr: b: c}", "line 2: is not YAML"),
    ],
)
def test_a_file_that_is_no_lesson_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=re.escape(sentence)):
        read_lesson(str(path), RESIDENTS, TOWN)


def test_a_name_that_is_no_lesson_is_told_those_that_are() -> None:
    with pytest.raises(InputError, match="Did you mean 'wheel'"):
        read_lesson("weel", RESIDENTS, TOWN)
    with pytest.raises(InputError, match="there is no such file"):
        read_lesson("nowhere.yaml", RESIDENTS, TOWN)


def test_columns_that_a_lesson_can_show_are_the_model_s() -> None:
    from omemsim.vocabulary.columns import COLUMNS as OF_THE_MODEL

    there = {one.name for one in OF_THE_MODEL if one.table == "neighbourhoods"}
    assert set(COLUMNS) <= there


PAGE = Path(__file__).parents[2] / "docs" / "instructor.md"


def test_the_instructor_s_page_has_lesson_one_as_it_is() -> None:
    table, _, after = (
        PAGE.read_text(encoding="utf-8").partition("minute by minute")[2].partition("Short of")
    )
    rows = re.findall(r"^\| (.+) \| (\d+) \|$", table, re.MULTILINE)
    steps = read_lesson("wheel", RESIDENTS, TOWN).steps
    assert rows == [(step.title.en, str(step.minutes)) for step in steps]
    own = [step.id for step in steps].index("mix")
    skipped = re.search(r"take (\d+) minutes", after)
    assert skipped
    assert sum(step.minutes for step in steps[own : own + 4]) == int(skipped[1])


def test_the_instructor_s_page_explains_every_kind_key_and_measure() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("A lesson of your own")[2]
    for kind, tree in KINDS.items():
        assert f"| `{kind}` |" in text
        for item in fields(tree):
            assert f"`{item.name.rstrip('_')}" in text, (kind, item.name)
    assert all(f"`{name}`" in text for name in (*SHOWN, *COLUMNS))
