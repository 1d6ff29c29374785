"""What a study asked for is kept; the same name is the same study, or refused."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3

import pytest

from omemsim.study import lock
from omemsim.study.export import export, table_of
from omemsim.study.identity import RunKey
from omemsim.study.lock import Driver, Lock, driver_of
from omemsim.study.manifest import Member, Study, named_after
from omemsim.study.reader import Reader
from omemsim.study.store import Record, Store
from omemsim.study.tasks import Failure
from omemsim.vocabulary.errors import InputError

UNITS = {"fear": "index 0-1", "calls": "per 1,000 a year"}
BASE = json.dumps({"years": 5, "parameters": {"feel": {"pace": 1.0}}, "town": {"name": "small"}})
PACE = "parameters.feel.pace"
POINTS = [{PACE: 0.5, "years": 3}, {PACE: 2.5, "years": 4}, {PACE: 3.5, "years": 5}]


def run_id(arm, point, replicate):
    return f"{arm}-{point}-{replicate}".ljust(64, "0")


def key(arm, point, replicate):
    changes = json.dumps(POINTS[point])
    return RunKey(run_id(arm, point, replicate), "small", arm, replicate, BASE, changes)


def record(arm="omem", point=0, replicate=0):
    fear = 0.1 + point + replicate / 3
    return Record(key(arm, point, replicate), {"fear": fear, "calls": 20.5}, None, 0.5)


def study(points=2, replicates=2, name="pace", values=POINTS, **changes):
    members = [
        Member(run_id(arm, point, replicate), arm, point, replicate)
        for point in range(points)
        for arm in ("reactive", "omem")
        for replicate in range(replicates)
    ]
    design = {"kind": "latin", "seed": 1, "points": values[:points], "replicates": replicates}
    return Study(name, "sweep", ("omemsim", "sweep"), {**design, **changes}, members)


def query(path, text):
    with contextlib.closing(sqlite3.connect(path / "runs.sqlite")) as db:
        return db.execute(text).fetchall()


def test_a_study_is_found_again_as_it_was_asked(tmp_path):
    with Store(tmp_path) as kept:
        kept.begin(study())
        kept.put([record()], units=UNITS)
        kept.put_failure(key("omem", 1, 1), Failure("omem, point 1", "ValueError: no", "Trace"))
        with Reader(tmp_path) as seen:
            found, so_far = seen.study(), seen.progress("pace")
    asked = study()
    assert (found.name, found.kind, found.command) == ("pace", "sweep", ("omemsim", "sweep"))
    assert found.design == asked.design
    assert found.members == asked.members
    assert (so_far.total, so_far.done, so_far.failed, so_far.left) == (8, 1, 1, 6)
    assert so_far.seconds == 0.5


def test_a_run_without_series_is_a_result_and_leaves_no_file(tmp_path):
    with Store(tmp_path) as kept:
        kept.put([record()], units=UNITS)
        assert kept.done([record().key.run_id]) == {record().key.run_id}
        assert kept.done(f"{n}" for n in range(2000)) == set()
        assert kept.done([record().key.run_id, *map(str, range(2000))]) == {record().key.run_id}
    assert not (tmp_path / "series").exists()


def test_configs_are_kept_once_and_composed_with_their_changes(tmp_path):
    with Store(tmp_path) as kept:
        kept.put([record(point=p, replicate=r) for p in range(3) for r in range(2)], units=UNITS)
        found = kept.config_of(run_id("omem", 1, 1))
        with pytest.raises(InputError, match="no run"):
            kept.config_of("nobody")
    assert found == {
        "years": 4,
        "parameters": {"feel": {"pace": 2.5}},
        "town": {"name": "small"},
    }
    assert query(tmp_path, "SELECT count(*) FROM configs") == [(1,)]
    assert query(tmp_path, "SELECT count(*) FROM scenarios") == [(3,)]


def test_more_of_a_study_is_the_same_study(tmp_path):
    with Store(tmp_path) as kept:
        first = kept.begin(study())
        kept.put([record()], units=UNITS)
        assert kept.begin(study(points=3, replicates=1)) == first
        assert kept.progress().total == 6
        assert kept.progress().done == 1
        assert query(tmp_path, "SELECT count(*) FROM runs") == [(6,)]  # none that nobody asks for
        assert kept.study().design["points"] == POINTS
        assert kept.begin(study(name="other")) != first
        assert [name for name, _, _ in kept.studies()] == ["pace", "other"]
        assert kept.progress("other").done == 1  # made once, a member of two


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"seed": 2}, "  seed: 1 there, 2 here"),
        ({"values": [{PACE: 0.5, "years": 3}, {PACE: 9, "years": 4}]}, "point 1, parameters.feel"),
        ({"factors": ["a"]}, "  factors: None there, ['a'] here"),
    ],
)
def test_a_name_that_stands_for_another_study_is_refused(tmp_path, changes, line):
    with Store(tmp_path) as kept:
        kept.begin(study())
        with pytest.raises(InputError, match="asks something else") as caught:
            kept.begin(study(**changes))
        assert kept.study().design["points"] == POINTS[:2]
    assert line in str(caught.value)
    assert "another name" in caught.value.problems[-1]


def test_a_study_that_is_not_there_is_said_with_those_that_are(tmp_path):
    with Store(tmp_path) as kept:
        with pytest.raises(InputError, match=r"no study\. It holds none"):
            kept.study()
        kept.begin(study())
        with pytest.raises(InputError, match=r"no study 'pce'. There are: pace"):
            kept.study("pce")


def test_names_are_those_of_the_question():
    assert named_after("compare", {"a": 1}) == named_after("compare", {"a": 1})
    assert named_after("compare", {"a": 1}) != named_after("compare", {"a": 2})


def test_plain_sql_reads_points_and_results_while_a_study_writes(tmp_path):
    with Store(tmp_path) as kept:
        kept.begin(study())
        kept.put([record(point=1)], units=UNITS)
        points = query(tmp_path, "SELECT point, factor, value FROM points WHERE study = 'pace'")
        results = query(
            tmp_path,
            "SELECT arm, point, town, strategy, replicate, measure, unit, value FROM results "
            "WHERE study = 'pace' ORDER BY measure",
        )
    assert sorted(points)[:2] == [(0, PACE, 0.5), (0, "years", 3)]
    assert results == [
        ("omem", 1, "small", "omem", 0, "calls", "per 1,000 a year", 20.5),
        ("omem", 1, "small", "omem", 0, "fear", "index 0-1", 1.1),
    ]


def test_a_run_is_found_by_the_start_of_its_id_or_by_its_place(tmp_path):
    with Store(tmp_path) as kept:
        kept.begin(study())
        assert kept.find("omem-1-0") == [run_id("omem", 1, 0)]
        assert kept.find("omem/1/0") == [run_id("omem", 1, 0)]
        assert len(kept.find("omem")) == 4
        assert kept.find("omem/1/7") == kept.find("zz") == []
        with pytest.raises(InputError, match=r"'omem/1': .*all three"):
            kept.find("omem/1")


# --- Export ---------------------------------------------------------------------------


@pytest.fixture
def swept(tmp_path):
    """A store with two arms at two points, one run missing."""
    with Store(tmp_path / "s") as kept:
        kept.begin(study(replicates=1))
        each = [record(arm, point) for arm in ("reactive", "omem") for point in (0, 1)]
        kept.put(each[:3], units=UNITS)
    with Reader(tmp_path / "s") as kept:
        yield kept


def test_a_tidy_table_has_a_row_per_run_and_measure(swept, tmp_path):
    assert export(swept, tmp_path / "a.csv") == 6
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == (
        f"study,arm,point,replicate,run_id,town,strategy,{PACE},years,measure,unit,value"
    )
    start = f"pace,omem,0,0,{run_id('omem', 0, 0)},small,omem,0.5,3"
    assert lines[1:3] == [f"{start},fear,index 0-1,0.1", f'{start},calls,"per 1,000 a year",20.5']
    assert len(lines) == 7
    assert not list(tmp_path.glob("*.tmp"))


def test_a_wide_table_has_a_row_per_run_and_its_units_beside(swept, tmp_path):
    assert export(swept, tmp_path / "a.csv", shape="wide", study="pace") == 3
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith(",fear,calls")
    assert lines[3].endswith("small,reactive,2.5,4,1.1,20.5")
    units = (tmp_path / "a.units.csv").read_text(encoding="utf-8").splitlines()
    assert units == ["measure,unit", "fear,index 0-1", 'calls,"per 1,000 a year"']


def test_runs_of_no_study_are_exported_too(tmp_path):
    with Store(tmp_path / "s") as kept:
        kept.put([record(point=1), record(point=2)], units=UNITS)
        table = table_of(kept, shape="wide")
        rows = list(table.rows())
    assert [row[:4] for row in rows] == [[None, None, None, 0], [None, None, None, 0]]
    assert [row[-2:] for row in rows] == [[1.1, 20.5], [2.1, 20.5]]
    assert table.n_rows == 2


@pytest.mark.parametrize("shape", ["tidy", "wide"])
def test_parquet_has_types_and_units(swept, tmp_path, shape):
    parquet = pytest.importorskip("pyarrow.parquet")
    export(swept, tmp_path / "a.parquet", shape=shape)
    table = parquet.read_table(tmp_path / "a.parquet")
    assert table.num_rows == (6 if shape == "tidy" else 3)
    assert str(table.schema.field(PACE).type) == "double"
    assert str(table.schema.field("point").type) == "int64"
    if shape == "wide":
        assert table.schema.field("fear").metadata == {b"unit": b"index 0-1"}
        assert table.column("fear").to_pylist() == [0.1, 0.1, 1.1]


def test_excel_has_a_second_sheet_of_units(swept, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    export(swept, tmp_path / "a.xlsx", shape="wide")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["results", "units"]
    assert [cell.value for cell in list(book["results"])[3]][-2:] == [1.1, 20.5]
    assert [cell.value for cell in list(book["units"])[1]] == ["fear", "index 0-1"]
    book.close()


@pytest.mark.parametrize(
    ("name", "words", "part"),
    [
        ("a.txt", {}, "must end in .csv, .parquet, .xlsx"),
        ("a.csv", {"shape": "wid"}, "Did you mean 'wide'?"),
        ("a.csv", {"study": "pce"}, "There are: pace"),
        ("s", {}, "a folder stands there"),
    ],
)
def test_an_export_that_cannot_be_is_refused(swept, tmp_path, name, words, part):
    with pytest.raises(InputError) as caught:
        export(swept, tmp_path / name, **words)
    assert part in str(caught.value)
    assert [item.name for item in tmp_path.iterdir()] == ["s"]


def test_a_missing_package_is_named_with_its_extra(swept, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(InputError, match=r'pip install "omemsim\[export\]"'):
        export(swept, tmp_path / "a.parquet")


# --- The lock -------------------------------------------------------------------------


def test_a_lock_says_who_has_it_and_goes_with_its_holder(tmp_path):
    assert driver_of(tmp_path) is None
    held = Lock(tmp_path)
    assert driver_of(tmp_path).pid == os.getpid()
    with pytest.raises(InputError, match=rf"process {os.getpid()} on "):
        Lock(tmp_path)
    held.release()
    assert driver_of(tmp_path) is None
    Lock(tmp_path).release()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_nobody_holds_blocks_nobody(tmp_path):
    (tmp_path / lock.FILE).write_text(json.dumps(vars(Driver(1, "here", "omemsim", 0.0))))
    assert driver_of(tmp_path) is None
    Lock(tmp_path).release()
    (tmp_path / lock.FILE).write_text("half of it {")
    with Store(tmp_path) as kept:
        kept.put([record()], units=UNITS)
        assert driver_of(tmp_path).pid == os.getpid()
