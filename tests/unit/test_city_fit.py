"""Does the model fit a city: what is near enough, where a comparison starts, and why elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import omemsim as om
from omemsim.analysis.city_fit import CityFit, Fitted, Reason, Start
from omemsim.analysis.city_fit_runs import (
    RUNS,
    FitRun,
    Rates,
    Seen,
    city_fit,
    scenario_of_fit,
)
from omemsim.analysis.city_fit_runs import _crime as crime_of
from omemsim.analysis.city_fit_runs import _starts as starts_of
from omemsim.analysis.diagnose import diagnose, table_of
from omemsim.analysis.diagnosis_words import fit_words, starts_words
from omemsim.figures.diagnosis import save_diagnosis
from omemsim.inputs.config import BASELINE, compose_scenario
from omemsim.language import ENGLISH, FRENCH
from omemsim.simulation import Simulation
from omemsim.study.engine import Engine
from omemsim.vocabulary.parameters import ZoneLimits
from omemsim.vocabulary.wheel import Zone
from tests.unit.test_diagnose_numbers import table

LIMITS = ZoneLimits()
RECORDED = np.array([38.0, 74.0, 80.0])
WEIGHTS = np.array([8.0, 2.0, 0.4])


def fitted(simulated: Any, error: Any = 0.0) -> Fitted:
    made = np.asarray(simulated, float)
    return Fitted(RECORDED, RECORDED * 1.01, made, np.full(3, error, float), WEIGHTS)


def test_near_is_a_fifth_or_what_chance_allows() -> None:
    assert fitted([45.0, 60.0, 97.0]).is_close.tolist() == [True, True, False]
    assert fitted([46.0, 59.0, 80.0]).is_close.tolist() == [False, False, True]
    assert fitted([46.0, 59.0, 80.0], error=7.6).is_close.tolist() == [True, True, True]
    assert fitted([46.0, 59.0, 80.0], error=np.nan).is_close.tolist() == [False, False, True]
    one = fitted([38.0, 37.0, 40.0])
    assert one.of_town(one.simulated) == pytest.approx((38 * 8 + 37 * 2 + 40 * 0.4) / 10.4)


def run(**changes: Any) -> FitRun:
    """Return a run that sees what the table says: 0.82, 1.59 and 1.72 times the mean."""
    seen = {
        "zone": np.array([2, 1, 0]),
        "multiple": np.array([0.82, 1.59, 1.72]),
        "calls": np.array([100.0, 300.0, 300.0]),
        "repeat": np.array([0.1, 0.1, 0.1]),
        "is_able": np.array([False, False, False]),
    }
    rates = Rates(np.array([8.0, 14, 60]), np.array([30.0, 60, 20]), np.array([100.0, 300, 300]))
    return FitRun(Seen(**{**seen, **changes}), rates, rates)


def starts(*runs: FitRun, calls: Any = None) -> dict[str, Start]:
    rows = {row.id: row for row in diagnose(table(calls=calls), LIMITS).rows}
    each = [rows[own] for own in "abc"]
    return {one.id: one for one in starts_of(runs, each, LIMITS)}


def test_where_zones_are_the_same_there_is_no_reason() -> None:
    found = starts(run(), run())
    assert [found[own].zone for own in "abc"] == ["green", "amber", "red"]
    assert {one.reason for one in found.values()} == {Reason.NONE}
    assert {one.share for one in found.values()} == {1.0}


def reason(place: int, zone: Zone, **seen: float) -> Reason:
    base = run().seen
    changed = {name: np.array(getattr(base, name), float) for name in seen}
    for name, value in seen.items():
        changed[name][place] = value
    zones = np.array(base.zone)
    zones[place] = zone
    return starts(run(zone=zones, **changed))["abc"[place]].reason


def test_why_a_comparison_starts_elsewhere() -> None:
    assert reason(0, Zone.RED, calls=700.0) is Reason.CALLS
    assert reason(0, Zone.AMBER, multiple=1.2) is Reason.CRIME
    assert reason(0, Zone.AMBER, repeat=0.4) is Reason.REPEATS
    assert reason(0, Zone.AMBER) is Reason.CHANCE  # nothing it sees on average is amber
    assert reason(0, Zone.BLUE, is_able=1.0) is Reason.CAPACITY
    assert reason(1, Zone.GREEN, multiple=1.0) is Reason.CRIME
    assert reason(1, Zone.GREEN) is Reason.CHANCE  # on average it sees what the table says


def test_less_need_is_put_down_to_what_decided_the_diagnosis() -> None:
    # By the table's calls a is red; the model's police see 100 a year.
    table_calls = np.array([700.0, 300.0, 300.0])
    found = starts(run(), calls=table_calls)
    assert (found["a"].zone, found["a"].reason) == ("green", Reason.CALLS)
    assert found["a"].calls == 100.0


def test_most_runs_decide_where_it_starts() -> None:
    amber = run(zone=np.array([1, 1, 0]))
    found = starts(run(), run(), amber)
    assert (found["a"].zone, found["a"].share) == ("green", pytest.approx(2 / 3))
    found = starts(run(), amber, amber)
    assert (found["a"].zone, found["a"].reason) == ("amber", Reason.CHANCE)


def test_offences_that_the_table_lacks_are_left_out_of_the_comparison() -> None:
    found = crime_of([run(), run()], table(coverage=(0.5, 0.25)))
    assert found is not None
    np.testing.assert_allclose(
        found.simulated, np.array([8, 14, 60]) / 2 + np.array([30, 60, 20]) / 4
    )
    only = crime_of([run()], table(property=None))
    assert only is not None
    np.testing.assert_allclose(only.simulated, [8, 14, 60])
    assert np.isnan(only.error).all()
    calls = np.array([100.0, 300.0, 700.0])
    assert crime_of([run()], table(violence=None, property=None, calls=calls)) is None


def city(crime: Fitted, *reasons: Reason) -> CityFit:
    each = [Start(f"{k}", "red", 1.0, one, 1.0, 1.0, 0.1) for k, one in enumerate(reasons)]
    return CityFit(4, 20.0, crime, None, each)


def test_words_say_how_far_it_is_and_what_that_is_worth() -> None:
    fit = city(fitted([38.0, 37.0, 40.0]), Reason.NONE, Reason.CALLS, Reason.CALLS, Reason.CHANCE)
    first, second = fit_words(fit, ENGLISH)
    assert first.startswith(
        "Recorded crime: 38 per 1,000 residents in a year under present practice, 47 in the table; "
        "1 of 3 neighbourhoods within 20%"
    )
    assert second.endswith("the town had 47: that shows that the fit worked, and no more.")
    same, why = starts_words(fit, ENGLISH)
    assert same == "A comparison starts from the zone diagnosed in 1 of 4 neighbourhoods."
    assert why.startswith("Elsewhere: in 2, the zone of the model also counts calls, of which")
    assert "; in 1, near the limit between two zones" in why
    assert len(starts_words(city(fitted(RECORDED), Reason.NONE), ENGLISH)) == 1
    far = replace(fit, crime=replace(fitted(RECORDED), fitted=RECORDED / 2))
    assert "the fit did not reach the table" in fit_words(far, ENGLISH)[1]
    assert "dans le tableau" in fit_words(fit, FRENCH)[0]


TABLE = """id,name,population,violence,property,calls
a,Harbour,3000,60,210,2100
b,Hill,4000,24,120,900
c,Old Mill,2500,8,50,400
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("fit")
    (made / "mine.csv").write_text(TABLE, encoding="utf-8")
    return made


def scenario(folder: Path, *words: str) -> Any:
    chosen = ["town=table", f"town.file={folder / 'mine.csv'}", "spin_up_years=1", *words]
    return compose_scenario("table", BASELINE, chosen)


def test_the_scale_takes_seconds_and_a_user_s_own_is_kept(folder: Path) -> None:
    small = scenario(folder, "years=7")
    blueprint = table_of(small)
    assert (scenario_of_fit(small, blueprint).years, small.years) == (1.0, 7.0)
    assert scenario_of_fit(small, blueprint).town.scale == 1
    large = replace(blueprint, population=np.full(3, 1e6))
    assert scenario_of_fit(small, large).town.scale == 50
    many = replace(blueprint, population=np.full(3000, 4000.0), ids=[f"{k}" for k in range(3000)])
    assert scenario_of_fit(small, many).town.scale == 100  # 40 residents a neighbourhood, or more
    own = scenario(folder, "town.scale=4")
    assert scenario_of_fit(own, table_of(own)).town.scale == 4


def test_a_town_is_run_and_what_it_records_is_its_own(folder: Path, tmp_path: Path) -> None:
    whole = scenario(folder)
    blueprint = table_of(whole)
    found = diagnose(blueprint, whole.parameters.zones)
    small = scenario_of_fit(whole, blueprint)
    seen: list[tuple[int, int, int]] = []
    fit = city_fit(
        small, blueprint, found.rows, engine=Engine(workers=1), progress=lambda *x: seen.append(x)
    )
    assert seen[-1] == (RUNS, RUNS, 0)
    assert fit.crime is not None
    assert fit.calls is not None
    # The same by another way: the first run, and its zone after the first week.
    one = Simulation(small, 0)
    one.step()
    zones = [Zone(int(zone)).name.lower() for zone in one.town.neighbourhoods.zone]
    assert sum(start.zone == zone for start, zone in zip(fit.starts, zones, strict=True)) >= 2
    one.run_to(52)
    hoods = one.town.neighbourhoods
    crimes = (hoods.past_recorded_violence + hoods.past_recorded_property).sum(axis=1)
    rate = 1000 * crimes / hoods.population
    assert np.all(np.abs(fit.crime.simulated - rate) <= 4 * fit.crime.error + 0.35 * rate)
    assert [one.id for one in fit.starts] == ["a", "b", "c"]
    # The fit is written beside the zones, and drawn.
    with_fit = replace(found, fit=fit)
    save_diagnosis(with_fit, tmp_path, language="fr")
    columns = with_fit.table().set_index("id")
    assert columns["start_zone"].tolist() == [
        next(start.zone for start in fit.starts if start.id == own) for own in columns.index
    ]
    assert {"start_differs_by", "start_calls", "start_multiple"} <= set(columns)
    assert (tmp_path / "fit.png").stat().st_size > 20_000
    svg = (tmp_path / "fit.svg").read_text(encoding="utf-8")
    assert svg.count('id="neighbourhoods"') >= 2


def test_from_python_the_fit_is_the_command_s(folder: Path) -> None:
    found = om.diagnose(folder / "mine.csv", overrides={"town.scale": 8}, fit=True, progress=False)
    assert found.fit is not None
    assert (found.fit.scale, found.fit.runs) == (8, RUNS)
    assert "start_zone" in found.table()
    assert om.diagnose(folder / "mine.csv").fit is None
