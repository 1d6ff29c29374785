"""How fast a class of many is served and its answers are gathered, also while somebody floods.

    python experiments/class_load.py [students]

Starts `omemsim class` on a free port of this machine, and clients in another process: each loads
the page and joins, then waits for news as the page does. In each round the instructor sends all to
the next step, and everybody answers at once. An answer is gathered when the instructor's desk has
it, which asks again 0.3 seconds after each reply. The same again while one client sends answers as
fast as it can over 20 connections, and another asks for the page over 20 more.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROUNDS = 10
STUDENTS = 100
DESK_PAUSE = 0.3
FLOODS = 20
TITLE = {"en": "How many victims?", "fr": "Combien de victimes?"}
LESSON = {
    "name": "load",
    "title": TITLE,
    "steps": [  # one for each round, quiet or flooded: an answer that is committed stays
        {"kind": "estimate", "id": f"victims{number}", "title": TITLE}
        for number in range(2 * ROUNDS)
    ],
}
RUN = """
import sys
from dataclasses import replace
import omemsim.page as pages
from omemsim.cli import main

made, block = pages.page_of("small", pages.STRATEGIES, "en"), sys.argv[1]
text = made.text.replace("<body>", f'<body><script type="text/plain" id="lessons">{block}</script>')
pages.page_of = lambda *asked: replace(made, text=text)
sys.exit(main(["class", "port=0"]))
"""


class Client:
    """A connection that stays open, and a token."""

    def __init__(self, port: int, token: str = "") -> None:
        self.port = port
        self.token = token
        self.pipe: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, body: Any = None) -> tuple[int, bytes]:
        """Return the status and the body of a reply."""
        if self.pipe is None:
            self.pipe = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.pipe
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\nhost: x\r\n"
        head += f"authorization: Bearer {self.token}\r\naccept-encoding: gzip\r\n"
        head += f"content-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
        writer.write(head.encode() + data)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", answer, re.IGNORECASE)
        found = await reader.readexactly(int(length[1]) if length else 0)
        if b"connection: close" in answer.lower():
            writer.close()
            self.pipe = None
        return int(answer.split(b" ", 2)[1]), found


class Student:
    """A browser: one connection for news, one for answers."""

    def __init__(self, port: int, number: int) -> None:
        self.news, self.sends = Client(port), Client(port)
        self.number = number
        self.version = 0
        self.sent = self.told = 0.0

    async def enter(self, code: str) -> float:
        """Load the page and join; return how long it took."""
        began = time.perf_counter()
        status, page = await self.sends.ask("/page")
        assert (status, len(page) > 500_000) == (200, True), status
        _, said = await self.sends.ask("/api/join", {"code": code})
        self.news.token = self.sends.token = json.loads(said)["token"]
        await self.hear()
        return time.perf_counter() - began

    async def hear(self) -> None:
        """Wait for news."""
        status, said = await self.news.ask(f"/api/state?after={self.version}")
        assert status == 200, status
        self.version = json.loads(said)["version"]
        self.told = time.perf_counter()

    async def answer(self, number: int, value: float) -> float:
        """Answer a round's question; return how long it took."""
        self.sent = time.perf_counter()
        question = f"victims{number}"
        body = {"lesson": "load", "question": question, "kind": "number", "value": value}
        status, _ = await self.sends.ask("/api/answer", body)
        assert status == 200, status
        return time.perf_counter() - self.sent


async def played(port: int, code: str, secret: str, many: int) -> None:
    """Let a class enter, and play rounds: quietly, and while somebody floods."""
    students = [Student(port, number) for number in range(many)]
    told("page and join, all at once", await asyncio.gather(*(x.enter(code) for x in students)))
    await rounds(students, port, secret, range(ROUNDS), "")
    bad = Student(port, many)
    await bad.enter(code)
    flood = subprocess.Popen([sys.executable, __file__, "flood", str(port), bad.sends.token])
    await asyncio.sleep(2)
    await rounds(students, port, secret, range(ROUNDS, 2 * ROUNDS), ", flooded")
    flood.kill()
    flood.wait()


async def rounds(
    students: list[Student], port: int, secret: str, numbers: range, when: str
) -> None:
    """Play rounds: a step for all, an answer from all, all of them on the wall."""
    desk, hand = Client(port, secret), Client(port, secret)
    heard, taken, gathered = [], [], []
    for number in numbers:
        waiting = [asyncio.create_task(one.hear()) for one in students]
        await asyncio.sleep(0.5)
        began = time.perf_counter()
        await hand.ask("/api/control", {"action": "step", "step": number + 1})
        await asyncio.gather(*waiting)
        heard += [one.told - began for one in students]
        watching = asyncio.create_task(watched(desk, students, number))
        answers = (one.answer(number, number + 1 + one.number / 1e3) for one in students)
        taken += await asyncio.gather(*answers)
        gathered += await watching
    told(f"a step reaches a page{when}", heard)
    told(f"an answer is taken{when}", taken)
    told(f"an answer is on the desk{when}", gathered)


async def watched(desk: Client, students: list[Student], number: int) -> list[float]:
    """Return after which time each answer of a round was on the desk."""
    found: dict[int, float] = {}
    version = 0
    while len(found) < len(students):
        status, said = await desk.ask(f"/api/wall?after={version}")
        now, wall = time.perf_counter(), json.loads(said)
        assert status == 200, status
        version = wall["version"]
        for value in wall["answers"].get(f"load/victims{number}", {"values": []})["values"]:
            student = round((value - number - 1) * 1e3)
            found.setdefault(student, now - students[student].sent)
        await asyncio.sleep(DESK_PAUSE)
    return list(found.values())


def told(what: str, seconds: list[float]) -> None:
    """Print the median, the 99th percentile and the longest of some times."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    half, most = statistics.median(seconds), max(seconds)
    print(f"{what:<36} median {half:.3f} s, p99 {cuts[98]:.3f} s, longest {most:.3f} s", flush=True)


async def flood(port: int, token: str) -> None:
    """Ask as fast as it goes, as one who has joined and as one who has not."""
    body = {"lesson": "load", "question": "victims0", "kind": "number", "value": 0}

    async def again(client: Client, path: str, sent: Any) -> None:
        while True:
            try:
                await client.ask(path, sent)
            except (OSError, asyncio.IncompleteReadError):
                client.pipe = None

    await asyncio.gather(
        *(again(Client(port, token), "/api/answer", body) for _ in range(FLOODS)),
        *(again(Client(port), "/page", None) for _ in range(FLOODS)),
    )


def main(words: list[str]) -> None:
    """Start a server and play, or flood one."""
    if words[:1] == ["flood"]:
        asyncio.run(flood(int(words[1]), words[2]))
        return
    many = int(words[0]) if words else STUDENTS
    block = base64.b64encode(zlib.compress(json.dumps([LESSON]).encode())).decode()
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [sys.executable, "-c", RUN, block], stdout=subprocess.PIPE, text=True, cwd=folder
        )
        try:
            assert server.stdout is not None
            lines = []
            for line in server.stdout:
                lines.append(line)
                if line.startswith("Ctrl-C"):
                    break
            code = re.search(r"Room code\s+(\w+)", "".join(lines))
            desk = re.search(r"Instructor\s+(\S+)", "".join(lines))
            assert code
            assert desk
            address = urlsplit(desk[1])
            asyncio.run(played(int(address.port or 0), code[1], address.fragment, many))
            used = Path(f"/proc/{server.pid}/stat")
            if used.exists():
                ticks = sum(map(int, used.read_text().split()[13:15]))
                print(f"processor time of the server: {ticks / 100:.1f} s")
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
