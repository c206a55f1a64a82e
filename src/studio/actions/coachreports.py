"""The coach by the headless door: a take as a JSON-ready report, its frames as CSV, its notes as a MIDI file."""

from __future__ import annotations

import csv
import io
import os
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from ..document.blocks import note_blocks
from ..document.instruments import Instrument
from ..document.notes import Note, NoteClip
from ..document.project import Project, Track, new_id
from ..document.time import TempoPoint, tempo_map
from ..engine.jobs import Work
from ..engine.music.harmony.spelling import key_name
from ..engine.music.midiwrite import write_midi
from ..engine.voice.advice import Advice
from ..engine.voice.grading import GradedNote, Tolerance
from ..engine.voice.notes import SungNote
from ..engine.voice.phrases import Phrase
from ..engine.voice.pitchtrack import VOICED, PitchTrack, cents_off, name_of
from ..engine.voice.report import page
from ..errors import StudioError
from .aims import read_aim
from .coachhistory import keep_in_history
from .coaching import Coached, coach_file

Report = dict[str, Any]
Progress = Callable[[float, str], None]

FRAMES = ("t", "hz", "note", "cents", "confidence", "voiced")
"""The columns of a frame."""

BPM = 120.0
"""The tempo of a MIDI file of notes that were sung to none."""


class Outputs(msgspec.Struct, frozen=True):
    """Files to write beside the report, each None for no; with `history` the figures go into the library.

    Without `frames` the report leaves them out: they are nine tenths of it.
    """

    csv: Path | None = None
    midi: Path | None = None
    page: Path | None = None
    history: bool = False
    frames: bool = True


def report_on_file(
    path: Path,
    target: str,
    bpm: float | None,
    offset: float,
    outputs: Outputs,
    progress: Progress,
    voice: int = 1,
    key: int = 0,
) -> Report:
    """Judges a sound file by a target, see `read_aim`. Raises StudioError with the reason."""
    if path.is_dir():
        raise StudioError(f"“{path.name}” is a folder; choose a sound file.")
    if not path.exists():
        raise StudioError(f"There is no file {path}; check its name.")
    for out in (outputs.csv, outputs.midi, outputs.page):
        if out is not None and out.exists() and out.samefile(path):
            raise StudioError(f"“{out.name}” is the recording itself; choose another name to write to.")
    work = Work(progress, threading.Event())
    aim = read_aim(target, bpm, offset, work, voice, key)
    done = coach_file(path, aim, work)
    report = {"file": str(path), **report_of(done, outputs.frames)}
    if outputs.csv is not None:
        write_frames(done.heard.track, outputs.csv)
        report["csv"] = str(outputs.csv)
    if outputs.midi is not None:
        write_notes(done, outputs.midi, bpm)
        report["midi"] = str(outputs.midi)
    if outputs.page is not None:
        write_page(done, outputs.page)
        report["page"] = str(outputs.page)
    if outputs.history:
        keep_in_history(done)
    return report


def write_page(done: Coached, out: Path, tolerance: Tolerance | None = None) -> None:
    """Writes the report as a page for any browser, whole or not at all. Any thread. Raises StudioError."""
    write_text(out, page(done.name, done.aim.title, done.heard.track, done.judged, done.notices, tolerance))


def write_json(done: Coached, out: Path) -> None:
    """Writes the report as `studio coach --json` prints it, whole or not at all. Any thread. Raises StudioError."""
    write_text(out, msgspec.json.encode(report_of(done)).decode())


def report_of(done: Coached, frames: bool = True) -> Report:
    """A judged take as plain values. Times in seconds of the sound, scores 0 to 100."""
    graded, sound = done.judged.graded, done.heard.sound
    report: Report = {
        "name": done.name,
        "target": done.aim.title or None,
        "seconds": round(sound.seconds, 3),
        "scores": _rounded(msgspec.to_builtins(graded.scores), 3),
        "accuracy_cents": round(graded.accuracy, 1),
        "precision_cents": round(graded.precision, 1),
        "octaves": graded.octaves,
        "rhythm": None if graded.rhythm is None else _rounded(msgspec.to_builtins(graded.rhythm), 4),
        "notes": [_note(note) for note in done.judged.notes],
        "targets": [_target(note) for note in graded.notes] if done.aim.target is not None else [],
        "phrases": [_phrase(phrase) for phrase in done.judged.phrases],
        **_advice(done.judged.advice),
        "notices": list(done.notices),
        "sound": _rounded(msgspec.to_builtins(sound), 4),
    }
    if frames:
        report["frames"] = [dict(zip(FRAMES, row, strict=True)) for row in frames_of(done.heard.track)]
    if done.judged.karaoke is not None:
        report["ultrastar"] = msgspec.to_builtins(done.judged.karaoke)
    return report


def frames_of(track: PitchTrack) -> list[tuple[float, float, str | None, float | None, float, bool]]:
    """A track row by row in the columns FRAMES; frames that are not voiced have no note, and their pitch is a guess."""
    rows: list[tuple[float, float, str | None, float | None, float, bool]] = []
    columns = (track.times.tolist(), track.hz.tolist(), track.semitones.tolist(), track.confidence.tolist())
    for at, hz, pitch, sure in zip(*columns, strict=True):
        voiced = sure >= VOICED
        note, cents = (name_of(pitch), round(cents_off(pitch), 1)) if voiced else (None, None)
        rows.append((round(at, 4), round(hz, 2), note, cents, round(sure, 3), voiced))
    return rows


def write_frames(track: PitchTrack, out: Path) -> None:
    """Writes a track as CSV, whole or not at all. Raises StudioError."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FRAMES)
    for row in frames_of(track):
        writer.writerow(["" if value is None else int(value) if isinstance(value, bool) else value for value in row])
    write_text(out, text.getvalue())


def write_text(out: Path, text: str) -> None:
    """Writes a file, whole or not at all. Raises StudioError."""
    part = out.with_name(f".{uuid.uuid4().hex[:12]}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as cause:
        part.unlink(missing_ok=True)
        reason = cause.strerror or cause
        raise StudioError(f"“{out.name}” could not be written ({reason}); choose another place.") from cause


def write_notes(done: Coached, out: Path, bpm: float | None = None) -> None:
    """Writes the notes that were sung as a MIDI file, at the nearest semitones. Raises StudioError."""
    beat = done.aim.target.beat if done.aim.target is not None else done.aim.beat
    tempo = min(max(bpm or (60.0 / beat if beat else BPM), 10.0), 999.0)
    clip = clip_of_notes(done.name, done.judged.notes, tempo)
    track = Track(
        new_id("track"), done.name, "#5aa9e6", "instrument", "musical", clips=(clip,), instrument=Instrument()
    )
    write_midi(Project(new_id("project"), done.name, tempo=(TempoPoint(0, tempo),), tracks=(track,)), out)


def clip_of_notes(name: str, sung: tuple[SungNote, ...], bpm: float) -> NoteClip:
    """Sung notes as a clip of notes at the beginning of a song of this tempo."""
    time = tempo_map((TempoPoint(0, bpm),), 48_000)
    notes = []
    for note in sung:
        start, end = (int(time.tick(round(second * 48_000))) for second in (note.start, note.end))
        velocity = min(max(round(127 + 2 * note.loudness), 20), 120)
        pitch = min(max(round(note.pitch), 0), 127)
        notes.append(Note(new_id("note"), max(start, 0), max(end - start, 1), pitch, velocity))
    last = max((note.start + note.length for note in notes), default=960)
    return NoteClip(new_id("clip"), name, 0, last, note_blocks=note_blocks(notes))


def _note(note: SungNote) -> Report:
    swing = note.vibrato
    return {
        "start": round(note.start, 3),
        "end": round(note.end, 3),
        "hz": round(note.hz, 2),
        "note": note.name,
        "cents": round(note.cents, 1),
        "drift": round(note.drift, 1),
        "spread": round(note.spread, 1),
        "scoop": round(note.scoop, 1),
        "vibrato": None
        if swing is None
        else {"rate": round(swing.rate, 2), "extent": round(swing.extent, 2), "kind": swing.kind},
        "confidence": round(note.confidence, 3),
    }


def _target(note: GradedNote) -> Report:
    return {
        "start": round(note.target.start, 3),
        "end": round(note.target.end, 3),
        "note": name_of(note.target.pitch),
        "syllable": note.target.syllable,
        "kind": note.target.kind,
        "line": note.line,
        "cents": None if note.cents is None else round(note.cents, 1),
        "late": None if note.onset is None else round(note.onset, 3),
        "covered": round(note.covered, 3),
        "pitch_credit": round(note.pitch_credit, 3),
    }


def _advice(advice: Advice) -> Report:
    """Hints first, the dearest first, then praise; and the plan of exercises."""
    return {
        "tips": [
            {
                "kind": tip.kind,
                "cause": tip.cause,
                "text": tip.text,
                "cost": round(tip.cost, 2),
                "times": [round(time, 3) for time in tip.times],
            }
            for tip in (*advice.hints, *advice.praise)
        ],
        "plan": [
            {
                "exercise": one.kind,
                "key": key_name(one.key),
                "low": name_of(one.low),
                "high": name_of(one.high),
                "bpm": one.bpm,
                "why": one.why,
            }
            for one in advice.plan
        ],
    }


def _phrase(phrase: Phrase) -> Report:
    return _rounded(msgspec.to_builtins(phrase), 3)


def _rounded(values: Any, digits: int) -> Report:
    return {key: round(value, digits) if isinstance(value, float) else value for key, value in values.items()}
