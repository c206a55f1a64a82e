"""A small song with real sounds, and a timeline that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from studio.document.document import Document
from studio.document.edits import clips, song, tracks
from studio.document.project import Clip, Media, clip_end, clip_start, new_id, new_project
from studio.engine.audio.peaks import PeakBuilder, Peaks, build_peaks
from studio.ui import theme
from studio.ui.timeline.axis import fitting
from studio.ui.timeline.view import TimelineView

RATE = 48_000


class OpenSong:
    """What the timeline needs of an open song, with a real document, real files and real peaks."""

    def __init__(self, folder: Path) -> None:
        self.document = Document(new_project("Song", RATE))
        self.folder = folder
        self.missing: frozenset[str] = frozenset()
        self.waveforms: dict[str, Peaks] = {}
        self.growing: dict[str, PeakBuilder] = {}
        self.listeners: list[Callable[[str], None]] = []
        self.strips: list[tuple[str, float | None]] = []

    @property
    def bundle(self) -> OpenSong:
        return self

    def playable_path(self, media: Media, rate: int) -> Path:
        return self.folder / media.file

    def peaks(self, media_id: str) -> Peaks | None:
        return self.waveforms.get(media_id)

    def subscribe_peaks(self, listener: Callable[[str], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def live_peaks(self, track_id: str) -> PeakBuilder | None:
        return self.growing.get(track_id)

    def set_strip_live(self, strip_id: str, *, gain: float | None = None, pan: float | None = None) -> None:
        self.strips.append((strip_id, gain))

    def add_media(self, name: str, samples: np.ndarray, peaks: bool = True) -> Media:
        """Writes a file and puts it into the song."""
        path = self.folder / f"{name}.wav"
        soundfile.write(path, samples, RATE, subtype="FLOAT")
        media = Media(new_id("media"), name, path.name, len(samples), 1 if samples.ndim == 1 else 2, RATE)
        if peaks:
            self.waveforms[media.id] = build_peaks(path)
        self.document.apply(song.put_media((media,)))
        return media

    def add_track(self, name: str) -> str:
        track = tracks.fresh_track(self.document.project, name)
        self.document.apply(tracks.add_tracks((track,)))
        return track.id

    def put(self, track_id: str, media: Media, seconds: float, length: float, source: float = 0.0) -> str:
        """Puts a clip on a track: start, length and media position in seconds."""
        track, time = self.document.project.track(track_id), self.document.project.time
        assert track is not None
        clip = clips.make_clip(media, track, round(seconds * RATE), time)
        clip = replace(clip, length=round(length * RATE), source=round(source * RATE))
        self.document.apply(clips.add_clips(track_id, (clip,)))
        return clip.id

    def clip(self, clip_id: str) -> Clip:
        found = self.document.clip(clip_id)
        assert found is not None
        return found

    def start(self, clip_id: str) -> int:
        return int(clip_start(self.clip(clip_id), self.document.project.time))

    def end(self, clip_id: str) -> int:
        return int(clip_end(self.clip(clip_id), self.document.project.time))


class Hand:
    """A mouse on a widget; positions in logical pixels."""

    def __init__(self, widget: QWidget) -> None:
        self.widget = widget
        self._down = Qt.MouseButton.NoButton

    def _send(self, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.KeyboardModifier) -> None:
        event = QMouseEvent(kind, at, self.widget.mapToGlobal(at), button, self._down, held)
        QApplication.sendEvent(self.widget, event)

    def press(
        self,
        x: float,
        y: float,
        held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    ) -> None:
        self._down = button
        self._send(QEvent.Type.MouseButtonPress, QPointF(x, y), button, held)

    def move(self, x: float, y: float, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self._send(QEvent.Type.MouseMove, QPointF(x, y), Qt.MouseButton.NoButton, held)

    def release(self, x: float, y: float, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        button, self._down = self._down, Qt.MouseButton.NoButton
        self._send(QEvent.Type.MouseButtonRelease, QPointF(x, y), button, held)

    def click(self, x: float, y: float, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.press(x, y, held)
        self.release(x, y, held)

    def double_click(self, x: float, y: float) -> None:
        self.click(x, y)
        self._send(
            QEvent.Type.MouseButtonDblClick, QPointF(x, y), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )

    def drag(
        self,
        start: tuple[float, float],
        to: tuple[float, float],
        held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        steps: int = 6,
        release: bool = True,
    ) -> None:
        self.press(*start, held)
        for n in range(1, steps + 1):
            part = n / steps
            self.move(start[0] + (to[0] - start[0]) * part, start[1] + (to[1] - start[1]) * part, held)
        if release:
            self.release(*to, held)


class Shown:
    """A timeline with a song, and where things are on it."""

    def __init__(self, view: TimelineView, song_: OpenSong) -> None:
        self.view, self.song = view, song_
        self.hand = Hand(view.viewport())

    def x(self, seconds: float) -> float:
        """The canvas position of a time, in logical pixels."""
        return self.view.stage.x_of(seconds * RATE) / self.view.stage.canvas.axis.ratio

    def y(self, track_id: str, lane: int = -1, part: float = 0.7) -> float:
        """A height inside a row."""
        row = self.view.stage.scene.row(track_id, lane)
        assert row is not None
        canvas = self.view.stage.canvas
        return (row.top + row.height * part - canvas.top) / canvas.axis.ratio

    def picture(self) -> np.ndarray:
        """The canvas as it is now: uint32 (height, width)."""
        self.view.stage.canvas.refresh()
        return self.view.stage.canvas.backing.pixels


@pytest.fixture
def opened(tmp_path: Path) -> OpenSong:
    """An empty song."""
    return OpenSong(tmp_path)


@pytest.fixture
def arranged(opened: OpenSong) -> OpenSong:
    """Three tracks; the first with clips at 1 to 3 s and 5 to 7 s, the second with one at 2 to 4 s."""
    time = np.arange(10 * RATE) / RATE
    tone = opened.add_media("Tone", (0.5 * np.sin(2 * np.pi * 220 * time) * np.abs(np.sin(time))).astype(np.float32))
    for name in ("One", "Two", "Three"):
        opened.add_track(name)
    one, two, _ = (track.id for track in opened.document.project.tracks)
    opened.put(one, tone, 1.0, 2.0, 1.0)
    opened.put(one, tone, 5.0, 2.0)
    opened.put(two, tone, 2.0, 2.0)
    return opened


@pytest.fixture
def show(qapp: QApplication) -> Iterator[Callable[[OpenSong], Shown]]:
    """Shows a song in a timeline of 1000 x 500 pixels."""
    theme.load_fonts()
    views: list[TimelineView] = []

    def make(song_: OpenSong) -> Shown:
        view = TimelineView()
        views.append(view)
        view.resize(1000, 500)
        view.show()
        view.set_session(song_)
        view.navigation.show(fitting(0, 10 * 1920, view.stage.canvas.backing.width, view.stage.canvas.axis.ratio))
        view.painting_failed.connect(lambda _, detail: pytest.fail(detail))
        return Shown(view, song_)

    yield make
    for view in views:
        view.close_down()
        view.close()
        view.deleteLater()
    qapp.processEvents()


@pytest.fixture
def shown(arranged: OpenSong, show: Callable[[OpenSong], Shown]) -> Shown:
    """The arranged song in a timeline."""
    return show(arranged)
