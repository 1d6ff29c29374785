"""Comparing: paired, shared, reused, honest about what failed. The model is a toy."""

from __future__ import annotations

import dataclasses
import importlib
import json
import math
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from omemsim.cli.again import Comparison as Asked
from omemsim.inputs import sources
from omemsim.inputs.config import compose_scenario
from omemsim.inputs.scenario import Scenario, TownConfig
from omemsim.measures import MEASURES
from omemsim.series import OUTCOME_UNITS
from omemsim.strategies import Strategy
from omemsim.study import compare as compare_module
from omemsim.study import comparison as comparison_module
from omemsim.study import contrasts as contrasts_module
from omemsim.study.compare import compare
from omemsim.study.comparison import COLUMNS, About, Comparison
from omemsim.study.contrasts import (
    HEADLINES,
    Contrast,
    in_words,
    mismatch,
    plain_words,
    sentence,
)
from omemsim.study.engine import Engine
from omemsim.study.identity import identify
from omemsim.study.runner import Simulator
from omemsim.study.series_files import shard_of
from omemsim.study.statistics import Difference
from omemsim.vocabulary.errors import InputError, OmemError

# A worker process imports this toy: harm and trust of a town of four neighbourhoods.
TOY = """
    import os, pathlib
    import numpy as np
    from omemsim.vocabulary.errors import InputError

    EFFECT = {"reactive": 0.0, "hot_spots": -10.0, "omem": -25.0, "nan": -1.0, "boom": 0.0,
              "bad": 0.0, "leave": 0.0}

    def log(line):
        with open(os.environ["TOY_LOG"], "a") as file:
            file.write(line + "\\n")

    class Town:
        def __init__(self, harm):
            self.harm = harm

    def spin_up(scenario, replicate):
        log(f"spin {replicate} {scenario.seed}")
        rng = np.random.default_rng([scenario.seed, replicate])
        return Town(rng.normal(300, 40, 4))

    class Series:
        def __init__(self, harm, name):
            self.harm = harm
            self.meta = {"strategy": name}
        def summary(self):
            missing = self.meta["strategy"] == "nan"
            harm = float(self.harm[-1].mean())
            return {"victimization": float("nan") if missing else harm,
                    "trust": 1 - harm / 1000, "share_blue": 0.5}
        def to_arrays(self):
            zone = (self.harm < 300).astype(np.int8) + 1
            return {"weeks": np.arange(3), "victimization": self.harm, "zone": zone}

    def run(scenario, replicate, start):
        name = scenario.strategy.name
        log(f"run {name} {replicate}")
        if name == "boom" and replicate != 1:
            raise ValueError("boom happened")
        if name == "bad":
            raise InputError("towns.csv row 3: population -1")
        if name == "leave" and replicate == 1:
            os._exit(1)
        rng = np.random.default_rng([scenario.seed, replicate, 1])
        end = start.harm + rng.normal(EFFECT[name], 1, 4)
        return Series(np.array([start.harm, end, end]), name)
"""


def test_every_number_of_a_run_has_a_title_and_a_unit():
    known = [comparison_module.about(name) for name in [*MEASURES, *OUTCOME_UNITS]]
    assert all(about.title and about.unit for about in known)
    assert {about.better for about in known} == {"lower", "higher", ""}
    assert set(comparison_module.HEADLINES) <= {*MEASURES, *OUTCOME_UNITS}


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """The toy model as a worker's job, and what is known of its measures."""
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "compare_toy.py").write_text(textwrap.dedent(TOY))
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "compare_toy", raising=False)
    monkeypatch.setenv("TOY_LOG", str(tmp_path / "log"))
    known = {
        "victimization": About("Victimization", "incidents per 1,000 a year", "lower"),
        "trust": About("Trust in police", "index 0-1", "higher"),
        "share_blue": About("Blue neighbourhoods", "share", "higher"),
    }
    monkeypatch.setattr(compare_module, "about", known.__getitem__)
    monkeypatch.setattr(comparison_module, "about", known.__getitem__)
    monkeypatch.setattr(contrasts_module, "about", known.__getitem__)
    monkeypatch.setattr(comparison_module, "_from_arrays", as_series)
    module = importlib.import_module("compare_toy")
    return Simulator(module.spin_up, module.run)


def as_series(arrays, meta):
    """Return what the comparison reads of a series."""
    values = {name: arrays[name] for name in ("victimization", "zone")}
    return SimpleNamespace(
        weeks=arrays["weeks"],
        values=values,
        meta=meta,
        town_value=lambda name: values[name].mean(axis=1),
    )


def scenarios(*names, **changes):
    """Return one scenario per strategy, alike in all else."""
    return {
        name: Scenario(strategy=Strategy(name=name), town=TownConfig(name="small"), **changes)
        for name in names
    }


def lines(tmp_path):
    """Return what the toy has done so far, sorted."""
    return sorted((tmp_path / "log").read_text().splitlines())


def do(toy, tmp_path, *names, replicates=8, workers=1, **more):
    """Compare in a folder of the test."""
    more = {"out": tmp_path / "out", "progress": False, **more}
    given = more.pop("given", None) or scenarios(*names)
    return compare(
        given, replicates=replicates, engine=Engine(workers=workers), simulation=toy, **more
    )


def test_the_table_has_a_row_per_measure_and_other_strategy(toy, tmp_path):
    table = do(toy, tmp_path, "reactive", "hot_spots", "omem").table()
    assert list(table.columns) == COLUMNS
    assert list(table["strategy"]) == ["hot_spots", "omem"] * 3
    assert set(table["baseline"]) == {"reactive"}
    assert set(table["n"]) == {8}
    row = table[(table["measure"] == "victimization") & (table["strategy"] == "omem")].iloc[0]
    assert row["unit"] == "incidents per 1,000 a year"
    # Same random numbers in both: the pair differs by the effect alone, however much towns differ.
    assert row["difference"] == pytest.approx(-25)
    assert row["mean"] == pytest.approx(row["baseline_mean"] - 25)
    # And by the same in all eight, which says nothing of how else it may differ.
    assert math.isnan(row["low"])
    assert math.isnan(row["high"])
    assert (row["share_better"], row["share_tied"], row["word"]) == (1.0, 0.0, "lower")
    trust = table[(table["measure"] == "trust") & (table["strategy"] == "omem")].iloc[0]
    assert trust["difference"] == pytest.approx(0.025)
    assert trust["share_better"] == 1.0
    blue = table[(table["measure"] == "share_blue") & (table["strategy"] == "omem")].iloc[0]
    assert (blue["share_better"], blue["share_tied"], blue["word"]) == (0.0, 1.0, "equal")


def test_one_and_two_workers_give_the_same_numbers_and_shards(toy, tmp_path):
    one = do(toy, tmp_path, "reactive", "omem", out=tmp_path / "one")
    two = do(toy, tmp_path, "reactive", "omem", out=tmp_path / "two", workers=2)
    pd.testing.assert_frame_equal(one.table(), two.table(), check_exact=True)
    for pair, run in one.runs.items():
        name = f"series/{run.run_id[:2]}/{run.run_id}.npz"
        assert (one.store / name).read_bytes() == (two.store / name).read_bytes()
        assert two.runs[pair] == run


def test_a_dask_cluster_gives_the_same_numbers_and_shards(toy, tmp_path):
    pytest.importorskip("distributed", reason="engine=dask needs the extra `cluster`")
    given = scenarios("reactive", "omem")
    engines = {"pool": Engine(workers=2), "dask": Engine("dask", workers=2)}
    pool, dask = (
        compare(
            given, replicates=6, out=tmp_path / name, engine=engine, simulation=toy, progress=False
        )
        for name, engine in engines.items()
    )
    assert pool.scalars == dask.scalars
    for key in pool.runs.values():
        shards = [shard_of(study.store, key.run_id).read_bytes() for study in (pool, dask)]
        assert shards[0] == shards[1]


def test_a_town_is_spun_up_once_and_nothing_is_run_twice(toy, tmp_path):
    first = do(toy, tmp_path, "reactive", "omem", replicates=2)
    wanted = [
        *("run omem 0", "run omem 1", "run reactive 0", "run reactive 1"),
        *("spin 0 0", "spin 1 0"),
    ]
    assert lines(tmp_path) == wanted
    again = do(toy, tmp_path, "reactive", "omem", replicates=2)
    assert lines(tmp_path) == wanted
    assert (first.reused, again.reused) == (0, 4)
    pd.testing.assert_frame_equal(first.table(), again.table(), check_exact=True)
    more = do(toy, tmp_path, "reactive", "omem", "hot_spots", replicates=3)
    added = ["run hot_spots 0", "run hot_spots 1", "run hot_spots 2", "run omem 2"]
    spins = [*("spin 0 0", "spin 0 0", "spin 1 0", "spin 1 0", "spin 2 0")]
    rest = ["run omem 0", "run omem 1", "run reactive 0", "run reactive 1", "run reactive 2"]
    assert lines(tmp_path) == sorted([*added, *spins, *rest])
    assert (more.reused, more.n) == (4, 3)


def test_scenarios_that_differ_in_more_than_strategy_share_no_town(toy, tmp_path):
    given = scenarios("reactive", "omem")
    given["omem"] = dataclasses.replace(given["omem"], seed=5)
    do(toy, tmp_path, given=given, replicates=1)
    assert [line for line in lines(tmp_path) if "spin" in line] == ["spin 0 0", "spin 0 5"]


def test_a_run_that_fails_loses_itself_alone(toy, tmp_path):
    named = {"reactive": "reactive", "boom": "my boom.yaml"}
    asked = Asked("small", named, ("years=5",), 3).asked()
    result = do(toy, tmp_path, "reactive", "boom", replicates=3, asked=asked)
    assert [failure.error for failure in result.failures] == ["ValueError: boom happened"] * 2
    assert "boom in small, replicate 2" in result.failures[1].description
    command = "omemsim run town=small 'strategy=my boom.yaml' replicate=2 years=5"
    assert command in result.failures[1].description
    assert "in run" in result.failures[0].traceback
    table = result.table()
    assert set(table["n"]) == {1}
    assert table["low"].isna().all()
    assert (result.n, result.finished("boom")) == (3, [1])
    assert "Failed: boom in small, replicate 0" in result.text()
    with pytest.raises(OmemError, match="no finished run"):
        result.series("boom", 0)


def test_a_run_that_kills_its_process_takes_no_other(toy, tmp_path):
    result = do(toy, tmp_path, "reactive", "leave", replicates=3, workers=2)
    assert result.finished("reactive") == [0, 1, 2]
    assert result.finished("leave") == [0, 2]
    assert [failure.error for failure in result.failures] == [
        "its process died 3 times (killed, out of memory, or a crash)"
    ]


def test_a_measure_that_is_no_number_makes_the_run_a_failure(toy, tmp_path):
    result = do(toy, tmp_path, "reactive", "omem", "nan", replicates=2)
    assert {failure.error for failure in result.failures} == {"no finite value of victimization"}
    table = result.table()
    assert table[table["strategy"] == "nan"]["n"].tolist() == [0, 0, 0]
    assert table[table["strategy"] == "nan"]["mean"].isna().all()
    assert "nan" in result.text()


def test_nothing_to_compare_is_an_error_that_says_why(toy, tmp_path):
    with pytest.raises(OmemError, match=r"2 of 4 runs failed.*no finite value") as caught:
        do(toy, tmp_path, "reactive", "nan", replicates=2)
    assert caught.value.exit_code == 1
    assert not (tmp_path / "out" / "provenance.json").exists()


@pytest.mark.parametrize("workers", [1, 2])
def test_wrong_input_found_in_a_run_stops_the_study_and_leaves_nothing(toy, tmp_path, workers):
    with pytest.raises(InputError, match=r"towns.csv row 3: population -1"):
        do(toy, tmp_path, "bad", "reactive", replicates=4, workers=workers)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("names", "more", "message"),
    [
        (["omem"], {}, "two strategies or more"),
        (["omem", "reactive"], {"replicates": 0}, "replicates = 0: must be at least 1"),
        (["omem", "reactive"], {"workers": 0}, "workers = 0: must be from 1"),
        (["omem", "reactive"], {"baseline": "reactve"}, "Did you mean 'reactive'?"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_runs(toy, tmp_path, names, more, message):
    with pytest.raises(InputError) as caught:
        do(toy, tmp_path, *names, **more)
    assert message in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_figures_find_series_bands_shares_and_transitions(toy, tmp_path):
    result = do(toy, tmp_path, "reactive", "omem", replicates=5, baseline="omem")
    assert (result.baseline, result.strategies) == ("omem", ["reactive", "omem"])
    harm = np.array([result.series("omem", r).values["victimization"] for r in range(5)])
    weeks, mean, low, high = result.band("omem", "victimization")
    assert weeks.tolist() == [0, 1, 2]
    np.testing.assert_allclose(mean, harm.mean(axis=(0, 2)))
    np.testing.assert_allclose(low, harm.mean(axis=2).min(axis=0))  # five have no percentiles
    np.testing.assert_allclose(high, harm.mean(axis=2).max(axis=0))
    assert (low < mean).all()
    assert (mean < high).all()
    _, _, halved, _ = result.band("omem", "victimization", prepare=lambda x: x / 2)
    np.testing.assert_allclose(halved, low / 2)
    _, shares = result.mean_zone_shares("omem")
    np.testing.assert_allclose(shares[:, 2], (harm < 300).mean(axis=(0, 2)))
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    counts = result.transitions("omem")
    assert counts.shape == (4, 4)
    assert counts.sum() == 20
    assert counts[1, 2] == ((harm[:, 0] >= 300) & (harm[:, -1] < 300)).sum()
    assert counts[1, 2] > 0


def test_the_csv_is_the_table(toy, tmp_path):
    result = do(toy, tmp_path, "reactive", "omem")
    path = result.write_csv()
    assert path == tmp_path / "out" / "comparison.csv"
    read = pd.read_csv(path)
    pd.testing.assert_frame_equal(read, result.table(), check_dtype=False, rtol=1e-12)


def test_the_text_fits_and_says_what_it_cannot_tell(toy, tmp_path):
    text = do(toy, tmp_path, "reactive", "hot_spots", "omem").text()
    assert max(len(line) for line in text.splitlines()) <= 100
    assert "Victimization (incidents per 1,000 a year)" in text
    (omem, trust, blue) = [line for line in text.splitlines() if line.startswith("  omem")]
    assert "-25.0          none (all alike)" in omem
    assert "+0.000    may occur in up to 31%     8  no difference" in blue
    said = " ".join(text.split())
    assert "all of 8 replicates agree, which shows no spread. Another difference may" in said
    assert "in up to about 31% of them" in said
    assert "It says how well the simulation is known, and nothing about the real world." in said
    assert "they allow for all 4 differences looked at here (Holm), so that at most 5%" in said
    assert omem.endswith("lower: better")
    assert trust.endswith("higher: better")
    assert "(assumed: our choice)" in text
    single = do(toy, tmp_path, "reactive", "omem", replicates=1).text()
    assert "cannot tell" in single
    assert "none (1 replicate)" in single
    assert "nan" not in single
    assert ", 1 replicate; 2 runs, all from the store" in single


def test_the_representation_is_a_line(toy, tmp_path):
    result = do(toy, tmp_path, "reactive", "hot_spots", "omem", replicates=2)
    assert repr(result) == (
        "<Comparison: town small, hot_spots, omem with reactive; 2 replicates, 6 runs>"
    )


def test_paired_bands_hold_the_differences_within_pairs(toy, tmp_path):
    result = do(toy, tmp_path, "reactive", "omem", replicates=6)
    weeks, mean, low, high = result.paired_band("omem", "victimization")
    assert weeks.tolist() == [0, 1, 2]
    # Same random numbers in both: after the start the pair differs by the effect alone.
    np.testing.assert_allclose([mean, low, high], [[0, -25, -25]] * 3, atol=1e-9)
    _, _, low, high = result.paired_band("omem", "victimization", prepare=np.cumsum)
    np.testing.assert_allclose(low, [0, -25, -50], atol=1e-9)
    single = do(toy, tmp_path, "reactive", "omem", replicates=1)
    assert np.isnan(single.paired_band("omem", "victimization")[2]).all()


def test_no_pair_has_no_paired_band(toy, tmp_path):
    result = do(toy, tmp_path, "reactive", "omem", replicates=2)
    del result.scalars["reactive", 0], result.scalars["omem", 1]
    with pytest.raises(OmemError, match="no replicate in common"):
        result.paired_band("omem", "victimization")
    assert result.typical_replicate(["reactive", "omem"]) is None


def rows(**changes):
    """Return contrasts of omem on a baseline mean of 100, sure of each change in percent."""
    return [
        Contrast(
            measure,
            comparison_module.about(measure),
            "omem",
            Difference(9, 100 + change, 100.0, change, change - 0.1, change + 0.1),
        )
        for measure, change in changes.items()
    ]


def test_plain_words_name_what_gets_worse_even_if_nobody_asked():
    text = plain_words(
        rows(victimization=-15, waiting_list=84, police_cost=5, agency_cost=0.3), "reactive"
    )
    _, name, better, worse, same = text.splitlines()
    assert name == "  omem"
    assert better == "    better: victimization 15% lower (14.9% to 15.1%)"
    assert "worse: waiting list 84% higher" in worse
    assert "police 5.0% higher" in worse
    assert same == "    about the same: cost of cases"
    many = dict.fromkeys(HEADLINES, 7)
    assert max(map(len, plain_words(rows(**many), "reactive").splitlines())) <= 100


@pytest.mark.parametrize(
    ("recorded", "harm", "told"),
    [
        (8, -6, "recorded crime rose while harm fell: officers came upon more of it, or people"),
        (-8, 6, "recorded crime fell while harm rose: officers came upon less of it, or people"),
        (-8, -6, ""),
        (0.3, -6, ""),
    ],
)
def test_records_that_go_against_harm_are_explained(recorded, harm, told):
    found = rows(recorded_crime=recorded, victimization=harm)
    assert mismatch(found).startswith(told) if told else mismatch(found) == ""
    assert (told[1:] in plain_words(found, "reactive")) or not told
    assert "worse: recorded" not in plain_words(found, "reactive")


def test_better_and_worse_are_looked_for_in_the_same_measures():
    for change in (7, -7):
        found = rows(**dict.fromkeys([*MEASURES, *OUTCOME_UNITS], change))
        said = "\n".join(plain_words([x], "reactive") for x in found)
        for x in found:
            is_named = any(f" {x.known.title[1:]} 7" in f" {y[1:]}" for y in said.split(": "))
            assert is_named == (x.measure in HEADLINES and bool(x.known.better)), x.measure


def test_ties_and_chance_are_told_apart_in_words():
    known = comparison_module.about("downgrades")
    none = Contrast("downgrades", known, "omem", Difference(20, 1, 1, 0, math.nan, math.nan, 20))
    (fear,) = rows(fear=-7)
    unsure = dataclasses.replace(fear, word="may be chance")
    assert [x.says for x in (none, fear, unsure)] == ["equal", "lower", "may be chance"]
    text = plain_words([none, unsure], "reactive")
    assert (
        "    no difference in 20 replicates (may occur in up to about 14% of them): moves" in text
    )
    assert "    may be chance: fear" in text
    assert "better" not in text
    assert in_words(unsure) == "may be chance (7.1% lower to 6.9% lower)"
    assert sentence([none, unsure]) == "nothing clearly better or worse"
    constant = Difference(20, 3, 1, 2, math.nan, math.nan)
    assert in_words(Contrast("downgrades", known, "omem", constant)) == (
        "200% higher (the same in all 20 replicates)"
    )


def without_effect(values):
    """Return a comparison of omem with reactive in which these measures differ as given."""
    n = len(next(iter(values.values())))
    scalars = {("reactive", r): dict.fromkeys(values, 100.0) for r in range(n)}
    scalars |= {("omem", r): {m: 100.0 + x[r] for m, x in values.items()} for r in range(n)}
    key = identify({}, replicate=0, town="t", strategy="omem")
    runs = dict.fromkeys(scalars, key)
    return Comparison(["reactive", "omem"], "reactive", n, Path(), Path(), runs, scalars)


def test_a_word_allows_for_all_the_differences_that_are_looked_at():
    rng = np.random.default_rng(5)
    noise = {name: rng.normal(0, 5, 12) for name in HEADLINES}
    fear = np.linspace(-1, 6, 12)  # t = 3.7, p = 0.003: enough alone, and not among 18
    alone, among = without_effect({"fear": fear}), without_effect(noise | {"fear": fear})
    assert alone.words() == {("fear", "omem"): "higher"}
    assert among.words()["fear", "omem"] == "may be chance"
    assert among.looked_at() == len(HEADLINES)
    unsure = [x for x in among.text().splitlines() if x.endswith("may be chance")]
    assert any("+2.5" in x and "[+1." in x for x in unsure)
    told = {x.measure: in_words(x) for x in contrasts_module.contrasts(among.table())}
    assert told["fear"].startswith("may be chance (1.")
    sure = without_effect(noise | {"fear": fear * 5 + 40, "trust": np.zeros(12)})
    assert sure.words()["fear", "omem"] == "higher"
    assert sure.words()["trust", "omem"] == "equal"
    assert sure.looked_at() == len(HEADLINES) - 1


def test_a_measure_that_is_not_looked_at_has_no_word():
    change = np.linspace(9, 10, 12)
    found = without_effect({"victimization": change, "officer_fatigue": change})
    table = found.table().set_index("measure")
    assert table["word"].to_dict() == {"victimization": "higher", "officer_fatigue": ""}
    assert "fatigue" not in found.in_words()


def test_a_sentence_names_good_and_bad():
    found = rows(victimization=-14, public_calls=0.2, waiting_list=90, disorder=3)
    assert sentence(found) == (
        "victimization 14% lower; worse: waiting list 90% higher, disorder episodes 3.0% higher"
    )
    assert sentence(found, most=1).endswith("; worse: waiting list 90% higher and 1 more")
    assert sentence(rows(public_calls=0.2)) == "nothing clearly better or worse"


def test_headlines_say_what_may_get_worse():
    assert {"disorder", "waiting_list", "police_cost", "agency_cost"} <= set(HEADLINES)
    assert not any(
        MEASURES[f"recorded_{kind}"].better for kind in ("crime", "violence", "property")
    )


def test_the_provenance_repeats_the_comparison(toy, tmp_path):
    named = {"reactive": "reactive", "omem": "omem"}
    asked = Asked("small", named, ("seed=3",), 2, "omem").asked()
    given = scenarios("reactive", "omem", seed=3)
    result = do(toy, tmp_path, given=given, replicates=2, asked=asked, baseline="omem")
    made = json.loads((tmp_path / "out" / "provenance.json").read_text())
    assert made["command"] == (
        "omemsim compare reactive omem town=small replicates=2 baseline=omem seed=3"
    )
    assert made["seeds"] == {"reactive": 3, "omem": 3}
    assert made["replicates"] == 2
    assert made["config"]["omem"]["town"]["name"] == "small"
    assert {"omemsim", "commit", "python", "numpy", "numba"} <= set(made["environment"])
    assert made["runs"]["omem"] == {str(r): result.runs["omem", r].run_id for r in range(2)}


@pytest.mark.parametrize("moved", [False, True])
def test_an_edited_table_is_another_question_and_a_moved_one_is_not(toy, tmp_path, moved):
    table = tmp_path / "table.csv"
    rows = [f"{k},Area {k},{1000 + k},{k % 4},{10 + k}" for k in range(6)]
    table.write_text("\n".join(["id,name,population,violence,property", *rows]))
    given = {
        name: compose_scenario("table", name, [f"town.file={table}"])
        for name in ("reactive", "omem")
    }
    first = do(toy, tmp_path, given=given, replicates=1)
    sources._kept.clear()  # a new process has read nothing yet
    if moved:
        table = table.rename(tmp_path / "elsewhere.csv")
    else:
        table.write_text(table.read_text().replace("1003", "1999"))
    again = {
        name: dataclasses.replace(
            scenario, town=dataclasses.replace(scenario.town, file=str(table))
        )
        for name, scenario in given.items()
    }
    second = do(toy, tmp_path, given=again, replicates=1)
    assert (first.reused, second.reused) == (0, 2 if moved else 0)


def test_a_wrong_table_is_refused_before_a_store_is_made(toy, tmp_path):
    given = scenarios("reactive", "omem")
    town = TownConfig(name="x", kind="table", file=str(tmp_path / "none.csv"))
    given = {name: dataclasses.replace(x, town=town) for name, x in given.items()}
    with pytest.raises(InputError, match=r"none\.csv"):
        do(toy, tmp_path, given=given)
    assert not (tmp_path / "out").exists()


def test_a_store_may_stand_elsewhere(toy, tmp_path):
    do(toy, tmp_path, "reactive", "omem", replicates=1, store=tmp_path / "shared")
    again = do(
        toy,
        tmp_path,
        "reactive",
        "omem",
        replicates=1,
        store=tmp_path / "shared",
        out=tmp_path / "other",
    )
    assert again.reused == 2
    assert [item.name for item in (tmp_path / "other").iterdir()] == ["provenance.json"]


def test_a_difference_without_direction_has_no_share_better(toy, tmp_path, monkeypatch):
    plain = {name: About(name, "unit") for name in ("victimization", "trust", "share_blue")}
    monkeypatch.setattr(comparison_module, "about", plain.__getitem__)
    monkeypatch.setattr(contrasts_module, "about", plain.__getitem__)
    result = do(toy, tmp_path, "reactive", "omem", replicates=3)
    assert all(math.isnan(share) for share in result.table()["share_better"])
    assert "better" not in result.text()
