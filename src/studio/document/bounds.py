"""What makes sense in a song: the bounds that every edit and every file keep."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable

from ..errors import StudioError
from .correction import Correction
from .harmony import SCALES
from .instruments import MAX_ZONES, Instrument, Zone
from .notes import BEND_RANGE, MAX_TEXT, MIN_LOOP, PRESSURE, Bend, Block, Control, Controller, Note, NoteClip, note_key
from .parts import ClipPart, ControlsPart, MediaPart, NotesPart, Part, RootPart, TrackPart
from .project import MAX_GAIN, AudioClip, Comp, Insert, Strip, Track
from .recipes import PARTS, Recipe
from .time import MAX_BPM, MAX_RATE, MIN_BPM, MIN_RATE

MAX_FRAME = 2**47
"""Bound of every position and length in a file: 90 years at 48 kHz, in ticks even more."""

MAX_BARS = 4096
"""The most bars a recipe may speak of."""

MAX_STEPS = 1024
"""The most steps of a groove."""

MAX_TUNED = 100_000
"""The most notes a correction may hold: a day of singing."""

MAX_SHIFT = 24.0
"""Semitones by which a note may be moved."""

MAX_SPEED = 2000.0
"""Milliseconds that the way from one corrected note to the next may take."""

MAX_SOUNDING = 10_000_000
"""The most notes a clip may come to when its pattern repeats."""


class CodecError(StudioError):
    """Parts that are not a song this version can read."""


def check(part: Part) -> None:
    """Raises CodecError where a part's values make no sense: the bounds that every edit and every file keep."""
    match part:
        case RootPart():
            _check_root(part)
        case TrackPart():
            _check_track(part.track)
        case ClipPart():
            _check_note_clip(part.clip) if isinstance(part.clip, NoteClip) else _check_clip(part.clip)
        case NotesPart():
            _check_notes(part.block)
        case ControlsPart():
            _check_controls(part.block)
        case MediaPart():
            media = part.media
            require(is_inside(media.file), f"the file name {media.file!r} of a media")
            require(0 <= media.frames <= MAX_FRAME and 1 <= media.channels <= 2, "the size of a media")
            require(0 < media.rate <= 10_000_000, "the rate of a media")
            require(abs(media.key) <= 24 and 0.1 <= media.pace <= 10.0, "the practice that a media was recorded in")


def _check_root(root: RootPart) -> None:
    require(MIN_RATE <= root.rate <= MAX_RATE, "the sample rate")
    require(bool(root.tempo) and root.tempo[0].tick == 0, "the start of the tempo map")
    require(all(MIN_BPM <= point.bpm <= MAX_BPM for point in root.tempo), "a tempo (10 to 999 BPM)")
    require(_rising(point.tick for point in root.tempo), "the order of the tempo map")
    require(bool(root.signatures) and root.signatures[0].tick == 0, "the start of the time signatures")
    for signature in root.signatures:
        fits = 1 <= signature.numerator <= 64 and signature.denominator in {1, 2, 4, 8, 16, 32}
        require(fits, f"the time signature {signature.numerator}/{signature.denominator}")
    require(_rising(signature.tick for signature in root.signatures), "the order of the time signatures")
    for before, after in itertools.pairwise(root.signatures):
        require((after.tick - before.tick) % before.bar_ticks == 0, "a time signature that is not on a bar line")
    require(0 <= root.loop.start < root.loop.end <= MAX_FRAME, "the loop range")
    require(all(0 <= s.start <= MAX_FRAME and 0 < s.length <= MAX_FRAME for s in root.sections), "a section")
    require(all(0 <= m.start <= MAX_FRAME for m in root.markers), "a marker")
    for items in (root.sections, root.markers):
        keys = [(item.start, item.id) for item in items]
        require(keys == sorted(set(keys)), "the order of sections and markers")
    _check_harmony(root)
    _check_strip(root.master)


def _check_harmony(root: RootPart) -> None:
    for chord in root.chords:
        spot = 0 <= chord.start <= MAX_FRAME and 0 < chord.length <= MAX_FRAME
        require(spot and chord.root in range(12) and (chord.bass is None or chord.bass in range(12)), "a chord")
    for a, b in itertools.pairwise(root.chords):
        require(a.start + a.length <= b.start, "chords that overlap")
    for key in root.keys:
        require(0 <= key.tick <= MAX_FRAME and key.tonic in range(12) and key.mode in SCALES, "a key")
    require(_rising(key.tick for key in root.keys), "the order of the keys")


def _check_track(track: Track) -> None:
    _check_strip(track.strip)
    require(len(track.inputs) in {1, 2} and all(0 <= i < 1024 for i in track.inputs), "inputs")
    require((track.kind == "instrument") == (track.instrument is not None), "an instrument track without instrument")
    pitches = [lane.pitch for lane in track.lanes]
    require(all(0 <= p <= 127 for p in pitches) and len(set(pitches)) == len(pitches), "the lanes of a drum grid")
    if track.instrument is not None:
        require(track.base == "musical", "an instrument track that does not follow the tempo")
        _check_instrument(track.instrument)


def _check_instrument(instrument: Instrument) -> None:
    require(0 <= instrument.program <= 127 and 0 <= instrument.bank < 2**14, "the program of an instrument")
    require(all(math.isfinite(value) for _, value in instrument.parameters), "an instrument's parameter")
    require(len(instrument.zones) <= MAX_ZONES, f"an instrument of more than {MAX_ZONES} zones")
    for zone in instrument.zones:
        _check_zone(zone)


def _check_zone(zone: Zone) -> None:
    require(0 <= zone.low <= zone.high <= 127 and 0 <= zone.root <= 127, "the keys of a zone")
    require(0 <= zone.start <= MAX_FRAME and 0 < zone.length <= MAX_FRAME, "the part of its media a zone plays")
    require(0.0 <= zone.gain <= MAX_GAIN and abs(zone.tune) <= 4800.0, "a zone's gain or tuning")
    require(0 <= zone.choke <= 127, "the group of a zone")


def _check_strip(strip: Strip) -> None:
    require(0.0 <= strip.gain <= MAX_GAIN, "a fader")
    require(-1.0 <= strip.pan <= 1.0, "a pan")
    require(all(0.0 <= send.gain <= MAX_GAIN for send in strip.sends), "a send")
    for insert in strip.inserts:
        _check_insert(insert)


def _check_insert(insert: Insert) -> None:
    require(all(math.isfinite(value) for _, value in insert.parameters), "an effect's parameter")


def _check_note_clip(clip: NoteClip) -> None:
    spot = 0 < clip.ticks <= MAX_FRAME and abs(clip.anchor) <= MAX_FRAME and abs(clip.lead) <= MAX_FRAME
    require(spot, "the position of a clip")
    require(clip.loop == 0 or MIN_LOOP <= clip.loop <= MAX_FRAME, "the pattern that a clip repeats")
    require(clip.loop == 0 or clip.ticks <= clip.loop * MAX_SOUNDING, "how often a clip repeats its pattern")
    require(0.0 <= clip.gain <= MAX_GAIN and abs(clip.transpose) <= 127, "a clip's gain or transposition")
    if clip.recipe is not None:
        _check_recipe(clip.recipe)


def _check_recipe(recipe: Recipe) -> None:
    request = recipe.request
    require(recipe.part in PARTS and set(request.parts) <= set(PARTS), "the part of a recipe")
    require(0 <= recipe.first < MAX_BARS and len(recipe.seeds) == len(recipe.marks) <= MAX_BARS, "the bars of a recipe")
    require(all(0 <= number < 2**63 for number in (*recipe.seeds, *recipe.marks, request.seed)), "a seed of a recipe")
    require(MIN_BPM <= request.bpm <= MAX_BPM and 1 <= request.bars <= MAX_BARS, "the size of a request")
    require(request.tonic in range(12) and request.mode in SCALES, "the key of a request")
    require(1 <= request.numerator <= 64 and request.denominator in {1, 2, 4, 8, 16, 32}, "the bar of a request")
    shares = (request.complexity, request.intensity, request.humanise, request.fills)
    require(all(0.0 <= share <= 1.0 for share in shares), "a dial of a request")
    require(request.swing is None or 50.0 <= request.swing <= 75.0, "the swing of a request")
    require(len(request.form) <= MAX_BARS and all(0 < part.bars <= MAX_BARS for part in request.form), "a form")
    groove = request.groove
    fits = groove is None or (
        0 < groove.step <= MAX_FRAME and 0 < len(groove.shifts) == len(groove.accents) <= MAX_STEPS
    )
    require(fits and set(request.grooved) <= set(PARTS), "the groove of a request")


def _check_notes(block: Block[Note]) -> None:
    require(block.id >= 0 and bool(block.items), "a block without notes")
    for note in block.items:
        spot = abs(note.start) <= MAX_FRAME and 0 < note.length <= MAX_FRAME and abs(note.shift) <= MAX_FRAME
        sound = 0 <= note.pitch <= 127 and 1 <= note.velocity <= 127 and abs(note.lift) <= 127
        require(spot and sound and 0.0 <= note.probability <= 1.0, "a note")
        require(len(note.text) <= MAX_TEXT, "a syllable of more than 200 characters")
    require(all(note_key(a) < note_key(b) for a, b in itertools.pairwise(block.items)), "the order of notes")


def _check_controls(block: Block[Control]) -> None:
    require(block.id >= 0 and bool(block.items), "a block without controllers")
    for point in block.items:
        require(abs(point.tick) <= MAX_FRAME and _in_range(point), "a controller")
    require(all(a.tick <= b.tick for a, b in itertools.pairwise(block.items)), "the order of controllers")


def _in_range(point: Control) -> bool:
    match point:
        case Controller():
            return 0 <= point.number <= PRESSURE and 0 <= point.value <= 127
        case Bend():
            return -BEND_RANGE <= point.value < BEND_RANGE
        case _:
            return 0 <= point.program <= 127 and 0 <= point.bank < 2**14


def check_blocks(clip: NoteClip) -> None:
    """Raises CodecError where the blocks of a clip do not go together. Each of them has been checked alone."""
    for a, b in itertools.pairwise(clip.note_blocks):
        require(note_key(a.items[-1]) < note_key(b.items[0]), "the order of notes")
    for before, after in itertools.pairwise(clip.control_blocks):
        require(before.items[-1].tick < after.items[0].tick, "the order of controllers")
    for ids in ([block.id for block in clip.note_blocks], [block.id for block in clip.control_blocks]):
        require(len(set(ids)) == len(ids), "two blocks of one number")
    turns = clip.ticks // clip.loop + 2 if clip.loop else 1
    count = clip.note_count + sum(len(block.items) for block in clip.control_blocks)
    require(turns == 1 or count * turns <= MAX_SOUNDING, "how many notes a repeating clip comes to")


def _check_clip(clip: AudioClip | Comp) -> None:
    spot = 0 < clip.length <= MAX_FRAME and abs(clip.anchor) <= MAX_FRAME and abs(clip.offset) <= MAX_FRAME
    require(spot, "the position of a clip")
    require(0.0 <= clip.gain <= MAX_GAIN, "a clip's gain")
    require(clip.fade_in >= 0 and clip.fade_out >= 0 and clip.fade_in + clip.fade_out <= clip.length, "a clip's fades")
    if not isinstance(clip, Comp):
        require(0 <= clip.source <= MAX_FRAME, "the part of its media a clip shows")
        _check_correction(clip.correction)
        return
    require(0 <= clip.lead <= MAX_FRAME, "the trim of a comp")
    require(bool(clip.takes) and bool(clip.spans), "a comp without takes")
    require(_rising(span.end for span in clip.spans) and clip.spans[0].end > 0, "the ranges of a comp")
    require(clip.lead + clip.length <= clip.spans[-1].end, "the length of a comp")
    ids = {take.id for take in clip.takes}
    require(len(ids) == len(clip.takes) and all(span.take in ids or not span.take for span in clip.spans), "takes")
    for take in clip.takes:
        fits = 0 <= take.start <= MAX_FRAME and 0 <= take.source <= MAX_FRAME and 0 < take.length <= MAX_FRAME
        require(fits and 0.0 <= take.gain <= MAX_GAIN, "a take")
        _check_correction(take.correction)


def _check_correction(correction: Correction | None) -> None:
    if correction is None:
        return
    require(len(correction.notes) <= MAX_TUNED, "how many notes a correction holds")
    require(0.0 <= correction.strength <= 1.0 and 0.0 <= correction.speed <= MAX_SPEED, "the strength of a correction")
    allowed = list(correction.scale)
    require(allowed == sorted(set(allowed)) and set(allowed) <= set(range(12)), "the scale of a correction")
    for note in correction.notes:
        spot = 0 <= note.start < note.end <= MAX_FRAME and 0.0 <= note.pitch <= 150.0
        amounts = 0.0 <= note.centre <= 1.0 and 0.0 <= note.drift <= 1.0 and 0.0 <= note.vibrato <= 2.0
        require(spot and amounts and abs(note.shift) <= MAX_SHIFT, "a corrected note")
    for a, b in itertools.pairwise(correction.notes):
        require(a.end <= b.start, "corrected notes that overlap")


def is_inside(file: str) -> bool:
    """Whether a stored path with forward slashes stays inside its folder on every platform, links aside."""
    pieces = file.replace("\\", "/").split("/")
    plain = all(piece not in {"", ".", ".."} for piece in pieces)
    return plain and ":" not in file and "\0" not in file and len(file) < 1024


def _rising(values: Iterable[int]) -> bool:
    return all(a < b for a, b in itertools.pairwise(values))


def require(condition: bool, what: str) -> None:
    """Raises CodecError about `what` unless the condition holds."""
    if not condition:
        raise CodecError(f"This does not make sense in a song: {what}.")
