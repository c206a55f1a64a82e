"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TESTDATA = ROOT.parent / "shared" / "testdata"

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="session")
def testdata() -> Path:
    """The folder of recordings, MIDI files and reference signals made by others; skips where it is absent."""
    if not TESTDATA.is_dir():
        pytest.skip(f"the shared test data is not at {TESTDATA}")
    return TESTDATA
