"""`studio coach`: its arguments and what it prints."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from ..errors import StudioError
from .doors import Report, door, number, progress


def add_coach(doors: Any) -> None:
    """Adds the sub-command."""
    coach = door(doors, "coach", "judge a sung take: pitch, notes, timing, scores", _coach, _show_coach)
    coach.add_argument("file", type=Path, nargs="?", metavar="FILE", help="a sound file with one voice")
    coach.add_argument("--history", action="store_true", help="tell all takes that were kept instead")
    coach.add_argument("--keep", action="store_true", help="keep the figures of this take in the history")
    coach.add_argument(
        "--target", default="", metavar="T", help="an UltraStar song.txt, a MIDI file, a recording, or “A minor scale”"
    )
    coach.add_argument(
        "--bpm",
        type=number(10, 999, float),
        default=None,
        metavar="N",
        help="musical beats a minute at which the target was sung, or of the beat",
    )
    coach.add_argument("--voice", type=int, choices=(1, 2), default=1, help="which singer of a duet")
    coach.add_argument("--key", type=number(-24, 24, int), default=0, metavar="N", help="semitones it was sung higher")
    coach.add_argument(
        "--offset", type=number(-86_400, 86_400, float), default=0.0, metavar="S", help="where target or beat begins"
    )
    coach.add_argument("--csv", type=Path, default=None, metavar="F", help="write the frames")
    coach.add_argument("--midi", type=Path, default=None, metavar="F", help="write the notes")
    coach.add_argument("--page", type=Path, default=None, metavar="F", help="write the report as a page (HTML)")


def _coach(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.coachhistory import history_report
    from ..actions.coachreports import Outputs, report_on_file

    if options.history:
        return history_report(), True
    if options.file is None:
        raise StudioError("No take was named; give a sound file, or --history.")
    sung = (options.voice, options.key)
    outputs = Outputs(options.csv, options.midi, options.page, options.keep, frames=options.json)
    return report_on_file(options.file, options.target, options.bpm, options.offset, outputs, progress, *sung), True


def _show_history(report: Report) -> None:
    for one in report["takes"]:
        what = one["target"] or one["song"] or one["name"]
        print(
            f"{one['taken'][:16]}  {one['overall']:3.0f}  {one['accuracy']:+4.0f} cents  {one['range'] or ''}  {what}"
        )
    for song in report["songs"]:
        change = "" if song["trend"] is None else f", {song['trend']['overall']:+.0f} since the first"
        print(f"{song['target'] or song['song'] or 'Free'}: {song['takes']} takes, best {song['best']:.0f}{change}")
    if not report["takes"]:
        print("No take has been kept yet.")


def _show_coach(report: Report) -> None:
    if "takes" in report:
        _show_history(report)
        return
    scores, rhythm = report["scores"], report["rhythm"]
    parts = [f"{name} {value:.0f}" for name, value in scores.items() if name != "confidence" and value is not None]
    print(f"{'  '.join(parts)}  ({scores['confidence']:.0%} sure)")
    print(f"accuracy {report['accuracy_cents']:+.0f} cents, precision {report['precision_cents']:.0f} cents")
    if rhythm is not None:
        print(f"rhythm {1000 * rhythm['late']:+.0f} ms, spread {1000 * rhythm['spread']:.0f} ms")
    if "ultrastar" in report:
        print(f"UltraStar {report['ultrastar']['points']} points: {report['ultrastar']['rank']}")
    for note in report["notes"]:
        swing = note["vibrato"]
        shown = f"  {swing['kind']} {swing['rate']:.1f} Hz, {swing['extent']:.1f} semitones" if swing else ""
        print(f"{note['start']:9.3f} s {note['end']:9.3f} s  {note['note']:<4} {note['cents']:+5.0f} cents{shown}")
    for tip in report["tips"]:
        print(f"{'+' if tip['kind'] == 'praise' else '-'} {tip['text']}")
    for one in report["plan"]:
        where = f"{one['low']} to {one['high']}, {one['bpm']:g} BPM"
        print(f"practise {one['exercise']} in {one['key']}, {where}: {one['why']}")
    for notice in report["notices"]:
        print(f"studio: {notice}", file=sys.stderr)
