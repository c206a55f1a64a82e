"""What the producer wrote, written anew in part: a part, a section, a bar, while all else stays as it is."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from ..document.blocks import control_blocks, note_blocks
from ..document.document import Edit
from ..document.edits.recipes import rewrite_clips
from ..document.harmony import Chord
from ..document.notes import Control, Note, NoteClip
from ..document.project import Project
from ..document.recipes import PARTS, RULES, Recipe, Request, mark
from ..engine.music.composer.choosing import VARIATION
from ..engine.music.composer.compose import controls, play_bar, sheet_of, write_part
from ..engine.music.composer.draft import Draft
from ..engine.music.composer.sheet import Bar, Sheet
from ..engine.music.genres.reading import Catalogue
from ..errors import StudioError
from .drumming import Told, drummer_of

NewSeed = Callable[[int], int]
"""From the seed that a bar was written with to its next one."""


class Rerolled(msgspec.Struct, frozen=True):
    """The edit, how many bars it writes anew, and how many edited by hand it leaves alone."""

    edit: Edit
    written: int
    kept: int


def other(_: int) -> int:
    """A seed that has nothing to do with the last one."""
    return secrets.randbelow(VARIATION)


def alike(seed: int) -> int:
    """A seed with the habits of the last one: the same patterns and motifs, played another time."""
    return seed % VARIATION + VARIATION * (1 + secrets.randbelow(2**20))


def same(seed: int) -> int:
    """The same seed, for a request that has changed."""
    return seed


def simpler(request: Request) -> Request:
    """The request with less going on."""
    return replace(request, complexity=max(round(request.complexity - 0.2, 2), 0.0))


def busier(request: Request) -> Request:
    """The request with more going on."""
    return replace(request, complexity=min(round(request.complexity + 0.2, 2), 1.0))


def reroll(
    project: Project,
    catalogue: Catalogue,
    clip_ids: Iterable[str],
    *,
    bars: Collection[int] | None = None,
    seed: NewSeed = other,
    change: Callable[[Request], Request] = lambda request: request,
    label: str = "Re-roll",
    told: Told = lambda _: None,
) -> Rerolled:
    """The edit that writes clips of the producer anew, or only `bars` of them (0-based, of the clip's own recipe).

    Everything else stays bit-identical. Bars edited by hand are kept, unless they are named in `bars`; locked clips are
    left alone. A part hears what the others play now, and the song's chords. Any thread, a worker thread where
    `is_slow` says so; `told` is as of `drummer_of`. Raises StudioError with the reason where there is nothing to write.
    """
    clips = _produced(project, clip_ids)
    changed: dict[str, NoteClip] = {}
    written = kept = 0
    for clip, recipe in clips:
        sheet = _sheet(project, catalogue, clip, replace(recipe, request=change(recipe.request)), changed, told)
        wanted = [bar for bar in range(len(recipe.seeds)) if bars is None or bar in bars]
        free = [bar for bar in wanted if bars is not None or not edited(clip, recipe, bar)]
        kept += len(wanted) - len(free)
        if free:
            changed[clip.id] = _rewritten(sheet, clip, recipe, free, seed, change)
            written += len(free)
    if not changed:
        raise StudioError("Every bar there was edited by hand and is kept; choose a single bar to have it replaced.")
    return Rerolled(rewrite_clips(list(changed.values()), label), written, kept)


def is_slow(project: Project, clip_ids: Iterable[str]) -> bool:
    """Whether the model of drummers plays one of the clips, so that writing it anew takes a while."""
    wanted = set(clip_ids)
    recipes = (getattr(clip, "recipe", None) for track in project.tracks for clip in track.clips if clip.id in wanted)
    return any(one is not None and one.part == "drums" and one.request.engine != RULES for one in recipes)


def edited(clip: NoteClip, recipe: Recipe, bar: int) -> bool:
    """Whether a bar of a clip was edited by hand since it was written."""
    ticks = recipe.request.bar_ticks
    return mark(_bar_notes(clip.notes, bar, ticks), bar * ticks) != recipe.marks[bar]


def _produced(project: Project, clip_ids: Iterable[str]) -> list[tuple[NoteClip, Recipe]]:
    """The clips with their recipes, in the order in which parts hear each other. Locked ones are left out."""
    wanted = set(clip_ids)
    clips = [clip for track in project.tracks for clip in track.clips if clip.id in wanted]
    found = [(clip, clip.recipe) for clip in clips if isinstance(clip, NoteClip) and clip.recipe is not None]
    if not found:
        raise StudioError("The producer wrote none of these clips; choose some that it did, or write new ones.")
    free = [(clip, recipe) for clip, recipe in found if not recipe.locked]
    if not free:
        raise StudioError("These clips are locked; unlock one to write it anew.")
    return sorted(free, key=lambda pair: (PARTS.index(pair[1].part), pair[0].anchor))


def _sheet(
    project: Project, catalogue: Catalogue, clip: NoteClip, recipe: Recipe, changed: Mapping[str, NoteClip], told: Told
) -> Sheet:
    """The composition of a clip as it stands in the song, with the changes so far."""
    genre = catalogue.genres.get(recipe.request.genre)
    if genre is None:
        raise StudioError(f"The genre “{recipe.request.genre}” is no longer there; put its file back and try again.")
    start = clip.origin - recipe.first * recipe.request.bar_ticks
    seeds = {(recipe.part, recipe.first + n): seed for n, seed in enumerate(recipe.seeds)}
    chords = _chords(project, start, recipe.request)
    drummer = drummer_of(recipe.request, told) if recipe.part == "drums" else None
    heard = _heard(project, start, clip, recipe.request, changed, drummer is not None)
    return sheet_of(genre, recipe.request, chords, seeds, heard, drummer)


def _chords(project: Project, start: int, request: Request) -> list[Chord]:
    end = start + request.bars * request.bar_ticks
    there = [chord for chord in project.chords if chord.start < end and chord.start + chord.length > start]
    return [replace(chord, start=chord.start - start) for chord in there]


def _heard(
    project: Project, start: int, clip: NoteClip, request: Request, changed: Mapping[str, NoteClip], before: bool
) -> dict[str, list[Note]]:
    """What each part plays around a clip, or also `before` it, at ticks from the composition's first bar."""
    low, high = start if before else clip.origin - request.bar_ticks, clip.end + request.bar_ticks
    heard: dict[str, list[Note]] = {}
    for track in project.tracks:
        for known in track.clips:
            if not isinstance(known, NoteClip) or known.recipe is None or known.end <= low or known.anchor >= high:
                continue
            present = changed.get(known.id, known)
            shift = present.origin - start
            notes = [replace(note, start=note.start + shift) for note in present.notes if not note.muted]
            heard.setdefault(known.recipe.part, []).extend(notes)
    return heard


def _rewritten(
    sheet: Sheet,
    clip: NoteClip,
    recipe: Recipe,
    bars: Sequence[int],
    seed: NewSeed,
    change: Callable[[Request], Request],
) -> NoteClip:
    """The clip with some bars written anew."""
    ticks, part = recipe.request.bar_ticks, recipe.part
    fresh = seed(recipe.seeds[bars[0]])
    seeds = [fresh if n in bars and seed is not same else old for n, old in enumerate(recipe.seeds)]
    sheet.reseed({(part, recipe.first + n): value for n, value in enumerate(seeds)})
    places = [sheet.bars[recipe.first + n] for n in bars]
    notes = _exchanged(sheet, clip, recipe, bars, places)
    marks = [mark(_bar_notes(notes, n, ticks), n * ticks) if n in bars else old for n, old in enumerate(recipe.marks)]
    made = replace(recipe, request=change(recipe.request), seeds=tuple(seeds), marks=tuple(marks))
    points = _controls(sheet, clip, part, bars, places, ticks)
    return replace(clip, note_blocks=note_blocks(notes), control_blocks=control_blocks(points), recipe=made)


def _exchanged(sheet: Sheet, clip: NoteClip, recipe: Recipe, bars: Sequence[int], places: Sequence[Bar]) -> list[Note]:
    """All notes of the clip, those of some bars written anew."""
    ticks, part = recipe.request.bar_ticks, recipe.part
    gone = set(bars)
    notes = [note for note in clip.notes if (note.start - note.shift) // ticks not in gone]
    first = recipe.first * ticks
    outside = [one for one in sheet.written.get(part, []) if (one.start - first) // ticks not in gone]
    sheet.written[part] = outside
    drafts: list[Draft] = write_part(sheet, part, list(places))
    sheet.written[part] = [*outside, *drafts]
    for bar in places:
        notes += play_bar(sheet, part, bar, sheet.heard(part, bar), first, first + len(recipe.seeds) * ticks)
    return notes


def _controls(
    sheet: Sheet, clip: NoteClip, part: str, bars: Sequence[int], places: Sequence[Bar], ticks: int
) -> list[Control]:
    """All controls of the clip, those of some bars written anew."""
    gone = set(bars)
    points = [point for point in clip.controls if point.tick // ticks not in gone]
    for n, bar in zip(bars, places, strict=True):
        points += [replace(point, tick=point.tick + n * ticks) for point in controls(sheet, part, [bar])]
    return sorted(points, key=lambda point: point.tick)


def _bar_notes(notes: Iterable[Note], bar: int, ticks: int) -> list[Note]:
    return [note for note in notes if (note.start - note.shift) // ticks == bar]
