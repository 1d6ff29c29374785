"""Runs the server: its port, its deadlines, how many connections an address may hold, its end.

uvicorn waits for a request's head as long as it takes, and lets in as many as come: one visitor
could use up all connections. `_Guarded` gives each request `HEAD_SECONDS` and each address
`MOST_CONNECTIONS`.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import importlib
import logging
import socket
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from omemsim.classroom.kept import Keeper
from omemsim.vocabulary.errors import InputError

__all__ = ["ALL", "LOOPBACK", "address_of", "bound", "serve", "server_of"]

ALL = ("0.0.0.0", "::")  # every address that the machine has
LOOPBACK = ("127.0.0.1", "::1", "localhost")
HEAD_SECONDS = 10.0  # for a request's head to come, and for what is left of a body that is refused
KEEP_SECONDS = 15  # that an idle connection stays open
MOST_CONNECTIONS = 400  # of one address, behind which a class may sit
MOST_OF_ALL = 2_000
SPARE_FILES = 100  # that the process needs besides connections
KEEP_EVERY = 2.0  # seconds between writings of the file of answers
LAST_WORDS = 2  # seconds for answers that are on their way when the server stops


class _Doors:
    """Counts the connections of each address."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.open: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        is_free = self.open[address] < MOST_CONNECTIONS and self.open.total() < self.most
        self.open[address] += 1  # also of one that is sent away: it leaves like any other
        return is_free

    def leave(self, address: str) -> None:
        self.open[address] -= 1
        if self.open[address] <= 0:
            del self.open[address]


class _Guarded(H11Protocol):
    """A connection that is closed where nothing whole is asked in time, or there are too many."""

    def __init__(self, doors: _Doors, **given: Any) -> None:
        super().__init__(**given)
        self.doors = doors
        self.deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self.doors.enter(self._address):
            self._expect()
        else:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        else:
            self._expect()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self.doors.leave(self._address)
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        # What is no HTTP is not answered: an answer may be on its way, which uvicorn would break.
        del msg
        if self.cycle is not None:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.abort()

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def _expect(self) -> None:
        if self.deadline is None:
            self.deadline = asyncio.get_running_loop().call_later(HEAD_SECONDS, self._late)

    def _late(self) -> None:
        self.transport.abort()

    def _stop_waiting(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None


class _Server(uvicorn.Server):
    """A server that says when it is ready, keeps answers meanwhile, and lets all go at its end."""

    def __init__(self, config: uvicorn.Config, keeper: Keeper, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.keeper = keeper
        self.ready = ready
        self._kept = 0.0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready()

    async def on_tick(self, counter: int) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self._kept >= KEEP_EVERY:
            self._kept = now
            self.keeper.keep()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.keeper.classroom.end()
        await super().shutdown(sockets)


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that holds a port, which nobody can reach before it is served.

    Raises
    ------
    InputError
        If the machine has no such address, or the port is taken.
    """
    try:
        family, kind, number, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        held = socket.socket(family, kind, number)
    except OSError as error:
        raise InputError(_no_such(host)) from error
    try:
        if sys.platform != "win32":  # where it would share a port that is in use
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(where)
    except PermissionError as error:
        held.close()
        raise InputError(f"port={port}: is for administrators; name 1024 or more.") from error
    except OSError as error:
        held.close()
        raise InputError(_refused(host, port, error)) from error
    return held


def _refused(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port={port}: another program uses it. Name another one, as port={port % 60_000 + 1}, "
            "or port=0 for any that is free."
        )
    return _no_such(host)


def _no_such(host: str) -> str:
    return (
        f"host={host}: this machine has no such address. Leave host= out for this machine alone, "
        "or write host=0.0.0.0 for the network it is in."
    )


def address_of(held: socket.socket) -> str:
    """Return the address by which others reach a socket, as "http://192.0.2.7:8000"."""
    host, port = held.getsockname()[:2]
    if host in ALL:
        host = _own_address(held.family)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _own_address(family: int) -> str:
    """Return the machine's address in its network: the one by which it would reach another."""
    outside = "2001:db8::1" if family == socket.AF_INET6 else "192.0.2.1"  # of documentation
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as asking:
        asking.connect((outside, 9))  # sends nothing: it only chooses the way
        return str(asking.getsockname()[0])
    return socket.gethostname()


def serve(app: Any, held: socket.socket, keeper: Keeper, ready: Callable[[], None]) -> None:
    """Serve until somebody stops it; then the signal that did is raised again.

    Parameters
    ----------
    app, keeper, ready : as for `server_of`.
    held : the socket.

    Raises
    ------
    KeyboardInterrupt
        When it is stopped; says what was kept.
    """
    # asyncio warns of each connection that breaks while it is written to, as phones break many.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    try:
        server_of(app, keeper, ready).run(sockets=[held])
    except KeyboardInterrupt as stop:
        stop.args = (keeper.told(),)
        raise


def server_of(app: Any, keeper: Keeper, ready: Callable[[], None]) -> uvicorn.Server:
    """Return a server that is not running yet.

    Parameters
    ----------
    app : the application.
    keeper : of the answers.
    ready : is called when requests are answered.
    """
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http=functools.partial(_Guarded, _Doors(_most_connections())),  # type: ignore[arg-type]
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,  # anybody could claim another's address
        server_header=False,
        timeout_keep_alive=KEEP_SECONDS,
        timeout_graceful_shutdown=LAST_WORDS,
    )
    return _Server(config, keeper, ready)


def _most_connections() -> int:
    """Return how many connections the process may hold, after asking for more files if it can."""
    try:
        resource = importlib.import_module("resource")
    except ImportError:  # Windows, which counts otherwise
        return MOST_OF_ALL
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_OF_ALL + SPARE_FILES
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
        soft = limit
    return MOST_OF_ALL if soft == resource.RLIM_INFINITY else min(MOST_OF_ALL, soft - SPARE_FILES)
