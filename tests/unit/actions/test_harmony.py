"""Chords typed into a song, suggested, and detected in clips and files."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile
from msgspec.structs import replace

from rooms import Room, room
from studio.actions.harmony import (
    detect_chords,
    detect_in_file,
    put_detected,
    put_reading,
    read_text,
    suggest_after,
)
from studio.actions.midi import export_midi
from studio.cli import run
from studio.document.document import Document
from studio.document.edits.harmony import set_chords, set_key
from studio.document.edits.notes import make_note, make_note_clip
from studio.document.harmony import Chord, Key
from studio.document.instruments import DRUM_BANK, Instrument
from studio.document.project import AudioClip, Comp, Media, Project, Span, Take, Track, new_project
from studio.document.time import Signature, TempoPoint
from studio.engine.jobs import Cancelled, Work
from studio.engine.music.harmony.symbols import ChordTextError
from studio.errors import StudioError

__all__ = ["room"]

BAR = 3840
RATE = 48_000


def working() -> Work:
    return Work(lambda *_: None, threading.Event())


def symbols(project: Project) -> list[tuple[int, int, str]]:
    return [(chord.start, chord.length, chord.symbol) for chord in project.chords]


def tone(pitches: tuple[int, ...], seconds: float) -> np.ndarray:  # type: ignore[type-arg]
    at = np.arange(round(seconds * RATE)) / RATE
    waves = [np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * n * at) / n for p in pitches for n in range(1, 5)]
    return np.asarray(np.sum(waves, axis=0) * 0.1, np.float32)


C, F, AM = (48, 60, 64, 67), (53, 60, 65, 69), (45, 60, 64, 69)


def test_typed_chords_take_the_place_of_those_there_in_one_step() -> None:
    document = Document(new_project("Song"))
    document.apply(set_chords([Chord("a", 0, 3 * BAR, 0, symbol="C"), Chord("b", 3 * BAR, BAR, 7, symbol="G")]))
    before = document.project
    document.apply(put_reading(read_text(before, "Am7 | F G/B", BAR + 100)))
    assert symbols(document.project) == [
        (0, BAR, "C"), (BAR, BAR, "Am7"), (2 * BAR, 1920, "F"), (2 * BAR + 1920, 1920, "G/B"),
        (3 * BAR, BAR, "G")]  # fmt: skip
    document.undo()
    assert document.project.chords == before.chords


def test_a_chord_around_the_place_is_cut_in_two_and_silence_clears() -> None:
    document = Document(new_project("Song"))
    document.apply(set_chords([Chord("a", 0, 4 * BAR, 0, symbol="C")]))
    document.apply(put_reading(read_text(document.project, "N.C. | F", BAR)))
    assert symbols(document.project) == [(0, BAR, "C"), (2 * BAR, BAR, "F"), (3 * BAR, BAR, "C")]


def test_bars_follow_the_songs_metres() -> None:
    project = replace(new_project("Song"), signatures=(Signature(0), Signature(BAR, 3, 4)))
    reading = read_text(project, "C | F G | Am", 0)
    assert [(chord.start, chord.length) for chord in reading.chords] == [
        (0, BAR), (BAR, 1440), (BAR + 1440, 1440), (BAR + 2880, 2880)]  # fmt: skip
    assert (reading.start, reading.end, reading.bars) == (0, BAR + 5760, 3)


def test_numerals_are_read_in_the_songs_key() -> None:
    document = Document(new_project("Song"))
    document.apply(set_key(0, 7))
    document.apply(put_reading(read_text(document.project, "I | vi | bVII | V7/V", 0)))
    assert [chord.symbol for chord in document.project.chords] == ["G", "Em", "F", "A7"]


def test_text_that_is_not_chords_leaves_the_song_alone() -> None:
    document = Document(new_project("Song"))
    with pytest.raises(ChordTextError, match="“Qx” in bar 2 is not a chord"):
        read_text(document.project, "C | Qx", 0)
    assert document.project.chords == () and len(document.revisions) == 1


def test_suggestions_stand_at_the_place_and_fill_the_bar() -> None:
    document = Document(new_project("Song"))
    document.apply(put_reading(read_text(document.project, "Dm | G7", 0)))
    first = suggest_after(document.project, 2 * BAR + 960)[0]
    assert (first.chord.start, first.chord.length, first.chord.root) == (2 * BAR + 960, BAR - 960, 0)
    assert first.reason == "I: comes home from G7"


def notes_song(instrument: Instrument | None = None) -> tuple[Project, str]:
    notes = [make_note(n * BAR, BAR, pitch, 90) for n, chord in enumerate((C, F, AM)) for pitch in chord]
    clip = make_note_clip("Part", BAR, 3 * BAR, notes)
    track = Track("t", "Keys", "#ffffff", "instrument", "musical", clips=(clip,), instrument=instrument or Instrument())
    return replace(new_project("Song"), tracks=(track,)), clip.id


def test_chords_of_a_clip_of_notes_are_laid_into_the_song() -> None:
    project, clip = notes_song()
    found = detect_chords(project, clip, lambda media: None, working())
    document = Document(project)
    document.apply(put_detected(found, with_key=True))
    assert symbols(document.project) == [(BAR, BAR, "C"), (2 * BAR, BAR, "F"), (3 * BAR, BAR, "Am")]
    assert document.project.keys == (Key(BAR, 5),)
    document.undo()
    assert (document.project.chords, document.project.keys) == ((), ())
    with pytest.raises(StudioError, match="lower the limit"):
        put_detected(found, sure=1.1)


@pytest.mark.parametrize("instrument", [Instrument("drums"), Instrument(bank=DRUM_BANK)])
def test_drums_have_no_chords(instrument: Instrument) -> None:
    project, clip = notes_song(instrument)
    with pytest.raises(StudioError, match="Drums play no chords"):
        detect_chords(project, clip, lambda media: None, working())
    with pytest.raises(StudioError, match="no longer in the song"):
        detect_chords(project, "clip-0", lambda media: None, working())


def sound_song(folder: Path) -> tuple[Project, Path]:
    """Two bars of C and F at 100 BPM from bar 2 on, cut out of a longer sound, once as a clip and once as a comp."""
    bar = 4 * 60 / 100
    file = folder / "sound.wav"
    sound = np.concatenate([tone(AM, 1.0), tone(C, bar), tone(F, bar), tone(AM, 1.0)])
    soundfile.write(file, sound, RATE, subtype="FLOAT")
    media = Media("m", "Sound", "sound.wav", len(sound), 1, RATE)
    length = round(2 * bar * RATE)
    clip = AudioClip("clip", "Sound", "m", BAR, 0, RATE, length)
    spans = (Span(length // 2, "a"), Span(length, "b"))
    takes = tuple(Take(name, n + 1, name, "m", 0, RATE, length) for n, name in enumerate("ab"))
    comp = Comp("comp", "Comp", BAR, 0, 0, length, takes, spans)
    tracks = (Track("t", "One", "#ffffff", clips=(clip,)), Track("u", "Two", "#ffffff", clips=(comp,)))
    project = replace(new_project("Song"), tempo=(TempoPoint(0, 100.0),), media=(media,), tracks=tracks)
    return project, file


@pytest.mark.parametrize("clip", ["clip", "comp"])
def test_chords_of_a_clip_of_sound_stand_on_the_songs_beats(clip: str, tmp_path: Path) -> None:
    project, file = sound_song(tmp_path)
    found = detect_chords(project, clip, lambda media: file, working())
    assert [(one.chord.start, one.chord.length, one.chord.symbol) for one in found.chords] == [
        (BAR, BAR, "C"), (2 * BAR, BAR, "F")]  # fmt: skip


def test_missing_sound_silence_and_a_cancel_are_told(tmp_path: Path) -> None:
    project, file = sound_song(tmp_path)
    with pytest.raises(StudioError, match="“Sound” is missing"):
        detect_chords(project, "clip", lambda media: None, working())
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        detect_chords(project, "clip", lambda media: file, Work(lambda *_: None, stop))
    soundfile.write(file, np.zeros(10 * RATE, np.float32), RATE)
    with pytest.raises(StudioError, match="No chords are heard"):
        detect_chords(project, "clip", lambda media: file, working())


def test_the_window_detects_in_a_job(room: Room, tmp_path: Path) -> None:
    project, clip = notes_song()
    session = room.new()
    job = session.start("chords", "Detect chords", lambda work: detect_chords(project, clip, session.playable, work))
    assert [one.chord.symbol for one in room.over(job).result.chords] == ["C", "F", "Am"]


def test_chords_of_files_are_told(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.flac", np.concatenate([tone(C, 2.0), tone(AM, 2.0)]), RATE)
    found = detect_in_file(tmp_path / "a.flac", 120.0, working())
    assert [one.chord.symbol for one in found.detected.chords] == ["C", "Am"]
    assert found.seconds == pytest.approx([0.0, 2.0, 2.0, 4.0])
    export_midi(notes_song()[0], tmp_path / "a.mid")
    found = detect_in_file(tmp_path / "a.mid", None, working())
    assert [one.chord.symbol for one in found.detected.chords] == ["C", "F", "Am"]


def test_the_headless_door_types_lists_and_detects(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    song = str(tmp_path / "Song.studio")

    def told(*arguments: str, status: int = 0) -> dict:  # type: ignore[type-arg]
        assert run(list(arguments)) == status
        return dict(json.loads(capsys.readouterr().out))

    told("new", song, "--json")
    report = told("chords", song, "--text", "Am7 | F G", "--at", "3", "--json")
    assert (report["bars"], report["written"]) == (2, 3)
    assert [(row["bar"], row["beat"], row["symbol"]) for row in report["chords"]] == [
        (3, 1, "Am7"), (4, 1, "F"), (4, 3, "G")]  # fmt: skip
    wrong = told("chords", song, "--text", "Am7 | Qq", "--json", status=1)
    assert wrong["error"].startswith("“Qq” in bar 2 is not a chord")
    assert len(told("chords", song, "--json")["chords"]) == 3
    soundfile.write(tmp_path / "a.wav", np.concatenate([tone(C, 2.0), tone(F, 2.0)]), RATE)
    found = told("chords", str(tmp_path / "a.wav"), "--detect", "--tempo", "120", "--json")
    assert [row["symbol"] for row in found["chords"]] == ["C", "F"]
    assert all(0 < row["confidence"] <= 1 for row in found["chords"])
    assert "is a folder" in told("chords", song, "--detect", "--json", status=1)["error"]
    assert "There is no file" in told("chords", str(tmp_path / "b.wav"), "--detect", "--json", status=1)["error"]
    assert run(["chords", song]) == 0
    assert "Am7" in capsys.readouterr().out
