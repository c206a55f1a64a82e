"""Reading MIDI files: what they mean, and what becomes of those that break the rules."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midibytes import END, chunk, meta, midi, number, off, on, track
from studio.document.harmony import Key
from studio.document.notes import PRESSURE, Bend, Controller, Program
from studio.engine.music import midievents
from studio.engine.music.midievents import MidiError
from studio.engine.music.midifile import MidiSong, MidiTrack, parse_midi, read_midi
from studio.engine.music.midimaps import bpm_of, sharps_of


def read(*tracks: bytes, kind: int = 1, division: int = 480) -> MidiSong:
    return parse_midi(midi(tracks, kind, division), "title", "file.mid")


def shape(made: MidiTrack) -> list[tuple[int, int, int, int]]:
    return [(n.start, n.length, n.pitch, n.velocity) for n in made.notes]


def test_notes_come_at_960_ticks_a_quarter() -> None:
    song = read(track((0, on(60, 100)), (480, off(60)), (240, on(62, 1)), (1, bytes([0x90, 62, 0]))))
    assert shape(song.tracks[0]) == [(0, 960, 60, 100), (1440, 2, 62, 1)]
    assert (song.ticks, song.notices) == (1442, ())


@settings(deadline=None)
@given(st.integers(1, 0x7FFF), st.lists(st.integers(0, 100_000), min_size=1, max_size=20))
def test_every_division_is_rounded_exactly(division: int, ticks: list[int]) -> None:
    deltas = [b - a for a, b in zip([0, *sorted(ticks)], sorted(ticks), strict=False)]
    song = read(track(*((delta, bytes([0xB0, 1, 5])) for delta in deltas)), division=division)
    wanted = [int(Fraction(tick * 960, division) + Fraction(1, 2)) for tick in sorted(ticks)]
    assert [point.tick for point in song.tracks[0].controls] == wanted


@pytest.mark.parametrize(
    ("frames", "parts", "per_second"), [(24, 4, 96), (25, 40, 1000), (30, 80, 2400), (29, 100, 2997.002997)]
)
def test_time_in_seconds_becomes_ticks_at_120_bpm(frames: int, parts: int, per_second: float) -> None:
    division = (256 - frames) << 8 | parts
    tempo = meta(0x51, (250_000).to_bytes(3))
    song = read(track((0, tempo), (0, on(60)), (round(per_second * 10), off(60))), division=division)
    assert abs(song.tracks[0].notes[0].length - 19_200) <= 1
    assert [(point.tick, point.bpm) for point in song.tempo] == [(0, 120.0)]


def test_running_status_goes_on_after_meta_and_system_events() -> None:
    data = b"\x00\x90\x3c\x40" + b"\x60\x3c\x00" + b"\x00\xff\x01\x01x" + b"\x00\x3e\x40" + b"\x00\xf0\x02\x01\xf7"
    song = read(chunk(data + b"\x60\x3e\x00" + b"\x00" + END), division=96)
    assert [(n.pitch, n.length) for n in song.tracks[0].notes] == [(60, 960), (62, 960)]


def test_overlapping_notes_of_one_pitch_end_in_the_order_they_began() -> None:
    song = read(track((0, on(60, 10)), (100, on(60, 20)), (100, off(60)), (100, off(60)), (5, off(60))))
    assert shape(song.tracks[0]) == [(0, 400, 60, 10), (200, 400, 60, 20)]


def test_notes_of_no_length_last_a_tick_and_those_never_ended_last_to_the_end() -> None:
    song = read(track((0, on(60)), (0, off(60)), (480, on(61)), (480, on(62)), (0, bytes([0xB0, 1, 1]))))
    assert [(n.pitch, n.start, n.length) for n in song.tracks[0].notes] == [(60, 0, 1), (61, 960, 960), (62, 1920, 960)]
    assert song.notices == ("2 notes were never ended and got an end.",)


def test_all_notes_off_ends_them() -> None:
    song = read(track((0, on(60)), (0, on(64)), (480, bytes([0xB0, 123, 0])), (480, off(60))))
    assert {n.length for n in song.tracks[0].notes} == {960}
    assert song.tracks[0].controls == ()


def test_a_channel_of_a_chunk_is_a_track() -> None:
    both = track((0, on(60)), (0, on(36, 90, 9)), (480, off(60)), (0, off(36, 9)))
    song = read(both, kind=0)
    assert [(t.name, t.channel, t.bank, len(t.notes)) for t in song.tracks] == [
        ("Channel 1", 0, 0, 1),
        ("Drums", 9, 128, 1),
    ]
    named = read(track((0, meta(3, b"Bass")), (0, on(60, 5, 2)), (9, off(60, 2))))
    assert [(t.name, t.channel) for t in named.tracks] == [("Bass", 2)]


def test_programs_and_banks() -> None:
    song = read(
        track(
            (0, bytes([0xB0, 0, 3])),
            (0, bytes([0xB0, 32, 1])),
            (0, bytes([0xC0, 33])),
            (480, on(40)),
            (480, off(40)),
            (0, bytes([0xC0, 34])),
        ),
        track((0, bytes([0xC9, 25])), (0, on(36, 64, 9)), (5, off(36, 9))),
        track((0, bytes([0xB1, 0, 127])), (0, bytes([0xC1, 8])), (0, on(36, 64, 1)), (5, off(36, 1))),
    )
    assert [(t.program, t.bank) for t in song.tracks] == [(33, 3 + 128), (25, 128), (8, 128)]
    assert song.tracks[0].controls == (Program(1920, 34, 131),)


def test_controllers_pressure_and_bend() -> None:
    song = read(
        track(
            (0, bytes([0xB0, 64, 127])),
            (1, bytes([0xD0, 9])),
            (1, bytes([0xE0, 0, 64])),
            (1, bytes([0xE0, 0x7F, 0x7F])),
            (1, bytes([0xA0, 60, 1])),
        )
    )
    assert song.tracks[0].controls == (Controller(0, 64, 127), Controller(2, PRESSURE, 9), Bend(4, 0), Bend(6, 8191))
    assert song.notices == ("1 message of polyphonic aftertouch left out.",)


def test_the_maps_of_the_song() -> None:
    song = read(
        track(
            (0, meta(3, b"My song")),
            (0, meta(0x51, (491_803).to_bytes(3))),
            (0, meta(0x58, b"\x03\x02\x18\x08")),
            (0, meta(0x59, b"\xfd\x01")),
            (3 * 480, meta(0x58, b"\x06\x03\x18\x08")),
            (3 * 480, meta(0x51, (1_000_000).to_bytes(3))),
            (0, meta(6, b"Verse")),
            (0, meta(6, b"[Am7/G]")),
            (480, meta(6, b"[F]")),
            (480, meta(6, b"[N.C.]")),
            (0, meta(7, b"[not a chord]")),
            (0, meta(5, b"la ")),
        ),
        track((0, on(60)), (480, off(60))),
    )
    assert song.name == "My song"
    assert [(p.tick, p.bpm) for p in song.tempo] == [(0, 122.0), (5760, 60.0)]
    assert [(s.tick, s.numerator, s.denominator) for s in song.signatures] == [(0, 3, 4), (2880, 6, 8)]
    assert song.keys == (Key(0, 0, "minor"),)
    assert [(m.tick, m.text) for m in song.markers] == [(5760, "Verse"), (7680, "[not a chord]")]
    assert [(c.start, c.length, c.root, c.quality, c.bass) for c in song.chords] == [
        (5760, 960, 9, "m7", 7),
        (6720, 960, 5, "", None),
    ]
    assert [(w.tick, w.text) for w in song.lyrics] == [(7680, "la ")]


def test_signatures_that_do_not_fit_are_moved_and_said() -> None:
    song = read(track((100, meta(0x58, b"\x03\x02\x18\x08")), (0, meta(0x58, b"\x00\x02\x18\x08"))))
    assert [(s.tick, s.numerator) for s in song.signatures] == [(0, 4), (3840, 3)]
    assert len(song.notices) == 1
    song = read(track((0, meta(0x51, b"\x00\x00\x01"))))
    assert song.tempo[0].bpm == 999.0
    assert "tempo" in song.notices[0]


def test_patterns_of_type_2_follow_each_other_on_bars() -> None:
    one = track((0, meta(0x51, (1_000_000).to_bytes(3))), (0, on(60)), (481, off(60)))
    song = read(one, track((0, on(62)), (480, off(62))), kind=2)
    assert [t.notes[0].start for t in song.tracks] == [0, 3840]
    assert [(p.tick, p.bpm) for p in song.tempo] == [(0, 60.0), (3840, 120.0)]


def test_texts_of_any_coding_become_one_line() -> None:
    for raw, wanted in [
        ("Größe".encode(), "Größe"),
        ("Größe".encode("latin-1"), "Größe"),
        (b"a\x00b\nc\x1b[31m", "a b c [31m"),
        (b"x" * 5000, "x" * 200),
    ]:
        song = read(track((0, meta(3, raw)), (0, on(60)), (5, off(60))))
        assert song.tracks[0].name == wanted


def test_unknown_chunks_wrong_counts_and_a_riff_around_it_are_no_trouble() -> None:
    notes = track((0, on(60)), (480, off(60)))
    plain = midi([chunk(b"\xff" * 99, b"XFIH"), notes], claimed=7)
    assert len(parse_midi(plain, "t", "f").tracks) == 1
    riff = b"RIFF" + (len(plain) + 12).to_bytes(4, "little") + b"RMIDdata" + len(plain).to_bytes(4, "little") + plain
    assert len(parse_midi(riff, "t", "f").tracks) == 1


def test_what_is_damaged_is_kept_up_to_there() -> None:
    good = b"\x00" + on(60) + b"\x60" + off(60)
    for bad in (b"\x00\xf4\x01", b"\x00\x90", b"\xff\xff\xff\xff\xff\x00", b"\x00\xff\x01\x7fshort"):
        song = parse_midi(midi([chunk(good + bad)], division=96), "t", "f.mid")
        assert shape(song.tracks[0]) == [(0, 960, 60, 64)]
        assert song.notices == ("Track 1 of “f.mid” is damaged; what comes before is kept.",)
    cut = parse_midi(midi([chunk(good, length=5000)], division=96), "t", "f.mid")
    assert "cut off" in cut.notices[0]
    assert len(cut.tracks[0].notes) == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is not a MIDI file"),
        (b"MThd", "is not a MIDI file"),
        (b"\x89PNG" + bytes(99), "is not a MIDI file"),
        (midi([], kind=3), "type 3"),
        (midi([], division=0), "how long its beats are"),
        (midi([], division=0x8000), "does not exist"),
        (midi([], division=(256 - 25) << 8), "does not exist"),
        (midi([track((0, on(60)), *((0x0FFFFFFF, off(60)) for _ in range(8)))]), "longer than a day"),
        (midi([chunk(b"")] * 2001), "tracks"),
    ],
)
def test_what_is_refused_gets_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(MidiError, match=sentence) as refused:
        parse_midi(data, "title", "odd.mid")
    assert str(refused.value).startswith("“odd.mid”")
    assert str(refused.value).endswith(".")


def test_an_end_two_to_the_31_ticks_away_means_nothing() -> None:
    far = b"".join(number(0x0FFFFFFF) + meta(1, b"") for _ in range(8))
    song = read(chunk(b"\x00" + on(60) + number(480) + off(60) + far + b"\x00" + END))
    assert (song.ticks, len(song.tracks[0].notes)) == (960, 1)


def test_bounds_of_size_and_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    big = tmp_path / "big.mid"
    with big.open("wb") as file:
        file.write(midi([]))
        file.truncate(midievents.MAX_BYTES + 5)
    with pytest.raises(MidiError, match="larger than 32 MB"):
        read_midi(big)
    with pytest.raises(MidiError, match="cannot be read"):
        read_midi(tmp_path / "nothing.mid")
    monkeypatch.setattr(midievents, "MAX_EVENTS", 70_000)
    many = chunk(b"\x00\x90\x3c\x40" + b"\x00\x3c\x40" * 140_000)
    with pytest.raises(MidiError, match="too many"):
        read(many)


def test_bytes_that_never_end_cost_no_time() -> None:
    """A megabyte of continued numbers: a reader that builds them takes minutes."""
    song = read(chunk(b"\xff" * 1_000_000), chunk(b"\x00\x90" + b"\xff" * 1_000_000))
    assert [notice for notice in song.notices if "damaged" in notice] == list(song.notices[:2])


@given(st.floats(10, 999))
def test_tempi_come_back_as_they_were_written(bpm: float) -> None:
    written = round(60_000_000 / bpm)
    assert round(60_000_000 / bpm_of(written)) == written
    assert bpm_of(round(60_000_000 / round(bpm, 1))) == round(bpm, 1) or bpm > 300


@pytest.mark.parametrize("sharps", range(-5, 7))
@pytest.mark.parametrize("minor", [0, 1])
def test_keys_are_written_as_they_are_read(sharps: int, minor: int) -> None:
    (key,) = read(track((0, meta(0x59, bytes([sharps & 0xFF, minor]))))).keys
    assert sharps_of(key) == (sharps, bool(minor))


def test_every_odd_file_opens_or_says_why_not(testdata: Path) -> None:
    files = {file.name: file for file in sorted((testdata / "midi_odd").rglob("*.mid"))}
    assert len(files) > 50
    refused = set()
    for name, file in files.items():
        try:
            song = read_midi(file)
        except MidiError as error:
            assert str(error).startswith(f"“{name}” ")
            refused.add(name)
        else:
            assert all(note.length > 0 for made in song.tracks for note in made.notes), name
    assert refused == {"test-empty-file.mid", "test-not-a-midi-file.mid"}
    scales = ("c-major-scale", "running-status-sysex", "running-status-metaevent", "non-midi-track")
    for name in scales:
        song = read_midi(files[f"test-{name}.mid"])
        assert [n.pitch for n in song.tracks[0].notes] == [60, 62, 64, 65, 67, 69, 71, 72], name


def test_the_karaoke_file_sings(testdata: Path) -> None:
    song = read_midi(next((testdata / "midi_odd").rglob("test-karaoke-kar.mid")))
    assert "".join(word.text for word in song.lyrics).startswith("Mary was a little lame,")


def test_words_of_a_karaoke_file_are_on_its_melody(testdata: Path) -> None:
    song = read_midi(next((testdata / "midi_odd").rglob("test-karaoke-kar.mid")))
    assert "".join(note.text for made in song.tracks for note in made.notes) == "".join(w.text for w in song.lyrics)


def test_lyrics_of_another_track_go_to_the_part_that_sings() -> None:
    words = track((0, meta(5, b"Sing ")), (480, meta(5, b"a ")), (240, meta(5, b"loud ")), (240, meta(5, b"song")))
    chords = track((0, on(40, channel=1)), (960, off(40, 1)), end=4000)
    melody = track((5, on(60)), (0, on(72)), (400, off(60)), (0, off(72)), (75, on(62)), (480, off(62)), (0, on(64)),
                   (100, off(64)))  # fmt: skip
    song = read(words, chords, melody)
    assert [[note.text for note in made.notes] for made in song.tracks] == [[""], ["", "Sing ", "a loud ", "song"]]
    assert song.notices == ("1 syllable of the lyrics had no note and went to the one before.",)


def test_lyrics_without_a_part_that_could_sing_are_said() -> None:
    drums = track((0, on(36, channel=9)), (480, off(36, 9)))
    song = read(track((0, meta(5, b"Boom"))), drums)
    assert song.notices == ("The lyrics were left out: there is no part with notes that could sing them.",)
