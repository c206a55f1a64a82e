"""Measures frames of the timeline in a process of its own, on the screen and at the scale that its environment names.

Prints one JSON object: for each kind of frame the first, the median and the worst of what it takes from the change
to the end of the flush, in milliseconds, and the median of the processor time in it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from timed_window import Window

from studio.document.document import Document
from studio.document.edits import clips, song, tracks
from studio.document.project import AudioClip, Media, Project, clip_start, new_id, new_project
from studio.engine.audio.peaks import PeakBuilder, Peaks
from studio.engine.audio.status import EngineStatus
from studio.engine.interpreter import share_finely
from studio.engine.memory import keep_memory
from studio.ui import theme
from studio.ui.timeline.axis import fitting
from studio.ui.timeline.view import TimelineView

TRACKS, CLIPS, RATE, MEDIA = 64, 10_000, 48_000, 48
BAR = 3840


class Opened:
    """A song of 10,000 clips with peaks of noise."""

    missing: frozenset[str] = frozenset()

    def __init__(self) -> None:
        random = np.random.default_rng(5)
        self.waveforms: dict[str, Peaks] = {}
        media = [self._media(random, n) for n in range(MEDIA)]
        project = song.put_media(media).change(new_project("Long", RATE))
        rows = [self._track(project, random, media, n) for n in range(TRACKS)]
        self.document = Document(replace(project, tracks=tuple(rows)))
        self.growing: dict[str, PeakBuilder] = {}

    def _media(self, random: np.random.Generator, number: int) -> Media:
        frames = 20 * RATE
        count = -(-frames // 64)
        swell = (np.abs(np.sin(np.arange(count) / 300 + number)) * 110 * random.random(count)).astype(np.int8)
        media = Media(f"media-{number}", f"Sound {number}", f"media/{number}.wav", frames, 2, RATE)
        self.waveforms[media.id] = Peaks(np.stack([np.stack([-swell, swell], 1)] * 2), frames)
        return media

    def _track(self, project: Project, random: np.random.Generator, media: list[Media], row: int) -> object:
        count = CLIPS // TRACKS + (row < CLIPS % TRACKS)
        made = [
            AudioClip(
                new_id("clip"),
                f"Clip {n}",
                media[(n + row) % MEDIA].id,
                0,
                int(n * 2.0 * RATE + random.integers(0, 4000)),
                int(random.integers(0, 10 * RATE)),
                int(1.8 * RATE),
            )
            for n in range(count)
        ]
        color = theme.TRACKS[row % len(theme.TRACKS)]
        return replace(tracks.fresh_track(project), color=color, clips=tuple(made), armed=row < 2)

    @property
    def bundle(self) -> Opened:
        return self

    def playable_path(self, media: Media, rate: int) -> Path:
        return Path(media.file)

    def peaks(self, media_id: str) -> Peaks | None:
        return self.waveforms[media_id]

    def subscribe_peaks(self, listener: Callable[[str], None]) -> Callable[[], None]:
        return lambda: None

    def live_peaks(self, track_id: str) -> PeakBuilder | None:
        return self.growing.get(track_id)

    def set_strip_live(self, strip_id: str, *, gain: float | None = None, pan: float | None = None) -> None:
        """Heard by nobody."""


class Frames:
    """A window with the timeline, and the frames it makes."""

    def __init__(self) -> None:
        self.app = QApplication([])
        theme.load_fonts()
        self.app.setStyleSheet(theme.style_sheet())
        self.song = Opened()
        self.window, self.view = Window(), TimelineView()
        self.window.setCentralWidget(self.view)
        self.window.resize(1600, 900)
        self.view.set_session(self.song)
        self.window.show()
        self.settle(0.5)
        self.found: dict[str, tuple[float, ...]] = {}

    def settle(self, seconds: float = 0.05) -> None:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.app.processEvents()
            time.sleep(0.002)

    def measure(self, name: str, change: Callable[[int], object], count: int = 30) -> None:
        """Times `change(n)` and the painting and flushing that follow it. The first frame is kept apart."""
        spent, worked = [], []
        for n in range(count):
            self.settle(0.02)
            self.window.spent = self.window.worked = 0.0
            start, work = time.perf_counter(), time.thread_time()
            change(n)
            took, work = time.perf_counter() - start, time.thread_time() - work
            end = time.perf_counter() + 0.5
            while not self.window.spent and time.perf_counter() < end:
                self.app.processEvents()
            spent.append((took + self.window.spent) * 1e3)
            worked.append((work + self.window.worked) * 1e3)
        self.found[name] = (spent[0], median(spent), max(spent[1:]), median(worked))

    def bars(self, count: float, top: int = 0) -> None:
        """Shows some bars of the song."""
        canvas = self.view.stage.canvas
        self.view.navigation.show(fitting(BAR, BAR * (1 + count), canvas.backing.width, canvas.axis.ratio), top)
        self.settle()

    def height(self, pixels: int) -> None:
        self.view.set_track_height(None, pixels)
        self.settle()

    # -- the kinds of frames -------------------------------------------------------------------------------------

    def full(self) -> None:
        def all_new(_: int) -> None:
            self.view.stage.canvas.mark_all()
            self.view.update_all()

        self.bars(12)
        self.measure("full", all_new)

    def scroll(self, name: str = "scroll") -> None:
        self.bars(12)
        ratio = self.view.stage.canvas.axis.ratio
        self.measure(name, lambda _: self.view.navigation.scroll_by(round(40 * ratio), 0), 60)

    def scroll_down(self) -> None:
        self.bars(12)
        ratio = self.view.stage.canvas.axis.ratio
        self.measure(
            "scroll down", lambda n: self.view.navigation.scroll_by(0, round(40 * ratio) * (-1) ** (n // 30)), 60
        )

    def playhead(self, name: str = "playhead", still: int = 1) -> None:
        self.bars(12)
        meters = [{t.id: (v, v) for t in self.song.document.project.tracks} for v in (0.2, 0.25)]
        start = self.view.stage.frame_at(100)
        self.measure(
            name,
            lambda n: self.view.tick(EngineStatus(playing=True, position=start + n * 800, meters=meters[n % still])),
            60,
        )

    def record(self) -> None:
        self.bars(12)
        random = np.random.default_rng(3)
        armed = [t.id for t in self.song.document.project.tracks if t.armed]
        self.song.growing = {key: PeakBuilder(1) for key in armed}
        taking, start = 0, self.view.stage.frame_at(50)

        def more(_: int) -> None:
            nonlocal taking
            for builder in self.song.growing.values():
                builder.append(random.uniform(-0.5, 0.5, (1, 800)).astype(np.float32))
            taking += 800
            self.view.tick(EngineStatus(playing=True, recording=True, position=start + taking, taking=taking))

        self.measure("recording", more, 90)
        self.view.tick(EngineStatus())
        self.song.growing = {}

    def drag(self) -> None:
        self.bars(12)
        stage, port = self.view.stage, self.view.viewport()
        row = stage.scene.rows[2]
        i = row.plan.clip_at(BAR * 4)
        ratio = stage.canvas.axis.ratio
        x0 = (stage.canvas.axis.x(float(row.plan.begin[i])) + 60) / ratio
        y0 = (row.top + row.height * 0.7) / ratio
        self.mouse(port, QEvent.Type.MouseButtonPress, x0, y0)
        self.measure("drag", lambda n: self.mouse(port, QEvent.Type.MouseMove, x0 + 8 + n * 3, y0 + 66 * (n // 20)), 60)
        self.view.pointer.escape()
        self.mouse(port, QEvent.Type.MouseButtonRelease, x0, y0)

    def mouse(self, port: QWidget, kind: QEvent.Type, x: float, y: float) -> None:
        at, left = QPointF(x, y), Qt.MouseButton.LeftButton
        held = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(port, QMouseEvent(kind, at, port.mapToGlobal(at), left, left, held))

    def zoom(self) -> None:
        self.bars(6)
        x = self.view.stage.canvas.backing.width / 2
        step = lambda n: self.view.navigation.zoom(1.25 if n % 16 >= 8 else 0.8, x)  # noqa: E731
        self.measure("zoom", step, 32)
        spent = []
        for n in range(16):
            self.settle(0.02)
            start = time.perf_counter()
            step(n)
            self.app.processEvents()
            while self.view.blurred:
                self.app.processEvents()
            spent.append((time.perf_counter() - start) * 1e3)
        self.found["zoom until sharp"] = (spent[0], median(spent), max(spent), 0.0)

    def whole(self) -> None:
        self.height(12)
        self.view.navigation.fit_song()
        self.settle()

        def all_new(_: int) -> None:
            self.view.stage.canvas.mark_all()
            self.view.viewport().update()
            self.view.ruler.refresh()

        self.measure("whole song", all_new)
        self.height(theme.TRACK)

    def edit(self) -> None:
        self.bars(12)
        project = self.song.document.project
        row = self.view.stage.scene.rows[1]
        clip_id = row.plan.ids[row.plan.clip_at(BAR * 5)]
        clip = self.song.document.clip(clip_id)
        assert clip is not None
        start = clip_start(clip, project.time)

        def move(n: int) -> None:
            self.song.document.apply(clips.move_clips((clip_id,), clip_id, start + 480 * (n % 7 + 1)))

        self.measure("edit", move)


def _busy(stop: threading.Event) -> None:
    total = 0
    while not stop.is_set():
        for n in range(10_000):
            total += n * n


def main() -> None:
    share_finely()
    keep_memory()
    frames = Frames()
    for kind in (
        frames.full, frames.scroll, frames.scroll_down, frames.playhead, frames.record, frames.drag, frames.zoom,
        frames.whole, frames.edit,
    ):  # fmt: skip
        kind()
    frames.playhead("playhead, meters", 2)
    stop = threading.Event()
    busy = threading.Thread(target=_busy, args=(stop,))
    busy.start()
    frames.playhead("playhead, busy")
    frames.scroll("scroll, busy")
    stop.set()
    busy.join()
    frames.view.close_down()
    print(json.dumps({"ratio": frames.view.devicePixelRatioF(), "rows": frames.found}))


if __name__ == "__main__":
    main()
