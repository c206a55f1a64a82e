"""Frames of the piano roll with 20,000 notes, and as many shining through, at 1600 x 900 under Xvfb, with flush."""

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

CHILD = Path(__file__).with_name("notes_frames.py")
BUDGETS = {"scroll": 8, "scroll 32 bars": 8, "scroll all": 8, "scroll down": 8, "playhead": 8, "edit": 16}
"""Milliseconds at every pixel ratio."""


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
        budget = BUDGETS.get(name)
        measured = f"{middle:.1f} ms (worst {worst:.1f}, processor {work:.1f})"
        row(
            f"piano roll: {name}, ratio {ratio:g}",
            measured,
            f"{budget} ms" if budget else "",
            None if budget is None else middle <= budget,
        )
