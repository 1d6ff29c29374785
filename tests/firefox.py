"""A Firefox that is installed, driven by its own protocol (Marionette) over a plain socket.

Playwright drives only a Firefox of its own making, and Debian has no geckodriver; but Firefox
itself listens to whoever starts it with ``--marionette``. A message is its length, a colon, JSON.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NAMES = ("firefox-esr", "firefox")
FIREFOX = next((path for path in map(shutil.which, NAMES) if path), None)
PATIENCE = 120.0  # seconds that a start, a page or a script may take
# A port that is free.
PREFERENCES = {"marionette.port": 0}

needs_firefox = pytest.mark.skipif(
    FIREFOX is None, reason="no Firefox (Debian: apt install firefox-esr)"
)


class Firefox:
    """A browser that opens pages and runs scripts in them."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.rest, self.asked = b"", 0
        self._message()  # a greeting
        self.ask("WebDriver:NewSession", capabilities={})
        self.ask("WebDriver:SetTimeouts", script=int(1000 * PATIENCE))

    def ask(self, command: str, **given: Any) -> Any:
        """Return the answer to a command."""
        self.asked += 1
        text = json.dumps([0, self.asked, command, given]).encode()
        self.socket.sendall(b"%d:%s" % (len(text), text))
        _, number, error, answer = self._message()
        assert number == self.asked
        if error:
            raise RuntimeError(f"{command}: {error['error']}: {error['message']}")
        return answer

    def open(self, path: Path) -> None:
        """Open a file, and wait until its engine is chosen."""
        self.ask("WebDriver:Navigate", url=path.as_uri())
        ready = """
            while (!document.body.dataset.engine)
              await new Promise((keep) => setTimeout(keep, 50));
        """
        self.run(ready)

    def run(self, script: str, *given: Any) -> Any:
        """Return what the body of an asynchronous function returns in the page.

        Parameters
        ----------
        script : its arguments are ``given``.
        given : plain JSON types.
        """
        text = f"""
            const done = arguments[arguments.length - 1], given = [...arguments].slice(0, -1);
            (async (...given) => {{ {script} }})(...given).then(
              (value) => done({{ value }}), (error) => done({{ error: String(error) }}));
        """
        said = self.ask("WebDriver:ExecuteAsyncScript", script=text, args=list(given))["value"]
        if "error" in said:
            raise RuntimeError(said["error"])
        return said.get("value")

    def _message(self) -> Any:
        while b":" not in self.rest:
            self.rest += self._more()
        size, _, self.rest = self.rest.partition(b":")
        parts, wanted = [self.rest], int(size) - len(self.rest)
        while wanted > 0:
            parts.append(self._more())
            wanted -= len(parts[-1])
        whole = b"".join(parts)
        self.rest = whole[int(size) :]
        return json.loads(whole[: int(size)])

    def _more(self) -> bytes:
        found = self.socket.recv(1 << 20)
        if not found:
            raise RuntimeError("Firefox has closed the connection")
        return found


@contextmanager
def started(profile: Path) -> Iterator[Firefox]:
    """Give a Firefox without a window, with a profile of its own.

    Parameters
    ----------
    profile : an empty folder.
    """
    lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines), encoding="utf-8")
    command = [str(FIREFOX), "--headless", "--no-remote", "--marionette", "--profile", str(profile)]
    with (profile / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            browser = Firefox(_port(profile, process))
            yield browser
            browser.socket.close()
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _port(profile: Path, process: subprocess.Popen[bytes]) -> int:
    """Return where Firefox listens, once it does."""
    path, until = profile / "MarionetteActivePort", time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if path.exists() and (text := path.read_text(encoding="utf-8")):
            return int(text)
        if process.poll() is not None:
            break
        time.sleep(0.1)
    told = (profile / "said.txt").read_text(encoding="utf-8", errors="replace")
    raise RuntimeError(f"Firefox did not start: {told}")
