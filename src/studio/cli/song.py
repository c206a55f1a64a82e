"""`studio new`, `import`, `info`, `bounce` and `export-midi`: their arguments and what they print."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from ..errors import StudioError
from .doors import Report, door, number, progress


def add_song(doors: Any) -> None:
    """Adds the sub-commands for a song."""
    new = door(doors, "new", "make an empty song", _new, _show_new)
    new.add_argument("project", type=Path, metavar="PROJECT", help="the folder to make, such as Song.studio")
    new.add_argument("--rate", type=number(22_050, 384_000, int), default=48_000, help="sample rate in Hz")
    new.add_argument("--tempo", type=number(10, 999, float), default=120.0, help="tempo in BPM")

    add = door(doors, "import", "put sound and MIDI files into a song", _import, _show_import)
    add.add_argument("project", type=Path, metavar="PROJECT")
    add.add_argument("files", type=Path, nargs="+", metavar="FILE")
    add.add_argument("--track", default="", metavar="NAME", help="onto this track, made if it is not there")
    add.add_argument("--at", type=number(0, 86_400, float), default=0.0, metavar="SECONDS", help="where it starts")

    info = door(doors, "info", "tell what is in a song", _info, _show_info)
    info.add_argument("project", type=Path, metavar="PROJECT")

    bounce = door(doors, "bounce", "render a song to a sound file", _bounce, _show_bounce)
    bounce.add_argument("project", type=Path, metavar="PROJECT")
    bounce.add_argument("out", type=Path, metavar="OUT")
    bounce.add_argument("--from", dest="start", type=number(0, 864_000, float), default=0.0, metavar="S")
    bounce.add_argument("--to", dest="end", type=number(0, 864_000, float), default=None, metavar="S")
    bounce.add_argument("--format", choices=("wav", "flac", "mp3", "ogg", "opus"), default=None)
    bounce.add_argument("--stems", action="store_true", help="a file for each track, in a folder named after OUT")
    bounce.add_argument("--bits", choices=("16", "24", "32f"), default=None)
    bounce.add_argument(
        "--cover", type=Path, default=None, metavar="FILE", help="a picture for the file; without it the song's own"
    )

    notes = door(doors, "export-midi", "write the notes of a song to a MIDI file", _export_midi, _show_export_midi)
    notes.add_argument("project", type=Path, metavar="PROJECT")
    notes.add_argument("out", type=Path, metavar="OUT")
    notes.add_argument("--straight", action="store_true", help="leave out swing, grooves and humanising")


def _new(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.headless import make_song

    return make_song(options.project, options.rate, options.tempo), True


def _import(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.headless import import_files

    report = import_files(options.project, options.files, options.track, options.at, progress)
    return report, not report["failed"]


def _info(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.headless import describe_song

    return describe_song(options.project), True


def _bounce(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.headless import bounce_song, bounce_stems

    span = (options.start, options.end)
    given = (options.project, options.out, span, options.format, options.bits, progress)
    if options.stems and options.cover is not None:
        raise StudioError("Stems carry no cover; leave out --cover or --stems.")
    return bounce_stems(*given) if options.stems else bounce_song(*given, options.cover), True


def _export_midi(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.headless import write_midi_file

    return write_midi_file(options.project, options.out, options.straight), True


def _show_new(report: Report) -> None:
    print(f"{report['project']}  {report['rate']} Hz  {report['tempo']:g} BPM")


def _show_import(report: Report) -> None:
    for clip in report["clips"]:
        print(f"{clip['track']:<24} {clip['start_seconds']:10.3f} s  {clip['name']}{_counted(clip)}")
    for notice in report["notices"]:
        print(f"studio: {notice}", file=sys.stderr)
    for failure in report["failed"]:
        print(f"studio: {failure['file']}: {failure['error']}", file=sys.stderr)


def _show_info(report: Report) -> None:
    print(f"{report['name']}  {report['rate']} Hz  {report['seconds']:.3f} s")
    for point in report["tempo"]:
        print(f"  tempo      {point['bpm']:g} BPM at {point['seconds']:.3f} s{' (ramp)' if point['ramp'] else ''}")
    for track in report["tracks"]:
        print(f"  track      {track['name']}")
        for clip in track["clips"]:
            length = clip["length_seconds"]
            print(f"    {clip['start_seconds']:10.3f} s  {length:9.3f} s  {clip['name']}{_counted(clip)}")
    for section in report["sections"]:
        print(f"  section    {section['start_seconds']:.3f} s  {section['name']}")
    for media in report["media"]:
        print(f"  media      {media['name']}  {media['file']}{'  MISSING' if media['missing'] else ''}")


def _counted(clip: Report) -> str:
    """How many notes a clip of notes has."""
    return f"  ({clip['notes']} notes)" if "notes" in clip else ""


def _show_export_midi(report: Report) -> None:
    print(f"{report['file']}  {report['tracks']} tracks  {report['notes']} notes  {report['seconds']:.3f} s")


def _show_bounce(report: Report) -> None:
    for stem in report.get("stems", ()):
        _show_bounce(stem)
    if "stems" in report:
        return
    loudness = "silent" if report["lufs"] is None else f"{report['lufs']:.1f} LUFS"
    peak = "-inf" if report["peak_dbfs"] is None else f"{report['peak_dbfs']:.1f}"
    print(f"{report['file']}  {report['frames']} frames at {report['rate']} Hz  peak {peak} dBFS  {loudness}")
    for notice in report["notices"]:
        print(notice)
