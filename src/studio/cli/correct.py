"""`studio correct` of the headless door: its arguments and what it prints."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from .doors import Report, door, number, progress


def add_correct(doors: Any) -> None:
    """Adds the sub-command."""
    correct = door(doors, "correct", "correct the pitch of a sung recording", _correct, _show)
    correct.add_argument("file", type=Path, metavar="FILE", help="a sound file with one voice")
    correct.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="the sound file to write")
    correct.add_argument(
        "--key", default="", metavar="K", help="only notes of it, such as “A minor”; else all semitones"
    )
    correct.add_argument(
        "--strength", type=number(0, 1, float), default=1.0, metavar="0..1", help="how far notes go to their place"
    )
    correct.add_argument(
        "--speed", type=number(0, 2000, float), default=80.0, metavar="MS", help="how long the way between notes takes"
    )
    correct.set_defaults(progress=progress)


def _correct(options: argparse.Namespace) -> tuple[Report, bool]:
    from ..actions.correctfile import correct_file

    wishes = (options.key, options.strength, options.speed)
    return correct_file(options.file, options.out, *wishes, options.progress), True


def _show(report: Report) -> None:
    for note in report["notes"]:
        print(f"{note['start']:9.3f} s {note['end']:9.3f} s  {note['note']:<4} {note['moved_cents']:+7.1f} cents")
    print(f"{report['file']}  {report['seconds']:.1f} s, {len(report['notes'])} notes")
    for notice in report["notices"]:
        print(f"studio: {notice}", file=sys.stderr)
