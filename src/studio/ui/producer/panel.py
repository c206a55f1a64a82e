"""The producer's panel: what to make, the parts, and what was made last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ...actions.auditions import Audition, Rendered
from ...actions.beats import catalogue
from ...actions.drumming import Told
from ...actions.producing import Produced, notes_by_part, produce, tempo_at
from ...actions.rerolling import Rerolled, alike, busier, is_slow, other, reroll, same, simpler
from ...document.document import Announcement, Document
from ...document.edits.recipes import lock_clips
from ...document.grooves import Groove
from ...document.harmony import Key
from ...document.notes import NoteClip
from ...document.project import Project
from ...document.recipes import RULES, Request
from ...document.time import bar_beat
from ...engine.jobs import Job, Work
from ...engine.music.composer.compose import plays
from ...engine.music.requests import Wishes, make_request
from ...engine.music.wording import understand
from ...errors import StudioError
from ...storage.preferences import KeptGroove, ProducerHabits
from .. import theme
from ..forms import set_role
from .candidates import Candidate, CandidateList
from .controls import DIALS, RequestControls
from .part_rows import PartRows
from .request_box import RequestBox

if TYPE_CHECKING:
    from ...engine.audio.status import EngineStatus

NO_SONG = "Open a song or start one; then say here what it should play."
NARROW, USUAL = 340, 380

SEEDS = {"reroll": other, "alike": alike, "simpler": same, "busier": same}
CHANGES: dict[str, Callable[[Request], Request]] = {"simpler": simpler, "busier": busier}
LABELS = {"reroll": "Re-roll", "alike": "More like this", "simpler": "Simpler", "busier": "Busier"}


def _telling(work: Work) -> Told:
    """Shows how far the drums are, and stops them when the job is cancelled."""

    def tell(way: float) -> None:
        work.check()
        work.report(way, "Drumming")

    return tell


class ProducerSession(Protocol):
    """What the panel needs of an open song."""

    @property
    def document(self) -> Document:
        """The song's document."""

    def start(self, kind: str, label: str, task: Callable[[Work], Any], then: Callable[[Job], None]) -> Job:
        """Runs a task as a job."""


class ProducerPanel(QWidget):
    """Main thread. `failed(error)` carries what was refused; `told(sentence)` what should be known.

    `made(clip ids, first tick, last tick)` follows everything that was written; `habits_changed()` the controls;
    `asked_for_grooves()` wants `offer_grooves`.
    """

    failed = Signal(object)
    told = Signal(str)
    made = Signal(object, int, int)
    habits_changed = Signal()
    asked_for_grooves = Signal()

    def __init__(self, audition: Audition, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Producer")
        self.session: ProducerSession | None = None
        self.catalogue = catalogue()
        self._audition = audition
        self._unsubscribe: Callable[[], None] | None = None
        self._position = 0
        self._range: tuple[int, int] | None = None
        self._busy = False
        self._heard: Candidate | None = None
        self._ending = QTimer(self, singleShot=True)
        self._ending.timeout.connect(self._stop_audition)
        self._build()
        self._show_state()

    # -- the look ------------------------------------------------------------------------------------------------

    def _scrolled(self) -> QVBoxLayout:
        """The column of the panel. It is in its place before it is filled: Qt styles what moves to another parent anew,
        with all that is in it."""
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setMinimumWidth(NARROW + 12)
        whole.addWidget(scroll)
        body = QWidget(scroll)
        body.setMinimumWidth(NARROW)
        column = QVBoxLayout(body)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.MARGIN)
        column.setSpacing(theme.MARGIN)
        scroll.setWidget(body)
        return column

    def _build(self) -> None:
        column = self._scrolled()
        self.box = RequestBox()
        self.box.changed.connect(self._read)
        self.box.accepted.connect(self.make)
        self.controls = RequestControls(list(self.catalogue.genres.values()))
        self.controls.changed.connect(self._controls_changed)
        self.parts = PartRows()
        self.parts.changed.connect(self.habits_changed)
        self.parts.wanted.connect(self.rewrite_part)
        self.parts.locked.connect(self.lock_part)
        self.candidates = CandidateList()
        self.candidates.audition_wanted.connect(self.audition)
        self.candidates.use_wanted.connect(self.use)
        self.go = QPushButton("Make")
        self.go.setProperty("primary", True)
        self.go.setToolTip("Write it at the playhead’s bar")
        self.go.clicked.connect(self.make)
        self.where = QLabel()
        self.where.setProperty("role", "dim")
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(theme.PAD)
        row.addWidget(self.go)
        row.addWidget(self.where, 1)
        column.addWidget(self.box)
        column.addLayout(row)
        column.addWidget(self.hint)
        column.addWidget(self.controls)
        for title, widget in (("Parts", self.parts), ("Made last", self.candidates)):
            heading = QLabel(title)
            heading.setProperty("role", "heading")
            column.addWidget(heading)
            column.addWidget(widget)
        column.addStretch(1)
        self.setFocusProxy(self.box)
        for sentence in self.catalogue.refused:
            self._say(sentence, "error")

    # -- the song ------------------------------------------------------------------------------------------------

    def set_session(self, session: ProducerSession | None) -> None:
        """Shows a song, or none."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
        self._stop_audition()
        self.session, self._range = session, None
        self.candidates.clear()
        if session is not None:
            self._unsubscribe = session.document.subscribe(self._follow)
        self._say("" if session is not None else NO_SONG)
        self._show_state()

    def tick(self, status: EngineStatus) -> None:
        """Follows the playhead. Called by the window's timer."""
        if status.position != self._position and not status.playing:
            self._position = status.position
            self._show_where()

    def _follow(self, announcement: Announcement) -> None:
        if announcement.changes.clips or announcement.changes.removed or announcement.changes.root:
            self._show_state()

    @property
    def project(self) -> Project | None:
        """The song as it is now."""
        return self.session.document.project if self.session is not None else None

    @property
    def may_write(self) -> bool:
        """Whether the song can be changed."""
        return self.session is not None and not self.session.document.read_only

    def _show_state(self) -> None:
        self.go.setEnabled(self.may_write)
        project = self.project
        music = project is not None and any(track.clips for track in project.tracks)
        self.controls.keep_tempo(tempo_at(project, self._tick(project)) if project is not None and music else None)
        genre = self.controls.chosen_genre
        self.parts.show_genre({part: plays(genre, part) for part in self.parts.checks}, genre.name)
        notes: dict[str, int] = {}
        locks: dict[str, list[bool]] = {}
        for clip in self._clips():
            if clip.recipe is not None:
                notes[clip.recipe.part] = notes.get(clip.recipe.part, 0) + clip.note_count
                locks.setdefault(clip.recipe.part, []).append(clip.recipe.locked)
        self.parts.show_song(notes, {part: all(values) for part, values in locks.items()}, self.may_write)
        self._show_where()

    def _show_where(self) -> None:
        project = self.project
        if project is None:
            self.where.setText("")
            return
        first = bar_beat(project.signatures, self._tick(project)).bar
        try:
            bars = sum(part.bars for part in self.controls.wishes(self.parts.chosen).form) or self.controls.bars.value()
        except StudioError:
            bars = 0
        self.where.setText(f"Bars {first} to {first + bars - 1}" if bars else "")

    def _tick(self, project: Project) -> int:
        return int(project.time.tick(max(self._position, 0)))

    def _clips(self, part: str = "") -> list[NoteClip]:
        """What the producer wrote of a part, or of all: in the range that was made last, or everywhere."""
        project = self.project
        found = [
            clip
            for track in (project.tracks if project else ())
            for clip in track.clips
            if isinstance(clip, NoteClip) and clip.recipe is not None and part in {"", clip.recipe.part}
        ]
        if self._range is not None:
            first, last = self._range
            inside = [clip for clip in found if clip.anchor < last and clip.end > first]
            return inside or found
        return found

    # -- words and controls --------------------------------------------------------------------------------------

    def _read(self, text: str) -> None:
        """Has words set the controls, and shows what was understood."""
        plain = Wishes()
        found = understand(text, self.catalogue, plain)
        self.box.show_meaning(found.meant, found.ignored, found.doubts)
        self.controls.put(found.genre, found.wishes, plain)
        if found.wishes.parts != plain.parts:
            self.parts.choose(found.wishes.parts)

    def _controls_changed(self) -> None:
        self._show_state()
        self.habits_changed.emit()

    def request(self) -> Request:
        """What is asked for now. Raises StudioError that says what cannot be."""
        return make_request(self.controls.chosen_genre, self.controls.wishes(self.parts.chosen))

    # -- making --------------------------------------------------------------------------------------------------

    def make(self) -> None:
        """Writes what is asked for into the song, as a job and one undo step."""
        if not self.may_write or self._busy:
            return
        self.controls.draw_seed()
        try:
            request = self.request()
        except StudioError as error:
            self._say(str(error), "error")
            return
        self.box.remember()
        project = self.project
        assert project is not None
        self._produce(request, self._tick(project))

    def use(self, candidate: Candidate) -> None:
        """Puts a candidate in the song once more."""
        if self.may_write and not self._busy:
            self._stop_audition()
            self._produce(candidate.request, candidate.start)

    def _produce(self, request: Request, at: int) -> None:
        session = self.session
        assert session is not None
        genre = self.catalogue.genres[request.genre]
        before = session.document.project
        font = self._audition.has_font or None

        def arrived(job: Job) -> None:
            self._busy = False
            self._show_state()
            if job.state != "done" or self.session is not session:
                self._failed(job)
                return
            produced: Produced = job.result
            changed = session.document.project is not before
            if changed and request.engine != RULES:
                self._produce(request, at)
                return
            try:
                if changed:
                    produced = produce(session.document.project, genre, request, at, font)
                session.document.apply(produced.edit)
            except StudioError as error:
                self._say(str(error), "error")
                return
            self._arrived(produced, at)

        self._busy = True
        self._show_state()
        title = f"Make {genre.name}, {request.bars} bars"
        session.start("produce", title, lambda w: produce(before, genre, request, at, font, _telling(w)), arrived)

    def _arrived(self, produced: Produced, at: int) -> None:
        project = self.project
        clips = [] if project is None else [c for c in self._all_clips(project) if c.id in set(produced.clips)]
        first = min((clip.anchor for clip in clips), default=at)
        last = max((clip.end for clip in clips), default=at)
        self._range = (first, last)
        composition = produced.composition
        self.candidates.add(Candidate(composition.request, first, composition.genre.name))
        notes = sum(notes_by_part(composition).values())
        self._say(" ".join([f"{notes} notes on {len(produced.tracks)} tracks.", *produced.notices]))
        self._show_state()
        self.made.emit(produced.clips, first, last)

    @staticmethod
    def _all_clips(project: Project) -> list[NoteClip]:
        return [clip for track in project.tracks for clip in track.clips if isinstance(clip, NoteClip)]

    # -- parts ---------------------------------------------------------------------------------------------------

    def rewrite_part(self, part: str, action: str) -> None:
        """Writes a part anew, where it was made last."""
        self.rewrite([clip.id for clip in self._clips(part)], action)

    def rewrite(self, clip_ids: list[str], action: str, bars: list[int] | None = None) -> None:
        """Writes clips of the producer anew, as one undo step; a sentence says what was kept."""
        if not self.may_write or self.session is None or self._busy:
            return
        project = self.session.document.project

        def write(told: Told = lambda _: None) -> Rerolled:
            return reroll(
                project,
                self.catalogue,
                clip_ids,
                bars=bars,
                seed=SEEDS[action],
                change=CHANGES.get(action, lambda request: request),
                label=LABELS[action],
                told=told,
            )

        if is_slow(project, clip_ids):
            self._rewrite_aside(write, project, lambda: self.rewrite(clip_ids, action, bars))
            return
        try:
            self._rewritten(write())
        except StudioError as error:
            self._refused(str(error))

    def _rewrite_aside(self, write: Callable[[Told], Rerolled], before: Project, again: Callable[[], None]) -> None:
        """Has the model of drummers write as a job; `again` where the song changed meanwhile."""
        session = self.session
        assert session is not None

        def arrived(job: Job) -> None:
            self._busy = False
            self._show_state()
            if job.state != "done" or self.session is not session:
                self._failed(job)
            elif session.document.project is not before:
                again()
            else:
                try:
                    self._rewritten(job.result)
                except StudioError as error:
                    self._refused(str(error))

        self._busy = True
        self._show_state()
        session.start("produce", "Write drums anew", lambda w: write(_telling(w)), arrived)

    def _failed(self, job: Job) -> None:
        if job.state == "failed":
            self._refused(job.error)

    def _refused(self, why: str) -> None:
        self._say(why, "error")
        self.told.emit(why)

    def _rewritten(self, done: Rerolled) -> None:
        assert self.session is not None
        self.session.document.apply(done.edit)
        kept = f" {done.kept} edited by hand {'is' if done.kept == 1 else 'are'} kept." if done.kept else ""
        sentence = f"{done.written} {'bar is' if done.written == 1 else 'bars are'} new.{kept}"
        self._say(sentence)
        if done.kept:
            self.told.emit(sentence)

    def lock_part(self, part: str, locked: bool) -> None:
        """Keeps a part as it is, or lets it be written."""
        self.lock([clip.id for clip in self._clips(part)], locked)

    def lock(self, clip_ids: list[str], locked: bool) -> None:
        """Keeps clips as they are, or lets them be written."""
        if self.session is not None and clip_ids:
            try:
                self.session.document.apply(lock_clips(clip_ids, locked))
            except StudioError as error:
                self._say(str(error), "error")
        self._show_state()

    # -- comparing -----------------------------------------------------------------------------------------------

    def audition(self, candidate: Candidate) -> None:
        """Plays a candidate alone, as loud as the others, or stops it."""
        if self._heard is candidate or self.session is None:
            self._stop_audition()
            return
        genre = self.catalogue.genres[candidate.request.genre]
        self._heard = candidate
        self.candidates.show_playing(candidate)
        try:
            self._audition.play(self.session, genre, candidate.request, self._not_heard, self._hearing)
        except StudioError as error:
            self._not_heard(str(error))

    def _hearing(self, rendered: Rendered) -> None:
        self._ending.start(round(1000 * rendered.seconds))

    def _not_heard(self, why: str) -> None:
        self._say(why, "error")
        self._stop_audition()

    def _stop_audition(self) -> None:
        if self._heard is not None:
            self._heard = None
            self._ending.stop()
            self._audition.stop()
            self.candidates.show_playing(None)

    # -- telling -------------------------------------------------------------------------------------------------

    def _say(self, sentence: str, role: str = "dim") -> None:
        self.hint.setText(sentence)
        self.hint.setVisible(bool(sentence))
        set_role(self.hint, role)

    def show_request(self, request: Request) -> None:
        """Shows a request of the song, to be varied."""
        genre = self.catalogue.genres.get(request.genre)
        if genre is None:
            self._say(f"The genre “{request.genre}” is no longer there; put its file back.", "error")
            return
        wishes = Wishes(
            bpm=request.bpm,
            bars=request.bars,
            key=Key(0, request.tonic, request.mode),
            signature=f"{request.numerator}/{request.denominator}",
            complexity=request.complexity,
            intensity=request.intensity,
            swing=request.swing,
            humanise=request.humanise,
            fills=request.fills,
            seed=request.seed % 2**32,
            form=request.form,
            engine=request.engine,
        )
        self.controls.put(genre, wishes, Wishes(complexity=-1, intensity=-1, humanise=-1, fills=-1, seed=-1, engine=""))
        self.parts.choose(request.parts)
        self._say(f"The request of this clip, seed {request.seed % 2**32}.")

    def offer_grooves(self, kept: Sequence[KeptGroove]) -> None:
        """Offers the grooves that were kept in the note editor."""
        self.controls.offer_grooves([(one.name, Groove(one.step, one.shifts, one.accents)) for one in kept])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.asked_for_grooves.emit()

    def habits(self) -> ProducerHabits:
        """What is remembered for the next time."""
        dials = {name: self.controls.knobs[name].amount() for name, _ in DIALS}
        return ProducerHabits(
            self.controls.chosen_genre.id,
            self.controls.bars.value(),
            self.controls.whole.isChecked(),
            dials,
            self.controls.engine.currentData(),
        )

    def use_habits(self, habits: ProducerHabits) -> None:
        """Begins with what was chosen last."""
        controls = self.controls
        blocked = controls.blockSignals(True)
        if habits.genre in self.catalogue.genres:
            controls.genre.setCurrentIndex(controls.genre.findData(habits.genre))
        controls.bars.setValue(habits.bars)
        controls.whole.setChecked(habits.whole)
        controls.choose_engine(habits.engine)
        for name, _ in DIALS:
            amount = min(max(habits.dials.get(name, 50.0), 0.0), 100.0)
            controls.show_dial(name, amount, amount != 50.0)
        controls.blockSignals(blocked)
        self._show_state()
