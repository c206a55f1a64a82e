"""From a request to notes: every part written in turn, each hearing those before it, then played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from ....document.harmony import Chord
from ....document.notes import Control, Note
from ....document.project import new_ids
from ....document.recipes import PARTS, Recipe, Request, mark
from ....document.time import Signature
from ..arranger.forms import SectionPlan
from ..genres.genre import Genre
from .bass import write_bass
from .comping import write_chords_part
from .draft import Draft, Felt, loudness
from .drums import write_drums
from .effects import ducked, rises, write_effects
from .feel import play
from .harmonising import write_harmony
from .melody import write_melody
from .sheet import Bar, Drummer, Sheet

DYNAMICS, USUAL = 0.4, 0.7
"""How much louder, in parts of a velocity, the fullest section is than an empty one; the energy of written velocity."""


class Passage(msgspec.Struct, frozen=True):
    """What a part plays in a section. Notes and controls are counted from the section's first tick."""

    part: str
    section: SectionPlan
    start: int
    ticks: int
    notes: tuple[Note, ...]
    controls: tuple[Control, ...]
    recipe: Recipe


class Composition(msgspec.Struct, frozen=True):
    """Everything that was written for a request. Ticks count from its first bar."""

    request: Request
    genre: Genre
    signature: Signature
    ticks: int
    sections: tuple[SectionPlan, ...]
    chords: tuple[Chord, ...]
    passages: tuple[Passage, ...]

    def part(self, name: str) -> list[Passage]:
        """The passages of a part, in order."""
        return [passage for passage in self.passages if passage.part == name]


def compose(
    genre: Genre, request: Request, chords: Sequence[Chord] = (), drummer: Drummer | None = None
) -> Composition:
    """Writes all parts of a request. `chords` of the song go before those of the genre. Any thread.

    A `drummer` plays the drums; the parts that hear them hear what it plays.
    """
    sheet = Sheet(genre, request, chords, drummer=drummer)
    passages: list[Passage] = []
    for part in PARTS:
        if part in request.parts and plays(genre, part):
            sheet.written[part] = write_part(sheet, part, sheet.bars)
    for part in sheet.written:
        passages += (_passage(sheet, part, section) for section in sheet.sections if part in section.parts)
    filled = tuple(passage for passage in passages if passage.notes)
    ticks, chords_written = sheet.end, tuple(sheet.chords)
    return Composition(request, genre, sheet.signature, ticks, tuple(sheet.sections), chords_written, filled)


def plays(genre: Genre, part: str) -> bool:
    """Whether a genre has a part at all."""
    if part == "drums":
        return genre.drums is not None
    if part == "percussion":
        return genre.percussion is not None
    return part != "effects" or genre.transitions.riser > 0


def write_part(sheet: Sheet, part: str, bars: Sequence[Bar]) -> list[Draft]:
    """What a part plays in some bars, where its section lets it play; unfelt."""
    bars = [bar for bar in bars if part in bar.section.parts]
    if part in ("drums", "percussion"):
        drums = sheet.genre.drums if part == "drums" else sheet.genre.percussion
        written = write_drums(sheet, part, drums, bars) if drums is not None else []
    else:
        written = _WRITERS[part](sheet, bars)
    if part == "effects":
        return written
    if part == "drums" and sheet.drummer is not None:
        return _drummed(sheet, sheet.drummer, written, bars)
    return [_dynamic(sheet, part, note) for note in written if not _hushed(sheet, note)]


def _drummed(sheet: Sheet, drummer: Drummer, written: Sequence[Draft], bars: Sequence[Bar]) -> list[Draft]:
    """What a drummer plays, as loud as the sections are full."""
    by_bar: dict[int, list[Draft]] = {}
    for note in written:
        by_bar.setdefault(note.start // sheet.signature.bar_ticks, []).append(note)
    drafts = []
    for bar in bars:
        felt = drummer.play(sheet, bar, by_bar.get(bar.number, []))
        sheet.played[bar.number] = [_loud(sheet, bar, one) for one in felt if not _hushed(sheet, one.draft)]
        drafts += [one.draft for one in sheet.played[bar.number]]
    return drafts


def _loud(sheet: Sheet, bar: Bar, felt: Felt) -> Felt:
    """A stroke as loud as its section is full, not before its section."""
    draft = _dynamic(sheet, "drums", felt.draft)
    shift = max(felt.shift, (bar.number - bar.within) * bar.ticks - draft.start)
    return Felt(draft, shift, loudness(1.0, draft.velocity + felt.lift) - draft.velocity)


def _dynamic(sheet: Sheet, part: str, note: Draft) -> Draft:
    """The note as loud as its section is full. A second voice that follows the melody has its loudness already."""
    if part == "harmony" and sheet.genre.harmony.style != "long":
        return note
    energy = sheet.bars[min(note.start // sheet.bars[0].ticks, len(sheet.bars) - 1)].section.energy
    return msgspec.structs.replace(note, velocity=loudness(note.velocity, 1.0 + DYNAMICS * (energy - USUAL)))


_WRITERS = {
    "chords": write_chords_part,
    "bass": write_bass,
    "melody": write_melody,
    "harmony": write_harmony,
    "effects": write_effects,
}


def _hushed(sheet: Sheet, note: Draft) -> bool:
    """Whether a note falls into the beat of silence before a much fuller section."""
    bar = sheet.bars[min(note.start // sheet.bars[0].ticks, len(sheet.bars) - 1)]
    after = bar.section.number + 1
    if not bar.closes or note.start < bar.end - sheet.beat or after >= len(sheet.sections):
        return False
    if sheet.sections[after].energy - bar.section.energy < 0.1:
        return False
    return sheet.habit("effects", bar, "silence").happens(sheet.genre.transitions.silence)


def _passage(sheet: Sheet, part: str, section: SectionPlan) -> Passage:
    bars = sheet.bars[section.first : section.first + section.bars]
    start, end = bars[0].start, bars[-1].end
    notes, marks = [], []
    for bar in bars:
        played = play_bar(sheet, part, bar, sheet.heard(part, bar), start, end)
        notes += played
        marks.append(mark(played, bar.start - start))
    seeds = tuple(sheet.seed(part, bar.number) for bar in bars)
    recipe = Recipe(sheet.request, part, section.first, seeds, tuple(marks))
    return Passage(part, section, start, end - start, tuple(notes), tuple(controls(sheet, part, bars)), recipe)


def play_bar(sheet: Sheet, part: str, bar: Bar, written: Sequence[Draft], start: int, end: int) -> list[Note]:
    """The notes of a bar with their feel, counted from tick `start`; none begins before it or ends after `end`."""
    drummed = part == "drums" and sheet.drummer is not None
    felt = sheet.played.get(bar.number, []) if drummed else play(sheet, part, bar, written)
    ids = new_ids("note", len(felt))
    return [_note(key, one, start, end) for key, one in zip(ids, felt, strict=True)]


def _note(key: str, felt: Felt, start: int, end: int) -> Note:
    draft = felt.draft
    begin = min(max(draft.start + felt.shift, start), end - 1)
    length = min(max(draft.length, 1), end - begin)
    velocity = draft.velocity + felt.lift
    return Note(key, begin - start, length, draft.pitch, velocity, shift=begin - draft.start, lift=felt.lift)


def controls(sheet: Sheet, part: str, bars: Sequence[Bar]) -> list[Control]:
    """The controllers and bends of a part in some bars, counted from the first one's tick."""
    start, end = bars[0].start, bars[-1].end
    points: list[Control] = []
    if part == "effects":
        points = rises([note for bar in bars for note in sheet.heard(part, bar)])
    else:
        sound = sheet.genre.sounds.get(part)
        if sound is not None and sound.duck:
            kicks = sorted({hit.start for bar in bars for hit in sheet.heard("drums", bar) if hit.lane == "kick"})
            points = ducked(kicks, sound.duck, sheet.beat, end)
    return [msgspec.structs.replace(point, tick=point.tick - start) for point in points]


def sheet_of(
    genre: Genre,
    request: Request,
    chords: Sequence[Chord],
    seeds: Mapping[tuple[str, int], int],
    heard: Mapping[str, Sequence[Note]],
    drummer: Drummer | None = None,
) -> Sheet:
    """A sheet for writing bars anew beside what is there.

    `heard` are the notes of each part as they are played, at ticks from the composition's first bar.
    """
    sheet = Sheet(genre, request, chords, seeds, drummer)
    for part, notes in heard.items():
        lanes = lanes_of(genre, part)
        sheet.written[part] = [_unfelt(note, lanes.get(note.pitch, "")) for note in notes]
        if part == "drums":
            for note, draft in zip(notes, sheet.written[part], strict=True):
                number = draft.start // sheet.signature.bar_ticks
                sheet.played.setdefault(number, []).append(Felt(draft, note.shift, note.lift))
    return sheet


def _unfelt(note: Note, lane: str) -> Draft:
    return Draft(note.start - note.shift, note.length, note.pitch, note.velocity - note.lift, lane)


def lanes_of(genre: Genre, part: str) -> dict[int, str]:
    """The names of a part's drums by pitch."""
    drums = {"drums": genre.drums, "percussion": genre.percussion}.get(part)
    return {lane.pitch: name for name, lane in drums.lanes.items()} if drums else {}
