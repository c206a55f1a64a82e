"""The line on top: transport buttons, one display, switches, and what the machine is doing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from ..errors import StudioError
from . import theme
from .commands import Commands
from .icons import IconButton
from .readouts import Chip, Field
from .values import TapTempo, clock_text, level_text, parse_position, parse_signature, parse_tempo, parse_time

if TYPE_CHECKING:
    from ..engine.audio.status import EngineStatus

BUTTONS = (
    ("transport.start", "to-start", "accent"),
    ("transport.play", "play", "accent"),
    ("transport.stop", "stop", "accent"),
    ("transport.record", "record", "rec_text"),
    ("transport.loop", "loop", "accent"),
)
SWITCHES = ("transport.metronome", "transport.count_in", "view.snap")
HEIGHT = 52
JOB_SECONDS = 0.4
"""How long a job has to run before the bar tells of it."""
PEAK_HOLD = 1.5
"""Seconds for which the peak reading keeps its highest value."""


class TransportBar(QWidget):
    """Transport, display, switches, readings. Main thread; `tick` is called 60 times a second.

    `locate_requested(frame)` asks for another playhead position; `failed(error)` carries what a typed value was refused
    for; `grid_requested` asks for the choice of grids; `jobs_clicked` and `sound_clicked` ask for the details behind a
    reading.
    """

    locate_requested = Signal(int)
    failed = Signal(object)
    grid_requested = Signal()
    jobs_clicked = Signal()
    sound_clicked = Signal()

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        self._session: Any = None
        self._frame = -1
        self._peak, self._peak_until, self._highest = 0.0, 0.0, 0.0
        self.taps = TapTempo()
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Transport")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.PAD, 0, theme.PAD, 0)
        self._row.setSpacing(theme.PAD)
        self._add_buttons()
        self._add_display()
        self._switches: dict[str, Chip] = {}
        self._row.addSpacing(theme.PAD)
        self._at = self._row.count()
        self._row.addStretch(1)
        self._add_readings()
        self.sync_switches()
        commands.changed.connect(self.sync_switches)
        self.set_session(None)

    def _add_buttons(self) -> None:
        for command_id, picture, on in BUTTONS:
            action = self._commands.action(command_id)
            button = IconButton(picture, action.text(), 36, on=on)
            if command_id == "transport.record":
                button.set_icon(picture, "rec_text")
            bind(button, action)
            self._row.addWidget(button)
        self._row.addSpacing(theme.PAD)

    def _add_display(self) -> None:
        self.position = Field("bar beat tick", "1888.4.888", self._type_position, hint="Position; double-click to go")
        self.time = Field("time", "00:00.000", self._type_time, hint="Time; double-click to go there")
        tempo_hint = "Tempo; drag or turn the wheel, double-click to type"
        self.tempo = Field("tempo", "188.00", self._type_tempo, self._step_tempo, tempo_hint)
        self.signature = Field("signature", "12/16", self._type_signature, hint="Time signature; double-click to type")
        for field in (self.tempo, self.signature):
            field.settled.connect(self._close_gesture)
        self._row.addWidget(_Display((self.position, self.time, self.tempo, self.signature)))

    def _add_readings(self) -> None:
        self.jobs = Chip("Jobs", "", "2 jobs · 88 %")
        self.peak = Chip("Highest level of the master; click to forget the highest", "peak    −∞ dB", mono=True)
        self.load = Chip("Time that rendering takes", "sound  0 %", "sound 100 %", mono=True)
        self.jobs.clicked.connect(self.jobs_clicked)
        self.peak.clicked.connect(self._forget_peak)
        self.load.clicked.connect(self.sound_clicked)
        for chip in (self.jobs, self.peak, self.load):
            self._row.addWidget(chip)
        self.jobs.hide()

    def sync_switches(self) -> None:
        """Shows a switch for each command that exists by now."""
        known = {command.id for command in self._commands.all()}
        for index, command_id in enumerate(SWITCHES):
            if command_id in known and command_id not in self._switches:
                action = self._commands.action(command_id)
                chip = Chip(self._commands.command(command_id).text, action.text())
                bind(chip, action)
                if command_id == "view.snap":
                    chip.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
                    chip.customContextMenuRequested.connect(self.grid_requested)
                self._switches[command_id] = chip
                before = sum(1 for other in SWITCHES[:index] if other in self._switches)
                self._row.insertWidget(self._at + before, chip)

    def set_session(self, session: Any) -> None:
        """Shows another song, or none."""
        self._session, self._frame = session, -1
        for field in (self.position, self.time, self.tempo, self.signature):
            field.setEnabled(session is not None)
            field.set_text("")
        if session is not None:
            self._show(0)

    def tick(self, status: EngineStatus) -> None:
        """Shows the engine's state."""
        if self._session is not None:
            self._show(status.position)
        self._show_level(status)
        self.load.show_text(
            f"sound {status.load * 100:3.0f} %",
            "rec_text" if status.load > 0.95 else "warn" if status.load > 0.7 else "dim",
        )

    def show_jobs(self, running: Iterable[Any]) -> None:
        """Shows how many jobs wait or run and how far they are; those that take no time are not worth a word."""
        busy = lasting(running)
        self.jobs.setVisible(bool(busy))
        if busy:
            share = sum(job.progress for job in busy) / len(busy)
            name = "1 job" if len(busy) == 1 else f"{len(busy)} jobs"
            self.jobs.show_text(f"{name} · {share * 100:.0f} %", "accent")

    def redraw(self) -> None:
        """Reads tempo, signature and position anew after the song changed."""
        frame, self._frame = self._frame, -1
        if self._session is not None:
            self._show(max(frame, 0))

    def tap(self) -> None:
        """Takes a tap of the tempo."""
        bpm = self.taps.tap(time.monotonic())
        if bpm is not None and self._session is not None:
            self._set_tempo(round(min(max(bpm, 10.0), 999.0), 1), "tap")

    def _show(self, frame: int) -> None:
        if frame == self._frame:
            return
        from ..document.time import bar_beat, signature_at

        self._frame = frame
        project = self._session.document.project
        tick = project.time.tick(frame)
        self.position.set_text(str(bar_beat(project.signatures, tick)))
        self.time.set_text(clock_text(frame, project.rate))
        self.tempo.set_text(f"{project.time.bpm_at(tick):.2f}")
        signature = signature_at(project.signatures, tick)
        self.signature.set_text(f"{signature.numerator}/{signature.denominator}")

    def _show_level(self, status: EngineStatus) -> None:
        now = time.monotonic()
        peak = max(status.meters.get("master", (0.0, 0.0)))
        if peak >= self._peak or now > self._peak_until:
            self._peak, self._peak_until = peak, now + PEAK_HOLD
        self._highest = max(self._highest, peak)
        self.peak.show_text(f"peak {level_text(self._peak)} dB", "rec_text" if self._highest > 1.0 else "dim")

    def _forget_peak(self) -> None:
        self._peak = self._highest = 0.0

    def _apply(self, edit: Any) -> bool:
        try:
            self._session.document.apply(edit)
        except StudioError as error:
            self.failed.emit(error)
            return False
        return True

    def _try(self, action: Callable[[], bool]) -> bool:
        try:
            return action()
        except StudioError as error:
            self.failed.emit(error)
            return False

    def _close_gesture(self) -> None:
        if self._session is not None:
            self._session.document.close_gesture()

    def _tick_now(self) -> int:
        return int(self._session.document.project.time.tick(max(self._frame, 0)))

    def _set_tempo(self, bpm: float, gesture: str) -> bool:
        """Changes the tempo point in force at the playhead."""
        from ..document.edits.song import set_tempo

        points = [point for point in self._session.document.project.tempo if point.tick <= self._tick_now()]
        point = points[-1] if points else self._session.document.project.tempo[0]
        done = self._apply(set_tempo(point.tick, bpm, point.ramp, merge=f"tempo-{gesture}-{point.tick}"))
        self.redraw()
        return done

    def _type_tempo(self, text: str) -> bool:
        return self._try(lambda: self._set_tempo(parse_tempo(text), "typed"))

    def _step_tempo(self, count: int, fine: bool) -> None:
        if self._session is None or not self.tempo.text:
            return
        bpm = float(self.tempo.text) + count * (0.1 if fine else 1.0)
        self._set_tempo(round(min(max(bpm, 10.0), 999.0), 2), "drag")

    def _type_signature(self, text: str) -> bool:
        from ..document.edits.song import set_signature
        from ..document.time import signature_at

        at = signature_at(self._session.document.project.signatures, self._tick_now()).tick
        done = self._try(lambda: self._apply(set_signature(at, *parse_signature(text))))
        self.redraw()
        return done

    def _type_position(self, text: str) -> bool:
        return self._go(lambda: parse_position(text, self._session.document.project))

    def _type_time(self, text: str) -> bool:
        return self._go(lambda: parse_time(text, self._session.document.project.rate))

    def _go(self, read: Callable[[], int]) -> bool:
        try:
            self.locate_requested.emit(read())
        except StudioError as error:
            self.failed.emit(error)
            return False
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leaves out readings, then switches, where the window is too narrow for all of them."""
        width = event.size().width()
        for chip, least in ((self.peak, 1180), (self.load, 1080)):
            chip.setVisible(width >= least)
        for chip in self._switches.values():
            chip.setVisible(width >= 980)
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color("bg"))
            painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), theme.color("line"))


class _Display(QWidget):
    """The well that holds the fields, with a line between neighbours."""

    def __init__(self, fields: Iterable[Field]) -> None:
        super().__init__()
        self._fields = tuple(fields)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for field in self._fields:
            row.addWidget(field)
        self.setFixedHeight(40)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.color("line"))
            painter.setBrush(theme.color("well"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            for field in self._fields[1:]:
                painter.drawLine(field.x(), 8, field.x(), self.height() - 8)


def bind(button: QAbstractButton, action: QAction) -> None:
    """Makes a painted button follow an action: its text, tool tip, state, and what a click does."""
    shown: list[tuple[bool, bool, str]] = []

    def follow() -> None:
        state = (action.isEnabled(), action.isChecked(), action.text())
        if shown != [state]:
            shown[:] = [state]
            button.setEnabled(state[0])
            button.setChecked(state[1])
            if isinstance(button, Chip):
                button.show_text(state[2])
                button.setAccessibleName(state[2])
        button.setToolTip(action.toolTip())

    def press() -> None:
        action.trigger()
        shown.clear()
        follow()

    button.setCheckable(action.isCheckable())
    button.clicked.connect(press)
    action.changed.connect(follow)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    follow()


def lasting(running: Iterable[Any]) -> list[Any]:
    """Those of the jobs that run which do so for a while: the others are not worth a word."""
    now = time.time()
    return [job for job in running if job.started and now - job.started > JOB_SECONDS]
