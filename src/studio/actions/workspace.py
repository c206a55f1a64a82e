"""Everything one run of the program works with: preferences, library, jobs, player, and the song that is open."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from ..document.time import PPQ
from ..engine.audio.comparing import Compared
from ..engine.audio.device import DeviceChoice
from ..engine.audio.latency import RoundTrip, measure_round_trip
from ..engine.audio.midiports import MidiPorts
from ..engine.audio.pages import PageReader
from ..engine.audio.player import Player
from ..engine.audio.renderer import Renderer
from ..engine.audio.status import EngineStatus
from ..engine.jobs import Cancelled, Job, JobRunner, Work
from ..errors import StudioError
from ..storage import locations
from ..storage.bundle import BundleLocked, SavedCopy
from ..storage.library import Library, RecentProject
from ..storage.mediafiles import CopyCancelled
from ..storage.preferences import AudioDevice, Preferences
from .demo import NAME, make_demo
from .hands import Hands, Touch
from .neural import Neural
from .placing import Target
from .plugins import look_for_plugins, plugins_changed, remember_plugins
from .recording import Recorder, recover
from .session import Session
from .song import SUFFIX, OpenSong, create_song, open_song

QUANTISE_TICKS = {"off": 0, "1/4": PPQ, "1/8": PPQ // 2, "1/16": PPQ // 4, "1/32": PPQ // 8} | {
    "1/8T": PPQ // 3, "1/16T": PPQ // 6
}  # fmt: skip
"""What input quantise draws beginnings to, in ticks."""

RING_PATIENCE = 3.0
"""Seconds that a model waits at the most until playback is far enough ahead for it to be loaded."""

SessionListener = Callable[[Session | None], None]
Tell = Callable[[StudioError], None]


class Opened:
    """What a start of the program reads from disk before the window comes to life. Worker thread."""

    def __init__(self) -> None:
        locations.create_folders()
        self.preferences = Preferences.load()
        self.library = Library(locations.library_file())
        self.library.interrupt_running()
        remember_plugins()
        self.queued = self.library.load_jobs()
        self.new_plugins = plugins_changed(self.preferences.plugin_folders)


class Workspace:
    """One per process. Main thread.

    `tell` hears what went wrong in the background, on any thread. Subscribers of the session hear each song that is
    opened, and None when it is closed.
    """

    def __init__(self, opened: Opened, tell: Tell) -> None:
        self.library, self.preferences = opened.library, opened.preferences
        self._tell = tell
        self.jobs = JobRunner()
        self.session: Session | None = None
        self.recorder: Recorder | None = None
        self._listeners: list[SessionListener] = []
        self._closings: list[threading.Event] = []
        self._saving = threading.Lock()
        self._ending = False
        self.player = self._player(self.preferences.project_rate)
        self.neural = Neural(self.library, self._deep, tell, opened.queued)
        self.hands = Hands(lambda: self.player)
        self.hands.subscribe(self._hear_hands)
        self.midi = MidiPorts(self.hands.midi, self._midi_gone)
        self.midi.leave_out(self.preferences.midi_off)
        self.midi.start()
        if opened.new_plugins:
            self.look_for_plugins()

    def subscribe_session(self, listener: SessionListener) -> Callable[[], None]:
        """Calls `listener` whenever another song is open, or none; the returned function ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    # -- songs ---------------------------------------------------------------------------------------------------

    def new_project(self, name: str = "", then: Callable[[], object] = lambda: None) -> Job:
        """Makes an empty song in the projects folder and opens it, then calls `then`. A taken name gets a number."""
        parent, rate = self.projects_folder, self.preferences.project_rate
        wanted = (name or "New song") + SUFFIX
        return self._open(f"New song {name}".rstrip(), lambda: create_song(parent / wanted, rate), then)

    def open_demo(self) -> Job | None:
        """Makes and opens the song of the first start, where there has been no other yet and it was not made before."""
        folder = self.projects_folder
        if self.preferences.demo_made or self.recent() or any(folder.glob(f"*{SUFFIX}")):
            return None
        self.update_preferences(demo_made=True)
        rate = self.preferences.project_rate
        song = folder / f"{NAME}{SUFFIX}"
        return self._open("Make a song to begin with", lambda: make_demo(song, rate), lambda: None)

    def open_project(self, folder: Path, then: Callable[[], object] = lambda: None) -> Job:
        """Opens a song, then calls `then`. Where somebody else works on it, opens it to read and says who has it."""

        def opened() -> OpenSong:
            try:
                return open_song(folder)
            except BundleLocked as locked:
                song = open_song(folder, read_only=True)
                self._tell(locked)
                return song

        return self._open(f"Open {folder.name.removesuffix(SUFFIX)}", opened, then)

    def close_project(self) -> None:
        """Closes the open song; what is not on disk yet is written in a job."""
        song = self._leave()
        if song is None:
            return
        closed = threading.Event()

        def task(_: Work) -> None:
            try:
                self._close(song)
            finally:
                closed.set()

        self._closings = [*(event for event in self._closings if not event.is_set()), closed]
        self.jobs.start("close", "Close the song", task)

    def recent(self) -> Sequence[RecentProject]:
        """The songs opened last, newest first."""
        return self.library.recent_projects(12)

    @property
    def projects_folder(self) -> Path:
        """Where new songs are made."""
        chosen = self.preferences.projects_folder
        return Path(chosen) if chosen else locations.projects_folder()

    def save_copy(self, folder: Path, then: Callable[[Job], None] | None = None) -> Job:
        """Writes a complete copy of the song, history included, to another folder; a taken name gets a number.

        The job's result says where the copy is and which sounds could not be read.
        """
        bundle = self._require().bundle

        def task(work: Work) -> SavedCopy:
            try:
                copy = bundle.save_as(folder, work.report, work.cancelled)
            except CopyCancelled as stopped:
                raise Cancelled("The copy was cancelled.") from stopped
            for name in copy.unread:
                work.fail(f"“{name}” could not be read and is not in the copy.")
            return copy

        return self.jobs.start("copy", f"Save a copy as {folder.name}", task, then)

    def _open(self, label: str, make: Callable[[], OpenSong], then: Callable[[], object]) -> Job:
        """Leaves the present song at once, then closes it and makes the next one as one job."""
        before, closings = self._leave(), self._closings

        def task(work: Work) -> OpenSong:
            if before is not None:
                self._close(before)
            for closed in closings:  # perhaps of this very song, which would still be locked
                while not closed.wait(0.1):
                    work.check()
            song = make()
            self.library.touch_recent(song.bundle.folder, song.project.name)
            return song

        def arrived(job: Job) -> None:
            if job.state == "done":
                self._show(job.result)
                then()

        return self.jobs.start("open", label, task, arrived)

    def _show(self, song: OpenSong) -> None:
        if self.session is not None:
            self.close_project()
        if song.project.rate != self.player.rate:
            self._replace_player(song.project.rate)
        for error in recover(song):
            self._tell(error)
        self.player.locate(0)
        self.session = Session(song, self.player, self.jobs, self.library, self._tell, self.preferences.font)
        self.recorder = Recorder(self.session, self.player, self.round_trip, self._tell)
        self._announce()
        gc.freeze()  # a large song is not walked by the collector again and again

    def _leave(self) -> OpenSong | None:
        """Detaches the window and the player from the open song and hands it out to be closed."""
        if self.session is None:
            return None
        if self.recorder is not None:
            self.recorder.finish()
        self.player.stop()
        song = self.session.detach()
        self.session = self.recorder = None
        self._announce()
        return song

    def _announce(self) -> None:
        for listener in tuple(self._listeners):
            listener(self.session)

    def _require(self) -> Session:
        if self.session is None:
            raise StudioError("Open or make a song first.")
        return self.session

    # -- sounds that come in -------------------------------------------------------------------------------------

    def import_files(self, paths: Sequence[Path], target: Target) -> Job:
        """Imports files into the open song and places them. Raises StudioError when that cannot be."""
        return self._require().import_files(paths, target)

    def relink(self, folder: Path) -> Job:
        """Looks in a folder, and the folders in it, for the files of missing sounds, and links what it finds."""
        return self._require().relink_from(folder)

    # -- sound ---------------------------------------------------------------------------------------------------

    def open_device(self, device: AudioDevice) -> None:
        """Uses another sound device from now on and remembers it."""
        self.update_preferences(audio=device)
        self.player.open_device(_choice(device))

    def set_soundfont(self, font: Path | None) -> None:
        """Plays instrument tracks on another SoundFont from now on, the usual one if None, and remembers it."""
        self.update_preferences(soundfont=str(font or ""))
        if self.session is not None:
            self.session.playback.use_font(font, self.session.document.project)

    def look_for_plugins(self, again: bool = False, then: Callable[[Job], None] | None = None) -> Job:
        """Examines plug-ins that are new or changed, with `again` all, as a job; what was missing plays then."""
        own = self.preferences.plugin_folders

        def done(job: Job) -> None:
            if self.session is not None and job.state == "done":
                self.session.playback.find_plugins_again(self.session.document.project)
            if then is not None:
                then(job)

        return self.jobs.start("plugins", "Look for plug-ins", lambda work: look_for_plugins(work, own, again), done)

    def set_click(self, metronome: bool, count_in: int) -> None:
        """Sets metronome and count-in and remembers them."""
        self.update_preferences(metronome=metronome, count_in_bars=count_in)
        self.player.set_metronome(metronome, self.preferences.metronome_level)

    def start_recording(self) -> None:
        """Records on the armed tracks from the playhead on. Raises StudioError with what is missing."""
        self._require()
        assert self.recorder is not None
        chosen = self.preferences
        self.recorder.start(chosen.count_in_bars, chosen.overdub, QUANTISE_TICKS[chosen.input_quantise])

    def stop_recording(self) -> None:
        """Ends a recording and keeps the take. Does nothing when none runs."""
        if self.recorder is not None:
            self.recorder.stop()

    def poll(self) -> EngineStatus:
        """What the window calls sixty times a second: passes on what is played in, keeps takes that have ended, and
        tells how the engine is."""
        self.hands.poll()
        if self.recorder is not None:
            self.recorder.poll()
        status = self.player.status()
        if self.recorder is not None and self.recorder.taking_notes and not status.recording:
            return replace(status, recording=True)
        return status

    def use_midi_port(self, name: str, used: bool) -> None:
        """Listens to a MIDI port from now on, or no longer, and remembers it."""
        others = tuple(other for other in self.preferences.midi_off if other != name)
        self.update_preferences(midi_off=others if used else (*others, name))
        self.midi.leave_out(self.preferences.midi_off)

    def _hear_hands(self, touch: Touch) -> None:
        if self.recorder is not None:
            self.recorder.hear(touch)

    def _midi_gone(self, port: str) -> None:
        """MIDI thread: a port went, perhaps with keys held on it."""
        held = self.hands.gone(port)
        if port not in self.preferences.midi_off and not self._ending:
            rest = " The notes that were held on it have been let go." if held else ""
            self._tell(StudioError(f"The MIDI keyboard “{port}” is gone; connect it again to play on.{rest}"))

    def measure_round_trip(self, then: Callable[[Job], None]) -> Job:
        """Measures the latency of the device by clicks through a loop, as a job, and remembers it."""
        device, rate, player = self.preferences.audio, self.player.rate, self.player

        def done(job: Job) -> None:
            if job.state == "done":
                known = self.preferences.with_round_trip(_loop_of(device), rate, device.buffer, job.result.frames)
                self.update_preferences(round_trips=known.round_trips)
            then(job)

        def measure(work: Work) -> RoundTrip:
            def report(share: float) -> None:
                work.check()
                work.report(share)

            return measure_round_trip(player, report=report)

        return self.jobs.start("latency", "Measure the latency", measure, done)

    def round_trip(self) -> int:
        """The measured latency of the device in use, in frames; 0 when it was never measured."""
        device = self.preferences.audio
        return self.preferences.round_trip(_loop_of(device), self.player.rate, device.buffer) or 0

    def _player(self, rate: int) -> Player:
        self._pages = PageReader(rate)
        player = Player(Renderer(rate, self._pages), rate)
        player.start()
        player.set_metronome(self.preferences.metronome, self.preferences.metronome_level)
        player.open_device(_choice(self.preferences.audio))
        return player

    def _replace_player(self, rate: int) -> None:
        old, pages = self.player, self._pages
        self.player = self._player(rate)

        def close(_: Work) -> None:
            old.close()
            pages.close()

        self.jobs.start("sound", "Change the sample rate", close)

    def preview(self, path: Path, gain: float = 1.0) -> None:
        """Plays a file that is not part of the song, in place of the one before."""
        self.player.preview(path, gain)

    def compare(self, paths: Sequence[Path], gains: Sequence[float]) -> Compared:
        """Plays files that are not part of the song in step, with linear gains, in place of the preview before; what is
        returned says which of them is heard."""
        compared = Compared(paths, self.player.rate, gains)
        self.player.play_preview(compared)
        return compared

    def stop_preview(self) -> None:
        """Ends the preview."""
        self.player.stop_preview()

    # -- the rest ------------------------------------------------------------------------------------------------

    def update_preferences(self, **changes: Any) -> None:
        """Changes preferences and stores them in the background."""
        self.preferences = self.preferences.update(**changes)
        self.jobs.quiet(self._save_preferences, self._tell)

    def _save_preferences(self) -> None:
        """Writes what is newest when its turn comes, so that of several writes the last is right. Worker threads."""
        with self._saving:
            self.preferences.save()

    def _deep(self) -> AbstractContextManager[None]:
        return self.player.raise_ring(patience=RING_PATIENCE)

    def go_on(self) -> None:
        """Goes on with the jobs that were left in the queue. Once, when the window is there."""
        self.neural.begin()

    def close(self) -> None:
        """Ends everything, the song written and closed first. The last call; waits for the disk."""
        self._ending = True
        self.midi.close()
        song = self._leave()
        self.player.close()
        self._pages.close()
        self.neural.close()
        self.jobs.close()
        if song is not None:
            self._close(song)
        self.library.close()

    def _close(self, song: OpenSong) -> None:
        """Closes a song for good; what could not be written is told and stops nothing. Any thread."""
        try:
            song.close()
        except StudioError as error:
            self._tell(error)


def _loop_of(device: AudioDevice) -> str:
    """What a measured latency belongs to: the way out and in, and the device's rate where it is not the song's."""
    names = " > ".join(name for name in (device.host_api, device.output, device.input) if name)
    return f"{names} at {device.rate} Hz" if device.rate else names


def _choice(device: AudioDevice) -> DeviceChoice:
    """What the preferences mean to the engine: a buffer in frames asks for as much latency in each direction."""
    choice = DeviceChoice(device.host_api, device.output, device.input, device.rate)
    asked = device.latency or device.buffer / (device.rate or 48_000)
    return replace(choice, latency=asked) if asked else choice
