"""The tables of docs/music-quality.md, and the promises that are not kept."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from .drummers import Range
from .likeness import PARTS
from .measuring import Heard, Read
from .styles import CHANCE

LOUD, LOUDER = -16.0, -12.0
CLASH, ON_CHORD, COMPASS, ALIKE, SAME = 0.02, 0.95, 17, 0.5, 0.95


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def sound_table(pieces: Mapping[str, Sequence[Heard]]) -> str:
    """What was heard, a genre a line and all of them in the last."""
    head = (
        "genre",
        "tempo found",
        "key found",
        "loudness in LUFS, mean (from, to)",
        "at -14 ± 2",
        "highest peak in dBFS",
    )
    rows = [_sound_row(name, heard) for name, heard in pieces.items()]
    every = [one for heard in pieces.values() for one in heard]
    return markdown(head, [*rows, _sound_row("all", every)])


def _sound_row(name: str, heard: Sequence[Heard]) -> list[str]:
    loud = [one.lufs for one in heard]
    return [
        name,
        _of(sum(one.tempo_right for one in heard), len(heard)),
        _of(sum(one.key_right for one in heard), len(heard)),
        f"{statistics.fmean(loud):.1f} ({min(loud):.1f}, {max(loud):.1f})",
        _of(sum(LOUD <= one <= LOUDER for one in loud), len(loud)),
        f"{max(one.peak_dbfs for one in heard):.1f}",
    ]


def notes_table(read: Mapping[str, Read]) -> str:
    """What the notes say."""
    head = ("genre", "clashes", "melody on chord tones", "widest melody", "second voice crosses", "tone repeated",
            "seeds alike, mean (most)")  # fmt: skip
    rows = [
        [
            name,
            f"{one.clash:.1%}",
            f"{one.on_chord:.0%}",
            f"{one.compass}",
            f"{one.crossing:.1%}",
            f"{one.repeats:.0%}",
            f"{one.alike:.0%} ({one.most_alike:.0%})",
        ]
        for name, one in read.items()
    ]
    return markdown(head, rows)


def known_table(read: Mapping[str, Read]) -> str:
    """How alike two choruses of a song are, and (in brackets) those of other genres."""
    rows = [
        [
            name,
            *(
                f"{one.again[part]:.0%} ({one.elsewhere.get(part, 0.0):.0%})" if part in one.again else ""
                for part in PARTS
            ),
        ]
        for name, one in read.items()
    ]
    return markdown(("genre", *PARTS), rows)


def drums_table(figures: Mapping[str, tuple[str, Range, Sequence[tuple[float, float]]]]) -> str:
    """Timing and velocity of generated drums beside the range of humans in the same style."""
    head = ("genre", "style", "timing in ms", "humans", "inside", "velocity", "humans", "inside")
    rows = []
    for name, (style, human, spreads) in figures.items():
        cells = [name, f"{style} ({human.count})"]
        for n, (low, high) in enumerate((human.timing, human.velocity)):
            values = [spread[n] for spread in spreads]
            inside = sum(low <= value <= high for value in values)
            cells += [f"{statistics.fmean(values):.1f}", f"{low:.1f} to {high:.1f}", _of(inside, len(values))]
        rows.append(cells)
    return markdown(head, rows)


def style_table(human: Mapping[str, tuple[int, int]], made: Mapping[str, tuple[str, Sequence[str]]]) -> str:
    """Where the classifier puts humans it has not heard, and the producer's drums."""
    rows = [[f"humans, {style}", _of(right, whole), ""] for style, (right, whole) in human.items()]
    for name, (style, found) in made.items():
        wrong = sorted({one for one in found if one != style}, key=lambda one: -found.count(one))
        elsewhere = ", ".join(f"{one or 'silent'} {found.count(one)}" for one in wrong)
        rows.append([f"{name} as {style}", _of(found.count(style), len(found)), elsewhere])
    balanced = statistics.fmean(right / whole for right, whole in human.values())
    rows.append(["humans, mean of the styles", f"{balanced:.0%}", ""])
    means = [found.count(style) / len(found) for style, found in made.values()]
    if means:
        rows.append(["producer, mean of the genres", f"{statistics.fmean(means):.0%}", ""])
    return markdown(("drums", f"right (chance is {CHANCE:.0%})", "put elsewhere"), rows)


def _of(some: int, whole: int) -> str:
    return f"{some} of {whole}"


def broken(pieces: Mapping[str, Sequence[Heard]], read: Mapping[str, Read]) -> list[str]:
    """A sentence for each promise that a genre does not keep."""
    return [
        f"{name}: {fault}"
        for name in read
        for fault in (*_broken_in_sound(pieces.get(name, ())), *_broken_in_notes(read[name]))
    ]


def _broken_in_sound(heard: Sequence[Heard]) -> list[str]:
    faults = []
    for one in heard:
        if not one.tempo_right:
            faults.append(f"seed {one.seed}: {one.bpm:g} BPM is heard as {one.bpm_heard:.1f}.")
        if not one.key_right:
            faults.append(f"seed {one.seed}: {one.key} is heard as {one.key_heard}.")
        if one.peak_dbfs > 0.0:
            faults.append(f"seed {one.seed} clips at {one.peak_dbfs:.1f} dBFS.")
        if not LOUD <= one.lufs <= LOUDER:
            faults.append(f"seed {one.seed} stands at {one.lufs:.1f} LUFS.")
    return faults


def _broken_in_notes(read: Read) -> list[str]:
    faults = {
        f"{read.clash:.1%} of the voices clash on strong beats.": read.clash > CLASH,
        f"{read.on_chord:.0%} of the melody stands on chord tones on strong beats.": read.on_chord < ON_CHORD,
        f"the melody spans {read.compass} semitones.": read.compass > COMPASS,
        f"{read.outside} notes are out of their part's range.": read.outside > 0,
        f"the second voice crosses the melody at {read.crossing:.1%} of its notes.": read.crossing > CLASH,
        f"seeds are {read.alike:.0%} alike on average.": read.alike >= ALIKE,
        f"two seeds are {read.most_alike:.0%} alike.": read.most_alike >= SAME,
    }
    weak = [part for part, own in read.again.items() if own <= 2 * read.elsewhere.get(part, 0.0) or own < 0.3]
    faults |= {f"choruses are not known again by their {part} ({read.again[part]:.0%}).": True for part in weak}
    return [fault for fault, holds in faults.items() if holds]
