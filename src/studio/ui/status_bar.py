"""The line at the bottom: what the machine is doing, whether all is well, and the newest notice. Nothing blinks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from . import theme
from .notices import Notice, Notices
from .readouts import Chip, Lamp

if TYPE_CHECKING:
    from ..engine.audio.status import EngineStatus

HEIGHT = 28
NOTICE_SECONDS = 20.0


class StatusBar(QWidget):
    """Main thread; `tick` may be called 60 times a second and redraws only what changed.

    `sound_clicked`, `latency_clicked`, `folder_clicked`, `hands_clicked`, `jobs_clicked` and `notices_clicked` ask for
    the detail behind a reading.
    """

    sound_clicked = Signal()
    latency_clicked = Signal()
    folder_clicked = Signal()
    notices_clicked = Signal()
    hands_clicked = Signal()
    jobs_clicked = Signal()

    def __init__(self, notices: Notices) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Status")
        self._notice_until = 0.0
        self._saved = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, 0, theme.PAD, 0)
        row.setSpacing(theme.GAP)
        self.lamp = Lamp()
        self.state = QLabel("Starting")
        self.state.setProperty("role", "dim")
        self.device = Chip("Sound device", quiet=True)
        self.latency = Chip("Recording latency", quiet=True)
        self.hands = Chip("What is played in, and where it sounds", quiet=True)
        self.notice = Chip("Newest notice; click for all of them", quiet=True)
        self.jobs = Chip("Jobs; click for the list", quiet=True)
        self.disk = Chip("Free space for recordings", quiet=True)
        row.addWidget(self.lamp)
        row.addWidget(self.state)
        for chip in (self.device, self.latency, self.hands):
            row.addWidget(chip)
        row.addStretch(1)
        row.addWidget(self.notice)
        row.addStretch(1)
        row.addWidget(self.jobs)
        row.addWidget(self.disk)
        for chip in (self.device, self.latency, self.hands, self.notice, self.jobs, self.disk):
            chip.hide()
        self.device.clicked.connect(self.sound_clicked)
        self.latency.clicked.connect(self.latency_clicked)
        self.hands.clicked.connect(self.hands_clicked)
        self.jobs.clicked.connect(self.jobs_clicked)
        self.disk.clicked.connect(self.folder_clicked)
        self.notice.clicked.connect(self.notices_clicked)
        notices.added.connect(self._show_notice)

    def show_state(self, text: str, lamp: str) -> None:
        """Shows a state in words and as a dot in the colour of a token."""
        if text != self.state.text():
            self.state.setText(text)
        self.lamp.set_color(lamp)

    def show_latency(self, frames: int, rate: int) -> None:
        """Shows the measured round trip of the device in use, 0 when it was never measured."""
        if not frames:
            self.latency.show_text("Round trip not measured", "dim")
        else:
            self.latency.show_text(f"Round trip {frames * 1000 / rate:.1f} ms, calibrated", "dim")
        self.latency.show()

    def show_disk(self, free: int, rate: int, channels: int = 2) -> None:
        """Shows the bytes free where recordings go, and how many hours of float32 sound they hold."""
        hours = free / (rate * channels * 4 * 3600)
        room = f"{hours:,.0f} h" if hours >= 10 else f"{hours:.1f} h"
        tint = "rec_text" if hours < 0.5 else "warn" if hours < 2 else "dim"
        self.disk.show_text(f"Disk {size_text(free)}, {room} of recording", tint)
        self.disk.show()

    def show_hands(self, words: str, tint: str) -> None:
        """Shows what is played in and where it sounds, or nothing for no words."""
        if words:
            self.hands.show_text(words, tint)
        self.hands.setVisible(bool(words))

    def show_jobs(self, running: int, waiting: int, stopped: int) -> None:
        """Shows how many jobs run, how many wait or are paused, and how many the end of the program has interrupted;
        nothing for none."""
        counts = ((running, "running"), (waiting, "waiting"), (stopped, "interrupted"))
        words = [f"{count} {word}" for count, word in counts if count]
        if words:
            self.jobs.show_text(f"Jobs: {', '.join(words)}", "accent" if running else "warn" if stopped else "dim")
        self.jobs.setVisible(bool(words))

    def tick(self, status: EngineStatus) -> None:
        """Shows the engine's state."""
        self.show_state(*_state_of(status))
        self.device.show_text(*_device_of(status))
        self.device.show()
        if self._notice_until and time.monotonic() > self._notice_until:
            self._notice_until = 0.0
            self.notice.hide()

    def _show_notice(self, notice: Notice) -> None:
        metrics = QFontMetrics(self.notice.font())
        beside = (self.state, self.device, self.latency, self.hands, self.jobs, self.disk)
        taken = sum(one.sizeHint().width() + theme.GAP for one in beside if not one.isHidden()) + 4 * theme.MARGIN
        room = max(min(self.width() // 3, self.width() - taken), 120)
        text = metrics.elidedText(notice.text, Qt.TextElideMode.ElideRight, room)
        tint = {"info": "dim", "warning": "warn", "error": "rec_text"}[notice.kind]
        self.notice.show_text(text, tint)
        self.notice.setToolTip(notice.text)
        self.notice.show()
        self._notice_until = time.monotonic() + NOTICE_SECONDS

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color("bg"))
            painter.fillRect(QRectF(0, 0, self.width(), 1), theme.color("line"))


def size_text(count: int) -> str:
    """Bytes as people read them."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit != "GB" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _state_of(status: EngineStatus) -> tuple[str, str]:
    if status.device == "lost":
        return "The sound device is gone", "rec"
    if status.counting_in:
        return "Counting in", "warn"
    if status.recording:
        return "Recording", "rec"
    if status.playing:
        return "Playing", "ok"
    return ("Opening the sound device", "faint") if status.device == "starting" else ("Ready", "ok")


def _device_of(status: EngineStatus) -> tuple[str, str]:
    if status.device == "clock":
        return "No sound device: playing silently; click to choose one", "warn"
    if status.device == "lost":
        return "Click to choose a sound device", "rec_text"
    gaps = status.dropouts + status.input_dropouts
    drops = "1 drop-out" if gaps == 1 else f"{gaps} drop-outs"
    ring = status.ring_size * 1000 // max(status.rate, 1)
    text = f"{status.device_rate / 1000:g} kHz · 32 bit · ring {ring} ms · {drops}"
    return text, "warn" if gaps else "dim"
