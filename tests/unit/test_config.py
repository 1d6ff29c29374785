"""Words become a checked scenario, or one message that says what is wrong and what is right."""

from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from omemsim.inputs import config
from omemsim.inputs.config import (
    choices,
    compose_scenario,
    compose_scenarios,
    config_root,
    scenario_from_dict,
    scenario_to_dict,
)
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.schema import fill, kind_of, known_paths, plain
from omemsim.schedule import Event, Happening, Intervention, Work
from omemsim.strategies import Allocation, shares_by_zone
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import declarations


def refusal(*overrides: str, town: str = "small", strategy: str = "omem") -> str:
    with pytest.raises(InputError) as refused:
        compose_scenario(town, strategy, overrides)
    return str(refused.value)


def test_names_and_values_are_composed():
    scenario = compose_scenario("city", "omem", ["years=2.5", "parameters.zones.trust=0.4"])
    assert scenario.town.residents == 100_000
    assert scenario.town.neighbourhoods == 60
    assert scenario.strategy.allocation is Allocation.NEED
    assert scenario.strategy.mix["red"]["targeted_enforcement"] == 0.45
    assert scenario.years == 2.5
    assert scenario.parameters.zones.trust == 0.4
    assert scenario.parameters.zones.margin == Scenario().parameters.zones.margin


def test_composing_again_starts_afresh():
    compose_scenario("small", "omem", ["strategy.mix.red.patrol=0.0", "years=1"])
    again = compose_scenario("small", "omem")
    assert "patrol" not in again.strategy.mix["red"]
    assert again.years == 5


@pytest.mark.parametrize("strategy", choices("strategy"))
def test_library_strategies_spend_at_most_all_hours(strategy):
    composed = compose_scenario("small", strategy).strategy
    shares = shares_by_zone(composed.mix)
    assert composed.name == strategy
    assert len(composed.description) > 30
    assert (shares.sum(axis=1) <= 1 + 1e-9).all()


def test_strategies_differ_as_their_names_say():
    by_name = {name: compose_scenario(strategy=name).strategy for name in choices("strategy")}
    assert by_name["reactive"].mix == {}
    assert by_name["random_patrol"].mix == {"all": {"patrol": 1.0}}
    assert by_name["hot_spots"].mix == {"all": {"targeted_enforcement": 1.0}}
    assert by_name["hot_spots"].allocation is Allocation.CALLS
    assert "targeted_enforcement" not in by_name["omem"].mix["blue"]


def test_dictionary_round_trip_is_exact_and_plain():
    scenario = compose_scenario("small", "omem", ["seed=7", "town.year=2020"])
    data = scenario_to_dict(scenario)
    assert scenario_from_dict(data) == scenario
    assert data["strategy"]["allocation"] == "need"
    assert yaml.safe_load(yaml.safe_dump(data)) == data


def test_every_key_at_its_default_is_accepted():
    data = scenario_to_dict(Scenario())
    for path in known_paths(Scenario):
        value = data
        for name in path.split("."):
            value = value[name]
        if isinstance(value, int | float):
            assert compose_scenario(overrides=[f"{path}={value}"])


def test_every_declared_bound_is_enforced():
    for item in declarations(Scenario):
        for value in (item.low - 1, item.high + 1):
            message = refusal(f"{item.path}={value}")
            assert item.path in message
            assert f"from {item.low:,} to {item.high:,} ({item.unit})" in message


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("yeers=1", ["'yeers'", "'years'"]),
        ("margn=1", ["'margn'", "'parameters.zones.margin'"]),
        ("parameters.zones.trsut=1", ["'parameters.zones.trust'"]),
        ("parameters.zone.trust=1", ["'parameters.zones.trust'"]),
        ("strategy.mxi.red.patrol=1", ["no key"]),
        ("years.x=1", ["no key"]),
        ("parameters=1", ["group"]),
        ("+years=1", ["'+'"]),
        ("++years=1", ["'+'"]),
        ("~years", ["'~'"]),
        ("years", ["key=value"]),
        ("years=", ["no value"]),
        ("=3", ["key=value"]),
        ("years=abc", ["'abc'", "a number from 0.02 to 100 (years)"]),
        ("years=nan", ["nan", "a number from"]),
        ("years=inf", ["inf", "a number from"]),
        ("years=true", ["True", "a number from"]),
        ("years=0", ["years = 0"]),
        ("years=-1", ["years = -1"]),
        ("years=101", ["to 100"]),
        ("years=1,2", ["years = [1, 2]"]),
        ("years=[1]", ["years = [1]"]),
        ("town.residents=5000.5", ["a whole number from 1 to 3,000,000 (residents 15+)"]),
        ("town.residents=9", ["10 neighbourhoods", "at least 1 each"]),
        ("town.kind=tabel", ["'table'", "synthetic"]),
        ("town.kind=table", ["town.file="]),
        ("strategy.allocation=neeed", ["'need'", "equal, residents, calls, need"]),
        ("strategy.hand_over=1", ["true or false"]),
        ("strategy.mix=3", ["keys and values"]),
        ("strategy.mix.red=3", ["keys and values"]),
        ("strategy.mix.rad.patrol=1", ["no such zone", "'red'", "amber"]),
        ("strategy.mix.red.patroll=0", ["no such tactic", "'patrol'"]),
        ("strategy.mix.red.patrol=-0.1", ["-0.1", "from 0 to 1"]),
        ("strategy.mix.red.patrol=nan", ["nan"]),
        ("strategy.mix.red.patrol=0.3", ["add up to 1.3"]),
        ("parameters.zones.calls_mid=100", ["calls_low", "calls_mid"]),
        ("town=smal", ["'small'", "city"]),
        ("strategy=hotspots", ["'hot_spots'", "reactive"]),
        ("town=absent.yaml", ["absent.yaml", "No such file"]),
        ("setting=bancrof", ["no setting 'bancrof'", "'bancroft'", "kenora", "none"]),
        ("setting=absent.yaml", ["absent.yaml", "No such file"]),
        ("events=crime", ["events = 'crime'", "a list of groups of keys", "{what: ..., where"]),
        ("events=[{what: crime}, 3]", ["events = [{'what': 'crime'}, 3]", "a list of groups"]),
        ("events=[{what: crime", ["events = '[{what: crime'", "a list of groups", "in quotes"]),
        ("events=null", ["events = None", "a list of groups"]),
        ("events=[{waht: crime}]", ["'events[0].waht'", "'events[0].what'"]),
        ("events=[{from_: 1}]", ["'events[0].from_'", "'events[0].from'"]),
        ("events=[{what: crme}]", ["events[0].what = 'crme'", "'crime'", "budget_cut"]),
        ("events=[{what: 1}]", ["events[0].what = 1", "must be one of crime"]),
        ("events=[{size: -1}]", ["events[0].size = -1", "from 0 to 5"]),
        ("events=[{what: campaign, size: 2}]", ["events[0].size = 2: for campaign", "0 to 1"]),
        ("events=[{from: 1.5}]", ["events[0].from = 1.5", "a whole number from 0 to 5,200 (week)"]),
        ("events=[{from: 9, to: 9}]", ["events[0]: to = 9 is not after from = 9"]),
        ("events=[{},{from: 9, to: 8}]", ["events[1]: to = 8 is not after from = 9"]),
        ("events=[{sector: youht}]", ["events[0].sector = 'youht'", "'youth'", "mental_health"]),
        ("events=[{sector: youth}]", ["events[0].sector: only agency_closing", "not crime"]),
        ("events=[{what: budget_cut, where: b}]", ["events[0].where", "the whole service"]),
        ("events=[{where: [a, 1.5]}]", ["events[0].where[1] = 1.5", "must be text"]),
        ("events=[{where: [a, most_harmd:0.5]}]", ["events[0].where[1]", "'most_harmed'", "all"]),
        ("events=[{where: most_harmed:half}]", ["where[0] = 'most_harmed:half'", "above 0 to 1"]),
        ("events=[{where: least_harmed:0}]", ["above 0 to 1", "least_harmed:0.25"]),
        ("events=[{where: most_deprived:1.01}]", ["above 0 to 1"]),
        ("events=[{where: most_deprived:nan}]", ["above 0 to 1"]),
        ("events=[{where: zone:rad}]", ["no such zone", "'red'", "amber"]),
        ("interventions=[{what: lightning}]", ["strategy.interventions[0].what", "'lighting'"]),
        ("interventions=[{what: lighting, dose: 2}]", ["interventions[0].dose = 2: for lighting"]),
        ("interventions=[{what: patrol, dose: 1001}]", ["interventions[0].dose = 1001", "1,000"]),
        ("interventions=[{},{},{dose: x}]", ["strategy.interventions[2].dose = 'x'"]),
        ("interventons=[]", ["'interventons'", "'interventions'"]),
        ("strategy.table_absent=[youth, helth]", ["strategy.table_absent[1] = 'helth'", "housing"]),
        ("clamps=[{}]", ["clamps[0].column = ''", "column: residents.fear"]),
        ("clamps=[{column: fear}]", ["clamps[0].column = 'fear'", "no such column", ".fear'"]),
        ("clamps=[{column: residents.faer}]", ["'residents.faer'", "'residents.fear'"]),
        ("clamps=[{column: residents.is_hit}]", ["emptied every week"]),
        ("clamps=[{column: residents.household}]", ["never changes"]),
        ("clamps=[{column: events.size}]", ["never changes"]),
        ("clamps=[{column: queue.place}]", ["rows of queue come and go"]),
        ("clamps=[{column: custody.until}]", ["rows of custody come and go"]),
        ("clamps=[{column: residents.agency}]", ["which row of another table"]),
        ("clamps=[{column: residents.fear, value: 2}]", ["clamps[0].value = 2", "from 0 to 1"]),
        ("clamps=[{column: places.visits, value: x}]", ["clamps[0].value = 'x'", "a number"]),
        ("clamps=[{column: residents.fear, value: 0, add: 1}]", ["clamps[0]: give `value`, or"]),
        ("clamps=[{column: service.bill, where: b}]", ["clamps[0].where", "one for the town"]),
    ],
)
def test_wrong_words_are_refused_with_what_is_right(word, parts):
    message = refusal(word)
    for part in parts:
        assert part in message


def test_all_problems_come_at_once():
    message = refusal("yeers=1", "margn=1")
    assert "yeers" in message
    assert "margn" in message
    message = refusal("years=abc", "seed=-1", "strategy.training=2")
    assert message.count("\n") == 2
    message = refusal(town="smal", strategy="omm")
    assert "'small'" in message
    assert "'omem'" in message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("données/été, 2021 (fin).csv", "données/été, 2021 (fin).csv"),
        ("'in quotes, too.csv'", "in quotes, too.csv"),
        (r"C:\data\new table.csv", r"C:\data\new table.csv"),
        ("a=b.csv", "a=b.csv"),
        ("${home}/x.csv", "${home}/x.csv"),
        ("2021", "2021"),
        ("null", None),
    ],
)
def test_a_path_is_taken_as_it_is_typed(text, value):
    assert compose_scenario(overrides=[f"town.file={text}"]).town.file == value


def test_lists_and_names_of_columns():
    words = ["town.columns.violence=assault,robbery", "town.columns.population=Pop 2021, é"]
    columns = compose_scenario(overrides=words).town.columns
    assert columns["violence"] == ["assault", "robbery"]
    # A list to Hydra's grammar would be two columns; what it cannot read is one text.
    assert columns["population"] == "Pop 2021, é"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
def test_no_text_breaks_the_reader(text):
    for key in ("years", "town.columns.population", "strategy.mix", "town.file", "events"):
        try:
            scenario = compose_scenario(overrides=[f"{key}={text}"])
        except InputError:
            continue
        assert isinstance(scenario, Scenario)


def test_own_town_file_starts_from_the_base_and_finds_its_table(tmp_path):
    (tmp_path / "my table.csv").write_text("id\n", encoding="utf-8")
    own = tmp_path / "mine.yaml"
    own.write_text("file: my table.csv\ncolumns: {population: pop}\n", encoding="utf-8")
    town = compose_scenario(str(own), "reactive", ["town.scale=20"]).town
    assert (town.name, town.kind, town.scale) == ("mine", "table", 20)
    assert Path(town.file) == tmp_path / "my table.csv"
    assert town.columns["population"] == "pop"


def test_own_strategy_file_is_a_file_of_differences(tmp_path):
    own = tmp_path / "gentle.yaml"
    own.write_text("base: omem\nmix: {red: {liaison: 0.0}}\ntraining: 0.1\n", encoding="utf-8")
    strategy = compose_scenario("small", str(own)).strategy
    assert strategy.name == "gentle"
    assert strategy.training == 0.1
    assert strategy.mix["red"]["liaison"] == 0
    assert strategy.mix["red"]["targeted_enforcement"] == 0.45


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"a: [", "own.yaml: YAML syntax error in line 1, column 5"),
        (b"mix:\n\tred: 1\n", "own.yaml: YAML syntax error in line 2, column 1"),
        (b"\xff\xfe\x00", "own.yaml: not text in UTF-8"),
        (b"- a\n- b\n", "key: value"),
        (b"", "key: value"),
        (b"trainin: 0.1\n", "'strategy.training'"),
        (b"trainin: 0.1\n", "own.yaml: There is no key"),
        (b"training: 7\n", "own.yaml: strategy.training = 7"),
        (b"mix: {red: {patrol: 2}}\n", "own.yaml: strategy.mix.red.patrol = 2.0"),
        (b"base: omen\n", "'omem'"),
        (b"base: omen\n", "own.yaml, base: There is no strategy"),
    ],
)
def test_own_file_that_cannot_be_used(tmp_path, content, part):
    own = tmp_path / "own.yaml"
    own.write_bytes(content)
    assert part in refusal(strategy=str(own))


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("residents: many\n", "own.yaml: town.residents = 'many'"),
        ("scale: 2\n", "own.yaml: This town is read from a table"),
        ("file: x.csv\ncolumns: {popluation: p}\n", "own.yaml: town.columns.popluation: unknown"),
        ("file: x.csv\ncolumns: {id: 3}\n", "own.yaml: town.columns.id: 3 is not the name"),
        ("file: x.csv\ncolumns: 3\n", "own.yaml: town.columns = 3"),
    ],
)
def test_own_town_file_that_cannot_be_used(tmp_path, content, part):
    own = tmp_path / "own.yaml"
    own.write_text(content, encoding="utf-8")
    assert part in refusal(town=str(own))


def test_only_what_a_file_says_is_put_down_to_it(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text("training: 7\n", encoding="utf-8")
    first, second = refusal("years=0", strategy=str(own)).split("\n")
    assert first.startswith(f"{own}: strategy.training")
    assert second.startswith("years = 0")
    assert compose_scenario("small", str(own), ["strategy.training=0.1"]).strategy.training == 0.1


def test_own_file_that_is_a_folder(tmp_path):
    folder = tmp_path / "folder.yaml"
    folder.mkdir()
    assert "cannot read" in refusal(strategy=str(folder))


def test_compared_scenarios_differ_in_strategy_only():
    first, second = compose_scenarios(["reactive", "omem"], overrides=["years=1"])
    assert (first.town, first.parameters, first.years) == (
        second.town,
        second.parameters,
        second.years,
    )
    assert (first.strategy.name, second.strategy.name) == ("reactive", "omem")
    with pytest.raises(InputError, match="two strategies named 'omem'"):
        compose_scenarios(["omem", "omem"])
    with pytest.raises(InputError) as refused:
        compose_scenarios(["omem", "reactive"], overrides=["years=0"])
    assert len(refused.value.problems) == 1


def test_configs_are_found_in_a_checkout_and_in_a_wheel(tmp_path, monkeypatch):
    assert (config_root() / "scenario.yaml").is_file()
    package = tmp_path / "site-packages" / "omemsim"
    monkeypatch.setattr(config, "__file__", str(package / "inputs" / "config.py"))
    assert config_root() == package / "configs"


@pytest.mark.parametrize("key", ["interventions", "strategy.interventions"])
def test_interventions_may_be_written_short(key):
    word = f"{key}=[{{what: lighting, where: [riverside], from: 52, to: 156}}]"
    (project,) = compose_scenario(overrides=[word]).strategy.interventions
    assert project == Intervention(Work.LIGHTING, ["riverside"], 52, 156, 0.5)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("riverside", ["riverside"]),
        ("[riverside, Old Mill]", ["riverside", "Old Mill"]),
        ("[most_deprived:0.25, zone:red]", ["most_deprived:0.25", "zone:red"]),
        ("['St. John, East', \"Bay: North\"]", ["St. John, East", "Bay: North"]),
        ("[Île d'Été, St. John (East), O'Hara]", ["Île d'Été", "St. John (East)", "O'Hara"]),
        ("[1, 007]", ["1", "007"]),
        ("3", ["3"]),
        ("all", ["all"]),
        ("[]", []),
    ],
)
def test_places_are_written_as_one_would(text, where):
    word = f"events=[{{what: economic, where: {text}, size: 0.2}}]"
    (event,) = compose_scenario(overrides=[word]).events
    assert event == Event(Happening.ECONOMIC, where, size=0.2)


@pytest.mark.parametrize(
    "text", ["{what: crime},{what: campaign}", "[{what: crime},{what: CAMPAIGN}]"]
)
def test_lists_of_events(text):
    events = compose_scenario(overrides=[f"events={text}"]).events
    assert [event.what for event in events] == [Happening.CRIME, Happening.CAMPAIGN]
    assert compose_scenario(overrides=["events={from: 3}"]).events == [Event(from_=3)]


def test_a_schedule_makes_the_round_trip():
    words = [
        "interventions=[{what: casework, where: [b, 1], from: 2, to: 9, dose: 3}]",
        "events=[{what: agency_closing, sector: youth}]",
        "clamps=[{column: residents.fear, value: 0}, {column: service.bill, times: 2}]",
        "strategy.table_absent=youth,housing",
    ]
    scenario = compose_scenario(overrides=words)
    data = scenario_to_dict(scenario)
    assert scenario_from_dict(data) == scenario
    assert yaml.safe_load(yaml.safe_dump(data)) == data
    assert data["strategy"]["table_absent"] == ["youth", "housing"]
    assert data["strategy"]["interventions"] == [
        {
            "what": "casework",
            "where": ["b", "1"],
            "from": 2,
            "to": 9,
            "dose": 3.0,
            "places": [],
            "added": False,
        }
    ]


def test_own_strategy_file_may_hold_interventions(tmp_path):
    own = tmp_path / "projects.yaml"
    own.write_text(
        "base: omem\ntable_absent: [income]\ninterventions:\n"
        "  - {what: lighting, where: [most_harmed:0.2], from: 52, to: 156, dose: 0.4}\n"
        "  - what: public_education\n    where: Île d'Été\n",
        encoding="utf-8",
    )
    strategy = compose_scenario("small", str(own)).strategy
    assert strategy.table_absent == ["income"]
    assert strategy.interventions == [
        Intervention(Work.LIGHTING, ["most_harmed:0.2"], 52, 156, 0.4),
        Intervention(Work.PUBLIC_EDUCATION, ["Île d'Été"]),
    ]
    own.write_text("interventions: [{what: lighting}, {what: lite}]\n", encoding="utf-8")
    assert "projects.yaml: strategy.interventions[1].what = 'lite'" in refusal(strategy=str(own))


def test_a_setting_is_a_town_a_strategy_and_parameters():
    scenario = compose_scenario(overrides=["setting=bancroft"])
    assert scenario.setting == "bancroft"
    assert (scenario.town.name, scenario.town.residents) == ("bancroft", 3300)
    assert scenario.strategy.name == "omem_bancroft"
    assert scenario.strategy.mix == compose_scenario(strategy="omem").strategy.mix
    assert scenario.parameters.respond.sworn == 130
    assert scenario.parameters.respond.patience == Scenario().parameters.respond.patience
    assert compose_scenario(overrides=["setting=none"]) == compose_scenario()
    assert compose_scenario() == compose_scenario("small", "present_practice")


def test_words_win_over_the_setting():
    words = ["setting=bancroft", "parameters.respond.sworn=99", "town.neighbourhoods=3"]
    scenario = compose_scenario("city", "reactive", words)
    assert (scenario.town.name, scenario.town.residents) == ("city", 100_000)
    assert scenario.town.neighbourhoods == 3
    assert scenario.strategy == compose_scenario(strategy="reactive").strategy
    assert scenario.parameters.respond.sworn == 99
    assert scenario.parameters.partner.capacity == 2
    named = compose_scenario(overrides=["setting=bancroft", "town=small", "strategy=hot_spots"])
    assert (named.town, named.strategy.name) == (compose_scenario("small").town, "hot_spots")
    own = compose_scenario(overrides=["town.residents=700", "setting=bancroft"])
    assert (own.town.name, own.town.residents) == ("bancroft", 700)


def test_compared_strategies_share_a_setting():
    both = compose_scenarios(["reactive", "omem"], overrides=["setting=kenora"])
    assert [scenario.strategy.name for scenario in both] == ["reactive", "omem"]
    assert both[0].town == both[1].town
    assert both[0].town.name == "kenora"
    assert both[0].parameters == both[1].parameters != Scenario().parameters


def test_own_setting_file(tmp_path):
    own = tmp_path / "mine.yaml"
    own.write_text("town: city\nyears: 2\nevents: [{what: economic, from: 52}]\n", encoding="utf-8")
    scenario = compose_scenario(overrides=[f"setting={own}"])
    assert (scenario.setting, scenario.town.name, scenario.years) == ("mine", "city", 2)
    assert scenario.events == [Event(Happening.ECONOMIC, from_=52)]
    assert scenario.strategy.name == "present_practice"
    assert compose_scenario(overrides=[f"setting={own}", "events=[]", "years=1"]).events == []


def test_a_strategy_of_one_s_own_without_a_base_starts_from_nothing(tmp_path):
    own, setting = tmp_path / "mine.yaml", tmp_path / "there.yaml"
    own.write_text("mix: {red: {patrol: 0.2}}\n", encoding="utf-8")
    setting.write_text("strategy: {mix: {red: {patrol: 0.2}}}\n", encoding="utf-8")
    for scenario in (
        compose_scenario("small", str(own)),
        compose_scenario(overrides=[f"setting={setting}"]),
    ):
        levers = scenario.strategy
        assert levers.mix == {"red": {"patrol": 0.2}}
        assert (levers.allocation, levers.directed) == (Allocation.RESIDENTS, 0.0)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("evnts: []\n", "mine.yaml: There is no key 'evnts'. Did you mean 'events'?"),
        ("parameters: {respond: {sworn: -1}}\n", "mine.yaml: parameters.respond.sworn = -1"),
        ("town: smal\n", "There is no town 'smal'. Did you mean 'small'?"),
        ("town: {base: smal}\n", "setting=mine, town.base: There is no town 'smal'"),
        ("strategy: {trainin: 1}\n", "mine.yaml: There is no key 'strategy.trainin'"),
        ("- a\n", "must hold lines of the form `key: value`"),
        ("events: [{what: crime, from: 3, to: 2}]\n", "mine.yaml: events[0]: to = 2"),
    ],
)
def test_own_setting_file_that_cannot_be_used(tmp_path, content, part):
    own = tmp_path / "mine.yaml"
    own.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        compose_scenario(overrides=[f"setting={own}"])
    assert part in str(refused.value)


class Colour(Enum):
    RED = 1


@dataclass(frozen=True)
class Inner:
    colour: Colour = Colour.RED
    rows: dict[str, list[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Outer:
    inner: Inner = field(default_factory=Inner)
    count: int | None = None


def test_schema_reads_any_tree_of_dataclasses():
    problems: list[str] = []
    filled = fill(Outer, {"inner": {"colour": "red"}, "count": 3.0}, problems=problems)
    assert filled == Outer(Inner(Colour.RED), 3)
    assert isinstance(filled.count, int)
    assert problems == []
    assert list(known_paths(Outer)) == ["inner.colour", "inner.rows", "count"]
    assert kind_of(Outer, "inner.colour") is Colour
    assert kind_of(Outer, "inner.absent") is None


@dataclass(frozen=True)
class Listed:
    from_: int = 0
    parts: list[Inner] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def test_schema_reads_lists_and_keys_that_python_reserves():
    problems: list[str] = []
    data = {"from": 3, "parts": [{"colour": "red"}, {}], "names": ["a", 1]}
    filled = fill(Listed, data, problems=problems)
    assert problems == []
    assert filled == Listed(3, [Inner(Colour.RED), Inner()], ["a", "1"])
    assert plain(filled)["from"] == 3
    assert fill(Listed, plain(filled), problems=problems) == filled
    assert list(known_paths(Listed)) == ["from", "parts", "names"]
    assert kind_of(Listed, "from") is int
    assert kind_of(Listed, "from_") is None
    fill(Listed, {"parts": [{}, {"colour": "blue"}], "names": [True]}, problems=problems)
    assert problems == [
        "parts[1].colour = 'blue': must be one of red.",
        "names[0] = True: must be text; write it in quotes.",
    ]


def test_schema_reports_a_value_in_place_of_a_group():
    problems: list[str] = []
    fill(Outer, {"inner": 3, "count": "x"}, problems=problems)
    assert len(problems) == 2
    assert "inner = 3" in problems[0]
    assert "count = 'x'" in problems[1]


def test_every_number_of_a_scenario_is_declared():
    """A number without unit and bounds could not be checked."""

    def undeclared(tree, prefix=""):
        for item in fields(tree):
            path = f"{prefix}{item.name}"
            if is_dataclass(item.default_factory):
                yield from undeclared(item.default_factory, f"{path}.")
            elif kind_of(Scenario, path) in (int, float) and "unit" not in item.metadata:
                yield path

    assert list(undeclared(Scenario)) == []
