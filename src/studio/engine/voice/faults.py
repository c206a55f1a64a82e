"""The faults that a take shows, each told only where its notes carry it. Every function gives one tip, or none."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from .evidence import LONG, Evidence, Tip, apart, lean
from .notes import SCOOPED, SungNote
from .pitchtrack import name_of
from .vibrato import Vibrato

OFF = 10.0
"""Cents of bias worth a word."""

LATE = 0.04
"""Seconds of lateness worth a word."""

SCATTER = 0.07
"""Seconds by which onsets scatter where they are unsteady."""

CUT = 0.12
"""Seconds by which a note is let go too early."""

WRONG = 70.0
"""Cents from a singer's usual error from which on another note was sung."""

SHARE_COST = 8.0
"""Points for a fault in how every note is sung, which no score counts directly."""


def side(cents: float) -> str:
    """Flat or sharp."""
    return "flat" if cents < 0 else "sharp"


def region(facts: Evidence) -> Tip | None:
    """High or low notes that are off although the others are not."""
    best: tuple[float, list[int], str] | None = None
    heights = sorted({facts.notes[n].target.pitch for n in facts.pitched})
    for below, above in pairwise(heights):
        upper = [n for n in facts.pitched if facts.notes[n].target.pitch >= above]
        lower = [n for n in facts.pitched if facts.notes[n].target.pitch <= below]
        few, rest, words = (
            (upper, lower, f"above {name_of(below)}")
            if above > facts.middle
            else (lower, upper, f"below {name_of(above)}")
        )
        if abs(_mean(facts, few)) <= abs(_mean(facts, rest)):
            continue
        sure = apart([facts.cents(n) for n in few], [facts.cents(n) for n in rest])
        if sure > 1.2 and (best is None or sure > best[0]):
            best = (sure, few, words)
    if best is None:
        return None
    _, few, words = best
    found = lean([facts.cents(n) for n in few], OFF)
    if found is None or abs(found.mean - _mean(facts, [n for n in facts.pitched if n not in set(few)])) < OFF:
        return None
    text = (
        f"You land {abs(found.mean):.0f} cents {side(found.mean)} on the notes {words} "
        f"({found.agreeing} of {found.count})."
    )
    return facts.tip("high" if "above" in words else "low", text, facts.pitch_cost(few), few)


def bias(facts: Evidence, known: Tip | None) -> Tip | None:
    """All notes, those of a region that is known to be off left out, on one side."""
    elsewhere = [n for n in facts.pitched if known is None or n not in set(known.notes)]
    found = lean([facts.cents(n) for n in elsewhere], OFF, 4)
    if found is None:
        return None
    where = "everywhere" if known is None else "elsewhere too"
    text = (
        f"You sing {abs(found.mean):.0f} cents {side(found.mean)} {where} ({found.agreeing} of {found.count} notes); "
        "listen for the backing before you begin."
    )
    return facts.tip("tuning", text, facts.pitch_cost(elsewhere), elsewhere)


def wrong_notes(facts: Evidence) -> Tip | None:
    """Another note in the place of one, more than once."""
    usual = float(np.median([facts.cents(n) for n in facts.pitched])) if facts.pitched else 0.0
    found: dict[tuple[float, int], list[int]] = {}
    for n in facts.numbers:
        note = facts.notes[n]
        if note.cents is not None and WRONG <= abs(note.cents - usual) < 900:
            off = round((note.cents - usual) / 100) or (1 if note.cents > usual else -1)
            found.setdefault((note.target.pitch, off), []).append(n)
    if not found:
        return None
    (pitch, off), numbers = max(found.items(), key=lambda one: (len(one[1]), facts.pitch_cost(one[1])))
    times = sum(facts.notes[n].target.pitch == pitch for n in facts.numbers)
    if len(numbers) < 2 or len(numbers) < times / 2:
        return None
    text = f"You sing {name_of(pitch + off)} where {name_of(pitch)} stands ({len(numbers)} of {times} times)."
    return facts.tip("wrong notes", text, facts.pitch_cost(numbers), numbers)


INTERVALS = {
    "semitones": (1, 1), "tones": (2, 2), "thirds": (3, 4), "fourths and fifths": (5, 7), "sixths and wider": (8, 24),
}  # fmt: skip
"""Semitones of what is told apart."""


def intervals(facts: Evidence, known: Sequence[Tip]) -> Tip | None:
    """Steps or leaps in one direction that come out too wide or too narrow.

    What a bias that is known explains is left out, so that it is not told twice.
    """
    apart_already = {n for tip in known if tip.cause != "tuning" for n in tip.notes}
    plain = [n for n in facts.pitched if n not in apart_already]
    usual = _mean(facts, plain) if any(tip.cause == "tuning" for tip in known) else 0.0
    found: list[Tip] = []
    for (name, up), led in groups(facts).items():
        numbers = [n for n in led if n not in apart_already]
        off, these = [facts.cents(n) - usual for n in numbers], set(numbers)
        others = [facts.cents(n) - usual for n in plain if n not in these]
        leaning = lean(off, 15.0)
        if leaning is None or apart(off, others) < 1.2:
            continue
        wide = (leaning.mean > 0) == up
        text = (
            f"Your {name} {'up' if up else 'down'} come out {abs(leaning.mean):.0f} cents too "
            f"{'wide' if wide else 'narrow'} ({leaning.agreeing} of {leaning.count})."
        )
        found.append(facts.tip(f"interval {name}", text, facts.pitch_cost(numbers), numbers))
    return max(found, key=lambda tip: tip.cost) if found else None


def groups(facts: Evidence) -> dict[tuple[str, bool], list[int]]:
    """The notes to which an interval leads, by its name and whether it goes up."""
    found: dict[tuple[str, bool], list[int]] = {}
    for n, step in facts.steps():
        for name, (least, most) in INTERVALS.items():
            if least <= abs(step) <= most:
                found.setdefault((name, step > 0), []).append(n)
    return found


def scoops(facts: Evidence) -> Tip | None:
    """Notes begun from below."""
    sung = [(n, one) for n in facts.pitched if (one := facts.notes[n].sung) is not None]
    scooped = [(n, one) for n, one in sung if one.scoop > _swung(one)]
    if len(scooped) < 3 or len(scooped) < 0.3 * len(sung):
        return None
    depth = float(np.median([one.scoop for _, one in scooped]))
    alike = sum(abs(one.scoop - depth) <= 50 for _, one in scooped)
    text = (
        f"You scoop up to {len(scooped)} of {len(sung)} notes; {alike} of these {len(scooped)} scoops start "
        f"{depth_name(depth)} ({depth:.0f} cents) below."
    )
    return facts.tip("scoops", text, SHARE_COST * len(scooped) / len(sung), [n for n, _ in scooped])


def _swung(note: SungNote) -> float:
    """Cents below a note that its own vibrato reaches, and as much again as a scoop needs; 0 without one."""
    return 50.0 * note.vibrato.extent + SCOOPED if note.vibrato is not None else 0.0


def depth_name(cents: float) -> str:
    """How deep, as an interval."""
    names = ((75, "a quarter tone"), (150, "a semitone"), (250, "a tone"), (450, "a third"), (600, "a fourth"))
    return next((name for most, name in names if cents < most), "a fifth")


def drift(facts: Evidence) -> Tip | None:
    """Long notes that sink or rise; a few swings of a vibrato would seem to."""
    held = [(n, one) for n, one in long_notes(facts) if one.vibrato is None or one.vibrato.rate * one.length > CYCLES]
    found = lean([one.drift for _, one in held], 15.0)
    if found is None:
        return None
    text = (
        f"Your long notes {'sink' if found.mean < 0 else 'rise'} by {abs(found.mean):.0f} cents until they end "
        f"({found.agreeing} of {found.count})."
    )
    return facts.tip("drift", text, SHARE_COST * found.agreeing / found.count, [n for n, _ in held])


def unsteady(facts: Evidence) -> Tip | None:
    """Long notes that waver without a vibrato."""
    held = long_notes(facts)
    wavering = [(n, one) for n, one in held if one.vibrato is None and one.spread > 22.0]
    if len(wavering) < 3 or len(wavering) < 0.4 * len(held):
        return None
    spread = float(np.median([one.spread for _, one in wavering]))
    text = f"{len(wavering)} of {len(held)} long notes waver by {spread:.0f} cents without being a vibrato."
    return facts.tip("steadiness", text, SHARE_COST * len(wavering) / len(held), [n for n, _ in wavering])


def swing(facts: Evidence) -> Tip | None:
    """A vibrato that is too slow, too fast or too wide."""
    held = long_notes(facts)
    with_it = [(n, one, one.vibrato) for n, one in held if one.vibrato is not None]
    for name, (says, test) in SWINGS.items():
        odd = [(n, v) for n, _, v in with_it if test(v)]
        if len(odd) >= 3 and len(odd) >= AGREE * len(with_it):
            rate = float(np.median([v.rate for _, v in odd]))
            extent = float(np.median([v.extent for _, v in odd]))
            amount = f"{extent:.1f} semitones" if name == "wide" else f"{rate:.1f} swings a second"
            text = f"Your vibrato is {name}: {amount} on {len(odd)} of {len(held)} long notes; {says}."
            return facts.tip("vibrato", text, SHARE_COST / 2 * len(odd) / len(held), [n for n, _ in odd])
    return None


SWINGS: dict[str, tuple[str, Callable[[Vibrato], bool]]] = {
    "slow": ("aim for 5 to 7 a second", lambda swing: swing.kind == "wobble"),
    "fast": ("aim for 5 to 7 a second", lambda swing: swing.kind == "tremolo"),
    "wide": ("up to two is usual", lambda swing: swing.extent > 2.0),
}
"""What a vibrato can be too much of, and what to do."""

CYCLES = 4.0
"""Swings after which a line through a vibrato is level."""

AGREE = 0.6
"""The share of the notes with a vibrato that must have the same fault."""


def long_notes(facts: Evidence) -> list[tuple[int, SungNote]]:
    """The notes that were held, each once."""
    found: dict[float, tuple[int, SungNote]] = {}
    for n in facts.pitched:
        one = facts.notes[n].sung
        if one is not None and one.length >= LONG:
            found.setdefault(one.start, (n, one))
    return list(found.values())


def timing(facts: Evidence) -> Tip | None:
    """Lines begun late or early; else all onsets; else a tempo that runs away; else onsets that scatter."""
    timed = [n for n in facts.numbers if facts.notes[n].onset is not None]
    late = {n: facts.notes[n].onset or 0.0 for n in timed}
    first = {numbers[0] for numbers in facts.lines.values()}
    heads, rest = [n for n in timed if n in first], [n for n in timed if n not in first]
    found = lean([late[n] for n in heads], 1.5 * LATE, 3, 0.02)
    if found is not None and apart([late[n] for n in heads], [late[n] for n in rest], 0.02) > 1:
        text = (
            f"You begin lines {_ms(found.mean)} {_when(found.mean)} ({found.agreeing} of {found.count}), "
            "but not the notes inside them; breathe earlier."
            if found.mean > 0
            else f"You begin lines {_ms(found.mean)} early ({found.agreeing} of {found.count})."
        )
        return facts.tip("line beginnings", text, facts.time_cost(heads), heads)
    running = _running(facts, timed, late)
    if running is not None:
        return running
    found = lean([late[n] for n in timed], LATE, 4, 0.02)
    if found is not None:
        text = f"You come in {_ms(found.mean)} {_when(found.mean)} ({found.agreeing} of {found.count} notes)."
        return facts.tip("timing", text, facts.time_cost(timed), timed)
    spread = float(np.std([late[n] for n in timed])) if len(timed) >= 6 else 0.0
    if spread >= SCATTER:
        text = f"Your notes begin unevenly: they scatter by {_ms(spread)} around the beat ({len(timed)} notes)."
        return facts.tip("unsteady beat", text, facts.time_cost(timed), timed)
    return None


def _running(facts: Evidence, timed: Sequence[int], late: dict[int, float]) -> Tip | None:
    """Onsets that come later and later, or earlier and earlier."""
    if len(timed) < 8:
        return None
    at = np.array([facts.notes[n].target.start for n in timed])
    off = np.array([late[n] for n in timed])
    slope, begin = np.polyfit(at - at[0], off, 1)
    change = float(slope * (at[-1] - at[0]))
    rest = max(float(np.std(off - begin - slope * (at - at[0]))), 0.02)
    error = rest / (float(np.std(at)) * math.sqrt(len(at))) * float(at[-1] - at[0])
    if abs(change) < 2.5 * LATE or abs(change) < 4.0 * error:
        return None
    word = "slow down" if change > 0 else "hurry"
    text = f"You {word}: from {_signed(begin)} at the beginning to {_signed(begin + change)} at the end."
    return facts.tip("tempo", text, facts.time_cost(timed), timed)


def breath(facts: Evidence) -> Tip | None:
    """Last notes of lines that are let go too early, more often than others."""
    if len(facts.lines) < 3:
        return None
    pitched = set(facts.pitched)
    last = [numbers[-1] for numbers in facts.lines.values() if numbers[-1] in pitched]
    cut, ends = [n for n in last if _missing(facts, n) >= CUT], set(last)
    inner = [n for n in facts.pitched if n not in ends]
    elsewhere = sum(_missing(facts, n) >= CUT for n in inner) / len(inner) if inner else 0.0
    if len(cut) < 3 or len(cut) < len(last) / 2 or elsewhere > len(cut) / len(last) / 2:
        return None
    short = float(np.median([_missing(facts, n) for n in cut]))
    text = f"You let the last note of {len(cut)} of {len(last)} lines go {short:.1f} s too early; plan your breath."
    return facts.tip("breath", text, max(facts.pitch_cost(cut), SHARE_COST / 2 * len(cut) / len(last)), cut)


def _missing(facts: Evidence, number: int) -> float:
    """Seconds of a note's end that were not sung."""
    note = facts.notes[number]
    return max(note.target.end - note.sung.end, 0.0) if note.sung is not None else 0.0


def unsung(facts: Evidence) -> Tip | None:
    """Notes that are missing: at an edge of the range, or anywhere."""
    gone = [n for n in facts.numbers if facts.notes[n].cents is None or facts.notes[n].covered < 0.2]
    if len(gone) < 2 or not facts.pitched or len(gone) < 0.05 * len(facts.numbers):
        return None
    sung = [facts.notes[n].target.pitch for n in facts.pitched]
    above = [n for n in gone if facts.notes[n].target.pitch > max(sung)]
    below = [n for n in gone if facts.notes[n].target.pitch < min(sung)]
    edge, top = (above, True) if len(above) >= len(below) else (below, False)
    if len(edge) >= max(2, AGREE * len(gone)):
        limit = max(sung) if top else min(sung)
        far = max(abs(facts.notes[n].target.pitch - limit) for n in edge)
        text = (
            f"You did not reach the {len(edge)} notes {'above' if top else 'below'} {name_of(limit)}; "
            f"try the song {far:.0f} semitones {'lower' if top else 'higher'}."
        )
        return facts.tip("range", text, facts.pitch_cost(edge), edge)
    text = f"{len(gone)} of {len(facts.numbers)} notes were not sung."
    return facts.tip("unsung", text, facts.pitch_cost(gone), gone)


def _mean(facts: Evidence, numbers: Sequence[int]) -> float:
    return float(np.mean([facts.cents(n) for n in numbers])) if numbers else 0.0


def _ms(seconds: float) -> str:
    return f"{1000 * abs(seconds):.0f} ms"


def _signed(seconds: float) -> str:
    return f"{_ms(seconds)} {_when(seconds)}"


def _when(seconds: float) -> str:
    return "late" if seconds > 0 else "early"
