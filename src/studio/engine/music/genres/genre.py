"""What a genre consists of. Every type here is a table of a genre file; docs/guide/genres.md describes the format.

Patterns are drawn as text, a bar between bars (`|`), its steps as characters; the number of characters divides the bar.
Spaces do not count. A pattern belongs to one time signature, sounds in sections of its `sections` (all if empty) whose
energy lies in its `energy`, and is chosen by its `weight`.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Weight = Annotated[float, Meta(ge=0.0, le=100.0)]
Bpm = Annotated[float, Meta(ge=60.0, le=240.0)]
Pitch = Annotated[int, Meta(ge=0, le=127)]
Velocity = Annotated[int, Meta(ge=1, le=127)]
Decibels = Annotated[float, Meta(ge=-60.0, le=12.0)]
Name = Annotated[str, Meta(min_length=1, max_length=60)]
Drawn = Annotated[str, Meta(min_length=1, max_length=1000)]
Signature = Annotated[str, Meta(pattern=r"^([1-9]|1[0-2])/(2|4|8|16)$")]
VoicingStyle = Literal["triad", "seventh", "spread", "shell", "rootless", "power", "close", "open"]
SectionKind = Literal[
    "loop", "intro", "verse", "pre-chorus", "chorus", "bridge", "build", "drop", "breakdown", "solo", "outro"
]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table whose unknown names are refused, so that a typing error is told."""


class Tempo(_Table, frozen=True):
    """In BPM: what is usual, and where to begin."""

    low: Bpm
    high: Bpm
    default: Bpm


class Feel(_Table, frozen=True):
    """How it is played. `swing` in percent of a pair of notes of `swing_of` (8ths or 16ths).

    With `swing_follows_tempo` the pair's ratio is that of jazz drummers, which evens out as the tempo rises; `swing` is
    not used then. `timing_ms` and `velocity` are standard deviations at half humanising. `late_ms` says which lanes or
    parts stand after (or, negative, before) the beat.
    """

    swing: Annotated[float, Meta(ge=50.0, le=75.0)] = 50.0
    swing_of: Literal[8, 16] = 16
    swing_follows_tempo: bool = False
    timing_ms: Annotated[float, Meta(ge=0.0, le=40.0)] = 8.0
    velocity: Annotated[float, Meta(ge=0.0, le=40.0)] = 8.0
    late_ms: dict[str, Annotated[float, Meta(ge=-60.0, le=60.0)]] = {}


class Choice(_Table, frozen=True, kw_only=True):
    """What stands beside others of its sort, to be chosen from. `manner` is one of the genre's; all if empty."""

    name: str = ""
    weight: Weight = 1.0
    energy: tuple[Share, Share] = (0.0, 1.0)
    sections: tuple[SectionKind, ...] = ()
    signature: Signature = "4/4"
    manner: str = ""


class Pattern(Choice, frozen=True):
    """Drums by lane. `X` is a strong accent, `x` a plain one, `m` a mild one, `o` a ghost, `.` nothing.

    Digits 1 to 9 are plain accents, and letters a to i ghosts, that more and more complexity unlocks, 1 and a first.
    """

    lanes: dict[Name, Drawn]


class Fill(Pattern, frozen=True):
    """What the last beats of a bar are replaced with, as many as are drawn at the beats' end: one bar, `.` before it.

    `from_beat` is the first beat (0-based) that it replaces.
    """

    from_beat: Annotated[int, Meta(ge=0, le=11)] = 2


class Roll(_Table, frozen=True):
    """A burst on a lane: `beats` long, `rates` notes a beat. `chance` is that of a bar at full complexity."""

    lane: Name
    chance: Share
    beats: tuple[Annotated[float, Meta(gt=0.0, le=4.0)], ...] = (0.5, 1.0)
    rates: tuple[Annotated[int, Meta(ge=2, le=24)], ...] = (6, 8)


class Lane(_Table, frozen=True):
    """A drum by its pitch of General MIDI, and the velocity of a plain accent."""

    pitch: Pitch
    velocity: Velocity = 96
    title: str = ""


class Drums(_Table, frozen=True):
    """A part of drums or percussion."""

    lanes: dict[Name, Lane]
    patterns: Annotated[tuple[Pattern, ...], Meta(min_length=1)]
    fills: tuple[Fill, ...] = ()
    rolls: tuple[Roll, ...] = ()
    crash: str = ""


class Progression(Choice, frozen=True):
    """Chords in Roman numerals, a bar between bars, several in a bar sharing it. `modes` it fits; all if empty."""

    chords: Drawn
    modes: tuple[str, ...] = ()


class Rhythm(Choice, frozen=True):
    """A line of one part. `-` holds the note before it on, also over a bar line, `.` is silence; a capital is accented.

    Chords: `x` all tones, `o` softly, digits one tone from the lowest, `b` the lowest, `u` all but it (strummed from
    the top), `n` those of the chord that it leads into. Bass: `r` root, `3` `5` `6` `7` that tone of the chord, `8` the
    octave, `s` a step of the scale towards the next root, `a` a semitone towards it, `w` a walking tone, `n` the root
    that it leads into, `k` the root where the kick is. `n` leads into the chord that sounds where the note as drawn
    ends in its bar. Melody: `x` a tone.
    """

    line: Drawn


class Chords(_Table, frozen=True):
    """The accompaniment. `strum_ms` from the lowest to the highest tone; `octaves` doubles single tones."""

    rhythms: Annotated[tuple[Rhythm, ...], Meta(min_length=1)]
    voicing: VoicingStyle = "seventh"
    low: Pitch = 50
    high: Pitch = 74
    velocity: Velocity = 82
    strum_ms: Annotated[float, Meta(ge=0.0, le=120.0)] = 0.0
    octaves: bool = False
    gate: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.95


class Bass(_Table, frozen=True):
    """The bass. `lock` is how far it goes along with the kick, `glide` how often a note slides into the next."""

    rhythms: Annotated[tuple[Rhythm, ...], Meta(min_length=1)]
    low: Pitch = 28
    high: Pitch = 48
    velocity: Velocity = 96
    lock: Share = 0.3
    glide: Share = 0.0
    gate: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.92


class Melody(_Table, frozen=True):
    """The tune. `scale` says which mode it keeps to in a song's mode, where that is another.

    `leap` is how readily it jumps, `rest` how often a phrase lets a bar breathe, `repeat` how faithfully motifs return.
    """

    rhythms: Annotated[tuple[Rhythm, ...], Meta(min_length=1)]
    scale: dict[str, str] = {}
    low: Pitch = 60
    high: Pitch = 77
    velocity: Velocity = 92
    leap: Share = 0.25
    rest: Share = 0.3
    repeat: Share = 0.7
    gate: Annotated[float, Meta(gt=0.0, le=1.0)] = 0.9


class Harmony(_Table, frozen=True):
    """A second voice: along with the melody in thirds or sixths, or long tones below it."""

    style: Literal["third", "sixth", "long"] = "third"
    low: Pitch = 52
    high: Pitch = 76
    velocity: Velocity = 74


class InsertSound(_Table, frozen=True):
    """An effect of a strip by its kind, with parameters."""

    kind: Name
    parameters: dict[str, float] = {}


class Sound(_Table, frozen=True):
    """What a part plays on, and its place in the rough mix.

    `reverb` is its share of the reverb bus, `duck` how far (0 to 1) each kick pushes it down.
    """

    kind: Literal["drums", "synth", "soundfont"] = "soundfont"
    preset: str = ""
    program: Annotated[int, Meta(ge=0, le=127)] = 0
    bank: Annotated[int, Meta(ge=0, le=16383)] = 0
    parameters: dict[str, float] = {}
    gain_db: Decibels = -6.0
    pan: Annotated[float, Meta(ge=-1.0, le=1.0)] = 0.0
    reverb: Share = 0.0
    duck: Share = 0.0
    inserts: tuple[InsertSound, ...] = ()
    name: str = ""


class SectionHabit(_Table, frozen=True):
    """How full a section of a kind is, and which parts play in it (those of the energy if none are named)."""

    energy: Share
    parts: tuple[str, ...] = ()


class Form(_Table, frozen=True):
    """A usual form: sections with bars, such as `intro:4 verse:8 chorus:8`."""

    sections: Drawn
    name: str = ""
    weight: Weight = 1.0


class Transitions(_Table, frozen=True):
    """What leads into a fuller section: a riser, a crash on its first beat, a beat of silence before a drop.

    `ending` is how a song's last bar goes: a `hit` on its first beat that rings, or the `groove` to the end.
    """

    riser: Share = 0.0
    crash: Share = 0.7
    silence: Share = 0.0
    ending: Literal["hit", "groove"] = "hit"


class Genre(_Table, frozen=True):
    """A genre. `words` are what else it is called in a request; `entries` the energy from which on a part plays.

    `manners` are ways of playing by weight, of which a song has one in all its parts, such as the side of a clave.
    """

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    name: Name
    tempo: Tempo
    feel: Feel
    modes: Annotated[dict[str, Weight], Meta(min_length=1)]
    progressions: Annotated[tuple[Progression, ...], Meta(min_length=1)]
    chords: Chords
    bass: Bass
    melody: Melody
    sounds: dict[str, Sound]
    forms: Annotated[tuple[Form, ...], Meta(min_length=1)]
    description: str = ""
    words: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ("4/4",)
    manners: dict[str, Weight] = {}
    drums: Drums | None = None
    percussion: Drums | None = None
    harmony: Harmony = Harmony()
    transitions: Transitions = Transitions()
    sections: dict[SectionKind, SectionHabit] = {}
    entries: dict[str, Share] = {}
    loudness_db: Annotated[float, Meta(ge=-24.0, le=24.0)] = 0.0
