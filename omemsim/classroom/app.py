"""What the class server answers: files made beforehand, and a few questions in JSON.

Students and instructors are known by a token in the header of a request, so that no other page can
ask in their name, and no cookie is needed. What is asked is bounded in size (`incoming`), in time
(`BODY_SECONDS`, `SEND_SECONDS`) and in number (`limits`), for each token and for each address.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from types import MappingProxyType
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from omemsim.classroom.incoming import (
    MOST_BYTES,
    Refused,
    answer_in,
    code_in,
    control_in,
    place_in,
)
from omemsim.classroom.kept import csv_of
from omemsim.classroom.limits import Limit
from omemsim.classroom.rooms import Classroom, Committed, Full, Group, Student
from omemsim.classroom.served import POLICY, File
from omemsim.classroom.wall import told_to_students, wall_of

__all__ = ["asgi_of"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BODY_SECONDS = 5.0  # for all of a body to come
SEND_SECONDS = 120.0  # for all of an answer to be taken: the page, on a slow network
STUDENT_WAITS, INSTRUCTOR_WAITS = 20.0, 5.0  # seconds that a question for news stays open
PART = 65_536  # bytes sent at a time: no more is buffered for somebody who reads slowly
# Requests at once, and per second after that. A whole class may sit behind one address, and enter
# at once; whoever has joined is counted alone, so that no neighbour can use up what is theirs.
OF_ADDRESS = (600.0, 100.0)
OF_STUDENT = (30.0, 5.0)
OF_INSTRUCTOR = (60.0, 20.0)  # who may have the desk open on a few screens
PENALTY = 1.0  # seconds before somebody who asks too often is told so
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_VERSION = re.compile(r"\d{1,12}", re.ASCII)


class _Desk:
    """Answers requests; holds the class, and counts how often each asks."""

    def __init__(
        self,
        classroom: Classroom,
        files: Mapping[str, File],
        address: str,
        scripts: Mapping[str, Any],
    ) -> None:
        self.classroom = classroom
        self.scripts = scripts
        self.files = files
        self.address = address
        self.students = Limit(*OF_STUDENT)
        self.instructors = Limit(*OF_INSTRUCTOR)
        self.addresses = Limit(*OF_ADDRESS)

    # ---- files

    async def file(self, request: Request) -> Response:
        file = self.files[request.scope["path"]]  # the URL is made with a Host that anybody writes
        headers = {
            "content-security-policy": file.policy,
            "cache-control": "no-cache",
            "etag": file.etag,
            "vary": "accept-encoding",
        }
        if request.headers.get("if-none-match") == file.etag:
            return Response(status_code=304, headers=headers)
        body = file.body
        if "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["content-encoding"] = file.packed, "gzip"
        headers["content-length"] = str(len(body))
        return StreamingResponse(_parts(body), headers=headers, media_type=file.kind)

    # ---- students

    async def join(self, request: Request) -> Response:
        group = self.classroom.by_code(code_in(await _body(request)))
        if group is None:
            raise Refused(404, "code")
        try:
            token = group.join(_address(request.scope), _token(request))
            return JSONResponse({"token": token, "code": group.code})
        except Full:
            raise Refused(503, "full") from None

    async def state(self, request: Request) -> Response:
        group, _ = self._student(request)
        version = await group.told.newer(_after(request), STUDENT_WAITS)
        self._student(request)  # who was sent away meanwhile is told so
        return JSONResponse(told_to_students(group, version, is_over=self.classroom.is_over))

    async def answer(self, request: Request) -> Response:
        group, student = self._student(request)
        answer = answer_in(await _body(request), group.questions)
        self._student(request)
        try:
            group.answer(student, answer)
        except Committed:
            raise Refused(409, "committed") from None
        return JSONResponse({"answered": len(student.answers)})

    async def place(self, request: Request) -> Response:
        group, student = self._student(request)
        place = place_in(await _body(request), group.steps)
        self._student(request)
        group.move(student, place)
        return JSONResponse({})

    async def leave(self, request: Request) -> Response:
        group, student = self._student(request)
        group.leave(student)
        return JSONResponse({})

    # ---- instructors

    async def wall(self, request: Request) -> Response:
        group = self._instructor(request)
        after = _after(request)
        await group.wall.newer(after, INSTRUCTOR_WAITS)
        return JSONResponse(wall_of(group, after, self.address, is_over=self.classroom.is_over))

    async def control(self, request: Request) -> Response:
        group = self._instructor(request)
        asked = control_in(await _body(request), group.steps)
        if asked.action in ("pause", "go"):
            group.pause(asked.action == "pause")
        elif asked.step is not None:
            group.go_to(asked.step, asked.lesson)
        else:
            group.reset(for_others=asked.action == "next")
        return JSONResponse({"version": group.wall.version})

    async def script(self, request: Request) -> Response:
        self._instructor(request)
        return JSONResponse(self.scripts)

    async def answers(self, request: Request) -> Response:
        group = self._instructor(request)
        headers = {"content-disposition": 'attachment; filename="answers.csv"'}
        return Response(csv_of(group.answers()), headers=headers, media_type="text/csv")

    # ---- who asks

    def allows(self, request: Request) -> bool:
        """Count a request; return whether it may be answered, or its sender asks too often.

        Students and instructors are counted by their token whatever they ask for, all others by
        their address.
        """
        token = _token(request)
        if self.classroom.student(token) is not None:
            return self.students.allows(token)
        if self.classroom.by_secret(token) is not None:
            return self.instructors.allows(token)
        return self.addresses.allows(_address(request.scope))

    def _student(self, request: Request) -> tuple[Group, Student]:
        found = self.classroom.student(_token(request))
        if found is None:
            raise Refused(401, "token")
        found[1].seen = time.monotonic()
        return found

    def _instructor(self, request: Request) -> Group:
        group = self.classroom.by_secret(_token(request))
        if group is None:
            raise Refused(401, "token")
        return group


class _Gate:
    """Stands before everything: refuses who asks too often, ends slow requests, adds headers."""

    def __init__(self, app: Starlette, desk: _Desk) -> None:
        self.app = app
        self.desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _with_headers(message["headers"])}
            await send(message)

        app: Any = self.app
        if not self.desk.allows(Request(scope)):
            await asyncio.sleep(PENALTY)
            app = _refused(Refused(429, "often"))
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await app(scope, receive, guarded)
        except (TimeoutError, ClientDisconnect):
            return None  # the connection is closed with the answer unfinished
        return None


def asgi_of(
    classroom: Classroom,
    files: Mapping[str, File],
    address: str,
    scripts: Mapping[str, Any] = MappingProxyType({}),
) -> Any:
    """Return the application that a server runs.

    Parameters
    ----------
    classroom : its groups.
    files : what is sent for each path, as "/page".
    address : of the server as students reach it, as "http://192.0.2.7:8000".
    scripts : what instructors alone are told of each step, by lesson.
    """
    desk = _Desk(classroom, files, address, scripts)
    app = Starlette(
        routes=[
            *(Route(path, desk.file) for path in files),
            Route("/api/join", desk.join, methods=["POST"]),
            Route("/api/state", desk.state),
            Route("/api/answer", desk.answer, methods=["POST"]),
            Route("/api/place", desk.place, methods=["POST"]),
            Route("/api/leave", desk.leave, methods=["POST"]),
            Route("/api/wall", desk.wall),
            Route("/api/script", desk.script),
            Route("/api/control", desk.control, methods=["POST"]),
            Route("/api/answers.csv", desk.answers),
        ],
        exception_handlers={Refused: _on_refused},
    )
    app.router.redirect_slashes = False  # it would send people to whatever Host they claim
    return _Gate(app, desk)


async def _on_refused(request: Request, refused: Exception) -> Response:
    del request
    assert isinstance(refused, Refused)
    return _refused(refused)


def _refused(refused: Refused) -> Response:
    # The rest of its body is not read: the connection ends with the answer.
    headers = {"connection": "close"}
    if refused.status == 429:
        headers["retry-after"] = "2"
    return JSONResponse({"error": refused.reason}, refused.status, headers)


def _with_headers(given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    usual = {"content-security-policy": POLICY, "cache-control": "no-store", **HEADERS}
    there = {name for name, _ in given}
    added = {name.encode(): value.encode() for name, value in usual.items()}
    return [*given, *((name, value) for name, value in added.items() if name not in there)]


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _token(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token if kind == "Bearer" and len(token) <= 64 else ""


def _after(request: Request) -> int:
    text = request.query_params.get("after", "0")
    if not _VERSION.fullmatch(text):
        raise Refused(422, "after")
    return int(text)


async def _body(request: Request) -> bytes:
    """Return a body of JSON, if it is short and comes in time."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Refused(415, "type")
    length = request.headers.get("content-length", "0")
    if not _VERSION.fullmatch(length) or int(length) > MOST_BYTES:
        raise Refused(413, "size")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > MOST_BYTES:
                    raise Refused(413, "size")
    except TimeoutError:
        raise Refused(408, "slow") from None
    return bytes(body)


async def _parts(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), PART):
        yield body[at : at + PART]
