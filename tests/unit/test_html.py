"""Pages: everything is escaped, a name that is missing is an error, drawings are well-formed."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from jinja2 import UndefinedError

from omemsim.present.html import Chip, Drawing, embedded, page

COLOURS = {"ink": "#111", "pale": "#555", "better": "#00f", "worse": "#f00"}


def drawing() -> Drawing:
    made = Drawing(400, 40, 'C1 & "more"')
    made.rectangle(1.25, 0, 10, 40, fill="#eee")
    made.line((0, 1), (2.06, 3), stroke="#111", stroke_width="5")
    made.circle(5, 6, radius=3.5, fill="red", opacity=".6")
    made.polygon([(0, 0), (1.04, 2), (3, 4)], fill="none")
    made.words(7, 8, "a < b", text_anchor="middle")
    return made


def claims(**more: object) -> str:
    claim = {
        "claim": "C1",
        "chip": Chip("emerges", "#00f", "white"),
        "asks": "Do calls <fall>?",
        "quote": "q",
        "seed": "003",
        "problems": ["<script>"],
        "drawing": drawing(),
        "numbers": [("effect", "1 & 2")],
        "note": "n",
        "how": [],
    }
    content: dict[str, object] = {
        "title": "T < U",
        "command": "omemsim claims out='a<b'",
        "caveat": "",
        "reading": "r",
        "counts": "1 claim",
        "setting": "s",
        "key": [],
        "links": [],
        "themes": [("theme", [claim])],
    }
    return page("claims.html", COLOURS, **{**content, **more})


def test_what_a_page_shows_is_escaped() -> None:
    text = claims()
    assert "<script>" not in text
    assert "Do calls &lt;fall&gt;?" in text
    assert "<title>T &lt; U</title>" in text
    assert "1 &amp; 2" in text
    assert "a&lt;b" in text


def test_a_page_without_what_its_template_asks_for_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        page("claims.html", COLOURS, title="T", command="c")


def test_a_drawing_is_svg_in_its_own_units() -> None:
    text = claims()
    svg = text[text.index("<svg") : text.index("</svg>") + 6]
    root = ElementTree.fromstring(svg)
    assert root.attrib["viewBox"] == "0 0 400 40"
    assert root.attrib["aria-label"] == 'C1 & "more"'
    tags = [(shape.tag, dict(shape.attrib)) for shape in root]
    assert tags[0] == (
        "rect",
        {"x": "1.2", "y": "0", "width": "10", "height": "40", "fill": "#eee"},
    )
    assert tags[1][1]["x2"] == "2.1"
    assert tags[1][1]["stroke-width"] == "5"
    assert tags[3][1]["points"] == "0,0 1,2 3,4"
    assert root[4].text == "a < b"


def test_a_page_stands_alone(tmp_path: Path) -> None:
    picture = tmp_path / "x.svg"
    picture.write_text("<svg/>")
    assert embedded(picture) == "data:image/svg+xml;base64,PHN2Zy8+"
    assert "http" not in claims()
    assert "<link" not in claims()
