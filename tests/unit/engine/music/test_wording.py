"""Plain words: what they are taken for is listed, and what means nothing is listed too."""

from __future__ import annotations

import pytest

from studio.document.recipes import PARTS
from studio.engine.music.arranger.forms import write_form
from studio.engine.music.genres.reading import load_genres
from studio.engine.music.wording import understand

CATALOGUE = load_genres()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("house beat at 124 in A minor, 8 bars", {"bpm": 124.0, "bars": 8, "tonic": 9, "mode": "minor"}),
        ("dark house 126 16 bars with sparse hats", {"bpm": 126.0, "bars": 16, "mode": "minor", "complexity": 0.15}),
        ("Deep House in F# dorian", {"tonic": 6, "mode": "dorian"}),
        ("club track in Bbm, 120 BPM, eight bars", {"tonic": 10, "mode": "minor", "bpm": 120.0, "bars": 8}),
        ("fast house, no bass, many fills", {"bpm": 130.0, "without": "bass", "fills": 0.85}),
        ("swung house, only drums and bass, seed 7", {"swing": 60.0, "parts": ("drums", "bass"), "seed": 7}),
        ("house intro:4 verse:8 drop:8", {"form": 3}),
        ("happy edm in 4/4", {"mode": "major", "signature": "4/4"}),
    ],
)
def test_words_become_controls(text: str, values: dict[str, object]) -> None:
    found = understand(text, CATALOGUE)
    assert found.genre is not None
    assert found.genre.id == "house"
    wishes = found.wishes
    key = wishes.key
    have = {
        "bpm": wishes.bpm,
        "bars": wishes.bars,
        "tonic": key.tonic if key else None,
        "mode": key.mode if key else None,
        "complexity": wishes.complexity,
        "fills": wishes.fills,
        "swing": wishes.swing,
        "seed": wishes.seed,
        "signature": wishes.signature,
        "parts": wishes.parts,
        "without": next((part for part in PARTS if part not in wishes.parts), None),
        "form": len(wishes.form),
    }
    assert {name: have[name] for name in values} == values
    assert found.ignored == ()
    assert found.doubts == ()


def test_a_whole_song_has_the_usual_form_of_its_genre() -> None:
    found = understand("dark trap at 140, whole song", CATALOGUE)
    assert found.genre is not None
    assert write_form(found.wishes.form) == found.genre.forms[0].sections
    assert (found.ignored, found.doubts) == ((), ())
    assert "8 bars" in understand("full song, trap, 8 bars", CATALOGUE).doubts[0]
    assert "genre" in understand("a whole song in C", CATALOGUE).doubts[0]
    assert len(understand("a full track of house intro:4 drop:8", CATALOGUE).wishes.form) == 2


def test_what_is_not_known_is_listed_and_never_guessed() -> None:
    found = understand("polka with a kazoo at 140", CATALOGUE)
    assert found.genre is None
    assert found.ignored == ("polka", "kazoo")
    assert found.wishes.bpm == 140.0


def test_what_cannot_be_is_doubted() -> None:
    assert "900" in understand("house at 900 bpm", CATALOGUE).doubts[0]
    assert "C major" in understand("sad house in C major", CATALOGUE).doubts[0]
    assert "genre" in understand("something fast", CATALOGUE).doubts[0]


@pytest.mark.parametrize("text", ["", "   ", "🎵🎵", "((((", "a" * 5000, "0 0 0", "bars bars bars", "in in in #"])
def test_any_text_is_survived(text: str) -> None:
    assert understand(text, CATALOGUE).genre is None
