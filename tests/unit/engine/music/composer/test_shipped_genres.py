"""Every genre that ships can be composed in, in all it offers and at the ends of what may be asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio.document.harmony import chord_at
from studio.document.recipes import Request
from studio.engine.audio.instruments.drumsounds import DRUMS
from studio.engine.music.arranger.forms import read_form
from studio.engine.music.composer.compose import Composition, compose
from studio.engine.music.genres.genre import Genre
from studio.engine.music.genres.lines import signature_of
from studio.engine.music.genres.reading import SHIPPED, load_genres, read_genre
from studio.engine.music.harmony.symbols import tones

FILES = sorted(SHIPPED.glob("*.toml"))
GENRES = [read_genre(file) for file in FILES]
NAMED = {"argvalues": GENRES, "ids": [genre.id for genre in GENRES]}


def request(genre: Genre, signature: str = "4/4", **given: object) -> Request:
    parsed = signature_of(signature)
    mode = next(iter(genre.modes))
    plain: dict[str, object] = {"bars": 8, "tonic": 9, "mode": mode, "complexity": 0.5, "seed": 3, **given}
    return Request(genre.id, genre.tempo.default, numerator=parsed.numerator, denominator=parsed.denominator, **plain)  # type: ignore[arg-type]


def played(song: Composition, *parts: str) -> Iterator[tuple[int, int, int, int]]:
    """Start as written, length, pitch and velocity of every note, ticks from the first bar."""
    for passage in song.passages:
        for note in passage.notes if passage.part in parts or not parts else ():
            yield passage.start + note.start - note.shift, note.length, note.pitch, note.velocity


def check(song: Composition) -> None:
    """Sections, chords and notes lie where they may, and everything has an id of its own."""
    ids = [note.id for passage in song.passages for note in passage.notes]
    assert len(ids) == len(set(ids))
    assert sum(section.bars for section in song.sections) * song.request.bar_ticks == song.ticks
    assert song.chords[0].start == 0
    ends = [chord.start + chord.length for chord in song.chords]
    assert ends == [*(chord.start for chord in song.chords[1:]), song.ticks]
    for passage in song.passages:
        for note in passage.notes:
            assert 0 <= note.start < note.start + note.length <= passage.ticks
            assert 0 <= note.pitch <= 127
            assert 1 <= note.velocity <= 127
        starts = [control.tick for control in passage.controls]
        assert all(0 <= tick < passage.ticks for tick in starts)


def test_every_file_is_a_genre_of_its_own_name() -> None:
    assert [genre.id for genre in GENRES] == [file.stem for file in FILES]
    assert load_genres().refused == ()
    words = [word.casefold() for genre in GENRES for word in {genre.id, genre.name.casefold(), *genre.words}]
    assert len(words) == len(set(words)), "two genres go by one word"


@pytest.mark.parametrize("genre", **NAMED)
@pytest.mark.parametrize("complexity", [0.0, 0.5, 1.0])
def test_plays_in_every_signature_and_mode(genre: Genre, complexity: float) -> None:
    for signature in genre.signatures:
        for mode in genre.modes:
            song = compose(genre, request(genre, signature, mode=mode, complexity=complexity))
            check(song)
            wanted = {"chords", "bass", "melody"} | ({"drums"} if genre.drums else set())
            assert {passage.part for passage in song.passages} >= wanted


@pytest.mark.parametrize("genre", **NAMED)
@pytest.mark.parametrize("bars", [1, 2, 7, 64])
def test_plays_loops_of_any_length(genre: Genre, bars: int) -> None:
    song = compose(genre, request(genre, bars=bars))
    check(song)
    assert song.sections[0].bars == bars


@pytest.mark.parametrize("genre", **NAMED)
def test_plays_its_forms_and_odd_ones(genre: Genre) -> None:
    for form in genre.forms:
        sections = read_form(form.sections)
        assert 24 <= sum(part.bars for part in sections) <= 100
        check(compose(genre, request(genre, form=sections)))
    check(compose(genre, request(genre, form=read_form("verse:1 chorus:1 drop:3 solo:5 outro:1"))))


@pytest.mark.parametrize("genre", **NAMED)
def test_same_request_gives_the_same_notes_and_another_seed_others(genre: Genre) -> None:
    def notes(seed: int) -> list[tuple[int, int, int, int]]:
        return sorted(played(compose(genre, request(genre, seed=seed))))

    def tune(seed: int) -> set[tuple[int, int]]:
        song = compose(genre, request(genre, seed=seed))
        return {(start, pitch) for start, _, pitch, _ in played(song, "chords", "bass", "melody")}

    assert notes(5) == notes(5)
    shared = [len(tune(1) & tune(seed)) / len(tune(1) | tune(seed)) for seed in range(2, 10)]
    assert sum(shared) / len(shared) < 0.5


@pytest.mark.parametrize("genre", **NAMED)
def test_tune_is_singable_and_stands_on_chord_tones_where_it_counts(genre: Genre) -> None:
    strong, settled = 0, 0
    for signature in genre.signatures:
        for seed in range(1, 7):
            song = compose(genre, request(genre, signature, seed=seed, bars=16))
            pitches = [pitch for _, _, pitch, _ in played(song, "melody")]
            assert max(pitches) - min(pitches) <= 17
            assert len(set(pitches)) >= 3
            for start, _, pitch, _ in played(song, "melody"):
                if start % song.request.bar_ticks == 0:
                    chord = chord_at(song.chords, start)
                    assert chord is not None
                    strong += 1
                    settled += (pitch - chord.root) % 12 in {tone % 12 for tone in tones(chord)}
    assert settled >= 0.95 * strong


@pytest.mark.parametrize("genre", **NAMED)
def test_parts_keep_to_their_ranges(genre: Genre) -> None:
    song = compose(genre, request(genre, complexity=1.0, bars=16))
    for part, kind in (("chords", genre.chords), ("bass", genre.bass), ("melody", genre.melody)):
        pitches = [pitch for _, _, pitch, _ in played(song, part)]
        above = 12 if part == "chords" else 2
        assert kind.low - 2 <= min(pitches) <= max(pitches) <= kind.high + above


@pytest.mark.parametrize("genre", **NAMED)
def test_drum_machines_have_every_drum_that_is_played(genre: Genre) -> None:
    for part, drums in (("drums", genre.drums), ("percussion", genre.percussion)):
        if drums is not None and genre.sounds[part].kind == "drums":
            assert {lane.pitch for lane in drums.lanes.values()} <= DRUMS.keys()
