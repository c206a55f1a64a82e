"""Frames of the timeline with 64 tracks and 10,000 clips at 1600 x 900 under Xvfb, with flush, against the budgets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from screen import ROOT, Screen

pytestmark = pytest.mark.bench

CHILD = Path(__file__).with_name("timeline_frames.py")
BUDGETS: dict[str, dict[float, float]] = {
    "scroll": {1.0: 8, 1.5: 8, 2.0: 8},
    "scroll down": {1.0: 8, 1.5: 8, 2.0: 8},
    "playhead": {1.0: 8, 1.5: 8, 2.0: 8},
    "playhead, meters": {1.0: 8, 1.5: 8, 2.0: 8},
    "drag": {1.0: 8, 1.5: 8, 2.0: 8},
    "recording": {1.0: 8, 1.5: 8, 2.0: 8},
    "whole song": {1.0: 8},
    "zoom": {1.0: 8, 1.5: 8, 2.0: 16},
    "zoom until sharp": {1.0: 50, 1.5: 50, 2.0: 50},
    "playhead, busy": {1.0: 1},
    "scroll, busy": {1.0: 8},
    "edit": {1.0: 16, 1.5: 16, 2.0: 16},
}
"""Milliseconds by pixel ratio."""


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    made = Screen(3400, 2000)
    yield made
    made.close()


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_frames(screen: Screen, row: Callable[..., None], ratio: float) -> None:
    environment = {
        **os.environ,
        **screen.environment,
        "QT_SCALE_FACTOR": str(ratio),
        "PYTHONPATH": str(ROOT / "src"),
    }
    done = subprocess.run(
        [sys.executable, str(CHILD)], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["ratio"] == ratio
    for name, (_, middle, worst, work) in found["rows"].items():
        budget = BUDGETS.get(name, {}).get(ratio)
        measured = f"{middle:.1f} ms (worst {worst:.1f}, processor {work:.1f})"
        row(f"timeline: {name}, ratio {ratio:g}", measured, f"{budget} ms" if budget else "", _within(middle, budget))


def _within(measured: float, budget: float | None) -> bool | None:
    return None if budget is None else measured <= budget
