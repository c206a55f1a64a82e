"""File names from whatever is typed."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.document.codec import is_inside
from studio.storage.names import numbered, safe_name

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=400)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("My song", "My song"),
        ("Verse/Chorus", "Verse-Chorus"),
        ("a\\b:c*d?e", "a-b-c-d-e"),
        ("..", "Song"),
        ("../../etc/passwd", "-..-etc-passwd"),
        (".hidden. ", "hidden"),
        ("CON", "CON_"),
        ("com1.wav", "com1.wav_"),
        ("", "Song"),
        ("///", "Song"),
        ("line\nbreak\0", "line break"),
        ("Ä\u0308", "Ä\u0308"),
        ("e\u0301te\u0301", "été"),
        ("Drums \U0001f941", "Drums \U0001f941"),
        ("\ud800", "Song"),
    ],
)
def test_examples(typed: str, name: str) -> None:
    assert safe_name(typed, "Song") == name


@given(ANY_TEXT)
def test_any_text_gives_a_name_that_all_platforms_take(typed: str) -> None:
    name = safe_name(typed, "Song")
    assert name
    assert len(name.encode()) <= 181
    assert name == name.strip(". ")
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
    assert Path(name).name == name
    assert safe_name(name, "Song") == name


def test_three_hundred_characters_are_cut_between_characters(tmp_path: Path) -> None:
    name = safe_name("ü" * 300, "Song")
    assert set(name) == {"ü"}
    (tmp_path / f"{name} 1000.studio").mkdir()


def test_numbers_begin_with_two() -> None:
    assert list(islice(numbered("Song", ".wav"), 3)) == ["Song.wav", "Song 2.wav", "Song 3.wav"]


@pytest.mark.parametrize("file", ["media/a.wav", "media/sub/b.flac", "media/..a.wav"])
def test_paths_inside(file: str) -> None:
    assert is_inside(file)


@pytest.mark.parametrize("file", ["", "/etc/passwd", "../a", "media/../../a", "media\\..\\a", "C:/a", "a//b", "a\0b"])
def test_paths_outside(file: str) -> None:
    assert not is_inside(file)
