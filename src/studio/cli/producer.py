"""`studio genres`, `beat`, `melody`, `arrange` and `chords`: their arguments and what they print."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from .doors import Report, door, number, progress


def add_producer(doors: Any) -> None:
    """Adds the sub-commands of the producer."""
    door(doors, "genres", "list the genres that the producer knows", _genres, _show_genres)
    beat = door(doors, "beat", "write a beat: drums, bass, chords and melody", _beat, _show_beat)
    _add_wishes(beat, bars=True)
    beat.add_argument("--parts", default="", help="only these, such as drums,bass,chords,melody")
    tune = door(doors, "melody", "write a melody over chords", _melody, _show_beat)
    _add_wishes(tune, bars=True)
    arrange = door(doors, "arrange", "write a whole song in sections", _arrange, _show_beat)
    _add_wishes(arrange, bars=False)
    arrange.add_argument("--form", default="", help="such as “intro:4 verse:8 chorus:8”; without it a usual one")
    arrange.add_argument("--parts", default="", help="only these, such as drums,bass,chords,melody")
    chords = door(doors, "chords", "list, type or detect chords", _chords, _show_chords)
    chords.add_argument("path", type=Path, metavar="PROJECT|FILE", help="a song, or with --detect a sound or MIDI file")
    wish = chords.add_mutually_exclusive_group()
    wish.add_argument("--text", default=None, help="such as “Am7 | F | C G/B” or “vi | IV | I V”")
    wish.add_argument("--detect", action="store_true", help="tell the chords of a sound or MIDI file")
    chords.add_argument("--at", type=number(1, 100_000, int), default=1, metavar="BAR", help="typed from this bar on")
    chords.add_argument("--tempo", type=number(10, 999, float), default=None, metavar="BPM", help="of a sound file")


def _add_wishes(door: Any, bars: bool) -> None:
    door.add_argument("--genre", required=True, metavar="G")
    door.add_argument("--bpm", type=number(-1e6, 1e6, float), default=None, metavar="N")
    if bars:
        door.add_argument("--bars", type=number(-(10**6), 10**6, int), default=8, metavar="N")
    door.add_argument("--complexity", default="medium", help="simple, medium, complex or 0 to 1")
    door.add_argument("--intensity", type=number(0, 1, float), default=0.5, help="0 to 1")
    door.add_argument("--swing", type=number(50, 75, float), default=None, help="50 (straight) to 75 per cent")
    door.add_argument("--humanise", type=number(0, 1, float), default=0.5, help="0 to 1")
    door.add_argument("--fills", type=number(0, 1, float), default=0.5, help="0 to 1")
    door.add_argument("--seed", type=number(0, 2**32 - 1, int), default=1, metavar="N")
    door.add_argument("--key", default="", help="such as “A minor”")
    door.add_argument("--signature", default=None, help="such as 4/4, where the genre has it")
    door.add_argument("--groove", type=Path, default=None, metavar="F", help="timing and accents of this MIDI file")
    door.add_argument("--grooved", default="", help="the parts that take the groove, such as drums,bass")
    engines = ("rules", "groove", "both")
    door.add_argument(
        "--engine", choices=engines, default="rules", help="who drums: rules, the groove model, or rules it plays"
    )
    door.add_argument("--chords", default="", help="such as “Am7 | F | C G/B”")
    door.add_argument("--midi", type=Path, default=None, metavar="F", help="write a MIDI file")
    door.add_argument("--wav", type=Path, default=None, metavar="F", help="render a sound file")
    door.add_argument("--project", type=Path, default=None, metavar="P", help="into this song, made if it is not there")


def _genres(_: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.beats import list_genres

    return list_genres(), True


def _beat(options: argparse.Namespace) -> tuple[Report, bool]:
    return _written(options, options.bars, options.parts, ""), True


def _melody(options: argparse.Namespace) -> tuple[Report, bool]:
    return _written(options, options.bars, "melody", ""), True


def _arrange(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.beats import usual_form

    return _written(options, None, options.parts, options.form or usual_form(options.genre, options.seed)), True


def _written(options: argparse.Namespace, bars: int | None, parts: str, form: str) -> Report:
    from ..actions.beats import Outputs, groove_of_file, write_beat
    from ..document.recipes import PARTS
    from ..engine.music.arranger.forms import read_form
    from ..engine.music.requests import Wishes, read_complexity, read_key

    wishes = Wishes(
        bpm=options.bpm,
        bars=bars,
        key=read_key(options.key) if options.key else None,
        signature=options.signature,
        complexity=read_complexity(options.complexity),
        intensity=options.intensity,
        swing=options.swing,
        humanise=options.humanise,
        fills=options.fills,
        seed=options.seed,
        parts=tuple(part.strip() for part in parts.split(",") if part.strip()) or PARTS,
        form=read_form(form) if form else (),
        groove=groove_of_file(options.groove) if options.groove else None,
        grooved=tuple(part.strip() for part in options.grooved.split(",") if part.strip()) or PARTS,
        engine=options.engine,
    )
    return write_beat(options.genre, wishes, options.chords, Outputs(options.project, options.midi, options.wav))


def _chords(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.chordreports import hear_chords, list_chords, write_chords

    if options.detect:
        return hear_chords(options.path, options.tempo, progress), True
    if options.text is not None:
        return write_chords(options.path, options.text, options.at), True
    return list_chords(options.path), True


def _show_genres(report: Report) -> None:
    for genre in report["genres"]:
        tempo = genre["tempo"]
        print(f"{genre['id']:<14} {tempo['low']:g}-{tempo['high']:g} BPM  {genre['description']}")
    for sentence in report["refused"]:
        print(f"studio: {sentence}", file=sys.stderr)


def _show_beat(report: Report) -> None:
    print(
        f"{report['genre']}  {report['bpm']:g} BPM  {report['key']}  {report['bars']} bars  {report['seconds']:.1f} s"
    )
    for part, count in report["notes"].items():
        print(f"  {part:<11} {count} notes")
    for name in ("project", "midi", "wav"):
        if name in report:
            print(f"  {name:<11} {report[name]}")
    for notice in (*report["notices"], *report.get("sound_notices", ())):
        print(f"studio: {notice}", file=sys.stderr)


def _show_chords(report: Report) -> None:
    key = report.get("key")
    if key:
        print(f"key {key['name']}  {key['confidence']:.0%} sure")
    for chord in report["chords"]:
        place = f"bar {chord['bar']}.{chord['beat']}" if "bar" in chord else ""
        sure = f"{chord['confidence']:4.0%} sure" if "confidence" in chord else ""
        print(f"{chord['start_seconds']:9.3f} s  {chord['symbol']:<12} {place}{sure}")
