"""The lines that the lane below the notes can show: their names, and which of them a clip has."""

from __future__ import annotations

from collections.abc import Iterable

from ...document.edits.controls import BEND, PROGRAM, Line, line_of
from ...document.general_midi import PROGRAMS
from ...document.notes import PRESSURE, Control, NoteClip, Program
from ...document.sounding import MIDDLE

NAMES: dict[int, str] = {
    0: "Bank", 1: "Modulation", 2: "Breath", 4: "Foot", 5: "Glide time", 7: "Volume", 8: "Balance", 10: "Pan",
    11: "Expression", 12: "Effect 1", 13: "Effect 2", 64: "Sustain pedal", 65: "Glide", 66: "Sostenuto",
    67: "Soft pedal", 68: "Legato", 69: "Hold", 71: "Resonance", 72: "Release", 73: "Attack", 74: "Brightness",
    75: "Decay", 76: "Vibrato speed", 77: "Vibrato depth", 78: "Vibrato delay", 91: "Reverb", 92: "Tremolo",
    93: "Chorus", 94: "Detune", 95: "Phaser", PRESSURE: "Pressure",
}  # fmt: skip

COMMON: tuple[Line, ...] = (1, 7, 10, 11, 64, 74, PRESSURE, BEND, PROGRAM)
"""What is offered whether or not the clip has it."""


def line_title(line: Line) -> str:
    """What a line is called: "Modulation (1)", "Pitch bend"."""
    if line == BEND:
        return "Pitch bend"
    if line == PROGRAM:
        return "Program"
    name = NAMES.get(line, "") if isinstance(line, int) else ""
    if line == PRESSURE:
        return name
    return f"{name} ({line})" if name else f"Controller {line}"


def lane_key(choice: Line) -> str:
    """A value of notes or a line, as it is remembered: "velocity", "bend", "cc:11"."""
    return choice if isinstance(choice, str) else f"cc:{choice}"


def lane_of(key: str) -> Line:
    """What was remembered as this; velocities where it makes no sense."""
    number = key.removeprefix("cc:")
    if key.startswith("cc:") and number.isdecimal() and int(number) <= PRESSURE:
        return int(number)
    return key if key in {"probability", BEND, PROGRAM} else "velocity"


def value_text(line: Line, value: int) -> str:
    """A value as people read it."""
    if line == BEND:
        return f"{value / 81.92:+.0f} %".replace("-", "−") if value else "0 %"
    if line == PROGRAM:
        return PROGRAMS[value]
    if line == 10:
        return f"{'L' if value < MIDDLE else 'R'}{abs(value - MIDDLE)}" if value != MIDDLE else "C"
    if line in {64, 65, 66, 67, 68, 69}:
        return "on" if value >= MIDDLE else "off"
    return str(value)


def point_text(point: Control) -> str:
    """A point as people read it."""
    if isinstance(point, Program):
        return f"{PROGRAMS[point.program]}" + (f"  bank {point.bank}" if point.bank else "")
    return value_text(line_of(point), point.value)


def lines_of(clip: NoteClip | None) -> tuple[Line, ...]:
    """The lines that a clip has points of: controllers by number, then the others."""
    return sorted_lines({line_of(point) for point in clip.controls} if clip else ())


def sorted_lines(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Controllers by number, then bends, then programs."""
    return tuple(sorted(lines, key=lambda line: (isinstance(line, str), line)))
