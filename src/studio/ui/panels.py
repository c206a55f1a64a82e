"""Builds the panels of the window and joins what they say to one another. Imported when the workspace is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ..actions.auditions import Audition
from ..document.notes import NoteClip
from .coach.panel import CoachPanel
from .correction.panel import CorrectionPanel
from .datasets.panel import DatasetsPanel
from .generate.panel import GeneratePanel
from .generate.songlink import SongLink
from .harmony.commands import HarmonyCommands
from .history_panel import HistoryPanel
from .instruments.panel import InstrumentPanel
from .jobs_panel import JobsPanel
from .library.panel import LibraryPanel
from .mixer.panel import MixerPanel
from .pianoroll.panel import NotePanel
from .producer.panel import ProducerPanel
from .report.joining import Reporting
from .report.panel import ReportPanel
from .sampling import Sampling
from .timeline.instruments import fill_instrument_menu
from .timeline.view import TimelineView

if TYPE_CHECKING:
    from ..document.recipes import Request
    from ..storage.library import JobRecord
    from .shell import MainWindow


ROOM = 400
"""How high the note editor is made when a clip is opened in a lower one, in logical pixels."""


def builders(window: MainWindow) -> list[Callable[[], None]]:
    """Two steps for each panel, to make it and to show it, so that the event loop turns between them."""
    makers: dict[str, Callable[[], QWidget]] = {
        "timeline": TimelineView,
        "library": lambda: LibraryPanel(window.workspace),
        "notes": NotePanel,
        "correction": lambda: CorrectionPanel(window.workspace),
        "instrument": InstrumentPanel,
        "mixer": MixerPanel,
        "history": HistoryPanel,
        "producer": lambda: ProducerPanel(Audition(window.workspace)),
        "coach": lambda: CoachPanel(window.workspace),
        "report": lambda: ReportPanel(window.workspace),
        "generate": lambda: GeneratePanel(window.workspace),
        "jobs": lambda: JobsPanel(window.workspace.jobs, window.workspace.neural.queue),
        "datasets": lambda: DatasetsPanel(window.workspace),
    }
    made: dict[str, QWidget] = {}

    def steps(name: str) -> list[Callable[[], None]]:
        return [lambda: made.update({name: makers[name]()}), lambda: window.add_panel(name, made[name])]

    return [*(step for name in makers for step in steps(name)), lambda: join(window)]


def join(window: MainWindow) -> None:
    """Connects the panels: selection both ways, drops and imports to the actions."""
    timeline, mixer, library, history = (window.panels[name] for name in ("timeline", "mixer", "library", "history"))
    assert isinstance(timeline, TimelineView)
    assert isinstance(mixer, MixerPanel)
    assert isinstance(library, LibraryPanel)
    assert isinstance(history, HistoryPanel)
    mixer.track_selected.connect(timeline.select_track)
    timeline.track_selected.connect(mixer.select_track)
    for panel in (timeline, mixer):
        panel.track_selected.connect(lambda key: play_selected(window, key))
    timeline.files_dropped.connect(window.song.drop)
    timeline.locate_requested.connect(window.playing.locate)
    timeline.relink_requested.connect(window.song.find_sound)
    timeline.painting_failed.connect(lambda text, detail: window.notices.say(text, "error", detail))
    timeline.habits_changed.connect(lambda: window.remember(**timeline.habits()))
    library.import_requested.connect(window.song.import_paths)
    library.told.connect(window.notices.say)
    join_notes(window, timeline)
    join_instrument(window, timeline)
    join_producer(window, timeline)
    join_coach(window, timeline)
    join_report(window, timeline)
    join_sampling(window, timeline)
    join_correction(window, timeline)
    join_generate(window, timeline, library)
    join_jobs(window)
    join_datasets(window, timeline, library)
    window.commands.add(HarmonyCommands(window, timeline).commands(), timeline)
    history.name_requested.connect(lambda: window.commands.run("file.version"))


def play_selected(window: MainWindow, track_id: str) -> None:
    """Has an instrument track that was selected played by what is played in."""
    session = window.session
    track = session.document.project.track(track_id) if session is not None else None
    if track is not None and track.instrument is not None:
        session.play_by_hand(track_id)


def join_notes(window: MainWindow, timeline: TimelineView) -> None:
    """Lets the note editor follow the selected clip, and come forward where a clip of notes is opened."""
    notes = window.panels["notes"]
    assert isinstance(notes, NotePanel)

    def follow() -> None:
        chosen = min(timeline.stage.selection) if len(timeline.stage.selection) == 1 else ""
        document = timeline.stage.document
        clip = document.clip(chosen) if document is not None and chosen else None
        notes.sound_clip = chosen if clip is not None and not isinstance(clip, NoteClip) else ""
        if chosen:
            notes.open(chosen)

    def show(clip_id: str) -> None:
        window.show_dock("notes")
        window.give_height("notes", ROOM)
        notes.open(clip_id)

    window.workspace.hands.subscribe(notes.steps.hear)
    timeline.selection_changed.connect(follow)
    timeline.notes_requested.connect(show)
    notes.locate_requested.connect(window.playing.locate)
    notes.habits_changed.connect(lambda: window.remember(**notes.habits()))
    notes.painting_failed.connect(lambda text, detail: window.notices.say(text, "error", detail))


def join_correction(window: MainWindow, timeline: TimelineView) -> None:
    """Lets a clip be corrected where that is asked for, and the editor follow the selected clip while it is seen."""
    panel = window.panels["correction"]
    assert isinstance(panel, CorrectionPanel)

    def show(clip_id: str, take_id: str) -> None:
        window.show_dock("correction")
        window.give_height("correction", ROOM)
        panel.open(clip_id, take_id)

    def follow() -> None:
        chosen = timeline.editing.sound_clip()
        if chosen and window.docks["correction"].in_front:
            panel.open(chosen)

    panel.told.connect(window.notices.say)
    panel.locate_requested.connect(window.playing.locate)
    timeline.correction_requested.connect(show)
    timeline.selection_changed.connect(follow)


def join_sampling(window: MainWindow, timeline: TimelineView) -> None:
    """Lets sounds be dropped on tracks and lanes, and clips become samplers."""
    notes = window.panels["notes"]
    assert isinstance(notes, NotePanel)
    window.commands.add(Sampling(window, timeline, notes.drums).commands(), notes)


def join_producer(window: MainWindow, timeline: TimelineView) -> None:
    """Lets what was made be seen and the timeline's menus reach the producer."""
    panel = window.panels["producer"]
    assert isinstance(panel, ProducerPanel)

    def show(clips: tuple[str, ...], first: int, last: int) -> None:
        timeline.stage.select(clips)
        timeline.navigation.fit_selection()

    def vary(request: Request) -> None:
        window.show_dock("producer")
        panel.show_request(request)

    panel.made.connect(show)
    panel.told.connect(window.notices.say)
    panel.habits_changed.connect(lambda: window.remember(producer=panel.habits()))
    panel.asked_for_grooves.connect(lambda: panel.offer_grooves(window.workspace.preferences.grooves))
    panel.use_habits(window.workspace.preferences.producer)
    timeline.rewrite_requested.connect(panel.rewrite)
    timeline.lock_requested.connect(panel.lock)
    timeline.request_requested.connect(vary)


def join_coach(window: MainWindow, timeline: TimelineView) -> None:
    """Lets the coach follow what is chosen on the timeline, and move the playhead."""
    panel = window.panels["coach"]
    assert isinstance(panel, CoachPanel)

    def follow() -> None:
        chosen = min(timeline.stage.selection) if len(timeline.stage.selection) == 1 else ""
        document = timeline.stage.document
        clip = document.clip(chosen) if document is not None and chosen else None
        if isinstance(clip, NoteClip):
            panel.select_clip(chosen)

    panel.told.connect(window.notices.say)
    panel.habits_changed.connect(lambda: window.remember(coach=panel.habits()))
    panel.use_habits(window.workspace.preferences.coach)
    timeline.track_selected.connect(panel.select_track)
    timeline.selection_changed.connect(follow)


def join_generate(window: MainWindow, timeline: TimelineView, library: LibraryPanel) -> None:
    """Shows in the library what models have made, lets it be heard there, and remembers what was chosen."""
    panel = window.panels["generate"]
    assert isinstance(panel, GeneratePanel)
    panel.use_preview(library.preview)
    panel.selection = lambda: timeline.stage.selection
    panel.habits_changed.connect(lambda: window.remember(generate=panel.habits()))
    panel.told.connect(window.notices.say)
    panel.made.connect(library.refresh)
    SongLink(window, timeline, panel, library)


def join_jobs(window: MainWindow) -> None:
    """Lets a song in one go be asked for where its jobs are seen."""
    panel = window.panels["jobs"]
    assert isinstance(panel, JobsPanel)
    panel.song_requested.connect(lambda: window.commands.run("file.song_in_one_go"))


def join_datasets(window: MainWindow, timeline: TimelineView, library: LibraryPanel) -> None:
    """Lets items be heard, and selected clips become items."""
    panel = window.panels["datasets"]
    assert isinstance(panel, DatasetsPanel)
    panel.use_preview(library.preview)
    panel.selection = lambda: timeline.stage.selection
    panel.told.connect(window.notices.say)
    panel.import_requested.connect(window.song.import_paths)
    window.workspace.neural.queue.subscribe(lambda job: tell_taught(window, job))


def tell_taught(window: MainWindow, job: JobRecord) -> None:
    """Says what came of a training."""
    if job.kind == "train" and job.state == "done" and job.result:
        name = job.result["adapter"]
        where = f" “{name}” is among the adapters of Generate." if name else " It is not offered."
        window.notices.say(f"{job.label}: {job.result['said']}{where}")


def join_report(window: MainWindow, timeline: TimelineView) -> None:
    """Lets takes be coached from the timeline and from the coach."""
    coach, report = window.panels["coach"], window.panels["report"]
    assert isinstance(coach, CoachPanel)
    assert isinstance(report, ReportPanel)
    Reporting(window, timeline, coach, report)


def join_instrument(window: MainWindow, timeline: TimelineView) -> None:
    """Lets the instrument follow the chosen track, and come forward where it is asked for."""
    panel, notes, mixer = window.panels["instrument"], window.panels["notes"], window.panels["mixer"]
    assert isinstance(panel, InstrumentPanel)
    assert isinstance(notes, NotePanel)
    assert isinstance(mixer, MixerPanel)

    def show(track_id: str) -> None:
        window.show_dock("instrument")
        panel.show_track(track_id)

    panel.fill_menu = lambda menu, track: fill_instrument_menu(menu, timeline, track)
    panel.ask_sounds = timeline.presets.ask
    timeline.track_selected.connect(panel.show_track)
    mixer.track_selected.connect(panel.show_track)
    timeline.instrument_requested.connect(show)
    notes.instrument_requested.connect(show)
