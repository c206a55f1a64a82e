"""Memory that arrays leave behind serves the next ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[3] / "src"

FAULTS = """
import resource, sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from studio.engine.memory import keep_memory
keep_memory()
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        made = [np.ones(1 << 20, np.uint8) for _ in range(8)]
        del made
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
faults()
print(faults())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep their own thresholds")
def test_arrays_of_a_frame_touch_no_fresh_pages() -> None:
    """Without it, each of the 400 arrays of 256 pages is mapped, touched and given back."""
    done = subprocess.run(
        [sys.executable, "-c", FAULTS, str(SOURCE)], capture_output=True, text=True, timeout=60, check=True
    )
    assert int(done.stdout) < 5_000
