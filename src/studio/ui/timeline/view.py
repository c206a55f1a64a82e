"""The timeline widget: canvas in the middle, ruler above, track headers at the left, all scrolled together."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from ...document.document import Announcement
from ...engine.audio.status import EngineStatus
from .. import theme
from ..commands import Command
from . import accessible, overlay
from .chord_lane import ChordLane
from .commands import timeline_commands
from .drops import DropTarget, paths_of, target_at
from .edge_names import EdgeNames
from .editing import Editing
from .grid import GridMode
from .headers import WIDTH, Headers
from .hit import handles
from .keys import Keys
from .live import LiveTakes
from .navigation import FollowMode, Navigation
from .pointer import Pointer
from .presets import Presets
from .ruler import Corner, Ruler
from .ruler_lanes import HEIGHT
from .scene import Row
from .snap import Snap
from .stage import Stage, TimelineSession


class TimelineView(QAbstractScrollArea):
    """The arrangement of a song. Main thread.

    `files_dropped(paths, DropTarget)`: sounds were dropped. `locate_requested(frame)`: the playhead should go there.
    `selection_changed()`, `track_selected(track id)`: what was chosen by hand. `failed(error)`: the StudioError of an
    edit that was refused. `painting_failed(sentence, details)`: a picture could not be painted; the window goes on.
    `relink_requested(media id)`: the file of a missing media should be looked for. `habits_changed()`: another grid,
    snapping or way to follow the playhead was chosen; see `habits`. `notes_requested(clip id)`: a clip of notes should
    be opened; `instrument_requested(track id)`: the instrument of a track. `samples_dropped(paths, track id)`: sounds
    for an instrument track to play; `sample_requested(track id)`: it should be asked for one. `sampler_requested(clip
    id)`, `slices_requested(clip id)`: a clip of sound should become a sampler, whole or in slices.
    `coach_requested(clip id)`, `voice_notes_requested(clip id)`: a clip of sound should be judged, or made into notes.
    `chords_requested(tick)`: chords should be typed from there on. `correction_requested(clip id, take id)`: the pitch
    of a clip, or of a take of it, should be corrected. `model_requested(what)`: something should be made by a model for
    what is selected; see `generating`.
    """

    files_dropped = Signal(list, object)
    locate_requested = Signal(int)
    selection_changed = Signal()
    track_selected = Signal(str)
    failed = Signal(object)
    painting_failed = Signal(str, str)
    relink_requested = Signal(str)
    habits_changed = Signal()
    notes_requested = Signal(str)
    instrument_requested = Signal(str)
    samples_dropped = Signal(list, str)
    sample_requested = Signal(str)
    sampler_requested = Signal(str)
    slices_requested = Signal(str)
    coach_requested = Signal(str)
    voice_notes_requested = Signal(str)
    chords_requested = Signal(int)
    correction_requested = Signal(str, str)
    rewrite_requested = Signal(list, str, object)
    lock_requested = Signal(list, bool)
    request_requested = Signal(object)
    model_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stage = Stage(self)
        self.playing = False
        self.paint_failures = 0
        self.drop: DropTarget | None = None
        self._blurred: list[Row] = []
        self._sharpener = QTimer(self, singleShot=True, interval=0)
        self.navigation = Navigation(self)
        self.pointer = Pointer(self)
        self.editing = Editing(self)
        self.chords = ChordLane(self)
        self.keys = Keys(self)
        self.live = LiveTakes(self.stage)
        self.edge_names = EdgeNames(self.stage)
        self.presets = Presets(self)
        self.corner = Corner(self)
        self.ruler = Ruler(self)
        self.headers = Headers(self)
        self._set_up()
        self._connect()

    def _set_up(self) -> None:
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setViewportMargins(WIDTH, HEIGHT, 0, 0)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Timeline")
        self.setAcceptDrops(True)
        canvas = self.viewport()
        canvas.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        canvas.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        canvas.setMouseTracking(True)
        canvas.setAccessibleName("Clips")
        canvas.grabGesture(Qt.GestureType.PinchGesture)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        accessible.install()

    def _connect(self) -> None:
        self._sharpener.timeout.connect(self._sharpen)
        stage = self.stage
        stage.shown.connect(self._rows_shown)
        stage.selected.connect(self.selection_changed)
        stage.selected.connect(lambda: accessible.tell_selection(self))
        stage.track_picked.connect(self.track_selected)
        stage.track_picked.connect(lambda _: self.headers.update())
        stage.failed.connect(self.failed)
        stage.song_changed.connect(self._song_changed)

    # -- the song ------------------------------------------------------------------------------------------------

    def set_session(self, session: TimelineSession | None) -> None:
        """Shows a song, or none."""
        self.pointer.abandon()
        self.stage.set_session(session)
        self.live.clear()
        self.playing = False
        self.navigation.show_start()
        self.update_all()

    def tick(self, status: EngineStatus) -> None:
        """Follows playback: playhead, meters, growing takes. Called by the window's timer."""
        self.playing = status.playing or status.recording
        self._grow(status)
        self.headers.feed(status)
        if status.position != self.stage.playhead:
            self._move_playhead(status.position)
            if self.playing:
                self.navigation.follow()

    def commands(self) -> list[Command]:
        """What the timeline offers to menus, keys and the palette."""
        return timeline_commands(self)

    def close_down(self) -> None:
        """Lets go of the song and ends the reader thread; call before the program ends."""
        self.presets.close()
        self.stage.close()

    def select_track(self, track_id: str) -> None:
        """Makes a track the current one and brings it into view; for selection made elsewhere."""
        if track_id != self.stage.track_id:
            self.stage.track_id = track_id
            self.navigation.reveal_track(track_id)
            self.headers.update()

    @property
    def blurred(self) -> bool:
        """Whether the picture is still being sharpened after a zoom step."""
        return bool(self._blurred)

    def set_playhead(self, frame: int) -> None:
        """Shows the playhead elsewhere at once, before the engine has followed."""
        self._move_playhead(frame)

    def set_track_height(self, track_id: str | None, height: int) -> None:
        """Gives a track, or all of them, another height in logical pixels."""
        self.stage.scene.set_height(track_id, height)
        self._rows_shown(None)

    def heights(self) -> dict[str, int] | None:
        """Track heights in logical pixels by track id, and under "" that of all others; None without a song."""
        scene, project = self.stage.scene, self.stage.project
        if project is None:
            return None
        known = {track.id for track in project.tracks}
        own = {track: height for track, height in scene.heights.items() if track in known}
        return own if scene.default_height == theme.TRACK else {"": scene.default_height, **own}

    def show_heights(self, heights: Mapping[str, int]) -> None:
        """Gives tracks the heights that `heights` gave."""
        scene = self.stage.scene
        scene.set_height(None, heights.get("", theme.TRACK))
        for track_id, height in heights.items():
            if track_id:
                scene.set_height(track_id, height)
        self._rows_shown(None)

    def habits(self) -> dict[str, Any]:
        """Grid, snapping and following as they are, by the names that the preferences have for them."""
        return {"grid": self.pointer.grid, "snap": self.pointer.snapping, "follow": self.navigation.follow_mode}

    def take_habits(self, grid: GridMode, snap: bool, follow: FollowMode) -> None:
        """Sets grid, snapping and following; `habits_changed` tells when they are others than before."""
        before = self.habits()
        self.pointer.grid, self.pointer.snapping, self.navigation.follow_mode = grid, snap, follow
        if self.habits() != before:
            self.habits_changed.emit()

    def change_habit(self, **habit: Any) -> None:
        """Changes one of `habits`."""
        self.take_habits(**{**self.habits(), **habit})

    def split_at_pointer(self) -> None:
        """Splits what is under the pointer."""
        self.editing.split(self.stage.frame_at(self.pointer.at.x))

    def clip_name_box(self, row: Row, i: int) -> QRect:
        """Where the name of a clip is edited, in logical pixels of the canvas."""
        at, ratio = handles(self.stage, row, i), self.stage.canvas.axis.ratio
        left = int(max(at.left, 0) / ratio)
        width = max(int((min(at.right, self.stage.canvas.backing.width) - max(at.left, 0)) / ratio), 140)
        return QRect(min(left, self.viewport().width() - width), int(at.top / ratio), width, theme.HIT)

    def _grow(self, status: EngineStatus) -> None:
        for row, left, right in self.live.grow(status):
            self.stage.canvas.mark_part(row.key, left, right)
            self.update_device(left, row.top - self.stage.canvas.top, right - left, row.height)

    def _move_playhead(self, frame: int) -> None:
        stage = self.stage
        old = overlay.playhead_x(stage)
        stage.playhead = frame
        new = overlay.playhead_x(stage)
        if old != new:
            reach = overlay.PLAYHEAD * stage.canvas.axis.ratio
            far = abs(new - old) > 4 * reach
            for a, b in ((old, old), (new, new)) if far else ((min(old, new), max(old, new)),):
                self.update_device(round(a - reach), 0, round(b - a + 2 * reach), stage.canvas.backing.height)
            self.ruler.move_playhead(old, new)

    def _rows_shown(self, keys: Iterable[tuple[str, int]] | None) -> None:
        canvas = self.stage.canvas
        if keys is None:
            canvas.mark_all()
            self.navigation.update_ranges()
            self.update_all()
            return
        wanted = set(keys)
        canvas.mark_rows(wanted)
        for row in canvas.scene.rows_between(canvas.top, canvas.top + canvas.backing.height):
            if row.key in wanted:
                self.update_device(0, row.top - canvas.top, canvas.backing.width, row.height)

    def _song_changed(self, announcement: Announcement) -> None:
        changes = announcement.changes
        if changes.time or changes.root:
            if changes.time or changes.before.signatures != changes.after.signatures:
                self.stage.canvas.mark_all()
                self.viewport().update()
            self.ruler.refresh()
        self.navigation.update_ranges()
        self.headers.update()

    # -- the picture ---------------------------------------------------------------------------------------------

    def update_all(self) -> None:
        """Repaints everything."""
        self.viewport().update()
        self.ruler.refresh()
        self.headers.update()

    def update_device(self, x: int, y: int, width: int, height: int) -> None:
        """Repaints a part of the canvas given in device pixels."""
        ratio = self.stage.canvas.axis.ratio
        left, top = int(x / ratio) - 1, int(y / ratio) - 1
        self.viewport().update(QRect(left, top, int(width / ratio) + 3, int(height / ratio) + 3))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        box = self.viewport().geometry()
        self.corner.setGeometry(box.left() - WIDTH, box.top() - HEIGHT, WIDTH, HEIGHT)
        self.ruler.setGeometry(box.left(), box.top() - HEIGHT, box.width(), HEIGHT)
        self.headers.setGeometry(box.left() - WIDTH, box.top(), WIDTH, box.height())
        stage, ratio = self.stage, self.devicePixelRatioF()
        if ratio != stage.canvas.axis.ratio:
            stage.scene.rescale(ratio)
            stage.canvas.show(
                stage.canvas.axis.at_ratio(ratio), round(stage.canvas.top * ratio / stage.canvas.axis.ratio)
            )
        width, height = -int(-box.width() * ratio // 1), -int(-box.height() * ratio // 1)
        if (width, height) != (stage.canvas.backing.width, stage.canvas.backing.height):
            stage.canvas.resize(width, height)
            self.navigation.laid_out()
        self.navigation.update_ranges()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._lay_out()
            self.update_all()
        return super().event(event)

    def scrollContentsBy(self, _dx: int, dy: int) -> None:
        self.navigation.scrolled()
        self.viewport().update()
        self.ruler.update()
        if dy:
            self.headers.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        try:
            self._paint(event)
        except Exception as error:  # an exception that leaves a paint event ends the program
            self.paint_failed(error)

    def _paint(self, event: QPaintEvent) -> None:
        canvas = self.stage.canvas
        waited, self._blurred = self._blurred, canvas.refresh()
        if waited or self._blurred:
            self._show_sharpened(waited, event.region())
        ratio = canvas.axis.ratio
        with QPainter(self.viewport()) as painter:
            painter.scale(1 / ratio, 1 / ratio)
            for rect in event.region():
                x, y = int(rect.x() * ratio), int(rect.y() * ratio)
                width, height = -int(-rect.width() * ratio // 1) + 1, -int(-rect.height() * ratio // 1) + 1
                painter.drawImage(QPoint(x, y), canvas.backing.image, QRect(x, y, width, height))
            overlay.paint(painter, self, event.region().boundingRect())

    def _show_sharpened(self, waited: list[Row], dirty: QRegion) -> None:
        """Sees to it that rows sharpened while only another part of the screen was painted are painted as well."""
        for row in waited:
            if row not in self._blurred and not QRegion(self._row_rect(row)).subtracted(dirty).isEmpty():
                self.viewport().update(self._row_rect(row))
        if self._blurred:
            self._sharpener.start()

    def _row_rect(self, row: Row) -> QRect:
        """The part of the canvas that a row covers, in logical pixels."""
        canvas, box = self.stage.canvas, self.viewport().rect()
        top = int((row.top - canvas.top) / canvas.axis.ratio)
        return QRect(0, top, box.width(), int(row.height / canvas.axis.ratio) + 2).intersected(box)

    def _sharpen(self) -> None:
        """Goes on with a picture that is still blurred after a zoom step."""
        for row in self._blurred:
            self.viewport().update(self._row_rect(row))

    def paint_failed(self, error: Exception) -> None:
        """Counts a failure in painting and says so, the first time for each place it happens at."""
        self.paint_failures += 1
        if self.paint_failures in {1, 100, 10_000}:
            sentence = "A part of the timeline could not be drawn; the song is not affected."
            self.painting_failed.emit(sentence, "".join(traceback.format_exception(error)))

    # -- hands ---------------------------------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        if self.navigation.pinch(event):
            return True
        if event.type() == QEvent.Type.Leave:
            self.pointer.leave()
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pointer.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointer.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.pointer.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.pointer.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.navigation.wheel(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.keys.press(event):
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.stage.project is not None and paths_of(event.mimeData()):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._show_drop(self._drop_at(event))
        event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._show_drop(None)

    def dropEvent(self, event: QDropEvent) -> None:
        paths = paths_of(event.mimeData())
        target = self._drop_at(event)
        self._show_drop(None)
        if paths:
            event.acceptProposedAction()
            self.files_dropped.emit(paths, target)

    def _drop_at(self, event: QDropEvent) -> DropTarget:
        ratio, at = self.stage.canvas.axis.ratio, event.position()
        free = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        frame = max(self.stage.frame_at(at.x() * ratio), 0)
        snap = Snap(self.stage, self.pointer.grid, self.pointer.snapping)
        return target_at(self.stage, at.y() * ratio, max(snap.frame(frame, free).frame, 0))

    def _show_drop(self, target: DropTarget | None) -> None:
        if target != self.drop:
            self.drop = target
            self.viewport().update()
