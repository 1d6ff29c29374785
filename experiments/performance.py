"""Measure how costs grow; write docs/performance.csv and docs/performance.svg.

python experiments/performance.py docs     (about two minutes, on an idle machine)
"""

import platform
import sys
from pathlib import Path

from omemsim.analysis.bench_curves import csv_of, curves
from omemsim.figures.page import write
from omemsim.figures.performance import performance_figure
from omemsim.study.engine import available_cores


def main(folder: str = "docs") -> None:
    cores = available_cores()
    points = []
    for point in curves(workers=cores):
        points.append(point)
        print(f"{point.curve} {point.at:,}: {point.value:.4g}", flush=True)
    (Path(folder) / "performance.csv").write_text(csv_of(points))
    machine = f"Python {platform.python_version()}, {platform.machine()}, {cores} cores"
    write(performance_figure(points, machine=machine), Path(folder), "performance")


if __name__ == "__main__":
    main(*sys.argv[1:])
