"""Folders of drum MIDI read as performances; what `info.csv` of the Groove MIDI Dataset tells of them is used."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from ..document.time import PPQ
from ..engine.ai.groove.hits import STEPS, Performance, perform, style_of
from ..engine.music.midifile import MidiSong
from ..errors import StudioError
from .midi import is_midi, open_midi

DRUMS = 9
"""The channel of drums, counted from 0."""

MAX_HITS = 200_000
"""The longest performance: more than ten hours."""

MAX_TABLE = 16 * 1024 * 1024
"""Bytes of the largest table of a data set that is read."""

SPLITS = ("train", "validation", "test", "all")


class DrumFile(msgspec.Struct, frozen=True):
    """A file as it was read: `name` is its path in the folder; `group` the style that the folder tells, or ""."""

    name: str
    group: str
    split: str
    performance: Performance


class DrumFolder(msgspec.Struct, frozen=True):
    """The files of a folder, sorted by name, and a sentence for each that was left out or in part."""

    files: tuple[DrumFile, ...]
    skipped: tuple[str, ...]
    notices: tuple[str, ...]
    has_splits: bool

    def of(self, split: str) -> tuple[DrumFile, ...]:
        """The files of a split, or all of them."""
        return tuple(file for file in self.files if split in ("all", file.split))


class _Told(msgspec.Struct, frozen=True):
    """What a table says of a file."""

    style: str = ""
    bpm: float = 0.0
    split: str = ""
    filled: bool = False


def read_drums(folder: Path, progress: Callable[[float], None] = lambda _: None) -> DrumFolder:
    """All drum MIDI of a folder and its folders. Worker threads.

    Files that cannot be read, hold no drums or are not in 4/4 are left out with a sentence. Raises StudioError where
    the folder is not there or holds no MIDI files.
    """
    if not folder.is_dir():
        raise StudioError(f"The folder {folder} is not there; choose one with drum MIDI files.")
    paths = sorted(path for path in folder.rglob("*") if is_midi(path) and path.is_file())
    if not paths:
        raise StudioError(f"The folder {folder} holds no MIDI files; choose one with drum MIDI files.")
    told, notices = _table(folder)
    files, skipped = [], []
    for n, path in enumerate(paths):
        name = path.relative_to(folder).as_posix()
        try:
            performance, missed = performance_of(open_midi(path), told.get(name, _Told()), name)
        except StudioError as error:
            skipped.append(str(error))
        else:
            about = told.get(name, _Told())
            files.append(DrumFile(name, about.style.split("/")[0], about.split, performance))
            notices += [f"“{name}”: notes of other instruments are left out ({missed})."] if missed else []
        progress((n + 1) / len(paths))
    return DrumFolder(tuple(files), tuple(skipped), tuple(notices), any(one.split for one in told.values()))


def performance_of(song: MidiSong, told: _Told | None = None, name: str = "") -> tuple[Performance, int]:
    """The drums of a MIDI file, and how many notes the kit lacks. Raises StudioError that says why there are none."""
    told, name = told or _Told(), name or song.name
    odd = sorted({f"{one.numerator}/{one.denominator}" for one in song.signatures} - {"4/4"})
    if odd:
        raise StudioError(f"“{name}” is in {', '.join(odd)}; only performances in 4/4 can be judged.")
    notes = [note for track in song.tracks if track.channel == DRUMS for note in track.notes]
    if not notes:
        raise StudioError(f"“{name}” has no notes on channel 10, where drums are.")
    if len(notes) > MAX_HITS:
        raise StudioError(f"“{name}” has {len(notes)} hits; split it into files of at most {MAX_HITS}.")
    step = 4 * PPQ / STEPS
    performance, missed = perform(
        [note.start / step for note in notes],
        [note.pitch for note in notes],
        [note.velocity for note in notes],
        style=told.style if style_of(told.style) else "",
        bpm=told.bpm or song.tempo[0].bpm,
        filled=told.filled,
    )
    if not performance.count:
        raise StudioError(f"“{name}” plays no drums of the kit on channel 10.")
    return performance, missed


def _table(folder: Path) -> tuple[dict[str, _Told], list[str]]:
    """What `info.csv` tells by file; nothing where there is none or it is another sort of table."""
    file = folder / "info.csv"
    if not file.is_file():
        return {}, []
    try:
        with file.open("rb") as stream:
            text = stream.read(MAX_TABLE).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
    except (OSError, ValueError, csv.Error) as error:
        return {}, [f"“info.csv” cannot be read ({error}); styles and splits are not known."]
    return dict(_rows(rows)), []


def _rows(rows: Iterable[dict[str, str]]) -> Iterable[tuple[str, _Told]]:
    for row in rows:
        name = row.get("midi_filename") or ""
        if name:
            try:
                bpm = float(row.get("bpm") or 0)
            except ValueError:
                bpm = 0.0
            known = bpm if 10.0 <= bpm <= 999.0 else 0.0
            yield name, _Told(row.get("style") or "", known, row.get("split") or "", row.get("beat_type") == "fill")
