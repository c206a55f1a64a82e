"""What the notes of every shipped genre promise, for a few seeds; tests/quality measures more, and by ear."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from quality import likeness, making, notes
from studio.engine.music.arranger.forms import read_form
from studio.engine.music.composer.compose import Composition, compose
from studio.engine.music.genres.genre import Genre
from studio.engine.music.genres.reading import load_genres

GENRES = load_genres().genres
SEEDS = (1, 2, 3)
ROOT = Path(__file__).resolve().parents[5]

every_genre = pytest.mark.parametrize("genre", GENRES.values(), ids=list(GENRES))


@cache
def songs(genre_id: str) -> tuple[Composition, ...]:
    genre = GENRES[genre_id]
    return tuple(compose(genre, making.request(genre, seed)) for seed in SEEDS)


def share(counts: list[tuple[int, int]]) -> float:
    return sum(some for some, _ in counts) / max(sum(whole for _, whole in counts), 1)


@every_genre
def test_voices_go_with_the_chords(genre: Genre) -> None:
    made = songs(genre.id)
    assert share([notes.clashes(song) for song in made]) <= 0.02
    assert share([notes.fitting(song, "melody") for song in made]) >= 0.95


@every_genre
def test_voices_keep_to_their_places(genre: Genre) -> None:
    made = songs(genre.id)
    assert not [note for song in made for note in notes.outside(song)]
    assert max(notes.compass(song, "melody") for song in made) <= 17
    assert share([notes.crossings(song) for song in made]) <= 0.02


@every_genre
def test_nothing_is_played_like_a_machine(genre: Genre) -> None:
    for song, part in itertools.product(songs(genre.id), ("drums", "bass", "melody")):
        if len(notes.notes_of(song, part)) >= 8:
            timing, velocity = notes.unevenness(song, part)
            assert timing > 0.5, f"{part} of seed {song.request.seed}"
            assert velocity > 1.0, f"{part} of seed {song.request.seed}"


@every_genre
def test_the_tune_moves(genre: Genre) -> None:
    made = songs(genre.id)
    assert sum(notes.repeated(song, "melody") for song in made) / len(made) < 0.5
    assert max(notes.longest_run(song, "melody") for song in made) <= 2


@every_genre
def test_seeds_are_different_music(genre: Genre) -> None:
    alike = likeness.of_seeds([making.song(genre, seed) for seed in SEEDS])
    assert sum(alike) / len(alike) < 0.5


@every_genre
def test_a_chorus_is_known_again(genre: Genre) -> None:
    form = read_form(likeness.FORM)
    again = [likeness.known_again(making.song(genre, seed, form)) for seed in SEEDS]
    assert sum(parts["melody"] for parts in again) / len(again) > 0.3
    assert min(sum(parts.values()) / len(parts) for parts in again) > 0.5


def digest() -> str:
    """Every note of every genre, as one number."""
    played = [
        (song.request.genre, note.part, note.played, note.length, note.pitch, note.velocity)
        for genre_id in GENRES
        for song in songs(genre_id)
        for note in notes.notes_of(song)
    ]
    return hashlib.sha256(repr(played).encode()).hexdigest()


def test_a_seed_is_the_same_music_in_every_process() -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT / 'tests'}"}
    done = subprocess.run(
        [sys.executable, __file__], env=environment, capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout.strip() == digest()


if __name__ == "__main__":
    print(digest())
