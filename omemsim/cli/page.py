"""`omemsim export page`: a town, strategies and the model itself in one HTML file."""

from __future__ import annotations

from pathlib import Path

from omemsim.cli.frame import say_beside
from omemsim.cli.words import Words
from omemsim.vocabulary.errors import InputError

__all__ = ["OF_PAGE", "PAGE", "export_page"]

PAGE = "page"  # the word that asks for it, in place of a store
OF_PAGE = {"town", "strategies", "language", "lessons"}  # keys that are a page's alone
OTHERS = {"shape", "store", "study"}  # keys that say nothing of a page


def export_page(words: Words) -> int:
    """Write the class page.

    Raises
    ------
    InputError
        If a word says nothing of a page, or see `page.page_of`.
    """
    town = words.text("town")
    out = Path(words.own.get("out", f"omemsim-{Path(town).stem}.html")).expanduser()
    problems = [
        f"{key}= says nothing of a page: leave it out." for key in OTHERS & words.own.keys()
    ]
    if len(words.names) > 1:
        problems.append(f"`omemsim export page` takes no further word, here {words.names[1]!r}.")
    if out.suffix.lower() != ".html":
        problems.append(f"out={out}: the name must end in .html.")
    if out.is_dir():
        problems.append(f"out={out}: a folder stands there; name a file.")
    if words.values.get("strategies") == ():
        problems.append("strategies= names none: name one or more, as strategies=hot_spots,omem.")
    if problems:
        raise InputError(*sorted(problems))
    from omemsim.page import STRATEGIES, TAUGHT, page_of
    from omemsim.study.series_files import whole

    say_beside("Running the town under each strategy, and packing it ...")
    strategies = words.values.get("strategies", STRATEGIES)
    lessons = words.values.get("lessons")
    made = page_of(town, strategies, words.text("language"), lessons)
    data = made.text.encode()
    with whole(out) as path:
        path.write_bytes(data)
    size = len(data) / 1e6
    print(f"{out}: {size:.2f} MB, the model itself and {made.replicates} replicates of the town.")
    if made.scale > 1:
        print(f"One simulated resident stands for {made.scale:,.0f} real ones.")
    if made.lessons:
        print(f"Lessons: {', '.join(made.lessons)}. docs/instructor.md is for whoever gives them.")
    elif lessons is None:
        print(f"It has no lessons: those of the library are written for town={TAUGHT}.")
    print("Open it in a browser; it needs no network. Copy or mail it as it is.")
    return 0
