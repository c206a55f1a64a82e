"""Chords and keys found in notes and in sound."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from studio.document.edits.notes import make_note, make_note_clip
from studio.document.harmony import SCALES, Chord, Key
from studio.document.instruments import DRUM_BANK, Instrument
from studio.document.project import Project, Track, new_project
from studio.document.sounding import Played, track_notes
from studio.document.time import Signature
from studio.engine.audio.bounce import bounce
from studio.engine.audio.compiler import compile_plan
from studio.engine.audio.instruments.soundfont import find_fonts
from studio.engine.music.harmony import hearing
from studio.engine.music.harmony.detecting import Detected, chords_of_notes, chords_of_sound, key_of, mono
from studio.engine.music.harmony.grids import Grid, even_grid, grid_of
from studio.engine.music.harmony.symbols import read_chords, spell
from studio.engine.music.harmony.voicing import voice
from studio.errors import StudioError

BAR = 3840
FOUR = (Signature(0),)
POP = "C | G | Am | F | C | F Em | Dm | G"


def played(text: str, arpeggio: bool = False, bass: bool = True) -> list[Played]:
    """The chords of a text as notes, voiced around middle C, with their bass."""
    found, before = [], None
    for chord in read_chords(text, 0, BAR):
        before = voice(chord, "close", before, 52, 79)
        step = chord.length // len(before) if arpeggio else 0
        for n, pitch in enumerate(before):
            found.append(_played(chord.start + n * step, chord.start + chord.length, pitch))
        if bass:
            low = chord.root if chord.bass is None else chord.bass
            found.append(_played(chord.start, chord.start + chord.length, 28 + (low - 28) % 12))
    return sorted(found, key=lambda one: one.start)


def _played(start: int, end: int, pitch: int) -> Played:
    return Played(start, end, pitch, 90, make_note(start, end - start, pitch, 90))


def song(instrument: Instrument, text: str, drums: bool = False) -> Project:
    notes = [make_note(one.start, one.end - one.start, one.pitch, 90) for one in played(text)]
    end = read_chords(text, 0, BAR)[-1]
    tracks = [_track("Chords", instrument, notes, end.start + end.length)]
    if drums:
        hits = [make_note(at, 100, pitch, 100) for at in range(0, end.start, 960) for pitch in (36, 42)]
        tracks.append(_track("Drums", Instrument("drums"), hits, end.start + end.length))
    return replace(new_project("Song"), tracks=tuple(tracks))


def _track(name: str, instrument: Instrument, notes: list, ticks: int) -> Track:  # type: ignore[type-arg]
    clip = make_note_clip(name, 0, ticks, notes)
    return Track(name, name, "#ffffff", "instrument", "musical", clips=(clip,), instrument=instrument)


def heard(project: Project, folder: Path, bars: int) -> Detected:
    file = folder / "song.flac"
    bounce(compile_plan(project, {}), file, end=int(project.time.frame(bars * BAR)), format="flac", bits="16")
    grid = grid_of(project.signatures, 0, bars * BAR)
    return chords_of_sound(mono(file), grid, project.time.seconds_of(grid.edges).tolist(), lambda at: None)


def symbols(found: Detected, key: Key | None = None) -> str:
    return " ".join(spell(one.chord, key) for one in found.chords)


@given(st.integers(-5, 6))
@settings(deadline=None, max_examples=12)
def test_chords_of_notes_are_found_in_every_key(up: int) -> None:
    notes = [replace(one, pitch=one.pitch + up) for one in played("C | G7 | Am | Fmaj7 | Dm7 | E7 | Bdim | C")]
    found = chords_of_notes(notes, grid_of(FOUR, 0, 8 * BAR))
    wanted = [(0, ""), (7, "7"), (9, "m"), (5, "maj7"), (2, "m7"), (4, "7"), (11, "dim"), (0, "")]
    assert [(one.chord.root, one.chord.quality) for one in found.chords] == [((r + up) % 12, q) for r, q in wanted]
    assert [one.chord.start for one in found.chords] == [n * BAR for n in range(8)]
    assert all(one.confidence > 0.6 for one in found.chords)
    assert found.key is not None and (found.key.key.tonic, found.key.key.mode) == (up % 12, "major")


def test_chords_broken_into_single_notes_are_found() -> None:
    assert symbols(chords_of_notes(played(POP, arpeggio=True), grid_of(FOUR, 0, 8 * BAR))) == "C G Am F C F Em Dm G"


def test_the_bass_below_a_chord_is_named() -> None:
    found = chords_of_notes(played("C/E | F | G/B | Am"), grid_of(FOUR, 0, 4 * BAR))
    assert symbols(found) == "C/E F G/B Am"
    assert symbols(chords_of_notes(played("C/E | F", bass=False), grid_of(FOUR, 0, 2 * BAR))) == "C F"


@pytest.mark.parametrize(
    ("pitches", "symbol"),
    [
        ((43, 60, 62, 67), "Gsus4"),
        ((36, 55, 62, 67), "Csus2"),
        ((47, 62, 65, 68), "Bdim7"),
        ((41, 59, 62, 68), "Fdim7"),
    ],
)
def test_the_bass_tells_chords_of_the_same_tones_apart(pitches: tuple[int, ...], symbol: str) -> None:
    found = chords_of_notes([_played(0, BAR, pitch) for pitch in pitches], grid_of(FOUR, 0, BAR))
    assert [spell(one.chord, Key(0, 0)) for one in found.chords] == [symbol]


def test_two_chords_a_bar_and_other_metres_are_found() -> None:
    assert [one.chord.start for one in chords_of_notes(played("C Am | F G"), grid_of(FOUR, 0, 2 * BAR)).chords] == [
        0, 1920, 3840, 5760]  # fmt: skip
    three = (Signature(0, 3, 4),)
    notes = [
        _played(at, at + 2880, pitch) for at, root in ((0, 0), (2880, 5)) for pitch in (60 + root, 64 + root, 67 + root)
    ]
    assert symbols(chords_of_notes(notes, grid_of(three, 0, 5760))) == "C F"


def test_silence_has_no_chord_and_no_key() -> None:
    assert chords_of_notes([], grid_of(FOUR, 0, 2 * BAR)) == Detected((), None)
    found = chords_of_notes(played("C | N.C. | G"), grid_of(FOUR, 0, 3 * BAR))
    assert [(one.chord.start, spell(one.chord)) for one in found.chords] == [(0, "C"), (2 * BAR, "G")]
    assert chords_of_notes([], Grid((0,), ())) == Detected((), None)


def test_a_doubtful_chord_is_less_sure() -> None:
    clear = chords_of_notes(played("C"), grid_of(FOUR, 0, BAR)).chords[0].confidence
    vague = chords_of_notes([_played(0, BAR, 60), _played(0, BAR, 67), _played(0, BAR, 69)], grid_of(FOUR, 0, BAR))
    assert vague.chords[0].confidence < 0.75 < clear <= 1.0


@pytest.mark.parametrize("preset", ["Pad", "Pluck", "Organ", "E-piano"])
def test_chords_are_heard_through_the_own_synthesiser(preset: str, tmp_path: Path) -> None:
    found = heard(song(Instrument("synth", preset), POP, drums=True), tmp_path, 8)
    assert symbols(found) == "C G Am F C F Em Dm G"
    assert found.key is not None and found.key.key == Key(0, 0, "major")
    assert abs(found.cents) < 8 and all(0.1 < one.confidence < 1 for one in found.chords)


@pytest.mark.skipif(not find_fonts(), reason="no SoundFont is installed")
@pytest.mark.parametrize("program", [0, 24, 48])
def test_chords_are_heard_through_the_soundfont_player(program: int, tmp_path: Path) -> None:
    found = heard(song(Instrument(program=program), "Am | F | C | G | Dm | E | Am | Am"), tmp_path, 8)
    assert [(one.chord.root, "m" in one.chord.quality[:1]) for one in found.chords] == [
        (9, True), (5, False), (0, False), (7, False), (2, True), (4, False), (9, True)]  # fmt: skip


def tone(pitches: list[float], seconds: float) -> np.ndarray:  # type: ignore[type-arg]
    at = np.arange(round(seconds * 44_100)) / 44_100
    waves = [np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * n * at) / n for p in pitches for n in range(1, 6)]
    return np.sum(waves, axis=0) * 0.1


@pytest.mark.parametrize("cents", [-40, 0, 35])
def test_the_tuning_of_a_recording_is_found(cents: int, tmp_path: Path) -> None:
    chords = [[p + cents / 100 for p in chord] for chord in ([48, 60, 64, 67], [43, 59, 62, 67], [45, 60, 64, 69])]
    soundfile.write(tmp_path / "a.wav", np.concatenate([tone(one, 2.0) for one in chords]), 44_100)
    grid = even_grid(480, 12)
    found = chords_of_sound(mono(tmp_path / "a.wav"), grid, [n / 2 for n in range(13)], lambda at: None)
    assert symbols(found) == "C G Am" and abs(found.cents - cents) < 5


def test_silence_is_heard_as_nothing_and_broken_files_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(44_100), 44_100)
    grid, seconds = even_grid(480, 2), [0.0, 0.5, 1.0]
    assert chords_of_sound(mono(tmp_path / "a.wav"), grid, seconds, lambda at: None) == Detected((), None, 0.0)
    (tmp_path / "b.wav").write_bytes(b"not sound")
    with pytest.raises(StudioError):
        chords_of_sound(mono(tmp_path / "b.wav"), grid, seconds, lambda at: None)


def test_listening_can_be_stopped(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone([60, 64, 67], 20.0), 44_100)
    steps: list[float] = []

    def check(at: float) -> None:
        steps.append(at)
        if len(steps) == 3:
            raise StudioError("Stopped.")

    with pytest.raises(StudioError, match="Stopped"):
        chords_of_sound(mono(tmp_path / "a.wav"), even_grid(480, 40), [n / 2 for n in range(41)], check)
    assert steps == sorted(steps) and steps[0] > 0 and steps[-1] < 1


def test_a_stretch_of_a_file_is_heard(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.concatenate([tone([60, 64, 67], 2.0), tone([57, 60, 64], 2.0)]), 44_100)
    part = np.concatenate([*mono(tmp_path / "a.wav", 88_200, 44_100)])
    assert abs(len(part) - 11_025) <= 2
    assert symbols(chords_of_sound([part], even_grid(480, 2), [0.0, 0.5, 1.0], lambda at: None)) == "Am"


def test_blocks_do_not_change_what_is_heard() -> None:
    sound = tone([48, 60, 64, 67], 3.0)[::4].astype(np.float32)
    whole = hearing.hear([sound], [0.0, 1.0, 2.0])
    parts = hearing.hear(np.array_split(sound, 17), [0.0, 1.0, 2.0])
    assert np.allclose(whole.classes, parts.classes, rtol=1e-4, atol=1e-4)


@given(st.integers(0, 11), st.sampled_from(["major", "minor"]))
def test_the_key_of_a_scale_is_found(tonic: int, mode: str) -> None:
    weights = np.zeros(12)
    weights[[(tonic + step) % 12 for step in SCALES[mode]]] = 1.0
    weights[[tonic, (tonic + 7) % 12]] += 1.0
    found = key_of(weights)
    assert found is not None and found.key == Key(0, tonic, mode) and 0.3 < found.confidence <= 1
    assert key_of(np.ones(12)) is None and key_of(np.zeros(12)) is None


def test_a_grid_follows_the_bars() -> None:
    grid = grid_of((Signature(0), Signature(BAR, 3, 4)), 480, BAR + 2880)
    assert grid.edges == (480, 960, 1920, 2880, 3840, 4800, 5760, 6720)
    assert all(0 < change < 1 for change in grid.changes) and len(grid.changes) == 7
    assert grid.changes[4] == max(grid.changes) == grid.changes[4]
    assert grid.changes[2] > grid.changes[1] == grid.changes[3]


def test_drums_stay_out_when_told_apart() -> None:
    project = song(Instrument(), POP, drums=True)
    pitched = [track for track in project.tracks if track.instrument and track.instrument.kind != "drums"]
    notes = list(itertools.chain.from_iterable(track_notes(track) for track in pitched))
    assert symbols(chords_of_notes(notes, grid_of(FOUR, 0, 8 * BAR))) == "C G Am F C F Em Dm G"
    assert DRUM_BANK == 128 and Chord("", 0, 1, 0).quality == ""
