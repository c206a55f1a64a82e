"""What parts choose from: manners that they share, notes that lead into chords, progressions for sections and loops."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from studio.document.harmony import Chord, Key
from studio.document.recipes import Request
from studio.engine.music.composer.choosing import VARIATION, fitting, manner_of
from studio.engine.music.composer.compose import Composition, compose
from studio.engine.music.composer.progressions import choose_progression
from studio.engine.music.genres.genre import Genre, Progression, Rhythm
from studio.engine.music.genres.reading import SHIPPED, check_genre, read_genre
from studio.errors import StudioError

HOUSE = read_genre(SHIPPED / "house.toml")
SALSA = read_genre(SHIPPED / "salsa.toml")
BAR = 4 * 960
TWO_CHORDS = (Chord("a", 0, 2 * BAR, 9, "m"), Chord("b", 2 * BAR, 2 * BAR, 2, "m"))


def written(song: Composition, part: str) -> list[tuple[int, int]]:
    """Start as written and pitch."""
    found = ((p.start + note.start - note.shift, note.pitch) for p in song.part(part) for note in p.notes)
    return sorted(found)


def composed(genre: Genre, bars: int = 4, seed: int = 1) -> Composition:
    return compose(genre, Request(genre.id, 120.0, bars, 9, "minor", seed=seed, humanise=0.0), TWO_CHORDS)


def with_bass(line: str) -> Genre:
    return replace(HOUSE, bass=replace(HOUSE.bass, rhythms=(Rhythm(line=line),), lock=0.0, glide=0.0))


def with_chords(line: str, **given: object) -> Genre:
    chords = replace(HOUSE.chords, rhythms=(Rhythm(line=line),), voicing="triad", **given)
    return replace(HOUSE, chords=chords)


def test_all_parts_keep_to_the_side_of_the_clave() -> None:
    three_first = {0, 3, 6}
    sides = set()
    for seed in range(1, 13):
        song = compose(SALSA, Request("salsa", 180.0, 8, 9, "minor", seed=seed))
        clave = {start // 480 for start, pitch in written(song, "percussion") if pitch == 75 and start < BAR}
        side = "3-2" if clave == three_first else "2-3"
        assert manner_of(SALSA, seed) == side
        sides.add(side)
    assert sides == {"2-3", "3-2"}


def test_a_manner_stays_when_only_what_bars_decide_is_drawn_anew() -> None:
    assert all(manner_of(SALSA, seed) == manner_of(SALSA, seed + VARIATION) for seed in range(20))
    assert manner_of(HOUSE, 1) == ""


def test_a_manner_that_a_genre_does_not_have_is_refused() -> None:
    strange = replace(HOUSE, bass=replace(HOUSE.bass, rhythms=(Rhythm(line="r...", manner="sideways"),)))
    with pytest.raises(StudioError, match="sideways"):
        check_genre(strange)


def test_what_names_another_manner_is_left_out() -> None:
    choices = [Rhythm(line="r...", name="any"), Rhythm(line="r...", name="dub", manner="dub")]
    assert [one.name for one in fitting(choices, "loop", 0.5, "acid")] == ["any"]
    assert [one.name for one in fitting(choices, "loop", 0.5, "dub")] == ["any", "dub"]


def test_a_leading_bass_note_takes_the_chord_it_leads_into_and_no_later_one() -> None:
    classes = {start: pitch % 12 for start, pitch in written(composed(with_bass("r-----------n---")), "bass")}
    assert classes[BAR - 960] == 9, "the chord stays over this bar line"
    assert classes[2 * BAR - 960] == 2, "the next chord begins here"
    assert classes[4 * BAR - 960] == 9, "the loop comes round"


def test_a_fifth_and_an_octave_stand_above_the_root() -> None:
    tones = [pitch for _, pitch in written(composed(with_bass("r...5...8...r...")), "bass")][:4]
    assert [pitch - tones[0] for pitch in tones] == [0, 7, 12, 0]


def test_single_tones_are_doubled_and_strokes_of_all_are_not() -> None:
    tones = written(composed(with_chords("1.......x.......", octaves=True)), "chords")
    first, struck = (
        [pitch for start, pitch in tones if start == 0],
        [pitch for start, pitch in tones if start == BAR // 2],
    )
    assert first == [struck[0], struck[0] + 12]
    assert len(struck) == 3


def test_an_upstroke_begins_with_the_highest_string() -> None:
    tones = written(composed(with_chords("x-------u-------", strum_ms=40.0)), "chords")
    down = [pitch for start, pitch in tones if start < BAR // 2]
    up = [pitch for start, pitch in tones if BAR // 2 <= start < BAR]
    assert down == sorted(down)
    assert up == sorted(down[1:], reverse=True)


def test_progressions_of_a_section_are_mixed_with_those_for_any_and_a_loop_takes_all() -> None:
    own, other, any_ = (
        Progression(chords="i", name="own", sections=("chorus",)),
        Progression(chords="iv", name="other", sections=("bridge",)),
        Progression(chords="VI", name="any"),
    )
    genre = replace(HOUSE, progressions=(own, other, any_))

    def chosen(kind: str) -> set[str]:
        return {choose_progression(genre, seed, Key(0, 9, "minor"), kind, 0.7).name for seed in range(40)}

    assert chosen("chorus") == {"own", "any"}
    assert chosen("verse") == {"any"}
    assert chosen("loop") == {"own", "other", "any"}
