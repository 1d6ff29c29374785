"""Where neighbourhoods are: outlines, centres, areas and who borders whom.

GeoJSON is read with the standard library. Other formats need the extra ``geo``, and
this is the one file that imports it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import combinations, pairwise
from math import ceil, isfinite, sqrt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from omemsim.present.text import counted, some
from omemsim.vocabulary.errors import InputError

__all__ = [
    "SUFFIXES",
    "Features",
    "areas",
    "bundled",
    "centres",
    "contiguity",
    "grid",
    "project",
    "read_features",
    "triangulate",
]

Points = NDArray[np.float64]
"""(V, 2): longitude, latitude in degrees, or x, y in metres."""
Pairs = NDArray[np.int32]
"""(M, 2): row numbers, the smaller first, each pair once, sorted."""

_GEOJSON = {".geojson", ".json"}
SUFFIXES = _GEOJSON | {".shp", ".gpkg", ".fgb"}
_EARTH = 6_371_008.8
"""Mean radius of the Earth in metres."""


@dataclass(frozen=True)
class Features:
    """Outlines of N areas and what the file says of each.

    Attributes
    ----------
    path : the file, as shown in messages.
    properties : per feature, name -> value as text ("" where the file has null).
    rings : per feature, closed rings (V, 2) in the file's coordinates; an outline runs
        counterclockwise and a hole clockwise.
    in_degrees : the coordinates are longitude and latitude.
    notes : what was mended or is missing, one sentence each.
    """

    path: str
    properties: list[dict[str, str]]
    rings: list[list[Points]]
    in_degrees: bool
    notes: list[str] = field(default_factory=list)


def bundled(name: str) -> Path:
    """Return a data file that PySAL ships, as ``columbus/columbus.json``; nothing is fetched.

    Raises
    ------
    InputError
        PySAL is not installed, or has no such file.
    """
    # Looked up without importing it: the import takes seconds and makes a folder in the home.
    spec = find_spec("libpysal")
    if spec is None or spec.origin is None:
        raise InputError(_missing_extra(f"The data set {name!r} comes with PySAL"))
    path = Path(spec.origin).parent / "examples" / name
    if not path.is_file():
        raise InputError(f"PySAL has no example file {name!r}. Looked for {path}.")
    return path


def read_features(path: Path) -> Features:
    """Read the polygons of a GeoJSON file, or of another format with the extra ``geo``.

    A GeoJSON file in another projection than degrees, or with outlines that cross themselves, is
    read with that extra too, if it is installed; without it its coordinates are taken for metres,
    and what has no area for nothing, with a note.

    Raises
    ------
    InputError
        Not a collection of polygons; every faulty feature is named.
    """
    if path.suffix.lower() in _GEOJSON:
        data = _load_json(path)
        is_projected = isinstance(data, dict) and data.get("crs") and not _is_degrees(data["crs"])
        found = _collect(_reprojected(path, data) if is_projected else data, path)
        is_whole = is_projected or all(found.rings)
        return found if is_whole else _collect(_reprojected(path, data), path)
    return _collect(_load_other(path), path)


def project(lon: Points, lat: Points) -> Points:
    """Return metres east and north of the middle, (N, 2), for a region the size of a city.

    Local equirectangular: a degree of longitude is as long as at the mean latitude.
    """
    middle = np.radians(np.mean(lat))
    east = np.radians(lon - np.mean(lon)) * np.cos(middle)
    north = np.radians(lat - np.mean(lat))
    return np.asarray(np.column_stack([east, north]) * _EARTH, dtype=np.float64)


def centres(rings: Sequence[list[Points]]) -> Points:
    """Return the centre of mass of each outline, (N, 2), in the rings' coordinates."""
    return np.array([_moments(outline)[1] for outline in rings])


def areas(rings: Sequence[list[Points]], *, in_degrees: bool) -> NDArray[np.float64]:
    """Return the area of each outline in km2, (N,), for rings in degrees or metres."""
    square = np.array([_moments(outline)[0] for outline in rings])
    if in_degrees:
        latitudes = np.concatenate([ring[:, 1] for outline in rings for ring in outline])
        square *= np.radians(_EARTH) ** 2 * np.cos(np.radians(latitudes.mean()))
    return np.asarray(square / 1e6, dtype=np.float64)


def contiguity(rings: Sequence[list[Points]]) -> Pairs:
    """Return the pairs of outlines that share a vertex (queen contiguity)."""
    owners: dict[tuple[float, float], set[int]] = {}
    for row, outline in enumerate(rings):
        for x, y in np.concatenate(outline).round(6).tolist():
            owners.setdefault((x, y), set()).add(row)
    return _pairs(pair for rows in owners.values() for pair in combinations(sorted(rows), 2))


def triangulate(xy: Points) -> Pairs:
    """Return neighbours from centres alone: the edges of a Delaunay triangulation.

    On Toronto's 158 neighbourhoods 87% of these pairs share a border, and 84% of the
    pairs that share one are found. Centres on one line are chained.
    """
    from scipy.spatial import Delaunay, QhullError

    if len(xy) < 4:
        return _pairs(combinations(range(len(xy)), 2))
    try:
        mesh = Delaunay(xy)
    except QhullError:
        order = np.lexsort((xy[:, 1], xy[:, 0])).tolist()
        return _pairs(pairwise(order))
    edges = [pair for corners in mesh.simplices.tolist() for pair in combinations(corners, 2)]
    # A centre at the same spot as another is left out of the mesh; it borders that one.
    twins = [(point, nearest) for point, _, nearest in mesh.coplanar.tolist()]
    return _pairs(edges + twins)


def grid(n: int, *, spacing: float) -> tuple[Points, Pairs]:
    """Return centres and neighbours (sharing a side) of n cells of a square grid.

    Parameters
    ----------
    spacing : metres between centres.
    """
    side = ceil(sqrt(n))
    column, line = np.arange(n) % side, np.arange(n) // side
    xy = np.column_stack([column, line]) * spacing
    right = [(i, i + 1) for i in range(n - 1) if column[i + 1] > column[i]]
    up = [(i, i + side) for i in range(n - side)]
    return xy.astype(np.float64), _pairs(right + up)


def _pairs(found: Any) -> Pairs:
    """Sort pairs of row numbers, each once, none with itself."""
    unique = sorted({(min(a, b), max(a, b)) for a, b in found if a != b})
    return np.array(unique, dtype=np.int32).reshape(-1, 2)


def _moments(outline: Sequence[Points]) -> tuple[float, Points]:
    """Return signed area and centre of mass of closed rings (holes count against)."""
    # About a corner of the outline, so that no digits are lost far from the origin.
    origin = outline[0][0]
    area, first = 0.0, np.zeros(2)
    for ring in outline:
        a, b = ring[:-1] - origin, ring[1:] - origin
        cross = a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1]
        area += float(cross.sum()) / 2
        first += ((a + b) * cross[:, None]).sum(axis=0) / 6
    return area, origin + first / area


def _missing_extra(what: str) -> str:
    return f'{what}, which is not installed here. Install it with: pip install "omemsim[geo]"'


def _load_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from error
    except json.JSONDecodeError as error:
        raise InputError(
            f"{path}, row {error.lineno}, character {error.colno}: not GeoJSON ({error.msg})."
        ) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path}: is not GeoJSON text in UTF-8.") from error


def _reprojected(path: Path, data: Any) -> Any:
    """Return a GeoJSON document mended and in degrees, as it is where that cannot be done here."""
    if find_spec("geopandas") is None:
        return data
    try:
        return _load_other(path)
    except InputError:  # a projection that is not known, or what is no polygon
        return data


def _load_other(path: Path) -> Any:
    """Read another format as GeoJSON in degrees, or as it is where it names no projection."""
    try:
        import geopandas
    except ImportError as error:
        what = f"{path}: {path.suffix or 'this'} files are read by geopandas"
        raise InputError(_missing_extra(what)) from error
    try:
        frame = geopandas.read_file(path)
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(f"{path}: cannot be read as polygons ({error}).") from error
    known = frame.crs is not None
    frame = frame.set_geometry(frame.geometry.make_valid())
    # str: a column of dates has no other form in GeoJSON.
    text = (frame.to_crs(4326) if known else frame).to_json(na="null", default=str)
    return json.loads(text) | {"crs": "EPSG:4326" if known else "none"}


def _collect(data: Any, path: Path) -> Features:
    """Check a decoded GeoJSON document and turn it into `Features`."""
    found = data.get("features") if isinstance(data, dict) else None
    if not isinstance(found, list) or not found:
        raise InputError(f"{path}: holds no features; a GeoJSON FeatureCollection is needed.")
    faults: dict[str, list[str]] = {}
    properties, rings = [], []
    for number, feature in enumerate(found, start=1):
        try:
            properties.append({k: _text(v) for k, v in (feature["properties"] or {}).items()})
            rings.append(list(_outline(feature["geometry"])))
        except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
            reason = str(error) if isinstance(error, ValueError) else "is not a GeoJSON feature"
            faults.setdefault(reason, []).append(str(number))
    if not faults and not any(rings):
        faults["has no ring with an area"] = [str(i) for i in range(1, len(found) + 1)]
    if faults:
        raise InputError(
            *(f"{path}, feature {some(numbers)}: {reason}." for reason, numbers in faults.items())
        )
    flat = [str(i) for i, own in enumerate(rings, start=1) if not own]
    notes = [f"{counted(len(flat), 'feature')} without an area: {some(flat)}."] if flat else []
    in_degrees = _in_degrees(data, rings)
    if not in_degrees:
        notes.append(f"{path.name}: coordinates are taken for metres.")
    return Features(str(path), properties, rings, in_degrees, notes)


def _text(value: Any) -> str:
    """Write a property as a cell of a table; 1.0 and 1 are the same identifier."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _outline(geometry: Any) -> Iterator[Points]:
    """Yield the rings of a polygon or of several, outlines counterclockwise, holes clockwise."""
    if not geometry:
        return
    kind = geometry["type"]
    if kind not in {"Polygon", "MultiPolygon"}:
        raise ValueError(f"is a {kind}; a Polygon or MultiPolygon is needed")
    polygons = geometry["coordinates"] if kind == "MultiPolygon" else [geometry["coordinates"]]
    for polygon in polygons:
        for place, positions in enumerate(polygon):
            ring = _ring(positions)
            twice_area = _twice_area(ring)
            is_hole = place > 0
            # Real files hold slivers without area; they are nowhere on the map.
            if twice_area != 0:
                yield ring if is_hole == (twice_area < 0) else ring[::-1].copy()


def _ring(positions: Any) -> Points:
    ring = np.array([[float(x) for x in position[:2]] for position in positions])
    if ring.ndim != 2 or ring.shape[1:] != (2,) or not all(map(isfinite, ring.ravel())):
        raise ValueError("has a position that is not two finite numbers")
    if not np.array_equal(ring[0], ring[-1]):
        ring = np.vstack([ring, ring[:1]])
    return ring


def _twice_area(ring: Points) -> float:
    a, b = ring[:-1] - ring[0], ring[1:] - ring[0]
    return float((a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1]).sum())


def _in_degrees(data: dict[str, Any], rings: Sequence[list[Points]]) -> bool:
    """Say whether coordinates are degrees: GeoJSON's rule, unless the file says otherwise."""
    if not _is_degrees(data.get("crs") or "CRS84"):
        return False
    every = np.abs(np.concatenate([ring for outline in rings for ring in outline if len(ring)]))
    return bool((every <= (180.0, 90.0)).all())


def _is_degrees(crs: Any) -> bool:
    named = json.dumps(crs)
    return "CRS84" in named or "4326" in named
