"""Measuring the recording latency: a click goes out, comes back in through a cable or the room, and is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QDialog, QProgressBar

from .audio_page import LevelBar
from .forms import add_row, button_row, centred, dialog_frame, form, push, set_role, text

if TYPE_CHECKING:
    from .shell import MainWindow

STEPS = (
    "Recordings are moved by the time that sound takes out of the computer and in again, so that they sit where you"
    " played. Connect an output of the interface to its input with a cable, or hold the microphone to a loudspeaker,"
    " turn the level to medium, and measure. The result is kept for this device, rate and buffer."
)
LISTENING = "Clicks are played and listened for. This takes some seconds."
NO_DEVICE = "There is no sound device in use; choose one in Preferences, Sound."
TICK_MS = 50


class LatencyDialog(QDialog):
    """Runs the measurement as a job and keeps what it finds. Nothing else may play meanwhile."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._job = ""
        self._there: bool | None = None
        column = dialog_frame(self, "Recording latency", 480)
        column.addWidget(text("Recording latency", "title"))
        column.addWidget(text(STEPS))
        rows = form()
        self.level = LevelBar()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName("Measurement")
        add_row(rows, "Input level", self.level)
        add_row(rows, "Measurement", centred(self.progress))
        column.addLayout(rows)
        self.found = text("")
        self.found.setMinimumHeight(34)
        column.addWidget(self.found)
        self.go = push("Measure", self._measure, primary=True)
        self.close_button = push("Close", self.close)
        column.addLayout(button_row(self.close_button, self.go))
        window.workspace.jobs.changed.connect(self._hear)
        self._timer = self.startTimer(TICK_MS)
        self._follow_device()

    def _follow_device(self) -> None:
        """Measuring needs a device: says when there is none, and goes on when one has come."""
        status = self._window.playing.status
        there = status is not None and status.device == "running"
        if there == self._there or self._job:
            return
        self._there = there
        self.go.setEnabled(there)
        if there:
            self._show_known()
        else:
            self._say(NO_DEVICE, "error")

    def _show_known(self) -> None:
        frames, rate = self._window.workspace.round_trip(), self._window.workspace.player.rate
        if frames:
            self._say(f"Measured before: {frames * 1000 / rate:.2f} ms ({frames} frames).", "dim")
        else:
            self._say("Not measured yet for this device.", "dim")

    def _measure(self) -> None:
        self._say(LISTENING, "dim")
        self.progress.setValue(0)
        self.go.setEnabled(False)
        self._job = self._window.workspace.measure_round_trip(self._done).id

    def _hear(self, job: Any) -> None:
        if job.id == self._job:
            self.progress.setValue(round(job.progress * 1000))

    def _done(self, job: Any) -> None:
        if job.id != self._job:
            return
        self._job = ""
        self.go.setEnabled(True)
        self.go.setFocus()
        if job.state == "done":
            self._show_result(job.result)
            self._window.song.show_latency()
        else:
            self.progress.setValue(0)
            self._say(job.error or "The measurement was cancelled.", "error")

    def _show_result(self, found: Any) -> None:
        ms = 1000 / self._window.workspace.player.rate
        spread = f"the same within {found.spread * ms:.2f} ms"
        self._say(f"Round trip {found.frames * ms:.2f} ms ({found.frames} frames), {spread}.")

    def _say(self, words: str, role: str = "") -> None:
        self.found.setText(words)
        set_role(self.found, role)

    def timerEvent(self, event: Any) -> None:
        status = self._window.playing.status
        if status is not None:
            self.level.show_peak(max(status.inputs, default=0.0))
        self._follow_device()

    def done(self, result: int) -> None:
        """Closed by whatever key or button: what still runs is cancelled."""
        self.killTimer(self._timer)
        if self._job:
            job, self._job = self._job, ""
            self._window.workspace.jobs.cancel(job)
        super().done(result)
