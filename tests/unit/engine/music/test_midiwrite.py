"""Writing MIDI files: what was written is read back to the tick, by us and by an independent reader."""

from __future__ import annotations

from pathlib import Path

import mido
import pretty_midi
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from notesongs import clips_of, note_song, note_values, steady_values
from studio.actions.producing import produce
from studio.document.document import Document
from studio.document.edits import clips, harmony, song, tracks
from studio.document.edits import notes as edits
from studio.document.edits.lyrics import tidy
from studio.document.edits.timing import Grid, humanise, quantise
from studio.document.harmony import Chord
from studio.document.instruments import DRUM_BANK, Instrument
from studio.document.notes import Bend, Controller, Note, Program
from studio.document.project import Marker, Project, Section, new_project
from studio.document.sounding import track_controls, track_notes
from studio.engine.music.genres.reading import load_genres
from studio.engine.music.midievents import MidiError
from studio.engine.music.midifile import MidiTrack, read_midi
from studio.engine.music.midiwrite import write_midi
from studio.engine.music.requests import Wishes, make_request

BAR = 3840


def add_track(document: Document, name: str, instrument: Instrument, notes: list[Note], points: list = []) -> None:  # noqa: B006
    track = tracks.fresh_track(document.project, name, "instrument", instrument=instrument)
    document.apply(tracks.add_tracks((track,)))
    clip = edits.make_note_clip(name, 0, 64 * BAR, notes, points)
    document.apply(clips.add_clips(track.id, (clip,)))


def sounding(project: Project) -> list[list[tuple[int, int, int, int]]]:
    """(start, end, pitch, velocity) of each instrument track, in order."""
    return [
        sorted((p.start, p.end, p.pitch, p.velocity) for p in track_notes(track))
        for track in project.tracks
        if track.kind == "instrument"
    ]


def read_notes(made: MidiTrack) -> list[tuple[int, int, int, int]]:
    return sorted((n.start, n.start + n.length, n.pitch, n.velocity) for n in made.notes)


songs = st.lists(
    st.tuples(
        st.lists(note_values.map(lambda v: (abs(v[0]), *v[1:])), max_size=20),
        st.lists(steady_values, max_size=6),
        st.integers(0, 127),
        st.sampled_from([0, 3, 121, DRUM_BANK]),
    ),
    min_size=1,
    max_size=20,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(songs)
def test_what_is_written_is_read_to_the_tick(tmp_path: Path, drawn: list) -> None:
    document = note_song([], [])
    document.apply(tracks.remove_tracks((document.project.tracks[0].id,)))
    for row, (values, points, program, bank) in enumerate(drawn):
        notes = [Note(f"n{n:03}", *value) for n, value in enumerate(values)]
        add_track(document, f"Part {row}", Instrument(program=program, bank=bank), notes, points)
    out = tmp_path / "out.mid"
    write_midi(document.project, out)
    read = read_midi(out)
    assert read.notices == ()
    assert [made.name for made in read.tracks] == [f"Part {row}" for row in range(len(drawn))]
    assert [(made.program, made.bank) for made in read.tracks] == [(p, b) for _, _, p, b in drawn]
    assert [read_notes(made) for made in read.tracks] == sounding(document.project)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(songs.map(lambda drawn: drawn[:5]))
def test_an_independent_reader_finds_the_same_notes(tmp_path: Path, drawn: list) -> None:
    document = note_song([], [])
    document.apply(tracks.remove_tracks((document.project.tracks[0].id,)))
    for row, (values, _, program, bank) in enumerate(drawn):
        notes = [Note(f"n{n:03}", *value) for n, value in enumerate(values)]
        add_track(document, f"Part {row}", Instrument(program=program, bank=bank), notes)
    document.apply(song.set_tempo(0, 97.0))
    out = tmp_path / "out.mid"
    write_midi(document.project, out)
    other = pretty_midi.PrettyMIDI(str(out))
    for row, wanted in enumerate(sounding(document.project)):
        theirs = [one for one in other.instruments if one.name == f"Part {row}"]
        found = sorted(
            (other.time_to_tick(n.start), other.time_to_tick(n.end), n.pitch, n.velocity)
            for one in theirs
            for n in one.notes
        )
        assert found == wanted
        assert {(one.program, one.is_drum) for one in theirs} <= {(drawn[row][2], drawn[row][3] == DRUM_BANK)}


def full_song() -> Document:
    """A song with everything a MIDI file can hold."""
    document = note_song([Note("a", 0, 960, 60), Note("b", 480, 960, 60)], [Controller(0, 64, 127), Bend(10, -300)])
    document.apply(song.sequence("", [song.set_tempo(0, 120.0), song.set_tempo(2 * BAR, 90.0)]))
    document.apply(song.set_signature(2 * BAR, 6, 8))
    document.apply(harmony.set_key(0, 9, "minor"))
    document.apply(harmony.set_key(BAR, 10, "major"))
    document.apply(song.put_section(Section("s", 0, "Strophe – ä", 2 * BAR)))
    document.apply(song.put_marker(Marker("m", 960, "Here")))
    document.apply(harmony.put_chord(Chord("c1", 0, BAR, 9, "m7", symbol="Am7")))
    document.apply(harmony.put_chord(Chord("c2", BAR, BAR, 2, "", 6)))
    document.apply(harmony.put_chord(Chord("c3", 3 * BAR, BAR, 5)))
    return document


def test_maps_markers_keys_and_chords_come_back(tmp_path: Path) -> None:
    project = full_song().project
    write_midi(project, tmp_path / "a.mid")
    read = read_midi(tmp_path / "a.mid")
    assert read.name == project.name
    assert read.tempo == project.tempo
    assert read.signatures == project.signatures
    assert read.keys == project.keys
    assert [(m.tick, m.text) for m in read.markers] == [(0, "Strophe – ä"), (960, "Here")]
    assert [(c.start, c.length, c.root, c.quality, c.bass) for c in read.chords] == [
        (c.start, c.length, c.root, c.quality, c.bass) for c in project.chords
    ]
    other = pretty_midi.PrettyMIDI(str(tmp_path / "a.mid"))
    times, tempi = other.get_tempo_changes()
    assert list(tempi) == [120.0, pytest.approx(90.0, rel=1e-5)]
    assert list(times) == [0.0, 4.0]
    assert [(s.numerator, s.denominator) for s in other.time_signature_changes] == [(4, 4), (6, 8)]
    assert [pretty_midi.key_number_to_key_name(key.key_number) for key in other.key_signature_changes] == [
        "A minor",
        "Bb Major",
    ]


def test_controls_come_back(tmp_path: Path) -> None:
    document = full_song()
    track = document.project.tracks[0]
    document.apply(tracks.set_instrument(track.id, Instrument(program=5, bank=3)))
    write_midi(document.project, tmp_path / "a.mid")
    (made,) = read_midi(tmp_path / "a.mid").tracks
    assert list(made.controls) == track_controls(document.project.tracks[0])
    assert (made.program, made.bank) == (5, 3)


def test_programs_in_the_middle_come_back(tmp_path: Path) -> None:
    document = note_song([Note("a", 0, 10, 60)], [Program(50, 7, 2), Program(90, 8, 0)], anchor=0)
    write_midi(document.project, tmp_path / "a.mid")
    (made,) = read_midi(tmp_path / "a.mid").tracks
    assert made.controls == (Program(50, 7, 2), Program(90, 8, 0))


def test_patterns_windows_and_mutes_are_written_as_they_sound(tmp_path: Path) -> None:
    document = note_song(
        [Note("a", 0, 100, 60), Note("m", 5, 5, 61, muted=True)], [], anchor=0, ticks=2 * BAR, loop=960
    )
    document.apply(edits.set_transpose(clips_of(document)[0].id, 2))
    write_midi(document.project, tmp_path / "a.mid")
    (made,) = read_midi(tmp_path / "a.mid").tracks
    assert read_notes(made) == [(n * 960, n * 960 + 100, 62, 96) for n in range(8)]


def test_feel_can_be_left_out(tmp_path: Path) -> None:
    document = note_song([Note(f"n{n}", n * 480, 100, 60, 80) for n in range(8)], [], anchor=0)
    clip = clips_of(document)[0].id
    document.apply(quantise(clip, None, Grid(480, swing=0.62)))
    document.apply(humanise(clip, None, 20, 20, seed=1))
    write_midi(document.project, tmp_path / "felt.mid")
    write_midi(document.project, tmp_path / "straight.mid", straight_notes=True)
    felt, plain = (read_midi(tmp_path / f"{name}.mid").tracks[0] for name in ("felt", "straight"))
    assert read_notes(felt) == sounding(document.project)[0]
    assert read_notes(plain) == [(n * 480, n * 480 + 100, 60, 80) for n in range(8)]
    assert read_notes(felt) != read_notes(plain)


def test_a_ramp_is_written_in_small_steps(tmp_path: Path) -> None:
    document = note_song([Note("a", 0, 10, 60)], [], anchor=4 * BAR)
    document.apply(song.sequence("", [song.set_tempo(0, 60.0, ramp=True), song.set_tempo(4 * BAR, 120.0)]))
    write_midi(document.project, tmp_path / "a.mid")
    other = pretty_midi.PrettyMIDI(str(tmp_path / "a.mid"))
    exact = float(document.project.time.seconds_of(4 * BAR)[0])
    assert abs(other.instruments[0].notes[0].start - exact) < 0.001


def test_more_than_fifteen_tracks_take_another_port(tmp_path: Path) -> None:
    document = note_song([], [])
    for n in range(16):
        add_track(document, f"T{n}", Instrument(program=n), [Note("a", 0, 10, n)])
    write_midi(document.project, tmp_path / "a.mid")
    file = mido.MidiFile(tmp_path / "a.mid")
    assert file.type == 1
    ports = [[m.port for m in track if m.type == "midi_port"] for track in file.tracks[1:]]
    assert ports == [[]] * 15 + [[1], [1]]
    channels = [{m.channel for m in track if m.type == "note_on"} for track in file.tracks[2:]]
    assert {9} not in channels


def test_what_lies_before_the_song_is_cut(tmp_path: Path) -> None:
    document = note_song([Note("a", 0, 100, 60), Note("b", 90, 100, 62)], [Controller(0, 7, 3)], anchor=-110)
    write_midi(document.project, tmp_path / "a.mid")
    (made,) = read_midi(tmp_path / "a.mid").tracks
    assert read_notes(made) == [(0, 80, 62, 96)]
    assert made.controls == (Controller(0, 7, 3),)


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    project = full_song().project
    with pytest.raises(MidiError, match="could not be written"):
        write_midi(project, tmp_path / "nowhere" / "a.mid")
    written = write_midi(project, tmp_path / "a.mid")
    assert (written.tracks, written.notes) == (1, 2)
    assert [file.name for file in tmp_path.iterdir()] == ["a.mid"]


def test_a_song_of_more_than_a_day_is_refused(tmp_path: Path) -> None:
    document = note_song([Note("a", 0, 100, 60)], [], anchor=2**40)
    with pytest.raises(MidiError, match="longer than a day"):
        write_midi(document.project, tmp_path / "a.mid")
    assert list(tmp_path.iterdir()) == []


def test_names_that_are_no_unicode_are_written(tmp_path: Path) -> None:
    document = note_song([Note("a", 0, 10, 60)], [])
    project = replace(document.project, name="a\ud800b")
    write_midi(project, tmp_path / "a.mid")
    assert read_midi(tmp_path / "a.mid").name == "a?b"


lyric_songs = st.lists(
    st.tuples(
        st.integers(0, 400), st.integers(30, 90), st.text(st.characters(codec="utf-8", categories=("L", "P", "Zs")))
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda drawn: drawn[0],
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lyric_songs)
def test_syllables_come_back_on_their_notes(tmp_path: Path, drawn: list) -> None:
    document = note_song([], [])
    document.apply(tracks.remove_tracks((document.project.tracks[0].id,)))
    add_track(document, "Chords", Instrument(), [Note(f"c{n}", n * BAR, BAR, 40) for n in range(30)])
    notes = [Note(f"n{n:03}", at * 240, 200, pitch, text=tidy(text)) for n, (at, pitch, text) in enumerate(drawn)]
    add_track(document, "Voice", Instrument(program=53), notes)
    out = tmp_path / "out.mid"
    write_midi(document.project, out)
    wanted = sorted((note.start, note.text) for note in notes if note.text)
    chords, voice = read_midi(out).tracks
    assert [(note.start, note.text) for note in voice.notes if note.text] == wanted
    assert not any(note.text for note in chords.notes)
    at, found = 0, []
    for message in mido.MidiFile(out, charset="utf-8").tracks[2]:
        at += message.time
        found += [(at, message.text)] if message.type == "lyrics" else []
    assert found == wanted, "another reader finds other words"


def test_the_studio_s_own_instruments_are_named_for_other_programs(tmp_path: Path) -> None:
    genre = load_genres().find("house")
    project = new_project("Song")
    song = produce(project, genre, make_request(genre, Wishes(bars=1)), 0, False).edit.change(project)
    write_midi(song, tmp_path / "song.mid")
    read = pretty_midi.PrettyMIDI(str(tmp_path / "song.mid"))
    by_name = {instrument.name: instrument for instrument in read.instruments}
    assert by_name["Drums"].is_drum
    assert by_name["Bass"].program in range(32, 40)
    assert not by_name["Bass"].is_drum
