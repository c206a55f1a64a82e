"""The start of the window in a fresh process: first paint, readiness, and the longest gap of the event loop between."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest

pytestmark = pytest.mark.bench

SOURCE = Path(__file__).resolve().parents[2] / "src"
RUNS = 5

PROGRAM = """
import json, sys, time
begun = time.perf_counter()
sys.path.insert(0, sys.argv[1])
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from studio import app as program
program.share_finely()
program.keep_memory()
app = QApplication([])
app.setQuitOnLastWindowClosed(False)
program.prepare(app)
window = program.MainWindow()
studio = program.Studio(window, [])
seen, gaps, last = {}, [0.0], [0.0]
def beat():
    now = time.perf_counter()
    gaps[0] = max(gaps[0], now - last[0])
    last[0] = now
def painted():
    seen["painted"] = time.perf_counter() - begun
    last[0] = time.perf_counter()
    timer.start()
def ready():
    seen["ready"] = time.perf_counter() - begun
    QTimer.singleShot(300, end)
def end():
    timer.stop()
    seen["gap"] = gaps[0]
    window.close()
timer = QTimer(interval=2)
timer.timeout.connect(beat)
window.painted.connect(painted)
window.ready.connect(ready)
window.show()
app.exec()
print(json.dumps(seen))
"""


def start(home: Path) -> dict[str, float]:
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "preferences.json").write_text('{"demo_made": true}')  # no song is made to begin with
    environment = os.environ | {"STUDIO_HOME": str(home)}
    command = [sys.executable, "-c", PROGRAM, str(SOURCE)]
    done = subprocess.run(command, env=environment, capture_output=True, timeout=120, check=True)
    return json.loads(done.stdout)


def test_start(tmp_path: Path, row: Callable[..., None]) -> None:
    runs = [start(tmp_path) for _ in range(RUNS)]
    painted, ready, gaps = ([run[key] for run in runs] for key in ("painted", "ready", "gap"))
    row("first paint, fresh process", f"{median(painted):.2f} s (worst {max(painted):.2f})", "0.6 s")
    row("ready: everything imported, library open", f"{median(ready):.2f} s (worst {max(ready):.2f})", "")
    row("longest gap of the event loop after it", f"{median(gaps) * 1e3:.0f} ms (worst {max(gaps) * 1e3:.0f})", "50 ms")
