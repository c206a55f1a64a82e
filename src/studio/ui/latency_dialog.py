"""Measuring the recording latency: a click goes out, comes back in through a cable or the room, and is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QProgressBar

from .audio_page import LevelBar
from .forms import button_row, dialog_frame, push, set_role, text

if TYPE_CHECKING:
    from .shell import MainWindow

STEPS = (
    "Recordings are moved by the time that sound takes out of the computer and in again, so that they sit where you"
    " played. Connect an output of the interface to its input with a cable, or hold the microphone to a loudspeaker,"
    " turn the level to medium, and measure. The result is kept for this device, rate and buffer."
)


class LatencyDialog(QDialog):
    """Runs the measurement as a job and keeps what it finds. Nothing else may play meanwhile."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._job = ""
        column = dialog_frame(self, "Recording latency", 480)
        column.addWidget(text(STEPS))
        column.addWidget(text("Input level", "dim"))
        self.level = LevelBar()
        self.level.setAccessibleName("Input level")
        column.addWidget(self.level)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName("Progress of the measurement")
        column.addWidget(self.progress)
        self.found = text("")
        self.found.setMinimumHeight(34)
        column.addWidget(self.found)
        self.go = push("Measure", self._measure, primary=True)
        self.close_button = push("Close", self.close)
        column.addLayout(button_row(self.close_button, self.go))
        window.workspace.jobs.changed.connect(self._hear)
        self._timer = self.startTimer(50)
        self._show_known()

    def _show_known(self) -> None:
        frames = self._window.workspace.round_trip()
        status = self._window.playing.status
        if status is None or status.device != "running":
            self._say("There is no sound device in use; choose one in Preferences, Sound.", "error")
            self.go.setEnabled(False)
        elif not frames:
            self._say("Not measured yet for this device.", "dim")
        else:
            self._say(f"Measured before: {frames * 1000 / status.rate:.2f} ms ({frames} frames).", "dim")

    def _measure(self) -> None:
        self._say("Listening for the clicks", "dim")
        self.go.setEnabled(False)
        self._job = self._window.workspace.measure_round_trip(self._done).id

    def _hear(self, job: Any) -> None:
        if job.id != self._job:
            return
        self.progress.setValue(round(job.progress * 1000))

    def _done(self, job: Any) -> None:
        if job.id != self._job:
            return
        self._job = ""
        self.go.setEnabled(True)
        if job.state == "done":
            self._show_result(job.result)
            self._window.song.show_latency()
        else:
            self._say(job.error or "The measurement was cancelled.", "error")

    def _show_result(self, result: Any) -> None:
        ms = 1000 / result.rate
        self._say(
            f"Round trip {result.frames * ms:.2f} ms ({result.frames} frames), within {result.spread * ms:.2f} ms."
        )

    def _say(self, words: str, role: str = "") -> None:
        self.found.setText(words)
        set_role(self.found, role)

    def timerEvent(self, event: Any) -> None:
        status = self._window.playing.status
        if status is not None:
            self.level.show_peak(max(status.inputs, default=0.0))

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._job:
            self._window.workspace.jobs.cancel(self._job)
        super().closeEvent(event)
