"""The mixer: a row of strips that scrolls, and the master pinned at its right."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from ...document.document import Announcement
from ...document.edits.mix import MASTER
from ...document.project import Project
from ...engine.audio.status import EngineStatus
from ..commands import Command
from ..controls import InlineEdit, fall
from ..theme import STRIP, color, font
from . import menu
from .desk import Desk, MixerSession
from .geometry import LEAST_HEIGHT
from .strip import MASTER_COLOR, Strip, StripView

MASTER_WIDTH = STRIP + 24
LONGEST_TICK = 0.25
AT_A_TIME = 6
NO_SONG = "Open a song or start one to mix it here."
NO_TRACKS = "Drop sounds on the timeline; each track gets its strip here."
_SILENT = (0.0, 0.0)


class _Row(QWidget):
    """What scrolls: the strips side by side, or a sentence where there are none."""

    hint = ""

    def show_hint(self, text: str) -> None:
        """Shows a sentence, or none."""
        self.hint = text
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), color("panel"))
            painter.setFont(font())
            painter.setPen(color("dim"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.hint)


class MixerPanel(QWidget):
    """The mixer of the open song. Main thread.

    `track_selected(id)` says that a strip was chosen by hand; `select_track` follows a choice made elsewhere.
    `failed(error)` carries the StudioError of a change that was refused.
    """

    track_selected = Signal(str)
    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Mixer")
        self.desk = Desk(self)
        self.desk.failed.connect(self.failed)
        self.desk.picked.connect(self._pick)
        self._unsubscribe: Callable[[], None] | None = None
        self._strips: dict[str, Strip] = {}
        self._order: tuple[str, ...] = ()
        self._selected = ""
        self._lines = 0
        self._last = time.monotonic()
        self._row = _Row()
        self._row.show_hint(NO_SONG)
        self._area = QScrollArea(self)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._row)
        self._area.viewport().installEventFilter(self)
        self._shower = QTimer(self, singleShot=True, interval=0)
        self._shower.timeout.connect(self._show_strips)
        self._area.horizontalScrollBar().valueChanged.connect(self._show_strips)
        self._master = Strip(self.desk, MASTER, None, self)
        self._master.hide()

    @property
    def order(self) -> tuple[str, ...]:
        """The ids of the tracks, from left to right."""
        return self._order

    def strip(self, strip_id: str) -> Strip:
        """The strip of a track or of the master. KeyError if there is none."""
        return self._master if strip_id == MASTER else self._strips[strip_id]

    def set_session(self, session: MixerSession | None) -> None:
        """Shows the mixer of a song, or none."""
        if self._unsubscribe:
            self._unsubscribe()
            self._unsubscribe = None
        self.desk.session = session
        self._drop_strips(set(self._strips))
        self._order = ()
        self._master.clear_peak()
        self._master.setVisible(session is not None)
        self._row.show_hint(NO_TRACKS if session is not None else NO_SONG)
        if session is not None:
            self._unsubscribe = session.document.subscribe(self._hear)
            self._show(session.document.project, None)
        self._lay_out()

    def tick(self, status: EngineStatus) -> None:
        """Moves the meters. Called by the window's timer; repaints only what changed and can be seen."""
        now = time.monotonic()
        seconds, self._last = min(now - self._last, LONGEST_TICK), now
        factor = fall(seconds)
        self.desk.channels = max(2, len(status.inputs))
        shown = self.isVisible()
        (left, right), meters, inputs = self._span(), status.meters, status.inputs
        for n, key in enumerate(self._order):
            strip = self._strips[key]
            peaks = meters.get(key, _SILENT)
            if strip.listening and inputs:
                peaks = _input_peaks(strip.listening, inputs)
            x = n * STRIP
            strip.feed(peaks[0], peaks[1], factor, seconds, shown and x < right and x + STRIP > left)
        peaks = meters.get(MASTER, _SILENT)
        self._master.feed(peaks[0], peaks[1], factor, seconds, shown)

    def select_track(self, track_id: str) -> None:
        """Shows a track as chosen and brings its strip into view; does not emit `track_selected`."""
        if track_id == self._selected:
            return
        for key in (self._selected, track_id):
            if key in self._strips:
                self._strips[key].set_selected(key == track_id)
        self._selected = track_id
        if track_id in self._strips:
            self._area.ensureWidgetVisible(self._strips[track_id], 0, 0)

    def clear_peaks(self) -> None:
        """Puts every clip light out and forgets every highest peak."""
        for strip in (*self._strips.values(), self._master):
            strip.clear_peak()

    def commands(self) -> list[Command]:
        """What the mixer offers to menus, keys and the palette."""
        desk, has, one = self.desk, self._has_song, lambda: self._selected in self._strips
        return [
            Command("mixer.clear_peaks", "Clear Peaks", "", self.clear_peaks, has, "Track", group="mixer"),
            Command("mixer.end_solos", "End All Solos", "", desk.end_solos, self._any_solo, "Track", group="mixer"),
            Command("mixer.add_bus", "Add Bus", "", lambda: menu.add_bus(desk), has, "Track", group="mixer"),
            Command("mixer.next_strip", "Next Strip", "", lambda: self._step(1), has, "Track", group="mixer"),
            Command("mixer.previous_strip", "Previous Strip", "", lambda: self._step(-1), has, "Track", group="mixer"),
            Command("mixer.focus_fader", "Go to Fader of Track", "", self._focus_fader, one, "Track", group="mixer"),
        ]

    def _has_song(self) -> bool:
        return self.desk.session is not None

    def _any_solo(self) -> bool:
        project = self.desk.project
        return project is not None and any(track.strip.solo for track in project.tracks)

    def _focus_fader(self) -> None:
        self._strips[self._selected].fader.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _step(self, by: int) -> None:
        if self._order:
            at = self._order.index(self._selected) + by if self._selected in self._order else 0
            self._pick(self._order[max(0, min(at, len(self._order) - 1))])

    def _pick(self, strip_id: str) -> None:
        if strip_id not in {MASTER, self._selected}:
            self.select_track(strip_id)
            self.track_selected.emit(strip_id)

    def _hear(self, announcement: Announcement) -> None:
        changes = announcement.changes
        before, after = changes.before, changes.after
        solo = _soloing(before) != _soloing(after)
        buses = any(_is_bus(before, key) or _is_bus(after, key) for key in changes.tracks)
        same = len(before.tracks) == len(after.tracks) and not changes.removed & set(self._strips)
        self._show(after, changes.tracks if same and not solo and not buses else None)

    def _show(self, project: Project, touched: frozenset[str] | None) -> None:
        """Brings the strips up to date: those of `touched` tracks, all for None."""
        order = tuple(track.id for track in project.tracks)
        if order != self._order:
            self._reorder(project, order)
            touched = None
        soloing = _soloing(project)
        for track in project.tracks:
            if touched is None or track.id in touched:
                lines = menu.strip_lines(track, project)
                silent = soloing and not track.strip.solo and track.kind == "audio"
                view = StripView(track.name, track.color, track.strip, lines, silent, track.inputs, track.armed)
                self._strips[track.id].show_state(view)
        self._master.show_state(StripView("Master", MASTER_COLOR, project.master, menu.strip_lines(None, project)))
        self._set_lines(max((strip.line_count for strip in (*self._strips.values(), self._master)), default=0))

    def _reorder(self, project: Project, order: tuple[str, ...]) -> None:
        self._drop_strips(set(self._strips) - set(order))
        for track in project.tracks:
            if track.id not in self._strips:
                strip = Strip(self.desk, track.id, track.kind, self._row)
                strip.hide()
                strip.set_line_count(self._lines)
                strip.set_selected(track.id == self._selected)
                self._strips[track.id] = strip
        self._order = order
        self._row.show_hint("" if order else NO_TRACKS)
        self._lay_out()
        self._show_strips()

    def _show_strips(self) -> None:
        """Shows the strips in view at once and the others a few at a time: the first showing of a widget is costly."""
        left, right = self._span()
        hidden = [n for n, key in enumerate(self._order) if self._strips[key].isHidden()]
        near = [n for n in hidden if n * STRIP < right and (n + 1) * STRIP > left]
        for n in near or hidden[:AT_A_TIME]:
            self._strips[self._order[n]].show()
        if len(hidden) > len(near or hidden[:AT_A_TIME]):
            self._shower.start()

    def _span(self) -> tuple[int, int]:
        """The part of the row that can be seen."""
        left = self._area.horizontalScrollBar().value()
        return left, left + self._area.viewport().width()

    def _drop_strips(self, gone: set[str]) -> None:
        for key in gone:
            strip = self._strips.pop(key)
            for edit in strip.findChildren(InlineEdit):
                edit.cancel()
            strip.hide()
            strip.setParent(None)
            strip.deleteLater()

    def _set_lines(self, count: int) -> None:
        if count != self._lines:
            self._lines = count
            for strip in (*self._strips.values(), self._master):
                strip.set_line_count(count)

    def _lay_out(self) -> None:
        pinned = MASTER_WIDTH if self.desk.session is not None else 0
        wide, high = max(0, self.width() - pinned), self.height()
        self._area.setGeometry(0, 0, wide, high)
        self._master.setGeometry(wide, 0, MASTER_WIDTH, high)
        needed = len(self._order) * STRIP
        bar = self._area.horizontalScrollBar().sizeHint().height() if needed > wide else 0
        self._row.setGeometry(self._row.x(), 0, max(needed, wide), max(high - bar, LEAST_HEIGHT))
        for n, key in enumerate(self._order):
            self._strips[key].setGeometry(n * STRIP, 0, STRIP, self._row.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def minimumSizeHint(self) -> QSize:
        return QSize(MASTER_WIDTH + STRIP, LEAST_HEIGHT)

    def sizeHint(self) -> QSize:
        return QSize(8 * STRIP + MASTER_WIDTH, LEAST_HEIGHT + 72)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """The plain wheel scrolls sideways: there is nothing above or below."""
        if event.type() is QEvent.Type.Wheel and isinstance(event, QWheelEvent):
            turn = event.angleDelta()
            bar = self._area.horizontalScrollBar()
            bar.setValue(bar.value() - (turn.x() or turn.y()) * STRIP // 120)
            return True
        return False


def _input_peaks(channels: tuple[int, ...], inputs: tuple[float, ...]) -> tuple[float, float]:
    found = [inputs[channel] if channel < len(inputs) else 0.0 for channel in channels]
    return found[0], found[-1]


def _soloing(project: Project) -> bool:
    return any(track.strip.solo for track in project.tracks)


def _is_bus(project: Project, track_id: str) -> bool:
    track = project.track(track_id)
    return track is not None and track.kind == "bus"
