"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from models import TinyModels

ROOT = Path(__file__).resolve().parents[1]
TESTDATA = ROOT.parent / "shared" / "testdata"

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="session")
def testdata() -> Path:
    """The folder of recordings, MIDI files and reference signals made by others; skips where it is absent."""
    if not TESTDATA.is_dir():
        pytest.skip(f"the shared test data is not at {TESTDATA}")
    return TESTDATA


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> TinyModels:
    """Models of every family with random weights, each built when it is first asked for; to be read only."""
    return TinyModels(tmp_path_factory.mktemp("models"))
