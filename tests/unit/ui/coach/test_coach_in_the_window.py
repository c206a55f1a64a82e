"""The coach in the real window: what comes in is followed and shown, what is to be sung scrolls, lines are judged."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from msgspec.structs import replace
from PySide6.QtCore import Qt

import voices
from studio.actions.listening import input_channel
from studio.document.edits.clips import add_clips
from studio.document.edits.tracks import add_tracks, arm
from studio.document.notes import Block, Note, NoteClip
from studio.document.project import Track
from studio.engine.audio.instruments.changing import make_instrument
from studio.engine.audio.status import EngineStatus
from studio.engine.voice.steady import Reading
from studio.ui.coach.panel import LOADING, NO_INPUT, CoachPanel
from studio.ui.coach.picture import Picture
from studio.ui.coach.practice import COUNT_IN, Exercise
from studio.ui.shell import MainWindow
from windows import OpenWindow, begin, idle, open_window, press, window

__all__ = ["open_window", "window"]

RATE = 48_000
HERE = EngineStatus(device="running", inputs=(0.3, 0.1))
SONG = """#TITLE:Steps
#ARTIST:Nobody
#MP3:steps.wav
#BPM:300
#GAP:1000
: 0 20 0 Up
* 20 20 4  we
: 40 20 7  go
- 70
: 80 20 5 down
F 100 20 4  again
E
"""


def shown(window: MainWindow, qtbot: Any) -> CoachPanel:
    """The coach of a window with a song, opened by its key; the test ticks it."""
    begin(window, qtbot)
    window._timer.stop()
    press(window, qtbot, Qt.Key.Key_F9, Qt.KeyboardModifier.ShiftModifier)
    panel = window.panels["coach"]
    assert isinstance(panel, CoachPanel)
    qtbot.waitUntil(lambda: panel.in_sight)
    return panel


def ready(panel: CoachPanel, qtbot: Any) -> Any:
    """Waits until the voice can be followed."""
    panel.tick(HERE)
    listening = panel.microphone.listening
    assert listening is not None
    qtbot.waitUntil(lambda: listening.ready, timeout=60_000)
    return listening


def sing(listening: Any, *parts: np.ndarray, at: int = 0) -> int:
    """Has a sound come in through both inputs; returns the frame after it, once everything has been heard."""
    sound = np.concatenate(parts)
    for n in range(0, len(sound), 480):
        while listening._blocks.qsize() > 20:
            time.sleep(0.001)
        assert listening.hear(at + n, np.stack([sound[n : n + 480]] * 2, axis=1))
    end = time.monotonic() + 30
    while listening.clock[0] < at + len(sound) or listening._blocks.qsize():
        assert time.monotonic() < end
        time.sleep(0.005)
    time.sleep(0.05)
    return at + len(sound)


def test_it_says_what_is_missing(window: MainWindow, qtbot: Any) -> None:
    panel = shown(window, qtbot)
    panel.tick(EngineStatus())
    assert panel.view.picture.sentence == NO_INPUT
    panel.tick(replace(HERE, inputs=()))
    assert panel.view.picture.sentence == NO_INPUT
    listening = panel.microphone.listening
    assert listening is not None
    if not listening.ready:
        panel.tick(HERE)
        assert panel.view.picture.sentence in (LOADING, "")


def test_a_voice_is_read_and_drawn(window: MainWindow, qtbot: Any) -> None:
    panel = shown(window, qtbot)
    listening = ready(panel, qtbot)
    sing(listening, voices.note(57.1, 1.5, RATE), voices.note(57.1, 0.02, RATE))
    panel.tick(HERE)
    picture = panel.view.picture
    assert picture.sentence == ""
    assert picture.reading.name == "A3"
    assert picture.reading.cents == pytest.approx(10, abs=6)
    assert picture.level == pytest.approx(0.3)
    assert len(picture.trace.time) > 20
    assert np.median(picture.trace.semitone) == pytest.approx(57.1, abs=0.06)
    assert picture.low < 57 < picture.high
    panel.view._said = ("", 0.0)
    panel.tick(HERE)
    assert panel.view.accessibleDescription() == "A3, in tune."


def test_it_listens_only_while_it_is_seen(window: MainWindow, qtbot: Any) -> None:
    panel = shown(window, qtbot)
    listening = ready(panel, qtbot)
    panel.controls.drone_button.click()
    assert panel.tones.sounding
    window.docks["coach"].hide()
    qtbot.waitUntil(lambda: not panel.in_sight)
    panel.tick(HERE)
    assert panel.microphone.listening is None
    assert not panel.tones.sounding
    assert not listening.hear(0, np.zeros((480, 2), np.float32))
    window.show_dock("coach")
    qtbot.waitUntil(lambda: panel.in_sight)
    window.show_dock("producer")
    qtbot.waitUntil(lambda: not panel.in_sight)
    panel.tick(HERE)
    assert panel.microphone.listening is None


def test_the_input_is_that_of_the_armed_or_the_selected_track(window: MainWindow, qtbot: Any) -> None:
    panel = shown(window, qtbot)
    document = window.session.document
    before = document.project
    document.apply(add_tracks((Track("one", "One", "#ffffff", "audio", "musical", inputs=(1,)),)))
    document.apply(add_tracks((Track("two", "Two", "#ffffff", "audio", "musical", inputs=(2, 3)),)))
    assert input_channel(before) == input_channel(document.project) == input_channel(None) == 0
    panel.select_track("one")
    panel.tick(HERE)
    assert panel.microphone.listening is not None and panel.microphone.listening.channel == 1
    document.apply(arm("two", True))
    panel.tick(HERE)
    assert panel.microphone.listening.channel == 2


def test_an_exercise_is_sung_after_a_count_in_and_judged(window: MainWindow, qtbot: Any) -> None:
    panel = shown(window, qtbot)
    listening = ready(panel, qtbot)
    panel.controls.tempo.setValue(240)
    panel.controls.mode.setCurrentIndex(1)
    panel.controls.mode.activated.emit(1)
    assert panel.target is not None and not panel.target.any_octave
    panel.controls.start.click()
    exercise = panel.exercise
    assert exercise is not None
    assert -COUNT_IN * 0.25 <= exercise.now < 0
    line = panel.target.lines[0]
    now = time.perf_counter()
    exercise._zero = now - line.end - 0.6  # the line has just been sung
    tones = [voices.note(note.pitch + 0.05, note.length, RATE) for note in line.notes]
    gaps = [voices.rest(0.25 - 0.24, RATE)] * len(tones)
    end = sing(listening, *(part for pair in zip(tones, gaps, strict=True) for part in pair), voices.rest(0.4, RATE))
    listening.clock = (end, time.perf_counter())
    exercise._zero = time.perf_counter() - line.end - 0.45
    panel.following._entered, panel.following._next = -1.0, 0
    panel.following._now = exercise.now
    for _ in range(12):
        panel.tick(HERE)
    assert panel.verdict.text() == "Line 1: in tune, every note within 15 cents."
    assert panel.view.picture.score == "Pitch so far 100"
    over: list[Any] = []
    panel.exercise_sung.connect(lambda *sung: over.append(sung))
    panel.controls.start.click()
    assert panel.exercise is None
    qtbot.waitUntil(panel.offer.isVisible, timeout=10_000)
    assert "pitch 100" in panel.offer.says.text()
    assert len(over) == 1


def test_an_exercise_gives_clicks_and_first_notes(window: MainWindow, qtbot: Any) -> None:
    panel = shown(window, qtbot)
    panel.controls.mode.setCurrentIndex(1)
    panel.controls.mode.activated.emit(1)
    assert panel.target is not None
    exercise = Exercise(panel.target)
    given = []
    beat = panel.target.beat
    for n in range(-COUNT_IN, 1):
        exercise._zero = time.perf_counter() - (n + 0.5) * beat
        note = exercise.due()
        given.append(note[0] if note else None)
        assert exercise.due() is None
    assert given[0] == 93
    assert given[1:3] == [88, 88]
    assert given[3] == round(panel.target.lines[0].notes[0].pitch)
    assert given[4] is None


def test_too_narrow_a_range_is_told(window: MainWindow, qtbot: Any) -> None:
    panel = shown(window, qtbot)
    panel.controls.mode.setCurrentIndex(1)
    panel.controls.mode.activated.emit(1)
    panel.controls.high.choose(panel.controls.low.value)
    assert panel.target is None
    assert "too narrow" in panel.controls.title.text()


def test_the_selected_notes_are_sung(window: MainWindow, qtbot: Any) -> None:
    panel = shown(window, qtbot)
    panel.controls.mode.setCurrentIndex(2)
    panel.controls.mode.activated.emit(2)
    assert "Select a clip of notes" in panel.controls.title.text()
    document = window.session.document
    notes = tuple(Note(f"n{n}", n * 960, 960, 60 + n, text=word) for n, word in enumerate(("la", "le", "lu")))
    clip = NoteClip("melody", "Melody", 0, 3840, note_blocks=(Block(1, notes),))
    lead = Track("lead", "Lead", "#ffffff", "instrument", "musical", instrument=make_instrument("synth"))
    document.apply(add_tracks((lead,)))
    document.apply(add_clips("lead", (clip,)))
    window.panels["timeline"].stage.select(("melody",))
    assert panel.target is not None
    assert [(note.pitch, note.syllable) for note in panel.target.notes] == [(60, "la"), (61, "le"), (62, "lu")]
    listening = ready(panel, qtbot)
    del listening
    panel.tick(replace(HERE, playing=True, position=RATE // 4))
    assert [note.syllable for note in panel.view.picture.notes] == ["la", "le", "lu"]
    assert panel.view.picture.goal == 60


def test_an_ultrastar_song_brings_its_sound(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    folder = tmp_path / "song"
    folder.mkdir()
    (folder / "steps.txt").write_text(SONG)
    soundfile.write(folder / "steps.wav", voices.note(60, 8.0, RATE), RATE)
    panel = shown(window, qtbot)
    panel.ask_file = lambda _: str(folder / "steps.txt")
    panel.controls.mode.setCurrentIndex(3)
    panel.controls.mode.activated.emit(3)
    qtbot.waitUntil(lambda: panel.target is not None, timeout=20_000)
    idle(window, qtbot)
    project = window.session.document.project
    assert [track.name for track in project.tracks] == ["Steps"]
    assert project.tracks[0].clips[0].length == 8 * RATE
    assert [line.words for line in panel.target.lines] == ["Up we go", "down again"]
    assert panel.target.notes[0].start == 1.0
    assert [note.kind for note in panel.target.notes] == ["normal", "golden", "normal", "normal", "freestyle"]
    panel.open_file(folder / "steps.txt")
    idle(window, qtbot)
    assert len(window.session.document.project.tracks) == 1
    window.session.document.undo()
    assert window.session.document.project.tracks == ()
    ready(panel, qtbot)
    player = window.workspace.player
    for position, back in ((6.5, 3 * RATE), (5.5, 0)):
        panel.tick(replace(HERE, playing=True, position=round(position * RATE)))
        panel.controls.back.click()
        qtbot.waitUntil(lambda back=back: player.status().position == back)


def test_a_file_that_is_no_song_is_refused_in_words(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("nothing to sing\n")
    panel = shown(window, qtbot)
    panel.open_file(wrong)
    qtbot.waitUntil(lambda: "not a song" in panel.controls.title.text(), timeout=20_000)
    assert panel.target is None


def test_what_was_chosen_is_remembered(open_window: OpenWindow, qtbot: Any) -> None:
    first = open_window()
    panel = shown(first, qtbot)
    panel.controls.in_tune.setValue(20)
    panel.controls.kind.choose("thirds")
    panel.controls.tuner.click()
    idle(first, qtbot)
    first.workspace._save_preferences()
    again = open_window()
    habits = again.panels["coach"].habits()
    assert (habits.in_tune, habits.exercise, habits.tuner) == (20, "thirds", True)


def test_every_state_is_painted(window: MainWindow, qtbot: Any) -> None:
    panel = shown(window, qtbot)
    listening = ready(panel, qtbot)
    painted: list[object] = []
    panel.view.painted = painted.append
    sing(listening, voices.note(62.0, 1.0, RATE, (5.5, 1.0)))
    for tuner in (False, True):
        panel.controls.tuner.setChecked(tuner)
        panel.tick(HERE)
        image = panel.view.grab().toImage()
        assert len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)}) > 8
    assert painted


def with_notes(window: MainWindow, panel: CoachPanel, count: int = 3, apart: int = 4 * 960) -> None:
    """Has a melody sung of which every note is a line."""
    document = window.session.document
    notes = tuple(Note(f"n{n}", n * apart, 960, 60 + n) for n in range(count))
    clip = NoteClip("melody", "Melody", 0, count * apart, note_blocks=(Block(1, notes),))
    lead = Track("lead", "Lead", "#ffffff", "instrument", "musical", instrument=make_instrument("synth"))
    document.apply(add_tracks((lead,)))
    document.apply(add_clips("lead", (clip,)))
    panel.controls.mode.choose("notes")
    panel._pick("notes")
    panel.select_clip("melody")


def practise(window: MainWindow, panel: CoachPanel, qtbot: Any, key: int, tempo: int) -> None:
    """Chooses key and tempo as a hand would, and waits until the song is heard so."""
    panel.rehearsal.key.setValue(key)
    panel.rehearsal.tempo.setValue(tempo)
    qtbot.waitUntil(lambda: window.session.practising.heard == panel.rehearsal.wanted)
    qtbot.waitUntil(lambda: window.workspace.player.pace == tempo / 100)


def test_key_and_tempo_change_what_is_heard_and_what_is_sung(window: MainWindow, qtbot: Any) -> None:
    panel = shown(window, qtbot)
    with_notes(window, panel)
    assert panel.target is not None
    plain = panel.target
    practise(window, panel, qtbot, -3, 50)
    assert [(note.start, note.pitch) for note in panel.target.notes] == [(0.0, 57), (4.0, 58), (8.0, 59)]
    assert panel.aim().target == plain  # a take knows by itself in which practice it was sung
    ready(panel, qtbot)
    panel.tick(replace(HERE, playing=True, position=RATE * 21 // 10))
    assert panel.view.picture.now == pytest.approx(4.2)
    assert panel.view.picture.goal == 58
    begin(window, qtbot)
    assert (panel.rehearsal.key.value(), panel.rehearsal.tempo.value()) == (0, 100)


def test_key_and_tempo_stay_while_a_take_is_recorded(window: MainWindow, qtbot: Any) -> None:
    panel = shown(window, qtbot)
    with_notes(window, panel)
    refused: list[Any] = []
    panel.failed.connect(refused.append)
    window.session.show_growing({"lead": None})
    panel.rehearsal.key.setValue(2)
    panel.rehearsal.make_ready()
    assert "stop the recording" in str(refused[0])
    assert panel.rehearsal.key.value() == 0
    window.session.show_growing({})


def test_lines_are_gone_to_and_looped(window: MainWindow, qtbot: Any) -> None:
    panel = shown(window, qtbot)
    with_notes(window, panel)
    practise(window, panel, qtbot, 0, 50)
    ready(panel, qtbot)
    player = window.workspace.player
    panel.tick(replace(HERE, playing=True, position=RATE * 22 // 10))  # 4.4 s of the practice: the second line
    window.commands.run("coach.line_next")
    qtbot.waitUntil(lambda: player.status().position == 2 * RATE)  # two seconds of the song before the third
    panel.rehearsal.loop.click()
    loop = window.session.document.project.loop
    assert loop.on and (loop.start, loop.end) == (0, 2 * 1920 + 960 + round(0.6 * 1920))
    panel.tick(replace(HERE, playing=True, position=RATE * 22 // 10))
    assert panel.rehearsal.loop.isChecked()
    window.commands.run("coach.line_next")
    assert window.session.document.project.loop.start == 2 * 1920
    window.commands.run("coach.loop_line")
    assert not window.session.document.project.loop.on
    window.session.document.undo()
    assert window.session.document.project.loop == type(loop)()


def test_clicks_come_before_a_line(window: MainWindow, qtbot: Any) -> None:
    panel = shown(window, qtbot)
    with_notes(window, panel)
    ready(panel, qtbot)
    panel.rehearsal.count_in.click()
    panel.tick(replace(HERE, position=0))
    window.commands.run("coach.line_next")
    player = window.workspace.player
    qtbot.waitUntil(lambda: player.status().counting_in)
    assert player.status().position == round(1.5 * RATE)  # a beat before the line at 2 s
    qtbot.waitUntil(lambda: player.status().position > 2 * RATE)
    player.stop()


def test_a_line_of_an_exercise_is_sung_again(window: MainWindow, qtbot: Any) -> None:
    panel = shown(window, qtbot)
    panel.controls.mode.choose("exercise")
    panel._pick("exercise")
    panel.controls.start.click()
    exercise = panel.exercise
    assert exercise is not None
    panel.rehearsal.loop.click()
    assert exercise.again is exercise.target.lines[0]
    exercise._zero = time.perf_counter() - exercise.again.end - 1.0
    exercise.go_round()
    assert exercise.now < exercise.target.lines[0].start
    window.commands.run("coach.line_next")
    assert exercise.again is exercise.target.lines[1]
    window.commands.run("coach.loop_line")
    assert exercise.again is None
    panel.controls.start.click()


def test_the_second_part_of_a_duet_can_be_sung(window: MainWindow, qtbot: Any, tmp_path: Path) -> None:
    (tmp_path / "duet.txt").write_text(SONG.replace("GAP:1000", "GAP:1000\nP1").replace("E\n", "P2\n: 0 9 9 Me\nE\n"))
    panel = shown(window, qtbot)
    panel.open_file(tmp_path / "duet.txt")
    qtbot.waitUntil(lambda: panel.target is not None, timeout=20_000)
    assert panel.rehearsal.voice.isVisible()
    panel.rehearsal.voice.setCurrentIndex(1)
    panel.rehearsal.voice.activated.emit(1)
    assert [note.syllable for note in panel.target.notes] == ["Me"]
    assert panel.aim().voice == 1


def test_what_only_scrolls_looks_as_if_it_were_painted_anew(window: MainWindow, qtbot: Any) -> None:
    panel = shown(window, qtbot)
    with_notes(window, panel, 6, 960)
    ready(panel, qtbot)
    for _ in range(30):  # until the range that is shown stands still
        panel.tick(HERE)
    view = panel.view
    for position in (0.4, 1.0, 2.3):
        panel.tick(replace(HERE, playing=True, position=round(position * RATE)))
        view.grab()
        tiled = view.grab().toImage()
        assert view._tiles._made
        view._tiles._key = ()
        fresh = view.grab().toImage()
        apart = [
            (x, y)
            for x in range(0, tiled.width(), 4)
            for y in range(0, tiled.height(), 4)
            if abs(tiled.pixelColor(x, y).lightness() - fresh.pixelColor(x, y).lightness()) > 60
        ]
        assert len(apart) < 0.004 * tiled.width() * tiled.height() / 16


def test_the_figures_are_painted_with_the_note_and_the_trace_with_every_frame(window: MainWindow, qtbot: Any) -> None:
    view = shown(window, qtbot).view
    regions: list[Any] = []
    view.update = lambda *box: regions.append(box)  # type: ignore[method-assign]
    reading = Reading(0, 60.0, 261.6, 0.9, -20.0)
    first = Picture(reading=reading, words="la")
    view.show_picture(first)
    assert regions == [()]
    for _ in range(6):
        view.show_picture(replace(first, now=first.now + 0.016))
    heads = [box for box in regions[1:] if box[1] == 0]
    assert len(heads) == 2 and len(regions) == 1 + 6 + 2
    view.show_picture(replace(first, reading=Reading(0, 62.0, 293.7, 0.9, -20.0)))
    assert regions[-1][1] == 0
