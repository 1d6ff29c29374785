"""The result of a run: aggregation, summary, table and store."""

from types import SimpleNamespace

import numpy as np
import pytest

from omemsim.measures import MEASURES, Recorder
from omemsim.recording import record_weeks
from omemsim.series import OUTCOME_UNITS, Series
from omemsim.vocabulary.wheel import Lead, Zone

WEEKS = np.array([26, 52, 78, 104])


@pytest.fixture
def series() -> Series:
    zones = np.array([[0, 3], [1, 3], [2, 1], [2, 2]], float)
    return Series(
        weeks=WEEKS,
        ids=["a", "b"],
        names=["Old Mill", "Été"],
        population=np.array([300.0, 100.0]),
        residents=np.array([100, 300]),
        values={
            "public_calls": np.arange(8.0).reshape(4, 2),
            "trust": np.arange(8.0).reshape(4, 2) / 10,
            "zone": zones,
            "caseload": np.array([1.0, 2.0, 3.0, 7.0]),
        },
        meta={"town": "two", "strategy": "omem"},
    )


def test_neighbourhoods_weigh_as_the_measure_declares(series: Series) -> None:
    assert series.town_value("public_calls").tolist() == [0.25, 2.25, 4.25, 6.25]  # population
    assert series.town_value("trust") == pytest.approx([0.075, 0.275, 0.475, 0.675])  # residents
    assert series.town_value("zone").tolist() == [1.5, 2, 1.5, 2]  # one each


def test_a_measure_of_the_town_is_itself(series: Series) -> None:
    assert series.town_value("caseload").tolist() == [1, 2, 3, 7]


def test_the_summary_is_of_the_last_year(series: Series) -> None:
    numbers = series.summary()
    assert numbers["public_calls"] == 5.25
    assert numbers["caseload"] == 5
    assert numbers["share_green"] == 0.75
    assert numbers["share_amber"] == 0.25
    assert numbers["share_red"] == numbers["share_blue"] == 0
    assert numbers["share_green_or_blue"] == 0.75


def test_moves_count_steps_over_the_whole_run(series: Series) -> None:
    numbers = series.summary()
    assert numbers["upgrades"] == pytest.approx(3 / 2 / (78 / 52))  # 3 steps, 2 places
    assert numbers["downgrades"] == pytest.approx(2 / 2 / (78 / 52))


def test_the_summary_has_every_outcome_and_no_other(series: Series) -> None:
    assert series.summary().keys() == series.values.keys() | OUTCOME_UNITS.keys()


def test_the_table_is_tidy(series: Series) -> None:
    frame = series.to_frame()
    assert list(frame.columns) == ["week", "neighbourhood", "measure", "value", "unit"]
    assert len(frame) == 3 * 8 + 4
    row = frame[(frame.week == 78) & (frame.neighbourhood == "Été") & (frame.measure == "trust")]
    assert row.value.tolist() == [0.5]
    assert row.unit.tolist() == [MEASURES["trust"].unit]
    town = frame[frame.measure == "caseload"]
    assert set(town.neighbourhood) == {"(town)"}
    assert town.value.tolist() == [1, 2, 3, 7]


def test_a_series_comes_back_from_its_arrays(series: Series) -> None:
    again = Series.from_arrays(series.to_arrays(), series.meta)
    assert (again.ids, again.names, again.meta) == (series.ids, series.names, series.meta)
    for name in ("weeks", "population", "residents"):
        assert np.array_equal(getattr(again, name), getattr(series, name))
    assert again.values.keys() == series.values.keys()
    for name, values in series.values.items():
        assert np.array_equal(again.values[name], values)


@pytest.mark.parametrize(
    ("weeks", "expected"), [(1, [1]), (4, [4]), (10, [4, 8, 10]), (12, [4, 8, 12])]
)
def test_the_last_week_is_always_recorded(weeks: int, expected: list[int]) -> None:
    assert record_weeks(weeks, 4).tolist() == expected


def test_the_recorder_has_room_for_every_measure() -> None:
    recorder = Recorder(3, np.array([4, 8]))
    assert recorder.values.keys() == MEASURES.keys()
    for name, values in recorder.values.items():
        is_local = MEASURES[name].level == "neighbourhood"
        assert values.shape == ((2, 3) if is_local else (2,))
        assert np.isnan(values).all()


def test_hours_and_money_are_means_over_all_weeks_since_the_last_record() -> None:
    names = ["patrol_calls", "hours_reactive", "money_joint"]
    recorder = Recorder(3, np.array([2, 5]), names=names)
    for week, hours, cost in zip(range(1, 6), (10, 30, 2, 4, 9), (0, 0, 600, 0, 0), strict=True):
        service = SimpleNamespace(reactive=np.array([hours]), joint_cost=np.array([cost]))
        recorder.record(SimpleNamespace(week=week, service=service))  # type: ignore[arg-type]
    assert recorder.values["patrol_calls"].tolist() == [20, 5]
    assert recorder.values["money_joint"].tolist() == [0, 200]  # the week recorded had no cost
    assert recorder.values["hours_reactive"].tolist() == [30, 9]


def test_measures_declare_what_their_readers_need() -> None:
    for name, measure in MEASURES.items():
        assert measure.name == name
        assert measure.title
        assert measure.unit
        assert measure.definition
        assert measure.level in ("neighbourhood", "town")
        assert measure.better in ("lower", "higher", "")
        assert measure.summary in ("last_year", "final", "sum")
        assert measure.weight in ("population", "residents", "mean", "sum")
    assert len({measure.title for measure in MEASURES.values()}) == len(MEASURES)


def test_outcomes_name_every_zone_and_no_measure() -> None:
    assert {f"share_{zone.name.lower()}" for zone in Zone} < OUTCOME_UNITS.keys()
    assert not OUTCOME_UNITS.keys() & MEASURES.keys()


def test_low_confidence_is_told_by_age_and_group_and_is_zero_of_nobody() -> None:
    residents = SimpleNamespace(
        trust=np.float32([0.39, 0.4, 0.1, 0.8, 0.2]),
        age=np.array([0, 0, 3, 3, 3]),
        group=np.array([1, 0, 0, 1, 1]),
    )
    town = SimpleNamespace(residents=residents)
    found = {
        name.removeprefix("low_trust"): measure.read(town, 1)  # type: ignore[arg-type]
        for name, measure in MEASURES.items()
        if name.startswith("low_trust")
    }
    shares = {"": 3 / 5, "_15_24": 1 / 2, "_25_44": 0, "_45_64": 0, "_65": 2 / 3}
    shares |= {"_minority": 2 / 3, "_indigenous": 0, "_others": 1 / 2}
    assert found == pytest.approx(shares)


def test_what_a_detachment_can_describe_is_what_it_leads_or_is_known_around() -> None:
    town = SimpleNamespace(
        initiatives=SimpleNamespace(
            is_active=np.array([1, 1, 0, 1]),
            momentum=np.array([0.5, 0.5, 0.5, 0.0]),
            lead=np.array([Lead.POLICE, Lead.COMMUNITY, Lead.POLICE, Lead.POLICE]),
            neighbourhood=np.array([0, 1, 1, 1]),
        ),
        neighbourhoods=SimpleNamespace(relation=np.array([0.1, 0.5])),
        officers=SimpleNamespace(awareness=np.array([0.4, 1.0])),
    )
    # 0.7 of that of the police, 0.7 x 0.5 of that of the community; the others do not run.
    assert MEASURES["described"].read(town, 1) == pytest.approx((0.7 + 0.35) / 2)


def test_who_was_noticed_counts_for_half_a_year() -> None:
    noticed = np.array([100, 80, 75, 74, -10_000])
    town = SimpleNamespace(week=101, residents=SimpleNamespace(noticed=noticed))
    assert MEASURES["noticed"].read(town, 1) == pytest.approx(1000 * 2 / 5)
