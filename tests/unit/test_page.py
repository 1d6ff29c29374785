"""What the class page is put together from: words, scripts, towns, readings."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import omemsim.page as pages
from omemsim.figures.wheel import dots
from omemsim.inputs.config import compose_scenario
from omemsim.language import LANGUAGES, language_of, said
from omemsim.measures import MEASURES, columns_read
from omemsim.page.bundle import WEB, bundled, script
from omemsim.page.memory import levers_of, records_of
from omemsim.page.readings import SHOWN
from omemsim.page.shocks import SHOCKS
from omemsim.page.starts import built_town, start_of
from omemsim.page.words import WORDS as MARKED
from omemsim.schedule import Event, Happening
from omemsim.strategies import Allocation, Fund
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.wheel import Tactic, Zone

WORDS = {one: said(MARKED, language_of(one)) for one in LANGUAGES}
# Texts that both languages share.
SHARED = {
    *("Zone", "OMEM", "Liaison", "Consultation", "Question", "Source", "Code"),
    *("❚❚ Pause", "engagement, liaison"),
}
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in WEB.glob("*.js")}


def test_both_languages_say_the_same_with_the_same_values() -> None:
    english, french = WORDS["en"], WORDS["fr"]
    same = {text for key, text in english.items() if french[key] == text}
    assert same == SHARED  # all else is another word in French
    for key, text in english.items():
        assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", french[key]))


def test_all_names_of_the_model_have_a_word() -> None:
    needed = {
        *(f"tactic.{tactic.name.lower()}" for tactic in Tactic),
        *(f"zone.{int(zone)}" for zone in Zone),
        *(f"zone.title.{int(zone)}" for zone in Zone),
        *(f"fund.{fund.value}" for fund in Fund),
        *(f"allocation.{one.value}" for one in Allocation),
        *(f"shock.{shock.name}" for shock in SHOCKS),
        *(f"measure.{name}" for name in SHOWN[1:]),
        *(f"detail.{name}" for name in pages.DETAILS),
        *(f"strategy.{name}" for name in pages.STRATEGIES),
        *(f"about.{name}" for name in pages.STRATEGIES),
    }
    assert needed <= WORDS["en"].keys()


def test_no_word_is_asked_for_that_is_not_there_and_none_is_idle() -> None:
    text = "\n".join(SCRIPTS.values()) + (WEB / "page.html").read_text(encoding="utf-8")
    asked = set(re.findall(r"""\bt\("([\w.]+)\"""", text)) | set(
        re.findall(r'data-t="([\w.]+)"', text)
    )
    asked |= {f"label.{one}" for one in re.findall(r'data-label="(\w+)"', text)}
    assert asked <= WORDS["en"].keys()
    parts = set(re.findall(r"[\w.]+", text))
    grouped = ("tactic.", "zone.", "fund.", "allocation.", "shock.", "measure.", "strategy.")
    grouped += ("about.", "unit.", "label.", "detail.", "panel.", "verdict.", "compare.")
    grouped += ("exercise.",)  # most of them are named by a step's kind, or by how it went
    counted = {key: key.removesuffix(".one") for key in WORDS["en"]}  # a form of another word
    idle = [
        key for key, word in counted.items() if not {word} & parts and not key.startswith(grouped)
    ]
    assert [key for key in idle if key not in ("undo.done", "redo.done")] == []


@pytest.mark.parametrize("name", ["main.js", "worker.js"])
def test_a_script_has_no_import_left_and_no_name_twice(name: str) -> None:
    text = script(name)
    assert not re.search(r"^(import|export) ", text, re.MULTILINE)
    names = re.findall(r"^(?:async )?(?:function|class|const|let) (\w+)", text, re.MULTILINE)
    assert len(names) == len(set(names))
    assert "engine.js" not in text or name == "main.js"


def test_a_page_s_policy_names_its_own_scripts_and_nothing_else() -> None:
    text = bundled({"data": {"a": "</script><b>"}}, ["AAAA"], "fr")
    assert "</script><b>" not in text
    assert '<html lang="fr">' in text
    assert text.count("<script>") == 1
    assert "'unsafe-inline'" not in text


def test_a_page_has_its_words_of_the_catalogue_in_both_languages() -> None:
    text = bundled({}, [], "fr")
    block = re.search(r'id="words">([^<]*)<', text)
    assert block
    assert json.loads(block[1]) == WORDS
    assert "<title>Une ville et sa police</title>" in text


def test_text_that_would_end_its_element_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot stand in a page"):
        bundled({"wasm": "AA</script>"}, [], "en")


def test_the_weeks_of_a_page_are_read_by_no_line_of_the_model() -> None:
    # The page's own JavaScript: about 150 lines that call the weeks and read columns.
    assert len(SCRIPTS["engine.js"].splitlines()) < 160
    assert "Math.exp" not in "".join(SCRIPTS.values())
    assert "Math.random" not in "".join(SCRIPTS.values())


def test_a_page_shows_measures_that_are_read_of_columns() -> None:
    assert columns_read(MEASURES["clearance"]) is None
    assert columns_read(MEASURES["trust"]) == ("stock", ("trust",))
    assert columns_read(MEASURES["utilization"]) == ("ratio", ("reactive", "offered"))
    records = ("recorded_violence", "recorded_property")
    assert columns_read(MEASURES["recorded_crime"]) == ("flow", (records, "population"))


def test_shocks_are_events_that_the_model_allows() -> None:
    for shock in SHOCKS:
        happens = {"what": Happening(shock.what).name.lower(), "size": shock.size}
        word = (
            f"events=[{{what: {happens['what']}, size: {shock.size}, from: 0, to: {shock.weeks}}}]"
        )
        events = compose_scenario("small", "omem", [word]).events
        assert events == [Event(Happening(shock.what), from_=0, to=shock.weeks, size=shock.size)]


def test_levers_are_where_a_strategy_s_numbers_are() -> None:
    scenario = compose_scenario("small", "omem")
    record = records_of(scenario.parameters, scenario.strategy)
    levers = levers_of()
    at = levers["mix"]["at"] + 8 * (int(Zone.RED) * len(Tactic) + int(Tactic.TARGETED_ENFORCEMENT))
    share = scenario.strategy.mix["red"]["targeted_enforcement"]
    assert record[at : at + 8] == __import__("struct").pack("<d", share)


def test_a_start_leaves_out_who_is_drawn_again_and_what_is_another_s() -> None:
    scenario = compose_scenario("small", "omem", ["town.residents=400"])
    first, other = built_town(scenario, 0), built_town(scenario, 1)
    start = start_of(first, scenario)
    later = start_of(other, scenario, first)
    assert "residents.propensity" not in start.told
    assert "residents.trust" in start.told
    assert later.told["residents.key"][0] == "same"
    assert start.told["households.key"][:2] == ["taken", "residents.key"]
    assert sum(told[-1] for told in start.told.values()) == len(start.parts)
    assert start.seed != later.seed


@pytest.mark.parametrize(
    ("town", "strategies", "told"),
    [
        ("city", ["omem"], "100,000 residents, and a page carries"),
        ("small", [{"name": "lit", "interventions": [{"what": "lighting"}]}], "of its own"),
    ],
)
def test_what_a_page_cannot_carry_is_refused(
    town: str, strategies: list[object], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        pages.page_of(town, strategies, "en")  # type: ignore[arg-type]


CODES = """
import { Scenario, ALL, BOTH } from "%s/scenario.js";
const data = {
  town: { name: "small" }, strategies: [{ name: "a" }, { name: "b" }],
  tactics: Array(18).fill(0), shocks: [{ what: 1, size: 0.2, weeks: 52 }],
  map: { levers: { spend: { funds: ["a", "b"] }, allocation: { choices: ["a", "b", "c", "d"] } } },
};
const one = new Scenario(data), other = new Scenario(data);
one.replicate = 7;
one.add({ arm: 0, week: 300, kind: "mix", place: ALL * 18 + 2, value: 35 });
one.add({ arm: 1, week: 300, kind: "mix", place: 5, value: 100 });
one.add({ arm: 1, week: 300, kind: "mix", place: 5, value: 20 });
one.add({ arm: BOTH, week: 519, kind: "shock", place: 0, value: 0 });
one.add({ arm: 0, week: 520, kind: "allocation", place: 0, value: 3 });
one.undo([0]);
const code = one.code(520), taken = other.take(code.toLowerCase().replaceAll("-", " "));
const wrong = [];
for (let k = 0; k < code.length; k++) {
  if (code[k] === "-") continue;
  const letter = code[k] === "7" ? "8" : "7";
  const problem = new Scenario(data).take(code.slice(0, k) + letter + code.slice(k + 1)).problem;
  if (!problem) wrong.push(k);
}
const change = { arm: 0, week: 4, kind: "mix", place: 0, value: 0 };
const forged = [
  { strategies: [0, 2] }, { replicate: 20 }, ...[
    { arm: 3 }, { place: 5 * 18 }, { value: 101 }, { kind: "spend", place: 2 },
    { kind: "allocation", value: 4 }, { kind: "allocation", place: 1 }, { kind: "shock", place: 1 },
  ].map((one) => ({ changes: [{ ...change, ...one }] })),
].map((one) => new Scenario(data).take(Object.assign(new Scenario(data), one).code(8), 20).problem);
data.town.name = "large";
const strange = new Scenario(data).take(code).problem;
console.log(JSON.stringify({
  code, taken, same: JSON.stringify(one.changes) === JSON.stringify(other.changes),
  changes: other.changes.length, replicate: other.replicate, wrong, strange, forged,
  told: other.told(1),
}));
"""


needs_node = pytest.mark.skipif(
    shutil.which("node") is None, reason="no node (Debian: apt install nodejs)"
)


def in_node(folder: Path, script: str) -> Any:
    """Return what a script that uses the page's modules says, as JSON."""
    path = folder / "script.mjs"
    path.write_text(script, encoding="utf-8")
    done = subprocess.run(["node", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_node
def test_dots_stand_on_the_page_s_wheel_where_figures_put_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    cases = []
    for count in (1, 2, 10, 25, 60, 158):
        calls = rng.permutation(count).astype(float)
        cases.append((rng.integers(0, 4, count).tolist(), calls.tolist()))
    said = in_node(
        tmp_path,
        f'import {{ dots }} from "{WEB.as_uri()}/draw.js";'
        f"console.log(JSON.stringify({json.dumps(cases)}.map((one) => dots(...one))));",
    )
    for (zones, calls), found in zip(cases, said, strict=True):
        wanted = dots(np.array(zones, np.int64), np.array(calls))
        assert np.allclose(np.array(found), wanted, atol=1e-9)


@needs_node
def test_an_axis_of_differences_has_no_needless_digits(tmp_path: Path) -> None:
    drawn = [[-9.4, 3.0], [0.4, -0.25], [120.0, 3.0]]
    said = in_node(
        tmp_path,
        f'import {{ differences }} from "{WEB.as_uri()}/draw.js";'
        f'import {{ speak }} from "{WEB.as_uri()}/words.js";'
        'globalThis.document = { documentElement: {} }; speak({ fr: {} }, "fr");'
        f"console.log(JSON.stringify({json.dumps(drawn)}.map((one) => "
        'differences(one, { unit: "", better: "lower", wide: 500 }))));',
    )
    ends = [re.findall(r'class="tick"[^>]*>([^<]*)<', one) for one in said]
    assert ends == [["-9,4", "0", "+9,4"], ["-0,40", "0", "+0,40"], ["-120", "0", "+120"]]


@needs_node
@pytest.mark.parametrize(("runs", "middle"), [(20, "+10.5"), (21, "+11.0")])
def test_the_middle_difference_is_the_median(tmp_path: Path, runs: int, middle: str) -> None:
    said = in_node(
        tmp_path,
        f'import {{ Comparison }} from "{WEB.as_uri()}/compare.js";'
        f'import {{ speak }} from "{WEB.as_uri()}/words.js";'
        "globalThis.document = { documentElement: {} };"
        'speak({ en: { "verdict.better": "{wins} {size}", "unit.fear": "u" } }, "en");'
        f"const given = {{ page: {{ replicates: {runs} }}, better: 'higher', measure: 'fear' }};"
        f"const values = Array.from({{ length: {runs} }}, (_, k) => k + 1);"
        "console.log(JSON.stringify(Comparison.prototype.verdict.call(given, values)));",
    )
    assert said == f"{runs} {middle} (u)"


@needs_node
def test_a_code_carries_a_whole_scenario_and_shows_a_wrong_letter(tmp_path: Path) -> None:
    said = in_node(tmp_path, CODES % WEB.as_uri())
    assert said["taken"] == {"week": 520}
    assert (said["same"], said["changes"], said["replicate"]) == (True, 3, 7)
    assert len(said["code"]) < 50
    assert said["wrong"] == []
    assert said["strange"] == "code.other"
    assert said["forged"] == ["code.wrong"] * 9  # its checksum fits, and the page has no such thing
    assert said["told"] == [
        {"week": 300, "set": [["mix", 5, 0.2]]},
        {"week": 519, "shock": {"what": 1, "size": 0.2, "weeks": 52}},
    ]
