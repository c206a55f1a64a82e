"""The panel of the instrument: what the chosen track plays on, its preset and its parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ...document.document import Announcement, Document
from ...document.edits.tracks import set_instrument
from ...document.instruments import Instrument
from ...document.project import Track
from ...engine.audio.instruments.changing import changed_names, kind_of, preset_values, with_values
from ...engine.audio.instruments.presets import values_of
from ...engine.audio.status import EngineStatus
from ...errors import StudioError
from .. import theme
from .board import Board
from .hearing import Hearing
from .keystrip import KeyStrip
from .soundlist import GENERAL_MIDI, Listed, SoundList

TRY_MS = 30
"""Between two states of a turning knob that are handed to the engine."""

SIDE = 216
NO_SONG = "Open a song or start one to see its instruments here."
NO_TRACK = "Select an instrument track, or add one with Ctrl+Shift+I."
UNKNOWN = "This instrument has no parameters that can be shown here; its sound is chosen at the left."

FillMenu = Callable[[QMenu, Track], None]
AskSounds = Callable[[Callable[[Listed | str], None]], None]


class InstrumentSession(Protocol):
    """What the panel needs of an open song."""

    @property
    def document(self) -> Document:
        """The song's document."""

    def try_instrument(self, track_id: str, instrument: Instrument | None) -> None:
        """Lets a track be heard with another instrument while a hand is on a knob; None ends that."""

    def play_by_hand(self, track_id: str) -> None:
        """Has notes by hand played on a track's instrument."""

    def note(self, pitch: int, velocity: int) -> None:
        """Begins a note by hand, or ends it with a velocity of 0."""


class InstrumentPanel(QWidget):
    """The editor of one track's instrument. Main thread.

    `failed(error)` carries the StudioError of an edit that was refused. `fill_menu` fills the menu of all instruments;
    `ask_sounds` calls back with the sounds of the SoundFont, or with a sentence that says why there are none.
    """

    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Instrument")
        self.fill_menu: FillMenu = lambda *_: None
        self.ask_sounds: AskSounds | None = None
        self.session: InstrumentSession | None = None
        self.track_id = ""
        self.hearing = Hearing(self)
        self._unsubscribe: Callable[[], None] | None = None
        self._boards: dict[str, Board] = {}
        self._tried: Instrument | None = None
        self._asked = False
        self._trying = QTimer(self, interval=TRY_MS, singleShot=True)
        self._trying.timeout.connect(self._try)
        self._build()
        self._show_state()

    # -- the look ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.title = QLabel("")
        self.title.setFont(theme.font(weight="semibold"))
        self.kind = QPushButton("")
        self.kind.setToolTip("Choose another instrument")
        self.kind.setAccessibleName("Choose another instrument")
        self.kind.clicked.connect(self._open_menu)
        self.preset = QComboBox()
        self.preset.setAccessibleName("Preset")
        self.preset.setToolTip("The sound that the knobs start from; a dot says that some were turned")
        self.preset.activated.connect(lambda: self._choose_preset(self.preset.currentData()))
        self.reset = QPushButton("Reset")
        self.reset.setToolTip("Set every knob back to the preset")
        self.reset.clicked.connect(self._reset)
        self.hear = QCheckBox("Hear changes")
        self.hear.setToolTip("Play a short note while a knob is turned and the song stands still")
        self.hear.setChecked(True)
        self.hear.toggled.connect(lambda on: setattr(self.hearing, "wanted", on))
        self.strip = KeyStrip()
        self.strip.pressed.connect(self._press)
        self.strip.released.connect(self.hearing.release)
        self._presets = QWidget()
        row = QHBoxLayout(self._presets)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.PAD)
        row.addWidget(self.preset, 1)
        row.addWidget(self.reset)
        self._side = QWidget()
        self._side.setFixedWidth(SIDE)
        column = QVBoxLayout(self._side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.PAD)
        for widget in (self.title, self.kind, self._presets, self.hear):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self.strip)
        self.hint = QLabel("")
        self.hint.setProperty("role", "dim")
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.hint.setWordWrap(True)
        self.sounds = SoundList()
        self.sounds.chosen.connect(self._choose_sound)
        self._middle = QStackedWidget()
        self._middle.addWidget(self.hint)
        self._middle.addWidget(self.sounds)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.PAD)
        whole.setSpacing(theme.MARGIN)
        whole.addWidget(self._side)
        whole.addWidget(self._middle, 1)

    @property
    def board(self) -> Board | None:
        """The knobs that are shown, if any."""
        shown = self._middle.currentWidget()
        return shown if isinstance(shown, Board) else None

    @property
    def track(self) -> Track | None:
        """The track whose instrument is shown."""
        track = self.session.document.project.track(self.track_id) if self.session else None
        return track if track is not None and track.instrument is not None else None

    @property
    def instrument(self) -> Instrument | None:
        """The instrument that is shown, as it is in the song."""
        track = self.track
        return track.instrument if track else None

    @property
    def may_write(self) -> bool:
        """Whether it can be changed."""
        return self.track is not None and self.session is not None and not self.session.document.read_only

    # -- the song ------------------------------------------------------------------------------------------------

    def set_session(self, session: InstrumentSession | None) -> None:
        """Shows a song, or none; a track of it is shown when `show_track` is called."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self.hearing.release()
        self._trying.stop()
        self.session = self.hearing.hand = session
        self.track_id = self.hearing.track_id = ""
        if session is not None:
            self._unsubscribe = session.document.subscribe(self._follow)
        self._show_state()

    def show_track(self, track_id: str) -> None:
        """Shows the instrument of a track; a track without one leaves what is shown."""
        track = self.session.document.project.track(track_id) if self.session else None
        if track is None or track.instrument is None or track_id == self.track_id:
            return
        self.hearing.release()
        self.track_id = self.hearing.track_id = track_id
        if self.isVisible():
            self.hearing.get_ready()
        self._show_state()

    def tick(self, status: EngineStatus) -> None:
        """Follows playback. Called by the window's timer."""
        self.hearing.playing = status.playing

    def _follow(self, announcement: Announcement) -> None:
        changes = announcement.changes
        if self.track_id in changes.tracks or self.track_id in changes.removed:
            if self.track is None:
                self.track_id = self.hearing.track_id = ""
            self._show_state()

    def _show_state(self) -> None:
        track, instrument = self.track, self.instrument
        self._side.setVisible(track is not None)
        if track is None or instrument is None:
            self.hint.setText(NO_SONG if self.session is None else NO_TRACK)
            self._middle.setCurrentWidget(self.hint)
            return
        kind = kind_of(instrument)
        self.title.setText(track.name)
        self.kind.setText("SoundFont" if instrument.kind == "soundfont" else kind.title if kind else instrument.kind)
        self.kind.setEnabled(self.may_write)
        self._presets.setVisible(kind is not None and bool(kind.presets))
        self.hear.setVisible(kind is not None)
        if kind is not None:
            self._show_board(instrument)
        elif instrument.kind == "soundfont":
            self._show_sounds(instrument)
        else:
            self.hint.setText(UNKNOWN)
            self._middle.setCurrentWidget(self.hint)

    def _show_board(self, instrument: Instrument) -> None:
        kind = kind_of(instrument)
        assert kind is not None
        board = self._boards.get(kind.name)
        if board is None:
            board = self._boards[kind.name] = Board(kind)
            board.turned.connect(self._turn)
            board.settled.connect(self._settle)
            board.sounded.connect(lambda pitch: self._press(pitch, 100) if pitch >= 0 else self.hearing.release())
            self._middle.addWidget(board)
        usual = preset_values(instrument)
        board.show_values(values_of(instrument, kind), usual)
        board.set_editable(self.may_write)
        changed = bool(changed_names(instrument))
        self.preset.clear()
        for name in kind.presets:
            self.preset.addItem(f"{name}  •" if changed and name == instrument.preset else name, name)
        self.preset.setCurrentIndex(
            list(kind.presets).index(instrument.preset) if instrument.preset in kind.presets else 0
        )
        self.preset.setAccessibleDescription("Changed" if changed else "")
        self.preset.setEnabled(self.may_write)
        self.reset.setEnabled(self.may_write and changed)
        self._middle.setCurrentWidget(board)

    def _show_sounds(self, instrument: Instrument) -> None:
        self.sounds.show_instrument(instrument, self.may_write)
        self._middle.setCurrentWidget(self.sounds)
        if not self._asked and self.ask_sounds is not None and self.isVisible():
            self._asked = True
            self.ask_sounds(self._list)

    def _list(self, found: Listed | str) -> None:
        if isinstance(found, str):
            self.sounds.show_sounds(GENERAL_MIDI, found)
        else:
            self.sounds.show_sounds(found)

    # -- hands ---------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.hearing.get_ready()
        self._asked = False
        self._show_state()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.hearing.release()

    def _open_menu(self) -> None:
        track = self.track
        if track is not None:
            menu = QMenu(self)
            self.fill_menu(menu, track)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.kind.mapToGlobal(QPoint(0, self.kind.height())))

    def _press(self, pitch: int, velocity: int) -> None:
        self.hearing.last = pitch
        self.hearing.press(pitch, velocity)

    def _turn(self, name: str, value: float) -> None:
        """A knob moves: heard at once, not yet in the song."""
        instrument, board = self.instrument, self.board
        if instrument is None or board is None:
            return
        self._tried = with_values(instrument, {name: value})
        if not self._trying.isActive():
            self._trying.start()
        if self._tried != instrument:
            self.hearing.show(board.pitch_of(name))

    def _try(self) -> None:
        if self.session is not None and self.track is not None:
            self.session.try_instrument(self.track_id, None if self._tried == self.instrument else self._tried)

    def _settle(self, name: str, value: float, gesture: str) -> None:
        self._trying.stop()
        instrument, board = self.instrument, self.board
        if instrument is not None and board is not None:
            self._apply(with_values(instrument, {name: value}), f"{gesture} {name} of {self.track_id}")
            self.hearing.show(board.pitch_of(name))

    def _choose_sound(self, instrument: Instrument) -> None:
        self._apply(instrument, f"sound of {self.track_id}")
        self.hearing.show(-1)

    def _choose_preset(self, preset: str) -> None:
        instrument = self.instrument
        if instrument is not None and (preset != instrument.preset or instrument.parameters):
            self._apply(replace(instrument, preset=preset, parameters=()))
            self.hearing.show(-1)

    def _reset(self) -> None:
        if self.instrument is not None:
            self._choose_preset(self.instrument.preset)

    def _apply(self, instrument: Instrument, merge: str = "") -> None:
        """Makes it the instrument of the track; the same merge key in a row is one undo step."""
        if self.session is None:
            return
        try:
            self.session.document.apply(set_instrument(self.track_id, instrument, merge))
        except StudioError as error:
            self.failed.emit(error)
            self.session.try_instrument(self.track_id, None)
            self._show_state()
