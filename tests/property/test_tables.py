"""What holds for any table: counts conserve, order does not matter, nothing else is raised."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omemsim.inputs import geography
from omemsim.inputs.tables import guess_columns, read_blueprint
from omemsim.inputs.tables.numbers import read_number
from omemsim.vocabulary.errors import InputError

COLUMNS = {"id": "id", "population": "pop", "violence": "v", "property": "p", "deprivation": "d"}
rows = st.lists(
    st.tuples(
        st.integers(1, 10**6),
        st.integers(0, 10**5),
        st.integers(0, 10**5),
        st.floats(-1e6, 1e6).map(lambda value: round(value, 3)),
    ),
    min_size=1,
    max_size=12,
).filter(lambda rows: not any(2 * row[0] == sum(own[0] for own in rows) for row in rows))
"""Towns of which no row is the total of the others."""


def read(path, **changes):
    fields = {"name": "t", "file": str(path), "columns": COLUMNS, "adjacency": None}
    fields |= {"polygons": None, "year": None, "since": None, "shrink": False, "scale": 1.0}
    fields |= {"sheet": None, "suppressed": None, "totals": "keep"}
    fields |= {"coverage_violence": 1.0, "coverage_property": 1.0}
    return read_blueprint(SimpleNamespace(**(fields | changes)))


def read_or_problems(path, **changes):
    """Return a town and no problems, or no town and its problems; nothing else may be raised."""
    try:
        return read(path, **changes), []
    except InputError as error:
        return None, error.problems


def table(rows, *, delimiter=",", decimal="."):
    lines = [["id", "pop", "v", "p", "d"]]
    lines += [[f"n{i}", *map(str, row)] for i, row in enumerate(rows)]
    return "\n".join(delimiter.join(cells).replace(".", decimal) for cells in lines)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("tables") / "town.csv"


@settings(max_examples=60, deadline=None)
@given(rows=rows, scale=st.floats(1, 1000))
def test_counts_conserve_and_stocks_are_in_bounds(path, rows, scale):
    path.write_text(table(rows), encoding="utf-8")
    town = read(path, scale=scale)
    people, violent, stolen, _ = np.array(rows, dtype=float).T
    np.testing.assert_allclose(town.population * scale, people)
    np.testing.assert_allclose(town.violence * people / 1000, violent, atol=1e-9)
    np.testing.assert_allclose(town.property * people / 1000, stolen, atol=1e-9)
    assert (town.residents >= 1).all()
    assert (np.abs(town.residents - town.population * 0.83) <= 1).all()
    assert ((town.deprivation >= 0) & (town.deprivation <= 1)).all()
    for values in (town.visitors, town.businesses, town.moving, town.area, town.xy):
        assert np.isfinite(values).all()
        assert values.min() >= 0


@settings(max_examples=40, deadline=None)
@given(rows=rows, delimiter=st.sampled_from([";", "\t"]), encoding=st.sampled_from(["utf-8-sig"]))
def test_a_spreadsheet_in_french_says_the_same(path, rows, delimiter, encoding):
    path.write_text(table(rows), encoding="utf-8")
    english = read(path)
    path.write_text(table(rows, delimiter=delimiter, decimal=","), encoding=encoding)
    french = read(path)
    np.testing.assert_array_equal(french.deprivation, english.deprivation)
    np.testing.assert_array_equal(french.violence, english.violence)


@settings(max_examples=40, deadline=None)
@given(rows=rows, data=st.data())
def test_the_order_of_rows_changes_nobody(path, rows, data):
    path.write_text(table(rows), encoding="utf-8")
    before = read(path)
    header, *lines = table(rows).split("\n")
    shuffled = data.draw(st.permutations(lines))
    path.write_text("\n".join([header, *shuffled]), encoding="utf-8")
    after = read(path)
    order = [after.ids.index(own) for own in before.ids]
    np.testing.assert_array_equal(after.residents[order], before.residents)
    np.testing.assert_allclose(after.deprivation[order], before.deprivation, atol=0.51 / len(rows))


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode()))
def test_any_bytes_are_read_or_refused(path, content):
    path.write_bytes(b"id,pop,v,p,d\n" + content)
    town, problems = read_or_problems(path)
    assert all(str(path) in problem for problem in problems)
    if town is None:
        assert problems
    else:
        assert len(town.ids) >= 1
        assert np.isfinite(town.population).all()


@settings(max_examples=100, deadline=None)
@given(
    mapping=st.dictionaries(
        st.sampled_from([*COLUMNS, "moving", "households", "lon", "x", "nonsense"]),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.sampled_from(["id", "pop", "v", "q"]),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(
                    st.sampled_from(["columns", "assume", "per", "of", "times", "v"]), inner
                )
            ),
            max_leaves=4,
        ),
    )
)
def test_any_mapping_is_read_or_refused(path, mapping):
    path.write_text(table([(100, 5, 6, 1.5), (50, 1, 0, 2.5)]), encoding="utf-8")
    town, problems = read_or_problems(path, columns=COLUMNS | mapping | {"guess": False})
    assert bool(problems) == (town is None)
    assert town is None or len(town.ids) == 2


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_being_written(value):
    assert read_number(repr(value)) == value
    assert read_number(repr(value).replace(".", ","), decimal_comma=True) == value


@given(cell=st.text(max_size=8), comma=st.booleans(), spaces=st.booleans())
def test_any_cell_is_a_finite_number_or_refused(cell, comma, spaces):
    value, reason = 0.0, ""
    try:
        value = read_number(cell, decimal_comma=comma, spaces=spaces)
    except ValueError as error:
        reason = str(error)
    assert np.isfinite(value)
    assert reason == "" or reason.startswith("is not a")


@given(header=st.lists(st.text(max_size=12), max_size=8))
def test_a_guess_names_columns_of_the_header(header):
    guess = guess_columns(header)
    columns = [
        c for value in guess.values() for c in ([value] if isinstance(value, str) else value)
    ]
    assert set(columns) <= set(header)


@settings(max_examples=60)
@given(
    points=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=25),
)
def test_every_centre_has_a_neighbour(points):
    pairs = geography.triangulate(np.array(points, dtype=float))
    assert set(pairs.ravel().tolist()) == set(range(len(points)))
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert len(np.unique(pairs, axis=0)) == len(pairs)
