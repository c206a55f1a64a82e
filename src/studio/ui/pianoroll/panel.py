"""The panel below the timeline: the notes of the selected clip, as piano roll or drum grid, with a line of tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QInputDialog,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ...document.edits.controls import Line
from ...engine.audio.status import EngineStatus
from .. import theme
from ..commands import Command
from ..drumgrid.view import DrumView
from .commands import MENU, note_commands
from .grooving import Grooves
from .lane import LaneKind
from .lines import COMMON, lane_key, lane_of, line_title, lines_of
from .snapping import SNAP_MODES, SnapMode, snap_text
from .stage import NoteSession, Stage, plays_drums
from .stepping import StepEntry
from .toolrow import ToolRow
from .view import LaneChoice, NoteView

VALUES: tuple[LaneKind, ...] = ("velocity", "probability")
OTHER = "other"
PATTERNS = (("Whole clip", 0.0), ("½ bar", 0.5), ("1 bar", 1.0), ("2 bars", 2.0), ("4 bars", 4.0))


class NotePanel(QWidget):
    """The editor of one clip of notes. Main thread.

    `failed(error)` carries the StudioError of an edit that was refused; `locate_requested(frame)` asks for the
    playhead, `instrument_requested(track id)` for the instrument of the clip; `painting_failed(sentence, details)` says
    that a picture could not be painted; `habits_changed()` that what `habits` says is another. `sound_clip` is the id
    of the clip of sound that is selected on the timeline, if any.
    """

    failed = Signal(object)
    locate_requested = Signal(int)
    painting_failed = Signal(str, str)
    instrument_requested = Signal(str)
    habits_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Notes")
        self.stage = Stage(self)
        self.roll, self.drums = NoteView(self.stage), DrumView(self.stage)
        self._views = QStackedWidget()
        for view in (self.roll, self.drums):
            self._views.addWidget(view)
            view.locate_requested.connect(self.locate_requested)
            view.painting_failed.connect(self.painting_failed)
            view.menu_requested.connect(self.show_menu)
        self.sound_clip = ""
        self.grooves = Grooves(self, self.habits_changed.emit)
        self.steps = StepEntry(self)
        self.roll.steps = self.drums.steps = self.steps
        self.steps.changed.connect(self._show_state)
        self._offered: tuple[tuple[LaneChoice, str], ...] = ()
        self._known: tuple[object, tuple[Line, ...]] = (None, ())
        self._commands = note_commands(self)
        self._build()
        self.stage.failed.connect(self.failed)
        self.stage.opened.connect(self._clip_opened)
        self.stage.shown.connect(self._show_state)
        self.setFocusProxy(self._views)
        self._show_view(self.roll)

    @property
    def view(self) -> NoteView:
        """The editor that is shown: piano roll or drum grid."""
        return self.drums if self._views.currentWidget() is self.drums else self.roll

    def _build(self) -> None:
        row = ToolRow()
        self.title = _Title("")
        self.title.setFont(theme.font(weight="medium"))
        self.switch = QPushButton("Drum Grid")
        self.switch.setToolTip("Show the notes as a drum grid, or as a piano roll")
        self.switch.clicked.connect(self.toggle_view)
        self.pen = _switch("Pen", "Draw with a single press (B); without it, double-click", self.toggle_pen)
        tip = "Write what is played note by note at the playhead (Shift+E)"
        self.step_button = _switch("Steps", tip, self.toggle_steps)
        self.snap = QComboBox()
        for mode in SNAP_MODES:
            self.snap.addItem(snap_text(mode), mode)
        self.snap.setAccessibleName("Grid")
        self.snap.setToolTip("What notes are drawn to")
        self.snap.activated.connect(lambda n: self.change_snap(SNAP_MODES[n]))
        self.pattern = QComboBox()
        for text, bars in PATTERNS:
            self.pattern.addItem(text, bars)
        self.pattern.setAccessibleName("Pattern length")
        self.pattern.setToolTip("How much of the clip repeats")
        self.pattern.activated.connect(self._choose_pattern)
        self.values = QComboBox()
        self.values.setAccessibleName("Lane")
        for box, letters in ((self.snap, 5), (self.pattern, 6), (self.values, 9)):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(letters)
        self.values.view().setMinimumWidth(200)
        self.values.setToolTip("What the lane below the notes shows")
        self.values.activated.connect(self._choose_lane)
        self.actions = QPushButton("Notes")
        self.actions.setToolTip("Quantise, transpose, velocities and more")
        self.actions.clicked.connect(lambda: self.show_menu(self.actions.mapToGlobal(QPoint(0, self.actions.height()))))
        self.instrument = QPushButton("Instrument")
        self.instrument.setToolTip("Show the instrument that plays these notes")
        self.instrument.clicked.connect(self._ask_instrument)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row.add(self.title, stretch=1)
        for label, widget, rank in (
            ("", self.instrument, 4), ("", self.switch, 0), ("", self.pen, 2), ("", self.step_button, 3),
            ("Grid", self.snap, 1), ("Pattern", self.pattern, 0), ("Lane", self.values, 0), ("", self.actions, 0),
        ):  # fmt: skip
            if label:
                name = QLabel(label)
                name.setProperty("role", "dim")
                row.add(name, rank=5)
            row.add(widget, rank)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(row)
        column.addWidget(self._views, 1)

    # -- the song ------------------------------------------------------------------------------------------------

    def set_session(self, session: NoteSession | None) -> None:
        """Shows a song, or none; a clip of it is shown when `open` is called."""
        self.stage.set_session(session)
        self._show_state()

    def tick(self, status: EngineStatus) -> None:
        """Follows playback. Called by the window's timer."""
        self.view.move_playhead(status.position)
        self.steps.follow(status)
        if status.playing:
            self.view.follow()

    def habits(self) -> dict[str, Any]:
        """How the editor looks and which grooves are kept, as preferences: what `take_habits` takes."""
        view, grooves = self.view, self.grooves
        look = {
            "grid": view.snap,
            "ghosts": view.canvas.ghosts,
            "scale": view.canvas.scale,
            "pen": view.pointer.pen,
            "follow": view.follows,
            "lane": lane_key(view.shown_lane),
            "groove_strength": grooves.strength,
            "groove_accents": grooves.accents,
        }
        return {"note_editor": look, "grooves": grooves.habits()}

    def take_habits(self, note_editor: dict[str, Any], grooves: list[dict[str, Any]]) -> None:
        """Takes over what was remembered."""
        look = note_editor
        self.grooves.take_habits(grooves, look["groove_strength"], look["groove_accents"])
        for view in (self.roll, self.drums):
            view.canvas.ghosts, view.canvas.scale = look["ghosts"], look["scale"]
            view.pointer.pen, view.follows = look["pen"], look["follow"]
            view.show_lane(lane_of(look["lane"]))
            view.change_snap(look["grid"])
        self._show_state()

    def commands(self) -> list[Command]:
        """What the editor offers to menus, keys and the palette."""
        return self._commands

    def open(self, clip_id: str) -> None:
        """Shows a clip of notes; a clip of sound, or one that is gone, leaves what is shown."""
        before = self.stage.clip_id
        document = self.stage.document
        if document is not None and getattr(document.clip(clip_id), "note_blocks", None) is not None:
            self.stage.open(clip_id)
        elif document is not None and document.clip(before) is None:
            self.stage.open("")

    # -- the look ------------------------------------------------------------------------------------------------

    def _clip_opened(self) -> None:
        if self.stage.clip is not None:
            self._show_view(self.drums if plays_drums(self.stage.track) else self.roll)
        self._show_state()

    def _show_view(self, view: NoteView) -> None:
        self._views.setCurrentWidget(view)
        self._views.setFocusProxy(view)
        self.switch.setText("Piano Roll" if view is self.drums else "Drum Grid")
        self._show_state()

    def toggle_view(self) -> None:
        """Shows the drum grid in place of the piano roll, or the other way round."""
        self._show_view(self.roll if self.view is self.drums else self.drums)
        self.view.show_notes(whole=False)

    def toggle_pen(self) -> None:
        """Lets a single press draw, or not."""
        pen = not self.view.pointer.pen
        for view in (self.roll, self.drums):
            view.pointer.pen = pen
        self._show_state()
        self.habits_changed.emit()

    def toggle_follow(self) -> None:
        """Lets the editor follow the playhead, or not."""
        follows = not self.view.follows
        for view in (self.roll, self.drums):
            view.follows = follows
        self.habits_changed.emit()

    def toggle_steps(self) -> None:
        """Writes what is played step by step, or no longer."""
        self.steps.switch(not self.steps.on)

    def toggle_ghosts(self) -> None:
        """Shows the notes of other clips, or not."""
        shown = not self.view.canvas.ghosts
        for view in (self.roll, self.drums):
            view.canvas.ghosts = shown
            view.redraw()
        self.habits_changed.emit()

    def toggle_scale(self) -> None:
        """Shows the scale of the song's key, or the keys of a piano."""
        shown = not self.view.canvas.scale
        for view in (self.roll, self.drums):
            view.canvas.scale = shown
            view.redraw()
        self.habits_changed.emit()

    def fit(self) -> None:
        """Zooms to the selected notes, or to all of them."""
        self.view.show_notes()

    def change_snap(self, mode: SnapMode) -> None:
        """Chooses the grid."""
        for view in (self.roll, self.drums):
            view.change_snap(mode)
        self._show_state()
        self.habits_changed.emit()

    def _choose_lane(self, index: int) -> None:
        choice = self.values.itemData(index)
        if choice == OTHER:
            number, taken = QInputDialog.getInt(self, "Controller", "Number of the controller (0 to 127):", 2, 0, 127)
            choice = number if taken else self.view.shown_lane
        self.show_lane(choice)

    def show_lane(self, choice: LaneChoice) -> None:
        """Shows velocities, probabilities or a line of controllers below the notes."""
        for view in (self.roll, self.drums):
            view.show_lane(choice)
        self._show_state()
        self.habits_changed.emit()

    def go_to_lane(self) -> None:
        """Gives the keys to the lane of controllers, which comes up where it is not shown."""
        if self.view.points.isHidden():
            self.show_lane(self.view.points.line)
        self.view.points.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_lanes(self) -> None:
        """Lists what the lane can show: what the clip has first, then what is common."""
        clip = self.stage.written
        if clip is None or clip.control_blocks is not self._known[0]:
            self._known = (clip.control_blocks if clip else None, lines_of(clip))
        there = self._known[1]
        shown = self.view.shown_lane
        extra = () if shown in VALUES or shown in there or shown in COMMON else (shown,)
        offered: tuple[tuple[LaneChoice, str], ...] = (
            *((value, value.capitalize()) for value in VALUES),
            *((line, f"{line_title(line)}  •") for line in there),
            *((line, line_title(line)) for line in (*extra, *COMMON) if line not in there),
            (OTHER, "Other controller…"),
        )
        if offered != self._offered:
            self._offered = offered
            self.values.clear()
            for data, text in offered:
                self.values.addItem(text, data)
            for at in (len(VALUES), len(VALUES) + len(there) + 1):
                if there or at == len(VALUES):
                    self.values.insertSeparator(at)
        found = [n for n in range(self.values.count()) if self.values.itemData(n) == shown]
        self.values.setCurrentIndex(found[0] if found else -1)

    def _choose_pattern(self, index: int) -> None:
        self.view.editing.set_pattern(float(PATTERNS[index][1]))

    def _show_state(self) -> None:
        clip, track = self.stage.clip, self.stage.track
        self.title.setText(f"{clip.name}  ·  {track.name}" if clip and track else "")
        self.title.setToolTip(self.title.text())
        for widget in (self.instrument, self.switch, self.pen, self.step_button, self.snap, self.values, self.actions):
            widget.setEnabled(clip is not None)
        self._show_lanes()
        self.pattern.setEnabled(self.stage.may_write)
        self.pen.setChecked(self.view.pointer.pen)
        self.step_button.setChecked(self.steps.on)
        self.snap.setCurrentIndex(SNAP_MODES.index(self.view.snap))
        bars = self.view.editing.pattern_bars()
        known = [n for n, (_, length) in enumerate(PATTERNS) if length == bars]
        self.pattern.setCurrentIndex(known[0] if known else -1)

    def _ask_instrument(self) -> None:
        if self.stage.track is not None:
            self.instrument_requested.emit(self.stage.track.id)

    def show_menu(self, where: QPoint) -> None:
        """Opens the menu of the notes."""
        menu = note_menu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(where)


class _Title(QLabel):
    """A line of text that is cut with an ellipsis where it has no room."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setFont(self.font())
            text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, text)


def _switch(text: str, tip: str, run: Callable[[], None]) -> QPushButton:
    """A button that shows whether something is on."""
    button = QPushButton(text)
    button.setCheckable(True)
    button.setToolTip(tip)
    button.clicked.connect(lambda _=False: run())
    return button


def note_menu(panel: NotePanel) -> QMenu:
    """What can be done with the notes, as a menu."""
    top = QMenu(panel)
    top.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    menus: dict[str, QMenu] = {"": top}
    group = "draw"
    for command in panel.commands():
        edits = command.id in {"edit.cut", "edit.copy", "edit.paste", "edit.delete", "edit.duplicate"}
        if not command.menu.startswith(MENU) and not edits:
            continue
        path = "" if edits else command.menu[len(MENU) :].strip("/")
        if path not in menus:
            menus[path] = top.addMenu(path)
        elif not path and command.group and command.group != group:
            top.addSeparator()
        group = group if path else command.group or group
        action = menus[path].addAction(command.text)
        action.setEnabled(command.enabled())
        if command.checked is not None:
            action.setCheckable(True)
            action.setChecked(command.checked())
        action.triggered.connect(lambda _=False, run=command.run: run())
    panel.grooves.fill(menus["Groove"])
    return top
