"""Lyrics that a model heard in a recording: read from its file, written as other programs read them, sung by notes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ..engine.ai.recipes import Recipe
from ..engine.ai.words import Word
from ..errors import StudioError

ENDINGS = {".lrc": "Lyrics with times (*.lrc)", ".srt": "Subtitles (*.srt)", ".txt": "Text (*.txt)"}
"""The kinds of files that can be written, with what a dialog calls them."""

BREATH_S = 0.7
"""Seconds without a word after which a new line begins."""

LONGEST = 42
"""Characters of a line, as subtitles have it."""


class Heard(msgspec.Struct, frozen=True):
    """A result of the task “lyrics”: its words by start, and how it was made."""

    words: tuple[Word, ...]
    recipe: Recipe | None = None


def read_words(file: Path) -> tuple[Word, ...]:
    """The words of a result of the task “lyrics”, by start. Worker threads. Raises StudioError for another file."""
    return read_heard(file).words


def read_heard(file: Path) -> Heard:
    """A result of the task “lyrics”. Worker threads. Raises StudioError for another file."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Heard)
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        raise StudioError(f"“{file.name}” holds no lyrics that can be read; have them heard again.") from error


def lines_of(words: Sequence[Word]) -> list[Word]:
    """Words as lines: a new one after a breath, and where a line would become too long."""
    lines: list[Word] = []
    for word in words:
        last = lines[-1] if lines else None
        text = word.text.strip()
        if last is None or word.start - last.end > BREATH_S or len(last.text) + len(text) >= LONGEST:
            lines.append(Word(text, word.start, word.end))
        else:
            lines[-1] = Word(f"{last.text} {text}", last.start, word.end)
    return lines


def write_lyrics(file: Path, words: Sequence[Word]) -> None:
    """Writes words as the ending of the name says. Raises StudioError. Worker threads."""
    write = _WRITERS.get(file.suffix.lower())
    if write is None:
        raise StudioError(f"“{file.name}” cannot hold lyrics; name it {', '.join(ENDINGS)}.")
    try:
        file.write_text(write(lines_of(words)), "utf-8")
    except OSError as error:
        raise StudioError(f"“{file.name}” cannot be written: {error.strerror or error}.") from error


def _lrc(lines: Sequence[Word]) -> str:
    return "".join(f"[{_minutes(line.start)}]{line.text}\n" for line in lines)


def _minutes(seconds: float) -> str:
    hundredths = round(seconds * 100)
    return f"{hundredths // 6000:02}:{hundredths // 100 % 60:02}.{hundredths % 100:02}"


def _srt(lines: Sequence[Word]) -> str:
    return "".join(
        f"{n + 1}\n{_clock(line.start)} --> {_clock(max(line.end, line.start))}\n{line.text}\n\n"
        for n, line in enumerate(lines)
    )


def _clock(seconds: float) -> str:
    thousandths = math.floor(seconds * 1000)
    whole = thousandths // 1000
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{thousandths % 1000:03}"


def _plain(lines: Sequence[Word]) -> str:
    return "".join(f"{line.text}\n" for line in lines)


_WRITERS = {".lrc": _lrc, ".srt": _srt, ".txt": _plain}
