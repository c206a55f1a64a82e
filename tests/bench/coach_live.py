"""Measures, in a process of its own, how long after a tone is in the loop the coach's panel shows it.

Tones on the left side of the mix start at known frames of the song; the player's clock says when each left the
loudspeaker; the loop brings it to the microphone; the frame that shows it is time-stamped as it stands in the window.
Once the card has stumbled the clock no longer knows how far the loudspeaker is behind: what comes then does not count.
With "busy" a beat plays on the right side and a job listens to a recording meanwhile. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PySide6.QtWidgets import QApplication

import voices
from studio.actions.placing import Target
from studio.actions.workspace import Opened, Workspace
from studio.document.edits.clips import add_clips
from studio.document.edits.mix import set_pan
from studio.document.edits.tracks import add_tracks
from studio.document.notes import Block, Note, NoteClip
from studio.document.project import Track
from studio.engine.audio.instruments.changing import make_instrument
from studio.engine.interpreter import share_finely
from studio.engine.jobs import Work
from studio.engine.memory import keep_memory
from studio.engine.voice.tracking import track_pitch
from studio.ui.coach.panel import CoachPanel
from studio.ui.coach.picture import Picture
from studio.ui.shell import MainWindow, prepare

RATE, TONES = 48_000, 40
PITCHES = (57, 62, 66, 60, 69, 64)


def onsets() -> list[int]:
    """The frames at which the tones begin: about two a second, nowhere near a grid."""
    steps = np.random.default_rng(7).uniform(0.55, 0.85, TONES)
    return [round(at * RATE) for at in 2.0 + np.cumsum(steps)]


def tones(path: Path) -> None:
    """Writes the tones, 0.3 s each."""
    begins = onsets()
    sound = np.zeros(begins[-1] + RATE, np.float32)
    for n, at in enumerate(begins):
        tone = voices.note(PITCHES[n % len(PITCHES)], 0.3, RATE)
        sound[at : at + len(tone)] += tone
    soundfile.write(path, sound, RATE, subtype="FLOAT")


class Measured:
    """A window with the coach, and what it showed when."""

    def __init__(self, home: Path) -> None:
        share_finely()
        keep_memory()
        self.home = home
        self.app = QApplication([])
        prepare(self.app)
        self.window = MainWindow(home / "config")
        self.workspace = Workspace(Opened(), self.window.notices.error)
        self.window.resize(1500, 950)
        self.window.show()
        ready: list[bool] = []
        self.window.ready.connect(lambda: ready.append(True))
        self.window.attach(self.workspace)
        self.until(lambda: ready)
        self.shown: list[tuple[float, float, float]] = []
        self.clocks: list[Any] = []
        self.stumbled = np.inf

    def until(self, condition: Callable[[], Any], seconds: float = 90.0) -> None:
        end = time.perf_counter() + seconds
        while not condition():
            if time.perf_counter() > end:
                raise TimeoutError
            self.app.processEvents()
            time.sleep(0.001)

    def prepare_song(self) -> None:
        workspace = self.workspace
        workspace.new_project("Loop")
        self.until(lambda: workspace.session is not None)
        tones(self.home / "tones.wav")
        job = workspace.import_files([self.home / "tones.wav"], Target(frame=0, name="Tones"))
        self.until(lambda: workspace.jobs.job(job.id).over)
        document = workspace.session.document
        document.apply(set_pan(document.project.tracks[0].id, -1.0))

    def beat(self) -> None:
        """Sixteenths on two instruments, on the right side."""
        document = self.workspace.session.document
        for n, preset in enumerate(("Bass", "Organ")):
            notes = tuple(Note(f"n{n}-{k}", k * 240, 200, 40 + 12 * n + k % 7) for k in range(700))
            clip = NoteClip(f"beat{n}", "Beat", 0, 700 * 240, note_blocks=(Block(1, notes),))
            instrument = make_instrument("synth", preset)
            document.apply(
                add_tracks((Track(f"t{n}", preset, "#ffffff", "instrument", "musical", instrument=instrument),))
            )
            document.apply(add_clips(f"t{n}", (clip,)))
            document.apply(set_pan(f"t{n}", 1.0))

    def job(self) -> None:
        """Something that keeps a core busy: a recording is listened to, over and over."""
        sound = voices.note(60, 30.0, RATE)

        def task(work: Work) -> None:
            while not work.cancelled():
                track_pitch([sound], RATE, work.check)

        self.workspace.session.start("coach", "Listen", task)

    def coach(self) -> CoachPanel:
        self.window.show_dock("coach")
        panel = self.window.panels["coach"]
        assert isinstance(panel, CoachPanel)
        self.until(lambda: self.workspace.player.status().device == "running")
        self.until(lambda: panel.microphone.listening is not None and panel.microphone.listening.ready)
        return panel

    def run(self) -> dict[str, Any]:
        panel, player = self.coach(), self.workspace.player

        def painted(picture: Picture) -> None:
            trace = picture.trace
            if len(trace.time):
                self.shown.append((time.perf_counter(), float(trace.semitone[-1]), float(trace.time[-1])))
            self.clocks.append(player._thread.shot)
            if player._thread.stream.dropouts and self.stumbled == np.inf:
                self.stumbled = time.perf_counter()

        panel.view.painted = painted
        player.play()
        self.until(lambda: player.status().position > onsets()[-1] + RATE // 2)
        player.stop()
        return {"delays": self.delays(), "dropouts": player.status().dropouts}

    def delays(self) -> list[float]:
        """Milliseconds from each tone to the frame that shows it; those that never came are infinite."""
        found = []
        for n, at in enumerate(onsets()):
            begun = self._heard(at)
            if begun > self.stumbled - 1.0:
                break
            pitch = PITCHES[n % len(PITCHES)]
            first = next((t for t, s, _ in self.shown if 0 < t - begun < 0.5 and abs(s - pitch) < 0.6), np.inf)
            found.append(round((first - begun) * 1e3, 1))
        return found

    def _heard(self, frame: int) -> float:
        """The moment at which a frame of the song leaves the loudspeaker, by the clock at that time."""
        best = None
        for shot in self.clocks:
            stretch = next((s for s in reversed(shot.song_map.stretches) if s.playing), None)
            if stretch is None:
                continue
            since, told = shot.clock
            moment = since + (stretch.output + frame - stretch.song - told) / RATE
            if best is None or abs(moment - since) < abs(best[0] - best[1]):
                best = (moment, since)
        assert best is not None
        return best[0]


def main() -> None:
    measured = Measured(Path(os.environ["STUDIO_HOME"]))
    measured.prepare_song()
    if "busy" in sys.argv:
        measured.beat()
        measured.job()
    found = measured.run()
    print(json.dumps(found), flush=True)
    for job in measured.workspace.jobs.running():
        measured.workspace.jobs.cancel(job.id)
    measured.until(lambda: not measured.workspace.jobs.running())  # else the window asks whether to end them
    measured.window.close()
    measured.workspace.close()


main()
