"""Compile in processes side by side, into the cache.

Each finds the parts for itself and is told which to do next by the file that will keep it. They
are no children of `multiprocessing`: so nobody's script is run again, and Ctrl-C reaches only the
process that waits, which ends them. They end by themselves where it is killed.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any

from omemsim.compiling.progress import Silent, shown

if TYPE_CHECKING:
    from omemsim.compiling.parts import Part

__all__ = ["Lost", "compile_side_by_side", "parts_of"]

DONE = "done"
SERVE = """
import sys
sys.path[:] = {path!r}
from omemsim.compiling.processes import serve
serve({parts!r})
"""


class Lost(Exception):
    """A process ended too early, or cannot keep what it compiles."""


def parts_of(name: str) -> list[Part]:
    """Return what a function gives that is named as ``module:function``."""
    module, _, function = name.partition(":")
    parts: list[Part] = getattr(importlib.import_module(module), function)()
    return parts


def compile_side_by_side(parts: str, processes: int, *, is_shown: bool) -> list[str]:
    """Compile what the cache lacks; return the names of the files of all parts.

    Parameters
    ----------
    parts : names the function that returns them, the same ones in every process.
    processes : to start, 1 or more.
    is_shown : whether progress is shown on standard error.

    Raises
    ------
    Lost
        If it cannot be done in this way: no process can be started, or none can keep its work.
    """
    with contextlib.ExitStack() as ending:
        heard: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        started = time.monotonic()
        orders = [
            ending.enter_context(_process(parts, number, heard)) for number in range(processes)
        ]
        found = _next(heard)[1]
        missing = deque((file, seconds) for file, seconds, is_kept in found if not is_kept)
        seconds = [seconds for _, seconds in missing]
        progress = shown(seconds, processes=processes, is_shown=is_shown, started=started)
        ending.callback(progress.close)
        _hand_out(orders, heard, missing, progress)
        return [file for file, _, _ in found]


def _hand_out(
    orders: Sequence[IO[bytes]],
    heard: queue.SimpleQueue[tuple[int, Any]],
    missing: deque[tuple[str, float]],
    progress: Silent,
) -> None:
    """Give every process one part after the other until none is missing."""
    under_way: dict[int, float] = {}  # seconds, by process
    while missing or under_way:
        for who, process in enumerate(orders):
            if missing and who not in under_way:
                file, under_way[who] = missing.popleft()
                _order(process, file)
        who, what = _next(heard, progress)
        if what == DONE:  # else it says what the parts are, which is known; its order waits for it
            progress.add(under_way.pop(who))


def _order(process: IO[bytes], file: str) -> None:
    try:
        process.write(f"{file}\n".encode())
        process.flush()
    except OSError as error:
        raise Lost from error


def _next(
    heard: queue.SimpleQueue[tuple[int, Any]], progress: Silent | None = None
) -> tuple[int, Any]:
    """Return who says what next; what stops saying anything is lost."""
    while True:
        try:
            who, what = heard.get(timeout=1.0)
        except queue.Empty:
            if progress is not None:
                progress.beat()
            continue
        if what is None:
            raise Lost
        return who, what


@contextlib.contextmanager
def _process(
    parts: str, number: int, heard: queue.SimpleQueue[tuple[int, Any]]
) -> Iterator[IO[bytes]]:
    """Start a process and give what its orders are written to; end it in the end."""
    path = [entry for entry in sys.path if isinstance(entry, str)]
    code = SERVE.format(path=path, parts=parts)
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **_apart(),
        )
    except (OSError, ValueError) as error:
        raise Lost from error
    assert process.stdin is not None
    assert process.stdout is not None
    listener = threading.Thread(target=_listen, args=(number, process.stdout, heard), daemon=True)
    listener.start()
    try:
        yield process.stdin
    finally:
        process.kill()
        process.wait()
        listener.join()
        process.stdout.close()
        with contextlib.suppress(OSError):
            process.stdin.close()


def _apart() -> dict[str, Any]:
    """Return what keeps Ctrl-C on the terminal from a process that is started."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"process_group": 0}


def _listen(number: int, said: IO[bytes], heard: queue.SimpleQueue[tuple[int, Any]]) -> None:
    with contextlib.suppress(OSError, ValueError):
        for line in said:
            heard.put((number, json.loads(line)))
    heard.put((number, None))


def serve(name: str) -> None:
    """Say what the parts are; compile those that are asked for (in a process of its own)."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else is printed is no answer
    orders: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_take_orders, args=(orders,), daemon=True).start()
    parts = {part.file: part for part in parts_of(name)}
    found = [(file, part.seconds, part.is_kept) for file, part in parts.items()]
    print(json.dumps(found), file=answers, flush=True)
    while True:
        part = parts[orders.get()]
        part.compile()
        if not part.is_kept:
            os._exit(1)  # to go on would be in vain
        print(json.dumps(DONE), file=answers, flush=True)


def _take_orders(orders: queue.SimpleQueue[str]) -> None:
    """Pass orders on; leave when whoever gives them has gone."""
    for line in sys.stdin:
        orders.put(line.strip())
    os._exit(0)
