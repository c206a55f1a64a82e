"""Scrolling, zooming and following the playhead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QWheelEvent
from PySide6.QtWidgets import QGestureEvent, QPinchGesture

from ...document.time import PPQ
from .axis import Axis, fitting

if TYPE_CHECKING:
    from .view import TimelineView

FollowMode = Literal["off", "page", "smooth"]
FOLLOW_MODES: tuple[FollowMode, ...] = ("page", "smooth", "off")

STEP = 1.25
"""How much a wheel notch or a key zooms."""

START_BARS = 16

LAID_OUT = 100
"""A canvas narrower than this has not been laid out yet."""

SCROLL = 66
"""Logical pixels per wheel notch."""


class Navigation:
    """Moves a timeline's view of the song. Main thread."""

    def __init__(self, view: TimelineView) -> None:
        self._view = view
        self.follow_mode: FollowMode = "page"
        self._settling = False
        self._start_waits = False

    @property
    def _axis(self) -> Axis:
        return self._view.stage.canvas.axis

    @property
    def _width(self) -> int:
        return self._view.stage.canvas.backing.width

    def show_start(self) -> None:
        """Shows the beginning of a song at a zoom that suits its length, from its first track on."""
        self._start_waits = self._width < LAID_OUT
        bar = 4 * PPQ
        end = min(max(self.last_tick(), START_BARS * bar), 8 * START_BARS * bar)
        self.show(fitting(0, end * 1.02, max(self._width, 1), self._axis.ratio), 0)

    def laid_out(self) -> None:
        """The canvas has got its size: shows the start of a song that came before that."""
        if self._start_waits and self._width >= LAID_OUT:
            self.show_start()

    def last_tick(self) -> float:
        """The tick at which the song ends: its last clip, section or marker."""
        project = self._view.stage.project
        if project is None:
            return 0.0
        ends = [row.plan.end.max() for row in self._view.stage.scene.rows if len(row.plan.end)]
        ends += [section.start + section.length for section in project.sections]
        ends += [marker.start for marker in project.markers]
        return float(max(ends, default=0.0))

    def show(self, axis: Axis, top: int | None = None) -> None:
        """Shows the song at an axis, and at a height in device pixels."""
        view, canvas = self._view, self._view.stage.canvas
        before = canvas.top
        canvas.show(axis, canvas.top if top is None else top)
        self.update_ranges()
        view.viewport().update()
        view.ruler.update()
        if canvas.top != before:
            view.headers.update()

    def update_ranges(self) -> None:
        """Fits the scroll bars to the song and the axis."""
        canvas, axis = self._view.stage.canvas, self._axis
        across, down = self._view.horizontalScrollBar(), self._view.verticalScrollBar()
        self._settling = True
        most = round(self.last_tick() * axis.per_tick) + self._width // 2 - self._width // 4
        across.setRange(0, max(most, axis.scroll, 0))
        across.setPageStep(self._width)
        across.setSingleStep(round(SCROLL * axis.ratio))
        across.setValue(axis.scroll)
        room = canvas.backing.height
        down.setRange(0, max(canvas.scene.height + round(48 * axis.ratio) - room, 0))
        down.setPageStep(room)
        down.setSingleStep(round(SCROLL * axis.ratio))
        down.setValue(canvas.top)
        self._settling = False
        if down.value() != canvas.top:
            self.scrolled()

    def scrolled(self) -> None:
        """Takes over the scroll bars' values."""
        if not self._settling:
            view = self._view
            axis = self._axis.scrolled_to(view.horizontalScrollBar().value())
            view.stage.canvas.show(axis, view.verticalScrollBar().value())
            view.pointer.forget_hover()

    def scroll_by(self, dx: int, dy: int) -> None:
        """Scrolls by device pixels; to the right without end."""
        across, down = self._view.horizontalScrollBar(), self._view.verticalScrollBar()
        to = max(self._axis.scroll + dx, 0)
        if to > across.maximum():
            across.setMaximum(to)
        across.setValue(to)
        down.setValue(down.value() + dy)

    def wheel(self, event: QWheelEvent) -> None:
        """Wheel scrolls up and down, Shift sideways; Ctrl zooms at the pointer, Ctrl+Shift the height of tracks."""
        held, turn, pixels = event.modifiers(), event.angleDelta(), event.pixelDelta()
        control = bool(held & Qt.KeyboardModifier.ControlModifier)
        shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
        notches = (turn.y() or turn.x()) / 120
        if control and shift:
            self.zoom_heights(1.15**notches)
        elif control:
            self.zoom(STEP**notches, event.position().x() * self._axis.ratio)
        else:
            ratio = self._axis.ratio
            across, down = (pixels.x(), pixels.y()) if not pixels.isNull() else (turn.x() * 0.55, turn.y() * 0.55)
            if shift and not across:
                across, down = down, 0
            self.scroll_by(-round(across * ratio), -round(down * ratio))
        event.accept()

    def pinch(self, event: QEvent) -> bool:
        """Zooms with two fingers; says whether the event was that."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom(1 + event.value(), event.position().x() * self._axis.ratio)
            return True
        if event.type() == QEvent.Type.Gesture and isinstance(event, QGestureEvent):
            found = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(found, QPinchGesture):
                at = self._view.viewport().mapFromGlobal(QPointF(found.hotSpot()))
                self.zoom(found.scaleFactor(), at.x() * self._axis.ratio)
                return True
        return False

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Zooms around canvas position `x`, or around the playhead if it can be seen, else the middle."""
        if x is None:
            playhead = self._view.stage.x_of(self._view.stage.playhead)
            x = playhead if 0 <= playhead < self._width else self._width / 2
        self.show(self._axis.zoomed(factor, x, self._least()))

    def _least(self) -> float:
        """The scale at which the whole song takes a quarter of the width."""
        return self._width / (max(self.last_tick(), 64 * PPQ) * 4)

    def zoom_heights(self, factor: float) -> None:
        """Makes every track higher or lower."""
        scene, canvas = self._view.stage.scene, self._view.stage.canvas
        height = scene.default_height
        wanted = round(height * factor)
        if wanted == height:
            wanted += 1 if factor > 1 else -1
        scene.heights.clear()
        scene.set_height(None, wanted)
        canvas.mark_all()
        self.update_ranges()
        self._view.update_all()

    def fit_song(self) -> None:
        """Shows the whole song, in width and, as far as rows can shrink, in height."""
        self._fit(0.0, max(self.last_tick(), 4 * PPQ))

    def fit_tracks(self) -> None:
        """Makes all tracks as high as lets all of them be seen."""
        scene, canvas = self._view.stage.scene, self._view.stage.canvas
        count = max(len(scene.track_rows()), 1)
        scene.heights.clear()
        scene.set_height(None, min(int(canvas.backing.height / canvas.axis.ratio / count), 132))
        canvas.mark_all()
        self.show(canvas.axis, 0)

    def fit_selection(self) -> None:
        """Shows the selected clips from side to side; the whole song if none is selected."""
        stage = self._view.stage
        spans = [
            (float(row.plan.begin[i]), float(row.plan.end[i]))
            for row in stage.scene.track_rows()
            for i, clip_id in enumerate(row.plan.ids)
            if clip_id in stage.selection
        ]
        if spans:
            self._fit(min(a for a, _ in spans), max(b for _, b in spans))
        else:
            self.fit_song()

    def _fit(self, first: float, last: float) -> None:
        margin = (last - first) * 0.03
        self.show(fitting(max(first - margin, 0), last + margin, max(self._width, 1), self._axis.ratio))

    def follow(self) -> None:
        """Keeps the playhead in view while playing: page by page, or in the middle."""
        if self.follow_mode == "off" or self._view.pointer.gesture is not None:
            return
        x = self._axis.x(self._view.stage.playhead_tick)
        if self.follow_mode == "smooth":
            by = round(x - self._width / 2)
            if by > 0 or self._axis.scroll > 0:
                self.scroll_by(by, 0)
        elif not 0 <= x < self._width * 0.98:
            self.scroll_by(round(x - self._width * 0.04), 0)

    def reveal_frame(self, frame: int) -> None:
        """Scrolls so that a frame can be seen."""
        x = self._view.stage.x_of(frame)
        if not 0 <= x < self._width:
            self.scroll_by(round(x - self._width * 0.1), 0)

    def reveal_track(self, track_id: str) -> None:
        """Scrolls so that a track can be seen."""
        canvas = self._view.stage.canvas
        top, bottom = canvas.scene.track_extent(track_id)
        if bottom <= top:
            return
        room = canvas.backing.height
        if top < canvas.top:
            self.scroll_by(0, top - canvas.top)
        elif bottom > canvas.top + room:
            self.scroll_by(0, min(bottom - room, top) - canvas.top)

    def reveal_clip(self, clip_id: str) -> None:
        """Scrolls so that a clip's beginning can be seen."""
        for row in self._view.stage.scene.track_rows():
            found = np.flatnonzero(np.array(row.plan.ids, object) == clip_id)
            if len(found):
                self.reveal_track(row.track.id)
                x0 = self._axis.x(float(row.plan.begin[found[0]]))
                x1 = self._axis.x(float(row.plan.end[found[0]]))
                if x1 < 40 or x0 > self._width - 40:
                    self.scroll_by(round(x0 - self._width * 0.1), 0)
                return
