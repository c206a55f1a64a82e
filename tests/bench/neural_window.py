"""The window while a model is loaded and generates: how late its timer is, in milliseconds of each turn, as JSON.

Beside it a process that does nothing but sleep says how late the machine itself lets anything run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from studio.actions.generating import Making
from studio.actions.models import add_model
from studio.actions.workspace import Opened, Workspace
from studio.engine.interpreter import share_finely
from studio.engine.memory import keep_memory
from studio.ui.shell import MainWindow, prepare

TURN_MS = 5
SLEEPER = """
import json, sys, threading, time
late, over = [], threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
while not over.is_set():
    begun = time.perf_counter()
    time.sleep(0.005)
    late.append((begun, (time.perf_counter() - begun) * 1e3 - 5.0))
print(json.dumps(late))
"""
IDLE_S = 3.0


class Measured:
    """The window as the program opens it, and by how much each turn of its timer was late."""

    def __init__(self, model: str) -> None:
        share_finely()
        keep_memory()
        self.app = QApplication([])
        prepare(self.app)
        self.window = MainWindow(Path(os.environ["STUDIO_HOME"]) / "config")
        self.workspace = Workspace(Opened(), self.window.notices.error)
        self.window.resize(1500, 950)
        self.window.show()
        ready: list[bool] = []
        self.window.ready.connect(lambda: ready.append(True))
        self.window.attach(self.workspace)
        self.until(lambda: ready)
        add_model({"name": "tiny", "title": "Tiny", "task": "music", "loader": "AceStepPipeline", "licence": "MIT",
                   "commercial": True, "attribution": "nobody", "folder": model})  # fmt: skip
        self.workspace.new_project("Night Bus")
        self.until(lambda: self.workspace.session is not None)
        self.window.show_dock("jobs")
        command = [sys.executable, "-c", SLEEPER]
        self._sleeper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.stages: dict[str, tuple[float, float]] = {}
        self._since = time.perf_counter()
        self.late: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self.app, interval=TURN_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._turn)
        self._timer.start()

    def until(self, condition: Callable[[], Any], seconds: float = 200.0) -> None:
        """Lets the program run as it does, in an event loop that waits for what comes."""
        end = time.perf_counter() + seconds
        while not condition():
            assert time.perf_counter() < end, "this never happened"
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def _turn(self) -> None:
        now = time.perf_counter()
        if self._last:
            self.late.append(max((now - self._last) * 1e3 - TURN_MS, 0.0))
        self._last = now

    def taken(self, stage: str = "") -> list[float]:
        """What was late since it was asked last, which was a stage of this name."""
        found, self.late = self.late, []
        self.stages[stage], self._since = (self._since, time.perf_counter()), time.perf_counter()
        return [round(one, 2) for one in found]

    def asleep(self) -> dict[str, float]:
        """By how much the process that only sleeps was late at the worst, by stage."""
        told, _ = self._sleeper.communicate()
        late = json.loads(told)
        ranges = {stage: [ms for at, ms in late if begin <= at < end] for stage, (begin, end) in self.stages.items()}
        return {stage: round(max(found, default=0.0), 1) for stage, found in ranges.items()}

    def generate(
        self, seconds: float, steps: int, seed: int, until: str = "", begun: Callable[[], object] = int
    ) -> None:
        """Has something made; comes back when its message begins with `until`, or when it is over. `begun` is called
        at its first step."""
        values = {"prompt": "slow dub", "seconds": seconds, "steps": steps, "seed": seed}
        neural = self.workspace.neural
        job = neural.generate(Making(task="music", model="tiny", values=values), "Dub")
        over = {"done", "failed"}
        if not until:
            self.until(lambda: neural.queue.job(job.id).state in over or self._says(job.id, "Step"))
            begun()
        self.until(lambda: neural.queue.job(job.id).state in over or (until and self._says(job.id, until)))
        if not until:
            assert neural.queue.job(job.id).state == "done", neural.queue.job(job.id).error

    def _says(self, job: str, words: str) -> bool:
        return str(self.workspace.neural.queue.job(job).message).startswith(words)


def main() -> None:
    measured = Measured(sys.argv[1])
    quiet = time.perf_counter() + 2.0
    measured.until(lambda: time.perf_counter() > quiet)
    measured.taken()
    found = {}
    end = time.perf_counter() + IDLE_S
    measured.until(lambda: time.perf_counter() > end)
    found["idle"] = measured.taken("idle")
    measured.generate(5.0, 60, 1, until="Step")
    found["imports and load"] = measured.taken("imports and load")
    queue = measured.workspace.neural.queue
    measured.until(lambda: not queue.running())
    measured.taken()
    measured.generate(15.0, 60, 2, begun=lambda: found.update({"a job begins": measured.taken("a job begins")}))
    found["generation"] = measured.taken("generation")
    shown = time.perf_counter() + 1.5
    measured.until(lambda: time.perf_counter() > shown)
    found["its result is shown"] = measured.taken("its result is shown")
    workshop = measured.workspace.neural._workshop
    measured.workspace.neural._models.quiet(workshop.runtime.unload, print)
    measured.until(lambda: not workshop.runtime.warm)
    measured.taken()
    measured.generate(5.0, 60, 3, until="Step")
    found["load"] = measured.taken("load")
    measured.until(lambda: not queue.running())
    print(json.dumps({"late": found, "asleep": measured.asleep()}), flush=True)
    measured.window.close()
    measured.workspace.close()


main()
