"""Outlines, centres, areas and neighbours, against shapes whose answer is known."""

import importlib.util
import json
import sys

import numpy as np
import pytest

from omemsim.inputs import geography
from omemsim.vocabulary.errors import InputError

SQUARE = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]]
HOLE = [[1.0, 1.0], [2.0, 1.0], [2.0, 2.0], [1.0, 2.0], [1.0, 1.0]]


def feature(coordinates, *, kind="Polygon", **properties):
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def save(tmp_path, *features, **extra):
    path = tmp_path / "map.geojson"
    path.write_text(json.dumps({"features": list(features), **extra}), encoding="utf-8")
    return path


@pytest.mark.parametrize("outline", [SQUARE, SQUARE[::-1], SQUARE[:-1]])
@pytest.mark.parametrize("hole", [HOLE, HOLE[::-1]])
def test_a_hole_counts_against_whatever_way_rings_run(tmp_path, outline, hole):
    read = geography.read_features(save(tmp_path, feature([outline, hole])))
    assert geography.areas(read.rings, in_degrees=False) * 1e6 == pytest.approx([15])
    assert geography.centres(read.rings)[0] == pytest.approx([(32 - 1.5) / 15] * 2)


def test_several_polygons_make_one_area(tmp_path):
    away = [[x + 10, y] for x, y in SQUARE]
    read = geography.read_features(save(tmp_path, feature([[SQUARE], [away]], kind="MultiPolygon")))
    assert geography.areas(read.rings, in_degrees=False) * 1e6 == pytest.approx([32])
    assert geography.centres(read.rings)[0] == pytest.approx([7, 2])


def test_properties_are_text_and_whole_numbers_have_no_decimals(tmp_path):
    path = save(tmp_path, feature([SQUARE], id=1.0, name=" Alma ", gap=None, rate=1.5))
    (own,) = geography.read_features(path).properties
    assert own == {"id": "1", "name": "Alma", "gap": "", "rate": "1.5"}


@pytest.mark.parametrize(
    ("extra", "shift", "expected"),
    [
        ({}, 0, True),
        ({"crs": {"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}, 0, True),
        ({"crs": {"properties": {"name": "EPSG:26917"}}}, 0, False),
        ({}, 630_000, False),
    ],
)
def test_degrees_are_told_from_metres(tmp_path, extra, shift, expected):
    moved = [[x + shift, y] for x, y in SQUARE]
    assert geography.read_features(save(tmp_path, feature([moved]), **extra)).in_degrees is expected


@pytest.mark.parametrize(
    ("east", "north", "expected"),
    [(170, 80, True), (-175, -85, True), (100, 95, False), (185, 10, False), (-10, -95, False)],
)
def test_degrees_go_further_east_than_north(tmp_path, east, north, expected):
    moved = [[x + east, y + north] for x, y in SQUARE]
    assert geography.read_features(save(tmp_path, feature([moved]))).in_degrees is expected


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (feature([0, 0], kind="Point"), "is a Point"),
        (feature([[[0, 0], [1, None], [1, 1], [0, 0]]]), "is not a GeoJSON feature"),
        (feature([[[0, 0], [1], [1, 1], [0, 0]]]), "feature 2"),
        (feature([[[0, 0], [1, "NaN"], [1, 1], [0, 0]]]), "not two finite numbers"),
        ({"properties": {}}, "is not a GeoJSON feature"),
        (7, "is not a GeoJSON feature"),
    ],
)
def test_a_faulty_feature_is_named(tmp_path, shape, words):
    with pytest.raises(InputError) as caught:
        geography.read_features(save(tmp_path, feature([SQUARE]), shape))
    (problem,) = caught.value.problems
    assert "map.geojson, feature 2: " in problem
    assert words in problem


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"features":\n [}', "row 2, character 3: not GeoJSON"),
        (b"\xff\xfe\x00", "is not GeoJSON text"),
        (b"[]", "holds no features"),
        (b'{"features": []}', "holds no features"),
        (b"[" * 100_000, "not GeoJSON"),
    ],
)
def test_a_file_that_is_no_geojson(tmp_path, content, words):
    path = tmp_path / "map.geojson"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        geography.read_features(path)


def test_a_folder_for_a_geojson(tmp_path):
    folder = tmp_path / "map.geojson"
    folder.mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        geography.read_features(folder)


def test_project_gives_metres_about_the_middle():
    xy = geography.project(np.array([-79.4, -79.3]), np.array([43.7, 43.7]))
    assert xy.mean(axis=0) == pytest.approx([0, 0], abs=1e-6)
    assert xy[1, 0] - xy[0, 0] == pytest.approx(8039, abs=2)


def test_areas_in_degrees_are_km2():
    ring = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]], dtype=float)
    assert geography.areas([[ring]], in_degrees=True) == pytest.approx([111.195**2], rel=1e-3)


def test_contiguity_is_a_shared_corner(tmp_path):
    squares = [[[x + a, y + b] for x, y in SQUARE] for a, b in ((0, 0), (4, 0), (4, 4), (20, 0))]
    read = geography.read_features(save(tmp_path, *(feature([ring]) for ring in squares)))
    assert geography.contiguity(read.rings).tolist() == [[0, 1], [0, 2], [1, 2]]


def test_a_triangulation_joins_all_and_crosses_nothing():
    xy = np.array([[0, 0], [2, 0], [0, 2], [2, 2], [1, 1]], dtype=float)
    pairs = geography.triangulate(xy).tolist()
    assert [p for p in pairs if 4 in p] == [[0, 4], [1, 4], [2, 4], [3, 4]]
    assert [0, 3] not in pairs


@pytest.mark.parametrize(
    ("xy", "expected"),
    [
        ([[0, 0]], []),
        ([[0, 0], [1, 0]], [[0, 1]]),
        ([[0, 0], [3, 3], [1, 1], [2, 2]], [[0, 2], [1, 3], [2, 3]]),
        ([[5, 5]] * 4, [[0, 1], [1, 2], [2, 3]]),
    ],
)
def test_few_centres_or_centres_on_a_line(xy, expected):
    assert geography.triangulate(np.array(xy, dtype=float)).tolist() == expected


def test_two_centres_at_one_spot_are_neighbours():
    xy = np.array([[0, 0], [9, 0], [0, 9], [9, 9], [9, 9]], dtype=float)
    assert [3, 4] in geography.triangulate(xy).tolist()


def test_a_grid_has_neighbours_on_sides():
    xy, pairs = geography.grid(5, spacing=100)
    assert xy.tolist() == [[0, 0], [100, 0], [200, 0], [0, 100], [100, 100]]
    assert pairs.tolist() == [[0, 1], [0, 3], [1, 2], [1, 4], [3, 4]]
    assert geography.grid(1, spacing=1)[1].shape == (0, 2)


def test_other_formats_name_the_extra_when_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "geopandas", None)
    with pytest.raises(InputError, match=r'pip install "omemsim\[geo\]"'):
        geography.read_features(tmp_path / "map.gpkg")


def test_pysals_data_names_the_extra_when_it_is_missing(monkeypatch):
    monkeypatch.setattr(geography, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r'pip install "omemsim\[geo\]"'):
        geography.bundled("columbus/columbus.json")


def test_pysal_without_the_file():
    pytest.importorskip("libpysal", reason="needs the extra geo")
    with pytest.raises(InputError, match=r"no example file 'none\.json'"):
        geography.bundled("none.json")


def test_columbus_is_found_without_importing_pysal():
    if importlib.util.find_spec("libpysal") is None:
        pytest.skip("needs the extra geo")
    before = set(sys.modules)
    read = geography.read_features(geography.bundled("columbus/columbus.json"))
    assert len(read.rings) == 49
    assert not {name for name in set(sys.modules) - before if name.startswith("libpysal")}


def test_contiguity_equals_pysals_own_file():
    pytest.importorskip("libpysal", reason="needs the extra geo")
    read = geography.read_features(geography.bundled("columbus/columbus.json"))
    lines = geography.bundled("columbus/columbus.gal").read_text("utf-8").splitlines()[1:]
    expected = {
        tuple(sorted((int(focal.split()[0]) - 1, int(other) - 1)))
        for focal, others in zip(lines[::2], lines[1::2], strict=True)
        for other in others.split()
    }
    assert {tuple(pair) for pair in geography.contiguity(read.rings).tolist()} == expected


def test_a_shapefile_reads_as_its_geojson():
    pytest.importorskip("geopandas", reason="needs the extra geo")
    one = geography.read_features(geography.bundled("columbus/columbus.json"))
    other = geography.read_features(geography.bundled("columbus/columbus.shp"))
    assert not other.in_degrees
    assert [own["POLYID"] for own in other.properties] == [own["POLYID"] for own in one.properties]
    np.testing.assert_allclose(geography.centres(other.rings), geography.centres(one.rings))


def test_a_file_that_geopandas_cannot_read(tmp_path):
    pytest.importorskip("geopandas", reason="needs the extra geo")
    path = tmp_path / "map.shp"
    path.write_bytes(b"nothing")
    with pytest.raises(InputError, match="cannot be read as polygons"):
        geography.read_features(path)
