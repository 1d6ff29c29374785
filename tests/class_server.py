"""A class server in a process of its own, as `omemsim class` runs it, and plain requests to it."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from omemsim.page.bundle import bundled

# Making a page takes a while, and is tested elsewhere: the command is given one.
RUN = """
import sys
from pathlib import Path
import omemsim.page as pages
from omemsim.cli import main

made = pages.Made(Path(sys.argv[1]).read_text(encoding="utf-8"), 1, 1.0, ())
pages.page_of = lambda *asked: made
sys.exit(main(["class", *sys.argv[2:]]))
"""


def _both(text: str) -> dict[str, str]:
    return {"en": text, "fr": f"{text} (fr)"}


def _step(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "id": name, "minutes": 5, "title": _both(f"The {name}"), **more}


OPTIONS = [{"id": name, "label": _both(name.capitalize())} for name in ("yes", "no", "perhaps")]
LESSON: dict[str, Any] = {
    "name": "trial",
    "title": _both("A trial"),
    "about": _both("About it."),
    "minutes": 25,
    "strategy": "present_practice",
    "steps": [
        _step("question", "belief", options=OPTIONS, notes={}),
        _step("estimate", "victims", of={"measure": "victimization"}, notes={}),
        _step("explain", "why", notes={}),
    ],
}


def lessons_block(*lessons: Mapping[str, Any]) -> str:
    """Return lessons as a page has them."""
    return base64.b64encode(zlib.compress(json.dumps(lessons).encode())).decode()


def small_page(*lessons: Mapping[str, Any]) -> str:
    """Return a page that has lessons and no town: enough for a server."""
    return bundled({"data": {}, "lessons": lessons_block(*lessons)}, [], "en")


class Reply(NamedTuple):
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)


@dataclass
class Room:
    """A group as the terminal shows it."""

    server: Server
    code: str
    secret: str

    def join(self) -> str:
        reply = self.server.ask("/api/join", {"code": self.code})
        assert reply.status == 200, reply
        return str(reply.said["token"])

    def answer(self, token: str, question: str, kind: str, value: Any) -> Reply:
        body = {"lesson": "trial", "question": question, "kind": kind, "value": value}
        return self.server.ask("/api/answer", body, token)

    def control(self, action: str, step: int | None = None) -> Reply:
        return self.server.ask("/api/control", {"action": action, "step": step}, self.secret)

    def state(self, token: str, after: int = 0) -> Reply:
        return self.server.ask(f"/api/state?after={after}", None, token)

    def wall(self, after: int = 0) -> Any:
        reply = self.server.ask(f"/api/wall?after={after}", None, self.secret)
        assert reply.status == 200, reply
        return reply.said


@dataclass
class Server:
    """A running server: where it is, its groups, and what its terminal shows."""

    port: int = 0
    process: subprocess.Popen[str] | None = None
    rooms: list[Room] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def ask(
        self, path: str, body: Any = None, token: str = "", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Ask once, on a connection of its own; a body that is bytes is sent as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = {"authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            sent["content-type"] = "application/json"
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        with contextlib.closing(connection):
            connection.request("GET" if body is None else "POST", path, raw, sent | (headers or {}))
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, named, answer.read())

    def stop(self, how: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Stop it as people do; return its exit code and what it said of errors."""
        assert self.process is not None
        assert self.process.stderr is not None
        self.process.send_signal(how)
        code = self.process.wait(timeout=20)
        return code, self.process.stderr.read()


@contextlib.contextmanager
def serving(folder: Path, page: str, *words: str) -> Iterator[Server]:
    """Give a server of a page on a free port of this machine; stop it at the end."""
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(path), "port=0", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=folder,
    )
    server = Server(process=process)
    late = threading.Timer(60, process.kill)
    late.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            server.lines.append(line.rstrip())
            if found := re.match(r"Instructor\s+http://\S+:(\d+)/desk#(\S+)", line):
                code = server.lines[-3].split()[-1]
                server.port = int(found[1])
                server.rooms.append(Room(server, code, found[2]))
            if line.startswith("Ctrl-C"):
                break
        late.cancel()
        if not server.rooms:
            assert process.stderr is not None
            raise AssertionError(process.stderr.read())
        yield server
    finally:
        late.cancel()
        if process.poll() is None:
            process.kill()
            process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
