"""Lyrics that were heard, in files that other programs read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.actions.lyricsfile import lines_of, read_words, write_lyrics
from studio.engine.ai.words import Word
from studio.errors import StudioError

WORDS = (
    Word("Night ", 0.5, 0.9), Word(" bus", 1.0, 1.4), Word("home,", 61.996, 62.5), Word("naïve", 62.6, 3661.0),
)  # fmt: skip


def test_words_become_lines_at_breaths_and_before_they_are_too_long() -> None:
    assert [line.text for line in lines_of(WORDS)] == ["Night bus", "home, naïve"]
    endless = [Word("word", n * 0.1, n * 0.1 + 0.1) for n in range(100)]
    lines = lines_of(endless)
    assert max(len(line.text) for line in lines) <= 42
    assert " ".join(line.text for line in lines) == " ".join(word.text for word in endless)
    assert lines_of(()) == []


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        (".lrc", "[00:00.50]Night bus\n[01:02.00]home, naïve\n"),
        (".txt", "Night bus\nhome, naïve\n"),
        (".srt", "1\n00:00:00,500 --> 00:00:01,400\nNight bus\n\n2\n00:01:01,996 --> 01:01:01,000\nhome, naïve\n\n"),
    ],
)
def test_every_kind_of_file(tmp_path: Path, ending: str, text: str) -> None:
    file = tmp_path / f"song{ending}"
    write_lyrics(file, WORDS)
    assert file.read_text("utf-8") == text


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path) -> None:
    good = tmp_path / "heard.json"
    good.write_text(json.dumps({"text": "a", "words": [{"text": "a", "start": 0.0, "end": 1.0}]}))
    assert read_words(good) == (Word("a", 0.0, 1.0),)
    good.write_text("{")
    with pytest.raises(StudioError, match=r"“heard\.json” holds no lyrics"):
        read_words(good)
    with pytest.raises(StudioError, match=r"name it \.lrc, \.srt, \.txt"):
        write_lyrics(tmp_path / "song.pdf", WORDS)
    with pytest.raises(StudioError, match="cannot be written"):
        write_lyrics(tmp_path / "no" / "song.lrc", WORDS)
