"""`omemsim class`: the class page on the network, a lobby, and a wall of answers."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from omemsim.cli.words import Words, read_words
from omemsim.vocabulary.errors import InputError

if TYPE_CHECKING:
    from omemsim.classroom.rooms import Classroom

__all__ = ["class_"]

NEEDED = ("starlette", "uvicorn", "segno")


def class_(args: argparse.Namespace) -> int:
    """Serve the class page until Ctrl-C.

    Raises
    ------
    InputError
        If a word is wrong, the port is taken, or the extra is missing.
    """
    words = read_words(args)
    out = _checked(words)
    from omemsim.classroom.app import asgi_of
    from omemsim.classroom.kept import Keeper
    from omemsim.classroom.pages import files_of
    from omemsim.classroom.questions import outlines_in, questions_in, scripts_in
    from omemsim.classroom.rooms import Classroom
    from omemsim.classroom.serving import address_of, bound, serve
    from omemsim.page import STRATEGIES, page_of

    with bound(words.text("host"), words.whole("port")) as held:
        print("Packing the page ...", file=sys.stderr, flush=True)
        strategies = words.values.get("strategies", STRATEGIES)
        language = words.text("language")
        lessons = words.values.get("lessons")
        page = page_of(words.text("town"), strategies, language, lessons).text
        questions, outlines = questions_in(page), outlines_in(page)
        steps = {name: len(one.steps) for name, one in outlines.items()}
        classroom = Classroom(words.whole("groups"), questions, steps, keeps=out is not None)
        address = address_of(held)
        files = files_of(page, questions, outlines, language)
        app = asgi_of(classroom, files, address, scripts_in(page))
        serve(app, held, Keeper(classroom, out), _told(classroom, address, words, out))
    return 0


def _checked(words: Words) -> Path | None:
    """Return the file for the answers, None for none; refuse what is wrong before anything runs."""
    problems = []
    if words.names:
        problems.append(f"`omemsim class` takes no bare word, here {words.names[0]!r}.")
    if words.values.get("strategies") == ():
        problems.append("strategies= names none: name one or more, as strategies=hot_spots,omem.")
    out = Path(words.own["out"]).expanduser() if "out" in words.own else None
    if out is not None and out.suffix.lower() != ".csv":
        problems.append(f"out={out}: the name must end in .csv.")
    elif out is not None and out.exists():
        problems.append(f"out={out}: is there already, perhaps with a class in it; name another.")
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        problems.append(
            f"`omemsim class` needs {', '.join(missing)}, not installed here. "
            "Install the extra: pip install 'omemsim[app]'"
        )
    if problems:
        raise InputError(*problems)
    return out


def _told(classroom: Classroom, address: str, words: Words, out: Path | None) -> Callable[[], None]:
    """Return what says, once requests are answered, where to go."""
    from omemsim.classroom.pages import DESK_PATH
    from omemsim.classroom.qr import lines_of
    from omemsim.classroom.serving import LOOPBACK
    from omemsim.classroom.wall import lobby_address

    is_alone = words.text("host") in LOOPBACK

    def tell() -> None:
        for group in classroom.groups:
            lobby = lobby_address(address, group)
            if len(classroom.groups) > 1:
                print(f"Group {group.number}")
            print(f"Room code    {group.code}")
            print(f"Students     {lobby}")
            print(f"Instructor   {address}{DESK_PATH}#{group.secret}   (for you alone)")
            if not is_alone:
                print(lines_of(lobby))
        if is_alone:
            print("Only this machine reaches it; host=0.0.0.0 opens it to the network it is in.")
        print(
            f"Answers are kept in {out}." if out else "Nothing is kept; out=FILE.csv keeps answers."
        )
        print("Ctrl-C ends the class.", flush=True)

    return tell
