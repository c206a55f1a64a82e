"""The coach's panel: it listens while it can be seen, and shows what is sung over what is to be sung."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QVBoxLayout, QWidget

from ...actions.lines import go_to_line, loop_line
from ...actions.listening import Microphone, Tones, input_channel, open_target_file, target_of_clip
from ...document.edits.song import set_loop
from ...engine.voice.advice import Practice
from ...engine.voice.aims import Aim, scale_aim
from ...engine.voice.following import Following
from ...engine.voice.kept import KeptTrace
from ...engine.voice.livering import Listening, Seen
from ...engine.voice.steady import STEP
from ...engine.voice.targets import Line, Target, exercise
from ...errors import StudioError
from ...storage.preferences import CoachHabits
from .. import theme
from ..commands import Command
from .controls import CoachControls
from .offer import OfferBar
from .picture import Picture, Points, Window, beats_of, due, octaves_to, trace_of, visible
from .practice import Clock, Exercise, line_at, line_back, line_next
from .rehearsal import Rehearsal
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

LEAD_IN = 2.0
"""Seconds before a line in which a loop of it may begin without going back."""

GLANCE = 4
"""Milliseconds between looks at whether something new was heard."""

SHOWN = 0.012
"""Seconds for which a frame stays, if nothing new is heard."""

TONE_S = 1.5
OCTAVE_EVERY = 30
"""Ticks between looks at the octave in which a song is sung."""

JUDGED_EVERY = 6
"""Ticks between looks at whether a line is over."""


def ask_file(parent: QWidget) -> str:
    """The file to sing from, empty when the person thought better of it."""
    return QFileDialog.getOpenFileName(parent, "Sing from a Song or File", "", FILES)[0]


class CoachPanel(QWidget):
    """Main thread. `failed(error)` carries what was refused; `told(sentence)` what should be known.

    `habits_changed()` follows the controls. `exercise_sung(target, trace)` follows an exercise of which at least a line
    was over, with the `KeptTrace` of it.
    """

    failed = Signal(object)
    told = Signal(str)
    habits_changed = Signal()
    exercise_sung = Signal(object, object)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Coach")
        self.session: Any = None
        self.ask_file: Callable[[QWidget], str] = ask_file
        self._workspace = workspace
        self.microphone, self.tones = Microphone(workspace), Tones(workspace)
        self._plain: Target | None = None
        self.target: Target | None = None
        self._lifted: Target | None = None
        self.exercise: Exercise | None = None
        self.following: Following | None = None
        self._file_aim = Aim()
        self._kept: KeptTrace | None = None
        self._clock, self._window = Clock(), Window()
        self._track = self._clip = ""
        self._octaves = self._ticks = 0
        self._news, self._glanced = -1, 0.0
        self._status: tuple[EngineStatus, float] | None = None
        self._build()
        self._glances = QTimer(self)
        self._glances.setTimerType(Qt.TimerType.PreciseTimer)
        self._glances.setInterval(GLANCE)
        self._glances.timeout.connect(self._glance)

    def _build(self) -> None:
        self.controls = CoachControls()
        self.rehearsal = Rehearsal(self.controls.start, self.controls.back)
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
        column.addWidget(self.rehearsal)
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
        self.rehearsal.failed.connect(self.failed)
        self.rehearsal.said.connect(lambda sentence: self.controls.say(sentence or self._invitation()))
        self.rehearsal.heard_changed.connect(self._practise)
        self.rehearsal.voice_changed.connect(self._sing_voice)
        self.rehearsal.next_line.connect(self.line_next)
        self.rehearsal.loop_line.connect(self.loop_line)
        self._show_mode()

    def commands(self) -> list[Command]:
        """What can be done by key while the coach follows a target."""
        there, menu = self._has_lines, "Transport/Practise"
        return [
            Command("coach.line_back", "Sing Line Again", "Alt+,", self.line_back, there, menu),
            Command("coach.line_next", "Next Line to Sing", "Alt+.", self.line_next, there, menu),
            Command("coach.loop_line", "Loop Line to Sing", "Alt+L", self.loop_line, there, menu, self._loops),
        ]

    def _has_lines(self) -> bool:
        return self.target is not None and (self.session is not None or self.exercise is not None)

    def _loops(self) -> bool:
        if self.exercise is not None:
            return self.exercise.again is not None
        return self.session is not None and bool(self.session.document.project.loop.on)

    def _show_mode(self) -> None:
        """Shows what the present choice needs."""
        mode = self.controls.mode.value
        self.controls.show_mode(running=self.exercise is not None)
        voices = len(self._file_aim.song.voices) if mode == "file" and self._file_aim.song is not None else 1
        self.rehearsal.show_mode(mode, voices)

    # -- the song ------------------------------------------------------------------------------------------------

    def set_session(self, session: Any) -> None:
        """Shows a song, or none."""
        self.session = session
        self._clip = self._track = ""
        self._rest()
        self.rehearsal.use_session(session)
        if self.controls.mode.value in ("notes", "file"):
            self.controls.mode.choose("free")
            self._show_mode()
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
            case "notes" if self._plain is not None:
                return Aim(self._plain.title, self._plain, on_timeline=True)
            case "file" if self._plain is not None:
                return replace(self._file_aim, target=self._plain, on_timeline=True)
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
        self._show_mode()

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
        self._take_target(target)
        self.controls.say(self._invitation())

    def open_file(self, path: Path) -> None:
        """Sings from a file. Does nothing without a song."""
        if self.session is None:
            return
        self.controls.mode.choose("file")
        self.controls.say(f"Reading {path.name}…")
        self._show_mode()
        session = self.session

        def arrived(aim: Aim) -> None:
            if self.session is session and self.controls.mode.value == "file":
                self._file_aim = aim
                self._take_target(aim.target)
                self._show_mode()
                self.controls.say(self._invitation())
                for notice in aim.notices[:1]:
                    self.told.emit(notice)

        def failed(sentence: str) -> None:
            if self.session is session:
                self.controls.say(sentence)
                self.failed.emit(StudioError(sentence))

        open_target_file(session, path, arrived, failed)

    def _take_target(self, target: Target | None) -> None:
        self._plain = target
        self._practise()

    def _invitation(self) -> str:
        """Names what is to be sung to the song."""
        if self._plain is None or self.controls.mode.value == "exercise":
            return ""
        said = f" ({self.rehearsal.heard.words})" if not self.rehearsal.heard.plain else ""
        return f"{self._plain.title}{said}: play the song and sing."

    def _sing_voice(self, number: int) -> None:
        """Sings another part of a duet."""
        self._file_aim = self._file_aim.of_voice(number)
        self._take_target(self._file_aim.target)

    def _practise(self) -> None:
        """Shows and judges the target in the key and at the tempo in which the song is heard."""
        target, heard = self._plain, self.rehearsal.heard
        if target is not None and self.controls.mode.value != "exercise" and not heard.plain:
            target = target.shifted(heard.key).stretched(1 / heard.pace)
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
            self._show_mode()

    def _end_exercise(self) -> None:
        exercise, kept = self.exercise, self._kept
        self.exercise = self._kept = None
        self._show_mode()
        if exercise is not None and kept is not None and exercise.now > exercise.target.lines[0].end:
            self.exercise_sung.emit(exercise.target, kept)

    def propose(self, practice: Practice) -> None:
        """Chooses an exercise of a practice plan, to be started by the singer."""
        self.controls.use_practice(practice)
        self._pick("exercise")
        self.controls.say(practice.why)

    def line_back(self) -> None:
        """Goes back to the beginning of the line, or to the line before."""
        if self.target is not None:
            self._go_to(line_back(self.target, self._now))

    def line_next(self) -> None:
        """Goes on to the next line; from the last one to the first."""
        if self.target is not None:
            self._go_to(line_next(self.target, self._now))

    def _go_to(self, line: Line) -> None:
        if self.exercise is not None:
            if self.exercise.again is not None:
                self.exercise.again = line
            self.exercise.begin(line.start)
            return
        if self.session is None or self.controls.mode.value == "exercise" or self._plain is None:
            return
        if self.rehearsal.loop.isChecked():
            self._loop(line)
        pace, clicks = self.rehearsal.heard.pace, self.rehearsal.count_in.isChecked()
        go_to_line(self._workspace.player, line.start * pace, self._plain.beat, clicks, pace)

    def loop_line(self) -> None:
        """Sings the line again and again, or goes on."""
        if self.target is None:
            return
        if self.exercise is not None:
            line = line_at(self.target, self.exercise.now)
            self.exercise.again = line if self.exercise.again is None else None
        elif self.session is not None and self.controls.mode.value != "exercise":
            loop = self.session.document.project.loop
            if loop.on:
                self.session.document.apply(set_loop(loop.start, loop.end, False, merge="coach-line"))
            else:
                line = line_at(self.target, self._now) or self.target.lines[-1]
                self._loop(line)
                if not line.start - LEAD_IN <= self._now < line.end:
                    self._go_to(line)

    def _loop(self, line: Line) -> None:
        pace = self.rehearsal.heard.pace
        self.session.document.apply(loop_line(self.session.document.project, line.start * pace, line.end * pace))

    @property
    def _now(self) -> float:
        """The second of the target."""
        return self.exercise.now if self.exercise is not None else self.view.picture.now

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
        self._glances.stop()
        self._status = None
        self.microphone.close()
        self.tones.end_all()
        self.controls.drone_button.setChecked(False)
        self._end_exercise()

    def tick(self, status: EngineStatus) -> None:
        """Shows the next frame, unless one was shown a moment ago. Called by the window's timer."""
        if not self.in_sight:
            if self.microphone.listening is not None:
                self._rest()
            return
        self._status = status, time.perf_counter()
        project = self.session.document.project if self.session is not None else None
        channel = input_channel(project, self._track)
        listening = self.microphone.open(channel)
        self._give_notes()
        self.rehearsal.loop.setChecked(self._loops())
        sentence = self._missing(status, listening)
        if sentence:
            self._status = None
            self.view.show_picture(Picture(sentence=sentence))
            return
        if not self._glances.isActive():
            self._glances.start()
        if time.perf_counter() - self._glanced > SHOWN:
            self._draw(status, listening)

    def _glance(self) -> None:
        """Shows what was heard as soon as it is known, between the ticks of the window."""
        listening, known = self.microphone.listening, self._status
        if known is None or listening is None or not listening.ready or listening.trace.news == self._news:
            return
        status, since = known
        self._glanced = time.perf_counter()
        moved = (time.perf_counter() - since) * status.rate * self.rehearsal.heard.pace if status.playing else 0.0
        self._draw(replace(status, position=status.position + round(moved)), listening)

    def _draw(self, status: EngineStatus, listening: Listening) -> None:
        self._ticks += 1
        self._news = listening.trace.news
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
            self.exercise.go_round()
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
            target=shown,
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
        pace = self.rehearsal.heard.pace
        return status.position / status.rate / pace, seen.song / pace, status.playing and not status.counting_in

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
