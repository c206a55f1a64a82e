"""The coach while it is sung: from the microphone to the pixel through the virtual card, and the frames of its view."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from screen import ROOT, Screen
from sound import SoundCard, sound_card

pytestmark = pytest.mark.bench
__all__ = ["sound_card"]

HERE = Path(__file__).parent
DELAY, FRAME = 80.0, 8.0
"""Milliseconds."""
LEAST = 12
"""Tones that must come before the card stumbles, if it does."""


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    made = Screen(3400, 2000)
    yield made
    made.close()


def child(program: str, *words: str, **environment: str) -> dict:
    """Runs a program beside this file and returns the JSON object that it prints."""
    paths = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, str(HERE / program), *words],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("load", ["idle", "busy"])
def test_from_the_microphone_to_the_pixel(
    screen: Screen, sound_card: SoundCard, row: Callable[..., None], tmp_path: Path, load: str
) -> None:
    found = child(
        "coach_live.py", load, STUDIO_HOME=str(tmp_path / "home"), **screen.environment, **sound_card.environment
    )
    delays = np.array(found["delays"])
    if len(delays) < LEAST:
        pytest.skip("the virtual sound card stumbles: this machine is too busy")
    half, most = np.percentile(delays, (50, 95), method="higher")
    named = "nothing else runs" if load == "idle" else "a beat plays, a job listens to a recording"
    measured = f"{half:.0f} ms, 95th percentile {most:.0f} ms (worst {delays.max():.0f} of {len(delays)} tones)"
    row(f"coach: microphone to pixel, {named}", measured, f"{DELAY:g} ms at the 95th", bool(most <= DELAY))


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_frames(screen: Screen, row: Callable[..., None], ratio: float) -> None:
    found = child("coach_frames.py", QT_SCALE_FACTOR=str(ratio), **screen.environment)
    assert found["ratio"] == ratio
    for name, (middle, worst, work) in found["rows"].items():
        measured = f"{middle:.1f} ms (worst {worst:.1f}, processor {work:.1f})"
        row(f"coach: frame, {name}, ratio {ratio:g}", measured, f"{FRAME:g} ms", middle <= FRAME)
