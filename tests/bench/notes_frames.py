"""Measures frames of the piano roll in a process of its own, on the screen and at the scale that its environment names.

Prints one JSON object: for each kind of frame the first, the median and the worst of what it takes from the change
to the end of the flush, in milliseconds, and the median of the processor time in it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from PySide6.QtWidgets import QApplication
from timed_window import Window

from studio.document.document import Document
from studio.document.edits import clips, tracks
from studio.document.edits.notes import make_note_clip, move_notes
from studio.document.notes import Note
from studio.document.project import new_project
from studio.engine.interpreter import share_finely
from studio.ui import theme
from studio.ui.pianoroll.panel import NotePanel
from studio.ui.timeline.axis import fitting

NOTES, BAR, BARS = 20_000, 3840, 312


class Opened:
    """A song with two clips of 20,000 notes each: one is edited, the other shines through."""

    def __init__(self) -> None:
        self.document = Document(new_project("Long"))
        for _ in range(2):
            track = tracks.fresh_track(self.document.project, kind="instrument")
            self.document.apply(tracks.add_tracks((track,)))
            self.document.apply(clips.add_clips(track.id, (make_note_clip("Part", 0, BARS * BAR, self.notes()),)))

    def notes(self) -> list[Note]:
        random = np.random.default_rng(3)
        rows = zip(
            (np.arange(NOTES) * 60).tolist(),
            random.integers(100, 960, NOTES).tolist(),
            random.integers(36, 96, NOTES).tolist(),
            random.integers(20, 127, NOTES).tolist(),
            strict=True,
        )
        return [Note(f"note-{n}", *row) for n, row in enumerate(rows)]


class Frames:
    """A window with the editor, and the frames it makes."""

    def __init__(self) -> None:
        self.app = QApplication([])
        theme.load_fonts()
        self.app.setStyleSheet(theme.style_sheet())
        self.song = Opened()
        self.window, self.panel = Window(), NotePanel()
        self.window.setCentralWidget(self.panel)
        self.window.resize(1600, 900)
        self.panel.set_session(self.song)
        self.window.show()
        self.settle(0.5)
        self.clip = self.song.document.project.tracks[0].clips[0].id
        self.panel.open(self.clip)
        self.settle(0.2)
        self.found: dict[str, tuple[float, ...]] = {}

    def settle(self, seconds: float = 0.05) -> None:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.app.processEvents()
            time.sleep(0.002)

    def measure(self, name: str, change: Callable[[int], object], count: int = 40) -> None:
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

    def bars(self, count: float) -> None:
        """Shows some bars of the clip."""
        view = self.panel.view
        view.stage.axis = fitting(BAR, BAR * (1 + count), view.canvas.backing.width, view.stage.axis.ratio)
        view.update_ranges()
        view.redraw()
        self.settle()

    def run(self) -> None:
        view, document = self.panel.view, self.song.document
        ratio = view.stage.axis.ratio
        for name, count in (("scroll", 4), ("scroll 32 bars", 32), ("scroll all", BARS)):
            self.bars(count)
            if count == BARS:
                view.zoom(1.1)
            self.measure(name, lambda _: view.scroll_by(round(40 * ratio), 0), 60)
        self.bars(4)
        self.measure("scroll down", lambda n: view.scroll_by(0, round(20 * ratio) * (-1) ** (n // 20)))
        start = int(document.project.time.frame(BAR))
        self.measure("playhead", lambda n: view.move_playhead(start + n * 800))
        self.measure("edit", lambda n: document.apply(move_notes(self.clip, [f"note-{100 + n}"], 60, 1)))
        self.measure("zoom", lambda n: view.zoom(1.25 if n % 16 >= 8 else 0.8))


def main() -> None:
    share_finely()
    frames = Frames()
    frames.run()
    assert not frames.panel.roll.paint_failures
    print(json.dumps({"ratio": frames.panel.devicePixelRatioF(), "rows": frames.found}))


if __name__ == "__main__":
    main()
