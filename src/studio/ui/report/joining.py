"""Joins the report to the timeline, the coach and the window: its commands, and what is offered when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject

from ...actions.results import Result, coach_exercise
from ...document.project import AudioClip, Comp
from ...engine.jobs import Job
from ...engine.voice.advice import Practice
from ...engine.voice.grading import Tolerance
from ...engine.voice.kept import KeptTrace
from ...engine.voice.targets import Target
from .exports import export
from .header import with_difficulty
from .panel import ReportPanel
from .wording import summary

if TYPE_CHECKING:
    from ...document.document import Announcement
    from ..coach.panel import CoachPanel
    from ..shell import MainWindow
    from ..timeline.view import TimelineView

ROOM = 420
"""How high the report is made when a take is coached, in logical pixels."""


class Reporting(QObject):
    """Main thread."""

    def __init__(self, window: MainWindow, timeline: TimelineView, coach: CoachPanel, report: ReportPanel) -> None:
        super().__init__(window)
        self._window, self._timeline, self._coach, self._report = window, timeline, coach, report
        self._wants_notes = ""
        self._selected = False
        report.coach_aim = coach.aim
        report.told.connect(window.notices.say)
        report.asked.connect(self.coach_chosen)
        report.judged.connect(self._judged)
        report.export_asked.connect(self._export)
        report.practice_asked.connect(self._practise)
        report.notes_made.connect(self._show_notes)
        report.habits_changed.connect(self._remember)
        timeline.coach_requested.connect(self.coach_clip)
        timeline.voice_notes_requested.connect(self.notes_of_clip)
        timeline.selection_changed.connect(self._offer_chosen)
        coach.exercise_sung.connect(self._exercise)
        window.workspace.subscribe_session(self._session_changed)
        self._session_changed(window.session)

    # -- coaching ------------------------------------------------------------------------------------------------

    def coach_chosen(self) -> None:
        """Coaches the selected clip; says what to select where there is none."""
        clip = self._timeline.editing.sound_clip()
        if clip:
            self.coach_clip(clip)
        else:
            self._window.notices.say("Select one clip of singing on the timeline first; then coach it.")

    def coach_clip(self, clip_id: str) -> None:
        """Judges a clip by what the coach has chosen, and shows the report."""
        self._wants_notes = ""
        self._show()
        self._coach.offer.withdraw()
        self._report.coach(clip_id, self._coach.aim(), self._tolerance())

    def notes_of_clip(self, clip_id: str) -> None:
        """Makes notes of a clip, which is coached first if it was not."""
        result = self._report.result
        if result is not None and result.clip == clip_id:
            self._report.make_notes()
        elif clip_id:
            self.coach_clip(clip_id)
            self._wants_notes = clip_id

    def _judged(self, result: Result) -> None:
        if self._wants_notes and self._wants_notes == result.clip:
            self._report.make_notes()
        self._wants_notes = ""

    def _show(self) -> None:
        self._window.show_dock("report")
        self._window.give_height("report", ROOM)
        self._report.tabs.setCurrentIndex(0)

    def _tolerance(self) -> Tolerance:
        return with_difficulty(self._coach.controls.tolerance, self._window.workspace.preferences.report.difficulty)

    # -- offers --------------------------------------------------------------------------------------------------

    def _offer_chosen(self) -> None:
        """Offers to coach the clip of sound that is selected."""
        clip_id = self._timeline.editing.sound_clip()
        clip = self._timeline.stage.clip(clip_id) if clip_id else None
        if clip is not None:
            self._offer(clip_id, f"“{clip.name}” is selected.")
            self._selected = True
        elif self._selected:
            self._coach.offer.withdraw()

    def _offer(self, clip_id: str, sentence: str) -> None:
        self._selected = False
        self._coach.offer.offer(sentence, "Coach This Take", lambda: self.coach_clip(clip_id))

    def _session_changed(self, session: object) -> None:
        self._coach.offer.withdraw()
        if self._window.workspace.session is not None:
            self._window.workspace.session.document.subscribe(self._song_changed)

    def _song_changed(self, announcement: Announcement) -> None:
        """Offers to coach what was just recorded, where the coach has something to be sung."""
        recorded = announcement.new and announcement.revision.label.startswith("Record")
        if self._coach.target is None or not recorded:
            return
        for _, clip in announcement.changes.clips.values():
            if isinstance(clip, AudioClip | Comp):
                self._offer(clip.id, f"“{clip.name}” is recorded.")

    # -- exercises -----------------------------------------------------------------------------------------------

    def _exercise(self, target: Target, trace: KeptTrace) -> None:
        """Judges an exercise that was sung, keeps its figures, and says in short what came of it."""
        session = self._window.session
        if session is None:
            return

        def arrived(job: Job) -> None:
            if job.state == "done" and self._window.session is session:
                self._show_exercise(job.result)

        coach_exercise(session, target, trace, self._tolerance(), arrived)

    def _show_exercise(self, result: Result) -> None:
        if not result.coached.judged.notes:
            return
        hints = result.coached.judged.advice.hints or result.coached.judged.advice.praise
        said = f"{summary(result)} {hints[0].text}" if hints else summary(result)
        self._selected = False
        self._coach.offer.offer(said, "Report", lambda: self._show_result(result))

    def _show_result(self, result: Result) -> None:
        self._report.show_result(result)
        self._show()

    def _practise(self, practice: Practice) -> None:
        """Puts an exercise of the plan before the singer."""
        self._window.show_dock("coach")
        self._coach.propose(practice)

    # -- the rest ------------------------------------------------------------------------------------------------

    def _show_notes(self, clip_id: str) -> None:
        self._timeline.stage.select((clip_id,))

    def _export(self, result: Result, kind: str) -> None:
        habits = self._window.workspace.preferences.report
        folder = export(self._window, result, kind, habits.folder)
        if folder:
            self._window.remember(report=replace(self._window.workspace.preferences.report, folder=folder))

    def _remember(self) -> None:
        habits = self._window.workspace.preferences.report
        self._window.remember(report=replace(habits, difficulty=self._report.header.tolerance.difficulty))
