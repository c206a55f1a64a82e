"""The commands of songs and files: new, open, import, export, versions, undo, preferences, help."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu

from ..errors import StudioError
from .commands import Command
from .forms import ask_name
from .leaving import may_leave_song

if TYPE_CHECKING:
    from ..actions.exporting import Request
    from ..engine.jobs import Job
    from .shell import MainWindow

SOUNDS = (
    "Sounds and MIDI (*.wav *.aif *.aiff *.aifc *.flac *.mp3 *.ogg *.oga *.opus *.m4a *.aac *.mp4 *.mov *.mkv *.webm"
    " *.mid *.midi *.kar *.rmi *.smf *.caf"
    " *.w64 *.rf64 *.au *.wma *.wv);;All files (*)"
)
AS_PLAYED, STRAIGHT = "MIDI as it is played (*.mid)", "MIDI without swing and humanising (*.mid)"
SUFFIX = ".studio"


class SongCommands(QObject):
    """What the File, Edit and Help menus do with the workspace. Main thread.

    `sounds_of` gets the files that are to be imported and returns those that are; what else there is to do with the
    others it does.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._chain: Any = None
        self.sounds_of: Callable[[list[Path]], list[Path]] = list

    def commands(self) -> list[Command]:
        """The commands of File and Edit."""
        there, song, writable = self._has_workspace, self._has_song, self._may_edit
        return [
            Command("file.new", "New Song…", "Ctrl+N", self.new, there, "File"),
            Command("file.new_beat", "New Beat…", "", self.new_beat, there, "File"),
            Command("file.song_in_one_go", "Song in One Go…", "", self.song_in_one_go, there, "File"),
            Command("file.open", "Open…", "Ctrl+O", self.open, there, "File"),
            Command("file.version", "Name This Version…", "Ctrl+S", self.name_version, writable, "File", group="s"),
            Command("file.save_copy", "Save a Copy As…", "Ctrl+Shift+S", self.save_copy, song, "File", group="s"),
            Command("file.rename", "Rename Song…", "", self.rename, writable, "File", group="s"),
            Command("file.import", "Import Sounds and MIDI…", "Ctrl+I", self.import_sounds, there, "File", group="io"),
            Command("file.export", "Export Mix…", "Ctrl+E", self.export, song, "File", group="io"),
            Command("file.export_midi", "Export MIDI…", "", self.export_midi, song, "File", group="io"),
            Command("file.relink", "Find Missing Sounds…", "", self.relink, self._is_missing, "File", group="io"),
            Command("file.plugins", "Look for Plug-ins", "", self.look_for_plugins, there, "File", group="p"),
            Command("file.preferences", "Preferences…", "Ctrl+,", self.preferences, there, "File", group="p"),
            Command("file.close", "Close Song", "Ctrl+W", self.close, song, "File", group="q"),
            Command("file.quit", "Quit", "Ctrl+Q", self._window.close, menu="File", group="q"),
            Command("edit.undo", "Undo", "Ctrl+Z", self.undo, self._can_undo, "Edit", label=self._undo_text),
            Command("edit.redo", "Redo", "Ctrl+Shift+Z; Ctrl+Y", self.redo, self._can_redo, "Edit", group=""),
        ]

    def help_commands(self) -> list[Command]:
        """The commands of Help, and those that come last in their menus."""
        there = self._has_workspace
        return [
            Command(
                "sound.latency", "Measure Recording Latency…", "", self.measure_latency, there, "Transport", group="x"
            ),
            Command("help.shortcuts", "Keyboard Shortcuts", "F1", self.show_shortcuts, menu="Help"),
            Command("help.folder", "Show Song Folder", "", self.show_folder, self._has_song, "Help"),
            Command("help.about", "About Studio", "", self.about, menu="Help", group="about"),
        ]

    def fill_recent(self, menu: QMenu) -> None:
        """Lists the songs used last in a menu."""
        menu.clear()
        for item in self._workspace.recent()[:12] if self._has_workspace() else ():
            path = Path(item.path)
            menu.addAction(item.name).triggered.connect(lambda _=False, path=path: self.open_path(path))
        if menu.isEmpty():
            menu.addAction("No songs yet").setEnabled(False)

    def new(self) -> None:
        """Asks for a name and begins a song with it."""
        folder = str(self._window.projects_folder)
        name = ask_name(self._window, "New song", f"It is kept in {folder}.", self._free_name(), "Create")
        if name and may_leave_song(self._window):
            self._workspace.new_project(name)

    def new_beat(self) -> None:
        """Asks for a name, begins a song with it and shows the producer."""
        folder = str(self._window.projects_folder)
        name = ask_name(self._window, "New beat", f"It is kept in {folder}.", self._free_name(), "Create")
        if name and may_leave_song(self._window):
            self._workspace.new_project(name, lambda: self._window.show_dock("producer"))

    def song_in_one_go(self) -> None:
        """Opens the page that has models write, sing and paint a song."""
        from .generate.chain import ChainDialog

        if self._chain is None:
            self._chain = ChainDialog(self._workspace, self._window)
        self._chain.look()

    def open(self) -> None:
        """Asks for a song and opens it."""
        start = str(self._window.projects_folder)
        chosen = QFileDialog.getExistingDirectory(self._window, "Open a song: choose its .studio folder", start)
        if chosen:
            self.open_path(Path(chosen))

    def open_path(self, path: Path) -> None:
        """Opens a song; the workspace opens one that somebody else works on to read only, and says so."""
        if self._has_workspace() and may_leave_song(self._window):
            self._workspace.open_project(path)

    def begin_with(self, paths: Sequence[Path]) -> None:
        """Begins a song named after the first of some sounds and imports them."""
        listed = self.sounds_of([Path(path) for path in paths])
        if self._has_workspace() and listed:
            self._workspace.new_project(listed[0].stem, lambda: self.import_paths(listed, 0))

    def close(self) -> None:
        """Closes the song; the welcome panel follows."""
        if may_leave_song(self._window):
            self._workspace.close_project()

    def tell_missing(self) -> None:
        """Says which sounds of the song have no file."""
        names = [media.name for media in self._session.document.project.media if media.id in self._session.missing]
        if names:
            first = ", ".join(f"“{name}”" for name in names[:3]) + (" and others" if len(names) > 3 else "")
            text = f"The sound files of {first} are missing: use Find Missing Sounds in the File menu."
            self._window.notices.say(text, "warning", "\n".join(names))

    def name_version(self) -> None:
        """Gives the present state a name, under which the history shows and keeps it."""
        count = len(self._session.bundle.versions())
        prompt = "Every change is saved already; a name makes this state easy to find again in the history."
        name = ask_name(self._window, "Name this version", prompt, f"Version {count + 1}", "Name")
        if name:
            self._session.bundle.name_version(name)
            self._window.notices.say(f"This state is now the version “{name}”; History keeps it.")
            self._window.refresh_history()

    def save_copy(self) -> None:
        """Asks for a place and writes a complete copy of the song there."""
        start = self._window.projects_folder / f"{self._session.document.project.name} copy{SUFFIX}"
        chosen, _ = QFileDialog.getSaveFileName(
            self._window,
            "Save a copy of the song",
            str(start),
            f"Songs (*{SUFFIX})",
            options=QFileDialog.Option.DontConfirmOverwrite,  # a taken name gets a number
        )
        if chosen:
            path = Path(chosen)
            path = path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
            self._workspace.save_copy(path, self._copied)

    def _copied(self, job: Job) -> None:
        if job.state == "done":
            folder = job.result.folder
            self._window.notices.say(f"The copy “{folder.name}” is complete in {folder.parent}.")

    def rename(self) -> None:
        """Asks for another name of the song; its folder keeps its name."""
        from ..document.edits.song import rename_song

        now = self._session.document.project.name
        name = ask_name(self._window, "Rename song", "Its folder keeps its name.", now, "Rename")
        if name and name != now:
            self._session.document.apply(rename_song(name))

    def import_sounds(self) -> None:
        """Asks for sounds and puts them at the playhead, each on a track of its own; without a song, begins one."""
        start = self._workspace.preferences.import_folder or str(Path.home())
        chosen, _ = QFileDialog.getOpenFileNames(self._window, "Import sounds", start, SOUNDS)
        if chosen:
            paths = [Path(name) for name in chosen]
            self._window.remember(import_folder=str(paths[0].parent))
            if self._has_song():
                self.import_paths(paths)
            else:
                self.begin_with(paths)

    def import_paths(self, paths: Sequence[Path | str], frame: int | None = None) -> None:
        """Imports sounds at a frame, at the playhead for None; without a song, begins one."""
        from ..actions.placing import Target

        if not self._has_song():
            self.begin_with([Path(path) for path in paths])
            return
        listed = self.sounds_of([Path(path) for path in paths])
        if not listed:
            return
        at = self._window.playing.position if frame is None else frame
        self._guard(lambda: self._workspace.import_files(listed, Target(frame=at)))

    def drop(self, paths: Sequence[Path | str], spot: Any) -> None:
        """Imports sounds that were dropped on the timeline at a `DropTarget`."""
        from ..actions.placing import Target

        listed = [Path(path) for path in paths]
        songs = [path for path in listed if path.suffix == SUFFIX]
        if songs:
            self.open_path(songs[0])
            return
        listed = self.sounds_of(listed)
        if not listed:
            return
        target = Target(frame=max(0, spot.frame), track=spot.track or "", index=spot.index)
        self._guard(lambda: self._workspace.import_files(listed, target))

    def look_for_plugins(self, again: bool = True) -> None:
        """Examines plug-ins, all of them or what is new, as a job; a notice tells what came of it."""

        def told(job: Job) -> None:
            if job.state == "done":
                found, blocked = job.result.plugins, job.result.blocked
                text = f"{len(found)} plug-in instrument{'s' * (len(found) != 1)} found"
                reasons = "\n".join(f"{file.path}: {file.blocked}" for file in blocked)
                text += f"; {len(blocked)} blocked, see the detail." if blocked else "."
                self._window.notices.say(text, "warning" if blocked else "info", reasons)

        self._workspace.look_for_plugins(again, told)

    def export(self) -> None:
        """Opens the export dialog."""
        from .export_dialog import ExportDialog

        ExportDialog(self._window).exec()

    def start_export(self, request: Request, stems: bool = False) -> None:
        """Exports the mix of the song as it is now, or its stems, as a job; a notice tells what came of it.

        The cover of the request is kept with the song.
        """
        import msgspec

        from ..actions.covers import keep_cover
        from ..actions.exporting import export_song
        from ..actions.stems import Stems, export_stems

        bundle, project, font = self._session.bundle, self._session.document.project, self._workspace.preferences.font

        def told(job: Job) -> None:
            if job.state == "done":
                report = job.result
                if isinstance(report, Stems):
                    text = f"{len(report.files)} stems are exported to the folder {report.folder.name}."
                    self._window.notices.say(text, detail=str(report.folder))
                    return
                loudness = f"{report.lufs:.1f} LUFS, " if report.lufs > -200 else ""
                text = f"{request.out.name} is exported: {loudness}peak {report.peak_dbfs:.1f} dBFS."
                self._window.notices.say(text, detail=str(request.out))

        export = export_stems if stems else export_song
        title = f"Export stems of {request.out.stem}" if stems else f"Export {request.out.name}"

        def task(work: Any) -> Any:
            cover = keep_cover(bundle, request.cover)
            return export(bundle, project, msgspec.structs.replace(request, cover=cover), work, font)

        self._workspace.jobs.start("export", title, task, told)

    def export_midi(self) -> None:
        """Asks where to, and writes the notes of the song as a MIDI file, as a job; a notice tells what came of it."""
        start = str(Path(self._workspace.preferences.import_folder or Path.home()) / f"{self._title()}.mid")
        chosen, kind = QFileDialog.getSaveFileName(self._window, "Export MIDI", start, f"{AS_PLAYED};;{STRAIGHT}")
        if chosen:
            out = Path(chosen)
            self.start_midi_export(out if out.suffix else out.with_suffix(".mid"), kind == STRAIGHT)

    def start_midi_export(self, out: Path, straight: bool) -> None:
        """Writes the notes of the song as it is now, as a job."""
        from ..actions.midi import export_midi

        project = self._session.document.project

        def told(job: Job) -> None:
            if job.state == "done":
                text = f"{out.name} is exported: {job.result.notes} notes on {job.result.tracks} tracks."
                self._window.notices.say(text, detail=str(out))

        self._workspace.jobs.start("export", f"Export {out.name}", lambda _: export_midi(project, out, straight), told)

    def _title(self) -> str:
        from .export_dialog import safe_name

        return safe_name(self._session.document.project.name)

    def relink(self) -> None:
        """Asks for a folder and looks for missing sounds in it."""
        start = self._workspace.preferences.import_folder or str(Path.home())
        chosen = QFileDialog.getExistingDirectory(self._window, "Look for the missing sounds in", start)
        if chosen:
            self._workspace.relink(Path(chosen))

    def find_sound(self, media_id: str) -> None:
        """Asks for the file of one missing sound and links it."""
        start = self._workspace.preferences.import_folder or str(Path.home())
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Find the missing sound", start, SOUNDS)
        if chosen:
            self._guard(lambda: self._session.relink(media_id, Path(chosen)))

    def undo(self) -> None:
        """Goes back one state."""
        self._session.document.undo()

    def redo(self) -> None:
        """Goes forward one state."""
        self._session.document.redo()

    def preferences(self, page: str = "sound") -> None:
        """Opens the preferences at a page."""
        from .preferences_dialog import PreferencesDialog

        if self._has_workspace():
            PreferencesDialog(self._window, page).exec()

    def measure_latency(self) -> None:
        """Opens the dialog that measures the recording latency."""
        from .latency_dialog import LatencyDialog

        if self._has_workspace():
            LatencyDialog(self._window).exec()

    def show_shortcuts(self) -> None:
        """Opens the list of keys."""
        from .help_dialogs import ShortcutsDialog

        ShortcutsDialog(self._window.commands, self._window).show()

    def about(self) -> None:
        """Opens what the program is."""
        from .help_dialogs import AboutDialog

        AboutDialog(self._window).exec()

    def show_folder(self) -> None:
        """Opens the song's folder in the file manager."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._session.bundle.folder)))

    def apply_preferences(self) -> None:
        """Puts the remembered keys and switches in force, and says what could not be read of them."""
        preferences = self._workspace.preferences
        self._window.commands.set_overrides(preferences.shortcuts)
        self._window.playing.show_click(preferences.metronome, preferences.count_in_bars)
        timeline = self._window.panels.get("timeline")
        if timeline is not None:
            timeline.take_habits(preferences.grid, preferences.snap, preferences.follow)  # type: ignore[attr-defined]
        notes = self._window.panels.get("notes")
        if notes is not None:
            import msgspec

            plain = msgspec.to_builtins({"look": preferences.note_editor, "grooves": preferences.grooves})
            notes.take_habits(plain["look"], plain["grooves"])  # type: ignore[attr-defined]

    def job_ended(self, job: Any) -> None:
        """Says what came of a job that failed or did only part of its work."""
        if job.state == "failed":
            self._window.notices.say(f"{job.label}: {job.error}", "error", job.detail)
        elif job.failures:
            count = len(job.failures)
            text = job.failures[0] if count == 1 else f"{job.label}: {count} did not work. {job.failures[0]}"
            self._window.notices.say(text, "warning", "\n".join(job.failures))

    def show_latency(self) -> None:
        """Brings the measured round trip of the device in use up to date."""
        status = self._window.playing.status
        if status is not None and status.device == "running":
            self._window.status.show_latency(self._workspace.round_trip(), status.rate)

    def show_disk(self) -> None:
        """Brings the free disk space up to date."""
        folder = self._session.bundle.folder if self._has_song() else self._window.projects_folder
        try:
            free = shutil.disk_usage(folder).free
        except OSError:
            return
        rate = self._session.document.project.rate if self._has_song() else 48_000
        self._window.status.show_disk(free, rate)

    def _free_name(self) -> str:
        taken = {Path(item.path).stem for item in self._workspace.recent()}
        numbered = (f"New song {n}" for n in range(2, len(taken) + 3))
        return "New song" if "New song" not in taken else next(name for name in numbered if name not in taken)

    def _guard(self, action: Any) -> None:
        try:
            action()
        except StudioError as error:
            self._window.notices.error(error)

    @property
    def _workspace(self) -> Any:
        return self._window.workspace

    @property
    def _session(self) -> Any:
        return self._window.session

    def _has_workspace(self) -> bool:
        return self._window.workspace is not None

    def _has_song(self) -> bool:
        return self._window.session is not None

    def _may_edit(self) -> bool:
        return self._has_song() and not self._session.document.read_only

    def _is_missing(self) -> bool:
        return self._has_song() and bool(self._session.missing)

    def _can_undo(self) -> bool:
        return self._has_song() and self._session.document.can_undo

    def _can_redo(self) -> bool:
        return self._has_song() and self._session.document.can_redo

    def _undo_text(self) -> str:
        return f"Undo {self._session.document.revision.label}" if self._can_undo() else "Undo"
