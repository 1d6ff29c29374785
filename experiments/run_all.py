"""Run the numbered experiments, one after another; say how long each took and how sure it is.

    python experiments/run_all.py [NUMBER ...]      (all; or, as 03 07, these)

Stopped (Ctrl-C), it goes on where it was: finished runs are kept in omemsim-results/store. Exit
codes: 0 done, 1 one failed, 2 no such experiment, 130 stopped.
"""

import runpy
import sys
import time
from pathlib import Path

import kit

HERE = Path(__file__).parent


def chosen(numbers: list[str]) -> list[Path]:
    """Return the scripts of these numbers, all if there are none."""
    scripts = sorted(HERE.glob("[0-9][0-9]_*.py"))
    known = [path.name[:2] for path in scripts]
    wrong = [one for one in numbers if one not in known]
    if wrong:
        print(f"No experiment {', '.join(wrong)}. There are: {', '.join(known)}.", file=sys.stderr)
        raise SystemExit(2)
    return [path for path in scripts if not numbers or path.name[:2] in numbers]


def main(numbers: list[str]) -> int:
    """Run them; return the exit code."""
    lines, failed, scripts = [], [], chosen(numbers)
    for script in scripts:
        began, told = time.monotonic(), len(kit.REPORTED)
        print(f"\n{script.name} ...", flush=True)
        try:
            runpy.run_path(str(script))
        except KeyboardInterrupt:
            print("\nStopped. `make experiments` goes on where it was.", file=sys.stderr)
            return 130
        except Exception as wrong:
            failed.append(script.name)
            print(f"{script.name} failed: {type(wrong).__name__}: {wrong}", file=sys.stderr)
            continue
        took = time.monotonic() - began
        lines += [f"{script.stem[:2]}  {took:5.0f} s  {found}" for found in kit.REPORTED[told:]]
    print("\nWhat was found, how long it took, and how sure it is of chance (not of parameters):")
    print("\n".join(lines))
    print(f"Figures: {kit.FIGURES}")
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
