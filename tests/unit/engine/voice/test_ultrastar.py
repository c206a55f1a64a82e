"""UltraStar songs: the whole one is read, the odd ones do what their names say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from studio.document.harmony import Key
from studio.engine.voice.aims import Aim, judge
from studio.engine.voice.pitchtrack import PitchTrack
from studio.engine.voice.ultrastar import looks_like_ultrastar, musical_tempo, parse_ultrastar, read_ultrastar
from studio.errors import StudioError

DATA = Path(__file__).resolve().parents[5] / "shared" / "testdata" / "ultrastar"
CASES = DATA / "txt_cornercases" / "txts"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the folder shared/testdata/ultrastar is not there")

MENDED = {
    "dash_in_lyrics": "",
    "duplicate_header_background": "#BACKGROUND is there twice",
    "duplicate_header_cover": "#COVER is there twice",
    "duplicate_header_gap": "#GAP is there twice",
    "duplicate_header_language": "#LANGUAGE is there twice",
    "duplicate_header_relative": "#RELATIVE is there twice",
    "duplicate_header_unknown": "#UNKNOWN is there twice",
    "duplicate_header_videogap": "#VIDEOGAP is there twice",
    "empty_note_text": "no text",
    "lower_case_relative": "",
    "negative_line_break": "before the song",
    "negative_start_in_lines": "before the song",
    "remote_url_as_path": "choose it by hand",
    "survive_duett_tags": "",
    "value_error_in_header_videogap": "not a number",
}
REFUSED = {
    "garbage_line": "line 7",
    "missing_essential_header": "#MP3 is missing",
    "unknown_note_type": "line 7",
    "value_error_in_header_bpm": "not a number",
}


@needs_data
@pytest.mark.parametrize("name", sorted(MENDED))
def test_odd_songs_are_mended_and_it_is_said(name: str) -> None:
    song = read_ultrastar(CASES / f"{name}.txt")
    assert song.target.notes
    assert MENDED[name] in " ".join(song.notices)
    assert bool(MENDED[name]) == bool(song.notices)


@needs_data
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_songs_that_cannot_be_sung_are_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(StudioError, match=REFUSED[name]):
        read_ultrastar(CASES / f"{name}.txt")


@needs_data
def test_every_corner_case_is_accounted_for() -> None:
    assert {file.stem for file in CASES.glob("*.txt")} == {*MENDED, *REFUSED}


@needs_data
def test_a_whole_song_is_read() -> None:
    song = read_ultrastar(next(DATA.glob("Joshua Morin*")) / "song.txt")
    assert (song.title, song.artist, song.audio) == ("On the run", "Joshua Morin", "audio.ogg")
    first = song.target.notes[0]
    assert first.start == pytest.approx(11.25)
    assert first.length == pytest.approx(3 * 15 / 297.5)
    assert first.pitch == 69
    assert song.target.lines[0].words == "So far away from home,"
    assert {note.kind for note in song.target.notes} >= {"normal", "golden"}


def test_relative_songs_count_from_their_line_breaks() -> None:
    text = "#TITLE:a\n#ARTIST:b\n#MP3:c.mp3\n#BPM:60\n#RELATIVE:yes\n: 0 2 0 la\n- 4 4\n: 1 2 0 la\nE\n"
    assert [note.start for note in parse_ultrastar(text, "x").target.notes] == pytest.approx([0.0, 1.25])


def test_other_folders_are_never_named() -> None:
    for file in ("../x.mp3", "/etc/passwd", "a/b.mp3", "..\\x.mp3", "http://x/y.mp3"):
        text = f"#TITLE:a\n#ARTIST:b\n#MP3:{file}\n#BPM:60\n: 0 2 0 la\nE\n"
        assert parse_ultrastar(text, "x").audio == ""


@pytest.mark.parametrize(
    "text", ["", "#", ":", "E", "#BPM:nan\n", "#TITLE:a\n#ARTIST:b\n#MP3:c\n#BPM:0\n: 0 1 0 a\n", "\0" * 99]
)
def test_rubbish_is_refused(text: str) -> None:
    with pytest.raises(StudioError):
        parse_ultrastar(text, "x")


def test_songs_are_told_from_other_texts() -> None:
    assert looks_like_ultrastar(b"\xef\xbb\xbf#TITLE:a\n#BPM:1")
    assert not looks_like_ultrastar(b"Dear diary,\n# today")


DUET = """#TITLE:Two
#ARTIST:Nobody
#MP3:two.ogg
#BPM:480
#GAP:500
P1
: 0 8 0 I
* 16 8 2  sing
- 40
P2
: 8 8 12 You
: 64 8 7  too
E
"""


def duet() -> Aim:
    song = parse_ultrastar(DUET, "two")
    return Aim("Two", song.target, song)


def test_each_singer_of_a_duet_has_a_part() -> None:
    first, second = (duet().of_voice(voice).target for voice in (1, 2))
    assert first is not None and second is not None
    assert [note.syllable for note in first.notes] == ["I", " sing"]
    assert [(note.start, note.pitch, note.syllable) for note in second.notes] == [
        (0.5 + 8 * 15 / 480, 72, "You"),
        (0.5 + 64 * 15 / 480, 67, " too"),
    ]
    with pytest.raises(StudioError, match="one voice"):
        Aim("One", first).of_voice(2)


def test_the_second_singer_gets_points_for_the_second_part() -> None:
    second = duet().of_voice(2).target
    assert second is not None
    hz = np.zeros(400, np.float32)
    for note in second.notes:
        hz[round(note.start / 0.008) : round(note.end / 0.008)] = 440 * 2 ** ((note.pitch - 69) / 12)
    track = PitchTrack(0.0, 0.008, hz, (hz > 0).astype(np.float32), np.full(400, -20, np.float32))
    found = [judge(track, (), duet().of_voice(voice)).karaoke for voice in (1, 2)]
    assert found[0] is not None and found[1] is not None
    assert found[1].points > 9000 > found[0].points


@pytest.mark.parametrize(("counted", "felt"), [(60, 60), (297.5, 148.75), (480, 120), (400, 100), (179, 179)])
def test_a_song_is_felt_slower_than_it_counts(counted: float, felt: float) -> None:
    assert musical_tempo(counted) == felt


def test_another_tempo_is_told_in_musical_beats() -> None:
    slow = duet().at_tempo(60.0)
    assert slow.notices == ("“Nobody – Two” has 120 beats a minute; at 60 it is 50 % as fast.",)
    assert slow.target is not None and slow.song is not None
    assert slow.target.notes[0].start == pytest.approx(1.0)
    assert slow.song.bpm == 240
    assert slow.song.voices[1].notes[0].start == pytest.approx(1.5)


def test_a_practice_moves_key_tempo_and_beginning_together() -> None:
    aim = replace(duet().moved(3.0), key=Key(0, 11, "major")).practised(2, 0.5)
    assert aim.target is not None and aim.song is not None and aim.key is not None
    assert (aim.offset, aim.target.notes[0].start, aim.target.notes[0].pitch) == (6.0, 1.0, 62)
    assert (aim.song.voices[0].notes[0].pitch, aim.song.gap, aim.key.tonic) == (62, 1.0, 1)
