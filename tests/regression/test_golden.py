"""Golden numbers: any change of a simulated number is seen, and is meant."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

CHANGED = (
    "Results changed. If that is intended, run `python tests/regression/make_golden.py` and "
    "write what changed and why under *Results change* in CHANGELOG.md."
)


def _make_golden() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "make_golden", Path(__file__).with_name("make_golden.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


MAKER = _make_golden()


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    return dict(json.loads(MAKER.GOLDEN.read_text(encoding="utf-8")))


@pytest.mark.parametrize(("strategy", "seed"), MAKER.CASES)
def test_results_are_what_they_were(golden: dict[str, Any], strategy: str, seed: int) -> None:
    expected = golden[f"{strategy} seed={seed}"]
    found = MAKER.numbers(strategy, seed)
    assert found["counts"] == expected["counts"], CHANGED
    assert found["summary"] == pytest.approx(expected["summary"], rel=1e-9, abs=1e-12), CHANGED


def test_the_golden_numbers_tell_the_cases_apart(golden: dict[str, Any]) -> None:
    assert set(golden) == {f"{strategy} seed={seed}" for strategy, seed in MAKER.CASES}
    for kind in ("counts", "summary"):
        assert len({json.dumps(case[kind]) for case in golden.values()}) == len(golden)


def test_they_say_something(golden: dict[str, Any]) -> None:
    for case in golden.values():
        assert all(isinstance(count, int) for count in case["counts"].values())
        assert case["counts"]["incidents"] > 100
        assert len(case["summary"]) > 15
