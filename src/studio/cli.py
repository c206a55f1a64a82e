"""The headless door: one job without a window, a table or one JSON object on standard output.

Progress goes to standard error. Exit status: 0 done, 1 it could not be done (one line says why), 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from . import __version__
from .errors import StudioError

Report = dict[str, Any]
Command = Callable[[argparse.Namespace], tuple[Report, bool]]


def run(arguments: Sequence[str]) -> int:
    """Runs one sub-command and returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        report, complete = options.command(options)
    except StudioError as error:
        return _refuse(str(error), options.json)
    except KeyboardInterrupt:
        return _refuse("Interrupted.", options.json)
    if options.json:
        print(json.dumps(report, ensure_ascii=False, indent=None))
    else:
        options.show(report)
    return 0 if complete else 1


def _refuse(sentence: str, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": sentence}, ensure_ascii=False))
    print(f"studio: {sentence}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="studio", description="A music studio. Without a sub-command: the window.")
    parser.add_argument("--version", action="version", version=f"studio {__version__}")
    doors = parser.add_subparsers(required=True, metavar="SUBCOMMAND")

    new = _door(doors, "new", "make an empty song", _new, _show_new)
    new.add_argument("project", type=Path, metavar="PROJECT", help="the folder to make, such as Song.studio")
    new.add_argument("--rate", type=_number(22_050, 384_000, int), default=48_000, help="sample rate in Hz")
    new.add_argument("--tempo", type=_number(10, 999, float), default=120.0, help="tempo in BPM")

    add = _door(doors, "import", "put sound and MIDI files into a song", _import, _show_import)
    add.add_argument("project", type=Path, metavar="PROJECT")
    add.add_argument("files", type=Path, nargs="+", metavar="FILE")
    add.add_argument("--track", default="", metavar="NAME", help="onto this track, made if it is not there")
    add.add_argument("--at", type=_number(0, 86_400, float), default=0.0, metavar="SECONDS", help="where it starts")

    info = _door(doors, "info", "tell what is in a song", _info, _show_info)
    info.add_argument("project", type=Path, metavar="PROJECT")

    bounce = _door(doors, "bounce", "render a song to a sound file", _bounce, _show_bounce)
    bounce.add_argument("project", type=Path, metavar="PROJECT")
    bounce.add_argument("out", type=Path, metavar="OUT")
    bounce.add_argument("--from", dest="start", type=_number(0, 864_000, float), default=0.0, metavar="S")
    bounce.add_argument("--to", dest="end", type=_number(0, 864_000, float), default=None, metavar="S")
    bounce.add_argument("--format", choices=("wav", "flac", "mp3", "ogg", "opus"), default=None)
    bounce.add_argument("--bits", choices=("16", "24", "32f"), default=None)

    notes = _door(doors, "export-midi", "write the notes of a song to a MIDI file", _export_midi, _show_export_midi)
    notes.add_argument("project", type=Path, metavar="PROJECT")
    notes.add_argument("out", type=Path, metavar="OUT")
    notes.add_argument("--straight", action="store_true", help="leave out swing, grooves and humanising")

    _door(doors, "doctor", "check this installation", _doctor, _show_doctor)
    return parser


def _door(doors: Any, name: str, text: str, command: Command, show: Callable[[Report], None]) -> Any:
    door = doors.add_parser(name, help=text, description=text.capitalize() + ".")
    door.add_argument("--json", action="store_true", help="one JSON object on standard output")
    door.set_defaults(command=command, show=show)
    return door


def _number(low: float, high: float, kind: type) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not between {low:g} and {high:g}")
        return value

    return parse


def _progress(fraction: float, message: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{fraction:6.1%}  {message:<60.60}", end="" if fraction < 1 else "\n", file=sys.stderr, flush=True)


def _new(options: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.headless import make_song

    return make_song(options.project, options.rate, options.tempo), True


def _import(options: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.headless import import_files

    report = import_files(options.project, options.files, options.track, options.at, _progress)
    return report, not report["failed"]


def _info(options: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.headless import describe_song

    return describe_song(options.project), True


def _bounce(options: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.headless import bounce_song

    span = (options.start, options.end)
    return bounce_song(options.project, options.out, span, options.format, options.bits, _progress), True


def _export_midi(options: argparse.Namespace) -> tuple[Report, bool]:
    from .actions.headless import write_midi_file

    return write_midi_file(options.project, options.out, options.straight), True


def _doctor(_: argparse.Namespace) -> tuple[Report, bool]:
    import msgspec

    from .actions.doctor import examine

    checks = [msgspec.structs.asdict(check) for check in examine()]
    return {"checks": checks, "ok": all(check["verdict"] != "missing" for check in checks)}, True


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
    loudness = "silent" if report["lufs"] is None else f"{report['lufs']:.1f} LUFS"
    peak = "-inf" if report["peak_dbfs"] is None else f"{report['peak_dbfs']:.1f}"
    print(f"{report['file']}  {report['frames']} frames at {report['rate']} Hz  peak {peak} dBFS  {loudness}")
    for notice in report["notices"]:
        print(notice)


def _show_doctor(report: Report) -> None:
    for check in report["checks"]:
        print(f"{check['verdict']:<8} {check['name']:<10} {check['found']}")
        if check["advice"]:
            print(f"{'':<19} {check['advice']}")
