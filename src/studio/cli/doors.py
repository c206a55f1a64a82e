"""What all sub-commands share: how one is made, bounded numbers, and how far it is."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

Report = dict[str, Any]
"""What a sub-command tells, as JSON can say it."""

Command = Callable[[argparse.Namespace], tuple[Report, bool]]
"""Does a sub-command; its report, and whether all of it could be done."""


def door(doors: Any, name: str, text: str, command: Command, show: Callable[[Report], None]) -> Any:
    """A sub-command that knows `--json`, what it does, and how its report is printed."""
    made = doors.add_parser(name, help=text, description=text.capitalize() + ".")
    made.add_argument("--json", action="store_true", help="one JSON object on standard output")
    made.set_defaults(command=command, show=show)
    return made


def number(low: float, high: float, kind: type) -> Callable[[str], Any]:
    """What reads a number between two bounds."""

    def parse(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not between {low:g} and {high:g}")
        return value

    return parse


def setting(text: str) -> tuple[str, float]:
    """Reads NAME=NUMBER."""
    name, sign, value = text.partition("=")
    try:
        if not name.strip() or not sign:
            raise ValueError
        return name.strip(), float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER, such as cutoff_hz=800") from None


def progress(fraction: float, message: str) -> None:
    """Tells a person at a terminal how far it is."""
    if sys.stderr.isatty():
        print(f"\r{fraction:6.1%}  {message:<60.60}", end="" if fraction < 1 else "\n", file=sys.stderr, flush=True)
