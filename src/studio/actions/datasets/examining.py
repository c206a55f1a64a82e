"""What a file is worth as an item: whether it can be read, what is measured of it, and what is doubtful about it."""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ...document.time import tempo_map
from ...engine.ai.datasets.items import DatasetError
from ...engine.ai.datasets.kinds import KINDS, Kind
from ...engine.audio.decode import decode_blocks, probe
from ...engine.audio.likeness import nearly_the_same
from ...engine.music.harmony.spelling import key_name
from ..checking import SURE_KEY, SURE_TEMPO, Asked, check_sound
from ..midi import open_midi

LONGEST_S = 600
"""Seconds of a sound that can be an item."""

MAX_TEXT = 200_000
"""Bytes of a text that can be an item."""

MAX_PICTURE = 100_000_000
MAX_PIXELS = 100_000_000
SMALL = 256
"""Pixels a side below which a picture teaches little."""

DRUMS = 9
"""The channel of drums, counted from 0."""

SIXTEENTH = 240
"""Ticks of a sixteenth."""

ALIKE_BITS = 3
"""Of the 64 bits of two pictures so many may differ where they are nearly the same."""

QUIET, LOUD = -30.0, -6.0
"""LUFS that music and voices of a dataset should lie between."""


class Doubt(msgspec.Struct, frozen=True):
    """What is doubtful, and a sentence about it."""

    about: str
    sentence: str


class Examined(msgspec.Struct, frozen=True):
    """What was found: seconds (0 without a length), tempo and key as measured where that is sure enough, other figures
    by name, doubts, and the print by which others like it are found."""

    seconds: float = 0.0
    bpm: float | None = None
    key: str = ""
    figures: dict[str, Any] = {}
    doubts: tuple[Doubt, ...] = ()
    print: bytes = b""

    def facts(self) -> dict[str, Any]:
        """All but the print, as a draft keeps it."""
        told: dict[str, Any] = msgspec.to_builtins(self)
        del told["print"]
        return told


def examine(kind: Kind, path: Path, name: str, check: Callable[[], None] = lambda: None) -> Examined:
    """Reads a file whole. Worker threads; `check` may raise to stop. Raises StudioError with the reason where it is
    none of the kind's, cannot be read or is too long; what is only doubtful comes back as doubts."""
    about = KINDS[kind]
    if path.suffix.lower() not in about.endings:
        raise DatasetError(f"“{name}” is none of the {about.items} that a dataset of this type holds; choose another.")
    if about.sounds:
        found = _sound(path, name, check)
    else:
        found = {"drums": _drums, "image": _picture, "text": _text}[kind](path, name)
    short = about.shortest and found.seconds < about.shortest
    if short or (about.longest and found.seconds > about.longest):
        told = f"It lasts {found.seconds:.1f} s; {about.shortest:g} to {about.longest:g} s teach best."
        return msgspec.structs.replace(found, doubts=(*found.doubts, Doubt("length", told)))
    return found


def alike(kind: Kind, made: bytes, others: Iterable[tuple[str, bytes]]) -> tuple[str, float] | None:
    """Of other prints by name the one that is nearly the same, and how alike, 0 to 1; None where none is."""
    if not made:
        return None
    if KINDS[kind].sounds:
        return next(iter(nearly_the_same(made, others)), None)
    for name, other in others:
        if len(other) == len(made) and _apart(kind, made, other) == 0:
            return name, 1.0
    return None


def _apart(kind: Kind, one: bytes, other: bytes) -> int:
    if kind != "image":
        return int(one != other)
    bits = (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()
    return 0 if bits <= ALIKE_BITS else bits


def _sound(path: Path, name: str, check: Callable[[], None]) -> Examined:
    rate = probe(path).rate
    pieces, frames = [], 0
    for piece in decode_blocks(path):
        check()
        pieces.append(piece[:2])
        frames += piece.shape[1]
        if frames > LONGEST_S * rate:
            raise DatasetError(f"“{name}” is longer than ten minutes, the most an item can be; cut it first.")
    facts = check_sound(np.ascontiguousarray(np.concatenate(pieces, axis=1)), rate, Asked(), (), check)
    doubts = [Doubt(remark.about, remark.sentence) for remark in facts.remarks]
    if facts.loudness is not None and not any(one.about in {"loudness", "silence"} for one in doubts):
        if facts.loudness < QUIET:
            doubts.append(Doubt("loudness", f"It is soft, at {facts.loudness:.0f} LUFS."))
        elif facts.loudness > LOUD:
            doubts.append(Doubt("loudness", f"It is very loud, at {facts.loudness:.0f} LUFS."))
    figures = {one: getattr(facts, one) for one in ("loudness", "true_peak", "clipped", "silence")}
    return Examined(
        round(facts.seconds, 3),
        facts.bpm if facts.sure_of_bpm >= SURE_TEMPO else None,
        facts.key if facts.sure_of_key >= SURE_KEY else "",
        {**figures, "rate": rate, "channels": pieces[0].shape[0]},
        tuple(doubts),
        bytes(facts.made),
    )


def _drums(path: Path, name: str) -> Examined:
    song = open_midi(path)
    played = sorted(
        (note.start, note.pitch, note.velocity, track.channel) for track in song.tracks for note in track.notes
    )
    seconds = float(tempo_map(song.tempo, 48_000).seconds_of(song.ticks)[0])
    doubts = [Doubt("reading", told) for told in song.notices]
    if not any(channel == DRUMS for *_, channel in played):
        doubts.append(Doubt("drums", "It has no notes on the channel of drums (10)."))
    if len({velocity for _, _, velocity, _ in played}) == 1 and len(played) > 4:
        doubts.append(Doubt("dynamics", "All its notes are equally loud."))
    first = played[0][0]
    hits = [(round((start - first) / SIXTEENTH), pitch) for start, pitch, *_ in played]
    bars = math.ceil(song.ticks / max(song.signatures[0].bar_ticks, 1))
    figures = {"notes": len(played), "bars": bars, "tempos": len(song.tempo)}
    key = key_name(song.keys[0]) if song.keys else ""
    return Examined(
        round(seconds, 3), round(song.tempo[0].bpm, 3), key, figures, tuple(doubts), _digest(repr(sorted(hits)))
    )


def _picture(path: Path, name: str) -> Examined:
    from PIL import Image

    broken = f"“{name}” is no picture that can be read; save it anew as PNG or JPEG."
    try:
        if path.stat().st_size > MAX_PICTURE:
            raise DatasetError(f"“{name}” is too large for an item; save it smaller.")
        with warnings.catch_warnings(), Image.open(path, formats=("PNG", "JPEG")) as picture:
            warnings.simplefilter("ignore")
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise DatasetError(f"“{name}” has too many pixels for an item; save it smaller.")
            grey = np.asarray(picture.convert("L").resize((9, 8), Image.Resampling.BILINEAR), np.int16)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as cause:
        raise DatasetError(broken) from cause
    doubts = []
    if min(width, height) < SMALL:
        doubts.append(Doubt("size", f"It has {width} by {height} pixels; {SMALL} a side teach better."))
    plain = int(grey.max() - grey.min()) < 2
    if plain:
        doubts.append(Doubt("plain", "It shows next to nothing: all of it is of one brightness."))
    bits = np.packbits(grey[:, 1:] > grey[:, :-1]).tobytes()
    return Examined(figures={"width": width, "height": height}, doubts=tuple(doubts), print=b"" if plain else bits)


def _text(path: Path, name: str) -> Examined:
    try:
        if path.stat().st_size > MAX_TEXT:
            raise DatasetError(f"“{name}” is longer than any text that an item can be; divide it.")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as cause:
        raise DatasetError(f"“{name}” cannot be read ({cause.strerror}).") from cause
    except UnicodeDecodeError as cause:
        raise DatasetError(f"“{name}” is no text in UTF-8; save it as such.") from cause
    words = text.split()
    if not words or "\0" in text:
        raise DatasetError(f"“{name}” " + ("holds no text." if "\0" in text else "is empty."))
    doubts = (Doubt("length", "It has fewer than five words."),) if len(words) < 5 else ()
    lines = sum(bool(line.strip()) for line in text.splitlines())
    return Examined(
        figures={"words": len(words), "lines": lines}, doubts=doubts, print=_digest(" ".join(words).casefold())
    )


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()[:16]
