"""Recording: the chosen measures, weeks and neighbourhoods, the same numbers, and known sizes."""

import numpy as np
import pytest

from omemsim.inputs.config import compose_scenario
from omemsim.inputs.lay import check_places
from omemsim.inputs.scenario import Scenario
from omemsim.inputs.sources import blueprint_of
from omemsim.measures import MEASURES, recorded_measures
from omemsim.recording import Recording, recorded_bytes
from omemsim.run import run_scenario, spin_up
from omemsim.series import OUTCOME_UNITS, Series, recorded_numbers
from omemsim.town import Town
from omemsim.vocabulary.errors import InputError

WORDS = [*("town.residents=400", "town.neighbourhoods=4", "years=0.5", "spin_up_years=0.2")]
FEW = "record.measures=[zone,trust,public_calls,caseload]"


def composed(*words: str) -> Scenario:
    return compose_scenario("small", "omem", [*WORDS, *words])


@pytest.fixture(scope="module")
def start() -> Town:
    return spin_up(composed(), 0)


@pytest.fixture(scope="module")
def whole(start: Town) -> Series:
    return run_scenario(composed(), 0, start=start)


def test_who_says_nothing_gets_everything_every_four_weeks(whole: Series) -> None:
    assert list(whole.values) == list(MEASURES)
    assert whole.weeks.tolist() == [4, 8, 12, 16, 20, 24, 26]
    assert whole.town == {}
    assert whole.summary().keys() == MEASURES.keys() | OUTCOME_UNITS.keys()


def test_a_subset_has_the_same_numbers(start: Town, whole: Series) -> None:
    few = run_scenario(composed(FEW), 0, start=start)
    assert list(few.values) == [name for name in MEASURES if name in few.values]
    assert len(few.values) == 4
    for name, values in few.values.items():
        assert np.array_equal(values, whole.values[name])
    kept = whole.summary()
    assert few.summary() == {name: kept[name] for name in few.summary()}
    assert few.summary().keys() == few.values.keys() | OUTCOME_UNITS.keys()


@pytest.mark.parametrize("chosen", ["none", "[2,1]"])
def test_the_town_s_values_are_the_same_bits(start: Town, whole: Series, chosen: str) -> None:
    scenario = composed(FEW, f"record.neighbourhoods={chosen}")
    found = run_scenario(scenario, 0, start=start)
    for name in found.values:
        assert np.array_equal(found.town_value(name), whole.town_value(name))
    kept = whole.summary()
    assert found.summary() == {name: kept[name] for name in found.values}  # no zone outcomes
    rows = [] if chosen == "none" else [blueprint_of(scenario.town).ids.index(i) for i in "12"]
    assert found.ids == [whole.ids[row] for row in rows]
    for name, values in found.values.items():
        if rows and MEASURES[name].level == "neighbourhood":
            assert np.array_equal(values, whole.values[name][:, rows])
    again = Series.from_arrays(found.to_arrays(), found.meta)
    assert again.summary() == found.summary()
    town = found.to_frame().query("neighbourhood == '(town)' and measure == 'trust'")
    assert town.value.tolist() == whole.town_value("trust").tolist()


def test_all_ids_are_all(start: Town, whole: Series) -> None:
    ids = ",".join(whole.ids)
    found = run_scenario(composed(FEW, f"record.neighbourhoods=[{ids}]"), 0, start=start)
    assert "share_red" in found.summary()
    assert found.town == {}


def test_the_interval_is_asked_for(start: Town) -> None:
    found = run_scenario(composed(FEW, "record.every=13"), 0, start=start)
    assert found.weeks.tolist() == [13, 26]


@pytest.mark.parametrize(
    ("word", "match"),
    [
        ("record.measures=[trist]", "Did you mean 'trust'"),
        ("record.measures=[]", "name one, or all"),
        ("record.every=0", "from 1 to 52"),
        ("record.neighbourhoods=[all,1]", "must be all, none, or ids"),
        ("record.neighborhoods=none", "Did you mean 'record.neighbourhoods'"),
    ],
)
def test_what_cannot_be_recorded_is_refused(word: str, match: str) -> None:
    with pytest.raises(InputError, match=match):
        composed(word)


def test_a_neighbourhood_that_is_not_there_is_refused() -> None:
    scenario = composed("record.neighbourhoods=[nowhere]")
    with pytest.raises(InputError, match=r"record.neighbourhoods\[0\].*or all or none"):
        check_places(scenario, blueprint_of(scenario.town))


@pytest.mark.parametrize("chosen", ["all", "none", "[1,2]"])
def test_its_size_is_known_before(start: Town, chosen: str) -> None:
    scenario = composed(FEW, f"record.neighbourhoods={chosen}")
    found = run_scenario(scenario, 0, start=start)
    arrays = [*found.values.values(), *found.town.values()]
    names = recorded_measures(scenario.record)
    expected = recorded_bytes(
        [MEASURES[name].level for name in names], weeks=26, every=4, kept=len(found.ids), n=4
    )
    assert sum(array.nbytes for array in arrays) == expected


def test_the_names_of_a_summary_are_known_before(start: Town) -> None:
    for words in ([], [FEW], [FEW, "record.neighbourhoods=none"]):
        scenario = composed(*words)
        found = run_scenario(scenario, 0, start=start).summary()
        assert list(found) == recorded_numbers(scenario.record)


def test_a_few_measures_read_little(start: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    # A tenth of the measures, a tenth of the work: counted in reads, not in seconds.
    reads: list[str] = []

    def counted(name: str) -> object:
        read = MEASURES[name].read
        return lambda town, weeks: (reads.append(name), read(town, weeks))[1]

    for name in MEASURES:
        monkeypatch.setitem(
            MEASURES, name, type(MEASURES[name])(**{**vars(MEASURES[name]), "read": counted(name)})
        )
    run_scenario(composed(FEW), 0, start=start)
    assert set(reads) == {"zone", "trust", "public_calls", "caseload"}
    assert len(reads) == 4 * 7


def test_only_a_whole_recording_can_be_compared() -> None:
    assert Recording().is_whole
    assert Recording(every=13).is_whole
    assert not Recording(series=False).is_whole
    assert not Recording(neighbourhoods=["none"]).is_whole
