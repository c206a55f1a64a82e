"""A song told in plain values, for the headless door and for scripts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..document.edits.lyrics import lyrics_of
from ..document.instruments import Instrument
from ..document.notes import Bend, Controller, NoteClip
from ..document.project import Clip, Project, Track, clip_length, clip_start, song_end
from ..document.time import bar_beat


def describe(project: Project, missing: Collection[str] = ()) -> dict[str, Any]:
    """What is in a song: JSON-ready. Positions in ticks, frames and seconds; gains linear."""
    time = project.time
    return {
        "id": project.id,
        "name": project.name,
        "rate": project.rate,
        "seconds": song_end(project) / project.rate,
        "tempo": [
            {"tick": p.tick, "seconds": float(time.seconds_of(p.tick)[0]), "bpm": p.bpm, "ramp": p.ramp}
            for p in project.tempo
        ],
        "signatures": [
            {"tick": s.tick, "numerator": s.numerator, "denominator": s.denominator} for s in project.signatures
        ],
        "loop": {"start": project.loop.start, "end": project.loop.end, "on": project.loop.on},
        "tracks": [_track(project, track) for track in project.tracks],
        "sections": [
            {
                "id": s.id,
                "name": s.name,
                "start": s.start,
                "length": s.length,
                "start_seconds": float(time.seconds_of(s.start)[0]),
                "bar": bar_beat(project.signatures, s.start).bar,
            }
            for s in project.sections
        ],
        "markers": [
            {"id": m.id, "name": m.name, "start": m.start, "start_seconds": float(time.seconds_of(m.start)[0])}
            for m in project.markers
        ],
        "chords": [{"id": c.id, "start": c.start, "length": c.length, "symbol": c.symbol} for c in project.chords],
        "keys": [{"tick": k.tick, "tonic": k.tonic, "mode": k.mode} for k in project.keys],
        "media": [
            {
                "id": m.id,
                "name": m.name,
                "file": m.file,
                "frames": m.frames,
                "channels": m.channels,
                "rate": m.rate,
                "origin": m.origin,
                "missing": m.id in missing,
            }
            for m in project.media
        ],
    }


def _track(project: Project, track: Track) -> dict[str, Any]:
    return {
        "id": track.id,
        "name": track.name,
        "kind": track.kind,
        "color": track.color,
        "base": track.base,
        "gain": track.strip.gain,
        "pan": track.strip.pan,
        "mute": track.strip.mute,
        "solo": track.strip.solo,
        "armed": track.armed,
        "instrument": None if track.instrument is None else instrument_report(track.instrument),
        "clips": [
            clip_report(project, clip) for clip in sorted(track.clips, key=lambda c: clip_start(c, project.time))
        ],
    }


def instrument_report(instrument: Instrument) -> dict[str, Any]:
    """An instrument as it stands in the song; `parameters` are those that differ from its preset."""
    return {
        "kind": instrument.kind,
        "preset": instrument.preset,
        "program": instrument.program,
        "bank": instrument.bank,
        "parameters": dict(instrument.parameters),
    }


def clip_report(project: Project, clip: Clip) -> dict[str, Any]:
    """One clip: `start` in ticks, `start_frame` and `length` in frames, both in seconds too."""
    start, length = clip_start(clip, project.time), clip_length(clip, project.time)
    report: dict[str, Any] = {
        "id": clip.id,
        "name": clip.name,
        "kind": type(clip).__struct_config__.tag,
        "start": project.time.tick(start),
        "start_frame": start,
        "start_seconds": start / project.rate,
        "length": length,
        "length_seconds": length / project.rate,
        "gain": clip.gain,
        "fade_in": clip.fade_in,
        "fade_out": clip.fade_out,
        "muted": clip.muted,
    }
    if isinstance(clip, NoteClip):
        return report | _notes(clip)
    takes = getattr(clip, "takes", ())
    if takes:
        report["takes"] = [{"id": t.id, "number": t.number, "name": t.name, "media": t.media} for t in takes]
    else:
        report |= {"media": getattr(clip, "media", ""), "source": getattr(clip, "source", 0)}
    return report


def _notes(clip: NoteClip) -> dict[str, Any]:
    """What only clips of notes have: lengths in ticks, pitches as MIDI numbers."""
    pitches = [note.pitch for note in clip.notes]
    controls = clip.controls
    return {
        "ticks": clip.ticks,
        "loop": clip.loop,
        "transpose": clip.transpose,
        "notes": len(pitches),
        "lowest": min(pitches, default=None),
        "highest": max(pitches, default=None),
        "controllers": sum(isinstance(point, Controller) for point in controls),
        "bends": sum(isinstance(point, Bend) for point in controls),
        "lyrics": lyrics_of(clip.notes),
    }
