"""Tones held over bar lines, how songs end, and how loud sections are."""

from __future__ import annotations

from statistics import mean

from msgspec.structs import replace

from studio.document.harmony import Chord
from studio.document.notes import Note
from studio.document.recipes import Request
from studio.engine.music.arranger.forms import read_form
from studio.engine.music.composer.compose import Composition, compose
from studio.engine.music.genres.genre import Genre, Pattern, Rhythm
from studio.engine.music.genres.lines import held
from studio.engine.music.genres.reading import SHIPPED, read_genre

BAR = 3840
ROCK = read_genre(SHIPPED / "rock.toml")
PLAIN = Request("rock", 120.0, 4, 9, "minor", humanise=0.0, fills=0.0)


def with_lines(chords: str, bass: str) -> Genre:
    return replace(
        ROCK,
        chords=replace(ROCK.chords, rhythms=(Rhythm(line=chords),), strum_ms=0.0),
        bass=replace(ROCK.bass, rhythms=(Rhythm(line=bass),), lock=0.0),
    )


def notes(song: Composition, part: str) -> list[Note]:
    return [replace(note, start=passage.start + note.start) for passage in song.part(part) for note in passage.notes]


def chord(bar: int, root: int, bars: int = 1) -> Chord:
    return Chord(f"chord{bar}", bar * BAR, bars * BAR, root)


def test_a_dash_at_the_start_of_a_bar_holds_on_what_was_before() -> None:
    bars = ("x-..", "..x-", "--x.")
    assert held(bars, 0, 0, BAR, 3) == BAR // 2
    assert held(bars, 1, 2, BAR, 3) == BAR
    assert held(bars, 1, 2, BAR, 0) == BAR // 2
    assert held(("x---", "----"), 0, 0, BAR, 3) == 2 * BAR


def test_a_held_chord_and_bass_are_struck_anew_only_where_the_chord_changes() -> None:
    genre = with_lines("x--- | ---- | ---- | ----", "r--- | ---- | ---- | ----")
    song = compose(genre, PLAIN, (chord(0, 9), chord(1, 9), chord(2, 5, 2)))
    for part in ("chords", "bass"):
        assert sorted({note.start for note in notes(song, part)}) == [0, 2 * BAR]
    assert {note.pitch % 12 for note in notes(song, "bass")} == {9, 5}
    assert all(note.length > 1.5 * BAR for note in notes(song, "chords"))


def test_a_chord_that_comes_just_after_a_stroke_is_pushed() -> None:
    song = compose(with_lines("x......x | ----....", "r---"), PLAIN, (chord(0, 9), chord(1, 5), chord(2, 9, 2)))
    pushed = [note for note in notes(song, "chords") if note.start == BAR - BAR // 8]
    assert {note.pitch % 12 for note in pushed} == {5, 0}
    assert all(note.start + note.length > BAR for note in pushed)


def test_a_song_stops_on_its_last_bar_and_rings() -> None:
    song = compose(ROCK, replace(PLAIN, form=read_form("chorus:4 outro:4")))
    last = song.ticks - BAR
    for part in ("drums", "bass", "chords"):
        assert {note.start - last for note in notes(song, part) if note.start > last + 240} == set()
        assert any(abs(note.start - last) < 240 for note in notes(song, part))
    assert all(note.length > 0.8 * BAR for note in notes(song, "bass") if note.start >= last)
    assert song.chords[-1].root == PLAIN.tonic
    crash = ROCK.drums.lanes["crash"].pitch if ROCK.drums else 0
    assert crash in {note.pitch for note in notes(song, "drums") if note.start == last}


def test_a_genre_may_play_on_to_the_end_and_loops_always_do() -> None:
    on = replace(ROCK, transitions=replace(ROCK.transitions, ending="groove"))
    for song in (compose(on, replace(PLAIN, form=read_form("chorus:4 outro:4"))), compose(ROCK, PLAIN)):
        assert max(note.start for note in notes(song, "drums")) > song.ticks - BAR // 2


def test_fuller_sections_are_louder() -> None:
    assert ROCK.drums is not None
    one = replace(ROCK.drums, patterns=(Pattern(lanes={"snare": "....x.......x..."}),))
    song = compose(replace(ROCK, drums=one), replace(PLAIN, form=read_form("verse:4 chorus:4 outro:2")))
    verse, chorus = (mean(note.velocity for note in passage.notes) for passage in song.part("drums")[:2])
    assert chorus > verse + 5


def test_strokes_are_accented_plain_mild_or_ghosts() -> None:
    assert ROCK.drums is not None
    one = replace(ROCK.drums, patterns=(Pattern(lanes={"closed_hat": "Xxmo"}),))
    song = compose(replace(ROCK, drums=one), replace(PLAIN, complexity=1.0))
    velocities = [note.velocity for note in notes(song, "drums")[:4]]
    assert velocities == sorted(velocities, reverse=True)
    assert len(set(velocities)) == 4
