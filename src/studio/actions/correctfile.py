"""Pitch correction of a sound file, without a song: `studio correct`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, cast, get_args

from msgspec.structs import replace

from ..document.correction import Correction, TunedNote
from ..engine.audio.decode import decode_blocks, probe
from ..engine.audio.export import AudioWriter, Format
from ..engine.jobs import Work
from ..engine.music.requests import read_key
from ..engine.voice.correction import corrected, exact, tunable
from ..engine.voice.heard import listen, sound_notices
from ..engine.voice.pitchtrack import Reals, hz_of, name_of
from ..errors import StudioError

Progress = Callable[[float, str], None]
MOST_CHANNELS = 2


def correct_file(path: Path, out: Path, key: str, strength: float, speed: float, progress: Progress) -> dict[str, Any]:
    """Draws every note of a voice to the nearest semitone, or note of a key, and writes the sound; returns a report.

    Raises StudioError with the reason, and nothing is left behind then.
    """
    scale = tuple(sorted(read_key(key).pitch_classes)) if key.strip() else ()
    info = probe(path)
    if out.exists() and out.samefile(path):
        raise StudioError(f"“{out.name}” is the sound itself; name another file to write to.")
    if info.channels > MOST_CHANNELS:
        raise StudioError(f"“{path.name}” has {info.channels} channels; give a mono or stereo recording of one voice.")
    kind = out.suffix.lower().lstrip(".") or "wav"
    if kind not in get_args(Format):
        raise StudioError(f"“{out.name}” has no ending that can be written; use .wav, .flac, .mp3, .ogg or .opus.")
    work = Work(progress, threading.Event())
    heard = listen(_told(decode_blocks(path), info.frames, progress, 0.0, "Listening"), info.rate)
    found = exact(tunable(heard, info.rate, info.frames), decode_blocks(path), info.rate, heard.track)
    notes = tuple(replace(note, centre=1.0) for note in found)
    correction = Correction(notes, strength, speed, scale)
    blocks = _told(decode_blocks(path), info.frames, progress, 0.5, "Correcting")
    with AudioWriter(out, cast(Format, kind), info.rate, info.channels, "32f" if kind == "wav" else "24") as writer:
        for block in corrected(blocks, info.rate, heard.track, correction, work.check):
            writer.write(block)
    return {
        "file": str(out),
        "seconds": round(info.frames / info.rate, 3),
        "key": key.strip(),
        "strength": strength,
        "speed_ms": speed,
        "notes": [_note(note, correction, info.rate) for note in notes],
        "notices": list(sound_notices(heard)),
    }


def _note(note: TunedNote, correction: Correction, rate: int) -> dict[str, Any]:
    moved = correction.moved(note)
    return {
        "start": round(note.start / rate, 3),
        "end": round(note.end / rate, 3),
        "hz": round(hz_of(note.pitch), 2),
        "note": name_of(note.pitch + moved),
        "moved_cents": round(100 * moved, 1),
    }


def _told(blocks: Iterable[Reals], frames: int, progress: Progress, begin: float, text: str) -> Iterator[Reals]:
    done = 0
    for block in blocks:
        done += block.shape[1]
        progress(begin + 0.5 * min(done / max(frames, 1), 1.0), text)
        yield block
