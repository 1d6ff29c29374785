"""A hindcast as tables: a terminal's text, a row per neighbourhood and year, a row per score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from omemsim.analysis.hindcast.experiment import LEARNT, MODEL, Hindcast
from omemsim.analysis.hindcast.scores import SCORES
from omemsim.analysis.hindcast.words import (
    TITLES,
    calibrated,
    drifted,
    elsewhere,
    lost,
)
from omemsim.present import csv, text

__all__ = ["hindcast_csv", "hindcast_text", "scores_csv"]


def hindcast_text(hindcast: Hindcast) -> str:
    """Return what a terminal shows: scores by forecast, then sentences."""
    lines = []
    for measure in hindcast.measures:
        lines += [
            "",
            f"{TITLES[measure]}, mean over {_years(hindcast)}",
            *_scores(hindcast, measure),
        ]
    for head, sentences in (
        ("Where the model loses", lost(hindcast)),
        ("Calibration", calibrated(hindcast)),
        ("Level", drifted(hindcast)),
        ("Space, places, and columns no fit saw", elsewhere(hindcast)),
    ):
        lines += ["", head, *(f"  {sentence}" for sentence in sentences)]
    return "\n".join(lines).strip("\n")


def _years(hindcast: Hindcast) -> str:
    years = hindcast.question.predict
    return f"{years[0]} to {years[-1]}" if len(years) > 1 else str(years[0])


def _scores(hindcast: Hindcast, measure: str) -> Iterator[str]:
    forecasts = list(hindcast.predicted.forecasts[measure])
    yield f"  {'':<44}" + "".join(f"{name:>22}" for name in forecasts)
    for name, kind in SCORES.items():
        cells = (f"{text.score(hindcast.score(x, measure, name).value):>22}" for x in forecasts)
        yield f"  {kind.title:<44}" + "".join(cells)


def hindcast_csv(hindcast: Hindcast) -> str:
    """Return a row per year, neighbourhood and measure; counts are of the real town."""
    return csv.of_records(_cells(hindcast))


def _cells(hindcast: Hindcast) -> Iterator[dict[str, object]]:
    later = hindcast.later
    for measure in hindcast.measures:
        for j, year in enumerate(hindcast.question.predict):
            for i, own in enumerate(later.ids):
                yield {
                    "year": year,
                    "id": own,
                    "neighbourhood": later.names[i],
                    "measure": measure,
                    "residents": later.population[j, i],
                    "observed": later.counts[measure][j, i],
                    **_predicted(hindcast, measure, j, i),
                }


def _predicted(hindcast: Hindcast, measure: str, year: int, row: int) -> Mapping[str, object]:
    """Return each forecast's median and the ends of its 90% interval, and the model's PIT."""
    found: dict[str, object] = {}
    for name, summary in hindcast.summaries[measure].items():
        key = name.replace(",", "").replace(" ", "_")
        for part in ("median", "low90", "high90"):
            found[f"{key}_{part}"] = getattr(summary, part)[year, row]
        if name in (MODEL, LEARNT):
            found[f"{key}_pit"] = round(float(summary.pit[year, row]), 6)
    return found


def scores_csv(hindcast: Hindcast) -> str:
    """Return a row per score, forecast, measure and year; year 0 is the mean over years."""
    rows = [
        {**asdict(one), "unit": SCORES[one.name].unit, "better": SCORES[one.name].better}
        for one in hindcast.scores
    ]
    for space in hindcast.space:
        base = {"measure": space.measure, "year": space.year, "name": "moran", "unit": "Moran's I"}
        ends = {"against": "", "better": str(round(space.recorded, 6))}
        rows.append({**base, **ends, "forecast": "recorded", "value": space.recorded})
        for name, (value, low, high) in space.drawn.items():
            rows.append(
                {**base, **ends, "forecast": name, "value": value, "low": low, "high": high}
            )
    return csv.of_records(rows)
