"""Measures frames of the coach's view in a process of its own, on the screen and at the scale of its environment.

Prints one JSON object: for each kind of frame the median and the worst of what it takes from the picture to the end of
the flush, in milliseconds, and the median of the processor time in it.
"""

from __future__ import annotations

import json
import time
from statistics import median

import numpy as np
from PySide6.QtWidgets import QApplication
from timed_window import Window

from studio.engine.interpreter import share_finely
from studio.engine.memory import keep_memory
from studio.engine.voice.steady import Reading
from studio.engine.voice.targets import Line, Target, TargetNote
from studio.engine.voice.vibrato import Vibrato
from studio.ui import theme
from studio.ui.coach.picture import Picture, Trace, beats_of, visible
from studio.ui.coach.view import CoachView

SIZES = {"panel": (460, 640), "large": (1200, 800)}
FRAMES = 180
SONG = Target(
    "Song",
    tuple(
        Line((TargetNote(k * 0.5, 0.45, 57 + (k * 5) % 9, f"syl{k}", "golden" if k % 7 == 0 else "normal"),))
        for k in range(60)
    ),
    beat=0.5,
)


def sung(n: int, seconds: float) -> Picture:
    """The n-th frame of a voice with vibrato over a song of short notes, at 60 frames a second."""
    now = n / 60
    at = np.arange(0, seconds / 3, 0.016)[::-1] * -1.0
    line = 60 + 3 * np.sin((at + now) * 1.3) + 0.4 * np.sin((at + now) * 35)
    confidence = 0.6 + 0.4 * np.abs(np.sin((at + now) * 3))
    reading = Reading(0, float(line[-1]), 261.6, 0.9, -20.0, Vibrato(5.5, 0.8))
    return Picture(
        now=now,
        trace=Trace(at, line, confidence),
        notes=visible(SONG, now, seconds / 3, seconds * 2 / 3),
        beats=beats_of(SONG, now, seconds / 3, seconds * 2 / 3),
        target=SONG,
        low=52.0,
        high=70.0,
        reading=reading,
        level=0.3,
        goal=60.0,
        score="Pitch so far 87",
        words="So far away from home, I will be on the run",
    )


def main() -> None:
    share_finely()
    keep_memory()
    app = QApplication([])
    theme.load_fonts()
    app.setStyleSheet(theme.style_sheet())
    found = {}
    for name, size in SIZES.items():
        window, view = Window(), CoachView()
        window.setCentralWidget(view)
        window.resize(*size)
        window.show()
        spent, worked = [], []
        for n in range(FRAMES):
            picture = sung(n, view.seconds)
            end = time.perf_counter() + 0.016
            while time.perf_counter() < end:
                app.processEvents()
                time.sleep(0.001)
            window.spent = window.worked = 0.0
            view.show_picture(picture)
            end = time.perf_counter() + 0.5
            while not window.spent and time.perf_counter() < end:
                app.processEvents()
            spent.append(window.spent * 1e3)
            worked.append(window.worked * 1e3)
        found[name] = (median(spent[10:]), max(spent[10:]), median(worked[10:]))
        ratio = window.devicePixelRatio()
        window.close()
    print(json.dumps({"ratio": ratio, "rows": found}))


main()
