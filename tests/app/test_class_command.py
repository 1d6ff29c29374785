"""`omemsim class` as a person and as a hundred browsers meet it."""

from __future__ import annotations

import concurrent.futures
import contextlib
import gzip
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from class_server import LESSON, Room, Server, serving, small_page

from omemsim.classroom import serving as served
from omemsim.classroom.app import asgi_of
from omemsim.classroom.incoming import MOST_BYTES
from omemsim.classroom.kept import Keeper
from omemsim.classroom.rooms import Classroom
from omemsim.cli import main

STUDENTS = 100
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give two groups; tests leave them empty."""
    page = small_page(LESSON)
    with serving(tmp_path_factory.mktemp("class"), page, "groups=2") as running:
        yield running


@pytest.fixture
def rooms(server: Server) -> Iterator[tuple[Room, Room]]:
    yield server.rooms[0], server.rooms[1]
    for room in server.rooms:
        assert room.control("next").status == 200
        room.code = str(room.wall()["code"])


# --- Words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["more"], "takes no bare word, here 'more'"),
        (["strategies=,"], "names none"),
        (["out=answers.txt"], "must end in .csv"),
        (["out=there.csv"], "is there already"),
        (["groups=9"], "from 1 to 8 (groups)"),
        (["port=65536"], "from 0 to 65,535 (port)"),
        (["language=de"], "must be one of en, fr"),
        (["host=192.0.2.77"], "has no such address. Leave host= out"),
        (["host=no.such.name.invalid"], "has no such address"),
        (["shape=wide"], "shape"),
    ],
)
def test_wrong_words_are_told(
    words: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.csv").touch()
    assert main(["class", *words]) == 2
    assert told in capsys.readouterr().err


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main(["class", f"port={port}"]) == 2
    assert f"port={port}: another program uses it" in capsys.readouterr().err


def test_without_the_extra_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.setattr("omemsim.cli.classroom.NEEDED", ("starlette", "no_such_server"))
    assert main(["class"]) == 2
    said = capsys.readouterr().err
    assert "needs no_such_server" in said
    assert "pip install 'omemsim[app]'" in said


def test_the_address_for_others_is_the_machine_s_own() -> None:
    with served.bound("0.0.0.0", 0) as held:
        address, port = served.address_of(held), held.getsockname()[1]
    assert re.fullmatch(rf"http://[\w.-]+:{port}", address)
    assert "0.0.0.0" not in address
    with served.bound("127.0.0.1", 0) as held:
        assert served.address_of(held) == f"http://127.0.0.1:{held.getsockname()[1]}"


# --- From the terminal to the end ------------------------------------------------------------


def test_a_class_from_its_start_to_ctrl_c(tmp_path: Path) -> None:
    with serving(tmp_path, small_page(LESSON), "host=0.0.0.0", "out=kept.csv") as server:
        room = server.rooms[0]
        shown = "\n".join(server.lines)
        assert re.search(r"Students     http://\S+/#[A-Z]{6}\n", shown)
        assert "█▀▀▀" in shown or "▄▄▄▄▄" in shown  # the QR code
        assert "Only this machine" not in shown
        assert room.answer(room.join(), "why", "text", "été, né").status == 200
        for garbage in (b"\x16\x03\x01\x02\x00\x01", chunked(room.join()) + b"zz\r\n\x00\xff"):
            with socket.create_connection(("127.0.0.1", server.port)) as bad:
                bad.settimeout(5)
                bad.sendall(garbage)
                assert is_ended(bad)
        token = room.join()
        waiting = concurrent.futures.ThreadPoolExecutor(1).submit(room.state, token, 1)
        time.sleep(0.3)
        began = time.monotonic()
        code, said = server.stop()
        assert waiting.result().said["over"] is True  # who waits is told, and not left waiting
        assert time.monotonic() - began < 5
    assert code == 130
    # Nobody can fill the instructor's terminal: there is nothing but this.
    lines = [line for line in said.splitlines() if line]
    assert lines == ["Packing the page ...", "Stopped. 1 answer kept in kept.csv."]
    assert (tmp_path / "kept.csv").read_text(encoding="utf-8").endswith('trial,why,"été, né"\n')


def test_nothing_is_kept_unasked_also_when_told_to_end(tmp_path: Path) -> None:
    with serving(tmp_path, small_page(LESSON)) as server:
        room = server.rooms[0]
        assert "Only this machine" in "\n".join(server.lines)
        assert room.answer(room.join(), "why", "text", "x").status == 200
        code, said = server.stop(signal.SIGTERM)
    assert code == 143
    assert said.splitlines()[-1] == "Stopped. Nothing was kept of the class."
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


SERVER = """
import signal, sys, time
signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
print("up", flush=True)
time.sleep(30)
"""


@pytest.mark.skipif(sys.platform == "win32" or not shutil.which("make"), reason="no make")
def test_a_signal_to_make_alone_ends_the_class_too(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    server = tmp_path / "server.py"
    server.write_text(SERVER, encoding="utf-8")
    words = ["-f", str(ROOT / "Makefile"), "-o", ".venv/.installed-app", "ENDING=0"]
    with subprocess.Popen(
        ["make", *words, f"PY={shlex.join([sys.executable, str(server)])}", "class"],
        cwd=tmp_path,
        # Not as part of the make that may run these tests, which has more to say.
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as make:
        assert make.stdout is not None
        assert make.stdout.readline() == "up\n"
        make.send_signal(signal.SIGINT)
        assert make.wait(timeout=15) == -signal.SIGINT  # which a shell calls 130


# --- A class ---------------------------------------------------------------------------------


def test_a_hundred_students_answer_and_each_answer_is_there_once(
    rooms: tuple[Room, Room],
) -> None:
    room = rooms[0]
    with concurrent.futures.ThreadPoolExecutor(STUDENTS) as pool:
        tokens = list(pool.map(lambda _: room.join(), range(STUDENTS)))
        assert len(set(tokens)) == STUDENTS

        def answer(number: int) -> int:
            return room.answer(tokens[number], "victims", "number", number).status

        # Every second student sends the answer twice, as after a broken connection.
        sent = [*range(STUDENTS), *range(0, STUDENTS, 2)]
        assert set(pool.map(answer, sent)) == {200}
    wall = room.wall()
    assert wall["joined"] == wall["here"] == STUDENTS
    assert wall["answers"] == {
        "trial/victims": {"number": STUDENTS, "values": [float(k) for k in range(STUDENTS)]}
    }
    table = room.server.ask("/api/answers.csv", None, room.secret)
    rows = table.body.decode().splitlines()[1:]
    assert len(rows) == len({row.split(",")[2] for row in rows}) == STUDENTS


def test_what_the_instructor_says_reaches_who_waits(rooms: tuple[Room, Room]) -> None:
    room = rooms[0]
    token = room.join()
    known = room.state(token).said
    assert (known["paused"], known["step"]) == (False, None)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(room.state, token, known["version"])
        time.sleep(0.2)
        assert not waiting.done()
        assert room.control("pause").status == 200
        told = waiting.result(timeout=5).said
    assert told["paused"] is True
    room.control("go")
    room.control("step", 3)
    told = room.state(token, told["version"]).said
    assert (told["paused"], told["step"]) == (False, 3)


def test_two_groups_share_nothing(rooms: tuple[Room, Room]) -> None:
    first, second = rooms
    ours, theirs = first.join(), second.join()
    first.answer(ours, "why", "text", "ours")
    first.control("pause")
    assert second.wall()["answers"] == {}
    assert second.wall()["joined"] == 1
    assert second.state(theirs).said["paused"] is False
    second.answer(theirs, "why", "text", "theirs")
    assert first.wall()["answers"]["trial/why"]["values"] == ["ours"]
    csv = second.server.ask("/api/answers.csv", None, second.secret).body.decode()
    assert "theirs" in csv
    assert "ours\n" not in csv.replace("theirs", "")
    # A student's token opens no desk, and a desk's secret is no student's.
    assert first.server.ask("/api/wall", None, ours).status == 401
    assert first.server.ask("/api/state", None, first.secret).status == 401
    assert first.server.ask("/api/control", {"action": "go", "step": None}, ours).status == 401


def test_a_reset_erases_and_the_next_group_enters_anew(rooms: tuple[Room, Room]) -> None:
    room, other = rooms
    token, theirs = room.join(), other.join()
    room.answer(token, "belief", "choice", "yes")
    other.answer(theirs, "belief", "choice", "no")
    assert room.answer(token, "belief", "choice", "no").status == 409  # it is committed
    room.control("reset")
    assert room.state(token).said["round"] > 1
    assert room.wall()["answers"] == {}
    assert room.answer(token, "belief", "choice", "no").status == 200
    before = room.code
    room.control("next")
    assert room.answer(token, "belief", "choice", "no").status == 401
    assert room.state(token).status == 401
    room.code = room.wall()["code"]
    assert room.code != before
    assert room.server.ask("/api/join", {"code": before}).status == 404
    assert room.wall()["joined"] == 0
    room.join()
    assert other.wall()["answers"]["trial/belief"]["number"] == 1


# --- Pages -----------------------------------------------------------------------------------


def test_pages_say_what_they_may_load_and_come_packed(server: Server) -> None:
    for path, language in {"/": "en", "/fr": "fr", "/desk": "en", "/fr/desk": "fr"}.items():
        reply = server.ask(path)
        assert f'<html lang="{language}">' in reply.body.decode()
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in reply.headers
        assert "server" not in reply.headers
    plain = server.ask("/page")
    packed = server.ask("/page", headers={"accept-encoding": "gzip"})
    assert gzip.decompress(packed.body) == plain.body
    assert server.ask("/page", headers={"if-none-match": plain.headers["etag"]}).status == 304


def test_the_page_may_reach_its_own_server_and_the_exported_one_nothing(server: Server) -> None:
    policy = server.ask("/page").headers["content-security-policy"]
    allowed = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert allowed["connect-src"] == "'self'"
    digest = r"'sha256-[\w+/=]+'"
    assert re.fullmatch(rf"{digest} {digest} 'wasm-unsafe-eval'", allowed["script-src"])
    assert re.fullmatch(rf"{digest} {digest}", allowed["style-src"])
    text = server.ask("/page").body.decode()
    assert "; connect-src 'self'\"" in text.partition("</head>")[0]
    assert "/api/" not in small_page(LESSON)
    assert "connect-src" not in small_page(LESSON)


# --- Somebody who means harm -----------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/web/student.js", "/page/", "//"]
)
def test_no_path_leads_to_a_file(server: Server, path: str) -> None:
    reply = server.ask(path)
    assert (reply.status, reply.body) == (404, b"Not Found")
    assert "location" not in reply.headers


def test_wrong_requests_are_refused(rooms: tuple[Room, Room]) -> None:
    room = rooms[0]
    token, ask = room.join(), room.server.ask
    assert ask("/api/answer", b"x" * (MOST_BYTES + 1), token).status == 413
    chunks = {"transfer-encoding": "chunked"}
    long = b"1388\r\n" + b"x" * 5000 + b"\r\n0\r\n\r\n"
    assert ask("/api/answer", long, token, chunks).status == 413
    assert ask("/api/answer", b"{", token).status == 400
    assert ask("/api/answer", b"{}", token, {"content-type": "text/plain"}).status == 415
    assert ask("/api/answer", b"{}").status == 401
    assert ask("/api/join", {"code": "AAAAAA"}).status == 404
    assert ask("/api/join", {"code": ["x"]}).status == 422
    assert ask("/api/state?after=-1", None, token).status == 422
    assert ask("/api/state?after=" + "9" * 400, None, token).status == 422
    assert ask("/api/answer", None, token).status == 405
    assert ask("/api/place", {"lesson": "trial", "step": 4}, token).status == 422  # it has three
    assert ask("/api/place", {"lesson": "trial", "step": 3}).status == 401
    assert ask("/api/leave", {}).status == 401
    assert ask("/api/wall", None, room.secret[:-1]).status == 401


def test_html_in_an_answer_stays_text(rooms: tuple[Room, Room]) -> None:
    room, bad = rooms[0], "</script><img src=x onerror=alert(1)>"
    room.answer(room.join(), "why", "text", bad)
    reply = room.server.ask("/api/wall", None, room.secret)
    assert reply.headers["content-type"] == "application/json"
    assert reply.said["answers"]["trial/why"]["values"] == [bad]
    assert reply.headers["cache-control"] == "no-store"


def test_a_flood_costs_its_sender_only(rooms: tuple[Room, Room]) -> None:
    room = rooms[0]
    bad, good = room.join(), room.join()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        many = list(pool.map(lambda _: room.answer(bad, "victims", "number", 1), range(80)))
        assert {reply.status for reply in many} == {200, 429}
        assert {r.headers["retry-after"] for r in many if r.status == 429} == {"2"}
        assert room.answer(good, "victims", "number", 7).status == 200
    values = room.wall()["answers"]["trial/victims"]["values"]
    assert len(values) == 2
    assert 7.0 in values


def test_slow_and_silent_connections_hold_nobody_up(rooms: tuple[Room, Room]) -> None:
    room = rooms[0]
    token, port = room.join(), room.server.port
    halves = [
        b"",
        b"GET / HT",
        b"POST /api/answer HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{",
    ]
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(60)]
    try:
        for number, one in enumerate(slow):
            one.sendall(halves[number % len(halves)])
        began = time.monotonic()
        assert room.answer(token, "belief", "choice", "yes").status == 200
        assert time.monotonic() - began < 1
    finally:
        for one in slow:
            one.close()


def chunked(token: str) -> bytes:
    """Return the head of an answer whose body comes in chunks."""
    head = f"POST /api/answer HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
    return f"{head}content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n".encode()


@contextlib.contextmanager
def in_thread(classroom: Classroom | None = None) -> Iterator[int]:
    """Give the port of a server without files, in this process."""
    classroom, ready = classroom or Classroom(1, [], {}), threading.Event()
    with served.bound("127.0.0.1", 0) as held:
        port = held.getsockname()[1]
        app = asgi_of(classroom, {}, "http://x")
        server = served.server_of(app, Keeper(classroom, None), ready.set)
        running = threading.Thread(target=server.run, kwargs={"sockets": [held]})
        running.start()
        assert ready.wait(10)
        yield port
        server.should_exit = True
        running.join()


def is_ended(one: socket.socket) -> bool:
    """Return whether the other side ends a connection, within the time that is set."""
    try:
        while one.recv(4096):
            pass
    except ConnectionError:
        pass
    except TimeoutError:
        return False
    return True


def test_who_asks_nothing_in_time_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(served, "MOST_CONNECTIONS", 3)
    monkeypatch.setattr(served, "KEEP_SECONDS", 1)
    with in_thread() as port:
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]
        held[0].sendall(b"GET / HTTP/1.1\r\n")
        extra = socket.create_connection(("127.0.0.1", port))
        extra.settimeout(5)
        assert is_ended(extra)  # a fourth one of an address is sent away at once
        for one in held:
            one.settimeout(5)
            assert is_ended(one)
        again = socket.create_connection(("127.0.0.1", port))
        again.settimeout(5)
        again.sendall(b"GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n")
        assert again.recv(100).startswith(b"HTTP/1.1 404")
        assert is_ended(again)  # an idle one, too, after its keep-alive
        for one in (*held, extra, again):
            one.close()


def test_who_enters_too_often_waits_and_who_has_joined_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("omemsim.classroom.app.OF_ADDRESS", (4.0, 0.01))
    monkeypatch.setattr("omemsim.classroom.app.PENALTY", 0.2)
    with in_thread() as port:
        server = Server(port)
        found = [server.ask("/").status for _ in range(6)]
        assert found == [404, 404, 404, 404, 429, 429]
        began = time.monotonic()
        assert server.ask("/api/join", {"code": "AAAAAA"}).status == 429
        assert time.monotonic() - began > 0.2


def test_a_token_is_counted_whatever_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omemsim.classroom.app.OF_STUDENT", (4.0, 0.01))
    monkeypatch.setattr("omemsim.classroom.app.PENALTY", 0.05)
    classroom = Classroom(1, [], {})
    token = classroom.groups[0].join("192.0.2.1")
    asked = [
        ("/nowhere", None),
        ("/api/join", {"code": "AAAAAA"}),
        ("/api/wall", None),
        ("/api/state?after=0", None),
    ]
    with in_thread(classroom) as port:
        server = Server(port)
        found = [server.ask(path, body, token).status for path, body in asked]
        assert found == [404, 404, 401, 200]
        again = [server.ask(path, body, token).status for path, body in asked]
        assert again == [429] * len(asked)
        assert server.ask("/nowhere").status == 404  # all others of its address are counted apart
