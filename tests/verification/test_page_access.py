"""The class page for people who see, move or read differently: WCAG 2.2 as far as tests go."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from axe import violations
from pages import needs_browser, opened

pytestmark = needs_browser
COLOURS = ("#8f1d1d", "#f0b429", "#3fa07a", "#173f7a")
ZONES = ("red", "amber", "green", "blue")
WEEKS = 52


def a_year(page: Any) -> None:
    for _ in range(WEEKS // 4):
        page.click("#step")
    page.wait_for_function("() => /12$/.test(document.getElementById('month').textContent)")


def compared(page: Any) -> None:
    page.click("#to-compare")
    page.wait_for_selector("#difference:not([hidden])")


def in_all_towns(page: Any) -> None:
    page.click("#twenty")
    done = "() => document.querySelectorAll('#difference [data-of=dots] tbody tr').length === 20"
    page.wait_for_function(done, timeout=60_000)


def open_tables(page: Any) -> None:
    page.eval_on_selector_all("details.table", "all => all.forEach((one) => (one.open = true))")
    page.wait_for_timeout(100)  # until they are filled


@pytest.mark.parametrize("width", [1366, 390])
def test_axe_finds_nothing_in_either_mode_or_language(
    chromium: Any, file: Path, width: int
) -> None:
    with opened(chromium, file, viewport={"width": width, "height": 768}) as page:
        a_year(page)
        found = {}
        for language in ("en", "fr"):
            assert page.get_attribute("html", "lang") == language
            page.click("#to-explore")
            open_tables(page)
            found[language, "explore"] = violations(page)
            page.locator(".map button:visible").first.click()
            page.wait_for_selector("#detail[open]")
            found[language, "detail"] = violations(page)
            page.click("#close")
            compared(page)
            if language == "en":
                in_all_towns(page)
            open_tables(page)
            found[language, "compare"] = violations(page)
            page.click("#language")
        assert [one for all_ in found.values() for one in all_] == []
        assert len(found) == 6


def test_axe_sees_what_is_wrong(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        page.evaluate("document.getElementById('speed').removeAttribute('aria-label')")
        assert violations(page) == ["select-name: ['#speed']"]


# --- Keys only ---------------------------------------------------------------------------------


def reach(page: Any, selector: str) -> None:
    """Press Tab until an element has the focus."""
    is_there = "s => document.activeElement === document.querySelector(s)"
    for _ in range(120):
        if page.evaluate(is_there, selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached")


def test_keys_alone_compare_two_strategies_and_undo_a_change(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        reach(page, "#to-compare")
        page.keyboard.press("Space")
        page.wait_for_selector("#difference:not([hidden])")
        reach(page, "#arm-0")
        page.keyboard.press("ArrowRight")
        reach(page, "#strategy")
        page.keyboard.press("ArrowUp")
        page.wait_for_selector(".head:has-text('B: Mobilization everywhere')")
        reach(page, "#allocation")
        page.keyboard.press("ArrowDown")
        page.wait_for_selector("#more li")
        reach(page, "#step")
        for _ in range(4):
            page.keyboard.press("Enter")
        page.wait_for_function("() => /3$/.test(document.getElementById('month').textContent)")
        reach(page, "#undo")
        page.keyboard.press("Enter")
        page.wait_for_selector("#more li", state="detached")
        reach(page, "#twenty")
        page.keyboard.press("Enter")
        page.wait_for_selector("#difference [data-of=dots]")
        reach(page, "#code")
        assert "3" in page.inner_text("#month")


def test_tab_goes_round_the_whole_page_and_nothing_hides_what_has_the_focus(
    chromium: Any, file: Path
) -> None:
    with opened(chromium, file, viewport={"width": 320, "height": 256}) as page:
        seen = []
        for _ in range(200):
            page.keyboard.press("Tab")
            one = page.evaluate(FOCUSED)
            if one is None:
                break
            seen.append(one["name"])
            assert one["seen"], one["name"]
        assert one is None  # back at the browser's own keys: no trap
        assert {"to-explore", "play", "view", "mix-0", "happen", "code", "copy"} <= set(seen)


# What has the focus, and whether its middle or a corner of it can be seen.
FOCUSED = """
() => {
  const one = document.activeElement;
  if (one === document.body) return null;
  const { left, right, top, bottom } = one.getBoundingClientRect();
  const name = one.id || one.textContent, shown = one.closest(".zones label") ?? one;
  const middle = [(left + right) / 2, (top + bottom) / 2];
  const points = [middle, [left + 2, top + 2], [right - 2, bottom - 2]];
  const seen = points.some(([x, y]) => {
    const found = document.elementFromPoint(x, y);
    return found && (shown.contains(found) || found.contains(shown));
  });
  return { name, seen };
}
"""


# --- Zoom, colours, motion, sliders --------------------------------------------------------------


def test_at_400_percent_everything_reflows(chromium: Any, file: Path) -> None:
    # 1280 x 1024 at 400%: 320 x 256 pixels of CSS (WCAG 1.4.10).
    screen = {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 4}
    with opened(chromium, file, **screen) as page:
        a_year(page)
        for mode in ("#to-explore", "#to-compare"):
            page.click(mode)
            page.wait_for_timeout(100)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
            # Letters of a picture are as large as on a wide screen: it is drawn anew, not shrunk.
            tick = page.locator(".shares svg .tick:visible").first.bounding_box()
            assert tick["height"] >= 11
        in_all_towns(page)
        assert page.evaluate(CUT) == []


# Texts of pictures that reach beyond their picture, which cuts them.
CUT = """
() => [...document.querySelectorAll("figure svg text")].filter((one) => {
  const mine = one.getBBox(), { x, width } = one.ownerSVGElement.viewBox.baseVal;
  return mine.width && (mine.x < x - 1 || mine.x + mine.width > x + width + 1);
}).map((one) => one.textContent)
"""


def test_larger_text_enlarges_the_pictures_too(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        tick = page.locator(".shares svg .tick").first
        before = tick.bounding_box()["height"]
        page.click("#larger")
        assert tick.bounding_box()["height"] == pytest.approx(1.25 * before, rel=0.05)


def test_forced_colours_leave_zones_and_pressed_buttons_to_be_told_apart(
    chromium: Any, file: Path
) -> None:
    colour = "one => getComputedStyle(one).backgroundColor"
    with opened(chromium, file, forced_colors="active") as page:
        assert page.evaluate("matchMedia('(forced-colors: active)').matches")
        zones = page.eval_on_selector_all(
            ".map button:visible",
            "all => all.map((b) => [b.className, getComputedStyle(b).backgroundColor])",
        )
        assert len({drawn for _, drawn in zones}) == len({zone for zone, _ in zones}) >= 3
        pressed, other = (page.eval_on_selector(x, colour) for x in ("#to-explore", "#to-compare"))
        assert pressed != other


@pytest.mark.parametrize(("motion", "least", "most"), [("reduce", 1, 3), ("no-preference", 4, 500)])
def test_whoever_wants_little_motion_sees_a_picture_a_second(
    chromium: Any, file: Path, motion: str, least: int, most: int
) -> None:
    count = """
    () => new Promise((keep) => {
      let many = 0;
      new MutationObserver(() => many++).observe(
        document.querySelector(".shares"), { childList: true });
      document.getElementById("play").click();
      setTimeout(() => keep(many), 2500);
    })
    """
    with opened(chromium, file, reduced_motion=motion) as page:
        assert least <= page.evaluate(count) <= most
        assert page.evaluate("document.getElementById('view').max") >= "20"  # 13 weeks a second


def test_every_slider_says_its_value_in_words(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        page.click("#language")
        said = page.eval_on_selector_all(
            "input[type=range]", "all => all.map((one) => one.getAttribute('aria-valuetext'))"
        )
        assert len(said) == 1 + 18 + 4  # the week, tactics, uses of money
        assert said[0] == "Mois 0"
        assert all(re.fullmatch(r"\d+\s%; il [a-z]+ \d+\s%", text) for text in said[1:])


# --- A table behind each picture, equal to it ----------------------------------------------------

# What is drawn, in numbers: shapes by colour; the share of each zone in each week; the colour of
# each row in each week; where dots are, from -1 to 1.
DRAWN = """
(colours) => {
  const of = (selector) => [...document.querySelectorAll(selector)];
  const wheel = colours.map((colour) =>
    of(`.wheel svg [stroke-width="0.8"][fill="${colour}"]`).length - 1); // one is in the corner
  const map = of(".arm:first-child .map button").map((one) => Number(one.className.at(-1)));
  const edges = colours.map((colour) => {
    const path = document.querySelector(`.shares svg path[fill="${colour}"]`);
    if (!path) return null;
    const d = path.getAttribute("d"), ups = d.split("L")[0], downs = d.slice(ups.length);
    const all = (text, what) => [...text.matchAll(what)].map((found) => Number(found[1]));
    return { up: [Number(/^M[\\d.]+ ([\\d.]+)/.exec(ups)[1]), ...all(ups, /V([\\d.]+)/g)],
             down: all(downs, /L[\\d.]+ ([\\d.]+)/g).reverse() };
  });
  const drawn = edges.filter((one) => one), top = Math.min(...drawn.flatMap((one) => one.up));
  const bottom = Math.max(...drawn.flatMap((one) => one.down));
  const shares = edges.map((one) =>
    one && one.up.map((y, week) => (one.down[week] - y) / (bottom - top)));
  const rows = {}, ends = of(".history svg rect[height]:not([stroke])");
  for (const one of ends) {
    const [x, y, width] = ["x", "y", "width"].map((name) => Number(one.getAttribute(name)));
    (rows[y] ??= []).push([x, x + width, colours.indexOf(one.getAttribute("fill"))]);
  }
  const names = of(".history svg text[text-anchor=end]").map((one) => one.textContent);
  const history = Object.fromEntries(Object.keys(rows).map(Number).sort((a, b) => a - b)
    .map((y, k) => [names[k], rows[y].filter(([, , zone]) => zone >= 0)]));
  return { wheel, map, shares, history };
}
"""
TABLE = "all => all.map((row) => [...row.cells].map((cell) => cell.innerText.trim()))"


def table(page: Any, figure: str) -> list[list[str]]:
    return list(page.eval_on_selector_all(f".arm:first-child .f-{figure} tbody tr", TABLE))


def zone_of(cell: str) -> int:
    return ZONES.index(cell.split()[1])


def test_the_table_behind_each_picture_says_what_is_drawn(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        a_year(page)
        open_tables(page)
        drawn = page.evaluate(DRAWN, list(COLOURS))
        assert drawn["wheel"] == [int(row[1]) for row in table(page, "wheel")]
        assert drawn["map"] == [zone_of(row[1]) for row in table(page, "map")]
        moved = [row for row in drawn["history"].values() if len(row) > 1]
        assert moved  # or the picture would show nothing that could be wrong
        rows = table(page, "shares")
        assert [row[0] for row in rows] == ["0", "6", "12"]
        many = len(drawn["map"])
        for row, week in zip(rows, (0, 26, WEEKS), strict=True):
            for zone, cell in enumerate(row[1:]):
                share = drawn["shares"][zone][week] if drawn["shares"][zone] else 0
                assert share == pytest.approx(int(cell) / many, abs=1e-6)
        for name, *cells in table(page, "history"):
            spans = drawn["history"][name.removeprefix("Neighbourhood ")]
            first, last = spans[0][0], spans[-1][1]
            for cell, week in zip(cells, (0, 26, WEEKS), strict=True):
                x = first + (last - first) * week / WEEKS
                # A span goes on until the week in which the zone is another.
                here = [zone for left, right, zone in spans if left - 1e-6 <= x < right - 1e-6]
                assert zone_of(cell) == (here or [spans[-1][2]])[0]


def test_tables_of_a_comparison_say_what_is_drawn(chromium: Any, file: Path) -> None:
    with opened(chromium, file) as page:
        page.select_option("#strategy", "2")
        a_year(page)
        compared(page)
        in_all_towns(page)
        open_tables(page)
        cells = page.locator("#difference .cell").all_inner_texts()
        steps = page.eval_on_selector_all("#difference [data-of=steps] tbody tr", TABLE)
        assert [zone_of(b) - zone_of(a) for _, a, b, _ in steps] == [
            0 if text[0] == "=" else int(text.split()[0].replace("−", "-")) for text in cells
        ]
        assert [int(row[3]) for row in steps] == [zone_of(b) - zone_of(a) for _, a, b, _ in steps]
        told = page.eval_on_selector_all("#difference [data-of=dots] tbody tr", TABLE)
        values = sorted(float(row[1]) for row in told)
        places = page.eval_on_selector_all(
            "#difference figure:nth-child(2) svg :is(circle, rect)",
            "all => all.map((one) => (one.getBBox().x + one.getBBox().width / 2))",
        )
        middle = page.eval_on_selector(
            "#difference figure:nth-child(2) svg", "one => one.viewBox.baseVal.width / 2"
        )
        offsets = sorted(place - middle for place in places)
        scale = max(map(abs, values)) / max(map(abs, offsets))
        assert [scale * x for x in offsets] == pytest.approx(values, abs=2e-3)
