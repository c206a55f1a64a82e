"""The coach's report: what came of a take, its takes beside one another, and progress over weeks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QScrollArea, QSplitter, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from ...actions.results import Result, aims_in, coach_result, rejudged
from ...actions.voicenotes import notes_of_take
from ...engine.jobs import Job
from ...engine.voice.aims import Aim
from ...engine.voice.grading import Tolerance
from ...errors import StudioError
from ..controls.buttons import Chip
from ..forms import text
from ..icons import IconButton
from ..pianoroll.toolrow import ToolRow
from .busy import Busy
from .figures import Figures
from .header import ReportHeader
from .hearing import Hearing
from .progress import ProgressPage
from .takes import TakesPage
from .tree import PhraseTree
from .view import ZOOM, TakeView

if TYPE_CHECKING:
    from ...actions.workspace import Workspace
    from ...engine.audio.status import EngineStatus

EMPTY = (
    "Here the coach says what came of a take: scores, what to work on, and a picture of every phrase. "
    "Select a clip of singing on the timeline and choose Coach This Take in its menu (Shift+V), or sing an exercise "
    "with the coach (Shift+F9)."
)
LEAD = 2.0
"""Seconds before a line at which practising it begins."""

LONG = 1500
"""Notes, of all takes, from which on a take is judged anew beside the window."""

NARROWEST = 360
"""Pixels of width that the panel has at least."""

NARROW, TALL = 660, 640
"""Pixels of width below which the parts stand one above the other, and the height that they then have at least."""


class ReportPanel(QWidget):
    """Main thread. `failed(error)` carries what was refused, `told(sentence)` what should be known.

    `asked()` asks to coach the selected clip; `export_asked(result, kind)` for a file; `practice_asked(practice)` to
    sing an exercise; `notes_made(clip id)` follows notes of a take; `judged(result)` each take that was coached.
    """

    failed = Signal(object)
    told = Signal(str)
    asked = Signal()
    export_asked = Signal(object, str)
    practice_asked = Signal(object)
    notes_made = Signal(str)
    judged = Signal(object)
    habits_changed = Signal()

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self.setAccessibleName("Report")
        self.session: Any = None
        self.result: Result | None = None
        self.hearing = Hearing(workspace)
        self._jobs = workspace.jobs
        self._job = ""
        self._wanted: dict[str, Any] = {}
        self._unsubscribe = lambda: None
        self.coach_aim = Aim
        """What the coach has chosen to be sung; whoever joins the panels says how to ask."""
        self._build(workspace)
        self._join()

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self, workspace: Workspace) -> None:
        self.header = ReportHeader()
        self.header.judged_by.offered = self._offered
        self.figures, self.view, self.tree = Figures(), TakeView(), PhraseTree()
        self.takes, self.progress = TakesPage(), ProgressPage(workspace)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        for part in (self.figures, self._middle(), self.tree):
            self.splitter.addWidget(part)
        self.splitter.setSizes([310, 460, 270])
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setChildrenCollapsible(False)
        self.pages = QStackedWidget()
        self.pages.addWidget(self._empty())
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.splitter)
        self.pages.addWidget(area)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Parts of the report")
        self.busy = Busy()
        self.tabs.setCornerWidget(self.busy)
        for page, name in ((self.pages, "Result"), (self.takes, "Takes"), (self.progress, "Progress")):
            self.tabs.addTab(page, name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.tabs, 1)
        self.setMinimumWidth(NARROWEST)
        self.setFocusProxy(self.tree)

    def _empty(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.addStretch(1)
        says = text(EMPTY, "dim")
        says.setAlignment(Qt.AlignmentFlag.AlignCenter)
        says.setFixedWidth(460)
        says.setMinimumHeight(84)
        self.begin = QPushButton("Coach This Take")
        self.begin.clicked.connect(self.asked)
        for widget in (says, self.begin):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        return page

    def _middle(self) -> QWidget:
        """The picture, and the tools above it."""
        made = QWidget()
        self.hear = IconButton("play", "Hear this phrase or note", 24, flat=True)
        self.practise = Chip("Practise This Line", "Practise this line: it plays round and round, with a lead-in")
        self.out, self.into = Chip("−", "Show more time", False), Chip("+", "Show less time", False)
        self.whole = Chip("Whole Take", "Show the whole take", False)
        row = ToolRow()
        for tool, rank in ((self.hear, 0), (self.practise, 1)):
            row.add(tool, rank)
        row.add(QWidget(), stretch=1)
        for tool, rank in ((self.out, 2), (self.into, 2), (self.whole, 3)):
            row.add(tool, rank)
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(row)
        column.addWidget(self.view, 1)
        return made

    def _join(self) -> None:
        header, view, tree = self.header, self.view, self.tree
        header.aimed.connect(lambda aim: self._judge_anew(aim=aim))
        header.nudged.connect(lambda seconds: self._judge_anew(nudge=seconds))
        header.allowed.connect(self._allow)
        self.busy.cancelled.connect(lambda: self._jobs.cancel(self._job))
        header.notes_wanted.connect(self.make_notes)
        header.exported.connect(lambda kind: self.result and self.export_asked.emit(self.result, kind))
        self._jobs.changed.connect(self._hear_job)
        tree.line_chosen.connect(self._line_chosen)
        tree.note_chosen.connect(view.choose)
        tree.heard.connect(self.hear_chosen)
        view.note_clicked.connect(self._note_clicked)
        view.line_clicked.connect(self._line_clicked)
        self.figures.times_asked.connect(self._hear_times)
        self.figures.practice_asked.connect(self.practice_asked)
        self.takes.span_clicked.connect(self._hear_seconds)
        self.takes.failed.connect(self.failed)
        self.takes.accepted.connect(self.coach_again)
        self.progress.background.failed.connect(self.failed)
        self.hear.clicked.connect(self.hear_chosen)
        self.practise.toggled.connect(self._practise)
        self.out.clicked.connect(lambda: view.zoom(1 / ZOOM))
        self.into.clicked.connect(lambda: view.zoom(ZOOM))
        self.whole.clicked.connect(view.show_all)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= NARROW
        self.splitter.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)
        self.splitter.setMinimumHeight(0 if wide else TALL)

    # -- the song ------------------------------------------------------------------------------------------------

    def set_session(self, session: Any) -> None:
        """Shows a song, or none."""
        self._unsubscribe()
        self.session = self.takes.session = session
        self._unsubscribe = session.document.subscribe(lambda _: self.takes.refresh()) if session else lambda: None
        self.show_result(None)

    def _offered(self) -> list[Aim]:
        """What the coach has chosen, and what the song offers."""
        found = [self.coach_aim()]
        if self.session is not None:
            found += aims_in(self.session.document.project)
        return found

    # -- coaching ------------------------------------------------------------------------------------------------

    def coach(self, clip_id: str, aim: Aim, tolerance: Tolerance) -> None:
        """Judges a clip of sound as a job and shows what came of it. A StudioError becomes `failed`."""
        if self.session is None or not clip_id:
            return
        session = self.session

        def arrived(job: Job) -> None:
            if self._job == job.id:
                self._job = ""
                self.busy.show_job(None)
            if job.state == "done" and self.session is session:
                self.show_result(job.result)
                self.judged.emit(job.result)

        try:
            job = coach_result(session, clip_id, aim, tolerance, arrived)
        except StudioError as error:
            self.failed.emit(error)
            return
        self._job = job.id
        self.busy.show_job(job)

    def coach_again(self) -> None:
        """Judges the same clip as it is now."""
        if self.result is not None and self.result.clip:
            self.coach(self.result.clip, self.result.aim, self.result.tolerance)

    def _hear_job(self, job: Job) -> None:
        if job.id == self._job and not job.over:
            self.busy.show_job(job)

    def show_result(self, result: Result | None) -> None:
        """Shows a take, or none."""
        self._wanted = {}
        self._change(result)
        if self.progress.isVisible():
            self.progress.refresh()

    def _change(self, result: Result | None) -> None:
        """Shows a judgement; of the same take by the same target, the phrase and the place stay as they were."""
        before, self.result = self.result, result
        like = result is not None and before is not None
        again = like and (result.clip, result.aim.title) == (before.clip, before.aim.title)
        self._show(keep=again)
        if result is not None and not again:
            self.tree.choose_worst()
            self.view.show_all()

    def _show(self, keep: bool) -> None:
        result = self.result
        self.hearing.forget()
        self.progress.background.forget("judge")
        self.pages.setCurrentIndex(1 if result is not None else 0)
        self.header.show_result(result)
        self.tree.show_result(result)
        self.view.show_result(result, keep)
        self.takes.show_result(result)
        if result is not None:
            self.figures.show_result(result)
        for tool in (self.hear, self.practise):
            tool.setEnabled(result is not None and bool(result.clip))

    def _allow(self, tolerance: Tolerance) -> None:
        self._judge_anew(tolerance=tolerance)
        self.habits_changed.emit()

    def _judge_anew(self, **changed: Any) -> None:
        """Judges the take that is shown by something else, at once."""
        if self.result is None:
            return
        self._wanted |= changed
        result, wanted = self.result, dict(self._wanted)
        project = self.session.document.project if self.session is not None else None
        if _size(result) > LONG:
            self.progress.background.ask("judge", lambda: rejudged(result, project, **wanted), self._judged_anew)
            return
        try:
            self._judged_anew(rejudged(result, project, **wanted))
        except StudioError as error:
            self._wanted = {}
            self.header.show_result(result)
            self.failed.emit(error)

    def _judged_anew(self, result: Result) -> None:
        self._wanted = {}
        self._change(result)

    def make_notes(self) -> None:
        """Makes notes of the take that is shown, one undo step."""
        if self.session is None or self.result is None:
            return
        try:
            edit, clip_id = notes_of_take(self.session.document.project, self.result)
            self.session.document.apply(edit)
        except StudioError as error:
            self.failed.emit(error)
            return
        self.told.emit("The notes are on a muted track of their own: correct them, and choose them to be sung to.")
        self.notes_made.emit(clip_id)

    # -- hearing -------------------------------------------------------------------------------------------------

    def _line_chosen(self, line: int) -> None:
        self.view.choose(-1)
        self.view.show_line(line)

    def _note_clicked(self, number: int) -> None:
        self.tree.choose_note(number)
        self.hear_chosen()

    def _line_clicked(self, line: int) -> None:
        self.tree.choose_line(line)
        self.hear_chosen()

    def hear_chosen(self) -> None:
        """Plays the phrase or note under the cursor."""
        found = self._chosen()
        if found is not None:
            self._hear_seconds(*found)

    def _chosen(self) -> tuple[float, float] | None:
        """The seconds of the take under the cursor."""
        if self.result is None:
            return None
        judged = self.result.coached.judged
        if self.tree.note >= 0:
            note = judged.graded.notes[self.tree.note].target
            return note.start, note.end
        return next(((one.start, one.end) for one in judged.phrases if one.number == self.tree.line), None)

    def _hear_times(self, times: Sequence[float]) -> None:
        """Plays the note that begins at the first of these times, and marks it."""
        if self.result is None:
            return
        notes = self.result.coached.judged.graded.notes
        number = next((n for n, note in enumerate(notes) if note.target.start >= times[0] - 1e-6), -1)
        if number >= 0:
            self._note_clicked(number)

    def _hear_seconds(self, start: float, end: float) -> None:
        if self.result is not None and self.result.clip:
            self.practise.setChecked(False)
            self.hearing.hear(self.result.start + start, self.result.start + end)

    def _practise(self, on: bool) -> None:
        """Plays the line under the cursor round and round, or no longer."""
        if not on:
            self.hearing.leave()
            return
        found = self._line_seconds()
        try:
            if found is None or self.result is None:
                raise StudioError("Choose a phrase of the list; it will play round and round.")
            self.hearing.practise(self.result.start + found[0], self.result.start + found[1], LEAD)
        except StudioError as error:
            self.practise.setChecked(False)
            self.failed.emit(error)

    def _line_seconds(self) -> tuple[float, float] | None:
        phrases = self.result.coached.judged.phrases if self.result is not None else ()
        return next(((one.start, one.end) for one in phrases if one.number == self.tree.line), None)

    def tick(self, status: EngineStatus) -> None:
        """Follows playback. Called by the window's timer."""
        self.hearing.tick(status)
        result = self.result
        if result is None or not result.clip or not self.view.isVisible():
            return
        second = status.position / status.rate - result.start
        shown = status.playing and self.view.start <= second <= self.view.end
        self.view.show_playhead(second if shown else None)

    def close_down(self) -> None:
        """Lets go of the song and waits for the library; before the program ends."""
        self._unsubscribe()
        self.progress.close_down()


def _size(result: Result) -> int:
    """How many notes are judged."""
    judged = [result.coached, *(take.coached for take in result.takes)]
    return sum(len(one.judged.graded.notes) for one in judged)
