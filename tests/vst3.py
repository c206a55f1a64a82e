"""VST3 instruments to test with, built from `plugins/tone.cpp` where there is a C++ compiler."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent / "plugins" / "tone.cpp"
MAKER = "Studio Tests"


def build(folder: Path, name: str = "Tone", *macros: str) -> Path:
    """The bundle of an instrument of that name; macros as tone.cpp explains them. Skips where it cannot be built."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None or sys.platform != "linux":
        pytest.skip("a VST3 instrument is built by these tests with g++ on Linux, and that is not here")
    bundle = folder / f"{name}.vst3"
    binary = bundle / "Contents" / f"{platform.machine()}-linux" / f"{name}.so"
    binary.parent.mkdir(parents=True)
    defines = [f"-D{macro}" for macro in (f'NAME="{name}"', *macros)]
    flags = ["-std=c++17", "-O1", "-Wall", "-Wno-non-virtual-dtor", "-Werror", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, *defines, "-o", str(binary), str(SOURCE)], check=True)
    return bundle
