"""Zones read off a table: the worse of crime and calls, what tips them, how sure they are."""

import numpy as np
import pytest

from omemsim.analysis.diagnose import DRAWS, diagnose
from omemsim.inputs.blueprint import Blueprint
from omemsim.vocabulary.errors import InputError
from omemsim.vocabulary.parameters import ZoneLimits

LIMITS = ZoneLimits()


def table(violence, calls=None, population=10_000.0, scale=1.0):
    n = len(violence) if violence is not None else len(calls)
    one = np.ones(n)
    return Blueprint(
        name="here",
        ids=[str(i) for i in range(n)],
        names=[f"place {i}" for i in range(n)],
        residents=np.full(n, 8000, np.int64),
        population=population * one,
        deprivation=one / 2,
        visitors=one / 5,
        businesses=35 * one,
        moving=one / 8,
        xy=np.zeros((n, 2)),
        area=one,
        adjacency=np.zeros((0, 2), np.int32),
        violence=None if violence is None else np.array(violence, float),
        calls=None if calls is None else np.array(calls, float),
        scale=scale,
    )


def zones(blueprint):
    rows = {row.id: row for row in diagnose(blueprint, LIMITS).rows}
    return [rows[str(i)].zone for i in range(len(rows))]


def test_crime_is_read_as_a_multiple_of_the_mean():
    # Mean 50: multiples .4, .8, 1.2, 1.6, and 1 of the mean itself.
    assert zones(table([20, 40, 60, 80, 50])) == ["green", "green", "amber", "amber", "green"]
    assert zones(table([10, 10, 10, 90])) == ["green", "green", "green", "red"]


def test_the_worse_of_crime_and_calls_decides():
    assert zones(table([50, 50, 50], calls=[100, 450, 700])) == ["green", "amber", "red"]
    assert zones(table(None, calls=[100, 450, 700])) == ["green", "amber", "red"]


def test_what_tips_it_names_the_nearest_change():
    rows = {
        row.id: row for row in diagnose(table([50, 50, 50], calls=[380, 500, 700]), LIMITS).rows
    }
    assert rows["0"].tipped_by.endswith("amber if the call rate rises 5%")
    assert rows["1"].tipped_by == "500 calls per 1,000; green if the call rate falls 20%"
    assert rows["2"].tipped_by == "700 calls per 1,000; amber if the call rate falls 7%"


def test_blue_is_possible_only_where_all_that_is_known_is_low():
    rows = {
        row.id: row for row in diagnose(table([10, 10, 90], calls=[100, 300, 100]), LIMITS).rows
    }
    assert [rows[str(i)].could_be_blue for i in range(3)] == [True, False, False]


def test_sureness_is_a_half_on_the_line_and_grows_with_the_count():
    """On the line a Poisson count is as likely above as below; 0.05 is 4.5 standard errors."""
    on_the_line = [50 * LIMITS.recorded_mid, 50 * (2 - LIMITS.recorded_mid)]
    row = next(row for row in diagnose(table(on_the_line), LIMITS).rows if row.id == "0")
    assert abs(row.sure - 0.5) < 0.05
    assert 0.5 / np.sqrt(DRAWS) * 4 < 0.05
    near = [60, 40]
    small, large = (
        next(row.sure for row in diagnose(table(near, population=p), LIMITS).rows if row.id == "0")
        for p in (2_000.0, 200_000.0)
    )
    assert small < 0.85
    assert large > 0.99


def test_a_scaled_town_is_as_sure_as_the_real_one():
    real = diagnose(table([60, 40]), LIMITS).rows
    scaled = diagnose(table([60, 40], population=500.0, scale=20), LIMITS).rows
    assert [row.sure for row in real] == [row.sure for row in scaled]


def test_a_table_without_crime_or_calls_is_refused():
    with pytest.raises(InputError, match="neither recorded crime nor calls"):
        diagnose(_bare(), LIMITS)
    with pytest.raises(InputError, match="no crime is recorded anywhere"):
        diagnose(table([0, 0]), LIMITS)


def test_what_is_not_counted_is_said_at_the_top():
    both = table([50, 50, 20])
    second = [
        diagnose(b, LIMITS).rests_on
        for b in (
            both,
            Blueprint(**{**vars(both), "property": both.violence}),
            Blueprint(**{**vars(both), "property": both.violence, "calls": both.violence}),
            table(None, calls=[100, 450, 700]),
        )
    ]
    assert second == [
        "ONLY VIOLENCE IS COUNTED: no column is mapped to property crime. "
        "Zones rest on recorded crime alone: calls are not in the table.",
        "Zones rest on recorded crime alone: calls are not in the table.",
        "Zones rest on recorded crime and calls, the worse of the two.",
        "Zones rest on calls alone: recorded crime is not in the table.",
    ]


def test_a_label_with_less_than_an_even_chance_names_the_likelier_zone():
    """With 30 residents one crime more or less moves the multiple past a zone."""
    unsure = table([60, 50, 40], population=30.0)
    rows = diagnose(unsure, LIMITS).rows
    below = [row for row in rows if row.sure < 0.5]
    assert any(row.likelier for row in below)
    for row in rows:
        assert bool(row.likelier) == (row.likelier_share > row.sure)
        assert not row.likelier or row.likelier != row.zone
    row = next(row for row in rows if row.likelier)
    shown = f"{row.likelier} likelier ({row.likelier_share:.0%}); crime {row.multiple:.2f} x mean"
    assert shown in diagnose(unsure, LIMITS).text()
    assert "likelier" not in diagnose(table([60, 50, 40]), LIMITS).text()


def test_one_place_is_read_against_fixed_limits():
    """Of a table's own mean it is always 1.00 times; the usual rate is 46.5 per 1,000."""
    both = Blueprint(**{**vars(table([50])), "property": np.array([30.0])})
    found = diagnose(both, LIMITS)
    row = found.rows[0]
    assert row.zone == "red"  # 80 are 1.72 times the usual 46.5
    assert row.multiple == pytest.approx(80 / 46.5)
    assert row.tipped_by.startswith("recorded crime 1.72 x the usual rate; amber if crime falls 2%")
    assert (row.relative, row.harm_weighted, row.absolute) == ("", "", "red")
    text = found.text()
    assert text.startswith("here: 1 neighbourhood, 10,000 residents\n")
    assert "cannot be compared with others" in text
    assert "80 recorded crimes (amber from 52, red from 78)" in text.replace("\n  ", " ")
    calm = Blueprint(**{**vars(both), "violence": np.array([5.0])})
    assert diagnose(calm, LIMITS).rows[0].zone == "green"
    called = diagnose(table([50], calls=[500.0]), LIMITS)
    assert (called.rows[0].zone, called.rows[0].tipped_by) == (
        "amber",
        "500 calls per 1,000; green if the call rate falls 20%",
    )
    with pytest.raises(InputError, match="one neighbourhood cannot be compared"):
        diagnose(table([50]), LIMITS)


def _bare():
    bare = table([1, 1])
    return Blueprint(**{**vars(bare), "violence": None})
