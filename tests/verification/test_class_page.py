"""A class in Chromium: entering, answering, what the instructor sees and says to all."""

from __future__ import annotations

import base64
import json
import re
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from class_server import LESSON, Room, Server, lessons_block, serving
from pages import BROWSER, answer_step, needs_browser, page_file, with_few_towns

from omemsim.classroom.questions import questions_of
from omemsim.page import LESSONS
from omemsim.page.lessons import read_lesson, told

pytestmark = needs_browser
BLOCK = re.compile(r'(<script type="text/plain" id="lessons">)[^<]*')
ANSWER = """detail => document.dispatchEvent(new CustomEvent("omemsim:answer", { detail }))"""
LISTEN = """
window.told = [];
document.addEventListener("omemsim:control", ({ detail }) => window.told.push(detail));
"""
WALL = """
() => Object.fromEntries([...document.querySelectorAll("#wall details")].map((one) => {
  const texts = (what) => [...one.querySelectorAll(what)].map((part) => part.textContent);
  return [one.querySelector("h3").textContent, [texts(".many")[0], texts("td.count"), texts("li")]];
}))
"""
SMALL = """
() => [...document.querySelectorAll("button, input, a:not(.skip)")]
  .filter((one) => one.offsetParent)
  .map((one) => [one.id || one.textContent, one.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 24 || height < 24)
  .map(([name]) => name)
"""


STILL = {"reduced_motion": "reduce"}
FEW = 2  # towns that the page carries
LIBRARY = {name: read_lesson(name, [500] * 10, "small") for name in LESSONS}
ENDS = {"en": "End of the lesson", "fr": "Fin de la leçon"}


def with_lessons(page: str, *lessons: Mapping[str, Any]) -> str:
    """Return a page that carries other lessons."""
    return BLOCK.sub(rf"\g<1>{lessons_block(*lessons)}", page)


def lessons_in(page: str) -> list[dict[str, Any]]:
    """Return the lessons that a page carries."""
    found = re.search(r'id="lessons">([^<]*)<', page)
    assert found
    lessons: list[dict[str, Any]] = json.loads(zlib.decompress(base64.b64decode(found[1])))
    return lessons


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    page = with_few_towns(page_file(tmp_path_factory).read_text(encoding="utf-8"), FEW)
    page = with_lessons(page, LESSON, *map(told, LIBRARY.values()))
    with serving(tmp_path_factory.mktemp("class"), page, "groups=2") as running:
        yield running


@pytest.fixture
def room(server: Server) -> Room:
    one = server.rooms[0]
    assert one.control("next").status == 200
    one.code = one.wall()["code"]
    return one


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield running
        running.close()


@contextmanager
def visited(browser: Any, server: Server, path: str, **settings: Any) -> Iterator[Any]:
    """Give a visitor of its own at a path; complain of errors, and of requests to elsewhere."""
    home, wrong = f"http://127.0.0.1:{server.port}", []
    context = browser.new_context(**settings)
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console",
        lambda said: wrong.append(said.text) if "Content Security" in said.text else None,
    )
    page.on(
        "request",
        lambda asked: (
            wrong.append(asked.url)
            if not asked.url.startswith((home, "data:", f"blob:{home}"))
            else None
        ),
    )
    page.add_init_script(LISTEN)
    page.goto(home + path)
    yield page
    context.close()
    assert wrong == []


def enter(page: Any) -> None:
    """Press the lobby's button, and wait until the page has opened *Exercise*, as it is told."""
    page.click("button")
    page.wait_for_url("**/page")
    page.wait_for_selector("body[data-engine][data-mode=exercise]", timeout=60_000)
    page.wait_for_function("() => window.told.length > 0")  # it heeds the class from here on


def test_a_student_enters_answers_and_is_paused(browser: Any, room: Room) -> None:
    with (
        visited(browser, room.server, f"/#{room.code}") as student,
        visited(browser, room.server, f"/desk#{room.secret}") as desk,
    ):
        desk.wait_for_selector("#room:not([hidden])")
        assert room.secret not in desk.url  # it may be projected
        assert desk.inner_text("#code") == room.code
        enter(student)
        assert student.get_attribute("body", "data-engine") == "model"
        desk.wait_for_selector("#joined:has-text('1')")

        given = {"lesson": "trial", "question": "why", "kind": "text", "value": "<b>fear</b>"}
        student.evaluate(ANSWER, given)
        student.wait_for_selector("#class-line:has-text('Answer sent.')")
        student.evaluate(ANSWER, {**given, "question": "belief", "kind": "choice", "value": "no"})
        desk.wait_for_selector("#wall details:has-text('The belief')")
        assert desk.inner_text("#wall details li span") == "<b>fear</b>"
        assert desk.locator("#wall b").count() == 0
        rows = desk.locator("#wall table tr").all_inner_texts()
        assert [row.split() for row in rows] == [["Yes", "0"], ["No", "1"], ["Perhaps", "0"]]
        titles = desk.locator("#wall h3").all_inner_texts()
        assert titles == ["The why", "The belief"]  # what the lesson asks last is on top

        desk.click("#pause")
        student.wait_for_selector("#class-wait[open]")
        student.keyboard.press("Escape")
        student.wait_for_selector("#class-wait[open]")
        desk.wait_for_selector("#pause:has-text('Go on')")
        desk.click("#pause")
        student.wait_for_selector("#class-wait", state="hidden")
        desk.wait_for_selector("#pause:has-text('Pause for all')")
        desk.click("#next")
        assert "step 1" in desk.inner_text("#sure")  # who has gone ahead would be sent back
        desk.click("#no")
        desk.click("#next")
        desk.click("#yes")
        student.wait_for_function("() => window.told.length === 4")
        assert student.evaluate("window.told.map(({ action, step }) => [action, step])") == [
            ["open", None],
            ["pause", None],
            ["go", None],
            ["step", 0],
        ]


@pytest.fixture(scope="module")
def class_of_two(browser: Any, server: Server) -> Iterator[tuple[dict[str, Any], Any]]:
    """Give two students by their language, and the desk: a group that only lessons use."""
    room = server.rooms[1]
    with (
        visited(browser, server, f"/en#{room.code}", **STILL) as english,
        visited(browser, server, f"/fr#{room.code}", **STILL) as french,
        visited(browser, server, f"/desk#{room.secret}") as desk,
    ):
        for student in (english, french):
            enter(student)
        yield {"en": english, "fr": french}, desk


@pytest.mark.parametrize("name", LESSONS)
def test_a_class_goes_through_a_lesson_to_its_end(
    class_of_two: tuple[dict[str, Any], Any], name: str
) -> None:
    lesson, (students, desk) = LIBRARY[name], class_of_two
    for student in students.values():
        if student.locator("#exercise-leave").count():
            student.click("#exercise-leave")
        student.click(f"[data-lesson='{1 + LESSONS.index(name)}']")
    for number, step in enumerate(lesson.steps, 1):
        for student in students.values():
            student.wait_for_function(
                "n => document.querySelector('#exercise progress')?.value === n", arg=number
            )
            if step.kind not in ("read", "see", "debrief", "run"):
                answer_step(student, step)
            if step.kind not in ("read", "see", "debrief"):
                student.click("#exercise-next")
        for language, student in students.items():
            if step.kind == "run":
                student.wait_for_selector("#exercise-back:not([disabled])", timeout=60_000)
            seen = student.inner_text("#exercise")
            assert getattr(step.title, language) in seen, step.id
            if step.quote and (step.kind != "question" or step.repeats):
                assert getattr(step.quote.text, language) in seen, step.id
            assert not re.search(r"undefined|NaN|exercise\.", seen), step.id
            if number < len(lesson.steps):
                student.click("#exercise-next")
            else:
                assert student.inner_text("#exercise-next") == ENDS[language]
    desk.wait_for_selector(f"#places tr:has-text('{lesson.title.en}'):has-text('2')")
    assert (desk.inner_text("#here"), desk.inner_text("#joined")) == ("2", "2")
    asked = list(questions_of(told(lesson)))
    last = f"#wall details:has(h3:text-is('{asked[-1].texts['en']}'))"
    desk.wait_for_selector(f"{last} .many:text-is('Answers: 2')")
    wall = desk.evaluate(WALL)
    # Both answered the same, in two languages: each question has one answer, given twice.
    for one in asked:
        title = lesson.steps[one.step - 1].title.en if one.kind == "mix" else one.texts["en"]
        many, counts, cards = wall[title]
        assert many == "Answers: 2", one.name
        if one.kind == "mix":
            (mix,) = cards  # both halves of it in one card
            half = re.escape(one.part["en"]) + r": ([A-Z][\w -]+ \d+%(, )?)+"
            assert mix.startswith("Mix 1: 2 ×"), one.name
            assert re.search(half, mix), one.name
        elif one.kind == "text":
            assert len(cards) == 2
        else:
            assert {"2"} <= set(counts) <= {"0", "2"}, one.name


def test_a_class_with_one_lesson_opens_it_without_script_or_reset(browser: Any, room: Room) -> None:
    def with_one(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=with_lessons(answer.text(), LESSON))

    with visited(browser, room.server, f"/#{room.code}") as student:
        student.click("nav a")  # in the other language the code is still there
        student.wait_for_url(f"**/fr#{room.code}")
        assert student.input_value("#code") == room.code
        student.route("**/page", with_one)
        enter(student)
        student.wait_for_selector("#exercise h2:has-text('The belief (fr)')")
        for name in ("exercise-notes", "exercise-reset"):  # for instructors, not for students
            assert student.locator(f"#{name}").count() == 1
            assert student.is_hidden(f"#{name}")


def test_a_student_who_comes_back_is_one_and_who_leaves_is_gone(browser: Any, room: Room) -> None:
    def counted() -> tuple[int, int]:
        wall = room.wall()
        return wall["joined"], wall["here"]

    with visited(browser, room.server, f"/#{room.code}") as student:
        enter(student)
        student.reload()
        student.wait_for_selector("body[data-mode=exercise]", timeout=60_000)
        student.goto(f"http://127.0.0.1:{room.server.port}/#{room.code}")  # the QR code once more
        enter(student)
        assert counted() == (1, 1)
        student.click("#class-line button")
        student.keyboard.press("Enter")  # it asks, and the harmless answer has the focus
        assert counted() == (1, 1)
        student.click("#class-line button")
        student.click("#class-sure .strong")
        student.wait_for_selector("#said:has-text('You have left the room.')")
        late = time.monotonic() + 10  # the page goes without waiting for the server
        while counted() != (0, 0) and time.monotonic() < late:
            time.sleep(0.1)
        assert counted() == (0, 0)


def test_a_paused_page_plays_no_weeks(browser: Any, room: Room) -> None:
    with visited(browser, room.server, f"/#{room.code}") as student:
        enter(student)
        room.control("step", 3)  # nothing is left to estimate
        student.wait_for_selector("#exercise h2:has-text('The why')")
        student.click("#to-explore")
        student.click("#play")
        student.wait_for_selector("#play:has-text('Pause')")
        room.control("pause")
        student.wait_for_selector("#play:has-text('Play')", state="attached")
        month = student.inner_text("#month")
        student.wait_for_timeout(500)
        assert student.inner_text("#month") == month
        room.control("go")
        student.wait_for_selector("#class-wait", state="hidden")
        assert student.inner_text("#play").endswith("Play")  # who wants to go on, plays again


def test_the_desk_has_the_script_and_asks_before_it_leaves_students_behind(
    browser: Any, room: Room
) -> None:
    with visited(browser, room.server, f"/desk#{room.secret}") as desk:
        first, second = room.join(), room.join()
        wheel = LIBRARY["wheel"]
        desk.wait_for_selector("#script-of:has-text('not sent yet')")
        assert desk.input_value("#lesson") == "wheel"  # the first by its number
        desk.click("#next")
        assert wheel.title.en in desk.inner_text("#sure")
        desk.click("#yes")
        desk.wait_for_selector(f"#step-title:has-text('step 1 of {len(wheel.steps)}')")
        assert wheel.steps[0].title.en in desk.inner_text("#step-title")
        assert wheel.steps[0].notes.say.en in desk.inner_text("#script")
        assert "not sent yet" not in desk.inner_text("#script-of")
        desk.select_option("#lesson", "council")
        assert LIBRARY["council"].title.en in desk.inner_text("#script-of")
        assert "not sent yet" in desk.inner_text("#script-of")
        assert wheel.title.en in desk.inner_text("#step-title")  # where pages are
        desk.select_option("#lesson", "wheel")
        desk.click("#next")  # nothing is lost where nothing is estimated
        desk.wait_for_selector("#step-title:has-text('step 2 of')")
        at = [step.id for step in wheel.steps].index("red_now") + 1
        room.control("step", at)
        desk.wait_for_selector(f"#step-title:has-text('step {at} of')")
        body = {"lesson": "wheel", "question": "red_now", "kind": "number", "value": 3}
        assert room.server.ask("/api/answer", body, first).status == 200
        desk.wait_for_selector("#committed:has-text('1 of 2 here')")
        desk.click("#next")
        assert "1 of 2" in desk.inner_text("#sure")
        desk.click("#no")
        assert room.server.ask("/api/answer", body, second).status == 200
        desk.wait_for_selector("#committed:has-text('2 of 2 here')")
        desk.click("#next")  # all have answered: it need not ask
        desk.wait_for_selector(f"#step-title:has-text('step {at + 1} of')")
        room.control("step", len(wheel.steps))
        desk.wait_for_selector("#next[disabled]")  # there is no step after the last
        # A student has none of it: not on the page, and not for the asking.
        assert room.server.ask("/api/script", None, first).status == 401
        student = lessons_in(room.server.ask("/page").body.decode())
        assert all("notes" not in step for lesson in student for step in lesson["steps"])


def test_the_wall_shows_what_the_instructor_chooses_and_no_secret(browser: Any, room: Room) -> None:
    with visited(browser, room.server, f"/desk#{room.secret}") as desk:
        room.answer(room.join(), "why", "text", "<b>fear</b>")
        room.answer(room.join(), "why", "text", "rude")
        desk.wait_for_selector("#wall details li:nth-child(2)")
        with desk.context.expect_page() as opening:
            desk.click("#to-wall")
        wall = opening.value
        wall.wait_for_selector(f"#code:has-text('{room.code}')")
        assert room.secret not in wall.content() + wall.url
        assert "fear" not in wall.inner_text("main")
        assert wall.locator("button").count() == 0
        desk.click("#wall button[aria-label='Hide: rude']")
        desk.click("#wall .to-wall")
        wall.wait_for_selector("#wall li:has-text('<b>fear</b>')")
        assert "rude" not in wall.inner_text("main")
        desk.click("#wall .to-wall")
        wall.wait_for_selector("#wall li", state="detached")


def test_numbers_that_are_asked_for_are_not_seen_before_the_answer(
    browser: Any, room: Room
) -> None:
    with visited(browser, room.server, f"/#{room.code}") as student:
        enter(student)
        assert not student.is_visible("#sentence")
        student.click("#to-explore")
        assert "closed for now" in student.inner_text("#exercise h2")
        room.control("step", 2)
        student.wait_for_selector("#exercise h2:has-text('The victims')")
        for button in ("#to-compare", "#to-explore"):
            student.click(button)
            assert "1 is still open" in student.inner_text("#exercise")
            assert not student.is_visible("#arms")
            assert student.locator("#exercise-anyway").count() == 0
        student.click("#exercise-return")
        student.fill("#exercise input[type=number]", "300")
        student.click("#exercise-next")
        student.click("#to-compare")
        student.wait_for_selector("#arms")  # once it is committed, all is open


def test_a_reload_keeps_what_is_committed_and_the_step(browser: Any, room: Room) -> None:
    with visited(browser, room.server, f"/#{room.code}") as student:
        enter(student)
        student.click("[data-lesson='0']")
        student.check("#exercise input[value=no]")
        student.click("#exercise-next")
        student.click("#exercise-next")
        student.wait_for_selector("#exercise h2:has-text('The victims')")
        student.reload()
        student.wait_for_selector("#exercise h2:has-text('The victims')", timeout=60_000)
        student.click("#exercise-back")
        assert student.is_checked("#exercise input[value=no]")
        assert student.is_disabled("#exercise input[value=no]")
        room.control("reset")
        student.wait_for_selector("#exercise input[value=no]:not([disabled])")
        student.reload()
        student.wait_for_selector("#exercise h2", timeout=60_000)
        assert student.locator("#exercise :checked").count() == 0
        assert room.wall()["answers"] == {}


def test_who_is_in_another_lesson_is_led_to_the_class_s(browser: Any, room: Room) -> None:
    with visited(browser, room.server, f"/#{room.code}") as student:
        enter(student)
        student.click("[data-lesson='2']")
        student.wait_for_selector("#exercise form")
        room.control("step", 3)
        student.wait_for_selector("#exercise h2:has-text('The why')")


def test_an_answer_waits_for_the_network(browser: Any, room: Room) -> None:
    with visited(browser, room.server, f"/#{room.code}") as student:
        enter(student)
        student.context.set_offline(True)
        given = {"lesson": "trial", "question": "victims", "kind": "number", "value": 12}
        student.evaluate(ANSWER, given)
        student.evaluate(ANSWER, {**given, "value": 13})
        student.wait_for_selector("#class-line:has-text('No connection')")
        student.context.set_offline(False)
        student.wait_for_selector("#class-line:has-text('Answer sent.')", timeout=15_000)
    assert room.wall()["answers"]["trial/victims"]["values"] == [13.0]


def test_the_next_group_finds_an_empty_room(browser: Any, room: Room) -> None:
    with (
        visited(browser, room.server, f"/#{room.code}") as student,
        visited(browser, room.server, f"/desk#{room.secret}") as desk,
    ):
        enter(student)
        room.answer(room.join(), "belief", "choice", "yes")
        desk.wait_for_selector("#wall details")
        desk.click("#others")
        assert desk.evaluate("document.activeElement.id") == "no"  # the harmless one
        with desk.expect_download() as table:
            desk.keyboard.press("Escape")
            desk.click("#download")
        rows = Path(table.value.path()).read_text(encoding="utf-8").splitlines()
        assert rows[0] == "group,round,student,lesson,question,value"
        assert [row.split(",")[3:] for row in rows[1:]] == [["trial", "belief", "yes"]]
        desk.click("#others")
        desk.click("#yes")
        student.wait_for_selector("#said:has-text('emptied for the next group')")
        desk.wait_for_selector("#none:not([hidden])")
        assert desk.inner_text("#joined") == "0"
        assert desk.inner_text("#code") != room.code


def test_the_keyboard_alone_enters_a_room_in_french(browser: Any, room: Room) -> None:
    with visited(browser, room.server, "/") as page:
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/fr")
        for _ in range(3):
            page.keyboard.press("Tab")
        page.keyboard.type("xxxxxx")
        page.keyboard.press("Enter")
        page.wait_for_selector("#said:has-text('Aucune salle')")
        assert page.evaluate("document.activeElement.id") == "code"
        page.keyboard.press("Control+A")
        page.keyboard.type(room.code.lower())
        page.keyboard.press("Enter")
        page.wait_for_url("**/page")
        page.wait_for_selector("#class-line:has-text('Salle')")
        assert page.get_attribute("html", "lang") == "fr"


def test_skipping_to_the_content_keeps_code_and_secret(browser: Any, room: Room) -> None:
    def skip(page: Any) -> None:
        page.focus(".skip")
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.activeElement.id === 'main'")

    with visited(browser, room.server, f"/#{room.code}") as page:
        skip(page)
        assert page.input_value("#code") == room.code
    with visited(browser, room.server, f"/desk#{room.secret}") as page:
        page.wait_for_selector(f"#code:has-text('{room.code}')")
        skip(page)
        page.reload()
        page.wait_for_selector(f"#code:has-text('{room.code}')")
    with visited(browser, room.server, "/wall#1") as page:
        skip(page)
        assert page.evaluate("location.hash") == "#1"


def test_lobby_and_desk_fit_and_targets_are_large_enough(browser: Any, room: Room) -> None:
    room.answer(room.join(), "why", "text", "x" * 300)
    for number in range(30):
        room.answer(room.join(), "victims", "number", number)
    for path in (
        "/",
        "/fr",
        "/wall",
        "/fr/wall",
        f"/desk#{room.secret}",
        f"/fr/desk#{room.secret}",
    ):
        with visited(browser, room.server, path) as page:
            if "desk" in path:
                page.wait_for_selector("#wall details:nth-of-type(2)")
            for width in (320, 1366):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                assert page.evaluate(SMALL) == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_axe_finds_nothing_in_lobby_desk_and_pause(browser: Any, room: Room, language: str) -> None:
    axe = pytest.importorskip("axe", reason="no tests/axe.py, by which pages are held to axe")
    room.answer(room.join(), "why", "text", "Why not?")
    room.answer(room.join(), "belief", "choice", "no")
    with (
        visited(browser, room.server, f"/{language}#{room.code}", bypass_csp=True) as student,
        visited(browser, room.server, f"/{language}/desk#{room.secret}", bypass_csp=True) as desk,
    ):
        desk.wait_for_selector("#wall details:nth-of-type(2)")
        assert axe.violations(desk) == []
        with desk.context.expect_page() as opening:
            desk.click("#to-wall")
        wall = opening.value
        wall.wait_for_selector("#code")
        desk.click("#wall .to-wall")
        wall.wait_for_selector("#wall h2")
        assert axe.violations(wall) == []
        desk.click("#others")
        assert axe.violations(desk) == []
        assert axe.violations(student) == []
        enter(student)
        student.click("#to-explore")
        assert axe.violations(student) == []
        room.control("pause")
        student.wait_for_selector("#class-wait[open]")
        assert axe.violations(student) == []


def test_without_a_token_a_page_leads_to_the_lobby_and_a_desk_stays_shut(
    browser: Any, server: Server
) -> None:
    with visited(browser, server, "/page") as page:
        page.wait_for_url(lambda url: url.endswith("/"))
    with visited(browser, server, "/desk#wrong") as page:
        page.wait_for_selector("#problem:has-text('lacks its secret')")
        assert page.locator("#room:visible").count() == 0
