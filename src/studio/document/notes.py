"""Notes and what goes with them: controllers, pitch bend, programs, and the clip that holds them.

Inside a clip time is counted in ticks from the clip's origin, `anchor - lead`: trimming and splitting move the window
that the clip shows and touch no note. Notes and controls are kept in blocks, so that an edit of one note among a
hundred thousand makes, compares and stores one small part (`blocks.py`).
"""

from __future__ import annotations

import itertools
import operator
from typing import ClassVar, Generic, Literal, TypeVar

import msgspec

from .recipes import Recipe
from .time import PPQ

T = TypeVar("T")

MAX_TEXT = 200
"""The longest syllable."""

MIN_LOOP = PPQ // 16
"""The shortest pattern a clip can repeat, in ticks: a 64th note."""

PRESSURE = 128
"""The number under which channel pressure is kept beside controllers 0 to 127."""

BEND_RANGE = 8192
"""Bends go from `-BEND_RANGE` to `BEND_RANGE - 1`; 0 is the middle."""


class Note(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A note from `start` on, for `length` ticks; pitch 0 to 127, 60 is middle C; velocity 1 to 127.

    `probability` 0 to 1 is the chance that it sounds each time round. `shift` ticks of `start` and `lift` of `velocity`
    are feel (swing, groove, humanising): without them the note stands as written. `text` is the syllable sung on it,
    with the space or the hyphen after it, at most MAX_TEXT characters.
    """

    id: str
    start: int
    length: int
    pitch: int
    velocity: int = 96
    muted: bool = False
    probability: float = 1.0
    shift: int = 0
    lift: int = 0
    text: str = ""


class Controller(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="cc"):
    """Controller `number` (0 to 127, or PRESSURE) takes `value`, 0 to 127."""

    tick: int
    number: int
    value: int


class Bend(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="bend"):
    """The pitch wheel goes to `value`, -8192 to 8191."""

    tick: int
    value: int


class Program(msgspec.Struct, frozen=True, gc=False, array_like=True, tag="program"):
    """The instrument changes to `program` (0 to 127) of `bank` (0 to 16383)."""

    tick: int
    program: int
    bank: int = 0


Control = Controller | Bend | Program


class Block(msgspec.Struct, Generic[T], frozen=True, gc=False):
    """A run of a clip's notes or controls, never empty. `id` is unique among the clip's blocks of its sort."""

    id: int
    items: tuple[T, ...]


class NoteClip(msgspec.Struct, frozen=True, gc=False, tag="notes", tag_field="kind"):
    """Notes on the timeline, `ticks` long from tick `anchor` on; it always follows the tempo map.

    `lead` is how far the left edge stands after the origin of the notes. With `loop`, what lies in 0 to `loop` repeats
    for ever and the clip shows a stretch of that. `gain` multiplies velocities, `transpose` adds semitones. Notes are
    sorted by (start, id), controls by tick; controls of one tick are sent in the order they stand in. `recipe` says how
    a producer wrote them.
    """

    id: str
    name: str
    anchor: int
    ticks: int
    lead: int = 0
    loop: int = 0
    note_blocks: tuple[Block[Note], ...] = ()
    control_blocks: tuple[Block[Control], ...] = ()
    gain: float = 1.0
    transpose: int = 0
    muted: bool = False
    recipe: Recipe | None = None

    # What every clip has: notes stand on ticks and do not fade.
    offset: ClassVar[int] = 0
    fade_in: ClassVar[int] = 0
    fade_out: ClassVar[int] = 0
    fade_shape: ClassVar[Literal["linear", "equal_power"]] = "equal_power"

    @property
    def notes(self) -> tuple[Note, ...]:
        """All notes, those outside the window included."""
        return tuple(itertools.chain.from_iterable(block.items for block in self.note_blocks))

    @property
    def controls(self) -> tuple[Control, ...]:
        """All controls, those outside the window included."""
        return tuple(itertools.chain.from_iterable(block.items for block in self.control_blocks))

    @property
    def origin(self) -> int:
        """The song tick from which notes and controls are counted."""
        return self.anchor - self.lead

    @property
    def end(self) -> int:
        """The song tick after the clip's last."""
        return self.anchor + self.ticks

    @property
    def note_count(self) -> int:
        """How many notes there are."""
        return sum(len(block.items) for block in self.note_blocks)


note_id = operator.attrgetter("id")
"""The id of a note."""

note_key = operator.attrgetter("start", "id")
"""What notes are sorted by."""

control_key = operator.attrgetter("tick")
"""What controls are sorted by; the sort is stable."""
