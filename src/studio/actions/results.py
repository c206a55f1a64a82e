"""What came of a take, kept so that it can be judged anew at once: another target, tolerance or offset, no sound."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from ..document.instruments import DRUM_BANK
from ..document.notes import NoteClip
from ..document.project import AudioClip, Comp, Project, clip_length, clip_start
from ..document.segments import segments
from ..document.sounding import clip_notes
from ..engine.jobs import Finished, Job, Work
from ..engine.music.harmony.spelling import key_name
from ..engine.voice.aims import Aim, scale_aim
from ..engine.voice.bestcomp import TakeHeard, Worth, worth_of
from ..engine.voice.between import Varying, between_takes
from ..engine.voice.grading import Tolerance
from ..engine.voice.kept import KeptTrace
from ..engine.voice.targets import Target
from ..errors import StudioError
from ..storage.bundle import Bundle
from ..storage.coachfiles import heard_path
from ..storage.library import CoachedTake, Library
from .coachhistory import taken
from .coaching import Coached, Playable, aim_in_clip, coach_in, coach_takes, coached, heard_in, sung_clip
from .listening import target_of_clip
from .session import Session

COMPARED = 6
"""Other attempts at the same place of a song that a take is compared with."""

EARLIER = 50
"""Attempts of other days that are looked at."""


class TakeResult(msgspec.Struct, frozen=True):
    """Another take of the same place, heard from the same second on."""

    id: str
    name: str
    coached: Coached


class Result(msgspec.Struct, frozen=True):
    """A judged take. `clip` is empty for an exercise, of which no sound was kept; `start` is the second of the song at
    which the sound begins.

    `aim` is what was chosen, `nudge` the seconds by which the singer moved it. `takes` are those of a comp, or other
    clips at the same place that were heard before; `earlier` what the library knows of attempts at the same.
    """

    clip: str
    start: float
    aim: Aim
    tolerance: Tolerance
    coached: Coached
    nudge: float = 0.0
    takes: tuple[TakeResult, ...] = ()
    is_comp: bool = False
    earlier: tuple[CoachedTake, ...] = ()

    @property
    def varying(self) -> tuple[Varying, ...]:
        """How far the takes differ, line by line; nothing where there is but one."""
        others = [take.coached.judged.graded for take in self.takes]
        return between_takes(others if self.is_comp else [self.coached.judged.graded, *others])

    @property
    def compared(self) -> int:
        """How many takes `varying` tells of."""
        return len(self.takes) + (not self.is_comp)

    @property
    def worth(self) -> Worth:
        """What each take of a comp is worth in each phrase."""
        seconds = self.coached.heard.sound.seconds
        return worth_of({take.id: TakeHeard(take.coached.heard, take.coached.judged) for take in self.takes}, seconds)


def coach_result(session: Session, clip_id: str, aim: Aim, tolerance: Tolerance, then: Finished) -> Job:
    """Judges a clip or comp and its takes as a job whose result is a `Result`, and keeps its figures. Main thread.

    Raises StudioError where the clip is none that can be judged.
    """
    project, bundle, playable, library = session.document.project, session.bundle, session.playable, session.library
    name = sung_clip(project, clip_id).name

    def task(work: Work) -> Result:
        found = result_in(bundle, project, clip_id, playable, aim, work, tolerance)
        return _remembered(library, found, project.name, bundle.folder, work)

    return session.start("coach", f"Coach {name}", task, then)


def _remembered(library: Library, found: Result, song: str, folder: Path | None, work: Work) -> Result:
    """The result with what the library knows of earlier attempts; keeps its figures, unless they are there already."""
    fresh = taken(found.coached, song, folder)
    try:
        known = library.coached_takes(song, found.coached.aim.title, limit=EARLIER)
        earlier = [take for take in known if not _same(take, fresh)]
        if len(earlier) == len(known) and fresh.notes:
            library.add_coached_take(fresh)
    except StudioError as error:
        work.fail(str(error))
        return found
    return replace(found, earlier=tuple(earlier))


def _same(a: CoachedTake, b: CoachedTake) -> bool:
    """Whether two takes are one that was coached twice."""
    return all(getattr(a, name) == getattr(b, name) for name in ("name", "seconds", "notes", "accuracy", "precision"))


def result_in(
    bundle: Bundle,
    project: Project,
    clip_id: str,
    playable: Playable,
    aim: Aim,
    work: Work,
    tolerance: Tolerance | None = None,
) -> Result:
    """Judges a clip or comp, and the other takes of the same place. Worker threads. Raises StudioError."""
    allowed = tolerance or Tolerance()
    clip = sung_clip(project, clip_id)
    start = int(clip_start(clip, project.time)) / project.rate
    if isinstance(clip, Comp) and len(clip.takes) > 1:
        one = coach_in(bundle, project, clip_id, playable, aim, work.part(0.0, 0.5), allowed)
        judged = coach_takes(bundle, project, clip_id, playable, aim, work.part(0.5, 1.0), allowed)
        named = tuple(TakeResult(key, found.name, found) for key, found in judged.items())
        return Result(clip_id, start, aim, allowed, one, takes=named, is_comp=True)
    one = coach_in(bundle, project, clip_id, playable, aim, work, allowed)
    others = _attempts(bundle, project, clip, playable, one.aim, work, allowed) if aim.target is not None else ()
    return Result(clip_id, start, aim, allowed, one, takes=tuple(others))


def _attempts(
    bundle: Bundle,
    project: Project,
    clip: AudioClip | Comp,
    playable: Playable,
    aim: Aim,
    work: Work,
    tolerance: Tolerance,
) -> Iterable[TakeResult]:
    """Other clips that cover at least half of the same place and whose sound was heard before."""
    first = int(clip_start(clip, project.time))
    for other in _covering(bundle, project, clip)[:COMPARED]:
        moved = int(clip_start(other, project.time)) - first
        parts = [replace(part, start=part.start + moved) for part in segments(other, project.rate)]
        heard = heard_in(bundle, project, parts, clip.length, playable, work)
        yield TakeResult(other.id, other.name, coached(other.name, heard, aim, tolerance))


def _covering(bundle: Bundle, project: Project, clip: AudioClip | Comp) -> list[AudioClip]:
    first = int(clip_start(clip, project.time))
    found = []
    for track in project.tracks:
        for other in track.clips:
            if isinstance(other, AudioClip) and other.id != clip.id:
                start = int(clip_start(other, project.time))
                shared = min(start + clip_length(other, project.time), first + clip.length) - max(start, first)
                media = project.medium(other.media)
                if shared >= clip.length / 2 and media is not None and heard_path(bundle.folder, media).exists():
                    found.append(other)
    return found


def rejudged(
    result: Result,
    project: Project | None,
    *,
    aim: Aim | None = None,
    tolerance: Tolerance | None = None,
    nudge: float | None = None,
) -> Result:
    """The same take by another target, tolerance or offset. Pure; any thread; five minutes take a tenth of a second.

    Raises StudioError where its clip is gone and another target is asked for.
    """
    wanted = result.aim if aim is None else aim
    allowed = result.tolerance if tolerance is None else tolerance
    moved = result.nudge if nudge is None else nudge
    if aim is None:
        here = result.coached.aim.moved(moved - result.nudge)
    else:
        here = wanted.moved(moved)
        if result.clip and project is not None:
            here = aim_in_clip(here, project, sung_clip(project, result.clip))
    takes = tuple(replace(take, coached=_again(take.coached, here, allowed)) for take in result.takes)
    done = _again(result.coached, here, allowed)
    return replace(result, aim=wanted, tolerance=allowed, nudge=moved, coached=done, takes=takes)


def _again(done: Coached, aim: Aim, tolerance: Tolerance) -> Coached:
    return coached(done.name, done.heard, aim, tolerance, done.judged.notes)


def exercise_result(target: Target, trace: KeptTrace, tolerance: Tolerance) -> Result:
    """What came of an exercise that was sung live. Any thread."""
    aim = Aim(target.title, target)
    heard = trace.heard(target.lines[-1].end + 1.0)
    reached = [line for line in target.lines if line.start < _end_of_voice(heard.track.times[heard.track.voiced])]
    if reached and len(reached) < len(target.lines):
        told = f"{len(reached)} of {len(target.lines)} lines were sung; the others are not judged."
        aim = replace(aim, target=replace(target, lines=tuple(reached)), notices=(told,))
    return Result("", 0.0, aim, tolerance, coached(target.title, heard, aim, tolerance))


def _end_of_voice(times: npt.NDArray[np.float64]) -> float:
    return float(times[-1]) if len(times) else 0.0


def coach_exercise(session: Session, target: Target, trace: KeptTrace, tolerance: Tolerance, then: Finished) -> Job:
    """Judges an exercise as a job whose result is a `Result`, and keeps its figures. Main thread."""

    def task(work: Work) -> Result:
        return _remembered(session.library, exercise_result(target, trace, tolerance), "", None, work)

    return session.start("coach", f"Coach {target.title}", task, then)


def aims_in(project: Project) -> list[Aim]:
    """What the song itself offers to judge a take by: nothing, its beat, its keys, its clips of notes. Pure."""
    found = [Aim()]
    if len(project.tempo) == 1:
        bpm = project.tempo[0].bpm
        found.append(Aim(f"Beat, {bpm:g} BPM", beat=60.0 / bpm, on_timeline=True))
    found += [replace(scale_aim(key), title=f"{key_name(key)} scale") for key in project.keys]
    for track in project.tracks:
        if track.instrument is not None and track.instrument.bank != DRUM_BANK:
            for clip in track.clips:
                if isinstance(clip, NoteClip) and clip_notes(clip):
                    target = target_of_clip(project, clip.id)
                    found.append(Aim(target.title, target, on_timeline=True))
    return found
