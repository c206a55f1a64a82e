"""The coach's panel: it listens while it can be seen, and shows what is sung over what is to be sung."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QVBoxLayout, QWidget

from ...actions.listening import Microphone, Tones, input_channel, open_target_file, target_of_clip
from ...engine.voice.advice import Practice
from ...engine.voice.aims import Aim, scale_aim
from ...engine.voice.following import Following
from ...engine.voice.kept import KeptTrace
from ...engine.voice.livering import Listening, Seen
from ...engine.voice.steady import STEP
from ...engine.voice.targets import Target, exercise
from ...errors import StudioError
from ...storage.preferences import CoachHabits
from .. import theme
from .controls import CoachControls
from .offer import OfferBar
from .picture import Picture, Points, Window, beats_of, due, octaves_to, trace_of, visible
from .practice import Clock, Exercise, line_at, line_back
from .view import CoachView

if TYPE_CHECKING:
    from ...actions.workspace import Workspace
    from ...engine.audio.status import EngineStatus

NO_SONG = "Open a song or start one; then sing here."
NO_INPUT = (
    "No microphone is open: connect one and choose it as the input in the preferences, under Sound. "
    "Then sing, and see here how it was."
)
LOADING = "The coach is getting ready to listen…"
PICK_NOTES = "Select a clip of notes on the timeline: its melody is what you will sing."
FILES = "Songs and recordings (*.txt *.mid *.midi *.kar *.wav *.flac *.mp3 *.ogg *.aif *.aiff);;All files (*)"

LOOKED_BACK = 40.0
"""Seconds of the trace that lines are judged by."""

TONE_S = 1.5
LEAD = 2.0
"""Seconds before a line at which the song is heard again."""

OCTAVE_EVERY = 30
"""Ticks between looks at the octave in which a song is sung."""

JUDGED_EVERY = 6
"""Ticks between looks at whether a line is over."""


def ask_file(parent: QWidget) -> str:
    """The file to sing from, empty when the person thought better of it."""
    return QFileDialog.getOpenFileName(parent, "Sing from a Song or File", "", FILES)[0]


class CoachPanel(QWidget):
    """Main thread. `failed(error)` carries what was refused; `told(sentence)` what should be known.

    `habits_changed()` follows the controls; `locate_requested(frame)` asks for the playhead. `exercise_sung(target,
    trace)` follows an exercise of which at least a line was over, with the `KeptTrace` of it.
    """

    failed = Signal(object)
    told = Signal(str)
    habits_changed = Signal()
    locate_requested = Signal(int)
    exercise_sung = Signal(object, object)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Coach")
        self.session: Any = None
        self.ask_file: Callable[[QWidget], str] = ask_file
        self.microphone, self.tones = Microphone(workspace), Tones(workspace)
        self.target: Target | None = None
        self._lifted: Target | None = None
        self.exercise: Exercise | None = None
        self.following: Following | None = None
        self._file_aim = Aim()
        self._kept: KeptTrace | None = None
        self._clock, self._window = Clock(), Window()
        self._track = self._clip = ""
        self._octaves = self._ticks = 0
        self._build()

    def _build(self) -> None:
        self.controls = CoachControls()
        self.view = CoachView()
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.verdict.setFont(theme.font(14, "medium"))
        self.verdict.setContentsMargins(theme.MARGIN, theme.PAD, theme.MARGIN, theme.PAD)
        self.verdict.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.controls)
        column.addWidget(self.view, 1)
        column.addWidget(self.verdict)
        self.offer = OfferBar()
        column.addWidget(self.offer)
        self.setFocusProxy(self.controls.mode)
        self.controls.changed.connect(self._changed)
        self.controls.mode_picked.connect(self._pick)
        self.controls.started.connect(self.start_or_stop)
        self.controls.line_back.connect(self.line_back)
        self.controls.tone.connect(self.give_tone)
        self.controls.drone.connect(self._drone)

    # -- the song ------------------------------------------------------------------------------------------------

    def set_session(self, session: Any) -> None:
        """Shows a song, or none."""
        self.session = session
        self._clip = self._track = ""
        self._rest()
        if self.controls.mode.value in ("notes", "file"):
            self.controls.mode.choose("free")
        self._take_target(self.target if self.controls.mode.value == "exercise" else None)
        if session is None:
            self.view.show_picture(Picture(sentence=NO_SONG))

    def select_track(self, track_id: str) -> None:
        """Listens to the input of another track from now on, unless one is armed."""
        self._track = track_id

    def select_clip(self, clip_id: str) -> None:
        """Takes a clip of the timeline as the one whose notes are to be sung."""
        self._clip = clip_id
        if self.controls.mode.value == "notes" and clip_id:
            self._use_clip()

    def habits(self) -> CoachHabits:
        """What is to be remembered."""
        return self.controls.habits()

    def use_habits(self, habits: CoachHabits) -> None:
        """Chooses what was remembered."""
        self.controls.use_habits(habits)

    def aim(self) -> Aim:
        """What a take of the song is to be judged by: the present choice, in seconds of the song."""
        match self.controls.mode.value:
            case "exercise":
                key = self.controls.key
                return replace(scale_aim(key, self.controls.kind.value == "arpeggio"), title=self._scale_name())
            case "notes" if self.target is not None:
                return Aim(self.target.title, self.target, on_timeline=True)
            case "file" if self.target is not None:
                return replace(self._file_aim, target=self.target, on_timeline=True)
        return Aim()

    def _scale_name(self) -> str:
        what = "arpeggio" if self.controls.kind.value == "arpeggio" else "scale"
        return f"{self.controls.tonic.currentText()} {self.controls.scale.value} {what}"

    # -- what to sing --------------------------------------------------------------------------------------------

    def _pick(self, mode: str) -> None:
        self._end_exercise()
        self.controls.say("")
        self._take_target(None)
        match mode:
            case "exercise":
                self._make_exercise()
            case "notes":
                self._use_clip()
            case "file":
                path = self.ask_file(self)
                if path:
                    self.open_file(Path(path))
                else:
                    self.controls.mode.choose("free")
        self.controls.show_mode()

    def _changed(self) -> None:
        self.habits_changed.emit()
        if self.following is not None:
            self.following.tolerance = self.controls.tolerance
        if self.controls.mode.value == "exercise":
            self._end_exercise()
            self._make_exercise()
        if self.controls.drone_button.isChecked():
            self._drone(True)

    def _make_exercise(self) -> None:
        controls = self.controls
        try:
            made = exercise(
                controls.kind.value, controls.key, controls.low.value, controls.high.value, controls.tempo.value()
            )
        except StudioError as error:
            self.controls.say(str(error))
            self._take_target(None)
            return
        self.controls.say("")
        self._take_target(made)

    def _use_clip(self) -> None:
        if self.session is None:
            return
        try:
            target = target_of_clip(self.session.document.project, self._clip)
        except StudioError as error:
            self.controls.say(str(error))
            self._take_target(None)
            return
        self.controls.say(f"{target.title}: play the song and sing.")
        self._take_target(target)

    def open_file(self, path: Path) -> None:
        """Sings from a file. Does nothing without a song."""
        if self.session is None:
            return
        self.controls.mode.choose("file")
        self.controls.say(f"Reading {path.name}…")
        self.controls.show_mode()
        session = self.session

        def arrived(aim: Aim) -> None:
            if self.session is session and self.controls.mode.value == "file":
                self._file_aim = aim
                self._take_target(aim.target)
                self.controls.say(f"{aim.title}: play the song and sing.")
                for notice in aim.notices[:1]:
                    self.told.emit(notice)

        def failed(sentence: str) -> None:
            if self.session is session:
                self.controls.say(sentence)
                self.failed.emit(StudioError(sentence))

        open_target_file(session, path, arrived, failed)

    def _take_target(self, target: Target | None) -> None:
        self.target, self._octaves, self._lifted = target, 0, target
        self.following = Following(target, self.controls.tolerance) if target is not None else None
        self.verdict.setText("")
        self.verdict.hide()

    # -- practice ------------------------------------------------------------------------------------------------

    def start_or_stop(self) -> None:
        """Begins the exercise after four clicks, or ends it."""
        if self.exercise is not None:
            self._end_exercise()
        elif self.target is not None and self.controls.mode.value == "exercise":
            self._take_target(self.target)
            self.exercise = Exercise(self.target)
            self._kept = KeptTrace(self.microphone.listening.rate) if self.microphone.listening is not None else None
            self.controls.show_mode(running=True)

    def _end_exercise(self) -> None:
        exercise, kept = self.exercise, self._kept
        self.exercise = self._kept = None
        self.controls.show_mode()
        if exercise is not None and kept is not None and exercise.now > exercise.target.lines[0].end:
            self.exercise_sung.emit(exercise.target, kept)

    def propose(self, practice: Practice) -> None:
        """Chooses an exercise of a practice plan, to be started by the singer."""
        self.controls.use_practice(practice)
        self._pick("exercise")
        self.controls.say(practice.why)

    def line_back(self) -> None:
        """Goes back to the beginning of the line, or to the line before."""
        if self.target is None:
            return
        if self.exercise is not None:
            self.exercise.begin(line_back(self.target, self.exercise.now).start)
        elif self.session is not None and self.controls.mode.value != "exercise":
            rate = self.session.document.project.rate
            start = line_back(self.target, self.view.picture.now).start
            self.locate_requested.emit(max(round((start - LEAD) * rate), 0))

    def give_tone(self) -> None:
        """Sounds the next note to sing, or the tonic."""
        self._sound(self._next_pitch(), TONE_S)

    def _sound(self, pitch: int, seconds: float) -> None:
        if self.controls.drone_button.isChecked() and pitch == self._tonic():
            return
        self.tones.begin(pitch)
        QTimer.singleShot(round(seconds * 1000), self, lambda: self._end_tone(pitch))

    def _end_tone(self, pitch: int) -> None:
        if not (self.controls.drone_button.isChecked() and pitch == self._tonic()):
            self.tones.end(pitch)

    def _drone(self, on: bool) -> None:
        self.tones.end_all()
        if on:
            self.tones.begin(self._tonic())

    def _tonic(self) -> int:
        """The tonic at the lower end of the singer's range."""
        low = int(self.controls.low.value)
        return low + (self.controls.key.tonic - low) % 12

    def _next_pitch(self) -> int:
        if self.target is not None:
            now = self.view.picture.now
            coming = [note for note in self.target.notes if note.end > now] or list(self.target.notes)
            return round(coming[0].pitch) + 12 * self._octaves
        return self._tonic()

    # -- each frame ----------------------------------------------------------------------------------------------

    @property
    def in_sight(self) -> bool:
        """Whether any of it can be seen: the panels behind a tab stand outside of the window."""
        return self.isVisible() and not self.visibleRegion().isEmpty()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._rest()

    def _rest(self) -> None:
        """Listens and sounds no longer."""
        self.microphone.close()
        self.tones.end_all()
        self.controls.drone_button.setChecked(False)
        self._end_exercise()

    def tick(self, status: EngineStatus) -> None:
        """Shows the next frame. Called by the window's timer."""
        if not self.in_sight:
            if self.microphone.listening is not None:
                self._rest()
            return
        project = self.session.document.project if self.session is not None else None
        channel = input_channel(project, self._track)
        listening = self.microphone.open(channel)
        self._give_notes()
        sentence = self._missing(status, listening)
        if sentence:
            self.view.show_picture(Picture(sentence=sentence))
            return
        self._ticks += 1
        self.view.show_picture(self._picture(status, listening))

    def _missing(self, status: EngineStatus, listening: Listening) -> str:
        if status.device != "running" or not status.inputs:
            return NO_INPUT
        return listening.error or ("" if listening.ready else LOADING)

    def _give_notes(self) -> None:
        if self.exercise is not None:
            given = self.exercise.due()
            if given is not None:
                self._sound(*given)
            if self.exercise.over:
                self._end_exercise()

    def _picture(self, status: EngineStatus, listening: Listening) -> Picture:
        seen = listening.trace.last(round(LOOKED_BACK / STEP))
        now, times, moving = self._times(status, listening, seen)
        if self.following is not None and moving and self._ticks % JUDGED_EVERY == 0:
            self._judge(self.following, seen, times, now)
            if self._kept is not None:
                self._kept.add(seen, times)
        trace = trace_of(seen, times, now, self.view.before)
        shown = self._shown(seen, times)
        reading = listening.reading
        low, high = self._window.follow(shown, reading)
        notes = visible(shown, now, self.view.before, self.view.after) if shown is not None else ()
        if shown is not None and not moving:
            free = self._clock.times(listening, seen)
            trace = trace_of(seen, free, time.perf_counter(), self.view.before)
        goal = due(notes, now) if moving else None
        score = self.following.score if self.following is not None else None
        line = line_at(shown, now) if shown is not None else None
        return Picture(
            now=now,
            trace=trace,
            notes=notes,
            beats=beats_of(shown, now, self.view.before, self.view.after),
            low=low,
            high=high,
            reading=reading,
            level=status.inputs[min(listening.channel, len(status.inputs) - 1)],
            in_tune=self.controls.in_tune.value(),
            close=self.controls.tolerance.close,
            tuner=self.controls.tuner.isChecked() and self.target is None,
            goal=goal.pitch if goal is not None else None,
            score=f"Pitch so far {score:.0f}" if score is not None else "",
            words=line.words if line is not None else "",
        )

    def _times(self, status: EngineStatus, listening: Listening, seen: Seen) -> tuple[float, Points, bool]:
        """The second of the target now, that of each frame, and whether the target moves."""
        moments = self._clock.times(listening, seen)
        if self.exercise is not None:
            return self.exercise.now, self.exercise.at(moments), True
        if self.target is None:
            return time.perf_counter(), moments, False
        if self.controls.mode.value == "exercise":
            return 0.0, np.full(len(seen), np.nan), False
        return status.position / status.rate, seen.song, status.playing and not status.counting_in

    def _shown(self, seen: Seen, times: Points) -> Target | None:
        """The target in the octave in which it is sung."""
        if self.target is not None and self.target.any_octave and self._ticks % OCTAVE_EVERY == 0:
            octaves = octaves_to(self.target, seen, times)
            if octaves is not None and octaves != self._octaves:
                self._octaves, self._lifted = octaves, self.target.shifted(12 * octaves)
        return self._lifted

    def _judge(self, following: Following, seen: Seen, times: Points, now: float) -> None:
        said = following.follow(seen, times, now)
        if said:
            self.verdict.setText(said)
            self.verdict.setAccessibleName(said)
            self.verdict.show()
