"""How Sphinx makes the documentation site of omemsim: `make docs`."""

import os
import re
import shutil
from pathlib import Path

import omemsim

HERE = Path(__file__).parent
ROOT = HERE.parent

project = "omemsim"
author = "The omemsim authors"
copyright = author
version = release = omemsim.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "**/sg_execution_times.rst"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
# A block without a language is a shell's or a formula: neither is to be coloured as Python.
highlight_language = "none"

autodoc_typehints = "none"  # docstrings say what is taken, in words
autodoc_member_order = "bysource"
numpydoc_show_class_members = False

# Pages that stand in the repository's own folder, where people look for them.
FROM_ROOT = {"changelog": "CHANGELOG.md", "contributing": "CONTRIBUTING.md"}
LIVE = HERE / "_static" / "town.html"

# The numbered scripts take minutes to hours: pages show the figures that `make experiments` left
# beside them. OMEMSIM_RUN_EXPERIMENTS=1 has them run while the site is made.
EXPERIMENTS = ROOT / "experiments"
sphinx_gallery_conf = {
    "examples_dirs": str(EXPERIMENTS),
    "gallery_dirs": "experiments",
    "filename_pattern": r"/\d\d_[^/]*\.py$",
    "ignore_pattern": r"(^|/)(?!\d\d_)[^/]*\.py$",
    "plot_gallery": os.environ.get("OMEMSIM_RUN_EXPERIMENTS", "") == "1",
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1e9,
    "within_subsection_order": "FileNameSortKey",
    "copyfile_regex": r"a^",
}

# It means the whole path, so that a checkout in a folder with a space would fail.
suppress_warnings = ["sphinx_gallery.space_in_filename"]

html_theme = "pydata_sphinx_theme"
html_title = "omemsim"
html_static_path = ["_static"]
html_css_files = ["omemsim.css"]
# Pages of the top level have no other page beside them.
ALONE = (
    *("install", "commands", "python", "reference", "limits", "glossary", "sources"),
    *("architecture", "performance", "building", "webassembly", "contributing", "changelog"),
)
html_sidebars = {page: [] for page in ALONE}
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "show_prev_next": True,
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_toc_level": 2,
    "navigation_depth": 2,
    "header_links_before_dropdown": 5,
    # Nothing is fetched from elsewhere while the site is made or read.
    "use_edit_page_button": False,
}


def figure_of(name: str) -> Path | None:
    """Return the figure that an experiment left, if there is one."""
    drawn = [EXPERIMENTS / "figures" / f"{name}.{ending}" for ending in ("svg", "png")]
    return next((path for path in drawn if path.is_file()), None)


def shown_of(name: str) -> Path | None:
    """Return the copy of an experiment's figure that pages show, if there is one."""
    figure = figure_of(name)
    if figure is None:
        return None
    shown = HERE / "experiments" / "images" / figure.name
    shown.parent.mkdir(parents=True, exist_ok=True)
    return shutil.copyfile(figure, shown)


def thumbnail(found: re.Match[str]) -> str:
    """Return what the list of experiments shows of one: its figure, or the empty picture."""
    figure = shown_of(found[1])
    return f"images/{figure.name}" if figure else found[0]


def show_figure(app, docname: str, source: list[str]) -> None:
    """Put the figure of an experiment under its title, since the script does not run here."""
    folder, _, name = docname.rpartition("/")
    if folder != "experiments":
        return
    if name == "index":
        source[0] = re.sub(r"images/thumb/sphx_glr_(\w+)_thumb\.png", thumbnail, source[0])
    figure = shown_of(name)
    if figure is None:
        return
    lines = source[0].splitlines()
    under = next(i for i, line in enumerate(lines) if line and not line.strip("=")) + 1
    picture = ["", f".. image:: images/{figure.name}", "   :alt: What the script draws", ""]
    source[0] = "\n".join([*lines[:under], *picture, *lines[under:]])


def take_from_root(app, docname: str, source: list[str]) -> None:
    """Show a page of the repository's own folder; its links lead to pages of this one."""
    if docname in FROM_ROOT:
        text = (ROOT / FROM_ROOT[docname]).read_text(encoding="utf-8")
        source[0] = re.sub(r"\]\(docs/", "](", text)
    back = "../" * docname.count("/")
    for page, name in FROM_ROOT.items():
        source[0] = re.sub(rf"\]\((\.\./)*{name}\)", f"]({back}{page}.md)", source[0])
    source[0] = re.sub(r"\]\((\.\./)*README\.md\)", f"]({back}index.md)", source[0])


def list_class_pages(app, docname: str, source: list[str]) -> None:
    """List every page for classes that there is, without naming each."""
    if docname == "howto/index":
        starts = ("class_", "instructor", "lesson", "accessibility")
        found = sorted(path.stem for path in HERE.glob("*.md") if path.stem.startswith(starts))
        listed = "".join(f"../{name}\n" for name in found)
        source[0] = source[0].replace("../class_page\n", listed)


def embed_page(app, docname: str, source: list[str]) -> None:
    """Embed the page for classes, live, where the tutorial's walk has made it."""
    if LIVE.is_file():
        frame = (
            "```{raw} html\n"
            '<iframe src="../_static/town.html" title="The page for classes" loading="lazy" '
            'class="live-page"></iframe>\n```\n'
        )
        source[0] = source[0].replace("<!-- live page -->", frame)


def part_name_and_text(app, what, name, thing, options, lines: list[str]) -> None:
    """Put what our docstrings say after "name : " below the name, where numpydoc wants it."""
    described = False
    parted = []
    for number, line in enumerate(lines):
        if number + 1 < len(lines) and re.fullmatch("-{3,}", lines[number + 1]):
            described = line in ("Parameters", "Attributes")
        found = re.fullmatch(r"(\*{0,2}\w[\w., *]*?) : (.+)", line) if described else None
        parted += [found[1], f"    {found[2]}"] if found else [line]
    lines[:] = parted


def setup(app) -> None:
    """Connect what is done while pages are read."""
    for change in (show_figure, take_from_root, list_class_pages, embed_page):
        app.connect("source-read", change)
    app.connect("autodoc-process-docstring", part_name_and_text, priority=100)  # before numpydoc
