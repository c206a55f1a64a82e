"""The coach after the take: a clip or a file is heard once, kept, and judged by whatever it is to be judged by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
import numpy as np
from msgspec.structs import replace

from ..document.document import Edit
from ..document.edits.takes import choose_ranges
from ..document.notes import NoteClip
from ..document.practice import practice_of
from ..document.project import AudioClip, Comp, Media, Project, Take, clip_start
from ..document.segments import Segment, segments
from ..engine.audio.decode import decode_blocks, probe
from ..engine.jobs import Work
from ..engine.voice.aims import Aim, Judged, judge
from ..engine.voice.bestcomp import Proposal, TakeHeard, best_comp
from ..engine.voice.grading import Tolerance
from ..engine.voice.heard import Heard, SoundFacts, Tone, decode_heard, encode_heard, listen, sound_notices, trust
from ..engine.voice.notes import SungNote, find_notes
from ..engine.voice.pitchtrack import PitchTrack, Reals
from ..engine.voice.tracking import STEP
from ..errors import StudioError
from ..storage.bundle import Bundle
from ..storage.coachfiles import read_heard, write_heard

Playable = Callable[[Media], Path | None]

LEFT_OVER = 1.0
"""Seconds from a target at which a note was surely not meant for it."""

SILENCE = -127.5
"""Decibels where a clip is silent."""


class Coached(msgspec.Struct, frozen=True):
    """A take and what the coach says of it. Seconds count from the beginning of its sound.

    `notices` are sentences about the sound and the target that qualify the figures.
    """

    name: str
    aim: Aim
    heard: Heard
    judged: Judged
    notices: tuple[str, ...]


def coach_file(path: Path, aim: Aim, work: Work, tolerance: Tolerance | None = None) -> Coached:
    """Judges a sound file. Worker threads; memory grows by 2 kB a second of sound. Raises StudioError."""
    info = probe(path)
    blocks = _reported(decode_blocks(path), info.frames, work)
    heard = listen(blocks, info.rate, work.check)
    return coached(path.stem, heard, aim, tolerance)


def coached(
    name: str, heard: Heard, aim: Aim, tolerance: Tolerance | None = None, found: tuple[SungNote, ...] | None = None
) -> Coached:
    """Judges what was heard before, by another aim or tolerance; the sound is not needed. Any thread.

    `found` are its notes, where they are known already: to find them takes half a second for five minutes.
    """
    notes = tuple(find_notes(heard.track)) if found is None else found
    judged = judge(heard.track, notes, aim, tolerance, trust(heard.sound))
    notices = [*sound_notices(heard), *aim.notices]
    if not notes and not notices:
        notices.append("No notes are heard; sing longer tones, or choose a take with one voice.")
    beyond = sum(note.target.start >= heard.sound.seconds for note in judged.graded.notes)
    if beyond:
        whole = len(judged.graded.notes)
        notices.append(
            f"The take ends before its target: {beyond} of {whole} notes lie beyond it and count as not sung."
        )
    notices += _left_over(aim, notes)
    if aim.target is not None and notes and not any(note.cents is not None for note in judged.graded.notes):
        notices.append("Nothing was sung where the target lies; check the offset at which it begins.")
    return Coached(name, aim, heard, judged, tuple(notices))


def _left_over(aim: Aim, notes: tuple[SungNote, ...]) -> list[str]:
    """Says what was sung before and after the target."""
    if aim.target is None:
        return []
    first, last = (aim.offset + at for at in (aim.target.lines[0].start, aim.target.lines[-1].end))
    told = []
    for where, count in (
        ("before its target begins", sum(note.end < first - LEFT_OVER for note in notes)),
        ("after its target ends", sum(note.start > last + LEFT_OVER for note in notes)),
    ):
        if count:
            told.append(f"{count} {'notes were' if count > 1 else 'note was'} sung {where}; they are not judged.")
    return told


def coach_in(
    bundle: Bundle,
    project: Project,
    clip_id: str,
    playable: Playable,
    aim: Aim,
    work: Work,
    tolerance: Tolerance | None = None,
) -> Coached:
    """Judges a clip or comp of a song as it sounds. Worker threads. Raises StudioError with the reason."""
    clip = sung_clip(project, clip_id)
    heard = heard_in(bundle, project, segments(clip, project.rate), clip.length, playable, work)
    return coached(clip.name, heard, aim_in_clip(aim, project, clip), tolerance)


def coach_takes(
    bundle: Bundle,
    project: Project,
    comp_id: str,
    playable: Playable,
    aim: Aim,
    work: Work,
    tolerance: Tolerance | None = None,
) -> dict[str, Coached]:
    """Judges every take of a comp by itself; all count from the comp's left edge. Worker threads.

    Raises StudioError with the reason.
    """
    comp = sung_clip(project, comp_id)
    if not isinstance(comp, Comp):
        raise StudioError("This clip has no takes to compare; record over it to make some.")
    here = aim_in_clip(aim, project, comp)
    found = {}
    for n, take in enumerate(comp.takes):
        share = work.part(n / len(comp.takes), (n + 1) / len(comp.takes))
        heard = heard_in(bundle, project, _alone(comp, take), comp.length, playable, share)
        found[take.id] = coached(take.name, heard, here, tolerance)
    return found


def propose_comp(project: Project, comp_id: str, judged: Mapping[str, Coached]) -> tuple[Proposal, Edit]:
    """The comp that takes judged by `coach_takes` make best, and the edit, one undo step, that makes it so. Pure."""
    comp = sung_clip(project, comp_id)
    known = {take_id: TakeHeard(one.heard, one.judged) for take_id, one in judged.items()}
    if not isinstance(comp, Comp) or not any(one.judged.notes for one in known.values()):
        raise StudioError("There is nothing to choose from: no take of this clip has a note in it.")
    proposal = best_comp(known, comp.length / project.rate)
    choices = [(round(one.start * project.rate), round(one.end * project.rate), one.take) for one in proposal.choices]
    return proposal, choose_ranges(comp_id, choices, "Best comp")


def _alone(comp: Comp, take: Take) -> tuple[Segment, ...]:
    """A take as it would sound alone in the window of its comp."""
    first, last = max(take.start, comp.lead), min(take.start + take.length, comp.lead + comp.length)
    if last <= first:
        return ()
    return (Segment(take.media, first - comp.lead, take.source + first - take.start, last - first, take.gain),)


def aim_in_clip(aim: Aim, project: Project, clip: AudioClip | Comp) -> Aim:
    """An aim in the seconds of a clip. One of the timeline begins where it stands there, and of its lines those that
    the clip does not reach are left out, which a notice says; what was sung in a practice is judged in its key and at
    its tempo. Pure."""
    if not aim.on_timeline:
        return aim
    practice = practice_of(clip, project.media)
    begins = int(clip_start(clip, project.time)) / project.rate
    moved = aim.practised(practice.key, practice.pace).moved(-begins / practice.pace)
    if not practice.plain:
        moved = replace(moved, notices=(*moved.notices, f"Sung in practice: {practice.words}."))
    if moved.target is None:
        return moved
    lines, end = moved.target.lines, clip.length / project.rate
    inside = tuple(line for line in lines if line.end + moved.offset > 0 and line.start + moved.offset < end)
    if not inside or len(inside) == len(lines):
        return moved
    left = f"{len(inside)} of {len(lines)} lines of “{aim.title}” lie in this clip; the others are not judged."
    return replace(moved, target=replace(moved.target, lines=inside), notices=(*moved.notices, left))


def sung_clip(project: Project, clip_id: str) -> AudioClip | Comp:
    """The clip of sound with this id. Raises StudioError with the reason where there is none."""
    for track in project.tracks:
        for clip in track.clips:
            if clip.id == clip_id:
                if isinstance(clip, NoteClip):
                    raise StudioError("Notes are not sung; choose a clip of sound.")
                return clip
    raise StudioError("This clip is no longer in the song; choose another.")


def heard_in(
    bundle: Bundle, project: Project, parts: Iterable[Segment], length: int, playable: Playable, work: Work
) -> Heard:
    """What is heard in stretches of media that make `length` frames, each media listened to once for all time."""
    known: dict[str, Heard] = {}
    placed: list[tuple[Segment, Heard]] = []
    for part in parts:
        if part.media not in known:
            known[part.media] = _heard_media(bundle, project, part.media, playable, work)
        placed.append((part, known[part.media]))
    seconds = length / project.rate
    facts = _facts(list(known.values()), seconds, project.rate)
    return Heard(_laid(placed, project.rate, seconds), facts, _tones(placed, project.rate))


def _heard_media(bundle: Bundle, project: Project, media_id: str, playable: Playable, work: Work) -> Heard:
    media = project.medium(media_id)
    if media is None:
        raise StudioError("The sound of this clip is no longer in the song; choose another clip.")
    stored = read_heard(bundle.folder, media)
    if stored is not None:
        try:
            return decode_heard(stored)
        except StudioError:
            stored = None  # broken or of another version: it is heard again
    path = playable(media)
    if path is None:
        raise StudioError(
            f"The sound “{media.name}” is missing; find it with File, Find Missing Sounds, and try again."
        )
    info = probe(path)
    heard = listen(_reported(decode_blocks(path), info.frames, work), info.rate, work.check)
    heard = replace(heard, sound=replace(heard.sound, rate=media.rate or info.rate))
    data = encode_heard(heard)
    if not bundle.read_only:
        try:
            write_heard(bundle.folder, media, data)
        except StudioError as error:
            work.fail(str(error))
    return decode_heard(data)  # what every later look will find, to the last digit


def _laid(placed: list[tuple[Segment, Heard]], rate: int, seconds: float) -> PitchTrack:
    """The tracks of media where their segments stand in a clip, silence elsewhere."""
    frames = max(round(seconds / STEP), 1)
    hz, confidence = np.zeros(frames, np.float32), np.zeros(frames, np.float32)
    loudness = np.full(frames, SILENCE, np.float32)
    for part, heard in placed:
        first = max(round(part.start / rate / STEP), 0)
        last = min(round((part.start + part.length) / rate / STEP), frames)
        track = heard.track
        at = np.arange(first, last) * STEP + (part.source - part.start) / rate
        there = np.round((at - track.start) / track.step).astype(np.int64)
        inside = (there >= 0) & (there < len(track))
        to, source = np.arange(first, last)[inside], there[inside]
        hz[to], confidence[to] = track.hz[source], track.confidence[source]
        loudness[to] = track.loudness[source]
    return PitchTrack(0.0, STEP, hz, confidence, loudness)


def _tones(placed: list[tuple[Segment, Heard]], rate: int) -> tuple[Tone, ...]:
    """The tones of media where their segments stand in a clip."""
    return tuple(
        replace(tone, at=tone.at + (part.start - part.source) / rate)
        for part, heard in placed
        for tone in heard.tone
        if part.source <= tone.at * rate < part.source + part.length
    )


def _facts(heard: list[Heard], seconds: float, rate: int) -> SoundFacts:
    """The facts of several sounds as of one: the worst that is true of any."""
    facts = [one.sound for one in heard]
    alone = [one.alone for one in facts if one.alone is not None]
    return SoundFacts(
        seconds,
        min((one.rate for one in facts), default=rate),
        max((one.peak for one in facts), default=0.0),
        max((one.clipped for one in facts), default=0.0),
        min(alone) if alone else None,
    )


def _reported(blocks: Iterable[Reals], frames: int, work: Work) -> Iterator[Reals]:
    done = 0
    for block in blocks:
        work.check()
        done += block.shape[1]
        work.report(min(done / frames, 1.0) if frames else 0.0, "Listening to the voice")
        yield block
