"""Groups, answers, limits and tables of a class, without a server."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from class_server import LESSON, small_page

from omemsim.classroom.incoming import (
    MOST_LETTERS,
    Refused,
    answer_in,
    code_in,
    control_in,
    place_in,
)
from omemsim.classroom.kept import Keeper, csv_of
from omemsim.classroom.limits import MOST_KEYS, Limit
from omemsim.classroom.questions import (
    Question,
    mix_text,
    outlines_in,
    questions_in,
    questions_of,
    scripts_in,
    without_scripts,
)
from omemsim.classroom.rooms import HERE as HERE_SECONDS
from omemsim.classroom.rooms import (
    MOST_OF_AN_ADDRESS,
    MOST_STUDENTS,
    Answer,
    Classroom,
    Committed,
    Full,
    Group,
    Place,
    Signal,
)
from omemsim.classroom.wall import told_to_students, wall_of
from omemsim.language import FRENCH, said
from omemsim.page.exercise_words import EXERCISE

QUESTIONS = list(questions_of(LESSON))
KNOWN = {f"trial/{one.name}": one for one in QUESTIONS}
STEPS = {"trial": 3}
MIX = {"zones": ["red", "amber"], "tactics": ["liaison", "mobilize_partners"]}
HERE = "http://192.0.2.7:8000"


def group() -> Group:
    return Classroom(1, QUESTIONS, STEPS).groups[0]


def body_of(question: str, kind: str, value: Any) -> bytes:
    body = {"lesson": "trial", "question": question, "kind": kind, "value": value}
    return json.dumps(body).encode()


# --- Questions -------------------------------------------------------------------------------


def test_a_page_s_lessons_say_what_may_be_answered() -> None:
    found = questions_in(small_page(LESSON))
    assert [(one.name, one.kind) for one in found] == [
        ("belief", "choice"),
        ("victims", "number"),
        ("why", "text"),
    ]
    assert found[0].choices["perhaps"] == {"en": "Perhaps", "fr": "Perhaps (fr)"}
    assert found[0].texts == {"en": "The belief", "fr": "The belief (fr)"}
    assert questions_in("<html></html>") == []
    outline = outlines_in(small_page(LESSON))["trial"]
    assert outline.kinds == [step["kind"] for step in LESSON["steps"]]
    assert outline.title["en"] == "A trial"
    assert [one["fr"] for one in outline.steps][2] == "The why (fr)"


def test_steps_with_parts_have_a_question_for_each() -> None:
    title = {"en": "T", "fr": "T"}
    options = [{"id": "a", "label": title}]
    steps: list[dict[str, Any]] = [
        {"kind": "question", "id": "before", "title": title, "options": options},
        {"kind": "question", "id": "after", "title": title, "repeats": "before"},
        {"kind": "find_out", "id": "places", "title": title, "places": [3, 7], "hours": 60},
        {"kind": "choose", "id": "mix", "title": title, "groups": [MIX]},
        {"kind": "estimate", "id": "share", "title": title, "most": 100},
        {"kind": "estimate", "id": "way", "title": title, "as": "direction"},
        {"kind": "vote", "id": "vote", "title": title, "options": options},
        {"kind": "read", "id": "text", "title": title},
    ]
    roles = [{"id": "chief", "label": {"en": "Chief", "fr": "Chef"}}]
    found = {one.name: one for one in questions_of({"name": "x", "steps": steps, "roles": roles})}
    assert list(found) == [
        *("before", "after", "places.3", "places.7", "places.hours"),
        *("mix.red-amber", "share", "way", "vote.chief", "vote"),
    ]
    assert found["after"].choices == found["before"].choices
    assert list(found["places.3"].choices) == ["red", "amber", "green", "blue"]
    assert found["places.3"].texts == {"en": "T, neighbourhood 3", "fr": "T, quartier 3"}
    assert found["places.hours"].kind == "number"
    assert found["mix.red-amber"].kind == "mix"
    assert found["mix.red-amber"].choices["liaison"] == {"en": "Liaison", "fr": "Liaison"}
    assert list(found["mix.red-amber"].choices) == ["liaison", "mobilize_partners", "patrol"]
    assert (found["places.hours"].most, found["share"].most) == (60, 100)
    page = said(EXERCISE, FRENCH)
    assert found["way"].choices["same"]["fr"] == page["exercise.way.same"]  # one text, on both
    assert found["vote.chief"].texts["fr"] == "T, Chef"


# --- What a request may say ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "kind", "value", "kept"),
    [
        ("belief", "choice", "no", "no"),
        ("victims", "number", 12, 12.0),
        ("victims", "number", 0, 0.0),
        ("why", "text", "  too \n\t much  fear ", "too much fear"),
        ("why", "text", "a\x00b\u202ec", "abc"),
        ("why", "text", "<b>né</b>", "<b>né</b>"),
        ("why", "text", "x" * MOST_LETTERS, "x" * MOST_LETTERS),
        ("why", "text", "half \ud83d of a letter", "half of a letter"),
    ],
)
def test_answers_are_kept_as_plain_values(
    question: str, kind: str, value: Any, kept: str | float
) -> None:
    assert answer_in(body_of(question, kind, value), KNOWN) == Answer(f"trial/{question}", kept)


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", 400, "json"),
        (b"\xff\xfe", 400, "json"),
        (b"[" * 4000, 400, "json"),
        (b'{"a":', 400, "json"),
        (b"[]", 422, "keys"),
        (b'{"lesson": "trial"}', 422, "keys"),
        (body_of("belief", "choice", "maybe"), 422, "choice"),
        (body_of("belief", "choice", ["no"]), 422, "choice"),
        (body_of("belief", "text", "no"), 422, "question"),
        (body_of("../../etc", "text", "no"), 422, "question"),
        (body_of("victims", "number", "12"), 422, "number"),
        (body_of("victims", "number", True), 422, "number"),
        (body_of("victims", "number", 1e13), 422, "number"),
        (body_of("victims", "number", 10**400), 422, "number"),
        (body_of("victims", "number", float("nan")), 400, "json"),
        (body_of("victims", "number", float("inf")), 400, "json"),
        (body_of("why", "text", "x" * (MOST_LETTERS + 1)), 422, "text"),
        (body_of("why", "text", " \u200f\n "), 422, "text"),
        (body_of("why", "text", {"a": 1}), 422, "text"),
        (body_of("é", "text", "x"), 422, "word"),
        (body_of("b" * 81, "text", "x"), 422, "word"),
    ],
)
def test_what_is_no_answer_is_refused(body: bytes, status: int, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        answer_in(body, KNOWN)
    assert (refused.value.status, refused.value.reason) == (status, reason)


COUNT = Question("trial", "hoods", "number", {}, most=10)
MIXED = Question(
    "trial", "mix", "mix", {}, dict.fromkeys(("liaison", "mobilize_partners", "patrol"))
)


def test_a_number_is_bounded_by_what_is_possible() -> None:
    known = {"trial/hoods": COUNT}
    assert answer_in(body_of("hoods", "number", 10), known).value == 10
    for value in (-1, 10.5, 30):
        with pytest.raises(Refused):
            answer_in(body_of("hoods", "number", value), known)


def test_a_mix_is_kept_by_names_and_pooled_whatever_its_order() -> None:
    known = {"trial/mix": MIXED}
    room = Classroom(1, [MIXED], STEPS).groups[0]
    for mix in (
        {"liaison": 40, "mobilize_partners": 20},
        {"mobilize_partners": 20.0, "liaison": 40.0, "patrol": 40},
        {},
    ):
        room.answer(room.students[room.join("a")], answer_in(body_of("mix", "mix", mix), known))
    assert wall_of(room, 0, HERE, is_over=False)["answers"]["trial/mix"] == {
        "number": 3,
        "mixes": [
            {
                "mix": 1,
                "shares": {"liaison": 40.0, "mobilize_partners": 20.0, "patrol": 40.0},
                "number": 2,
            },
            {"mix": 2, "shares": {"patrol": 100.0}, "number": 1},
        ],
    }
    assert [one.value for one in room.answers()].count("patrol 100") == 1
    wrong: list[Any] = ["x", {"traffic": 1}, {"liaison": -1}, {"liaison": 60, "patrol": 41}]
    for value in wrong:
        with pytest.raises(Refused):
            answer_in(body_of("mix", "mix", value), known)


def test_both_halves_of_a_mix_bear_one_number() -> None:
    low, high = (replace(MIXED, name=f"mix.{name}") for name in ("low", "high"))
    room = Classroom(1, [low, high], STEPS).groups[0]
    pairs = [({"liaison": 10}, {"liaison": 80}), ({"liaison": 90}, {"liaison": 20})]
    for number, pair in enumerate([*pairs, pairs[1]]):
        student = room.students[room.join("a")]
        for one, mix in zip((low, high), pair, strict=True):
            before = room.wall.version
            room.answer(student, Answer(f"trial/{one.name}", mix_text(mix, one)))
            changed = wall_of(room, before, HERE, is_over=False)["answers"]
            assert len(changed) == 1 + (number > 0 or one is high)  # numbers move in both
    told = wall_of(room, 0, HERE, is_over=False)["answers"]
    found = {
        key: [(one["mix"], one["shares"]["liaison"], one["number"]) for one in half["mixes"]]
        for key, half in told.items()
    }
    assert found == {
        "trial/mix.low": [(1, 90, 2), (2, 10, 1)],
        "trial/mix.high": [(1, 20, 2), (2, 80, 1)],
    }


def test_a_number_has_a_unit_and_each_question_its_step() -> None:
    step = {"kind": "estimate", "id": "x", "title": {"en": "T", "fr": "T"}}
    measures = (
        {"measure": "fear"},
        {"measure": "participants"},
        {"measure": "zone", "zone": "red"},
    )
    steps = [{**step, "of": of} for of in measures]
    found = list(questions_of({"name": "x", "steps": steps}))
    assert [one.step for one in found] == [1, 2, 3]
    assert [one.unit["en"] for one in found] == [
        *("Fear of crime, percent", "Residents who take part", "Neighbourhoods")
    ]


def test_students_pages_have_no_script() -> None:
    lesson = {**LESSON, "steps": [{**one, "notes": {"say": "x"}} for one in LESSON["steps"]]}
    page = small_page(lesson)
    assert scripts_in(page)["trial"] == [{"say": "x"}] * 3
    assert scripts_in(without_scripts(page))["trial"] == [{}] * 3
    assert questions_in(without_scripts(page)) == questions_in(page)


def test_a_place_is_a_step_that_there_is() -> None:
    def read(lesson: Any, step: Any) -> Place | None:
        return place_in(json.dumps({"lesson": lesson, "step": step}).encode(), STEPS)

    assert read("trial", 3) == Place("trial", 3)
    assert read(None, None) is None
    for lesson, step in (("trial", 4), ("trial", 0), ("trial", None), ("other", 1), (["x"], 1)):
        with pytest.raises(Refused):
            read(lesson, step)


@pytest.mark.parametrize(
    "body",
    [
        {"action": "shout", "step": None},
        {"action": ["go"], "step": None},
        {"action": "step", "step": 0},
        {"action": "step", "step": 100},
        {"action": "step", "step": True},
        {"action": "step", "step": None},
        {"action": "go"},
    ],
)
def test_what_an_instructor_cannot_ask_is_refused(body: Any) -> None:
    with pytest.raises(Refused):
        control_in(json.dumps(body).encode(), STEPS)


def test_what_an_instructor_asks_is_read() -> None:
    assert control_in(b'{"action": "step", "step": 99}', STEPS) == ("step", 99, None)
    assert control_in(b'{"action": "pause", "step": 3}', STEPS) == ("pause", None, None)
    led = b'{"action": "step", "step": 2, "lesson": "trial"}'
    assert control_in(led, STEPS) == ("step", 2, "trial")
    with pytest.raises(Refused, match="lesson"):
        control_in(led.replace(b"trial", b"other"), STEPS)
    assert code_in(b'{"code": "BCDFG"}') == "BCDFG"


# --- Groups ----------------------------------------------------------------------------------


def test_the_first_answer_of_a_student_stays_and_counts_once() -> None:
    room = group()
    first, second = (room.students[room.join("a")] for _ in range(2))
    room.answer(first, Answer("trial/belief", "yes"))
    room.answer(first, Answer("trial/belief", "yes"))  # sent twice, as after a broken connection
    with pytest.raises(Committed):
        room.answer(first, Answer("trial/belief", "no"))
    room.answer(second, Answer("trial/belief", "no"))
    told = wall_of(room, 0, HERE, is_over=False)
    assert told["answers"] == {
        "trial/belief": {"number": 2, "counts": {"yes": 1, "no": 1, "perhaps": 0}}
    }
    assert (told["joined"], told["here"]) == (2, 2)
    room.reset(for_others=False)
    room.answer(first, Answer("trial/belief", "no"))  # another beginning


def test_a_class_is_led_in_one_lesson_and_never_past_its_last_step() -> None:
    room = Classroom(1, QUESTIONS, {"trial": 3, "other": 5}).groups[0]
    room.go_to(4)
    assert (room.state.lesson, room.state.step) == ("trial", 3)
    room.go_to(4, "other")
    assert (room.state.lesson, room.state.step) == ("other", 4)
    room.go_to(9)
    assert (room.state.lesson, room.state.step) == ("other", 5)


def test_whoever_is_led_is_told_the_lesson() -> None:
    room = group()
    room.go_to(2)
    assert told_to_students(room, 1, is_over=False)["lesson"] == "trial"


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "[::1]:8000", "localhost"])
def test_an_address_that_no_other_device_reaches_has_no_qr_code(host: str) -> None:
    room = group()
    assert wall_of(room, 0, f"http://{host}", is_over=False)["qr"] == ""
    assert wall_of(room, 0, HERE, is_over=False)["qr"].startswith("data:image/svg")


def test_the_wall_tells_what_is_new_and_in_no_order_of_coming() -> None:
    room = group()
    for text in ("second", "first"):
        room.answer(room.students[room.join("a")], Answer("trial/why", text))
    version = room.wall.version
    assert wall_of(room, 0, HERE, is_over=False)["answers"]["trial/why"]["values"] == [
        "first",
        "second",
    ]
    assert wall_of(room, version, HERE, is_over=False)["answers"] == {}
    room.answer(room.students[room.join("a")], Answer("trial/victims", 3.0))
    assert list(wall_of(room, version, HERE, is_over=False)["answers"]) == ["trial/victims"]


def test_starting_again_keeps_students_and_the_next_group_has_none() -> None:
    room = group()
    token, code = room.join("a"), room.code
    room.answer(room.students[token], Answer("trial/belief", "no"))
    room.pause(True)
    room.go_to(4)
    room.reset(for_others=False)
    assert (room.state.is_paused, room.state.step, room.state.round) == (False, None, 2)
    assert token in room.students
    assert list(room.answers()) == []
    room.reset(for_others=True)
    assert (room.students, room.state.round, room.code == code) == ({}, 3, False)
    assert room.kept == []  # nothing stays where nobody asked for it


def test_a_group_is_bounded_and_one_address_cannot_fill_it() -> None:
    room = group()
    for _ in range(MOST_OF_AN_ADDRESS):
        room.join("greedy")
    with pytest.raises(Full):
        room.join("greedy")
    for number in range(MOST_STUDENTS - MOST_OF_AN_ADDRESS):
        room.join(f"other {number}")
    with pytest.raises(Full):
        room.join("late")
    assert len({one.number for one in room.students.values()}) == MOST_STUDENTS


def test_codes_and_secrets_open_their_own_group_only() -> None:
    classroom = Classroom(2, QUESTIONS, STEPS)
    first, second = classroom.groups
    assert classroom.by_code(f" {second.code.lower()} ") is second
    assert classroom.by_secret(first.secret) is first
    assert classroom.by_secret(first.code) is None
    assert classroom.by_secret("") is None
    assert classroom.by_code("é\ud800") is None
    token = second.join("a")
    found = classroom.student(token)
    assert found is not None
    assert found[0] is second
    assert classroom.student("x") is None


def test_who_waits_is_woken_by_a_change_and_by_time() -> None:
    async def waited() -> tuple[int, int]:
        signal = Signal()
        waiting = asyncio.create_task(signal.newer(1, 60))
        await asyncio.sleep(0)
        signal.change()
        return await waiting, await signal.newer(2, 0.01)

    assert asyncio.run(waited()) == (2, 2)


def test_who_returns_is_one_student_and_who_leaves_is_counted_no_longer() -> None:
    room = group()
    token = room.join("a")
    room.answer(room.students[token], Answer("trial/belief", "no"))
    assert room.join("a", token) == token
    other = room.join("a", "of another class")
    assert other != token
    assert (room.joined(), len(room.here())) == (2, 2)
    room.leave(room.students[token])
    assert (room.joined(), len(room.here())) == (1, 1)
    assert room.values("trial/belief") == ["no"]  # what was said is said
    room.join("a", token)
    assert (room.joined(), len(room.here())) == (2, 2)


def test_the_wall_tells_how_many_are_at_which_step_and_not_who() -> None:
    room = group()
    first, second, third, _ = (room.students[room.join("a")] for _ in range(4))
    for one, step in ((first, 1), (second, 3), (third, 3), (first, 2)):
        room.move(one, Place("trial", step))
    version = room.wall.version
    room.move(first, Place("trial", 2))
    assert room.wall.version == version  # nothing new
    told = wall_of(room, 0, HERE, is_over=False)
    assert told["places"] == [
        {"lesson": "trial", "step": 2, "students": 1},
        {"lesson": "trial", "step": 3, "students": 2},
    ]
    second.seen -= HERE_SECONDS + 1  # not heard of for a while: nowhere
    room.leave(first)
    assert [one["students"] for one in wall_of(room, 0, HERE, is_over=False)["places"]] == [1]
    room.reset(for_others=False)
    assert wall_of(room, 0, HERE, is_over=False)["places"] == []


# --- Limits ----------------------------------------------------------------------------------


def test_a_limit_fills_again_with_time_and_for_each_alone() -> None:
    now = [0.0]
    limit = Limit(2, 0.5, clock=lambda: now[0])
    assert [limit.allows("a") for _ in range(3)] == [True, True, False]
    assert limit.allows("b")
    now[0] = 2.0  # half a request a second
    assert [limit.allows("a") for _ in range(2)] == [True, False]
    now[0] = 1000.0
    assert [limit.allows("a") for _ in range(3)] == [True, True, False]


def test_a_limit_remembers_a_bounded_number_of_keys() -> None:
    limit = Limit(1, 0.001)
    for number in range(MOST_KEYS + 10):
        assert limit.allows(str(number))
    assert len(limit._left) == MOST_KEYS


# --- What is kept ----------------------------------------------------------------------------


def test_the_table_has_no_formula_and_pairs_answers_of_a_student() -> None:
    room = group()
    student = room.students[room.join("a")]
    for key, value in (("trial/why", '=HYPERLINK("x"), or so'), ("trial/victims", 1234567.5)):
        room.answer(student, Answer(key, value))
    head, *rows = csv_of(room.answers()).splitlines()
    assert head == "group,round,student,lesson,question,value"
    assert rows == [
        f"1,1,{student.number},trial,victims,1234567.5",
        f'1,1,{student.number},trial,why,"\'=HYPERLINK(""x""), or so"',
    ]


def test_a_file_keeps_all_rounds_and_none_keeps_none(tmp_path: Path) -> None:
    classroom = Classroom(1, QUESTIONS, STEPS, keeps=True)
    room, path = classroom.groups[0], tmp_path / "answers.csv"
    keeper = Keeper(classroom, path)
    for value in ("yes", "no"):
        room.answer(room.students[room.join("a")], Answer("trial/belief", value))
        keeper.keep()
        room.reset(for_others=True)
    assert keeper.told() == f"2 answers kept in {path}."
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[1::4] for line in lines[1:]] == [["1", "yes"], ["2", "no"]]
    assert Keeper(classroom, None).told() == "Nothing was kept of the class."


def test_a_file_that_cannot_be_written_is_told_once_and_tried_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    classroom = Classroom(1, QUESTIONS, STEPS, keeps=True)
    room, folder = classroom.groups[0], tmp_path / "folder"
    folder.write_text("a file stands where the folder should be")
    keeper = Keeper(classroom, folder / "answers.csv")
    room.answer(room.students[room.join("a")], Answer("trial/belief", "yes"))
    keeper.keep()
    keeper.keep()
    assert capsys.readouterr().err.count("The answers are not kept yet") == 1
    assert "could not be kept" in keeper.told()
    folder.unlink()
    assert keeper.told() == f"1 answer kept in {folder / 'answers.csv'}."
