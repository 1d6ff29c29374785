"""One HTML file out of the small ones in `web/`, with a policy that lets nothing else in.

The files of JavaScript are modules, so that each can be read, and run by Node, by itself. A page
cannot import from itself: ``import`` and ``export`` are taken out, and each file is put behind
those that it imports.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from omemsim.language import LANGUAGES, language_of, said
from omemsim.page.words import WORDS

__all__ = ["Served", "bundled", "script", "served"]

WEB = Path(__file__).with_name("web")
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(async )?(function|class|const|let)\b)", re.MULTILINE)
# A page is read by browsers, which need neither comments nor indents. No text of a script or a
# style begins a line with a space that is seen.
COMMENT = re.compile(r"^ *//.*\n", re.MULTILINE)
INDENT = re.compile(r"^ +", re.MULTILINE)
# Nothing is loaded from anywhere. What may run is the file's own: its script and style, by their
# digests, the compiled weeks, and a worker made of its text.
POLICY = (
    "default-src 'none'; script-src {script} 'wasm-unsafe-eval'; style-src {style}; "
    "worker-src blob:; img-src data:; base-uri 'none'; form-action 'none'"
)

POLICY_OF = re.compile(r'(?<=http-equiv="Content-Security-Policy" content=")[^"]*')


class Served(NamedTuple):
    """A page for a server, and its policy."""

    text: str
    policy: str


def bundled(parts: Mapping[str, Any], starts: Sequence[str], language: str) -> str:
    """Return the whole page.

    Parameters
    ----------
    parts : by name: text as it is, all else as JSON.
    starts : towns, each as text.
    language : of `LANGUAGES`, which the page opens in.
    """
    words = {one: said(WORDS, language_of(one)) for one in LANGUAGES}
    style, main = _flush(_file("style.css")), _flush(script("main.js"))
    blocks = {
        **parts,
        "words": words,
        "worker": _flush(script("worker.js")),
        **{f"start-{number}": text for number, text in enumerate(starts)},
    }
    filled = {
        "language": language,
        "title": words[language]["title"],
        "policy": POLICY.format(script=_digest(main), style=_digest(style)),
        "style": style,
        "script": main,
        "blocks": "\n".join(_block(name, value) for name, value in blocks.items()),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: filled[found[1]], _file("page.html"))


def served(page: str, style: str, script: str, blocks: Mapping[str, Any]) -> Served:
    """Return a page with a style and a script more, which may ask the server it comes from.

    Parameters
    ----------
    page : as `bundled` made it; the file for a disk stays without all this.
    style, script : put behind the page's own.
    blocks : data for the script, by the id of its element.

    Raises
    ------
    ValueError
        If the text is no page of `bundled`.
    """
    found = POLICY_OF.search(page)
    head, middle, rest = page.partition("</head>")
    body, end, last = rest.rpartition("</body>")
    if not (found and middle and end):
        raise ValueError("this is no page")
    policy = found[0].replace("script-src ", f"script-src {_digest(script)} ", 1)
    policy = policy.replace("style-src ", f"style-src {_digest(style)} ", 1)
    policy += "; connect-src 'self'"
    head = POLICY_OF.sub(lambda _: policy, head)
    data = "\n".join(_block(name, value) for name, value in blocks.items())
    tail = f"{data}\n<script>{script}</script>\n"
    return Served(f"{head}<style>{style}</style>\n{middle}{body}{tail}{end}{last}", policy)


def script(name: str) -> str:
    """Return a file of JavaScript behind all that it imports, as one script."""
    parts: dict[str, str] = {}
    _collect(name, parts)
    return '"use strict";\n(() => {\n' + "\n".join(parts.values()) + "})();\n"


def _collect(name: str, parts: dict[str, str]) -> None:
    text = _file(name)
    for other in IMPORT.findall(text):
        if other not in parts:
            _collect(other, parts)
    parts[name] = COMMENT.sub("", EXPORT.sub("", IMPORT.sub("", text)))


def _flush(text: str) -> str:
    return INDENT.sub("", text)


def _file(name: str) -> str:
    return (WEB / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _block(name: str, value: Any) -> str:
    """Return data as an element that no browser runs; a '<' in it would end it."""
    text = value if isinstance(value, str) else _compact(value)
    kind = "text/plain" if isinstance(value, str) else "application/json"
    if isinstance(value, str) and "</script" in value.lower():
        raise ValueError(f"{name} cannot stand in a page: it has </script in it")
    safe = text if isinstance(value, str) else text.replace("<", "\\u003c")
    return f'<script type="{kind}" id="{name}">{safe}</script>'
