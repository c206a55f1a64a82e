"""What the producer writes, put into the song: tracks with instruments and a rough mix, clips, chords, sections."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from ..document.document import Edit
from ..document.edits.clips import add_clips
from ..document.edits.harmony import put_chord
from ..document.edits.notes import make_note_clip
from ..document.edits.song import put_section, sequence
from ..document.edits.tracks import add_tracks, fresh_track
from ..document.harmony import Chord, Key
from ..document.instruments import DRUM_BANK, Instrument, Lane
from ..document.notes import NoteClip
from ..document.project import Insert, Loop, Project, Section, Send, Strip, Track, new_id
from ..document.recipes import PARTS, Request
from ..document.time import Signature, TempoPoint, bar_beat, bar_tick
from ..engine.audio.instruments.soundfont import find_fonts
from ..engine.music.composer.compose import Composition, Passage, compose
from ..engine.music.genres.genre import Genre, Sound
from .drumming import Told, drummer_of, remarks

REVERB = "Reverb"
"""The name of the bus that parts send to."""

SECTION_COLORS = {
    "intro": "#7fd1ae",
    "verse": "#5aa9e6",
    "pre-chorus": "#c792ea",
    "chorus": "#f2a33a",
    "bridge": "#a3b86c",
    "build": "#c792ea",
    "drop": "#ef767a",
    "breakdown": "#7fd1ae",
    "solo": "#a3b86c",
    "outro": "#7fd1ae",
}

_KITS = {24: "909", 25: "808"}
_FAMILIES = (
    "Keys", "Bell", "Organ", "Pluck", "Bass", "Pad", "Pad", "Brass",
    "Lead", "Lead", "Lead", "Pad", "Pad", "Pluck", "Bell", "Pad",
)  # fmt: skip
"""The synthesiser's preset that is nearest to each family of General MIDI."""

TITLES = {"effects": "Riser", "harmony": "Harmony"}
"""What parts are called where it is not simply their name."""


class Produced(msgspec.Struct, frozen=True):
    """The edit, the clips and tracks that it makes, and sentences about what was done otherwise than asked."""

    edit: Edit
    clips: tuple[str, ...]
    tracks: tuple[str, ...]
    composition: Composition
    notices: tuple[str, ...]


def produce(
    project: Project,
    genre: Genre,
    request: Request,
    at: int = 0,
    soundfont: bool | None = None,
    told: Told = lambda _: None,
) -> Produced:
    """Writes a request into the song from the bar line at or before tick `at`, as one undo step.

    A song without clips takes tempo, time signature and key of the request; any other keeps its own, and the request
    follows them. Chords that stand in the song there are played; where there are none the genre's are written down.
    What the producer wrote there before gives way, save locked clips; nothing else is touched. Without a `soundfont`
    all parts play on the studio's own instruments; None looks whether this system has one. Any thread, a worker thread
    where the request's engine is not the rules; `told` hears then how far the drums are, 0 to 1, and may raise to stop.
    Raises StudioError where the model of drummers cannot be had.
    """
    fresh = not any(track.clips for track in project.tracks)
    start = int(bar_tick(project.signatures, bar_beat(project.signatures, max(at, 0)).bar))
    if fresh:
        start = start // request.bar_ticks * request.bar_ticks
    request, notices = (request, []) if fresh else _adapted(project, request, start)
    edits = [_maps(request)] if fresh else []
    composition = compose(genre, request, _chords_there(project, start, request), drummer_of(request, told))
    notices += remarks(request)
    base = edits[0].change(project) if edits else project
    there = bool(find_fonts()) if soundfont is None else soundfont
    placing = _Placing(base, composition, start, there)
    edits += placing.edits
    if fresh:
        edits.append(_looped(start, start + composition.ticks))
    label = f"{genre.name}, {request.bars} bars"
    return Produced(sequence(label, edits), placing.clips, placing.tracks, composition, tuple(notices))


def _adapted(project: Project, request: Request, start: int) -> tuple[Request, list[str]]:
    """The request at the tempo and in the time signature of a song that has those already."""
    bpm = tempo_at(project, start)
    signature = _signature_at(project, start)
    notices = []
    if abs(bpm - request.bpm) > 0.01:
        notices.append(
            f"The song keeps its tempo of {bpm:g} BPM here, not {request.bpm:g}; change it in the transport."
        )
    if (signature.numerator, signature.denominator) != (request.numerator, request.denominator):
        asked = f"{request.numerator}/{request.denominator}"
        notices.append(f"The song is in {signature.numerator}/{signature.denominator} here; the notes are in {asked}.")
    return replace(request, bpm=bpm), notices


def tempo_at(project: Project, tick: int) -> float:
    """The tempo in BPM that is in force at a tick."""
    return next(point.bpm for point in reversed(project.tempo) if point.tick <= tick)


def _signature_at(project: Project, tick: int) -> Signature:
    return next(one for one in reversed(project.signatures) if one.tick <= tick)


def _maps(request: Request) -> Edit:
    """Gives an empty song tempo, time signature and key."""

    def change(project: Project) -> Project:
        return replace(
            project,
            tempo=(TempoPoint(0, request.bpm),),
            signatures=(Signature(0, request.numerator, request.denominator),),
            keys=(Key(0, request.tonic, request.mode),),
        )

    return Edit("Tempo and key", change)


def _looped(start: int, end: int) -> Edit:
    return Edit("Loop", lambda project: replace(project, loop=Loop(start, end, project.loop.on)))


def _chords_there(project: Project, start: int, request: Request) -> list[Chord]:
    """The song's own chords in the range, counted from its start."""
    end = start + request.bars * request.bar_ticks
    found = [chord for chord in project.chords if chord.start < end and chord.start + chord.length > start]
    return [replace(chord, start=chord.start - start) for chord in found]


class _Placing:
    """The edits that put a composition into a song from a tick on."""

    def __init__(self, project: Project, composition: Composition, start: int, soundfont: bool) -> None:
        self.composition, self.start, self._soundfont = composition, start, soundfont
        self.edits: list[Edit] = []
        made_clips: list[str] = []
        made_tracks: list[str] = []
        self._grown = project
        self._clear()
        reverb = self._reverb()
        kept = _locked(project, start, start + composition.ticks)
        for part in PARTS:
            passages = composition.part(part)
            if not passages or part in kept:
                continue
            track = self._track(part, reverb)
            clips = [_clip(passage, start) for passage in passages]
            self._do(add_clips(track.id, clips))
            made_tracks.append(track.id)
            made_clips += [clip.id for clip in clips]
        self._lanes(project)
        self._limit()
        self.clips, self.tracks = tuple(made_clips), tuple(made_tracks)

    def _do(self, edit: Edit) -> None:
        self.edits.append(edit)
        self._grown = edit.change(self._grown)

    def _clear(self) -> None:
        """Removes what the producer wrote in the range before. Clips that reach out of it stay whole where they begin
        before it."""
        start, end = self.start, self.start + self.composition.ticks

        def change(project: Project) -> Project:
            tracks = tuple(
                replace(track, clips=kept)
                if len(kept := tuple(c for c in track.clips if not _in_the_way(c, start, end))) < len(track.clips)
                else track
                for track in project.tracks
            )
            return replace(project, tracks=tracks)

        self._do(Edit("Clear", change))

    def _reverb(self) -> str:
        """The id of the bus for reverb, made if parts need it and it is not there."""
        if not any(sound.reverb for sound in self.composition.genre.sounds.values()):
            return ""
        known = next((track for track in self._grown.tracks if track.kind == "bus" and track.name == REVERB), None)
        if known is not None:
            return known.id
        parameters = (("damping", 0.45), ("mix", 1.0), ("room_size", 0.62), ("width", 1.0))
        insert = Insert(new_id("insert"), "reverb", parameters)
        bus = replace(fresh_track(self._grown, REVERB, "bus"), strip=Strip(gain=gain_of(-6.0), inserts=(insert,)))
        self._do(add_tracks((bus,)))
        return bus.id

    def _track(self, part: str, reverb: str) -> Track:
        """The track of a part: the one that plays it already, or a new one above the buses."""
        genre = self.composition.genre
        for track in self._grown.tracks:
            emptied = _is_emptied(track, genre, part, self._soundfont)
            if emptied or any(_plays(clip, genre.id, part) for clip in track.clips):
                return track
        made = _new_track(self._grown, genre, part, reverb, self._soundfont)
        buses = [n for n, track in enumerate(self._grown.tracks) if track.kind == "bus"]
        self._do(add_tracks((made,), buses[0] if buses else None))
        return made

    def _lanes(self, project: Project) -> None:
        """Writes down chords where the song had none, and the sections of a form."""
        end = self.start + self.composition.ticks
        for chord in self.composition.chords:
            placed = replace(chord, id=new_id("chord"), start=self.start + chord.start)
            if not any(_overlap(one, placed) for one in project.chords):
                self._do(put_chord(placed))
        if not self.composition.request.form:
            return
        start = self.start

        def without(given: Project) -> Project:
            kept = tuple(s for s in given.sections if s.start + s.length <= start or s.start >= end)
            return replace(given, sections=kept)

        self._do(Edit("Sections", without))
        bar = self.composition.signature.bar_ticks
        for plan in self.composition.sections:
            color = SECTION_COLORS.get(plan.kind, "#5aa9e6")
            section = Section(new_id("section"), start + plan.first * bar, plan.name, plan.bars * bar, color)
            self._do(put_section(section))

    def _limit(self) -> None:
        """A limiter on a master that has nothing yet, so that the rough mix cannot clip."""
        if self._grown.master.inserts:
            return
        insert = Insert(new_id("insert"), "limiter", (("ceiling_db", -1.0), ("release_ms", 120.0)))
        self._do(Edit("Limiter", lambda p: replace(p, master=replace(p.master, inserts=(insert,)))))


def _overlap(one: Chord, other: Chord) -> bool:
    return one.start < other.start + other.length and other.start < one.start + one.length


def _in_the_way(clip: object, start: int, end: int) -> bool:
    if not isinstance(clip, NoteClip) or clip.recipe is None or clip.recipe.locked:
        return False
    return start <= clip.anchor < end


def _locked(project: Project, start: int, end: int) -> set[str]:
    """The parts that a locked clip plays in the range."""
    clips = (clip for track in project.tracks for clip in track.clips if isinstance(clip, NoteClip))
    locked = (clip.recipe.part for clip in clips if clip.recipe and clip.recipe.locked and _touches(clip, start, end))
    return set(locked)


def _touches(clip: NoteClip, start: int, end: int) -> bool:
    return clip.anchor < end and clip.end > start


def _plays(clip: object, genre: str, part: str) -> bool:
    recipe = clip.recipe if isinstance(clip, NoteClip) else None
    return recipe is not None and recipe.part == part and recipe.request.genre == genre


def _is_emptied(track: Track, genre: Genre, part: str, soundfont: bool) -> bool:
    """Whether a track without clips is the one that the producer made for a part of this genre."""
    wanted = instrument_of(genre.sounds.get(part, Sound()), soundfont)
    return (
        track.kind == "instrument"
        and not track.clips
        and track.name.startswith(title_of(genre, part))
        and (track.instrument == wanted)
    )


def title_of(genre: Genre, part: str) -> str:
    """What the track of a part is called."""
    sound = genre.sounds.get(part)
    return (sound.name if sound else "") or TITLES.get(part, part.capitalize())


def instrument_of(sound: Sound, soundfont: bool = True) -> Instrument:
    """What a part plays on: without a SoundFont, the instrument of our own that is nearest to its sound."""
    if sound.kind == "soundfont" and not soundfont:
        if sound.bank == DRUM_BANK:
            return Instrument("drums", _KITS.get(sound.program, "Acoustic"))
        return Instrument("synth", _FAMILIES[sound.program // 8])
    parameters = tuple(sorted(sound.parameters.items()))
    return Instrument(sound.kind, sound.preset, sound.program, sound.bank, parameters)


def _new_track(project: Project, genre: Genre, part: str, reverb: str, soundfont: bool) -> Track:
    sound = genre.sounds.get(part, Sound())
    sends = (Send(new_id("send"), reverb, sound.reverb),) if sound.reverb and reverb else ()
    inserts = tuple(Insert(new_id("insert"), one.kind, tuple(sorted(one.parameters.items()))) for one in sound.inserts)
    strip = Strip(gain_of(sound.gain_db + genre.loudness_db), sound.pan, inserts=inserts, sends=sends)
    track = fresh_track(project, title_of(genre, part), "instrument", instrument=instrument_of(sound, soundfont))
    return replace(track, strip=strip, lanes=_drum_lanes(genre, part))


def _drum_lanes(genre: Genre, part: str) -> tuple[Lane, ...]:
    drums = {"drums": genre.drums, "percussion": genre.percussion}.get(part)
    if drums is None:
        return ()
    lanes: dict[int, Lane] = {}
    for name, lane in drums.lanes.items():
        lanes.setdefault(lane.pitch, Lane(lane.pitch, lane.title or name.replace("_", " ").capitalize()))
    return tuple(lanes.values())


def gain_of(level: float) -> float:
    """The linear gain of decibels."""
    return float(10.0 ** (level / 20.0))


def _clip(passage: Passage, start: int) -> NoteClip:
    name = f"{passage.part.capitalize()}" + ("" if passage.section.kind == "loop" else f" – {passage.section.name}")
    clip = make_note_clip(name, start + passage.start, passage.ticks, passage.notes, passage.controls)
    return replace(clip, recipe=passage.recipe)


def notes_by_part(composition: Composition) -> dict[str, int]:
    """How many notes each part got."""
    counts: dict[str, int] = {}
    for passage in composition.passages:
        counts[passage.part] = counts.get(passage.part, 0) + len(passage.notes)
    return counts


def seconds_of(composition: Composition) -> float:
    """How long it lasts."""
    return composition.ticks / 960 * 60 / composition.request.bpm
