"""The filter without its package is the one in the package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import butter, firwin
from scipy.signal import sosfilt as reference

from studio.engine.audio.loudness import low_pass
from studio.engine.audio.sosfilt import sosfilt

SOURCE = Path(__file__).resolve().parents[4] / "src"

ALONE = """
import sys
from studio.engine.audio import sosfilt, loudness
assert "scipy.signal" not in sys.modules
import scipy.signal
from scipy.signal._signaltools import _sosfilt
assert _sosfilt is sosfilt._filter
"""


def test_it_filters_as_scipy_does_over_any_split() -> None:
    sections = butter(6, 0.2, output="sos")
    signal = np.random.default_rng(2).standard_normal((2, 4_000))
    wanted = reference(sections, signal, axis=1)
    state = np.zeros((2, len(sections), 2))
    parts = [np.ascontiguousarray(signal[:, a:b]) for a, b in ((0, 1), (1, 1_000), (1_000, 4_000))]
    for part in parts:
        sosfilt(sections, part, state)
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), wanted)


def test_it_comes_without_the_package_and_the_package_may_follow() -> None:
    environment = os.environ | {"PYTHONPATH": str(SOURCE)}
    subprocess.run([sys.executable, "-c", ALONE], env=environment, timeout=60, check=True)


@pytest.mark.parametrize("factor", [2, 4])
def test_the_low_pass_of_the_true_peak_is_that_of_scipy(factor: int) -> None:
    wanted = firwin(factor * 24, 1.0 / factor, window=("kaiser", 7.0))
    np.testing.assert_array_equal(low_pass(factor * 24, 1.0 / factor).astype(np.float32), wanted.astype(np.float32))
