"""UltraStar songs: the whole one is read, the odd ones do what their names say."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.engine.voice.ultrastar import looks_like_ultrastar, parse_ultrastar, read_ultrastar
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
